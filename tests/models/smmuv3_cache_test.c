// SPDX-License-Identifier: Apache-2.0
/*
 * Tests of the SMMUv3's TLB and configuration cache: what stays until which command, and that
 * caches never change a result otherwise.
 */
#include "gtest_c.h"

#include "smmuv3_fixture.h"

#include <stdlib.h>
#include <string.h>

#define R ACCESS_READ
#define OLD 0x111000ULL
#define NEW 0x222000ULL

/* TLB invalidation commands */
#define NH_ALL 0x10
#define NH_ASID 0x11
#define NH_VA 0x12
#define NH_VAA 0x13
#define S12_VMALL 0x28
#define S2_IPA 0x2a
#define NSNH_ALL 0x30

static u64 where(struct bench *b, u64 address)
{
	return bench_translate(b, STREAM, NO_PASID, address, R).address.v;
}

struct tlbi_row {
	const char *name;
	u64 opcode, vmid, asid, address;
	/* what it removes: the page, a global one, the nested one, that of stage 2 alone */
	bool page, global;
};

/* a stage-1 stream with VMID 0; 0x5000 has ASID 5, 0x6000 is global */
static const struct tlbi_row stage1_tlbis[] = {
	{ "nh_all", NH_ALL, 0, 0, 0, true, true },
	{ "nh_all_of_another_vmid", NH_ALL, 1, 0, 0, false, false },
	{ "nh_asid", NH_ASID, 0, ASID, 0, true, false },
	{ "nh_asid_of_another", NH_ASID, 0, ASID + 1, 0, false, false },
	{ "nh_asid_of_another_vmid", NH_ASID, 1, ASID, 0, false, false },
	{ "nh_va", NH_VA, 0, ASID, 0x5000, true, false },
	{ "nh_va_of_the_global", NH_VA, 0, ASID + 1, 0x6000, false, true },
	{ "nh_va_of_another_asid", NH_VA, 0, ASID + 1, 0x5000, false, false },
	{ "nh_va_of_another_page", NH_VA, 0, ASID, 0x7000, false, false },
	{ "nh_va_of_another_vmid", NH_VA, 3, ASID, 0x5000, false, false },
	{ "nh_vaa", NH_VAA, 0, 0, 0x5000, true, false },
	{ "nh_vaa_of_the_global", NH_VAA, 0, 0, 0x6000, false, true },
	{ "s12_vmall", S12_VMALL, 0, 0, 0, true, true },
	{ "s12_vmall_of_another", S12_VMALL, 9, 0, 0, false, false },
	{ "s2_ipa", S2_IPA, 0, 0, 0x5000, false, false },
	{ "nsnh_all", NSNH_ALL, 0, 0, 0, true, true },
};

static void tlbi(struct bench *b, const struct tlbi_row *row)
{
	bench_command(b, row->opcode | row->vmid << 32 | row->asid << 48, row->address);
	bench_sync(b);
}

TEST_WITH_PARAMS(smmuv3_tlb, stage_1_entries_stay_until_invalidated, struct tlbi_row, stage1_tlbis)
{
	struct bench b;
	struct table stage1;

	bench_start(&b, NULL);
	stage1 = bench_stage1_stream(&b);
	for (u64 to = OLD; to <= NEW; to += NEW - OLD) {
		bench_map(&b, &stage1, 0x5000, to | S1_RW, 3);
		bench_map(&b, &stage1, 0x6000, to | (S1_RW & ~(1ULL << 11)), 3);
		EXPECT_EQ(where(&b, 0x5000), OLD);
		EXPECT_EQ(where(&b, 0x6000), OLD);
	}
	tlbi(&b, param);
	EXPECT_EQ(where(&b, 0x5000), param->page ? NEW : OLD);
	EXPECT_EQ(where(&b, 0x6000), param->global ? NEW : OLD);
	bench_destroy(&b);
}

