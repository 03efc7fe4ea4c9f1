/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Caching mode (CAP.CM): which faults stay until software invalidates them, by what they go, and that none
 * stays without it.
 */
#include "gtest_c.h"
#include "vtd_machine.h"

#define INPUT 0x7f1234567000ULL
#define GUEST 0x40000000ULL
#define HOST 0x123456000ULL
#define FPD 2

static struct machine *with_cm(unsigned int cm)
{
	struct vtd_config config = machine_config();

	config.cap = with_field(config.cap, "cap", "CM", cm);
	return machine_create(&config, false);
}

static struct machine *ready(unsigned int cm, unsigned int pgtt)
{
	struct machine *machine = with_cm(cm);

	machine_ready(machine, pgtt);
	return machine;
}

static void map_guest(struct machine *machine, u64 bits)
{
	machine_map_second(machine, GUEST, HOST, 4 * KIB, bits);
}

/* --- the second stage -------------------------------------------------------------------- */

TEST(vtd_caching_mode, a_page_that_was_not_present_stays_so_with_cm_only)
{
	unsigned int cm;

	for (cm = 0; cm < 2; cm++) {
		struct machine *machine = ready(cm, SECOND_STAGE);
		struct translation_result result;

		EXPECT_EQ(machine_read(machine, 1, GUEST).fault,
			  VTD_FAULT_SM_SECOND_STAGE_PERMISSION);
		map_guest(machine, SS_R | SS_W);
		result = machine_read(machine, 1, GUEST);
		EXPECT_EQ(result.fault, cm ? VTD_FAULT_SM_SECOND_STAGE_PERMISSION : 0);
		if (cm)
			EXPECT_EQ(result.table_reads, 0);
		/* of any kind of access, and recorded each time */
		EXPECT_EQ(machine_write(machine, 1, GUEST + 8).fault,
			  cm ? VTD_FAULT_SM_SECOND_STAGE_PERMISSION : 0);
		EXPECT_EQ(machine_counter(machine, "fault_records"), cm ? 3 : 1);
		EXPECT_EQ(machine_rid_read(machine, GUEST).fault, result.fault);
		EXPECT_EQ(machine_read(machine, 1, GUEST + 4096).fault,
			  VTD_FAULT_SM_SECOND_STAGE_PERMISSION);
		machine_destroy(machine);
	}
}

struct iotlb_row {
	const char *name;
	unsigned int g;
	u16 did;
	u64 address_am_ih;
	bool removes;
};

static const struct iotlb_row iotlb_rows[] = {
	{ "global", 1, 0, 0, true },
	{ "domain", 2, MACHINE_DOMAIN, 0, true },
	{ "other_domain", 2, MACHINE_DOMAIN + 1, 0, false },
	{ "domain_0", 2, 0, 0, false },
	{ "page", 3, MACHINE_DOMAIN, GUEST, true },
	{ "page_leaf_only", 3, MACHINE_DOMAIN, GUEST | 1 << 6, true },
	{ "range", 3, MACHINE_DOMAIN, (GUEST + 4096) | 1, true },
	{ "other_page", 3, MACHINE_DOMAIN, GUEST + 4096, false },
};

TEST_WITH_NAMED_PARAMS(vtd_caching_mode, an_invalidation_that_covers_the_page_removes_it,
		       struct iotlb_row, iotlb_rows, name)
{
	struct machine *machine = ready(1, SECOND_STAGE);

	EXPECT_NE(machine_read(machine, 1, GUEST).fault, 0);
	map_guest(machine, SS_R);
	machine_invalidate_iotlb(machine, param->g, param->did, param->address_am_ih);
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault,
		  param->removes ? 0 : VTD_FAULT_SM_SECOND_STAGE_PERMISSION);
	machine_destroy(machine);
}

TEST(vtd_caching_mode, an_entry_with_reserved_bits_stays_wrong)
{
	struct machine *machine = ready(1, SECOND_STAGE);

	map_guest(machine, SS_R | 1ULL << 51);
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, VTD_FAULT_SM_SECOND_STAGE_RESERVED);
	map_guest(machine, SS_R);
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, VTD_FAULT_SM_SECOND_STAGE_RESERVED);
	machine_invalidate_iotlb(machine, 3, MACHINE_DOMAIN, GUEST);
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, 0);
	machine_destroy(machine);
}

