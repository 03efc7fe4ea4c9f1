/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs as JSON, the contract of docs/results.schema.json. Keys stand in the order in which they are
 * set here.
 */
#include "report.h"

#include <stdlib.h>

/* A string that JSON can hold, or null. */
static json_t *text_or_null(const char *text)
{
	char *clean = clean_text(text, true);
	json_t *value = clean ? json_string(clean) : text ? NULL : json_null();

	free(clean);
	return value;
}

/* jansson's integers have 63 bits and a sign: what is larger becomes a "0x..." string. */
static json_t *number(unsigned long long value)
{
	if (value <= 0x7fffffffffffffffULL)
		return json_integer((json_int_t)value);
	return json_sprintf("0x%llx", value);
}

static json_t *value_or_null(json_t *value)
{
	return value ? json_incref(value) : json_null();
}

/* A value as results hold it is shared, not copied: nothing writes to it. */
static json_t *step_json(const struct step_result *step)
{
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:s, s:o}", "line",
			 (json_int_t)step->line, "step", text_or_null(step->name), "result",
			 value_or_null(step->result), "errno", text_or_null(step->errno_name),
			 "expected", value_or_null(step->expected), "ok", step->ok, "message",
			 text_or_null(step->message), "why", text_or_null(step->why), "outcome",
			 outcome_name(step->outcome), "time_ns", number(step->time_ns));
}

static json_t *fault_json(const struct fault_result *fault)
{
	return json_pack("{s:o, s:o, s:I, s:o, s:o, s:o, s:o}", "unit", text_or_null(fault->unit),
			 "reason", text_or_null(fault->reason), "code", (json_int_t)fault->code,
			 "source", text_or_null(fault->source), "pasid",
			 fault->pasid < 0 ? json_null() : json_integer(fault->pasid), "address",
			 number(fault->address), "time_ns", number(fault->time_ns));
}

static json_t *steps_json(const struct run_result *run)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < run->step_count; i++)
		json_array_append_new(array, step_json(&run->steps[i]));
	return array;
}

static json_t *faults_json(const struct run_result *run)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < run->fault_count; i++)
		json_array_append_new(array, fault_json(&run->faults[i]));
	return array;
}

static json_t *error_json(const struct run_result *run)
{
	if (run->verdict != VERDICT_ERROR)
		return json_null();
	return json_pack("{s:o, s:o}", "line",
			 run->error_line ? json_integer(run->error_line) : json_null(), "message",
			 text_or_null(run->error));
}

static json_t *run_json(const struct run_result *run)
{
	json_t *counters = run->counters ? json_incref(run->counters) : json_object();
	json_t *why_line = run->why_line ? number(run->why_line) : json_null();
	json_t *object =
		json_pack("{s:o, s:o, s:o, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			  "scenario", text_or_null(run->scenario), "file", text_or_null(run->file),
			  "kernel", text_or_null(run->kernel), "verdict",
			  verdict_name(run->verdict), "outcome", outcome_name(run->outcome), "why",
			  text_or_null(run->why), "why_line", why_line, "error", error_json(run),
			  "seed", number(run->seed), "time_ns", number(run->time_ns), "steps",
			  steps_json(run), "faults", faults_json(run), "counters", counters);

	if (object && run->statistics)
		json_object_set(object, "statistics", run->statistics);
	if (object && run->rates)
		json_object_set(object, "rates", run->rates);
	return object;
}

json_t *report_json(const struct run_results *results)
{
	json_t *runs = json_array();
	size_t i;

	for (i = 0; i < results->count; i++) {
		if (json_array_append_new(runs, run_json(&results->runs[i]))) {
			json_decref(runs);
			return NULL;
		}
	}
	return json_pack("{s:s, s:o}", "vtdsim", VTDSIM_VERSION, "runs", runs);
}

bool report_json_write(FILE *out, const struct run_results *results)
{
	json_t *report = report_json(results);
	bool written = report && json_dumpf(report, out, JSON_INDENT(2)) == 0 &&
		       fputc('\n', out) != EOF && fflush(out) == 0;

	json_decref(report);
	return written;
}
