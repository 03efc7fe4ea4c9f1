// SPDX-License-Identifier: Apache-2.0
/*
 * type1: VFIO_IOMMU_MAP_DMA and UNMAP_DMA, and what they do to memory, limits and the device's DMA.
 */
#include "vfio_fixture.h"

#include <string.h>

#define IOVA 0x10000000ULL
#define RW (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)

static long map_flags(struct vm *vm, long c, struct vfio_iommu_type1_dma_map map)
{
	if (!map.argsz)
		map.argsz = sizeof(map);
	return vm_ioctl_data(vm, c, VFIO_IOMMU_MAP_DMA, &map, sizeof(map));
}

static long unmap_flags(struct vm *vm, long c, u32 flags, u64 iova, u64 *size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.flags = flags,
		.iova = iova,
		.size = *size,
	};
	long ret = vm_ioctl_data(vm, c, VFIO_IOMMU_UNMAP_DMA, &unmap, sizeof(unmap));

	*size = unmap.size;
	return ret;
}

TEST(vfio_map, a_device_reads_and_writes_the_process_memory)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, 4 * VM_PAGE);
	char buf[16] = "";

	EXPECT_EQ(kernel_user_write(vm_task(vm), vaddr + VM_PAGE - 4, "from user", 10), 0);
	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, 4 * VM_PAGE), 0);
	EXPECT_EQ(vm_usage(vm).pinned_pages, 4);
	EXPECT_EQ(vm_usage(vm).locked_pages, 4);
	EXPECT_EQ(vm_dma(vm, 0, IOVA + VM_PAGE - 4, buf, 10, false), DMA_OK);
	EXPECT_STREQ(buf, "from user");
	strcpy(buf, "from device");
	EXPECT_EQ(vm_dma(vm, 0, IOVA + 3 * VM_PAGE, buf, 12, true), DMA_OK);
	EXPECT_EQ(kernel_user_read(vm_task(vm), vaddr + 3 * VM_PAGE, buf, 12), 0);
	EXPECT_STREQ(buf, "from device");
	EXPECT_EQ(vm_dma(vm, 0, IOVA + 4 * VM_PAGE, buf, 1, false), DMA_FAULT);
	vm_end(vm);
}

TEST(vfio_map, memory_stays_pinned_when_the_process_unmaps_it)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, VM_PAGE);
	u32 word = 0x1234, read = 0;

	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, VM_PAGE), 0);
	EXPECT_EQ(kernel_munmap(vm_task(vm), vaddr, VM_PAGE), 0);
	EXPECT_EQ(vm_dma(vm, 0, IOVA, &word, 4, true), DMA_OK);
	EXPECT_EQ(vm_dma(vm, 0, IOVA, &read, 4, false), DMA_OK);
	EXPECT_EQ(read, 0x1234);
	EXPECT_EQ(vm_usage(vm).pinned_pages, 1);
	vm_end(vm);
}

struct bad_map_row {
	const char *rule;
	const char *variant;
	u32 argsz; /* 0: right */
	u32 flags;
	u64 iova, offset, size; /* offset into four pages of memory */
	long result;
};

