/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupt remapping: what becomes of a write to the interrupt range by request, entry and cache, which faults it
 * meets, and posting into memory.
 */
#include "vtd_machine.h"

#include <stdlib.h>

#include "gtest_c.h"

#define IRTA 0xb8
#define GSTS 0x1c
#define CFI 23
#define SIRTP 24
#define IRE 25

#define INDEX 5u
#define OTHER_DEVICE 0x3b08

/* A machine that remaps interrupts by a table of 2^(S + 1) entries. */
struct remapper {
	struct machine *machine;
	u64 table;
};

static struct remapper remapper_with(const struct vtd_config *config, u64 irta_low)
{
	struct remapper r = { .machine = machine_create(config, true) };

	r.table = machine_page(r.machine);
	machine_queue_start(r.machine, true, 0);
	machine_write64(r.machine, IRTA, r.table | irta_low);
	machine_command(r.machine, SIRTP, true);
	machine_command(r.machine, IRE, true);
	return r;
}

/* xAPIC mode, 256 entries. */
static struct remapper remapper(void)
{
	struct vtd_config config = machine_config();

	config.cap = with_field(config.cap, "cap", "PI", 1);
	config.ecap = with_field(config.ecap, "ecap", "MHMV", 15);
	return remapper_with(&config, 7);
}

static void store_entry(const struct remapper *r, u32 index, const u64 irte[2])
{
	machine_store(r->machine, r->table + index * 16, irte[0]);
	machine_store(r->machine, r->table + index * 16 + 8, irte[1]);
}

/* Vector 0x41 to destination 3, for MACHINE_DEVICE alone. */
static void plain_entry(u64 irte[2])
{
	irte[0] = irte[1] = 0;
	field_set(irte, "irte", "P", 1);
	field_set(irte, "irte", "V", 0x41);
	field_set(irte, "irte", "DST", 3 << 8);
	field_set(irte, "irte", "SID", MACHINE_DEVICE);
	field_set(irte, "irte", "SVT", 1);
}

static void store_plain(const struct remapper *r, u32 index)
{
	u64 irte[2];

	plain_entry(irte);
	store_entry(r, index, irte);
}

/* The address of a remappable request, without a subhandle. */
static u64 address_of(u32 handle)
{
	u64 address = 0xfee00010;

	field_set(&address, "remappable-address", "HANDLE", handle & 0x7fff);
	field_set(&address, "remappable-address", "HANDLE_HI", handle >> 15);
	return address;
}

static struct translation_result send_from(const struct remapper *r, u16 device, u64 address,
					   u32 data)
{
	struct translation_request request = dma_request(ACCESS_WRITE, address);

	request.source_id = device;
	request.data = data;
	return machine_dma(r->machine, &request);
}

static struct translation_result send(const struct remapper *r, u32 index)
{
	return send_from(r, MACHINE_DEVICE, address_of(index), 0);
}

static void invalidate(const struct remapper *r, bool by_index, u32 index, unsigned int mask)
{
	u64 d[4] = { 0 };

	field_set(d, "interrupt-entry-cache-invalidate", "TYPE", 4);
	field_set(d, "interrupt-entry-cache-invalidate", "G", by_index);
	field_set(d, "interrupt-entry-cache-invalidate", "IIDX", index);
	field_set(d, "interrupt-entry-cache-invalidate", "IM", mask);
	machine_submit(r->machine, d);
	EXPECT_TRUE(machine_wait(r->machine));
}

/* --- what arrives ------------------------------------------------------------------------ */

TEST(vtd_interrupt, a_remappable_request_becomes_the_message_of_its_entry)
{
	struct remapper r = remapper();
	struct translation_result result;

	store_plain(&r, INDEX);
	result = send(&r, INDEX);
	EXPECT_EQ(result.fault, 0);
	EXPECT_TRUE(result.interrupt);
	EXPECT_FALSE(result.posted);
	EXPECT_EQ(result.address.v, 0xfee03000);
	EXPECT_EQ(result.data, 0x4041);
	EXPECT_EQ(result.rights, ACCESS_WRITE);
	EXPECT_EQ(result.page_size, 4096);
	EXPECT_EQ(result.table_reads, 1);
	EXPECT_EQ(machine_counter(r.machine, "interrupt_requests"), 1);
	EXPECT_EQ(machine_counter(r.machine, "iommu_mrds"), 1);
	machine_destroy(r.machine);
}

struct message_row {
	const char *name, *field;
	u64 value, address;
	u32 data;
};

