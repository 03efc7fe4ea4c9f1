/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matrix: scenarios down, grouped by the directory they lie in, kernels across, outcomes in the
 * cells.
 */
#include "report.h"

#include "tree/tree.h"

#include <stdlib.h>
#include <string.h>

#define GAP 2u
#define TABLE_COLUMNS 120u
#define TEXT_COLUMNS 100u
#define NAME_MIN_WIDTH 30u /* however many kernels there are */
#define LEGEND_INDENT 11u

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

static const char *cell_word(const struct run_result *run)
{
	if (!run)
		return "-";
	return run->verdict == VERDICT_ERROR ? "error" : outcome_name(run->outcome);
}

static bool is_marked(const struct run_result *run)
{
	return run && run->verdict == VERDICT_FAIL;
}

/* Where in memory things lie is no result that kernels must agree on. */
static json_t *without_places(const json_t *result)
{
	json_t *copy = json_deep_copy(result);

	if (json_is_object(copy))
		json_object_del(copy, "address");
	return copy;
}

static bool same_step(const struct step_result *a, const struct step_result *b)
{
	json_t *one = without_places(a->result), *other = without_places(b->result);
	const char *x = a->errno_name ? a->errno_name : "", *y = b->errno_name ? b->errno_name : "";
	bool same = !strcmp(x, y) && json_equal(one, other);

	json_decref(one);
	json_decref(other);
	return same;
}

static bool same_run(const struct run_result *a, const struct run_result *b)
{
	size_t i;

	if (a->verdict != b->verdict || a->outcome != b->outcome || a->step_count != b->step_count)
		return false;
	if (a->error && b->error && strcmp(a->error, b->error) != 0)
		return false;
	for (i = 0; i < a->step_count; i++)
		if (!same_step(&a->steps[i], &b->steps[i]))
			return false;
	return true;
}

/* Variants built in differ on purpose. Where one of two kernels is a tree it is news. */
static bool is_comparison(const struct run_result *first, const struct run_result *run)
{
	return run != first && (tree_is_name(first->kernel) || tree_is_name(run->kernel));
}

/* Marks, by run, each cell that differs, step by step, from the first column's. NULL: no memory. */
static bool *find_differing(const struct matrix *matrix)
{
	bool *differing = calloc(matrix->results->count + 1, sizeof(*differing));
	size_t i, j;

	for (i = 0; differing && i < matrix->row_count; i++) {
		const struct matrix_row *row = &matrix->rows[i];
		const struct run_result *first = cell(matrix, row, matrix->kernels[0]);

		for (j = row->first; first && j < row->first + row->count; j++) {
			const struct run_result *run = &matrix->results->runs[j];

			differing[j] = is_comparison(first, run) && !same_run(first, run);
		}
	}
	return differing;
}

static bool differs(const struct matrix *matrix, const struct run_result *run)
{
	return run && matrix->differing && matrix->differing[run - matrix->results->runs];
}

static unsigned int cell_width(const struct matrix *matrix, const struct run_result *run)
{
	return (unsigned int)strlen(cell_word(run)) + (is_marked(run) ? 2 : 0) +
	       (differs(matrix, run) ? 2 : 0);
}

static unsigned int column_width(const struct matrix *matrix, const char *kernel)
{
	unsigned int width = (unsigned int)strlen(kernel);
	size_t i;

	for (i = 0; i < matrix->row_count; i++) {
		unsigned int own = cell_width(matrix, cell(matrix, &matrix->rows[i], kernel));

		if (own > width)
			width = own;
	}
	return width;
}

/* Columns for names: what the widest needs, but no more than the table leaves. */
static unsigned int name_width(const struct matrix *matrix)
{
	unsigned int width = 8, left = TABLE_COLUMNS - GAP;
	size_t i;

	for (i = 0; matrix->kernels[i]; i++) {
		unsigned int column = column_width(matrix, matrix->kernels[i]) + GAP;

		left = left > column + NAME_MIN_WIDTH ? left - column : NAME_MIN_WIDTH;
	}
	for (i = 0; i < matrix->row_count; i++) {
		unsigned int name = text_width(matrix->rows[i].scenario);

		if (name > width)
			width = name;
	}
	return width < left ? width : left;
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
		    last ? 0 : column_width(matrix, matrix->kernels[i]));
	}
	fputc('\n', out);
}

static void print_cell(FILE *out, const struct style *style, const struct matrix *matrix,
		       const struct run_result *run)
{
	enum tint tint = TINT_DIM;

	if (run)
		tint = run->verdict == VERDICT_ERROR ? TINT_BAD : outcome_tint(run->outcome);
	fprintf(out, "%s%s%s", tint_on(style, tint), cell_word(run), tint_off(style));
	if (is_marked(run))
		fprintf(out, " %s!%s", tint_on(style, TINT_BAD), tint_off(style));
	if (differs(matrix, run))
		fprintf(out, " %s*%s", tint_on(style, TINT_BAD), tint_off(style));
}

/* What of a name does not fit beside the cells, in lines of its own. */
static void print_name_rest(FILE *out, const char *rest, unsigned int width)
{
	while (*rest) {
		size_t len = line_bytes(rest, width - GAP, false);
		bool last = !rest[len];

		fprintf(out, "    %.*s\n", (int)(last ? len : len - 1), rest);
		rest += len;
	}
}

/* Bytes of a name that stand beside the cells: all, or up to its parenthesis, or what fits. */
static size_t name_bytes(const char *name, unsigned int width)
{
	size_t len = line_bytes(name, width, false);
	const char *parenthesis = strstr(name, " (");

	if (name[len] && parenthesis && (size_t)(parenthesis - name) < len)
		return (size_t)(parenthesis - name) + 1;
	return len;
}

