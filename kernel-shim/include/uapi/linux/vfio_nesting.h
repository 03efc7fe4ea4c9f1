/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User ABI of the VFIO nesting series, which never was merged: version 1 (2020-03-22) and version 7
 * (2020-09-10) side by side, each name with its version. What is not of the series comes from
 * the system's <linux/vfio.h>. Source: the public iommu mailing list archive.
 */
#ifndef _UAPI_LINUX_VFIO_NESTING_H
#define _UAPI_LINUX_VFIO_NESTING_H

#include <linux/types.h>
#include <linux/vfio.h>

/* ---- both ---- */

#define IOMMU_PASID_FORMAT_INTEL_VTD 1

/* struct iommu_gpasid_bind_data.flags */
#define IOMMU_SVA_GPASID_VAL (1ULL << 0) /* gpasid is valid */

/* struct iommu_gpasid_bind_data_vtd.flags */
#define IOMMU_SVA_VTD_GPASID_SRE (1ULL << 0) /* supervisor requests */
#define IOMMU_SVA_VTD_GPASID_EAFE (1ULL << 1) /* extended access flags */
#define IOMMU_SVA_VTD_GPASID_PCD (1ULL << 2)
#define IOMMU_SVA_VTD_GPASID_PWT (1ULL << 3)
#define IOMMU_SVA_VTD_GPASID_EMTE (1ULL << 4)
#define IOMMU_SVA_VTD_GPASID_CD (1ULL << 5)
#define IOMMU_SVA_VTD_GPASID_MTS_MASK                                                      \
	(IOMMU_SVA_VTD_GPASID_PCD | IOMMU_SVA_VTD_GPASID_PWT | IOMMU_SVA_VTD_GPASID_EMTE | \
	 IOMMU_SVA_VTD_GPASID_CD)

struct iommu_gpasid_bind_data_vtd {
	__u64 flags;
	__u32 pat;
	__u32 emt;
};

/* cache and granularity of cache invalidation */
#define IOMMU_CACHE_INV_TYPE_IOTLB (1 << 0)
#define IOMMU_CACHE_INV_TYPE_DEV_IOTLB (1 << 1)
#define IOMMU_CACHE_INV_TYPE_PASID (1 << 2)
#define IOMMU_CACHE_INV_TYPE_NR 3

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
#define IOMMU_INV_PASID_FLAGS_PASID (1 << 0)
#define IOMMU_INV_PASID_FLAGS_ARCHID (1 << 1)

struct iommu_inv_addr_info {
	__u32 flags;
	__u32 archid;
	__u64 pasid;
	__u64 addr;
	__u64 granule_size;
	__u64 nb_granules;
};
#define IOMMU_INV_ADDR_FLAGS_PASID (1 << 0)
#define IOMMU_INV_ADDR_FLAGS_ARCHID (1 << 1)
#define IOMMU_INV_ADDR_FLAGS_LEAF (1 << 2)

/* ---- version 1 ---- */

#define VFIO_NESTING_IOMMU_UAPI 9 /* VFIO_CHECK_EXTENSION */

#define VFIO_IOMMU_TYPE1_INFO_CAP_NESTING_V1 2
struct vfio_iommu_type1_info_cap_nesting_v1 {
	struct vfio_info_cap_header header;
	__u32 nesting_capabilities;
#define VFIO_IOMMU_PASID_REQS (1 << 0)
	__u32 stage1_formats;
};

struct vfio_iommu_type1_pasid_request_v1 {
	__u32 argsz;
	__u32 flags;
#define VFIO_IOMMU_PASID_ALLOC (1 << 0)
#define VFIO_IOMMU_PASID_FREE (1 << 1)
	union {
		struct {
			__u32 min;
			__u32 max;
			__u32 result;
		} alloc_pasid;
		__u32 free_pasid;
	};
};
#define VFIO_IOMMU_PASID_REQUEST_V1 _IO(VFIO_TYPE, VFIO_BASE + 22)

struct vfio_iommu_type1_bind_v1 {
	__u32 argsz;
	__u32 flags;
#define VFIO_IOMMU_BIND_GUEST_PGTBL (1 << 0)
#define VFIO_IOMMU_UNBIND_GUEST_PGTBL (1 << 1)
	__u8 data[];
};
#define VFIO_IOMMU_BIND_V1 _IO(VFIO_TYPE, VFIO_BASE + 23)

struct vfio_iommu_type1_cache_invalidate_v1 {
	__u32 argsz;
	__u32 flags;
	__u8 data[]; /* struct iommu_cache_invalidate_info_v1 */
};
#define VFIO_IOMMU_CACHE_INVALIDATE_V1 _IO(VFIO_TYPE, VFIO_BASE + 24)

#define IOMMU_UAPI_VERSION 1
#define IOMMU_GPASID_BIND_VERSION_1 1
#define IOMMU_CACHE_INVALIDATE_INFO_VERSION_1 1

struct iommu_gpasid_bind_data_v1 {
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

struct iommu_cache_invalidate_info_v1 {
	__u32 version;
	__u8 cache;
	__u8 granularity;
	__u8 padding[2];
	union {
		struct iommu_inv_pasid_info pasid_info;
		struct iommu_inv_addr_info addr_info;
	};
};

/* ---- version 7 ---- */

#define VFIO_IOMMU_TYPE1_INFO_CAP_NESTING_V7 3

struct iommu_nesting_info_vtd {
	__u32 flags;
	__u64 cap_reg;
	__u64 ecap_reg;
};

struct iommu_nesting_info {
	__u32 argsz;
	__u32 flags;
	__u32 format;
	__u32 features;
#define IOMMU_NESTING_FEAT_SYSWIDE_PASID (1 << 0)
#define IOMMU_NESTING_FEAT_BIND_PGTBL (1 << 1)
#define IOMMU_NESTING_FEAT_CACHE_INVLD (1 << 2)
	__u16 addr_width;
	__u16 pasid_bits;
	__u8 padding[12];
	union {
		struct iommu_nesting_info_vtd vtd;
	} vendor;
};

struct vfio_iommu_type1_info_cap_nesting_v7 {
	struct vfio_info_cap_header header;
	struct iommu_nesting_info info;
};

struct vfio_iommu_type1_pasid_request_v7 {
	__u32 argsz;
	__u32 flags;
#define VFIO_IOMMU_FLAG_ALLOC_PASID (1 << 0)
#define VFIO_IOMMU_FLAG_FREE_PASID (1 << 1)
	struct {
		__u32 min;
		__u32 max;
	} range;
};
#define VFIO_IOMMU_PASID_REQUEST_V7 _IO(VFIO_TYPE, VFIO_BASE + 18)

struct vfio_iommu_type1_nesting_op_v7 {
	__u32 argsz;
	__u32 flags;
#define VFIO_NESTING_OP_MASK 0xffff
	__u8 data[];
};
enum {
	VFIO_IOMMU_NESTING_OP_BIND_PGTBL = 0,
	VFIO_IOMMU_NESTING_OP_UNBIND_PGTBL = 1,
	VFIO_IOMMU_NESTING_OP_CACHE_INVLD = 2,
};
#define VFIO_IOMMU_NESTING_OP_V7 _IO(VFIO_TYPE, VFIO_BASE + 19)

struct iommu_gpasid_bind_data_v7 {
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

struct iommu_cache_invalidate_info_v7 {
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

#endif
