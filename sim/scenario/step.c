/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads steps: the actor, its operation, and what else a step may say. Everything is checked, so that an
 * operation's own code only meets values of the right kind.
 */
#include "step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPEAT_MAX 100000u

const struct actor *const *actors(void)
{
	static const struct actor *const all[] = { &actor_vmm,      &actor_guest, &actor_device,
						   &actor_hardware, &actor_host,  NULL };

	return all;
}

const struct arg *step_arg(const struct step *step, const char *name)
{
	for (size_t i = 0; step->op->args[i].name; i++) {
		if (strcmp(step->op->args[i].name, name) == 0)
			return step->args[i].node ? &step->args[i] : NULL;
	}
	return NULL;
}

u64 step_number(const struct step *step, const char *name, u64 fallback)
{
	const struct arg *arg = step_arg(step, name);

	return arg ? arg->number : fallback;
}

const char *step_text(const struct step *step, const char *name, const char *fallback)
{
	const struct arg *arg = step_arg(step, name);

	return arg ? arg->text : fallback;
}

void step_clear(struct step *step)
{
	free(step->name);
}

/* The operation of that name, with the actor whose it is. NULL: nobody has it. */
static const struct op *find_op(const char *name, const struct actor **owner)
{
	for (const struct actor *const *a = actors(); *a; a++) {
		for (size_t i = 0; (*a)->ops[i]; i++) {
			*owner = *a;
			if (strcmp((*a)->ops[i]->name, name) == 0)
				return (*a)->ops[i];
		}
	}
	return NULL;
}

static const struct op *own_op(const struct actor *actor, const char *name)
{
	for (size_t i = 0; actor->ops[i]; i++) {
		if (strcmp(actor->ops[i]->name, name) == 0)
			return actor->ops[i];
	}
	return NULL;
}

/* Tells an operation that the actor does not have; the one that is meant, as far as it can be told, or NULL. */
static const struct op *unknown_op(struct step_reader *reader, const struct step *step,
				   const struct node *key)
{
	const char *names[64] = { NULL };
	const struct actor *owner;
	const struct op *op = find_op(key->text, &owner);
	const char *near;
	char *advice;

	if (op) {
		diag_add(reader->diags, &key->place, "%s is an operation of %s, not of %s",
			 key->text, owner->name, step->actor->name);
		return op;
	}
	for (size_t i = 0; step->actor->ops[i]; i++)
		names[i] = step->actor->ops[i]->name;
	near = nearest_word(key->text, names);
	advice = word_advice(key->text, names);
	diag_add(reader->diags, &key->place, "%s knows no operation '%s'; %s", step->actor->name,
		 key->text, advice);
	free(advice);
	return near ? own_op(step->actor, near) : NULL;
}

static bool read_op(struct step_reader *reader, struct step *step, const struct node *ops)
{
	const struct node *key;
	bool ok = true;

	if (ops->kind != NODE_MAPPING || ops->count != 1)
		return diag_add(
			reader->diags, &ops->place,
			"a step of '%s' does exactly one thing; expected one operation and its arguments",
			step->actor->name);
	key = ops->pairs[0].key;
	step->op = own_op(step->actor, key->text);
	if (!step->op) {
		step->op = unknown_op(reader, step, key);
		ok = false;
	}
	return step->op && step_read_args(reader, step, ops->pairs[0].value) && ok;
}

static const char *const step_keys[] = { "vmm",  "guest", "device", "hardware", "host", "expect",
					 "save", "about", "repeat", "every",    NULL };

static bool is_key(const char *text)
{
	for (const char *const *k = step_keys; *k; k++) {
		if (strcmp(*k, text) == 0)
			return true;
	}
	return false;
}

