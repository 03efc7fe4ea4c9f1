// SPDX-License-Identifier: Apache-2.0
/*
 * Tests of what an SMMUv3 translates: bypass, each stage, nesting, permissions and substreams.
 */
#include "gtest_c.h"

#include "smmuv3_fixture.h"

#include <string.h>

TEST(smmuv3_translation, disabled_it_passes_traffic_within_its_output_size)
{
	struct bench b;
	struct translation_result r;

	bench_create(&b, NULL);
	r = bench_translate(&b, STREAM, NO_PASID, 0x123456789abcULL, ACCESS_WRITE);
	EXPECT_EQ(r.fault, 0u);
	EXPECT_EQ(r.address.v, 0x123456789abcULL);
	EXPECT_EQ(r.rights, (unsigned int)(ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE));
	EXPECT_EQ(r.table_reads, 0u);
	r = bench_translate(&b, STREAM, NO_PASID, 1ULL << 48, ACCESS_WRITE);
	EXPECT_EQ(r.fault, (unsigned int)SMMUV3_ABORTED);
	bench_destroy(&b);
}

TEST(smmuv3_translation, disabled_with_gbpa_abort_it_aborts)
{
	struct bench b;
	struct translation_result r;

	bench_create(&b, NULL);
	bench_write(&b, GBPA, 1u << 20); /* no update bit: not taken */
	EXPECT_EQ(bench_read(&b, GBPA), 0x1000u);
	bench_write(&b, GBPA, 1u << 31 | 1u << 20);
	EXPECT_EQ(bench_read(&b, GBPA), 1u << 20);
	r = bench_translate(&b, STREAM, NO_PASID, 0x1000, ACCESS_READ);
	EXPECT_EQ(r.fault, (unsigned int)SMMUV3_ABORTED);
	bench_destroy(&b);
}

TEST(smmuv3_translation, bypass_and_abort_streams)
{
	struct bench b;
	struct translation_result r;
	u64 ste[8] = { 0 }, event[4];

	bench_start(&b, NULL);
	bench_set(ste, "ste", "V", 1);
	bench_set(ste, "ste", "Config", 4);
	bench_put_ste(&b, 1, ste);
	bench_set(ste, "ste", "Config", 0);
	bench_put_ste(&b, 2, ste);
	bench_set(ste, "ste", "Config", 3);
	bench_put_ste(&b, 3, ste);

	r = bench_translate(&b, 1, NO_PASID, 0x5678, ACCESS_READ);
	EXPECT_EQ(r.fault, 0u);
	EXPECT_EQ(r.address.v, 0x5678ULL);
	EXPECT_EQ(r.table_reads, 1u);
	EXPECT_EQ(bench_translate(&b, 2, NO_PASID, 0x5678, ACCESS_READ).fault,
		  (unsigned int)SMMUV3_ABORTED);
	EXPECT_EQ(bench_translate(&b, 3, NO_PASID, 0x5678, ACCESS_READ).fault,
		  (unsigned int)SMMUV3_ABORTED);
	EXPECT_FALSE(bench_event(&b, event));
	bench_destroy(&b);
}

TEST(smmuv3_translation, stage_2_alone)
{
	struct bench b;
	struct translation_result r;
	struct table stage2;

	bench_start(&b, NULL);
	stage2 = bench_stage2_stream(&b);
	bench_map(&b, &stage2, 0x5000, 0xabcde000 | S2_RW, 3);
	bench_map(&b, &stage2, 0x40000000, 0x80000000 | S2_RW, 1);
	bench_map(&b, &stage2, 0xff00200000ULL, 0x200000000 | S2_RW, 2);

	r = bench_translate(&b, STREAM, NO_PASID, 0x5123, ACCESS_WRITE);
	EXPECT_EQ(r.fault, 0u);
	EXPECT_EQ(r.address.v, 0xabcde123ULL);
	EXPECT_EQ(r.page_size, 0x1000u);
	EXPECT_EQ(r.table_reads, 4u); /* STE and three levels */
	r = bench_translate(&b, STREAM, NO_PASID, 0x51234567, ACCESS_READ);
	EXPECT_EQ(r.address.v, 0x91234567ULL);
	EXPECT_EQ(r.page_size, 1ULL << 30);
	/* in the second of the concatenated tables */
	r = bench_translate(&b, STREAM, NO_PASID, 0xff00212345ULL, ACCESS_READ);
	EXPECT_EQ(r.address.v, 0x200012345ULL);
	EXPECT_EQ(r.page_size, 1ULL << 21);
	bench_destroy(&b);
}

