// SPDX-License-Identifier: Apache-2.0
/*
 * How the Intel driver brings up units of different kinds, runs their queues and reports their
 * faults.
 */
#include "intel_rig.h"

#include "iommu/intel/intel.h"

#include <linux/bitfield.h>
#include <stdio.h>

/* ---- bring-up ---- */

struct bring_up {
	const char *name;
	u64 cap, ecap;
	bool scalable;
	unsigned int levels, width;
};

/* Machines of public boot logs. */
static const struct bring_up bring_ups[] = {
	{ "sandy_bridge_ep", 0xd2078c106f0462, 0xf020fe, false, 4, 48 },
	{ "ivy_bridge_ep", 0xd2078c106f0466, 0xf020de, false, 4, 48 },
	{ "broadwell_ep", CAP_BROADWELL, ECAP_BROADWELL, false, 4, 48 },
	{ "broadwell_e_desktop", 0x8d2008c10ef0466, 0xf0205b, false, 4, 48 },
	{ "haswell_graphics", CAP_HASWELL_GRAPHICS, ECAP_HASWELL_GRAPHICS, false, 4, 39 },
	{ "haswell", 0xd2008020660462, 0xf010da, false, 4, 39 },
	{ "skylake_graphics", 0x1c0000c40660462, 0x19e2ff0505e, false, 4, 39 },
	{ "tiger_lake_graphics", 0x1c0000c40660462, 0x69e2ff0505e, false, 4, 39 },
	{ "alder_lake", 0xd2008c40660462, 0xf050da, false, 4, 39 },
	{ "ice_lake_sp", 0x8ed008c40780466, 0x60000f050df, false, 4, 48 },
	{ "sapphire_rapids", CAP_SERVER, 0x3ee9e86f050df, true, 4, 48 },
	{ "sapphire_rapids_5_levels", CAP_SERVER_5_LEVELS, 0x3ee9e86f050df, true, 5, 57 },
	{ "five_levels_in_one_stage_only", CAP_SERVER_5_LEVELS & ~CAP_FS5LP, ECAP_SERVER, true, 4,
	  48 },
	{ "no_second_stage_in_scalable_mode", CAP_SERVER, ECAP_SERVER & ~ECAP_SSTS, false, 4, 48 },
	{ "qemu", CAP_QEMU, ECAP_QEMU, false, 4, 48 },
	{ "root_pointer_invalidates", CAP_SERVER | CAP_ESRTPS, ECAP_SERVER, true, 4, 48 },
	{ "three_levels", (CAP_BROADWELL & ~CAP_SAGAW) | 2 << 8, ECAP_BROADWELL, false, 3, 39 },
	{ "most_domains", CAP_SERVER | 7, ECAP_SERVER, true, 4, 48 },
	{ "write_buffer", CAP_BROADWELL | CAP_RWBF, ECAP_BROADWELL, false, 4, 48 },
};

static void expect_started(struct rig *rig, const struct bring_up *expected)
{
	u32 status = intel_register(rig, 0, DMAR_GSTS);
	u64 root = intel_register64(rig, 0, DMAR_RTADDR),
	    queue = intel_register64(rig, 0, DMAR_IQA);

	EXPECT_EQ(status & (GCMD_TE | GCMD_SRTP | GCMD_QIE), GCMD_TE | GCMD_SRTP | GCMD_QIE);
	EXPECT_EQ(FIELD_GET(RTADDR_TTM, root), expected->scalable);
	EXPECT_EQ(!!(queue & IQA_DW), expected->scalable);
	EXPECT_EQ(intel_register(rig, 0, DMAR_FECTL) & FECTL_IM, 0);
	EXPECT_EQ(intel_register(rig, 0, DMAR_FEADDR), INTERRUPT_BASE);
	EXPECT_EQ(intel_register64(rig, 0, DMAR_IQH), intel_register64(rig, 0, DMAR_IQT));
	EXPECT_EQ(intel_register(rig, 0, DMAR_FSTS), 0);
}

