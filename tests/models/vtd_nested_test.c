/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nested translation: how many table reads each combination of levels and page sizes costs, what
 * the result is, and what warm caches save.
 */
#include "gtest_c.h"
#include "vtd_machine.h"

#define INPUT 0x7f1234567000ULL

struct levels {
	const char *name;
	unsigned int first, second, reads;
};

static const struct levels all_levels[] = {
	{ "4x3", 4, 3, 19 }, { "4x4", 4, 4, 24 }, { "4x5", 4, 5, 29 },
	{ "5x3", 5, 3, 23 }, { "5x4", 5, 4, 29 }, { "5x5", 5, 5, 35 },
};

static struct machine *nested_machine(const struct vtd_config *config, unsigned int first,
				      unsigned int second)
{
	struct machine *machine = machine_create(config, false);
	u64 entry[8];

	machine_start(machine, MODE_SCALABLE);
	machine_stages(machine, first, second, true);
	machine_pasid_entry(machine, entry, NESTED);
	machine_store_pasid(machine, 1, entry);
	return machine;
}

TEST_WITH_NAMED_PARAMS(vtd_nested, cold_walk_reads_every_entry_of_both_stages, struct levels,
		       all_levels, name)
{
	struct vtd_config config = machine_config();
	struct machine *machine;
	struct translation_result result;

	machine_caches_off(&config);
	machine = nested_machine(&config, param->first, param->second);
	machine_map_first(machine, INPUT, 0x40000000, 4 * KIB, FS_P | FS_W | FS_U);
	machine_map_second(machine, 0x40000000, 0x123456000, 4 * KIB, SS_R | SS_W);

	result = machine_read(machine, 1, INPUT + 0x123);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.address.v, 0x123456123);
	EXPECT_EQ(result.page_size, 4096);
	EXPECT_EQ(result.table_reads, param->reads + 4);
	machine_destroy(machine);
}

struct sizes {
	const char *name;
	u64 first, second;
	unsigned int reads; /* of both stages, from cold, 4 x 4 levels */
	u64 page_size;
};

static const struct sizes size_pairs[] = {
	{ "4K_4K", 4 * KIB, 4 * KIB, 24, 4 * KIB },
	{ "4K_2M", 4 * KIB, 2 * MIB, 23, 4 * KIB },
	{ "4K_1G", 4 * KIB, GIB, 22, 4 * KIB },
	{ "2M_4K", 2 * MIB, 4 * KIB, 19, 4 * KIB },
	{ "2M_2M", 2 * MIB, 2 * MIB, 18, 2 * MIB },
	{ "2M_1G", 2 * MIB, GIB, 17, 2 * MIB },
	{ "1G_4K", GIB, 4 * KIB, 14, 4 * KIB },
	{ "1G_2M", GIB, 2 * MIB, 13, 2 * MIB },
	{ "1G_1G", GIB, GIB, 12, GIB },
};

/* The page of the second stage that holds an address of a 1-GiB page of the first. */
static void map_sizes(struct machine *machine, const struct sizes *sizes, u64 offset)
{
	const u64 guest = 0x40000000, host = 0x180000000;
	u64 inside = (offset & ~(sizes->first - 1)) ^ offset;

	machine_map_first(machine, (INPUT & ~(GIB - 1)) + (offset & ~(sizes->first - 1)), guest,
			  sizes->first, FS_P | FS_W | FS_U);
	machine_map_second(machine, guest + (inside & ~(sizes->second - 1)),
			   host + (inside & ~(sizes->second - 1)), sizes->second, SS_R | SS_W);
}

TEST_WITH_NAMED_PARAMS(vtd_nested, large_pages_save_reads_and_the_smaller_size_counts, struct sizes,
		       size_pairs, name)
{
	const u64 offset = 0x1b2c3d4e, base = INPUT & ~(GIB - 1);
	u64 inside = (offset & ~(param->first - 1)) ^ offset;
	struct vtd_config config = machine_config();
	struct machine *machine;
	struct translation_result result;

	machine_caches_off(&config);
	machine = nested_machine(&config, 4, 4);
	map_sizes(machine, param, offset);
	result = machine_write(machine, 1, base + offset);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.address.v, 0x180000000 + inside);
	EXPECT_EQ(result.page_size, param->page_size);
	EXPECT_EQ(result.table_reads, param->reads + 4);
	machine_destroy(machine);
}

