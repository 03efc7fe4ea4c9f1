// SPDX-License-Identifier: Apache-2.0
/*
 * Stream table entries and context descriptors: fetching them, what makes them illegal, and the
 * configuration cache. Translation through the tables they name is left to smmuv3-walk.c.
 */
#include "smmuv3-internal.h"

#include <string.h>

#define STRUCTURE_BYTES (sizeof(u64) * SMMUV3_STRUCTURE_QWORDS)
#define PAGE_TABLE_BITS 9 /* of an index into a table of 4 KiB */
#define MAX_4K_ADDRESS_BITS 48 /* what a descriptor of the 4-KiB granule can hold */

/* TxSZ and S2T0SZ, 4-KiB granule, without small tables (IDR3.STT) and 52-bit addresses */
#define TXSZ_MIN 16
#define TXSZ_MAX 39

#define TG0_4K 0
#define TG1_4K 2

/* Space of a config cache tag: STEs and CDs apart, CDs by StreamID. */
#define SPACE_STE (1ULL << 62)
#define SPACE_CD (1ULL << 61)

static struct cache_tag ste_tag(u32 stream)
{
	return (struct cache_tag){ .key = stream, .space = SPACE_STE };
}

static struct cache_tag cd_tag(u32 stream, u32 substream)
{
	return (struct cache_tag){ .key = substream, .space = SPACE_CD | stream };
}

/* Bits of an encoded address size (IPS, S2PS, OAS), capped to what is implemented. */
static unsigned int output_bits(const struct smmuv3 *smmu, u64 encoded)
{
	static const u8 bits[] = { 32, 36, 40, 42, 44, 48, 52, 52 };
	unsigned int width = bits[encoded];

	if (width > smmuv3_oas(smmu))
		width = smmuv3_oas(smmu);
	return width > MAX_4K_ADDRESS_BITS ? MAX_4K_ADDRESS_BITS : width;
}

static bool beyond(u64 address, unsigned int bits)
{
	return address >> bits != 0;
}

/* Bytes of the tables at the start level; stage 2 may have up to 16 of them side by side. */
static u64 start_tables_size(const struct smmuv3_tables *tables)
{
	unsigned int below =
		MODEL_PAGE_SHIFT + PAGE_TABLE_BITS * (SMMUV3_LAST_LEVEL - tables->start_level);

	return sizeof(u64) << (tables->input_bits - below);
}

/* A-profile architecture: level that a stage-1 walk of so many input bits starts at. */
static u8 stage1_start_level(unsigned int input_bits)
{
	unsigned int indexed = input_bits - MODEL_PAGE_SHIFT;
	unsigned int levels = (indexed + PAGE_TABLE_BITS - 1) / PAGE_TABLE_BITS;

	return (u8)(SMMUV3_LAST_LEVEL + 1 - levels);
}

/* A-profile architecture: S2T0SZ must suit S2SL0; one table, or up to 16 concatenated. */
static bool stage2_start_level_fits(const struct smmuv3 *smmu, unsigned int input_bits, u64 sl0)
{
	unsigned int levels_below = (unsigned int)sl0 + 1;
	unsigned int min = levels_below * PAGE_TABLE_BITS + MODEL_PAGE_SHIFT + 1;
	unsigned int max = min + PAGE_TABLE_BITS - 1 + 4;

	if (sl0 == 3 || (sl0 == 2 && smmuv3_oas(smmu) < 44))
		return false;
	return input_bits >= min && input_bits <= max;
}

/* The stage-2 part of 5.2.2 Validity of STE. */
static bool stage2_illegal(const struct smmuv3 *smmu, const u64 *ste)
{
	u64 t0sz = ste_S2T0SZ(ste);
	unsigned int input_bits = 64 - (unsigned int)t0sz;

	if (!smmu->config.stage2)
		return true;
	if (ste_S2S(ste) || !ste_S2AA64(ste) || ste_S2HA(ste) || ste_S2HD(ste) || ste_S2ENDI(ste))
		return true;
	if (ste_S2TG(ste) != TG0_4K)
		return true;
	if (beyond(ste_S2TTB(ste), output_bits(smmu, ste_S2PS(ste))))
		return true;
	if (t0sz < TXSZ_MIN || t0sz > TXSZ_MAX || input_bits > smmuv3_oas(smmu))
		return true;
	return !stage2_start_level_fits(smmu, input_bits, ste_S2SL0(ste));
}

