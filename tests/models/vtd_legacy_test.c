/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Legacy mode: context entries with second-stage tables or pass-through, and its fault reasons.
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

struct breakage {
	const char *name;
	enum vtd_fault fault;
	void (*apply)(struct machine *machine);
	enum access access;
	u64 input; /* 0: INPUT */
	bool unqualified;
};

static void change_context(struct machine *machine, const char *field, u64 value)
{
	u64 context[2];

	memory_read(machine->memory, hpa(machine->context_table), context, sizeof(context));
	field_set(context, "legacy-context", field, value);
	memory_write(machine->memory, hpa(machine->context_table), context, sizeof(context));
}

static void change_word(struct machine *machine, u64 address, u64 set, u64 clear)
{
	machine_store(machine, address, (machine_load(machine, address) | set) & ~clear);
}

static void root_beyond_host(struct machine *machine)
{
	machine_root_pointer(machine, 1ULL << 46, MODE_LEGACY);
}

static void root_unreadable(struct machine *machine)
{
	machine->fails_at = machine->root_table;
}

static void root_absent(struct machine *machine)
{
	change_word(machine, machine->root_table + 0x3a0, 0, 1);
}

static void root_reserved(struct machine *machine)
{
	change_word(machine, machine->root_table + 0x3a0, 2, 0);
}

static void root_upper_reserved(struct machine *machine)
{
	change_word(machine, machine->root_table + 0x3a8, 1, 0);
}

static void context_unreadable(struct machine *machine)
{
	machine->fails_at = machine->context_table;
}

static void context_absent(struct machine *machine)
{
	change_context(machine, "P", 0);
}

static void context_reserved(struct machine *machine)
{
	change_word(machine, machine->context_table, 1 << 5, 0);
}

static void context_upper_reserved(struct machine *machine)
{
	change_word(machine, machine->context_table + 8, 1ULL << 40, 0);
}

static void context_beyond_host(struct machine *machine)
{
	change_word(machine, machine->context_table, 1ULL << 50, 0);
}

static void context_tt_reserved(struct machine *machine)
{
	change_context(machine, "TT", 3);
}

static void context_aw_reserved(struct machine *machine)
{
	change_context(machine, "AW", 5);
}

static void table_unreadable(struct machine *machine)
{
	machine->fails_at = machine_second_entry(machine, INPUT, 2) & MODEL_PAGE_MASK;
}

static void top_unreadable(struct machine *machine)
{
	machine->fails_at = machine->second_table;
}

static void page_absent(struct machine *machine)
{
	machine_store(machine, machine_second_entry(machine, INPUT, 1), 0);
}

static void page_read_only(struct machine *machine)
{
	change_word(machine, machine_second_entry(machine, INPUT, 1), 0, SS_W);
}

static void page_write_only(struct machine *machine)
{
	change_word(machine, machine_second_entry(machine, INPUT, 1), 0, SS_R);
}

static void page_reserved(struct machine *machine)
{
	change_word(machine, machine_second_entry(machine, INPUT, 1), 1ULL << 49, 0);
}

static void page_of_interrupts(struct machine *machine)
{
	machine_map_second(machine, INPUT, 0xfee00000, 4 * KIB, SS_R | SS_W);
}

static void nothing(struct machine *machine)
{
	(void)machine;
}

