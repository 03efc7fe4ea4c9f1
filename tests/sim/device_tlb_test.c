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
	struct scenario *s;
	char *text;

	(void)status;
	(void)ftw;
	/* those of ATS are about it, and traffic is about time */
	if (kind != FTW_F || !strstr(path, ".yaml") || strstr(path, "/platforms/") ||
	    strstr(path, "/studies/") || strstr(path, "/validation/") || strstr(path, "/ats-"))
		return 0;
	text = read_file(path);
	s = strstr(text, "traffic:") ? NULL : scenario_load(path, &diags);
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
