/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The invalidation queue: widths, wrap, wait descriptors, errors and recovery.
 */
#include "gtest_c.h"
#include "vtd_machine.h"

#define GSTS 0x1c
#define FSTS 0x34
#define FECTL 0x38
#define IQE 0x10u
#define ITE 0x40u
#define IQH 0x80
#define IQT 0x88
#define IQA 0x90
#define ICS 0x9c
#define IECTL 0xa0
#define IQERCD 0xb0
#define MASKED 0x80000000u
#define PENDING 0x40000000u

static struct machine *queue_machine(bool wide, unsigned int queue_size)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, true);

	machine_queue_start(machine, wide, queue_size);
	machine_write32(machine, 0xa4, 0x4567);
	machine_write32(machine, 0xa8, 0xfee02000);
	return machine;
}

struct shape {
	const char *name;
	bool wide;
	unsigned int queue_size, entries;
};

static const struct shape shapes[] = {
	{ "128_bit_256_entries", false, 0, 256 },
	{ "128_bit_1024_entries", false, 2, 1024 },
	{ "256_bit_128_entries", true, 0, 128 },
	{ "256_bit_256_entries", true, 1, 256 },
};

TEST_WITH_NAMED_PARAMS(vtd_queue, goes_round, struct shape, shapes, name)
{
	struct machine *machine = queue_machine(param->wide, param->queue_size);
	unsigned int i;

	for (i = 0; i < param->entries + 5; i++)
		ASSERT_TRUE(machine_wait(machine));
	EXPECT_EQ(machine_read64(machine, IQH), 5 * (param->wide ? 32 : 16));
	EXPECT_EQ(machine_read64(machine, IQH), machine_read64(machine, IQT));
	EXPECT_EQ(machine_counter(machine, "descriptors"), param->entries + 5);
	machine_destroy(machine);
}

TEST(vtd_queue, several_descriptors_run_in_order_after_one_tail_write)
{
	struct machine *machine = queue_machine(false, 0);
	u64 status = machine->status_address;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		machine_store(machine, machine->queue + i * 16, (u64)(i + 1) << 32 | 0x25);
		machine_store(machine, machine->queue + i * 16 + 8, status + i * 4);
	}
	machine_write32(machine, IQT, 3 * 16);
	EXPECT_EQ(machine_load(machine, status), 2ULL << 32 | 1);
	EXPECT_EQ(machine_load(machine, status + 8), 3);
	machine_destroy(machine);
}

TEST(vtd_queue, nothing_runs_before_it_is_enabled_and_all_of_it_then)
{
	struct machine *machine = queue_machine(false, 0);

	machine_command(machine, 26, false);
	EXPECT_EQ(machine_read32(machine, GSTS), 0);
	machine->tail = 0;
	EXPECT_FALSE(machine_wait(machine));
	machine_command(machine, 26, true);
	EXPECT_EQ(machine_load(machine, machine->status_address), 0x600d);
	machine_destroy(machine);
}

TEST(vtd_queue, disabling_takes_the_head_back_to_zero)
{
	struct machine *machine = queue_machine(false, 0);

	machine_wait(machine);
	EXPECT_EQ(machine_read64(machine, IQH), 16);
	machine_command(machine, 26, false);
	EXPECT_EQ(machine_read64(machine, IQH), 0);
	machine_destroy(machine);
}

TEST(vtd_queue, length_is_what_waits_between_head_and_tail_while_it_is_enabled)
{
	struct machine *machine = queue_machine(true, 0);
	const u64 nothing[4] = { 0 }, wait[4] = { 5 };

	EXPECT_EQ(vtd_queue_length(machine->unit), 0);
	EXPECT_TRUE(machine_wait(machine));
	machine_submit(machine, nothing);
	machine_submit(machine, wait);
	EXPECT_EQ(vtd_queue_length(machine->unit), 2);
	machine_command(machine, 26, false);
	EXPECT_EQ(vtd_queue_length(machine->unit), 0);
	machine_destroy(machine);
}

/* --- wait -------------------------------------------------------------------------------- */

static void wait_with_interrupt(struct machine *machine)
{
	const u64 d[4] = { 0x15 };

	machine_submit(machine, d);
}

