/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vtdsim run: scenarios, each on its kernels, reported as text, JSON and JUnit.
 */
#include "cli.h"

static const struct argp_option options[] = {
	{ "kernel", OPTION_KERNEL, "A,B", 0, "run on exactly these kernels", 0 },
	{ "verbose", OPTION_VERBOSE, NULL, 0, "show every step and fault", 0 },
	{ "timing", OPTION_TIMING, "T", 0,
	  "untimed, loosely-timed or approximately-timed, whatever the platform says", 0 },
	{ "seed", OPTION_SEED, "N", 0, "seed of random choices (default 1)", 0 },
	{ "json", OPTION_JSON, "FILE", 0, "write the results as JSON ('-': standard output)", 0 },
	{ "junit", OPTION_JUNIT, "FILE", 0, "write them as JUnit XML ('-': standard output)", 0 },
	{ "trace", OPTION_TRACE, "FILE", 0,
	  "write what happened for ui.perfetto.dev, as JSON ('-': standard output)", 0 },
	{ "vcd", OPTION_VCD, "FILE", 0,
	  "write how much is occupied for GTKWave ('-': standard output); of several runs, FILE.vcd "
	  "becomes FILE.1.vcd and so on",
	  0 },
	{ "help", OPTION_HELP, NULL, 0, "show this help", 0 },
	{ 0 },
};

static const struct command_line line = {
	.command = "vtdsim run",
	.words = "PATH...",
	.options = options,
	.doc = "Runs scenarios (files, or directories searched for *.yaml) on the kernels that each "
	       "one names, and tells which expectations failed.\v"
	       "Kernels: upstream, v1, v1-attach-check, v7, mainline.\n\n"
	       "Examples:\n"
	       "  vtdsim run scenarios/\n"
	       "  vtdsim run --kernel v1,v7 --verbose scenarios/format-mismatch/\n"
	       "  vtdsim run --json - x.yaml | jq '.runs[].outcome'\n"
	       "  vtdsim run --junit results.xml scenarios/\n"
	       "  vtdsim run --timing approximately-timed --trace x.json --vcd x.vcd x.yaml\n\n"
	       "When a file goes to standard output, the text goes to standard error.\n\n"
	       "Exit status: 0 everything held; 1 an expectation failed; 2 the input is wrong, then "
	       "nothing was run, or a step could not be carried out; 3 vtdsim itself failed.",
};

/* Where the text of each run goes. */
struct text_report {
	FILE *out;
	struct style style;
	bool verbose;
};

static void report_done(void *arg, const struct run_result *run)
{
	const struct text_report *report = arg;

	report_run(report->out, &report->style, run, report->verbose);
}

static int run_loaded(const struct arguments *arguments, const struct scenarios *scenarios)
{
	struct text_report report = { .verbose = arguments->verbose };
	struct run_results results;
	struct outputs outputs;
	struct traces traces;
	const struct run_watcher watcher = { &traces, report_done, &report };
	int status = outputs_open(arguments, &outputs), traced;

	if (status != STATUS_GO_ON)
		return status;
	status = traces_open(arguments, scenarios, &traces);
	if (status != STATUS_GO_ON) {
		outputs_discard(&outputs);
		return status;
	}
	report.out = text_stream(arguments, &report.style);
	scenarios_run(arguments, scenarios, &results, &watcher);
	traced = traces_close(&traces);
	report_summary(report.out, &report.style, &results, arguments->seed);
	status = outputs_write(arguments, &outputs, &results);
	if (status == STATUS_GO_ON)
		status = traced == STATUS_GO_ON ? results_status(&results) : traced;
	run_results_clear(&results);
	return status;
}

int command_run(struct cli *cli, int argc, char **argv)
{
	return command_on_scenarios(cli, &line, argc, argv, run_loaded);
}
