/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PASID sets: system-wide PASID numbers handed out in sets with a quota, one set for each mm.
 * The API is the shape that the series' later versions settled on.
 */
#ifndef _LINUX_IOASID_H
#define _LINUX_IOASID_H

#include <linux/types.h>

typedef unsigned int ioasid_t;
#define INVALID_IOASID ((ioasid_t)-1)

struct ioasid_set;

/** Makes a set for a token (an mm), quota in PASIDs, with one reference. ERR_PTR(-ENOMEM), ERR_PTR(-EBUSY) if the token has one. */
struct ioasid_set *ioasid_set_alloc(void *token, ioasid_t quota);

/** The set of a token with a reference taken, or NULL. */
struct ioasid_set *ioasid_set_find(void *token);

void ioasid_set_get(struct ioasid_set *set);

/** Drops a reference; the last one frees all PASIDs of the set and the set. */
void ioasid_set_put(struct ioasid_set *set);

/** Changes the quota; -EINVAL below what is in use. */
int ioasid_adjust_set(struct ioasid_set *set, ioasid_t quota);

/** Lowest free PASID in min..max (inclusive), 1..2^20-1; INVALID_IOASID when none is left or the quota is reached. */
ioasid_t ioasid_alloc(struct ioasid_set *set, ioasid_t min, ioasid_t max, void *private);

/** Private data of a PASID of the set; ERR_PTR(-ENOENT): not allocated; ERR_PTR(-EACCES): another set's. set NULL: any set. */
void *ioasid_find(struct ioasid_set *set, ioasid_t ioasid);

/** Frees a PASID of the set; nothing happens if it is not in the set. */
void ioasid_free(struct ioasid_set *set, ioasid_t ioasid);

/** Calls fn for each PASID of the set in ascending order; fn may free the one it is called with. */
void ioasid_set_for_each_ioasid(struct ioasid_set *set, void (*fn)(ioasid_t id, void *data),
				void *data);

#endif
