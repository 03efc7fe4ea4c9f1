/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an observer sees of a request: every table entry in order, caches, stages, results, faults.
 */
#include <string.h>

#include "gtest_c.h"
#include "vtd_machine.h"

#define INPUT 0x7f1234567000ULL
#define GUEST 0x40000000ULL
#define HOST 0x123456000ULL

static struct machine *watched(bool caches)
{
	struct vtd_config config = machine_config();
	struct machine *machine;
	u64 entry[8];

	if (!caches)
		machine_caches_off(&config);
	machine = machine_create(&config, true);
	machine_start(machine, MODE_SCALABLE);
	machine_stages(machine, 4, 4, true);
	machine_pasid_entry(machine, entry, NESTED);
	machine_store_pasid(machine, 1, entry);
	machine_map_first(machine, INPUT, GUEST, 4 * KIB, FS_P | FS_W | FS_U);
	machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_R | SS_W);
	machine->event_count = 0;
	return machine;
}

TEST(vtd_observe, a_nested_walk_shows_its_28_reads_in_order)
{
	static const char *const first[] = { "scalable root entry", "scalable context entry",
					     "PASID directory entry", "PASID table entry" };
	static const char *const second[] = { "second-stage PML4E", "second-stage PDPE",
					      "second-stage PDE", "second-stage PTE" };
	static const char *const stage[] = { "first-stage PML4E", "first-stage PDPE",
					     "first-stage PDE", "first-stage PTE" };
	const char *expected[28];
	struct machine *machine = watched(false);
	unsigned int i, j, n = 0;

	for (i = 0; i < 4; i++)
		expected[n++] = first[i];
	for (i = 0; i < 5; i++) {
		for (j = 0; j < 4; j++)
			expected[n++] = second[j];
		if (i < 4)
			expected[n++] = stage[i];
	}
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	ASSERT_EQ(machine_event_total(machine, PORT_EVENT_TABLE_READ), 28);
	for (i = 0, n = 0; i < machine->event_count; i++) {
		const struct port_event *event = &machine->events[i];

		if (event->kind != PORT_EVENT_TABLE_READ)
			continue;
		EXPECT_STREQ(event->what, expected[n]);
		EXPECT_EQ(event->status, PORT_OK);
		EXPECT_EQ(event->input, INPUT);
		n++;
	}
	machine_destroy(machine);
}

TEST(vtd_observe, a_read_tells_address_data_level_and_guest_address)
{
	struct machine *machine = watched(false);
	const struct port_event *event;

	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	event = machine_event(machine, PORT_EVENT_TABLE_READ, "first-stage PTE");
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->address.v, machine_first_entry(machine, INPUT, 1));
	EXPECT_TRUE(event->via_gpa);
	EXPECT_EQ(event->table_gpa, event->address.v - MACHINE_GUEST_BASE);
	EXPECT_EQ(event->len, 8);
	EXPECT_EQ(event->data[0], GUEST | FS_P | FS_W | FS_U);
	EXPECT_EQ(event->level, 1);
	event = machine_event(machine, PORT_EVENT_TABLE_READ, "PASID table entry");
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->len, 64);
	EXPECT_FALSE(event->via_gpa);
	EXPECT_EQ(field_get(event->data, "pasid-entry", "PGTT"), NESTED);
	machine_destroy(machine);
}

TEST(vtd_observe, stages_and_result_are_shown)
{
	struct machine *machine = watched(false);
	const struct port_event *event;

	EXPECT_EQ(machine_read(machine, 1, INPUT + 5).fault, 0);
	event = machine_event(machine, PORT_EVENT_TRANSLATED, "first stage");
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->input, INPUT + 5);
	EXPECT_EQ(event->output, GUEST + 5);
	event = machine_event(machine, PORT_EVENT_TRANSLATED, "translation");
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->output, HOST + 5);
	EXPECT_EQ(event->page_size, 4096);
	/* 4 first-stage tables and the page itself */
	EXPECT_EQ(machine_event_total(machine, PORT_EVENT_TRANSLATED), 5 + 2);
	machine_destroy(machine);
}

