/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of CSV. */
#include "csv.h"

#include "report/style.h"

#include <stdlib.h>
#include <string.h>

void csv_cell(FILE *out, const char *text)
{
	char *clean = clean_text(text, false);
	size_t len;

	if (!clean)
		return;
	len = strlen(clean);
	if (!strpbrk(clean, ",\"") && !(len && (clean[0] == ' ' || clean[len - 1] == ' '))) {
		fputs(clean, out);
	} else {
		fputc('"', out);
		for (const char *p = clean; *p; p++) {
			if (*p == '"')
				fputc('"', out);
			fputc(*p, out);
		}
		fputc('"', out);
	}
	free(clean);
}

/* Copies a quoted cell; *at: behind its first quote, then behind its last. NULL: it does not end. */
static char *take_quoted(const char **at, const char *end, char *to)
{
	const char *p = *at;

	for (; p < end; p++) {
		if (*p == '"' && (p + 1 == end || p[1] != '"')) {
			*at = p + 1;
			return to;
		}
		p += *p == '"';
		*to++ = *p;
	}
	return NULL;
}

static char *take_plain(const char **at, const char *end, char *to)
{
	const char *p = *at;

	while (p < end && *p != ',' && *p != '"')
		*to++ = *p++;
	*at = p;
	return to;
}

bool csv_parse(const char *line, size_t len, struct csv_row *row)
{
	const char *at = line, *end = line + len;
	char *to;

	row->count = 0;
	row->text = malloc(len + 2);
	row->cells = malloc((len + 2) * sizeof(char *));
	to = row->text;
	while (row->text && row->cells && !memchr(line, '\0', len)) {
		row->cells[row->count++] = to;
		if (at < end && *at == '"') {
			at++;
			to = take_quoted(&at, end, to);
		} else {
			to = take_plain(&at, end, to);
		}
		if (!to)
			break;
		*to++ = '\0';
		if (at == end)
			return true;
		if (*at++ != ',')
			break;
	}
	csv_row_clear(row);
	return false;
}

void csv_row_clear(struct csv_row *row)
{
	free(row->text);
	free(row->cells);
	*row = (struct csv_row){ 0 };
}