TEST(smmuv3_translation, stage_1_alone)
{
	struct bench b;
	struct translation_result r;
	struct table stage1;

	bench_start(&b, NULL);
	stage1 = bench_stage1_stream(&b);
	bench_map(&b, &stage1, 0x5000, 0xabcde000 | S1_RW, 3);
	bench_map(&b, &stage1, 0x7fc0000000ULL, 0x40000000 | S1_READ_ONLY, 1);

	r = bench_translate(&b, STREAM, NO_PASID, 0x5ff8, ACCESS_WRITE);
	EXPECT_EQ(r.fault, 0u);
	EXPECT_EQ(r.address.v, 0xabcdeff8ULL);
	EXPECT_EQ(r.rights, (unsigned int)(ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE));
	EXPECT_EQ(r.table_reads, 5u); /* STE, CD and three levels */
	r = bench_translate(&b, STREAM, NO_PASID, 0x7fdeadbeefULL, ACCESS_READ);
	EXPECT_EQ(r.address.v, 0x5eadbeefULL);
	EXPECT_EQ(r.rights, (unsigned int)(ACCESS_READ | ACCESS_EXECUTE));
	bench_destroy(&b);
}

struct range_row {
	const char *name;
	u64 t0sz;
	unsigned int start_level;
	u64 top; /* highest address in the range */
};

static const struct range_row ranges[] = {
	{ "48_bits_from_level_0", 16, 0, 0xffffffffffffULL },
	{ "40_bits_from_level_0", 24, 0, 0xffffffffffULL },
	{ "39_bits_from_level_1", 25, 1, 0x7fffffffffULL },
	{ "31_bits_from_level_1", 33, 1, 0x7fffffffULL },
	{ "30_bits_from_level_2", 34, 2, 0x3fffffffULL },
	{ "25_bits_from_level_2", 39, 2, 0x1ffffffULL },
};

TEST_WITH_PARAMS(smmuv3_translation, stage_1_starts_where_t0sz_says, struct range_row, ranges)
{
	struct bench b;
	struct table stage1;
	u64 cd[8] = { 0 }, ste[8] = { 0 };
	u64 context_ptr;

	bench_start(&b, NULL);
	stage1 = bench_stage1_stream(&b);
	stage1.start_level = param->start_level;
	context_ptr = bench_page(&b);
	bench_cd(cd, &stage1, ASID);
	bench_set(cd, "cd", "T0SZ", param->t0sz);
	bench_put(&b, context_ptr, cd, 8);
	bench_ste_stage1(ste, context_ptr, 0);
	bench_put_ste(&b, STREAM, ste);
	bench_map(&b, &stage1, param->top & ~0xfffULL, 0xabc000 | S1_RW, 3);

	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, param->top, ACCESS_READ).address.v,
		  0xabcfffULL);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, param->top + 1, ACCESS_READ).fault,
		  (unsigned int)SMMUV3_F_TRANSLATION);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, param->top | 1ULL << 63, ACCESS_READ).fault,
		  (unsigned int)SMMUV3_F_TRANSLATION);
	bench_destroy(&b);
}

static void put_cd(struct bench *b, const u64 *cd)
{
	u64 ste[8] = { 0 };
	u64 context_ptr = bench_page(b);

	bench_put(b, context_ptr, cd, 8);
	bench_ste_stage1(ste, context_ptr, 0);
	bench_put_ste(b, STREAM, ste);
}

