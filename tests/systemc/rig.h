// SPDX-License-Identifier: Apache-2.0
/*
 * For tests of the SystemC modules: simulations one after another, and a VT-d unit in legacy mode with tables in
 * memory, programmed by its registers. It judges nothing.
 */
#ifndef TESTS_SYSTEMC_RIG_H
#define TESTS_SYSTEMC_RIG_H

#include "systemc/iommu_unit.h"
#include "systemc/memory_port.h"
#include "systemc/pcie_link.h"

#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <random>
#include <string>

namespace rig
{

using namespace vtdsim;

const u64 ns = 1000;

/** Declared before all modules of a test: they go first, then SystemC's state. */
class simulation
{
    public:
	simulation()
	{
		setenv("SYSTEMC_DISABLE_COPYRIGHT_MESSAGE", "1", 0);
		sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
		sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING,
							sc_core::SC_DO_NOTHING);
	}
	~simulation()
	{
		sc_core::sc_get_curr_simcontext()->reset();
	}

	/** A thread that begins at that time, in ps. */
	void at(u64 time, std::function<void()> body)
	{
		sc_core::sc_spawn_options options;

		options.set_stack_size(model_stack);
		sc_core::sc_spawn(
			[time, body] {
				sc_core::wait(picoseconds(time));
				on_fresh_stack(model_stack, body);
			},
			nullptr, &options);
	}

	void run()
	{
		sc_core::sc_start();
	}
};

/** A seed for a randomised test; printed when it fails. VTDSIM_SEED gives it again. */
inline u64 seed()
{
	const char *given = getenv("VTDSIM_SEED");

	return given ? strtoull(given, nullptr, 0) : std::random_device()();
}

/** What a unit, its memory and its tables are like. */
struct settings {
	vtd_config config;
	unit_timing timing;
	memory_timing tables{ 100 * ns, 0 };
	memory_timing data{ 50 * ns, 0 };
	timing_mode mode = TIMING_APPROXIMATELY;
	u64 quantum = 1000 * ns;
	unsigned int levels = 4; // of the second stage: 3, 4 or 5

	/** A cycle is 1 ns. All caches are off, nothing is limited, requests do not merge. */
	settings()
	{
		// all that the model knows, 57 bits
		vtd_config_init(&config, 0x11d2078c40380e66, 0x3ed9ce600f0df);
		for (cache_geometry *cache :
		     { &config.context_cache, &config.pasid_cache, &config.iotlb,
		       &config.first_stage_pwc, &config.second_stage_pwc, &config.interrupt_cache })
			*cache = cache_geometry{};
		timing = unit_timing{};
		timing.clock_period = 1 * ns;
	}

	/** An LRU cache, fully associative, of so many entries. */
	static cache_geometry cache(unsigned int entries, unsigned int latency = 0)
	{
		cache_geometry geometry{};

		geometry.entries = entries;
		geometry.policy = CACHE_LRU;
		geometry.latency = latency;
		return geometry;
	}
};

/** How an access ended. */
struct outcome {
	bool good = false;
	u64 begin = 0, end = 0; // ps
	u64 data = 0; // the first 8 bytes
	translation_result translation{};

	u64 time() const
	{
		return end - begin;
	}
};

enum { FUNCTION = 0x0300 }; // 03:00.0

/** A unit with FUNCTION behind it, whose second stage maps what map() says. */
class vtd_rig : public sc_core::sc_module
{
    public:
	tlm_utils::simple_initiator_socket<vtd_rig> link{ "link" };
	tlm_utils::simple_initiator_socket<vtd_rig> mmio{ "mmio" };
	std::unique_ptr<struct memory, void (*)(struct memory *)> memory;
	memory_port tables, data;
	vtd_unit_module unit;

