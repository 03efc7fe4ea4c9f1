// SPDX-License-Identifier: Apache-2.0
/*
 * DMA that a function masters: what it may send at all, splitting at pages, translation by the
 * IOMMU above, and the access to memory. Translating by the function's own TLB is ats.c's.
 */
#include "pcie-function.h"

#include <string.h>

#define MESSAGE_BYTES 4 /* an interrupt message is a write of one doubleword */

/* One DMA on its way. */
struct dma {
	struct pcie_function *function;
	const struct dma_request *request;
	u8 *buf;
	struct dma_result *result;
};

/* 6.20 PASID: what a function may put into a PASID TLP prefix */
static bool pasid_prefix_allowed(const struct pcie_controls *controls,
				 const struct dma_request *request)
{
	if (!request->has_pasid)
		return !request->privileged && request->access != ACCESS_EXECUTE;
	if (!controls->pasid || request->pasid >> controls->pasid_width)
		return false;
	if (request->privileged && !controls->privileged)
		return false;
	return request->access != ACCESS_EXECUTE || controls->execute;
}

bool pcie_request_supported(const struct pcie_function *function, const struct dma_request *request)
{
	const struct pcie_controls controls = pcie_controls(function);
	/* the last byte must not lie beyond the address space */
	bool wraps = request->len > 1 && request->address.v > ~0ULL - (request->len - 1);

	return request->len > 0 && !wraps && controls.bus_master &&
	       pasid_prefix_allowed(&controls, request);
}

static size_t part_length(const struct dma *dma)
{
	u64 address = dma->request->address.v + dma->result->done;
	size_t room = MODEL_PAGE_SIZE - (address & ~MODEL_PAGE_MASK);
	size_t left = dma->request->len - dma->result->done;

	return left < room ? left : room;
}

void pcie_complete(const struct port *port, struct pcie_transaction *transaction)
{
	const struct translation_result *result = &transaction->result;

	if (transaction->request.type == ADDRESS_TRANSLATION_REQUEST)
		transaction->status = result->ats_status == ATS_SUCCESS ? PORT_OK : PORT_ERROR;
	if (result->fault || transaction->request.type == ADDRESS_TRANSLATION_REQUEST)
		return;
	if (result->blocked) {
		transaction->status = PORT_ERROR;
		return;
	}
	if (!result->interrupt) {
		transaction->status = transaction->request.access == ACCESS_WRITE
					      ? port_write(port, result->address, transaction->data,
							   transaction->len)
					      : port_read(port, result->address, transaction->data,
							  transaction->len);
		return;
	}
	if (!result->silent)
		port_interrupt(port, result->address.v, result->data);
	transaction->status = PORT_OK;
}

/* Sends a part and notes how it ended. */
static enum dma_status send_part(struct dma *dma, struct pcie_transaction *part, u64 page_size)
{
	struct dma_result *result = dma->result;

	pcie_send(dma->function, part);
	result->table_reads += part->result.table_reads;
	if (part->result.fault) {
		result->fault = part->result.fault;
		return DMA_FAULT;
	}
	if (part->status != PORT_OK)
		return DMA_BUS_ERROR;
	if (!result->done) {
		result->first_address = part->result.address;
		result->first_page_size = page_size ? page_size : part->result.page_size;
		result->interrupt = part->result.interrupt;
		result->posted = part->result.posted;
		result->message = part->result.data;
	}
	result->done += part->len;
	result->peer |= part->route == PCIE_ROUTE_PEER;
	return DMA_OK;
}

/* Translates a part by the function's own means, and sends it. */
static enum dma_status send_translated(struct dma *dma, struct pcie_transaction *part)
{
	unsigned int begun = pcie_ats_begin(dma->function);
	struct pcie_translation translation;
	enum dma_status status = pcie_ats_translate(dma->function, part, &translation);

	dma->result->table_reads += translation.table_reads;
	if (status == DMA_FAULT)
		dma->result->fault = translation.fault;
	if (status == DMA_OK)
		status = send_part(dma, part, translation.page_size);
	pcie_ats_end(dma->function, begun);
	return status;
}

/* One part, within a page. */
static enum dma_status transfer_part(struct dma *dma, size_t len)
{
	const struct dma_request *request = dma->request;
	struct dma_result *result = dma->result;
	const iova_t address = iova(request->address.v + result->done);
	struct pcie_transaction part = {
		.request = {
			.has_pasid = request->has_pasid,
			.pasid = request->pasid,
			.address = address,
			.access = request->access,
			.privileged = request->privileged,
			.len = len,
		},
		.address = address,
		.data = dma->buf + result->done,
		.len = len,
	};
	enum dma_status status;

	if (request->access == ACCESS_WRITE && len == MESSAGE_BYTES)
		memcpy(&part.request.data, part.data, MESSAGE_BYTES);
	result->translations++;
	status = pcie_ats_translates(dma->function) ? send_translated(dma, &part)
						    : send_part(dma, &part, 0);
	if (status == DMA_FAULT)
		result->fault_address = address;
	return status;
}

enum dma_status pcie_dma(struct pcie_function *function, const struct dma_request *request,
			 void *buf, struct dma_result *result)
{
	struct dma dma = {
		.function = function,
		.request = request,
		.buf = buf,
		.result = result,
	};

	*result = (struct dma_result){ .status = DMA_OK };
	if (!pcie_request_supported(function, request))
		result->status = DMA_UNSUPPORTED;
	while (result->status == DMA_OK && result->done < request->len)
		result->status = transfer_part(&dma, part_length(&dma));
	return result->status;
}
