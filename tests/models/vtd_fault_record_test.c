/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fault recording: where records go, what happens when they run out, and the fault event interrupt.
 */
#include "gtest_c.h"
#include "vtd_machine.h"

#define FSTS 0x34
#define FECTL 0x38
#define PFO 0x1u
#define PPF 0x2u
#define IQE 0x10u
#define MASKED 0x80000000u
#define PENDING 0x40000000u
#define RECORDS 8

static struct machine *faulting_machine(void)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);

	machine_ready(machine, SECOND_STAGE);
	machine_write32(machine, 0x3c, 0xabcd);
	machine_write32(machine, 0x40, 0xfee01000);
	machine_write32(machine, 0x44, 0x12);
	return machine;
}

static void fault_at(struct machine *machine, u64 address)
{
	EXPECT_EQ(machine_read(machine, 1, address).fault, VTD_FAULT_SM_SECOND_STAGE_PERMISSION);
}

/* As drivers do it: the F bit by a 32-bit write of the topmost part. */
static void clear_record(struct machine *machine, unsigned int n)
{
	machine_write32(machine, machine_frcd_offset(machine, n) + 12, 0x80000000);
}

static bool record_pending(struct machine *machine, unsigned int n)
{
	return machine_read32(machine, machine_frcd_offset(machine, n) + 12) >> 31;
}

static unsigned int fri(struct machine *machine)
{
	return machine_read32(machine, FSTS) >> 8 & 0xff;
}

TEST(vtd_fault_record, records_are_used_in_turn_and_fri_names_the_first)
{
	struct machine *machine = faulting_machine();
	u64 record[2];

	fault_at(machine, 0x1000);
	fault_at(machine, 0x2fff);
	EXPECT_EQ(machine_read32(machine, FSTS) & (PFO | PPF), PPF);
	EXPECT_EQ(fri(machine), 0);
	machine_frcd(machine, 1, record);
	EXPECT_EQ(field_get(record, "frcd", "FI"), 0x2000);

	clear_record(machine, 0);
	EXPECT_EQ(machine_read32(machine, FSTS) & PPF, PPF);
	clear_record(machine, 1);
	EXPECT_EQ(machine_read32(machine, FSTS) & PPF, 0);

	fault_at(machine, 0x3000);
	EXPECT_EQ(fri(machine), 2);
	EXPECT_TRUE(record_pending(machine, 2));
	machine_destroy(machine);
}

TEST(vtd_fault_record, tells_all_bits_of_source_id_and_pasid)
{
	struct translation_request request = dma_with_pasid(ACCESS_READ, 0x1000, 0xabcde);
	struct machine *machine = faulting_machine();
	u64 record[2];

	request.source_id = 0x3a57;
	EXPECT_EQ(machine_dma(machine, &request).fault, VTD_FAULT_SM_CONTEXT_NOT_PRESENT);
	machine_frcd(machine, 0, record);
	EXPECT_EQ(field_get(record, "frcd", "SID"), 0x3a57);
	EXPECT_EQ(field_get(record, "frcd", "PV"), 0xabcde);
	machine_destroy(machine);
}

TEST(vtd_fault_record, address_ends_at_the_widest_second_stage)
{
	static const struct {
		unsigned int sagaw, bits;
	} widths[] = { { 2, 39 }, { 6, 48 }, { 0xe, 57 } };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		struct vtd_config config = machine_config();
		struct machine *machine;
		u64 record[2];

		config.cap = with_field(config.cap, "cap", "SAGAW", widths[i].sagaw);
		machine = machine_create(&config, false);
		machine_start(machine, MODE_SCALABLE);
		machine_store(machine, machine_context_address(machine), 0);
		machine_read(machine, 1, ~0ULL);
		machine_frcd(machine, 0, record);
		EXPECT_EQ(record[0], (1ULL << widths[i].bits) - 0x1000);
		machine_destroy(machine);
	}
}

TEST(vtd_fault_record, a_unit_without_pasids_has_no_fields_for_them)
{
	struct vtd_config config = machine_config();
	struct translation_request request = dma_with_pasid(ACCESS_EXECUTE, 0x1000, 1);
	struct machine *machine;
	u64 record[2];

	config.ecap = with_field(config.ecap, "ecap", "PASID", 0);
	machine = machine_create(&config, false);
	machine_ready(machine, SECOND_STAGE);
	request.privileged = true;
	EXPECT_EQ(machine_dma(machine, &request).fault, VTD_FAULT_SM_PASIDE_CLEAR);
	machine_frcd(machine, 0, record);
	EXPECT_EQ(field_get(record, "frcd", "F"), 1);
	EXPECT_EQ(field_get(record, "frcd", "PP"), 0);
	EXPECT_EQ(field_get(record, "frcd", "PV"), 0);
	EXPECT_EQ(field_get(record, "frcd", "EXE"), 0);
	EXPECT_EQ(field_get(record, "frcd", "PRIV"), 0);
	machine_destroy(machine);
}

