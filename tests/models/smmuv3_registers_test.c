// SPDX-License-Identifier: Apache-2.0
/*
 * Tests of an SMMUv3's registers, its command queue, and its formats as data.
 */
#include "gtest_c.h"

#include "smmuv3_fixture.h"

#include <string.h>

TEST(smmuv3_registers, identification_tells_what_it_is_built_as)
{
	struct smmuv3_config config;
	struct bench b;
	u64 idr0, idr1;

	smmuv3_config_init(&config);
	config.stage2 = false;
	config.substream_bits = 11;
	config.stream_bits = 12;
	config.address_bits = 40;
	bench_create(&b, &config);
	idr0 = bench_read(&b, IDR0);
	idr1 = bench_read(&b, IDR1);
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "S1P"), 1u);
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "S2P"), 0u);
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "TTF"), 2u);
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "ST_LEVEL"), 1u);
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "CD2L"), 1u);
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "VMID16"), 0u); /* no stage 2, no VMIDs */
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "ATS"), 0u);
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "NS1ATS"), 0u);
	EXPECT_EQ(bench_get(&idr1, "smmu-idr1", "SSIDSIZE"), 11u);
	EXPECT_EQ(bench_get(&idr1, "smmu-idr1", "SIDSIZE"), 12u);
	EXPECT_EQ(bench_read(&b, IDR5), 0x72u);
	bench_destroy(&b);
}

TEST(smmuv3_registers, identification_tells_what_is_optional)
{
	struct smmuv3_config config;
	struct bench b;
	u64 idr0;

	smmuv3_config_init(&config);
	config.two_level_stream = false;
	config.two_level_cd = false;
	config.vmid16 = false;
	config.asid16 = false;
	config.ats = true;
	config.granules = SMMUV3_GRANULE_16K | SMMUV3_GRANULE_64K;
	config.address_bits = 52;
	bench_create(&b, &config);
	idr0 = bench_read(&b, IDR0);
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "ST_LEVEL"), 0u);
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "CD2L"), 0u);
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "VMID16"), 0u);
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "ASID16"), 0u);
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "ATS"), 1u);
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "NS1ATS"), 1u);
	EXPECT_EQ(bench_read(&b, IDR5), 0x66u);
	bench_destroy(&b);
	/* two-level tables of substreams that there are none of; split-stage ATS */
	smmuv3_config_init(&config);
	config.substream_bits = 0;
	config.ats = config.split_stage_ats = true;
	bench_create(&b, &config);
	idr0 = bench_read(&b, IDR0);
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "CD2L"), 0u);
	EXPECT_EQ(bench_get(&idr0, "smmu-idr0", "NS1ATS"), 0u);
	bench_destroy(&b);
}

TEST(smmuv3_registers, fields_of_what_is_not_implemented_stay_zero)
{
	struct smmuv3_config config;
	struct bench b;

	smmuv3_config_init(&config);
	config.two_level_stream = false;
	bench_create(&b, &config);
	bench_write(&b, STRTAB_BASE_CFG, 1 << 16 | 8 << 6 | 9);
	EXPECT_EQ(bench_read(&b, STRTAB_BASE_CFG), 9u);
	bench_write(&b, CR0, CR0_ALL | 1 << 4);
	EXPECT_EQ(bench_read(&b, CR0), CR0_ALL);
	bench_destroy(&b);
	config.two_level_stream = config.ats = true;
	bench_create(&b, &config);
	bench_write(&b, STRTAB_BASE_CFG, 1 << 16 | 8 << 6 | 9);
	EXPECT_EQ(bench_read(&b, STRTAB_BASE_CFG), 1u << 16 | 8 << 6 | 9);
	bench_write(&b, CR0, CR0_ALL | 1 << 4);
	EXPECT_EQ(bench_read(&b, CR0ACK), CR0_ALL | 1u << 4);
	bench_destroy(&b);
}

/* Disables all while a command is being read, or an event record written. */
static void disable(struct bench *b)
{
	bench_write(b, CR0, 0);
	b->acknowledged = (u32)bench_read(b, CR0ACK);
	/* still in use */
	bench_write(b, CMDQ_CONS, 0);
	bench_write(b, EVENTQ_PROD, 0);
}

