// SPDX-License-Identifier: Apache-2.0
/*
 * Random streams, contexts and tables, then broken ones, against the second SMMUv3 of
 * smmuv3_walker.h: the same event or the same address for every request. Seeds are printed.
 */
#include "gtest_c.h"

#include "smmuv3_fixture.h"
#include "smmuv3_walker.h"

#include <stdlib.h>
#include <string.h>

#define SEEDS 600
#define REQUESTS 40
#define PAGES 12
#define LEVEL1_TABLE 0x180000ULL

struct world {
	struct bench b;
	struct walker walker;
	u64 state; /* of the random numbers */
	struct table stage1, stage2;
	unsigned int stage1_bits;
	u64 cd_bits, cd_format;
	u64 cds, l1cds; /* where they lie, as stage 1 sees it */
	u64 ste_address;
	u64 va[PAGES];
	u64 guest; /* add to a guest's address to find it in memory */
	u64 end, guest_end; /* of what holds tables */
};

static u64 next(struct world *w)
{
	w->state ^= w->state << 13;
	w->state ^= w->state >> 7;
	w->state ^= w->state << 17;
	return w->state * 0x2545f4914f6cdd1dULL >> 11;
}

static u64 below(struct world *w, u64 bound)
{
	return next(w) % bound;
}

static unsigned int shift_of(unsigned int granule, unsigned int level)
{
	return granule + (granule - 3) * (3 - level);
}

static u64 granule_code(unsigned int granule)
{
	return granule == 12 ? 0 : granule == 16 ? 1 : 2;
}

/* ---- tables that translate ---- */

static void make_stage2(struct world *w, u64 *ste)
{
	static const unsigned int granules[] = { 12, 14, 16 };
	unsigned int granule = granules[below(w, 3)];
	unsigned int level = granule == 12 ? 1 : 2;
	u64 block = 1ULL << shift_of(granule, 2), ipa;

	w->stage2 = (struct table){
		.base = bench_block(&w->b, 8ULL << (40 - shift_of(granule, level))),
		.granule_shift = granule,
		.start_level = level,
	};
	/* where a guest's tables are */
	for (ipa = 0x1000000 & ~(block - 1); ipa < 0x1800000; ipa += block)
		bench_map(&w->b, &w->stage2, ipa, (ipa + GUEST) | S2_RW, 2);
	bench_ste_stage2(ste, &w->stage2, VMID);
	bench_set(ste, "ste", "S2TG", granule_code(granule));
	w->guest = GUEST;
}

static u64 guest_block(struct world *w, u64 size)
{
	u64 block = (w->b.next_guest_page + 0x1000 + size - 1) & ~(size - 1);

	if (!w->guest)
		return bench_block(&w->b, size);
	w->b.next_guest_page = block + size - 0x1000;
	return block;
}

static void make_stage1(struct world *w, u64 *ste)
{
	static const unsigned int granules[] = { 12, 14, 16 };
	unsigned int granule = granules[below(w, 3)];
	unsigned int level = 3;

	w->stage1_bits = 30 + (unsigned int)below(w, 19);
	while (shift_of(granule, level) + granule - 3 < w->stage1_bits)
		level--;
	w->stage1 = (struct table){
		.offset = w->guest,
		.granule_shift = granule,
		.start_level = level,
	};
	w->stage1.base = guest_block(w, 1ULL << granule);
	w->cd_format = below(w, 3);
	w->cd_bits = below(w, 9);
	w->cds = guest_block(w, w->cd_format == 2 ? 0x10000 : 0x8000);
	w->l1cds = guest_block(w, 0x1000);
	bench_ste_stage1(ste, w->cd_format && w->cd_bits ? w->l1cds : w->cds, w->cd_bits);
	bench_set(ste, "ste", "S1Fmt", w->cd_format);
	bench_set(ste, "ste", "S1DSS", below(w, 4));
}

