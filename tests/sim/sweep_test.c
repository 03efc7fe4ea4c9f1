/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `vtdsim sweep` as a user calls it: rows, points one by one, shards, the reports, and what it refuses.
 */
#include "sweep_call.h"

#include "cli/sweep.h"
#include "study/path.h"

static struct call sweep(const char *dir, const char *const *words)
{
	char *study = make_path(dir, "study.yaml");
	const char *all[MAX_WORDS + 1] = { "sweep", study };
	struct call call;

	for (size_t i = 0; words[i]; i++)
		all[i + 2] = words[i];
	call = call_list(all);
	free(study);
	return call;
}

#define SWEEP(dir, ...) sweep(dir, (const char *const[]){ __VA_ARGS__ __VA_OPT__(, ) NULL })

static const char *line_of(const char *text, unsigned int number)
{
	while (text && number--) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return text ? text : "";
}

/* ---- rows ---- */

TEST(sweep, writes_a_row_for_each_point_in_order)
{
	static const char header[] = "point,entries,access,kernel,reads,outcome,ratio,verdict,"
				     "message,inputs,command\n";
	char *dir = make_study(SMALL_STUDY);
	struct call got = SWEEP(dir, "--csv", "-", "-j4"),
		    one = SWEEP(dir, "--csv", "-", "-j", "1");

	EXPECT_EQ(got.status, 0);
	EXPECT_STREQ(got.out, one.out);
	EXPECT_EQ(strncmp(got.out, header, strlen(header)), 0);
	for (unsigned int i = 0; i < SMALL_POINTS; i++)
		EXPECT_EQ(strtoul(line_of(got.out, i + 1), NULL, 10), i);
	expect_part(line_of(got.out, 1), "0,0,write,v1,");
	expect_part(line_of(got.out, 12), "11,64,read,v7,");
	expect_part(line_of(got.out, 12), "study.yaml --point 11\n");
	EXPECT_STREQ(line_of(got.out, 13), "");
	expect_part(got.err, "12 points: 12 passed (seed 1)\n");
	call_free(&got);
	call_free(&one);
	remove_dir(dir);
}

TEST(sweep, shows_a_table_where_no_file_is_wanted)
{
	char *dir = make_study(SMALL_STUDY);
	struct call got = sweep(dir, (const char *const[]){ NULL });

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "point  entries  access  kernel  reads  outcome  ratio\n");
	expect_part(got.out, "\n   11       64  read    v7");
	expect_part(got.out, "12 points: 12 passed (seed 1)\n");
	EXPECT_STREQ(got.err, "");
	call_free(&got);
	remove_dir(dir);
}

TEST(sweep, goes_on_behind_failures_and_tells_them)
{
	char *dir = make_study(
		STUDY_HEAD
		"    values: [16]\n"
		"  address: {path: steps.5.device.dma.address, values: [0x1000, 0x100000]}"
		"\n" STUDY_METRICS);
	struct call got = SWEEP(dir, "--csv", "-");

	EXPECT_EQ(got.status, 1);
	expect_part(line_of(got.out, 1), ",pass,,");
	expect_part(line_of(got.out, 3), ",fail,");
	expect_part(line_of(got.out, 4), ",fail,");
	expect_part(got.err, "point 2: fail: ");
	expect_part(got.err, "4 points: 2 passed, 2 failed (seed 1)\n");
	call_free(&got);
	remove_dir(dir);
}

TEST(sweep, tells_a_run_that_ends_in_an_error_in_its_row)
{
	/* guest memory that nobody has: only running tells */
	char *dir = make_study("study: s\nscenario: good.yaml\nkernel: v1\nparameters:\n"
			       "  step:\n"
			       "    path: steps.5\n"
			       "    values:\n"
			       "      good: {vmm: {open: d}}\n"
			       "      bad: {guest: {write: {gpa: 0x10000000, value: 1}}}\n"
			       "      fine: {vmm: {open: e}}\n"
			       "metrics: {outcome: outcome}\n");
	struct call got = SWEEP(dir, "--csv", "-");

	EXPECT_EQ(got.status, 2);
	expect_part(line_of(got.out, 1), "0,good,v1,works,pass,,");
	expect_part(line_of(got.out, 2), "1,bad,v1,");
	expect_part(line_of(got.out, 2), ",error,");
	expect_part(line_of(got.out, 3), "2,fine,v1,works,pass,,");
	expect_part(got.err, "3 points: 2 passed, 1 error (seed 1)\n");
	call_free(&got);
	remove_dir(dir);
}

