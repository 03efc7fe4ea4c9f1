/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What gtest_c.h promises to a test that passes: which values compare as what, and which rows run.
 * Failures are test_failures.cpp's.
 */
#include "gtest_c.h"

enum colour { RED, GREEN = 7 };

TEST(gtest_c_values, integers_of_all_widths_compare_as_numbers)
{
	const unsigned char byte = 255;
	signed char small = -1;
	short s = -1;
	unsigned short us = 65535;
	unsigned long long all_ones = ~0ULL;

	EXPECT_EQ(byte, 255);
	EXPECT_EQ(small, s);
	EXPECT_EQ(us, 65535L);
	EXPECT_EQ('a', 97u);
	EXPECT_LT(s, 0u);
	EXPECT_GT(all_ones, -1);
	EXPECT_NE(all_ones, -1);
	EXPECT_GE(all_ones, 0x7fffffffffffffffLL);
	EXPECT_LE(-2LL, -1);
	ASSERT_EQ(-22, -22L);
	ASSERT_LT(-22, -21);
	ASSERT_LE(1, 1);
	ASSERT_GT(1, 0);
	ASSERT_GE(1, 1);
	ASSERT_NE(1, 2);
}

TEST(gtest_c_values, bools_and_enums_compare_with_integers)
{
	enum colour colour = GREEN;
	_Bool yes = 1;

	EXPECT_EQ(colour, GREEN);
	EXPECT_EQ(colour, 7);
	EXPECT_EQ(yes, 1);
	EXPECT_TRUE(yes);
	EXPECT_FALSE(!yes);
	ASSERT_TRUE(colour == GREEN);
	ASSERT_FALSE(colour == RED);
}

TEST(gtest_c_values, pointers_and_arrays_compare_by_address)
{
	static const int array[2];
	const int *first = array;
	volatile int *none = NULL;

	EXPECT_EQ(array, first);
	EXPECT_EQ(none, NULL);
	EXPECT_NE(&array[1], first);
	EXPECT_LT(&array[0], &array[1]);
}

TEST(gtest_c_values, operands_are_evaluated_once)
{
	int calls = 0;

	EXPECT_EQ(++calls, 1);
	EXPECT_TRUE(++calls);
	ASSERT_NE(++calls, 0);
	EXPECT_EQ(calls, 3);
}

TEST(gtest_c_values, strings_compare_by_content_and_null_equals_only_null)
{
	char text[] = "text";

	EXPECT_STREQ(text, "text");
	EXPECT_STRNE(text, "Text");
	EXPECT_STRNE(text, NULL);
	ASSERT_STREQ(NULL, NULL);
	ASSERT_STRNE(NULL, "");
}

TEST(gtest_c_values, bytes_compare_up_to_their_length)
{
	EXPECT_MEMEQ("abcd", "abxy", 2);
	ASSERT_MEMEQ("a", "b", 0);
}

struct row {
	const char *name;
	int number;
};

static const struct row rows[] = {
	{ "zero", 0 },
	{ "one two", 1 },
	{ NULL, 2 },
};

TEST_WITH_PARAMS(gtest_c_rows, each_row_is_one_test, struct row, rows)
{
	EXPECT_EQ(param->number, param - rows);
}

TEST_WITH_NAMED_PARAMS(gtest_c_rows, a_row_may_name_its_test, struct row, rows, name)
{
	EXPECT_GE(param->number, 0);
}
