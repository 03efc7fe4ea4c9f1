/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The register file: reset values, access rules, GCMD handshakes, and what real machines' CAP and
 * ECAP lay out.
 */
#include <string.h>

#include "gtest_c.h"
#include "vtd_machine.h"

#define GCMD 0x18
#define GSTS 0x1c
#define RTADDR 0x20
#define IQA 0x90
#define INPUT 0x40000000ULL

static struct machine *plain(void)
{
	struct vtd_config config = machine_config();

	return machine_create(&config, true);
}

TEST(vtd_register, capabilities_and_version_are_as_configured)
{
	struct machine *machine = plain();

	EXPECT_EQ(machine_read32(machine, 0), 0x60);
	EXPECT_EQ(machine_read64(machine, 8), MACHINE_CAP);
	EXPECT_EQ(machine_read64(machine, 16), MACHINE_ECAP);
	EXPECT_EQ(machine_read32(machine, 8), (u32)MACHINE_CAP);
	EXPECT_EQ(machine_read32(machine, 12), MACHINE_CAP >> 32);
	EXPECT_EQ(machine_read32(machine, GSTS), 0);
	machine_destroy(machine);
}

struct boot_log {
	const char *name;
	u64 cap, ecap;
};

static const struct boot_log boot_logs[] = {
	{ "sandy_bridge_ep", 0xd2078c106f0462, 0xf020fe },
	{ "haswell_ep", 0xd2078c106f0466, 0xf020df },
	{ "skylake_sp", 0x8d2078c106f0466, 0xf020df },
	{ "broadwell_e_other", 0x8d2008c10ef0466, 0xf0205b },
	{ "e3_1226_v3_graphics", 0xc0000020660462, 0xf0101a },
	{ "e3_1226_v3_rest", 0xd2008020660462, 0xf010da },
	{ "comet_lake_graphics", 0x1c0000c40660462, 0x19e2ff0505e },
	{ "ice_lake_graphics", 0x1c0000c40660462, 0x7e3ff0501e },
	{ "tiger_lake_graphics", 0x1c0000c40660462, 0x69e2ff0505e },
	{ "alder_lake_graphics", 0x1c0000c40660462, 0x29a00f0505e },
	{ "alder_lake_rest", 0xd2008c40660462, 0xf050da },
	{ "ice_lake_sp", 0x8ed008c40780466, 0x60000f050df },
	{ "sapphire_rapids", 0x9ed008c40780466, 0x3ee9e86f050df },
	{ "sapphire_rapids_5_level", 0x19ed008c40780c66, 0x3ee9e86f050df },
	{ "qemu", 0x80d2008c222f06c6, 0xf00f1a },
};

TEST_WITH_NAMED_PARAMS(vtd_register, real_machines_units_can_be_built, struct boot_log, boot_logs,
		       name)
{
	struct vtd_config config = machine_config_with(param->cap, param->ecap);
	struct machine *machine = machine_create(&config, false);
	u64 record[2];

	ASSERT_NE(machine->unit, NULL);
	EXPECT_EQ(machine_read64(machine, 8), param->cap);
	EXPECT_EQ(machine_read64(machine, 16), param->ecap);
	machine_start(machine, MODE_LEGACY);
	EXPECT_TRUE(machine_wait(machine));
	EXPECT_EQ(machine_rid_read(machine, 0x1000).fault, VTD_FAULT_CONTEXT_NOT_PRESENT);
	machine_frcd(machine, 0, record);
	EXPECT_EQ(field_get(record, "frcd", "FR"), 2);
	machine_destroy(machine);
}

TEST(vtd_register, registers_that_overlap_or_lie_outside_make_no_unit)
{
	struct vtd_config config = machine_config();
	const struct port port = { 0 };

	config.cap = with_field(MACHINE_CAP, "cap", "FRO", 1);
	EXPECT_EQ(vtd_create(&config, &port), NULL);
	config.cap = with_field(MACHINE_CAP, "cap", "FRO", 0x3ff);
	EXPECT_EQ(vtd_create(&config, &port), NULL);
	config = machine_config();
	config.ecap = with_field(MACHINE_ECAP, "ecap", "IRO", 2);
	EXPECT_EQ(vtd_create(&config, &port), NULL);
}

