/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Latin hypercube samples: of so many points, each parameter's range is cut into as many strata, and each stratum is
 * used once.
 */
#ifndef SIM_STUDY_SAMPLE_H
#define SIM_STUDY_SAMPLE_H

#include <stddef.h>

#define SAMPLE_POINTS_MAX 100000u

/** What to draw. */
struct sample {
	unsigned int points; /* 1..SAMPLE_POINTS_MAX */
	unsigned long long seed;
};

/**
 * Draws one parameter's value at each point, as numbers below count (1 to 2^31); column: which parameter it is, each
 * has an order of its own. out: room for sample->points.
 */
void sample_draw(const struct sample *sample, unsigned int column, unsigned long long count,
		 unsigned int *out);

#endif
