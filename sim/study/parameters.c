/* SPDX-License-Identifier: Apache-2.0 */
/* Reads what a study varies: `parameters:`, each with the paths it goes to and its values. */
#include "path.h"
#include "study.h"

#include <string.h>

/* Columns that a study's table has anyway. */
static const char *const reserved[] = { "point",  "kernel",  "verdict", "message",
					"inputs", "command", NULL };

bool study_check_column(const struct study *s, const struct node *key, struct diags *diags)
{
	for (const char *const *r = reserved; *r; r++)
		if (strcmp(key->text, *r) == 0)
			return diag_add(diags, &key->place,
					"'%s' is a column of every study; expected another name",
					*r);
	if (!*key->text || strpbrk(key->text, "\n\r"))
		return diag_add(diags, &key->place, "a name without characters or with a line end");
	for (size_t i = 0; i < s->parameter_count; i++)
		if (strcmp(key->text, s->parameters[i].name) == 0)
			return diag_add(diags, &key->place,
					"'%s' is a parameter already; expected another name",
					key->text);
	return true;
}

static bool read_path(const struct node *node, struct study_path *path, struct diags *diags)
{
	const char *fault;

	if (!node_string(node, &path->text, diags))
		return false;
	path->place = node->place;
	fault = path_fault(path->text);
	return !fault || diag_add(diags, &node->place,
				  "%s; expected e.g. steps[6].device.traffic.window", fault);
}

static bool read_paths(struct study *s, struct study_parameter *p, const struct node *node,
		       struct diags *diags)
{
	const struct node *path = node_get(node, "path");

	if (!path)
		return diag_add(diags, &node->place,
				"a parameter without `path:`; expected where it stands in the "
				"scenario");
	p->path_count = path->kind == NODE_SEQUENCE ? path->count : 1;
	p->paths = arena_alloc(&s->arena, (p->path_count + 1) * sizeof(*p->paths));
	if (!p->paths)
		return false;
	if (!p->path_count)
		return diag_add(diags, &path->place, "no path; expected at least one");
	for (size_t i = 0; i < p->path_count; i++)
		if (!read_path(path->kind == NODE_SEQUENCE ? path->items[i] : path, &p->paths[i],
			       diags))
			return false;
	return true;
}

/* Values are told apart by their labels. */
static bool check_labels(const struct node *values, struct diags *diags)
{
	for (size_t i = 0; i < values->count; i++) {
		const struct node *value = values->items[i];

		if (value->kind != NODE_SCALAR)
			return diag_add(diags, &value->place,
					"a value that is no single one needs a label; expected "
					"`values: {LABEL: VALUE, ...}`");
		if (strpbrk(value->text, "\n\r"))
			return diag_add(diags, &value->place,
					"a value with a line end needs a label");
		for (size_t j = 0; j < i && values->count <= 1000; j++)
			if (strcmp(values->items[j]->text, value->text) == 0)
				return diag_add(diags, &value->place, "'%s' stands twice",
						value->text);
	}
	return true;
}

static bool read_values(struct study_parameter *p, const struct node *node, struct diags *diags)
{
	const struct node *values = node_get(node, "values"), *range = node_get(node, "range");

	if (!values == !range)
		return diag_add(diags, &node->place,
				"a parameter has either `values:` or `range:`");
	if (range) {
		p->range_place = range->place;
		if (!range_read(range, &p->range, diags))
			return false;
		p->count = p->range.count;
		return true;
	}
	if (values->kind == NODE_SCALAR)
		return diag_add(diags, &values->place,
				"expected a list of values, or labels with values");
	if (!values->count)
		return diag_add(diags, &values->place, "no value; expected at least one");
	p->values = values;
	p->count = values->count;
	return values->kind == NODE_MAPPING || check_labels(values, diags);
}

static bool read_parameter(struct study *s, const struct node_pair *pair, struct diags *diags)
{
	static const char *const keys[] = { "path", "values", "range", "title", NULL };
	struct study_parameter *p = &s->parameters[s->parameter_count];
	const struct node *title = node_get(pair->value, "title");

	p->name = p->title = pair->key->text;
	p->place = pair->key->place;
	if (!study_check_column(s, pair->key, diags) ||
	    !node_check_keys(pair->value, keys, "a parameter", diags) ||
	    (title && !node_string(title, &p->title, diags)) ||
	    !read_paths(s, p, pair->value, diags) || !read_values(p, pair->value, diags))
		return false;
	s->parameter_count++;
	return true;
}

bool study_read_parameters(struct study *s, const struct node *node, struct diags *diags)
{
	bool ok = true;

	if (node->kind != NODE_MAPPING || !node->count)
		return diag_add(diags, &node->place,
				"expected parameters as `NAME: {path: PATH, values: [...]}`");
	if (node->count > STUDY_PARAMETERS_MAX)
		return diag_add(diags, &node->place, "%zu parameters; expected at most %u",
				node->count, STUDY_PARAMETERS_MAX);
	for (size_t i = 0; i < node->count; i++)
		ok &= read_parameter(s, &node->pairs[i], diags);
	return ok;
}
