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
	unsigned int pgtt;
	enum access access;
	enum vtd_fault fault;
	void (*apply)(struct machine *machine);
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

static const struct breakage breakages[] = {
	{ .name = "ttm_reserved",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_RTA_INVALID,
	  .apply = ttm_reserved,
	  .unqualified = true },
	{ .name = "ttm_abort",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_RTA_INVALID,
	  .apply = ttm_abort,
	  .unqualified = true },
	{ .name = "root_beyond_host",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_RTA_INVALID,
	  .apply = root_beyond_host,
	  .unqualified = true },
	{ .name = "ttm_legacy",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_RTA_LEGACY_WITH_PASID,
	  .apply = ttm_legacy,
	  .unqualified = true },
	{ .name = "root_unreadable",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_ROOT_ACCESS,
	  .apply = root_unreadable,
	  .unqualified = true },
	{ .name = "root_absent",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_ROOT_NOT_PRESENT,
	  .apply = root_absent,
	  .unqualified = true },
	{ .name = "root_reserved",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_ROOT_RESERVED,
	  .apply = root_reserved,
	  .unqualified = true },
	{ .name = "root_points_beyond_host",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_ROOT_RESERVED,
	  .apply = root_points_beyond_host,
	  .unqualified = true },
	{ .name = "context_unreadable",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_CONTEXT_ACCESS,
	  .apply = context_unreadable,
	  .unqualified = true },
	{ .name = "context_absent",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_CONTEXT_NOT_PRESENT,
	  .apply = context_absent },
	{ .name = "context_reserved",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_CONTEXT_RESERVED,
	  .apply = context_reserved },
	{ .name = "context_pre_without_dte",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_CONTEXT_INVALID,
	  .apply = context_pre_without_dte },
	{ .name = "context_without_pasids",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_PASIDE_CLEAR,
	  .apply = context_without_pasids },
	{ .name = "rid_pasid_beyond_directory",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_RID_PASID,
	  .apply = rid_pasid_beyond_directory,
	  .without_pasid = true },
	{ .name = "directory_unreadable",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_PASID_DIRECTORY_ACCESS,
	  .apply = directory_unreadable,
	  .unqualified = true },
	{ .name = "directory_absent",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT,
	  .apply = directory_absent },
	{ .name = "directory_reserved",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_PASID_DIRECTORY_RESERVED,
	  .apply = directory_reserved },
	{ .name = "pasid_entry_unreadable",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_PASID_ENTRY_ACCESS,
	  .apply = pasid_entry_unreadable,
	  .unqualified = true },
	{ .name = "pasid_entry_absent",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT,
	  .apply = pasid_entry_absent },
	{ .name = "pasid_entry_reserved",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_PASID_ENTRY_RESERVED,
	  .apply = pasid_entry_reserved },
	{ .name = "second_pointer_beyond_host",
	  .pgtt = SECOND_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_PASID_ENTRY_RESERVED,
	  .apply = second_pointer_beyond_host },
	{ .name = "first_pointer_beyond_host",
	  .pgtt = FIRST_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_PASID_ENTRY_RESERVED,
	  .apply = first_pointer_beyond_host },
	{ .name = "pgtt_reserved",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_PASID_ENTRY_INVALID,
	  .apply = pgtt_reserved },
	{ .name = "pgtt_zero",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_PASID_ENTRY_INVALID,
	  .apply = pgtt_zero },
	{ .name = "aw_zero",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_PASID_ENTRY_INVALID,
	  .apply = aw_zero },
	{ .name = "aw_reserved",
	  .pgtt = SECOND_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_PASID_ENTRY_INVALID,
	  .apply = aw_reserved },
	{ .name = "fspm_reserved",
	  .pgtt = FIRST_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_PASID_ENTRY_INVALID,
	  .apply = fspm_reserved },
	{ .name = "execute_without_ere",
	  .pgtt = NESTED,
	  .access = ACCESS_EXECUTE,
	  .fault = VTD_FAULT_SM_ERE_CLEAR,
	  .apply = nothing },
	{ .name = "supervisor_without_sre",
	  .pgtt = FIRST_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_SRE_CLEAR,
	  .apply = nothing,
	  .privileged = true },

	{ .name = "first_top_unreadable",
	  .pgtt = FIRST_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_TOP_ACCESS,
	  .apply = first_top_unreadable },
	{ .name = "first_top_unreadable_nested",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_TOP_ACCESS,
	  .apply = first_top_unreadable },
	{ .name = "first_entry_unreadable",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_ACCESS,
	  .apply = first_entry_unreadable },
	{ .name = "first_pml4e_absent",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT,
	  .apply = first_pml4e_absent },
	{ .name = "first_pte_absent",
	  .pgtt = FIRST_STAGE,
	  .access = ACCESS_WRITE,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT,
	  .apply = first_pte_absent },
	{ .name = "first_pml4e_large",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_RESERVED,
	  .apply = first_pml4e_large },
	{ .name = "first_pte_beyond_host",
	  .pgtt = FIRST_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_RESERVED,
	  .apply = first_pte_beyond_host },
	{ .name = "first_pde_misaligned_page",
	  .pgtt = FIRST_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_RESERVED,
	  .apply = first_pde_misaligned_page },
	{ .name = "first_xd_without_nxe",
	  .pgtt = FIRST_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_RESERVED,
	  .apply = first_xd_without_nxe },
	{ .name = "first_xd",
	  .pgtt = FIRST_STAGE,
	  .access = ACCESS_EXECUTE,
	  .fault = VTD_FAULT_SM_NO_EXECUTE,
	  .apply = first_xd },
	{ .name = "first_read_only",
	  .pgtt = NESTED,
	  .access = ACCESS_WRITE,
	  .fault = VTD_FAULT_SM_NO_WRITE,
	  .apply = first_read_only },
	{ .name = "first_read_only_above",
	  .pgtt = FIRST_STAGE,
	  .access = ACCESS_WRITE,
	  .fault = VTD_FAULT_SM_NO_WRITE,
	  .apply = first_read_only_above },
	{ .name = "first_supervisor",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_USER_TO_SUPERVISOR,
	  .apply = first_supervisor },
	{ .name = "first_write_protected_supervisor",
	  .pgtt = FIRST_STAGE,
	  .access = ACCESS_WRITE,
	  .fault = VTD_FAULT_SM_NO_WRITE,
	  .apply = first_write_protected_supervisor,
	  .privileged = true },
	{ .name = "supervisor_executes_user_page",
	  .pgtt = FIRST_STAGE,
	  .access = ACCESS_EXECUTE,
	  .fault = VTD_FAULT_SM_NO_EXECUTE,
	  .apply = supervisor_executes_user_page,
	  .privileged = true },
	{ .name = "first_accessed_not_settable",
	  .pgtt = FIRST_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_AD_UPDATE,
	  .apply = no_exchange },
	{ .name = "not_canonical",
	  .pgtt = FIRST_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_NOT_CANONICAL,
	  .apply = nothing,
	  .input = 1ULL << 56 },
	{ .name = "first_maps_interrupts",
	  .pgtt = FIRST_STAGE,
	  .access = ACCESS_WRITE,
	  .fault = VTD_FAULT_SM_INTERRUPT_ADDRESS,
	  .apply = first_maps_interrupts },

	{ .name = "second_top_unreadable",
	  .pgtt = SECOND_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_SECOND_STAGE_POINTER,
	  .apply = second_top_unreadable },
	{ .name = "second_entry_unreadable",
	  .pgtt = SECOND_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_SECOND_STAGE_ACCESS,
	  .apply = second_entry_unreadable },
	{ .name = "second_pte_absent",
	  .pgtt = SECOND_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_SECOND_STAGE_PERMISSION,
	  .apply = second_pte_absent },
	{ .name = "second_pml4e_absent",
	  .pgtt = SECOND_STAGE,
	  .access = ACCESS_WRITE,
	  .fault = VTD_FAULT_SM_SECOND_STAGE_PERMISSION,
	  .apply = second_pml4e_absent },
	{ .name = "second_pte_absent_nested",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_SECOND_STAGE_PERMISSION,
	  .apply = second_pte_absent },
	{ .name = "second_pml4e_large",
	  .pgtt = SECOND_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_SECOND_STAGE_RESERVED,
	  .apply = second_pml4e_large },
	{ .name = "second_pte_beyond_host",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_SECOND_STAGE_RESERVED,
	  .apply = second_pte_beyond_host },
	{ .name = "second_misaligned_page",
	  .pgtt = SECOND_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_SECOND_STAGE_RESERVED,
	  .apply = second_misaligned_page },
	{ .name = "second_read_only",
	  .pgtt = SECOND_STAGE,
	  .access = ACCESS_WRITE,
	  .fault = VTD_FAULT_SM_NO_WRITE,
	  .apply = second_read_only },
	{ .name = "second_read_only_nested",
	  .pgtt = NESTED,
	  .access = ACCESS_WRITE,
	  .fault = VTD_FAULT_SM_NO_WRITE,
	  .apply = second_read_only },
	{ .name = "second_write_only",
	  .pgtt = SECOND_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_NO_READ,
	  .apply = second_write_only },
	{ .name = "second_no_execute",
	  .pgtt = SECOND_STAGE,
	  .access = ACCESS_EXECUTE,
	  .fault = VTD_FAULT_SM_NO_EXECUTE,
	  .apply = second_no_execute },
	{ .name = "second_no_execute_nested",
	  .pgtt = NESTED,
	  .access = ACCESS_EXECUTE,
	  .fault = VTD_FAULT_SM_NO_EXECUTE,
	  .apply = second_no_execute_nested },
	{ .name = "second_accessed_not_settable",
	  .pgtt = SECOND_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_SECOND_STAGE_AD_UPDATE,
	  .apply = second_accessed },
	{ .name = "second_input_beyond_width",
	  .pgtt = SECOND_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_BEYOND_SECOND_STAGE_WIDTH,
	  .apply = nothing,
	  .input = 1ULL << 57 },
	{ .name = "second_maps_interrupts",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_INTERRUPT_ADDRESS,
	  .apply = second_maps_interrupts },
	{ .name = "second_interrupt_input_with_pasid",
	  .pgtt = SECOND_STAGE,
	  .access = ACCESS_WRITE,
	  .fault = VTD_FAULT_SM_INTERRUPT_ADDRESS,
	  .apply = nothing,
	  .input = 0xfee00000 },
	{ .name = "interrupt_read_without_pasid",
	  .pgtt = SECOND_STAGE,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_INTERRUPT_ADDRESS,
	  .apply = nothing,
	  .input = 0xfee00000,
	  .without_pasid = true },

	{ .name = "first_table_beyond_width",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_OUT_OF_REACH,
	  .apply = first_table_beyond_width },
	{ .name = "first_page_beyond_width",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_OUT_OF_REACH,
	  .apply = first_page_beyond_width },
	{ .name = "first_top_unmapped",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_TOP_NO_READ,
	  .apply = first_top_unmapped },
	{ .name = "first_top_unreadable_by_rights",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_TOP_NO_READ,
	  .apply = first_top_unreadable_by_rights },
	{ .name = "first_table_unmapped",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_READ,
	  .apply = first_table_unmapped },
	{ .name = "first_table_read_only",
	  .pgtt = NESTED,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_WRITE,
	  .apply = first_table_read_only },

	{ .name = "through_beyond_host",
	  .pgtt = PASS_THROUGH,
	  .access = ACCESS_READ,
	  .fault = VTD_FAULT_SM_BEYOND_HOST_WIDTH,
	  .apply = nothing,
	  .input = 1ULL << 46 },
	{ .name = "through_to_interrupts_with_pasid",
	  .pgtt = PASS_THROUGH,
	  .access = ACCESS_WRITE,
	  .fault = VTD_FAULT_SM_INTERRUPT_ADDRESS,
	  .apply = nothing,
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

TEST(vtd_fault, pasid_limits_are_the_directory_and_pss)
{
	struct machine *machine;
	struct vtd_config config = machine_config();

	machine = machine_create(&config, false);
	machine_ready(machine, SECOND_STAGE);
	/* PDTS 0: 128 directory entries of 64 PASIDs */
	EXPECT_EQ(machine_read(machine, 8191, GUEST).fault,
		  VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT);
	EXPECT_EQ(machine_read(machine, 8192, GUEST).fault, VTD_FAULT_SM_PASID_TOO_LARGE);
	machine_destroy(machine);

	config.ecap = with_field(config.ecap, "ecap", "PSS", 7);
	machine = machine_create(&config, false);
	machine_ready(machine, SECOND_STAGE);
	EXPECT_EQ(machine_read(machine, 255, GUEST).fault,
		  VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT);
	EXPECT_EQ(machine_read(machine, 256, GUEST).fault, VTD_FAULT_SM_PASID_TOO_LARGE);
	machine_destroy(machine);

	/* PSS can say more bits than a PASID has */
	config.ecap = with_field(config.ecap, "ecap", "PSS", 31);
	machine = machine_create(&config, false);
	machine_ready(machine, SECOND_STAGE);
	set_bit(machine, machine->context_table, 9);
	set_bit(machine, machine->context_table, 10);
	set_bit(machine, machine->context_table, 11);
	EXPECT_EQ(machine_read(machine, 1u << 20, GUEST).fault, VTD_FAULT_SM_PASID_TOO_LARGE);
	machine_destroy(machine);
}

/* A capability that is missing, and what asks for it. */
struct missing {
	const char *name;
	bool in_cap;
	const char *capability;
	unsigned int value;
	unsigned int pgtt;
	const char *field; /* of the PASID entry; NULL: none */
	u64 to;
	enum vtd_fault fault;
};

static const struct missing missings[] = {
	{ "nest", false, "NEST", 0, NESTED, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "fsts", false, "FSTS", 0, FIRST_STAGE, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "fsts_nested", false, "FSTS", 0, NESTED, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "ssts", false, "SSTS", 0, SECOND_STAGE, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "ssts_nested", false, "SSTS", 0, NESTED, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "pt", false, "PT", 0, PASS_THROUGH, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "fs5lp", true, "FS5LP", 0, FIRST_STAGE, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "sagaw", true, "SAGAW", 6, SECOND_STAGE, NULL, 0, VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "smts", false, "SMTS", 0, SECOND_STAGE, NULL, 0, VTD_FAULT_SM_RTA_INVALID },
	{ "pasid", false, "PASID", 0, SECOND_STAGE, NULL, 0, VTD_FAULT_SM_PASIDE_CLEAR },
	{ "ssads", false, "SSADS", 0, NESTED, "SSADE", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "eafs", false, "EAFS", 0, NESTED, "EAFE", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "srs", false, "SRS", 0, NESTED, "SRE", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "ers", false, "ERS", 0, NESTED, "ERE", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "smpwc", false, "SMPWC", 0, NESTED, "PWSNP", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "sc", false, "SC", 0, NESTED, "PGSNP", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "mts", false, "MTS", 0, NESTED, "EMTE", 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "nd", true, "ND", 2, NESTED, "DID", 0x100, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
};

TEST_WITH_NAMED_PARAMS(vtd_fault, what_a_capability_does_not_offer_is_refused, struct missing,
		       missings, name)
{
	struct vtd_config config = machine_config();
	struct machine *machine;
	u64 entry[8];

	if (param->in_cap)
		config.cap = with_field(config.cap, "cap", param->capability, param->value);
	else
		config.ecap = with_field(config.ecap, "ecap", param->capability, param->value);
	machine = machine_create(&config, false);
	machine_ready(machine, param->pgtt);
	if (param->field) {
		machine_pasid_entry(machine, entry, param->pgtt);
		field_set(entry, "pasid-entry", param->field, param->to);
		machine_store_pasid(machine, 1, entry);
	}
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, (unsigned int)param->fault);
	machine_destroy(machine);
}

static const struct missing context_missings[] = {
	{ "dt", false, "DT", 0, SECOND_STAGE, "DTE", 1, VTD_FAULT_SM_CONTEXT_RESERVED },
	{ "pasid", false, "PASID", 0, SECOND_STAGE, "PASIDE", 1, VTD_FAULT_SM_CONTEXT_RESERVED },
	{ "prs", false, "PRS", 0, SECOND_STAGE, "PRE", 1, VTD_FAULT_SM_CONTEXT_RESERVED },
	{ "rps", false, "RPS", 0, SECOND_STAGE, "RID_PASID", 1, VTD_FAULT_SM_CONTEXT_RESERVED },
	{ "srs", false, "SRS", 0, SECOND_STAGE, "RID_PRIV", 1, VTD_FAULT_SM_CONTEXT_RESERVED },
};

TEST_WITH_NAMED_PARAMS(vtd_fault, context_fields_without_capability_are_reserved, struct missing,
		       context_missings, name)
{
	struct vtd_config config = machine_config();
	struct machine *machine;
	u64 context[4];

	config.ecap = with_field(config.ecap, "ecap", param->capability, param->value);
	machine = machine_create(&config, false);
	machine_ready(machine, param->pgtt);
	memory_read(machine->memory, hpa(machine->context_table), context, sizeof(context));
	field_set(context, "context", param->field, param->to);
	memory_write(machine->memory, hpa(machine->context_table), context, sizeof(context));
	EXPECT_EQ(machine_rid_read(machine, GUEST).fault, (unsigned int)param->fault);
	machine_destroy(machine);
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