TEST(vtd_caching_mode, a_page_with_too_few_rights_keeps_those_it_has)
{
	unsigned int cm;

	for (cm = 0; cm < 2; cm++) {
		struct machine *machine = ready(cm, SECOND_STAGE);

		map_guest(machine, SS_R);
		EXPECT_EQ(machine_write(machine, 1, GUEST).fault, VTD_FAULT_SM_NO_WRITE);
		map_guest(machine, SS_R | SS_W);
		EXPECT_EQ(machine_write(machine, 1, GUEST).fault, cm ? VTD_FAULT_SM_NO_WRITE : 0);
		/* a read was never refused */
		EXPECT_EQ(machine_read(machine, 1, GUEST).address.v, HOST);
		machine_invalidate_iotlb(machine, 3, MACHINE_DOMAIN, GUEST);
		EXPECT_EQ(machine_write(machine, 1, GUEST).fault, 0);
		machine_destroy(machine);
	}
}

TEST(vtd_caching_mode, tables_that_cannot_be_read_are_read_again)
{
	struct machine *machine = ready(1, SECOND_STAGE);

	map_guest(machine, SS_R);
	machine->fails_at = machine_second_entry(machine, GUEST, 1) & MODEL_PAGE_MASK;
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, VTD_FAULT_SM_SECOND_STAGE_ACCESS);
	machine->fails_at = 0;
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, 0);
	machine_destroy(machine);
}

TEST(vtd_caching_mode, a_translation_request_is_told_of_what_is_kept)
{
	struct machine *machine = ready(1, SECOND_STAGE);
	struct translation_request request = dma_with_pasid(ACCESS_READ, GUEST, 1);
	struct translation_result result;
	u64 entry[4] = { 0 };

	entry[0] = machine_load(machine, machine_context_address(machine));
	field_set(entry, "context", "DTE", 1);
	machine_store(machine, machine_context_address(machine), entry[0]);
	EXPECT_NE(machine_read(machine, 1, GUEST).fault, 0);
	map_guest(machine, SS_R);
	request.type = ADDRESS_TRANSLATION_REQUEST;
	result = machine_dma(machine, &request);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(ats_rights(result.completion), 0);
	machine_invalidate_iotlb(machine, 3, MACHINE_DOMAIN, GUEST);
	EXPECT_EQ(ats_rights(machine_dma(machine, &request).completion), ACCESS_READ);
	machine_destroy(machine);
}

/* --- first stage and nested -------------------------------------------------------------- */

TEST(vtd_caching_mode, first_stage_entries_may_become_present_without_invalidation)
{
	struct machine *machine = ready(1, FIRST_STAGE);

	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT);
	machine_map_first(machine, INPUT, HOST, 4 * KIB, FS_P | FS_U | FS_A);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, HOST);
	machine_destroy(machine);
}

TEST(vtd_caching_mode, a_nested_page_lacking_in_the_second_stage_stays_so)
{
	struct machine *machine = ready(1, NESTED);

	machine_map_first(machine, INPUT, GUEST, 4 * KIB, FS_P | FS_W | FS_U | FS_A | FS_D);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_SECOND_STAGE_PERMISSION);
	map_guest(machine, SS_R);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_SECOND_STAGE_PERMISSION);
	/* another PASID's is another entry, and so is that of the second stage alone */
	machine_invalidate_pasid_iotlb(machine, 3, 2, INPUT);
	EXPECT_NE(machine_read(machine, 1, INPUT).fault, 0);
	machine_invalidate_iotlb(machine, 3, MACHINE_DOMAIN, GUEST);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, HOST);
	machine_destroy(machine);
}

TEST(vtd_caching_mode, a_nested_page_with_too_few_rights_is_looked_at_again)
{
	struct machine *machine = ready(1, NESTED);

	machine_map_first(machine, INPUT, GUEST, 4 * KIB, FS_P | FS_W | FS_U);
	map_guest(machine, SS_R);
	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, VTD_FAULT_SM_NO_WRITE);
	EXPECT_GT(machine_write(machine, 1, INPUT).table_reads, 0);
	map_guest(machine, SS_R | SS_W);
	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, 0);
	machine_destroy(machine);
}

