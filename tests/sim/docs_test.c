/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docs/scenario-format.md and docs/scenario.schema.json say what the program does: every operation and argument is in
 * both, and every example is a scenario or a step that the program reads.
 */
#include "cli_call.h"
#include "gtest_c.h"

#include "scenario/scenario.h"
#include "scenario/step.h"
#include "vtd/vtd-fault.h"
#include "vtd/vtd-format.h"
#include "vtd/vtd-errata.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMAT VTDSIM_SOURCE_DIR "/docs/scenario-format.md"
#define HARDWARE VTDSIM_SOURCE_DIR "/docs/hardware.md"
#define SCHEMA VTDSIM_SOURCE_DIR "/docs/scenario.schema.json"

TEST(scenario_docs, every_operation_has_a_section_with_all_its_arguments)
{
	char *text = read_file(FORMAT);

	for (const struct actor *const *a = actors(); *a; a++) {
		char heading[128];
		const char *section;

		snprintf(heading, sizeof(heading), "\n### %s\n", (*a)->name);
		section = strstr(text, heading);
		if (!section)
			ADD_FAILURE("no section for actor %s", (*a)->name);
		for (const struct op *const *o = (*a)->ops; section && *o; o++) {
			const char *at, *end;

			snprintf(heading, sizeof(heading), "\n#### %s\n", (*o)->name);
			at = strstr(section, heading);
			if (!at) {
				ADD_FAILURE("no section for %s of %s", (*o)->name, (*a)->name);
				continue;
			}
			end = strstr(at + 1, "\n###");
			for (const struct arg_def *d = (*o)->args; d->name; d++) {
				char row[512];
				const char *found;

				snprintf(row, sizeof(row), "| `%s`%s |", d->name,
					 d->required ? " *" : "");
				found = strstr(at, row);
				if (!found || (end && found > end) || !strstr(found, d->help))
					ADD_FAILURE("%s of %s is not described as in the program",
						    d->name, (*o)->name);
			}
		}
	}
	free(text);
}

/* True if the text up to the end has `name` in backquotes. */
static bool names_field(const char *at, const char *end, const char *name)
{
	char quoted[128];
	const char *found;

	snprintf(quoted, sizeof(quoted), "`%s`", name);
	found = strstr(at, quoted);
	return found && (!end || found < end);
}

TEST(scenario_docs, every_erratum_is_told_with_its_number_in_format_and_schema)
{
	char *text = read_file(FORMAT), *schema = read_file(SCHEMA);
	const struct vtd_erratum_info *errata;
	const char *list = strstr(schema, "\"errata\": {");
	size_t count;

	ASSERT_TRUE(list != NULL);
	errata = vtd_errata(&count);
	for (size_t i = 0; i < count; i++) {
		char row[32], number[16];

		snprintf(row, sizeof(row), "\n| %u | %s", errata[i].number, errata[i].affected);
		snprintf(number, sizeof(number), "\t%u", errata[i].number);
		EXPECT_TRUE(strstr(text, row) != NULL);
		EXPECT_TRUE(strstr(list, number) != NULL);
	}
	free(schema);
	free(text);
}

TEST(scenario_docs, every_field_of_a_result_is_named_with_its_operation)
{
	char *text = read_file(FORMAT);

	for (const struct actor *const *a = actors(); *a; a++) {
		for (const struct op *const *o = (*a)->ops; *o; o++) {
			const char *at, *end;
			char heading[128];

			snprintf(heading, sizeof(heading), "\n### %s\n", (*a)->name);
			at = strstr(text, heading);
			snprintf(heading, sizeof(heading), "\n#### %s\n", (*o)->name);
			at = at ? strstr(at, heading) : NULL;
			if (!at)
				continue; /* told above */
			end = strstr(at + 1, "\n###");
			for (const struct field_def *f = (*o)->fields; f && f->name; f++) {
				if (!names_field(at, end, f->name))
					ADD_FAILURE("field %s of %s is not described", f->name,
						    (*o)->name);
			}
		}
	}
	free(text);
}

/* The schema of an operation: its own, or the mapping form beside a single value. */
static json_t *mapping_form(json_t *op)
{
	json_t *any = json_object_get(op, "anyOf");

	return any ? json_array_get(any, 1) : op;
}

