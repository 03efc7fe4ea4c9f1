/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries field by field: as a table, as a list of the format, as one line. The words for single
 * values are field_words.c's.
 */
#include "fields.h"

#include "smmuv3/smmuv3-format.h"
#include "vtd/vtd-format.h"

#include <string.h>
#include <strings.h>

#define LINE_COLUMNS 90u

size_t format_quadwords(const struct format *format)
{
	return (format->bits + 63) / 64;
}

/* What some call a format whose name here is shorter. */
static const char *own_name(const char *name)
{
	static const struct {
		const char *alias, *name;
	} aliases[] = {
		{ "scalable-context", "context" },
		{ "scalable-pasid-entry", "pasid-entry" },
		{ "legacy-root", "root" },
	};
	size_t i;

	for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (!strcasecmp(aliases[i].alias, name))
			return aliases[i].name;
	return name;
}

const struct format *format_named(const char *name)
{
	const struct format *format;

	name = own_name(name);
	format = vtd_format(name);

	return format ? format : smmuv3_format(name);
}

static void visit_list(const struct format *const *list,
		       void (*visit)(void *arg, const struct format *format), void *arg)
{
	for (; *list; list++)
		visit(arg, *list);
}

void format_visit(void (*visit)(void *arg, const struct format *format), void *arg)
{
	visit_list(vtd_formats(), visit, arg);
	visit_list(smmuv3_formats(), visit, arg);
}

const char *field_bits(const struct format_field *field, char *buf, size_t size)
{
	if (field->hi == field->lo)
		snprintf(buf, size, "%u", field->lo);
	else
		snprintf(buf, size, "%u:%u", field->hi, field->lo);
	return buf;
}

bool field_ignored(const struct format_field *field)
{
	return !strncmp(field->name, "IGN", 3);
}

static bool single_bit(const struct format_field *field)
{
	return field->hi == field->lo;
}

u64 format_reserved(const struct format *format, size_t quadword)
{
	u64 known = 0;
	size_t i;

	for (i = 0; i < format->field_count; i++) {
		const struct format_field *field = &format->fields[i];
		u64 ones[ENTRY_QUADWORDS] = { 0 };

		if (field->lo / 64u != quadword)
			continue;
		format_field_set(field, ones, ~0ULL);
		known |= ones[quadword];
	}
	if (format->bits < 64)
		known |= ~0ULL << format->bits;
	return ~known;
}

/* ---- tables ---- */

static void print_field_line(FILE *out, const struct style *style, const struct format *format,
			     const struct format_field *field, const u64 *entry)
{
	u64 value = format_field_get(field, entry);
	char bits[16], words[160], number[24];

	snprintf(number, sizeof(number), single_bit(field) ? "%llu" : "0x%llx", value);
	fprintf(out, "  %s%-12s%s %7s  ", tint_on(style, TINT_BOLD), field->name, tint_off(style),
		field_bits(field, bits, sizeof(bits)));
	if (field_words(format, field, entry, words, sizeof(words)))
		fprintf(out, "%-18s  %s\n", number, words);
	else if (field->meaning)
		fprintf(out, "%-18s  %s\n", number, field->meaning);
	else
		fprintf(out, "%s\n", number);
}

/* A list of names that wraps; starts with its title. */
struct word_list {
	FILE *out;
	const char *title;
	unsigned int column;
};

static void list_word(struct word_list *list, const char *word)
{
	unsigned int len = (unsigned int)strlen(word);

	if (!list->column)
		list->column = (unsigned int)fprintf(list->out, "  %s", list->title);
	else if (list->column + 1 + len > LINE_COLUMNS)
		list->column =
			(unsigned int)fprintf(list->out, "\n  %*s", (int)strlen(list->title), "") -
			1;
	list->column += (unsigned int)fprintf(list->out, " %s", word);
}

static void list_end(struct word_list *list)
{
	if (list->column)
		fputc('\n', list->out);
}

static u64 field_value(const struct format *format, const char *name, const u64 *entry)
{
	size_t i;

	for (i = 0; i < format->field_count; i++)
		if (!strcmp(format->fields[i].name, name))
			return format_field_get(&format->fields[i], entry);
	return 0;
}

/* Whether a field stands in the table of an entry, rather than in the list of what is zero. */
static bool in_table(const struct format *format, const struct format_field *field,
		     const u64 *entry)
{
	if (format_field_get(field, entry))
		return true;
	/* without PASIDs their width means nothing */
	if (!strcmp(field->name, "PSS") && !field_value(format, "PASID", entry))
		return false;
	return field_zero_says(format, field);
}

static void print_clear_fields(FILE *out, const struct format *format, const u64 *entry)
{
	struct word_list list = { .out = out, .title = "zero:" };
	size_t i;

	for (i = 0; i < format->field_count; i++)
		if (!in_table(format, &format->fields[i], entry) &&
		    !field_ignored(&format->fields[i]))
			list_word(&list, format->fields[i].name);
	list_end(&list);
}

static void print_reserved(FILE *out, const struct style *style, const struct format *format,
			   const u64 *entry)
{
	struct word_list list = { .out = out, .title = "reserved bits that are set:" };
	size_t q;

	fputs(tint_on(style, TINT_NOTE), out);
	for (q = 0; q < format_quadwords(format); q++) {
		u64 bits = entry[q] & format_reserved(format, q);

		while (bits) {
			char word[24];
			unsigned int lo = (unsigned int)__builtin_ctzll(bits), hi = lo;

			while (hi < 63 && bits >> (hi + 1) & 1)
				hi++;
			bits &= hi == 63 ? 0 : ~0ULL << (hi + 1);
			field_bits(&(struct format_field){ .hi = (u16)(hi + 64 * q),
							   .lo = (u16)(lo + 64 * q) },
				   word, sizeof(word));
			list_word(&list, word);
		}
	}
	list_end(&list);
	fputs(tint_off(style), out);
}

