/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Invalidations of device TLBs that are under way at the same time: how many a function takes, what waits for
 * their answers, and answers that are late, wrong or do not come.
 */
#include "gtest_c.h"
#include "vtd_machine.h"

#define FSTS 0x34
#define IQH 0x80
#define IQERCD 0xb0
#define IQE 0x10u
#define ICE 0x20u
#define ITE 0x40u
#define OTHER_DEVICE 0x3b00

/* What is under way, and who answers it when the unit waits. */
struct flight {
	struct machine *machine;
	struct ats_invalidation sent[128];
	unsigned int count, answered;
	unsigned int most; /* at a time */
	u16 silent; /* a function that never answers; 0: none */
	bool last_first; /* the latest is answered before earlier ones */
};

static void note(struct machine *machine, const struct ats_invalidation *invalidation)
{
	struct flight *flight = machine->arg;

	ASSERT_LT(flight->count, 128);
	flight->sent[flight->count++] = *invalidation;
	if (flight->count - flight->answered > flight->most)
		flight->most = flight->count - flight->answered;
}

static void answer_one(struct machine *machine)
{
	struct flight *flight = machine->arg;
	unsigned int i = flight->last_first ? flight->count - 1 : flight->answered;
	struct ats_invalidation next = flight->sent[i];

	ASSERT_LT(flight->answered, flight->count);
	flight->sent[i] = flight->sent[flight->answered++];
	vtd_device_tlb_answered(machine->unit, next.tag, next.source_id != flight->silent);
}

static void flight_create(struct flight *flight)
{
	struct vtd_config config = machine_config();

	config.ecap = with_field(config.ecap, "ecap", "DIT", 1);
	*flight = (struct flight){ .machine = machine_create_posting(&config) };
	flight->machine->arg = flight;
	flight->machine->on_post = note;
	flight->machine->on_await = answer_one;
	machine_queue_start(flight->machine, true, 0);
}

/* Puts n descriptors into the queue, and a wait behind, without moving the tail. */
static void put(struct flight *flight, const u64 d[4], unsigned int n)
{
	struct machine *machine = flight->machine;

	while (n--) {
		memory_write(machine->memory, hpa(machine->queue + machine->tail), d, 32);
		machine->tail += 32;
	}
}

static void go(struct flight *flight)
{
	machine_write64(flight->machine, 0x88, flight->machine->tail);
}

static void put_wait(struct flight *flight)
{
	const u64 d[4] = { 0x600dULL << 32 | 0x25, flight->machine->status_address };

	machine_store(flight->machine, flight->machine->status_address, 0);
	put(flight, d, 1);
}

static bool done(struct flight *flight)
{
	return machine_load(flight->machine, flight->machine->status_address) == 0x600d;
}

struct depth_row {
	const char *name;
	u64 d[4];
	unsigned int most;
};

static const struct depth_row depth_rows[] = {
	{ "one", { 3 | 1ULL << 16 | 0x3a00ULL << 32 }, 1 },
	{ "four", { 3 | 4ULL << 16 | 0x3a00ULL << 32 }, 4 },
	{ "zero_is_32", { 3 | 0x3a00ULL << 32 }, 32 },
	{ "pasid_three", { 8 | 3ULL << 4 | 0x3a00ULL << 16 | 1ULL << 32 }, 3 },
	{ "pasid_zero_is_32", { 8 | 0x3a00ULL << 16 }, 32 },
};

TEST_WITH_NAMED_PARAMS(ats_flight, a_function_gets_no_more_than_its_queue_holds, struct depth_row,
		       depth_rows, name)
{
	struct flight flight;

	flight_create(&flight);
	put(&flight, param->d, 40);
	put_wait(&flight);
	go(&flight);
	EXPECT_EQ(flight.most, param->most);
	EXPECT_EQ(flight.count, 40);
	EXPECT_EQ(flight.answered, 40);
	EXPECT_TRUE(done(&flight));
	EXPECT_EQ(machine_counter(flight.machine, "device_tlb_invalidations"), 40);
	machine_destroy(flight.machine);
}

