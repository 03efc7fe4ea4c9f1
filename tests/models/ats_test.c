/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Address translation services seen from the function, above a real VT-d unit: the device TLB, its
 * invalidation with and without an answer, and that it changes no result.
 */
#include <string.h>

#include "ats_rig.h"
#include "gtest_c.h"
#include "random.h"

#define FSTS 0x34
#define ITE 0x40u
#define IQERCD 0xb0

/* --- the function ------------------------------------------------------------------------- */

/* PASID 1: input pages 0x7000 and 0x8000, both to PLACE on. */
static void map_two_pages(struct ats_rig *rig)
{
	machine_map_second(rig->machine, 0x9000, PLACE, 4 * KIB, SS_R | SS_W);
	machine_map_second(rig->machine, 0xa000, PLACE + 0x1000, 4 * KIB, SS_R | SS_W);
	machine_map_first(rig->machine, 0x7000, 0x9000, 4 * KIB, FS_P | FS_U | FS_W);
	machine_map_first(rig->machine, 0x8000, 0xa000, 4 * KIB, FS_P | FS_U | FS_W);
	machine_store(rig->machine, PLACE + 8, DATA);
}

TEST(ats_function, asks_once_and_then_sends_translated_requests_without_pasid)
{
	struct ats_rig rig;

	ats_rig_create(&rig, NESTED);
	map_two_pages(&rig);
	EXPECT_EQ(ats_rig_read(&rig, 0x7008, 1), DATA);
	EXPECT_EQ(rig.sent, 2);
	EXPECT_EQ(rig.last[0].request.type, ADDRESS_TRANSLATION_REQUEST);
	EXPECT_EQ(rig.last[0].request.address.v, 0x7000);
	EXPECT_EQ(rig.last[0].request.pasid, 1);
	EXPECT_TRUE(rig.last[0].request.no_write);
	EXPECT_EQ(rig.last[1].request.type, ADDRESS_TRANSLATED);
	EXPECT_EQ(rig.last[1].request.address.v, PLACE + 8);
	EXPECT_FALSE(rig.last[1].request.has_pasid);
	EXPECT_EQ(ats_rig_read(&rig, 0x7008, 1), DATA);
	EXPECT_EQ(rig.sent, 3);
	EXPECT_EQ(ats_rig_counter(&rig, "device_tlb_hit"), 1);
	EXPECT_EQ(ats_rig_counter(&rig, "device_tlb_fill"), 1);
	EXPECT_EQ(rig.under_way, 0);
	ats_rig_destroy(&rig);
}

TEST(ats_function, asks_again_where_what_it_holds_grants_too_little)
{
	struct ats_rig rig;

	ats_rig_create(&rig, NESTED);
	map_two_pages(&rig);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_READ, 0x7000, 1).status, DMA_OK);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_WRITE, 0x7000, 1).status, DMA_OK);
	EXPECT_EQ(ats_rig_counter(&rig, "translation_requests"), 2);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_READ, 0x7000, 1).status, DMA_OK);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_WRITE, 0x7000, 1).status, DMA_OK);
	EXPECT_EQ(ats_rig_counter(&rig, "translation_requests"), 2);
	EXPECT_EQ(machine_load(rig.machine, PLACE), DATA);
	ats_rig_destroy(&rig);
}

TEST(ats_function, does_not_send_what_it_was_not_granted)
{
	struct ats_rig rig;

	ats_rig_create(&rig, NESTED);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_READ, 0x7000, 1).status, DMA_ATS_DENIED);
	EXPECT_EQ(rig.sent, 1);
	/* what grants nothing is not kept: the page may be there next time */
	EXPECT_EQ(ats_rig_counter(&rig, "device_tlb_fill"), 0);
	map_two_pages(&rig);
	EXPECT_EQ(ats_rig_read(&rig, 0x7008, 1), DATA);
	EXPECT_EQ(ats_rig_counter(&rig, "ats_denied"), 1);
	ats_rig_destroy(&rig);
}

