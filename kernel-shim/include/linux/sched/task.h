/* SPDX-License-Identifier: Apache-2.0 */
/* References to tasks; see sched.h. */
#ifndef _SHIM_LINUX_SCHED_TASK_H
#define _SHIM_LINUX_SCHED_TASK_H

#include <linux/sched.h>

#endif