TEST(smmuv3_registers, a_queue_is_in_use_until_cr0ack_says_that_it_is_not)
{
	struct bench b;

	bench_start(&b, NULL);
	bench_sync(&b);
	b.hook = disable;
	b.hook_at_read = b.reads + 1;
	bench_command(&b, 0x30, 0);
	EXPECT_EQ(b.acknowledged, 8u); /* CMDQEN */
	EXPECT_EQ(bench_read(&b, CMDQ_CONS), 2u);
	EXPECT_EQ(bench_read(&b, CR0ACK), 0u);
	bench_destroy(&b);

	bench_start(&b, NULL);
	b.event_hook = disable;
	bench_translate(&b, STREAM, NO_PASID, 0, ACCESS_READ);
	EXPECT_EQ(b.acknowledged, 4u); /* EVENTQEN */
	EXPECT_EQ(bench_read(&b, EVENTQ_PROD), 1u);
	EXPECT_EQ(bench_read(&b, CR0ACK), 0u);
	bench_destroy(&b);
}

TEST(smmuv3_registers, impossible_smmus_are_not_made)
{
	struct smmuv3_config config;
	const struct port port = { 0 };

	smmuv3_config_init(&config);
	config.address_bits = 39;
	EXPECT_TRUE(smmuv3_create(&config, &port) == NULL);
	smmuv3_config_init(&config);
	config.substream_bits = 21;
	EXPECT_TRUE(smmuv3_create(&config, &port) == NULL);
	smmuv3_config_init(&config);
	config.stream_bits = 33;
	EXPECT_TRUE(smmuv3_create(&config, &port) == NULL);
	smmuv3_config_init(&config);
	config.granules = 0;
	EXPECT_TRUE(smmuv3_create(&config, &port) == NULL);
	config.granules = SMMUV3_GRANULE_4K | 8;
	EXPECT_TRUE(smmuv3_create(&config, &port) == NULL);
	smmuv3_config_init(&config);
	config.tlb.entries = 12;
	config.tlb.assoc = 4;
	EXPECT_TRUE(smmuv3_create(&config, &port) == NULL);
	smmuv3_destroy(NULL);
}

TEST(smmuv3_registers, wrong_accesses_read_zero_and_are_reported)
{
	static const struct {
		u32 offset;
		unsigned int size;
	} wrong[] = {
		{ 0x2, 4 },         { IDR0, 2 },       { IDR0, 8 },
		{ 0x30, 4 },        { 0x84, 8 },       { SMMUV3_MMIO_SIZE, 4 },
		{ EVENTQ_PROD, 8 }, { 0xfffffffc, 4 },
	};
	struct bench b;

	bench_create(&b, NULL);
	for (unsigned int i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		EXPECT_EQ(smmuv3_mmio_read(b.smmu, wrong[i].offset, wrong[i].size), 0u);
		smmuv3_mmio_write(b.smmu, wrong[i].offset, wrong[i].size, ~0ULL);
		EXPECT_EQ(b.events[PORT_EVENT_SOFTWARE_ERROR], 2 * (i + 1));
	}
	bench_destroy(&b);
}

TEST(smmuv3_registers, read_only_registers_stay)
{
	struct bench b;
	size_t count;
	const struct smmuv3_register *registers = smmuv3_registers(&count);

	bench_create(&b, NULL);
	for (size_t i = 0; i < count; i++) {
		u64 before = bench_read(&b, registers[i].offset);

		if (strcmp(registers[i].access, "RO"))
			continue;
		bench_write(&b, registers[i].offset, ~before);
		EXPECT_EQ(bench_read(&b, registers[i].offset), before);
	}
	bench_destroy(&b);
}

TEST(smmuv3_registers, only_implemented_bits_are_kept)
{
	struct bench b;
	size_t count;
	const struct smmuv3_register *registers = smmuv3_registers(&count);

	bench_create(&b, NULL);
	for (size_t i = 0; i < count; i++) {
		struct bench fresh;

		if (!registers[i].writable)
			continue;
		bench_create(&fresh, NULL);
		bench_write(&fresh, registers[i].offset, ~0ULL);
		EXPECT_EQ(bench_read(&fresh, registers[i].offset) & ~registers[i].writable, 0u);
		bench_destroy(&fresh);
	}
	bench_destroy(&b);
}

TEST(smmuv3_registers, a_wide_register_is_written_in_halves)
{
	struct bench b;

	bench_create(&b, NULL);
	smmuv3_mmio_write(b.smmu, STRTAB_BASE, 4, 0xabcdefc0);
	smmuv3_mmio_write(b.smmu, STRTAB_BASE + 4, 4, 0x40001234);
	EXPECT_EQ(bench_read(&b, STRTAB_BASE), 0x40001234abcdefc0ULL);
	EXPECT_EQ(smmuv3_mmio_read(b.smmu, STRTAB_BASE, 4), 0xabcdefc0u);
	EXPECT_EQ(smmuv3_mmio_read(b.smmu, STRTAB_BASE + 4, 4), 0x40001234u);
	bench_destroy(&b);
}

