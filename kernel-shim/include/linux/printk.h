/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's log. Lines go to the machine (kernel_config.hardware.log). Formats are those of the C
 * library: the kernel's own extensions of %p are not there.
 */
#ifndef _SHIM_LINUX_PRINTK_H
#define _SHIM_LINUX_PRINTK_H

#include <linux/compiler.h>
#include <linux/kern_levels.h>
#include <linux/types.h>

/** Logs; the text starts with a KERN_ level, or has level 4. One line a call, newline optional. */
__printf(1, 2) int printk(const char *fmt, ...);
#define _printk printk

/** True once in a while: allows bursts of 10, then waits for the next system call. */
bool printk_ratelimit(void);

/** Shows where the kernel is; here, a line in the log. */
void dump_stack(void);

#ifndef pr_fmt
#define pr_fmt(fmt) fmt
#endif

/* pr_fmt() takes the format alone, so it is split from the arguments after it, if any. */
#define __pr_one(level, fmt) printk(level pr_fmt(fmt))
#define __pr_more(level, fmt, ...) printk(level pr_fmt(fmt), __VA_ARGS__)
#define __pr_pick(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, name, ...) name
#define __pr_level(level, ...)                                                                   \
	__pr_pick(__VA_ARGS__, __pr_more, __pr_more, __pr_more, __pr_more, __pr_more, __pr_more, \
		  __pr_more, __pr_more, __pr_more, __pr_more, __pr_more, __pr_more, __pr_more,   \
		  __pr_more, __pr_more, __pr_one, )(level, __VA_ARGS__)

#define pr_emerg(...) __pr_level(KERN_EMERG, __VA_ARGS__)
#define pr_alert(...) __pr_level(KERN_ALERT, __VA_ARGS__)
#define pr_crit(...) __pr_level(KERN_CRIT, __VA_ARGS__)
#define pr_err(...) __pr_level(KERN_ERR, __VA_ARGS__)
#define pr_warn(...) __pr_level(KERN_WARNING, __VA_ARGS__)
#define pr_notice(...) __pr_level(KERN_NOTICE, __VA_ARGS__)
#define pr_info(...) __pr_level(KERN_INFO, __VA_ARGS__)
#define pr_debug(...) __pr_level(KERN_DEBUG, __VA_ARGS__)

#define __pr_ratelimited(level, ...)                    \
	do {                                            \
		if (printk_ratelimit())                 \
			__pr_level(level, __VA_ARGS__); \
	} while (0)
#define pr_err_ratelimited(...) __pr_ratelimited(KERN_ERR, __VA_ARGS__)
#define pr_warn_ratelimited(...) __pr_ratelimited(KERN_WARNING, __VA_ARGS__)
#define pr_info_ratelimited(...) __pr_ratelimited(KERN_INFO, __VA_ARGS__)
#define pr_debug_ratelimited(...) __pr_ratelimited(KERN_DEBUG, __VA_ARGS__)

bool kernel_first_time(const char *site);
#define __pr_once(level, ...)                           \
	do {                                            \
		if (kernel_first_time(KERNEL_SITE))     \
			__pr_level(level, __VA_ARGS__); \
	} while (0)
#define pr_err_once(...) __pr_once(KERN_ERR, __VA_ARGS__)
#define pr_warn_once(...) __pr_once(KERN_WARNING, __VA_ARGS__)
#define pr_info_once(...) __pr_once(KERN_INFO, __VA_ARGS__)

#endif