/* It would be used for a read without a mark in memory. */
TEST(vtd_caching_mode, a_page_that_is_not_marked_accessed_yet_is_not_kept_either)
{
	struct machine *machine = ready(1, SECOND_STAGE);
	u64 entry[8];

	machine_pasid_entry(machine, entry, SECOND_STAGE);
	field_set(entry, "pasid-entry", "SSADE", 1);
	machine_store_pasid(machine, 1, entry);
	map_guest(machine, SS_R);
	EXPECT_EQ(machine_write(machine, 1, GUEST).fault, VTD_FAULT_SM_NO_WRITE);
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, 0);
	EXPECT_TRUE(machine_load(machine, machine_second_entry(machine, GUEST, 1)) & SS_A);
	machine_destroy(machine);
}

/* Takes away what the second stage says of the top-level table, or of the page table. */
static void hide_table(struct machine *machine, bool top, u64 bits)
{
	u64 gpa = top ? machine->first_table
		      : machine_load(machine, machine_first_entry(machine, INPUT, 2)) &
				  0xffffffffff000ULL;

	machine_map_second(machine, gpa, MACHINE_GUEST_BASE + gpa, 4 * KIB, bits);
}

TEST(vtd_caching_mode, first_stage_tables_lacking_in_the_second_stage_stay_so)
{
	static const struct {
		bool top;
		u64 bits;
		enum vtd_fault fault;
	} rows[] = {
		{ true, 0, VTD_FAULT_SM_SECOND_STAGE_PERMISSION },
		{ true, SS_W, VTD_FAULT_SM_FIRST_STAGE_TOP_NO_READ },
		{ false, 0, VTD_FAULT_SM_SECOND_STAGE_PERMISSION },
		{ false, SS_W, VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_READ },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct machine *machine = ready(1, NESTED);

		SCOPED_NOTE("row %zu", i);
		map_guest(machine, SS_R);
		machine_map_first(machine, INPUT, GUEST, 4 * KIB, FS_P | FS_U);
		hide_table(machine, rows[i].top, rows[i].bits);
		EXPECT_EQ(machine_read(machine, 1, INPUT).fault, rows[i].fault);
		hide_table(machine, rows[i].top, SS_R | SS_W);
		EXPECT_EQ(machine_read(machine, 1, INPUT).fault, rows[i].fault);
		machine_invalidate_iotlb(machine, 2, MACHINE_DOMAIN, 0);
		EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, HOST);
		machine_destroy(machine);
	}
}

/* Section 6.2.4.1: whether marks are due is the first stage's matter, of which nothing faulty is kept. */
TEST(vtd_caching_mode, marks_that_could_not_be_set_are_tried_again)
{
	struct machine *machine = ready(1, NESTED);

	map_guest(machine, SS_R);
	machine_map_first(machine, INPUT, GUEST, 4 * KIB, FS_P | FS_U);
	hide_table(machine, false, SS_R);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_WRITE);
	machine_map_first(machine, INPUT, GUEST, 4 * KIB, FS_P | FS_U | FS_A);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, HOST);
	machine_destroy(machine);
}

/* What the second stage lacks is met only by requests that the first stage lets through. */
TEST(vtd_caching_mode, a_page_that_the_second_stage_lacks_is_judged_by_the_first_stage_before)
{
	struct machine *machine = ready(1, NESTED);

	map_guest(machine, 0);
	machine_map_first(machine, INPUT, GUEST, 4 * KIB, FS_P | FS_U);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_SECOND_STAGE_PERMISSION);
	EXPECT_EQ(machine_read(machine, 1, INPUT).table_reads, 0);
	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, VTD_FAULT_SM_NO_WRITE);
	machine_destroy(machine);
}

/* --- PASID and context entries ----------------------------------------------------------- */

struct pasid_row {
	const char *name;
	unsigned int g;
	u16 did;
	u32 pasid;
	bool removes;
};

static const struct pasid_row pasid_rows[] = {
	{ "domain_0", 0, 0, 0, true },
	{ "domain_to_be", 0, MACHINE_DOMAIN, 0, true },
	{ "pasid", 1, MACHINE_DOMAIN, 1, true },
	{ "other_pasid", 1, MACHINE_DOMAIN, 2, false },
	{ "global", 3, 0, 0, true },
};

TEST_WITH_NAMED_PARAMS(vtd_caching_mode, pasid_entries_stay_until_their_invalidation,
		       struct pasid_row, pasid_rows, name)
{
	struct machine *machine = ready(1, SECOND_STAGE);
	u64 entry[8];

