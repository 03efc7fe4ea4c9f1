// SPDX-License-Identifier: Apache-2.0
/*
 * Tests of ATS on an SMMUv3: what translation requests are told, what translated requests may, and
 * the invalidation of device TLBs. Architecture section 3.9.
 */
#include "gtest_c.h"

#include "smmuv3_fixture.h"

#include <string.h>

#define R ACCESS_READ
#define W ACCESS_WRITE
#define X ACCESS_EXECUTE

#define ATSCHK 0x10
#define SPLIT_STAGE 2

static u64 field(const u64 *event, const char *name)
{
	return bench_get(event, "smmu-event", name);
}

static void start_ats(struct bench *b, bool split_stage)
{
	struct smmuv3_config config;

	smmuv3_config_init(&config);
	config.ats = true;
	config.split_stage_ats = split_stage;
	bench_start(b, &config);
	bench_write(b, CR0, CR0_ALL | ATSCHK);
}

/* Changes a field of STREAM's STE. */
static void set_ste(struct bench *b, const char *name, u64 value)
{
	u64 ste[8];

	EXPECT_EQ(memory_read(b->mem, hpa(STREAM_TABLE + STREAM * 64), ste, 64), PORT_OK);
	bench_set(ste, "ste", name, value);
	bench_put_ste(b, STREAM, ste);
	bench_cfgi_ste(b, STREAM);
}

static struct table stage1_stream(struct bench *b)
{
	struct table stage1 = bench_stage1_stream(b);

	set_ste(b, "EATS", 1);
	return stage1;
}

/* A nested stream with a page at 0x5000 that is 0x777000 to the guest, and 0xabcd000. */
static struct nested nested_stream(struct bench *b, u64 cd_bits, u64 eats)
{
	struct nested n = bench_nested_stream(b, cd_bits);

	set_ste(b, "EATS", eats);
	bench_map(b, &n.stage1, 0x5000, 0x777000 | S1_RW, 3);
	bench_map(b, &n.stage2, 0x777000, 0xabcd000 | S2_RW, 3);
	return n;
}

static void expect_no_event(struct bench *b)
{
	u64 event[4];

	EXPECT_FALSE(bench_event(b, event));
}

static void expect_event(struct bench *b, enum smmuv3_event id, u64 *event)
{
	EXPECT_TRUE(bench_event(b, event));
	EXPECT_EQ(field(event, "EventID"), (u64)id);
	EXPECT_EQ(field(event, "StreamID"), (u64)STREAM);
}

/* --- translation requests ---------------------------------------------------------------- */

TEST(smmuv3_ats, a_completion_holds_what_both_stages_give)
{
	struct translation_result r;
	struct nested n;
	struct bench b;

	start_ats(&b, false);
	n = nested_stream(&b, 0, 1);
	r = bench_ask(&b, STREAM, NO_PASID, 0x5000, false);
	EXPECT_EQ(r.fault, 0u);
	EXPECT_EQ(r.ats_status, ATS_SUCCESS);
	EXPECT_EQ(r.completion, 0xabcd000ULL | ATS_READ | ATS_WRITE);
	EXPECT_EQ(r.address.v, 0xabcd000u);
	EXPECT_EQ(r.page_size, 0x1000u);
	EXPECT_EQ(r.rights, (unsigned int)(R | W));
	/* a block of both stages is one range */
	bench_map(&b, &n.stage1, 0x400000, 0x800000 | S1_RW, 2);
	bench_map(&b, &n.stage2, 0x800000, 0x40000000 | S2_RW, 2);
	r = bench_ask(&b, STREAM, NO_PASID, 0x5ff000, true);
	EXPECT_EQ(ats_decode_range(r.completion).first, 0x40000000u);
	EXPECT_EQ(ats_decode_range(r.completion).shift, 21u);
	EXPECT_EQ(bench_counter(&b, "translation_requests"), 2u);
	EXPECT_EQ(bench_counter(&b, "faults"), 0u);
	expect_no_event(&b);
	bench_destroy(&b);
}

struct grant_row {
	const char *name;
	u64 attributes; /* of the page */
	bool pasid, privileged;
	enum access access; /* of the request: R, or X */
	u64 completion;
};

