/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page requests as a unit takes them (VT-d, 7.4 to 7.8): the queue and its event, what is dropped and how it is answered,
 * faults, and the descriptors by which software answers.
 */
#include <string.h>

#include "gtest_c.h"
#include "vtd_machine.h"

#define FSTS 0x34
#define IQE 0x10u
#define IQERCD 0xb0
#define PQH 0xc0
#define PQT 0xc8
#define PQA 0xd0
#define PRS 0xdc
#define PPR 1u
#define PRO 2u
#define PECTL 0xe0
#define PEDATA 0xe4
#define PEADDR 0xe8
#define MASKED 0x80000000u
#define PENDING 0x40000000u
#define ENTRY 32u /* bytes */
#define PAGE 0x7000ULL

/* --- the machine -------------------------------------------------------------------------- */

static void set_context(struct machine *machine, const char *field, u64 value)
{
	machine_set_context(machine, field, value);
	machine_invalidate_all(machine);
}

/* Page requests enabled, their queue of one page, their event unmasked. */
static struct machine *start(unsigned int pgtt)
{
	const struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, true);

	machine_ready(machine, pgtt);
	set_context(machine, "DTE", 1);
	set_context(machine, "PRE", 1);
	machine_write64(machine, PQA, machine_page(machine));
	machine_write32(machine, PEDATA, 0x4041);
	machine_write32(machine, PEADDR, 0xfee03000);
	machine_write32(machine, PECTL, 0);
	machine->interrupts = 0;
	machine->event_count = 0;
	return machine;
}

static struct page_request page_request(u16 group, bool last)
{
	return (struct page_request){
		.source_id = MACHINE_DEVICE,
		.has_pasid = true,
		.pasid = 1,
		.address = PAGE,
		.read = true,
		.group = group,
		.last = last,
	};
}

static void ask(struct machine *machine, u16 group, bool last)
{
	const struct page_request request = page_request(group, last);

	vtd_page_request(machine->unit, &request);
}

static void load_entry(struct machine *machine, unsigned int n, u64 entry[4])
{
	u64 queue = machine_read64(machine, PQA) & ~0xfffULL;
	unsigned int i;

	for (i = 0; i < 4; i++)
		entry[i] = machine_load(machine, queue + n * ENTRY + i * 8);
}

static u64 entry_field(struct machine *machine, unsigned int n, const char *field)
{
	u64 entry[4];

	load_entry(machine, n, entry);
	return field_get(entry, "page-request", field);
}

/* The reason of the first fault record; 0 if there is none. */
static unsigned int recorded(struct machine *machine, u64 record[2])
{
	machine_frcd(machine, 0, record);
	return field_get(record, "frcd", "F") ? (unsigned int)field_get(record, "frcd", "FR") : 0;
}

/* --- the queue ---------------------------------------------------------------------------- */

TEST(vtd_page_request, goes_into_the_queue_with_all_that_it_says)
{
	struct machine *machine = start(NESTED);
	const struct page_request request = {
		.source_id = MACHINE_DEVICE,
		.has_pasid = true,
		.pasid = 1,
		.address = 0x7f0012345000,
		.read = true,
		.write = true,
		.execute = true,
		.privileged = true,
		.group = 0x1a5,
		.last = true,
		.private_data = { true, { 0x1122334455667788, 0x99aabbccddeeff00 } },
	};
	u64 entry[4];

	vtd_page_request(machine->unit, &request);
	load_entry(machine, 0, entry);
	EXPECT_EQ(field_get(entry, "page-request", "TYPE"), 1);
	EXPECT_EQ(field_get(entry, "page-request", "PP"), 1);
	EXPECT_EQ(field_get(entry, "page-request", "PDP"), 1);
	EXPECT_EQ(field_get(entry, "page-request", "RID"), MACHINE_DEVICE);
	EXPECT_EQ(field_get(entry, "page-request", "PASID"), 1);
	EXPECT_EQ(field_get(entry, "page-request", "EXR"), 1);
	EXPECT_EQ(field_get(entry, "page-request", "PMR"), 1);
	EXPECT_EQ(field_get(entry, "page-request", "RDR"), 1);
	EXPECT_EQ(field_get(entry, "page-request", "WRR"), 1);
	EXPECT_EQ(field_get(entry, "page-request", "LPIG"), 1);
	EXPECT_EQ(field_get(entry, "page-request", "PRGI"), 0x1a5);
	EXPECT_EQ(field_get(entry, "page-request", "ADDR"), 0x7f0012345000);
	EXPECT_EQ(entry[2], 0x1122334455667788);
	EXPECT_EQ(entry[3], 0x99aabbccddeeff00);
	EXPECT_EQ(machine_read64(machine, PQT), ENTRY);
	EXPECT_EQ(machine->response_count, 0);
	EXPECT_EQ(machine_counter(machine, "page_requests"), 1);
	EXPECT_EQ(machine_counter(machine, "pg_req_posted"), 1);
	machine_destroy(machine);
}

