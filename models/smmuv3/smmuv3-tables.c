// SPDX-License-Identifier: Apache-2.0
/*
 * The geometry of VMSAv8-64 translation tables: granules, address sizes, where a walk starts, and
 * what of it an STE or CD may ask for. Walking is left to smmuv3-walk.c.
 */
#include "smmuv3-internal.h"

/* TxSZ and S2T0SZ: at most 39 without small tables (IDR3.STT) */
#define INPUT_BITS_MIN 25
#define INPUT_BITS_MAX 48
#define INPUT_BITS_MAX_WIDE 52

#define GRANULE_64K_SHIFT 16
#define NARROW_ADDRESS_BITS 48 /* what a descriptor of a smaller granule can hold */
#define WIDE_ADDRESS_BITS 52

#define BASE_ALIGNMENT_WIDE 64ULL /* bytes, of the tables of 52-bit output */

#define CONCATENATED_BITS 4 /* stage 2 may start with up to 16 tables side by side */

static bool granule_implemented(const struct smmuv3 *smmu, unsigned int shift)
{
	/* SMMUV3_GRANULE_4K, 16K and 64K in order: shifts of 12, 14 and 16 */
	return shift && smmu->config.granules & 1u << (shift - MODEL_PAGE_SHIFT) / 2;
}

unsigned int smmuv3_smallest_granule(const struct smmuv3 *smmu)
{
	unsigned int shift = MODEL_PAGE_SHIFT;

	while (!granule_implemented(smmu, shift))
		shift += 2;
	return shift;
}

static unsigned int smaller(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* Bits of IPS or S2PS: capped to OAS, and to what descriptors of the granule can hold. */
static unsigned int output_bits(const struct smmuv3 *smmu, const struct smmuv3_table_fields *fields)
{
	static const u8 encoded[] = { 32, 36, 40, 42, 44, 48, 52, 52 };
	unsigned int bits = smaller(encoded[fields->address_size], smmuv3_oas(smmu));

	return fields->granule_shift == GRANULE_64K_SHIFT ? bits
							  : smaller(bits, NARROW_ADDRESS_BITS);
}

/* IDR5.VAX is 0: VAs have 48 bits. An IPA may have the 52 that the 64-KiB granule can give. */
static unsigned int input_bits_max(const struct smmuv3 *smmu,
				   const struct smmuv3_table_fields *fields)
{
	if (!fields->stage2)
		return INPUT_BITS_MAX;
	return smaller(smmuv3_oas(smmu), fields->granule_shift == GRANULE_64K_SHIFT
						 ? INPUT_BITS_MAX_WIDE
						 : INPUT_BITS_MAX);
}

/* 5.2 STE: S2T0SZ, S2TG, S2TTB; 5.4 CD: TxSZ, TGx, TTBx */
bool smmuv3_tables_legal(const struct smmuv3 *smmu, const struct smmuv3_table_fields *fields)
{
	unsigned int bits = 64 - (unsigned int)fields->txsz;

	return granule_implemented(smmu, fields->granule_shift) && bits >= INPUT_BITS_MIN &&
	       bits <= input_bits_max(smmu, fields) &&
	       fields->base >> output_bits(smmu, fields) == 0;
}

/* A-profile architecture, AArch64.S2InvalidSL() (one source for the sizes) and AArch64.S2InconsistentSL() */
bool smmuv3_stage2_starts_at(const struct smmuv3 *smmu, const struct smmuv3_table_fields *fields,
			     unsigned int level)
{
	static const u8 oas_min[] = { 44, 42, 44 }; /* of the highest start level, by granule */
	unsigned int granule = fields->granule_shift;
	unsigned int highest = granule == MODEL_PAGE_SHIFT ? 0 : 1;
	unsigned int min = smmuv3_level_shift(granule, level) + 1;
	unsigned int max = min + granule - 3 - 1 + CONCATENATED_BITS;
	unsigned int bits = 64 - (unsigned int)fields->txsz;

	if (level == highest && smmuv3_oas(smmu) < oas_min[(granule - MODEL_PAGE_SHIFT) / 2])
		return false;
	return bits >= min && bits <= max;
}

/* A-profile architecture: as few levels as resolve all bits */
unsigned int smmuv3_stage1_start_level(const struct smmuv3_table_fields *fields)
{
	unsigned int bits = 64 - (unsigned int)fields->txsz;
	unsigned int level = SMMUV3_LAST_LEVEL;

	while (smmuv3_level_shift(fields->granule_shift, level) + fields->granule_shift - 3 < bits)
		level--;
	return level;
}

/* A-profile architecture, AArch64.BlockDescSupported() (one source); small granules have no 52 bits */
static u8 block_level(unsigned int granule_shift, bool wide)
{
	return granule_shift == MODEL_PAGE_SHIFT || wide ? 1 : 2;
}

struct smmuv3_tables smmuv3_make_tables(const struct smmuv3 *smmu,
					const struct smmuv3_table_fields *fields,
					unsigned int start_level)
{
	unsigned int granule = fields->granule_shift;
	struct smmuv3_tables tables = {
		.granule_shift = (u8)granule,
		.input_bits = (u8)(64 - fields->txsz),
		.output_bits = (u8)output_bits(smmu, fields),
		.start_level = (u8)start_level,
		.wide = granule == GRANULE_64K_SHIFT && smmuv3_oas(smmu) == WIDE_ADDRESS_BITS,
	};
	/* the base is aligned to the size of the start level, concatenated tables included */
	u64 size = sizeof(u64) << (tables.input_bits - smmuv3_level_shift(granule, start_level));

	if (tables.output_bits == WIDE_ADDRESS_BITS && size < BASE_ALIGNMENT_WIDE)
		size = BASE_ALIGNMENT_WIDE;
	tables.base = fields->base & ~(size - 1);
	tables.block_level = block_level(granule, tables.wide);
	return tables;
}