TEST(vtd_register, impossible_widths_and_caches_make_no_unit)
{
	struct vtd_config config = machine_config();
	const struct port port = { 0 };

	config.host_address_width = 31;
	EXPECT_EQ(vtd_create(&config, &port), NULL);
	config.host_address_width = 53;
	EXPECT_EQ(vtd_create(&config, &port), NULL);
	config = machine_config();
	config.iotlb.assoc = 3;
	EXPECT_EQ(vtd_create(&config, &port), NULL);
	config = machine_config();
	config.second_stage_pwc.entries = 5;
	EXPECT_EQ(vtd_create(&config, &port), NULL);
	vtd_destroy(NULL);
}

struct wrong_access {
	const char *name;
	u32 offset;
	unsigned int size;
};

static const struct wrong_access wrong_accesses[] = {
	{ "byte", 0x1c, 1 },          { "half", 0x1c, 2 },
	{ "misaligned_32", 0x1e, 4 }, { "misaligned_64", 0xc, 8 },
	{ "beyond", 0x1000, 4 },      { "far_beyond", 0xfffffff0, 8 },
	{ "64_of_a_32", 0x38, 8 },    { "nothing_there", 0x4, 4 },
	{ "reserved", 0x500, 8 },     { "command_and_status", 0x18, 8 },
	{ "16_bytes", 0x20, 16 },     { "3_bytes", 0x20, 3 },
	{ "across_two", 0x24, 8 },    { "none", 0x20, 0 },
};

TEST_WITH_NAMED_PARAMS(vtd_register, wrong_accesses_are_reported_and_have_no_effect,
		       struct wrong_access, wrong_accesses, name)
{
	struct machine *machine = plain();

	EXPECT_EQ(vtd_mmio_read(machine->unit, param->offset, param->size), 0);
	vtd_mmio_write(machine->unit, param->offset, param->size, ~0ULL);
	EXPECT_EQ(machine_counter(machine, "software_errors"), 2);
	EXPECT_NE(machine_event(machine, PORT_EVENT_SOFTWARE_ERROR, "register access"), NULL);
	EXPECT_EQ(machine_read32(machine, 0x38), 0x80000000);
	machine_destroy(machine);
}

TEST(vtd_register, writable_bits_are_those_of_the_table)
{
	struct {
		u32 offset;
		unsigned int size;
		u64 sticks;
	} rows[] = {
		{ 0x00, 4, 0x60 },       { 0x08, 8, MACHINE_CAP },  { 0x20, 8, ~0x3ffULL },
		{ 0x3c, 4, 0xffffffff }, { 0x40, 4, 0xfffffffc },   { 0x44, 4, 0xffffffff },
		{ 0x68, 4, 0xffe00000 }, { 0x70, 8, ~0x1fffffULL }, { 0x80, 8, 0 },
		{ 0x90, 8, ~0x7f8ULL },  { 0xb8, 8, ~0x7f0ULL },    { 0xb0, 8, 0 },
		{ 0xd0, 8, ~0xff8ULL },  { 0xc0, 8, 0x7ffe0 },      { 0xe0, 4, 0x80000000 },
		{ 0xf00, 8, 0 },
	};
	struct machine *machine = plain();
	unsigned int i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SCOPED_NOTE("register at %x", rows[i].offset);
		vtd_mmio_write(machine->unit, rows[i].offset, rows[i].size, ~0ULL);
		EXPECT_EQ(vtd_mmio_read(machine->unit, rows[i].offset, rows[i].size),
			  rows[i].sticks);
	}
	machine_destroy(machine);
}

TEST(vtd_register, halves_of_a_64_bit_register_are_written_one_by_one)
{
	struct machine *machine = plain();

	machine_write32(machine, RTADDR + 4, 0x12);
	machine_write32(machine, RTADDR, 0x34567c00);
	EXPECT_EQ(machine_read64(machine, RTADDR), 0x1234567c00);
	machine_write32(machine, RTADDR + 4, 0);
	EXPECT_EQ(machine_read64(machine, RTADDR), 0x34567c00);
	machine_destroy(machine);
}

