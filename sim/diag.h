/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics of the user's input: where, what is wrong, what was expected. Collected, never printed from
 * the depth; the command line prints them.
 */
#ifndef SIM_DIAG_H
#define SIM_DIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** A place in an input file. */
struct place {
	const char
		*file; /* as the user named it; lives as long as the document or the command line */
	unsigned int line; /* from 1; 0: the file as a whole */
	unsigned int column; /* from 1; 0: the line as a whole */
	const char *source; /* text of that line without its end, or NULL */
};

/** One error, or a note that says more of the error before it. */
struct diag {
	bool note;
	char *file;
	unsigned int line, column;
	char *source; /* the offending line, or NULL */
	char *message; /* "unknown key 'familly'; expected one of ...; did you mean 'family'?" */
};

/** A list of errors in the order found; zero-initialise. Holds at most DIAG_MAX, further ones are counted. */
#define DIAG_MAX 20
struct diags {
	struct diag *items;
	size_t count; /* stored */
	size_t dropped; /* found beyond DIAG_MAX */
};

/** Adds an error at a place (copied), as diag_add() does, but returns nothing. */
void diag_report(struct diags *diags, const struct place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static inline bool diag_false(void)
{
	return false;
}

/** Adds an error at a place (copied). False, so that callers can `return diag_add(...)`. */
#define diag_add(...) (diag_report(__VA_ARGS__), diag_false())

/** Adds a note to the error that was added last; shown as `note:`. */
void diag_note(struct diags *diags, const struct place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/** True once so many errors were found that looking for more is of no use: hostile input shall not take long. */
bool diag_enough(const struct diags *diags);

/** Prints all as `file:line:column: error: ...` with the line and a caret below; colour: use ANSI colours. */
void diag_print(const struct diags *diags, FILE *out, bool colour);

/** Frees what it holds and zeroes it. */
void diag_clear(struct diags *diags);

/**
 * The candidate nearest to word by edit distance, or NULL when none is near (distance above a third of
 * the length, at least 2). candidates is NULL-terminated.
 */
const char *nearest_word(const char *word, const char *const *candidates);

/**
 * Advice for a word that is none of the candidates (NULL-terminated): "did you mean 'v1' or 'v7'?" with all that are
 * equally near, else "expected a, b or c" with as many as fit a line. The caller frees it; never NULL.
 */
char *word_advice(const char *word, const char *const *candidates);

#endif
