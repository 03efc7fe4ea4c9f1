/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Invalidations of device TLBs in simulated time: as many as a function's queue holds go on at once, and a run of them
 * takes the less time the more that are.
 */
#include "gtest_c.h"
#include "machine.h"
#include "scenario/scenario.h"

#define IQT 0x88
#define IQA 0x90

static const char text[] =
	"scenario: a device with a TLB\n"
	"kernel: [upstream]\n"
	"platform:\n"
	"  iommus:\n"
	"    dmar0: {model: vt-d, profile: broadwell-ep, invalidation-timeout: 20us}\n"
	"  devices:\n"
	"    0000:3a:00.0: {iommu: dmar0, group: 21, ats: true, device-tlb: {}}\n"
	"steps:\n"
	"  - hardware: {evict: {}}\n";

struct flight {
	unsigned int depth; /* QDEP of the descriptors */
	bool silent;
	u64 time; /* ps that half a queue of them took, with a wait descriptor behind */
	bool done;
	u64 sent, timeouts;
};

static void visit(void *arg, const char *name, u64 value)
{
	struct flight *flight = arg;

	if (!strcmp(name, "device_tlb_invalidations"))
		flight->sent = value;
	if (!strcmp(name, "device_tlb_timeouts"))
		flight->timeouts = value;
}

/* Half a queue of invalidations: after two of them, the tail is where the driver thinks it is. */
static void fill_half(struct machine *machine, const struct flight *flight, u64 status)
{
	u64 queue = machine_register_read(machine, 0, IQA, 8) & ~0xfffULL;
	u64 tail = machine_register_read(machine, 0, IQT, 8);
	unsigned int i;

	for (i = 0; i < 128; i++) {
		u64 d[2] = { 3 | (u64)flight->depth << 16 | 0x3a00ULL << 32, (u64)i << 12 };

		if (i == 127) {
			d[0] = 0x600dULL << 32 | 0x25;
			d[1] = status;
		}
		memory_write(machine_memory(machine), hpa(queue + tail), d, sizeof(d));
		tail = (tail + 16) % 4096;
	}
	machine_register_write(machine, 0, IQT, 8, tail);
}

static void body(void *arg, struct machine *machine)
{
	struct flight *flight = arg;
	const u64 status = 0x1f0000000ULL;
	u64 found = 0, begin = machine_now(machine);

	pcie_ats_silence(machine_function(machine, 0), flight->silent);
	fill_half(machine, flight, status);
	machine_settle(machine);
	flight->time = machine_now(machine) - begin;
	memory_read(machine_memory(machine), hpa(status), &found, sizeof(found));
	flight->done = found == 0x600d;
	machine_visit_counters(machine, 0, visit, flight);
	machine_register_write(machine, 0, 0x34, 4, 0x40);
	pcie_ats_silence(machine_function(machine, 0), false);
	fill_half(machine, flight, status);
	machine_settle(machine);
}

static struct flight fly_with(enum timing_mode timing, unsigned int depth, bool silent,
			      void (*fly)(void *arg, struct machine *machine))
{
	struct diags diags = { 0 };
	struct scenario *s = scenario_parse("test.yaml", text, strlen(text), &diags);
	struct flight flight = { .depth = depth, .silent = silent };
	const struct machine_config config = {
		.platform = scenario_platform(s),
		.variant = "upstream",
		.timing = timing,
	};

	EXPECT_EQ(diags.count, 0);
	EXPECT_EQ(machine_run(&config, fly, &flight), NULL);
	diag_clear(&diags);
	scenario_free(s);
	return flight;
}

static struct flight fly(enum timing_mode timing, unsigned int depth, bool silent)
{
	return fly_with(timing, depth, silent, body);
}

/* All that a device which does not answer has got is completed by messages of their own. */
static void complete_by_messages(void *arg, struct machine *machine)
{
	struct flight *flight = arg;
	const u64 status = 0x1f0000000ULL;
	u64 found = 0;

	pcie_ats_silence(machine_function(machine, 0), true);
	fill_half(machine, flight, status);
	machine_wait_until(machine, machine_now(machine) + 5000000ULL);
	machine_visit_counters(machine, 0, visit, flight);
	EXPECT_EQ(flight->sent, 32);
	pcie_ats_silence(machine_function(machine, 0), false);
	for (unsigned int tag = 0; tag < 32; tag++)
		machine_ats_completion(machine, 0, tag);
	machine_settle(machine);
	memory_read(machine_memory(machine), hpa(status), &found, sizeof(found));
	flight->done = found == 0x600d;
	machine_visit_counters(machine, 0, visit, flight);
}

TEST(device_tlb_flight, completions_by_message_end_requests_whose_messages_are_under_way)
{
	struct flight flight = fly_with(TIMING_APPROXIMATELY, 0, true, complete_by_messages);

	EXPECT_TRUE(flight.done);
	EXPECT_EQ(flight.sent, 127);
	EXPECT_EQ(flight.timeouts, 0);
}

TEST(device_tlb_flight, all_are_done_before_the_wait_in_every_timing)
{
	static const enum timing_mode modes[] = { TIMING_UNTIMED, TIMING_LOOSELY,
						  TIMING_APPROXIMATELY };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct flight flight = fly(modes[i], 8, false);

		EXPECT_TRUE(flight.done);
		EXPECT_EQ(flight.sent, 127);
		EXPECT_EQ(flight.timeouts, 0);
		flight = fly(modes[i], 8, true);
		EXPECT_FALSE(flight.done);
		EXPECT_EQ(flight.sent, 127);
		EXPECT_EQ(flight.timeouts, 127);
	}
}

TEST(device_tlb_flight, a_deeper_queue_takes_less_time)
{
	u64 one = fly(TIMING_APPROXIMATELY, 1, false).time;
	u64 four = fly(TIMING_APPROXIMATELY, 4, false).time;
	u64 all = fly(TIMING_APPROXIMATELY, 0, false).time;

	/* the link's latency is hidden, its width is not */
	EXPECT_LT(four * 2, one);
	EXPECT_LE(all, four);
	/* time-outs of as many as are under way pass together */
	EXPECT_LT(fly(TIMING_APPROXIMATELY, 4, true).time * 3,
		  fly(TIMING_APPROXIMATELY, 1, true).time);
}
