/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VMM's DMA mappings: VFIO_IOMMU_MAP_DMA, UNMAP_DMA and DIRTY_PAGES. What succeeds is noted for
 * the oracle.
 */
#include "vmm.h"

#include <linux/vfio.h>

#include <stdlib.h>
#include <string.h>

#define BITMAP_MAX (256u << 10) /* bytes of a dirty bitmap that a scenario may ask for */
#define DIRTY_WORK 8u /* of a byte of it: each bit may become a number in the result */

/* ---- notes for the oracle ---- */

static void note_mapping(struct opened *c, const struct vfio_iommu_type1_dma_map *map)
{
	c->mappings = xgrow(c->mappings, c->mapping_count, sizeof(*c->mappings));
	c->mappings[c->mapping_count++] = (struct dma_mapping){
		.iova = map->iova,
		.size = map->size,
		.vaddr = map->vaddr,
		.read = map->flags & VFIO_DMA_MAP_FLAG_READ,
		.write = map->flags & VFIO_DMA_MAP_FLAG_WRITE,
	};
}

/* Takes iova..iova+size-1 out of the notes, splitting what overlaps (a version 1 container may). */
static void forget_mappings(struct opened *c, u64 iova, u64 size)
{
	u64 last = iova + (size - 1);
	size_t count = c->mapping_count;

	for (size_t i = 0; i < count; i++) {
		struct dma_mapping m = c->mappings[i];
		u64 m_last = m.iova + (m.size - 1);

		if (m.size == 0 || m_last < iova || m.iova > last)
			continue;
		c->mappings[i].size = m.iova < iova ? iova - m.iova : 0;
		if (m_last > last) {
			u64 skip = last + 1 - m.iova;

			c->mappings = xgrow(c->mappings, c->mapping_count, sizeof(*c->mappings));
			c->mappings[c->mapping_count] = m;
			c->mappings[c->mapping_count].iova += skip;
			c->mappings[c->mapping_count].vaddr += skip;
			c->mappings[c->mapping_count++].size -= skip;
		}
	}
}

/* ---- map ---- */

static const struct word map_words[] = {
	{ "r", VFIO_DMA_MAP_FLAG_READ },
	{ "w", VFIO_DMA_MAP_FLAG_WRITE },
	{ "rw", VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE },
	{ "VFIO_DMA_MAP_FLAG_READ", VFIO_DMA_MAP_FLAG_READ },
	{ "VFIO_DMA_MAP_FLAG_WRITE", VFIO_DMA_MAP_FLAG_WRITE },
	{ "VFIO_DMA_MAP_FLAG_VADDR", VFIO_DMA_MAP_FLAG_VADDR },
	{ "none", 0 },
	{ NULL, 0 },
};

/* At most what processes have, and what there is. */
static u64 pages_to_pin(const struct run *run, u64 size)
{
	u64 have = 0;

	for (size_t i = 0; i < run->region_count; i++)
		have += run->regions[i].size;
	if (size > have)
		size = have;
	return (size < run->platform->ram_size ? size : run->platform->ram_size) / 4096;
}

static void run_map_dma(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *c = vmm_container(run, step, out);
	struct vfio_iommu_type1_dma_map map = {
		.argsz = (u32)step_number(step, "argsz", sizeof(map)),
		.flags = (u32)step_number(step, "flags",
					  VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE),
		.iova = step_number(step, "iova", 0),
		.size = step_number(step, "size", 0),
	};
	u64 vaddr;

	if (!c || !run_user_address(run, step_arg(step, "vaddr"), &vaddr, out) ||
	    !run_work(run, pages_to_pin(run, map.size), out))
		return;
	map.vaddr = vaddr;
	out->value = vmm_ioctl(run, c, VFIO_IOMMU_MAP_DMA, &map, sizeof(map));
	if (out->value == 0 && !(map.flags & VFIO_DMA_MAP_FLAG_VADDR))
		note_mapping(c, &map);
}

