/* SPDX-License-Identifier: Apache-2.0 */
/* From a member to the struct around it. */
#ifndef _SHIM_LINUX_CONTAINER_OF_H
#define _SHIM_LINUX_CONTAINER_OF_H

#include <linux/types.h>

/* The comparison never runs: it lets the compiler check the pointer's type. */
#define container_of(ptr, type, member)                              \
	((type *)((unsigned long)(ptr)-offsetof(type, member) +      \
		  0 * sizeof((ptr) == &((type *)0)->member)))
#define typeof_member(type, member) __typeof__(((type *)0)->member)
#define sizeof_field(type, member) sizeof(((type *)0)->member)
#define offsetofend(type, member) (offsetof(type, member) + sizeof_field(type, member))

#endif
