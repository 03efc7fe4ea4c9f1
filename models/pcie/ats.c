// SPDX-License-Identifier: Apache-2.0
/*
 * A function that translates for itself (PCI Express 6.x, chapter 10): it looks into its device TLB, asks
 * the IOMMU where that does not know, and lets go of translations when it is told to. Sending the DMA is
 * dma.c's.
 */
#include "pcie-function.h"

/* ORed rights that an access needs. */
static unsigned int needed_rights(enum access access)
{
	return access == ACCESS_EXECUTE ? (unsigned int)(ACCESS_READ | ACCESS_EXECUTE)
					: (unsigned int)access;
}

static void show(struct pcie_function *function, enum port_event_kind kind, u64 address,
		 u64 completion)
{
	struct port_event event = { .kind = kind, .what = "device TLB", .input = address };

	if (!port_observed(&function->port))
		return;
	if (kind == PORT_EVENT_CACHE_FILL) {
		event.output = ats_decode_range(completion).first;
		event.page_size = ats_range_bytes(ats_decode_range(completion));
	}
	port_observe(&function->port, &event);
}

bool pcie_ats_translates(const struct pcie_function *function)
{
	return cache_on(&function->device_tlb.cache) && !function->ats_refused &&
	       pcie_controls(function).ats;
}

/* A translation request is a read whose data is the completion. */
static void ask(struct pcie_function *function, struct pcie_transaction *question)
{
	question->request.type = ADDRESS_TRANSLATION_REQUEST;
	/* 10.2.2: of a page */
	question->request.address.v &= MODEL_PAGE_MASK;
	question->request.no_write = question->request.access != ACCESS_WRITE;
	/* it travels as a read; whether the page is to be written, no_write says */
	if (question->request.access == ACCESS_WRITE)
		question->request.access = ACCESS_READ;
	function->translation_requests++;
	pcie_send(function, question);
}

/*
 * Asks for a translation and keeps it, unless an invalidation came meanwhile: then it may be old. The part
 * that asked may still use it, as the invalidation is not said to be done before the part is.
 */
static enum dma_status fetch(struct pcie_function *function, const struct pcie_transaction *part,
			     struct pcie_translation *translation)
{
	struct device_tlb *tlb = &function->device_tlb;
	u64 epoch = cache_epoch(&tlb->cache);
	struct pcie_transaction question = {
		.request = part->request,
		.data = &translation->completion,
		.len = sizeof(translation->completion),
	};

	ask(function, &question);
	translation->table_reads = question.result.table_reads;
	translation->completion = question.result.completion;
	if (question.result.ats_status != ATS_SUCCESS) {
		/* 10.2.3: the function may not translate at all until software enables it again */
		function->ats_refused |= question.result.ats_status == ATS_UNSUPPORTED_REQUEST;
		translation->fault = question.result.fault;
		return translation->fault ? DMA_FAULT : DMA_ATS_DENIED;
	}
	/* 10.2.3: what grants nothing is not kept */
	if (ats_rights(translation->completion) && epoch == cache_epoch(&tlb->cache)) {
		device_tlb_fill(tlb, &part->request, translation->completion);
		show(function, PORT_EVENT_CACHE_FILL, part->request.address.v,
		     translation->completion);
	}
	return DMA_OK;
}

/* Makes the part what the completion says that it is to be sent as. */
static void apply(struct pcie_transaction *part, struct pcie_translation *translation)
{
	const struct ats_range range = ats_decode_range(translation->completion);

	translation->page_size = ats_range_bytes(range);
	if (translation->completion & ATS_UNTRANSLATED)
		return;
	part->request.type = ADDRESS_TRANSLATED;
	part->request.address =
		iova(range.first | (part->request.address.v & ats_range_mask(range)));
	/* 10.2.1: the translation has been for that PASID; the request carries none */
	part->request.has_pasid = false;
	part->request.pasid = 0;
	part->request.privileged = false;
}

enum dma_status pcie_ats_translate(struct pcie_function *function, struct pcie_transaction *part,
				   struct pcie_translation *translation)
{
	struct device_tlb *tlb = &function->device_tlb;
	unsigned int rights = needed_rights(part->request.access);
	u64 address = part->request.address.v;
	enum dma_status status = DMA_OK;
	bool hit;

	*translation = (struct pcie_translation){ 0 };
	port_lookup(&function->port, PORT_LOOKUP_IOTLB, tlb->cache.latency);
	translation->completion = device_tlb_lookup(tlb, &part->request, rights);
	hit = translation->completion;
	show(function, hit ? PORT_EVENT_CACHE_HIT : PORT_EVENT_CACHE_MISS, address, 0);
	if (!hit)
		status = pcie_pri_await(function, &part->request);
	if (!hit && status == DMA_OK)
		status = fetch(function, part, translation);
	if (status == DMA_OK && (ats_rights(translation->completion) & rights) != rights)
		status = pcie_pri_ask(function, &part->request);
	if (status == DMA_OK)
		apply(part, translation);
	function->ats_denied += status == DMA_ATS_DENIED;
	return status;
}

unsigned int pcie_ats_begin(struct pcie_function *function)
{
	const struct pcie_upstream *upstream = &function->upstream;

	return upstream->begin ? upstream->begin(upstream->ctx) : 0;
}

void pcie_ats_end(struct pcie_function *function, unsigned int begun)
{
	const struct pcie_upstream *upstream = &function->upstream;

	if (upstream->end)
		upstream->end(upstream->ctx, begun);
}

bool pcie_ats_invalidate(struct pcie_function *function,
			 const struct ats_invalidation *invalidation)
{
	const struct pcie_upstream *upstream = &function->upstream;

	if (!function->ats_offset || function->ats_silent)
		return false;
	function->invalidate_requests++;
	device_tlb_invalidate(&function->device_tlb, invalidation);
	/* 10.3.1: done only when nothing that uses the old translation is under way any more */
	if (upstream->drain)
		upstream->drain(upstream->ctx);
	return true;
}

void pcie_ats_silence(struct pcie_function *function, bool silent)
{
	function->ats_silent = silent;
}

void pcie_ats_switched(struct pcie_function *function)
{
	device_tlb_clear(&function->device_tlb);
	function->ats_refused = false;
}

void pcie_evict_all(struct pcie_function *function)
{
	cache_evict_all(&function->device_tlb.cache);
	function->device_tlb.sizes = 0;
}

void pcie_visit_counters(const struct pcie_function *function, counter_visitor visit, void *arg)
{
	static const struct cache_counter_names names = CACHE_COUNTER_NAMES("device_tlb");

	cache_visit_counters(&function->device_tlb.cache.counters, &names, visit, arg);
	visit(arg, "translation_requests", function->translation_requests);
	visit(arg, "ats_denied", function->ats_denied);
	visit(arg, "invalidate_requests", function->invalidate_requests);
	visit(arg, "peer_requests", function->peer_requests);
	visit(arg, "blocked_requests", function->blocked_requests);
	visit(arg, "page_requests", function->pri.requests);
	visit(arg, "page_responses", function->pri.responses);
}
