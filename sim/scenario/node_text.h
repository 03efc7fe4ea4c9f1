/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a YAML file while it is read, for node.c: memory, lines and places, characters.
 */
#ifndef SIM_SCENARIO_NODE_TEXT_H
#define SIM_SCENARIO_NODE_TEXT_H

#include "../diag.h"

/** Memory that is given back as a whole; zero-initialise. */
struct arena {
	struct arena_block *blocks;
};

/** Zeroed memory of that many bytes, or NULL. */
void *arena_alloc(struct arena *arena, size_t size);

/** A NUL-terminated copy of a text, or NULL. */
char *arena_text(struct arena *arena, const char *text, size_t len);

void arena_free(struct arena *arena);

/** A text, and the line of it that was last asked for. */
struct node_text {
	struct arena *arena;
	const char *file; /* in the arena */
	const char *text;
	size_t len;
	size_t line_start; /* offset of line number line */
	size_t line; /* from 0 */
	const char *line_text; /* copy of that line in the arena, or NULL: not copied yet */
};

/** A place, line and column counted from 0; cheap where lines are asked for in nearly rising order. */
struct place node_text_place(struct node_text *text, size_t line, size_t column);

/** Checks that all of it are characters of YAML, in UTF-8. */
bool node_text_check(struct node_text *text, struct diags *diags);

/** Column from 1 of a tab in the indentation of the line last asked for, or 0. */
unsigned int node_text_indenting_tab(const struct node_text *text);

#endif
