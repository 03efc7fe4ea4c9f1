// SPDX-License-Identifier: Apache-2.0
/*
 * AArch64 long-descriptor translation tables with the 4-KiB granule (Arm Architecture Reference
 * Manual for A-profile, VMSAv8-64): making, changing and reading them. Flushing TLBs is left to the
 * user.
 */
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "../../lib/context.h"
#include "io-pgtable.h"

#define ENTRIES 512u
#define LAST_LEVEL 3u
#define MAX_CONCAT 16u /* tables side by side at the start level of stage 2 */

#define DESC_VALID BIT_ULL(0)
#define DESC_TABLE BIT_ULL(1) /* table, or page at the last level; else block */
#define DESC_ADDR GENMASK_ULL(47, 12)
#define DESC_SH_INNER FIELD_PREP(GENMASK_ULL(9, 8), 3)
#define DESC_SH_OUTER FIELD_PREP(GENMASK_ULL(9, 8), 2)
#define DESC_AF BIT_ULL(10)
#define DESC_XN BIT_ULL(54)

#define S1_ATTRINDX GENMASK_ULL(4, 2)
#define S1_AP_USER BIT_ULL(6)
#define S1_AP_RDONLY BIT_ULL(7)
#define S1_NG BIT_ULL(11)
#define S1_IDX_NC 0
#define S1_IDX_CACHE 1
#define S1_IDX_DEVICE 2

#define S2_MEMATTR GENMASK_ULL(5, 2)
#define S2_AP_READ BIT_ULL(6)
#define S2_AP_WRITE BIT_ULL(7)
#define S2_MEMATTR_WB 0xf
#define S2_MEMATTR_NC 0x5
#define S2_MEMATTR_DEVICE 0x1

struct arm_pgtable {
	struct arm_pgtable_config config;
	unsigned int start_level;
	unsigned int pgd_order; /* log2 of the pages of the start level */
	struct page *pgd;
};

/* log2 of what one entry of a level covers. */
static unsigned int level_shift(unsigned int level)
{
	return PAGE_SHIFT + 9 * (LAST_LEVEL - level);
}

static size_t level_size(unsigned int level)
{
	return 1UL << level_shift(level);
}

static unsigned int level_of_size(size_t pgsize)
{
	unsigned int level = LAST_LEVEL;

	while (level && level_size(level) < pgsize)
		level--;
	return level;
}

static unsigned int level_index(unsigned long iova, unsigned int level)
{
	return (iova >> level_shift(level)) & (ENTRIES - 1);
}

static bool is_table(u64 desc, unsigned int level)
{
	return level < LAST_LEVEL &&
	       (desc & (DESC_VALID | DESC_TABLE)) == (DESC_VALID | DESC_TABLE);
}

static u64 *table_of(u64 desc)
{
	return phys_to_virt(desc & DESC_ADDR);
}

/* The start level has more than 512 entries where tables are concatenated. */
static u64 *start_table(const struct arm_pgtable *pgtable, unsigned long iova)
{
	unsigned long table = iova >> (level_shift(pgtable->start_level) + 9);

	return phys_to_virt(page_to_phys(pgtable->pgd) + table * PAGE_SIZE);
}

u64 *arm_pgtable_page_alloc(unsigned int address_bits)
{
	unsigned long page = get_zeroed_page(GFP_KERNEL);

	if (!page)
		return NULL;
	if (virt_to_phys((void *)page) >> address_bits) {
		free_page(page);
		return NULL;
	}
	kernel_account_table_pages(1);
	return (u64 *)page;
}

void arm_pgtable_page_free(u64 *page)
{
	free_page((unsigned long)page);
	kernel_account_table_pages(-1);
}

static u64 *table_alloc(const struct arm_pgtable *pgtable)
{
	return arm_pgtable_page_alloc(pgtable->config.output_bits);
}

/* Frees a table of a level with all below it. */
static void table_free(u64 *table, unsigned int level)
{
	unsigned int i;

	for (i = 0; level < LAST_LEVEL && i < ENTRIES; i++)
		if (is_table(table[i], level))
			table_free(table_of(table[i]), level + 1);
	arm_pgtable_page_free(table);
}

static bool table_empty(const u64 *table, unsigned int level)
{
	unsigned int i;

	for (i = 0; i < ENTRIES; i++) {
		if (is_table(table[i], level)) {
			if (!table_empty(table_of(table[i]), level + 1))
				return false;
		} else if (table[i]) {
			return false;
		}
	}
	return true;
}

static void flush(struct arm_pgtable *pgtable, unsigned long iova, size_t size, bool leaf)
{
	pgtable->config.ops->flush(pgtable->config.cookie,
				   &(struct arm_pgtable_flush){
					   .iova = iova & ~(size - 1),
					   .size = size,
					   .granule = leaf ? size : PAGE_SIZE,
					   .leaf = leaf,
				   });
}

