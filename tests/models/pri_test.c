/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Page Request Interface of a function (PCI Express 6.x, 10.4 and 10.5.2), above a real VT-d unit: what DMA asks for
 * and when it goes on, groups, what may be outstanding, and responses of every kind.
 */
#include <string.h>

#include "ats_rig.h"
#include "gtest_c.h"

#define PRI_CONTROL 0x124
#define PRI_STATUS 0x126
#define PRI_ALLOCATION 0x12c
#define ENABLE 1u
#define RESET 2u
#define FAILURE (1u << 0) /* of the status */
#define UNEXPECTED (1u << 1)
#define STOPPED (1u << 8)
#define PASID_IN_RESPONSES (1u << 15)
#define PQH 0xc0
#define PQT 0xc8
#define COMMAND 0x04
#define PASID_CONTROL 0x106

#define INPUT 0x7000ULL

static void create(struct ats_rig *rig)
{
	ats_rig_create(rig, NESTED);
	ats_rig_enable_pri(rig, 32);
}

static void map(struct ats_rig *rig, u64 bits)
{
	machine_map_second(rig->machine, 0x9000, PLACE, 4 * KIB, SS_R | SS_W);
	machine_map_first(rig->machine, INPUT, 0x9000, 4 * KIB, FS_P | FS_U | bits);
	machine_store(rig->machine, PLACE, DATA);
}

static u32 status_of(struct ats_rig *rig)
{
	return pcie_config_read(rig->function, PRI_STATUS, 2);
}

static void respond(struct ats_rig *rig, u16 group, unsigned int code)
{
	const struct page_group_response response = {
		.source_id = MACHINE_DEVICE,
		.has_pasid = true,
		.pasid = 1,
		.group = group,
		.code = code,
		.last = true,
	};

	pcie_page_group_response(rig->function, &response);
}

static enum dma_status dma(struct ats_rig *rig, enum access access)
{
	return ats_rig_dma(rig, access, INPUT, 1).status;
}

static struct page_request request_of(u16 group, bool last)
{
	return (struct page_request){
		.has_pasid = true,
		.pasid = 1,
		.address = INPUT,
		.read = true,
		.group = group,
		.last = last,
	};
}

static enum pri_status ask(struct ats_rig *rig, u16 group, bool last)
{
	const struct page_request request = request_of(group, last);

	return pcie_page_request(rig->function, &request);
}

/* --- DMA ---------------------------------------------------------------------------------- */

TEST(pri_function, dma_asks_for_a_page_and_goes_on_when_it_is_there)
{
	struct ats_rig rig;

	create(&rig);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REQUESTED);
	EXPECT_EQ(rig.asked_count, 1);
	EXPECT_EQ(rig.asked.source_id, MACHINE_DEVICE);
	EXPECT_EQ(rig.asked.address, INPUT);
	EXPECT_TRUE(rig.asked.has_pasid);
	EXPECT_EQ(rig.asked.pasid, 1);
	EXPECT_TRUE(rig.asked.read);
	EXPECT_FALSE(rig.asked.write);
	EXPECT_TRUE(rig.asked.last);
	EXPECT_EQ(machine_read64(rig.machine, PQT), 32);
	map(&rig, FS_W);
	respond(&rig, rig.asked.group, PRI_SUCCESS);
	EXPECT_EQ(ats_rig_read(&rig, INPUT, 1), DATA);
	EXPECT_EQ(rig.asked_count, 1);
	EXPECT_EQ(ats_rig_counter(&rig, "page_requests"), 1);
	EXPECT_EQ(ats_rig_counter(&rig, "page_responses"), 1);
	EXPECT_EQ(ats_rig_counter(&rig, "ats_denied"), 0);
	EXPECT_EQ(status_of(&rig), PASID_IN_RESPONSES);
	ats_rig_destroy(&rig);
}

TEST(pri_function, dma_waits_for_the_response_even_if_the_page_is_there)
{
	struct ats_rig rig;
	unsigned int sent;

	create(&rig);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REQUESTED);
	map(&rig, FS_W);
	sent = rig.sent;
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REQUESTED);
	EXPECT_EQ(rig.sent, sent);
	EXPECT_EQ(rig.asked_count, 1);
	ats_rig_destroy(&rig);
}

