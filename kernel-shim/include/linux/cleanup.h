/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Locks and memory that are given back where their variable ends. An oops does not give them
 * back, nor does it in a real kernel.
 */
#ifndef _SHIM_LINUX_CLEANUP_H
#define _SHIM_LINUX_CLEANUP_H

#include <linux/mutex.h>
#include <linux/rwsem.h>

#define __kernel_guard_paste2(a, b) a##b
#define __kernel_guard_paste(a, b) __kernel_guard_paste2(a, b)
#define __kernel_guard_name __kernel_guard_paste(__guard, __COUNTER__)

/* A kind of guard: the type of its lock, and how it is taken and given back. */
#define KERNEL_GUARD(kind, type, take, give)                                   \
	typedef type *kernel_guard_##kind;                                     \
	static inline kernel_guard_##kind kernel_guard_take_##kind(type *lock) \
	{                                                                      \
		take(lock);                                                    \
		return lock;                                                   \
	}                                                                      \
	static inline void kernel_guard_give_##kind(kernel_guard_##kind *lock) \
	{                                                                      \
		give(*lock);                                                   \
	}                                                                      \
	_Static_assert(1, #kind)

KERNEL_GUARD(mutex, struct mutex, mutex_lock, mutex_unlock);
KERNEL_GUARD(rwsem_read, struct rw_semaphore, down_read, up_read);
KERNEL_GUARD(rwsem_write, struct rw_semaphore, down_write, up_write);

#define __kernel_gives(kind) __attribute__((cleanup(kernel_guard_give_##kind), unused))

#define guard(kind) \
	kernel_guard_##kind __kernel_guard_name __kernel_gives(kind) = kernel_guard_take_##kind
#define scoped_guard(kind, lock)                                                                \
	for (kernel_guard_##kind __scope __kernel_gives(kind) = kernel_guard_take_##kind(lock), \
					 *__done = NULL;                                        \
	     !__done; __done = &__scope)

/* DEFINE_FREE(kfree, ...) names what __free(kfree) calls with the variable as _T. */
#define DEFINE_FREE(name, type, free)                  \
	static inline void kernel_free_##name(void *p) \
	{                                              \
		type _T = *(type *)p;                  \
		free;                                  \
	}                                              \
	_Static_assert(1, #name)
#define __free(name) __attribute__((cleanup(kernel_free_##name)))

#define no_free_ptr(p)                      \
	__extension__({                     \
		__typeof__(p) __kept = (p); \
		(p) = NULL;                 \
		__kept;                     \
	})
#define return_ptr(p) return no_free_ptr(p)

#endif
