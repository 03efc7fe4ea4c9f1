/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a scenario file: its head, its platform (inline or from a file) and its steps.
 */
#include "scenario-internal.h"
#include "trace-file.h"
#include "tree/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 100000u

/* ---- kernels ---- */

static bool read_kernel(struct scenario *s, size_t index, const struct node *node,
			struct diags *diags)
{
	size_t choice;

	if (node->kind == NODE_SCALAR && tree_is_name(node->text))
		s->kernels[index] = node->text;
	else if (!node_choice(node, kernel_variants(), &choice, diags))
		return false;
	else
		s->kernels[index] = kernel_variants()[choice];
	s->kernel_places[index] = node->place;
	for (size_t i = 0; i < index; i++) {
		if (strcmp(s->kernels[i], s->kernels[index]) == 0)
			return diag_add(diags, &node->place, "kernel variant '%s' stands twice",
					s->kernels[index]);
	}
	return true;
}

static bool read_kernels(struct scenario *s, const struct node *node, struct diags *diags)
{
	const char *const *all = kernel_variants();
	size_t count = 0;
	bool ok = true;

	if (!node) {
		while (all[count])
			count++;
	} else if (node->kind == NODE_SEQUENCE) {
		count = node->count;
	} else {
		count = 1;
	}
	s->kernels = calloc(count + 1, sizeof(*s->kernels));
	s->kernel_places = node ? calloc(count + 1, sizeof(*s->kernel_places)) : NULL;
	if (!s->kernels || (node && !s->kernel_places))
		return false;
	for (size_t i = 0; i < count && ok; i++) {
		if (!node)
			s->kernels[i] = all[i];
		else
			ok = read_kernel(s, i, node->kind == NODE_SEQUENCE ? node->items[i] : node,
					 diags);
	}
	if (ok && !count)
		return diag_add(diags, &node->place, "no kernel variant; expected at least one");
	return ok;
}

/* ---- platform ---- */

static const struct node *platform_node(struct scenario *s, const struct node *root,
					struct diags *diags)
{
	const struct node *platform = node_get(root, "platform");
	const struct node *include = node_get(root, "include");
	const char *name;
	size_t before = diags->count;
	char *path;

	if (!!platform == !!include) {
		diag_add(diags, &root->place,
			 "a scenario has either `platform:` or `include:` with a platform's file");
		return NULL;
	}
	s->platform_place = platform ? platform->place : include->place;
	if (platform)
		return platform;
	if (!node_string(include, &name, diags))
		return NULL;
	path = path_beside(s->file, name);
	s->included = path ? document_load(path, diags) : NULL;
	if (!s->included && diags->count == before)
		diag_add(diags, &include->place, "cannot read '%s'", name);
	else if (!s->included)
		diag_note(diags, &include->place, "included from here");
	free(path);
	return s->included ? document_root(s->included) : NULL;
}

/* ---- steps ---- */

static bool read_steps(struct scenario *s, const struct node *node, struct diags *diags)
{
	struct step_reader reader = {
		.platform = s->platform,
		.tree_parameters = &s->tree_parameters,
		.diags = diags,
	};
	bool ok = true;

	if (node->kind != NODE_SEQUENCE)
		return diag_add(diags, &node->place, "expected a list of steps");
	if (!node->count)
		return diag_add(diags, &node->place, "no steps; expected at least one step");
	if (node->count > STEPS_MAX)
		return diag_add(diags, &node->place, "more than %u steps", STEPS_MAX);
	s->steps = calloc(node->count, sizeof(*s->steps));
	if (!s->steps)
		return diag_add(diags, &node->place, "not enough memory to read these steps");
	s->step_count = node->count;
	for (size_t i = 0; i < node->count && !diag_enough(diags); i++)
		ok &= step_read(&reader, node->items[i], &s->steps[i]);
	names_clear(&reader);
	return ok;
}

/* ---- the whole ---- */

/* A timing that the scenario is about, whatever else a run is asked for. */
static bool read_needs(struct scenario *s, const struct node *node, struct diags *diags)
{
	const char *modes[TIMING_MODES + 1] = { NULL };
	size_t index;

	if (!node)
		return true;
	for (enum timing_mode i = 0; i < TIMING_MODES; i++)
		modes[i] = timing_mode_name(i);
	if (!node_choice(node, modes, &index, diags))
		return false;
	s->needs_timing = true;
	s->timing = (enum timing_mode)index;
	return true;
}

