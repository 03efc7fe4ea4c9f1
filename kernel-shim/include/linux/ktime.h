/* SPDX-License-Identifier: Apache-2.0 */
/* Time of the running kernel in nanoseconds; advances as jiffies do. */
#ifndef _SHIM_LINUX_KTIME_H
#define _SHIM_LINUX_KTIME_H

#include <linux/jiffies.h>
#include <linux/types.h>

typedef s64 ktime_t;

#define NSEC_PER_USEC 1000L
#define NSEC_PER_MSEC 1000000L
#define NSEC_PER_SEC 1000000000L
#define USEC_PER_SEC 1000000L

static inline ktime_t ktime_get(void)
{
	return (ktime_t)jiffies * (NSEC_PER_SEC / HZ);
}

#endif