TEST(vtd_register, what_capabilities_leave_out_is_not_there)
{
	static const u32 offsets[] = { 0x64, 0x68, 0x70, 0x80, 0x9c, 0xb8, 0xc0, 0xdc };
	struct vtd_config config = machine_config_with(0xd2000000200422ULL | 0x40ULL << 24, 0xf000);
	struct machine *machine = machine_create(&config, false);
	unsigned int i;

	ASSERT_NE(machine->unit, NULL);
	for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		SCOPED_NOTE("register at %x", offsets[i]);
		/* CAP as above has PLMR */
		if (offsets[i] == 0x64 || offsets[i] == 0x68) {
			machine_write32(machine, offsets[i], 0x80000000);
			EXPECT_NE(machine_read32(machine, offsets[i]), 0);
			machine_write32(machine, 0x64, 0);
			continue;
		}
		machine_write32(machine, offsets[i], ~0u);
		EXPECT_EQ(machine_read32(machine, offsets[i]), 0);
	}
	/* nor can a queue be enabled */
	machine_command(machine, 26, true);
	EXPECT_EQ(machine_read32(machine, GSTS), 0);
	machine_destroy(machine);
}

TEST(vtd_register, protected_memory_has_its_handshake)
{
	struct machine *machine = plain();

	machine_write32(machine, 0x64, 0x80000000);
	EXPECT_EQ(machine_read32(machine, 0x64), 0x80000001);
	machine_write32(machine, 0x64, 0);
	EXPECT_EQ(machine_read32(machine, 0x64), 0);
	machine_destroy(machine);
}

/* --- GCMD -------------------------------------------------------------------------------- */

TEST(vtd_register, each_command_shows_in_the_status)
{
	struct machine *machine = plain();

	EXPECT_EQ(machine_read32(machine, GCMD), 0);
	machine_write64(machine, IQA, 0x5000);
	machine_command(machine, 30, true);
	EXPECT_EQ(machine_read32(machine, GSTS), 1u << 30);
	machine_command(machine, 26, true);
	EXPECT_EQ(machine_read32(machine, GSTS), 1u << 30 | 1u << 26);
	machine_command(machine, 31, true);
	EXPECT_EQ(machine_read32(machine, GSTS), 1u << 30 | 1u << 26 | 1u << 31);
	machine_command(machine, 27, true);
	EXPECT_EQ(machine_read32(machine, GSTS), 1u << 30 | 1u << 26 | 1u << 31);
	machine_command(machine, 31, false);
	EXPECT_EQ(machine_read32(machine, GSTS), 1u << 30 | 1u << 26);
	/* interrupt remapping */
	machine_command(machine, 24, true);
	machine_command(machine, 25, true);
	machine_command(machine, 23, true);
	EXPECT_EQ(machine_read32(machine, GSTS), 0x47800000);
	machine_command(machine, 23, false);
	machine_command(machine, 25, false);
	EXPECT_EQ(machine_read32(machine, GSTS), 0x45000000);
	EXPECT_EQ(machine_counter(machine, "software_errors"), 0);
	machine_destroy(machine);
}

TEST(vtd_register, commands_without_capability_do_nothing)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	config.ecap = with_field(config.ecap, "ecap", "IR", 0);
	machine = machine_create(&config, false);
	machine_command(machine, 24, true);
	machine_command(machine, 25, true);
	machine_command(machine, 29, true);
	machine_command(machine, 28, true);
	EXPECT_EQ(machine_read32(machine, GSTS), 0);
	machine_destroy(machine);

	config.cap = with_field(config.cap, "cap", "AFL", 1);
	machine = machine_create(&config, false);
	machine_command(machine, 29, true);
	machine_command(machine, 28, true);
	EXPECT_EQ(machine_read32(machine, GSTS), 1u << 29 | 1u << 28);
	machine_destroy(machine);
}