TEST(smmuv3_translation, high_addresses_go_through_ttb1)
{
	struct bench b;
	struct table low, high;
	u64 cd[8] = { 0 };

	bench_start(&b, NULL);
	low = bench_stage1_stream(&b);
	high = (struct table){ .base = bench_page(&b), .start_level = 1 };
	bench_cd(cd, &low, ASID);
	bench_set(cd, "cd", "EPD1", 0);
	bench_set(cd, "cd", "T1SZ", 25);
	bench_set(cd, "cd", "TG1", 2);
	bench_set(cd, "cd", "TTB1", high.base);
	put_cd(&b, cd);
	bench_map(&b, &low, 0x3000, 0x111000 | S1_RW, 3);
	bench_map(&b, &high, 0x3000, 0x222000 | S1_RW, 3);

	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x3004, ACCESS_READ).address.v,
		  0x111004ULL);
	EXPECT_EQ(
		bench_translate(&b, STREAM, NO_PASID, 0xffffff8000003004ULL, ACCESS_READ).address.v,
		0x222004ULL);
	/* not all the bits above the range are ones */
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0xffffff0000003004ULL, ACCESS_READ).fault,
		  (unsigned int)SMMUV3_F_TRANSLATION);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x7fffff8000003004ULL, ACCESS_READ).fault,
		  (unsigned int)SMMUV3_F_TRANSLATION);
	bench_destroy(&b);
}

TEST(smmuv3_translation, the_top_byte_is_ignored_only_where_tbi_says)
{
	struct bench b;
	struct table low;
	u64 cd[8] = { 0 };

	bench_start(&b, NULL);
	low = bench_stage1_stream(&b);
	bench_cd(cd, &low, ASID);
	bench_set(cd, "cd", "TBI0", 1);
	bench_set(cd, "cd", "TBI1", 1);
	bench_set(cd, "cd", "EPD1", 0);
	bench_set(cd, "cd", "T1SZ", 25);
	bench_set(cd, "cd", "TG1", 2);
	bench_set(cd, "cd", "TTB1", low.base);
	put_cd(&b, cd);
	bench_map(&b, &low, 0x3000, 0x111000 | S1_RW, 3);

	EXPECT_EQ(
		bench_translate(&b, STREAM, NO_PASID, 0xab00000000003004ULL, ACCESS_READ).address.v,
		0x111004ULL);
	EXPECT_EQ(
		bench_translate(&b, STREAM, NO_PASID, 0x12ffff8000003004ULL, ACCESS_READ).address.v,
		0x111004ULL);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0xab01000000003004ULL, ACCESS_READ).fault,
		  (unsigned int)SMMUV3_F_TRANSLATION);
	/* the tag makes no second TLB entry */
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x3004, ACCESS_READ).table_reads, 0u);
	bench_destroy(&b);
}

TEST(smmuv3_translation, nested_every_guest_address_goes_through_stage_2)
{
	struct smmuv3_config config;
	struct bench b;
	struct nested n;
	struct translation_result r;

	smmuv3_config_init(&config);
	config.tlb.entries = 0;
	config.config_cache.entries = 0;
	bench_start(&b, &config);
	n = bench_nested_stream(&b, 0);
	bench_map(&b, &n.stage1, 0x5000, 0x777000 | S1_RW, 3);
	bench_map(&b, &n.stage2, 0x777000, 0xabcd000 | S2_RW, 3);

	r = bench_translate(&b, STREAM, NO_PASID, 0x5678, ACCESS_WRITE);
	EXPECT_EQ(r.fault, 0u);
	EXPECT_EQ(r.address.v, 0xabcd678ULL);
	EXPECT_EQ(r.page_size, 0x1000u);
	/* STE; CD behind 2 levels; 3 descriptors behind 2 levels each; the output behind 3 */
	EXPECT_EQ(r.table_reads, 1u + 3 + 9 + 3);
	bench_destroy(&b);
}

