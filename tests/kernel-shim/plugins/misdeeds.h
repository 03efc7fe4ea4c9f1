/* SPDX-License-Identifier: Apache-2.0 */
/* The ioctls of small.c. */
#ifndef TESTS_PLUGINS_MISDEEDS_H
#define TESTS_PLUGINS_MISDEEDS_H

#define SMALL_RESERVED_TYPE 1 /* of IOMMU: opened, but no extension */

enum misdeed {
	SMALL_COUNT = 0x5100, /* how often it was called in this kernel */
	SMALL_GROUPS, /* groups attached */
	SMALL_CLOSED, /* containers closed in this kernel */
	SMALL_PARAMETER, /* arg: 0 flag, 1 level, 2 limit, 3 big */
	SMALL_ALLOCATE, /* 0 or -ENOMEM */
	MISDEED_NULL,
	MISDEED_BAD_POINTER,
	MISDEED_CALL_NULL,
	MISDEED_NULL_IN_CALLEE, /* outside of the plug-in */
	MISDEED_DIVIDE,
	MISDEED_ILLEGAL,
	MISDEED_ABORT,
	MISDEED_BUG,
	MISDEED_DEADLOCK,
	MISDEED_LOOP,
	MISDEED_LOOP_IN_SHIM, /* most of its time is the allocator's */
	MISDEED_RECURSE,
};

#endif
