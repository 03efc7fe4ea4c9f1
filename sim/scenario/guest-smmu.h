/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a guest behind an SMMU has, for those that hand it to the kernel and for the oracle.
 */
#ifndef SIM_SCENARIO_GUEST_SMMU_H
#define SIM_SCENARIO_GUEST_SMMU_H

#include "run.h"

/** A table of context descriptors in guest memory. */
struct guest_cd_table {
	char *name;
	u8 format; /* STE.S1Fmt: 0 linear, 1 two levels with 4-KiB leaves, 2 with 64-KiB ones */
	u8 bits; /* log2 of the number of substreams; 0: one CD, no substreams */
	u64 base; /* guest-physical */
};

/** The table that the kernel said to have given the devices of a container behind an SMMU: one domain. */
struct guest_attachment {
	const struct opened *container;
	size_t iommu; /* index in the platform */
	struct guest_cd_table table; /* name NULL */
	u8 default_substream; /* STE.S1DSS */
};

/** That of a device, or NULL. */
const struct guest_attachment *guest_attachment(struct run *run, size_t device);

/** Notes one for a device's container and SMMU; table NULL: there is none any more. */
void guest_attach(struct run *run, size_t device, const struct guest_cd_table *table,
		  u8 default_substream);

/** The table that the step's argument `table` names; NULL with a failed step. */
const struct guest_cd_table *guest_cd_table_arg(struct run *run, const struct step *step,
						struct step_out *out);

/** SubstreamID bits of the second level; 0: linear. */
unsigned int guest_cd_split(const struct guest_cd_table *table);

#endif