TEST(scenario_docs, the_schema_knows_the_same_operations_and_arguments)
{
	json_error_t error;
	json_t *schema = json_load_file(SCHEMA, 0, &error);
	json_t *defs = json_object_get(schema, "$defs");

	ASSERT_TRUE(schema != NULL);
	for (const struct actor *const *a = actors(); *a; a++) {
		char name[64];
		json_t *ops;
		size_t op_count = 0;

		snprintf(name, sizeof(name), "actor-%s", (*a)->name);
		ops = json_object_get(json_object_get(defs, name), "properties");
		for (const struct op *const *o = (*a)->ops; *o; o++, op_count++) {
			json_t *form = mapping_form(json_object_get(ops, (*o)->name));
			json_t *properties = json_object_get(form, "properties");
			size_t arg_count = 0, required = 0;

			for (const struct arg_def *d = (*o)->args; d->name; d++, arg_count++) {
				required += d->required;
				if (!json_object_get(properties, d->name))
					ADD_FAILURE("%s of %s is not in the schema", d->name,
						    (*o)->name);
			}
			EXPECT_EQ(json_object_size(properties), arg_count);
			EXPECT_EQ(json_array_size(json_object_get(form, "required")), required);
		}
		EXPECT_EQ(json_object_size(ops), op_count);
	}
	json_decref(schema);
}

TEST(scenario_docs, the_schema_knows_the_fields_of_every_result)
{
	json_error_t error;
	json_t *schema = json_load_file(SCHEMA, 0, &error);
	json_t *one = json_object_get(json_object_get(schema, "$defs"), "oneExpectation");
	json_t *mapping = json_array_get(json_object_get(one, "anyOf"), 1);
	json_t *properties = json_object_get(mapping, "properties");

	ASSERT_TRUE(properties != NULL);
	for (const struct actor *const *a = actors(); *a; a++) {
		for (const struct op *const *o = (*a)->ops; *o; o++) {
			for (const struct field_def *f = (*o)->fields; f && f->name; f++) {
				if (!json_object_get(properties, f->name))
					ADD_FAILURE("field %s of %s is not in the schema", f->name,
						    (*o)->name);
			}
		}
	}
	json_decref(schema);
}

static void expect_reads(const char *text, size_t len)
{
	struct diags diags = { 0 };
	struct scenario *s = scenario_parse("example", text, len, &diags);

	if (!s)
		ADD_FAILURE("%s\n%.*s", diags.count ? diags.items[0].message : "?", (int)len, text);
	scenario_free(s);
	diag_clear(&diags);
}

/* An example that is a list of steps, with a head that makes it a scenario; what it refers to by name comes first. */
static void expect_steps_read(const char *steps, size_t len)
{
	static const char head[] =
		"scenario: example\n"
		"platform:\n"
		"  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}, smmu0: {model: smmuv3}}\n"
		"  devices:\n"
		"    0000:3a:00.0: {iommu: dmar0, group: 21, pasid: true}\n"
		"    0001:01:00.0: {iommu: smmu0, group: 33, pasid: true}\n"
		"steps:\n"
		"- vmm: {open: c}\n"
		"- vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n"
		"- vmm: {VFIO_GROUP_SET_CONTAINER: {group: 33, container: c}}\n"
		"- vmm: {VFIO_GROUP_GET_DEVICE_FD: {group: 21, device: '0000:3a:00.0'}}\n"
		"- vmm: {mmap: {name: ram, size: 64MiB, gpa: 0}}\n"
		"- guest: {table: t}\n"
		"- vmm: {viommu: {name: v, container: c}}\n"
		"- vmm: {alloc-pasid: {container: c}}\n"
		"  save: p\n"
		"- hardware: {read-entry: {device: 0000:3a:00.0, entry: pasid-entry}}\n"
		"  save: entry\n"
		"- host: {msi: 0000:3a:00.0}\n"
		"  save: msi\n"
		"- vmm: {read-faults: 0000:3a:00.0}\n"
		"  save: f\n";
	char *text;
	int total = asprintf(&text, "%s%.*s", head, (int)len, steps);

	ASSERT_GT(total, 0);
	expect_reads(text, (size_t)total);
	free(text);
}

