// SPDX-License-Identifier: Apache-2.0
/*
 * type1: groups that enter and leave a container, the domains they get and the mappings they find.
 */
#include "vfio_fixture.h"

#define IOVA 0x10000000ULL

struct share_row {
	const char *rule;
	enum vm_unit first, second;
	u64 domains; /* with both groups in */
};

static const struct share_row share_rows[] = {
	{ "two equal VT-d units share a domain", VM_VTD_LEGACY, VM_VTD_LEGACY, 1 },
	{ "an SMMU and a VT-d unit do not", VM_SMMU, VM_VTD_LEGACY, 2 },
	{ "a VT-d unit and an SMMU do not", VM_VTD_LEGACY, VM_SMMU, 2 },
};

TEST_WITH_NAMED_PARAMS(vfio_attach, domains_are_shared_by_driver, struct share_row, share_rows,
		       rule)
{
	struct vm *vm = vm_start_pair("mainline", param->first, param->second);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	long g;

	EXPECT_EQ(vm_usage(vm).domains, 1);
	g = vm_join(vm, c, 2);
	EXPECT_GE(g, 0);
	EXPECT_EQ(vm_usage(vm).domains, param->domains);
	EXPECT_EQ(vm_ioctl(vm, g, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
	EXPECT_EQ(vm_usage(vm).domains, 1);
	vm_end(vm);
}

struct replay_row {
	enum vm_unit first, second;
	u64 page_size;
};

static const struct replay_row replay_rows[] = {
	{ VM_VTD_LEGACY, VM_VTD_LEGACY, VM_PAGE }, { VM_VTD_LEGACY, VM_SMMU, VM_PAGE },
	{ VM_SMMU, VM_VTD_LEGACY, VM_PAGE },       { VM_SMMU, VM_VTD_LEGACY, 2 * VM_MIB },
	{ VM_VTD_SCALABLE, VM_SMMU, 2 * VM_MIB },
};

TEST_WITH_PARAMS(vfio_attach, a_group_that_joins_finds_all_mappings, struct replay_row, replay_rows)
{
	struct vm *vm = vm_start_pair("mainline", param->first, param->second);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory_of(vm, 4 * VM_MIB, param->page_size, false), size = 2 * VM_MIB;
	u32 word = 0x600d, read = 0;
	long g;

	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, 2 * VM_MIB), 0);
	EXPECT_EQ(vm_map(vm, c, IOVA + 16 * VM_MIB, vaddr, 4 * VM_MIB), 0);
	EXPECT_EQ(vm_dma(vm, 1, IOVA, &read, 4, false), DMA_FAULT);
	g = vm_join(vm, c, 2);
	EXPECT_GE(g, 0);
	/* Nothing is pinned twice: the pages are found through the older domain. */
	EXPECT_EQ(vm_usage(vm).pinned_pages, 6 * VM_MIB / VM_PAGE);

	EXPECT_EQ(vm_dma(vm, 0, IOVA + VM_MIB, &word, 4, true), DMA_OK);
	EXPECT_EQ(vm_dma(vm, 1, IOVA + 17 * VM_MIB, &read, 4, false), DMA_OK);
	EXPECT_EQ(read, word);
	EXPECT_EQ(vm_unmap(vm, c, IOVA, &size), 0);
	EXPECT_EQ(vm_dma(vm, 1, IOVA, &read, 4, false), DMA_FAULT);
	EXPECT_EQ(vm_dma(vm, 0, IOVA, &read, 4, false), DMA_FAULT);

	EXPECT_EQ(vm_ioctl(vm, g, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
	EXPECT_EQ(vm_dma(vm, 1, IOVA + 17 * VM_MIB, &read, 4, false), DMA_FAULT);
	EXPECT_EQ(vm_dma(vm, 0, IOVA + 17 * VM_MIB, &read, 4, false), DMA_OK);
	vm_end(vm);
}

TEST(vfio_attach, mappings_survive_the_group_that_was_there_first)
{
	struct vm *vm = vm_start_pair("mainline", VM_VTD_LEGACY, VM_SMMU);
	long c = vm_open_container(vm);
	long g1 = vm_join(vm, c, 1), g2;
	u64 vaddr = vm_memory(vm, VM_PAGE);
	u32 word = 1;

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, VM_PAGE), 0);
	g2 = vm_join(vm, c, 2);
	EXPECT_EQ(vm_ioctl(vm, g1, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
	EXPECT_EQ(vm_usage(vm).pinned_pages, 1);
	EXPECT_EQ(vm_dma(vm, 0, IOVA, &word, 4, true), DMA_FAULT);
	EXPECT_EQ(vm_dma(vm, 1, IOVA, &word, 4, true), DMA_OK);
	/* The last one takes them along. */
	EXPECT_EQ(vm_ioctl(vm, g2, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
	EXPECT_EQ(vm_usage(vm).pinned_pages, 0);
	EXPECT_EQ(vm_usage(vm).locked_pages, 0);
	EXPECT_EQ(vm_usage(vm).domains, 0);
	vm_end(vm);
}

TEST(vfio_attach, a_mapping_in_a_reserved_region_of_the_new_group_is_EINVAL)
{
	struct vm *vm = vm_start_pair("mainline", VM_SMMU, VM_VTD_LEGACY);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, VM_PAGE), size = VM_PAGE;

	EXPECT_EQ(vm_map(vm, c, 0xfee00000, vaddr, VM_PAGE), 0);
	EXPECT_EQ(vm_join(vm, c, 2), -EINVAL);
	EXPECT_EQ(vm_usage(vm).domains, 1);
	EXPECT_EQ(vm_unmap(vm, c, 0xfee00000, &size), 0);
	EXPECT_GE(vm_join(vm, c, 2), 0);
	vm_end(vm);
}

TEST(vfio_attach, a_mapping_beyond_the_new_group_s_aperture_is_EINVAL)
{
	struct vm *vm = vm_start_pair("mainline", VM_SMMU, VM_VTD_NARROW);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	u64 vaddr = vm_memory(vm, VM_PAGE), size = VM_PAGE;

	EXPECT_EQ(vm_map(vm, c, 1ULL << 40, vaddr, VM_PAGE), 0);
	EXPECT_EQ(vm_join(vm, c, 2), -EINVAL);
	EXPECT_EQ(vm_unmap(vm, c, 1ULL << 40, &size), 0);
	EXPECT_EQ(vm_join(vm, c, 2) >= 0, true);
	EXPECT_EQ(vm_map(vm, c, 1ULL << 40, vaddr, VM_PAGE), -EINVAL);
	vm_end(vm);
}

struct interrupt_row {
	const char *parameter;
	long result;
};

static const struct interrupt_row interrupt_rows[] = {
	{ NULL, -EPERM },
	{ "vfio_iommu_type1.allow_unsafe_interrupts=0", -EPERM },
	{ "vfio_iommu_type1.allow_unsafe_interrupts=1", 0 },
};

TEST_WITH_PARAMS(vfio_attach, without_interrupt_remapping_it_is_EPERM_unless_allowed,
		 struct interrupt_row, interrupt_rows)
{
	struct vm *vm = vm_start_with("mainline", VM_VTD_NO_REMAPPING, param->parameter);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);

	EXPECT_EQ(c < 0 ? c : 0, param->result);
	vm_end(vm);
}

struct nesting_row {
	const char *variant;
	enum vm_unit unit;
	long result;
};

static const struct nesting_row nesting_rows[] = {
	{ "upstream", VM_VTD_SCALABLE, 0 },
	{ "upstream", VM_VTD_LEGACY, -ENODEV },
	{ "v1", VM_VTD_SCALABLE, 0 },
	{ "v1", VM_VTD_LEGACY, -ENODEV },
	{ "v1-attach-check", VM_VTD_LEGACY, -ENODEV },
	{ "v7", VM_VTD_SCALABLE, 0 },
	{ "v7", VM_VTD_LEGACY, -ENODEV },
	{ "mainline", VM_VTD_SCALABLE, 0 },
	{ "mainline", VM_VTD_LEGACY, -ENODEV },
	{ "mainline", VM_SMMU, 0 },
	{ "v1", VM_SMMU, 0 },
};

TEST_WITH_PARAMS(vfio_attach, the_nesting_type_needs_a_driver_that_can, struct nesting_row,
		 nesting_rows)
{
	struct vm *vm = vm_start_simple(param->variant, param->unit);
	long c = vm_container_with(vm, VFIO_TYPE1_NESTING_IOMMU, 1);

	EXPECT_EQ(c < 0 ? c : 0, param->result);
	EXPECT_EQ(vm_usage(vm).domains, param->result ? 0 : 1);
	vm_end(vm);
}

TEST(vfio_attach, the_nesting_type_unmaps_as_v2_does)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, VFIO_TYPE1_NESTING_IOMMU, 1);
	u64 vaddr = vm_memory(vm, 2 * VM_PAGE), size = VM_PAGE;

	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, 2 * VM_PAGE), 0);
	EXPECT_EQ(vm_unmap(vm, c, IOVA, &size), -EINVAL);
	vm_end(vm);
}

