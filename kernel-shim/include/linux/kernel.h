/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's common helpers; most live in headers of their own, included here as the kernel does. */
#ifndef _SHIM_LINUX_KERNEL_H
#define _SHIM_LINUX_KERNEL_H

#pragma GCC system_header /* for #include_next */

#include_next <linux/kernel.h>
#include <limits.h>
#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/kstrtox.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/string.h>
#include <linux/types.h>
#include <stdarg.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define upper_32_bits(n) ((u32)(((u64)(n)) >> 32))
#define lower_32_bits(n) ((u32)((u64)(n)&0xffffffff))
#define u64_to_user_ptr(x) ((void __user *)(unsigned long)(x))

/** May this context sleep? Warns when a spinlock is held or an interrupt is being handled. */
void might_sleep(void);

/** sprintf into allocated memory that the caller frees with kfree(); NULL: no memory. */
__printf(2, 3) char *kasprintf(gfp_t gfp, const char *fmt, ...);
__printf(2, 0) char *kvasprintf(gfp_t gfp, const char *fmt, va_list args);

/** As snprintf(3), but returns the bytes written, without the final NUL. */
__printf(3, 4) int scnprintf(char *buf, size_t size, const char *fmt, ...);

#endif
