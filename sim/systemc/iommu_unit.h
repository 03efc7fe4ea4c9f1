// SPDX-License-Identifier: Apache-2.0
/*
 * An IOMMU as a SystemC module: requests come in at one socket and go on translated at another, tables are read
 * at a third, registers are reached at a fourth. The C model inside does the work; its port waits here.
 *
 * To bind a unit into another platform: requests carry a dma_extension (who asks); registers are addressed from 0;
 * interrupts leave as writes of 4 bytes to 0xfeexxxxx at the memory socket, as PCIe messages do.
 */
#ifndef SIM_SYSTEMC_IOMMU_UNIT_H
#define SIM_SYSTEMC_IOMMU_UNIT_H

#include "contention.h"
#include "payloads.h"

#include <memory>
#include <tlm_utils/multi_passthrough_initiator_socket.h>
#include <tlm_utils/multi_passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>

namespace vtdsim
{

/** Figures of a unit that only time gives. */
struct unit_statistics {
	occupancy requests; // from arrival to the end of the access that follows
	occupancy walks; // from the taking of a walker to its giving back
	// ps; of translations from arrival on, of invalidations from the doorbell or the wait before on
	histogram translation{}, walk{}, invalidation{};
	u64 lookup_waited[PORT_LOOKUP_KINDS] = {}; // ps

	unit_statistics() = default;
	~unit_statistics();
	unit_statistics(const unit_statistics &) = delete;
	unit_statistics &operator=(const unit_statistics &) = delete;
};

/** Somebody who takes an invalidation to a function, and comes back with the answer. */
struct message_carrier {
	ats_invalidation invalidation{};
	bool busy = false;
	sc_core::sc_event go;
};

class iommu_unit : public sc_core::sc_module
{
    public:
	/** Bound to none where no device is behind the unit. */
	tlm_utils::multi_passthrough_target_socket<iommu_unit, 32, tlm::tlm_base_protocol_types, 0,
						   sc_core::SC_ZERO_OR_MORE_BOUND>
		requests{ "requests" };
	tlm_utils::simple_target_socket<iommu_unit> registers{ "registers" };
	tlm_utils::simple_initiator_socket<iommu_unit> memory{ "memory" };
	tlm_utils::simple_initiator_socket<iommu_unit> tables{ "tables" };

	/** Invalidate Requests and PRG Responses for that requester go to that socket. */
	template <typename socket> void message_to(u16 source_id, socket &target)
	{
		functions_.push_back(source_id);
		messages_.bind(target);
	}

	/** True while it works on its invalidation or command queue. */
	bool queue_busy() const
	{
		return queue_busy_;
	}
	/** Told when it no longer is. */
	const sc_core::sc_event &queue_idle() const
	{
		return queue_idle_;
	}

	/** Shows each event of the model to somebody, or (nullptr) to nobody. */
	void observe(void (*observer)(void *arg, const port_event *event), void *arg);

	/** Tells of what it does, as the unit of that index and name. */
	void trace_to(tracing &to, size_t unit, const char *name);

	/** Keeps queue_depth() up to date: before simulation begins. */
	void watch_queue()
	{
		watched_ = true;
	}
	/** Descriptors or commands that have been handed over and not yet been carried out, where watched. */
	const u64 &queue_depth() const
	{
		return queue_depth_;
	}
	/** ps of a cycle. */
	u64 clock_period() const
	{
		return timing_.clock_period;
	}

	const unit_statistics &statistics() const
	{
		return statistics_;
	}
	const in_flight &flight() const
	{
		return in_flight_;
	}
	const places &waiting_requests() const
	{
		return outstanding_;
	}
	const places &link_waits() const
	{
		return queue_;
	}
	const places &waiting_walks() const
	{
		return walkers_;
	}
	const missed_pages &pages() const
	{
		return pages_;
	}

    protected:
	iommu_unit(const sc_core::sc_module_name &name, const unit_timing &timing, pace passing);

	/** The port that the model is to be created with. */
	port model_port()
	{
		return port{ &ops_, this, nullptr };
	}
	/** Lookups at once of a cache; 0: any number. */
	void set_slots(enum port_lookup which, unsigned int count);
	/** For a model that has invalidations of device TLBs under way beside each other. */
	void make_carriers();

	virtual void translate(const translation_request &request, translation_result &result) = 0;
	virtual void take_page_request(const page_request &request) = 0;
	virtual u64 read_register(u32 offset, unsigned int size) = 0;
	virtual void write_register(u32 offset, unsigned int size, u64 value) = 0;
	virtual u64 register_bytes() const = 0;
	virtual void run_queue() = 0;
	virtual u64 queue_length() = 0;
	/** How an invalidation ended that the model's port has posted; only where the model posts any. */
	virtual void device_tlb_answered(unsigned int tag, bool answered) = 0;

