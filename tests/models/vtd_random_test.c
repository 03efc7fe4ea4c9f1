/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random and hostile memory as tables: never a crash or a hang, and caches never change a result.
 * Every run prints its seed with a failure.
 */
#include <string.h>

#include "gtest_c.h"
#include "random.h"
#include "vtd_machine.h"

#define PAGES 64
#define REQUESTS 1000

/* A machine over given memory contents: pages 0 to PAGES - 1. */
static struct machine *over(const u64 *contents, const struct vtd_config *config, int mode)
{
	struct machine *machine = machine_create(config, false);

	memory_write(machine->memory, hpa(0), contents, PAGES * 4096);
	machine_root_pointer(machine, 0, mode);
	machine_queue_start(machine, mode == MODE_SCALABLE, 0);
	machine_command(machine, 31, true);
	return machine;
}

/*
 * Paging entries that mostly get through: pointers to pages 4 to PAGES - 1 with all rights, seldom
 * something else. As both stages use the same pages, an entry marked by one stage must mean the
 * same to the other: it does, as what one calls A, D and EA the other ignores.
 */
static void fill_plausibly(u64 *contents, u64 *seed)
{
	unsigned int i;

	for (i = 0; i < PAGES * 512; i++) {
		u64 r = random_next(seed);
		u64 flags = FS_P | FS_W | FS_U;

		if (r >> 58 == 0)
			flags = r & 0xfff;
		if (r >> 54 == 1)
			flags |= FS_PS;
		contents[i] = (4 + (r >> 32) % (PAGES - 4)) << 12 | flags;
		if (r >> 54 == 2)
			contents[i] = random_next(seed);
	}
}

/*
 * Root and context entries and PASID directories that do their part, and PASID entries that vary, so
 * that most requests reach paging tables.
 */
static void lay_out_scalable(u64 *contents, u64 *seed)
{
	u64 *root = contents, *context = contents + 512, *directory = contents + 1024,
	    *table = contents + 1536;
	unsigned int i;

	memset(contents, 0, 4 * 4096);
	for (i = 0; i < 256; i++) {
		field_set(root + i * 2, "scalable-root", "LP", 1);
		field_set(root + i * 2, "scalable-root", "LCTP", 0x1000);
	}
	for (i = 0; i < 128; i++) {
		field_set(context + i * 4, "context", "P", 1);
		field_set(context + i * 4, "context", "PASIDE", 1);
		field_set(context + i * 4, "context", "PASIDDIRPTR", 0x2000);
		field_set(context + i * 4, "context", "RID_PASID", i & 63);
	}
	for (i = 0; i < 128; i++)
		directory[i] = 0x3001;
	for (i = 0; i < 64; i++) {
		u64 *entry = table + i * 8;
		u64 r = random_next(seed);

		field_set(entry, "pasid-entry", "P", 1);
		field_set(entry, "pasid-entry", "PGTT", 1 + (r & 3));
		field_set(entry, "pasid-entry", "AW", 1 + (r >> 2) % 3);
		field_set(entry, "pasid-entry", "SSADE", r >> 5 & 1);
		field_set(entry, "pasid-entry", "SSEE", r >> 6 & 1);
		field_set(entry, "pasid-entry", "SSPTPTR", (4 + (r >> 8) % (PAGES - 4)) << 12);
		field_set(entry, "pasid-entry", "DID", i);
		field_set(entry, "pasid-entry", "SRE", r >> 16 & 1);
		field_set(entry, "pasid-entry", "ERE", r >> 17 & 1);
		field_set(entry, "pasid-entry", "FSPM", r >> 18 & 1);
		field_set(entry, "pasid-entry", "WPE", r >> 19 & 1);
		field_set(entry, "pasid-entry", "NXE", r >> 20 & 1);
		field_set(entry, "pasid-entry", "SMEP", r >> 21 & 1);
		field_set(entry, "pasid-entry", "EAFE", r >> 22 & 1);
		field_set(entry, "pasid-entry", "PWSNP", (r >> 24 & 15) != 0);
		field_set(entry, "pasid-entry", "FSPTPTR", (4 + (r >> 32) % (PAGES - 4)) << 12);
	}
}

