/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue of faults: every reason, by each wrong bit that leads to it in an otherwise working unit, in every kind
 * of request that can meet it, in legacy and scalable mode, with FPD clear and set in each entry on the way.
 */
#include "vtd_catalogue.h"

#include "gtest_c.h"

#define INPUT 0x7f1234567000ULL
#define GUEST 0x40000000ULL
#define HOST 0x123456000ULL
#define INTERRUPTS 0xfee01000ULL
#define PQT 0xc8
#define PQA 0xd0

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

/* Of PASID 1, and of PASID 0, which requests without PASID use. */
static void change_pasid_entries(struct machine *machine, const char *field, u64 value)
{
	u64 entry[8];
	u32 pasid;

	for (pasid = 0; pasid < 2; pasid++) {
		memory_read(machine->memory, hpa(machine_pasid_address(machine, pasid)), entry, 64);
		field_set(entry, "pasid-entry", field, value);
		machine_store_pasid(machine, pasid, entry);
	}
}

static void set_pasid_entries_bit(struct machine *machine, unsigned int bit)
{
	set_bit(machine, machine_pasid_address(machine, 0), bit);
	set_bit(machine, machine_pasid_address(machine, 1), bit);
}

static void change_legacy_context(struct machine *machine, const char *field, u64 value)
{
	u64 context[2];

	memory_read(machine->memory, hpa(machine->context_table), context, sizeof(context));
	field_set(context, "legacy-context", field, value);
	memory_write(machine->memory, hpa(machine->context_table), context, sizeof(context));
}

/* --- root and context, both modes --------------------------------------------------------- */

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

static void legacy_root_beyond_host(struct machine *machine)
{
	machine_root_pointer(machine, 1ULL << 46, MODE_LEGACY);
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

static void root_upper_reserved(struct machine *machine)
{
	set_bit(machine, root_entry(machine), 64);
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
	clear_bit(machine, machine->context_table, 2);
}

static void context_without_device_tlb(struct machine *machine)
{
	clear_bit(machine, machine->context_table, 2);
	clear_bit(machine, machine->context_table, 4);
}

static void context_without_page_requests(struct machine *machine)
{
	clear_bit(machine, machine->context_table, 4);
}

static void context_without_pasids(struct machine *machine)
{
	clear_bit(machine, machine->context_table, 3);
}

static void rid_pasid_beyond_directory(struct machine *machine)
{
	set_bit(machine, machine->context_table, 64 + 13);
}

static void pasid_is_rid_pasid(struct machine *machine)
{
	set_bit(machine, machine->context_table, 64);
}

static void rid_pasid_beyond_pss(struct machine *machine)
{
	set_bit(machine, machine->context_table, 64 + 6);
}

static void rid_is_privileged(struct machine *machine)
{
	set_bit(machine, machine->context_table, 84);
	change_pasid_entries(machine, "SRE", 0);
}

static void legacy_context_reserved(struct machine *machine)
{
	set_bit(machine, machine->context_table, 5);
}

static void legacy_context_upper_reserved(struct machine *machine)
{
	set_bit(machine, machine->context_table, 64 + 40);
}

static void legacy_context_beyond_host(struct machine *machine)
{
	set_bit(machine, machine->context_table, 50);
}

static void tt_reserved(struct machine *machine)
{
	change_legacy_context(machine, "TT", 3);
}

static void tt_without_device_tlb(struct machine *machine)
{
	change_legacy_context(machine, "TT", 0);
}

static void tt_pass_through(struct machine *machine)
{
	change_legacy_context(machine, "TT", 2);
}

static void tt_pass_through_of_39_bits(struct machine *machine)
{
	change_legacy_context(machine, "TT", 2);
	change_legacy_context(machine, "AW", 1);
}

static void legacy_aw_reserved(struct machine *machine)
{
	change_legacy_context(machine, "AW", 5);
}

/* --- PASID directory and entry ------------------------------------------------------------ */

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
	change_pasid_entries(machine, "P", 0);
}

static void pasid_entry_reserved(struct machine *machine)
{
	set_pasid_entries_bit(machine, 200);
}

static void second_pointer_beyond_host(struct machine *machine)
{
	set_pasid_entries_bit(machine, 46);
}

static void first_pointer_beyond_host(struct machine *machine)
{
	set_pasid_entries_bit(machine, 128 + 46);
}

static void walk_memory_type(struct machine *machine)
{
	change_pasid_entries(machine, "PWT", 1);
}

static void pgtt_reserved(struct machine *machine)
{
	change_pasid_entries(machine, "PGTT", 5);
}

static void pgtt_zero(struct machine *machine)
{
	change_pasid_entries(machine, "PGTT", 0);
}

static void aw_zero(struct machine *machine)
{
	change_pasid_entries(machine, "AW", 0);
}

static void aw_reserved(struct machine *machine)
{
	change_pasid_entries(machine, "AW", 4);
}

static void fspm_reserved(struct machine *machine)
{
	change_pasid_entries(machine, "FSPM", 2);
}

static void without_ere(struct machine *machine)
{
	change_pasid_entries(machine, "ERE", 0);
}

