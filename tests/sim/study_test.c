/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Studies: ranges, samples, paths, the order of points, the scenario of each, and what is refused.
 */
#include "sweep_call.h"

#include "study/path.h"
#include "study/pool.h"
#include "study/table.h"

#include <math.h>

/* ---- ranges ---- */

struct range_row {
	const char *name, *yaml;
	unsigned long long count;
	const char *first, *second, *last;
};

static const struct range_row range_rows[] = {
	{ "linear", "{from: 1, to: 4}", 4, "1", "2", "4" },
	{ "one", "{from: 7, to: 7}", 1, "7", NULL, "7" },
	{ "step", "{from: 10, to: 100, step: 30}", 4, "10", "40", "100" },
	{ "step_short_of_the_end", "{from: 0, to: 9, step: 4}", 3, "0", "4", "8" },
	{ "log2", "{from: 16, to: 512, scale: log2}", 6, "16", "32", "512" },
	{ "log2_short_of_the_end", "{from: 3, to: 20, scale: log2}", 3, "3", "6", "12" },
	{ "sizes", "{from: 512KiB, to: 2MiB, step: 512KiB}", 4, "512KiB", "1MiB", "2MiB" },
	{ "bytes", "{from: 512B, to: 1KiB, scale: log2}", 2, "512", "1KiB", "1KiB" },
	{ "times", "{from: 500ns, to: 2us, step: 500ns}", 4, "500ns", "1us", "2us" },
	{ "times_from_zero", "{from: 0, to: 1us, step: 250ns}", 5, "0ps", "250ns", "1us" },
	{ "frequencies", "{from: 500MHz, to: 1GHz, step: 250MHz}", 3, "500MHz", "750MHz", "1GHz" },
	{ "hexadecimal", "{from: 0x10, to: 0x20, step: 0x10}", 2, "16", "32", "32" },
	{ "up_to_the_largest", "{from: 0x8000000000000000, to: 0xffffffffffffffff, scale: log2}", 1,
	  "9223372036854775808", NULL, "9223372036854775808" },
};

static bool read_range(const char *yaml, struct range *range, struct diags *diags)
{
	struct document *doc = document_parse("r", yaml, strlen(yaml), diags);
	bool good = doc && range_read(document_root(doc), range, diags);

	document_free(doc);
	return good;
}

TEST_WITH_PARAMS(study_range, has_these_values, struct range_row, range_rows)
{
	struct diags diags = { 0 };
	struct range range;
	char text[32];

	ASSERT_TRUE(read_range(param->yaml, &range, &diags));
	EXPECT_EQ(range.count, param->count);
	range_value(&range, 0, text);
	EXPECT_STREQ(text, param->first);
	if (param->second) {
		range_value(&range, 1, text);
		EXPECT_STREQ(text, param->second);
	}
	range_value(&range, range.count - 1, text);
	EXPECT_STREQ(text, param->last);
}

static const struct range_row bad_ranges[] = {
	{ "no_end", "{from: 1}", 0, "without `to:`", NULL, NULL },
	{ "backwards", "{from: 2, to: 1}", 0, "ends before it starts", NULL, NULL },
	{ "no_number", "{from: a, to: 1}", 0, "expected a whole number", NULL, NULL },
	{ "fraction", "{from: 1.5us, to: 2us, step: 1ns}", 0, "whole number", NULL, NULL },
	{ "zero_step", "{from: 1, to: 2, step: 0}", 0, "a step of 0", NULL, NULL },
	{ "units_differ", "{from: 1KiB, to: 2us, step: 1ns}", 0, "differ in unit", NULL, NULL },
	{ "unit_without_step", "{from: 1KiB, to: 2KiB}", 0, "needs `step:`", NULL, NULL },
	{ "log2_of_zero", "{from: 0, to: 8, scale: log2}", 0, "cannot start at 0", NULL, NULL },
	{ "log2_with_step", "{from: 1, to: 8, step: 1, scale: log2}", 0, "no step", NULL, NULL },
	{ "far_too_many", "{from: 0, to: 0xffffffffffffffff}", 0, "larger step", NULL, NULL },
	{ "unknown_key", "{from: 1, too: 8}", 0, "did you mean 'to'?", NULL, NULL },
	{ "unknown_scale", "{from: 1, to: 8, scale: lg2}", 0, "did you mean 'log2'?", NULL, NULL },
	{ "too_large", "{from: 1, to: 99999999TiB, step: 1TiB}", 0, "whole number", NULL, NULL },
};

