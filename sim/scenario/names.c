/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of errno values and of what a run may end as.
 */
#include "step.h"

#include <stdlib.h>
#include <string.h>

#define ENOTSUPP 524 /* the kernel's own, leaks to user space from some drivers */
#define ERRNO_MAX 134

const char *errno_name(long long number)
{
	const char *name;

	if (number < 0)
		number = -number;
	if (number == ENOTSUPP)
		return "ENOTSUPP";
	name = number > 0 && number < ERRNO_MAX ? strerrorname_np((int)number) : NULL;
	return name ? name : "E?";
}

int errno_number(const char *name)
{
	if (strcmp(name, "ENOTSUPP") == 0)
		return ENOTSUPP;
	for (int number = 1; number < ERRNO_MAX; number++) {
		const char *known = strerrorname_np(number);

		if (known && strcmp(known, name) == 0)
			return number;
	}
	return 0;
}

void errno_names(struct errno_names *names)
{
	memset(names, 0, sizeof(*names));
	names->list[names->count++] = "ENOTSUPP";
	for (int number = 1; number < ERRNO_MAX; number++) {
		const char *known = strerrorname_np(number);

		if (known)
			names->list[names->count++] = known;
	}
}

const char *verdict_name(enum verdict verdict)
{
	static const char *const names[] = { "pass", "fail", "error" };

	return names[verdict];
}

const char *outcome_name(enum outcome outcome)
{
	static const char *const names[] = { "works", "refused", "faulted", "misled", "corrupted" };

	return names[outcome];
}

static void step_result_clear(struct step_result *step)
{
	free(step->name);
	free(step->message);
	free(step->why);
	free(step->log);
	json_decref(step->result);
	json_decref(step->expected);
}

void run_result_clear(struct run_result *result)
{
	for (size_t i = 0; i < result->step_count; i++)
		step_result_clear(&result->steps[i]);
	for (size_t i = 0; i < result->fault_count; i++) {
		free(result->faults[i].unit);
		free(result->faults[i].source);
	}
	free(result->steps);
	free(result->faults);
	free(result->scenario);
	free(result->about);
	free(result->file);
	free(result->kernel);
	free(result->why);
	free(result->error);
	free(result->error_source);
	json_decref(result->counters);
	json_decref(result->statistics);
	json_decref(result->rates);
	memset(result, 0, sizeof(*result));
}

void run_results_clear(struct run_results *results)
{
	for (size_t i = 0; i < results->count; i++)
		run_result_clear(&results->runs[i]);
	free(results->runs);
	memset(results, 0, sizeof(*results));
}
