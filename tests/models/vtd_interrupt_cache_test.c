/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The interrupt entry cache: what it keeps, what removes it, and what an observer sees of it.
 */
#include "vtd_remapper.h"

#include "gtest_c.h"
#include "random.h"

#include <stdio.h>
#include <stdlib.h>

TEST(vtd_interrupt_cache, a_cached_entry_is_used_until_it_is_invalidated)
{
	struct remapper r = remapper_create();
	u64 irte[2];

	remapper_store_plain(&r, INDEX);
	remapper_send(&r, INDEX);
	remapper_plain_entry(irte);
	field_set(irte, "irte", "V", 0x55);
	remapper_store(&r, INDEX, irte);
	EXPECT_EQ(remapper_send(&r, INDEX).data, 0x4041);
	EXPECT_EQ(remapper_send(&r, INDEX).table_reads, 0);
	remapper_invalidate(&r, true, INDEX, 0);
	EXPECT_EQ(remapper_send(&r, INDEX).data, 0x4055);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_lookup"), 4);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_hit"), 2);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_fill"), 2);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_invalidate"), 1);
	machine_destroy(r.machine);
}

struct invalidation_row {
	const char *name;
	bool by_index;
	u32 index;
	unsigned int mask;
	u32 removed; /* bit n: index n */
};

static const struct invalidation_row invalidation_rows[] = {
	{ "global", false, 0, 0, 0xff },
	{ "global_ignores_the_index", false, 3, 15, 0xff },
	{ "one", true, 3, 0, 1 << 3 },
	{ "two", true, 2, 1, 3 << 2 },
	{ "four_aligned_down", true, 6, 2, 0xf << 4 },
	{ "all_by_mask", true, 0, 15, 0xff },
	{ "elsewhere", true, 16, 3, 0 },
};

TEST_WITH_NAMED_PARAMS(vtd_interrupt_cache, an_invalidation_removes_the_indices_that_it_names,
		       struct invalidation_row, invalidation_rows, name)
{
	struct remapper r = remapper_create();
	u32 index, removed = 0;

	for (index = 0; index < 8; index++) {
		remapper_store_plain(&r, index);
		remapper_send(&r, index);
	}
	remapper_invalidate(&r, param->by_index, param->index, param->mask);
	for (index = 0; index < 8; index++)
		removed |= remapper_send(&r, index).table_reads << index;
	EXPECT_EQ(removed, param->removed);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt_cache, invalidations_of_dma_remapping_leave_the_cache_alone)
{
	struct remapper r = remapper_create();

	remapper_store_plain(&r, INDEX);
	remapper_send(&r, INDEX);
	machine_invalidate_all(r.machine);
	EXPECT_EQ(remapper_send(&r, INDEX).table_reads, 0);
	vtd_evict_all(r.machine->unit);
	EXPECT_EQ(remapper_send(&r, INDEX).table_reads, 1);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt_cache, setting_the_table_invalidates_with_esirtps_alone)
{
	struct vtd_config config = machine_config();
	unsigned int esirtps;

	for (esirtps = 0; esirtps < 2; esirtps++) {
		struct remapper r;

		config.cap = with_field(config.cap, "cap", "ESIRTPS", esirtps);
		r = remapper_create_with(&config, 7);
		remapper_store_plain(&r, INDEX);
		remapper_send(&r, INDEX);
		machine_command(r.machine, SIRTP, true);
		EXPECT_EQ(remapper_send(&r, INDEX).table_reads, esirtps);
		machine_destroy(r.machine);
	}
}

