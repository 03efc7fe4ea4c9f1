// SPDX-License-Identifier: Apache-2.0
/*
 * DMA that a function masters: what it may send at all, splitting at pages, translation by the
 * IOMMU above, and the access to memory. Requests are untranslated: there is no device TLB.
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

static bool request_supported(const struct pcie_function *function,
			      const struct dma_request *request)
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
	u32 message;

	if (result->fault)
		return;
	if (!result->interrupt) {
		transaction->status = transaction->request.access == ACCESS_WRITE
					      ? port_write(port, result->address, transaction->data,
							   transaction->len)
					      : port_read(port, result->address, transaction->data,
							  transaction->len);
		return;
	}
	transaction->status = PORT_ERROR;
	if (transaction->request.access != ACCESS_WRITE || transaction->len != MESSAGE_BYTES)
		return;
	memcpy(&message, transaction->data, sizeof(message));
	port_interrupt(port, result->address.v, message);
	transaction->status = PORT_OK;
}

/* One part, within a page. */
static enum dma_status transfer_part(struct dma *dma, size_t len)
{
	const struct dma_request *request = dma->request;
	const struct pcie_upstream *upstream = &dma->function->upstream;
	struct dma_result *result = dma->result;
	struct pcie_transaction part = {
		.request = {
			.source_id = dma->function->config.source_id,
			.has_pasid = request->has_pasid,
			.pasid = request->pasid,
			.address = iova(request->address.v + result->done),
			.access = request->access,
			.privileged = request->privileged,
		},
		.data = dma->buf + result->done,
		.len = len,
	};

	upstream->access(upstream->ctx, &part);
	result->translations++;
	result->table_reads += part.result.table_reads;
	if (part.result.fault) {
		result->fault = part.result.fault;
		result->fault_address = part.request.address;
		return DMA_FAULT;
	}
	if (part.status != PORT_OK)
		return DMA_BUS_ERROR;
	if (!result->done) {
		result->first_address = part.result.address;
		result->first_page_size = part.result.page_size;
	}
	result->done += len;
	return DMA_OK;
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
	if (!request_supported(function, request))
		result->status = DMA_UNSUPPORTED;
	while (result->status == DMA_OK && result->done < request->len)
		result->status = transfer_part(&dma, part_length(&dma));
	return result->status;
}
