/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs loaded scenarios on their kernels, and draws the exit status from the results.
 */
#include "cli.h"

#include "tree/tree.h"

#include <stdlib.h>

static struct run_result *add_run(struct run_results *results)
{
	struct run_result *runs = realloc(results->runs, (results->count + 1) * sizeof(*runs));

	if (!runs)
		abort(); /* nothing sensible can be reported without memory for it */
	results->runs = runs;
	runs[results->count] = (struct run_result){ 0 };
	return &runs[results->count++];
}

/* A step that cannot be run is an error of the input, told as such. */
static void tell_error(const struct arguments *arguments, const struct run_result *run)
{
	const struct place place = { run->file, run->error_line, run->error_column,
				     run->error_source };
	struct diags diags = { 0 };

	diag_add(&diags, &place, "on kernel %s: %s", run->kernel, run->error);
	diag_print(&diags, arguments->cli->err, arguments->cli->err_style.colour);
	diag_clear(&diags);
}

void scenarios_run(const struct arguments *arguments, const struct scenarios *scenarios,
		   struct run_results *results, const struct run_watcher *watcher)
{
	size_t i;

	*results = (struct run_results){ 0 };
	for (i = 0; i < scenarios->count; i++) {
		const char *const *kernel = kernels_for(arguments, scenarios->items[i]);

		for (; *kernel; kernel++) {
			struct scenario_run_options options = {
				.kernel = *kernel,
				.seed = arguments->seed,
				.has_timing = arguments->has_timing,
				.timing = arguments->timing,
			};
			struct run_result *run = add_run(results);

			if (watcher->traces)
				traces_before(watcher->traces, scenarios->items[i], &options);
			scenario_run(scenarios->items[i], &options, run);
			if (run->verdict == VERDICT_ERROR)
				tell_error(arguments, run);
			if (watcher->traces)
				traces_after(watcher->traces, scenarios->items[i], run);
			if (watcher->done)
				watcher->done(watcher->arg, run);
		}
	}
}

/*
 * An error with a place is in the scenario: it asked for what cannot be done. A tree that does not compile or boot is
 * the user's, too. Else it is vtdsim that could not build or keep the machine.
 */
int results_status(const struct run_results *results)
{
	int worst = STATUS_HELD;
	size_t i;

	for (i = 0; i < results->count; i++) {
		const struct run_result *run = &results->runs[i];
		int status = STATUS_HELD;

		if (run->verdict == VERDICT_FAIL)
			status = STATUS_FAILED;
		else if (run->verdict == VERDICT_ERROR)
			status = run->error_line || tree_is_name(run->kernel) ? STATUS_INPUT
									      : STATUS_INTERNAL;
		if (status > worst)
			worst = status;
	}
	return worst;
}
