/* SPDX-License-Identifier: Apache-2.0 */
/* Assertions about locks, always on. */
#ifndef _SHIM_LINUX_LOCKDEP_H
#define _SHIM_LINUX_LOCKDEP_H

#include <linux/bug.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>

/* clang-format off */
#define lockdep_is_held(lock)                                  \
	_Generic((lock),                                       \
		 struct mutex *: mutex_is_locked,              \
		 const struct mutex *: mutex_is_locked,        \
		 spinlock_t *: spin_is_locked,                 \
		 const spinlock_t *: spin_is_locked,           \
		 struct rw_semaphore *: rwsem_is_locked,       \
		 const struct rw_semaphore *: rwsem_is_locked)(lock)
/* clang-format on */
#define lockdep_assert_held(lock) ((void)WARN_ON_ONCE(!lockdep_is_held(lock)))
#define lockdep_assert_held_write(lock) ((void)WARN_ON_ONCE(!rwsem_is_write_locked(lock)))

#endif
