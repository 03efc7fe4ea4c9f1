/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Second-stage page tables (9.8): pages of 512 entries, three to five levels. Knows neither units
 * nor caches: tables that fall out of use wait on a list until their owner has flushed.
 */
#ifndef INTEL_PAGETABLE_H
#define INTEL_PAGETABLE_H

#include <linux/list.h>
#include <linux/types.h>

#define INTEL_MAX_LEVELS 5
#define INTEL_LEAF_LEVELS 3 /* 4 KiB, 2 MiB, 1 GiB */

/** A page that hardware reads, zeroed and accounted. */
struct intel_page {
	u64 *virt;
	phys_addr_t phys;
};

/** 0 or -ENOMEM. */
int intel_page_alloc(struct intel_page *page);

/** Frees the page, if there is one. */
void intel_page_free(struct intel_page *page);

/**
 * One table. What hangs below it is kept beside it in child[] (none at level 1), so that the driver
 * never follows an address it reads from memory that others can write.
 */
struct intel_table {
	struct list_head link; /* in intel_pagetable.retired */
	struct intel_page page;
	unsigned int used; /* entries in use */
	bool pinned; /* some unit starts its walks here: stays also when empty */
	struct intel_table *child[];
};

/** A tree of tables. */
struct intel_pagetable {
	struct intel_table *root;
	unsigned int levels; /* of the root */
	struct list_head retired; /* out of the tree, but hardware may still have them cached */
	unsigned long leaves[INTEL_LEAF_LEVELS + 1]; /* mapped, [1]: 4 KiB, [2]: 2 MiB, [3]: 1 GiB */
};

/** count pages of one size that follow each other on both sides. */
struct intel_mapping {
	u64 iova;
	phys_addr_t paddr;
	u64 page_size; /* bytes: 4 KiB, 2 MiB or 1 GiB */
	size_t count;
	u64 attributes; /* SS_READ, SS_WRITE, SS_SNP */
};

/** What one entry maps; page_size is 0 if nothing. */
struct intel_leaf {
	u64 iova; /* start of its page */
	phys_addr_t paddr;
	u64 page_size; /* bytes */
};

/** An empty tree of so many levels (3..5). 0 or -ENOMEM. */
int intel_pagetable_init(struct intel_pagetable *table, unsigned int levels);

/** Frees all tables, also the retired ones. A tree that was never made is allowed. */
void intel_pagetable_destroy(struct intel_pagetable *table);

/**
 * Where a unit that walks at most so many levels starts: the root, or what lies below its first
 * entry (input addresses then end at that table's reach). *page receives the table and *levels its
 * level. 0 or -ENOMEM.
 */
int intel_pagetable_start(struct intel_pagetable *table, unsigned int *levels, phys_addr_t *page);

/** Level of leaves of a page size, 0 if it is none. */
unsigned int intel_pagetable_level(u64 page_size);

/**
 * Maps; *mapped receives the bytes done also on failure. 0, -ENOMEM, or -EEXIST where a page and a table of other
 * size are in each other's way; where a page of that size is mapped, it stays, with a warning.
 */
int intel_pagetable_map(struct intel_pagetable *table, const struct intel_mapping *mapping,
			size_t *mapped);

/**
 * Takes out the leaf that intel_pagetable_lookup() finds at iova, and tables that are empty then.
 */
void intel_pagetable_unmap(struct intel_pagetable *table, u64 iova);

/** The leaf that covers iova. */
struct intel_leaf intel_pagetable_lookup(const struct intel_pagetable *table, u64 iova);

/** A search for leaves that devices have written to, and who is told of them. */
struct intel_dirty_scan {
	u64 first, last; /* addresses */
	bool clear; /* D is cleared; caches still take it for set */
	void (*found)(void *arg, u64 iova, u64 size);
	void *arg;
};

/** Tells leaves with D set that have an address in the range, in ascending order. */
void intel_pagetable_scan_dirty(const struct intel_pagetable *table,
				const struct intel_dirty_scan *scan);

/** Frees retired tables: all that hardware cached of them has been flushed. */
void intel_pagetable_reap(struct intel_pagetable *table);

#endif