/* Takes an entry that points to a table out of use, and frees the table. */
static void entry_drop_table(struct arm_pgtable *pgtable, u64 *entry, unsigned long iova,
			     unsigned int level)
{
	u64 *table = table_of(*entry);

	*entry = 0;
	flush(pgtable, iova, level_size(level), false);
	table_free(table, level + 1);
}

struct arm_pgtable *arm_pgtable_alloc(const struct arm_pgtable_config *config)
{
	struct arm_pgtable *pgtable = kzalloc(sizeof(*pgtable), GFP_KERNEL);
	unsigned int top_bits;

	if (!pgtable)
		return NULL;
	pgtable->config = *config;
	while (pgtable->start_level < LAST_LEVEL &&
	       level_shift(pgtable->start_level) >= config->input_bits)
		pgtable->start_level++;

	/* Stage 2 saves a level where at most 16 tables of the next one replace the top. */
	top_bits = config->input_bits - level_shift(pgtable->start_level);
	if (config->stage2 && (1u << top_bits) <= MAX_CONCAT) {
		pgtable->start_level++;
		pgtable->pgd_order = top_bits;
	}

	pgtable->pgd = alloc_pages(GFP_KERNEL | __GFP_ZERO, pgtable->pgd_order);
	if (!pgtable->pgd || page_to_phys(pgtable->pgd) >> config->output_bits) {
		__free_pages(pgtable->pgd, pgtable->pgd_order);
		kfree(pgtable);
		return NULL;
	}
	kernel_account_table_pages(1L << pgtable->pgd_order);
	return pgtable;
}

void arm_pgtable_free(struct arm_pgtable *pgtable)
{
	unsigned long page;

	if (!pgtable)
		return;
	for (page = 0; page < 1UL << pgtable->pgd_order; page++) {
		u64 *table = phys_to_virt(page_to_phys(pgtable->pgd) + page * PAGE_SIZE);
		unsigned int i;

		for (i = 0; i < ENTRIES; i++)
			if (is_table(table[i], pgtable->start_level))
				table_free(table_of(table[i]), pgtable->start_level + 1);
	}
	__free_pages(pgtable->pgd, pgtable->pgd_order);
	kernel_account_table_pages(-(1L << pgtable->pgd_order));
	kfree(pgtable);
}

phys_addr_t arm_pgtable_base(const struct arm_pgtable *pgtable)
{
	return page_to_phys(pgtable->pgd);
}

unsigned int arm_pgtable_start_level(const struct arm_pgtable *pgtable)
{
	return pgtable->start_level;
}

/* ---- mapping ---- */

static u64 stage1_attributes(int prot)
{
	u64 attr = S1_NG;

	/* Write-only does not exist at stage 1. */
	if (!(prot & IOMMU_WRITE))
		attr |= S1_AP_RDONLY;
	if (!(prot & IOMMU_PRIV))
		attr |= S1_AP_USER;
	if (prot & IOMMU_MMIO)
		attr |= FIELD_PREP(S1_ATTRINDX, S1_IDX_DEVICE);
	else if (prot & IOMMU_CACHE)
		attr |= FIELD_PREP(S1_ATTRINDX, S1_IDX_CACHE);
	else
		attr |= FIELD_PREP(S1_ATTRINDX, S1_IDX_NC);
	return attr;
}

static u64 stage2_attributes(int prot)
{
	u64 attr = 0;

	if (prot & IOMMU_READ)
		attr |= S2_AP_READ;
	if (prot & IOMMU_WRITE)
		attr |= S2_AP_WRITE;
	if (prot & IOMMU_MMIO)
		attr |= FIELD_PREP(S2_MEMATTR, S2_MEMATTR_DEVICE);
	else if (prot & IOMMU_CACHE)
		attr |= FIELD_PREP(S2_MEMATTR, S2_MEMATTR_WB);
	else
		attr |= FIELD_PREP(S2_MEMATTR, S2_MEMATTR_NC);
	return attr;
}

static u64 leaf_attributes(const struct arm_pgtable *pgtable, int prot)
{
	u64 attr = DESC_VALID | DESC_AF;

	attr |= pgtable->config.stage2 ? stage2_attributes(prot) : stage1_attributes(prot);
	attr |= prot & IOMMU_CACHE ? DESC_SH_INNER : DESC_SH_OUTER;
	if (prot & IOMMU_NOEXEC)
		attr |= DESC_XN;
	return attr;
}

static bool beyond(u64 start, size_t size, unsigned int bits)
{
	return (start + size - 1) >> bits || start + size - 1 < start;
}

