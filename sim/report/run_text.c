/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs as text for people: a line each, and what one needs to know where an expectation failed.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* Columns that a line should not go beyond. */
#define LINE_COLUMNS 100u

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

/* Counts, rates and times are never addresses, however large they are. */
static bool is_amount(const char *key)
{
	static const char *const words[] = { "requests", "reads", "writes",    "bytes", "faults",
					     "errors",   "rate",  "bandwidth", "done",  "time_ns",
					     "min",      "max",   "mean",      "p50",   "p95",
					     "p99",      "p999",  NULL };
	size_t i;

	for (i = 0; key && words[i]; i++)
		if (!strcmp(key, words[i]))
			return true;
	return key && strstr(key, "_reads");
}

static bool is_fault_code(const char *key)
{
	return key && !strcmp(key, "fault");
}

/* Addresses, data, codes, bitmaps and registers are read in hex, counts and sizes are not. */
static bool shown_in_hex(const char *key, json_int_t value)
{
	static const char *const words[] = { "address", "data",  "fault", "gpa",   "iova", "bitmap",
					     "_reg",    "flags", "start", "value", NULL };
	size_t i;

	if (value < 0 || is_amount(key))
		return false;
	if (key && strstr(key, "pgsize"))
		return true;
	if (key && strstr(key, "size"))
		return false;
	for (i = 0; key && words[i]; i++)
		if (strstr(key, words[i]))
			return true;
	return value >= 4096;
}

/* As the file writes it: a fault as 0x08, an address as 0x1000, a count as 7. */
static void print_number(FILE *out, const char *key, long long number)
{
	if (is_fault_code(key) && number >= 0)
		fprintf(out, "0x%02llx", number);
	else
		fprintf(out, shown_in_hex(key, number) ? "0x%llx" : "%lld", number);
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
	if (json_is_object(value))
		print_object(out, value);
	else if (json_is_array(value))
		print_array(out, key, value);
	else if (json_is_string(value))
		fputs(json_string_value(value), out);
	else if (json_is_boolean(value))
		fputs(json_is_true(value) ? "true" : "false", out);
	else if (json_is_integer(value))
		print_number(out, key, json_integer_value(value));
	else if (json_is_real(value))
		fprintf(out, "%g", json_real_value(value));
	else
		fputs("null", out);
}

/* A value in one line. key: what it is the value of, or NULL. */
static char *json_line(const char *key, const json_t *value)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	print_value(out, key, value);
	fclose(out);
	return text;
}

/* A step that reads a register or memory gives data, whatever its size. */
static const char *result_key(const struct step_result *step)
{
	return step->name && !strncmp(step->name, "read-register", 13) ? "data" : NULL;
}

char *step_result_text(const struct step_result *step)
{
	if (step->errno_name)
		return strdup(step->errno_name);
	return json_line(result_key(step), step->result);
}

char *step_expected_text(const struct step_result *step)
{
	if (!step->expected || json_is_null(step->expected))
		return strdup("success");
	return json_line(result_key(step), step->expected);
}

/* "fault is 89; expected 114" with numbers as print_number() has them. NULL: no memory, or no such text. */
static char *numbers_as_shown(const char *message)
{
	const char *key = NULL;
	char path[64], *text = NULL;
	long long got, wanted;
	size_t len = 0;
	int end = 0;
	FILE *out;

	if (sscanf(message, "%63[^ ] is %lld; expected %lld%n", path, &got, &wanted, &end) != 3 ||
	    message[end])
		return NULL;
	out = open_memstream(&text, &len);
	if (!out)
		return NULL;
	key = strrchr(path, '.') ? strrchr(path, '.') + 1 : path;
	fprintf(out, "%s is ", path);
	print_number(out, key, got);
	fputs("; expected ", out);
	print_number(out, key, wanted);
	fclose(out);
	return text;
}

/* ---- one run ---- */

static const char *verdict_word(enum verdict verdict)
{
	static const char *const words[] = { "pass", "FAIL", "ERROR" };

	return words[verdict];
}

/* "           label     text", the text cleaned and wrapped; nothing for NULL. */
static void print_labelled(FILE *out, const struct style *style, const char *label,
			   const char *text)
{
	const struct wrap wrap = { .column = 21, .indent = 21, .columns = LINE_COLUMNS };

	if (!text)
		return;
	fprintf(out, "           %s%-9s%s ", tint_on(style, TINT_DIM), label, tint_off(style));
	print_wrapped(out, style, TINT_NONE, &wrap, text);
	fputc('\n', out);
}

