// SPDX-License-Identifier: Apache-2.0
/*
 * A VT-d unit with time: what a request takes by its table reads and lookups, and what requests take from each other.
 */
#include "rig.h"

using namespace rig;

namespace
{

const u64 input = 0x40000000, host = 0x10000000, page = 0x1000;

void map_pages(vtd_rig &r, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		r.map(input + i * page, host + i * page);
		r.poke(host + i * page, 0x1000 + i);
	}
}

} // namespace

// ---- one request ----

struct depth {
	unsigned int levels, leaf; // leaf: 1 is 4 KiB
};

class walk_time : public ::testing::TestWithParam<depth>
{
};

TEST_P(walk_time, is_that_of_its_reads_in_every_state_of_the_caches)
{
	const u64 size = 1ULL << (3 + 9 * GetParam().leaf);
	const unsigned int reads = GetParam().levels - GetParam().leaf + 1;
	settings s;
	simulation sim;

	s.levels = GetParam().levels;
	s.config.context_cache = settings::cache(4, 3);
	s.config.iotlb = settings::cache(4, 5);
	s.config.second_stage_pwc = settings::cache(16, 7);
	vtd_rig r(s);

	r.map(input, 0x80000000, GetParam().leaf);
	r.map(input + size, 0x80000000 + size, GetParam().leaf);
	sim.at(0, [&] {
		const u64 lookups = (3 + 5 + 7) * ns;
		// everything from memory: root and context entry, then the second stage
		const outcome cold = r.read(input);

		EXPECT_EQ(cold.translation.table_reads, 2 + reads);
		EXPECT_EQ(cold.time(), lookups + (2 + reads) * 100 * ns + 50 * ns);
		// the IOTLB has it
		const outcome hit = r.read(input + 8);

		EXPECT_EQ(hit.translation.table_reads, 0u);
		EXPECT_EQ(hit.time(), (3 + 5) * ns + 50 * ns);
		// the next page: all but the leaf is in the paging-structure caches
		const outcome next = r.read(input + size);

		EXPECT_EQ(next.translation.table_reads, 1u);
		EXPECT_EQ(next.time(), lookups + 100 * ns + 50 * ns);
		// invalidated: all of the second stage again, the context entry stays
		r.invalidate(false);
		const outcome anew = r.read(input);

		EXPECT_EQ(anew.translation.table_reads, reads);
		EXPECT_EQ(anew.time(), lookups + reads * 100 * ns + 50 * ns);
	});
	sim.run();
	EXPECT_EQ(r.counter("faults"), 0u);
}

INSTANTIATE_TEST_SUITE_P(every_depth, walk_time,
			 ::testing::Values(depth{ 3, 1 }, depth{ 3, 2 }, depth{ 3, 3 },
					   depth{ 4, 1 }, depth{ 4, 2 }, depth{ 4, 3 },
					   depth{ 5, 1 }, depth{ 5, 2 }, depth{ 5, 3 }));

TEST(unit_time, without_caches_every_access_pays_all_reads)
{
	settings s;
	simulation sim;
	vtd_rig r(s);

	map_pages(r, 1);
	sim.at(0, [&] {
		for (int i = 0; i < 3; i++) {
			const outcome o = r.read(input);

			EXPECT_EQ(o.translation.table_reads, 6u);
			EXPECT_EQ(o.time(), 650 * ns);
			EXPECT_EQ(o.data, 0x1000u);
		}
	});
	sim.run();
}

TEST(unit_time, lookups_at_once_are_limited_by_the_slots_of_the_cache)
{
	settings s;
	simulation sim;
	std::vector<u64> times;

	s.config.iotlb = settings::cache(4, 10);
	s.config.iotlb.slots = 2;
	s.config.context_cache = settings::cache(4);
	vtd_rig r(s);

	map_pages(r, 1);
	sim.at(0, [&] { r.read(input); });
	for (int i = 0; i < 5; i++)
		sim.at(10000 * ns, [&] { times.push_back(r.read(input).time()); });
	sim.run();
	EXPECT_EQ(times, (std::vector<u64>{ 60 * ns, 60 * ns, 70 * ns, 70 * ns, 80 * ns }));
}

// ---- many ----

class walker_count : public ::testing::TestWithParam<unsigned int>
{
};