TEST(pri_function, dma_asks_again_where_a_page_still_is_not_there)
{
	struct ats_rig rig;
	u16 group;

	create(&rig);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REQUESTED);
	group = rig.asked.group;
	respond(&rig, group, PRI_SUCCESS);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REQUESTED);
	EXPECT_EQ(rig.asked_count, 2);
	EXPECT_NE(rig.asked.group, group);
	ats_rig_destroy(&rig);
}

TEST(pri_function, dma_is_told_once_that_its_page_will_not_come)
{
	struct ats_rig rig;

	create(&rig);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REQUESTED);
	respond(&rig, rig.asked.group, PRI_INVALID_REQUEST);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REFUSED);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REQUESTED);
	EXPECT_EQ(rig.asked_count, 2);
	ats_rig_destroy(&rig);
}

struct access_row {
	const char *name;
	enum access access;
	bool privileged;
	bool read, write, execute;
};

static const struct access_row access_rows[] = {
	{ "read", ACCESS_READ, false, true, false, false },
	{ "write", ACCESS_WRITE, false, false, true, false },
	{ "execute", ACCESS_EXECUTE, false, true, false, true },
	{ "privileged_read", ACCESS_READ, true, true, false, false },
};

TEST_WITH_NAMED_PARAMS(pri_function, dma_asks_for_what_it_needs, struct access_row, access_rows,
		       name)
{
	const struct dma_request request = {
		.address = iova(INPUT + 0x18),
		.len = 8,
		.access = param->access,
		.has_pasid = true,
		.pasid = 1,
		.privileged = param->privileged,
	};
	struct dma_result result;
	struct ats_rig rig;
	u64 data = 0, entry[8];

	create(&rig);
	machine_pasid_entry(rig.machine, entry, NESTED);
	field_set(entry, "pasid-entry", "SRE", 1);
	field_set(entry, "pasid-entry", "ERE", 1);
	machine_store_pasid(rig.machine, 1, entry);
	machine_invalidate_all(rig.machine);
	EXPECT_EQ(pcie_dma(rig.function, &request, &data, &result), DMA_PAGE_REQUESTED);
	EXPECT_EQ(rig.asked.address, INPUT);
	EXPECT_EQ(rig.asked.read, param->read);
	EXPECT_EQ(rig.asked.write, param->write);
	EXPECT_EQ(rig.asked.execute, param->execute);
	EXPECT_EQ(rig.asked.privileged, param->privileged);
	ats_rig_destroy(&rig);
}

TEST(pri_function, dma_without_pasid_asks_without)
{
	struct ats_rig rig;

	ats_rig_create(&rig, SECOND_STAGE);
	ats_rig_enable_pri(&rig, 32);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_WRITE, INPUT, 0).status, DMA_PAGE_REQUESTED);
	EXPECT_FALSE(rig.asked.has_pasid);
	/* another's page is no reason to wait */
	machine_map_second(rig.machine, INPUT, PLACE, 4 * KIB, SS_R | SS_W);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_WRITE, INPUT, 1).status, DMA_OK);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_WRITE, INPUT, 0).status, DMA_PAGE_REQUESTED);
	EXPECT_EQ(rig.asked_count, 1);
	ats_rig_destroy(&rig);
}

TEST(pri_function, dma_asks_for_a_right_that_its_page_lacks)
{
	struct ats_rig rig;

	create(&rig);
	map(&rig, 0);
	EXPECT_EQ(ats_rig_read(&rig, INPUT, 1), DATA);
	EXPECT_EQ(dma(&rig, ACCESS_WRITE), DMA_PAGE_REQUESTED);
	EXPECT_TRUE(rig.asked.write);
	/* reads go on meanwhile */
	EXPECT_EQ(ats_rig_read(&rig, INPUT, 1), DATA);
	ats_rig_destroy(&rig);
}

TEST(pri_function, dma_does_not_ask_where_software_has_not_enabled_it)
{
	struct ats_rig rig;

	ats_rig_create(&rig, NESTED);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_ATS_DENIED);
	EXPECT_EQ(rig.asked_count, 0);
	EXPECT_EQ(ats_rig_counter(&rig, "ats_denied"), 1);
	ats_rig_destroy(&rig);
}

