/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page requests (sections 7.4 to 7.8): their way into the page request queue with its event, answers that the unit
 * gives by itself, and the descriptors by which software answers. What a function asks for, and what it makes of an
 * answer, is models/pcie/pri.c's.
 */
#include "unit.h"

#define ENTRY_BYTES 32u
#define ENTRY_QUADWORDS 4

/* --- status and event (7.5) -------------------------------------------------------------- */

/* Sets bits of PRS; the first one to be set is an event. */
static void raise_status(struct vtd_unit *unit, u64 bits)
{
	u32 status = vtd_register32(unit, VTD_PRS);

	vtd_register32_set(unit, VTD_PRS, status | (u32)bits);
	if (!status)
		vtd_event_raise(unit, VTD_PECTL);
}

void vtd_page_request_status_changed(struct vtd_unit *unit)
{
	u32 control = vtd_register32(unit, VTD_PECTL);

	/* all has been served: nothing is left to be signalled */
	if (!vtd_register32(unit, VTD_PRS))
		vtd_register32_set(unit, VTD_PECTL, control & (u32)~event_control_IP_bits());
}

/* --- answers ------------------------------------------------------------------------------ */

/* Table 31: who asks last in a group is told even if the request is dropped. */
static void answer(struct vtd_unit *unit, const struct page_request *request,
		   enum pri_response code)
{
	const struct page_group_response response = {
		.source_id = request->source_id,
		.has_pasid = request->has_pasid,
		.pasid = request->pasid,
		.group = request->group,
		.code = code,
		.last = request->last,
		.private_data = request->private_data,
	};

	/* of private data, revision 3.0 says so (one source) */
	if (!page_request_needs_response(request))
		return;
	unit->counters.automatic_responses++;
	vtd_show_page_response(unit, &response, "automatic response");
	port_respond_page_group(&unit->port, &response);
}

enum vtd_queue_error vtd_page_group_response(struct vtd_unit *unit, const u64 *d)
{
	const struct page_group_response response = {
		.source_id = (u16)page_group_response_SID(d),
		.has_pasid = page_group_response_PP(d),
		.pasid = (u32)page_group_response_PASID(d),
		.group = (u16)page_group_response_PRGI(d),
		.code = (unsigned int)page_group_response_RC(d),
		.last = page_group_response_LPIG(d),
		.private_data = { page_group_response_PDP(d), { d[2], d[3] } },
	};

	/* table 26: legacy mode has no such descriptor */
	if (unit->table_mode == VTD_TTM_LEGACY)
		return VTD_QUEUE_TYPE_INVALID;
	if (response.code > PRI_INVALID_REQUEST && response.code != PRI_RESPONSE_FAILURE)
		vtd_software_error(unit, "page group response descriptor", response.code,
				   "the response code is not used");
	unit->counters.page_group_responses++;
	vtd_show_page_response(unit, &response, "response");
	port_respond_page_group(&unit->port, &response);
	return VTD_QUEUE_OK;
}

/* --- the queue ---------------------------------------------------------------------------- */

static u64 queue_bytes(const struct vtd_unit *unit)
{
	u64 pqa = vtd_register64(unit, VTD_PQA);

	return 4096ULL << pqa_PQS(&pqa);
}

void vtd_page_request_offset_written(struct vtd_unit *unit, unsigned int offset_register)
{
	u64 offset = vtd_register64(unit, offset_register);

	if (offset >= queue_bytes(unit))
		vtd_software_error(unit, "page request queue", offset,
				   "the offset lies beyond the queue: it counts modulo its size");
}

/* Where the next descriptor goes, as a byte offset. */
static u64 next_entry(const struct vtd_unit *unit)
{
	u64 next = unit->page_requests_under_way ? unit->page_request_next
						 : vtd_register64(unit, VTD_PQT);

	return next % queue_bytes(unit);
}

/* All entries but one are in use. */
static bool queue_full(const struct vtd_unit *unit)
{
	u64 bytes = queue_bytes(unit);

	return (next_entry(unit) + ENTRY_BYTES) % bytes == vtd_register64(unit, VTD_PQH) % bytes;
}

static void fill_entry(const struct page_request *request, u64 entry[ENTRY_QUADWORDS])
{
	const struct pri_private_data *private_data = &request->private_data;

	entry[0] = page_request_TYPE_put(1) | page_request_PP_put(request->has_pasid) |
		   page_request_PDP_put(private_data->present) |
		   page_request_RID_put(request->source_id) |
		   page_request_PASID_put(request->has_pasid ? request->pasid : 0) |
		   page_request_EXR_put(request->execute) |
		   page_request_PMR_put(request->privileged);
	entry[1] = page_request_RDR_put(request->read) | page_request_WRR_put(request->write) |
		   page_request_LPIG_put(request->last) | page_request_PRGI_put(request->group) |
		   page_request_ADDR_put(request->address);
	entry[2] = private_data->present ? private_data->data[0] : 0;
	entry[3] = private_data->present ? private_data->data[1] : 0;
}

