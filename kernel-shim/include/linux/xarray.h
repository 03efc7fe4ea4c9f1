/* SPDX-License-Identifier: Apache-2.0 */
/* Sparse arrays of pointers by unsigned long index: a radix tree that grows with its highest index. */
#ifndef _SHIM_LINUX_XARRAY_H
#define _SHIM_LINUX_XARRAY_H

#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/limits.h>
#include <linux/types.h>

struct xarray {
	void *xa_head;
	unsigned int xa_levels; /* of the tree; 0: empty */
	bool xa_alloc_from_1;
	gfp_t xa_gfp;
};

struct xa_limit {
	u32 max;
	u32 min;
};

#define XA_LIMIT(_min, _max) ((struct xa_limit){ .min = (_min), .max = (_max) })
#define xa_limit_32b XA_LIMIT(0, U32_MAX)
#define xa_limit_31b XA_LIMIT(0, 0x7fffffff)
#define xa_limit_16b XA_LIMIT(0, 0xffff)

#define XA_FLAGS_ALLOC 1u
#define XA_FLAGS_ALLOC1 2u
#define XA_FLAGS_LOCK_IRQ 4u
#define XA_FLAGS_ACCOUNT 8u

static inline void xa_init_flags(struct xarray *xa, unsigned int flags)
{
	*xa = (struct xarray){ .xa_alloc_from_1 = flags & XA_FLAGS_ALLOC1 };
}

static inline void xa_init(struct xarray *xa)
{
	xa_init_flags(xa, 0);
}

#define DEFINE_XARRAY(name) struct xarray name = { 0 }
#define DEFINE_XARRAY_ALLOC(name) DEFINE_XARRAY(name)

void *xa_load(struct xarray *xa, unsigned long index);

/** The old entry, or an error for xa_err(). NULL erases. */
void *xa_store(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);
void *xa_erase(struct xarray *xa, unsigned long index);

/** 0, -EBUSY if there is an entry, or -ENOMEM. */
int xa_insert(struct xarray *xa, unsigned long index, void *entry, gfp_t gfp);

/** Stores at the lowest free index within the limit. 0, -EBUSY (none free) or -ENOMEM. */
int xa_alloc(struct xarray *xa, u32 *id, void *entry, struct xa_limit limit, gfp_t gfp);

/** First entry from *index on, up to max; *index becomes its index. NULL: none. */
void *xa_find(struct xarray *xa, unsigned long *index, unsigned long max, unsigned int filter);

/** The same after *index. */
void *xa_find_after(struct xarray *xa, unsigned long *index, unsigned long max,
		    unsigned int filter);
bool xa_empty(const struct xarray *xa);

/** Forgets all entries, and frees the tree. */
void xa_destroy(struct xarray *xa);

static inline bool xa_is_err(const void *entry)
{
	return IS_ERR(entry);
}

static inline int xa_err(void *entry)
{
	return PTR_ERR_OR_ZERO(entry);
}

/** Integers as entries. */
static inline void *xa_mk_value(unsigned long v)
{
	return (void *)((v << 1) | 1);
}

static inline unsigned long xa_to_value(const void *entry)
{
	return (unsigned long)entry >> 1;
}

static inline bool xa_is_value(const void *entry)
{
	return (unsigned long)entry & 1;
}

#define XA_PRESENT 8u
#define xa_for_each_range(xa, index, entry, start, last)                                    \
	for ((index) = (start), (entry) = xa_find(xa, &(index), last, XA_PRESENT); (entry); \
	     (entry) = xa_find_after(xa, &(index), last, XA_PRESENT))
#define xa_for_each_start(xa, index, entry, start) xa_for_each_range(xa, index, entry, start, ~0UL)
#define xa_for_each(xa, index, entry) xa_for_each_start(xa, index, entry, 0)
#define xa_lock(xa) ((void)(xa))
#define xa_unlock(xa) ((void)(xa))
#define __xa_store(xa, index, entry, gfp) xa_store(xa, index, entry, gfp)
#define __xa_erase(xa, index) xa_erase(xa, index)

#endif
