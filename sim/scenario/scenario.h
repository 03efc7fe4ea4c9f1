/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scenario: read from YAML, checked whole, then run on any kernel variant.
 */
#ifndef SIM_SCENARIO_SCENARIO_H
#define SIM_SCENARIO_SCENARIO_H

#include "../machine.h"
#include "result.h"

struct node;
struct scenario;

/**
 * Reads and checks a scenario file, with the platform it includes. NULL with errors in *diags; nothing
 * that scenario_run() would need is left unchecked but values that exist only at run time.
 */
struct scenario *scenario_load(const char *path, struct diags *diags);

/** The same from memory; name stands for the file, and includes are looked up beside it. */
struct scenario *scenario_parse(const char *name, const char *text, size_t len,
				struct diags *diags);

/**
 * The same from a tree of nodes, which must outlive the scenario. file: what includes are looked up beside; errors name
 * the nodes' own places.
 */
struct scenario *scenario_read(const char *file, const struct node *root, struct diags *diags);

/**
 * Checks what depends on the kernels that are to run: only a tree can have module parameters that no kernel built in
 * has. kernels: NULL-terminated. False with errors in *diags.
 */
bool scenario_check_kernels(const struct scenario *scenario, const char *const *kernels,
			    struct diags *diags);

void scenario_free(struct scenario *scenario);

const char *scenario_name(const struct scenario *scenario);
const char *scenario_file(const struct scenario *scenario);
const char *scenario_about(const struct scenario *scenario); /* or NULL */
/**
 * NULL if the result of a step (from 0) may have a field ("latency_ns.p50"; "": it is a number itself), else advice
 * which it has; the caller frees it.
 */
char *scenario_result_advice(const struct scenario *scenario, size_t step, const char *field);

const char *const *scenario_kernels(
	const struct scenario *scenario); /* NULL-terminated; all variants if the file names none */

/** The platform that it runs on. */
const struct platform *scenario_platform(const struct scenario *scenario);

/** What a caller may want of a run. */
struct scenario_run_options {
	const char *kernel; /* variant */
	unsigned long long seed; /* used if the scenario has no seed of its own */
	bool has_timing; /* timing instead of the platform's, unless the scenario needs another */
	enum timing_mode timing;
	const struct trace_sink *trace; /* told what happens; or NULL */
	const char *vcd; /* as in struct machine_config */
	/* Called before and after each step; step counts from 0. Any may be NULL. */
	void (*step_begin)(void *arg, struct machine *machine, size_t step, unsigned int line,
			   const char *name);
	void (*step_end)(void *arg, struct machine *machine, size_t step,
			 const struct step_result *result);
	machine_log log;
	void *arg; /* for the three above */
};

/** Runs the scenario on a fresh machine. Fills *result (to be cleared by the caller). */
void scenario_run(const struct scenario *scenario, const struct scenario_run_options *options,
		  struct run_result *result);

#endif