struct guard_row {
	const char *name;
	u32 offset;
	u32 guard_offset;
	u32 guard;
};

static const struct guard_row guards[] = {
	{ "strtab_base", STRTAB_BASE, CR0, 1 },
	{ "strtab_base_cfg", STRTAB_BASE_CFG, CR0, 1 },
	{ "cr2", CR2, CR0, 1 },
	{ "cr1", CR1, CR0, 4 },
	{ "cmdq_base", CMDQ_BASE, CR0, 8 },
	{ "cmdq_cons", CMDQ_CONS, CR0, 8 },
	{ "eventq_base", EVENTQ_BASE, CR0, 4 },
	{ "eventq_prod", EVENTQ_PROD, CR0, 4 },
	{ "eventq_irq_cfg0", EVENTQ_IRQ_CFG0, IRQ_CTRL, 4 },
	{ "gerror_irq_cfg1", GERROR_IRQ_CFG1, IRQ_CTRL, 1 },
};

TEST_WITH_PARAMS(smmuv3_registers, what_is_in_use_cannot_be_written, struct guard_row, guards)
{
	struct bench b;
	u64 value;

	bench_create(&b, NULL);
	bench_write(&b, param->guard_offset, param->guard);
	bench_write(&b, param->offset, ~0ULL);
	EXPECT_EQ(bench_read(&b, param->offset), 0u);
	EXPECT_EQ(b.events[PORT_EVENT_SOFTWARE_ERROR], 1u);
	bench_write(&b, param->guard_offset, 0);
	bench_write(&b, param->offset, ~0ULL);
	value = bench_read(&b, param->offset);
	EXPECT_NE(value, 0u);
	EXPECT_EQ(b.events[PORT_EVENT_SOFTWARE_ERROR], 1u);
	bench_destroy(&b);
}

TEST(smmuv3_registers, controls_are_acknowledged)
{
	struct bench b;

	bench_create(&b, NULL);
	bench_write(&b, CR0, ~0u);
	EXPECT_EQ(bench_read(&b, CR0ACK), CR0_ALL);
	bench_write(&b, IRQ_CTRL, ~0u);
	EXPECT_EQ(bench_read(&b, IRQ_CTRLACK), 5u);
	bench_destroy(&b);
}

TEST(smmuv3_commands, are_consumed_around_the_end_of_the_queue)
{
	struct bench b;

	bench_start(&b, NULL);
	for (int i = 0; i < 3 << COMMAND_QUEUE_BITS; i++)
		bench_sync(&b);
	EXPECT_EQ(bench_counter(&b, "commands"), 3u << COMMAND_QUEUE_BITS);
	bench_destroy(&b);
}

TEST(smmuv3_commands, wait_for_the_queue_to_be_enabled)
{
	struct bench b;

	bench_start(&b, NULL);
	bench_write(&b, CR0, CR0_ALL & ~8);
	bench_command(&b, 0x46, 0);
	bench_command(&b, 0x30, 0);
	EXPECT_EQ(bench_read(&b, CMDQ_CONS), 0u);
	bench_write(&b, CR0, CR0_ALL);
	EXPECT_EQ(bench_read(&b, CMDQ_CONS), 2u);
	bench_destroy(&b);
}

struct command_row {
	const char *name;
	u64 first;
	bool legal_without_stage1, legal_without_stage2;
};

static const struct command_row commands[] = {
	{ "CMD_PREFETCH_CONFIG", 0x01, true, true },
	{ "CMD_PREFETCH_ADDR", 0x02, true, true },
	{ "CMD_CFGI_STE", 0x03, true, true },
	{ "CMD_CFGI_STE_RANGE", 0x04, true, true },
	{ "CMD_CFGI_CD", 0x05, false, true },
	{ "CMD_CFGI_CD_ALL", 0x06, false, true },
	{ "CMD_TLBI_NH_ALL", 0x10, false, true },
	{ "CMD_TLBI_NH_ASID", 0x11, false, true },
	{ "CMD_TLBI_NH_VA", 0x12, false, true },
	{ "CMD_TLBI_NH_VAA", 0x13, false, true },
	{ "CMD_TLBI_S12_VMALL", 0x28, true, false },
	{ "CMD_TLBI_S2_IPA", 0x2a, true, false },
	{ "CMD_TLBI_NSNH_ALL", 0x30, true, true },
	{ "CMD_SYNC", 0x46, true, true },
	{ NULL, 0x00, false, false },
	{ NULL, 0x18, false, false }, /* EL3 */
	{ NULL, 0x20, false, false }, /* EL2 */
	{ NULL, 0x41, false, false }, /* PRI_RESP */
	{ NULL, 0x44, false, false }, /* RESUME */
	{ NULL, 0x46 | 3 << 12, false, false }, /* SYNC with a reserved CS */
	{ NULL, 0x03 | 1 << 10, false, false }, /* secure */
	{ NULL, 0x04 | 1 << 10, false, false },
	{ NULL, 0xff, false, false },
};

