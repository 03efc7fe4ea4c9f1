/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a VT-d unit answers to translation requests, and which translated requests it lets through.
 */
#include "ats_rig.h"
#include "gtest_c.h"

/* --- messages ---------------------------------------------------------------------------- */

TEST(ats_message, address_and_size_of_a_range_come_back_from_its_encoding)
{
	unsigned int shift;

	for (shift = 12; shift <= 64; shift++) {
		u64 first = shift < 64 ? 0xa5a5a5a5a5a5a000ULL >> shift << shift : 0;
		const struct ats_range range = { first, shift };
		struct ats_range back = ats_decode_range(ats_encode_range(range));

		EXPECT_EQ(back.first, first);
		EXPECT_EQ(back.shift, shift);
	}
	EXPECT_EQ(ats_encode_range((struct ats_range){ 0x200000, 21 }), 0x2ff800);
	EXPECT_EQ(ats_encode_range((struct ats_range){ 0x5000, 12 }), 0x5000);
	EXPECT_EQ(ats_decode_range(~0ULL).shift, 64);
}

/* --- completions ------------------------------------------------------------------------- */

struct size_row {
	const char *name;
	unsigned int shift;
};

static const struct size_row sizes[] = { { "4k", 12 }, { "2m", 21 }, { "1g", 30 } };

TEST_WITH_NAMED_PARAMS(ats_completion, tells_the_size_of_the_page, struct size_row, sizes, name)
{
	struct ats_rig rig;
	struct translation_request request = dma_request(ACCESS_READ, 0x40000000);
	struct translation_result result;

	ats_rig_create(&rig, SECOND_STAGE);
	machine_map_second(rig.machine, 0x40000000, PLACE, 1ULL << param->shift,
			   SS_R | SS_W | (param->shift > 12 ? SS_PS : 0));
	request.address.v += (1ULL << param->shift) - 4096;
	result = ats_rig_ask(&rig, &request);
	EXPECT_EQ(result.ats_status, ATS_SUCCESS);
	EXPECT_EQ(!!(result.completion & ATS_SIZE), param->shift > 12);
	EXPECT_EQ(ats_decode_range(result.completion).first, PLACE);
	EXPECT_EQ(ats_decode_range(result.completion).shift, param->shift);
	EXPECT_EQ(result.rights, ACCESS_READ | ACCESS_WRITE);
	ats_rig_destroy(&rig);
}

struct grant_row {
	const char *name;
	u64 bits; /* of the second-stage leaf */
	bool no_write;
	u64 expected; /* R, W, X, N */
};

static const struct grant_row grants[] = {
	{ "read_write", SS_R | SS_W, false, ATS_READ | ATS_WRITE },
	{ "read_only", SS_R, false, ATS_READ },
	{ "write_only", SS_W, false, ATS_WRITE },
	{ "write_only_asked_for_reading", SS_W, true, 0 },
	{ "read_write_asked_for_reading", SS_R | SS_W, true, ATS_READ },
	{ "snooped", SS_R | 1 << 11, false, ATS_READ | ATS_NO_SNOOP_FORBIDDEN },
	{ "nothing", 0, false, 0 },
};

TEST_WITH_NAMED_PARAMS(ats_completion, grants_what_the_second_stage_allows, struct grant_row,
		       grants, name)
{
	struct translation_request request = dma_request(ACCESS_READ, 0x5000);
	const u64 bits = ATS_READ | ATS_WRITE | ATS_EXECUTE | ATS_NO_SNOOP_FORBIDDEN |
			 ATS_UNTRANSLATED | ATS_PRIVILEGED | ATS_GLOBAL;
	struct translation_result result;
	struct ats_rig rig;
	u64 record[2];

	ats_rig_create(&rig, SECOND_STAGE);
	machine_map_second(rig.machine, 0x5000, PLACE, 4 * KIB, param->bits);
	request.no_write = param->no_write;
	result = ats_rig_ask(&rig, &request);
	EXPECT_EQ(result.ats_status, ATS_SUCCESS);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.completion & bits, param->expected);
	EXPECT_EQ(ats_rig_recorded(&rig, record), 0);
	ats_rig_destroy(&rig);
}

struct first_row {
	const char *name;
	u64 bits; /* of the first-stage leaf, besides P */
	enum access access;
	bool no_write, privileged, ere;
	u64 expected, marked; /* the completion's low bits; A and D afterwards */
};

