/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traffic: where its requests go, how many there are, what they take, and what a step of it may say.
 */
#include "cli_call.h"
#include "gtest_c.h"
#include "traffic.h"

#include "scenario/scenario.h"

#include <math.h>

/* ---- patterns ---- */

static struct traffic_config config_of(enum traffic_pattern pattern)
{
	return (struct traffic_config){
		.address = 0x100000,
		.window = 64 * 4096,
		.size = 64,
		.pattern = pattern,
		.stride = 64,
		.skew = 1.2,
		.outstanding = 1,
		.count = 4096,
		.seed = 5,
	};
}

/* The next request's offset in the window, after having checked that it lies there. */
static u64 next_offset(struct traffic *t)
{
	const struct traffic_config *c = traffic_config(t);
	struct dma_request request;
	u64 number;

	EXPECT_TRUE(traffic_next(t, &request, &number));
	EXPECT_GE(request.address.v, c->address);
	EXPECT_LE(request.address.v + request.len, c->address + c->window);
	return request.address.v - c->address;
}

TEST(traffic, goes_through_its_window_and_starts_again)
{
	struct traffic_config config = config_of(TRAFFIC_SEQUENTIAL);
	struct traffic *t;

	config.window = 5 * 64 + 63; /* the last piece has no room */
	t = traffic_create(&config);
	ASSERT_TRUE(t != NULL);
	for (u64 i = 0; i < 23; i++)
		EXPECT_EQ(next_offset(t), i % 5 * 64);
	traffic_destroy(t);
}

TEST(traffic, strides_through_its_window)
{
	struct traffic_config config = config_of(TRAFFIC_STRIDED);
	struct traffic *t;

	config.stride = 4096 + 64;
	t = traffic_create(&config);
	ASSERT_TRUE(t != NULL);
	for (u64 i = 0; i < 1000; i++)
		EXPECT_EQ(next_offset(t), i * config.stride % (config.window - 64 + 1));
	traffic_destroy(t);
}

TEST(traffic, random_takes_each_place_as_often_as_any)
{
	struct traffic_config config = config_of(TRAFFIC_RANDOM);
	unsigned int counts[64] = { 0 };
	struct traffic *t;

	config.window = 64 * 64;
	config.count = 64000;
	t = traffic_create(&config);
	ASSERT_TRUE(t != NULL);
	for (u64 i = 0; i < config.count; i++) {
		u64 offset = next_offset(t);

		EXPECT_EQ(offset % 64, 0);
		counts[offset / 64]++;
	}
	/* 1000 each, with a deviation of 31 */
	for (size_t i = 0; i < 64; i++) {
		EXPECT_GE(counts[i], 840);
		EXPECT_LE(counts[i], 1160);
	}
	traffic_destroy(t);
}

static int descending(const void *a, const void *b)
{
	const unsigned int *x = a, *y = b;

	return *x < *y ? 1 : *x > *y ? -1 : 0;
}

TEST(traffic, zipf_wants_the_nth_page_like_one_by_n_to_the_skew)
{
	struct traffic_config config = config_of(TRAFFIC_ZIPF);
	unsigned int counts[64] = { 0 };
	double sum = 0;
	struct traffic *t;

	config.count = 100000;
	t = traffic_create(&config);
	ASSERT_TRUE(t != NULL);
	for (u64 i = 0; i < config.count; i++)
		counts[next_offset(t) / 4096]++;
	qsort(counts, 64, sizeof(counts[0]), descending);
	for (unsigned int n = 1; n <= 64; n++)
		sum += 1 / pow(n, config.skew);
	for (unsigned int n = 1; n <= 8; n++) {
		double expected = (double)config.count / pow(n, config.skew) / sum;

		EXPECT_TRUE(fabs((double)counts[n - 1] - expected) <= 5 * sqrt(expected));
	}
	EXPECT_GT(counts[63], 0);
	traffic_destroy(t);
}

