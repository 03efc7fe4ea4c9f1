/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a study: its head, the scenario it varies, and how its points are chosen. Parameters, metrics and plots are
 * parameters.c's and metrics.c's, what they mean to the scenario check.c's.
 */
#include "study.h"

#include "scenario/trace-file.h"

#include <stdlib.h>
#include <string.h>

/* ---- the scenario ---- */

/* The scenario with the platform that it includes in place of `include:`. */
static bool put_platform_inline(struct study *s, struct diags *diags)
{
	const struct node *include = node_get(s->base, "include");
	const char *name;
	struct node *root = arena_alloc(&s->arena, sizeof(*root));
	struct node *key = arena_alloc(&s->arena, sizeof(*key));
	struct node_pair *pairs = arena_alloc(&s->arena, s->base->count * sizeof(*pairs));
	char *path;

	if (!root || !key || !pairs || !node_string(include, &name, diags))
		return false;
	path = path_beside(s->base_file, name);
	s->platform_document = path ? document_load(path, diags) : NULL;
	free(path);
	if (!s->platform_document) {
		diag_note(diags, &include->place, "included from here");
		return false;
	}
	*root = *s->base;
	root->pairs = pairs;
	for (size_t i = 0; i < root->count; i++) {
		pairs[i] = s->base->pairs[i];
		if (pairs[i].value != include)
			continue;
		*key = *pairs[i].key;
		key->text = "platform";
		pairs[i] = (struct node_pair){ key, document_root(s->platform_document) };
	}
	s->base = root;
	return true;
}

static bool read_base(struct study *s, const struct node *node, struct diags *diags)
{
	if (!node)
		return diag_add(diags, &document_root(s->document)->place,
				"no `scenario:` key; expected a scenario, or the name of its file");
	if (node->kind == NODE_MAPPING) {
		s->base = node;
		s->base_file = strdup(s->file);
	} else if (node->kind == NODE_SCALAR) {
		s->base_file = path_beside(s->file, node->text);
		s->base_document = s->base_file ? document_load(s->base_file, diags) : NULL;
		if (!s->base_document) {
			diag_note(diags, &node->place, "named here");
			return false;
		}
		s->base = document_root(s->base_document);
	}
	if (!s->base || s->base->kind != NODE_MAPPING || !node_get(s->base, "steps"))
		return diag_add(diags, s->base ? &s->base->place : &node->place,
				"expected a scenario with `steps:`, or the name of its file");
	if (node_get(s->base, "include") && !node_get(s->base, "platform"))
		return put_platform_inline(s, diags);
	return true;
}

/* ---- kernels and time ---- */

/* The names in a list of kernels, as they are; the scenario's reader tells which are none. */
static bool list_kernels(struct study *s, const struct node *node, struct diags *diags)
{
	size_t count = node->kind == NODE_SEQUENCE ? node->count : 1;
	const char **kernels = arena_alloc(&s->arena, (count + 1) * sizeof(char *));

	if (!kernels)
		return false;
	if (!count)
		return diag_add(diags, &node->place, "no kernel variant; expected at least one");
	for (size_t i = 0; i < count; i++) {
		const struct node *item = node->kind == NODE_SEQUENCE ? node->items[i] : node;

		if (!node_string(item, &kernels[i], diags))
			return false;
		for (size_t j = 0; j < i; j++)
			if (strcmp(kernels[i], kernels[j]) == 0)
				return diag_add(diags, &item->place,
						"kernel variant '%s' stands twice", kernels[i]);
	}
	s->kernels = kernels;
	s->kernel_place = node->place;
	return true;
}

static bool choose_kernels(struct study *s, const struct study_choice *choice, struct diags *diags)
{
	const struct node *root = document_root(s->document);
	const struct node *node = node_get(root, "kernel");

	if (!node)
		node = node_get(s->base, "kernel");
	s->kernel_place = s->base->place;
	if (choice->kernels)
		s->kernels = choice->kernels;
	else if (!node)
		s->kernels = kernel_variants();
	else if (!list_kernels(s, node, diags))
		return false;
	while (s->kernels[s->kernel_count])
		s->kernel_count++;
	return true;
}

static bool choose_timing(struct study *s, const struct study_choice *choice, struct diags *diags)
{
	const struct node *node = node_get(document_root(s->document), "timing");
	const char *words[TIMING_MODES + 1] = { NULL };
	size_t index;

	s->seed = choice->seed;
	s->has_timing = choice->has_timing || node;
	s->timing = choice->timing;
	for (enum timing_mode mode = 0; mode < TIMING_MODES; mode++)
		words[mode] = timing_mode_name(mode);
	if (!node || choice->has_timing)
		return true;
	if (!node_choice(node, words, &index, diags))
		return false;
	s->timing = (enum timing_mode)index;
	return true;
}