TEST(vtd_page_request, says_no_more_than_it_says)
{
	struct machine *machine = start(SECOND_STAGE);
	struct page_request request = page_request(0, false);

	request.has_pasid = false;
	request.pasid = 0xabcde;
	request.private_data.data[0] = 0x77;
	request.private_data.data[1] = 0x88;
	vtd_page_request(machine->unit, &request);
	EXPECT_EQ(entry_field(machine, 0, "PP"), 0);
	EXPECT_EQ(entry_field(machine, 0, "PASID"), 0);
	EXPECT_EQ(entry_field(machine, 0, "PRIVATE_LO"), 0);
	EXPECT_EQ(entry_field(machine, 0, "PRIVATE_HI"), 0);
	EXPECT_EQ(entry_field(machine, 0, "LPIG"), 0);
	EXPECT_EQ(entry_field(machine, 0, "WRR"), 0);
	machine_destroy(machine);
}

/* What a request asks for is software's to judge: ERE and SRE are clear. */
TEST(vtd_page_request, of_any_kind_is_taken)
{
	struct machine *machine = start(FIRST_STAGE);
	struct page_request request = page_request(0, true);

	request.execute = true;
	request.privileged = true;
	vtd_page_request(machine->unit, &request);
	EXPECT_EQ(machine_counter(machine, "pg_req_posted"), 1);
	machine_destroy(machine);
}

TEST(vtd_page_request, queue_goes_round_at_the_end_of_its_pages)
{
	struct machine *machine = start(NESTED);
	unsigned int entries = 256, i;

	machine_write64(machine, PQA, machine_pages(machine, 2) | 1);
	for (i = 0; i < entries + 3; i++) {
		ask(machine, (u16)(i % PRI_GROUPS), true);
		EXPECT_EQ(entry_field(machine, i % entries, "PRGI"), i % PRI_GROUPS);
		machine_write64(machine, PQH, machine_read64(machine, PQT));
	}
	EXPECT_EQ(machine_read64(machine, PQT), 3 * ENTRY);
	EXPECT_EQ(machine_read32(machine, PRS), PPR);
	machine_destroy(machine);
}

TEST(vtd_page_request, offset_beyond_the_queue_is_a_software_error_and_counts_modulo_its_size)
{
	struct machine *machine = start(NESTED);

	machine_write64(machine, PQH, 0x7ffe0);
	EXPECT_EQ(machine_counter(machine, "software_errors"), 1);
	machine_write64(machine, PQT, 4096 + ENTRY);
	EXPECT_EQ(machine_counter(machine, "software_errors"), 2);
	EXPECT_EQ(machine_read64(machine, PQT), 4096 + ENTRY);
	ask(machine, 7, true);
	EXPECT_EQ(entry_field(machine, 1, "PRGI"), 7);
	EXPECT_EQ(machine_read64(machine, PQT), 2 * ENTRY);
	machine_destroy(machine);
}

