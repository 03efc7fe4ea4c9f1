/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue of faults, part two: what is wrong with the paging entries of both stages, with rights, addresses and
 * marks.
 */
#include "vtd_catalogue.h"

#include "gtest_c.h"

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

static void first_pte_absent_and_reserved(struct machine *machine)
{
	first_pte_absent(machine);
	set_bit(machine, machine_first_entry(machine, INPUT, 1), 46);
}

static void first_pml5e_large(struct machine *machine)
{
	set_bit(machine, machine_first_entry(machine, INPUT, 5), 7);
}

static void first_pdpte_beyond_host(struct machine *machine)
{
	set_bit(machine, machine_first_entry(machine, INPUT, 3), 46);
}

static void first_pdpte_misaligned_page(struct machine *machine)
{
	set_bit(machine, machine_first_entry(machine, INPUT, 3), 7);
	set_bit(machine, machine_first_entry(machine, INPUT, 3), 29);
}

/* The first stage from the level below the top on. */
static void first_of_4_levels(struct machine *machine)
{
	u64 below = machine_load(machine, machine_first_entry(machine, INPUT, 5)) &
		    0xffffffffff000ULL;

	change_pasid_entries(machine, "FSPM", 0);
	change_pasid_entries(machine, "FSPTPTR", below);
}

