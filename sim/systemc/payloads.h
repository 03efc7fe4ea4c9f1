// SPDX-License-Identifier: Apache-2.0
/* Generic payloads that are used again: a transaction allocates nothing. */
#ifndef SIM_SYSTEMC_PAYLOADS_H
#define SIM_SYSTEMC_PAYLOADS_H

#include "dma_extension.h"

#include <deque>
#include <vector>

namespace vtdsim
{

/** A payload with its DMA extension, attached for good. */
struct payload {
	tlm::tlm_generic_payload trans;
	dma_extension dma;

	payload()
	{
		trans.set_extension(&dma);
	}
	~payload()
	{
		trans.clear_extension(&dma);
	}
	payload(const payload &) = delete;
	payload &operator=(const payload &) = delete;

	/** Makes it a request of len bytes at address. */
	void prepare(tlm::tlm_command command, u64 address, void *data, size_t len)
	{
		trans.set_command(command);
		trans.set_address(address);
		trans.set_data_ptr(static_cast<unsigned char *>(data));
		trans.set_data_length(static_cast<unsigned int>(len));
		trans.set_streaming_width(static_cast<unsigned int>(len));
		trans.set_byte_enable_ptr(nullptr);
		trans.set_dmi_allowed(false);
		trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
		dma.cached = false;
		dma.update = false;
		dma.peer = false;
		dma.result.interrupt = false;
		dma.page = nullptr;
		dma.answer = nullptr;
	}

	/** Makes it a message of who is named, which carries no data. */
	void prepare_message(u16 source_id, bool has_pasid, u32 pasid)
	{
		prepare(tlm::TLM_IGNORE_COMMAND, 0, nullptr, 0);
		dma.request = translation_request{};
		dma.request.source_id = source_id;
		dma.request.has_pasid = has_pasid;
		dma.request.pasid = pasid;
		dma.credits = nullptr;
		dma.traced = traced_dma{};
	}
};

/** Payloads that nobody uses at the moment. */
class payload_pool
{
    public:
	payload_pool() = default;
	payload_pool(const payload_pool &) = delete;
	payload_pool &operator=(const payload_pool &) = delete;

	payload *get()
	{
		if (idle_.empty()) {
			payloads_.emplace_back();
			return &payloads_.back();
		}
		payload *p = idle_.back();

		idle_.pop_back();
		return p;
	}

	void put(payload *p)
	{
		idle_.push_back(p);
	}

    private:
	std::deque<payload> payloads_; // all, also those of who still waits when a simulation ends
	std::vector<payload *> idle_;
};

} // namespace vtdsim

#endif
