/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue of faults leaves out no reason, no kind of request and no address space that can meet one.
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

static unsigned int kinds_of(enum vtd_fault fault)
{
	unsigned int kinds = 0;
	size_t count, i;
	const struct fault_row *rows = vtd_catalogue(&count);

	for (i = 0; i < count; i++)
		if (rows[i].fault == fault)
			kinds |= rows[i].kinds;
	return kinds;
}

/* Kinds of request that Table 30 lets meet a reason. */
static const struct {
	unsigned int first, last, kinds;
} meetings[] = {
	{ 0x01, 0x04, LEGACY_ALL },
	{ 0x05, 0x05, KIND_WRITE | KIND_ASK },
	{ 0x06, 0x06, KIND_READ | KIND_ASK_READ },
	{ 0x07, 0x07, LEGACY_WALK },
	{ 0x08, 0x0b, LEGACY_ALL },
	{ 0x0c, 0x0c, LEGACY_WALK },
	{ 0x0d, 0x0d, KINDS_ASK | KINDS_TRANSLATED },
	{ 0x0e, 0x0e, LEGACY_ALL },
	{ 0x29, 0x29, KIND_READ }, /* of other forms: vtd_interrupt_catalogue */
	{ 0x30, 0x30, KINDS_TO_CONTEXT },
	{ 0x31, 0x31, KINDS_ALL },
	{ 0x32, 0x32, KIND_PAGE },
	{ 0x33, 0x43, KINDS_TO_CONTEXT },
	{ 0x44, 0x44, KINDS_ASK | KINDS_TRANSLATED },
	{ 0x45, 0x45, KINDS_TO_ENTRY },
	{ 0x46, 0x46, KINDS_TO_CONTEXT },
	{ 0x47, 0x47, KIND_PAGE },
	{ 0x48, 0x48, KINDS_TO_CONTEXT },
	{ 0x49, 0x49, KINDS_TRANSLATED },
	{ 0x50, 0x5b, KINDS_TO_ENTRY },
	{ 0x5c, 0x5c, KINDS_EXECUTE },
	{ 0x5d, 0x81, KINDS_WALK },
	{ 0x82, 0x82, KIND_EXECUTE },
	{ 0x83, 0x83, KINDS_ALL },
	{ 0x84, 0x84, KINDS_WALK },
	{ 0x85, 0x85, KIND_WRITE },
	{ 0x86, 0x86, KINDS_WALK & ~KIND_WRITE },
	{ 0x87, 0x87, KINDS_ALL },
	{ 0x89, 0x89, KINDS_TO_CONTEXT },
	{ 0x90, 0x91, KINDS_WALK },
};

static unsigned int wanted_kinds(unsigned int code)
{
	size_t i;

	for (i = 0; i < sizeof(meetings) / sizeof(meetings[0]); i++)
		if (code >= meetings[i].first && code <= meetings[i].last)
			return meetings[i].kinds;
	return 0;
}

TEST(vtd_catalogue, has_every_reason_that_the_model_knows_in_every_kind_of_request_that_can_meet_it)
{
	const struct vtd_fault_info *faults;
	size_t count, i;

	faults = vtd_faults(&count);
	for (i = 0; i < count; i++) {
		SCOPED_NOTE("%s, 0x%x", faults[i].name, faults[i].code);
		EXPECT_EQ(kinds_of(faults[i].code), wanted_kinds(faults[i].code));
		EXPECT_NE(kinds_of(faults[i].code) != 0, is_elsewhere(faults[i].code));
	}
}

/* Address spaces whose walks can meet a reason. */
static const struct {
	unsigned int first, last, spaces; /* bits 1 << PGTT */
} walks[] = {
	{ 0x70, 0x73, 1 << FIRST_STAGE | 1 << NESTED },
	{ 0x74, 0x77, 1 << NESTED },
	{ 0x78, 0x7d, 1 << SECOND_STAGE | 1 << NESTED },
	{ 0x80, 0x81, 1 << FIRST_STAGE | 1 << NESTED },
	{ 0x82, 0x82, 1 << FIRST_STAGE | 1 << SECOND_STAGE | 1 << NESTED },
	{ 0x83, 0x83, 1 << PASS_THROUGH },
	{ 0x84, 0x84, 1 << SECOND_STAGE },
	{ 0x85, 0x85, 1 << FIRST_STAGE | 1 << SECOND_STAGE | 1 << NESTED },
	/* what is present in the first stage may be read */
	{ 0x86, 0x86, 1 << SECOND_STAGE | 1 << NESTED },
	{ 0x87, 0x87, 1 << FIRST_STAGE | 1 << SECOND_STAGE | 1 << NESTED | 1 << PASS_THROUGH },
	{ 0x90, 0x91, 1 << FIRST_STAGE | 1 << NESTED },
};

static unsigned int spaces_of(unsigned int code)
{
	unsigned int spaces = 0;
	size_t count, i;
	const struct fault_row *rows = vtd_catalogue(&count);

	for (i = 0; i < count; i++)
		if ((unsigned int)rows[i].fault == code && (rows[i].kinds & KINDS_WALK))
			spaces |= 1u << rows[i].pgtt;
	return spaces;
}

TEST(vtd_catalogue, has_every_reason_of_walks_in_every_address_space_that_can_meet_it)
{
	unsigned int code;
	size_t i;

	for (i = 0; i < sizeof(walks) / sizeof(walks[0]); i++)
		for (code = walks[i].first; code <= walks[i].last; code++) {
			SCOPED_NOTE("reason 0x%x", code);
			EXPECT_EQ(spaces_of(code), walks[i].spaces);
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
