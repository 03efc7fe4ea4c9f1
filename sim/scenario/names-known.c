/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What steps call by name: files, memory, tables, saved results. A step may only name what an earlier one opened, made
 * or saved; each unknown name is told once. Whether opening succeeds is seen only when it runs.
 */
#include "step.h"

#include "kernel.h"
#include "smmuv3/smmuv3-format.h"
#include "vtd/vtd-format.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CANDIDATES_MAX 1000u

/** A name that is known. */
struct known {
	enum known_kind kind;
	const char *name; /* in the document */
	size_t len;
	unsigned int uses; /* KNOWN_FILE: how often it is open */
	unsigned int closed_line; /* KNOWN_FILE: of the step that closed it */
	const struct step *step; /* that it comes from; NULL: it was told as unknown */
};

static int compare(const void *a, const void *b)
{
	const struct known *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return memcmp(x->name, y->name, x->len);
}

static struct known *find(const struct step_reader *reader, enum known_kind kind, const char *name,
			  size_t len)
{
	struct known wanted = { .kind = kind, .name = name, .len = len };
	struct known **found = tfind(&wanted, &reader->names, compare);

	return found ? *found : NULL;
}

/* The name's entry, made if it is not there. NULL: no memory. */
static struct known *add(struct step_reader *reader, enum known_kind kind, const char *name,
			 size_t len)
{
	struct known *known = find(reader, kind, name, len);
	struct known **found;

	if (known)
		return known;
	known = calloc(1, sizeof(*known));
	if (!known)
		return NULL;
	*known = (struct known){ .kind = kind, .name = name, .len = len };
	found = tsearch(known, &reader->names, compare);
	if (found)
		return known;
	free(known);
	return NULL;
}

static void add_from(struct step_reader *reader, enum known_kind kind, const char *name,
		     const struct step *step)
{
	struct known *known = add(reader, kind, name, strlen(name));

	if (!known)
		return;
	known->step = step;
	known->uses++;
}

void names_clear(struct step_reader *reader)
{
	tdestroy(reader->names, free);
	reader->names = NULL;
}

/* ---- unknown names ---- */

/* Names of one kind to choose from. */
struct candidates {
	enum known_kind kind;
	char *list[CANDIDATES_MAX + 1];
	size_t count;
};

static void collect(const void *node, VISIT visit, void *arg)
{
	const struct known *known = *(struct known *const *)node;
	struct candidates *c = arg;

	if ((visit != postorder && visit != leaf) || known->kind != c->kind || !known->step ||
	    c->count == CANDIDATES_MAX)
		return;
	c->list[c->count] = strndup(known->name, known->len);
	c->count += c->list[c->count] != NULL;
}

/* "did you mean 'ram'?", or what else to do. The caller frees it. */
static char *advice(const struct step_reader *reader, const struct known *unknown,
		    const char *expected)
{
	struct candidates c = { .kind = unknown->kind };
	char *name = strndup(unknown->name, unknown->len), *text = NULL;

	twalk_r(reader->names, collect, &c);
	if (name && c.count)
		text = word_advice(name, (const char *const *)c.list);
	for (size_t i = 0; i < c.count; i++)
		free(c.list[i]);
	free(name);
	return text ? text : strdup(expected);
}

/* Tells an unknown name, and knows it from now on. */
static bool unknown_name(struct step_reader *reader, const struct node *node,
			 const struct known *unknown)
{
	static const struct {
		const char *what, *expected;
	} kinds[] = {
		[KNOWN_FILE] = { "no earlier step opens",
				 "expected a container, group or device that is open" },
		[KNOWN_MMAP] = { "no earlier step has a mmap",
				 "expected a number, or NAME or NAME+OFFSET of a `mmap:` above" },
		[KNOWN_TABLE] = { "no earlier step makes a table",
				  "expected the name of a guest's `table:` above" },
		[KNOWN_VIOMMU] = { "no earlier step makes a virtual unit",
				   "expected the name of a VMM's `viommu:` above" },
		[KNOWN_SAVE] = { "no earlier step saves", "expected the name of a `save:` above" },
	};
	char *text = advice(reader, unknown, kinds[unknown->kind].expected);

	diag_add(reader->diags, &node->place, "%s '%.*s'; %s", kinds[unknown->kind].what,
		 (int)unknown->len, unknown->name, text);
	free(text);
	add(reader, unknown->kind, unknown->name, unknown->len);
	return false;
}

/* ---- saved results ---- */

bool names_check_saved(struct step_reader *reader, const struct node *node, const char *reference)
{
	size_t len = strcspn(reference, ".");
	struct known *known = find(reader, KNOWN_SAVE, reference, len);
	const char *field = reference + len + 1;
	char *text;

	if (!known)
		return unknown_name(reader, node,
				    &(struct known){ KNOWN_SAVE, reference, len, 0, 0, NULL });
	if (!reference[len] || !known->step || field_known(known->step, field, NULL))
		return true;
	if (!known->step->op->fields && !known->step->op->formats)
		return diag_add(reader->diags, &node->place,
				"the result of %s, saved as '%.*s', is a number; it has no fields",
				known->step->op->name, (int)len, reference);
	text = field_advice(known->step, field, NULL);
	diag_add(reader->diags, &node->place, "the result of %s has no field '%s'; %s",
		 known->step->op->name, field, text);
	free(text);
	return false;
}