#define AP(n) ((u64)(n) << 6)
#define ACCESSED (1ULL << 11 | 1ULL << 10)
#define UXN (1ULL << 54)
#define PRIV ATS_PRIVILEGED

/* 13.7, the table of examples */
static const struct grant_row grants[] = {
	{ "user_ro", ACCESSED | AP(3), true, false, R, ATS_READ },
	{ "user_rw", ACCESSED | AP(1), true, false, R, ATS_READ | ATS_WRITE },
	{ "privileged_rw_by_user", ACCESSED | AP(0), true, false, R, 0 },
	{ "privileged_rw", ACCESSED | AP(0), true, true, R, ATS_READ | ATS_WRITE | PRIV },
	{ "execute", ACCESSED | AP(1), true, false, X, ATS_READ | ATS_WRITE | ATS_EXECUTE },
	{ "execute_never", ACCESSED | AP(1) | UXN, true, false, X, ATS_READ | ATS_WRITE },
	{ "execute_only", ACCESSED | AP(0), true, false, X, 0 },
	{ "without_pasid", ACCESSED | AP(1), false, false, R, ATS_READ | ATS_WRITE },
};

TEST_WITH_PARAMS(smmuv3_ats, grants_what_the_page_permits_the_requester, struct grant_row, grants)
{
	const struct translation_request request = {
		.source_id = STREAM,
		.has_pasid = param->pasid,
		.pasid = param->pasid ? 1 : 0,
		.address = iova(0x6000),
		.access = param->access,
		.privileged = param->privileged,
		.type = ADDRESS_TRANSLATION_REQUEST,
	};
	struct translation_result r;
	struct table stage1;
	struct bench b;
	u64 ste[8] = { 0 }, cd[8] = { 0 };
	u64 context_ptr;

	start_ats(&b, false);
	stage1 = bench_stage1_stream(&b);
	context_ptr = bench_page(&b);
	bench_ste_stage1(ste, context_ptr, 1);
	bench_set(ste, "ste", "EATS", 1);
	bench_put_ste(&b, STREAM, ste);
	bench_cfgi_ste(&b, STREAM);
	bench_cd(cd, &stage1, ASID);
	bench_put(&b, context_ptr + (param->pasid ? 64 : 0), cd, 8);
	bench_map(&b, &stage1, 0x6000, 0x777000 | param->attributes, 3);
	smmuv3_translate(b.smmu, &request, &r);
	EXPECT_EQ(r.ats_status, ATS_SUCCESS);
	EXPECT_EQ(r.fault, 0u);
	EXPECT_EQ(r.completion & 0xfff, param->completion);
	if (param->completion)
		EXPECT_EQ(r.completion & ATS_ADDRESS, 0x777000u);
	bench_destroy(&b);
}

struct denied_row {
	const char *name;
	u64 leaf; /* of 0x6000 in stage 1 */
};

/* 3.9.1.2: R == W == 0, and no event */
static const struct denied_row denied[] = {
	{ "translation", 0 },
	{ "access", (0x777000 | S1_RW | 3) & ~(1ULL << 10) },
	{ "address_size", 0x10000777000 | S1_RW | 3 },
	{ "stage_2_translation", 0x888000 | S1_RW | 3 },
	{ "stage_2_permission", 0x999000 | S1_RW | 3 },
};

TEST_WITH_PARAMS(smmuv3_ats, what_is_not_mapped_is_granted_nothing, struct denied_row, denied)
{
	struct translation_result r;
	struct nested n;
	struct bench b;
	u64 cd[8];

	start_ats(&b, false);
	n = nested_stream(&b, 0, 1);
	EXPECT_EQ(memory_read(b.mem, hpa(n.cd + GUEST), cd, 64), PORT_OK);
	bench_set(cd, "cd", "IPS", 2); /* 40 bits */
	bench_put(&b, n.cd + GUEST, cd, 8);
	bench_put(&b, bench_descriptor(&b, &n.stage1, 0x6000, 3), &param->leaf, 1);
	bench_map(&b, &n.stage2, 0x999000, 0xabcd000 | 1ULL << 10, 3);
	r = bench_ask(&b, STREAM, NO_PASID, 0x6000, false);
	EXPECT_EQ(r.ats_status, ATS_SUCCESS);
	EXPECT_EQ(r.fault, 0u);
	EXPECT_EQ(r.rights, 0u);
	EXPECT_EQ(r.completion & (ATS_READ | ATS_WRITE | ATS_UNTRANSLATED), 0u);
	EXPECT_EQ(r.page_size, 0x1000u);
	EXPECT_EQ(bench_counter(&b, "faults"), 0u);
	expect_no_event(&b);
	bench_destroy(&b);
}

