/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Diagnostics of the user's input: collecting, showing with the offending line, and the nearest known
 * word. Where the errors come from is left to the readers.
 */
#include "diag.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* What is kept of a message or of a line: input may hold words and lines of many megabytes. */
#define MESSAGE_MAX 600
#define SOURCE_MAX 4096
/* Columns of a long line that are shown, and how many of them stand before the error. */
#define SHOWN_COLUMNS 110
#define SHOWN_BEFORE 70
#define NEAREST_LENGTH 64

static char *copy_of(const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy) {
		memcpy(copy, text, len);
		copy[len] = '\0';
	}
	return copy;
}

/* Longest prefix of at most max bytes that does not cut a UTF-8 character. */
static size_t prefix_len(const char *text, size_t max)
{
	size_t len = strnlen(text, max + 1);

	if (len <= max)
		return len;
	len = max;
	while (len && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static char *format_message(const char *format, va_list args)
{
	char *text, *shortened;

	if (vasprintf(&text, format, args) < 0)
		return NULL;
	if (strnlen(text, MESSAGE_MAX + 1) <= MESSAGE_MAX)
		return text;
	text[prefix_len(text, MESSAGE_MAX)] = '\0';
	if (asprintf(&shortened, "%s...", text) < 0)
		shortened = NULL;
	free(text);
	return shortened;
}

static void diag_free(struct diag *diag)
{
	free(diag->file);
	free(diag->source);
	free(diag->message);
}

bool diag_add(struct diags *diags, const struct place *place, const char *format, ...)
{
	const char *file = place->file ? place->file : "(no file)";
	struct diag diag = { .line = place->line, .column = place->column };
	va_list args;

	if (!diags->items)
		diags->items = calloc(DIAG_MAX, sizeof(*diags->items));
	if (!diags->items || diags->count == DIAG_MAX) {
		diags->dropped++;
		return false;
	}
	va_start(args, format);
	diag.message = format_message(format, args);
	va_end(args);
	diag.file = strdup(file);
	if (place->source)
		diag.source = copy_of(place->source, prefix_len(place->source, SOURCE_MAX));
	if (!diag.file || !diag.message) {
		diag_free(&diag);
		diags->dropped++;
		return false;
	}
	diags->items[diags->count++] = diag;
	return false;
}

/* A control character from the input must not reach the user's terminal. */
static void print_clean(FILE *out, const char *text)
{
	for (; *text; text++)
		fputc(iscntrl((unsigned char)*text) ? '?' : *text, out);
}

static bool starts_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* The line, cut to what fits a screen, and a caret under the column. */
static void print_source(const struct diag *diag, FILE *out, bool colour)
{
	unsigned int first = 1, column = 0, caret = 0;
	const char *p = diag->source;

	if (diag->column > SHOWN_COLUMNS)
		first = diag->column - SHOWN_BEFORE;
	fprintf(out, "%6u | %s", diag->line, first > 1 ? "..." : "");
	for (; *p; p++) {
		column += starts_character(*p);
		if (column < first)
			continue;
		if (column >= first + SHOWN_COLUMNS)
			break;
		if (starts_character(*p) && column < diag->column)
			caret++;
		/* a tab becomes a space, so that the caret stands right */
		fputc(iscntrl((unsigned char)*p) ? (*p == '\t' ? ' ' : '?') : *p, out);
	}
	fprintf(out, "%s\n", *p ? "..." : "");
	if (!diag->column || column + 1 < diag->column)
		return;
	fprintf(out, "       | %s%*s%s^%s\n", first > 1 ? "   " : "", (int)caret, "",
		colour ? "\033[1;32m" : "", colour ? "\033[0m" : "");
}

void diag_print(const struct diags *diags, FILE *out, bool colour)
{
	size_t i;

	for (i = 0; i < diags->count; i++) {
		const struct diag *diag = &diags->items[i];

		if (colour)
			fputs("\033[1m", out);
		print_clean(out, diag->file);
		if (diag->line)
			fprintf(out, ":%u", diag->line);
		if (diag->line && diag->column)
			fprintf(out, ":%u", diag->column);
		fprintf(out, ": %serror:%s ", colour ? "\033[31m" : "", colour ? "\033[0m" : "");
		print_clean(out, diag->message);
		fputc('\n', out);
		if (diag->line && diag->source)
			print_source(diag, out, colour);
	}
	if (diags->dropped)
		fprintf(out, "%zu more error%s not shown\n", diags->dropped,
			diags->dropped == 1 ? "" : "s");
}

void diag_clear(struct diags *diags)
{
	size_t i;

	for (i = 0; i < diags->count; i++)
		diag_free(&diags->items[i]);
	free(diags->items);
	memset(diags, 0, sizeof(*diags));
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/*
 * Optimal string alignment: insertions, deletions, replacements and swaps of neighbours count one
 * each; case does not count.
 */
static unsigned int edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	unsigned int rows[3][NEAREST_LENGTH + 1];
	size_t i, j;

	for (j = 0; j <= b_len; j++)
		rows[0][j] = (unsigned int)j;
	for (i = 1; i <= a_len; i++) {
		unsigned int *row = rows[i % 3], *above = rows[(i + 2) % 3];
		const unsigned int *above2 = rows[(i + 1) % 3];

		row[0] = (unsigned int)i;
		for (j = 1; j <= b_len; j++) {
			unsigned int replace = above[j - 1] + !same_letter(a[i - 1], b[j - 1]);

			row[j] = least(replace, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && same_letter(a[i - 1], b[j - 2]) &&
			    same_letter(a[i - 2], b[j - 1]))
				row[j] = least(row[j], above2[j - 2] + 1);
		}
	}
	return rows[a_len % 3][b_len];
}

const char *nearest_word(const char *word, const char *const *candidates)
{
	size_t len = strnlen(word, NEAREST_LENGTH + 1);
	unsigned int limit = len / 3 > 2 ? (unsigned int)(len / 3) : 2;
	unsigned int best = limit + 1;
	const char *nearest = NULL;

	if (len == 0 || len > NEAREST_LENGTH)
		return NULL;
	for (; *candidates; candidates++) {
		size_t candidate_len = strnlen(*candidates, NEAREST_LENGTH + 1);
		unsigned int distance;

		if (candidate_len > NEAREST_LENGTH)
			continue;
		distance = edit_distance(word, len, *candidates, candidate_len);
		/* nothing in common is not near, however short the word */
		if (distance < best && distance < len) {
			best = distance;
			nearest = *candidates;
		}
	}
	return nearest;
}
