/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address translation services as a VT-d unit offers them: translation requests and their completions,
 * translated requests, and the invalidation of device TLBs (sections 4.2, 6.5.2.5 and 6.5.2.6). What a
 * function makes of a completion is models/pcie/ats.c's.
 */
#include "unit.h"

/* --- how a fault ends a translation request ---------------------------------------------- */

/*
 * Table 30: that a page is not there, or not for this request, is no error. The function is told so by
 * a completion that grants nothing, and may ask for the page.
 */
static bool recoverable(enum vtd_fault fault)
{
	switch (fault) {
	case VTD_FAULT_BEYOND_ADDRESS_WIDTH:
	case VTD_FAULT_NO_WRITE:
	case VTD_FAULT_NO_READ:
	case VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT:
	case VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT:
	case VTD_FAULT_SM_ERE_CLEAR:
	case VTD_FAULT_SM_SRE_CLEAR:
	case VTD_FAULT_SM_FIRST_STAGE_ACCESS:
	case VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT:
	case VTD_FAULT_SM_FIRST_STAGE_RESERVED:
	case VTD_FAULT_SM_FIRST_STAGE_TOP_ACCESS:
	case VTD_FAULT_SM_FIRST_STAGE_OUT_OF_REACH:
	case VTD_FAULT_SM_FIRST_STAGE_TOP_NO_READ:
	case VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_READ:
	case VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_WRITE:
	case VTD_FAULT_SM_SECOND_STAGE_PERMISSION:
	case VTD_FAULT_SM_NOT_CANONICAL:
	case VTD_FAULT_SM_USER_TO_SUPERVISOR:
	case VTD_FAULT_SM_BEYOND_HOST_WIDTH:
	case VTD_FAULT_SM_BEYOND_SECOND_STAGE_WIDTH:
	case VTD_FAULT_SM_NO_READ:
	case VTD_FAULT_SM_FIRST_STAGE_AD_NO_SNOOP:
	case VTD_FAULT_SM_FIRST_STAGE_AD_UPDATE:
		return true;
	default:
		return false;
	}
}

/* Table 30: what is wrong with the function as such is unsupported; with its tables, an abort. */
static enum ats_status refusal(enum vtd_fault fault)
{
	switch (fault) {
	case VTD_FAULT_ROOT_NOT_PRESENT:
	case VTD_FAULT_CONTEXT_NOT_PRESENT:
	case VTD_FAULT_TRANSLATION_TYPE_BLOCKED:
	case VTD_FAULT_SM_RTA_LEGACY_WITH_PASID:
	case VTD_FAULT_SM_RTA_ABORT:
	case VTD_FAULT_SM_ROOT_NOT_PRESENT:
	case VTD_FAULT_SM_CONTEXT_NOT_PRESENT:
	case VTD_FAULT_SM_DTE_CLEAR:
	case VTD_FAULT_SM_PASIDE_CLEAR:
	case VTD_FAULT_SM_PASID_TOO_LARGE:
	case VTD_FAULT_SM_PASID_IS_RID_PASID:
	case VTD_FAULT_SM_PASID_BEYOND_PSS:
		return ATS_UNSUPPORTED_REQUEST;
	default:
		return ATS_COMPLETER_ABORT;
	}
}

/* --- completions ------------------------------------------------------------------------- */

