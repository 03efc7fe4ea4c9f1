/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Invalidation: what is stale before each kind and granularity, what is gone after it, and what must
 * have stayed.
 */
#include "gtest_c.h"
#include "vtd_machine.h"

#define INPUT 0x7f1234567000ULL
#define GUEST 0x40000000ULL
#define HOST 0x123456000ULL
#define OTHER_HOST 0x222222000ULL

/* Two PASIDs of one nested domain over the same first stage, and PASID 3 with the second stage only. */
static struct machine *shared_machine(const struct vtd_config *config)
{
	struct machine *machine = machine_create(config, false);
	u64 entry[8];

	machine_ready(machine, NESTED);
	machine_pasid_entry(machine, entry, NESTED);
	machine_store_pasid(machine, 2, entry);
	machine_pasid_entry(machine, entry, SECOND_STAGE);
	machine_store_pasid(machine, 3, entry);
	machine_map_first(machine, INPUT, GUEST, 4 * KIB, FS_P | FS_W | FS_U | FS_A | FS_D);
	machine_map_first(machine, INPUT + 4096, GUEST + 4096, 4 * KIB,
			  FS_P | FS_W | FS_U | FS_A | FS_D);
	machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_R | SS_W);
	machine_map_second(machine, GUEST + 4096, HOST + 4096, 4 * KIB, SS_R | SS_W);
	return machine;
}

static struct machine *shared(void)
{
	struct vtd_config config = machine_config();

	return shared_machine(&config);
}

/* Brings all pages of all PASIDs into the IOTLB. */
static void warm(struct machine *machine)
{
	u32 pasid;

	for (pasid = 1; pasid <= 3; pasid++) {
		u64 input = pasid == 3 ? GUEST : INPUT;

		EXPECT_EQ(machine_read(machine, pasid, input).fault, 0);
		EXPECT_EQ(machine_read(machine, pasid, input + 4096).fault, 0);
		EXPECT_EQ(machine_read(machine, pasid, input).table_reads, 0);
		EXPECT_EQ(machine_read(machine, pasid, input + 4096).table_reads, 0);
	}
}

/* Whether a page is still cached. Looks at it last: the look caches it again. */
static bool cached(struct machine *machine, u32 pasid, u64 input)
{
	struct translation_result result = machine_read(machine, pasid, input);

	EXPECT_EQ(result.fault, 0);
	return result.table_reads == 0;
}

/* What remains of the six pages after some invalidation: bit 2 * (pasid - 1) + page. */
static unsigned int remaining(struct machine *machine)
{
	unsigned int left = 0;
	u32 pasid, page;

	for (pasid = 1; pasid <= 3; pasid++)
		for (page = 0; page < 2; page++)
			if (cached(machine, pasid, (pasid == 3 ? GUEST : INPUT) + page * 4096))
				left |= 1u << (2 * (pasid - 1) + page);
	return left;
}

enum { P1_0 = 1, P1_1 = 2, P2_0 = 4, P2_1 = 8, S_0 = 16, S_1 = 32, ALL_PAGES = 63 };

TEST(vtd_invalidate, iotlb_global_removes_everything)
{
	struct machine *machine = shared();

	warm(machine);
	machine_invalidate_iotlb(machine, 1, 0, 0);
	EXPECT_EQ(remaining(machine), 0);
	machine_destroy(machine);
}

TEST(vtd_invalidate, iotlb_domain_removes_all_kinds_of_entries_of_that_domain)
{
	struct machine *machine = shared();

	warm(machine);
	machine_invalidate_iotlb(machine, 2, MACHINE_DOMAIN + 1, 0);
	EXPECT_EQ(remaining(machine), ALL_PAGES);
	machine_invalidate_iotlb(machine, 2, MACHINE_DOMAIN, 0);
	EXPECT_EQ(remaining(machine), 0);
	machine_destroy(machine);
}

