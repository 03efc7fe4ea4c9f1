/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The telling of steps from made-up events: what a scenario does not easily bring about.
 */
#include "report/explain.h"
#include "gtest_c.h"

#include <stdlib.h>
#include <string.h>

static const struct style plain = { .colour = false };

static struct platform_iommu units[] = {
	{ .name = "dmar0", .kind = PLATFORM_VTD, .profile = "qemu" },
	{ .name = "smmu0", .kind = PLATFORM_SMMUV3 },
};

static const struct platform platform = { .iommus = units, .iommu_count = 2 };

/* The telling of events of a unit, as a string that the caller frees. */
static char *told_of(size_t unit, const struct port_event *events, size_t count)
{
	struct explanation explanation = { 0 };
	char *text = NULL;
	size_t len = 0, i;
	FILE *out = open_memstream(&text, &len);

	explanation_begin(&explanation, &platform, 7, "dma");
	for (i = 0; i < count; i++)
		explanation_add(&explanation, unit, &events[i]);
	explanation_print(out, &plain, &explanation);
	explanation_clear(&explanation);
	fclose(out);
	return text;
}

struct row {
	const char *name;
	size_t unit;
	struct port_event events[4];
	size_t count;
	const char *text;
};

#define FAULT(number)                                                                          \
	{                                                                                      \
		.kind = PORT_EVENT_FAULT, .what = "a fault", .code = (number), .input = 0x1000 \
	}

