/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second reading of the VT-d specification (Rev. 5.10; what older revisions had and it dropped is
 * taken from Rev. 3.x): what becomes of one request, by memory alone. No caches, no state, nothing
 * shared with models/vtd/. Memory is only read; what hardware would set in it is in the answer.
 */
#ifndef TESTS_ORACLE_ORACLE_H
#define TESTS_ORACLE_ORACLE_H

#include "mem/memory.h"
#include "translation.h"

/** What of a unit decides about a translation; remapping is enabled. */
struct oracle_unit {
	u64 cap; /* Capability Register */
	u64 ecap; /* Extended Capability Register */
	unsigned int host_address_width; /* bits */
	u64 root_table_address; /* Root Table Address Register as the last SRTP latched it */
};

/** Flags that hardware sets in one 8-byte table entry. */
struct oracle_mark {
	hpa_t entry;
	u64 bits;
};

/* 5 first-stage entries and the page, each through 5 second-stage entries with A and D */
#define ORACLE_MARKS 64

/** A Translation Completion (4.2.3); all clear where R and W are. */
struct oracle_completion {
	bool read;
	bool write;
	bool execute;
	bool privileged;
	bool no_snoop; /* N */
	bool untranslated_only; /* U */
	u64 address; /* valid with R or W and without U */
	u64 size; /* bytes */
};

struct oracle_answer {
	unsigned int fault; /* Table 30 (and 29h of Table 15); 0: none */
	bool recorded; /* the fault goes to a fault recording register */
	u64 record[2]; /* 11.4.7.6, if recorded */
	bool interrupt; /* an interrupt request, not remapped as DMA */
	hpa_t address; /* this and the next two without fault */
	u64 page_size; /* bytes */
	unsigned int rights; /* ORed enum access that the tables grant to this requester */
	unsigned int table_reads; /* entries fetched, the failing one included */
	enum ats_status ats_status; /* translation and translated requests */
	struct oracle_completion completion; /* translation requests that end with success */
	/*
	 * Without fault all of them are set; with one, any of them may be (3.6.2, 3.7.2: hardware
	 * may set A and EA speculatively), and no other bit of memory changes.
	 */
	struct oracle_mark marks[ORACLE_MARKS];
	unsigned int mark_count;
};

/** What the unit does with the request. Does not write memory. */
struct oracle_answer oracle_ask(const struct oracle_unit *unit, struct memory *memory,
				const struct translation_request *request);

/** Whether setting FPD in a structure on the way suppresses the record (Table 30, "Qualified"). */
bool oracle_qualified(unsigned int fault);

#endif