TEST(smmuv3_ats, stage_2_faults_of_what_leads_there_grant_nothing)
{
	struct translation_result r;
	struct bench b;

	start_ats(&b, false);
	nested_stream(&b, 0, 1);
	set_ste(&b, "S1ContextPtr", 0x8000000);
	r = bench_ask(&b, STREAM, NO_PASID, 0x5000, false);
	EXPECT_EQ(r.ats_status, ATS_SUCCESS);
	EXPECT_EQ(r.rights, 0u);
	expect_no_event(&b);
	bench_destroy(&b);
}

TEST(smmuv3_ats, nothing_is_granted_in_the_size_of_the_smallest_granule)
{
	struct smmuv3_config config;
	struct translation_result r;
	struct bench b;
	u64 ste[8] = { 0 };

	smmuv3_config_init(&config);
	config.ats = true;
	config.granules = SMMUV3_GRANULE_64K;
	bench_start(&b, &config);
	bench_set(ste, "ste", "V", 1);
	bench_set(ste, "ste", "Config", 6);
	bench_set(ste, "ste", "EATS", 1);
	bench_set(ste, "ste", "S2AA64", 1);
	bench_set(ste, "ste", "S2TG", 1);
	bench_set(ste, "ste", "S2T0SZ", 24);
	bench_set(ste, "ste", "S2SL0", 1);
	bench_set(ste, "ste", "S2PS", 5);
	bench_set(ste, "ste", "S2TTB", bench_block(&b, 0x10000));
	bench_put_ste(&b, STREAM, ste);
	r = bench_ask(&b, STREAM, NO_PASID, 0x123456000, false);
	EXPECT_EQ(r.rights, 0u);
	EXPECT_EQ(r.page_size, 0x10000u);
	EXPECT_EQ(ats_decode_range(r.completion).first, 0x123450000u);
	bench_destroy(&b);
}

struct refusal_row {
	const char *name;
	const char *ste_field;
	u64 value;
	u32 pasid;
	enum ats_status status;
	enum smmuv3_event fault;
	bool recorded;
};

/* 3.9.1.2, both tables */
static const struct refusal_row refusals[] = {
	{ "config_abort", "Config", 0, NO_PASID, ATS_UNSUPPORTED_REQUEST, SMMUV3_ABORTED, false },
	{ "config_bypass", "Config", 4, NO_PASID, ATS_UNSUPPORTED_REQUEST, SMMUV3_F_BAD_ATS_TREQ,
	  true },
	{ "eats_none", "EATS", 0, NO_PASID, ATS_UNSUPPORTED_REQUEST, SMMUV3_F_BAD_ATS_TREQ, true },
	{ "eats_reserved", "EATS", 3, NO_PASID, ATS_UNSUPPORTED_REQUEST, SMMUV3_F_BAD_ATS_TREQ,
	  true },
	{ "eats_none_with_a_substream", "EATS", 0, 2, ATS_UNSUPPORTED_REQUEST,
	  SMMUV3_F_BAD_ATS_TREQ, true },
	{ "eats_split_not_implemented", "EATS", 2, NO_PASID, ATS_COMPLETER_ABORT, SMMUV3_C_BAD_STE,
	  false },
	{ "ste_invalid", "V", 0, NO_PASID, ATS_COMPLETER_ABORT, SMMUV3_C_BAD_STE, false },
	{ "cd_invalid", "V", 1, 3, ATS_COMPLETER_ABORT, SMMUV3_C_BAD_CD, false },
	{ "substream_beyond", "V", 1, 8, ATS_COMPLETER_ABORT, SMMUV3_C_BAD_SUBSTREAMID, false },
	{ "substream_0_disabled", "V", 1, 0, ATS_COMPLETER_ABORT, SMMUV3_F_STREAM_DISABLED, false },
	{ "no_substream_disabled", "S1DSS", 0, NO_PASID, ATS_COMPLETER_ABORT,
	  SMMUV3_F_STREAM_DISABLED, false },
};