TEST(ats_function, keeps_translations_of_different_pasids_apart)
{
	u64 entry[8];
	struct ats_rig rig;

	ats_rig_create(&rig, NESTED);
	map_two_pages(&rig);
	EXPECT_EQ(ats_rig_read(&rig, 0x7008, 1), DATA);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_READ, 0x7008, 2).status, DMA_ATS_DENIED);
	machine_pasid_entry(rig.machine, entry, NESTED);
	machine_store_pasid(rig.machine, 2, entry);
	EXPECT_EQ(ats_rig_read(&rig, 0x7008, 2), DATA);
	EXPECT_EQ(ats_rig_counter(&rig, "device_tlb_hit"), 0);
	ats_rig_destroy(&rig);
}

TEST(ats_function, finds_one_entry_for_all_of_a_large_page)
{
	struct ats_rig rig;

	ats_rig_create(&rig, SECOND_STAGE);
	machine_map_second(rig.machine, 0x40000000, PLACE, 2 * MIB, SS_R | SS_W | SS_PS);
	machine_store(rig.machine, PLACE + 0x1ff008, DATA);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_READ, 0x40000000, 0).first_page_size, 2 * MIB);
	EXPECT_EQ(ats_rig_read(&rig, 0x401ff008, 0), DATA);
	EXPECT_EQ(ats_rig_counter(&rig, "translation_requests"), 1);
	ats_rig_destroy(&rig);
}

TEST(ats_function, sends_interrupts_untranslated)
{
	const struct dma_request request = { .address = iova(0xfee01234),
					     .len = 4,
					     .access = ACCESS_WRITE };
	u32 data = 0x4041;
	struct dma_result result;
	struct ats_rig rig;

	ats_rig_create(&rig, SECOND_STAGE);
	EXPECT_EQ(pcie_dma(rig.function, &request, &data, &result), DMA_OK);
	EXPECT_EQ(rig.last[1].request.type, ADDRESS_UNTRANSLATED);
	EXPECT_EQ(rig.machine->interrupts, 1);
	EXPECT_EQ(rig.machine->interrupt_data, 0x4041);
	ats_rig_destroy(&rig);
}

TEST(ats_function, translates_no_more_after_an_unsupported_request_until_it_is_enabled_anew)
{
	struct ats_rig rig;

	ats_rig_create(&rig, SECOND_STAGE);
	machine_map_second(rig.machine, 0x5000, PLACE, 4 * KIB, SS_R | SS_W);
	ats_rig_set_context(&rig, "DTE", 0);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_READ, 0x5000, 0).fault, VTD_FAULT_SM_DTE_CLEAR);
	ats_rig_set_context(&rig, "DTE", 1);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_READ, 0x5000, 0).status, DMA_OK);
	EXPECT_EQ(rig.last[1].request.type, ADDRESS_UNTRANSLATED);
	ats_rig_enable(&rig, false);
	ats_rig_enable(&rig, true);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_READ, 0x5000, 0).status, DMA_OK);
	EXPECT_EQ(rig.last[1].request.type, ADDRESS_TRANSLATED);
	ats_rig_destroy(&rig);
}

TEST(ats_function, with_translation_off_is_denied_once_and_goes_on_untranslated)
{
	struct ats_rig rig;

	ats_rig_create(&rig, SECOND_STAGE);
	machine_command(rig.machine, 31, false);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_READ, PLACE, 0).status, DMA_ATS_DENIED);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_READ, PLACE, 0).status, DMA_OK);
	ats_rig_destroy(&rig);
}

static void switch_off(struct ats_rig *rig)
{
	ats_rig_enable(rig, false);
}

static void reset(struct ats_rig *rig)
{
	pcie_config_write(rig->function, 0x48, 2, 1 << 15);
}

struct forget_row {
	const char *name;
	void (*act)(struct ats_rig *rig);
};