TEST_WITH_PARAMS(study_range, is_refused, struct range_row, bad_ranges)
{
	struct diags diags = { 0 };
	struct range range;

	EXPECT_FALSE(read_range(param->yaml, &range, &diags));
	ASSERT_EQ(diags.count, 1);
	expect_part(diags.items[0].message, param->first);
	diag_clear(&diags);
}

/* ---- samples ---- */

#define SAMPLED 50

TEST(study_sample, uses_each_stratum_once)
{
	static const unsigned long long counts[] = { SAMPLED, 5 * SAMPLED, 1ULL << 31 };

	for (unsigned long long seed = 0; seed < 20; seed++)
		for (size_t c = 0; c < 3; c++) {
			const struct sample sample = { SAMPLED, seed };
			unsigned int drawn[SAMPLED], used[SAMPLED] = { 0 };

			sample_draw(&sample, (unsigned int)c, counts[c], drawn);
			for (size_t i = 0; i < SAMPLED; i++) {
				ASSERT_LT(drawn[i], counts[c]);
				used[(unsigned long long)drawn[i] * SAMPLED / counts[c]]++;
			}
			for (size_t i = 0; i < SAMPLED; i++)
				EXPECT_EQ(used[i], 1);
		}
}

TEST(study_sample, spreads_few_values_evenly)
{
	const struct sample sample = { SAMPLED, 7 };
	unsigned int drawn[SAMPLED], used[4] = { 0 };

	sample_draw(&sample, 0, 4, drawn);
	for (size_t i = 0; i < SAMPLED; i++)
		used[drawn[i]]++;
	for (size_t i = 0; i < 4; i++)
		EXPECT_TRUE(used[i] == 12 || used[i] == 13);
}

TEST(study_sample, depends_on_seed_and_column_alone)
{
	const struct sample one = { SAMPLED, 1 }, two = { SAMPLED, 2 };
	unsigned int a[SAMPLED], b[SAMPLED];

	sample_draw(&one, 0, 1000, a);
	sample_draw(&one, 0, 1000, b);
	EXPECT_MEMEQ(a, b, sizeof(a));
	sample_draw(&one, 1, 1000, b);
	EXPECT_TRUE(memcmp(a, b, sizeof(a)) != 0);
	sample_draw(&two, 0, 1000, b);
	EXPECT_TRUE(memcmp(a, b, sizeof(a)) != 0);
}

/* ---- paths ---- */

#define TREE                                    \
	"a: {b: [10, 11, 12], a.b: x}\n"        \
	"devices: {0000:3a:00.0: {lanes: 8}}\n" \
	"steps: [{one: 1}, {one: 2, save: second}]\n"

struct path_row {
	const char *name, *path, *value, *rest;
};

static const struct path_row path_rows[] = {
	{ "key", "a.b.1", "11", "" },
	{ "bracket", "a.b[2]", "12", "" },
	{ "longest_key", "a.a.b", "x", "" },
	{ "key_in_brackets", "a[a.b]", "x", "" },
	{ "address", "devices.0000:3a:00.0.lanes", "8", "" },
	{ "address_in_brackets", "devices[0000:3a:00.0].lanes", "8", "" },
	{ "saved", "steps.second.one", "2", "" },
	{ "saved_in_brackets", "steps[second].one", "2", "" },
	{ "beyond_the_list", "a.b.3", NULL, "3" },
	{ "no_such_key", "a.c.d", NULL, "c.d" },
	{ "below_a_value", "a.a.b.c", NULL, "c" },
	{ "nobody_saved", "steps.third.one", NULL, "third.one" },
};

