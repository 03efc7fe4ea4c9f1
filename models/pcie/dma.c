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

static enum dma_status send_interrupt(struct dma *dma, hpa_t address, size_t len)
{
	u32 data;

	if (dma->request->access != ACCESS_WRITE || len != MESSAGE_BYTES)
		return DMA_BUS_ERROR;
	memcpy(&data, dma->buf + dma->result->done, sizeof(data));
	port_interrupt(&dma->function->port, address.v, data);
	return DMA_OK;
}

static enum dma_status access_memory(struct dma *dma, hpa_t address, size_t len)
{
	const struct port *port = &dma->function->port;
	u8 *data = dma->buf + dma->result->done;
	enum port_status status = dma->request->access == ACCESS_WRITE
					  ? port_write(port, address, data, len)
					  : port_read(port, address, data, len);

	return status == PORT_OK ? DMA_OK : DMA_BUS_ERROR;
}

/* One part, within a page. */
static enum dma_status transfer_part(struct dma *dma, size_t len)
{
	const struct dma_request *request = dma->request;
	const struct pcie_upstream *upstream = &dma->function->upstream;
	struct dma_result *result = dma->result;
	const struct translation_request ask = {
		.source_id = dma->function->config.source_id,
		.has_pasid = request->has_pasid,
		.pasid = request->pasid,
		.address = iova(request->address.v + result->done),
		.access = request->access,
		.privileged = request->privileged,
	};
	struct translation_result told;
	enum dma_status status;

	upstream->translate(upstream->ctx, &ask, &told);
	result->translations++;
	result->table_reads += told.table_reads;
	if (told.fault) {
		result->fault = told.fault;
		result->fault_address = ask.address;
		return DMA_FAULT;
	}
	status = told.interrupt ? send_interrupt(dma, told.address, len)
				: access_memory(dma, told.address, len);
	if (status != DMA_OK)
		return status;
	if (!result->done) {
		result->first_address = told.address;
		result->first_page_size = told.page_size;
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