static void ask_meanwhile(struct machine *machine, hpa_t address)
{
	(void)address;
	machine->on_write = NULL;
	ask(machine, 2, true);
	/* its descriptor is there, but not that of the one before */
	EXPECT_EQ(entry_field(machine, 1, "PRGI"), 2);
	EXPECT_EQ(machine_read64(machine, PQT), 0);
	EXPECT_EQ(machine->interrupts, 0);
}

TEST(vtd_page_request, tail_tells_of_no_descriptor_that_memory_does_not_have)
{
	struct machine *machine = start(NESTED);

	machine->on_write = ask_meanwhile;
	ask(machine, 1, true);
	EXPECT_EQ(entry_field(machine, 0, "PRGI"), 1);
	EXPECT_EQ(machine_read64(machine, PQT), 2 * ENTRY);
	EXPECT_EQ(machine->interrupts, 1);
	machine_destroy(machine);
}

TEST(vtd_page_request, without_memory_for_it_is_a_software_error)
{
	struct machine *machine = start(NESTED);

	machine->fails_at = machine_read64(machine, PQA) & ~0xfffULL;
	ask(machine, 1, true);
	EXPECT_EQ(machine_read64(machine, PQT), ENTRY);
	EXPECT_EQ(machine_event_total(machine, PORT_EVENT_SOFTWARE_ERROR), 1);
	machine_destroy(machine);
}

/* --- status and event --------------------------------------------------------------------- */

TEST(vtd_page_request, event_comes_once_until_software_has_served_it)
{
	struct machine *machine = start(NESTED);

	ask(machine, 1, true);
	EXPECT_EQ(machine->interrupts, 1);
	EXPECT_EQ(machine->interrupt_address, 0xfee03000);
	EXPECT_EQ(machine->interrupt_data, 0x4041);
	EXPECT_EQ(machine_read32(machine, PRS), PPR);
	EXPECT_EQ(machine_read32(machine, PECTL), 0);
	ask(machine, 2, true);
	EXPECT_EQ(machine->interrupts, 1);
	machine_write32(machine, PRS, PPR);
	EXPECT_EQ(machine_read32(machine, PRS), 0);
	ask(machine, 3, true);
	EXPECT_EQ(machine->interrupts, 2);
	machine_destroy(machine);
}

TEST(vtd_page_request, event_that_is_masked_waits)
{
	struct machine *machine = start(NESTED);

	machine_write32(machine, PECTL, MASKED);
	ask(machine, 1, true);
	EXPECT_EQ(machine->interrupts, 0);
	EXPECT_EQ(machine_read32(machine, PECTL), MASKED | PENDING);
	machine_write32(machine, PECTL, 0);
	EXPECT_EQ(machine->interrupts, 1);
	EXPECT_EQ(machine_read32(machine, PECTL), 0);
	machine_destroy(machine);
}

TEST(vtd_page_request, event_that_was_served_does_not_come)
{
	struct machine *machine = start(NESTED);

	machine_write32(machine, PECTL, MASKED);
	ask(machine, 1, true);
	machine_write64(machine, PQH, 2 * ENTRY);
	ask(machine, 2, true);
	EXPECT_EQ(machine_read32(machine, PRS), PPR | PRO);
	machine_write32(machine, PRS, PPR);
	EXPECT_EQ(machine_read32(machine, PECTL), MASKED | PENDING);
	machine_write32(machine, PRS, PRO);
	EXPECT_EQ(machine_read32(machine, PECTL), MASKED);
	machine_write32(machine, PECTL, 0);
	EXPECT_EQ(machine->interrupts, 0);
	machine_destroy(machine);
}

TEST(vtd_page_request, event_is_masked_after_reset_where_there_is_one)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, true);

	EXPECT_EQ(machine_read32(machine, PECTL), MASKED);
	machine_destroy(machine);
	config.ecap = with_field(MACHINE_ECAP, "ecap", "PRS", 0);
	machine = machine_create(&config, true);
	EXPECT_EQ(machine_read32(machine, PECTL), 0);
	EXPECT_EQ(machine_event_total(machine, PORT_EVENT_SOFTWARE_ERROR), 1);
	machine_destroy(machine);
}

