/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest for the nesting tests: memory behind a nesting domain, page tables in it, a PASID to
 * bind.
 */
#ifndef TESTS_KERNEL_SHIM_INTEL_NESTING_H
#define TESTS_KERNEL_SHIM_INTEL_NESTING_H

#include "intel_rig.h"

#define GUEST_ORDER 9 /* log2 of its pages */
#define GUEST_SIZE (SZ_4K << GUEST_ORDER) /* bytes, guest-physical 0 upwards */
#define GUEST_TOP 0x10000ULL /* guest-physical address of the first-stage top level */
#define GUEST_VIRTUAL 0x7f0012345000ULL
#define GUEST_DATA 0x20000ULL

struct guest {
	struct iommu_domain *domain;
	struct ioasid_set *set;
	u64 ram; /* host-physical address of its memory */
	ioasid_t pasid;
};

/** A nesting domain with memory, attached to devices 0 to devices - 1; a PASID of its own set. */
struct guest guest_start(struct rig *rig, unsigned int devices);
void guest_stop(struct rig *rig, struct guest *guest, unsigned int devices);

/** A further PASID at or above min. */
ioasid_t guest_pasid(struct guest *guest, ioasid_t min);

/**
 * Makes the 4-level (or 5-level, from the page below GUEST_TOP) tables for one page, user and
 * writable.
 */
void guest_map(struct rig *rig, const struct guest *guest, u64 address, u64 page);
void guest_map_5_levels(struct rig *rig, const struct guest *guest, u64 address, u64 page);

/** The entry that maps the last mapped address, host-physical. */
u64 guest_leaf(const struct guest *guest, u64 address);

/** A request that the server unit accepts. */
struct iommu_gpasid_bind_data guest_bind_data(const struct guest *guest);
int guest_bind(struct rig *rig, const struct guest *guest, unsigned int device);

/**
 * DMA of device 0 with the guest's PASID reads GUEST_VIRTUAL: host-physical offset into its memory,
 * or -reason.
 */
long guest_read(struct rig *rig, const struct guest *guest, unsigned int device);

#endif
