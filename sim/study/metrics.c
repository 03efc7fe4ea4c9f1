/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what a study measures and shows: `metrics:` and `plots:`. */
#include "path.h"
#include "study.h"

#include <stdlib.h>
#include <string.h>

/* ---- metrics ---- */

static bool is_saved_as(const struct node *step, const char *name)
{
	const struct node *save = node_get(step, "save");

	return save && save->kind == NODE_SCALAR && strcmp(save->text, name) == 0;
}

/* The path as `steps[NUMBER]`, in the study's memory; other paths as they are. */
static const char *by_number(struct study *s, const struct node *node, struct diags *diags)
{
	const struct node *steps = node_get(s->base, "steps");
	size_t index = 0;
	const char *rest, *copy;
	char held[64], *text = NULL;

	if (!path_indexed(node->text, "steps", held, &rest) || steps->kind != NODE_SEQUENCE)
		return node->text;
	if (strspn(held, "0123456789") == strlen(held)) {
		index = strtoul(held, NULL, 10);
	} else {
		while (index < steps->count && !is_saved_as(steps->items[index], held))
			index++;
		if (index == steps->count) {
			diag_add(diags, &node->place,
				 "no step of the scenario saves its result as '%s'; expected a "
				 "step's number from 0, or such a name",
				 held);
			return NULL;
		}
	}
	if (asprintf(&text, "steps[%zu]%s%s", index, *rest && *rest != '[' ? "." : "", rest) < 0)
		return NULL;
	copy = arena_text(&s->arena, text, strlen(text));
	free(text);
	return copy;
}

static bool read_metric_path(struct study *s, const struct node *node, const char **path,
			     struct diags *diags)
{
	const char *text, *fault;

	if (!node_string(node, &text, diags))
		return false;
	fault = path_fault(text);
	if (fault)
		return diag_add(diags, &node->place, "%s; expected e.g. steps[6].result.rate",
				fault);
	*path = by_number(s, node, diags);
	return *path != NULL;
}

static bool read_ratio(struct study *s, struct study_metric *m, const struct node *node,
		       struct diags *diags)
{
	static const char *const keys[] = { "path", "per", "unit", "title", NULL };
	const struct node *path = node_get(node, "path"), *per = node_get(node, "per");
	const struct node *unit = node_get(node, "unit"), *title = node_get(node, "title");

	if (!node_check_keys(node, keys, "a metric", diags))
		return false;
	if (!path)
		return diag_add(diags, &node->place,
				"a metric without `path:`; expected where it stands in the run's "
				"JSON");
	m->place = path->place;
	m->per_place = per ? per->place : path->place;
	return read_metric_path(s, path, &m->path, diags) &&
	       (!per || read_metric_path(s, per, &m->per, diags)) &&
	       (!unit || node_string(unit, &m->unit, diags)) &&
	       (!title || node_string(title, &m->title, diags));
}

static bool read_metric(struct study *s, const struct node_pair *pair, struct diags *diags)
{
	struct study_metric *m = &s->metrics[s->metric_count];

	if (!study_check_column(s, pair->key, diags))
		return false;
	*m = (struct study_metric){ .name = pair->key->text, .title = pair->key->text };
	m->place = m->per_place = pair->value->place;
	if (pair->value->kind == NODE_SCALAR ? !read_metric_path(s, pair->value, &m->path, diags)
					     : !read_ratio(s, m, pair->value, diags))
		return false;
	s->metric_count++;
	return true;
}

bool study_read_metrics(struct study *s, const struct node *node, struct diags *diags)
{
	bool ok = true;

	if (node->kind != NODE_MAPPING || !node->count)
		return diag_add(diags, &node->place, "expected metrics as `NAME: PATH`");
	if (node->count > STUDY_METRICS_MAX)
		return diag_add(diags, &node->place, "%zu metrics; expected at most %u",
				node->count, STUDY_METRICS_MAX);
	for (size_t i = 0; i < node->count; i++)
		ok &= read_metric(s, &node->pairs[i], diags);
	return ok;
}

/* ---- plots ---- */

