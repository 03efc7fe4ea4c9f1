// SPDX-License-Identifier: Apache-2.0
/*
 * A PCIe link: requests go up and completions come down, each direction one packet after the other, and so many
 * requests on their way as the other end gives credit for. Invalidate Requests come down as messages and are
 * answered by messages, PRG Responses come down as messages, and Page Requests go up as such.
 */
#ifndef SIM_SYSTEMC_PCIE_LINK_H
#define SIM_SYSTEMC_PCIE_LINK_H

#include "payloads.h"

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

namespace vtdsim
{

class pcie_link : public sc_core::sc_module
{
    public:
	tlm_utils::simple_target_socket<pcie_link> function{ "function" };
	tlm_utils::simple_initiator_socket<pcie_link> root{ "root" };
	// where requests go that are for a peer; may be left unbound where there is none
	tlm_utils::simple_initiator_socket_optional<pcie_link> peers{ "peers" };
	// may be left unbound where no function has a device TLB
	tlm_utils::simple_target_socket_optional<pcie_link> root_messages{ "root_messages" };
	tlm_utils::simple_initiator_socket_optional<pcie_link> function_messages{
		"function_messages"
	};

	pcie_link(const sc_core::sc_module_name &name, const link_timing &timing, pace passing);

	const slots &up() const
	{
		return up_;
	}
	const slots &down() const
	{
		return down_;
	}
	const places &credits() const
	{
		return credits_;
	}

	/** Tells of each transfer, of the link of that device. */
	void trace_to(tracing *to, size_t device)
	{
		tracing_ = to;
		device_ = device;
	}

    private:
	void on_request(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
	void on_message(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
	u64 request_bytes(const tlm::tlm_generic_payload &trans, const dma_extension &dma) const;
	u64 completion_bytes(const tlm::tlm_generic_payload &trans) const;
	void transfer(bool up, const dma_extension &dma, u64 bytes, sc_core::sc_time &delay);

	link_timing timing_;
	pace pace_;
	slots up_{ 1 }, down_{ 1 };
	places credits_;
	tracing *tracing_ = nullptr;
	size_t device_ = 0;
};

} // namespace vtdsim

#endif
