// SPDX-License-Identifier: Apache-2.0
/*
 * Tests of translation granules: where walks start with 16 and 64 KiB, what pages and blocks there
 * are, 52-bit addresses, and both stages with different granules.
 */
#include "gtest_c.h"

#include "smmuv3_fixture.h"

#include <string.h>

#define HALF_TOP 0xffff000000000000ULL

static unsigned int tg0(unsigned int granule_shift)
{
	return granule_shift == 12 ? 0 : granule_shift == 16 ? 1 : 2;
}

static unsigned int tg1(unsigned int granule_shift)
{
	return granule_shift == 12 ? 2 : granule_shift == 16 ? 3 : 1;
}

static u64 level_size(unsigned int granule_shift, unsigned int level)
{
	return 1ULL << (granule_shift + (granule_shift - 3) * (3 - level));
}

/* Bytes of the start level of tables of so many input bits. */
static u64 start_size(const struct table *table, unsigned int bits)
{
	return 8 * ((1ULL << bits) / level_size(table->granule_shift, table->start_level));
}

static struct table new_table(struct bench *b, unsigned int granule_shift, unsigned int start_level,
			      unsigned int bits)
{
	struct table table = { .granule_shift = granule_shift, .start_level = start_level };
	u64 size = start_size(&table, bits);

	table.base = bench_block(b, size < 0x1000 ? 0x1000 : size);
	return table;
}

static void start(struct bench *b, unsigned int address_bits)
{
	struct smmuv3_config config;

	smmuv3_config_init(&config);
	config.address_bits = address_bits;
	bench_start(b, &config);
}

static void put_cd(struct bench *b, const u64 *cd)
{
	u64 ste[8] = { 0 };
	u64 context_ptr = bench_page(b);

	bench_put(b, context_ptr, cd, 8);
	bench_ste_stage1(ste, context_ptr, 0);
	bench_put_ste(b, STREAM, ste);
	bench_cfgi_ste(b, STREAM);
	bench_tlbi_all(b);
}

/* --- stage 1 ----------------------------------------------------------------------------- */

struct stage1_row {
	const char *name;
	unsigned int granule_shift;
	unsigned int bits; /* of input */
	unsigned int start_level, leaf_level;
};

static const struct stage1_row stage1_rows[] = {
	{ "4k_48_bits", 12, 48, 0, 3 },
	{ "16k_48_bits", 14, 48, 0, 3 },
	{ "16k_48_bits_32m_block", 14, 48, 0, 2 },
	{ "16k_47_bits", 14, 47, 1, 3 },
	{ "16k_36_bits", 14, 36, 2, 3 },
	{ "16k_36_bits_32m_block", 14, 36, 2, 2 },
	{ "16k_25_bits", 14, 25, 3, 3 },
	{ "64k_48_bits", 16, 48, 1, 3 },
	{ "64k_48_bits_512m_block", 16, 48, 1, 2 },
	{ "64k_42_bits", 16, 42, 2, 3 },
	{ "64k_30_bits", 16, 30, 2, 3 },
	{ "64k_29_bits", 16, 29, 3, 3 },
	{ "64k_25_bits", 16, 25, 3, 3 },
};

TEST_WITH_PARAMS(smmuv3_granule, stage_1_starts_and_ends_where_it_says, struct stage1_row,
		 stage1_rows)
{
	unsigned int granule = param->granule_shift;
	u64 size = level_size(granule, param->leaf_level);
	u64 top = (1ULL << param->bits) - 1, output = 0x400000000000ULL & ~(size - 1);
	u64 above = param->bits == 48 ? HALF_TOP : ~top;
	struct translation_result r;
	struct table low, high;
	struct bench b;
	u64 cd[8] = { 0 };

	start(&b, 48);
	low = new_table(&b, granule, param->start_level, param->bits);
	high = new_table(&b, granule, param->start_level, param->bits);
	bench_cd(cd, &low, ASID);
	bench_set(cd, "cd", "T0SZ", 64 - param->bits);
	bench_set(cd, "cd", "TG0", tg0(granule));
	bench_set(cd, "cd", "EPD1", 0);
	bench_set(cd, "cd", "T1SZ", 64 - param->bits);
	bench_set(cd, "cd", "TG1", tg1(granule));
	bench_set(cd, "cd", "TTB1", high.base);
	put_cd(&b, cd);
	bench_map(&b, &low, top & ~(size - 1), output | S1_RW, param->leaf_level);
	bench_map(&b, &high, 0, output | S1_RW, param->leaf_level);

	for (int again = 0; again < 2; again++) {
		r = bench_translate(&b, STREAM, NO_PASID, top, ACCESS_WRITE);
		EXPECT_EQ(r.fault, 0u);
		EXPECT_EQ(r.address.v, output + size - 1);
		EXPECT_EQ(r.page_size, size);
		EXPECT_EQ(r.table_reads, again ? 0u : 3u + param->leaf_level - param->start_level);
	}
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, above | 0x234, ACCESS_READ).address.v,
		  output + 0x234);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, top + 1, ACCESS_READ).fault,
		  (unsigned int)SMMUV3_F_TRANSLATION);
	bench_destroy(&b);
}

