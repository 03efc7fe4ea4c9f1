/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two units over equal memories, one without caches and one with tiny ones; and edits of their tables, each
 * followed by exactly the invalidations that section 6.5.3.3 (Table 28) of the specification requires.
 */
#ifndef TESTS_ORACLE_TRANSPARENCY_H
#define TESTS_ORACLE_TRANSPARENCY_H

#include "machines.h"

#define BIT(n) (1ULL << (n))
#define ADDRESS_BITS (BIT(52) - BIT(12))
#define QUEUE 0x8000000ULL /* a page that no table lies in */

enum { GCMD = 0x18, RTADDR = 0x20, FSTS = 0x34, IQT = 0x88, IQA = 0x90 };

/** What an edit demands; one of them can be left out. */
enum demand {
	NOTHING_LEFT_OUT,
	ALWAYS, /* whose lack would not show */
	ROOT_CONTEXT,
	ROOT_PASID,
	ROOT_IOTLB,
	CONTEXT_CONTEXT,
	CONTEXT_PASID,
	CONTEXT_IOTLB,
	LEGACY_CONTEXT_CONTEXT,
	LEGACY_CONTEXT_IOTLB,
	DIRECTORY_PASID,
	DIRECTORY_IOTLB,
	PASID_ENTRY_PASID,
	ABSENT_PASID_ENTRY_IOTLB, /* present to not present, with a second stage */
	PASID_ENTRY_PASID_IOTLB,
	FIRST_LEAF_PASID_IOTLB,
	FIRST_TABLE_PASID_IOTLB,
	FIRST_TABLE_HINT, /* IH is set where it must not be */
	SECOND_LEAF_IOTLB,
	SECOND_TABLE_IOTLB,
	SECOND_TABLE_HINT,
	/* with CM */
	ABSENT_SECOND_IOTLB,
	ABSENT_CONTEXT_CONTEXT,
	ABSENT_PASID_ENTRY_PASID,
};

/** Both units, and what lies between them. */
struct rig {
	struct scene *scene; /* its memory is the first unit's */
	struct memory *memories[2]; /* without caches, with them */
	struct memory *pristine; /* tables as they were made */
	struct vtd_unit *units[2];
	bool wide; /* 256-bit descriptors */
	u64 tail;
	/* the entry that leads to a copy of the table which it led to before, if address is not 0 */
	struct {
		u64 address, was;
	} twin;
	enum demand left_out;
};

/** Changes some table of both memories, and invalidates. */
void rig_edit(struct rig *rig);

#endif
