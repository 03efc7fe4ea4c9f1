/* SPDX-License-Identifier: Apache-2.0 */
/* For tests of scenarios: a scenario from a string, run on one kernel. */
#ifndef TESTS_SIM_SCENARIO_CALL_H
#define TESTS_SIM_SCENARIO_CALL_H

#include "gtest_c.h"
#include "scenario/scenario.h"

#include <string.h>

/* Runs a text on a kernel; the test goes on with what *result says. */
static inline void run_text(const char *text, const char *kernel, struct run_result *result)
{
	struct scenario_run_options options = { .kernel = kernel, .seed = 1 };
	struct diags diags = { 0 };
	struct scenario *s = scenario_parse("test.yaml", text, strlen(text), &diags);

	memset(result, 0, sizeof(*result));
	if (diags.count)
		ADD_FAILURE("%u:%u: %s", diags.items[0].line, diags.items[0].column,
			    diags.items[0].message);
	if (s)
		scenario_run(s, &options, result);
	scenario_free(s);
	diag_clear(&diags);
}

#endif
