// SPDX-License-Identifier: Apache-2.0
/*
 * Random calls: mostly sensible ones, so that they get far, with every field sometimes at or beyond
 * a limit.
 */
#include "calls.h"

#include <string.h>

#define HUGE_PAGE (2 * VM_MIB)

unsigned long long random_next(struct random *random)
{
	unsigned long long z = random->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

unsigned long long random_below(struct random *random, unsigned long long n)
{
	return random_next(random) % n;
}

/* ---- fields ---- */

static unsigned int any_file(struct random *r)
{
	return (unsigned int)random_below(r, random_below(r, 4) ? 4 : CALL_FILES);
}

static unsigned int any_container(struct random *r)
{
	return random_below(r, 8) ? 0 : any_file(r);
}

static unsigned int any_group(struct random *r)
{
	return 1 + (unsigned int)random_below(r, 3);
}

/* Around 0, the interrupt range, and the ends of 39 and 48 bits and of all. */
static u64 any_iova(struct random *r)
{
	u64 page = random_below(r, 40) * VM_PAGE;

	switch (random_below(r, 20)) {
	case 0:
		return random_next(r);
	case 1:
		return 0xfee00000ULL - 20 * VM_PAGE + page;
	case 2:
		return page + random_below(r, VM_PAGE);
	case 3:
		return 0 - page;
	case 4:
		return (1ULL << 39) - 20 * VM_PAGE + page;
	case 5:
		return (1ULL << 48) - 20 * VM_PAGE + page;
	case 6:
		return 0x8000000 + page; /* the SMMU's own window for interrupts */
	case 7:
		return random_below(r, 8) * HUGE_PAGE;
	default:
		return page;
	}
}

static u64 any_size(struct random *r)
{
	switch (random_below(r, 20)) {
	case 0:
		return random_next(r);
	case 1:
		return 0;
	case 2:
		return random_below(r, 5 * VM_PAGE);
	case 3:
		return 0 - random_below(r, 40) * VM_PAGE;
	case 4:
		return random_below(r, 4) * HUGE_PAGE;
	case 5:
		return ~0ULL;
	case 6:
		return 1ULL << random_below(r, 64);
	case 7:
		return random_below(r, 100) * VM_PAGE;
	default:
		return (1 + random_below(r, 6)) * VM_PAGE;
	}
}

static u64 any_vaddr(struct random *r)
{
	switch (random_below(r, 12)) {
	case 0:
		return random_next(r);
	case 1:
		return PLACE_READ_ONLY + random_below(r, 8) * VM_PAGE;
	case 2:
		return PLACE_HOLES + random_below(r, 8) * VM_PAGE;
	case 3:
	case 4:
		return PLACE_HUGE + random_below(r, 1024) * VM_PAGE;
	case 5:
		return 0 - random_below(r, 5) * VM_PAGE;
	case 6:
		return random_below(r, 3) * VM_PAGE;
	case 7:
		return PLACE_HUGE;
	default:
		return PLACE_SMALL + random_below(r, 64) * VM_PAGE;
	}
}

/* Of a structure of n bytes. */
static u32 any_argsz(struct random *r, u32 n)
{
	switch (random_below(r, 10)) {
	case 0:
		return (u32)random_below(r, n + 40);
	case 1:
		return (u32)random_next(r);
	case 2:
		return n - 1;
	case 3:
		return 0;
	default:
		return n;
	}
}

static u64 any_page_size(struct random *r)
{
	switch (random_below(r, 8)) {
	case 0:
		return HUGE_PAGE;
	case 1:
		return 1ULL << random_below(r, 63);
	case 2:
		return random_next(r) | 1;
	default:
		return VM_PAGE;
	}
}

static u64 any_bitmap_address(struct random *r)
{
	switch (random_below(r, 12)) {
	case 0:
		return random_next(r);
	case 1:
		return PLACE_HOLES;
	case 2:
		return PLACE_HOLES + VM_PAGE - 8;
	case 3:
		return PLACE_BITS + random_below(r, 64);
	default:
		return PLACE_BITS + 8 * random_below(r, 16);
	}
}

static struct vfio_bitmap any_bitmap(struct random *r)
{
	struct vfio_bitmap bitmap = { .pgsize = any_page_size(r) };
	u64 address = any_bitmap_address(r);

	memcpy(&bitmap.data, &address, sizeof(address));
	if (random_below(r, 6))
		bitmap.size = 8 + 8 * random_below(r, 8);
	else
		bitmap.size = random_below(r, 2) ? random_next(r) : random_below(r, 100);
	return bitmap;
}

/* ---- calls ---- */

/* An argument of len bytes, now and then with less room than that. */
static struct call with_data(struct random *r, unsigned int command, const void *data, size_t len)
{
	struct call call = {
		.kind = CALL_IOCTL_DATA,
		.file = any_container(r),
		.command = command,
		.len = (unsigned int)(random_below(r, 20) ? len : random_below(r, len)),
		.at_edge = random_below(r, 6) == 0,
	};

	memcpy(call.data, data, len);
	return call;
}

static struct call draw_map(struct random *r)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = any_argsz(r, sizeof(map)),
		.flags = (u32)(1 + random_below(r, 3)),
		.vaddr = any_vaddr(r),
		.iova = any_iova(r),
		.size = any_size(r),
	};

	if (random_below(r, 4) == 0)
		map.flags = (u32)random_below(r, random_below(r, 20) ? 8 : 256);
	if (random_below(r, 25) == 0) { /* up to the very end */
		map.iova = random_below(r, 60) * VM_PAGE;
		map.size = 0 - map.iova;
		map.vaddr = random_below(r, 2) * VM_PAGE;
	}
	return with_data(r, VFIO_IOMMU_MAP_DMA, &map, sizeof(map));
}

