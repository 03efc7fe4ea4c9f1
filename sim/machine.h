/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine: units, devices and memory of a platform with a kernel running on them. Machines share
 * nothing and are made and destroyed in microseconds.
 */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include "kernel.h"
#include "platform.h"

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
	machine_log log; /* or NULL */
	void *log_arg;
};

/** Builds a machine and boots its kernel. NULL with a sentence in *error (caller frees) on failure. */
struct machine *machine_create(const struct machine_config *config, char **error);

/** Shuts the kernel down and frees all. NULL is allowed. */
void machine_destroy(struct machine *machine);

const struct platform *machine_platform(const struct machine *machine);
struct kernel *machine_kernel(struct machine *machine);
struct memory *machine_memory(struct machine *machine);

/** The PCIe function of the platform's device with that index. */
struct pcie_function *machine_function(struct machine *machine, size_t device);

/** Sets or (NULL) clears the observer of all units' events. */
void machine_observe(struct machine *machine, machine_observer observer, void *arg);

/** Reads or writes a register of a unit (offset in bytes, size 4 or 8), as a processor would. */
u64 machine_register_read(struct machine *machine, size_t unit, u32 offset, unsigned int size);
void machine_register_write(struct machine *machine, size_t unit, u32 offset, unsigned int size,
			    u64 value);

/** As if all cached entries of all units had been evicted. */
void machine_evict_all(struct machine *machine);

/** Visits the counters of one unit. */
void machine_visit_counters(const struct machine *machine, size_t unit, counter_visitor visit,
			    void *arg);

#endif
