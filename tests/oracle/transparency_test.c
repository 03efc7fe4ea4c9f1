/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Caches change no result: random requests to both units of a rig (transparency.h) while its tables are
 * edited. Without one of the invalidations that the specification requires, results differ.
 */
#include "transparency.h"

#include "../models/plain_port.h"
#include "gtest_c.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EDITS 40 /* of a machine */
#define REQUESTS_EACH 6 /* before and after an edit */

/* --- the units --------------------------------------------------------------------------- */

/* Entries that a request has changed, in either memory. */
static struct {
	hpa_t entries[128];
	unsigned int count;
} marked;

static enum port_status on_exchange(void *ctx, hpa_t address, u64 *expected, u64 desired)
{
	if (marked.count < sizeof(marked.entries) / sizeof(marked.entries[0]))
		marked.entries[marked.count++] = address;
	return memory_compare_exchange(ctx, address, expected, desired);
}

static struct vtd_unit *start_unit(const struct rig *rig, const struct vtd_config *config,
				   struct memory *memory)
{
	static struct port_ops ops;
	struct port port = plain_port(memory);
	struct vtd_unit *unit;

	ops = *port.ops;
	ops.compare_exchange = on_exchange;
	port.ops = &ops;
	unit = vtd_create(config, &port);

	vtd_mmio_write(unit, RTADDR, 8, rig->scene->root_table_address);
	vtd_mmio_write(unit, GCMD, 4, BIT(30));
	vtd_mmio_write(unit, IQA, 8, QUEUE | (rig->wide ? BIT(11) : 0));
	vtd_mmio_write(unit, GCMD, 4, BIT(26));
	vtd_mmio_write(unit, GCMD, 4, BIT(31) | BIT(26));
	return unit;
}

static struct memory *copy_of(const struct scene *scene)
{
	struct memory *copy = memory_create(scene->config.host_address_width);
	u8 page[4096];
	unsigned int i;

	for (i = 0; i < scene->page_count; i++) {
		hpa_t at = hpa(SCENE_BASE + (u64)i * 4096);

		memory_read(scene->memory, at, page, sizeof(page));
		memory_write(copy, at, page, sizeof(page));
	}
	return copy;
}

static void set_caching_mode(struct vtd_config *config, bool caching_mode)
{
	config->cap = (config->cap & ~BIT(7)) | (caching_mode ? BIT(7) : 0);
}

static void rig_start(struct rig *rig, u64 seed, enum cache_policy policy, bool caching_mode)
{
	const struct cache_geometry tiny = { .entries = 4, .assoc = 2, .policy = policy, .seed = 7 };
	struct vtd_config config;

	*rig = (struct rig){ .scene = scene_create(seed, true) };
	set_caching_mode(&rig->scene->config, caching_mode);
	config = rig->scene->config;
	rig->wide = rig->scene->root_table_address & BIT(10);
	rig->memories[0] = rig->scene->memory;
	rig->memories[1] = copy_of(rig->scene);
	rig->pristine = copy_of(rig->scene);
	rig->units[0] = start_unit(rig, &config, rig->memories[0]);
	config.context_cache = config.pasid_cache = config.iotlb = tiny;
	config.first_stage_pwc = config.second_stage_pwc = tiny;
	rig->units[1] = start_unit(rig, &config, rig->memories[1]);
}

static void rig_stop(struct rig *rig)
{
	vtd_destroy(rig->units[0]);
	vtd_destroy(rig->units[1]);
	memory_destroy(rig->memories[1]);
	memory_destroy(rig->pristine);
	scene_destroy(rig->scene);
}

/* --- comparing --------------------------------------------------------------------------- */

/* What is there to be seen of a result, but for what it cost. */
static bool same(const struct translation_result *a, const struct translation_result *b)
{
	return a->fault == b->fault && a->address.v == b->address.v &&
	       a->page_size == b->page_size && a->rights == b->rights &&
	       a->interrupt == b->interrupt && a->ats_status == b->ats_status &&
	       a->completion == b->completion;
}

/* The fault record that a request has left, which is then cleared. */
struct record {
	bool pending;
	u64 low, high;
};

static struct record take_record(struct vtd_unit *unit, u64 cap)
{
	u32 status = (u32)vtd_mmio_read(unit, FSTS, 4);
	u32 at = (u32)(cap >> 24 & 0x3ff) * 16 + 16 * (status >> 8 & 0xff);
	struct record record = { .pending = status & 2 };

	if (!record.pending)
		return record;
	record.low = vtd_mmio_read(unit, at, 8);
	record.high = vtd_mmio_read(unit, at + 8, 8);
	vtd_mmio_write(unit, at + 8, 8, BIT(63));
	return record;
}

static bool same_records(const struct rig *rig)
{
	u64 cap = rig->scene->config.cap;
	struct record a = take_record(rig->units[0], cap), b = take_record(rig->units[1], cap);

	return a.pending == b.pending && a.low == b.low && a.high == b.high;
}

static bool same_marks(const struct rig *rig)
{
	unsigned int i;

	for (i = 0; i < marked.count; i++) {
		u64 values[2] = { 0 };

		memory_read(rig->memories[0], marked.entries[i], &values[0], 8);
		memory_read(rig->memories[1], marked.entries[i], &values[1], 8);
		if (values[0] != values[1])
			return false;
	}
	return true;
}

