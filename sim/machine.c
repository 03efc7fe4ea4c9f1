/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine builder: wires the models of a platform to memory and to each other, and boots a
 * kernel on them. Untimed, a port is a function call; else systemc/ builds the hardware.
 */
#include "machine_private.h"

#include "systemc/timed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- ports ---- */

static enum port_status on_read(void *ctx, hpa_t addr, void *buf, size_t len)
{
	const struct machine_port *port = ctx;

	return memory_read(port->machine->memory, addr, buf, len);
}

static enum port_status on_write(void *ctx, hpa_t addr, const void *buf, size_t len)
{
	const struct machine_port *port = ctx;

	return memory_write(port->machine->memory, addr, buf, len);
}

static enum port_status on_compare_exchange(void *ctx, hpa_t addr, u64 *expected, u64 desired)
{
	const struct machine_port *port = ctx;

	return memory_compare_exchange(port->machine->memory, addr, expected, desired);
}

static void take_interrupt(struct machine *m, u64 address, u32 data)
{
	m->messages[m->message_count++ % MACHINE_MESSAGES] =
		(struct machine_message){ address, data };
	if (!m->kernel)
		return;
	if (m->trace)
		machine_trace_interrupt(m->trace, address, data);
	kernel_interrupt(m->kernel, address, data);
	if (m->trace)
		machine_trace_end(m->trace, NULL);
}

static void on_interrupt(void *ctx, u64 address, u32 data)
{
	const struct machine_port *port = ctx;

	take_interrupt(port->machine, address, data);
}

static void on_spend(void *ctx, unsigned int cycles)
{
	(void)ctx;
	(void)cycles;
}

static void on_observe(void *ctx, const struct port_event *event)
{
	const struct machine_port *port = ctx;
	struct machine *m = port->machine;

	if (m->trace)
		machine_trace_event(m->trace, port->index, event);
	if (m->observer)
		m->observer(m->observer_arg, port->index, event);
}

static unsigned int on_take_walker(void *ctx)
{
	const struct machine_port *port = ctx;

	machine_trace_walk_begin(port->machine->trace, port->index);
	return 0;
}

static void on_give_walker(void *ctx, unsigned int walker)
{
	const struct machine_port *port = ctx;

	(void)walker;
	machine_trace_walk_end(port->machine->trace);
}

static void on_access(void *ctx, struct pcie_transaction *transaction)
{
	const struct machine_port *function = ctx;
	struct machine *m = function->machine;
	const struct port port = { .ops = &m->function_ops, .ctx = ctx };
	size_t unit = m->config.platform->devices[function->index].iommu;

	if (m->trace)
		machine_trace_dma_begin(m->trace, function->index, transaction);
	if (transaction->route == PCIE_ROUTE_ROOT && m->vtd[unit])
		vtd_translate(m->vtd[unit], &transaction->request, &transaction->result);
	else if (transaction->route == PCIE_ROUTE_ROOT)
		smmuv3_translate(m->smmu[unit], &transaction->request, &transaction->result);
	if (m->trace)
		machine_trace_translated(m->trace, transaction);
	pcie_complete(&port, transaction);
	if (m->trace)
		machine_trace_dma_end(m->trace, transaction);
}

/* The function of that source id behind a unit, or NULL. */
static struct pcie_function *function_behind(const struct machine_port *unit, u16 source_id)
{
	const struct machine *m = unit->machine;
	const struct platform *p = m->config.platform;

	for (size_t i = 0; i < p->device_count; i++) {
		if (p->devices[i].iommu == unit->index &&
		    p->devices[i].function.source_id == source_id)
			return m->functions[i];
	}
	return NULL;
}

static bool on_invalidate_device_tlb(void *ctx, const struct ats_invalidation *invalidation)
{
	struct pcie_function *function = function_behind(ctx, invalidation->source_id);

	return function && pcie_ats_invalidate(function, invalidation);
}

static void on_respond_page_group(void *ctx, const struct page_group_response *response)
{
	struct pcie_function *function = function_behind(ctx, response->source_id);

	if (function)
		pcie_page_group_response(function, response);
}

/* An SMMU here has no queue for page requests: they are lost. */
static void on_page_request(void *ctx, const struct page_request *request)
{
	const struct machine_port *function = ctx;
	const struct machine *m = function->machine;
	size_t unit = m->config.platform->devices[function->index].iommu;

	if (!m->vtd[unit])
		return;
	if (m->trace)
		machine_trace_page_request_begin(m->trace, unit);
	vtd_page_request(m->vtd[unit], request);
	if (m->trace)
		machine_trace_page_request_end(m->trace);
}

