// SPDX-License-Identifier: Apache-2.0
/* The machine of the VFIO tests. What it is good for is in the header. */
#include "vfio_fixture.h"

#include "smmuv3/smmuv3.h"
#include "vtd/vtd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VM_RAM_BASE 0x100000000ULL
#define VM_RAM_SIZE (512 * VM_MIB)
#define VM_UNIT_BASE 0xd0000000ULL
#define VM_UNIT_STRIDE 0x100000ULL
#define VM_SCRATCH_SIZE (8 * VM_KIB)

/** Whose end of a port this is. */
struct vm_end_of_port {
	struct vm *vm;
	size_t unit;
};

struct vm {
	struct vm_config config;
	struct memory *memory;
	struct vtd_unit *vtd[VM_MAX];
	struct smmuv3 *smmu[VM_MAX];
	struct pcie_function *functions[VM_MAX];
	struct vm_end_of_port ends[VM_MAX];
	char names[VM_MAX][16];
	struct kernel_firmware_iommu firmware_iommus[VM_MAX];
	struct kernel_firmware_device firmware_devices[VM_MAX];
	struct kernel_config kernel_config;
	struct kernel *kernel;
	struct task *task;
	u64 scratch; /* memory of the process for arguments */
};

/* ---- ports ---- */

static enum port_status port_on_read(void *ctx, hpa_t addr, void *buf, size_t len)
{
	return memory_read(((struct vm *)ctx)->memory, addr, buf, len);
}

static enum port_status port_on_write(void *ctx, hpa_t addr, const void *buf, size_t len)
{
	return memory_write(((struct vm *)ctx)->memory, addr, buf, len);
}

static enum port_status port_on_exchange(void *ctx, hpa_t addr, u64 *expected, u64 desired)
{
	return memory_compare_exchange(((struct vm *)ctx)->memory, addr, expected, desired);
}

static void port_on_interrupt(void *ctx, u64 address, u32 data)
{
	struct vm *vm = ctx;

	if (vm->kernel)
		kernel_interrupt(vm->kernel, address, data);
}

static void port_on_spend(void *ctx, unsigned int cycles)
{
	(void)ctx;
	(void)cycles;
}

static const struct port_ops vm_port_ops = {
	.read = port_on_read,
	.write = port_on_write,
	.compare_exchange = port_on_exchange,
	.interrupt = port_on_interrupt,
	.spend = port_on_spend,
};

static void on_translate(void *ctx, const struct translation_request *request,
			 struct translation_result *result)
{
	const struct vm_end_of_port *end = ctx;

	if (end->vm->vtd[end->unit])
		vtd_translate(end->vm->vtd[end->unit], request, result);
	else
		smmuv3_translate(end->vm->smmu[end->unit], request, result);
}

static u64 on_mmio_read(void *ctx, u64 address, unsigned int size)
{
	struct vm *vm = ctx;
	size_t unit = (address - VM_UNIT_BASE) / VM_UNIT_STRIDE;
	u32 offset = (address - VM_UNIT_BASE) % VM_UNIT_STRIDE;

	return vm->vtd[unit] ? vtd_mmio_read(vm->vtd[unit], offset, size)
			     : smmuv3_mmio_read(vm->smmu[unit], offset, size);
}

static void on_mmio_write(void *ctx, u64 address, unsigned int size, u64 value)
{
	struct vm *vm = ctx;
	size_t unit = (address - VM_UNIT_BASE) / VM_UNIT_STRIDE;
	u32 offset = (address - VM_UNIT_BASE) % VM_UNIT_STRIDE;

	if (vm->vtd[unit])
		vtd_mmio_write(vm->vtd[unit], offset, size, value);
	else
		smmuv3_mmio_write(vm->smmu[unit], offset, size, value);
}

static struct pcie_function *function_of(struct vm *vm, u16 source_id)
{
	size_t device = (source_id >> 8) - 1u;

	return device < vm->config.device_count ? vm->functions[device] : NULL;
}

