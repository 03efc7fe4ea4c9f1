// SPDX-License-Identifier: Apache-2.0
/* type1: dirty page tracking, whose answer is that everything mapped may be dirty. */
#include "vfio_fixture.h"

#include <string.h>

#define IOVA 0x10000000ULL
#define START VFIO_IOMMU_DIRTY_PAGES_FLAG_START
#define STOP VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP
#define GET VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP

static long dirty(struct vm *vm, long c, u32 flags)
{
	struct vfio_iommu_type1_dirty_bitmap request = { .argsz = sizeof(request), .flags = flags };

	return vm_ioctl_data(vm, c, VFIO_IOMMU_DIRTY_PAGES, &request, sizeof(request));
}

/* A request with its range behind it. */
struct get_bitmap {
	struct vfio_iommu_type1_dirty_bitmap_get range;
	u32 argsz; /* 0: right */
};

static long get_bitmap(struct vm *vm, long c, struct get_bitmap get)
{
	u8 request[8 + sizeof(get.range)];
	u32 header[2] = { get.argsz ? get.argsz : sizeof(request), GET };

	memcpy(request, header, sizeof(header));
	memcpy(request + 8, &get.range, sizeof(get.range));
	return vm_ioctl_data(vm, c, VFIO_IOMMU_DIRTY_PAGES, request, sizeof(request));
}

static struct get_bitmap range_of(u64 iova, u64 pages, u64 user)
{
	return (struct get_bitmap){ .range = { .iova = iova,
					       .size = pages * VM_PAGE,
					       .bitmap = { .pgsize = VM_PAGE,
							   .size = (pages + 63) / 64 * 8,
							   .data = (__u64 *)user } } };
}

struct age_row {
	const char *variant;
	int type;
	long result;
};

static const struct age_row age_rows[] = {
	{ "mainline", VFIO_TYPE1v2_IOMMU, 0 },
	{ "mainline", VFIO_TYPE1_IOMMU, -EACCES },
	{ "v7", VFIO_TYPE1v2_IOMMU, 0 },
	{ "v1", VFIO_TYPE1v2_IOMMU, -ENOTTY },
	{ "upstream", VFIO_TYPE1v2_IOMMU, -ENOTTY },
	{ "v1-attach-check", VFIO_TYPE1_IOMMU, -ENOTTY },
};

TEST_WITH_PARAMS(vfio_dirty, exists_since_5_8_and_for_v2, struct age_row, age_rows)
{
	struct vm *vm = vm_start_simple(param->variant, VM_VTD_LEGACY);
	long c = vm_container_with(vm, param->type, 1);

	EXPECT_EQ(dirty(vm, c, START), param->result);
	EXPECT_EQ(dirty(vm, c, START), param->result);
	EXPECT_EQ(dirty(vm, c, STOP), param->result);
	EXPECT_EQ(dirty(vm, c, STOP), param->result);
	vm_end(vm);
}

TEST(vfio_dirty, checks_flags_argsz_and_memory)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	struct vfio_iommu_type1_dirty_bitmap request = { .argsz = 7, .flags = START };

	EXPECT_EQ(vm_ioctl_data(vm, c, VFIO_IOMMU_DIRTY_PAGES, &request, sizeof(request)), -EINVAL);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_DIRTY_PAGES, 0), -EFAULT);
	EXPECT_EQ(dirty(vm, c, 0), -EINVAL);
	EXPECT_EQ(dirty(vm, c, START | STOP), -EINVAL);
	EXPECT_EQ(dirty(vm, c, 8), -EINVAL);
	EXPECT_EQ(dirty(vm, c, GET), -EINVAL); /* no range */
	vm_end(vm);
}

struct bad_get_row {
	const char *rule;
	u64 iova, size, pgsize, bytes;
	u32 argsz;
	bool bad_data;
	long result;
};

