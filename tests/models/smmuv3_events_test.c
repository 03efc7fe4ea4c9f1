// SPDX-License-Identifier: Apache-2.0
/*
 * Tests of what an SMMUv3 refuses and how it tells: each event with its record, illegal structures,
 * and the event queue.
 */
#include "gtest_c.h"

#include "smmuv3_fixture.h"

#include <string.h>

#define R ACCESS_READ
#define W ACCESS_WRITE

#define CLASS_CD 0
#define CLASS_TABLE 1
#define CLASS_INPUT 2

static u64 field(const u64 *event, const char *name)
{
	return bench_get(event, "smmu-event", name);
}

/* Translates, and expects a fault and its event with that id; returns the event. */
static void expect_event(struct bench *b, u32 pasid, u64 address, enum smmuv3_event id, u64 *event)
{
	struct translation_result r = bench_translate(b, STREAM, pasid, address, W);

	EXPECT_EQ(r.fault, (unsigned int)id);
	EXPECT_TRUE(bench_event(b, event));
	EXPECT_EQ(field(event, "EventID"), (u64)id);
	EXPECT_EQ(field(event, "StreamID"), (u64)STREAM);
	EXPECT_EQ(field(event, "SubstreamID"), pasid == NO_PASID ? 0u : pasid);
	EXPECT_EQ(field(event, "Stall"), 0u);
}

static void expect_input(const u64 *event, bool stage2, unsigned int class, u64 address)
{
	EXPECT_EQ(field(event, "S2"), stage2);
	EXPECT_EQ(field(event, "CLASS"), class);
	EXPECT_EQ(field(event, "InputAddr"), address);
	EXPECT_EQ(field(event, "RnW"), 0u);
	EXPECT_EQ(field(event, "PnU"), 0u);
	EXPECT_EQ(field(event, "InD"), 0u);
}

TEST(smmuv3_events, have_texts)
{
	size_t count;
	const struct smmuv3_event_info *events = smmuv3_events(&count);

	for (size_t i = 0; i < count; i++) {
		EXPECT_TRUE(smmuv3_event_info(events[i].code) == &events[i]);
		EXPECT_TRUE(strlen(events[i].text) > 0);
		if (i)
			EXPECT_LT(events[i - 1].code, events[i].code);
	}
	EXPECT_STREQ(smmuv3_event_info(SMMUV3_C_BAD_CD)->name, "C_BAD_CD");
	EXPECT_TRUE(smmuv3_event_info(0xff) == NULL);
}

TEST(smmuv3_events, c_bad_streamid_is_recorded_if_recinvsid)
{
	struct bench b;
	u64 event[4];

	bench_start(&b, NULL);
	EXPECT_EQ(bench_translate(&b, 0x100, 3, 0, R).fault, (unsigned int)SMMUV3_C_BAD_STREAMID);
	EXPECT_TRUE(bench_event(&b, event));
	EXPECT_EQ(event[0], 0x10000003802ULL);
	EXPECT_EQ(event[1] | event[2] | event[3], 0u);
	bench_write(&b, CR0, 0);
	bench_write(&b, CR2, 0);
	bench_write(&b, CR0, CR0_ALL);
	EXPECT_EQ(bench_translate(&b, 0x100, 3, 0, R).fault, (unsigned int)SMMUV3_C_BAD_STREAMID);
	EXPECT_FALSE(bench_event(&b, event));
	bench_destroy(&b);
}

TEST(smmuv3_events, streams_beyond_the_implemented_bits_are_bad)
{
	struct smmuv3_config config;
	struct bench b;

	smmuv3_config_init(&config);
	config.stream_bits = 4;
	bench_start(&b, &config);
	bench_write(&b, CR0, 0);
	bench_write(&b, STRTAB_BASE_CFG, 63);
	bench_write(&b, CR0, CR0_ALL);
	EXPECT_EQ(bench_translate(&b, 15, NO_PASID, 0, R).fault, (unsigned int)SMMUV3_C_BAD_STE);
	EXPECT_EQ(bench_translate(&b, 16, NO_PASID, 0, R).fault,
		  (unsigned int)SMMUV3_C_BAD_STREAMID);
	bench_destroy(&b);
}

