/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks expectations before anything runs: forms, kernel variants, errno names, fields of the result and names of
 * saved results. Matching is expect.c's.
 */
#include "step.h"

#include "kernel.h"
#include "tree/tree.h"

#include <stdlib.h>
#include <string.h>

static bool is_variant(const char *text)
{
	for (const char *const *v = kernel_variants(); *v; v++) {
		if (strcmp(*v, text) == 0)
			return true;
	}
	return strcmp(text, "default") == 0 || tree_is_name(text);
}

bool expect_is_by_kernel(const struct node *expect)
{
	if (expect->kind != NODE_MAPPING)
		return false;
	for (size_t i = 0; i < expect->count; i++) {
		if (is_variant(expect->pairs[i].key->text))
			return true;
	}
	return false;
}

static bool check_scalar(struct step_reader *reader, const struct step *step,
			 const struct node *expect)
{
	static const char *const words[] = { "ok", "any", "fault", NULL };
	bool faults = field_known(step, "fault", NULL);
	const char *text = expect->text;
	struct errno_names names;
	const char *near;
	u64 number;

	for (size_t i = 0; words[i]; i++) {
		if (strcmp(words[i], text) != 0)
			continue;
		return strcmp(text, "fault") != 0 || faults ||
		       diag_add(reader->diags, &expect->place,
				"%s does not fault; expected ok, an errno name or a number",
				step->op->name);
	}
	if (text[0] == '$')
		return names_check_saved(reader, expect, text + 1);
	if (errno_number(text) || parse_u64(text, true, &number))
		return true;
	errno_names(&names);
	for (size_t i = 0; words[i]; i++)
		names.list[names.count++] = words[i];
	near = nearest_word(text, names.list);
	if (!near)
		return diag_add(
			reader->diags, &expect->place,
			"'%s' is no expectation; expected ok, %sany, an errno name or a number",
			text, faults ? "fault, " : "");
	char *advice = word_advice(text, names.list);

	diag_add(reader->diags, &expect->place, "'%s' is no expectation; %s", text, advice);
	free(advice);
	return false;
}

static bool check_errno(struct step_reader *reader, const struct node *name)
{
	struct errno_names names;
	const char *text;
	char *advice;

	if (!node_string(name, &text, reader->diags))
		return false;
	if (errno_number(text))
		return true;
	errno_names(&names);
	advice = nearest_word(text, names.list) ? word_advice(text, names.list)
						: strdup("expected e.g. EINVAL");
	diag_add(reader->diags, &name->place, "'%s' is no errno name; %s", text, advice);
	free(advice);
	return false;
}

static bool check_unknown_field(struct step_reader *reader, const struct step *step,
				const struct node *key)
{
	const char *more[16] = { "errno", "equals", "differs", "default", NULL };
	char *advice;

	for (size_t i = 0; kernel_variants()[i] && i < 11; i++)
		more[4 + i] = kernel_variants()[i];
	advice = field_advice(step, key->text, more);
	diag_add(reader->diags, &key->place,
		 "'%s' is no field of the result of %s, nor a kernel variant; %s", key->text,
		 step->op->name, advice);
	free(advice);
	return false;
}

static bool check_field(struct step_reader *reader, const struct step *step,
			const struct node_pair *pair)
{
	const char *key = pair->key->text;
	struct field_def field;
	const char *text;

	if (strcmp(key, "errno") == 0)
		return check_errno(reader, pair->value);
	if (strcmp(key, "equals") == 0 || strcmp(key, "differs") == 0)
		return node_string(pair->value, &text, reader->diags) &&
		       names_check_saved(reader, pair->value, text);
	if (!field_known(step, key, &field))
		return check_unknown_field(reader, step, pair->key);
	return field_check_value(reader, step, &field, pair->value);
}

static bool check_one(struct step_reader *reader, const struct step *step,
		      const struct node *expect)
{
	bool ok = true;

	if (expect->kind == NODE_SCALAR)
		return check_scalar(reader, step, expect);
	if (expect->kind == NODE_SEQUENCE)
		return diag_add(reader->diags, &expect->place,
				"expected a word, a number or a mapping, not a list");
	for (size_t i = 0; i < expect->count && !diag_enough(reader->diags); i++)
		ok &= check_field(reader, step, &expect->pairs[i]);
	return ok;
}

static bool check_variant(struct step_reader *reader, const struct node *key)
{
	const char *variants[16] = { "default", NULL };
	char *advice;

	if (is_variant(key->text))
		return true;
	for (size_t i = 0; kernel_variants()[i] && i < 14; i++)
		variants[1 + i] = kernel_variants()[i];
	advice = word_advice(key->text, variants);
	diag_add(reader->diags, &key->place, "'%s' is no kernel variant, as its neighbours are; %s",
		 key->text, advice);
	free(advice);
	return false;
}

bool expect_check(struct step_reader *reader, const struct step *step)
{
	const struct node *expect = step->expect;
	bool ok = true;

	if (!expect_is_by_kernel(expect))
		return check_one(reader, step, expect);
	for (size_t i = 0; i < expect->count && !diag_enough(reader->diags); i++) {
		if (check_variant(reader, expect->pairs[i].key))
			ok &= check_one(reader, step, expect->pairs[i].value);
		else
			ok = false;
	}
	return ok;
}
