/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports of made-up results: text, JSON against its schema, JUnit, the matrix.
 */
#include "report/report.h"
#include "gtest_c.h"

#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>

static const struct style plain = { .colour = false };
static const struct style coloured = { .colour = true };

/* ---- results to report ---- */

static struct step_result ok_step(void)
{
	return (struct step_result){
		.line = 4,
		.name = strdup("open name=c"),
		.result = json_integer(0),
		.expected = json_null(),
		.ok = true,
	};
}

static struct step_result failing_step(void)
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

static struct step_result refused_step(void)
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

static struct run_result run_of(const char *scenario, const char *file, const char *kernel)
{
	struct run_result run = {
		.scenario = strdup(scenario),
		.file = strdup(file),
		.kernel = strdup(kernel),
		.seed = 1,
		.steps = calloc(3, sizeof(struct step_result)),
		.counters = json_pack("{s:{s:i}}", "dmar0", "iotlb_lookup", 7),
	};

	run.steps[run.step_count++] = ok_step();
	return run;
}

static struct run_result failing_run(void)
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

static struct run_result erring_run(void)
{
	struct run_result run = run_of("an error", "s/error.yaml", "v7");

	run.verdict = VERDICT_ERROR;
	run.error = strdup("the saved result 'x' is no number here");
	run.error_line = 17;
	return run;
}

#define RUNS 4

/* One run of each kind: pass, fail, error, and a refusal that was expected. */
static struct run_results all_results(void)
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

static FILE *text_open(struct text *text)
{
	text->out = open_memstream(&text->bytes, &text->len);
	return text->out;
}

static const char *text_done(struct text *text)
{
	fclose(text->out);
	return text->bytes;
}

static void text_free(struct text *text)
{
	free(text->bytes);
}

static void expect_part(const char *text, const char *part)
{
	if (!strstr(text, part))
		ADD_FAILURE("no '%s' in:\n%s", part, text);
}

/* ---- text ---- */

TEST(report_run, of_a_pass_is_one_line)
{
	struct run_result run = run_of("a bind", "s/bind.yaml", "v1-attach-check");
	struct text text;

	report_run(text_open(&text), &plain, &run, false);
	EXPECT_STREQ(text_done(&text), "pass   works      v1-attach-check  a bind\n");
	text_free(&text);
	run_result_clear(&run);
}

TEST(report_run, of_a_failure_tells_the_failing_steps)
{
	struct run_result run = failing_run();
	struct text text;

	report_run(text_open(&text), &plain, &run, false);
	EXPECT_STREQ(text_done(&text), "FAIL   misled     v1               a bind\n"
				       "       s/bind.yaml:9: bind container=c\n"
				       "           expected  EINVAL\n"
				       "           got       0\n"
				       "           because   bind gave 0, which is too good\n"
				       "           meaning   0001:01:00.0 has no binding\n"
				       "       s/bind.yaml:12: VFIO_SET_IOMMU container=c\n"
				       "           expected  success\n"
				       "           got       EINVAL\n");
	text_free(&text);
	run_result_clear(&run);
}

TEST(report_run, of_an_error_tells_where_and_what)
{
	struct run_result run = erring_run();
	struct text text;

	report_run(text_open(&text), &plain, &run, false);
	EXPECT_STREQ(text_done(&text),
		     "ERROR             v7               an error\n"
		     "       s/error.yaml:17: the saved result 'x' is no number here\n");
	text_free(&text);
	run_result_clear(&run);
}

TEST(report_run, of_an_error_without_a_sentence_says_so)
{
	struct run_result run = erring_run();
	struct text text;

	free(run.error);
	run.error = NULL;
	run.error_line = 0;
	report_run(text_open(&text), &plain, &run, false);
	expect_part(text_done(&text), "       s/error.yaml: the run could not be carried out\n");
	text_free(&text);
	run_result_clear(&run);
}

