/* SPDX-License-Identifier: Apache-2.0 */
/* Small helpers for pages; see mm.h. */
#ifndef _SHIM_LINUX_MM_INLINE_H
#define _SHIM_LINUX_MM_INLINE_H

#include <linux/mm.h>

#endif
