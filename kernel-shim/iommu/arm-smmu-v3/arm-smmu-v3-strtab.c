// SPDX-License-Identifier: Apache-2.0
/*
 * SMMUv3 driver, the stream table: of two levels where the unit has them and more streams than one
 * second level holds, else linear. What entries say is left to the domains.
 */
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "arm-smmu-v3.h"

#define STE_BITS 6 /* log2 of the bytes of an entry */
#define SPLIT 8 /* StreamID bits of a second level */
#define PCI_SID_BITS 16 /* requester ids are StreamIDs here */

static u64 pages_reach(const struct arm_smmu_device *smmu, const struct page *pages)
{
	return page_to_phys(pages) >> smmu->address_bits;
}

/* Zeroed, that is, invalid entries, within the reach of the SMMU. */
static struct page *table_alloc(const struct arm_smmu_device *smmu, unsigned int order)
{
	struct page *pages = alloc_pages(GFP_KERNEL | __GFP_ZERO, order);

	if (!pages)
		return NULL;
	if (pages_reach(smmu, pages)) {
		__free_pages(pages, order);
		return NULL;
	}
	kernel_account_table_pages(1L << order);
	return pages;
}

static void table_free(struct page *pages, unsigned int order)
{
	if (!pages)
		return;
	__free_pages(pages, order);
	kernel_account_table_pages(-(1L << order));
}

/* Bits of the highest stream that firmware tells of, at least a page of entries. */
static unsigned int bits_used(size_t index)
{
	const struct kernel_config *config = kernel_config();
	unsigned int bits = PAGE_SHIFT - STE_BITS;
	size_t i;

	for (i = 0; i < config->device_count; i++)
		if (config->devices[i].iommu == index)
			/* with all of its bus: requests may come under another function's id */
			bits = max_t(unsigned int, bits, fls(config->devices[i].source_id | 0xff));
	return bits;
}

static unsigned int table_order(unsigned int bits, unsigned int entry_bits)
{
	return get_order(1UL << (bits + entry_bits));
}

/* Of the one table, or of the first level. */
static unsigned int top_order(const struct arm_smmu_device *smmu)
{
	return smmu->two_levels ? table_order(smmu->strtab_bits - SPLIT, ilog2(sizeof(u64)))
				: table_order(smmu->strtab_bits, STE_BITS);
}

int arm_smmu_strtab_alloc(struct arm_smmu_device *smmu, size_t index)
{
	smmu->two_levels = smmu->two_levels && smmu->sid_bits > SPLIT;
	smmu->strtab_bits = min_t(unsigned int, smmu->sid_bits,
				  smmu->two_levels ? PCI_SID_BITS : bits_used(index));
	smmu->streams = kcalloc(BITS_TO_LONGS(1UL << smmu->strtab_bits), sizeof(*smmu->streams),
				GFP_KERNEL);
	smmu->strtab_pages = table_alloc(smmu, top_order(smmu));
	if (!smmu->streams || !smmu->strtab_pages)
		return -ENOMEM;
	if (!smmu->two_levels)
		return 0;
	smmu->strtab_leaves = kcalloc(1UL << (smmu->strtab_bits - SPLIT),
				      sizeof(*smmu->strtab_leaves), GFP_KERNEL);
	return smmu->strtab_leaves ? 0 : -ENOMEM;
}

void arm_smmu_strtab_free(struct arm_smmu_device *smmu)
{
	unsigned int i;

	for (i = 0; smmu->strtab_leaves && i < 1U << (smmu->strtab_bits - SPLIT); i++)
		table_free(smmu->strtab_leaves[i], table_order(SPLIT, STE_BITS));
	kfree(smmu->strtab_leaves);
	kfree(smmu->streams);
	if (smmu->strtab_pages)
		table_free(smmu->strtab_pages, top_order(smmu));
}

int arm_smmu_strtab_prepare(struct arm_smmu_device *smmu, u32 sid)
{
	u64 *level1 = phys_to_virt(page_to_phys(smmu->strtab_pages));
	struct page **leaf;

	if (sid >> smmu->strtab_bits)
		return -ERANGE;
	if (!smmu->two_levels)
		return 0;
	leaf = &smmu->strtab_leaves[sid >> SPLIT];
	if (*leaf)
		return 0;
	*leaf = table_alloc(smmu, table_order(SPLIT, STE_BITS));
	if (!*leaf)
		return -ENOMEM;
	level1[sid >> SPLIT] = (page_to_phys(*leaf) & L1STD_L2PTR) |
			       FIELD_PREP(L1STD_SPAN, SPLIT + 1ULL);
	/* 5.1.1: not the leaf form, as it is the first level that has changed */
	arm_smmu_cmdq_add(
		smmu, FIELD_PREP(CMD_0_OPCODE, CMD_CFGI_STE) | FIELD_PREP(CFGI_0_SID, (u64)sid), 0);
	return arm_smmu_cmdq_sync(smmu);
}

u64 arm_smmu_strtab_base(const struct arm_smmu_device *smmu)
{
	return (page_to_phys(smmu->strtab_pages) & STRTAB_BASE_ADDR) | STRTAB_BASE_RA;
}

u32 arm_smmu_strtab_base_cfg(const struct arm_smmu_device *smmu)
{
	u64 cfg = FIELD_PREP(STRTAB_BASE_CFG_LOG2SIZE, smmu->strtab_bits);

	if (smmu->two_levels)
		cfg |= FIELD_PREP(STRTAB_BASE_CFG_FMT, STRTAB_BASE_CFG_FMT_2LVL) |
		       FIELD_PREP(STRTAB_BASE_CFG_SPLIT, (u64)SPLIT);
	return (u32)cfg;
}

u64 *arm_smmu_ste(struct arm_smmu_device *smmu, u32 sid)
{
	const struct page *table = smmu->strtab_pages;

	if (smmu->two_levels) {
		table = smmu->strtab_leaves[sid >> SPLIT];
		sid &= (1U << SPLIT) - 1;
	}
	return phys_to_virt(page_to_phys(table) + ((phys_addr_t)sid << STE_BITS));
}
