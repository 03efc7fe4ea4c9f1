/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AArch64 long-descriptor translation tables with the 4-KiB granule, for stage 1 and stage 2. Knows
 * no SMMU: its user flushes TLBs and puts the tables to use.
 */
#ifndef ARM_SMMU_V3_IO_PGTABLE_H
#define ARM_SMMU_V3_IO_PGTABLE_H

#include <linux/iommu.h>
#include <linux/sizes.h>
#include <linux/types.h>

struct arm_pgtable;

/** Sizes of pages and blocks. */
#define ARM_PGTABLE_SIZES ((unsigned long)SZ_4K | SZ_2M | SZ_1G)

/** Indices of stage-1 leaves into MAIR, and the MAIR that they presume. */
#define ARM_PGTABLE_MAIR 0x04ff44ULL /* 0: not cacheable, 1: write-back, 2: device nGnRE */

/** A range to flush from the TLB. */
struct arm_pgtable_flush {
	unsigned long iova;
	size_t size; /* bytes, a multiple of granule */
	size_t granule; /* bytes that one entry of the range covered */
	bool leaf; /* only leaves changed; else tables too */
};

/** What the user of tables does for them. */
struct arm_pgtable_ops {
	/** Flushes and waits: what the range was translated by is about to be freed or replaced. */
	void (*flush)(void *cookie, const struct arm_pgtable_flush *flush);
	/**
	 * Notes that a leaf of size bytes at iova is gone; flushed when the user of the domain
	 * syncs.
	 */
	void (*gather)(void *cookie, struct iommu_iotlb_gather *gather, unsigned long iova,
		       size_t size);
};

/** What tables are made for. */
struct arm_pgtable_config {
	bool stage2;
	unsigned int input_bits; /* 32..48: size of what is translated */
	unsigned int output_bits; /* 32..48: size of what it is translated to */
	const struct arm_pgtable_ops *ops;
	void *cookie;
};

/** Equal pages or blocks, contiguous in both spaces. */
struct arm_pgtable_range {
	unsigned long iova;
	phys_addr_t paddr; /* not for unmap */
	size_t pgsize; /* bytes, one of ARM_PGTABLE_SIZES; everything is aligned to it */
	size_t pgcount;
	int prot; /* IOMMU_READ ..., not for unmap */
};

/**
 * A zeroed page that an SMMU of so many address bits reaches, accounted as a table page; NULL:
 * there is none. The other one frees it.
 */
u64 *arm_pgtable_page_alloc(unsigned int address_bits);
void arm_pgtable_page_free(u64 *page);

/** Makes empty tables. NULL: no memory. */
struct arm_pgtable *arm_pgtable_alloc(const struct arm_pgtable_config *config);

/** Frees the tables, which the hardware must not use any more. NULL is allowed. */
void arm_pgtable_free(struct arm_pgtable *pgtable);

/** Where the top-level table lies, and the level it is of (0..2). */
phys_addr_t arm_pgtable_base(const struct arm_pgtable *pgtable);
unsigned int arm_pgtable_start_level(const struct arm_pgtable *pgtable);

/**
 * Maps a range; *mapped receives the bytes that were mapped, also on failure. -ERANGE beyond the
 * widths, -EEXIST where something is mapped, -EINVAL without any right, -ENOMEM.
 */
int arm_pgtable_map(struct arm_pgtable *pgtable, const struct arm_pgtable_range *range,
		    size_t *mapped);

/** Unmaps a range up to its first hole, splitting larger blocks. The bytes that were unmapped. */
size_t arm_pgtable_unmap(struct arm_pgtable *pgtable, const struct arm_pgtable_range *range,
			 struct iommu_iotlb_gather *gather);

/** Where an address leads; 0 if nowhere. */
phys_addr_t arm_pgtable_iova_to_phys(struct arm_pgtable *pgtable, unsigned long iova);

#endif
