/* SPDX-License-Identifier: Apache-2.0 */
/* Units of all capabilities, and what software does to start one. */
#include "fuzz_unit.h"

#define GCMD 0x18
#define GSTS 0x1c
#define RTADDR 0x20
#define FSTS 0x34
#define IQT 0x88
#define IQA 0x90

static const struct {
	u64 cap, ecap;
} capabilities[] = {
	{ 0x11d2078c40380e66ULL, 0x3ed9ce600f0dfULL }, /* all that the model knows */
	{ 0x9ed008c40780466ULL, 0x3ee9e86f050dfULL }, /* Sapphire Rapids */
	{ 0x8ed008c40780466ULL, 0x60000f050dfULL }, /* Ice Lake-SP */
	{ 0xd2078c106f0466ULL, 0xf020dfULL }, /* Haswell-EP */
	{ 0x80d2008c222f06c6ULL, 0xf00f1aULL }, /* QEMU's: CM */
	{ 0xc0000020660462ULL, 0xf0101aULL }, /* a graphics unit */
};

static struct cache_geometry geometry(unsigned int size)
{
	return (struct cache_geometry){ .entries = size ? 4u << size : 0, .assoc = size ? 2 : 0 };
}

/* Fault recording registers between these offsets find place whatever their number. */
#define FIRST_RECORD 0x200
#define MOST_RECORDS ((0xe00 - FIRST_RECORD) / 16)

/* What no unit has been seen with, but the fields can hold. */
static void take_oddities(struct fuzz_input *in, u64 *cap, u64 *ecap)
{
	const u64 odd = fuzz_take(in, 4);

	fuzz_field(cap, "cap", "ND", odd & 7);
	fuzz_field(cap, "cap", "SSLPS", odd >> 3 & 15);
	fuzz_field(cap, "cap", "PSI", odd >> 7 & 1);
	fuzz_field(cap, "cap", "MAMV", odd >> 8 & 63);
	fuzz_field(cap, "cap", "NFR", (odd >> 16 & 255) % MOST_RECORDS);
	fuzz_field(cap, "cap", "FRO", FIRST_RECORD / 16);
	fuzz_field(ecap, "ecap", "PSS", odd >> 24 & 31);
}

struct vtd_config fuzz_unit_config(struct fuzz_input *in)
{
	unsigned int kind = (unsigned int)fuzz_take(in, 1);
	unsigned int known = (kind & ~FUZZ_ODD) % (sizeof(capabilities) / sizeof(capabilities[0]));
	u64 cap = capabilities[known].cap ^ fuzz_take(in, 8);
	u64 ecap = capabilities[known].ecap ^ fuzz_take(in, 8);
	unsigned int sizes = (unsigned int)fuzz_take(in, 2);
	struct vtd_config config;

	if (kind & FUZZ_ODD)
		take_oddities(in, &cap, &ecap);
	vtd_config_init(&config, cap, ecap);
	config.host_address_width = FUZZ_MEMORY_WIDTH;
	config.context_cache = geometry(sizes & 3);
	config.pasid_cache = geometry(sizes >> 2 & 3);
	config.iotlb = geometry(sizes >> 4 & 3);
	config.first_stage_pwc = geometry(sizes >> 6 & 3);
	config.second_stage_pwc = geometry(sizes >> 8 & 3);
	return config;
}

void fuzz_put_unit(struct fuzz_seed *seed, u64 odd)
{
	fuzz_put(seed, odd ? FUZZ_ODD : 0, 1);
	fuzz_put(seed, 0, 8);
	fuzz_put(seed, 0, 8);
	fuzz_put(seed, 0x155, 2);
	if (odd)
		fuzz_put(seed, odd, 4);
}

void fuzz_command(struct vtd_unit *unit, u32 bit, bool on)
{
	u32 lasting = (u32)vtd_mmio_read(unit, GSTS, 4) & 0x96ffffffu;

	vtd_mmio_write(unit, GCMD, 4, on ? lasting | bit : lasting & ~bit);
}

void fuzz_queue(struct vtd_unit *unit, u64 iqa)
{
	fuzz_command(unit, 1u << 26, false);
	/* IQE, ICE, ITE */
	vtd_mmio_write(unit, FSTS, 4, 0x70);
	vtd_mmio_write(unit, IQT, 8, 0);
	vtd_mmio_write(unit, IQA, 8, iqa);
	fuzz_command(unit, 1u << 26, true);
}

void fuzz_start(struct vtd_unit *unit, bool scalable)
{
	vtd_mmio_write(unit, RTADDR, 8, FUZZ_ROOT << 12 | (u64)scalable << 10);
	fuzz_command(unit, 1u << 30, true);
	vtd_mmio_write(unit, IQA, 8, FUZZ_QUEUE << 12 | (u64)scalable << 11);
	fuzz_command(unit, 1u << 26, true);
	fuzz_command(unit, 1u << 31, true);
}

void fuzz_field(u64 *entry, const char *format, const char *field, u64 value)
{
	const struct format_field *found = vtd_field(vtd_format(format), field);

	fuzz_require(found);
	format_field_set(found, entry, value);
}
