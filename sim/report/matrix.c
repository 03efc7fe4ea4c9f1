/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matrix: scenarios down, grouped by the directory they lie in, kernels across, outcomes in the
 * cells.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#define GAP 2u
#define NAME_MAX_WIDTH 100u

/* What each outcome means, for the legend (design.md, "the outcome sums a run up"). */
static const char *const meanings[OUTCOME_COUNT] = {
	[OUTCOME_WORKS] = "everything did what was asked of it",
	[OUTCOME_REFUSED] = "an ioctl said no, with an errno and at the right moment",
	[OUTCOME_FAULTED] = "accepted, and then DMA faulted",
	[OUTCOME_MISLED] = ("an ioctl reported success that the hardware contradicts, or what user "
			    "space was told is no longer true"),
	[OUTCOME_CORRUPTED] = "DMA completed at an address that its page tables do not give",
};

/* The run of a row on a kernel, or NULL. */
static const struct run_result *cell(const struct matrix *matrix, const struct matrix_row *row,
				     const char *kernel)
{
	size_t i;

	for (i = row->first; i < row->first + row->count; i++)
		if (!strcmp(matrix->results->runs[i].kernel, kernel))
			return &matrix->results->runs[i];
	return NULL;
}

static void pad(FILE *out, unsigned int printed, unsigned int width)
{
	fprintf(out, "%*s", printed < width ? (int)(width - printed) : 0, "");
}

/* ---- groups ---- */

static size_t directory_len(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? (size_t)(slash - file) + 1 : 0;
}

static bool same_group(const struct matrix_row *a, const struct matrix_row *b)
{
	size_t len = directory_len(a->file);

	return len == directory_len(b->file) && !memcmp(a->file, b->file, len);
}

/* Length of the directories that all rows share: they would say nothing in the table. */
static size_t shared_prefix(const struct matrix *matrix)
{
	const char *first = matrix->rows[0].file;
	size_t len = directory_len(first), i;
	bool several = false;

	for (i = 1; i < matrix->row_count; i++) {
		const char *file = matrix->rows[i].file;
		size_t common = 0;

		several = several || !same_group(&matrix->rows[0], &matrix->rows[i]);
		while (common < len && file[common] == first[common])
			common++;
		while (common && first[common - 1] != '/')
			common--;
		len = common;
	}
	return several ? len : 0;
}

static void print_group(FILE *out, const struct style *style, const struct matrix_row *row,
			size_t prefix)
{
	size_t len = directory_len(row->file);
	char *name;

	if (len == prefix)
		name = strdup(len ? "./" : "");
	else
		name = strndup(row->file + prefix, len - prefix);
	if (name && *name) {
		name[strlen(name) - 1] = '\0'; /* the slash */
		print_clean(out, style, TINT_BOLD, name);
		fputc('\n', out);
	}
	free(name);
}

/* ---- rows ---- */

static unsigned int name_width(const struct matrix *matrix)
{
	unsigned int width = 8;
	size_t i;

	for (i = 0; i < matrix->row_count; i++) {
		unsigned int name = text_width(matrix->rows[i].scenario);

		if (name > width)
			width = name;
	}
	return width < NAME_MAX_WIDTH ? width : NAME_MAX_WIDTH;
}

static unsigned int column_width(const char *kernel)
{
	unsigned int widest = (unsigned int)strlen("corrupted !");
	unsigned int own = (unsigned int)strlen(kernel);

	return own > widest ? own : widest;
}

static void print_header(FILE *out, const struct style *style, const struct matrix *matrix,
			 unsigned int width)
{
	size_t i;

	pad(out, 0, width + GAP);
	for (i = 0; matrix->kernels[i]; i++) {
		bool last = !matrix->kernels[i + 1];

		pad(out, 0, GAP);
		fprintf(out, "%s%s%s", tint_on(style, TINT_BOLD), matrix->kernels[i],
			tint_off(style));
		pad(out, (unsigned int)strlen(matrix->kernels[i]),
		    last ? 0 : column_width(matrix->kernels[i]));
	}
	fputc('\n', out);
}

