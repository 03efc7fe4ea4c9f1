/* SPDX-License-Identifier: Apache-2.0 */
/* Buckets of a histogram, and percentiles from them. */
#include "histogram.h"

#include <stdlib.h>

#define SUB (1u << HISTOGRAM_SUB_BITS)

static size_t bucket_of(u64 value)
{
	unsigned int shift;

	if (value < SUB)
		return (size_t)value;
	shift = 63u - (unsigned int)__builtin_clzll(value) - HISTOGRAM_SUB_BITS;
	return ((size_t)(shift + 1) << HISTOGRAM_SUB_BITS) + (size_t)(value >> shift) - SUB;
}

static u64 highest_of(size_t bucket)
{
	unsigned int shift;

	if (bucket < SUB)
		return bucket;
	shift = (unsigned int)(bucket >> HISTOGRAM_SUB_BITS) - 1;
	return ((u64)(SUB + (bucket & (SUB - 1))) << shift) + ((1ULL << shift) - 1);
}

bool histogram_add(struct histogram *histogram, u64 value)
{
	if (!histogram->counts) {
		histogram->counts = calloc(HISTOGRAM_BUCKETS, sizeof(*histogram->counts));
		if (!histogram->counts)
			return false;
		histogram->min = ~0ULL;
	}
	histogram->counts[bucket_of(value)]++;
	histogram->count++;
	histogram->sum = histogram->sum + value < value ? ~0ULL : histogram->sum + value;
	if (value < histogram->min)
		histogram->min = value;
	if (value > histogram->max)
		histogram->max = value;
	return true;
}

u64 histogram_percentile(const struct histogram *histogram, u64 millionths)
{
	/* the smallest number of values that is at least that part of all, and one at least */
	u64 wanted = (u64)(((u128)histogram->count * millionths + 999999) / 1000000);
	u64 seen = 0;
	size_t i;

	if (!histogram->count)
		return 0;
	for (i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->counts[i];
		if (seen && seen >= wanted)
			break;
	}
	return highest_of(i) < histogram->max ? highest_of(i) : histogram->max;
}

u64 histogram_mean(const struct histogram *histogram)
{
	return histogram->count ? histogram->sum / histogram->count : 0;
}

void histogram_clear(struct histogram *histogram)
{
	free(histogram->counts);
	*histogram = (struct histogram){ 0 };
}