TEST(vtd_interrupt_cache, without_a_cache_every_request_reads_its_entry)
{
	struct vtd_config config = machine_config();
	struct remapper r;

	machine_caches_off(&config);
	r = remapper_create_with(&config, 7);
	remapper_store_plain(&r, INDEX);
	EXPECT_EQ(remapper_send(&r, INDEX).table_reads, 1);
	EXPECT_EQ(remapper_send(&r, INDEX).table_reads, 1);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_lookup"), 0);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt_cache, lookups_take_the_time_of_the_cache)
{
	struct vtd_config config = machine_config();
	struct remapper r;

	config.interrupt_cache.latency = 9;
	r = remapper_create_with(&config, 7);
	remapper_store_plain(&r, INDEX);
	r.machine->cycles = 0;
	remapper_send(&r, INDEX);
	EXPECT_EQ(r.machine->cycles, 9);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt_cache, an_observer_sees_entry_cache_and_message)
{
	struct remapper r = remapper_create();
	const struct port_event *event;

	remapper_store_plain(&r, INDEX);
	remapper_send(&r, INDEX);
	event = machine_event(r.machine, PORT_EVENT_TABLE_READ, "interrupt remapping entry");
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->address.v, r.table + INDEX * 16);
	EXPECT_EQ(event->len, 16);
	event = machine_event(r.machine, PORT_EVENT_CACHE_MISS, "interrupt entry cache");
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->input, INDEX);
	EXPECT_NE(machine_event(r.machine, PORT_EVENT_CACHE_FILL, "interrupt entry cache"), NULL);
	event = machine_event(r.machine, PORT_EVENT_TRANSLATED, "interrupt request");
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->input, remappable_address(INDEX));
	EXPECT_EQ(event->output, 0xfee03000);
	remapper_send(&r, INDEX);
	EXPECT_NE(machine_event(r.machine, PORT_EVENT_CACHE_HIT, "interrupt entry cache"), NULL);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt_cache, nobody_looking_changes_nothing)
{
	struct vtd_config config = machine_config();
	struct remapper r;
	u64 irte[2] = { 0 };

	config.cap = with_field(config.cap, "cap", "PI", 1);
	r.machine = machine_create(&config, false);
	r.table = machine_page(r.machine);
	machine_write64(r.machine, IRTA, r.table | 7);
	machine_command(r.machine, SIRTP, true);
	machine_command(r.machine, IRE, true);
	remapper_store_plain(&r, INDEX);
	EXPECT_EQ(remapper_send(&r, INDEX).data, 0x4041);
	EXPECT_EQ(remapper_send(&r, INDEX).data, 0x4041);
	/* posted, to a descriptor of zeroes */
	field_set(irte, "irte-posted", "P", 1);
	field_set(irte, "irte-posted", "IM", 1);
	field_set(irte, "irte-posted", "PDAL", machine_page(r.machine) >> 6);
	remapper_store(&r, INDEX + 1, irte);
	EXPECT_TRUE(remapper_send(&r, INDEX + 1).posted);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt_cache, an_invalidation_waits_for_interrupts_under_way)
{
	struct remapper r = remapper_create();
	const u64 all[4] = { 4 };
	unsigned int drains = r.machine->drains;

	machine_submit(r.machine, all);
	EXPECT_EQ(r.machine->drains, drains + 1);
	machine_destroy(r.machine);
}

/* An entry changes and its invalidation completes after the unit has read the old one. */
static void change_entry(struct machine *machine, hpa_t address)
{
	struct remapper *r = machine->arg;

	if (address.v != r->table + INDEX * 16)
		return;
	machine->on_read = NULL;
	machine_store(machine, r->table + INDEX * 16,
		      machine_load(machine, address.v) ^ 0xff << 16);
	remapper_invalidate(r, true, INDEX, 0);
}

TEST(vtd_interrupt_cache, an_invalidation_that_completes_during_the_read_wins)
{
	struct remapper r = remapper_create();

	remapper_store_plain(&r, INDEX);
	r.machine->arg = &r;
	r.machine->on_read = change_entry;
	EXPECT_EQ(remapper_send(&r, INDEX).data, 0x40be);
	EXPECT_EQ(remapper_send(&r, INDEX).data, 0x40be);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_hit"), 1);
	machine_destroy(r.machine);
}

/* Software has the unit use another table, and no entry of the first one, while one of those is read. */
static void replace_table(struct machine *machine, hpa_t address)
{
	struct remapper *tables = machine->arg;

	if (address.v != tables[0].table + INDEX * 16)
		return;
	machine->on_read = NULL;
	machine_write64(machine, IRTA, tables[1].table | 7);
	machine_command(machine, SIRTP, true);
	remapper_invalidate(tables, false, 0, 0);
}

TEST(vtd_interrupt_cache, a_table_that_is_replaced_during_the_read_is_used_no_more)
{
	struct remapper tables[2] = { remapper_create() };
	struct machine *machine = tables[0].machine;
	u64 irte[2];

	tables[1] = (struct remapper){ machine, machine_page(machine) };
	remapper_store_plain(&tables[0], INDEX);
	remapper_plain_entry(irte);
	field_set(irte, "irte", "V", 0x77);
	remapper_store(&tables[1], INDEX, irte);
	machine->arg = tables;
	machine->on_read = replace_table;
	EXPECT_EQ(remapper_send(&tables[0], INDEX).data, 0x4077);
	EXPECT_EQ(remapper_send(&tables[0], INDEX).data, 0x4077);
	EXPECT_EQ(machine_counter(machine, "int_cache_hit"), 1);
	machine_destroy(machine);
}

/* The same with a table so small that it has no such entry. */
static void shrink_table(struct machine *machine, hpa_t address)
{
	struct remapper *r = machine->arg;

	if (address.v != r->table + INDEX * 16)
		return;
	machine->on_read = NULL;
	machine_write64(machine, IRTA, r->table | 1);
	machine_command(machine, SIRTP, true);
	remapper_invalidate(r, false, 0, 0);
}

TEST(vtd_interrupt_cache, a_table_that_shrinks_during_the_read_has_the_entry_no_more)
{
	struct remapper r = remapper_create();

	remapper_store_plain(&r, INDEX);
	r.machine->arg = &r;
	r.machine->on_read = shrink_table;
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_INDEX_TOO_LARGE);
	machine_destroy(r.machine);
}

