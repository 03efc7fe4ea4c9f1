/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of commands, and the way from the command line to one of them.
 */
#include "cli.h"

#include <errno.h>
#include <string.h>

static const struct command commands[] = {
	{ "run", "run scenarios and tell which expectations failed", command_run },
	{ "check", "read and check scenarios without running them", command_check },
	{ "matrix", "run scenarios; a table of outcomes by kernel", command_matrix },
	{ "explain", "tell one DMA step by step: every table entry read", command_explain },
	{ "decode", "registers, table entries, descriptors and faults in words", command_decode },
	{ "sweep", "what-if study: a scenario over parameters, as table and plots", command_sweep },
	{ "kernel", "type1 from your own kernel tree, as kernel tree:NAME", command_kernel },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void print_help(const struct cli *cli)
{
	size_t i;

	fprintf(cli->out,
		"vtdsim shows what VFIO's type1 container does with devices behind IOMMUs of\n"
		"different stage-1 formats or capabilities, on modelled hardware.\n"
		"\n"
		"Usage: vtdsim COMMAND [OPTION...] [ARGUMENT...]\n"
		"       vtdsim COMMAND --help\n"
		"       vtdsim --version\n"
		"\n"
		"Commands:\n");
	for (i = 0; i < COMMAND_COUNT; i++)
		fprintf(cli->out, "  %s%-9s%s %s\n", tint_on(&cli->out_style, TINT_BOLD),
			commands[i].name, tint_off(&cli->out_style), commands[i].summary);
	fprintf(cli->out,
		"\n"
		"Examples:\n"
		"  vtdsim matrix scenarios/             every scenario against every kernel\n"
		"  vtdsim run --kernel v1 x.yaml        one scenario on one kernel\n"
		"  vtdsim explain x.yaml                its last DMA, read by read\n"
		"  vtdsim decode ecap 3ee9e86f050df     what a unit can do\n"
		"\n"
		"Exit status: 0 everything held; 1 an expectation failed; 2 the input or the\n"
		"command line is wrong; 3 vtdsim itself failed or could not write.\n");
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; i < COMMAND_COUNT; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int unknown_command(const struct cli *cli, const char *name)
{
	const char *names[COMMAND_COUNT + 3];
	const char *nearest;
	size_t i;

	for (i = 0; i < COMMAND_COUNT; i++)
		names[i] = commands[i].name;
	names[i++] = "--help";
	names[i++] = "--version";
	names[i] = NULL;
	nearest = nearest_word(name, names);
	fprintf(cli->err, "vtdsim: unknown %s '%s'", *name == '-' ? "option" : "command", name);
	if (nearest)
		fprintf(cli->err, "; did you mean '%s'?\n", nearest);
	else
		fprintf(cli->err, "; 'vtdsim --help' names the commands\n");
	return STATUS_INPUT;
}

/* "vtdsim help", "vtdsim help run" and "vtdsim --help" */
static int help(struct cli *cli, int argc, char **argv)
{
	char option[] = "--help";
	const struct command *command;
	char *command_argv[3];

	if (argc < 3 || *argv[1] == '-') {
		print_help(cli);
		return STATUS_HELD;
	}
	command = find_command(argv[2]);
	if (!command)
		return unknown_command(cli, argv[2]);
	command_argv[0] = argv[2];
	command_argv[1] = option;
	command_argv[2] = NULL;
	return command->run(cli, 2, command_argv);
}

static int dispatch(struct cli *cli, int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		fprintf(cli->err, "vtdsim: expected a command; 'vtdsim --help' names them\n");
		return STATUS_INPUT;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return help(cli, argc, argv);
	if (!strcmp(argv[1], "--version")) {
		fprintf(cli->out, "vtdsim %s\n", VTDSIM_VERSION);
		return STATUS_HELD;
	}
	command = find_command(argv[1]);
	if (!command)
		return unknown_command(cli, argv[1]);
	return command->run(cli, argc - 1, argv + 1);
}

int vtdsim_main(int argc, char **argv, FILE *out, FILE *err)
{
	struct cli cli = {
		.out = out,
		.err = err,
		.out_style.colour = style_wants_colour(out),
		.err_style.colour = style_wants_colour(err),
	};
	int status = dispatch(&cli, argc, argv);

	/* a report that did not arrive must not look like one that did */
	if (fflush(out) || ferror(out)) {
		fprintf(err, "vtdsim: cannot write standard output: %s\n", strerror(errno));
		return STATUS_INTERNAL;
	}
	return status;
}
