// SPDX-License-Identifier: Apache-2.0
/* What lies between units, processor and memory: finds by the address who is meant, and takes no time. */
#ifndef SIM_SYSTEMC_INTERCONNECT_H
#define SIM_SYSTEMC_INTERCONNECT_H

#include "c_models.h"

#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

namespace vtdsim
{

class interconnect : public sc_core::sc_module
{
    public:
	tlm_utils::multi_passthrough_target_socket<interconnect> in{ "in" };
	tlm_utils::simple_initiator_socket<interconnect> memory{
		"memory"
	}; // all that no window holds

	explicit interconnect(const sc_core::sc_module_name &name) : sc_core::sc_module(name)
	{
		in.register_b_transport(this, &interconnect::on_access);
		in.register_transport_dbg(this, &interconnect::on_debug);
	}

	/** Addresses from base to base + size go to that socket, which sees them from 0 if relative. */
	template <typename socket> void window(u64 base, u64 size, bool relative, socket &target)
	{
		ranges_.push_back({ base, size, relative });
		windows_.bind(target);
	}

    private:
	struct range {
		u64 base, size;
		bool relative;
	};

	// Whom an address means; it becomes relative if that is the window's way.
	tlm::tlm_fw_transport_if<> &route(tlm::tlm_generic_payload &trans)
	{
		for (size_t i = 0; i < ranges_.size(); i++) {
			const u64 offset = trans.get_address() - ranges_[i].base;

			if (offset >= ranges_[i].size)
				continue;
			if (ranges_[i].relative)
				trans.set_address(offset);
			return *windows_[static_cast<int>(i)];
		}
		return *memory.operator->();
	}

	void on_access(int, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
	{
		const u64 address = trans.get_address();

		route(trans).b_transport(trans, delay);
		trans.set_address(address);
	}

	unsigned int on_debug(int, tlm::tlm_generic_payload &trans)
	{
		const u64 address = trans.get_address();
		const unsigned int done = route(trans).transport_dbg(trans);

		trans.set_address(address);
		return done;
	}

	std::vector<range> ranges_; // in the order of windows_
	tlm_utils::multi_passthrough_initiator_socket<interconnect> windows_{ "windows" };
};

} // namespace vtdsim

#endif
