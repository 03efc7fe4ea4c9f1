/* SPDX-License-Identifier: Apache-2.0 */
/* Reference counts that notice use after the last put: they warn and stay saturated. */
#ifndef _SHIM_LINUX_REFCOUNT_H
#define _SHIM_LINUX_REFCOUNT_H

#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/types.h>

typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

#define REFCOUNT_SATURATED (-0x40000000)
#define REFCOUNT_INIT(n)               \
	{                              \
		.refs = ATOMIC_INIT(n) \
	}

static inline void refcount_set(refcount_t *r, int n)
{
	atomic_set(&r->refs, n);
}

static inline unsigned int refcount_read(const refcount_t *r)
{
	return (unsigned int)atomic_read(&r->refs);
}

static inline bool refcount_inc_not_zero(refcount_t *r)
{
	if (WARN_ONCE(atomic_read(&r->refs) < 0, "refcount_t: saturated"))
		return true;
	return atomic_inc_not_zero(&r->refs);
}

static inline void refcount_inc(refcount_t *r)
{
	if (WARN_ONCE(atomic_read(&r->refs) <= 0, "refcount_t: addition on 0; use-after-free"))
		atomic_set(&r->refs, REFCOUNT_SATURATED);
	else
		atomic_inc(&r->refs);
}

static inline bool refcount_dec_and_test(refcount_t *r)
{
	if (WARN_ONCE(atomic_read(&r->refs) <= 0, "refcount_t: underflow; use-after-free")) {
		atomic_set(&r->refs, REFCOUNT_SATURATED);
		return false;
	}
	return atomic_dec_and_test(&r->refs);
}

static inline void refcount_dec(refcount_t *r)
{
	WARN_ONCE(refcount_dec_and_test(r), "refcount_t: decrement hit 0; leaking memory");
}

#endif