static const struct bad_get_row bad_get_rows[] = {
	{ "right", IOVA, 4 * VM_PAGE, VM_PAGE, 8, 0, false, 0 },
	{ "argsz without the range", IOVA, 4 * VM_PAGE, VM_PAGE, 8, 40, false, -EINVAL },
	{ "other page size", IOVA, 4 * VM_MIB, 2 * VM_MIB, 8, 0, false, -EINVAL },
	{ "no page size", IOVA, 4 * VM_PAGE, 0, 8, 0, false, -EINVAL },
	{ "no size", IOVA, 0, VM_PAGE, 8, 0, false, -EINVAL },
	{ "size unaligned", IOVA, 4 * VM_PAGE + 5, VM_PAGE, 8, 0, false, -EINVAL },
	{ "iova unaligned", IOVA + 5, 4 * VM_PAGE, VM_PAGE, 8, 0, false, -EINVAL },
	{ "wraps", -2 * VM_PAGE, 4 * VM_PAGE, VM_PAGE, 8, 0, false, -EINVAL },
	{ "bitmap too small", IOVA, 4 * VM_PAGE, VM_PAGE, 7, 0, false, -EINVAL },
	{ "no bitmap", IOVA, 4 * VM_PAGE, VM_PAGE, 0, 0, false, -EINVAL },
	{ "bitmap too large", IOVA, 4 * VM_PAGE, VM_PAGE, 256 * VM_MIB + 1, 0, false, -EINVAL },
	{ "cuts the head off", IOVA + VM_PAGE, 3 * VM_PAGE, VM_PAGE, 8, 0, false, -EINVAL },
	{ "cuts the tail off", IOVA, 3 * VM_PAGE, VM_PAGE, 8, 0, false, -EINVAL },
	{ "nothing mapped there", 2 * IOVA, 4 * VM_PAGE, VM_PAGE, 8, 0, false, 0 },
	{ "bitmap unwritable", IOVA, 4 * VM_PAGE, VM_PAGE, 8, 0, true, -EFAULT },
};

TEST_WITH_NAMED_PARAMS(vfio_dirty, get_bitmap_checks_its_argument, struct bad_get_row, bad_get_rows,
		       rule)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, 4 * VM_PAGE), user = vm_memory(vm, VM_PAGE);
	struct get_bitmap get = {
		.range = { .iova = param->iova,
			   .size = param->size,
			   .bitmap = { .pgsize = param->pgsize,
				       .size = param->bytes,
				       .data = (__u64 *)(param->bad_data ? VM_PAGE : user) } },
		.argsz = param->argsz,
	};

	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, 4 * VM_PAGE), 0);
	EXPECT_EQ(get_bitmap(vm, c, get), -EINVAL); /* not tracking */
	EXPECT_EQ(dirty(vm, c, START), 0);
	EXPECT_EQ(get_bitmap(vm, c, get), param->result);
	EXPECT_EQ(dirty(vm, c, STOP), 0);
	EXPECT_EQ(get_bitmap(vm, c, get), -EINVAL);
	vm_end(vm);
}

TEST(vfio_dirty, argument_that_ends_early_is_EFAULT_and_data_outside_user_space_EINVAL)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u32 header[2] = { 48, GET };
	struct get_bitmap get = range_of(IOVA, 4, ~0ULL << 60);

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_DIRTY_PAGES, vm_edge(vm, header, 8)), -EFAULT);
	EXPECT_EQ(get_bitmap(vm, c, get), -EINVAL);
	vm_end(vm);
}

TEST(vfio_dirty, every_page_of_every_mapping_is_dirty_and_gaps_are_not_written)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, 256 * VM_PAGE), user = vm_memory(vm, VM_PAGE);
	u64 bitmap[6] = { 0, 0, 0, 0, ~0ULL, ~0ULL };

	/*
	 * Bits 0..2, 5..6 share a word; 62..193 span four; words 4 and 5 stand for nothing mapped.
	 */
	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, 3 * VM_PAGE), 0);
	EXPECT_EQ(vm_map(vm, c, IOVA + 5 * VM_PAGE, vaddr, 2 * VM_PAGE), 0);
	EXPECT_EQ(vm_map(vm, c, IOVA + 62 * VM_PAGE, vaddr, 132 * VM_PAGE), 0);
	EXPECT_EQ(dirty(vm, c, START), 0);
	EXPECT_EQ(kernel_user_write(vm_task(vm), user, bitmap, sizeof(bitmap)), 0);
	EXPECT_EQ(get_bitmap(vm, c, range_of(IOVA, 384, user)), 0);
	EXPECT_EQ(kernel_user_read(vm_task(vm), user, bitmap, sizeof(bitmap)), 0);
	EXPECT_EQ(bitmap[0], 3ULL << 62 | 3ULL << 5 | 7);
	EXPECT_EQ(bitmap[1], ~0ULL);
	EXPECT_EQ(bitmap[2], ~0ULL);
	EXPECT_EQ(bitmap[3], 3);
	EXPECT_EQ(bitmap[4], ~0ULL);
	EXPECT_EQ(bitmap[5], ~0ULL);
	vm_end(vm);
}