	map_guest(machine, SS_R);
	machine_pasid_entry(machine, entry, SECOND_STAGE);
	field_set(entry, "pasid-entry", "P", 0);
	machine_store_pasid(machine, 1, entry);
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT);
	field_set(entry, "pasid-entry", "P", 1);
	machine_store_pasid(machine, 1, entry);
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT);
	machine_invalidate_pasid_cache(machine, param->g, param->did, param->pasid);
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault,
		  param->removes ? 0 : VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT);
	machine_destroy(machine);
}

struct wrong_entry {
	const char *name;
	enum { DIRECTORY, PASID_ENTRY, CONTEXT } where;
	unsigned int quadword;
	u64 flips;
	enum vtd_fault fault;
};

static const struct wrong_entry wrong_entries[] = {
	{ "directory_not_present", DIRECTORY, 0, 1, VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT },
	{ "directory_reserved", DIRECTORY, 0, 4, VTD_FAULT_SM_PASID_DIRECTORY_RESERVED },
	{ "entry_reserved", PASID_ENTRY, 7, 1, VTD_FAULT_SM_PASID_ENTRY_RESERVED },
	{ "entry_invalid", PASID_ENTRY, 0, 2 << 6, VTD_FAULT_SM_PASID_ENTRY_INVALID },
	{ "context_not_present", CONTEXT, 0, 1, VTD_FAULT_SM_CONTEXT_NOT_PRESENT },
	{ "context_reserved", CONTEXT, 3, 1, VTD_FAULT_SM_CONTEXT_RESERVED },
	{ "context_invalid", CONTEXT, 0, 1 << 4, VTD_FAULT_SM_CONTEXT_INVALID },
};

static void flip(struct machine *machine, const struct wrong_entry *row)
{
	u64 address = row->where == DIRECTORY     ? machine->directory
		      : row->where == PASID_ENTRY ? machine_pasid_address(machine, 1)
						  : machine_context_address(machine);

	address += row->quadword * 8;
	machine_store(machine, address, machine_load(machine, address) ^ row->flips);
}

TEST_WITH_NAMED_PARAMS(vtd_caching_mode, wrong_entries_on_the_way_stay_wrong, struct wrong_entry,
		       wrong_entries, name)
{
	unsigned int cm;

	for (cm = 0; cm < 2; cm++) {
		struct machine *machine = ready(cm, SECOND_STAGE);

		map_guest(machine, SS_R);
		flip(machine, param);
		EXPECT_EQ(machine_read(machine, 1, GUEST).fault, param->fault);
		flip(machine, param);
		EXPECT_EQ(machine_read(machine, 1, GUEST).fault, cm ? param->fault : 0);
		if (param->where == CONTEXT)
			machine_invalidate_context(machine, 3, 0, MACHINE_DEVICE);
		else
			machine_invalidate_pasid_cache(machine, 0, 0, 0);
		EXPECT_EQ(machine_read(machine, 1, GUEST).fault, 0);
		machine_destroy(machine);
	}
}

TEST(vtd_caching_mode, a_root_entry_is_kept_by_no_cache)
{
	struct machine *machine = ready(1, SECOND_STAGE);
	u64 root = machine->root_table + 0x3a * 16, entry = machine_load(machine, root);

	map_guest(machine, SS_R);
	machine_store(machine, root, 0);
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, VTD_FAULT_SM_ROOT_NOT_PRESENT);
	machine_store(machine, root, entry);
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, 0);
	machine_destroy(machine);
}

/* What is kept says of itself whether it is to be recorded. */
TEST(vtd_caching_mode, fpd_of_a_kept_entry_still_counts)
{
	static const struct wrong_entry entry = { "", PASID_ENTRY, 7, 1, 0 },
					context = { "", CONTEXT, 3, 1, 0 };
	const struct wrong_entry *rows[] = { &entry, &context };
	size_t i;

	for (i = 0; i < 2; i++) {
		struct wrong_entry fpd = *rows[i];
		struct machine *machine = ready(1, SECOND_STAGE);

		fpd.quadword = 0;
		fpd.flips = FPD;
		flip(machine, &fpd);
		flip(machine, rows[i]);
		EXPECT_NE(machine_read(machine, 1, GUEST).fault, 0);
		EXPECT_NE(machine_read(machine, 1, GUEST).fault, 0);
		EXPECT_EQ(machine_counter(machine, "faults"), 2);
		EXPECT_EQ(machine_counter(machine, "fault_records"), 0);
		machine_destroy(machine);
	}
}

