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
	histogram_clear(&latency_);
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

// Writes are posted: they need credit, but no tag.
void requester::wait_to_issue(const traced_dma &dma, bool write)
{
	sc_core::sc_time none = sc_core::SC_ZERO_TIME;
	const u64 asked = now();

	if (!write)
		tags_.take();
	const u64 tagged = now();

	pace_.pass(issue_.book(timing_.issue_interval) - timing_.issue_interval, none);
	if (tracing_) {
		tracing_->phase(dma, "wait for a tag", asked, tagged);
		tracing_->phase(dma, "issue interval", tagged, now());
	}
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
	p->dma.cached = transaction->request.address.v - cached_start_ < cached_size_;
	const u64 begin = local_now(delay);

	if (tracing_)
		p->dma.traced = tracing_->issue(device_, p->dma.request, transaction->len, begin);
	if (!pace_.loosely())
		wait_to_issue(p->dma.traced, write);
	link->b_transport(p->trans, delay);
	const u64 arrived = local_now(delay);

	// the data is there: what the function does with it needs no tag
	if (!pace_.loosely() && !write)
		tags_.give();
	pace_.pass(timing_.completion, delay);
	histogram_add(&latency_, local_now(delay) - begin);
	if (tracing_) {
		tracing_->phase(p->dma.traced, "completion", arrived, local_now(delay));
		tracing_->complete(p->dma.traced, p->trans.is_response_ok(), local_now(delay));
	}
	transaction->result = p->dma.result;
	transaction->status = p->trans.is_response_ok() ? PORT_OK : PORT_ERROR;
	payloads_.put(p);
	if (pace_.loosely() && !delay_)
		pace_.catch_up(own);
}

} // namespace vtdsim