static bool ask(struct rig *rig, const struct translation_request *request)
{
	struct translation_result results[2];

	marked.count = 0;
	vtd_translate(rig->units[0], request, &results[0]);
	vtd_translate(rig->units[1], request, &results[1]);
	return same_records(rig) && same(&results[0], &results[1]) && same_marks(rig);
}

/* Edits and requests in turn; false if a result differed. */
static bool caches_are_transparent(struct rig *rig)
{
	unsigned int i, j;

	for (i = 0; i < EDITS; i++) {
		for (j = 0; j < REQUESTS_EACH; j++) {
			const struct translation_request request = scene_request(rig->scene);

			if (!ask(rig, &request))
				return false;
		}
		rig_edit(rig);
	}
	return true;
}

static unsigned long long setting(const char *name, unsigned long long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static unsigned long long first_seed(void)
{
	return setting("VTDSIM_SEED", 1);
}

/* Machines until a result differs: the seed of that, or 0. */
static u64 find_difference(enum cache_policy policy, enum demand left_out, bool caching,
			   unsigned long long machines)
{
	u64 seed = first_seed(), end = seed + machines;

	for (; seed < end; seed++) {
		struct rig rig;
		bool transparent;

		rig_start(&rig, seed, policy, caching);
		rig.left_out = left_out;
		transparent = caches_are_transparent(&rig);
		rig_stop(&rig);
		if (!transparent)
			return seed;
	}
	return 0;
}

/* --- the rules --------------------------------------------------------------------------- */

struct policy_row {
	const char *name;
	enum cache_policy policy;
	bool caching_mode;
};

static const struct policy_row policies[] = {
	{ "lru", CACHE_LRU, false },
	{ "round_robin", CACHE_ROUND_ROBIN, false },
	{ "random", CACHE_RANDOM, false },
	{ "lru_caching_mode", CACHE_LRU, true },
	{ "round_robin_caching_mode", CACHE_ROUND_ROBIN, true },
	{ "random_caching_mode", CACHE_RANDOM, true },
};

TEST_WITH_NAMED_PARAMS(transparency,
		       with_the_invalidations_that_are_required_caches_change_no_result,
		       struct policy_row, policies, name)
{
	u64 seed = find_difference(param->policy, NOTHING_LEFT_OUT, param->caching_mode,
				   setting("VTDSIM_TRANSPARENCY_MACHINES", 400));

	printf("VTDSIM_SEED=%llu\n", first_seed());
	if (seed)
		ADD_FAILURE("a result differs: VTDSIM_SEED=%llu", seed);
}

struct demand_row {
	const char *name;
	enum demand demand;
	bool caching_mode;
};

/* Of what Table 28 requires. */
static const struct demand_row demands[] = {
	{ "context_cache_after_a_root_entry", ROOT_CONTEXT, false },
	{ "pasid_cache_after_a_root_entry", ROOT_PASID, false },
	{ "iotlb_after_a_root_entry", ROOT_IOTLB, false },
	{ "context_cache_after_a_context_entry", CONTEXT_CONTEXT, false },
	{ "pasid_cache_after_a_context_entry", CONTEXT_PASID, false },
	{ "iotlb_after_a_context_entry", CONTEXT_IOTLB, false },
	{ "context_cache_after_a_legacy_context_entry", LEGACY_CONTEXT_CONTEXT, false },
	{ "iotlb_after_a_legacy_context_entry", LEGACY_CONTEXT_IOTLB, false },
	{ "pasid_cache_after_a_directory_entry", DIRECTORY_PASID, false },
	{ "iotlb_after_a_directory_entry", DIRECTORY_IOTLB, false },
	{ "pasid_cache_after_a_pasid_entry", PASID_ENTRY_PASID, false },
	{ "iotlb_after_a_pasid_entry_that_goes", ABSENT_PASID_ENTRY_IOTLB, false },
	{ "pasid_iotlb_after_a_pasid_entry", PASID_ENTRY_PASID_IOTLB, false },
	{ "pasid_iotlb_after_a_first_stage_leaf", FIRST_LEAF_PASID_IOTLB, false },
	{ "pasid_iotlb_after_a_first_stage_table", FIRST_TABLE_PASID_IOTLB, false },
	{ "no_hint_after_a_first_stage_table", FIRST_TABLE_HINT, false },
	{ "iotlb_after_a_second_stage_leaf", SECOND_LEAF_IOTLB, false },
	{ "iotlb_after_a_second_stage_table", SECOND_TABLE_IOTLB, false },
	{ "no_hint_after_a_second_stage_table", SECOND_TABLE_HINT, false },
	{ "iotlb_after_a_second_stage_entry_that_comes_in_caching_mode", ABSENT_SECOND_IOTLB,
	  true },
	{ "context_cache_after_a_context_entry_that_comes_in_caching_mode", ABSENT_CONTEXT_CONTEXT,
	  true },
	{ "pasid_cache_after_a_pasid_entry_that_comes_in_caching_mode", ABSENT_PASID_ENTRY_PASID,
	  true },
};

TEST_WITH_NAMED_PARAMS(transparency, a_result_differs_without, struct demand_row, demands, name)
{
	EXPECT_NE(find_difference(CACHE_LRU, param->demand, param->caching_mode, 2000), 0);
}