TEST(vtd_queue, wait_with_if_interrupts_once_until_it_is_served)
{
	struct machine *machine = queue_machine(true, 0);

	machine_write32(machine, IECTL, 0);
	wait_with_interrupt(machine);
	EXPECT_EQ(machine->interrupts, 1);
	EXPECT_EQ(machine->interrupt_address, 0xfee02000);
	EXPECT_EQ(machine->interrupt_data, 0x4567);
	EXPECT_EQ(machine_read32(machine, ICS), 1);
	wait_with_interrupt(machine);
	EXPECT_EQ(machine->interrupts, 1);
	machine_write32(machine, ICS, 1);
	EXPECT_EQ(machine_read32(machine, ICS), 0);
	wait_with_interrupt(machine);
	EXPECT_EQ(machine->interrupts, 2);
	machine_destroy(machine);
}

TEST(vtd_queue, the_completion_event_waits_for_its_mask)
{
	struct machine *machine = queue_machine(true, 0);

	EXPECT_EQ(machine_read32(machine, IECTL), MASKED);
	wait_with_interrupt(machine);
	EXPECT_EQ(machine->interrupts, 0);
	EXPECT_EQ(machine_read32(machine, IECTL), MASKED | PENDING);
	machine_write32(machine, IECTL, 0);
	EXPECT_EQ(machine->interrupts, 1);

	machine_write32(machine, ICS, 1);
	machine_write32(machine, IECTL, MASKED);
	wait_with_interrupt(machine);
	machine_write32(machine, ICS, 1);
	EXPECT_EQ(machine_read32(machine, IECTL), MASKED);
	machine_write32(machine, IECTL, 0);
	EXPECT_EQ(machine->interrupts, 1);
	machine_destroy(machine);
}

TEST(vtd_queue, a_status_that_cannot_be_written_is_a_software_error)
{
	struct machine *machine = queue_machine(false, 0);

	machine->fails_at = machine->status_address;
	EXPECT_FALSE(machine_wait(machine));
	EXPECT_EQ(machine_counter(machine, "software_errors"), 1);
	EXPECT_EQ(machine_read64(machine, IQH), 16);
	machine_destroy(machine);
}

/* --- errors ------------------------------------------------------------------------------ */

struct wrong {
	const char *name;
	bool wide;
	u64 d[4];
	unsigned int error;
	const char *without; /* an ECAP bit to be cleared */
};

static const struct wrong wrongs[] = {
	{ "type_0", false, { 0 }, 3, NULL },
	{ "type_10", true, { 10 }, 3, NULL },
	{ "type_high_bits", true, { 0x201 }, 3, NULL },
	{ "all_ones", true, { ~0ULL, ~0ULL, ~0ULL, ~0ULL }, 3, NULL },
	{ "context_granularity_0", false, { 0x01 }, 4, NULL },
	{ "context_reserved", false, { 0x11 | 1ULL << 60 }, 4, NULL },
	{ "context_upper_half", true, { 0x11, 0, 1 }, 4, NULL },
	{ "iotlb_granularity_0", false, { 0x02 }, 4, NULL },
	{ "iotlb_mask_beyond_mamv", false, { 0x32, 19 }, 4, NULL },
	{ "iotlb_reserved", false, { 0x12, 1 << 7 }, 4, NULL },
	{ "device_tlb_without_dt", false, { 3 }, 3, "DT" },
	{ "device_tlb_pfsid_without_dit", false, { 3 | 5ULL << 52 }, 4, NULL },
	{ "pasid_device_tlb_pfsid_without_dit", true, { 8 | 5 << 12 }, 4, NULL },
	{ "interrupt_without_ir", false, { 4 }, 3, "IR" },
	{ "interrupt_mask_beyond_mhmv", false, { 0x14 | 1ULL << 27 }, 4, NULL },
	{ "interrupt_reserved", false, { 4 | 1ULL << 48 }, 4, NULL },
	{ "wait_reserved", false, { 0x105 }, 4, NULL },
	{ "wait_drain_without_pds", false, { 0x85 }, 4, "PDS" },
	{ "pasid_iotlb_granularity_0", true, { 0x06 }, 4, NULL },
	{ "pasid_iotlb_granularity_1", true, { 0x16 }, 4, NULL },
	{ "pasid_iotlb_mask_beyond_mamv", true, { 0x36, 19 }, 4, NULL },
	{ "pasid_cache_granularity_2", true, { 0x27 }, 4, NULL },
	{ "pasid_iotlb_without_smts", false, { 0x26 }, 3, "SMTS" },
	{ "pasid_cache_without_smts", false, { 0x07 }, 3, "SMTS" },
	{ "pasid_device_tlb_without_smts", false, { 8 }, 3, "SMTS" },
	{ "pasid_device_tlb_without_dt", true, { 8 }, 3, "DT" },
	{ "page_response_without_prs", true, { 9 }, 3, "PRS" },
};