static u64 completion_of(const struct vtd_walk *walk, const struct translation_request *asked,
			 const struct vtd_page *page)
{
	const struct ats_range range = { page->address, page->shift };
	unsigned int granted = vtd_granted(walk, page->rights);
	u64 completion = ats_encode_range(range);

	if (granted & ACCESS_READ)
		completion |= ATS_READ;
	/* not to who said that it will not write: the page was not made dirty */
	if (granted & ACCESS_WRITE && walk->request->access == ACCESS_WRITE)
		completion |= ATS_WRITE;
	/* execution is granted to who asks for it, with PASID alone */
	if (granted & ACCESS_EXECUTE && asked->has_pasid && asked->access == ACCESS_EXECUTE)
		completion |= ATS_EXECUTE;
	if (asked->has_pasid && asked->privileged)
		completion |= ATS_PRIVILEGED;
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
 * Table 30, S.1 and S.2: the interrupt range is to be reached by untranslated writes, which are
 * interrupt requests.
 */
static u64 completion_of_interrupt_range(const struct vtd_walk *walk)
{
	if (walk->request->access != ACCESS_WRITE)
		return 0;
	return (walk->request->address.v & ATS_ADDRESS) | ATS_WRITE | ATS_UNTRANSLATED;
}

static enum vtd_fault complete(struct vtd_walk *walk, const struct translation_request *asked,
			       struct translation_result *result)
{
	struct vtd_page page = { 0 };
	enum vtd_fault fault = vtd_find_page(walk, &page);

	result->table_reads = walk->reads;
	walk->unit->counters.table_reads += walk->reads;
	if (!fault && vtd_asks_for_interrupt(asked))
		succeed(result, completion_of_interrupt_range(walk));
	else if (!fault)
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
		.execute = asked->has_pasid && asked->access == ACCESS_EXECUTE,
	};
	bool read_only = asked->no_write && ecap_NWFS(&unit->ecap);
	enum vtd_fault fault = VTD_FAULT_NONE;

	unit->counters.translation_requests++;
	request.access = read_only ? ACCESS_READ : ACCESS_WRITE;
	walk.lowered = read_only ? NULL : &request;
	if (!unit->translating)
		result->ats_status = ATS_UNSUPPORTED_REQUEST;
	else
		fault = complete(&walk, asked, result);
	/* SFS.10 is reported although it is recoverable */
	if (fault &&
	    (result->ats_status != ATS_SUCCESS || fault == VTD_FAULT_SM_FIRST_STAGE_AD_UPDATE)) {
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
	else if (vtd_protected(unit, page.address))
		fault = VTD_BLOCKED;
	else if (vtd_in_interrupt_range(request->address.v))
		fault = vtd_interrupt_range_fault(unit);
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

void vtd_device_tlb_answered(struct vtd_unit *unit, unsigned int tag, bool answered)
{
	struct vtd_outstanding *request = &unit->outstanding[tag];
	u64 record = vtd_register64(unit, VTD_IQERCD);

	request->carried = false;
	/* a completion that came of itself may have been for it */
	if (!request->pending)
		return;
	request->pending = false;
	unit->outstanding_count--;
	if (answered)
		return;
	unit->counters.device_tlb_timeouts++;
	/* section 11.4.9.9: the first one is told, until software has seen it */
	if (!unit->device_timed_out)
		vtd_register64_set(unit, VTD_IQERCD,
				   (record & ~iqercd_ITESID_bits()) |
					   iqercd_ITESID_put(request->source_id));
	unit->device_timed_out = true;
}

/* Section 6.5.2.11: an error that stops nothing (one source). The first one is told until software clears ICE. */
void vtd_device_tlb_completion(struct vtd_unit *unit, u16 source_id, unsigned int tag)
{
	struct vtd_outstanding *request = &unit->outstanding[tag];
	u64 status = vtd_register32(unit, VTD_FSTS);
	u64 record = vtd_register64(unit, VTD_IQERCD);

	if (request->pending && request->source_id == source_id) {
		request->pending = false;
		unit->outstanding_count--;
		vtd_queue_wake(unit);
		return;
	}
	unit->counters.completion_errors++;
	if (!fsts_ICE(&status))
		vtd_register64_set(unit, VTD_IQERCD,
				   (record & ~iqercd_ICESID_bits()) | iqercd_ICESID_put(source_id));
	vtd_fault_status_raise(unit, (u32)fsts_ICE_bits());
}

void vtd_device_tlb_settle(struct vtd_unit *unit)
{
	while (unit->outstanding_count)
		unit->port.ops->await_device_tlb(unit->port.ctx);
}

static unsigned int outstanding_of(const struct vtd_unit *unit, u16 function)
{
	unsigned int tag, count = 0;

	for (tag = 0; tag < ATS_TAGS; tag++)
		count += unit->outstanding[tag].pending &&
			 unit->outstanding[tag].counted_for == function;
	return count;
}

/* One that no message bears any more: a request can be done before that. ATS_TAGS: there is none. */
static u8 free_tag(const struct vtd_unit *unit)
{
	u8 tag = 0;

	while (tag < ATS_TAGS && unit->outstanding[tag].carried)
		tag++;
	return tag;
}

/* What a descriptor says of the function's queue: how many it holds, and whose queue it is. */
struct device_queue {
	unsigned int depth; /* QDEP; 0 stands for ATS_TAGS */
	u16 physical_function; /* PFSID */
};

/*
 * Sends an invalidation as soon as the function has room for it. The descriptor is done then; that the
 * function has done its part, wait descriptors wait for.
 */
static enum vtd_queue_error send(struct vtd_unit *unit, struct ats_invalidation *invalidation,
				 struct device_queue queue)
{
	unsigned int depth = queue.depth ? queue.depth : ATS_TAGS;
	u16 counted_for = invalidation->source_id;
	const struct port_ops *ops = unit->port.ops;

	/* section 6.5.2.5: with DIT, the queue is that of the physical function; without, PFSID is reserved */
	if (queue.physical_function && !ecap_DIT(&unit->ecap))
		return VTD_QUEUE_RESERVED;
	if (queue.physical_function)
		counted_for = queue.physical_function;
	while (free_tag(unit) == ATS_TAGS || outstanding_of(unit, counted_for) >= depth)
		ops->await_device_tlb(unit->port.ctx);
	invalidation->tag = free_tag(unit);
	unit->outstanding[invalidation->tag] = (struct vtd_outstanding){
		.pending = true,
		.carried = true,
		.source_id = invalidation->source_id,
		.counted_for = counted_for,
	};
	unit->outstanding_count++;
	unit->counters.device_tlb_invalidations++;
	if (ops->post_device_tlb)
		ops->post_device_tlb(unit->port.ctx, invalidation);
	else
		vtd_device_tlb_answered(unit, invalidation->tag,
					port_invalidate_device_tlb(&unit->port, invalidation));
	return VTD_QUEUE_OK;
}

enum vtd_queue_error vtd_invalidate_device_tlb(struct vtd_unit *unit, const u64 *d)
{
	const struct device_queue queue = {
		.depth = (unsigned int)device_tlb_invalidate_QDEP(d),
		.physical_function = (u16)(device_tlb_invalidate_PFSID_LO(d) |
					   device_tlb_invalidate_PFSID_HI(d) << 4),
	};
	struct ats_invalidation invalidation = {
		.source_id = (u16)device_tlb_invalidate_SID(d),
		.body = device_tlb_invalidate_ADDR(d) | (device_tlb_invalidate_S(d) ? ATS_SIZE : 0),
	};

	return send(unit, &invalidation, queue);
}

enum vtd_queue_error vtd_invalidate_pasid_device_tlb(struct vtd_unit *unit, const u64 *d)
{
	const struct device_queue queue = {
		.depth = (unsigned int)pasid_device_tlb_invalidate_QDEP(d),
		.physical_function = (u16)(pasid_device_tlb_invalidate_PFSID_LO(d) |
					   pasid_device_tlb_invalidate_PFSID_HI(d) << 4),
	};
	struct ats_invalidation invalidation = {
		.source_id = (u16)pasid_device_tlb_invalidate_SID(d),
		.has_pasid = true,
		.pasid = (u32)pasid_device_tlb_invalidate_PASID(d),
		.body = pasid_device_tlb_invalidate_ADDR(d) |
			(pasid_device_tlb_invalidate_S(d) ? ATS_SIZE : 0) |
			(pasid_device_tlb_invalidate_G(d) ? ATS_INVALIDATE_GLOBAL : 0),
	};

	return send(unit, &invalidation, queue);
}
