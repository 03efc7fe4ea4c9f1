// SPDX-License-Identifier: Apache-2.0
/* A way into memory with its latency and so many accesses at once. Several may lead into the same memory. */
#ifndef SIM_SYSTEMC_MEMORY_PORT_H
#define SIM_SYSTEMC_MEMORY_PORT_H

#include "contention.h"
#include "tracing.h"

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

	/** The memory behind refreshes so. In approximately-timed models. */
	void set_refresh(const refresh_timing &refresh)
	{
		refresh_ = refresh;
	}

	/** What reads take that find their line in the processor's cache (dma_extension::cached). */
	void set_cached_latency(u64 ps)
	{
		cached_latency_ = ps;
	}

	const slots &accesses() const
	{
		return slots_;
	}

	/** Accesses that have come and not yet ended. */
	const u64 &inside() const
	{
		return inside_;
	}

	/** Tells of each access of DMA. */
	void trace_to(tracing *to)
	{
		tracing_ = to;
	}

    private:
	void on_access(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
	unsigned int on_debug(tlm::tlm_generic_payload &trans);
	bool transfer(tlm::tlm_generic_payload &trans);
	void tell(tlm::tlm_generic_payload &trans, u64 begin, u64 end);
	u64 duration(const tlm::tlm_generic_payload &trans) const;
	u64 until_refreshed(u64 address) const;

	struct memory *mem_;
	memory_timing timing_;
	refresh_timing refresh_{ 0, 0, 1 };
	u64 cached_latency_;
	pace pace_;
	slots slots_;
	u64 inside_ = 0;
	tracing *tracing_ = nullptr;
};

} // namespace vtdsim

#endif
