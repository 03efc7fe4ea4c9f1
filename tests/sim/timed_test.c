/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machines with time: what comes of a scenario does not depend on it, runs in one process do not depend on each other,
 * and what goes wrong in one leaves the next one whole.
 */
#include "gtest_c.h"
#include "machine.h"
#include "scenario/scenario.h"
#include "tree_place.h"

#include <ftw.h>

static const enum timing_mode modes[] = { TIMING_UNTIMED, TIMING_LOOSELY, TIMING_APPROXIMATELY };

static void run_timed(const struct scenario *s, const char *kernel, enum timing_mode timing,
		      struct run_result *result)
{
	const struct scenario_run_options options = {
		.kernel = kernel,
		.seed = 1,
		.has_timing = true,
		.timing = timing,
	};

	memset(result, 0, sizeof(*result));
	scenario_run(s, &options, result);
}

static struct scenario *parse(const char *text)
{
	struct diags diags = { 0 };
	struct scenario *s = scenario_parse("test.yaml", text, strlen(text), &diags);

	if (diags.count)
		ADD_FAILURE("%u:%u: %s", diags.items[0].line, diags.items[0].column,
			    diags.items[0].message);
	diag_clear(&diags);
	return s;
}

/* ---- the same results ---- */

static void expect_same_text(const char *what, const char *a, const char *b)
{
	if (!a != !b || (a && strcmp(a, b) != 0))
		ADD_FAILURE("%s: %s and %s", what, a ? a : "none", b ? b : "none");
}

/* How often something happens depends on time where there is traffic, and with it what a DMA beside it costs. */
static bool has_traffic(const struct run_result *result)
{
	for (size_t i = 0; i < result->step_count; i++)
		if (strncmp(result->steps[i].name, "traffic", 7) == 0)
			return true;
	return false;
}

static void expect_same_steps(const struct run_result *a, const struct run_result *b)
{
	bool traffic = has_traffic(a);

	EXPECT_EQ(a->step_count, b->step_count);
	for (size_t i = 0; i < a->step_count && i < b->step_count; i++) {
		const struct step_result *x = &a->steps[i], *y = &b->steps[i];

		SCOPED_NOTE("line %u: %s", x->line, x->name);
		if (!traffic)
			EXPECT_TRUE(json_equal(x->result, y->result));
		expect_same_text("errno", x->errno_name, y->errno_name);
		if (!traffic)
			expect_same_text("message", x->message, y->message);
		expect_same_text("why", x->why, y->why);
		expect_same_text("log", x->log, y->log);
		EXPECT_EQ(x->outcome, y->outcome);
		/* expectations of traffic are of figures of time */
		if (strncmp(x->name, "traffic", 7) != 0)
			EXPECT_EQ(x->ok, y->ok);
	}
}

static void expect_same_faults(const struct run_result *a, const struct run_result *b)
{
	EXPECT_EQ(a->fault_count, b->fault_count);
	for (size_t i = 0; i < a->fault_count && i < b->fault_count; i++) {
		const struct fault_result *x = &a->faults[i], *y = &b->faults[i];

		expect_same_text("unit", x->unit, y->unit);
		expect_same_text("source", x->source, y->source);
		EXPECT_EQ(x->code, y->code);
		EXPECT_EQ(x->pasid, y->pasid);
		EXPECT_EQ(x->address, y->address);
	}
}

/* All that there is untimed is there with time, too, and the same. */
static void expect_same_counters(const struct run_result *untimed, const struct run_result *timed)
{
	const char *unit, *name;
	json_t *counters, *value;

	json_object_foreach(untimed->counters, unit, counters)
	{
		json_object_foreach(counters, name, value)
		{
			const json_t *other =
				json_object_get(json_object_get(timed->counters, unit), name);

			if (!json_equal(value, other))
				ADD_FAILURE("%s of %s: %lld and %lld", name, unit,
					    json_integer_value(value), json_integer_value(other));
		}
	}
}

static void expect_same(const struct run_result *untimed, const struct run_result *timed)
{
	expect_same_steps(untimed, timed);
	if (has_traffic(untimed))
		return;
	EXPECT_EQ(untimed->verdict, timed->verdict);
	EXPECT_EQ(untimed->outcome, timed->outcome);
	expect_same_text("why", untimed->why, timed->why);
	expect_same_text("error", untimed->error, timed->error);
	expect_same_faults(untimed, timed);
	expect_same_counters(untimed, timed);
}

