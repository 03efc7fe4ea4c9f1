/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traces for Perfetto: that they are well formed, and that they tell each DMA whole. What is drawn of a run may not
 * change it.
 */
#include "cli_call.h"

#include "machine_trace.h"
#include "report/trace.h"

#include <jansson.h>

/* Two walkers and a short queue, so that requests wait for each other. */
#define STEPS                                                                                \
	"steps:\n"                                                                           \
	"  - vmm: {open: c}\n"                                                               \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n"                   \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1v2_IOMMU}}\n"              \
	"  - vmm: {mmap: {name: ram, size: 1MiB, page-size: 4KiB}}\n"                        \
	"  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 1MiB, vaddr: ram}}\n"   \
	"  - device: {dma: {device: 0000:3a:00.0, address: 0x1000, size: 64}}\n"             \
	"  - device: {dma: {device: 0000:3a:00.0, address: 0x10000000, size: 64}}\n"         \
	"    expect: fault\n"                                                                \
	"  - device: {traffic: {device: 0000:3a:00.0, address: 0, window: 1MiB, count: 100," \
	" outstanding: 16, writes: 30}}\n"                                                   \
	"  - vmm: {VFIO_IOMMU_UNMAP_DMA: {container: c, iova: 0, size: 1MiB}}\n"

#define SCENARIO                                                                                \
	"scenario: a \"story\" of some DMAs\n"                                                  \
	"kernel: [v1, mainline]\n"                                                              \
	"platform:\n"                                                                           \
	"  timing: approximately-timed\n"                                                       \
	"  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids, walkers: 2, outstanding: 8," \
	" queue: 4}}\n"                                                                         \
	"  devices:\n"                                                                          \
	"    0000:3a:00.0: {iommu: dmar0, group: 21, pasid: true, outstanding: 8,\n"            \
	"                   link: {generation: 3, lanes: 8, credits: 6}}\n" STEPS

/** A trace that was read. */
struct drawing {
	char *dir, *path;
	json_t *root, *events;
};

static struct drawing draw(const char *scenario, const char *timing, const char *kernel)
{
	struct drawing d = { .dir = make_dir() };
	char *file = make_path(d.dir, "x.yaml");
	struct call call;

	write_file(d.dir, "x.yaml", scenario);
	d.path = make_path(d.dir, "t.json");
	call = CALL("run", "--trace", d.path, "--timing", timing, "--kernel", kernel, file);
	EXPECT_EQ(call.status, STATUS_HELD);
	if (call.status != STATUS_HELD)
		ADD_FAILURE("%s%s", call.out, call.err);
	d.root = json_load_file(d.path, 0, NULL);
	d.events = json_object_get(d.root, "traceEvents");
	EXPECT_GT(json_array_size(d.events), 100u);
	call_free(&call);
	free(file);
	return d;
}

static void drawing_free(struct drawing *d)
{
	json_decref(d->root);
	free(d->path);
	remove_dir(d->dir);
}

/* ---- reading events ---- */

static const char *text(const json_t *event, const char *key)
{
	const char *value = json_string_value(json_object_get(event, key));

	return value ? value : "";
}

static long long number(const json_t *event, const char *key)
{
	return json_integer_value(json_object_get(event, key));
}

static const json_t *arg(const json_t *event, const char *key)
{
	return json_object_get(json_object_get(event, "args"), key);
}

/* Nanoseconds of a time in microseconds. */
static long long ns(const json_t *event, const char *key)
{
	return (long long)(json_number_value(json_object_get(event, key)) * 1000 + 0.5);
}

static bool is_phase(const json_t *event, char phase)
{
	return text(event, "ph")[0] == phase;
}

static bool starts_with(const char *word, const char *start)
{
	return !strncmp(word, start, strlen(start));
}

/* The name of an event's track. */
static const char *track_of(const struct drawing *d, const json_t *event)
{
	const json_t *e;
	size_t i;

	json_array_foreach(d->events, i, e)
	{
		if (is_phase(e, 'M') && !strcmp(text(e, "name"), "thread_name") &&
		    number(e, "pid") == number(event, "pid") &&
		    number(e, "tid") == number(event, "tid"))
			return json_string_value(arg(e, "name"));
	}
	return "";
}

/* The nth slice of that category and request whose name starts so; NULL: there is none. */
static const json_t *find(const struct drawing *d, const char *category, long long request,
			  const char *name, unsigned int n)
{
	const json_t *e;
	size_t i;

	json_array_foreach(d->events, i, e)
	{
		if (is_phase(e, 'X') && !strcmp(text(e, "cat"), category) &&
		    (!request || json_integer_value(arg(e, "request")) == request) &&
		    starts_with(text(e, "name"), name) && !n--)
			return e;
	}
	return NULL;
}

