// SPDX-License-Identifier: Apache-2.0
/* The software's thread, its accesses, and the way of interrupts to it. */
#include "processor.h"

#include <algorithm>
#include <cstring>

namespace vtdsim
{

// Of the software: a kernel and a scenario's steps, which recurse through YAML and page tables.
static const int software_stack = 8 << 20;

processor::processor(const sc_core::sc_module_name &name, const processor_timing &timing,
		     pace passing)
	: sc_core::sc_module(name), timing_(timing), pace_(passing)
{
	SC_HAS_PROCESS(processor);

	interrupts.register_b_transport(this, &processor::on_interrupt);
	SC_THREAD(software_thread);
	set_stack_size(software_stack);
	SC_THREAD(interrupt_thread);
	set_stack_size(model_stack);
}

void processor::software_thread()
{
	on_fresh_stack(software_stack, [this] {
		if (software_)
			software_();
		catch_up();
	});
	software_ended_ = true;
}

u64 processor::read(u64 address, unsigned int size)
{
	payload *p = payloads_.get();
	u64 value = 0;

	p->prepare(tlm::TLM_READ_COMMAND, address, &value, size);
	pace_.pass(timing_.mmio_read, delay_);
	bus->b_transport(p->trans, delay_);
	if (!p->trans.is_response_ok())
		value = ~0ULL;
	payloads_.put(p);
	pace_.synchronise(delay_);
	return value;
}

void processor::write(u64 address, unsigned int size, u64 value)
{
	payload *p = payloads_.get();

	p->prepare(tlm::TLM_WRITE_COMMAND, address, &value, size);
	pace_.pass(timing_.mmio_write, delay_);
	bus->b_transport(p->trans, delay_);
	payloads_.put(p);
	pace_.synchronise(delay_);
}

void processor::relax()
{
	pace_.pass(timing_.poll, delay_);
	pace_.synchronise(delay_);
	handle_arrived();
}

void processor::handle_arrived()
{
	// a handler that waits is not interrupted by the next one
	if (handling_)
		return;
	handling_ = true;
	while (!arrived_.empty()) {
		const message m = arrived_.front();

		arrived_.pop_front();
		if (handler_)
			handler_(m.address, m.data);
	}
	handling_ = false;
}

// The list is a copy: SystemC frees an expression of events once it was waited for.
void processor::wait_until(const std::function<bool()> &condition, sc_core::sc_event_or_list events)
{
	// no handler waits for this: one that is said to be running was left by a kernel that stopped
	handling_ = false;
	for (;;) {
		handle_arrived();
		catch_up();
		if (condition())
			return;
		sc_core::wait(events | arrival_);
	}
}

// A message takes its time on the way; who sent it does not wait.
void processor::on_interrupt(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
	u32 data = 0;

	if (trans.is_read() || trans.get_data_length() != sizeof(data)) {
		trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
		return;
	}
	memcpy(&data, trans.get_data_ptr(), sizeof(data));
	trans.set_response_status(tlm::TLM_OK_RESPONSE);
	send({ local_now(delay) + timing_.interrupt, trans.get_address(), data });
}

// In the order of arrival, which loosely-timed is not that of sending.
void processor::send(const message &sent)
{
	auto later = [](const message &a, const message &b) { return a.time < b.time; };

	sent_.insert(std::upper_bound(sent_.begin(), sent_.end(), sent, later), sent);
	tell(sending_);
}

void processor::interrupt_thread()
{
	on_fresh_stack(model_stack, [this] { interrupt_loop(); });
}

[[gnu::noinline]] void processor::interrupt_loop()
{
	for (;;) {
		if (sent_.empty()) {
			sc_core::wait(sending_);
		} else if (sent_.front().time > now()) {
			sc_core::wait(picoseconds(sent_.front().time - now()), sending_);
		} else {
			arrived_.push_back(sent_.front());
			sent_.pop_front();
			arrival_.notify();
		}
	}
}

} // namespace vtdsim