TEST(traffic, lies_in_its_window_whatever_the_sizes)
{
	static const enum traffic_pattern patterns[] = { TRAFFIC_SEQUENTIAL, TRAFFIC_RANDOM,
							 TRAFFIC_STRIDED, TRAFFIC_ZIPF };
	static const u64 windows[] = { 1, 63, 64, 4095, 4096, 4097, 65536, 1000003 };
	static const u32 sizes[] = { 1, 63, 64, 4096, 5000, 65536 };

	for (size_t p = 0; p < 4; p++)
		for (size_t w = 0; w < 8; w++)
			for (size_t s = 0; s < 6 && sizes[s] <= windows[w]; s++) {
				struct traffic_config config = config_of(patterns[p]);
				struct traffic *t;

				SCOPED_NOTE("pattern %zu, window %llu, size %u", p, windows[w],
					    sizes[s]);
				config.window = windows[w];
				config.size = sizes[s];
				config.stride = windows[w] > 100 ? 100 : 1;
				t = traffic_create(&config);
				ASSERT_TRUE(t != NULL);
				for (int i = 0; i < 200; i++)
					next_offset(t);
				traffic_destroy(t);
			}
}

TEST(traffic, takes_pasids_in_turn_and_writes_so_many_percent)
{
	static const u32 pasids[] = { 3, 9, 7 };
	struct traffic_config config = config_of(TRAFFIC_RANDOM);
	struct dma_request request;
	unsigned int writes = 0;
	struct traffic *t;
	u64 number;

	config.has_pasid = true;
	config.pasids = pasids;
	config.pasid_count = 3;
	config.write_percent = 25;
	config.count = 10000;
	t = traffic_create(&config);
	ASSERT_TRUE(t != NULL);
	for (u64 i = 0; i < config.count; i++) {
		EXPECT_TRUE(traffic_next(t, &request, &number));
		EXPECT_EQ(number, i);
		EXPECT_TRUE(request.has_pasid);
		EXPECT_EQ(request.pasid, pasids[i % 3]);
		writes += request.access == ACCESS_WRITE;
	}
	EXPECT_FALSE(traffic_next(t, &request, &number));
	EXPECT_GE(writes, 2300);
	EXPECT_LE(writes, 2700);
	traffic_destroy(t);
}

TEST(traffic, is_the_same_by_the_same_seed_and_another_by_another)
{
	struct traffic_config config = config_of(TRAFFIC_RANDOM);
	struct traffic *a = traffic_create(&config), *b = traffic_create(&config), *c;
	unsigned int same = 0;

	config.seed = 6;
	c = traffic_create(&config);
	ASSERT_TRUE(a && b && c);
	for (int i = 0; i < 1000; i++) {
		u64 offset = next_offset(a);

		EXPECT_EQ(offset, next_offset(b));
		same += offset == next_offset(c);
	}
	EXPECT_LE(same, 10);
	traffic_destroy(a);
	traffic_destroy(b);
	traffic_destroy(c);
}

TEST(traffic, repeats_a_list_from_its_start)
{
	const struct traffic_entry entries[] = { { 0, 8, false }, { 4096, 128, true } };
	struct traffic_config config = config_of(TRAFFIC_REPLAY);
	struct dma_request request;
	struct traffic *t;
	u64 number;

	config.entries = entries;
	config.entry_count = 2;
	config.count = 5;
	t = traffic_create(&config);
	ASSERT_TRUE(t != NULL);
	for (u64 i = 0; traffic_next(t, &request, &number); i++) {
		EXPECT_EQ(request.address.v, config.address + entries[i % 2].address);
		EXPECT_EQ(request.len, entries[i % 2].size);
		EXPECT_EQ(request.access == ACCESS_WRITE, entries[i % 2].write);
	}
	EXPECT_EQ(number, 4);
	/* room for the larger one */
	memset(traffic_buffer(t, ACCESS_READ), 1, 128);
	EXPECT_EQ(((u8 *)traffic_buffer(t, ACCESS_WRITE))[127], 0x5a);
	traffic_destroy(t);
}

