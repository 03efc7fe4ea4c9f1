/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Posted interrupts: vectors set in memory by compare and exchange, notifications, and the faults on the way.
 */
#include "vtd_remapper.h"

#include "gtest_c.h"

#define VECTOR 0x83 /* bit 3 of the third quadword */
#define NOTICE 0xf2

static u64 posted_entry(const struct remapper *r, u64 irte[2])
{
	u64 descriptor = machine_page(r->machine) + 0x240;

	irte[0] = irte[1] = 0;
	field_set(irte, "irte-posted", "P", 1);
	field_set(irte, "irte-posted", "IM", 1);
	field_set(irte, "irte-posted", "V", VECTOR);
	field_set(irte, "irte-posted", "PDAL", (descriptor & 0xffffffff) >> 6);
	field_set(irte, "irte-posted", "PDAH", descriptor >> 32);
	machine_store(r->machine, descriptor + 32, (u64)NOTICE << 16 | 7ULL << 40);
	return descriptor;
}

/* A descriptor that notifies destination 7, and an entry that posts there. */
static u64 store_posted(const struct remapper *r, bool urgent)
{
	u64 irte[2];
	u64 descriptor = posted_entry(r, irte);

	field_set(irte, "irte-posted", "URG", urgent);
	remapper_store(r, INDEX, irte);
	return descriptor;
}

TEST(vtd_posted_interrupt, the_vector_is_set_and_the_first_one_notifies)
{
	struct remapper r = remapper_create();
	u64 descriptor = store_posted(&r, false);
	struct translation_result result = remapper_send(&r, INDEX);

	EXPECT_EQ(result.fault, 0);
	EXPECT_TRUE(result.interrupt);
	EXPECT_TRUE(result.posted);
	EXPECT_FALSE(result.silent);
	EXPECT_EQ(result.address.v, 0xfee07000);
	EXPECT_EQ(result.data, 0x4000 | NOTICE);
	EXPECT_EQ(result.table_reads, 2);
	EXPECT_EQ(machine_load(r.machine, descriptor + 16), 1 << 3);
	EXPECT_EQ(machine_load(r.machine, descriptor + 32), 1 | NOTICE << 16 | 7ULL << 40);
	EXPECT_NE(machine_event(r.machine, PORT_EVENT_TABLE_WRITE, "posted-interrupt descriptor"),
		  NULL);

	/* ON: whoever was notified has not looked yet */
	result = remapper_send(&r, INDEX);
	EXPECT_TRUE(result.interrupt);
	EXPECT_TRUE(result.silent);
	EXPECT_EQ(machine_counter(r.machine, "interrupts_posted"), 2);
	EXPECT_EQ(machine_counter(r.machine, "table_writes"), 2);
	machine_destroy(r.machine);
}

TEST(vtd_posted_interrupt, suppressed_notifications_are_sent_for_urgent_ones_alone)
{
	unsigned int urgent;

	for (urgent = 0; urgent < 2; urgent++) {
		struct remapper r = remapper_create();
		u64 descriptor = store_posted(&r, urgent);
		struct translation_result result;

		machine_store(r.machine, descriptor + 32, 2 | NOTICE << 16);
		result = remapper_send(&r, INDEX);
		EXPECT_EQ(result.fault, 0);
		EXPECT_EQ(result.silent, !urgent);
		EXPECT_EQ(machine_load(r.machine, descriptor + 16), 1 << 3);
		EXPECT_EQ(machine_load(r.machine, descriptor + 32) & 1, urgent);
		machine_destroy(r.machine);
	}
}

TEST(vtd_posted_interrupt, the_source_is_checked_too)
{
	struct remapper r = remapper_create();
	u64 irte[2];
	u64 descriptor = posted_entry(&r, irte);

	field_set(irte, "irte-posted", "SVT", 1);
	field_set(irte, "irte-posted", "SID", OTHER_DEVICE);
	remapper_store(&r, INDEX, irte);
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_SOURCE);
	EXPECT_EQ(machine_load(r.machine, descriptor + 16), 0);
	EXPECT_EQ(remapper_send_from(&r, OTHER_DEVICE, remappable_address(INDEX), 0).fault, 0);
	machine_destroy(r.machine);
}

TEST(vtd_posted_interrupt, a_unit_without_posting_takes_the_format_for_reserved)
{
	struct vtd_config config = machine_config();
	struct remapper r = remapper_create_with(&config, 7);

	store_posted(&r, false);
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_ENTRY_RESERVED);
	machine_destroy(r.machine);
}

struct posted_row {
	const char *name;
	unsigned int quadword;
	u64 bits;
};

static const struct posted_row posted_rows[] = {
	{ "destination_mode", 0, 1 << 2 },
	{ "bit_12", 0, 1 << 12 },
	{ "bit_32", 0, 1ULL << 32 },
	{ "upper_half", 1, 1ULL << 20 },
	{ "beyond_host", 1, 1ULL << (32 + 46 - 32) },
	{ "source_check_3", 1, 3 << 18 },
};

TEST_WITH_NAMED_PARAMS(vtd_posted_interrupt, reserved_bits_of_the_entry_are_refused,
		       struct posted_row, posted_rows, name)
{
	struct remapper r = remapper_create();
	u64 irte[2];

	posted_entry(&r, irte);
	irte[param->quadword] |= param->bits;
	remapper_store(&r, INDEX, irte);
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_ENTRY_RESERVED);
	machine_destroy(r.machine);
}

