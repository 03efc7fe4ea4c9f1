// SPDX-License-Identifier: Apache-2.0
/* The small machine of iommu_rig.h: wires real models and a kernel together. */
#include "iommu_rig.h"

#include <stdlib.h>
#include <string.h>

#include "gtest_c.h"
#include "lib/context.h"
#include "lib/state.h"

#define MMIO_BASE 0xfe000000ULL
#define MMIO_STEP 0x100000ULL
#define RAM_BASE 0x80000000ULL /* below 4 GiB, within reach of any SMMU */
#define RAM_SIZE 0x40000000ULL /* 1 GiB */
#define MEM_WIDTH 48

static enum port_status port_memory_read(void *ctx, hpa_t addr, void *buf, size_t len)
{
	struct rig *rig = ctx;

	return memory_read(rig->memory, addr, buf, len);
}

static enum port_status port_memory_write(void *ctx, hpa_t addr, const void *buf, size_t len)
{
	struct rig *rig = ctx;

	if (rig->writes_fail)
		return PORT_ERROR;
	return memory_write(rig->memory, addr, buf, len);
}

static enum port_status port_memory_cas(void *ctx, hpa_t addr, u64 *expected, u64 desired)
{
	struct rig *rig = ctx;

	return memory_compare_exchange(rig->memory, addr, expected, desired);
}

static void port_send(void *ctx, u64 address, u32 data)
{
	struct rig *rig = ctx;

	rig->interrupts++;
	if (rig->kernel && !rig->deaf)
		kernel_interrupt(rig->kernel, address, data);
}

static void port_pass_time(void *ctx, unsigned int cycles)
{
	(void)ctx;
	(void)cycles;
}

static const struct port_ops rig_port_ops = {
	.read = port_memory_read,
	.write = port_memory_write,
	.compare_exchange = port_memory_cas,
	.interrupt = port_send,
	.spend = port_pass_time,
};

static u64 rig_mmio_read(void *ctx, u64 address, unsigned int size)
{
	struct rig *rig = ctx;
	u32 offset = (u32)((address - MMIO_BASE) % MMIO_STEP);

	if (rig->stuck && offset == rig->stuck_register)
		return rig->stuck_value;
	return smmuv3_mmio_read(rig->smmu[(address - MMIO_BASE) / MMIO_STEP], offset, size);
}

static void rig_mmio_write(void *ctx, u64 address, unsigned int size, u64 value)
{
	struct rig *rig = ctx;

	smmuv3_mmio_write(rig->smmu[(address - MMIO_BASE) / MMIO_STEP],
			  (u32)((address - MMIO_BASE) % MMIO_STEP), size, value);
}

static struct pcie_function *function_at(struct rig *rig, u16 source_id)
{
	size_t i;

	for (i = 0; i < rig->config.device_count; i++)
		if (rig->devices[i].source_id == source_id)
			return rig->functions[i];
	return NULL;
}

static u32 rig_config_read(void *ctx, u16 segment, u16 source_id, unsigned int offset,
			   unsigned int size)
{
	struct pcie_function *function = function_at(ctx, source_id);

	(void)segment;
	return function ? pcie_config_read(function, offset, size) : ~0u;
}

static void rig_config_write(void *ctx, u16 segment, u16 source_id, unsigned int offset,
			     unsigned int size, u32 value)
{
	struct pcie_function *function = function_at(ctx, source_id);

	(void)segment;
	if (function)
		pcie_config_write(function, offset, size, value);
}

static void rig_relax(void *ctx)
{
	(void)ctx;
}

static void rig_log(void *ctx, int level, const char *line)
{
	struct rig *rig = ctx;
	size_t len = strlen(line);

	(void)level;
	if (rig->log_len + len + 2 > sizeof(rig->log))
		return;
	memcpy(rig->log + rig->log_len, line, len);
	rig->log_len += len;
	rig->log[rig->log_len++] = '\n';
	rig->log[rig->log_len] = '\0';
}

void rig_init(struct rig *rig)
{
	memset(rig, 0, sizeof(*rig));
	rig->config.variant = "v1";
	rig->config.ram_base = RAM_BASE;
	rig->config.ram_size = RAM_SIZE;
	rig->config.iommus = rig->iommus;
	rig->config.devices = rig->devices;
	rig->config.hardware = (struct kernel_hardware_ops){
		.mmio_read = rig_mmio_read,
		.mmio_write = rig_mmio_write,
		.config_read = rig_config_read,
		.config_write = rig_config_write,
		.relax = rig_relax,
		.log = rig_log,
		.ctx = rig,
	};
}