TEST_P(walker_count, over_walk_latency_is_the_throughput_of_misses)
{
	const unsigned int requests = 96, walkers = GetParam();
	settings s;
	simulation sim;
	u64 last = 0;

	s.config.context_cache = settings::cache(4);
	s.timing.walkers = walkers;
	vtd_rig r(s);

	map_pages(r, requests + 1);
	sim.at(0, [&] { r.read(input + requests * page); });
	for (unsigned int i = 0; i < requests; i++)
		sim.at(10000 * ns, [&, i] { last = r.read(input + i * page).end; });
	sim.run();
	// each walker serves its share one after the other, four reads each; then comes the data
	EXPECT_EQ(last - 10000 * ns, requests / walkers * 400 * ns + 50 * ns);
	EXPECT_EQ(r.unit.statistics().walks.most, walkers);
}

INSTANTIATE_TEST_SUITE_P(some, walker_count, ::testing::Values(1u, 2u, 4u, 6u, 8u, 96u));

TEST(unit_time, slots_of_the_tables_memory_bound_the_walks)
{
	const unsigned int requests = 40;
	settings s;
	simulation sim;
	u64 last = 0;

	s.config.context_cache = settings::cache(4);
	s.tables.slots = 2;
	vtd_rig r(s);

	map_pages(r, requests + 1);
	sim.at(0, [&] { r.read(input + requests * page); });
	for (unsigned int i = 0; i < requests; i++)
		sim.at(10000 * ns, [&, i] { last = std::max(last, r.read(input + i * page).end); });
	sim.run();
	EXPECT_EQ(last - 10000 * ns, requests * 4 / 2 * 100 * ns + 50 * ns);
}

TEST(unit_time, requests_come_out_in_the_order_in_which_they_came_in)
{
	settings s;
	simulation sim;
	std::vector<unsigned int> order, expected;

	s.config.context_cache = settings::cache(4);
	s.timing.walkers = 1;
	s.timing.outstanding = 3;
	s.timing.queue = 2;
	vtd_rig r(s);

	map_pages(r, 30);
	for (unsigned int i = 0; i < 30; i++) {
		expected.push_back(i);
		sim.at(i, [&, i] {
			r.read(input + i * page);
			order.push_back(i);
		});
	}
	sim.run();
	EXPECT_EQ(order, expected);
	EXPECT_EQ(r.unit.statistics().walks.most, 1u);
}

// ---- merging ----

static void two_requests_for_a_page(const settings &s, u64 walks, u64 reads, u64 second_time)
{
	simulation sim;
	vtd_rig r(s);
	outcome first, second;
	u64 before = 0;

	map_pages(r, 2);
	sim.at(0, [&] {
		r.read(input + page); // the context entry
		before = r.unit.statistics().walks.arrivals;
	});
	sim.at(10000 * ns, [&] { first = r.read(input); });
	sim.at(10050 * ns, [&] { second = r.read(input + 64); });
	sim.run();
	EXPECT_TRUE(first.good && second.good);
	EXPECT_EQ(r.unit.statistics().walks.arrivals - before, walks);
	EXPECT_EQ(first.translation.table_reads + second.translation.table_reads, reads);
	EXPECT_EQ(first.time(), 455 * ns);
	EXPECT_EQ(second.time(), second_time);
}

static settings with_iotlb(bool merge)
{
	settings s;

	s.config.context_cache = settings::cache(4);
	s.config.iotlb = settings::cache(8, 5);
	s.timing.merge = merge;
	return s;
}

TEST(merging, one_walk_serves_all_that_miss_the_same_page)
{
	// the second waits for the first's walk from 10055 to 10405 ns and looks the page up again
	two_requests_for_a_page(with_iotlb(true), 1, 4, (355 + 5 + 50) * ns);
}

TEST(merging, off_each_walks_for_itself)
{
	two_requests_for_a_page(with_iotlb(false), 2, 8, 455 * ns);
}

TEST(merging, does_not_hold_up_who_could_not_use_the_walk)
{
	settings s = with_iotlb(true);
	simulation sim;
	std::vector<u64> times;

	s.config.iotlb = cache_geometry{};
	vtd_rig r(s);

	map_pages(r, 1);
	sim.at(0, [&] { r.read(input); });
	for (int i = 0; i < 4; i++)
		sim.at(10000 * ns, [&] { times.push_back(r.read(input).time()); });
	sim.run();
	EXPECT_EQ(times, (std::vector<u64>(4, 450 * ns)));
	EXPECT_EQ(r.unit.pages().merged, 0u);
}

