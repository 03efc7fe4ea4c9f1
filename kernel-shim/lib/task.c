// SPDX-License-Identifier: Apache-2.0
/* Processes: their start, their end, their limits and what they may do. Their files are file.c's. */
#include "state.h"

#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

struct task_struct *kernel_current_task(void)
{
	return kernel_current()->current_task;
}

struct task_struct *get_task_struct(struct task_struct *task)
{
	refcount_inc(&task->usage);
	return task;
}

void put_task_struct(struct task_struct *task)
{
	if (refcount_dec_and_test(&task->usage))
		kfree(container_of(task, struct task, ts));
}

bool capable(int cap)
{
	return current->flags & PF_KTHREAD || (cap == CAP_IPC_LOCK && current->ipc_lock);
}

unsigned long task_rlimit(const struct task_struct *task, unsigned int limit)
{
	return limit == RLIMIT_MEMLOCK ? task->memlock_limit : RLIM_INFINITY;
}

void kthread_use_mm(struct mm_struct *mm)
{
	WARN_ON_ONCE(!(current->flags & PF_KTHREAD) || current->mm);
	mmgrab(mm);
	current->mm = mm;
	current->active_mm = mm;
}

void kthread_unuse_mm(struct mm_struct *mm)
{
	WARN_ON_ONCE(current->mm != mm);
	current->mm = NULL;
	current->active_mm = NULL;
	mmdrop(mm);
}

struct start {
	const char *comm;
	struct task *task; /* the result */
};

/* Gives the task its memory and files; what it got stays with it if not all could be had. */
static bool task_equip(struct task *task)
{
	task->ts.mm = mm_alloc();
	task->ts.active_mm = task->ts.mm;
	task->ts.files = files_alloc();
	return task->ts.mm && task->ts.files;
}

static void task_strip(struct task *task)
{
	if (task->ts.files) {
		files_close_all(task->ts.files);
		kfree(task->ts.files);
		files_release_dead();
	}
	task->ts.files = NULL;
	if (task->ts.mm)
		mmput(task->ts.mm);
	task->ts.mm = NULL;
	task->ts.active_mm = NULL;
}

static long do_start(void *arg)
{
	struct kernel *k = kernel_current();
	struct start *start = arg;
	struct task *task = slab_zalloc_internal(sizeof(*task));

	if (!task)
		return -ENOMEM;
	task->kernel = k;
	task->ts.pid = ++k->last_pid;
	task->ts.tgid = task->ts.pid;
	task->ts.group_leader = &task->ts;
	task->ts.memlock_limit = RLIM_INFINITY;
	refcount_set(&task->ts.usage, 1);
	strscpy(task->ts.comm, start->comm, sizeof(task->ts.comm));
	if (!task_equip(task)) {
		task_strip(task);
		put_task_struct(&task->ts);
		return -ENOMEM;
	}
	list_add_tail(&task->list, &k->tasks);
	start->task = task;
	return 0;
}

struct task *kernel_task_start(struct kernel *k, const char *comm)
{
	struct start start = { .comm = comm };

	return kernel_run(k, NULL, do_start, &start) ? NULL : start.task;
}

static long do_exit(void *arg)
{
	struct task *task = arg;

	task->ts.flags |= PF_EXITING;
	task_strip(task);
	list_del(&task->list);
	return 0;
}

static long do_reap(void *arg)
{
	struct task *task = arg;

	put_task_struct(&task->ts);
	return 0;
}

void kernel_task_exit(struct task *task)
{
	struct kernel *k = task->kernel;

	/* an oopsed kernel keeps its tasks until it is shut down */
	if (kernel_run(k, &task->ts, do_exit, task) == 0)
		kernel_run(k, NULL, do_reap, task);
}

void kernel_task_limit(struct task *task, u64 memlock_bytes, bool privileged)
{
	task->ts.memlock_limit = memlock_bytes;
	task->ts.ipc_lock = privileged;
}
