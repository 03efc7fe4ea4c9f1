// SPDX-License-Identifier: Apache-2.0
/*
 * Tests of two-level stream tables and CD tables: where STE and CD are found, and what becomes of
 * traffic that the first level does not lead on.
 */
#include "gtest_c.h"

#include "smmuv3_fixture.h"

#include <string.h>

#define LEVEL1_TABLE 0x180000ULL
#define TWO_LEVELS (1u << 16)
#define SPLIT(bits) ((u32)(bits) << 6)

static u64 field(const u64 *event, const char *name)
{
	return bench_get(event, "smmu-event", name);
}

static void expect_fault(struct bench *b, u32 stream, u32 pasid, enum smmuv3_event fault)
{
	EXPECT_EQ(bench_translate(b, stream, pasid, 0x5000, ACCESS_WRITE).fault,
		  (unsigned int)fault);
}

/* --- stream tables ----------------------------------------------------------------------- */

static void start_two_levels(struct bench *b, u32 strtab_base_cfg, u64 base)
{
	bench_create(b, NULL);
	bench_write(b, STRTAB_BASE, base);
	bench_write(b, STRTAB_BASE_CFG, strtab_base_cfg);
	bench_write(b, EVENTQ_BASE, EVENT_QUEUE | EVENT_QUEUE_BITS);
	bench_write(b, CMDQ_BASE, COMMAND_QUEUE | COMMAND_QUEUE_BITS);
	bench_write(b, CR2, 2); /* RECINVSID */
	bench_write(b, CR0, CR0_ALL);
}

static void put_l1std(struct bench *b, u32 index, u64 l2ptr, u64 span)
{
	u64 descriptor = 0;

	bench_set(&descriptor, "l1std", "L2Ptr", l2ptr);
	bench_set(&descriptor, "l1std", "Span", span);
	bench_put(b, LEVEL1_TABLE + index * 8, &descriptor, 1);
}

static void put_bypass(struct bench *b, u64 address)
{
	u64 ste[8] = { 0 };

	bench_set(ste, "ste", "V", 1);
	bench_set(ste, "ste", "Config", 4);
	bench_put(b, address, ste, 8);
}

struct split_row {
	const char *name;
	u32 programmed;
	unsigned int bits; /* that it stands for */
};

static const struct split_row splits[] = {
	{ "6", 6, 6 },
	{ "8", 8, 8 },
	{ "10", 10, 10 },
	{ "reserved_as_6", 7, 6 },
};

TEST_WITH_PARAMS(smmuv3_stream_table, splits_stream_ids_between_its_levels, struct split_row,
		 splits)
{
	struct translation_result r;
	struct bench b;
	u32 last = (3u << param->bits) + (1u << param->bits) - 1;
	u64 leaf;

	start_two_levels(&b, TWO_LEVELS | SPLIT(param->programmed) | 12, LEVEL1_TABLE);
	leaf = bench_block(&b, 64ULL << param->bits);
	put_l1std(&b, 3, leaf, param->bits + 1);
	put_bypass(&b, leaf);
	put_bypass(&b, leaf + ((64ULL << param->bits) - 64));
	r = bench_translate(&b, 3u << param->bits, NO_PASID, 0x5678, ACCESS_READ);
	EXPECT_EQ(r.fault, 0u);
	EXPECT_EQ(r.table_reads, 2u);
	EXPECT_EQ(bench_translate(&b, last, NO_PASID, 0x5678, ACCESS_READ).fault, 0u);
	/* an STE that is not valid, a descriptor without a table, a stream beyond both */
	expect_fault(&b, last - 1, NO_PASID, SMMUV3_C_BAD_STE);
	expect_fault(&b, 2u << param->bits, NO_PASID, SMMUV3_C_BAD_STREAMID);
	expect_fault(&b, 1u << 12, NO_PASID, SMMUV3_C_BAD_STREAMID);
	EXPECT_EQ(bench_counter(&b, "level1_fetches"), 4u);
	EXPECT_EQ(bench_counter(&b, "config_struct_access"), 7u);
	bench_destroy(&b);
}

struct span_row {
	const char *name;
	u64 span;
	u32 stream; /* within the second level */
	enum smmuv3_event fault;
};

