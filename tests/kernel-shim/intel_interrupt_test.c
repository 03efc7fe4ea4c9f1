// SPDX-License-Identifier: Apache-2.0
/*
 * Interrupts of devices: what the kernel gives them, and how the Intel driver lets the units remap it.
 */
#include "intel_rig.h"

#include <stdio.h>

#define GSTS 0x1c
#define IRTA 0xb8
#define IRES (1u << 25)
#define IRTPS (1u << 24)
#define CFIS (1u << 23)

static struct dma_result interrupt(struct rig *rig, unsigned int device, u64 address, u32 data)
{
	const struct dma_request request = {
		.address = iova(address),
		.len = sizeof(data),
		.access = ACCESS_WRITE,
	};

	return rig_dma(rig, device, &request, &data);
}

static u64 handled(struct rig *rig, unsigned int vector)
{
	struct kernel_msi msi;

	EXPECT_EQ(kernel_msi_query(rig->kernel, vector, &msi), 0);
	return msi.handled;
}

TEST(intel_interrupt, is_remapped_on_every_unit_from_boot_on)
{
	struct rig rig;

	intel_pair(&rig, SERVER, BROADWELL);
	if (rig_boot(&rig)) {
		EXPECT_EQ(intel_register(&rig, 0, GSTS) & (IRES | IRTPS | CFIS), IRES | IRTPS);
		EXPECT_EQ(intel_register(&rig, 1, GSTS) & (IRES | IRTPS | CFIS), IRES | IRTPS);
		/* 256 entries in xAPIC mode */
		EXPECT_EQ(intel_register64(&rig, 0, IRTA) & 0xfff, 7);
	}
	rig_end(&rig);
}

TEST(intel_interrupt, of_a_device_arrives_wherever_the_kernel_moves_it)
{
	struct kernel_msi msi, moved;
	struct dma_result sent;
	struct rig rig;

	intel_unit(&rig, CAP_BROADWELL, ECAP_BROADWELL);
	if (!rig_boot(&rig))
		goto out;
	ASSERT_EQ(kernel_msi_alloc(rig.kernel, rig.devices[0].name, 2, &msi), 0);
	EXPECT_STREQ(msi.device, rig.devices[0].name);
	EXPECT_EQ(msi.index, 0);
	EXPECT_EQ(msi.address, 0xfee00010);
	EXPECT_EQ(msi.handled, 0);
	sent = interrupt(&rig, 0, msi.address, msi.data);
	EXPECT_EQ(sent.status, DMA_OK);
	EXPECT_EQ(sent.first_address.v, 0xfee02000);
	EXPECT_EQ(sent.message, 0x4000 | msi.vector); /* asserted */
	EXPECT_EQ(handled(&rig, msi.vector), 1);
	/* the unit has the entry cached: the kernel invalidates it */
	EXPECT_EQ(kernel_msi_move(rig.kernel, msi.vector, 255, &moved), 0);
	EXPECT_EQ(moved.address, msi.address);
	EXPECT_EQ(moved.destination, 255);
	EXPECT_EQ(interrupt(&rig, 0, msi.address, 0).first_address.v, 0xfeeff000);
	EXPECT_EQ(handled(&rig, msi.vector), 2);
	EXPECT_EQ(kernel_msi_free(rig.kernel, msi.vector), 0);
	EXPECT_EQ(interrupt(&rig, 0, msi.address, 0).fault, VTD_FAULT_INTERRUPT_ENTRY_NOT_PRESENT);
	EXPECT_TRUE(rig_logged(&rig, "[INTR-REMAP] Request device [3a:00.0] fault index 0x0 "
				     "[fault reason 0x22]"));
out:
	rig_end(&rig);
}

TEST(intel_interrupt, of_another_device_is_refused)
{
	struct kernel_msi msi;
	struct rig rig;

	intel_pair(&rig, SERVER, SERVER);
	/* both behind the first unit */
	rig.devices[1].iommu = 0;
	if (!rig_boot(&rig))
		goto out;
	ASSERT_EQ(kernel_msi_alloc(rig.kernel, rig.devices[0].name, 0, &msi), 0);
	EXPECT_EQ(interrupt(&rig, 1, msi.address, msi.data).fault, VTD_FAULT_INTERRUPT_SOURCE);
	EXPECT_EQ(handled(&rig, msi.vector), 0);
	/* nor in the format that names its vector */
	EXPECT_EQ(interrupt(&rig, 1, 0xfee00000, msi.vector).fault,
		  VTD_FAULT_INTERRUPT_COMPATIBILITY_BLOCKED);
	EXPECT_EQ(handled(&rig, msi.vector), 0);
out:
	rig_end(&rig);
}