TEST(traffic, warms_up_without_measuring)
{
	struct traffic_config config = config_of(TRAFFIC_SEQUENTIAL);
	struct dma_result result = { .status = DMA_OK, .done = 64, .table_reads = 2 };
	struct traffic_outcome outcome = { .result = &result };
	const struct traffic_result *r;
	struct dma_request request;
	struct traffic *t;

	config.warm_up = 3;
	config.count = 4;
	t = traffic_create(&config);
	ASSERT_TRUE(t != NULL);
	outcome.request = &request;
	while (traffic_next(t, &request, &outcome.number)) {
		outcome.start = outcome.number * 100;
		outcome.end = outcome.start + 10 * (outcome.number + 1);
		/* one of the measured faults, and one is never sent */
		result.status = outcome.number == 1 || outcome.number == 4 ? DMA_FAULT
				: outcome.number == 5                      ? DMA_UNSUPPORTED
									   : DMA_OK;
		result.done = result.status == DMA_OK ? 64 : 0;
		result.fault_address = request.address;
		traffic_ended(t, &outcome);
	}
	r = traffic_result(t);
	EXPECT_EQ(r->done, 7);
	EXPECT_EQ(r->requests, 4);
	EXPECT_EQ(r->reads, 4);
	EXPECT_EQ(r->bytes, 128);
	EXPECT_EQ(r->faults, 1);
	EXPECT_EQ(r->errors, 1);
	EXPECT_EQ(r->first_fault_address, config.address + 4 * 64);
	EXPECT_EQ(r->table_reads, 8);
	EXPECT_EQ(r->start, 300);
	EXPECT_EQ(r->end, 670);
	EXPECT_EQ(r->latency.count, 2);
	EXPECT_EQ(r->latency.min, 40);
	EXPECT_EQ(r->latency.max, 70);
	traffic_destroy(t);
}

/* ---- steps ---- */

/* One IOMMU, everything in whole nanoseconds, nothing limited but what a test limits. */
#define STEPS(timing, unit, device)                                                         \
	"scenario: t\n"                                                                     \
	"kernel: mainline\n"                                                                \
	"platform:\n"                                                                       \
	"  timing: " timing "\n"                                                            \
	"  memory: {tables: {latency: 100ns, slots: 0}, data: {latency: 50ns, slots: 0}}\n" \
	"  iommus: {d: {model: vt-d, profile: sapphire-rapids, clock: 1GHz, " unit "}}\n"   \
	"  devices:\n"                                                                      \
	"    0000:3a:00.0: {iommu: d, group: 21, completion: 0ns, " device "}\n"            \
	"    0000:3b:00.0: {iommu: d, group: 22, completion: 0ns, " device "}\n"            \
	"steps:\n"                                                                          \
	"  - vmm: {open: c}\n"                                                              \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n"                  \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 22, container: c}}\n"                  \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1v2_IOMMU}}\n"             \
	"  - vmm: {mmap: {name: ram, size: 4MiB, page-size: 4KiB}}\n"                       \
	"  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 4MiB, vaddr: ram}}\n"

#define TRAFFIC(more) "  - device: {traffic: {device: 0000:3a:00.0, address: 0, " more "}}\n"

#define AT "approximately-timed"
#define LT "loosely-timed"
#define NO_LINK "issue-interval: 0ns, link: {lanes: 0, latency: 0ns, credits: 0}"
#define NO_LIMITS "walkers: 0, outstanding: 0, queue: 0"

/* What the last step of a scenario gave; to be released. */
static json_t *last_result(const char *text)
{
	const struct scenario_run_options options = { .kernel = "mainline", .seed = 1 };
	struct diags diags = { 0 };
	struct scenario *s = scenario_parse("test.yaml", text, strlen(text), &diags);
	struct run_result result = { 0 };
	json_t *last = NULL;

	if (diags.count)
		ADD_FAILURE("%u: %s", diags.items[0].line, diags.items[0].message);
	diag_clear(&diags);
	if (!s)
		return json_object();
	scenario_run(s, &options, &result);
	for (size_t i = 0; i < result.step_count; i++)
		if (!result.steps[i].ok)
			ADD_FAILURE("%s: %s", result.steps[i].name, result.steps[i].message);
	if (result.error)
		ADD_FAILURE("%s", result.error);
	if (result.step_count)
		last = json_incref(result.steps[result.step_count - 1].result);
	run_result_clear(&result);
	scenario_free(s);
	return last ? last : json_object();
}

static u64 number_in(const json_t *result, const char *name, const char *inner)
{
	const json_t *value = json_object_get(result, name);

	return (u64)json_integer_value(inner ? json_object_get(value, inner) : value);
}

static void expect_near(u64 value, double expected, double part)
{
	if (fabs((double)value - expected) > expected * part)
		ADD_FAILURE("%llu is not near %.0f", value, expected);
}

