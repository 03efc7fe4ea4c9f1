// SPDX-License-Identifier: Apache-2.0
/*
 * PASID directory and tables of a device, and the entries in them with the invalidations that go
 * with each change. Which PASID gets which entry is left to domain.c and bind.c.
 */
#include <linux/errno.h>
#include <linux/mm.h>

#include "intel.h"

#define DIRECTORY_SHIFT 9 /* log2 of the entries of a page of the directory */
#define DIRECTORY_PAGE_ENTRIES (1U << DIRECTORY_SHIFT)
#define DIRECTORY_PAGES_MAX (PASID_MAX >> PASID_TABLE_SHIFT >> DIRECTORY_SHIFT)

/* One PASID table: a page that hardware reads, and what the driver knows of its entries. */
struct pasid_leaf {
	struct intel_page page;
	u64 present; /* bit n: entry n */
	u64 nested; /* of these, which have a guest page table */
};

/* A page of the directory and the tables below it. */
struct directory_page {
	u64 *entries;
	struct pasid_leaf **leaves; /* DIRECTORY_PAGE_ENTRIES of them; NULL while there are none */
	unsigned int leaf_count;
};

struct intel_pasid_table {
	unsigned int bits; /* PASIDs below 2^bits */
	struct page *memory; /* the directory: contiguous for hardware, not for us */
	unsigned int order; /* log2 of its pages */
	unsigned int nested;
	struct directory_page pages[DIRECTORY_PAGES_MAX];
};

/* The least a directory has is 2^7 entries, and what we allocate a page with 2^9. */
static unsigned int directory_order(unsigned int bits)
{
	unsigned int entries = bits > PASID_TABLE_SHIFT ? bits - PASID_TABLE_SHIFT : 0;

	return entries > DIRECTORY_SHIFT ? entries - DIRECTORY_SHIFT : 0;
}

unsigned int intel_pasid_pdts(const struct intel_pasid_table *table)
{
	unsigned int entries = table->bits > PASID_TABLE_SHIFT ? table->bits - PASID_TABLE_SHIFT
							       : 0;

	return entries > SM_CONTEXT_PDTS_BIAS ? entries - SM_CONTEXT_PDTS_BIAS : 0;
}

phys_addr_t intel_pasid_directory(const struct intel_pasid_table *table)
{
	return page_to_phys(table->memory);
}

static struct pasid_leaf *pasid_leaf(const struct intel_pasid_table *table, u32 pasid)
{
	u32 index = pasid >> PASID_TABLE_SHIFT;
	const struct directory_page *page;

	if (pasid >> table->bits)
		return NULL;
	page = &table->pages[index >> DIRECTORY_SHIFT];
	return page->leaves ? page->leaves[index % DIRECTORY_PAGE_ENTRIES] : NULL;
}

static u64 *pasid_entry(const struct intel_pasid_table *table, u32 pasid)
{
	return pasid_leaf(table, pasid)->page.virt + pasid % PASID_ENTRIES * PASID_ENTRY_QUADWORDS;
}

/* The table for a PASID, made and entered into the directory if missing. 0 or -ENOMEM. */
static int pasid_leaf_make(struct intel_pasid_table *table, u32 pasid)
{
	u32 index = pasid >> PASID_TABLE_SHIFT;
	struct directory_page *page = &table->pages[index >> DIRECTORY_SHIFT];
	struct pasid_leaf *leaf;

	if (pasid_leaf(table, pasid))
		return 0;
	if (!page->leaves)
		page->leaves = kcalloc(DIRECTORY_PAGE_ENTRIES, sizeof(*page->leaves), GFP_KERNEL);
	if (!page->leaves)
		return -ENOMEM;
	leaf = kzalloc(sizeof(*leaf), GFP_KERNEL);
	if (leaf && !intel_page_alloc(&leaf->page)) {
		index %= DIRECTORY_PAGE_ENTRIES;
		page->leaves[index] = leaf;
		page->leaf_count++;
		page->entries[index] = leaf->page.phys | ENTRY_P;
		return 0;
	}
	kfree(leaf);
	if (!page->leaf_count) {
		kfree(page->leaves);
		page->leaves = NULL;
	}
	return -ENOMEM;
}

