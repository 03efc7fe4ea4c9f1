/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of scenarios/validation/ against docs/validation.md: what the page says was simulated is what the program gives, and
 * that is near what was measured. And of what these platforms need: measured profiles, refresh, warm windows, `needs:`.
 */
#include "scenario_call.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PAGE VTDSIM_SOURCE_DIR "/docs/validation.md"
#define SCENARIOS VTDSIM_SOURCE_DIR "/scenarios/validation/"

/* The page's own figures are rounded; beyond this it was not written by this program. */
#define ROUNDING 0.02
#define WANTED 0.10

/* ---- the page ---- */

/* One row of a table: pairs of a measured and a simulated value. */
struct row {
	char window[16];
	double measured[4], simulated[4];
	int pairs;
};

/* "| 8 KiB | 600 | 602 | +0.3 % | 613 | ..."; false if it is none. */
static bool read_row(const char *line, struct row *row)
{
	int used = 0;

	if (sscanf(line, "| %15[0-9] %*[KM]iB |%n", row->window, &used) != 1 || !used)
		return false;
	row->pairs = 0;
	for (line += used; row->pairs < 4; row->pairs++) {
		used = 0;
		if (sscanf(line, " %lf | %lf | %*f %% |%n", &row->measured[row->pairs],
			   &row->simulated[row->pairs], &used) != 2 ||
		    !used)
			break;
		line += used;
	}
	return row->pairs > 0;
}

/* ---- the runs ---- */

static void run_file(const char *path, struct run_result *result)
{
	struct scenario_run_options options = { .kernel = "mainline", .seed = 1 };
	struct diags diags = { 0 };
	struct scenario *s = scenario_load(path, &diags);

	memset(result, 0, sizeof(*result));
	if (s)
		scenario_run(s, &options, result);
	else
		ADD_FAILURE("cannot read %s", path);
	scenario_free(s);
	diag_clear(&diags);
}

static double number(const json_t *object, const char *name)
{
	return (double)json_integer_value(json_object_get(object, name));
}

/* The next step from *step on that was traffic: its figures in the order of the page's columns. */
static bool next_figures(const struct run_result *run, size_t *step, double figures[4])
{
	while (*step < run->step_count) {
		const json_t *result = run->steps[(*step)++].result;
		const json_t *latency = json_object_get(result, "latency_ns");

		if (!latency)
			continue;
		figures[0] = number(latency, "p50");
		figures[1] = number(latency, "p95");
		figures[2] = number(latency, "p999");
		figures[3] = number(latency, "mean");
		return true;
	}
	return false;
}

static double next_rate(const struct run_result *run, size_t *step)
{
	double figures[4];

	if (!next_figures(run, step, figures))
		return 0;
	return number(run->steps[*step - 1].result, "rate") / 1e6;
}

static void compare(const struct row *row, const struct run_result *run, size_t *step)
{
	double figures[4] = { 0 };

	if (row->pairs == 1)
		figures[0] = next_rate(run, step);
	else
		next_figures(run, step, figures);
	for (int i = 0; i < row->pairs; i++) {
		if (fabs(figures[i] - row->simulated[i]) >
		    ROUNDING * figures[i] + (row->pairs == 1 ? 0.06 : 0.6))
			ADD_FAILURE("%s, window %s, value %d: the page says %g, the program %g; "
				    "docs/validation/make writes the page",
				    run->scenario, row->window, i + 1, row->simulated[i],
				    figures[i]);
		/* the 99.9th percentile and the mean are shown without a promise */
		if (i < 2 && fabs(figures[i] / row->measured[i] - 1) > WANTED)
			ADD_FAILURE("%s, window %s, value %d: measured %g, simulated %g",
				    run->scenario, row->window, i + 1, row->measured[i],
				    figures[i]);
	}
}