/*
 * Generation 3, 8 lanes: 7.877 GB/s; a completion of 256 bytes takes 26 bytes more. Measured from the first start to
 * the last end, there is once the time that the requests under way at the end take besides.
 */
TEST(traffic_step, is_bounded_by_the_bytes_that_the_link_carries)
{
	json_t *result = last_result(STEPS(AT, NO_LIMITS,
					   "issue-interval: 0ns, outstanding: 256, link: "
					   "{generation: 3, lanes: 8, latency: 200ns}")
					     TRAFFIC("window: 4KiB, size: 256, count: 20000, "
						     "warm-up: 500, outstanding: 256"));
	double rate = 8e9 * 8 * 128 / 130 / 8 / (256 + 26);

	expect_near(number_in(result, "rate", NULL), rate, 0.015);
	expect_near(number_in(result, "bandwidth", NULL), rate * 256, 0.015);
	json_decref(result);
}

TEST(traffic_step, is_no_faster_than_its_rate_and_the_issue_interval)
{
	json_t *result;

	result = last_result(STEPS(AT, NO_LIMITS, NO_LINK)
				     TRAFFIC("window: 1MiB, count: 2000, rate: 2000000"));
	expect_near(number_in(result, "rate", NULL), 2e6, 0.002);
	json_decref(result);
	result = last_result(STEPS(LT, NO_LIMITS, NO_LINK)
				     TRAFFIC("window: 1MiB, count: 2000, rate: 2000000"));
	expect_near(number_in(result, "rate", NULL), 2e6, 0.002);
	json_decref(result);
	result = last_result(STEPS(
		AT, NO_LIMITS, "issue-interval: 25ns, link: {lanes: 0, latency: 0ns, credits: 0}")
				     TRAFFIC("window: 4KiB, count: 4000, warm-up: 100"));
	expect_near(number_in(result, "rate", NULL), 4e7, 0.01);
	json_decref(result);
}

/* Tags bound the reads under way: rate = tags / latency. */
TEST(traffic_step, is_bounded_by_the_reads_that_may_be_under_way)
{
	json_t *result = last_result(
		STEPS(AT, NO_LIMITS,
		      "issue-interval: 0ns, outstanding: 4, link: {lanes: 0, latency: 500ns}")
			TRAFFIC("window: 4KiB, count: 4000, warm-up: 100, outstanding: 64"));
	/* two ways of 500 ns, and the unit's and the memory's share between them */
	u64 rate = number_in(result, "rate", NULL);

	EXPECT_LE(rate, 4000000);
	EXPECT_GE(rate, 3500000);
	json_decref(result);
}

TEST(traffic_step, loosely_timed_takes_the_sum_of_its_latencies)
{
#define ONE_BY_ONE(timing)                                              \
	STEPS(timing, "walkers: 1", "link: {lanes: 8, latency: 200ns}") \
	TRAFFIC("window: 4MiB, count: 1500, outstanding: 1")
	json_t *loosely = last_result(ONE_BY_ONE(LT)), *approximately = last_result(ONE_BY_ONE(AT));

	/* one by one there is nothing to wait for, so both are exact */
	EXPECT_EQ(number_in(loosely, "time_ns", NULL), number_in(approximately, "time_ns", NULL));
	EXPECT_EQ(number_in(loosely, "table_reads", NULL),
		  number_in(approximately, "table_reads", NULL));
	EXPECT_EQ(number_in(loosely, "latency_ns", "mean"),
		  number_in(approximately, "latency_ns", "mean"));
	EXPECT_EQ(number_in(loosely, "latency_ns", "max"),
		  number_in(approximately, "latency_ns", "max"));
	json_decref(loosely);
	json_decref(approximately);
}

#define OTHER_TRAFFIC(more) "  - device: {traffic: {device: 0000:3b:00.0, address: 0, " more "}}\n"
#define TRAFFIC_END "  - device: {traffic-end: 0000:3a:00.0}\n"

TEST(traffic_step, devices_share_a_unit_fairly)
{
	static const char both[] = STEPS(AT, "walkers: 2", NO_LINK)
		TRAFFIC("window: 4MiB, count: 3000, background: true")
			OTHER_TRAFFIC("window: 4MiB, count: 3000") TRAFFIC_END;
	static const char one[] = STEPS(AT, "walkers: 2", NO_LINK)
		TRAFFIC("window: 4MiB, count: 3000");
	json_t *shared = last_result(both), *alone = last_result(one);

	/* both at once take what 6000 take: neither ends much before the other */
	EXPECT_EQ(number_in(shared, "requests", NULL), 3000);
	expect_near(number_in(shared, "time_ns", NULL),
		    2 * (double)number_in(alone, "time_ns", NULL), 0.05);
	json_decref(shared);
	json_decref(alone);
}

