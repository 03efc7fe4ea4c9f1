/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vtdsim check: scenarios are read and checked, not run.
 */
#include "cli.h"

#include <limits.h>

static const struct argp_option options[] = {
	{ "verbose", OPTION_VERBOSE, NULL, 0, "show the IOMMU groups of each platform", 0 },
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
	       "  vtdsim check x.yaml && vtdsim run x.yaml\n"
	       "  vtdsim check --verbose scenarios/topology/switch-hole.yaml\n\n"
	       "Exit status: 0 all is well; 2 something is wrong, told as file:line:column: error.",
};

/* The lowest number of a group above one; INT_MAX: there is none. */
static int next_group(const struct platform *p, int above)
{
	int next = INT_MAX;

	for (size_t i = 0; i < p->bridge_count; i++)
		if (p->bridges[i].kernel_group > above && p->bridges[i].kernel_group < next)
			next = p->bridges[i].kernel_group;
	for (size_t i = 0; i < p->device_count; i++)
		if (p->devices[i].group > above && p->devices[i].group < next)
			next = p->devices[i].group;
	return next;
}

static void print_group(FILE *out, const struct platform *p, int group)
{
	fprintf(out, "  group %d:", group);
	for (size_t i = 0; i < p->bridge_count; i++)
		if (p->bridges[i].kernel_group == group)
			fprintf(out, " %s (%s)", p->bridges[i].name,
				platform_bridge_type(p->bridges[i].config.kind));
	for (size_t i = 0; i < p->device_count; i++)
		if (p->devices[i].group == group)
			fprintf(out, " %s", p->devices[i].name);
	fputc('\n', out);
}

static void print_groups(FILE *out, const struct scenario *scenario)
{
	const struct platform *p = scenario_platform(scenario);

	fprintf(out, "%s:\n", scenario_file(scenario));
	for (int group = next_group(p, -1); group != INT_MAX; group = next_group(p, group))
		print_group(out, p, group);
	for (size_t i = 0; i < p->device_count; i++)
		if (p->devices[i].group < 0)
			fprintf(out, "  no group: %s\n", p->devices[i].name);
}

static int tell_count(const struct arguments *arguments, const struct scenarios *scenarios)
{
	for (size_t i = 0; arguments->verbose && i < scenarios->count; i++)
		print_groups(arguments->cli->out, scenarios->items[i]);
	print_count(arguments->cli->out, scenarios->count, "scenario");
	fprintf(arguments->cli->out, ": well formed\n");
	return STATUS_HELD;
}

int command_check(struct cli *cli, int argc, char **argv)
{
	return command_on_scenarios(cli, &line, argc, argv, tell_count);
}