struct block_row {
	const char *name;
	unsigned int granule_shift;
	unsigned int address_bits;
	unsigned int level;
	enum smmuv3_event fault;
};

/* A-profile architecture, AArch64.BlockDescSupported() */
static const struct block_row blocks[] = {
	{ "4k_level_0", 12, 48, 0, SMMUV3_F_TRANSLATION },
	{ "4k_level_1", 12, 48, 1, SMMUV3_EVENT_NONE },
	{ "16k_level_0", 14, 48, 0, SMMUV3_F_TRANSLATION },
	{ "16k_level_1", 14, 48, 1, SMMUV3_F_TRANSLATION },
	{ "16k_level_1_of_52_bits", 14, 52, 1, SMMUV3_F_TRANSLATION },
	{ "64k_level_1", 16, 48, 1, SMMUV3_F_TRANSLATION },
	{ "64k_level_1_of_52_bits", 16, 52, 1, SMMUV3_EVENT_NONE },
};

TEST_WITH_PARAMS(smmuv3_granule, blocks_are_only_of_levels_that_have_them, struct block_row, blocks)
{
	struct translation_result r;
	struct table stage1;
	struct bench b;
	u64 cd[8] = { 0 };

	start(&b, param->address_bits);
	stage1 = new_table(&b, param->granule_shift, param->granule_shift == 16 ? 1 : 0, 48);
	bench_cd(cd, &stage1, ASID);
	bench_set(cd, "cd", "T0SZ", 16);
	bench_set(cd, "cd", "TG0", tg0(param->granule_shift));
	put_cd(&b, cd);
	bench_map(&b, &stage1, 0, S1_RW, param->level);
	r = bench_translate(&b, STREAM, NO_PASID, 0x5678, ACCESS_READ);
	EXPECT_EQ(r.fault, (unsigned int)param->fault);
	if (!r.fault)
		EXPECT_EQ(r.page_size, level_size(param->granule_shift, param->level));
	bench_destroy(&b);
}

/* 5.4 TG0, TG1; 5.2 S2TG */
TEST(smmuv3_granule, one_that_is_not_implemented_is_illegal)
{
	static const unsigned int shifts[] = { 12, 14, 16 };
	struct smmuv3_config config;
	struct bench b;

	for (int has = 0; has < 3; has++) {
		smmuv3_config_init(&config);
		config.granules = 1u << has;
		bench_start(&b, &config);
		for (int i = 0; i < 3; i++) {
			struct table table = new_table(&b, shifts[i], 2, 36);
			u64 cd[8] = { 0 }, ste[8] = { 0 };

			bench_cd(cd, &table, ASID);
			bench_set(cd, "cd", "T0SZ", 28);
			bench_set(cd, "cd", "TG0", tg0(shifts[i]));
			put_cd(&b, cd);
			EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0, ACCESS_READ).fault,
				  i == has ? (unsigned int)SMMUV3_F_TRANSLATION
					   : (unsigned int)SMMUV3_C_BAD_CD);
			bench_set(cd, "cd", "EPD0", 1);
			bench_set(cd, "cd", "EPD1", 0);
			bench_set(cd, "cd", "T1SZ", 28);
			bench_set(cd, "cd", "TG1", tg1(shifts[i]));
			put_cd(&b, cd);
			EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0, ACCESS_READ).fault,
				  i == has ? (unsigned int)SMMUV3_F_TRANSLATION
					   : (unsigned int)SMMUV3_C_BAD_CD);
			bench_ste_stage2(ste, &table, VMID);
			bench_set(ste, "ste", "S2TG", tg0(shifts[i]));
			bench_set(ste, "ste", "S2T0SZ", shifts[i] == 12 ? 30 : 28);
			bench_set(ste, "ste", "S2SL0", shifts[i] == 12 ? 0 : 1);
			bench_put_ste(&b, STREAM, ste);
			bench_cfgi_ste(&b, STREAM);
			EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0, ACCESS_READ).fault,
				  i == has ? (unsigned int)SMMUV3_F_TRANSLATION
					   : (unsigned int)SMMUV3_C_BAD_STE);
		}
		bench_destroy(&b);
	}
}