TEST(vtd_observe, write_backs_are_shown)
{
	struct machine *machine = watched(false);
	const struct port_event *event;

	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, 0);
	EXPECT_EQ(machine_event_total(machine, PORT_EVENT_TABLE_WRITE), 4);
	event = machine_event(machine, PORT_EVENT_TABLE_WRITE, "first-stage PTE");
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->data[0], GUEST | FS_P | FS_W | FS_U | FS_A | FS_D);
	machine_destroy(machine);
}

TEST(vtd_observe, cache_misses_fills_and_hits_are_shown)
{
	static const char *const caches[] = { "context cache", "PASID cache", "iotlb" };
	struct machine *machine = watched(true);
	unsigned int i;

	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	for (i = 0; i < 3; i++) {
		EXPECT_NE(machine_event(machine, PORT_EVENT_CACHE_MISS, caches[i]), NULL);
		EXPECT_NE(machine_event(machine, PORT_EVENT_CACHE_FILL, caches[i]), NULL);
		EXPECT_EQ(machine_event(machine, PORT_EVENT_CACHE_HIT, caches[i]), NULL);
	}
	EXPECT_EQ(machine_event(machine, PORT_EVENT_CACHE_FILL, "iotlb")->page_size, 4 * KIB);
	EXPECT_NE(machine_event(machine, PORT_EVENT_CACHE_FILL, "first-stage PDE cache"), NULL);
	EXPECT_NE(machine_event(machine, PORT_EVENT_CACHE_FILL, "second-stage PML4E cache"), NULL);
	machine->event_count = 0;
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	for (i = 0; i < 3; i++)
		EXPECT_NE(machine_event(machine, PORT_EVENT_CACHE_HIT, caches[i]), NULL);
	EXPECT_EQ(machine_event_total(machine, PORT_EVENT_TABLE_READ), 0);
	machine_invalidate_iotlb(machine, 3, MACHINE_DOMAIN, 0x8000000000);
	machine->event_count = 0;
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	EXPECT_NE(machine_event(machine, PORT_EVENT_CACHE_HIT, "second-stage PDE cache"), NULL);
	machine_invalidate_pasid_iotlb(machine, 3, 1, INPUT | 1 << 6);
	machine->event_count = 0;
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	EXPECT_NE(machine_event(machine, PORT_EVENT_CACHE_HIT, "first-stage PDE cache"), NULL);
	machine_destroy(machine);
}

TEST(vtd_observe, a_fault_shows_its_code_and_text)
{
	struct machine *machine = watched(true);
	const struct port_event *event;

	EXPECT_EQ(machine_read(machine, 1, 0x1000).fault, VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT);
	event = machine_event(machine, PORT_EVENT_FAULT, NULL);
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->code, VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT);
	EXPECT_STREQ(event->what, vtd_fault_info(event->code)->text);
	machine_destroy(machine);
}

TEST(vtd_observe, a_read_shows_which_bits_of_an_entry_that_is_present_are_reserved)
{
	struct machine *machine = watched(false);
	u64 at = machine_first_entry(machine, INPUT, 1), entry[8];
	const struct port_event *event;

	/* without NXE, XD is one of them; 52 is ignored, 46 lies beyond the host's width */
	machine_store(machine, at, machine_load(machine, at) | FS_XD | 1ULL << 52 | 1ULL << 46);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_FIRST_STAGE_RESERVED);
	event = machine_event(machine, PORT_EVENT_TABLE_READ, "first-stage PTE");
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->reserved[0], FS_XD | 1ULL << 46);
	EXPECT_EQ(machine_event(machine, PORT_EVENT_TABLE_READ, "first-stage PDE")->reserved[0], 0);

	/* of the second stage bit 62 */
	EXPECT_EQ(machine_event(machine, PORT_EVENT_TABLE_READ, "second-stage PML4E")->reserved[0],
		  0);
	at = machine_second_entry(machine, GUEST, 4);
	machine_store(machine, at, machine_load(machine, at) | 1ULL << 62);
	machine_invalidate_all(machine);
	machine->event_count = 0;
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_SECOND_STAGE_RESERVED);
	event = machine_event(machine, PORT_EVENT_TABLE_READ, "second-stage PML4E");
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->reserved[0], 1ULL << 62);
	machine_store(machine, at, machine_load(machine, at) & ~(1ULL << 62));
	at = machine_first_entry(machine, INPUT, 1);

	machine_pasid_entry(machine, entry, NESTED);
	entry[3] |= 1ULL << 8;
	machine_store_pasid(machine, 1, entry);
	machine_invalidate_all(machine);
	machine->event_count = 0;
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_PASID_ENTRY_RESERVED);
	event = machine_event(machine, PORT_EVENT_TABLE_READ, "PASID table entry");
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->reserved[3], 1ULL << 8);

	/* of what is not present, nothing is */
	machine_store(machine, at, FS_XD);
	machine_pasid_entry(machine, entry, NESTED);
	machine_store_pasid(machine, 1, entry);
	machine_invalidate_all(machine);
	machine->event_count = 0;
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT);
	event = machine_event(machine, PORT_EVENT_TABLE_READ, "first-stage PTE");
	EXPECT_EQ(event->reserved[0], 0);
	machine_destroy(machine);
}

