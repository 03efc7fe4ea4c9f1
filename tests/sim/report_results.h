/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of reports: made-up results of each kind, and strings to write reports into.
 */
#ifndef TESTS_SIM_REPORT_RESULTS_H
#define TESTS_SIM_REPORT_RESULTS_H

#include "report/report.h"
#include "gtest_c.h"

#include <stdlib.h>
#include <string.h>

static const struct style plain __attribute__((unused)) = { .colour = false };
static const struct style coloured __attribute__((unused)) = { .colour = true };

/* ---- results to report ---- */

static inline struct step_result ok_step(void)
{
	return (struct step_result){
		.line = 4,
		.name = strdup("open name=c"),
		.result = json_integer(0),
		.expected = json_null(),
		.ok = true,
	};
}

static inline struct step_result failing_step(void)
{
	return (struct step_result){
		.line = 9,
		.name = strdup("bind container=c"),
		.result = json_integer(0),
		.expected = json_string("EINVAL"),
		.ok = false,
		.message = strdup("bind gave 0, which is too good"),
		.why = strdup("0001:01:00.0 has no binding"),
		.outcome = OUTCOME_MISLED,
	};
}

static inline struct step_result refused_step(void)
{
	return (struct step_result){
		.line = 12,
		.name = strdup("VFIO_SET_IOMMU container=c"),
		.result = json_integer(-1),
		.errno_name = "EINVAL",
		.expected = json_null(),
		.message = strdup("got EINVAL; expected ok"),
		.why = strdup("VFIO_SET_IOMMU gave EINVAL"),
		.outcome = OUTCOME_REFUSED,
	};
}

static inline struct run_result run_of(const char *scenario, const char *file, const char *kernel)
{
	struct run_result run = {
		.scenario = strdup(scenario),
		.file = strdup(file),
		.kernel = strdup(kernel),
		.seed = 1,
		.steps = calloc(4, sizeof(struct step_result)),
		.counters = json_pack("{s:{s:i}}", "dmar0", "iotlb_lookup", 7),
	};

	run.steps[run.step_count++] = ok_step();
	return run;
}

static inline struct run_result failing_run(void)
{
	struct run_result run = run_of("a bind", "s/bind.yaml", "v1");

	run.verdict = VERDICT_FAIL;
	run.outcome = OUTCOME_MISLED;
	run.why = strdup("0001:01:00.0 has no binding");
	run.steps[run.step_count++] = failing_step();
	run.steps[run.step_count++] = refused_step();
	run.faults = calloc(2, sizeof(struct fault_result));
	run.faults[run.fault_count++] = (struct fault_result){
		.unit = strdup("dmar0"),
		.reason = "A first-stage entry is not present",
		.code = 0x71,
		.source = strdup("0000:3a:00.0"),
		.pasid = 5,
		.address = 0xffff800000000000ULL,
	};
	run.faults[run.fault_count++] = (struct fault_result){
		.unit = strdup("smmu0"),
		.code = 0xff,
		.source = strdup("0001:01:00.0"),
		.pasid = -1,
		.address = 0x1000,
	};
	return run;
}

static inline struct run_result erring_run(void)
{
	struct run_result run = run_of("an error", "s/error.yaml", "v7");

	run.verdict = VERDICT_ERROR;
	run.error = strdup("the saved result 'x' is no number here");
	run.error_line = 17;
	return run;
}

#define RUNS 4

/* One run of each kind: pass, fail, error, and a refusal that was expected. */
static inline struct run_results all_results(void)
{
	struct run_results results = { calloc(RUNS, sizeof(struct run_result)), 0 };

	results.runs[results.count++] = run_of("a bind", "s/bind.yaml", "upstream");
	results.runs[results.count++] = failing_run();
	results.runs[results.count++] = erring_run();
	results.runs[results.count] = run_of("refused", "s/below/refused.yaml", "v1");
	results.runs[results.count++].outcome = OUTCOME_REFUSED;
	return results;
}

/* ---- into strings ---- */

struct text {
	FILE *out;
	char *bytes;
	size_t len;
};

static inline FILE *text_open(struct text *text)
{
	text->out = open_memstream(&text->bytes, &text->len);
	return text->out;
}

static inline const char *text_done(struct text *text)
{
	fclose(text->out);
	return text->bytes;
}

static inline void text_free(struct text *text)
{
	free(text->bytes);
}

static inline void expect_part(const char *text, const char *part)
{
	if (!strstr(text, part))
		ADD_FAILURE("no '%s' in:\n%s", part, text);
}

#endif
