/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables as CSV (RFC 4180, lines ended by '\n'): a line is a row, and no cell holds a line's end, so that a file that
 * was cut off is whole up to its last line end.
 */
#ifndef SIM_STUDY_CSV_H
#define SIM_STUDY_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** Writes a cell, quoted where it must be. Characters that do not print become U+FFFD. */
void csv_cell(FILE *out, const char *text);

/** One line, taken apart. */
struct csv_row {
	char *text; /* the cells, each NUL-terminated */
	const char **cells; /* within text */
	size_t count;
};

/** Takes a line without its end apart. False: it is no row (an open quote, text behind one), or there is no memory. */
bool csv_parse(const char *line, size_t len, struct csv_row *row);

/** Frees what it holds. */
void csv_row_clear(struct csv_row *row);

#endif
