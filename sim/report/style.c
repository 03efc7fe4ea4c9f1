/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Colours and clean texts for all reports.
 */
#include "style.h"

#include "utf8.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

bool style_wants_colour(FILE *stream)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
	int fd = fileno(stream);

	if (fd < 0 || !isatty(fd))
		return false;
	/* https://no-color.org: any value but the empty one */
	return !(no_color && *no_color) && !(term && !strcmp(term, "dumb"));
}

const char *tint_on(const struct style *style, enum tint tint)
{
	static const char *const escapes[] = {
		[TINT_NONE] = "",
		[TINT_BOLD] = "\033[1m",
		[TINT_DIM] = "\033[2m",
		[TINT_GOOD] = "\033[32m",
		[TINT_BAD] = "\033[1;31m",
		[TINT_NOTE] = "\033[33m",
		[TINT_ADDRESS] = "\033[36m",
		[TINT_WORKS] = "\033[32m",
		[TINT_REFUSED] = "\033[36m",
		[TINT_FAULTED] = "\033[33m",
		[TINT_MISLED] = "\033[35m",
		[TINT_CORRUPTED] = "\033[1;31m",
	};

	return style->colour ? escapes[tint] : "";
}

const char *tint_off(const struct style *style)
{
	return style->colour ? "\033[0m" : "";
}

enum tint outcome_tint(enum outcome outcome)
{
	return outcome < OUTCOME_COUNT ? (enum tint)(TINT_WORKS + (int)outcome) : TINT_NONE;
}

static bool shows(unsigned int code, bool lines)
{
	if (code == '\n')
		return lines;
	return code >= 0x20 && (code < 0x7f || code >= 0xa0) && code != 0xfeff && code != 0xfffe &&
	       code != 0xffff;
}

char *clean_text(const char *text, bool lines)
{
	/* the replacement is the longest that a byte can become */
	char *clean = text ? malloc(strlen(text) * (sizeof(REPLACEMENT) - 1) + 1) : NULL;
	char *end = clean;

	if (!clean)
		return NULL;
	while (*text) {
		unsigned int code = 0;
		size_t len = utf8_decode(text, strnlen(text, 4), &code);

		if (len && shows(code, lines))
			end = mempcpy(end, text, len);
		else
			end = mempcpy(end, REPLACEMENT, sizeof(REPLACEMENT) - 1);
		text += len ? len : 1;
	}
	*end = '\0';
	return clean;
}

unsigned int text_width(const char *text)
{
	unsigned int width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

void print_clean(FILE *out, const struct style *style, enum tint tint, const char *text)
{
	char *clean = clean_text(text, false);

	fprintf(out, "%s%s%s", tint_on(style, tint), clean ? clean : "", tint_off(style));
	free(clean);
}

size_t line_bytes(const char *text, unsigned int columns, bool at_commas)
{
	unsigned int column = 0;
	size_t end = 0, i;

	for (i = 0; text[i]; i++) {
		bool may_end = text[i] == ' ' && (!at_commas || (i && text[i - 1] == ','));

		column += ((unsigned char)text[i] & 0xc0) != 0x80;
		/* the space itself is not printed */
		if (may_end && (column <= columns + 1 || !end))
			end = i + 1;
		if (column > columns && end)
			return end;
	}
	return i;
}

void print_wrapped(FILE *out, const struct style *style, enum tint tint, const struct wrap *wrap,
		   const char *text)
{
	char *clean = clean_text(text, false);
	const char *rest = clean ? clean : "";
	unsigned int column = wrap->column;

	fputs(tint_on(style, tint), out);
	while (*rest) {
		unsigned int room = wrap->columns > column ? wrap->columns - column : 1;
		size_t len = line_bytes(rest, room, wrap->at_commas);
		bool last = !rest[len];

		fprintf(out, "%.*s", (int)(last ? len : len - 1), rest);
		if (!last)
			fprintf(out, "\n%*s", (int)wrap->indent, "");
		rest += len;
		column = wrap->indent;
	}
	fputs(tint_off(style), out);
	free(clean);
}

void print_count(FILE *out, size_t count, const char *noun)
{
	fprintf(out, "%zu %s%s", count, noun, count == 1 ? "" : "s");
}
