/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address translation services as a VT-d unit offers them: translation requests and their completions,
 * translated requests, and the invalidation of device TLBs (sections 4.2, 6.5.2.5 and 6.5.2.6). What a
 * function makes of a completion is models/pcie/ats.c's.
 */
#include "unit.h"

/* --- how a fault ends a translation request ---------------------------------------------- */

/*
 * Section 7.4: that a page is not there, or not for this request, is no error. The function is told
 * so by a completion that grants nothing, and may ask for the page. (One source: the fact sheet says
 * it of "not there"; which reasons that is, is from memory of the specification.)
 */
static bool recoverable(enum vtd_fault fault)
{
	switch (fault) {
	case VTD_FAULT_NO_WRITE:
	case VTD_FAULT_NO_READ:
	case VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT:
	case VTD_FAULT_SM_FIRST_STAGE_TOP_NO_READ:
	case VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_READ:
	case VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_WRITE:
	case VTD_FAULT_SM_SECOND_STAGE_PERMISSION:
	case VTD_FAULT_SM_USER_TO_SUPERVISOR:
	case VTD_FAULT_SM_NO_EXECUTE:
	case VTD_FAULT_SM_NO_WRITE:
	case VTD_FAULT_SM_NO_READ:
		return true;
	default:
		return false;
	}
}

/* What is wrong with the function as such is unsupported; with one translation, an abort (one source). */
static enum ats_status refusal(enum vtd_fault fault)
{
	switch (fault) {
	case VTD_FAULT_ROOT_NOT_PRESENT:
	case VTD_FAULT_CONTEXT_NOT_PRESENT:
	case VTD_FAULT_CONTEXT_INVALID:
	case VTD_FAULT_TRANSLATION_TYPE_BLOCKED:
	case VTD_FAULT_SM_RTA_INVALID:
	case VTD_FAULT_SM_RTA_LEGACY_WITH_PASID:
	case VTD_FAULT_SM_ROOT_NOT_PRESENT:
	case VTD_FAULT_SM_CONTEXT_NOT_PRESENT:
	case VTD_FAULT_SM_CONTEXT_INVALID:
	case VTD_FAULT_SM_DTE_CLEAR:
	case VTD_FAULT_SM_PASIDE_CLEAR:
		return ATS_UNSUPPORTED_REQUEST;
	default:
		return ATS_COMPLETER_ABORT;
	}
}

/* --- completions ------------------------------------------------------------------------- */

/* A write must have set the dirty bits: without, the function has to ask again before it writes. */
static bool write_prepared(const struct vtd_walk *walk, u64 rights)
{
	const u64 dirty = VTD_FIRST_DIRTY | VTD_SECOND_DIRTY;

	return walk->request->access == ACCESS_WRITE || (rights & dirty) == dirty;
}

static u64 completion_of(const struct vtd_walk *walk, const struct translation_request *asked,
			 const struct vtd_page *page)
{
	const struct ats_range range = { page->address, page->shift };
	unsigned int granted = vtd_granted(walk, page->rights);
	u64 completion = ats_encode_range(range);

	if (granted & ACCESS_READ)
		completion |= ATS_READ;
	if (granted & ACCESS_WRITE && write_prepared(walk, page->rights))
		completion |= ATS_WRITE;
	/* execution is granted to who asks for it, with PASID alone */
	if (granted & ACCESS_EXECUTE && asked->has_pasid && asked->access == ACCESS_EXECUTE)
		completion |= ATS_EXECUTE;
	if (asked->has_pasid && asked->privileged)
		completion |= ATS_PRIVILEGED;
	if (asked->has_pasid && page->rights & VTD_FIRST_GLOBAL)
		completion |= ATS_GLOBAL;
	if (page->rights & VTD_SECOND_SNOOP || walk->space.flags & VTD_SPACE_PGSNP)
		completion |= ATS_NO_SNOOP_FORBIDDEN;
	return completion;
}

static void succeed(struct translation_result *result, u64 completion)
{
	const struct ats_range range = ats_decode_range(completion);

	result->completion = completion;
	result->address = hpa(range.first);
	result->page_size = ats_range_bytes(range);
	result->rights = ats_rights(completion);
}

/*
 * Section 4.2.3 (one source): the interrupt range is to be reached by untranslated writes, which are
 * interrupt requests.
 */
static void complete_interrupt_range(const struct translation_request *asked,
				     struct translation_result *result)
{
	succeed(result, (asked->address.v & ATS_ADDRESS) | ATS_WRITE | ATS_UNTRANSLATED);
}

static enum vtd_fault complete(struct vtd_walk *walk, const struct translation_request *asked,
			       struct translation_result *result)
{
	struct vtd_page page = { 0 };
	enum vtd_fault fault = vtd_find_page(walk, &page);

