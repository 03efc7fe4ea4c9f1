// SPDX-License-Identifier: Apache-2.0
/*
 * Builds the modules of a platform and binds them; runs software and traffic among them. SystemC keeps its state in
 * the process, so there is one at a time, and the state is made anew for the next.
 */
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include "timed.h"

#include "interconnect.h"
#include "iommu_unit.h"
#include "memory_port.h"
#include "pcie_link.h"
#include "processor.h"
#include "rate_sampler.h"
#include "requester.h"
#include "vcd.h"

#include <cstdlib>
#include <cstring>
#include <memory>

using namespace vtdsim;

namespace
{

bool in_use; // SystemC's state is the process' own, so this is too

// A unit with its own way to its tables.
struct unit_parts {
	std::unique_ptr<memory_port> tables;
	std::unique_ptr<vtd_unit_module> vtd;
	std::unique_ptr<smmuv3_module> smmu;
	struct timed *timed;
	size_t index;

	iommu_unit &unit()
	{
		return vtd ? static_cast<iommu_unit &>(*vtd) : *smmu;
	}
	const iommu_unit &unit() const
	{
		return vtd ? static_cast<const iommu_unit &>(*vtd) : *smmu;
	}
};

struct device_parts {
	std::unique_ptr<requester> function;
	std::unique_ptr<pcie_link> link;
};

// A name that SystemC takes: "0000:3a:00.0" has characters that it does not.
std::string module_name(const char *name, const char *part)
{
	std::string result = std::string(part) + "_" + name;

	for (char &c : result)
		if (!isalnum(static_cast<unsigned char>(c)))
			c = '_';
	return result;
}

} // namespace

// ---- traffic ----

namespace
{

// A stream of traffic while it runs.
struct stream {
	struct traffic *traffic;
	requester *function;
	const pace *passing;
	u64 next_start = 0; // ps: its rate
	unsigned int workers = 0; // that have not ended
	sc_core::sc_event ended;
};

void wait_for_rate(stream &s, sc_core::sc_time &delay)
{
	const u64 interval = traffic_config(s.traffic)->interval;
	const u64 time = local_now(delay);

	if (!interval)
		return;
	if (s.next_start < time)
		s.next_start = time;
	const u64 wait = s.next_start - time;

	s.next_start += interval;
	s.passing->pass(wait, delay);
}

// One of the requests that a stream has outstanding at a time, again and again.
[[gnu::noinline]] void work(stream &s)
{
	sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
	dma_request request;
	dma_result result;
	traffic_outcome outcome{};

	outcome.request = &request;
	outcome.result = &result;
	while (traffic_next(s.traffic, &request, &outcome.number)) {
		wait_for_rate(s, delay);
		outcome.start = local_now(delay);
		s.function->dma(request, traffic_buffer(s.traffic, request.access), result, delay);
		outcome.end = local_now(delay);
		traffic_ended(s.traffic, &outcome);
		s.passing->synchronise(delay);
	}
	s.passing->catch_up(delay);
	if (!--s.workers)
		tell(s.ended);
}

} // namespace

// What rates are told of.
static const char *const vtd_rates[] = { "iommu_requests", "iotlb_lookup", "iotlb_hit",
					 "walks",          "pw_occupancy", "iommu_mrds",
					 "faults",         "descriptors",  nullptr };
static const char *const smmuv3_rates[] = {
	"transaction", "tlb_lookup", "tlb_hit", "walks", "pw_occupancy", "trans_table_walk_access",
	"faults",      "commands",   nullptr
};

struct timed {
	const struct platform *platform;
	pace passing;
	memory_port data;
	interconnect bus{ "interconnect" };
	processor cpu;
	std::vector<std::unique_ptr<unit_parts>> units;
	std::vector<device_parts> devices;
	std::vector<std::unique_ptr<stream>> streams; // of traffic that has not been waited for
	void (*observer)(void *arg, size_t unit, const port_event *event) = nullptr;
	void *observer_arg = nullptr;
	rate_sampler sampler;
	std::unique_ptr<tracing> traced;
	std::unique_ptr<vcd_file> vcd;

