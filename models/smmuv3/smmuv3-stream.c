// SPDX-License-Identifier: Apache-2.0
/*
 * Stream table entries: finding them in linear and two-level stream tables, and what makes them
 * illegal. Caching them is smmuv3-config.c's.
 */
#include "smmuv3-internal.h"

#include <string.h>

#define FORMAT_TWO_LEVELS 1 /* STRTAB_BASE_CFG.FMT; other values behave as linear */

#define LEVEL1_ALIGNMENT 64ULL

#define NARROW_ID_BITS 8 /* of a VMID without IDR0.VMID16 */

static struct cache_tag ste_tag(u32 stream)
{
	return (struct cache_tag){ .key = stream, .space = SMMUV3_SPACE_STE };
}

/* --- 5.2.2 Validity of STE --------------------------------------------------------------- */

static struct smmuv3_table_fields stage2_fields(const u64 *ste)
{
	static const u8 granule_shifts[] = { 12, 16, 14, 0 };

	return (struct smmuv3_table_fields){
		.stage2 = true,
		.granule_shift = granule_shifts[ste_S2TG(ste)],
		.txsz = ste_S2T0SZ(ste),
		.address_size = ste_S2PS(ste),
		.base = ste_S2TTB(ste),
	};
}

/* A-profile architecture, VTCR_EL2.SL0; 3 is reserved */
static unsigned int start_level(const struct smmuv3_table_fields *fields, u64 sl0)
{
	return (fields->granule_shift == MODEL_PAGE_SHIFT ? 2 : 3) - (unsigned int)sl0;
}

static bool stage2_illegal(const struct smmuv3 *smmu, const u64 *ste)
{
	const struct smmuv3_table_fields fields = stage2_fields(ste);
	u64 sl0 = ste_S2SL0(ste);

	if (!smmu->config.stage2)
		return true;
	if (ste_S2S(ste) || !ste_S2AA64(ste) || ste_S2HA(ste) || ste_S2HD(ste) || ste_S2ENDI(ste))
		return true;
	if (!smmuv3_tables_legal(smmu, &fields) || sl0 == 3)
		return true;
	return !smmuv3_stage2_starts_at(smmu, &fields, start_level(&fields, sl0));
}

static bool stage1_illegal(const struct smmuv3 *smmu, const u64 *ste)
{
	bool nested = ste_Config(ste) & SMMUV3_CONFIG_STAGE2;
	u64 format = ste_S1Fmt(ste);

	if (!smmu->config.stage1 || ste_S1STALLD(ste))
		return true;
	if (smmu->config.substream_bits) {
		if (ste_S1CDMax(ste) > smmu->config.substream_bits)
			return true;
		/* 3 is reserved and behaves as 0 */
		if (ste_S1CDMax(ste) && (format == 1 || format == 2) && !smmu->config.two_level_cd)
			return true;
	}
	/* 3.4.3: as an IPA, an address too large is for stage 2 to fault */
	return !nested && ste_S1ContextPtr(ste) >> smmuv3_oas(smmu) != 0;
}

/* Split-stage ATS takes both stages, and an implementation that has it. */
static bool ats_illegal(const struct smmuv3 *smmu, const u64 *ste)
{
	return smmu->config.ats && ste_EATS(ste) == SMMUV3_EATS_SPLIT &&
	       (!smmu->config.split_stage_ats || !(ste_Config(ste) & SMMUV3_CONFIG_STAGE1 &&
						   ste_Config(ste) & SMMUV3_CONFIG_STAGE2));
}

static bool ste_illegal(const struct smmuv3 *smmu, const u64 *ste)
{
	u64 config = ste_Config(ste);

	if (!ste_V(ste))
		return true;
	/* neither stage, or no traffic: all else is ignored */
	if (!(config & SMMUV3_CONFIG_PASS) ||
	    !(config & (SMMUV3_CONFIG_STAGE1 | SMMUV3_CONFIG_STAGE2)))
		return false;
	if (config & SMMUV3_CONFIG_STAGE1 && stage1_illegal(smmu, ste))
		return true;
	if (config & SMMUV3_CONFIG_STAGE2 && stage2_illegal(smmu, ste))
		return true;
	/* S2VMID tags what either stage gives, where there is a stage 2 to have VMIDs */
	if (smmu->config.stage2 && !smmu->config.vmid16 && ste_S2VMID(ste) >> NARROW_ID_BITS)
		return true;
	return ats_illegal(smmu, ste);
}

static struct smmuv3_stream parse_ste(const struct smmuv3 *smmu, const u64 *ste)
{
	struct smmuv3_stream stream = { .illegal = ste_illegal(smmu, ste) };
	struct smmuv3_table_fields fields;