/* ---- points ---- */

static bool read_sample(struct study *s, const struct node *node, struct diags *diags)
{
	static const char *const keys[] = { "points", "seed", NULL };
	const struct node *points, *seed;
	unsigned long long count;

	if (!node)
		return true;
	if (!node_check_keys(node, keys, "sample", diags))
		return false;
	points = node_get(node, "points");
	seed = node_get(node, "seed");
	if (!points)
		return diag_add(diags, &node->place, "a sample without `points:`");
	s->is_sample = true;
	s->sample.seed = 1;
	if (!node_u64_range(points, 1, SAMPLE_POINTS_MAX, &count, diags) ||
	    (seed && !node_u64(seed, &s->sample.seed, false, diags)))
		return false;
	s->sample.points = (unsigned int)count;
	return true;
}

static bool draw_sample(struct study *s)
{
	for (size_t i = 0; i < s->parameter_count; i++) {
		struct study_parameter *p = &s->parameters[i];

		p->drawn = calloc(s->sample.points, sizeof(*p->drawn));
		if (!p->drawn)
			return false;
		sample_draw(&s->sample, (unsigned int)i, p->count, p->drawn);
	}
	return true;
}

static bool count_points(struct study *s, const struct node *node, struct diags *diags)
{
	s->points = s->kernel_count;
	if (s->is_sample) {
		s->points *= s->sample.points;
		if (!draw_sample(s))
			return diag_add(diags, &node->place, "not enough memory for the sample");
	}
	for (size_t i = 0; !s->is_sample && i < s->parameter_count; i++)
		if (__builtin_mul_overflow(s->points, s->parameters[i].count, &s->points))
			s->points = ~0ULL;
	if (s->points <= STUDY_POINTS_MAX)
		return true;
	if (s->points == ~0ULL)
		return diag_add(diags, &node->place,
				"far more than %u points; `sample: {points: N}` draws some of them",
				STUDY_POINTS_MAX);
	return diag_add(
		diags, &node->place,
		"%llu points; expected at most %u, of which `sample: {points: N}` draws some",
		s->points, STUDY_POINTS_MAX);
}

/* ---- the whole ---- */

static bool read_head(struct study *s, const struct node *root, struct diags *diags)
{
	static const char *const keys[] = { "study",  "about",      "scenario", "kernel", "timing",
					    "sample", "parameters", "metrics",  "plots",  NULL };
	const struct node *name = node_get(root, "study"), *about = node_get(root, "about");

	if (root->kind == NODE_MAPPING && !name && node_get(root, "steps"))
		return diag_add(diags, &root->place,
				"this is a scenario; a study names it with `scenario:`");
	if (!node_check_keys(root, keys, "study", diags))
		return false;
	if (!name)
		return diag_add(diags, &root->place, "no `study:` key; expected the study's name");
	if (!node_get(root, "parameters"))
		return diag_add(diags, &root->place, "no `parameters:` key; expected what varies");
	if (!node_get(root, "metrics"))
		return diag_add(diags, &root->place,
				"no `metrics:` key; expected what is measured");
	return node_string(name, &s->name, diags) &&
	       (!about || node_string(about, &s->about, diags));
}

static bool read_study(struct study *s, const struct study_choice *choice, struct diags *diags)
{
	const struct node *root = document_root(s->document);
	bool ok;

	if (!read_head(s, root, diags) || !read_base(s, node_get(root, "scenario"), diags))
		return false;
	ok = choose_kernels(s, choice, diags);
	ok &= choose_timing(s, choice, diags);
	ok &= read_sample(s, node_get(root, "sample"), diags);
	ok &= study_read_parameters(s, node_get(root, "parameters"), diags);
	ok &= study_read_metrics(s, node_get(root, "metrics"), diags);
	if (!ok || !study_read_plots(s, node_get(root, "plots"), diags))
		return false;
	return count_points(s, node_get(root, "parameters"), diags) && study_check(s, diags);
}

struct study *study_load(const char *path, const struct study_choice *choice, struct diags *diags)
{
	const struct place whole = { .file = path };
	struct study *s = calloc(1, sizeof(*s));

	if (s)
		s->file = strdup(path);
	if (!s || !s->file) {
		diag_add(diags, &whole, "not enough memory to read this study");
		study_free(s);
		return NULL;
	}
	s->document = document_load(path, diags);
	if (s->document && read_study(s, choice, diags))
		return s;
	if (!diags->count)
		diag_add(diags, &whole, "not enough memory to read this study");
	study_free(s);
	return NULL;
}

void study_free(struct study *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->parameter_count; i++)
		free(s->parameters[i].drawn);
	arena_free(&s->arena);
	document_free(s->platform_document);
	document_free(s->base_document);
	document_free(s->document);
	free(s->base_file);
	free(s->file);
	free(s);
}
