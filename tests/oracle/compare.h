/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model beside the oracle: one request to both over the same memory, and all that can be seen of
 * either compared. Also whole machines as data, which can be run again, made smaller and written down.
 */
#ifndef TESTS_ORACLE_COMPARE_H
#define TESTS_ORACLE_COMPARE_H

#include "machines.h"
#include "oracle.h"

#include <stdio.h>

#define PAIR_CHANGES 64

/** A unit with caches off over a memory, programmed through its registers. */
struct pair {
	struct oracle_unit oracle;
	struct memory *memory;
	struct vtd_unit *unit;
	unsigned int frcd; /* offset of the fault recording registers */
	struct oracle_mark changes[PAIR_CHANGES]; /* by the request under way: bits that were set */
	unsigned int change_count;
	u64 wrong_write; /* where memory was written otherwise than by setting bits, or 0 */
	void (*plant)(struct oracle_answer *answer); /* changes what the oracle says, or NULL */
};

/** Where model and oracle disagree first. */
struct difference {
	const char *what; /* NULL: they agree */
	u64 model, oracle;
	u64 entry; /* of flags: where they lie */
	struct oracle_answer answer;
};

/** Starts translation; the memory is the caller's. */
void pair_start(struct pair *pair, const struct vtd_config *config, struct memory *memory,
		u64 root_table_address);
void pair_stop(struct pair *pair);

/** The bits of one entry in a list of marks. */
u64 marks_of(const struct oracle_mark *marks, unsigned int count, u64 entry);

/** Takes one request through both, and clears what was recorded. */
struct difference pair_ask(struct pair *pair, const struct translation_request *request);

struct image_quad {
	u64 address, value;
};

/** All that one request depends on. */
struct image {
	struct vtd_config config;
	u64 root_table_address;
	struct image_quad *quads;
	size_t count;
	u64 poisoned; /* a page, or 0 */
	struct translation_request request;
	void (*plant)(struct oracle_answer *answer);
};

/** The memory of a scene as it is now. To be freed by image_clear(). */
void image_take(struct image *image, const struct scene *scene,
		const struct scene_mutation *mutation, const struct translation_request *request);
void image_clear(struct image *image);

struct difference image_ask(const struct image *image);

/** Drops entries and bits while something still differs. */
struct difference image_shrink(struct image *image, struct difference difference);

/** The image as a scenario in YAML whose last step expects what the oracle says. */
void image_print(FILE *out, const struct image *image, const struct difference *difference);

#endif
