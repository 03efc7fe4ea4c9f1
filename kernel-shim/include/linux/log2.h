/* SPDX-License-Identifier: Apache-2.0 */
/* Logarithms to base two. */
#ifndef _SHIM_LINUX_LOG2_H
#define _SHIM_LINUX_LOG2_H

#include <linux/types.h>

/** Position of the highest bit set; -1 for 0. */
static inline int ilog2(u64 n)
{
	return n ? 63 - __builtin_clzll(n) : -1;
}

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

static inline unsigned int order_base_2(u64 n)
{
	return n > 1 ? (unsigned int)ilog2(n - 1) + 1 : 0;
}

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	return 1UL << order_base_2(n);
}

static inline unsigned long rounddown_pow_of_two(unsigned long n)
{
	return 1UL << ilog2(n);
}

#endif