/* Takes the series' rows of the page one by one; *file is at its start. Returns how many there were. */
static int compare_series(FILE *file, const char *series, const struct run_result *run)
{
	char line[512], name[32] = "";
	struct row row;
	size_t step = 0;
	int rows = 0;

	while (fgets(line, sizeof(line), file)) {
		if (strncmp(line, "### ", 4) == 0 && sscanf(line, "### %31[^,],", name) != 1)
			name[0] = '\0';
		if (strcmp(name, series) != 0 || !read_row(line, &row))
			continue;
		compare(&row, run, &step);
		rows++;
	}
	EXPECT_EQ(step, run->step_count);
	return rows;
}

struct series {
	const char *name;
	int rows; /* 13 windows' rates and 12 windows' latencies, cold and warm */
};

static const struct series all_series[] = {
	{ "broadwell-ep-4k", 50 }, { "broadwell-ep-off", 50 }, { "haswell-ep-4k", 50 },
	{ "haswell-ep-off", 50 },  { "haswell-ep-2m", 50 },
};

TEST_WITH_PARAMS(validation, the_page_says_what_the_program_gives, struct series, all_series)
{
	char path[512];
	struct run_result run;
	FILE *file = fopen(PAGE, "r");

	ASSERT_TRUE(file != NULL);
	snprintf(path, sizeof(path), "%s%s.yaml", SCENARIOS, param->name);
	run_file(path, &run);
	EXPECT_EQ(compare_series(file, param->name, &run), param->rows);
	fclose(file);
	run_result_clear(&run);
}

/* ---- what the platforms are made of ---- */

static struct platform *platform_of(const char *text, struct diags *diags)
{
	struct document *document = document_parse("p.yaml", text, strlen(text), diags);
	struct platform *platform = document ? platform_read(document_root(document), diags) : NULL;

	document_free(document);
	return platform;
}

struct measured_unit {
	const char *text;
	unsigned int walkers, iotlb;
};

static const struct measured_unit measured_units[] = {
	{ "iommus: {u: {model: vt-d, profile: broadwell-ep}}", 5, 68 },
	{ "iommus: {u: {model: vt-d, profile: haswell-ep}}", 4, 70 },
	/* what the platform says comes after */
	{ "iommus: {u: {model: vt-d, profile: haswell-ep, walkers: 9}}", 9, 70 },
	{ "iommus: {u: {model: vt-d, profile: haswell-ep, caches: {iotlb: {entries: 16}}}}", 4,
	  16 },
	/* a machine that nobody measured has the model's defaults */
	{ "iommus: {u: {model: vt-d, profile: sapphire-rapids}}", 8, 256 },
};

TEST_WITH_PARAMS(validation, a_profile_carries_what_was_measured, struct measured_unit,
		 measured_units)
{
	struct diags diags = { 0 };
	struct platform *platform = platform_of(param->text, &diags);

	ASSERT_TRUE(platform != NULL);
	EXPECT_EQ(platform->iommus[0].timing.walkers, param->walkers);
	EXPECT_EQ(platform->iommus[0].vtd.iotlb.entries, param->iotlb);
	platform_free(platform);
	diag_clear(&diags);
}

TEST(validation, memory_refreshes_and_a_cache_before_it_are_read)
{
	struct diags diags = { 0 };
	struct platform *platform =
		platform_of("iommus: {u: {model: vt-d, profile: haswell-ep}}\n"
			    "memory:\n"
			    "  refresh: {interval: 7.8us, duration: 260ns, ranks: 4}\n"
			    "  cache: {size: 15MiB, latency: 45ns}\n",
			    &diags);

	ASSERT_TRUE(platform != NULL);
	EXPECT_EQ(platform->timing.refresh.interval, 7800000);
	EXPECT_EQ(platform->timing.refresh.duration, 260000);
	EXPECT_EQ(platform->timing.refresh.ranks, 4);
	EXPECT_EQ(platform->timing.cache.size, 15u << 20);
	EXPECT_EQ(platform->timing.cache.latency, 45000);
	platform_free(platform);
	diag_clear(&diags);
}

