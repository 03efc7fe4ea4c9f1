// SPDX-License-Identifier: Apache-2.0
/*
 * Sparse arrays: a radix tree of 64 slots a node that is as high as its highest index wants. Each node
 * knows which of its children are full, so that a free index is found without looking into them.
 */
#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/xarray.h>

#define SLOT_BITS 6u
#define SLOTS (1u << SLOT_BITS)
#define LEVELS_MAX 11u

struct node {
	u64 used; /* slots that hold something */
	u64 full; /* slots below which every index is taken */
	void *slots[SLOTS]; /* entries at level 1, nodes above */
};

static unsigned int slot_of(unsigned long index, unsigned int level)
{
	return (index >> ((level - 1) * SLOT_BITS)) % SLOTS;
}

/* Number of indices below one slot of a level, less one. */
static unsigned long slot_mask(unsigned int level)
{
	return (1UL << ((level - 1) * SLOT_BITS)) - 1;
}

static bool reaches(const struct xarray *xa, unsigned long index)
{
	unsigned int bits = xa->xa_levels * SLOT_BITS;

	return xa->xa_levels && (bits >= BITS_PER_LONG || index >> bits == 0);
}

void *xa_load(struct xarray *xa, unsigned long index)
{
	struct node *node = xa->xa_head;
	unsigned int level;

	if (!reaches(xa, index))
		return NULL;
	for (level = xa->xa_levels; node && level > 1; level--)
		node = node->slots[slot_of(index, level)];
	return node ? node->slots[slot_of(index, 1)] : NULL;
}

/* Makes the tree high enough for an index. */
static int grow(struct xarray *xa, unsigned long index, gfp_t gfp)
{
	while (!reaches(xa, index)) {
		struct node *top = kzalloc(sizeof(*top), gfp);
		struct node *below = xa->xa_head;

		if (!top)
			return -ENOMEM;
		if (below) {
			top->slots[0] = below;
			top->used = 1;
			top->full = below->full == ~0ULL;
		}
		xa->xa_head = top;
		xa->xa_levels++;
	}
	return 0;
}

/* Makes nodes lower and lower until empty ones are gone; path[1] is the lowest level. */
static void prune(struct xarray *xa, struct node **path, unsigned long index)
{
	unsigned int level;

	for (level = 1; level <= xa->xa_levels && path[level] && !path[level]->used; level++) {
		struct node *parent = level < xa->xa_levels ? path[level + 1] : NULL;

		kfree(path[level]);
		if (parent) {
			parent->slots[slot_of(index, level + 1)] = NULL;
			parent->used &= ~BIT_ULL(slot_of(index, level + 1));
		} else {
			xa->xa_head = NULL;
			xa->xa_levels = 0;
			return;
		}
	}
}

/* Fullness travels up as long as it changes something. */
static void mark_full(struct xarray *xa, struct node **path, unsigned long index, bool taken)
{
	unsigned int level;

	for (level = 1; level <= xa->xa_levels && path[level]; level++) {
		struct node *node = path[level];

		if (taken)
			node->full |= BIT_ULL(slot_of(index, level));
		else
			node->full &= ~BIT_ULL(slot_of(index, level));
		taken = node->full == ~0ULL;
	}
}

/* The nodes on the way to an index, by level; made where they are missing if make. */
static int walk(struct xarray *xa, unsigned long index, struct node **path, bool make, gfp_t gfp)
{
	struct node *node = xa->xa_head;
	unsigned int level;

	for (level = xa->xa_levels; level; level--) {
		path[level] = node;
		if (!node)
			return -ENOENT;
		if (level == 1)
			break;
		if (!node->slots[slot_of(index, level)] && make) {
			struct node *below = kzalloc(sizeof(*below), gfp);

			if (!below)
				return -ENOMEM;
			node->slots[slot_of(index, level)] = below;
			node->used |= BIT_ULL(slot_of(index, level));
		}
		node = node->slots[slot_of(index, level)];
	}
	return 0;
}

void *xa_erase(struct xarray *xa, unsigned long index)
{
	struct node *path[LEVELS_MAX + 1] = { NULL };
	unsigned int slot = slot_of(index, 1);
	void *old;

	if (!reaches(xa, index) || walk(xa, index, path, false, 0))
		return NULL;
	old = path[1]->slots[slot];
	path[1]->slots[slot] = NULL;
	path[1]->used &= ~BIT_ULL(slot);
	mark_full(xa, path, index, false);
	prune(xa, path, index);
	return old;
}

