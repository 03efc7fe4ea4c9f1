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

/** Of the number of a known set of capabilities: values that are odd follow. */
#define FUZZ_ODD 0x80u

/**
 * Takes capabilities (a known set, and bits of it that are to differ) and cache sizes; then, if they are to be odd:
 * ND 2:0, SSLPS 6:3, PSI 7, MAMV 13:8, NFR 23:16, PSS 28:24.
 */
struct vtd_config fuzz_unit_config(struct fuzz_input *in);

/** Puts what fuzz_unit_config() takes into a seed: a unit that can do all that the model knows; odd: 0 or as there. */
void fuzz_put_unit(struct fuzz_seed *seed, u64 odd);

/** Gives a command of GCMD as software does: the switches of the status, with one bit set or cleared. */
void fuzz_command(struct vtd_unit *unit, u32 bit, bool on);

/** As software begins with another queue: off, errors cleared, at its first descriptor, on. iqa: as IQA. */
void fuzz_queue(struct vtd_unit *unit, u64 iqa);

/** Root table and queue at their pages, translation on. */
void fuzz_start(struct vtd_unit *unit, bool scalable);

/** Sets a field of an entry by the names of vtd-format.h. */
void fuzz_field(u64 *entry, const char *format, const char *field, u64 value);

#endif