TEST(sweep, tells_a_combination_that_is_no_scenario_in_its_row)
{
	/* as many ways as entries, or a power of two of sets: each value goes with the other's first */
	char *dir = make_study("study: s\nscenario: good.yaml\nkernel: v1\nparameters:\n"
			       "  entries: {path: platform.iommus.dmar0.caches.iotlb.entries, "
			       "values: [64, 8]}\n"
			       "  assoc: {path: platform.iommus.dmar0.caches.iotlb.assoc, "
			       "values: [4, 32]}\n"
			       "metrics: {outcome: outcome}\n");
	struct call got = SWEEP(dir, "--csv", "-");

	EXPECT_EQ(got.status, 2);
	expect_part(line_of(got.out, 3), "2,8,4,v1,works,pass,");
	expect_part(line_of(got.out, 4), "3,8,32,v1,,error,");
	expect_part(line_of(got.out, 4), "no cache has 8 entries in 32 ways");
	call_free(&got);
	remove_dir(dir);
}

TEST(sweep, says_which_metrics_runs_lack)
{
	char *dir = make_study(
		"study: s\nscenario: good.yaml\nkernel: v1\n"
		"parameters: {n: {path: platform.iommus.dmar0.walkers, values: [1, 2]}}\n"
		"metrics: {waits: counters.dmar0.walks_waited_ns}\n");
	struct call got = SWEEP(dir, "--csv", "-"), timed;

	EXPECT_EQ(got.status, 0);
	expect_part(got.err, "'waits' is not there in 2 runs");
	timed = SWEEP(dir, "--csv", "-", "--timing", "approximately-timed");
	EXPECT_EQ(timed.status, 0);
	expect_no_part(timed.err, "is not there");
	expect_part(line_of(timed.out, 1), "--timing approximately-timed --point 0\n");
	call_free(&got);
	call_free(&timed);
	remove_dir(dir);
}

/* ---- points one by one ---- */

TEST(sweep, gives_a_single_point_the_same_row)
{
	char *dir = make_study(SMALL_STUDY);
	struct call all = SWEEP(dir, "--csv", "-");

	for (unsigned int i = 0; i < SMALL_POINTS; i++) {
		const char *row = line_of(all.out, i + 1);
		char number[16];
		struct call one;

		snprintf(number, sizeof(number), "%u", i);
		one = SWEEP(dir, "--csv", "-", "--point", number);
		EXPECT_EQ(one.status, 0);
		EXPECT_EQ(strncmp(line_of(one.out, 1), row, strcspn(row, "\n") + 1), 0);
		call_free(&one);
	}
	call_free(&all);
	remove_dir(dir);
}

TEST(sweep, prints_a_point_that_runs_the_same)
{
	char *dir = make_study(SMALL_STUDY), *path = make_path(dir, "point.yaml");
	struct call all = SWEEP(dir, "--csv", "-"), print = SWEEP(dir, "--print-point", "9"), run;
	const char *row = line_of(all.out, 10);
	json_error_t error;
	const json_t *reads;
	json_t *json;
	char expected[64];

	EXPECT_EQ(print.status, 0);
	expect_part(print.out, "--print-point 9: entries=64, access=write, kernel=v7\n");
	write_file(dir, "point.yaml", print.out);
	run = CALL("run", "--json", "-", path);
	EXPECT_EQ(run.status, 0);
	json = json_loads(run.out, 0, &error);
	reads = path_json(json, "runs.0.steps.5.result.table_reads");
	EXPECT_TRUE(json_is_integer(reads));
	snprintf(expected, sizeof(expected), "9,64,write,v7,%lld,works,",
		 (long long)json_integer_value(reads));
	EXPECT_EQ(strncmp(row, expected, strlen(expected)), 0);
	json_decref(json);
	call_free(&all);
	call_free(&print);
	call_free(&run);
	free(path);
	remove_dir(dir);
}

TEST(sweep, tells_a_point_step_by_step)
{
	char *dir = make_study(SMALL_STUDY);
	struct call got = SWEEP(dir, "--point", "3");

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "point 3: entries=0, access=read, kernel=v7\n");
	expect_part(got.out, "VFIO_SET_IOMMU");
	expect_part(got.out, "       outcome  works\n");
	call_free(&got);
	remove_dir(dir);
}

/* ---- shards ---- */

