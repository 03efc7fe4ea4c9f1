// SPDX-License-Identifier: Apache-2.0
/* The machine of the VFIO tests. What it is good for is in the header. */
#include "vfio_fixture.h"

#include "intel_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VM_RAM_SIZE (512 * VM_MIB)
#define VM_SCRATCH_SIZE (8 * VM_KIB)

struct vm {
	struct rig rig;
	struct task *task;
	u64 scratch; /* memory of the process for arguments */
};

/* ---- building ---- */

static void add_unit(struct rig *rig, enum vm_unit unit)
{
	switch (unit) {
	case VM_VTD_SCALABLE:
		rig_add_vtd(rig, CAP_SERVER, ECAP_SERVER);
		break;
	case VM_VTD_PAGE_REQUESTS:
		rig_add_vtd(rig, CAP_SERVER, ECAP_SERVER | ECAP_PAGE_REQUESTS);
		break;
	case VM_VTD_LEGACY:
		rig_add_vtd(rig, CAP_HASWELL, ECAP_HASWELL);
		break;
	case VM_VTD_NARROW:
		rig_add_vtd(rig, CAP_HASWELL_GRAPHICS, ECAP_HASWELL_GRAPHICS);
		break;
	case VM_VTD_NO_REMAPPING:
		rig_add_vtd(rig, CAP_HASWELL, ECAP_HASWELL & ~(1ULL << 3));
		break;
	case VM_SMMU:
		rig_add_smmu(rig);
		break;
	case VM_SMMU_FORMAT_2:
		rig->iommus[rig_add_smmu(rig)].stage1_format = 2;
		break;
	}
}

static void build(struct rig *rig, const struct vm_config *config)
{
	rig_init(rig, config->variant);
	rig->config.plugin = config->plugin;
	rig->config.ram_size = VM_RAM_SIZE;
	memcpy(rig->parameters, config->parameters, sizeof(config->parameters));
	for (size_t i = 0; i < config->unit_count; i++)
		add_unit(rig, config->units[i]);
	for (size_t i = 0; i < config->device_count; i++) {
		const struct vm_device *device = &config->devices[i];

		rig_add_device(rig, (u16)((i + 1) << 8), device->unit, device->group);
		rig->devices[i].host_driver = device->host_driver;
		rig->function_config[i].ats = rig->function_config[i].pri =
			config->units[device->unit] == VM_VTD_PAGE_REQUESTS;
	}
	/* far from what any test maps */
	rig->function_config[0].bar_base = 0x200000000000ULL;
	rig->function_config[0].bar_size = 0x10000;
}

static void start_process(struct vm *vm)
{
	vm_use_task(vm, kernel_task_start(vm->rig.kernel, "vmm"));
}

void vm_use_task(struct vm *vm, struct task *task)
{
	static const u8 touch[VM_SCRATCH_SIZE];

	vm->task = task;
	vm->scratch = vm_memory(vm, VM_SCRATCH_SIZE);
	/*
	 * Bring it in now, so that no allocation that fails on purpose hits the test's own calls.
	 */
	EXPECT_EQ(kernel_user_write(task, vm->scratch, touch, sizeof(touch)), 0);
}

struct vm *vm_start(const struct vm_config *config)
{
	struct vm *vm = calloc(1, sizeof(*vm));

	if (!vm)
		return NULL;
	build(&vm->rig, config);
	if (config->may_fail ? rig_try_boot(&vm->rig) : rig_boot(&vm->rig)) {
		start_process(vm);
		return vm;
	}
	rig_stop(&vm->rig);
	free(vm);
	return NULL;
}

struct vm *vm_start_simple(const char *variant, enum vm_unit unit)
{
	return vm_start_with(variant, unit, NULL);
}

struct vm *vm_start_with(const char *variant, enum vm_unit unit, const char *parameter)
{
	return vm_start(&(struct vm_config){
		.variant = variant,
		.units = { unit },
		.unit_count = 1,
		.devices = { { .group = 1 } },
		.device_count = 1,
		.parameters = { parameter },
	});
}