/* All substreams have the same tables. */
static void put_cds(struct world *w)
{
	u64 cd[8] = { 0 }, l1cd = w->cds | 1;

	bench_cd(cd, &w->stage1, below(w, 8) ? below(w, 0x100) : 0x100);
	bench_set(cd, "cd", "T0SZ", 64 - w->stage1_bits);
	bench_set(cd, "cd", "TG0", granule_code(w->stage1.granule_shift));
	bench_set(cd, "cd", "TBI0", below(w, 2));
	bench_set(cd, "cd", "WXN", !below(w, 4));
	bench_set(cd, "cd", "PAN", !below(w, 4));
	bench_set(cd, "cd", "AFFD", !below(w, 4));
	for (u64 i = 0; i < 1ULL << w->cd_bits; i++) {
		/* those of a second level serve all first-level entries */
		u64 index = w->cd_format == 1 ? i % 64 : i;

		bench_put(&w->b, w->cds + w->guest + index * 64, cd, 8);
		if (w->cd_format)
			bench_put(&w->b,
				  w->l1cds + w->guest + (i >> (w->cd_format == 1 ? 6 : 10)) * 8,
				  &l1cd, 1);
	}
}

static u64 stage1_attributes(struct world *w)
{
	u64 attributes = S1_RW;

	if (!below(w, 4))
		attributes = 1ULL << 11 | 1ULL << 10 | below(w, 4) << 6 | below(w, 4) << 53;
	return attributes;
}

static void map_pages(struct world *w, bool first, bool second)
{
	for (unsigned int i = 0; i < PAGES; i++) {
		u64 ipa = 0x20000000 + i * 0x24000000ULL;
		u64 pa = (next(w) & 0x3ffff) << 29;

		w->va[i] = ipa;
		if (second)
			bench_map(&w->b, &w->stage2, ipa,
				  pa | (below(w, 4) ? S2_RW : 1ULL << 10 | below(w, 4) << 6),
				  below(w, 2) ? 2 : 3);
		if (!first)
			continue;
		w->va[i] = (next(w) & ((1ULL << w->stage1_bits) - 1)) >> 16 << 16;
		bench_map(&w->b, &w->stage1, w->va[i], (second ? ipa : pa) | stage1_attributes(w),
			  3);
	}
}

/* ---- the stream table, and the world as a whole ---- */

static u32 put_stream_table(struct world *w, const u64 *ste)
{
	static const unsigned int splits[] = { 6, 8, 10 };
	unsigned int split = splits[below(w, 3)];
	u64 leaf, l1std = 0;

	if (below(w, 2)) {
		w->ste_address = STREAM_TABLE + STREAM * 64;
		bench_put_ste(&w->b, STREAM, ste);
		w->walker.strtab_base = STREAM_TABLE;
		return STREAM_TABLE_BITS;
	}
	leaf = bench_block(&w->b, 64ULL << split);
	w->ste_address = leaf + STREAM * 64;
	bench_put(&w->b, w->ste_address, ste, 8);
	bench_set(&l1std, "l1std", "L2Ptr", leaf);
	bench_set(&l1std, "l1std", "Span", below(w, 8) ? split + 1 : below(w, 12));
	bench_put(&w->b, LEVEL1_TABLE, &l1std, 1);
	w->walker.strtab_base = LEVEL1_TABLE;
	return 1u << 16 | split << 6 | 12;
}

static void make_world(struct world *w, const struct smmuv3_config *config)
{
	bool first = below(w, 4), second = below(w, 4);
	u64 ste[8] = { 0 };

	bench_create(&w->b, config);
	bench_set(ste, "ste", "V", 1);
	bench_set(ste, "ste", "Config", 4);
	w->walker = (struct walker){
		.mem = w->b.mem,
		.oas = config->address_bits,
		.sid_bits = config->stream_bits,
		.ssid_bits = config->substream_bits,
		.asid16 = config->asid16,
		.vmid16 = config->vmid16,
	};
	if (second)
		make_stage2(w, ste);
	if (first)
		make_stage1(w, ste);
	bench_set(ste, "ste", "S2VMID", below(w, 8) ? below(w, 0x100) : 0x100);
	map_pages(w, first, second);
	if (first)
		put_cds(w);
	w->walker.strtab_base_cfg = put_stream_table(w, ste);
	bench_write(&w->b, STRTAB_BASE, w->walker.strtab_base);
	bench_write(&w->b, STRTAB_BASE_CFG, w->walker.strtab_base_cfg);
	bench_write(&w->b, CR0, 1);
	w->end = w->b.next_page + 0x1000;
	w->guest_end = w->b.next_guest_page + 0x1000;
}