/* page: 0x5000 of a nested stream; global: 0x6000 of a stream of the same VM with stage 2 only */
static const struct tlbi_row nested_tlbis[] = {
	{ "nh_all", NH_ALL, VMID, 0, 0, true, false },
	{ "nh_all_of_another", NH_ALL, 0, 0, 0, false, false },
	{ "nh_asid", NH_ASID, VMID, ASID, 0, true, false },
	{ "nh_va", NH_VA, VMID, ASID, 0x5000, true, false },
	{ "s12_vmall", S12_VMALL, VMID, 0, 0, true, true },
	{ "s12_vmall_of_another", S12_VMALL, 0, 0, 0, false, false },
	{ "s2_ipa_leaves_what_is_combined", S2_IPA, VMID, 0, 0x777000, false, false },
	{ "s2_ipa", S2_IPA, VMID, 0, 0x6000, false, true },
	{ "s2_ipa_of_another", S2_IPA, 0, 0, 0x6000, false, false },
	{ "nsnh_all", NSNH_ALL, 0, 0, 0, true, true },
};

TEST_WITH_PARAMS(smmuv3_tlb, entries_of_a_vm_stay_until_invalidated, struct tlbi_row, nested_tlbis)
{
	struct bench b;
	struct nested n;
	u64 ste[8] = { 0 };

	bench_start(&b, NULL);
	n = bench_nested_stream(&b, 0);
	bench_ste_stage2(ste, &n.stage2, VMID);
	bench_put_ste(&b, STREAM + 1, ste);
	/* two guest pages, mapped by stage 2 all the time; the guest changes its mind */
	bench_map(&b, &n.stage2, 0x777000, OLD | S2_RW, 3);
	bench_map(&b, &n.stage2, 0x778000, NEW | S2_RW, 3);
	bench_map(&b, &n.stage2, 0x6000, OLD | S2_RW, 3);
	bench_map(&b, &n.stage1, 0x5000, 0x777000 | S1_RW, 3);
	EXPECT_EQ(where(&b, 0x5000), OLD);
	EXPECT_EQ(bench_translate(&b, STREAM + 1, NO_PASID, 0x6000, R).address.v, OLD);
	bench_map(&b, &n.stage1, 0x5000, 0x778000 | S1_RW, 3);
	bench_map(&b, &n.stage2, 0x6000, NEW | S2_RW, 3);
	EXPECT_EQ(where(&b, 0x5000), OLD);
	tlbi(&b, param);
	EXPECT_EQ(where(&b, 0x5000), param->page ? NEW : OLD);
	EXPECT_EQ(bench_translate(&b, STREAM + 1, NO_PASID, 0x6000, R).address.v,
		  param->global ? NEW : OLD);
	bench_destroy(&b);
}

TEST(smmuv3_tlb, a_change_of_stage_2_needs_both_its_own_and_the_combined_invalidation)
{
	struct bench b;
	struct nested n;

	bench_start(&b, NULL);
	n = bench_nested_stream(&b, 0);
	bench_map(&b, &n.stage1, 0x5000, 0x777000 | S1_RW, 3);
	bench_map(&b, &n.stage2, 0x777000, OLD | S2_RW, 3);
	EXPECT_EQ(where(&b, 0x5000), OLD);
	bench_map(&b, &n.stage2, 0x777000, NEW | S2_RW, 3);
	tlbi(&b, &(struct tlbi_row){ .opcode = NH_ALL, .vmid = VMID });
	EXPECT_EQ(where(&b, 0x5000), OLD);
	tlbi(&b, &(struct tlbi_row){ .opcode = S2_IPA, .vmid = VMID, .address = 0x777000 });
	EXPECT_EQ(where(&b, 0x5000), OLD);
	tlbi(&b, &(struct tlbi_row){ .opcode = NH_ALL, .vmid = VMID });
	EXPECT_EQ(where(&b, 0x5000), NEW);
	bench_destroy(&b);
}

TEST(smmuv3_tlb, an_address_in_a_stage_1_block_means_all_entries_made_of_it)
{
	struct bench b;
	struct nested n;

	bench_start(&b, NULL);
	n = bench_nested_stream(&b, 0);
	/* a 2-MiB block that stage 2 maps by pages */
	bench_map(&b, &n.stage1, 0x400000, 0x800000 | S1_RW, 2);
	bench_map(&b, &n.stage2, 0x803000, OLD | S2_RW, 3);
	bench_map(&b, &n.stage2, 0xa03000, NEW | S2_RW, 3);
	EXPECT_EQ(where(&b, 0x403000), OLD);
	bench_map(&b, &n.stage1, 0x400000, 0xa00000 | S1_RW, 2);
	tlbi(&b, &(struct tlbi_row){
			 .opcode = NH_VA, .vmid = VMID, .asid = ASID, .address = 0x600000 });
	EXPECT_EQ(where(&b, 0x403000), OLD);
	tlbi(&b, &(struct tlbi_row){
			 .opcode = NH_VA, .vmid = VMID, .asid = ASID, .address = 0x4ff000 });
	EXPECT_EQ(where(&b, 0x403000), NEW);
	bench_destroy(&b);
}