TEST(validation, a_refresh_longer_than_its_interval_is_refused)
{
	struct diags diags = { 0 };
	struct platform *platform = platform_of("iommus: {u: {model: vt-d, profile: haswell-ep}}\n"
						"memory: {refresh: {interval: 300ns}}\n",
						&diags);

	EXPECT_TRUE(platform == NULL);
	ASSERT_EQ(diags.count, 1);
	EXPECT_STREQ(diags.items[0].message,
		     "a refresh takes 350 ns and comes every 300 ns; expected less");
	EXPECT_EQ(diags.items[0].line, 2);
	diag_clear(&diags);
}

/* ---- single mechanisms, by numbers that follow from the platform ---- */

#define MACHINE(memory)                                                     \
	"scenario: x\nneeds: approximately-timed\nplatform:\n"              \
	"  memory: {data: {latency: 100ns}, " memory "}\n"                  \
	"  iommus: {u: {model: vt-d, profile: haswell-ep}}\n"               \
	"  devices: {0000:01:00.0: {iommu: u, default-domain: identity}}\n" \
	"steps:\n"
#define TRAFFIC \
	"  - device: {traffic: {device: 0000:01:00.0, address: 0x100000000, outstanding: 1, "

/* In ns; of a step that was traffic. */
static long long latency_of(const struct run_result *run, size_t step, const char *name)
{
	return step < run->step_count
		       ? (long long)number(json_object_get(run->steps[step].result, "latency_ns"),
					   name)
		       : 0;
}

TEST(validation, of_a_warm_window_the_end_that_fits_is_in_the_cache)
{
	struct run_result run;

	run_text(MACHINE("cache: {size: 48KiB, latency: 40ns}") /**/
		 TRAFFIC "window: 64KiB, count: 2000}}\n" /**/
		 TRAFFIC "window: 64KiB, count: 2000, warm: true}}\n" /**/
		 TRAFFIC "window: 48KiB, count: 2000, warm: true}}\n",
		 "mainline", &run);
	/* a quarter of 64 KiB was displaced by what came after */
	EXPECT_EQ(latency_of(&run, 0, "p50") - latency_of(&run, 1, "p50"), 60);
	EXPECT_EQ(latency_of(&run, 1, "max"), latency_of(&run, 0, "p99"));
	EXPECT_GE(latency_of(&run, 0, "mean") - latency_of(&run, 1, "mean"), 40);
	EXPECT_LE(latency_of(&run, 0, "mean") - latency_of(&run, 1, "mean"), 50);
	EXPECT_EQ(latency_of(&run, 2, "max"), latency_of(&run, 2, "min"));
	run_result_clear(&run);
}

TEST(validation, a_refresh_delays_its_share_of_reads_by_its_duration_at_most)
{
	struct run_result run;
	long long delay;

	run_text(MACHINE("refresh: {interval: 10us, duration: 1us, ranks: 2}") /**/
		 TRAFFIC "window: 64KiB, count: 20000}}\n",
		 "mainline", &run);
	delay = latency_of(&run, 0, "max") - latency_of(&run, 0, "min");
	EXPECT_GE(delay, 950);
	EXPECT_LE(delay, 1000);
	/* a tenth of the time, and then half of it on average: 50 ns */
	EXPECT_GE(latency_of(&run, 0, "mean") - latency_of(&run, 0, "min"), 40);
	EXPECT_LE(latency_of(&run, 0, "mean") - latency_of(&run, 0, "min"), 60);
	run_result_clear(&run);
}

TEST(validation, a_scenario_that_needs_a_timing_runs_with_no_other)
{
	static const char text[] = MACHINE("width: 46") TRAFFIC "window: 4KiB, count: 10}}\n";
	struct scenario_run_options options = {
		.kernel = "mainline", .seed = 1, .has_timing = true, .timing = TIMING_UNTIMED
	};
	struct diags diags = { 0 };
	struct scenario *s = scenario_parse("t.yaml", text, strlen(text), &diags);
	struct run_result run = { 0 };

	ASSERT_TRUE(s != NULL);
	scenario_run(s, &options, &run);
	EXPECT_GT(latency_of(&run, 0, "p50"), 0);
	run_result_clear(&run);
	scenario_free(s);
	diag_clear(&diags);
}
