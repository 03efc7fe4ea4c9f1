// SPDX-License-Identifier: Apache-2.0
/*
 * The processor: one thread of software, its accesses to registers, and the interrupts it takes. Interrupts are
 * handled by the software's own thread, when it waits or when the kernel lets them in.
 */
#ifndef SIM_SYSTEMC_PROCESSOR_H
#define SIM_SYSTEMC_PROCESSOR_H

#include "payloads.h"

#include <functional>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

namespace vtdsim
{

class processor : public sc_core::sc_module
{
    public:
	tlm_utils::simple_initiator_socket<processor> bus{ "bus" };
	tlm_utils::simple_target_socket<processor> interrupts{ "interrupts" };

	/** Receives an interrupt message; called by the software's thread alone. */
	using interrupt_handler = std::function<void(u64 address, u32 data)>;

	processor(const sc_core::sc_module_name &name, const processor_timing &timing,
		  pace passing);

	/** What the thread runs, once; and who takes interrupts. */
	void set_software(std::function<void()> software)
	{
		software_ = std::move(software);
	}
	void set_interrupt_handler(interrupt_handler handler)
	{
		handler_ = std::move(handler);
	}

	/** False before it has run, and for good if it waits for what never comes. */
	bool software_ended() const
	{
		return software_ended_;
	}

	/** Accesses of the software, size 4 or 8 bytes; reads that fail give all ones, as on PCIe. */
	u64 read(u64 address, unsigned int size);
	void write(u64 address, unsigned int size, u64 value);

	/** A turn of a polling loop. */
	void relax();

	/** Waits until the condition holds, looking at each of the events, and takes interrupts meanwhile. */
	void wait_until(const std::function<bool()> &condition, sc_core::sc_event_or_list events);

	/** True while an interrupt is on its way or not yet handled. */
	bool interrupt_pending() const
	{
		return !sent_.empty() || !arrived_.empty();
	}
	/** Told when one has arrived. */
	const sc_core::sc_event &interrupt_arrived() const
	{
		return arrival_;
	}

	/** Time of the software, in ps: ahead of simulated time where timing is loose. */
	u64 local_time() const
	{
		return local_now(delay_);
	}

	/** The software's time is simulated time when this returns. */
	void catch_up()
	{
		pace_.catch_up(delay_);
	}

    private:
	struct message {
		u64 time; // ps, when it arrives
		u64 address;
		u32 data;
	};

	void software_thread();
	void interrupt_thread();
	void interrupt_loop();
	void on_interrupt(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
	void send(const message &sent);
	void handle_arrived();

	processor_timing timing_;
	pace pace_;
	payload_pool payloads_;
	sc_core::sc_time delay_ = sc_core::SC_ZERO_TIME; // of the software
	std::function<void()> software_;
	interrupt_handler handler_;
	std::deque<message> sent_, arrived_; // both in the order of arrival
	bool handling_ = false; // an interrupt
	bool software_ended_ = false;
	sc_core::sc_event sending_, arrival_;
};

} // namespace vtdsim

#endif