	timed(const struct platform *p, timing_mode mode, struct memory *memory)
		: platform(p), passing(mode, p->timing.quantum),
		  data("data", memory, p->timing.data, passing),
		  cpu("processor", p->timing.processor, passing),
		  sampler("sampler", [this](size_t unit, counter_visitor visit, void *arg) {
			  read_counters(unit, visit, arg);
		  })
	{
		data.set_refresh(p->timing.refresh);
		data.set_cached_latency(p->timing.cache.latency);
		bus.memory.bind(data.socket);
		bus.interrupts.bind(cpu.interrupts);
		cpu.bus.bind(bus.processor);
		for (size_t i = 0; i < p->iommu_count; i++)
			add_unit(i, memory);
		for (size_t i = 0; i < p->device_count; i++)
			add_device(p->devices[i]);
	}

	void add_unit(size_t index, struct memory *memory)
	{
		const platform_iommu &iommu = platform->iommus[index];
		auto parts = std::make_unique<unit_parts>();
		u64 size = VTD_MMIO_SIZE;

		parts->timed = this;
		parts->index = index;
		parts->tables =
			std::make_unique<memory_port>(module_name(iommu.name, "tables").c_str(),
						      memory, platform->timing.tables, passing);
		parts->tables->set_refresh(platform->timing.refresh);
		const std::string name = module_name(iommu.name, "iommu");

		if (iommu.kind == PLATFORM_VTD) {
			parts->vtd = std::make_unique<vtd_unit_module>(name.c_str(), iommu.vtd,
								       iommu.timing, passing);
		} else {
			parts->smmu = std::make_unique<smmuv3_module>(name.c_str(), iommu.smmu,
								      iommu.timing, passing);
			size = SMMUV3_MMIO_SIZE;
		}
		parts->unit().tables.bind(parts->tables->socket);
		parts->unit().memory.bind(bus.dma);
		bus.window(iommu.mmio_base, size, parts->unit().registers);
		units.push_back(std::move(parts));
		sampler.add_unit(iommu.kind == PLATFORM_VTD ? vtd_rates : smmuv3_rates);
	}

	void read_counters(size_t unit, counter_visitor visit, void *arg) const
	{
		const unit_parts &parts = *units[unit];

		if (parts.vtd)
			vtd_visit_counters(parts.vtd->model(), visit, arg);
		else
			smmuv3_visit_counters(parts.smmu->model(), visit, arg);
		timed_visit_counters(this, unit, visit, arg);
	}

	// A unit has one socket for requests and several links may lead to it.
	void add_device(const platform_device &device)
	{
		device_parts parts;

		parts.function =
			std::make_unique<requester>(module_name(device.name, "function").c_str(),
						    device.function, device.requester, passing);
		parts.link = std::make_unique<pcie_link>(module_name(device.name, "link").c_str(),
							 device.link, passing);
		parts.function->link.bind(parts.link->function);
		parts.link->root.bind(units[device.iommu]->unit().requests);
		parts.link->peers.bind(bus.dma);
		units[device.iommu]->unit().message_to(device.function.source_id,
						       parts.link->root_messages);
		parts.link->function_messages.bind(parts.function->messages);
		devices.push_back(std::move(parts));
	}

	bool queues_busy() const
	{
		for (const auto &u : units)
			if (u->unit().queue_busy())
				return true;
		return false;
	}

	// What may end a wait for quiet.
	sc_core::sc_event_or_list quiet_events() const
	{
		sc_core::sc_event_or_list events = cpu.interrupt_arrived() |
						   cpu.interrupt_arrived();

		for (const auto &u : units)
			events |= u->unit().queue_idle();
		return events;
	}
};

// ---- building ----

struct timed *timed_create(const struct platform *platform, timing_mode mode, struct memory *memory,
			   char **error)
{
	*error = nullptr;
	if (in_use) {
		*error = strdup("a timed machine exists already in this process");
		return nullptr;
	}
	// a program of ours says what there is to say
	setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
	sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
	sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_DO_NOTHING);
	sc_core::sc_report_handler::set_actions(sc_core::SC_ERROR, sc_core::SC_THROW);
	in_use = true;
	ahead = { true, 0, 0 };
	try {
		struct timed *made = nullptr;

		// what ran on this stack before may have left it marked
		on_fresh_stack(model_stack, [&] { made = new timed(platform, mode, memory); });
		return made;
	} catch (const std::exception &e) {
		*error = strdup(e.what());
		sc_core::sc_get_curr_simcontext()->reset();
		ahead = {};
		in_use = false;
		return nullptr;
	}
}