TEST_WITH_NAMED_PARAMS(vtd_nested, a_cached_page_of_any_size_costs_no_read, struct sizes,
		       size_pairs, name)
{
	const u64 offset = 0x1b2c3d4e, base = INPUT & ~(GIB - 1);
	struct vtd_config config = machine_config();
	struct machine *machine = nested_machine(&config, 4, 4);
	struct translation_result walked, cached;

	map_sizes(machine, param, offset);
	walked = machine_read(machine, 1, base + offset);
	cached = machine_read(machine, 1, base + offset);
	EXPECT_EQ(walked.table_reads, param->reads + 4);
	EXPECT_EQ(cached.table_reads, 0);
	EXPECT_EQ(cached.address.v, walked.address.v);
	EXPECT_EQ(cached.page_size, param->page_size);
	EXPECT_EQ(cached.rights, walked.rights);
	EXPECT_EQ(machine_counter(machine, "iotlb_hit"), 1);
	EXPECT_EQ(machine_counter(machine, "iotlb_lookup"), 2);
	machine_destroy(machine);
}

TEST(vtd_nested, warm_context_and_pasid_caches_leave_the_24_reads_of_the_stages)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	config.iotlb.entries = 0;
	config.first_stage_pwc.entries = 0;
	config.second_stage_pwc.entries = 0;
	machine = nested_machine(&config, 4, 4);
	machine_map_first(machine, INPUT, 0x40000000, 4 * KIB, FS_P | FS_W | FS_U);
	machine_map_second(machine, 0x40000000, 0x123456000, 4 * KIB, SS_R | SS_W);
	EXPECT_EQ(machine_read(machine, 1, INPUT).table_reads, 28);
	EXPECT_EQ(machine_read(machine, 1, INPUT).table_reads, 24);
	EXPECT_EQ(machine_read(machine, 1, INPUT).table_reads, 24);
	machine_destroy(machine);
}

TEST(vtd_nested, paging_structure_caches_leave_one_read_a_stage)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	config.iotlb.entries = 0;
	machine = nested_machine(&config, 4, 4);
	machine_map_first(machine, INPUT, 0x40000000, 4 * KIB, FS_P | FS_W | FS_U);
	machine_map_second(machine, 0x40000000, 0x123456000, 4 * KIB, SS_R | SS_W);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, 0x123456000);
	/* the first-stage PDE cache knows where the page table lies in host memory */
	EXPECT_EQ(machine_read(machine, 1, INPUT).table_reads, 2);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, 0x123456000);
	EXPECT_GT(machine_counter(machine, "fs_nonleaf_hit"), 0);
	EXPECT_GT(machine_counter(machine, "ss_nonleaf_hit"), 0);
	machine_destroy(machine);
}

TEST(vtd_nested, the_same_input_of_two_pasids_goes_two_ways)
{
	struct vtd_config config = machine_config();
	struct machine *machine = nested_machine(&config, 4, 4);
	u64 first = machine->first_table;
	u64 entry[8];

	machine_map_first(machine, INPUT, 0x40000000, 4 * KIB, FS_P | FS_W | FS_U);
	machine->first_table = machine_guest_page(machine);
	machine_pasid_entry(machine, entry, NESTED);
	machine_store_pasid(machine, 2, entry);
	machine_map_first(machine, INPUT, 0x50000000, 4 * KIB, FS_P | FS_W | FS_U);
	machine_map_second(machine, 0x40000000, 0x140000000, 4 * KIB, SS_R | SS_W);
	machine_map_second(machine, 0x50000000, 0x150000000, 4 * KIB, SS_R | SS_W);
	EXPECT_NE(first, machine->first_table);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, 0x140000000);
	EXPECT_EQ(machine_read(machine, 2, INPUT).address.v, 0x150000000);
	EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, 0x140000000);
	EXPECT_EQ(machine_read(machine, 2, INPUT).address.v, 0x150000000);
	EXPECT_EQ(machine_counter(machine, "iotlb_hit"), 2);
	machine_destroy(machine);
}

