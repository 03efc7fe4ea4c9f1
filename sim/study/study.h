/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A study: a scenario, parameters that vary in it, and what is measured. Read from YAML and checked whole; its points
 * are numbered from 0 and stand in one order for ever. Running them is pool.c's and the command line's.
 */
#ifndef SIM_STUDY_STUDY_H
#define SIM_STUDY_STUDY_H

#include "range.h"
#include "sample.h"

#include "scenario/node_text.h"
#include "scenario/scenario.h"

#define STUDY_PARAMETERS_MAX 16u
#define STUDY_METRICS_MAX 32u
#define STUDY_PLOTS_MAX 32u
#define STUDY_POINTS_MAX 1000000u

/** A place in the scenario. */
struct study_path {
	const char *text;
	struct place place; /* in the study */
};

/** What varies. */
struct study_parameter {
	const char *name, *title; /* title: for reports, the name by default */
	struct place place;
	struct study_path *paths; /* all get the same value */
	size_t path_count;
	const struct node *values; /* a list, or a mapping from labels to values; NULL: a range */
	struct range range;
	struct place range_place;
	unsigned long long count; /* of values */
	unsigned int *drawn; /* of a sample: number of the value at each of its points; else NULL */
};

/** What is measured: what a path into a run's JSON leads to, or the ratio of two such. */
struct study_metric {
	const char *name, *title;
	const char *unit; /* or NULL */
	const char *path, *per; /* steps by number; per: NULL if it is no ratio */
	struct place place, per_place;
};

enum study_plot_kind { STUDY_LINES, STUDY_HEAT, STUDY_SCATTER };

/** A plot of columns by name. */
struct study_plot {
	enum study_plot_kind kind;
	const char *title; /* or NULL */
	const char *metric, *x;
	const char *by; /* lines and scatter: one for each; heat: upwards; or NULL */
	const struct node *where; /* mapping from columns to texts, or NULL: all rows */
	bool log; /* the metric's axis */
};

struct study {
	char *file; /* as the user named it */
	const char *name;
	const char *about; /* or NULL */
	char *base_file; /* what the scenario's relative names are beside, and what its errors name */
	const struct node *base; /* the scenario, with its platform inline */
	struct document *document, *base_document, *platform_document; /* the latter two or NULL */
	struct arena arena;
	const char *const *kernels; /* NULL-terminated */
	struct place kernel_place;
	size_t kernel_count;
	bool has_timing; /* instead of the platform's */
	enum timing_mode timing;
	unsigned long long seed; /* for what the scenario does not seed itself */
	bool is_sample;
	struct sample sample;
	struct study_parameter parameters[STUDY_PARAMETERS_MAX];
	size_t parameter_count;
	struct study_metric metrics[STUDY_METRICS_MAX];
	size_t metric_count;
	struct study_plot plots[STUDY_PLOTS_MAX];
	size_t plot_count;
	unsigned long long points; /* of all parameters and kernels */
};

/** What the command line says instead of the study; what is not given is NULL or false. */
struct study_choice {
	const char *const *kernels; /* NULL-terminated; must outlive the study */
	bool has_timing;
	enum timing_mode timing;
	unsigned long long seed;
};

/** Reads and checks a study. NULL with errors in *diags. */
struct study *study_load(const char *path, const struct study_choice *choice, struct diags *diags);

void study_free(struct study *study);

/* ---- points (point.c) ---- */

/** One point. */
struct study_point {
	unsigned long long number;
	unsigned long long values[STUDY_PARAMETERS_MAX]; /* numbers of the parameters' values */
	const char *kernel;
};

/** The point of that number: the last parameter varies faster than those before it, the kernel fastest. */
struct study_point study_point(const struct study *study, unsigned long long number);

/** What a parameter's value is called: as it stands in the study. At most 32 bytes go into room, if they must. */
const char *study_value_label(const struct study_parameter *parameter, unsigned long long value,
			      char room[32]);

/**
 * The scenario of a point, with kernel, timing and seed in it; shares nodes with the study, the rest is in the arena.
 * NULL with errors in *diags.
 */
const struct node *study_tree(const struct study *study, const struct study_point *point,
			      struct arena *arena, struct diags *diags);

/** Reads that scenario. It lives no longer than the tree. NULL with errors in *diags. */
struct scenario *study_scenario(const struct study *study, const struct node *tree,
				struct diags *diags);

/** "entries=64, window=1MiB, kernel=v7"; the caller frees it. */
char *study_point_text(const struct study *study, const struct study_point *point);

/* ---- YAML (emit.c) ---- */

/** Writes a tree as YAML that reads as the same tree. False: there is no memory, or writing failed. */
bool emit_yaml(FILE *out, const struct node *root);

/* ---- parts of reading; private to this directory ---- */

/** Checks that a name may be one of a column. */
bool study_check_column(const struct study *study, const struct node *key, struct diags *diags);

/** Reads `parameters:`. */
bool study_read_parameters(struct study *study, const struct node *node, struct diags *diags);

/** Reads `metrics:`. */
bool study_read_metrics(struct study *study, const struct node *node, struct diags *diags);

/** Reads `plots:` (or NULL). */
bool study_read_plots(struct study *study, const struct node *node, struct diags *diags);

/** Checks that the first point and each value of each parameter make a scenario, and that it has the metrics. */
bool study_check(struct study *study, struct diags *diags);

#endif
