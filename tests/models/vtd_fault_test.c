/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every fault reason that an untranslated request can meet, each provoked by one wrong bit in an
 * otherwise working setup.
 */
#include "gtest_c.h"
#include "vtd_machine.h"

#define INPUT 0x7f1234567000ULL
#define GUEST 0x40000000ULL
#define HOST 0x123456000ULL

/* One way to break a working machine, and the reason that has to come. */
struct breakage {
	const char *name;
	void (*apply)(struct machine *machine);
	unsigned int pgtt;
	enum access access;
	enum vtd_fault fault;
	u64 input; /* 0: INPUT */
	bool without_pasid;
	bool privileged;
	bool unqualified; /* recorded in spite of FPD */
};

static void set_bit(struct machine *machine, u64 address, unsigned int bit)
{
	u64 at = address + bit / 64 * 8;

	machine_store(machine, at, machine_load(machine, at) | 1ULL << bit % 64);
}

static void clear_bit(struct machine *machine, u64 address, unsigned int bit)
{
	u64 at = address + bit / 64 * 8;

	machine_store(machine, at, machine_load(machine, at) & ~(1ULL << bit % 64));
}

static u64 root_entry(struct machine *machine)
{
	return machine->root_table + 0x3a * 16;
}

static void change_pasid_entry(struct machine *machine, const char *field, u64 value)
{
	u64 entry[8];

	memory_read(machine->memory, hpa(machine_pasid_address(machine, 1)), entry, 64);
	field_set(entry, "pasid-entry", field, value);
	machine_store_pasid(machine, 1, entry);
}

/* --- root and context -------------------------------------------------------------------- */

static void ttm_reserved(struct machine *machine)
{
	machine_root_pointer(machine, machine->root_table, 2);
}

static void ttm_abort(struct machine *machine)
{
	machine_root_pointer(machine, machine->root_table, 3);
}

static void ttm_legacy(struct machine *machine)
{
	machine_root_pointer(machine, machine->root_table, MODE_LEGACY);
}

static void root_beyond_host(struct machine *machine)
{
	machine_root_pointer(machine, 1ULL << 46, MODE_SCALABLE);
}

static void root_unreadable(struct machine *machine)
{
	machine->fails_at = machine->root_table;
}

static void root_absent(struct machine *machine)
{
	clear_bit(machine, root_entry(machine), 0);
}

static void root_reserved(struct machine *machine)
{
	set_bit(machine, root_entry(machine), 5);
}

static void root_points_beyond_host(struct machine *machine)
{
	set_bit(machine, root_entry(machine), 46);
}

static void context_unreadable(struct machine *machine)
{
	machine->fails_at = machine->context_table;
}

static void context_absent(struct machine *machine)
{
	clear_bit(machine, machine->context_table, 0);
}

static void context_reserved(struct machine *machine)
{
	set_bit(machine, machine->context_table, 130);
}

static void context_pre_without_dte(struct machine *machine)
{
	set_bit(machine, machine->context_table, 4);
}

static void context_without_pasids(struct machine *machine)
{
	clear_bit(machine, machine->context_table, 3);
}

static void rid_pasid_beyond_directory(struct machine *machine)
{
	set_bit(machine, machine->context_table, 64 + 13);
}

/* --- PASID directory and entry ----------------------------------------------------------- */

static void directory_unreadable(struct machine *machine)
{
	machine->fails_at = machine->directory;
}

static void directory_absent(struct machine *machine)
{
	clear_bit(machine, machine->directory, 0);
}

static void directory_reserved(struct machine *machine)
{
	set_bit(machine, machine->directory, 3);
}

static void pasid_entry_unreadable(struct machine *machine)
{
	machine->fails_at = machine->pasid_table;
}

static void pasid_entry_absent(struct machine *machine)
{
	clear_bit(machine, machine_pasid_address(machine, 1), 0);
}

static void pasid_entry_reserved(struct machine *machine)
{
	set_bit(machine, machine_pasid_address(machine, 1), 200);
}

static void second_pointer_beyond_host(struct machine *machine)
{
	set_bit(machine, machine_pasid_address(machine, 1), 46);
}

static void first_pointer_beyond_host(struct machine *machine)
{
	set_bit(machine, machine_pasid_address(machine, 1), 128 + 46);
}

