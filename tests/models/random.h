/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_MODELS_RANDOM_H
#define TESTS_MODELS_RANDOM_H

#include "types.h"

/** The next number of a stream (xorshift64*, Vigna 2016), which *state, not 0, stands for. */
static inline u64 random_next(u64 *state)
{
	u64 x = *state;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	*state = x;
	return x * 0x2545f4914f6cdd1dULL;
}

#endif