/* Of each type: a descriptor that is right, and the bits that it has, from the specification's figures. */
struct bits_row {
	const char *name;
	u64 right[4], known[4];
};

#define BITS(high, low) (~0ULL >> (63 - (high)) & ~0ULL << (low))
#define TYPE_BITS (BITS(3, 0) | BITS(11, 9))
#define PAGE_BITS BITS(63, 12)

static const struct bits_row bits_rows[] = {
	{ "context_cache", { 0x11 }, { TYPE_BITS | BITS(5, 4) | BITS(31, 16) | BITS(49, 32) } },
	{ "iotlb", { 0x12 }, { TYPE_BITS | BITS(7, 4) | BITS(31, 16), PAGE_BITS | BITS(6, 0) } },
	{ "device_tlb",
	  { 3 | 0x3a00ULL << 32 },
	  { TYPE_BITS | BITS(20, 12) | BITS(47, 32) | BITS(63, 52), PAGE_BITS | 1 } },
	{ "interrupt_entry", { 4 }, { TYPE_BITS | 1 << 4 | BITS(31, 27) | BITS(47, 32) } },
	{ "wait", { 5 }, { TYPE_BITS | BITS(7, 4) | BITS(63, 32), BITS(63, 2) } },
	{ "pasid_iotlb",
	  { 0x26 },
	  { TYPE_BITS | BITS(5, 4) | BITS(31, 16) | BITS(51, 32), PAGE_BITS | BITS(6, 0) } },
	{ "pasid_cache", { 0x37 }, { TYPE_BITS | BITS(5, 4) | BITS(31, 16) | BITS(51, 32) } },
	{ "pasid_device_tlb",
	  { 8 | 0x3a00 << 16 },
	  { TYPE_BITS | BITS(8, 4) | BITS(31, 12) | BITS(63, 32), BITS(63, 11) | 1 } },
	{ "page_group_response",
	  { 9 },
	  { TYPE_BITS | BITS(5, 4) | BITS(15, 12) | BITS(51, 16), BITS(11, 2), ~0ULL, ~0ULL } },
};

static bool stops_the_queue(const u64 d[4])
{
	struct vtd_config config = machine_config();
	struct machine *machine;
	bool stops;

	config.ecap = with_field(config.ecap, "ecap", "DIT", 1);
	machine = machine_create(&config, false);
	machine_root_pointer(machine, machine_page(machine), MODE_SCALABLE);
	machine_queue_start(machine, true, 0);
	machine_submit(machine, d);
	stops = machine_read32(machine, FSTS) & IQE;
	EXPECT_EQ(machine_read64(machine, IQERCD), stops ? 4 : 0);
	machine_destroy(machine);
	return stops;
}

TEST_WITH_NAMED_PARAMS(vtd_queue, each_bit_that_a_descriptor_does_not_have_stops_the_queue_alone,
		       struct bits_row, bits_rows, name)
{
	EXPECT_FALSE(stops_the_queue(param->right));
	for (unsigned int bit = 0; bit < 256; bit++) {
		u64 d[4];

		if (param->known[bit / 64] >> bit % 64 & 1)
			continue;
		SCOPED_NOTE("bit %u", bit);
		memcpy(d, param->right, sizeof(d));
		d[bit / 64] |= 1ULL << bit % 64;
		EXPECT_TRUE(stops_the_queue(d));
	}
}

