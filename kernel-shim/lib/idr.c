// SPDX-License-Identifier: Apache-2.0
/* Numbers for pointers, and numbers alone, on sparse arrays. */
#include <linux/idr.h>
#include <linux/kernel.h>

static int alloc(struct xarray *xa, void *entry, struct xa_limit limit, gfp_t gfp)
{
	u32 id;
	int ret = xa_alloc(xa, &id, entry, limit, gfp);

	if (ret)
		return ret == -EBUSY ? -ENOSPC : ret;
	return (int)id;
}

int idr_alloc(struct idr *idr, void *ptr, int start, int end, gfp_t gfp)
{
	u32 max = end > 0 ? (u32)end - 1 : S32_MAX;

	if (WARN_ON_ONCE(start < 0 || !ptr))
		return -EINVAL;
	return alloc(&idr->idr_rt, ptr, XA_LIMIT((u32)start, max), gfp);
}

void *idr_find(const struct idr *idr, unsigned long id)
{
	return xa_load((struct xarray *)(unsigned long)&idr->idr_rt, id);
}

void *idr_remove(struct idr *idr, unsigned long id)
{
	return xa_erase(&idr->idr_rt, id);
}

void *idr_get_next(struct idr *idr, int *id)
{
	unsigned long index = (unsigned long)*id;
	void *entry = xa_find(&idr->idr_rt, &index, S32_MAX, XA_PRESENT);

	if (entry)
		*id = (int)index;
	return entry;
}

bool idr_is_empty(const struct idr *idr)
{
	return xa_empty(&idr->idr_rt);
}

void idr_destroy(struct idr *idr)
{
	xa_destroy(&idr->idr_rt);
}

int ida_alloc_range(struct ida *ida, unsigned int min, unsigned int max, gfp_t gfp)
{
	if (max > S32_MAX)
		max = S32_MAX;
	return alloc(&ida->xa, xa_mk_value(1), XA_LIMIT(min, max), gfp);
}

void ida_free(struct ida *ida, unsigned int id)
{
	WARN_ONCE(!xa_erase(&ida->xa, id), "ida_free of %u, which is not allocated", id);
}

void ida_destroy(struct ida *ida)
{
	xa_destroy(&ida->xa);
}