/* The stage-1 part of 5.2.2 Validity of STE. */
static bool stage1_illegal(const struct smmuv3 *smmu, const u64 *ste)
{
	bool nested = ste_Config(ste) & SMMUV3_CONFIG_STAGE2;
	u64 format = ste_S1Fmt(ste);

	if (!smmu->config.stage1 || ste_S1STALLD(ste))
		return true;
	if (smmu->config.substream_bits) {
		if (ste_S1CDMax(ste) > smmu->config.substream_bits)
			return true;
		/* IDR0.CD2L is 0: linear tables only; 3 behaves as 0 */
		if (ste_S1CDMax(ste) && (format == 1 || format == 2))
			return true;
	}
	/* 3.4.3: as an IPA, an address too large is for stage 2 to fault */
	return !nested && beyond(ste_S1ContextPtr(ste), smmuv3_oas(smmu));
}

/* 5.2.2 Validity of STE */
static bool ste_illegal(const struct smmuv3 *smmu, const u64 *ste)
{
	if (!ste_V(ste))
		return true;
	if (!(ste_Config(ste) & SMMUV3_CONFIG_PASS))
		return false;
	if ((ste_Config(ste) & SMMUV3_CONFIG_STAGE1) && stage1_illegal(smmu, ste))
		return true;
	return (ste_Config(ste) & SMMUV3_CONFIG_STAGE2) && stage2_illegal(smmu, ste);
}

static struct smmuv3_stream parse_ste(const struct smmuv3 *smmu, const u64 *ste)
{
	struct smmuv3_stream stream = { .illegal = ste_illegal(smmu, ste) };
	struct smmuv3_tables *tables = &stream.stage2;

	if (stream.illegal)
		return stream;
	stream.config = (u8)ste_Config(ste);
	stream.context_ptr = ste_S1ContextPtr(ste);
	stream.cd_bits = smmu->config.substream_bits ? (u8)ste_S1CDMax(ste) : 0;
	stream.default_substream = (u8)ste_S1DSS(ste);
	stream.vmid = smmu->config.stage2 ? (u16)ste_S2VMID(ste) : 0;
	stream.record_stage2 = ste_S2R(ste);
	if (!(stream.config & SMMUV3_CONFIG_PASS) || !(stream.config & SMMUV3_CONFIG_STAGE2))
		return stream;
	tables->input_bits = (u8)(64 - ste_S2T0SZ(ste));
	tables->output_bits = (u8)output_bits(smmu, ste_S2PS(ste));
	tables->start_level = (u8)(2 - ste_S2SL0(ste));
	tables->ignore_access_flag = ste_S2AFFD(ste);
	tables->base = ste_S2TTB(ste) & ~(start_tables_size(tables) - 1);
	return stream;
}

/* One half of 5.4.2 Validity of CD, unless its EPD disables it. */
static bool half_illegal(u64 txsz, bool granule_4k, u64 ttb, unsigned int bits)
{
	return txsz < TXSZ_MIN || txsz > TXSZ_MAX || !granule_4k || beyond(ttb, bits);
}

