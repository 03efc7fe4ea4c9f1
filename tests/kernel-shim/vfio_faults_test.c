// SPDX-License-Identifier: Apache-2.0
/*
 * Page requests at a device's file: what a VMM reads and answers in kernels that hold the nesting series, and what is left
 * when it closes the file.
 */
#include "vfio_fixture.h"

#include <uapi/linux/iommu_fault.h>

#define NESTING VFIO_TYPE1_NESTING_IOMMU
#define PASID 7u
#define DEVICE "0000:01:00.0"
#define FAULTS_MAX 512

/* A nesting container with the device open and, in version 1, a PASID bound to it. */
struct vmm {
	struct vm *vm;
	long container, device;
};

static struct vmm start(const char *variant)
{
	struct vmm vmm = { .vm = vm_start_simple(variant, VM_VTD_PAGE_REQUESTS) };
	long group;

	vmm.container = vm_open_container(vmm.vm);
	group = vm_join(vmm.vm, vmm.container, 1);
	EXPECT_EQ(vm_ioctl(vmm.vm, vmm.container, VFIO_SET_IOMMU, NESTING), 0);
	vmm.device = vm_get_device_fd(vmm.vm, group, DEVICE);
	EXPECT_GE(vmm.device, 0);
	return vmm;
}

static struct vmm start_bound(void)
{
	struct vmm vmm = start("v1");
	struct iommu_gpasid_bind_data_v1 data = vm_bind_data_v1(PASID);

	vm_map_guest(vmm.vm, vmm.container);
	EXPECT_EQ(vm_pasid_alloc_v1(vmm.vm, vmm.container, PASID, PASID), PASID);
	EXPECT_EQ(vm_bind_v1(vmm.vm, vmm.container, VFIO_IOMMU_BIND_GUEST_PGTBL, &data), 0);
	return vmm;
}

static long read_fault(const struct vmm *vmm, long fd, struct iommu_fault *fault)
{
	return kernel_fault_read(vm_task(vmm->vm), (int)fd, fault);
}

static long respond(const struct vmm *vmm, long fd, u32 group)
{
	const struct iommu_page_response response = {
		.version = IOMMU_PAGE_RESP_VERSION_1,
		.flags = IOMMU_PAGE_RESP_PASID_VALID,
		.pasid = PASID,
		.grpid = group,
	};

	return kernel_page_response(vm_task(vmm->vm), (int)fd, &response);
}

TEST(vfio_faults, are_read_in_their_order_and_answered)
{
	struct vmm vmm = start_bound();
	struct iommu_fault fault;

	EXPECT_EQ(read_fault(&vmm, vmm.device, &fault), -EAGAIN);
	EXPECT_EQ(vm_page_request(vmm.vm, 0, PASID, 5), PRI_SENT);
	EXPECT_EQ(vm_page_request(vmm.vm, 0, PASID, 6), PRI_SENT);
	EXPECT_EQ(read_fault(&vmm, vmm.device, &fault), 0);
	EXPECT_EQ(fault.type, IOMMU_FAULT_PAGE_REQ);
	EXPECT_EQ(fault.prm.grpid, 5);
	EXPECT_EQ(fault.prm.pasid, PASID);
	EXPECT_EQ(fault.prm.addr, 0x5000);
	EXPECT_EQ(read_fault(&vmm, vmm.device, &fault), 0);
	EXPECT_EQ(fault.prm.grpid, 6);
	EXPECT_EQ(read_fault(&vmm, vmm.device, &fault), -EAGAIN);
	EXPECT_EQ(respond(&vmm, vmm.device, 6), 0);
	EXPECT_EQ(respond(&vmm, vmm.device, 6), -EINVAL);
	EXPECT_EQ(respond(&vmm, vmm.device, 5), 0);
	EXPECT_EQ(vm_pri_state(vmm.vm, 0).outstanding, 0);
	EXPECT_EQ(vm_pri_state(vmm.vm, 0).response.code, PRI_SUCCESS);
	vm_end(vmm.vm);
}

TEST(vfio_faults, that_are_not_answered_are_invalid_when_the_file_is_closed)
{
	struct vmm vmm = start_bound();
	struct iommu_fault fault;

	EXPECT_EQ(vm_page_request(vmm.vm, 0, PASID, 5), PRI_SENT);
	EXPECT_EQ(vm_page_request(vmm.vm, 0, PASID, 6), PRI_SENT);
	EXPECT_EQ(read_fault(&vmm, vmm.device, &fault), 0);
	EXPECT_EQ(vm_close(vmm.vm, vmm.device), 0);
	EXPECT_EQ(vm_pri_state(vmm.vm, 0).outstanding, 0);
	EXPECT_EQ(vm_pri_state(vmm.vm, 0).response.code, PRI_INVALID_REQUEST);
	/* and from now on nobody takes any */
	EXPECT_EQ(vm_page_request(vmm.vm, 0, PASID, 7), PRI_SENT);
	EXPECT_EQ(vm_pri_state(vmm.vm, 0).outstanding, 0);
	vm_end(vmm.vm);
}

