/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reports of runs: text for people, JSON and JUnit for programs, and the matrix of scenarios and
 * kernels. All depend on the results alone, so that equal runs give equal bytes.
 */
#ifndef SIM_REPORT_REPORT_H
#define SIM_REPORT_REPORT_H

#include "style.h"

/** How the results of a whole call add up. */
struct report_counts {
	size_t runs, passed, failed, errors;
	size_t scenarios; /* different files */
};

/** Counts the runs. Runs of one scenario must adjoin. */
struct report_counts report_count(const struct run_results *results);

/* ---- text ---- */

/**
 * One run: a line with verdict, outcome, kernel and scenario; below it, where a pass is worse than a
 * refusal, why; else each failing step with its place, what was expected and what came. verbose: all
 * steps, each with what the kernel printed and the fault it met.
 */
void report_run(FILE *out, const struct style *style, const struct run_result *run, bool verbose);

/** How long things took, a line each; nothing where there was no time. report_run() shows it where verbose. */
void report_times(FILE *out, const struct style *style, const struct run_result *run);

/** The closing line: how many runs of how many scenarios passed, failed, and the seed. */
void report_summary(FILE *out, const struct style *style, const struct run_results *results,
		    unsigned long long seed);

/* ---- for programs ---- */

/** The runs as docs/results.schema.json says. A new reference; NULL: no memory. */
json_t *report_json(const struct run_results *results);

/** Writes report_json() indented, with a line end. False: no memory, or writing failed. */
bool report_json_write(FILE *out, const struct run_results *results);

/** Writes the runs as JUnit XML, one test case a run. False: no memory, or writing failed. */
bool report_junit_write(FILE *out, const struct run_results *results);

/* ---- matrix ---- */

/** One scenario of the matrix and its runs, which adjoin in the results. */
struct matrix_row {
	const char *file, *scenario;
	size_t first, count; /* runs in the results */
};

/** A matrix: rows in the order to show, columns by kernel. */
struct matrix {
	const struct matrix_row *rows;
	size_t row_count;
	const char *const *kernels; /* columns, NULL-terminated */
	const struct run_results *results;
	unsigned long long seed;
	bool why; /* tell below the table why what does not work does not */
	const bool *differing; /* report_matrix()'s own: by run, differs from the first column */
};

/** Prints the table, a legend of what occurs in it, and the count line. */
void report_matrix(FILE *out, const struct style *style, const struct matrix *matrix);

/** A step's result as one line of text: a number, an errno, or flow YAML. The caller frees it. */
char *step_result_text(const struct step_result *step);

/** What a step expected as one line: "success" where the file says nothing. The caller frees it. */
char *step_expected_text(const struct step_result *step);

#endif
