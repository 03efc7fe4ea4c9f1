/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupt remapping (chapter 5): from a device's write to the interrupt range to the message that reaches a
 * processor, by interrupt index, interrupt entry cache, remapping entry and its checks; or into a posted-interrupt
 * descriptor. The unit's own events are fault.c's: they are not remapped (5.1.6). Sections are those of Rev. 5.10.
 */
#include "unit.h"

#define MESSAGE_BYTES 4

bool vtd_in_interrupt_range(u64 address)
{
	return address >> 20 == 0xfee;
}

enum vtd_fault vtd_interrupt_range_fault(const struct vtd_unit *unit)
{
	return unit->table_mode == VTD_TTM_LEGACY ? VTD_FAULT_INTERRUPT_ADDRESS
						  : VTD_FAULT_SM_INTERRUPT_ADDRESS;
}

/* A remappable request on its way through the unit. */
struct remapping {
	struct vtd_walk walk;
	struct translation_request recorded; /* as fault records tell it: by index, not by address */
	u32 index;
	u64 address; /* of the entry */
	u64 irte[2];
};

/* --- the entry --------------------------------------------------------------------------- */

/* Section 5.1.3: handle, and subhandle if there is one. */
static enum vtd_fault find_index(struct remapping *r, const struct translation_request *request)
{
	const u64 address = request->address.v;
	const bool subhandle = remappable_address_SHV(&address);

	r->index = (u32)(remappable_address_HANDLE(&address) |
			 remappable_address_HANDLE_HI(&address) << 15);
	if (subhandle)
		r->index += request->data & 0xffff;
	r->address = r->walk.unit->interrupt_table + r->index * sizeof(r->irte);
	/* section 7.3: FI 63:48 */
	r->recorded.address.v = (u64)r->index << 48;
	if (subhandle && request->data >> 16)
		return VTD_FAULT_INTERRUPT_REQUEST_RESERVED;
	if (r->index >= r->walk.unit->interrupt_entries ||
	    r->address & r->walk.unit->limits.beyond_host)
		return VTD_FAULT_INTERRUPT_INDEX_TOO_LARGE;
	return VTD_FAULT_NONE;
}

/* What of DST and NDST xAPIC mode does not have. */
static u64 beyond_destination(const struct vtd_unit *unit)
{
	return unit->extended_interrupts ? 0 : 0xffff00ff;
}

/* Sections 9.9 and 9.10: what an entry must not have, by its format. */
static void reserved_of_entry(const struct vtd_unit *unit, const u64 *irte, u64 reserved[2])
{
	if (irte_IM(irte) && cap_PI(&unit->cap)) {
		reserved[0] = ~irte_posted_fields(0);
		reserved[1] = ~irte_posted_fields(1) |
			      irte_posted_PDAH_put(unit->limits.beyond_host >> 32);
	} else {
		reserved[0] = ~irte_fields(0) | irte_DST_put(beyond_destination(unit)) |
			      (cap_PI(&unit->cap) ? 0 : irte_IM_bits());
		reserved[1] = ~irte_fields(1);
	}
	if (irte_SVT(irte) == 3)
		reserved[1] |= irte_SVT_bits();
}

static bool entry_reserved(const struct vtd_unit *unit, const u64 *irte)
{
	u64 reserved[2];

	reserved_of_entry(unit, irte, reserved);
	return irte[0] & reserved[0] || irte[1] & reserved[1];
}

/* SVT and SQ */
static bool source_allowed(const u64 *irte, u16 source_id)
{
	const u16 named = (u16)irte_SID(irte);
	const unsigned int bus = source_id >> 8;

	if (irte_SVT(irte) == 1)
		return !((source_id ^ named) & ~vtd_function_mask((unsigned int)irte_SQ(irte)));
	if (irte_SVT(irte) == 2)
		return bus >= named >> 8 && bus <= (named & 0xffu);
	return true;
}

