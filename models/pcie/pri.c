// SPDX-License-Identifier: Apache-2.0
/*
 * A function's Page Request Interface (PCI Express 6.x, 10.4): it asks for pages that no translation grants, or that
 * software on the device wants, and keeps account of what it waits for. When to ask is ats.c's.
 */
#include "pcie-function.h"

#include <string.h>

static u32 *registers(struct pcie_function *function)
{
	return &function->words[(function->pri_offset + PRI_REGISTERS) / 4].value;
}

static bool enabled(const struct pcie_function *function)
{
	return function->pri_offset &&
	       function->words[(function->pri_offset + PRI_REGISTERS) / 4].value & PRI_ENABLE;
}

/* Requests that may be outstanding. */
static u32 allowed(const struct pcie_function *function)
{
	u32 allocation = function->words[(function->pri_offset + PRI_ALLOCATION) / 4].value;

	return allocation < PRI_CAPACITY_REQUESTS ? allocation : PRI_CAPACITY_REQUESTS;
}

/* --- groups ------------------------------------------------------------------------------- */

static bool waits(const struct pri_group *group)
{
	return group->requests && !group->answered;
}

static unsigned int outstanding(const struct pri *pri)
{
	unsigned int count = 0, i;

	for (i = 0; i < PRI_CAPACITY_REQUESTS; i++)
		if (waits(&pri->groups[i]))
			count += pri->groups[i].requests;
	return count;
}

/* The group of that index that waits for its response, or NULL. */
static struct pri_group *find_group(struct pri *pri, u16 index)
{
	unsigned int i;

	for (i = 0; i < PRI_CAPACITY_REQUESTS; i++)
		if (waits(&pri->groups[i]) && pri->groups[i].index == index)
			return &pri->groups[i];
	return NULL;
}

static bool of_pasid(const struct pri_group *group, bool has_pasid, u32 pasid)
{
	return group->has_pasid == has_pasid && (!has_pasid || group->pasid == pasid);
}

/* A slot that is free or, if there is none, whose response nobody has asked about. */
static struct pri_group *find_slot(struct pri *pri)
{
	struct pri_group *slot = pri->groups;

	while (waits(slot))
		slot++;
	return slot;
}

/* The group that was opened for a DMA to that page, or NULL. */
static struct pri_group *find_own(struct pri *pri, const struct translation_request *part)
{
	u64 page = part->address.v & MODEL_PAGE_MASK;
	struct pri_group *group;
	unsigned int i;

	for (i = 0; i < PRI_CAPACITY_REQUESTS; i++) {
		group = &pri->groups[i];
		if (group->requests && group->own && group->page == page &&
		    of_pasid(group, part->has_pasid, part->pasid))
			return group;
	}
	return NULL;
}

/* --- sending ------------------------------------------------------------------------------ */

static void send(struct pcie_function *function, const struct page_request *request)
{
	const struct pcie_upstream *upstream = &function->upstream;

	function->pri.requests++;
	if (upstream->page_request)
		upstream->page_request(upstream->ctx, request);
}

/* 10.4.1.1: tells that no more requests with the PASID come; there is no response to it. */
static bool is_stop_marker(const struct page_request *request)
{
	return request->has_pasid && request->last && !request->read && !request->write;
}

static bool supported(const struct pcie_function *function, const struct page_request *request)
{
	const struct dma_request dma = {
		.address = iova(request->address),
		.len = 1,
		.access = request->execute ? ACCESS_EXECUTE : ACCESS_READ,
		.has_pasid = request->has_pasid,
		.pasid = request->pasid,
		.privileged = request->privileged,
	};

	return enabled(function) && pcie_request_supported(function, &dma);
}

/* Counts a request in its group, which is opened if it is the first. */
static enum pri_status enter(struct pcie_function *function, const struct page_request *request,
			     bool own)
{
	struct pri *pri = &function->pri;
	struct pri_group *group = find_group(pri, request->group);

	if (group && (group->complete || !of_pasid(group, request->has_pasid, request->pasid)))
		return PRI_GROUP_BUSY;
	if (outstanding(pri) >= allowed(function))
		return PRI_FULL;
	if (!group) {
		group = find_slot(pri);
		*group = (struct pri_group){
			.index = request->group,
			.has_pasid = request->has_pasid,
			.pasid = request->pasid,
			.own = own,
			.page = request->address,
		};
	}
	group->requests++;
	group->complete = request->last;
	return PRI_SENT;
}

static enum pri_status try_to_send(struct pcie_function *function,
				   const struct page_request *request, bool own)
{
	enum pri_status status = PRI_SENT;

	if (!supported(function, request))
		return PRI_UNSUPPORTED;
	if (function->pri.failed)
		return PRI_FAILED;
	if (!is_stop_marker(request))
		status = enter(function, request, own);
	if (status == PRI_SENT)
		send(function, request);
	return status;
}

enum pri_status pcie_page_request(struct pcie_function *function,
				  const struct page_request *request)
{
	struct page_request message = *request;

	message.source_id = function->config.source_id;
	message.address &= MODEL_PAGE_MASK;
	message.group %= PRI_GROUPS;
	return try_to_send(function, &message, false);
}