unsigned int rig_add_smmu(struct rig *rig)
{
	static const char *const names[RIG_UNITS] = { "smmu0", "smmu1" };
	unsigned int index = (unsigned int)rig->config.iommu_count++;

	smmuv3_config_init(&rig->smmu_config[index]);
	rig->iommus[index] = (struct kernel_firmware_iommu){
		.name = names[index],
		.kind = KERNEL_IOMMU_ARM_SMMU_V3,
		.mmio_base = MMIO_BASE + index * MMIO_STEP,
	};
	return index;
}

unsigned int rig_add_device(struct rig *rig, u16 source_id, unsigned int iommu, int group)
{
	static const char *const names[RIG_DEVICES] = { "device0", "device1", "device2",
							"device3", "device4", "device5" };
	unsigned int index = (unsigned int)rig->config.device_count++;

	rig->devices[index] = (struct kernel_firmware_device){
		.name = names[index],
		.source_id = source_id,
		.iommu = iommu,
		.group = group,
	};
	return index;
}

static void translate_upstream(void *ctx, const struct translation_request *request,
			       struct translation_result *result)
{
	struct smmuv3 *smmu = ctx;

	smmuv3_translate(smmu, request, result);
}

bool rig_boot(struct rig *rig)
{
	const struct port port = { .ops = &rig_port_ops, .ctx = rig };
	char *error = NULL;
	size_t i;

	rig->memory = memory_create(MEM_WIDTH);
	rig->config.memory = rig->memory;
	for (i = 0; i < rig->config.iommu_count; i++)
		rig->smmu[i] = smmuv3_create(&rig->smmu_config[i], &port);
	for (i = 0; i < rig->config.device_count; i++) {
		const struct pcie_function_config config = {
			.source_id = rig->devices[i].source_id,
			.vendor_id = 0x1234,
			.device_id = 0x5678,
			.pasid = true,
		};
		const struct pcie_upstream upstream = {
			.translate = translate_upstream,
			.ctx = rig->smmu[rig->devices[i].iommu],
		};

		rig->functions[i] = pcie_function_create(&config, &upstream, &port);
	}
	if (rig->parameters[0])
		rig->config.parameters = rig->parameters;
	rig->kernel = kernel_boot(&rig->config, &error);
	if (error) {
		rig_log(rig, 3, error);
		free(error);
	}
	return rig->kernel != NULL;
}

void rig_end(struct rig *rig)
{
	struct kernel *kernel = rig->kernel;
	size_t i;

	if (kernel && kernel_oops(kernel))
		ADD_FAILURE("the kernel oopsed: %s", kernel_oops(kernel));
	kernel_shutdown(kernel);
	rig->kernel = NULL;
	for (i = 0; i < rig->config.device_count; i++)
		pcie_function_destroy(rig->functions[i]);
	for (i = 0; i < rig->config.iommu_count; i++)
		smmuv3_destroy(rig->smmu[i]);
	memory_destroy(rig->memory);
}

struct rig_call {
	struct rig *rig;
	long (*fn)(struct rig *rig);
};

static long rig_enter(void *arg)
{
	struct rig_call *call = arg;

	return call->fn(call->rig);
}

long rig_run(struct rig *rig, long (*fn)(struct rig *rig))
{
	struct rig_call call = { rig, fn };

	return kernel_run(rig->kernel, NULL, rig_enter, &call);
}

struct device *rig_device(struct rig *rig, unsigned int index)
{
	struct pci_dev *pdev;

	for_each_pci_dev(pdev) if (pdev->firmware->source_id ==
				   rig->devices[index].source_id) return &pdev->dev;
	return NULL;
}

struct iommu_group *rig_group(struct rig *rig, unsigned int index)
{
	return iommu_group_get(rig_device(rig, index));
}

struct iommu_domain *rig_domain(void)
{
	return iommu_domain_alloc(kernel_bus(KERNEL_IOMMU_ARM_SMMU_V3));
}

struct translation_result rig_translate(struct rig *rig, unsigned int device, u64 address,
					enum access access)
{
	const struct translation_request request = {
		.source_id = rig->devices[device].source_id,
		.address = iova(address),
		.access = access,
	};
	struct translation_result result;

	smmuv3_translate(rig->smmu[rig->devices[device].iommu], &request, &result);
	return result;
}

struct dma_result rig_pasid_read(struct rig *rig, unsigned int device, u64 address, u32 pasid)
{
	const struct dma_request request = {
		.address = iova(address),
		.len = 8,
		.access = ACCESS_READ,
		.has_pasid = true,
		.pasid = pasid,
	};
	struct dma_result result;
	u64 data;

	pcie_dma(rig->functions[device], &request, &data, &result);
	return result;
}

bool rig_logged(const struct rig *rig, const char *text)
{
	return strstr(rig->log, text) != NULL;
}

u64 rig_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}