static const struct first_row firsts[] = {
	{ "sets_dirty_as_it_grants_writing", FS_U | FS_W, ACCESS_READ, false, false, false,
	  ATS_READ | ATS_WRITE, FS_A | FS_D },
	{ "leaves_dirty_clear_and_grants_no_writing", FS_U | FS_W, ACCESS_READ, true, false, false,
	  ATS_READ, FS_A },
	{ "grants_no_writing_of_what_is_dirty_either", FS_U | FS_W | FS_D, ACCESS_READ, true, false,
	  false, ATS_READ, FS_A | FS_D },
	{ "read_only_is_not_made_dirty", FS_U, ACCESS_READ, false, false, false, ATS_READ, FS_A },
	{ "supervisor_page_for_a_user", FS_W, ACCESS_READ, false, false, false, 0, 0 },
	{ "supervisor_page_for_a_supervisor", FS_W, ACCESS_READ, false, true, false,
	  ATS_READ | ATS_WRITE | ATS_PRIVILEGED, FS_A | FS_D },
	{ "global_is_not_told", FS_U | FS_W | 1 << 8, ACCESS_READ, true, false, false, ATS_READ,
	  FS_A },
	{ "execution_with_ere", FS_U, ACCESS_EXECUTE, true, false, true, ATS_READ | ATS_EXECUTE,
	  FS_A },
	{ "nothing_to_execute_without_ere", FS_U, ACCESS_EXECUTE, true, false, false, 0, 0 },
	{ "no_execution_unasked", FS_U, ACCESS_READ, true, false, true, ATS_READ, FS_A },
};

TEST_WITH_NAMED_PARAMS(ats_completion, of_a_first_stage, struct first_row, firsts, name)
{
	struct translation_request request = dma_with_pasid(param->access, 0x7000, 1);
	u64 entry[8], leaf;
	struct ats_rig rig;

	ats_rig_create(&rig, NESTED);
	machine_map_second(rig.machine, 0x9000, PLACE, 4 * KIB, SS_R | SS_W | SS_X);
	machine_map_first(rig.machine, 0x7000, 0x9000, 4 * KIB, FS_P | param->bits);
	machine_pasid_entry(rig.machine, entry, NESTED);
	field_set(entry, "pasid-entry", "SRE", 1);
	field_set(entry, "pasid-entry", "ERE", param->ere);
	field_set(entry, "pasid-entry", "WPE", 1);
	machine_store_pasid(rig.machine, 1, entry);
	machine_invalidate_all(rig.machine);
	request.privileged = param->privileged;
	request.no_write = param->no_write;
	EXPECT_EQ(ats_rig_ask(&rig, &request).completion & 0x3f, param->expected);
	leaf = machine_load(rig.machine, machine_first_entry(rig.machine, 0x7000, 1));
	EXPECT_EQ(leaf & (FS_A | FS_D), param->marked);
	/* what the IOTLB knows is judged as a fresh walk */
	EXPECT_EQ(ats_rig_ask(&rig, &request).completion & 0x3f, param->expected);
	ats_rig_destroy(&rig);
}

TEST(ats_completion, without_the_no_write_flag_a_request_counts_as_a_write)
{
	struct translation_request request = dma_with_pasid(ACCESS_READ, 0x7000, 1);
	const struct vtd_config config = machine_config();
	struct ats_rig rig;

	ats_rig_create_with(&rig, &config, 16);
	machine_ready(rig.machine, FIRST_STAGE);
	ats_rig_set_context(&rig, "DTE", 1);
	machine_map_first(rig.machine, 0x7000, PLACE, 4 * KIB, FS_P | FS_U | FS_W);
	request.no_write = true;
	EXPECT_EQ(ats_rig_ask(&rig, &request).rights, ACCESS_READ | ACCESS_WRITE);
	ats_rig_destroy(&rig);
}

TEST(ats_completion, a_page_that_is_not_there_grants_nothing_and_is_no_fault)
{
	struct translation_request request = dma_with_pasid(ACCESS_READ, 0x7000, 1);
	struct translation_result result;
	struct ats_rig rig;
	u64 record[2];

	ats_rig_create(&rig, NESTED);
	result = ats_rig_ask(&rig, &request);
	EXPECT_EQ(result.ats_status, ATS_SUCCESS);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.completion, 0);
	EXPECT_EQ(ats_rig_recorded(&rig, record), 0);
	EXPECT_EQ(machine_counter(rig.machine, "faults"), 0);
	EXPECT_EQ(machine_counter(rig.machine, "translation_requests"), 1);
	ats_rig_destroy(&rig);
}

