/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a command's options with argp, with messages of our own: unknown options name the nearest one.
 */
#include "cli.h"

#include "tree/tree.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MAX_OPTIONS 16

static void message(const struct arguments *arguments, const char *format, va_list args)
{
	fprintf(arguments->cli->err, "%s: ", arguments->command);
	vfprintf(arguments->cli->err, format, args);
	fputc('\n', arguments->cli->err);
}

int usage_error(const struct arguments *arguments, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message(arguments, format, args);
	va_end(args);
	fprintf(arguments->cli->err, "'%s --help' tells more\n", arguments->command);
	return STATUS_INPUT;
}

int internal_error(const struct arguments *arguments, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	message(arguments, format, args);
	va_end(args);
	return STATUS_INTERNAL;
}

/* ---- what argp would tell in words of its own ---- */

static const struct argp_option *find_option(const struct argp_option *options, const char *name,
					     size_t len)
{
	for (; options->name; options++)
		if (strlen(options->name) == len && !memcmp(options->name, name, len))
			return options;
	return NULL;
}

static int unknown_option(const struct arguments *arguments, const struct argp_option *options,
			  const char *word)
{
	const char *names[MAX_OPTIONS + 1] = { NULL };
	const char *nearest;
	char name[40];
	size_t i;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	for (i = 0; options[i].name && i < MAX_OPTIONS; i++)
		names[i] = options[i].name;
	nearest = nearest_word(name + strspn(name, "-"), names);
	if (nearest)
		return usage_error(arguments, "unknown option '%s'; did you mean '--%s'?", name,
				   nearest);
	return usage_error(arguments, "unknown option '%s'", name);
}

/* "-j", "-j4": an option by its one character. */
static const struct argp_option *find_short(const struct argp_option *options, const char *word)
{
	for (; word[0] == '-' && word[1] && options->name; options++)
		if (options->key < OPTION_KERNEL && options->key == word[1])
			return options;
	return NULL;
}

/* Options as they must be for argp to have nothing to complain of. */
static int check_options(const struct arguments *arguments, const struct argp_option *options,
			 char **argv)
{
	size_t i;

	for (i = 1; argv[i] && strcmp(argv[i], "--") != 0; i++) {
		const struct argp_option *option;
		const char *word = argv[i], *equals = strchr(word, '=');

		if (word[0] != '-' || !word[1] || !strcmp(word, "-h"))
			continue;
		option = find_short(options, word);
		if (option && word[2] && option->arg)
			continue;
		if (option && !word[2]) {
			if (!option->arg || argv[++i])
				continue;
			return usage_error(arguments, "option '-%c' needs %s", option->key,
					   option->arg);
		}
		option = find_option(options, word + 2, strcspn(word + 2, "="));
		if (word[1] != '-' || !option)
			return unknown_option(arguments, options, word);
		if (!option->arg && equals)
			return usage_error(arguments, "option '--%s' takes no value", option->name);
		if (!option->arg || equals)
			continue;
		if (!argv[++i])
			return usage_error(arguments, "option '--%s' needs %s", option->name,
					   option->arg);
	}
	return STATUS_GO_ON;
}

/* ---- values ---- */

static bool already_there(const char *const *list, size_t count, const char *word)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!strcmp(list[i], word))
			return true;
	return false;
}

/* The variant of that name, in the kernel's own memory. */
static const char *find_variant(struct arguments *arguments, const char *name, size_t len)
{
	const char *const *variant;
	char *tree;

	for (variant = kernel_variants(); *variant; variant++)
		if (strlen(*variant) == len && !memcmp(*variant, name, len))
			return *variant;
	tree = strndup(name, len);
	if (tree && tree_is_name(tree) && arguments->tree_count < TREES_MAX)
		return arguments->trees[arguments->tree_count++] = tree;
	free(tree);
	return NULL;
}

static int unknown_variant(const struct arguments *arguments, const char *name, size_t len)
{
	char word[40], list[200] = "";
	const char *const *variant;
	const char *nearest;

	snprintf(word, sizeof(word), "%.*s", (int)(len < 39 ? len : 39), name);
	nearest = nearest_word(word, kernel_variants());
	if (nearest)
		return usage_error(arguments, "unknown kernel '%s'; did you mean '%s'?", word,
				   nearest);
	for (variant = kernel_variants(); *variant; variant++) {
		if (*list)
			strncat(list, ", ", sizeof(list) - strlen(list) - 1);
		strncat(list, *variant, sizeof(list) - strlen(list) - 1);
	}
	return usage_error(arguments, "unknown kernel '%s'; expected some of %s", word, list);
}