void names_add_save(struct step_reader *reader, const struct step *step)
{
	add_from(reader, KNOWN_SAVE, step->save, step->op ? step : NULL);
}

/* ---- files ---- */

static bool check_open(struct step_reader *reader, const struct arg *arg)
{
	size_t len = strlen(arg->text);
	struct known *known = find(reader, KNOWN_FILE, arg->text, len);

	if (!known)
		return unknown_name(reader, arg->node,
				    &(struct known){ KNOWN_FILE, arg->text, len, 0, 0, NULL });
	if (known->uses || !known->step)
		return true;
	known->uses++; /* told once */
	return diag_add(reader->diags, &arg->node->place,
			"'%s' was closed in line %u; expected a file that is open", arg->text,
			known->closed_line);
}

static bool check_close(struct step_reader *reader, const struct step *step, const struct arg *arg)
{
	struct known *known;

	if (!check_open(reader, arg))
		return false;
	known = find(reader, KNOWN_FILE, arg->text, strlen(arg->text));
	if (known && known->uses && !--known->uses)
		known->closed_line = step->place.line;
	return true;
}

/* True for an expectation that something is not there, or of anything. */
static bool expects_absence(const struct node *expect)
{
	if (!expect)
		return false;
	if (expect->kind == NODE_SCALAR)
		return strcmp(expect->text, "ENOENT") == 0 || strcmp(expect->text, "ENODEV") == 0 ||
		       strcmp(expect->text, "any") == 0;
	for (size_t i = 0; expect->kind == NODE_MAPPING && i < expect->count; i++) {
		const struct node *value = expect->pairs[i].value;

		if (value->kind != NODE_SEQUENCE && expects_absence(value))
			return true;
	}
	return false;
}

/* "21, 33": the platform's groups; the caller frees it. */
static char *groups_text(const struct platform *p)
{
	char *text = NULL;
	size_t size, told = 0;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; out && i < p->device_count; i++) {
		bool again = p->devices[i].group < 0;

		for (size_t j = 0; j < i && !again; j++)
			again = p->devices[j].group == p->devices[i].group;
		if (again)
			continue;
		if (told == 16) {
			fputs(", ...", out);
			break;
		}
		fprintf(out, "%s%d", told++ ? ", " : "", p->devices[i].group);
	}
	if (out)
		fclose(out);
	return text;
}

static bool check_group_number(struct step_reader *reader, const struct step *step,
			       const struct arg *arg, u64 number)
{
	const struct platform *p = reader->platform;
	char *groups;

	for (size_t i = 0; p && i < p->device_count; i++) {
		if ((u64)p->devices[i].group == number)
			return true;
	}
	if (!p || expects_absence(step->expect))
		return true;
	groups = groups_text(p);
	diag_add(reader->diags, &arg->node->place,
		 "group %s is not in the platform; its groups are %s", arg->text,
		 groups && *groups ? groups : "none");
	free(groups);
	return false;
}

/* True for a step that opens nothing, since it is expected to fail whatever the kernel. */
static bool only_fails(const struct step *step)
{
	return step->expect && step->expect->kind == NODE_SCALAR &&
	       errno_number(step->expect->text) != 0;
}

static bool check_opens(struct step_reader *reader, const struct step *step, const struct arg *arg)
{
	u64 number;
	bool ok = !parse_u64(arg->text, false, &number) ||
		  check_group_number(reader, step, arg, number);

	if (!only_fails(step))
		add_from(reader, KNOWN_FILE, arg->text, step);
	return ok;
}

/* A group that a step opens if it is not yet. */
static bool check_group(struct step_reader *reader, const struct step *step, const struct arg *arg)
{
	struct known *known = find(reader, KNOWN_FILE, arg->text, strlen(arg->text));
	u64 number;
	bool ok;

	if (known && (known->uses || !known->step))
		return true;
	ok = parse_u64(arg->text, false, &number)
		     ? check_group_number(reader, step, arg, number)
		     : diag_add(reader->diags, &arg->node->place,
				"'%s' is no group; expected a group number", arg->text);
	add_from(reader, KNOWN_FILE, arg->text, step);
	return ok;
}

static bool check_device_name(struct step_reader *reader, const struct step *step,
			      const struct arg *arg)
{
	const struct platform *p = reader->platform;
	const char **names = p ? calloc(p->device_count + 1, sizeof(*names)) : NULL;
	bool ok = !names || expects_absence(step->expect);
	char *text;

	for (size_t i = 0; names && i < p->device_count; i++) {
		names[i] = p->devices[i].name;
		ok |= strcmp(names[i], arg->text) == 0;
	}
	if (!ok) {
		text = word_advice(arg->text, names);
		diag_add(reader->diags, &arg->node->place, "device '%s' is not in the platform; %s",
			 arg->text, text);
		free(text);
	}
	free(names);
	if (!only_fails(step))
		add_from(reader, KNOWN_FILE, arg->text, step);
	return ok;
}

