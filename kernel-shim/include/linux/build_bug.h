/* SPDX-License-Identifier: Apache-2.0 */
/* Checks at compile time. */
#ifndef _SHIM_LINUX_BUILD_BUG_H
#define _SHIM_LINUX_BUILD_BUG_H

#define BUILD_BUG_ON_ZERO(e) ((int)sizeof(char[1 - 2 * !!(e)]) - 1)
#define BUILD_BUG_ON(condition) ((void)sizeof(char[1 - 2 * !!(condition)]))
#define BUILD_BUG_ON_MSG(condition, msg) BUILD_BUG_ON(condition)
#ifndef static_assert
#define static_assert(expr) _Static_assert(expr, #expr)
#endif

#endif
