/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields that results of operations have, by name: which there are, and which values they may be expected
 * to have. Comparing with what a run gave is expect.c's.
 */
#include "step.h"

#include "smmuv3/smmuv3-format.h"
#include "smmuv3/smmuv3.h"
#include "vtd/vtd-fault.h"
#include "vtd/vtd-format.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 256u

/* Names to choose from, NULL-terminated. */
struct names {
	const char *list[NAMES_MAX + 1];
	size_t count;
};

static void add_name(struct names *names, const char *name)
{
	if (names->count == NAMES_MAX)
		return;
	names->list[names->count++] = name;
	names->list[names->count] = NULL;
}

static const struct format *step_format(const struct step *step, size_t index)
{
	const char *const *formats = step->op->formats ? step->op->formats(step) : NULL;

	for (size_t i = 0; formats && formats[i]; i++) {
		if (i == index)
			return vtd_format(formats[i]) ? vtd_format(formats[i])
						      : smmuv3_format(formats[i]);
	}
	return NULL;
}

static bool is_one_of(const char *text, const char *const *words)
{
	for (; words && *words; words++) {
		if (strcmp(*words, text) == 0)
			return true;
	}
	return false;
}

/* What stands behind "capabilities." in "capabilities.0", if an index does. NULL: that is not of this field. */
static const char *index_below(const char *path, const struct field_def *field)
{
	size_t len = strlen(field->name);

	if ((field->type != FIELD_DEEPER && field->type != FIELD_LIST) ||
	    strncmp(path, field->name, len) != 0 || path[len] != '.')
		return NULL;
	return path[len + 1] >= '0' && path[len + 1] <= '9' ? path + len + 1 : NULL;
}

/* The name of an element's field in "0.write"; NULL for an element as such. */
static const char *behind_index(const char *index)
{
	const char *dot = strchr(index, '.');

	return dot ? dot + 1 : NULL;
}

static bool found(struct field_def *out, const struct field_def *field)
{
	if (out)
		*out = *field;
	return true;
}

bool field_known(const struct step *step, const char *path, struct field_def *out)
{
	const struct field_def *field = step->op->fields;
	const struct format *format;
	const char *index;

	for (; field && field->name; field++) {
		if (strcmp(field->name, path) == 0)
			return found(out, field);
		index = index_below(path, field);
		if (index && field->type == FIELD_DEEPER)
			return found(out, &(struct field_def){ path, FIELD_NUMBER, NULL });
		if (index && !behind_index(index))
			return found(out, &(struct field_def){ path, FIELD_DEEPER, NULL });
		if (index && is_one_of(behind_index(index), field->words))
			return found(out, &(struct field_def){ path, FIELD_ELEMENT, NULL });
	}
	for (size_t i = 0; (format = step_format(step, i)); i++) {
		for (size_t f = 0; f < format->field_count; f++) {
			if (strcmp(format->fields[f].name, path) == 0)
				return found(out, &(struct field_def){ path, FIELD_BIT, NULL });
		}
	}
	return false;
}

static void add_format_names(struct names *names, const struct step *step)
{
	const struct format *format;

	for (size_t i = 0; (format = step_format(step, i)); i++) {
		for (size_t f = 0; f < format->field_count; f++)
			add_name(names, format->fields[f].name);
	}
}

char *field_advice(const struct step *step, const char *path, const char *const *more)
{
	struct names names = { 0 };

	for (const struct field_def *f = step->op->fields; f && f->name; f++) {
		const char *index = index_below(path, f);

		if (index && f->type == FIELD_LIST && behind_index(index))
			return word_advice(behind_index(index), f->words);
		add_name(&names, f->name);
	}
	add_format_names(&names, step);
	for (; more && *more; more++)
		add_name(&names, *more);
	return word_advice(path, names.list);
}

static bool format_field_known(const struct step *step, const char *name)
{
	const struct format *format;

	for (size_t i = 0; (format = step_format(step, i)); i++) {
		if (vtd_field(format, name))
			return true;
	}
	return false;
}

bool fields_check_arg(const struct step *step, const struct arg *arg, struct diags *diags)
{
	bool ok = true;

	for (size_t i = 0; step_format(step, 0) && i < arg->node->count && !diag_enough(diags);
	     i++) {
		const struct node *key = arg->node->pairs[i].key;
		struct names names = { 0 };
		char *advice;

		if (format_field_known(step, key->text))
			continue;
		add_format_names(&names, step);
		advice = word_advice(key->text, names.list);
		ok = diag_add(diags, &key->place, "%s has no field '%s'; %s",
			      step_format(step, 0)->title, key->text, advice);
		free(advice);
	}
	return ok;
}

/* ---- values ---- */

