// SPDX-License-Identifier: Apache-2.0
/*
 * PASID sets under the names and numbers of the series' versions, for a tree's own code. The sets
 * themselves are ioasid.c's.
 */
#include <ages/ioasid.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/ioasid.h>

#include "iommu-internal.h"

struct ioasid_set *kernel_ioasid_set_of_sid(int sid)
{
	return ioasid_set_by_id(sid);
}

struct ioasid_set *kernel_ioasid_set_of_pointer(struct ioasid_set *set)
{
	return set;
}

int kernel_ioasid_alloc_set_v1(void *token, unsigned int quota, int *sid)
{
	struct ioasid_set *set = ioasid_set_alloc(token, quota);

	if (IS_ERR(set))
		return PTR_ERR(set);
	*sid = ioasid_set_id(set);
	return 0;
}

struct ioasid_set *kernel_ioasid_alloc_set_v2(void *token, unsigned int quota, int type)
{
	(void)type;
	return ioasid_set_alloc(token, quota);
}

static void free_one(ioasid_t id, void *set)
{
	ioasid_free(set, id);
}

void kernel_ioasid_free_set(struct ioasid_set *set, bool destroy)
{
	if (!set)
		return;
	ioasid_set_for_each_ioasid(set, free_one, set);
	if (destroy)
		ioasid_set_put(set);
}

int kernel_ioasid_adjust_set(struct ioasid_set *set, unsigned int quota)
{
	return set ? ioasid_adjust_set(set, quota) : -EINVAL;
}

unsigned int kernel_ioasid_alloc(struct ioasid_set *set, unsigned int min, unsigned int max,
				 void *private)
{
	return set ? ioasid_alloc(set, min, max, private) : INVALID_IOASID;
}

void *kernel_ioasid_find(struct ioasid_set *set, unsigned int ioasid, bool (*getter)(void *))
{
	void *found = ioasid_find(set, ioasid);

	return getter && !IS_ERR_OR_NULL(found) && !getter(found) ? NULL : found;
}

void kernel_ioasid_free(struct ioasid_set *set, unsigned int ioasid)
{
	if (!set)
		set = ioasid_set_of(ioasid);
	if (set)
		ioasid_free(set, ioasid);
}

int kernel_ioasid_find_sid(unsigned int ioasid)
{
	struct ioasid_set *set = ioasid_set_of(ioasid);

	return set ? ioasid_set_id(set) : -ENOENT;
}

int kernel_ioasid_for_each(struct ioasid_set *set, void (*fn)(unsigned int id, void *data),
			   void *data)
{
	ioasid_set_for_each_ioasid(set, fn, data);
	return 0;
}

struct ioasid_set *kernel_ioasid_set_find(void *token)
{
	return ioasid_set_find(token);
}

void kernel_ioasid_set_get(struct ioasid_set *set)
{
	ioasid_set_get(set);
}

void kernel_ioasid_set_put(struct ioasid_set *set)
{
	ioasid_set_put(set);
}
