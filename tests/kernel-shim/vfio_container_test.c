// SPDX-License-Identifier: Apache-2.0
/* /dev/vfio/vfio, /dev/vfio/N and devices: in which order they may be used, and closed. */
#include "vfio_fixture.h"

#include <stdlib.h>
#include <string.h>

/*
 * A group of two devices, one of which has a host driver; a plain one; one that no VFIO device is
 * in.
 */
static struct vm *start_groups(void)
{
	return vm_start(&(struct vm_config){
		.variant = "mainline",
		.units = { VM_VTD_LEGACY },
		.unit_count = 1,
		.devices = { { .group = 1 },
			     { .group = 2 },
			     { .group = 2, .host_driver = true },
			     { .group = 3, .host_driver = true } },
		.device_count = 4,
	});
}

TEST(vfio_container, api_version_is_0)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_open_container(vm);

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_GET_API_VERSION, 0), VFIO_API_VERSION);
	vm_end(vm);
}

TEST(vfio_container, unknown_ioctl_without_iommu_is_EINVAL_and_with_it_ENOTTY)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_open_container(vm);

	EXPECT_EQ(vm_ioctl(vm, c, _IO(VFIO_TYPE, VFIO_BASE + 99), 0), -EINVAL);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_GET_INFO, 0), -EINVAL);
	c = vm_container_with(vm, VFIO_TYPE1v2_IOMMU, 1);
	EXPECT_EQ(vm_ioctl(vm, c, _IO(VFIO_TYPE, VFIO_BASE + 99), 0), -ENOTTY);
	vm_end(vm);
}

TEST(vfio_container, set_iommu_needs_a_group_and_works_once)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_open_container(vm);

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), -EINVAL);
	EXPECT_GE(vm_join(vm, c, 1), 0);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), -EINVAL);
	vm_end(vm);
}

struct type_row {
	u64 type;
	long result;
};

static const struct type_row type_rows[] = {
	{ VFIO_TYPE1_IOMMU, 0 },
	{ VFIO_TYPE1v2_IOMMU, 0 },
	{ VFIO_SPAPR_TCE_IOMMU, -EINVAL },
	{ VFIO_DMA_CC_IOMMU, -EINVAL },
	{ 0, -EINVAL },
	{ VFIO_UNMAP_ALL, -EINVAL },
	{ VFIO_NOIOMMU_IOMMU, -EINVAL },
	{ 1234, -EINVAL },
};

TEST_WITH_PARAMS(vfio_container, set_iommu_takes_type1_types_only, struct type_row, type_rows)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_open_container(vm);

	EXPECT_GE(vm_join(vm, c, 1), 0);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, param->type), param->result);
	EXPECT_EQ(vm_usage(vm).domains, param->result ? 0 : 1);
	vm_end(vm);
}

struct extension_row {
	const char *variant;
	u64 extension;
	long before; /* VFIO_SET_IOMMU */
	long after;
};

static const struct extension_row extension_rows[] = {
	{ "mainline", VFIO_TYPE1_IOMMU, 1, 1 },
	{ "mainline", VFIO_TYPE1v2_IOMMU, 1, 1 },
	{ "mainline", VFIO_TYPE1_NESTING_IOMMU, 1, 1 },
	{ "mainline", VFIO_UNMAP_ALL, 1, 1 },
	{ "mainline", VFIO_UPDATE_VADDR, 0, 1 },
	{ "mainline", VFIO_DMA_CC_IOMMU, 0, 1 },
	{ "mainline", VFIO_SPAPR_TCE_IOMMU, 0, 0 },
	{ "mainline", 4711, 0, 0 },
	{ "upstream", VFIO_TYPE1_NESTING_IOMMU, 1, 1 },
	{ "upstream", VFIO_NESTING_IOMMU_UAPI, 0, 0 },
	{ "upstream", VFIO_UPDATE_VADDR, 0, 0 },
	{ "v1", VFIO_NESTING_IOMMU_UAPI, IOMMU_UAPI_VERSION, IOMMU_UAPI_VERSION },
	{ "v1", VFIO_UPDATE_VADDR, 0, 0 },
	{ "v1-attach-check", VFIO_NESTING_IOMMU_UAPI, 1, 1 },
	{ "v7", VFIO_NESTING_IOMMU_UAPI, 0, 0 },
	{ "v7", VFIO_TYPE1_NESTING_IOMMU, 1, 1 },
};

