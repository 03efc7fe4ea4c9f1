/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The same calls made on two kernels in lockstep, and all that a process or a device can see
 * compared after each.
 */
#ifndef TESTS_DIFFERENTIAL_LOCKSTEP_H
#define TESTS_DIFFERENTIAL_LOCKSTEP_H

#include "calls.h"

#include <stdio.h>

/** Where two kernels differ. */
struct difference {
	bool found;
	size_t step; /* index of the call */
	const char *what;
	size_t offset; /* of the byte, where memory differs */
	long long results[2]; /* of the kernel built in, and of the plug-in */
};

/**
 * Boots "mainline" and the kernel of a plug-in on the same machine, makes the calls on both until
 * something differs, and stops both. The machine's own variant and plug-in are not used.
 */
struct difference lockstep_run(const struct vm_config *machine, const char *plugin,
			       const struct call *calls, size_t count);

/** What is printed as a scenario. */
struct story {
	const struct vm_config *machine;
	const struct call *calls;
	size_t count;
	struct difference difference;
};

/**
 * Writes a scenario in which the calls are made and the last gives what the kernel built in gives;
 * remarks stand for what no scenario can say.
 */
void story_print(FILE *out, const struct story *story);

#endif
