/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work done by processes: each piece in a child of its own, so many at once, answers taken in the pieces' order. A
 * timed machine keeps its state in the process, and a piece that crashes ends nothing but itself.
 */
#ifndef SIM_STUDY_POOL_H
#define SIM_STUDY_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** What a child left. */
struct pool_answer {
	int status; /* what work() returned */
	int signal; /* that ended it, or 0 */
	const char *text; /* what it wrote */
	size_t len;
};

struct pool {
	unsigned int jobs; /* children at once, 1 or more */
	unsigned long long count; /* pieces */
	/** Does a piece, in a child; writes the answer to out. Returns a status of 0 to 100. */
	int (*work)(void *arg, unsigned long long piece, FILE *out);
	/** Takes an answer, in the pieces' order. False: enough. */
	bool (*done)(void *arg, unsigned long long piece, const struct pool_answer *answer);
	/** Called now and then, at least four times a second; pieces: how many have been answered, taken or not. */
	void (*tick)(void *arg, unsigned long long pieces);
	void *arg;
};

enum pool_end {
	POOL_DONE,
	POOL_ENOUGH, /* done() said so */
	POOL_INTERRUPTED, /* by SIGINT, SIGTERM or SIGHUP, which *number receives */
	POOL_FAILED, /* by an errno, which *number receives */
};

/** Does all pieces. No child is left when it returns. */
enum pool_end pool_run(const struct pool *pool, int *number);

/** How many processors this process may use. */
unsigned int pool_processors(void);

#endif