static const char *completion_shown(struct machine *machine, u64 address)
{
	struct translation_request request = dma_with_pasid(ACCESS_READ, address, 1);
	const struct port_event *event;

	request.type = ADDRESS_TRANSLATION_REQUEST;
	machine->event_count = 0;
	machine_dma(machine, &request);
	event = machine_event(machine, PORT_EVENT_TRANSLATED, "translation completion");
	return event ? event->detail : NULL;
}

TEST(vtd_observe, completions_show_what_they_grant_or_why_nothing)
{
	struct machine *machine = watched(true);
	struct translation_request request = dma_request(ACCESS_READ, HOST);
	u64 at = machine_context_address(machine);

	machine_store(machine, at, machine_load(machine, at) | 1 << 2); /* DTE */
	machine_invalidate_all(machine);
	EXPECT_STREQ(completion_shown(machine, INPUT), "grants R W");
	EXPECT_STREQ(completion_shown(machine, INPUT + 4096),
		     "grants nothing: A first-stage entry is not present");
	request.type = ADDRESS_TRANSLATED;
	EXPECT_EQ(machine_dma(machine, &request).fault, VTD_FAULT_NONE);
	EXPECT_NE(machine_event(machine, PORT_EVENT_TRANSLATED, "translated request"), NULL);
	machine_command(machine, 31, false); /* TE */
	EXPECT_STREQ(completion_shown(machine, INPUT), "unsupported request: translation is off");
	machine_destroy(machine);
}

static u64 shown_reserved(struct machine *machine, const char *what, unsigned int quadword)
{
	const struct port_event *event = machine_event(machine, PORT_EVENT_TABLE_READ, what);

	return event ? event->reserved[quadword] : ~0ULL;
}

TEST(vtd_observe, the_pointer_of_a_legacy_pass_through_entry_is_not_reserved)
{
	const struct vtd_config config = machine_config();
	const u64 beyond = 1ULL << config.host_address_width;
	int tt;

	for (tt = 0; tt <= 2; tt += 2) {
		struct machine *machine = machine_create(&config, true);
		u64 at;

		machine_start(machine, MODE_LEGACY);
		machine_stages(machine, 4, 4, false);
		machine_legacy_context(machine, (unsigned int)tt);
		at = machine_context_address(machine);
		machine_store(machine, at, machine_load(machine, at) | beyond);
		EXPECT_EQ(machine_rid_read(machine, 0).fault,
			  tt ? VTD_FAULT_NONE : VTD_FAULT_CONTEXT_RESERVED);
		EXPECT_EQ(shown_reserved(machine, "context entry", 0), tt ? 0 : beyond);
		machine_destroy(machine);
	}
}