TEST_WITH_PARAMS(vfio_container, check_extension, struct extension_row, extension_rows)
{
	struct vm *vm = vm_start_simple(param->variant, VM_VTD_LEGACY);
	long c = vm_open_container(vm);

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_CHECK_EXTENSION, param->extension), param->before);
	vm_join(vm, c, 1);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_CHECK_EXTENSION, param->extension), param->after);
	vm_end(vm);
}

TEST(vfio_container, set_iommu_attaches_all_groups_or_none)
{
	/* The second group's unit cannot remap interrupts, so the first one has to leave again. */
	struct vm *vm = vm_start_pair("mainline", VM_VTD_NO_REMAPPING, VM_VTD_LEGACY);
	long c = vm_open_container(vm);

	EXPECT_GE(vm_join(vm, c, 1), 0);
	EXPECT_GE(vm_join(vm, c, 2), 0);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), -EPERM);
	EXPECT_EQ(vm_usage(vm).domains, 0);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_GET_INFO, 0), -EINVAL);
	vm_end(vm);
}

TEST(vfio_group, exists_only_with_a_device_for_vfio)
{
	struct vm *vm = start_groups();

	EXPECT_EQ(vm_open_group(vm, 3), -ENOENT);
	EXPECT_EQ(vm_open_group(vm, 4), -ENOENT);
	EXPECT_GE(vm_open_group(vm, 1), 0);
	vm_end(vm);
}

TEST(vfio_group, opens_once_at_a_time)
{
	struct vm *vm = start_groups();
	long g = vm_open_group(vm, 1);

	EXPECT_EQ(vm_open_group(vm, 1), -EBUSY);
	EXPECT_EQ(vm_close(vm, g), 0);
	EXPECT_GE(vm_open_group(vm, 1), 0);
	vm_end(vm);
}

static long group_flags(struct vm *vm, long g)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	long ret = vm_ioctl_data(vm, g, VFIO_GROUP_GET_STATUS, &status, sizeof(status));

	return ret ? ret : (long)status.flags;
}

TEST(vfio_group, status_tells_viable_and_container_set)
{
	struct vm *vm = start_groups();
	long c = vm_open_container(vm);
	long g1 = vm_open_group(vm, 1), g2 = vm_open_group(vm, 2);

	EXPECT_EQ(group_flags(vm, g1), VFIO_GROUP_FLAGS_VIABLE);
	EXPECT_EQ(group_flags(vm, g2), 0);
	EXPECT_EQ(vm_set_container(vm, g1, c), 0);
	EXPECT_EQ(group_flags(vm, g1), VFIO_GROUP_FLAGS_VIABLE | VFIO_GROUP_FLAGS_CONTAINER_SET);
	vm_end(vm);
}

TEST(vfio_group, status_checks_argsz_and_memory)
{
	struct vm *vm = start_groups();
	struct vfio_group_status status = { .argsz = sizeof(status) - 1 };
	long g = vm_open_group(vm, 1);

	EXPECT_EQ(vm_ioctl_data(vm, g, VFIO_GROUP_GET_STATUS, &status, sizeof(status)), -EINVAL);
	EXPECT_EQ(vm_ioctl(vm, g, VFIO_GROUP_GET_STATUS, 0), -EFAULT);
	vm_end(vm);
}

TEST(vfio_group, a_group_that_is_not_viable_joins_no_container)
{
	struct vm *vm = start_groups();
	long c = vm_open_container(vm);

	EXPECT_EQ(vm_join(vm, c, 2), -EPERM);
	vm_end(vm);
}

TEST(vfio_group, set_container_checks_its_argument)
{
	struct vm *vm = start_groups();
	long c = vm_open_container(vm);
	long g = vm_open_group(vm, 1);

	EXPECT_EQ(vm_ioctl(vm, g, VFIO_GROUP_SET_CONTAINER, 0), -EFAULT);
	EXPECT_EQ(vm_set_container(vm, g, 77), -EBADF);
	EXPECT_EQ(vm_set_container(vm, g, g), -EINVAL);
	EXPECT_EQ(vm_set_container(vm, g, c), 0);
	EXPECT_EQ(vm_set_container(vm, g, c), -EINVAL);
	vm_end(vm);
}

