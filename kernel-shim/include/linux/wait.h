/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waiting. A sleeper lets interrupts, deferred work and time pass until its condition holds. What
 * nothing can ever wake is a hung task: the kernel oopses.
 */
#ifndef _SHIM_LINUX_WAIT_H
#define _SHIM_LINUX_WAIT_H

#include <linux/list.h>
#include <linux/sched.h>

typedef struct wait_queue_head {
	struct list_head head;
} wait_queue_head_t;

struct wait_queue_entry {
	struct task_struct *private;
	struct list_head entry;
};
typedef struct wait_queue_entry wait_queue_entry_t;

#define DECLARE_WAIT_QUEUE_HEAD(name) wait_queue_head_t name = { LIST_HEAD_INIT((name).head) }
#define DEFINE_WAIT(name) struct wait_queue_entry name = { current, LIST_HEAD_INIT((name).entry) }
#define DECLARE_WAITQUEUE(name, tsk) \
	struct wait_queue_entry name = { tsk, LIST_HEAD_INIT((name).entry) }

static inline void init_waitqueue_head(wait_queue_head_t *wq)
{
	INIT_LIST_HEAD(&wq->head);
}

static inline bool waitqueue_active(const wait_queue_head_t *wq)
{
	return !list_empty(&wq->head);
}

void add_wait_queue(wait_queue_head_t *wq, wait_queue_entry_t *wait);
void remove_wait_queue(wait_queue_head_t *wq, wait_queue_entry_t *wait);
void prepare_to_wait(wait_queue_head_t *wq, wait_queue_entry_t *wait, int state);
void finish_wait(wait_queue_head_t *wq, wait_queue_entry_t *wait);
void wake_up_all(wait_queue_head_t *wq);

#define wake_up(wq) wake_up_all(wq)
#define wake_up_interruptible(wq) wake_up_all(wq)
#define wake_up_interruptible_all(wq) wake_up_all(wq)

/* Each turn lets the rest of the world run; the last turn of an endless wait oopses in there. */
#define wait_event(wq, condition)           \
	do {                                \
		(void)(wq);                 \
		while (!(condition))        \
			kernel_wait_turn(); \
	} while (0)
#define wait_event_interruptible(wq, condition) \
	__extension__({                         \
		wait_event(wq, condition);      \
		0;                              \
	})
#define wait_event_killable(wq, condition) wait_event_interruptible(wq, condition)

/* Jiffies left, at least 1, or 0 if the condition still does not hold after the timeout. */
#define wait_event_timeout(wq, condition, timeout)                 \
	__extension__({                                            \
		long __left = (timeout);                           \
		(void)(wq);                                        \
		while (!(condition) && __left > 0)                 \
			__left = schedule_timeout(1) + __left - 1; \
		(condition) ? (__left > 0 ? __left : 1) : 0L;      \
	})
#define wait_event_interruptible_timeout(wq, condition, timeout) \
	wait_event_timeout(wq, condition, timeout)

#endif
