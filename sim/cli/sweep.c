/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vtdsim sweep: a what-if study. Its options, what goes with what, and single points; the rest is in the other files
 * of sweep.h.
 */
#include "sweep.h"

#include <stdlib.h>
#include <string.h>

static const struct argp_option options[] = {
	{ "csv", OPTION_CSV, "FILE", 0, "write a row for each point ('-': standard output)", 0 },
	{ "html", OPTION_HTML, "FILE", 0, "write the table with plots, in one file", 0 },
	{ "plots", OPTION_PLOTS, "DIR", 0, "write each plot there as SVG", 0 },
	{ "jobs", OPTION_JOBS, "N", 0, "points at once (default: as many as processors)", 0 },
	{ "resume", OPTION_RESUME, NULL, 0, "go on where --csv's file ends", 0 },
	{ "shard", OPTION_SHARD, "I/N", 0, "run the Ith of N parts alone", 0 },
	{ "merge", OPTION_MERGE, NULL, 0, "put shards' files together instead of running", 0 },
	{ "point", OPTION_POINT, "N", 0, "run this point alone, and tell its steps", 0 },
	{ "print-point", OPTION_PRINT_POINT, "N", 0, "print this point's scenario", 0 },
	{ "kernel", OPTION_KERNEL, "A,B", 0, "on exactly these kernels", 0 },
	{ "timing", OPTION_TIMING, "T", 0, "untimed, loosely-timed or approximately-timed", 0 },
	{ "seed", OPTION_SEED, "N", 0, "seed of the runs' random choices (default 1)", 0 },
	{ "help", OPTION_HELP, NULL, 0, "show this help", 0 },
	{ 0 },
};

static const struct command_line line = {
	.command = "vtdsim sweep",
	.words = "STUDY.yaml\nSTUDY.yaml --merge SHARD.csv...",
	.options = options,
	.doc = "Runs a scenario at every point of a study, and tells what was measured as a table, "
	       "as CSV, and as HTML with plots. docs/study-format.md describes studies.\v"
	       "Examples:\n"
	       "  vtdsim sweep scenarios/studies/iotlb-size.yaml\n"
	       "  vtdsim sweep s.yaml --csv s.csv --html s.html\n"
	       "  vtdsim sweep s.yaml --csv s.csv --resume\n"
	       "  vtdsim sweep s.yaml --point 12\n"
	       "  vtdsim sweep s.yaml --print-point 12 > point.yaml\n"
	       "  vtdsim sweep s.yaml --shard 3/8 --csv part-3.csv\n"
	       "  vtdsim sweep s.yaml --merge part-*.csv --csv s.csv --html s.html\n\n"
	       "Exit status: 0 all points passed; 1 an expectation failed at one; 2 the input is "
	       "wrong, or a point ended in an error, which its row tells; 3 vtdsim itself failed or "
	       "could not write; 130 interrupted.",
};

/* ---- rows ---- */

unsigned long long sweep_point(const struct sweep *sweep, unsigned long long row)
{
	return sweep->first + row * sweep->stride;
}

static int status_of(const char *verdict)
{
	if (strcmp(verdict, verdict_name(VERDICT_PASS)) == 0)
		return STATUS_HELD;
	return strcmp(verdict, verdict_name(VERDICT_FAIL)) == 0 ? STATUS_FAILED : STATUS_INPUT;
}

bool sweep_keep(struct sweep *sweep, const char *text, size_t len, int status)
{
	struct csv_row row;

	if (!sweep->rows)
		sweep->rows = calloc(sweep->count + 1, sizeof(*sweep->rows));
	if (!sweep->rows || sweep->row_count == sweep->count || !csv_parse(text, len, &row))
		return false;
	sweep->rows[sweep->row_count++] = row;
	if (status < 0)
		status = status_of(row.cells[table_columns(sweep->study).verdict]);
	if (status > sweep->status)
		sweep->status = status;
	return true;
}

