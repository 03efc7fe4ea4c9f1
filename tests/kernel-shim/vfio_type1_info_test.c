// SPDX-License-Identifier: Apache-2.0
/* type1: VFIO_IOMMU_GET_INFO, by variant, and the ranges of addresses that it reports. */
#include "vfio_fixture.h"

#include <string.h>

/* The ranges of a container; their number, or the ioctl's error. */
static long get_ranges(struct vm *vm, long c, struct vfio_iova_range *ranges, size_t max)
{
	u64 buf[128];
	const struct vfio_info_cap_header *header;
	struct vfio_iommu_type1_info_cap_iova_range cap;
	long ret = vm_get_info(vm, c, buf, sizeof(buf));

	if (ret)
		return ret;
	header = vm_find_cap(buf, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
	if (!header)
		return 0;
	memcpy(&cap, header, sizeof(cap));
	EXPECT_LE(cap.nr_iovas, max);
	memcpy(ranges, (const u8 *)header + sizeof(cap), cap.nr_iovas * sizeof(*ranges));
	return cap.nr_iovas;
}

struct caps_row {
	const char *variant;
	enum vm_unit unit;
	int type;
	long result;
	bool iova, migration, dma_avail, nesting; /* each with its own variant's id */
};

static const struct caps_row caps_rows[] = {
	{ "upstream", VM_VTD_SCALABLE, VFIO_TYPE1v2_IOMMU, 0, true, false, false, false },
	{ "upstream", VM_VTD_SCALABLE, VFIO_TYPE1_NESTING_IOMMU, 0, true, false, false, false },
	{ "upstream", VM_SMMU, VFIO_TYPE1v2_IOMMU, 0, true, false, false, false },
	{ "v1", VM_VTD_SCALABLE, VFIO_TYPE1_NESTING_IOMMU, 0, true, false, false, true },
	{ "v1", VM_VTD_SCALABLE, VFIO_TYPE1v2_IOMMU, 0, true, false, false, true },
	{ "v1", VM_VTD_LEGACY, VFIO_TYPE1_IOMMU, 0, true, false, false, true },
	{ "v1", VM_SMMU, VFIO_TYPE1v2_IOMMU, -EINVAL, false, false, false, false },
	{ "v1", VM_SMMU, VFIO_TYPE1_NESTING_IOMMU, -EINVAL, false, false, false, false },
	{ "v1", VM_SMMU_FORMAT_2, VFIO_TYPE1v2_IOMMU, 0, true, false, false, true },
	{ "v1-attach-check", VM_SMMU, VFIO_TYPE1v2_IOMMU, -EINVAL, false, false, false, false },
	{ "v1-attach-check", VM_VTD_SCALABLE, VFIO_TYPE1v2_IOMMU, 0, true, false, false, true },
	{ "v7", VM_VTD_SCALABLE, VFIO_TYPE1v2_IOMMU, 0, true, true, false, false },
	{ "v7", VM_VTD_SCALABLE, VFIO_TYPE1_NESTING_IOMMU, 0, true, true, false, true },
	{ "v7", VM_SMMU, VFIO_TYPE1v2_IOMMU, 0, true, true, false, false },
	{ "v7", VM_SMMU, VFIO_TYPE1_NESTING_IOMMU, -ENOENT, false, false, false, false },
	{ "mainline", VM_VTD_SCALABLE, VFIO_TYPE1v2_IOMMU, 0, true, true, true, false },
	{ "mainline", VM_VTD_SCALABLE, VFIO_TYPE1_NESTING_IOMMU, 0, true, true, true, false },
	{ "mainline", VM_SMMU, VFIO_TYPE1_NESTING_IOMMU, 0, true, true, true, false },
};

static bool is_v1(const char *variant)
{
	return !strncmp(variant, "v1", 2);
}

TEST_WITH_PARAMS(vfio_info, capabilities_by_variant, struct caps_row, caps_rows)
{
	struct vm *vm = vm_start_simple(param->variant, param->unit);
	long c = vm_container_with(vm, param->type, 1);
	unsigned int nesting_id = is_v1(param->variant) ? VFIO_IOMMU_TYPE1_INFO_CAP_NESTING_V1
							: VFIO_IOMMU_TYPE1_INFO_CAP_NESTING_V7;
	bool id2, id3;
	u64 buf[128];

	ASSERT_GE(c, 0);
	EXPECT_EQ(vm_get_info(vm, c, buf, sizeof(buf)), param->result);
	if (!param->result) {
		id2 = vm_find_cap(buf, 2) != NULL;
		id3 = vm_find_cap(buf, 3) != NULL;
		EXPECT_EQ(vm_find_cap(buf, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE) != NULL,
			  param->iova);
		/* Numbers 2 and 3 changed hands between the series and mainline. */
		EXPECT_EQ(id2, param->migration || (param->nesting && nesting_id == 2));
		EXPECT_EQ(id3, param->dma_avail || (param->nesting && nesting_id == 3));
	}
	vm_end(vm);
}

TEST(vfio_info, tells_page_sizes)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	struct vfio_iommu_type1_info info;

	EXPECT_EQ(vm_get_info(vm, c, &info, sizeof(info)), 0);
	EXPECT_TRUE(info.flags & VFIO_IOMMU_INFO_PGSIZES);
	EXPECT_TRUE(info.iova_pgsizes & VM_PAGE);
	EXPECT_FALSE(info.iova_pgsizes & (VM_PAGE - 1));
	vm_end(vm);
}