TEST(sweep, merges_shards_to_the_bytes_of_one_run)
{
	static const char *const shards[] = { "1/3", "2/3", "3/3" };
	char *dir = make_study(SMALL_STUDY), *paths[3], *whole = make_path(dir, "all.csv");
	struct call all = SWEEP(dir, "--csv", "-"), merged;
	char *text;

	for (size_t i = 0; i < 3; i++) {
		char name[16];
		struct call part;

		snprintf(name, sizeof(name), "%zu.csv", i);
		paths[i] = make_path(dir, name);
		part = SWEEP(dir, "--csv", paths[i], "--shard", shards[i]);
		EXPECT_EQ(part.status, 0);
		expect_part(part.out, "4 points: 4 passed");
		call_free(&part);
	}
	merged = SWEEP(dir, "--merge", paths[2], paths[0], paths[1], paths[0], "--csv", whole);
	EXPECT_EQ(merged.status, 0);
	text = read_file(whole);
	EXPECT_STREQ(text, all.out);
	free(text);
	call_free(&merged);

	merged = SWEEP(dir, "--merge", paths[2], paths[0], "--csv", "-");
	EXPECT_EQ(merged.status, 2);
	expect_part(merged.err, "4 of 12 points are in none of the files, the first is 1");
	EXPECT_STREQ(merged.out, "");
	call_free(&merged);
	for (size_t i = 0; i < 3; i++)
		free(paths[i]);
	free(whole);
	call_free(&all);
	remove_dir(dir);
}

TEST(sweep, has_shards_without_points)
{
	char *dir = make_study(SMALL_STUDY);
	struct call got = SWEEP(dir, "--csv", "-", "--shard", "20/20");

	EXPECT_EQ(got.status, 0);
	EXPECT_STREQ(line_of(got.out, 1), "");
	expect_part(got.err, "0 points");
	call_free(&got);
	remove_dir(dir);
}

struct merge_row {
	const char *name, *text;
	const char *message;
};

static const struct merge_row merge_rows[] = {
	{ "another_table", "a,b\n1,2\n", "is no table of this study" },
	{ "empty", "", "is no table of this study" },
	{ "cut_off", NULL, "was cut off" },
};

TEST_WITH_PARAMS(sweep_merge, refuses, struct merge_row, merge_rows)
{
	char *dir = make_study(SMALL_STUDY), *path = make_path(dir, "x.csv");
	struct call all = SWEEP(dir, "--csv", "-"), got;

	if (!param->text)
		all.out[strlen(all.out) - 5] = '\0';
	write_file(dir, "x.csv", param->text ? param->text : all.out);
	got = SWEEP(dir, "--merge", path, "--csv", "-");
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, param->message);
	call_free(&got);
	call_free(&all);
	free(path);
	remove_dir(dir);
}

TEST(sweep_merge, refuses_rows_of_other_inputs)
{
	char *dir = make_study(SMALL_STUDY), *path = make_path(dir, "x.csv");
	struct call got = SWEEP(dir, "--csv", path);

	call_free(&got);
	got = SWEEP(dir, "--merge", path, "--csv", "-", "--seed", "2");
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "x.csv:2: error: point 0 has run with other inputs");
	call_free(&got);
	free(path);
	remove_dir(dir);
}

/* ---- reports ---- */

TEST(sweep, writes_html_that_needs_no_other_file)
{
	char *dir = make_study(SMALL_STUDY), *html;
	char *path = make_path(dir, "s.html"), *plots = make_path(dir, "plots");
	struct call got = SWEEP(dir, "--html", path, "--plots", plots);

	EXPECT_EQ(got.status, 0);
	html = read_file(path);
	expect_part(html, "<title>a small one</title>");
	expect_part(html, "<svg xmlns=");
	expect_part(html, "prefers-color-scheme:dark");
	expect_no_part(html, "<script");
	expect_no_part(html, "src=");
	expect_no_part(html, "href=");
	expect_no_part(html, "nan");
	EXPECT_GE(count_entries(plots), 2u);
	free(html);
	html = read_in(plots, "study-1.svg");
	expect_part(html, "<style>");
	expect_part(html, "text-anchor=\"end\" class=\"soft\">0</text>"); /* of the vertical axis */
	expect_no_part(html, "></text>");
	expect_part(html, "</svg>\n");
	free(html);
	call_free(&got);
	free(path);
	free(plots);
	remove_dir(dir);
}

TEST(sweep, plots_all_kinds)
{
	char *dir = make_study(
		"study: a <b> & c\nscenario: good.yaml\nkernel: [v1, v7]\nsample: {points: 9}\n"
		"parameters:\n"
		"  e: {path: platform.iommus.dmar0.caches.iotlb.entries,\n"
		"      range: {from: 1, to: 64, scale: log2}, title: \"1 < 2\"}\n"
		"  s: {path: seed, range: {from: 1, to: 100000}}\n"
		"metrics: {reads: {path: steps.5.result.table_reads, unit: reads}}\n"
		"plots:\n"
		"  - {lines: reads, x: e, by: kernel, scale: log}\n"
		"  - {heat: reads, x: e, y: kernel, title: heat}\n"
		"  - {scatter: reads, x: s, by: e}\n"
		"  - {scatter: reads, x: kernel}\n"
		"  - {lines: reads, x: e, where: {kernel: v9}}\n");
	struct call got = SWEEP(dir, "--html", "-");

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "a &lt;b&gt; &amp; c");
	expect_part(got.out, "1 &lt; 2");
	expect_no_part(got.out, "nan");
	expect_no_part(got.out, "inf\"");
	expect_part(got.err, "18 points");
	call_free(&got);
	remove_dir(dir);
}