TEST(vtd_invalidate, iotlb_page_removes_second_stage_pages_in_range_and_all_nested_ones)
{
	struct machine *machine = shared();

	warm(machine);
	machine_invalidate_iotlb(machine, 3, MACHINE_DOMAIN + 1, GUEST);
	EXPECT_EQ(remaining(machine), ALL_PAGES);
	machine_invalidate_iotlb(machine, 3, MACHINE_DOMAIN, GUEST);
	EXPECT_EQ(remaining(machine), S_1);
	machine_destroy(machine);
}

TEST(vtd_invalidate, address_mask_widens_the_range)
{
	struct machine *machine = shared();

	warm(machine);
	machine_invalidate_iotlb(machine, 3, MACHINE_DOMAIN, (GUEST + 4096) | 1);
	EXPECT_EQ(remaining(machine), 0);
	machine_destroy(machine);
}

TEST(vtd_invalidate, without_psi_a_page_invalidation_takes_the_domain)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	config.cap = with_field(config.cap, "cap", "PSI", 0);
	machine = shared_machine(&config);
	warm(machine);
	machine_invalidate_iotlb(machine, 3, MACHINE_DOMAIN, GUEST);
	EXPECT_EQ(remaining(machine), 0);
	machine_destroy(machine);
}

TEST(vtd_invalidate, pasid_iotlb_of_a_pasid_leaves_others_and_the_second_stage)
{
	struct machine *machine = shared();

	warm(machine);
	machine_invalidate_pasid_iotlb(machine, 2, 1, 0);
	EXPECT_EQ(remaining(machine), P2_0 | P2_1 | S_0 | S_1);
	machine_destroy(machine);
}

TEST(vtd_invalidate, pasid_iotlb_page_takes_only_the_page)
{
	struct machine *machine = shared();

	warm(machine);
	machine_invalidate_pasid_iotlb(machine, 3, 2, INPUT + 4096);
	EXPECT_EQ(remaining(machine), P1_0 | P1_1 | P2_0 | S_0 | S_1);
	machine_destroy(machine);
}

TEST(vtd_invalidate, pasid_iotlb_pages_go_by_address_mask)
{
	struct machine *machine = shared();

	warm(machine);
	/* 16 pages from ...560000 on */
	machine_invalidate_pasid_iotlb(machine, 3, 2, (INPUT + 4096) | 4);
	EXPECT_EQ(remaining(machine), P1_0 | P1_1 | S_0 | S_1);
	machine_invalidate_pasid_iotlb(machine, 3, 1, (INPUT + 16 * 4096) | 4);
	EXPECT_EQ(remaining(machine), ALL_PAGES);
	machine_destroy(machine);
}

TEST(vtd_invalidate, large_pages_go_when_any_part_of_them_is_named)
{
	struct machine *machine = shared();
	const u64 first = 0x7f0000000000ULL;

	machine_map_first(machine, first, GUEST + GIB, 2 * MIB, FS_P | FS_U | FS_A);
	machine_map_second(machine, GUEST + GIB, 0x180000000, GIB, SS_R);
	EXPECT_EQ(machine_read(machine, 1, first + 0x12345).page_size, 2 * MIB);
	EXPECT_TRUE(cached(machine, 1, first));
	machine_invalidate_pasid_iotlb(machine, 3, 1, first + 2 * MIB);
	EXPECT_TRUE(cached(machine, 1, first));
	machine_invalidate_pasid_iotlb(machine, 3, 1, first + 0x1ff000);
	EXPECT_FALSE(cached(machine, 1, first));
	machine_destroy(machine);
}

/* --- stale before, right after ----------------------------------------------------------- */

TEST(vtd_invalidate, a_changed_first_stage_is_seen_after_its_pasid_invalidation)
{
	struct machine *machine = shared();

	warm(machine);
	machine_map_first(machine, INPUT, GUEST + 4096, 4 * KIB, FS_P | FS_U | FS_A);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, HOST);
	machine_invalidate_pasid_iotlb(machine, 3, 1, INPUT | 1 << 6);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, HOST + 4096);
	machine_destroy(machine);
}

