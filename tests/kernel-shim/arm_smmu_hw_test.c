// SPDX-License-Identifier: Apache-2.0
/* SMMUv3 driver on the SMMU model: bring-up and its failures, queues, events and global errors. */
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/io.h>
#include <linux/mm.h>
#include <stdio.h>
#include <string.h>

#include "iommu/arm-smmu-v3/arm-smmu-v3.h"
#include "rig.h"
#include "mem/memory.h"

static struct arm_smmu_device *driver_of(unsigned int index)
{
	struct arm_smmu_units *units = kernel_subsys(KERNEL_SUBSYS_ARM_SMMU);

	return units->units[index];
}

struct register_row {
	const char *name;
	u32 offset, value;
	const char *log;
};

/* What a reset SMMU of default shape has: both stages, AArch64, coherent, MSI, no stalls. */
#define IDR0_GOOD 0x0500301fu

static const struct register_row refused_rows[] = {
	{ "no_stage", ARM_SMMU_IDR0, IDR0_GOOD & ~3u, "no translation support" },
	{ "aarch32_tables_only", ARM_SMMU_IDR0, (IDR0_GOOD & ~0xcu) | 0x4, "no AArch64 tables" },
	{ "forced_stalls", ARM_SMMU_IDR0, (IDR0_GOOD & ~0x3000000u) | 0x2000000, "forced stalls" },
	{ "preset_tables", ARM_SMMU_IDR1, 1u << 30, "preset tables" },
	{ "preset_queues", ARM_SMMU_IDR1, 1u << 29, "preset tables" },
	{ "no_4K_granule", ARM_SMMU_IDR5, 0x65, "no AArch64 tables of 4 KiB" },
	{ "reserved_address_size", ARM_SMMU_IDR5, 0x17, "no AArch64 tables of 4 KiB" },
	{ "enable_is_not_acknowledged", ARM_SMMU_CR0ACK, 0, "register 0x20 does not take 0x8" },
	{ "disable_is_not_acknowledged", ARM_SMMU_CR0ACK, 1, "register 0x20 does not take 0x0" },
	{ "interrupts_are_not_acknowledged", ARM_SMMU_IRQ_CTRLACK, 0x10,
	  "register 0x50 does not take 0x0" },
	{ "commands_are_not_consumed", ARM_SMMU_CMDQ_CONS, 0, "CMD_SYNC timeout" },
};

/* The register of the row always reads the row's value. */
static bool stuck(struct rig *rig, unsigned int unit, u32 offset, bool write, u64 *value)
{
	const struct register_row *row = rig->param;

	(void)unit;
	if (!write && offset == row->offset)
		*value = row->value;
	return true;
}

TEST_WITH_NAMED_PARAMS(arm_smmu_hw, a_unit_that_cannot_be_driven_is_told_and_left,
		       struct register_row, refused_rows, name)
{
	struct rig rig;

	rig_init_smmu(&rig);
	rig.hook = stuck;
	rig.param = param;
	EXPECT_FALSE(rig_try_boot(&rig));
	EXPECT_TRUE(rig_logged(&rig, param->log));
	EXPECT_TRUE(rig_logged(&rig, "smmu0: probe failed"));
	rig_end(&rig);
}

TEST(arm_smmu_hw, a_unit_that_does_not_reach_the_memory_is_left)
{
	struct rig rig;

	rig_init_smmu(&rig);
	rig.smmu_config[0].address_bits = 32;
	rig.config.ram_base = 1ULL << 32;
	EXPECT_FALSE(rig_try_boot(&rig));
	EXPECT_TRUE(rig_logged(&rig, "smmu0: probe failed: -12"));
	rig_end(&rig);
}

TEST(arm_smmu_hw, a_unit_without_messages_works_silently)
{
	static const struct register_row no_messages = {
		.offset = ARM_SMMU_IDR0,
		.value = IDR0_GOOD & ~(u32)IDR0_MSI,
	};
	struct rig rig;

	rig_init_smmu(&rig);
	rig.hook = stuck;
	rig.param = &no_messages;
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_TRUE(rig_logged(&rig, "no message interrupts"));
	EXPECT_EQ(rig_translate(&rig, 0, 0x5000, ACCESS_READ).fault, SMMUV3_F_TRANSLATION);
	EXPECT_FALSE(rig_logged(&rig, "translation fault"));
	rig_end(&rig);
}

