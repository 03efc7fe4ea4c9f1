// SPDX-License-Identifier: Apache-2.0
/*
 * type1 of the nesting series' version 1, with its mistakes, and with the check at attach that ends
 * them.
 */
#include "vfio_fixture.h"

#include <string.h>

#define NESTING VFIO_TYPE1_NESTING_IOMMU
#define BIND VFIO_IOMMU_BIND_GUEST_PGTBL
#define UNBIND VFIO_IOMMU_UNBIND_GUEST_PGTBL

/* The nesting capability; the ioctl's result. */
static long get_nesting(struct vm *vm, long c, struct vfio_iommu_type1_info_cap_nesting_v1 *cap)
{
	const struct vfio_info_cap_header *header;
	u64 buf[128];
	long ret = vm_get_info(vm, c, buf, sizeof(buf));

	memset(cap, 0, sizeof(*cap));
	if (ret)
		return ret;
	header = vm_find_cap(buf, VFIO_IOMMU_TYPE1_INFO_CAP_NESTING_V1);
	EXPECT_NE(header, NULL);
	if (header)
		memcpy(cap, header, sizeof(*cap));
	return 0;
}

struct format_row {
	const char *rule;
	enum vm_unit unit;
	int type;
	long result;
	u32 capabilities, formats;
};

static const struct format_row format_rows[] = {
	{ "nesting on VT-d", VM_VTD_SCALABLE, NESTING, 0, VFIO_IOMMU_PASID_REQS, 1 },
	{ "every container has it", VM_VTD_SCALABLE, VFIO_TYPE1v2_IOMMU, 0, 0, 1 },
	{ "hardware without nesting too", VM_VTD_LEGACY, VFIO_TYPE1_IOMMU, 0, 0, 1 },
	{ "a format that is not VT-d's", VM_SMMU_FORMAT_2, NESTING, 0, VFIO_IOMMU_PASID_REQS, 2 },
	{ "no format, nesting", VM_SMMU, NESTING, -EINVAL, 0, 0 },
	{ "no format, an ordinary container", VM_SMMU, VFIO_TYPE1v2_IOMMU, -EINVAL, 0, 0 },
};

TEST_WITH_NAMED_PARAMS(vfio_v1, info_has_one_format_or_fails, struct format_row, format_rows, rule)
{
	struct vm *vm = vm_start_simple("v1", param->unit);
	struct vfio_iommu_type1_info_cap_nesting_v1 cap;
	long c = vm_container_with(vm, param->type, 1);

	EXPECT_EQ(get_nesting(vm, c, &cap), param->result);
	EXPECT_EQ(cap.nesting_capabilities, param->capabilities);
	EXPECT_EQ(cap.stage1_formats, param->formats);
	EXPECT_EQ(cap.header.version, param->result ? 0 : 1);
	vm_end(vm);
}

struct mixed_row {
	const char *rule;
	enum vm_unit first, second;
	int type;
	long info_v1; /* GET_INFO after the second group */
	long join_check; /* the second group in v1-attach-check */
};

static const struct mixed_row mixed_rows[] = {
	{ "VT-d then an unknown format", VM_VTD_SCALABLE, VM_SMMU, NESTING, -EINVAL, -EINVAL },
	{ "an unknown format then VT-d", VM_SMMU, VM_VTD_SCALABLE, NESTING, -EINVAL, -EINVAL },
	{ "VT-d then another format", VM_VTD_SCALABLE, VM_SMMU_FORMAT_2, NESTING, -EINVAL,
	  -EINVAL },
	{ "another format then VT-d", VM_SMMU_FORMAT_2, VM_VTD_SCALABLE, NESTING, -EINVAL,
	  -EINVAL },
	{ "two of VT-d", VM_VTD_SCALABLE, VM_VTD_SCALABLE, NESTING, 0, 0 },
	{ "two of another format", VM_SMMU_FORMAT_2, VM_SMMU_FORMAT_2, NESTING, 0, 0 },
	{ "two of unknown format", VM_SMMU, VM_SMMU, NESTING, -EINVAL, -EINVAL },
	{ "mixed without nesting", VM_VTD_SCALABLE, VM_SMMU, VFIO_TYPE1v2_IOMMU, -EINVAL, 0 },
};