/*
 * Section 7.7: the tail tells of descriptors that memory has. Of those that are written at the same time, it does
 * when the last one is there. Writes are posted: that one failed, hardware does not hear (one source).
 */
static void enqueue(struct vtd_unit *unit, const struct page_request *request)
{
	u64 pqa = vtd_register64(unit, VTD_PQA), place = next_entry(unit);
	u64 entry[ENTRY_QUADWORDS];

	fill_entry(request, entry);
	unit->page_request_next = (place + ENTRY_BYTES) % queue_bytes(unit);
	unit->page_requests_under_way++;
	if (port_write(&unit->port, hpa(pqa_PQA(&pqa) + place), entry, sizeof(entry)) != PORT_OK)
		vtd_software_error(unit, "page request queue", pqa_PQA(&pqa) + place,
				   "there is no memory for a descriptor");
	if (--unit->page_requests_under_way)
		return;
	vtd_register64_set(unit, VTD_PQT, unit->page_request_next);
	raise_status(unit, prs_PPR_bits());
}

/* --- arrival ------------------------------------------------------------------------------ */

/*
 * Section 6.5.3.1: what the unit holds of the page may be why the function asks, when software has granted more
 * meanwhile.
 */
static void invalidate_page(struct vtd_walk *walk)
{
	const struct vtd_space *space = &walk->space;
	const struct vtd_iotlb_invalidation what = {
		.granularity = 3,
		.domain_id = space->domain_id,
		.pasid = space->pasid,
		.address = walk->request->address.v,
	};

	if (space->pgtt == VTD_PGTT_PASS_THROUGH)
		return;
	if (space->pgtt == VTD_PGTT_SECOND_STAGE)
		vtd_invalidate_iotlb(walk->unit, &what);
	else
		vtd_invalidate_pasid_iotlb(walk->unit, &what);
}

/* Table 30: what keeps a page request from its PASID entry is a fault, and the request not valid. */
static bool find_space(struct vtd_walk *walk, const struct page_request *request)
{
	struct translation_result result = { 0 };
	struct vtd_page none;
	enum vtd_fault fault = vtd_find_page(walk, &none);

	walk->unit->counters.table_reads += walk->reads;
	if (!fault)
		return true;
	vtd_refuse(walk, &result, fault);
	vtd_show_page_request(walk->unit, request, vtd_fault_info(fault)->text);
	answer(walk->unit, request, PRI_INVALID_REQUEST);
	return false;
}

/* Table 31: a request that finds no room is to be sent again: its group is answered as if it had been served. */
static void drop(struct vtd_unit *unit, const struct page_request *request)
{
	unit->counters.page_requests_dropped++;
	vtd_show_page_request(unit, request, "page request queue overflow");
	answer(unit, request, PRI_SUCCESS);
}

static void accept(struct vtd_walk *walk, const struct page_request *request)
{
	struct vtd_unit *unit = walk->unit;
	u64 status = vtd_register32(unit, VTD_PRS);

	if (prs_PRO(&status)) {
		drop(unit, request);
	} else if (queue_full(unit)) {
		raise_status(unit, prs_PRO_bits());
		drop(unit, request);
	} else {
		invalidate_page(walk);
		unit->counters.page_requests_posted++;
		vtd_show_page_request(unit, request, "page request");
		enqueue(unit, request);
	}
}

void vtd_page_request(struct vtd_unit *unit, const struct page_request *message)
{
	const struct translation_request request = {
		.source_id = message->source_id,
		.has_pasid = message->has_pasid,
		.pasid = message->pasid,
		.address = iova(message->address),
		/* what a record tells of it (one source: section 11.4.7.6 names no kind of request for EXE) */
		.access = message->execute ? ACCESS_EXECUTE
			  : message->write ? ACCESS_WRITE
					   : ACCESS_READ,
		.privileged = message->privileged,
		.type = ADDRESS_PAGE_REQUEST,
	};
	struct vtd_walk walk = {
		.unit = unit,
		.request = &request,
		.observed = port_observed(&unit->port),
	};

	unit->counters.page_requests++;
	/* a message that a unit does not know is lost, and one that comes while it translates nothing (one source) */
	if (!ecap_PRS(&unit->ecap) || !unit->translating)
		vtd_show_page_request(unit, message, "page request that the unit does not take");
	else if (find_space(&walk, message))
		accept(&walk, message);
}