TEST(vfio_faults, go_to_a_device_as_long_as_any_file_of_it_is_open)
{
	struct vmm vmm = start_bound();
	struct iommu_fault fault;
	long group, second;

	/* the group's file is open already: its descriptor is the one after the container's */
	group = vmm.container + 1;
	second = vm_get_device_fd(vmm.vm, group, DEVICE);
	EXPECT_GE(second, 0);
	EXPECT_EQ(vm_page_request(vmm.vm, 0, PASID, 5), PRI_SENT);
	EXPECT_EQ(vm_close(vmm.vm, vmm.device), 0);
	EXPECT_EQ(read_fault(&vmm, second, &fault), 0);
	EXPECT_EQ(respond(&vmm, second, 5), 0);
	vm_end(vmm.vm);
}

TEST(vfio_faults, nothing_is_left_of_a_process_that_ends_with_some)
{
	struct vmm vmm = start_bound();

	EXPECT_EQ(vm_page_request(vmm.vm, 0, PASID, 5), PRI_SENT);
	vm_restart_process(vmm.vm);
	EXPECT_EQ(vm_pri_state(vmm.vm, 0).outstanding, 0);
	vm_end(vmm.vm);
}

TEST(vfio_faults, beyond_those_that_may_wait_are_invalid)
{
	struct vmm vmm = start_bound();
	struct iommu_fault fault;
	unsigned int i;

	for (i = 0; i < FAULTS_MAX; i++) {
		EXPECT_EQ(vm_page_request(vmm.vm, 0, PASID, 5), PRI_SENT);
		EXPECT_EQ(respond(&vmm, vmm.device, 5), 0);
	}
	EXPECT_EQ(vm_page_request(vmm.vm, 0, PASID, 5), PRI_SENT);
	EXPECT_EQ(vm_pri_state(vmm.vm, 0).response.code, PRI_INVALID_REQUEST);
	EXPECT_EQ(read_fault(&vmm, vmm.device, &fault), 0);
	EXPECT_EQ(vm_page_request(vmm.vm, 0, PASID, 5), PRI_SENT);
	EXPECT_EQ(vm_pri_state(vmm.vm, 0).outstanding, 1);
	vm_end(vmm.vm);
}

TEST(vfio_faults, are_for_device_files)
{
	struct vmm vmm = start_bound();
	struct iommu_fault fault;

	EXPECT_EQ(read_fault(&vmm, vmm.container, &fault), -ENOTTY);
	EXPECT_EQ(respond(&vmm, vmm.container, 5), -ENOTTY);
	EXPECT_EQ(read_fault(&vmm, 99, &fault), -EBADF);
	EXPECT_EQ(respond(&vmm, 99, 5), -EBADF);
	vm_end(vmm.vm);
}

struct variant_row {
	const char *variant;
	long result;
};

static const struct variant_row variant_rows[] = {
	{ "upstream", -ENOTTY },        { "mainline", -ENOTTY }, { "v1", -EAGAIN },
	{ "v1-attach-check", -EAGAIN }, { "v7", -EAGAIN },
};

TEST_WITH_NAMED_PARAMS(vfio_faults, are_there_in_kernels_with_the_series, struct variant_row,
		       variant_rows, variant)
{
	struct vmm vmm = start(param->variant);
	struct iommu_fault fault;

	EXPECT_EQ(read_fault(&vmm, vmm.device, &fault), param->result);
	EXPECT_EQ(respond(&vmm, vmm.device, 5), param->result == -ENOTTY ? -ENOTTY : -EINVAL);
	vm_end(vmm.vm);
}

TEST(vfio_faults, a_device_that_is_reset_asks_again)
{
	struct vmm vmm = start_bound();
	struct iommu_fault fault;

	EXPECT_EQ(vm_page_request(vmm.vm, 0, PASID, 5), PRI_SENT);
	EXPECT_EQ(vm_ioctl(vmm.vm, vmm.device, VFIO_DEVICE_RESET, 0), 0);
	EXPECT_EQ(vm_pri_state(vmm.vm, 0).outstanding, 0);
	EXPECT_EQ(vm_page_request(vmm.vm, 0, PASID, 8), PRI_SENT);
	EXPECT_EQ(read_fault(&vmm, vmm.device, &fault), 0);
	EXPECT_EQ(fault.prm.grpid, 5);
	/* what it asked before its reset it does not remember */
	EXPECT_EQ(respond(&vmm, vmm.device, 5), 0);
	EXPECT_TRUE(vm_pri_state(vmm.vm, 0).unexpected_group);
	EXPECT_EQ(respond(&vmm, vmm.device, 8), 0);
	EXPECT_EQ(vm_pri_state(vmm.vm, 0).outstanding, 0);
	vm_end(vmm.vm);
}