TEST_WITH_PARAMS(smmuv3_ats, refuses_a_stream_that_is_not_set_up_for_it, struct refusal_row,
		 refusals)
{
	struct translation_result r;
	struct bench b;
	u64 event[4];

	start_ats(&b, false);
	nested_stream(&b, 3, 1);
	set_ste(&b, param->ste_field, param->value);
	r = bench_ask(&b, STREAM, param->pasid, 0x5000, false);
	EXPECT_EQ(r.ats_status, param->status);
	EXPECT_EQ(r.fault, (unsigned int)param->fault);
	EXPECT_EQ(bench_counter(&b, "faults"), 1u);
	if (param->recorded) {
		expect_event(&b, param->fault, event);
		EXPECT_EQ(field(event, "InputAddr"), 0x5000u);
		EXPECT_EQ(field(event, "SSV"), param->pasid != NO_PASID);
	}
	expect_no_event(&b);
	bench_destroy(&b);
}

TEST(smmuv3_ats, aborts_what_cannot_be_found_or_read)
{
	struct translation_result r;
	struct nested n;
	struct bench b;

	start_ats(&b, false);
	n = nested_stream(&b, 0, 1);
	r = bench_ask(&b, 0x1000, NO_PASID, 0x5000, false);
	EXPECT_EQ(r.ats_status, ATS_COMPLETER_ABORT);
	EXPECT_EQ(r.fault, (unsigned int)SMMUV3_C_BAD_STREAMID);
	memory_poison(b.mem, hpa(bench_descriptor(&b, &n.stage1, 0x5000, 3)), true);
	r = bench_ask(&b, STREAM, NO_PASID, 0x5000, false);
	EXPECT_EQ(r.ats_status, ATS_COMPLETER_ABORT);
	EXPECT_EQ(r.fault, (unsigned int)SMMUV3_F_WALK_EABT);
	expect_no_event(&b);
	bench_destroy(&b);
}

TEST(smmuv3_ats, disabled_the_smmu_refuses_all_of_it)
{
	struct translation_result r;
	struct bench b;
	u64 event[4];

	start_ats(&b, false);
	bench_write(&b, CR0, 4); /* EVENTQEN */
	r = bench_ask(&b, STREAM, NO_PASID, 0x5000, false);
	EXPECT_EQ(r.ats_status, ATS_UNSUPPORTED_REQUEST);
	expect_event(&b, SMMUV3_F_BAD_ATS_TREQ, event);
	r = bench_translated(&b, STREAM, 0xabcd123, W);
	EXPECT_EQ(r.fault, (unsigned int)SMMUV3_F_TRANSL_FORBIDDEN);
	expect_event(&b, SMMUV3_F_TRANSL_FORBIDDEN, event);
	EXPECT_EQ(field(event, "InputAddr"), 0xabcd123u);
	EXPECT_EQ(field(event, "RnW"), 0u);
	bench_destroy(&b);
}

TEST(smmuv3_ats, without_ats_its_requests_are_unsupported)
{
	struct translation_result r;
	struct bench b;
	u64 event[4];

	bench_start(&b, NULL);
	bench_stage1_stream(&b);
	set_ste(&b, "EATS", SPLIT_STAGE); /* ignored */
	r = bench_ask(&b, STREAM, NO_PASID, 0x5000, false);
	EXPECT_EQ(r.ats_status, ATS_UNSUPPORTED_REQUEST);
	EXPECT_EQ(r.fault, (unsigned int)SMMUV3_F_UUT);
	expect_event(&b, SMMUV3_F_UUT, event);
	EXPECT_EQ(field(event, "InputAddr"), 0x5000u);
	EXPECT_EQ(field(event, "RnW"), 1u);
	/* 3.9.1.3: of a translated request it is not recorded */
	r = bench_translated(&b, STREAM, 0x5000, R);
	EXPECT_EQ(r.fault, (unsigned int)SMMUV3_F_UUT);
	expect_no_event(&b);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault,
		  (unsigned int)SMMUV3_F_TRANSLATION);
	bench_destroy(&b);
}

