// SPDX-License-Identifier: Apache-2.0
/* Bit operations and bitmaps against bit-by-bit references; fields; powers of two; strings. */
#include "rig.h"

#include <linux/bitfield.h>
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#define BITS 200u

static void random_bits(unsigned long *map, u64 *random)
{
	size_t i;

	for (i = 0; i < BITS_TO_LONGS(BITS); i++)
		map[i] = rig_random(random) & rig_random(random);
}

TEST(lib_bits, searches_find_the_next_bit_as_a_walk_does)
{
	DECLARE_BITMAP(map, BITS);
	u64 random = 77;
	unsigned long from, bit;

	random_bits(map, &random);
	for (from = 0; from < BITS; from++) {
		for (bit = from; bit < BITS && !test_bit(bit, map); bit++)
			;
		EXPECT_EQ(find_next_bit(map, BITS, from), bit);
		for (bit = from; bit < BITS && test_bit(bit, map); bit++)
			;
		EXPECT_EQ(find_next_zero_bit(map, BITS, from), bit);
	}
	for (bit = BITS; bit-- > 0 && !test_bit(bit, map);)
		;
	EXPECT_EQ(find_last_bit(map, BITS), bit);
	bitmap_zero(map, BITS);
	EXPECT_EQ(find_last_bit(map, BITS), BITS);
	EXPECT_EQ(find_first_bit(map, BITS), BITS);
}

TEST(lib_bits, set_and_clear_change_just_the_range)
{
	unsigned int start, len, bit;

	for (start = 0; start < BITS; start += 13) {
		for (len = 0; start + len <= BITS; len += 7) {
			DECLARE_BITMAP(set, BITS);
			DECLARE_BITMAP(clear, BITS);

			bitmap_zero(set, BITS);
			bitmap_fill(clear, BITS);
			bitmap_set(set, start, len);
			bitmap_clear(clear, start, len);
			for (bit = 0; bit < BITS; bit++) {
				bool inside = bit >= start && bit < start + len;

				EXPECT_EQ(test_bit(bit, set), inside);
				EXPECT_EQ(test_bit(bit, clear), !inside);
			}
			EXPECT_EQ(bitmap_weight(set, BITS), len);
			EXPECT_EQ(bitmap_empty(set, BITS), len == 0);
			EXPECT_EQ(bitmap_full(set, BITS), len == BITS);
		}
	}
}

TEST(lib_bits, shift_left_moves_every_bit_also_in_place)
{
	DECLARE_BITMAP(map, BITS);
	DECLARE_BITMAP(moved, BITS);
	u64 random = 5;
	unsigned int shift, bit;

	for (shift = 0; shift < BITS; shift += 9) {
		random_bits(map, &random);
		bitmap_shift_left(moved, map, shift, BITS);
		for (bit = 0; bit < BITS; bit++)
			EXPECT_EQ(test_bit(bit, moved), bit >= shift && test_bit(bit - shift, map));
		bitmap_shift_left(map, map, shift, BITS);
		EXPECT_MEMEQ(map, moved, sizeof(map));
	}
}

TEST(lib_bits, or_and_and_combine_words)
{
	DECLARE_BITMAP(a, BITS);
	DECLARE_BITMAP(b, BITS);
	DECLARE_BITMAP(out, BITS);
	u64 random = 9;
	size_t i;

	random_bits(a, &random);
	random_bits(b, &random);
	bitmap_or(out, a, b, BITS);
	for (i = 0; i < BITS_TO_LONGS(BITS); i++)
		EXPECT_EQ(out[i], a[i] | b[i]);
	bitmap_and(out, a, b, BITS);
	for (i = 0; i < BITS_TO_LONGS(BITS); i++)
		EXPECT_EQ(out[i], a[i] & b[i]);
}

