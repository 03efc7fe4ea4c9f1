/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtual unit: what it offers, and the model of a unit that keeps its registers and works off its queue. That
 * model never translates: the devices' requests go through the host's units.
 */
#include "viommu_private.h"

#include "vtd/vtd-format.h"

#include <stdlib.h>
#include <string.h>

#define GCMD 0x18u
#define GSTS 0x1cu
#define RTADDR 0x20u

#define ADDRESS_WIDTH 48u /* bits of guest-physical addresses that its tables may have */

/* ---- what a unit offers ---- */

/*
 * QEMU's emulated unit with caching mode, as the boot log of its guests shows it: 48-bit addresses, one fault record
 * at 0x220, queued invalidation, interrupt remapping, pass-through.
 */
#define BASE_CAP 0x00d2008c222f0686ULL
#define BASE_ECAP 0x00f00f5aULL

/*
 * What QEMU's nesting series adds for x-scalable-mode=modern, whatever the host (2020-01, patch "modify
 * x-scalable-mode to be string option" and "add virtual command capability support").
 */
static const char *const modern[] = { "SMTS", "SRS", "PASID", "FSTS", "VCS", NULL };

/* What the host's registers tell (version 7) and a first stage, or its requests, can do without. */
static const char *const optional_cap[] = { "FS1GP", "FS5LP", NULL };
static const char *const optional_ecap[] = { "ERS", "SRS", "EAFS", "PASID", NULL };

/* What the host tells of, too, but a VMM offers only if its user says so: it takes a device TLB. */
static const char *const only_on_request[] = { "PRS", NULL };

static u64 get(const char *format, const char *name, u64 value)
{
	return format_field_get(vtd_field(vtd_format(format), name), &value);
}

static void set(const char *format, const char *name, u64 *value, u64 to)
{
	format_field_set(vtd_field(vtd_format(format), name), value, to);
}

static void take(const char *format, const char *const *names, u64 *value, u64 host)
{
	for (; *names; names++)
		set(format, *names, value, get(format, *names, host));
}

void viommu_derive(const struct viommu_info *info, u64 *cap, u64 *ecap)
{
	unsigned int pasid_bits = info->has_registers ? info->pasid_bits : 20;

	*cap = BASE_CAP;
	*ecap = BASE_ECAP;
	if (!info->nesting)
		return;
	for (const char *const *name = modern; *name; name++)
		set("ecap", *name, ecap, 1);
	set("ecap", "PSS", ecap, pasid_bits ? pasid_bits - 1 : 0);
	if (!info->has_registers)
		return;
	if (info->addr_width && info->addr_width < get("cap", "MGAW", *cap) + 1)
		set("cap", "MGAW", cap, info->addr_width - 1);
	take("cap", optional_cap, cap, info->cap);
	take("ecap", optional_ecap, ecap, info->ecap);
}

static const char *first_beyond(const char *format, const char *const *names, u64 value, u64 host)
{
	for (; *names; names++) {
		if (get(format, *names, value) > get(format, *names, host))
			return *names;
	}
	return NULL;
}

const char *viommu_unkept(const struct viommu_info *info, u64 cap, u64 ecap)
{
	const char *name;

	if (!info->nesting || !info->has_registers)
		return NULL;
	name = first_beyond("ecap", only_on_request, ecap, info->ecap);
	if (!name)
		name = first_beyond("ecap", optional_ecap, ecap, info->ecap);
	if (!name && get("ecap", "PASID", ecap) && get("ecap", "PSS", ecap) + 1 > info->pasid_bits)
		name = "PSS";
	return name ? name : first_beyond("cap", optional_cap, cap, info->cap);
}

/* ---- the model's port ---- */

static enum port_status port_status(bool done)
{
	return done ? PORT_OK : PORT_ERROR;
}

static enum port_status unit_read(void *ctx, hpa_t address, void *buf, size_t len)
{
	struct viommu *v = ctx;

	return port_status(v->ops->read(v->ctx, address.v, buf, len));
}

static enum port_status unit_write(void *ctx, hpa_t address, const void *buf, size_t len)
{
	struct viommu *v = ctx;

	return port_status(v->ops->write(v->ctx, address.v, buf, len));
}

static void unit_interrupt(void *ctx, u64 address, u32 data)
{
	struct viommu *v = ctx;

	v->ops->interrupt(v->ctx, address, data);
}

static void unit_spend(void *ctx, unsigned int cycles)
{
	(void)ctx;
	(void)cycles;
}

static void unit_descriptor_done(void *ctx, const u64 *descriptor)
{
	pass_on(ctx, descriptor);
}

