// SPDX-License-Identifier: Apache-2.0
/*
 * What lies between units, processor and memory, and takes no time. The processor reaches the units' registers; DMA
 * reaches memory alone, but for what a unit says is an interrupt message.
 */
#ifndef SIM_SYSTEMC_INTERCONNECT_H
#define SIM_SYSTEMC_INTERCONNECT_H

#include "dma_extension.h"

#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

namespace vtdsim
{

class interconnect : public sc_core::sc_module
{
    public:
	tlm_utils::simple_target_socket<interconnect> processor{ "processor" };
	tlm_utils::multi_passthrough_target_socket<interconnect> dma{ "dma" };
	tlm_utils::simple_initiator_socket<interconnect> memory{ "memory" };
	tlm_utils::simple_initiator_socket<interconnect> interrupts{ "interrupts" };

	explicit interconnect(const sc_core::sc_module_name &name) : sc_core::sc_module(name)
	{
		processor.register_b_transport(this, &interconnect::on_access);
		dma.register_b_transport(this, &interconnect::on_dma);
	}

	/** The processor's accesses from base to base + size go to that socket, which sees them from 0 on. */
	template <typename socket> void window(u64 base, u64 size, socket &target)
	{
		ranges_.push_back({ base, size });
		windows_.bind(target);
	}

    private:
	struct range {
		u64 base, size;
	};

	void on_access(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
	{
		const u64 address = trans.get_address();

		for (size_t i = 0; i < ranges_.size(); i++) {
			if (address - ranges_[i].base >= ranges_[i].size)
				continue;
			trans.set_address(address - ranges_[i].base);
			windows_[static_cast<int>(i)]->b_transport(trans, delay);
			trans.set_address(address);
			return;
		}
		trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
	}

	void on_dma(int, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
	{
		const dma_extension *dma_of = trans.get_extension<dma_extension>();

		if (dma_of && dma_of->result.interrupt)
			interrupts->b_transport(trans, delay);
		else
			memory->b_transport(trans, delay);
	}

	std::vector<range> ranges_; // in the order of windows_
	tlm_utils::multi_passthrough_initiator_socket<interconnect> windows_{ "windows" };
};

} // namespace vtdsim

#endif