TEST_WITH_NAMED_PARAMS(vfio_v1, a_second_format_joins_and_info_contradicts_what_it_said,
		       struct mixed_row, mixed_rows, rule)
{
	struct vm *vm = vm_start_pair("v1", param->first, param->second);
	struct vfio_iommu_type1_info_cap_nesting_v1 cap;
	long c = vm_container_with(vm, param->type, 1);
	long before = get_nesting(vm, c, &cap), g = vm_join(vm, c, 2);

	EXPECT_GE(g, 0);
	EXPECT_EQ(get_nesting(vm, c, &cap), param->info_v1);
	/* The offender leaves, and the old answer is true again. */
	EXPECT_EQ(vm_ioctl(vm, g, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
	EXPECT_EQ(get_nesting(vm, c, &cap), before);
	vm_end(vm);
}

TEST_WITH_NAMED_PARAMS(vfio_v1_attach_check, a_nesting_container_keeps_to_one_known_format,
		       struct mixed_row, mixed_rows, rule)
{
	struct vm *vm = vm_start_pair("v1-attach-check", param->first, param->second);
	u64 vaddr = vm_memory(vm, VM_PAGE), before[128], after[128];
	long c = vm_container_with(vm, param->type, 1), g;
	struct kernel_usage usage;
	u32 word = 0;

	EXPECT_EQ(vm_map(vm, c, 0, vaddr, VM_PAGE), 0);
	vm_get_info(vm, c, before, sizeof(before));
	usage = vm_usage(vm);
	g = vm_join(vm, c, 2);
	EXPECT_EQ(g < 0 ? g : 0, param->join_check);
	if (param->join_check) {
		/* Refused: the container is as it was, and the group may go elsewhere. */
		vm_get_info(vm, c, after, sizeof(after));
		EXPECT_MEMEQ(after, before, sizeof(after));
		EXPECT_EQ(vm_usage(vm).domains, usage.domains);
		EXPECT_EQ(vm_usage(vm).slab_objects, usage.slab_objects);
		EXPECT_EQ(vm_dma(vm, 0, 0, &word, 4, true), DMA_OK);
		EXPECT_GE(vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 2), 0);
	}
	vm_end(vm);
}

TEST(vfio_v1_attach_check, refuses_also_when_set_iommu_finds_both_groups)
{
	struct vm *vm = vm_start_pair("v1-attach-check", VM_VTD_SCALABLE, VM_SMMU);
	long c = vm_open_container(vm);

	EXPECT_GE(vm_join(vm, c, 1), 0);
	EXPECT_GE(vm_join(vm, c, 2), 0);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, NESTING), -EINVAL);
	EXPECT_EQ(vm_usage(vm).domains, 0);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	vm_end(vm);
}

/* ---- PASIDs ---- */

TEST(vfio_v1, pasids_are_the_lowest_free_in_the_range)
{
	struct vm *vm = vm_start_simple("v1", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);

	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 100, 101), 100);
	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 100, 101), 101);
	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 100, 101), -EFAULT);
	EXPECT_EQ(vm_pasid_free_v1(vm, c, 100), 0);
	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 100, 101), 100);
	EXPECT_EQ(vm_usage(vm).pasids, 2);
	vm_end(vm);
}

struct pasid_row {
	const char *rule;
	u32 argsz, flags;
	long result;
};

static const struct pasid_row pasid_rows[] = {
	{ "argsz is checked up to flags only", 8, VFIO_IOMMU_PASID_ALLOC, 0 },
	{ "argsz short", 7, VFIO_IOMMU_PASID_ALLOC, -EINVAL },
	{ "neither flag", 20, 0, -EINVAL },
	{ "both flags", 20, VFIO_IOMMU_PASID_ALLOC | VFIO_IOMMU_PASID_FREE, -EINVAL },
	{ "unknown flag", 20, VFIO_IOMMU_PASID_ALLOC | 4, -EINVAL },
};

