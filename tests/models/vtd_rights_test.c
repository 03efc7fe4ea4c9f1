/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rights of both stages, accessed and dirty bits, canonical addresses.
 */
#include "gtest_c.h"
#include "vtd_machine.h"

#define INPUT 0x7f1234567000ULL
#define GUEST 0x40000000ULL
#define HOST 0x123456000ULL

static void map_both(struct machine *machine, u64 first_bits, u64 second_bits)
{
	machine_map_first(machine, INPUT, GUEST, 4 * KIB, first_bits);
	machine_map_second(machine, GUEST, HOST, 4 * KIB, second_bits);
}

/* Makes PASID 1 nested with some fields of its entry set to 1. */
static struct machine *nested_with(const char *const *fields)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);
	u64 entry[8];

	machine_ready(machine, NESTED);
	machine_pasid_entry(machine, entry, NESTED);
	for (; fields && *fields; fields++)
		field_set(entry, "pasid-entry", *fields, 1);
	machine_store_pasid(machine, 1, entry);
	return machine;
}

/*
 * All combinations: what a request may do is what an independent reading of the rules says, on the
 * walk and from the IOTLB alike.
 */
static bool first_allows(u64 bits, enum access access, bool privileged, bool wpe)
{
	if (!privileged && !(bits & FS_U))
		return false;
	if (access == ACCESS_WRITE)
		return bits & FS_W || (privileged && !wpe);
	if (access == ACCESS_EXECUTE)
		return !(bits & FS_XD);
	return true;
}

static bool second_allows(u64 bits, enum access access)
{
	if (access == ACCESS_WRITE)
		return bits & SS_W;
	if (access == ACCESS_EXECUTE)
		return (bits & SS_R) && (bits & SS_X);
	return bits & SS_R;
}

static void check_rights(bool wpe, u64 first_bits, u64 second_bits)
{
	static const char *const with_wpe[] = { "SRE", "ERE", "NXE", "SSEE", "WPE", NULL };
	static const char *const without[] = { "SRE", "ERE", "NXE", "SSEE", NULL };
	static const enum access accesses[] = { ACCESS_READ, ACCESS_WRITE, ACCESS_EXECUTE };
	struct machine *machine = nested_with(wpe ? with_wpe : without);
	unsigned int round, i, privileged;

	map_both(machine, FS_P | first_bits, second_bits);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < 6; i++) {
			enum access access = accesses[i % 3];
			struct translation_request request = dma_with_pasid(access, INPUT, 1);
			struct translation_result result;
			bool allowed;

			privileged = i / 3;
			request.privileged = privileged;
			allowed = first_allows(first_bits, access, privileged, wpe) &&
				  second_allows(second_bits, access);
			result = machine_dma(machine, &request);
			SCOPED_NOTE("first %llx second %llx access %u privileged %u wpe %u",
				    first_bits, second_bits, access, privileged, wpe);
			EXPECT_EQ(result.fault == 0, allowed);
			if (allowed) {
				EXPECT_TRUE(result.rights & access);
				EXPECT_EQ((result.rights & ACCESS_WRITE) != 0,
					  first_allows(first_bits, ACCESS_WRITE, privileged, wpe) &&
						  second_allows(second_bits, ACCESS_WRITE));
				EXPECT_EQ((result.rights & ACCESS_EXECUTE) != 0,
					  first_allows(first_bits, ACCESS_EXECUTE, privileged,
						       wpe) &&
						  second_allows(second_bits, ACCESS_EXECUTE));
			}
		}
	}
	machine_destroy(machine);
}

TEST(vtd_rights, both_stages_must_allow)
{
	unsigned int first, second;

	for (first = 0; first < 8; first++)
		for (second = 1; second < 8; second++) {
			u64 bits = (first & 1 ? FS_W : 0) | (first & 2 ? FS_U : 0) |
				   (first & 4 ? FS_XD : 0);

			check_rights(false, bits, second);
			check_rights(true, bits, second);
		}
}