TEST(merging, a_page_that_faults_is_refused_to_all_who_ask_for_it)
{
	simulation sim;
	vtd_rig r(with_iotlb(true));
	unsigned int refused = 0;

	map_pages(r, 1);
	for (int i = 0; i < 5; i++)
		sim.at(i * ns, [&] { refused += !r.read(input + 17 * page).good; });
	sim.run();
	EXPECT_EQ(refused, 5u);
	EXPECT_EQ(r.counter("faults"), 5u);
	EXPECT_EQ(r.unit.pages().waiting.inside, 0u);
}

// ---- replacement ----

TEST(lru, with_a_cyclic_sweep_over_one_page_more_than_it_holds_never_hits)
{
	for (unsigned int extra = 0; extra < 2; extra++) {
		const unsigned int entries = 8, rounds = 6, pages = entries + extra;
		settings s = with_iotlb(true);
		simulation sim;

		s.config.iotlb = settings::cache(entries);
		vtd_rig r(s);

		map_pages(r, pages);
		sim.at(0, [&] {
			for (unsigned int i = 0; i < rounds * pages; i++)
				r.read(input + i % pages * page);
		});
		sim.run();
		EXPECT_EQ(r.counter("iotlb_hit"), extra ? 0u : (rounds - 1) * pages);
	}
}

// ---- invalidation ----

TEST(invalidation, drains_what_is_under_way_and_does_not_wait_for_what_comes_later)
{
	settings s = with_iotlb(true);
	simulation sim;
	u64 returned = 0;
	outcome before, after;

	s.data.latency = 2000 * ns;
	vtd_rig r(s);

	map_pages(r, 2);
	sim.at(0, [&] { r.read(input + page); });
	// translated at 10405 ns and then 2000 ns on its way to memory
	sim.at(10000 * ns, [&] { before = r.read(input); });
	sim.at(11000 * ns, [&] {
		r.invalidate(true);
		returned = now();
	});
	sim.at(11500 * ns, [&] { after = r.read(input); });
	sim.run();
	EXPECT_EQ(before.end, 12405 * ns);
	EXPECT_EQ(returned, before.end);
	EXPECT_GT(after.end, returned);
	EXPECT_EQ(after.translation.table_reads, 4u);
}

TEST(invalidation, without_a_drain_does_not_wait)
{
	settings s = with_iotlb(true);
	simulation sim;
	u64 returned = 0;

	s.data.latency = 2000 * ns;
	vtd_rig r(s);

	map_pages(r, 1);
	sim.at(0, [&] { r.read(input); });
	sim.at(1000 * ns, [&] {
		r.invalidate(false);
		returned = now();
	});
	sim.run();
	EXPECT_EQ(returned, 1000 * ns);
}

/*
 * Whenever software changes an entry, of whatever level, and invalidates: no walk that was under way may leave anything
 * of the old tables in a cache, and once a drain has ended nobody has reached the old page any more.
 */
class entry_level : public ::testing::TestWithParam<unsigned int>
{
};

TEST_P(entry_level, of_which_an_invalidation_tells_that_completes_during_a_walk)
{
	const u64 other = input + (1ULL << 39); // the same way down through tables of its own

	for (u64 time = 0; time <= 700; time += 5) {
		settings s = with_iotlb(true);
		simulation sim;
		outcome during, after, again;
		u64 completed = 0;

		SCOPED_TRACE(time);
		s.config.second_stage_pwc = settings::cache(16, 7);
		vtd_rig r(s);

		map_pages(r, 2);
		r.map(other, host + page);
		sim.at(1 * ns, [&] { during = r.read(input); });
		sim.at(time * ns, [&] {
			r.poke(r.entry(input, GetParam()), r.peek(r.entry(other, GetParam())));
			r.invalidate(true);
			completed = now();
			after = r.read(input);
			again = r.read(input);
		});
		sim.run();
		EXPECT_TRUE(during.good);
		EXPECT_EQ(after.data, 0x1001u);
		EXPECT_EQ(again.data, 0x1001u);
		EXPECT_TRUE(during.data == 0x1001 || during.end <= completed);
	}
}

INSTANTIATE_TEST_SUITE_P(every, entry_level, ::testing::Values(1u, 2u, 3u, 4u));

