/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hardware of a platform as SystemC modules, for the machine that is written in C: the units and functions are
 * made here, software runs as a thread here, and everything it reaches takes time.
 */
#ifndef SIM_SYSTEMC_TIMED_H
#define SIM_SYSTEMC_TIMED_H

#ifdef __cplusplus
#include "c_models.h"
extern "C" {
#endif

#include "../platform.h"
#include "../rates.h"
#include "../trace.h"
#include "../traffic.h"

struct memory;
struct timed;

/**
 * Builds the hardware of a platform on that memory; mode is not TIMING_UNTIMED. Both must outlive it.
 * One may exist in a process at a time; NULL with a sentence in *error, which the caller frees, when there is one
 * already, or no memory.
 */
struct timed *timed_create(const struct platform *platform, enum timing_mode mode,
			   struct memory *memory, char **error);

/** Takes it down, and SystemC's state with it: the next can be built. NULL is allowed. */
void timed_destroy(struct timed *timed);

/** The models, by index in the platform; NULL where the unit is of the other kind. */
struct vtd_unit *timed_vtd(struct timed *timed, size_t unit);
struct smmuv3 *timed_smmu(struct timed *timed, size_t unit);
struct pcie_function *timed_function(struct timed *timed, size_t device);

/** Who takes interrupts: called by the software's thread. */
void timed_set_interrupts(struct timed *timed, void (*handler)(void *arg, u64 address, u32 data),
			  void *arg);

/** Who sees the events of the units' models; observer NULL: nobody. */
void timed_observe(struct timed *timed,
		   void (*observer)(void *arg, size_t unit, const struct port_event *event),
		   void *arg);

/**
 * Runs software as a thread of the simulation until it returns and all is quiet. NULL, or what SystemC said of an
 * error, which the caller frees. Once for each struct timed. All below are for software alone.
 */
char *timed_run(struct timed *timed, void (*software)(void *arg), void *arg);

/** Accesses to registers by host-physical address, size 4 or 8; where nothing is, all ones. */
u64 timed_read(struct timed *timed, u64 address, unsigned int size);
void timed_write(struct timed *timed, u64 address, unsigned int size, u64 value);

/** A turn of a polling loop. */
void timed_relax(struct timed *timed);

/** Waits until queues are worked off and interrupts handled, so that software sees what it caused. */
void timed_settle(struct timed *timed);

/** Lets time pass until then, in ps; interrupts are taken meanwhile. At once if it is past. */
void timed_wait_until(struct timed *timed, u64 time);

/** Simulated time, in ps. */
u64 timed_now(const struct timed *timed);

/** Begins a function's traffic, which goes on beside software; it must be waited for. */
void timed_traffic_begin(struct timed *timed, struct traffic *traffic);

/** Returns when that traffic has ended. */
void timed_traffic_end(struct timed *timed, const struct traffic *traffic);

/** Visits the figures of a unit that only time gives; times in ns. */
void timed_visit_counters(const struct timed *timed, size_t unit, counter_visitor visit, void *arg);

/** Tells a sink what the hardware does from now on; it must outlive the hardware, and is told once at most. */
void timed_trace(struct timed *timed, const struct trace_sink *sink);

/**
 * Writes signals of how much is occupied to path, to which ".vcd" is added, when the hardware is taken down. Before
 * timed_run(). False if that cannot be.
 */
bool timed_vcd(struct timed *timed, const char *path);

/** Time of the software, in ps: that of the simulation, or ahead of it where timing is loose. */
u64 timed_software_now(const struct timed *timed);

/** Visits how long what a unit did took, in ps: "translation", "walk", "invalidation"; only what there was. */
void timed_visit_latencies(const struct timed *timed, size_t unit, latency_visitor visit,
			   void *arg);

/** How long a function's DMA requests took, in ps. */
const struct histogram *timed_function_latency(const struct timed *timed, size_t device);

/** How a unit's counters grew over time; good until the next call. */
struct rates timed_rates(struct timed *timed, size_t unit);

#ifdef __cplusplus
}
#endif

#endif