bool sweep_is_piped(const struct sweep *sweep)
{
	const struct sweep_arguments *a = &sweep->arguments->sweep;

	return (a->csv && !strcmp(a->csv, "-")) || (a->html && !strcmp(a->html, "-"));
}

int sweep_complain(const struct sweep *sweep, struct diags *diags)
{
	const struct cli *cli = sweep->arguments->cli;

	diag_print(diags, cli->err, cli->err_style.colour);
	diag_clear(diags);
	return STATUS_INPUT;
}

/* ---- the command that gives it again ---- */

/* A word as a shell takes it for one. */
static void print_word(FILE *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_./+:@%=,-";

	if (*word && strspn(word, plain) == strlen(word)) {
		fputs(word, out);
		return;
	}
	fputc('\'', out);
	for (; *word; word++) {
		if (*word == '\'')
			fputs("'\\''", out);
		else
			fputc(*word, out);
	}
	fputc('\'', out);
}

static char *command_again(const struct arguments *a)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out, "%s ", a->command);
	print_word(out, a->words[0]);
	for (size_t i = 0; a->kernels && a->kernels[i]; i++)
		fprintf(out, "%s%s", i ? "," : " --kernel ", a->kernels[i]);
	if (a->has_timing)
		fprintf(out, " --timing %s", timing_mode_name(a->timing));
	if (a->seed != 1)
		fprintf(out, " --seed %llu", a->seed);
	fclose(out);
	return text;
}

/* ---- one point ---- */

static int print_point(const struct sweep *sweep)
{
	const struct arguments *a = sweep->arguments;
	struct study_point point = study_point(sweep->study, a->sweep.point);
	struct arena arena = { 0 };
	struct diags diags = { 0 };
	const struct node *tree = study_tree(sweep->study, &point, &arena, &diags);
	char *text = study_point_text(sweep->study, &point);
	int status = STATUS_HELD;

	if (tree) {
		fprintf(a->cli->out, "# %s --print-point %llu: %s\n", sweep->command, point.number,
			text ? text : "");
		if (!emit_yaml(a->cli->out, tree))
			status = internal_error(a, "the scenario could not be written");
	} else {
		status = sweep_complain(sweep, &diags);
	}
	free(text);
	arena_free(&arena);
	return status;
}

static int status_of_run(const struct study_run *run)
{
	struct run_results results = { (struct run_result *)&run->result, 1 };

	return run->read ? results_status(&results) : STATUS_INPUT;
}

static void print_metrics(const struct sweep *sweep, const struct study_run *run, FILE *out)
{
	unsigned int width = 0;

	for (size_t i = 0; i < sweep->study->metric_count; i++)
		if (text_width(sweep->study->metrics[i].name) > width)
			width = text_width(sweep->study->metrics[i].name);
	for (size_t i = 0; i < sweep->study->metric_count; i++) {
		const struct study_metric *m = &sweep->study->metrics[i];
		char *text = study_metric_text(m, &run->result);

		fprintf(out, "       %-*s  %s%s%s\n", (int)width, m->name, text ? text : "",
			m->unit ? " " : "", m->unit ? m->unit : "");
		free(text);
	}
}

/* The point in this very process, told in full. */
static int run_point(const struct sweep *sweep)
{
	const struct arguments *a = sweep->arguments;
	struct study_point point = study_point(sweep->study, a->sweep.point);
	FILE *out = sweep_is_piped(sweep) ? a->cli->err : a->cli->out;
	const struct style *style = sweep_is_piped(sweep) ? &a->cli->err_style : &a->cli->out_style;
	char *text = study_point_text(sweep->study, &point);
	struct study_run run;
	struct output csv = { 0 };
	int status;

	if (a->sweep.csv && !output_open(a, a->sweep.csv, &csv)) {
		free(text);
		return STATUS_INTERNAL;
	}
	study_run_point(sweep->study, point.number, &run);
	status = status_of_run(&run);
	fprintf(out, "point %llu: %s\n", point.number, text ? text : "");
	if (run.read) {
		report_run(out, style, &run.result, true);
		print_metrics(sweep, &run, out);
	} else {
		fprintf(a->cli->err, "%s\n", run.result.error ? run.result.error : "no scenario");
	}
	if (csv.file) {
		table_write_header(sweep->study, csv.file);
		table_write_row(sweep->study, sweep->command, point.number, &run, csv.file);
		if (!output_commit(a, &csv))
			status = STATUS_INTERNAL;
	}
	study_run_clear(&run);
	free(text);
	return status;
}