TEST(invalidation, of_a_page_that_is_taken_away_lets_no_request_through_afterwards)
{
	const u64 random_seed = seed();
	SCOPED_TRACE("VTDSIM_SEED=" + std::to_string(random_seed));
	std::mt19937_64 random(random_seed);
	settings s = with_iotlb(true);
	simulation sim;
	u64 gone[8], through = 0, refused = 0;

	s.config.iotlb = settings::cache(4, 2);
	s.config.second_stage_pwc = settings::cache(2, 1);
	s.timing.walkers = 2;
	s.timing.outstanding = 6;
	s.timing.queue = 4;
	vtd_rig r(s);

	map_pages(r, 8);
	for (u64 &time : gone)
		time = ~0ULL;
	for (int thread = 0; thread < 10; thread++)
		sim.at(random() % 500 * ns, [&] {
			for (int i = 0; i < 60; i++) {
				const u64 which = random() % 8;
				const outcome o = r.read(input + which * page);

				through += o.good;
				refused += !o.good;
				EXPECT_TRUE(!o.good || o.end <= gone[which]);
			}
		});
	sim.at(3000 * ns, [&] {
		for (unsigned int which = 0; which < 8; which++) {
			r.poke(r.entry(input + which * page), 0);
			r.invalidate(true);
			gone[which] = now();
			sc_core::wait(picoseconds(random() % 2000 * ns));
		}
	});
	sim.run();
	EXPECT_GT(through, 0u);
	EXPECT_GT(refused, 0u);
	EXPECT_EQ(through + refused, 600u);
}

// ---- figures ----

static void expect_littles_law(const occupancy &o)
{
	EXPECT_EQ(o.inside, 0u);
	EXPECT_EQ(o.integral, o.time_inside);
}

TEST(littles_law, holds_exactly_for_every_queue_of_a_unit)
{
	const u64 random_seed = seed();
	SCOPED_TRACE("VTDSIM_SEED=" + std::to_string(random_seed));
	std::mt19937_64 random(random_seed);
	settings s = with_iotlb(true);
	simulation sim;
	u64 requests = 0, measured = 0;

	s.config.iotlb = settings::cache(16, 2);
	s.timing.walkers = 3;
	s.timing.outstanding = 8;
	s.timing.queue = 4;
	s.tables.slots = 4;
	vtd_rig r(s);

	map_pages(r, 64);
	for (int thread = 0; thread < 20; thread++)
		sim.at(random() % 100 * ns, [&] {
			for (int i = 0; i < 40; i++) {
				sc_core::wait(picoseconds(random() % 400));
				measured += r.read(input + random() % 64 * page).time();
				requests++;
			}
		});
	sim.run();
	const unit_statistics &figures = r.unit.statistics();

	EXPECT_EQ(figures.requests.arrivals, requests);
	EXPECT_EQ(figures.requests.time_inside, measured);
	expect_littles_law(figures.requests);
	expect_littles_law(figures.walks);
	expect_littles_law(r.unit.waiting_requests().queue);
	expect_littles_law(r.unit.waiting_walks().queue);
	expect_littles_law(r.unit.link_waits().queue);
	expect_littles_law(r.unit.pages().waiting);
	EXPECT_GT(r.unit.waiting_requests().queue.arrivals, 0u);
	EXPECT_GT(r.unit.waiting_walks().queue.arrivals, 0u);
	EXPECT_GT(r.unit.link_waits().queue.arrivals, 0u);
	EXPECT_GT(r.unit.pages().merged, 0u);
	EXPECT_LE(figures.walks.most, 3u);
}

// ---- loosely timed ----

TEST(loosely_timed, a_request_costs_the_sum_of_its_latencies_and_nobody_waits)
{
	settings s = with_iotlb(true);
	simulation sim;

	s.mode = TIMING_LOOSELY;
	s.timing.walkers = 1;
	s.tables.slots = 1;
	vtd_rig r(s);

	map_pages(r, 4);
	for (unsigned int i = 0; i < 4; i++)
		sim.at(1000 * ns * i, [&, i] {
			const outcome o = r.read(input + i * page);

			EXPECT_EQ(now(), 1000 * ns * i);
			EXPECT_EQ(o.time(), (5 + 400 + (i ? 0 : 200) + 50) * ns);
		});
	sim.run();
}

// ---- marks ----

namespace
{

/** The same second stage for requests without PASID in scalable mode, with accessed and dirty bits. */
class marking_rig : public vtd_rig
{
    public:
	explicit marking_rig(const settings &s) : vtd_rig(s)
	{
		const u64 root = 0x800000, context = 0x801000, directory = 0x802000,
			  pasids = 0x803000, top = entry(0, s.levels);

		poke(root + (FUNCTION >> 8) * 16, context | 1);
		poke(context, directory | 1);
		poke(directory, pasids | 1);
		poke(pasids,
		     top | 1 << 9 | 2 << 6 | (s.levels - 2) << 2 | 1); // SSADE, second stage
		poke(pasids + 8, 1 << 23 | 1); // PWSNP, domain 1
		vtd_mmio_write(unit.model(), 0x20, 8, root | 1 << 10);
		vtd_mmio_write(unit.model(), 0x18, 4, 1u << 31 | 1u << 30);
	}
};

const u64 accessed = 1 << 8, dirty = 1 << 9;

} // namespace