/* ---- the rest ---- */

static bool check_known(struct step_reader *reader, enum known_kind kind, const struct arg *arg,
			size_t len)
{
	return find(reader, kind, arg->text, len) ||
	       unknown_name(reader, arg->node, &(struct known){ kind, arg->text, len, 0, 0, NULL });
}

static bool check_address(struct step_reader *reader, const struct arg *arg)
{
	size_t len = strcspn(arg->text, "+");
	u64 number;

	if (arg->reference || parse_u64(arg->text, true, &number))
		return true;
	if (arg->text[len] && !parse_u64(arg->text + len + 1, true, &number))
		return diag_add(reader->diags, &arg->node->place,
				"'%s' is no offset; expected a size, as in ram+64KiB",
				arg->text + len + 1);
	return check_known(reader, KNOWN_MMAP, arg, len);
}

static bool check_register(struct step_reader *reader, const struct step *step,
			   const struct arg *arg)
{
	const char *names[256] = { NULL };
	size_t count;
	const struct vtd_register *registers = vtd_registers(&count);
	size_t smmu_count;
	const struct smmuv3_register *smmu_registers = smmuv3_registers(&smmu_count);
	const struct platform *p = reader->platform;
	bool smmu = false;
	char *text;
	u64 number;

	if (parse_u64(arg->text, false, &number))
		return number <= 0xffffffff ||
		       diag_add(reader->diags, &arg->node->place,
				"%s is no offset in a unit; expected at most 0xffffffff",
				arg->text);
	for (size_t i = 0; p && step->op->args[i].name; i++) {
		if (step->args[i].valid && step->args[i].def->type == ARG_UNIT)
			smmu = p->iommus[step->args[i].number].kind == PLATFORM_SMMUV3;
	}
	if (smmu)
		count = smmu_count;
	for (size_t i = 0; i < count && i < 255; i++) {
		names[i] = smmu ? smmu_registers[i].name : registers[i].name;
		if (strcasecmp(names[i], arg->text) == 0)
			return true;
	}
	text = nearest_word(arg->text, names)
		       ? word_advice(arg->text, names)
		       : strdup(smmu ? "expected a name such as CR0 or an offset"
				     : "expected a name such as GSTS or an offset");
	diag_add(reader->diags, &arg->node->place, "no register is named '%s'; %s", arg->text,
		 text);
	free(text);
	return false;
}

static bool check_parameter(struct step_reader *reader, const struct step *step,
			    const struct arg *arg)
{
	char *text;

	for (const char *const *p = kernel_parameters(); *p; p++) {
		if (strcmp(*p, arg->text) == 0)
			return true;
	}
	if (expects_absence(step->expect))
		return true;
	if (kernel_parameter_of_type1(arg->text))
		return parameter_uses_add(reader->tree_parameters, arg->text, &arg->node->place);
	text = word_advice(arg->text, kernel_parameters());
	diag_add(reader->diags, &arg->node->place, "the kernel has no parameter '%s'; %s",
		 arg->text, text);
	free(text);
	return false;
}

static bool check_arg(struct step_reader *reader, const struct step *step, const struct arg *arg)
{
	switch (arg->def->type) {
	case ARG_OPENS:
		return check_opens(reader, step, arg);
	case ARG_CLOSES:
		return check_close(reader, step, arg);
	case ARG_FILE:
		return check_open(reader, arg);
	case ARG_GROUP:
		return check_group(reader, step, arg);
	case ARG_DEVICE_NAME:
		return check_device_name(reader, step, arg);
	case ARG_MAKES_MMAP:
		add_from(reader, KNOWN_MMAP, arg->text, step);
		return true;
	case ARG_MAKES_TABLE:
		add_from(reader, KNOWN_TABLE, arg->text, step);
		return true;
	case ARG_MAKES_VIOMMU:
		add_from(reader, KNOWN_VIOMMU, arg->text, step);
		return true;
	case ARG_VIOMMU:
		return check_known(reader, KNOWN_VIOMMU, arg, strlen(arg->text));
	case ARG_MMAP:
		return check_known(reader, KNOWN_MMAP, arg, strlen(arg->text));
	case ARG_TABLE:
		return check_known(reader, KNOWN_TABLE, arg, strlen(arg->text));
	case ARG_ADDRESS:
		return check_address(reader, arg);
	case ARG_REGISTER:
		return check_register(reader, step, arg);
	case ARG_PARAMETER:
		return check_parameter(reader, step, arg);
	case ARG_FIELDS:
		return fields_check_arg(step, arg, reader->diags);
	default:
		return true;
	}
}

bool names_check(struct step_reader *reader, const struct step *step)
{
	bool ok = true;

	for (size_t i = 0; step->op->args[i].name; i++) {
		if (step->args[i].valid)
			ok &= check_arg(reader, step, &step->args[i]);
	}
	return ok;
}
