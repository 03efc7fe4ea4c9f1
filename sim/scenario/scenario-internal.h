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
	struct place *kernel_places; /* of each; NULL: the file names none */
	bool has_seed;
	unsigned long long seed;
	bool needs_timing; /* timing, whatever the platform or a run's options say */
	enum timing_mode timing;
	struct document *document;
	struct document *included; /* the platform's file, or NULL */
	struct platform *platform;
	struct place platform_place; /* of `platform:` or `include:` */
	struct parameter_uses tree_parameters; /* of steps: what no kernel built in has */
	struct step *steps;
	size_t step_count;
};

/** Where the scenario names a kernel; NULL if it does not. */
const struct place *scenario_kernel_place(const struct scenario *s, const char *kernel);

#endif