/* A function's events are told as of the unit above it, which they lead to. */
static void on_function_observe(void *ctx, const struct port_event *event)
{
	const struct machine_port *port = ctx;
	struct machine *m = port->machine;

	m->observer(m->observer_arg, m->config.platform->devices[port->index].iommu, event);
}

/* ---- what the kernel reaches ---- */

static u64 unit_read(struct machine *m, size_t unit, u32 offset, unsigned int size)
{
	return m->vtd[unit] ? vtd_mmio_read(m->vtd[unit], offset, size)
			    : smmuv3_mmio_read(m->smmu[unit], offset, size);
}

static void unit_write(struct machine *m, size_t unit, u32 offset, unsigned int size, u64 value)
{
	if (m->vtd[unit])
		vtd_mmio_write(m->vtd[unit], offset, size, value);
	else
		smmuv3_mmio_write(m->smmu[unit], offset, size, value);
}

/* The unit whose register window holds address; false if none. */
static bool unit_at(const struct machine *m, u64 address, size_t *unit, u32 *offset)
{
	const struct platform *p = m->config.platform;

	for (size_t i = 0; i < p->iommu_count; i++) {
		u64 size = p->iommus[i].kind == PLATFORM_VTD ? VTD_MMIO_SIZE : SMMUV3_MMIO_SIZE;

		if (address - p->iommus[i].mmio_base < size) {
			*unit = i;
			*offset = (u32)(address - p->iommus[i].mmio_base);
			return true;
		}
	}
	return false;
}

static u64 register_read(struct machine *m, u64 address, unsigned int size)
{
	size_t unit;
	u32 offset;

	if (m->timed)
		return timed_read(m->timed, address, size);
	/* a read that nobody claims returns all ones, as on PCIe */
	return unit_at(m, address, &unit, &offset) ? unit_read(m, unit, offset, size) : ~0ULL;
}

static void register_write(struct machine *m, u64 address, unsigned int size, u64 value)
{
	size_t unit;
	u32 offset;

	if (m->timed)
		timed_write(m->timed, address, size, value);
	else if (unit_at(m, address, &unit, &offset))
		unit_write(m, unit, offset, size, value);
}

static u64 on_mmio_read(void *ctx, u64 address, unsigned int size)
{
	struct machine *m = ctx;
	u64 value;

	if (m->trace)
		machine_trace_mmio_begin(m->trace, "read", address);
	value = register_read(m, address, size);
	if (m->trace)
		machine_trace_mmio_end(m->trace, value);
	return value;
}

static void on_mmio_write(void *ctx, u64 address, unsigned int size, u64 value)
{
	struct machine *m = ctx;

	if (m->trace)
		machine_trace_mmio_begin(m->trace, "write", address);
	register_write(m, address, size, value);
	if (m->trace)
		machine_trace_mmio_end(m->trace, value);
}

static void on_relax(void *ctx)
{
	const struct machine *m = ctx;

	if (m->timed)
		timed_relax(m->timed);
}

static void on_log(void *ctx, int level, const char *line)
{
	const struct machine *m = ctx;
	const struct trace_arg args[] = { { "line", TRACE_TEXT, 0, line }, { .name = NULL } };

	if (m->trace)
		machine_trace_instant(m->trace, "log", args);
	if (m->config.log)
		m->config.log(m->config.log_arg, level, line);
}

static void on_timed_interrupt(void *ctx, u64 address, u32 data)
{
	take_interrupt(ctx, address, data);
}

static void on_timed_observe(void *ctx, size_t unit, const struct port_event *event)
{
	const struct machine *m = ctx;

	m->observer(m->observer_arg, unit, event);
}

/* ---- building ---- */

static bool build_units(struct machine *m)
{
	const struct platform *p = m->config.platform;

	for (size_t i = 0; i < p->iommu_count; i++) {
		const struct port port = { .ops = &m->unit_ops,
					   .ctx = &m->unit_ports[i],
					   .direct = memory_recent(m->memory) };

		m->unit_ports[i] = (struct machine_port){ m, i };
		if (m->timed) {
			m->vtd[i] = timed_vtd(m->timed, i);
			m->smmu[i] = timed_smmu(m->timed, i);
		} else if (p->iommus[i].kind == PLATFORM_VTD) {
			m->vtd[i] = vtd_create(&p->iommus[i].vtd, &port);
		} else {
			m->smmu[i] = smmuv3_create(&p->iommus[i].smmu, &port);
		}
		if (!m->vtd[i] && !m->smmu[i])
			return false;
		m->firmware_iommus[i] = (struct kernel_firmware_iommu){
			.name = p->iommus[i].name,
			.kind = p->iommus[i].kind == PLATFORM_VTD ? KERNEL_IOMMU_INTEL
								  : KERNEL_IOMMU_ARM_SMMU_V3,
			.mmio_base = p->iommus[i].mmio_base,
			.stage1_format = p->iommus[i].stage1_format,
		};
	}
	return true;
}

