/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Composes a YAML document into a tree of nodes from libyaml's events: aliases, merges, and the limits that keep
 * hostile input cheap. Places and characters are node_text.c's, files node_file.c's, typed reading node_read.c's.
 */
#include "node.h"

#include "node_text.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

/* Nesting, aliases followed: what reads a document may recurse over it. */
#define DOCUMENT_MAX_DEPTH 64u

/* A node as its document keeps it; struct node is what the others see of it. */
struct composed {
	struct node node;
	unsigned int weight; /* nodes of the subtree, aliases expanded */
	unsigned int height; /* longest way down, in nodes */
	bool complete; /* false while its own text is still being read */
};

struct document {
	struct arena arena;
	const struct node *root;
};

struct anchor {
	const char *name;
	struct composed *target;
};

/* The state of reading one document. */
struct composer {
	struct document *doc;
	struct diags *diags;
	yaml_parser_t parser;
	yaml_event_t event; /* the current one, if have_event */
	bool have_event;
	struct node_text text;
	void *anchors; /* tsearch tree of struct anchor */
	unsigned int depth;
	unsigned long long nodes; /* seen so far, aliases expanded */
};

static struct place place_at(struct composer *c, const yaml_mark_t *mark)
{
	return node_text_place(&c->text, mark->line, mark->column);
}

static bool out_of_memory(struct composer *c)
{
	struct place place = { .file = c->text.file };

	return diag_add(c->diags, &place, "not enough memory to read this file");
}

/* ---- events ---- */

static bool parser_error(struct composer *c)
{
	const yaml_parser_t *parser = &c->parser;
	struct place place = place_at(c, &parser->problem_mark);
	unsigned int tab = node_text_indenting_tab(&c->text);

	if (parser->error == YAML_MEMORY_ERROR)
		return out_of_memory(c);
	if (tab) {
		place.column = tab;
		return diag_add(c->diags, &place, "a tab; YAML indents with spaces");
	}
	if (parser->context)
		return diag_add(c->diags, &place, "no valid YAML: %s %s (line %zu)",
				parser->problem, parser->context, parser->context_mark.line + 1);
	return diag_add(c->diags, &place, "no valid YAML: %s", parser->problem);
}

/* Replaces c->event by the next one. */
static bool next_event(struct composer *c)
{
	if (c->have_event)
		yaml_event_delete(&c->event);
	c->have_event = yaml_parser_parse(&c->parser, &c->event) != 0;
	return c->have_event || parser_error(c);
}

/* ---- anchors ---- */

static int compare_anchors(const void *a, const void *b)
{
	return strcmp(((const struct anchor *)a)->name, ((const struct anchor *)b)->name);
}

/* Later anchors of the same name replace earlier ones, as YAML has it. */
static bool define_anchor(struct composer *c, const yaml_char_t *name, struct composed *target)
{
	struct anchor *anchor, **found;

	if (!name)
		return true;
	anchor = arena_alloc(&c->doc->arena, sizeof(*anchor));
	if (!anchor)
		return out_of_memory(c);
	anchor->name = arena_text(&c->doc->arena, (const char *)name, strlen((const char *)name));
	if (!anchor->name)
		return out_of_memory(c);
	found = tsearch(anchor, &c->anchors, compare_anchors);
	if (!found)
		return out_of_memory(c);
	(*found)->target = target;
	return true;
}

static struct composed *resolve_alias(struct composer *c)
{
	struct anchor wanted = { .name = (const char *)c->event.data.alias.anchor };
	struct place place = place_at(c, &c->event.start_mark);
	struct anchor **found = tfind(&wanted, &c->anchors, compare_anchors);

	if (!found) {
		diag_add(c->diags, &place, "alias '*%s' has no anchor '&%s' before it", wanted.name,
			 wanted.name);
		return NULL;
	}
	if (!(*found)->target->complete) {
		diag_add(c->diags, &place, "alias '*%s' stands inside what it names: a cycle",
			 wanted.name);
		return NULL;
	}
	return (*found)->target;
}

