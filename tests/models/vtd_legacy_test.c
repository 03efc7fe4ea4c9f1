/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Legacy mode: context entries with second-stage tables or pass-through. Its fault reasons are in vtd_catalogue.c.
 */
#include "gtest_c.h"
#include "vtd_machine.h"

#define INPUT 0x40000000ULL
#define HOST 0x123456000ULL

static struct machine *legacy_machine(const struct vtd_config *config, unsigned int levels,
				      unsigned int tt)
{
	struct machine *machine = machine_create(config, false);

	machine_start(machine, MODE_LEGACY);
	machine_stages(machine, 4, levels, false);
	machine_legacy_context(machine, tt);
	return machine;
}

static struct machine *translating(void)
{
	struct vtd_config config = machine_config();
	struct machine *machine = legacy_machine(&config, 4, 0);

	machine_map_second(machine, INPUT, HOST, 4 * KIB, SS_R | SS_W);
	return machine;
}

struct depth {
	const char *name;
	unsigned int levels;
	u64 size;
	unsigned int reads;
};

static const struct depth depths[] = {
	{ "3_levels_4K", 3, 4 * KIB, 3 }, { "3_levels_2M", 3, 2 * MIB, 2 },
	{ "3_levels_1G", 3, GIB, 1 },     { "4_levels_4K", 4, 4 * KIB, 4 },
	{ "4_levels_2M", 4, 2 * MIB, 3 }, { "4_levels_1G", 4, GIB, 2 },
	{ "5_levels_4K", 5, 4 * KIB, 5 }, { "5_levels_1G", 5, GIB, 3 },
};

TEST_WITH_NAMED_PARAMS(vtd_legacy, walks_as_many_levels_as_the_context_entry_says, struct depth,
		       depths, name)
{
	struct vtd_config config = machine_config();
	struct machine *machine;
	struct translation_result result;

	machine_caches_off(&config);
	machine = legacy_machine(&config, param->levels, 0);
	machine_map_second(machine, INPUT, 0x180000000, param->size, SS_R | SS_W);
	result = machine_rid_write(machine, INPUT + 0x234);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.address.v, 0x180000234);
	EXPECT_EQ(result.page_size, param->size);
	EXPECT_EQ(result.table_reads, param->reads + 2);
	machine_destroy(machine);
}

TEST(vtd_legacy, caches_save_all_reads)
{
	struct machine *machine = translating();

	EXPECT_EQ(machine_rid_read(machine, INPUT).table_reads, 6);
	EXPECT_EQ(machine_rid_read(machine, INPUT).table_reads, 0);
	EXPECT_EQ(machine_counter(machine, "ctxt_cache_hit"), 1);
	machine_destroy(machine);
}

TEST(vtd_legacy, pass_through_and_device_tlb_types)
{
	struct vtd_config config = machine_config();
	struct machine *machine = legacy_machine(&config, 4, 2);

	EXPECT_EQ(machine_rid_write(machine, 0x123456).address.v, 0x123456);
	EXPECT_EQ(machine_rid_read(machine, 1ULL << 46).fault, VTD_FAULT_BEYOND_ADDRESS_WIDTH);
	machine_destroy(machine);

	machine = legacy_machine(&config, 4, 1);
	machine_map_second(machine, INPUT, HOST, 4 * KIB, SS_R);
	EXPECT_EQ(machine_rid_read(machine, INPUT).address.v, HOST);
	machine_destroy(machine);
}

/* --- faults ------------------------------------------------------------------------------ */

TEST(vtd_legacy, requests_with_pasid_are_refused)
{
	struct machine *machine = translating();

	EXPECT_EQ(machine_read(machine, 0, INPUT).fault, VTD_FAULT_SM_RTA_LEGACY_WITH_PASID);
	machine_destroy(machine);
}

struct missing {
	const char *name;
	bool in_cap;
	const char *capability;
	u64 value;
	unsigned int tt;
	enum vtd_fault fault;
};

static const struct missing missings[] = {
	{ "device_tlb", false, "DT", 0, 1, VTD_FAULT_CONTEXT_INVALID },
	{ "pass_through", false, "PT", 0, 2, VTD_FAULT_CONTEXT_INVALID },
	{ "four_levels", true, "SAGAW", 2, 0, VTD_FAULT_CONTEXT_INVALID },
	{ "domains", true, "ND", 0, 0, VTD_FAULT_CONTEXT_RESERVED },
};

TEST_WITH_NAMED_PARAMS(vtd_legacy, what_a_capability_does_not_offer_is_refused, struct missing,
		       missings, name)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	if (param->in_cap)
		config.cap = with_field(config.cap, "cap", param->capability, param->value);
	else
		config.ecap = with_field(config.ecap, "ecap", param->capability, param->value);
	machine = legacy_machine(&config, 4, param->tt);
	EXPECT_EQ(machine_rid_read(machine, INPUT).fault, (unsigned int)param->fault);
	machine_destroy(machine);
}

TEST(vtd_legacy, cached_entries_of_one_mode_are_not_taken_for_the_other)
{
	struct machine *machine = translating();

	EXPECT_EQ(machine_rid_read(machine, INPUT).fault, 0);
	/* without any invalidation, a software error that must stay harmless */
	machine_root_pointer(machine, machine->root_table, MODE_SCALABLE);
	EXPECT_NE(machine_rid_read(machine, INPUT).fault, 0);
	machine_root_pointer(machine, machine->root_table, MODE_LEGACY);
	EXPECT_EQ(machine_rid_read(machine, INPUT).fault, 0);
	machine_destroy(machine);
}
