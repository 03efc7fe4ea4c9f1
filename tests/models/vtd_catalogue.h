/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue of faults: every reason, by each wrong bit that leads to it in an otherwise working unit, in every kind
 * of request that can meet it, in legacy and scalable mode, with FPD clear and set in each entry on the way.
 * vtd_catalogue_entries_test.c and vtd_catalogue_walks_test.c have the rows, vtd_catalogue_complete_test.c looks at what
 * they leave out.
 */
#ifndef TESTS_MODELS_VTD_CATALOGUE_H
#define TESTS_MODELS_VTD_CATALOGUE_H

#include "vtd_machine.h"

/* What the rows' units map, and where interrupts go. */
#define INPUT 0x7f1234567000ULL
#define GUEST 0x40000000ULL
#define HOST 0x123456000ULL
#define INTERRUPTS 0xfee01000ULL

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
	/* what makes a page dirty */
	KINDS_DIRTY = KIND_WRITE | KIND_ASK | KIND_ASK_EXECUTE,
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

/* For tables of rows. */
#define NAMED(provoke_, name_) .name = name_, .provoke = provoke_
#define BY(provoke_) NAMED(provoke_, #provoke_)
#define LEGACY_BY(provoke_) NAMED(provoke_, "legacy_" #provoke_)
#define INPUT_ALONE(name_, input_) .name = name_, .input = (input_)
#define ROW(fault_, pgtt_, kinds_, pasids_, reach_, answer_)                            \
	.fault = VTD_FAULT_##fault_, .pgtt = pgtt_, .kinds = kinds_, .pasids = pasids_, \
	.reach = REACHED_##reach_, .answer = ANSWER_##answer_
#define LEGACY_ROW(fault_, kinds_, reach_, answer_) \
	.legacy = true, ROW(fault_, SECOND_STAGE, kinds_, WITHOUT_PASID, reach_, answer_)
/* a fault of a walk by the PASID entry */
#define WALK_ROW(fault_, pgtt_, kinds_, answer_) ROW(fault_, pgtt_, kinds_, EITHER, PASID, answer_)

#define GRANTS_NOTHING NOTHING_GRANTED

/* The two parts of the catalogue. */
const struct fault_row *vtd_catalogue_entries(size_t *count);
const struct fault_row *vtd_catalogue_walks(size_t *count);

/* Expects that each request that a row names meets its fault; and works where nothing provokes it. */
void fault_row_expect_met(const struct fault_row *row);
void fault_row_expect_sound(const struct fault_row *row);

/* Of the entry at an address, which may have several quadwords. */
void set_bit(struct machine *machine, u64 address, unsigned int bit);
void clear_bit(struct machine *machine, u64 address, unsigned int bit);
/* Of PASID 1, and of PASID 0, which requests without PASID use. */
void change_pasid_entries(struct machine *machine, const char *field, u64 value);

/*
 * False for reasons that are recorded whatever FPD says ("Qualified" in Tables 15 and 30): no entry was reached, or none
 * could be read behind the one that was.
 */
bool vtd_catalogue_qualified(enum vtd_fault fault);

#endif
