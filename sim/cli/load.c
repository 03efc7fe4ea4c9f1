/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the paths of a command line to scenarios: directories are searched, every file is read and
 * checked before anything runs.
 */
#include "cli.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Directories of these names hold what scenarios include and what sweeps vary, and no scenarios. */
#define PLATFORMS "platforms"
#define STUDIES "studies"

/* Reading scenarios: what came of it so far. */
struct loading {
	const struct arguments *arguments;
	struct scenarios *scenarios;
	bool failed;
};

static void load_error(struct loading *loading, const char *path, const char *what)
{
	const struct cli *cli = loading->arguments->cli;

	fprintf(cli->err, "%s: %serror:%s %s\n", path, tint_on(&cli->err_style, TINT_BAD),
		tint_off(&cli->err_style), what);
	loading->failed = true;
}

static void load_file(struct loading *loading, const char *path)
{
	struct scenarios *scenarios = loading->scenarios;
	const struct cli *cli = loading->arguments->cli;
	struct diags diags = { 0 };
	struct scenario *scenario = scenario_load(path, &diags);
	struct scenario **items;

	if (scenario)
		scenario_check_kernels(scenario, kernels_for(loading->arguments, scenario), &diags);
	diag_print(&diags, cli->err, cli->err_style.colour);
	loading->failed = loading->failed || !scenario || diags.count || diags.dropped;
	diag_clear(&diags);
	if (!scenario)
		return;
	items = realloc(scenarios->items, (scenarios->count + 1) * sizeof(struct scenario *));
	if (!items) {
		scenario_free(scenario);
		load_error(loading, path, "not enough memory");
		return;
	}
	scenarios->items = items;
	items[scenarios->count++] = scenario;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool is_yaml(const FTSENT *entry)
{
	return entry->fts_namelen > 5 && !strcmp(entry->fts_name + entry->fts_namelen - 5, ".yaml");
}

/* Loads what one entry of a directory stands for. Returns how many scenario files that are. */
static size_t load_entry(struct loading *loading, FTS *tree, FTSENT *entry)
{
	switch (entry->fts_info) {
	case FTS_D:
		if (entry->fts_level > 0 &&
		    (!strcmp(entry->fts_name, PLATFORMS) || !strcmp(entry->fts_name, STUDIES)))
			fts_set(tree, entry, FTS_SKIP);
		return 0;
	case FTS_DNR:
	case FTS_ERR:
	case FTS_NS:
		load_error(loading, entry->fts_path, strerror(entry->fts_errno));
		return 0;
	case FTS_DP:
	case FTS_DC:
		return 0;
	default: /* files, and links to them */
		if (!is_yaml(entry))
			return 0;
		load_file(loading, entry->fts_path);
		return 1;
	}
}

static void load_directory(struct loading *loading, const char *path)
{
	char *copy = strdup(path);
	char *roots[] = { copy, NULL };
	size_t len = strlen(path), found = 0;
	FTS *tree;
	FTSENT *entry;

	while (copy && len > 1 && copy[len - 1] == '/')
		copy[--len] = '\0';
	tree = copy ? fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name) : NULL;
	if (!tree) {
		load_error(loading, path, strerror(errno));
		free(copy);
		return;
	}
	while ((entry = fts_read(tree)))
		found += load_entry(loading, tree, entry);
	fts_close(tree);
	free(copy);
	if (!found && !loading->failed)
		load_error(loading, path,
			   "no scenarios in this directory; expected files named *.yaml, not below "
			   "'" PLATFORMS "' or '" STUDIES "'");
}

int scenarios_load(const struct arguments *arguments, struct scenarios *scenarios)
{
	struct loading loading = { .arguments = arguments, .scenarios = scenarios };
	size_t i;

	memset(scenarios, 0, sizeof(*scenarios));
	if (!arguments->word_count)
		return usage_error(arguments, "expected scenario files or directories");
	for (i = 0; i < arguments->word_count; i++) {
		const char *path = arguments->words[i];
		struct stat status;

		if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
			load_directory(&loading, path);
		else
			load_file(&loading, path);
	}
	return loading.failed ? STATUS_INPUT : STATUS_GO_ON;
}

void scenarios_free(struct scenarios *scenarios)
{
	size_t i;

	for (i = 0; i < scenarios->count; i++)
		scenario_free(scenarios->items[i]);
	free(scenarios->items);
	memset(scenarios, 0, sizeof(*scenarios));
}

const char *const *kernels_for(const struct arguments *arguments, const struct scenario *scenario)
{
	return arguments->kernels ? arguments->kernels : scenario_kernels(scenario);
}

int command_on_scenarios(struct cli *cli, const struct command_line *line, int argc, char **argv,
			 scenarios_command go_on)
{
	struct scenarios scenarios = { 0 };
	struct arguments arguments;
	int status = arguments_read(cli, line, argc, argv, &arguments);

	if (status == STATUS_GO_ON)
		status = scenarios_load(&arguments, &scenarios);
	if (status == STATUS_GO_ON)
		status = go_on(&arguments, &scenarios);
	scenarios_free(&scenarios);
	arguments_free(&arguments);
	return status;
}
