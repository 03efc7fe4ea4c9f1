/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a unit offers to the owner of a virtual one: descriptors told when they are done, virtual commands, faults
 * reported from elsewhere.
 */
#include "gtest_c.h"

#include "vtd/vtd-format.h"
#include "vtd/vtd.h"

#include <string.h>

#define GCMD 0x18
#define FSTS 0x34
#define IQH 0x80
#define IQT 0x88
#define IQA 0x90
#define FRCD 0x220
#define VCMD 0xe00
#define VCRSP 0xe10
#define VCCAP 0xe30

#define CAP 0xd2008c222f0686ULL
#define ECAP 0x00f00f5aULL
#define SMTS (1ULL << 43)
#define PASIDS (1ULL << 40)
#define VCS (1ULL << 44)

#define QUEUE 0x1000

struct rig {
	struct vtd_unit *unit;
	u8 memory[0x3000];
	u64 told[8][4]; /* descriptors */
	unsigned int told_count;
	u64 head_when_told;
	u64 command, response; /* of virtual commands */
	unsigned int commands;
	bool commands_again; /* gives a command within a command */
	u64 response_meanwhile; /* VCRSP as read then */
};

static enum port_status rig_read(void *ctx, hpa_t addr, void *buf, size_t len)
{
	struct rig *rig = ctx;

	if (addr.v + len > sizeof(rig->memory))
		return PORT_ERROR;
	memcpy(buf, rig->memory + addr.v, len);
	return PORT_OK;
}

static enum port_status rig_write(void *ctx, hpa_t addr, const void *buf, size_t len)
{
	struct rig *rig = ctx;

	if (addr.v + len > sizeof(rig->memory))
		return PORT_ERROR;
	memcpy(rig->memory + addr.v, buf, len);
	return PORT_OK;
}

static void rig_interrupt(void *ctx, u64 address, u32 data)
{
	(void)ctx;
	(void)address;
	(void)data;
}

static void rig_spend(void *ctx, unsigned int cycles)
{
	(void)ctx;
	(void)cycles;
}

static void rig_done(void *ctx, const u64 *descriptor)
{
	struct rig *rig = ctx;

	rig->head_when_told = vtd_mmio_read(rig->unit, IQH, 8);
	if (rig->told_count < 8)
		memcpy(rig->told[rig->told_count++], descriptor, 32);
}

static u64 rig_command(void *ctx, u64 command)
{
	struct rig *rig = ctx;

	rig->command = command;
	rig->commands++;
	rig->response_meanwhile = vtd_mmio_read(rig->unit, VCRSP, 8);
	if (rig->commands_again && rig->commands == 1)
		vtd_mmio_write(rig->unit, VCMD, 8, 2);
	return rig->response;
}

static const struct port_ops with_all = {
	.read = rig_read,
	.write = rig_write,
	.interrupt = rig_interrupt,
	.spend = rig_spend,
	.descriptor_done = rig_done,
	.virtual_command = rig_command,
};

static const struct port_ops with_none = {
	.read = rig_read,
	.write = rig_write,
	.interrupt = rig_interrupt,
	.spend = rig_spend,
};

static void rig_start(struct rig *rig, const struct port_ops *ops, u64 ecap)
{
	const struct port port = { .ops = ops, .ctx = rig };
	struct vtd_config config;

	vtd_config_init(&config, CAP, ecap);
	config.vccap = ~0ULL;
	rig->unit = vtd_create(&config, &port);
}

static void queue_start(struct rig *rig)
{
	vtd_mmio_write(rig->unit, IQA, 8, QUEUE);
	vtd_mmio_write(rig->unit, GCMD, 4, 1u << 26);
}

static void put(struct rig *rig, unsigned int index, u64 low, u64 high)
{
	memcpy(rig->memory + QUEUE + index * 16, &low, 8);
	memcpy(rig->memory + QUEUE + index * 16 + 8, &high, 8);
}

/* --- descriptors ------------------------------------------------------------------------- */

TEST(vtd_virtual, each_descriptor_is_told_once_it_is_done_in_order)
{
	static struct rig rig;

	rig = (struct rig){ 0 };
	rig_start(&rig, &with_all, ECAP);
	queue_start(&rig);
	put(&rig, 0, 0x11, 0); /* context cache, global */
	put(&rig, 1, 0x12, 0); /* IOTLB, global */
	vtd_mmio_write(rig.unit, IQT, 8, 32);
	EXPECT_EQ(rig.told_count, 2);
	EXPECT_EQ(rig.told[0][0], 0x11);
	EXPECT_EQ(rig.told[1][0], 0x12);
	EXPECT_EQ(rig.told[1][2], 0);
	/* before the head moves on to the next */
	EXPECT_EQ(rig.head_when_told, 16);
	vtd_destroy(rig.unit);
}

TEST(vtd_virtual, a_wrong_descriptor_is_not_told)
{
	static struct rig rig;

	rig = (struct rig){ 0 };
	rig_start(&rig, &with_all, ECAP);
	queue_start(&rig);
	put(&rig, 0, 0x01, 0); /* context cache, granularity 0 is reserved */
	vtd_mmio_write(rig.unit, IQT, 8, 16);
	EXPECT_EQ(rig.told_count, 0);
	EXPECT_EQ(vtd_mmio_read(rig.unit, FSTS, 4) & 0x10, 0x10);
	vtd_destroy(rig.unit);
}

