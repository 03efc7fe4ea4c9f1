/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VT-d unit in nested translation, 4 levels over 4, with its tables in memory: what the benchmarks of the
 * models translate with. Untimed, and nobody looks.
 */
#ifndef TESTS_BENCH_NESTED_H
#define TESTS_BENCH_NESTED_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Which caches the unit has. */
enum nested_caches {
	NESTED_CACHES_ALL,
	NESTED_CACHES_WITHOUT_IOTLB,
	NESTED_CACHES_OF_CONTEXTS, /* no IOTLB and no paging-structure caches: 24 reads a request */
	NESTED_CACHES_NONE, /* 28 reads a request */
};

struct nested;

/** Builds one whose PASIDs 1 to pasids - 1 all share tables of so many pages; 0 is of requests without PASID. */
struct nested *nested_create(enum nested_caches caches, unsigned int pages, unsigned int pasids);

void nested_destroy(struct nested *nested);

/** Reads once in each page, with PASID 1. Table reads in all; -1 after a fault. */
long nested_sweep(struct nested *nested);

/** Reads the first page with each PASID. False after a fault. */
bool nested_sweep_pasids(struct nested *nested);

/** Bytes of simulated memory that cost host memory. */
size_t nested_touched(const struct nested *nested);

#ifdef __cplusplus
}
#endif

#endif