TEST(smmuv3_events, f_ste_fetch_tells_the_address)
{
	struct bench b;
	u64 event[4];

	bench_start(&b, NULL);
	memory_poison(b.mem, hpa(STREAM_TABLE), true);
	expect_event(&b, 9, 0x5000, SMMUV3_F_STE_FETCH, event);
	EXPECT_EQ(field(event, "SSV"), 1u);
	EXPECT_EQ(field(event, "IPA"), STREAM_TABLE + STREAM * 64);
	EXPECT_EQ(field(event, "InputAddr"), 0u);
	/* what could not be fetched is not remembered */
	memory_poison(b.mem, hpa(STREAM_TABLE), false);
	expect_event(&b, NO_PASID, 0x5000, SMMUV3_C_BAD_STE, event);
	bench_destroy(&b);
}

struct structure_row {
	const char *name;
	const char *field;
	u64 value;
};

static const struct structure_row illegal_stes[] = {
	{ "V", "V", 0 },
	{ "S1STALLD", "S1STALLD", 1 },
	{ "S1CDMax", "S1CDMax", 21 },
	{ "S1Fmt_4k", "S1Fmt", 1 },
	{ "S1Fmt_64k", "S1Fmt", 2 },
	{ "S2S", "S2S", 1 },
	{ "S2AA64", "S2AA64", 0 },
	{ "S2HA", "S2HA", 1 },
	{ "S2HD", "S2HD", 1 },
	{ "S2ENDI", "S2ENDI", 1 },
	{ "S2TG_64k", "S2TG", 1 },
	{ "S2TG_16k", "S2TG", 2 },
	{ "S2TG_reserved", "S2TG", 3 },
	{ "S2TTB_beyond_S2PS", "S2PS", 0 },
	{ "S2T0SZ_small", "S2T0SZ", 15 },
	{ "S2T0SZ_large", "S2T0SZ", 40 },
	{ "S2T0SZ_44_bits_from_level_1", "S2T0SZ", 20 },
	{ "S2T0SZ_30_bits_from_level_1", "S2T0SZ", 34 },
	{ "S2SL0_reserved", "S2SL0", 3 },
	{ "S2SL0_level_2", "S2SL0", 0 },
	{ "S2SL0_level_0_of_39_bits", "S2SL0", 2 },
};

/* What every SMMU has: the 4-KiB granule and linear CD tables. */
static void start_plain(struct bench *b)
{
	struct smmuv3_config config;

	smmuv3_config_init(&config);
	config.granules = SMMUV3_GRANULE_4K;
	config.two_level_cd = false;
	bench_start(b, &config);
}

TEST_WITH_PARAMS(smmuv3_events, c_bad_ste_for_illegal_fields, struct structure_row, illegal_stes)
{
	struct bench b;
	u64 ste[8], event[4];

	start_plain(&b);
	bench_nested_stream(&b, 3);
	EXPECT_EQ(memory_read(b.mem, hpa(STREAM_TABLE + STREAM * 64), ste, 64), PORT_OK);
	bench_set(ste, "ste", "S2TTB", bench_get(ste, "ste", "S2TTB"));
	if (!strcmp(param->name, "S2TTB_beyond_S2PS"))
		bench_set(ste, "ste", "S2TTB", 1ULL << 33);
	if (!strcmp(param->name, "S2SL0_level_0_of_39_bits"))
		bench_set(ste, "ste", "S2T0SZ", 25);
	bench_set(ste, "ste", param->field, param->value);
	bench_put_ste(&b, STREAM, ste);
	expect_event(&b, 2, 0x5000, SMMUV3_C_BAD_STE, event);
	EXPECT_EQ(field(event, "SSV"), 1u);
	EXPECT_EQ(event[1] | event[2] | event[3], 0u);
	bench_destroy(&b);
}