static const struct arg_def map_args[] = {
	{ "container", ARG_FILE, true, NULL, "the container's name" },
	{ "iova", ARG_SIZE, true, NULL, "first address as devices will see it" },
	{ "size", ARG_SIZE, true, NULL, "bytes" },
	{ "vaddr", ARG_ADDRESS, true, NULL, "user address: number, NAME or NAME+OFFSET of a mmap" },
	{ "flags", ARG_FLAGS, false, map_words, "r, w, rw (default), or UAPI names" },
	{ "argsz", ARG_U32, false, NULL, "default: the right one" },
	{ .name = NULL },
};
const struct op op_map_dma = { "VFIO_IOMMU_MAP_DMA",
			       "Maps memory of the VMM for DMA.",
			       map_args,
			       NULL,
			       run_map_dma,
			       NULL,
			       NULL };

/* ---- unmap ---- */

static const struct word unmap_words[] = {
	{ "all", VFIO_DMA_UNMAP_FLAG_ALL },
	{ "VFIO_DMA_UNMAP_FLAG_ALL", VFIO_DMA_UNMAP_FLAG_ALL },
	{ "VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP", VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP },
	{ "VFIO_DMA_UNMAP_FLAG_VADDR", VFIO_DMA_UNMAP_FLAG_VADDR },
	{ "none", 0 },
	{ NULL, 0 },
};

/** VFIO_IOMMU_UNMAP_DMA's argument with room for the bitmap descriptor behind it. */
struct unmap_request {
	struct {
		u32 argsz, flags;
		u64 iova, size;
	} unmap;
	struct vfio_bitmap bitmap;
};

/* The dirty bitmap lies behind the argument in the process' scratch memory. */
static struct vfio_bitmap bitmap_at_scratch(const struct opened *c, u64 size, u64 page_size)
{
	u64 pages = page_size ? size / page_size : 0;
	u64 bytes = (pages + 63) / 64 * 8;
	union {
		u64 address;
		__u64 *pointer;
	} data = { c->process->scratch + SCRATCH_SIZE - BITMAP_MAX };

	return (struct vfio_bitmap){
		.pgsize = page_size,
		.size = bytes < BITMAP_MAX ? bytes : BITMAP_MAX,
		.data = data.pointer,
	};
}

/* The numbers of the pages whose bit is set, as the VMM would read them. */
static json_t *read_bitmap(const struct opened *c, const struct vfio_bitmap *bitmap)
{
	u64 address = c->process->scratch + SCRATCH_SIZE - BITMAP_MAX;
	json_t *pages = json_array();
	u64 word;

	for (u64 i = 0; i < bitmap->size / 8; i++) {
		if (kernel_user_read(c->process->task, address + i * 8, &word, sizeof(word)) != 0)
			break;
		for (unsigned int bit = 0; bit < 64; bit++) {
			if (word >> bit & 1)
				json_array_append_new(pages, json_u64(i * 64 + bit));
		}
	}
	return pages;
}

static void clear_bitmap(const struct opened *c, const struct vfio_bitmap *bitmap)
{
	u64 address = c->process->scratch + SCRATCH_SIZE - BITMAP_MAX;
	const u64 zero = 0;

	for (u64 i = 0; i < bitmap->size / 8; i++)
		kernel_user_write(c->process->task, address + i * 8, &zero, sizeof(zero));
}

static void run_unmap_dma(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *c = vmm_container(run, step, out);
	u64 flags = step_number(step, "flags", 0);
	bool dirty = flags & VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP;
	struct unmap_request request = {
		.unmap = {
			.argsz = (u32)step_number(step, "argsz",
						  dirty ? sizeof(request) : sizeof(request.unmap)),
			.flags = (u32)flags,
			.iova = step_number(step, "iova", 0),
			.size = step_number(step, "size", 0),
		},
	};

	if (!c)
		return;
	if (dirty) {
		request.bitmap = bitmap_at_scratch(c, request.unmap.size,
						   step_number(step, "page-size", 4096));
		clear_bitmap(c, &request.bitmap);
	}
	if (dirty && !run_work(run, request.bitmap.size * DIRTY_WORK, out))
		return;
	out->value = vmm_ioctl(run, c, VFIO_IOMMU_UNMAP_DMA, &request, sizeof(request));
	if (out->value != 0)
		return;
	out->result = json_object();
	json_object_set_new(out->result, "size", json_u64(request.unmap.size));
	if (dirty)
		json_object_set_new(out->result, "dirty", read_bitmap(c, &request.bitmap));
	if (flags & VFIO_DMA_UNMAP_FLAG_VADDR)
		return;
	if (flags & VFIO_DMA_UNMAP_FLAG_ALL)
		c->mapping_count = 0;
	else if (request.unmap.size)
		forget_mappings(c, request.unmap.iova, request.unmap.size);
}