TEST(pri_function, dma_that_may_not_ask_yet_asks_later)
{
	struct ats_rig rig;

	create(&rig);
	pcie_config_write(rig.function, PRI_ALLOCATION, 4, 1);
	EXPECT_EQ(ask(&rig, 7, true), PRI_SENT);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REQUESTED);
	EXPECT_EQ(rig.asked_count, 1);
	respond(&rig, 7, PRI_SUCCESS);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REQUESTED);
	EXPECT_EQ(rig.asked_count, 2);
	ats_rig_destroy(&rig);
}

TEST(pri_function, dma_takes_no_group_that_is_in_use)
{
	struct ats_rig rig;

	create(&rig);
	EXPECT_EQ(ask(&rig, 0, false), PRI_SENT);
	EXPECT_EQ(ask(&rig, 1, true), PRI_SENT);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REQUESTED);
	EXPECT_EQ(rig.asked.group, 2);
	ats_rig_destroy(&rig);
}

/* A response that no DMA comes back for takes nobody's place. */
TEST(pri_function, dma_to_many_pages_that_is_not_tried_again_leaves_room)
{
	struct ats_rig rig;
	unsigned int i;

	create(&rig);
	for (i = 0; i < 100; i++) {
		EXPECT_EQ(ats_rig_dma(&rig, ACCESS_READ, INPUT + i * 0x1000ULL, 1).status,
			  DMA_PAGE_REQUESTED);
		EXPECT_EQ(rig.asked_count, i + 1);
		machine_write64(rig.machine, PQH, machine_read64(rig.machine, PQT));
		respond(&rig, rig.asked.group, PRI_SUCCESS);
	}
	EXPECT_EQ(pcie_pri_state(rig.function).outstanding, 0);
	ats_rig_destroy(&rig);
}

TEST(pri_function, dma_meets_an_overflow_as_a_reason_to_try_again)
{
	struct ats_rig rig;

	create(&rig);
	machine_write64(rig.machine, PQH, 32);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REQUESTED);
	EXPECT_EQ(pcie_pri_state(rig.function).outstanding, 0);
	machine_write64(rig.machine, PQH, 0);
	machine_write32(rig.machine, 0xdc, 2);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REQUESTED);
	EXPECT_EQ(rig.asked_count, 2);
	EXPECT_EQ(machine_read64(rig.machine, PQT), 32);
	ats_rig_destroy(&rig);
}

TEST(pri_function, dma_is_refused_where_the_context_entry_takes_no_page_requests)
{
	struct ats_rig rig;
	u64 record[2];

	create(&rig);
	ats_rig_set_context(&rig, "PRE", 0);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REQUESTED);
	EXPECT_EQ(ats_rig_recorded(&rig, record), VTD_FAULT_SM_PRE_CLEAR);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REFUSED);
	ats_rig_destroy(&rig);
}

/* --- groups ------------------------------------------------------------------------------- */

TEST(pri_function, requests_of_a_group_are_answered_by_one_response)
{
	struct ats_rig rig;

	create(&rig);
	EXPECT_EQ(ask(&rig, 5, false), PRI_SENT);
	EXPECT_EQ(ask(&rig, 5, false), PRI_SENT);
	EXPECT_EQ(ask(&rig, 5, true), PRI_SENT);
	EXPECT_EQ(rig.asked.source_id, MACHINE_DEVICE);
	EXPECT_EQ(pcie_pri_state(rig.function).outstanding, 3);
	EXPECT_EQ(machine_read64(rig.machine, PQT), 96);
	respond(&rig, 5, PRI_SUCCESS);
	EXPECT_EQ(pcie_pri_state(rig.function).outstanding, 0);
	EXPECT_EQ(status_of(&rig), PASID_IN_RESPONSES);
	ats_rig_destroy(&rig);
}

TEST(pri_function, a_complete_group_takes_no_more_until_it_is_answered)
{
	struct ats_rig rig;

	create(&rig);
	EXPECT_EQ(ask(&rig, 5, true), PRI_SENT);
	EXPECT_EQ(ask(&rig, 5, true), PRI_GROUP_BUSY);
	EXPECT_EQ(ask(&rig, 6, true), PRI_SENT);
	respond(&rig, 5, PRI_SUCCESS);
	EXPECT_EQ(ask(&rig, 5, true), PRI_SENT);
	ats_rig_destroy(&rig);
}