static void unit_respond_page_group(void *ctx, const struct page_group_response *response)
{
	struct viommu *v = ctx;

	v->ops->page_response(v->ctx, response);
}

/* ---- virtual commands ---- */

enum { COMMAND_ALLOC = 1, COMMAND_FREE = 2 };

/* Status codes as Linux' guest driver reads them (drivers/iommu/intel/pasid.h, 6.1). */
enum { STATUS_UNDEFINED = 1, STATUS_NO_PASID = 16, STATUS_INVALID_PASID = 16 };

#define PASID_MIN 1u
#define PASID_MAX 0xfffffu

static u64 status(u64 code)
{
	u64 response = 0;

	set("vcrsp", "SC", &response, code);
	return response;
}

static u64 alloc_pasid(struct viommu *v)
{
	long pasid = v->ops->alloc_pasid(v->ctx, PASID_MIN, PASID_MAX);
	u64 response = 0;

	if (pasid <= 0)
		return status(STATUS_NO_PASID);
	set("vcrsp", "RSLT", &response, (u64)pasid);
	return response;
}

static u64 unit_virtual_command(void *ctx, u64 command)
{
	struct viommu *v = ctx;
	u64 operand = get("vcmd", "OPERAND", command);

	switch (get("vcmd", "CMD", command)) {
	case COMMAND_ALLOC:
		return alloc_pasid(v);
	case COMMAND_FREE:
		if (operand < PASID_MIN || operand > PASID_MAX ||
		    v->ops->free_pasid(v->ctx, (u32)operand) != 0)
			return status(STATUS_INVALID_PASID);
		return 0;
	default:
		return status(STATUS_UNDEFINED);
	}
}

static const struct port_ops unit_ops = {
	.read = unit_read,
	.write = unit_write,
	.interrupt = unit_interrupt,
	.spend = unit_spend,
	.respond_page_group = unit_respond_page_group,
	.descriptor_done = unit_descriptor_done,
	.virtual_command = unit_virtual_command,
};

/* ---- the unit ---- */

struct viommu *viommu_create(u64 cap, u64 ecap, const struct viommu_ops *ops, void *ctx)
{
	struct viommu *v = calloc(1, sizeof(*v));
	const struct port port = { .ops = &unit_ops, .ctx = v };
	struct vtd_config config = {
		.version = 0x10,
		.cap = cap,
		.ecap = ecap,
		.vccap = 1, /* PASIDs */
		.host_address_width = ADDRESS_WIDTH,
	};

	if (!v)
		return NULL;
	*v = (struct viommu){ .ops = ops, .ctx = ctx, .cap = cap, .ecap = ecap };
	v->unit = vtd_create(&config, &port);
	if (v->unit)
		return v;
	free(v);
	return NULL;
}

void viommu_destroy(struct viommu *v)
{
	if (!v)
		return;
	shadow_clear(v);
	vtd_destroy(v->unit);
	free(v);
}

u64 viommu_register_read(struct viommu *v, u32 offset, unsigned int size)
{
	return vtd_mmio_read(v->unit, offset, size);
}

static u64 global_status(struct viommu *v)
{
	return vtd_mmio_read(v->unit, GSTS, 4);
}

bool viommu_translates(struct viommu *v)
{
	return get("gsts", "TES", global_status(v));
}

bool viommu_tables(struct viommu *v, struct viommu_tables *tables)
{
	if (!viommu_translates(v) || get("rtaddr", "TTM", v->root) != 1 ||
	    !get("ecap", "FSTS", v->ecap))
		return false;
	*tables = (struct viommu_tables){
		.read = v->ops->read,
		.ctx = v->ctx,
		.root = get("rtaddr", "RTA", v->root),
		.cap = v->cap,
		.ecap = v->ecap,
	};
	return true;
}

void viommu_register_write(struct viommu *v, u32 offset, unsigned int size, u64 value)
{
	u64 before = global_status(v), root = v->root;
	bool command = offset == GCMD && size == 4;

	if (command && get("gcmd", "SRTP", value))
		v->root = vtd_mmio_read(v->unit, RTADDR, 8);
	vtd_mmio_write(v->unit, offset, size, value);
	/* other tables, or none any more */
	if (v->root != root || get("gsts", "TES", before) != get("gsts", "TES", global_status(v)))
		shadow_sync(v, SHADOW_ALL);
}

void viommu_page_request(struct viommu *v, const struct page_request *request)
{
	vtd_page_request(v->unit, request);
}

void viommu_report_fault(struct viommu *v, const struct translation_request *request,
			 enum vtd_fault fault)
{
	vtd_report_fault(v->unit, request, fault);
}

void viommu_unplug(struct viommu *v, u16 source_id)
{
	shadow_drop(v, source_id);
}
