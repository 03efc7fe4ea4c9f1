/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a platform says of time: every key arrives where it belongs, defaults stand where nothing is said, and what no
 * hardware could be is told with its place.
 */
#include "cli_call.h"
#include "gtest_c.h"

#include "platform.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static struct platform *read_text(const char *text, struct diags *diags, struct document **document)
{
	*document = document_parse("p.yaml", text, strlen(text), diags);
	return *document ? platform_read(document_root(*document), diags) : NULL;
}

#define UNITS "iommus: {d: {model: vt-d, profile: sapphire-rapids}, s: {model: smmuv3}}\n"
#define DEVICES "devices: {3a:00.0: {iommu: d}}\n"

TEST(platform_timing, is_untimed_with_defaults_unless_said_otherwise)
{
	struct diags diags = { 0 };
	struct document *document;
	struct platform *p = read_text(UNITS DEVICES, &diags, &document);
	struct platform_timing whole;
	struct unit_timing unit;
	struct link_timing link;
	struct requester_timing requester;

	ASSERT_TRUE(p != NULL);
	platform_timing_init(&whole);
	unit_timing_init(&unit);
	link_timing_init(&link);
	requester_timing_init(&requester);
	EXPECT_EQ(p->timing.mode, TIMING_UNTIMED);
	EXPECT_EQ(p->timing.tables.latency, whole.tables.latency);
	EXPECT_EQ(p->timing.tables.slots, whole.tables.slots);
	EXPECT_EQ(p->timing.data.latency, whole.data.latency);
	EXPECT_EQ(p->timing.data.slots, whole.data.slots);
	EXPECT_EQ(p->timing.processor.mmio_read, whole.processor.mmio_read);
	EXPECT_EQ(p->timing.processor.mmio_write, whole.processor.mmio_write);
	EXPECT_EQ(p->timing.processor.interrupt, whole.processor.interrupt);
	EXPECT_EQ(p->timing.processor.poll, whole.processor.poll);
	EXPECT_EQ(p->timing.quantum, 1000000);
	EXPECT_EQ(p->iommus[0].timing.clock_period, unit.clock_period);
	EXPECT_EQ(p->iommus[0].timing.walkers, unit.walkers);
	EXPECT_EQ(p->iommus[1].timing.outstanding, unit.outstanding);
	EXPECT_EQ(p->iommus[1].timing.queue, unit.queue);
	EXPECT_TRUE(p->iommus[0].timing.merge);
	EXPECT_EQ(p->devices[0].link.generation, link.generation);
	EXPECT_EQ(p->devices[0].link.max_payload, link.max_payload);
	EXPECT_EQ(p->devices[0].requester.outstanding, requester.outstanding);
	platform_free(p);
	document_free(document);
	diag_clear(&diags);
}