static unsigned int count(const struct drawing *d, const char *category, long long request,
			  const char *name)
{
	unsigned int n = 0;

	while (find(d, category, request, name, n))
		n++;
	return n;
}

/* ---- the format ---- */

struct timing_row {
	const char *name, *word;
};

static const struct timing_row timings[] = {
	{ "untimed", "untimed" },
	{ "loosely", "loosely-timed" },
	{ "approximately", "approximately-timed" },
};

TEST_WITH_NAMED_PARAMS(trace, every_event_has_its_members_and_a_named_track, struct timing_row,
		       timings, name)
{
	struct drawing d = draw(SCENARIO, param->word, "v1");
	const json_t *e;
	size_t i;

	json_array_foreach(d.events, i, e)
	{
		ASSERT_TRUE(json_is_string(json_object_get(e, "ph")));
		ASSERT_EQ(number(e, "pid"), 1);
		ASSERT_TRUE(json_is_string(json_object_get(e, "name")));
		if (is_phase(e, 'M'))
			continue;
		ASSERT_TRUE(json_is_number(json_object_get(e, "ts")));
		if (is_phase(e, 'X'))
			ASSERT_TRUE(json_is_number(json_object_get(e, "dur")));
		if (!is_phase(e, 'C') && !*track_of(&d, e))
			ADD_FAILURE("no track for %s", text(e, "name"));
	}
	drawing_free(&d);
}

/** Slices that are open while one goes through a track in the order of time. */
struct open_slices {
	long long ends[64];
	size_t depth;
};

static void expect_nested(struct open_slices *open, const json_t *e)
{
	long long begin = ns(e, "ts"), end = begin + ns(e, "dur");

	while (open->depth && open->ends[open->depth - 1] <= begin)
		open->depth--;
	if (open->depth && end > open->ends[open->depth - 1])
		ADD_FAILURE("%s at %lld ns ends after what it lies in", text(e, "name"), begin);
	ASSERT_LT(open->depth, 64u);
	open->ends[open->depth++] = end;
}

TEST_WITH_NAMED_PARAMS(trace, slices_of_a_track_lie_in_each_other_or_apart, struct timing_row,
		       timings, name)
{
	struct drawing d = draw(SCENARIO, param->word, "v1");
	struct open_slices tracks[256] = { { .depth = 0 } };
	const json_t *e;
	long long last = 0;
	size_t i;

	json_array_foreach(d.events, i, e)
	{
		if (!is_phase(e, 'X'))
			continue;
		/* in the order of the file, which is that of time */
		EXPECT_GE(ns(e, "ts"), last);
		last = ns(e, "ts");
		ASSERT_LT(number(e, "tid"), 256);
		expect_nested(&tracks[number(e, "tid")], e);
	}
	drawing_free(&d);
}

/* Whether the request has a slice on the arrow's track that the arrow's time lies in. */
static bool arrow_lands(const struct drawing *d, const json_t *arrow)
{
	const json_t *e;
	size_t i;

	json_array_foreach(d->events, i, e)
	{
		if (is_phase(e, 'X') && number(e, "tid") == number(arrow, "tid") &&
		    json_integer_value(arg(e, "request")) == (number(arrow, "id") & 0xffffffff) &&
		    ns(e, "ts") <= ns(arrow, "ts") && ns(arrow, "ts") <= ns(e, "ts") + ns(e, "dur"))
			return true;
	}
	return false;
}

TEST_WITH_NAMED_PARAMS(trace, arrows_lead_from_a_request_over_its_slices_back_to_it,
		       struct timing_row, timings, name)
{
	struct drawing d = draw(SCENARIO, param->word, "v1");
	unsigned int begun[256] = { 0 }, steps[256] = { 0 }, ended[256] = { 0 };
	const json_t *e;
	size_t i;

	json_array_foreach(d.events, i, e)
	{
		size_t request = (size_t)number(e, "id") & 255;

		if (!is_phase(e, 's') && !is_phase(e, 't') && !is_phase(e, 'f'))
			continue;
		EXPECT_TRUE(arrow_lands(&d, e));
		EXPECT_STREQ(text(e, "bp"), "e");
		begun[request] += is_phase(e, 's');
		steps[request] += is_phase(e, 't');
		ended[request] += is_phase(e, 'f');
		EXPECT_EQ(begun[request], 1u);
		EXPECT_LE(ended[request], 1u);
		if (is_phase(e, 't'))
			EXPECT_EQ(ended[request], 0u);
	}
	for (i = 1; i <= 102; i++) {
		EXPECT_EQ(begun[i], 1u);
		EXPECT_EQ(ended[i], 1u);
		EXPECT_GE(steps[i], 1u);
	}
	drawing_free(&d);
}

