/* SPDX-License-Identifier: Apache-2.0 */
/* Polling of a register until a condition holds, for so many turns of cpu_relax(). */
#ifndef _SHIM_LINUX_IOPOLL_H
#define _SHIM_LINUX_IOPOLL_H

#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/io.h>

/* 0, or -ETIMEDOUT. A turn counts as one microsecond. */
#define readx_poll_timeout(op, addr, val, cond, sleep_us, timeout_us) \
	__extension__({                                               \
		u64 __turns = (timeout_us);                           \
		(void)(sleep_us);                                     \
		for (;;) {                                            \
			(val) = op(addr);                             \
			if ((cond) || !__turns--)                     \
				break;                                \
			cpu_relax();                                  \
		}                                                     \
		(cond) ? 0 : -ETIMEDOUT;                              \
	})
#define readl_poll_timeout(addr, val, cond, sleep_us, timeout_us) \
	readx_poll_timeout(readl, addr, val, cond, sleep_us, timeout_us)
#define readq_poll_timeout(addr, val, cond, sleep_us, timeout_us) \
	readx_poll_timeout(readq, addr, val, cond, sleep_us, timeout_us)
#define readl_poll_timeout_atomic(addr, val, cond, delay_us, timeout_us) \
	readx_poll_timeout(readl, addr, val, cond, delay_us, timeout_us)
#define readl_relaxed_poll_timeout(addr, val, cond, delay_us, timeout_us) \
	readx_poll_timeout(readl, addr, val, cond, delay_us, timeout_us)

#endif