struct nest_size_row {
	const char *name;
	unsigned int stage1_level, stage2_level;
	u64 page_size;
};

static const struct nest_size_row nest_sizes[] = {
	{ "4k_in_4k", 3, 3, 1ULL << 12 }, { "2m_in_4k", 2, 3, 1ULL << 12 },
	{ "4k_in_2m", 3, 2, 1ULL << 12 }, { "1g_in_2m", 1, 2, 1ULL << 21 },
	{ "2m_in_1g", 2, 1, 1ULL << 21 }, { "1g_in_1g", 1, 1, 1ULL << 30 },
};

TEST_WITH_PARAMS(smmuv3_translation, nested_the_smaller_page_counts, struct nest_size_row,
		 nest_sizes)
{
	u64 va = 0x40000000 + 0x12345678, ipa = 0xc0000000 + 0x12345678;
	u64 pa = 0x200000000ULL + 0x12345678;
	struct bench b;
	struct nested n;
	u64 s1 = ~((1ULL << (39 - 9 * param->stage1_level)) - 1);
	u64 s2 = ~((1ULL << (39 - 9 * param->stage2_level)) - 1);

	bench_start(&b, NULL);
	n = bench_nested_stream(&b, 0);
	bench_map(&b, &n.stage1, va, (ipa & s1) | S1_RW, param->stage1_level);
	bench_map(&b, &n.stage2, ipa, (pa & s2) | S2_RW, param->stage2_level);
	for (int again = 0; again < 2; again++) {
		struct translation_result r =
			bench_translate(&b, STREAM, NO_PASID, va, ACCESS_READ);

		EXPECT_EQ(r.fault, 0u);
		EXPECT_EQ(r.address.v, pa);
		EXPECT_EQ(r.page_size, param->page_size);
	}
	bench_destroy(&b);
}

struct right_row {
	const char *name;
	u64 attributes; /* of the page, besides accessed and not global */
	u64 table_attributes;
	const char *cd_field; /* set to 1 */
	unsigned int privileged, unprivileged;
};

#define R ACCESS_READ
#define W ACCESS_WRITE
#define X ACCESS_EXECUTE
#define AP(n) ((u64)(n) << 6)
#define PXN (1ULL << 53)
#define UXN (1ULL << 54)
#define PXN_TABLE (1ULL << 59)
#define UXN_TABLE (1ULL << 60)
#define AP_TABLE(n) ((u64)(n) << 61)

static const struct right_row rights[] = {
	{ "privileged_rw", AP(0), 0, "V", R | W | X, X },
	{ "everyone_rw", AP(1), 0, "V", R | W, R | W | X },
	{ "privileged_ro", AP(2), 0, "V", R | X, X },
	{ "everyone_ro", AP(3), 0, "V", R | X, R | X },
	{ "pxn", AP(3) | PXN, 0, "V", R, R | X },
	{ "uxn", AP(3) | UXN, 0, "V", R | X, R },
	{ "uxn_privileged_rw", AP(0) | UXN, 0, "V", R | W | X, 0 },
	{ "pxn_table", AP(3), PXN_TABLE, "V", R, R | X },
	{ "uxn_table", AP(3), UXN_TABLE, "V", R | X, R },
	{ "ap_table_privileged_only", AP(1), AP_TABLE(1), "V", R | W | X, X },
	{ "ap_table_read_only", AP(1), AP_TABLE(2), "V", R | X, R | X },
	{ "ap_table_both", AP(1), AP_TABLE(3), "V", R | X, X },
	{ "wxn", AP(0), 0, "WXN", R | W, X },
	{ "wxn_everyone", AP(1), 0, "WXN", R | W, R | W },
	{ "pan", AP(3), 0, "PAN", X, R | X },
	{ "pan_privileged_page", AP(2), 0, "PAN", R | X, X },
};