TEST(traffic_step, gives_the_same_without_time)
{
	static const char text[] = STEPS("untimed", NO_LIMITS, NO_LINK)
		TRAFFIC("window: 1MiB, count: 500, writes: 30, background: true") TRAFFIC_END;
	json_t *result = last_result(text);

	EXPECT_EQ(number_in(result, "requests", NULL), 500);
	EXPECT_EQ(number_in(result, "reads", NULL) + number_in(result, "writes", NULL), 500);
	EXPECT_EQ(number_in(result, "bytes", NULL), 500 * 64);
	EXPECT_EQ(number_in(result, "faults", NULL), 0);
	EXPECT_TRUE(json_object_get(result, "time_ns") == NULL);
	EXPECT_TRUE(json_object_get(result, "latency_ns") == NULL);
	json_decref(result);
}

TEST(traffic_step, that_faults_makes_the_run_faulted)
{
	json_t *result = last_result(STEPS(AT, NO_LIMITS, NO_LINK)
					     TRAFFIC("window: 8MiB, count: 400, size: 4KiB"));

	EXPECT_GT(number_in(result, "faults", NULL), 100);
	EXPECT_LT(number_in(result, "faults", NULL), 300);
	json_decref(result);
}

/* ---- what cannot be ---- */

struct bad {
	const char *name;
	const char *more;
	const char *error; /* part of it */
};

static const struct bad bad_rows[] = {
	{ "no_window", "window: 0", "window is 0; expected 1 to" },
	{ "window_beyond_all", "window: 1024TiB", "window is" },
	{ "size_beyond_window", "window: 64, size: 65", "size is 65; expected 1 to 64" },
	{ "size_beyond_all", "window: 1MiB, size: 65537", "size is 65537; expected 1 to 65536" },
	{ "no_size", "window: 1MiB, size: 0", "size is 0" },
	{ "writes", "window: 1MiB, writes: 101", "writes is 101; expected 0 to 100" },
	{ "many_writes", "window: 1MiB, writes: 0x100000032", "writes is" },
	{ "outstanding", "window: 1MiB, outstanding: 0", "outstanding is 0; expected 1 to" },
	{ "many_outstanding", "window: 1MiB, outstanding: 0x100000001", "outstanding is" },
	{ "count", "window: 1MiB, count: 0", "count is 0; expected 1 to" },
	{ "work", "window: 1MiB, count: 100000000", "work" },
	{ "rate", "window: 1MiB, rate: 1000000000001", "rate is" },
	{ "stride_of_random", "window: 1MiB, stride: 128", "stride: only for the pattern strided" },
	{ "no_stride", "window: 1MiB, pattern: strided, stride: 0", "stride is 0" },
	{ "skew_of_random", "window: 1MiB, skew: 50", "skew: only for the pattern zipf" },
	{ "no_skew", "window: 1MiB, pattern: zipf, skew: 0", "skew is 0; expected 1 to" },
	{ "large_zipf", "window: 1TiB, pattern: zipf", "window is" },
	{ "no_pasids", "window: 1MiB, pasids: []", "the number of pasids is 0" },
	{ "large_pasid", "window: 1MiB, pasids: [0x100000]", "is no PASID" },
	{ "twice",
	  "window: 1MiB, background: true}}\n"
	  "  - device: {traffic: {device: 0000:3a:00.0, address: 0, window: 1MiB",
	  "has traffic already" },
	{ "end_of_none",
	  "window: 1MiB, count: 1}}\n"
	  "  - device: {traffic-end: {device: 0000:3a:00.0",
	  "has no traffic" },
};

/* Calls the program on a scenario with that traffic. */
static struct call call_with(const char *dir, const char *more)
{
	char *text, *path = make_path(dir, "x.yaml");
	struct call got;