TEST(ats_flight, functions_have_queues_of_their_own_unless_they_share_a_physical_one)
{
	unsigned int shared;

	for (shared = 0; shared < 2; shared++) {
		/* PFSID 0x3a00 */
		const u64 pfsid = shared ? 0x3a0ULL << 52 : 0;
		const u64 first[4] = { 3 | 2ULL << 16 | 0x3a01ULL << 32 | pfsid };
		const u64 second[4] = { 3 | 2ULL << 16 | 0x3a02ULL << 32 | pfsid };
		struct flight flight;

		flight_create(&flight);
		put(&flight, first, 3);
		put(&flight, second, 3);
		go(&flight);
		EXPECT_EQ(flight.most, shared ? 2 : 4);
		EXPECT_EQ(flight.answered, 6);
		machine_destroy(flight.machine);
	}
}

TEST(ats_flight, all_that_are_under_way_have_different_tags)
{
	const u64 d[4] = { 3 | 0x3a00ULL << 32 }, other[4] = { 3 | 0x3b00ULL << 32 };
	struct flight flight;
	u32 tags = 0;
	unsigned int i;

	flight_create(&flight);
	flight.last_first = true;
	put(&flight, d, 20);
	put(&flight, other, 20);
	go(&flight);
	/* never more than there are tags, whatever the queues hold */
	EXPECT_EQ(flight.most, 32);
	EXPECT_EQ(flight.answered, 40);
	machine_destroy(flight.machine);

	flight_create(&flight);
	put(&flight, d, 32);
	go(&flight);
	for (i = 0; i < 32; i++)
		tags |= 1u << flight.sent[i].tag;
	EXPECT_EQ(tags, ~0u);
	machine_destroy(flight.machine);
}

static void check_order(struct machine *machine)
{
	EXPECT_NE(machine_load(machine, machine->status_address), 0x600d);
	answer_one(machine);
}

TEST(ats_flight, a_wait_is_not_done_before_all_answers_are_there)
{
	const u64 d[4] = { 3 | 0x3a00ULL << 32 };
	struct flight flight;

	flight_create(&flight);
	flight.machine->on_await = check_order;
	put(&flight, d, 5);
	put_wait(&flight);
	go(&flight);
	EXPECT_TRUE(done(&flight));
	EXPECT_EQ(machine_read64(flight.machine, IQH), machine_read64(flight.machine, 0x88));
	machine_destroy(flight.machine);
}

TEST(ats_flight, the_one_that_does_not_answer_is_named_and_waits_behind_it_are_aborted)
{
	const u64 d[4] = { 3 | 0x3a00ULL << 32 }, other[4] = { 3 | 0x3b00ULL << 32 };
	struct flight flight;
	u64 record;

	flight_create(&flight);
	flight.silent = OTHER_DEVICE;
	put(&flight, d, 2);
	put(&flight, other, 2);
	put(&flight, d, 1);
	put_wait(&flight);
	go(&flight);
	EXPECT_FALSE(done(&flight));
	EXPECT_EQ(machine_read32(flight.machine, FSTS) & (IQE | ICE | ITE), ITE);
	record = machine_read64(flight.machine, IQERCD);
	EXPECT_EQ(field_get(&record, "iqercd", "ITESID"), OTHER_DEVICE);
	EXPECT_EQ(machine_counter(flight.machine, "device_tlb_timeouts"), 2);
	EXPECT_EQ(flight.answered, 5);

	/* after recovery all is as before */
	machine_write32(flight.machine, FSTS, ITE);
	flight.silent = 0;
	put(&flight, other, 1);
	put_wait(&flight);
	go(&flight);
	EXPECT_TRUE(done(&flight));
	machine_destroy(flight.machine);
}

/* --- completions that come of themselves ------------------------------------------------- */

static void complete_by_message(struct machine *machine)
{
	struct flight *flight = machine->arg;
	const struct ats_invalidation *next = &flight->sent[flight->answered++];

	vtd_device_tlb_completion(machine->unit, next->source_id, next->tag);
	/* the owner's own answer comes too late to count */
	vtd_device_tlb_answered(machine->unit, next->tag, false);
}

TEST(ats_flight, a_completion_with_the_tag_of_a_request_is_its_answer)
{
	const u64 d[4] = { 3 | 0x3a00ULL << 32 };
	struct flight flight;

	flight_create(&flight);
	flight.machine->on_await = complete_by_message;
	put(&flight, d, 3);
	put_wait(&flight);
	go(&flight);
	EXPECT_TRUE(done(&flight));
	EXPECT_EQ(machine_read32(flight.machine, FSTS), 0);
	EXPECT_EQ(machine_counter(flight.machine, "completion_errors"), 0);
	EXPECT_EQ(machine_counter(flight.machine, "device_tlb_timeouts"), 0);
	machine_destroy(flight.machine);
}

