// SPDX-License-Identifier: Apache-2.0
/* The machine of the Intel driver's tests. What it is good for is in the header. */
#include "intel_machine.h"

#include "lib/state.h"

#include <linux/kernel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT_BASE 0xfed90000ULL
#define UNIT_STRIDE 0x10000ULL

/* ---- what the units and functions reach ---- */

static enum port_status port_on_read(void *ctx, hpa_t addr, void *buf, size_t len)
{
	return memory_read(((struct intel_machine *)ctx)->memory, addr, buf, len);
}

static enum port_status port_on_write(void *ctx, hpa_t addr, const void *buf, size_t len)
{
	return memory_write(((struct intel_machine *)ctx)->memory, addr, buf, len);
}

static enum port_status port_on_exchange(void *ctx, hpa_t addr, u64 *expected, u64 desired)
{
	return memory_compare_exchange(((struct intel_machine *)ctx)->memory, addr, expected,
				       desired);
}

static void port_on_interrupt(void *ctx, u64 address, u32 data)
{
	struct intel_machine *m = ctx;

	if (m->kernel)
		kernel_interrupt(m->kernel, address, data);
}

static void port_on_spend(void *ctx, unsigned int cycles)
{
	(void)ctx;
	(void)cycles;
}

static const struct port_ops port_ops = {
	.read = port_on_read,
	.write = port_on_write,
	.compare_exchange = port_on_exchange,
	.interrupt = port_on_interrupt,
	.spend = port_on_spend,
};

static void upstream_translate(void *ctx, const struct translation_request *request,
			       struct translation_result *result)
{
	vtd_translate(ctx, request, result);
}

/* ---- what the kernel reaches ---- */

static unsigned int unit_at(u64 address)
{
	return (unsigned int)((address - UNIT_BASE) / UNIT_STRIDE);
}

static u64 on_mmio_read(void *ctx, u64 address, unsigned int size)
{
	struct intel_machine *m = ctx;
	unsigned int unit = unit_at(address);
	u32 offset = (u32)((address - UNIT_BASE) % UNIT_STRIDE);
	u64 value = vtd_mmio_read(m->units[unit], offset, size);

	if (m->hook)
		m->hook(m, unit, offset, false, &value);
	return value;
}

static void on_mmio_write(void *ctx, u64 address, unsigned int size, u64 value)
{
	struct intel_machine *m = ctx;
	unsigned int unit = unit_at(address);
	u32 offset = (u32)((address - UNIT_BASE) % UNIT_STRIDE);

	if (!m->hook || m->hook(m, unit, offset, true, &value))
		vtd_mmio_write(m->units[unit], offset, size, value);
}

static struct pcie_function *function_of(struct intel_machine *m, u16 source_id)
{
	size_t i;

	for (i = 0; i < m->platform.device_count; i++)
		if (m->devices[i].source_id == source_id)
			return m->functions[i];
	return NULL;
}

static u32 on_config_read(void *ctx, u16 segment, u16 source_id, unsigned int offset,
			  unsigned int size)
{
	struct pcie_function *function = function_of(ctx, source_id);

	(void)segment;
	return function ? pcie_config_read(function, offset, size) : ~0U;
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
	((struct intel_machine *)ctx)->relaxed++;
}

static void on_log(void *ctx, int level, const char *line)
{
	struct intel_machine *m = ctx;
	int length = snprintf(m->log + m->log_length, sizeof(m->log) - m->log_length, "%d %s\n",
			      level, line);

	m->log_length = min(m->log_length + (size_t)length, sizeof(m->log) - 1);
}

/* ---- making one ---- */

const struct intel_platform intel_platform_server = {
	.units = { { CAP_SERVER, ECAP_SERVER } },
	.unit_count = 1,
	.devices = { { .pasid = true, .ats = true } },
	.device_count = 1,
};

struct intel_platform intel_platform_server_of(const char *variant)
{
	struct intel_platform platform = intel_platform_server;

	platform.variant = variant;
	return platform;
}