static const struct arg_def unmap_args[] = {
	{ "container", ARG_FILE, true, NULL, "the container's name" },
	{ "iova", ARG_SIZE, false, NULL, "first address, default 0" },
	{ "size", ARG_SIZE, false, NULL, "bytes, default 0" },
	{ "flags", ARG_FLAGS, false, unmap_words, "none (default), all, or UAPI names" },
	{ "page-size", ARG_SIZE, false, NULL, "of the dirty bitmap, default 4KiB" },
	{ "argsz", ARG_U32, false, NULL, "default: the right one" },
	{ .name = NULL },
};
static const struct field_def unmap_fields[] = {
	{ "size", FIELD_NUMBER, NULL },
	{ "dirty", FIELD_DEEPER, NULL },
	{ .name = NULL },
};
const struct op op_unmap_dma = { "VFIO_IOMMU_UNMAP_DMA", "Takes mappings away.", unmap_args, NULL,
				 run_unmap_dma,          unmap_fields,           NULL };

/* ---- dirty pages ---- */

static const struct word dirty_words[] = {
	{ "start", VFIO_IOMMU_DIRTY_PAGES_FLAG_START },
	{ "stop", VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP },
	{ "get-bitmap", VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP },
	{ "VFIO_IOMMU_DIRTY_PAGES_FLAG_START", VFIO_IOMMU_DIRTY_PAGES_FLAG_START },
	{ "VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP", VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP },
	{ "VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP", VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP },
	{ NULL, 0 },
};

/** VFIO_IOMMU_DIRTY_PAGES' argument with the range behind it. */
struct dirty_request {
	struct {
		u32 argsz, flags;
	} header;
	struct vfio_iommu_type1_dirty_bitmap_get get;
};

static void run_dirty_pages(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *c = vmm_container(run, step, out);
	u64 flags = step_number(step, "flags", 0);
	bool get = flags & VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP;
	struct dirty_request request = {
		.header = {
			.argsz = (u32)step_number(step, "argsz",
						  get ? sizeof(request) : sizeof(request.header)),
			.flags = (u32)flags,
		},
		.get = {
			.iova = step_number(step, "iova", 0),
			.size = step_number(step, "size", 0),
		},
	};

	if (!c)
		return;
	if (get) {
		request.get.bitmap = bitmap_at_scratch(c, request.get.size,
						       step_number(step, "page-size", 4096));
		if (!run_work(run, request.get.bitmap.size * DIRTY_WORK, out))
			return;
		clear_bitmap(c, &request.get.bitmap);
	}
	out->value = vmm_ioctl(run, c, VFIO_IOMMU_DIRTY_PAGES, &request, sizeof(request));
	if (out->value == 0 && get) {
		out->result = json_object();
		json_object_set_new(out->result, "dirty", read_bitmap(c, &request.get.bitmap));
	}
}

static const struct arg_def dirty_args[] = {
	{ "container", ARG_FILE, true, NULL, "the container's name" },
	{ "flags", ARG_FLAGS, true, dirty_words, "start, stop, get-bitmap, or UAPI names" },
	{ "iova", ARG_SIZE, false, NULL, "get-bitmap: first address" },
	{ "size", ARG_SIZE, false, NULL, "get-bitmap: bytes" },
	{ "page-size", ARG_SIZE, false, NULL, "get-bitmap: bytes a bit stands for, default 4KiB" },
	{ "argsz", ARG_U32, false, NULL, "default: the right one" },
	{ .name = NULL },
};
static const struct field_def dirty_fields[] = {
	{ "dirty", FIELD_DEEPER, NULL },
	{ .name = NULL },
};
const struct op op_dirty_pages = {
	"VFIO_IOMMU_DIRTY_PAGES", "Dirty page tracking.", dirty_args, NULL,
	run_dirty_pages,          dirty_fields,           NULL
};
