/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vtdsim explain: runs a scenario on one kernel with an observer in one step, and tells that step.
 */
#include "cli.h"

#include "report/explain.h"

#include <string.h>

static const struct argp_option options[] = {
	{ "kernel", OPTION_KERNEL, "V", 0,
	  "on this kernel (default: of those where an IOMMU translates the step, the one with the "
	  "worst outcome)",
	  0 },
	{ "line", OPTION_LINE, "N", 0, "the step that this line of the file belongs to", 0 },
	{ "step", OPTION_STEP, "N", 0, "the Nth step, from 1", 0 },
	{ "timing", OPTION_TIMING, "T", 0,
	  "untimed, loosely-timed or approximately-timed, whatever the platform says", 0 },
	{ "seed", OPTION_SEED, "N", 0, "seed of random choices (default 1)", 0 },
	{ "help", OPTION_HELP, NULL, 0, "show this help", 0 },
	{ 0 },
};

static const struct command_line line = {
	.command = "vtdsim explain",
	.words = "FILE",
	.options = options,
	.doc = "Runs a scenario and tells one step of it, as its IOMMUs see it: every table entry "
	       "read, from where, what it said, which cache knew it, the address or fault at the "
	       "end. Without --line or --step it is the last DMA, or other request of a "
	       "device.\v"
	       "Examples:\n"
	       "  vtdsim explain scenarios/translation/nested-4k-4k.yaml\n"
	       "  vtdsim explain --kernel v1 --line 42 x.yaml\n\n"
	       "Exit status: 0 the step was told, whether or not expectations held; 2 the input is "
	       "wrong or has no such step; 3 vtdsim itself failed.",
};

/* The watch for the step to tell. */
struct watch {
	const struct arguments *arguments;
	struct explanation explanation;
	bool watching; /* the running step is kept */
	bool found;
};

/* A step that sends a device's request to its IOMMU; name: in words, as "dma device=0000:3a:00.0 ...". */
static bool is_request(const char *name)
{
	static const char *const operations[] = { "dma", "interrupt", "request", "page-request" };
	size_t len = strcspn(name, " "), i;

	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (strlen(operations[i]) == len && !strncmp(name, operations[i], len))
			return true;
	return false;
}

static bool wanted(const struct watch *watch, size_t step, unsigned int step_line, const char *name)
{
	const struct arguments *arguments = watch->arguments;

	/* the last that starts so early: its own lines may be several */
	if (arguments->line)
		return step_line <= arguments->line;
	if (arguments->step)
		return step + 1 == arguments->step;
	return is_request(name);
}

static void on_event(void *arg, size_t unit, const struct port_event *event)
{
	struct watch *watch = arg;

	explanation_add(&watch->explanation, unit, event);
}

static void on_step_begin(void *arg, struct machine *machine, size_t step, unsigned int step_line,
			  const char *name)
{
	struct watch *watch = arg;

	watch->watching = wanted(watch, step, step_line, name);
	if (!watch->watching)
		return;
	watch->found = true;
	explanation_begin(&watch->explanation, machine_platform(machine), step_line, name);
	machine_observe(machine, on_event, watch);
}

static void on_step_end(void *arg, struct machine *machine, size_t step,
			const struct step_result *result)
{
	struct watch *watch = arg;

	(void)step;
	if (!watch->watching)
		return;
	machine_observe(machine, NULL, NULL);
	explanation_end(&watch->explanation, result);
	watch->watching = false;
}

static int no_such_step(const struct arguments *arguments, const char *kernel)
{
	const char *file = arguments->words[0];

	if (arguments->line)
		return usage_error(arguments,
				   "no step stands in line %llu of %s, or the run on %s "
				   "ends before it",
				   arguments->line, file, kernel);
	if (arguments->step)
		return usage_error(arguments, "%s has no step %llu on %s", file, arguments->step,
				   kernel);
	return usage_error(arguments,
			   "%s has no request of a device on %s; --line or --step chooses another",
			   file, kernel);
}

/* ---- choosing the kernel ---- */

#define MAX_KERNELS 16

/* What a kernel makes of the scenario and of the step to tell. */
struct trial {
	const char *kernel;
	bool found;
	enum explained_reach reach;
	enum verdict verdict;
	enum outcome outcome;
};

struct trials {
	struct trial items[MAX_KERNELS];
	size_t count;
	const struct trial *chosen;
};

static void run_watched(struct watch *watch, const struct scenario *scenario, const char *kernel,
			struct run_result *run)
{
	const struct scenario_run_options run_options = {
		.kernel = kernel,
		.seed = watch->arguments->seed,
		.has_timing = watch->arguments->has_timing,
		.timing = watch->arguments->timing,
		.step_begin = on_step_begin,
		.step_end = on_step_end,
		.arg = watch,
	};

	scenario_run(scenario, &run_options, run);
}

static struct trial try_kernel(const struct arguments *arguments, const struct scenario *scenario,
			       const char *kernel)
{
	struct watch watch = { .arguments = arguments };
	struct trial trial = { .kernel = kernel };
	struct run_result run = { 0 };

	run_watched(&watch, scenario, kernel, &run);
	trial.found = watch.found;
	trial.reach = explanation_reach(&watch.explanation);
	trial.verdict = run.verdict;
	trial.outcome = run.outcome;
	explanation_clear(&watch.explanation);
	run_result_clear(&run);
	return trial;
}

/*
 * A step that an IOMMU translates tells most; of two such, the one of a run that goes wrong is what one
 * wants to know about.
 */