/* Why a step is not ok, unless that is what was expected and what came over again. */
static void print_because(FILE *out, const struct style *style, const struct step_result *step)
{
	char *shown;

	if (!step->message || !strncmp(step->message, "got ", 4))
		return;
	shown = numbers_as_shown(step->message);
	print_labelled(out, style, "because", shown ? shown : step->message);
	free(shown);
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

/* What the kernel printed, each line in one line. */
static void print_log(FILE *out, const struct style *style, const char *log)
{
	char *copy = log ? strdup(log) : NULL, *rest = NULL;

	for (char *line = copy ? strtok_r(copy, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		fprintf(out, "           %skernel%s    ", tint_on(style, TINT_DIM),
			tint_off(style));
		/* in one line, as it is looked for elsewhere */
		print_clean(out, style, TINT_NONE, line);
		fputc('\n', out);
	}
	free(copy);
}

/* The step that could not be carried out, with which the run ended. */
static bool is_last_of_error(const struct run_result *run, const struct step_result *step)
{
	return run->verdict == VERDICT_ERROR && step == &run->steps[run->step_count - 1] &&
	       step->line == run->error_line;
}

/* " in 1.250 us"; nothing for what took no time. */
static void print_time(FILE *out, const struct style *style, unsigned long long ns)
{
	if (!ns)
		return;
	fputs(tint_on(style, TINT_DIM), out);
	if (ns < 1000)
		fprintf(out, " in %llu ns", ns);
	else if (ns < 1000000)
		fprintf(out, " in %llu.%03llu us", ns / 1000, ns % 1000);
	else
		fprintf(out, " in %llu.%03llu ms", ns / 1000000, ns / 1000 % 1000);
	fputs(tint_off(style), out);
}

/* "       9 ok   open name=c = 0", wrapped at the commas of the result. */
static void print_step_line(FILE *out, const struct style *style, const struct step_result *step,
			    const char *word)
{
	char *got = step_result_text(step);
	const struct wrap wrap = {
		.column = 15 + text_width(step->name) + 3,
		.indent = 19,
		.columns = LINE_COLUMNS,
		.at_commas = true,
	};

	fprintf(out, "     %s%4u%s %s%s%s ", tint_on(style, TINT_DIM), step->line, tint_off(style),
		tint_on(style, step->ok ? TINT_GOOD : TINT_BAD), word, tint_off(style));
	print_clean(out, style, TINT_NONE, step->name);
	fputs(" = ", out);
	print_wrapped(out, style, step->errno_name ? TINT_REFUSED : TINT_BOLD, &wrap,
		      got ? got : "?");
	print_time(out, style, step->time_ns);
	fputc('\n', out);
	free(got);
}

static void print_step(FILE *out, const struct style *style, const struct step_result *step)
{
	print_step_line(out, style, step, step->ok ? "ok  " : "FAIL");
	if (!step->ok) {
		char *expected = step_expected_text(step);

		print_labelled(out, style, "expected", expected);
		print_because(out, style, step);
		free(expected);
	}
	if (step->outcome > OUTCOME_REFUSED)
		print_labelled(out, style, outcome_name(step->outcome), step->why);
	print_log(out, style, step->log);
}

static void print_fault(FILE *out, const struct style *style, const struct fault_result *fault)
{
	fprintf(out, "           %sfault%s     ", tint_on(style, TINT_FAULTED), tint_off(style));
	print_clean(out, style, TINT_NONE, fault->unit);
	fputs(": ", out);
	print_clean(out, style, TINT_NONE, fault->source);
	if (fault->pasid >= 0)
		fprintf(out, " with PASID %lld", fault->pasid);
	fprintf(out, " at 0x%llx: 0x%02x\n%21s", fault->address, fault->code, "");
	print_clean(out, style, TINT_NONE, fault->reason ? fault->reason : "(unknown)");
	fputc('\n', out);
}

/* A DMA that faults ends in one fault: whether this is the step of that fault. */
static bool faulted_with(const struct step_result *step, const struct fault_result *fault)
{
	const json_t *code = json_object_get(step->result, "fault");

	return json_is_integer(code) && json_integer_value(code) == (json_int_t)fault->code;
}

/* All steps, each with its fault. */
static void print_all_steps(FILE *out, const struct style *style, const struct run_result *run)
{
	size_t fault = 0, i;

	for (i = 0; i < run->step_count; i++) {
		const struct step_result *step = &run->steps[i];

		if (is_last_of_error(run, step))
			continue;
		print_step(out, style, step);
		if (fault < run->fault_count && faulted_with(step, &run->faults[fault]))
			print_fault(out, style, &run->faults[fault++]);
	}
	for (; fault < run->fault_count; fault++)
		print_fault(out, style, &run->faults[fault]);
	report_times(out, style, run);
}

static void print_failing_steps(FILE *out, const struct style *style, const struct run_result *run)
{
	size_t i;

	for (i = 0; i < run->step_count; i++)
		if (!run->steps[i].ok && !is_last_of_error(run, &run->steps[i]))
			print_failing_step(out, style, run, &run->steps[i]);
}

static void print_outcome(FILE *out, const struct style *style, const struct run_result *run)
{
	char *text = NULL;

	if (run->why && run->why_line &&
	    asprintf(&text, "line %u: %s", run->why_line, run->why) < 0)
		text = NULL;
	print_labelled(out, style, outcome_name(run->outcome), text ? text : run->why);
	free(text);
}

static void print_details(FILE *out, const struct style *style, const struct run_result *run,
			  bool verbose)
{
	if (verbose)
		print_all_steps(out, style, run);
	else if (run->verdict != VERDICT_PASS)
		print_failing_steps(out, style, run);
	else if (run->outcome > OUTCOME_REFUSED)
		print_outcome(out, style, run);
	if (run->verdict == VERDICT_ERROR)
		print_place(out, style, run, run->error_line,
			    run->error ? run->error : "the run could not be carried out");
}

/* What became of a run that ended in an error is known only where something bad came before. */
static const char *outcome_word(const struct run_result *run)
{
	if (run->verdict == VERDICT_ERROR && run->outcome == OUTCOME_WORKS)
		return "-";
	return outcome_name(run->outcome);
}

void report_run(FILE *out, const struct style *style, const struct run_result *run, bool verbose)
{
	enum tint verdict = run->verdict == VERDICT_PASS ? TINT_GOOD : TINT_BAD;

	fprintf(out, "%s%-5s%s  %s%-9s%s  %-15s  ", tint_on(style, verdict),
		verdict_word(run->verdict), tint_off(style),
		tint_on(style, outcome_tint(run->outcome)), outcome_word(run), tint_off(style),
		run->kernel);
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