TEST(smmuv3_events, c_bad_ste_for_what_is_not_implemented)
{
	struct smmuv3_config config;
	struct bench b;

	smmuv3_config_init(&config);
	config.stage2 = false;
	bench_start(&b, &config);
	bench_stage2_stream(&b);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0, R).fault,
		  (unsigned int)SMMUV3_C_BAD_STE);
	bench_destroy(&b);

	smmuv3_config_init(&config);
	config.stage1 = false;
	bench_start(&b, &config);
	bench_stage1_stream(&b);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0, R).fault,
		  (unsigned int)SMMUV3_C_BAD_STE);
	bench_destroy(&b);

	/* a CD table beyond the output size, a level-0 start with less than 44 bits */
	smmuv3_config_init(&config);
	config.address_bits = 42;
	bench_start(&b, &config);
	{
		struct table stage2 = bench_stage2_stream(&b);
		u64 ste[8] = { 0 };

		bench_ste_stage2(ste, &stage2, VMID);
		bench_set(ste, "ste", "S2SL0", 2);
		bench_put_ste(&b, STREAM, ste);
		EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0, R).fault,
			  (unsigned int)SMMUV3_C_BAD_STE);
		memset(ste, 0, sizeof(ste));
		bench_ste_stage1(ste, 1ULL << 42, 0);
		bench_put_ste(&b, STREAM + 1, ste);
		EXPECT_EQ(bench_translate(&b, STREAM + 1, NO_PASID, 0, R).fault,
			  (unsigned int)SMMUV3_C_BAD_STE);
	}
	bench_destroy(&b);
}

static const struct structure_row illegal_cds[] = {
	{ "V", "V", 0 },
	{ "A", "A", 0 },
	{ "S", "S", 1 },
	{ "AA64", "AA64", 0 },
	{ "HA", "HA", 1 },
	{ "HD", "HD", 1 },
	{ "ENDI", "ENDI", 1 },
	{ "T0SZ_small", "T0SZ", 15 },
	{ "T0SZ_large", "T0SZ", 40 },
	{ "TG0_64k", "TG0", 1 },
	{ "TG0_16k", "TG0", 2 },
	{ "TG0_reserved", "TG0", 3 },
	{ "TTB0_beyond_IPS", "TTB0", 1ULL << 48 },
	{ "TTB1_unset", "EPD1", 0 },
};

TEST_WITH_PARAMS(smmuv3_events, c_bad_cd_for_illegal_fields, struct structure_row, illegal_cds)
{
	struct bench b;
	struct nested n;
	u64 cd[8], event[4];

	start_plain(&b);
	n = bench_nested_stream(&b, 3);
	EXPECT_EQ(memory_read(b.mem, hpa(n.cd + GUEST), cd, 64), PORT_OK);
	bench_set(cd, "cd", param->field, param->value);
	bench_put(&b, n.cd + GUEST + 5 * 64, cd, 8);
	expect_event(&b, 5, 0x5000, SMMUV3_C_BAD_CD, event);
	EXPECT_EQ(field(event, "SSV"), 1u);
	EXPECT_EQ(event[1] | event[2] | event[3], 0u);
	bench_destroy(&b);
}

