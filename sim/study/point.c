/* SPDX-License-Identifier: Apache-2.0 */
/* The points of a study: their order, and the scenario of each. */
#include "path.h"
#include "study.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct study_point study_point(const struct study *s, unsigned long long number)
{
	struct study_point point = {
		.number = number,
		.kernel = s->kernels[number % s->kernel_count],
	};
	unsigned long long left = number / s->kernel_count;

	for (size_t i = s->parameter_count; i-- > 0;) {
		const struct study_parameter *p = &s->parameters[i];

		if (p->drawn) {
			point.values[i] = p->drawn[left];
			continue;
		}
		point.values[i] = left % p->count;
		left /= p->count;
	}
	return point;
}

const char *study_value_label(const struct study_parameter *p, unsigned long long value,
			      char room[32])
{
	if (p->values && p->values->kind == NODE_MAPPING)
		return p->values->pairs[value].key->text;
	if (p->values)
		return p->values->items[value]->text;
	range_value(&p->range, value, room);
	return room;
}

char *study_point_text(const struct study *s, const struct study_point *point)
{
	char *text = NULL, room[32];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (size_t i = 0; i < s->parameter_count; i++)
		fprintf(out, "%s=%s, ", s->parameters[i].name,
			study_value_label(&s->parameters[i], point->values[i], room));
	fprintf(out, "kernel=%s", point->kernel);
	fclose(out);
	return text;
}

/* ---- the tree ---- */

static const struct node *scalar(struct arena *arena, const char *text, const struct place *place)
{
	struct node *node = arena_alloc(arena, sizeof(*node));

	if (!node)
		return NULL;
	*node = (struct node){ .kind = NODE_SCALAR, .place = *place, .plain = true };
	node->text = arena_text(arena, text, strlen(text));
	return node->text ? node : NULL;
}

static const struct node *value_node(const struct study_parameter *p, unsigned long long value,
				     struct arena *arena)
{
	char room[32];

	if (p->values && p->values->kind == NODE_MAPPING)
		return p->values->pairs[value].value;
	if (p->values)
		return p->values->items[value];
	return scalar(arena, study_value_label(p, value, room), &p->range_place);
}

static bool cannot_set(const struct study_path *path, const char *why, struct diags *diags)
{
	return diag_add(diags, &path->place, "no '%s' in the scenario: %s", path->text,
			why ? why : "not enough memory");
}

static bool set_parameter(const struct study_parameter *p, unsigned long long value,
			  struct arena *arena, const struct node **root, struct diags *diags)
{
	const struct node *node = value_node(p, value, arena);

	for (size_t i = 0; i < p->path_count; i++) {
		const char *why = NULL;

		if (node)
			*root = path_set(arena, *root, p->paths[i].text, node, &why);
		if (!node || !*root)
			return cannot_set(&p->paths[i], why, diags);
	}
	return true;
}

static bool set_word(const char *path, const char *text, const struct place *place,
		     struct arena *arena, const struct node **root)
{
	const struct node *node = scalar(arena, text, place);
	const char *why;

	*root = node ? path_set(arena, *root, path, node, &why) : NULL;
	return *root != NULL;
}

const struct node *study_tree(const struct study *s, const struct study_point *point,
			      struct arena *arena, struct diags *diags)
{
	const struct node *root = s->base;
	char seed[24];

	for (size_t i = 0; i < s->parameter_count; i++)
		if (!set_parameter(&s->parameters[i], point->values[i], arena, &root, diags))
			return NULL;
	snprintf(seed, sizeof(seed), "%llu", s->seed);
	if (!set_word("kernel", point->kernel, &s->kernel_place, arena, &root) ||
	    (!node_get(root, "seed") && !set_word("seed", seed, &s->base->place, arena, &root)) ||
	    (s->has_timing && !set_word("platform.timing", timing_mode_name(s->timing),
					&s->base->place, arena, &root))) {
		diag_add(diags, &s->base->place,
			 "the scenario cannot be given a kernel and a timing");
		return NULL;
	}
	return root;
}

struct scenario *study_scenario(const struct study *s, const struct node *tree, struct diags *diags)
{
	struct scenario *scenario = scenario_read(s->base_file, tree, diags);

	if (scenario && scenario_check_kernels(scenario, scenario_kernels(scenario), diags))
		return scenario;
	scenario_free(scenario);
	return NULL;
}