static const struct message_row message_rows[] = {
	{ "logical", "DM", 1, 0xfee03004, 0x4041 },
	{ "redirection_hint", "RH", 1, 0xfee03008, 0x4041 },
	{ "level", "TM", 1, 0xfee03000, 0xc041 },
	{ "delivery_mode", "DLM", 5, 0xfee03000, 0x4541 },
	{ "vector", "V", 0xfe, 0xfee03000, 0x40fe },
	{ "destination", "DST", 0xff00, 0xfeeff000, 0x4041 },
	{ "available_to_software", "AVAIL", 0xf, 0xfee03000, 0x4041 },
};

TEST_WITH_NAMED_PARAMS(vtd_interrupt, each_field_of_the_entry_has_its_place_in_the_message,
		       struct message_row, message_rows, name)
{
	struct remapper r = remapper();
	struct translation_result result;
	u64 irte[2];

	plain_entry(irte);
	field_set(irte, "irte", param->field, param->value);
	store_entry(&r, INDEX, irte);
	result = send(&r, INDEX);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.address.v, param->address);
	EXPECT_EQ(result.data, param->data);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, with_eime_destinations_have_32_bits)
{
	struct vtd_config config = machine_config();
	struct remapper r = remapper_with(&config, 7 | 1 << 11);
	struct translation_result result;
	u64 irte[2];

	plain_entry(irte);
	field_set(irte, "irte", "DST", 0x12345678);
	store_entry(&r, INDEX, irte);
	result = send(&r, INDEX);
	EXPECT_EQ(result.address.v, 0x12345600fee78000);
	machine_destroy(r.machine);

	/* a unit without EIM knows no such bit */
	config.ecap = with_field(config.ecap, "ecap", "EIM", 0);
	r = remapper_with(&config, 7 | 1 << 11);
	store_plain(&r, INDEX);
	EXPECT_EQ(send(&r, INDEX).address.v, 0xfee03000);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, a_subhandle_is_added_to_the_handle)
{
	struct remapper r = remapper();
	const u64 shv = 1 << 3;

	store_plain(&r, INDEX);
	EXPECT_EQ(send_from(&r, MACHINE_DEVICE, address_of(3) | shv, 2).data, 0x4041);
	/* without SHV the data do not matter */
	EXPECT_EQ(send_from(&r, MACHINE_DEVICE, address_of(INDEX), 0xffff0007).data, 0x4041);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, the_handles_upper_bit_is_in_bit_2)
{
	struct vtd_config config = machine_config();
	struct remapper r = { .machine = machine_create(&config, false) };

	r.table = machine_pages(r.machine, 256);
	machine_write64(r.machine, IRTA, r.table | 15);
	machine_command(r.machine, SIRTP, true);
	machine_command(r.machine, IRE, true);
	store_plain(&r, 0xffff);
	EXPECT_EQ(address_of(0xffff), 0xfeeffff4);
	EXPECT_EQ(send(&r, 0xffff).data, 0x4041);
	machine_destroy(r.machine);
}

/* --- formats and modes ------------------------------------------------------------------- */