TEST(smmuv3_events, big_endian_tables_are_illegal_where_one_half_is_walked)
{
	static const char *const halves[] = { "EPD0", "EPD1" };
	struct bench b;
	struct nested n;
	u64 cd[8], event[4];

	for (int disabled = 0; disabled < 2; disabled++) {
		bench_start(&b, NULL);
		n = bench_nested_stream(&b, 0);
		EXPECT_EQ(memory_read(b.mem, hpa(n.cd + GUEST), cd, 64), PORT_OK);
		bench_set(cd, "cd", "ENDI", 1);
		bench_set(cd, "cd", "T1SZ", 25);
		bench_set(cd, "cd", "TG1", 2);
		bench_set(cd, "cd", "EPD0", 0);
		bench_set(cd, "cd", "EPD1", 0);
		bench_set(cd, "cd", halves[disabled], 1);
		bench_put(&b, n.cd + GUEST, cd, 8);
		expect_event(&b, NO_PASID, 0x5000, SMMUV3_C_BAD_CD, event);
		bench_destroy(&b);
	}
}

TEST(smmuv3_events, disabled_tables_of_a_cd_are_not_checked)
{
	struct bench b;
	struct nested n;
	u64 cd[8], event[4];

	bench_start(&b, NULL);
	n = bench_nested_stream(&b, 0);
	EXPECT_EQ(memory_read(b.mem, hpa(n.cd + GUEST), cd, 64), PORT_OK);
	bench_set(cd, "cd", "EPD0", 1);
	bench_set(cd, "cd", "ENDI", 1);
	bench_set(cd, "cd", "T0SZ", 0);
	bench_put(&b, n.cd + GUEST, cd, 8);
	expect_event(&b, NO_PASID, 0x5000, SMMUV3_F_TRANSLATION, event);
	expect_input(event, false, CLASS_INPUT, 0x5000);
	bench_destroy(&b);
}

TEST(smmuv3_events, substream_events_name_the_substream)
{
	struct bench b;
	u64 event[4];

	bench_start(&b, NULL);
	bench_nested_stream(&b, 3);
	expect_event(&b, 0xabcde, 0x5000, SMMUV3_C_BAD_SUBSTREAMID, event);
	EXPECT_EQ(field(event, "SSV"), 0u); /* RES0 here: always valid */
	expect_event(&b, 0, 0x5000, SMMUV3_F_STREAM_DISABLED, event);
	bench_destroy(&b);
}

TEST(smmuv3_events, f_cd_fetch_tells_the_physical_address)
{
	struct bench b;
	struct nested n;
	u64 event[4];

	bench_start(&b, NULL);
	n = bench_nested_stream(&b, 3);
	memory_poison(b.mem, hpa(n.cd + GUEST), true);
	expect_event(&b, 5, 0x5000, SMMUV3_F_CD_FETCH, event);
	EXPECT_EQ(field(event, "IPA"), n.cd + GUEST + 5 * 64);
	bench_destroy(&b);
}

TEST(smmuv3_events, a_cd_that_stage_2_does_not_map_is_a_stage_2_fault_of_class_cd)
{
	struct bench b;
	struct nested n;
	u64 ste[8] = { 0 }, event[4];
	u64 context_ptr = 0x8000040ULL; /* IPA */

	bench_start(&b, NULL);
	n = bench_nested_stream(&b, 3);
	bench_ste_stage2(ste, &n.stage2, VMID);
	bench_ste_stage1(ste, context_ptr, 0);
	bench_put_ste(&b, STREAM, ste);
	expect_event(&b, NO_PASID, 0x5678, SMMUV3_F_TRANSLATION, event);
	expect_input(event, true, CLASS_CD, 0x5678);
	EXPECT_EQ(field(event, "IPA"), 0x8000000ULL);
	/* mapped, but not to be read */
	bench_map(&b, &n.stage2, 0x8000000, 0x9000000 | 1ULL << 10 | 2ULL << 6, 3);
	expect_event(&b, NO_PASID, 0x5678, SMMUV3_F_PERMISSION, event);
	expect_input(event, true, CLASS_CD, 0x5678);
	EXPECT_EQ(field(event, "TTRnW"), 0u);
	bench_destroy(&b);
}