/* 5.4.2 Validity of CD */
static bool cd_illegal(const struct smmuv3 *smmu, const u64 *cd)
{
	unsigned int bits = output_bits(smmu, cd_IPS(cd));

	if (!cd_V(cd) || !cd_A(cd) || cd_S(cd) || !cd_AA64(cd) || cd_HA(cd) || cd_HD(cd))
		return true;
	if (cd_ENDI(cd) && !(cd_EPD0(cd) && cd_EPD1(cd)))
		return true;
	if (!smmu->config.asid16 && cd_ASID(cd) > 0xff)
		return true;
	if (!cd_EPD0(cd) && half_illegal(cd_T0SZ(cd), cd_TG0(cd) == TG0_4K, cd_TTB0(cd), bits))
		return true;
	return !cd_EPD1(cd) && half_illegal(cd_T1SZ(cd), cd_TG1(cd) == TG1_4K, cd_TTB1(cd), bits);
}

static struct smmuv3_tables stage1_tables(const struct smmuv3 *smmu, const u64 *cd, u64 txsz,
					  u64 ttb)
{
	struct smmuv3_tables tables = {
		.input_bits = (u8)(64 - txsz),
		.output_bits = (u8)output_bits(smmu, cd_IPS(cd)),
		.ignore_access_flag = cd_AFFD(cd),
	};

	tables.start_level = stage1_start_level(tables.input_bits);
	tables.base = ttb & ~(start_tables_size(&tables) - 1);
	return tables;
}

static struct smmuv3_context parse_cd(const struct smmuv3 *smmu, const u64 *cd)
{
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
		context.stage1[0] = stage1_tables(smmu, cd, cd_T0SZ(cd), cd_TTB0(cd));
	if (!cd_EPD1(cd))
		context.stage1[1] = stage1_tables(smmu, cd, cd_T1SZ(cd), cd_TTB1(cd));
	return context;
}

static void observe_config(struct smmuv3 *smmu, enum port_event_kind kind, struct cache_tag tag)
{
	struct port_event event;

	if (!cache_on(&smmu->config_cache) || !port_observed(&smmu->port))
		return;
	event = (struct port_event){
		.kind = kind,
		.what = "configuration cache",
		.detail = tag.space & SPACE_STE ? "STE by StreamID" : "CD by SubstreamID",
		.input = tag.key,
	};
	port_observe(&smmu->port, &event);
}

static bool config_lookup(struct smmuv3 *smmu, struct cache_tag tag, struct smmuv3_structure *found)
{
	struct smmuv3_structure *entry;

	port_lookup(&smmu->port, PORT_LOOKUP_CONTEXT, smmu->config_cache.latency);
	entry = cache_lookup(&smmu->config_cache, tag);
	if (entry)
		*found = *entry;
	observe_config(smmu, entry ? PORT_EVENT_CACHE_HIT : PORT_EVENT_CACHE_MISS, tag);
	return entry != NULL;
}

/* 3.21.3: structures may be cached whether valid or not; what could not be fetched is not known */
static void config_fill(struct smmuv3_transaction *t, struct cache_tag tag,
			const struct smmuv3_structure *structure)
{
	struct smmuv3 *smmu = t->smmu;
	struct smmuv3_structure *entry;

	if (smmuv3_epoch(smmu) != t->epoch)
		return;
	entry = cache_fill(&smmu->config_cache, tag);
	if (!entry)
		return;
	*entry = *structure;
	observe_config(smmu, PORT_EVENT_CACHE_FILL, tag);
}

/* 3.3.2 Linear Stream table. The base is aligned to the size of the table. */
static hpa_t ste_address(const struct smmuv3 *smmu, u32 stream, unsigned int log2size)
{
	u64 mask = log2size > 45 ? ~0ULL : (STRUCTURE_BYTES << log2size) - 1;

	return hpa((strtab_base_ADDR(&smmu->reg[SMMUV3_REG_STRTAB_BASE]) & ~mask) +
		   stream * STRUCTURE_BYTES);
}

static bool read_ste(struct smmuv3_transaction *t, u32 stream, unsigned int log2size)
{
	const struct smmuv3_table_read read = {
		.what = "STE",
		.address = ste_address(t->smmu, stream, log2size),
		.len = STRUCTURE_BYTES,
	};
	u64 ste[SMMUV3_STRUCTURE_QWORDS];

	t->smmu->counters.ste_fetches++;
	if (smmuv3_read_table(t, &read, ste) != PORT_OK)
		return smmuv3_fail(t, (struct smmuv3_fault){ .event = SMMUV3_F_STE_FETCH,
							     .address = read.address.v });
	t->stream = parse_ste(t->smmu, ste);
	return true;
}

