/* SPDX-License-Identifier: Apache-2.0 */
/* Runs points and writes their rows; reads rows back. */
#include "table.h"

#include "path.h"
#include "report/report.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* ---- what a run depends on ---- */

static void hash_text(unsigned long long *hash, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		*hash = (*hash ^ (unsigned char)text[i]) * 0x100000001b3ULL;
}

static bool hash_tree(const struct node *tree, char inputs[17])
{
	unsigned long long hash = 0xcbf29ce484222325ULL;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	bool written = out && emit_yaml(out, tree);

	if (out)
		fclose(out);
	hash_text(&hash, VTDSIM_VERSION "\n", sizeof(VTDSIM_VERSION));
	if (written)
		hash_text(&hash, text, len);
	free(text);
	snprintf(inputs, 17, "%016llx", hash);
	return written;
}

bool study_inputs(const struct study *s, const struct study_point *point, char inputs[17])
{
	struct arena arena = { 0 };
	struct diags ignored = { 0 };
	const struct node *tree = study_tree(s, point, &arena, &ignored);
	bool known = tree && hash_tree(tree, inputs);

	if (!known)
		strcpy(inputs, "-");
	diag_clear(&ignored);
	arena_free(&arena);
	return known;
}

/* ---- running ---- */

/* A combination of values that makes no scenario ends its point alone. */
static void refuse(struct study_run *run, const struct diags *diags)
{
	const struct diag *first = diags->count ? &diags->items[0] : NULL;

	run->result = (struct run_result){ .verdict = VERDICT_ERROR };
	if (!first) {
		run->result.error = strdup("not enough memory");
		return;
	}
	run->result.error_line = first->line ? first->line : 1;
	if (asprintf(&run->result.error, "%s:%u: %s", first->file, first->line, first->message) < 0)
		run->result.error = NULL;
}

void study_run_point(const struct study *s, unsigned long long number, struct study_run *run)
{
	struct study_point point = study_point(s, number);
	struct scenario_run_options options = { .kernel = point.kernel, .seed = s->seed };
	struct arena arena = { 0 };
	struct diags diags = { 0 };
	const struct node *tree = study_tree(s, &point, &arena, &diags);
	struct scenario *scenario = tree ? study_scenario(s, tree, &diags) : NULL;

	*run = (struct study_run){ .read = scenario != NULL };
	if (!tree || !hash_tree(tree, run->inputs))
		strcpy(run->inputs, "-");
	if (scenario)
		scenario_run(scenario, &options, &run->result);
	else
		refuse(run, &diags);
	scenario_free(scenario);
	diag_clear(&diags);
	arena_free(&arena);
}

void study_run_clear(struct study_run *run)
{
	run_result_clear(&run->result);
}

/* ---- metrics ---- */