static void pasid_leaf_free(struct intel_pasid_table *table, u32 pasid)
{
	u32 index = pasid >> PASID_TABLE_SHIFT;
	struct directory_page *page = &table->pages[index >> DIRECTORY_SHIFT];
	struct pasid_leaf **leaf = &page->leaves[index % DIRECTORY_PAGE_ENTRIES];

	intel_page_free(&(*leaf)->page);
	kfree(*leaf);
	*leaf = NULL;
	if (--page->leaf_count)
		return;
	kfree(page->leaves);
	page->leaves = NULL;
}

/*
 * Calls fn for each PASID that is present; fn may take that one away, and its table goes when the
 * last one is gone.
 */
static void for_each_present(struct intel_device *info,
			     void (*fn)(struct intel_device *info, u32 pasid))
{
	struct intel_pasid_table *table = info->pasids;
	u32 pasid = 0, limit = 1U << table->bits;

	while (pasid < limit) {
		const struct directory_page *page =
			&table->pages[pasid >> PASID_TABLE_SHIFT >> DIRECTORY_SHIFT];
		struct pasid_leaf *leaf = pasid_leaf(table, pasid);

		if (!page->leaves) {
			pasid = (pasid | (PASID_ENTRIES * DIRECTORY_PAGE_ENTRIES - 1)) + 1;
		} else if (!leaf) {
			pasid = (pasid | (PASID_ENTRIES - 1)) + 1;
		} else {
			if (leaf->present & BIT_ULL(pasid % PASID_ENTRIES))
				fn(info, pasid);
			pasid++;
		}
	}
}

struct intel_pasid_table *intel_pasid_table_create(unsigned int bits)
{
	struct intel_pasid_table *table = kzalloc(sizeof(*table), GFP_KERNEL);
	unsigned int i;

	if (!table)
		return NULL;
	table->bits = bits;
	table->order = directory_order(bits);
	table->memory = alloc_pages(GFP_KERNEL | __GFP_ZERO, table->order);
	if (!table->memory)
		goto err_free;
	kernel_account_table_pages(1L << table->order);
	for (i = 0; i < 1U << table->order; i++)
		table->pages[i].entries = page_address(nth_page(table->memory, i));
	/*
	 * The table of RID_PASID stays: blocking a device must not need memory to let it go on
	 * again.
	 */
	if (!pasid_leaf_make(table, INTEL_RID_PASID))
		return table;
	intel_pasid_table_destroy(table);
	return NULL;

err_free:
	kfree(table);
	return NULL;
}

void intel_pasid_table_destroy(struct intel_pasid_table *table)
{
	u32 pasid;

	if (!table)
		return;
	for (pasid = 0; pasid < 1U << table->bits; pasid += PASID_ENTRIES)
		if (pasid_leaf(table, pasid))
			pasid_leaf_free(table, pasid);
	__free_pages(table->memory, table->order);
	kernel_account_table_pages(-(1L << table->order));
	kfree(table);
}

bool intel_pasid_is_present(const struct intel_pasid_table *table, u32 pasid)
{
	const struct pasid_leaf *leaf = pasid_leaf(table, pasid);

	return leaf && leaf->present & BIT_ULL(pasid % PASID_ENTRIES);
}

bool intel_pasid_is_nested(const struct intel_pasid_table *table, u32 pasid)
{
	const struct pasid_leaf *leaf = pasid_leaf(table, pasid);

	return leaf && leaf->nested & BIT_ULL(pasid % PASID_ENTRIES);
}

bool intel_pasid_any_nested(const struct intel_pasid_table *table)
{
	return table && table->nested;
}

