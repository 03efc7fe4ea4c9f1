/* SPDX-License-Identifier: Apache-2.0 */
/* Universally unique identifiers, as other structures hold them. */
#ifndef _SHIM_LINUX_UUID_H
#define _SHIM_LINUX_UUID_H

#include <linux/types.h>

#define UUID_SIZE 16

typedef struct {
	u8 b[UUID_SIZE];
} uuid_t;

typedef struct {
	u8 b[UUID_SIZE];
} guid_t;

#endif
