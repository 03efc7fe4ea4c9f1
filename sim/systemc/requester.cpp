// SPDX-License-Identifier: Apache-2.0
/* Issuing requests: at its rate, by its tags, and with the time that the function itself takes. */
#include "requester.h"

#include <stdexcept>

namespace vtdsim
{

requester::requester(const sc_core::sc_module_name &name, const pcie_function_config &config,
		     const requester_timing &timing, pace passing)
	: sc_core::sc_module(name), timing_(timing), pace_(passing), tags_(timing.outstanding)
{
	static const port_ops no_ops = {};
	const port no_port = { &no_ops, nullptr };
	pcie_upstream upstream{};

	upstream.ctx = this;
	upstream.access = [](void *ctx, pcie_transaction *transaction) {
		static_cast<requester *>(ctx)->access(transaction);
	};
	function_ = pcie_function_create(&config, &upstream, &no_port);
	if (!function_)
		throw std::invalid_argument("a PCIe function of an impossible configuration");
}

requester::~requester()
{
	pcie_function_destroy(function_);
}

dma_status requester::dma(const dma_request &request, void *buf, dma_result &result,
			  sc_core::sc_time &delay)
{
	sc_core::sc_time *outer = delay_;

	if (pace_.loosely())
		delay_ = &delay;
	const dma_status status = pcie_dma(function_, &request, buf, &result);

	delay_ = outer;
	return status;
}

void requester::access(pcie_transaction *transaction)
{
	const bool write = transaction->request.access == ACCESS_WRITE;
	sc_core::sc_time own = sc_core::SC_ZERO_TIME;
	sc_core::sc_time &delay = delay_ ? *delay_ : own;
	payload *p = payloads_.get();

	p->prepare(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND,
		   transaction->request.address.v, transaction->data, transaction->len);
	p->dma.request = transaction->request;
	p->dma.credits = nullptr;
	if (!pace_.loosely()) {
		// writes are posted: they need credit, but no tag
		if (!write)
			tags_.take();
		pace_.pass(issue_.book(timing_.issue_interval) - timing_.issue_interval, delay);
	}
	link->b_transport(p->trans, delay);
	pace_.pass(timing_.completion, delay);
	if (!pace_.loosely() && !write)
		tags_.give();
	transaction->result = p->dma.result;
	transaction->status = p->trans.is_response_ok() ? PORT_OK : PORT_ERROR;
	payloads_.put(p);
	if (pace_.loosely() && !delay_)
		pace_.catch_up(own);
}

} // namespace vtdsim
