// SPDX-License-Identifier: Apache-2.0
/*
 * type1 of the nesting series' version 7: one group, nesting info kept from attach on, errors
 * dropped.
 */
#include "vfio_fixture.h"

#include <string.h>

#define NESTING VFIO_TYPE1_NESTING_IOMMU
#define ALLOC VFIO_IOMMU_FLAG_ALLOC_PASID
#define FREE VFIO_IOMMU_FLAG_FREE_PASID
#define BIND VFIO_IOMMU_NESTING_OP_BIND_PGTBL
#define UNBIND VFIO_IOMMU_NESTING_OP_UNBIND_PGTBL
#define INVLD VFIO_IOMMU_NESTING_OP_CACHE_INVLD

static long bind_op(struct vm *vm, long c, u32 op, long pasid)
{
	struct iommu_gpasid_bind_data_v7 data = vm_bind_data_v7((u32)pasid);

	return vm_nesting_op_v7(vm, c, op, &data, sizeof(data));
}

TEST(vfio_v7, info_tells_what_nesting_can_do)
{
	struct vm *vm = vm_start_simple("v7", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);
	struct vfio_iommu_type1_info_cap_nesting_v7 cap;
	const struct vfio_info_cap_header *header;
	u64 buf[128];

	EXPECT_EQ(vm_get_info(vm, c, buf, sizeof(buf)), 0);
	header = vm_find_cap(buf, VFIO_IOMMU_TYPE1_INFO_CAP_NESTING_V7);
	ASSERT_NE(header, NULL);
	memcpy(&cap, header, sizeof(cap));
	EXPECT_EQ(cap.header.version, 1);
	EXPECT_EQ(cap.info.format, IOMMU_PASID_FORMAT_INTEL_VTD);
	EXPECT_EQ(cap.info.features, IOMMU_NESTING_FEAT_SYSWIDE_PASID |
					     IOMMU_NESTING_FEAT_BIND_PGTBL |
					     IOMMU_NESTING_FEAT_CACHE_INVLD);
	EXPECT_NE(cap.info.vendor.vtd.cap_reg | cap.info.vendor.vtd.ecap_reg, 0);
	vm_end(vm);
}

TEST(vfio_v7, an_smmu_s_empty_info_makes_get_info_ENOENT)
{
	struct vm *vm = vm_start_simple("v7", VM_SMMU);
	long c = vm_container_with(vm, NESTING, 1);
	bool has;

	EXPECT_EQ(vm_info_has_cap(vm, c, VFIO_IOMMU_TYPE1_INFO_CAP_NESTING_V7, &has), -ENOENT);
	vm_end(vm);
}

struct overwritten_row {
	const char *rule;
	enum vm_unit unit;
	int type;
	long result;
};

static const struct overwritten_row overwritten_rows[] = {
	{ "by nothing to add", VM_VTD_SCALABLE, VFIO_TYPE1v2_IOMMU, 0 },
	{ "by what is added", VM_VTD_SCALABLE, NESTING, 0 },
	{ "by an empty info", VM_SMMU, NESTING, -ENOENT },
};

TEST_WITH_NAMED_PARAMS(vfio_v7, an_earlier_capability_s_error_is_overwritten,
		       struct overwritten_row, overwritten_rows, rule)
{
	struct vm *vm = vm_start_simple("v7", param->unit);
	long c = vm_container_with(vm, param->type, 1);
	u64 buf[64];

	EXPECT_EQ(kernel_set_parameter(vm_kernel(vm), "fault.kmalloc_nth", "1"), 0);
	EXPECT_EQ(vm_get_info(vm, c, buf, sizeof(buf)), param->result);
	EXPECT_EQ(vm_find_cap(buf, VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION), NULL);
	vm_end(vm);
}

struct second_row {
	const char *rule;
	enum vm_unit first, second;
	int type;
	long result;
};

static const struct second_row second_rows[] = {
	{ "equal units, nesting", VM_VTD_SCALABLE, VM_VTD_SCALABLE, NESTING, -EINVAL },
	{ "SMMU behind VT-d, nesting", VM_VTD_SCALABLE, VM_SMMU, NESTING, -EINVAL },
	{ "VT-d behind SMMU, nesting", VM_SMMU, VM_VTD_SCALABLE, NESTING, -EINVAL },
	{ "an ordinary container", VM_VTD_SCALABLE, VM_SMMU, VFIO_TYPE1v2_IOMMU, 0 },
};

TEST_WITH_NAMED_PARAMS(vfio_v7, a_nesting_container_holds_one_group, struct second_row, second_rows,
		       rule)
{
	struct vm *vm = vm_start_pair("v7", param->first, param->second);
	long c = vm_container_with(vm, param->type, 1), g;
	struct kernel_usage before = vm_usage(vm);

	g = vm_join(vm, c, 2);
	EXPECT_EQ(g < 0 ? g : 0, param->result);
	if (param->result)
		EXPECT_EQ(vm_usage(vm).slab_objects, before.slab_objects);
	vm_end(vm);
}

