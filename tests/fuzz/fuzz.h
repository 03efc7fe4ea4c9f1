/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzz targets share: bytes taken as numbers, and a memory with a port. A target is a function
 * of bytes; libFuzzer calls it (fuzz_main.c), and replay_test.c with the seeds and what was once found.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "ats.h"
#include "mem/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** Bytes not yet taken. What lies beyond the end reads as zero. */
struct fuzz_input {
	const u8 *data;
	size_t size;
};

static inline u64 fuzz_take(struct fuzz_input *in, size_t bytes)
{
	u64 value = 0;
	size_t n = bytes < in->size ? bytes : in->size;

	memcpy(&value, in->data, n);
	in->data += n;
	in->size -= n;
	return value;
}

/** Ends the program where a rule does not hold: libFuzzer keeps the input. */
#define fuzz_require(condition)                                                           \
	do {                                                                              \
		if (!(condition)) {                                                       \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, \
				#condition);                                              \
			abort();                                                          \
		}                                                                         \
	} while (0)

/** Bits of host-physical addresses of a target's memory, and pages at its start that targets fill. */
#define FUZZ_MEMORY_WIDTH 40
#define FUZZ_PAGES 32

/** Memory behind a port; what a unit sends is counted, and answered as the input says. */
struct fuzz_world {
	struct memory *memory;
	struct port port;
	u64 interrupts;
	u64 updates; /* entries that the unit has marked */
	bool silent; /* invalidations of device TLBs are not answered */
	/* the unit is entered again in the middle of a call through its port, as other threads do */
	void (*reenter)(void *arg);
	void *arg;
	unsigned int calls_left; /* until then; 0: it is not */
	unsigned int depth;
};

/** Makes *world; fuzz_world_clear() frees it. */
void fuzz_world_init(struct fuzz_world *world);
void fuzz_world_clear(struct fuzz_world *world);

/** A place where the unit may be entered again. */
void fuzz_called(struct fuzz_world *world);

/** Takes after how many further calls through the port the unit is to be entered again. */
void fuzz_take_reentry(struct fuzz_world *world, struct fuzz_input *in);

/** Takes a page, a quadword's number and a value, and stores it. */
void fuzz_store(struct fuzz_world *world, struct fuzz_input *in);

/** Takes a request of any kind. */
struct translation_request fuzz_request(struct fuzz_input *in);

/** What must hold of every result: rights, sizes and addresses that fit each other. */
void fuzz_check_result(const struct translation_request *request,
		       const struct translation_result *result);

/** One target. */
struct fuzz_target {
	const char *name;
	void (*run)(struct fuzz_input *in);
	/** Writes seed number n into *out and returns its length; 0: there are no more. */
	size_t (*seed)(unsigned int n, u8 *out, size_t size);
};

/** All of them, NULL-terminated. */
extern const struct fuzz_target *const fuzz_targets[];

extern const struct fuzz_target fuzz_registers, fuzz_tables, fuzz_messages, fuzz_smmuv3;

/** Bytes of a seed being put together. */
struct fuzz_seed {
	u8 *out;
	size_t size, used;
};

/** Appends a number of that many bytes; what does not fit ends the program. */
static inline void fuzz_put(struct fuzz_seed *seed, u64 value, size_t bytes)
{
	fuzz_require(seed->used + bytes <= seed->size);
	memcpy(seed->out + seed->used, &value, bytes);
	seed->used += bytes;
}

/** Appends the operation of that code, and what fuzz_store() takes for a quadword of the pages. */
void fuzz_put_store(struct fuzz_seed *seed, unsigned int operation, u64 address, u64 value);

/** Appends the operation of that code, and what fuzz_request() takes: of function 0, PASID 0 if kind has one. */
void fuzz_put_request(struct fuzz_seed *seed, unsigned int operation, unsigned int kind,
		      u64 address);

#endif