TEST(arm_smmu_hw, a_unit_that_was_left_enabled_is_disabled_first)
{
	struct rig rig;

	rig_init_smmu(&rig);
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_EQ(smmuv3_mmio_read(rig.smmu[0], ARM_SMMU_CR0, 4),
		  CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN);
	kernel_shutdown(rig.kernel);
	rig.kernel = NULL;
	EXPECT_EQ(smmuv3_mmio_read(rig.smmu[0], ARM_SMMU_CR0, 4), 0);
	/* a loader that enabled it, with a stream table in nowhere */
	smmuv3_mmio_write(rig.smmu[0], ARM_SMMU_CR0, 4, CR0_SMMUEN);
	rig.kernel = kernel_boot(&rig.config, NULL);
	EXPECT_NE(rig.kernel, NULL);
	EXPECT_EQ(rig_translate(&rig, 0, 0x5000, ACCESS_READ).fault, SMMUV3_F_TRANSLATION);
	rig_end(&rig);
}

TEST(arm_smmu_hw, a_boot_that_runs_out_of_memory_leaves_nothing_behind)
{
	static const char *const faults[] = { "fault.page_nth=", "fault.kmalloc_nth=" };
	unsigned int kind, nth;

	for (kind = 0; kind < 2; kind++) {
		for (nth = 1; nth < 60; nth++) {
			char parameter[32];
			struct rig rig;

			rig_init_smmu(&rig);
			snprintf(parameter, sizeof(parameter), "%s%u", faults[kind], nth);
			rig.parameters[0] = parameter;
			/*
			 * what is allocated late, or is dispensable, does not keep it from booting
			 */
			if (rig_try_boot(&rig))
				EXPECT_GT(nth, 2);
			rig_end(&rig);
		}
	}
}

TEST(arm_smmu_hw, lost_events_are_told)
{
	unsigned int i;
	struct rig rig;

	rig_init_smmu(&rig);
	ASSERT_TRUE(rig_boot(&rig));
	rig.deaf = true;
	for (i = 0; i < 200; i++)
		rig_translate(&rig, 0, i * 0x1000, ACCESS_READ);
	EXPECT_FALSE(rig_logged(&rig, "translation fault"));
	rig.deaf = false;
	kernel_interrupt(rig.kernel, 0xfee00000, (u32)smmuv3_mmio_read(rig.smmu[0], 0xb8, 4));
	EXPECT_TRUE(rig_logged(&rig, "reading 0x0 stage 1"));
	rig_log_clear(&rig);
	rig_translate(&rig, 0, 0x7000, ACCESS_READ);
	EXPECT_TRUE(rig_logged(&rig, "reading 0x7000"));
	rig_end(&rig);
}

TEST(arm_smmu_hw, an_overflow_of_the_event_queue_is_told_once)
{
	unsigned int i;
	struct rig rig;

	rig_init_smmu(&rig);
	ASSERT_TRUE(rig_boot(&rig));
	rig.deaf = true;
	for (i = 0; i < 200; i++)
		rig_translate(&rig, 0, i * 0x1000, ACCESS_READ);
	rig.deaf = false;
	rig.log_len = sizeof(rig.log) - 64; /* room for one short line only */
	memset(rig.log, ' ', sizeof(rig.log));
	rig.log[sizeof(rig.log) - 1] = '\0';
	kernel_interrupt(rig.kernel, 0xfee00000, (u32)smmuv3_mmio_read(rig.smmu[0], 0xb8, 4));
	EXPECT_TRUE(rig_logged(&rig, "event queue overflow"));
	rig_log_clear(&rig);
	rig_translate(&rig, 0, 0x7000, ACCESS_READ);
	EXPECT_FALSE(rig_logged(&rig, "event queue overflow"));
	rig_end(&rig);
}

TEST(arm_smmu_hw, events_that_cannot_be_written_are_a_global_error)
{
	struct rig rig;

	rig_init_smmu(&rig);
	ASSERT_TRUE(rig_boot(&rig));
	rig.writes_fail = true;
	rig_translate(&rig, 0, 0x5000, ACCESS_READ);
	rig.writes_fail = false;
	EXPECT_TRUE(rig_logged(&rig, "event queue cannot be written"));
	EXPECT_EQ(smmuv3_mmio_read(rig.smmu[0], ARM_SMMU_GERROR, 4),
		  smmuv3_mmio_read(rig.smmu[0], ARM_SMMU_GERRORN, 4));
	rig_translate(&rig, 0, 0x6000, ACCESS_READ);
	EXPECT_TRUE(rig_logged(&rig, "reading 0x6000"));
	rig_end(&rig);
}