TEST(ats_completion, a_table_that_is_wrong_aborts_and_is_recorded_as_a_translation_request)
{
	struct translation_request request = dma_with_pasid(ACCESS_READ, 0x7000, 1);
	struct translation_result result;
	struct ats_rig rig;
	u64 record[2], leaf;

	ats_rig_create(&rig, SECOND_STAGE);
	machine_map_second(rig.machine, 0x7000, PLACE, 4 * KIB, SS_R);
	leaf = machine_second_entry(rig.machine, 0x7000, 1);
	machine_store(rig.machine, leaf, machine_load(rig.machine, leaf) | 1ULL << 62);
	result = ats_rig_ask(&rig, &request);
	EXPECT_EQ(result.ats_status, ATS_COMPLETER_ABORT);
	EXPECT_EQ(result.fault, VTD_FAULT_SM_SECOND_STAGE_RESERVED);
	EXPECT_EQ(ats_rig_recorded(&rig, record), VTD_FAULT_SM_SECOND_STAGE_RESERVED);
	EXPECT_EQ(field_get(record, "frcd", "AT"), 1);
	EXPECT_EQ(field_get(record, "frcd", "PV"), 1);
	ats_rig_destroy(&rig);
}

TEST(ats_completion, with_translation_off_the_request_is_unsupported_and_nothing_is_recorded)
{
	const struct translation_request request = dma_request(ACCESS_READ, 0x7000);
	struct ats_rig rig;
	u64 record[2];

	ats_rig_create(&rig, SECOND_STAGE);
	machine_command(rig.machine, 31, false);
	EXPECT_EQ(ats_rig_ask(&rig, &request).ats_status, ATS_UNSUPPORTED_REQUEST);
	EXPECT_EQ(ats_rig_recorded(&rig, record), 0);
	ats_rig_destroy(&rig);
}

TEST(ats_completion, of_the_interrupt_range_asks_for_untranslated_writes)
{
	const struct translation_request request = dma_request(ACCESS_READ, 0xfee00000);
	struct ats_rig rig;

	ats_rig_create(&rig, SECOND_STAGE);
	EXPECT_EQ(ats_rig_ask(&rig, &request).completion,
		  0xfee00000 | ATS_WRITE | ATS_UNTRANSLATED);
	ats_rig_destroy(&rig);
}

/* --- who may ------------------------------------------------------------------------------ */

struct gate_row {
	const char *name;
	bool legacy;
	u64 open; /* DTE or TT */
	enum address_type type;
	unsigned int fault;
};

static const struct gate_row gates[] = {
	{ "dte_set_translation_request", false, 1, ADDRESS_TRANSLATION_REQUEST, 0 },
	{ "dte_set_translated_request", false, 1, ADDRESS_TRANSLATED, 0 },
	{ "dte_clear_translation_request", false, 0, ADDRESS_TRANSLATION_REQUEST,
	  VTD_FAULT_SM_DTE_CLEAR },
	{ "dte_clear_translated_request", false, 0, ADDRESS_TRANSLATED, VTD_FAULT_SM_DTE_CLEAR },
	{ "tt_1_translation_request", true, 1, ADDRESS_TRANSLATION_REQUEST, 0 },
	{ "tt_1_translated_request", true, 1, ADDRESS_TRANSLATED, 0 },
	{ "tt_0_translation_request", true, 0, ADDRESS_TRANSLATION_REQUEST,
	  VTD_FAULT_TRANSLATION_TYPE_BLOCKED },
	{ "tt_0_translated_request", true, 0, ADDRESS_TRANSLATED,
	  VTD_FAULT_TRANSLATION_TYPE_BLOCKED },
	{ "tt_2_translation_request", true, 2, ADDRESS_TRANSLATION_REQUEST,
	  VTD_FAULT_TRANSLATION_TYPE_BLOCKED },
	{ "tt_2_translated_request", true, 2, ADDRESS_TRANSLATED,
	  VTD_FAULT_TRANSLATION_TYPE_BLOCKED },
};

static void gate_machine(struct ats_rig *rig, const struct gate_row *row)
{
	const struct vtd_config config = machine_config();

	ats_rig_create_with(rig, &config, 16);
	if (row->legacy) {
		machine_start(rig->machine, MODE_LEGACY);
		machine_stages(rig->machine, 4, 4, false);
		machine_legacy_context(rig->machine, (unsigned int)row->open);
	} else {
		machine_ready(rig->machine, SECOND_STAGE);
		ats_rig_set_context(rig, "DTE", row->open);
	}
	machine_map_second(rig->machine, 0x5000, PLACE, 4 * KIB, SS_R | SS_W);
}

