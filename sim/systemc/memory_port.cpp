// SPDX-License-Identifier: Apache-2.0
/* Accesses to memory: first the time, then the bytes, so that who reads late sees what was written meanwhile. */
#include "memory_port.h"

#include "dma_extension.h"

namespace vtdsim
{

memory_port::memory_port(const sc_core::sc_module_name &name, struct memory *mem,
			 const memory_timing &timing, pace passing)
	: sc_core::sc_module(name), mem_(mem), timing_(timing), cached_latency_(timing.latency),
	  pace_(passing), slots_(timing.slots)
{
	socket.register_b_transport(this, &memory_port::on_access);
	socket.register_transport_dbg(this, &memory_port::on_debug);
}

bool memory_port::transfer(tlm::tlm_generic_payload &trans)
{
	const hpa_t address = { trans.get_address() };
	const size_t len = trans.get_data_length();

	if (trans.get_byte_enable_ptr() || trans.get_streaming_width() < len)
		return false;
	return (trans.is_read()
			? memory_read(mem_, address, trans.get_data_ptr(), len)
			: memory_write(mem_, address, trans.get_data_ptr(), len)) == PORT_OK;
}

// Mixes a number's bits (SplitMix64's last steps; Steele, Lea and Flood 2014).
static u64 scatter(u64 number)
{
	number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9ULL;
	number = (number ^ number >> 27) * 0x94d049bb133111ebULL;
	return number ^ number >> 31;
}

// An access to a rank that refreshes waits until it no longer does. When in its interval a rank refreshes is the
// controller's choice (JESD79-4: it may put refreshes off), so that readers in step with the interval prove nothing.
u64 memory_port::until_refreshed(u64 address) const
{
	if (!refresh_.interval || pace_.loosely())
		return 0;
	const u64 rank = scatter(address / 64) % refresh_.ranks; // interleaved, as controllers do
	const u64 turn = now() / refresh_.interval;
	const u64 begin =
		scatter(turn * refresh_.ranks + rank) % (refresh_.interval - refresh_.duration);
	const u64 since = now() % refresh_.interval - begin; // before it: beyond any duration

	return since < refresh_.duration ? refresh_.duration - since : 0;
}

u64 memory_port::duration(const tlm::tlm_generic_payload &trans) const
{
	const dma_extension *dma = trans.get_extension<dma_extension>();

	if (dma && dma->cached && trans.is_read())
		return cached_latency_;
	return timing_.latency + until_refreshed(trans.get_address());
}

void memory_port::tell(tlm::tlm_generic_payload &trans, u64 begin, u64 end)
{
	const dma_extension *dma = trans.get_extension<dma_extension>();
	const trace_arg address = { "address", TRACE_HEX, trans.get_address(), nullptr };

	if (!dma || !dma->traced.number)
		return;
	tracing_->elsewhere(dma->traced, TRACE_MEMORY, 0, trans.is_read() ? "read" : "write", begin,
			    end, address);
	tracing_->phase(dma->traced, "memory", begin, end);
}

void memory_port::on_access(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
	const u64 time = duration(trans);
	const u64 begin = tracing_ ? local_now(delay) : 0;

	inside_++;
	pace_.pass(pace_.loosely() ? time : slots_.book(time), delay);
	inside_--;
	if (tracing_)
		tell(trans, begin, local_now(delay));
	trans.set_response_status(transfer(trans) ? tlm::TLM_OK_RESPONSE
						  : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

unsigned int memory_port::on_debug(tlm::tlm_generic_payload &trans)
{
	const dma_extension *dma = trans.get_extension<dma_extension>();

	if (dma && dma->update && trans.is_write() &&
	    !memory_takes_updates(mem_, hpa_t{ trans.get_address() }))
		return 0;
	return transfer(trans) ? trans.get_data_length() : 0;
}

} // namespace vtdsim