static const struct row rows[] = {
	{ "iotlb_hit",
	  0,
	  { { .kind = PORT_EVENT_CACHE_HIT, .what = "iotlb", .input = 0x1000 },
	    { .kind = PORT_EVENT_TRANSLATED,
	      .what = "translation",
	      .input = 0x1000,
	      .output = 0x2000,
	      .page_size = 2 << 20 } },
	  2,
	  "\ndmar0 (vt-d, qemu) translates 0x1000\n"
	  "       iotlb: hit\n"
	  "    => 0x1000 is host 0x2000, in a page of 2 MiB\n"
	  "       no table was read\n" },
	{ "interrupt",
	  0,
	  { { .kind = PORT_EVENT_TRANSLATED, .what = "interrupt request", .input = 0xfee00000 } },
	  1,
	  "\ndmar0 (vt-d, qemu) translates 0xfee00000\n"
	  "    => 0xfee00000 is an interrupt message\n"
	  "       no table was read\n" },
	{ "read_error",
	  0,
	  { { .kind = PORT_EVENT_TABLE_READ,
	      .what = "root entry",
	      .address = { 0x5000 },
	      .status = PORT_ERROR },
	    FAULT(8) },
	  2,
	  "\ndmar0 (vt-d, qemu) translates 0x1000\n"
	  "    1  root entry         at 0x5000  read error\n"
	  "    => fault 0x08 (root-access): The root entry could not be read\n"
	  "       1 read to find the tables\n" },
	{ "write_error",
	  0,
	  { { .kind = PORT_EVENT_TABLE_WRITE,
	      .what = "first-stage PTE",
	      .level = 1,
	      .len = 8,
	      .data = { 0x27 },
	      .status = PORT_ERROR },
	    FAULT(0x91) },
	  2,
	  "\ndmar0 (vt-d, qemu) translates 0x1000\n"
	  "       written back  0x00000027  (write error) present, writable, user, accessed; "
	  "page 0x0\n"
	  "    => fault 0x91 (first-stage-ad-update): Accessed or dirty bits of a first-stage entry "
	  "could not be set\n"
	  "       refused before any paging entry was read\n" },
	{ "reserved_bits",
	  0,
	  { { .kind = PORT_EVENT_TABLE_READ,
	      .what = "PASID directory entry",
	      .address = { 0x5000 },
	      .len = 8,
	      .data = { 0x7005 } },
	    FAULT(0x52) },
	  2,
	  "\ndmar0 (vt-d, qemu) translates 0x1000\n"
	  "    1  PASID directory entry at 0x5000  0x00007005  present, PASID table 0x7000, "
	  "reserved bits set\n"
	  "    => fault 0x52 (pasid-directory-reserved): The PASID directory entry has reserved bits "
	  "set\n"
	  "       1 read to find the tables\n" },
	{ "entry_of_an_unknown_kind",
	  0,
	  { { .kind = PORT_EVENT_TABLE_READ,
	      .what = "oracle bone",
	      .address = { 0x5000 },
	      .len = 8,
	      .data = { 0x7001 } },
	    FAULT(0xee) },
	  2,
	  "\ndmar0 (vt-d, qemu) translates 0x1000\n"
	  "    1  oracle bone        at 0x5000  0x00007001  \n"
	  "    => fault 0xee: a fault\n"
	  "       1 read to find the tables\n" },
	{ "software_error_and_invalidation_without_a_request",
	  0,
	  { { .kind = PORT_EVENT_SOFTWARE_ERROR, .what = "GCMD", .detail = "two bits at once" },
	    { .kind = PORT_EVENT_INVALIDATE, .what = "Invalidation wait descriptor" } },
	  2,
	  "\ndmar0 (vt-d, qemu)\n"
	  "       GCMD: two bits at once\n"
	  "       Invalidation wait descriptor\n" },
	{ "queue_entries_in_words_and_folded",
	  0,
	  { { .kind = PORT_EVENT_INVALIDATE,
	      .what = "PASID-cache invalidate descriptor",
	      .len = 16,
	      .data = { 0x10017 } },
	    { .kind = PORT_EVENT_INVALIDATE,
	      .what = "PASID-cache invalidate descriptor",
	      .len = 16,
	      .data = { 0x10017 } },
	    { .kind = PORT_EVENT_INVALIDATE,
	      .what = "IOTLB invalidate descriptor",
	      .len = 16,
	      .data = { 0x100e2 } } },
	  3,
	  "\ndmar0 (vt-d, qemu)\n"
	  "       PASID-cache invalidate descriptor: granularity PASID, domain 1, PASID 0x0 (x2)\n"
	  "       IOTLB invalidate descriptor: granularity domain, drain writes, drain reads, domain "
	  "1\n" },
	{ "commands_that_repeat_in_sequence",
	  1,
	  { { .kind = PORT_EVENT_INVALIDATE,
	      .what = "CMD_CFGI_STE",
	      .len = 16,
	      .data = { 0x10000000003, 1 } },
	    { .kind = PORT_EVENT_INVALIDATE, .what = "CMD_SYNC", .len = 16, .data = { 0x46 } },
	    { .kind = PORT_EVENT_INVALIDATE,
	      .what = "CMD_CFGI_STE",
	      .len = 16,
	      .data = { 0x10000000003, 1 } },
	    { .kind = PORT_EVENT_INVALIDATE, .what = "CMD_SYNC", .len = 16, .data = { 0x46 } } },
	  4,
	  "\nsmmu0 (smmuv3)\n"
	  "       CMD_CFGI_STE: StreamID 0x100, Leaf\n"
	  "       CMD_SYNC (these 2 x2)\n" },
	{ "refused_by_width",
	  0,
	  { { .kind = PORT_EVENT_CACHE_HIT, .what = "PASID cache" }, FAULT(0x84) },
	  2,
	  "\ndmar0 (vt-d, qemu) translates 0x1000\n"
	  "       PASID cache: hit\n"
	  "    => fault 0x84 (beyond-second-stage-width): The address lies beyond the second stage's "
	  "width\n"
	  "       refused before any paging entry was read\n" },
	{ "guest_physical_tables_of_nested_entries",
	  0,
	  { { .kind = PORT_EVENT_TABLE_READ,
	      .what = "PASID table entry",
	      .len = 64,
	      .data = { 0xa0c9, 1, 0x5000 } } },
	  1,
	  "\ndmar0 (vt-d, qemu)\n"
	  "    1  PASID table entry  at 0x0  present, second stage of 48 bits (4 levels), nested, "
	  "second-stage table 0xa000,\n"
	  "         domain 1, first-stage table gpa 0x5000\n" },
	{ "nested_fault_in_the_second_stage",
	  0,
	  { { .kind = PORT_EVENT_TABLE_READ,
	      .what = "PASID table entry",
	      .len = 64,
	      .data = { 0xc9 } },
	    { .kind = PORT_EVENT_TABLE_READ,
	      .what = "second-stage PTE",
	      .address = { 0x6000 },
	      .level = 1,
	      .len = 8 },
	    FAULT(0x75) },
	  3,
	  "\ndmar0 (vt-d, qemu) translates 0x1000\n"
	  "    1  PASID table entry  at 0x0  present, second stage of 48 bits (4 levels), nested\n"
	  "       0x00000000000000c9 0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
	  "       0x0000000000000000 0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
	  "       By the second stage:\n"
	  "    2        second-stage PTE   at 0x6000  0x00000000  not present\n"
	  "    => fault 0x75 (first-stage-top-no-read): The second stage does not let the top-level "
	  "first-stage table be read\n"
	  "       1 read of paging entries, 1 read to find the tables; 2 together\n" },
	{ "second_stage_again_for_dirty_bits",
	  0,
	  { { .kind = PORT_EVENT_TABLE_READ,
	      .what = "first-stage PTE",
	      .via_gpa = true,
	      .table_gpa = 0x3000,
	      .address = { 0x9000 },
	      .level = 1,
	      .len = 8,
	      .data = { 0x7 } },
	    { .kind = PORT_EVENT_TRANSLATED,
	      .what = "second stage",
	      .input = 0x3000,
	      .output = 0x9000,
	      .page_size = 4096 },
	    { .kind = PORT_EVENT_TABLE_WRITE,
	      .what = "first-stage PTE",
	      .via_gpa = true,
	      .level = 1,
	      .len = 8,
	      .data = { 0x27 } } },
	  3,
	  "\ndmar0 (vt-d, qemu)\n"
	  "    1  first-stage PTE          at 0x9000 (gpa 0x3000)  0x00000007  present, writable, "
	  "user; page gpa 0x0\n"
	  "       gpa 0x3000, to be written, goes through the second stage again:\n"
	  "             second stage: gpa 0x3000 is 0x9000, in a page of 4 KiB\n"
	  "       written back  0x00000027  present, writable, user, accessed; page gpa 0x0\n" },
	{ "arm_block",
	  1,
	  { { .kind = PORT_EVENT_TABLE_READ,
	      .what = "stage-1 descriptor",
	      .address = { 0x6000 },
	      .level = 2,
	      .len = 8,
	      .data = { 0x200401 } },
	    { .kind = PORT_EVENT_FAULT, .what = "F_PERMISSION", .code = 0x13, .input = 0x1000 } },
	  2,
	  "\nsmmu0 (smmuv3) translates 0x1000\n"
	  "    1  stage-1 level-2    at 0x6000  0x00200401  Valid, accessed; page 0x200000\n"
	  "    => fault 0x13 (F_PERMISSION): " },
};