static unsigned int compared, took_time;

static void expect_same_in_all_timings(const struct scenario *s, const char *kernel)
{
	struct run_result results[TIMING_MODES];

	for (size_t i = 0; i < TIMING_MODES; i++) {
		SCOPED_NOTE("%s on %s, %s", scenario_name(s), kernel, timing_mode_name(modes[i]));
		run_timed(s, kernel, modes[i], &results[i]);
		expect_same(&results[0], &results[i]);
	}
	EXPECT_EQ(results[TIMING_UNTIMED].time_ns, 0);
	/* where hardware was asked for anything, that took time in both */
	EXPECT_EQ(!results[TIMING_LOOSELY].time_ns, !results[TIMING_APPROXIMATELY].time_ns);
	took_time += results[TIMING_APPROXIMATELY].time_ns != 0;
	for (size_t i = 0; i < TIMING_MODES; i++)
		run_result_clear(&results[i]);
}

static int compare_file(const char *path, const struct stat *status, int kind, struct FTW *ftw)
{
	struct diags diags = { 0 };
	struct scenario *s;

	(void)status;
	(void)ftw;
	/* what is measured is approximately timed alone */
	if (kind != FTW_F || strstr(path, "/platforms/") || strstr(path, "/studies/") ||
	    strstr(path, "/validation/") || !strstr(path, ".yaml"))
		return 0;
	s = scenario_load(path, &diags);
	EXPECT_EQ(diags.count, 0);
	for (const char *const *kernel = s ? scenario_kernels(s) : NULL; kernel && *kernel;
	     kernel++) {
		expect_same_in_all_timings(s, *kernel);
		compared++;
	}
	scenario_free(s);
	diag_clear(&diags);
	return 0;
}

TEST(timed, every_shipped_scenario_gives_the_same_in_all_timings)
{
	compared = took_time = 0;
	EXPECT_EQ(nftw(VTDSIM_SOURCE_DIR "/scenarios", compare_file, 8, FTW_PHYS), 0);
	EXPECT_GE(compared, 350u);
	EXPECT_GE(took_time, 300u);
}

/* ---- one after another ---- */

#define PLATFORM(more)                                                                         \
	"scenario: t\n"                                                                        \
	"kernel: mainline\n"                                                                   \
	"platform:\n"                                                                          \
	"  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}, smmu0: {model: smmuv3}}\n" \
	"  devices:\n"                                                                         \
	"    0000:3a:00.0: {iommu: dmar0, group: 21}\n"                                        \
	"    0000:3b:00.0: {iommu: dmar0, group: 22}\n"                                        \
	"    0001:01:00.0: {iommu: smmu0, group: 33}\n" more "steps:\n"                        \
	"  - vmm: {open: c}\n"                                                                 \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n"                     \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 22, container: c}}\n"                     \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 33, container: c}}\n"                     \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1v2_IOMMU}}\n"                \
	"  - vmm: {mmap: {name: ram, size: 4MiB, page-size: 4KiB}}\n"                          \
	"  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 4MiB, vaddr: ram}}\n"

#define TRAFFIC(device, more) "  - device: {traffic: {device: " device ", address: 0, " more "}}\n"

static const char busy[] = PLATFORM("") TRAFFIC("0000:3a:00.0",
						"window: 4MiB, count: 300, background: true")
	TRAFFIC("0001:01:00.0",
		"window: 4MiB, count: 300, writes: 50, background: true") "  - device: {dma: {device: 0000:3b:00.0, address: 0x1000}}\n"
									  "  - device: {traffic-end: 0000:3a:00.0}\n"
									  "    expect: {requests: 300, faults: 0, errors: 0}\n"
									  "  - device: {traffic-end: 0001:01:00.0}\n"
									  "    expect: {requests: 300, faults: 0, errors: 0}\n";

static void expect_identical(const struct run_result *a, const struct run_result *b)
{
	expect_same(a, b);
	EXPECT_EQ(a->time_ns, b->time_ns);
	for (size_t i = 0; i < a->step_count && i < b->step_count; i++)
		EXPECT_EQ(a->steps[i].time_ns, b->steps[i].time_ns);
	EXPECT_TRUE(json_equal(a->counters, b->counters));
}

