/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue of faults, part one: what is wrong with the root table, with context, PASID directory and PASID entries,
 * and with what a request asks of them.
 */
#include "vtd_catalogue.h"

#include "gtest_c.h"

static u64 root_entry(struct machine *machine)
{
	return machine->root_table + 0x3a * 16;
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

static void root_absent_and_reserved(struct machine *machine)
{
	root_absent(machine);
	root_reserved(machine);
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

static void context_reserved_in_its_first_quadword(struct machine *machine)
{
	set_bit(machine, machine->context_table, 5);
}

static void context_reserved_in_its_second_quadword(struct machine *machine)
{
	set_bit(machine, machine->context_table, 90);
}

static void context_absent_and_reserved(struct machine *machine)
{
	context_absent(machine);
	context_reserved(machine);
}

static void directory_beyond_host(struct machine *machine)
{
	set_bit(machine, machine->context_table, 46);
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

static void legacy_context_absent_and_reserved(struct machine *machine)
{
	context_absent(machine);
	legacy_context_reserved(machine);
}

static void tt_reserved_and_more(struct machine *machine)
{
	tt_reserved(machine);
	legacy_context_reserved(machine);
}

static void tt_without_device_tlb(struct machine *machine)
{
	change_legacy_context(machine, "TT", 0);
}

static void tt_pass_through(struct machine *machine)
{
	change_legacy_context(machine, "TT", 2);
}

static void tt_pass_through_reserved(struct machine *machine)
{
	tt_pass_through(machine);
	legacy_context_reserved(machine);
}

static void tt_pass_through_upper_reserved(struct machine *machine)
{
	tt_pass_through(machine);
	legacy_context_upper_reserved(machine);
}

static void tt_pass_through_of_no_width(struct machine *machine)
{
	tt_pass_through(machine);
	change_legacy_context(machine, "AW", 0);
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

static void directory_absent_and_reserved(struct machine *machine)
{
	directory_absent(machine);
	directory_reserved(machine);
}

static void pasid_table_beyond_host(struct machine *machine)
{
	set_bit(machine, machine->directory, 46);
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

static void pasid_entry_absent_and_reserved(struct machine *machine)
{
	pasid_entry_absent(machine);
	pasid_entry_reserved(machine);
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

static void walk_cache_disable(struct machine *machine)
{
	change_pasid_entries(machine, "PCD", 1);
}

static void memory_type(struct machine *machine)
{
	change_pasid_entries(machine, "EMT", 1);
}

static void page_attributes(struct machine *machine)
{
	change_pasid_entries(machine, "PAT", 1);
}

static void pgtt_reserved(struct machine *machine)
{
	change_pasid_entries(machine, "PGTT", 5);
}

static void pgtt_reserved_and_more(struct machine *machine)
{
	pgtt_reserved(machine);
	pasid_entry_reserved(machine);
}

static void pgtt_6(struct machine *machine)
{
	change_pasid_entries(machine, "PGTT", 6);
}

static void pgtt_7(struct machine *machine)
{
	change_pasid_entries(machine, "PGTT", 7);
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

static void fspm_3(struct machine *machine)
{
	change_pasid_entries(machine, "FSPM", 3);
}

static void without_ere(struct machine *machine)
{
	change_pasid_entries(machine, "ERE", 0);
}

static void without_sre(struct machine *machine)
{
	change_pasid_entries(machine, "SRE", 0);
}

static void without_ere_and_sre(struct machine *machine)
{
	without_ere(machine);
	without_sre(machine);
}

/* --- the rows ---------------------------------------------------------------------------- */

static const struct fault_row rows[] = {
	/* legacy mode */
	{ LEGACY_BY(root_absent), LEGACY_ROW(ROOT_NOT_PRESENT, LEGACY_ALL, NONE, UNSUPPORTED) },
	{ LEGACY_BY(context_absent),
	  LEGACY_ROW(CONTEXT_NOT_PRESENT, LEGACY_ALL, CONTEXT, UNSUPPORTED) },
	/* what is not present has nothing that could be wrong */
	{ LEGACY_BY(root_absent_and_reserved),
	  LEGACY_ROW(ROOT_NOT_PRESENT, LEGACY_ALL, NONE, UNSUPPORTED) },
	{ BY(legacy_context_absent_and_reserved),
	  LEGACY_ROW(CONTEXT_NOT_PRESENT, LEGACY_ALL, CONTEXT, UNSUPPORTED) },
	{ LEGACY_BY(tt_reserved), LEGACY_ROW(CONTEXT_INVALID, LEGACY_ALL, CONTEXT, ABORT) },
	{ LEGACY_BY(tt_pass_through_of_no_width),
	  LEGACY_ROW(CONTEXT_INVALID, LEGACY_ALL, CONTEXT, ABORT) },
	{ .name = "legacy_pass_through_of_a_unit_without_it",
	  .provoke = tt_pass_through,
	  .without = "PT",
	  LEGACY_ROW(CONTEXT_INVALID, LEGACY_ALL, CONTEXT, ABORT) },
	{ .name = "legacy_device_tlb_of_a_unit_without_it",
	  .without = "DT",
	  LEGACY_ROW(CONTEXT_INVALID, LEGACY_ALL, CONTEXT, ABORT) },
	{ LEGACY_BY(legacy_aw_reserved), LEGACY_ROW(CONTEXT_INVALID, LEGACY_ALL, CONTEXT, ABORT) },
	{ INPUT_ALONE("legacy_beyond_width", 1ULL << 48),
	  LEGACY_ROW(BEYOND_ADDRESS_WIDTH, LEGACY_WALK, CONTEXT, GRANTS_NOTHING) },
	{ NAMED(tt_pass_through, "legacy_through_beyond_host"), .input = 1ULL << 46,
	  LEGACY_ROW(BEYOND_ADDRESS_WIDTH, KINDS_ACCESS, CONTEXT, ABORT) },
	{ NAMED(tt_pass_through_of_39_bits, "legacy_through_beyond_width"), .input = 1ULL << 39,
	  LEGACY_ROW(BEYOND_ADDRESS_WIDTH, KINDS_ACCESS, CONTEXT, ABORT) },
	{ INPUT_ALONE("legacy_translated_beyond_host", 1ULL << 46),
	  LEGACY_ROW(BEYOND_ADDRESS_WIDTH, KINDS_TRANSLATED, CONTEXT, ABORT) },
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
	{ LEGACY_BY(tt_reserved_and_more),
	  LEGACY_ROW(CONTEXT_RESERVED, LEGACY_ALL, CONTEXT, ABORT) },
	{ LEGACY_BY(tt_pass_through_reserved),
	  LEGACY_ROW(CONTEXT_RESERVED, LEGACY_ALL, CONTEXT, ABORT) },
	{ LEGACY_BY(tt_pass_through_upper_reserved),
	  LEGACY_ROW(CONTEXT_RESERVED, LEGACY_ALL, CONTEXT, ABORT) },
	{ LEGACY_BY(legacy_context_beyond_host),
	  LEGACY_ROW(CONTEXT_RESERVED, LEGACY_ALL, CONTEXT, ABORT) },
	{ LEGACY_BY(tt_without_device_tlb),
	  LEGACY_ROW(TRANSLATION_TYPE_BLOCKED, KINDS_ASK | KINDS_TRANSLATED, CONTEXT,
		     UNSUPPORTED) },
	{ LEGACY_BY(tt_pass_through),
	  LEGACY_ROW(TRANSLATION_TYPE_BLOCKED, KINDS_ASK | KINDS_TRANSLATED, CONTEXT,
		     UNSUPPORTED) },
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
	{ BY(root_absent_and_reserved),
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
	{ BY(context_absent_and_reserved),
	  ROW(SM_CONTEXT_NOT_PRESENT, NESTED, KINDS_TO_CONTEXT, EITHER, CONTEXT, UNSUPPORTED) },
	{ BY(context_reserved_in_its_first_quadword),
	  ROW(SM_CONTEXT_RESERVED, NESTED, KINDS_TO_CONTEXT, EITHER, CONTEXT, ABORT) },
	{ BY(context_reserved_in_its_second_quadword),
	  ROW(SM_CONTEXT_RESERVED, NESTED, KINDS_TO_CONTEXT, EITHER, CONTEXT, ABORT) },
	{ BY(directory_beyond_host),
	  ROW(SM_CONTEXT_RESERVED, NESTED, KINDS_TO_CONTEXT, EITHER, CONTEXT, ABORT) },
	{ .name = "context_with_device_tlb_of_a_unit_without_it",
	  .without = "DT",
	  ROW(SM_CONTEXT_RESERVED, NESTED, KINDS_TO_CONTEXT, EITHER, CONTEXT, ABORT) },
	{ .name = "context_with_page_requests_of_a_unit_without_them",
	  .without = "PRS",
	  ROW(SM_CONTEXT_RESERVED, NESTED, KINDS_ALL, EITHER, CONTEXT, ABORT) },
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
	{ BY(directory_absent_and_reserved),
	  ROW(SM_PASID_DIRECTORY_NOT_PRESENT, NESTED, KINDS_TO_ENTRY, EITHER, DIRECTORY,
	      NOTHING_GRANTED) },
	{ BY(pasid_table_beyond_host),
	  ROW(SM_PASID_DIRECTORY_RESERVED, NESTED, KINDS_TO_ENTRY, EITHER, DIRECTORY, ABORT) },
	{ BY(pasid_entry_unreadable),
	  ROW(SM_PASID_ENTRY_ACCESS, NESTED, KINDS_TO_ENTRY, EITHER, DIRECTORY, ABORT) },
	{ BY(pasid_entry_absent),
	  WALK_ROW(SM_PASID_ENTRY_NOT_PRESENT, NESTED, KINDS_TO_ENTRY, GRANTS_NOTHING) },
	{ BY(pasid_entry_absent_and_reserved),
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
	{ BY(walk_cache_disable),
	  WALK_ROW(SM_PASID_ENTRY_RESERVED, NESTED, KINDS_TO_ENTRY, ABORT) },
	{ BY(memory_type), WALK_ROW(SM_PASID_ENTRY_RESERVED, NESTED, KINDS_TO_ENTRY, ABORT) },
	{ NAMED(page_attributes, "page_attributes_of_a_unit_without_them"), .without = "MTS",
	  WALK_ROW(SM_PASID_ENTRY_RESERVED, NESTED, KINDS_TO_ENTRY, ABORT) },
	{ BY(pgtt_reserved_and_more),
	  WALK_ROW(SM_PASID_ENTRY_RESERVED, NESTED, KINDS_TO_ENTRY, ABORT) },
	{ BY(pgtt_6), WALK_ROW(SM_PASID_ENTRY_INVALID, NESTED, KINDS_TO_ENTRY, ABORT) },
	{ BY(pgtt_7), WALK_ROW(SM_PASID_ENTRY_INVALID, NESTED, KINDS_TO_ENTRY, ABORT) },
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
	{ NAMED(fspm_reserved, "fspm_reserved_nested"),
	  WALK_ROW(SM_PASID_ENTRY_INVALID, NESTED, KINDS_TO_ENTRY, ABORT) },
	{ BY(fspm_3), WALK_ROW(SM_PASID_ENTRY_INVALID, FIRST_STAGE, KINDS_TO_ENTRY, ABORT) },
	{ NAMED(without_ere, "without_ere_or_any_stage"),
	  ROW(SM_ERE_CLEAR, PASS_THROUGH, KINDS_EXECUTE, WITH_PASID, PASID, NOTHING_GRANTED) },
	/* the order of the two is that of the specification's numbers (one source) */
	{ BY(without_ere_and_sre), .privileged = true,
	  ROW(SM_ERE_CLEAR, NESTED, KINDS_EXECUTE, WITH_PASID, PASID, NOTHING_GRANTED) },
	{ BY(without_ere),
	  ROW(SM_ERE_CLEAR, NESTED, KINDS_EXECUTE, WITH_PASID, PASID, NOTHING_GRANTED) },
	{ NAMED(without_ere, "without_ere_or_second_stage"),
	  ROW(SM_ERE_CLEAR, FIRST_STAGE, KINDS_EXECUTE, WITH_PASID, PASID, NOTHING_GRANTED) },
	{ NAMED(without_ere, "without_ere_or_first_stage"),
	  ROW(SM_ERE_CLEAR, SECOND_STAGE, KINDS_EXECUTE, WITH_PASID, PASID, NOTHING_GRANTED) },
	{ BY(without_sre), .privileged = true,
	  ROW(SM_SRE_CLEAR, FIRST_STAGE, KINDS_WALK, WITH_PASID, PASID, NOTHING_GRANTED) },
	{ NAMED(without_sre, "without_sre_nested"), .privileged = true,
	  ROW(SM_SRE_CLEAR, NESTED, KINDS_WALK, WITH_PASID, PASID, NOTHING_GRANTED) },
	{ NAMED(without_sre, "without_sre_second_stage"), .privileged = true,
	  ROW(SM_SRE_CLEAR, SECOND_STAGE, KINDS_WALK, WITH_PASID, PASID, NOTHING_GRANTED) },
	{ NAMED(without_sre, "without_sre_or_first_stage"), .privileged = true,
	  ROW(SM_SRE_CLEAR, PASS_THROUGH, KINDS_WALK, WITH_PASID, PASID, NOTHING_GRANTED) },
	{ BY(rid_is_privileged), ROW(SM_SRE_CLEAR, NESTED, KINDS_ACCESS | KINDS_ASK, WITHOUT_PASID,
				     PASID, NOTHING_GRANTED) },
};

const struct fault_row *vtd_catalogue_entries(size_t *count)
{
	*count = sizeof(rows) / sizeof(rows[0]);
	return rows;
}

TEST_WITH_NAMED_PARAMS(vtd_catalogue_entries,
		       every_request_that_can_meet_it_does_and_fpd_suppresses_its_record,
		       struct fault_row, rows, name)
{
	fault_row_expect_met(param);
}

TEST_WITH_NAMED_PARAMS(vtd_catalogue_entries, the_same_request_works_without_what_provokes_it,
		       struct fault_row, rows, name)
{
	fault_row_expect_sound(param);
}