TEST_WITH_NAMED_PARAMS(explanation, tells_of, struct row, rows, name)
{
	char *text = told_of(param->unit, param->events, param->count);

	if (strncmp(text, param->text, strlen(param->text)) != 0)
		EXPECT_STREQ(text, param->text);
	free(text);
}

TEST(explanation, tells_so_many_requests_and_counts_the_rest)
{
	struct port_event events[EXPLAIN_MAX_PARTS + 3];
	size_t i;
	char *text;

	for (i = 0; i < EXPLAIN_MAX_PARTS + 3; i++)
		events[i] = (struct port_event){ .kind = PORT_EVENT_TRANSLATED,
						 .what = "translation",
						 .input = i << 12 };
	text = told_of(0, events, EXPLAIN_MAX_PARTS + 3);
	EXPECT_TRUE(strstr(text, "translates 0xf000\n") != NULL);
	EXPECT_TRUE(strstr(text, "translates 0x10000\n") == NULL);
	EXPECT_TRUE(strstr(text, "\n... and 3 more\n") != NULL);
	free(text);
}

TEST(explanation, tells_units_apart)
{
	const struct port_event event = { .kind = PORT_EVENT_SOFTWARE_ERROR, .what = "x" };
	struct explanation explanation = { 0 };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	explanation_begin(&explanation, &platform, 7, "bind");
	explanation_add(&explanation, 0, &event);
	explanation_add(&explanation, 1, &event);
	explanation_print(out, &plain, &explanation);
	explanation_clear(&explanation);
	fclose(out);
	EXPECT_STREQ(text, "\ndmar0 (vt-d, qemu)\n       x\n\nsmmu0 (smmuv3)\n       x\n");
	free(text);
}