TEST(timed, runs_in_one_process_do_not_depend_on_those_before)
{
	struct scenario *s = parse(busy);
	struct run_result first[TIMING_MODES], again;

	ASSERT_TRUE(s != NULL);
	for (size_t i = 0; i < TIMING_MODES; i++) {
		run_timed(s, "mainline", modes[i], &first[i]);
		EXPECT_EQ(first[i].verdict, VERDICT_PASS);
	}
	for (unsigned int n = 0; n < 60; n++) {
		size_t i = n * 7 % 5 % TIMING_MODES;

		SCOPED_NOTE("run %u, %s", n, timing_mode_name(modes[i]));
		run_timed(s, "mainline", modes[i], &again);
		expect_identical(&first[i], &again);
		run_result_clear(&again);
	}
	for (size_t i = 0; i < TIMING_MODES; i++)
		run_result_clear(&first[i]);
	scenario_free(s);
}

static void expect_next_run_whole(const char *text, enum timing_mode timing, const char *error)
{
	struct scenario *good = parse(busy), *bad = parse(text);
	struct run_result before, wrong, after;

	if (!good || !bad)
		return;
	run_timed(good, "mainline", timing, &before);
	run_timed(bad, "mainline", timing, &wrong);
	run_timed(good, "mainline", timing, &after);
	EXPECT_EQ(wrong.verdict, VERDICT_ERROR);
	expect_part(wrong.error ? wrong.error : "", error);
	expect_identical(&before, &after);
	run_result_clear(&before);
	run_result_clear(&wrong);
	run_result_clear(&after);
	scenario_free(good);
	scenario_free(bad);
}

TEST(timed, a_step_that_cannot_be_run_beside_traffic_leaves_the_next_run_whole)
{
	static const char text[] = PLATFORM("") TRAFFIC(
		"0000:3a:00.0",
		"window: 4MiB, count: 500, background: true") "  - device: {dma: {device: 0000:3b:00.0, address: 0, size: 2MiB}}\n";

	for (size_t i = 0; i < TIMING_MODES; i++)
		expect_next_run_whole(text, modes[i], "size");
}

/* ---- a kernel that stops ---- */

#define MISBEHAVES(more)                                                                \
	BACKEND_WITH("1", "static DEFINE_MUTEX(lock); static volatile int zero; " more, \
		     "return cmd == VFIO_IOMMU_GET_INFO ? misbehave((int *)(long)zero) : -ENOTTY")
#define MISDEED(body) MISBEHAVES("static noinline long misbehave(int *p) { (void)p; " body " }")

struct oops {
	const char *name;
	const char *type1;
	const char *error;
};

static const struct oops oopses[] = {
	{ "null_dereference", MISDEED("return *p;"), "NULL pointer dereference" },
	{ "lock_that_is_kept", MISDEED("mutex_lock(&lock); return 0;"), "lock" },
	{ "recursion",
	  MISDEED("volatile int here[64] = { 1 }; return p == (int *)1 ? 0 : "
		  "((long (*volatile)(int *))misbehave)((int *)here) + here[0];"),
	  "stack overflow" },
	{ "endless_loop", MISDEED("while (!zero) ; return 0;"), "endless loop" },
};

#define OOPSES                                                                                 \
	"scenario: asks\n"                                                                     \
	"kernel: [mainline, tree:t, upstream]\n"                                               \
	"platform:\n"                                                                          \
	"  kernel-parameters: {kernel.watchdog_ms: 100}\n"                                     \
	"  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}}\n"                         \
	"  devices: {0000:3a:00.0: {iommu: dmar0, group: 21}}\n"                               \
	"steps:\n"                                                                             \
	"  - vmm: {open: c}\n"                                                                 \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n"                     \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: 1}}\n"                                 \
	"  - device: {traffic: {device: 0000:3a:00.0, address: 0, window: 1MiB, count: 200,\n" \
	"                       background: true}}\n"                                          \
	"  - vmm: {VFIO_IOMMU_GET_INFO: c}\n"