TEST(smmuv3_ats, by_s1dss_a_request_without_substream_is_given_its_own_address)
{
	struct translation_result r;
	struct bench b;
	u64 ste[8] = { 0 };

	start_ats(&b, false);
	bench_ste_stage1(ste, bench_page(&b), 3);
	bench_set(ste, "ste", "S1DSS", 1);
	bench_set(ste, "ste", "EATS", 1);
	bench_put_ste(&b, STREAM, ste);
	r = bench_ask(&b, STREAM, NO_PASID, 0x123456000, false);
	EXPECT_EQ(r.ats_status, ATS_SUCCESS);
	EXPECT_EQ(ats_decode_range(r.completion).first, 0u);
	EXPECT_EQ(ats_decode_range(r.completion).shift, 48u);
	EXPECT_EQ(r.rights, (unsigned int)(R | W));
	bench_destroy(&b);
}

/* --- translated requests ----------------------------------------------------------------- */

TEST(smmuv3_ats, translated_requests_pass_without_a_look_unless_atschk)
{
	struct translation_result r;
	struct bench b;

	start_ats(&b, false);
	bench_write(&b, CR0, CR0_ALL);
	r = bench_translated(&b, STREAM, 0xabcd123, W);
	EXPECT_EQ(r.fault, 0u);
	EXPECT_EQ(r.address.v, 0xabcd123u);
	EXPECT_EQ(r.table_reads, 0u);
	/* 3.9.1.1: beyond the output size it is aborted, without an event */
	r = bench_translated(&b, STREAM, 1ULL << 48, W);
	EXPECT_EQ(r.fault, (unsigned int)SMMUV3_ABORTED);
	expect_no_event(&b);
	EXPECT_EQ(bench_counter(&b, "translated_requests"), 2u);
	bench_destroy(&b);
}

TEST(smmuv3_ats, checked_they_pass_where_eats_is_full_and_are_not_translated)
{
	struct translation_result r;
	struct bench b;

	start_ats(&b, false);
	stage1_stream(&b);
	r = bench_translated(&b, STREAM, 0xabcd123, W);
	EXPECT_EQ(r.fault, 0u);
	EXPECT_EQ(r.address.v, 0xabcd123u);
	EXPECT_EQ(r.table_reads, 1u);
	r = bench_translated(&b, STREAM, 1ULL << 48, W);
	EXPECT_EQ(r.fault, (unsigned int)SMMUV3_ABORTED);
	expect_no_event(&b);
	bench_destroy(&b);
}

struct forbidden_row {
	const char *name;
	const char *ste_field;
	u64 value;
	enum smmuv3_event fault;
	bool recorded;
};

/* 3.9.1.3, both tables */
static const struct forbidden_row forbidden[] = {
	{ "config_abort", "Config", 0, SMMUV3_ABORTED, false },
	{ "config_bypass", "Config", 4, SMMUV3_F_TRANSL_FORBIDDEN, true },
	{ "eats_none", "EATS", 0, SMMUV3_F_TRANSL_FORBIDDEN, true },
	{ "eats_reserved", "EATS", 3, SMMUV3_F_TRANSL_FORBIDDEN, true },
	{ "ste_invalid", "V", 0, SMMUV3_C_BAD_STE, false },
};

TEST_WITH_PARAMS(smmuv3_ats, checked_they_are_refused_where_eats_is_not, struct forbidden_row,
		 forbidden)
{
	struct translation_result r;
	struct bench b;
	u64 event[4];

	start_ats(&b, false);
	stage1_stream(&b);
	set_ste(&b, param->ste_field, param->value);
	r = bench_translated(&b, STREAM, 0xabcd123, R);
	EXPECT_EQ(r.fault, (unsigned int)param->fault);
	if (param->recorded) {
		expect_event(&b, param->fault, event);
		EXPECT_EQ(field(event, "InputAddr"), 0xabcd123u);
		EXPECT_EQ(field(event, "RnW"), 1u);
	}
	expect_no_event(&b);
	EXPECT_EQ(bench_translated(&b, 0x1000, 0xabcd123, R).fault,
		  (unsigned int)SMMUV3_C_BAD_STREAMID);
	expect_no_event(&b);
	bench_destroy(&b);
}

