/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reports of made-up results: text, JSON against its schema, JUnit.
 */
#include "report_results.h"

#include <libxml/parser.h>

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
		     "ERROR  -          v7               an error\n"
		     "       s/error.yaml:17: the saved result 'x' is no number here\n");
	text_free(&text);
	run_result_clear(&run);
}

TEST(report_run, of_an_error_tells_what_failed_before)
{
	struct run_result run = erring_run();
	struct text text;

	run.steps[run.step_count++] = failing_step();
	run.outcome = OUTCOME_MISLED;
	run.steps[run.step_count++] = (struct step_result){
		.line = 17,
		.name = strdup("bind container=c"),
		.result = json_null(),
		.expected = json_null(),
		.message = strdup("the saved result 'x' is no number here"),
	};
	report_run(text_open(&text), &plain, &run, false);
	EXPECT_STREQ(text_done(&text),
		     "ERROR  misled     v7               an error\n"
		     "       s/error.yaml:9: bind container=c\n"
		     "           expected  EINVAL\n"
		     "           got       0\n"
		     "           because   bind gave 0, which is too good\n"
		     "           meaning   0001:01:00.0 has no binding\n"
		     "       s/error.yaml:17: the saved result 'x' is no number here\n");
	text_free(&text);
	run_result_clear(&run);
}

TEST(report_run, of_a_pass_that_is_misled_says_why)
{
	struct run_result run = run_of("a bind", "s/bind.yaml", "v1");
	struct text text;

	run.outcome = OUTCOME_MISLED;
	run.why = strdup("0001:01:00.0 has no binding");
	report_run(text_open(&text), &plain, &run, false);
	EXPECT_STREQ(text_done(&text), "pass   misled     v1               a bind\n"
				       "           misled    0001:01:00.0 has no binding\n");
	text_free(&text);
	run_result_clear(&run);
}

TEST(report_run, verbosely_wraps_results_and_puts_faults_beside_their_steps)
{
	struct run_result run = run_of("a dma", "s/dma.yaml", "v1");
	struct text text;

	run.steps[run.step_count++] = (struct step_result){
		.line = 5,
		.name = strdup("dma device=0000:3a:00.0 address=0x7f0000000000"),
		.result = json_pack("{s:s, s:i, s:i, s:i, s:s}", "status", "fault", "fault", 8,
				    "done", 0, "table_reads", 1, "fault_name",
				    "pasid-entry-not-present"),
		.expected = json_object(),
		.message = strdup("fault is 8; expected 114"),
	};
	run.steps[run.step_count++] = ok_step();
	run.faults = calloc(1, sizeof(struct fault_result));
	run.faults[run.fault_count++] = (struct fault_result){
		.unit = strdup("dmar0"),
		.reason = "A sentence",
		.code = 8,
		.source = strdup("0000:3a:00.0"),
		.pasid = -1,
	};
	report_run(text_open(&text), &plain, &run, true);
	EXPECT_STREQ(
		text_done(&text),
		"pass   works      v1               a dma\n"
		"        4 ok   open name=c = 0\n"
		"        5 FAIL dma device=0000:3a:00.0 address=0x7f0000000000 = {status: fault, "
		"fault: 0x08,\n"
		"                   done: 0, table_reads: 1, fault_name: pasid-entry-not-present}\n"
		"           expected  {}\n"
		"           because   fault is 0x08; expected 0x72\n"
		"           fault     dmar0: 0000:3a:00.0 at 0x0: 0x08\n"
		"                     A sentence\n"
		"        4 ok   open name=c = 0\n");
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
		     "           fault     dmar0: 0000:3a:00.0 with PASID 5 at 0xffff800000000000: "
		     "0x71\n"
		     "                     A first-stage entry is not present\n"
		     "           fault     smmu0: 0001:01:00.0 at 0x1000: 0xff\n"
		     "                     (unknown)\n");
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
	{ "{\"fault\": 8, \"cap_reg\": 18, \"iova_pgsizes\": 4096, \"max_dirty_bitmap_size\": 8192}",
	  "{fault: 0x08, cap_reg: 0x12, iova_pgsizes: 0x1000, max_dirty_bitmap_size: 8192}" },
};

TEST_WITH_PARAMS(result_text, is_what_a_scenario_would_say, struct value_row, value_rows)
{
	struct step_result step = { .result = json_loads(param->json, JSON_DECODE_ANY, NULL) };
	char *text = step_result_text(&step);

	EXPECT_STREQ(text, param->text);
	free(text);
	json_decref(step.result);
}

TEST(result_text, is_never_cut)
{
	struct step_result step = { 0 };
	char *name = malloc(2001), *text;
	size_t i;

	for (i = 0; i < 1000; i++)
		memcpy(name + 2 * i, "\xc3\xa9", 2);
	name[2000] = '\0';
	step.result = json_string(name);
	text = step_result_text(&step);
	EXPECT_STREQ(text, name);
	free(text);
	free(name);
	json_decref(step.result);
}

TEST(result_text, of_a_register_is_hex)
{
	struct step_result step = { .name = strdup("read-register unit=dmar0 offset=0x1c"),
				    .result = json_integer(16) };
	char *text = step_result_text(&step);

	EXPECT_STREQ(text, "0x10");
	free(text);
	free(step.name);
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
	expect_part(text.bytes, "<system-out>outcome: misled\nwhy: 0001:01:00.0 has no binding\n"
				"seed: 1\n</system-out>");
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