static const struct forget_row forgets[] = { { "disable", switch_off }, { "reset", reset } };

TEST_WITH_NAMED_PARAMS(ats_function, forgets_all_when_ats_is_switched_off, struct forget_row,
		       forgets, name)
{
	struct ats_rig rig;

	ats_rig_create(&rig, SECOND_STAGE);
	machine_map_second(rig.machine, 0x5000, PLACE, 4 * KIB, SS_R | SS_W);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_READ, 0x5000, 0).status, DMA_OK);
	param->act(&rig);
	EXPECT_EQ(ats_rig_counter(&rig, "device_tlb_invalidate"), 1);
	pcie_config_write(rig.function, 0x04, 2, 4); /* bus master */
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_READ, 0x5000, 0).status, DMA_OK);
	EXPECT_EQ(rig.last[1].request.type, ADDRESS_UNTRANSLATED);
	ats_rig_destroy(&rig);
}

TEST(ats_function, without_a_device_tlb_never_asks)
{
	const struct vtd_config config = machine_config();
	struct ats_rig rig;

	ats_rig_create_with(&rig, &config, 0);
	machine_ready(rig.machine, SECOND_STAGE);
	machine_map_second(rig.machine, 0x5000, PLACE, 4 * KIB, SS_R | SS_W);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_READ, 0x5000, 0).status, DMA_OK);
	EXPECT_EQ(rig.sent, 1);
	EXPECT_EQ(rig.last[1].request.type, ADDRESS_UNTRANSLATED);
	ats_rig_destroy(&rig);
}

/* --- invalidation ------------------------------------------------------------------------- */

#define WITHOUT_PASID (1 << 0) /* page 0x7000 */
#define OF_PASID_1 (1 << 1) /* page 0x7000 */
#define OF_PASID_1_NEXT (1 << 2) /* page 0x8000 */
#define OF_PASID_2 (1 << 3) /* page 0x7000 */
#define ALL 15

struct invalidation_row {
	const char *name;
	u64 d[4];
	unsigned int left;
};

#define SID (3ULL << 44 | 0xaULL << 40) /* 0x3a00 at 47:32 */
#define PASID_SID (0x3a00ULL << 16)

static const struct invalidation_row invalidations[] = {
	{ "page", { 3 | SID, 0x7000 }, ALL & ~WITHOUT_PASID },
	{ "other_page", { 3 | SID, 0x6000 }, ALL },
	{ "range", { 3 | SID, 0x3000 | 1 }, ALL & ~WITHOUT_PASID }, /* 32 KiB from 0 on */
	{ "all", { 3 | SID, (~0ULL >> 1 & ~0xfffULL) | 1 }, ALL & ~WITHOUT_PASID },
	{ "other_function", { 3 | 0x3b00ULL << 32, 0x7000 }, ALL },
	{ "pasid_page", { 8 | PASID_SID | 1ULL << 32, 0x7000 }, ALL & ~OF_PASID_1 },
	{ "pasid_range",
	  { 8 | PASID_SID | 1ULL << 32, 0x7000 | 1 << 11 },
	  ALL & ~OF_PASID_1 & ~OF_PASID_1_NEXT },
	{ "pasid_all",
	  { 8 | PASID_SID | 1ULL << 32, (~0ULL >> 1 & ~0xfffULL) | 1 << 11 },
	  ALL & ~OF_PASID_1 & ~OF_PASID_1_NEXT },
	{ "pasid_global_page", { 8 | PASID_SID, 0x7000 | 1 }, ALL & ~OF_PASID_1 & ~OF_PASID_2 },
	{ "pasid_global_all",
	  { 8 | PASID_SID, (~0ULL >> 1 & ~0xfffULL) | 1 << 11 | 1 },
	  WITHOUT_PASID },
	{ "pasid_page_with_qdep_and_pfsid",
	  { 8 | PASID_SID | 2ULL << 32 | 31 << 4 | 5 << 12, 0x7000 },
	  ALL & ~OF_PASID_2 },
};