/* --- split-stage ATS --------------------------------------------------------------------- */

TEST(smmuv3_ats, split_stage_a_completion_holds_an_ipa_that_stage_2_translates)
{
	struct translation_result r;
	struct nested n;
	struct bench b;
	u64 event[4];

	start_ats(&b, true);
	n = nested_stream(&b, 0, SPLIT_STAGE);
	r = bench_ask(&b, STREAM, NO_PASID, 0x5000, false);
	EXPECT_EQ(r.completion, 0x777000ULL | ATS_READ | ATS_WRITE);
	r = bench_translated(&b, STREAM, 0x777123, W);
	EXPECT_EQ(r.fault, 0u);
	EXPECT_EQ(r.address.v, 0xabcd123u);
	/* rights are those of both stages */
	bench_map(&b, &n.stage1, 0x6000, 0x778000 | S1_RW, 3);
	bench_map(&b, &n.stage2, 0x778000, 0xabcd000 | 1ULL << 10 | 1ULL << 6, 3);
	EXPECT_EQ(bench_ask(&b, STREAM, NO_PASID, 0x6000, false).rights, (unsigned int)R);
	/* and its faults are recorded as of other traffic */
	EXPECT_EQ(bench_translated(&b, STREAM, 0x778123, W).fault,
		  (unsigned int)SMMUV3_F_PERMISSION);
	expect_event(&b, SMMUV3_F_PERMISSION, event);
	EXPECT_EQ(field(event, "S2"), 1u);
	EXPECT_EQ(field(event, "IPA"), 0x778000u);
	EXPECT_EQ(bench_translated(&b, STREAM, 1ULL << 48, W).fault,
		  (unsigned int)SMMUV3_F_ADDR_SIZE);
	expect_event(&b, SMMUV3_F_ADDR_SIZE, event);
	EXPECT_EQ(field(event, "S2"), 0u);
	bench_destroy(&b);
}

TEST(smmuv3_ats, split_stage_without_atschk_is_as_none)
{
	struct translation_result r;
	struct bench b;
	u64 event[4];

	start_ats(&b, true);
	bench_write(&b, CR0, CR0_ALL);
	nested_stream(&b, 0, SPLIT_STAGE);
	r = bench_ask(&b, STREAM, NO_PASID, 0x5000, false);
	EXPECT_EQ(r.ats_status, ATS_UNSUPPORTED_REQUEST);
	expect_event(&b, SMMUV3_F_BAD_ATS_TREQ, event);
	bench_destroy(&b);
}

TEST(smmuv3_ats, split_stage_takes_both_stages)
{
	struct bench b;

	start_ats(&b, true);
	stage1_stream(&b);
	set_ste(&b, "EATS", SPLIT_STAGE);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault,
		  (unsigned int)SMMUV3_C_BAD_STE);
	bench_stage2_stream(&b);
	set_ste(&b, "EATS", SPLIT_STAGE);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault,
		  (unsigned int)SMMUV3_C_BAD_STE);
	bench_destroy(&b);
}

/* --- invalidation ------------------------------------------------------------------------ */

static u64 atc_inv(u64 flags)
{
	return 0x40 | (u64)STREAM << 32 | flags;
}

struct invalidation_row {
	const char *name;
	u64 flags;
	u64 second; /* quadword */
	struct ats_invalidation wanted;
};

#define SSV (1ULL << 11)
#define GLOBAL (1ULL << 9)
#define SUBSTREAM(n) ((u64)(n) << 12)

static const struct invalidation_row invalidations[] = {
	{ "page", 0, 0x5000, { STREAM, false, 0, 0x5000, 0 } },
	/* the span is aligned to its size */
	{ "8_pages", 0, 0x5000 | 3, { STREAM, false, 0, 0x3000 | ATS_SIZE, 0 } },
	{ "all", 0, 52, { STREAM, false, 0, 0x7ffffffffffff000ULL | ATS_SIZE, 0 } },
	{ "substream", SSV | SUBSTREAM(7), 0x5000, { STREAM, true, 7, 0x5000, 0 } },
	{ "global",
	  SSV | GLOBAL | SUBSTREAM(7),
	  0x5000,
	  { STREAM, true, 7, 0x5000 | ATS_INVALIDATE_GLOBAL, 0 } },
	{ "without_ssv_no_substream",
	  GLOBAL | SUBSTREAM(7),
	  0x5000,
	  { STREAM, false, 0, 0x5000, 0 } },
};

