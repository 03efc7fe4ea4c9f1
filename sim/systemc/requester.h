// SPDX-License-Identifier: Apache-2.0
/* A PCIe function that masters DMA, as a SystemC module: the C model of a function above a link. */
#ifndef SIM_SYSTEMC_REQUESTER_H
#define SIM_SYSTEMC_REQUESTER_H

#include "payloads.h"

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

namespace vtdsim
{

class requester : public sc_core::sc_module
{
    public:
	tlm_utils::simple_initiator_socket<requester> link{ "link" };
	// Invalidate Requests and PRG Responses; may be left unbound
	tlm_utils::simple_target_socket_optional<requester> messages{ "messages" };

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

	/** Reads of these bytes, by the addresses that the function uses, meet the processor's cache. */
	void set_cached(u64 start, u64 size)
	{
		cached_start_ = start;
		cached_size_ = size;
	}

	const places &tags() const
	{
		return tags_;
	}

	/** How long requests took, in ps: from when they wanted a tag until the function was told. */
	const histogram &latency() const
	{
		return latency_;
	}

	/** Shows each event of the model to somebody, or (nullptr) to nobody. */
	void observe(void (*observer)(void *arg, const port_event *event), void *arg);

	/** Tells of each request, as of the device with that index. */
	void trace_to(tracing *to, size_t device)
	{
		tracing_ = to;
		device_ = device;
	}

    private:
	pcie_upstream make_upstream();
	void access(pcie_transaction *transaction);
	void ask(const page_request &request);
	void lookup(unsigned int cycles);
	void on_message(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
	void wait_to_issue(const traced_dma &dma, bool write);

	requester_timing timing_;
	pace pace_;
	payload_pool payloads_;
	slots issue_{ 1 };
	slots lookups_;
	places tags_;
	in_flight translated_; // parts that may use a translation of the device TLB
	port_ops ops_{};
	void (*observer_)(void *arg, const port_event *event) = nullptr;
	void *observer_arg_ = nullptr;
	u64 cached_start_ = 0, cached_size_ = 0;
	sc_core::sc_time *delay_ = nullptr; // loosely-timed: of the DMA under way
	pcie_function *function_;
	histogram latency_{};
	tracing *tracing_ = nullptr;
	size_t device_ = 0;
};

} // namespace vtdsim

#endif
