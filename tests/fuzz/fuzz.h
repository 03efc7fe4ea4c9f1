/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the fuzz targets share: bytes taken as numbers, and a memory with a port. A target is a function
 * of bytes; libFuzzer calls it (fuzz_main.c), and replay_test.c with the seeds and what was once found.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "ats.h"
#include "mem/memory.h"
#include "pri.h"

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
	u64 interrupt_invalidations; /* descriptors done for all interrupt entries */
	u64 marks; /* a sum over all compare-exchanges that changed memory */
	bool silent; /* invalidations of device TLBs are not answered */
	/* the model is entered again in the middle of a call through its port, as other threads do */
	void (*reenter)(void *arg);
	void (*observe)(void *arg, const struct port_event *event); /* or NULL */
	void *arg;
	unsigned int calls_left; /* until it is entered again; 0: it is not */
	unsigned int depth;
};

/** Makes *world, where reenter(arg) may be called in the middle of calls; fuzz_world_clear() frees it. */
void fuzz_world_init(struct fuzz_world *world, void (*reenter)(void *arg), void *arg);
void fuzz_world_clear(struct fuzz_world *world);

/** To be called in each call out of the model that is no call through the port. */
void fuzz_called(struct fuzz_world *world);

/** Operations on memory and port, which begin the lists of targets. */
enum fuzz_operation {
	FUZZ_STORE, /* takes a page, a quadword's number and a value */
	FUZZ_POISON, /* takes a page, and whether reading it fails from now on */
	FUZZ_REENTER, /* takes after how many further calls the model is to be entered again */
	FUZZ_OPERATIONS,
};

/** Carries out one of those; false: it is none of them. */
bool fuzz_operate(struct fuzz_world *world, struct fuzz_input *in, unsigned int operation);

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

/** Appends FUZZ_STORE with what it takes for a quadword of the pages. */
void fuzz_put_store(struct fuzz_seed *seed, u64 address, u64 value);

/** Appends FUZZ_REENTER: what follows the next operation happens in its call of that number. */
void fuzz_put_reenter(struct fuzz_seed *seed, unsigned int call);

/**
 * Appends the operation of that code, and what fuzz_request() takes: of function 0, PASID 0 if kind has one, data 0
 * if the address has any.
 */
void fuzz_put_request(struct fuzz_seed *seed, unsigned int operation, unsigned int kind,
		      u64 address);

#endif
