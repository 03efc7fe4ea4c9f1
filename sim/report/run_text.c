/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs as text for people: a line each, and what one needs to know where an expectation failed.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* Longer results are for --json. */
#define RESULT_MAX 300

struct report_counts report_count(const struct run_results *results)
{
	struct report_counts counts = { .runs = results->count };
	size_t i;

	for (i = 0; i < results->count; i++) {
		const struct run_result *run = &results->runs[i];

		counts.passed += run->verdict == VERDICT_PASS;
		counts.failed += run->verdict == VERDICT_FAIL;
		counts.errors += run->verdict == VERDICT_ERROR;
		counts.scenarios += i == 0 || strcmp(run->file, run[-1].file) != 0;
	}
	return counts;
}

/* ---- values ---- */

/* Addresses, data and codes are read in hex, counts are not. */
static bool shown_in_hex(const char *key, json_int_t value)
{
	static const char *const words[] = { "address", "data", "fault", "gpa", "iova", NULL };
	size_t i;

	if (value < 0 || (key && strstr(key, "size")))
		return false;
	for (i = 0; key && words[i]; i++)
		if (strstr(key, words[i]))
			return true;
	return value >= 4096;
}

static void print_value(FILE *out, const char *key, const json_t *value);

static void print_object(FILE *out, const json_t *object)
{
	const char *before = "{", *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value)
	{
		fprintf(out, "%s%s: ", before, key);
		print_value(out, key, value);
		before = ", ";
	}
	fputs(*before == '{' ? "{}" : "}", out);
}

static void print_array(FILE *out, const char *key, const json_t *array)
{
	size_t i;

	fputc('[', out);
	for (i = 0; i < json_array_size(array); i++) {
		fputs(i ? ", " : "", out);
		print_value(out, key, json_array_get(array, i));
	}
	fputc(']', out);
}

/* As a scenario would have it: flow YAML. */
static void print_value(FILE *out, const char *key, const json_t *value)
{
	json_int_t number = json_integer_value(value);

	if (json_is_object(value))
		print_object(out, value);
	else if (json_is_array(value))
		print_array(out, key, value);
	else if (json_is_string(value))
		fputs(json_string_value(value), out);
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "true" : "false", out);
	else if (json_is_integer(value))
		fprintf(out, shown_in_hex(key, number) ? "0x%llx" : "%lld", (long long)number);
	else if (json_is_real(value))
		fprintf(out, "%g", json_real_value(value));
	else
		fputs("null", out);
}

/* A value in one line, cut to what a line bears. */
static char *json_line(const json_t *value)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	print_value(out, NULL, value);
	if (fclose(out) || len <= RESULT_MAX)
		return text;
	len = RESULT_MAX - strlen("...");
	while ((unsigned char)text[len] >> 6 == 2)
		len--;
	strcpy(text + len, "...");
	return text;
}

char *step_result_text(const struct step_result *step)
{
	if (step->errno_name)
		return strdup(step->errno_name);
	return json_line(step->result);
}

char *step_expected_text(const struct step_result *step)
{
	if (!step->expected || json_is_null(step->expected))
		return strdup("success");
	return json_line(step->expected);
}

/* ---- one run ---- */

static const char *verdict_word(enum verdict verdict)
{
	static const char *const words[] = { "pass", "FAIL", "ERROR" };

	return words[verdict];
}

/* "            label     text", the text cleaned; nothing for NULL. */
static void print_labelled(FILE *out, const struct style *style, const char *label,
			   const char *text)
{
	if (!text)
		return;
	fprintf(out, "           %s%-9s%s ", tint_on(style, TINT_DIM), label, tint_off(style));
	print_clean(out, style, TINT_NONE, text);
	fputc('\n', out);
}

/* Why a step is not ok, unless that is what was expected and what came over again. */
static void print_because(FILE *out, const struct style *style, const struct step_result *step)
{
	if (step->message && strncmp(step->message, "got ", 4) != 0)
		print_labelled(out, style, "because", step->message);
}

static void print_place(FILE *out, const struct style *style, const struct run_result *run,
			unsigned int line, const char *text)
{
	fputs("       ", out);
	print_clean(out, style, TINT_BOLD, run->file);
	if (line)
		fprintf(out, "%s:%u%s", tint_on(style, TINT_BOLD), line, tint_off(style));
	fputs(": ", out);
	print_clean(out, style, TINT_NONE, text);
	fputc('\n', out);
}