/* Each descriptor is done before the next one is begun: a fence changes nothing, and is no error by itself. */
TEST(vtd_queue, a_wait_tells_the_same_with_a_fence_and_without)
{
	static const u64 fence = 1 << 6;
	struct machine *machine = queue_machine(false, 0);
	const u64 at = machine->status_address;
	const u64 descriptors[][4] = {
		{ 5 | fence },
		{ 5 | 1 << 5 | 0x1111ULL << 32, at },
		{ 5 | 1 << 5 | fence | 0x2222ULL << 32, at },
	};
	const u64 statuses[] = { 0, 0x1111, 0x2222 };

	for (unsigned int i = 0; i < 3; i++) {
		machine_store(machine, at, 0);
		machine_submit(machine, descriptors[i]);
		EXPECT_EQ(machine_load(machine, at), statuses[i]);
		EXPECT_EQ(machine_read64(machine, IQH), machine_read64(machine, IQT));
	}
	EXPECT_EQ(machine_read32(machine, FSTS), 0);
	machine_destroy(machine);
}

TEST_WITH_NAMED_PARAMS(vtd_queue, a_wrong_descriptor_stops_the_queue_at_it, struct wrong, wrongs,
		       name)
{
	struct vtd_config config = machine_config();
	struct machine *machine;
	u64 good[4] = { 0x11 };

	if (param->without)
		config.ecap = with_field(config.ecap, "ecap", param->without, 0);
	machine = machine_create(&config, true);
	machine_queue_start(machine, param->wide, 0);
	EXPECT_TRUE(machine_wait(machine));
	machine_submit(machine, param->d);
	EXPECT_EQ(machine_read32(machine, FSTS) & IQE, IQE);
	EXPECT_EQ(machine_read64(machine, IQERCD), param->error);
	EXPECT_EQ(machine_read64(machine, IQH), param->wide ? 32 : 16);
	EXPECT_NE(machine_event(machine, PORT_EVENT_SOFTWARE_ERROR, "invalidation queue"), NULL);

	/* what follows is not run */
	EXPECT_FALSE(machine_wait(machine));

	/* software puts something valid in its place and clears IQE: all goes on */
	memory_write(machine->memory, hpa(machine->queue + (param->wide ? 32 : 16)), good,
		     param->wide ? 32 : 16);
	machine_write32(machine, FSTS, IQE);
	EXPECT_EQ(machine_read32(machine, FSTS) & IQE, 0);
	EXPECT_EQ(machine_load(machine, machine->status_address), 0x600d);
	EXPECT_EQ(machine_read64(machine, IQH), machine_read64(machine, IQT));
	machine_destroy(machine);
}

TEST(vtd_queue, an_error_raises_the_fault_event)
{
	struct machine *machine = queue_machine(true, 0);
	const u64 wrong[4] = { 0 };

	machine_write32(machine, 0x38, 0);
	machine_submit(machine, wrong);
	EXPECT_EQ(machine->interrupts, 1);
	machine_destroy(machine);
}

TEST(vtd_queue, an_error_comes_again_as_long_as_its_cause_stays)
{
	struct machine *machine = queue_machine(true, 0);
	const u64 wrong[4] = { 0 };

	machine_submit(machine, wrong);
	machine_write32(machine, FSTS, IQE);
	EXPECT_EQ(machine_read32(machine, FSTS) & IQE, IQE);
	machine_destroy(machine);
}

TEST(vtd_queue, a_descriptor_that_cannot_be_read_stops_the_queue)
{
	struct machine *machine = queue_machine(false, 0);

	machine->fails_at = machine->queue;
	EXPECT_FALSE(machine_wait(machine));
	EXPECT_EQ(machine_read64(machine, IQERCD), 2);
	machine->fails_at = 0;
	machine_write32(machine, FSTS, IQE);
	EXPECT_EQ(machine_load(machine, machine->status_address), 0x600d);
	machine_destroy(machine);
}

