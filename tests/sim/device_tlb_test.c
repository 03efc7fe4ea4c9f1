/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device TLBs under the whole stack: what the drivers invalidate is enough for every shipped scenario, so that a
 * device with a TLB of its own reaches the same memory as one without.
 */
#include "gtest_c.h"
#include "machine.h"
#include "scenario/scenario.h"
#include "tree_place.h"

#include <ftw.h>

/* All functions behind VT-d have ATS, and a device TLB of so many entries. */
static void give_device_tlbs(const struct scenario *s, unsigned int entries)
{
	const struct platform *p = scenario_platform(s);

	for (size_t i = 0; i < p->device_count; i++) {
		/* legacy mode passes untranslated requests through alone */
		if (p->iommus[p->devices[i].iommu].kind != PLATFORM_VTD || p->devices[i].identity)
			continue;
		p->devices[i].function.ats = true;
		p->devices[i].function.device_tlb = (struct cache_geometry){ .entries = entries };
	}
}

static void run(const struct scenario *s, const char *kernel, unsigned int entries,
		struct run_result *result)
{
	const struct scenario_run_options options = { .kernel = kernel, .seed = 1 };

	memset(result, 0, sizeof(*result));
	give_device_tlbs(s, entries);
	scenario_run(s, &options, result);
}

static void expect_same_field(const struct step_result *a, const struct step_result *b,
			      const char *field)
{
	const json_t *x = json_object_get(a->result, field), *y = json_object_get(b->result, field);

	if (!x != !y || (x && !json_equal(x, y)))
		ADD_FAILURE("line %u, %s: %s differs", a->line, a->name, field);
}

static unsigned int dmas, hits;

/* What a fault is to one, may be a translation not granted to the other. */
static void expect_same_memory(const struct run_result *a, const struct run_result *b)
{
	static const char *const fields[] = { "done", "address", "page_size", "data" };

	EXPECT_EQ(a->outcome, b->outcome);
	ASSERT_EQ(a->step_count, b->step_count);
	for (size_t i = 0; i < a->step_count; i++) {
		EXPECT_EQ(!a->steps[i].errno_name, !b->steps[i].errno_name);
		if (strncmp(a->steps[i].name, "dma ", 4) != 0)
			continue;
		for (size_t n = 0; n < sizeof(fields) / sizeof(fields[0]); n++)
			expect_same_field(&a->steps[i], &b->steps[i], fields[n]);
		dmas++;
	}
}

static void count_hits(const struct run_result *result)
{
	const char *name;
	json_t *counters;

	json_object_foreach(result->counters, name, counters)
	{
		hits += (unsigned int)json_integer_value(
			json_object_get(counters, "device_tlb_hit"));
	}
}

static int compare_file(const char *path, const struct stat *status, int kind, struct FTW *ftw)
{
	struct diags diags = { 0 };
	struct scenario *s = NULL;
	char *text;

	(void)status;
	(void)ftw;
	/*
	 * those of ATS are about it, traffic is about time, with translation off there is no ATS, and who sets the
	 * root table pointer by hand tells no device
	 */
	if (kind != FTW_F || !strstr(path, ".yaml") || strstr(path, "/platforms/") ||
	    strstr(path, "/studies/") || strstr(path, "/validation/") || strstr(path, "/ats/") ||
	    strstr(path, "/protected-memory.") || strstr(path, "/root-pointer."))
		return 0;
	text = read_file(path);
	/*
	 * What is translated before it is routed does not meet a peer's BAR at the same address, and only
	 * what asks for translations asks for pages.
	 */
	if (!strstr(text, "traffic:") && !strstr(text, "bar:") && !strstr(text, "pri: true"))
		s = scenario_load(path, &diags);
	EXPECT_EQ(diags.count, 0);
	for (const char *const *kernel = s ? scenario_kernels(s) : NULL; kernel && *kernel;
	     kernel++) {
		struct run_result without, with;

		SCOPED_NOTE("%s on %s", scenario_name(s), *kernel);
		run(s, *kernel, 0, &without);
		run(s, *kernel, 4, &with);
		expect_same_memory(&without, &with);
		count_hits(&with);
		run_result_clear(&without);
		run_result_clear(&with);
	}
	scenario_free(s);
	diag_clear(&diags);
	free(text);
	return 0;
}

TEST(device_tlb, no_shipped_scenario_reaches_other_memory_with_one)
{
	dmas = hits = 0;
	EXPECT_EQ(nftw(VTDSIM_SOURCE_DIR "/scenarios", compare_file, 8, FTW_PHYS), 0);
	EXPECT_GE(dmas, 400u);
	EXPECT_GE(hits, 50u);
}

/* ---- time ---- */

