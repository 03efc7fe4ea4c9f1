/* SPDX-License-Identifier: Apache-2.0 */
/* Counters. One thread at a time runs in a kernel, so plain arithmetic is atomic. */
#ifndef _SHIM_LINUX_ATOMIC_H
#define _SHIM_LINUX_ATOMIC_H

#include <linux/compiler.h>
#include <linux/types.h>

#define ATOMIC_INIT(i) \
	{              \
		(i)    \
	}
#define ATOMIC64_INIT(i) ATOMIC_INIT(i)
#define ATOMIC_LONG_INIT(i) ATOMIC_INIT(i)

#define __SHIM_ATOMIC(prefix, struct_type, type)                                    \
	static inline type prefix##_read(const struct_type *v)                      \
	{                                                                           \
		return v->counter;                                                  \
	}                                                                           \
	static inline void prefix##_set(struct_type *v, type i)                     \
	{                                                                           \
		v->counter = i;                                                     \
	}                                                                           \
	static inline type prefix##_add_return(type i, struct_type *v)              \
	{                                                                           \
		return v->counter += i;                                             \
	}                                                                           \
	static inline type prefix##_sub_return(type i, struct_type *v)              \
	{                                                                           \
		return v->counter -= i;                                             \
	}                                                                           \
	static inline void prefix##_add(type i, struct_type *v)                     \
	{                                                                           \
		v->counter += i;                                                    \
	}                                                                           \
	static inline void prefix##_sub(type i, struct_type *v)                     \
	{                                                                           \
		v->counter -= i;                                                    \
	}                                                                           \
	static inline void prefix##_inc(struct_type *v)                             \
	{                                                                           \
		v->counter++;                                                       \
	}                                                                           \
	static inline void prefix##_dec(struct_type *v)                             \
	{                                                                           \
		v->counter--;                                                       \
	}                                                                           \
	static inline type prefix##_inc_return(struct_type *v)                      \
	{                                                                           \
		return ++v->counter;                                                \
	}                                                                           \
	static inline type prefix##_dec_return(struct_type *v)                      \
	{                                                                           \
		return --v->counter;                                                \
	}                                                                           \
	static inline bool prefix##_dec_and_test(struct_type *v)                    \
	{                                                                           \
		return --v->counter == 0;                                           \
	}                                                                           \
	static inline bool prefix##_sub_and_test(type i, struct_type *v)            \
	{                                                                           \
		return (v->counter -= i) == 0;                                      \
	}                                                                           \
	static inline type prefix##_xchg(struct_type *v, type i)                    \
	{                                                                           \
		type old = v->counter;                                              \
		v->counter = i;                                                     \
		return old;                                                         \
	}                                                                           \
	static inline type prefix##_cmpxchg(struct_type *v, type old, type i)       \
	{                                                                           \
		type found = v->counter;                                            \
		if (found == old)                                                   \
			v->counter = i;                                             \
		return found;                                                       \
	}                                                                           \
	static inline bool prefix##_add_unless(struct_type *v, type i, type unless) \
	{                                                                           \
		if (v->counter == unless)                                           \
			return false;                                               \
		v->counter += i;                                                    \
		return true;                                                        \
	}                                                                           \
	static inline bool prefix##_inc_not_zero(struct_type *v)                    \
	{                                                                           \
		return prefix##_add_unless(v, 1, 0);                                \
	}

__SHIM_ATOMIC(atomic, atomic_t, int)
__SHIM_ATOMIC(atomic64, atomic64_t, s64)
__SHIM_ATOMIC(atomic_long, atomic_long_t, long)

#endif