/* --- overflow ----------------------------------------------------------------------------- */

TEST(vtd_page_request, that_finds_the_queue_full_is_dropped_and_its_group_told_to_try_again)
{
	struct machine *machine = start(NESTED);

	machine_write64(machine, PQH, ENTRY);
	ask(machine, 4, false);
	EXPECT_EQ(machine->response_count, 0);
	EXPECT_EQ(machine_read32(machine, PRS), PRO);
	EXPECT_EQ(machine->interrupts, 1);
	ask(machine, 4, true);
	EXPECT_EQ(machine->interrupts, 1);
	ASSERT_EQ(machine->response_count, 1);
	EXPECT_EQ(machine->responses[0].code, PRI_SUCCESS);
	EXPECT_EQ(machine->responses[0].group, 4);
	EXPECT_EQ(machine->responses[0].source_id, MACHINE_DEVICE);
	EXPECT_TRUE(machine->responses[0].has_pasid);
	EXPECT_EQ(machine->responses[0].pasid, 1);
	EXPECT_TRUE(machine->responses[0].last);
	EXPECT_EQ(machine_read64(machine, PQT), 0);
	EXPECT_EQ(machine_counter(machine, "page_requests_dropped"), 2);
	EXPECT_EQ(machine_counter(machine, "automatic_responses"), 1);
	EXPECT_EQ(machine_counter(machine, "faults"), 0);
	machine_destroy(machine);
}

TEST(vtd_page_request, is_dropped_for_as_long_as_the_overflow_is_not_cleared)
{
	struct machine *machine = start(NESTED);

	machine_write64(machine, PQH, ENTRY);
	ask(machine, 1, true);
	machine_write64(machine, PQH, 0);
	ask(machine, 2, true);
	EXPECT_EQ(machine_counter(machine, "page_requests_dropped"), 2);
	EXPECT_EQ(machine->response_count, 2);
	machine_write32(machine, PRS, PRO);
	ask(machine, 3, true);
	EXPECT_EQ(machine_counter(machine, "pg_req_posted"), 1);
	EXPECT_EQ(entry_field(machine, 0, "PRGI"), 3);
	EXPECT_EQ(machine->interrupts, 2);
	machine_destroy(machine);
}

TEST(vtd_page_request, with_private_data_is_answered_by_itself)
{
	struct machine *machine = start(NESTED);
	struct page_request request = page_request(4, false);

	request.private_data = (struct pri_private_data){ true, { 1, 2 } };
	machine_write64(machine, PQH, ENTRY);
	vtd_page_request(machine->unit, &request);
	ASSERT_EQ(machine->response_count, 1);
	EXPECT_FALSE(machine->responses[0].last);
	EXPECT_TRUE(machine->responses[0].private_data.present);
	EXPECT_EQ(machine->responses[0].private_data.data[1], 2);
	machine_destroy(machine);
}

/* --- faults (which there are: vtd_catalogue_entries_test.c) ---------------------------------------- */

TEST(vtd_page_request, that_is_not_the_last_of_its_group_is_not_answered_whatever_is_wrong)
{
	struct machine *machine = start(NESTED);
	u64 record[2];

	set_context(machine, "PRE", 0);
	ask(machine, 1, false);
	EXPECT_EQ(recorded(machine, record), VTD_FAULT_SM_PRE_CLEAR);
	EXPECT_EQ(machine->response_count, 0);
	machine_destroy(machine);
}

TEST(vtd_page_request, that_faults_is_answered_to_its_function_and_group_whatever_their_bits)
{
	struct machine *machine = start(NESTED);
	struct page_request request = page_request(0x1a5, true);
	u64 record[2];

	request.source_id = 0x3a57;
	request.pasid = 0xabcde;
	vtd_page_request(machine->unit, &request);
	EXPECT_EQ(recorded(machine, record), VTD_FAULT_SM_CONTEXT_NOT_PRESENT);
	EXPECT_EQ(field_get(record, "frcd", "SID"), 0x3a57);
	EXPECT_EQ(field_get(record, "frcd", "PV"), 0xabcde);
	ASSERT_EQ(machine->response_count, 1);
	EXPECT_EQ(machine->responses[0].source_id, 0x3a57);
	EXPECT_EQ(machine->responses[0].pasid, 0xabcde);
	EXPECT_EQ(machine->responses[0].group, 0x1a5);
	machine_destroy(machine);
}

