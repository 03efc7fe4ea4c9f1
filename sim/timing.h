/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long the parts of a platform take: what `timing:` and the keys beside it say. Plain data, read by
 * platform_timing.c and used by systemc/. Times are in picoseconds.
 */
#ifndef SIM_TIMING_H
#define SIM_TIMING_H

#include "port.h"

/** TLM-2.0's words for how time passes. */
enum timing_mode {
	TIMING_UNTIMED, /* no time at all */
	TIMING_LOOSELY, /* delays add up and are waited for once a quantum; nobody contends */
	TIMING_APPROXIMATELY, /* each access waits, and for whatever there is too little of */
	TIMING_MODES,
};

/** "untimed", "loosely-timed", "approximately-timed". */
const char *timing_mode_name(enum timing_mode mode);

/** Of an IOMMU. */
struct unit_timing {
	u64 clock_period; /* ps a cycle, 1 or more */
	unsigned int walkers; /* walks at once; 0: any number */
	unsigned int outstanding; /* requests that are worked on at once; 0: any number */
	unsigned int
		queue; /* requests that wait in front of those; beyond, links are held up; 0: any number */
	bool merge; /* requests that miss the same page wait for one walk */
	u64 invalidation_timeout; /* ps that a device TLB has for an invalidation */
};

/** A port of memory: table reads of one unit, or data of all devices. */
struct memory_timing {
	u64 latency; /* ps of an access */
	unsigned int slots; /* accesses at once; 0: any number */
};

/** A PCIe link between a function and the unit above it. */
struct link_timing {
	unsigned int generation; /* 1..6 */
	unsigned int lanes; /* 1, 2, 4, 8, 12, 16, 32; 0: no link, time passes by latency alone */
	u64 latency; /* ps each way, besides the transfer */
	unsigned int
		credits; /* requests under way in one direction and not yet taken by the unit; 0: any number */
	unsigned int max_payload; /* bytes of data in a packet: 128..4096 */
	unsigned int max_read_request; /* bytes that one read asks for: 128..4096 */
};

/** The part of a function that masters DMA. */
struct requester_timing {
	u64 issue_interval; /* ps between two requests, at least */
	unsigned int outstanding; /* reads under way at once: tags */
	u64 completion; /* ps from the last byte's arrival until the function is told */
	u64 clock_period; /* ps a cycle of its device TLB, 1 or more */
};

/** The processor that the kernel runs on. */
struct processor_timing {
	u64 mmio_read, mmio_write; /* ps of an access to a unit's register */
	u64 interrupt; /* ps from the message to its handler */
	u64 poll; /* ps of a turn of a polling loop */
};

/** How DRAM refreshes: each rank in turn answers nobody meanwhile. */
struct refresh_timing {
	u64 interval; /* ps from one refresh of a rank to its next: tREFI; 0: never */
	u64 duration; /* ps that one takes, below interval: tRFC */
	unsigned int ranks; /* 1 or more; lines of 64 bytes are scattered over them */
};

/** The processor's last-level cache, as functions' reads see it: they find lines there and bring none in. */
struct host_cache_timing {
	u64 size; /* bytes; 0: no such cache */
	u64 latency; /* ps of an access that finds its line there, instead of memory's */
};

/** Of a platform, but for what its units and devices hold. */
struct platform_timing {
	enum timing_mode mode;
	u64 quantum; /* ps: TIMING_LOOSELY */
	struct memory_timing tables; /* for each unit's reads of tables and queues */
	struct memory_timing data; /* for the functions' DMA */
	struct refresh_timing refresh; /* of the memory behind both */
	struct host_cache_timing cache;
	struct processor_timing processor;
};

/** Defaults; each says where it is from. */
void unit_timing_init(struct unit_timing *timing);
void link_timing_init(struct link_timing *timing);
void requester_timing_init(struct requester_timing *timing);
void platform_timing_init(struct platform_timing *timing);

/** Picoseconds that so many bytes take on a link, by generation, lanes and encoding; 0 without lanes. */
u64 link_transfer_time(const struct link_timing *timing, u64 bytes);

#endif
