/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words for values of fields: by small functions where a value is to be computed with, else by
 * the list of values that the meaning of a field may be ("1 global, 2 domain, 3 page").
 */
#include "fields.h"

#include "smmuv3/smmuv3-format.h"
#include "smmuv3/smmuv3.h"
#include "vtd/vtd-fault.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

typedef void (*words_function)(u64 value, char *buf, size_t size);

const char *size_words(u64 bytes, char *buf, size_t size)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB" };
	size_t unit = 0;

	while (bytes >= 1024 && bytes % 1024 == 0 && unit < 5) {
		bytes /= 1024;
		unit++;
	}
	snprintf(buf, size, "%llu %s", bytes, units[unit]);
	return buf;
}

const char *source_words(u64 source_id, char *buf, size_t size)
{
	snprintf(buf, size, "%02llx:%02llx.%llx", source_id >> 8 & 0xff, source_id >> 3 & 0x1f,
		 source_id & 7);
	return buf;
}

/* ---- CAP, ECAP and other registers ---- */

static void domain_count(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "%u domain ids", 1u << (4 + 2 * value));
}

static void width_bits(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "guest addresses of %llu bit%s", value + 1, value ? "s" : "");
}

/* Names of the set bits, joined by commas. */
static void bit_names(u64 value, const char *const *names, const char *prefix, char *buf)
{
	const char *before = prefix;

	*buf = '\0';
	for (; *names; names++, value >>= 1) {
		if (!(value & 1))
			continue;
		buf += sprintf(buf, "%s%s", before, *names);
		before = ", ";
	}
}

static void second_stage_widths(u64 value, char *buf, size_t size)
{
	static const char *const names[] = { "30 bits (2 levels)", "39 bits (3 levels)",
					     "48 bits (4 levels)", "57 bits (5 levels)",
					     "64 bits (6 levels)", NULL };

	(void)size;
	bit_names(value, names, "second stage: ", buf);
}

static void large_pages(u64 value, char *buf, size_t size)
{
	static const char *const names[] = { "2 MiB", "1 GiB", "512 GiB", "256 TiB", NULL };

	(void)size;
	bit_names(value, names, "second-stage pages of ", buf);
}

static void fault_offset(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "fault records at 0x%llx", value * 16);
}

static void fault_count(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "%llu fault record%s", value + 1, value ? "s" : "");
}

static void mask_pages(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "one invalidation covers up to 2^%llu pages", value);
}

static void iotlb_offset(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "IOTLB registers at 0x%llx", value * 16);
}

static void pasid_bits(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "PASIDs of %llu bit%s", value + 1, value ? "s" : "");
}

static void handle_mask(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "one invalidation covers up to %llu interrupt table entries",
		 1ULL << value);
}

static void queue_size(u64 value, char *buf, size_t size)
{
	char bytes[32];

	snprintf(buf, size, "queue of %s", size_words(4096ULL << value, bytes, sizeof(bytes)));
}

static void address_mask(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "2^%llu pages from the address on", value);
}

static void remapping_entries(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "%u entries", 2u << value);
}

/* 11.4.9.9, Invalidation Queue Error Record */
static void queue_error(u64 value, char *buf, size_t size)
{
	static const char *const errors[] = {
		"no error",
		"tail beyond the queue",
		"descriptor could not be read",
		"unknown descriptor type",
		"reserved bits set in a descriptor",
		"descriptor width does not suit the queue",
		"tail not aligned to a descriptor",
		"translation table mode is invalid",
	};

	snprintf(buf, size, "%s",
		 value < sizeof(errors) / sizeof(errors[0]) ? errors[value] : "unknown error");
}

/* ---- table entries ---- */

static void directory_size(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "directory of %u entries (PASIDs below 0x%x)", 128u << value,
		 128u * 64u << value);
}

/* AW, in legacy context entries as in PASID entries */
static void address_width(u64 value, char *buf, size_t size)
{
	if (value >= 1 && value <= 3)
		snprintf(buf, size, "second stage of %llu bits (%llu levels)", 30 + 9 * value,
			 value + 2);
	else
		snprintf(buf, size, "second-stage width %llu (reserved)", value);
}

static void first_stage_levels(u64 value, char *buf, size_t size)
{
	snprintf(buf, size,
		 value <= 1 ? "first stage of %llu levels" : "first stage: reserved mode",
		 value + 4);
}

static void translation_type(u64 value, char *buf, size_t size)
{
	static const char *const types[] = { "reserved type 0", "first-stage only",
					     "second-stage only", "nested", "pass-through" };

	snprintf(buf, size, "%s", value < 5 ? types[value] : "reserved type");
}

static void domain_id(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "domain %llu", value);
}