TEST_WITH_NAMED_PARAMS(ats_gate, the_context_entry_says_who_may_translate, struct gate_row, gates,
		       name)
{
	struct translation_request request = dma_request(
		ACCESS_READ, param->type == ADDRESS_TRANSLATED ? PLACE + 0x123 : 0x5000);
	struct translation_result result;
	struct ats_rig rig;
	unsigned int cached;
	u64 record[2];

	gate_machine(&rig, param);
	request.type = param->type;
	/* from memory, and from the context cache */
	for (cached = 0; cached < 2; cached++) {
		result = machine_dma(rig.machine, &request);
		EXPECT_EQ(result.fault, param->fault);
		if (!param->fault && param->type == ADDRESS_TRANSLATED)
			EXPECT_EQ(result.address.v, PLACE + 0x123);
		if (param->fault && param->type == ADDRESS_TRANSLATION_REQUEST)
			EXPECT_EQ(result.ats_status, ATS_UNSUPPORTED_REQUEST);
	}
	EXPECT_EQ(ats_rig_recorded(&rig, record), param->fault);
	if (param->fault)
		EXPECT_EQ(field_get(record, "frcd", "AT"), param->type);
	/* untranslated requests pass in any case */
	request = dma_request(ACCESS_READ, 0x5000);
	EXPECT_EQ(machine_dma(rig.machine, &request).fault, 0);
	ats_rig_destroy(&rig);
}

TEST(ats_translated, reads_the_context_entry_and_no_other_table)
{
	struct translation_request request = dma_request(ACCESS_WRITE, PLACE);
	struct ats_rig rig;

	ats_rig_create(&rig, NESTED);
	request.type = ADDRESS_TRANSLATED;
	EXPECT_EQ(machine_dma(rig.machine, &request).table_reads, 2);
	EXPECT_EQ(machine_dma(rig.machine, &request).table_reads, 0);
	EXPECT_EQ(machine_counter(rig.machine, "walks"), 0);
	EXPECT_EQ(machine_counter(rig.machine, "iotlb_lookup"), 0);
	EXPECT_EQ(machine_counter(rig.machine, "translated_requests"), 2);
	ats_rig_destroy(&rig);
}

TEST(ats_translated, may_reach_neither_the_interrupt_range_nor_beyond_the_host)
{
	struct translation_request request = dma_request(ACCESS_WRITE, 0xfee01000);
	struct ats_rig rig;

	ats_rig_create(&rig, NESTED);
	request.type = ADDRESS_TRANSLATED;
	EXPECT_EQ(machine_dma(rig.machine, &request).fault, VTD_FAULT_SM_INTERRUPT_ADDRESS);
	request.address = iova(1ULL << 52);
	EXPECT_EQ(machine_dma(rig.machine, &request).fault, VTD_FAULT_SM_BEYOND_HOST_WIDTH);
	ats_rig_destroy(&rig);
}

/* Section 4.2.3: the largest page that the unit knows, for asking less often. */
TEST(ats_completion, of_pass_through_is_for_the_largest_page)
{
	static const struct {
		u64 sslps, fs1gp, fsts;
		unsigned int shift;
	} rows[] = {
		{ 3, 0, 0, 30 }, { 0, 1, 0, 30 }, { 1, 0, 0, 21 }, { 0, 0, 1, 21 }, { 0, 0, 0, 12 }
	};
	struct translation_request request = dma_with_pasid(ACCESS_READ, 0x4edcb000, 1);
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vtd_config config = machine_config();
		struct translation_result result;
		struct ats_rig rig;

		config.cap = with_field(config.cap, "cap", "SSLPS", rows[i].sslps);
		config.cap = with_field(config.cap, "cap", "FS1GP", rows[i].fs1gp);
		config.ecap = with_field(config.ecap, "ecap", "FSTS", rows[i].fsts);
		ats_rig_create_with(&rig, &config, 16);
		machine_ready(rig.machine, PASS_THROUGH);
		ats_rig_set_context(&rig, "DTE", 1);
		result = ats_rig_ask(&rig, &request);
		EXPECT_EQ(result.page_size, 1ULL << rows[i].shift);
		EXPECT_EQ(result.address.v, 0x4edcb000ULL >> rows[i].shift << rows[i].shift);
		ats_rig_destroy(&rig);
	}
}