TEST_WITH_PARAMS(study_path, leads_to, struct path_row, path_rows)
{
	struct diags diags = { 0 };
	struct document *doc = document_parse("t", TREE, strlen(TREE), &diags);
	const struct node *node;
	const char *rest;

	ASSERT_TRUE(doc != NULL);
	EXPECT_TRUE(path_fault(param->path) == NULL);
	node = path_follow(document_root(doc), param->path, &rest);
	EXPECT_STREQ(rest, param->rest);
	if (param->value)
		EXPECT_STREQ(node->text, param->value);
	document_free(doc);
}

static const struct path_row fault_rows[] = {
	{ "empty", "", "empty", NULL },
	{ "open_bracket", "a[1", "does not end", NULL },
	{ "two_dots", "a..b", "nothing between", NULL },
	{ "dot_at_the_end", "a.", "nothing between", NULL },
	{ "empty_brackets", "a[]", "nothing between", NULL },
	{ "text_behind_brackets", "a[1]b", "nothing between", NULL },
};

TEST_WITH_PARAMS(study_path, has_a_form, struct path_row, fault_rows)
{
	const char *fault = path_fault(param->path);

	ASSERT_TRUE(fault != NULL);
	expect_part(fault, param->value);
}

TEST(study_path, is_replaced_and_the_rest_is_shared)
{
	const struct node value = { .kind = NODE_SCALAR, .text = "new", .plain = true };
	struct diags diags = { 0 };
	struct document *doc = document_parse("t", TREE, strlen(TREE), &diags);
	const struct node *root = document_root(doc), *changed;
	struct arena arena = { 0 };
	const char *why, *rest;

	changed = path_set(&arena, root, "a.b.1", &value, &why);
	ASSERT_TRUE(changed != NULL);
	EXPECT_STREQ(path_follow(changed, "a.b.1", &rest)->text, "new");
	EXPECT_STREQ(path_follow(root, "a.b.1", &rest)->text, "11");
	EXPECT_EQ(node_get(changed, "devices"), node_get(root, "devices"));
	changed = path_set(&arena, root, "fresh.keys.below", &value, &why);
	ASSERT_TRUE(changed != NULL);
	EXPECT_STREQ(path_follow(changed, "fresh.keys.below", &rest)->text, "new");
	EXPECT_TRUE(path_set(&arena, root, "a.b.9", &value, &why) == NULL);
	EXPECT_STREQ(why, "the list has no such item");
	EXPECT_TRUE(path_set(&arena, root, "a.b.0.c", &value, &why) == NULL);
	EXPECT_STREQ(why, "it leads through a single value");
	arena_free(&arena);
	document_free(doc);
}

TEST(study_path, leads_through_json)
{
	json_t *root =
		json_pack("{s:[i,{s:i}], s:{s:i}}", "steps", 5, "rate", 7, "c", "0000:3a:00.0", 9);

	EXPECT_EQ(json_integer_value(path_json(root, "steps[0]")), 5);
	EXPECT_EQ(json_integer_value(path_json(root, "steps.1.rate")), 7);
	EXPECT_EQ(json_integer_value(path_json(root, "c.0000:3a:00.0")), 9);
	EXPECT_EQ(json_integer_value(path_json(root, "c[0000:3a:00.0]")), 9);
	EXPECT_TRUE(path_json(root, "steps.2") == NULL);
	EXPECT_TRUE(path_json(root, "steps.0.rate") == NULL);
	EXPECT_TRUE(path_json(root, "c..d") == NULL);
	json_decref(root);
}

/* ---- CSV ---- */

struct csv_case {
	const char *name, *text, *cell;
};

