/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads steps by the operations' tables: names, types and references are checked here, so that an
 * operation's own code only meets values of the right kind.
 */
#include "step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* ---- arguments ---- */

static bool word_value(const struct word *words, const char *text, size_t len, u64 *out)
{
	for (; words && words->name; words++) {
		if (strlen(words->name) == len && strncmp(words->name, text, len) == 0) {
			*out = words->value;
			return true;
		}
	}
	return false;
}

/* "one of a, b, c": the words that are expected, for a message; the caller frees it. */
static char *words_text(const struct word *words)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (const struct word *w = words; w && w->name; w++)
		fprintf(out, "%s%s", w == words ? "" : ", ", w->name);
	fclose(out);
	return text;
}

u64 arg_max(enum arg_type type)
{
	switch (type) {
	case ARG_U8:
		return 0xff;
	case ARG_U32:
	case ARG_FLAGS:
		return 0xffffffff;
	default:
		return ~0ULL;
	}
}

static bool bad_word(const struct arg_def *def, const struct node *node, struct diags *diags)
{
	char *expected = words_text(def->words);

	diag_add(diags, &node->place, "%s: '%s' is not known; expected %s%s", def->name,
		 node->kind == NODE_SCALAR ? node->text : "(not a scalar)",
		 def->type == ARG_CHOICE ? "one of " : "a number or ", expected);
	free(expected);
	return false;
}

/* One scalar of flags: words joined by `|`, or a number. */
static bool read_flags_scalar(const struct arg_def *def, const struct node *node, u64 *out,
			      struct diags *diags)
{
	const char *text = node->kind == NODE_SCALAR ? node->text : "";

	if (parse_u64(text, false, out))
		return *out <= arg_max(def->type) ||
		       diag_add(diags, &node->place, "%s: %s has more than 32 bits", def->name,
				text);
	*out = 0;
	while (*text) {
		size_t len = strcspn(text, "|");
		u64 value;

		while (len && *text == ' ') {
			text++;
			len--;
		}
		size_t trimmed = len;

		while (trimmed && text[trimmed - 1] == ' ')
			trimmed--;
		if (!word_value(def->words, text, trimmed, &value))
			return bad_word(def, node, diags);
		*out |= value;
		text += len + (text[len] == '|');
	}
	return true;
}

static bool read_flags(const struct arg_def *def, struct arg *arg, struct diags *diags)
{
	const struct node *node = arg->node;

	if (node->kind != NODE_SEQUENCE)
		return read_flags_scalar(def, node, &arg->number, diags);
	for (size_t i = 0; i < node->count; i++) {
		u64 value;

		if (!read_flags_scalar(def, node->items[i], &value, diags))
			return false;
		arg->number |= value;
	}
	return true;
}

static bool read_number(const struct arg_def *def, struct arg *arg, struct diags *diags)
{
	if (arg->node->kind == NODE_SCALAR && def->words) {
		if (word_value(def->words, arg->text, strlen(arg->text), &arg->number))
			return true;
		if (!parse_u64(arg->text, def->type == ARG_SIZE, &arg->number))
			return bad_word(def, arg->node, diags);
	}
	if (def->type == ARG_U32 || def->type == ARG_U8)
		return node_u64_range(arg->node, 0, arg_max(def->type), &arg->number, diags);
	return node_u64(arg->node, &arg->number, def->type == ARG_SIZE, diags);
}

static bool read_device(struct step_reader *reader, struct arg *arg)
{
	const struct platform *p = reader->platform;
	u16 segment, source_id;

	if (!node_bdf(arg->node, &segment, &source_id, reader->diags))
		return false;
	for (size_t i = 0; i < p->device_count; i++) {
		if (p->devices[i].segment == segment &&
		    p->devices[i].function.source_id == source_id) {
			arg->number = i;
			return true;
		}
	}
	return diag_add(reader->diags, &arg->node->place,
			"device %s is not in the platform; expected one of its devices", arg->text);
}