TEST(lib_bits, a_zero_area_is_free_aligned_and_the_first)
{
	DECLARE_BITMAP(map, BITS);

	bitmap_zero(map, BITS);
	bitmap_set(map, 0, 3);
	bitmap_set(map, 10, 1);
	EXPECT_EQ(bitmap_find_next_zero_area(map, BITS, 0, 7, 0), 3);
	EXPECT_EQ(bitmap_find_next_zero_area(map, BITS, 0, 8, 0), 11);
	EXPECT_EQ(bitmap_find_next_zero_area(map, BITS, 0, 8, 7), 16);
	EXPECT_GT(bitmap_find_next_zero_area(map, BITS, 0, BITS, 0), BITS);
}

TEST(lib_bits, single_bits_report_what_was_there)
{
	unsigned long word[2] = { 0, 0 };

	EXPECT_FALSE(test_and_set_bit(70, word));
	EXPECT_TRUE(test_and_set_bit(70, word));
	EXPECT_EQ(word[1], 1UL << 6);
	EXPECT_TRUE(test_and_clear_bit(70, word));
	EXPECT_FALSE(test_and_clear_bit(70, word));
	change_bit(3, word);
	EXPECT_EQ(word[0], 8);
}

TEST(lib_bits, words_are_measured)
{
	EXPECT_EQ(__ffs(0x18), 3);
	EXPECT_EQ(__fls(0x18), 4);
	EXPECT_EQ(ffz(0x7), 3);
	EXPECT_EQ(fls(0), 0);
	EXPECT_EQ(fls(0x80000000), 32);
	EXPECT_EQ(fls64(1ULL << 40), 41);
	EXPECT_EQ(fls_long(2), 2);
	EXPECT_EQ(hweight32(0xf0f), 8);
	EXPECT_EQ(sign_extend64(0x80, 7), -128);
	EXPECT_EQ(rol32(0x80000001, 1), 3);
	EXPECT_EQ(ilog2(4096), 12);
	EXPECT_EQ(order_base_2(4097), 13);
	EXPECT_EQ(order_base_2(1), 0);
	EXPECT_EQ(roundup_pow_of_two(5), 8);
	EXPECT_EQ(rounddown_pow_of_two(5), 4);
	EXPECT_TRUE(is_power_of_2(64));
	EXPECT_FALSE(is_power_of_2(0));
	EXPECT_EQ(GENMASK_ULL(39, 8), 0xffffffff00ULL);
	EXPECT_EQ(FIELD_GET(GENMASK_ULL(15, 8), 0x1234), 0x12);
	EXPECT_EQ(FIELD_PREP(GENMASK_ULL(15, 8), 0x56), 0x5600);
	EXPECT_EQ(FIELD_MAX(GENMASK_ULL(15, 8)), 0xff);
	EXPECT_FALSE(FIELD_FIT(GENMASK_ULL(15, 8), 0x100));
}

TEST(lib_bits, rounding_and_sizes)
{
	size_t sum;
	u32 rest;

	EXPECT_EQ(round_up(4097ULL, 4096), 8192);
	EXPECT_EQ(round_down(8191UL, 4096), 4096);
	EXPECT_EQ(roundup(10, 3), 12);
	EXPECT_EQ(rounddown(10, 3), 9);
	EXPECT_EQ(ALIGN(1UL, 4096), 4096);
	EXPECT_TRUE(IS_ALIGNED(8192UL, 4096));
	EXPECT_EQ(DIV_ROUND_UP(9, 4), 3);
	EXPECT_EQ(min(3, 4), 3);
	EXPECT_EQ(max3(3, 5, 4), 5);
	EXPECT_EQ(clamp(9, 1, 5), 5);
	EXPECT_EQ(min_not_zero(0, 7), 7);
	EXPECT_EQ(min_not_zero(3, 7), 3);
	EXPECT_TRUE(check_add_overflow(SIZE_MAX, (size_t)1, &sum));
	EXPECT_EQ(size_mul(SIZE_MAX, 2), SIZE_MAX);
	EXPECT_EQ(size_add(SIZE_MAX, 2), SIZE_MAX);
	EXPECT_EQ(div_u64_rem(17, 5, &rest), 3);
	EXPECT_EQ(rest, 2);
	EXPECT_EQ(div_u64(9, 2), 4);
	EXPECT_EQ(div64_u64(9, 4), 2);
	EXPECT_EQ(upper_32_bits(0x1234567890ULL), 0x12);
	EXPECT_EQ(lower_32_bits(0x1234567890ULL), 0x34567890);
}