static bool tells_more(const struct trial *trial, const struct trial *than)
{
	if (trial->found != than->found)
		return trial->found;
	if (trial->reach != than->reach)
		return trial->reach > than->reach;
	return trial->outcome > than->outcome;
}

static void try_kernels(const struct arguments *arguments, const struct scenario *scenario,
			struct trials *trials)
{
	const char *const *kernel = kernels_for(arguments, scenario);

	for (; *kernel && trials->count < MAX_KERNELS; kernel++) {
		struct trial *trial = &trials->items[trials->count++];

		*trial = try_kernel(arguments, scenario, *kernel);
		if (!trials->chosen || tells_more(trial, trials->chosen))
			trials->chosen = trial;
	}
}

/* ---- telling ---- */

/* "; on v1, v7: misled" for all kernels of that outcome. */
static void print_others(const struct cli *cli, const struct trials *trials, int outcome)
{
	const char *before = "; on ";
	size_t i;

	for (i = 0; i < trials->count; i++) {
		if ((int)trials->items[i].outcome != outcome)
			continue;
		fprintf(cli->out, "%s%s", before, trials->items[i].kernel);
		before = ", ";
	}
	if (*before == ',')
		fprintf(cli->out, ": %s", outcome_name((enum outcome)outcome));
}

/* "(outcome there: works; on v1: misled)": the worse ones, too, the worst first. */
static void print_outcomes(const struct cli *cli, const struct trials *trials)
{
	int outcome;

	fprintf(cli->out, " (outcome there: %s",
		trials->chosen->verdict == VERDICT_ERROR ? "error"
							 : outcome_name(trials->chosen->outcome));
	for (outcome = OUTCOME_COUNT - 1; outcome > (int)trials->chosen->outcome; outcome--)
		print_others(cli, trials, outcome);
	fputc(')', cli->out);
}

static void print_told(const struct arguments *arguments, const struct watch *watch,
		       const struct run_result *run, const struct trials *trials)
{
	const struct cli *cli = arguments->cli;
	const struct explanation *explanation = &watch->explanation;

	print_clean(cli->out, &cli->out_style, TINT_BOLD, explanation->step);
	fprintf(cli->out, "\n%s", tint_on(&cli->out_style, TINT_DIM));
	print_clean(cli->out, &cli->out_style, TINT_NONE, run->file);
	fprintf(cli->out, ":%u, kernel %s", explanation->line, run->kernel);
	print_outcomes(cli, trials);
	fprintf(cli->out, "%s\n", tint_off(&cli->out_style));
	explanation_print(cli->out, &cli->out_style, explanation);
}

static int explain_loaded(const struct arguments *arguments, const struct scenario *scenario)
{
	struct watch watch = { .arguments = arguments };
	struct run_result run = { 0 };
	struct trials trials = { 0 };
	int status = STATUS_HELD;

	try_kernels(arguments, scenario, &trials);
	if (!trials.chosen)
		return internal_error(arguments, "not enough memory");
	run_watched(&watch, scenario, trials.chosen->kernel, &run);
	if (watch.found)
		print_told(arguments, &watch, &run, &trials);
	else if (run.verdict != VERDICT_ERROR)
		status = no_such_step(arguments, trials.chosen->kernel);
	if (run.verdict == VERDICT_ERROR) {
		struct run_results results = { .runs = &run, .count = 1 };

		report_run(arguments->cli->err, &arguments->cli->err_style, &run, false);
		status = results_status(&results);
	}
	explanation_clear(&watch.explanation);
	run_result_clear(&run);
	return status;
}

/* Lines of a file; those after the last step belong to none. */
static unsigned long long line_count(const char *path)
{
	FILE *in = fopen(path, "r");
	unsigned long long lines = 0;
	int c, last = '\n';

	if (!in)
		return 0;
	while ((c = getc(in)) != EOF) {
		lines += last == '\n';
		last = c;
	}
	fclose(in);
	return lines;
}

static int check_line(const struct arguments *arguments)
{
	unsigned long long lines = line_count(arguments->words[0]);

	if (arguments->line > lines)
		return usage_error(arguments,
				   "no step stands in line %llu of %s, which has %llu lines",
				   arguments->line, arguments->words[0], lines);
	return STATUS_GO_ON;
}

static int check_arguments(const struct arguments *arguments)
{
	if (arguments->word_count != 1)
		return usage_error(arguments, "expected one scenario file");
	if (arguments->line && arguments->step)
		return usage_error(arguments, "--line and --step both choose a step; expected one");
	if (arguments->kernels && arguments->kernels[1])
		return usage_error(arguments, "expected one kernel; '%s' is a second one",
				   arguments->kernels[1]);
	return STATUS_GO_ON;
}

int command_explain(struct cli *cli, int argc, char **argv)
{
	struct scenarios scenarios = { 0 };
	struct arguments arguments;
	int status = arguments_read(cli, &line, argc, argv, &arguments);

	if (status == STATUS_GO_ON)
		status = check_arguments(&arguments);
	if (status == STATUS_GO_ON)
		status = scenarios_load(&arguments, &scenarios);
	if (status == STATUS_GO_ON && scenarios.count != 1)
		status = usage_error(&arguments, "expected one scenario; '%s' holds %zu",
				     arguments.words[0], scenarios.count);
	if (status == STATUS_GO_ON && arguments.line)
		status = check_line(&arguments);
	if (status == STATUS_GO_ON)
		status = explain_loaded(&arguments, scenarios.items[0]);
	scenarios_free(&scenarios);
	arguments_free(&arguments);
	return status;
}
