/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine: units, devices and memory of a platform with a kernel running on them. Machines share
 * nothing and are made and destroyed in microseconds.
 */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include "kernel.h"
#include "platform.h"
#include "rates.h"
#include "trace.h"
#include "traffic.h"

struct machine;

/** Sees each event of a unit while it is set; unit is the index of the platform's IOMMU. */
typedef void (*machine_observer)(void *arg, size_t unit, const struct port_event *event);

/** Sees each line of the kernel's log. */
typedef void (*machine_log)(void *arg, int level, const char *line);

/** How a machine is built. */
struct machine_config {
	const struct platform *platform; /* must outlive the machine */
	const char *variant; /* kernel variant, or tree:NAME */
	const char *plugin; /* path of tree:NAME's plug-in, else NULL */
	enum timing_mode timing; /* whatever the platform says */
	machine_log log; /* or NULL */
	void *log_arg;
	const struct trace_sink *trace; /* who is told what happens; or NULL */
	const char *vcd; /* file for signals, to which ".vcd" is added; or NULL. Needs time */
};

/**
 * Builds an untimed machine and boots its kernel. NULL with a sentence in *error (caller frees) on
 * failure.
 */
struct machine *machine_create(const struct machine_config *config, char **error);

/**
 * Builds a machine, boots its kernel, calls body with it, and takes it down. Where there is time, all of
 * that is a thread of the simulation; the machine is only to be used in it. NULL, or a sentence of what
 * went wrong (caller frees): body may then not have been called, or not have returned.
 */
char *machine_run(const struct machine_config *config,
		  void (*body)(void *arg, struct machine *machine), void *arg);

/**
 * Gives each device of a platform the number of the group that the kernel puts it into, and each bridge; -1: into none. The
 * kernel is asked where that depends on others; where none boots, each device without a group counts as one of its own.
 */
void machine_number_groups(struct platform *platform);

/** Shuts the kernel down and frees all. NULL is allowed. */
void machine_destroy(struct machine *machine);

const struct platform *machine_platform(const struct machine *machine);
struct kernel *machine_kernel(struct machine *machine);
struct memory *machine_memory(struct machine *machine);

/** The PCIe function of the platform's device with that index. */
struct pcie_function *machine_function(struct machine *machine, size_t device);

/** The bridge of the platform's bridge with that index. */
struct pcie_bridge *machine_bridge(struct machine *machine, size_t bridge);

/** Sets or (NULL) clears the observer of all units' events. */
void machine_observe(struct machine *machine, machine_observer observer, void *arg);

/** Reads or writes a register of a unit (offset in bytes, size 4 or 8), as a processor would. */
u64 machine_register_read(struct machine *machine, size_t unit, u32 offset, unsigned int size);
void machine_register_write(struct machine *machine, size_t unit, u32 offset, unsigned int size,
			    u64 value);

/**
 * An Invalidate Completion of a device with that tag (0..31) reaches the unit above it; an SMMU, which sends no
 * such requests, takes no notice.
 */
void machine_ats_completion(struct machine *machine, size_t device, unsigned int tag);

/** Interrupt messages that have reached the processor since the machine was built. */
u64 machine_messages(const struct machine *machine);

/** True if that message was among those that came after the first `since`, and not long before the last. */
bool machine_message_came(const struct machine *machine, u64 since, u64 address, u32 data);

/** As if all cached entries of all units and device TLBs had been evicted. */
void machine_evict_all(struct machine *machine);

/** Whether there is time. */
bool machine_timed(const struct machine *machine);

/** Simulated time since the machine was built, in ps; 0 where there is none. */
u64 machine_now(const struct machine *machine);

/** Waits until queues are worked off and interrupts handled; at once where there is no time. */
void machine_settle(struct machine *machine);

/** Lets time pass until then, in ps, for all but who waits; at once where there is no time. */
void machine_wait_until(struct machine *machine, u64 time);

/** Begins a function's traffic, which goes on beside all else; it must be waited for. */
void machine_traffic_begin(struct machine *machine, struct traffic *traffic);

/** Returns when that traffic has ended. Where there is no time, all of it happens now. */
void machine_traffic_end(struct machine *machine, struct traffic *traffic);

/** Where the machine is traced: what software does until machine_step_end() is a slice of that name. */
void machine_step_begin(struct machine *machine, const char *name, unsigned int line);
void machine_step_end(struct machine *machine);

/** Visits how long what a unit did took, in ps: "translation", "walk", "invalidation". Nothing without time. */
void machine_visit_latencies(const struct machine *machine, size_t unit, latency_visitor visit,
			     void *arg);

/** How long a device's DMA requests took, in ps; NULL where there is no time. */
const struct histogram *machine_device_latency(const struct machine *machine, size_t device);

/** How a unit's counters grew over time; good until the next call. False where there is no time. */
bool machine_rates(struct machine *machine, size_t unit, struct rates *rates);

/** Visits the counters of one unit; where there is time, those that it gives too. */
void machine_visit_counters(const struct machine *machine, size_t unit, counter_visitor visit,
			    void *arg);

/** Visits the counters of one device: of its device TLB and of what it asked by it. */
void machine_visit_device_counters(const struct machine *machine, size_t device,
				   counter_visitor visit, void *arg);

#endif