/* The first PASID after that one with a guest page table; 0: there is none. */
static u32 next_nested(const struct intel_pasid_table *table, u32 pasid)
{
	u32 limit = intel_pasid_any_nested(table) ? 1U << table->bits : 0;

	while (++pasid < limit) {
		if (!pasid_leaf(table, pasid))
			pasid |= PASID_ENTRIES - 1;
		else if (intel_pasid_is_nested(table, pasid))
			return pasid;
	}
	return 0;
}

/* Tells the driver's own books of an entry that has come or gone. */
static void pasid_mark(struct intel_pasid_table *table, u32 pasid, bool present, bool nested)
{
	struct pasid_leaf *leaf = pasid_leaf(table, pasid);
	u64 bit = BIT_ULL(pasid % PASID_ENTRIES);

	if (leaf->nested & bit)
		table->nested--;
	leaf->present = present ? leaf->present | bit : leaf->present & ~bit;
	leaf->nested = nested ? leaf->nested | bit : leaf->nested & ~bit;
	if (nested)
		table->nested++;
}

/*
 * Writes all of an entry but its present bit, which goes last (6.2.3.1): hardware may read any
 * time.
 */
static void pasid_write(const struct intel_iommu *iommu, u64 *to,
			const struct intel_pasid_entry *entry)
{
	u64 q0 = FIELD_PREP(PASID_Q0_PGTT, (u64)entry->pgtt) |
		 FIELD_PREP(PASID_Q0_AW, (u64)AW_OF_LEVELS(entry->second_stage_levels)) |
		 (entry->track_dirty ? PASID_Q0_SSADE : 0) | entry->second_stage;

	to[1] = FIELD_PREP(PASID_Q1_DID, (u64)entry->did) |
		(iommu->ecap & ECAP_SMPWC ? PASID_Q1_PWSNP : 0) |
		(entry->page_snoop ? PASID_Q1_PGSNP : 0);
	to[2] = 0;
	if (entry->pgtt == PGTT_NESTED)
		to[2] = (entry->first_stage & PASID_Q2_FSPTPTR) |
			FIELD_PREP(PASID_Q2_FSPM,
				   (u64)(entry->five_levels ? FSPM_5_LEVELS : FSPM_4_LEVELS)) |
			(entry->supervisor ? PASID_Q2_SRE : 0) |
			(entry->extended_access ? PASID_Q2_EAFE : 0);
	to[0] = q0;
	smp_wmb();
	to[0] = q0 | ENTRY_P;
}

/* Forgets what hardware knew of a PASID, for an entry of that PGTT (6.5.3.3). */
static int pasid_flush(struct intel_device *info, u32 pasid, u16 did, unsigned int pgtt)
{
	struct intel_iommu *iommu = info->iommu;
	struct intel_batch batch = { .count = 0 };

	intel_flush_write_buffer(iommu);
	intel_batch_add(&batch, intel_inv_pasid_cache(did, pasid));
	if (pgtt == PGTT_PASS_THROUGH)
		intel_batch_add(&batch, intel_inv_pasid_iotlb(did, pasid));
	else
		intel_batch_add(&batch, intel_inv_iotlb_domain(iommu, did));
	if (info->ats_enabled && pasid == INTEL_RID_PASID)
		intel_batch_add(&batch, intel_inv_device_tlb(info, INTEL_WHOLE_RANGE));
	else if (info->ats_enabled)
		intel_batch_add(&batch, intel_inv_device_tlb_pasid(info, pasid, INTEL_WHOLE_RANGE));
	return intel_batch_run(iommu, &batch);
}

int intel_pasid_set(struct intel_device *info, u32 pasid, const struct intel_pasid_entry *entry)
{
	struct intel_pasid_table *table = info->pasids;
	int ret;

	if (pasid >> table->bits)
		return -EINVAL;
	if (intel_pasid_is_present(table, pasid))
		return -EBUSY;
	ret = pasid_leaf_make(table, pasid);
	if (ret)
		return ret;
	pasid_write(info->iommu, pasid_entry(table, pasid), entry);
	pasid_mark(table, pasid, true, entry->pgtt == PGTT_NESTED);
	ret = pasid_flush(info, pasid, entry->did, entry->pgtt);
	if (ret)
		intel_pasid_clear(info, pasid);
	return ret;
}