/* --- for DMA ------------------------------------------------------------------------------ */

enum dma_status pcie_pri_await(struct pcie_function *function,
			       const struct translation_request *part)
{
	struct pri_group *group = find_own(&function->pri, part);

	if (!group)
		return DMA_OK;
	if (!group->answered)
		return DMA_PAGE_REQUESTED;
	group->requests = 0;
	return group->code == PRI_SUCCESS ? DMA_OK : DMA_PAGE_REFUSED;
}

enum dma_status pcie_pri_ask(struct pcie_function *function, const struct translation_request *part)
{
	struct pri *pri = &function->pri;
	struct page_request request = {
		.source_id = function->config.source_id,
		.has_pasid = part->has_pasid,
		.pasid = part->pasid,
		.address = part->address.v & MODEL_PAGE_MASK,
		.read = part->access != ACCESS_WRITE,
		.write = part->access == ACCESS_WRITE,
		.execute = part->access == ACCESS_EXECUTE,
		.privileged = part->privileged,
		.last = true,
	};
	enum pri_status status;

	while (find_group(pri, pri->next_index))
		pri->next_index = (pri->next_index + 1) % PRI_GROUPS;
	request.group = pri->next_index;
	pri->next_index = (pri->next_index + 1) % PRI_GROUPS;
	status = try_to_send(function, &request, true);
	return status == PRI_SENT || status == PRI_FULL ? DMA_PAGE_REQUESTED : DMA_ATS_DENIED;
}

/* --- responses ---------------------------------------------------------------------------- */

/* 10.5.2.3: Stopped, once the interface is disabled and all has been answered */
static void update_stopped(struct pcie_function *function)
{
	u32 *word = registers(function);

	if (enabled(function) || outstanding(&function->pri))
		*word &= ~PRI_STOPPED;
	else
		*word |= PRI_STOPPED;
}

/* A group is over; of those for DMA, the code is kept. */
static void settle(struct pri_group *group, unsigned int code)
{
	group->answered = true;
	group->code = code;
	if (!group->own)
		group->requests = 0;
}

/* 10.4.2.1: no response is to be expected any more, and no request to be sent */
static void fail(struct pcie_function *function)
{
	struct pri *pri = &function->pri;
	unsigned int i;

	*registers(function) |= PRI_RESPONSE_FAILURE_RECEIVED;
	pri->failed = true;
	for (i = 0; i < PRI_CAPACITY_REQUESTS; i++)
		if (waits(&pri->groups[i]))
			settle(&pri->groups[i], PRI_RESPONSE_FAILURE);
}

/* Table 10-5: codes that are not used count as Response Failure. */
static void take_response(struct pcie_function *function,
			  const struct page_group_response *response)
{
	struct pri_group *group = find_group(&function->pri, response->group);

	if (!group || !of_pasid(group, response->has_pasid, response->pasid) ||
	    (response->last && !group->complete))
		*registers(function) |= PRI_UNEXPECTED_GROUP;
	else if (response->code > PRI_INVALID_REQUEST)
		fail(function);
	else if (response->last)
		settle(group, response->code);
}

void pcie_page_group_response(struct pcie_function *function,
			      const struct page_group_response *response)
{
	struct pri *pri = &function->pri;

	if (!function->pri_offset)
		return;
	pri->responses++;
	pri->responded = true;
	pri->last = *response;
	/* 10.5.2.3: what comes after a Response Failure is ignored */
	if (!pri->failed)
		take_response(function, response);
	update_stopped(function);
}

/* --- control ------------------------------------------------------------------------------ */

static void forget(struct pri *pri)
{
	memset(pri->groups, 0, sizeof(pri->groups));
	pri->failed = false;
}

/* 10.5.2.2: Reset works only where Enable is clear, by the same write perhaps. */
void pcie_pri_controlled(struct pcie_function *function, u32 was, u32 written)
{
	if (!enabled(function) && written & PRI_RESET)
		forget(&function->pri);
	/* enabled anew, it may send again (one source) */
	if (enabled(function) && !(was & PRI_ENABLE))
		function->pri.failed = false;
	update_stopped(function);
}

void pcie_pri_reset(struct pcie_function *function)
{
	forget(&function->pri);
	function->pri.next_index = 0;
}

struct pri_state pcie_pri_state(const struct pcie_function *function)
{
	const struct pri *pri = &function->pri;
	struct pri_state state = {
		.enabled = enabled(function),
		.stopped = true,
		.outstanding = outstanding(pri),
		.responded = pri->responded,
		.response = pri->last,
	};
	u32 word;

	if (!function->pri_offset)
		return state;
	word = function->words[(function->pri_offset + PRI_REGISTERS) / 4].value;
	state.stopped = word & PRI_STOPPED;
	state.response_failure = word & PRI_RESPONSE_FAILURE_RECEIVED;
	state.unexpected_group = word & PRI_UNEXPECTED_GROUP;
	return state;
}