TEST(vtd_fault_record, overflow_drops_faults_until_it_is_cleared)
{
	struct machine *machine = faulting_machine();
	unsigned int i;

	for (i = 0; i < RECORDS; i++)
		fault_at(machine, 0x1000);
	EXPECT_EQ(machine_read32(machine, FSTS) & (PFO | PPF), PPF);
	fault_at(machine, 0x1000);
	EXPECT_EQ(machine_read32(machine, FSTS) & (PFO | PPF), PFO | PPF);
	EXPECT_EQ(machine_counter(machine, "fault_overflows"), 1);

	/* there is room again, but PFO still stands */
	for (i = 0; i < RECORDS; i++)
		clear_record(machine, i);
	fault_at(machine, 0x1000);
	EXPECT_FALSE(record_pending(machine, 0));
	EXPECT_EQ(machine_counter(machine, "fault_overflows"), 2);

	machine_write32(machine, FSTS, PFO);
	EXPECT_EQ(machine_read32(machine, FSTS) & (PFO | PPF), 0);
	fault_at(machine, 0x1000);
	EXPECT_TRUE(record_pending(machine, 0));
	machine_destroy(machine);
}

TEST(vtd_fault_record, ppf_cannot_be_cleared_but_by_the_records)
{
	struct machine *machine = faulting_machine();

	fault_at(machine, 0x1000);
	machine_write32(machine, FSTS, PFO | PPF);
	EXPECT_EQ(machine_read32(machine, FSTS) & PPF, PPF);
	/* a record is cleared by writing 1, not 0 */
	machine_write64(machine, machine_frcd_offset(machine, 0) + 8, 0);
	EXPECT_TRUE(record_pending(machine, 0));
	machine_write64(machine, machine_frcd_offset(machine, 0) + 8, 1ULL << 63);
	EXPECT_EQ(machine_read32(machine, FSTS) & PPF, 0);
	machine_destroy(machine);
}

TEST(vtd_fault_record, the_event_is_held_back_while_masked)
{
	struct machine *machine = faulting_machine();

	EXPECT_EQ(machine_read32(machine, FECTL), MASKED);
	fault_at(machine, 0x1000);
	EXPECT_EQ(machine->interrupts, 0);
	EXPECT_EQ(machine_read32(machine, FECTL), MASKED | PENDING);
	machine_write32(machine, FECTL, 0);
	EXPECT_EQ(machine->interrupts, 1);
	EXPECT_EQ(machine->interrupt_address, 0x12fee01000);
	EXPECT_EQ(machine->interrupt_data, 0xabcd);
	EXPECT_EQ(machine_counter(machine, "interrupts"), 1);
	EXPECT_EQ(machine_read32(machine, FECTL), 0);
	machine_destroy(machine);
}

TEST(vtd_fault_record, serving_all_faults_withdraws_a_pending_event)
{
	struct machine *machine = faulting_machine();

	fault_at(machine, 0x1000);
	clear_record(machine, 0);
	EXPECT_EQ(machine_read32(machine, FECTL), MASKED);
	machine_write32(machine, FECTL, 0);
	EXPECT_EQ(machine->interrupts, 0);
	machine_destroy(machine);
}

TEST(vtd_fault_record, serving_the_last_queue_error_withdraws_a_pending_event)
{
	const u64 unknown[4] = { 0xf };
	struct machine *machine = faulting_machine();

	machine_submit(machine, unknown);
	EXPECT_EQ(machine_read32(machine, FSTS) & IQE, IQE);
	EXPECT_EQ(machine_read32(machine, FECTL), MASKED | PENDING);
	machine_command(machine, 26, false); /* QIE: the descriptor is not tried again */
	machine_write32(machine, FSTS, IQE);
	EXPECT_EQ(machine_read32(machine, FECTL), MASKED);
	machine_write32(machine, FECTL, 0);
	EXPECT_EQ(machine->interrupts, 0);
	machine_destroy(machine);
}

TEST(vtd_fault_record, one_event_until_software_has_served_the_last)
{
	struct machine *machine = faulting_machine();

	machine_write32(machine, FECTL, 0);
	fault_at(machine, 0x1000);
	fault_at(machine, 0x2000);
	EXPECT_EQ(machine->interrupts, 1);
	clear_record(machine, 0);
	fault_at(machine, 0x3000);
	EXPECT_EQ(machine->interrupts, 1);
	clear_record(machine, 1);
	clear_record(machine, 2);
	fault_at(machine, 0x4000);
	EXPECT_EQ(machine->interrupts, 2);
	machine_destroy(machine);
}
