/* SPDX-License-Identifier: Apache-2.0 */
/* Signals: nobody sends one here. Limits of the process. */
#ifndef _SHIM_LINUX_SCHED_SIGNAL_H
#define _SHIM_LINUX_SCHED_SIGNAL_H

#include <linux/cred.h>
#include <linux/sched.h>

static inline int signal_pending(struct task_struct *task)
{
	(void)task;
	return 0;
}

static inline int fatal_signal_pending(struct task_struct *task)
{
	(void)task;
	return 0;
}

static inline bool same_thread_group(const struct task_struct *a, const struct task_struct *b)
{
	return a->tgid == b->tgid;
}

/** A limit in its unit (RLIMIT_MEMLOCK: bytes); RLIM_INFINITY for those that are not simulated. */
unsigned long task_rlimit(const struct task_struct *task, unsigned int limit);

static inline unsigned long rlimit(unsigned int limit)
{
	return task_rlimit(current, limit);
}

#endif