TEST(pri_function, a_group_is_of_one_pasid)
{
	struct page_request other = request_of(5, true);
	struct ats_rig rig;

	create(&rig);
	EXPECT_EQ(ask(&rig, 5, false), PRI_SENT);
	other.pasid = 2;
	EXPECT_EQ(pcie_page_request(rig.function, &other), PRI_GROUP_BUSY);
	other.has_pasid = false;
	EXPECT_EQ(pcie_page_request(rig.function, &other), PRI_GROUP_BUSY);
	EXPECT_EQ(ask(&rig, 5, true), PRI_SENT);
	ats_rig_destroy(&rig);
}

TEST(pri_function, no_more_is_outstanding_than_software_allows)
{
	struct ats_rig rig;

	create(&rig);
	pcie_config_write(rig.function, PRI_ALLOCATION, 4, 2);
	EXPECT_EQ(ask(&rig, 5, false), PRI_SENT);
	EXPECT_EQ(ask(&rig, 5, true), PRI_SENT);
	EXPECT_EQ(ask(&rig, 6, true), PRI_FULL);
	EXPECT_EQ(rig.asked_count, 2);
	respond(&rig, 5, PRI_SUCCESS);
	EXPECT_EQ(ask(&rig, 6, true), PRI_SENT);
	ats_rig_destroy(&rig);
}

TEST(pri_function, no_more_is_outstanding_than_the_function_can)
{
	struct ats_rig rig;
	u16 i;

	create(&rig);
	pcie_config_write(rig.function, PRI_ALLOCATION, 4, 1000);
	for (i = 0; i < 32; i++)
		EXPECT_EQ(ask(&rig, i, true), PRI_SENT);
	EXPECT_EQ(ask(&rig, 32, true), PRI_FULL);
	ats_rig_destroy(&rig);
}

TEST(pri_function, addresses_are_of_pages_and_groups_have_nine_bits)
{
	struct page_request request = request_of(0, true);
	struct ats_rig rig;

	create(&rig);
	request.address = INPUT + 0x123;
	request.group = 513;
	EXPECT_EQ(pcie_page_request(rig.function, &request), PRI_SENT);
	EXPECT_EQ(rig.asked.address, INPUT);
	EXPECT_EQ(rig.asked.group, 1);
	ats_rig_destroy(&rig);
}

TEST(pri_function, a_stop_marker_waits_for_nothing)
{
	struct page_request marker = request_of(0, true);
	struct ats_rig rig;

	create(&rig);
	marker.read = false;
	EXPECT_EQ(pcie_page_request(rig.function, &marker), PRI_SENT);
	EXPECT_EQ(pcie_pri_state(rig.function).outstanding, 0);
	EXPECT_EQ(rig.asked_count, 1);
	/* without PASID it would be none, nor if more is to come, or written */
	marker.has_pasid = false;
	EXPECT_EQ(pcie_page_request(rig.function, &marker), PRI_SENT);
	marker = request_of(1, false);
	marker.read = false;
	EXPECT_EQ(pcie_page_request(rig.function, &marker), PRI_SENT);
	marker = request_of(2, true);
	marker.read = false;
	marker.write = true;
	EXPECT_EQ(pcie_page_request(rig.function, &marker), PRI_SENT);
	EXPECT_EQ(pcie_pri_state(rig.function).outstanding, 3);
	ats_rig_destroy(&rig);
}

TEST(pri_function, what_dma_could_not_send_page_requests_cannot)
{
	struct page_request request = request_of(0, true);
	struct ats_rig rig;

	create(&rig);
	pcie_config_write(rig.function, PASID_CONTROL, 2, 1);
	request.privileged = true;
	EXPECT_EQ(pcie_page_request(rig.function, &request), PRI_UNSUPPORTED);
	request.privileged = false;
	request.execute = true;
	EXPECT_EQ(pcie_page_request(rig.function, &request), PRI_UNSUPPORTED);
	request.execute = false;
	pcie_config_write(rig.function, COMMAND, 2, 0);
	EXPECT_EQ(pcie_page_request(rig.function, &request), PRI_UNSUPPORTED);
	pcie_config_write(rig.function, COMMAND, 2, 4);
	EXPECT_EQ(pcie_page_request(rig.function, &request), PRI_SENT);
	pcie_config_write(rig.function, PRI_CONTROL, 2, 0);
	EXPECT_EQ(pcie_page_request(rig.function, &request), PRI_UNSUPPORTED);
	ats_rig_destroy(&rig);
}

/* --- responses ---------------------------------------------------------------------------- */

struct unexpected_row {
	const char *name;
	u16 group;
	bool has_pasid;
	u32 pasid;
};

