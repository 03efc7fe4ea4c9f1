// SPDX-License-Identifier: Apache-2.0
/* Accesses to memory: first the time, then the bytes, so that who reads late sees what was written meanwhile. */
#include "memory_port.h"

namespace vtdsim
{

memory_port::memory_port(const sc_core::sc_module_name &name, struct memory *mem,
			 const memory_timing &timing, pace passing)
	: sc_core::sc_module(name), mem_(mem), timing_(timing), pace_(passing), slots_(timing.slots)
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

void memory_port::on_access(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
	pace_.pass(pace_.loosely() ? timing_.latency : slots_.book(timing_.latency), delay);
	trans.set_response_status(transfer(trans) ? tlm::TLM_OK_RESPONSE
						  : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

unsigned int memory_port::on_debug(tlm::tlm_generic_payload &trans)
{
	return transfer(trans) ? trans.get_data_length() : 0;
}

} // namespace vtdsim