/* Of both modes' forms, the one that it can be. */
static void destination(u64 value, char *buf, size_t size)
{
	if (value & ~0xff00ULL)
		snprintf(buf, size, "destination 0x%llx (x2APIC mode)", value);
	else
		snprintf(buf, size, "destination %llu", value >> 8);
}

static void pasid(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "PASID 0x%llx", value);
}

static void rid_pasid(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "requests without PASID use 0x%llx", value);
}

static void source_id(u64 value, char *buf, size_t size)
{
	char source[16];

	snprintf(buf, size, "source id %s", source_words(value, source, sizeof(source)));
}

static void fault_reason(u64 value, char *buf, size_t size)
{
	const struct vtd_fault_info *info = vtd_fault_info((unsigned int)value);

	snprintf(buf, size, "%s", info ? info->text : "unknown reason");
}

/* ---- SMMUv3 ---- */

static void smmu_event(u64 value, char *buf, size_t size)
{
	const struct smmuv3_event_info *info = smmuv3_event_info((unsigned int)value);

	if (info)
		snprintf(buf, size, "%s: %s", info->name, info->text);
	else
		snprintf(buf, size, "unknown event");
}

static void smmu_opcode(u64 value, char *buf, size_t size)
{
	const u64 command[2] = { value, 0 };
	const char *name = smmuv3_command_name(command);

	snprintf(buf, size, "%s", name ? name : "unknown command");
}

static void smmu_input_bits(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "input of %llu bits", 64 - value);
}

/* IDR5.OAS, CD.IPS and STE.S2PS */
static void smmu_output_bits(u64 value, char *buf, size_t size)
{
	static const unsigned int bits[] = { 32, 36, 40, 42, 44, 48, 52 };

	if (value < 7)
		snprintf(buf, size, "output of %u bits", bits[value]);
	else
		snprintf(buf, size, "output size reserved");
}

static void smmu_vmid(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "VMID %llu", value);
}

static void smmu_asid(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "ASID %llu", value);
}

/* With the 4-KiB granule */
static void smmu_start_level(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, value <= 2 ? "walk from level %llu on" : "reserved start level",
		 2 - value);
}

/* STE.S2TG and CD.TG0 */
static void smmu_granule(u64 value, char *buf, size_t size)
{
	static const char *const granules[] = { "4-KiB granule", "64-KiB granule", "16-KiB granule",
						"granule reserved" };

	snprintf(buf, size, "%s", granules[value & 3]);
}

static void smmu_high_granule(u64 value, char *buf, size_t size)
{
	static const char *const granules[] = { "granule reserved", "16-KiB granule",
						"4-KiB granule", "64-KiB granule" };

	snprintf(buf, size, "%s", granules[value & 3]);
}

static void smmu_ats(u64 value, char *buf, size_t size)
{
	static const char *const kinds[] = { "ATS refused", "full ATS", "split-stage ATS",
					     "reserved, as refused" };

	snprintf(buf, size, "%s", kinds[value & 3]);
}

static void smmu_span(u64 value, char *buf, size_t size)
{
	if (value > 11)
		snprintf(buf, size, "no streams");
	else
		snprintf(buf, size, "2^%llu streams", value - 1);
}

static void smmu_stage2_rights(u64 value, char *buf, size_t size)
{
	static const char *const rights[] = { "no access", "readable", "writable",
					      "readable and writable" };

	snprintf(buf, size, "%s", rights[value & 3]);
}

static void smmu_stage1_rights(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s", value & 1 ? "unprivileged too" : "privileged only",
		 value & 2 ? ", read-only" : "");
}

static void smmu_cd_count(u64 value, char *buf, size_t size)
{
	snprintf(buf, size, "2^%llu context descriptors", value);
}

/* ---- the table ---- */