TEST_WITH_NAMED_PARAMS(vfio_v1, pasid_request_checks_its_argument, struct pasid_row, pasid_rows,
		       rule)
{
	struct vm *vm = vm_start_simple("v1", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);
	struct vfio_iommu_type1_pasid_request_v1 request = {
		.argsz = param->argsz,
		.flags = param->flags,
		.alloc_pasid = { .min = 1, .max = 100 },
	};

	EXPECT_EQ(vm_ioctl_data(vm, c, VFIO_IOMMU_PASID_REQUEST_V1, &request, sizeof(request)),
		  param->result);
	EXPECT_EQ(vm_usage(vm).pasids, param->result ? 0 : 1);
	vm_end(vm);
}

TEST(vfio_v1, pasid_request_beyond_memory_is_EFAULT)
{
	struct vm *vm = vm_start_simple("v1", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);
	u32 header[2] = { 20, VFIO_IOMMU_PASID_ALLOC };

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_PASID_REQUEST_V1, 0), -EFAULT);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_PASID_REQUEST_V1, vm_edge(vm, header, 8)), -EFAULT);
	header[1] = 0; /* neither flag: noticed last of all */
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_PASID_REQUEST_V1, vm_edge(vm, header, 8)), -EFAULT);
	vm_end(vm);
}

TEST(vfio_v1, pasid_quota_is_read_again_at_each_allocation)
{
	struct vm *vm = vm_start_with("v1", VM_VTD_SCALABLE, "vfio_iommu_type1.pasid_quota=2");
	long c = vm_container_with(vm, NESTING, 1);

	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 1, 100), 1);
	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 1, 100), 2);
	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 1, 100), -EFAULT);
	EXPECT_EQ(kernel_set_parameter(vm_kernel(vm), "vfio_iommu_type1.pasid_quota", "3"), 0);
	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 1, 100), 3);
	EXPECT_EQ(kernel_set_parameter(vm_kernel(vm), "vfio_iommu_type1.pasid_quota", "1"), 0);
	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 1, 100), -EFAULT);
	vm_end(vm);
}

TEST(vfio_v1, pasid_quota_is_1000_by_default)
{
	struct vm *vm = vm_start_simple("v1", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);

	for (int i = 1; i <= 1000; i++)
		ASSERT_EQ(vm_pasid_alloc_v1(vm, c, 1, 2000), i);
	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 1, 2000), -EFAULT);
	vm_end(vm);
}

TEST(vfio_v1, a_pasid_that_is_not_one_s_own_cannot_be_freed)
{
	struct vm *vm = vm_start_pair("v1", VM_VTD_SCALABLE, VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);
	struct task *first = vm_task(vm), *second = kernel_task_start(vm_kernel(vm), "other");

	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 7, 7), 7);
	EXPECT_EQ(vm_pasid_free_v1(vm, c, 8), -ENOENT);
	vm_use_task(vm, second);
	c = vm_container_with(vm, NESTING, 2);
	EXPECT_EQ(vm_pasid_free_v1(vm, c, 7), -EACCES);
	EXPECT_EQ(vm_pasid_alloc_v1(vm, c, 7, 7), -EFAULT);
	EXPECT_EQ(vm_usage(vm).pasid_sets, 2);
	kernel_task_exit(second);
	vm_use_task(vm, first);
	vm_end(vm);
}

TEST(vfio_v1, containers_of_a_process_share_its_pasids_and_the_last_one_frees_them)
{
	struct vm *vm = vm_start_pair("v1", VM_VTD_SCALABLE, VM_VTD_SCALABLE);
	long a = vm_open_container(vm), b = vm_open_container(vm);
	long ga = vm_join(vm, a, 1), gb = vm_join(vm, b, 2);

	EXPECT_EQ(vm_usage(vm).pasid_sets, 0);
	EXPECT_EQ(vm_ioctl(vm, a, VFIO_SET_IOMMU, NESTING), 0);
	EXPECT_EQ(vm_ioctl(vm, b, VFIO_SET_IOMMU, NESTING), 0);
	EXPECT_EQ(vm_usage(vm).pasid_sets, 1);
	EXPECT_EQ(vm_pasid_alloc_v1(vm, a, 1, 10), 1);
	EXPECT_EQ(vm_pasid_alloc_v1(vm, b, 1, 10), 2);
	EXPECT_EQ(vm_pasid_free_v1(vm, b, 1), 0);
	EXPECT_EQ(vm_pasid_alloc_v1(vm, a, 1, 10), 1);

	EXPECT_EQ(vm_close(vm, ga), 0);
	EXPECT_EQ(vm_usage(vm).pasids, 2);
	EXPECT_EQ(vm_close(vm, gb), 0);
	EXPECT_EQ(vm_usage(vm).pasids, 0);
	EXPECT_EQ(vm_usage(vm).pasid_sets, 0);
	vm_end(vm);
}