TEST(smmuv3_tlb, address_spaces_are_told_apart_by_asid_and_vmid)
{
	struct bench b;
	struct table first, second;
	u64 ste[8] = { 0 }, cd[8] = { 0 };
	u64 context_ptr;

	bench_start(&b, NULL);
	first = bench_stage1_stream(&b);
	second = (struct table){ .base = bench_page(&b), .start_level = 1 };
	bench_map(&b, &first, 0x5000, OLD | S1_RW, 3);
	bench_map(&b, &second, 0x5000, NEW | S1_RW, 3);
	context_ptr = bench_page(&b);
	bench_cd(cd, &second, ASID + 1);
	bench_put(&b, context_ptr, cd, 8);
	bench_cd(cd, &second, ASID);
	bench_put(&b, context_ptr + 64, cd, 8);
	bench_ste_stage1(ste, context_ptr, 0);
	bench_put_ste(&b, STREAM + 1, ste);
	bench_set(ste, "ste", "S1ContextPtr", context_ptr + 64);
	bench_set(ste, "ste", "S2VMID", 0x1234);
	bench_put_ste(&b, STREAM + 2, ste);
	for (int again = 0; again < 2; again++) {
		EXPECT_EQ(where(&b, 0x5000), OLD);
		EXPECT_EQ(bench_translate(&b, STREAM + 1, NO_PASID, 0x5000, R).address.v, NEW);
		EXPECT_EQ(bench_translate(&b, STREAM + 2, NO_PASID, 0x5000, R).address.v, NEW);
	}
	bench_destroy(&b);
}

TEST(smmuv3_tlb, without_stage_2_the_vmid_does_not_count)
{
	struct smmuv3_config config;
	struct bench b;
	struct table stage1;

	smmuv3_config_init(&config);
	config.stage2 = false;
	bench_start(&b, &config);
	stage1 = bench_stage1_stream(&b);
	bench_map(&b, &stage1, 0x5000, OLD | S1_RW, 3);
	EXPECT_EQ(where(&b, 0x5000), OLD);
	bench_map(&b, &stage1, 0x5000, NEW | S1_RW, 3);
	tlbi(&b, &(struct tlbi_row){ .opcode = NH_ALL, .vmid = 3 });
	EXPECT_EQ(where(&b, 0x5000), NEW);
	bench_destroy(&b);
}

TEST(smmuv3_tlb, a_hit_reads_no_memory_and_takes_its_latency)
{
	struct smmuv3_config config;
	struct bench b;
	struct table stage1;
	unsigned int before;

	smmuv3_config_init(&config);
	config.tlb.latency = 5;
	config.config_cache.latency = 2;
	bench_start(&b, &config);
	stage1 = bench_stage1_stream(&b);
	bench_map(&b, &stage1, 0x5000, OLD | S1_RW, 3);
	where(&b, 0x5000);
	before = b.cycles;
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5008, R).table_reads, 0u);
	EXPECT_EQ(b.cycles - before, 5u + 2 + 2);
	EXPECT_EQ(bench_counter(&b, "tlb_lookup"), 2u);
	EXPECT_EQ(bench_counter(&b, "tlb_hit"), 1u);
	EXPECT_EQ(bench_counter(&b, "tlb_fill"), 1u);
	EXPECT_EQ(bench_counter(&b, "config_cache_hit"), 2u);
	EXPECT_EQ(bench_counter(&b, "transaction"), 2u);
	EXPECT_EQ(bench_counter(&b, "config_struct_access"), 2u);
	EXPECT_EQ(bench_counter(&b, "trans_table_walk_access"), 3u);
	EXPECT_EQ(bench_counter(&b, "ste_fetches"), 1u);
	EXPECT_EQ(bench_counter(&b, "cd_fetches"), 1u);
	EXPECT_EQ(bench_counter(&b, "walks"), 1u);
	EXPECT_EQ(b.events[PORT_EVENT_CACHE_HIT], 3u);
	EXPECT_EQ(b.events[PORT_EVENT_TABLE_READ], 5u);
	bench_destroy(&b);
}

