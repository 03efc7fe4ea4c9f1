// SPDX-License-Identifier: Apache-2.0
/*
 * Second-stage page tables: the tree and its entries. When to flush is left to domain-map.c, which
 * units start where to domain.c.
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "../../lib/context.h"
#include "pagetable.h"
#include "regs.h"

#define INDEX_BITS 9
#define ENTRIES (1U << INDEX_BITS)

int intel_page_alloc(struct intel_page *page)
{
	struct page *memory = alloc_page(GFP_KERNEL | __GFP_ZERO);

	if (!memory)
		return -ENOMEM;
	page->virt = page_address(memory);
	page->phys = page_to_phys(memory);
	kernel_account_table_pages(1);
	return 0;
}

void intel_page_free(struct intel_page *page)
{
	if (!page->virt)
		return;
	__free_page(pfn_to_page(page->phys >> PAGE_SHIFT));
	kernel_account_table_pages(-1);
	page->virt = NULL;
}

static unsigned int level_shift(unsigned int level)
{
	return VTD_PAGE_SHIFT + (level - 1) * INDEX_BITS;
}

static unsigned int index_at(u64 iova, unsigned int level)
{
	return (iova >> level_shift(level)) & (ENTRIES - 1);
}

static bool beyond_reach(const struct intel_pagetable *table, u64 iova)
{
	return iova >> level_shift(table->levels + 1);
}

unsigned int intel_pagetable_level(u64 page_size)
{
	unsigned int level;

	for (level = 1; level <= INTEL_LEAF_LEVELS; level++)
		if (page_size == 1ULL << level_shift(level))
			return level;
	return 0;
}

static struct intel_table *table_alloc(unsigned int level)
{
	size_t children = level > 1 ? ENTRIES : 0;
	struct intel_table *table;

	table = kzalloc(struct_size(table, child, children), GFP_KERNEL);
	if (!table)
		return NULL;
	if (intel_page_alloc(&table->page)) {
		kfree(table);
		return NULL;
	}
	INIT_LIST_HEAD(&table->link);
	return table;
}

static void table_free(struct intel_table *table)
{
	intel_page_free(&table->page);
	kfree(table);
}

static void table_free_tree(struct intel_table *table, unsigned int level)
{
	unsigned int i;

	for (i = 0; level > 1 && i < ENTRIES; i++)
		if (table->child[i])
			table_free_tree(table->child[i], level - 1);
	table_free(table);
}

int intel_pagetable_init(struct intel_pagetable *table, unsigned int levels)
{
	INIT_LIST_HEAD(&table->retired);
	table->levels = levels;
	table->root = table_alloc(levels);
	return table->root ? 0 : -ENOMEM;
}

void intel_pagetable_reap(struct intel_pagetable *table)
{
	struct intel_table *retired, *next;

	list_for_each_entry_safe(retired, next, &table->retired, link) {
		list_del(&retired->link);
		table_free(retired);
	}
}

void intel_pagetable_destroy(struct intel_pagetable *table)
{
	if (!table->root)
		return;
	intel_pagetable_reap(table);
	table_free_tree(table->root, table->levels);
	table->root = NULL;
}

/*
 * The table below an entry, made if missing. Its entry grants all: rights are the leaves' business.
 */
static struct intel_table *table_below(struct intel_table *table, unsigned int level,
				       unsigned int index)
{
	struct intel_table *child = table->child[index];

	if (child)
		return child;
	child = table_alloc(level - 1);
	if (!child)
		return NULL;
	table->child[index] = child;
	table->used++;
	table->page.virt[index] = child->page.phys | SS_READ | SS_WRITE;
	return child;
}

int intel_pagetable_start(struct intel_pagetable *table, unsigned int *levels, phys_addr_t *page)
{
	struct intel_table *start = table->root;
	unsigned int level = table->levels;

	for (; level > *levels; level--) {
		start = table_below(start, level, 0);
		if (!start)
			return -ENOMEM;
	}
	start->pinned = true;
	*levels = level;
	*page = start->page.phys;
	return 0;
}

/* The tables from the root down to what covers an address; path[level] is the one at that level. */
struct intel_path {
	struct intel_table *table[INTEL_MAX_LEVELS + 1];
	unsigned int lowest; /* level of the last table there is */
};

static struct intel_path path_to(const struct intel_pagetable *table, u64 iova)
{
	struct intel_path path = { .lowest = table->levels };
	struct intel_table *next = table->root;
	unsigned int level;

	for (level = table->levels; next; level--) {
		path.table[level] = next;
		path.lowest = level;
		next = level > 1 ? next->child[index_at(iova, level)] : NULL;
	}
	return path;
}

static void retire(struct intel_pagetable *table, struct intel_table *old)
{
	list_add_tail(&old->link, &table->retired);
}

/* Takes tables that have become empty out of the tree, from the lowest upwards. */
static void retire_empty(struct intel_pagetable *table, const struct intel_path *path, u64 iova)
{
	unsigned int level;

	for (level = path->lowest; level < table->levels; level++) {
		struct intel_table *empty = path->table[level], *parent = path->table[level + 1];
		unsigned int index = index_at(iova, level + 1);

		if (empty->used || empty->pinned)
			return;
		parent->page.virt[index] = 0;
		parent->child[index] = NULL;
		parent->used--;
		retire(table, empty);
	}
}

static u64 *path_entry(const struct intel_path *path, u64 iova)
{
	return &path->table[path->lowest]->page.virt[index_at(iova, path->lowest)];
}

static struct intel_leaf leaf_at(const struct intel_path *path, u64 iova)
{
	u64 entry = *path_entry(path, iova);
	u64 size = 1ULL << level_shift(path->lowest);
	struct intel_leaf leaf = { .iova = iova & ~(size - 1) };

