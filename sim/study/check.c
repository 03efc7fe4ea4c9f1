/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks a study against the scenario's own reader before anything runs: each path, each value of each parameter at
 * the other parameters' first, and the metrics against what a run can give.
 */
#include "path.h"
#include "study.h"

#include "machine.h"

#include <stdlib.h>
#include <string.h>

/* Values of one parameter that are tried; of more, the first and the last. */
#define TRIED_MAX 200u

/* ---- scenarios ---- */

static bool reads(const struct study *s, const struct study_point *point, struct diags *diags)
{
	struct arena arena = { 0 };
	const struct node *tree = study_tree(s, point, &arena, diags);
	struct scenario *scenario = tree ? study_scenario(s, tree, diags) : NULL;
	bool good = scenario != NULL;

	scenario_free(scenario);
	arena_free(&arena);
	return good;
}

static bool is_known(const struct study *s, const struct study_path *path)
{
	const char *rest;

	path_follow(s->base, path->text, &rest);
	return !*rest;
}

/* The study with parameters whose paths the scenario has, and with one more of the others (or none). */
static bool reads_with(const struct study *s, const struct study_path *more)
{
	struct study *fewer = malloc(sizeof(*fewer));
	struct study_point point = { .kernel = s->kernels[0] };
	struct diags ignored = { 0 };
	bool good = false;

	if (!fewer)
		return false;
	*fewer = *s;
	fewer->parameter_count = 0;
	for (size_t i = 0; i < s->parameter_count; i++) {
		struct study_parameter *p = &fewer->parameters[fewer->parameter_count];
		struct study_path *paths = calloc(s->parameters[i].path_count, sizeof(*paths));

		if (!paths)
			break;
		*p = s->parameters[i];
		p->paths = paths;
		p->path_count = 0;
		for (size_t j = 0; j < s->parameters[i].path_count; j++)
			if (is_known(s, &s->parameters[i].paths[j]) ||
			    &s->parameters[i].paths[j] == more)
				paths[p->path_count++] = s->parameters[i].paths[j];
		fewer->parameter_count++;
	}
	good = reads(fewer, &point, &ignored);
	diag_clear(&ignored);
	while (fewer->parameter_count)
		free(fewer->parameters[--fewer->parameter_count].paths);
	free(fewer);
	return good;
}