/* The table of a level that holds an address' entry, made with all above it if missing. */
static int table_for_map(struct arm_pgtable *pgtable, unsigned long iova, unsigned int level,
			 u64 **out)
{
	u64 *table = start_table(pgtable, iova);
	unsigned int at;

	for (at = pgtable->start_level; at < level; at++) {
		u64 *entry = &table[level_index(iova, at)];

		if (!*entry) {
			u64 *below = table_alloc(pgtable);

			if (!below)
				return -ENOMEM;
			*entry = virt_to_phys(below) | DESC_VALID | DESC_TABLE;
		}
		if (!is_table(*entry, at))
			return -EEXIST;
		table = table_of(*entry);
	}
	*out = table;
	return 0;
}

int arm_pgtable_map(struct arm_pgtable *pgtable, const struct arm_pgtable_range *range,
		    size_t *mapped)
{
	unsigned int level = level_of_size(range->pgsize);
	size_t size = range->pgsize * range->pgcount;
	u64 attr = leaf_attributes(pgtable, range->prot);
	u64 *table = NULL;
	int ret;

	*mapped = 0;
	if (!(range->prot & (IOMMU_READ | IOMMU_WRITE)))
		return -EINVAL;
	if (beyond(range->iova, size, pgtable->config.input_bits) ||
	    beyond(range->paddr, size, pgtable->config.output_bits))
		return -ERANGE;
	if (level == LAST_LEVEL)
		attr |= DESC_TABLE;

	while (*mapped < size) {
		unsigned long iova = range->iova + *mapped;
		u64 *entry;

		if (!table || !level_index(iova, level)) {
			ret = table_for_map(pgtable, iova, level, &table);
			if (ret)
				return ret;
		}
		entry = &table[level_index(iova, level)];
		if (is_table(*entry, level) && table_empty(table_of(*entry), level + 1))
			entry_drop_table(pgtable, entry, iova, level);
		if (*entry)
			return -EEXIST;
		*entry = (range->paddr + *mapped) | attr;
		*mapped += range->pgsize;
	}
	return 0;
}

/* ---- unmapping ---- */

/* Replaces a block by a table of smaller leaves that maps the same. */
static int block_split(struct arm_pgtable *pgtable, u64 *entry, unsigned long iova,
		       unsigned int level)
{
	u64 *table = table_alloc(pgtable);
	u64 leaf = *entry;
	unsigned int i;

	if (!table)
		return -ENOMEM;
	if (level + 1 == LAST_LEVEL)
		leaf |= DESC_TABLE;
	for (i = 0; i < ENTRIES; i++)
		table[i] = leaf + i * level_size(level + 1);

	/* Break before make: a TLB must not hold the block and its parts at once. */
	*entry = 0;
	flush(pgtable, iova, level_size(level), true);
	*entry = virt_to_phys(table) | DESC_VALID | DESC_TABLE;
	return 0;
}

/* The entry of a level for an address, blocks above it split; NULL where nothing is mapped. */
static u64 *entry_for_unmap(struct arm_pgtable *pgtable, unsigned long iova, unsigned int level)
{
	u64 *table = start_table(pgtable, iova);
	unsigned int at;

	for (at = pgtable->start_level; at < level; at++) {
		u64 *entry = &table[level_index(iova, at)];

		if (!*entry)
			return NULL;
		if (!is_table(*entry, at) && block_split(pgtable, entry, iova, at))
			return NULL;
		table = table_of(*entry);
	}
	return &table[level_index(iova, level)];
}

size_t arm_pgtable_unmap(struct arm_pgtable *pgtable, const struct arm_pgtable_range *range,
			 struct iommu_iotlb_gather *gather)
{
	unsigned int level = level_of_size(range->pgsize);
	size_t size = range->pgsize * range->pgcount;
	size_t unmapped = 0;
	u64 *entry = NULL;

	if (beyond(range->iova, size, pgtable->config.input_bits))
		return 0;
	while (unmapped < size) {
		unsigned long iova = range->iova + unmapped;

		if (!entry || !level_index(iova, level))
			entry = entry_for_unmap(pgtable, iova, level);
		if (!entry || !*entry)
			break;
		if (is_table(*entry, level)) {
			bool hole = table_empty(table_of(*entry), level + 1);

			entry_drop_table(pgtable, entry, iova, level);
			if (hole)
				break;
		} else {
			*entry = 0;
			pgtable->config.ops->gather(pgtable->config.cookie, gather, iova,
						    range->pgsize);
		}
		entry++;
		unmapped += range->pgsize;
	}
	return unmapped;
}

phys_addr_t arm_pgtable_iova_to_phys(struct arm_pgtable *pgtable, unsigned long iova)
{
	unsigned int level = pgtable->start_level;
	u64 *table;

	if (beyond(iova, 1, pgtable->config.input_bits))
		return 0;
	table = start_table(pgtable, iova);
	for (;;) {
		u64 desc = table[level_index(iova, level)];

		if (!desc)
			return 0;
		if (!is_table(desc, level))
			return (desc & DESC_ADDR) | (iova & (level_size(level) - 1));
		table = table_of(desc);
		level++;
	}
}
