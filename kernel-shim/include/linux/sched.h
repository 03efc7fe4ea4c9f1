/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks, and how a task gives way. */
#ifndef _SHIM_LINUX_SCHED_H
#define _SHIM_LINUX_SCHED_H

#include <linux/compiler.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/types.h>
#include <sys/resource.h> /* RLIMIT_MEMLOCK */

struct files_struct;
struct mm_struct;

#define TASK_COMM_LEN 16

#define TASK_RUNNING 0x0
#define TASK_INTERRUPTIBLE 0x1
#define TASK_UNINTERRUPTIBLE 0x2
#define TASK_WAKEKILL 0x100
#define TASK_KILLABLE (TASK_WAKEKILL | TASK_UNINTERRUPTIBLE)

#define PF_EXITING 0x00000004
#define PF_KTHREAD 0x00200000

#define MAX_SCHEDULE_TIMEOUT __LONG_MAX__

/** A user process, or the kernel's own thread (mm is NULL then). */
struct task_struct {
	unsigned int flags; /* PF_ */
	int __state; /* TASK_ */
	refcount_t usage;
	pid_t pid;
	pid_t tgid;
	char comm[TASK_COMM_LEN];
	struct mm_struct *mm;
	struct mm_struct *active_mm;
	struct files_struct *files;
	struct task_struct *group_leader;
	u64 memlock_limit; /* bytes, ~0: unlimited */
	bool ipc_lock; /* CAP_IPC_LOCK */
};

/** The task that runs in the current kernel; never NULL inside it. */
struct task_struct *kernel_current_task(void);
#define current kernel_current_task()

struct task_struct *get_task_struct(struct task_struct *task);
void put_task_struct(struct task_struct *task);

static inline pid_t task_pid_nr(const struct task_struct *task)
{
	return task->pid;
}

static inline pid_t task_tgid_nr(const struct task_struct *task)
{
	return task->tgid;
}

#define set_current_state(state) ((void)(current->__state = (state)))
#define __set_current_state(state) set_current_state(state)

/** Lets interrupts, deferred work and time pass once; an endless series of turns oopses. */
void kernel_wait_turn(void);

/** Sleeps until the task's state is TASK_RUNNING again, by wake_up() of what it waits on. */
void schedule(void);

/** Sleeps for so many jiffies, or until woken if the state says so; jiffies left. */
long schedule_timeout(long timeout);
long schedule_timeout_uninterruptible(long timeout);
#define schedule_timeout_interruptible(timeout) schedule_timeout_uninterruptible(timeout)

/** Makes a sleeping task runnable; 1 if it slept. */
int wake_up_process(struct task_struct *task);

/** Runs deferred work and interrupts if there are any; 0. */
int cond_resched(void);

#endif
