/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the benchmarks measure (tests/bench/nested.c) are translations and no faults.
 */
#include "../bench/nested.h"
#include "gtest_c.h"

struct caches_row {
	const char *name;
	enum nested_caches caches;
	long reads; /* of a page, once the caches are warm */
};

static const struct caches_row caches_rows[] = {
	{ "all", NESTED_CACHES_ALL, 0 },
	{ "without_iotlb", NESTED_CACHES_WITHOUT_IOTLB, 2 },
	{ "of_contexts", NESTED_CACHES_OF_CONTEXTS, 24 },
	{ "none", NESTED_CACHES_NONE, 28 },
};

TEST_WITH_NAMED_PARAMS(bench_nested, reads_as_many_entries_as_its_caches_leave, struct caches_row,
		       caches_rows, name)
{
	struct nested *nested = nested_create(param->caches, 16, 200);

	EXPECT_GT(nested_sweep(nested), 0);
	EXPECT_EQ(nested_sweep(nested), 16 * param->reads);
	EXPECT_TRUE(nested_sweep_pasids(nested));
	nested_destroy(nested);
}