TEST(smmuv3_tlb, eviction_is_as_good_as_invalidation)
{
	struct bench b;
	struct table stage1;

	bench_start(&b, NULL);
	stage1 = bench_stage1_stream(&b);
	bench_map(&b, &stage1, 0x5000, OLD | S1_RW, 3);
	EXPECT_EQ(where(&b, 0x5000), OLD);
	bench_map(&b, &stage1, 0x5000, NEW | S1_RW, 3);
	smmuv3_evict_all(b.smmu);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).table_reads, 5u);
	EXPECT_EQ(where(&b, 0x5000), NEW);
	bench_destroy(&b);
}

/* STE: stream bypasses or aborts. CD: which of two tables. */
struct cfgi_row {
	const char *name;
	u64 first, second;
	bool ste, cd;
};

#define CFGI(opcode, stream, substream) ((opcode) | (u64)(stream) << 32 | (u64)(substream) << 12)

static const struct cfgi_row cfgis[] = {
	{ "ste", CFGI(3, STREAM, 0), 1, true, true },
	{ "ste_of_another", CFGI(3, STREAM + 1, 0), 1, false, false },
	{ "range_of_2", CFGI(4, STREAM ^ 1, 0), 0, true, true },
	{ "range_of_2_elsewhere", CFGI(4, STREAM + 1, 0), 0, false, false },
	{ "all", CFGI(4, 0, 0), 31, true, true },
	{ "cd", CFGI(5, STREAM, 3), 1, false, true },
	{ "cd_of_another_substream", CFGI(5, STREAM, 2), 1, false, false },
	{ "cd_of_another_stream", CFGI(5, STREAM + 1, 3), 1, false, false },
	{ "cd_all", CFGI(6, STREAM, 0), 0, false, true },
	{ "cd_all_of_another", CFGI(6, STREAM + 1, 0), 0, false, false },
};

TEST_WITH_PARAMS(smmuv3_config_cache, structures_stay_until_invalidated, struct cfgi_row, cfgis)
{
	struct bench b;
	struct nested n;
	struct table other;
	u64 ste[8] = { 0 }, cd[8] = { 0 };
	u64 expected;

	bench_start(&b, NULL);
	n = bench_nested_stream(&b, 3);
	other = n.stage1;
	other.base = bench_guest_page(&b);
	bench_map(&b, &n.stage1, 0x5000, 0x1001000 | S1_RW, 3);
	bench_map(&b, &other, 0x5000, 0x1002000 | S1_RW, 3);
	bench_cd(cd, &n.stage1, ASID);
	bench_put(&b, n.cd + GUEST + 3 * 64, cd, 8);
	EXPECT_EQ(bench_translate(&b, STREAM, 3, 0x5000, R).address.v, GUEST + 0x1001000);

	/* another table for the substream; one CD table entry more for the stream */
	bench_cd(cd, &other, ASID + 1);
	bench_put(&b, n.cd + GUEST + 3 * 64, cd, 8);
	bench_ste_stage2(ste, &n.stage2, VMID);
	bench_ste_stage1(ste, n.cd, 2);
	bench_put_ste(&b, STREAM, ste);
	bench_command(&b, param->first, param->second);
	bench_sync(&b);
	expected = param->cd ? GUEST + 0x1002000 : GUEST + 0x1001000;
	EXPECT_EQ(bench_translate(&b, STREAM, 3, 0x5000, R).address.v, expected);
	EXPECT_EQ(bench_translate(&b, STREAM, 5, 0x5000, R).fault,
		  param->ste ? SMMUV3_C_BAD_SUBSTREAMID : SMMUV3_C_BAD_CD);
	bench_destroy(&b);
}

TEST(smmuv3_config_cache, an_invalid_structure_is_cached_too)
{
	struct bench b;
	u64 ste[8] = { 0 };

	bench_start(&b, NULL);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault,
		  (unsigned int)SMMUV3_C_BAD_STE);
	bench_set(ste, "ste", "V", 1);
	bench_set(ste, "ste", "Config", 4);
	bench_put_ste(&b, STREAM, ste);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault,
		  (unsigned int)SMMUV3_C_BAD_STE);
	bench_cfgi_ste(&b, STREAM);
	EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault, 0u);
	bench_destroy(&b);
}