/* --- stage 2 ----------------------------------------------------------------------------- */

struct stage2_row {
	const char *name;
	unsigned int granule_shift;
	unsigned int bits;
	u64 sl0;
	unsigned int start_level;
	unsigned int address_bits;
	bool legal;
};

static const struct stage2_row stage2_rows[] = {
	{ "4k_48_bits_from_0", 12, 48, 2, 0, 48, true },
	{ "4k_43_bits_from_1_with_16_tables", 12, 43, 1, 1, 48, true },
	{ "4k_44_bits_from_1", 12, 44, 1, 1, 48, false },
	{ "4k_40_bits_from_0", 12, 40, 2, 0, 48, true },
	{ "4k_39_bits_from_0", 12, 39, 2, 0, 48, false },
	{ "4k_from_0_of_42_bits", 12, 42, 2, 0, 42, false },
	{ "4k_beyond_the_output_size", 12, 43, 1, 1, 42, false },
	{ "16k_48_bits_from_1_with_2_tables", 14, 48, 2, 1, 48, true },
	{ "16k_40_bits_from_2_with_16_tables", 14, 40, 1, 2, 48, true },
	{ "16k_41_bits_from_2", 14, 41, 1, 2, 48, false },
	{ "16k_29_bits_from_3_with_16_tables", 14, 29, 0, 3, 48, true },
	{ "16k_42_bits_from_1_of_42_bits", 14, 42, 2, 1, 42, true },
	{ "16k_40_bits_from_1_of_40_bits", 14, 40, 2, 1, 40, false },
	{ "16k_from_0", 14, 48, 3, 0, 48, false },
	{ "64k_48_bits_from_1", 16, 48, 2, 1, 48, true },
	{ "64k_44_bits_from_1_of_44_bits", 16, 44, 2, 1, 44, true },
	{ "64k_44_bits_from_1_of_42_bits", 16, 42, 2, 1, 42, false },
	{ "64k_46_bits_from_2_with_16_tables", 16, 46, 1, 2, 48, true },
	{ "64k_47_bits_from_2", 16, 47, 1, 2, 48, false },
	{ "64k_33_bits_from_3_with_16_tables", 16, 33, 0, 3, 48, true },
	{ "64k_52_bits_from_1", 16, 52, 2, 1, 52, true },
	{ "64k_52_bits_of_48_bits", 16, 52, 2, 1, 48, false },
	{ "16k_52_bits_of_52_bits", 14, 52, 2, 1, 52, false },
	{ "4k_49_bits_of_52_bits", 12, 49, 2, 0, 52, false },
};

TEST_WITH_PARAMS(smmuv3_granule, stage_2_starts_where_s2sl0_and_s2t0sz_agree, struct stage2_row,
		 stage2_rows)
{
	unsigned int granule = param->granule_shift;
	u64 top = (1ULL << param->bits) - 1, size = 1ULL << granule;
	struct translation_result r;
	struct table stage2;
	struct bench b;
	u64 ste[8] = { 0 };

	start(&b, param->address_bits);
	stage2 = new_table(&b, granule, param->start_level, param->bits);
	bench_ste_stage2(ste, &stage2, VMID);
	bench_set(ste, "ste", "S2TG", tg0(granule));
	bench_set(ste, "ste", "S2T0SZ", 64 - param->bits);
	bench_set(ste, "ste", "S2SL0", param->sl0);
	bench_put_ste(&b, STREAM, ste);
	bench_map(&b, &stage2, top & ~(size - 1), 0x80000000 | S2_RW, 3);
	r = bench_translate(&b, STREAM, NO_PASID, top, ACCESS_READ);
	EXPECT_EQ(r.fault, param->legal ? 0u : (unsigned int)SMMUV3_C_BAD_STE);
	if (param->legal) {
		EXPECT_EQ(r.address.v, 0x80000000 + size - 1);
		EXPECT_EQ(r.page_size, size);
	}
	bench_destroy(&b);
}