/* Which of the four translations the function still holds. */
static unsigned int held(struct ats_rig *rig)
{
	static const struct {
		u64 address;
		u32 pasid;
	} places[] = { { 0x7000, 0 }, { 0x7000, 1 }, { 0x8000, 1 }, { 0x7000, 2 } };
	unsigned int i, found = 0;

	for (i = 0; i < 4; i++) {
		u64 asked = ats_rig_counter(rig, "translation_requests");

		EXPECT_EQ(ats_rig_dma(rig, ACCESS_READ, places[i].address, places[i].pasid).status,
			  DMA_OK);
		if (ats_rig_counter(rig, "translation_requests") == asked)
			found |= 1u << i;
	}
	return found;
}

TEST_WITH_NAMED_PARAMS(ats_invalidation, removes_what_the_descriptor_names_before_the_wait_is_done,
		       struct invalidation_row, invalidations, name)
{
	u64 entry[8];
	struct ats_rig rig;

	ats_rig_create(&rig, NESTED);
	map_two_pages(&rig);
	machine_pasid_entry(rig.machine, entry, NESTED);
	machine_store_pasid(rig.machine, 2, entry);
	EXPECT_EQ(held(&rig), 0);
	EXPECT_EQ(held(&rig), ALL);
	machine_submit(rig.machine, param->d);
	if (param->left != ALL || (param->d[0] & 0xffff00000000) == SID)
		EXPECT_TRUE(machine_wait(rig.machine));
	else
		machine_write32(rig.machine, FSTS, ITE); /* nobody is there to answer */
	EXPECT_EQ(held(&rig), param->left);
	EXPECT_EQ(machine_counter(rig.machine, "device_tlb_invalidations"), 1);
	ats_rig_destroy(&rig);
}

/* In the middle of the walk for a translation request, software takes the page away. */
static void take_page_away(struct machine *machine, hpa_t address)
{
	const u64 iotlb[4] = { 6 | 2 << 4 | (u64)MACHINE_DOMAIN << 16 | 1ULL << 32 };
	const u64 device[4] = { 8 | PASID_SID | 1ULL << 32, 0x7000 };

	if (address.v != machine_first_entry(machine, 0x7000, 1))
		return;
	machine->on_read = NULL;
	machine_map_first(machine, 0x7000, 0xa000, 4 * KIB, FS_P | FS_U | FS_W);
	machine_submit(machine, iotlb);
	machine_submit(machine, device);
	EXPECT_TRUE(machine_wait(machine));
}

TEST(ats_invalidation, during_a_translation_request_waits_for_its_part_and_nothing_old_is_kept)
{
	struct ats_rig rig;

	ats_rig_create(&rig, NESTED);
	map_two_pages(&rig);
	rig.machine->on_read = take_page_away;
	ats_rig_dma(&rig, ACCESS_READ, 0x7008, 1);
	EXPECT_EQ(rig.drained_under_way, 1);
	EXPECT_EQ(ats_rig_counter(&rig, "device_tlb_fill"), 0);
	EXPECT_EQ(ats_rig_dma(&rig, ACCESS_READ, 0x7008, 1).first_address.v, PLACE + 0x1008);
	EXPECT_EQ(ats_rig_counter(&rig, "device_tlb_fill"), 1);
	ats_rig_destroy(&rig);
}

/* --- time-out ----------------------------------------------------------------------------- */

static void queue_device_invalidation(struct ats_rig *rig, u16 source_id)
{
	const u64 d[4] = { 3 | (u64)source_id << 32, 0x7000 };

	machine_submit(rig->machine, d);
}