static void print_row(FILE *out, const struct style *style, const struct matrix *matrix,
		      const struct matrix_row *row, unsigned int width)
{
	char *name = clean_text(row->scenario, false);
	const char *text = name ? name : "";
	size_t len = name_bytes(text, width), i;
	char *first = strndup(text, text[len] ? len - 1 : len);

	fprintf(out, "  %s", first ? first : "");
	pad(out, text_width(first ? first : ""), width);
	for (i = 0; matrix->kernels[i]; i++) {
		const struct run_result *run = cell(matrix, row, matrix->kernels[i]);

		pad(out, 0, GAP);
		print_cell(out, style, matrix, run);
		if (matrix->kernels[i + 1])
			pad(out, cell_width(matrix, run), column_width(matrix, matrix->kernels[i]));
	}
	fputc('\n', out);
	print_name_rest(out, text + len, width);
	free(first);
	free(name);
}

/* ---- why ---- */

/* Why a run did not just work, or NULL where it did. */
static const char *reason(const struct run_result *run)
{
	if (!run)
		return NULL;
	if (run->verdict == VERDICT_ERROR)
		return run->error;
	return run->outcome == OUTCOME_WORKS ? NULL : run->why;
}

static bool same_reason(const struct run_result *a, const struct run_result *b)
{
	return a->verdict == b->verdict && a->outcome == b->outcome && a->why_line == b->why_line &&
	       !strcmp(reason(a), reason(b));
}

/* True if an earlier run of the row gave the same reason, which has been told with it. */
static bool told_before(const struct matrix *matrix, const struct matrix_row *row,
			const struct run_result *run)
{
	const struct run_result *other;

	for (other = &matrix->results->runs[row->first]; other < run; other++)
		if (reason(other) && same_reason(other, run))
			return true;
	return false;
}

/* "    v1, v7: misled: the VMM holds ..." for all runs of the row that are as this one. */
static void print_reason(FILE *out, const struct style *style, const struct matrix *matrix,
			 const struct matrix_row *row, const struct run_result *run)
{
	const struct run_result *end = &matrix->results->runs[row->first + row->count], *other;
	const char *before = "    ", *word = cell_word(run);
	struct wrap wrap = { .indent = 8, .columns = TEXT_COLUMNS };
	enum tint tint = run->verdict == VERDICT_ERROR ? TINT_BAD : outcome_tint(run->outcome);

	for (other = run; other < end; other++) {
		if (!reason(other) || !same_reason(other, run))
			continue;
		fprintf(out, "%s%s", before, other->kernel);
		wrap.column += (unsigned int)(strlen(before) + strlen(other->kernel));
		before = ", ";
	}
	fprintf(out, ": %s%s%s: ", tint_on(style, tint), word, tint_off(style));
	wrap.column += (unsigned int)strlen(word) + 4;
	if (run->verdict != VERDICT_ERROR && run->why_line)
		wrap.column += (unsigned int)fprintf(out, "line %u: ", run->why_line);
	print_wrapped(out, style, TINT_NONE, &wrap, reason(run));
	fputc('\n', out);
}

static void print_reasons(FILE *out, const struct style *style, const struct matrix *matrix)
{
	size_t i, j;

	fprintf(out, "%swhy%s\n", tint_on(style, TINT_BOLD), tint_off(style));
	for (i = 0; i < matrix->row_count; i++) {
		const struct matrix_row *row = &matrix->rows[i];
		bool named = false;

		for (j = row->first; j < row->first + row->count; j++) {
			const struct run_result *run = &matrix->results->runs[j];

			if (!reason(run) || told_before(matrix, row, run))
				continue;
			if (!named) {
				fputs("  ", out);
				print_clean(out, style, TINT_NONE, row->scenario);
				fputc('\n', out);
			}
			named = true;
			print_reason(out, style, matrix, row, run);
		}
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

static bool difference_occurs(const struct matrix *matrix)
{
	size_t i;

	for (i = 0; i < matrix->results->count; i++)
		if (differs(matrix, &matrix->results->runs[i]))
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
	const struct wrap wrap = {
		.column = LEGEND_INDENT,
		.indent = LEGEND_INDENT,
		.columns = TEXT_COLUMNS,
	};
	int outcome;

	for (outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
		if (!outcome_occurs(matrix, (enum outcome)outcome))
			continue;
		fprintf(out, "%s%-9s%s  ", tint_on(style, outcome_tint((enum outcome)outcome)),
			outcome_name((enum outcome)outcome), tint_off(style));
		print_wrapped(out, style, TINT_NONE, &wrap, meanings[outcome]);
		fputc('\n', out);
	}
	if (counts->errors)
		fprintf(out, "%serror%s      a step could not be carried out as written\n",
			tint_on(style, TINT_BAD), tint_off(style));
	if (counts->failed)
		fprintf(out,
			"%s!%s          not what the scenario expects: 'vtdsim run' tells more\n",
			tint_on(style, TINT_BAD), tint_off(style));
	if (difference_occurs(matrix))
		fprintf(out, "%s*%s          a step has another result than on %s\n",
			tint_on(style, TINT_BAD), tint_off(style), matrix->kernels[0]);
	if (gap_occurs(matrix))
		fprintf(out, "-          the scenario does not ask for this kernel\n");
	fputc('\n', out);
}

static void print_matrix(FILE *out, const struct style *style, const struct matrix *matrix)
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
	if (matrix->why)
		print_reasons(out, style, matrix);
	print_legend(out, style, matrix, &counts);
	report_summary(out, style, matrix->results, matrix->seed);
}

void report_matrix(FILE *out, const struct style *style, const struct matrix *matrix)
{
	struct matrix marked = *matrix;
	bool *differing = find_differing(matrix);

	marked.differing = differing;
	print_matrix(out, style, &marked);
	free(differing);
}
