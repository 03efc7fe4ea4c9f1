/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <linux/ioasid.h> as the series' trees spell it, behind the tree's own header: a set is a number
 * in version 1, a pointer later, which the type of the argument tells. Behaviour is
 * iommu/compat-ioasid.c's.
 */
#ifndef _SHIM_AGES_IOASID_H
#define _SHIM_AGES_IOASID_H

#include <ages/age.h>
#include <linux/types.h>

struct ioasid_set;

/** The set of a number that kernel_ioasid_alloc_set_v1() gave; NULL: none. */
struct ioasid_set *kernel_ioasid_set_of_sid(int sid);
struct ioasid_set *kernel_ioasid_set_of_pointer(struct ioasid_set *set);

/** Version 1: 0 and the new set's number, or -errno (-EBUSY: the token has one). */
int kernel_ioasid_alloc_set_v1(void *token, unsigned int quota, int *sid);

/** Since version 2: the set or ERR_PTR; type says what the token is. */
struct ioasid_set *kernel_ioasid_alloc_set_v2(void *token, unsigned int quota, int type);

/** Frees the set's PASIDs, and with destroy the set itself. */
void kernel_ioasid_free_set(struct ioasid_set *set, bool destroy);
int kernel_ioasid_adjust_set(struct ioasid_set *set, unsigned int quota);
unsigned int kernel_ioasid_alloc(struct ioasid_set *set, unsigned int min, unsigned int max,
				 void *private);

/** As ioasid_find(); NULL if the getter refuses what was found. */
void *kernel_ioasid_find(struct ioasid_set *set, unsigned int ioasid, bool (*getter)(void *));

/** Frees a PASID of the set; set NULL: whichever set it is of. */
void kernel_ioasid_free(struct ioasid_set *set, unsigned int ioasid);

/** Number of the set that a PASID is of, -ENOENT if it is free. */
int kernel_ioasid_find_sid(unsigned int ioasid);

/** Calls fn for each PASID of the set; 0. */
int kernel_ioasid_for_each(struct ioasid_set *set, void (*fn)(unsigned int id, void *data),
			   void *data);

/** The set of a token with a reference taken, or NULL. */
struct ioasid_set *kernel_ioasid_set_find(void *token);
void kernel_ioasid_set_get(struct ioasid_set *set);

/** Drops a reference; the last one frees all PASIDs of the set and the set. */
void kernel_ioasid_set_put(struct ioasid_set *set);

#ifdef LINUX_VERSION_CODE

#define kernel_ioasid_set(set)                            \
	_Generic((set), int                               \
		 : kernel_ioasid_set_of_sid, long         \
		 : kernel_ioasid_set_of_sid, unsigned int \
		 : kernel_ioasid_set_of_sid, default      \
		 : kernel_ioasid_set_of_pointer)(set)

#define ioasid_alloc_set(token, quota, third) \
	_Generic((third), int *                     \
		 : kernel_ioasid_alloc_set_v1, default \
		 : kernel_ioasid_alloc_set_v2)((void *)(token), quota, third)
#define ioasid_set_alloc(token, quota, type) kernel_ioasid_alloc_set_v2(token, quota, type)
#define ioasid_free_set(set, destroy) kernel_ioasid_free_set(kernel_ioasid_set(set), destroy)
#define ioasid_adjust_set(set, quota) kernel_ioasid_adjust_set(kernel_ioasid_set(set), quota)
#define ioasid_alloc(set, min, max, private) \
	kernel_ioasid_alloc(kernel_ioasid_set(set), min, max, private)
#define ioasid_find(set, id, getter) kernel_ioasid_find(kernel_ioasid_set(set), id, getter)
#define ioasid_free(...) KERNEL_BY_COUNT(kernel_ioasid_free_, __VA_ARGS__)(__VA_ARGS__)
#define kernel_ioasid_free_1(id) kernel_ioasid_free(NULL, id)
#define kernel_ioasid_free_2(set, id) kernel_ioasid_free(kernel_ioasid_set(set), id)
#define ioasid_find_sid(id) kernel_ioasid_find_sid(id)
#define ioasid_find_mm_set(mm) kernel_ioasid_set_find(mm)
#define ioasid_set_get(set) kernel_ioasid_set_get(set)
#define ioasid_set_put(set) kernel_ioasid_set_put(set)
#define ioasid_set_for_each_ioasid(set, fn, data) \
	kernel_ioasid_for_each(kernel_ioasid_set(set), fn, data)

#endif /* LINUX_VERSION_CODE */

#endif
