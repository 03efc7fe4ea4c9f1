// SPDX-License-Identifier: Apache-2.0
/* Scenarios for benchmarks, which are C++ and need not know the machine. */
#include "repeated.h"

#include "scenario/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct repeated {
	struct scenario *scenario;
};

static struct repeated *repeat(struct scenario *scenario, struct diags *diags)
{
	struct repeated *repeated = NULL;

	for (size_t i = 0; i < diags->count; i++)
		fprintf(stderr, "%u:%u: %s\n", diags->items[i].line, diags->items[i].column,
			diags->items[i].message);
	diag_clear(diags);
	if (scenario)
		repeated = calloc(1, sizeof(*repeated));
	if (repeated)
		repeated->scenario = scenario;
	return repeated;
}

struct repeated *repeated_parse(const char *text)
{
	struct diags diags = { 0 };
	struct scenario *scenario = scenario_parse("benchmark", text, strlen(text), &diags);

	return repeat(scenario, &diags);
}

struct repeated *repeated_load(const char *path)
{
	struct diags diags = { 0 };
	struct scenario *scenario = scenario_load(path, &diags);

	return repeat(scenario, &diags);
}

void repeated_free(struct repeated *repeated)
{
	if (!repeated)
		return;
	scenario_free(repeated->scenario);
	free(repeated);
}

size_t repeated_kernels(const struct repeated *repeated)
{
	const char *const *kernels = scenario_kernels(repeated->scenario);
	size_t count = 0;

	while (kernels[count])
		count++;
	return count;
}

bool repeated_run(const struct repeated *repeated, size_t kernel, const char *timing)
{
	struct scenario_run_options options = {
		.kernel = scenario_kernels(repeated->scenario)[kernel],
		.seed = 1,
		.has_timing = timing != NULL,
	};
	struct run_result result = { 0 };
	bool passed;

	while (timing && strcmp(timing_mode_name(options.timing), timing) != 0)
		options.timing++;
	scenario_run(repeated->scenario, &options, &result);
	passed = result.verdict == VERDICT_PASS;
	for (size_t i = 0; !passed && i < result.step_count; i++)
		if (result.steps[i].message)
			fprintf(stderr, "%u: %s\n", result.steps[i].line, result.steps[i].message);
	run_result_clear(&result);
	return passed;
}