/* ---- breaking it ---- */

static u64 somewhere(struct world *w)
{
	switch (below(w, 4)) {
	case 0:
		return w->ste_address + below(w, 8) * 8;
	case 1:
		return w->cds + w->guest + below(w, 32) * 8;
	case 2:
		return 0x1000000 + below(w, (w->end - 0x1000000) / 8) * 8;
	default:
		return 0x1000000 + GUEST + below(w, (w->guest_end - 0x1000000) / 8) * 8;
	}
}

static void corrupt(struct world *w)
{
	for (u64 i = below(w, 4); i; i--) {
		u64 at = somewhere(w), value;

		EXPECT_EQ(memory_read(w->b.mem, hpa(at), &value, 8), PORT_OK);
		value = below(w, 3) ? value ^ 1ULL << below(w, 64) : next(w);
		bench_put(&w->b, at, &value, 1);
	}
	if (!below(w, 8))
		memory_poison(w->b.mem, hpa(somewhere(w)), true);
}

static struct translation_request random_request(struct world *w)
{
	u64 address = w->va[below(w, PAGES)] + below(w, 0x4000);
	bool has_pasid = below(w, 2);

	if (!below(w, 8))
		address ^= 1ULL << below(w, 64);
	return (struct translation_request){
		.source_id = (u16)(below(w, 16) ? STREAM : below(w, 0x2000)),
		.has_pasid = has_pasid,
		.pasid = has_pasid ? (u32)below(w, (1ULL << w->cd_bits) + 1) : 0,
		.address = iova(address),
		.access = 1 << below(w, 3),
		.privileged = below(w, 2),
	};
}

static unsigned int count_translated(struct world *w)
{
	unsigned int translated = 0;

	for (int i = 0; i < REQUESTS; i++) {
		const struct translation_request request = random_request(w);
		const struct walker_answer wanted = walker_translate(&w->walker, &request);
		struct translation_result got;

		SCOPED_NOTE("request %d: address 0x%llx access %d", i, request.address.v,
			    request.access);
		smmuv3_translate(w->b.smmu, &request, &got);
		EXPECT_EQ(got.fault, wanted.event);
		EXPECT_EQ(got.address.v, wanted.address);
		translated += !got.fault;
	}
	return translated;
}

static u64 first_seed(void)
{
	const char *text = getenv("VTDSIM_SEED");

	return text ? strtoull(text, NULL, 0) : 1;
}

TEST(smmuv3_random, translates_as_the_second_smmu_does_whatever_memory_says)
{
	unsigned int translated = 0;
	u64 first = first_seed();

	for (u64 seed = first; seed < first + SEEDS; seed++) {
		struct world w = { .state = seed * 0x9e3779b97f4a7c15ULL };
		struct smmuv3_config config;
		bool broken;

		SCOPED_NOTE("VTDSIM_SEED=%llu", seed);
		smmuv3_config_init(&config);
		config.address_bits = below(&w, 2) ? 48 : 52;
		config.asid16 = below(&w, 2);
		config.vmid16 = below(&w, 2);
		broken = below(&w, 3);
		/* what is broken may give one ASID two address spaces, which a TLB need not tell apart */
		if (broken || below(&w, 2))
			config.tlb.entries = config.config_cache.entries = 0;
		make_world(&w, &config);
		if (broken)
			corrupt(&w);
		translated += count_translated(&w);
		bench_destroy(&w.b);
	}
	/* most ends are not the same one */
	EXPECT_GT(translated, (unsigned int)SEEDS * REQUESTS / 6);
}