static const struct breakage breakages[] = {
	{ "root_beyond_host", VTD_FAULT_ROOT_ACCESS, root_beyond_host, ACCESS_READ, 0, true },
	{ "root_unreadable", VTD_FAULT_ROOT_ACCESS, root_unreadable, ACCESS_READ, 0, true },
	{ "root_absent", VTD_FAULT_ROOT_NOT_PRESENT, root_absent, ACCESS_READ, 0, true },
	{ "root_reserved", VTD_FAULT_ROOT_RESERVED, root_reserved, ACCESS_READ, 0, true },
	{ "root_upper", VTD_FAULT_ROOT_RESERVED, root_upper_reserved, ACCESS_READ, 0, true },
	{ "context_unreadable", VTD_FAULT_CONTEXT_ACCESS, context_unreadable, ACCESS_READ, 0,
	  true },
	{ "context_absent", VTD_FAULT_CONTEXT_NOT_PRESENT, context_absent, ACCESS_READ, 0, false },
	{ "context_reserved", VTD_FAULT_CONTEXT_RESERVED, context_reserved, ACCESS_READ, 0, false },
	{ "context_upper", VTD_FAULT_CONTEXT_RESERVED, context_upper_reserved, ACCESS_READ, 0,
	  false },
	{ "context_beyond_host", VTD_FAULT_CONTEXT_RESERVED, context_beyond_host, ACCESS_READ, 0,
	  false },
	{ "context_tt", VTD_FAULT_CONTEXT_INVALID, context_tt_reserved, ACCESS_READ, 0, false },
	{ "context_aw", VTD_FAULT_CONTEXT_INVALID, context_aw_reserved, ACCESS_READ, 0, false },
	{ "beyond_width", VTD_FAULT_BEYOND_ADDRESS_WIDTH, nothing, ACCESS_READ, 1ULL << 48, false },
	{ "table_unreadable", VTD_FAULT_SECOND_STAGE_ACCESS, table_unreadable, ACCESS_READ, 0,
	  false },
	{ "top_unreadable", VTD_FAULT_SECOND_STAGE_ACCESS, top_unreadable, ACCESS_READ, 0, false },
	{ "absent_read", VTD_FAULT_NO_READ, page_absent, ACCESS_READ, 0, false },
	{ "absent_write", VTD_FAULT_NO_WRITE, page_absent, ACCESS_WRITE, 0, false },
	{ "read_only", VTD_FAULT_NO_WRITE, page_read_only, ACCESS_WRITE, 0, false },
	{ "write_only", VTD_FAULT_NO_READ, page_write_only, ACCESS_READ, 0, false },
	{ "page_reserved", VTD_FAULT_SECOND_STAGE_RESERVED, page_reserved, ACCESS_READ, 0, false },
	{ "to_interrupts", VTD_FAULT_INTERRUPT_ADDRESS, page_of_interrupts, ACCESS_WRITE, 0,
	  false },
	{ "read_of_interrupts", VTD_FAULT_INTERRUPT_ADDRESS, nothing, ACCESS_READ, 0xfee00000,
	  true },
};

TEST_WITH_NAMED_PARAMS(vtd_legacy, each_wrong_bit_gives_its_reason, struct breakage, breakages,
		       name)
{
	struct machine *machine = translating();
	const struct translation_request request =
		dma_request(param->access, param->input ? param->input : INPUT);
	u64 record[2];

	param->apply(machine);
	EXPECT_EQ(machine_dma(machine, &request).fault, (unsigned int)param->fault);
	machine_frcd(machine, 0, record);
	EXPECT_EQ(field_get(record, "frcd", "FR"), param->fault);
	EXPECT_EQ(field_get(record, "frcd", "PP"), 0);
	EXPECT_EQ(field_get(record, "frcd", "T1"), param->access == ACCESS_READ);
	machine_destroy(machine);
}

TEST_WITH_NAMED_PARAMS(vtd_legacy, fpd_suppresses_qualified_faults, struct breakage, breakages,
		       name)
{
	struct machine *machine = translating();
	const struct translation_request request =
		dma_request(param->access, param->input ? param->input : INPUT);

	change_context(machine, "FPD", 1);
	param->apply(machine);
	EXPECT_EQ(machine_dma(machine, &request).fault, (unsigned int)param->fault);
	EXPECT_EQ(machine_dma(machine, &request).fault, (unsigned int)param->fault);
	EXPECT_EQ(machine_counter(machine, "fault_records"), param->unqualified ? 2 : 0);
	machine_destroy(machine);
}

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