static void first_top_of_4_levels_unreadable(struct machine *machine)
{
	first_of_4_levels(machine);
	machine->fails_at = machine_first_entry(machine, INPUT, 4) & MODEL_PAGE_MASK;
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

static void first_xd_above_without_nxe(struct machine *machine)
{
	set_bit(machine, machine_first_entry(machine, INPUT, 3), 63);
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

static void first_supervisor_xd(struct machine *machine)
{
	first_supervisor(machine);
	first_xd(machine);
}

static void first_supervisor_read_only(struct machine *machine)
{
	first_supervisor(machine);
	first_read_only(machine);
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

/* A of all entries is there: D of the leaf is what remains to be set. */
static void first_accessed(struct machine *machine)
{
	unsigned int level;

	for (level = 1; level <= machine->first_levels; level++)
		set_bit(machine, machine_first_entry(machine, INPUT, level), 5);
}

static void dirty_refused(struct machine *machine)
{
	first_accessed(machine);
	no_exchange(machine);
}

static void dirty_without_snoop(struct machine *machine)
{
	first_accessed(machine);
	no_page_walk_snoop(machine);
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

static void second_pte_absent_and_reserved(struct machine *machine)
{
	machine_store(machine, machine_second_entry(machine, GUEST, 1), 1ULL << 62 | 1ULL << 47);
}

static void second_top_absent(struct machine *machine)
{
	unsigned int top = machine->second_levels;

	machine_store(machine, machine_second_entry(machine, GUEST, top), 0);
}

static void second_pml5e_large(struct machine *machine)
{
	set_bit(machine, machine_second_entry(machine, GUEST, 5), 7);
}

static void second_pdpte_beyond_host(struct machine *machine)
{
	set_bit(machine, machine_second_entry(machine, GUEST, 3), 47);
}

static void second_pdpte_misaligned_page(struct machine *machine)
{
	set_bit(machine, machine_second_entry(machine, GUEST, 3), 7);
	set_bit(machine, machine_second_entry(machine, GUEST, 3), 29);
}

static void second_transient_mapping_above(struct machine *machine)
{
	set_bit(machine, machine_second_entry(machine, GUEST, 2), 62);
}

/* The second stage from two levels below the top on. */
static void second_of_39_bits(struct machine *machine)
{
	u64 below = machine_load(machine, machine->second_table) & 0xffffffffff000ULL;

	change_pasid_entries(machine, "AW", 1);
	change_pasid_entries(machine, "SSPTPTR", machine_load(machine, below) & 0xffffffffff000ULL);
}

static void second_top_of_39_bits_unreadable(struct machine *machine)
{
	second_of_39_bits(machine);
	machine->fails_at = machine_second_entry(machine, GUEST, 3) & MODEL_PAGE_MASK;
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

/* X counts with SSEE alone. */
static void second_execute_bit_alone(struct machine *machine)
{
	machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_X);
}

static void second_no_execute(struct machine *machine)
{
	clear_bit(machine, machine_second_entry(machine, GUEST, 1), 2);
	change_pasid_entries(machine, "SSEE", 1);
}

static void second_write_only_no_execute(struct machine *machine)
{
	second_write_only(machine);
	second_no_execute(machine);
}

static void second_marked_accessed(struct machine *machine)
{
	unsigned int level;

	change_pasid_entries(machine, "SSADE", 1);
	for (level = 1; level <= machine->second_levels; level++)
		set_bit(machine, machine_second_entry(machine, GUEST, level), 8);
}

static void second_dirty_refused(struct machine *machine)
{
	second_marked_accessed(machine);
	machine->exchange_fails = true;
}

static void second_dirty_without_snoop(struct machine *machine)
{
	second_marked_accessed(machine);
	change_pasid_entries(machine, "PWSNP", 0);
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
	second_of_39_bits(machine);
	machine_map_first(machine, INPUT, 1ULL << 39, 4 * KIB, FS_P | FS_W | FS_U);
}

static void first_pdpte_beyond_width(struct machine *machine)
{
	second_of_39_bits(machine);
	set_bit(machine, machine_first_entry(machine, INPUT, 3), 39);
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

static void first_tables_second_unreadable(struct machine *machine)
{
	machine->fails_at = machine_second_entry(machine, table_gpa(machine, 2), 1) &
			    MODEL_PAGE_MASK;
}

static void first_tables_second_reserved(struct machine *machine)
{
	set_bit(machine, machine_second_entry(machine, table_gpa(machine, 2), 1), 62);
}

static void leaf_table_read_only_and_dirty_due(struct machine *machine)
{
	first_accessed(machine);
	clear_bit(machine, machine_second_entry(machine, table_gpa(machine, 1), 1), 1);
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

static const struct fault_row rows[] = {
	/* legacy mode */
	{ LEGACY_BY(second_top_unreadable),
	  LEGACY_ROW(CONTEXT_INVALID, LEGACY_WALK, CONTEXT, ABORT) },
	{ NAMED(second_pte_absent, "legacy_pte_absent_write"),
	  LEGACY_ROW(NO_WRITE, KIND_WRITE | KIND_ASK, CONTEXT, GRANTS_NOTHING) },
	{ LEGACY_BY(second_read_only), LEGACY_ROW(NO_WRITE, KIND_WRITE, CONTEXT, GRANTS_NOTHING) },
	{ NAMED(second_pte_absent, "legacy_pte_absent_read"),
	  LEGACY_ROW(NO_READ, KIND_READ | KIND_ASK_READ, CONTEXT, GRANTS_NOTHING) },
	{ LEGACY_BY(second_write_only),
	  LEGACY_ROW(NO_READ, KIND_READ | KIND_ASK_READ, CONTEXT, GRANTS_NOTHING) },
	{ LEGACY_BY(second_entry_unreadable),
	  LEGACY_ROW(SECOND_STAGE_ACCESS, LEGACY_WALK, CONTEXT, ABORT) },
	{ LEGACY_BY(second_pte_beyond_host),
	  LEGACY_ROW(SECOND_STAGE_RESERVED, LEGACY_WALK, CONTEXT, ABORT) },
	{ LEGACY_BY(second_maps_interrupts),
	  LEGACY_ROW(INTERRUPT_ADDRESS, LEGACY_WALK, CONTEXT, ABORT) },

	/* first stage */
	{ NAMED(first_entry_unreadable, "first_entry_unreadable_alone"),
	  WALK_ROW(SM_FIRST_STAGE_ACCESS, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_entry_unreadable),
	  WALK_ROW(SM_FIRST_STAGE_ACCESS, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_pml4e_absent),
	  WALK_ROW(SM_FIRST_STAGE_NOT_PRESENT, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_pte_absent),
	  WALK_ROW(SM_FIRST_STAGE_NOT_PRESENT, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_pte_absent_and_reserved),
	  WALK_ROW(SM_FIRST_STAGE_NOT_PRESENT, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_pml5e_large),
	  WALK_ROW(SM_FIRST_STAGE_RESERVED, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_pdpte_beyond_host),
	  WALK_ROW(SM_FIRST_STAGE_RESERVED, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_pdpte_misaligned_page),
	  WALK_ROW(SM_FIRST_STAGE_RESERVED, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_xd_above_without_nxe),
	  WALK_ROW(SM_FIRST_STAGE_RESERVED, NESTED, KINDS_WALK, GRANTS_NOTHING) },
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
	{ BY(first_top_of_4_levels_unreadable),
	  WALK_ROW(SM_FIRST_STAGE_TOP_ACCESS, FIRST_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ NAMED(first_top_unreadable, "first_top_unreadable_nested"),
	  WALK_ROW(SM_FIRST_STAGE_TOP_ACCESS, NESTED, KINDS_WALK, GRANTS_NOTHING) },

	/* nested */
	{ BY(first_table_beyond_width),
	  WALK_ROW(SM_PASID_ENTRY_INVALID, NESTED, KINDS_TO_ENTRY, ABORT) },
	{ BY(first_page_beyond_width),
	  WALK_ROW(SM_FIRST_STAGE_OUT_OF_REACH, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_pdpte_beyond_width),
	  WALK_ROW(SM_FIRST_STAGE_OUT_OF_REACH, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(first_tables_second_unreadable),
	  WALK_ROW(SM_SECOND_STAGE_ACCESS, NESTED, KINDS_WALK, ABORT) },
	{ BY(first_tables_second_reserved),
	  WALK_ROW(SM_SECOND_STAGE_RESERVED, NESTED, KINDS_WALK, ABORT) },
	{ BY(leaf_table_read_only_and_dirty_due),
	  WALK_ROW(SM_FIRST_STAGE_ENTRY_NO_WRITE, NESTED, KINDS_DIRTY, GRANTS_NOTHING) },
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
	{ BY(second_pte_absent_and_reserved),
	  WALK_ROW(SM_SECOND_STAGE_PERMISSION, SECOND_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(second_execute_bit_alone),
	  WALK_ROW(SM_SECOND_STAGE_PERMISSION, SECOND_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(second_nothing_left),
	  WALK_ROW(SM_SECOND_STAGE_PERMISSION, SECOND_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(second_top_absent),
	  WALK_ROW(SM_SECOND_STAGE_PERMISSION, SECOND_STAGE, KINDS_WALK, GRANTS_NOTHING) },
	{ NAMED(second_pte_absent, "second_pte_absent_nested"),
	  WALK_ROW(SM_SECOND_STAGE_PERMISSION, NESTED, KINDS_WALK, GRANTS_NOTHING) },
	{ BY(second_pml5e_large),
	  WALK_ROW(SM_SECOND_STAGE_RESERVED, SECOND_STAGE, KINDS_WALK, ABORT) },
	{ BY(second_pdpte_beyond_host),
	  WALK_ROW(SM_SECOND_STAGE_RESERVED, SECOND_STAGE, KINDS_WALK, ABORT) },
	{ BY(second_pdpte_misaligned_page),
	  WALK_ROW(SM_SECOND_STAGE_RESERVED, SECOND_STAGE, KINDS_WALK, ABORT) },
	{ BY(second_transient_mapping_above),
	  WALK_ROW(SM_SECOND_STAGE_RESERVED, SECOND_STAGE, KINDS_WALK, ABORT) },
	{ BY(second_top_of_39_bits_unreadable),
	  WALK_ROW(SM_SECOND_STAGE_POINTER, SECOND_STAGE, KINDS_WALK, ABORT) },
	{ BY(second_dirty_refused),
	  WALK_ROW(SM_SECOND_STAGE_AD_UPDATE, SECOND_STAGE, KINDS_DIRTY, ABORT) },
	{ BY(second_dirty_without_snoop),
	  WALK_ROW(SM_SECOND_STAGE_AD_NO_SNOOP, SECOND_STAGE, KINDS_DIRTY, ABORT) },
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
	/* in this order (one source) */
	{ BY(first_supervisor_xd),
	  ROW(SM_USER_TO_SUPERVISOR, FIRST_STAGE, KIND_EXECUTE, WITH_PASID, PASID, ABORT) },
	{ BY(first_supervisor_read_only),
	  WALK_ROW(SM_USER_TO_SUPERVISOR, FIRST_STAGE, KIND_WRITE, ABORT) },
	{ BY(second_write_only_no_execute),
	  ROW(SM_NO_EXECUTE, SECOND_STAGE, KIND_EXECUTE, WITH_PASID, PASID, ABORT) },
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
	{ NAMED(second_execute_only, "second_execute_only_nested"),
	  WALK_ROW(SM_NO_READ, NESTED, KIND_READ | KINDS_ASK, GRANTS_NOTHING) },
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
	{ BY(dirty_refused),
	  WALK_ROW(SM_FIRST_STAGE_AD_UPDATE, FIRST_STAGE, KINDS_DIRTY, GRANTS_NOTHING) },
	{ BY(dirty_without_snoop),
	  WALK_ROW(SM_FIRST_STAGE_AD_NO_SNOOP, NESTED, KINDS_DIRTY, GRANTS_NOTHING) },
};

const struct fault_row *vtd_catalogue_walks(size_t *count)
{
	*count = sizeof(rows) / sizeof(rows[0]);
	return rows;
}

TEST_WITH_NAMED_PARAMS(vtd_catalogue_walks,
		       every_request_that_can_meet_it_does_and_fpd_suppresses_its_record,
		       struct fault_row, rows, name)
{
	fault_row_expect_met(param);
}

TEST_WITH_NAMED_PARAMS(vtd_catalogue_walks, the_same_request_works_without_what_provokes_it,
		       struct fault_row, rows, name)
{
	fault_row_expect_sound(param);
}