/* ---- the story ---- */

TEST_WITH_NAMED_PARAMS(trace, every_dma_is_told_whole, struct timing_row, timings, name)
{
	struct drawing d = draw(SCENARIO, param->word, "v1");

	for (long long request = 1; request <= 102; request++) {
		const json_t *own = find(&d, "device", request, "", 0);
		const json_t *translation = find(&d, "unit", request, "translate", 0);
		bool faulted = request == 2;
		long long reads =
			count(&d, "unit", request, "read ") + count(&d, "walk", request, "read ");

		ASSERT_TRUE(own && translation);
		EXPECT_STREQ(json_string_value(arg(own, "status")), faulted ? "fault" : "ok");
		EXPECT_EQ(count(&d, "unit", request, "translate"), 1u);
		EXPECT_EQ(reads, json_integer_value(arg(translation, "table_reads")));
		EXPECT_EQ(count(&d, "memory", request, ""), faulted ? 0u : 1u);
		EXPECT_LE(ns(own, "ts"), ns(translation, "ts"));
		EXPECT_GE(ns(own, "ts") + ns(own, "dur"),
			  ns(translation, "ts") + ns(translation, "dur"));
	}
	EXPECT_EQ(count(&d, "unit", 0, "translate"), 102u);
	drawing_free(&d);
}

TEST_WITH_NAMED_PARAMS(trace, a_cold_walk_tells_each_table_entry_with_level_and_address,
		       struct timing_row, timings, name)
{
	static const char *const config[] = { "read scalable root entry",
					      "read scalable context entry",
					      "read PASID directory entry",
					      "read PASID table entry" };
	static const char *const walk[] = { "read second-stage PML4E", "read second-stage PDPE",
					    "read second-stage PDE", "read second-stage PTE" };
	struct drawing d = draw(SCENARIO, param->word, "v1");

	for (unsigned int n = 0; n < 4; n++) {
		const json_t *of_config = find(&d, "unit", 1, "read ", n);
		const json_t *of_walk = find(&d, "walk", 1, "read ", n);

		ASSERT_TRUE(of_config && of_walk);
		EXPECT_STREQ(text(of_config, "name"), config[n]);
		EXPECT_STREQ(text(of_walk, "name"), walk[n]);
		EXPECT_EQ(json_integer_value(arg(of_walk, "level")), 4 - (int)n);
		EXPECT_TRUE(starts_with(json_string_value(arg(of_walk, "address")), "0x1"));
		EXPECT_STREQ(json_string_value(arg(of_walk, "input")), "0x1000");
		EXPECT_STREQ(track_of(&d, of_walk), "dmar0 walker 1");
	}
	drawing_free(&d);
}

TEST(trace, what_a_request_did_one_after_the_other_is_all_of_its_time)
{
	struct drawing d = draw(SCENARIO, "approximately-timed", "v1");

	for (long long request = 1; request <= 102; request++) {
		const json_t *own = find(&d, "device", request, "", 0), *phase;
		long long at = ns(own, "ts");

		for (unsigned int n = 1; (phase = find(&d, "device", request, "", n)); n++) {
			/* each begins where the last one ended, to the nanosecond that it is rounded to */
			EXPECT_LE(ns(phase, "ts") - at, 1);
			EXPECT_GE(ns(phase, "ts") - at, 0);
			at = ns(phase, "ts") + ns(phase, "dur");
		}
		EXPECT_LE(ns(own, "ts") + ns(own, "dur") - at, 1);
	}
	drawing_free(&d);
}

TEST(trace, walkers_have_a_track_each_and_there_are_no_more_than_the_platform_has)
{
	struct drawing d = draw(SCENARIO, "approximately-timed", "v1");
	bool seen[2] = { false };
	const json_t *e;
	size_t i;

	json_array_foreach(d.events, i, e)
	{
		if (!is_phase(e, 'X') || strcmp(text(e, "cat"), "walk") != 0)
			continue;
		seen[0] |= !strcmp(track_of(&d, e), "dmar0 walker 1");
		seen[1] |= !strcmp(track_of(&d, e), "dmar0 walker 2");
		EXPECT_TRUE(strcmp(track_of(&d, e), "dmar0 walker 3") != 0);
	}
	EXPECT_TRUE(seen[0] && seen[1]);
	drawing_free(&d);
}

