/* SPDX-License-Identifier: Apache-2.0 */
/* Paths into YAML and JSON. */
#include "path.h"

#include <stdlib.h>
#include <string.h>

#define PATH_MAX_LENGTH 1000u
#define CANDIDATES_MAX 20000u /* paths that a nearest one is looked for among */

/* The first part of a path. */
struct part {
	const char *text;
	size_t len;
	bool bracketed;
	const char *rest; /* behind it and its dot */
};

/* Takes the part that ends at a place off the path; false if nothing can follow it there. */
static bool part_ends(struct part *part, const char *end)
{
	if (*end == '.' && (end[1] == '\0' || end[1] == '.' || end[1] == '['))
		return false;
	if (*end && *end != '.' && *end != '[')
		return false;
	part->rest = *end == '.' ? end + 1 : end;
	return part->len > 0;
}

static bool split(const char *path, struct part *part)
{
	const char *end;

	part->bracketed = *path == '[';
	if (!part->bracketed) {
		part->text = path;
		part->len = strcspn(path, ".[");
		return part_ends(part, path + part->len);
	}
	end = strchr(path, ']');
	if (!end)
		return false;
	part->text = path + 1;
	part->len = (size_t)(end - part->text);
	return part_ends(part, end + 1);
}

const char *path_fault(const char *path)
{
	struct part part;

	if (*path == '\0')
		return "an empty path";
	if (strlen(path) > PATH_MAX_LENGTH)
		return "a path of more than 1000 characters";
	for (; *path; path = part.rest) {
		if (!split(path, &part))
			return strchr(path, '[') && !strchr(path, ']')
				       ? "a path whose bracket does not end"
				       : "a path with nothing between two dots or brackets";
	}
	return NULL;
}

/* True if the path begins with a key of this name; *part receives it. */
static bool begins_with(const char *path, const char *key, struct part *part)
{
	struct part found = { .text = path, .len = strlen(key) };

	if (strncmp(path, key, found.len) != 0 || !part_ends(&found, path + found.len))
		return false;
	*part = found;
	return true;
}

static bool is_text(const struct part *part, const char *text)
{
	return strlen(text) == part->len && memcmp(text, part->text, part->len) == 0;
}

static bool part_number(const struct part *part, size_t *number)
{
	char digits[24];
	unsigned long long value;

	if (part->len >= sizeof(digits))
		return false;
	memcpy(digits, part->text, part->len);
	digits[part->len] = '\0';
	if (!parse_u64(digits, false, &value) || value > (size_t)-2)
		return false;
	*number = (size_t)value;
	return true;
}

/* ---- YAML ---- */

#define NOT_THERE ((size_t)-1)

/* Which pair of a mapping the path begins with; *part receives how much of it that is. */
static size_t find_pair(const struct node *mapping, const char *path, struct part *part)
{
	size_t best = NOT_THERE;
	struct part found;

	if (part->bracketed) {
		for (size_t i = 0; i < mapping->count; i++)
			if (is_text(part, mapping->pairs[i].key->text))
				return i;
		return NOT_THERE;
	}
	for (size_t i = 0; i < mapping->count; i++) {
		if (!begins_with(path, mapping->pairs[i].key->text, &found) ||
		    (best != NOT_THERE && found.len < part->len))
			continue;
		*part = found;
		best = i;
	}
	return best;
}

/* Which item of a list is meant: by number, or by the name under which it is saved. */
static size_t find_item(const struct node *sequence, const struct part *part)
{
	size_t number;

	if (part_number(part, &number))
		return number < sequence->count ? number : NOT_THERE;
	for (size_t i = 0; i < sequence->count; i++) {
		const struct node *save = node_get(sequence->items[i], "save");

		if (save && save->kind == NODE_SCALAR && is_text(part, save->text))
			return i;
	}
	return NOT_THERE;
}

const struct node *path_follow(const struct node *node, const char *path, const char **rest)
{
	struct part part = { 0 };

	while (*path && split(path, &part)) {
		size_t index = NOT_THERE;

		if (node->kind == NODE_MAPPING)
			index = find_pair(node, path, &part);
		else if (node->kind == NODE_SEQUENCE)
			index = find_item(node, &part);
		if (index == NOT_THERE)
			break;
		node = node->kind == NODE_MAPPING ? node->pairs[index].value : node->items[index];
		path = part.rest;
	}
	*rest = path;
	return node;
}

/* ---- replacing ---- */

/* What path_set() goes by. */
struct setting {
	struct arena *arena;
	const struct node *value;
	const char **why;
};

static const struct node *set_below(const struct setting *s, const struct node *node,
				    const char *path);

static struct node *copy_node(const struct setting *s, const struct node *node)
{
	struct node *copy = arena_alloc(s->arena, sizeof(*copy));

	if (copy)
		*copy = *node;
	return copy;
}

