/* SPDX-License-Identifier: Apache-2.0 */
/* Rounding and division. */
#ifndef _SHIM_LINUX_MATH_H
#define _SHIM_LINUX_MATH_H

#include <stdlib.h> /* which declares what abs() is a macro of */

/* Absolute value in the type of the argument. */
#define abs(x)                                    \
	__extension__({                           \
		__typeof__(x) __abs_x = (x);      \
		__abs_x < 0 ? -__abs_x : __abs_x; \
	})

#define __round_mask(x, y) ((__typeof__(x))((y)-1))
#define round_up(x, y) ((((x)-1) | __round_mask(x, y)) + 1) /* y is a power of two */
#define round_down(x, y) ((x) & ~__round_mask(x, y))
#define DIV_ROUND_UP(n, d) (((n) + (d)-1) / (d))
#define DIV_ROUND_UP_ULL(n, d) DIV_ROUND_UP((unsigned long long)(n), (unsigned long long)(d))
#define roundup(x, y)                                     \
	__extension__({                                   \
		const __typeof__(y) __ru_y = (y);         \
		(((x) + (__ru_y - 1)) / __ru_y) * __ru_y; \
	})
#define rounddown(x, y)                     \
	__extension__({                     \
		__typeof__(x) __rd_x = (x); \
		__rd_x - (__rd_x % (y));    \
	})

#endif
