/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random machines for the oracle and the model: capabilities, tables of mostly valid entries, requests
 * that mostly meet a mapping, and mutations of single entries. All of it follows from a seed. What
 * should come of a request is not known here.
 */
#ifndef TESTS_ORACLE_MACHINES_H
#define TESTS_ORACLE_MACHINES_H

#include "mem/memory.h"
#include "translation.h"
#include "vtd/vtd.h"

/** A source of random numbers: splitmix64. */
struct dice {
	u64 state;
};

u64 dice_next(struct dice *dice);

/** 0 .. n - 1 */
u64 dice_below(struct dice *dice, u64 n);

/** True in percent of 100 cases. */
bool dice_chance(struct dice *dice, unsigned int percent);

enum scene_kind {
	SCENE_ROOT,
	SCENE_CONTEXT,
	SCENE_DIRECTORY,
	SCENE_PASID_ENTRY,
	SCENE_FIRST_STAGE,
	SCENE_SECOND_STAGE,
	SCENE_KINDS,
};

/** A table entry that was made. */
struct scene_entry {
	enum scene_kind kind;
	u64 address; /* host-physical */
	unsigned int quads; /* 8 bytes each */
};

#define SCENE_PAGES 320
#define SCENE_ENTRIES 1536
#define SCENE_SPACES 10
#define SCENE_INPUTS 8
#define SCENE_BASE 0x10000000ULL /* where tables lie: below what a kernel's RAM is */
#define SCENE_LEGACY 0 /* struct scene_space.pgtt of a legacy context entry with tables */

/** An address space, and who uses it. */
struct scene_space {
	u16 source_id;
	bool has_pasid; /* else it is that of requests without PASID */
	u32 pasid; /* of the requests, or RID_PASID */
	u16 domain_id;
	unsigned int pgtt; /* as in PASID entries; legacy: SCENE_LEGACY or 4 */
	unsigned int first_levels, second_levels; /* 0: there is no such stage */
	u64 first_root; /* guest-physical if nested */
	u64 second_root;
	u64 root_entry, context_entry, directory_entry, pasid_entry; /* host-physical, 0: none */
	u64 inputs[SCENE_INPUTS]; /* what is mapped */
	unsigned int input_count;
};

struct scene {
	struct dice dice;
	struct vtd_config config; /* caches off */
	struct memory *memory;
	u64 root_table_address; /* RTADDR */
	bool tidy; /* no table has two uses, and domain ids obey 6.2.3.1 */
	u64 guest_offset; /* guest-physical - host-physical address of first-stage tables */
	enum scene_kind page_kinds[SCENE_PAGES];
	unsigned int page_count;
	struct scene_entry entries[SCENE_ENTRIES];
	unsigned int entry_count;
	struct scene_space spaces[SCENE_SPACES];
	unsigned int space_count;
};

/** What a mutation was, to take it back. */
struct scene_mutation {
	u64 address; /* of 8 bytes */
	u64 was;
	bool poisoned; /* the page of address */
	bool none;
};

/** Makes a machine from a seed; to be freed by scene_destroy(). */
struct scene *scene_create(u64 seed, bool tidy);
void scene_destroy(struct scene *scene);

/** Changes something about one entry. */
struct scene_mutation scene_mutate(struct scene *scene);
void scene_restore(struct scene *scene, const struct scene_mutation *mutation);

struct translation_request scene_request(struct scene *scene);

u64 scene_load(const struct scene *scene, u64 address);
void scene_store(struct scene *scene, u64 address, u64 value);

/** The address in the entry's table that input selects at that level (1: PTE). */
u64 scene_index(u64 input, unsigned int level);

/**
 * The entry at that level on the way to input, host-physical; 0 if a table is missing or a page lies
 * above. A first stage's tables are found by guest_offset.
 */
u64 scene_first_entry(const struct scene *scene, const struct scene_space *space, u64 input,
		      unsigned int level);
u64 scene_second_entry(const struct scene *scene, const struct scene_space *space, u64 input,
		       unsigned int level);

#endif
