/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario that is run again and again, for benchmarks: read once, each run on a machine of its own. */
#ifndef TESTS_BENCH_REPEATED_H
#define TESTS_BENCH_REPEATED_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

struct repeated;

/** Reads a scenario of that text, or of that file. NULL, with a line on standard error, if it is none. */
struct repeated *repeated_parse(const char *text);
struct repeated *repeated_load(const char *path);

void repeated_free(struct repeated *repeated);

/** Number of kernels that the scenario names. */
size_t repeated_kernels(const struct repeated *repeated);

/** Runs it on one of them, by the platform's timing or that of this name. False if it does not pass. */
bool repeated_run(const struct repeated *repeated, size_t kernel, const char *timing);

#ifdef __cplusplus
}
#endif

#endif
