/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A histogram of times over the whole range of u64 with a relative error below 1/256: values fall into buckets that
 * are linear within each power of two, as in HDR histograms (whose C library Debian does not package).
 */
#ifndef SIM_HISTOGRAM_H
#define SIM_HISTOGRAM_H

#include "types.h"

#define HISTOGRAM_SUB_BITS 8 /* 2^8 buckets in each power of two */
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_SUB_BITS + 1) << HISTOGRAM_SUB_BITS)

struct histogram {
	u64 *counts; /* allocated at the first value */
	u64 count;
	u64 sum; /* of all values, saturating */
	u64 min, max; /* valid if count */
};

/** Receives how long something took, each time that it happened. */
typedef void (*latency_visitor)(void *arg, const char *what, const struct histogram *times);

/** Adds a value. False when the host has no memory for the buckets. */
bool histogram_add(struct histogram *histogram, u64 value);

/**
 * The value below or at which so many of all lie: parts 500000 of 1000000 is the median. The highest value of the
 * bucket, but never above the maximum; 0 if there are no values.
 */
u64 histogram_percentile(const struct histogram *histogram, u64 millionths);

/** Mean of all values, rounded down; 0 without any. */
u64 histogram_mean(const struct histogram *histogram);

/** Frees the buckets and forgets all values. A zeroed struct is allowed. */
void histogram_clear(struct histogram *histogram);

#endif
