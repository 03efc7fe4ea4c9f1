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

static int tell_count(const struct arguments *arguments, const struct scenarios *scenarios)
{
	print_count(arguments->cli->out, scenarios->count, "scenario");
	fprintf(arguments->cli->out, ": well formed\n");
	return STATUS_HELD;
}

int command_check(struct cli *cli, int argc, char **argv)
{
	return command_on_scenarios(cli, &line, argc, argv, tell_count);
}
