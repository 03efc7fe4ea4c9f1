/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vtdsim check: scenarios are read and checked, not run.
 */
#include "cli.h"

static const struct argp_option options[] = {
	{ "help", OPTION_HELP, NULL, 0, "show this help", 0 },
	{ 0 },
};

static const struct command_line line = {
	.command = "vtdsim check",
	.words = "PATH...",
	.options = options,
	.doc = "Reads and checks scenarios (files, or directories searched for *.yaml) with the "
	       "platforms they include, without running them.\v"
	       "Examples:\n"
	       "  vtdsim check scenarios/\n"
	       "  vtdsim check x.yaml && vtdsim run x.yaml\n\n"
	       "Exit status: 0 all is well; 2 something is wrong, told as file:line:column: error.",
};

int command_check(struct cli *cli, int argc, char **argv)
{
	struct scenarios scenarios = { 0 };
	struct arguments arguments;
	int status = arguments_read(cli, &line, argc, argv, &arguments);

	if (status == STATUS_GO_ON)
		status = scenarios_load(&arguments, &scenarios);
	if (status == STATUS_GO_ON) {
		print_count(cli->out, scenarios.count, "scenario");
		fprintf(cli->out, ": well formed\n");
		status = STATUS_HELD;
	}
	scenarios_free(&scenarios);
	arguments_free(&arguments);
	return status;
}
