// SPDX-License-Identifier: Apache-2.0
/*
 * What the nesting series does as posted, in corners that became visible when our own variants ran
 * beside it: results that get lost, and the coherency and the trial mapping of type1 of its age.
 */
#include "vfio_fixture.h"

#include <stdio.h>

#define NESTING VFIO_TYPE1_NESTING_IOMMU
#define BIND VFIO_IOMMU_BIND_GUEST_PGTBL

/* ---- PASIDs of version 1 ---- */

static void expect_no_pasids(struct vm *vm, long c)
{
	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 1, 100), -EFAULT);
	EXPECT_EQ(vm_pasid_free_v1(vm, c, 1), -EINVAL);
	EXPECT_EQ(vm_usage(vm).pasid_sets, 0);
}

TEST(vfio_posted, v1_opens_a_container_even_if_it_gets_no_pasids)
{
	char nth[8];

	/* the first one is the container's own; all PASIDs, the process', and their set follow */
	for (int i = 2; i <= 4; i++) {
		struct vm *vm = vm_start_simple("v1", VM_VTD_SCALABLE);
		long c = vm_open_container(vm);

		SCOPED_NOTE("allocation %d", i);
		EXPECT_GE(vm_join(vm, c, 1), 0);
		snprintf(nth, sizeof(nth), "%d", i);
		EXPECT_EQ(kernel_set_parameter(vm_kernel(vm), "fault.kmalloc_nth", nth), 0);
		EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, NESTING), 0);
		expect_no_pasids(vm, c);
		vm_end(vm);
	}
}

/* A page to write to with one behind it that can only be read. Where the second one begins. */
static u64 read_only_behind_writable(struct vm *vm)
{
	struct kernel_mmap request = { .address = 0x70000000,
				       .size = VM_PAGE,
				       .page_size = VM_PAGE };

	EXPECT_EQ(kernel_mmap(vm_task(vm), &request), (long)request.address);
	request.address += VM_PAGE;
	request.read_only = true;
	EXPECT_EQ(kernel_mmap(vm_task(vm), &request), (long)request.address);
	return request.address;
}

TEST(vfio_posted, v1_returns_the_bytes_of_a_pasid_that_were_not_copied)
{
	struct vm *vm = vm_start_simple("v1", VM_VTD_SCALABLE);
	const u32 request[] = { 20, VFIO_IOMMU_PASID_ALLOC, 1, 100 }; /* and the result */
	u64 address = read_only_behind_writable(vm) - sizeof(request);
	long c = vm_container_with(vm, NESTING, 1);

	kernel_user_write(vm_task(vm), address, request, sizeof(request));
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_PASID_REQUEST_V1, address), 4);
	EXPECT_EQ(vm_usage(vm).pasids, 1);
	vm_end(vm);
}

static void set_quota(struct vm *vm, const char *quota)
{
	EXPECT_EQ(kernel_set_parameter(vm_kernel(vm), "vfio_iommu_type1.pasid_quota", quota), 0);
}

TEST(vfio_posted, v1_tries_a_quota_below_what_is_in_use_once_and_keeps_the_old_one)
{
	struct vm *vm = vm_start_with("v1", VM_VTD_SCALABLE, "vfio_iommu_type1.pasid_quota=3");
	long c = vm_container_with(vm, NESTING, 1);

	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 1, 100), 1);
	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 1, 100), 2);
	set_quota(vm, "1");
	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 1, 100), 3);
	EXPECT_EQ(vm_pasid_free_v1(vm, c, 1), 0);
	EXPECT_EQ(vm_pasid_free_v1(vm, c, 2), 0);
	EXPECT_EQ(vm_pasid_free_v1(vm, c, 3), 0);
	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 1, 100), 1);
	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 1, 100), 2);
	set_quota(vm, "2");
	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 1, 100), -EFAULT);
	vm_end(vm);
}

/* ---- the type1 below it ---- */

struct coherency_row {
	const char *rule;
	const char *variant;
	enum vm_unit unit;
	long coherent;
};

static const struct coherency_row coherency_rows[] = {
	{ "until 5.19 an SMMU says yes", "upstream", VM_SMMU, 1 },
	{ "v1", "v1", VM_SMMU, 1 },
	{ "v7", "v7", VM_SMMU, 1 },
	{ "since then it cannot enforce it", "mainline", VM_SMMU, 0 },
	{ "a VT-d unit with snoop control", "v7", VM_VTD_SCALABLE, 1 },
	{ "the same, enforced", "mainline", VM_VTD_SCALABLE, 1 },
};

TEST_WITH_NAMED_PARAMS(vfio_posted, coherency_is_what_the_driver_of_the_age_says,
		       struct coherency_row, coherency_rows, rule)
{
	struct vm *vm = vm_start_simple(param->variant, param->unit);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_CHECK_EXTENSION, VFIO_DMA_CC_IOMMU), param->coherent);
	vm_end(vm);
}

struct highest_row {
	const char *rule;
	u64 gpgd;
	long result;
};

/* A trial mapping of two pages was taken away from below. */
static const struct highest_row highest_rows[] = {
	{ "nothing is mapped", 0, 0 },
	{ "up to the second page of the trial", VM_PAGE, 0 },
	{ "behind it", VM_PAGE + 1, -EINVAL },
};

TEST_WITH_NAMED_PARAMS(vfio_posted, guest_tables_may_lie_as_high_as_type1_s_trial_went,
		       struct highest_row, highest_rows, rule)
{
	struct vm *vm = vm_start_simple("v1", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);
	struct iommu_gpasid_bind_data_v1 data =
		vm_bind_data_v1((u32)vm_pasid_alloc_v1(vm, c, 1, 10));

	data.gpgd = param->gpgd;
	EXPECT_EQ(vm_bind_v1(vm, c, BIND, &data), param->result);
	vm_end(vm);
}

/* ---- the order in which an unmap takes mappings ---- */

struct order_row {
	const char *rule;
	const char *variant;
	u64 unmapped; /* pages */
};

/* The range begins inside the mapping at 0; the one at 4 pages is the root of the tree. */
static const struct order_row order_rows[] = {
	{ "nearest to the tree's root first", "v1", 2 },
	{ "v7", "v7", 2 },
	{ "since 5.12 in ascending order", "mainline", 0 },
};

TEST_WITH_NAMED_PARAMS(vfio_posted, an_unmap_of_the_first_type1_stops_where_it_begins_inside,
		       struct order_row, order_rows, rule)
{
	struct vm *vm = vm_start_simple(param->variant, VM_VTD_SCALABLE);
	long c = vm_container_with(vm, VFIO_TYPE1_IOMMU, 1);
	u64 ram = vm_memory(vm, 8 * VM_PAGE), size = 6 * VM_PAGE;

	EXPECT_EQ(vm_map(vm, c, 4 * VM_PAGE, ram, 2 * VM_PAGE), 0);
	EXPECT_EQ(vm_map(vm, c, 0, ram, 2 * VM_PAGE), 0);
	EXPECT_EQ(vm_unmap(vm, c, VM_PAGE, &size), 0);
	EXPECT_EQ(size, param->unmapped * VM_PAGE);
	vm_end(vm);
}