TEST(ats_timeout, sets_ite_with_the_source_and_aborts_the_waits_behind_it)
{
	struct machine *machine;
	struct ats_rig rig;
	u64 status;

	ats_rig_create(&rig, SECOND_STAGE);
	machine = rig.machine;
	machine_write32(machine, 0x38, 0);
	machine_write32(machine, 0x40, 0xfee03000);
	pcie_ats_silence(rig.function, true);
	queue_device_invalidation(&rig, MACHINE_DEVICE);
	EXPECT_EQ(machine_read32(machine, FSTS) & 0x7f, ITE);
	EXPECT_EQ(machine->interrupts, 1);
	EXPECT_EQ(machine->interrupt_address, 0xfee03000);
	status = machine_read64(machine, IQERCD);
	EXPECT_EQ(field_get(&status, "iqercd", "ITESID"), MACHINE_DEVICE);
	EXPECT_EQ(field_get(&status, "iqercd", "ICESID"), 0);
	EXPECT_EQ(field_get(&status, "iqercd", "IQEI"), 0);
	/* nothing is fetched until software clears it */
	EXPECT_FALSE(machine_wait(machine));
	machine_write32(machine, FSTS, ITE);
	EXPECT_EQ(machine_load(machine, machine->status_address), 0x600d);
	EXPECT_EQ(machine_read32(machine, FSTS) & ITE, 0);
	pcie_ats_silence(rig.function, false);
	queue_device_invalidation(&rig, MACHINE_DEVICE);
	EXPECT_TRUE(machine_wait(machine));
	EXPECT_EQ(machine_counter(machine, "device_tlb_timeouts"), 1);
	ats_rig_destroy(&rig);
}

TEST(ats_timeout, aborts_waits_that_were_queued_with_the_invalidation)
{
	const u64 device[2] = { 3 | (u64)MACHINE_DEVICE << 32, 0x7000 };
	struct machine *machine;
	struct ats_rig rig;
	u64 tail;

	ats_rig_create(&rig, SECOND_STAGE);
	machine = rig.machine;
	pcie_ats_silence(rig.function, true);
	tail = machine->tail;
	machine_store(machine, machine->status_address, 0);
	memory_write(machine->memory, hpa(machine->queue + tail), device, sizeof(device));
	machine_store(machine, machine->queue + tail + 16, 0);
	machine_store(machine, machine->queue + tail + 24, 0);
	machine_store(machine, machine->queue + tail + 32, 0x600dULL << 32 | 0x25);
	machine_store(machine, machine->queue + tail + 40, machine->status_address);
	machine->tail = tail + 64;
	machine_write64(machine, 0x88, machine->tail);
	EXPECT_EQ(machine_load(machine, machine->status_address), 0);
	EXPECT_EQ(machine_read64(machine, 0x80), machine->tail);
	machine_write32(machine, FSTS, ITE);
	EXPECT_EQ(machine_load(machine, machine->status_address), 0);
	EXPECT_TRUE(machine_wait(machine));
	ats_rig_destroy(&rig);
}

TEST(ats_timeout, a_function_without_ats_does_not_answer)
{
	const struct pcie_function_config config = { .source_id = MACHINE_DEVICE };
	const struct ats_invalidation invalidation = { .source_id = MACHINE_DEVICE };
	const struct pcie_upstream upstream = { .access = ats_rig_access };
	const struct port port = { .ops = &ats_rig_ops };
	struct pcie_function *function = pcie_function_create(&config, &upstream, &port);

	EXPECT_FALSE(pcie_ats_invalidate(function, &invalidation));
	pcie_function_destroy(function);
}

/* --- random streams ----------------------------------------------------------------------- */

#define STREAM 3000
#define STREAM_PAGES 24