/* 7.3.3, with SPLIT 8 */
static const struct span_row spans[] = {
	{ "none", 0, 0, SMMUV3_C_BAD_STREAMID },
	{ "one", 1, 0, SMMUV3_EVENT_NONE },
	{ "one_and_beyond", 1, 1, SMMUV3_C_BAD_STREAMID },
	{ "four", 3, 3, SMMUV3_EVENT_NONE },
	{ "four_and_beyond", 3, 4, SMMUV3_C_BAD_STREAMID },
	{ "all", 9, 255, SMMUV3_EVENT_NONE },
	{ "more_than_split", 10, 0, SMMUV3_C_BAD_STREAMID },
	{ "reserved", 12, 0, SMMUV3_C_BAD_STREAMID },
};

TEST_WITH_PARAMS(smmuv3_stream_table, span_says_how_far_a_second_level_goes, struct span_row, spans)
{
	struct bench b;
	u64 leaf, event[4];

	start_two_levels(&b, TWO_LEVELS | SPLIT(8) | 12, LEVEL1_TABLE);
	leaf = bench_block(&b, 64 << 8);
	put_l1std(&b, 1, leaf, param->span);
	put_bypass(&b, leaf + 64ULL * param->stream);
	expect_fault(&b, 0x100 + param->stream, NO_PASID, param->fault);
	EXPECT_EQ(bench_event(&b, event), param->fault != SMMUV3_EVENT_NONE);
	if (param->fault)
		EXPECT_EQ(field(event, "StreamID"), 0x100u + param->stream);
	bench_destroy(&b);
}

TEST(smmuv3_stream_table, bases_are_aligned_to_what_lies_there)
{
	struct bench b;
	u64 leaf;

	/* 2^6 descriptors are 512 bytes; the second level 16 KiB */
	start_two_levels(&b, TWO_LEVELS | SPLIT(8) | 14, LEVEL1_TABLE + 0x1c0);
	leaf = bench_block(&b, 64 << 8);
	put_l1std(&b, 2, leaf + 0x1fc0, 9);
	put_bypass(&b, leaf + 5 * 64);
	expect_fault(&b, 0x205, NO_PASID, SMMUV3_EVENT_NONE);
	bench_destroy(&b);
}

TEST(smmuv3_stream_table, of_fewer_streams_than_split_has_one_descriptor)
{
	struct bench b;
	u64 leaf;

	start_two_levels(&b, TWO_LEVELS | SPLIT(8) | 4, LEVEL1_TABLE);
	leaf = bench_block(&b, 64 << 8);
	put_l1std(&b, 0, leaf, 9);
	put_bypass(&b, leaf + 15 * 64);
	put_bypass(&b, leaf + 16 * 64);
	expect_fault(&b, 15, NO_PASID, SMMUV3_EVENT_NONE);
	expect_fault(&b, 16, NO_PASID, SMMUV3_C_BAD_STREAMID);
	bench_destroy(&b);
}

TEST(smmuv3_stream_table, other_formats_are_linear)
{
	struct bench b;

	start_two_levels(&b, 2u << 16 | SPLIT(8) | STREAM_TABLE_BITS, STREAM_TABLE);
	put_bypass(&b, STREAM_TABLE + STREAM * 64);
	expect_fault(&b, STREAM, NO_PASID, SMMUV3_EVENT_NONE);
	bench_destroy(&b);
}

TEST(smmuv3_stream_table, a_first_level_that_cannot_be_read_is_f_ste_fetch)
{
	struct bench b;
	u64 event[4];

	start_two_levels(&b, TWO_LEVELS | SPLIT(8) | 14, LEVEL1_TABLE);
	memory_poison(b.mem, hpa(LEVEL1_TABLE), true);
	expect_fault(&b, 0x205, NO_PASID, SMMUV3_F_STE_FETCH);
	EXPECT_TRUE(bench_event(&b, event));
	EXPECT_EQ(field(event, "IPA"), LEVEL1_TABLE + 16);
	/* the address of a second level that no memory is at */
	memory_poison(b.mem, hpa(LEVEL1_TABLE), false);
	put_l1std(&b, 2, 1ULL << 50, 9);
	expect_fault(&b, 0x205, NO_PASID, SMMUV3_F_STE_FETCH);
	EXPECT_TRUE(bench_event(&b, event));
	EXPECT_EQ(field(event, "IPA"), (1ULL << 50) + 5 * 64);
	bench_destroy(&b);
}