static void pgtt_reserved(struct machine *machine)
{
	change_pasid_entry(machine, "PGTT", 5);
}

static void pgtt_zero(struct machine *machine)
{
	change_pasid_entry(machine, "PGTT", 0);
}

static void aw_zero(struct machine *machine)
{
	change_pasid_entry(machine, "AW", 0);
}

static void aw_reserved(struct machine *machine)
{
	change_pasid_entry(machine, "AW", 4);
}

static void fspm_reserved(struct machine *machine)
{
	change_pasid_entry(machine, "FSPM", 2);
}

static void nothing(struct machine *machine)
{
	(void)machine;
}

/* --- first stage ------------------------------------------------------------------------- */

static void first_top_unreadable(struct machine *machine)
{
	machine->fails_at = machine_first_entry(machine, INPUT, 5) & MODEL_PAGE_MASK;
}

static void first_entry_unreadable(struct machine *machine)
{
	machine->fails_at = machine_first_entry(machine, INPUT, 2) & MODEL_PAGE_MASK;
}

static void first_pml4e_absent(struct machine *machine)
{
	clear_bit(machine, machine_first_entry(machine, INPUT, 4), 0);
}

static void first_pte_absent(struct machine *machine)
{
	clear_bit(machine, machine_first_entry(machine, INPUT, 1), 0);
}

static void first_pml4e_large(struct machine *machine)
{
	set_bit(machine, machine_first_entry(machine, INPUT, 4), 7);
}

static void first_pte_beyond_host(struct machine *machine)
{
	set_bit(machine, machine_first_entry(machine, INPUT, 1), 46);
}

static void first_pde_misaligned_page(struct machine *machine)
{
	set_bit(machine, machine_first_entry(machine, INPUT, 2), 7);
	set_bit(machine, machine_first_entry(machine, INPUT, 2), 13);
}

static void first_xd_without_nxe(struct machine *machine)
{
	set_bit(machine, machine_first_entry(machine, INPUT, 1), 63);
}

static void first_xd(struct machine *machine)
{
	first_xd_without_nxe(machine);
	change_pasid_entry(machine, "NXE", 1);
	change_pasid_entry(machine, "ERE", 1);
}

static void first_read_only(struct machine *machine)
{
	clear_bit(machine, machine_first_entry(machine, INPUT, 1), 1);
}

static void first_read_only_above(struct machine *machine)
{
	clear_bit(machine, machine_first_entry(machine, INPUT, 3), 1);
}

static void first_supervisor(struct machine *machine)
{
	clear_bit(machine, machine_first_entry(machine, INPUT, 2), 2);
}

static void first_write_protected_supervisor(struct machine *machine)
{
	first_read_only(machine);
	change_pasid_entry(machine, "SRE", 1);
	change_pasid_entry(machine, "WPE", 1);
}

static void supervisor_executes_user_page(struct machine *machine)
{
	change_pasid_entry(machine, "SRE", 1);
	change_pasid_entry(machine, "ERE", 1);
	change_pasid_entry(machine, "SMEP", 1);
}

static void no_exchange(struct machine *machine)
{
	machine->exchange_fails = true;
}

static void first_maps_interrupts(struct machine *machine)
{
	machine_map_first(machine, INPUT, 0xfee00000, 4 * KIB, FS_P | FS_W | FS_U);
}

/* --- second stage ------------------------------------------------------------------------ */

/* The guest-physical address of the first-stage table at a level. */
static u64 table_gpa(struct machine *machine, unsigned int level)
{
	return (machine_first_entry(machine, INPUT, level) - MACHINE_GUEST_BASE) & MODEL_PAGE_MASK;
}

static void second_top_unreadable(struct machine *machine)
{
	machine->fails_at = machine->second_table;
}

static void second_entry_unreadable(struct machine *machine)
{
	machine->fails_at = machine_second_entry(machine, GUEST, 1) & MODEL_PAGE_MASK;
}

static void second_pte_absent(struct machine *machine)
{
	machine_store(machine, machine_second_entry(machine, GUEST, 1), 0);
}

static void second_pml4e_absent(struct machine *machine)
{
	machine_store(machine, machine_second_entry(machine, GUEST, 4), 0);
}

static void second_pml4e_large(struct machine *machine)
{
	set_bit(machine, machine_second_entry(machine, GUEST, 4), 7);
}