TEST(vfio_attach, all_devices_of_a_group_go_together)
{
	struct vm *vm = vm_start(&(struct vm_config){
		.variant = "mainline",
		.units = { VM_VTD_LEGACY },
		.unit_count = 1,
		.devices = { { .group = 5 }, { .group = 5 }, { .group = 6 } },
		.device_count = 3,
	});
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 5);
	u64 vaddr = vm_memory(vm, VM_PAGE);
	u32 word = 0;

	EXPECT_EQ(vm_map(vm, c, IOVA, vaddr, VM_PAGE), 0);
	EXPECT_EQ(vm_dma(vm, 0, IOVA, &word, 4, true), DMA_OK);
	EXPECT_EQ(vm_dma(vm, 1, IOVA, &word, 4, true), DMA_OK);
	EXPECT_EQ(vm_dma(vm, 2, IOVA, &word, 4, true), DMA_FAULT);
	vm_end(vm);
}

TEST(vfio_attach, two_containers_do_not_see_each_other)
{
	struct vm *vm = vm_start_pair("mainline", VM_VTD_LEGACY, VM_VTD_LEGACY);
	long a = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	long b = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 2);
	u64 vaddr = vm_memory(vm, VM_PAGE);
	u32 word = 0;

	EXPECT_EQ(vm_usage(vm).domains, 2);
	EXPECT_EQ(vm_map(vm, a, IOVA, vaddr, VM_PAGE), 0);
	EXPECT_EQ(vm_dma(vm, 0, IOVA, &word, 4, true), DMA_OK);
	EXPECT_EQ(vm_dma(vm, 1, IOVA, &word, 4, true), DMA_FAULT);
	EXPECT_EQ(vm_map(vm, b, IOVA, vaddr, VM_PAGE), 0);
	EXPECT_EQ(vm_dma(vm, 1, IOVA, &word, 4, true), DMA_OK);
	vm_end(vm);
}