TEST(report_run, verbosely_tells_all_steps_and_faults)
{
	struct run_result run = failing_run();
	struct text text;

	report_run(text_open(&text), &plain, &run, true);
	EXPECT_STREQ(text_done(&text),
		     "FAIL   misled     v1               a bind\n"
		     "        4 ok   open name=c = 0\n"
		     "        9 FAIL bind container=c = 0\n"
		     "           expected  EINVAL\n"
		     "           because   bind gave 0, which is too good\n"
		     "           misled    0001:01:00.0 has no binding\n"
		     "       12 FAIL VFIO_SET_IOMMU container=c = EINVAL\n"
		     "           expected  success\n"
		     "          fault dmar0: 0000:3a:00.0 with PASID 5 at 0xffff800000000000: "
		     "0x71 A first-stage entry is not present\n"
		     "          fault smmu0: 0001:01:00.0 at 0x1000: 0xff (unknown)\n");
	text_free(&text);
	run_result_clear(&run);
}

TEST(report_run, in_colour_says_the_same)
{
	struct run_result run = failing_run();
	struct text text;

	report_run(text_open(&text), &coloured, &run, true);
	expect_part(text_done(&text), "\033[1;31mFAIL \033[0m  \033[35mmisled   \033[0m  v1");
	text_free(&text);
	run_result_clear(&run);
}

TEST(report_run, does_not_let_names_write_to_the_terminal)
{
	struct run_result run = run_of("a\033[2Jb", "s/x.yaml", "v1");
	struct text text;

	report_run(text_open(&text), &plain, &run, false);
	EXPECT_TRUE(strchr(text_done(&text), '\033') == NULL);
	text_free(&text);
	run_result_clear(&run);
}

TEST(report_summary, counts_runs_scenarios_and_verdicts)
{
	struct run_results results = all_results();
	struct text text;

	report_summary(text_open(&text), &plain, &results, 42);
	EXPECT_STREQ(text_done(&text),
		     "4 runs of 3 scenarios: 2 passed, 1 failed, 1 error (seed 42)\n");
	text_free(&text);
	run_results_clear(&results);
}

/* ---- values ---- */

struct value_row {
	const char *json, *text;
};

static const struct value_row value_rows[] = {
	{ "7", "7" },
	{ "-1", "-1" },
	{ "4096", "0x1000" },
	{ "\"EINVAL\"", "EINVAL" },
	{ "true", "true" },
	{ "false", "false" },
	{ "null", "null" },
	{ "1.5", "1.5" },
	{ "{}", "{}" },
	{ "[]", "[]" },
	{ "[1, {\"a\": 2}]", "[1, {a: 2}]" },
	{ "{\"page_size\": 4096, \"fault\": 113, \"fault_address\": 16, \"done\": 8}",
	  "{page_size: 4096, fault: 0x71, fault_address: 0x10, done: 8}" },
};

TEST_WITH_PARAMS(result_text, is_what_a_scenario_would_say, struct value_row, value_rows)
{
	struct step_result step = { .result = json_loads(param->json, JSON_DECODE_ANY, NULL) };
	char *text = step_result_text(&step);

	EXPECT_STREQ(text, param->text);
	free(text);
	json_decref(step.result);
}

TEST(result_text, is_cut_where_no_line_would_hold_it)
{
	struct step_result step = { 0 };
	char *name = malloc(2001), *text;
	size_t i;

	for (i = 0; i < 1000; i++)
		memcpy(name + 2 * i, "\xc3\xa9", 2);
	name[2000] = '\0';
	step.result = json_string(name);
	text = step_result_text(&step);
	EXPECT_LE(strlen(text), 300);
	EXPECT_STREQ(text + strlen(text) - 5, "\xc3\xa9...");
	free(text);
	free(name);
	json_decref(step.result);
}

/* ---- JSON ---- */

static bool type_matches(const char *type, const json_t *value)
{
	return (!strcmp(type, "object") && json_is_object(value)) ||
	       (!strcmp(type, "array") && json_is_array(value)) ||
	       (!strcmp(type, "string") && json_is_string(value)) ||
	       (!strcmp(type, "integer") && json_is_integer(value)) ||
	       (!strcmp(type, "boolean") && json_is_boolean(value)) ||
	       (!strcmp(type, "null") && json_is_null(value));
}

static bool check_type(const json_t *type, const json_t *value)
{
	size_t i;

	if (json_is_string(type))
		return type_matches(json_string_value(type), value);
	for (i = 0; i < json_array_size(type); i++)
		if (type_matches(json_string_value(json_array_get(type, i)), value))
			return true;
	return false;
}