static void print_failing_step(FILE *out, const struct style *style, const struct run_result *run,
			       const struct step_result *step)
{
	char *expected = step_expected_text(step), *got = step_result_text(step);

	print_place(out, style, run, step->line, step->name);
	print_labelled(out, style, "expected", expected);
	print_labelled(out, style, "got", got);
	print_because(out, style, step);
	if (step->outcome > OUTCOME_REFUSED)
		print_labelled(out, style, "meaning", step->why);
	free(expected);
	free(got);
}

/* What the kernel printed, a line each. */
static void print_log(FILE *out, const struct style *style, const char *log)
{
	char *copy = log ? strdup(log) : NULL, *rest = NULL;

	for (char *line = copy ? strtok_r(copy, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest))
		print_labelled(out, style, "kernel", line);
	free(copy);
}

static void print_step(FILE *out, const struct style *style, const struct step_result *step)
{
	char *got = step_result_text(step);
	enum tint tint = step->ok ? TINT_GOOD : TINT_BAD;

	fprintf(out, "     %s%4u%s %s%s%s ", tint_on(style, TINT_DIM), step->line, tint_off(style),
		tint_on(style, tint), step->ok ? "ok  " : "FAIL", tint_off(style));
	print_clean(out, style, TINT_NONE, step->name);
	fputs(" = ", out);
	print_clean(out, style, step->errno_name ? TINT_REFUSED : TINT_BOLD, got ? got : "?");
	fputc('\n', out);
	if (!step->ok) {
		char *expected = step_expected_text(step);

		print_labelled(out, style, "expected", expected);
		print_because(out, style, step);
		free(expected);
	}
	if (step->outcome > OUTCOME_REFUSED)
		print_labelled(out, style, outcome_name(step->outcome), step->why);
	print_log(out, style, step->log);
	free(got);
}

static void print_fault(FILE *out, const struct style *style, const struct fault_result *fault)
{
	fprintf(out, "          %sfault%s ", tint_on(style, TINT_FAULTED), tint_off(style));
	print_clean(out, style, TINT_NONE, fault->unit);
	fputs(": ", out);
	print_clean(out, style, TINT_NONE, fault->source);
	if (fault->pasid >= 0)
		fprintf(out, " with PASID %lld", fault->pasid);
	fprintf(out, " at 0x%llx: 0x%02x ", fault->address, fault->code);
	print_clean(out, style, TINT_NONE, fault->reason ? fault->reason : "(unknown)");
	fputc('\n', out);
}

static void print_details(FILE *out, const struct style *style, const struct run_result *run,
			  bool verbose)
{
	size_t i;

	for (i = 0; i < run->step_count; i++) {
		if (verbose)
			print_step(out, style, &run->steps[i]);
		else if (!run->steps[i].ok && run->verdict == VERDICT_FAIL)
			print_failing_step(out, style, run, &run->steps[i]);
	}
	for (i = 0; verbose && i < run->fault_count; i++)
		print_fault(out, style, &run->faults[i]);
	if (run->verdict == VERDICT_ERROR)
		print_place(out, style, run, run->error_line,
			    run->error ? run->error : "the run could not be carried out");
}

void report_run(FILE *out, const struct style *style, const struct run_result *run, bool verbose)
{
	enum tint verdict = run->verdict == VERDICT_PASS ? TINT_GOOD : TINT_BAD;
	const char *outcome = run->verdict == VERDICT_ERROR ? "" : outcome_name(run->outcome);

	fprintf(out, "%s%-5s%s  %s%-9s%s  %-15s  ", tint_on(style, verdict),
		verdict_word(run->verdict), tint_off(style),
		tint_on(style, outcome_tint(run->outcome)), outcome, tint_off(style), run->kernel);
	print_clean(out, style, TINT_NONE, run->scenario);
	fputc('\n', out);
	print_details(out, style, run, verbose);
}

void report_summary(FILE *out, const struct style *style, const struct run_results *results,
		    unsigned long long seed)
{
	struct report_counts counts = report_count(results);
	bool good = counts.passed == counts.runs;

	fputs(tint_on(style, good ? TINT_GOOD : TINT_BAD), out);
	print_count(out, counts.runs, "run");
	fputs(" of ", out);
	print_count(out, counts.scenarios, "scenario");
	fprintf(out, ": %zu passed", counts.passed);
	if (counts.failed)
		fprintf(out, ", %zu failed", counts.failed);
	if (counts.errors) {
		fputs(", ", out);
		print_count(out, counts.errors, "error");
	}
	fprintf(out, "%s (seed %llu)\n", tint_off(style), seed);
}