TEST(vfio_group, unset_container_needs_a_container_and_no_open_device)
{
	struct vm *vm = start_groups();
	long c = vm_open_container(vm);
	long g = vm_open_group(vm, 1);
	long d;

	EXPECT_EQ(vm_ioctl(vm, g, VFIO_GROUP_UNSET_CONTAINER, 0), -EINVAL);
	EXPECT_EQ(vm_set_container(vm, g, c), 0);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	d = vm_get_device_fd(vm, g, "0000:01:00.0");
	EXPECT_GE(d, 0);
	EXPECT_EQ(vm_ioctl(vm, g, VFIO_GROUP_UNSET_CONTAINER, 0), -EBUSY);
	EXPECT_EQ(vm_close(vm, d), 0);
	EXPECT_EQ(vm_ioctl(vm, g, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
	EXPECT_EQ(vm_usage(vm).domains, 0);
	vm_end(vm);
}

TEST(vfio_group, the_last_group_takes_the_iommu_with_it_and_another_may_be_set)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_open_container(vm);
	long g = vm_join(vm, c, 1);

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	EXPECT_EQ(vm_ioctl(vm, g, VFIO_GROUP_UNSET_CONTAINER, 0), 0);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_IOMMU_GET_INFO, 0), -EINVAL);
	EXPECT_EQ(vm_set_container(vm, g, c), 0);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU), 0);
	vm_end(vm);
}

TEST(vfio_group, unknown_ioctl_is_ENOTTY)
{
	struct vm *vm = start_groups();

	EXPECT_EQ(vm_ioctl(vm, vm_open_group(vm, 1), VFIO_GET_API_VERSION, 0), -ENOTTY);
	vm_end(vm);
}

TEST(vfio_group, device_fd_needs_the_iommu)
{
	struct vm *vm = start_groups();
	long c = vm_open_container(vm);
	long g = vm_open_group(vm, 1);

	EXPECT_EQ(vm_get_device_fd(vm, g, "0000:01:00.0"), -EINVAL);
	EXPECT_EQ(vm_set_container(vm, g, c), 0);
	EXPECT_EQ(vm_get_device_fd(vm, g, "0000:01:00.0"), -EINVAL);
	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	EXPECT_GE(vm_get_device_fd(vm, g, "0000:01:00.0"), 0);
	vm_end(vm);
}

TEST(vfio_group, device_fd_checks_the_name)
{
	struct vm *vm = start_groups();
	long c = vm_open_container(vm);
	long g = vm_join(vm, c, 1);
	u64 endless = vm_memory(vm, 2 * VM_PAGE);
	char text[256];

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	EXPECT_EQ(vm_get_device_fd(vm, g, "0000:02:00.0"), -ENODEV);
	EXPECT_EQ(vm_get_device_fd(vm, g, ""), -ENODEV);
	EXPECT_EQ(vm_ioctl(vm, g, VFIO_GROUP_GET_DEVICE_FD, 0), -EFAULT);

	memset(text, 'x', sizeof(text));
	for (u64 at = 0; at < 2 * VM_PAGE; at += sizeof(text))
		kernel_user_write(vm_task(vm), endless + at, text, sizeof(text));
	EXPECT_EQ(vm_ioctl(vm, g, VFIO_GROUP_GET_DEVICE_FD, endless), -EINVAL);
	vm_end(vm);
}

struct close_row {
	const char *order; /* c container, g group, d device */
};

static const struct close_row close_rows[] = {
	{ "cgd" }, { "cdg" }, { "gcd" }, { "gdc" }, { "dcg" }, { "dgc" },
};

TEST_WITH_PARAMS(vfio_group, files_may_be_closed_in_any_order, struct close_row, close_rows)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_open_container(vm);
	long g = vm_join(vm, c, 1);
	u64 vaddr = vm_memory(vm, VM_PAGE);
	long d;

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	EXPECT_EQ(vm_map(vm, c, 0, vaddr, VM_PAGE), 0);
	d = vm_get_device_fd(vm, g, "0000:01:00.0");
	for (const char *which = param->order; *which; which++)
		EXPECT_EQ(vm_close(vm, *which == 'c' ? c : *which == 'g' ? g : d), 0);
	EXPECT_EQ(vm_usage(vm).domains, 0);
	EXPECT_EQ(vm_usage(vm).pinned_pages, 0);
	EXPECT_GE(vm_open_group(vm, 1), 0);
	vm_end(vm);
}