TEST_WITH_PARAMS(smmuv3_ats, cmd_atc_inv_reaches_the_function, struct invalidation_row,
		 invalidations)
{
	struct bench b;

	start_ats(&b, false);
	bench_command(&b, atc_inv(param->flags), param->second);
	bench_sync(&b);
	EXPECT_EQ(b.invalidations, 1u);
	EXPECT_EQ(b.invalidation.source_id, param->wanted.source_id);
	EXPECT_EQ(b.invalidation.has_pasid, param->wanted.has_pasid);
	EXPECT_EQ(b.invalidation.pasid, param->wanted.pasid);
	EXPECT_EQ(ats_decode_range(b.invalidation.body).first,
		  ats_decode_range(param->wanted.body).first);
	EXPECT_EQ(ats_decode_range(b.invalidation.body).shift,
		  ats_decode_range(param->wanted.body).shift);
	EXPECT_EQ(b.invalidation.body & ATS_INVALIDATE_GLOBAL,
		  param->wanted.body & ATS_INVALIDATE_GLOBAL);
	EXPECT_EQ(bench_counter(&b, "device_tlb_invalidations"), 1u);
	EXPECT_EQ(bench_counter(&b, "device_tlb_timeouts"), 0u);
	bench_destroy(&b);
}

TEST(smmuv3_ats, cmd_atc_inv_is_known_by_name)
{
	const u64 command[2] = { atc_inv(0), 0 };

	EXPECT_STREQ(smmuv3_command_name(command), "CMD_ATC_INV");
	EXPECT_STREQ(smmuv3_command_format(command)->name, "smmu-command-atc-inv");
}

TEST(smmuv3_ats, cmd_atc_inv_is_illegal_without_ats_or_with_too_large_a_size)
{
	struct bench b;

	bench_start(&b, NULL);
	bench_command(&b, atc_inv(0), 0x5000);
	EXPECT_EQ(bench_read(&b, CMDQ_CONS), 1u << 24); /* CERROR_ILL */
	bench_destroy(&b);
	start_ats(&b, false);
	bench_command(&b, atc_inv(0), 53);
	EXPECT_EQ(bench_read(&b, CMDQ_CONS), 1u << 24);
	EXPECT_EQ(b.invalidations, 0u);
	bench_destroy(&b);
}

TEST(smmuv3_ats, cmd_atc_inv_is_ignored_while_translation_is_disabled)
{
	struct bench b;

	start_ats(&b, false);
	bench_write(&b, CR0, 8); /* CMDQEN */
	bench_command(&b, atc_inv(0), 0x5000);
	bench_sync(&b);
	EXPECT_EQ(b.invalidations, 0u);
	EXPECT_EQ(bench_read(&b, GERROR), 0u);
	bench_destroy(&b);
}

TEST(smmuv3_ats, the_sync_behind_an_unanswered_invalidation_fails_once)
{
	struct bench b;

	start_ats(&b, false);
	b.silent = true;
	bench_command(&b, atc_inv(0), 0x5000);
	EXPECT_EQ(bench_read(&b, CMDQ_CONS), 1u);
	EXPECT_EQ(bench_read(&b, GERROR), 0u);
	bench_command(&b, 0x46, 0);
	EXPECT_EQ(bench_read(&b, CMDQ_CONS), 3u << 24 | 1); /* CERROR_ATC_INV_SYNC, at the SYNC */
	EXPECT_EQ(bench_read(&b, GERROR), 1u);
	EXPECT_EQ(bench_counter(&b, "device_tlb_timeouts"), 1u);
	/* acknowledged, it is met again, and completes */
	bench_write(&b, GERRORN, 1);
	EXPECT_EQ(bench_read(&b, CMDQ_CONS) & 0xfffff, 2u);
	EXPECT_EQ(bench_read(&b, GERROR), 1u);
	EXPECT_EQ(bench_counter(&b, "commands"), 2u);
	bench_destroy(&b);
}