TEST(vtd_rights, every_level_must_allow)
{
	struct machine *machine = nested_with(NULL);
	unsigned int level;

	map_both(machine, FS_P | FS_W | FS_U, SS_R | SS_W);
	for (level = 1; level <= 5; level++) {
		u64 first = machine_first_entry(machine, INPUT, level);
		u64 second = machine_second_entry(machine, GUEST, level);
		u64 was = machine_load(machine, first);

		SCOPED_NOTE("level %u", level);
		machine_store(machine, first, was & ~(u64)FS_W);
		machine_invalidate_all(machine);
		EXPECT_EQ(machine_write(machine, 1, INPUT).fault, VTD_FAULT_SM_NO_WRITE);
		machine_store(machine, first, was);
		was = machine_load(machine, second);
		machine_store(machine, second, was & ~(u64)SS_W);
		machine_invalidate_all(machine);
		EXPECT_NE(machine_write(machine, 1, INPUT).fault, 0);
		machine_store(machine, second, was);
		machine_invalidate_all(machine);
		EXPECT_EQ(machine_write(machine, 1, INPUT).fault, 0);
	}
	machine_destroy(machine);
}

TEST(vtd_rights, requests_without_pasid_take_their_privilege_from_the_context)
{
	static const char *const sre[] = { "SRE", NULL };
	struct machine *machine = nested_with(sre);
	u64 entry[8];

	map_both(machine, FS_P | FS_W, SS_R | SS_W);
	memory_read(machine->memory, hpa(machine_pasid_address(machine, 1)), entry, 64);
	machine_store_pasid(machine, 0, entry);
	EXPECT_EQ(machine_rid_read(machine, INPUT).fault, VTD_FAULT_SM_USER_TO_SUPERVISOR);
	machine_set_context(machine, "RID_PRIV", 1);
	machine_invalidate_context(machine, 1, 0, 0);
	EXPECT_EQ(machine_rid_read(machine, INPUT).fault, 0);
	machine_destroy(machine);
}

TEST(vtd_rights, a_page_that_the_iotlb_knows_is_denied_as_by_a_walk)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);
	struct translation_result result;

	machine_ready(machine, SECOND_STAGE);
	machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_W);
	EXPECT_EQ(machine_write(machine, 1, GUEST).fault, 0);
	result = machine_read(machine, 1, GUEST);
	EXPECT_EQ(result.fault, VTD_FAULT_SM_NO_READ);
	EXPECT_EQ(result.table_reads, 0);
	machine_destroy(machine);
}

TEST(vtd_rights, execute_without_pasid_is_a_read_in_the_first_stage_too)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);
	const struct translation_request request = dma_request(ACCESS_EXECUTE, INPUT);
	u64 entry[8];

	machine_ready(machine, FIRST_STAGE);
	machine_pasid_entry(machine, entry, FIRST_STAGE);
	field_set(entry, "pasid-entry", "NXE", 1);
	machine_store_pasid(machine, 0, entry);
	machine_map_first(machine, INPUT, HOST, 4 * KIB, FS_P | FS_U | FS_XD);
	EXPECT_EQ(machine_dma(machine, &request).fault, 0);
	machine_destroy(machine);
}

TEST(vtd_rights, execute_needs_pasid_to_be_more_than_a_read)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);
	const struct translation_request request = dma_request(ACCESS_EXECUTE, GUEST);
	u64 entry[8];

	machine_ready(machine, SECOND_STAGE);
	machine_pasid_entry(machine, entry, SECOND_STAGE);
	field_set(entry, "pasid-entry", "SSEE", 1);
	machine_store_pasid(machine, 0, entry);
	machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_R);
	EXPECT_EQ(machine_dma(machine, &request).fault, 0);
	machine_destroy(machine);
}

/* --- accessed and dirty ------------------------------------------------------------------ */