static void second_pte_beyond_host(struct machine *machine)
{
	set_bit(machine, machine_second_entry(machine, GUEST, 1), 47);
}

static void second_misaligned_page(struct machine *machine)
{
	set_bit(machine, machine_second_entry(machine, GUEST, 2), 7);
	set_bit(machine, machine_second_entry(machine, GUEST, 2), 12);
}

static void second_read_only(struct machine *machine)
{
	clear_bit(machine, machine_second_entry(machine, GUEST, 1), 1);
}

static void second_write_only(struct machine *machine)
{
	clear_bit(machine, machine_second_entry(machine, GUEST, 2), 0);
}

static void second_no_execute(struct machine *machine)
{
	clear_bit(machine, machine_second_entry(machine, GUEST, 1), 2);
	change_pasid_entry(machine, "SSEE", 1);
}

static void second_no_execute_nested(struct machine *machine)
{
	second_no_execute(machine);
	change_pasid_entry(machine, "ERE", 1);
}

static void second_accessed(struct machine *machine)
{
	change_pasid_entry(machine, "SSADE", 1);
	machine->exchange_fails = true;
}

static void second_maps_interrupts(struct machine *machine)
{
	machine_map_second(machine, GUEST, 0xfee01000, 4 * KIB, SS_R | SS_W | SS_X);
}

static void first_table_beyond_width(struct machine *machine)
{
	change_pasid_entry(machine, "FSPTPTR", 1ULL << 57);
}

static void first_page_beyond_width(struct machine *machine)
{
	change_pasid_entry(machine, "AW", 1);
	change_pasid_entry(machine, "SSPTPTR",
			   machine_load(machine, machine_load(machine, machine->second_table) &
							 0xffffffffff000ULL) &
				   0xffffffffff000ULL);
	machine_map_first(machine, INPUT, 1ULL << 39, 4 * KIB, FS_P | FS_W | FS_U);
}

static void first_top_unmapped(struct machine *machine)
{
	machine_store(machine, machine_second_entry(machine, machine->first_table, 1), 0);
}

static void first_top_unreadable_by_rights(struct machine *machine)
{
	clear_bit(machine, machine_second_entry(machine, machine->first_table, 1), 0);
}

static void first_table_unmapped(struct machine *machine)
{
	machine_store(machine, machine_second_entry(machine, table_gpa(machine, 2), 1), 0);
}

static void first_table_read_only(struct machine *machine)
{
	clear_bit(machine, machine_second_entry(machine, table_gpa(machine, 3), 1), 1);
}

#define BREAKAGE_AS(name_, change, pgtt_, access_, fault_) \
	.name = name_, .apply = change, .pgtt = pgtt_, .access = access_, .fault = fault_
