/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine is made of. Private to sim/machine*.c. */
#ifndef SIM_MACHINE_PRIVATE_H
#define SIM_MACHINE_PRIVATE_H

#include "machine.h"
#include "machine_trace.h"

/** One end of a port: whose it is. */
struct machine_port {
	struct machine *machine;
	size_t index; /* unit or device */
};

/** A root bus of the machine: the platform's functions on it, and what is below them, have it in common. */
struct machine_root_bus {
	u16 segment;
	u8 number;
	struct pcie_bus *bus;
};

/** An interrupt message as it reached the processor. */
struct machine_message {
	u64 address;
	u32 data;
};

#define MACHINE_MESSAGES 256 /* that are remembered */

struct machine {
	struct machine_config config;
	struct memory *memory;
	struct timed *timed; /* the hardware, where there is time; else NULL */
	struct vtd_unit **vtd; /* by unit; NULL where it is an SMMU */
	struct smmuv3 **smmu;
	struct pcie_function **functions;
	struct pcie_bridge **bridges;
	struct machine_root_bus *root_buses;
	size_t root_bus_count;
	struct machine_port *unit_ports;
	struct machine_port *function_ports;
	struct port_ops unit_ops; /* observe is set while somebody looks */
	struct port_ops function_ops;
	struct machine_message messages[MACHINE_MESSAGES]; /* the latest, by number */
	u64 message_count;
	machine_observer observer;
	void *observer_arg;
	struct machine_trace *trace; /* NULL: nobody is told */
	struct kernel *kernel;
	struct kernel_config kernel_config; /* the kernel keeps pointers into it */
	struct kernel_firmware_iommu *firmware_iommus;
	struct kernel_firmware_device *firmware_devices; /* bridges, then devices */
};

/* machine_topology.c */

/** Makes the buses and bridges, and puts the functions, which are there, onto them. False: no memory. */
bool machine_build_topology(struct machine *m);

/** Frees them, after the functions. */
void machine_free_topology(struct machine *m);

/** What firmware lists of bridges and devices, into m->firmware_devices. */
void machine_list_devices(struct machine *m);

/** Config space as the kernel reaches it; where nothing is, reads are all ones. */
u32 machine_config_read(void *ctx, const struct kernel_config_space *at);
void machine_config_write(void *ctx, const struct kernel_config_space *at, u32 value);

#endif