/* The word of the user's that a report of 64 pages from IOVA on makes of before. */
static u64 reported(struct vm *vm, long c, u64 user, u64 before)
{
	u64 word = before;

	EXPECT_EQ(kernel_user_write(vm_task(vm), user, &word, sizeof(word)), 0);
	EXPECT_EQ(get_bitmap(vm, c, range_of(IOVA, 64, user)), 0);
	EXPECT_EQ(kernel_user_read(vm_task(vm), user, &word, sizeof(word)), 0);
	return word;
}

TEST(vfio_dirty, the_word_that_a_mapping_begins_in_keeps_what_the_user_had_in_it)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, VM_PAGE), user = vm_memory(vm, VM_PAGE);

	EXPECT_EQ(vm_map(vm, c, IOVA + 5 * VM_PAGE, vaddr, VM_PAGE), 0);
	EXPECT_EQ(dirty(vm, c, START), 0);
	EXPECT_EQ(reported(vm, c, user, 1ULL << 63 | 1), 1ULL << 63 | 1 << 5 | 1);
	vm_end(vm);
}

TEST(vfio_dirty, bits_pushed_beyond_a_mapping_come_back_until_tracking_stops)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, VM_PAGE), user = vm_memory(vm, VM_PAGE);

	EXPECT_EQ(vm_map(vm, c, IOVA + 2 * VM_PAGE, vaddr, VM_PAGE), 0);
	EXPECT_EQ(dirty(vm, c, START), 0);
	EXPECT_EQ(reported(vm, c, user, 0), 0x4);
	EXPECT_EQ(reported(vm, c, user, 0), 0x14); /* page 4 is not mapped */
	EXPECT_EQ(dirty(vm, c, START), 0);
	EXPECT_EQ(reported(vm, c, user, 0), 0x54);
	EXPECT_EQ(dirty(vm, c, STOP), 0);
	EXPECT_EQ(dirty(vm, c, START), 0);
	EXPECT_EQ(reported(vm, c, user, 0), 0x4);
	vm_end(vm);
}

TEST(vfio_dirty, a_mapping_whose_bitmap_cannot_be_had_is_not_made)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, VM_PAGE);

	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, VM_PAGE), 0);
	EXPECT_EQ(vm_map(vm, c, IOVA + VM_PAGE, vaddr, VM_PAGE), 0);
	EXPECT_EQ(kernel_set_parameter(vm_kernel(vm), "fault.kmalloc_nth", "2"), 0);
	EXPECT_EQ(dirty(vm, c, START), -ENOMEM);
	EXPECT_EQ(dirty(vm, c, START), 0);
	EXPECT_EQ(kernel_set_parameter(vm_kernel(vm), "fault.kmalloc_nth", "2"), 0);
	EXPECT_EQ(vm_map(vm, c, IOVA + 2 * VM_PAGE, vaddr, VM_PAGE), -ENOMEM);
	EXPECT_EQ(vm_usage(vm).pinned_pages, 2);
	vm_end(vm);
}

static long unmap_dirty(struct vm *vm, long c, struct vfio_iommu_type1_dma_unmap *unmap,
			struct vfio_bitmap *bitmap)
{
	u8 request[sizeof(*unmap) + sizeof(*bitmap)];
	long ret;