TEST(vtd_interrupt, without_remapping_every_message_passes_as_it_is)
{
	struct remapper r = remapper();
	struct translation_result result;

	machine_command(r.machine, IRE, false);
	result = send_from(&r, OTHER_DEVICE, 0xfee01004, 0x4031);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.address.v, 0xfee01004);
	EXPECT_EQ(result.data, 0x4031);
	result = send_from(&r, OTHER_DEVICE, address_of(INDEX), 0x4031);
	EXPECT_EQ(result.address.v, address_of(INDEX));
	EXPECT_EQ(result.data, 0x4031);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, compatibility_format_passes_with_cfi_alone)
{
	struct remapper r = remapper();
	u64 record[2];

	EXPECT_EQ(send_from(&r, MACHINE_DEVICE, 0xfee01000, 0x31).fault,
		  VTD_FAULT_INTERRUPT_COMPATIBILITY_BLOCKED);
	machine_frcd(r.machine, 0, record);
	EXPECT_EQ(record[0], 0);
	EXPECT_EQ(field_get(record, "frcd", "FR"), 0x25);
	machine_command(r.machine, CFI, true);
	EXPECT_EQ(machine_read32(r.machine, GSTS), 7u << 23 | 1u << 26);
	EXPECT_EQ(send_from(&r, MACHINE_DEVICE, 0xfee01000, 0x31).address.v, 0xfee01000);
	EXPECT_EQ(send_from(&r, MACHINE_DEVICE, 0xfee01000, 0x31).data, 0x31);
	machine_command(r.machine, CFI, false);
	EXPECT_EQ(send_from(&r, MACHINE_DEVICE, 0xfee01000, 0x31).fault,
		  VTD_FAULT_INTERRUPT_COMPATIBILITY_BLOCKED);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, compatibility_format_never_passes_with_eime)
{
	struct vtd_config config = machine_config();
	struct remapper r = remapper_with(&config, 7 | 1 << 11);

	machine_command(r.machine, CFI, true);
	EXPECT_EQ(send_from(&r, MACHINE_DEVICE, 0xfee01000, 0x31).fault,
		  VTD_FAULT_INTERRUPT_COMPATIBILITY_BLOCKED);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, a_unit_for_extended_mode_alone_refuses_the_other)
{
	struct vtd_config config = machine_config();
	struct remapper r;

	config.ecap = with_field(config.ecap, "ecap", "EIMER", 1);
	r = remapper_with(&config, 7);
	store_plain(&r, INDEX);
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_MODE_REQUIRED);
	machine_command(r.machine, CFI, true);
	EXPECT_EQ(send_from(&r, MACHINE_DEVICE, 0xfee01000, 0x31).fault,
		  VTD_FAULT_INTERRUPT_MODE_REQUIRED);
	machine_write64(r.machine, IRTA, r.table | 7 | 1 << 11);
	machine_command(r.machine, SIRTP, true);
	EXPECT_EQ(send(&r, INDEX).fault, 0);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, a_unit_that_requires_remapping_lets_nothing_pass_without)
{
	struct vtd_config config = machine_config();
	struct machine *machine;
	u64 record[2];

	config.ecap = with_field(config.ecap, "ecap", "IRREQ", 1);
	machine = machine_create(&config, false);
	EXPECT_EQ(machine_rid_write(machine, 0xfee01000).fault,
		  VTD_FAULT_INTERRUPT_REMAPPING_REQUIRED);
	machine_frcd(machine, 0, record);
	EXPECT_EQ(record[0], 0);
	EXPECT_EQ(field_get(record, "frcd", "FR"), 0x2b);
	machine_destroy(machine);
}

TEST(vtd_interrupt, the_table_is_the_one_that_was_set_last)
{
	struct remapper r = remapper();

	store_plain(&r, INDEX);
	machine_write64(r.machine, IRTA, machine_page(r.machine));
	EXPECT_EQ(send(&r, INDEX).fault, 0);
	invalidate(&r, false, 0, 0);
	machine_command(r.machine, SIRTP, true);
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_INDEX_TOO_LARGE);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, enabling_without_a_table_is_told)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, true);

	machine_command(machine, IRE, true);
	EXPECT_NE(machine_event(machine, PORT_EVENT_SOFTWARE_ERROR, "GCMD.IRE"), NULL);
	machine_command(machine, IRE, false);
	EXPECT_EQ(machine_counter(machine, "software_errors"), 1);
	machine_destroy(machine);
}

TEST(vtd_interrupt, the_units_own_events_are_not_remapped)
{
	struct remapper r = remapper();

	machine_write32(r.machine, 0x3c, 0x99); /* FEDATA, FEADDR, FECTL */
	machine_write32(r.machine, 0x40, 0xfee02000);
	machine_write32(r.machine, 0x38, 0);
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_ENTRY_NOT_PRESENT);
	EXPECT_EQ(r.machine->interrupts, 1);
	EXPECT_EQ(r.machine->interrupt_address, 0xfee02000);
	EXPECT_EQ(r.machine->interrupt_data, 0x99);
	machine_destroy(r.machine);
}

/* --- what is no message ------------------------------------------------------------------ */

struct other_row {
	const char *name;
	enum access access;
	u64 address;
	size_t len;
};

static const struct other_row other_rows[] = {
	{ "read", ACCESS_READ, 0xfee00000, 4 },
	{ "two_bytes", ACCESS_WRITE, 0xfee00000, 2 },
	{ "two_doublewords", ACCESS_WRITE, 0xfee00000, 8 },
	{ "not_aligned", ACCESS_WRITE, 0xfee00002, 4 },
};

TEST_WITH_NAMED_PARAMS(vtd_interrupt, only_an_aligned_doubleword_written_is_a_message,
		       struct other_row, other_rows, name)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);
	struct translation_request request = dma_request(param->access, param->address);
	u64 record[2];

	request.len = param->len;
	/* legacy mode, nothing enabled */
	EXPECT_EQ(machine_dma(machine, &request).fault, VTD_FAULT_INTERRUPT_INVALID);
	machine_frcd(machine, 0, record);
	EXPECT_EQ(record[0], 0xfee00000);
	machine_ready(machine, PASS_THROUGH);
	EXPECT_EQ(machine_dma(machine, &request).fault, VTD_FAULT_INTERRUPT_INVALID);
	EXPECT_EQ(machine_counter(machine, "interrupt_requests"), 0);
	machine_destroy(machine);
}