/* Only the link and the device TLB take time: 1 us each way, 500 ns a lookup. */
static const char round_trips[] =
	"scenario: t\n"
	"kernel: mainline\n"
	"platform:\n"
	"  memory: {tables: {latency: 0ns}, data: {latency: 0ns}}\n"
	"  processor: {mmio-read: 0ns, mmio-write: 0ns, poll: 1ns}\n"
	"  iommus:\n"
	"    dmar0: {model: vt-d, profile: broadwell-ep, descriptor-latency: 0, invalidation-timeout: 50us,\n"
	"            caches: {context: {latency: 0}, iotlb: {latency: 0}, first-stage: {latency: 0},\n"
	"                     second-stage: {latency: 0}}}\n"
	"  devices:\n"
	"    0000:3a:00.0: {iommu: dmar0, group: 21, ats: true, link: {lanes: 0, latency: 1us}, issue-interval: 0ns,\n"
	"                   completion: 0ns, clock: 1GHz, device-tlb: {latency: 500, slots: 1}}\n"
	"steps:\n"
	"  - vmm: {open: c}\n"
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n"
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1v2_IOMMU}}\n"
	"  - vmm: {mmap: {name: ram, size: 4MiB, gpa: 0, page-size: 4KiB}}\n"
	"  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 4KiB, vaddr: ram}}\n"
	"  - device: {dma: {device: 0000:3a:00.0, address: 0}}\n"
	"  - device: {dma: {device: 0000:3a:00.0, address: 0}}\n"
	"  - device: {dma: {device: 0000:3a:00.0, access: write, address: 0}}\n"
	"  - device: {dma: {device: 0000:3a:00.0, address: 0x1000}}\n"
	"    expect: {status: ats-denied}\n"
	"  - device: {traffic: {device: 0000:3a:00.0, address: 0, window: 4KiB, count: 1000, outstanding: 32}}\n"
	"  - vmm: {VFIO_IOMMU_UNMAP_DMA: {container: c, iova: 0, size: 4KiB}}\n"
	"  - hardware: {ats-silent: 0000:3a:00.0}\n"
	"  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 4KiB, vaddr: ram}}\n"
	"  - vmm: {VFIO_IOMMU_UNMAP_DMA: {container: c, iova: 0, size: 4KiB}}\n";

static void run_round_trips(enum timing_mode timing, struct run_result *result)
{
	const struct scenario_run_options options = {
		.kernel = "mainline",
		.seed = 1,
		.has_timing = true,
		.timing = timing,
	};
	struct diags diags = { 0 };
	struct scenario *s = scenario_parse("t.yaml", round_trips, strlen(round_trips), &diags);

	if (diags.count)
		ADD_FAILURE("%u: %s", diags.items[0].line, diags.items[0].message);
	memset(result, 0, sizeof(*result));
	if (s)
		scenario_run(s, &options, result);
	EXPECT_EQ(result->verdict, VERDICT_PASS);
	scenario_free(s);
	diag_clear(&diags);
}

TEST(device_tlb, a_miss_costs_a_round_trip_and_an_invalidation_another)
{
	static const enum timing_mode timings[] = { TIMING_LOOSELY, TIMING_APPROXIMATELY };

	for (size_t i = 0; i < 2; i++) {
		struct run_result r;

		SCOPED_NOTE("%s", timing_mode_name(timings[i]));
		run_round_trips(timings[i], &r);
		ASSERT_EQ(r.step_count, 14);
		/* lookup, there and back for the translation, there and back for the data */
		EXPECT_EQ(r.steps[5].time_ns, 4500);
		EXPECT_EQ(r.steps[6].time_ns, 2500);
		/* a posted write has arrived after one way */
		EXPECT_EQ(r.steps[7].time_ns, 1500);
		/* what is denied is not sent */
		EXPECT_EQ(r.steps[8].time_ns, 2500);
		EXPECT_GE(r.steps[10].time_ns, 2000);
		EXPECT_LT(r.steps[10].time_ns, 2100);
		/* the driver tries three times */
		EXPECT_GE(r.steps[13].time_ns, 3 * 51000);
		EXPECT_LT(r.steps[13].time_ns, 3 * 52000);
		run_result_clear(&r);
	}
}

TEST(device_tlb, one_slot_serves_one_lookup_at_a_time)
{
	struct run_result r;

	run_round_trips(TIMING_APPROXIMATELY, &r);
	ASSERT_EQ(r.step_count, 14);
	/* 500 ns each */
	EXPECT_LE(json_integer_value(json_object_get(r.steps[9].result, "rate")), 2010000);
	EXPECT_GE(json_integer_value(json_object_get(r.steps[9].result, "rate")), 1900000);
	run_result_clear(&r);
}
