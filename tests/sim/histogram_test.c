/* SPDX-License-Identifier: Apache-2.0 */
/* Histograms: exact where they promise it, and never off by more than a 256th elsewhere. */
#include "gtest_c.h"
#include "histogram.h"

#include <stdlib.h>
#include <time.h>

TEST(histogram, without_values_gives_zeros)
{
	struct histogram h = { 0 };

	EXPECT_EQ(histogram_percentile(&h, 500000), 0);
	EXPECT_EQ(histogram_mean(&h), 0);
	histogram_clear(&h);
}

TEST(histogram, small_values_are_exact)
{
	struct histogram h = { 0 };

	for (u64 value = 1; value <= 200; value++)
		EXPECT_TRUE(histogram_add(&h, value));
	EXPECT_EQ(h.count, 200);
	EXPECT_EQ(h.min, 1);
	EXPECT_EQ(h.max, 200);
	EXPECT_EQ(histogram_mean(&h), 100);
	EXPECT_EQ(histogram_percentile(&h, 0), 1);
	EXPECT_EQ(histogram_percentile(&h, 5000), 1);
	EXPECT_EQ(histogram_percentile(&h, 5001), 2);
	EXPECT_EQ(histogram_percentile(&h, 500000), 100);
	EXPECT_EQ(histogram_percentile(&h, 950000), 190);
	EXPECT_EQ(histogram_percentile(&h, 999000), 200);
	EXPECT_EQ(histogram_percentile(&h, 1000000), 200);
	histogram_clear(&h);
	EXPECT_EQ(h.count, 0);
}

TEST(histogram, one_value_is_every_percentile_wherever_it_lies)
{
	for (unsigned int bit = 0; bit < 64; bit++) {
		const u64 values[] = { 1ULL << bit, (1ULL << bit) - 1, (1ULL << bit) + 1,
				       3ULL << bit >> 1 };

		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			struct histogram h = { 0 };

			histogram_add(&h, values[i]);
			EXPECT_EQ(histogram_percentile(&h, 1), values[i]);
			EXPECT_EQ(histogram_percentile(&h, 1000000), values[i]);
			EXPECT_EQ(histogram_mean(&h), values[i]);
			histogram_clear(&h);
		}
	}
}

TEST(histogram, the_sum_stays_at_its_limit)
{
	struct histogram h = { 0 };

	histogram_add(&h, ~0ULL);
	histogram_add(&h, ~0ULL);
	EXPECT_EQ(h.sum, ~0ULL);
	EXPECT_EQ(h.max, ~0ULL);
	EXPECT_EQ(histogram_percentile(&h, 500000), ~0ULL);
	histogram_clear(&h);
}

static int compare(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

TEST(histogram, percentiles_of_random_values_are_right_to_a_256th)
{
	static const u64 parts[] = { 1, 1000, 250000, 500000, 950000, 990000, 999000, 1000000 };
	enum { COUNT = 5000 };
	const char *given = getenv("VTDSIM_SEED");
	u64 seed = given ? strtoull(given, NULL, 0) : (u64)time(NULL), random = seed * 2 + 1;
	u64 *values = malloc(COUNT * sizeof(*values));
	struct histogram h = { 0 };

	SCOPED_NOTE("VTDSIM_SEED=%llu", seed);
	ASSERT_TRUE(values != NULL);
	for (size_t i = 0; i < COUNT; i++) {
		random = random * 6364136223846793005ULL + 1442695040888963407ULL;
		values[i] = random >> (random >> 58);
		histogram_add(&h, values[i]);
	}
	qsort(values, COUNT, sizeof(*values), compare);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		u64 rank = (COUNT * parts[i] + 999999) / 1000000;
		u64 exact = values[rank ? rank - 1 : 0];
		u64 found = histogram_percentile(&h, parts[i]);

		EXPECT_GE(found, exact);
		EXPECT_LE(found - exact, exact / 256);
	}
	histogram_clear(&h);
	free(values);
}