/* The value under a key, or under a key that is told as unknown and means this one; or NULL. */
static const struct node *value_of(const struct node *node, const char *name)
{
	const struct node *value = node_get(node, name);

	for (size_t i = 0; !value && i < node->count; i++) {
		const char *text = node->pairs[i].key->text;
		const char *near = is_key(text) ? NULL : nearest_word(text, step_keys);

		if (near && strcmp(near, name) == 0)
			value = node->pairs[i].value;
	}
	return value;
}

/* What the step's actor does, or NULL with an error. */
static const struct node *find_actor(struct step_reader *reader, const struct node *node,
				     struct step *step)
{
	const struct node *found = NULL;

	for (const struct actor *const *a = actors(); *a; a++) {
		const struct node *value = value_of(node, (*a)->name);

		if (!value)
			continue;
		if (found) {
			diag_add(reader->diags, &value->place,
				 "a second actor in one step; expected one step for each");
			return NULL;
		}
		found = value;
		step->actor = *a;
	}
	if (!found)
		diag_add(reader->diags, &node->place,
			 "a step names its actor; expected vmm, guest, device, hardware or host");
	return found;
}

static void print_arg(FILE *out, const struct arg *arg)
{
	const struct node *node = arg->node;

	fprintf(out, " %s=", arg->def->name);
	if (node->kind == NODE_SCALAR)
		fputs(node->text, out);
	for (size_t i = 0; node->kind == NODE_SEQUENCE && i < node->count; i++)
		fprintf(out, "%s%s", i ? "," : "",
			node->items[i]->kind == NODE_SCALAR ? node->items[i]->text : "...");
	for (size_t i = 0; node->kind == NODE_MAPPING && i < node->count; i++)
		fprintf(out, "%s%s:%s", i ? "," : "", node->pairs[i].key->text,
			node->pairs[i].value->kind == NODE_SCALAR ? node->pairs[i].value->text
								  : "...");
}

static char *step_title(const struct step *step)
{
	char *title = NULL;
	size_t size;
	FILE *out = open_memstream(&title, &size);

	fputs(step->op->name, out);
	for (size_t i = 0; step->op->args[i].name; i++) {
		if (step->args[i].node)
			print_arg(out, &step->args[i]);
	}
	fclose(out);
	return title;
}

static bool read_save(struct step_reader *reader, const struct node *node, struct step *step)
{
	if (!node)
		return true;
	if (!node_string(node, &step->save, reader->diags))
		return false;
	if (!*step->save || strpbrk(step->save, ".$ "))
		return diag_add(reader->diags, &node->place,
				"'%s' cannot be a name; expected letters, digits, - and _",
				step->save);
	names_add_save(reader, step);
	return true;
}

/* How often, and how soon again. */
static bool read_repeat(struct step_reader *reader, const struct node *node, struct step *step)
{
	const struct node *repeat = value_of(node, "repeat"), *every = value_of(node, "every");
	unsigned long long times = 1;

	if (repeat && !node_u64_range(repeat, 1, REPEAT_MAX, &times, reader->diags))
		return false;
	step->repeat = (unsigned int)times;
	if (every && !repeat)
		return diag_add(reader->diags, &every->place,
				"`every:` goes with `repeat:`, which says how often");
	return !every || read_time(every, &step->every, reader->diags);
}

bool step_read(struct step_reader *reader, const struct node *node, struct step *step)
{
	const struct node *actor;
	const char *about;
	bool ok;

	step->place = node->place;
	ok = node_check_keys(node, step_keys, "step", reader->diags);
	if (node->kind != NODE_MAPPING)
		return false;
	actor = find_actor(reader, node, step);
	step->expect = value_of(node, "expect");
	ok = actor && read_op(reader, step, actor) && ok;
	if (step->op) {
		ok &= names_check(reader, step);
		step->name = step_title(step);
	}
	if (step->op && step->expect)
		ok &= expect_check(reader, step);
	ok &= read_save(reader, value_of(node, "save"), step);
	ok &= read_repeat(reader, node, step);
	return ok & (!node_get(node, "about") ||
		     node_string(node_get(node, "about"), &about, reader->diags));
}