static long expect_levels(struct rig *rig)
{
	const struct bring_up *expected = rig->param;

	EXPECT_EQ(intel_state()->units[0]->levels, expected->levels);
	EXPECT_EQ(intel_state()->units[0]->width, expected->width);
	return 0;
}

TEST_WITH_NAMED_PARAMS(intel_unit, starts_in_the_mode_that_its_capabilities_allow, struct bring_up,
		       bring_ups, name)
{
	struct rig rig;

	intel_unit(&rig, param->cap, param->ecap);
	rig.param = param;
	if (rig_boot(&rig)) {
		expect_started(&rig, param);
		EXPECT_EQ(rig_run(&rig, expect_levels), 0);
	}
	rig_end(&rig);
}

struct unusable {
	const char *name;
	u64 cap, ecap;
	const char *complaint;
};

static const struct unusable unusables[] = {
	{ "no_widths", CAP_BROADWELL & ~CAP_SAGAW, ECAP_BROADWELL, "no supported address width" },
};

static long expect_no_driver(struct rig *rig)
{
	EXPECT_FALSE(iommu_present(kernel_bus(KERNEL_IOMMU_INTEL)));
	EXPECT_TRUE(iommu_group_get(rig_device(rig, 0)) == NULL);
	EXPECT_TRUE(rig_domain(rig) == NULL);
	return 0;
}

TEST_WITH_NAMED_PARAMS(intel_unit, that_cannot_be_used_is_left_off, struct unusable, unusables,
		       name)
{
	struct rig rig;

	intel_unit(&rig, param->cap, param->ecap);
	if (rig_boot(&rig)) {
		EXPECT_TRUE(rig_logged(&rig, param->complaint));
		EXPECT_EQ(intel_register(&rig, 0, DMAR_GSTS), 0);
		EXPECT_EQ(rig_run(&rig, expect_no_driver), 0);
	}
	rig_end(&rig);
}

static long expect_second_unit_only(struct rig *rig)
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_TRUE(iommu_group_get(rig_device(rig, 0)) == NULL);
	EXPECT_EQ(rig_attach(rig, domain, 1), 0);
	rig_detach(rig, domain, 1);
	iommu_domain_free(domain);
	return 0;
}

TEST(intel_unit, that_cannot_be_used_does_not_hinder_others)
{
	struct rig rig;

	intel_pair(&rig, (struct intel_unit_config){ CAP_SERVER & ~CAP_SAGAW, ECAP_SERVER },
		   (struct intel_unit_config){ CAP_SERVER, ECAP_SERVER });
	rig_test(&rig, expect_second_unit_only);
}

static bool never_answers(struct rig *rig, unsigned int unit, u32 offset, bool write, u64 *value)
{
	(void)rig;
	(void)unit;
	if (offset == DMAR_GSTS && !write)
		*value = 0;
	return true;
}

TEST(intel_unit, that_does_not_answer_commands_fails_the_boot)
{
	struct rig rig;

	intel_unit(&rig, CAP_SERVER, ECAP_SERVER);
	rig.hook = never_answers;
	EXPECT_FALSE(rig_try_boot(&rig));
	EXPECT_NE(rig.boot_error, NULL);
	rig_end(&rig);
}

static bool never_translates(struct rig *rig, unsigned int unit, u32 offset, bool write, u64 *value)
{
	(void)rig;
	(void)unit;
	if (offset == DMAR_GSTS && !write)
		*value &= ~GCMD_TE;
	return true;
}

TEST(intel_unit, that_does_not_start_translating_fails_the_boot)
{
	struct rig rig;

	intel_unit(&rig, CAP_SERVER, ECAP_SERVER);
	rig.hook = never_translates;
	EXPECT_FALSE(rig_try_boot(&rig));
	rig_end(&rig);
}

