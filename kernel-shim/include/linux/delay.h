/* SPDX-License-Identifier: Apache-2.0 */
/* Pauses: the hardware's clock passes through cpu_relax(). */
#ifndef _SHIM_LINUX_DELAY_H
#define _SHIM_LINUX_DELAY_H

#include <linux/types.h>

void udelay(unsigned long usecs);
void msleep(unsigned int msecs);
void usleep_range(unsigned long min_usecs, unsigned long max_usecs);

#define mdelay(n) msleep(n)
#define ndelay(n) udelay(1)

#endif