static bool read_unit(struct step_reader *reader, struct arg *arg)
{
	const struct platform *p = reader->platform;

	for (size_t i = 0; i < p->iommu_count; i++) {
		if (strcmp(p->iommus[i].name, arg->text) == 0) {
			arg->number = i;
			return true;
		}
	}
	return diag_add(reader->diags, &arg->node->place,
			"IOMMU '%s' is not in the platform; expected one of its iommus", arg->text);
}

static bool read_fields(struct arg *arg, struct diags *diags)
{
	u64 number;

	if (arg->node->kind != NODE_MAPPING)
		return diag_add(diags, &arg->node->place,
				"%s: expected a mapping of field names to numbers", arg->def->name);
	for (size_t i = 0; i < arg->node->count; i++) {
		if (!node_u64(arg->node->pairs[i].value, &number, true, diags))
			return false;
	}
	return true;
}

static bool read_list(struct arg *arg, struct diags *diags)
{
	u64 number;

	if (arg->node->kind != NODE_SEQUENCE)
		return diag_add(diags, &arg->node->place, "%s: expected a list of numbers",
				arg->def->name);
	for (size_t i = 0; i < arg->node->count; i++) {
		if (!node_u64(arg->node->items[i], &number, false, diags))
			return false;
	}
	return true;
}

/* A reference must name a result that an earlier step saves. */
static bool check_reference(struct step_reader *reader, const struct arg *arg)
{
	size_t len = strcspn(arg->reference, ".");

	for (size_t i = 0; i < reader->save_count; i++) {
		if (strlen(reader->saves[i]) == len &&
		    strncmp(reader->saves[i], arg->reference, len) == 0)
			return true;
	}
	return diag_add(reader->diags, &arg->node->place,
			"no earlier step saves '%.*s'; expected the name of a `save:` above",
			(int)len, arg->reference);
}

static bool takes_reference(enum arg_type type)
{
	return type == ARG_NUMBER || type == ARG_U32 || type == ARG_U8 || type == ARG_SIZE ||
	       type == ARG_DATA || type == ARG_ADDRESS || type == ARG_FLAGS;
}

static bool read_arg(struct step_reader *reader, const struct arg_def *def, const struct node *node,
		     struct arg *arg)
{
	bool scalar_only = def->type != ARG_FIELDS && def->type != ARG_LIST &&
			   def->type != ARG_FLAGS;
	bool flag;

	arg->def = def;
	arg->node = node;
	if (scalar_only && !node_string(node, &arg->text, reader->diags))
		return false;
	if (node->kind == NODE_SCALAR)
		arg->text = node->text;
	if (arg->text && arg->text[0] == '$' && takes_reference(def->type)) {
		arg->reference = arg->text + 1;
		return check_reference(reader, arg);
	}
	switch (def->type) {
	case ARG_NUMBER:
	case ARG_U32:
	case ARG_U8:
	case ARG_SIZE:
	case ARG_DATA:
		return read_number(def, arg, reader->diags);
	case ARG_FLAGS:
		return read_flags(def, arg, reader->diags);
	case ARG_BOOL:
		if (!node_bool(node, &flag, reader->diags))
			return false;
		arg->number = flag;
		return true;
	case ARG_CHOICE:
		return word_value(def->words, arg->text, strlen(arg->text), &arg->number) ||
		       bad_word(def, node, reader->diags);
	case ARG_DEVICE:
		return read_device(reader, arg);
	case ARG_UNIT:
		return read_unit(reader, arg);
	case ARG_FIELDS:
		return read_fields(arg, reader->diags);
	case ARG_LIST:
		return read_list(arg, reader->diags);
	case ARG_ADDRESS: /* names of mappings exist only when the step runs */
	case ARG_FILE:
	case ARG_STRING:
		break;
	}
	return true;
}