static void check_schema(json_t *root, json_t *schema, json_t *value, const char *where);

static void check_object(json_t *root, json_t *schema, json_t *value, const char *where)
{
	json_t *properties = json_object_get(schema, "properties");
	json_t *additional = json_object_get(schema, "additionalProperties");
	json_t *required = json_object_get(schema, "required"), *member;
	const char *key;
	size_t i;

	for (i = 0; i < json_array_size(required); i++) {
		key = json_string_value(json_array_get(required, i));
		if (!json_object_get(value, key))
			ADD_FAILURE("%s: '%s' is missing", where, key);
	}
	json_object_foreach(value, key, member)
	{
		json_t *known = json_object_get(properties, key);

		if (known)
			check_schema(root, known, member, key);
		else if (json_is_object(additional))
			check_schema(root, additional, member, key);
		else if (json_is_false(additional))
			ADD_FAILURE("%s: '%s' is not in the schema", where, key);
	}
}

/* The part of JSON Schema that the schema uses, but for patterns. */
static void check_schema(json_t *root, json_t *schema, json_t *value, const char *where)
{
	const char *reference = json_string_value(json_object_get(schema, "$ref"));
	json_t *type = json_object_get(schema, "type"), *list = json_object_get(schema, "enum");
	json_t *minimum = json_object_get(schema, "minimum");
	bool found = list == NULL;
	size_t i;

	if (reference) {
		const char *name = strrchr(reference, '/') + 1;

		check_schema(root, json_object_get(json_object_get(root, "$defs"), name), value,
			     where);
	}
	if (type && !check_type(type, value))
		ADD_FAILURE("%s: type is not that of the schema", where);
	if (minimum && json_is_integer(value))
		EXPECT_GE(json_integer_value(value), json_integer_value(minimum));
	for (i = 0; i < json_array_size(list); i++)
		found = found || json_equal(json_array_get(list, i), value);
	if (!found)
		ADD_FAILURE("%s: value is not one of the schema's", where);
	if (json_is_object(value))
		check_object(root, schema, value, where);
	for (i = 0; json_object_get(schema, "items") && i < json_array_size(value); i++)
		check_schema(root, json_object_get(schema, "items"), json_array_get(value, i),
			     where);
}

TEST(report_json, is_what_the_schema_says)
{
	json_t *schema = json_load_file(VTDSIM_SOURCE_DIR "/docs/results.schema.json", 0, NULL);
	struct run_results results = all_results();
	json_t *report = report_json(&results);

	ASSERT_TRUE(schema != NULL);
	ASSERT_TRUE(report != NULL);
	check_schema(schema, schema, report, "report");
	json_decref(report);
	json_decref(schema);
	run_results_clear(&results);
}

static json_t *run_at(json_t *report, size_t i)
{
	return json_array_get(json_object_get(report, "runs"), i);
}

TEST(report_json, holds_the_contract)
{
	struct run_results results = all_results();
	json_t *report = report_json(&results);
	json_t *run = run_at(report, 1), *step, *fault;

	EXPECT_STREQ(json_string_value(json_object_get(report, "vtdsim")), VTDSIM_VERSION);
	EXPECT_STREQ(json_string_value(json_object_get(run, "scenario")), "a bind");
	EXPECT_STREQ(json_string_value(json_object_get(run, "file")), "s/bind.yaml");
	EXPECT_STREQ(json_string_value(json_object_get(run, "kernel")), "v1");
	EXPECT_STREQ(json_string_value(json_object_get(run, "verdict")), "fail");
	EXPECT_STREQ(json_string_value(json_object_get(run, "outcome")), "misled");
	step = json_array_get(json_object_get(run, "steps"), 2);
	EXPECT_EQ(json_integer_value(json_object_get(step, "line")), 12);
	EXPECT_EQ(json_integer_value(json_object_get(step, "result")), -1);
	EXPECT_STREQ(json_string_value(json_object_get(step, "errno")), "EINVAL");
	EXPECT_TRUE(json_is_null(json_object_get(step, "expected")));
	EXPECT_TRUE(json_is_false(json_object_get(step, "ok")));
	fault = json_array_get(json_object_get(run, "faults"), 0);
	EXPECT_EQ(json_integer_value(json_object_get(fault, "code")), 0x71);
	EXPECT_EQ(json_integer_value(json_object_get(fault, "pasid")), 5);
	EXPECT_STREQ(json_string_value(json_object_get(fault, "address")), "0xffff800000000000");
	fault = json_array_get(json_object_get(run, "faults"), 1);
	EXPECT_TRUE(json_is_null(json_object_get(fault, "pasid")));
	EXPECT_EQ(json_integer_value(json_object_get(fault, "address")), 0x1000);
	run = run_at(report, 2);
	EXPECT_EQ(json_integer_value(json_object_get(json_object_get(run, "error"), "line")), 17);
	json_decref(report);
	run_results_clear(&results);
}

