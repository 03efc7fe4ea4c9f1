/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Posted interrupts: vectors set in memory by compare and exchange, and notifications.
 */
#include "vtd_remapper.h"

#include "gtest_c.h"

/* A descriptor that notifies destination 7, and an entry that posts there. */
static u64 store_posted(const struct remapper *r, bool urgent)
{
	u64 irte[2];
	u64 descriptor = remapper_posted_entry(r, irte);

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
	EXPECT_EQ(result.data, 0x4000 | REMAPPER_NOTICE);
	EXPECT_EQ(result.table_reads, 2);
	EXPECT_EQ(machine_load(r.machine, descriptor + 16), 1 << 3);
	EXPECT_EQ(machine_load(r.machine, descriptor + 32), 1 | REMAPPER_NOTICE << 16 | 7ULL << 40);
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

		machine_store(r.machine, descriptor + 32, 2 | REMAPPER_NOTICE << 16);
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
	u64 descriptor = remapper_posted_entry(&r, irte);

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

TEST(vtd_posted_interrupt, every_bit_of_the_descriptor_that_has_no_name_is_reserved)
{
	/* ON, SN, NV, and of NDST what xAPIC mode has */
	const u64 named = 1 | 2 | 0xff << 16 | 0xffULL << 40;
	struct remapper r = remapper_create();
	u64 descriptor = store_posted(&r, false);
	unsigned int bit;

	for (bit = 256; bit < 512; bit++) {
		u64 quadword = descriptor + bit / 64 * 8;
		bool known = bit < 320 && named >> bit % 64 & 1;

		SCOPED_NOTE("bit %u", bit);
		machine_store(r.machine, quadword, 1ULL << bit % 64);
		EXPECT_EQ(remapper_send(&r, INDEX).fault,
			  known ? VTD_FAULT_NONE : VTD_FAULT_POSTED_DESCRIPTOR_RESERVED);
		machine_store(r.machine, quadword, 0);
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
	machine_store(r.machine, descriptor + 32, REMAPPER_NOTICE << 16);
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