static const struct bad_map_row bad_map_rows[] = {
	{ "short argsz", "mainline", 31, RW, IOVA, 0, VM_PAGE, -EINVAL },
	{ "longer argsz", "mainline", 4096, RW, IOVA, 0, VM_PAGE, 0 },
	{ "unknown flag", "mainline", 0, RW | 8, IOVA, 0, VM_PAGE, -EINVAL },
	{ "no right", "mainline", 0, 0, IOVA, 0, VM_PAGE, -EINVAL },
	{ "rights and vaddr", "mainline", 0, RW | VFIO_DMA_MAP_FLAG_VADDR, IOVA, 0, VM_PAGE,
	  -EINVAL },
	{ "vaddr of nothing", "mainline", 0, VFIO_DMA_MAP_FLAG_VADDR, IOVA, 0, VM_PAGE, -ENOENT },
	{ "vaddr before 5.12", "v7", 0, VFIO_DMA_MAP_FLAG_VADDR, IOVA, 0, VM_PAGE, -EINVAL },
	{ "no size", "mainline", 0, RW, IOVA, 0, 0, -EINVAL },
	{ "size unaligned", "mainline", 0, RW, IOVA, 0, VM_PAGE + 1, -EINVAL },
	{ "iova unaligned", "mainline", 0, RW, IOVA + 8, 0, VM_PAGE, -EINVAL },
	{ "vaddr unaligned", "mainline", 0, RW, IOVA, 16, VM_PAGE, -EINVAL },
	{ "iova wraps", "mainline", 0, RW, -VM_PAGE, 0, 2 * VM_PAGE, -EINVAL },
	{ "outside the aperture", "mainline", 0, RW, 1ULL << 60, 0, VM_PAGE, -EINVAL },
	{ "across the aperture's end", "mainline", 0, RW, (1ULL << 48) - VM_PAGE, 0, 2 * VM_PAGE,
	  -EINVAL },
	{ "in the interrupt range", "mainline", 0, RW, 0xfee00000, 0, VM_PAGE, -EINVAL },
	{ "up to the interrupt range", "mainline", 0, RW, 0xfedff000, 0, VM_PAGE, 0 },
	{ "into the interrupt range", "mainline", 0, RW, 0xfedff000, 0, 2 * VM_PAGE, -EINVAL },
	{ "read only for the device", "mainline", 0, VFIO_DMA_MAP_FLAG_READ, IOVA, 0, VM_PAGE, 0 },
	{ "write only for the device", "upstream", 0, VFIO_DMA_MAP_FLAG_WRITE, IOVA, 0, VM_PAGE,
	  0 },
	{ "more than there is", "mainline", 0, RW, IOVA, 0, 5 * VM_PAGE, -EFAULT },
};

TEST_WITH_NAMED_PARAMS(vfio_map, checks_its_argument, struct bad_map_row, bad_map_rows, rule)
{
	struct vm *vm = vm_start_simple(param->variant, VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, 8 * VM_PAGE);
	struct vfio_iommu_type1_dma_map map = {
		.argsz = param->argsz,
		.flags = param->flags,
		.vaddr = vaddr + param->offset,
		.iova = param->iova,
		.size = param->size,
	};

	EXPECT_EQ(kernel_munmap(vm_task(vm), vaddr + 4 * VM_PAGE, 4 * VM_PAGE), 0);
	EXPECT_EQ(map_flags(vm, c, map), param->result);
	EXPECT_EQ(vm_usage(vm).pinned_pages, param->result ? 0 : param->size / VM_PAGE);
	EXPECT_EQ(vm_usage(vm).locked_pages, param->result ? 0 : param->size / VM_PAGE);
	vm_end(vm);
}

TEST(vfio_map, vaddr_must_not_wrap)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);

	EXPECT_EQ(vm_map(vm, c, IOVA, -VM_PAGE, 2 * VM_PAGE), -EINVAL);
	vm_end(vm);
}

TEST(vfio_map, unreadable_argument_is_EFAULT)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_MAP_DMA, 0), -EFAULT);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_UNMAP_DMA, 0), -EFAULT);
	vm_end(vm);
}

TEST(vfio_map, rights_of_the_device_hold)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, VM_PAGE);
	u32 word = 0;

	EXPECT_EQ(map_flags(vm, c,
			    (struct vfio_iommu_type1_dma_map){ .flags = VFIO_DMA_MAP_FLAG_READ,
							       .vaddr = vaddr,
							       .iova = IOVA,
							       .size = VM_PAGE }),
		  0);
	EXPECT_EQ(vm_dma(vm, 0, IOVA, &word, 4, false), DMA_OK);
	EXPECT_EQ(vm_dma(vm, 0, IOVA, &word, 4, true), DMA_FAULT);
	vm_end(vm);
}

TEST(vfio_map, read_only_memory_can_be_mapped_for_reading_only)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	struct vfio_iommu_type1_dma_map map = {
		.flags = VFIO_DMA_MAP_FLAG_READ,
		.vaddr = vm_memory_of(vm, VM_PAGE, VM_PAGE, true),
		.iova = IOVA,
		.size = VM_PAGE,
	};

	EXPECT_EQ(map_flags(vm, c, map), 0);
	map.iova += VM_PAGE;
	map.flags = RW;
	EXPECT_EQ(map_flags(vm, c, map), -EFAULT);
	vm_end(vm);
}

struct overlap_row {
	u64 iova, size; /* against IOVA .. IOVA + 4 pages */
	long result;
};