static struct call draw_unmap(struct random *r)
{
	struct {
		u32 argsz, flags;
		u64 iova, size;
		struct vfio_bitmap bitmap;
	} unmap = { .flags = (u32)random_below(r, 2),
		    .iova = any_iova(r),
		    .bitmap = any_bitmap(r) };

	if (random_below(r, 3) == 0)
		unmap.flags = (u32)random_below(r, random_below(r, 20) ? 8 : 256);
	unmap.argsz = any_argsz(r, unmap.flags & 1 ? sizeof(unmap)
						   : sizeof(struct vfio_iommu_type1_dma_unmap));
	unmap.size = random_below(r, 3) ? any_size(r) : (1 + random_below(r, 40)) * VM_PAGE;
	if (random_below(r, 4) == 0)
		unmap.iova = 0;
	if (unmap.flags & VFIO_DMA_UNMAP_FLAG_ALL && random_below(r, 2))
		unmap.iova = unmap.size = 0;
	if (random_below(r, 25) == 0)
		unmap.size = 0 - unmap.iova;
	return with_data(r, VFIO_IOMMU_UNMAP_DMA, &unmap, sizeof(unmap));
}

static struct call draw_dirty(struct random *r)
{
	struct {
		u32 argsz, flags;
		struct vfio_iommu_type1_dirty_bitmap_get get;
	} dirty = { .flags = VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP };

	switch (random_below(r, 8)) {
	case 0:
		dirty.flags = VFIO_IOMMU_DIRTY_PAGES_FLAG_START;
		break;
	case 1:
		dirty.flags = random_below(r, 3) ? VFIO_IOMMU_DIRTY_PAGES_FLAG_START
						 : VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP;
		break;
	case 2:
		dirty.flags = (u32)random_below(r, random_below(r, 2) ? 9 : 256);
		break;
	}
	dirty.argsz = any_argsz(r, sizeof(dirty));
	dirty.get.iova = random_below(r, 3) ? 0 : any_iova(r);
	dirty.get.size = random_below(r, 3) ? (1 + random_below(r, 64)) * VM_PAGE : any_size(r);
	dirty.get.bitmap = any_bitmap(r);
	return with_data(r, VFIO_IOMMU_DIRTY_PAGES, &dirty, sizeof(dirty));
}

static struct call draw_info(struct random *r)
{
	unsigned char info[CALL_ROOM];
	u32 argsz = (u32)random_below(r, random_below(r, 2) ? 40 : 300);

	memset(info, 0xee, sizeof(info));
	memcpy(info, &argsz, sizeof(argsz));
	return with_data(r, VFIO_IOMMU_GET_INFO, info, sizeof(info));
}

