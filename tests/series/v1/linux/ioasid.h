/* SPDX-License-Identifier: Apache-2.0 */
/* PASID sets as a tree with version 1 of the series declares them: a set is a number. */
#ifndef __LINUX_IOASID_H
#define __LINUX_IOASID_H

#include <linux/errno.h>
#include <linux/types.h>

#define INVALID_IOASID ((ioasid_t)-1)
typedef unsigned int ioasid_t;

struct ioasid_set {
	int dummy;
};

#if IS_ENABLED(CONFIG_IOASID)
int ioasid_alloc_set(struct ioasid_set *token, ioasid_t quota, int *sid);
void ioasid_free_set(int sid, bool destroy_set);
int ioasid_adjust_set(int sid, int quota);
int ioasid_find_sid(ioasid_t ioasid);
ioasid_t ioasid_alloc(int sid, ioasid_t min, ioasid_t max, void *private);
void ioasid_free(ioasid_t ioasid);
void *ioasid_find(int sid, ioasid_t ioasid, bool (*getter)(void *));
#endif

#endif