TEST(vtd_register, several_commands_at_once_are_a_software_error_and_all_carried_out)
{
	struct machine *machine = plain();

	machine_write64(machine, IQA, 0x5000);
	machine_write64(machine, RTADDR, 0x7000);
	machine_write32(machine, GCMD, 1u << 31 | 1u << 30 | 1u << 26);
	EXPECT_EQ(machine_counter(machine, "software_errors"), 1);
	EXPECT_NE(machine_event(machine, PORT_EVENT_SOFTWARE_ERROR, "GCMD"), NULL);
	/* the root pointer before translation */
	EXPECT_EQ(machine_read32(machine, GSTS), 1u << 31 | 1u << 30 | 1u << 26);
	EXPECT_EQ(machine_rid_read(machine, 0x1000).fault, VTD_FAULT_ROOT_NOT_PRESENT);

	/* what stays as it is, is no command */
	machine_write32(machine, GCMD, 1u << 31);
	EXPECT_EQ(machine_counter(machine, "software_errors"), 1);
	EXPECT_EQ(machine_read32(machine, GSTS), 1u << 31 | 1u << 30);
	machine_write32(machine, GCMD, 0);
	EXPECT_EQ(machine_read32(machine, GSTS), 1u << 30);
	machine_destroy(machine);
}

TEST(vtd_register, a_queue_without_an_address_is_a_software_error)
{
	struct machine *machine = plain();

	machine_command(machine, 26, true);
	EXPECT_EQ(machine_counter(machine, "software_errors"), 1);
	EXPECT_EQ(machine_read32(machine, GSTS), 1u << 26);
	machine_command(machine, 26, false);
	EXPECT_EQ(machine_counter(machine, "software_errors"), 1);
	machine_destroy(machine);
}

TEST(vtd_register, the_root_pointer_may_be_set_again_while_translation_is_on)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);

	machine_ready(machine, PASS_THROUGH);
	machine_root_pointer(machine, machine->root_table, MODE_SCALABLE);
	EXPECT_EQ(machine_counter(machine, "software_errors"), 0);
	EXPECT_EQ(machine_read(machine, 1, INPUT).fault, 0);
	machine_destroy(machine);
}

TEST(vtd_register, translation_before_a_root_table_is_a_software_error)
{
	struct machine *machine = plain();

	machine_command(machine, 31, true);
	EXPECT_NE(machine_event(machine, PORT_EVENT_SOFTWARE_ERROR, "GCMD.TE"), NULL);
	machine_destroy(machine);
}

TEST(vtd_register, the_root_pointer_is_latched_by_srtp_only)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);

	machine_ready(machine, PASS_THROUGH);
	EXPECT_EQ(machine_rid_read(machine, INPUT).fault, 0);
	machine_write64(machine, RTADDR, machine_page(machine) | 1 << 10);
	machine_invalidate_all(machine);
	EXPECT_EQ(machine_rid_read(machine, INPUT).fault, 0);
	machine_command(machine, 30, true);
	machine_invalidate_all(machine);
	EXPECT_EQ(machine_rid_read(machine, INPUT).fault, VTD_FAULT_SM_ROOT_NOT_PRESENT);
	machine_destroy(machine);
}

TEST(vtd_register, setting_the_root_pointer_invalidates_with_esrtps_only)
{
	unsigned int esrtps;

	for (esrtps = 0; esrtps < 2; esrtps++) {
		struct vtd_config config = machine_config();
		struct machine *machine;

		config.cap = with_field(config.cap, "cap", "ESRTPS", esrtps);
		machine = machine_create(&config, false);
		machine_ready(machine, SECOND_STAGE);
		machine_map_second(machine, INPUT, INPUT, 4 * KIB, SS_R);
		EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, INPUT);
		machine_map_second(machine, INPUT, 2 * INPUT, 4 * KIB, SS_R);
		machine_root_pointer(machine, machine->root_table, MODE_SCALABLE);
		EXPECT_EQ(machine_read(machine, 1, INPUT).address.v, esrtps ? 2 * INPUT : INPUT);
		machine_root_pointer(machine, machine_page(machine), MODE_SCALABLE);
		EXPECT_EQ(machine_read(machine, 1, INPUT).fault,
			  esrtps ? VTD_FAULT_SM_ROOT_NOT_PRESENT : 0);
		machine_destroy(machine);
	}
}

TEST(vtd_register, setting_the_root_pointer_invalidates_legacy_contexts_of_all_domains)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	config.cap = with_field(config.cap, "cap", "ESRTPS", 1);
	machine = machine_create(&config, false);
	machine_start(machine, MODE_LEGACY);
	machine_stages(machine, 4, 4, false);
	machine_legacy_context(machine, 2);
	EXPECT_EQ(machine_rid_read(machine, INPUT).address.v, INPUT);
	machine_store(machine, machine_context_address(machine), 0);
	EXPECT_EQ(machine_rid_read(machine, INPUT).address.v, INPUT);
	machine_root_pointer(machine, machine->root_table, MODE_LEGACY);
	EXPECT_EQ(machine_rid_read(machine, INPUT).fault, VTD_FAULT_CONTEXT_NOT_PRESENT);
	machine_destroy(machine);
}

