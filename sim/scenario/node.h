/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A YAML document as a tree of nodes that know their place, read by libyaml. Aliases share nodes;
 * cycles, duplicate keys and documents that expand to too much are errors. `<<` merges mappings.
 */
#ifndef SIM_SCENARIO_NODE_H
#define SIM_SCENARIO_NODE_H

#include "../diag.h"

#include <stdbool.h>
#include <stddef.h>

enum node_kind { NODE_SCALAR, NODE_SEQUENCE, NODE_MAPPING };

struct node;

/** One key and its value in a mapping, in the order of the file. */
struct node_pair {
	const struct node *key; /* always a scalar */
	const struct node *value;
};

/** A node; owned by its document. */
struct node {
	enum node_kind kind;
	struct place place;
	const char *
		text; /* NODE_SCALAR: NUL-terminated; a NUL inside the scalar is an error when read */
	bool plain; /* NODE_SCALAR: not quoted */
	const struct node *const *items; /* NODE_SEQUENCE */
	const struct node_pair *pairs; /* NODE_MAPPING */
	size_t count; /* items or pairs */
};

struct document;

#define DOCUMENT_MAX_BYTES (16u << 20)
#define DOCUMENT_MAX_NODES 200000u /* after aliases are expanded */

/**
 * Reads a YAML file with exactly one document. NULL with an error in *diags when it cannot be read
 * (no permission, a directory, more than DOCUMENT_MAX_BYTES), is no YAML or breaks the rules above.
 */
struct document *document_load(const char *path, struct diags *diags);

/** The same from memory; name stands for the file in places. */
struct document *document_parse(const char *name, const char *text, size_t len,
				struct diags *diags);

/** The root node; never NULL (an empty document is an error at load). */
const struct node *document_root(const struct document *doc);

/** Frees the document and all its nodes. NULL is allowed. */
void document_free(struct document *doc);

/** The value of a key in a mapping, or NULL (also when node is no mapping). */
const struct node *node_get(const struct node *mapping, const char *key);

/**
 * Errors (true: none) for each key of the mapping that is not in allowed (NULL-terminated): names the nearest
 * known one. Also an error if node is no mapping. what: "platform", for the message.
 */
bool node_check_keys(const struct node *mapping, const char *const *allowed, const char *what,
		     struct diags *diags);

/* Typed reading of a scalar: false with an error that says what was expected. */

/** A number: decimal, 0x hex, 0b binary, `_` between digits; 0..2^64-1. With a binary size suffix where is_size: B, KiB, MiB, GiB, TiB. */
bool node_u64(const struct node *node, unsigned long long *out, bool is_size, struct diags *diags);

/** A number in a range. */
bool node_u64_range(const struct node *node, unsigned long long min, unsigned long long max,
		    unsigned long long *out, struct diags *diags);

/** true/false, yes/no, on/off. */
bool node_bool(const struct node *node, bool *out, struct diags *diags);

/** The scalar's text (any scalar). */
bool node_string(const struct node *node, const char **out, struct diags *diags);

/** Index of the scalar in words (NULL-terminated), with the nearest word in the error. */
bool node_choice(const struct node *node, const char *const *words, size_t *index,
		 struct diags *diags);

/** "0000:3a:00.0" (or "3a:00.0") as segment and source id. */
bool node_bdf(const struct node *node, unsigned short *segment, unsigned short *source_id,
	      struct diags *diags);

/** Parses a number as node_u64() does, from text alone. False if it is none. */
bool parse_u64(const char *text, bool is_size, unsigned long long *out);

#endif