TEST(vtd_interrupt, nothing_reaches_the_range_as_memory_while_translation_is_off)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);
	struct translation_request request = dma_with_pasid(ACCESS_WRITE, 0xfee00000, 1);

	EXPECT_EQ(machine_dma(machine, &request).fault, VTD_FAULT_INTERRUPT_ADDRESS);
	request.has_pasid = false;
	request.type = ADDRESS_TRANSLATED;
	EXPECT_EQ(machine_dma(machine, &request).fault, VTD_FAULT_INTERRUPT_ADDRESS);
	request.address = iova(0xfef00000);
	EXPECT_EQ(machine_dma(machine, &request).fault, 0);
	machine_root_pointer(machine, machine_page(machine), MODE_SCALABLE);
	request.address = iova(0xfee00000);
	EXPECT_EQ(machine_dma(machine, &request).fault, VTD_FAULT_SM_INTERRUPT_ADDRESS);
	machine_destroy(machine);
}

/* --- faults ------------------------------------------------------------------------------ */

TEST(vtd_interrupt, reserved_bits_of_the_request_are_refused)
{
	struct remapper r = remapper();

	EXPECT_EQ(send_from(&r, MACHINE_DEVICE, address_of(3) | 1 << 3, 0x10002).fault,
		  VTD_FAULT_INTERRUPT_REQUEST_RESERVED);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, an_index_beyond_the_table_is_refused)
{
	struct remapper r = remapper();
	u64 record[2];

	store_plain(&r, 255);
	EXPECT_EQ(send(&r, 255).fault, 0);
	EXPECT_EQ(send(&r, 256).fault, VTD_FAULT_INTERRUPT_INDEX_TOO_LARGE);
	machine_frcd(r.machine, 0, record);
	/* by the index in FI 63:48 */
	EXPECT_EQ(record[0], 256ULL << 48);
	EXPECT_EQ(field_get(record, "frcd", "FR"), 0x21);
	EXPECT_EQ(field_get(record, "frcd", "SID"), MACHINE_DEVICE);
	EXPECT_EQ(field_get(record, "frcd", "PP"), 0);
	/* a sum that has 17 bits is not cut off */
	EXPECT_EQ(send_from(&r, MACHINE_DEVICE, address_of(0xffff) | 1 << 3, 6).fault,
		  VTD_FAULT_INTERRUPT_INDEX_TOO_LARGE);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, a_table_that_cannot_be_read_is_told)
{
	struct vtd_config config = machine_config();
	struct remapper r = remapper();

	r.machine->fails_at = r.table;
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_ENTRY_ACCESS);
	EXPECT_EQ(machine_event(r.machine, PORT_EVENT_TABLE_READ, NULL)->status, PORT_ERROR);
	/* beyond the host's width: the unit does not try */
	machine_write64(r.machine, IRTA, 1ULL << config.host_address_width | 7);
	machine_command(r.machine, SIRTP, true);
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_INDEX_TOO_LARGE);
	EXPECT_EQ(machine_counter(r.machine, "iommu_mrds"), 1);
	machine_destroy(r.machine);
}

struct entry_row {
	const char *name, *field;
	u64 value;
	unsigned int quadword;
	u64 bits; /* to be set besides */
	enum vtd_fault fault;
};

static const struct entry_row entry_rows[] = {
	{ "not_present", "P", 0, 0, 0, VTD_FAULT_INTERRUPT_ENTRY_NOT_PRESENT },
	{ "reserved_bit_12", "P", 1, 0, 1 << 12, VTD_FAULT_INTERRUPT_ENTRY_RESERVED },
	{ "urgent_but_remapped", "P", 1, 0, 1 << 14, VTD_FAULT_INTERRUPT_ENTRY_RESERVED },
	{ "reserved_upper_half", "P", 1, 1, 1ULL << 20, VTD_FAULT_INTERRUPT_ENTRY_RESERVED },
	{ "destination_below_xapic", "DST", 0x301, 0, 0, VTD_FAULT_INTERRUPT_ENTRY_RESERVED },
	{ "destination_above_xapic", "DST", 0x10300, 0, 0, VTD_FAULT_INTERRUPT_ENTRY_RESERVED },
	{ "source_check_3", "SVT", 3, 0, 0, VTD_FAULT_INTERRUPT_ENTRY_RESERVED },
	{ "another_source", "SID", OTHER_DEVICE, 0, 0, VTD_FAULT_INTERRUPT_SOURCE },
};