static struct call draw_device_fd(struct random *r)
{
	static const char *const names[] = { "0000:01:00.0", "0000:02:00.0", "0000:03:00.0",
					     "0000:04:00.0", "none" };
	char name[32] = "";
	struct call call;

	strcpy(name, names[random_below(r, 5)]);
	call = with_data(r, VFIO_GROUP_GET_DEVICE_FD, name, sizeof(name));
	call.kind = CALL_DEVICE_FD;
	call.file = any_group(r);
	call.other = 4 + (unsigned int)random_below(r, CALL_FILES - 4);
	return call;
}

static struct call draw_open(struct random *r)
{
	static const int types[] = { 1, 3, 6, 3, 1, 9, 10, 2, 7, 99, 0 };

	switch (random_below(r, 9)) {
	case 0:
		return (struct call){ .kind = CALL_OPEN_CONTAINER,
				      .file = random_below(r, 3) ? 4 + any_file(r) % 8
								 : any_file(r) };
	case 1:
		return (struct call){ .kind = CALL_OPEN_GROUP,
				      .file = any_group(r),
				      .number = 1 + random_below(r, 4) };
	case 2:
	case 3:
	case 4:
		return (struct call){ .kind = CALL_SET_CONTAINER,
				      .file = any_group(r),
				      .other = any_container(r) };
	case 5:
	case 6:
		return (struct call){ .kind = CALL_IOCTL,
				      .file = any_container(r),
				      .command = VFIO_SET_IOMMU,
				      .number = (u64)types[random_below(r, 11)] };
	case 7:
		return (struct call){ .kind = CALL_IOCTL,
				      .file = any_file(r),
				      .command = VFIO_GROUP_UNSET_CONTAINER };
	default:
		return draw_device_fd(r);
	}
}

static struct call draw_dma(struct random *r)
{
	return (struct call){
		.kind = CALL_DMA,
		.other = (unsigned int)random_below(r, 4),
		.number = random_below(r, 2) ? random_below(r, 64) * VM_PAGE : any_iova(r) & ~7ULL,
		.flag = random_below(r, 2) == 0,
	};
}

static struct call draw_limit(struct random *r)
{
	return (struct call){
		.kind = CALL_LIMIT,
		.number = random_below(r, 3)
				  ? ~0ULL
				  : random_below(r, 60) * VM_PAGE + random_below(r, 2) * 100,
		.flag = random_below(r, 4) == 0,
	};
}

static struct call draw_fill(struct random *r)
{
	static const u64 values[] = { 0, ~0ULL };
	u64 which = random_below(r, 3);

	return (struct call){ .kind = CALL_FILL,
			      .number = which < 2 ? values[which] : random_next(r) };
}

static struct call draw(struct random *r)
{
	u64 which = random_below(r, 44);

	if (which < 3)
		return draw_open(r);
	if (which < 5)
		return draw_info(r);
	if (which < 7)
		return (struct call){ .kind = CALL_IOCTL,
				      .file = any_container(r),
				      .command = VFIO_CHECK_EXTENSION,
				      .number = random_below(r, 20) };
	if (which < 9)
		return draw_limit(r);
	if (which < 12)
		return draw_dma(r);
	if (which < 15)
		return draw_fill(r);
	if (which < 24)
		return draw_unmap(r);
	if (which < 29)
		return draw_dirty(r);
	if (which == 29 && random_below(r, 4) == 0)
		return (struct call){ .kind = CALL_SWEEP };
	return draw_map(r);
}

void calls_draw(struct random *random, int type, struct call *calls, size_t count)
{
	const struct call start[] = {
		{ .kind = CALL_OPEN_CONTAINER },
		{ .kind = CALL_OPEN_GROUP, .file = 1, .number = 1 },
		{ .kind = CALL_SET_CONTAINER, .file = 1 },
		{ .kind = CALL_IOCTL, .command = VFIO_SET_IOMMU, .number = (u64)type },
	};

	for (size_t i = 0; i < count; i++)
		calls[i] = i < 4 ? start[i] : draw(random);
	calls[count - 1] = (struct call){ .kind = CALL_SWEEP };
}
