/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The formats as data: complete, in order, and found by present and older names.
 */
#include "gtest_c.h"
#include "vtd_machine.h"

TEST(vtd_format, fields_are_in_order_disjoint_and_within_one_quadword)
{
	const struct format *const *formats = vtd_formats();
	size_t i, j;

	for (i = 0; formats[i]; i++) {
		const struct format *format = formats[i];

		SCOPED_NOTE("%s", format->name);
		ASSERT_GT(format->field_count, 0);
		for (j = 0; j < format->field_count; j++) {
			const struct format_field *field = &format->fields[j];

			SCOPED_NOTE("%s", field->name);
			EXPECT_GE(field->hi, field->lo);
			EXPECT_EQ(field->hi / 64, field->lo / 64);
			EXPECT_LT(field->hi, format->bits);
			if (j)
				EXPECT_GT(field->lo, format->fields[j - 1].hi);
		}
	}
	EXPECT_GT(i, 30);
}

TEST(vtd_format, every_field_reads_back_what_was_set_and_touches_no_other)
{
	const struct format *const *formats = vtd_formats();
	size_t i, j;

	for (i = 0; formats[i]; i++) {
		for (j = 0; j < formats[i]->field_count; j++) {
			const struct format_field *field = &formats[i]->fields[j];
			u64 entry[8] = { 0 }, all;

			SCOPED_NOTE("%s.%s", formats[i]->name, field->name);
			format_field_set(field, entry, ~0ULL);
			all = format_field_get(field, entry);
			EXPECT_NE(all, 0);
			format_field_set(field, entry, 0);
			EXPECT_EQ(format_field_get(field, entry), 0);
			EXPECT_EQ(entry[field->lo / 64], 0);
		}
	}
}

struct format_name_row {
	const char *name;
	unsigned int bits;
};

static const struct format_name_row format_names[] = {
	{ "cap", 64 },
	{ "ecap", 64 },
	{ "gcmd", 32 },
	{ "gsts", 32 },
	{ "rtaddr", 64 },
	{ "fsts", 32 },
	{ "frcd", 128 },
	{ "iqa", 64 },
	{ "root", 128 },
	{ "scalable-root", 128 },
	{ "context", 256 },
	{ "legacy-context", 128 },
	{ "pasid-directory", 64 },
	{ "pasid-entry", 512 },
	{ "first-stage", 64 },
	{ "second-stage", 64 },
	{ "context-cache-invalidate", 128 },
	{ "iotlb-invalidate", 128 },
	{ "device-tlb-invalidate", 128 },
	{ "wait", 128 },
	{ "pasid-iotlb-invalidate", 128 },
	{ "pasid-cache-invalidate", 128 },
	{ "PASID-Entry", 512 },
};

TEST_WITH_NAMED_PARAMS(vtd_format, formats_are_found_by_name, struct format_name_row, format_names,
		       name)
{
	const struct format *format = vtd_format(param->name);

	ASSERT_NE(format, NULL);
	EXPECT_EQ(format->bits, param->bits);
}

TEST(vtd_format, unknown_names_are_not_found)
{
	EXPECT_EQ(vtd_format("pasid-entr"), NULL);
	EXPECT_EQ(vtd_field(vtd_format("cap"), "FL2GP"), NULL);
	EXPECT_EQ(vtd_field(vtd_format("ecap"), "FL1GP"), NULL);
}

struct alias {
	const char *name, *format, *present;
};

static const struct alias field_aliases[] = {
	{ "FL1GP", "cap", "FS1GP" },
	{ "fl5lp", "cap", "FS5LP" },
	{ "SLLPS", "cap", "SSLPS" },
	{ "FLTS", "ecap", "FSTS" },
	{ "SLTS", "ecap", "SSTS" },
	{ "SLADS", "ecap", "SSADS" },
	{ "FLPTPTR", "pasid-entry", "FSPTPTR" },
	{ "SLPTPTR", "pasid-entry", "SSPTPTR" },
	{ "SLADE", "pasid-entry", "SSADE" },
	{ "SLEE", "pasid-entry", "SSEE" },
	{ "FLPM", "pasid-entry", "FSPM" },
	{ "RID2PASID", "context", "RID_PASID" },
	{ "pgtt", "pasid-entry", "PGTT" },
};

TEST_WITH_NAMED_PARAMS(vtd_format, older_field_names_are_known, struct alias, field_aliases, name)
{
	const struct format_field *field = vtd_field(vtd_format(param->format), param->name);

	ASSERT_NE(field, NULL);
	EXPECT_STREQ(field->name, param->present);
}

TEST(vtd_format, descriptors_are_told_by_their_type)
{
	u64 d[4] = { 0 };
	u64 type;

	EXPECT_EQ(vtd_descriptor_format(d), NULL);
	for (type = 1; type <= 9; type++) {
		d[0] = type;
		EXPECT_NE(vtd_descriptor_format(d), NULL);
	}
	d[0] = 10;
	EXPECT_EQ(vtd_descriptor_format(d), NULL);
	d[0] = 1 | 1 << 9;
	EXPECT_EQ(vtd_descriptor_format(d), NULL);
	d[0] = 6;
	EXPECT_EQ(vtd_descriptor_format(d), vtd_format("pasid-iotlb-invalidate"));
}

TEST(vtd_format, boot_log_values_decode_as_their_machines_were)
{
	const u64 cap = 0x19ed008c40780c66, ecap = 0x3ee9e86f050df;

	EXPECT_EQ(field_get(&cap, "cap", "FS5LP"), 1);
	EXPECT_EQ(field_get(&cap, "cap", "FS1GP"), 1);
	EXPECT_EQ(field_get(&cap, "cap", "SAGAW"), 0xc);
	EXPECT_EQ(field_get(&cap, "cap", "MGAW"), 56);
	EXPECT_EQ(field_get(&ecap, "ecap", "SMTS"), 1);
	EXPECT_EQ(field_get(&ecap, "ecap", "NEST"), 1);
	EXPECT_EQ(field_get(&ecap, "ecap", "PASID"), 0);
	EXPECT_EQ(field_get(&ecap, "ecap", "PRS"), 0);
}
