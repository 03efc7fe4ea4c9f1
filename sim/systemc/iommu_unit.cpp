// SPDX-License-Identifier: Apache-2.0
/* The port of an IOMMU's C model bound to sockets and to wait(). */
#include "iommu_unit.h"

#include <cstring>
#include <stdexcept>

namespace vtdsim
{

unit_statistics::~unit_statistics()
{
	histogram_clear(&translation);
	histogram_clear(&walk);
	histogram_clear(&invalidation);
}

namespace
{

const u64 ECAP_DEVICE_TLB = 1ULL << 2; // DT: without it, there are no invalidations of device TLBs

} // namespace

iommu_unit::iommu_unit(const sc_core::sc_module_name &name, const unit_timing &timing, pace passing)
	: sc_core::sc_module(name), ops_(make_ops()), timing_(timing), pace_(passing),
	  queue_(timing.outstanding ? timing.queue : 0), outstanding_(timing.outstanding),
	  walkers_(timing.walkers), lookups_(PORT_LOOKUP_KINDS, slots(0))
{
	SC_HAS_PROCESS(iommu_unit);

	requests.register_b_transport(this, &iommu_unit::on_request);
	registers.register_b_transport(this, &iommu_unit::on_register);
	registers.register_transport_dbg(this, &iommu_unit::on_register_debug);
	if (pace_.loosely()) {
		// nobody waits inside a model then: lookups add up, all else is at hand
		ops_.page_miss = nullptr;
		ops_.page_done = nullptr;
		ops_.queue_work = nullptr;
		ops_.drain = nullptr;
		ops_.post_device_tlb = nullptr;
	} else {
		SC_THREAD(queue_thread);
		set_stack_size(model_stack);
	}
	if (!timing_.merge) {
		ops_.page_miss = nullptr;
		ops_.page_done = nullptr;
	}
}

void iommu_unit::set_slots(enum port_lookup which, unsigned int count)
{
	lookups_[which] = slots(count);
}

void iommu_unit::observe(void (*observer)(void *arg, const port_event *event), void *arg)
{
	observer_ = observer;
	observer_arg_ = arg;
	ops_.observe = nullptr;
	if (observer || tracer_)
		ops_.observe = [](void *ctx, const port_event *event) {
			auto *unit = static_cast<iommu_unit *>(ctx);

			if (unit->tracer_)
				unit->tracer_->event(event, unit->time());
			if (unit->observer_)
				unit->observer_(unit->observer_arg_, event);
		};
}

void iommu_unit::trace_to(tracing &to, size_t unit, const char *name)
{
	tracer_ = std::make_unique<unit_tracer>(to, unit, name);
	observe(observer_, observer_arg_);
}

// Of the transaction being carried.
u64 iommu_unit::time() const
{
	return pace_.loosely() && delay_ ? local_now(*delay_) : now();
}

// While a trace of signals wants to know.
void iommu_unit::watch()
{
	if (watched_)
		queue_depth_ = queue_length();
}

// ---- requests ----

// Where requests wait their turn; the link's credit comes back as soon as there is room to wait here.
void iommu_unit::enter(dma_extension &dma)
{
	queue_.take();
	if (dma.credits)
		dma.credits->give();
	dma.credits = nullptr;
	outstanding_.take();
	queue_.give();
}

// What the payload says counts, so that a foreign initiator need only say who it is.
bool iommu_unit::describe(const tlm::tlm_generic_payload &trans, translation_request &request)
{
	const u64 offset = trans.get_address() % MODEL_PAGE_SIZE;

	if (!trans.get_data_length() || trans.get_data_length() > MODEL_PAGE_SIZE - offset)
		return false;
	request.address = iova_t{ trans.get_address() };
	request.len = trans.get_data_length();
	if (trans.is_write())
		request.access = ACCESS_WRITE;
	else if (request.access == ACCESS_WRITE)
		request.access = ACCESS_READ;
	if (trans.is_write() && request.len == sizeof(request.data))
		memcpy(&request.data, trans.get_data_ptr(), sizeof(request.data));
	return true;
}

// Loosely-timed, nothing interrupts a transaction: its delay is where the model's port adds what it takes.
void iommu_unit::carry(sc_core::sc_time *delay)
{
	if (pace_.loosely())
		delay_ = delay;
}

// The data of a translation completion: it comes from here, not from memory.
void iommu_unit::complete_translation(tlm::tlm_generic_payload &trans,
				      const translation_result &result)
{
	if (trans.get_data_length() == sizeof(result.completion))
		memcpy(trans.get_data_ptr(), &result.completion, sizeof(result.completion));
	trans.set_response_status(trans.get_data_length() == sizeof(result.completion)
					  ? tlm::TLM_OK_RESPONSE
					  : tlm::TLM_BURST_ERROR_RESPONSE);
}

// What a device wrote stays its own: the message has the data that the unit made of it.
void iommu_unit::send_message(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay,
			      translation_result &result)
{
	unsigned char *written = trans.get_data_ptr();

	trans.set_response_status(tlm::TLM_OK_RESPONSE);
	if (result.silent)
		return;
	trans.set_address(result.address.v);
	trans.set_data_ptr(reinterpret_cast<unsigned char *>(&result.data));
	memory->b_transport(trans, delay);
	trans.set_data_ptr(written);
}

void iommu_unit::on_request(int, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
	dma_extension *dma = trans.get_extension<dma_extension>();

	if (!dma) {
		trans.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
		return;
	}
	if (dma->page) {
		on_page_request(trans, delay);
		return;
	}
	if (!describe(trans, dma->request)) {
		trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
		return;
	}
	const u64 since = now(), arrival = local_now(delay);

	statistics_.requests.enter();
	if (!pace_.loosely())
		enter(*dma);
	const unsigned int phase = in_flight_.begin();

	carry(&delay);
	if (tracer_)
		tracer_->request_begins(dma->traced, arrival, time());
	translate(dma->request, dma->result);
	histogram_add(&statistics_.translation, time() - arrival);
	if (tracer_)
		tracer_->request_ends(dma->result, time());
	carry(nullptr);
	if (!pace_.loosely())
		outstanding_.give();
	if (dma->result.fault || dma->result.blocked || dma->result.ats_status != ATS_SUCCESS) {
		trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
	} else if (dma->request.type == ADDRESS_TRANSLATION_REQUEST) {
		complete_translation(trans, dma->result);
	} else if (dma->result.interrupt) {
		send_message(trans, delay, dma->result);
	} else {
		trans.set_address(dma->result.address.v);
		memory->b_transport(trans, delay);
	}
	in_flight_.end(phase);
	statistics_.requests.leave(since);
}

void iommu_unit::on_page_request(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
	dma_extension *dma = trans.get_extension<dma_extension>();

	if (!pace_.loosely())
		enter(*dma);
	const unsigned int phase = in_flight_.begin();

	carry(&delay);
	if (tracer_)
		tracer_->page_request_begins(time());
	take_page_request(*dma->page);
	if (tracer_)
		tracer_->page_request_ends(time());
	carry(nullptr);
	if (!pace_.loosely())
		outstanding_.give();
	in_flight_.end(phase);
	trans.set_response_status(tlm::TLM_OK_RESPONSE);
}

// ---- registers ----

// What takes time here is an invalidation: by a command register, or loosely-timed by the queue.
void iommu_unit::carry_out(u32 offset, unsigned int size, u64 value)
{
	const u64 begin = time();

	if (tracer_)
		tracer_->queue_begins(begin);
	write_register(offset, size, value);
	if (time() != begin)
		histogram_add(&statistics_.invalidation, time() - begin);
	if (tracer_)
		tracer_->queue_ends(time());
	watch();
}

void iommu_unit::on_register(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
	const unsigned int size = trans.get_data_length();
	const u32 offset = static_cast<u32>(trans.get_address());
	u64 value = 0;

	// what else is wrong with an access, the model tells
	if (size > sizeof(value) || trans.get_streaming_width() < size ||
	    trans.get_byte_enable_ptr()) {
		trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
		return;
	}
	if (trans.get_address() >= register_bytes()) {
		trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
		return;
	}
	carry(&delay);
	if (trans.is_read()) {
		value = read_register(offset, size);
		memcpy(trans.get_data_ptr(), &value, size);
	} else {
		memcpy(&value, trans.get_data_ptr(), size);
		carry_out(offset, size, value);
	}
	carry(nullptr);
	trans.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned int iommu_unit::on_register_debug(tlm::tlm_generic_payload &trans)
{
	const unsigned int size = trans.get_data_length();
	u64 value;

	if (size > sizeof(value) || !trans.is_read() || trans.get_address() >= register_bytes())
		return 0;
	value = read_register(static_cast<u32>(trans.get_address()), size);
	memcpy(trans.get_data_ptr(), &value, size);
	return size;
}

// The queue has a thread of its own, so that a register write does not take the time of its commands.
void iommu_unit::queue_thread()
{
	on_fresh_stack(model_stack, [this] { queue_loop(); });
}

[[gnu::noinline]] void iommu_unit::queue_loop()
{
	queue_process_ = sc_core::sc_get_current_process_b();
	for (;;) {
		while (!queue_wanted_)
			wait_for(queue_work_);
		queue_wanted_ = false;
		if (tracer_)
			tracer_->queue_begins(now());
		run_queue();
		if (!waited_for_ && now() != doorbell_)
			histogram_add(&statistics_.invalidation, now() - doorbell_);
		if (tracer_)
			tracer_->queue_ends(now());
		watch();
		queue_busy_ = queue_wanted_;
		if (!queue_busy_)
			tell(queue_idle_);
	}
}

// ---- the model's port ----

void iommu_unit::pass(u64 ps)
{
	sc_core::sc_time none = sc_core::SC_ZERO_TIME;

	pace_.pass(ps, delay_ ? *delay_ : none);
}

port_status iommu_unit::access(tlm::tlm_command command, hpa_t address, void *buf, size_t len)
{
	sc_core::sc_time none = sc_core::SC_ZERO_TIME;
	payload *p = payloads_.get();

	watch();
	if (tracer_)
		tracer_->access_begins(command, time());
	p->prepare(command, address.v, buf, len);
	tables->b_transport(p->trans, pace_.loosely() && delay_ ? *delay_ : none);
	if (tracer_)
		tracer_->access_ended(command, address.v, time());
	const bool good = p->trans.is_response_ok();

	payloads_.put(p);
	return good ? PORT_OK : PORT_ERROR;
}

size_t iommu_unit::access_debug(tlm::tlm_command command, hpa_t address, void *buf, size_t len)
{
	payload *p = payloads_.get();

	p->prepare(command, address.v, buf, len);
	p->dma.update = true;
	const size_t done = tables->transport_dbg(p->trans);

	payloads_.put(p);
	return done;
}

// TLM-2.0 has no atomic access. One thread runs at a time, so what does not wait is not interrupted.
port_status iommu_unit::exchange(hpa_t address, u64 *expected, u64 desired)
{
	u64 found = 0;

	if (access(tlm::TLM_READ_COMMAND, address, &found, sizeof(found)) != PORT_OK)
		return PORT_ERROR;
	if (access_debug(tlm::TLM_READ_COMMAND, address, &found, sizeof(found)) != sizeof(found))
		return PORT_ERROR;
	if (found == *expected && access_debug(tlm::TLM_WRITE_COMMAND, address, &desired,
					       sizeof(desired)) != sizeof(desired))
		return PORT_ERROR;
	*expected = found;
	return PORT_OK;
}

// Of all writes of the queue's own, those of wait descriptors tell that all before is done.
port_status iommu_unit::write(hpa_t address, const void *buf, size_t len)
{
	const port_status status =
		access(tlm::TLM_WRITE_COMMAND, address, const_cast<void *>(buf), len);

	if (queue_process_ && sc_core::sc_get_current_process_b() == queue_process_) {
		histogram_add(&statistics_.invalidation, now() - doorbell_);
		doorbell_ = now();
		waited_for_ = true;
	}
	return status;
}

void iommu_unit::lookup(enum port_lookup which, unsigned int cycles)
{
	const u64 begin = tracer_ ? time() : 0;
	const u64 duration = cycles * timing_.clock_period;

	pass(pace_.loosely() ? duration : lookups_[which].book(duration));
	if (tracer_)
		tracer_->lookup(which, begin, time());
}

bool iommu_unit::miss(port_page page)
{
	const u64 asked = tracer_ ? now() : 0;
	const bool own = pages_.miss(page);

	if (tracer_)
		tracer_->waited("wait for another's walk", asked, now());
	return own;
}

// Work on the queue is asked for.
void iommu_unit::ring()
{
	if (!queue_busy_) {
		doorbell_ = now();
		waited_for_ = false;
	}
	queue_busy_ = queue_wanted_ = true;
	tell(queue_work_);
	answer_came_ = true;
	tell(answer_);
}

void iommu_unit::drain()
{
	const u64 asked = now();

	in_flight_.drain();
	if (tracer_)
		tracer_->waited("drain", asked, now());
}

unsigned int iommu_unit::take_walker()
{
	const u64 asked = time();

	if (!pace_.loosely()) {
		walkers_.take();
		statistics_.walks.enter();
	}
	unsigned int walker = static_cast<unsigned int>(walk_begin_.size());

	if (idle_walkers_.empty()) {
		walk_begin_.push_back(0);
	} else {
		walker = idle_walkers_.back();
		idle_walkers_.pop_back();
	}
	walk_begin_[walker] = time();
	if (tracer_)
		tracer_->walk_begins(pace_.loosely() ? 0 : walker + 1, asked, time());
	return walker;
}

void iommu_unit::give_walker(unsigned int walker)
{
	histogram_add(&statistics_.walk, time() - walk_begin_[walker]);
	if (tracer_)
		tracer_->walk_ends(time());
	idle_walkers_.push_back(walker);
	if (!pace_.loosely()) {
		statistics_.walks.leave(walk_begin_[walker]);
		walkers_.give();
	}
}

void iommu_unit::interrupt(u64 address, u32 data)
{
	// who causes it does not wait for it
	sc_core::sc_time delay = delay_ ? *delay_ : sc_core::SC_ZERO_TIME;
	payload *p = payloads_.get();

	if (tracer_)
		tracer_->interrupt(address, data, time());
	p->prepare(tlm::TLM_WRITE_COMMAND, address, &data, sizeof(data));
	p->dma.result.interrupt = true;
	memory->b_transport(p->trans, delay);
	payloads_.put(p);
}

port_ops iommu_unit::make_ops()
{
	using self = iommu_unit *;
	port_ops ops{};

	ops.read = [](void *ctx, hpa_t address, void *buf, size_t len) {
		return static_cast<self>(ctx)->access(tlm::TLM_READ_COMMAND, address, buf, len);
	};
	ops.write = [](void *ctx, hpa_t address, const void *buf, size_t len) {
		return static_cast<self>(ctx)->write(address, buf, len);
	};
	ops.compare_exchange = [](void *ctx, hpa_t address, u64 *expected, u64 desired) {
		return static_cast<self>(ctx)->exchange(address, expected, desired);
	};
	ops.interrupt = [](void *ctx, u64 address, u32 data) {
		static_cast<self>(ctx)->interrupt(address, data);
	};
	ops.spend = [](void *ctx, unsigned int cycles) {
		const self unit = static_cast<self>(ctx);

		unit->pass(cycles * unit->timing_.clock_period);
	};
	ops.lookup = [](void *ctx, enum port_lookup which, unsigned int cycles) {
		static_cast<self>(ctx)->lookup(which, cycles);
	};
	ops.take_walker = [](void *ctx) { return static_cast<self>(ctx)->take_walker(); };
	ops.give_walker = [](void *ctx, unsigned int walker) {
		static_cast<self>(ctx)->give_walker(walker);
	};
	ops.page_miss = [](void *ctx, port_page page) {
		return static_cast<self>(ctx)->miss(page);
	};
	ops.page_done = [](void *ctx, port_page page) {
		static_cast<self>(ctx)->pages_.done(page);
	};
	ops.queue_work = [](void *ctx) {
		static_cast<self>(ctx)->ring();
		return true;
	};
	ops.drain = [](void *ctx) { static_cast<self>(ctx)->drain(); };
	ops.respond_page_group = [](void *ctx, const page_group_response *response) {
		static_cast<self>(ctx)->respond(*response);
	};
	ops.invalidate_device_tlb = [](void *ctx, const ats_invalidation *invalidation) {
		const self unit = static_cast<self>(ctx);
		const u64 asked = unit->time();
		const bool answered = unit->invalidate(*invalidation);

		if (unit->tracer_)
			unit->tracer_->waited("device TLB invalidation", asked, unit->time());
		return answered;
	};
	ops.post_device_tlb = [](void *ctx, const ats_invalidation *invalidation) {
		static_cast<self>(ctx)->post(*invalidation);
	};
	ops.await_device_tlb = [](void *ctx) { static_cast<self>(ctx)->await_answer(); };
	return ops;
}

// ---- the models ----

vtd_unit_module::vtd_unit_module(const sc_core::sc_module_name &name, const vtd_config &config,
				 const unit_timing &timing, pace passing)
	: iommu_unit(name, timing, passing)
{
	const port p = model_port();

	unit_ = vtd_create(&config, &p);
	if (!unit_)
		throw std::invalid_argument("a VT-d unit of an impossible configuration");
	set_slots(PORT_LOOKUP_CONTEXT, config.context_cache.slots);
	set_slots(PORT_LOOKUP_PASID, config.pasid_cache.slots);
	set_slots(PORT_LOOKUP_IOTLB, config.iotlb.slots);
	set_slots(PORT_LOOKUP_PAGING, config.first_stage_pwc.slots);
	set_slots(PORT_LOOKUP_INTERRUPT, config.interrupt_cache.slots);
	if (!passing.loosely() && config.ecap & ECAP_DEVICE_TLB)
		make_carriers();
}

vtd_unit_module::~vtd_unit_module()
{
	vtd_destroy(unit_);
}

void vtd_unit_module::translate(const translation_request &request, translation_result &result)
{
	vtd_translate(unit_, &request, &result);
}

void vtd_unit_module::take_page_request(const page_request &request)
{
	vtd_page_request(unit_, &request);
}

u64 vtd_unit_module::read_register(u32 offset, unsigned int size)
{
	return vtd_mmio_read(unit_, offset, size);
}

void vtd_unit_module::write_register(u32 offset, unsigned int size, u64 value)
{
	vtd_mmio_write(unit_, offset, size, value);
}

void vtd_unit_module::run_queue()
{
	vtd_queue_run(unit_);
}

u64 vtd_unit_module::register_bytes() const
{
	return VTD_MMIO_SIZE;
}

u64 vtd_unit_module::queue_length()
{
	return vtd_queue_length(unit_);
}

void vtd_unit_module::device_tlb_answered(unsigned int tag, bool answered)
{
	vtd_device_tlb_answered(unit_, tag, answered);
}

smmuv3_module::smmuv3_module(const sc_core::sc_module_name &name, const smmuv3_config &config,
			     const unit_timing &timing, pace passing)
	: iommu_unit(name, timing, passing)
{
	const port p = model_port();

	smmu_ = smmuv3_create(&config, &p);
	if (!smmu_)
		throw std::invalid_argument("an SMMUv3 of an impossible configuration");
	set_slots(PORT_LOOKUP_CONTEXT, config.config_cache.slots);
	set_slots(PORT_LOOKUP_IOTLB, config.tlb.slots);
}

smmuv3_module::~smmuv3_module()
{
	smmuv3_destroy(smmu_);
}

void smmuv3_module::translate(const translation_request &request, translation_result &result)
{
	smmuv3_translate(smmu_, &request, &result);
}

// It has no queue for them: they are lost.
void smmuv3_module::take_page_request(const page_request &)
{
}

u64 smmuv3_module::read_register(u32 offset, unsigned int size)
{
	return smmuv3_mmio_read(smmu_, offset, size);
}

void smmuv3_module::write_register(u32 offset, unsigned int size, u64 value)
{
	smmuv3_mmio_write(smmu_, offset, size, value);
}

void smmuv3_module::run_queue()
{
	smmuv3_consume_commands(smmu_);
}

u64 smmuv3_module::register_bytes() const
{
	return SMMUV3_MMIO_SIZE;
}

u64 smmuv3_module::queue_length()
{
	return smmuv3_queue_length(smmu_);
}

} // namespace vtdsim
