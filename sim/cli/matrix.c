/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vtdsim matrix: all scenarios on their kernels, as a table of outcomes.
 */
#include "cli.h"

#include <stdlib.h>
#include <string.h>

static const struct argp_option options[] = {
	{ "kernel", OPTION_KERNEL, "A,B", 0, "run on exactly these kernels", 0 },
	{ "why", OPTION_WHY, NULL, 0, "tell below the table why what does not work does not", 0 },
	{ "timing", OPTION_TIMING, "T", 0,
	  "untimed, loosely-timed or approximately-timed, whatever the platform says", 0 },
	{ "seed", OPTION_SEED, "N", 0, "seed of random choices (default 1)", 0 },
	{ "json", OPTION_JSON, "FILE", 0, "write the results as JSON ('-': standard output)", 0 },
	{ "junit", OPTION_JUNIT, "FILE", 0, "write them as JUnit XML ('-': standard output)", 0 },
	{ "help", OPTION_HELP, NULL, 0, "show this help", 0 },
	{ 0 },
};

static const struct command_line line = {
	.command = "vtdsim matrix",
	.words = "PATH...",
	.options = options,
	.doc = "Runs scenarios on the kernels that each one names and shows a table: scenarios "
	       "down, kernels across, outcomes in the cells.\v"
	       "Kernels: upstream, v1, v1-attach-check, v7, mainline.\n\n"
	       "Examples:\n"
	       "  vtdsim matrix scenarios/\n"
	       "  vtdsim matrix --kernel v1,v1-attach-check scenarios/format-mismatch/\n"
	       "  vtdsim matrix --why scenarios/format-mismatch/\n"
	       "  vtdsim matrix --json matrix.json scenarios/\n\n"
	       "Exit status: 0 everything held; 1 an expectation failed (marked '!'); 2 the input is "
	       "wrong; 3 vtdsim itself failed.",
};

static bool runs_on(const struct arguments *arguments, const struct scenarios *scenarios,
		    const char *variant)
{
	size_t i;

	for (i = 0; i < scenarios->count; i++) {
		const char *const *kernel = kernels_for(arguments, scenarios->items[i]);

		for (; *kernel; kernel++)
			if (!strcmp(*kernel, variant))
				return true;
	}
	return false;
}

/* The columns: what --kernel names, in its order, else what any scenario names, in the series' order. */
static const char **choose_columns(const struct arguments *arguments,
				   const struct scenarios *scenarios)
{
	const char *const *all = arguments->kernels ? arguments->kernels : kernel_variants();
	size_t count = 0, used = 0;
	const char **columns;

	while (all[count])
		count++;
	columns = calloc(count + 1, sizeof(char *));
	for (; columns && *all; all++)
		if (runs_on(arguments, scenarios, *all))
			columns[used++] = *all;
	return columns;
}

static struct matrix_row *make_rows(const struct arguments *arguments,
				    const struct scenarios *scenarios)
{
	struct matrix_row *rows = calloc(scenarios->count, sizeof(*rows));
	size_t i, first = 0;

	for (i = 0; rows && i < scenarios->count; i++) {
		const char *const *kernel = kernels_for(arguments, scenarios->items[i]);

		rows[i].file = scenario_file(scenarios->items[i]);
		rows[i].scenario = scenario_name(scenarios->items[i]);
		rows[i].first = first;
		while (kernel[rows[i].count])
			rows[i].count++;
		first += rows[i].count;
	}
	return rows;
}

static int show(const struct arguments *arguments, const struct scenarios *scenarios,
		const struct run_results *results)
{
	struct matrix_row *rows = make_rows(arguments, scenarios);
	const char **columns = choose_columns(arguments, scenarios);
	struct matrix matrix = {
		.rows = rows,
		.row_count = scenarios->count,
		.kernels = columns,
		.results = results,
		.seed = arguments->seed,
		.why = arguments->why,
	};
	struct style style;
	FILE *out = text_stream(arguments, &style);
	int status = STATUS_GO_ON;

	if (rows && columns)
		report_matrix(out, &style, &matrix);
	else
		status = internal_error(arguments, "not enough memory");
	free(rows);
	free(columns);
	return status;
}

static int matrix_loaded(const struct arguments *arguments, const struct scenarios *scenarios)
{
	struct run_results results;
	struct outputs outputs;
	int status = outputs_open(arguments, &outputs);

	if (status != STATUS_GO_ON)
		return status;
	scenarios_run(arguments, scenarios, &results, &(struct run_watcher){ 0 });
	status = show(arguments, scenarios, &results);
	if (status == STATUS_GO_ON)
		status = outputs_write(arguments, &outputs, &results);
	else
		outputs_discard(&outputs);
	if (status == STATUS_GO_ON)
		status = results_status(&results);
	run_results_clear(&results);
	return status;
}

int command_matrix(struct cli *cli, int argc, char **argv)
{
	return command_on_scenarios(cli, &line, argc, argv, matrix_loaded);
}
