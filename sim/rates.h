/* SPDX-License-Identifier: Apache-2.0 */
/* How counters of a unit grew over time: a table with a row for each interval. */
#ifndef SIM_RATES_H
#define SIM_RATES_H

#include "types.h"

/** A table of one unit. */
struct rates {
	const char *const *names; /* of the columns, NULL-terminated */
	size_t row_count;
	const u64 *times; /* ps, of each row: the end of its interval; the first one begins at 0 */
	const u64 *values; /* row by row: by how much each counter grew */
};

#endif
