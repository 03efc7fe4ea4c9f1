/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Defaults of everything that has time. What no document gives is a guess and says so; profiles of
 * measured machines override them.
 */
#include "timing.h"

const char *timing_mode_name(enum timing_mode mode)
{
	static const char *const names[] = { "untimed", "loosely-timed", "approximately-timed" };

	return names[mode];
}

void unit_timing_init(struct unit_timing *timing)
{
	/* guesses, but for the clock: perfmon of Sapphire Rapids counts iommu_clocks at 500 MHz or so. The
	 * time-out is far below the minute that PCI Express 10.3.1 leaves a function, so that it is soon over */
	*timing = (struct unit_timing){
		.clock_period = 2000,
		.walkers = 8,
		.outstanding = 64,
		.queue = 64,
		.merge = true,
		.invalidation_timeout = 100000000,
	};
}

void link_timing_init(struct link_timing *timing)
{
	/* 200 ns each way: half of the 400 to 600 ns that Neugebauer et al. (SIGCOMM 2018) measured around
	 * the memory access; the rest is what common functions negotiate */
	*timing = (struct link_timing){
		.generation = 4,
		.lanes = 8,
		.latency = 200000,
		.credits = 64,
		.max_payload = 256,
		.max_read_request = 512,
	};
}

void requester_timing_init(struct requester_timing *timing)
{
	/* a guess; 32 is what a function has without extended tags (PCIe 2.2.6.2) */
	*timing = (struct requester_timing){
		.issue_interval = 4000,
		.outstanding = 32,
		.completion = 4000,
		.clock_period = 2000,
	};
}

void platform_timing_init(struct platform_timing *timing)
{
	/* 90 ns: an idle DRAM access of a server, 50 of its last-level cache; JEDEC JESD79-4: tRFC of 8-Gb chips
	 * (no refresh unless a platform wants it); the processor's figures are guesses of the usual order */
	*timing = (struct platform_timing){
		.mode = TIMING_UNTIMED,
		.quantum = 1000000,
		.tables = { .latency = 90000, .slots = 32 },
		.data = { .latency = 90000, .slots = 64 },
		.refresh = { .interval = 0, .duration = 350000, .ranks = 8 },
		.cache = { .size = 0, .latency = 50000 },
		.processor = {
			.mmio_read = 500000,
			.mmio_write = 50000,
			.interrupt = 1000000,
			.poll = 20000,
		},
	};
}

u64 link_transfer_time(const struct link_timing *timing, u64 bytes)
{
	/* PCIe 4.2: GT/s of a lane by generation; 8b/10b before the third, 128b/130b up to the fifth */
	static const unsigned int megatransfers[] = { 0, 2500, 5000, 8000, 16000, 32000, 64000 };
	unsigned int generation = timing->generation;
	/* millionths of the raw rate that carry data; the sixth: FLITs of 242 in 256 bytes */
	u64 efficiency = generation < 3 ? 800000 : generation < 6 ? 984615 : 945312;
	u64 rate; /* bytes per second / 1000 */

	if (!timing->lanes || generation < 1 || generation > 6)
		return 0;
	rate = (u64)megatransfers[generation] * timing->lanes * efficiency / 8 / 1000;
	return (bytes * 1000000000ULL + rate - 1) / rate;
}