	memcpy(request, unmap, sizeof(*unmap));
	memcpy(request + sizeof(*unmap), bitmap, sizeof(*bitmap));
	ret = vm_ioctl_data(vm, c, VFIO_IOMMU_UNMAP_DMA, request, sizeof(request));
	memcpy(unmap, request, sizeof(*unmap));
	return ret;
}

struct unmap_dirty_row {
	const char *rule;
	bool tracking;
	u32 flags, argsz; /* argsz 0: right */
	u64 pgsize, bytes;
	bool bad_data;
	long result;
};

#define UNMAP_DIRTY VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP

static const struct unmap_dirty_row unmap_dirty_rows[] = {
	{ "right", true, UNMAP_DIRTY, 0, VM_PAGE, 8, false, 0 },
	{ "not tracking", false, UNMAP_DIRTY, 0, VM_PAGE, 8, false, -EINVAL },
	{ "with all", true, UNMAP_DIRTY | VFIO_DMA_UNMAP_FLAG_ALL, 0, VM_PAGE, 8, false, -EINVAL },
	{ "with vaddr", true, UNMAP_DIRTY | VFIO_DMA_UNMAP_FLAG_VADDR, 0, VM_PAGE, 8, false,
	  -EINVAL },
	{ "argsz without bitmap", true, UNMAP_DIRTY, 47, VM_PAGE, 8, false, -EINVAL },
	{ "other page size", true, UNMAP_DIRTY, 0, 8192, 8, false, -EINVAL },
	{ "bitmap too small", true, UNMAP_DIRTY, 0, VM_PAGE, 4, false, -EINVAL },
	{ "bitmap unwritable", true, UNMAP_DIRTY, 0, VM_PAGE, 8, true, -EFAULT },
};

TEST_WITH_NAMED_PARAMS(vfio_dirty, unmap_reports_what_it_takes, struct unmap_dirty_row,
		       unmap_dirty_rows, rule)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, 4 * VM_PAGE), user = vm_memory(vm, VM_PAGE), bits = 0;
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = param->argsz ? param->argsz : sizeof(unmap) + sizeof(struct vfio_bitmap),
		.flags = param->flags,
		.iova = IOVA,
		.size = 8 * VM_PAGE,
	};
	struct vfio_bitmap bitmap = {
		.pgsize = param->pgsize,
		.size = param->bytes,
		.data = (__u64 *)(param->bad_data ? VM_PAGE : user),
	};

	EXPECT_EQ(vm_map(vm, c, IOVA + 2 * VM_PAGE, vaddr, 4 * VM_PAGE), 0);
	if (param->tracking)
		EXPECT_EQ(dirty(vm, c, START), 0);
	EXPECT_EQ(unmap_dirty(vm, c, &unmap, &bitmap), param->result);
	EXPECT_EQ(vm_usage(vm).pinned_pages, param->result ? 4 : 0);
	if (!param->result) {
		EXPECT_EQ(unmap.size, 4 * VM_PAGE);
		EXPECT_EQ(kernel_user_read(vm_task(vm), user, &bits, sizeof(bits)), 0);
		EXPECT_EQ(bits, 0x3c);
	}
	vm_end(vm);
}

TEST(vfio_dirty, unmap_whose_bitmap_ends_early_is_EFAULT)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = 48, .flags = UNMAP_DIRTY, .iova = IOVA, .size = VM_PAGE
	};

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_UNMAP_DMA, vm_edge(vm, &unmap, sizeof(unmap))),
		  -EFAULT);
	vm_end(vm);
}

TEST(vfio_dirty, mappings_made_while_tracking_are_dirty_too)
{
	struct vm *vm = vm_start_simple("v7", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, 4 * VM_PAGE), user = vm_memory(vm, VM_PAGE), bits = 0;

	EXPECT_EQ(dirty(vm, c, START), 0);
	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, 4 * VM_PAGE), 0);
	EXPECT_EQ(get_bitmap(vm, c, range_of(IOVA, 4, user)), 0);
	EXPECT_EQ(kernel_user_read(vm_task(vm), user, &bits, sizeof(bits)), 0);
	EXPECT_EQ(bits, 0xf);
	vm_end(vm);
}