/* Remaps 0x5000 and invalidates, in the middle of a walk. */
static void remap_and_invalidate(struct bench *b)
{
	bench_map(b, &b->raced, 0x5000, NEW | S1_RW, 3);
	bench_tlbi_all(b);
}

TEST(smmuv3_tlb, an_invalidation_during_a_walk_wins)
{
	/* whichever read it overlaps: STE, CD, three descriptors */
	for (unsigned int read = 1; read <= 5; read++) {
		struct bench b;

		SCOPED_NOTE("during read %u", read);
		bench_create(&b, NULL);
		bench_enable(&b);
		b.raced = bench_stage1_stream(&b);
		bench_map(&b, &b.raced, 0x5000, OLD | S1_RW, 3);
		b.hook = remap_and_invalidate;
		b.hook_at_read = b.reads + read;
		EXPECT_EQ(where(&b, 0x5000), NEW);
		EXPECT_EQ(where(&b, 0x5000), NEW);
		bench_destroy(&b);
	}
}

static void disable_stream(struct bench *b)
{
	const u64 ste[8] = { 1 }; /* valid, abort */

	bench_put_ste(b, STREAM, ste);
	bench_cfgi_ste(b, STREAM);
}

TEST(smmuv3_config_cache, an_invalidation_during_a_fetch_wins)
{
	for (unsigned int read = 1; read <= 5; read++) {
		struct bench b;
		struct table stage1;

		SCOPED_NOTE("during read %u", read);
		bench_create(&b, NULL);
		bench_enable(&b);
		stage1 = bench_stage1_stream(&b);
		bench_map(&b, &stage1, 0x5000, OLD | S1_RW, 3);
		b.hook = disable_stream;
		b.hook_at_read = b.reads + read;
		EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault,
			  (unsigned int)SMMUV3_ABORTED);
		EXPECT_EQ(bench_translate(&b, STREAM, NO_PASID, 0x5000, R).fault,
			  (unsigned int)SMMUV3_ABORTED);
		bench_destroy(&b);
	}
}

static void invalidate_at_each_read(struct bench *b)
{
	b->hook_at_read = 0;
	bench_tlbi_all(b);
	b->hook_at_read = b->reads + 1;
}

TEST(smmuv3_tlb, software_that_never_ceases_to_invalidate_does_not_stop_it)
{
	struct bench b;
	struct table stage1;

	bench_start(&b, NULL);
	stage1 = bench_stage1_stream(&b);
	bench_map(&b, &stage1, 0x5000, OLD | S1_RW, 3);
	b.hook = invalidate_at_each_read;
	b.hook_at_read = b.reads + 1;
	EXPECT_EQ(where(&b, 0x5000), OLD);
	EXPECT_EQ(bench_counter(&b, "tlb_fill"), 0u);
	bench_destroy(&b);
}

static u64 next_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

#define RANDOM_PAGES 24

struct random_vm {
	u64 va[RANDOM_PAGES], pa[RANDOM_PAGES];
	bool writable[RANDOM_PAGES];
};

static void map_random(struct bench *b, const struct nested *n, struct random_vm *vm, u64 *state)
{
	for (unsigned int i = 0; i < RANDOM_PAGES; i++) {
		u64 ipa = 0x20000000 + i * 0x201000ULL;

		vm->va[i] = (next_random(state) & 0x7f00ffULL << 12) | (u64)i << 26;
		vm->pa[i] = next_random(state) & 0x7ffffff000ULL;
		vm->writable[i] = next_random(state) & 1;
		bench_map(b, &n->stage1, vm->va[i], ipa | S1_RW, 3);
		bench_map(b, &n->stage2, ipa,
			  vm->pa[i] | 1ULL << 10 | (vm->writable[i] ? 3ULL : 1ULL) << 6, 3);
	}
}

