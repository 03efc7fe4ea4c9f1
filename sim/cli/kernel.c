/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vtdsim kernel: type1 from the user's own kernel trees, as kernels named tree:NAME.
 */
#include "cli.h"

#include "tree/tree.h"

#include <stdlib.h>
#include <string.h>

static const struct argp_option options[] = {
	{ "name", OPTION_NAME, "NAME", 0, "name of the kernel, as tree:NAME (default: mine)", 0 },
	{ "tree-version", OPTION_TREE_VERSION, "VERSION", 0,
	  "the tree's version, e.g. 6.1, where no top Makefile tells it", 0 },
	{ "help", OPTION_HELP, NULL, 0, "show this help", 0 },
	{ 0 },
};

static const struct command_line line = {
	.command = "vtdsim kernel",
	.words = "add PATH | check PATH | list | remove NAME",
	.options = options,
	.doc = "Compiles drivers/vfio/vfio_iommu_type1.c of a kernel tree, unmodified, into a kernel that "
	       "--kernel and scenarios know as tree:NAME. PATH is the tree, a directory with the needed "
	       "files, or the file itself. A file that has changed is compiled again when it is next "
	       "used. `check` only compiles, and tells every name that the shim does not know.\v"
	       "Examples:\n"
	       "  vtdsim kernel add ~/linux --name mine\n"
	       "  vtdsim matrix --kernel mainline,tree:mine scenarios/\n"
	       "  vtdsim kernel check ~/linux\n\n"
	       "Plug-ins are kept below $XDG_CACHE_HOME/vtdsim or ~/.cache/vtdsim, and nothing is written "
	       "elsewhere. One that is built from a kernel tree is under that tree's licence.\n\n"
	       "Exit status: 0 all is well; 2 the tree cannot be used; 3 vtdsim itself failed.",
};

static void print_unknown(const struct cli *cli, const struct tree_build *build)
{
	for (size_t i = 0; i < build->unknown_count; i++) {
		const struct tree_unknown *unknown = &build->unknown[i];

		fprintf(cli->err, "%s:", unknown->file);
		if (unknown->line)
			fprintf(cli->err, "%u:", unknown->line);
		fprintf(cli->err,
			" error: this tree uses %s, which the shim does not know: see docs/kernel-shim.md\n",
			unknown->name);
	}
}

/* STATUS_HELD, or STATUS_INPUT after all that is known of the failure has been told. */
static int tell_build(const struct arguments *arguments, const struct tree_build *build)
{
	const struct cli *cli = arguments->cli;

	if (build->ok)
		return STATUS_HELD;
	if (build->messages)
		fputs(build->messages, cli->err);
	print_unknown(cli, build);
	return usage_error(arguments, "%s", build->error ? build->error : "it does not compile");
}

static int add(const struct arguments *arguments, const struct tree_source *source)
{
	struct tree_build build;
	struct tree tree;
	int status;

	tree_add(source, &tree, &build);
	status = tell_build(arguments, &build);
	if (status == STATUS_HELD)
		fprintf(arguments->cli->out, "tree:%s is type1 of Linux %s, from %s\n", tree.name,
			tree.version, tree.source);
	tree_clear(&tree);
	tree_build_clear(&build);
	return status;
}

static int check(const struct arguments *arguments, const struct tree_source *source)
{
	struct tree_build build;
	int status;

	tree_check(source, &build);
	status = tell_build(arguments, &build);
	if (status == STATUS_HELD)
		fprintf(arguments->cli->out, "%s: compiles over the shim\n", source->path);
	tree_build_clear(&build);
	return status;
}

static int list(const struct arguments *arguments)
{
	struct trees trees;

	tree_list(&trees);
	for (size_t i = 0; i < trees.count; i++)
		fprintf(arguments->cli->out, "tree:%-16s %-12s %s\n", trees.items[i].name,
			trees.items[i].version, trees.items[i].source);
	if (!trees.count)
		fprintf(arguments->cli->out, "no kernel trees; vtdsim kernel add PATH adds one\n");
	trees_clear(&trees);
	return STATUS_HELD;
}

static int remove_tree(const struct arguments *arguments, const char *name)
{
	char *error = NULL;
	int status = STATUS_HELD;

	if (!tree_remove(name, &error))
		status = usage_error(arguments, "%s", error ? error : "it cannot be removed");
	free(error);
	return status;
}

static int dispatch(const struct arguments *arguments)
{
	const char *verb = arguments->word_count ? arguments->words[0] : "";
	const char *operand = arguments->word_count == 2 ? arguments->words[1] : NULL;
	const struct tree_source source = {
		.path = operand,
		.name = arguments->name,
		.version = arguments->tree_version,
	};

	if (!strcmp(verb, "list") && arguments->word_count == 1)
		return list(arguments);
	if (!strcmp(verb, "add") && operand)
		return add(arguments, &source);
	if (!strcmp(verb, "check") && operand)
		return check(arguments, &source);
	if (!strcmp(verb, "remove") && operand)
		return remove_tree(arguments, operand);
	return usage_error(arguments, "expected one of: add PATH, check PATH, list, remove NAME");
}

int command_kernel(struct cli *cli, int argc, char **argv)
{
	struct arguments arguments;
	int status = arguments_read(cli, &line, argc, argv, &arguments);

	if (status == STATUS_GO_ON)
		status = dispatch(&arguments);
	arguments_free(&arguments);
	return status;
}
