/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a timed run tells of time: percentiles by unit and device, and counters by interval; and that counters have
 * the names of the performance events.
 */
#include "cli_call.h"

#include <jansson.h>

#define STEPS                                                                                    \
	"  devices:\n"                                                                           \
	"    0000:3a:00.0: {iommu: u, group: 21, pasid: true, outstanding: 8,"                   \
	" link: {lanes: 0, latency: 100ns}, completion: 0ns}\n"                                  \
	"steps:\n"                                                                               \
	"  - vmm: {open: c}\n"                                                                   \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n"                       \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1v2_IOMMU}}\n"                  \
	"  - vmm: {mmap: {name: ram, size: 4MiB, page-size: 4KiB}}\n"                            \
	"  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 4MiB, vaddr: ram}}\n"       \
	"  - device: {traffic: {device: 0000:3a:00.0, address: 0, window: 4MiB, count: 3000}}\n" \
	"  - vmm: {VFIO_IOMMU_UNMAP_DMA: {container: c, iova: 0, size: 4MiB}}\n"

#define PLATFORM(iommu)                                                \
	"scenario: statistics\nkernel: [v1]\n"                         \
	"platform:\n"                                                  \
	"  timing: approximately-timed\n"                              \
	"  memory: {tables: {latency: 50ns}, data: {latency: 80ns}}\n" \
	"  iommus: {u: " iommu "}\n" STEPS

/** A run's JSON. */
struct told {
	json_t *root;
	const json_t *run;
	char *text; /* with --verbose */
};

static struct told tell(const char *scenario, const char *timing)
{
	char *dir = make_dir(), *path = make_path(dir, "x.yaml");
	struct told told = { .text = NULL };
	struct call call;

	write_file(dir, "x.yaml", scenario);
	call = CALL("run", "--verbose", "--json", "-", "--timing", timing, path);
	if (call.status != STATUS_HELD)
		ADD_FAILURE("%s", call.err);
	told.root = json_loads(call.out, 0, NULL);
	told.run = json_array_get(json_object_get(told.root, "runs"), 0);
	told.text = strdup(call.err);
	call_free(&call);
	free(path);
	remove_dir(dir);
	return told;
}

static void told_free(struct told *told)
{
	json_decref(told->root);
	free(told->text);
}

static long long number(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : -1;
}

static const json_t *times(const struct told *told, const char *owner, const char *what)
{
	return json_object_get(json_object_get(json_object_get(told->run, "statistics"), owner),
			       what);
}

static const json_t *counters(const struct told *told)
{
	return json_object_get(json_object_get(told->run, "counters"), "u");
}

#define VTD PLATFORM("{model: vt-d, profile: sapphire-rapids, walkers: 2}")
#define SMMU PLATFORM("{model: smmuv3, walkers: 2}")

/** A unit and what it calls things. */
struct unit_row {
	const char *name, *scenario, *requests, *reads, *hits;
};

static const struct unit_row units[] = {
	{ "vtd", VTD, "iommu_requests", "iommu_mrds", "iotlb_hit" },
	{ "smmuv3", SMMU, "transaction", "trans_table_walk_access", "tlb_hit" },
};

TEST_WITH_NAMED_PARAMS(statistics, there_are_as_many_times_as_things, struct unit_row, units, name)
{
	struct told told = tell(param->scenario, "approximately-timed");

	EXPECT_EQ(number(times(&told, "u", "translation_ns"), "count"), 3000);
	EXPECT_EQ(number(counters(&told), param->requests), 3000);
	EXPECT_EQ(number(times(&told, "u", "walk_ns"), "count"), number(counters(&told), "walks"));
	EXPECT_EQ(number(times(&told, "0000:3a:00.0", "dma_ns"), "count"), 3000);
	EXPECT_GT(number(times(&told, "u", "invalidation_ns"), "count"), 0);
	told_free(&told);
}

static void expect_rising(const json_t *of)
{
	static const char *const keys[] = { "min", "p50", "p95", "p99", "p999", "max" };

	for (size_t i = 1; i < sizeof(keys) / sizeof(keys[0]); i++)
		EXPECT_LE(number(of, keys[i - 1]), number(of, keys[i]));
	EXPECT_GE(number(of, "mean"), number(of, "min"));
	EXPECT_LE(number(of, "mean"), number(of, "max"));
	EXPECT_GE(number(of, "min"), 0);
}

