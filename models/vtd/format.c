/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The formats of entries.h as data, for whoever shows or builds entries. Registers as such are in
 * registers.c.
 */
#include <strings.h>

#include "entries.h"
#include "vtd-format.h"

#define FIELD_ROW(f, NAME, hi, lo, is_address, meaning) { #NAME, hi, lo, meaning, is_address },

#define DEFINE_FORMAT(f, name, title, bits, FIELDS)                             \
	static const struct format_field f##_rows[] = { FIELDS(FIELD_ROW, f) }; \
	const struct format vtd_##f##_format = { name, title, bits, f##_rows,   \
						 sizeof(f##_rows) / sizeof(f##_rows[0]) };

VTD_FORMATS(DEFINE_FORMAT)

#define FORMAT_POINTER(f, name, title, bits, FIELDS) &vtd_##f##_format,

static const struct format *const formats[] = { VTD_FORMATS(FORMAT_POINTER) NULL };

const struct format *const *vtd_formats(void)
{
	return formats;
}

const struct format *vtd_format(const char *name)
{
	size_t i;

	for (i = 0; formats[i]; i++)
		if (strcasecmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

/* Names that the specification used before revision 3.4, and Linux's. */
static const struct {
	const char *older, *name;
} aliases[] = {
	{ "FL1GP", "FS1GP" },     { "FL5LP", "FS5LP" },
	{ "FLTS", "FSTS" },       { "SLTS", "SSTS" },
	{ "SLADS", "SSADS" },     { "SLLPS", "SSLPS" },
	{ "SPS", "SSLPS" },       { "SLADE", "SSADE" },
	{ "SLEE", "SSEE" },       { "SLPTPTR", "SSPTPTR" },
	{ "ASR", "SSPTPTR" },     { "FLPM", "FSPM" },
	{ "FLPTPTR", "FSPTPTR" }, { "RID2PASID", "RID_PASID" },
	{ "SMPWCS", "SMPWC" },    { "DEV_IOTLB", "DT" },
	{ "GRAN", "G" },
};

static const struct format_field *field_named(const struct format *format, const char *name)
{
	size_t i;

	for (i = 0; i < format->field_count; i++)
		if (strcasecmp(format->fields[i].name, name) == 0)
			return &format->fields[i];
	return NULL;
}

const struct format_field *vtd_field(const struct format *format, const char *name)
{
	const struct format_field *field = field_named(format, name);
	size_t i;

	for (i = 0; !field && i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strcasecmp(aliases[i].older, name) == 0)
			field = field_named(format, aliases[i].name);
	return field;
}

const struct format *vtd_descriptor_format(const u64 *descriptor)
{
	static const struct format *const by_type[] = {
		[1] = &vtd_context_invalidate_format,
		[2] = &vtd_iotlb_invalidate_format,
		[3] = &vtd_device_tlb_invalidate_format,
		[4] = &vtd_interrupt_invalidate_format,
		[5] = &vtd_wait_format,
		[6] = &vtd_pasid_iotlb_invalidate_format,
		[7] = &vtd_pasid_cache_invalidate_format,
		[8] = &vtd_pasid_device_tlb_invalidate_format,
		[9] = &vtd_page_group_response_format,
	};
	u64 type = wait_TYPE(descriptor) | wait_TYPE_HI(descriptor) << 4;

	return type < sizeof(by_type) / sizeof(by_type[0]) ? by_type[type] : NULL;
}