struct vm *vm_start_pair(const char *variant, enum vm_unit first, enum vm_unit second)
{
	return vm_start(&(struct vm_config){
		.variant = variant,
		.units = { first, second },
		.unit_count = 2,
		.devices = { { .unit = 0, .group = 1 }, { .unit = 1, .group = 2 } },
		.device_count = 2,
	});
}

static void end_process(struct vm *vm)
{
	EXPECT_STREQ(kernel_oops(vm->rig.kernel), NULL);
	kernel_task_exit(vm->task);
	rig_expect_nothing_used(&vm->rig);
	EXPECT_STREQ(kernel_oops(vm->rig.kernel), NULL);
}

void vm_restart_process(struct vm *vm)
{
	end_process(vm);
	start_process(vm);
}

void vm_abandon(struct vm *vm)
{
	rig_stop(&vm->rig);
	free(vm);
}

void vm_end(struct vm *vm)
{
	end_process(vm);
	vm_abandon(vm);
}

struct kernel *vm_kernel(struct vm *vm)
{
	return vm->rig.kernel;
}

struct task *vm_task(struct vm *vm)
{
	return vm->task;
}

struct kernel_usage vm_usage(struct vm *vm)
{
	return rig_usage(&vm->rig);
}

/* ---- system calls ---- */

long vm_open(struct vm *vm, const char *path)
{
	return kernel_open(vm->task, path);
}

long vm_close(struct vm *vm, long fd)
{
	return kernel_close(vm->task, (int)fd);
}

long vm_ioctl(struct vm *vm, long fd, unsigned int cmd, u64 arg)
{
	return kernel_ioctl(vm->task, (int)fd, cmd, arg);
}

long vm_ioctl_data(struct vm *vm, long fd, unsigned int cmd, void *data, size_t len)
{
	long ret;

	EXPECT_EQ(kernel_user_write(vm->task, vm->scratch, data, len), 0);
	ret = vm_ioctl(vm, fd, cmd, vm->scratch);
	EXPECT_EQ(kernel_user_read(vm->task, vm->scratch, data, len), 0);
	return ret;
}

u64 vm_memory(struct vm *vm, u64 size)
{
	return vm_memory_of(vm, size, VM_PAGE, false);
}

u64 vm_memory_of(struct vm *vm, u64 size, u64 page_size, bool read_only)
{
	struct kernel_mmap request = {
		.size = size,
		.page_size = page_size,
		.read_only = read_only,
	};
	long address = kernel_mmap(vm->task, &request);

	EXPECT_GT(address, 0);
	return (u64)address;
}

u64 vm_edge(struct vm *vm, const void *data, size_t len)
{
	u64 address = vm_memory(vm, 2 * VM_PAGE);

	EXPECT_EQ(kernel_munmap(vm->task, address + VM_PAGE, VM_PAGE), 0);
	EXPECT_EQ(kernel_user_write(vm->task, address + VM_PAGE - len, data, len), 0);
	return address + VM_PAGE - len;
}

/* ---- VFIO ---- */

long vm_open_container(struct vm *vm)
{
	long fd = vm_open(vm, "/dev/vfio/vfio");

	EXPECT_GE(fd, 0);
	return fd;
}

long vm_open_group(struct vm *vm, int group)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/vfio/%d", group);
	return vm_open(vm, path);
}

long vm_set_container(struct vm *vm, long group_fd, long container_fd)
{
	int fd = (int)container_fd;

	return vm_ioctl_data(vm, group_fd, VFIO_GROUP_SET_CONTAINER, &fd, sizeof(fd));
}

long vm_get_device_fd(struct vm *vm, long group_fd, const char *name)
{
	char copy[64] = "";

	strncpy(copy, name, sizeof(copy) - 1);
	return vm_ioctl_data(vm, group_fd, VFIO_GROUP_GET_DEVICE_FD, copy, sizeof(copy));
}