TEST(marks, of_two_walkers_that_race_are_all_there_whatever_their_distance)
{
	for (u64 distance = 0; distance <= 2000; distance += 25) {
		settings s;
		simulation sim;
		marking_rig r(s);
		outcome reading, writing;

		map_pages(r, 1);
		sim.at(0, [&] { reading = r.read(input); });
		sim.at(distance * ns, [&] { writing = r.access(tlm::TLM_WRITE_COMMAND, input); });
		sim.run();
		EXPECT_TRUE(reading.good && writing.good) << distance;
		EXPECT_EQ(r.peek(r.entry(input)) & (accessed | dirty), accessed | dirty)
			<< distance;
		for (unsigned int level = 2; level <= 4; level++)
			EXPECT_EQ(r.peek(r.entry(input, level)) & (accessed | dirty), accessed);
		EXPECT_EQ(r.counter("faults"), 0u);
		EXPECT_EQ(r.counter("walks"), 2u); // nobody had to begin anew
	}
}

TEST(marks, of_many_walkers_on_common_tables_do_not_starve_anybody)
{
	const unsigned int requests = 64;
	settings s;
	simulation sim;
	marking_rig r(s);
	unsigned int good = 0;

	map_pages(r, requests);
	for (unsigned int i = 0; i < requests; i++)
		sim.at(i % 4 * 50 * ns, [&, i] {
			good += r.access(i % 2 ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND,
					 input + i * page)
					.good;
		});
	sim.run();
	EXPECT_EQ(good, requests);
	for (unsigned int i = 0; i < requests; i++)
		EXPECT_EQ(r.peek(r.entry(input + i * page)) & (accessed | dirty),
			  i % 2 ? accessed | dirty : accessed);
	EXPECT_EQ(r.counter("walks"), requests);
}

// ---- what no unit takes ----

TEST(requests, that_are_no_pcie_requests_are_refused)
{
	settings s;
	simulation sim;
	vtd_rig r(s);

	map_pages(r, 2);
	sim.at(0, [&] {
		sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
		unsigned char byte = 0;
		tlm::tlm_generic_payload nobody;

		nobody.set_read();
		nobody.set_address(input);
		nobody.set_data_ptr(&byte);
		nobody.set_data_length(1);
		r.link->b_transport(nobody, delay);
		EXPECT_EQ(nobody.get_response_status(), tlm::TLM_GENERIC_ERROR_RESPONSE);
		// across a page boundary
		EXPECT_FALSE(r.read(input + page - 4).good);
		EXPECT_TRUE(r.read(input + page - 8).good);
	});
	sim.run();
	EXPECT_EQ(r.counter("faults"), 0u);
}

TEST(registers, are_reached_through_their_socket)
{
	settings s;
	simulation sim;
	vtd_rig r(s);

	sim.at(0, [&] {
		sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
		u64 value = 0;
		payload p;

		p.prepare(tlm::TLM_READ_COMMAND, 8, &value, 8);
		r.mmio->b_transport(p.trans, delay);
		EXPECT_EQ(value, s.config.cap);
		value = 0;
		p.prepare(tlm::TLM_READ_COMMAND, 8, &value, 8);
		EXPECT_EQ(r.mmio->transport_dbg(p.trans), 8u);
		EXPECT_EQ(value, s.config.cap);
		p.prepare(tlm::TLM_READ_COMMAND, 0x100000008, &value, 8);
		r.mmio->b_transport(p.trans, delay);
		EXPECT_EQ(p.trans.get_response_status(), tlm::TLM_ADDRESS_ERROR_RESPONSE);
		EXPECT_EQ(r.mmio->transport_dbg(p.trans), 0u);
		p.prepare(tlm::TLM_READ_COMMAND, 8, &value, 16);
		r.mmio->b_transport(p.trans, delay);
		EXPECT_EQ(p.trans.get_response_status(), tlm::TLM_BURST_ERROR_RESPONSE);
		p.prepare(tlm::TLM_WRITE_COMMAND, 0x20, &value, 8);
		EXPECT_EQ(r.mmio->transport_dbg(p.trans), 0u);
	});
	sim.run();
}