/* ---- strings and numbers in text ---- */

TEST(lib_string, strscpy_always_terminates_and_tells_of_a_cut)
{
	char buf[4];

	EXPECT_EQ(strscpy(buf, "abc", sizeof(buf)), 3);
	EXPECT_STREQ(buf, "abc");
	EXPECT_EQ(strscpy(buf, "abcd", sizeof(buf)), -E2BIG);
	EXPECT_STREQ(buf, "abc");
	EXPECT_EQ(strscpy(buf, "", 0), -E2BIG);
}

TEST(lib_string, scnprintf_tells_what_it_wrote)
{
	char buf[4];

	EXPECT_EQ(scnprintf(buf, sizeof(buf), "%d", 12), 2);
	EXPECT_EQ(scnprintf(buf, sizeof(buf), "%d", 12345), 3);
	EXPECT_EQ(scnprintf(buf, 0, "%d", 12345), 0);
}

TEST(lib_string, memchr_inv_finds_the_first_other_byte)
{
	const u8 bytes[] = { 0, 0, 7, 0 };

	EXPECT_EQ(memchr_inv(bytes, 0, sizeof(bytes)), &bytes[2]);
	EXPECT_EQ(memchr_inv(bytes, 0, 2), NULL);
}

static const struct number {
	const char *text;
	unsigned int base;
	int ret;
	unsigned long long value;
} numbers[] = {
	{ "42", 10, 0, 42 },
	{ "+42\n", 0, 0, 42 },
	{ "0x1f", 0, 0, 0x1f },
	{ "ff", 16, 0, 0xff },
	{ "ff", 10, -EINVAL, 0 },
	{ "", 0, -EINVAL, 0 },
	{ "-1", 0, -EINVAL, 0 },
	{ " 1", 0, -EINVAL, 0 },
	{ "1x", 0, -EINVAL, 0 },
	{ "18446744073709551615", 0, 0, ~0ULL },
	{ "18446744073709551616", 0, -ERANGE, 0 },
};

TEST_WITH_PARAMS(lib_string, numbers_are_whole_texts_or_nothing, struct number, numbers)
{
	unsigned long long value = 0;

	SCOPED_NOTE("text \"%s\"", param->text);
	EXPECT_EQ(kstrtoull(param->text, param->base, &value), param->ret);
	EXPECT_EQ(value, param->value);
}

TEST(lib_string, narrow_numbers_have_their_ranges)
{
	unsigned int u;
	unsigned long ul;
	int i;

	EXPECT_EQ(kstrtouint("4294967295", 0, &u), 0);
	EXPECT_EQ(u, ~0u);
	EXPECT_EQ(kstrtouint("4294967296", 0, &u), -ERANGE);
	EXPECT_EQ(kstrtouint("x", 0, &u), -EINVAL);
	EXPECT_EQ(kstrtoul("7", 0, &ul), 0);
	EXPECT_EQ(ul, 7);
	EXPECT_EQ(kstrtoint("-2147483648", 0, &i), 0);
	EXPECT_EQ(i, -2147483647 - 1);
	EXPECT_EQ(kstrtoint("2147483648", 0, &i), -ERANGE);
	EXPECT_EQ(kstrtoint("--1", 0, &i), -EINVAL);
}

TEST(lib_string, booleans_have_eight_words)
{
	bool value = false;

	EXPECT_EQ(kstrtobool("on", &value), 0);
	EXPECT_TRUE(value);
	EXPECT_EQ(kstrtobool("N", &value), 0);
	EXPECT_FALSE(value);
	EXPECT_EQ(kstrtobool("maybe", &value), -EINVAL);
}