/* --- requests that no table decides ------------------------------------------------------ */

TEST(vtd_register, requests_pass_untranslated_while_translation_is_off)
{
	struct machine *machine = plain();
	struct translation_result result = machine_write(machine, 5, 0x123456789);

	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.address.v, 0x123456789);
	EXPECT_EQ(result.table_reads, 0);
	EXPECT_EQ(result.rights, ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE);
	EXPECT_FALSE(result.interrupt);
	machine_destroy(machine);
}

TEST(vtd_register, a_write_to_the_interrupt_range_is_an_interrupt_whatever_the_mode)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);
	struct translation_result result = machine_rid_write(machine, 0xfee01004);

	EXPECT_TRUE(result.interrupt);
	EXPECT_EQ(result.address.v, 0xfee01004);
	machine_ready(machine, SECOND_STAGE);
	result = machine_rid_write(machine, 0xfee01004);
	EXPECT_TRUE(result.interrupt);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.table_reads, 0);
	machine_map_second(machine, 0xfed00000, INPUT, 4 * KIB, SS_R | SS_W);
	EXPECT_FALSE(machine_rid_write(machine, 0xfed00000).interrupt);
	machine_destroy(machine);
}

TEST(vtd_register, the_interrupt_range_has_its_first_and_its_last_byte)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);

	machine_ready(machine, PASS_THROUGH);
	EXPECT_EQ(machine_read(machine, 1, 0xfedfffff).fault, VTD_FAULT_NONE);
	EXPECT_EQ(machine_read(machine, 1, 0xfee00000).fault, VTD_FAULT_SM_INTERRUPT_ADDRESS);
	EXPECT_EQ(machine_read(machine, 1, 0xfeefffff).fault, VTD_FAULT_SM_INTERRUPT_ADDRESS);
	EXPECT_EQ(machine_read(machine, 1, 0xfef00000).fault, VTD_FAULT_NONE);
	machine_destroy(machine);
}

TEST(vtd_register, the_interrupt_range_is_ordinary_input_of_a_first_stage_with_pasid)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);

	machine_ready(machine, FIRST_STAGE);
	machine_map_first(machine, 0xfee00000, INPUT, 4 * KIB, FS_P | FS_W | FS_U);
	EXPECT_EQ(machine_write(machine, 1, 0xfee00010).address.v, INPUT + 0x10);
	machine_destroy(machine);
}

TEST(vtd_register, pass_through_is_identity_within_the_host_address_width)
{
	struct vtd_config config = machine_config();
	struct machine *machine = machine_create(&config, false);
	struct translation_result result;

	machine_ready(machine, PASS_THROUGH);
	result = machine_read(machine, 1, (1ULL << 46) - 1);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.address.v, (1ULL << 46) - 1);
	EXPECT_EQ(result.table_reads, 4);
	EXPECT_EQ(machine_read(machine, 1, 0x1000).table_reads, 0);
	machine_destroy(machine);
}

TEST(vtd_register, lookups_take_the_time_of_the_caches)
{
	struct vtd_config config = machine_config();
	struct machine *machine;

	config.context_cache.latency = 1;
	config.pasid_cache.latency = 10;
	config.iotlb.latency = 100;
	config.first_stage_pwc.latency = 1000;
	config.second_stage_pwc.latency = 10000;
	machine = machine_create(&config, false);
	machine_ready(machine, SECOND_STAGE);
	machine_map_second(machine, INPUT, INPUT, 4 * KIB, SS_R);
	machine_read(machine, 1, INPUT);
	EXPECT_EQ(machine->cycles, 11111);
	machine_read(machine, 1, INPUT);
	EXPECT_EQ(machine->cycles, 11222);
	machine_destroy(machine);

	machine = machine_create(&config, false);
	machine_start(machine, MODE_LEGACY);
	machine_stages(machine, 4, 4, false);
	machine_legacy_context(machine, 0);
	machine_map_second(machine, INPUT, INPUT, 4 * KIB, SS_R);
	machine_rid_read(machine, INPUT);
	EXPECT_EQ(machine->cycles, 11101);
	machine_destroy(machine);
}