struct intel_platform intel_platform_unit(u64 cap, u64 ecap)
{
	return (struct intel_platform){ .units = { { cap, ecap } },
					.unit_count = 1,
					.device_count = 1 };
}

struct intel_platform intel_platform_pair(struct intel_unit_config first,
					  struct intel_unit_config second)
{
	return (struct intel_platform){
		.units = { first, second },
		.unit_count = 2,
		.devices = { { .pasid = true }, { .unit = 1, .pasid = true } },
		.device_count = 2,
	};
}

static void add_unit(struct intel_machine *m, unsigned int i, const struct port *port)
{
	static const char *const names[] = { "dmar0", "dmar1", "dmar2", "dmar3" };
	struct vtd_config config;

	vtd_config_init(&config, m->platform.units[i].cap, m->platform.units[i].ecap);
	m->units[i] = vtd_create(&config, port);
	m->iommus[i] = (struct kernel_firmware_iommu){ .name = names[i],
						       .kind = KERNEL_IOMMU_INTEL,
						       .mmio_base = UNIT_BASE + i * UNIT_STRIDE };
}

static void add_device(struct intel_machine *m, unsigned int i, const struct port *port)
{
	const struct intel_device_config *device = &m->platform.devices[i];
	u16 source_id = device->source_id ? device->source_id : (u16)(0x3a00 | i << 3);
	struct pcie_function_config config = { .source_id = source_id,
					       .pasid = device->pasid,
					       .pasid_width = device->pasid_width,
					       .ats = device->ats };
	struct pcie_upstream upstream = { upstream_translate, m->units[device->unit] };

	m->functions[i] = pcie_function_create(&config, &upstream, port);
	snprintf(m->names[i], sizeof(m->names[i]), "0000:%02x:%02x.%u", source_id >> 8,
		 source_id >> 3 & 0x1fU, source_id & 7U);
	m->devices[i] = (struct kernel_firmware_device){
		.name = m->names[i],
		.source_id = source_id,
		.iommu = device->unit,
		.group = device->group ? device->group : -1,
		.identity = device->identity,
	};
}

static void boot(struct intel_machine *m)
{
	const struct kernel_config config = {
		.variant = m->platform.variant ? m->platform.variant : "mainline",
		.memory = m->memory,
		.ram_base = INTEL_RAM_BASE,
		.ram_size = INTEL_RAM_SIZE,
		.iommus = m->iommus,
		.iommu_count = m->platform.unit_count,
		.devices = m->devices,
		.device_count = m->platform.device_count,
		.hardware = { .mmio_read = on_mmio_read,
			      .mmio_write = on_mmio_write,
			      .config_read = on_config_read,
			      .config_write = on_config_write,
			      .relax = on_relax,
			      .log = on_log,
			      .ctx = m },
		.parameters = m->platform.parameters[0] ? m->platform.parameters : NULL,
	};

	m->kernel = kernel_boot(&config, &m->boot_error);
}

struct intel_machine *intel_machine_create(const struct intel_platform *platform)
{
	struct intel_machine *m = calloc(1, sizeof(*m));
	const struct port port = { &port_ops, m };
	unsigned int i;

	m->platform = *platform;
	m->hook = platform->hook;
	m->memory = memory_create(46);
	for (i = 0; i < platform->unit_count; i++)
		add_unit(m, i, &port);
	for (i = 0; i < platform->device_count; i++)
		add_device(m, i, &port);
	boot(m);
	return m;
}

struct run {
	struct intel_machine *m;
	void (*body)(struct intel_machine *m);
};

static long run_body(void *arg)
{
	struct run *run = arg;

	run->body(run->m);
	return 0;
}

void intel_machine_run(struct intel_machine *m, void (*body)(struct intel_machine *m))
{
	struct run run = { m, body };

	if (!m->kernel) {
		ADD_FAILURE("the kernel does not boot: %s", m->boot_error);
		return;
	}
	kernel_run(m->kernel, NULL, run_body, &run);
	if (kernel_oops(m->kernel))
		ADD_FAILURE("oops: %s", kernel_oops(m->kernel));
}

