/* SPDX-License-Identifier: Apache-2.0 */
/* Table entries in words: which format an entry has, where its addresses lie, and what of it is reserved. */
#include "explain_private.h"

#include "fields.h"

#include <stdlib.h>

/* The format of a table entry by what the models call it. */
static const struct format *entry_format(const struct port_event *event)
{
	static const struct {
		const char *what, *format;
	} rows[] = {
		{ "root entry", "root" },
		{ "scalable root entry", "scalable-root" },
		{ "context entry", "legacy-context" },
		{ "scalable context entry", "context" },
		{ "PASID directory entry", "pasid-directory" },
		{ "PASID table entry", "pasid-entry" },
		{ "interrupt remapping entry", "irte" },
		{ "posted-interrupt descriptor", "posted-descriptor" },
		{ "first-stage", "first-stage" },
		{ "second-stage", "second-stage" },
		{ "STE", "ste" },
		{ "CD", "cd" },
		{ "stage-1 descriptor", "stage1-descriptor" },
		{ "stage-2 descriptor", "stage2-descriptor" },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (starts_with(event->what, rows[i].what))
			return format_named(rows[i].format);
	return NULL;
}

static bool leads_to_gpa(const struct port_event *event, bool nested)
{
	return nested && !of_second_stage(event) && event->via_gpa;
}

/* Start of the names of those address fields of an entry that hold guest-physical addresses. */
static const char *gpa_field(const struct port_event *event, bool nested)
{
	if (!nested)
		return NULL;
	if (starts_with(event->what, "PASID table"))
		return "FSPTPTR";
	if (starts_with(event->what, "STE"))
		return "S1ContextPtr";
	return starts_with(event->what, "CD") ? "TTB" : NULL;
}

/* The names of the fields that reserved bits lie in, or their numbers; nothing where there are none. */
static void print_reserved(FILE *out, const struct port_event *event)
{
	const struct format *format = entry_format(event);
	const char *before = ", reserved: ";
	size_t bit, i;

	for (bit = 0; bit < event->len * 8; bit++) {
		const struct format_field *field = NULL;

		if (!(event->reserved[bit / 64] >> bit % 64 & 1))
			continue;
		for (i = 0; format && i < format->field_count; i++)
			if (bit >= format->fields[i].lo && bit <= format->fields[i].hi)
				field = &format->fields[i];
		fprintf(out, "%s%s%sbit %zu%s", before, field ? field->name : "", field ? " (" : "",
			bit, field ? ")" : "");
		before = ", ";
	}
}

char *explain_entry_words(const struct port_event *event, bool nested)
{
	const struct format *format = entry_format(event);
	struct entry_hint hint = {
		.address_space = leads_to_gpa(event, nested) ? "gpa " : "",
		.gpa_field = gpa_field(event, nested),
	};
	const struct style plain = { .colour = false };
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (!format || event->len * 8 != format->bits)
		return NULL;
	if (event->level) {
		/* PS of VT-d; in Arm's descriptors bit 1 says table where it is no page */
		bool arm = starts_with(event->what, "stage-");
		bool large = arm ? !(event->data[0] & 2) : event->data[0] >> 7 & 1;

		hint.address_name = event->level == 1 || large ? "page" : "next table";
	}
	out = open_memstream(&text, &len);
	if (!out)
		return NULL;
	print_entry_words(out, &plain, format, event->data, &hint);
	print_reserved(out, event);
	fclose(out);
	return text;
}
