/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers for pointers, and numbers alone. */
#ifndef _SHIM_LINUX_IDR_H
#define _SHIM_LINUX_IDR_H

#include <linux/xarray.h>

struct idr {
	struct xarray idr_rt;
};

struct ida {
	struct xarray xa;
};

#define DEFINE_IDR(name) struct idr name = { 0 }
#define DEFINE_IDA(name) struct ida name = { 0 }

static inline void idr_init(struct idr *idr)
{
	xa_init(&idr->idr_rt);
}

static inline void ida_init(struct ida *ida)
{
	xa_init(&ida->xa);
}

/** Lowest free number in start..end-1 (end <= 0: no limit). -ENOSPC or -ENOMEM. ptr must not be NULL. */
int idr_alloc(struct idr *idr, void *ptr, int start, int end, gfp_t gfp);
void *idr_find(const struct idr *idr, unsigned long id);
void *idr_remove(struct idr *idr, unsigned long id);

/** First entry from *id on. */
void *idr_get_next(struct idr *idr, int *id);
bool idr_is_empty(const struct idr *idr);
void idr_destroy(struct idr *idr);

#define idr_for_each_entry(idr, entry, id) \
	for ((id) = 0; ((entry) = idr_get_next(idr, &(id))) != NULL; ++(id))

/** Lowest free number in min..max (inclusive). -ENOSPC or -ENOMEM. */
int ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max, gfp_t gfp);
void ida_free(struct ida *ida, unsigned int id);
void ida_destroy(struct ida *ida);

#define ida_alloc(ida, gfp) ida_alloc_range(ida, 0, 0x7fffffff, gfp)
#define ida_alloc_min(ida, min, gfp) ida_alloc_range(ida, min, 0x7fffffff, gfp)
#define ida_alloc_max(ida, max, gfp) ida_alloc_range(ida, 0, max, gfp)

#endif