TEST_WITH_NAMED_PARAMS(statistics, percentiles_rise_and_add_up, struct unit_row, units, name)
{
	struct told told = tell(param->scenario, "approximately-timed");
	const json_t *dma = times(&told, "0000:3a:00.0", "dma_ns");
	const json_t *translation = times(&told, "u", "translation_ns");

	expect_rising(dma);
	expect_rising(translation);
	expect_rising(times(&told, "u", "walk_ns"));
	expect_rising(times(&told, "u", "invalidation_ns"));
	/* twice the link, and memory */
	EXPECT_EQ(number(dma, "min"), number(translation, "min") + 2 * 100 + 80);
	/* a walk reads at least one entry */
	EXPECT_GE(number(times(&told, "u", "walk_ns"), "min"), 50);
	told_free(&told);
}

TEST_WITH_NAMED_PARAMS(statistics, the_rows_of_a_rate_add_up_to_the_counter, struct unit_row, units,
		       name)
{
	struct told told = tell(param->scenario, "approximately-timed");
	const json_t *rows = json_object_get(json_object_get(told.run, "rates"), "u"), *row;
	long long requests = 0, reads = 0, hits = 0, occupancy = 0, last = 0;
	size_t i;

	EXPECT_GT(json_array_size(rows), 10u);
	EXPECT_LE(json_array_size(rows), 100u);
	json_array_foreach(rows, i, row)
	{
		EXPECT_GT(number(row, "time_ns"), last);
		last = number(row, "time_ns");
		requests += number(row, param->requests);
		reads += number(row, param->reads);
		hits += number(row, param->hits);
		occupancy += number(row, "pw_occupancy");
	}
	EXPECT_EQ(requests, number(counters(&told), param->requests));
	EXPECT_EQ(reads, number(counters(&told), param->reads));
	EXPECT_EQ(hits, number(counters(&told), param->hits));
	EXPECT_EQ(occupancy, number(counters(&told), "pw_occupancy"));
	told_free(&told);
}

TEST(statistics, cycles_are_those_of_the_clock)
{
	struct told told = tell(PLATFORM("{model: vt-d, profile: sapphire-rapids, clock: 500MHz}"),
				"approximately-timed");
	const json_t *c = counters(&told);

	EXPECT_EQ(number(c, "pw_occupancy"), number(c, "pw_occupancy_ns") / 2);
	EXPECT_GT(number(c, "iommu_clocks"), 1000);
	told_free(&told);
}

TEST(statistics, loosely_timed_things_take_time_too)
{
	struct told told = tell(VTD, "loosely-timed");

	EXPECT_EQ(number(times(&told, "u", "translation_ns"), "count"), 3000);
	EXPECT_EQ(number(times(&told, "u", "walk_ns"), "count"), number(counters(&told), "walks"));
	EXPECT_GE(number(times(&told, "u", "walk_ns"), "min"), 50);
	EXPECT_GT(number(times(&told, "u", "invalidation_ns"), "count"), 0);
	EXPECT_EQ(number(times(&told, "0000:3a:00.0", "dma_ns"), "min"),
		  number(times(&told, "u", "translation_ns"), "min") + 2 * 100 + 80);
	told_free(&told);
}

TEST(statistics, where_there_is_no_time_there_are_none)
{
	struct told told = tell(VTD, "untimed");

	EXPECT_TRUE(json_object_get(told.run, "statistics") == NULL);
	EXPECT_TRUE(json_object_get(told.run, "rates") == NULL);
	expect_no_part(told.text, "times in ns");
	told_free(&told);
}

TEST(statistics, verbose_text_has_a_line_for_each)
{
	struct told told = tell(VTD, "approximately-timed");

	expect_part(told.text, "times in ns                     count      50 %      95 %");
	expect_part(told.text, "\n           u            translation         3000 ");
	expect_part(told.text, "\n           u            walk ");
	expect_part(told.text, "\n           u            invalidation ");
	expect_part(told.text, "\n           0000:3a:00.0 dma                 3000 ");
	told_free(&told);
}

TEST_WITH_NAMED_PARAMS(statistics, the_documentation_names_every_counter, struct unit_row, units,
		       name)
{
	struct told told = tell(param->scenario, "approximately-timed");
	char *docs = read_file(VTDSIM_SOURCE_DIR "/docs/counters.md");
	json_t *value;
	const char *key;

	json_object_foreach((json_t *)counters(&told), key, value)
	{
		char quoted[80];

		snprintf(quoted, sizeof(quoted), "`%s`", key);
		expect_part(docs, quoted);
	}
	free(docs);
	told_free(&told);
}