TEST(report_json, of_equal_runs_gives_equal_bytes)
{
	struct run_results a = all_results(), b = all_results();
	struct text first, second;

	EXPECT_TRUE(report_json_write(text_open(&first), &a));
	EXPECT_TRUE(report_json_write(text_open(&second), &b));
	EXPECT_STREQ(text_done(&first), text_done(&second));
	expect_part(first.bytes, "{\n  \"vtdsim\": \"" VTDSIM_VERSION "\",\n  \"runs\": [\n");
	EXPECT_EQ(first.bytes[first.len - 1], '\n');
	text_free(&first);
	text_free(&second);
	run_results_clear(&a);
	run_results_clear(&b);
}

TEST(report_json, takes_file_names_that_are_no_utf8)
{
	struct run_results results = { calloc(1, sizeof(struct run_result)), 1 };
	json_t *report;

	results.runs[0] = run_of("x", "s/\xff.yaml", "v1");
	report = report_json(&results);
	ASSERT_TRUE(report != NULL);
	EXPECT_STREQ(json_string_value(json_object_get(run_at(report, 0), "file")),
		     "s/\xef\xbf\xbd.yaml");
	json_decref(report);
	run_results_clear(&results);
}

/* ---- JUnit ---- */

TEST(report_junit, is_xml_with_a_case_for_each_run)
{
	struct run_results results = all_results();
	struct text text;
	xmlDocPtr doc;

	EXPECT_TRUE(report_junit_write(text_open(&text), &results));
	text_done(&text);
	doc = xmlReadMemory(text.bytes, (int)text.len, "junit.xml", NULL, 0);
	EXPECT_TRUE(doc != NULL);
	xmlFreeDoc(doc);
	expect_part(text.bytes, "<testsuites name=\"vtdsim " VTDSIM_VERSION
				"\" tests=\"4\" failures=\"1\" errors=\"1\">");
	expect_part(text.bytes,
		    "<testsuite name=\"a bind\" tests=\"2\" failures=\"1\" errors=\"0\">");
	expect_part(text.bytes, "<testcase classname=\"s.bind\" name=\"a bind [v1]\" "
				"file=\"s/bind.yaml\">");
	expect_part(text.bytes, "<failure message=\"line 9: bind container=c: expected EINVAL, got "
				"0\" type=\"misled\">");
	expect_part(text.bytes, "<error message=\"the saved result 'x' is no number here\">");
	expect_part(text.bytes, "<testcase classname=\"s.below.refused\" name=\"refused [v1]\"");
	expect_part(text.bytes, "<system-out>outcome: misled\nwhy: 0001:01:00.0 has no binding\n");
	text_free(&text);
	run_results_clear(&results);
}

TEST(report_junit, escapes_what_xml_cannot_hold)
{
	struct run_results results = { calloc(1, sizeof(struct run_result)), 1 };
	struct text text;
	xmlDocPtr doc;

	results.runs[0] = run_of("<&\"\x01\xff", "./../x<y", "v1");
	EXPECT_TRUE(report_junit_write(text_open(&text), &results));
	text_done(&text);
	doc = xmlReadMemory(text.bytes, (int)text.len, "junit.xml", NULL, 0);
	EXPECT_TRUE(doc != NULL);
	expect_part(text.bytes, "classname=\"x&lt;y\"");
	xmlFreeDoc(doc);
	text_free(&text);
	run_results_clear(&results);
}