TEST(vtd_posted_interrupt, reserved_bits_of_the_descriptor_are_refused)
{
	struct remapper r = remapper_create();
	u64 descriptor = store_posted(&r, false);

	machine_store(r.machine, descriptor + 32, 1 << 2);
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_POSTED_DESCRIPTOR_RESERVED);
	machine_store(r.machine, descriptor + 32, 1ULL << 32);
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_POSTED_DESCRIPTOR_RESERVED);
	machine_store(r.machine, descriptor + 32, 0);
	machine_store(r.machine, descriptor + 56, 1ULL << 63);
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_POSTED_DESCRIPTOR_RESERVED);
	EXPECT_EQ(machine_load(r.machine, descriptor + 16), 0);
	EXPECT_EQ(machine_counter(r.machine, "fault_records"), 3);
	machine_destroy(r.machine);
}

TEST(vtd_posted_interrupt, a_descriptor_out_of_reach_is_told)
{
	struct remapper r = remapper_create();
	u64 descriptor = store_posted(&r, false);

	r.machine->fails_at = descriptor & MODEL_PAGE_MASK;
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_POSTED_DESCRIPTOR_ACCESS);
	r.machine->fails_at = 0;
	r.machine->exchange_fails = true;
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_POSTED_DESCRIPTOR_ACCESS);
	/* the vector is there already: ON it is that cannot be set */
	machine_store(r.machine, descriptor + 16, 1 << 3);
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_POSTED_DESCRIPTOR_ACCESS);
	EXPECT_EQ(machine_counter(r.machine, "interrupts_posted"), 0);
	machine_destroy(r.machine);
}

struct descriptor_row {
	const char *name;
	bool unreadable; /* else it has a reserved bit */
	bool fpd; /* in the remapping entry */
	enum vtd_fault fault;
};

static const struct descriptor_row descriptor_rows[] = {
	{ "unreadable", true, false, VTD_FAULT_POSTED_DESCRIPTOR_ACCESS },
	{ "unreadable_with_fpd", true, true, VTD_FAULT_POSTED_DESCRIPTOR_ACCESS },
	{ "reserved", false, false, VTD_FAULT_POSTED_DESCRIPTOR_RESERVED },
	{ "reserved_with_fpd", false, true, VTD_FAULT_POSTED_DESCRIPTOR_RESERVED },
};

TEST_WITH_NAMED_PARAMS(vtd_posted_interrupt,
		       a_wrong_descriptor_is_recorded_by_its_index_unless_the_entry_has_fpd,
		       struct descriptor_row, descriptor_rows, name)
{
	struct remapper r = remapper_create();
	u64 irte[2], record[2], descriptor = posted_entry(&r, irte);

	field_set(irte, "irte-posted", "FPD", param->fpd);
	remapper_store(&r, INDEX, irte);
	if (param->unreadable)
		r.machine->fails_at = descriptor & MODEL_PAGE_MASK;
	else
		machine_store(r.machine, descriptor + 32, 1 << 2);
	EXPECT_EQ(remapper_send(&r, INDEX).fault, (unsigned int)param->fault);
	EXPECT_EQ(machine_counter(r.machine, "faults"), 1);
	EXPECT_EQ(machine_counter(r.machine, "fault_records"), !param->fpd);
	machine_frcd(r.machine, 0, record);
	EXPECT_EQ(field_get(record, "frcd", "F"), !param->fpd);
	if (!param->fpd) {
		EXPECT_EQ(field_get(record, "frcd", "FR"), (unsigned int)param->fault);
		EXPECT_EQ(field_get(record, "frcd", "FI"), (u64)INDEX << 48);
		EXPECT_EQ(field_get(record, "frcd", "SID"), MACHINE_DEVICE);
	}
	machine_destroy(r.machine);
}

/* Software takes the vectors, or is notified by another unit, right before the descriptor is updated. */
static void change_descriptor(struct machine *machine, hpa_t address)
{
	machine->on_exchange = NULL;
	machine_store(machine, address.v, machine_load(machine, address.v) ^ *(u64 *)machine->arg);
}

TEST(vtd_posted_interrupt, a_descriptor_that_changes_meanwhile_loses_nothing)
{
	struct remapper r = remapper_create();
	u64 descriptor = store_posted(&r, false);
	u64 change = 1ULL << 60;

	r.machine->arg = &change;
	r.machine->on_exchange = change_descriptor;
	EXPECT_FALSE(remapper_send(&r, INDEX).silent);
	EXPECT_EQ(machine_load(r.machine, descriptor + 16), 1ULL << 60 | 1 << 3);

	/* ON comes from elsewhere: one notification is enough */
	machine_store(r.machine, descriptor + 32, NOTICE << 16);
	change = 1;
	r.machine->on_exchange = change_descriptor;
	EXPECT_TRUE(remapper_send(&r, INDEX).silent);
	machine_destroy(r.machine);
}

static void change_for_ever(struct machine *machine, hpa_t address)
{
	machine_store(machine, address.v, machine_load(machine, address.v) + (1ULL << 32));
}

TEST(vtd_posted_interrupt, a_descriptor_that_never_stands_still_is_given_up)
{
	struct remapper r = remapper_create();

	store_posted(&r, false);
	r.machine->on_exchange = change_for_ever;
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_POSTED_DESCRIPTOR_ACCESS);
	EXPECT_LE(r.machine->exchanges, 32);
	machine_destroy(r.machine);
}
