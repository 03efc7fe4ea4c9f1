// SPDX-License-Identifier: Apache-2.0
/* A PCIe function that masters DMA, as a SystemC module: the C model of a function above a link. */
#ifndef SIM_SYSTEMC_REQUESTER_H
#define SIM_SYSTEMC_REQUESTER_H

#include "payloads.h"

#include <tlm_utils/simple_initiator_socket.h>

namespace vtdsim
{

class requester : public sc_core::sc_module
{
    public:
	tlm_utils::simple_initiator_socket<requester> link{ "link" };

	/** As pcie_function_create(); throws std::invalid_argument. */
	requester(const sc_core::sc_module_name &name, const pcie_function_config &config,
		  const requester_timing &timing, pace passing);
	~requester() override;

	/** The model: config space, and pcie_dma() by any thread, which then takes all the time there and then. */
	pcie_function *model()
	{
		return function_;
	}

	/** pcie_dma() by a thread that is delay ahead of simulated time, and stays so where timing is loose. */
	dma_status dma(const dma_request &request, void *buf, dma_result &result,
		       sc_core::sc_time &delay);

	const places &tags() const
	{
		return tags_;
	}

    private:
	void access(pcie_transaction *transaction);

	requester_timing timing_;
	pace pace_;
	payload_pool payloads_;
	slots issue_{ 1 };
	places tags_;
	sc_core::sc_time *delay_ = nullptr; // loosely-timed: of the DMA under way
	pcie_function *function_;
};

} // namespace vtdsim

#endif