/* Changes a page of PASID 1 as r says, with the invalidations that this needs; or without the last. */
static void change_page(struct ats_rig *rig, u64 r, bool tell_device)
{
	u64 input = 0x7f0000000000 + (r % STREAM_PAGES) * 4096;
	u64 bits = r >> 8 & 7 ? FS_P | FS_U : 0;
	const u64 iotlb[4] = { 6 | 3 << 4 | (u64)MACHINE_DOMAIN << 16 | 1ULL << 32, input };
	const u64 device[4] = { 8 | PASID_SID | 1ULL << 32, input };

	machine_map_first(rig->machine, input, 0x100000 + (r >> 16) % STREAM_PAGES * 4096, 4 * KIB,
			  bits | (r >> 11 & 1 ? FS_W : 0));
	machine_submit(rig->machine, iotlb);
	if (tell_device)
		machine_submit(rig->machine, device);
	EXPECT_TRUE(machine_wait(rig->machine));
}

static struct dma_result stream_dma(struct ats_rig *rig, u64 r, u64 *data)
{
	const struct dma_request request = {
		.address = iova(0x7f0000000000 + (r % STREAM_PAGES) * 4096 + (r >> 8 & 0xff8)),
		.len = 1 + (r >> 20) % 6000,
		.access = r >> 40 & 1 ? ACCESS_WRITE : ACCESS_READ,
		.has_pasid = true,
		.pasid = 1,
	};
	u8 buf[6000] = { 0 };
	struct dma_result result;
	size_t i;

	memset(buf, (int)(r >> 48), request.access == ACCESS_WRITE ? request.len : 0);
	pcie_dma(rig->function, &request, buf, &result);
	*data = 0;
	for (i = 0; i < result.done; i++)
		*data = *data * 31 + buf[i];
	return result;
}

/* Requests whose results differ between a function with a device TLB and one without. */
static unsigned int stream_differences(u64 seed, bool tell_device)
{
	struct ats_rig rigs[2];
	unsigned int i, n, differences = 0;

	ats_rig_create(&rigs[0], NESTED);
	ats_rig_create(&rigs[1], NESTED);
	ats_rig_enable(&rigs[1], false);
	for (n = 0; n < 2; n++)
		machine_map_second(rigs[n].machine, 0, PLACE, 2 * MIB, SS_R | SS_W | SS_PS);
	for (i = 0; i < STREAM; i++) {
		struct dma_result result[2];
		u64 data[2], r = random_next(&seed);

		if (r >> 60 == 0) {
			change_page(&rigs[0], r, tell_device);
			change_page(&rigs[1], r, tell_device);
			continue;
		}
		for (n = 0; n < 2; n++)
			result[n] = stream_dma(&rigs[n], r, &data[n]);
		differences += (result[0].status == DMA_OK) != (result[1].status == DMA_OK) ||
			       result[0].done != result[1].done || data[0] != data[1] ||
			       result[0].first_address.v != result[1].first_address.v;
	}
	EXPECT_GT(ats_rig_counter(&rigs[0], "device_tlb_hit"), STREAM / 20);
	EXPECT_GT(ats_rig_counter(&rigs[0], "device_tlb_evict"), 0);
	EXPECT_GT(ats_rig_counter(&rigs[0], "ats_denied"), 0);
	for (n = 0; n < 2; n++)
		ats_rig_destroy(&rigs[n]);
	return differences;
}

struct seed_row {
	const char *name;
	u64 seed;
};

static const struct seed_row seeds[] = { { "1", 1 }, { "2", 2 }, { "3", 3 }, { "4", 4 } };

TEST_WITH_NAMED_PARAMS(ats_random, a_device_tlb_changes_no_result_if_software_invalidates_it,
		       struct seed_row, seeds, name)
{
	SCOPED_NOTE("seed %llu", param->seed);
	EXPECT_EQ(stream_differences(param->seed * 0x9e3779b97f4a7c15ULL, true), 0);
}

TEST_WITH_NAMED_PARAMS(ats_random, an_invalidation_left_out_is_noticed, struct seed_row, seeds,
		       name)
{
	SCOPED_NOTE("seed %llu", param->seed);
	EXPECT_GT(stream_differences(param->seed * 0x9e3779b97f4a7c15ULL, false), 0);
}