TEST(scenario_docs, every_example_is_read_without_error)
{
	static const char fence[] = "\n```yaml\n";
	char *text = read_file(FORMAT);
	unsigned int scenarios = 0, steps = 0;

	for (char *at = text; (at = strstr(at, fence)) != NULL;) {
		char *start = at + strlen(fence);
		char *end = strstr(start, "\n```");

		ASSERT_TRUE(end != NULL);
		at = end;
		if (strncmp(start, "scenario:", 9) == 0) {
			expect_reads(start, (size_t)(end - start));
			scenarios++;
		} else if (start[0] == '-') {
			expect_steps_read(start, (size_t)(end - start));
			steps++;
		}
	}
	EXPECT_GE(scenarios, 1u);
	EXPECT_GE(steps, 45u);
	free(text);
}

/* ---- profiles ---- */

/* "39, 48": bits of addresses that the second stage takes; SAGAW. */
static void print_widths(FILE *out, const u64 *cap)
{
	static const unsigned int widths[] = { 0, 39, 48, 57 };
	u64 sagaw = format_field_get(vtd_field(vtd_format("cap"), "SAGAW"), cap);
	const char *before = "";

	for (unsigned int i = 1; i < 4; i++) {
		if (!(sagaw >> i & 1))
			continue;
		fprintf(out, "%s%u", before, widths[i]);
		before = ", ";
	}
}

static void print_set(FILE *out, const char *format, const char *const *names, const u64 *value,
		      const char **before)
{
	for (; *names; names++) {
		if (!format_field_get(vtd_field(vtd_format(format), *names), value))
			continue;
		fprintf(out, "%s%s", *before, *names);
		*before = " ";
	}
}

TEST(scenario_docs, every_profile_has_its_row_with_what_it_can)
{
	static const char *const of_cap[] = { "CM", "RWBF",  "PLMR",  "PHMR",
					      "PI", "FS1GP", "FS5LP", NULL };
	static const char *const of_ecap[] = { "QI",   "IR",   "EIM",  "DT",    "DIT",
					       "SMTS", "FSTS", "SSTS", "NEST",  "PASID",
					       "PRS",  "SRS",  "EAFS", "SMPWC", NULL };
	char *text = read_file(FORMAT);
	size_t count;
	const struct profile *all = profiles(&count);

	for (size_t i = 0; i < count; i++) {
		const char *before = "";
		char row[512];
		FILE *out = fmemopen(row, sizeof(row), "w");

		fprintf(out, "| `%s` | ", all[i].name);
		print_widths(out, &all[i].cap);
		fputs(" | ", out);
		print_set(out, "cap", of_cap, &all[i].cap, &before);
		print_set(out, "ecap", of_ecap, &all[i].ecap, &before);
		fputs(" |\n", out);
		fclose(out);
		if (!strstr(text, row))
			ADD_FAILURE("no row: %s", row);
	}
	free(text);
}

/* ---- docs/hardware.md ---- */

TEST(hardware_docs, every_fault_reason_has_its_row)
{
	char *text = read_file(HARDWARE);
	size_t count;
	const struct vtd_fault_info *faults = vtd_faults(&count);

	for (size_t i = 0; i < count; i++) {
		char row[512];

		snprintf(row, sizeof(row), "| 0x%02x | `%s` | %s | %s |", faults[i].code,
			 faults[i].name, faults[i].text, faults[i].qualified ? "qualified" : "");
		if (!strstr(text, row))
			ADD_FAILURE("no row: %s", row);
	}
	free(text);
}

TEST(hardware_docs, every_register_and_every_descriptor_is_named)
{
	char *text = read_file(HARDWARE);
	size_t count;
	const struct vtd_register *registers = vtd_registers(&count);

	for (size_t i = 0; i < count; i++) {
		if (!names_field(text, NULL, registers[i].name))
			ADD_FAILURE("register %s is not named", registers[i].name);
	}
	for (u64 type = 1; type < 128; type++) {
		const u64 descriptor[4] = { (type & 15) | (type >> 4) << 9 };
		const struct format *format = vtd_descriptor_format(descriptor);

		if (format && !names_field(text, NULL, format->name))
			ADD_FAILURE("descriptor %s is not named", format->name);
	}
	free(text);
}
