/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for files to become ready: types only, no file of the simulated kernel does. */
#ifndef _SHIM_LINUX_POLL_H
#define _SHIM_LINUX_POLL_H

#pragma GCC system_header /* for #include_next */

#include_next <linux/poll.h>
#include <linux/fs.h>
#include <linux/wait.h>

typedef struct poll_table_struct {
	__poll_t _key; /* events asked for */
} poll_table;

#endif