static void bad_entry(const struct entry_row *row, u64 irte[2])
{
	plain_entry(irte);
	field_set(irte, "irte", row->field, row->value);
	irte[row->quadword] |= row->bits;
}

TEST_WITH_NAMED_PARAMS(vtd_interrupt, a_wrong_entry_is_refused_and_recorded, struct entry_row,
		       entry_rows, name)
{
	struct remapper r = remapper();
	u64 irte[2], record[2];

	bad_entry(param, irte);
	store_entry(&r, INDEX, irte);
	EXPECT_EQ(send(&r, INDEX).fault, (unsigned int)param->fault);
	machine_frcd(r.machine, 0, record);
	EXPECT_EQ(field_get(record, "frcd", "FR"), param->fault);
	EXPECT_EQ(record[0], (u64)INDEX << 48);
	EXPECT_NE(machine_event(r.machine, PORT_EVENT_FAULT, vtd_fault_info(param->fault)->text),
		  NULL);
	machine_destroy(r.machine);
}

TEST_WITH_NAMED_PARAMS(vtd_interrupt, fpd_of_the_entry_keeps_its_faults_unrecorded,
		       struct entry_row, entry_rows, name)
{
	struct remapper r = remapper();
	u64 irte[2];

	bad_entry(param, irte);
	field_set(irte, "irte", "FPD", 1);
	store_entry(&r, INDEX, irte);
	EXPECT_EQ(send(&r, INDEX).fault, (unsigned int)param->fault);
	EXPECT_EQ(send(&r, INDEX).fault, (unsigned int)param->fault);
	EXPECT_EQ(machine_counter(r.machine, "faults"), 2);
	EXPECT_EQ(machine_counter(r.machine, "fault_records"), 0);
	/* what ends by a fault is not cached */
	EXPECT_EQ(machine_counter(r.machine, "int_cache_hit"), 0);
	machine_destroy(r.machine);
}

/* --- whose requests an entry takes ------------------------------------------------------- */

struct source_row {
	const char *name;
	unsigned int svt, sq;
	u16 sid, source;
	bool allowed;
};

static const struct source_row source_rows[] = {
	{ "no_check", 0, 0, 0, OTHER_DEVICE, true },
	{ "all_bits", 1, 0, 0x3a05, 0x3a05, true },
	{ "all_bits_function", 1, 0, 0x3a05, 0x3a01, false },
	{ "bit_2_ignored", 1, 1, 0x3a05, 0x3a01, true },
	{ "bit_2_ignored_bit_1", 1, 1, 0x3a05, 0x3a07, false },
	{ "bits_2_1_ignored", 1, 2, 0x3a05, 0x3a03, true },
	{ "bits_2_1_ignored_bit_0", 1, 2, 0x3a05, 0x3a02, false },
	{ "function_ignored", 1, 3, 0x3a05, 0x3a02, true },
	{ "function_ignored_device", 1, 3, 0x3a05, 0x3a0d, false },
	{ "first_bus", 2, 0, 0x3a3c, 0x3a00, true },
	{ "last_bus", 2, 0, 0x3a3c, 0x3cff, true },
	{ "bus_below", 2, 0, 0x3a3c, 0x39ff, false },
	{ "bus_above", 2, 0, 0x3a3c, 0x3d00, false },
};

TEST_WITH_NAMED_PARAMS(vtd_interrupt, the_source_is_checked_as_the_entry_says, struct source_row,
		       source_rows, name)
{
	struct remapper r = remapper();
	u64 irte[2];
	int i;

	plain_entry(irte);
	field_set(irte, "irte", "SVT", param->svt);
	field_set(irte, "irte", "SQ", param->sq);
	field_set(irte, "irte", "SID", param->sid);
	store_entry(&r, INDEX, irte);
	/* from memory, then if it was taken from the cache */
	for (i = 0; i < 2; i++)
		EXPECT_EQ(send_from(&r, param->source, address_of(INDEX), 0).fault,
			  param->allowed ? 0 : (unsigned int)VTD_FAULT_INTERRUPT_SOURCE);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_hit"), param->allowed);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, the_source_is_checked_before_what_the_entry_is_for)
{
	struct remapper r = remapper();
	u64 irte[2];

	plain_entry(irte);
	irte[0] |= 1 << 12;
	store_entry(&r, INDEX, irte);
	EXPECT_EQ(send_from(&r, OTHER_DEVICE, address_of(INDEX), 0).fault,
		  VTD_FAULT_INTERRUPT_SOURCE);
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_ENTRY_RESERVED);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, a_cached_entry_is_checked_for_each_source)
{
	struct remapper r = remapper();

	store_plain(&r, INDEX);
	EXPECT_EQ(send(&r, INDEX).fault, 0);
	EXPECT_EQ(send_from(&r, OTHER_DEVICE, address_of(INDEX), 0).fault,
		  VTD_FAULT_INTERRUPT_SOURCE);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_hit"), 1);
	machine_destroy(r.machine);
}

