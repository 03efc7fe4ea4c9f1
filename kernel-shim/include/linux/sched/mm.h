/* SPDX-License-Identifier: Apache-2.0 */
/* Lifetime of address spaces: users keep the memory, references keep the struct. */
#ifndef _SHIM_LINUX_SCHED_MM_H
#define _SHIM_LINUX_SCHED_MM_H

#include <linux/mm_types.h>
#include <linux/sched.h>

static inline void mmgrab(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_count);
}

/** Drops a reference to the struct. */
void mmdrop(struct mm_struct *mm);

static inline void mmget(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_users);
}

static inline bool mmget_not_zero(struct mm_struct *mm)
{
	return atomic_inc_not_zero(&mm->mm_users);
}

/** Drops a user; the last one gives the memory back. */
void mmput(struct mm_struct *mm);
#define mmput_async(mm) mmput(mm)

/** The task's mm with a user taken; NULL for a kernel thread or an exited task. */
struct mm_struct *get_task_mm(struct task_struct *task);

#endif
