/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Assertions. BUG() ends the current system call and leaves the kernel oopsed; WARN() writes to the
 * log and goes on. The _ONCE kinds write once for each place and kernel.
 */
#ifndef _SHIM_LINUX_BUG_H
#define _SHIM_LINUX_BUG_H

#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/types.h>

/** Oopses the running kernel with a text "file:line: ..."; does not return. site: KERNEL_SITE. */
__printf(2, 3) __noreturn void kernel_bug(const char *site, const char *fmt, ...);

/** Logs and counts a warning. */
__printf(2, 3) void kernel_warn(const char *site, const char *fmt, ...);

/** True the first time it is called for a place in this kernel's life. */
bool kernel_first_time(const char *site);

#define BUG() kernel_bug(KERNEL_SITE, "kernel BUG")
#define BUG_ON(condition)                                                  \
	do {                                                               \
		if (unlikely(condition))                                   \
			kernel_bug(KERNEL_SITE, "BUG_ON(%s)", #condition); \
	} while (0)

#define WARN(condition, ...)                                   \
	__extension__({                                        \
		bool __warn = !!(condition);                   \
		if (unlikely(__warn))                          \
			kernel_warn(KERNEL_SITE, __VA_ARGS__); \
		unlikely(__warn);                              \
	})
#define WARN_ON(condition) WARN(condition, "WARN_ON(%s)", #condition)
#define WARN_ONCE(condition, ...)                                            \
	__extension__({                                                      \
		bool __warn_once = !!(condition);                            \
		if (unlikely(__warn_once) && kernel_first_time(KERNEL_SITE)) \
			kernel_warn(KERNEL_SITE, __VA_ARGS__);               \
		unlikely(__warn_once);                                       \
	})
#define WARN_ON_ONCE(condition) WARN_ONCE(condition, "WARN_ON_ONCE(%s)", #condition)

#endif