void timed_destroy(struct timed *timed)
{
	if (!timed)
		return;
	delete timed;
	sc_core::sc_get_curr_simcontext()->reset();
	on_first_stack();
	ahead = {};
	in_use = false;
}

struct vtd_unit *timed_vtd(struct timed *timed, size_t unit)
{
	return timed->units[unit]->vtd ? timed->units[unit]->vtd->model() : nullptr;
}

struct smmuv3 *timed_smmu(struct timed *timed, size_t unit)
{
	return timed->units[unit]->smmu ? timed->units[unit]->smmu->model() : nullptr;
}

struct pcie_function *timed_function(struct timed *timed, size_t device)
{
	return timed->devices[device].function->model();
}

void timed_set_interrupts(struct timed *timed, void (*handler)(void *arg, u64 address, u32 data),
			  void *arg)
{
	timed->cpu.set_interrupt_handler(
		[handler, arg](u64 address, u32 data) { handler(arg, address, data); });
}

void timed_observe(struct timed *timed,
		   void (*observer)(void *arg, size_t unit, const struct port_event *event),
		   void *arg)
{
	void (*const tell)(void *, const port_event *) = [](void *parts_arg,
							    const port_event *event) {
		auto *parts = static_cast<unit_parts *>(parts_arg);

		parts->timed->observer(parts->timed->observer_arg, parts->index, event);
	};

	timed->observer = observer;
	timed->observer_arg = arg;
	for (auto &u : timed->units)
		u->unit().observe(observer ? tell : nullptr, u.get());
	// a function's events are told as of the unit above it
	for (size_t i = 0; i < timed->devices.size(); i++)
		timed->devices[i].function->observe(
			observer ? tell : nullptr,
			timed->units[timed->platform->devices[i].iommu].get());
}

// ---- running ----

char *timed_run(struct timed *timed, void (*software)(void *arg), void *arg)
{
	timed->cpu.set_software([timed, software, arg] {
		software(arg);
		timed->sampler.stop();
	});
	try {
		sc_core::sc_start();
	} catch (const std::exception &e) {
		return strdup(e.what());
	}
	if (!timed->cpu.software_ended())
		return strdup(
			"the simulation stands still: its software waits for what never comes");
	return nullptr;
}

u64 timed_read(struct timed *timed, u64 address, unsigned int size)
{
	return timed->cpu.read(address, size);
}

void timed_write(struct timed *timed, u64 address, unsigned int size, u64 value)
{
	timed->cpu.write(address, size, value);
}

void timed_relax(struct timed *timed)
{
	timed->cpu.relax();
}

void timed_settle(struct timed *timed)
{
	timed->cpu.wait_until(
		[timed] { return !timed->queues_busy() && !timed->cpu.interrupt_pending(); },
		timed->quiet_events());
}

void timed_wait_until(struct timed *timed, u64 time)
{
	sc_core::sc_event due("due");

	timed->cpu.catch_up();
	if (time <= now())
		return;
	due.notify(picoseconds(time - now()));
	timed->cpu.wait_until([time] { return now() >= time; }, due | due);
}

u64 timed_now(const struct timed *)
{
	return now();
}

// ---- traffic from outside ----

void timed_traffic_begin(struct timed *timed, struct traffic *traffic)
{
	const struct traffic_config *config = traffic_config(traffic);
	auto s = std::make_unique<stream>();
	stream *begun = s.get();

	sc_core::sc_spawn_options options;

	options.set_stack_size(model_stack);
	timed->cpu.catch_up();
	s->traffic = traffic;
	s->function = timed->devices[config->device].function.get();
	s->passing = &timed->passing;
	// of what the processor went through, its cache holds the end
	const u64 room = timed->platform->timing.cache.size;
	const u64 held = !config->warm ? 0 : config->window < room ? config->window : room;

	s->function->set_cached(config->address + config->window - held, held);
	s->workers = config->outstanding;
	timed->streams.push_back(std::move(s));
	for (unsigned int n = 0; n < config->outstanding; n++)
		sc_core::sc_spawn(
			[begun] { on_fresh_stack(model_stack, [begun] { work(*begun); }); },
			nullptr, &options);
}