TEST(vtd_page_request, without_pasid_is_taken_whether_or_not_pasids_are_enabled)
{
	struct machine *machine = start(NESTED);
	struct page_request request = page_request(1, true);

	request.has_pasid = false;
	set_context(machine, "PASIDE", 0);
	vtd_page_request(machine->unit, &request);
	EXPECT_EQ(machine->response_count, 0);
	EXPECT_EQ(machine_read64(machine, PQT), ENTRY);
	machine_destroy(machine);
}

TEST(vtd_page_request, of_a_silenced_context_is_answered_without_a_record)
{
	struct machine *machine = start(NESTED);
	u64 record[2];

	set_context(machine, "PRE", 0);
	set_context(machine, "FPD", 1);
	ask(machine, 1, true);
	EXPECT_EQ(recorded(machine, record), 0);
	EXPECT_EQ(machine->response_count, 1);
	machine_destroy(machine);
}

TEST(vtd_page_request, to_write_says_so_nowhere_but_in_the_queue)
{
	struct machine *machine = start(NESTED);
	struct page_request request = page_request(0, true);
	u64 record[2];

	request.read = false;
	request.write = true;
	vtd_page_request(machine->unit, &request);
	EXPECT_EQ(entry_field(machine, 0, "WRR"), 1);
	set_context(machine, "PRE", 0);
	vtd_page_request(machine->unit, &request);
	recorded(machine, record);
	EXPECT_EQ(field_get(record, "frcd", "T1"), 0);
	EXPECT_EQ(field_get(record, "frcd", "T2"), 1);
	machine_destroy(machine);
}

struct told_row {
	const char *name;
	bool has_pasid, write, execute, privileged;
};

static const struct told_row told_rows[] = {
	{ "read", true, false, false, false },
	{ "execute", true, false, true, false },
	{ "execute_and_write", true, true, true, false },
	{ "supervisor", true, true, false, true },
	{ "supervisor_execute", true, false, true, true },
	{ "nothing_without_pasid", false, false, true, true },
};

TEST_WITH_NAMED_PARAMS(vtd_page_request, that_faults_is_recorded_with_what_its_prefix_asks_for,
		       struct told_row, told_rows, name)
{
	struct machine *machine = start(NESTED);
	struct page_request request = page_request(0, true);
	u64 record[2];

	request.has_pasid = param->has_pasid;
	request.write = param->write;
	request.execute = param->execute;
	request.privileged = param->privileged;
	set_context(machine, "PRE", 0);
	vtd_page_request(machine->unit, &request);
	EXPECT_EQ(recorded(machine, record), VTD_FAULT_SM_PRE_CLEAR);
	EXPECT_EQ(field_get(record, "frcd", "PP"), param->has_pasid);
	EXPECT_EQ(field_get(record, "frcd", "EXE"), param->has_pasid && param->execute);
	EXPECT_EQ(field_get(record, "frcd", "PRIV"), param->has_pasid && param->privileged);
	EXPECT_EQ(field_get(record, "frcd", "T1"), 0);
	EXPECT_EQ(field_get(record, "frcd", "T2"), 1);
	machine_destroy(machine);
}