/* --- the interrupt entry cache ----------------------------------------------------------- */

TEST(vtd_interrupt, a_cached_entry_is_used_until_it_is_invalidated)
{
	struct remapper r = remapper();
	u64 irte[2];

	store_plain(&r, INDEX);
	send(&r, INDEX);
	plain_entry(irte);
	field_set(irte, "irte", "V", 0x55);
	store_entry(&r, INDEX, irte);
	EXPECT_EQ(send(&r, INDEX).data, 0x4041);
	EXPECT_EQ(send(&r, INDEX).table_reads, 0);
	invalidate(&r, true, INDEX, 0);
	EXPECT_EQ(send(&r, INDEX).data, 0x4055);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_lookup"), 4);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_hit"), 2);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_fill"), 2);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_invalidate"), 1);
	machine_destroy(r.machine);
}

struct invalidation_row {
	const char *name;
	bool by_index;
	u32 index;
	unsigned int mask;
	u32 removed; /* bit n: index n */
};

static const struct invalidation_row invalidation_rows[] = {
	{ "global", false, 0, 0, 0xff },
	{ "global_ignores_the_index", false, 3, 15, 0xff },
	{ "one", true, 3, 0, 1 << 3 },
	{ "two", true, 2, 1, 3 << 2 },
	{ "four_aligned_down", true, 6, 2, 0xf << 4 },
	{ "all_by_mask", true, 0, 15, 0xff },
	{ "elsewhere", true, 16, 3, 0 },
};

TEST_WITH_NAMED_PARAMS(vtd_interrupt, an_invalidation_removes_the_indices_that_it_names,
		       struct invalidation_row, invalidation_rows, name)
{
	struct remapper r = remapper();
	u32 index, removed = 0;

	for (index = 0; index < 8; index++) {
		store_plain(&r, index);
		send(&r, index);
	}
	invalidate(&r, param->by_index, param->index, param->mask);
	for (index = 0; index < 8; index++)
		removed |= send(&r, index).table_reads << index;
	EXPECT_EQ(removed, param->removed);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, invalidations_of_dma_remapping_leave_the_cache_alone)
{
	struct remapper r = remapper();

	store_plain(&r, INDEX);
	send(&r, INDEX);
	machine_invalidate_all(r.machine);
	EXPECT_EQ(send(&r, INDEX).table_reads, 0);
	vtd_evict_all(r.machine->unit);
	EXPECT_EQ(send(&r, INDEX).table_reads, 1);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, setting_the_table_invalidates_with_esirtps_alone)
{
	struct vtd_config config = machine_config();
	unsigned int esirtps;

	for (esirtps = 0; esirtps < 2; esirtps++) {
		struct remapper r;

		config.cap = with_field(config.cap, "cap", "ESIRTPS", esirtps);
		r = remapper_with(&config, 7);
		store_plain(&r, INDEX);
		send(&r, INDEX);
		machine_command(r.machine, SIRTP, true);
		EXPECT_EQ(send(&r, INDEX).table_reads, esirtps);
		machine_destroy(r.machine);
	}
}

TEST_WITH_NAMED_PARAMS(vtd_interrupt, in_caching_mode_wrong_entries_are_kept_until_invalidated,
		       struct entry_row, entry_rows, name)
{
	struct vtd_config config = machine_config();
	struct remapper r;
	u64 irte[2];