/* Words for a field of that name in formats of that name; NULL: in all. */
static const struct {
	const char *format, *field;
	words_function words;
} rows[] = {
	{ "cap", "ND", domain_count },
	{ "cap", "SAGAW", second_stage_widths },
	{ "cap", "MGAW", width_bits },
	{ "cap", "FRO", fault_offset },
	{ "cap", "SSLPS", large_pages },
	{ "cap", "NFR", fault_count },
	{ "cap", "MAMV", mask_pages },
	{ "ecap", "IRO", iotlb_offset },
	{ "ecap", "MHMV", handle_mask },
	{ "ecap", "PSS", pasid_bits },
	{ "iqa", "QS", queue_size },
	{ "pqa", "PQS", queue_size },
	{ "irta", "S", remapping_entries },
	{ "irte", "DST", destination },
	{ "iqercd", "IQEI", queue_error },
	{ "frcd", "FR", fault_reason },
	{ "frcd", "PV", pasid },
	{ "context", "PDTS", directory_size },
	{ "context", "RID_PASID", rid_pasid },
	{ NULL, "AW", address_width },
	{ NULL, "FSPM", first_stage_levels },
	{ NULL, "PGTT", translation_type },
	{ NULL, "DID", domain_id },
	{ NULL, "SID", source_id },
	{ NULL, "RID", source_id },
	{ NULL, "PASID", pasid },
	{ NULL, "AM", address_mask },
	{ "smmu-event", "EventID", smmu_event },
	{ NULL, "Opcode", smmu_opcode },
	{ "ste", "S1CDMax", smmu_cd_count },
	{ "ste", "S2VMID", smmu_vmid },
	{ "ste", "EATS", smmu_ats },
	{ "ste", "S2TG", smmu_granule },
	{ "cd", "TG0", smmu_granule },
	{ "cd", "TG1", smmu_high_granule },
	{ "l1std", "Span", smmu_span },
	{ "ste", "S2SL0", smmu_start_level },
	{ "ste", "S2T0SZ", smmu_input_bits },
	{ "ste", "S2PS", smmu_output_bits },
	{ "cd", "T0SZ", smmu_input_bits },
	{ "cd", "ASID", smmu_asid },
	{ "cd", "IPS", smmu_output_bits },
	{ "smmu-idr5", "OAS", smmu_output_bits },
	{ "stage1-descriptor", "AP", smmu_stage1_rights },
	{ "stage2-descriptor", "S2AP", smmu_stage2_rights },
};

static words_function find_words(const struct format *format, const struct format_field *field)
{
	size_t i;

	/* a capability bit may bear the name of a wider field elsewhere */
	if (field->hi == field->lo)
		return NULL;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (!strcmp(rows[i].field, field->name) &&
		    (!rows[i].format || !strcmp(rows[i].format, format->name)))
			return rows[i].words;
	return NULL;
}

/* ---- lists of values in meanings ---- */

/* Such a list while it is read. */
struct value_list {
	const char *p; /* the next item */
	u64 value; /* whose words are wanted */
	const char *text; /* they, when found */
	size_t len;
	unsigned int items;
	bool colon; /* "2: domain", which may stand alone; "2 minus this" is no list */
};

/* One item: "2 domain", "2: domain" or "0-3 abort". */
static bool list_item(struct value_list *list)
{
	char *end;
	u64 first, last;
	size_t words;

	if (!isdigit((unsigned char)*list->p))
		return false;
	first = last = strtoull(list->p, &end, 10);
	if (*end == '-' && isdigit((unsigned char)end[1]))
		last = strtoull(end + 1, &end, 10);
	if (*end == ':') {
		list->colon = true;
		end++;
	}
	if (*end != ' ')
		return false;
	end++;
	words = strcspn(end, ",");
	if (list->value >= first && list->value <= last) {
		list->text = end;
		list->len = words;
	}
	list->p = end + words;
	list->items++;
	return true;
}

/* The words for a value if the meaning, behind an optional title, is a list of values. */
static bool listed_words(const char *meaning, u64 value, char *buf, size_t size)
{
	struct value_list list = { .p = meaning, .value = value };
	const char *colon = strstr(meaning, ": ");
	size_t title = 0;

	if (!isdigit((unsigned char)*meaning) && colon) {
		title = (size_t)(colon - meaning) + 2;
		list.p += title;
	}
	while (list_item(&list) && *list.p) {
		if (strncmp(list.p, ", ", 2) != 0)
			return false;
		list.p += 2;
	}
	if (*list.p || !list.text || (list.items == 1 && !list.colon))
		return false;
	snprintf(buf, size, "%.*s%.*s", (int)title, meaning, (int)list.len, list.text);
	return true;
}

bool field_zero_says(const struct format *format, const struct format_field *field)
{
	static const struct {
		const char *format, *field;
	} counted[] = {
		{ "cap", "ND" },   { "cap", "MGAW" }, { "cap", "NFR" }, { "cap", "MAMV" },
		{ "ecap", "PSS" }, { "iqa", "QS" },   { "pqa", "PQS" }, { "irta", "S" },
	};
	size_t i;

	/* the granularities of descriptors, of which some are reserved */
	if (!strcmp(field->name, "G") && field->meaning && isdigit((unsigned char)*field->meaning))
		return true;
	for (i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
		if (!strcmp(counted[i].format, format->name) &&
		    !strcmp(counted[i].field, field->name))
			return true;
	return false;
}

bool field_words(const struct format *format, const struct format_field *field, const u64 *entry,
		 char *buf, size_t size)
{
	u64 value = format_field_get(field, entry);
	words_function words = find_words(format, field);

	buf[0] = '\0';
	if (words) {
		words(value, buf, size);
		return true;
	}
	return field->meaning && listed_words(field->meaning, value, buf, size);
}