/* In this order: 5.1.4 */
static enum vtd_fault judge_entry(struct remapping *r)
{
	const u64 *irte = r->irte;

	r->walk.fpd = irte_FPD(irte);
	if (!irte_P(irte))
		return VTD_FAULT_INTERRUPT_ENTRY_NOT_PRESENT;
	if (!source_allowed(irte, r->walk.request->source_id))
		return VTD_FAULT_INTERRUPT_SOURCE;
	return entry_reserved(r->walk.unit, irte) ? VTD_FAULT_INTERRUPT_ENTRY_RESERVED
						  : VTD_FAULT_NONE;
}

static bool read_entry(struct remapping *r)
{
	struct vtd_table_access access = {
		.what = "interrupt remapping entry",
		.address = r->address,
	};
	enum port_status status =
		vtd_read_table(&r->walk, access.address, r->irte, sizeof(r->irte));
	u64 reserved[2];

	if (!r->walk.observed)
		return status == PORT_OK;
	reserved_of_entry(r->walk.unit, r->irte, reserved);
	if (status == PORT_OK && irte_P(r->irte))
		access.reserved = reserved;
	vtd_show_read(&r->walk, &access, r->irte, sizeof(r->irte), status);
	return status == PORT_OK;
}

static bool hits_cache(struct remapping *r)
{
	struct vtd_unit *unit = r->walk.unit;
	const struct vtd_interrupt_entry *cached;

	if (!cache_on(&unit->interrupt_cache))
		return false;
	port_lookup(&unit->port, PORT_LOOKUP_INTERRUPT, unit->interrupt_cache.latency);
	cached = cache_lookup(&unit->interrupt_cache, (struct cache_tag){ r->index, 0 });
	if (cached) {
		r->irte[0] = cached->irte[0];
		r->irte[1] = cached->irte[1];
	}
	if (r->walk.observed)
		vtd_show_cache(unit, cached ? PORT_EVENT_CACHE_HIT : PORT_EVENT_CACHE_MISS,
			       "interrupt entry cache", r->index);
	return cached;
}

static void fill_cache(struct remapping *r)
{
	struct vtd_unit *unit = r->walk.unit;
	struct vtd_interrupt_entry *entry;

	if (!vtd_may_fill(&r->walk))
		return;
	entry = cache_fill(&unit->interrupt_cache, (struct cache_tag){ r->index, 0 });
	if (!entry)
		return;
	entry->irte[0] = r->irte[0];
	entry->irte[1] = r->irte[1];
	vtd_show_fill(unit, "interrupt entry cache", r->index, 0, 0);
}

/*
 * An entry that an invalidation overlapped is void, and so is the place that it was read from: as in translate.c.
 * Section 6.4: one that ends a request by a fault is kept in caching mode alone.
 */
static enum vtd_fault find_entry(struct remapping *r, const struct translation_request *request)
{
	enum vtd_fault fault;
	int tries = 0;

	do {
		r->walk.epoch = r->walk.unit->epoch;
		fault = find_index(r, request);
		if (fault)
			return fault;
		if (hits_cache(r))
			return judge_entry(r);
		fault = VTD_FAULT_INTERRUPT_ENTRY_ACCESS;
		if (!read_entry(r))
			continue;
		fault = judge_entry(r);
		if (!fault || cap_CM(&r->walk.unit->cap))
			fill_cache(r);
	} while (!vtd_may_fill(&r->walk) && ++tries < VTD_TRIES);
	return fault;
}

/* --- what comes of it -------------------------------------------------------------------- */

/* Where a message goes: in xAPIC mode, bits 15:8 of DST and NDST name the destination. */
static u64 message_address(const struct vtd_unit *unit, u64 destination)
{
	if (!unit->extended_interrupts)
		destination >>= 8;
	return interrupt_address_BASE_put(0xfee00000) |
	       interrupt_address_DST_put(destination & 0xff) |
	       interrupt_address_DST_HI_put(destination >> 8);
}