TEST(vfio_v7, the_pasid_set_lives_as_long_as_the_nesting_domain)
{
	struct vm *vm = vm_start_simple("v7", VM_VTD_SCALABLE);
	long c = vm_open_container(vm), g = vm_join(vm, c, 1);

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, NESTING), 0);
	EXPECT_EQ(vm_usage(vm).pasid_sets, 1);
	EXPECT_EQ(vm_pasid_request_v7(vm, c, ALLOC, 1, 10), 1);
	EXPECT_EQ(vm_ioctl(vm, g, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
	EXPECT_EQ(vm_usage(vm).pasid_sets, 0);
	EXPECT_EQ(vm_usage(vm).pasids, 0);
	vm_end(vm);
}

struct request_row {
	const char *rule;
	int type;
	u32 flags, min, max;
	long result;
};

static const struct request_row request_rows[] = {
	{ "allocates the lowest", NESTING, ALLOC, 5, 10, 5 },
	{ "one number", NESTING, ALLOC, 5, 5, 5 },
	{ "frees what is not there", NESTING, FREE, 5, 5, 0 },
	{ "min beyond max", NESTING, ALLOC, 6, 5, -EINVAL },
	{ "max beyond 2^31", NESTING, FREE, 1, 0x80000001, -EINVAL },
	{ "neither flag", NESTING, 0, 1, 10, -EINVAL },
	{ "both flags", NESTING, ALLOC | FREE, 1, 10, -EINVAL },
	{ "unknown flag", NESTING, ALLOC | 4, 1, 10, -EINVAL },
	{ "no number left in the range", NESTING, ALLOC, 1U << 20, 1U << 30, -ENOSPC },
	{ "no PASID set", VFIO_TYPE1v2_IOMMU, ALLOC, 1, 10, -EOPNOTSUPP },
	{ "no PASID set, min beyond max", VFIO_TYPE1v2_IOMMU, ALLOC, 10, 1, -EINVAL },
	{ "no PASID set, unknown flag", VFIO_TYPE1v2_IOMMU, 4, 1, 10, -EINVAL },
	{ "no PASID set, both flags", VFIO_TYPE1v2_IOMMU, ALLOC | FREE, 1, 10, -EOPNOTSUPP },
	{ "no PASID set, neither flag", VFIO_TYPE1v2_IOMMU, 0, 1, 10, -EOPNOTSUPP },
};

TEST_WITH_NAMED_PARAMS(vfio_v7, pasid_request, struct request_row, request_rows, rule)
{
	struct vm *vm = vm_start_simple("v7", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, param->type, 1);

	EXPECT_EQ(vm_pasid_request_v7(vm, c, param->flags, param->min, param->max), param->result);
	vm_end(vm);
}

TEST(vfio_v7, an_smmu_has_no_system_wide_pasids_and_no_operations)
{
	struct vm *vm = vm_start_simple("v7", VM_SMMU);
	long c = vm_container_with(vm, NESTING, 1);

	vm_map_guest(vm, c);
	EXPECT_EQ(vm_pasid_request_v7(vm, c, ALLOC, 1, 10), -EOPNOTSUPP);
	EXPECT_EQ(bind_op(vm, c, BIND, 1), -EOPNOTSUPP);
	EXPECT_EQ(bind_op(vm, c, UNBIND, 1), -EOPNOTSUPP);
	EXPECT_EQ(bind_op(vm, c, INVLD, 1), -EOPNOTSUPP);
	EXPECT_EQ(vm_usage(vm).pasid_sets, 0);
	vm_end(vm);
}

TEST(vfio_v7, a_range_of_pasids_is_freed_at_once)
{
	struct vm *vm = vm_start_simple("v7", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);

	for (int i = 1; i <= 10; i++)
		EXPECT_EQ(vm_pasid_request_v7(vm, c, ALLOC, 1, 100), i);
	EXPECT_EQ(vm_pasid_request_v7(vm, c, FREE, 3, 8), 0);
	EXPECT_EQ(vm_usage(vm).pasids, 4);
	EXPECT_EQ(vm_pasid_request_v7(vm, c, ALLOC, 1, 100), 3);
	EXPECT_EQ(vm_pasid_request_v7(vm, c, FREE, 0, 1U << 20), 0);
	EXPECT_EQ(vm_usage(vm).pasids, 0);
	vm_end(vm);
}

TEST(vfio_v7, pasid_request_checks_argsz_and_memory)
{
	struct vm *vm = vm_start_simple("v7", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);
	struct vfio_iommu_type1_pasid_request_v7 request = { .argsz = 15, .flags = ALLOC };

	EXPECT_EQ(vm_ioctl_data(vm, c, VFIO_IOMMU_PASID_REQUEST_V7, &request, sizeof(request)),
		  -EINVAL);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_PASID_REQUEST_V7, 0), -EFAULT);
	vm_end(vm);
}

TEST(vfio_v7, nesting_op_checks_argsz_flags_and_memory)
{
	struct vm *vm = vm_start_simple("v7", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);
	struct vfio_iommu_type1_nesting_op_v7 op = { .argsz = 7 };

	vm_map_guest(vm, c);
	EXPECT_EQ(vm_ioctl_data(vm, c, VFIO_IOMMU_NESTING_OP_V7, &op, sizeof(op)), -EINVAL);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_NESTING_OP_V7, 0), -EFAULT);
	EXPECT_EQ(bind_op(vm, c, 3, 1), -EINVAL);
	EXPECT_EQ(bind_op(vm, c, 0x10000, 1), -EINVAL);
	vm_end(vm);
}