	explicit vtd_rig(const settings &s, const sc_core::sc_module_name &name = "rig")
		: sc_core::sc_module(name), memory(memory_create(46), memory_destroy),
		  tables("tables", memory.get(), s.tables, pace(s.mode, s.quantum)),
		  data("data", memory.get(), s.data, pace(s.mode, s.quantum)),
		  unit("unit", s.config, s.timing, pace(s.mode, s.quantum)), levels_(s.levels)
	{
		link.bind(unit.requests);
		mmio.bind(unit.registers);
		unit.tables.bind(tables.socket);
		unit.memory.bind(data.socket);
		poke(root + (FUNCTION >> 8) * 16, context | 1);
		poke(context, next_table_ | 1);
		poke(context + 8, 1 << 8 | (levels_ - 2));
		next_table_ += 0x1000;
		vtd_mmio_write(unit.model(), 0x20, 8, root);
		vtd_mmio_write(unit.model(), 0x18, 4, 1u << 30);
		vtd_mmio_write(unit.model(), 0x18, 4, 1u << 31);
	}

	void poke(u64 address, u64 value)
	{
		memory_write(memory.get(), hpa_t{ address }, &value, sizeof(value));
	}

	u64 peek(u64 address)
	{
		u64 value = 0;

		memory_read(memory.get(), hpa_t{ address }, &value, sizeof(value));
		return value;
	}

	/** Where the entry for an address lies at a level (1: leaf of 4 KiB); tables above it are made. */
	u64 entry(u64 address, unsigned int level = 1)
	{
		u64 table = top;

		for (unsigned int at = levels_; at > level; at--) {
			const u64 place = table + (address >> (3 + 9 * at) & 511) * 8;
			u64 value = peek(place);

			if (!value) {
				value = next_table_ | 3;
				next_table_ += 0x1000;
				poke(place, value);
			}
			table = value & ~0xfffULL;
		}
		return table + (address >> (3 + 9 * level) & 511) * 8;
	}

	/** Maps a page for reading and writing: level 1 is 4 KiB, 2 is 2 MiB, 3 is 1 GiB. */
	void map(u64 address, u64 to, unsigned int level = 1)
	{
		poke(entry(address, level), to | (level > 1 ? 0x83 : 3));
	}

	/** An access by FUNCTION, 8 bytes or as many as len says. */
	outcome access(tlm::tlm_command command, u64 address, unsigned int len = 8)
	{
		sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
		std::vector<unsigned char> bytes(len);
		payload p;
		outcome result;

		p.prepare(command, address, bytes.data(), len);
		p.dma.request.source_id = FUNCTION;
		result.begin = now();
		link->b_transport(p.trans, delay);
		result.end = local_now(delay);
		result.good = p.trans.is_response_ok();
		memcpy(&result.data, bytes.data(), len < 8 ? len : 8);
		result.translation = p.dma.result;
		return result;
	}

	outcome read(u64 address, unsigned int len = 8)
	{
		return access(tlm::TLM_READ_COMMAND, address, len);
	}

	/** Writes a register as a driver would. */
	void write_register(u64 offset, unsigned int size, u64 value)
	{
		sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
		payload p;

		p.prepare(tlm::TLM_WRITE_COMMAND, offset, &value, size);
		mmio->b_transport(p.trans, delay);
	}

	/** Invalidates the IOTLB globally by its register; returns when that says that it is done. */
	void invalidate(bool drain)
	{
		write_register(iotlb_register(), 8,
			       1ULL << 63 | 1ULL << 60 | (drain ? 3ULL << 48 : 0));
	}

	u64 counter(const std::string &name)
	{
		std::pair<const std::string &, u64> wanted(name, ~0ULL);

		vtd_visit_counters(
			unit.model(),
			[](void *arg, const char *found, u64 value) {
				auto *one = static_cast<std::pair<const std::string &, u64> *>(arg);

				if (one->first == found)
					one->second = value;
			},
			&wanted);
		return wanted.second;
	}

    private:
	static const u64 root = 0x1000, context = 0x2000, top = 0x3000;

	u64 iotlb_register()
	{
		return (vtd_mmio_read(unit.model(), 0x10, 8) >> 8 & 0x3ff) * 16 + 8;
	}

	unsigned int levels_;
	u64 next_table_ = top;
};

} // namespace rig

#endif