static const struct overlap_row overlap_rows[] = {
	{ IOVA, 4 * VM_PAGE, -EEXIST },           { IOVA + VM_PAGE, VM_PAGE, -EEXIST },
	{ IOVA - VM_PAGE, 2 * VM_PAGE, -EEXIST }, { IOVA + 3 * VM_PAGE, 2 * VM_PAGE, -EEXIST },
	{ IOVA - VM_PAGE, 6 * VM_PAGE, -EEXIST }, { IOVA - VM_PAGE, VM_PAGE, 0 },
	{ IOVA + 4 * VM_PAGE, VM_PAGE, 0 },
};

TEST_WITH_PARAMS(vfio_map, overlap_is_EEXIST, struct overlap_row, overlap_rows)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, 8 * VM_PAGE);

	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, 4 * VM_PAGE), 0);
	EXPECT_EQ(vm_map(vm, c, param->iova, vaddr, param->size), param->result);
	vm_end(vm);
}

TEST(vfio_map, one_mapping_more_than_dma_entry_limit_is_ENOSPC)
{
	struct vm *vm =
		vm_start_with("mainline", VM_VTD_LEGACY, "vfio_iommu_type1.dma_entry_limit=2");
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, VM_PAGE), size = VM_PAGE;

	EXPECT_EQ(vm_map(vm, c, 1 * VM_MIB, vaddr, VM_PAGE), 0);
	EXPECT_EQ(vm_map(vm, c, 2 * VM_MIB, vaddr, VM_PAGE), 0);
	EXPECT_EQ(vm_map(vm, c, 3 * VM_MIB, vaddr, VM_PAGE), -ENOSPC);
	EXPECT_EQ(vm_unmap(vm, c, 1 * VM_MIB, &size), 0);
	EXPECT_EQ(vm_map(vm, c, 3 * VM_MIB, vaddr, VM_PAGE), 0);
	vm_end(vm);
}

struct memlock_row {
	u64 limit, size;
	bool privileged;
	long result;
};

static const struct memlock_row memlock_rows[] = {
	{ 4 * VM_PAGE, 4 * VM_PAGE, false, 0 },
	{ 4 * VM_PAGE, 5 * VM_PAGE, false, -ENOMEM },
	{ 4 * VM_PAGE + 100, 5 * VM_PAGE, false, -ENOMEM },
	{ 0, VM_PAGE, false, -ENOMEM },
	{ 0, 5 * VM_PAGE, true, 0 },
	{ 3 * VM_MIB, 4 * VM_MIB, false, -ENOMEM }, /* more than one batch of pages */
};

TEST_WITH_PARAMS(vfio_map, RLIMIT_MEMLOCK_exceeded_is_ENOMEM_and_undone, struct memlock_row,
		 memlock_rows)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, param->size);
	u32 word;

	kernel_task_limit(vm_task(vm), param->limit, param->privileged);
	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, param->size), param->result);
	EXPECT_EQ(vm_usage(vm).pinned_pages, param->result ? 0 : param->size / VM_PAGE);
	EXPECT_EQ(vm_usage(vm).locked_pages, param->result ? 0 : param->size / VM_PAGE);
	EXPECT_EQ(vm_dma(vm, 0, IOVA, &word, 4, false), param->result ? DMA_FAULT : DMA_OK);
	vm_end(vm);
}

TEST(vfio_map, the_same_page_counts_for_each_mapping_of_it)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, VM_PAGE);

	kernel_task_limit(vm_task(vm), 2 * VM_PAGE, false);
	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, VM_PAGE), 0);
	EXPECT_EQ(vm_map(vm, c, IOVA + VM_PAGE, vaddr, VM_PAGE), 0);
	EXPECT_EQ(vm_map(vm, c, IOVA + 2 * VM_PAGE, vaddr, VM_PAGE), -ENOMEM);
	vm_end(vm);
}

TEST(vfio_map, a_hole_in_memory_undoes_the_part_before_it)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, 4 * VM_MIB);
	u32 word;

	EXPECT_EQ(kernel_munmap(vm_task(vm), vaddr + 3 * VM_MIB, VM_PAGE), 0);
	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, 4 * VM_MIB), -EFAULT);
	EXPECT_EQ(vm_usage(vm).pinned_pages, 0);
	EXPECT_EQ(vm_dma(vm, 0, IOVA, &word, 4, false), DMA_FAULT);
	vm_end(vm);
}