static struct translation_request random_request(u64 *seed)
{
	u64 r = random_next(seed);
	struct translation_request request = {
		.source_id = (u16)(r & 0x7f7f),
		.has_pasid = r >> 16 & 1,
		.pasid = r >> 17 & 63,
		.privileged = r >> 24 & 1,
		.access = (enum access)(1 << (r >> 25) % 3),
		.address = iova(random_next(seed) >> (r >> 32) % 52),
	};

	if (!request.has_pasid)
		request.pasid = 0;
	if (r >> 40 & 1)
		request.address.v |= ~0ULL << 56;
	/* some addresses come again */
	if (r >> 41 & 1)
		request.address.v &= 0x40201000ULL | 0xfff;
	return request;
}

struct seed_row {
	const char *name;
	u64 seed;
};

static const struct seed_row seeds[] = {
	{ "1", 1 }, { "2", 2 }, { "3", 3 }, { "4", 4 },
	{ "5", 5 }, { "6", 6 }, { "7", 7 }, { "8", 8 },
};

TEST_WITH_NAMED_PARAMS(vtd_random, caches_change_no_result, struct seed_row, seeds, name)
{
	static const enum cache_policy policies[] = { CACHE_LRU, CACHE_ROUND_ROBIN, CACHE_RANDOM };
	struct vtd_config off = machine_config(), tiny = off;
	u64 contents[PAGES * 512];
	u64 seed = param->seed * 0x9e3779b97f4a7c15ULL;
	struct machine *plain, *cached;
	struct translation_request request = { .source_id = 0 };
	unsigned int i, done = 0;

	SCOPED_NOTE("seed %llu", param->seed);
	machine_caches_off(&off);
	machine_caches_tiny(&tiny, policies[param->seed % 3]);
	fill_plausibly(contents, &seed);
	lay_out_scalable(contents, &seed);
	plain = over(contents, &off, MODE_SCALABLE);
	cached = over(contents, &tiny, MODE_SCALABLE);
	for (i = 0; i < REQUESTS; i++) {
		struct translation_result a, b;

		/* some come again at once */
		if (i % 4)
			request = random_request(&seed);
		a = machine_dma(plain, &request);
		b = machine_dma(cached, &request);

		SCOPED_NOTE("request %u", i);
		EXPECT_EQ(a.fault, b.fault);
		EXPECT_EQ(a.address.v, b.address.v);
		EXPECT_EQ(a.page_size, b.page_size);
		EXPECT_EQ(a.rights, b.rights);
		EXPECT_LE(b.table_reads, a.table_reads);
		done += a.fault == 0;
	}
	/* the test is of use only if a good part gets through */
	EXPECT_GT(done, REQUESTS / 10);
	EXPECT_GT(machine_counter(cached, "iotlb_hit"), 0);
	EXPECT_GT(machine_counter(cached, "ss_nonleaf_hit"), 0);
	machine_destroy(plain);
	machine_destroy(cached);
}

/* Tables that nobody overwrites: caches may keep everything, and still tell the same. */
TEST_WITH_NAMED_PARAMS(vtd_random, caches_of_any_policy_tell_the_same_of_sound_tables,
		       struct seed_row, seeds, name)
{
	static const enum cache_policy policies[] = { CACHE_LRU, CACHE_ROUND_ROBIN, CACHE_RANDOM };
	struct vtd_config config = machine_config();
	u64 seed = param->seed * 0x9e3779b97f4a7c15ULL;
	struct machine *machine;
	u64 host[64], bits[64];
	unsigned int i;

	SCOPED_NOTE("seed %llu", param->seed);
	machine_caches_tiny(&config, policies[param->seed % 3]);
	machine = machine_create(&config, false);
	machine_ready(machine, NESTED);
	for (i = 0; i < 64; i++) {
		u64 r = random_next(&seed);

		host[i] = 0x200000000ULL + (r & 0xffff) * 4096;
		bits[i] = r >> 16 & 1 ? FS_W : 0;
		machine_map_first(machine, (u64)i << 29 | i << 12, 0x40000000 + i * 4096, 4 * KIB,
				  FS_P | FS_U | bits[i]);
		machine_map_second(machine, 0x40000000 + i * 4096, host[i], 4 * KIB, SS_R | SS_W);
	}
	for (i = 0; i < REQUESTS; i++) {
		u64 r = random_next(&seed);
		unsigned int page = r & 63;
		u64 input = (u64)page << 29 | page << 12 | (r >> 8 & 0xfff);
		struct translation_result result = r >> 20 & 1 ? machine_write(machine, 1, input)
							       : machine_read(machine, 1, input);

		if ((r >> 20 & 1) && !bits[page])
			EXPECT_EQ(result.fault, VTD_FAULT_SM_NO_WRITE);
		else
			EXPECT_EQ(result.address.v, host[page] | (input & 0xfff));
	}
	EXPECT_GT(machine_counter(machine, "iotlb_evict"), 0);
	EXPECT_GT(machine_counter(machine, "iotlb_hit"), 0);
	machine_destroy(machine);
}

