// SPDX-License-Identifier: Apache-2.0
/* Deferred work: one list of what is pending, in the order it was queued. */
#include "state.h"

#include <linux/kernel.h>
#include <linux/workqueue.h>
#include <stdarg.h>
#include <stdio.h>

struct workqueue_struct {
	char name[24];
};

struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags, int max_active, ...)
{
	struct workqueue_struct *wq = slab_zalloc_internal(sizeof(*wq));
	va_list args;

	(void)flags;
	if (!wq)
		return NULL;
	va_start(args, max_active);
	vsnprintf(wq->name, sizeof(wq->name), fmt, args);
	va_end(args);
	return wq;
}

void destroy_workqueue(struct workqueue_struct *wq)
{
	flush_workqueue(wq);
	kfree(wq);
}

bool queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	if (work_pending(work))
		return false;
	work->wq = wq;
	list_add_tail(&work->entry, &kernel_current()->pending_work);
	return true;
}

bool schedule_work(struct work_struct *work)
{
	return queue_work(NULL, work);
}

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *work, unsigned long delay)
{
	(void)delay;
	return queue_work(wq, &work->work);
}

/* Work runs on the kernel's own thread; it may free itself. */
static void run(struct work_struct *work)
{
	struct kernel *k = kernel_current();
	struct task_struct *task = k->current_task;

	list_del_init(&work->entry);
	k->current_task = &k->init_task;
	work->func(work);
	k->current_task = task;
}

bool flush_work(struct work_struct *work)
{
	might_sleep();
	if (!work_pending(work))
		return false;
	run(work);
	return true;
}

bool cancel_work_sync(struct work_struct *work)
{
	if (!work_pending(work))
		return false;
	list_del_init(&work->entry);
	return true;
}

/* The first pending work of a queue, or NULL. */
static struct work_struct *first_of(const struct workqueue_struct *wq)
{
	struct work_struct *work;

	list_for_each_entry(work, &kernel_current()->pending_work, entry) {
		if (work->wq == wq)
			return work;
	}
	return NULL;
}

void flush_workqueue(struct workqueue_struct *wq)
{
	struct work_struct *work;

	might_sleep();
	while ((work = first_of(wq)))
		run(work);
}

bool work_run_pending(void)
{
	struct list_head *pending = &kernel_current()->pending_work;
	bool any = !list_empty(pending);

	while (!list_empty(pending))
		run(list_first_entry(pending, struct work_struct, entry));
	return any;
}