TEST(smmuv3_events, a_table_that_stage_2_does_not_map_is_a_stage_2_fault_of_class_table)
{
	struct bench b;
	struct nested n;
	u64 event[4], table = 0x8000000 | 3;

	bench_start(&b, NULL);
	n = bench_nested_stream(&b, 0);
	bench_put(&b, bench_descriptor(&b, &n.stage1, 0x40000000, 1), &table, 1);
	expect_event(&b, NO_PASID, 0x40203678, SMMUV3_F_TRANSLATION, event);
	expect_input(event, true, CLASS_TABLE, 0x40203678);
	EXPECT_EQ(field(event, "IPA"), 0x8000000ULL);
	EXPECT_EQ(field(event, "TTRnW"), 1u);
	bench_destroy(&b);
}

TEST(smmuv3_events, an_output_that_stage_2_does_not_map_is_a_stage_2_fault_of_class_input)
{
	struct bench b;
	struct nested n;
	u64 event[4];

	bench_start(&b, NULL);
	n = bench_nested_stream(&b, 0);
	bench_map(&b, &n.stage1, 0x5000, 0x777000 | S1_RW, 3);
	expect_event(&b, NO_PASID, 0x5678, SMMUV3_F_TRANSLATION, event);
	expect_input(event, true, CLASS_INPUT, 0x5678);
	EXPECT_EQ(field(event, "IPA"), 0x777000ULL);
	/* read-only there, and the page inside a larger stage-1 block */
	bench_map(&b, &n.stage1, 0x400000, 0x800000 | S1_RW, 2);
	bench_map(&b, &n.stage2, 0x803000, 0x1234000 | 1ULL << 10 | 1ULL << 6, 3);
	for (int again = 0; again < 2; again++) {
		expect_event(&b, NO_PASID, 0x403abc, SMMUV3_F_PERMISSION, event);
		expect_input(event, true, CLASS_INPUT, 0x403abc);
		EXPECT_EQ(field(event, "IPA"), 0x803000ULL);
	}
	/* an IPA beyond S2T0SZ */
	bench_map(&b, &n.stage1, 0x6000, 0x10000000000 | S1_RW, 3);
	expect_event(&b, NO_PASID, 0x6000, SMMUV3_F_TRANSLATION, event);
	EXPECT_EQ(field(event, "IPA"), 0x10000000000ULL);
	bench_destroy(&b);
}

TEST(smmuv3_events, a_walk_that_cannot_read_tells_where)
{
	struct bench b;
	struct nested n;
	u64 event[4], at;

	bench_start(&b, NULL);
	n = bench_nested_stream(&b, 0);
	bench_map(&b, &n.stage1, 0x5000, 0x777000 | S1_RW, 3);
	at = bench_descriptor(&b, &n.stage1, 0x5000, 3);
	memory_poison(b.mem, hpa(at), true);
	expect_event(&b, NO_PASID, 0x5678, SMMUV3_F_WALK_EABT, event);
	expect_input(event, false, CLASS_TABLE, 0x5678);
	EXPECT_EQ(field(event, "IPA"), at);
	memory_poison(b.mem, hpa(at), false);

	bench_map(&b, &n.stage2, 0x777000, 0x1234000 | S2_RW, 3);
	at = bench_descriptor(&b, &n.stage2, 0x777000, 3);
	memory_poison(b.mem, hpa(at), true);
	expect_event(&b, NO_PASID, 0x5678, SMMUV3_F_WALK_EABT, event);
	expect_input(event, true, CLASS_INPUT, 0x5678);
	EXPECT_EQ(field(event, "IPA"), at);
	bench_destroy(&b);
}

