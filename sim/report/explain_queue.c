/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries of command and invalidation queues in a telling: each in the words of `vtdsim decode`, with
 * what repeats folded. What a request meets is explain_print.c's.
 */
#include "explain_private.h"

#include "fields.h"
#include "smmuv3/smmuv3-format.h"
#include "vtd/vtd-format.h"

#include <stdlib.h>
#include <string.h>

/* Entries after which a sequence may repeat: a few invalidations and a wait. */
#define LONGEST_SEQUENCE 4u

#define QUEUE_INDENT 7u

static const struct format *queue_format(enum platform_iommu_kind kind,
					 const struct port_event *event)
{
	if (!event->len)
		return NULL;
	return kind == PLATFORM_VTD ? vtd_descriptor_format(event->data)
				    : smmuv3_command_format(event->data);
}

/* True for fields that the entry's title says. */
static bool said_by_title(const struct format_field *field)
{
	return !strncmp(field->name, "TYPE", 4) || !strcmp(field->name, "Opcode");
}

/* An invalidation by PASID names its PASID, even the first. */
static bool of_a_pasid(const struct format *format, const u64 *entry)
{
	char words[160];
	size_t i;

	for (i = 0; i < format->field_count; i++)
		if (!strcmp(format->fields[i].name, "G"))
			return field_words(format, &format->fields[i], entry, words,
					   sizeof(words)) &&
			       strstr(words, "PASID");
	return false;
}

static void print_queue_field(FILE *out, const struct format *format,
			      const struct format_field *field, const u64 *entry)
{
	const char *name = field->meaning ? field->meaning : field->name;
	u64 value = format_field_get(field, entry);
	char words[160];

	if (field_words(format, field, entry, words, sizeof(words)))
		fprintf(out, "%s%s", strcmp(field->name, "G") != 0 ? "" : "granularity ", words);
	else if (field->hi == field->lo)
		fputs(name, out);
	else
		fprintf(out, "%s 0x%llx", name, value);
}

/* One entry as a line, which the caller frees. */
static char *queue_line(enum platform_iommu_kind kind, const struct port_event *event)
{
	const struct format *format = queue_format(kind, event);
	const char *before = ": ";
	char *line = NULL;
	size_t len = 0, i;
	FILE *out = open_memstream(&line, &len);

	if (!out)
		return NULL;
	fputs(event->what, out);
	if (!format && event->detail)
		fprintf(out, ": %s", event->detail);
	for (i = 0; format && i < format->field_count; i++) {
		const struct format_field *field = &format->fields[i];
		bool pasid = !strcmp(field->name, "PASID") && of_a_pasid(format, event->data);

		if (said_by_title(field) || (!format_field_get(field, event->data) && !pasid &&
					     !field_zero_says(format, field)))
			continue;
		fputs(before, out);
		print_queue_field(out, format, field, event->data);
		before = ", ";
	}
	fclose(out);
	return line;
}

static bool same_lines(char *const *a, char *const *b, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (!a[i] || !b[i] || strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

/* How often the first of the lines, so many at a time, stand one after the other: at least once. */
static size_t repeats(char *const *lines, size_t count, size_t sequence)
{
	size_t times = 1;

	while ((times + 1) * sequence <= count &&
	       same_lines(lines, lines + times * sequence, sequence))
		times++;
	return times;
}

static void print_queue_line(FILE *out, const struct style *style, const char *line)
{
	const struct wrap wrap = {
		.column = QUEUE_INDENT,
		.indent = QUEUE_INDENT + 2,
		.columns = EXPLAIN_COLUMNS,
		.at_commas = true,
	};

	fprintf(out, "%*s", (int)QUEUE_INDENT, "");
	print_wrapped(out, style, TINT_NONE, &wrap, line ? line : "?");
}

/* Prints the sequence that the lines start with; returns how many lines that stands for. */
static size_t print_sequence(FILE *out, const struct style *style, char *const *lines, size_t count)
{
	size_t best = 1, times = repeats(lines, count, 1), i;

	for (i = 2; i <= LONGEST_SEQUENCE && i <= count; i++) {
		size_t others = repeats(lines, count, i);

		if (others > 1 && others * i > times * best) {
			best = i;
			times = others;
		}
	}
	for (i = 0; i < best; i++) {
		print_queue_line(out, style, lines[i]);
		if (times > 1 && i + 1 == best && best == 1)
			fprintf(out, " (x%zu)", times);
		else if (times > 1 && i + 1 == best)
			fprintf(out, " (these %zu x%zu)", best, times);
		fputc('\n', out);
	}
	return best * times;
}

void explain_queue(FILE *out, const struct style *style, enum platform_iommu_kind kind,
		   const struct explained_event *events, size_t count)
{
	char **lines = calloc(count, sizeof(*lines));
	size_t i;

	if (!lines)
		return;
	for (i = 0; i < count; i++)
		lines[i] = queue_line(kind, &events[i].event);
	for (i = 0; i < count;)
		i += print_sequence(out, style, lines + i, count - i);
	for (i = 0; i < count; i++)
		free(lines[i]);
	free(lines);
}