TEST(intel_interrupt, not_remapped_names_its_destination_itself)
{
	struct kernel_msi msi;
	struct rig rig;

	intel_unit(&rig, CAP_BROADWELL, ECAP_BROADWELL);
	rig.parameters[0] = "kernel.intremap=off";
	if (!rig_boot(&rig))
		goto out;
	EXPECT_EQ(intel_register(&rig, 0, GSTS) & IRES, 0);
	ASSERT_EQ(kernel_msi_alloc(rig.kernel, rig.devices[0].name, 2, &msi), 0);
	EXPECT_EQ(msi.index, -1);
	EXPECT_EQ(msi.address, 0xfee02000);
	EXPECT_EQ(msi.data, msi.vector);
	EXPECT_EQ(interrupt(&rig, 0, msi.address, msi.data).status, DMA_OK);
	EXPECT_EQ(handled(&rig, msi.vector), 1);
	EXPECT_EQ(kernel_msi_move(rig.kernel, msi.vector, 3, &msi), 0);
	EXPECT_EQ(msi.address, 0xfee03000);
	/* what is not freed goes with the kernel */
out:
	rig_end(&rig);
}

TEST(intel_interrupt, behind_an_smmu_is_not_remapped_by_others)
{
	struct kernel_msi msi;
	struct rig rig;

	rig_init(&rig, "mainline");
	rig_add_vtd(&rig, CAP_SERVER, ECAP_SERVER);
	rig_add_device(&rig, 0x100, rig_add_smmu(&rig), -1);
	if (rig_boot(&rig)) {
		EXPECT_EQ(kernel_msi_alloc(rig.kernel, rig.devices[0].name, 1, &msi), 0);
		EXPECT_EQ(msi.index, -1);
	}
	rig_end(&rig);
}

TEST(intel_interrupt, calls_that_make_no_sense_are_refused)
{
	struct kernel_msi msi;
	struct rig rig;

	intel_unit(&rig, CAP_SERVER, ECAP_SERVER);
	if (rig_boot(&rig)) {
		EXPECT_EQ(kernel_msi_alloc(rig.kernel, rig.devices[0].name, 256, &msi), -EINVAL);
		EXPECT_EQ(kernel_msi_alloc(rig.kernel, "nothing", 0, &msi), -ENODEV);
		EXPECT_EQ(kernel_msi_move(rig.kernel, 99, 256, &msi), -EINVAL);
		EXPECT_EQ(kernel_msi_move(rig.kernel, 99, 0, &msi), -ENOENT);
		EXPECT_EQ(kernel_msi_query(rig.kernel, 99, &msi), -ENOENT);
		EXPECT_EQ(kernel_msi_free(rig.kernel, 99), -ENOENT);
	}
	rig_end(&rig);
}

TEST(intel_interrupt, vectors_run_out_and_come_back)
{
	struct kernel_msi msi, last = { .index = -1 };
	struct rig rig;
	int ret = 0, count;

	intel_unit(&rig, CAP_SERVER, ECAP_SERVER);
	if (rig_boot(&rig)) {
		for (count = 0; count < 300 && !ret; count++) {
			ret = kernel_msi_alloc(rig.kernel, rig.devices[0].name, 0, &msi);
			if (!ret)
				last = msi;
		}
		EXPECT_EQ(ret, -ENOSPC);
		EXPECT_EQ(kernel_msi_free(rig.kernel, last.vector), 0);
		EXPECT_EQ(kernel_msi_alloc(rig.kernel, rig.devices[0].name, 0, &msi), 0);
		EXPECT_EQ(msi.index, last.index);
	}
	rig_end(&rig);
}

/* A failure on the way leaves a kernel without remapping, as in Linux, not one that does not boot. */
TEST(intel_interrupt, no_memory_for_a_table_leaves_all_units_without)
{
	unsigned int nth, without = 0;

	for (nth = 1; nth < 16; nth++) {
		char parameter[32];
		struct rig rig;

		intel_pair(&rig, BROADWELL, BROADWELL);
		snprintf(parameter, sizeof(parameter), "fault.page_nth=%u", nth);
		rig.parameters[0] = parameter;
		if (rig_try_boot(&rig) && rig_logged(&rig, "interrupts are not remapped")) {
			without++;
			EXPECT_EQ(intel_register(&rig, 0, GSTS) & IRES, 0);
			EXPECT_EQ(intel_register(&rig, 1, GSTS) & IRES, 0);
		}
		rig_stop(&rig);
	}
	EXPECT_EQ(without, 2);
}
