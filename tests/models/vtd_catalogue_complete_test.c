/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue of faults leaves out no reason, no kind of request, no address space that can meet one, and no way to it.
 */
#include "vtd_catalogue.h"

#include "gtest_c.h"

/* Reasons that no DMA and no translation meets, by the suite that has them. */
struct elsewhere {
	enum vtd_fault first, last;
	const char *suite;
};

static const struct elsewhere elsewhere[] = {
	{ VTD_FAULT_INTERRUPT_REQUEST_RESERVED, VTD_FAULT_POSTED_DESCRIPTOR_RESERVED,
	  "vtd_interrupt_catalogue" },
	{ VTD_FAULT_INTERRUPT_MODE_REQUIRED, VTD_FAULT_INTERRUPT_REMAPPING_REQUIRED,
	  "vtd_interrupt_catalogue" },
};

static bool is_elsewhere(enum vtd_fault fault)
{
	size_t i;

	for (i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
		if (fault >= elsewhere[i].first && fault <= elsewhere[i].last)
			return true;
	return false;
}

/*
 * Of each reason: the kinds of request that Table 30 lets meet it, with and without PASID, and how many ways to it the
 * catalogue has, so that none gets lost. Reasons of walks and of address spaces have a line for each address space.
 */
struct meeting {
	unsigned int code;
	unsigned int spaces; /* bits 1 << PGTT, ORed; 0: whatever the address space is */
	unsigned int kinds, pasids;
	unsigned int ways; /* in each space */
};

#define FIRST (1u << FIRST_STAGE)
#define SECOND (1u << SECOND_STAGE)
#define BOTH (1u << NESTED)
#define THROUGH (1u << PASS_THROUGH)

static const struct meeting meetings[] = {
	{ 0x01, 0, LEGACY_ALL, WITHOUT_PASID, 2 },
	{ 0x02, 0, LEGACY_ALL, WITHOUT_PASID, 2 },
	{ 0x03, 0, LEGACY_ALL, WITHOUT_PASID, 6 },
	{ 0x04, 0, LEGACY_ALL, WITHOUT_PASID, 4 },
	{ 0x05, 0, KIND_WRITE | KIND_ASK, WITHOUT_PASID, 2 },
	{ 0x06, 0, KIND_READ | KIND_ASK_READ, WITHOUT_PASID, 2 },
	{ 0x07, 0, LEGACY_WALK, WITHOUT_PASID, 1 },
	{ 0x08, 0, LEGACY_ALL, WITHOUT_PASID, 2 },
	{ 0x09, 0, LEGACY_ALL, WITHOUT_PASID, 1 },
	{ 0x0a, 0, LEGACY_ALL, WITHOUT_PASID, 3 },
	{ 0x0b, 0, LEGACY_ALL, WITHOUT_PASID, 7 },
	{ 0x0c, 0, LEGACY_WALK, WITHOUT_PASID, 1 },
	{ 0x0d, 0, KINDS_ASK | KINDS_TRANSLATED, WITHOUT_PASID, 2 },
	{ 0x0e, 0, LEGACY_ALL, WITHOUT_PASID, 2 },
	{ 0x29, 0, KIND_READ, WITHOUT_PASID, 2 },
	{ 0x30, 0, KINDS_TO_CONTEXT, EITHER, 3 },
	{ 0x31, 0, KINDS_ALL, WITH_PASID, 2 },
	{ 0x32, 0, KIND_PAGE, EITHER, 1 },
	{ 0x33, 0, KINDS_TO_CONTEXT, EITHER, 1 },
	{ 0x38, 0, KINDS_TO_CONTEXT, EITHER, 2 },
	{ 0x39, 0, KINDS_TO_CONTEXT, EITHER, 2 },
	{ 0x3a, 0, KINDS_TO_CONTEXT, EITHER, 2 },
	{ 0x40, 0, KINDS_TO_CONTEXT, EITHER, 1 },
	{ 0x41, 0, KINDS_TO_CONTEXT, EITHER, 2 },
	{ 0x42, 0, KINDS_TO_CONTEXT, EITHER, 6 },
	{ 0x43, 0, KINDS_TO_CONTEXT, EITHER, 2 },
	{ 0x44, 0, KINDS_ASK | KINDS_TRANSLATED, EITHER, 1 },
	{ 0x45, 0, KINDS_TO_ENTRY, WITH_PASID, 2 },
	{ 0x46, 0, KINDS_TO_CONTEXT, WITH_PASID, 2 },
	{ 0x47, 0, KIND_PAGE, EITHER, 2 },
	{ 0x48, 0, KINDS_TO_CONTEXT, WITH_PASID, 2 },
	{ 0x49, 0, KINDS_TRANSLATED, WITH_PASID, 1 },
	{ 0x50, 0, KINDS_TO_ENTRY, EITHER, 1 },
	{ 0x51, 0, KINDS_TO_ENTRY, EITHER, 2 },
	{ 0x52, 0, KINDS_TO_ENTRY, EITHER, 2 },
	{ 0x58, 0, KINDS_TO_ENTRY, EITHER, 1 },
	{ 0x59, 0, KINDS_TO_ENTRY, EITHER, 2 },
	{ 0x5a, 0, KINDS_TO_ENTRY, EITHER, 10 },
	{ 0x5b, 0, KINDS_TO_ENTRY, EITHER, 12 },
	{ 0x5c, FIRST | SECOND, KINDS_EXECUTE, WITH_PASID, 1 },
	{ 0x5c, BOTH, KINDS_EXECUTE, WITH_PASID, 2 },
	{ 0x5c, THROUGH, KINDS_EXECUTE, WITH_PASID, 1 },
	{ 0x5d, FIRST | SECOND, KINDS_WALK, WITH_PASID, 1 },
	{ 0x5d, BOTH, KINDS_WALK, EITHER, 2 },
	{ 0x5d, THROUGH, KINDS_WALK, WITH_PASID, 1 },
	{ 0x70, FIRST | BOTH, KINDS_WALK, EITHER, 1 },
	{ 0x71, FIRST, KINDS_WALK, EITHER, 2 },
	{ 0x71, BOTH, KINDS_WALK, EITHER, 1 },
	{ 0x72, FIRST, KINDS_WALK, EITHER, 6 },
	{ 0x72, BOTH, KINDS_WALK, EITHER, 3 },
	{ 0x73, FIRST, KINDS_WALK, EITHER, 2 },
	{ 0x73, BOTH, KINDS_WALK, EITHER, 1 },
	{ 0x74, BOTH, KINDS_WALK, EITHER, 2 },
	{ 0x75, BOTH, KINDS_WALK, EITHER, 1 },
	{ 0x76, BOTH, KINDS_WALK, EITHER, 1 },
	{ 0x77, BOTH, KINDS_WALK, EITHER, 3 },
	{ 0x78, SECOND, KINDS_WALK, EITHER, 1 },
	{ 0x78, BOTH, KINDS_WALK, EITHER, 2 },
	{ 0x79, SECOND, KINDS_WALK, EITHER, 5 },
	{ 0x79, BOTH, KINDS_WALK, EITHER, 3 },
	{ 0x7a, SECOND, KINDS_WALK, EITHER, 8 },
	{ 0x7a, BOTH, KINDS_WALK, EITHER, 2 },
	{ 0x7b, SECOND, KINDS_WALK, EITHER, 2 },
	{ 0x7b, BOTH, KINDS_WALK, EITHER, 1 },
	{ 0x7c, SECOND, KINDS_WALK, EITHER, 2 },
	{ 0x7c, BOTH, KINDS_WALK, EITHER, 1 },
	{ 0x7d, SECOND, KINDS_WALK, EITHER, 2 },
	{ 0x7d, BOTH, KINDS_WALK, EITHER, 1 },
	{ 0x80, FIRST | BOTH, KINDS_WALK, EITHER, 1 },
	{ 0x81, FIRST, KINDS_WALK, EITHER, 3 },
	{ 0x81, BOTH, KINDS_WALK, EITHER, 1 },
	{ 0x82, FIRST | SECOND, KIND_EXECUTE, WITH_PASID, 2 },
	{ 0x82, BOTH, KIND_EXECUTE, WITH_PASID, 1 },
	{ 0x83, BOTH, KINDS_TRANSLATED, WITHOUT_PASID, 1 },
	{ 0x83, THROUGH, KINDS_WALK, EITHER, 1 },
	{ 0x84, SECOND, KINDS_WALK, EITHER, 1 },
	{ 0x85, FIRST, KIND_WRITE, EITHER, 2 },
	{ 0x85, SECOND, KIND_WRITE, EITHER, 1 },
	{ 0x85, BOTH, KIND_WRITE, EITHER, 2 },
	{ 0x86, SECOND | BOTH, KINDS_WALK & ~KIND_WRITE, EITHER, 2 },
	{ 0x87, FIRST | SECOND, KINDS_WALK, EITHER, 1 },
	{ 0x87, BOTH, KINDS_ALL, EITHER, 2 },
	{ 0x87, THROUGH, KINDS_PLAIN, WITH_PASID, 1 },
	{ 0x89, 0, KINDS_TO_CONTEXT, WITH_PASID, 2 },
	{ 0x90, FIRST, KINDS_WALK, EITHER, 1 },
	{ 0x90, BOTH, KINDS_WALK, EITHER, 2 },
	{ 0x91, FIRST, KINDS_WALK, EITHER, 2 },
	{ 0x91, BOTH, KINDS_WALK, EITHER, 1 },
};

/* The rows of a reason, in one address space or whatever it is. */
static struct meeting rows_of(unsigned int code, unsigned int space)
{
	static const struct fault_row *(*const parts[])(size_t * count) = {
		vtd_catalogue_entries,
		vtd_catalogue_walks,
	};
	struct meeting sum = { .code = code };
	size_t part, count, i;

	for (part = 0; part < sizeof(parts) / sizeof(parts[0]); part++) {
		const struct fault_row *rows = parts[part](&count);

		for (i = 0; i < count; i++) {
			if ((unsigned int)rows[i].fault != code)
				continue;
			sum.spaces |= 1u << rows[i].pgtt;
			if (space && space != 1u << rows[i].pgtt)
				continue;
			sum.kinds |= rows[i].kinds;
			sum.pasids |= rows[i].pasids;
			sum.ways++;
		}
	}
	return sum;
}

static void expect_meeting(const struct meeting *wanted, unsigned int space)
{
	struct meeting rows = rows_of(wanted->code, space);

	SCOPED_NOTE("reason 0x%x, address spaces 0x%x", wanted->code, space);
	EXPECT_EQ(rows.kinds, wanted->kinds);
	EXPECT_EQ(rows.pasids, wanted->pasids);
	EXPECT_EQ(rows.ways, wanted->ways);
}

TEST(vtd_catalogue, has_every_way_to_every_reason_in_every_kind_of_request_that_can_meet_it)
{
	unsigned int pgtt;
	size_t i;

	for (i = 0; i < sizeof(meetings) / sizeof(meetings[0]); i++) {
		if (!meetings[i].spaces)
			expect_meeting(&meetings[i], 0);
		for (pgtt = FIRST_STAGE; pgtt <= PASS_THROUGH; pgtt++)
			if (meetings[i].spaces & 1u << pgtt)
				expect_meeting(&meetings[i], 1u << pgtt);
	}
}

TEST(vtd_catalogue, has_every_reason_that_the_model_knows_in_no_address_space_that_is_not_named)
{
	const struct vtd_fault_info *faults;
	size_t count, i, n;

	faults = vtd_faults(&count);
	for (i = 0; i < count; i++) {
		struct meeting rows = rows_of(faults[i].code, 0);
		unsigned int named = 0, any = 0;

		SCOPED_NOTE("%s, 0x%x", faults[i].name, faults[i].code);
		for (n = 0; n < sizeof(meetings) / sizeof(meetings[0]); n++)
			if (meetings[n].code == faults[i].code) {
				named |= meetings[n].spaces;
				any |= !meetings[n].spaces;
			}
		EXPECT_NE(named || any, is_elsewhere(faults[i].code));
		if (!any)
			EXPECT_EQ(rows.spaces, named);
	}
}

/* Which reasons Tables 15 and 30 of the specification have, but for units that are not modelled: 34h, 60h, a0h to a5h. */
static const struct {
	unsigned int first, last;
} specified[] = {
	{ 0x01, 0x0e }, { 0x20, 0x2b }, { 0x30, 0x33 }, { 0x38, 0x3a },
	{ 0x40, 0x49 }, { 0x50, 0x52 }, { 0x58, 0x5d }, { 0x70, 0x7d },
	{ 0x80, 0x87 }, { 0x89, 0x89 }, { 0x90, 0x91 },
};

static bool is_specified(unsigned int code)
{
	size_t i;

	for (i = 0; i < sizeof(specified) / sizeof(specified[0]); i++)
		if (code >= specified[i].first && code <= specified[i].last)
			return true;
	return false;
}

TEST(vtd_catalogue, the_table_of_reasons_is_that_of_the_specification)
{
	unsigned int code;

	for (code = 0; code < 0x100; code++) {
		SCOPED_NOTE("reason 0x%x", code);
		EXPECT_EQ(vtd_fault_info(code) != NULL, is_specified(code));
	}
}

TEST(vtd_catalogue, table_is_in_order_and_says_something_of_each)
{
	const struct vtd_fault_info *faults;
	size_t count, i;

	faults = vtd_faults(&count);
	ASSERT_GT(count, 50);
	for (i = 0; i < count; i++) {
		EXPECT_EQ(vtd_fault_info(faults[i].code), &faults[i]);
		EXPECT_NE(faults[i].name, NULL);
		EXPECT_NE(faults[i].text, NULL);
		EXPECT_EQ(faults[i].qualified, vtd_catalogue_qualified(faults[i].code));
		if (i)
			EXPECT_LT(faults[i - 1].code, faults[i].code);
	}
	EXPECT_EQ(vtd_fault_info(0), NULL);
	EXPECT_EQ(vtd_fault_info(0xff), NULL);
}
