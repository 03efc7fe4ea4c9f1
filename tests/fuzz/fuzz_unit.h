/* SPDX-License-Identifier: Apache-2.0 */
/* A VT-d unit of capabilities that the input chooses, for the targets that have one. */
#ifndef TESTS_FUZZ_FUZZ_UNIT_H
#define TESTS_FUZZ_FUZZ_UNIT_H

#include "fuzz.h"
#include "vtd/vtd-format.h"
#include "vtd/vtd.h"

/* Where the unit's structures lie in the pages that targets fill; paging tables are in the rest. */
enum fuzz_page {
	FUZZ_ROOT = 0,
	FUZZ_CONTEXT = 1,
	FUZZ_DIRECTORY = 2,
	FUZZ_PASIDS = 3,
	FUZZ_QUEUE = 4,
	FUZZ_TABLES = 8,
};

/** Takes capabilities (a known set, and bits of it that are to differ) and cache sizes. */
struct vtd_config fuzz_unit_config(struct fuzz_input *in);

/**
 * Puts what fuzz_unit_config() takes into a seed: a unit that can do all that the model knows, but for the bits of CAP
 * and ECAP that are to differ.
 */
void fuzz_put_unit(struct fuzz_seed *seed, u64 cap_differs, u64 ecap_differs);

/** Gives a command of GCMD as software does: the switches of the status, with one bit set or cleared. */
void fuzz_command(struct vtd_unit *unit, u32 bit, bool on);

/** Root table and queue at their pages, translation on. */
void fuzz_start(struct vtd_unit *unit, bool scalable);

/** Sets a field of an entry by the names of vtd-format.h. */
void fuzz_field(u64 *entry, const char *format, const char *field, u64 value);

#endif