long vm_join(struct vm *vm, long container, int group)
{
	long fd = vm_open_group(vm, group);
	long ret;

	EXPECT_GE(fd, 0);
	ret = vm_set_container(vm, fd, container);
	if (!ret)
		return fd;
	vm_close(vm, fd);
	return ret;
}

long vm_container_with(struct vm *vm, int type, int group)
{
	long container = vm_open_container(vm);
	long group_fd = vm_join(vm, container, group);
	long ret;

	EXPECT_GE(group_fd, 0);
	ret = vm_ioctl(vm, container, VFIO_SET_IOMMU, (u64)type);
	if (!ret)
		return container;
	vm_close(vm, group_fd);
	vm_close(vm, container);
	return ret;
}

long vm_map(struct vm *vm, long container, u64 iova, u64 vaddr, u64 size)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = vaddr,
		.iova = iova,
		.size = size,
	};

	return vm_ioctl_data(vm, container, VFIO_IOMMU_MAP_DMA, &map, sizeof(map));
}

long vm_unmap(struct vm *vm, long container, u64 iova, u64 *size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = iova,
		.size = *size,
	};
	long ret = vm_ioctl_data(vm, container, VFIO_IOMMU_UNMAP_DMA, &unmap, sizeof(unmap));

	*size = unmap.size;
	return ret;
}

long vm_get_info(struct vm *vm, long container, void *buf, size_t room)
{
	struct vfio_iommu_type1_info *info = buf;

	memset(buf, 0, room);
	info->argsz = (u32)room;
	return vm_ioctl_data(vm, container, VFIO_IOMMU_GET_INFO, buf, room);
}

const struct vfio_info_cap_header *vm_find_cap(const void *info, unsigned int id)
{
	const struct vfio_iommu_type1_info *head = info;
	u32 offset = head->flags & VFIO_IOMMU_INFO_CAPS ? head->cap_offset : 0;

	while (offset) {
		const struct vfio_info_cap_header *cap =
			(const void *)((const char *)info + offset);

		if (cap->id == id)
			return cap;
		offset = cap->next;
	}
	return NULL;
}

long vm_info_has_cap(struct vm *vm, long container, unsigned int id, bool *has)
{
	u64 buf[128];
	long ret = vm_get_info(vm, container, buf, sizeof(buf));

	*has = !ret && vm_find_cap(buf, id);
	return ret;
}

/* ---- the series ---- */

void vm_map_guest(struct vm *vm, long container)
{
	u64 memory = vm_memory(vm, 16 * VM_PAGE);

	/* Pages 1 to 4 are the levels from the top down; each entry: present, writable, user. */
	for (u64 page = 1; page <= 4; page++) {
		u64 entry = (page + 1) * VM_PAGE | 7;

		EXPECT_EQ(kernel_user_write(vm->task, memory + page * VM_PAGE, &entry, 8), 0);
	}
	EXPECT_EQ(vm_map(vm, container, 0, memory, 16 * VM_PAGE), 0);
}

struct iommu_gpasid_bind_data_v1 vm_bind_data_v1(u32 pasid)
{
	return (struct iommu_gpasid_bind_data_v1){
		.version = IOMMU_GPASID_BIND_VERSION_1,
		.format = IOMMU_PASID_FORMAT_INTEL_VTD,
		.flags = IOMMU_SVA_GPASID_VAL,
		.gpgd = 0x1000,
		.hpasid = pasid,
		.gpasid = pasid,
		.addr_width = 48,
	};
}

struct iommu_gpasid_bind_data_v7 vm_bind_data_v7(u32 pasid)
{
	return (struct iommu_gpasid_bind_data_v7){
		.argsz = sizeof(struct iommu_gpasid_bind_data_v7),
		.version = IOMMU_GPASID_BIND_VERSION_1,
		.format = IOMMU_PASID_FORMAT_INTEL_VTD,
		.addr_width = 48,
		.flags = IOMMU_SVA_GPASID_VAL,
		.gpgd = 0x1000,
		.hpasid = pasid,
		.gpasid = pasid,
	};
}

