/* SPDX-License-Identifier: Apache-2.0 */
/* Event descriptors: trees include this, and none of what is compiled here uses one. */
#ifndef _SHIM_LINUX_EVENTFD_H
#define _SHIM_LINUX_EVENTFD_H

struct eventfd_ctx;

#endif
