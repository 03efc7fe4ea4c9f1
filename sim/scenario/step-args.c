/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a step's arguments by its operation's table: names of arguments and types of values. What names of
 * earlier steps stand for is names-known.c's.
 */
#include "step.h"

#include "trace-file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

u64 arg_max(enum arg_type type)
{
	switch (type) {
	case ARG_U8:
		return 0xff;
	case ARG_PASID:
		return 0xfffff;
	case ARG_U32:
	case ARG_FLAGS:
		return 0xffffffff;
	default:
		return ~0ULL;
	}
}

#define WORDS_MAX 64u

/* The words of a table that speak of it; text: what is not known. */
static bool bad_word(const struct arg_def *def, const struct node *node, const char *text,
		     struct diags *diags)
{
	const char *words[WORDS_MAX + 1] = { NULL };
	char *advice;

	for (size_t i = 0; i < WORDS_MAX && def->words[i].name; i++)
		words[i] = def->words[i].name;
	advice = word_advice(text, words);
	diag_add(diags, &node->place, "%s: '%s' is not known; %s%s", def->name, text, advice,
		 def->type == ARG_CHOICE || nearest_word(text, words) ? "" : ", or a number");
	free(advice);
	return false;
}

/* What a message says that was expected. */
static const char *type_text(const struct arg_def *def)
{
	switch (def->type) {
	case ARG_NUMBER:
	case ARG_U32:
	case ARG_U8:
	case ARG_PASID:
	case ARG_DATA:
		return def->words ? "a word or a number" : "a number";
	case ARG_SIZE:
		return "a size below 2^64 such as 4096, 0x1000, 4KiB or 16GiB";
	case ARG_FLAGS:
		return "flags: words joined by '|' or in a list, or a number";
	case ARG_BOOL:
		return "true or false";
	case ARG_CHOICE:
		return "a word";
	case ARG_DEVICE:
	case ARG_DEVICE_NAME:
		return "the address of a device such as 0000:3a:00.0";
	case ARG_GROUP:
		return "a group number";
	case ARG_ADDRESS:
		return "a user address: a number, NAME or NAME+OFFSET of a mmap";
	case ARG_REGISTER:
		return "a register's name, or an offset";
	case ARG_STRING:
		return "a text";
	case ARG_TRACE:
		return "the name of a file";
	default:
		return "a name";
	}
}

static bool bad_flag(const struct arg_def *def, const struct node *node, const char *text,
		     size_t len, struct diags *diags)
{
	char *word = strndup(text, len);

	bad_word(def, node, word ? word : text, diags);
	free(word);
	return false;
}

/* One scalar of flags: words joined by `|`, or a number. */
static bool read_flags_scalar(const struct arg_def *def, const struct node *node, u64 *out,
			      struct diags *diags)
{
	const char *text = node->text;

	if (node->kind != NODE_SCALAR)
		return diag_add(diags, &node->place, "%s: expected %s", def->name, type_text(def));
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
			return bad_flag(def, node, text, trimmed, diags);
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
			return bad_word(def, arg->node, arg->text, diags);
	}
	if (def->type == ARG_U32 || def->type == ARG_U8 || def->type == ARG_PASID)
		return node_u64_range(arg->node, 0, arg_max(def->type), &arg->number, diags);
	return node_u64(arg->node, &arg->number, def->type == ARG_SIZE, diags);
}

/* A name that the platform lacks; the caller gives its count names. */
static bool not_in_platform(struct step_reader *reader, const struct arg *arg, const char *what,
			    const char **names)
{
	char *advice = word_advice(arg->text, names);

	diag_add(reader->diags, &arg->node->place, "%s '%s' is not in the platform; %s", what,
		 arg->text, advice);
	free(advice);
	return false;
}

static bool read_device(struct step_reader *reader, struct arg *arg)
{
	const struct platform *p = reader->platform;
	const char **names;
	u16 segment, source_id;
	bool found = !p;

	if (!node_bdf(arg->node, &segment, &source_id, reader->diags))
		return false;
	for (size_t i = 0; !found && i < p->device_count; i++) {
		arg->number = i;
		found = p->devices[i].segment == segment &&
			p->devices[i].function.source_id == source_id;
	}
	names = found ? NULL : calloc(p->device_count + 1, sizeof(*names));
	if (!names)
		return found;
	for (size_t i = 0; i < p->device_count; i++)
		names[i] = p->devices[i].name;
	not_in_platform(reader, arg, "device", names);
	free(names);
	return false;
}