    private:
	void on_request(int link, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
	void on_page_request(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
	void on_register(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay);
	unsigned int on_register_debug(tlm::tlm_generic_payload &trans);
	static bool describe(const tlm::tlm_generic_payload &trans, translation_request &request);
	static void complete_translation(tlm::tlm_generic_payload &trans,
					 const translation_result &result);
	void send_message(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay,
			  translation_result &result);
	void carry(sc_core::sc_time *delay);
	void enter(dma_extension &dma);
	void queue_thread();
	void queue_loop();
	u64 time() const;
	void watch();
	void carry_out(u32 offset, unsigned int size, u64 value);
	port_status write(hpa_t address, const void *buf, size_t len);
	void lookup(enum port_lookup which, unsigned int cycles);
	bool miss(port_page page);
	void ring();
	void drain();
	unsigned int take_walker();
	void give_walker(unsigned int walker);

	port_status access(tlm::tlm_command command, hpa_t address, void *buf, size_t len);
	size_t access_debug(tlm::tlm_command command, hpa_t address, void *buf, size_t len);
	port_status exchange(hpa_t address, u64 *expected, u64 desired);
	void interrupt(u64 address, u32 data);
	bool deliver(payload &message, sc_core::sc_time &delay);
	bool send(const ats_invalidation &invalidation);
	void respond(const page_group_response &response);
	bool invalidate(const ats_invalidation &invalidation);
	void post(const ats_invalidation &invalidation);
	void await_answer();
	void carrier_thread();
	void carrier_loop(message_carrier &carrier);
	void pass(u64 ps);

	static port_ops make_ops();

	port_ops ops_;
	unit_timing timing_;
	std::vector<u16> functions_; // in the order of messages_
	tlm_utils::multi_passthrough_initiator_socket<iommu_unit, 32, tlm::tlm_base_protocol_types,
						      0, sc_core::SC_ZERO_OR_MORE_BOUND>
		messages_{ "messages" };
	pace pace_;
	// loosely-timed: the delay of the transaction being carried, which nothing interrupts; else null
	sc_core::sc_time *delay_ = nullptr;
	payload_pool payloads_;
	places queue_, outstanding_, walkers_;
	std::vector<slots> lookups_;
	missed_pages pages_;
	in_flight in_flight_;
	unit_statistics statistics_;
	std::vector<u64> walk_begin_; // ps, by walker
	std::vector<unsigned int> idle_walkers_; // of those that have ever walked
	u64 doorbell_ = 0; // ps: when software asked for what is now being done
	bool waited_for_ = false; // a wait descriptor has been reached since
	u64 queue_depth_ = 0;
	bool watched_ = false;
	sc_core::sc_process_b *queue_process_ = nullptr;
	std::unique_ptr<unit_tracer> tracer_;
	sc_core::sc_event queue_work_, queue_idle_;
	std::vector<std::unique_ptr<message_carrier>> carriers_; // of invalidations of device TLBs
	size_t carriers_begun_ = 0; // that have their thread
	sc_core::sc_event answer_;
	bool answer_came_ = false; // or work, since the queue's thread last waited for it
	bool queue_wanted_ = false; // there may be work that the queue's thread has not yet seen
	bool queue_busy_ = false;
	void (*observer_)(void *arg, const port_event *event) = nullptr;
	void *observer_arg_ = nullptr;
};

/** A VT-d unit. */
class vtd_unit_module : public iommu_unit
{
    public:
	/** As vtd_create(); throws std::bad_alloc or std::invalid_argument. */
	vtd_unit_module(const sc_core::sc_module_name &name, const vtd_config &config,
			const unit_timing &timing, pace passing);
	~vtd_unit_module() override;

	/** The model, for what has no time: counters, eviction, decoding. */
	vtd_unit *model()
	{
		return unit_;
	}

    protected:
	void translate(const translation_request &request, translation_result &result) override;
	void take_page_request(const page_request &request) override;
	u64 read_register(u32 offset, unsigned int size) override;
	void write_register(u32 offset, unsigned int size, u64 value) override;
	u64 register_bytes() const override;
	void run_queue() override;
	u64 queue_length() override;
	void device_tlb_answered(unsigned int tag, bool answered) override;

    private:
	vtd_unit *unit_;
};

/** An SMMUv3. */
class smmuv3_module : public iommu_unit
{
    public:
	/** As smmuv3_create(); throws std::invalid_argument. */
	smmuv3_module(const sc_core::sc_module_name &name, const smmuv3_config &config,
		      const unit_timing &timing, pace passing);
	~smmuv3_module() override;

	smmuv3 *model()
	{
		return smmu_;
	}

    protected:
	void translate(const translation_request &request, translation_result &result) override;
	void take_page_request(const page_request &request) override;
	u64 read_register(u32 offset, unsigned int size) override;
	void write_register(u32 offset, unsigned int size, u64 value) override;
	u64 register_bytes() const override;
	void run_queue() override;
	u64 queue_length() override;
	void device_tlb_answered(unsigned int, bool) override
	{
	}

    private:
	smmuv3 *smmu_;
};

} // namespace vtdsim

#endif