/* ---- bind ---- */

TEST(vfio_v1, bind_unbind_and_bind_again)
{
	struct vm *vm = vm_start_simple("v1", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);
	long pasid = vm_pasid_alloc_v1(vm, c, 1, 10);
	struct iommu_gpasid_bind_data_v1 data = vm_bind_data_v1((u32)pasid);

	vm_map_guest(vm, c);
	EXPECT_EQ(vm_bind_v1(vm, c, BIND, &data), 0);
	EXPECT_EQ(vm_dma_pasid(vm, 0, (u32)pasid, 0), DMA_OK);
	EXPECT_EQ(vm_dma_pasid(vm, 0, (u32)pasid, VM_PAGE), DMA_FAULT);
	EXPECT_EQ(vm_bind_v1(vm, c, UNBIND, &data), 0);
	EXPECT_NE(vm_dma_pasid(vm, 0, (u32)pasid, 0), DMA_OK);
	EXPECT_EQ(vm_bind_v1(vm, c, BIND, &data), 0);
	EXPECT_EQ(vm_dma_pasid(vm, 0, (u32)pasid, 0), DMA_OK);
	vm_end(vm);
}

TEST(vfio_v1, a_second_bind_is_EBUSY_and_its_undo_takes_the_first_one)
{
	struct vm *vm = vm_start_simple("v1", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);
	long pasid = vm_pasid_alloc_v1(vm, c, 1, 10);
	struct iommu_gpasid_bind_data_v1 data = vm_bind_data_v1((u32)pasid);

	vm_map_guest(vm, c);
	EXPECT_EQ(vm_bind_v1(vm, c, BIND, &data), 0);
	EXPECT_EQ(vm_bind_v1(vm, c, BIND, &data), -EBUSY);
	EXPECT_EQ(vm_bind_v1(vm, c, BIND, &data), 0);
	vm_end(vm);
}

struct walk_row {
	const char *rule;
	enum vm_unit first, second;
	long result;
	bool bound; /* the VT-d device, afterwards */
};

static const struct walk_row walk_rows[] = {
	/* The newest domain is asked first, and the last one asked answers. */
	{ "VT-d first, SMMU second: success is reported", VM_VTD_SCALABLE, VM_SMMU, 0, true },
	{ "SMMU first, VT-d second: ENODEV and all undone", VM_SMMU, VM_VTD_SCALABLE, -ENODEV,
	  false },
};

TEST_WITH_NAMED_PARAMS(vfio_v1, bind_tells_the_result_of_the_oldest_domain_only, struct walk_row,
		       walk_rows, rule)
{
	struct vm *vm = vm_start_pair("v1", param->first, param->second);
	long c = vm_container_with(vm, NESTING, 1);
	struct iommu_gpasid_bind_data_v1 data;
	size_t vtd = param->first == VM_SMMU ? 1 : 0, smmu = 1 - vtd;

	vm_map_guest(vm, c);
	EXPECT_GE(vm_join(vm, c, 2), 0);
	data = vm_bind_data_v1((u32)vm_pasid_alloc_v1(vm, c, 1, 10));
	EXPECT_EQ(vm_bind_v1(vm, c, BIND, &data), param->result);
	/* Whatever user space was told, the SMMU's device has no binding. */
	EXPECT_EQ(vm_dma_pasid(vm, vtd, (u32)data.hpasid, 0) == DMA_OK, param->bound);
	EXPECT_NE(vm_dma_pasid(vm, smmu, (u32)data.hpasid, 0), DMA_OK);
	/*
	 * A second bind tells whether the VT-d device has the first one: EBUSY, or the same again.
	 */
	EXPECT_EQ(vm_bind_v1(vm, c, BIND, &data), param->bound ? -EBUSY : param->result);
	vm_end(vm);
}