TEST(vtd_invalidate, a_changed_second_stage_is_seen_after_its_domain_invalidation)
{
	struct machine *machine = shared();

	warm(machine);
	machine_map_second(machine, GUEST, OTHER_HOST, 4 * KIB, SS_R | SS_W);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, HOST);
	EXPECT_EQ(machine_read(machine, 3, GUEST).address.v, HOST);
	machine_invalidate_iotlb(machine, 3, MACHINE_DOMAIN, GUEST);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, OTHER_HOST);
	EXPECT_EQ(machine_read(machine, 3, GUEST).address.v, OTHER_HOST);
	machine_destroy(machine);
}

/* Replaces the first-stage PDE of INPUT by one to another page table that maps another page. */
static void replace_first_table(struct machine *machine)
{
	u64 pde = machine_first_entry(machine, INPUT, 2);
	u64 table = machine_guest_page(machine);

	machine_store(machine, pde, table | FS_P | FS_W | FS_U | FS_A);
	machine_map_first(machine, INPUT, GUEST + 4096, 4 * KIB, FS_P | FS_U | FS_A);
}

TEST(vtd_invalidate, the_leaf_hint_keeps_cached_tables)
{
	struct machine *machine = shared();

	warm(machine);
	replace_first_table(machine);
	machine_invalidate_pasid_iotlb(machine, 3, 1, INPUT | 1 << 6);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, HOST);
	machine_invalidate_pasid_iotlb(machine, 3, 1, INPUT);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, HOST + 4096);
	machine_destroy(machine);
}

TEST(vtd_invalidate, a_pasid_invalidation_drops_its_cached_tables)
{
	struct machine *machine = shared();

	warm(machine);
	replace_first_table(machine);
	machine_invalidate_pasid_iotlb(machine, 2, 1, 0);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, HOST + 4096);
	/* PASID 2 has cached its own */
	EXPECT_EQ(machine_read(machine, 2, INPUT).address.v, HOST);
	machine_destroy(machine);
}

/* Replaces the second-stage PDE of GUEST likewise. */
static void replace_second_table(struct machine *machine)
{
	u64 pde = machine_second_entry(machine, GUEST, 2);

	machine_store(machine, pde, machine_page(machine) | SS_R | SS_W);
	machine_map_second(machine, GUEST, OTHER_HOST, 4 * KIB, SS_R | SS_W);
	machine_map_second(machine, GUEST + 4096, OTHER_HOST, 4 * KIB, SS_R | SS_W);
}

TEST(vtd_invalidate, the_leaf_hint_keeps_cached_second_stage_tables)
{
	struct machine *machine = shared();

	warm(machine);
	replace_second_table(machine);
	machine_invalidate_iotlb(machine, 3, MACHINE_DOMAIN, GUEST | 1 << 6);
	EXPECT_EQ(machine_read(machine, 3, GUEST).address.v, HOST);
	machine_invalidate_iotlb(machine, 3, MACHINE_DOMAIN, GUEST);
	EXPECT_EQ(machine_read(machine, 3, GUEST).address.v, OTHER_HOST);
	machine_destroy(machine);
}

/* The host moves the page with the guest's page table: its contents are the same, its place not. */
TEST(vtd_invalidate, a_moved_guest_table_is_found_after_a_second_stage_invalidation)
{
	struct machine *machine = shared();
	u64 pde, table, moved = machine_page(machine);

	warm(machine);
	pde = machine_load(machine, machine_first_entry(machine, INPUT, 2));
	table = pde & 0xffffffffff000ULL;
	machine_map_second(machine, table, moved, 4 * KIB, SS_R | SS_W);
	machine_store(machine, moved + 0x167 * 8, (GUEST + 4096) | FS_P | FS_U | FS_A);
	machine_invalidate_iotlb(machine, 3, MACHINE_DOMAIN, table);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, HOST + 4096);
	machine_destroy(machine);
}

