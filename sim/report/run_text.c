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

/* A string without its quotes, all else as compact JSON; cut to what a line bears. */
static char *json_line(const json_t *value)
{
	char *text;
	size_t len;

	if (json_is_string(value))
		text = strdup(json_string_value(value));
	else
		text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	if (!text || strlen(text) <= RESULT_MAX)
		return text;
	len = RESULT_MAX;
	while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	strcpy(text + len, "..."); /* there is room: the text is longer */
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
	print_labelled(out, style, "because", step->message);
	print_labelled(out, style, "meaning", step->why);
	free(expected);
	free(got);
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
		print_labelled(out, style, "because", step->message);
		free(expected);
	}
	print_labelled(out, style, outcome_name(step->outcome), step->why);
	free(got);
}

static void print_fault(FILE *out, const struct style *style, const struct fault_result *fault)
{
	fprintf(out, "          %sfault%s ", tint_on(style, TINT_FAULTED), tint_off(style));
	print_clean(out, style, TINT_NONE, fault->unit);
	fprintf(out, ": 0x%02x ", fault->code);
	print_clean(out, style, TINT_NONE, fault->reason ? fault->reason : "(unknown)");
	fputs(", ", out);
	print_clean(out, style, TINT_NONE, fault->source);
	if (fault->pasid >= 0)
		fprintf(out, " with PASID %lld", fault->pasid);
	fprintf(out, " at 0x%llx\n", fault->address);
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
