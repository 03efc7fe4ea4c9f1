/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a virtual unit, shared by sim/viommu/ alone.
 */
#ifndef SIM_VIOMMU_VIOMMU_PRIVATE_H
#define SIM_VIOMMU_VIOMMU_PRIVATE_H

#include "viommu.h"

#include "vtd/vtd.h"

/** A virtual PASID entry as it was when the host was last told. */
struct noted {
	u64 entry[VIOMMU_ENTRY]; /* all zero: none was there */
	bool bound; /* the host took it */
};

#define NOTED_TABLE 64u /* as many as a PASID table has */
#define NOTED_TABLES (1u << 14)

/** What the host was told of a function. */
struct shadow {
	struct shadow *next;
	u16 source_id;
	struct noted *tables[NOTED_TABLES]; /* by PASID; NULL: nothing noted */
};

struct viommu {
	const struct viommu_ops *ops;
	void *ctx;
	u64 cap, ecap;
	struct vtd_unit *unit; /* registers, queue, fault records */
	struct shadow *shadows; /* of functions that had a PASID entry */
	u64 root; /* RTADDR as latched by GCMD.SRTP */
};

/** Which PASID entries may have changed. */
struct shadow_scope {
	u32 first, last; /* PASIDs */
	bool has_domain; /* only entries that have, or had, this domain id */
	u16 domain_id;
};
#define SHADOW_ALL ((struct shadow_scope){ 0, NOTED_TABLES * NOTED_TABLE - 1, false, 0 })

/* shadow.c */

/** Compares the entries of one function, or of all, with what the host was told, and tells it the difference. */
void shadow_sync_device(struct viommu *v, u16 source_id, struct shadow_scope scope);
void shadow_sync(struct viommu *v, struct shadow_scope scope);

/** Calls a function for each entry that is bound. */
void shadow_for_each_bound(struct viommu *v,
			   void (*fn)(struct viommu *v, u32 pasid, u16 domain_id, void *arg),
			   void *arg);

/** Unbinds and forgets what a function has. */
void shadow_drop(struct viommu *v, u16 source_id);

/** Frees all shadows. */
void shadow_clear(struct viommu *v);

/* pass-on.c */

/** Passes on what a descriptor of the guest's queue asks for. */
void pass_on(struct viommu *v, const u64 *descriptor);

#endif