TEST_WITH_NAMED_PARAMS(vtd_random, noise_as_tables_gives_faults_and_no_hang, struct seed_row, seeds,
		       name)
{
	struct vtd_config config = machine_config();
	u64 contents[PAGES * 512];
	u64 seed = param->seed * 0x9e3779b97f4a7c15ULL;
	struct machine *machine;
	unsigned int i;

	SCOPED_NOTE("seed %llu", param->seed);
	for (i = 0; i < PAGES * 512; i++)
		contents[i] = random_next(&seed) & random_next(&seed);
	machine = over(contents, &config, param->seed & 1 ? MODE_SCALABLE : MODE_LEGACY);
	for (i = 0; i < REQUESTS; i++) {
		const struct translation_request request = random_request(&seed);
		struct translation_result result = machine_dma(machine, &request);

		EXPECT_LE(result.table_reads, 64);
		EXPECT_TRUE(result.fault == 0 || vtd_fault_info(result.fault) != NULL);
	}
	machine_destroy(machine);
}

TEST(vtd_random, tables_that_point_to_themselves_end_after_all_levels)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);
	u64 entry[8];
	unsigned int i;

	machine_ready(machine, NESTED);
	/* one page is every table of both stages, and the identity for it */
	for (i = 0; i < 512; i++)
		machine_store(machine, machine->second_table + i * 8,
			      machine->second_table | SS_R | SS_W | FS_U);
	machine_pasid_entry(machine, entry, NESTED);
	field_set(entry, "pasid-entry", "FSPTPTR", machine->second_table);
	machine_store_pasid(machine, 1, entry);
	EXPECT_EQ(machine_read(machine, 1, 0x1234567890).fault, 0);
	EXPECT_LE(machine_read(machine, 1, 0x7234567890).table_reads, 16 * 39);
	machine_destroy(machine);
}

TEST(vtd_random, memory_of_all_ones_gives_faults)
{
	static const int modes[] = { MODE_LEGACY, MODE_SCALABLE };
	u64 contents[PAGES * 512];
	unsigned int i;

	memset(contents, 0xff, sizeof(contents));
	for (i = 0; i < 2; i++) {
		struct vtd_config config = machine_config();
		struct machine *machine = over(contents, &config, modes[i]);

		EXPECT_EQ(machine_rid_read(machine, ~0xfffULL).fault,
			  i ? VTD_FAULT_SM_ROOT_RESERVED : VTD_FAULT_ROOT_RESERVED);
		machine_destroy(machine);
	}
}

TEST_WITH_NAMED_PARAMS(vtd_random, noise_as_queue_and_registers_does_not_hang, struct seed_row,
		       seeds, name)
{
	struct vtd_config config = machine_config();
	u64 seed = param->seed * 0x9e3779b97f4a7c15ULL;
	struct machine *machine = machine_create(&config, true);
	unsigned int i;

	SCOPED_NOTE("seed %llu", param->seed);
	machine_queue_start(machine, param->seed & 1, 0);
	for (i = 0; i < 512; i++)
		machine_store(machine, machine->queue + i * 8,
			      i % 4 == 0 ? random_next(&seed) & 0xfffff0ff01ff
					 : random_next(&seed) & 0xfffff03f);
	for (i = 0; i < REQUESTS; i++) {
		u64 r = random_next(&seed);
		u32 offset = (u32)(r % 0x1000) & ~3u;

		vtd_mmio_write(machine->unit, offset, r >> 63 ? 8 : 4, random_next(&seed));
		vtd_mmio_read(machine->unit, offset, r >> 63 ? 8 : 4);
		machine_rid_read(machine, random_next(&seed) >> 20);
	}
	machine_destroy(machine);
}
