/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest's whole PASID table, bound to a device: the in-kernel API of the series "SMMUv3 Nested Stage
 * Setup" (Eric Auger, v10 2020-03-20), beside which the nesting series' binding of single page tables
 * was discussed. Which of the variants' VFIO calls it: none.
 */
#ifndef _SHIM_LINUX_IOMMU_PASID_TABLE_H
#define _SHIM_LINUX_IOMMU_PASID_TABLE_H

#include <linux/types.h>

struct device;
struct iommu_domain;

#define PASID_TABLE_CFG_VERSION_1 1
#define IOMMU_PASID_FORMAT_SMMUV3 1

/** Where a guest's table is, and of what kind. */
struct iommu_pasid_table_config {
	u32 version; /* PASID_TABLE_CFG_VERSION_1 */
	u32 format; /* IOMMU_PASID_FORMAT_SMMUV3 */
	u64 base_ptr; /* guest-physical address */
	u8 pasid_bits; /* log2 of the number of entries */
	u8 s1fmt; /* STE.S1Fmt: 0 linear, 1 two levels with 4-KiB leaves, 2 with 64-KiB ones */
	u8 s1dss; /* STE.S1DSS: DMA without PASID; 0 terminate, 1 bypass, 2 entry 0 */
};

/** What of stage 1 a guest has changed. */
struct iommu_stage1_invalidation {
	bool entry; /* the PASID table's entry too */
	u32 pasid; /* whose; 0 also stands for DMA without one */
	bool has_asid;
	u16 asid; /* else all of the guest's */
	u64 address, size; /* bytes; size 0: all addresses */
	u64 granule; /* bytes, if size */
};

/**
 * Gives a domain's devices the guest's table. -ENODEV: the driver cannot; -EINVAL: not this table, or
 * not this domain. What the entries say is the guest's business, and nobody looks.
 */
int iommu_attach_pasid_table(struct iommu_domain *domain,
			     const struct iommu_pasid_table_config *config);

/** Takes it away again; DMA is as before. -ENODEV or 0. */
int iommu_detach_pasid_table(struct iommu_domain *domain);

/** Passes down what a guest invalidates. -ENODEV; -EINVAL: there is no table. */
int iommu_invalidate_stage1(struct iommu_domain *domain,
			    const struct iommu_stage1_invalidation *invalidation);

#endif
