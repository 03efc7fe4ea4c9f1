/* SPDX-License-Identifier: Apache-2.0 */
/* From a study's rows to plots: which rows belong to which line, and where on the axes they lie. */
#include "study.h"

#include "study/range.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SERIES_MAX 64u
#define DEFAULT_METRICS 8u

size_t study_column(const struct study *s, const char *name)
{
	size_t count = table_columns(s).count;

	for (size_t i = 0; i < count; i++)
		if (strcmp(table_column_name(s, i), name) == 0)
			return i;
	return 0;
}

const char *study_cell(const struct study_table *table, size_t row, size_t column)
{
	const struct csv_row *r = &table->rows[row];

	return column < r->count ? r->cells[column] : "";
}

static bool cell_number(const char *text, double *number)
{
	char *end;

	*number = strtod(text, &end);
	return end != text && !*end && isfinite(*number);
}

static const struct study_parameter *parameter_of(const struct study *s, const char *name)
{
	for (size_t i = 0; i < s->parameter_count; i++)
		if (strcmp(s->parameters[i].name, name) == 0)
			return &s->parameters[i];
	return NULL;
}

static const char *title_of(const struct study *s, const char *name)
{
	const struct study_parameter *p = parameter_of(s, name);

	return p ? p->title : name;
}

static const struct study_metric *metric_of(const struct study *s, const char *name)
{
	for (size_t i = 0; i < s->metric_count; i++)
		if (strcmp(s->metrics[i].name, name) == 0)
			return &s->metrics[i];
	return NULL;
}

/* ---- the values of a column ---- */

/* One of the different texts of a column. */
struct value {
	const char *text;
	double number;
	size_t first; /* row where it comes first */
	size_t rank;
};

/* The different texts of a column: ranked by their numbers if all are numbers, else as they come. */
struct values {
	struct value *by_text;
	const char **texts; /* by rank */
	double *numbers;
	size_t count;
	bool numeric;
};

static int compare_texts(const void *a, const void *b)
{
	const struct value *x = a, *y = b;
	int order = strcmp(x->text, y->text);

	return order ? order : (x->first > y->first) - (x->first < y->first);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(((const struct value *)a)->text, ((const struct value *)b)->text);
}

static int compare_numbers(const void *a, const void *b)
{
	const struct value *x = *(const struct value *const *)a;
	const struct value *y = *(const struct value *const *)b;

	return (x->number > y->number) - (x->number < y->number);
}

static int compare_firsts(const void *a, const void *b)
{
	const struct value *x = *(const struct value *const *)a;
	const struct value *y = *(const struct value *const *)b;

	return (x->first > y->first) - (x->first < y->first);
}

static void rank_values(struct values *v)
{
	struct value **order = calloc(v->count + 1, sizeof(*order));

	for (size_t i = 0; order && i < v->count; i++)
		order[i] = &v->by_text[i];
	if (order)
		qsort(order, v->count, sizeof(struct value *),
		      v->numeric ? compare_numbers : compare_firsts);
	for (size_t i = 0; order && i < v->count; i++) {
		order[i]->rank = i;
		v->texts[i] = order[i]->text;
		v->numbers[i] = order[i]->number;
	}
	if (!order)
		v->count = 0;
	free(order);
}

/* The rank of a text that the column has. */
static size_t find_value(const struct values *v, const char *text)
{
	const struct value wanted = { .text = text };
	const struct value *found =
		bsearch(&wanted, v->by_text, v->count, sizeof(wanted), compare_text);

	return found ? found->rank : 0;
}

static struct values column_values(const struct study_table *table, size_t column)
{
	struct values v = { .by_text = calloc(table->count + 1, sizeof(struct value)),
			    .texts = calloc(table->count + 1, sizeof(char *)),
			    .numbers = calloc(table->count + 1, sizeof(double)),
			    .numeric = true };
	size_t count = v.by_text && v.texts && v.numbers ? table->count : 0;
	enum quantity quantity;

	for (size_t i = 0; i < count; i++)
		v.by_text[i] = (struct value){ .text = study_cell(table, i, column), .first = i };
	if (count)
		qsort(v.by_text, count, sizeof(struct value), compare_texts);
	for (size_t i = 0; i < count; i++) {
		struct value *next = &v.by_text[v.count];

		if (v.count && strcmp(next[-1].text, v.by_text[i].text) == 0)
			continue;
		*next = v.by_text[i];
		v.numeric &= quantity_read(next->text, &next->number, &quantity);
		v.count++;
	}
	rank_values(&v);
	return v;
}

static void values_clear(struct values *v)
{
	free(v->by_text);
	free(v->texts);
	free(v->numbers);
}