TEST(vtd_accessed_dirty, first_stage_a_is_set_on_all_levels_and_d_on_the_leaf_of_a_write)
{
	struct machine *machine = nested_with(NULL);
	unsigned int level;

	map_both(machine, FS_P | FS_W | FS_U, SS_R | SS_W);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	for (level = 1; level <= 5; level++) {
		u64 entry = machine_load(machine, machine_first_entry(machine, INPUT, level));

		EXPECT_EQ(entry & (FS_A | FS_D), FS_A);
		EXPECT_EQ(entry & FS_EA, 0);
	}
	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, 0);
	for (level = 1; level <= 5; level++) {
		u64 entry = machine_load(machine, machine_first_entry(machine, INPUT, level));

		EXPECT_EQ(entry & (FS_A | FS_D), level == 1 ? FS_A | FS_D : FS_A);
	}
	machine_destroy(machine);
}

TEST(vtd_accessed_dirty, a_write_through_a_clean_cached_page_walks_once_to_set_d)
{
	struct machine *machine = nested_with(NULL);

	map_both(machine, FS_P | FS_W | FS_U, SS_R | SS_W);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	EXPECT_EQ(machine_read(machine, 1, INPUT).table_reads, 0);
	EXPECT_GT(machine_write(machine, 1, INPUT).table_reads, 0);
	EXPECT_EQ(machine_write(machine, 1, INPUT).table_reads, 0);
	EXPECT_EQ(machine_read(machine, 1, INPUT).table_reads, 0);
	machine_destroy(machine);
}

TEST(vtd_accessed_dirty, bits_that_are_set_already_cost_no_update)
{
	struct machine *machine = nested_with(NULL);

	map_both(machine, FS_P | FS_W | FS_U, SS_R | SS_W);
	machine_write(machine, 1, INPUT);
	machine->exchanges = 0;
	machine_invalidate_all(machine);
	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, 0);
	EXPECT_EQ(machine->exchanges, 0);
	machine_destroy(machine);
}

TEST(vtd_accessed_dirty, a_refused_request_marks_no_leaf)
{
	struct machine *machine = nested_with(NULL);

	map_both(machine, FS_P | FS_U, SS_R | SS_W);
	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, VTD_FAULT_SM_NO_WRITE);
	EXPECT_EQ(machine_load(machine, machine_first_entry(machine, INPUT, 1)) & (FS_A | FS_D), 0);
	machine_destroy(machine);
}

TEST(vtd_accessed_dirty, eafe_sets_the_extended_accessed_bit_too)
{
	static const char *const eafe[] = { "EAFE", NULL };
	struct machine *machine = nested_with(eafe);
	unsigned int level;

	map_both(machine, FS_P | FS_W | FS_U, SS_R | SS_W);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	for (level = 1; level <= 5; level++)
		EXPECT_EQ(machine_load(machine, machine_first_entry(machine, INPUT, level)) &
				  (FS_A | FS_EA),
			  FS_A | FS_EA);
	machine_destroy(machine);
}

TEST(vtd_accessed_dirty, second_stage_bits_are_left_alone_without_ssade)
{
	struct machine *machine = nested_with(NULL);
	unsigned int level;

	map_both(machine, FS_P | FS_W | FS_U, SS_R | SS_W);
	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, 0);
	for (level = 1; level <= 5; level++)
		EXPECT_EQ(machine_load(machine, machine_second_entry(machine, GUEST, level)) &
				  (SS_A | SS_D),
			  0);
	machine_destroy(machine);
}

TEST(vtd_accessed_dirty, ssade_marks_the_second_stage_of_pages_and_of_first_stage_tables)
{
	static const char *const ssade[] = { "SSADE", NULL };
	struct machine *machine = nested_with(ssade);
	u64 leaf, table;

	map_both(machine, FS_P | FS_W | FS_U, SS_R | SS_W);
	leaf = machine_second_entry(machine, GUEST, 1);
	table = machine_second_entry(machine, machine->first_table, 1);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	EXPECT_EQ(machine_load(machine, leaf) & (SS_A | SS_D), SS_A);
	/* setting A in the first-stage table wrote to its page */
	EXPECT_EQ(machine_load(machine, table) & (SS_A | SS_D), SS_A | SS_D);
	EXPECT_EQ(machine_load(machine, machine_second_entry(machine, GUEST, 3)) & (SS_A | SS_D),
		  SS_A);
	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, 0);
	EXPECT_EQ(machine_load(machine, leaf) & (SS_A | SS_D), SS_A | SS_D);
	EXPECT_EQ(machine_write(machine, 1, INPUT).table_reads, 0);
	machine_destroy(machine);
}