/* What the scenario's reader says of a path that the scenario does not have, with the nearest that it has. */
static bool unknown_path(const struct study *s, const struct study_path *path, struct diags *diags)
{
	char *nearest = path_nearest(s->base, path->text);
	const char *rest;
	const struct node *end = path_follow(s->base, path->text, &rest);

	diag_add(diags, &path->place, "the scenario has no '%s'%s%s%s", path->text,
		 nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	diag_note(diags, &end->place, "as far as this it is known; '%s' is not", rest);
	free(nearest);
	return false;
}

/* Why the first point makes no scenario: the path that nothing knows, else what the reader says. */
static bool check_first(const struct study *s, const struct study_point *first, struct diags *diags)
{
	struct diags found = { 0 };

	if (reads(s, first, &found))
		return true;
	diag_clear(&found);
	if (reads_with(s, NULL))
		for (size_t i = 0; i < s->parameter_count; i++)
			for (size_t j = 0; j < s->parameters[i].path_count; j++) {
				const struct study_path *path = &s->parameters[i].paths[j];

				if (!is_known(s, path) && !reads_with(s, path))
					return unknown_path(s, path, diags);
			}
	return reads(s, first, diags);
}

/* Each value of one parameter, the others as at the first point. */
static bool check_values(const struct study *s, size_t index, const struct study_point *first,
			 struct diags *diags)
{
	const struct study_parameter *p = &s->parameters[index];
	struct study_point point = *first;
	unsigned long long stride = p->count > TRIED_MAX ? p->count - 1 : 1;

	for (point.values[index] = 0; point.values[index] < p->count;
	     point.values[index] += stride) {
		size_t before = diags->count;
		char room[32];

		if (reads(s, &point, diags))
			continue;
		if (diags->count > before)
			diag_note(diags, &p->place, "at %s=%s", p->name,
				  study_value_label(p, point.values[index], room));
		return false;
	}
	return true;
}

static bool check_kernels(const struct study *s, const struct study_point *first,
			  struct diags *diags)
{
	struct study_point point = *first;

	for (size_t i = 0; i < s->kernel_count; i++) {
		point.kernel = s->kernels[i];
		if (!reads(s, &point, diags))
			return false;
	}
	return true;
}

/* ---- metrics ---- */

static bool unknown_metric(const struct place *place, const char *path, const char *advice,
			   struct diags *diags)
{
	return diag_add(diags, place, "a run's JSON has no '%s'; %s", path, advice);
}

static bool unknown_word(const struct place *place, const char *path, const char *word,
			 const char *const *words, struct diags *diags)
{
	char *advice = word_advice(word, words);

	unknown_metric(place, path, advice, diags);
	free(advice);
	return false;
}

/* True if a parameter puts another step, or others, in the place of this one. */
static bool step_varies(const struct study *s, size_t number)
{
	for (size_t i = 0; i < s->parameter_count; i++)
		for (size_t j = 0; j < s->parameters[i].path_count; j++) {
			const char *path = s->parameters[i].paths[j].text, *rest;
			const struct node *steps = node_get(s->base, "steps");
			const struct node *end = path_follow(s->base, path, &rest);

			if (!*rest && (end == steps || end == steps->items[number]))
				return true;
		}
	return false;
}

/* A field of a step's result. */
static bool check_result(const struct scenario *scenario, size_t step, const struct place *place,
			 const char *path, struct diags *diags)
{
	const char *field = strstr(path, ".result") + strlen(".result");
	char *advice = scenario_result_advice(scenario, step, field + (*field == '.'));

	if (!advice)
		return true;
	unknown_metric(place, path, advice, diags);
	free(advice);
	return false;
}

static bool check_step(const struct study *s, const struct scenario *scenario,
		       const struct place *place, const char *path, struct diags *diags)
{
	static const char *const words[] = { "result",  "errno",   "ok",   "outcome", "why",
					     "message", "time_ns", "line", "step",    NULL };
	size_t count = node_get(s->base, "steps")->count, number;
	char held[64], word[32];
	const char *rest;

	if (!path_indexed(path, "steps", held, &rest))
		return unknown_metric(place, path, "expected steps[N] with a step's number from 0",
				      diags);
	number = strtoul(held, NULL, 10);
	if (number >= count)
		return diag_add(diags, place, "the scenario has %zu steps; expected 0 to %zu",
				count, count - 1);
	snprintf(word, sizeof(word), "%.*s", (int)strcspn(rest, ".["), rest);
	for (const char *const *w = words; *w; w++) {
		if (strcmp(*w, word) != 0)
			continue;
		if (w != words)
			return !rest[strlen(word)] ||
			       unknown_metric(place, path, "expected nothing behind it", diags);
		return step_varies(s, number) || check_result(scenario, number, place, path, diags);
	}
	return unknown_word(place, path, word, words, diags);
}

/* The names of what units count. */
struct counter_names {
	const char *names[512]; /* NULL-terminated */
	size_t count;
};

static void note_counter(void *arg, const char *name, u64 value)
{
	struct counter_names *c = arg;

	(void)value;
	if (c->count + 1 < sizeof(c->names) / sizeof(c->names[0]))
		c->names[c->count++] = name;
}

/* What a look at a machine is for. */
struct look {
	const char *unit, *name, *path;
	const struct place *place;
	struct diags *diags;
};

static void look_at(void *arg, struct machine *machine)
{
	const struct platform *platform = machine_platform(machine);
	struct look *look = arg;
	struct counter_names counters = { .count = 0 };
	const char *units[65] = { NULL };
	bool found = false;

	for (size_t i = 0; i < platform->iommu_count && i < 64; i++) {
		units[i] = platform->iommus[i].name;
		if (strcmp(units[i], look->unit) != 0)
			continue;
		machine_visit_counters(machine, i, note_counter, &counters);
		found = true;
	}
	for (size_t i = 0; i < platform->device_count && !found; i++) {
		if (strcmp(platform->devices[i].name, look->unit) != 0)
			continue;
		machine_visit_device_counters(machine, i, note_counter, &counters);
		found = true;
	}
	for (size_t j = 0; j < counters.count; j++)
		if (strcmp(counters.names[j], look->name) == 0)
			return;
	if (found)
		unknown_word(look->place, look->path, look->name, counters.names, look->diags);
	else
		unknown_word(look->place, look->path, look->unit, units, look->diags);
}

static bool check_counter(const struct scenario *scenario, const struct place *place,
			  const char *path, struct diags *diags)
{
	const char *dot = strrchr(path, '.');
	size_t before = diags->count;
	char unit[64] = "";
	struct look look = { .name = dot + 1, .path = path, .place = place, .diags = diags };
	struct machine_config config = {
		.platform = scenario_platform(scenario),
		.variant = "mainline",
		.timing = TIMING_APPROXIMATELY, /* which counts most */
	};

	if (strncmp(path, "counters.", 9) == 0 && dot > path + 9)
		snprintf(unit, sizeof(unit), "%.*s", (int)(dot - path - 9), path + 9);
	look.unit = unit;
	/* a machine that does not boot tells so when it is to run */
	free(machine_run(&config, look_at, &look));
	return diags->count == before;
}

static bool check_metric(const struct study *s, const struct scenario *scenario,
			 const struct place *place, const char *path, struct diags *diags)
{
	static const char *const words[] = { "outcome",    "verdict", "why",      "time_ns",
					     "seed",       "steps",   "faults",   "counters",
					     "statistics", "rates",   "scenario", "file",
					     "kernel",     NULL };
	char word[32];
	size_t index = 0;

	snprintf(word, sizeof(word), "%.*s", (int)strcspn(path, ".["), path);
	while (words[index] && strcmp(words[index], word) != 0)
		index++;
	if (!words[index])
		return unknown_word(place, path, word, words, diags);
	if (strcmp(word, "steps") == 0)
		return check_step(s, scenario, place, path, diags);
	if (strcmp(word, "counters") == 0)
		return check_counter(scenario, place, path, diags);
	return true;
}

static bool check_metrics(const struct study *s, const struct study_point *first,
			  struct diags *diags)
{
	struct arena arena = { 0 };
	const struct node *tree = study_tree(s, first, &arena, diags);
	struct scenario *scenario = tree ? study_scenario(s, tree, diags) : NULL;
	bool good = scenario != NULL;

	for (size_t i = 0; scenario && i < s->metric_count; i++) {
		const struct study_metric *m = &s->metrics[i];

		good &= check_metric(s, scenario, &m->place, m->path, diags) &&
			(!m->per || check_metric(s, scenario, &m->per_place, m->per, diags));
	}
	scenario_free(scenario);
	arena_free(&arena);
	return good;
}

/* ---- plots ---- */

/* A value that a plot names must be one that the study has. */
static bool check_where(const struct study *s, const struct node_pair *pair, struct diags *diags)
{
	for (size_t i = 0; i < s->parameter_count; i++) {
		const struct study_parameter *p = &s->parameters[i];
		char room[32];

		if (strcmp(p->name, pair->key->text) != 0 || p->drawn)
			continue;
		for (unsigned long long v = 0; v < p->count; v++)
			if (strcmp(study_value_label(p, v, room), pair->value->text) == 0)
				return true;
		return diag_add(diags, &pair->value->place, "'%s' is no value of '%s'",
				pair->value->text, p->name);
	}
	return true;
}

bool study_check(struct study *s, struct diags *diags)
{
	struct study_point first = { .kernel = s->kernels[0] };
	bool good = true;

	if (!check_first(s, &first, diags))
		return false;
	for (size_t i = 0; i < s->parameter_count; i++)
		good &= check_values(s, i, &first, diags);
	good = good && check_kernels(s, &first, diags) && check_metrics(s, &first, diags);
	for (size_t i = 0; i < s->plot_count; i++)
		for (size_t j = 0; s->plots[i].where && j < s->plots[i].where->count; j++)
			good &= check_where(s, &s->plots[i].where->pairs[j], diags);
	return good;
}
