/* SPDX-License-Identifier: Apache-2.0 */
/* From a member to the struct around it. */
#ifndef _SHIM_LINUX_CONTAINER_OF_H
#define _SHIM_LINUX_CONTAINER_OF_H

#include <linux/types.h>

/* The conditional only lets the compiler compare the types: its second half never runs. */
#define container_of(ptr, type, member) \
	((type *)((unsigned long)(1 ? (ptr) : &((type *)0)->member) - offsetof(type, member)))
#define typeof_member(type, member) __typeof__(((type *)0)->member)
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define offsetofend(type, member) (offsetof(type, member) + sizeof_field(type, member))

#endif