static void fail_sixth_exchange(struct machine *machine, hpa_t address)
{
	(void)address;
	machine->exchange_fails = machine->exchanges == 6;
}

TEST(vtd_accessed_dirty, a_guest_table_whose_page_cannot_be_marked_dirty_is_a_fault)
{
	static const char *const ssade[] = { "SSADE", NULL };
	struct machine *machine = nested_with(ssade);

	map_both(machine, FS_P | FS_W | FS_U, SS_R | SS_W);
	/* five levels of the second stage are marked as accessed first */
	machine->on_exchange = fail_sixth_exchange;
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_SECOND_STAGE_AD_UPDATE);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	machine_destroy(machine);
}

TEST(vtd_accessed_dirty, ssade_works_without_a_first_stage)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);
	u64 entry[8], leaf;

	machine_ready(machine, SECOND_STAGE);
	machine_pasid_entry(machine, entry, SECOND_STAGE);
	field_set(entry, "pasid-entry", "SSADE", 1);
	machine_store_pasid(machine, 1, entry);
	machine_map_second(machine, 2 * MIB, 4 * MIB, 2 * MIB, SS_R | SS_W);
	leaf = machine_second_entry(machine, 2 * MIB, 2);
	EXPECT_EQ(machine_read(machine, 1, 2 * MIB).fault, 0);
	EXPECT_EQ(machine_load(machine, leaf) & (SS_A | SS_D), SS_A);
	EXPECT_GT(machine_write(machine, 1, 2 * MIB).table_reads, 0);
	EXPECT_EQ(machine_load(machine, leaf) & (SS_A | SS_D), SS_A | SS_D);
	EXPECT_EQ(machine_write(machine, 1, 2 * MIB).table_reads, 0);
	machine_destroy(machine);
}

/* --- addresses --------------------------------------------------------------------------- */

struct canonical_row {
	const char *name;
	unsigned int levels;
	u64 address;
	bool canonical;
};

static const struct canonical_row canonical_rows[] = {
	{ "4_last_low", 4, 0x00007ffffffff000, true },
	{ "4_first_beyond", 4, 0x0000800000000000, false },
	{ "4_last_before_high", 4, 0xffff7ffffffff000, false },
	{ "4_first_high", 4, 0xffff800000000000, true },
	{ "5_last_low", 5, 0x00fffffffffff000, true },
	{ "5_first_beyond", 5, 0x0100000000000000, false },
	{ "5_last_before_high", 5, 0xfefffffffffff000, false },
	{ "5_first_high", 5, 0xff00000000000000, true },
};

TEST_WITH_NAMED_PARAMS(vtd_rights, first_stage_input_must_be_canonical, struct canonical_row,
		       canonical_rows, name)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);
	u64 entry[8];

	machine_start(machine, MODE_SCALABLE);
	machine_stages(machine, param->levels, 4, false);
	machine_pasid_entry(machine, entry, FIRST_STAGE);
	machine_store_pasid(machine, 1, entry);
	machine_map_first(machine, param->address, HOST, 4 * KIB, FS_P | FS_U);
	EXPECT_EQ(machine_read(machine, 1, param->address).fault,
		  param->canonical ? 0 : VTD_FAULT_SM_NOT_CANONICAL);
	machine_destroy(machine);
}

TEST(vtd_rights, second_stage_input_ends_at_the_smaller_of_aw_and_mgaw)
{
	struct vtd_config config = machine_config();
	struct machine *machine;
	u64 entry[8];

	config.cap = with_field(config.cap, "cap", "MGAW", 41);
	machine = machine_create(&config, false);
	machine_start(machine, MODE_SCALABLE);
	machine_stages(machine, 4, 4, false);
	machine_pasid_entry(machine, entry, SECOND_STAGE);
	machine_store_pasid(machine, 1, entry);
	machine_map_second(machine, (1ULL << 42) - 4096, HOST, 4 * KIB, SS_R);
	machine_map_second(machine, 1ULL << 42, HOST, 4 * KIB, SS_R);
	EXPECT_EQ(machine_read(machine, 1, (1ULL << 42) - 4096).fault, 0);
	EXPECT_EQ(machine_read(machine, 1, 1ULL << 42).fault,
		  VTD_FAULT_SM_BEYOND_SECOND_STAGE_WIDTH);
	machine_destroy(machine);
}