/* SGN.8.2: not even in part. Pass-through is exempt, as what it leads to is checked once more. */
TEST(ats_completion, of_a_page_that_reaches_the_interrupt_range_aborts)
{
	struct translation_request request = dma_with_pasid(ACCESS_READ, 0x40000000, 1);
	struct ats_rig rig;

	ats_rig_create(&rig, SECOND_STAGE);
	machine_map_second(rig.machine, 0x40000000, 0xc0000000, GIB, SS_R | SS_W | SS_PS);
	EXPECT_EQ(machine_read(rig.machine, 1, 0x40000000).fault, 0);
	EXPECT_EQ(ats_rig_ask(&rig, &request).ats_status, ATS_COMPLETER_ABORT);
	ats_rig_destroy(&rig);

	ats_rig_create(&rig, PASS_THROUGH);
	request.address = iova(0xfee01000);
	EXPECT_EQ(ats_rig_ask(&rig, &request).rights, ACCESS_READ | ACCESS_WRITE);
	ats_rig_destroy(&rig);
}

/* In the middle of the walk for a translation request, after the right to write was not found. */
static void grant_writes(struct machine *machine, hpa_t address)
{
	if (address.v != machine_second_entry(machine, 0xa000, 1))
		return;
	machine->on_read = NULL;
	machine_map_first(machine, 0x7000, 0xa000, 4 * KIB, FS_P | FS_U | FS_W);
	machine_invalidate_pasid_iotlb(machine, 3, 1, 0x7000);
}

TEST(ats_completion, grants_what_an_invalidation_during_its_walk_made_of_the_page)
{
	const struct translation_request request = dma_with_pasid(ACCESS_READ, 0x7000, 1);
	struct ats_rig rig;

	ats_rig_create(&rig, NESTED);
	machine_map_first(rig.machine, 0x7000, 0xa000, 4 * KIB, FS_P | FS_U);
	machine_map_second(rig.machine, 0xa000, PLACE, 4 * KIB, SS_R | SS_W);
	rig.machine->on_read = grant_writes;
	EXPECT_EQ(ats_rig_ask(&rig, &request).completion, PLACE | ATS_READ | ATS_WRITE);
	EXPECT_TRUE(!rig.machine->on_read);
	ats_rig_destroy(&rig);
}

TEST(ats_completion, of_the_interrupt_range_asks_the_context_entry_first)
{
	struct translation_request request = dma_request(ACCESS_READ, 0xfee01000);
	struct ats_rig rig;

	ats_rig_create(&rig, NESTED);
	request.no_write = true;
	EXPECT_EQ(ats_rig_ask(&rig, &request).ats_status, ATS_SUCCESS);
	EXPECT_EQ(ats_rig_ask(&rig, &request).completion, 0);
	/* and no other entry */
	machine_store_pasid(rig.machine, 0, (const u64[8]){ 0 });
	machine_invalidate_all(rig.machine);
	EXPECT_EQ(ats_rig_ask(&rig, &request).ats_status, ATS_SUCCESS);
	ats_rig_set_context(&rig, "DTE", 0);
	EXPECT_EQ(ats_rig_ask(&rig, &request).ats_status, ATS_UNSUPPORTED_REQUEST);
	ats_rig_destroy(&rig);
}

/* SFS.10 */
TEST(ats_completion, grants_nothing_where_marks_fail_and_the_fault_is_recorded_all_the_same)
{
	struct translation_request request = dma_with_pasid(ACCESS_READ, 0x7000, 1);
	struct ats_rig rig;
	u64 record[2];

	ats_rig_create(&rig, FIRST_STAGE);
	machine_map_first(rig.machine, 0x7000, PLACE, 4 * KIB, FS_P | FS_U);
	rig.machine->exchange_fails = true;
	EXPECT_EQ(ats_rig_ask(&rig, &request).ats_status, ATS_SUCCESS);
	EXPECT_EQ(ats_rig_recorded(&rig, record), VTD_FAULT_SM_FIRST_STAGE_AD_UPDATE);
	ats_rig_destroy(&rig);
}

TEST(ats_completion, that_aborts_is_recorded_with_what_was_asked_for)
{
	struct translation_request request = dma_with_pasid(ACCESS_EXECUTE, 0x7000, 1);
	struct ats_rig rig;
	u64 record[2], entry[8];

	ats_rig_create(&rig, NESTED);
	machine_pasid_entry(rig.machine, entry, NESTED);
	field_set(entry, "pasid-entry", "PGTT", 5);
	machine_store_pasid(rig.machine, 1, entry);
	EXPECT_EQ(ats_rig_ask(&rig, &request).ats_status, ATS_COMPLETER_ABORT);
	ats_rig_recorded(&rig, record);
	EXPECT_EQ(field_get(record, "frcd", "EXE"), 1);
	EXPECT_EQ(field_get(record, "frcd", "T1"), 1);
	ats_rig_destroy(&rig);
}