static const struct csv_case csv_cases[] = {
	{ "plain", "v1", "v1" },
	{ "empty", "", "" },
	{ "comma", "a,b", "\"a,b\"" },
	{ "quote", "say \"x\"", "\"say \"\"x\"\"\"" },
	{ "spaces_at_the_ends", " a ", "\" a \"" },
	{ "line_end", "a\nb",
	  "a\xef\xbf\xbd"
	  "b" },
	{ "only_quotes", "\"\"", "\"\"\"\"\"\"" },
};

TEST_WITH_PARAMS(study_csv, quotes_what_it_must, struct csv_case, csv_cases)
{
	char *text = NULL, *clean = clean_text(param->text, false);
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct csv_row row;

	csv_cell(out, param->text);
	fputs(",", out);
	csv_cell(out, param->text);
	fclose(out);
	EXPECT_EQ(strncmp(text, param->cell, strlen(param->cell)), 0);
	ASSERT_TRUE(csv_parse(text, len, &row));
	ASSERT_EQ(row.count, 2);
	EXPECT_STREQ(row.cells[0], clean);
	EXPECT_STREQ(row.cells[1], clean);
	csv_row_clear(&row);
	free(clean);
	free(text);
}

TEST(study_csv, refuses_what_is_no_row)
{
	static const char *const lines[] = { "\"open", "\"a\"b", "a\"b\"", "\"a\",\"" };
	struct csv_row row;

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		EXPECT_FALSE(csv_parse(lines[i], strlen(lines[i]), &row));
	EXPECT_FALSE(csv_parse("a\0b", 3, &row));
}

/* ---- points ---- */

static struct study *load(const char *dir, struct diags *diags)
{
	const struct study_choice choice = { .seed = 1 };
	char *path = make_path(dir, "study.yaml");
	struct study *study = study_load(path, &choice, diags);

	free(path);
	return study;
}

TEST(study_points, go_through_the_grid_with_the_last_fastest)
{
	struct diags diags = { 0 };
	char *dir = make_study(SMALL_STUDY);
	struct study *study = load(dir, &diags);

	ASSERT_TRUE(study != NULL);
	EXPECT_EQ(study->points, SMALL_POINTS);
	for (unsigned int i = 0; i < SMALL_POINTS; i++) {
		struct study_point point = study_point(study, i);

		EXPECT_EQ(point.values[0], i / 4);
		EXPECT_EQ(point.values[1], i / 2 % 2);
		EXPECT_STREQ(point.kernel, i % 2 ? "v7" : "v1");
	}
	study_free(study);
	remove_dir(dir);
}

TEST(study_points, of_a_sample_cover_each_parameter)
{
	static const char text[] = STUDY_HEAD "    range: {from: 1, to: 64, scale: log2}\n"
					      "  address:\n"
					      "    path: steps.5.device.dma.address\n"
					      "    range: {from: 0, to: 15}\n"
					      "sample: {points: 14, seed: 3}\n" STUDY_METRICS;
	struct diags diags = { 0 };
	char *dir = make_study(text);
	struct study *study = load(dir, &diags);
	unsigned int used[7] = { 0 };

	ASSERT_TRUE(study != NULL);
	EXPECT_EQ(study->points, 28);
	for (unsigned int i = 0; i < 28; i++)
		used[study_point(study, i).values[0]]++;
	for (unsigned int i = 0; i < 7; i++)
		EXPECT_EQ(used[i], 4); /* twice, on two kernels */
	study_free(study);
	remove_dir(dir);
}

