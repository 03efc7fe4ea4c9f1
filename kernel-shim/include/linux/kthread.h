/* SPDX-License-Identifier: Apache-2.0 */
/* Borrowing an address space. Kernel threads of their own do not exist: use work (workqueue.h). */
#ifndef _SHIM_LINUX_KTHREAD_H
#define _SHIM_LINUX_KTHREAD_H

#include <linux/sched.h>

/** A kernel thread takes on a user's address space, for copy_from_user() and copy_to_user(). */
void kthread_use_mm(struct mm_struct *mm);
void kthread_unuse_mm(struct mm_struct *mm);

static inline bool kthread_should_stop(void)
{
	return false;
}

#endif