static const struct unexpected_row unexpected_rows[] = {
	{ "unknown_group", 9, true, 1 },
	{ "other_pasid", 5, true, 2 },
	{ "no_pasid", 5, false, 0 },
	{ "group_that_is_not_complete", 6, true, 1 },
};

TEST_WITH_NAMED_PARAMS(pri_function, a_response_that_nothing_waits_for_is_told,
		       struct unexpected_row, unexpected_rows, name)
{
	const struct page_group_response response = {
		.source_id = MACHINE_DEVICE,
		.has_pasid = param->has_pasid,
		.pasid = param->pasid,
		.group = param->group,
		.last = true,
	};
	struct ats_rig rig;

	create(&rig);
	EXPECT_EQ(ask(&rig, 5, true), PRI_SENT);
	EXPECT_EQ(ask(&rig, 6, false), PRI_SENT);
	pcie_page_group_response(rig.function, &response);
	EXPECT_EQ(status_of(&rig), PASID_IN_RESPONSES | UNEXPECTED);
	EXPECT_TRUE(pcie_pri_state(rig.function).unexpected_group);
	EXPECT_EQ(pcie_pri_state(rig.function).outstanding, 2);
	pcie_config_write(rig.function, PRI_STATUS, 2, UNEXPECTED);
	EXPECT_EQ(status_of(&rig), PASID_IN_RESPONSES);
	ats_rig_destroy(&rig);
}

TEST(pri_function, private_data_of_a_request_comes_back_and_the_group_goes_on)
{
	const struct page_group_response response = {
		.source_id = MACHINE_DEVICE,
		.has_pasid = true,
		.pasid = 1,
		.group = 5,
		.private_data = { true, { 0x77, 0x88 } },
	};
	struct ats_rig rig;

	create(&rig);
	EXPECT_EQ(ask(&rig, 5, false), PRI_SENT);
	EXPECT_FALSE(pcie_pri_state(rig.function).responded);
	pcie_page_group_response(rig.function, &response);
	EXPECT_TRUE(pcie_pri_state(rig.function).responded);
	EXPECT_EQ(pcie_pri_state(rig.function).response.private_data.data[1], 0x88);
	EXPECT_EQ(pcie_pri_state(rig.function).outstanding, 1);
	EXPECT_EQ(status_of(&rig), PASID_IN_RESPONSES);
	ats_rig_destroy(&rig);
}

static const unsigned int failures[] = { PRI_RESPONSE_FAILURE, 2, 14 };

TEST_WITH_PARAMS(pri_function, a_response_failure_stops_all_requests, unsigned int, failures)
{
	struct ats_rig rig;

	create(&rig);
	EXPECT_EQ(ask(&rig, 5, true), PRI_SENT);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REQUESTED);
	respond(&rig, 5, *param);
	EXPECT_EQ(status_of(&rig), PASID_IN_RESPONSES | FAILURE);
	EXPECT_TRUE(pcie_pri_state(rig.function).response_failure);
	EXPECT_EQ(pcie_pri_state(rig.function).outstanding, 0);
	EXPECT_EQ(ask(&rig, 6, true), PRI_FAILED);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_PAGE_REFUSED);
	EXPECT_EQ(dma(&rig, ACCESS_READ), DMA_ATS_DENIED);
	/* what comes now is ignored */
	respond(&rig, 5, PRI_SUCCESS);
	EXPECT_EQ(status_of(&rig), PASID_IN_RESPONSES | FAILURE);
	/* the bit is one thing, the interface another */
	pcie_config_write(rig.function, PRI_STATUS, 2, FAILURE);
	EXPECT_EQ(status_of(&rig), PASID_IN_RESPONSES);
	EXPECT_EQ(ask(&rig, 6, true), PRI_FAILED);
	pcie_config_write(rig.function, PRI_CONTROL, 2, 0);
	pcie_config_write(rig.function, PRI_CONTROL, 2, ENABLE);
	EXPECT_EQ(ask(&rig, 6, true), PRI_SENT);
	ats_rig_destroy(&rig);
}

/* --- control ------------------------------------------------------------------------------ */