TEST(study_points, are_scenarios_that_read_back_from_yaml)
{
	struct diags diags = { 0 };
	char *dir = make_study(SMALL_STUDY);
	struct study *study = load(dir, &diags);

	ASSERT_TRUE(study != NULL);
	for (unsigned int i = 0; i < SMALL_POINTS; i++) {
		struct study_point point = study_point(study, i);
		struct arena arena = { 0 };
		const struct node *tree = study_tree(study, &point, &arena, &diags);
		char *text = NULL, *again = NULL;
		size_t len = 0, again_len = 0;
		FILE *out = open_memstream(&text, &len);
		struct document *doc;
		struct scenario *scenario;

		ASSERT_TRUE(tree != NULL);
		EXPECT_TRUE(emit_yaml(out, tree));
		fclose(out);
		scenario = scenario_parse("point", text, len, &diags);
		ASSERT_TRUE(scenario != NULL);
		EXPECT_STREQ(scenario_kernels(scenario)[0], point.kernel);
		EXPECT_TRUE(scenario_kernels(scenario)[1] == NULL);
		doc = document_parse("point", text, len, &diags);
		out = open_memstream(&again, &again_len);
		EXPECT_TRUE(emit_yaml(out, document_root(doc)));
		fclose(out);
		EXPECT_STREQ(again, text);
		scenario_free(scenario);
		document_free(doc);
		arena_free(&arena);
		free(text);
		free(again);
	}
	study_free(study);
	remove_dir(dir);
}

TEST(study_points, reach_through_an_included_platform)
{
	static const char scenario[] = "scenario: s\nkernel: v1\ninclude: p.yaml\n"
				       "steps: [{vmm: {open: c}}]\n";
	static const char platform[] = "iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}}\n"
				       "devices: {0000:3a:00.0: {iommu: dmar0}}\n";
	static const char text[] = "study: s\nscenario: s.yaml\nparameters:\n"
				   "  w: {path: platform.iommus.dmar0.walkers, values: [1, 2]}\n"
				   "  g: {path: platform.devices.0000:3a:00.0.group, values: [5]}\n"
				   "metrics: {outcome: outcome}\n";
	struct diags diags = { 0 };
	char *dir = make_study(text);
	struct study *study;

	write_file(dir, "s.yaml", scenario);
	write_file(dir, "p.yaml", platform);
	study = load(dir, &diags);
	EXPECT_TRUE(study != NULL);
	EXPECT_EQ(diags.count, 0);
	study_free(study);
	remove_dir(dir);
}

/* ---- what is refused ---- */

struct bad_study {
	const char *name, *text;
	unsigned int line;
	const char *message;
};

#define ONE_METRIC "metrics: {outcome: outcome}\n"
#define BASE "study: s\nscenario: good.yaml\nkernel: v1\n"
#define IOTLB "parameters: {e: {path: platform.iommus.dmar0.caches.iotlb.entries, values: [1]}}\n"