TEST(vtd_virtual, nobody_need_be_told)
{
	static struct rig rig;

	rig = (struct rig){ 0 };
	rig_start(&rig, &with_none, ECAP);
	queue_start(&rig);
	put(&rig, 0, 0x11, 0);
	vtd_mmio_write(rig.unit, IQT, 8, 16);
	EXPECT_EQ(vtd_mmio_read(rig.unit, IQH, 8), 16);
	vtd_destroy(rig.unit);
}

/* --- virtual commands -------------------------------------------------------------------- */

TEST(vtd_virtual, a_command_is_carried_out_and_answered_by_the_owner)
{
	static struct rig rig;

	rig = (struct rig){ .response = 0x70000 };
	rig_start(&rig, &with_all, ECAP | VCS);
	EXPECT_EQ(vtd_mmio_read(rig.unit, VCCAP, 8), 1);
	vtd_mmio_write(rig.unit, VCMD, 8, 1);
	EXPECT_EQ(rig.commands, 1);
	EXPECT_EQ(rig.command, 1);
	/* IP is set as long as the command goes on */
	EXPECT_EQ(rig.response_meanwhile, 1);
	EXPECT_EQ(vtd_mmio_read(rig.unit, VCRSP, 8), 0x70000);
	vtd_destroy(rig.unit);
}

TEST(vtd_virtual, either_half_of_a_command_may_be_written_first)
{
	static struct rig rig;

	rig = (struct rig){ 0 };
	rig_start(&rig, &with_all, ECAP | VCS);
	vtd_mmio_write(rig.unit, VCMD + 4, 4, 0x5);
	EXPECT_EQ(rig.commands, 0);
	vtd_mmio_write(rig.unit, VCMD, 4, 0x70002);
	EXPECT_EQ(rig.commands, 1);
	EXPECT_EQ(rig.command, 0x500070002ULL);
	/* the code is not kept: nothing begins anew */
	vtd_mmio_write(rig.unit, VCMD + 4, 4, 0x6);
	EXPECT_EQ(rig.commands, 1);
	vtd_destroy(rig.unit);
}

TEST(vtd_virtual, the_answer_cannot_leave_ip_set)
{
	static struct rig rig;

	rig = (struct rig){ .response = 0x21 };
	rig_start(&rig, &with_all, ECAP | VCS);
	vtd_mmio_write(rig.unit, VCMD, 8, 1);
	EXPECT_EQ(vtd_mmio_read(rig.unit, VCRSP, 8), 0x20);
	vtd_destroy(rig.unit);
}

TEST(vtd_virtual, a_command_within_a_command_is_ignored)
{
	static struct rig rig;

	rig = (struct rig){ .response = 0x30000, .commands_again = true };
	rig_start(&rig, &with_all, ECAP | VCS);
	vtd_mmio_write(rig.unit, VCMD, 8, 1);
	EXPECT_EQ(rig.commands, 1);
	EXPECT_EQ(vtd_mmio_read(rig.unit, VCRSP, 8), 0x30000);
	vtd_destroy(rig.unit);
}

TEST(vtd_virtual, without_an_owner_every_command_is_undefined)
{
	static struct rig rig;

	rig = (struct rig){ 0 };
	rig_start(&rig, &with_none, ECAP | VCS);
	vtd_mmio_write(rig.unit, VCMD, 8, 1);
	EXPECT_EQ(vtd_mmio_read(rig.unit, VCRSP, 8), 1 << 1);
	vtd_destroy(rig.unit);
}

TEST(vtd_virtual, without_vcs_there_are_no_such_registers)
{
	static struct rig rig;

	rig = (struct rig){ .response = 0x70000 };
	rig_start(&rig, &with_all, ECAP);
	vtd_mmio_write(rig.unit, VCMD, 8, 1);
	EXPECT_EQ(rig.commands, 0);
	EXPECT_EQ(vtd_mmio_read(rig.unit, VCCAP, 8), 0);
	EXPECT_EQ(vtd_mmio_read(rig.unit, VCRSP, 8), 0);
	vtd_destroy(rig.unit);
}

/* --- faults ------------------------------------------------------------------------------ */

TEST(vtd_virtual, a_fault_reported_from_elsewhere_is_recorded_as_the_units_own)
{
	const struct translation_request request = {
		.source_id = 0x3a00,
		.has_pasid = true,
		.pasid = 7,
		.address = { 0x7f0000001000ULL },
		.access = ACCESS_READ,
		.privileged = true,
	};
	static struct rig rig;
	u64 record[2];

	rig = (struct rig){ 0 };
	rig_start(&rig, &with_all, ECAP | SMTS | PASIDS);
	vtd_report_fault(rig.unit, &request, VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT);
	EXPECT_EQ(vtd_mmio_read(rig.unit, FSTS, 4), 0x2); /* PPF */
	record[0] = vtd_mmio_read(rig.unit, FRCD, 8);
	record[1] = vtd_mmio_read(rig.unit, FRCD + 8, 8);
	EXPECT_EQ(record[0], 0x7f0000001000ULL);
	EXPECT_EQ(format_field_get(vtd_field(vtd_format("frcd"), "SID"), record), 0x3a00);
	EXPECT_EQ(format_field_get(vtd_field(vtd_format("frcd"), "FR"), record), 0x71);
	EXPECT_EQ(format_field_get(vtd_field(vtd_format("frcd"), "PV"), record), 7);
	EXPECT_EQ(format_field_get(vtd_field(vtd_format("frcd"), "PRIV"), record), 1);
	EXPECT_EQ(format_field_get(vtd_field(vtd_format("frcd"), "F"), record), 1);
	vtd_destroy(rig.unit);
}
