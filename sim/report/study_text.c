/* SPDX-License-Identifier: Apache-2.0 */
/* A study's table for a terminal. */
#include "study.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX (STUDY_PARAMETERS_MAX + STUDY_METRICS_MAX + 3u)
#define TROUBLE_MAX 5u /* points whose trouble is told */

struct study_counts study_count(const struct study_table *table)
{
	size_t column = table_columns(table->study).verdict;
	struct study_counts counts = { 0 };

	for (size_t i = 0; i < table->count; i++) {
		const char *verdict = study_cell(table, i, column);

		if (strcmp(verdict, verdict_name(VERDICT_PASS)) == 0)
			counts.passed++;
		else if (strcmp(verdict, verdict_name(VERDICT_FAIL)) == 0)
			counts.failed++;
		else
			counts.errors++;
	}
	return counts;
}

/* The table's columns that a terminal shows. */
struct shown {
	size_t columns[COLUMNS_MAX];
	unsigned int widths[COLUMNS_MAX];
	bool numbers[COLUMNS_MAX];
	size_t count;
};

static void show(struct shown *shown, size_t column)
{
	shown->columns[shown->count] = column;
	shown->numbers[shown->count] = true;
	shown->count++;
}

/* A cell as it is shown: a metric's number in short. */
static char *cell_text(const struct study_table *table, size_t row, size_t column)
{
	const struct study *s = table->study;
	struct table_columns c = table_columns(s);
	const char *text = study_cell(table, row, column);
	char number[PLOT_NUMBER_SIZE], *end;
	double value;

	if (column < c.metric || column >= c.verdict || !*text)
		return clean_text(text, false);
	value = strtod(text, &end);
	if (*end)
		return clean_text(text, false);
	plot_number(value, s->metrics[column - c.metric].unit, number);
	return strdup(number);
}

static void measure(const struct study_table *table, struct shown *shown)
{
	for (size_t i = 0; i < shown->count; i++) {
		shown->widths[i] = text_width(table_column_name(table->study, shown->columns[i]));
		for (size_t row = 0; row < table->count; row++) {
			char *text = cell_text(table, row, shown->columns[i]);
			unsigned int width = text ? text_width(text) : 0;

			if (text && *text && (*text < '0' || *text > '9') && *text != '-')
				shown->numbers[i] = false;
			if (width > shown->widths[i])
				shown->widths[i] = width;
			free(text);
		}
	}
}

static void print_cell(FILE *out, const struct shown *shown, size_t index, const char *text)
{
	unsigned int width = text_width(text);
	int padding = (int)(shown->widths[index] - width);

	if (index)
		fputs("  ", out);
	if (shown->numbers[index])
		fprintf(out, "%*s%s", padding, "", text);
	else
		fprintf(out, "%s%*s", text, index + 1 < shown->count ? padding : 0, "");
}

static void print_head(FILE *out, const struct style *style, const struct study_table *table,
		       const struct shown *shown)
{
	fputs(tint_on(style, TINT_BOLD), out);
	for (size_t i = 0; i < shown->count; i++) {
		char *name = clean_text(table_column_name(table->study, shown->columns[i]), false);

		print_cell(out, shown, i, name ? name : "");
		free(name);
	}
	fprintf(out, "%s\n", tint_off(style));
}

static void print_trouble(FILE *out, const struct style *style, const struct study_table *table)
{
	struct table_columns c = table_columns(table->study);
	struct study_counts counts = study_count(table);
	size_t told = 0;

	for (size_t i = 0; i < table->count && told < TROUBLE_MAX; i++) {
		if (strcmp(study_cell(table, i, c.verdict), verdict_name(VERDICT_PASS)) == 0)
			continue;
		told++;
		fprintf(out, "point %s: ", study_cell(table, i, 0));
		print_clean(out, style, TINT_BAD, study_cell(table, i, c.verdict));
		fputs(": ", out);
		print_clean(out, style, TINT_NONE, study_cell(table, i, c.message));
		fputs("\n    ", out);
		print_clean(out, style, TINT_DIM, study_cell(table, i, c.command));
		fputc('\n', out);
	}
	if (counts.failed + counts.errors > told)
		fprintf(out, "... and %zu points more\n", counts.failed + counts.errors - told);
}

static void choose(const struct study_table *table, struct shown *shown)
{
	const struct study *s = table->study;
	struct table_columns c = table_columns(s);
	struct study_counts counts = study_count(table);

	for (size_t i = 0; i < c.kernel; i++)
		show(shown, i);
	if (s->kernel_count > 1)
		show(shown, c.kernel);
	for (size_t i = c.metric; i < c.verdict; i++)
		show(shown, i);
	if (counts.failed || counts.errors)
		show(shown, c.verdict);
}

void report_study_rows(FILE *out, const struct style *style, const struct study_table *table)
{
	struct shown shown = { .count = 0 };

	choose(table, &shown);
	measure(table, &shown);
	print_head(out, style, table, &shown);
	for (size_t row = 0; row < table->count; row++) {
		for (size_t i = 0; i < shown.count; i++) {
			char *text = cell_text(table, row, shown.columns[i]);

			print_cell(out, &shown, i, text ? text : "");
			free(text);
		}
		fputc('\n', out);
	}
}

/* Metrics that runs lack: of a mistake, or because there is no time. */
static void print_missing(FILE *out, const struct study_table *table)
{
	struct table_columns c = table_columns(table->study);

	for (size_t i = c.metric; i < c.verdict; i++) {
		size_t missing = 0;

		for (size_t row = 0; row < table->count; row++)
			missing += !*study_cell(table, row, i) &&
				   strcmp(study_cell(table, row, c.verdict),
					  verdict_name(VERDICT_ERROR)) != 0;
		if (!missing)
			continue;
		fprintf(out, "'%s' is not there in ", table_column_name(table->study, i));
		print_count(out, missing, "run");
		fprintf(out, " (`%s`)\n", table->study->metrics[i - c.metric].path);
	}
}

void report_study_summary(FILE *out, const struct style *style, const struct study_table *table)
{
	struct study_counts counts = study_count(table);

	print_trouble(out, style, table);
	print_missing(out, table);
	print_count(out, table->count, "point");
	fprintf(out, ": %s%zu passed%s", counts.passed ? tint_on(style, TINT_GOOD) : "",
		counts.passed, counts.passed ? tint_off(style) : "");
	if (counts.failed)
		fprintf(out, ", %s%zu failed%s", tint_on(style, TINT_BAD), counts.failed,
			tint_off(style));
	if (counts.errors) {
		fprintf(out, ", %s", tint_on(style, TINT_BAD));
		print_count(out, counts.errors, "error");
		fputs(tint_off(style), out);
	}
	fprintf(out, " (seed %llu)\n", table->study->seed);
}