struct pages_row {
	u64 page_size;
	const char *parameter;
};

static const struct pages_row pages_rows[] = {
	{ VM_PAGE, NULL },
	{ 2 * VM_MIB, NULL },
	{ 2 * VM_MIB, "vfio_iommu_type1.disable_hugepages=1" },
};

TEST_WITH_PARAMS(vfio_map, any_page_size_maps_and_unmaps_completely, struct pages_row, pages_rows)
{
	struct vm *vm = vm_start(&(struct vm_config){
		.variant = "mainline",
		.units = { VM_VTD_LEGACY, VM_SMMU },
		.unit_count = 2,
		.devices = { { .unit = 0, .group = 1 }, { .unit = 1, .group = 2 } },
		.device_count = 2,
		.parameters = { param->parameter },
	});
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory_of(vm, 8 * VM_MIB, param->page_size, false), size = 8 * VM_MIB;
	u64 word = 42, read;

	EXPECT_GE(vm_join(vm, c, 2), 0);
	EXPECT_EQ(vm_map(vm, c, 32 * VM_MIB, vaddr, size), 0);
	EXPECT_EQ(vm_usage(vm).pinned_pages, size / VM_PAGE);
	for (u64 at = 0; at < size; at += 512 * VM_KIB) {
		EXPECT_EQ(vm_dma(vm, 0, 32 * VM_MIB + at, &word, 8, true), DMA_OK);
		EXPECT_EQ(vm_dma(vm, 1, 32 * VM_MIB + at, &read, 8, false), DMA_OK);
		EXPECT_EQ(read, word++);
	}
	EXPECT_EQ(vm_unmap(vm, c, 32 * VM_MIB, &size), 0);
	EXPECT_EQ(size, 8 * VM_MIB);
	EXPECT_EQ(vm_usage(vm).pinned_pages, 0);
	EXPECT_EQ(vm_dma(vm, 0, 32 * VM_MIB, &word, 8, true), DMA_FAULT);
	EXPECT_EQ(vm_dma(vm, 1, 32 * VM_MIB, &word, 8, true), DMA_FAULT);
	vm_end(vm);
}

struct unmap_row {
	const char *rule;
	u64 iova, size; /* mapped: pages 0..3 and 4..5 and 8..9 after IOVA */
	long result_v1, result_v2;
	u64 pages_v1, pages_v2; /* unmapped */
};

static const struct unmap_row unmap_rows[] = {
	{ "exactly one", IOVA, 4 * VM_PAGE, 0, 0, 4, 4 },
	{ "two neighbours", IOVA, 6 * VM_PAGE, 0, 0, 6, 6 },
	{ "two with a gap", IOVA + 4 * VM_PAGE, 6 * VM_PAGE, 0, 0, 4, 4 },
	{ "all and more", IOVA - VM_PAGE, 20 * VM_PAGE, 0, 0, 8, 8 },
	{ "nothing there", IOVA + 6 * VM_PAGE, 2 * VM_PAGE, 0, 0, 0, 0 },
	{ "the head of one", IOVA, VM_PAGE, 0, -EINVAL, 4, 0 },
	{ "the tail of one", IOVA + VM_PAGE, 3 * VM_PAGE, 0, -EINVAL, 0, 0 },
	{ "the middle of one", IOVA + VM_PAGE, VM_PAGE, 0, -EINVAL, 0, 0 },
	{ "one and the head of the next", IOVA, 5 * VM_PAGE, 0, -EINVAL, 6, 0 },
	{ "no size", IOVA, 0, -EINVAL, -EINVAL, 0, 0 },
	{ "size unaligned", IOVA, 100, -EINVAL, -EINVAL, 0, 0 },
	{ "iova unaligned", IOVA + 100, VM_PAGE, -EINVAL, -EINVAL, 0, 0 },
	{ "wraps", -VM_PAGE, 2 * VM_PAGE, -EINVAL, -EINVAL, 0, 0 },
	{ "up to the end of all addresses", IOVA, -IOVA, 0, 0, 0, 0 },
	{ "all but the last page", VM_PAGE, -2 * VM_PAGE, 0, 0, 8, 8 },
};