static bool command_accepted(const struct smmuv3_config *config, u64 first)
{
	struct bench b;
	bool accepted;

	bench_create(&b, config);
	bench_enable(&b);
	bench_command(&b, first, 0);
	accepted = bench_read(&b, CMDQ_CONS) == 1;
	EXPECT_EQ(bench_read(&b, GERROR), !accepted);
	if (!accepted)
		EXPECT_EQ(bench_read(&b, CMDQ_CONS), 1u << 24); /* CERROR_ILL, RD 0 */
	bench_destroy(&b);
	return accepted;
}

TEST(smmuv3_commands, are_legal_where_their_stage_is_implemented)
{
	struct smmuv3_config config;

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		const struct command_row *row = &commands[i];
		const u64 command[2] = { row->first, 0 };

		SCOPED_NOTE("command 0x%llx", row->first);
		smmuv3_config_init(&config);
		EXPECT_EQ(command_accepted(&config, row->first), row->name != NULL);
		config.stage1 = false;
		EXPECT_EQ(command_accepted(&config, row->first), row->legal_without_stage1);
		smmuv3_config_init(&config);
		config.stage2 = false;
		EXPECT_EQ(command_accepted(&config, row->first), row->legal_without_stage2);
		if (row->name) {
			EXPECT_STREQ(smmuv3_command_name(command), row->name);
			EXPECT_TRUE(smmuv3_command_format(command) != NULL);
		} else if (row->first <= 0xff) {
			EXPECT_TRUE(smmuv3_command_name(command) == NULL);
			EXPECT_TRUE(smmuv3_command_format(command) == NULL);
		}
	}
}

TEST(smmuv3_commands, an_illegal_one_stops_the_queue_until_it_is_acknowledged)
{
	struct bench b;
	const u64 sync[2] = { 0x46, 0 };

	bench_create(&b, NULL);
	bench_write(&b, GERROR_IRQ_CFG0, 0x9000000);
	bench_write(&b, GERROR_IRQ_CFG1, 42);
	bench_write(&b, IRQ_CTRL, 1);
	bench_enable(&b);
	bench_sync(&b);
	bench_command(&b, 0xff, 0);
	bench_command(&b, 0x46, 0);
	EXPECT_EQ(bench_read(&b, CMDQ_CONS), 1u << 24 | 1);
	EXPECT_EQ(bench_read(&b, GERROR), 1u);
	EXPECT_EQ(b.interrupts, 1u);
	EXPECT_EQ(b.interrupt_address, 0x9000000u);
	EXPECT_EQ(b.interrupt_data, 42u);
	/* acknowledged without being mended, it is met again */
	bench_write(&b, GERRORN, 1);
	EXPECT_EQ(bench_read(&b, GERROR), 0u);
	EXPECT_EQ(b.interrupts, 2u);
	bench_put(&b, COMMAND_QUEUE + 16, sync, 2);
	bench_write(&b, GERRORN, 0);
	EXPECT_EQ(bench_read(&b, CMDQ_CONS) & 0xfffff, 3u);
	EXPECT_EQ(bench_read(&b, GERROR), 0u);
	bench_destroy(&b);
}

TEST(smmuv3_commands, wait_where_the_port_calls_for_the_work_later)
{
	struct bench b;

	bench_start(&b, NULL);
	b.later = true;
	bench_command(&b, 0x46, 0);
	EXPECT_EQ(bench_read(&b, CMDQ_CONS), 0u);
	EXPECT_EQ(smmuv3_queue_length(b.smmu), 1u);
	smmuv3_consume_commands(b.smmu);
	EXPECT_EQ(bench_read(&b, CMDQ_CONS), 1u);
	EXPECT_EQ(smmuv3_queue_length(b.smmu), 0u);
	bench_destroy(&b);
}