/* --- 52-bit addresses -------------------------------------------------------------------- */

/* A stage-1 stream of 64-KiB pages and 30-bit addresses: two entries at its start. */
static struct table put_wide_stream(struct bench *b, u64 ips, u64 misalign)
{
	struct table stage1 = new_table(b, 16, 2, 30);
	u64 cd[8] = { 0 };

	bench_cd(cd, &stage1, ASID);
	bench_set(cd, "cd", "T0SZ", 34);
	bench_set(cd, "cd", "TG0", 1);
	bench_set(cd, "cd", "IPS", ips);
	bench_set(cd, "cd", "TTB0", stage1.base + misalign);
	put_cd(b, cd);
	return stage1;
}

TEST(smmuv3_granule, the_64k_one_puts_out_52_bits_where_there_are_so_many)
{
	struct table stage1;
	struct bench b;

	start(&b, 52);
	/* two entries; of tables of 52-bit output the lowest 6 bits of the base are ignored */
	stage1 = put_wide_stream(&b, 6, 0x30);
	bench_map(&b, &stage1, 0x20000, 0x123450000 | 0xa000 | S1_RW, 3);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x25678, ACCESS_READ).address.v,
		  0xa000123455678ULL);
	stage1 = put_wide_stream(&b, 5, 0);
	bench_map(&b, &stage1, 0x20000, 0x123450000 | 0xa000 | S1_RW, 3);
	bench_map(&b, &stage1, 0x30000, 0x123450000 | S1_RW, 3);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x25678, ACCESS_READ).fault,
		  (unsigned int)SMMUV3_F_ADDR_SIZE);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x35678, ACCESS_READ).address.v,
		  0x123455678ULL);
	bench_destroy(&b);
	/* else those bits say nothing */
	start(&b, 48);
	stage1 = put_wide_stream(&b, 6, 0);
	bench_map(&b, &stage1, 0x20000, 0x123450000 | 0xa000 | S1_RW, 3);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x25678, ACCESS_READ).address.v,
		  0x123455678ULL);
	bench_destroy(&b);
}

TEST(smmuv3_granule, a_base_of_52_bit_output_is_aligned_to_its_tables)
{
	struct table stage1;
	struct bench b;
	u64 cd[8] = { 0 };

	start(&b, 52);
	stage1 = new_table(&b, 16, 2, 34);
	bench_cd(cd, &stage1, ASID);
	bench_set(cd, "cd", "T0SZ", 30);
	bench_set(cd, "cd", "TG0", 1);
	bench_set(cd, "cd", "IPS", 6);
	bench_set(cd, "cd", "TTB0", stage1.base + 0xc0);
	put_cd(&b, cd);
	bench_map(&b, &stage1, 0x20000, 0x120000 | S1_RW, 3);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x25678, ACCESS_READ).address.v, 0x125678u);
	bench_destroy(&b);
}

TEST(smmuv3_granule, smaller_ones_have_48_bits_whatever_ips_says)
{
	struct table stage1;
	struct bench b;
	u64 cd[8] = { 0 };

	start(&b, 52);
	stage1 = new_table(&b, 12, 1, 39);
	bench_cd(cd, &stage1, ASID);
	bench_set(cd, "cd", "IPS", 6);
	put_cd(&b, cd);
	bench_map(&b, &stage1, 0x5000, 0xfffffffff000ULL | S1_RW, 3);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5678, ACCESS_READ).address.v,
		  0xfffffffff678ULL);
	bench_set(cd, "cd", "TTB0", 1ULL << 48);
	put_cd(&b, cd);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5678, ACCESS_READ).fault,
		  (unsigned int)SMMUV3_C_BAD_CD);
	bench_destroy(&b);
}