struct bind_row {
	const char *rule;
	u32 argsz, flags, version;
	long result;
};

static const struct bind_row bind_rows[] = {
	{ "argsz is checked up to flags only", 8, BIND, 1, 0 },
	{ "argsz short", 7, BIND, 1, -EINVAL },
	{ "neither flag", 8, 0, 1, -EINVAL },
	{ "both flags", 8, BIND | UNBIND, 1, -EINVAL },
	{ "unknown version", 8, BIND, 2, -ENOMEM },
	{ "version 0", 8, BIND, 0, -ENOMEM },
};

TEST_WITH_NAMED_PARAMS(vfio_v1, bind_checks_its_argument, struct bind_row, bind_rows, rule)
{
	struct vm *vm = vm_start_simple("v1", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);
	struct {
		u32 argsz, flags;
		struct iommu_gpasid_bind_data_v1 data;
	} bind = {
		.argsz = param->argsz,
		.flags = param->flags,
		.data = vm_bind_data_v1((u32)vm_pasid_alloc_v1(vm, c, 1, 10)),
	};

	bind.data.version = param->version;
	vm_map_guest(vm, c);
	EXPECT_EQ(vm_ioctl_data(vm, c, VFIO_IOMMU_BIND_V1, &bind, sizeof(bind)), param->result);
	vm_end(vm);
}

TEST(vfio_v1, bind_beyond_memory_is_EFAULT)
{
	struct vm *vm = vm_start_simple("v1", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);
	u32 words[3] = { 8, BIND, 1 };

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_BIND_V1, 0), -EFAULT);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_BIND_V1, vm_edge(vm, words, 8)), -EFAULT);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_BIND_V1, vm_edge(vm, words, 12)), -EFAULT);
	vm_end(vm);
}

TEST(vfio_v1, binding_outside_a_nesting_container_is_refused_by_the_driver)
{
	struct vm *vm = vm_start_simple("v1", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	long pasid = vm_pasid_alloc_v1(vm, c, 1, 10);
	struct iommu_gpasid_bind_data_v1 data = vm_bind_data_v1((u32)pasid);

	vm_map_guest(vm, c);
	EXPECT_GT(pasid, 0);
	EXPECT_EQ(vm_bind_v1(vm, c, BIND, &data), -EINVAL);
	vm_end(vm);
}

TEST(vfio_v1, a_reset_of_the_device_keeps_its_pasids)
{
	struct vm *vm = vm_start_simple("v1", VM_VTD_SCALABLE);
	long c = vm_open_container(vm), g = vm_join(vm, c, 1), d;
	struct iommu_gpasid_bind_data_v1 data;

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, NESTING), 0);
	vm_map_guest(vm, c);
	data = vm_bind_data_v1((u32)vm_pasid_alloc_v1(vm, c, 1, 10));
	EXPECT_EQ(vm_bind_v1(vm, c, BIND, &data), 0);
	d = vm_get_device_fd(vm, g, "0000:01:00.0");
	EXPECT_EQ(vm_ioctl(vm, d, VFIO_DEVICE_RESET, 0), 0);
	EXPECT_EQ(vm_dma_pasid(vm, 0, (u32)data.hpasid, 0), DMA_OK);
	vm_end(vm);
}

TEST(vfio_v1, closing_with_pasids_bound_frees_them)
{
	struct vm *vm = vm_start_simple("v1", VM_VTD_SCALABLE);

	for (int i = 0; i < 3; i++) {
		long c = vm_container_with(vm, NESTING, 1);
		struct iommu_gpasid_bind_data_v1 data =
			vm_bind_data_v1((u32)vm_pasid_alloc_v1(vm, c, 1, 10));

		vm_map_guest(vm, c);
		EXPECT_EQ(vm_bind_v1(vm, c, BIND, &data), 0);
		vm_restart_process(vm);
	}
	vm_end(vm);
}