void timed_traffic_end(struct timed *timed, const struct traffic *traffic)
{
	for (size_t i = 0; i < timed->streams.size(); i++) {
		const stream &s = *timed->streams[i];

		if (s.traffic != traffic)
			continue;
		timed->cpu.wait_until([&s] { return s.workers == 0; }, s.ended | s.ended);
		timed->streams.erase(timed->streams.begin() + static_cast<long>(i));
		return;
	}
}

// ---- figures ----

void timed_visit_counters(const struct timed *timed, size_t unit, counter_visitor visit, void *arg)
{
	const iommu_unit &u = timed->units[unit]->unit();
	const unit_statistics &s = u.statistics();
	const slots &tables = timed->units[unit]->tables->accesses();
	const u64 cycle = u.clock_period();

	// in cycles, as the events of that name count
	visit(arg, "iommu_clocks", now() / cycle);
	visit(arg, "pw_occupancy", s.walks.integral_now() / cycle);
	visit(arg, "iommu_mem_blocked", tables.waited / cycle);
	visit(arg, "requests_integral_ns", s.requests.integral_now() / 1000);
	visit(arg, "requests_time_ns", s.requests.time_inside / 1000);
	visit(arg, "requests_max", s.requests.most);
	visit(arg, "requests_waited_ns", u.waiting_requests().queue.integral_now() / 1000);
	visit(arg, "pw_occupancy_ns", s.walks.integral_now() / 1000);
	visit(arg, "pw_max", s.walks.most);
	visit(arg, "walks_waited_ns", u.waiting_walks().queue.integral_now() / 1000);
	visit(arg, "walks_merged", u.pages().merged);
	visit(arg, "drains", u.flight().drains);
	visit(arg, "drain_ns", u.flight().drain_time / 1000);
}

void timed_visit_latencies(const struct timed *timed, size_t unit, latency_visitor visit, void *arg)
{
	const unit_statistics &s = timed->units[unit]->unit().statistics();

	if (s.translation.count)
		visit(arg, "translation", &s.translation);
	if (s.walk.count)
		visit(arg, "walk", &s.walk);
	if (s.invalidation.count)
		visit(arg, "invalidation", &s.invalidation);
}

const struct histogram *timed_function_latency(const struct timed *timed, size_t device)
{
	return &timed->devices[device].function->latency();
}

struct rates timed_rates(struct timed *timed, size_t unit)
{
	return timed->sampler.table(unit);
}

u64 timed_software_now(const struct timed *timed)
{
	return timed->cpu.local_time();
}

// ---- traces ----

void timed_trace(struct timed *timed, const struct trace_sink *sink)
{
	timed->traced = std::make_unique<tracing>(*sink);
	tracing *to = timed->traced.get();

	timed->data.trace_to(to);
	for (size_t i = 0; i < timed->units.size(); i++)
		timed->units[i]->unit().trace_to(*to, i, timed->platform->iommus[i].name);
	for (size_t i = 0; i < timed->devices.size(); i++) {
		timed->devices[i].function->trace_to(to, i);
		timed->devices[i].link->trace_to(to, i);
	}
}

bool timed_vcd(struct timed *timed, const char *path)
{
	const struct platform &p = *timed->platform;

	try {
		timed->vcd = std::make_unique<vcd_file>(path);
		// signals are seen when SystemC's time goes on
		ahead.allowed = false;
		for (size_t i = 0; i < timed->units.size(); i++)
			timed->vcd->add_unit(module_name(p.iommus[i].name, "iommu"),
					     timed->units[i]->unit(), *timed->units[i]->tables);
		for (size_t i = 0; i < timed->devices.size(); i++)
			timed->vcd->add_device(module_name(p.devices[i].name, "device"),
					       *timed->devices[i].function,
					       *timed->devices[i].link);
		timed->vcd->add_memory("memory", timed->data);
	} catch (const std::exception &) {
		timed->vcd.reset();
		return false;
	}
	return true;
}