TEST_WITH_NAMED_PARAMS(timed, a_kernel_that_stops_ends_its_run_only, struct oops, oopses, name)
{
	struct tree_place place = tree_place_make(param->type1);
	char *file = make_path(place.dir, "x.yaml"), *good = make_path(place.dir, "good.yaml");
	struct call got = CALL("kernel", "add", place.dir, "--name", "t");

	EXPECT_EQ(got.status, 0);
	call_free(&got);
	write_file(place.dir, "x.yaml", OOPSES);
	for (size_t i = 1; i < TIMING_MODES; i++) {
		got = CALL("run", "--timing", timing_mode_name(modes[i]), file, good);
		EXPECT_EQ(got.status, 2);
		expect_part(got.err, "on kernel tree:t: the kernel stopped: ");
		expect_part(got.err, param->error);
		expect_part(got.out, "pass   works      mainline         asks");
		expect_part(got.out, "pass   works      upstream         asks");
		expect_part(got.out, "pass   works      v7               good");
		expect_part(got.out, "5 runs of 2 scenarios: 4 passed, 1 error ");
		call_free(&got);
	}
	free(good);
	free(file);
	tree_place_drop(&place);
}

/* ---- concurrency ---- */

static void expect_passes(const struct run_result *result)
{
	EXPECT_EQ(result->verdict, VERDICT_PASS);
	for (size_t i = 0; i < result->step_count; i++)
		if (!result->steps[i].ok)
			ADD_FAILURE("%s: %s", result->steps[i].name, result->steps[i].message);
	if (result->error)
		ADD_FAILURE("%s", result->error);
}

/*
 * While a device writes all over its window, half of it is unmapped. From then on requests there fault, and what the
 * VMM puts into that memory stays.
 */
TEST(timed, no_request_reaches_memory_after_its_unmap_has_returned)
{
	static const char text[] = PLATFORM("") TRAFFIC(
		"0000:3a:00.0", "window: 1MiB, writes: 100, count: 6000, background: true")
		TRAFFIC("0001:01:00.0", "window: 1MiB, writes: 100, count: 6000, background: true") TRAFFIC(
			"0000:3b:00.0",
			"window: 4KiB, count: 20, outstanding: 1") "  - vmm: {VFIO_IOMMU_UNMAP_DMA: {container: c, iova: 0, size: 4MiB}}\n"
								   "  - vmm: {write: {address: ram, value: 1}}\n"
								   "  - vmm: {write: {address: ram+0x40000, value: 2}}\n"
								   "  - vmm: {write: {address: ram+0xff000, value: 3}}\n"
								   "  - device: {traffic-end: 0000:3a:00.0}\n"
								   "    expect: {faults: {min: 2000, max: 5999}, errors: 0, requests: 6000}\n"
								   "  - device: {traffic-end: 0001:01:00.0}\n"
								   "    expect: {faults: {min: 2000, max: 5999}, errors: 0, requests: 6000}\n"
								   "  - vmm: {read: ram}\n"
								   "    expect: 1\n"
								   "  - vmm: {read: ram+0x40000}\n"
								   "    expect: 2\n"
								   "  - vmm: {read: ram+0xff000}\n"
								   "    expect: 3\n";
	struct scenario *s = parse(text);
	struct run_result result;

	ASSERT_TRUE(s != NULL);
	run_timed(s, "mainline", TIMING_APPROXIMATELY, &result);
	expect_passes(&result);
	EXPECT_EQ(result.outcome, OUTCOME_FAULTED);
	run_result_clear(&result);
	scenario_free(s);
}

