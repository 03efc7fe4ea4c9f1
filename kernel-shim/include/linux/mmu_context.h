/* SPDX-License-Identifier: Apache-2.0 */
/* Borrowing an address space as kernels before 5.8 spell it; see kthread.h. */
#ifndef _SHIM_LINUX_MMU_CONTEXT_H
#define _SHIM_LINUX_MMU_CONTEXT_H

#include <linux/kthread.h>

#define use_mm(mm) kthread_use_mm(mm)
#define unuse_mm(mm) kthread_unuse_mm(mm)

#endif
