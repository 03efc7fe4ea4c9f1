// SPDX-License-Identifier: Apache-2.0
/*
 * Context descriptors: finding them in linear and two-level CD tables, through stage 2 where that
 * translates, and what makes them illegal. Caching them is smmuv3-config.c's.
 */
#include "smmuv3-internal.h"

#include <string.h>

#define LEVEL1_ALIGNMENT 64ULL

#define NARROW_ID_BITS 8 /* of an ASID without IDR0.ASID16 */

static struct cache_tag cd_tag(u32 stream, u32 substream)
{
	return (struct cache_tag){ .key = substream, .space = SMMUV3_SPACE_CD | stream };
}

/* --- 5.4.2 Validity of CD ---------------------------------------------------------------- */

static struct smmuv3_table_fields low_fields(const u64 *cd)
{
	static const u8 granule_shifts[] = { 12, 16, 14, 0 };

	return (struct smmuv3_table_fields){
		.granule_shift = granule_shifts[cd_TG0(cd)],
		.txsz = cd_T0SZ(cd),
		.address_size = cd_IPS(cd),
		.base = cd_TTB0(cd),
	};
}

/* TG1 is not encoded as TG0 is. */
static struct smmuv3_table_fields high_fields(const u64 *cd)
{
	static const u8 granule_shifts[] = { 0, 14, 12, 16 };

	return (struct smmuv3_table_fields){
		.granule_shift = granule_shifts[cd_TG1(cd)],
		.txsz = cd_T1SZ(cd),
		.address_size = cd_IPS(cd),
		.base = cd_TTB1(cd),
	};
}

static bool cd_illegal(const struct smmuv3 *smmu, const u64 *cd)
{
	const struct smmuv3_table_fields low = low_fields(cd), high = high_fields(cd);

	if (!cd_V(cd) || !cd_A(cd) || cd_S(cd) || !cd_AA64(cd) || cd_HA(cd) || cd_HD(cd))
		return true;
	if (cd_ENDI(cd) && !(cd_EPD0(cd) && cd_EPD1(cd)))
		return true;
	if (!smmu->config.asid16 && cd_ASID(cd) >> NARROW_ID_BITS)
		return true;
	if (!cd_EPD0(cd) && !smmuv3_tables_legal(smmu, &low))
		return true;
	return !cd_EPD1(cd) && !smmuv3_tables_legal(smmu, &high);
}

static struct smmuv3_tables stage1_tables(const struct smmuv3 *smmu, const u64 *cd,
					  const struct smmuv3_table_fields *fields)
{
	struct smmuv3_tables tables =
		smmuv3_make_tables(smmu, fields, smmuv3_stage1_start_level(fields));

	tables.ignore_access_flag = cd_AFFD(cd);
	return tables;
}

static struct smmuv3_context parse_cd(const struct smmuv3 *smmu, const u64 *cd)
{
	const struct smmuv3_table_fields low = low_fields(cd), high = high_fields(cd);
	struct smmuv3_context context = { .illegal = cd_illegal(smmu, cd) };

	if (context.illegal)
		return context;
	context.disabled[0] = cd_EPD0(cd);
	context.disabled[1] = cd_EPD1(cd);
	context.ignore_top_byte[0] = cd_TBI0(cd);
	context.ignore_top_byte[1] = cd_TBI1(cd);
	context.write_execute_never = cd_WXN(cd);
	context.privileged_access_never = cd_PAN(cd);
	context.record = cd_R(cd);
	context.asid = (u16)cd_ASID(cd);
	if (!cd_EPD0(cd))
		context.stage1[0] = stage1_tables(smmu, cd, &low);
	if (!cd_EPD1(cd))
		context.stage1[1] = stage1_tables(smmu, cd, &high);
	return context;
}

/* --- 3.3.2 StreamIDs to Context Descriptors ---------------------------------------------- */