/* --- legacy mode ------------------------------------------------------------------------- */

static struct machine *legacy(unsigned int cm)
{
	struct machine *machine = with_cm(cm);

	machine_start(machine, MODE_LEGACY);
	machine_stages(machine, 4, 4, false);
	map_guest(machine, SS_R);
	return machine;
}

struct legacy_row {
	const char *name;
	unsigned int quadword;
	u64 flips;
	enum vtd_fault fault;
};

static const struct legacy_row legacy_rows[] = {
	{ "not_present", 0, 1, VTD_FAULT_CONTEXT_NOT_PRESENT },
	{ "reserved", 1, 1ULL << 63, VTD_FAULT_CONTEXT_RESERVED },
	{ "invalid", 0, 3 << 2, VTD_FAULT_CONTEXT_INVALID },
};

TEST_WITH_NAMED_PARAMS(vtd_caching_mode, faulty_legacy_context_entries_are_of_domain_0,
		       struct legacy_row, legacy_rows, name)
{
	unsigned int cm;

	for (cm = 0; cm < 2; cm++) {
		struct machine *machine = legacy(cm);
		u64 address = machine->context_table + param->quadword * 8, good;

		machine_legacy_context(machine, 0);
		good = machine_load(machine, address);
		machine_store(machine, address, good ^ param->flips);
		EXPECT_EQ(machine_rid_read(machine, GUEST).fault, param->fault);
		machine_store(machine, address, good);
		EXPECT_EQ(machine_rid_read(machine, GUEST).fault, cm ? param->fault : 0);
		machine_invalidate_context(machine, 2, MACHINE_DOMAIN, 0);
		EXPECT_EQ(machine_rid_read(machine, GUEST).fault, cm ? param->fault : 0);
		machine_invalidate_context(machine, 3, 0, MACHINE_DEVICE);
		EXPECT_EQ(machine_rid_read(machine, GUEST).fault, 0);
		machine_destroy(machine);
	}
}

TEST(vtd_caching_mode, legacy_faults_keep_their_legacy_reasons)
{
	struct machine *machine = legacy(1);

	machine_legacy_context(machine, 0);
	EXPECT_EQ(machine_rid_read(machine, GUEST + 4096).fault, VTD_FAULT_NO_READ);
	EXPECT_EQ(machine_rid_write(machine, GUEST + 4096).fault, VTD_FAULT_NO_WRITE);
	EXPECT_EQ(machine_rid_read(machine, GUEST + 4096).table_reads, 0);
	machine_destroy(machine);
}

/* --- entered from within ----------------------------------------------------------------- */

/* Maps the page and invalidates it at the nth read of a walk that found, or finds, nothing there. */
static void map_and_invalidate(struct machine *machine, hpa_t address)
{
	unsigned int *reads_to_go = machine->arg;
	const u64 d[4] = { 0x22 | (u64)MACHINE_DOMAIN << 16 };

	(void)address;
	if (--*reads_to_go)
		return;
	machine->on_read = NULL;
	map_guest(machine, SS_R);
	machine_submit(machine, d);
}

TEST(vtd_caching_mode, an_invalidation_during_the_walk_wins_over_the_fault)
{
	unsigned int n, reads_to_go;

	/* 4 reads to the PASID entry, one of an empty table */
	for (n = 1; n <= 5; n++) {
		struct machine *machine = ready(1, SECOND_STAGE);

		SCOPED_NOTE("read %u", n);
		reads_to_go = n;
		machine->arg = &reads_to_go;
		machine->on_read = map_and_invalidate;
		EXPECT_EQ(machine_read(machine, 1, GUEST).fault, 0);
		EXPECT_EQ(reads_to_go, 0);
		EXPECT_EQ(machine_read(machine, 1, GUEST).fault, 0);
		machine_destroy(machine);
	}
}

TEST(vtd_caching_mode, caches_that_are_off_keep_nothing)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	machine_caches_off(&config);
	config.cap = with_field(config.cap, "cap", "CM", 1);
	machine = machine_create(&config, false);
	machine_ready(machine, SECOND_STAGE);
	EXPECT_NE(machine_read(machine, 1, GUEST).fault, 0);
	map_guest(machine, SS_R);
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, 0);
	machine_destroy(machine);
}
