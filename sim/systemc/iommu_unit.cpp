// SPDX-License-Identifier: Apache-2.0
/* The port of an IOMMU's C model bound to sockets and to wait(). */
#include "iommu_unit.h"

#include <cstring>
#include <stdexcept>

namespace vtdsim
{

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
		ops_.take_walker = nullptr;
		ops_.give_walker = nullptr;
		ops_.page_miss = nullptr;
		ops_.page_done = nullptr;
		ops_.queue_work = nullptr;
		ops_.drain = nullptr;
	} else {
		SC_THREAD(queue_thread);
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
	if (observer)
		ops_.observe = [](void *ctx, const port_event *event) {
			auto *unit = static_cast<iommu_unit *>(ctx);

			unit->observer_(unit->observer_arg_, event);
		};
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

void iommu_unit::on_request(int, tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
	dma_extension *dma = trans.get_extension<dma_extension>();

	if (!dma) {
		trans.set_response_status(tlm::TLM_GENERIC_ERROR_RESPONSE);
		return;
	}
	const u64 since = now();
	sc_core::sc_time *outer = delay_;

	if (!pace_.loosely())
		enter(*dma);
	statistics_.requests.enter();
	const unsigned int phase = in_flight_.begin();

	delay_ = &delay;
	translate(dma->request, dma->result);
	delay_ = outer;
	if (!pace_.loosely())
		outstanding_.give();
	if (dma->result.fault) {
		trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
	} else {
		trans.set_address(dma->result.address.v);
		memory->b_transport(trans, delay);
	}
	in_flight_.end(phase);
	statistics_.requests.leave(since);
}

// ---- registers ----

void iommu_unit::on_register(tlm::tlm_generic_payload &trans, sc_core::sc_time &delay)
{
	const unsigned int size = trans.get_data_length();
	const u32 offset = static_cast<u32>(trans.get_address());
	sc_core::sc_time *outer = delay_;
	u64 value = 0;

	if (size > sizeof(value) || trans.get_byte_enable_ptr()) {
		trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
		return;
	}
	delay_ = &delay;
	if (trans.is_read()) {
		value = read_register(offset, size);
		memcpy(trans.get_data_ptr(), &value, size);
	} else {
		memcpy(&value, trans.get_data_ptr(), size);
		write_register(offset, size, value);
	}
	delay_ = outer;
	trans.set_response_status(tlm::TLM_OK_RESPONSE);
}

unsigned int iommu_unit::on_register_debug(tlm::tlm_generic_payload &trans)
{
	const unsigned int size = trans.get_data_length();
	u64 value;

	if (size > sizeof(value) || !trans.is_read())
		return 0;
	value = read_register(static_cast<u32>(trans.get_address()), size);
	memcpy(trans.get_data_ptr(), &value, size);
	return size;
}

// The queue has a thread of its own, so that a register write does not take the time of its commands.
void iommu_unit::queue_thread()
{
	for (;;) {
		sc_core::wait(queue_work_);
		run_queue();
		queue_busy_ = false;
		queue_idle_.notify();
	}
}

// ---- the model's port ----

void iommu_unit::pass(u64 ps)
{
	if (!pace_.loosely())
		sc_core::wait(picoseconds(ps));
	else if (delay_)
		*delay_ += picoseconds(ps);
}

port_status iommu_unit::access(tlm::tlm_command command, hpa_t address, void *buf, size_t len)
{
	sc_core::sc_time none = sc_core::SC_ZERO_TIME;
	payload *p = payloads_.get();

	p->prepare(command, address.v, buf, len);
	tables->b_transport(p->trans, pace_.loosely() && delay_ ? *delay_ : none);
	const bool good = p->trans.is_response_ok();

	payloads_.put(p);
	return good ? PORT_OK : PORT_ERROR;
}

size_t iommu_unit::access_debug(tlm::tlm_command command, hpa_t address, void *buf, size_t len)
{
	payload *p = payloads_.get();

	p->prepare(command, address.v, buf, len);
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

void iommu_unit::interrupt(u64 address, u32 data)
{
	sc_core::sc_time none = sc_core::SC_ZERO_TIME;
	payload *p = payloads_.get();

	p->prepare(tlm::TLM_WRITE_COMMAND, address, &data, sizeof(data));
	memory->b_transport(p->trans, none);
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
		return static_cast<self>(ctx)->access(tlm::TLM_WRITE_COMMAND, address,
						      const_cast<void *>(buf), len);
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
		const self unit = static_cast<self>(ctx);
		const u64 time = cycles * unit->timing_.clock_period;

		unit->pass(unit->pace_.loosely() ? time : unit->lookups_[which].book(time));
	};
	ops.take_walker = [](void *ctx) {
		const self unit = static_cast<self>(ctx);

		unit->walkers_.take();
		unit->statistics_.walks.enter();
	};
	ops.give_walker = [](void *ctx) {
		const self unit = static_cast<self>(ctx);

		unit->statistics_.walks.leave_uncounted();
		unit->walkers_.give();
	};
	ops.page_miss = [](void *ctx, port_page page) {
		return static_cast<self>(ctx)->pages_.miss(page);
	};
	ops.page_done = [](void *ctx, port_page page) {
		static_cast<self>(ctx)->pages_.done(page);
	};
	ops.queue_work = [](void *ctx) {
		const self unit = static_cast<self>(ctx);

		unit->queue_busy_ = true;
		unit->queue_work_.notify(sc_core::SC_ZERO_TIME);
		return true;
	};
	ops.drain = [](void *ctx) { static_cast<self>(ctx)->in_flight_.drain(); };
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
}

vtd_unit_module::~vtd_unit_module()
{
	vtd_destroy(unit_);
}

void vtd_unit_module::translate(const translation_request &request, translation_result &result)
{
	vtd_translate(unit_, &request, &result);
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

} // namespace vtdsim