/* --- PASID and context caches ------------------------------------------------------------ */

struct pasid_row {
	const char *name;
	unsigned int g;
	u16 did;
	u32 pasid;
	bool removes;
};

static const struct pasid_row pasid_rows[] = {
	{ "domain", 0, MACHINE_DOMAIN, 0, true },
	{ "other_domain", 0, MACHINE_DOMAIN + 1, 0, false },
	{ "pasid", 1, MACHINE_DOMAIN, 1, true },
	{ "other_pasid", 1, MACHINE_DOMAIN, 2, false },
	{ "pasid_of_other_domain", 1, MACHINE_DOMAIN + 1, 1, false },
	{ "global", 3, 0, 0, true },
};

TEST_WITH_NAMED_PARAMS(vtd_invalidate, pasid_cache_goes_by_domain_pasid_or_as_a_whole,
		       struct pasid_row, pasid_rows, name)
{
	struct machine *machine = shared();
	u64 entry[8];

	warm(machine);
	machine_pasid_entry(machine, entry, SECOND_STAGE);
	field_set(entry, "pasid-entry", "P", 0);
	machine_store_pasid(machine, 1, entry);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	machine_invalidate_pasid_cache(machine, param->g, param->did, param->pasid);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault,
		  param->removes ? VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT : 0);
	machine_destroy(machine);
}

struct context_row {
	const char *name;
	unsigned int g;
	u16 did, sid;
	unsigned int fm;
	bool removes, removes_legacy;
};

static const struct context_row context_rows[] = {
	{ "global", 1, 0, 0, 0, true, true },
	{ "domain", 2, MACHINE_DOMAIN, 0, 0, true, true },
	{ "other_domain", 2, MACHINE_DOMAIN + 1, 0, 0, true, false },
	{ "device", 3, MACHINE_DOMAIN, MACHINE_DEVICE, 0, true, true },
	{ "other_device", 3, MACHINE_DOMAIN, MACHINE_DEVICE + 8, 0, false, false },
	{ "other_function", 3, MACHINE_DOMAIN, MACHINE_DEVICE + 4, 0, false, false },
	{ "function_mask_1", 3, MACHINE_DOMAIN, MACHINE_DEVICE + 4, 1, true, true },
	{ "function_mask_1_too_few", 3, MACHINE_DOMAIN, MACHINE_DEVICE + 2, 1, false, false },
	{ "function_mask_2", 3, MACHINE_DOMAIN, MACHINE_DEVICE + 6, 2, true, true },
	{ "function_mask_3", 3, MACHINE_DOMAIN, MACHINE_DEVICE + 7, 3, true, true },
	{ "device_of_other_domain", 3, MACHINE_DOMAIN + 1, MACHINE_DEVICE, 0, true, false },
};

static void invalidate_context(struct machine *machine, const struct context_row *row)
{
	u64 d[4] = { 0 };

	field_set(d, "context-cache-invalidate", "TYPE", 1);
	field_set(d, "context-cache-invalidate", "G", row->g);
	field_set(d, "context-cache-invalidate", "DID", row->did);
	field_set(d, "context-cache-invalidate", "SID", row->sid);
	field_set(d, "context-cache-invalidate", "FM", row->fm);
	machine_submit(machine, d);
	EXPECT_TRUE(machine_wait(machine));
}

TEST_WITH_NAMED_PARAMS(vtd_invalidate, scalable_context_entries_belong_to_no_domain,
		       struct context_row, context_rows, name)
{
	struct machine *machine = shared();

	warm(machine);
	machine_store(machine, machine->context_table, 0);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	invalidate_context(machine, param);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault,
		  param->removes ? VTD_FAULT_SM_CONTEXT_NOT_PRESENT : 0);
	machine_destroy(machine);
}

