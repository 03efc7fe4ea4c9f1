/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a YAML file: the memory that keeps copies of it, lines and places in it, and the characters it may hold.
 */
#include "node_text.h"

#include "../utf8.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK (64u << 10)

/* ---- memory ---- */

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(max_align_t) char bytes[];
};

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->blocks;
	void *memory;

	size = (size + 15) & ~(size_t)15;
	if (!block || block->size - block->used < size) {
		size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;

		block = malloc(sizeof(*block) + room);
		if (!block)
			return NULL;
		block->size = room;
		block->used = 0;
		block->next = arena->blocks;
		arena->blocks = block;
	}
	memory = block->bytes + block->used;
	block->used += size;
	return memset(memory, 0, size);
}

char *arena_text(struct arena *arena, const char *text, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	if (copy)
		memcpy(copy, text, len);
	return copy;
}

void arena_free(struct arena *arena)
{
	struct arena_block *block, *next;

	for (block = arena->blocks; block; block = next) {
		next = block->next;
		free(block);
	}
	arena->blocks = NULL;
}

/* ---- places ---- */

/* Bytes of the line break at p, as YAML and libyaml count them; 0: none. */
static size_t line_break(const char *p, size_t left)
{
	if (*p == '\r')
		return left > 1 && p[1] == '\n' ? 2 : 1;
	if (*p == '\n')
		return 1;
	if (left > 1 && !memcmp(p, "\xc2\x85", 2))
		return 2;
	if (left > 2 && (!memcmp(p, "\xe2\x80\xa8", 3) || !memcmp(p, "\xe2\x80\xa9", 3)))
		return 3;
	return 0;
}

/* Length of the line that starts at offset start, without its break. */
static size_t line_length(const struct node_text *text, size_t start)
{
	size_t end = start;

	while (end < text->len && !line_break(text->text + end, text->len - end))
		end++;
	return end - start;
}

/* Moves to a line. Marks come in nearly rising order, so that this is cheap. */
static void go_to_line(struct node_text *text, size_t line)
{
	if (line == text->line)
		return;
	text->line_text = NULL;
	if (line < text->line)
		text->line = text->line_start = 0;
	while (text->line < line) {
		size_t end = text->line_start + line_length(text, text->line_start);

		if (end >= text->len)
			break;
		text->line_start = end + line_break(text->text + end, text->len - end);
		text->line++;
	}
}

struct place node_text_place(struct node_text *text, size_t line, size_t column)
{
	struct place place = {
		.file = text->file,
		.line = (unsigned int)line + 1,
		.column = (unsigned int)column + 1,
	};

	go_to_line(text, line);
	if (!text->line_text && text->line == line)
		text->line_text = arena_text(text->arena, text->text + text->line_start,
					     line_length(text, text->line_start));
	place.source = text->line_text;
	return place;
}

/* Place of a byte; only for errors of the encoding, which libyaml gives no mark for. */
static struct place place_of_byte(struct node_text *text, size_t offset)
{
	size_t i = 0, line = 0, column = 0;

	while (i < offset) {
		size_t broken = line_break(text->text + i, text->len - i);

		if (broken) {
			line++;
			column = 0;
			i += broken;
			continue;
		}
		column += ((unsigned char)text->text[i] & 0xc0) != 0x80;
		i++;
	}
	return node_text_place(text, line, column);
}

/* ---- bytes ---- */

/* YAML 1.1, 5.1: the characters a stream may hold. */
static bool printable(unsigned int code, bool first)
{
	if (code < 0x20)
		return code == '\t' || code == '\n' || code == '\r';
	if (code == 0xfeff)
		return first; /* byte order mark */
	return code != 0x7f && (code < 0x80 || code == 0x85 || code >= 0xa0) && code != 0xfffe &&
	       code != 0xffff;
}

bool node_text_check(struct node_text *text, struct diags *diags)
{
	size_t i, len;

	for (i = 0; i < text->len; i += len) {
		unsigned int code = 0;
		struct place place;

		len = utf8_decode(text->text + i, text->len - i, &code);
		if (len && printable(code, i == 0))
			continue;
		place = place_of_byte(text, i);
		place.source = NULL; /* would not show well */
		if (!len)
			return diag_add(diags, &place,
					"byte 0x%02x is not UTF-8; expected a text file",
					(unsigned char)text->text[i]);
		if (!code)
			return diag_add(diags, &place, "a NUL byte; expected a text file");
		return diag_add(diags, &place, "control character U+%04X; expected a text file",
				code);
	}
	return true;
}

unsigned int node_text_indenting_tab(const struct node_text *text)
{
	size_t at = text->line_start;

	while (at < text->len && text->text[at] == ' ')
		at++;
	return at < text->len && text->text[at] == '\t' ? (unsigned int)(at - text->line_start) + 1
							: 0;
}
