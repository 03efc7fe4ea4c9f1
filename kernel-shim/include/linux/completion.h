/* SPDX-License-Identifier: Apache-2.0 */
/* Something that happens once, and those who wait for it. */
#ifndef _SHIM_LINUX_COMPLETION_H
#define _SHIM_LINUX_COMPLETION_H

#include <linux/wait.h>

struct completion {
	unsigned int done;
	wait_queue_head_t wait;
};

static inline void init_completion(struct completion *x)
{
	x->done = 0;
	init_waitqueue_head(&x->wait);
}

static inline void reinit_completion(struct completion *x)
{
	x->done = 0;
}

static inline void complete(struct completion *x)
{
	x->done++;
	wake_up(&x->wait);
}

static inline void complete_all(struct completion *x)
{
	x->done = (unsigned int)-1 / 2;
	wake_up_all(&x->wait);
}

static inline void wait_for_completion(struct completion *x)
{
	wait_event(x->wait, x->done);
	x->done--;
}

/** Jiffies left, at least 1, or 0 when the time is over. */
static inline unsigned long wait_for_completion_timeout(struct completion *x, unsigned long timeout)
{
	long left = wait_event_timeout(x->wait, x->done, (long)timeout);

	if (left)
		x->done--;
	return (unsigned long)left;
}

static inline bool try_wait_for_completion(struct completion *x)
{
	if (!x->done)
		return false;
	x->done--;
	return true;
}

#endif