TEST(report_junit, of_a_failure_without_a_failing_step_says_so)
{
	struct run_results results = { calloc(1, sizeof(struct run_result)), 1 };
	struct text text;

	results.runs[0] = run_of("x", "x.yaml", "v1");
	results.runs[0].verdict = VERDICT_FAIL;
	EXPECT_TRUE(report_junit_write(text_open(&text), &results));
	expect_part(text_done(&text), "message=\"the outcome is not the expected one\"");
	text_free(&text);
	run_results_clear(&results);
}

TEST(reports, tell_when_they_cannot_be_written)
{
	struct run_results results = all_results();
	FILE *full = fopen("/dev/full", "w");

	ASSERT_TRUE(full != NULL);
	EXPECT_FALSE(report_json_write(full, &results));
	EXPECT_FALSE(report_junit_write(full, &results));
	fclose(full);
	run_results_clear(&results);
}

/* ---- matrix ---- */

TEST(report_matrix, has_scenarios_down_and_kernels_across)
{
	static const char *const kernels[] = { "upstream", "v1", "v7", NULL };
	static const struct matrix_row rows[] = {
		{ "s/bind.yaml", "a bind", 0, 2 },
		{ "s/error.yaml", "an error", 2, 1 },
		{ "s/below/refused.yaml", "refused", 3, 1 },
	};
	struct run_results results = all_results();
	const struct matrix matrix = { rows, 3, kernels, &results, 5 };
	struct text text;

	report_matrix(text_open(&text), &plain, &matrix);
	EXPECT_STREQ(
		text_done(&text),
		"            upstream     v1           v7\n"
		".\n"
		"  a bind    works        misled !     -\n"
		"  an error  -            -            error\n"
		"\n"
		"below\n"
		"  refused   -            refused      -\n"
		"\n"
		"works      everything did what was asked of it\n"
		"refused    an ioctl said no, with an errno and at the right moment\n"
		"misled     an ioctl reported success that the hardware contradicts, or what user "
		"space was told is no longer true\n"
		"error      a step could not be carried out as written\n"
		"!          not what the scenario expects: 'vtdsim run' tells more\n"
		"-          the scenario does not ask for this kernel\n"
		"\n"
		"4 runs of 3 scenarios: 2 passed, 1 failed, 1 error (seed 5)\n");
	text_free(&text);
	run_results_clear(&results);
}

TEST(report_matrix, of_one_directory_names_it_whole)
{
	static const char *const kernels[] = { "v1-attach-check", NULL };
	static const struct matrix_row rows[] = { { "s/x/a.yaml", "\xc3\xa9t\xc3\xa9", 0, 1 },
						  { "s/x/b.yaml", "b", 1, 1 } };
	struct run_results results = { calloc(2, sizeof(struct run_result)), 2 };
	const struct matrix matrix = { rows, 2, kernels, &results, 1 };
	struct text text;

	results.runs[0] = run_of("\xc3\xa9t\xc3\xa9", "s/x/a.yaml", "v1-attach-check");
	results.runs[1] = run_of("b", "s/x/b.yaml", "v1-attach-check");
	report_matrix(text_open(&text), &plain, &matrix);
	EXPECT_STREQ(text_done(&text), "            v1-attach-check\n"
				       "s/x\n"
				       "  \xc3\xa9t\xc3\xa9       works\n"
				       "  b         works\n"
				       "\n"
				       "works      everything did what was asked of it\n"
				       "\n"
				       "2 runs of 2 scenarios: 2 passed (seed 1)\n");
	text_free(&text);
	run_results_clear(&results);
}

TEST(report_matrix, of_a_file_without_a_directory_has_no_heading)
{
	static const char *const kernels[] = { "v1", NULL };
	static const struct matrix_row rows[] = { { "a.yaml", "a scenario", 0, 1 } };
	struct run_results results = { calloc(1, sizeof(struct run_result)), 1 };
	const struct matrix matrix = { rows, 1, kernels, &results, 1 };
	struct text text;

	results.runs[0] = run_of("a scenario", "a.yaml", "v1");
	report_matrix(text_open(&text), &coloured, &matrix);
	expect_part(text_done(&text), "\033[1mv1\033[0m\n  a scenario  \033[32mworks\033[0m\n");
	text_free(&text);
	run_results_clear(&results);
}
