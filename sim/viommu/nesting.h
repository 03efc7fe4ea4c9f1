/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nesting series' ioctls of a container in the words of either version of its ABI. Knows no scenario: what a call
 * says goes in and comes out by structs that are of neither version.
 */
#ifndef SIM_VIOMMU_NESTING_H
#define SIM_VIOMMU_NESTING_H

#include "types.h"

/** A container that the ioctls go to. */
struct nesting_file {
	/** ioctl(2) with len bytes at data, copied into the process and back. The call's value, or -errno. */
	long (*ioctl)(void *ctx, unsigned int cmd, void *data, size_t len);
	void *ctx;
	bool v7; /* speaks version 7; else version 1, which kernels without the series answer -ENOTTY */
};

/** As argsz: the right one. */
#define NESTING_ARGSZ (-1LL)

/** VFIO_IOMMU_PASID_REQUEST. */
struct nesting_pasid_request {
	long long argsz; /* or NESTING_ARGSZ */
	u32 flags; /* VFIO_IOMMU_PASID_ALLOC, _FREE */
	u32 min, max; /* version 7 frees this range, too */
	u32 pasid; /* version 1: to be freed */
};

/** Allocates or frees PASIDs. The PASID or 0, or -errno. */
long nesting_pasid_request(const struct nesting_file *file,
			   const struct nesting_pasid_request *request);

/** A guest's first-stage table for a PASID. */
struct nesting_bind {
	long long argsz; /* or NESTING_ARGSZ */
	u32 version, format;
	u64 flags; /* IOMMU_SVA_GPASID_VAL */
	u64 gpgd; /* guest-physical address of the top level */
	u64 hpasid, gpasid;
	u32 addr_width; /* bits: 48 or 57 */
	u64 vtd_flags; /* IOMMU_SVA_VTD_GPASID_... */
	u32 pat, emt;
};

/** Binds or unbinds. 0 or -errno. */
long nesting_bind(const struct nesting_file *file, const struct nesting_bind *bind);
long nesting_unbind(const struct nesting_file *file, const struct nesting_bind *bind);

/** What of which caches is to be invalidated. */
struct nesting_invalidation {
	long long argsz; /* or NESTING_ARGSZ */
	u32 version;
	u8 cache; /* IOMMU_CACHE_INV_TYPE_... */
	u8 granularity; /* IOMMU_INV_GRANU_... */
	bool has_pasid, has_archid, leaf;
	u32 archid;
	u64 pasid;
	u64 address, granule_size, count; /* IOMMU_INV_GRANU_ADDR: bytes, and how many of such */
};

/** Invalidates. 0 or -errno. */
long nesting_invalidate(const struct nesting_file *file,
			const struct nesting_invalidation *invalidation);

#endif
