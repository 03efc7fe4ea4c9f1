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
#define DROPPED_MAX 200
/* Words that are named as equally near, and characters of a list of all. */
#define NEAREST_MAX 4
#define WORDS_MAX 400

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

static void diag_free(const struct diag *diag)
{
	free(diag->file);
	free(diag->source);
	free(diag->message);
}

/* Takes the diagnosis over. */
static void diag_store(struct diags *diags, const struct diag *diag)
{
	if (!diags->items)
		diags->items = calloc(DIAG_MAX, sizeof(*diags->items));
	if (diags->items && diags->count < DIAG_MAX && diag->file && diag->message) {
		diags->items[diags->count++] = *diag;
		return;
	}
	diags->dropped += !diag->note;
	diag_free(diag);
}

static struct diag diag_at(const struct place *place)
{
	struct diag diag = { .line = place->line, .column = place->column };

	diag.file = strdup(place->file ? place->file : "(no file)");
	if (place->source)
		diag.source = copy_of(place->source, prefix_len(place->source, SOURCE_MAX));
	return diag;
}

void diag_report(struct diags *diags, const struct place *place, const char *format, ...)
{
	struct diag diag = diag_at(place);
	va_list args;

	va_start(args, format);
	diag.message = format_message(format, args);
	va_end(args);
	diag_store(diags, &diag);
}

void diag_note(struct diags *diags, const struct place *place, const char *format, ...)
{
	struct diag diag = diag_at(place);
	va_list args;

	diag.note = true;
	va_start(args, format);
	diag.message = format_message(format, args);
	va_end(args);
	diag_store(diags, &diag);
}

bool diag_enough(const struct diags *diags)
{
	return diags->dropped >= DROPPED_MAX;
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
		fprintf(out, ": %s%s:%s ", colour ? (diag->note ? "\033[36m" : "\033[31m") : "",
			diag->note ? "note" : "error", colour ? "\033[0m" : "");
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

static bool contains(const char *const *words, size_t count, const char *word)
{
	while (count--)
		if (!strcmp(words[count], word))
			return true;
	return false;
}

/* The candidates nearest to the word, at most max different ones. Returns how many there are. */
static size_t nearest_words(const char *word, const char *const *candidates, const char **nearest,
			    size_t max)
{
	size_t len = strnlen(word, NEAREST_LENGTH + 1);
	unsigned int limit = len / 3 > 2 ? (unsigned int)(len / 3) : 2;
	unsigned int best = limit + 1;
	size_t count = 0;

	if (len == 0 || len > NEAREST_LENGTH)
		return 0;
	for (; *candidates; candidates++) {
		size_t candidate_len = strnlen(*candidates, NEAREST_LENGTH + 1);
		unsigned int distance;

		if (candidate_len > NEAREST_LENGTH)
			continue;
		distance = edit_distance(word, len, *candidates, candidate_len);
		/* nothing in common is not near, however short the word */
		if (distance > best || distance > limit || distance >= len)
			continue;
		if (distance < best)
			count = 0;
		best = distance;
		if (count < max && !contains(nearest, count, *candidates))
			nearest[count++] = *candidates;
	}
	return count;
}

const char *nearest_word(const char *word, const char *const *candidates)
{
	const char *nearest;

	return nearest_words(word, candidates, &nearest, 1) ? nearest : NULL;
}

/* "a, b or c" in quotes or without, cut with "..." where it gets longer than a line. */
static void print_words(FILE *out, const char *const *words, size_t count, const char *quote)
{
	size_t len = 0;

	for (size_t i = 0; i < count; i++) {
		len += strlen(words[i]) + 2;
		if (len > WORDS_MAX && i) {
			fputs(", ...", out);
			return;
		}
		fprintf(out, "%s%s%s%s",
			i == 0          ? ""
			: i + 1 < count ? ", "
					: " or ",
			quote, words[i], quote);
	}
}

char *word_advice(const char *word, const char *const *candidates)
{
	const char *nearest[NEAREST_MAX];
	size_t near = nearest_words(word, candidates, nearest, NEAREST_MAX);
	size_t count = 0, size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return strdup("expected another");
	while (candidates[count])
		count++;
	fputs(near ? "did you mean " : count ? "expected " : "none is known", out);
	print_words(out, near ? nearest : candidates, near ? near : count, near ? "'" : "");
	fputs(near ? "?" : "", out);
	fclose(out);
	return text;
}
