/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Protected memory regions: where they begin and end, which DMA they stop, and how that is told.
 */
#include "gtest_c.h"
#include "vtd_machine.h"

#define PMEN 0x64
#define PLMBASE 0x68
#define PLMLIMIT 0x6c
#define PHMBASE 0x70
#define PHMLIMIT 0x78
#define EPM 0x80000000u
#define LOW 0x40000000ULL
#define HIGH 0x240000000ULL
#define GRANULE 0x200000ULL

static struct machine *protected_machine(unsigned int pgtt)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	config.cap = with_field(with_field(config.cap, "cap", "PLMR", 1), "cap", "PHMR", 1);
	machine = machine_create(&config, true);
	if (pgtt)
		machine_ready(machine, pgtt);
	machine_write32(machine, PLMBASE, (u32)LOW);
	machine_write32(machine, PLMLIMIT, (u32)LOW);
	machine_write64(machine, PHMBASE, HIGH);
	machine_write64(machine, PHMLIMIT, HIGH + GRANULE);
	machine_write32(machine, PMEN, EPM);
	return machine;
}

static void expect_blocked(struct machine *machine, u64 address, bool blocked)
{
	u64 before = machine_counter(machine, "blocked");
	struct translation_result result;

	SCOPED_NOTE("address %llx", address);
	result = machine_rid_write(machine, address);
	EXPECT_EQ(result.blocked, blocked);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(machine_counter(machine, "blocked"), before + blocked);
	EXPECT_EQ(machine_counter(machine, "faults"), 0);
	EXPECT_EQ(machine_read32(machine, 0x34), 0);
}

TEST(vtd_protected_memory, regions_reach_to_the_end_of_the_limits_granule)
{
	struct machine *machine = protected_machine(0);

	expect_blocked(machine, LOW - 1, false);
	expect_blocked(machine, LOW, true);
	expect_blocked(machine, LOW + GRANULE - 1, true);
	expect_blocked(machine, LOW + GRANULE, false);
	expect_blocked(machine, HIGH - 1, false);
	expect_blocked(machine, HIGH, true);
	expect_blocked(machine, HIGH + 2 * GRANULE - 1, true);
	expect_blocked(machine, HIGH + 2 * GRANULE, false);
	EXPECT_NE(machine_event(machine, PORT_EVENT_TRANSLATED,
				"blocked by a protected memory region"),
		  NULL);
	machine_destroy(machine);
}

TEST(vtd_protected_memory, they_are_in_force_only_while_the_status_says_so)
{
	struct machine *machine = protected_machine(0);

	EXPECT_EQ(machine_read32(machine, PMEN), EPM | 1);
	expect_blocked(machine, LOW, true);
	machine_write32(machine, PMEN, 0);
	EXPECT_EQ(machine_read32(machine, PMEN), 0);
	expect_blocked(machine, LOW, false);
	machine_destroy(machine);
}

TEST(vtd_protected_memory, a_limit_below_the_base_makes_no_region)
{
	struct machine *machine = protected_machine(0);

	machine_write32(machine, PMEN, 0);
	machine_write32(machine, PLMLIMIT, (u32)(LOW - GRANULE));
	machine_write64(machine, PHMLIMIT, HIGH - GRANULE);
	machine_write32(machine, PMEN, EPM);
	expect_blocked(machine, LOW, false);
	expect_blocked(machine, HIGH, false);
	machine_destroy(machine);
}

TEST(vtd_protected_memory, a_region_that_the_unit_lacks_blocks_nothing)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	/* registers at zero name the lowest granule */
	config.cap = with_field(with_field(config.cap, "cap", "PLMR", 1), "cap", "PHMR", 0);
	machine = machine_create(&config, true);
	machine_write32(machine, PMEN, EPM);
	expect_blocked(machine, 0, true);
	machine_write32(machine, PMEN, 0);
	machine_write32(machine, PLMBASE, (u32)LOW);
	machine_write32(machine, PMEN, EPM);
	expect_blocked(machine, 0, false);
	machine_destroy(machine);

	config.cap = with_field(with_field(config.cap, "cap", "PLMR", 0), "cap", "PHMR", 1);
	machine = machine_create(&config, true);
	machine_write64(machine, PHMBASE, HIGH);
	machine_write64(machine, PHMLIMIT, HIGH);
	machine_write32(machine, PMEN, EPM);
	expect_blocked(machine, 0, false);
	expect_blocked(machine, HIGH, true);
	machine_destroy(machine);
}

/* Memory goes on while the unit waits for DMA that began before. */
static void switch_off(struct machine *machine)
{
	machine->on_drain = NULL;
	machine_write32(machine, PMEN, 0);
}