static void check_unmap(const struct unmap_row *row, int type, long result, u64 pages)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, type, 1);
	u64 vaddr = vm_memory(vm, 10 * VM_PAGE), size = row->size;
	SCOPED_NOTE("type %d", type);

	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, 4 * VM_PAGE), 0);
	EXPECT_EQ(vm_map(vm, c, IOVA + 4 * VM_PAGE, vaddr, 2 * VM_PAGE), 0);
	EXPECT_EQ(vm_map(vm, c, IOVA + 8 * VM_PAGE, vaddr, 2 * VM_PAGE), 0);
	EXPECT_EQ(vm_unmap(vm, c, row->iova, &size), result);
	if (!result)
		EXPECT_EQ(size, pages * VM_PAGE);
	EXPECT_EQ(vm_usage(vm).pinned_pages, 8 - pages);
	EXPECT_EQ(vm_usage(vm).locked_pages, 8 - pages);
	vm_end(vm);
}

TEST_WITH_NAMED_PARAMS(vfio_unmap, takes_whole_mappings, struct unmap_row, unmap_rows, rule)
{
	check_unmap(param, VFIO_TYPE1_IOMMU, param->result_v1, param->pages_v1);
	check_unmap(param, VFIO_TYPE1v2_IOMMU, param->result_v2, param->pages_v2);
}

TEST(vfio_unmap, checks_argsz)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	struct vfio_iommu_type1_dma_unmap unmap = { .argsz = 23, .size = VM_PAGE };

	EXPECT_EQ(vm_ioctl_data(vm, c, VFIO_IOMMU_UNMAP_DMA, &unmap, sizeof(unmap)), -EINVAL);
	vm_end(vm);
}

struct flag_row {
	const char *variant;
	u32 flags;
	u64 iova, size;
	long result;
};

#define UNMAP_ALL VFIO_DMA_UNMAP_FLAG_ALL
#define UNMAP_VADDR VFIO_DMA_UNMAP_FLAG_VADDR

static const struct flag_row flag_rows[] = {
	{ "mainline", UNMAP_ALL, 0, 0, 0 },
	{ "mainline", UNMAP_ALL, VM_PAGE, 0, -EINVAL },
	{ "mainline", UNMAP_ALL, 0, VM_PAGE, -EINVAL },
	{ "mainline", 8, 0, 0, -EINVAL },
	{ "v7", UNMAP_ALL, 0, 0, -EINVAL },
	{ "v1", UNMAP_ALL, 0, 0, -EINVAL },
	{ "v1-attach-check", UNMAP_ALL, 0, 0, -EINVAL },
	{ "upstream", UNMAP_ALL, 0, 0, -EINVAL },
	{ "upstream", VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP, IOVA, VM_PAGE, -EINVAL },
	{ "v7", UNMAP_VADDR, IOVA, VM_PAGE, -EINVAL },
	{ "mainline", UNMAP_VADDR, IOVA, VM_PAGE, 0 },
};

TEST_WITH_PARAMS(vfio_unmap, knows_the_flags_of_its_age, struct flag_row, flag_rows)
{
	struct vm *vm = vm_start_simple(param->variant, VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, VM_PAGE), size = param->size;

	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, VM_PAGE), 0);
	EXPECT_EQ(unmap_flags(vm, c, param->flags, param->iova, &size), param->result);
	if (!param->result)
		EXPECT_EQ(size, VM_PAGE);
	vm_end(vm);
}

TEST(vfio_unmap, all_takes_every_mapping)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, 4 * VM_PAGE), size = 0;

	EXPECT_EQ(unmap_flags(vm, c, UNMAP_ALL, 0, &size), 0);
	EXPECT_EQ(size, 0);
	EXPECT_EQ(vm_map(vm, c, 0, vaddr, VM_PAGE), 0);
	EXPECT_EQ(vm_map(vm, c, 1ULL << 40, vaddr, 2 * VM_PAGE), 0);
	EXPECT_EQ(vm_map(vm, c, (1ULL << 48) - VM_PAGE, vaddr, VM_PAGE), 0);
	EXPECT_EQ(unmap_flags(vm, c, UNMAP_ALL, 0, &size), 0);
	EXPECT_EQ(size, 4 * VM_PAGE);
	EXPECT_EQ(vm_usage(vm).pinned_pages, 0);
	vm_end(vm);
}