/* Undoes what a failed store has built: nodes without anything below them. */
static void *store_failed(struct xarray *xa, struct node **path, unsigned long index)
{
	unsigned int level = 1;

	while (level <= xa->xa_levels && !path[level])
		level++;
	/* the lowest node may be new and empty */
	for (; level <= xa->xa_levels && !path[level]->used; level++) {
		struct node *parent = level < xa->xa_levels ? path[level + 1] : NULL;

		kfree(path[level]);
		if (!parent) {
			xa->xa_head = NULL;
			xa->xa_levels = 0;
			break;
		}
		parent->slots[slot_of(index, level + 1)] = NULL;
		parent->used &= ~BIT_ULL(slot_of(index, level + 1));
	}
	return ERR_PTR(-ENOMEM);
}

void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	struct node *path[LEVELS_MAX + 1] = { NULL };
	unsigned int slot = slot_of(index, 1);
	void *old;

	if (!entry)
		return xa_erase(xa, index);
	if (grow(xa, index, gfp))
		return ERR_PTR(-ENOMEM);
	if (walk(xa, index, path, true, gfp))
		return store_failed(xa, path, index);
	old = path[1]->slots[slot];
	path[1]->slots[slot] = entry;
	path[1]->used |= BIT_ULL(slot);
	mark_full(xa, path, index, true);
	return old;
}

int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp)
{
	if (xa_load(xa, index))
		return -EBUSY;
	return xa_err(xa_store(xa, index, entry, gfp));
}

/*
 * The lowest free index from *index on below a node whose first index is base. False if all of it is
 * taken.
 */
static bool find_free(const struct node *node, unsigned int level, unsigned long base,
		      unsigned long *index)
{
	unsigned long step = slot_mask(level) + 1;
	unsigned int slot = *index > base ? slot_of(*index, level) : 0;

	for (; slot < SLOTS; slot++) {
		unsigned long start = base + slot * step;
		unsigned long from = *index > start ? *index : start;

		if (node->full & BIT_ULL(slot))
			continue;
		if (level == 1 || !node->slots[slot]) {
			*index = from;
			return true;
		}
		*index = from;
		if (find_free(node->slots[slot], level - 1, start, index))
			return true;
		*index = start + step;
	}
	return false;
}

int xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp)
{
	unsigned long index = limit.min;
	int ret;

	if (xa->xa_alloc_from_1 && !index)
		index = 1;
	if (reaches(xa, index) && !find_free(xa->xa_head, xa->xa_levels, 0, &index))
		index = 1UL << (xa->xa_levels * SLOT_BITS);
	if (index > limit.max)
		return -EBUSY;
	ret = xa_err(xa_store(xa, index, entry, gfp));
	if (!ret)
		*id = (u32)index;
	return ret;
}

/* The first entry from *index on below a node, or NULL. */
static void *find_used(const struct node *node, unsigned int level, unsigned long base,
		       unsigned long *index)
{
	unsigned long step = slot_mask(level) + 1;
	unsigned int slot = *index > base ? slot_of(*index, level) : 0;

	for (; slot < SLOTS; slot++) {
		unsigned long start = base + slot * step;
		unsigned long from = *index > start ? *index : start;
		void *found;

		if (!node->slots[slot])
			continue;
		if (level == 1) {
			*index = start;
			return node->slots[slot];
		}
		found = find_used(node->slots[slot], level - 1, start, &from);
		if (found) {
			*index = from;
			return found;
		}
	}
	return NULL;
}

void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max, unsigned int filter)
{
	unsigned long found = *index;
	void *entry;

	(void)filter;
	if (!reaches(xa, found))
		return NULL;
	entry = find_used(xa->xa_head, xa->xa_levels, 0, &found);
	if (!entry || found > max)
		return NULL;
	*index = found;
	return entry;
}

void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max, unsigned int filter)
{
	unsigned long from = *index + 1;
	void *entry = from ? xa_find(xa, &from, max, filter) : NULL;

	if (entry)
		*index = from;
	return entry;
}

bool xa_empty(const struct xarray *xa)
{
	return !xa->xa_head;
}

static void destroy(struct node *node, unsigned int level)
{
	unsigned int slot;

	for (slot = 0; level > 1 && slot < SLOTS; slot++) {
		if (node->slots[slot])
			destroy(node->slots[slot], level - 1);
	}
	kfree(node);
}

void xa_destroy(struct xarray *xa)
{
	if (xa->xa_head)
		destroy(xa->xa_head, xa->xa_levels);
	xa->xa_head = NULL;
	xa->xa_levels = 0;
}