/* "v1,v7" */
/* A kernel tree must have been added, and compile if it has changed since. */
static int check_tree(const struct arguments *arguments, const char *kernel)
{
	char *error = NULL, *plugin;
	int status = STATUS_GO_ON;

	if (!tree_is_name(kernel))
		return STATUS_GO_ON;
	plugin = tree_plugin(kernel, &error);
	if (!plugin)
		status = usage_error(arguments, "%s", error ? error : "not enough memory");
	free(plugin);
	free(error);
	return status;
}

static int read_kernels(struct arguments *arguments, const char *text)
{
	size_t count = 0, most = 2;
	const char *p;

	for (p = text; *p; p++)
		most += *p == ',';
	free(arguments->kernels);
	while (arguments->tree_count)
		free(arguments->trees[--arguments->tree_count]);
	arguments->kernels = calloc(most, sizeof(char *));
	if (!arguments->kernels)
		return internal_error(arguments, "not enough memory");
	for (p = text;; p++) {
		size_t len = strcspn(p, ",");
		const char *variant = find_variant(arguments, p, len);

		int status;

		if (!variant)
			return unknown_variant(arguments, p, len);
		status = check_tree(arguments, variant);
		if (status != STATUS_GO_ON)
			return status;
		if (!already_there(arguments->kernels, count, variant))
			arguments->kernels[count++] = variant;
		p += len;
		if (!*p)
			return STATUS_GO_ON;
	}
}

static int read_number(const struct arguments *arguments, const char *option, const char *text,
		       unsigned long long *out)
{
	if (parse_u64(text, false, out))
		return STATUS_GO_ON;
	return usage_error(arguments, "option '--%s' needs a number, not '%s'", option, text);
}

/* A number that counts from 1. */
static int read_ordinal(const struct arguments *arguments, const char *option, const char *text,
			unsigned long long *out)
{
	if (parse_u64(text, false, out) && *out)
		return STATUS_GO_ON;
	return usage_error(arguments, "option '--%s' needs a number from 1, not '%s'", option,
			   text);
}

static int read_timing(struct arguments *arguments, const char *text)
{
	const char *names[TIMING_MODES + 1] = { NULL };
	const char *nearest;

	for (enum timing_mode mode = 0; mode < TIMING_MODES; mode++) {
		names[mode] = timing_mode_name(mode);
		if (strcmp(text, names[mode]) != 0)
			continue;
		arguments->timing = mode;
		arguments->has_timing = true;
		return STATUS_GO_ON;
	}
	nearest = nearest_word(text, names);
	return usage_error(arguments, "unknown timing '%s'; %s'%s'", text,
			   nearest ? "did you mean " : "expected e.g. ",
			   nearest ? nearest : names[0]);
}

/* ---- argp ---- */

/* Where argp's callback leaves what it found. */
struct reading {
	struct arguments *arguments;
	int status;
};

/* "2/8" */
static int read_shard(struct arguments *arguments, const char *text)
{
	const char *slash = strchr(text, '/');
	char *first = slash ? strndup(text, (size_t)(slash - text)) : NULL;
	struct sweep_arguments *s = &arguments->sweep;
	bool good = first && parse_u64(first, false, &s->shard) &&
		    parse_u64(slash + 1, false, &s->shards) && s->shard && s->shard <= s->shards;

	free(first);
	return good ? STATUS_GO_ON
		    : usage_error(arguments, "option '--shard' needs I/N, as in 1/8, not '%s'",
				  text);
}

/* At most 4096, so that a slip of the hand starts no million of processes. */
static int read_jobs(struct arguments *arguments, const char *text)
{
	if (parse_u64(text, false, &arguments->sweep.jobs) && arguments->sweep.jobs &&
	    arguments->sweep.jobs <= 4096)
		return STATUS_GO_ON;
	return usage_error(arguments, "option '--jobs' needs a number from 1 to 4096, not '%s'",
			   text);
}