TEST(vtd_queue, a_tail_beyond_the_queue_or_between_descriptors_is_an_error)
{
	struct machine *machine = queue_machine(true, 0);

	machine_write64(machine, IQT, 4096);
	EXPECT_EQ(machine_read64(machine, IQERCD), 1);
	EXPECT_EQ(machine_counter(machine, "software_errors"), 1);
	EXPECT_NE(machine_event(machine, PORT_EVENT_SOFTWARE_ERROR, "invalidation queue"), NULL);
	machine_write64(machine, IQT, 16);
	machine_write32(machine, FSTS, IQE);
	EXPECT_EQ(machine_read64(machine, IQERCD), 6);
	machine_write64(machine, IQT, 0);
	machine_write32(machine, FSTS, IQE);
	EXPECT_EQ(machine_read32(machine, FSTS) & IQE, 0);
	EXPECT_TRUE(machine_wait(machine));
	machine_destroy(machine);
}

TEST(vtd_queue, the_descriptor_width_must_fit_the_mode)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);

	/* scalable mode needs 256 bits */
	machine_root_pointer(machine, machine_page(machine), MODE_SCALABLE);
	machine_queue_start(machine, false, 0);
	EXPECT_FALSE(machine_wait(machine));
	EXPECT_EQ(machine_read64(machine, IQERCD), 5);
	machine_destroy(machine);

	/* and 256 bits need a unit with scalable mode */
	config.ecap = with_field(config.ecap, "ecap", "SMTS", 0);
	machine = machine_create(&config, false);
	machine_queue_start(machine, true, 0);
	EXPECT_FALSE(machine_wait(machine));
	EXPECT_EQ(machine_read64(machine, IQERCD), 5);
	machine_destroy(machine);
}

TEST(vtd_queue, a_root_pointer_of_no_valid_mode_is_an_error)
{
	struct machine *machine = queue_machine(true, 0);

	machine_root_pointer(machine, 0, 2);
	EXPECT_FALSE(machine_wait(machine));
	EXPECT_EQ(machine_read64(machine, IQERCD), 7);
	machine_destroy(machine);
}

/* --- domain ids -------------------------------------------------------------------------- */

static const u64 with_domain_id[][4] = {
	{ 0x21 | 0x1055ULL << 16 },
	{ 0x22 | 0x1055ULL << 16 },
	{ 0x26 | 0x1055ULL << 16 },
	{ 0x07 | 0x1055ULL << 16 },
};

TEST(vtd_queue, domain_id_bits_beyond_nd_are_ignored_and_a_software_error)
{
	struct vtd_config config = machine_config();
	size_t i;

	for (i = 0; i < sizeof(with_domain_id) / sizeof(with_domain_id[0]); i++) {
		struct machine *machine;
		unsigned int nd;

		for (nd = 4; nd <= 6; nd += 2) {
			config.cap = with_field(config.cap, "cap", "ND", nd);
			machine = machine_create(&config, true);
			machine_queue_start(machine, true, 0);
			machine_submit(machine, with_domain_id[i]);
			EXPECT_EQ(machine_read32(machine, FSTS) & IQE, 0);
			EXPECT_EQ(machine_counter(machine, "software_errors"), nd == 4);
			machine_destroy(machine);
		}
	}
}

/* --- draining ---------------------------------------------------------------------------- */

struct drain_row {
	const char *name;
	u64 asks; /* DW 6, DR 7 */
	unsigned int drd, dwd;
	bool drains;
};

static const struct drain_row drain_rows[] = {
	{ "nothing", 0, 1, 1, false },
	{ "reads", 0x80, 1, 0, true },
	{ "reads_but_cannot", 0x80, 0, 1, false },
	{ "writes", 0x40, 0, 1, true },
	{ "writes_but_cannot", 0x40, 1, 0, false },
	{ "both", 0xc0, 1, 1, true },
};

TEST_WITH_NAMED_PARAMS(vtd_queue, drains_what_is_asked_for_and_can_be, struct drain_row, drain_rows,
		       name)
{
	struct vtd_config config = machine_config();
	struct machine *machine;
	u64 d[4] = { 0x12 | param->asks };

	config.cap = with_field(config.cap, "cap", "DRD", param->drd);
	config.cap = with_field(config.cap, "cap", "DWD", param->dwd);
	machine = machine_create(&config, false);
	machine_queue_start(machine, true, 0);
	machine_submit(machine, d);
	EXPECT_EQ(machine->drains, param->drains);
	machine_destroy(machine);
}

/* --- width ------------------------------------------------------------------------------- */

