/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Invalidation by registers, CCMD and IOTLB: what each granularity removes, and what wrong ones do.
 */
#include "gtest_c.h"
#include "vtd_machine.h"

#define GUEST 0x40000000ULL
#define HOST 0x123456000ULL
#define OTHER_HOST 0x222222000ULL

#define CCMD 0x28
#define MAMV 18u /* of MACHINE_CAP */
#define IOTLB_BASE 0xf00

static struct machine *without_queue(void)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, true);

	machine_start(machine, MODE_LEGACY);
	machine_command(machine, 26, false);
	machine_stages(machine, 4, 4, false);
	machine_legacy_context(machine, 0);
	machine_map_second(machine, GUEST, HOST, 4 * KIB, SS_R);
	EXPECT_EQ(machine_rid_read(machine, GUEST).address.v, HOST);
	return machine;
}

TEST(vtd_register_invalidate, ccmd_invalidates_the_context_cache)
{
	struct machine *machine = without_queue();

	machine_store(machine, machine->context_table, 0);
	machine_write64(machine, CCMD,
			1ULL << 63 | 3ULL << 61 | (u64)MACHINE_DEVICE << 16 | MACHINE_DOMAIN);
	/* ICC is clear again, and CAIG says what was done */
	EXPECT_EQ(machine_read64(machine, CCMD) >> 59, 3 << 2 | 3);
	EXPECT_EQ(machine_rid_read(machine, GUEST).fault, VTD_FAULT_CONTEXT_NOT_PRESENT);
	machine_destroy(machine);
}

TEST(vtd_register_invalidate, ccmd_by_halves_acts_on_the_upper_one)
{
	struct machine *machine = without_queue();

	machine_store(machine, machine->context_table, 0);
	machine_write32(machine, CCMD, 0);
	EXPECT_EQ(machine_rid_read(machine, GUEST).fault, 0);
	machine_write32(machine, CCMD + 4, 0xa0000000);
	EXPECT_EQ(machine_rid_read(machine, GUEST).fault, VTD_FAULT_CONTEXT_NOT_PRESENT);
	machine_destroy(machine);
}

TEST(vtd_register_invalidate, ccmd_of_no_granularity_does_nothing)
{
	struct machine *machine = without_queue();

	machine_store(machine, machine->context_table, 0);
	machine_write64(machine, CCMD, 1ULL << 63);
	EXPECT_EQ(machine_read64(machine, CCMD) >> 59, 0);
	EXPECT_EQ(machine_counter(machine, "software_errors"), 1);
	EXPECT_EQ(machine_rid_read(machine, GUEST).fault, 0);
	machine_destroy(machine);
}

struct iotlb_row {
	const char *name;
	u64 granularity, did, iva, done;
	bool removes;
};

static const struct iotlb_row iotlb_rows[] = {
	{ "none", 0, MACHINE_DOMAIN, 0, 0, false },
	{ "global", 1, 0, 0, 1, true },
	{ "domain", 2, MACHINE_DOMAIN, 0, 2, true },
	{ "other_domain", 2, MACHINE_DOMAIN + 1, 0, 2, false },
	{ "page", 3, MACHINE_DOMAIN, GUEST, 3, true },
	{ "other_page", 3, MACHINE_DOMAIN, GUEST + 4096, 3, false },
	{ "page_with_mask", 3, MACHINE_DOMAIN, (GUEST + 4096) | 1, 3, true },
	{ "largest_mask", 3, MACHINE_DOMAIN, GUEST | MAMV, 3, true },
	{ "mask_too_large", 3, MACHINE_DOMAIN, GUEST | (MAMV + 1), 0, false },
};

TEST_WITH_NAMED_PARAMS(vtd_register_invalidate, iotlb_register_invalidates_by_granularity,
		       struct iotlb_row, iotlb_rows, name)
{
	struct machine *machine = without_queue();

	machine_map_second(machine, GUEST, OTHER_HOST, 4 * KIB, SS_R);
	machine_write64(machine, IOTLB_BASE, param->iva);
	machine_write64(machine, IOTLB_BASE + 8,
			1ULL << 63 | param->granularity << 60 | param->did << 32);
	EXPECT_EQ(machine_read64(machine, IOTLB_BASE + 8) >> 63, 0);
	EXPECT_EQ(machine_read64(machine, IOTLB_BASE + 8) >> 57 & 3, param->done);
	EXPECT_EQ(machine_counter(machine, "software_errors"), param->done ? 0 : 1);
	EXPECT_EQ(machine_rid_read(machine, GUEST).address.v, param->removes ? OTHER_HOST : HOST);
	machine_destroy(machine);
}

TEST(vtd_register_invalidate, iotlb_register_without_psi_takes_the_domain)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	config.cap = with_field(config.cap, "cap", "PSI", 0);
	machine = machine_create(&config, false);
	machine_write64(machine, IOTLB_BASE + 8, 1ULL << 63 | 3ULL << 60);
	EXPECT_EQ(machine_read64(machine, IOTLB_BASE + 8) >> 57 & 3, 2);
	machine_destroy(machine);
}

TEST(vtd_register_invalidate, registers_beside_an_enabled_queue_are_a_software_error)
{
	struct machine *machine = without_queue();
	u64 before = machine_counter(machine, "software_errors");

	machine_command(machine, 26, true);
	machine_write64(machine, CCMD, 1ULL << 63 | 1ULL << 61);
	machine_write64(machine, IOTLB_BASE + 8, 1ULL << 63 | 1ULL << 60);
	EXPECT_EQ(machine_counter(machine, "software_errors"), before + 2);
	machine_destroy(machine);
}