/* How many events of a phase have names that start so. */
static unsigned int count_named(const struct drawing *d, char phase, const char *name)
{
	unsigned int n = 0;
	const json_t *e;
	size_t i;

	json_array_foreach(d->events, i, e)
		n += is_phase(e, phase) && starts_with(text(e, "name"), name);
	return n;
}

TEST_WITH_NAMED_PARAMS(trace, software_descriptors_interrupts_and_faults_are_told,
		       struct timing_row, timings, name)
{
	struct drawing d = draw(SCENARIO, param->word, "v1");
	const json_t *ioctl = find(&d, "software", 0, "VFIO_IOMMU_MAP_DMA container=c", 0);

	ASSERT_TRUE(ioctl != NULL);
	EXPECT_GT(json_integer_value(arg(ioctl, "line")), 0);
	EXPECT_EQ(count(&d, "software", 0, "boot"), 1u);
	EXPECT_GT(count(&d, "software", 0, "write dmar0 IQT"), 2u);
	EXPECT_EQ(count(&d, "software", 0, "interrupt"), 1u);
	EXPECT_GT(count(&d, "queue", 0, "IOTLB invalidate descriptor"), 0u);
	EXPECT_GT(count(&d, "queue", 0, "Invalidation wait descriptor"), 0u);
	EXPECT_EQ(count_named(&d, 'i', "fault: "), 1u);
	EXPECT_GE(count_named(&d, 'i', "log"), 1u);
	EXPECT_GT(count_named(&d, 'i', "iotlb: hit"), 0u);
	EXPECT_GT(count_named(&d, 'C', "dmar0 requests in translation"), 2u);
	drawing_free(&d);
}

/* ---- files ---- */

TEST(trace, each_run_is_a_process_with_its_own_requests)
{
	char *dir = make_dir(), *path = make_path(dir, "x.yaml");
	json_t *root, *e;
	struct call call;
	size_t i, names = 0;

	write_file(dir, "x.yaml", SCENARIO);
	call = CALL("run", "--trace", "-", path);
	root = json_loads(call.out, 0, NULL);
	ASSERT_TRUE(root != NULL);
	json_array_foreach(json_object_get(root, "traceEvents"), i, e)
	{
		if (strcmp(text(e, "name"), "process_name") != 0)
			continue;
		EXPECT_STREQ(json_string_value(arg(e, "name")),
			     names++ ? "a \"story\" of some DMAs on mainline (approximately-timed)"
				     : "a \"story\" of some DMAs on v1 (approximately-timed)");
	}
	EXPECT_EQ(names, 2u);
	expect_part(call.err, "2 runs of 1 scenario: 2 passed");
	json_decref(root);
	call_free(&call);
	free(path);
	remove_dir(dir);
}

TEST_WITH_NAMED_PARAMS(trace, drawing_a_run_does_not_change_it, struct timing_row, timings, name)
{
	char *dir = make_dir(), *path = make_path(dir, "x.yaml"), *trace = make_path(dir, "t.json");
	struct call without, with;

	write_file(dir, "x.yaml", SCENARIO);
	without = CALL("run", "--json", "-", "--timing", param->word, path);
	with = CALL("run", "--json", "-", "--timing", param->word, "--trace", trace, path);
	EXPECT_STREQ(with.out, without.out);
	call_free(&without);
	call_free(&with);
	free(trace);
	free(path);
	remove_dir(dir);
}

TEST(trace, other_formats_and_other_units_are_told_alike)
{
	static const char smmu[] =
		"scenario: an SMMU\nkernel: [v1]\nplatform:\n"
		"  iommus: {smmu0: {model: smmuv3}}\n"
		"  devices: {0000:3a:00.0: {iommu: smmu0, group: 21, pasid: true}}\n" STEPS;

	for (size_t i = 0; i < 3; i++) {
		struct drawing d = draw(smmu, timings[i].word, "v1");

		EXPECT_EQ(count(&d, "unit", 0, "translate"), 102u);
		EXPECT_EQ(count(&d, "unit", 1, "read STE"), 1u);
		EXPECT_GE(count(&d, "walk", 1, "read stage-"), 3u);
		EXPECT_GT(count(&d, "queue", 0, "CMD_SYNC"), 0u);
		drawing_free(&d);
	}
}

struct refusal {
	const char *name;
	const char *words[MAX_WORDS];
	const char *message;
	int status;
};