TEST(platform_timing, every_key_arrives_where_it_belongs)
{
	static const char text[] =
		"timing: approximately-timed\n"
		"quantum: 2.5us\n"
		"memory: {tables: {latency: 70ns, slots: 3}, data: {latency: 1.25us, slots: 0}}\n"
		"processor: {mmio-read: 1ns, mmio-write: 2ns, interrupt: 3ns, poll: 4ns}\n"
		"iommus:\n"
		"  d: {model: vt-d, profile: sapphire-rapids, clock: 1.6GHz, walkers: 5, "
		"outstanding: 6,\n"
		"      queue: 7, merge: false, descriptor-latency: 9,\n"
		"      caches: {iotlb: {latency: 11, slots: 12}, context: {latency: 13, slots: 14},\n"
		"               pasid: {slots: 15}, first-stage: {slots: 16}}}\n"
		"  s: {model: smmuv3, clock: 800MHz, command-latency: 10, walkers: 0,\n"
		"      caches: {tlb: {slots: 17}, config: {latency: 18}}}\n"
		"devices:\n"
		"  3a:00.0: {iommu: d, issue-interval: 5ns, outstanding: 8, completion: 6500ps,\n"
		"            link: {generation: 6, lanes: 16, latency: 1ms, credits: 19,\n"
		"                   max-payload: 128, max-read-request: 4096}}\n";
	struct diags diags = { 0 };
	struct document *document;
	struct platform *p = read_text(text, &diags, &document);

	if (diags.count)
		ADD_FAILURE("%s", diags.items[0].message);
	ASSERT_TRUE(p != NULL);
	EXPECT_EQ(p->timing.mode, TIMING_APPROXIMATELY);
	EXPECT_EQ(p->timing.quantum, 2500000);
	EXPECT_EQ(p->timing.tables.latency, 70000);
	EXPECT_EQ(p->timing.tables.slots, 3);
	EXPECT_EQ(p->timing.data.latency, 1250000);
	EXPECT_EQ(p->timing.data.slots, 0);
	EXPECT_EQ(p->timing.processor.mmio_read, 1000);
	EXPECT_EQ(p->timing.processor.mmio_write, 2000);
	EXPECT_EQ(p->timing.processor.interrupt, 3000);
	EXPECT_EQ(p->timing.processor.poll, 4000);
	EXPECT_EQ(p->iommus[0].timing.clock_period, 625);
	EXPECT_EQ(p->iommus[0].timing.walkers, 5);
	EXPECT_EQ(p->iommus[0].timing.outstanding, 6);
	EXPECT_EQ(p->iommus[0].timing.queue, 7);
	EXPECT_FALSE(p->iommus[0].timing.merge);
	EXPECT_EQ(p->iommus[0].vtd.descriptor_latency, 9);
	EXPECT_EQ(p->iommus[0].vtd.iotlb.latency, 11);
	EXPECT_EQ(p->iommus[0].vtd.iotlb.slots, 12);
	EXPECT_EQ(p->iommus[0].vtd.context_cache.latency, 13);
	EXPECT_EQ(p->iommus[0].vtd.context_cache.slots, 14);
	EXPECT_EQ(p->iommus[0].vtd.pasid_cache.slots, 15);
	EXPECT_EQ(p->iommus[0].vtd.first_stage_pwc.slots, 16);
	EXPECT_EQ(p->iommus[1].timing.clock_period, 1250);
	EXPECT_EQ(p->iommus[1].timing.walkers, 0);
	EXPECT_EQ(p->iommus[1].smmu.command_latency, 10);
	EXPECT_EQ(p->iommus[1].smmu.tlb.slots, 17);
	EXPECT_EQ(p->iommus[1].smmu.config_cache.latency, 18);
	EXPECT_EQ(p->devices[0].requester.issue_interval, 5000);
	EXPECT_EQ(p->devices[0].requester.outstanding, 8);
	EXPECT_EQ(p->devices[0].requester.completion, 6500);
	EXPECT_EQ(p->devices[0].link.generation, 6);
	EXPECT_EQ(p->devices[0].link.lanes, 16);
	EXPECT_EQ(p->devices[0].link.latency, 1000000000);
	EXPECT_EQ(p->devices[0].link.credits, 19);
	EXPECT_EQ(p->devices[0].link.max_payload, 128);
	EXPECT_EQ(p->devices[0].link.max_read_request, 4096);
	platform_free(p);
	document_free(document);
	diag_clear(&diags);
}

struct bad_row {
	const char *name;
	const char *yaml;
	unsigned int line;
	const char *message; /* part of it */
};

#define VTD(keys) "iommus:\n  d: {model: vt-d, profile: sapphire-rapids, " keys "}\n"
#define DEVICE(keys) UNITS "devices:\n  3a:00.0: {iommu: d, " keys "}\n"
#define TIME "expected a time from 0ns to 1s, as in '90ns' or '1.5us'"
#define CLOCK "expected a frequency from 1MHz to 100GHz, as in '500MHz'"

