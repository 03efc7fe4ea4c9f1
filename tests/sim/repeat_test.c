/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `repeat:` and `every:` of steps: how often, how soon again, and what the step's result is.
 */
#include "cli_call.h"

#include "scenario/scenario.h"

static struct run_result run_timed(const char *text, enum timing_mode timing)
{
	const struct scenario_run_options options = {
		.kernel = "v1", .seed = 1, .has_timing = true, .timing = timing
	};
	struct diags diags = { 0 };
	struct scenario *s = scenario_parse("s.yaml", text, strlen(text), &diags);
	struct run_result result = { 0 };

	if (s)
		scenario_run(s, &options, &result);
	else
		ADD_FAILURE("%s", diags.count ? diags.items[0].message : "?");
	scenario_free(s);
	diag_clear(&diags);
	return result;
}

TEST(repeat, does_a_step_so_often_and_keeps_the_last_result)
{
	struct run_result r =
		run_timed(GOOD "  - hardware: {evict: {}}\n    repeat: 3\n"
			       "  - device: {dma: {device: 0000:3a:00.0, address: 0x1000}}\n"
			       "    repeat: 4\n",
			  TIMING_UNTIMED);
	EXPECT_EQ(r.verdict, VERDICT_PASS);
	/* the first of four walks, the last finds it cached */
	EXPECT_EQ(json_integer_value(json_object_get(r.steps[7].result, "table_reads")), 0);
	run_result_clear(&r);
}

TEST(repeat, counts_each_fault)
{
	struct run_result r =
		run_timed(GOOD "  - device: {dma: {device: 0000:3a:00.0, address: 0x100000}}\n"
			       "    repeat: 3\n"
			       "    expect: fault\n",
			  TIMING_UNTIMED);

	EXPECT_EQ(r.verdict, VERDICT_PASS);
	EXPECT_EQ(r.fault_count, 3);
	run_result_clear(&r);
}

TEST(repeat, ends_with_the_first_call_that_fails)
{
	struct run_result r = run_timed(
		GOOD
		"  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0x100000, size: 64KiB, vaddr: m}}\n"
		"    repeat: 3\n"
		"    expect: EEXIST\n",
		TIMING_UNTIMED);

	EXPECT_EQ(r.verdict, VERDICT_PASS); /* the second found it mapped */
	run_result_clear(&r);
}

TEST(repeat, waits_from_start_to_start)
{
	static const enum timing_mode timed[] = { TIMING_LOOSELY, TIMING_APPROXIMATELY };

	for (size_t i = 0; i < 2; i++) {
		struct run_result r = run_timed(
			GOOD "  - device: {dma: {device: 0000:3a:00.0, address: 0x1000}}\n"
			     "    repeat: 11\n"
			     "    every: 20us\n",
			timed[i]);

		EXPECT_EQ(r.verdict, VERDICT_PASS);
		EXPECT_GE(r.steps[6].time_ns, 200000);
		EXPECT_LT(r.steps[6].time_ns, 210000);
		run_result_clear(&r);
	}
}

struct bad_row {
	const char *name, *keys, *message;
};

static const struct bad_row bad_rows[] = {
	{ "zero", "    repeat: 0\n", "out of range; expected 1 to 100000" },
	{ "too_often", "    repeat: 100001\n", "out of range" },
	{ "no_number", "    repeat: often\n", "expected a number" },
	{ "every_alone", "    every: 1us\n", "goes with `repeat:`" },
	{ "no_time", "    repeat: 2\n    every: 5\n", "expected a time" },
};

TEST_WITH_PARAMS(repeat, is_checked, struct bad_row, bad_rows)
{
	struct diags diags = { 0 };
	struct scenario *s;
	char *text;

	ASSERT_GT(asprintf(&text, "%s  - hardware: {evict: {}}\n%s", GOOD, param->keys), 0);
	s = scenario_parse("s.yaml", text, strlen(text), &diags);
	EXPECT_TRUE(s == NULL);
	ASSERT_EQ(diags.count, 1);
	expect_part(diags.items[0].message, param->message);
	diag_clear(&diags);
	free(text);
}