static void invalidate_again(struct machine *machine, hpa_t address)
{
	struct remapper *r = machine->arg;

	if (address.v != r->table + INDEX * 16)
		return;
	remapper_invalidate(r, false, 0, 0);
}

TEST(vtd_interrupt_cache, software_that_invalidates_without_end_gets_what_there_is)
{
	struct remapper r = remapper_create();
	struct translation_result result;

	remapper_store_plain(&r, INDEX);
	r.machine->arg = &r;
	r.machine->on_read = invalidate_again;
	result = remapper_send(&r, INDEX);
	EXPECT_EQ(result.data, 0x4041);
	EXPECT_EQ(result.table_reads, 16);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_fill"), 0);
	machine_destroy(r.machine);
}

/* --- random entries ---------------------------------------------------------------------- */

#define RANDOM_ENTRIES 32u
#define RANDOM_STEPS 4000

/* Mostly a plain entry, with one thing about it that differs. */
static void random_entry(u64 irte[2], u64 *state)
{
	remapper_plain_entry(irte);
	field_set(irte, "irte", "V", 0x20 + random_next(state) % 64);
	switch (random_next(state) % 8) {
	case 0:
		field_set(irte, "irte", "P", 0);
		break;
	case 1:
		field_set(irte, "irte", "SID", OTHER_DEVICE);
		break;
	case 2:
		field_set(irte, "irte", "SVT", random_next(state) % 4);
		break;
	case 3:
		field_set(irte, "irte", "DST", random_next(state) % 0x10000);
		break;
	default:
		break;
	}
	field_set(irte, "irte", "FPD", random_next(state) % 2);
}

/* The halves of the fault record, if there is one, which is cleared; of the next one, as records come in turn. */
static u64 take_record(struct machine *machine)
{
	u32 status = machine_read32(machine, 0x34);
	u64 record[2];

	if (!(status & 2))
		return 0;
	machine_frcd(machine, status >> 8 & 0xff, record);
	machine_write64(machine, machine_frcd_offset(machine, status >> 8 & 0xff) + 8, 1ULL << 63);
	return record[0] ^ record[1];
}

/* By index with any mask, or all. */
static void invalidate_changed(const struct remapper *r, u32 index, u64 how)
{
	if (how < 6)
		remapper_invalidate(r, true, index, (unsigned int)how);
	else
		remapper_invalidate(r, false, 0, 0);
}

/* Two units, without a cache and with one of four entries: true if all that is to be seen of them is the same. */
static bool cache_is_transparent(u64 seed, bool caching_mode, bool forgets)
{
	struct vtd_config config = machine_config();
	struct remapper r[2];
	bool same = true;
	unsigned int i;

	config.cap = with_field(config.cap, "cap", "CM", caching_mode);
	config.ecap = with_field(config.ecap, "ecap", "MHMV", 15);
	config.interrupt_cache = (struct cache_geometry){ .entries = 0 };
	r[0] = remapper_create_with(&config, 4);
	config.interrupt_cache = (struct cache_geometry){ .entries = 4, .assoc = 2 };
	r[1] = remapper_create_with(&config, 4);
	for (i = 0; same && i < RANDOM_STEPS; i++) {
		u32 index = (u32)(random_next(&seed) % RANDOM_ENTRIES);
		struct translation_result results[2];
		u64 how = random_next(&seed) % 7;

		if (random_next(&seed) % 4 == 0) {
			u64 irte[2];

			random_entry(irte, &seed);
			remapper_store(&r[0], index, irte);
			remapper_store(&r[1], index, irte);
			if (!forgets)
				invalidate_changed(&r[1], index, how);
		}
		results[0] = remapper_send(&r[0], index);
		results[1] = remapper_send(&r[1], index);
		same = results[0].fault == results[1].fault && results[0].data == results[1].data &&
		       results[0].address.v == results[1].address.v &&
		       take_record(r[0].machine) == take_record(r[1].machine);
	}
	EXPECT_TRUE(!same || machine_counter(r[1].machine, "int_cache_hit") > RANDOM_STEPS / 20);
	machine_destroy(r[0].machine);
	machine_destroy(r[1].machine);
	return same;
}

TEST(vtd_interrupt_cache, it_changes_nothing_that_is_to_be_seen_as_long_as_entries_are_invalidated)
{
	const char *text = getenv("VTDSIM_SEED");
	u64 seed = text ? strtoull(text, NULL, 0) : 1;

	printf("VTDSIM_SEED=%llu\n", seed);
	for (unsigned int caching_mode = 0; caching_mode < 2; caching_mode++) {
		EXPECT_TRUE(cache_is_transparent(seed, caching_mode, false));
		EXPECT_FALSE(cache_is_transparent(seed, caching_mode, true));
	}
}