/* ---- progress ---- */

struct progress_row {
	const char *name;
	struct progress_state state;
	const char *line;
};

static const struct progress_row progress_rows[] = {
	{ "begins", { 10, 0, 0, 0.5, 10 }, "[          ]   0%  0 of 10 points" },
	{ "half", { 10, 0, 5, 42, 10 }, "[#####     ]  50%  5 of 10 points, 0:42 left" },
	{ "counts_only_its_own",
	  { 10, 5, 6, 30, 10 },
	  "[######    ]  60%  6 of 10 points, 2:00 left" },
	{ "hours", { 10, 0, 1, 600, 4 }, "[    ]  10%  1 of 10 points, 1:30:00 left" },
	{ "nothing_to_do", { 0, 0, 0, 0, 4 }, "[    ] 100%  0 of 0 points" },
};

TEST_WITH_PARAMS(sweep_progress, estimates_the_rest, struct progress_row, progress_rows)
{
	char line[160];

	progress_line(&param->state, line);
	EXPECT_STREQ(line, param->line);
}

/* ---- what is refused ---- */

struct words_row {
	const char *name;
	const char *words[8];
	const char *message;
};

static const struct words_row words_rows[] = {
	{ "two_studies", { "other.yaml" }, "expected one study" },
	{ "merge_of_nothing", { "--merge" }, "--merge needs the shards' files" },
	{ "merge_into_nothing", { "--merge", "x" }, "--merge writes to" },
	{ "merge_and_resume", { "--merge", "x", "--resume", "--csv", "y" }, "--merge runs nothing" },
	{ "resume_nothing", { "--resume" }, "--resume needs --csv" },
	{ "resume_a_pipe", { "--resume", "--csv", "-" }, "--resume needs --csv" },
	{ "two_points", { "--point=1", "--print-point=1" }, "both choose a point" },
	{ "point_and_html", { "--point=1", "--html", "x" }, "one point goes with --csv alone" },
	{ "no_such_point", { "--point=12" }, "no point 12; the study has 0 to 11" },
	{ "point_no_number", { "--point=x" }, "option '--point' needs a number" },
	{ "shard_zero", { "--shard=0/3" }, "needs I/N, as in 1/8" },
	{ "shard_beyond", { "--shard=4/3" }, "needs I/N, as in 1/8" },
	{ "shard_no_number", { "--shard=a" }, "needs I/N, as in 1/8" },
	{ "jobs_zero", { "-j0" }, "needs a number from 1 to 4096" },
	{ "jobs_nothing", { "-j" }, "option '-j' needs N" },
	{ "jobs_no_number", { "--jobs=x" }, "needs a number from 1 to 4096" },
	{ "same_output_twice", { "--csv", "-", "--html", "-" }, "both go to '-'" },
	{ "near_option", { "--shrad=1/2" }, "did you mean '--shard'?" },
};

TEST_WITH_PARAMS(sweep_refuses, words, struct words_row, words_rows)
{
	char *dir = make_study(SMALL_STUDY);
	struct call got = sweep(dir, param->words);

	EXPECT_EQ(got.status, 2);
	expect_part(got.err, param->message);
	EXPECT_STREQ(got.out, "");
	call_free(&got);
	remove_dir(dir);
}

TEST(sweep_refuses, no_study_and_one_that_is_wrong)
{
	char *dir = make_study(BAD);
	struct call got = CALL("sweep");

	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "vtdsim sweep: expected a study");
	call_free(&got);
	got = sweep(dir, (const char *const[]){ NULL });
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "study.yaml:2:1: error: unknown key 'stpes' of study");
	call_free(&got);
	remove_dir(dir);
}

TEST(sweep_refuses, an_output_that_cannot_be_written)
{
	char *dir = make_study(SMALL_STUDY);
	struct call got = SWEEP(dir, "--csv", "/nonexistent/x.csv");

	EXPECT_EQ(got.status, 3);
	expect_part(got.err, "cannot write '/nonexistent/x.csv': No such file or directory");
	call_free(&got);
	got = SWEEP(dir, "--csv", "/dev/full");
	EXPECT_EQ(got.status, 3);
	expect_part(got.err, "cannot write '/dev/full': No space left on device");
	call_free(&got);
	remove_dir(dir);
}

TEST(run, refuses_a_study_and_names_the_command)
{
	char *dir = make_study(SMALL_STUDY), *path = make_path(dir, "study.yaml");
	struct call got = CALL("run", path);

	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "this is a study; `vtdsim sweep` runs it");
	call_free(&got);
	free(path);
	remove_dir(dir);
}