	if (asprintf(&text, "%s  - device: {traffic: {device: 0000:3a:00.0, address: 0, %s}}\n",
		     STEPS("untimed", NO_LIMITS, NO_LINK), more) < 0)
		abort();
	write_file(dir, "x.yaml", text);
	got = CALL("run", path);
	free(path);
	free(text);
	return got;
}

TEST_WITH_NAMED_PARAMS(impossible_traffic, is_told, struct bad, bad_rows, name)
{
	char *dir = make_dir();
	struct call got = call_with(dir, param->more);

	EXPECT_EQ(got.status, 2);
	expect_part(got.err, param->error);
	call_free(&got);
	remove_dir(dir);
}

/* ---- traces ---- */

static struct call call_with_trace(const char *trace, const char *more)
{
	char *dir = make_dir();
	struct call got;

	write_file(dir, "x.trace", trace);
	got = call_with(dir, more);
	remove_dir(dir);
	return got;
}

TEST(trace_file, is_repeated_as_it_says)
{
	struct call got = call_with_trace("# what a NIC did\n"
					  "read 0x1000 64\n"
					  "\n"
					  "write 8KiB 0x80   # a remark\r\n"
					  "\tread 0 4096\n"
					  "write 4096 1",
					  "window: 1MiB, trace: x.trace}}\n"
					  "    expect: {requests: 4, reads: 2, writes: 2, "
					  "bytes: 4289, faults: 0}\n"
					  "  - device: {traffic: {device: 0000:3b:00.0, "
					  "address: 0x100000, window: 1MiB, trace: x.trace, "
					  "count: 6}}\n"
					  "    expect: {requests: 6, reads: 3, writes: 3, bytes: "
					  "4481, faults: 0}\n"
					  "  - vmm: {read: {address: ram+0x102000}}\n"
					  "    expect: 0x5a5a5a5a5a5a5a5a\n"
					  "  - vmm: {read: {address: ram");

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "1 passed");
	call_free(&got);
}

struct bad_trace {
	const char *name;
	const char *trace;
	const char *more;
	const char *error; /* part of it */
};

static const struct bad_trace bad_traces[] = {
	{ "no_file", "read 0 1\n", "trace: y.trace", "y.trace' cannot be opened" },
	{ "directory", "read 0 1\n", "trace: .", "is no file" },
	{ "empty", "# nothing\n\n", "trace: x.trace", "x.trace: error: a trace without requests" },
	{ "word", "read 0 1\nfetch 0 1\n", "trace: x.trace", "x.trace:2: error: no request" },
	{ "two_words", "read 0\n", "trace: x.trace", "x.trace:1: error: no request" },
	{ "four_words", "read 0 1 2\n", "trace: x.trace", "x.trace:1: error: no request" },
	{ "address", "read here 1\n", "trace: x.trace", "'here' is no address" },
	{ "size", "read 0 many\n", "trace: x.trace", "'many' is no size" },
	{ "size_0", "read 0 0\n", "trace: x.trace", "'0' is no size; expected 1 to 65536" },
	{ "size_65537", "read 0 65537\n", "trace: x.trace", "'65537' is no size" },
	{ "named_here", "read\n", "trace: x.trace", "x.yaml:17:" },
	{ "beyond_window", "read 0 64\nread 0xfffc1 64\n", "trace: x.trace",
	  "request 2 of the trace, at 0xfffc1, is beyond the window of 0x100000 bytes" },
	{ "beside_a_size", "read 0 1\n", "trace: x.trace, size: 64", "size: a trace says it" },
	{ "beside_a_pattern", "read 0 1\n", "trace: x.trace, pattern: random",
	  "pattern: a trace says it" },
	{ "beside_writes", "read 0 1\n", "trace: x.trace, writes: 1", "writes: a trace says it" },
};

TEST_WITH_NAMED_PARAMS(wrong_trace_file, is_told_with_its_line, struct bad_trace, bad_traces, name)
{
	char *more;
	struct call got;

	if (asprintf(&more, "window: 1MiB, %s", param->more) < 0)
		abort();
	got = call_with_trace(param->trace, more);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, param->error);
	call_free(&got);
	free(more);
}

TEST(wrong_trace_file, has_a_line_without_end)
{
	char line[600];
	struct call got;

	memset(line, 'r', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	got = call_with_trace(line, "window: 1MiB, trace: x.trace");
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "x.trace:1: error: a line of more than 254 bytes");
	call_free(&got);
}
