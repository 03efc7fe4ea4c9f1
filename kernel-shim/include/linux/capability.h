/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities of the running task: a kernel thread has all, a process at most CAP_IPC_LOCK. */
#ifndef _SHIM_LINUX_CAPABILITY_H
#define _SHIM_LINUX_CAPABILITY_H

#pragma GCC system_header /* for #include_next */

#include_next <linux/capability.h>
#include <linux/types.h>

bool capable(int cap);
#define ns_capable(ns, cap) capable(cap)

#endif