static const struct bad_row bad_rows[] = {
	{ "unknown_mode", "timing: approximate\n" UNITS, 1, "approximately-timed" },
	{ "mode_as_list", "timing: []\n" UNITS, 1, "found a list" },
	{ "time_without_unit", "quantum: 5\n" UNITS, 1, TIME },
	{ "time_with_other_unit", "quantum: 5MHz\n" UNITS, 1, TIME },
	{ "time_with_space", "quantum: 5 us\n" UNITS, 1, TIME },
	{ "negative_time", "quantum: -5us\n" UNITS, 1, TIME },
	{ "time_beyond_a_second", "quantum: 1001ms\n" UNITS, 1, TIME },
	{ "endless_time", "quantum: infs\n" UNITS, 1, TIME },
	{ "time_not_a_number", "quantum: nans\n" UNITS, 1, TIME },
	{ "hexadecimal_time", "quantum: 0x5ns\n" UNITS, 1, TIME },
	{ "time_as_list", "quantum: [5ns]\n" UNITS, 1, TIME },
	{ "huge_time", "quantum: 1e300s\n" UNITS, 1, TIME },
	{ "unknown_memory_key", "memory: {tables: {latancy: 1ns}}\n" UNITS, 1,
	  "did you mean 'latency'?" },
	{ "memory_port_as_time", "memory: {tables: 90ns}\n" UNITS, 1, "as a mapping" },
	{ "negative_slots", "memory: {data: {slots: -1}}\n" UNITS, 1, "expected a number" },
	{ "too_many_slots", "memory: {data: {slots: 70000}}\n" UNITS, 1, "out of range" },
	{ "unknown_processor_key", "processor: {mmio: 1ns}\n" UNITS, 1, "unknown key 'mmio'" },
	{ "slow_clock", VTD("clock: 999kHz"), 2, CLOCK },
	{ "fast_clock", VTD("clock: 101GHz"), 2, CLOCK },
	{ "clock_as_period", VTD("clock: 2ns"), 2, CLOCK },
	{ "too_many_walkers", VTD("walkers: 65537"), 2, "out of range" },
	{ "merge_as_number", VTD("merge: 3"), 2, "expected true or false" },
	{ "cache_slots", VTD("caches: {iotlb: {slots: 65537}}"), 2, "out of range" },
	{ "long_descriptor", VTD("descriptor-latency: 1000001"), 2, "out of range" },
	{ "command_latency_of_vtd", VTD("command-latency: 1"), 2, "descriptor-latency" },
	{ "generation_0", DEVICE("link: {generation: 0}"), 3, "out of range" },
	{ "generation_7", DEVICE("link: {generation: 7}"), 3, "out of range" },
	{ "three_lanes", DEVICE("link: {lanes: 3}"), 3, "expected 0, 1, 2, 4, 8, 12, 16 or 32" },
	{ "small_payload", DEVICE("link: {max-payload: 64}"), 3, "out of range" },
	{ "odd_payload", DEVICE("link: {max-payload: 384}"), 3, "a power of two from 128 to 4096" },
	{ "large_read", DEVICE("link: {max-read-request: 8192}"), 3, "out of range" },
	{ "unknown_link_key", DEVICE("link: {gen: 4}"), 3, "unknown key 'gen' of link" },
	{ "link_as_number", DEVICE("link: 4"), 3, "as a mapping" },
	{ "no_tags", DEVICE("outstanding: 0"), 3, "out of range" },
	{ "interval_as_rate", DEVICE("issue-interval: 5MHz"), 3, TIME },
};

TEST_WITH_NAMED_PARAMS(impossible_timing, is_told_with_its_place, struct bad_row, bad_rows, name)
{
	struct diags diags = { 0 };
	struct document *document;
	struct platform *p = read_text(param->yaml, &diags, &document);

	EXPECT_TRUE(p == NULL);
	ASSERT_GE(diags.count, 1);
	EXPECT_EQ(diags.items[0].line, param->line);
	if (!strstr(diags.items[0].message, param->message))
		ADD_FAILURE("got: %s", diags.items[0].message);
	platform_free(p);
	document_free(document);
	diag_clear(&diags);
}

/* ---- what docs/timing.md says ---- */

/* Each key of an object of the schema stands in the first column of a table, with that before it. */
static void expect_rows(const char *text, json_t *defs, const char *const *path, const char *before)
{
	json_t *object = defs, *value;
	const char *key;

	for (; *path; path++)
		object = json_object_get(object, *path);
	EXPECT_GT(json_object_size(object), 0);
	json_object_foreach(object, key, value)
	{
		char row[128];

		snprintf(row, sizeof(row), "\n| `%s%s` |", before, key);
		expect_part(text, row);
	}
}

TEST(timing_docs, have_a_row_for_every_key_of_time)
{
	static const char *const link[] = { "platformDevice", "properties", "link", "properties",
					    NULL };
	static const char *const processor[] = { "platform", "properties", "processor",
						 "properties", NULL };
	static const char *const port[] = { "memoryPort", "properties", NULL };
	static const char *const others[] = {
		"timing",
		"quantum",
		"clock",
		"walkers",
		"queue",
		"outstanding",
		"merge",
		"descriptor-latency",
		"caches.*.latency",
		"caches.*.slots",
		"issue-interval",
		"completion",
		"command-latency",
	};
	char *text = read_file(VTDSIM_SOURCE_DIR "/docs/timing.md");
	json_t *schema = json_load_file(VTDSIM_SOURCE_DIR "/docs/scenario.schema.json", 0, NULL);
	json_t *defs = json_object_get(schema, "$defs");

	expect_rows(text, defs, link, "link.");
	expect_rows(text, defs, processor, "processor.");
	expect_rows(text, defs, port, "memory.tables.");
	expect_rows(text, defs, port, "memory.data.");
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		char row[128];

		snprintf(row, sizeof(row), "\n| `%s` |", others[i]);
		expect_part(text, row);
	}
	json_decref(schema);
	free(text);
}
