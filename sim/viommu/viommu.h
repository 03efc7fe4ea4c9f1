/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A virtual VT-d unit as a VMM carries it for its guest: registers and queue are those of a model of the unit
 * over guest memory; what the guest invalidates is compared with what the host was told, and passed on. Knows no
 * scenario: guest memory and the host are reached by callbacks.
 */
#ifndef SIM_VIOMMU_VIOMMU_H
#define SIM_VIOMMU_VIOMMU_H

#include "nesting.h"
#include "tables.h"

#include "pri.h"
#include "translation.h"

struct viommu;

/** What the VMM knows of the host's nesting when it makes the unit; it is not asked again. */
struct viommu_info {
	bool nesting; /* the host offers VT-d's format */
	bool has_registers; /* version 7: what follows is valid */
	u64 cap, ecap; /* bits that the host reports */
	unsigned int addr_width, pasid_bits; /* bits */
};

/**
 * CAP and ECAP that a VMM offers by default. Caching mode is on. With nesting: scalable mode, first-stage
 * translation, PASIDs, virtual commands; what else a first stage can have is taken from the host's registers, where
 * it told them. Without: a unit in legacy mode.
 */
void viommu_derive(const struct viommu_info *info, u64 *cap, u64 *ecap);

/**
 * What of these registers the host's, as it told them, cannot keep: the name of the first such field of ECAP or
 * CAP, or NULL. Always NULL where it told none.
 */
const char *viommu_unkept(const struct viommu_info *info, u64 cap, u64 ecap);

/** What the owner of a unit does for it. */
struct viommu_ops {
	/** The guest's memory; len 1..4096. False if none is there. */
	bool (*read)(void *ctx, u64 gpa, void *buf, size_t len);
	bool (*write)(void *ctx, u64 gpa, const void *buf, size_t len);
	/** An interrupt message to the guest. */
	void (*interrupt)(void *ctx, u64 address, u32 data);
	/** The function with that index behind the unit; false behind the last. */
	bool (*device)(void *ctx, size_t index, u16 *source_id);
	/** The host: each value is 0 (alloc_pasid: the PASID) or -errno. What fails the guest is not told of. */
	long (*bind)(void *ctx, const struct nesting_bind *bind);
	long (*unbind)(void *ctx, const struct nesting_bind *bind);
	long (*invalidate)(void *ctx, const struct nesting_invalidation *invalidation);
	long (*alloc_pasid)(void *ctx, u32 min, u32 max);
	long (*free_pasid)(void *ctx, u32 pasid);
	/** The guest's answer to a page request group, for the function that asked. */
	void (*page_response)(void *ctx, const struct page_group_response *response);
	/** Asked before work that the guest can make much of; false: leave it undone. */
	bool (*work)(void *ctx, u64 amount);
};

/** Makes a unit with these registers. NULL: no memory, or registers that cannot be. ops and ctx must outlive it. */
struct viommu *viommu_create(u64 cap, u64 ecap, const struct viommu_ops *ops, void *ctx);

/** Frees a unit. NULL is allowed. The host is not told of anything. */
void viommu_destroy(struct viommu *v);

/** The guest reads or writes a register: offset in bytes, size 4 or 8. */
u64 viommu_register_read(struct viommu *v, u32 offset, unsigned int size);
void viommu_register_write(struct viommu *v, u32 offset, unsigned int size, u64 value);

/**
 * A page request that the host had from a function behind the unit: goes into the guest's page request queue, with its
 * event, or is answered at once where the guest takes none.
 */
void viommu_page_request(struct viommu *v, const struct page_request *request);

/**
 * A fault for good that the host had of DMA from a function behind the unit: is recorded for the guest, with its event;
 * fault: not VTD_FAULT_NONE.
 */
void viommu_report_fault(struct viommu *v, const struct translation_request *request,
			 enum vtd_fault fault);

/** The tables that the unit uses; false while translation is off, or in another than scalable mode. */
bool viommu_tables(struct viommu *v, struct viommu_tables *tables);

/** True while translation is on, in whatever mode. */
bool viommu_translates(struct viommu *v);

/** The function is unplugged: what is bound for it is unbound, and forgotten. */
void viommu_unplug(struct viommu *v, u16 source_id);

#endif