TEST(vfio_info, checks_argsz_and_memory)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	struct vfio_iommu_type1_info info = { .argsz = 15 };

	EXPECT_EQ(vm_ioctl_data(vm, c, VFIO_IOMMU_GET_INFO, &info, sizeof(info)), -EINVAL);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_GET_INFO, 0), -EFAULT);
	info.argsz = 4096;
	/* Room is promised for the chain, but is not there. */
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_GET_INFO, vm_edge(vm, &info, sizeof(info))), -EFAULT);
	vm_end(vm);
}

TEST(vfio_info, without_room_for_the_chain_argsz_tells_how_much_is_needed)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	struct vfio_iommu_type1_info info;
	u64 buf[128];
	u32 needed;

	EXPECT_EQ(vm_get_info(vm, c, &info, sizeof(info)), 0);
	EXPECT_TRUE(info.flags & VFIO_IOMMU_INFO_CAPS);
	EXPECT_EQ(info.cap_offset, 0);
	EXPECT_GT(info.argsz, sizeof(info));
	needed = info.argsz;
	EXPECT_EQ(vm_get_info(vm, c, buf, needed - 4), 0);
	memcpy(&info, buf, sizeof(info));
	EXPECT_EQ(info.argsz, needed);
	EXPECT_EQ(info.cap_offset, 0);
	EXPECT_EQ(vm_get_info(vm, c, buf, needed), 0);
	memcpy(&info, buf, sizeof(info));
	EXPECT_EQ(info.argsz, needed);
	EXPECT_EQ(info.cap_offset, sizeof(info));
	vm_end(vm);
}

TEST(vfio_info, who_does_not_know_cap_offset_gets_none)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	struct vfio_iommu_type1_info info = { .argsz = 16, .cap_offset = 0xdead };

	EXPECT_EQ(vm_ioctl_data(vm, c, VFIO_IOMMU_GET_INFO, &info, sizeof(info)), 0);
	EXPECT_EQ(info.cap_offset, 0xdead);
	EXPECT_GT(info.argsz, sizeof(info));
	vm_end(vm);
}

TEST(vfio_info, migration_tells_page_size_and_largest_bitmap)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	struct vfio_iommu_type1_info_cap_migration cap;
	u64 buf[128];

	EXPECT_EQ(vm_get_info(vm, c, buf, sizeof(buf)), 0);
	memcpy(&cap, vm_find_cap(buf, VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION), sizeof(cap));
	EXPECT_EQ(cap.header.version, 1);
	EXPECT_EQ(cap.flags, 0);
	EXPECT_EQ(cap.pgsize_bitmap, VM_PAGE);
	EXPECT_EQ(cap.max_dirty_bitmap_size, 256 * VM_MIB);
	vm_end(vm);
}

static u32 dma_avail(struct vm *vm, long c)
{
	struct vfio_iommu_type1_info_dma_avail cap;
	u64 buf[128];

	EXPECT_EQ(vm_get_info(vm, c, buf, sizeof(buf)), 0);
	memcpy(&cap, vm_find_cap(buf, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL), sizeof(cap));
	return cap.avail;
}

TEST(vfio_info, dma_avail_counts_mappings)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, VM_PAGE), size = VM_PAGE;

	EXPECT_EQ(dma_avail(vm, c), 65535);
	EXPECT_EQ(vm_map(vm, c, 0, vaddr, VM_PAGE), 0);
	EXPECT_EQ(dma_avail(vm, c), 65534);
	EXPECT_EQ(vm_map(vm, c, 0, vaddr, VM_PAGE), -EEXIST);
	EXPECT_EQ(dma_avail(vm, c), 65534);
	EXPECT_EQ(vm_unmap(vm, c, 0, &size), 0);
	EXPECT_EQ(dma_avail(vm, c), 65535);
	vm_end(vm);
}

TEST(vfio_info, ranges_leave_out_the_interrupt_range)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	struct vfio_iova_range ranges[8];

	ASSERT_EQ(get_ranges(vm, c, ranges, 8), 2);
	EXPECT_EQ(ranges[0].start, 0);
	EXPECT_EQ(ranges[0].end, 0xfedfffff);
	EXPECT_EQ(ranges[1].start, 0xfef00000);
	EXPECT_EQ(ranges[1].end, (1ULL << 48) - 1);
	vm_end(vm);
}

TEST(vfio_info, ranges_shrink_to_what_all_units_map_and_grow_when_one_leaves)
{
	struct vm *vm = vm_start_pair("mainline", VM_SMMU, VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	struct vfio_iova_range before[8], both[8], after[8];
	long count = get_ranges(vm, c, before, 8), count_both;
	long g;

	ASSERT_GT(count, 0);
	g = vm_join(vm, c, 2);
	ASSERT_GE(g, 0);
	count_both = get_ranges(vm, c, both, 8);
	/* VT-d's interrupt range is gone from the SMMU's as well. */
	EXPECT_EQ(count_both, count + 1);
	for (long i = 0; i < count_both; i++)
		EXPECT_TRUE(both[i].end < 0xfee00000 || both[i].start > 0xfeefffff);
	EXPECT_EQ(vm_ioctl(vm, g, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
	EXPECT_EQ(get_ranges(vm, c, after, 8), count);
	EXPECT_MEMEQ(after, before, count * sizeof(after[0]));
	vm_end(vm);
}