/* Values that grow by factors lie well on a logarithmic axis; with a zero among them, side by side. */
static enum plot_scale scale_of(const struct values *v)
{
	size_t first = v->numeric && v->count && v->numbers[0] == 0 ? 1 : 0;
	bool grows = v->count >= first + 3;

	if (!v->numeric)
		return PLOT_EQUAL;
	for (size_t i = first + 1; i < v->count; i++)
		grows &= v->numbers[i] >= 1.4 * v->numbers[i - 1];
	if (!grows || v->numbers[v->count - 1] < 8 * v->numbers[first])
		return PLOT_LINEAR;
	return first ? PLOT_EQUAL : PLOT_LOG;
}

/* ---- rows ---- */

static bool is_wanted(const struct study_table *table, const struct study_plot *plot, size_t row)
{
	for (size_t i = 0; plot->where && i < plot->where->count; i++) {
		const struct node_pair *pair = &plot->where->pairs[i];
		size_t column = study_column(table->study, pair->key->text);

		if (strcmp(study_cell(table, row, column), pair->value->text) != 0)
			return false;
	}
	return true;
}

/* Sums by x and by series: where several rows meet, their mean is shown. */
struct grid {
	struct values x, by;
	double *sums; /* by.count * x.count */
	unsigned int *counts;
	bool mean; /* somewhere it is one */
};

static void fill_grid(struct grid *grid, const struct study_table *table,
		      const struct study_plot *plot)
{
	size_t x = study_column(table->study, plot->x);
	size_t by = plot->by ? study_column(table->study, plot->by) : 0;
	size_t metric = study_column(table->study, plot->metric);

	for (size_t i = 0; i < table->count; i++) {
		size_t series = plot->by ? find_value(&grid->by, study_cell(table, i, by)) : 0;
		size_t place = find_value(&grid->x, study_cell(table, i, x));
		double number;

		if (!is_wanted(table, plot, i) ||
		    !cell_number(study_cell(table, i, metric), &number))
			continue;
		place += series * grid->x.count;
		grid->sums[place] += number;
		grid->mean |= grid->counts[place]++ > 0;
	}
}

static bool make_grid(struct grid *grid, const struct study_table *table,
		      const struct study_plot *plot)
{
	size_t cells;

	*grid = (struct grid){ .x = column_values(table, study_column(table->study, plot->x)) };
	if (plot->by)
		grid->by = column_values(table, study_column(table->study, plot->by));
	else
		grid->by.count = 1;
	cells = grid->x.count * grid->by.count;
	grid->sums = calloc(cells + 1, sizeof(double));
	grid->counts = calloc(cells + 1, sizeof(unsigned int));
	if (!grid->sums || !grid->counts)
		return false;
	fill_grid(grid, table, plot);
	return true;
}

static void grid_clear(struct grid *grid)
{
	values_clear(&grid->x);
	values_clear(&grid->by);
	free(grid->sums);
	free(grid->counts);
}

/* "request rate (req/s), window 1MiB; mean of the other parameters"; the caller frees it. */
static char *note_of(const struct study *s, const struct study_plot *plot, bool mean)
{
	const struct study_metric *m = metric_of(s, plot->metric);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fputs(m->title, out);
	if (m->unit)
		fprintf(out, " (%s)", m->unit);
	for (size_t i = 0; plot->where && i < plot->where->count; i++)
		fprintf(out, ", %s %s", title_of(s, plot->where->pairs[i].key->text),
			plot->where->pairs[i].value->text);
	if (mean)
		fputs("; mean over what else varies", out);
	fclose(out);
	return text;
}

static char *plot_title(const struct study *s, const struct study_plot *plot)
{
	char *text;

	if (plot->title)
		return strdup(plot->title);
	return asprintf(&text, "%s by %s%s%s", metric_of(s, plot->metric)->title,
			title_of(s, plot->x), plot->kind == STUDY_HEAT ? " and " : "",
			plot->kind == STUDY_HEAT ? title_of(s, plot->by) : "") < 0
		       ? NULL
		       : text;
}

/* ---- lines ---- */

/* Where a value lies on the x axis. */
static double x_place(const struct values *x, enum plot_scale scale, size_t index)
{
	return scale == PLOT_EQUAL ? (double)index : x->numbers[index];
}

/* Long numbers are shortened. */
static struct plot_tick *axis_ticks(const struct values *x, enum plot_scale scale)
{
	struct plot_tick *ticks = calloc(x->count + 1, sizeof(*ticks) + PLOT_NUMBER_SIZE);
	char(*labels)[PLOT_NUMBER_SIZE] = ticks ? (void *)(ticks + x->count + 1) : NULL;