static char *json_text(const json_t *value)
{
	char text[40] = "";

	switch (value ? json_typeof(value) : JSON_NULL) {
	case JSON_STRING:
		return strdup(json_string_value(value));
	case JSON_INTEGER:
		snprintf(text, sizeof(text), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		break;
	case JSON_REAL:
		snprintf(text, sizeof(text), "%.9g", json_real_value(value));
		break;
	case JSON_TRUE:
		return strdup("true");
	case JSON_FALSE:
		return strdup("false");
	case JSON_NULL:
		break;
	default:
		return json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
	}
	return strdup(text);
}

static bool json_value(const json_t *value, double *number)
{
	unsigned long long whole;

	if (json_is_number(value))
		*number = json_number_value(value);
	else if (json_is_boolean(value))
		*number = json_is_true(value);
	else if (json_is_string(value) && parse_u64(json_string_value(value), false, &whole))
		*number = (double)whole;
	else
		return false;
	return true;
}

static char *metric_of(const struct study_metric *metric, const json_t *run)
{
	const json_t *value = path_json(run, metric->path);
	double number, per;
	char text[40] = "";

	if (!metric->per)
		return json_text(value);
	if (json_value(value, &number) && json_value(path_json(run, metric->per), &per) && per != 0)
		snprintf(text, sizeof(text), "%.6g", number / per);
	return strdup(text);
}

/* The run as its JSON has it, a new reference. */
static json_t *run_json(const struct run_result *result)
{
	struct run_results results = { (struct run_result *)result, 1 };
	json_t *report = report_json(&results);
	json_t *run = json_incref(json_array_get(json_object_get(report, "runs"), 0));

	json_decref(report);
	return run;
}

char *study_metric_text(const struct study_metric *metric, const struct run_result *result)
{
	json_t *run = run_json(result);
	char *text = metric_of(metric, run);

	json_decref(run);
	return text;
}

/* ---- writing ---- */

struct table_columns table_columns(const struct study *s)
{
	struct table_columns c = { .parameter = 1 };

	c.kernel = c.parameter + s->parameter_count;
	c.metric = c.kernel + 1;
	c.verdict = c.metric + s->metric_count;
	c.message = c.verdict + 1;
	c.inputs = c.message + 1;
	c.command = c.inputs + 1;
	c.count = c.command + 1;
	return c;
}

const char *table_column_name(const struct study *s, size_t column)
{
	static const char *const last[] = { "verdict", "message", "inputs", "command" };
	struct table_columns c = table_columns(s);

	if (column < c.parameter)
		return "point";
	if (column < c.kernel)
		return s->parameters[column - c.parameter].name;
	if (column == c.kernel)
		return "kernel";
	if (column < c.verdict)
		return s->metrics[column - c.metric].name;
	return last[column - c.verdict];
}

void table_write_header(const struct study *s, FILE *out)
{
	size_t count = table_columns(s).count;

	for (size_t i = 0; i < count; i++) {
		if (i)
			fputc(',', out);
		csv_cell(out, table_column_name(s, i));
	}
	fputc('\n', out);
}

static void write_cell(FILE *out, const char *text)
{
	fputc(',', out);
	if (text)
		csv_cell(out, text);
}

static void write_point(const struct study *s, const struct study_point *point, FILE *out)
{
	char room[32];

	fprintf(out, "%llu", point->number);
	for (size_t i = 0; i < s->parameter_count; i++)
		write_cell(out, study_value_label(&s->parameters[i], point->values[i], room));
	write_cell(out, point->kernel);
}

/* Why a run did not pass, in one line. */
static char *message_of(const struct run_result *result)
{
	char *message = NULL;

	if (result->error) {
		message = strdup(result->error);
	} else {
		for (size_t i = 0; i < result->step_count && !message; i++) {
			const struct step_result *step = &result->steps[i];

			if (step->ok)
				continue;
			if (asprintf(&message, "line %u: %s: %s", step->line, step->name,
				     step->message ? step->message : "not as expected") < 0)
				message = NULL;
		}
	}
	for (char *p = message; p && *p; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	return message;
}

static void write_end(const char *command, unsigned long long number, const char *inputs, FILE *out)
{
	char *text;

	write_cell(out, inputs);
	if (asprintf(&text, "%s --point %llu", command, number) < 0)
		text = NULL;
	write_cell(out, text);
	fputc('\n', out);
	free(text);
}

void table_write_row(const struct study *s, const char *command, unsigned long long number,
		     const struct study_run *run, FILE *out)
{
	struct study_point point = study_point(s, number);
	json_t *json = run->read ? run_json(&run->result) : NULL;
	char *message = message_of(&run->result);

	write_point(s, &point, out);
	for (size_t i = 0; i < s->metric_count; i++) {
		char *text = metric_of(&s->metrics[i], json);

		write_cell(out, text);
		free(text);
	}
	write_cell(out, verdict_name(run->result.verdict));
	write_cell(out, message);
	write_end(command, number, run->inputs, out);
	free(message);
	json_decref(json);
}

void table_write_lost(const struct study *s, const char *command, unsigned long long number,
		      const char *message, FILE *out)
{
	struct study_point point = study_point(s, number);
	char inputs[17];

	study_inputs(s, &point, inputs);
	write_point(s, &point, out);
	for (size_t i = 0; i < s->metric_count; i++)
		write_cell(out, NULL);
	write_cell(out, verdict_name(VERDICT_ERROR));
	write_cell(out, message);
	write_end(command, number, inputs, out);
}

/* ---- reading ---- */

static char *read_whole(FILE *in, size_t *len)
{
	char *text = NULL;
	size_t room = 0, got;

	*len = 0;
	do {
		if (room - *len < 2) {
			char *more = realloc(text, room ? 2 * room : 65536);

			if (!more) {
				free(text);
				return NULL;
			}
			text = more;
			room = room ? 2 * room : 65536;
		}
		got = fread(text + *len, 1, room - *len - 1, in);
		*len += got;
	} while (got);
	text[*len] = '\0';
	return text;
}

/* Bytes of the header's line in a text, or 0: it is another. */
static size_t header_length(const struct study *s, const char *text, size_t len, bool *cut)
{
	char *header = NULL;
	size_t header_len = 0;
	FILE *out = open_memstream(&header, &header_len);
	bool same;

	if (!out)
		return 0;
	table_write_header(s, out);
	fclose(out);
	*cut = len < header_len && memcmp(header, text, len) == 0;
	same = len >= header_len && memcmp(header, text, header_len) == 0;
	free(header);
	return same ? header_len : 0;
}

static void look_through(const struct study *s, struct table_file *file, size_t len)
{
	bool cut = false;

	file->whole = header_length(s, file->text, len, &cut);
	file->has_header = file->whole > 0;
	file->foreign = !file->has_header && !cut;
	for (size_t i = file->whole; file->has_header && i < len; i++) {
		if (file->text[i] != '\n')
			continue;
		file->whole = i + 1;
		file->rows++;
	}
}

bool table_read(const struct study *s, const char *path, struct table_file *file,
		struct diags *diags)
{
	const struct place whole = { .file = path };
	struct stat status;
	size_t len;
	FILE *in;

	*file = (struct table_file){ 0 };
	if (stat(path, &status) && errno == ENOENT)
		return true;
	if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
		return diag_add(diags, &whole, "is no file that can be read back");
	in = fopen(path, "re");
	if (!in)
		return diag_add(diags, &whole, "cannot be opened: %s", strerror(errno));
	file->text = read_whole(in, &len);
	file->exists = true;
	fclose(in);
	if (!file->text)
		return diag_add(diags, &whole, "not enough memory to read it");
	look_through(s, file, len);
	return true;
}

bool table_next(const struct table_file *file, size_t *at, const char **line, size_t *len)
{
	const char *end;

	if (!*at)
		*at = (size_t)(strchr(file->text, '\n') - file->text) + 1;
	if (*at >= file->whole)
		return false;
	*line = file->text + *at;
	end = memchr(*line, '\n', file->whole - *at);
	*len = (size_t)(end - *line);
	*at += *len + 1;
	return true;
}

/* A row's point, and that its inputs are what they would be today. */
static bool check_cells(const struct study *s, const struct place *place, const struct csv_row *row,
			unsigned long long *number, struct diags *diags)
{
	struct table_columns c = table_columns(s);
	struct study_point point;
	char inputs[17];

	if (row->count != c.count)
		return diag_add(diags, place, "%zu cells; expected %zu", row->count, c.count);
	if (!parse_u64(row->cells[0], false, number) || *number >= s->points)
		return diag_add(diags, place, "no point '%s'; the study has 0 to %llu",
				row->cells[0], s->points - 1);
	point = study_point(s, *number);
	study_inputs(s, &point, inputs);
	return strcmp(inputs, row->cells[c.inputs]) == 0 ||
	       diag_add(diags, place,
			"point %llu has run with other inputs: the study, its scenario or vtdsim "
			"has changed since, or other options were given",
			*number);
}

bool table_check_row(const struct study *s, const struct place *place, const char *line, size_t len,
		     unsigned long long *number, struct diags *diags)
{
	struct csv_row row;
	bool good;

	if (!csv_parse(line, len, &row))
		return diag_add(diags, place, "no row of CSV");
	good = check_cells(s, place, &row, number, diags);
	csv_row_clear(&row);
	return good;
}

void table_file_clear(struct table_file *file)
{
	free(file->text);
	*file = (struct table_file){ 0 };
}