TEST(smmuv3_tlb, random_nested_maps_translate_as_built_whatever_the_caches)
{
	static const unsigned int sizes[][2] = { { 0, 0 }, { 1, 1 }, { 8, 2 }, { 512, 64 } };

	for (u64 seed = 1; seed <= 8; seed++) {
		struct smmuv3_config config;
		struct random_vm vm;
		struct nested n;
		struct bench b;
		u64 state = seed * 0x9e3779b97f4a7c15ULL;

		SCOPED_NOTE("seed %llu", seed);
		smmuv3_config_init(&config);
		config.tlb = (struct cache_geometry){ .entries = sizes[seed % 4][0],
						      .policy = CACHE_RANDOM,
						      .seed = seed };
		config.config_cache = (struct cache_geometry){ .entries = sizes[seed % 4][1] };
		bench_create(&b, &config);
		bench_enable(&b);
		n = bench_nested_stream(&b, 0);
		map_random(&b, &n, &vm, &state);
		for (int i = 0; i < 400; i++) {
			unsigned int page = next_random(&state) % RANDOM_PAGES;
			u64 offset = next_random(&state) & 0xfff;
			enum access access = next_random(&state) & 1 ? ACCESS_WRITE : ACCESS_READ;
			struct translation_result r =
				bench_translate(&b, STREAM, NO_PASID, vm.va[page] + offset, access);

			if (access == ACCESS_WRITE && !vm.writable[page])
				ASSERT_EQ(r.fault, (unsigned int)SMMUV3_F_PERMISSION);
			else
				ASSERT_EQ(r.address.v, vm.pa[page] + offset);
		}
		bench_destroy(&b);
	}
}

/* Overwrites some quadwords of the tables: a guest's, or a broken host's. */
static void corrupt(struct bench *b, u64 *state)
{
	static const u64 areas[][2] = {
		{ STREAM_TABLE + STREAM * 64, 64 },
		{ 0x1001000, 0x8000 },
		{ 0x1000000 + GUEST, 0x8000 },
	};

	for (unsigned int i = next_random(state) % 6; i; i--) {
		const u64 *area = areas[next_random(state) % 3];
		u64 at = area[0] + next_random(state) % area[1] / 8 * 8;
		u64 value;

		EXPECT_EQ(memory_read(b->mem, hpa(at), &value, 8), PORT_OK);
		if (next_random(state) % 2)
			value ^= 1ULL << next_random(state) % 64;
		else
			value = next_random(state);
		bench_put(b, at, &value, 1);
	}
}

TEST(smmuv3_tlb, whatever_memory_says_a_translation_ends_and_caches_do_not_change_it)
{
	for (u64 seed = 1; seed <= 300; seed++) {
		struct smmuv3_config config;
		struct smmuv3 *uncached;
		struct bench b;
		struct nested n;
		struct random_vm vm;
		u64 state = seed * 0x9e3779b97f4a7c15ULL;

		SCOPED_NOTE("seed %llu", seed);
		bench_create(&b, NULL);
		bench_enable(&b);
		n = bench_nested_stream(&b, 3);
		map_random(&b, &n, &vm, &state);
		corrupt(&b, &state);
		bench_write(&b, CR0, CR0_ALL & ~4); /* events would write over memory */

		smmuv3_config_init(&config);
		config.tlb.entries = 0;
		config.config_cache.entries = 0;
		uncached = smmuv3_create(&config, &b.port);
		smmuv3_mmio_write(uncached, STRTAB_BASE, 8, STREAM_TABLE);
		smmuv3_mmio_write(uncached, STRTAB_BASE_CFG, 4, STREAM_TABLE_BITS);
		smmuv3_mmio_write(uncached, CR0, 4, 1);
		for (int i = 0; i < 60; i++) {
			struct translation_request request = {
				.source_id = STREAM,
				.has_pasid = next_random(&state) % 4 == 0,
				.pasid = next_random(&state) % 10,
				.address = iova(vm.va[next_random(&state) % RANDOM_PAGES]),
				.access = 1 << next_random(&state) % 3,
				.privileged = next_random(&state) % 2,
			};
			struct translation_result with, without;

			if (next_random(&state) % 8 == 0)
				request.address = iova(next_random(&state));
			smmuv3_translate(b.smmu, &request, &with);
			smmuv3_translate(uncached, &request, &without);
			ASSERT_EQ(with.fault, without.fault);
			ASSERT_EQ(with.address.v, without.address.v);
			ASSERT_EQ(with.page_size, without.page_size);
			ASSERT_EQ(with.rights, without.rights);
			/* STE; CD behind 4; 4 descriptors behind 4 each; the output behind 4 */
			ASSERT_LE(without.table_reads, 1u + 5 + 4 * 5 + 4);
		}
		smmuv3_destroy(uncached);
		bench_destroy(&b);
	}
}