TEST_WITH_NAMED_PARAMS(vtd_invalidate, legacy_context_entries_go_by_domain_and_device,
		       struct context_row, context_rows, name)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);

	machine_start(machine, MODE_LEGACY);
	machine_stages(machine, 4, 4, false);
	machine_legacy_context(machine, 0);
	machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_R);
	EXPECT_EQ(machine_rid_read(machine, GUEST).address.v, HOST);
	machine_store(machine, machine->context_table, 0);
	EXPECT_EQ(machine_rid_read(machine, GUEST).address.v, HOST);
	invalidate_context(machine, param);
	EXPECT_EQ(machine_rid_read(machine, GUEST).fault,
		  param->removes_legacy ? VTD_FAULT_CONTEXT_NOT_PRESENT : 0);
	machine_destroy(machine);
}

TEST(vtd_invalidate, a_context_invalidation_leaves_the_iotlb_alone)
{
	struct machine *machine = shared();

	warm(machine);
	machine_invalidate_context(machine, 1, 0, 0);
	EXPECT_EQ(machine_read(machine, 1, INPUT).table_reads, 2);
	machine_invalidate_pasid_cache(machine, 3, 0, 0);
	EXPECT_EQ(machine_read(machine, 1, INPUT).table_reads, 2);
	machine_destroy(machine);
}

TEST(vtd_invalidate, eviction_of_all_costs_reads_but_is_no_invalidation)
{
	struct machine *machine = shared();
	u64 invalidated;

	warm(machine);
	invalidated = machine_counter(machine, "iotlb_invalidate");
	vtd_evict_all(machine->unit);
	EXPECT_EQ(machine_read(machine, 1, INPUT).table_reads, 4 + 35);
	EXPECT_EQ(machine_counter(machine, "iotlb_invalidate"), invalidated);
	EXPECT_EQ(machine_counter(machine, "iotlb_evict"), 6);
	machine_destroy(machine);
}

/* --- overlapping walks ------------------------------------------------------------------- */

static void invalidate_once(struct machine *machine, hpa_t address)
{
	u64 d[4] = { 0x22 | (u64)MACHINE_DOMAIN << 16 };

	(void)address;
	machine->on_read = NULL;
	machine_submit(machine, d);
}

static void change_mapping(struct machine *machine)
{
	machine_map_second(machine, GUEST, OTHER_HOST, 4 * KIB, SS_R | SS_W);
	invalidate_once(machine, hpa(0));
}

static void change_first_stage(struct machine *machine)
{
	machine_map_first(machine, INPUT, GUEST + 4096, 4 * KIB, FS_P | FS_W | FS_U | FS_A | FS_D);
	machine_invalidate_pasid_iotlb(machine, 3, 1, INPUT);
}

static void remove_pasid_entry(struct machine *machine)
{
	const u64 entry[8] = { 0 };

	machine_store_pasid(machine, 1, entry);
	machine_invalidate_pasid_cache(machine, 1, MACHINE_DOMAIN, 1);
}

static void remove_context_entry(struct machine *machine)
{
	machine_store(machine, machine_context_address(machine), 0);
	machine_invalidate_context(machine, 3, 0, MACHINE_DEVICE);
}

/* By one that is empty. */
static void change_root(struct machine *machine)
{
	machine_root_pointer(machine, machine_page(machine), MODE_SCALABLE);
	machine_invalidate_all(machine);
}

/* What software does in the middle of a walk, and what the request and all later ones go by then. */
struct overlap {
	const char *name;
	void (*change)(struct machine *machine);
	unsigned int fault;
	u64 address;
	unsigned int reads; /* of a later one */
};