TEST(vtd_observe, of_a_scalable_root_entry_the_half_that_is_used_shows_what_is_reserved)
{
	const struct vtd_config config = machine_config();
	const u64 beyond = 1ULL << config.host_address_width;
	unsigned int upper;

	for (upper = 0; upper < 2; upper++) {
		struct machine *machine = machine_create(&config, true);
		struct translation_request request = dma_request(ACCESS_READ, 0);
		u64 at;

		machine_start(machine, MODE_SCALABLE);
		at = machine->root_table + (MACHINE_DEVICE >> 8) * 16;
		/* the other half is not present */
		machine_store(machine, at, machine->context_table | !upper | 1 << 2);
		machine_store(machine, at + 8, machine->context_table | upper | beyond);
		request.source_id = (u16)(MACHINE_DEVICE + upper * 0x80);
		EXPECT_EQ(machine_dma(machine, &request).fault, VTD_FAULT_SM_ROOT_RESERVED);
		EXPECT_EQ(shown_reserved(machine, "scalable root entry", 0), upper ? 0 : 1 << 2);
		EXPECT_EQ(shown_reserved(machine, "scalable root entry", 1), upper ? beyond : 0);
		machine_destroy(machine);
	}
}

TEST(vtd_observe, a_failed_read_shows_no_data)
{
	struct machine *machine = watched(true);
	const struct port_event *event;

	machine->fails_at = machine->root_table;
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_ROOT_ACCESS);
	event = machine_event(machine, PORT_EVENT_TABLE_READ, NULL);
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->status, PORT_ERROR);
	EXPECT_EQ(event->len, 0);
	machine_destroy(machine);
}

TEST(vtd_observe, invalidations_show_their_fields)
{
	struct machine *machine = watched(true);
	const struct port_event *event;

	machine_invalidate_pasid_iotlb(machine, 3, 5, 0x7000 | 2);
	event = machine_event(machine, PORT_EVENT_INVALIDATE, NULL);
	ASSERT_NE(event, NULL);
	EXPECT_STREQ(event->what, "PASID-based IOTLB invalidate descriptor");
	EXPECT_STREQ(event->detail, "TYPE=0x6 G=0x3 TYPE_HI=0x0 DID=0x55 PASID=0x5 AM=0x2 IH=0x0 "
				    "ADDR=0x7000");
	machine_destroy(machine);
}

TEST(vtd_observe, caches_that_are_off_show_nothing)
{
	struct vtd_config config = machine_config();
	struct machine *machine;
	int mode;

	machine_caches_off(&config);
	for (mode = MODE_LEGACY; mode <= MODE_SCALABLE; mode++) {
		machine = machine_create(&config, true);
		machine_start(machine, mode);
		if (mode == MODE_LEGACY) {
			machine_stages(machine, 4, 4, false);
			machine_legacy_context(machine, 2);
		}
		machine_rid_read(machine, GUEST);
		EXPECT_GT(machine_event_total(machine, PORT_EVENT_TABLE_READ), 0);
		EXPECT_EQ(machine_event_total(machine, PORT_EVENT_CACHE_MISS), 0);
		EXPECT_EQ(machine_event_total(machine, PORT_EVENT_CACHE_FILL), 0);
		machine_destroy(machine);
	}
}

TEST(vtd_observe, legacy_mode_shows_its_own_entries)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, true);

	machine_start(machine, MODE_LEGACY);
	machine_stages(machine, 4, 4, false);
	machine_legacy_context(machine, 0);
	machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_R);
	EXPECT_EQ(machine_rid_read(machine, GUEST).fault, 0);
	EXPECT_NE(machine_event(machine, PORT_EVENT_TABLE_READ, "root entry"), NULL);
	EXPECT_NE(machine_event(machine, PORT_EVENT_TABLE_READ, "context entry"), NULL);
	EXPECT_NE(machine_event(machine, PORT_EVENT_CACHE_FILL, "context cache"), NULL);
	EXPECT_NE(machine_event(machine, PORT_EVENT_CACHE_MISS, "context cache"), NULL);
	EXPECT_EQ(machine_rid_write(machine, 0xfee00000).fault, 0);
	EXPECT_NE(machine_event(machine, PORT_EVENT_TRANSLATED, "interrupt request"), NULL);
	machine_destroy(machine);
}