/* ---- the command ---- */

static int check_together(const struct arguments *a)
{
	const struct sweep_arguments *s = &a->sweep;
	bool one_point = s->has_point || s->has_print_point;

	if (!a->word_count)
		return usage_error(a, "expected a study");
	if (a->word_count > 1 && !s->merge)
		return usage_error(a, "expected one study; further files go with --merge");
	if (s->merge && a->word_count == 1)
		return usage_error(a, "--merge needs the shards' files");
	if (s->merge && (s->resume || s->shards > 1 || one_point))
		return usage_error(a,
				   "--merge runs nothing: it goes with --csv, --html and --plots");
	if (s->merge && !s->csv && !s->html && !s->plots)
		return usage_error(a, "--merge writes to --csv, --html or --plots");
	if (s->has_point && s->has_print_point)
		return usage_error(a, "--point and --print-point both choose a point");
	if (one_point && (s->resume || s->shards > 1 || s->html || s->plots))
		return usage_error(a, "one point goes with --csv alone");
	if (s->resume && (!s->csv || !strcmp(s->csv, "-")))
		return usage_error(a, "--resume needs --csv with the file to go on with");
	if (s->csv && s->html && !strcmp(s->csv, s->html))
		return usage_error(a, "--csv and --html both go to '%s'", s->csv);
	return STATUS_GO_ON;
}

static int choose_points(struct sweep *sweep)
{
	const struct sweep_arguments *s = &sweep->arguments->sweep;
	unsigned long long points = sweep->study->points;

	if ((s->has_point || s->has_print_point) && s->point >= points)
		return usage_error(sweep->arguments, "no point %llu; the study has 0 to %llu",
				   s->point, points - 1);
	sweep->first = s->shard - 1;
	sweep->stride = s->shards;
	sweep->count = sweep->first < points ? (points - sweep->first - 1) / s->shards + 1 : 0;
	return STATUS_GO_ON;
}

static int sweep_all(struct sweep *sweep)
{
	int status = sweep->arguments->sweep.merge ? sweep_merge(sweep) : sweep_run(sweep);

	if (status == STATUS_GO_ON)
		status = sweep_report(sweep);
	return status == STATUS_GO_ON ? sweep->status : status;
}

static int sweep_study(struct sweep *sweep)
{
	const struct arguments *a = sweep->arguments;
	const struct study_choice choice = { a->kernels, a->has_timing, a->timing, a->seed };
	struct diags diags = { 0 };
	int status;

	sweep->study = study_load(a->words[0], &choice, &diags);
	if (!sweep->study)
		return sweep_complain(sweep, &diags);
	diag_clear(&diags);
	sweep->command = command_again(a);
	if (!sweep->command)
		return internal_error(a, "not enough memory");
	status = choose_points(sweep);
	if (status != STATUS_GO_ON)
		return status;
	if (a->sweep.has_print_point)
		return print_point(sweep);
	return a->sweep.has_point ? run_point(sweep) : sweep_all(sweep);
}

int command_sweep(struct cli *cli, int argc, char **argv)
{
	struct arguments arguments;
	struct sweep sweep = { .arguments = &arguments };
	int status = arguments_read(cli, &line, argc, argv, &arguments);

	if (status == STATUS_GO_ON)
		status = check_together(&arguments);
	if (status == STATUS_GO_ON)
		status = sweep_study(&sweep);
	while (sweep.row_count)
		csv_row_clear(&sweep.rows[--sweep.row_count]);
	free(sweep.rows);
	free(sweep.command);
	study_free(sweep.study);
	arguments_free(&arguments);
	return status;
}