/* A paging entry without its present bit, or without any right, leads nowhere. */
static bool not_present(const struct format *format, const u64 *entry)
{
	if (!strcmp(format->name, "second-stage"))
		return !(field_value(format, "R", entry) | field_value(format, "W", entry) |
			 field_value(format, "X", entry));
	if (!strcmp(format->name, "stage1-descriptor") ||
	    !strcmp(format->name, "stage2-descriptor"))
		return !field_value(format, "Valid", entry);
	if (!strcmp(format->fields[0].name, "P") && format->fields[0].lo == 0 &&
	    strcmp(format->name, "frcd") != 0)
		return !(entry[0] & 1);
	return !strcmp(format->name, "scalable-root") &&
	       !(field_value(format, "LP", entry) | field_value(format, "UP", entry));
}

void print_entry(FILE *out, const struct style *style, const struct format *format,
		 const u64 *entry)
{
	size_t q = format_quadwords(format), i;
	int digits = (int)(format->bits < 64 ? format->bits / 4 : 16);

	fprintf(out, "%s%s%s, %u bits", tint_on(style, TINT_BOLD), format->title, tint_off(style),
		format->bits);
	if (q == 1)
		fprintf(out, ": 0x%0*llx", digits, entry[0]);
	for (i = 0; q > 1 && i < q; i++) /* as memory holds them: the lowest first */
		fprintf(out, "%s0x%016llx", i % 4 == 0 ? "\n  " : " ", entry[i]);
	fputc('\n', out);
	if (not_present(format, entry))
		fprintf(out, "  %snot present%s\n", tint_on(style, TINT_NOTE), tint_off(style));
	for (i = 0; i < format->field_count; i++)
		if (in_table(format, &format->fields[i], entry))
			print_field_line(out, style, format, &format->fields[i], entry);
	print_clear_fields(out, format, entry);
	print_reserved(out, style, format, entry);
}

void print_format(FILE *out, const struct style *style, const struct format *format)
{
	size_t i;

	fprintf(out, "%s%s%s (%s), %u bits\n", tint_on(style, TINT_BOLD), format->title,
		tint_off(style), format->name, format->bits);
	for (i = 0; i < format->field_count; i++) {
		const struct format_field *field = &format->fields[i];
		char bits[16];

		fprintf(out, "  %s%-12s%s %7s  %s\n", tint_on(style, TINT_BOLD), field->name,
			tint_off(style), field_bits(field, bits, sizeof(bits)),
			field->meaning ? field->meaning : "");
	}
}

/* ---- one line ---- */

/* Fields that say nothing to a reader of one line: types of descriptors, cacheability. */
static bool left_out(const struct format_field *field)
{
	return field_ignored(field) || !strcmp(field->name, "PAT") ||
	       !strncmp(field->name, "MAIR", 4) ||
	       (field->meaning && strstr(field->meaning, "ability"));
}

/* Which entry is to be printed as words, and how. */
struct worded_entry {
	const struct format *format;
	const u64 *entry;
	const struct entry_hint *hint;
};

static void print_field_words(FILE *out, const struct style *style, const struct worded_entry *of,
			      const struct format_field *field)
{
	const char *name = field->meaning ? field->meaning : field->name;
	const char *gpa = of->hint->gpa_field;
	u64 value = format_field_get(field, of->entry);
	char words[160];

	if (field_words(of->format, field, of->entry, words, sizeof(words)))
		fputs(words, out);
	else if (field->is_address)
		fprintf(out, "%s %s%s0x%llx%s", name,
			gpa && !strncmp(field->name, gpa, strlen(gpa)) ? "gpa " : "",
			tint_on(style, TINT_ADDRESS), value, tint_off(style));
	else if (single_bit(field))
		fputs(name, out);
	else
		fprintf(out, "%s 0x%llx", name, value);
}

void print_entry_words(FILE *out, const struct style *style, const struct format *format,
		       const u64 *entry, const struct entry_hint *hint)
{
	const struct worded_entry worded = { format, entry, hint };
	const struct format_field *address = NULL;
	const char *before = "";
	size_t i;

	for (i = 0; i < format->field_count; i++) {
		const struct format_field *field = &format->fields[i];

		if (hint->address_name && field->is_address) {
			address = field;
			continue;
		}
		/* the name of the address says it */
		if (hint->address_name && !strcmp(field->name, "Table"))
			continue;
		if (!format_field_get(field, entry) || left_out(field))
			continue;
		fputs(before, out);
		print_field_words(out, style, &worded, field);
		before = ", ";
	}
	for (i = 0; i < format_quadwords(format); i++)
		if (entry[i] & format_reserved(format, i)) {
			fprintf(out, "%s%sreserved bits set%s", before, tint_on(style, TINT_BAD),
				tint_off(style));
			break;
		}
	if (address)
		fprintf(out, "%s%s %s%s0x%llx%s", *before ? "; " : "", hint->address_name,
			hint->address_space, tint_on(style, TINT_ADDRESS),
			format_field_get(address, entry), tint_off(style));
}