bool smmuv3_fetch_stream(struct smmuv3_transaction *t)
{
	struct smmuv3 *smmu = t->smmu;
	u64 log2size = strtab_base_cfg_LOG2SIZE(&smmu->reg[SMMUV3_REG_STRTAB_BASE_CFG]);
	u32 stream = t->request->source_id;
	struct smmuv3_structure cached;

	if (log2size > smmu->config.stream_bits)
		log2size = smmu->config.stream_bits;
	if (log2size < 32 && stream >> log2size)
		return smmuv3_fail(t, (struct smmuv3_fault){ .event = SMMUV3_C_BAD_STREAMID });
	if (config_lookup(smmu, ste_tag(stream), &cached)) {
		t->stream = cached.stream;
	} else {
		if (!read_ste(t, stream, (unsigned int)log2size))
			return false;
		memset(&cached, 0, sizeof(cached));
		cached.stream = t->stream;
		config_fill(t, ste_tag(stream), &cached);
	}
	if (t->stream.illegal)
		return smmuv3_fail(t, (struct smmuv3_fault){ .event = SMMUV3_C_BAD_STE });
	return true;
}

static bool read_cd(struct smmuv3_transaction *t)
{
	const struct smmuv3_stream *stream = &t->stream;
	u64 table = stream->context_ptr & ~((STRUCTURE_BYTES << stream->cd_bits) - 1);
	u64 address = table + t->substream * STRUCTURE_BYTES;
	struct smmuv3_table_read read = {
		.what = "CD",
		.address = hpa(address),
		.len = STRUCTURE_BYTES,
	};
	u64 cd[SMMUV3_STRUCTURE_QWORDS];

	if (t->stage2) {
		struct smmuv3_mapping mapping;

		if (!smmuv3_map_stage2(t, address, SMMUV3_CLASS_CD, &mapping))
			return false;
		read.address = hpa(mapping.output + (address - mapping.input));
		read.via_gpa = true;
		read.table_gpa = address;
	}
	t->smmu->counters.cd_fetches++;
	if (smmuv3_read_table(t, &read, cd) != PORT_OK)
		return smmuv3_fail(t, (struct smmuv3_fault){ .event = SMMUV3_F_CD_FETCH,
							     .address = read.address.v });
	t->context = parse_cd(t->smmu, cd);
	return true;
}

bool smmuv3_fetch_context(struct smmuv3_transaction *t)
{
	struct cache_tag tag = cd_tag(t->request->source_id, t->substream);
	struct smmuv3_structure cached;

	if (config_lookup(t->smmu, tag, &cached)) {
		t->context = cached.context;
	} else {
		if (!read_cd(t))
			return false;
		memset(&cached, 0, sizeof(cached));
		cached.context = t->context;
		config_fill(t, tag, &cached);
	}
	if (t->context.illegal)
		return smmuv3_fail(t, (struct smmuv3_fault){ .event = SMMUV3_C_BAD_CD });
	return true;
}

static bool config_matches(void *arg, struct cache_tag tag, const void *entry)
{
	const struct smmuv3_config_scope *scope = arg;
	bool is_ste = tag.space & SPACE_STE;
	u64 stream = is_ste ? tag.key : tag.space & 0xffffffff;

	(void)entry;
	if ((stream ^ scope->stream) >> scope->stream_bits)
		return false;
	if (scope->one_context)
		return !is_ste && tag.key == scope->substream;
	return !is_ste || !scope->contexts;
}

void smmuv3_invalidate_config(struct smmuv3 *smmu, const struct smmuv3_config_scope *scope)
{
	struct smmuv3_config_scope arg = *scope;

	cache_invalidate(&smmu->config_cache, config_matches, &arg);
}