TEST(vtd_queue, the_descriptor_width_may_change_while_it_is_off)
{
	struct machine *machine = queue_machine(false, 0);

	EXPECT_TRUE(machine_wait(machine));
	machine_command(machine, 26, false);
	machine_queue_start(machine, true, 1);
	EXPECT_TRUE(machine_wait(machine));
	EXPECT_EQ(machine_read64(machine, IQH), 32);
	machine_command(machine, 26, false);
	machine_queue_start(machine, false, 0);
	EXPECT_TRUE(machine_wait(machine));
	EXPECT_EQ(machine_read64(machine, IQH), 16);
	machine_destroy(machine);
}

/* --- what there is nothing for ----------------------------------------------------------- */

struct accepted {
	const char *name;
	u64 d[4];
};

static const struct accepted accepteds[] = {
	{ "device_tlb", { 3 | 0x1fULL << 16 | 0x3a00ULL << 32, 0x7fffffffffffffff & ~0xffeULL } },
	{ "interrupt_entry_global", { 4 } },
	{ "interrupt_entry_index", { 0x14 | 5ULL << 32 } },
	{ "pasid_device_tlb", { 8 | 0x3a00ULL << 16 | 5ULL << 32, 1ULL << 11 | 0x1000 } },
	{ "iotlb_largest_mask", { 0x32, 18 } },
	{ "pasid_iotlb_largest_mask", { 0x36, 18 } },
	{ "wait_without_anything", { 5 } },
	{ "wait_with_drain", { 0x85 } },
};

TEST_WITH_NAMED_PARAMS(vtd_queue, descriptors_without_anything_to_do_complete, struct accepted,
		       accepteds, name)
{
	struct machine *machine = queue_machine(true, 0);

	machine_submit(machine, param->d);
	EXPECT_EQ(machine_read32(machine, FSTS) & IQE, 0);
	EXPECT_TRUE(machine_wait(machine));
	machine_destroy(machine);
}

/* --- entered from within ----------------------------------------------------------------- */

static void submit_another(struct machine *machine, hpa_t address)
{
	(void)address;
	machine->on_read = NULL;
	machine_wait(machine);
}

TEST(vtd_queue, a_tail_moved_while_a_descriptor_is_fetched_is_followed)
{
	struct machine *machine = queue_machine(false, 0);

	machine->on_read = submit_another;
	machine_wait(machine);
	EXPECT_EQ(machine_read64(machine, IQH), 32);
	EXPECT_EQ(machine_counter(machine, "descriptors"), 2);
	machine_destroy(machine);
}

static void disable_queue(struct machine *machine, hpa_t address)
{
	(void)address;
	machine->on_read = NULL;
	machine_command(machine, 26, false);
}

TEST(vtd_queue, disabled_while_a_descriptor_is_fetched_it_stops_there)
{
	struct machine *machine = queue_machine(false, 0);

	machine->on_read = disable_queue;
	EXPECT_FALSE(machine_wait(machine));
	EXPECT_EQ(machine_counter(machine, "descriptors"), 0);
	EXPECT_EQ(machine_read64(machine, IQH), 0);
	machine_destroy(machine);
}

/* A queue of one page, instead of the one that is being worked at. */
static void change_queues(struct machine *machine, hpa_t address)
{
	(void)address;
	machine->on_read = NULL;
	machine_command(machine, 26, false);
	machine_write64(machine, IQT, 0);
	machine_write64(machine, IQA, *(const u64 *)machine->arg);
	machine_command(machine, 26, true);
}

TEST(vtd_queue, another_queue_begins_at_its_head_though_a_descriptor_of_the_last_is_fetched)
{
	struct machine *machine = queue_machine(false, 2);
	u64 other = machine_page(machine);

	machine->arg = &other;
	machine->on_read = change_queues;
	EXPECT_FALSE(machine_wait(machine));
	EXPECT_EQ(machine_counter(machine, "descriptors"), 0);
	EXPECT_EQ(machine_read64(machine, IQH), 0);
	EXPECT_EQ(machine_read32(machine, FSTS), 0);

	/* of which the first descriptor is taken */
	machine->queue = other;
	machine->queue_size = 0;
	machine->tail = 0;
	EXPECT_TRUE(machine_wait(machine));
	EXPECT_EQ(machine_read64(machine, IQH), 16);
	machine_destroy(machine);
}