TEST(vtd_nested, a_request_without_pasid_goes_by_rid_pasid)
{
	struct vtd_config config = machine_config();
	struct machine *machine = nested_machine(&config, 4, 4);
	u64 entry[8];

	machine_map_first(machine, INPUT, 0x40000000, 4 * KIB, FS_P | FS_W | FS_U);
	machine_map_second(machine, 0x40000000, 0x140000000, 4 * KIB, SS_R | SS_W);
	machine_set_context(machine, "RID_PASID", 9);
	machine_pasid_entry(machine, entry, NESTED);
	machine_store_pasid(machine, 9, entry);
	EXPECT_EQ(machine_rid_read(machine, INPUT).address.v, 0x140000000);
	EXPECT_EQ(machine_rid_write(machine, INPUT).fault, 0);
	machine_destroy(machine);
}

TEST(vtd_nested, a_request_without_pasid_needs_no_pasids_to_be_enabled)
{
	struct vtd_config config = machine_config();
	struct machine *machine = nested_machine(&config, 4, 4);
	struct translation_request request = dma_request(ACCESS_READ, INPUT);
	u64 entry[8];

	machine_map_first(machine, INPUT, 0x40000000, 4 * KIB, FS_P | FS_W | FS_U);
	machine_map_second(machine, 0x40000000, 0x140000000, 4 * KIB, SS_R | SS_W);
	machine_pasid_entry(machine, entry, NESTED);
	machine_store_pasid(machine, 0, entry);
	machine_set_context(machine, "PASIDE", 0);
	machine_set_context(machine, "DTE", 1);
	EXPECT_EQ(machine_dma(machine, &request).address.v, 0x140000000);
	request.type = ADDRESS_TRANSLATION_REQUEST;
	EXPECT_EQ(machine_dma(machine, &request).rights, ACCESS_READ | ACCESS_WRITE);
	request.type = ADDRESS_TRANSLATED;
	request.address = iova(0x140000000);
	EXPECT_EQ(machine_dma(machine, &request).fault, VTD_FAULT_NONE);
	machine_destroy(machine);
}

TEST(vtd_nested, pss_bounds_the_pasids_of_requests_and_not_rid_pasid)
{
	struct vtd_config config = machine_config();
	struct machine *machine;
	u64 entry[8];

	config.ecap = with_field(config.ecap, "ecap", "PSS", 2);
	machine = nested_machine(&config, 4, 4);
	machine_map_first(machine, INPUT, 0x40000000, 4 * KIB, FS_P | FS_W | FS_U);
	machine_map_second(machine, 0x40000000, 0x140000000, 4 * KIB, SS_R | SS_W);
	machine_set_context(machine, "RID_PASID", 9);
	machine_pasid_entry(machine, entry, NESTED);
	machine_store_pasid(machine, 8, entry);
	machine_store_pasid(machine, 9, entry);
	EXPECT_EQ(machine_read(machine, 8, INPUT).fault, VTD_FAULT_SM_PASID_BEYOND_PSS);
	EXPECT_EQ(machine_rid_read(machine, INPUT).address.v, 0x140000000);
	machine_destroy(machine);
}

TEST(vtd_nested, devices_16_to_31_are_found_through_the_upper_half_of_the_root_entry)
{
	struct vtd_config config = machine_config();
	struct machine *machine = nested_machine(&config, 4, 4);
	struct translation_request request = dma_with_pasid(ACCESS_READ, INPUT, 1);
	u64 upper = machine_page(machine);
	u64 context[4];

	machine_map_first(machine, INPUT, 0x40000000, 4 * KIB, FS_P | FS_W | FS_U);
	machine_map_second(machine, 0x40000000, 0x140000000, 4 * KIB, SS_R | SS_W);
	request.source_id = 0x3a00 | 0x1f << 3 | 1;
	EXPECT_EQ(machine_dma(machine, &request).fault, VTD_FAULT_SM_ROOT_NOT_PRESENT);
	machine_store(machine, machine->root_table + 0x3a * 16 + 8, upper | 1);
	memory_read(machine->memory, hpa(machine->context_table), context, sizeof(context));
	memory_write(machine->memory, hpa(upper + ((0x1f << 3 | 1) - 128) * 32), context,
		     sizeof(context));
	EXPECT_EQ(machine_dma(machine, &request).address.v, 0x140000000);
	machine_destroy(machine);
}