static u32 on_config_read(void *ctx, u16 segment, u16 source_id, unsigned int offset,
			  unsigned int size)
{
	struct pcie_function *function = function_of(ctx, source_id);

	(void)segment;
	return function ? pcie_config_read(function, offset, size) : ~0u;
}

static void on_config_write(void *ctx, u16 segment, u16 source_id, unsigned int offset,
			    unsigned int size, u32 value)
{
	struct pcie_function *function = function_of(ctx, source_id);

	(void)segment;
	if (function)
		pcie_config_write(function, offset, size, value);
}

static void on_relax(void *ctx)
{
	(void)ctx;
}

static void on_log(void *ctx, int level, const char *line)
{
	(void)ctx;
	if (getenv("VFIO_TEST_LOG"))
		fprintf(stderr, "<%d>%s\n", level, line);
}

/* ---- building ---- */

static void vtd_values(enum vm_unit unit, u64 *cap, u64 *ecap)
{
	*cap = 0xd2078c106f0466; /* Haswell-EP */
	*ecap = 0xf020df;
	switch (unit) {
	case VM_VTD_SCALABLE:
		*cap = 0x9ed008c40780466; /* version 6:0, 4-level; PASID added */
		*ecap = 0x3ee9e86f050df | 1ULL << 40;
		break;
	case VM_VTD_NARROW:
		*cap = 0xc0000020660462; /* Xeon E3-1226 v3, graphics unit */
		*ecap = 0xf0101a;
		break;
	case VM_VTD_NO_REMAPPING:
		*ecap &= ~(1ULL << 3);
		break;
	default:
		break;
	}
}

static bool add_unit(struct vm *vm, size_t i)
{
	struct port port = { &vm_port_ops, vm };
	enum vm_unit unit = vm->config.units[i];
	bool is_smmu = unit == VM_SMMU || unit == VM_SMMU_FORMAT_2;
	struct smmuv3_config smmu;
	struct vtd_config vtd;
	u64 cap, ecap;

	if (is_smmu) {
		smmuv3_config_init(&smmu);
		vm->smmu[i] = smmuv3_create(&smmu, &port);
	} else {
		vtd_values(unit, &cap, &ecap);
		vtd_config_init(&vtd, cap, ecap);
		vm->vtd[i] = vtd_create(&vtd, &port);
	}
	vm->firmware_iommus[i] = (struct kernel_firmware_iommu){
		.name = "unit",
		.kind = is_smmu ? KERNEL_IOMMU_ARM_SMMU_V3 : KERNEL_IOMMU_INTEL,
		.mmio_base = VM_UNIT_BASE + i * VM_UNIT_STRIDE,
		.stage1_format = unit == VM_SMMU_FORMAT_2 ? 2 : 0,
	};
	return vm->smmu[i] || vm->vtd[i];
}

static bool add_device(struct vm *vm, size_t i)
{
	const struct vm_device *device = &vm->config.devices[i];
	u16 source_id = (u16)((i + 1) << 8);
	struct pcie_function_config config = { .source_id = source_id, .pasid = true };
	struct pcie_upstream upstream = { on_translate, &vm->ends[i] };
	struct port port = { &vm_port_ops, vm };

	vm->ends[i] = (struct vm_end_of_port){ vm, device->unit };
	vm->functions[i] = pcie_function_create(&config, &upstream, &port);
	snprintf(vm->names[i], sizeof(vm->names[i]), "0000:%02x:00.0", (unsigned int)i + 1);
	vm->firmware_devices[i] = (struct kernel_firmware_device){
		.name = vm->names[i],
		.source_id = source_id,
		.iommu = device->unit,
		.group = device->group,
		.host_driver = device->host_driver,
	};
	return vm->functions[i] != NULL;
}