long vm_pasid_alloc_v1(struct vm *vm, long container, u32 min, u32 max)
{
	struct vfio_iommu_type1_pasid_request_v1 request = {
		.argsz = sizeof(request),
		.flags = VFIO_IOMMU_PASID_ALLOC,
		.alloc_pasid = { .min = min, .max = max },
	};
	long ret = vm_ioctl_data(vm, container, VFIO_IOMMU_PASID_REQUEST_V1, &request,
				 sizeof(request));

	return ret ? ret : (long)request.alloc_pasid.result;
}

long vm_pasid_free_v1(struct vm *vm, long container, u32 pasid)
{
	struct vfio_iommu_type1_pasid_request_v1 request = {
		.argsz = sizeof(request),
		.flags = VFIO_IOMMU_PASID_FREE,
		.free_pasid = pasid,
	};

	return vm_ioctl_data(vm, container, VFIO_IOMMU_PASID_REQUEST_V1, &request, sizeof(request));
}

long vm_bind_v1(struct vm *vm, long container, u32 flags,
		const struct iommu_gpasid_bind_data_v1 *data)
{
	struct {
		u32 argsz;
		u32 flags;
		struct iommu_gpasid_bind_data_v1 data;
	} bind = { .argsz = sizeof(bind), .flags = flags, .data = *data };

	return vm_ioctl_data(vm, container, VFIO_IOMMU_BIND_V1, &bind, sizeof(bind));
}

long vm_pasid_request_v7(struct vm *vm, long container, u32 flags, u32 min, u32 max)
{
	struct vfio_iommu_type1_pasid_request_v7 request = {
		.argsz = sizeof(request),
		.flags = flags,
		.range = { .min = min, .max = max },
	};

	return vm_ioctl_data(vm, container, VFIO_IOMMU_PASID_REQUEST_V7, &request, sizeof(request));
}

long vm_nesting_op_v7(struct vm *vm, long container, u32 flags, const void *data, size_t len)
{
	u8 op[256] = { 0 };
	u32 header[2] = { (u32)(sizeof(header) + len), flags };

	memcpy(op, header, sizeof(header));
	memcpy(op + sizeof(header), data, len);
	return vm_ioctl_data(vm, container, VFIO_IOMMU_NESTING_OP_V7, op, sizeof(header) + len);
}

/* ---- hardware ---- */

enum dma_status vm_dma(struct vm *vm, size_t device, u64 address, void *buf, size_t len, bool write)
{
	const struct dma_request request = {
		.address = { address },
		.len = len,
		.access = write ? ACCESS_WRITE : ACCESS_READ,
	};

	return rig_dma(&vm->rig, (unsigned int)device, &request, buf).status;
}

enum dma_status vm_dma_pasid(struct vm *vm, size_t device, u32 pasid, u64 address)
{
	const struct dma_request request = {
		.address = { address },
		.len = 4,
		.access = ACCESS_READ,
		.has_pasid = true,
		.pasid = pasid,
	};
	u32 word;

	return rig_dma(&vm->rig, (unsigned int)device, &request, &word).status;
}

enum pri_status vm_page_request(struct vm *vm, size_t device, u32 pasid, u16 group)
{
	const struct page_request request = {
		.has_pasid = true,
		.pasid = pasid,
		.address = 0x5000,
		.read = true,
		.group = group,
		.last = true,
	};

	return pcie_page_request(vm->rig.functions[device], &request);
}

struct pri_state vm_pri_state(struct vm *vm, size_t device)
{
	return pcie_pri_state(vm->rig.functions[device]);
}

u32 vm_config_read(struct vm *vm, size_t device, unsigned int offset, unsigned int size)
{
	return pcie_config_read(vm->rig.functions[device], offset, size);
}