/* A table without entries goes too; only a domain-wide invalidation reaches directory entries. */
static void pasid_leaf_put(struct intel_device *info, u32 pasid, u16 did)
{
	struct intel_descriptor flush = intel_inv_pasid_cache_domain(did);
	struct intel_pasid_table *table = info->pasids;
	u32 index = pasid >> PASID_TABLE_SHIFT;

	if (pasid_leaf(table, pasid)->present || pasid < PASID_ENTRIES)
		return;
	table->pages[index >> DIRECTORY_SHIFT].entries[index % DIRECTORY_PAGE_ENTRIES] = 0;
	intel_queue_submit(info->iommu, &flush, 1);
	pasid_leaf_free(table, pasid);
}

void intel_pasid_clear(struct intel_device *info, u32 pasid)
{
	struct intel_pasid_table *table = info->pasids;
	unsigned int pgtt;
	u64 *entry;
	u16 did;

	if (!intel_pasid_is_present(table, pasid))
		return;
	entry = pasid_entry(table, pasid);
	did = FIELD_GET(PASID_Q1_DID, entry[1]);
	pgtt = FIELD_GET(PASID_Q0_PGTT, entry[0]);
	entry[0] &= ~ENTRY_P;
	pasid_mark(table, pasid, false, false);
	pasid_flush(info, pasid, did, pgtt);
	memset(entry, 0, PASID_ENTRY_QUADWORDS * sizeof(*entry));
	pasid_leaf_put(info, pasid, did);
}

static void pasid_clear_if_nested(struct intel_device *info, u32 pasid)
{
	if (intel_pasid_is_nested(info->pasids, pasid))
		intel_pasid_clear(info, pasid);
}

void intel_pasid_clear_nested(struct intel_device *info)
{
	if (intel_pasid_any_nested(info->pasids))
		for_each_present(info, pasid_clear_if_nested);
}

void intel_pasid_snoop(struct intel_device *info, u32 pasid)
{
	u64 *entry;

	if (!intel_pasid_is_present(info->pasids, pasid))
		return;
	entry = pasid_entry(info->pasids, pasid);
	entry[1] |= PASID_Q1_PGSNP;
	pasid_flush(info, pasid, FIELD_GET(PASID_Q1_DID, entry[1]),
		    FIELD_GET(PASID_Q0_PGTT, entry[0]));
}

/* The entry has to be read anew, and what was walked without it has to be walked again (6.5.3.3). */
static int pasid_track_dirty(struct intel_device *info, u32 pasid, bool enable)
{
	u64 *entry = pasid_entry(info->pasids, pasid);
	unsigned int pgtt = FIELD_GET(PASID_Q0_PGTT, entry[0]);

	if (pgtt != PGTT_SECOND_STAGE && pgtt != PGTT_NESTED)
		return -EOPNOTSUPP;
	if (!!(entry[0] & PASID_Q0_SSADE) == enable)
		return 0;
	entry[0] = enable ? entry[0] | PASID_Q0_SSADE : entry[0] & ~PASID_Q0_SSADE;
	return pasid_flush(info, pasid, FIELD_GET(PASID_Q1_DID, entry[1]), pgtt);
}

int intel_pasid_track_dirty(struct intel_device *info, bool enable)
{
	u32 pasid;
	int ret = pasid_track_dirty(info, INTEL_RID_PASID, enable);

	for (pasid = next_nested(info->pasids, 0); !ret && pasid;
	     pasid = next_nested(info->pasids, pasid))
		ret = pasid_track_dirty(info, pasid, enable);
	return ret;
}