	if (stream.illegal)
		return stream;
	stream.config = (u8)ste_Config(ste);
	stream.ats = smmu->config.ats &&
				     stream.config & (SMMUV3_CONFIG_STAGE1 | SMMUV3_CONFIG_STAGE2)
			     ? (u8)ste_EATS(ste)
			     : SMMUV3_EATS_NONE;
	stream.context_ptr = ste_S1ContextPtr(ste);
	stream.cd_format = (u8)ste_S1Fmt(ste);
	stream.cd_bits = smmu->config.substream_bits ? (u8)ste_S1CDMax(ste) : 0;
	stream.default_substream = (u8)ste_S1DSS(ste);
	stream.vmid = smmu->config.stage2 ? (u16)ste_S2VMID(ste) : 0;
	stream.record_stage2 = ste_S2R(ste);
	if (!(stream.config & SMMUV3_CONFIG_PASS) || !(stream.config & SMMUV3_CONFIG_STAGE2))
		return stream;
	fields = stage2_fields(ste);
	stream.stage2 = smmuv3_make_tables(smmu, &fields, start_level(&fields, ste_S2SL0(ste)));
	stream.stage2.ignore_access_flag = ste_S2AFFD(ste);
	return stream;
}

/* --- 3.3.1 Stream table lookup ----------------------------------------------------------- */

/* The stream table as the registers describe it. */
struct stream_table {
	u64 base; /* as programmed; aligned to the size of what lies there */
	unsigned int bits; /* log2 of the number of streams */
	unsigned int split; /* StreamID bits of the second level; 0: linear */
};

static struct stream_table stream_table(const struct smmuv3 *smmu)
{
	const u64 *config = &smmu->reg[SMMUV3_REG_STRTAB_BASE_CFG];
	u64 split = strtab_base_cfg_SPLIT(config);
	struct stream_table table = {
		.base = strtab_base_ADDR(&smmu->reg[SMMUV3_REG_STRTAB_BASE]),
		.bits = (unsigned int)strtab_base_cfg_LOG2SIZE(config),
	};

	if (table.bits > smmu->config.stream_bits)
		table.bits = smmu->config.stream_bits;
	if (strtab_base_cfg_FMT(config) == FORMAT_TWO_LEVELS)
		table.split = split == 8 || split == 10 ? (unsigned int)split : 6;
	return table;
}

static bool bad_stream(struct smmuv3_transaction *t)
{
	return smmuv3_fail(t, (struct smmuv3_fault){ .event = SMMUV3_C_BAD_STREAMID });
}

static bool read_entry(struct smmuv3_transaction *t, const struct smmuv3_table_read *read,
		       u64 *entry)
{
	if (smmuv3_read_table(t, read, entry) == PORT_OK)
		return true;
	return smmuv3_fail(t, (struct smmuv3_fault){ .event = SMMUV3_F_STE_FETCH,
						     .address = read->address.v });
}

/* 5.1.1, and 7.3.3 for what is C_BAD_STREAMID */
static bool second_level(struct smmuv3_transaction *t, const struct stream_table *table, u32 stream,
			 u64 *address)
{
	unsigned int level1_bits = table->bits > table->split ? table->bits - table->split : 0;
	u64 index = stream & ((1u << table->split) - 1);
	u64 size = sizeof(u64) << level1_bits;
	u64 base = table->base & ~((size < LEVEL1_ALIGNMENT ? LEVEL1_ALIGNMENT : size) - 1);
	const struct smmuv3_table_read read = {
		.what = "level-1 stream table descriptor",
		.address = hpa(base + (stream >> table->split) * sizeof(u64)),
		.len = sizeof(u64),
	};
	u64 descriptor, span;

	t->smmu->counters.level1_fetches++;
	if (!read_entry(t, &read, &descriptor))
		return false;
	span = l1std_Span(&descriptor);
	if (span == 0 || span > table->split + 1 || index >> (span - 1))
		return bad_stream(t);
	*address = (l1std_L2Ptr(&descriptor) & ~((SMMUV3_STRUCTURE_BYTES << (span - 1)) - 1)) +
		   index * SMMUV3_STRUCTURE_BYTES;
	return true;
}

static u64 linear_address(const struct stream_table *table, u32 stream)
{
	return (table->base & ~((SMMUV3_STRUCTURE_BYTES << table->bits) - 1)) +
	       stream * SMMUV3_STRUCTURE_BYTES;
}

static bool read_ste(struct smmuv3_transaction *t, const struct stream_table *table, u32 stream)
{
	struct smmuv3_table_read read = { .what = "STE", .len = SMMUV3_STRUCTURE_BYTES };
	u64 ste[SMMUV3_STRUCTURE_QWORDS];
	u64 address = linear_address(table, stream);

	if (table->split && !second_level(t, table, stream, &address))
		return false;
	read.address = hpa(address);
	t->smmu->counters.ste_fetches++;
	if (!read_entry(t, &read, ste))
		return false;
	t->stream = parse_ste(t->smmu, ste);
	return true;
}

bool smmuv3_fetch_stream(struct smmuv3_transaction *t)
{
	struct smmuv3 *smmu = t->smmu;
	const struct stream_table table = stream_table(smmu);
	u32 stream = t->request->source_id;
	struct smmuv3_structure cached;

	if ((u64)stream >> table.bits)
		return bad_stream(t);
	if (smmuv3_config_lookup(smmu, ste_tag(stream), &cached)) {
		t->stream = cached.stream;
	} else {
		if (!read_ste(t, &table, stream))
			return false;
		memset(&cached, 0, sizeof(cached));
		cached.stream = t->stream;
		smmuv3_config_fill(t, ste_tag(stream), &cached);
	}
	if (t->stream.illegal)
		return smmuv3_fail(t, (struct smmuv3_fault){ .event = SMMUV3_C_BAD_STE });
	return true;
}