#define BREAKAGE(change, pgtt_, access_, fault_) \
	BREAKAGE_AS(#change, change, pgtt_, access_, fault_)

static const struct breakage breakages[] = {
	{ BREAKAGE(ttm_reserved, NESTED, ACCESS_READ, VTD_FAULT_SM_RTA_INVALID),
	  .unqualified = true },
	{ BREAKAGE(ttm_abort, NESTED, ACCESS_READ, VTD_FAULT_SM_RTA_INVALID), .unqualified = true },
	{ BREAKAGE(root_beyond_host, NESTED, ACCESS_READ, VTD_FAULT_SM_RTA_INVALID),
	  .unqualified = true },
	{ BREAKAGE(ttm_legacy, NESTED, ACCESS_READ, VTD_FAULT_SM_RTA_LEGACY_WITH_PASID),
	  .unqualified = true },
	{ BREAKAGE(root_unreadable, NESTED, ACCESS_READ, VTD_FAULT_SM_ROOT_ACCESS),
	  .unqualified = true },
	{ BREAKAGE(root_absent, NESTED, ACCESS_READ, VTD_FAULT_SM_ROOT_NOT_PRESENT),
	  .unqualified = true },
	{ BREAKAGE(root_reserved, NESTED, ACCESS_READ, VTD_FAULT_SM_ROOT_RESERVED),
	  .unqualified = true },
	{ BREAKAGE(root_points_beyond_host, NESTED, ACCESS_READ, VTD_FAULT_SM_ROOT_RESERVED),
	  .unqualified = true },
	{ BREAKAGE(context_unreadable, NESTED, ACCESS_READ, VTD_FAULT_SM_CONTEXT_ACCESS),
	  .unqualified = true },
	{ BREAKAGE(context_absent, NESTED, ACCESS_READ, VTD_FAULT_SM_CONTEXT_NOT_PRESENT) },
	{ BREAKAGE(context_reserved, NESTED, ACCESS_READ, VTD_FAULT_SM_CONTEXT_RESERVED) },
	{ BREAKAGE(context_pre_without_dte, NESTED, ACCESS_READ, VTD_FAULT_SM_CONTEXT_INVALID) },
	{ BREAKAGE(context_without_pasids, NESTED, ACCESS_READ, VTD_FAULT_SM_PASIDE_CLEAR) },
	{ BREAKAGE(rid_pasid_beyond_directory, NESTED, ACCESS_READ, VTD_FAULT_SM_RID_PASID),
	  .without_pasid = true },
	{ BREAKAGE(directory_unreadable, NESTED, ACCESS_READ, VTD_FAULT_SM_PASID_DIRECTORY_ACCESS),
	  .unqualified = true },
	{ BREAKAGE(directory_absent, NESTED, ACCESS_READ,
		   VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT) },
	{ BREAKAGE(directory_reserved, NESTED, ACCESS_READ,
		   VTD_FAULT_SM_PASID_DIRECTORY_RESERVED) },
	{ BREAKAGE(pasid_entry_unreadable, NESTED, ACCESS_READ, VTD_FAULT_SM_PASID_ENTRY_ACCESS),
	  .unqualified = true },
	{ BREAKAGE(pasid_entry_absent, NESTED, ACCESS_READ, VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT) },
	{ BREAKAGE(pasid_entry_reserved, NESTED, ACCESS_READ, VTD_FAULT_SM_PASID_ENTRY_RESERVED) },
	{ BREAKAGE(second_pointer_beyond_host, SECOND_STAGE, ACCESS_READ,
		   VTD_FAULT_SM_PASID_ENTRY_RESERVED) },
	{ BREAKAGE(first_pointer_beyond_host, FIRST_STAGE, ACCESS_READ,
		   VTD_FAULT_SM_PASID_ENTRY_RESERVED) },
	{ BREAKAGE(pgtt_reserved, NESTED, ACCESS_READ, VTD_FAULT_SM_PASID_ENTRY_INVALID) },
	{ BREAKAGE(pgtt_zero, NESTED, ACCESS_READ, VTD_FAULT_SM_PASID_ENTRY_INVALID) },
	{ BREAKAGE(aw_zero, NESTED, ACCESS_READ, VTD_FAULT_SM_PASID_ENTRY_INVALID) },
	{ BREAKAGE(aw_reserved, SECOND_STAGE, ACCESS_READ, VTD_FAULT_SM_PASID_ENTRY_INVALID) },
	{ BREAKAGE(fspm_reserved, FIRST_STAGE, ACCESS_READ, VTD_FAULT_SM_PASID_ENTRY_INVALID) },
	{ BREAKAGE_AS("execute_without_ere", nothing, NESTED, ACCESS_EXECUTE,
		      VTD_FAULT_SM_ERE_CLEAR) },
	{ BREAKAGE_AS("supervisor_without_sre", nothing, FIRST_STAGE, ACCESS_READ,
		      VTD_FAULT_SM_SRE_CLEAR),
	  .privileged = true },

	{ BREAKAGE(first_top_unreadable, FIRST_STAGE, ACCESS_READ,
		   VTD_FAULT_SM_FIRST_STAGE_TOP_ACCESS) },
	{ BREAKAGE_AS("first_top_unreadable_nested", first_top_unreadable, NESTED, ACCESS_READ,
		      VTD_FAULT_SM_FIRST_STAGE_TOP_ACCESS) },
	{ BREAKAGE(first_entry_unreadable, NESTED, ACCESS_READ, VTD_FAULT_SM_FIRST_STAGE_ACCESS) },
	{ BREAKAGE(first_pml4e_absent, NESTED, ACCESS_READ, VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT) },
	{ BREAKAGE(first_pte_absent, FIRST_STAGE, ACCESS_WRITE,
		   VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT) },
	{ BREAKAGE(first_pml4e_large, NESTED, ACCESS_READ, VTD_FAULT_SM_FIRST_STAGE_RESERVED) },
	{ BREAKAGE(first_pte_beyond_host, FIRST_STAGE, ACCESS_READ,
		   VTD_FAULT_SM_FIRST_STAGE_RESERVED) },
	{ BREAKAGE(first_pde_misaligned_page, FIRST_STAGE, ACCESS_READ,
		   VTD_FAULT_SM_FIRST_STAGE_RESERVED) },
	{ BREAKAGE(first_xd_without_nxe, FIRST_STAGE, ACCESS_READ,
		   VTD_FAULT_SM_FIRST_STAGE_RESERVED) },
	{ BREAKAGE(first_xd, FIRST_STAGE, ACCESS_EXECUTE, VTD_FAULT_SM_NO_EXECUTE) },
	{ BREAKAGE(first_read_only, NESTED, ACCESS_WRITE, VTD_FAULT_SM_NO_WRITE) },
	{ BREAKAGE(first_read_only_above, FIRST_STAGE, ACCESS_WRITE, VTD_FAULT_SM_NO_WRITE) },
	{ BREAKAGE(first_supervisor, NESTED, ACCESS_READ, VTD_FAULT_SM_USER_TO_SUPERVISOR) },
	{ BREAKAGE(first_write_protected_supervisor, FIRST_STAGE, ACCESS_WRITE,
		   VTD_FAULT_SM_NO_WRITE),
	  .privileged = true },
	{ BREAKAGE(supervisor_executes_user_page, FIRST_STAGE, ACCESS_EXECUTE,
		   VTD_FAULT_SM_NO_EXECUTE),
	  .privileged = true },
	{ BREAKAGE_AS("first_accessed_not_settable", no_exchange, FIRST_STAGE, ACCESS_READ,
		      VTD_FAULT_SM_FIRST_STAGE_AD_UPDATE) },
	{ BREAKAGE_AS("not_canonical", nothing, FIRST_STAGE, ACCESS_READ,
		      VTD_FAULT_SM_NOT_CANONICAL),
	  .input = 1ULL << 56 },
	{ BREAKAGE(first_maps_interrupts, FIRST_STAGE, ACCESS_WRITE,
		   VTD_FAULT_SM_INTERRUPT_ADDRESS) },

	{ BREAKAGE(second_top_unreadable, SECOND_STAGE, ACCESS_READ,
		   VTD_FAULT_SM_SECOND_STAGE_POINTER) },
	{ BREAKAGE(second_entry_unreadable, SECOND_STAGE, ACCESS_READ,
		   VTD_FAULT_SM_SECOND_STAGE_ACCESS) },
	{ BREAKAGE(second_pte_absent, SECOND_STAGE, ACCESS_READ,
		   VTD_FAULT_SM_SECOND_STAGE_PERMISSION) },
	{ BREAKAGE(second_pml4e_absent, SECOND_STAGE, ACCESS_WRITE,
		   VTD_FAULT_SM_SECOND_STAGE_PERMISSION) },
	{ BREAKAGE_AS("second_pte_absent_nested", second_pte_absent, NESTED, ACCESS_READ,
		      VTD_FAULT_SM_SECOND_STAGE_PERMISSION) },
	{ BREAKAGE(second_pml4e_large, SECOND_STAGE, ACCESS_READ,
		   VTD_FAULT_SM_SECOND_STAGE_RESERVED) },
	{ BREAKAGE(second_pte_beyond_host, NESTED, ACCESS_READ,
		   VTD_FAULT_SM_SECOND_STAGE_RESERVED) },
	{ BREAKAGE(second_misaligned_page, SECOND_STAGE, ACCESS_READ,
		   VTD_FAULT_SM_SECOND_STAGE_RESERVED) },
	{ BREAKAGE(second_read_only, SECOND_STAGE, ACCESS_WRITE, VTD_FAULT_SM_NO_WRITE) },
	{ BREAKAGE_AS("second_read_only_nested", second_read_only, NESTED, ACCESS_WRITE,
		      VTD_FAULT_SM_NO_WRITE) },
	{ BREAKAGE(second_write_only, SECOND_STAGE, ACCESS_READ, VTD_FAULT_SM_NO_READ) },
	{ BREAKAGE(second_no_execute, SECOND_STAGE, ACCESS_EXECUTE, VTD_FAULT_SM_NO_EXECUTE) },
	{ BREAKAGE(second_no_execute_nested, NESTED, ACCESS_EXECUTE, VTD_FAULT_SM_NO_EXECUTE) },
	{ BREAKAGE_AS("second_accessed_not_settable", second_accessed, SECOND_STAGE, ACCESS_READ,
		      VTD_FAULT_SM_SECOND_STAGE_AD_UPDATE) },
	{ BREAKAGE_AS("second_input_beyond_width", nothing, SECOND_STAGE, ACCESS_READ,
		      VTD_FAULT_SM_BEYOND_SECOND_STAGE_WIDTH),
	  .input = 1ULL << 57 },
	{ BREAKAGE(second_maps_interrupts, NESTED, ACCESS_READ, VTD_FAULT_SM_INTERRUPT_ADDRESS) },
	{ BREAKAGE_AS("second_interrupt_input_with_pasid", nothing, SECOND_STAGE, ACCESS_WRITE,
		      VTD_FAULT_SM_INTERRUPT_ADDRESS),
	  .input = 0xfee00000 },
	{ BREAKAGE_AS("interrupt_read_without_pasid", nothing, SECOND_STAGE, ACCESS_READ,
		      VTD_FAULT_SM_INTERRUPT_ADDRESS),
	  .input = 0xfee00000, .without_pasid = true },

	{ BREAKAGE(first_table_beyond_width, NESTED, ACCESS_READ,
		   VTD_FAULT_SM_FIRST_STAGE_OUT_OF_REACH) },
	{ BREAKAGE(first_page_beyond_width, NESTED, ACCESS_READ,
		   VTD_FAULT_SM_FIRST_STAGE_OUT_OF_REACH) },
	{ BREAKAGE(first_top_unmapped, NESTED, ACCESS_READ, VTD_FAULT_SM_FIRST_STAGE_TOP_NO_READ) },
	{ BREAKAGE(first_top_unreadable_by_rights, NESTED, ACCESS_READ,
		   VTD_FAULT_SM_FIRST_STAGE_TOP_NO_READ) },
	{ BREAKAGE(first_table_unmapped, NESTED, ACCESS_READ,
		   VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_READ) },
	{ BREAKAGE(first_table_read_only, NESTED, ACCESS_READ,
		   VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_WRITE) },

	{ BREAKAGE_AS("through_beyond_host", nothing, PASS_THROUGH, ACCESS_READ,
		      VTD_FAULT_SM_BEYOND_HOST_WIDTH),
	  .input = 1ULL << 46 },
	{ BREAKAGE_AS("through_to_interrupts_with_pasid", nothing, PASS_THROUGH, ACCESS_WRITE,
		      VTD_FAULT_SM_INTERRUPT_ADDRESS),
	  .input = 0xfeefffff },
};

/* A machine where INPUT (or, without first stage, GUEST) is mapped with all rights. */
static struct machine *working(const struct breakage *breakage, bool observe)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, observe);

	machine_ready(machine, breakage->pgtt);
	if (breakage->pgtt == NESTED || breakage->pgtt == SECOND_STAGE)
		machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_R | SS_W | SS_X);
	if (breakage->pgtt == NESTED || breakage->pgtt == FIRST_STAGE)
		machine_map_first(machine, INPUT, GUEST, 4 * KIB, FS_P | FS_W | FS_U);
	return machine;
}