/* The names of a study's parameters and the kernel, or of its metrics. */
static size_t list_names(const struct study *s, bool metrics, const char **names)
{
	size_t count = 0;

	for (size_t i = 0; !metrics && i < s->parameter_count; i++)
		names[count++] = s->parameters[i].name;
	for (size_t i = 0; metrics && i < s->metric_count; i++)
		names[count++] = s->metrics[i].name;
	if (!metrics)
		names[count++] = "kernel";
	names[count] = NULL;
	return count;
}

static bool read_column(const struct study *s, const struct node *node, bool metric,
			const char **column, struct diags *diags)
{
	const char *names[STUDY_PARAMETERS_MAX + STUDY_METRICS_MAX + 2];
	size_t index;

	list_names(s, metric, names);
	if (!node_choice(node, names, &index, diags))
		return false;
	*column = names[index];
	return true;
}

static bool read_kind(struct study_plot *plot, const struct study *s, const struct node *node,
		      struct diags *diags)
{
	static const char *const words[] = { "lines", "heat", "scatter" };
	bool found = false;

	for (size_t i = 0; i < 3; i++) {
		const struct node *metric = node_get(node, words[i]);

		if (!metric)
			continue;
		if (found)
			return diag_add(diags, &metric->place, "a second kind of the same plot");
		found = true;
		plot->kind = (enum study_plot_kind)i;
		if (!read_column(s, metric, true, &plot->metric, diags))
			return false;
	}
	return found || diag_add(diags, &node->place,
				 "a plot without kind; expected `lines: METRIC`, `heat: METRIC` or "
				 "`scatter: METRIC`");
}

static bool read_where(const struct study *s, const struct node *where, struct diags *diags)
{
	const char *ignored;

	if (where->kind != NODE_MAPPING)
		return diag_add(diags, &where->place, "expected `where: {PARAMETER: VALUE}`");
	for (size_t i = 0; i < where->count; i++)
		if (!read_column(s, where->pairs[i].key, false, &ignored, diags) ||
		    !node_string(where->pairs[i].value, &ignored, diags))
			return false;
	return true;
}

static bool read_plot(struct study *s, const struct node *node, struct diags *diags)
{
	static const char *const keys[] = { "lines", "heat",  "scatter", "x",     "by",
					    "y",     "where", "title",   "scale", NULL };
	static const char *const scales[] = { "linear", "log", NULL };
	struct study_plot *plot = &s->plots[s->plot_count];
	const struct node *x = node_get(node, "x"), *by = node_get(node, "by");
	const struct node *y = node_get(node, "y"), *where = node_get(node, "where");
	const struct node *title = node_get(node, "title"), *scale = node_get(node, "scale");
	size_t index = 0;

	*plot = (struct study_plot){ 0 };
	if (!node_check_keys(node, keys, "a plot", diags) || !read_kind(plot, s, node, diags))
		return false;
	if (!x)
		return diag_add(diags, &node->place, "a plot without `x:`; expected a parameter");
	if (plot->kind == STUDY_HEAT ? !y || by : !!y)
		return diag_add(diags, &node->place,
				plot->kind == STUDY_HEAT
					? "a heat map has `x:` and `y:`, both parameters"
					: "the metric is upwards here; `y:` is for heat maps, "
					  "`by:` for a line each");
	if (!read_column(s, x, false, &plot->x, diags) ||
	    (by && !read_column(s, by, false, &plot->by, diags)) ||
	    (y && !read_column(s, y, false, &plot->by, diags)) ||
	    (where && !read_where(s, where, diags)) ||
	    (title && !node_string(title, &plot->title, diags)) ||
	    (scale && !node_choice(scale, scales, &index, diags)))
		return false;
	plot->where = where;
	plot->log = index == 1;
	s->plot_count++;
	return true;
}

bool study_read_plots(struct study *s, const struct node *node, struct diags *diags)
{
	bool ok = true;

	if (!node)
		return true;
	if (node->kind != NODE_SEQUENCE || node->count > STUDY_PLOTS_MAX)
		return diag_add(diags, &node->place, "expected a list of at most %u plots",
				STUDY_PLOTS_MAX);
	for (size_t i = 0; i < node->count; i++)
		ok &= read_plot(s, node->items[i], diags);
	return ok;
}