	if (!(entry & (SS_READ | SS_WRITE)) || path->lowest > INTEL_LEAF_LEVELS)
		return leaf;
	leaf.paddr = entry & VTD_ADDRESS & ~(size - 1);
	leaf.page_size = size;
	return leaf;
}

struct intel_leaf intel_pagetable_lookup(const struct intel_pagetable *table, u64 iova)
{
	struct intel_path path;

	if (!table->root || beyond_reach(table, iova))
		return (struct intel_leaf){ .iova = iova };
	path = path_to(table, iova);
	return leaf_at(&path, iova);
}

void intel_pagetable_unmap(struct intel_pagetable *table, u64 iova)
{
	struct intel_path path = path_to(table, iova);
	struct intel_table *holder = path.table[path.lowest];

	if (!leaf_at(&path, iova).page_size)
		return;
	*path_entry(&path, iova) = 0;
	/* Counts may be off if something else wrote to the tables, but must not wrap. */
	if (holder->used)
		holder->used--;
	if (table->leaves[path.lowest])
		table->leaves[path.lowest]--;
	retire_empty(table, &path, iova);
}

static struct intel_table *table_for_leaf(struct intel_pagetable *table, u64 iova,
					  unsigned int leaf_level)
{
	struct intel_table *next = table->root;
	unsigned int level;

	for (level = table->levels; next && level > leaf_level; level--) {
		unsigned int index = index_at(iova, level);

		if (!next->child[index] && next->page.virt[index])
			return ERR_PTR(-EEXIST); /* a large page */
		next = table_below(next, level, index);
	}
	return next ? next : ERR_PTR(-ENOMEM);
}

/*
 * Makes room for a large leaf: only an empty table, left where a former map ran out of memory,
 * gives way.
 */
static int slot_clear(struct intel_pagetable *table, struct intel_table *parent, unsigned int index)
{
	struct intel_table *child = parent->child[index];

	if (!child && !parent->page.virt[index])
		return 0;
	if (!child || child->used)
		return -EEXIST;
	parent->child[index] = NULL;
	parent->page.virt[index] = 0;
	parent->used--;
	retire(table, child);
	return 0;
}

static bool leaf_there(const struct intel_table *table, unsigned int level, unsigned int index)
{
	return table->page.virt[index] && (level == 1 || !table->child[index]);
}

/* Linux' driver complains loudly, lets the old mapping stand, and tells its caller that all is well. */
static void keep_leaf(u64 iova)
{
	pr_crit("0x%llx is mapped already, and stays as it is\n", iova);
	WARN_ON(1);
}

/*
 * Fills entries of one table, until its end or that of the mapping; returns how many, or -errno for
 * the first.
 */
static long fill_table(struct intel_pagetable *table, const struct intel_mapping *mapping,
		       size_t done)
{
	unsigned int level = intel_pagetable_level(mapping->page_size);
	u64 iova = mapping->iova + done * mapping->page_size;
	phys_addr_t paddr = mapping->paddr + done * mapping->page_size;
	u64 attributes = mapping->attributes | (level > 1 ? SS_PS : 0);
	struct intel_table *target = table_for_leaf(table, iova, level);
	unsigned int first = index_at(iova, level), index;

	if (IS_ERR(target))
		return PTR_ERR(target);
	for (index = first; index < ENTRIES && done < mapping->count;
	     index++, done++, paddr += mapping->page_size) {
		int ret;

		if (leaf_there(target, level, index)) {
			keep_leaf(mapping->iova + done * mapping->page_size);
			continue;
		}
		ret = level > 1 ? slot_clear(table, target, index) : 0;
		if (ret)
			return index > first ? (long)(index - first) : ret;
		target->page.virt[index] = paddr | attributes;
		target->used++;
		table->leaves[level]++;
	}
	return index - first;
}

int intel_pagetable_map(struct intel_pagetable *table, const struct intel_mapping *mapping,
			size_t *mapped)
{
	size_t done = 0;
	long ret = 0;

	while (done < mapping->count) {
		ret = fill_table(table, mapping, done);
		if (ret < 0)
			break;
		done += (size_t)ret;
	}
	*mapped = done * mapping->page_size;
	return ret < 0 ? (int)ret : 0;
}

/* ---- dirty leaves ---- */

static void scan_leaf(u64 *entry, struct intel_leaf leaf, const struct intel_dirty_scan *scan)
{
	if (!(*entry & SS_DIRTY))
		return;
	/* units set bits of it at the same time, and D means nothing above leaves */
	if (scan->clear)
		__atomic_fetch_and(entry, ~SS_DIRTY, __ATOMIC_SEQ_CST);
	scan->found(scan->arg, leaf.iova, leaf.page_size);
}

static void scan_table(const struct intel_table *table, unsigned int level, u64 iova,
		       const struct intel_dirty_scan *scan)
{
	u64 size = 1ULL << level_shift(level);
	unsigned int i;

	for (i = 0; i < ENTRIES; i++, iova += size) {
		if (iova > scan->last || iova + size - 1 < scan->first)
			continue;
		if (level > 1 && table->child[i])
			scan_table(table->child[i], level - 1, iova, scan);
		else
			scan_leaf(&table->page.virt[i],
				  (struct intel_leaf){ .iova = iova, .page_size = size }, scan);
	}
}

void intel_pagetable_scan_dirty(const struct intel_pagetable *table,
				const struct intel_dirty_scan *scan)
{
	if (table->root)
		scan_table(table->root, table->levels, 0, scan);
}