/* --- the table as data ------------------------------------------------------------------- */

TEST(vtd_register, table_names_every_register_once_in_order)
{
	const struct vtd_register *registers;
	size_t count, i, j;

	registers = vtd_registers(&count);
	ASSERT_GT(count, 30);
	EXPECT_STREQ(registers[3].name, "GCMD");
	EXPECT_EQ(registers[3].offset, 0x18);
	EXPECT_STREQ(registers[3].access, "WO");
	EXPECT_EQ(registers[3].format, vtd_format("gcmd"));
	for (i = 0; i < count; i++) {
		EXPECT_TRUE(registers[i].size == 4 || registers[i].size == 8);
		EXPECT_NE(registers[i].title, NULL);
		if (i && registers[i].offset)
			EXPECT_LT(registers[i - 1].offset, registers[i].offset);
		for (j = 0; j < i; j++)
			EXPECT_STRNE(registers[i].name, registers[j].name);
	}
}

/* --- every register ---------------------------------------------------------------------- */

#define ANY 0x5aULL

struct expected {
	const char *name;
	u64 reset, write, reads; /* what is written, and read afterwards */
	u64 known; /* bits that it has: others are not to be written */
};

#define NO_ICC (~(1ULL << 63))
#define EVERY_ECAP (MACHINE_ECAP | 1ULL << 44) /* VCS: what real units lack */
#define ALL32 0xffffffffULL

static const struct expected expected[] = {
	{ "VER", 0x60, ~0ULL, 0x60, 0 },
	{ "CAP", MACHINE_CAP, ~0ULL, MACHINE_CAP, 0 },
	{ "ECAP", EVERY_ECAP, ~0ULL, EVERY_ECAP, 0 },
	{ "GCMD", 0, 0, 0, 0xff800000 },
	{ "GSTS", 0, ~0ULL, 0, 0 },
	{ "RTADDR", 0, ~0ULL, ~0x3ffULL, ~0x3ffULL },
	{ "CCMD", 0, NO_ICC, 0x60000003ffffffff, 0xf8000003ffffffff },
	{ "FSTS", 0, ~0ULL, 0, 0xfff3 },
	{ "FECTL", 0x80000000, ~0ULL, 0x80000000, 0xc0000000 },
	{ "FEDATA", 0, ~0ULL, ALL32, ALL32 },
	{ "FEADDR", 0, ~0ULL, 0xfffffffc, ~0ULL },
	{ "FEUADDR", 0, ~0ULL, ALL32, ALL32 },
	{ "PMEN", 0, ~0ULL, 0x80000001, 0x80000001 },
	{ "PLMBASE", 0, ~0ULL, 0xffe00000, ~0ULL },
	{ "PLMLIMIT", 0, ~0ULL, 0xffe00000, ~0ULL },
	{ "PHMBASE", 0, ~0ULL, ~0x1fffffULL, ~0ULL },
	{ "PHMLIMIT", 0, ~0ULL, ~0x1fffffULL, ~0ULL },
	{ "IQH", 0, ~0ULL, 0, 0 },
	{ "IQT", 0, ~0ULL, 0x7fff0, 0x7fff0 },
	{ "IQA", 0, ~0ULL, ~0x7f8ULL, ~0x7f8ULL },
	{ "ICS", 0, ~0ULL, 0, 1 },
	{ "IECTL", 0x80000000, ~0ULL, 0x80000000, 0xc0000000 },
	{ "IEDATA", 0, ~0ULL, ALL32, ALL32 },
	{ "IEADDR", 0, ~0ULL, 0xfffffffc, ~0ULL },
	{ "IEUADDR", 0, ~0ULL, ALL32, ALL32 },
	{ "IQERCD", 0, ~0ULL, 0, 0 },
	{ "IRTA", 0, ~0ULL, ~0x7f0ULL, ~0x7f0ULL },
	{ "PQH", 0, ~0ULL, 0x7ffe0, 0x7fff0 },
	{ "PQT", 0, ~0ULL, 0x7ffe0, 0x7fff0 },
	{ "PQA", 0, ~0ULL, ~0xff8ULL, ~0xff8ULL },
	{ "PRS", 0, ~0ULL, 0, 3 },
	{ "PECTL", ANY, ~0ULL, 0x80000000, 0xc0000000 },
	{ "PEDATA", 0, ~0ULL, ALL32, ALL32 },
	{ "PEADDR", 0, ~0ULL, 0xfffffffc, ~0ULL },
	{ "PEUADDR", 0, ~0ULL, ALL32, ALL32 },
	{ "VCMD", 0, ~0xffULL, ~0xffffULL, ~0xff00ULL },
	{ "VCRSP", 0, ~0ULL, 0, 0 },
	{ "VCCAP", 1, ~0ULL, 1, 0 },
	{ "IVA", 0, ~0ULL, 0, ~0xf80ULL },
	{ "IOTLB", 0, NO_ICC, 0x3003ffff00000000, 0xb603ffff00000000 },
	{ "FRCD", 0, ~0ULL, 0, 0 },
	{ "FRCD_HIGH", 0, ~0ULL, 0, 0xfffffffff000ffff },
};