static bool read_head(struct scenario *s, const struct node *root, struct diags *diags)
{
	static const char *const keys[] = { "scenario", "about",   "kernel", "seed", "needs",
					    "platform", "include", "steps",  NULL };
	bool ok = true;

	if (root->kind == NODE_MAPPING && node_get(root, "iommus") && !node_get(root, "steps"))
		return diag_add(diags, &root->place,
				"this is a platform; a scenario names it with `include:`");
	if (root->kind == NODE_MAPPING && node_get(root, "study"))
		return diag_add(diags, &root->place, "this is a study; `vtdsim sweep` runs it");
	if (!node_check_keys(root, keys, "scenario", diags))
		ok = false;
	if (root->kind != NODE_MAPPING)
		return false;
	if (node_get(root, "scenario"))
		ok &= node_string(node_get(root, "scenario"), &s->name, diags);
	else
		ok = diag_add(diags, &root->place,
			      "no `scenario:` key; expected the scenario's name");
	if (!node_get(root, "steps"))
		ok = diag_add(diags, &root->place, "no `steps:` key; expected a list of steps");
	if (node_get(root, "about"))
		ok &= node_string(node_get(root, "about"), &s->about, diags);
	if (node_get(root, "seed")) {
		s->has_seed = true;
		ok &= node_u64(node_get(root, "seed"), &s->seed, false, diags);
	}
	ok &= read_needs(s, node_get(root, "needs"), diags);
	ok &= read_kernels(s, node_get(root, "kernel"), diags);
	return ok;
}

static bool read_scenario(struct scenario *s, const struct node *root, struct diags *diags)
{
	const struct node *platform, *steps;
	bool ok = read_head(s, root, diags);

	/* whatever is wrong above, the rest is read too, so that all errors are told */
	steps = node_get(root, "steps");
	if (root->kind != NODE_MAPPING || (!steps && !ok))
		return false;
	platform = platform_node(s, root, diags);
	s->platform = platform ? platform_read(platform, diags) : NULL;
	if (s->platform)
		machine_number_groups(s->platform);
	return read_steps(s, steps, diags) && s->platform && ok;
}

struct scenario *scenario_read(const char *file, const struct node *root, struct diags *diags)
{
	struct scenario *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->file = strdup(file);
	if (s->file && read_scenario(s, root, diags))
		return s;
	scenario_free(s);
	return NULL;
}

/* Takes the document over. */
static struct scenario *from_document(const char *file, struct document *document,
				      struct diags *diags)
{
	struct scenario *s = document ? scenario_read(file, document_root(document), diags) : NULL;

	if (s)
		s->document = document;
	else
		document_free(document);
	return s;
}

struct scenario *scenario_load(const char *path, struct diags *diags)
{
	return from_document(path, document_load(path, diags), diags);
}

struct scenario *scenario_parse(const char *name, const char *text, size_t len, struct diags *diags)
{
	return from_document(name, document_parse(name, text, len, diags), diags);
}

void scenario_free(struct scenario *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->step_count; i++)
		step_clear(&s->steps[i]);
	free(s->steps);
	free(s->kernels);
	free(s->kernel_places);
	free(s->tree_parameters.items);
	platform_free(s->platform);
	document_free(s->included);
	document_free(s->document);
	free(s->file);
	free(s);
}

const char *scenario_name(const struct scenario *s)
{
	return s->name;
}

const char *scenario_file(const struct scenario *s)
{
	return s->file;
}

const char *scenario_about(const struct scenario *s)
{
	return s->about;
}

const struct platform *scenario_platform(const struct scenario *s)
{
	return s->platform;
}

char *scenario_result_advice(const struct scenario *s, size_t step, const char *field)
{
	const struct step *at = step < s->step_count ? &s->steps[step] : NULL;
	bool is_number = at && !at->op->fields && !at->op->formats;

	if (!at)
		return strdup("there is no such step");
	if (is_number)
		return *field ? strdup("that result is a number") : NULL;
	return strchr(field, '[') || field_known(at, field, NULL) ? NULL
								  : field_advice(at, field, NULL);
}

const char *const *scenario_kernels(const struct scenario *s)
{
	return s->kernels;
}

const struct place *scenario_kernel_place(const struct scenario *s, const char *kernel)
{
	for (size_t i = 0; s->kernel_places && s->kernels[i]; i++)
		if (strcmp(s->kernels[i], kernel) == 0)
			return &s->kernel_places[i];
	return NULL;
}