/* --- nesting ----------------------------------------------------------------------------- */

struct nest_row {
	const char *name;
	unsigned int stage1_granule, stage1_level;
	unsigned int stage2_granule, stage2_level;
	u64 page_size;
};

static const struct nest_row nests[] = {
	{ "4k_in_64k", 12, 3, 16, 3, 1ULL << 12 },   { "64k_in_4k", 16, 3, 12, 3, 1ULL << 12 },
	{ "16k_in_64k", 14, 3, 16, 3, 1ULL << 14 },  { "64k_in_16k", 16, 3, 14, 3, 1ULL << 14 },
	{ "64k_in_2m", 16, 3, 12, 2, 1ULL << 16 },   { "2m_in_64k", 12, 2, 16, 3, 1ULL << 16 },
	{ "32m_in_512m", 14, 2, 16, 2, 1ULL << 25 }, { "1g_in_32m", 12, 1, 14, 2, 1ULL << 25 },
	{ "512m_in_1g", 16, 2, 12, 1, 1ULL << 29 },  { "512m_in_512m", 16, 2, 16, 2, 1ULL << 29 },
};

/* Stage 2 of 40-bit IPAs, with blocks where guest tables are. */
static struct table put_stage2(struct bench *b, u64 *ste, unsigned int granule)
{
	struct table stage2 = new_table(b, granule, granule == 12 ? 1 : 2, 40);
	u64 block = level_size(granule, 2);

	for (u64 ipa = 0x1000000 & ~(block - 1); ipa < 0x1800000; ipa += block)
		bench_map(b, &stage2, ipa, (ipa + GUEST) | S2_RW, 2);
	bench_ste_stage2(ste, &stage2, VMID);
	bench_set(ste, "ste", "S2TG", tg0(granule));
	return stage2;
}

TEST_WITH_PARAMS(smmuv3_granule, nested_the_smaller_page_counts, struct nest_row, nests)
{
	u64 s1 = ~(level_size(param->stage1_granule, param->stage1_level) - 1);
	u64 s2 = ~(level_size(param->stage2_granule, param->stage2_level) - 1);
	u64 va = 0x40000000 + 0x12345678, ipa = 0xc0000000 + 0x12345678;
	u64 pa = 0x2000000000ULL + 0x12345678;
	struct table stage1, stage2;
	struct bench b;
	u64 ste[8] = { 0 }, cd[8] = { 0 };

	start(&b, 48);
	stage2 = put_stage2(&b, ste, param->stage2_granule);
	b.next_guest_page = 0x1010000;
	stage1 = (struct table){
		.base = 0x1000000,
		.offset = GUEST,
		.granule_shift = param->stage1_granule,
		.start_level = param->stage1_granule == 12 ? 1 : 2,
	};
	bench_cd(cd, &stage1, ASID);
	bench_set(cd, "cd", "T0SZ", param->stage1_granule == 12 ? 25 : 28);
	bench_set(cd, "cd", "TG0", tg0(param->stage1_granule));
	b.next_guest_page += 0x1000;
	bench_put(&b, b.next_guest_page + GUEST, cd, 8);
	bench_ste_stage1(ste, b.next_guest_page, 0);
	bench_put_ste(&b, STREAM, ste);
	bench_map(&b, &stage1, va, (ipa & s1) | S1_RW, param->stage1_level);
	bench_map(&b, &stage2, ipa, (pa & s2) | S2_RW, param->stage2_level);

	for (int again = 0; again < 2; again++) {
		struct translation_result r =
			bench_translate(&b, STREAM, NO_PASID, va, ACCESS_READ);

		EXPECT_EQ(r.fault, 0u);
		EXPECT_EQ(r.address.v, pa);
		EXPECT_EQ(r.page_size, param->page_size);
		EXPECT_EQ(r.table_reads == 0, again);
	}
	/* the first address of the stage-1 page or block means all that was made of it */
	bench_command(&b, 0x12 | (u64)VMID << 32 | (u64)ASID << 48, va & s1);
	bench_sync(&b);
	EXPECT_GT(bench_translate(&b, STREAM, NO_PASID, va, ACCESS_READ).table_reads, 0u);
	bench_destroy(&b);
}
