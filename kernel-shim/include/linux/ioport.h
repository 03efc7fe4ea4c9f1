/* SPDX-License-Identifier: Apache-2.0 */
/* Ranges of host-physical addresses. */
#ifndef _SHIM_LINUX_IOPORT_H
#define _SHIM_LINUX_IOPORT_H

#include <linux/types.h>

struct resource {
	resource_size_t start;
	resource_size_t end; /* inclusive */
	const char *name;
	unsigned long flags;
};

static inline resource_size_t resource_size(const struct resource *res)
{
	return res->end - res->start + 1;
}

#endif
