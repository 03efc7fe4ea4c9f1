/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of the oracle that knows a guest's stage 1 behind an SMMU.
 */
#ifndef SIM_SCENARIO_ORACLE_SMMU_H
#define SIM_SCENARIO_ORACLE_SMMU_H

#include "run.h"

/** Guest memory as the VMM mapped it: reads 8 bytes at a guest-physical address; false: nothing is there. */
struct oracle_memory {
	struct run *run;
	const struct opened *container;
	bool (*read)(const struct oracle_memory *memory, u64 address, u64 *value);
};

/** True if the kernel said to have given the device a guest's table of context descriptors. */
bool oracle_has_cd_table(struct run *run, size_t device);

/** Where stage 1 leads, a guest-physical address; false: the DMA must fault. */
bool oracle_stage1(const struct oracle_memory *memory, size_t device,
		   const struct dma_request *request, u64 *address);

/** Adds to the outcome a DMA that stage 1 permits and that faulted. */
void oracle_stage1_faulted(struct run *run, size_t device, const struct dma_request *request,
			   const struct dma_result *dma);

#endif