static const struct bad_study bad_studies[] = {
	{ "no_name", "scenario: good.yaml\n" IOTLB ONE_METRIC, 1, "no `study:` key" },
	{ "no_parameters", "study: s\nscenario: good.yaml\n" ONE_METRIC, 1, "no `parameters:`" },
	{ "no_metrics", BASE IOTLB, 1, "no `metrics:`" },
	{ "no_scenario", "study: s\n" IOTLB ONE_METRIC, 1, "no `scenario:`" },
	{ "a_scenario", GOOD, 1, "this is a scenario" },
	{ "unknown_key", BASE "parmeters: {}\n" IOTLB ONE_METRIC, 4, "did you mean 'parameters'?" },
	{ "no_such_file", "study: s\nscenario: none.yaml\n" IOTLB ONE_METRIC, 0,
	  "cannot be opened" },
	{ "nearest_path",
	  BASE "parameters: {e: {path: platform.iomus.dmar0.model, values: [1]}}\n" ONE_METRIC, 4,
	  "the scenario has no 'platform.iomus.dmar0.model'; did you mean "
	  "'platform.iommus.dmar0.model'?" },
	{ "no_such_step", BASE "parameters: {e: {path: steps.99.save, values: [a]}}\n" ONE_METRIC,
	  4, "the scenario has no 'steps.99.save'" },
	{ "broken_path", BASE "parameters: {e: {path: 'a[', values: [1]}}\n" ONE_METRIC, 4,
	  "bracket does not end" },
	{ "value_that_the_reader_refuses",
	  BASE "parameters: {e: {path: platform.iommus.dmar0.caches.iotlb.entries,\n"
	       "  values: [1, many]}}\n" ONE_METRIC,
	  5, "expected a number" },
	{ "value_twice", BASE "parameters: {e: {path: seed, values: [1, 2, 1]}}\n" ONE_METRIC, 4,
	  "'1' stands twice" },
	{ "no_value", BASE "parameters: {e: {path: seed, values: []}}\n" ONE_METRIC, 4,
	  "no value" },
	{ "values_and_range",
	  BASE "parameters: {e: {path: seed, values: [1], range: {from: 1, to: 2}}}\n" ONE_METRIC,
	  4, "either `values:` or `range:`" },
	{ "list_of_mappings",
	  BASE "parameters: {e: {path: steps.0, values: [{a: b}]}}\n" ONE_METRIC, 4,
	  "needs a label" },
	{ "bad_range", BASE "parameters: {e: {path: seed, range: {from: 2, to: 1}}}\n" ONE_METRIC,
	  4, "ends before it starts" },
	{ "too_many_points",
	  BASE "parameters:\n  a: {path: seed, range: {from: 1, to: 5000}}\n"
	       "  b: {path: platform.name, range: {from: 1, to: 5000}}\n" ONE_METRIC,
	  5, "25000000 points; expected at most 1000000" },
	{ "reserved_name", BASE "parameters: {point: {path: seed, values: [1]}}\n" ONE_METRIC, 4,
	  "'point' is a column of every study" },
	{ "metric_named_as_parameter", BASE IOTLB "metrics: {e: outcome}\n", 5, "is a parameter" },
	{ "unknown_metric", BASE IOTLB "metrics: {m: outcom}\n", 5, "did you mean 'outcome'?" },
	{ "unknown_step", BASE IOTLB "metrics: {m: steps.9.ok}\n", 5, "expected 0 to 5" },
	{ "unknown_saved", BASE IOTLB "metrics: {m: steps.bw.ok}\n", 5, "as 'bw'" },
	{ "unknown_field", BASE IOTLB "metrics: {m: steps.5.result.table_red}\n", 5,
	  "did you mean 'table_reads'?" },
	{ "unknown_part_of_a_step", BASE IOTLB "metrics: {m: steps.5.reslt}\n", 5,
	  "did you mean 'result'?" },
	{ "a_number_has_no_fields", BASE IOTLB "metrics: {m: steps.0.result.rate}\n", 5,
	  "that result is a number" },
	{ "unknown_unit", BASE IOTLB "metrics: {m: counters.dmar1.iotlb_hit}\n", 5,
	  "did you mean 'dmar0'?" },
	{ "unknown_counter",
	  BASE IOTLB "metrics: {m: {path: outcome, per: counters.dmar0.iotlb_hot}}\n", 5,
	  "did you mean 'iotlb_hit'?" },
	{ "sample_without_points", BASE IOTLB ONE_METRIC "sample: {seed: 1}\n", 6,
	  "without `points:`" },
	{ "sample_of_none", BASE IOTLB ONE_METRIC "sample: {points: 0}\n", 6, "out of range" },
	{ "unknown_kernel", "study: s\nscenario: good.yaml\nkernel: v8\n" IOTLB ONE_METRIC, 3,
	  "unknown value 'v8'" },
	{ "kernel_twice", "study: s\nscenario: good.yaml\nkernel: [v1, v1]\n" IOTLB ONE_METRIC, 3,
	  "stands twice" },
	{ "unknown_timing", BASE IOTLB ONE_METRIC "timing: timed\n", 6, "untimed" },
	{ "plot_of_no_metric", BASE IOTLB ONE_METRIC "plots: [{lines: outcme, x: e}]\n", 6,
	  "did you mean 'outcome'?" },
	{ "plot_over_nothing", BASE IOTLB ONE_METRIC "plots: [{lines: outcome}]\n", 6,
	  "without `x:`" },
	{ "plot_without_kind", BASE IOTLB ONE_METRIC "plots: [{x: e}]\n", 6, "without kind" },
	{ "heat_without_y", BASE IOTLB ONE_METRIC "plots: [{heat: outcome, x: e}]\n", 6,
	  "has `x:` and `y:`" },
	{ "plot_where_nothing_is",
	  BASE IOTLB ONE_METRIC "plots: [{lines: outcome, x: e, where: {e: 2}}]\n", 6,
	  "'2' is no value of 'e'" },
};

