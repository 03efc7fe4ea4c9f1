/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small machine for tests of the IOMMU core and the SMMUv3 driver: real memory, real SMMUs, real
 * PCIe functions and a kernel on them, whose insides a test may call through rig_run().
 */
#ifndef TESTS_KERNEL_SHIM_IOMMU_RIG_H
#define TESTS_KERNEL_SHIM_IOMMU_RIG_H

#include <linux/iommu.h>
#include <linux/pci.h>

#include "kernel.h"
#include "pcie/pcie.h"
#include "smmuv3/smmuv3.h"

#define RIG_UNITS 2
#define RIG_DEVICES 6

struct rig {
	struct memory *memory;
	struct kernel *kernel;
	struct kernel_config config;
	struct smmuv3_config smmu_config[RIG_UNITS];
	struct smmuv3 *smmu[RIG_UNITS];
	struct kernel_firmware_iommu iommus[RIG_UNITS];
	struct kernel_firmware_device devices[RIG_DEVICES];
	struct pcie_function *functions[RIG_DEVICES];
	const char *parameters[4];
	const void *param; /* the test's, for what it runs inside the kernel */
	u64 interrupts; /* messages sent to the kernel */
	bool stuck; /* reads of the register at offset stuck_register give stuck_value */
	u32 stuck_register;
	u32 stuck_value;
	bool deaf; /* interrupts do not reach the kernel */
	bool writes_fail; /* of the hardware, to memory */
	char log[8192]; /* what the kernel printed, as far as it fits */
	size_t log_len;
};

/** Fills in a machine without units and devices, of variant v1. Nothing is created yet. */
void rig_init(struct rig *rig);

/** Adds an SMMU of default shape, which the test may change before rig_boot(); its index. */
unsigned int rig_add_smmu(struct rig *rig);

/** Adds a device with PASID capability; its index. group -1: one of its own. */
unsigned int rig_add_device(struct rig *rig, u16 source_id, unsigned int iommu, int group);

/**
 * Creates hardware and boots the kernel. False if it does not boot; rig_end() is needed all the
 * same.
 */
bool rig_boot(struct rig *rig);

/** Shuts down and frees everything. */
void rig_end(struct rig *rig);

/** Runs fn inside the kernel. Its result, or -ENOTRECOVERABLE after an oops. */
long rig_run(struct rig *rig, long (*fn)(struct rig *rig));

/** Inside the kernel: the device of an index. */
struct device *rig_device(struct rig *rig, unsigned int index);

/** Inside the kernel: the group of a device, with a reference. */
struct iommu_group *rig_group(struct rig *rig, unsigned int index);

/** Inside the kernel: a new unmanaged domain for SMMU devices. */
struct iommu_domain *rig_domain(void);

/** What an access of a device comes to; pasid below zero: without one. */
struct translation_result rig_translate(struct rig *rig, unsigned int device, u64 address,
					enum access access);

/** The same through the PCIe function, with a PASID, as DMA of 8 bytes. */
struct dma_result rig_pasid_read(struct rig *rig, unsigned int device, u64 address, u32 pasid);

/** Does the kernel's log hold this text? */
bool rig_logged(const struct rig *rig, const char *text);

/** A small generator of random numbers; state must not be 0. */
u64 rig_random(u64 *state);

#endif