/* ---- nodes ---- */

static bool too_large(struct composer *c, const struct place *place)
{
	return diag_add(c->diags, place,
			"document too large: more than %u nodes with its aliases expanded",
			DOCUMENT_MAX_NODES);
}

static bool too_deep(struct composer *c, const struct place *place)
{
	return diag_add(c->diags, place, "nested too deeply: more than %u levels",
			DOCUMENT_MAX_DEPTH);
}

static struct composed *new_node(struct composer *c, enum node_kind kind, const yaml_char_t *tag)
{
	struct place place = place_at(c, &c->event.start_mark);
	struct composed *made;

	if (tag && strcmp((const char *)tag, "!")) {
		diag_add(c->diags, &place,
			 "tag '%s' means nothing here; expected an untagged value",
			 (const char *)tag);
		return NULL;
	}
	if (++c->nodes > DOCUMENT_MAX_NODES) {
		too_large(c, &place);
		return NULL;
	}
	made = arena_alloc(&c->doc->arena, sizeof(*made));
	if (!made) {
		out_of_memory(c);
		return NULL;
	}
	made->node.kind = kind;
	made->node.place = place;
	made->weight = made->height = 1;
	return made;
}

static void take_child(struct composed *parent, const struct composed *child)
{
	parent->weight += child->weight;
	if (child->height >= parent->height)
		parent->height = child->height + 1;
}

/* A growing array of nodes or pairs outside the arena while its length is not known. */
struct list {
	char *items;
	size_t count, room;
};

static bool list_append(struct list *list, const void *item, size_t size)
{
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 16;
		char *items = realloc(list->items, room * size);

		if (!items)
			return false;
		list->items = items;
		list->room = room;
	}
	memcpy(list->items + list->count++ * size, item, size);
	return true;
}

/* Moves the list into the arena. NULL: no memory. */
static const void *list_finish(struct composer *c, const struct list *list, size_t size)
{
	char *items = arena_alloc(&c->doc->arena, list->count * size + 1);

	if (!items)
		out_of_memory(c);
	else if (list->count)
		memcpy(items, list->items, list->count * size);
	return items;
}

static struct composed *compose_node(struct composer *c);

static struct composed *compose_scalar(struct composer *c)
{
	const char *value = (const char *)c->event.data.scalar.value;
	size_t len = c->event.data.scalar.length;
	struct composed *made = new_node(c, NODE_SCALAR, c->event.data.scalar.tag);

	if (!made)
		return NULL;
	if (memchr(value, '\0', len)) {
		diag_add(c->diags, &made->node.place, "a NUL character in a string");
		return NULL;
	}
	made->node.text = arena_text(&c->doc->arena, value, len);
	made->node.plain = c->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	made->complete = true;
	if (!made->node.text) {
		out_of_memory(c);
		return NULL;
	}
	return define_anchor(c, c->event.data.scalar.anchor, made) ? made : NULL;
}

static struct composed *compose_alias(struct composer *c)
{
	struct place place = place_at(c, &c->event.start_mark);
	struct composed *target = resolve_alias(c);

	if (!target)
		return NULL;
	c->nodes += target->weight;
	if (c->nodes > DOCUMENT_MAX_NODES) {
		too_large(c, &place);
		return NULL;
	}
	if (c->depth + target->height > DOCUMENT_MAX_DEPTH) {
		too_deep(c, &place);
		return NULL;
	}
	return target;
}

static bool compose_items(struct composer *c, struct composed *made, struct list *items)
{
	while (next_event(c) && c->event.type != YAML_SEQUENCE_END_EVENT) {
		struct composed *item = compose_node(c);

		if (!item)
			return false;
		take_child(made, item);
		if (!list_append(items, &item, sizeof(item)))
			return out_of_memory(c);
	}
	return c->have_event;
}

static struct composed *compose_sequence(struct composer *c)
{
	struct composed *made = new_node(c, NODE_SEQUENCE, c->event.data.sequence_start.tag);
	struct list items = { 0 };