TEST(pri_function, it_has_stopped_when_it_is_disabled_and_all_is_answered)
{
	struct ats_rig rig;

	ats_rig_create(&rig, NESTED);
	EXPECT_EQ(status_of(&rig), PASID_IN_RESPONSES | STOPPED);
	EXPECT_TRUE(pcie_pri_state(rig.function).stopped);
	ats_rig_enable_pri(&rig, 32);
	EXPECT_EQ(status_of(&rig), PASID_IN_RESPONSES);
	EXPECT_EQ(ask(&rig, 5, true), PRI_SENT);
	pcie_config_write(rig.function, PRI_CONTROL, 2, 0);
	EXPECT_EQ(status_of(&rig), PASID_IN_RESPONSES);
	EXPECT_FALSE(pcie_pri_state(rig.function).stopped);
	respond(&rig, 5, PRI_SUCCESS);
	EXPECT_EQ(status_of(&rig), PASID_IN_RESPONSES | STOPPED);
	ats_rig_destroy(&rig);
}

TEST(pri_function, a_reset_of_the_interface_forgets_what_is_outstanding)
{
	struct ats_rig rig;

	create(&rig);
	EXPECT_EQ(ask(&rig, 5, true), PRI_SENT);
	pcie_config_write(rig.function, PRI_CONTROL, 2, ENABLE | RESET);
	EXPECT_EQ(pcie_pri_state(rig.function).outstanding, 1);
	pcie_config_write(rig.function, PRI_CONTROL, 2, RESET);
	EXPECT_EQ(pcie_config_read(rig.function, PRI_CONTROL, 2), 0);
	EXPECT_EQ(pcie_pri_state(rig.function).outstanding, 0);
	EXPECT_EQ(status_of(&rig), PASID_IN_RESPONSES | STOPPED);
	ats_rig_destroy(&rig);
}

TEST(pri_function, a_reset_of_the_function_forgets_all)
{
	struct ats_rig rig;

	create(&rig);
	EXPECT_EQ(ask(&rig, 5, true), PRI_SENT);
	respond(&rig, 5, PRI_RESPONSE_FAILURE);
	pcie_config_write(rig.function, 0x48, 2, 0x8000);
	EXPECT_EQ(status_of(&rig), PASID_IN_RESPONSES | STOPPED);
	EXPECT_FALSE(pcie_pri_state(rig.function).enabled);
	pcie_config_write(rig.function, COMMAND, 2, 4);
	pcie_config_write(rig.function, PASID_CONTROL, 2, 1);
	ats_rig_enable(&rig, true);
	ats_rig_enable_pri(&rig, 32);
	EXPECT_EQ(ask(&rig, 5, true), PRI_SENT);
	ats_rig_destroy(&rig);
}

static void nowhere(void *ctx, struct pcie_transaction *transaction)
{
	(void)ctx;
	(void)transaction;
}

TEST(pri_function, without_the_capability_nothing_is_sent_and_nothing_taken)
{
	const struct pcie_function_config config = { .source_id = MACHINE_DEVICE };
	const struct page_request request = { .read = true, .last = true };
	const struct page_group_response response = { .code = PRI_RESPONSE_FAILURE };
	const struct pcie_upstream upstream = { .access = nowhere };
	static const struct port_ops none;
	const struct port port = { .ops = &none };
	struct pcie_function *function = pcie_function_create(&config, &upstream, &port);
	struct pri_state state;

	EXPECT_EQ(pcie_page_request(function, &request), PRI_UNSUPPORTED);
	pcie_page_group_response(function, &response);
	state = pcie_pri_state(function);
	EXPECT_FALSE(state.enabled);
	EXPECT_TRUE(state.stopped);
	EXPECT_FALSE(state.responded);
	EXPECT_FALSE(state.response_failure);
	pcie_function_destroy(function);
}

TEST(pri_function, where_nobody_is_above_requests_are_lost)
{
	const struct pcie_function_config config = { .source_id = MACHINE_DEVICE, .pri = true };
	const struct page_request request = { .read = true, .last = true };
	const struct pcie_upstream upstream = { .access = nowhere };
	static const struct port_ops none;
	const struct port port = { .ops = &none };
	struct pcie_function *function = pcie_function_create(&config, &upstream, &port);

	/* its only extended capability */
	pcie_config_write(function, 0x10c, 4, 1);
	pcie_config_write(function, 0x104, 2, ENABLE);
	EXPECT_EQ(pcie_page_request(function, &request), PRI_SENT);
	EXPECT_EQ(pcie_pri_state(function).outstanding, 1);
	pcie_function_destroy(function);
}
