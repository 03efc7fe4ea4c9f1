// SPDX-License-Identifier: Apache-2.0
/*
 * The buses and bridges of a machine, config space by address, and the groups that the kernel makes of what hangs
 * together. There is no time on them: that is the links'.
 */
#include "machine_private.h"

#include <stdlib.h>

/* ---- building ---- */

static struct pcie_bus *root_bus(struct machine *m, u16 segment, u8 number)
{
	struct machine_root_bus *grown;

	for (size_t i = 0; i < m->root_bus_count; i++)
		if (m->root_buses[i].segment == segment && m->root_buses[i].number == number)
			return m->root_buses[i].bus;
	grown = realloc(m->root_buses, (m->root_bus_count + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	m->root_buses = grown;
	grown += m->root_bus_count;
	*grown = (struct machine_root_bus){ segment, number, pcie_root_bus_create() };
	m->root_bus_count += grown->bus != NULL;
	return grown->bus;
}

static struct pcie_bus *bus_of(struct machine *m, size_t above, u16 segment, u16 source_id)
{
	return above == PLATFORM_ROOT_BUS ? root_bus(m, segment, (u8)(source_id >> 8))
					  : pcie_bridge_bus(m->bridges[above]);
}

bool machine_build_topology(struct machine *m)
{
	const struct platform *p = m->config.platform;
	struct pcie_bus *bus;

	m->bridges = calloc(p->bridge_count + 1, sizeof(struct pcie_bridge *));
	if (!m->bridges)
		return false;
	for (size_t i = 0; i < p->bridge_count; i++) {
		const struct platform_bridge *b = &p->bridges[i];

		bus = bus_of(m, b->above, b->segment, b->config.source_id);
		m->bridges[i] = bus ? pcie_bridge_create(&b->config, bus) : NULL;
		if (!m->bridges[i])
			return false;
	}
	for (size_t i = 0; i < p->device_count; i++) {
		const struct platform_device *d = &p->devices[i];

		bus = bus_of(m, d->above, d->segment, d->function.source_id);
		if (!bus)
			return false;
		pcie_function_place(m->functions[i], bus);
	}
	return true;
}

void machine_free_topology(struct machine *m)
{
	for (size_t i = 0; m->bridges && i < m->config.platform->bridge_count; i++)
		pcie_bridge_destroy(m->bridges[i]);
	for (size_t i = 0; i < m->root_bus_count; i++)
		pcie_root_bus_destroy(m->root_buses[i].bus);
	free(m->bridges);
	free(m->root_buses);
}

void machine_list_devices(struct machine *m)
{
	const struct platform *p = m->config.platform;
	struct kernel_firmware_device *out = m->firmware_devices;

	for (size_t i = 0; i < p->bridge_count; i++) {
		const struct platform_bridge *b = &p->bridges[i];

		*out++ = (struct kernel_firmware_device){
			.name = b->name,
			.segment = b->segment,
			.source_id = b->config.source_id,
			.iommu = (unsigned int)b->iommu,
			.group = b->group,
			.identity = b->identity,
		};
	}
	for (size_t i = 0; i < p->device_count; i++) {
		const struct platform_device *d = &p->devices[i];

		*out++ = (struct kernel_firmware_device){
			.name = d->name,
			.segment = d->segment,
			.source_id = d->function.source_id,
			.iommu = (unsigned int)d->iommu,
			.group = d->group_given ? d->group : -1,
			.host_driver = d->host_driver,
			.identity = d->identity,
		};
	}
}

/* ---- config space ---- */

static struct pcie_function *function_at(const struct machine *m,
					 const struct kernel_config_space *at)
{
	const struct platform *p = m->config.platform;

	for (size_t i = 0; i < p->device_count; i++)
		if (p->devices[i].segment == at->segment &&
		    p->devices[i].function.source_id == at->source_id)
			return m->functions[i];
	return NULL;
}

static struct pcie_bridge *bridge_at(const struct machine *m, const struct kernel_config_space *at)
{
	const struct platform *p = m->config.platform;

	for (size_t i = 0; i < p->bridge_count; i++)
		if (p->bridges[i].segment == at->segment &&
		    p->bridges[i].config.source_id == at->source_id)
			return m->bridges[i];
	return NULL;
}

u32 machine_config_read(void *ctx, const struct kernel_config_space *at)
{
	struct pcie_function *function = function_at(ctx, at);
	const struct pcie_bridge *bridge = function ? NULL : bridge_at(ctx, at);

	if (function)
		return pcie_config_read(function, at->offset, at->size);
	return bridge ? pcie_bridge_config_read(bridge, at->offset, at->size) : ~0u;
}

void machine_config_write(void *ctx, const struct kernel_config_space *at, u32 value)
{
	struct pcie_function *function = function_at(ctx, at);
	struct pcie_bridge *bridge = function ? NULL : bridge_at(ctx, at);

	if (function)
		pcie_config_write(function, at->offset, at->size, value);
	else if (bridge)
		pcie_bridge_config_write(bridge, at->offset, at->size, value);
}

struct pcie_bridge *machine_bridge(struct machine *m, size_t bridge)
{
	return m->bridges[bridge];
}

/* ---- groups ---- */

/* Are there groups that only the kernel knows? What is alone on a root bus shares with nobody. */
static bool kernel_decides(const struct platform *p)
{
	if (p->bridge_count)
		return true;
	for (size_t i = 0; i < p->device_count; i++) {
		const struct platform_device *d = &p->devices[i];

		if (!d->group_given && d->function.multifunction)
			return true;
	}
	return false;
}

/* Each one of its own, as the kernel numbers them. */
static void number_in_order(struct platform *p)
{
	int next = 0;

	for (size_t i = 0; i < p->device_count; i++)
		if (p->devices[i].group >= next)
			next = p->devices[i].group + 1;
	for (size_t i = 0; i < p->device_count; i++)
		if (!p->devices[i].group_given)
			p->devices[i].group = next++;
}

/* A group's number, or -1: the kernel has put the function into none. */
static int group_of(struct machine *m, u16 segment, u16 source_id)
{
	int group = kernel_device_group(m->kernel, segment, source_id);

	return group < 0 ? -1 : group;
}

void machine_number_groups(struct platform *p)
{
	const struct machine_config config = { .platform = p, .variant = "mainline" };
	struct machine *m;
	char *error;

	number_in_order(p);
	if (!kernel_decides(p))
		return;
	m = machine_create(&config, &error);
	free(error);
	for (size_t i = 0; m && i < p->bridge_count; i++)
		p->bridges[i].kernel_group =
			group_of(m, p->bridges[i].segment, p->bridges[i].config.source_id);
	for (size_t i = 0; m && i < p->device_count; i++)
		p->devices[i].group =
			group_of(m, p->devices[i].segment, p->devices[i].function.source_id);
	machine_destroy(m);
}
