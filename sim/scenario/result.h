/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run of one scenario on one kernel gave: the data behind every report.
 */
#ifndef SIM_SCENARIO_RESULT_H
#define SIM_SCENARIO_RESULT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_ERROR };

/** In rising order of badness. */
enum outcome {
	OUTCOME_WORKS,
	OUTCOME_REFUSED,
	OUTCOME_FAULTED,
	OUTCOME_MISLED,
	OUTCOME_CORRUPTED,
	OUTCOME_COUNT,
};

/** "pass", "fail", "error". */
const char *verdict_name(enum verdict verdict);

/** "works", "refused", "faulted", "misled", "corrupted". */
const char *outcome_name(enum outcome outcome);

/** One step as it went. */
struct step_result {
	unsigned int line;
	char *name; /* "VFIO_SET_IOMMU container=c type=VFIO_TYPE1_NESTING_IOMMU" */
	json_t *result; /* a number or an object, never NULL */
	const char *errno_name; /* "EINVAL", or NULL */
	json_t *expected; /* as written in the file for this kernel; json null if nothing was */
	bool ok;
	char *message; /* why not ok, or NULL */
	char *why; /* what this step contributed to the outcome, or NULL ("unit dmar1 has no entry for PASID 5") */
	enum outcome outcome; /* its contribution */
	char *log; /* what the kernel printed meanwhile, lines ended by '\n'; or NULL */
	unsigned long long time_ns;
};

/** One DMA fault. */
struct fault_result {
	char *unit;
	const char *reason; /* text of the reason */
	unsigned int code;
	char *source; /* "0000:3a:00.0" */
	long long pasid; /* -1: none */
	unsigned long long address;
	unsigned long long time_ns;
};

/** One run. */
struct run_result {
	char *scenario;
	char *about; /* or NULL */
	char *file;
	char *kernel;
	enum verdict verdict;
	enum outcome outcome;
	char *why; /* a sentence for the outcome: the worst step's, or NULL when it works */
	unsigned int why_line; /* of that step, or 0 */
	char *error; /* VERDICT_ERROR: what went wrong, or NULL */
	unsigned int error_line; /* line of the step, or 0 */
	unsigned int error_column; /* and its column, from 1 */
	char *error_source; /* and the text of that line, or NULL */
	unsigned long long seed;
	unsigned long long time_ns;
	struct step_result *steps;
	size_t step_count;
	struct fault_result *faults;
	size_t fault_count;
	json_t *counters; /* {"dmar0": {"iotlb_lookup": n, ...}} */
	/* where there is time, else NULL: */
	json_t *statistics; /* {"dmar0": {"translation_ns": {"count": n, ...}, ...}, "0000:3a:00.0": ...} */
	json_t *rates; /* {"dmar0": [{"time_ns": n, "iotlb_lookup": n, ...}, ...]} */
};

/** Frees what it holds. */
void run_result_clear(struct run_result *result);

/** A growing list of runs. */
struct run_results {
	struct run_result *runs;
	size_t count;
};

void run_results_clear(struct run_results *results);

#endif
