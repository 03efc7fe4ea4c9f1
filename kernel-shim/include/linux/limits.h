/* SPDX-License-Identifier: Apache-2.0 */
/* Limits of the kernel's integer types. The C library's <limits.h> includes this file too. */
#ifndef _SHIM_LINUX_LIMITS_H
#define _SHIM_LINUX_LIMITS_H

#pragma GCC system_header /* for #include_next */

#include_next <linux/limits.h>

#define U8_MAX 255
#define S8_MAX 127
#define U16_MAX 65535
#define S16_MAX 32767
#define U32_MAX 4294967295U
#define S32_MAX 2147483647
#define U64_MAX 18446744073709551615ULL
#define S64_MAX 9223372036854775807LL

#endif