static void remap(const struct remapping *r, struct translation_result *result)
{
	const u64 *irte = r->irte;

	result->address = hpa(message_address(r->walk.unit, irte_DST(irte)) |
			      interrupt_address_RH_put(irte_RH(irte)) |
			      interrupt_address_DM_put(irte_DM(irte)));
	/* always asserted: 5.1.4 */
	result->data =
		(u32)(interrupt_data_V_put(irte_V(irte)) | interrupt_data_DLM_put(irte_DLM(irte)) |
		      interrupt_data_LEVEL_bits() | interrupt_data_TM_put(irte_TM(irte)));
}

/* Section 9.11: of the quadwords behind the vectors. */
static bool descriptor_reserved(const u64 *pd, const u64 *reserved)
{
	return pd[4] & reserved[4] || pd[5] | pd[6] | pd[7];
}

/*
 * Section 5.2.3. Hardware updates the descriptor in one atomic access; here the vector is there before ON is set,
 * so that software, which clears ON before it looks for vectors, sees no difference.
 */
static enum vtd_fault post_once(struct remapping *r, struct translation_result *result)
{
	struct vtd_walk *walk = &r->walk;
	const u64 vector = irte_posted_V(r->irte);
	const u64 bit = 1ULL << vector % 64;
	const u64 at = irte_posted_PDAH(r->irte) << 32 | irte_posted_PDAL(r->irte) << 6;
	struct vtd_table_access access = {
		.what = "posted-interrupt descriptor",
		.address = at,
		.marks = ~0ULL, /* other vectors that are posted meanwhile */
		.refused = VTD_FAULT_POSTED_DESCRIPTOR_ACCESS,
	};
	const u64 reserved[8] = {
		[4] = ~posted_descriptor_fields(4) |
		      posted_descriptor_NDST_put(beyond_destination(walk->unit)),
		[5] = ~0ULL,
		[6] = ~0ULL,
		[7] = ~0ULL,
	};
	enum vtd_fault fault;
	enum port_status status;
	u64 pd[8] = { 0 };

	status = vtd_read_table(walk, at, pd, sizeof(pd));
	access.reserved = status == PORT_OK ? reserved : NULL;
	if (walk->observed)
		vtd_show_read(walk, &access, pd, sizeof(pd), status);
	if (status != PORT_OK)
		return VTD_FAULT_POSTED_DESCRIPTOR_ACCESS;
	if (descriptor_reserved(pd, reserved))
		return VTD_FAULT_POSTED_DESCRIPTOR_RESERVED;
	access.address = at + vector / 64 * 8;
	fault = vtd_update_table(walk, &access, &pd[vector / 64], bit);
	if (fault)
		return fault;
	result->posted = true;
	result->silent = posted_descriptor_ON(pd) ||
			 (posted_descriptor_SN(pd) && !irte_posted_URG(r->irte));
	if (result->silent)
		return VTD_FAULT_NONE;
	access.address = at + 32;
	access.marks = 0;
	result->address = hpa(message_address(walk->unit, posted_descriptor_NDST(pd)));
	result->data =
		(u32)(interrupt_data_V_put(posted_descriptor_NV(pd)) | interrupt_data_LEVEL_bits());
	return vtd_update_table(walk, &access, &pd[4], posted_descriptor_ON_bits());
}

static enum vtd_fault post(struct remapping *r, struct translation_result *result)
{
	enum vtd_fault fault;
	int tries = 0;

	/* descriptors are always accessed coherently */
	r->walk.space.flags = VTD_SPACE_PWSNP;
	do
		fault = post_once(r, result);
	while (fault == VTD_WALK_AGAIN && ++tries < VTD_TRIES);
	if (!fault)
		r->walk.unit->counters.interrupts_posted++;
	return fault == VTD_WALK_AGAIN ? VTD_FAULT_POSTED_DESCRIPTOR_ACCESS : fault;
}

