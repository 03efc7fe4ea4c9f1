/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Write buffers (CAP.RWBF): a walk finds tables as they were until a flush, or a command that implies one.
 */
#include "vtd_remapper.h"

#include "gtest_c.h"

#define GUEST 0x40000000ULL
#define HOST 0x123456000ULL
#define WBF 27

static struct machine *buffered(unsigned int rwbf)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	/* only memory is to be stale, no cache */
	machine_caches_off(&config);
	config.cap = with_field(config.cap, "cap", "RWBF", rwbf);
	machine = machine_create(&config, false);
	machine_ready(machine, SECOND_STAGE);
	return machine;
}

static void map(struct machine *machine)
{
	machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_R | SS_W);
}

TEST(vtd_write_buffer, a_new_mapping_shows_after_a_flush_with_rwbf_only)
{
	unsigned int rwbf;

	for (rwbf = 0; rwbf < 2; rwbf++) {
		struct machine *machine = buffered(rwbf);

		EXPECT_NE(machine_read(machine, 1, GUEST).fault, 0);
		map(machine);
		EXPECT_EQ(machine_read(machine, 1, GUEST).fault,
			  rwbf ? VTD_FAULT_SM_SECOND_STAGE_PERMISSION : 0);
		machine_command(machine, WBF, true);
		EXPECT_EQ(machine_read32(machine, 0x1c) >> WBF & 1, 0);
		EXPECT_EQ(machine_read(machine, 1, GUEST).address.v, HOST);
		machine_destroy(machine);
	}
}

TEST(vtd_write_buffer, other_commands_do_not_flush)
{
	struct machine *machine = buffered(1);

	EXPECT_NE(machine_read(machine, 1, GUEST).fault, 0);
	map(machine);
	machine_command(machine, 24, true);
	EXPECT_TRUE(machine_wait(machine));
	EXPECT_NE(machine_read(machine, 1, GUEST).fault, 0);
	machine_destroy(machine);
}

TEST(vtd_write_buffer, invalidations_and_a_new_root_pointer_flush)
{
	unsigned int how;

	for (how = 0; how < 4; how++) {
		struct machine *machine = buffered(1);

		SCOPED_NOTE("way %u", how);
		EXPECT_NE(machine_read(machine, 1, GUEST).fault, 0);
		map(machine);
		switch (how) {
		case 0:
			machine_invalidate_context(machine, 1, 0, 0);
			break;
		case 1:
			machine_invalidate_pasid_cache(machine, 3, 0, 0);
			break;
		case 2:
			machine_invalidate_iotlb(machine, 3, 0, 0);
			break;
		default:
			machine_root_pointer(machine, machine->root_table, MODE_SCALABLE);
			break;
		}
		EXPECT_EQ(machine_read(machine, 1, GUEST).address.v, HOST);
		machine_destroy(machine);
	}
}

TEST(vtd_write_buffer, invalidations_of_interrupt_entries_flush_and_a_new_table_alone_does_not)
{
	struct vtd_config config = machine_config();

	config.cap = with_field(config.cap, "cap", "RWBF", 1);
	for (unsigned int how = 0; how < 3; how++) {
		struct remapper r = remapper_create_with(&config, 7);
		u64 irte[2];

		SCOPED_NOTE("way %u", how);
		machine_command(r.machine, 27, true);
		remapper_store_plain(&r, INDEX);
		EXPECT_EQ(remapper_send(&r, INDEX).data, 0x4041);
		remapper_plain_entry(irte);
		field_set(irte, "irte", "V", 0x77);
		remapper_store(&r, INDEX, irte);
		if (how == 0)
			machine_command(r.machine, SIRTP, true);
		else
			remapper_invalidate(&r, how == 1, INDEX, 0);
		/* without an invalidation, the cache has the old one too */
		vtd_evict_all(r.machine->unit);
		EXPECT_EQ(remapper_send(&r, INDEX).data, how ? 0x4077 : 0x4041);
		machine_destroy(r.machine);
	}
}