static struct translation_request request_of(const struct breakage *breakage)
{
	u64 input = breakage->pgtt == NESTED || breakage->pgtt == FIRST_STAGE ? INPUT : GUEST;
	struct translation_request request =
		dma_with_pasid(breakage->access, breakage->input ? breakage->input : input, 1);

	request.has_pasid = !breakage->without_pasid;
	request.privileged = breakage->privileged;
	return request;
}

TEST_WITH_NAMED_PARAMS(vtd_fault, each_wrong_bit_gives_its_reason_and_a_record, struct breakage,
		       breakages, name)
{
	struct machine *machine = working(param, false);
	const struct translation_request request = request_of(param);
	struct translation_result result;
	u64 record[2];

	param->apply(machine);
	result = machine_dma(machine, &request);
	EXPECT_EQ(result.fault, (unsigned int)param->fault);

	machine_frcd(machine, 0, record);
	EXPECT_EQ(field_get(record, "frcd", "F"), 1);
	EXPECT_EQ(field_get(record, "frcd", "FR"), param->fault);
	EXPECT_EQ(field_get(record, "frcd", "FI"), request.address.v & MODEL_PAGE_MASK);
	EXPECT_EQ(field_get(record, "frcd", "SID"), MACHINE_DEVICE);
	EXPECT_EQ(field_get(record, "frcd", "T1"), param->access != ACCESS_WRITE);
	EXPECT_EQ(field_get(record, "frcd", "PP"), !param->without_pasid);
	EXPECT_EQ(field_get(record, "frcd", "PV"), param->without_pasid ? 0 : 1);
	EXPECT_EQ(field_get(record, "frcd", "EXE"), param->access == ACCESS_EXECUTE);
	EXPECT_EQ(field_get(record, "frcd", "PRIV"), param->privileged);
	EXPECT_EQ(machine_counter(machine, "faults"), 1);
	machine_destroy(machine);
}

