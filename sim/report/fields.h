/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Registers and table entries in words, from the formats that the models describe them with. What a
 * command does with them is its own business.
 */
#ifndef SIM_REPORT_FIELDS_H
#define SIM_REPORT_FIELDS_H

#include "format.h"
#include "style.h"

/** Most quadwords an entry has. */
#define ENTRY_QUADWORDS 8

/** Quadwords of an entry of that format. */
size_t format_quadwords(const struct format *format);

/** The format of that name, of VT-d or SMMUv3, or NULL. */
const struct format *format_named(const char *name);

/** Visits all formats, VT-d's first. */
void format_visit(void (*visit)(void *arg, const struct format *format), void *arg);

/**
 * What the value of a field says, in words ("57 bits", "nested", "fault records at 0x400"). False if
 * the field's meaning says all there is; buf is then empty.
 */
bool field_words(const struct format *format, const struct format_field *field, const u64 *entry,
		 char *buf, size_t size);

/** True for a field whose zero says as much as any other value: it holds value + 1 or 2^value of something. */
bool field_zero_says(const struct format *format, const struct format_field *field);

/** "7" or "63:12" into buf, which is returned. */
const char *field_bits(const struct format_field *field, char *buf, size_t size);

/** True for bits that hardware ignores. */
bool field_ignored(const struct format_field *field);

/** Bits of a quadword (0..) of an entry that no field of the format covers: reserved. */
u64 format_reserved(const struct format *format, size_t quadword);

/** An entry as a table: the set fields, one a line, with their meaning, then what is clear and reserved bits that are set. */
void print_entry(FILE *out, const struct style *style, const struct format *format,
		 const u64 *entry);

/** The fields of a format, one a line. */
void print_format(FILE *out, const struct style *style, const struct format *format);

/** What stands for the address of a paging entry in print_entry_words(). */
struct entry_hint {
	const char *address_name; /* "page", "next table"; or NULL */
	const char *address_space; /* "gpa " or "" */
	const char *
		gpa_field; /* start of the names of fields that hold guest-physical addresses, or NULL */
};

/** The set fields of an entry in one line: "present, writable; next table 0x1000". */
void print_entry_words(FILE *out, const struct style *style, const struct format *format,
		       const u64 *entry, const struct entry_hint *hint);

/** "4 KiB", "2 MiB", "1 GiB" or a number of bytes, into buf, which is returned. */
const char *size_words(u64 bytes, char *buf, size_t size);

/** "3a:00.0" for a source id into buf, which is returned. */
const char *source_words(u64 source_id, char *buf, size_t size);

#endif