TEST(vtd_page_request, with_private_data_that_faults_is_answered_by_itself_with_them)
{
	unsigned int last;

	for (last = 0; last < 2; last++) {
		struct machine *machine = start(NESTED);
		struct page_request request = page_request(9, last);
		u64 record[2];

		request.private_data = (struct pri_private_data){ true, { 0x11, 0x22 } };
		set_context(machine, "PRE", 0);
		vtd_page_request(machine->unit, &request);
		EXPECT_EQ(recorded(machine, record), VTD_FAULT_SM_PRE_CLEAR);
		ASSERT_EQ(machine->response_count, 1);
		EXPECT_EQ(machine->responses[0].code, PRI_INVALID_REQUEST);
		EXPECT_EQ(machine->responses[0].group, 9);
		EXPECT_EQ(machine->responses[0].last, last);
		EXPECT_TRUE(machine->responses[0].private_data.present);
		EXPECT_EQ(machine->responses[0].private_data.data[0], 0x11);
		EXPECT_EQ(machine->responses[0].private_data.data[1], 0x22);
		EXPECT_EQ(machine_read64(machine, PQT), 0);
		machine_destroy(machine);
	}
}

TEST(vtd_page_request, is_lost_where_nothing_is_translated)
{
	struct machine *machine = start(NESTED);

	machine_command(machine, 31, false);
	ask(machine, 1, true);
	EXPECT_EQ(machine->response_count, 0);
	EXPECT_EQ(machine_read64(machine, PQT), 0);
	EXPECT_EQ(machine_counter(machine, "faults"), 0);
	machine_destroy(machine);
}

TEST(vtd_page_request, is_lost_in_a_unit_that_has_none)
{
	const struct vtd_config config =
		machine_config_with(MACHINE_CAP, with_field(MACHINE_ECAP, "ecap", "PRS", 0));
	struct machine *machine = machine_create(&config, false);

	machine_ready(machine, NESTED);
	ask(machine, 1, true);
	EXPECT_EQ(machine->response_count, 0);
	EXPECT_EQ(machine_counter(machine, "page_requests"), 1);
	EXPECT_EQ(machine_counter(machine, "pg_req_posted"), 0);
	machine_destroy(machine);
}

TEST(vtd_page_request, may_come_where_nobody_looks_and_nobody_can_be_answered)
{
	static const struct port_ops none;
	const struct port port = { .ops = &none };
	const struct page_group_response response = { .group = 1 };
	const struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);

	machine_ready(machine, NESTED);
	ask(machine, 1, true);
	EXPECT_EQ(machine->response_count, 1);
	port_respond_page_group(&port, &response);
	machine_destroy(machine);
}

/* --- implicit invalidation (6.5.3.1) ------------------------------------------------------ */

TEST(vtd_page_request, removes_what_the_unit_holds_of_a_page_by_both_stages)
{
	struct machine *machine = start(NESTED);
	u64 leaf;

	machine_map_second(machine, 0x9000, 0x200000000, 4 * KIB, SS_R | SS_W);
	/* a write need not walk to set D, so that the IOTLB decides */
	machine_map_first(machine, PAGE, 0x9000, 4 * KIB, FS_P | FS_U | FS_A | FS_D);
	EXPECT_EQ(machine_read(machine, 1, PAGE).fault, 0);
	leaf = machine_first_entry(machine, PAGE, 1);
	machine_store(machine, leaf, machine_load(machine, leaf) | FS_W);
	EXPECT_NE(machine_write(machine, 1, PAGE).fault, 0);
	ask(machine, 1, true);
	EXPECT_EQ(machine_write(machine, 1, PAGE).fault, 0);
	machine_destroy(machine);
}

TEST(vtd_page_request, removes_what_the_unit_holds_of_a_page_by_the_second_stage)
{
	struct machine *machine = start(SECOND_STAGE);
	struct page_request request = page_request(1, true);
	u64 leaf;

	request.has_pasid = false;
	machine_map_second(machine, PAGE, 0x200000000, 4 * KIB, SS_R);
	EXPECT_EQ(machine_rid_read(machine, PAGE).fault, 0);
	leaf = machine_second_entry(machine, PAGE, 1);
	machine_store(machine, leaf, machine_load(machine, leaf) | SS_W);
	EXPECT_NE(machine_rid_write(machine, PAGE).fault, 0);
	vtd_page_request(machine->unit, &request);
	EXPECT_EQ(machine_rid_write(machine, PAGE).fault, 0);
	machine_destroy(machine);
}