/* The same for a guest that takes half of its pages from a PASID and has the VMM pass the invalidation down. */
TEST(timed, no_request_of_a_pasid_reaches_memory_after_the_guests_invalidation)
{
	static const char text[] =
		"scenario: t\n"
		"kernel: v7\n"
		"platform:\n"
		"  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids, walkers: 2}}\n"
		"  devices:\n"
		"    0000:3a:00.0: {iommu: dmar0, group: 21, pasid: true}\n"
		"steps:\n"
		"  - vmm: {open: c}\n"
		"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n"
		"  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1_NESTING_IOMMU}}\n"
		"  - vmm: {mmap: {name: ram, size: 4MiB, gpa: 0, page-size: 4KiB}}\n"
		"  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 4MiB, vaddr: ram}}\n"
		"  - guest: {table: t}\n"
		"  - guest: {map: {table: t, address: 0x7f0000000000, gpa: 0x10000, size: 256KiB}}\n"
		"  - vmm: {alloc-pasid: {container: c, min: 7, max: 7}}\n"
		"  - vmm: {bind: {container: c, pasid: 7, table: t}}\n"
		"  - device: {traffic: {device: 0000:3a:00.0, address: 0x7f0000000000, window: 256KiB,\n"
		"                       pasids: [7], writes: 100, count: 4000, background: true}}\n"
		"  - device: {dma: {device: 0000:3a:00.0, address: 0x7f0000020000, size: 64KiB, pasid: 7}}\n"
		"  - guest: {unmap: {table: t, address: 0x7f0000000000, size: 128KiB}}\n"
		"  - vmm: {invalidate: {container: c, cache: iotlb, granularity: pasid, pasid: 7}}\n"
		"  - guest: {write: {gpa: 0x10000, value: 1}}\n"
		"  - guest: {write: {gpa: 0x20000, value: 2}}\n"
		"  - guest: {write: {gpa: 0x2ffc0, value: 3}}\n"
		"  - device: {traffic-end: 0000:3a:00.0}\n"
		"    expect: {faults: {min: 500, max: 2300}, errors: 0, requests: 4000}\n"
		"  - guest: {read: 0x10000}\n"
		"    expect: 1\n"
		"  - guest: {read: 0x20000}\n"
		"    expect: 2\n"
		"  - guest: {read: 0x2ffc0}\n"
		"    expect: 3\n";
	struct scenario *s = parse(text);

	ASSERT_TRUE(s != NULL);
	for (size_t i = 1; i < TIMING_MODES; i++) {
		struct run_result result;

		SCOPED_NOTE("%s", timing_mode_name(modes[i]));
		run_timed(s, "v7", modes[i], &result);
		expect_passes(&result);
		run_result_clear(&result);
	}
	scenario_free(s);
}

/* ---- odd machines ---- */

TEST(timed, units_whose_names_look_alike_to_systemc_are_told_apart)
{
	static const char text[] =
		"scenario: t\n"
		"kernel: mainline\n"
		"platform:\n"
		"  iommus: {a-b: {model: vt-d, profile: sapphire-rapids}, a.b: {model: smmuv3},\n"
		"           a_b: {model: smmuv3}, \"\\xfc\": {model: smmuv3}}\n"
		"  devices: {0000:3a:00.0: {iommu: a-b, group: 1}, 0001:3a:00.0: {iommu: a.b, group: 2}}\n"
		"steps:\n"
		"  - device: {dma: {device: 0001:3a:00.0, address: 0}}\n"
		"    expect: fault\n"
		"  - device: {dma: {device: 0000:3a:00.0, address: 0}}\n"
		"    expect: fault\n";
	struct scenario *s = parse(text);

	ASSERT_TRUE(s != NULL);
	expect_same_in_all_timings(s, "mainline");
	scenario_free(s);
}

TEST(timed, thousands_of_requests_at_once_are_carried)
{
	static const char text[] = PLATFORM("") TRAFFIC(
		"0000:3a:00.0", "window: 4MiB, count: 8000, outstanding: 4096, background: true")
		TRAFFIC("0001:01:00.0",
			"window: 4MiB, count: 8000, outstanding: 4096") "  - device: {traffic-end: 0000:3a:00.0}\n"
									"    expect: {requests: 8000, faults: 0}\n";
	struct scenario *s = parse(text);
	struct run_result result;

	ASSERT_TRUE(s != NULL);
	run_timed(s, "mainline", TIMING_APPROXIMATELY, &result);
	expect_passes(&result);
	run_result_clear(&result);
	scenario_free(s);
}

static void run_inside(void *arg, struct machine *machine)
{
	struct run_result *result = arg;
	struct scenario *s = parse(busy);

	EXPECT_TRUE(machine != NULL);
	if (s)
		run_timed(s, "mainline", TIMING_APPROXIMATELY, result);
	scenario_free(s);
}

TEST(timed, a_machine_inside_another_is_refused)
{
	struct run_result inner = { 0 };
	struct diags diags = { 0 };
	struct document *document;
	struct platform *platform;
	struct machine_config config = { .variant = "mainline", .timing = TIMING_APPROXIMATELY };
	static const char text[] = "iommus: {s: {model: smmuv3}}\n";
	char *error;

	document = document_parse("p.yaml", text, strlen(text), &diags);
	platform = platform_read(document_root(document), &diags);
	config.platform = platform;
	error = machine_run(&config, run_inside, &inner);
	EXPECT_TRUE(error == NULL);
	EXPECT_EQ(inner.verdict, VERDICT_ERROR);
	expect_part(inner.error ? inner.error : "",
		    "a timed machine exists already in this process");
	free(error);
	run_result_clear(&inner);
	platform_free(platform);
	document_free(document);
	diag_clear(&diags);
}