static long new_vaddr(struct vm *vm, long c, u64 iova, u64 vaddr, u64 size)
{
	return map_flags(vm, c,
			 (struct vfio_iommu_type1_dma_map){ .flags = VFIO_DMA_MAP_FLAG_VADDR,
							    .vaddr = vaddr,
							    .iova = iova,
							    .size = size });
}

TEST(vfio_vaddr, a_range_up_to_the_end_of_all_addresses_has_no_mapping_in_it)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, VM_PAGE);

	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, VM_PAGE), 0);
	EXPECT_EQ(new_vaddr(vm, c, IOVA, 0, -IOVA), -ENOENT);
	EXPECT_EQ(vm_map(vm, c, IOVA, 0, -IOVA), -EINVAL); /* outside of the ranges, not EEXIST */
	vm_end(vm);
}

TEST(vfio_vaddr, is_invalidated_and_given_anew_without_touching_the_mapping)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, 2 * VM_PAGE), size = 2 * VM_PAGE;
	u32 word = 7;

	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, VM_PAGE), 0);
	EXPECT_EQ(vm_map(vm, c, IOVA + VM_PAGE, vaddr, VM_PAGE), 0);
	EXPECT_EQ(new_vaddr(vm, c, IOVA, vaddr, VM_PAGE), -EINVAL);
	EXPECT_EQ(unmap_flags(vm, c, UNMAP_VADDR, IOVA, &size), 0);
	EXPECT_EQ(size, 2 * VM_PAGE);
	EXPECT_EQ(vm_dma(vm, 0, IOVA, &word, 4, true), DMA_OK);

	EXPECT_EQ(new_vaddr(vm, c, IOVA, vaddr, 2 * VM_PAGE), -EINVAL);
	EXPECT_EQ(new_vaddr(vm, c, IOVA + VM_PAGE, vaddr, VM_PAGE), 0);
	/* One of the two is invalid already: none changes. */
	size = 2 * VM_PAGE;
	EXPECT_EQ(unmap_flags(vm, c, UNMAP_VADDR, IOVA, &size), -EINVAL);
	EXPECT_EQ(new_vaddr(vm, c, IOVA + VM_PAGE, vaddr, VM_PAGE), -EINVAL);
	EXPECT_EQ(new_vaddr(vm, c, IOVA, vaddr, VM_PAGE), 0);
	vm_end(vm);
}

TEST(vfio_vaddr, while_one_is_invalid_no_group_can_join)
{
	struct vm *vm = vm_start_pair("mainline", VM_VTD_LEGACY, VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, VM_PAGE), size = VM_PAGE;

	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, VM_PAGE), 0);
	EXPECT_EQ(unmap_flags(vm, c, UNMAP_VADDR, IOVA, &size), 0);
	EXPECT_EQ(vm_join(vm, c, 2), -EBUSY);
	EXPECT_EQ(unmap_flags(vm, c, 0, IOVA, &size), 0);
	EXPECT_GE(vm_join(vm, c, 2), 0);
	vm_end(vm);
}

TEST(vfio_vaddr, an_unmap_that_starts_inside_a_mapping_of_the_first_type1_changes_nothing)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1_IOMMU, 1);
	u64 vaddr = vm_memory(vm, 2 * VM_PAGE), size = VM_PAGE;

	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, 2 * VM_PAGE), 0);
	EXPECT_EQ(unmap_flags(vm, c, UNMAP_VADDR, IOVA + VM_PAGE, &size), 0);
	EXPECT_EQ(size, 0);
	EXPECT_EQ(new_vaddr(vm, c, IOVA, vaddr, 2 * VM_PAGE), -EINVAL);
	vm_end(vm);
}

TEST(vfio_vaddr, result_that_cannot_be_written_is_EFAULT)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	struct vfio_iommu_type1_dma_unmap unmap = { .argsz = sizeof(unmap), .size = VM_PAGE };
	u64 arg = vm_memory_of(vm, VM_PAGE, VM_PAGE, true);

	/* A read-only page reads as zero: argsz 0. */
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_UNMAP_DMA, arg), -EINVAL);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_UNMAP_DMA, vm_edge(vm, &unmap, 8)), -EFAULT);
	vm_end(vm);
}
