/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue of faults as a table: vtd_catalogue_test.c has its rows and tries each of them,
 * vtd_catalogue_complete_test.c looks at what they leave out.
 */
#ifndef TESTS_MODELS_VTD_CATALOGUE_H
#define TESTS_MODELS_VTD_CATALOGUE_H

#include "vtd_machine.h"

/* Kinds of request, bits. */
enum fault_kind {
	KIND_READ = 1 << 0,
	KIND_WRITE = 1 << 1,
	KIND_EXECUTE = 1 << 2, /* with PASID alone */
	KIND_ASK = 1 << 3, /* translation request for all that the page grants */
	KIND_ASK_READ = 1 << 4, /* with NW set */
	KIND_TRANSLATED = 1 << 5, /* a read */
	KIND_TRANSLATED_WRITE = 1 << 6,
	KIND_PAGE = 1 << 7, /* page request */
	KIND_ASK_EXECUTE = 1 << 8, /* with PASID alone */
	KIND_COUNT = 9,

	KINDS_ACCESS = KIND_READ | KIND_WRITE,
	KINDS_PLAIN = KINDS_ACCESS | KIND_EXECUTE,
	KINDS_ASK = KIND_ASK | KIND_ASK_READ | KIND_ASK_EXECUTE,
	KINDS_EXECUTE = KIND_EXECUTE | KIND_ASK_EXECUTE,
	KINDS_WALK = KINDS_PLAIN | KINDS_ASK,
	KINDS_TRANSLATED = KIND_TRANSLATED | KIND_TRANSLATED_WRITE,
	KINDS_ALL = KINDS_WALK | KINDS_TRANSLATED,
	KINDS_TO_CONTEXT = KINDS_ALL | KIND_PAGE,
	KINDS_TO_ENTRY = KINDS_WALK | KIND_PAGE,
	/* without PASID */
	LEGACY_WALK = KINDS_ACCESS | KINDS_ASK,
	LEGACY_ALL = LEGACY_WALK | KINDS_TRANSLATED,
};

/* Requests with and without PASID, bits. */
enum fault_pasid { WITHOUT_PASID = 1, WITH_PASID = 2, EITHER = 3 };

/* The last entry with FPD that is read before the fault. */
enum fault_reach { REACHED_NONE, REACHED_CONTEXT, REACHED_DIRECTORY, REACHED_PASID, REACH_COUNT };

/* How a translation request ends. */
enum fault_answer { ANSWER_NOTHING_GRANTED, ANSWER_UNSUPPORTED, ANSWER_ABORT };

/* One way to a fault. */
struct fault_row {
	const char *name;
	enum vtd_fault fault;
	bool legacy;
	unsigned int pgtt; /* of PASIDs 0 and 1; legacy: PASS_THROUGH or SECOND_STAGE */
	unsigned int kinds, pasids;
	enum fault_reach reach;
	enum fault_answer answer;
	void (*provoke)(struct machine *machine); /* NULL: the input does */
	u64 input; /* 0: what fault_machine() maps */
	bool privileged;
	u32 pasid; /* 0: 1 */
	unsigned int pss; /* of the unit; 0: 19 */
	const char *without; /* field of ECAP that the unit has as 0, or NULL */
};

const struct fault_row *vtd_catalogue(size_t *count);

/*
 * False for reasons that are recorded whatever FPD says ("Qualified" in Tables 15 and 30): no entry was reached, or none
 * could be read behind the one that was.
 */
bool vtd_catalogue_qualified(enum vtd_fault fault);

#endif
