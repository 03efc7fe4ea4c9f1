// SPDX-License-Identifier: Apache-2.0
/* Machines for the tests of the Intel IOMMU driver. What they are good for is in the header. */
#include "intel_rig.h"

#define FIRST_DEVICE 0x3a00
#define SECOND_DEVICE 0x3a08

static void start(struct rig *rig)
{
	rig_init(rig, "mainline");
	rig->config.ram_size = INTEL_RAM_SIZE;
}

void intel_unit(struct rig *rig, u64 cap, u64 ecap)
{
	start(rig);
	rig_add_vtd(rig, cap, ecap);
	rig_add_device(rig, FIRST_DEVICE, 0, -1);
	rig->function_config[0].pasid = false;
}

void intel_server(struct rig *rig)
{
	intel_unit(rig, CAP_SERVER, ECAP_SERVER);
	rig->function_config[0].pasid = true;
	rig->function_config[0].ats = true;
}

void intel_server_of(struct rig *rig, const char *variant)
{
	intel_server(rig);
	rig->config.variant = variant;
}

void intel_server_with_pri(struct rig *rig)
{
	intel_server(rig);
	vtd_config_init(&rig->vtd_config[0], CAP_SERVER, ECAP_SERVER | ECAP_PAGE_REQUESTS);
	rig->function_config[0].pri = true;
}

void intel_pair(struct rig *rig, struct intel_unit_config first, struct intel_unit_config second)
{
	start(rig);
	rig_add_vtd(rig, first.cap, first.ecap);
	rig_add_vtd(rig, second.cap, second.ecap);
	rig_add_device(rig, FIRST_DEVICE, 0, -1);
	rig_add_device(rig, SECOND_DEVICE, 1, -1);
}

u32 intel_register(struct rig *rig, unsigned int unit, u32 offset)
{
	return (u32)vtd_mmio_read(rig->vtd[unit], offset, sizeof(u32));
}

u64 intel_register64(struct rig *rig, unsigned int unit, u32 offset)
{
	return vtd_mmio_read(rig->vtd[unit], offset, sizeof(u64));
}

u64 intel_ram(unsigned int order)
{
	return page_to_phys(alloc_pages(GFP_KERNEL | __GFP_ZERO, order));
}

void intel_ram_free(u64 address, unsigned int order)
{
	__free_pages(phys_to_page(address), order);
}

u64 intel_peek(struct rig *rig, u64 address)
{
	u64 value = 0;

	memory_read(rig->memory, hpa(address), &value, sizeof(value));
	return value;
}

void intel_poke(struct rig *rig, u64 address, u64 value)
{
	memory_write(rig->memory, hpa(address), &value, sizeof(value));
}
