/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deferred work. It runs when somebody flushes it or sleeps, and at the latest before the system call
 * returns to user space.
 */
#ifndef _SHIM_LINUX_WORKQUEUE_H
#define _SHIM_LINUX_WORKQUEUE_H

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/types.h>

struct workqueue_struct;
struct work_struct;
typedef void (*work_func_t)(struct work_struct *work);

struct work_struct {
	struct list_head entry; /* on the kernel's list of pending work, or empty */
	work_func_t func;
	struct workqueue_struct *wq;
};

struct delayed_work {
	struct work_struct work;
};

#define INIT_WORK(_work, _func)                  \
	do {                                     \
		INIT_LIST_HEAD(&(_work)->entry); \
		(_work)->func = (_func);         \
		(_work)->wq = NULL;              \
	} while (0)
#define INIT_DELAYED_WORK(_work, _func) INIT_WORK(&(_work)->work, _func)
#define DECLARE_WORK(n, f) struct work_struct n = { LIST_HEAD_INIT((n).entry), f, NULL }

static inline struct delayed_work *to_delayed_work(struct work_struct *work)
{
	return container_of(work, struct delayed_work, work);
}

#define WQ_UNBOUND (1u << 1)
#define WQ_FREEZABLE (1u << 2)
#define WQ_MEM_RECLAIM (1u << 3)
#define WQ_HIGHPRI (1u << 4)

/** Makes a queue, named as printf would; NULL: no memory. */
__printf(1, 4) struct workqueue_struct *alloc_workqueue(const char *fmt, unsigned int flags,
							int max_active, ...);
#define alloc_ordered_workqueue(fmt, flags) alloc_workqueue(fmt, flags, 1)
#define create_singlethread_workqueue(name) alloc_workqueue("%s", WQ_MEM_RECLAIM, 1, name)

/** Runs what is pending, then frees the queue. */
void destroy_workqueue(struct workqueue_struct *wq);

/** Runs all work of the queue that is pending. */
void flush_workqueue(struct workqueue_struct *wq);

/** False if it was pending already. */
bool queue_work(struct workqueue_struct *wq, struct work_struct *work);
bool schedule_work(struct work_struct *work);

/** Delayed work runs when other work does: the delay is a hint to real hardware only. */
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *work,
			unsigned long delay);

/** Runs the work now if it is pending; false if it was idle. */
bool flush_work(struct work_struct *work);

/** Makes the work idle without running it; true if it was pending. */
bool cancel_work_sync(struct work_struct *work);
#define cancel_delayed_work_sync(dwork) cancel_work_sync(&(dwork)->work)
#define work_pending(work) (!list_empty(&(work)->entry))

#endif
