/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The driver that the actor `guest` has for a virtual unit: what its files share.
 */
#ifndef SIM_SCENARIO_GUEST_VIOMMU_H
#define SIM_SCENARIO_GUEST_VIOMMU_H

#include "viommu.h"

#define GUEST_DOMAIN_ID 1u /* of all first-stage and pass-through entries, as Linux has it */
#define GUEST_DESCRIPTOR_BYTES 32u /* scalable mode has the wide ones */
#define GUEST_BATCH_MAX 64u /* descriptors of one operation */

/** Descriptors that an operation queues. */
struct guest_batch {
	u64 descriptors[GUEST_BATCH_MAX][4];
	unsigned int count;
};

/** A field of an entry by the names of vtd_format() and vtd_field(). */
u64 guest_get(const char *format, const char *name, const u64 *entry);
void guest_put(const char *format, const char *name, u64 *entry, u64 value);

/** Registers of the unit: offset in bytes, size 4 or 8. */
u64 guest_register(struct virtual_iommu *v, u32 offset, unsigned int size);
void guest_set_register(struct virtual_iommu *v, u32 offset, unsigned int size, u64 value);

/** The unit argument; NULL with a failed step, or with -ENODEV where the VMM refused to make it. */
struct virtual_iommu *guest_unit_arg(struct run *run, const struct step *step,
				     struct step_out *out);

/** The same once the guest's driver uses the unit; NULL with -ENODEV before. */
struct virtual_iommu *guest_enabled_arg(struct run *run, const struct step *step,
					struct step_out *out);

/** Fails the step: the guest has no room for tables. */
void guest_no_memory(struct step_out *out);

/** Adds a descriptor of that format and type, all else zero, to be filled in. */
u64 *guest_add(struct guest_batch *batch, const char *format, u64 type);
void guest_add_pasid_cache(struct guest_batch *batch, u64 granularity, u16 domain_id, u32 pasid);
void guest_add_iotlb(struct guest_batch *batch, u64 granularity);
void guest_add_wait(struct virtual_iommu *v, struct guest_batch *batch);

/** Queues descriptors and tells the unit; the step's result has what came of it. */
void guest_submit(struct virtual_iommu *v, const struct guest_batch *batch, struct step_out *out);

/** Fields of guest_submit(). */
#define GUEST_SUBMIT_FIELDS                                                       \
	{ "completed", FIELD_BOOL, NULL }, { "queue_error", FIELD_NUMBER, NULL }, \
		{ "at", FIELD_NUMBER, NULL }, VIOMMU_CALL_FIELDS

#define GUEST_VIOMMU_ARG                                                    \
	{                                                                   \
		"viommu", ARG_VIOMMU, true, NULL, "the virtual unit's name" \
	}

#endif
