/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables that a guest built for its virtual unit: root, context, PASID directory and PASID entries in guest
 * memory, read as the specification says (section 3.4.3). Nothing is cached, nothing changed.
 */
#ifndef SIM_VIOMMU_TABLES_H
#define SIM_VIOMMU_TABLES_H

#include "types.h"
#include "vtd/vtd-fault.h"

/** Guest memory, and where the tables begin. */
struct viommu_tables {
	/** Reads len bytes (1..4096) of guest-physical memory. False if no memory is there. */
	bool (*read)(void *ctx, u64 gpa, void *buf, size_t len);
	void *ctx;
	u64 root; /* guest-physical address of the scalable-mode root table */
	u64 cap, ecap; /* of the virtual unit: what they lack is reserved in entries */
};

/** What a context entry says, taken apart. */
struct viommu_context {
	u64 directory; /* guest-physical */
	u32 pasid_limit; /* PASIDs below this are in the directory and within ECAP.PSS */
	u32 rid_pasid; /* of requests without PASID; 0 without ECAP.RPS */
	bool pasid_enable;
};

/** PGTT of a PASID entry that these tables may have. */
enum viommu_pgtt { VIOMMU_FIRST_STAGE = 1, VIOMMU_PASS_THROUGH = 4 };

/** Quadwords of a PASID entry. */
#define VIOMMU_ENTRY 8

/** Finds the context entry of a function. The fault that its requests would meet, or VTD_FAULT_NONE. */
enum vtd_fault viommu_find_context(const struct viommu_tables *tables, u16 source_id,
				   struct viommu_context *context);

/** Finds a PASID entry of a context. VTD_FAULT_SM_PASID_TOO_LARGE beyond its limit. */
enum vtd_fault viommu_find_pasid_entry(const struct viommu_tables *tables,
				       const struct viommu_context *context, u32 pasid,
				       u64 entry[VIOMMU_ENTRY]);

/** What is wrong with a directory entry, or with a PASID entry, as read. */
enum vtd_fault viommu_check_directory(u64 entry);
enum vtd_fault viommu_check_pasid_entry(const struct viommu_tables *tables,
					const u64 entry[VIOMMU_ENTRY]);

/** A field of a PASID entry by its name in the specification. */
u64 viommu_pasid_field(const u64 entry[VIOMMU_ENTRY], const char *name);

/** True for faults that only say that nothing is there: what a guest has yet to make, or took away. */
bool viommu_is_absent(enum vtd_fault fault);

#endif