TEST(vtd_page_request, removes_nothing_where_requests_pass_through)
{
	struct machine *machine = start(PASS_THROUGH);
	u64 invalidations = machine_counter(machine, "invalidations");

	ask(machine, 1, true);
	EXPECT_EQ(machine_counter(machine, "pg_req_posted"), 1);
	EXPECT_EQ(machine_counter(machine, "invalidations"), invalidations);
	machine_destroy(machine);
}

/* --- answers by software ------------------------------------------------------------------ */

static void make_response(u64 d[4], unsigned int code)
{
	memset(d, 0, 4 * sizeof(*d));
	field_set(d, "page-group-response", "TYPE", 9);
	field_set(d, "page-group-response", "PP", 1);
	field_set(d, "page-group-response", "SID", MACHINE_DEVICE);
	field_set(d, "page-group-response", "PASID", 1);
	field_set(d, "page-group-response", "PRGI", 0x1a5);
	field_set(d, "page-group-response", "LPIG", 1);
	field_set(d, "page-group-response", "RC", code);
}

TEST(vtd_page_request, answer_of_software_goes_to_the_function)
{
	struct machine *machine = start(NESTED);
	u64 d[4];

	make_response(d, PRI_RESPONSE_FAILURE);
	field_set(d, "page-group-response", "PDP", 1);
	d[2] = 0x77;
	d[3] = 0x88;
	machine_submit(machine, d);
	ASSERT_EQ(machine->response_count, 1);
	EXPECT_EQ(machine->responses[0].source_id, MACHINE_DEVICE);
	EXPECT_TRUE(machine->responses[0].has_pasid);
	EXPECT_EQ(machine->responses[0].pasid, 1);
	EXPECT_EQ(machine->responses[0].group, 0x1a5);
	EXPECT_EQ(machine->responses[0].code, PRI_RESPONSE_FAILURE);
	EXPECT_TRUE(machine->responses[0].last);
	EXPECT_TRUE(machine->responses[0].private_data.present);
	EXPECT_EQ(machine->responses[0].private_data.data[0], 0x77);
	EXPECT_EQ(machine->responses[0].private_data.data[1], 0x88);
	EXPECT_EQ(machine_counter(machine, "page_group_responses"), 1);
	EXPECT_EQ(machine_event_total(machine, PORT_EVENT_SOFTWARE_ERROR), 0);
	machine_destroy(machine);
}

TEST(vtd_page_request, answer_with_a_code_that_is_not_used_is_a_software_error)
{
	struct machine *machine = start(NESTED);
	u64 d[4];

	make_response(d, 2);
	machine_submit(machine, d);
	EXPECT_EQ(machine_event_total(machine, PORT_EVENT_SOFTWARE_ERROR), 1);
	EXPECT_EQ(machine->responses[0].code, 2);
	make_response(d, PRI_SUCCESS);
	machine_submit(machine, d);
	EXPECT_EQ(machine_event_total(machine, PORT_EVENT_SOFTWARE_ERROR), 1);
	machine_destroy(machine);
}

static unsigned int queue_error(struct machine *machine)
{
	return machine_read32(machine, FSTS) & IQE ? machine_read32(machine, IQERCD) & 0xf : 0;
}

TEST(vtd_page_request, answer_with_a_reserved_bit_stops_the_queue)
{
	struct machine *machine = start(NESTED);
	u64 d[4];

	make_response(d, PRI_SUCCESS);
	d[1] |= 1ULL << 12;
	machine_submit(machine, d);
	EXPECT_EQ(queue_error(machine), 4);
	EXPECT_EQ(machine->response_count, 0);
	machine_destroy(machine);
}

TEST(vtd_page_request, answer_is_unknown_in_legacy_mode)
{
	struct machine *machine = start(NESTED);
	u64 d[4];

	machine_root_pointer(machine, machine->root_table, MODE_LEGACY);
	make_response(d, PRI_SUCCESS);
	machine_submit(machine, d);
	EXPECT_EQ(queue_error(machine), 3);
	machine_destroy(machine);
}