	if (!made || !define_anchor(c, c->event.data.sequence_start.anchor, made))
		return NULL;
	if (compose_items(c, made, &items)) {
		made->node.items = list_finish(c, &items, sizeof(struct node *));
		made->node.count = items.count;
		made->complete = true;
	}
	free(items.items);
	return made->complete && made->node.items ? made : NULL;
}

/* ---- mappings ---- */

/* A mapping while it is read: its pairs, and a tsearch tree of them by key. */
struct mapping {
	struct composed *made;
	struct list pairs;
	void *keys; /* of struct key */
	const struct node *merge; /* value of "<<", or NULL */
};

/* Copy of a pair that stays where it is while the list of pairs grows. */
struct key {
	struct node_pair pair;
};

static int compare_keys(const void *a, const void *b)
{
	return strcmp(((const struct key *)a)->pair.key->text,
		      ((const struct key *)b)->pair.key->text);
}

static void forget(void *key)
{
	(void)key; /* belongs to the arena */
}

/* Adds a pair; *earlier receives the key's first place if the mapping has it already. */
static bool add_pair(struct composer *c, struct mapping *mapping, struct node_pair pair,
		     const struct node **earlier)
{
	struct key *key = arena_alloc(&c->doc->arena, sizeof(*key));
	struct key **found;

	*earlier = NULL;
	if (!key)
		return out_of_memory(c);
	key->pair = pair;
	found = tsearch(key, &mapping->keys, compare_keys);
	if (!found)
		return out_of_memory(c);
	if (*found != key) {
		*earlier = (*found)->pair.key;
		return true;
	}
	/* every node is the first member of its struct composed */
	take_child(mapping->made, (const struct composed *)pair.key);
	take_child(mapping->made, (const struct composed *)pair.value);
	if (!list_append(&mapping->pairs, &pair, sizeof(pair)))
		return out_of_memory(c);
	return true;
}

static bool add_own_pair(struct composer *c, struct mapping *mapping, struct node_pair pair)
{
	const struct node *earlier;

	if (pair.key->plain && !strcmp(pair.key->text, "<<")) {
		if (mapping->merge)
			return diag_add(
				c->diags, &pair.key->place,
				"second '<<' in this mapping; expected one, which may name a list");
		mapping->merge = pair.value;
		return true;
	}
	if (!add_pair(c, mapping, pair, &earlier))
		return false;
	if (earlier)
		return diag_add(c->diags, &pair.key->place,
				"key '%s' is there twice; it was first given in line %u",
				pair.key->text, earlier->place.line);
	return true;
}

/* Adds the pairs of another mapping whose keys this one does not have. */
static bool merge_mapping(struct composer *c, struct mapping *mapping, const struct node *from)
{
	size_t i;

	if (from->kind != NODE_MAPPING)
		return diag_add(
			c->diags, &from->place,
			"'<<' merges mappings; expected an alias of one, or a list of such");
	for (i = 0; i < from->count; i++) {
		const struct node *earlier;

		if (!add_pair(c, mapping, from->pairs[i], &earlier))
			return false;
	}
	return true;
}

static bool merge(struct composer *c, struct mapping *mapping)
{
	const struct node *from = mapping->merge;
	size_t i;

	if (!from)
		return true;
	if (from->kind != NODE_SEQUENCE)
		return merge_mapping(c, mapping, from);
	for (i = 0; i < from->count; i++)
		if (!merge_mapping(c, mapping, from->items[i]))
			return false;
	return true;
}

static bool compose_pairs(struct composer *c, struct mapping *mapping)
{
	while (next_event(c) && c->event.type != YAML_MAPPING_END_EVENT) {
		struct composed *key, *value;

		key = compose_node(c);
		if (!key)
			return false;
		if (key->node.kind != NODE_SCALAR)
			return diag_add(c->diags, &key->node.place,
					"a key that is no word; expected 'key: value'");
		if (!next_event(c))
			return false;
		value = compose_node(c);
		if (!value ||
		    !add_own_pair(c, mapping, (struct node_pair){ &key->node, &value->node }))
			return false;
	}
	return c->have_event && merge(c, mapping);
}