	for (size_t i = 0; ticks && i < x->count; i++) {
		bool is_long = strspn(x->texts[i], "0123456789_") == strlen(x->texts[i]) &&
			       x->numbers[i] >= 10000;

		if (is_long)
			plot_number(x->numbers[i], NULL, labels[i]);
		ticks[i] = (struct plot_tick){ x_place(x, scale, i),
					       is_long ? labels[i] : x->texts[i] };
	}
	return ticks;
}

static struct plot_series grid_series(const struct grid *grid, enum plot_scale scale, size_t by,
				      struct plot_mark *marks)
{
	struct plot_series series = { .name = grid->by.texts ? grid->by.texts[by] : NULL,
				      .marks = marks };

	for (size_t i = 0; i < grid->x.count; i++) {
		size_t place = by * grid->x.count + i;

		if (!grid->counts[place])
			continue;
		marks[series.count++] =
			(struct plot_mark){ x_place(&grid->x, scale, i),
					    grid->sums[place] / grid->counts[place] };
	}
	return series;
}

static void write_lines(FILE *out, const struct study_table *table, const struct study_plot *plot,
			const struct grid *grid, bool standalone)
{
	const struct study *s = table->study;
	enum plot_scale scale = scale_of(&grid->x);
	size_t count = grid->by.count < SERIES_MAX ? grid->by.count : SERIES_MAX, used = 0;
	struct plot_mark *marks = calloc(count * grid->x.count + 1, sizeof(*marks));
	struct plot_tick *ticks = axis_ticks(&grid->x, scale);
	struct plot_series series[SERIES_MAX];
	char *title = plot_title(s, plot), *note = note_of(s, plot, grid->mean);

	for (size_t i = 0; marks && ticks && i < count; i++) {
		series[used] = grid_series(grid, scale, i, marks + i * grid->x.count);
		used += series[used].count > 0;
	}
	plot_write(out,
		   &(struct plot){
			   .title = title ? title : "",
			   .note = note,
			   .x = { title_of(s, plot->x), NULL, scale, ticks, grid->x.count },
			   .y = { "", metric_of(s, plot->metric)->unit,
				  plot->log ? PLOT_LOG : PLOT_LINEAR, NULL, 0 },
			   .series_title = plot->by ? title_of(s, plot->by) : NULL,
			   .series = series,
			   .series_count = used,
			   .scatter = plot->kind == STUDY_SCATTER,
		   },
		   standalone);
	free(title);
	free(note);
	free(ticks);
	free(marks);
}

/* ---- clouds of points ---- */

/* Every row is a point; few of the values are ticks. */
static void write_cloud(FILE *out, const struct study_table *table, const struct study_plot *plot,
			const struct grid *grid, bool standalone)
{
	const struct study *s = table->study;
	size_t x = study_column(s, plot->x), metric = study_column(s, plot->metric);
	size_t by = plot->by ? study_column(s, plot->by) : 0;
	size_t count = grid->by.count < SERIES_MAX ? grid->by.count : SERIES_MAX, used = 0;
	struct plot_mark *marks = calloc(count * table->count + 1, sizeof(*marks));
	struct plot_series series[SERIES_MAX];
	enum plot_scale scale = scale_of(&grid->x);
	struct plot_tick ticks[7];
	size_t tick_count = grid->x.count < 7 ? grid->x.count : 7;
	char *title = plot_title(s, plot), *note = note_of(s, plot, false);

	for (size_t i = 0; i < tick_count; i++) {
		size_t at = tick_count > 1 ? i * (grid->x.count - 1) / (tick_count - 1) : 0;

		ticks[i] = (struct plot_tick){ x_place(&grid->x, scale, at), grid->x.texts[at] };
	}
	for (size_t i = 0; marks && i < count; i++) {
		struct plot_mark *own = marks + i * table->count;
		struct plot_series one = { grid->by.texts ? grid->by.texts[i] : NULL, own, 0 };

		for (size_t row = 0; row < table->count; row++) {
			size_t at = find_value(&grid->x, study_cell(table, row, x));

			if (!is_wanted(table, plot, row) ||
			    (one.name && strcmp(study_cell(table, row, by), one.name) != 0) ||
			    !cell_number(study_cell(table, row, metric), &own[one.count].y))
				continue;
			own[one.count++].x = x_place(&grid->x, scale, at);
		}
		if (one.count)
			series[used++] = one;
	}
	plot_write(out,
		   &(struct plot){
			   .title = title ? title : "",
			   .note = note,
			   .x = { title_of(s, plot->x), NULL, scale, ticks, tick_count },
			   .y = { "", metric_of(s, plot->metric)->unit,
				  plot->log ? PLOT_LOG : PLOT_LINEAR, NULL, 0 },
			   .series_title = plot->by ? title_of(s, plot->by) : NULL,
			   .series = series,
			   .series_count = used,
			   .scatter = true,
		   },
		   standalone);
	free(title);
	free(note);
	free(marks);
}