static bool read_unit(struct step_reader *reader, struct arg *arg)
{
	const struct platform *p = reader->platform;
	const char **names;

	if (!p)
		return true;
	names = calloc(p->iommu_count + 1, sizeof(*names));
	for (size_t i = 0; names && i < p->iommu_count; i++) {
		names[i] = p->iommus[i].name;
		arg->number = i;
		if (strcmp(names[i], arg->text) == 0) {
			free(names);
			return true;
		}
	}
	if (names)
		not_in_platform(reader, arg, "IOMMU", names);
	free(names);
	return false;
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

/* The file is read again when the step runs: what it holds is not kept for as long as the scenario. */
static bool check_trace(const struct arg *arg, struct diags *diags)
{
	char *path = path_beside(arg->node->place.file, arg->text);
	struct trace trace = { 0 };
	bool good = path && trace_load(path, &trace, diags);

	if (!path)
		diag_add(diags, &arg->node->place, "not enough memory");
	else if (!good)
		diag_note(diags, &arg->node->place, "named here");
	trace_clear(&trace);
	free(path);
	return good;
}

static bool takes_reference(enum arg_type type)
{
	return type == ARG_NUMBER || type == ARG_U32 || type == ARG_U8 || type == ARG_PASID ||
	       type == ARG_SIZE || type == ARG_DATA || type == ARG_ADDRESS || type == ARG_FLAGS;
}

static bool read_arg(struct step_reader *reader, const struct arg_def *def, const struct node *node,
		     struct arg *arg)
{
	bool scalar_only = def->type != ARG_FIELDS && def->type != ARG_LIST &&
			   def->type != ARG_FLAGS;
	bool flag;

	arg->def = def;
	arg->node = node;
	if (scalar_only && node->kind != NODE_SCALAR)
		return diag_add(reader->diags, &node->place, "%s: expected %s", def->name,
				type_text(def));
	arg->text = node->kind == NODE_SCALAR ? node->text : "";
	if (arg->text[0] == '$' && takes_reference(def->type)) {
		arg->reference = arg->text + 1;
		return names_check_saved(reader, node, arg->reference);
	}
	switch (def->type) {
	case ARG_NUMBER:
	case ARG_U32:
	case ARG_U8:
	case ARG_PASID:
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
		       bad_word(def, node, arg->text, reader->diags);
	case ARG_DEVICE:
		return read_device(reader, arg);
	case ARG_UNIT:
		return read_unit(reader, arg);
	case ARG_FIELDS:
		return read_fields(arg, reader->diags);
	case ARG_LIST:
		return read_list(arg, reader->diags);
	case ARG_TRACE:
		return check_trace(arg, reader->diags);
	default: /* names, for names-known.c */
		return true;
	}
}

/* The index of the argument that a key names, or means if it is misspelt (told); -1: none. */
static int find_arg(struct step_reader *reader, const struct step *step, const struct node *key)
{
	const char *names[STEP_MAX_ARGS + 1] = { NULL };
	const char *near;
	char *advice;
	int count = 0;

	for (; step->op->args[count].name; count++) {
		names[count] = step->op->args[count].name;
		if (strcmp(names[count], key->text) == 0)
			return count;
	}
	advice = word_advice(key->text, names);
	diag_add(reader->diags, &key->place, "unknown key '%s' of %s; %s", key->text,
		 step->op->name, advice);
	free(advice);
	near = nearest_word(key->text, names);
	while (near && count--) {
		if (names[count] == near)
			return count;
	}
	return -1;
}

static bool read_into(struct step_reader *reader, struct step *step, int index,
		      const struct node *value)
{
	struct arg *arg = &step->args[index];

	arg->valid = read_arg(reader, &step->op->args[index], value, arg);
	return arg->valid;
}

static bool read_primary(struct step_reader *reader, struct step *step, const struct node *node)
{
	if (!step->op->primary)
		return diag_add(reader->diags, &node->place,
				"%s takes a mapping of arguments, not a single value",
				step->op->name);
	for (int i = 0; step->op->args[i].name; i++) {
		if (strcmp(step->op->args[i].name, step->op->primary) == 0)
			return read_into(reader, step, i, node);
	}
	return false;
}

bool step_read_args(struct step_reader *reader, struct step *step, const struct node *node)
{
	size_t errors = reader->diags->count + reader->diags->dropped;

	if (node->kind != NODE_MAPPING)
		return read_primary(reader, step, node);
	for (size_t i = 0; i < node->count && !diag_enough(reader->diags); i++) {
		int index = find_arg(reader, step, node->pairs[i].key);

		if (index >= 0 && !step->args[index].node)
			read_into(reader, step, index, node->pairs[i].value);
	}
	for (size_t i = 0; step->op->args[i].name; i++) {
		if (step->op->args[i].required && !step->args[i].node)
			diag_add(reader->diags, &node->place, "%s lacks '%s': %s", step->op->name,
				 step->op->args[i].name, step->op->args[i].help);
	}
	return reader->diags->count + reader->diags->dropped == errors;
}