/* A unit that has every register. */
static struct machine *every(void)
{
	struct vtd_config config = machine_config_with(MACHINE_CAP, EVERY_ECAP);

	config.vccap = 1;
	return machine_create(&config, true);
}

static const struct expected *expected_of(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		if (!strcmp(expected[i].name, name))
			return &expected[i];
	return NULL;
}

/* Where CAP and ECAP place it. */
static u32 placed(const struct vtd_register *row)
{
	u32 iotlb = (u32)field_get(&(u64){ MACHINE_ECAP }, "ecap", "IRO") * 16;
	u32 frcd = (u32)field_get(&(u64){ MACHINE_CAP }, "cap", "FRO") * 16;

	if (!strcmp(row->name, "IVA"))
		return iotlb;
	if (!strcmp(row->name, "IOTLB"))
		return iotlb + 8;
	if (!strcmp(row->name, "FRCD"))
		return frcd;
	return strcmp(row->name, "FRCD_HIGH") ? row->offset : frcd + 8;
}

/* Writes one part of a register of a new unit and compares all of it. */
static void check_write_of(const struct vtd_register *row, const struct expected *want,
			   unsigned int part, unsigned int size)
{
	struct machine *machine = every();
	u64 mask = size == 8 ? ~0ULL : ALL32 << (part * 8);
	u64 reset = want->reset == ANY ? vtd_mmio_read(machine->unit, placed(row), row->size)
				       : want->reset;
	u64 value = (want->write & mask) >> (part * 8);
	bool reserved = value & ~((want->known & mask) >> (part * 8));

	EXPECT_EQ(vtd_mmio_read(machine->unit, placed(row), row->size), reset);
	/* the largest page request queue: no offset lies beyond it */
	if (!strcmp(row->name, "PQH") || !strcmp(row->name, "PQT"))
		machine_write64(machine, 0xd0, 7);
	vtd_mmio_write(machine->unit, placed(row) + part, size, value);
	EXPECT_EQ(vtd_mmio_read(machine->unit, placed(row), row->size),
		  (want->reads & mask) | (reset & ~mask));
	/* the upper half reads as such */
	EXPECT_EQ(machine_read32(machine, placed(row) + row->size - 4),
		  ((want->reads & mask) | (reset & ~mask)) >> (row->size - 4) * 8);
	EXPECT_EQ(machine_counter(machine, "software_errors"), reserved);
	machine_destroy(machine);
}

TEST(vtd_register, each_has_its_reset_value_its_bits_and_both_sizes_of_access)
{
	const struct vtd_register *registers;
	size_t count, i;

	registers = vtd_registers(&count);
	for (i = 0; i < count; i++) {
		const struct expected *want = expected_of(registers[i].name);

		SCOPED_NOTE("register %s", registers[i].name);
		ASSERT_NE(want, NULL);
		check_write_of(&registers[i], want, 0, registers[i].size);
		if (registers[i].size == 4)
			continue;
		check_write_of(&registers[i], want, 0, 4);
		check_write_of(&registers[i], want, 4, 4);
	}
}
