/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupt remapping: what becomes of a write to the interrupt range by request and entry, and which faults it
 * meets.
 */
#include "vtd_remapper.h"

#include "gtest_c.h"

/* --- what arrives ------------------------------------------------------------------------ */

TEST(vtd_interrupt, a_remappable_request_becomes_the_message_of_its_entry)
{
	struct remapper r = remapper_create();
	struct translation_result result;

	remapper_store_plain(&r, INDEX);
	result = remapper_send(&r, INDEX);
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
	struct remapper r = remapper_create();
	struct translation_result result;
	u64 irte[2];

	remapper_plain_entry(irte);
	field_set(irte, "irte", param->field, param->value);
	remapper_store(&r, INDEX, irte);
	result = remapper_send(&r, INDEX);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.address.v, param->address);
	EXPECT_EQ(result.data, param->data);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, with_eime_destinations_have_32_bits)
{
	struct vtd_config config = machine_config();
	struct remapper r = remapper_create_with(&config, 7 | 1 << 11);
	struct translation_result result;
	u64 irte[2];

	remapper_plain_entry(irte);
	field_set(irte, "irte", "DST", 0x12345678);
	remapper_store(&r, INDEX, irte);
	result = remapper_send(&r, INDEX);
	EXPECT_EQ(result.address.v, 0x12345600fee78000);
	machine_destroy(r.machine);

	/* a unit without EIM knows no such bit */
	config.ecap = with_field(config.ecap, "ecap", "EIM", 0);
	r = remapper_create_with(&config, 7 | 1 << 11);
	remapper_store_plain(&r, INDEX);
	EXPECT_EQ(remapper_send(&r, INDEX).address.v, 0xfee03000);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, a_subhandle_is_added_to_the_handle)
{
	struct remapper r = remapper_create();
	const u64 shv = 1 << 3;

	remapper_store_plain(&r, INDEX);
	EXPECT_EQ(remapper_send_from(&r, MACHINE_DEVICE, remappable_address(3) | shv, 2).data,
		  0x4041);
	/* without SHV the data do not matter */
	EXPECT_EQ(
		remapper_send_from(&r, MACHINE_DEVICE, remappable_address(INDEX), 0xffff0007).data,
		0x4041);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, the_handles_upper_bit_is_in_bit_2)
{
	struct vtd_config config = machine_config();
	struct remapper r = { .machine = machine_create(&config, false) };
	u64 record[2];

	r.table = machine_pages(r.machine, 256);
	machine_write64(r.machine, IRTA, r.table | 15);
	machine_command(r.machine, SIRTP, true);
	machine_command(r.machine, IRE, true);
	remapper_store_plain(&r, 0xffff);
	EXPECT_EQ(remappable_address(0xffff), 0xfeeffff4);
	EXPECT_EQ(remapper_send(&r, 0xffff).data, 0x4041);
	/* and all of the index in a record, of each reason */
	EXPECT_EQ(remapper_send_from(&r, MACHINE_DEVICE, remappable_address(0xfffe) | 1 << 3,
				     0x10001)
			  .fault,
		  VTD_FAULT_INTERRUPT_REQUEST_RESERVED);
	machine_frcd(r.machine, 0, record);
	EXPECT_EQ(record[0], 0xffffULL << 48);
	machine_destroy(r.machine);
}

/* --- formats and modes ------------------------------------------------------------------- */

TEST(vtd_interrupt, without_remapping_every_message_passes_as_it_is)
{
	struct remapper r = remapper_create();
	struct translation_result result;

	machine_command(r.machine, IRE, false);
	result = remapper_send_from(&r, OTHER_DEVICE, 0xfee01004, 0x4031);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.address.v, 0xfee01004);
	EXPECT_EQ(result.data, 0x4031);
	result = remapper_send_from(&r, OTHER_DEVICE, remappable_address(INDEX), 0x4031);
	EXPECT_EQ(result.address.v, remappable_address(INDEX));
	EXPECT_EQ(result.data, 0x4031);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, compatibility_format_passes_with_cfi_alone)
{
	struct remapper r = remapper_create();
	u64 record[2];

	EXPECT_EQ(remapper_send_from(&r, MACHINE_DEVICE, 0xfee01000, 0x31).fault,
		  VTD_FAULT_INTERRUPT_COMPATIBILITY_BLOCKED);
	machine_frcd(r.machine, 0, record);
	EXPECT_EQ(record[0], 0);
	EXPECT_EQ(field_get(record, "frcd", "FR"), 0x25);
	machine_command(r.machine, CFI, true);
	EXPECT_EQ(machine_read32(r.machine, GSTS), 7u << 23 | 1u << 26);
	EXPECT_EQ(remapper_send_from(&r, MACHINE_DEVICE, 0xfee01000, 0x31).address.v, 0xfee01000);
	EXPECT_EQ(remapper_send_from(&r, MACHINE_DEVICE, 0xfee01000, 0x31).data, 0x31);
	machine_command(r.machine, CFI, false);
	EXPECT_EQ(remapper_send_from(&r, MACHINE_DEVICE, 0xfee01000, 0x31).fault,
		  VTD_FAULT_INTERRUPT_COMPATIBILITY_BLOCKED);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, compatibility_format_never_passes_with_eime)
{
	struct vtd_config config = machine_config();
	struct remapper r = remapper_create_with(&config, 7 | 1 << 11);

	machine_command(r.machine, CFI, true);
	EXPECT_EQ(remapper_send_from(&r, MACHINE_DEVICE, 0xfee01000, 0x31).fault,
		  VTD_FAULT_INTERRUPT_COMPATIBILITY_BLOCKED);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, a_unit_for_extended_mode_alone_refuses_the_other)
{
	struct vtd_config config = machine_config();
	struct remapper r;

	config.ecap = with_field(config.ecap, "ecap", "EIMER", 1);
	r = remapper_create_with(&config, 7);
	remapper_store_plain(&r, INDEX);
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_MODE_REQUIRED);
	machine_command(r.machine, CFI, true);
	EXPECT_EQ(remapper_send_from(&r, MACHINE_DEVICE, 0xfee01000, 0x31).fault,
		  VTD_FAULT_INTERRUPT_MODE_REQUIRED);
	machine_write64(r.machine, IRTA, r.table | 7 | 1 << 11);
	machine_command(r.machine, SIRTP, true);
	EXPECT_EQ(remapper_send(&r, INDEX).fault, 0);
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
	struct remapper r = remapper_create();

	remapper_store_plain(&r, INDEX);
	machine_write64(r.machine, IRTA, machine_page(r.machine));
	EXPECT_EQ(remapper_send(&r, INDEX).fault, 0);
	remapper_invalidate(&r, false, 0, 0);
	machine_command(r.machine, SIRTP, true);
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_INDEX_TOO_LARGE);
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
	struct remapper r = remapper_create();

	machine_write32(r.machine, 0x3c, 0x99); /* FEDATA, FEADDR, FECTL */
	machine_write32(r.machine, 0x40, 0xfee02000);
	machine_write32(r.machine, 0x38, 0);
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_ENTRY_NOT_PRESENT);
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

