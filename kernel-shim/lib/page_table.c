// SPDX-License-Identifier: Apache-2.0
/*
 * Which page lies at which user address: a tree of four levels whose leaves are pages of 4 KiB, 2 MiB or
 * 1 GiB, as a processor's page table has them. Rights and mappings are left to mm.c.
 */
#include "state.h"

#include <linux/kernel.h>
#include <linux/mm.h>

#define LEVELS 4u
#define LEVEL_BITS 9u
#define SLOTS (1u << LEVEL_BITS)

/* A slot is empty (0), a leaf (USER_PTE_LEAF), or the address of the next level's node. */
struct node {
	u64 slots[SLOTS];
};

static unsigned int level_shift(unsigned int level)
{
	return PAGE_SHIFT + (level - 1) * LEVEL_BITS;
}

static u64 *slot_of(struct node *node, unsigned long address, unsigned int level)
{
	return &node->slots[(address >> level_shift(level)) % SLOTS];
}

static struct node *child_of(u64 slot)
{
	return (struct node *)(unsigned long)slot;
}

u64 *page_table_find(const struct mm_struct *mm, unsigned long address, unsigned int *order)
{
	struct node *node = mm->page_table;
	unsigned int level;

	for (level = LEVELS; node; level--) {
		u64 *slot = slot_of(node, address, level);

		if (*slot & USER_PTE_LEAF) {
			*order = (level - 1) * LEVEL_BITS;
			return slot;
		}
		node = child_of(*slot);
	}
	return NULL;
}

u64 *page_table_make(struct mm_struct *mm, unsigned long address, unsigned int order)
{
	unsigned int last = order / LEVEL_BITS + 1;
	struct node *node;
	unsigned int level;

	if (!mm->page_table)
		mm->page_table = slab_zalloc_internal(sizeof(*node));
	node = mm->page_table;
	for (level = LEVELS; node && level > last; level--) {
		u64 *slot = slot_of(node, address, level);

		if (!*slot)
			*slot = (unsigned long)slab_zalloc_internal(sizeof(*node));
		node = child_of(*slot);
	}
	return node ? slot_of(node, address, last) : NULL;
}

static void leaf_clear(u64 *slot)
{
	put_page(pfn_to_page(*slot >> PAGE_SHIFT));
	*slot = 0;
}

/* start and end are within the node's reach; leaves are never cut. */
static void node_clear(struct node *node, unsigned int level, unsigned long start,
		       unsigned long end)
{
	unsigned long size = 1UL << level_shift(level);

	while (start < end) {
		unsigned long next = min((start & ~(size - 1)) + size, end);
		u64 *slot = slot_of(node, start, level);

		if (*slot & USER_PTE_LEAF)
			leaf_clear(slot);
		else if (*slot)
			node_clear(child_of(*slot), level - 1, start, next);
		start = next;
	}
}

void page_table_clear(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	if (mm->page_table)
		node_clear(mm->page_table, LEVELS, start, end);
}

static void node_free(struct node *node, unsigned int level)
{
	unsigned int i;

	for (i = 0; level > 1 && i < SLOTS; i++) {
		if (node->slots[i])
			node_free(child_of(node->slots[i]), level - 1);
	}
	kfree(node);
}

void page_table_free(struct mm_struct *mm)
{
	if (mm->page_table)
		node_free(mm->page_table, LEVELS);
	mm->page_table = NULL;
}