TEST(smmuv3_stream_table, a_cached_ste_needs_no_first_level)
{
	struct bench b;
	u64 leaf;

	start_two_levels(&b, TWO_LEVELS | SPLIT(8) | 14, LEVEL1_TABLE);
	leaf = bench_block(&b, 64 << 8);
	put_l1std(&b, 2, leaf, 9);
	put_bypass(&b, leaf + 5 * 64);
	expect_fault(&b, 0x205, NO_PASID, SMMUV3_EVENT_NONE);
	put_l1std(&b, 2, 0, 0);
	expect_fault(&b, 0x205, NO_PASID, SMMUV3_EVENT_NONE);
	bench_cfgi_ste(&b, 0x205);
	expect_fault(&b, 0x205, NO_PASID, SMMUV3_C_BAD_STREAMID);
	bench_destroy(&b);
}

/* --- CD tables --------------------------------------------------------------------------- */

struct cd_table_row {
	const char *name;
	u64 format; /* S1Fmt */
	unsigned int split;
	u64 cd_bits; /* S1CDMax */
	u32 substream;
};

static const struct cd_table_row cd_tables[] = {
	{ "4k_leaves_first", 1, 6, 20, 1 },        { "4k_leaves_last", 1, 6, 20, 0xfffff },
	{ "4k_leaves_of_one", 1, 6, 3, 7 },        { "64k_leaves_first", 2, 10, 20, 1 },
	{ "64k_leaves_last", 2, 10, 20, 0xfffff }, { "64k_leaves_of_one", 2, 10, 10, 0x3ff },
};

/* A stream of stage 1 with a two-level CD table; returns the address of the substream's L1CD. */
static u64 put_stage1_stream(struct bench *b, const struct cd_table_row *row)
{
	u64 size = row->cd_bits > row->split ? 8ULL << (row->cd_bits - row->split) : 8;
	u64 level1 = bench_block(b, size < 0x1000 ? 0x1000 : size);
	u64 ste[8] = { 0 };

	bench_ste_stage1(ste, level1, row->cd_bits);
	bench_set(ste, "ste", "S1Fmt", row->format);
	bench_put_ste(b, STREAM, ste);
	return level1 + (row->substream >> row->split) * 8;
}

static void put_l1cd(struct bench *b, u64 address, u64 l2ptr, u64 valid)
{
	u64 descriptor = 0;

	bench_set(&descriptor, "l1cd", "V", valid);
	bench_set(&descriptor, "l1cd", "L2Ptr", l2ptr);
	bench_put(b, address, &descriptor, 1);
}

TEST_WITH_PARAMS(smmuv3_cd_table, splits_substream_ids_between_its_levels, struct cd_table_row,
		 cd_tables)
{
	struct translation_result r;
	struct table stage1;
	struct bench b;
	u64 cd[8] = { 0 };
	u64 l1cd, leaf;

	bench_start(&b, NULL);
	l1cd = put_stage1_stream(&b, param);
	leaf = bench_block(&b, 64ULL << param->split);
	/* bits below the alignment of a leaf do not count */
	put_l1cd(&b, l1cd, leaf | (param->split == 10 ? 0xf000 : 0), 1);
	stage1 = (struct table){ .base = bench_page(&b), .start_level = 1 };
	bench_map(&b, &stage1, 0x5000, 0x777000 | S1_RW, 3);
	bench_cd(cd, &stage1, ASID);
	bench_put(&b, leaf + (param->substream & ((1u << param->split) - 1)) * 64, cd, 8);
	r = bench_translate(&b, STREAM, param->substream, 0x5678, ACCESS_WRITE);
	EXPECT_EQ(r.fault, 0u);
	EXPECT_EQ(r.address.v, 0x777678u);
	EXPECT_EQ(r.table_reads, 1u + 2 + 3);
	/* the CD beside it is not valid */
	expect_fault(&b, STREAM, param->substream ^ 2, SMMUV3_C_BAD_CD);
	bench_destroy(&b);
}

TEST(smmuv3_cd_table, a_first_level_that_leads_nowhere_is_c_bad_substreamid)
{
	struct smmuv3_config config;
	struct bench b;
	u64 event[4], l1cd;

	smmuv3_config_init(&config);
	config.address_bits = 44;
	bench_start(&b, &config);
	l1cd = put_stage1_stream(&b, &cd_tables[1]);
	expect_fault(&b, STREAM, 0xfffff, SMMUV3_C_BAD_SUBSTREAMID);
	EXPECT_TRUE(bench_event(&b, event));
	EXPECT_EQ(field(event, "SubstreamID"), 0xfffffu);
	EXPECT_EQ(field(event, "SSV"), 0u);
	/* 3.4.3: an L2Ptr beyond the output size */
	put_l1cd(&b, l1cd, 1ULL << 44, 1);
	expect_fault(&b, STREAM, 0xfffff, SMMUV3_C_BAD_SUBSTREAMID);
	/* without a substream, by S1DSS, it is substream 0 that is recorded */
	EXPECT_TRUE(bench_event(&b, event));
	expect_fault(&b, STREAM, NO_PASID, SMMUV3_C_BAD_SUBSTREAMID);
	EXPECT_TRUE(bench_event(&b, event));
	EXPECT_EQ(field(event, "SubstreamID"), 0u);
	EXPECT_EQ(bench_counter(&b, "cd_fetches"), 0u);
	bench_destroy(&b);
}