	config.cap = with_field(config.cap, "cap", "CM", 1);
	r = remapper_with(&config, 7);
	bad_entry(param, irte);
	store_entry(&r, INDEX, irte);
	EXPECT_EQ(send(&r, INDEX).fault, (unsigned int)param->fault);
	store_plain(&r, INDEX);
	EXPECT_EQ(send(&r, INDEX).fault, (unsigned int)param->fault);
	invalidate(&r, true, INDEX, 0);
	EXPECT_EQ(send(&r, INDEX).fault, 0);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, without_a_cache_every_request_reads_its_entry)
{
	struct vtd_config config = machine_config();
	struct remapper r;

	machine_caches_off(&config);
	r = remapper_with(&config, 7);
	store_plain(&r, INDEX);
	EXPECT_EQ(send(&r, INDEX).table_reads, 1);
	EXPECT_EQ(send(&r, INDEX).table_reads, 1);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_lookup"), 0);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, lookups_take_the_time_of_the_cache)
{
	struct vtd_config config = machine_config();
	struct remapper r;

	config.interrupt_cache.latency = 9;
	r = remapper_with(&config, 7);
	store_plain(&r, INDEX);
	r.machine->cycles = 0;
	send(&r, INDEX);
	EXPECT_EQ(r.machine->cycles, 9);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, an_observer_sees_entry_cache_and_message)
{
	struct remapper r = remapper();
	const struct port_event *event;

	store_plain(&r, INDEX);
	send(&r, INDEX);
	event = machine_event(r.machine, PORT_EVENT_TABLE_READ, "interrupt remapping entry");
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->address.v, r.table + INDEX * 16);
	EXPECT_EQ(event->len, 16);
	event = machine_event(r.machine, PORT_EVENT_CACHE_MISS, "interrupt entry cache");
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->input, INDEX);
	EXPECT_NE(machine_event(r.machine, PORT_EVENT_CACHE_FILL, "interrupt entry cache"), NULL);
	event = machine_event(r.machine, PORT_EVENT_TRANSLATED, "interrupt request");
	ASSERT_NE(event, NULL);
	EXPECT_EQ(event->input, address_of(INDEX));
	EXPECT_EQ(event->output, 0xfee03000);
	send(&r, INDEX);
	EXPECT_NE(machine_event(r.machine, PORT_EVENT_CACHE_HIT, "interrupt entry cache"), NULL);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, nobody_looking_changes_nothing)
{
	struct vtd_config config = machine_config();
	struct remapper r;
	u64 irte[2] = { 0 };

	config.cap = with_field(config.cap, "cap", "PI", 1);
	r.machine = machine_create(&config, false);
	r.table = machine_page(r.machine);
	machine_write64(r.machine, IRTA, r.table | 7);
	machine_command(r.machine, SIRTP, true);
	machine_command(r.machine, IRE, true);
	store_plain(&r, INDEX);
	EXPECT_EQ(send(&r, INDEX).data, 0x4041);
	EXPECT_EQ(send(&r, INDEX).data, 0x4041);
	/* posted, to a descriptor of zeroes */
	field_set(irte, "irte-posted", "P", 1);
	field_set(irte, "irte-posted", "IM", 1);
	field_set(irte, "irte-posted", "PDAL", machine_page(r.machine) >> 6);
	store_entry(&r, INDEX + 1, irte);
	EXPECT_TRUE(send(&r, INDEX + 1).posted);
	machine_destroy(r.machine);
}

/* An entry changes and its invalidation completes after the unit has read the old one. */
static void change_entry(struct machine *machine, hpa_t address)
{
	struct remapper *r = machine->arg;

	if (address.v != r->table + INDEX * 16)
		return;
	machine->on_read = NULL;
	machine_store(machine, r->table + INDEX * 16,
		      machine_load(machine, address.v) ^ 0xff << 16);
	invalidate(r, true, INDEX, 0);
}

TEST(vtd_interrupt, an_invalidation_that_completes_during_the_read_wins)
{
	struct remapper r = remapper();

	store_plain(&r, INDEX);
	r.machine->arg = &r;
	r.machine->on_read = change_entry;
	EXPECT_EQ(send(&r, INDEX).data, 0x40be);
	EXPECT_EQ(send(&r, INDEX).data, 0x40be);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_hit"), 1);
	machine_destroy(r.machine);
}

static void invalidate_again(struct machine *machine, hpa_t address)
{
	struct remapper *r = machine->arg;

	if (address.v != r->table + INDEX * 16)
		return;
	invalidate(r, false, 0, 0);
}

TEST(vtd_interrupt, software_that_invalidates_without_end_gets_what_there_is)
{
	struct remapper r = remapper();
	struct translation_result result;

	store_plain(&r, INDEX);
	r.machine->arg = &r;
	r.machine->on_read = invalidate_again;
	result = send(&r, INDEX);
	EXPECT_EQ(result.data, 0x4041);
	EXPECT_EQ(result.table_reads, 16);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_fill"), 0);
	machine_destroy(r.machine);
}

/* --- posted interrupts ------------------------------------------------------------------- */

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
	store_entry(r, INDEX, irte);
	return descriptor;
}

