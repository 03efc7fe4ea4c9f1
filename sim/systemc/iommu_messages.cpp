// SPDX-License-Identifier: Apache-2.0
/* Messages of an IOMMU's model to functions: invalidations of device TLBs, and answers to page requests. */
#include "iommu_unit.h"

#include <algorithm>

namespace vtdsim
{

// False: no function answers.
bool iommu_unit::deliver(payload &message, sc_core::sc_time &delay)
{
	bool answered = false;

	for (size_t i = 0; i < functions_.size(); i++) {
		if (functions_[i] != message.dma.request.source_id)
			continue;
		messages_[static_cast<int>(i)]->b_transport(message.trans, delay);
		answered = message.trans.is_response_ok();
	}
	return answered;
}

bool iommu_unit::send(const ats_invalidation &invalidation)
{
	sc_core::sc_time none = sc_core::SC_ZERO_TIME;
	u64 body = invalidation.body;
	payload *p = payloads_.get();

	p->prepare(tlm::TLM_WRITE_COMMAND, 0, &body, sizeof(body));
	p->dma.request = translation_request{};
	p->dma.request.source_id = invalidation.source_id;
	p->dma.request.has_pasid = invalidation.has_pasid;
	p->dma.request.pasid = invalidation.pasid;
	const bool answered = deliver(*p, pace_.loosely() && delay_ ? *delay_ : none);

	payloads_.put(p);
	return answered;
}

void iommu_unit::respond(const page_group_response &response)
{
	sc_core::sc_time none = sc_core::SC_ZERO_TIME;
	const u64 begin = time();
	payload *p = payloads_.get();

	p->prepare_message(response.source_id, response.has_pasid, response.pasid);
	p->dma.answer = &response;
	deliver(*p, pace_.loosely() && delay_ ? *delay_ : none);
	payloads_.put(p);
	if (tracer_)
		tracer_->waited("page group response", begin, time());
}

bool iommu_unit::invalidate(const ats_invalidation &invalidation)
{
	const bool answered = send(invalidation);

	if (!answered)
		pass(timing_.invalidation_timeout);
	return answered;
}

[[gnu::noinline]] void iommu_unit::carrier_loop(message_carrier &carrier)
{
	for (;;) {
		while (!carrier.busy)
			wait_for(carrier.go);
		const bool answered = invalidate(carrier.invalidation);

		carrier.busy = false;
		device_tlb_answered(carrier.invalidation.tag, answered);
		answer_came_ = true;
		tell(answer_);
	}
}

void iommu_unit::carrier_thread()
{
	message_carrier *carrier = carriers_[carriers_begun_++].get();

	on_fresh_stack(model_stack, [this, carrier] { carrier_loop(*carrier); });
}

// Each invalidation that is under way has a thread, of which there are as many as a unit has tags. A thread that is made
// while another runs would be that one's child, and SystemC never frees it.
void iommu_unit::make_carriers()
{
	SC_HAS_PROCESS(iommu_unit);

	for (unsigned int i = 0; i < ATS_TAGS; i++) {
		carriers_.push_back(std::make_unique<message_carrier>());
		declare_thread_process(carrier, sc_core::sc_gen_unique_name("carrier"),
				       SC_CURRENT_USER_MODULE, carrier_thread);
		set_stack_size(model_stack);
	}
}

void iommu_unit::post(const ats_invalidation &invalidation)
{
	auto free = std::find_if(carriers_.begin(), carriers_.end(),
				 [](const auto &carrier) { return !carrier->busy; });

	(*free)->invalidation = invalidation;
	(*free)->busy = true;
	tell((*free)->go);
}

void iommu_unit::await_answer()
{
	const u64 asked = now();

	while (!answer_came_)
		wait_for(answer_);
	answer_came_ = false;
	if (tracer_)
		tracer_->waited("device TLB invalidation", asked, now());
}

} // namespace vtdsim