TEST(intel_unit, is_off_after_shutdown)
{
	struct rig rig;

	intel_server(&rig);
	ASSERT_TRUE(rig_boot(&rig));
	kernel_shutdown(rig.kernel);
	rig.kernel = NULL;
	EXPECT_EQ(intel_register(&rig, 0, DMAR_GSTS) & (GCMD_TE | GCMD_QIE), 0);
	EXPECT_EQ(intel_register(&rig, 0, DMAR_FECTL) & FECTL_IM, FECTL_IM);
	rig_end(&rig);
}

static const char *const allocators[] = { "fault.kmalloc_nth", "fault.page_nth" };

TEST_WITH_PARAMS(intel_unit, copes_with_each_allocation_that_fails_at_boot, char *const, allocators)
{
	unsigned int nth;

	for (nth = 1; nth < 40; nth++) {
		char parameter[40];
		struct rig rig;

		intel_server(&rig);
		rig.devices[0].identity = true;
		rig.vtd_config[0].ecap &= ~ECAP_PT;
		snprintf(parameter, sizeof(parameter), "%s=%u", *param, nth);
		rig.parameters[0] = parameter;
		rig_try_boot(&rig);
		EXPECT_EQ(rig.kernel == NULL, rig.boot_error != NULL);
		rig_end(&rig);
	}
}

/* ---- queue ---- */

static const struct intel_descriptor refused = { .q0 = 0xf };

RIG_TEST(intel_queue, a_refused_descriptor_is_einval_and_the_rest_runs, intel_server(rig))
{
	struct intel_iommu *iommu = intel_state()->units[0];
	struct intel_descriptor descs[] = { intel_inv_context_global(), refused,
					    intel_inv_iotlb_global(iommu) };

	EXPECT_EQ(intel_queue_submit(iommu, descs, 3), -EINVAL);
	EXPECT_EQ(intel_register64(rig, 0, DMAR_IQH), intel_register64(rig, 0, DMAR_IQT));
	EXPECT_EQ(intel_register(rig, 0, DMAR_FSTS) & FSTS_IQE, 0);
	EXPECT_EQ(intel_queue_submit(iommu, descs, 1), 0);
	EXPECT_TRUE(rig_logged(rig, "invalidation queue error, reason 3, at descriptor f 0"));
}

RIG_TEST(intel_queue, several_refused_descriptors_all_give_way, intel_server(rig))
{
	struct intel_iommu *iommu = intel_state()->units[0];
	struct intel_descriptor descs[] = { refused, refused, intel_inv_context_global(), refused };

	EXPECT_EQ(intel_queue_submit(iommu, descs, 4), -EINVAL);
	EXPECT_EQ(intel_queue_submit(iommu, &descs[2], 1), 0);
}

RIG_TEST(intel_queue, wraps_around_with_every_length_of_submission,
	 intel_unit(rig, CAP_BROADWELL, ECAP_BROADWELL))
{
	struct intel_iommu *iommu = intel_state()->units[0];
	struct intel_descriptor descs[INTEL_BATCH_MAX];
	unsigned int i;

	for (i = 0; i < INTEL_BATCH_MAX; i++)
		descs[i] = intel_inv_iotlb_domain(iommu, (u16)(i + 1));
	for (i = 0; i < 1000; i++)
		ASSERT_EQ(intel_queue_submit(iommu, descs, i % INTEL_BATCH_MAX + 1), 0);
	EXPECT_EQ(intel_register64(rig, 0, DMAR_IQH), intel_register64(rig, 0, DMAR_IQT));
}

RIG_TEST(intel_queue, that_cannot_be_read_is_given_up, intel_server(rig))
{
	struct intel_iommu *iommu = intel_state()->units[0];
	struct intel_descriptor desc = intel_inv_context_global();

	memory_poison(rig->memory, hpa(iommu->queue.ring.phys), true);
	EXPECT_EQ(intel_queue_submit(iommu, &desc, 1), -ETIMEDOUT);
	EXPECT_TRUE(rig_logged(rig, "invalidation queue is stuck"));
	memory_poison(rig->memory, hpa(iommu->queue.ring.phys), false);
	EXPECT_EQ(intel_queue_submit(iommu, &desc, 1), -EINVAL); /* what stands there still */
	EXPECT_EQ(intel_queue_submit(iommu, &desc, 1), 0);
}