/* Completes request 3 of 32 by itself, then each by its message's end, the latest first. */
static void complete_one_early(struct machine *machine)
{
	struct flight *flight = machine->arg;

	if (flight->count == 32 && !flight->answered)
		vtd_device_tlb_completion(machine->unit, MACHINE_DEVICE, flight->sent[3].tag);
	answer_one(machine);
}

TEST(ats_flight, a_tag_is_used_again_only_when_its_message_has_ended)
{
	const u64 d[4] = { 3 | 0x3a00ULL << 32 };
	struct flight flight;

	flight_create(&flight);
	flight.last_first = true;
	flight.machine->on_await = complete_one_early;
	put(&flight, d, 34);
	put_wait(&flight);
	go(&flight);
	EXPECT_TRUE(done(&flight));
	EXPECT_EQ(flight.count, 34);
	/* the first to end was the last of 32: its tag is free, not that of request 3 */
	EXPECT_EQ(flight.most, 32);
	EXPECT_EQ(flight.answered, 34);
	EXPECT_EQ(machine_counter(flight.machine, "device_tlb_timeouts"), 0);
	machine_destroy(flight.machine);
}

/* Of another function, and with a tag that nobody gave. */
static void complete_wrongly(struct machine *machine)
{
	struct flight *flight = machine->arg;
	const struct ats_invalidation *next = &flight->sent[flight->answered];

	vtd_device_tlb_completion(machine->unit, OTHER_DEVICE, next->tag);
	vtd_device_tlb_completion(machine->unit, next->source_id, next->tag + 1u);
	answer_one(machine);
}

TEST(ats_flight, a_completion_that_fits_no_request_sets_ice_and_stops_nothing)
{
	const u64 d[4] = { 3 | 0x3a00ULL << 32 };
	struct flight flight;
	u64 record;

	flight_create(&flight);
	machine_write32(flight.machine, 0x38, 0);
	flight.machine->on_await = complete_wrongly;
	put(&flight, d, 1);
	put_wait(&flight);
	go(&flight);
	EXPECT_TRUE(done(&flight));
	EXPECT_EQ(machine_read32(flight.machine, FSTS), ICE);
	EXPECT_EQ(flight.machine->interrupts, 1);
	EXPECT_EQ(machine_counter(flight.machine, "completion_errors"), 2);
	/* the first one is told */
	record = machine_read64(flight.machine, IQERCD);
	EXPECT_EQ(field_get(&record, "iqercd", "ICESID"), OTHER_DEVICE);

	machine_write32(flight.machine, FSTS, ICE);
	EXPECT_EQ(machine_read32(flight.machine, FSTS), 0);
	vtd_device_tlb_completion(flight.machine->unit, MACHINE_DEVICE, 31);
	record = machine_read64(flight.machine, IQERCD);
	EXPECT_EQ(field_get(&record, "iqercd", "ICESID"), MACHINE_DEVICE);
	EXPECT_TRUE(machine_wait(flight.machine));
	machine_destroy(flight.machine);
}

/* --- the queue meanwhile ----------------------------------------------------------------- */

static void submit_more(struct machine *machine)
{
	const u64 d[4] = { 0x11 };

	machine->on_await = answer_one;
	machine_submit(machine, d);
}

TEST(ats_flight, descriptors_that_come_while_answers_are_awaited_are_taken)
{
	const u64 d[4] = { 3 | 0x3a00ULL << 32 };
	struct flight flight;

	flight_create(&flight);
	flight.machine->on_await = submit_more;
	put(&flight, d, 1);
	go(&flight);
	EXPECT_EQ(machine_counter(flight.machine, "descriptors"), 2);
	EXPECT_EQ(machine_read64(flight.machine, IQH), machine_read64(flight.machine, 0x88));
	EXPECT_EQ(flight.answered, 1);
	machine_destroy(flight.machine);
}

TEST(ats_flight, a_wrong_descriptor_behind_one_stops_the_queue_once_it_is_answered)
{
	const u64 d[4] = { 3 | 0x3a00ULL << 32 }, wrong[4] = { 0 };
	struct flight flight;

	flight_create(&flight);
	put(&flight, d, 1);
	put(&flight, wrong, 1);
	go(&flight);
	EXPECT_EQ(flight.answered, 1);
	EXPECT_EQ(machine_read32(flight.machine, FSTS), IQE);
	EXPECT_EQ(machine_read64(flight.machine, IQH), 32);
	machine_destroy(flight.machine);
}
