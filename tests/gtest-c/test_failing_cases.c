/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of failing_cases.h: one function for each way an expectation can fail.
 */
#include "failing_cases.h"
#include "gtest_c.h"

const char failing_cases_file[] = __FILE__;

/* One function around one statement: the statement's line, and whether the next one was reached. */
#define FAILING(name, statement)                          \
	static void name(struct failing_witness *witness) \
	{                                                 \
		witness->line = __LINE__;                 \
		statement;                                \
		witness->went_on = 1;                     \
	}

static const unsigned int seven = 7;
static const unsigned char left_bytes[20] = { [17] = 0xab };
static const unsigned char right_bytes[20] = { [17] = 0xcd };

FAILING(expect_eq, EXPECT_EQ(seven, 8))
FAILING(expect_ne, EXPECT_NE(seven, 7))
FAILING(expect_lt, EXPECT_LT(seven, -1))
FAILING(expect_le, EXPECT_LE(seven, 6ULL))
FAILING(expect_gt, EXPECT_GT(seven, seven))
FAILING(expect_ge, EXPECT_GE(-1, ~0ULL))
FAILING(expect_eq_bool, EXPECT_EQ((_Bool)1, (_Bool)0))
FAILING(expect_ne_null, EXPECT_NE((void *)0, NULL))
FAILING(expect_eq_pointer, EXPECT_EQ((char *)16, NULL))
FAILING(expect_true, EXPECT_TRUE(seven == 8))
FAILING(expect_false, EXPECT_FALSE(seven == 7))
FAILING(expect_streq, EXPECT_STREQ("a\n", "b"))
FAILING(expect_streq_null, EXPECT_STREQ(NULL, ""))
FAILING(expect_strne, EXPECT_STRNE("a", "a"))
FAILING(expect_memeq, EXPECT_MEMEQ(left_bytes, right_bytes, 20))
FAILING(add_failure, ADD_FAILURE("step %d of %s", 3, "seven"))
FAILING(assert_eq, ASSERT_EQ(seven, 8))
FAILING(assert_ne, ASSERT_NE(seven, 7))
FAILING(assert_lt, ASSERT_LT(seven, 7))
FAILING(assert_le, ASSERT_LE(seven, 6))
FAILING(assert_gt, ASSERT_GT(seven, 7))
FAILING(assert_ge, ASSERT_GE(seven, 8))
FAILING(assert_true, ASSERT_TRUE(seven == 8))
FAILING(assert_false, ASSERT_FALSE(seven == 7))
FAILING(assert_streq, ASSERT_STREQ("a", "b"))
FAILING(assert_strne, ASSERT_STRNE("a", "a"))
FAILING(assert_memeq, ASSERT_MEMEQ("ab", "ac", 2))

#define COMPARED(expectation, left, right) \
	"Expected: " expectation "\n  left:  " left "\n  right: " right

/* clang-format off */
const struct failing_case failing_cases[] = {
	{ "expect_eq", expect_eq, 0, COMPARED("seven == 8", "7 (0x7)", "8 (0x8)") },
	{ "expect_ne", expect_ne, 0, COMPARED("seven != 7", "7 (0x7)", "7 (0x7)") },
	{ "expect_lt", expect_lt, 0, COMPARED("seven < -1", "7 (0x7)", "-1 (0xffffffff)") },
	{ "expect_le", expect_le, 0, COMPARED("seven <= 6ULL", "7 (0x7)", "6 (0x6)") },
	{ "expect_gt", expect_gt, 0, COMPARED("seven > seven", "7 (0x7)", "7 (0x7)") },
	{ "expect_ge", expect_ge, 0,
	  COMPARED("-1 >= ~0ULL", "-1 (0xffffffff)", "18446744073709551615 (0xffffffffffffffff)") },
	{ "expect_eq_bool", expect_eq_bool, 0, COMPARED("(_Bool)1 == (_Bool)0", "true", "false") },
	{ "expect_ne_null", expect_ne_null, 0, COMPARED("(void *)0 != NULL", "NULL", "NULL") },
	{ "expect_eq_pointer", expect_eq_pointer, 0,
	  COMPARED("(char *)16 == NULL", "0x10", "NULL") },
	{ "expect_true", expect_true, 0, "Expected: seven == 8 is true" },
	{ "expect_false", expect_false, 0, "Expected: seven == 7 is false" },
	{ "expect_streq", expect_streq, 0, COMPARED("\"a\\n\" == \"b\"", "\"a\\n\"", "\"b\"") },
	{ "expect_streq_null", expect_streq_null, 0, COMPARED("NULL == \"\"", "NULL", "\"\"") },
	{ "expect_strne", expect_strne, 0, COMPARED("\"a\" != \"a\"", "\"a\"", "\"a\"") },
	{ "expect_memeq", expect_memeq, 0,
	  COMPARED("left_bytes == right_bytes", "ab 00 00",
		   "cd 00 00") "\n  bytes from offset 17 of 20" },
	{ "add_failure", add_failure, 0, "step 3 of seven" },
	{ "assert_eq", assert_eq, 1, COMPARED("seven == 8", "7 (0x7)", "8 (0x8)") },
	{ "assert_ne", assert_ne, 1, COMPARED("seven != 7", "7 (0x7)", "7 (0x7)") },
	{ "assert_lt", assert_lt, 1, COMPARED("seven < 7", "7 (0x7)", "7 (0x7)") },
	{ "assert_le", assert_le, 1, COMPARED("seven <= 6", "7 (0x7)", "6 (0x6)") },
	{ "assert_gt", assert_gt, 1, COMPARED("seven > 7", "7 (0x7)", "7 (0x7)") },
	{ "assert_ge", assert_ge, 1, COMPARED("seven >= 8", "7 (0x7)", "8 (0x8)") },
	{ "assert_true", assert_true, 1, "Expected: seven == 8 is true" },
	{ "assert_false", assert_false, 1, "Expected: seven == 7 is false" },
	{ "assert_streq", assert_streq, 1, COMPARED("\"a\" == \"b\"", "\"a\"", "\"b\"") },
	{ "assert_strne", assert_strne, 1, COMPARED("\"a\" != \"a\"", "\"a\"", "\"a\"") },
	{ "assert_memeq", assert_memeq, 1,
	  COMPARED("\"ab\" == \"ac\"", "62", "63") "\n  bytes from offset 1 of 2" },
};
/* clang-format on */

const size_t failing_cases_count = sizeof(failing_cases) / sizeof(failing_cases[0]);

void failing_under_a_note(void)
{
	for (int row = 7; row < 8; row++) {
		SCOPED_NOTE("row %d", row);
		ADD_FAILURE("noted");
	}
	ADD_FAILURE("not noted");
}

void skipping(void)
{
	SKIP_TEST("without %s", "hardware");
	ADD_FAILURE("reached");
}