TEST(smmuv3_events, stage_1_faults)
{
	struct bench b;
	struct table stage1;
	u64 event[4], descriptor;

	bench_start(&b, NULL);
	stage1 = bench_stage1_stream(&b);
	bench_map(&b, &stage1, 0x5000, 0x777000 | S1_READ_ONLY, 3);
	bench_map(&b, &stage1, 0x6000, (0x777000 | S1_RW) & ~(1ULL << 10), 3);

	expect_event(&b, NO_PASID, 0x7abc, SMMUV3_F_TRANSLATION, event);
	expect_input(event, false, CLASS_INPUT, 0x7abc);
	EXPECT_EQ(field(event, "IPA"), 0u);
	expect_event(&b, NO_PASID, 0x5abc, SMMUV3_F_PERMISSION, event);
	expect_input(event, false, CLASS_INPUT, 0x5abc);
	expect_event(&b, NO_PASID, 0x6abc, SMMUV3_F_ACCESS, event);
	expect_input(event, false, CLASS_INPUT, 0x6abc);
	/* level 3 has no blocks */
	descriptor = 0x777000 | S1_RW | 1;
	bench_put(&b, bench_descriptor(&b, &stage1, 0x8000, 3), &descriptor, 1);
	expect_event(&b, NO_PASID, 0x8abc, SMMUV3_F_TRANSLATION, event);
	bench_destroy(&b);
}

TEST(smmuv3_events, level_0_has_no_blocks)
{
	struct bench b;
	struct table stage1;
	u64 ste[8] = { 0 }, cd[8] = { 0 }, event[4], descriptor = S1_RW | 1;
	u64 context_ptr;

	bench_start(&b, NULL);
	stage1 = bench_stage1_stream(&b);
	context_ptr = bench_page(&b);
	bench_cd(cd, &stage1, ASID);
	bench_set(cd, "cd", "T0SZ", 16);
	bench_put(&b, context_ptr, cd, 8);
	bench_ste_stage1(ste, context_ptr, 0);
	bench_put_ste(&b, STREAM, ste);
	bench_put(&b, stage1.base, &descriptor, 1);
	expect_event(&b, NO_PASID, 0x1000, SMMUV3_F_TRANSLATION, event);
	bench_destroy(&b);
}

TEST(smmuv3_events, addresses_put_out_must_fit_the_output_size)
{
	struct bench b;
	struct table stage1;
	u64 ste[8] = { 0 }, cd[8] = { 0 }, event[4], descriptor;
	u64 context_ptr;

	bench_start(&b, NULL);
	stage1 = bench_stage1_stream(&b);
	context_ptr = bench_page(&b);
	bench_cd(cd, &stage1, ASID);
	bench_set(cd, "cd", "IPS", 0); /* 32 bits */
	bench_put(&b, context_ptr, cd, 8);
	bench_ste_stage1(ste, context_ptr, 0);
	bench_put_ste(&b, STREAM, ste);
	bench_map(&b, &stage1, 0x5000, 1ULL << 32 | S1_RW, 3);
	expect_event(&b, NO_PASID, 0x5abc, SMMUV3_F_ADDR_SIZE, event);
	expect_input(event, false, CLASS_INPUT, 0x5abc);
	/* the next table, too */
	descriptor = 1ULL << 32 | 3;
	bench_put(&b, bench_descriptor(&b, &stage1, 0x40000000, 1), &descriptor, 1);
	expect_event(&b, NO_PASID, 0x40000000, SMMUV3_F_ADDR_SIZE, event);
	bench_destroy(&b);
}

TEST(smmuv3_events, a_bypass_beyond_the_output_size_is_an_address_size_fault_of_stage_1)
{
	struct bench b;
	u64 ste[8] = { 0 }, event[4];

	bench_start(&b, NULL);
	bench_set(ste, "ste", "V", 1);
	bench_set(ste, "ste", "Config", 4);
	bench_put_ste(&b, STREAM, ste);
	expect_event(&b, NO_PASID, 1ULL << 48, SMMUV3_F_ADDR_SIZE, event);
	expect_input(event, false, CLASS_INPUT, 1ULL << 48);
	bench_stage2_stream(&b);
	bench_cfgi_ste(&b, STREAM);
	expect_event(&b, NO_PASID, 1ULL << 48, SMMUV3_F_ADDR_SIZE, event);
	expect_event(&b, NO_PASID, 1ULL << 40, SMMUV3_F_TRANSLATION, event);
	expect_input(event, true, CLASS_INPUT, 1ULL << 40);
	EXPECT_EQ(field(event, "IPA"), 1ULL << 40);
	bench_destroy(&b);
}