/* ---- cache invalidation ---- */

struct invalidate {
	u32 argsz, flags;
	struct iommu_cache_invalidate_info_v1 info;
};

static long invalidate(struct vm *vm, long c, struct invalidate *request)
{
	return vm_ioctl_data(vm, c, VFIO_IOMMU_CACHE_INVALIDATE_V1, request, sizeof(*request));
}

TEST(vfio_v1, cache_invalidate_checks_its_argument)
{
	struct vm *vm = vm_start_simple("v1", VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);
	struct invalidate request = { .argsz = 7, .info = { .version = 1 } };

	EXPECT_EQ(invalidate(vm, c, &request), -EINVAL);
	request.argsz = 8;
	request.flags = 1;
	EXPECT_EQ(invalidate(vm, c, &request), -EINVAL);
	request.flags = 0;
	request.info.version = 2;
	EXPECT_EQ(invalidate(vm, c, &request), -ENOMEM);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_CACHE_INVALIDATE_V1, 0), -EFAULT);
	request.info.version = 1;
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_CACHE_INVALIDATE_V1, vm_edge(vm, &request, 12)),
		  -EFAULT);
	vm_end(vm);
}

TEST_WITH_NAMED_PARAMS(vfio_v1, cache_invalidate_tells_the_result_of_the_oldest_domain_only,
		       struct walk_row, walk_rows, rule)
{
	struct vm *vm = vm_start_pair("v1", param->first, param->second);
	long c = vm_container_with(vm, NESTING, 1);
	/* No ATS on the device: VT-d refuses with EINVAL, an SMMU with ENODEV. */
	struct invalidate request = {
		.argsz = sizeof(request),
		.info = { .version = 1, .cache = IOMMU_CACHE_INV_TYPE_IOTLB, .granularity = 1 },
	};

	EXPECT_GE(vm_join(vm, c, 2), 0);
	EXPECT_EQ(invalidate(vm, c, &request), param->first == VM_SMMU ? -ENODEV : -EINVAL);
	vm_end(vm);
}

TEST(vfio_v1, unbind_of_what_is_not_bound_tells_the_driver_s_error_or_nothing)
{
	struct vm *vm = vm_start_simple("v1", VM_SMMU);
	long c = vm_container_with(vm, NESTING, 1);
	struct iommu_gpasid_bind_data_v1 data = vm_bind_data_v1(5);

	vm_map_guest(vm, c);
	EXPECT_EQ(vm_bind_v1(vm, c, UNBIND, &data), -ENODEV);
	EXPECT_EQ(vm_bind_v1(vm, c, BIND, &data), -ENODEV);
	vm_end(vm);
}

struct foreign_row {
	const char *variant;
	unsigned int cmd;
};

static const struct foreign_row foreign_rows[] = {
	{ "upstream", VFIO_IOMMU_PASID_REQUEST_V1 },
	{ "upstream", VFIO_IOMMU_BIND_V1 },
	{ "upstream", VFIO_IOMMU_CACHE_INVALIDATE_V1 },
	{ "upstream", VFIO_IOMMU_PASID_REQUEST_V7 },
	{ "mainline", VFIO_IOMMU_BIND_V1 },
	{ "mainline", VFIO_IOMMU_PASID_REQUEST_V7 },
	{ "mainline", VFIO_IOMMU_NESTING_OP_V7 },
	{ "v7", VFIO_IOMMU_BIND_V1 },
	{ "v7", VFIO_IOMMU_PASID_REQUEST_V1 },
	{ "v1", VFIO_IOMMU_PASID_REQUEST_V7 },
	{ "v1", VFIO_IOMMU_NESTING_OP_V7 },
};

TEST_WITH_PARAMS(vfio_variants, do_not_know_each_other_s_ioctls, struct foreign_row, foreign_rows)
{
	struct vm *vm = vm_start_simple(param->variant, VM_VTD_SCALABLE);
	long c = vm_container_with(vm, NESTING, 1);

	EXPECT_EQ(vm_ioctl(vm, c, param->cmd, 0), -ENOTTY);
	vm_end(vm);
}