	result->table_reads = walk->reads;
	walk->unit->counters.table_reads += walk->reads;
	if (!fault)
		succeed(result, completion_of(walk, asked, &page));
	else if (!recoverable(fault))
		result->ats_status = refusal(fault);
	return fault;
}

/* Walks as for the most that the function may do: a write, unless it says that it will not. */
static void translation_request(struct vtd_unit *unit, const struct translation_request *asked,
				struct translation_result *result)
{
	struct translation_request request = *asked;
	struct vtd_walk walk = {
		.unit = unit,
		.request = &request,
		.observed = port_observed(&unit->port),
	};
	bool read_only = asked->no_write && ecap_NWFS(&unit->ecap);
	enum vtd_fault fault = VTD_FAULT_NONE;

	unit->counters.translation_requests++;
	request.access = read_only ? ACCESS_READ : ACCESS_WRITE;
	walk.lowered = read_only ? NULL : &request;
	if (!unit->translating)
		result->ats_status = ATS_UNSUPPORTED_REQUEST;
	else if (!asked->has_pasid && vtd_in_interrupt_range(asked->address.v))
		complete_interrupt_range(asked, result);
	else
		fault = complete(&walk, asked, result);
	if (fault && result->ats_status != ATS_SUCCESS) {
		/* FRCD.EXE: execution was asked for */
		if (asked->access == ACCESS_EXECUTE)
			request.access = ACCESS_EXECUTE;
		vtd_refuse(&walk, result, fault);
	}
	if (walk.observed)
		vtd_show_completion(&walk, result, fault);
}

/* --- translated requests ----------------------------------------------------------------- */

/* Section 4.2.4: the context entry says whether they may pass; no stage is looked at. */
static void translated_request(struct vtd_unit *unit, const struct translation_request *request,
			       struct translation_result *result)
{
	struct vtd_walk walk = {
		.unit = unit,
		.request = request,
		.observed = port_observed(&unit->port),
	};
	struct vtd_page page = { .address = request->address.v, .shift = MODEL_PAGE_SHIFT };
	enum vtd_fault fault = VTD_FAULT_NONE;

	unit->counters.translated_requests++;
	if (unit->translating)
		fault = vtd_find_page(&walk, &page);
	result->table_reads = walk.reads;
	unit->counters.table_reads += walk.reads;
	if (fault) {
		vtd_refuse(&walk, result, fault);
	} else {
		result->address = hpa(page.address);
		result->page_size = 1ULL << page.shift;
		result->rights = ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE;
	}
	if (walk.observed)
		vtd_show_result(unit, request, result);
}

void vtd_ats_request(struct vtd_unit *unit, const struct translation_request *request,
		     struct translation_result *result)
{
	if (request->type == ADDRESS_TRANSLATION_REQUEST)
		translation_request(unit, request, result);
	else
		translated_request(unit, request, result);
}

/* --- invalidation ------------------------------------------------------------------------ */

/*
 * The descriptor is done when the function says that its part is: invalidations go out one after the
 * other, so QDEP, which says how many a function takes at once, holds nothing back. PFSID, the
 * physical function that they are counted for, likewise.
 */
static void invalidate(struct vtd_unit *unit, const struct ats_invalidation *invalidation)
{
	u64 record = vtd_register64(unit, VTD_IQERCD);

	unit->counters.device_tlb_invalidations++;
	if (port_invalidate_device_tlb(&unit->port, invalidation))
		return;
	unit->counters.device_tlb_timeouts++;
	/* section 11.4.9.9: the first one is told, until software has seen it */
	if (!unit->device_timed_out)
		vtd_register64_set(unit, VTD_IQERCD,
				   (record & ~iqercd_ITESID_bits()) |
					   iqercd_ITESID_put(invalidation->source_id));
	unit->device_timed_out = true;
}

enum vtd_queue_error vtd_invalidate_device_tlb(struct vtd_unit *unit, const u64 *d)
{
	const struct ats_invalidation invalidation = {
		.source_id = (u16)device_tlb_invalidate_SID(d),
		.body = device_tlb_invalidate_ADDR(d) | (device_tlb_invalidate_S(d) ? ATS_SIZE : 0),
	};

	invalidate(unit, &invalidation);
	return VTD_QUEUE_OK;
}

enum vtd_queue_error vtd_invalidate_pasid_device_tlb(struct vtd_unit *unit, const u64 *d)
{
	const struct ats_invalidation invalidation = {
		.source_id = (u16)pasid_device_tlb_invalidate_SID(d),
		.has_pasid = true,
		.pasid = (u32)pasid_device_tlb_invalidate_PASID(d),
		.body = pasid_device_tlb_invalidate_ADDR(d) |
			(pasid_device_tlb_invalidate_S(d) ? ATS_SIZE : 0) |
			(pasid_device_tlb_invalidate_G(d) ? ATS_INVALIDATE_GLOBAL : 0),
	};

	invalidate(unit, &invalidation);
	return VTD_QUEUE_OK;
}