TEST_WITH_NAMED_PARAMS(vtd_fault, the_same_setup_works_without_the_wrong_bit, struct breakage,
		       breakages, name)
{
	struct machine *machine = working(param, false);
	struct breakage sound = *param;
	struct translation_request request;
	struct translation_result result;

	if (param->input || param->privileged || param->access == ACCESS_EXECUTE)
		sound.input = 0, sound.privileged = false, sound.access = ACCESS_READ;
	request = request_of(&sound);
	result = machine_dma(machine, &request);
	EXPECT_EQ(result.fault, 0);
	machine_destroy(machine);
}

/* FPD in the context entry holds for all that is found through it. */
TEST_WITH_NAMED_PARAMS(vtd_fault, fpd_suppresses_the_record_of_qualified_faults, struct breakage,
		       breakages, name)
{
	struct machine *machine = working(param, false);
	const struct translation_request request = request_of(param);
	const struct vtd_fault_info *info = vtd_fault_info(param->fault);
	bool recorded = param->unqualified;
	struct translation_result result;

	ASSERT_NE(info, NULL);
	EXPECT_EQ(info->qualified, !param->unqualified);
	/* the interrupt range is refused before any context entry is reached */
	if (param->without_pasid && param->input)
		recorded = true;
	set_bit(machine, machine->context_table, 1);
	param->apply(machine);
	result = machine_dma(machine, &request);
	EXPECT_EQ(result.fault, (unsigned int)param->fault);
	EXPECT_EQ(machine_counter(machine, "fault_records"), recorded);
	machine_destroy(machine);
}