static const struct overlap overlaps[] = {
	{ "an_invalidation", change_mapping, 0, OTHER_HOST, 0 },
	{ "an_invalidation_by_pasid", change_first_stage, 0, HOST + 4096, 0 },
	{ "an_invalidation_of_the_pasid_cache", remove_pasid_entry,
	  VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT, 0, 2 },
	{ "an_invalidation_of_the_context_cache", remove_context_entry,
	  VTD_FAULT_SM_CONTEXT_NOT_PRESENT, 0, 2 },
	{ "another_root_table", change_root, VTD_FAULT_SM_ROOT_NOT_PRESENT, 0, 1 },
};

struct countdown {
	const struct overlap *overlap;
	unsigned int reads_to_go;
};

static void change_at_last(struct machine *machine, hpa_t address)
{
	struct countdown *countdown = machine->arg;

	(void)address;
	if (--countdown->reads_to_go)
		return;
	machine->on_read = NULL;
	countdown->overlap->change(machine);
}

TEST_WITH_NAMED_PARAMS(vtd_invalidate, during_a_walk_wins_at_every_read, struct overlap, overlaps,
		       name)
{
	unsigned int n;

	/* 4 + 35 reads of a cold walk */
	for (n = 1; n <= 39; n++) {
		struct countdown countdown = { param, n };
		struct machine *machine = shared();
		struct translation_result result;

		SCOPED_NOTE("read %u", n);
		machine->arg = &countdown;
		machine->on_read = change_at_last;
		/* the request itself goes by what is new, as it ends after the invalidation */
		result = machine_read(machine, 1, INPUT);
		EXPECT_EQ(result.fault, param->fault);
		EXPECT_EQ(result.address.v, param->address);
		EXPECT_EQ(countdown.reads_to_go, 0);
		/* and nothing stale is left */
		result = machine_read(machine, 1, INPUT);
		EXPECT_EQ(result.fault, param->fault);
		EXPECT_EQ(result.address.v, param->address);
		EXPECT_EQ(machine_read(machine, 1, INPUT).table_reads, param->reads);
		machine_destroy(machine);
	}
}

/* When the walk is about to end by a fault, whose record FPD would suppress. */
static void clear_fpd(struct machine *machine, hpa_t address)
{
	u64 entry[8];

	if (address.v != machine_first_entry(machine, INPUT, 1))
		return;
	machine->on_read = NULL;
	machine_pasid_entry(machine, entry, NESTED);
	machine_store_pasid(machine, 1, entry);
	machine_invalidate_pasid_cache(machine, 1, MACHINE_DOMAIN, 1);
	machine_invalidate_pasid_iotlb(machine, 2, 1, 0);
}

TEST(vtd_invalidate, during_a_walk_that_faults_decides_whether_the_fault_is_recorded)
{
	struct machine *machine = shared();
	u64 entry[8];

	machine_store(machine, machine_first_entry(machine, INPUT, 1), 0);
	machine_pasid_entry(machine, entry, NESTED);
	field_set(entry, "pasid-entry", "FPD", 1);
	machine_store_pasid(machine, 1, entry);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT);
	EXPECT_EQ(machine_counter(machine, "fault_records"), 0);
	machine->on_read = clear_fpd;
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT);
	EXPECT_TRUE(!machine->on_read);
	EXPECT_EQ(machine_counter(machine, "fault_records"), 1);
	machine_destroy(machine);
}

static void invalidate_always(struct machine *machine, hpa_t address)
{
	u64 d[4] = { 0x22 | (u64)MACHINE_DOMAIN << 16 };

	if (address.v >= machine->queue && address.v < machine->queue + 4096)
		return;
	machine_submit(machine, d);
}

TEST(vtd_invalidate, endless_invalidation_neither_hangs_a_walk_nor_lets_it_fill)
{
	struct machine *machine = shared();

	machine->on_read = invalidate_always;
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, HOST);
	machine->on_read = NULL;
	EXPECT_EQ(machine_counter(machine, "iotlb_fill"), 0);
	EXPECT_EQ(machine_counter(machine, "pasid_cache_fill"), 0);
	EXPECT_EQ(machine_counter(machine, "fs_nonleaf_fill"), 0);
	EXPECT_EQ(machine_counter(machine, "ss_nonleaf_fill"), 0);
	machine_destroy(machine);
}