TEST(vtd_page_request, answer_is_unknown_without_page_requests)
{
	const struct vtd_config config =
		machine_config_with(MACHINE_CAP, with_field(MACHINE_ECAP, "ecap", "PRS", 0));
	struct machine *machine = machine_create(&config, true);
	u64 d[4];

	machine_ready(machine, NESTED);
	make_response(d, PRI_SUCCESS);
	machine_submit(machine, d);
	EXPECT_EQ(queue_error(machine), 3);
	machine_destroy(machine);
}

/* --- draining ----------------------------------------------------------------------------- */

static void submit_wait(struct machine *machine, bool drain)
{
	u64 d[4] = { 0 };

	field_set(d, "wait", "TYPE", 5);
	field_set(d, "wait", "PD", drain);
	machine_submit(machine, d);
}

TEST(vtd_page_request, is_in_the_queue_when_a_wait_that_drains_has_ended)
{
	struct machine *machine = start(NESTED);
	unsigned int drains = machine->drains;

	submit_wait(machine, false);
	EXPECT_EQ(machine->drains, drains);
	submit_wait(machine, true);
	EXPECT_EQ(machine->drains, drains + 1);
	EXPECT_EQ(queue_error(machine), 0);
	machine_destroy(machine);
}

TEST(vtd_page_request, wait_cannot_drain_without_the_capability)
{
	const struct vtd_config config =
		machine_config_with(MACHINE_CAP, with_field(MACHINE_ECAP, "ecap", "PDS", 0));
	struct machine *machine = machine_create(&config, true);

	machine_ready(machine, NESTED);
	submit_wait(machine, true);
	EXPECT_EQ(queue_error(machine), 4);
	machine_destroy(machine);
}

/* --- observers ---------------------------------------------------------------------------- */

static const char *detail_of(struct machine *machine, enum port_event_kind kind, const char *what)
{
	const struct port_event *event = machine_event(machine, kind, what);

	return event && event->detail ? event->detail : "none";
}

TEST(vtd_page_request, is_shown_with_what_became_of_it)
{
	struct machine *machine = start(NESTED);
	struct page_request request = page_request(3, true);

	request.write = true;
	request.execute = true;
	request.privileged = true;
	request.private_data.present = true;
	vtd_page_request(machine->unit, &request);
	EXPECT_STREQ(
		detail_of(machine, PORT_EVENT_PAGE_REQUEST, "page request"),
		"page 0x7000, group 3 (last), PASID 0x1, to read write execute privileged, with private data");
	machine->event_count = 0;
	machine_write64(machine, PQH, 2 * ENTRY);
	request = page_request(4, true);
	request.has_pasid = false;
	vtd_page_request(machine->unit, &request);
	EXPECT_STREQ(detail_of(machine, PORT_EVENT_PAGE_REQUEST, "page request queue overflow"),
		     "page 0x7000, group 4 (last), no PASID, to read");
	EXPECT_STREQ(detail_of(machine, PORT_EVENT_PAGE_RESPONSE, "automatic response"),
		     "group 4, no PASID: success");
	machine_destroy(machine);
}

struct code_row {
	const char *name;
	unsigned int code;
	const char *text;
};

static const struct code_row code_rows[] = {
	{ "success", PRI_SUCCESS, "group 421, PASID 0x1: success" },
	{ "invalid_request", PRI_INVALID_REQUEST, "group 421, PASID 0x1: invalid request" },
	{ "failure", PRI_RESPONSE_FAILURE, "group 421, PASID 0x1: response failure" },
};

TEST_WITH_NAMED_PARAMS(vtd_page_request, answer_is_shown, struct code_row, code_rows, name)
{
	struct machine *machine = start(NESTED);
	u64 d[4];

	make_response(d, param->code);
	machine_submit(machine, d);
	EXPECT_STREQ(detail_of(machine, PORT_EVENT_PAGE_RESPONSE, "response"), param->text);
	machine_destroy(machine);
}