/* The rights that a stream has at 0x5000, found by trying. */
static unsigned int tried_rights(struct bench *b, bool privileged)
{
	unsigned int found = 0;

	for (unsigned int access = R; access <= X; access <<= 1) {
		const struct translation_request request = {
			.source_id = STREAM,
			.address = iova(0x5000),
			.access = access,
			.privileged = privileged,
		};
		struct translation_result r;

		smmuv3_translate(b->smmu, &request, &r);
		if (!r.fault)
			found |= access;
		else
			EXPECT_EQ(r.fault, (unsigned int)SMMUV3_F_PERMISSION);
	}
	return found;
}

TEST_WITH_PARAMS(smmuv3_translation, stage_1_permissions, struct right_row, rights)
{
	struct bench b;
	struct table stage1;
	u64 cd[8] = { 0 };
	u64 table, at;

	bench_start(&b, NULL);
	stage1 = bench_stage1_stream(&b);
	bench_cd(cd, &stage1, ASID);
	bench_set(cd, "cd", param->cd_field, 1);
	put_cd(&b, cd);
	bench_map(&b, &stage1, 0x5000, 0xabc000 | 3ULL << 10 | param->attributes, 3);
	at = bench_descriptor(&b, &stage1, 0x5000, 2);
	EXPECT_EQ(memory_read(b.mem, hpa(at), &table, 8), PORT_OK);
	table |= param->table_attributes;
	bench_put(&b, at, &table, 1);

	EXPECT_EQ(tried_rights(&b, true), param->privileged);
	EXPECT_EQ(tried_rights(&b, false), param->unprivileged);
	/* the same from the TLB */
	EXPECT_EQ(tried_rights(&b, true), param->privileged);
	EXPECT_EQ(tried_rights(&b, false), param->unprivileged);
	bench_destroy(&b);
}

struct stage2_right_row {
	const char *name;
	u64 attributes;
	unsigned int rights;
};

static const struct stage2_right_row stage2_rights[] = {
	{ "none", UXN, 0 },
	{ "execute_only", 0, X },
	{ "read", AP(1) | UXN, R },
	{ "write", AP(2) | UXN, W },
	{ "read_write", AP(3) | UXN, R | W },
	{ "all", AP(3), R | W | X },
};

TEST_WITH_PARAMS(smmuv3_translation, stage_2_permissions, struct stage2_right_row, stage2_rights)
{
	struct bench b;
	struct table stage2;

	bench_start(&b, NULL);
	stage2 = bench_stage2_stream(&b);
	bench_map(&b, &stage2, 0x5000, 0xabc000 | 1ULL << 10 | param->attributes, 3);
	EXPECT_EQ(tried_rights(&b, false), param->rights);
	EXPECT_EQ(tried_rights(&b, true), param->rights);
	bench_destroy(&b);
}

TEST_WITH_PARAMS(smmuv3_translation, nested_both_stages_must_permit, struct stage2_right_row,
		 stage2_rights)
{
	struct bench b;
	struct nested n;

	bench_start(&b, NULL);
	n = bench_nested_stream(&b, 0);
	bench_map(&b, &n.stage1, 0x5000, 0x777000 | S1_READ_ONLY, 3);
	bench_map(&b, &n.stage2, 0x777000, 0xabc000 | 1ULL << 10 | param->attributes, 3);
	EXPECT_EQ(tried_rights(&b, false), param->rights & (R | X));
	EXPECT_EQ(tried_rights(&b, false), param->rights & (R | X));
	bench_destroy(&b);
}