/* What was read long ago is not remembered for ever. */
TEST(vtd_write_buffer, it_holds_so_many_entries)
{
	struct machine *machine = buffered(1);
	u64 address;

	map(machine);
	EXPECT_EQ(machine_read(machine, 1, GUEST).address.v, HOST);
	machine_map_second(machine, GUEST, HOST + 4096, 4 * KIB, SS_R | SS_W);
	EXPECT_EQ(machine_read(machine, 1, GUEST).address.v, HOST);
	for (address = GUEST + GIB; address < GUEST + GIB + 40 * 4096; address += 4096)
		machine_map_second(machine, address, address, 4 * KIB, SS_R);
	for (address = GUEST + GIB; address < GUEST + GIB + 40 * 4096; address += 4096)
		EXPECT_EQ(machine_read(machine, 1, address).address.v, address);
	EXPECT_EQ(machine_read(machine, 1, GUEST).address.v, HOST + 4096);
	machine_destroy(machine);
}

TEST(vtd_write_buffer, a_failed_read_is_tried_again)
{
	struct machine *machine = buffered(1);

	map(machine);
	machine->fails_at = machine_second_entry(machine, GUEST, 1) & MODEL_PAGE_MASK;
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, VTD_FAULT_SM_SECOND_STAGE_ACCESS);
	machine->fails_at = 0;
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, 0);
	machine_destroy(machine);
}

static void flush_once(struct machine *machine, hpa_t address)
{
	u64 entry = machine_second_entry(machine, GUEST, 1);

	if (address.v != entry)
		return;
	machine->on_read = NULL;
	machine_store(machine, entry, (HOST + 4096) | SS_R | SS_W);
	machine_command(machine, WBF, true);
}

/* The entry has been read, is changed and flushed, and only then does the walk go on. */
TEST(vtd_write_buffer, a_flush_during_a_read_wins)
{
	struct machine *machine = buffered(1);

	map(machine);
	machine->on_read = flush_once;
	EXPECT_EQ(machine_read(machine, 1, GUEST).address.v, HOST);
	EXPECT_EQ(machine_read(machine, 1, GUEST).address.v, HOST + 4096);
	machine_destroy(machine);
}

/* Accessed and dirty bits are set by an atomic access, which sees memory as it is. */
TEST(vtd_write_buffer, marking_an_entry_looks_at_memory)
{
	struct vtd_config config = machine_config();
	struct machine *machine;
	u64 entry;

	machine_caches_off(&config);
	config.cap = with_field(config.cap, "cap", "RWBF", 1);
	machine = machine_create(&config, false);
	machine_ready(machine, FIRST_STAGE);
	machine_map_first(machine, GUEST, HOST, 4 * KIB, FS_P | FS_W | FS_U);
	EXPECT_EQ(machine_read(machine, 1, GUEST).address.v, HOST);
	EXPECT_EQ(machine_read(machine, 1, GUEST).address.v, HOST);
	entry = machine_first_entry(machine, GUEST, 1);
	machine_store(machine, entry, (HOST + 4096) | FS_P | FS_W | FS_U | FS_A);
	EXPECT_EQ(machine_write(machine, 1, GUEST).address.v, HOST + 4096);
	machine_destroy(machine);
}

/* A PASID table that serves as a second-stage table too: its entries are read in both sizes. */
TEST(vtd_write_buffer, entries_of_different_sizes_at_one_place_are_kept_apart)
{
	struct machine *machine = buffered(1);
	u64 entry[8];
	int i;

	machine_pasid_entry(machine, entry, SECOND_STAGE);
	field_set(entry, "pasid-entry", "SSPTPTR", machine->pasid_table);
	machine_store_pasid(machine, 1, entry);
	for (i = 0; i < 2; i++)
		/* entry 8 of 512 is PASID 1's, whose PGTT is a large page's bit */
		EXPECT_EQ(machine_read(machine, 1, 8ULL << 48).fault,
			  VTD_FAULT_SM_SECOND_STAGE_RESERVED);
	machine_destroy(machine);
}