/* Where an L1CD or CD lies: its address is an IPA where stage 2 translates. */
static bool locate(struct smmuv3_transaction *t, u64 address, struct smmuv3_table_read *read)
{
	struct smmuv3_mapping mapping;

	read->address = hpa(address);
	if (!t->stage2)
		return true;
	if (!smmuv3_map_stage2(t, address, SMMUV3_CLASS_CD, &mapping))
		return false;
	read->address = hpa(mapping.output + (address - mapping.input));
	read->via_gpa = true;
	read->table_gpa = address;
	return true;
}

static bool read_entry(struct smmuv3_transaction *t, const struct smmuv3_table_read *read,
		       u64 *entry)
{
	if (smmuv3_read_table(t, read, entry) == PORT_OK)
		return true;
	return smmuv3_fail(t, (struct smmuv3_fault){ .event = SMMUV3_F_CD_FETCH,
						     .address = read->address.v });
}

/* STE.S1Fmt: SubstreamID bits of the second level; 0: linear, as reserved values are */
static unsigned int split_of(const struct smmuv3_stream *stream)
{
	static const u8 splits[] = { 0, 6, 10, 0 };

	return stream->cd_bits ? splits[stream->cd_format] : 0;
}

/* 5.3.1, and 7.3.9 for what is C_BAD_SUBSTREAMID */
static bool second_level(struct smmuv3_transaction *t, unsigned int split, u64 *address)
{
	const struct smmuv3_stream *stream = &t->stream;
	unsigned int level1_bits = stream->cd_bits > split ? stream->cd_bits - split : 0;
	u64 size = sizeof(u64) << level1_bits;
	u64 base = stream->context_ptr & ~((size < LEVEL1_ALIGNMENT ? LEVEL1_ALIGNMENT : size) - 1);
	struct smmuv3_table_read read = {
		.what = "level-1 context descriptor",
		.len = sizeof(u64),
	};
	u64 descriptor, table;

	if (!locate(t, base + (t->substream >> split) * sizeof(u64), &read))
		return false;
	t->smmu->counters.level1_fetches++;
	if (!read_entry(t, &read, &descriptor))
		return false;
	table = l1cd_L2Ptr(&descriptor) & ~((SMMUV3_STRUCTURE_BYTES << split) - 1);
	/* 3.4.3: as an IPA, an address too large is for stage 2 to fault */
	if (!l1cd_V(&descriptor) || (!t->stage2 && table >> smmuv3_oas(t->smmu)))
		return smmuv3_fail(t, (struct smmuv3_fault){ .event = SMMUV3_C_BAD_SUBSTREAMID });
	*address = table + (t->substream & ((1u << split) - 1)) * SMMUV3_STRUCTURE_BYTES;
	return true;
}

static u64 linear_address(const struct smmuv3_transaction *t)
{
	const struct smmuv3_stream *stream = &t->stream;

	return (stream->context_ptr & ~((SMMUV3_STRUCTURE_BYTES << stream->cd_bits) - 1)) +
	       t->substream * SMMUV3_STRUCTURE_BYTES;
}

static bool read_cd(struct smmuv3_transaction *t)
{
	unsigned int split = split_of(&t->stream);
	struct smmuv3_table_read read = { .what = "CD", .len = SMMUV3_STRUCTURE_BYTES };
	u64 cd[SMMUV3_STRUCTURE_QWORDS];
	u64 address = linear_address(t);

	if (split && !second_level(t, split, &address))
		return false;
	if (!locate(t, address, &read))
		return false;
	t->smmu->counters.cd_fetches++;
	if (!read_entry(t, &read, cd))
		return false;
	t->context = parse_cd(t->smmu, cd);
	return true;
}

bool smmuv3_fetch_context(struct smmuv3_transaction *t)
{
	struct cache_tag tag = cd_tag(t->request->source_id, t->substream);
	struct smmuv3_structure cached;

	if (smmuv3_config_lookup(t->smmu, tag, &cached)) {
		t->context = cached.context;
	} else {
		if (!read_cd(t))
			return false;
		memset(&cached, 0, sizeof(cached));
		cached.context = t->context;
		smmuv3_config_fill(t, tag, &cached);
	}
	if (t->context.illegal)
		return smmuv3_fail(t, (struct smmuv3_fault){ .event = SMMUV3_C_BAD_CD });
	return true;
}