/* Section 5.1.4 */
static enum vtd_fault remappable_request(struct remapping *r,
					 const struct translation_request *request,
					 struct translation_result *result)
{
	enum vtd_fault fault = find_entry(r, request);

	if (fault)
		return fault;
	if (irte_IM(r->irte))
		return post(r, result);
	remap(r, result);
	return VTD_FAULT_NONE;
}

/*
 * Section 3.15, Table 15: of a doubleword written without PASID alone is an interrupt made; anything else is no access
 * to memory either.
 */
static bool is_message(const struct translation_request *request)
{
	return request->access == ACCESS_WRITE && request->len == MESSAGE_BYTES &&
	       request->address.v % MESSAGE_BYTES == 0;
}

/* Section 5.1.4: what is refused before its format is looked at, and what of the compatibility format. */
static enum vtd_fault mode_refuses(const struct vtd_unit *unit, bool remappable)
{
	if (!unit->remapping)
		return ecap_IRREQ(&unit->ecap) ? VTD_FAULT_INTERRUPT_REMAPPING_REQUIRED
					       : VTD_FAULT_NONE;
	if (ecap_EIMER(&unit->ecap) && !unit->extended_interrupts)
		return VTD_FAULT_INTERRUPT_MODE_REQUIRED;
	if (!remappable && (unit->extended_interrupts || !unit->compatibility))
		return VTD_FAULT_INTERRUPT_COMPATIBILITY_BLOCKED;
	return VTD_FAULT_NONE;
}

static enum vtd_fault judge(struct remapping *r, const struct translation_request *request,
			    struct translation_result *result)
{
	struct vtd_unit *unit = r->walk.unit;
	const u64 address = request->address.v;
	const bool remappable = remappable_address_FORMAT(&address);
	enum vtd_fault fault;

	if (!is_message(request))
		return VTD_FAULT_INTERRUPT_INVALID;
	unit->counters.interrupt_requests++;
	r->recorded.address.v = 0; /* no index yet */
	fault = mode_refuses(unit, remappable);
	if (fault)
		return fault;
	result->interrupt = true;
	result->rights = ACCESS_WRITE;
	result->page_size = MODEL_PAGE_SIZE;
	if (unit->remapping && remappable)
		return remappable_request(r, request, result);
	result->address = hpa(address);
	result->data = request->data;
	return VTD_FAULT_NONE;
}

void vtd_interrupt_request(struct vtd_unit *unit, const struct translation_request *request,
			   struct translation_result *result)
{
	struct remapping r = {
		.walk = { .unit = unit, .observed = port_observed(&unit->port) },
		.recorded = *request,
	};
	enum vtd_fault fault;

	r.walk.request = request;
	fault = judge(&r, request, result);
	result->table_reads = r.walk.reads;
	unit->counters.table_reads += r.walk.reads;
	if (fault) {
		*result = (struct translation_result){ .table_reads = r.walk.reads };
		r.walk.request = &r.recorded;
		vtd_refuse(&r.walk, result, fault);
	}
}

/* --- commands ---------------------------------------------------------------------------- */

/* Section 11.4.4.1: IRTA takes effect now. */
void vtd_interrupt_set_table(struct vtd_unit *unit)
{
	const struct vtd_interrupt_invalidation all = { .by_index = false };
	u64 irta = vtd_register64(unit, VTD_IRTA);

	unit->interrupt_table = irta_IRTA(&irta);
	unit->interrupt_entries = 2u << irta_S(&irta);
	unit->extended_interrupts = irta_EIME(&irta) && ecap_EIM(&unit->ecap);
	if (cap_ESIRTPS(&unit->cap))
		vtd_invalidate_interrupts(unit, &all);
}

void vtd_interrupt_enable(struct vtd_unit *unit, bool on)
{
	u64 status = vtd_register32(unit, VTD_GSTS);

	if (on && !gsts_IRTPS(&status))
		vtd_software_error(unit, "GCMD.IRE", 0,
				   "interrupt remapping is enabled before its table was set");
	unit->remapping = on;
}