TEST(smmuv3_commands, an_error_without_a_message_address_sends_none)
{
	struct bench b;

	bench_create(&b, NULL);
	bench_write(&b, IRQ_CTRL, 1);
	bench_enable(&b);
	bench_command(&b, 0xff, 0);
	EXPECT_EQ(bench_read(&b, GERROR), 1u);
	EXPECT_EQ(b.interrupts, 0u);
	bench_destroy(&b);
}

TEST(smmuv3_commands, one_that_cannot_be_read_is_an_abort)
{
	struct bench b;

	bench_start(&b, NULL);
	memory_poison(b.mem, hpa(COMMAND_QUEUE), true);
	bench_command(&b, 0x46, 0);
	EXPECT_EQ(bench_read(&b, CMDQ_CONS), 2u << 24);
	EXPECT_EQ(bench_read(&b, GERROR), 1u);
	EXPECT_EQ(b.interrupts, 0u);
	bench_destroy(&b);
}

TEST(smmuv3_commands, sync_sends_the_message_it_is_asked_for)
{
	struct bench b;

	bench_start(&b, NULL);
	bench_command(&b, 0x46 | 1ULL << 12 | 77ULL << 32, 0x8001000);
	EXPECT_EQ(b.interrupts, 1u);
	EXPECT_EQ(b.interrupt_address, 0x8001000u);
	EXPECT_EQ(b.interrupt_data, 77u);
	bench_command(&b, 0x46 | 1ULL << 12, 0);
	bench_command(&b, 0x46 | 2ULL << 12, 0x8001000);
	EXPECT_EQ(b.interrupts, 1u);
	bench_destroy(&b);
}

/* Writes a further command while the first one is being fetched. */
static void add_command(struct bench *b)
{
	bench_command(b, 0x46, 0);
}

TEST(smmuv3_commands, queued_meanwhile_are_consumed_by_who_is_at_it)
{
	struct bench b;

	bench_start(&b, NULL);
	b.hook = add_command;
	b.hook_at_read = b.reads + 1;
	bench_command(&b, 0x30, 0);
	EXPECT_EQ(bench_read(&b, CMDQ_CONS), 2u);
	EXPECT_EQ(bench_counter(&b, "commands"), 2u);
	bench_destroy(&b);
}

TEST(smmuv3_commands, a_queue_larger_than_implemented_has_the_implemented_size)
{
	struct bench b;

	bench_create(&b, NULL);
	bench_write(&b, CMDQ_BASE, 0x40000000ULL | 31);
	bench_write(&b, CR0, 8);
	bench_write(&b, CMDQ_PROD, 3);
	/* memory is zero there: an illegal command at index 0 */
	EXPECT_EQ(bench_read(&b, CMDQ_CONS), 1u << 24);
	bench_destroy(&b);
}

TEST(smmuv3_formats, fields_ascend_and_lie_within_a_quadword_of_their_entry)
{
	const struct format *const *formats = smmuv3_formats();

	for (size_t i = 0; formats[i]; i++) {
		const struct format *format = formats[i];
		unsigned int next = 0;

		SCOPED_NOTE("%s", format->name);
		EXPECT_TRUE(smmuv3_format(format->name) == format);
		for (size_t j = 0; j < format->field_count; j++) {
			const struct format_field *field = &format->fields[j];

			EXPECT_GE(field->lo, next);
			EXPECT_GE(field->hi, field->lo);
			EXPECT_LT(field->hi, format->bits);
			EXPECT_EQ(field->hi / 64, field->lo / 64);
			next = field->hi + 1;
		}
	}
}

TEST(smmuv3_formats, are_found_by_name)
{
	EXPECT_TRUE(smmuv3_format("ste") != NULL);
	EXPECT_TRUE(smmuv3_format("nothing") == NULL);
	EXPECT_TRUE(smmuv3_field(smmuv3_format("cd"), "ttb0") != NULL);
	EXPECT_TRUE(smmuv3_field(smmuv3_format("cd"), "S2TTB") == NULL);
}

TEST(smmuv3_formats, registers_ascend_and_their_masks_fit_them)
{
	size_t count;
	const struct smmuv3_register *registers = smmuv3_registers(&count);
	u32 next = 0;

	for (size_t i = 0; i < count; i++) {
		EXPECT_GE(registers[i].offset, next);
		EXPECT_EQ(registers[i].offset % registers[i].size, 0u);
		if (registers[i].size == 4)
			EXPECT_EQ(registers[i].writable >> 32, 0u);
		if (registers[i].format)
			EXPECT_EQ(registers[i].format->bits, registers[i].size * 8u);
		next = registers[i].offset + registers[i].size;
	}
	EXPECT_LE(next, (u32)SMMUV3_MMIO_SIZE);
}