/* Keeps submissions from the unit while hook_count lasts, and reports an error instead. */
static bool swallow(struct rig *rig, u32 offset, bool write, u64 *value, u32 error)
{
	if (offset == DMAR_IQT && write && rig->hook_count) {
		rig->hook_count--;
		return false;
	}
	if (offset == DMAR_FSTS && !write)
		*value |= error;
	return true;
}

static bool time_out(struct rig *rig, unsigned int unit, u32 offset, bool write, u64 *value)
{
	(void)unit;
	return swallow(rig, offset, write, value, FSTS_ITE);
}

/* Holds the submission back, says that a completion was wrong, then lets the unit see the tail. */
static bool complete_wrongly(struct rig *rig, unsigned int unit, u32 offset, bool write, u64 *value)
{
	static const unsigned int reads_until_done = 3;

	if (offset == DMAR_IQT && write) {
		rig->held_back = *value;
		return false;
	}
	if (offset == DMAR_FSTS && !write) {
		*value |= FSTS_ICE;
		if (++rig->hook_count == reads_until_done)
			vtd_mmio_write(rig->vtd[unit], DMAR_IQT, 8, rig->held_back);
	}
	return true;
}

RIG_TEST(intel_queue, a_wrong_completion_is_told_and_waited_out, intel_server(rig))
{
	struct intel_iommu *iommu = intel_state()->units[0];
	struct intel_descriptor desc = intel_inv_context_global();

	rig->hook = complete_wrongly;
	EXPECT_EQ(intel_queue_submit(iommu, &desc, 1), 0);
	EXPECT_TRUE(rig_logged(rig, "wrong invalidation completion"));
	rig->hook = NULL;
}

RIG_TEST(intel_queue, a_silent_device_is_asked_again, intel_server(rig))
{
	struct intel_iommu *iommu = intel_state()->units[0];
	struct intel_descriptor desc = intel_inv_context_global();

	rig->hook = time_out;
	rig->hook_count = 2;
	EXPECT_EQ(intel_queue_submit(iommu, &desc, 1), 0);
	EXPECT_EQ(rig->hook_count, 0);
	EXPECT_TRUE(rig_logged(rig, "invalidation time-out"));
}

RIG_TEST(intel_queue, a_device_that_stays_silent_is_eagain, intel_server(rig))
{
	struct intel_iommu *iommu = intel_state()->units[0];
	struct intel_descriptor desc = intel_inv_context_global();

	rig->hook = time_out;
	rig->hook_count = 100;
	EXPECT_EQ(intel_queue_submit(iommu, &desc, 1), -EAGAIN);
	rig->hook = NULL;
	EXPECT_EQ(intel_queue_submit(iommu, &desc, 1), 0);
}

/* ---- faults ---- */

static long read_unmapped(struct rig *rig)
{
	struct translation_result result = rig_translate(rig, 0, 0x7cd80123, ACCESS_READ);

	EXPECT_NE(result.fault, 0);
	return 0;
}

TEST(intel_fault, without_pasid_is_printed_in_the_kernels_form)
{
	struct rig rig;

	intel_unit(&rig, CAP_BROADWELL, ECAP_BROADWELL);
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_EQ(rig_run(&rig, read_unmapped), 0);
	EXPECT_TRUE(rig_logged(&rig,
			       "DMAR: [DMA Read NO_PASID] Request device [3a:00.0] fault addr "
			       "0x7cd80000 [fault reason 0x06] PTE Read access is not set"));
	EXPECT_EQ(intel_register(&rig, 0, DMAR_FSTS), 0);
	rig_end(&rig);
}

static long write_with_pasid(struct rig *rig)
{
	struct translation_result result =
		rig_translate_pasid(rig, 0, 0x105, 0x7f0000000000, ACCESS_WRITE);

	EXPECT_EQ(result.fault, VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT);
	return 0;
}