static const struct node *set_item(const struct setting *s, const struct node *node,
				   const struct part *part)
{
	size_t index = find_item(node, part);
	const struct node *below;
	const struct node **items;
	struct node *copy;

	if (index == NOT_THERE) {
		*s->why = "the list has no such item";
		return NULL;
	}
	below = set_below(s, node->items[index], part->rest);
	copy = below ? copy_node(s, node) : NULL;
	items = copy ? arena_alloc(s->arena, node->count * sizeof(struct node *)) : NULL;
	if (!items)
		return NULL;
	for (size_t i = 0; i < node->count; i++)
		items[i] = i == index ? below : node->items[i];
	copy->items = items;
	return copy;
}

static const struct node *new_key(const struct setting *s, const struct part *part)
{
	struct node *key = copy_node(s, &(struct node){ .kind = NODE_SCALAR, .plain = true });

	if (!key)
		return NULL;
	key->place = s->value->place;
	key->text = arena_text(s->arena, part->text, part->len);
	return key->text ? key : NULL;
}

static const struct node *set_pair(const struct setting *s, const struct node *node,
				   const char *path, struct part *part)
{
	const struct node empty = { .kind = NODE_MAPPING, .place = s->value->place };
	size_t index = find_pair(node, path, part);
	bool fresh = index == NOT_THERE;
	const struct node *below =
		set_below(s, fresh ? &empty : node->pairs[index].value, part->rest);
	const struct node *key = fresh ? new_key(s, part) : node->pairs[index].key;
	struct node *copy = below && key ? copy_node(s, node) : NULL;
	struct node_pair *pairs = copy ? arena_alloc(s->arena, (node->count + 1) * sizeof(*pairs))
				       : NULL;

	if (!pairs)
		return NULL;
	if (node->count)
		memcpy(pairs, node->pairs, node->count * sizeof(*pairs));
	if (fresh)
		index = copy->count++;
	pairs[index] = (struct node_pair){ key, below };
	copy->pairs = pairs;
	return copy;
}

static const struct node *set_below(const struct setting *s, const struct node *node,
				    const char *path)
{
	struct part part;

	if (!*path)
		return s->value;
	if (!split(path, &part)) {
		*s->why = "no path";
		return NULL;
	}
	switch (node->kind) {
	case NODE_SEQUENCE:
		return set_item(s, node, &part);
	case NODE_MAPPING:
		return set_pair(s, node, path, &part);
	default:
		*s->why = "it leads through a single value";
		return NULL;
	}
}

const struct node *path_set(struct arena *arena, const struct node *root, const char *path,
			    const struct node *value, const char **why)
{
	const struct setting setting = { arena, value, why };

	*why = NULL;
	return set_below(&setting, root, path);
}

/* ---- what could have been meant ---- */

struct candidates {
	char **paths;
	size_t count;
};

static void add_candidates(struct candidates *c, const struct node *node, const char *path)
{
	size_t count = node->kind == NODE_SCALAR ? 0 : node->count;

	if (*path && c->count < CANDIDATES_MAX) {
		c->paths[c->count] = strdup(path);
		c->count += c->paths[c->count] != NULL;
	}
	for (size_t i = 0; i < count && c->count < CANDIDATES_MAX; i++) {
		const char *key = node->kind == NODE_MAPPING ? node->pairs[i].key->text : NULL;
		char *below;
		int len;

		if (key)
			len = asprintf(&below, "%s%s%s", path, *path ? "." : "", key);
		else
			len = asprintf(&below, "%s[%zu]", path, i);
		if (len < 0)
			return;
		add_candidates(c, key ? node->pairs[i].value : node->items[i], below);
		free(below);
	}
}

char *path_nearest(const struct node *root, const char *path)
{
	struct candidates c = { .paths = calloc(CANDIDATES_MAX + 1, sizeof(char *)) };
	const char *nearest = NULL;
	char *copy;

	if (!c.paths)
		return NULL;
	add_candidates(&c, root, "");
	nearest = nearest_word(path, (const char *const *)c.paths);
	copy = nearest ? strdup(nearest) : NULL;
	while (c.count)
		free(c.paths[--c.count]);
	free(c.paths);
	return copy;
}

/* ---- JSON ---- */

static const json_t *json_member(const json_t *object, const char *path, struct part *part)
{
	const json_t *best = NULL, *value;
	struct part found;
	const char *key;

	json_object_foreach((json_t *)object, key, value)
	{
		if (part->bracketed) {
			if (is_text(part, key))
				return value;
			continue;
		}
		if (!begins_with(path, key, &found) || (best && found.len < part->len))
			continue;
		*part = found;
		best = value;
	}
	return best;
}

const json_t *path_json(const json_t *root, const char *path)
{
	struct part part = { 0 };
	size_t index;

	while (root && *path) {
		if (!split(path, &part))
			return NULL;
		if (json_is_object(root))
			root = json_member(root, path, &part);
		else if (json_is_array(root) && part_number(&part, &index))
			root = json_array_get(root, index);
		else
			return NULL;
		path = part.rest;
	}
	return root;
}

bool path_indexed(const char *path, const char *key, char held[64], const char **rest)
{
	struct part part;

	if (!begins_with(path, key, &part) || !split(part.rest, &part) || part.len >= 64)
		return false;
	memcpy(held, part.text, part.len);
	held[part.len] = '\0';
	*rest = part.rest;
	return true;
}
