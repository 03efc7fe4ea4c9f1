/* SPDX-License-Identifier: Apache-2.0 */
/* PASID sets as a tree with version 7 of the series declares them: a set is a pointer. */
#ifndef __LINUX_IOASID_H
#define __LINUX_IOASID_H

#include <linux/errno.h>
#include <linux/types.h>

#define INVALID_IOASID ((ioasid_t)-1)
typedef unsigned int ioasid_t;

enum ioasid_set_type {
	IOASID_SET_TYPE_NULL = 1,
	IOASID_SET_TYPE_MM,
};

/* Holds what the header includes nothing for, and whoever includes it has to. */
struct ioasid_set {
	struct xarray own_ids;
	refcount_t users;
	struct rcu_head rcu;
};

#if IS_ENABLED(CONFIG_IOASID)
struct ioasid_set *ioasid_set_alloc(void *token, ioasid_t quota, int type);
int ioasid_adjust_set(struct ioasid_set *set, int quota);
void ioasid_set_get(struct ioasid_set *set);
void ioasid_set_put(struct ioasid_set *set);
int ioasid_set_for_each_ioasid(struct ioasid_set *set, void (*fn)(ioasid_t id, void *data),
			       void *data);
ioasid_t ioasid_alloc(struct ioasid_set *set, ioasid_t min, ioasid_t max, void *private);
void ioasid_free(struct ioasid_set *set, ioasid_t ioasid);
void *ioasid_find(struct ioasid_set *set, ioasid_t ioasid, bool (*getter)(void *));
#endif

#endif
