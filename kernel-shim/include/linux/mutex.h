/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mutexes. A kernel runs on one thread at a time, so a mutex that is found locked will never be
 * unlocked: mutex_lock() then oopses instead of hanging. So does unlocking what is not locked, and
 * returning to user space with a mutex held.
 */
#ifndef _SHIM_LINUX_MUTEX_H
#define _SHIM_LINUX_MUTEX_H

#include <linux/compiler.h>
#include <linux/types.h>

struct mutex {
	struct task_struct *owner; /* NULL: not locked */
	const char *name;
	const char *site; /* where it was locked */
};

#define __MUTEX_INITIALIZER(lockname) \
	{                             \
		.name = #lockname     \
	}
#define DEFINE_MUTEX(lockname) struct mutex lockname = __MUTEX_INITIALIZER(lockname)
#define mutex_init(lock) (*(lock) = (struct mutex){ .name = #lock })

void kernel_mutex_lock(struct mutex *lock, const char *site);
int kernel_mutex_trylock(struct mutex *lock, const char *site);

static inline int __must_check kernel_mutex_lock_killable(struct mutex *lock, const char *site)
{
	kernel_mutex_lock(lock, site);
	return 0;
}

#define mutex_lock(lock) kernel_mutex_lock(lock, KERNEL_SITE)
#define mutex_lock_interruptible(lock) kernel_mutex_lock_killable(lock, KERNEL_SITE)
#define mutex_lock_killable(lock) kernel_mutex_lock_killable(lock, KERNEL_SITE)
/* 1 if the mutex was taken, 0 if it is held */
#define mutex_trylock(lock) kernel_mutex_trylock(lock, KERNEL_SITE)
void mutex_unlock(struct mutex *lock);
bool mutex_is_locked(const struct mutex *lock);
void mutex_destroy(struct mutex *lock);

#define mutex_lock_nested(lock, subclass) mutex_lock(lock)

#endif