TEST(smmuv3_cd_table, a_first_level_that_cannot_be_read_is_f_cd_fetch)
{
	struct bench b;
	u64 event[4], l1cd;

	bench_start(&b, NULL);
	l1cd = put_stage1_stream(&b, &cd_tables[1]);
	memory_poison(b.mem, hpa(l1cd), true);
	expect_fault(&b, STREAM, 0xfffff, SMMUV3_F_CD_FETCH);
	EXPECT_TRUE(bench_event(&b, event));
	EXPECT_EQ(field(event, "IPA"), l1cd);
	bench_destroy(&b);
}

TEST(smmuv3_cd_table, its_levels_go_through_stage_2)
{
	struct nested n;
	struct bench b;
	u64 ste[8] = { 0 }, cd[8] = { 0 }, event[4];
	u64 level1, leaf;

	bench_start(&b, NULL);
	n = bench_nested_stream(&b, 0);
	level1 = bench_guest_page(&b);
	leaf = bench_guest_page(&b);
	bench_ste_stage2(ste, &n.stage2, VMID);
	bench_ste_stage1(ste, level1, 7);
	bench_set(ste, "ste", "S1Fmt", 1);
	bench_put_ste(&b, STREAM, ste);
	put_l1cd(&b, level1 + GUEST + 8, leaf, 1);
	bench_cd(cd, &n.stage1, ASID);
	bench_put(&b, leaf + GUEST + 2 * 64, cd, 8);
	bench_map(&b, &n.stage1, 0x5000, 0x777000 | S1_RW, 3);
	bench_map(&b, &n.stage2, 0x777000, 0xabcd000 | S2_RW, 3);
	EXPECT_EQ(bench_translate(&b, STREAM, 66, 0x5678, ACCESS_WRITE).address.v, 0xabcd678u);
	/* 3.4.3: as an IPA, an L2Ptr too large is for stage 2 to fault */
	put_l1cd(&b, level1 + GUEST, 1ULL << 48, 1);
	expect_fault(&b, STREAM, 5, SMMUV3_F_TRANSLATION);
	EXPECT_TRUE(bench_event(&b, event));
	EXPECT_EQ(field(event, "S2"), 1u);
	EXPECT_EQ(field(event, "CLASS"), 0u);
	EXPECT_EQ(field(event, "IPA"), 1ULL << 48);
	/* and so is a first level that it does not map */
	bench_set(ste, "ste", "S1ContextPtr", 0x8000000);
	bench_put_ste(&b, STREAM, ste);
	bench_cfgi_ste(&b, STREAM);
	expect_fault(&b, STREAM, 5, SMMUV3_F_TRANSLATION);
	EXPECT_TRUE(bench_event(&b, event));
	EXPECT_EQ(field(event, "IPA"), 0x8000000u);
	bench_destroy(&b);
}

TEST(smmuv3_cd_table, without_substreams_there_is_one_cd_whatever_s1fmt_says)
{
	struct smmuv3_config config;
	struct table stage1;
	struct bench b;
	u64 ste[8];

	smmuv3_config_init(&config);
	config.substream_bits = 0;
	bench_start(&b, &config);
	stage1 = bench_stage1_stream(&b);
	bench_map(&b, &stage1, 0x5000, 0x777000 | S1_RW, 3);
	EXPECT_EQ(memory_read(b.mem, hpa(STREAM_TABLE + STREAM * 64), ste, 64), PORT_OK);
	bench_set(ste, "ste", "S1Fmt", 1);
	bench_set(ste, "ste", "S1CDMax", 9);
	bench_put_ste(&b, STREAM, ste);
	expect_fault(&b, STREAM, NO_PASID, SMMUV3_EVENT_NONE);
	bench_destroy(&b);
}
