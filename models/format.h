/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Description of a register or table entry as data: every field named once, from which accessors'
 * masks, decode, traces and reserved-bit checks are derived.
 */
#ifndef MODELS_FORMAT_H
#define MODELS_FORMAT_H

#include "types.h"

/** One field: bits hi..lo of the little-endian entry (bit 64 is bit 0 of the second quadword). */
struct format_field {
	const char *name; /* the specification's name, e.g. "SSPTPTR" */
	u16 hi, lo; /* at most 64 bits wide, may not cross a quadword */
	const char *meaning; /* a few words; NULL if the name says all */
	bool is_address; /* value is meant shifted back to its bit position */
};

/** One register or entry format. */
struct format {
	const char *
		name; /* "cap", "ecap", "context", "pasid-entry", ... as `vtdsim decode` spells it */
	const char *title; /* "Scalable-mode PASID table entry" */
	unsigned int bits; /* 32, 64, 128, 256 or 512 */
	const struct format_field *fields; /* in ascending order of lo */
	size_t field_count;
};

/** The value of a field in an entry of format->bits bits; addresses come back in place. */
static inline u64 format_field_get(const struct format_field *field, const u64 *entry)
{
	unsigned int width = field->hi - field->lo + 1u;
	u64 mask = width >= 64 ? ~0ULL : (1ULL << width) - 1;
	u64 value = (entry[field->lo / 64] >> (field->lo % 64)) & mask;

	return field->is_address ? value << (field->lo % 64) : value;
}

/** Sets a field; an address is given in place. Bits that do not fit are cut off. */
static inline void format_field_set(const struct format_field *field, u64 *entry, u64 value)
{
	unsigned int width = field->hi - field->lo + 1u;
	unsigned int shift = field->lo % 64;
	u64 mask = width >= 64 ? ~0ULL : (1ULL << width) - 1;

	if (field->is_address)
		value >>= shift;
	entry[field->lo / 64] &= ~(mask << shift);
	entry[field->lo / 64] |= (value & mask) << shift;
}

#endif