static int take_sweep_option(struct arguments *arguments, int key, const char *arg)
{
	struct sweep_arguments *s = &arguments->sweep;

	switch (key) {
	case OPTION_CSV:
		s->csv = arg;
		return STATUS_GO_ON;
	case OPTION_HTML:
		s->html = arg;
		return STATUS_GO_ON;
	case OPTION_PLOTS:
		s->plots = arg;
		return STATUS_GO_ON;
	case OPTION_SHARD:
		return read_shard(arguments, arg);
	case OPTION_JOBS:
		return read_jobs(arguments, arg);
	case OPTION_RESUME:
		s->resume = true;
		return STATUS_GO_ON;
	case OPTION_MERGE:
		s->merge = true;
		return STATUS_GO_ON;
	case OPTION_POINT:
		s->has_point = true;
		return read_number(arguments, "point", arg, &s->point);
	default: /* OPTION_PRINT_POINT */
		s->has_print_point = true;
		return read_number(arguments, "print-point", arg, &s->point);
	}
}

static int take_option(struct arguments *arguments, int key, const char *arg)
{
	switch (key) {
	case OPTION_KERNEL:
		return read_kernels(arguments, arg);
	case OPTION_JSON:
		arguments->json = arg;
		return STATUS_GO_ON;
	case OPTION_JUNIT:
		arguments->junit = arg;
		return STATUS_GO_ON;
	case OPTION_TRACE:
		arguments->trace = arg;
		return STATUS_GO_ON;
	case OPTION_VCD:
		arguments->vcd = arg;
		return STATUS_GO_ON;
	case OPTION_TIMING:
		return read_timing(arguments, arg);
	case OPTION_SEED:
		return read_number(arguments, "seed", arg, &arguments->seed);
	case OPTION_LINE:
		return read_ordinal(arguments, "line", arg, &arguments->line);
	case OPTION_STEP:
		return read_ordinal(arguments, "step", arg, &arguments->step);
	case OPTION_NAME:
		arguments->name = arg;
		return STATUS_GO_ON;
	case OPTION_TREE_VERSION:
		arguments->tree_version = arg;
		return STATUS_GO_ON;
	case OPTION_VERBOSE:
		arguments->verbose = true;
		return STATUS_GO_ON;
	case OPTION_LIST:
		arguments->list = true;
		return STATUS_GO_ON;
	case OPTION_WHY:
		arguments->why = true;
		return STATUS_GO_ON;
	case OPTION_HELP:
		arguments->help = true;
		return STATUS_GO_ON;
	default:
		return take_sweep_option(arguments, key, arg);
	}
}

static error_t on_key(int key, char *arg, struct argp_state *state)
{
	struct reading *reading = state->input;
	struct arguments *arguments = reading->arguments;

	if (key == ARGP_KEY_ARG) {
		arguments->words[arguments->word_count++] = arg;
		return 0;
	}
	if (key != OPTION_HELP && key != OPTION_JOBS && (key < OPTION_KERNEL || key >= OPTION_END))
		return ARGP_ERR_UNKNOWN;
	if (reading->status == STATUS_GO_ON)
		reading->status = take_option(arguments, key, arg);
	return 0;
}

int arguments_read(struct cli *cli, const struct command_line *line, int argc, char **argv,
		   struct arguments *arguments)
{
	const struct argp argp = { line->options, on_key, line->words, line->doc, NULL, NULL, NULL };
	struct reading reading = { arguments, STATUS_GO_ON };

	*arguments = (struct arguments){ .cli = cli,
					 .command = line->command,
					 .seed = 1,
					 .sweep = { .shard = 1, .shards = 1 } };
	arguments->words = calloc((size_t)argc + 1, sizeof(char *));
	if (!arguments->words)
		return internal_error(arguments, "not enough memory");
	reading.status = check_options(arguments, line->options, argv);
	if (reading.status == STATUS_GO_ON &&
	    argp_parse(&argp, argc, argv,
		       ARGP_NO_EXIT | ARGP_NO_HELP | ARGP_NO_ERRS | ARGP_IN_ORDER, NULL, &reading))
		return internal_error(arguments, "the arguments could not be read");
	if (arguments->help) {
		char name[40];

		snprintf(name, sizeof(name), "%s", line->command);
		argp_help(&argp, cli->out, ARGP_HELP_SHORT_USAGE | ARGP_HELP_LONG | ARGP_HELP_DOC,
			  name);
		return STATUS_HELD;
	}
	return reading.status;
}

void arguments_free(struct arguments *arguments)
{
	free(arguments->words);
	free(arguments->kernels);
	while (arguments->tree_count)
		free(arguments->trees[--arguments->tree_count]);
}