TEST(explanation, keeps_a_bounded_number_of_events)
{
	const struct port_event event = { .kind = PORT_EVENT_CACHE_FILL, .what = "iotlb" };
	struct explanation explanation = { 0 };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int i;

	explanation_begin(&explanation, &platform, 7, "dma");
	for (i = 0; i < 100001; i++)
		explanation_add(&explanation, 0, &event);
	EXPECT_EQ(explanation.count, 100000);
	explanation_print(out, &plain, &explanation);
	fclose(out);
	EXPECT_TRUE(strstr(text, "... and more than could be kept\n") != NULL);
	free(text);
	explanation_clear(&explanation);
}

/* What a step ends with, told. */
static char *told_result(const struct step_result *result)
{
	struct explanation explanation = { 0 };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	explanation_begin(&explanation, &platform, 1, "step");
	explanation_end(&explanation, result);
	explanation_print(out, &plain, &explanation);
	explanation_clear(&explanation);
	fclose(out);
	return text;
}

TEST(explanation, ends_with_the_result_its_meaning_and_the_log)
{
	struct step_result result = { .result = json_integer(0),
				      .why = "no binding",
				      .outcome = OUTCOME_MISLED,
				      .log = "one\ntwo\n" };
	char *text = told_result(&result);

	EXPECT_STREQ(text, "\nNo IOMMU took part in this step.\n\nresult: 0\nmeaning: no binding\n"
			   "kernel: one\nkernel: two\n");
	free(text);
	json_decref(result.result);
}

TEST(explanation, does_not_say_of_a_refusal_what_its_errno_says)
{
	struct step_result result = { .result = json_integer(-1),
				      .errno_name = "EINVAL",
				      .why = "bind gave EINVAL",
				      .outcome = OUTCOME_REFUSED };
	char *text = told_result(&result);

	EXPECT_STREQ(text, "\nNo IOMMU took part in this step.\n\nresult: EINVAL\n");
	free(text);
	json_decref(result.result);
}

TEST(explanation, knows_how_far_a_step_came)
{
	static const struct port_event events[] = {
		{ .kind = PORT_EVENT_INVALIDATE, .what = "x" },
		{ .kind = PORT_EVENT_TRANSLATED, .what = "translation" },
		{ .kind = PORT_EVENT_FAULT, .what = "x" },
	};
	struct explanation explanation = { 0 };

	EXPECT_EQ(explanation_reach(&explanation), REACHED_NONE);
	explanation_add(&explanation, 0, &events[0]);
	EXPECT_EQ(explanation_reach(&explanation), REACHED_IOMMU);
	explanation_add(&explanation, 0, &events[1]);
	EXPECT_EQ(explanation_reach(&explanation), REACHED_TRANSLATION);
	explanation_add(&explanation, 0, &events[2]);
	EXPECT_EQ(explanation_reach(&explanation), REACHED_IOMMU);
	explanation_clear(&explanation);
}

TEST(explanation, starts_over_with_each_step)
{
	const struct port_event event = { .kind = PORT_EVENT_FAULT };
	struct explanation explanation = { 0 };
	struct step_result result = { .result = json_integer(7),
				      .why = "because",
				      .outcome = OUTCOME_MISLED,
				      .log = "a line\n" };

	explanation_begin(&explanation, &platform, 1, "dma one");
	explanation_add(&explanation, 0, &event);
	explanation_end(&explanation, &result);
	EXPECT_STREQ(explanation.events[0].event.what, "?");
	EXPECT_STREQ(explanation.result, "7");
	EXPECT_STREQ(explanation.why, "because");
	EXPECT_STREQ(explanation.log, "a line\n");
	explanation_begin(&explanation, &platform, 2, "dma two");
	EXPECT_STREQ(explanation.step, "dma two");
	EXPECT_EQ(explanation.count, 0);
	EXPECT_TRUE(explanation.result == NULL);
	explanation_clear(&explanation);
	json_decref(result.result);
}
