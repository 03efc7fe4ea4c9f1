/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's clock ticks. They advance when the kernel sleeps for a time, not with real time. */
#ifndef _SHIM_LINUX_JIFFIES_H
#define _SHIM_LINUX_JIFFIES_H

#include <asm/param.h> /* HZ */
#include <linux/types.h>

/** Ticks since boot of the running kernel. */
unsigned long kernel_jiffies(void);

#define jiffies kernel_jiffies()
#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)

static inline unsigned long msecs_to_jiffies(unsigned int m)
{
	return ((unsigned long)m * HZ + 999) / 1000;
}

static inline unsigned long usecs_to_jiffies(unsigned int u)
{
	return ((unsigned long)u * HZ + 999999) / 1000000;
}

#endif