TEST(vtd_interrupt, an_index_beyond_the_table_is_refused)
{
	struct remapper r = remapper_create();
	u64 record[2];

	remapper_store_plain(&r, 255);
	EXPECT_EQ(remapper_send(&r, 255).fault, 0);
	EXPECT_EQ(remapper_send(&r, 256).fault, VTD_FAULT_INTERRUPT_INDEX_TOO_LARGE);
	machine_frcd(r.machine, 0, record);
	/* by the index in FI 63:48 */
	EXPECT_EQ(record[0], 256ULL << 48);
	EXPECT_EQ(field_get(record, "frcd", "FR"), 0x21);
	EXPECT_EQ(field_get(record, "frcd", "SID"), MACHINE_DEVICE);
	EXPECT_EQ(field_get(record, "frcd", "PP"), 0);
	/* a sum that has 17 bits is not cut off */
	EXPECT_EQ(
		remapper_send_from(&r, MACHINE_DEVICE, remappable_address(0xffff) | 1 << 3, 6).fault,
		VTD_FAULT_INTERRUPT_INDEX_TOO_LARGE);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, a_table_that_cannot_be_read_is_told)
{
	struct vtd_config config = machine_config();
	struct remapper r = remapper_create();

	r.machine->fails_at = r.table;
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_ENTRY_ACCESS);
	EXPECT_EQ(machine_event(r.machine, PORT_EVENT_TABLE_READ, NULL)->status, PORT_ERROR);
	/* beyond the host's width: the unit does not try */
	machine_write64(r.machine, IRTA, 1ULL << config.host_address_width | 7);
	machine_command(r.machine, SIRTP, true);
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_INDEX_TOO_LARGE);
	EXPECT_EQ(machine_counter(r.machine, "iommu_mrds"), 1);
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
	struct remapper r = remapper_create();
	u64 irte[2];
	int i;

	remapper_plain_entry(irte);
	field_set(irte, "irte", "SVT", param->svt);
	field_set(irte, "irte", "SQ", param->sq);
	field_set(irte, "irte", "SID", param->sid);
	remapper_store(&r, INDEX, irte);
	/* from memory, then if it was taken from the cache */
	for (i = 0; i < 2; i++)
		EXPECT_EQ(remapper_send_from(&r, param->source, remappable_address(INDEX), 0).fault,
			  param->allowed ? 0 : (unsigned int)VTD_FAULT_INTERRUPT_SOURCE);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_hit"), param->allowed);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, the_source_is_checked_before_what_the_entry_is_for)
{
	struct remapper r = remapper_create();
	u64 irte[2];

	remapper_plain_entry(irte);
	irte[0] |= 1 << 12;
	remapper_store(&r, INDEX, irte);
	EXPECT_EQ(remapper_send_from(&r, OTHER_DEVICE, remappable_address(INDEX), 0).fault,
		  VTD_FAULT_INTERRUPT_SOURCE);
	EXPECT_EQ(remapper_send(&r, INDEX).fault, VTD_FAULT_INTERRUPT_ENTRY_RESERVED);
	machine_destroy(r.machine);
}

TEST(vtd_interrupt, a_cached_entry_is_checked_for_each_source)
{
	struct remapper r = remapper_create();

	remapper_store_plain(&r, INDEX);
	EXPECT_EQ(remapper_send(&r, INDEX).fault, 0);
	EXPECT_EQ(remapper_send_from(&r, OTHER_DEVICE, remappable_address(INDEX), 0).fault,
		  VTD_FAULT_INTERRUPT_SOURCE);
	EXPECT_EQ(machine_counter(r.machine, "int_cache_hit"), 1);
	machine_destroy(r.machine);
}