TEST(intel_fault, with_pasid_names_it)
{
	struct rig rig;

	intel_server(&rig);
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_EQ(rig_run(&rig, write_with_pasid), 0);
	EXPECT_TRUE(rig_logged(&rig, "DMAR: [DMA Write PASID 0x105] Request device [3a:00.0] fault "
				     "addr 0x7f0000000000 [fault reason 0x51] SM: "));
	rig_end(&rig);
}

static long fault_much(struct rig *rig)
{
	unsigned int i;

	for (i = 0; i < 300; i++)
		rig_translate(rig, 0, 0x100000ULL + i * 0x1000ULL, ACCESS_READ);
	return 0;
}

TEST(intel_fault, overflow_is_told_and_later_faults_are_recorded_again)
{
	struct rig rig;

	intel_unit(&rig, CAP_BROADWELL, ECAP_BROADWELL);
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_EQ(rig_run(&rig, fault_much), 0);
	EXPECT_TRUE(rig_logged(&rig, "fault records overflowed"));
	EXPECT_EQ(intel_register(&rig, 0, DMAR_FSTS), 0);
	rig_log_clear(&rig);
	EXPECT_EQ(rig_run(&rig, read_unmapped), 0);
	EXPECT_TRUE(rig_logged(&rig, "fault addr 0x7cd80000"));
	rig_end(&rig);
}

/* ---- devices ---- */

RIG_TEST(intel_device, reserves_the_interrupt_range, intel_server(rig))
{
	struct device *dev = rig_device(rig, 0);
	struct iommu_group *group = iommu_group_get(dev);
	struct iommu_resv_region *region;
	LIST_HEAD(regions);
	unsigned int found = 0;

	EXPECT_EQ(iommu_get_group_resv_regions(group, &regions), 0);
	list_for_each_entry(region, &regions, list) {
		found++;
		EXPECT_EQ(region->start, 0xfee00000);
		EXPECT_EQ(region->length, 0x100000);
		EXPECT_EQ(region->type, IOMMU_RESV_MSI);
	}
	EXPECT_EQ(found, 1);
	iommu_put_resv_regions(dev, &regions);
	iommu_group_put(group);
}

struct capability {
	const char *name;
	struct intel_unit_config first, second;
	bool coherency, remapping;
};

static const struct capability capabilities[] = {
	{ "all_units_have_both",
	  { CAP_SERVER, ECAP_SERVER },
	  { CAP_SERVER, ECAP_SERVER },
	  true,
	  true },
	{ "one_unit_does_not_snoop",
	  { CAP_SERVER, ECAP_SERVER },
	  { CAP_SERVER, ECAP_SERVER & ~ECAP_SC },
	  false,
	  true },
	{ "one_unit_does_not_remap_interrupts",
	  { CAP_SERVER, ECAP_SERVER & ~ECAP_IR },
	  { CAP_SERVER, ECAP_SERVER },
	  true,
	  false },
};

static long expect_capabilities(struct rig *rig)
{
	struct bus_type *bus = kernel_bus(KERNEL_IOMMU_INTEL);
	bool coherency = rig->vtd_config[0].ecap & rig->vtd_config[1].ecap & ECAP_SC;
	bool remapping = rig->vtd_config[0].ecap & rig->vtd_config[1].ecap & ECAP_IR;

	EXPECT_EQ(iommu_capable(bus, IOMMU_CAP_CACHE_COHERENCY), coherency);
	EXPECT_EQ(iommu_capable(bus, IOMMU_CAP_INTR_REMAP), remapping);
	EXPECT_FALSE(iommu_capable(bus, IOMMU_CAP_NOEXEC));
	EXPECT_EQ(device_iommu_capable(rig_device(rig, 0), IOMMU_CAP_INTR_REMAP), remapping);
	return 0;
}

TEST_WITH_NAMED_PARAMS(intel_device, capabilities_are_those_of_all_units, struct capability,
		       capabilities, name)
{
	struct rig rig;

	intel_pair(&rig, param->first, param->second);
	rig_test(&rig, expect_capabilities);
}