static bool build_functions(struct machine *m)
{
	const struct platform *p = m->config.platform;

	for (size_t i = 0; i < p->device_count; i++) {
		const struct platform_device *d = &p->devices[i];
		const struct port port = { .ops = &m->function_ops, .ctx = &m->function_ports[i] };
		struct pcie_upstream upstream = { .access = on_access,
						  .ctx = &m->function_ports[i],
						  .page_request = on_page_request };

		m->function_ports[i] = (struct machine_port){ m, i };
		m->functions[i] = m->timed ? timed_function(m->timed, i)
					   : pcie_function_create(&d->function, &upstream, &port);
		if (!m->functions[i])
			return false;
	}
	return machine_build_topology(m);
}

static bool allocate(struct machine *m)
{
	const struct platform *p = m->config.platform;
	size_t units = p->iommu_count + 1; /* never zero, so that NULL means no memory */
	size_t devices = p->device_count + 1;

	m->memory = memory_create(p->memory_width);
	m->vtd = calloc(units, sizeof(struct vtd_unit *));
	m->smmu = calloc(units, sizeof(struct smmuv3 *));
	m->unit_ports = calloc(units, sizeof(*m->unit_ports));
	m->firmware_iommus = calloc(units, sizeof(*m->firmware_iommus));
	m->functions = calloc(devices, sizeof(struct pcie_function *));
	m->function_ports = calloc(devices, sizeof(*m->function_ports));
	m->firmware_devices = calloc(p->bridge_count + devices, sizeof(*m->firmware_devices));
	return m->memory && m->vtd && m->smmu && m->unit_ports && m->firmware_iommus &&
	       m->functions && m->function_ports && m->firmware_devices;
}

static struct kernel *boot(struct machine *m, char **error)
{
	const struct platform *p = m->config.platform;
	struct kernel *kernel;

	m->kernel_config = (struct kernel_config){
		.variant = m->config.variant,
		.plugin = m->config.plugin,
		.memory = m->memory,
		.ram_base = p->ram_base,
		.ram_size = p->ram_size,
		.iommus = m->firmware_iommus,
		.iommu_count = p->iommu_count,
		.devices = m->firmware_devices,
		.device_count = p->bridge_count + p->device_count,
		.hardware = {
			.mmio_read = on_mmio_read,
			.mmio_write = on_mmio_write,
			.config_read = machine_config_read,
			.config_write = machine_config_write,
			.relax = on_relax,
			.log = on_log,
			.ctx = m,
		},
		.parameters = (const char *const *)p->kernel_parameters,
	};

	machine_list_devices(m);
	machine_step_begin(m, "boot", 0);
	kernel = kernel_boot(&m->kernel_config, error);
	machine_step_end(m);
	return kernel;
}

static bool build_trace(struct machine *m)
{
	m->trace = calloc(1, sizeof(*m->trace));
	if (!m->trace)
		return false;
	m->trace->sink = m->config.trace;
	m->trace->platform = m->config.platform;
	m->trace->timed = m->timed;
	if (m->timed) {
		timed_trace(m->timed, m->config.trace);
	} else {
		m->unit_ops.observe = on_observe;
		m->unit_ops.take_walker = on_take_walker;
		m->unit_ops.give_walker = on_give_walker;
	}
	return true;
}

/* The hardware: units and functions made here, or taken from the timed ones. */
static struct machine *build(const struct machine_config *config, char **error)
{
	static const struct port_ops ops = {
		.read = on_read,
		.write = on_write,
		.compare_exchange = on_compare_exchange,
		.interrupt = on_interrupt,
		.spend = on_spend,
	};
	struct machine *m = calloc(1, sizeof(*m));

	*error = NULL;
	if (!m)
		goto no_memory;
	m->config = *config;
	m->unit_ops = ops;
	m->unit_ops.invalidate_device_tlb = on_invalidate_device_tlb;
	m->unit_ops.respond_page_group = on_respond_page_group;
	m->function_ops = ops;
	if (!allocate(m))
		goto no_memory;
	if (config->timing != TIMING_UNTIMED) {
		m->timed = timed_create(config->platform, config->timing, m->memory, error);
		if (!m->timed)
			goto failed;
		timed_set_interrupts(m->timed, on_timed_interrupt, m);
	}
	if (config->trace && !build_trace(m))
		goto no_memory;
	if (config->vcd && m->timed && !timed_vcd(m->timed, config->vcd)) {
		*error = strdup("the file for signals cannot be written");
		goto failed;
	}
	if (!build_units(m) || !build_functions(m))
		goto no_memory;
	return m;

no_memory:
	*error = strdup("no memory to build the machine");
failed:
	machine_destroy(m);
	return NULL;
}

