/* SPDX-License-Identifier: Apache-2.0 */
/* Latin hypercube samples. */
#include "sample.h"

#include "types.h"

/* splitmix64 (Steele, Lea and Flood 2014): every seed is as good as any. */
static u64 next(u64 *state)
{
	u64 z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static u64 below(u64 *state, u64 bound)
{
	return (u64)((u128)next(state) * bound >> 64);
}

void sample_draw(const struct sample *sample, unsigned int column, unsigned long long count,
		 unsigned int *out)
{
	u64 state = sample->seed + 0x632be59bd9b4e019ULL * (column + 1);

	/* strata in an order of their own: Fisher and Yates, as Durstenfeld has it */
	for (unsigned int i = 0; i < sample->points; i++) {
		unsigned int other = (unsigned int)below(&state, i + 1);

		if (other != i)
			out[i] = out[other];
		out[other] = i;
	}
	/* a place within each, in units of a 2^32nd of a stratum */
	for (unsigned int i = 0; i < sample->points; i++) {
		u128 place = (u128)out[i] << 32 | (next(&state) >> 32);

		out[i] = (unsigned int)(place * count / sample->points >> 32);
	}
}
