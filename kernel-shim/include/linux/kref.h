/* SPDX-License-Identifier: Apache-2.0 */
/* Reference counts that call a function at the last put. */
#ifndef _SHIM_LINUX_KREF_H
#define _SHIM_LINUX_KREF_H

#include <linux/mutex.h>
#include <linux/refcount.h>

struct kref {
	refcount_t refcount;
};

static inline void kref_init(struct kref *kref)
{
	refcount_set(&kref->refcount, 1);
}

static inline unsigned int kref_read(const struct kref *kref)
{
	return refcount_read(&kref->refcount);
}

static inline void kref_get(struct kref *kref)
{
	refcount_inc(&kref->refcount);
}

static inline int kref_get_unless_zero(struct kref *kref)
{
	return refcount_inc_not_zero(&kref->refcount);
}

static inline int kref_put(struct kref *kref, void (*release)(struct kref *kref))
{
	if (!refcount_dec_and_test(&kref->refcount))
		return 0;
	release(kref);
	return 1;
}

/** As kref_put(), with the mutex held during release(), which unlocks it. */
#define kref_put_mutex(kref, release, mutex) \
	kernel_kref_put_mutex(kref, release, mutex, KERNEL_SITE)
static inline int kernel_kref_put_mutex(struct kref *kref, void (*release)(struct kref *kref),
					struct mutex *mutex, const char *site)
{
	kernel_mutex_lock(mutex, site);
	if (!refcount_dec_and_test(&kref->refcount)) {
		mutex_unlock(mutex);
		return 0;
	}
	release(kref);
	return 1;
}

#endif