TEST(smmuv3_translation, the_access_flag_counts_unless_disabled)
{
	struct bench b;
	struct table stage1, stage2;
	u64 cd[8] = { 0 }, ste[8] = { 0 };

	bench_start(&b, NULL);
	stage1 = bench_stage1_stream(&b);
	bench_map(&b, &stage1, 0x5000, (0xabc000 | S1_RW) & ~(1ULL << 10), 3);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault,
		  (unsigned int)SMMUV3_F_ACCESS);
	bench_cd(cd, &stage1, ASID);
	bench_set(cd, "cd", "AFFD", 1);
	put_cd(&b, cd);
	bench_cfgi_ste(&b, STREAM);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault, 0u);

	stage2 = bench_stage2_stream(&b);
	bench_map(&b, &stage2, 0x5000, (0xabc000 | S2_RW) & ~(1ULL << 10), 3);
	bench_cfgi_ste(&b, STREAM);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault,
		  (unsigned int)SMMUV3_F_ACCESS);
	bench_ste_stage2(ste, &stage2, VMID);
	bench_set(ste, "ste", "S2AFFD", 1);
	bench_put_ste(&b, STREAM, ste);
	bench_cfgi_ste(&b, STREAM);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault, 0u);
	bench_destroy(&b);
}

/* A nested stream of 8 CDs, of which 0 and 3 are valid and map 0x5000 to different pages. */
static struct nested substreams(struct bench *b)
{
	struct nested n = bench_nested_stream(b, 3);
	struct table other = n.stage1;
	u64 cd[8] = { 0 };

	other.base = bench_guest_page(b);
	bench_cd(cd, &other, ASID + 1);
	bench_put(b, n.cd + GUEST + 3 * 64, cd, 8);
	bench_map(b, &n.stage1, 0x5000, 0x1001000 | S1_RW, 3);
	bench_map(b, &other, 0x5000, 0x1002000 | S1_RW, 3);
	return n;
}

static void set_default_substream(struct bench *b, u64 s1dss)
{
	u64 ste[8];

	EXPECT_EQ(memory_read(b->mem, hpa(STREAM_TABLE + STREAM * 64), ste, 64), PORT_OK);
	bench_set(ste, "ste", "S1DSS", s1dss);
	bench_put_ste(b, STREAM, ste);
	bench_cfgi_ste(b, STREAM);
}

TEST(smmuv3_translation, a_substream_has_its_own_context)
{
	struct bench b;

	bench_start(&b, NULL);
	substreams(&b);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).address.v, GUEST + 0x1001000);
	EXPECT_EQ(bench_translate(&b, STREAM, 3, 0x5000, R).address.v, GUEST + 0x1002000);
	/* a CD that nobody made, and one beyond the table */
	EXPECT_EQ(bench_translate(&b, STREAM, 4, 0x5000, R).fault, (unsigned int)SMMUV3_C_BAD_CD);
	EXPECT_EQ(bench_translate(&b, STREAM, 8, 0x5000, R).fault,
		  (unsigned int)SMMUV3_C_BAD_SUBSTREAMID);
	bench_destroy(&b);
}

TEST(smmuv3_translation, s1dss_says_what_becomes_of_traffic_without_substream)
{
	struct bench b;
	struct nested n;

	bench_start(&b, NULL);
	n = substreams(&b);
	/* CD 0 is for traffic without substream only */
	set_default_substream(&b, 2);
	EXPECT_EQ(bench_translate(&b, STREAM, 0, 0x5000, R).fault,
		  (unsigned int)SMMUV3_F_STREAM_DISABLED);
	/* terminate; CD 0 is substream 0's */
	set_default_substream(&b, 0);
	EXPECT_EQ(bench_translate(&b, STREAM, 0, 0x5000, R).address.v, GUEST + 0x1001000);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault,
		  (unsigned int)SMMUV3_F_STREAM_DISABLED);
	set_default_substream(&b, 3);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault,
		  (unsigned int)SMMUV3_F_STREAM_DISABLED);
	/* bypass stage 1 */
	set_default_substream(&b, 1);
	bench_map(&b, &n.stage2, 0x5000, 0xcc000 | S2_RW, 3);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5008, R).address.v, 0xcc008ULL);
	EXPECT_EQ(bench_translate(&b, STREAM, 3, 0x5000, R).address.v, GUEST + 0x1002000);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 1ULL << 48, R).fault,
		  (unsigned int)SMMUV3_F_ADDR_SIZE);
	bench_destroy(&b);
}