TEST(smmuv3_events, attributes_of_the_transaction_are_told)
{
	const struct translation_request request = {
		.source_id = STREAM,
		.address = iova(0x9000),
		.access = ACCESS_EXECUTE,
		.privileged = true,
	};
	struct translation_result r;
	struct bench b;
	u64 event[4];

	bench_start(&b, NULL);
	bench_stage1_stream(&b);
	smmuv3_translate(b.smmu, &request, &r);
	EXPECT_TRUE(bench_event(&b, event));
	EXPECT_EQ(field(event, "RnW"), 1u);
	EXPECT_EQ(field(event, "InD"), 1u);
	EXPECT_EQ(field(event, "PnU"), 1u);
	bench_destroy(&b);
}

TEST(smmuv3_events, r_suppresses_translation_related_records_only)
{
	struct bench b;
	struct nested n;
	u64 ste[8] = { 0 }, cd[8] = { 0 }, event[4];

	bench_start(&b, NULL);
	n = bench_nested_stream(&b, 0);
	bench_map(&b, &n.stage1, 0x5000, 0x777000 | S1_RW, 3);
	bench_cd(cd, &n.stage1, ASID);
	bench_set(cd, "cd", "R", 0);
	bench_put(&b, n.cd + GUEST, cd, 8);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x9000, R).fault,
		  (unsigned int)SMMUV3_F_TRANSLATION);
	EXPECT_FALSE(bench_event(&b, event));
	/* stage 2 has its own R */
	expect_event(&b, NO_PASID, 0x5000, SMMUV3_F_TRANSLATION, event);
	bench_ste_stage2(ste, &n.stage2, VMID);
	bench_ste_stage1(ste, n.cd, 0);
	bench_set(ste, "ste", "S2R", 0);
	bench_put_ste(&b, STREAM, ste);
	bench_cfgi_ste(&b, STREAM);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault,
		  (unsigned int)SMMUV3_F_TRANSLATION);
	EXPECT_FALSE(bench_event(&b, event));
	bench_set(cd, "cd", "V", 0);
	bench_put(&b, n.cd + GUEST, cd, 8);
	bench_cfgi_cd(&b, STREAM, 0);
	expect_event(&b, NO_PASID, 0x5000, SMMUV3_C_BAD_CD, event);
	EXPECT_EQ(bench_counter(&b, "faults"), 4u);
	bench_destroy(&b);
}

TEST(smmuv3_event_queue, overflows_once_until_acknowledged)
{
	struct bench b;
	u64 event[4];

	bench_start(&b, NULL);
	for (int i = 0; i < 12; i++)
		bench_translate(&b, STREAM, NO_PASID, 0, R);
	/* 8 records, wrapped; overflow flag set */
	EXPECT_EQ(bench_read(&b, EVENTQ_PROD), 1u << 31 | 8);
	EXPECT_EQ(bench_counter(&b, "events"), 8u);
	EXPECT_EQ(bench_counter(&b, "events_lost"), 4u);
	/* room again, though the overflow is not acknowledged */
	EXPECT_TRUE(bench_event(&b, event));
	bench_translate(&b, STREAM, NO_PASID, 0, R);
	EXPECT_EQ(bench_read(&b, EVENTQ_PROD), 1u << 31 | 9);
	bench_translate(&b, STREAM, NO_PASID, 0, R);
	EXPECT_EQ(bench_read(&b, EVENTQ_PROD), 1u << 31 | 9);
	/* acknowledged: the next overflow toggles */
	bench_write(&b, EVENTQ_CONS, 1u << 31 | 1);
	bench_translate(&b, STREAM, NO_PASID, 0, R);
	EXPECT_EQ(bench_read(&b, EVENTQ_PROD), 9u);
	bench_destroy(&b);
}

