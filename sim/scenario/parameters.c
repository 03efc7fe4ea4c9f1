/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Module parameters that no kernel built in has: a kernel tree may, and which, is known when it is to run. All
 * others are checked where they are read.
 */
#include "parameters.h"

#include "kernel.h"
#include "run.h"
#include "tree/tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- before anything runs ---- */

static bool any_tree(const char *const *kernels)
{
	while (*kernels && !tree_is_name(*kernels))
		kernels++;
	return *kernels;
}

static void tell(const struct parameter_uses *uses, struct diags *diags)
{
	for (size_t i = 0; i < uses->count; i++) {
		char *advice = word_advice(uses->items[i].name, kernel_parameters());

		diag_add(diags, &uses->items[i].place, "the kernel has no parameter '%s'; %s",
			 uses->items[i].name, advice);
		free(advice);
	}
}

bool scenario_check_kernels(const struct scenario *s, const char *const *kernels,
			    struct diags *diags)
{
	if (any_tree(kernels))
		return true;
	tell(&s->platform->tree_parameters, diags);
	tell(&s->tree_parameters, diags);
	return !s->platform->tree_parameters.count && !s->tree_parameters.count;
}

/* ---- before a kernel runs ---- */

static void free_names(char **names)
{
	for (size_t i = 0; names && names[i]; i++)
		free(names[i]);
	free(names);
}

static bool in_list(const char *const *names, const char *name)
{
	while (*names && strcmp(*names, name) != 0)
		names++;
	return *names;
}

/* The first that the kernel lacks, whose parameters are the names; or NULL. */
static const struct parameter_use *find_lacking(const struct parameter_uses *uses,
						const char *const *names)
{
	for (size_t i = 0; i < uses->count; i++)
		if (!in_list(names, uses->items[i].name))
			return &uses->items[i];
	return NULL;
}

/* Where the scenario names the kernel, else where what it lacks stands, or the platform with that. */
static const struct place *place_of(const struct scenario *s, const char *kernel,
				    const struct parameter_use *use)
{
	const struct place *place = scenario_kernel_place(s, kernel);

	if (place)
		return place;
	return s->included ? &s->platform_place : &use->place;
}

char *parameters_lacking(const struct scenario *s, const char *kernel, const char *plugin,
			 const struct place **place)
{
	const struct parameter_uses *uses = &s->platform->tree_parameters;
	char *text = NULL, *advice, *error = NULL;
	char **own = uses->count && plugin ? kernel_plugin_parameters(plugin, &error) : NULL;
	const char *const *names = own && own[0] ? (const char *const *)own : kernel_parameters();
	const struct parameter_use *use = find_lacking(uses, names);

	/* a plug-in that cannot be loaded is told of when it is to boot */
	if (use && !(plugin && !own)) {
		advice = word_advice(use->name, names);
		if (asprintf(&text, "it has no parameter '%s', which %s:%u sets; %s", use->name,
			     use->place.file, use->place.line, advice) < 0)
			text = NULL;
		*place = place_of(s, kernel, use);
		free(advice);
	}
	free(error);
	free_names(own);
	return text;
}