static const struct refusal refusals[] = {
	{ "same_file",
	  { "--json", "/tmp/vtdsim-same", "--trace", "/tmp/vtdsim-same" },
	  "--json and --trace both go to '/tmp/vtdsim-same'",
	  STATUS_INPUT },
	{ "no_directory",
	  { "--trace", "/nowhere/t.json" },
	  "cannot write '/nowhere/t.json'",
	  STATUS_INTERNAL },
	{ "vcd_untimed",
	  { "--vcd", "/tmp/x.vcd", "--timing", "untimed" },
	  "--vcd needs time",
	  STATUS_INPUT },
	{ "vcd_of_two_runs",
	  { "--vcd", "-" },
	  "--vcd - is for one run, and there are 2",
	  STATUS_INPUT },
	{ "vcd_no_directory",
	  { "--vcd", "/nowhere/x.vcd" },
	  "cannot write '/nowhere/x.1.vcd'",
	  STATUS_INTERNAL },
};

TEST_WITH_NAMED_PARAMS(trace, what_cannot_be_written_is_said, struct refusal, refusals, name)
{
	char *dir = make_dir(), *path = make_path(dir, "x.yaml");
	const char *words[MAX_WORDS] = { "run" };
	struct call call;
	size_t n = 0;

	write_file(dir, "x.yaml", SCENARIO);
	for (; param->words[n]; n++)
		words[n + 1] = param->words[n];
	words[n + 1] = path;
	call = call_list(words);
	EXPECT_EQ(call.status, param->status);
	expect_part(call.err, param->message);
	call_free(&call);
	free(path);
	remove_dir(dir);
}

/* ---- when the kernel does not come back ---- */

/** Slices that a sink was told of: which are open. */
struct open_record {
	bool open[8];
	unsigned int count;
};

static unsigned int record_slice(void *arg, const struct trace_slice *slice)
{
	struct open_record *record = arg;

	EXPECT_EQ(slice->parent, record->count);
	record->open[record->count] = true;
	return ++record->count;
}

static void record_end(void *arg, unsigned int slice, u64 time, const struct trace_arg *args)
{
	struct open_record *record = arg;

	(void)time;
	(void)args;
	record->open[slice - 1] = false;
}

TEST(trace, the_end_of_a_step_ends_what_a_fault_of_the_kernel_left_open)
{
	struct open_record record = { .count = 0 };
	const struct trace_sink sink = { record_slice, record_end, NULL, &record };
	const struct platform platform = { .iommu_count = 0 };
	struct machine_trace trace = { .sink = &sink, .platform = &platform };

	machine_trace_step_begin(&trace, "step", NULL);
	machine_trace_mmio_begin(&trace, "read", 0x1000);
	machine_trace_interrupt(&trace, 0xfee00000, 1);
	EXPECT_TRUE(record.open[0] && record.open[1] && record.open[2]);
	machine_trace_step_end(&trace);
	EXPECT_FALSE(record.open[0] || record.open[1] || record.open[2]);
	EXPECT_EQ(trace.depth, 0u);
}

/* ---- when there is no room ---- */

static unsigned int tell(const struct trace_sink *sink, u64 request, unsigned int parent,
			 enum trace_track track)
{
	const struct trace_slice slice = {
		.track = track,
		.name = "x",
		.request = request,
		.parent = parent,
		.begin = request,
		.end = TRACE_OPEN,
	};

	return sink->slice(sink->arg, &slice);
}

TEST(trace, without_room_the_requests_that_have_begun_are_kept_to_their_end)
{
	struct trace *trace = trace_create();
	const struct trace_sink *sink = trace_sink(trace);
	unsigned int first = tell(sink, 1, 0, TRACE_DEVICE);

	ASSERT_GT(first, 0u);
	for (unsigned int i = 1; i < TRACE_RECORDS_MAX; i++)
		tell(sink, 1, first, TRACE_DEVICE);
	EXPECT_EQ(trace_left_out(trace), 0u);
	/* the one that finds no room is the last to be kept */
	EXPECT_GT(tell(sink, 2, 0, TRACE_DEVICE), 0u);
	EXPECT_EQ(tell(sink, 3, 0, TRACE_DEVICE), 0u);
	EXPECT_EQ(tell(sink, 0, 0, TRACE_QUEUE), 0u);
	EXPECT_GT(tell(sink, 1, 0, TRACE_MEMORY), 0u);
	EXPECT_GT(tell(sink, 2, 0, TRACE_MEMORY), 0u);
	EXPECT_GT(tell(sink, 0, 0, TRACE_SOFTWARE), 0u);
	EXPECT_EQ(trace_left_out(trace), 1u);
	trace_destroy(trace);
}