TEST(vfio_v7, nesting_op_without_nesting_info_is_EOPNOTSUPP)
{
	struct vm *vm = vm_start_simple("v7", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);

	vm_map_guest(vm, c);
	EXPECT_EQ(bind_op(vm, c, BIND, 1), -EOPNOTSUPP);
	vm_end(vm);
}

TEST(vfio_v7, bind_unbind_and_bind_again)
{
	struct vm *vm = vm_start_simple("v7", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);
	long pasid = vm_pasid_request_v7(vm, c, ALLOC, 1, 10);

	vm_map_guest(vm, c);
	EXPECT_EQ(bind_op(vm, c, BIND, pasid), 0);
	EXPECT_EQ(vm_dma_pasid(vm, 0, (u32)pasid, 0), DMA_OK);
	EXPECT_EQ(bind_op(vm, c, UNBIND, pasid), 0);
	EXPECT_NE(vm_dma_pasid(vm, 0, (u32)pasid, 0), DMA_OK);
	EXPECT_EQ(bind_op(vm, c, BIND, pasid), 0);
	EXPECT_EQ(vm_dma_pasid(vm, 0, (u32)pasid, 0), DMA_OK);
	vm_end(vm);
}

TEST(vfio_v7, a_failed_bind_is_undone_even_if_it_was_an_earlier_one)
{
	struct vm *vm = vm_start_simple("v7", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);
	long pasid = vm_pasid_request_v7(vm, c, ALLOC, 1, 10);

	vm_map_guest(vm, c);
	EXPECT_EQ(bind_op(vm, c, BIND, pasid), 0);
	EXPECT_EQ(bind_op(vm, c, BIND, pasid), -EBUSY);
	EXPECT_EQ(bind_op(vm, c, BIND, pasid), 0);
	vm_end(vm);
}

TEST(vfio_v7, errors_of_unbind_and_invalidation_are_dropped)
{
	struct vm *vm = vm_start_simple("v7", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);
	struct iommu_cache_invalidate_info_v7 info = { .argsz = sizeof(info), .version = 99 };

	vm_map_guest(vm, c);
	EXPECT_EQ(bind_op(vm, c, BIND, 77), -ENOENT); /* not allocated: the set's error */
	EXPECT_EQ(bind_op(vm, c, UNBIND, 77), 0);
	EXPECT_EQ(vm_nesting_op_v7(vm, c, INVLD, &info, sizeof(info)), 0);
	EXPECT_EQ(vm_nesting_op_v7(vm, c, UNBIND, &info, 4), 0);
	vm_end(vm);
}

TEST(vfio_v7, detach_unbinds_every_pasid_of_the_group)
{
	struct vm *vm = vm_start_simple("v7", VM_VTD_SCALABLE);
	long c = vm_open_container(vm), g = vm_join(vm, c, 1);

	for (int round = 0; round < 2; round++) {
		EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, NESTING), 0);
		vm_map_guest(vm, c);
		for (int i = 1; i <= 3; i++) {
			EXPECT_EQ(vm_pasid_request_v7(vm, c, ALLOC, 1, 10), i);
			EXPECT_EQ(bind_op(vm, c, BIND, i), 0);
		}
		EXPECT_EQ(vm_ioctl(vm, g, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
		EXPECT_EQ(vm_set_container(vm, g, c), 0);
	}
	vm_end(vm);
}

TEST(vfio_v7, containers_of_a_process_share_its_pasids)
{
	struct vm *vm = vm_start_pair("v7", VM_VTD_SCALABLE, VM_VTD_SCALABLE);
	long a = vm_container_with(vm, NESTING, 1), b = vm_container_with(vm, NESTING, 2);

	vm_map_guest(vm, a);
	vm_map_guest(vm, b);
	EXPECT_EQ(vm_usage(vm).pasid_sets, 1);
	EXPECT_EQ(vm_pasid_request_v7(vm, a, ALLOC, 1, 10), 1);
	EXPECT_EQ(vm_pasid_request_v7(vm, b, ALLOC, 1, 10), 2);
	EXPECT_EQ(bind_op(vm, a, BIND, 2), 0);
	EXPECT_EQ(bind_op(vm, b, BIND, 2), 0);
	vm_end(vm);
}

TEST(vfio_v7, pasid_quota_is_that_of_the_set_s_making)
{
	struct vm *vm = vm_start_with("v7", VM_VTD_SCALABLE, "vfio_iommu_type1.pasid_quota=1");
	long c = vm_container_with(vm, NESTING, 1);

	EXPECT_EQ(vm_pasid_request_v7(vm, c, ALLOC, 1, 10), 1);
	EXPECT_EQ(vm_pasid_request_v7(vm, c, ALLOC, 1, 10), -ENOSPC);
	vm_end(vm);
}