static bool unknown_arg(const struct op *op, const struct node *key, struct diags *diags)
{
	const char *names[STEP_MAX_ARGS + 1] = { NULL };
	const char *near;

	for (size_t i = 0; op->args[i].name; i++)
		names[i] = op->args[i].name;
	near = nearest_word(key->text, names);
	return diag_add(diags, &key->place, "unknown key '%s' of %s%s%s%s", key->text, op->name,
			near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static bool read_arg_pair(struct step_reader *reader, struct step *step,
			  const struct node_pair *pair)
{
	for (size_t i = 0; step->op->args[i].name; i++) {
		if (strcmp(step->op->args[i].name, pair->key->text) == 0)
			return read_arg(reader, &step->op->args[i], pair->value, &step->args[i]);
	}
	return unknown_arg(step->op, pair->key, reader->diags);
}

static bool read_primary(struct step_reader *reader, struct step *step, const struct node *node)
{
	if (!step->op->primary)
		return diag_add(reader->diags, &node->place,
				"%s takes a mapping of arguments, not a single value",
				step->op->name);
	for (size_t i = 0; step->op->args[i].name; i++) {
		if (strcmp(step->op->args[i].name, step->op->primary) == 0)
			return read_arg(reader, &step->op->args[i], node, &step->args[i]);
	}
	return false;
}

static bool read_args(struct step_reader *reader, struct step *step, const struct node *node)
{
	bool ok = true;

	if (node->kind != NODE_MAPPING)
		return read_primary(reader, step, node);
	for (size_t i = 0; i < node->count; i++)
		ok &= read_arg_pair(reader, step, &node->pairs[i]);
	for (size_t i = 0; step->op->args[i].name; i++) {
		if (step->op->args[i].required && !step->args[i].node)
			ok = diag_add(reader->diags, &node->place, "%s lacks '%s': %s",
				      step->op->name, step->op->args[i].name,
				      step->op->args[i].help);
	}
	return ok;
}

/* ---- the step as a whole ---- */

static bool read_op(struct step_reader *reader, struct step *step, const struct node_pair *actor)
{
	const char *names[64] = { NULL };
	const struct node *ops = actor->value;
	const char *near;

	if (ops->kind != NODE_MAPPING || ops->count != 1)
		return diag_add(
			reader->diags, &ops->place,
			"a step of '%s' does exactly one thing; expected one operation and its arguments",
			step->actor->name);
	for (size_t i = 0; step->actor->ops[i]; i++) {
		names[i] = step->actor->ops[i]->name;
		if (strcmp(names[i], ops->pairs[0].key->text) == 0)
			step->op = step->actor->ops[i];
	}
	if (step->op)
		return read_args(reader, step, ops->pairs[0].value);
	near = nearest_word(ops->pairs[0].key->text, names);
	return diag_add(reader->diags, &ops->pairs[0].key->place,
			"%s knows no operation '%s'%s%s%s", step->actor->name,
			ops->pairs[0].key->text, near ? "; did you mean '" : "", near ? near : "",
			near ? "'?" : "; see docs/scenario-format.md");
}

/* The pair of the step that names its actor, or NULL with an error. */
static const struct node_pair *find_actor(struct step_reader *reader, const struct node *node,
					  struct step *step)
{
	const struct node_pair *found = NULL;

	for (size_t i = 0; i < node->count; i++) {
		for (const struct actor *const *a = actors(); *a; a++) {
			if (strcmp(node->pairs[i].key->text, (*a)->name) != 0)
				continue;
			if (found) {
				diag_add(reader->diags, &node->pairs[i].key->place,
					 "a second actor in one step; expected one step for each");
				return NULL;
			}
			found = &node->pairs[i];
			step->actor = *a;
		}
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
	reader->saves[reader->save_count++] = step->save;
	return true;
}

bool step_read(struct step_reader *reader, const struct node *node, struct step *step)
{
	static const char *const keys[] = { "vmm",    "guest", "device", "hardware", "host",
					    "expect", "save",  "about",  NULL };
	const struct node_pair *actor;
	const char *about;
	bool ok;

	step->place = node->place;
	if (!node_check_keys(node, keys, "step", reader->diags))
		return false;
	actor = find_actor(reader, node, step);
	if (!actor || !read_op(reader, step, actor))
		return false;
	ok = !node_get(node, "about") ||
	     node_string(node_get(node, "about"), &about, reader->diags);
	step->expect = node_get(node, "expect");
	if (step->expect)
		ok &= expect_check(step->expect, reader->diags);
	ok &= read_save(reader, node_get(node, "save"), step);
	step->name = step_title(step);
	return ok;
}