TEST(smmuv3_event_queue, interrupts_when_it_ceases_to_be_empty)
{
	struct bench b;
	u64 event[4];

	bench_create(&b, NULL);
	bench_write(&b, EVENTQ_IRQ_CFG0, 0x8020040);
	bench_write(&b, EVENTQ_IRQ_CFG1, 99);
	bench_enable(&b);
	bench_translate(&b, STREAM, NO_PASID, 0, R);
	EXPECT_EQ(b.interrupts, 0u);
	EXPECT_TRUE(bench_event(&b, event));
	bench_write(&b, IRQ_CTRL, 4);
	bench_translate(&b, STREAM, NO_PASID, 0, R);
	EXPECT_EQ(b.interrupts, 1u);
	EXPECT_EQ(b.interrupt_address, 0x8020040u);
	EXPECT_EQ(b.interrupt_data, 99u);
	bench_translate(&b, STREAM, NO_PASID, 0, R);
	EXPECT_EQ(b.interrupts, 1u);
	while (bench_event(&b, event))
		;
	bench_translate(&b, STREAM, NO_PASID, 0, R);
	EXPECT_EQ(b.interrupts, 2u);
	bench_destroy(&b);
}

TEST(smmuv3_event_queue, disabled_it_takes_nothing)
{
	struct bench b;

	bench_start(&b, NULL);
	bench_write(&b, CR0, 1);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0, R).fault,
		  (unsigned int)SMMUV3_C_BAD_STE);
	EXPECT_EQ(bench_read(&b, EVENTQ_PROD), 0u);
	EXPECT_EQ(bench_counter(&b, "events_lost"), 1u);
	bench_destroy(&b);
}

TEST(smmuv3_event_queue, a_record_that_cannot_be_written_is_a_global_error)
{
	struct bench b;
	u64 event[4];

	bench_start(&b, NULL);
	b.writes_fail = true;
	bench_translate(&b, STREAM, NO_PASID, 0, R);
	EXPECT_EQ(bench_read(&b, EVENTQ_PROD), 0u);
	EXPECT_EQ(bench_read(&b, GERROR), 4u);
	/* while that is not acknowledged, records are discarded */
	b.writes_fail = false;
	bench_translate(&b, STREAM, NO_PASID, 0, R);
	EXPECT_EQ(bench_read(&b, EVENTQ_PROD), 0u);
	bench_write(&b, GERRORN, 4);
	bench_translate(&b, STREAM, NO_PASID, 0, R);
	EXPECT_TRUE(bench_event(&b, event));
	bench_destroy(&b);
}

/* Faults of others while a record is being written: more than can wait. */
static void many_faults(struct bench *b)
{
	for (int i = 0; i < 40; i++)
		bench_translate(b, STREAM, NO_PASID, 0, R);
}

TEST(smmuv3_event_queue, faults_during_a_write_wait_their_turn)
{
	struct bench b;

	bench_create(&b, NULL);
	bench_write(&b, EVENTQ_BASE, EVENT_QUEUE | 6);
	bench_write(&b, STRTAB_BASE, STREAM_TABLE);
	bench_write(&b, STRTAB_BASE_CFG, STREAM_TABLE_BITS);
	bench_write(&b, CR0, 5);
	b.event_hook = many_faults;
	bench_translate(&b, STREAM, NO_PASID, 0, R);
	EXPECT_EQ(bench_read(&b, EVENTQ_PROD), 1u << 31 | 33);
	EXPECT_EQ(bench_counter(&b, "events"), 33u);
	EXPECT_EQ(bench_counter(&b, "events_lost"), 8u);
	EXPECT_EQ(bench_counter(&b, "faults"), 41u);
	bench_destroy(&b);
}