/* Unless an earlier entry is at fault, FPD may also stand in the PASID directory or entry. */
TEST(vtd_fault, fpd_may_stand_in_any_entry_on_the_way)
{
	const struct breakage breakage = { .pgtt = NESTED, .access = ACCESS_READ };
	unsigned int where;

	for (where = 0; where < 3; where++) {
		struct machine *machine = working(&breakage, false);
		const u64 at[] = { machine->context_table, machine->directory,
				   machine_pasid_address(machine, 1) };

		SCOPED_NOTE("entry %u", where);
		set_bit(machine, at[where], 1);
		first_pte_absent(machine);
		EXPECT_EQ(machine_read(machine, 1, INPUT).fault,
			  VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT);
		/* once more, now with FPD from the context and PASID caches */
		EXPECT_EQ(machine_read(machine, 1, INPUT).fault,
			  VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT);
		EXPECT_EQ(machine_counter(machine, "fault_records"), 0);
		EXPECT_EQ(machine_counter(machine, "faults"), 2);
		machine_destroy(machine);
	}
}

TEST(vtd_fault, table_is_in_order_and_says_something_of_each)
{
	const struct vtd_fault_info *faults;
	size_t count, i;

	faults = vtd_faults(&count);
	ASSERT_GT(count, 50);
	for (i = 0; i < count; i++) {
		EXPECT_EQ(vtd_fault_info(faults[i].code), &faults[i]);
		EXPECT_NE(faults[i].name, NULL);
		EXPECT_NE(faults[i].text, NULL);
		if (i)
			EXPECT_LT(faults[i - 1].code, faults[i].code);
	}
	EXPECT_EQ(vtd_fault_info(0), NULL);
	EXPECT_EQ(vtd_fault_info(0xff), NULL);
}