static long illegal_command(struct rig *rig)
{
	struct arm_smmu_device *smmu = driver_of(0);
	unsigned int i;

	(void)rig;
	arm_smmu_cmdq_add(smmu, 0xee, 0x1234);
	EXPECT_EQ(arm_smmu_cmdq_sync(smmu), 0);
	/* more commands than the queue holds */
	for (i = 0; i < 1000; i++)
		arm_smmu_cmdq_add(smmu, CMD_TLBI_NSNH_ALL, 0);
	EXPECT_EQ(arm_smmu_cmdq_sync(smmu), 0);
	return 0;
}

TEST(arm_smmu_hw, an_illegal_command_is_told_and_passed_over)
{
	struct rig rig;

	rig_init_smmu(&rig);
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_EQ(rig_run(&rig, illegal_command), 0);
	EXPECT_TRUE(rig_logged(&rig, "illegal command 0x00000000000000ee 0x0000000000001234"));
	rig_end(&rig);
}

static long unreadable_queue(struct rig *rig)
{
	struct arm_smmu_device *smmu = driver_of(0);
	struct iommu_group *group = rig_group(rig, 0);
	struct iommu_domain *domain = rig_domain(rig);
	phys_addr_t queue = virt_to_phys(smmu->cmdq.base);
	unsigned int i;

	memory_poison(rig->memory, hpa(queue), true);
	EXPECT_EQ(arm_smmu_cmdq_sync(smmu), -EIO);
	EXPECT_EQ(iommu_attach_group(domain, group), -EIO);
	for (i = 0; i < 600; i++)
		arm_smmu_cmdq_add(smmu, CMD_TLBI_NSNH_ALL, 0);
	EXPECT_EQ(arm_smmu_cmdq_sync(smmu), -EIO);
	memory_poison(rig->memory, hpa(queue), false);
	iommu_group_put(group);
	iommu_domain_free(domain);
	return 0;
}

TEST(arm_smmu_hw, a_command_queue_that_cannot_be_read_fails_what_waits_for_it)
{
	struct rig rig;

	rig_init_smmu(&rig);
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_EQ(rig_run(&rig, unreadable_queue), 0);
	EXPECT_TRUE(rig_logged(&rig, "command queue cannot be read"));
	rig_end(&rig);
}

TEST(arm_smmu_hw, every_event_of_the_model_is_told_in_words)
{
	static const unsigned int ids[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
					    0x09, 0x0a, 0x0b, 0x10, 0x11, 0x12, 0x13, 0x77 };
	unsigned int i;
	struct rig rig;

	rig_init_smmu(&rig);
	ASSERT_TRUE(rig_boot(&rig));
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		u64 base = smmuv3_mmio_read(rig.smmu[0], ARM_SMMU_EVENTQ_BASE, 8) & QUEUE_BASE_ADDR;
		u32 prod = (u32)smmuv3_mmio_read(rig.smmu[0], ARM_SMMU_EVENTQ_PROD, 4);
		const u64 record[EVENT_DWORDS] = { ids[i] | 0x123ULL << 32 };
		char text[32];

		/* a record as the hardware would leave it, told by the interrupt of a real one */
		memory_write(rig.memory, hpa(base + (prod & 127) * sizeof(record)), record,
			     sizeof(record));
		rig_log_clear(&rig);
		rig.deaf = true;
		rig_translate(&rig, 0, 0x5000, ACCESS_READ);
		rig.deaf = false;
		memory_write(rig.memory, hpa(base + (prod & 127) * sizeof(record)), record,
			     sizeof(record));
		kernel_interrupt(rig.kernel, 0xfee00000,
				 (u32)smmuv3_mmio_read(rig.smmu[0], 0xb8, 4));
		snprintf(text, sizeof(text), "event 0x%02x: ", ids[i]);
		EXPECT_TRUE(rig_logged(&rig, text));
		EXPECT_TRUE(rig_logged(&rig, "stream 0x123"));
		EXPECT_EQ(rig_logged(&rig, "unknown event"), ids[i] == 0x77);
	}
	rig_end(&rig);
}