/* SMEP: what supervisors may not execute are user pages; all else is as without. */
TEST(vtd_rights, smep_keeps_supervisors_alone_from_executing_user_pages_alone)
{
	static const char *const fields[] = { "SRE", "ERE", "SMEP", NULL };
	unsigned int user_page, privileged, execute;

	for (user_page = 0; user_page < 2; user_page++)
		for (privileged = 0; privileged < 2; privileged++)
			for (execute = 0; execute < 2; execute++) {
				struct machine *machine = nested_with(fields);
				struct translation_request request = dma_with_pasid(
					execute ? ACCESS_EXECUTE : ACCESS_READ, INPUT, 1);
				unsigned int fault = VTD_FAULT_NONE;

				SCOPED_NOTE("user page %u, privileged %u, execute %u", user_page,
					    privileged, execute);
				map_both(machine, user_page ? FS_P | FS_U : FS_P, SS_R | SS_X);
				request.privileged = privileged;
				if (!user_page && !privileged)
					fault = VTD_FAULT_SM_USER_TO_SUPERVISOR;
				else if (user_page && privileged && execute)
					fault = VTD_FAULT_SM_NO_EXECUTE;
				EXPECT_EQ(machine_dma(machine, &request).fault, fault);
				machine_destroy(machine);
			}
}

struct large_row {
	const char *name;
	bool first_stage;
	const char *field;
	u64 value, size;
	bool works;
};

static const struct large_row large_rows[] = {
	{ "first_2M_always", true, "FS1GP", 0, 2 * MIB, true },
	{ "first_1G_with_fs1gp", true, "FS1GP", 1, GIB, true },
	{ "first_1G_without", true, "FS1GP", 0, GIB, false },
	{ "second_2M_with_bit_0", false, "SSLPS", 1, 2 * MIB, true },
	{ "second_2M_without", false, "SSLPS", 2, 2 * MIB, false },
	{ "second_1G_with_bit_1", false, "SSLPS", 2, GIB, true },
	{ "second_1G_without", false, "SSLPS", 1, GIB, false },
};

TEST_WITH_NAMED_PARAMS(vtd_rights, large_pages_need_their_capability, struct large_row, large_rows,
		       name)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	config.cap = with_field(config.cap, "cap", param->field, param->value);
	machine = machine_create(&config, false);
	machine_ready(machine, param->first_stage ? FIRST_STAGE : SECOND_STAGE);
	/* bit 12 is PAT, which is looked at by nobody */
	if (param->first_stage)
		machine_map_first(machine, GIB, GIB, param->size, FS_P | FS_U | 1 << 12);
	else
		machine_map_second(machine, GIB, GIB, param->size, SS_R);
	EXPECT_EQ(machine_read(machine, 1, GIB).fault,
		  param->works         ? 0
		  : param->first_stage ? VTD_FAULT_SM_FIRST_STAGE_RESERVED
				       : VTD_FAULT_SM_SECOND_STAGE_RESERVED);
	machine_destroy(machine);
}

TEST(vtd_rights, the_snoop_bit_needs_its_capability)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);

	machine_ready(machine, SECOND_STAGE);
	machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_R | 1ULL << 11);
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, 0);
	machine_destroy(machine);

	config.ecap = with_field(config.ecap, "ecap", "SC", 0);
	machine = machine_create(&config, false);
	machine_ready(machine, SECOND_STAGE);
	machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_R | 1ULL << 11);
	EXPECT_EQ(machine_read(machine, 1, GUEST).fault, VTD_FAULT_SM_SECOND_STAGE_RESERVED);
	machine_destroy(machine);
}
