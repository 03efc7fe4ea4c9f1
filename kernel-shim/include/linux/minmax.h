/* SPDX-License-Identifier: Apache-2.0 */
/* Smaller and larger of two values of one type. */
#ifndef _SHIM_LINUX_MINMAX_H
#define _SHIM_LINUX_MINMAX_H

#define __shim_choose(x, y, op, a, b)              \
	__extension__({                            \
		__typeof__(x) a = (x);             \
		__typeof__(y) b = (y);             \
		(void)(&a == &b); /* same type? */ \
		a op b ? a : b;                    \
	})
#define min(x, y) __shim_choose(x, y, <, __min_x, __min_y)
#define max(x, y) __shim_choose(x, y, >, __max_x, __max_y)
#define min3(x, y, z) min((__typeof__(x))min(x, y), z)
#define max3(x, y, z) max((__typeof__(x))max(x, y), z)
#define __shim_choose_t(type, x, y, op, a, b) \
	__extension__({                       \
		type a = (x);                 \
		type b = (y);                 \
		a op b ? a : b;               \
	})
#define min_t(type, x, y) __shim_choose_t(type, x, y, <, __mint_x, __mint_y)
#define max_t(type, x, y) __shim_choose_t(type, x, y, >, __maxt_x, __maxt_y)
#define clamp(val, lo, hi) min((__typeof__(val))max(val, lo), hi)
#define clamp_t(type, val, lo, hi) min_t(type, max_t(type, val, lo), hi)

/* The smaller one of those that are not zero. */
#define min_not_zero(x, y)                                                               \
	__extension__({                                                                  \
		__typeof__(x) __mnz_x = (x);                                             \
		__typeof__(y) __mnz_y = (y);                                             \
		__mnz_x == 0 ? __mnz_y : __mnz_y == 0 ? __mnz_x : min(__mnz_x, __mnz_y); \
	})

#define swap(a, b)                          \
	do {                                \
		__typeof__(a) __swap = (a); \
		(a) = (b);                  \
		(b) = __swap;               \
	} while (0)

#endif