static void read_again(struct machine *machine, hpa_t address)
{
	unsigned int *reads_to_go = machine->arg;

	(void)address;
	machine->on_read = NULL;
	EXPECT_EQ(machine_read(machine, 2, INPUT).address.v, HOST);
	vtd_evict_all(machine->unit);
	if (--*reads_to_go)
		machine->on_read = read_again;
}

TEST(vtd_invalidate, requests_may_enter_while_another_walks)
{
	struct vtd_config config = machine_config();
	unsigned int reads_to_go = 30;
	struct machine *machine;

	machine_caches_tiny(&config, CACHE_RANDOM);
	machine = shared_machine(&config);
	machine->arg = &reads_to_go;
	machine->on_read = read_again;
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, HOST);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, HOST);
	EXPECT_EQ(machine_counter(machine, "iommu_requests"), 32);
	machine_destroy(machine);
}

static void make_read_only(struct machine *machine, hpa_t address)
{
	u64 entry = machine_load(machine, address.v);

	machine->on_exchange = NULL;
	machine_store(machine, address.v, entry & ~(u64)FS_W);
}

TEST(vtd_invalidate, an_entry_that_changes_before_it_is_marked_is_walked_again)
{
	struct machine *machine = shared();

	machine_map_first(machine, INPUT, GUEST, 4 * KIB, FS_P | FS_W | FS_U | FS_A);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	machine->on_exchange = make_read_only;
	EXPECT_EQ(machine_write(machine, 1, INPUT).fault, VTD_FAULT_SM_NO_WRITE);
	EXPECT_EQ(machine_load(machine, machine_first_entry(machine, INPUT, 1)) & FS_D, 0);
	machine_destroy(machine);
}

/* The host moves the guest's top-level table while the walk is about to mark an entry of it. */
static void move_first_table(struct machine *machine, hpa_t address)
{
	u64 *moved = machine->arg;
	u8 page[4096];

	(void)address;
	/* 4 reads to the PASID entry, 5 to find the table, and its entry */
	if (machine->reads != 10)
		return;
	memory_read(machine->memory, hpa(MACHINE_GUEST_BASE + machine->first_table), page, 4096);
	memory_write(machine->memory, hpa(*moved), page, 4096);
	machine_map_second(machine, machine->first_table, *moved, 4 * KIB, SS_R | SS_W);
}

TEST(vtd_invalidate, a_table_that_moves_before_its_entry_is_marked_is_found_again)
{
	struct machine *machine = shared();
	u64 moved = machine_page(machine);
	u64 entry[8];

	machine_pasid_entry(machine, entry, NESTED);
	field_set(entry, "pasid-entry", "SSADE", 1);
	machine_store_pasid(machine, 1, entry);
	machine->arg = &moved;
	machine->on_read = move_first_table;
	machine->reads = 0;
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, HOST);
	/* the entry was marked where the table is now */
	EXPECT_TRUE(machine_load(machine, moved + 8 * (INPUT >> 48 & 511)) & FS_A);
	EXPECT_FALSE(machine_load(machine, machine_first_entry(machine, INPUT, 5)) & FS_A);
	machine_destroy(machine);
}

static void flip_ignored_bit(struct machine *machine, hpa_t address)
{
	machine_store(machine, address.v, machine_load(machine, address.v) ^ 1ULL << 52);
}

TEST(vtd_invalidate, an_entry_that_never_stays_gives_a_fault)
{
	struct machine *machine = shared();

	machine_map_first(machine, INPUT, GUEST, 4 * KIB, FS_P | FS_W | FS_U);
	machine->on_exchange = flip_ignored_bit;
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, VTD_FAULT_SM_FIRST_STAGE_AD_UPDATE);
	machine_destroy(machine);
}
