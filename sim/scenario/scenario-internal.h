/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scenario as read. Private to sim/scenario/.
 */
#ifndef SIM_SCENARIO_SCENARIO_INTERNAL_H
#define SIM_SCENARIO_SCENARIO_INTERNAL_H

#include "scenario.h"
#include "step.h"

struct scenario {
	char *file;
	const char *name;
	const char *about;
	const char **kernels; /* NULL-terminated */
	bool has_seed;
	unsigned long long seed;
	struct document *document;
	struct document *included; /* the platform's file, or NULL */
	struct platform *platform;
	struct step *steps;
	size_t step_count;
};

#endif
