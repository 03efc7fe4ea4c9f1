// SPDX-License-Identifier: Apache-2.0
/* Issuing requests: at its rate, by its tags, and with the time that the function itself takes. */
#include "requester.h"

#include <cstring>
#include <stdexcept>

namespace vtdsim
{

requester::requester(const sc_core::sc_module_name &name, const pcie_function_config &config,
		     const requester_timing &timing, pace passing)
	: sc_core::sc_module(name), timing_(timing), pace_(passing),
	  lookups_(config.device_tlb.slots), tags_(timing.outstanding)
{
	const pcie_upstream upstream = make_upstream();
	const port own = { &ops_, this, nullptr };

	messages.register_b_transport(this, &requester::on_message);
	ops_.lookup = [](void *ctx, enum port_lookup, unsigned int cycles) {
		static_cast<requester *>(ctx)->lookup(cycles);
	};
	function_ = pcie_function_create(&config, &upstream, &own);
	if (!function_)
		throw std::invalid_argument("a PCIe function of an impossible configuration");
}

pcie_upstream requester::make_upstream()
{
	using self = requester *;
	pcie_upstream upstream{};

	upstream.ctx = this;
	upstream.access = [](void *ctx, pcie_transaction *transaction) {
		static_cast<self>(ctx)->access(transaction);
	};
	upstream.page_request = [](void *ctx, const page_request *request) {
		static_cast<self>(ctx)->ask(*request);
	};
	// loosely-timed, nothing comes between the parts of a DMA
	if (pace_.loosely())
		return upstream;
	upstream.begin = [](void *ctx) { return static_cast<self>(ctx)->translated_.begin(); };
	upstream.end = [](void *ctx, unsigned int begun) {
		static_cast<self>(ctx)->translated_.end(begun);
	};
	upstream.drain = [](void *ctx) { static_cast<self>(ctx)->translated_.drain(); };
	return upstream;
}

void requester::observe(void (*observer)(void *arg, const port_event *event), void *arg)
{
	observer_ = observer;
	observer_arg_ = arg;
	ops_.observe = nullptr;
	if (observer)
		ops_.observe = [](void *ctx, const port_event *event) {
			const auto *function = static_cast<requester *>(ctx);

			function->observer_(function->observer_arg_, event);
		};
}

// In the function's device TLB.
void requester::lookup(unsigned int cycles)
{
	sc_core::sc_time own = sc_core::SC_ZERO_TIME;
	sc_core::sc_time &delay = delay_ ? *delay_ : own;
	const u64 duration = cycles * timing_.clock_period;

	pace_.pass(pace_.loosely() ? duration : lookups_.book(duration), delay);
	if (pace_.loosely() && !delay_)
		pace_.catch_up(own);
}

// A PRG Response, or an Invalidate Request; who does not answer that leaves the payload as it is.
void requester::on_message(tlm::tlm_generic_payload &trans, sc_core::sc_time &)
{
	const dma_extension *dma = trans.get_extension<dma_extension>();
	ats_invalidation invalidation{};

	if (dma && dma->answer) {
		pcie_page_group_response(function_, dma->answer);
		trans.set_response_status(tlm::TLM_OK_RESPONSE);
		return;
	}
	if (!dma || trans.get_data_length() != sizeof(invalidation.body)) {
		trans.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
		return;
	}
	invalidation.source_id = dma->request.source_id;
	invalidation.has_pasid = dma->request.has_pasid;
	invalidation.pasid = dma->request.pasid;
	memcpy(&invalidation.body, trans.get_data_ptr(), sizeof(invalidation.body));
	if (pcie_ats_invalidate(function_, &invalidation))
		trans.set_response_status(tlm::TLM_OK_RESPONSE);
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
	p->dma.peer = transaction->route == PCIE_ROUTE_PEER;
	if (p->dma.peer)
		p->dma.result = transaction->result;
	p->dma.cached = transaction->address.v - cached_start_ < cached_size_;
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
	if (!write)
		pace_.pass(timing_.completion, delay);
	histogram_add(&latency_, local_now(delay) - begin);
	if (tracing_) {
		tracing_->phase(p->dma.traced, "completion", arrived, local_now(delay));
		tracing_->complete(p->dma.traced,
				   p->dma.result.fault         ? "fault"
				   : p->trans.is_response_ok() ? "ok"
							       : "error",
				   local_now(delay));
	}
	transaction->result = p->dma.result;
	transaction->status = p->trans.is_response_ok() ? PORT_OK : PORT_ERROR;
	payloads_.put(p);
	if (pace_.loosely() && !delay_)
		pace_.catch_up(own);
}

// A message is posted: it needs no tag, and nothing completes it.
void requester::ask(const page_request &request)
{
	sc_core::sc_time own = sc_core::SC_ZERO_TIME;
	sc_core::sc_time &delay = delay_ ? *delay_ : own;
	payload *p = payloads_.get();

	p->prepare_message(request.source_id, request.has_pasid, request.pasid);
	p->dma.page = &request;
	if (!pace_.loosely())
		wait_to_issue(p->dma.traced, true);
	link->b_transport(p->trans, delay);
	payloads_.put(p);
	if (pace_.loosely() && !delay_)
		pace_.catch_up(own);
}

} // namespace vtdsim
