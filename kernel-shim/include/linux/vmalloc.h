/* SPDX-License-Identifier: Apache-2.0 */
/* Large objects: the same as small ones, see slab.h. */
#ifndef _SHIM_LINUX_VMALLOC_H
#define _SHIM_LINUX_VMALLOC_H

#include <linux/slab.h>

#endif