/* The kind of IOMMU in front of the step's device: vtd and smmu tell which it may be. */
static void fault_models(const struct step_reader *reader, const struct step *step, bool *vtd,
			 bool *smmu)
{
	const struct platform *p = reader->platform;

	*vtd = *smmu = true;
	for (size_t i = 0; p && step->op->args[i].name; i++) {
		const struct arg *arg = &step->args[i];

		if (!arg->valid || arg->def->type != ARG_DEVICE)
			continue;
		*vtd = p->iommus[p->devices[arg->number].iommu].kind == PLATFORM_VTD;
		*smmu = !*vtd;
	}
}

static bool check_fault(struct step_reader *reader, const struct step *step,
			const struct node *value)
{
	const struct smmuv3_event_info *events;
	const struct vtd_fault_info *faults;
	struct names names = { 0 };
	bool vtd, smmu, is_number;
	size_t count;
	char *advice;
	u64 code;

	fault_models(reader, step, &vtd, &smmu);
	is_number = parse_u64(value->text, false, &code);
	faults = vtd_faults(&count);
	for (size_t i = 0; vtd && i < count; i++) {
		if (is_number ? faults[i].code == code : !strcmp(faults[i].name, value->text))
			return true;
		add_name(&names, faults[i].name);
	}
	events = smmuv3_events(&count);
	for (size_t i = 0; smmu && i < count; i++) {
		if (is_number ? events[i].code == code : !strcmp(events[i].name, value->text))
			return true;
		add_name(&names, events[i].name);
	}
	advice = is_number ? strdup("'vtdsim decode fault --list' has VT-d's")
			   : word_advice(value->text, names.list);
	diag_add(reader->diags, &value->place, "'%s' is no fault of %s; %s", value->text,
		 !smmu  ? "VT-d"
		 : !vtd ? "an SMMU"
			: "any IOMMU",
		 advice ? advice : "expected another");
	free(advice);
	return false;
}

static bool check_word(struct step_reader *reader, const struct field_def *field,
		       const struct node *value)
{
	char *advice;

	if (is_one_of(value->text, field->words))
		return true;
	advice = word_advice(value->text, field->words);
	diag_add(reader->diags, &value->place, "%s: '%s' is not known; %s", field->name,
		 value->text, advice);
	free(advice);
	return false;
}

static bool check_number(struct step_reader *reader, const struct field_def *field,
			 const struct node *value)
{
	u64 number;

	if (parse_u64(value->text, true, &number) || is_one_of(value->text, field->words))
		return true;
	if (field->type == FIELD_BIT &&
	    (strcmp(value->text, "true") == 0 || strcmp(value->text, "false") == 0))
		return true;
	if (field->words)
		return check_word(reader, field, value);
	return diag_add(
		reader->diags, &value->place,
		"%s: expected a number, $name, {min: .., max: ..}, present or absent, found '%s'",
		field->name, value->text);
}

static bool check_bounds(struct step_reader *reader, const struct field_def *field,
			 const struct node *bounds)
{
	static const char *const keys[] = { "min", "max", NULL };
	bool ok = node_check_keys(bounds, keys, "bounds", reader->diags);
	u64 number;

	if (!bounds->count)
		return diag_add(reader->diags, &bounds->place, "%s: expected `min:` or `max:`",
				field->name);
	for (size_t i = 0; ok && i < bounds->count; i++)
		ok = node_u64(bounds->pairs[i].value, &number, true, reader->diags);
	return ok;
}

bool field_check_value(struct step_reader *reader, const struct step *step,
		       const struct field_def *field, const struct node *value)
{
	const char *text = value->text;

	if (value->kind == NODE_MAPPING)
		return check_bounds(reader, field, value);
	if (value->kind == NODE_SEQUENCE)
		return field->type == FIELD_DEEPER || field->type == FIELD_LIST ||
		       diag_add(reader->diags, &value->place, "%s: expected a value, not a list",
				field->name);
	if (strcmp(text, "absent") == 0 || strcmp(text, "present") == 0)
		return true;
	if (text[0] == '$')
		return names_check_saved(reader, value, text + 1);
	switch (field->type) {
	case FIELD_NUMBER:
	case FIELD_BIT:
		return check_number(reader, field, value);
	case FIELD_BOOL:
		return strcmp(text, "true") == 0 || strcmp(text, "false") == 0 ||
		       diag_add(reader->diags, &value->place,
				"%s: expected true or false, found '%s'", field->name, text);
	case FIELD_WORD:
		return check_word(reader, field, value);
	case FIELD_FAULT:
		return check_fault(reader, step, value);
	case FIELD_ELEMENT:
		return true;
	case FIELD_DEEPER:
	case FIELD_LIST:
		break;
	}
	return diag_add(reader->diags, &value->place,
			"%s: expected present or absent; a dot leads to what it holds",
			field->name);
}
