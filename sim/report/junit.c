/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs as JUnit XML: one suite a scenario file, one test case a kernel. Without time stamps, so that
 * equal runs give equal bytes.
 */
#include "report.h"

#include <libxml/xmlwriter.h>
#include <stdlib.h>
#include <string.h>

/* ---- texts ---- */

static void attribute(xmlTextWriterPtr xml, const char *name, const char *text)
{
	char *clean = clean_text(text, false);

	xmlTextWriterWriteAttribute(xml, BAD_CAST name, BAD_CAST(clean ? clean : ""));
	free(clean);
}

static void count_attribute(xmlTextWriterPtr xml, const char *name, size_t count)
{
	xmlTextWriterWriteFormatAttribute(xml, BAD_CAST name, "%zu", count);
}

/* A path with dots for slashes and without its extension: what tools fold into a tree. */
static char *class_name(const char *file)
{
	char *name, *extension, *p;

	while (*file == '.' || *file == '/')
		file++;
	name = strdup(file);
	if (!name)
		return NULL;
	extension = strrchr(name, '.');
	if (extension && !strchr(extension, '/'))
		*extension = '\0';
	for (p = name; *p; p++)
		if (*p == '/')
			*p = '.';
	return name;
}

/* What writes into a string: the text reports do the rest. */
struct text {
	FILE *out;
	char *bytes;
	size_t len;
};

static bool text_open(struct text *text)
{
	memset(text, 0, sizeof(*text));
	text->out = open_memstream(&text->bytes, &text->len);
	return text->out != NULL;
}

/* Writes the text into the open element and forgets it. */
static void text_close(xmlTextWriterPtr xml, struct text *text)
{
	char *clean;

	fclose(text->out);
	clean = clean_text(text->bytes, true);
	if (clean)
		xmlTextWriterWriteString(xml, BAD_CAST clean);
	free(clean);
	free(text->bytes);
}

/* ---- elements ---- */

static const struct step_result *first_failing(const struct run_result *run)
{
	size_t i;

	for (i = 0; i < run->step_count; i++)
		if (!run->steps[i].ok)
			return &run->steps[i];
	return NULL;
}

static void write_failure_message(xmlTextWriterPtr xml, const struct run_result *run)
{
	const struct step_result *step = first_failing(run);
	char *expected = step ? step_expected_text(step) : NULL;
	char *got = step ? step_result_text(step) : NULL;
	char *message = NULL;

	if (step && asprintf(&message, "line %u: %s: expected %s, got %s", step->line, step->name,
			     expected ? expected : "?", got ? got : "?") < 0)
		message = NULL;
	attribute(xml, "message", message ? message : "the outcome is not the expected one");
	attribute(xml, "type", outcome_name(run->outcome));
	free(message);
	free(expected);
	free(got);
}

static void write_verdict(xmlTextWriterPtr xml, const struct run_result *run)
{
	const struct style plain = { 0 };
	struct text text;

	if (run->verdict == VERDICT_PASS)
		return;
	xmlTextWriterStartElement(xml,
				  BAD_CAST(run->verdict == VERDICT_FAIL ? "failure" : "error"));
	if (run->verdict == VERDICT_FAIL)
		write_failure_message(xml, run);
	else
		attribute(xml, "message", run->error ? run->error : "could not be carried out");
	if (text_open(&text)) {
		report_run(text.out, &plain, run, true);
		text_close(xml, &text);
	}
	xmlTextWriterEndElement(xml);
}

static void write_output(xmlTextWriterPtr xml, const struct run_result *run)
{
	const struct style plain = { 0 };
	struct text text;

	if (!text_open(&text))
		return;
	fprintf(text.out, "outcome: %s\n", outcome_name(run->outcome));
	if (run->why)
		fprintf(text.out, "why: %s\n", run->why);
	fprintf(text.out, "seed: %llu\n", run->seed);
	/* a failure tells its steps itself */
	if (run->verdict == VERDICT_PASS)
		report_run(text.out, &plain, run, true);
	xmlTextWriterStartElement(xml, BAD_CAST "system-out");
	text_close(xml, &text);
	xmlTextWriterEndElement(xml);
}

static void write_case(xmlTextWriterPtr xml, const struct run_result *run)
{
	char *class = class_name(run->file);
	char *name = NULL;

	if (asprintf(&name, "%s [%s]", run->scenario, run->kernel) < 0)
		name = NULL;
	xmlTextWriterStartElement(xml, BAD_CAST "testcase");
	attribute(xml, "classname", class);
	attribute(xml, "name", name);
	attribute(xml, "file", run->file);
	write_verdict(xml, run);
	write_output(xml, run);
	xmlTextWriterEndElement(xml);
	free(class);
	free(name);
}

static void count_attributes(xmlTextWriterPtr xml, const struct report_counts *counts)
{
	count_attribute(xml, "tests", counts->runs);
	count_attribute(xml, "failures", counts->failed);
	count_attribute(xml, "errors", counts->errors);
}

/* Runs of one file, which adjoin. Returns how many. */
static size_t write_suite(xmlTextWriterPtr xml, const struct run_results *results, size_t first)
{
	struct run_results suite = { .runs = &results->runs[first] };
	struct report_counts counts;
	size_t i;

	while (first + suite.count < results->count &&
	       !strcmp(suite.runs[suite.count].file, suite.runs[0].file))
		suite.count++;
	counts = report_count(&suite);
	xmlTextWriterStartElement(xml, BAD_CAST "testsuite");
	attribute(xml, "name", suite.runs[0].scenario);
	count_attributes(xml, &counts);
	for (i = 0; i < suite.count; i++)
		write_case(xml, &suite.runs[i]);
	xmlTextWriterEndElement(xml);
	return suite.count;
}

static bool write_document(xmlTextWriterPtr xml, const struct run_results *results)
{
	struct report_counts counts = report_count(results);
	size_t i = 0;

	xmlTextWriterSetIndent(xml, 1);
	if (xmlTextWriterStartDocument(xml, NULL, "UTF-8", NULL) < 0)
		return false;
	xmlTextWriterStartElement(xml, BAD_CAST "testsuites");
	attribute(xml, "name", "vtdsim " VTDSIM_VERSION);
	count_attributes(xml, &counts);
	while (i < results->count)
		i += write_suite(xml, results, i);
	return xmlTextWriterEndDocument(xml) >= 0;
}

bool report_junit_write(FILE *out, const struct run_results *results)
{
	xmlBufferPtr buffer = xmlBufferCreate();
	xmlTextWriterPtr xml = buffer ? xmlNewTextWriterMemory(buffer, 0) : NULL;
	bool written = xml && write_document(xml, results);

	if (xml)
		xmlFreeTextWriter(xml);
	if (written)
		written = fputs((const char *)xmlBufferContent(buffer), out) != EOF &&
			  fflush(out) == 0;
	if (buffer)
		xmlBufferFree(buffer);
	return written;
}
