// SPDX-License-Identifier: Apache-2.0
/*
 * What a PCIe memory request says beyond address, length and data: who asks, with which PASID and privilege; and
 * what the IOMMU made of it. Or the message that a payload without command and data is. An ignorable extension of
 * TLM-2.0's generic payload.
 */
#ifndef SIM_SYSTEMC_DMA_EXTENSION_H
#define SIM_SYSTEMC_DMA_EXTENSION_H

#include "contention.h"
#include "tracing.h"

#include <tlm>

struct page_request;
struct page_group_response;

namespace vtdsim
{

/** Source id, PASID and access of a request; the translation's result on the way back. */
struct dma_extension : tlm::tlm_extension<dma_extension> {
	translation_request request{};
	translation_result result{};
	bool peer = false; // peer to peer: by its address as it is, to whatever is there
	bool cached = false; // the processor's cache holds the line
	bool update = false; // half of an atomic update, which memory may refuse
	traced_dma traced;
	const page_request *page = nullptr; // it is this message, on its way up
	const page_group_response *answer = nullptr; // or this, on its way down
	places *credits =
		nullptr; // of the link; whoever has room for the request gives one back and clears it

	tlm::tlm_extension_base *clone() const override
	{
		return new dma_extension(*this);
	}
	void copy_from(const tlm::tlm_extension_base &other) override
	{
		*this = static_cast<const dma_extension &>(other);
	}
};

} // namespace vtdsim

#endif
