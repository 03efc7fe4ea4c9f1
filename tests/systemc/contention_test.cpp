// SPDX-License-Identifier: Apache-2.0
/*
 * What there is too little of: who is served when, in what order, and that the figures add up.
 */
#include "rig.h"

using namespace rig;

namespace
{

void expect_littles_law(const occupancy &o, u64 sum_of_stays)
{
	EXPECT_EQ(o.inside, 0u);
	EXPECT_EQ(o.integral, sum_of_stays);
	EXPECT_EQ(o.time_inside, sum_of_stays);
}

} // namespace

TEST(places, are_given_in_the_order_of_arrival_and_littles_law_holds)
{
	const u64 random_seed = seed();
	SCOPED_TRACE("VTDSIM_SEED=" + std::to_string(random_seed));
	std::mt19937_64 random(random_seed);
	simulation sim;
	places p(3);
	std::vector<int> came, served;
	u64 waited = 0;
	unsigned int most = 0, inside = 0;

	for (int i = 0; i < 400; i++) {
		const u64 arrival = random() % 20000, stay = 1 + random() % 300;

		sim.at(arrival, [&, i, stay] {
			const u64 since = now();

			came.push_back(i);
			p.take();
			waited += now() - since;
			served.push_back(i);
			most = std::max(most, ++inside);
			sc_core::wait(picoseconds(stay));
			inside--;
			p.give();
		});
	}
	sim.run();
	EXPECT_EQ(served.size(), 400u);
	EXPECT_EQ(served, came);
	EXPECT_EQ(most, 3u);
	EXPECT_GT(waited, 0u);
	expect_littles_law(p.queue, waited);
}

TEST(places, without_a_limit_are_always_there)
{
	simulation sim;
	places p(0);

	sim.at(0, [&] {
		for (int i = 0; i < 1000; i++)
			p.take();
		EXPECT_EQ(now(), 0u);
		for (int i = 0; i < 1000; i++)
			p.give();
	});
	sim.run();
	EXPECT_EQ(p.queue.arrivals, 0u);
}

TEST(places, nobody_passes_those_who_wait_when_one_is_given_back)
{
	simulation sim;
	places p(1);
	std::string order;

	sim.at(0, [&] {
		p.take();
		sc_core::wait(picoseconds(10));
		p.give();
		p.take(); // at the same time, but later than the other
		order += "second ";
	});
	sim.at(5, [&] {
		p.take();
		order += "first ";
		p.give();
	});
	sim.run();
	EXPECT_EQ(order, "first second ");
}

TEST(slots, serve_as_many_at_once_as_there_are)
{
	simulation sim;
	slots s(2);
	std::vector<u64> ends;

	for (int i = 0; i < 5; i++)
		sim.at(0, [&] {
			sc_core::wait(picoseconds(s.book(100)));
			ends.push_back(now());
		});
	sim.run();
	EXPECT_EQ(ends, (std::vector<u64>{ 100, 100, 200, 200, 300 }));
	EXPECT_EQ(s.served, 5u);
	EXPECT_EQ(s.busy, 500u);
	EXPECT_EQ(s.waited, 0u + 0 + 100 + 100 + 200);
}

TEST(slots, are_free_again_after_a_pause_and_unlimited_if_zero)
{
	simulation sim;
	slots one(1), any(0);

	sim.at(0, [&] {
		EXPECT_EQ(one.book(100), 100u);
		EXPECT_EQ(one.book(100), 200u);
		EXPECT_EQ(any.book(100), 100u);
		EXPECT_EQ(any.book(100), 100u);
	});
	sim.at(1000, [&] { EXPECT_EQ(one.book(100), 100u); });
	sim.run();
}

TEST(missed_pages, are_equal_by_number_and_space)
{
	simulation sim;
	missed_pages pages;
	u64 woken = 0;

	sim.at(0, [&] {
		EXPECT_TRUE(pages.miss(port_page{ 7, 1 }));
		EXPECT_TRUE(pages.miss(port_page{ 7, 2 }));
		EXPECT_TRUE(pages.miss(port_page{ 8, 1 }));
		sc_core::wait(picoseconds(100));
		pages.done(port_page{ 7, 2 });
		pages.done(port_page{ 8, 1 });
		sc_core::wait(picoseconds(100));
		pages.done(port_page{ 7, 1 });
		EXPECT_TRUE(pages.miss(port_page{ 7, 1 }));
	});
	for (int i = 0; i < 3; i++)
		sim.at(50, [&] {
			EXPECT_FALSE(pages.miss(port_page{ 7, 1 }));
			EXPECT_EQ(now(), 200u);
			woken++;
		});
	sim.run();
	EXPECT_EQ(woken, 3u);
	EXPECT_EQ(pages.merged, 3u);
	expect_littles_law(pages.waiting, 3 * 150);
}

TEST(in_flight, a_drain_with_nothing_under_way_ends_at_once)
{
	simulation sim;
	in_flight flight;

	sim.at(10, [&] {
		flight.drain();
		flight.end(flight.begin());
		flight.drain();
		EXPECT_EQ(now(), 10u);
	});
	sim.run();
	EXPECT_EQ(flight.drains, 2u);
	EXPECT_EQ(flight.drain_time, 0u);
}

TEST(in_flight, drains_wait_for_what_began_before_and_for_nothing_else)
{
	const u64 random_seed = seed();
	SCOPED_TRACE("VTDSIM_SEED=" + std::to_string(random_seed));
	std::mt19937_64 random(random_seed);
	simulation sim;
	in_flight flight;
	std::map<u64, u64> ends; // by beginning; both in ps, all beginnings differ
	unsigned int drained = 0;

	for (u64 i = 0; i < 300; i++) {
		const u64 begin = i * 7 + 1, stay = random() % 200;

		ends[begin] = begin + stay;
		sim.at(begin, [&, stay] {
			const u64 phase = flight.begin();

			sc_core::wait(picoseconds(stay));
			flight.end(phase);
		});
	}
	// several at a time, also such that overlap
	for (int i = 0; i < 100; i++) {
		const u64 time = random() % 2000 * 7;

		sim.at(time, [&, time] {
			u64 expected = time;

			for (const auto &one : ends)
				if (one.first < time)
					expected = std::max(expected, one.second);
			flight.drain();
			EXPECT_EQ(now(), expected);
			drained++;
		});
	}
	sim.run();
	EXPECT_EQ(drained, 100u);
}

TEST(simulations, that_end_with_threads_waiting_leave_nothing_behind)
{
	for (int i = 0; i < 3; i++) {
		simulation sim;
		places p(1);
		missed_pages pages;
		in_flight flight;
		bool went_on = false;

		sim.at(0, [&] {
			p.take();
			pages.miss(port_page{ 1, 1 });
			flight.begin();
		});
		sim.at(1, [&] {
			p.take();
			went_on = true;
		});
		sim.at(1, [&] {
			pages.miss(port_page{ 1, 1 });
			went_on = true;
		});
		sim.at(1, [&] {
			flight.drain();
			went_on = true;
		});
		sim.run();
		EXPECT_FALSE(went_on);
	}
}