TEST(vtd_posted_interrupt, the_vector_is_set_and_the_first_one_notifies)
{
	struct remapper r = remapper();
	u64 descriptor = store_posted(&r, false);
	struct translation_result result = send(&r, INDEX);

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
	result = send(&r, INDEX);
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
		struct remapper r = remapper();
		u64 descriptor = store_posted(&r, urgent);
		struct translation_result result;

		machine_store(r.machine, descriptor + 32, 2 | NOTICE << 16);
		result = send(&r, INDEX);
		EXPECT_EQ(result.fault, 0);
		EXPECT_EQ(result.silent, !urgent);
		EXPECT_EQ(machine_load(r.machine, descriptor + 16), 1 << 3);
		EXPECT_EQ(machine_load(r.machine, descriptor + 32) & 1, urgent);
		machine_destroy(r.machine);
	}
}

TEST(vtd_posted_interrupt, the_source_is_checked_too)
{
	struct remapper r = remapper();
	u64 irte[2];
	u64 descriptor = posted_entry(&r, irte);

	field_set(irte, "irte-posted", "SVT", 1);
	field_set(irte, "irte-posted", "SID", OTHER_DEVICE);
	store_entry(&r, INDEX, irte);
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_SOURCE);
	EXPECT_EQ(machine_load(r.machine, descriptor + 16), 0);
	EXPECT_EQ(send_from(&r, OTHER_DEVICE, address_of(INDEX), 0).fault, 0);
	machine_destroy(r.machine);
}

TEST(vtd_posted_interrupt, a_unit_without_posting_takes_the_format_for_reserved)
{
	struct vtd_config config = machine_config();
	struct remapper r = remapper_with(&config, 7);

	store_posted(&r, false);
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_ENTRY_RESERVED);
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
	struct remapper r = remapper();
	u64 irte[2];

	posted_entry(&r, irte);
	irte[param->quadword] |= param->bits;
	store_entry(&r, INDEX, irte);
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_ENTRY_RESERVED);
	machine_destroy(r.machine);
}

TEST(vtd_posted_interrupt, reserved_bits_of_the_descriptor_are_refused)
{
	struct remapper r = remapper();
	u64 descriptor = store_posted(&r, false);

	machine_store(r.machine, descriptor + 32, 1 << 2);
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_POSTED_DESCRIPTOR_RESERVED);
	machine_store(r.machine, descriptor + 32, 1ULL << 32);
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_POSTED_DESCRIPTOR_RESERVED);
	machine_store(r.machine, descriptor + 32, 0);
	machine_store(r.machine, descriptor + 56, 1ULL << 63);
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_POSTED_DESCRIPTOR_RESERVED);
	EXPECT_EQ(machine_load(r.machine, descriptor + 16), 0);
	EXPECT_EQ(machine_counter(r.machine, "fault_records"), 3);
	machine_destroy(r.machine);
}

TEST(vtd_posted_interrupt, a_descriptor_out_of_reach_is_told)
{
	struct remapper r = remapper();
	u64 descriptor = store_posted(&r, false);

	r.machine->fails_at = descriptor & MODEL_PAGE_MASK;
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_POSTED_DESCRIPTOR_ACCESS);
	r.machine->fails_at = 0;
	r.machine->exchange_fails = true;
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_POSTED_DESCRIPTOR_ACCESS);
	/* the vector is there already: ON it is that cannot be set */
	machine_store(r.machine, descriptor + 16, 1 << 3);
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_POSTED_DESCRIPTOR_ACCESS);
	EXPECT_EQ(machine_counter(r.machine, "interrupts_posted"), 0);
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
	struct remapper r = remapper();
	u64 descriptor = store_posted(&r, false);
	u64 change = 1ULL << 60;

	r.machine->arg = &change;
	r.machine->on_exchange = change_descriptor;
	EXPECT_FALSE(send(&r, INDEX).silent);
	EXPECT_EQ(machine_load(r.machine, descriptor + 16), 1ULL << 60 | 1 << 3);

	/* ON comes from elsewhere: one notification is enough */
	machine_store(r.machine, descriptor + 32, NOTICE << 16);
	change = 1;
	r.machine->on_exchange = change_descriptor;
	EXPECT_TRUE(send(&r, INDEX).silent);
	machine_destroy(r.machine);
}

static void change_for_ever(struct machine *machine, hpa_t address)
{
	machine_store(machine, address.v, machine_load(machine, address.v) + (1ULL << 32));
}

TEST(vtd_posted_interrupt, a_descriptor_that_never_stands_still_is_given_up)
{
	struct remapper r = remapper();

	store_posted(&r, false);
	r.machine->on_exchange = change_for_ever;
	EXPECT_EQ(send(&r, INDEX).fault, VTD_FAULT_POSTED_DESCRIPTOR_ACCESS);
	EXPECT_LE(r.machine->exchanges, 32);
	machine_destroy(r.machine);
}