TEST(smmuv3_translation, a_substream_needs_stage_1_and_substreams)
{
	struct smmuv3_config config;
	struct bench b;
	u64 ste[8] = { 0 };

	bench_start(&b, NULL);
	bench_set(ste, "ste", "V", 1);
	bench_set(ste, "ste", "Config", 4);
	bench_put_ste(&b, 1, ste);
	bench_stage2_stream(&b);
	EXPECT_EQ(bench_translate(&b, 1, 1, 0x5000, R).fault,
		  (unsigned int)SMMUV3_C_BAD_SUBSTREAMID);
	EXPECT_EQ(bench_translate(&b, STREAM, 0, 0x5000, R).fault,
		  (unsigned int)SMMUV3_C_BAD_SUBSTREAMID);
	bench_stage1_stream(&b);
	bench_cfgi_ste(&b, STREAM);
	EXPECT_EQ(bench_translate(&b, STREAM, 0, 0x5000, R).fault,
		  (unsigned int)SMMUV3_C_BAD_SUBSTREAMID);
	bench_destroy(&b);

	/* an SMMU without substreams ignores S1CDMax */
	smmuv3_config_init(&config);
	config.substream_bits = 0;
	bench_start(&b, &config);
	substreams(&b);
	EXPECT_EQ(bench_translate(&b, STREAM, 3, 0x5000, R).fault,
		  (unsigned int)SMMUV3_C_BAD_SUBSTREAMID);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).address.v, GUEST + 0x1001000);
	bench_destroy(&b);
}

TEST(smmuv3_translation, asids_beyond_8_bits_need_asid16)
{
	struct smmuv3_config config;

	for (unsigned int asid16 = 0; asid16 < 2; asid16++) {
		struct bench b;
		struct table stage1;
		u64 cd[8] = { 0 };

		smmuv3_config_init(&config);
		config.asid16 = asid16;
		bench_create(&b, &config);
		bench_enable(&b);
		EXPECT_EQ(bench_read(&b, IDR0) >> 12 & 1, asid16);
		stage1 = bench_stage1_stream(&b);
		bench_map(&b, &stage1, 0x5000, 0xabc000 | S1_RW, 3);
		bench_cd(cd, &stage1, 0x100);
		put_cd(&b, cd);
		EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault,
			  asid16 ? 0u : SMMUV3_C_BAD_CD);
		bench_destroy(&b);
	}
}

TEST(smmuv3_translation, nobody_need_look)
{
	struct bench b;
	struct port_ops silent;
	struct table stage2;
	struct smmuv3_config config;
	u64 ste[8];

	bench_create(&b, NULL);
	silent = *b.port.ops;
	silent.observe = NULL;
	b.port.ops = &silent;
	smmuv3_destroy(b.smmu);
	smmuv3_config_init(&config);
	config.ats = true;
	b.smmu = smmuv3_create(&config, &b.port);
	bench_enable(&b);
	stage2 = bench_stage2_stream(&b);
	bench_map(&b, &stage2, 0x5000, 0xabc000 | S2_RW, 3);
	bench_sync(&b);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5008, R).address.v, 0xabc008ULL);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x6008, R).fault,
		  (unsigned int)SMMUV3_F_TRANSLATION);
	EXPECT_EQ(bench_ask(&b, STREAM, NO_PASID, 0x6000, false).ats_status,
		  ATS_UNSUPPORTED_REQUEST);
	EXPECT_EQ(memory_read(b.mem, hpa(STREAM_TABLE + STREAM * 64), ste, 64), PORT_OK);
	bench_set(ste, "ste", "EATS", 1);
	bench_put_ste(&b, STREAM, ste);
	bench_cfgi_ste(&b, STREAM);
	EXPECT_EQ(bench_ask(&b, STREAM, NO_PASID, 0x5000, false).rights, (unsigned int)(R | W));
	bench_destroy(&b);
}