TEST(vfio_group, an_open_device_keeps_the_group_open)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	long c = vm_open_container(vm);
	long g = vm_join(vm, c, 1);

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	EXPECT_GE(vm_get_device_fd(vm, g, "0000:01:00.0"), 0);
	EXPECT_EQ(vm_close(vm, g), 0);
	EXPECT_EQ(vm_open_group(vm, 1), -EBUSY);
	EXPECT_EQ(vm_usage(vm).domains, 1);
	vm_end(vm);
}

static long open_device(struct vm *vm)
{
	long c = vm_open_container(vm);
	long g = vm_join(vm, c, 1);

	EXPECT_EQ(vm_ioctl(vm, c, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU), 0);
	return vm_get_device_fd(vm, g, "0000:01:00.0");
}

TEST(vfio_device, info_tells_what_there_is)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	struct vfio_device_info info = { .argsz = sizeof(info), .cap_offset = 99 };
	long d = open_device(vm);

	EXPECT_EQ(vm_ioctl_data(vm, d, VFIO_DEVICE_GET_INFO, &info, sizeof(info)), 0);
	EXPECT_TRUE(info.flags & VFIO_DEVICE_FLAGS_PCI);
	EXPECT_EQ(info.num_regions, 0);
	EXPECT_EQ(info.num_irqs, 0);
	EXPECT_EQ(info.cap_offset, 0);

	info.argsz = 15;
	EXPECT_EQ(vm_ioctl_data(vm, d, VFIO_DEVICE_GET_INFO, &info, sizeof(info)), -EINVAL);
	EXPECT_EQ(vm_ioctl(vm, d, VFIO_DEVICE_GET_INFO, 0), -EFAULT);
	vm_end(vm);
}

TEST(vfio_device, has_neither_regions_nor_interrupts)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	struct vfio_region_info region = { .argsz = sizeof(region) };
	struct vfio_irq_info irq = { .argsz = sizeof(irq) };
	long d = open_device(vm);

	EXPECT_EQ(vm_ioctl_data(vm, d, VFIO_DEVICE_GET_REGION_INFO, &region, sizeof(region)),
		  -EINVAL);
	EXPECT_EQ(vm_ioctl_data(vm, d, VFIO_DEVICE_GET_IRQ_INFO, &irq, sizeof(irq)), -EINVAL);
	EXPECT_EQ(vm_ioctl(vm, d, VFIO_DEVICE_GET_REGION_INFO, 0), -EFAULT);
	EXPECT_EQ(vm_ioctl(vm, d, VFIO_DEVICE_SET_IRQS, 0), -ENOTTY);
	vm_end(vm);
}

TEST(vfio_device, reset_is_there_if_the_function_has_flr_and_keeps_its_command_register_and_bar)
{
	struct vm *vm = vm_start_simple("mainline", VM_VTD_LEGACY);
	struct vfio_device_info info = { .argsz = sizeof(info) };
	long d = open_device(vm);
	u32 command = vm_config_read(vm, 0, 4, 2);

	EXPECT_EQ(vm_ioctl_data(vm, d, VFIO_DEVICE_GET_INFO, &info, sizeof(info)), 0);
	EXPECT_EQ(vm_ioctl(vm, d, VFIO_DEVICE_RESET, 0),
		  info.flags & VFIO_DEVICE_FLAGS_RESET ? 0 : -EINVAL);
	EXPECT_EQ(vm_config_read(vm, 0, 4, 2), command);
	EXPECT_EQ(vm_config_read(vm, 0, 0x10, 4), 0xc);
	EXPECT_EQ(vm_config_read(vm, 0, 0x14, 4), 0x2000);
	vm_end(vm);
}

TEST(vfio_container, does_nothing_for_a_kernel_variant_that_is_not_known)
{
	struct kernel_config config = { .variant = "v99", .ram_size = 64 * VM_MIB };
	struct memory *memory = memory_create(40);
	char *error = NULL;

	config.memory = memory;
	EXPECT_EQ(kernel_boot(&config, &error), NULL);
	EXPECT_STRNE(error, NULL);
	free(error);
	memory_destroy(memory);
}
