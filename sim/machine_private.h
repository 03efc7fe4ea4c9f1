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

struct machine {
	struct machine_config config;
	struct memory *memory;
	struct timed *timed; /* the hardware, where there is time; else NULL */
	struct vtd_unit **vtd; /* by unit; NULL where it is an SMMU */
	struct smmuv3 **smmu;
	struct pcie_function **functions;
	struct machine_port *unit_ports;
	struct machine_port *function_ports;
	struct port_ops unit_ops; /* observe is set while somebody looks */
	struct port_ops function_ops;
	machine_observer observer;
	void *observer_arg;
	struct machine_trace *trace; /* NULL: nobody is told */
	struct kernel *kernel;
	struct kernel_config kernel_config; /* the kernel keeps pointers into it */
	struct kernel_firmware_iommu *firmware_iommus;
	struct kernel_firmware_device *firmware_devices;
};

#endif
