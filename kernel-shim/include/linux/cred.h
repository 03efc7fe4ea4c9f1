/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials: see capability.h. */
#ifndef _SHIM_LINUX_CRED_H
#define _SHIM_LINUX_CRED_H

#include <linux/capability.h>
#include <linux/sched.h>

#endif
