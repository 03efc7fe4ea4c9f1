/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How reports look on a terminal: colours where they are wanted, and texts from the input made safe
 * to print. What is reported is not known here.
 */
#ifndef SIM_REPORT_STYLE_H
#define SIM_REPORT_STYLE_H

#include "scenario/result.h"

#include <stdbool.h>
#include <stdio.h>

/** How to write; zero-initialised: plain. */
struct style {
	bool colour; /* ANSI escapes */
};

enum tint {
	TINT_NONE,
	TINT_BOLD,
	TINT_DIM,
	TINT_GOOD,
	TINT_BAD,
	TINT_NOTE,
	TINT_ADDRESS,
	TINT_WORKS,
	TINT_REFUSED,
	TINT_FAULTED,
	TINT_MISLED,
	TINT_CORRUPTED,
};

/** True if colours suit a stream: a terminal that is not dumb, and NO_COLOR is not set. */
bool style_wants_colour(FILE *stream);

/** The escape that starts a tint, "" without colour. */
const char *tint_on(const struct style *style, enum tint tint);

/** The escape that ends every tint, "" without colour. */
const char *tint_off(const struct style *style);

/** The tint of an outcome. */
enum tint outcome_tint(enum outcome outcome);

/**
 * A copy of a text with everything replaced by U+FFFD that is not a printable UTF-8 character, nor a
 * line end where lines is set: safe for terminals, JSON and XML. The caller frees it; NULL: no memory,
 * or text is NULL.
 */
char *clean_text(const char *text, bool lines);

/** Columns that a clean text takes, one a character. */
unsigned int text_width(const char *text);

/** Prints a text as clean_text() gives it, in a tint. */
void print_clean(FILE *out, const struct style *style, enum tint tint, const char *text);

/** How print_wrapped() breaks lines. */
struct wrap {
	unsigned int column; /* where the text starts, from 0 */
	unsigned int indent; /* where its further lines start */
	unsigned int columns; /* that a line may take */
	bool at_commas; /* break behind commas only, else at any space */
};

/** Prints a text cleaned, in a tint, in as many lines as it needs; none ends with a line end. */
void print_wrapped(FILE *out, const struct style *style, enum tint tint, const struct wrap *wrap,
		   const char *text);

/**
 * Bytes of a clean text that fit into so many columns: up to behind a space (which is not to be printed),
 * or all of it. At least one word, however long.
 */
size_t line_bytes(const char *text, unsigned int columns, bool at_commas);

/** "12 runs", "1 run": a count and its noun, whose plural adds an s. */
void print_count(FILE *out, size_t count, const char *noun);

#endif