/* Returns the columns printed. */
static unsigned int print_cell(FILE *out, const struct style *style, const struct run_result *run)
{
	const char *word;

	if (!run) {
		fprintf(out, "%s-%s", tint_on(style, TINT_DIM), tint_off(style));
		return 1;
	}
	if (run->verdict == VERDICT_ERROR) {
		fprintf(out, "%serror%s", tint_on(style, TINT_BAD), tint_off(style));
		return 5;
	}
	word = outcome_name(run->outcome);
	fprintf(out, "%s%s%s", tint_on(style, outcome_tint(run->outcome)), word, tint_off(style));
	if (run->verdict == VERDICT_PASS)
		return (unsigned int)strlen(word);
	fprintf(out, " %s!%s", tint_on(style, TINT_BAD), tint_off(style));
	return (unsigned int)strlen(word) + 2;
}

static void print_row(FILE *out, const struct style *style, const struct matrix *matrix,
		      const struct matrix_row *row, unsigned int width)
{
	char *name = clean_text(row->scenario, false);
	size_t i;

	fprintf(out, "  %s", name ? name : "");
	pad(out, text_width(name ? name : ""), width);
	free(name);
	for (i = 0; matrix->kernels[i]; i++) {
		unsigned int printed;

		pad(out, 0, GAP);
		printed = print_cell(out, style, cell(matrix, row, matrix->kernels[i]));
		if (matrix->kernels[i + 1])
			pad(out, printed, column_width(matrix->kernels[i]));
	}
	fputc('\n', out);
}

/* ---- below the table ---- */

static bool outcome_occurs(const struct matrix *matrix, enum outcome outcome)
{
	size_t i;

	for (i = 0; i < matrix->results->count; i++)
		if (matrix->results->runs[i].outcome == outcome &&
		    matrix->results->runs[i].verdict != VERDICT_ERROR)
			return true;
	return false;
}

static bool gap_occurs(const struct matrix *matrix)
{
	size_t row, i;

	for (row = 0; row < matrix->row_count; row++)
		for (i = 0; matrix->kernels[i]; i++)
			if (!cell(matrix, &matrix->rows[row], matrix->kernels[i]))
				return true;
	return false;
}

static void print_legend(FILE *out, const struct style *style, const struct matrix *matrix,
			 const struct report_counts *counts)
{
	int outcome;

	for (outcome = 0; outcome < OUTCOME_COUNT; outcome++)
		if (outcome_occurs(matrix, (enum outcome)outcome))
			fprintf(out, "%s%-9s%s  %s\n",
				tint_on(style, outcome_tint((enum outcome)outcome)),
				outcome_name((enum outcome)outcome), tint_off(style),
				meanings[outcome]);
	if (counts->errors)
		fprintf(out, "%serror%s      a step could not be carried out as written\n",
			tint_on(style, TINT_BAD), tint_off(style));
	if (counts->failed)
		fprintf(out,
			"%s!%s          not what the scenario expects: 'vtdsim run' tells more\n",
			tint_on(style, TINT_BAD), tint_off(style));
	if (gap_occurs(matrix))
		fprintf(out, "-          the scenario does not ask for this kernel\n");
	fputc('\n', out);
}

void report_matrix(FILE *out, const struct style *style, const struct matrix *matrix)
{
	struct report_counts counts = report_count(matrix->results);
	unsigned int width = name_width(matrix);
	size_t prefix = shared_prefix(matrix), i;

	print_header(out, style, matrix, width);
	for (i = 0; i < matrix->row_count; i++) {
		const struct matrix_row *row = &matrix->rows[i];

		if (i == 0 || !same_group(row, row - 1)) {
			if (i)
				fputc('\n', out);
			print_group(out, style, row, prefix);
		}
		print_row(out, style, matrix, row, width);
	}
	fputc('\n', out);
	print_legend(out, style, matrix, &counts);
	report_summary(out, style, matrix->results, matrix->seed);
}
