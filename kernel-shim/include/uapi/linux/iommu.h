/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User ABI of guest page tables under the names that a tree uses, for trees that do not bring
 * their own: the layout of version 1 of the series until 5.8, that of version 7 since 5.9. The
 * shim itself keeps both apart in vfio_nesting.h.
 */
#ifndef _UAPI_IOMMU_H
#define _UAPI_IOMMU_H

#include <ages/age.h>
#include <linux/types.h>

#define IOMMU_PASID_FORMAT_INTEL_VTD 1
#define IOMMU_GPASID_BIND_VERSION_1 1
#define IOMMU_CACHE_INVALIDATE_INFO_VERSION_1 1

#define IOMMU_SVA_GPASID_VAL (1 << 0)
#define IOMMU_SVA_VTD_GPASID_SRE (1 << 0)
#define IOMMU_SVA_VTD_GPASID_EAFE (1 << 1)
#define IOMMU_SVA_VTD_GPASID_PCD (1 << 2)
#define IOMMU_SVA_VTD_GPASID_PWT (1 << 3)
#define IOMMU_SVA_VTD_GPASID_EMTE (1 << 4)
#define IOMMU_SVA_VTD_GPASID_CD (1 << 5)

struct iommu_gpasid_bind_data_vtd {
	__u64 flags;
	__u32 pat;
	__u32 emt;
};

#define IOMMU_CACHE_INV_TYPE_IOTLB (1 << 0)
#define IOMMU_CACHE_INV_TYPE_DEV_IOTLB (1 << 1)
#define IOMMU_CACHE_INV_TYPE_PASID (1 << 2)
#define IOMMU_CACHE_INV_TYPE_NR (3)

enum iommu_inv_granularity {
	IOMMU_INV_GRANU_DOMAIN,
	IOMMU_INV_GRANU_PASID,
	IOMMU_INV_GRANU_ADDR,
	IOMMU_INV_GRANU_NR,
};

struct iommu_inv_pasid_info {
	__u32 flags;
	__u32 archid;
	__u64 pasid;
};

struct iommu_inv_addr_info {
	__u32 flags;
	__u32 archid;
	__u64 pasid;
	__u64 addr;
	__u64 granule_size;
	__u64 nb_granules;
};

#if KERNEL_TREE_BEFORE(5, 9)
struct iommu_gpasid_bind_data {
	__u32 version;
	__u32 format;
	__u64 flags;
	__u64 gpgd;
	__u64 hpasid;
	__u64 gpasid;
	__u32 addr_width;
	__u8 padding[12];
	union {
		struct iommu_gpasid_bind_data_vtd vtd;
	};
};

struct iommu_cache_invalidate_info {
	__u32 version;
	__u8 cache;
	__u8 granularity;
	__u8 padding[2];
	union {
		struct iommu_inv_pasid_info pasid_info;
		struct iommu_inv_addr_info addr_info;
	};
};
#else
struct iommu_gpasid_bind_data {
	__u32 argsz;
	__u32 version;
	__u32 format;
	__u32 addr_width;
	__u64 flags;
	__u64 gpgd;
	__u64 hpasid;
	__u64 gpasid;
	__u8 padding[8];
	union {
		struct iommu_gpasid_bind_data_vtd vtd;
	} vendor;
};

struct iommu_cache_invalidate_info {
	__u32 argsz;
	__u32 version;
	__u8 cache;
	__u8 granularity;
	__u8 padding[6];
	union {
		struct iommu_inv_pasid_info pasid_info;
		struct iommu_inv_addr_info addr_info;
	} granu;
};

struct iommu_nesting_info_vtd {
	__u32 flags;
	__u64 cap_reg;
	__u64 ecap_reg;
};

#define IOMMU_NESTING_FEAT_SYSWIDE_PASID (1 << 0)
#define IOMMU_NESTING_FEAT_BIND_PGTBL (1 << 1)
#define IOMMU_NESTING_FEAT_CACHE_INVLD (1 << 2)

struct iommu_nesting_info {
	__u32 argsz;
	__u32 flags;
	__u32 format;
	__u32 features;
	__u16 addr_width;
	__u16 pasid_bits;
	__u8 padding[12];
	union {
		struct iommu_nesting_info_vtd vtd;
	} vendor;
};
#endif

#endif