static void without_sre(struct machine *machine)
{
	change_pasid_entries(machine, "SRE", 0);
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

static void first_xd(struct machine *machine)
{
	set_bit(machine, machine_first_entry(machine, INPUT, 1), 63);
}

static void first_xd_without_nxe(struct machine *machine)
{
	first_xd(machine);
	change_pasid_entries(machine, "NXE", 0);
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
	change_pasid_entries(machine, "WPE", 1);
}

static void supervisor_executes_user_page(struct machine *machine)
{
	change_pasid_entries(machine, "SMEP", 1);
}

static void no_exchange(struct machine *machine)
{
	machine->exchange_fails = true;
}

static void no_page_walk_snoop(struct machine *machine)
{
	change_pasid_entries(machine, "PWSNP", 0);
}

static void first_maps_interrupts(struct machine *machine)
{
	machine_map_first(machine, INPUT, INTERRUPTS, 4 * KIB, FS_P | FS_W | FS_U);
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

static void second_top_absent(struct machine *machine)
{
	unsigned int top = machine->second_levels;

	machine_store(machine, machine_second_entry(machine, GUEST, top), 0);
}

static void second_pml4e_large(struct machine *machine)
{
	set_bit(machine, machine_second_entry(machine, GUEST, 4), 7);
}

static void second_pte_beyond_host(struct machine *machine)
{
	set_bit(machine, machine_second_entry(machine, GUEST, 1), 47);
}

static void second_transient_mapping(struct machine *machine)
{
	set_bit(machine, machine_second_entry(machine, GUEST, 1), 62);
}

static void second_snoop_above(struct machine *machine)
{
	set_bit(machine, machine_second_entry(machine, GUEST, 2), 11);
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
	clear_bit(machine, machine_second_entry(machine, GUEST, 1), 0);
}

/* No entry is empty, but all together grant nothing (SSS.2). */
static void second_nothing_left(struct machine *machine)
{
	clear_bit(machine, machine_second_entry(machine, GUEST, 1), 0);
	clear_bit(machine, machine_second_entry(machine, GUEST, 2), 1);
}

static void second_execute_only(struct machine *machine)
{
	machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_X);
	change_pasid_entries(machine, "SSEE", 1);
}

static void second_no_execute(struct machine *machine)
{
	clear_bit(machine, machine_second_entry(machine, GUEST, 1), 2);
	change_pasid_entries(machine, "SSEE", 1);
}

static void second_accessed(struct machine *machine)
{
	change_pasid_entries(machine, "SSADE", 1);
	machine->exchange_fails = true;
}

static void second_accessed_without_snoop(struct machine *machine)
{
	change_pasid_entries(machine, "SSADE", 1);
	change_pasid_entries(machine, "PWSNP", 0);
}

static void second_maps_interrupts(struct machine *machine)
{
	machine_map_second(machine, GUEST, INTERRUPTS, 4 * KIB, SS_R | SS_W | SS_X);
}

/* --- nested ------------------------------------------------------------------------------ */

static void first_table_beyond_width(struct machine *machine)
{
	change_pasid_entries(machine, "AW", 1);
	change_pasid_entries(machine, "FSPTPTR", 1ULL << 39);
}

/* A second stage of 39 bits, and a first that points beyond. */
static void first_page_beyond_width(struct machine *machine)
{
	u64 below = machine_load(machine, machine->second_table) & 0xffffffffff000ULL;

	change_pasid_entries(machine, "AW", 1);
	change_pasid_entries(machine, "SSPTPTR", machine_load(machine, below) & 0xffffffffff000ULL);
	machine_map_first(machine, INPUT, 1ULL << 39, 4 * KIB, FS_P | FS_W | FS_U);
}

static void first_top_unmapped(struct machine *machine)
{
	machine_store(machine, machine_second_entry(machine, machine->first_table, 1), 0);
}

static void first_top_write_only(struct machine *machine)
{
	clear_bit(machine, machine_second_entry(machine, machine->first_table, 1), 0);
}

static void first_table_unmapped(struct machine *machine)
{
	machine_store(machine, machine_second_entry(machine, table_gpa(machine, 2), 1), 0);
}

static void first_table_write_only(struct machine *machine)
{
	clear_bit(machine, machine_second_entry(machine, table_gpa(machine, 2), 1), 0);
}

static void first_table_read_only(struct machine *machine)
{
	clear_bit(machine, machine_second_entry(machine, table_gpa(machine, 3), 1), 1);
}

/* Nothing is left to be marked, but with SSADE reading takes the right to write (section 3.8.1). */
static void marked_first_table_read_only_with_ssade(struct machine *machine)
{
	unsigned int level;

	for (level = 1; level <= machine->first_levels; level++) {
		set_bit(machine, machine_first_entry(machine, INPUT, level), 5);
		set_bit(machine, machine_first_entry(machine, INPUT, level), 6);
	}
	first_table_read_only(machine);
	change_pasid_entries(machine, "SSADE", 1);
}

/* --- the rows ---------------------------------------------------------------------------- */

#define NAMED(provoke_, name_) .name = name_, .provoke = provoke_
#define BY(provoke_) NAMED(provoke_, #provoke_)
#define LEGACY_BY(provoke_) NAMED(provoke_, "legacy_" #provoke_)
#define INPUT_ALONE(name_, input_) .name = name_, .input = (input_)
#define ROW(fault_, pgtt_, kinds_, pasids_, reach_, answer_)                            \
	.fault = VTD_FAULT_##fault_, .pgtt = pgtt_, .kinds = kinds_, .pasids = pasids_, \
	.reach = REACHED_##reach_, .answer = ANSWER_##answer_
#define LEGACY_ROW(fault_, kinds_, reach_, answer_) \
	.legacy = true, ROW(fault_, SECOND_STAGE, kinds_, WITHOUT_PASID, reach_, answer_)
/* a fault of a walk by the PASID entry */
#define WALK_ROW(fault_, pgtt_, kinds_, answer_) ROW(fault_, pgtt_, kinds_, EITHER, PASID, answer_)

#define GRANTS_NOTHING NOTHING_GRANTED

static const struct fault_row rows[] = {
	/* legacy mode */
	{ LEGACY_BY(root_absent), LEGACY_ROW(ROOT_NOT_PRESENT, LEGACY_ALL, NONE, UNSUPPORTED) },
	{ LEGACY_BY(context_absent),
	  LEGACY_ROW(CONTEXT_NOT_PRESENT, LEGACY_ALL, CONTEXT, UNSUPPORTED) },
	{ LEGACY_BY(tt_reserved), LEGACY_ROW(CONTEXT_INVALID, LEGACY_ALL, CONTEXT, ABORT) },
	{ LEGACY_BY(legacy_aw_reserved), LEGACY_ROW(CONTEXT_INVALID, LEGACY_ALL, CONTEXT, ABORT) },
	{ LEGACY_BY(second_top_unreadable),
	  LEGACY_ROW(CONTEXT_INVALID, LEGACY_WALK, CONTEXT, ABORT) },
	{ INPUT_ALONE("legacy_beyond_width", 1ULL << 48),
	  LEGACY_ROW(BEYOND_ADDRESS_WIDTH, LEGACY_WALK, CONTEXT, GRANTS_NOTHING) },
	{ NAMED(tt_pass_through, "legacy_through_beyond_host"), .input = 1ULL << 46,
	  LEGACY_ROW(BEYOND_ADDRESS_WIDTH, KINDS_ACCESS, CONTEXT, ABORT) },
	{ NAMED(tt_pass_through_of_39_bits, "legacy_through_beyond_width"), .input = 1ULL << 39,
	  LEGACY_ROW(BEYOND_ADDRESS_WIDTH, KINDS_ACCESS, CONTEXT, ABORT) },
	{ INPUT_ALONE("legacy_translated_beyond_host", 1ULL << 46),
	  LEGACY_ROW(BEYOND_ADDRESS_WIDTH, KINDS_TRANSLATED, CONTEXT, ABORT) },
	{ NAMED(second_pte_absent, "legacy_pte_absent_write"),
	  LEGACY_ROW(NO_WRITE, KIND_WRITE | KIND_ASK, CONTEXT, GRANTS_NOTHING) },
	{ LEGACY_BY(second_read_only), LEGACY_ROW(NO_WRITE, KIND_WRITE, CONTEXT, GRANTS_NOTHING) },
	{ NAMED(second_pte_absent, "legacy_pte_absent_read"),
	  LEGACY_ROW(NO_READ, KIND_READ | KIND_ASK_READ, CONTEXT, GRANTS_NOTHING) },
	{ LEGACY_BY(second_write_only),
	  LEGACY_ROW(NO_READ, KIND_READ | KIND_ASK_READ, CONTEXT, GRANTS_NOTHING) },
	{ LEGACY_BY(second_entry_unreadable),
	  LEGACY_ROW(SECOND_STAGE_ACCESS, LEGACY_WALK, CONTEXT, ABORT) },
	{ LEGACY_BY(legacy_root_beyond_host), LEGACY_ROW(ROOT_ACCESS, LEGACY_ALL, NONE, ABORT) },
	{ LEGACY_BY(root_unreadable), LEGACY_ROW(ROOT_ACCESS, LEGACY_ALL, NONE, ABORT) },
	{ LEGACY_BY(context_unreadable), LEGACY_ROW(CONTEXT_ACCESS, LEGACY_ALL, NONE, ABORT) },
	{ LEGACY_BY(root_reserved), LEGACY_ROW(ROOT_RESERVED, LEGACY_ALL, NONE, ABORT) },
	{ LEGACY_BY(root_upper_reserved), LEGACY_ROW(ROOT_RESERVED, LEGACY_ALL, NONE, ABORT) },
	{ LEGACY_BY(root_points_beyond_host), LEGACY_ROW(ROOT_RESERVED, LEGACY_ALL, NONE, ABORT) },
	{ LEGACY_BY(legacy_context_reserved),
	  LEGACY_ROW(CONTEXT_RESERVED, LEGACY_ALL, CONTEXT, ABORT) },
	/* of a request that is no interrupt, FI is never an index */
	{ .name = "legacy_context_reserved_and_far_input",
	  .provoke = legacy_context_reserved,
	  .input = 1ULL << 63,
	  LEGACY_ROW(CONTEXT_RESERVED, LEGACY_ALL, CONTEXT, ABORT) },
	{ LEGACY_BY(legacy_context_upper_reserved),
	  LEGACY_ROW(CONTEXT_RESERVED, LEGACY_ALL, CONTEXT, ABORT) },
	{ LEGACY_BY(legacy_context_beyond_host),
	  LEGACY_ROW(CONTEXT_RESERVED, LEGACY_ALL, CONTEXT, ABORT) },
	{ LEGACY_BY(second_pte_beyond_host),
	  LEGACY_ROW(SECOND_STAGE_RESERVED, LEGACY_WALK, CONTEXT, ABORT) },
	{ LEGACY_BY(tt_without_device_tlb),
	  LEGACY_ROW(TRANSLATION_TYPE_BLOCKED, KINDS_ASK | KINDS_TRANSLATED, CONTEXT,
		     UNSUPPORTED) },
	{ LEGACY_BY(tt_pass_through),
	  LEGACY_ROW(TRANSLATION_TYPE_BLOCKED, KINDS_ASK | KINDS_TRANSLATED, CONTEXT,
		     UNSUPPORTED) },
	{ LEGACY_BY(second_maps_interrupts),
	  LEGACY_ROW(INTERRUPT_ADDRESS, LEGACY_WALK, CONTEXT, ABORT) },
	{ INPUT_ALONE("legacy_read_of_interrupts", INTERRUPTS),
	  LEGACY_ROW(INTERRUPT_INVALID, KIND_READ, NONE, ABORT) },
	{ INPUT_ALONE("legacy_translated_to_interrupts", INTERRUPTS),
	  LEGACY_ROW(INTERRUPT_ADDRESS, KINDS_TRANSLATED, CONTEXT, ABORT) },
	{ .name = "legacy_request_with_pasid",
	  .legacy = true,
	  ROW(SM_RTA_LEGACY_WITH_PASID, SECOND_STAGE, KINDS_ALL, WITH_PASID, NONE, UNSUPPORTED) },
	{ .name = "legacy_page_request",
	  .legacy = true,
	  ROW(SM_RTA_LEGACY_PAGE_GROUP, SECOND_STAGE, KIND_PAGE, EITHER, NONE, UNSUPPORTED) },

	/* root table address */
	{ BY(ttm_reserved), ROW(SM_RTA_INVALID, NESTED, KINDS_TO_CONTEXT, EITHER, NONE, ABORT) },
	{ BY(ttm_abort), ROW(SM_RTA_ABORT, NESTED, KINDS_TO_CONTEXT, EITHER, NONE, UNSUPPORTED) },
	{ .name = "ttm_abort_of_a_unit_without_it",
	  .provoke = ttm_abort,
	  .without = "ADMS",
	  ROW(SM_RTA_INVALID, NESTED, KINDS_TO_CONTEXT, EITHER, NONE, ABORT) },
	{ .name = "ttm_scalable_of_a_unit_without_it",
	  .without = "SMTS",
	  ROW(SM_RTA_INVALID, NESTED, KINDS_TO_CONTEXT, EITHER, NONE, ABORT) },
	{ BY(root_beyond_host),
	  ROW(SM_ROOT_ACCESS, NESTED, KINDS_TO_CONTEXT, EITHER, NONE, ABORT) },
	{ BY(ttm_legacy),
	  ROW(SM_RTA_LEGACY_WITH_PASID, NESTED, KINDS_ALL, WITH_PASID, NONE, UNSUPPORTED) },
	{ BY(root_unreadable), ROW(SM_ROOT_ACCESS, NESTED, KINDS_TO_CONTEXT, EITHER, NONE, ABORT) },
	{ BY(root_absent),
	  ROW(SM_ROOT_NOT_PRESENT, NESTED, KINDS_TO_CONTEXT, EITHER, NONE, UNSUPPORTED) },
	{ BY(root_reserved), ROW(SM_ROOT_RESERVED, NESTED, KINDS_TO_CONTEXT, EITHER, NONE, ABORT) },
	{ BY(root_points_beyond_host),
	  ROW(SM_ROOT_RESERVED, NESTED, KINDS_TO_CONTEXT, EITHER, NONE, ABORT) },

	/* context entry */
	{ BY(context_unreadable),
	  ROW(SM_CONTEXT_ACCESS, NESTED, KINDS_TO_CONTEXT, EITHER, NONE, ABORT) },
	{ BY(context_absent),
	  ROW(SM_CONTEXT_NOT_PRESENT, NESTED, KINDS_TO_CONTEXT, EITHER, CONTEXT, UNSUPPORTED) },
	{ BY(context_reserved),
	  ROW(SM_CONTEXT_RESERVED, NESTED, KINDS_TO_CONTEXT, EITHER, CONTEXT, ABORT) },
	{ BY(context_pre_without_dte),
	  ROW(SM_CONTEXT_INVALID, NESTED, KINDS_TO_CONTEXT, EITHER, CONTEXT, ABORT) },
	{ BY(context_without_device_tlb),
	  ROW(SM_DTE_CLEAR, NESTED, KINDS_ASK | KINDS_TRANSLATED, EITHER, CONTEXT, UNSUPPORTED) },
	{ BY(context_without_pasids),
	  ROW(SM_PASIDE_CLEAR, NESTED, KINDS_TO_ENTRY, WITH_PASID, CONTEXT, UNSUPPORTED) },
	{ .name = "pasid_beyond_directory",
	  .pasid = 1 << 13,
	  ROW(SM_PASID_TOO_LARGE, NESTED, KINDS_TO_CONTEXT, WITH_PASID, CONTEXT, UNSUPPORTED) },
	{ BY(rid_pasid_beyond_directory),
	  ROW(SM_CONTEXT_INVALID, NESTED, KINDS_TO_CONTEXT, EITHER, CONTEXT, ABORT) },
	{ .name = "pasid_beyond_pss",
	  .pasid = 1 << 6,
	  .pss = 5,
	  ROW(SM_PASID_BEYOND_PSS, NESTED, KINDS_TO_CONTEXT, WITH_PASID, CONTEXT, UNSUPPORTED) },
	{ .name = "pasid_beyond_directory_and_pss",
	  .pasid = 1 << 13,
	  .pss = 5,
	  ROW(SM_PASID_TOO_LARGE, NESTED, KINDS_TO_CONTEXT, WITH_PASID, CONTEXT, UNSUPPORTED) },
	{ NAMED(rid_pasid_beyond_pss, "pasid_is_rid_pasid_beyond_pss"), .pasid = 1 << 6, .pss = 5,
	  ROW(SM_PASID_IS_RID_PASID, NESTED, KINDS_TO_CONTEXT, WITH_PASID, CONTEXT, UNSUPPORTED) },
	{ NAMED(context_without_pasids, "pasid_beyond_pss_without_pasids"), .pasid = 1 << 6,
	  .pss = 5,
	  ROW(SM_PASIDE_CLEAR, NESTED, KINDS_TO_ENTRY, WITH_PASID, CONTEXT, UNSUPPORTED) },
	/* of translated requests, PASIDE is not asked */
	{ NAMED(context_without_pasids, "translated_beyond_pss_without_pasids"), .pasid = 1 << 6,
	  .pss = 5,
	  ROW(SM_PASID_BEYOND_PSS, NESTED, KINDS_TRANSLATED, WITH_PASID, CONTEXT, UNSUPPORTED) },
	{ NAMED(context_without_device_tlb, "context_without_device_tlb_or_page_requests"),
	  ROW(SM_PRE_CLEAR, NESTED, KIND_PAGE, EITHER, CONTEXT, UNSUPPORTED) },
	{ BY(context_without_page_requests),
	  ROW(SM_PRE_CLEAR, NESTED, KIND_PAGE, EITHER, CONTEXT, UNSUPPORTED) },
	{ BY(pasid_is_rid_pasid),
	  ROW(SM_PASID_IS_RID_PASID, NESTED, KINDS_TO_CONTEXT, WITH_PASID, CONTEXT, UNSUPPORTED) },
	{ .name = "translated_with_pasid",
	  ROW(SM_TRANSLATED_WITH_PASID, NESTED, KINDS_TRANSLATED, WITH_PASID, CONTEXT,
	      UNSUPPORTED) },

	/* PASID directory and entry */
	{ BY(directory_unreadable),
	  ROW(SM_PASID_DIRECTORY_ACCESS, NESTED, KINDS_TO_ENTRY, EITHER, CONTEXT, ABORT) },
	{ BY(directory_absent), ROW(SM_PASID_DIRECTORY_NOT_PRESENT, NESTED, KINDS_TO_ENTRY, EITHER,
				    DIRECTORY, NOTHING_GRANTED) },
	{ BY(directory_reserved),
	  ROW(SM_PASID_DIRECTORY_RESERVED, NESTED, KINDS_TO_ENTRY, EITHER, DIRECTORY, ABORT) },
	{ BY(pasid_entry_unreadable),
	  ROW(SM_PASID_ENTRY_ACCESS, NESTED, KINDS_TO_ENTRY, EITHER, DIRECTORY, ABORT) },
	{ BY(pasid_entry_absent),
	  WALK_ROW(SM_PASID_ENTRY_NOT_PRESENT, NESTED, KINDS_TO_ENTRY, GRANTS_NOTHING) },
	{ BY(pasid_entry_reserved),
	  WALK_ROW(SM_PASID_ENTRY_RESERVED, NESTED, KINDS_TO_ENTRY, ABORT) },
	{ BY(second_pointer_beyond_host),
	  WALK_ROW(SM_PASID_ENTRY_RESERVED, SECOND_STAGE, KINDS_TO_ENTRY, ABORT) },
	{ BY(first_pointer_beyond_host),
	  WALK_ROW(SM_PASID_ENTRY_RESERVED, FIRST_STAGE, KINDS_TO_ENTRY, ABORT) },
	{ NAMED(first_pointer_beyond_host, "first_pointer_beyond_host_nested"),
	  WALK_ROW(SM_PASID_ENTRY_RESERVED, NESTED, KINDS_TO_ENTRY, ABORT) },
	{ NAMED(second_pointer_beyond_host, "unused_pointer_beyond_host"),
	  WALK_ROW(SM_PASID_ENTRY_RESERVED, FIRST_STAGE, KINDS_TO_ENTRY, ABORT) },
	{ BY(walk_memory_type), WALK_ROW(SM_PASID_ENTRY_RESERVED, NESTED, KINDS_TO_ENTRY, ABORT) },
	{ BY(pgtt_reserved), WALK_ROW(SM_PASID_ENTRY_INVALID, NESTED, KINDS_TO_ENTRY, ABORT) },
	{ BY(pgtt_zero), WALK_ROW(SM_PASID_ENTRY_INVALID, NESTED, KINDS_TO_ENTRY, ABORT) },
	{ .name = "nested_of_a_unit_without_it",
	  .without = "NEST",
	  WALK_ROW(SM_PASID_ENTRY_INVALID, NESTED, KINDS_TO_ENTRY, ABORT) },
	{ .name = "pass_through_of_a_unit_without_it",
	  .without = "PT",
	  WALK_ROW(SM_PASID_ENTRY_INVALID, PASS_THROUGH, KINDS_TO_ENTRY, ABORT) },
	{ BY(aw_zero), WALK_ROW(SM_PASID_ENTRY_INVALID, NESTED, KINDS_TO_ENTRY, ABORT) },
	{ BY(aw_reserved), WALK_ROW(SM_PASID_ENTRY_INVALID, SECOND_STAGE, KINDS_TO_ENTRY, ABORT) },
	{ BY(fspm_reserved), WALK_ROW(SM_PASID_ENTRY_INVALID, FIRST_STAGE, KINDS_TO_ENTRY, ABORT) },
	{ BY(without_ere),
	  ROW(SM_ERE_CLEAR, NESTED, KINDS_EXECUTE, WITH_PASID, PASID, NOTHING_GRANTED) },
	{ NAMED(without_ere, "without_ere_or_second_stage"),
	  ROW(SM_ERE_CLEAR, FIRST_STAGE, KINDS_EXECUTE, WITH_PASID, PASID, NOTHING_GRANTED) },
	{ NAMED(without_ere, "without_ere_or_first_stage"),
	  ROW(SM_ERE_CLEAR, SECOND_STAGE, KINDS_EXECUTE, WITH_PASID, PASID, NOTHING_GRANTED) },
	{ BY(without_sre), .privileged = true,
	  ROW(SM_SRE_CLEAR, FIRST_STAGE, KINDS_WALK, WITH_PASID, PASID, NOTHING_GRANTED) },
	{ NAMED(without_sre, "without_sre_or_first_stage"), .privileged = true,
	  ROW(SM_SRE_CLEAR, PASS_THROUGH, KINDS_WALK, WITH_PASID, PASID, NOTHING_GRANTED) },
	{ BY(rid_is_privileged), ROW(SM_SRE_CLEAR, NESTED, KINDS_ACCESS | KINDS_ASK, WITHOUT_PASID,
				     PASID, NOTHING_GRANTED) },

	/* first stage */
	{ NAMED(first_entry_unreadable, "first_entry_unreadable_alone"),
	  WALK_ROW(SM_FIRST_STAGE_ACCESS, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_entry_unreadable),
	  WALK_ROW(SM_FIRST_STAGE_ACCESS, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_pml4e_absent),
	  WALK_ROW(SM_FIRST_STAGE_NOT_PRESENT, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_pte_absent),
	  WALK_ROW(SM_FIRST_STAGE_NOT_PRESENT, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_pml4e_large),
	  WALK_ROW(SM_FIRST_STAGE_RESERVED, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_pte_beyond_host),
	  WALK_ROW(SM_FIRST_STAGE_RESERVED, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ NAMED(first_pte_beyond_host, "first_pte_beyond_host_nested"),
	  WALK_ROW(SM_FIRST_STAGE_RESERVED, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_pde_misaligned_page),
	  WALK_ROW(SM_FIRST_STAGE_RESERVED, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_xd_without_nxe),
	  WALK_ROW(SM_FIRST_STAGE_RESERVED, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_top_unreadable),
	  WALK_ROW(SM_FIRST_STAGE_TOP_ACCESS, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ NAMED(first_top_unreadable, "first_top_unreadable_nested"),
	  WALK_ROW(SM_FIRST_STAGE_TOP_ACCESS, NESTED, KINDS_WALK, GRANTS_NOTHING) },

	/* nested */
	{ BY(first_table_beyond_width),
	  WALK_ROW(SM_PASID_ENTRY_INVALID, NESTED, KINDS_TO_ENTRY, ABORT) },
	{ BY(first_page_beyond_width),
	  WALK_ROW(SM_FIRST_STAGE_OUT_OF_REACH, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_top_unmapped),
	  WALK_ROW(SM_SECOND_STAGE_PERMISSION, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_top_write_only),
	  WALK_ROW(SM_FIRST_STAGE_TOP_NO_READ, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_table_unmapped),
	  WALK_ROW(SM_SECOND_STAGE_PERMISSION, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_table_write_only),
	  WALK_ROW(SM_FIRST_STAGE_ENTRY_NO_READ, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_table_read_only),
	  WALK_ROW(SM_FIRST_STAGE_ENTRY_NO_WRITE, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(marked_first_table_read_only_with_ssade),
	  WALK_ROW(SM_FIRST_STAGE_ENTRY_NO_WRITE, NESTED, KINDS_WALK, GRANTS_NOTHING) },

	/* second stage */
	{ BY(second_entry_unreadable),
	  WALK_ROW(SM_SECOND_STAGE_ACCESS, SECOND_STAGE, KINDS_WALK, ABORT) },
	{ NAMED(second_entry_unreadable, "second_entry_unreadable_nested"),
	  WALK_ROW(SM_SECOND_STAGE_ACCESS, NESTED, KINDS_WALK, ABORT) },
	{ BY(second_pte_absent),
	  WALK_ROW(SM_SECOND_STAGE_PERMISSION, SECOND_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(second_nothing_left),
	  WALK_ROW(SM_SECOND_STAGE_PERMISSION, SECOND_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(second_top_absent),
	  WALK_ROW(SM_SECOND_STAGE_PERMISSION, SECOND_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ NAMED(second_pte_absent, "second_pte_absent_nested"),
	  WALK_ROW(SM_SECOND_STAGE_PERMISSION, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(second_pml4e_large),
	  WALK_ROW(SM_SECOND_STAGE_RESERVED, SECOND_STAGE, KINDS_WALK, ABORT) },
	{ BY(second_pte_beyond_host),
	  WALK_ROW(SM_SECOND_STAGE_RESERVED, NESTED, KINDS_WALK, ABORT) },
	{ BY(second_transient_mapping),
	  WALK_ROW(SM_SECOND_STAGE_RESERVED, SECOND_STAGE, KINDS_WALK, ABORT) },
	{ BY(second_snoop_above),
	  WALK_ROW(SM_SECOND_STAGE_RESERVED, SECOND_STAGE, KINDS_WALK, ABORT) },
	{ BY(second_misaligned_page),
	  WALK_ROW(SM_SECOND_STAGE_RESERVED, SECOND_STAGE, KINDS_WALK, ABORT) },
	{ BY(second_top_unreadable),
	  WALK_ROW(SM_SECOND_STAGE_POINTER, SECOND_STAGE, KINDS_WALK, ABORT) },
	{ NAMED(second_top_unreadable, "second_top_unreadable_nested"),
	  WALK_ROW(SM_SECOND_STAGE_POINTER, NESTED, KINDS_WALK, ABORT) },
	{ BY(second_accessed),
	  WALK_ROW(SM_SECOND_STAGE_AD_UPDATE, SECOND_STAGE, KINDS_WALK, ABORT) },
	{ NAMED(second_accessed, "second_accessed_nested"),
	  WALK_ROW(SM_SECOND_STAGE_AD_UPDATE, NESTED, KINDS_WALK, ABORT) },
	{ BY(second_accessed_without_snoop),
	  WALK_ROW(SM_SECOND_STAGE_AD_NO_SNOOP, SECOND_STAGE, KINDS_WALK, ABORT) },
	{ NAMED(second_accessed_without_snoop, "second_accessed_without_snoop_nested"),
	  WALK_ROW(SM_SECOND_STAGE_AD_NO_SNOOP, NESTED, KINDS_WALK, ABORT) },

	/* addresses and rights */
	{ INPUT_ALONE("not_canonical", 1ULL << 56),
	  WALK_ROW(SM_NOT_CANONICAL, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ INPUT_ALONE("not_canonical_nested", 1ULL << 56),
	  WALK_ROW(SM_NOT_CANONICAL, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ NAMED(first_supervisor, "first_supervisor_alone"),
	  WALK_ROW(SM_USER_TO_SUPERVISOR, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_supervisor),
	  WALK_ROW(SM_USER_TO_SUPERVISOR, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_xd), ROW(SM_NO_EXECUTE, FIRST_STAGE, KIND_EXECUTE, WITH_PASID, PASID, ABORT) },
	{ BY(supervisor_executes_user_page), .privileged = true,
	  ROW(SM_NO_EXECUTE, FIRST_STAGE, KIND_EXECUTE, WITH_PASID, PASID, ABORT) },
	{ BY(second_no_execute),
	  ROW(SM_NO_EXECUTE, SECOND_STAGE, KIND_EXECUTE, WITH_PASID, PASID, ABORT) },
	{ NAMED(second_no_execute, "second_no_execute_nested"),
	  ROW(SM_NO_EXECUTE, NESTED, KIND_EXECUTE, WITH_PASID, PASID, ABORT) },
	{ INPUT_ALONE("through_beyond_host", 1ULL << 46),
	  WALK_ROW(SM_BEYOND_HOST_WIDTH, PASS_THROUGH, KINDS_WALK, GRANTS_NOTHING) },
	{ INPUT_ALONE("translated_beyond_host", 1ULL << 46),
	  ROW(SM_BEYOND_HOST_WIDTH, NESTED, KINDS_TRANSLATED, WITHOUT_PASID, CONTEXT, ABORT) },
	{ INPUT_ALONE("second_input_beyond_width", 1ULL << 57),
	  WALK_ROW(SM_BEYOND_SECOND_STAGE_WIDTH, SECOND_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_read_only), WALK_ROW(SM_NO_WRITE, NESTED, KIND_WRITE, ABORT) },
	{ BY(first_read_only_above), WALK_ROW(SM_NO_WRITE, FIRST_STAGE, KIND_WRITE, ABORT) },
	{ BY(first_write_protected_supervisor), .privileged = true,
	  ROW(SM_NO_WRITE, FIRST_STAGE, KIND_WRITE, WITH_PASID, PASID, ABORT) },
	{ BY(second_read_only), WALK_ROW(SM_NO_WRITE, SECOND_STAGE, KIND_WRITE, ABORT) },
	{ NAMED(second_read_only, "second_read_only_nested"),
	  WALK_ROW(SM_NO_WRITE, NESTED, KIND_WRITE, ABORT) },
	{ BY(second_write_only),
	  WALK_ROW(SM_NO_READ, SECOND_STAGE, KIND_READ | KIND_EXECUTE | KIND_ASK_READ,
		   GRANTS_NOTHING) },
	{ BY(second_execute_only),
	  WALK_ROW(SM_NO_READ, SECOND_STAGE, KIND_READ | KINDS_ASK, GRANTS_NOTHING) },
	{ NAMED(second_write_only, "second_write_only_nested"),
	  WALK_ROW(SM_NO_READ, NESTED, KIND_READ | KIND_EXECUTE | KIND_ASK_READ, GRANTS_NOTHING) },
	{ BY(first_maps_interrupts),
	  WALK_ROW(SM_INTERRUPT_ADDRESS, FIRST_STAGE, KINDS_WALK, ABORT) },
	{ NAMED(second_maps_interrupts, "second_maps_interrupts_alone"),
	  WALK_ROW(SM_INTERRUPT_ADDRESS, SECOND_STAGE, KINDS_WALK, ABORT) },
	{ BY(second_maps_interrupts), WALK_ROW(SM_INTERRUPT_ADDRESS, NESTED, KINDS_WALK, ABORT) },
	{ INPUT_ALONE("through_to_interrupts", INTERRUPTS),
	  ROW(SM_INTERRUPT_ADDRESS, PASS_THROUGH, KINDS_PLAIN, WITH_PASID, PASID, ABORT) },
	{ INPUT_ALONE("interrupt_read", INTERRUPTS),
	  ROW(INTERRUPT_INVALID, SECOND_STAGE, KIND_READ, WITHOUT_PASID, NONE, ABORT) },
	{ INPUT_ALONE("translated_to_interrupts", INTERRUPTS),
	  ROW(SM_INTERRUPT_ADDRESS, NESTED, KINDS_TRANSLATED, WITHOUT_PASID, CONTEXT, ABORT) },

	/* marks */
	{ BY(no_exchange),
	  WALK_ROW(SM_FIRST_STAGE_AD_UPDATE, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ NAMED(no_exchange, "no_exchange_nested"),
	  WALK_ROW(SM_FIRST_STAGE_AD_UPDATE, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(no_page_walk_snoop),
	  WALK_ROW(SM_FIRST_STAGE_AD_NO_SNOOP, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ NAMED(no_page_walk_snoop, "no_page_walk_snoop_nested"),
	  WALK_ROW(SM_FIRST_STAGE_AD_NO_SNOOP, NESTED, KINDS_WALK, GRANTS_NOTHING) },
};

const struct fault_row *vtd_catalogue(size_t *count)
{
	*count = sizeof(rows) / sizeof(rows[0]);
	return rows;
}

/* --- units and requests ------------------------------------------------------------------ */

static bool has_first_stage(const struct fault_row *row)
{
	return row->pgtt == FIRST_STAGE || row->pgtt == NESTED;
}

static void start_legacy(struct machine *machine)
{
	machine_start(machine, MODE_LEGACY);
	machine_stages(machine, 4, 4, false);
	machine_legacy_context(machine, 1);
}

static void start_scalable(struct machine *machine, const struct fault_row *row)
{
	machine_ready(machine, row->pgtt);
	set_bit(machine, machine->context_table, 2); /* DTE */
	set_bit(machine, machine->context_table, 4); /* PRE */
	change_pasid_entries(machine, "SRE", 1);
	change_pasid_entries(machine, "ERE", 1);
	change_pasid_entries(machine, "NXE", 1);
}

/* A unit where the row's request works: all rights, all enabled, and the function may translate. */
static struct machine *fault_machine(const struct fault_row *row)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	config.ecap = with_field(config.ecap, "ecap", "NWFS", 1);
	config.ecap = with_field(config.ecap, "ecap", "ADMS", 1);
	if (row->pss)
		config.ecap = with_field(config.ecap, "ecap", "PSS", row->pss);
	if (row->without)
		config.ecap = with_field(config.ecap, "ecap", row->without, 0);
	machine = machine_create(&config, false);

	if (row->legacy)
		start_legacy(machine);
	else
		start_scalable(machine, row);
	if (row->pgtt == NESTED || row->pgtt == SECOND_STAGE)
		machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_R | SS_W | SS_X);
	if (has_first_stage(row))
		machine_map_first(machine, INPUT, GUEST, 4 * KIB, FS_P | FS_W | FS_U);
	machine_write64(machine, PQA, machine_page(machine));
	return machine;
}

static struct translation_request fault_request(const struct fault_row *row, unsigned int kind,
						bool has_pasid)
{
	u64 mapped = has_first_stage(row) ? INPUT : GUEST;
	struct translation_request request = {
		.source_id = MACHINE_DEVICE,
		.has_pasid = has_pasid,
		.pasid = row->pasid ? row->pasid : 1,
		.privileged = row->privileged,
		.access = kind & (KIND_WRITE | KIND_TRANSLATED_WRITE) ? ACCESS_WRITE
			  : kind & KINDS_EXECUTE                      ? ACCESS_EXECUTE
								      : ACCESS_READ,
		.type = kind & KINDS_ASK          ? ADDRESS_TRANSLATION_REQUEST
			: kind & KINDS_TRANSLATED ? ADDRESS_TRANSLATED
						  : ADDRESS_UNTRANSLATED,
		.no_write = kind & KIND_ASK_READ,
	};

	if (kind & KINDS_TRANSLATED)
		mapped = HOST;
	request.address = iova((row->input ? row->input : mapped) + 0x123);
	return request;
}

/* Sets FPD in the entry of that level. */
static void disable_records(struct machine *machine, const struct fault_row *row,
			    enum fault_reach where)
{
	switch (where) {
	case REACHED_CONTEXT:
		set_bit(machine, machine_context_address(machine), 1);
		return;
	case REACHED_DIRECTORY:
		if (!row->legacy)
			set_bit(machine, machine->directory, 1);
		return;
	case REACHED_PASID:
		if (!row->legacy)
			change_pasid_entries(machine, "FPD", 1);
		return;
	default:
		return;
	}
}

/* --- what has to come of them ------------------------------------------------------------- */

/* A row's fault, met by one kind of request. */
struct meeting {
	const struct fault_row *row;
	unsigned int kind;
	bool has_pasid;
	enum fault_reach fpd; /* where FPD is set; REACHED_NONE: nowhere */
};

/* Calls fn for each way in which the row's fault can be met. */
static void each_meeting(const struct fault_row *row, void (*fn)(const struct meeting *meeting))
{
	unsigned int bit, pasid, fpd;

	for (bit = 0; bit < KIND_COUNT; bit++)
		for (pasid = 0; pasid < 2; pasid++)
			for (fpd = REACHED_NONE; fpd < REACH_COUNT; fpd++) {
				const struct meeting meeting = { row, 1u << bit, pasid,
								 (enum fault_reach)fpd };
				unsigned int wanted = pasid ? WITH_PASID : WITHOUT_PASID;

				/* a request without PASID cannot ask to execute */
				if (!(row->kinds & meeting.kind) || !(row->pasids & wanted) ||
				    (!pasid && (meeting.kind & KINDS_EXECUTE)))
					continue;
				SCOPED_NOTE("%s: kind 0x%x, PASID %u, FPD %u", row->name,
					    meeting.kind, pasid, fpd);
				fn(&meeting);
			}
}

static bool asks(const struct meeting *meeting)
{
	return meeting->kind & KINDS_ASK;
}

/* SFS.10 is reported although the function is told that nothing is granted. */
static bool is_told(const struct meeting *meeting)
{
	return !asks(meeting) || meeting->row->answer != ANSWER_NOTHING_GRANTED ||
	       meeting->row->fault == VTD_FAULT_SM_FIRST_STAGE_AD_UPDATE;
}

bool vtd_catalogue_qualified(enum vtd_fault fault)
{
	static const u8 always[] = { 0x01, 0x08, 0x09, 0x0a, 0x20, 0x21, 0x23,
				     0x25, 0x29, 0x2a, 0x2b, 0x30, 0x31, 0x32,
				     0x33, 0x38, 0x39, 0x3a, 0x40, 0x50, 0x58 };
	size_t i;

	for (i = 0; i < sizeof(always); i++)
		if (always[i] == (unsigned int)fault)
			return false;
	return true;
}

/* FPD of an entry counts for what is found through it, and never for reasons that are not qualified. */
static bool is_recorded(const struct meeting *meeting)
{
	bool suppressed = meeting->fpd != REACHED_NONE && meeting->fpd <= meeting->row->reach;

	return is_told(meeting) && !(suppressed && vtd_catalogue_qualified(meeting->row->fault));
}

/* request: of a page request, the read of its page. */
static void expect_record(struct machine *machine, const struct meeting *meeting,
			  const struct translation_request *request)
{
	u64 record[2];

	machine_frcd(machine, 0, record);
	EXPECT_EQ(field_get(record, "frcd", "F"), 1);
	EXPECT_EQ(field_get(record, "frcd", "FR"), meeting->row->fault);
	/* section 11.4.7.6: bits above the widest second stage, 57 here, read zero */
	EXPECT_EQ(field_get(record, "frcd", "FI"),
		  request->address.v & MODEL_PAGE_MASK & ((1ULL << 57) - 1));
	EXPECT_EQ(field_get(record, "frcd", "SID"), MACHINE_DEVICE);
	EXPECT_EQ(field_get(record, "frcd", "PP"), meeting->has_pasid);
	EXPECT_EQ(field_get(record, "frcd", "PV"), meeting->has_pasid ? request->pasid : 0);
	EXPECT_EQ(field_get(record, "frcd", "EXE"), (meeting->kind & KINDS_EXECUTE) != 0);
	EXPECT_EQ(field_get(record, "frcd", "PRIV"), meeting->row->privileged);
	EXPECT_EQ(field_get(record, "frcd", "AT"), request->type);
	/* a translation request is a read, whatever it asks for (section 4.2.1) */
	EXPECT_EQ(field_get(record, "frcd", "T1"),
		  !(meeting->kind & (KIND_WRITE | KIND_TRANSLATED_WRITE | KIND_PAGE)));
	EXPECT_EQ(field_get(record, "frcd", "T2"), meeting->kind == KIND_PAGE);
}

static void expect_answer(const struct meeting *meeting, const struct translation_result *result)
{
	static const enum ats_status statuses[] = {
		[ANSWER_NOTHING_GRANTED] = ATS_SUCCESS,
		[ANSWER_UNSUPPORTED] = ATS_UNSUPPORTED_REQUEST,
		[ANSWER_ABORT] = ATS_COMPLETER_ABORT,
	};

	EXPECT_EQ(result->ats_status, statuses[meeting->row->answer]);
	EXPECT_EQ(result->completion, 0);
}

static struct page_request page_request(const struct translation_request *read)
{
	return (struct page_request){
		.source_id = read->source_id,
		.has_pasid = read->has_pasid,
		.pasid = read->pasid,
		.address = read->address.v & MODEL_PAGE_MASK,
		.read = true,
		.last = true,
		.group = 5,
	};
}

/* Table 31: the function is told that its request was not valid, whether or not there is a record. */
static void expect_page_fault(const struct meeting *meeting)
{
	const struct translation_request read =
		fault_request(meeting->row, meeting->kind, meeting->has_pasid);
	const struct page_request request = page_request(&read);
	struct machine *machine = fault_machine(meeting->row);
	bool recorded = is_recorded(meeting);
	unsigned int again;

	disable_records(machine, meeting->row, meeting->fpd);
	if (meeting->row->provoke)
		meeting->row->provoke(machine);
	for (again = 1; again <= 2; again++) {
		vtd_page_request(machine->unit, &request);
		EXPECT_EQ(machine_counter(machine, "faults"), again);
		EXPECT_EQ(machine_counter(machine, "fault_records"), recorded ? again : 0);
		ASSERT_EQ(machine->response_count, again);
		EXPECT_EQ(machine->responses[again - 1].code, PRI_INVALID_REQUEST);
		EXPECT_EQ(machine->responses[again - 1].group, 5);
		EXPECT_EQ(machine->responses[again - 1].source_id, MACHINE_DEVICE);
		EXPECT_EQ(machine->responses[again - 1].has_pasid, request.has_pasid);
		EXPECT_EQ(machine->responses[again - 1].pasid, request.pasid);
	}
	EXPECT_EQ(machine_read64(machine, PQT), 0);
	if (recorded)
		expect_record(machine, meeting, &read);
	machine_destroy(machine);
}

static void expect_fault(const struct meeting *meeting)
{
	const struct translation_request request =
		fault_request(meeting->row, meeting->kind, meeting->has_pasid);
	struct machine *machine = fault_machine(meeting->row);
	bool told = is_told(meeting), recorded = is_recorded(meeting);
	struct translation_result result;
	unsigned int again;

	disable_records(machine, meeting->row, meeting->fpd);
	if (meeting->row->provoke)
		meeting->row->provoke(machine);
	/* once from memory, once with what the context and PASID caches hold */
	for (again = 1; again <= 2; again++) {
		result = machine_dma(machine, &request);
		EXPECT_EQ(result.fault, told ? meeting->row->fault : VTD_FAULT_NONE);
		EXPECT_EQ(result.rights, 0);
		if (asks(meeting))
			expect_answer(meeting, &result);
		EXPECT_EQ(machine_counter(machine, "faults"), told ? again : 0);
		EXPECT_EQ(machine_counter(machine, "fault_records"), recorded ? again : 0);
	}
	EXPECT_EQ(machine_read32(machine, 0x34) >> 1 & 1, recorded); /* FSTS.PPF */
	if (recorded)
		expect_record(machine, meeting, &request);
	machine_destroy(machine);
}

static void expect_fault_of(const struct meeting *meeting)
{
	if (meeting->kind == KIND_PAGE)
		expect_page_fault(meeting);
	else
		expect_fault(meeting);
}

TEST_WITH_NAMED_PARAMS(vtd_catalogue,
		       every_request_that_can_meet_it_does_and_fpd_suppresses_its_record,
		       struct fault_row, rows, name)
{
	each_meeting(param, expect_fault_of);
}

static void expect_no_fault(const struct meeting *meeting)
{
	struct fault_row sound = *meeting->row;
	struct machine *machine;
	struct translation_request request;

	sound.input = 0;
	sound.pasid = 0;
	sound.without = NULL;
	sound.privileged = false;
	request = fault_request(&sound, meeting->kind, meeting->has_pasid && !sound.legacy);
	/* legacy mode has no page requests at all */
	sound.legacy &= meeting->kind != KIND_PAGE;
	machine = fault_machine(&sound);
	if (meeting->kind == KIND_PAGE) {
		const struct page_request page = page_request(&request);

		vtd_page_request(machine->unit, &page);
		EXPECT_EQ(machine_read64(machine, PQT), 32);
		EXPECT_EQ(machine->response_count, 0);
		machine_destroy(machine);
		return;
	}
	/* but for translated requests with PASID, which never do */
	EXPECT_EQ(machine_dma(machine, &request).fault,
		  request.has_pasid && request.type == ADDRESS_TRANSLATED
			  ? VTD_FAULT_SM_TRANSLATED_WITH_PASID
			  : VTD_FAULT_NONE);
	machine_destroy(machine);
}

TEST_WITH_NAMED_PARAMS(vtd_catalogue, the_same_request_works_without_what_provokes_it,
		       struct fault_row, rows, name)
{
	each_meeting(param, expect_no_fault);
}