static void expect_nothing_used(struct intel_machine *m)
{
	struct kernel_usage usage;

	kernel_usage(m->kernel, &usage);
	EXPECT_EQ(usage.domains, 0);
	EXPECT_EQ(usage.pasids, 0);
	EXPECT_EQ(usage.pasid_sets, 0);
	EXPECT_EQ(usage.table_pages, 0);
	EXPECT_EQ(usage.slab_objects, 0);
}

void intel_machine_destroy(struct intel_machine *m)
{
	size_t i;

	if (m->kernel && !kernel_oops(m->kernel))
		expect_nothing_used(m);
	kernel_shutdown(m->kernel);
	free(m->boot_error);
	for (i = 0; i < m->platform.device_count; i++)
		pcie_function_destroy(m->functions[i]);
	for (i = 0; i < m->platform.unit_count; i++)
		vtd_destroy(m->units[i]);
	memory_destroy(m->memory);
	free(m);
}

/* ---- log ---- */

bool intel_log_has(const struct intel_machine *m, const char *text)
{
	return strstr(m->log, text);
}

void intel_log_clear(struct intel_machine *m)
{
	m->log_length = 0;
	m->log[0] = 0;
}

/* ---- inside the kernel ---- */

struct device *intel_dev(struct intel_machine *m, unsigned int device)
{
	u16 source_id = m->devices[device].source_id;
	struct pci_dev *pdev = pci_get_domain_bus_and_slot(0, source_id >> 8, source_id & 0xffU);

	pci_dev_put(pdev);
	return &pdev->dev;
}

struct iommu_domain *intel_new_domain(void)
{
	return iommu_domain_alloc(kernel_bus(KERNEL_IOMMU_INTEL));
}

int intel_attach(struct intel_machine *m, struct iommu_domain *domain, unsigned int device)
{
	struct iommu_group *group = iommu_group_get(intel_dev(m, device));
	int ret = iommu_attach_group(domain, group);

	iommu_group_put(group);
	return ret;
}

void intel_detach(struct intel_machine *m, struct iommu_domain *domain, unsigned int device)
{
	struct iommu_group *group = iommu_group_get(intel_dev(m, device));

	iommu_detach_group(domain, group);
	iommu_group_put(group);
}

static struct translation_result dma(struct intel_machine *m, unsigned int device,
				     struct translation_request request)
{
	struct vtd_unit *unit = m->units[m->platform.devices[device].unit];
	struct translation_result result;

	request.source_id = m->devices[device].source_id;
	vtd_translate(unit, &request, &result);
	return result;
}

struct translation_result intel_dma(struct intel_machine *m, unsigned int device,
				    enum access access, u64 address)
{
	return dma(m, device,
		   (struct translation_request){ .address = iova(address), .access = access });
}

struct translation_result intel_dma_pasid(struct intel_machine *m, unsigned int device, u32 pasid,
					  enum access access, u64 address)
{
	return dma(m, device,
		   (struct translation_request){ .has_pasid = true,
						 .pasid = pasid,
						 .address = iova(address),
						 .access = access });
}

u32 intel_register(struct intel_machine *m, unsigned int unit, u32 offset)
{
	return (u32)vtd_mmio_read(m->units[unit], offset, sizeof(u32));
}

u64 intel_register64(struct intel_machine *m, unsigned int unit, u32 offset)
{
	return vtd_mmio_read(m->units[unit], offset, sizeof(u64));
}

u64 intel_ram(unsigned int order)
{
	return page_to_phys(alloc_pages(GFP_KERNEL | __GFP_ZERO, order));
}

void intel_ram_free(u64 address, unsigned int order)
{
	__free_pages(phys_to_page(address), order);
}

u64 intel_peek(struct intel_machine *m, u64 address)
{
	u64 value = 0;

	memory_read(m->memory, hpa(address), &value, sizeof(value));
	return value;
}

void intel_poke(struct intel_machine *m, u64 address, u64 value)
{
	memory_write(m->memory, hpa(address), &value, sizeof(value));
}
