// SPDX-License-Identifier: Apache-2.0
/*
 * What goes over a PCIe link for a request. Sizes of packets: PCI Express Base Specification 2.2 and 3.5, with the
 * 64-bit header, 4 bytes of framing, 2 of sequence number and 4 of LCRC; half a DLLP (8 bytes) a packet for
 * acknowledgements and credit.
 */
#include "pcie_link.h"

namespace vtdsim
{

namespace
{

const u64 packet_overhead = 4 + 2 + 4 + 4; // framing, sequence number, LCRC, share of DLLPs
const u64 request_header = 16;
const u64 completion_header = 12;
const u64 pasid_prefix = 4;

u64 packets(u64 bytes, u64 most)
{
	return bytes ? (bytes + most - 1) / most : 1;
}

} // namespace

pcie_link::pcie_link(const sc_core::sc_module_name &name, const link_timing &timing, pace passing)
	: sc_core::sc_module(name), timing_(timing), pace_(passing), credits_(timing.credits)
{
	function.register_b_transport(this, &pcie_link::on_request);
	root_messages.register_b_transport(this, &pcie_link::on_message);
}

u64 pcie_link::request_bytes(const tlm::tlm_generic_payload &trans, const dma_extension &dma) const
{
	const u64 header =
		request_header + packet_overhead + (dma.request.has_pasid ? pasid_prefix : 0);
	const u64 len = trans.get_data_length();

	if (trans.is_read())
		return packets(len, timing_.max_read_request) * header;
	return packets(len, timing_.max_payload) * header + len;
}

u64 pcie_link::completion_bytes(const tlm::tlm_generic_payload &trans) const
{
	const u64 len = trans.is_response_ok() ? trans.get_data_length() : 0;

	if (!trans.is_read())
		return 0;
	return packets(len, timing_.max_payload) * (completion_header + packet_overhead) + len;
}

void pcie_link::transfer(bool up, const dma_extension &dma, u64 bytes, sc_core::sc_time &delay)
{
	const u64 time = link_transfer_time(&timing_, bytes);
	const u64 until = pace_.loosely() ? time : (up ? up_ : down_).book(time);

	if (tracing_) {
		const u64 begin = local_now(delay);
		const u64 sent = begin + until;

		tracing_->elsewhere(dma.traced, up ? TRACE_LINK_UP : TRACE_LINK_DOWN, device_,
				    dma.traced.number ? "transfer" : "message", sent - time, sent,
				    { "bytes", TRACE_DECIMAL, bytes, nullptr });
		tracing_->phase(dma.traced, up ? "link up" : "link down", begin,
				sent + timing_.latency);
	}
	pace_.pass(until + timing_.latency, delay);
}

void pcie_link::on_request(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
	dma_extension *dma = trans.get_extension<dma_extension>();

	if (!dma) {
		trans.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
		return;
	}
	if (!pace_.loosely()) {
		const u64 asked = tracing_ ? now() : 0;

		credits_.take();
		dma->credits = &credits_;
		if (tracing_)
			tracing_->phase(dma->traced, "wait for a credit", asked, now());
	}
	transfer(true, *dma, request_bytes(trans, *dma), delay);
	if (dma->peer)
		peers->b_transport(trans, delay);
	else
		root->b_transport(trans, delay);
	if (dma->credits)
		dma->credits->give();
	dma->credits = nullptr;
	const u64 bytes = completion_bytes(trans);

	if (bytes)
		transfer(false, *dma, bytes, delay);
}

// A PRG Response; or an Invalidate Request and, if the function answers, its Invalidate Completion (10.3.1). No credit
// is modelled.
void pcie_link::on_message(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
	const dma_extension *dma = trans.get_extension<dma_extension>();

	if (!dma) {
		trans.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
		return;
	}
	transfer(false, *dma, request_bytes(trans, *dma), delay);
	function_messages->b_transport(trans, delay);
	if (trans.is_response_ok() && !dma->answer)
		transfer(true, *dma, request_header + packet_overhead, delay);
}

} // namespace vtdsim