static bool boot(struct vm *vm)
{
	char *error = NULL;

	vm->kernel_config = (struct kernel_config){
		.variant = vm->config.variant,
		.memory = vm->memory,
		.ram_base = VM_RAM_BASE,
		.ram_size = VM_RAM_SIZE,
		.iommus = vm->firmware_iommus,
		.iommu_count = vm->config.unit_count,
		.devices = vm->firmware_devices,
		.device_count = vm->config.device_count,
		.hardware = {
			.mmio_read = on_mmio_read,
			.mmio_write = on_mmio_write,
			.config_read = on_config_read,
			.config_write = on_config_write,
			.relax = on_relax,
			.log = on_log,
			.ctx = vm,
		},
		.parameters = vm->config.parameters,
	};
	vm->kernel = kernel_boot(&vm->kernel_config, &error);
	if (!vm->kernel && !vm->config.may_fail)
		ADD_FAILURE("boot: %s", error ? error : "no reason");
	free(error);
	return vm->kernel != NULL;
}

static void start_process(struct vm *vm)
{
	vm_use_task(vm, kernel_task_start(vm->kernel, "vmm"));
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

static void stop_hardware(struct vm *vm)
{
	kernel_shutdown(vm->kernel);
	for (size_t i = 0; i < VM_MAX; i++) {
		pcie_function_destroy(vm->functions[i]);
		vtd_destroy(vm->vtd[i]);
		smmuv3_destroy(vm->smmu[i]);
	}
	memory_destroy(vm->memory);
	free(vm);
}

struct vm *vm_start(const struct vm_config *config)
{
	struct vm *vm = calloc(1, sizeof(*vm));
	bool ok;

	if (!vm)
		return NULL;
	vm->config = *config;
	vm->memory = memory_create(46);
	ok = vm->memory != NULL;
	for (size_t i = 0; ok && i < config->unit_count; i++)
		ok = add_unit(vm, i);
	for (size_t i = 0; ok && i < config->device_count; i++)
		ok = add_device(vm, i);
	if (!ok || !boot(vm)) {
		stop_hardware(vm);
		return NULL;
	}
	start_process(vm);
	return vm;
}

struct vm *vm_start_simple(const char *variant, enum vm_unit unit)
{
	return vm_start(&(struct vm_config){
		.variant = variant,
		.units = { unit },
		.unit_count = 1,
		.devices = { { .group = 1 } },
		.device_count = 1,
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
	struct kernel_usage usage;

	EXPECT_STREQ(kernel_oops(vm->kernel), NULL);
	kernel_task_exit(vm->task);
	usage = vm_usage(vm);
	EXPECT_EQ(usage.pinned_pages, 0);
	EXPECT_EQ(usage.locked_pages, 0);
	EXPECT_EQ(usage.domains, 0);
	EXPECT_EQ(usage.pasids, 0);
	EXPECT_EQ(usage.pasid_sets, 0);
	EXPECT_EQ(usage.table_pages, 0);
	EXPECT_EQ(usage.open_files, 0);
	EXPECT_EQ(usage.slab_objects, 0);
	EXPECT_STREQ(kernel_oops(vm->kernel), NULL);
}

void vm_restart_process(struct vm *vm)
{
	end_process(vm);
	start_process(vm);
}

void vm_end(struct vm *vm)
{
	end_process(vm);
	stop_hardware(vm);
}

struct kernel *vm_kernel(struct vm *vm)
{
	return vm->kernel;
}

struct task *vm_task(struct vm *vm)
{
	return vm->task;
}

struct kernel_usage vm_usage(struct vm *vm)
{
	struct kernel_usage usage;

	kernel_usage(vm->kernel, &usage);
	return usage;
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
	struct dma_request request = {
		.address = { address },
		.len = len,
		.access = write ? ACCESS_WRITE : ACCESS_READ,
	};
	struct dma_result result;

	return pcie_dma(vm->functions[device], &request, buf, &result);
}

enum dma_status vm_dma_pasid(struct vm *vm, size_t device, u32 pasid, u64 address)
{
	struct dma_request request = {
		.address = { address },
		.len = 4,
		.access = ACCESS_READ,
		.has_pasid = true,
		.pasid = pasid,
	};
	struct dma_result result;
	u32 word;

	return pcie_dma(vm->functions[device], &request, &word, &result);
}

u32 vm_config_read(struct vm *vm, size_t device, unsigned int offset, unsigned int size)
{
	return pcie_config_read(vm->functions[device], offset, size);
}