/* ---- heat maps ---- */

static void write_heat(FILE *out, const struct study_table *table, const struct study_plot *plot,
		       struct grid *grid, bool standalone)
{
	const struct study *s = table->study;
	char *title = plot_title(s, plot), *note = note_of(s, plot, grid->mean);

	for (size_t i = 0; i < grid->x.count * grid->by.count; i++)
		grid->sums[i] = grid->counts[i] ? grid->sums[i] / grid->counts[i] : NAN;
	heat_map_write(out,
		       &(struct heat_map){
			       .title = title ? title : "",
			       .note = note,
			       .unit = metric_of(s, plot->metric)->unit,
			       .x_title = title_of(s, plot->x),
			       .y_title = title_of(s, plot->by),
			       .x_labels = grid->x.texts,
			       .y_labels = grid->by.texts,
			       .columns = grid->x.count,
			       .rows = grid->by.count,
			       .values = grid->sums,
		       },
		       standalone);
	free(title);
	free(note);
}

void study_plot_write(FILE *out, const struct study_table *table, const struct study_plot *plot,
		      bool standalone)
{
	struct grid grid;

	if (make_grid(&grid, table, plot)) {
		if (plot->kind == STUDY_HEAT)
			write_heat(out, table, plot, &grid, standalone);
		else if (plot->kind == STUDY_SCATTER)
			write_cloud(out, table, plot, &grid, standalone);
		else
			write_lines(out, table, plot, &grid, standalone);
	}
	grid_clear(&grid);
}

/* ---- plots of choice ---- */

static bool has_numbers(const struct study_table *table, const struct study_metric *m)
{
	size_t column = study_column(table->study, m->name);
	double number;

	for (size_t i = 0; i < table->count; i++)
		if (cell_number(study_cell(table, i, column), &number))
			return true;
	return false;
}

/* The parameter with most values, but for one; NULL: none has two. */
static const char *widest(const struct study *s, const char *but)
{
	const struct study_parameter *best = NULL;

	for (size_t i = 0; i < s->parameter_count; i++) {
		const struct study_parameter *p = &s->parameters[i];

		if (p->count < 2 || (but && strcmp(p->name, but) == 0) ||
		    (best && p->count <= best->count))
			continue;
		best = p;
	}
	return best ? best->name : NULL;
}

static size_t plots_of_grid(const struct study_table *table, const struct study_metric *m,
			    struct study_plot *plots, size_t room)
{
	const struct study *s = table->study;
	const char *x = widest(s, NULL), *other = x ? widest(s, x) : NULL;
	const char *by = other ? other : s->kernel_count > 1 ? "kernel" : NULL;
	size_t count = 0;

	if (!x)
		x = s->parameters[0].name;
	if (count < room)
		plots[count++] =
			(struct study_plot){ STUDY_LINES, NULL, m->name, x, by, NULL, false };
	if (count < room && other && parameter_of(s, other)->count >= 3)
		plots[count++] =
			(struct study_plot){ STUDY_HEAT, NULL, m->name, x, other, NULL, false };
	return count;
}

static size_t plots_of_sample(const struct study_table *table, const struct study_metric *m,
			      struct study_plot *plots, size_t room)
{
	const struct study *s = table->study;
	size_t count = 0;

	for (size_t i = 0; i < s->parameter_count && count < room; i++)
		plots[count++] = (struct study_plot){ STUDY_SCATTER,
						      NULL,
						      m->name,
						      s->parameters[i].name,
						      s->kernel_count > 1 ? "kernel" : NULL,
						      NULL,
						      false };
	return count;
}

size_t study_plots(const struct study_table *table, struct study_plot plots[STUDY_PLOTS_MAX])
{
	const struct study *s = table->study;
	size_t count = 0;

	if (s->plot_count) {
		memcpy(plots, s->plots, s->plot_count * sizeof(*plots));
		return s->plot_count;
	}
	for (size_t i = 0; i < s->metric_count && i < DEFAULT_METRICS; i++) {
		const struct study_metric *m = &s->metrics[i];

		if (!has_numbers(table, m))
			continue;
		count += s->is_sample
				 ? plots_of_sample(table, m, plots + count, STUDY_PLOTS_MAX - count)
				 : plots_of_grid(table, m, plots + count, STUDY_PLOTS_MAX - count);
	}
	return count;
}
