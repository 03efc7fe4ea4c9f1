/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Expectations that fail on purpose, written in C and run by test_failures.cpp, which looks at what
 * GoogleTest heard of them.
 */
#ifndef FAILING_CASES_H
#define FAILING_CASES_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a failing case leaves behind for its judge. */
struct failing_witness {
	int line; /* where the expectation stands */
	int went_on; /* the function was not left at the expectation */
};

struct failing_case {
	const char *name;
	void (*run)(struct failing_witness *witness);
	int fatal;
	const char *message; /* what the failure says, whole */
};

extern const struct failing_case failing_cases[];
extern const size_t failing_cases_count;
extern const char failing_cases_file[];

/** A test body with one failure under the note "row 7" and one after it. */
void failing_under_a_note(void);

/** A test body that skips itself before it fails. */
void skipping(void);

#ifdef __cplusplus
}
#endif

#endif /* FAILING_CASES_H */