TEST(vtd_protected_memory, switched_off_before_it_was_on_it_is_off)
{
	struct machine *machine = protected_machine(0);

	machine_write32(machine, PMEN, 0);
	machine->on_drain = switch_off;
	machine_write32(machine, PMEN, EPM);
	EXPECT_EQ(machine_read32(machine, PMEN), 0);
	expect_blocked(machine, LOW, false);
	machine_destroy(machine);
}

TEST(vtd_protected_memory, they_cannot_change_while_in_force)
{
	static const u32 offsets[] = { PLMBASE,     PLMLIMIT, PHMBASE,
				       PHMBASE + 4, PHMLIMIT, PHMLIMIT + 4 };
	struct machine *machine = protected_machine(0);
	size_t i;

	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		u32 before = machine_read32(machine, offsets[i]);

		machine_write32(machine, offsets[i], before + (u32)GRANULE);
		EXPECT_EQ(machine_read32(machine, offsets[i]), before);
		EXPECT_EQ(machine_counter(machine, "software_errors"), i + 1);
	}
	machine_destroy(machine);
}

TEST(vtd_protected_memory, with_translation_what_passes_through_is_stopped_and_what_is_mapped_not)
{
	struct machine *machine = protected_machine(PASS_THROUGH);

	EXPECT_TRUE(machine_read(machine, 1, LOW).blocked);
	EXPECT_FALSE(machine_read(machine, 1, LOW - 1).blocked);
	EXPECT_EQ(machine_counter(machine, "faults"), 0);
	machine_destroy(machine);

	machine = protected_machine(SECOND_STAGE);
	machine_map_second(machine, 0x1000, LOW, 4 * KIB, SS_R);
	machine_map_second(machine, LOW, 0x80000000, 4 * KIB, SS_R);
	EXPECT_EQ(machine_read(machine, 1, 0x1000).address.v, LOW);
	EXPECT_FALSE(machine_read(machine, 1, 0x1000).blocked);
	EXPECT_EQ(machine_read(machine, 1, LOW).address.v, 0x80000000);
	machine_destroy(machine);
}

static void enable_device_tlb(struct machine *machine)
{
	u64 entry[4] = { machine_load(machine, machine_context_address(machine)) };

	field_set(entry, "context", "DTE", 1);
	machine_store(machine, machine_context_address(machine), entry[0]);
	machine_invalidate_all(machine);
}

TEST(vtd_protected_memory, translated_requests_are_stopped_and_translation_requests_answered)
{
	struct machine *machine = protected_machine(PASS_THROUGH);
	struct translation_request request = dma_request(ACCESS_READ, LOW);

	enable_device_tlb(machine);
	request.type = ADDRESS_TRANSLATED;
	EXPECT_TRUE(machine_dma(machine, &request).blocked);
	request.address = iova(LOW - 4096);
	EXPECT_FALSE(machine_dma(machine, &request).blocked);
	request.address = iova(LOW);
	request.type = ADDRESS_TRANSLATION_REQUEST;
	EXPECT_FALSE(machine_dma(machine, &request).blocked);
	EXPECT_EQ(machine_dma(machine, &request).ats_status, ATS_SUCCESS);

	/* translation off */
	machine_command(machine, 31, false);
	request.type = ADDRESS_TRANSLATED;
	EXPECT_TRUE(machine_dma(machine, &request).blocked);
	request.address = iova(LOW - 4096);
	EXPECT_FALSE(machine_dma(machine, &request).blocked);
	machine_destroy(machine);
}

TEST(vtd_protected_memory, the_units_own_tables_may_lie_there)
{
	struct machine *machine = protected_machine(SECOND_STAGE);
	u64 tables = machine->root_table & ~(GRANULE - 1);

	machine_map_second(machine, 0x1000, 0x80000000, 4 * KIB, SS_R);
	machine_write32(machine, PMEN, 0);
	machine_write32(machine, PLMBASE, (u32)tables);
	machine_write32(machine, PLMLIMIT, (u32)(tables + 16 * GRANULE));
	machine_write32(machine, PMEN, EPM);
	EXPECT_EQ(machine_read(machine, 1, 0x1000).address.v, 0x80000000);
	EXPECT_TRUE(machine_wait(machine));
	machine_destroy(machine);
}

/* An interrupt is no access to memory. */
TEST(vtd_protected_memory, interrupt_messages_pass)
{
	struct machine *machine = protected_machine(0);

	machine_write32(machine, PMEN, 0);
	machine_write32(machine, PLMBASE, 0xfee00000);
	machine_write32(machine, PLMLIMIT, 0xfee00000);
	machine_write32(machine, PMEN, EPM);
	EXPECT_TRUE(machine_rid_write(machine, 0xfee01000).interrupt);
	EXPECT_FALSE(machine_rid_write(machine, 0xfee01000).blocked);
	machine_destroy(machine);
}