static void change_queues_at_status(struct machine *machine, hpa_t address)
{
	if (address.v == machine->status_address) {
		machine->on_write = NULL;
		change_queues(machine, address);
	}
}

TEST(vtd_queue, another_queue_begins_at_its_head_though_a_descriptor_of_the_last_is_carried_out)
{
	struct machine *machine = queue_machine(false, 2);
	u64 other = machine_page(machine);

	/* far beyond the end of the other queue */
	for (unsigned int i = 0; i < 400; i++)
		EXPECT_TRUE(machine_wait(machine));
	machine->arg = &other;
	machine->on_write = change_queues_at_status;
	machine_wait(machine);
	EXPECT_EQ(machine_read64(machine, IQA), other);
	EXPECT_EQ(machine_read64(machine, IQH), 0);
	EXPECT_EQ(machine_read32(machine, FSTS), 0);
	machine_destroy(machine);
}

/* Software serves the event while the unit raises it: another descriptor in the place of the wrong one. */
static void mend_descriptor(struct machine *machine)
{
	machine->on_interrupt = NULL;
	EXPECT_EQ(machine_read32(machine, FSTS), IQE);
	machine_store(machine, machine->queue + machine_read64(machine, IQH), 1 | 1 << 4);
	machine_write32(machine, FSTS, IQE);
}

TEST(vtd_queue, an_error_that_is_cleared_while_its_event_is_raised_stops_the_queue_no_longer)
{
	struct machine *machine = queue_machine(false, 0);

	machine_write32(machine, FECTL, 0);
	machine->on_interrupt = mend_descriptor;
	machine_submit(machine, (const u64[4]){ 0 });
	EXPECT_EQ(machine->interrupts, 1);
	EXPECT_EQ(machine_read32(machine, FSTS), 0);
	EXPECT_EQ(machine_counter(machine, "descriptors"), 1);
	EXPECT_EQ(machine_read64(machine, IQH), 16);
	machine_destroy(machine);
}

static bool no_answer(struct machine *machine, const struct ats_invalidation *invalidation)
{
	(void)machine;
	(void)invalidation;
	return false;
}

static void go_on_after_time_out(struct machine *machine)
{
	machine->on_interrupt = NULL;
	EXPECT_EQ(machine_read32(machine, FSTS), ITE);
	EXPECT_FALSE(machine_wait(machine));
	machine_write32(machine, FSTS, ITE);
}

TEST(vtd_queue, a_time_out_that_is_cleared_while_its_event_is_raised_stops_the_queue_no_longer)
{
	struct machine *machine = queue_machine(false, 0);

	machine_write32(machine, FECTL, 0);
	machine->on_invalidate = no_answer;
	machine->on_interrupt = go_on_after_time_out;
	machine_submit(machine, (const u64[4]){ 3 });
	EXPECT_EQ(machine->interrupts, 1);
	EXPECT_EQ(machine_read32(machine, FSTS), 0);
	EXPECT_EQ(machine_load(machine, machine->status_address), 0x600d);
	EXPECT_EQ(machine_read64(machine, IQH), 32);
	machine_destroy(machine);
}

TEST(vtd_queue, the_address_is_locked_while_the_queue_is_enabled)
{
	struct machine *machine = queue_machine(false, 0);
	u64 iqa = machine_read64(machine, IQA);

	machine_write64(machine, IQA, 0x5000);
	machine_write32(machine, IQA + 4, 1);
	EXPECT_EQ(machine_read64(machine, IQA), iqa);
	EXPECT_EQ(machine_counter(machine, "software_errors"), 2);
	machine_command(machine, 26, false);
	machine_write64(machine, IQA, 0x5000);
	EXPECT_EQ(machine_read64(machine, IQA), 0x5000);
	machine_destroy(machine);
}

TEST(vtd_queue, enabling_with_a_tail_left_over_is_a_software_error)
{
	struct machine *machine = queue_machine(false, 0);

	machine_wait(machine);
	machine_command(machine, 26, false);
	machine_command(machine, 26, true);
	EXPECT_EQ(machine_counter(machine, "software_errors"), 1);
	machine_destroy(machine);
}