struct machine *machine_create(const struct machine_config *config, char **error)
{
	struct machine_config untimed = *config;
	struct machine *m;

	untimed.timing = TIMING_UNTIMED;
	m = build(&untimed, error);
	if (!m)
		return NULL;
	m->kernel = boot(m, error);
	if (m->kernel)
		return m;
	machine_destroy(m);
	return NULL;
}

void machine_destroy(struct machine *m)
{
	if (!m)
		return;
	kernel_shutdown(m->kernel);
	for (size_t i = 0; !m->timed && m->functions && i < m->config.platform->device_count; i++)
		pcie_function_destroy(m->functions[i]);
	machine_free_topology(m);
	for (size_t i = 0; !m->timed && m->vtd && i < m->config.platform->iommu_count; i++)
		vtd_destroy(m->vtd[i]);
	for (size_t i = 0; !m->timed && m->smmu && i < m->config.platform->iommu_count; i++)
		smmuv3_destroy(m->smmu[i]);
	timed_destroy(m->timed);
	memory_destroy(m->memory);
	free(m->vtd);
	free(m->smmu);
	free(m->unit_ports);
	free(m->firmware_iommus);
	free(m->functions);
	free(m->function_ports);
	free(m->firmware_devices);
	free(m->trace);
	free(m);
}

/* ---- running ---- */

/** What the software of a machine is to do. */
struct software {
	struct machine *machine;
	void (*body)(void *arg, struct machine *machine);
	void *arg;
	char *error;
};

static void run_software(void *arg)
{
	struct software *s = arg;
	struct machine *m = s->machine;

	m->kernel = boot(m, &s->error);
	if (!m->kernel)
		return;
	machine_settle(m);
	s->body(s->arg, m);
	kernel_shutdown(m->kernel);
	m->kernel = NULL;
}

char *machine_run(const struct machine_config *config,
		  void (*body)(void *arg, struct machine *machine), void *arg)
{
	struct software software = { .body = body, .arg = arg };
	char *error;

	software.machine = build(config, &error);
	if (!software.machine)
		return error;
	if (software.machine->timed) {
		error = timed_run(software.machine->timed, run_software, &software);
		/* what stopped in the middle cannot be shut down outside its thread */
		if (error)
			software.machine->kernel = NULL;
	} else {
		run_software(&software);
	}
	machine_destroy(software.machine);
	if (!error)
		return software.error;
	free(software.error);
	return error;
}

/* ---- access ---- */

const struct platform *machine_platform(const struct machine *m)
{
	return m->config.platform;
}

struct kernel *machine_kernel(struct machine *m)
{
	return m->kernel;
}

struct memory *machine_memory(struct machine *m)
{
	return m->memory;
}

struct pcie_function *machine_function(struct machine *m, size_t device)
{
	return m->functions[device];
}

void machine_observe(struct machine *m, machine_observer observer, void *arg)
{
	m->observer = observer;
	m->observer_arg = arg;
	m->unit_ops.observe = observer || m->trace ? on_observe : NULL;
	m->function_ops.observe = observer ? on_function_observe : NULL;
	if (m->timed)
		timed_observe(m->timed, observer ? on_timed_observe : NULL, m);
}

u64 machine_messages(const struct machine *m)
{
	return m->message_count;
}

bool machine_message_came(const struct machine *m, u64 since, u64 address, u32 data)
{
	for (u64 n = m->message_count; n > since && n + MACHINE_MESSAGES > m->message_count; n--) {
		const struct machine_message *message = &m->messages[(n - 1) % MACHINE_MESSAGES];

		if (message->address == address && message->data == data)
			return true;
	}
	return false;
}

static u64 unit_address(const struct machine *m, size_t unit, u32 offset)
{
	return m->config.platform->iommus[unit].mmio_base + offset;
}

u64 machine_register_read(struct machine *m, size_t unit, u32 offset, unsigned int size)
{
	return m->timed ? timed_read(m->timed, unit_address(m, unit, offset), size)
			: unit_read(m, unit, offset, size);
}

void machine_register_write(struct machine *m, size_t unit, u32 offset, unsigned int size,
			    u64 value)
{
	if (m->timed)
		timed_write(m->timed, unit_address(m, unit, offset), size, value);
	else
		unit_write(m, unit, offset, size, value);
}
