// SPDX-License-Identifier: Apache-2.0
/* A way into memory with its latency and so many accesses at once. Several may lead into the same memory. */
#ifndef SIM_SYSTEMC_MEMORY_PORT_H
#define SIM_SYSTEMC_MEMORY_PORT_H

#include "contention.h"

#include <tlm_utils/simple_target_socket.h>

namespace vtdsim
{

class memory_port : public sc_core::sc_module
{
    public:
	tlm_utils::simple_target_socket<memory_port> socket{ "socket" };

	/** mem must outlive the module. */
	memory_port(const sc_core::sc_module_name &name, struct memory *mem,
		    const memory_timing &timing, pace passing);

	const slots &accesses() const
	{
		return slots_;
	}

    private:
	void on_access(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
	unsigned int on_debug(tlm::tlm_generic_payload &trans);
	bool transfer(tlm::tlm_generic_payload &trans);

	struct memory *mem_;
	memory_timing timing_;
	pace pace_;
	slots slots_;
};

} // namespace vtdsim

#endif