static struct composed *compose_mapping(struct composer *c)
{
	struct composed *made = new_node(c, NODE_MAPPING, c->event.data.mapping_start.tag);
	struct mapping mapping = { .made = made };

	if (!made || !define_anchor(c, c->event.data.mapping_start.anchor, made))
		return NULL;
	if (compose_pairs(c, &mapping)) {
		made->node.pairs = list_finish(c, &mapping.pairs, sizeof(struct node_pair));
		made->node.count = mapping.pairs.count;
		made->complete = true;
	}
	tdestroy(mapping.keys, forget);
	free(mapping.pairs.items);
	return made->complete && made->node.pairs ? made : NULL;
}

/* The node that the current event starts. NULL with an error. */
static struct composed *compose_node(struct composer *c)
{
	struct composed *made;

	if (c->depth == DOCUMENT_MAX_DEPTH) {
		struct place place = place_at(c, &c->event.start_mark);

		too_deep(c, &place);
		return NULL;
	}
	switch (c->event.type) {
	case YAML_SCALAR_EVENT:
		return compose_scalar(c);
	case YAML_ALIAS_EVENT:
		return compose_alias(c);
	case YAML_SEQUENCE_START_EVENT:
		c->depth++;
		made = compose_sequence(c);
		break;
	default: /* a mapping: the grammar of events leaves nothing else */
		c->depth++;
		made = compose_mapping(c);
		break;
	}
	c->depth--;
	return made;
}

/* ---- documents ---- */

/* Composes the stream's only document. */
static bool compose_document(struct composer *c)
{
	struct place whole = { .file = c->text.file };
	struct composed *root;

	if (!next_event(c) || !next_event(c)) /* stream start, document start */
		return false;
	if (c->event.type == YAML_STREAM_END_EVENT)
		return diag_add(c->diags, &whole, "empty; expected a YAML document");
	if (!next_event(c))
		return false;
	root = compose_node(c);
	if (!root || !next_event(c) || !next_event(c)) /* document end, what follows */
		return false;
	if (c->event.type != YAML_STREAM_END_EVENT) {
		struct place place = place_at(c, &c->event.start_mark);

		return diag_add(c->diags, &place, "a second document; expected one a file");
	}
	c->doc->root = &root->node;
	return true;
}

static bool compose(struct composer *c)
{
	bool done;

	if (!node_text_check(&c->text, c->diags))
		return false;
	if (!yaml_parser_initialize(&c->parser))
		return out_of_memory(c);
	yaml_parser_set_encoding(&c->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&c->parser, (const unsigned char *)c->text.text, c->text.len);
	done = compose_document(c);
	if (c->have_event)
		yaml_event_delete(&c->event);
	yaml_parser_delete(&c->parser);
	tdestroy(c->anchors, forget);
	return done;
}

struct document *document_parse(const char *name, const char *text, size_t len, struct diags *diags)
{
	struct composer c = { .diags = diags, .text = { .file = name, .text = text, .len = len } };
	struct place whole = { .file = name };

	if (len > DOCUMENT_MAX_BYTES) {
		diag_add(diags, &whole, "larger than %u MiB; expected a scenario or platform file",
			 DOCUMENT_MAX_BYTES >> 20);
		return NULL;
	}
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) { /* byte order mark */
		c.text.text += 3;
		c.text.len -= 3;
	}
	c.doc = calloc(1, sizeof(*c.doc));
	if (!c.doc) {
		out_of_memory(&c);
		return NULL;
	}
	c.text.arena = &c.doc->arena;
	c.text.file = arena_text(&c.doc->arena, name, strlen(name));
	if (!c.text.file || !compose(&c)) {
		document_free(c.doc);
		return NULL;
	}
	return c.doc;
}

const struct node *document_root(const struct document *doc)
{
	return doc->root;
}

void document_free(struct document *doc)
{
	if (!doc)
		return;
	arena_free(&doc->arena);
	free(doc);
}