TEST_WITH_PARAMS(study_refuses, with_its_place, struct bad_study, bad_studies)
{
	struct diags diags = { 0 };
	char *dir = make_study(param->text);
	struct study *study = load(dir, &diags);

	EXPECT_TRUE(study == NULL);
	ASSERT_GT(diags.count, 0);
	expect_part(diags.items[0].message, param->message);
	EXPECT_EQ(diags.items[0].line, param->line);
	if (param->line)
		expect_part(diags.items[0].file, "study.yaml");
	diag_clear(&diags);
	remove_dir(dir);
}

TEST(study_refuses, what_its_scenario_has_wrong_at_the_scenarios_place)
{
	struct diags diags = { 0 };
	char *dir = make_study("study: s\nscenario: bad.yaml\n" IOTLB ONE_METRIC);

	write_file(dir, "bad.yaml", GOOD "  - vmm: {opn: d}\n");
	EXPECT_TRUE(load(dir, &diags) == NULL);
	ASSERT_GT(diags.count, 0);
	expect_part(diags.items[0].file, "bad.yaml");
	EXPECT_EQ(diags.items[0].line, 13);
	diag_clear(&diags);
	remove_dir(dir);
}

TEST(study_shipped, studies_read_without_error)
{
	static const char *const names[] = { "iotlb-size", "walkers", "invalidation-storm" };

	for (size_t i = 0; i < 3; i++) {
		const struct study_choice choice = { .seed = 1 };
		struct diags diags = { 0 };
		struct study *study;
		char *path;

		ASSERT_GT(asprintf(&path, "%s/scenarios/studies/%s.yaml", VTDSIM_SOURCE_DIR,
				   names[i]),
			  0);
		study = study_load(path, &choice, &diags);
		EXPECT_TRUE(study != NULL);
		EXPECT_EQ(diags.count, 0);
		if (study)
			EXPECT_GT(study->points, 40);
		study_free(study);
		diag_clear(&diags);
		free(path);
	}
}

/* ---- children ---- */

struct pieces {
	unsigned long long next;
	unsigned int killed, sum;
	unsigned long long enough;
};

static int child(void *arg, unsigned long long piece, FILE *out)
{
	(void)arg;
	if (piece % 7 == 3)
		abort();
	fprintf(out, "%llu\n", piece * piece);
	return (int)(piece % 3);
}

static bool in_order(void *arg, unsigned long long piece, const struct pool_answer *answer)
{
	struct pieces *pieces = arg;

	EXPECT_EQ(piece, pieces->next++);
	if (answer->signal) {
		EXPECT_EQ(piece % 7, 3);
		pieces->killed++;
	} else {
		EXPECT_EQ(strtoull(answer->text, NULL, 10), piece * piece);
		EXPECT_EQ(answer->status, (int)(piece % 3));
	}
	return pieces->next != pieces->enough;
}

TEST(study_pool, hands_answers_over_in_order_and_outlives_crashes)
{
	struct pieces pieces = { 0 };
	struct pool pool = { 3, 40, child, in_order, NULL, &pieces };
	int number;

	EXPECT_EQ(pool_run(&pool, &number), POOL_DONE);
	EXPECT_EQ(pieces.next, 40);
	EXPECT_EQ(pieces.killed, 6);
	EXPECT_GE(pool_processors(), 1u);
}

TEST(study_pool, stops_when_it_is_enough)
{
	struct pieces pieces = { .enough = 5 };
	struct pool pool = { 2, 40, child, in_order, NULL, &pieces };
	int number;

	EXPECT_EQ(pool_run(&pool, &number), POOL_ENOUGH);
	EXPECT_EQ(pieces.next, 5);
}
