// SPDX-License-Identifier: Apache-2.0
/*
 * How the Intel driver brings up units of different kinds, runs their queues and reports their
 * faults.
 */
#include "intel_machine.h"

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

static void expect_started(struct intel_machine *m, const struct bring_up *expected)
{
	u32 status = intel_register(m, 0, DMAR_GSTS);
	u64 root = intel_register64(m, 0, DMAR_RTADDR), queue = intel_register64(m, 0, DMAR_IQA);

	EXPECT_EQ(status & (GCMD_TE | GCMD_SRTP | GCMD_QIE), GCMD_TE | GCMD_SRTP | GCMD_QIE);
	EXPECT_EQ(FIELD_GET(RTADDR_TTM, root), expected->scalable);
	EXPECT_EQ(!!(queue & IQA_DW), expected->scalable);
	EXPECT_EQ(intel_register(m, 0, DMAR_FECTL) & FECTL_IM, 0);
	EXPECT_EQ(intel_register(m, 0, DMAR_FEADDR), INTERRUPT_BASE);
	EXPECT_EQ(intel_register64(m, 0, DMAR_IQH), intel_register64(m, 0, DMAR_IQT));
	EXPECT_EQ(intel_register(m, 0, DMAR_FSTS), 0);
}

static void expect_levels(struct intel_machine *m)
{
	const struct bring_up *expected = m->row;

	EXPECT_EQ(intel_state()->units[0]->levels, expected->levels);
	EXPECT_EQ(intel_state()->units[0]->width, expected->width);
}

TEST_WITH_NAMED_PARAMS(intel_unit, starts_in_the_mode_that_its_capabilities_allow, struct bring_up,
		       bring_ups, name)
{
	struct intel_platform platform = intel_platform_unit(param->cap, param->ecap);
	struct intel_machine *m = intel_machine_create(&platform);

	if (m->kernel)
		expect_started(m, param);
	m->row = param;
	intel_machine_run(m, expect_levels);
	intel_machine_destroy(m);
}

struct unusable {
	const char *name;
	u64 cap, ecap;
	const char *complaint;
};

static const struct unusable unusables[] = {
	{ "no_widths", CAP_BROADWELL & ~CAP_SAGAW, ECAP_BROADWELL, "no supported address width" },
	{ "no_queue", CAP_BROADWELL, ECAP_BROADWELL & ~ECAP_QI, "no queued invalidation" },
};

static void expect_no_driver(struct intel_machine *m)
{
	EXPECT_FALSE(iommu_present(kernel_bus(KERNEL_IOMMU_INTEL)));
	EXPECT_TRUE(iommu_group_get(intel_dev(m, 0)) == NULL);
	EXPECT_TRUE(intel_new_domain() == NULL);
}

TEST_WITH_NAMED_PARAMS(intel_unit, that_cannot_be_used_is_left_off, struct unusable, unusables,
		       name)
{
	struct intel_platform platform = intel_platform_unit(param->cap, param->ecap);
	struct intel_machine *m = intel_machine_create(&platform);

	EXPECT_TRUE(intel_log_has(m, param->complaint));
	EXPECT_EQ(intel_register(m, 0, DMAR_GSTS), 0);
	intel_machine_run(m, expect_no_driver);
	intel_machine_destroy(m);
}

static void expect_second_unit_only(struct intel_machine *m)
{
	struct iommu_domain *domain = intel_new_domain();

	EXPECT_TRUE(iommu_group_get(intel_dev(m, 0)) == NULL);
	EXPECT_EQ(intel_attach(m, domain, 1), 0);
	intel_detach(m, domain, 1);
	iommu_domain_free(domain);
}

TEST(intel_unit, that_cannot_be_used_does_not_hinder_others)
{
	struct intel_platform platform = intel_platform_pair(
		(struct intel_unit_config){ CAP_SERVER, ECAP_SERVER & ~ECAP_QI },
		(struct intel_unit_config){ CAP_SERVER, ECAP_SERVER });
	struct intel_machine *m = intel_machine_create(&platform);

	intel_machine_run(m, expect_second_unit_only);
	intel_machine_destroy(m);
}

static bool never_answers(struct intel_machine *m, unsigned int unit, u32 offset, bool write,
			  u64 *value)
{
	(void)m;
	(void)unit;
	if (offset == DMAR_GSTS && !write)
		*value = 0;
	return true;
}

TEST(intel_unit, that_does_not_answer_commands_fails_the_boot)
{
	struct intel_platform platform = intel_platform_unit(CAP_SERVER, ECAP_SERVER);
	struct intel_machine *m;

	platform.hook = never_answers;
	m = intel_machine_create(&platform);
	EXPECT_TRUE(m->kernel == NULL);
	EXPECT_TRUE(m->boot_error != NULL);
	intel_machine_destroy(m);
}

static bool never_translates(struct intel_machine *m, unsigned int unit, u32 offset, bool write,
			     u64 *value)
{
	(void)m;
	(void)unit;
	if (offset == DMAR_GSTS && !write)
		*value &= ~GCMD_TE;
	return true;
}

TEST(intel_unit, that_does_not_start_translating_fails_the_boot)
{
	struct intel_platform platform = intel_platform_unit(CAP_SERVER, ECAP_SERVER);
	struct intel_machine *m;

	platform.hook = never_translates;
	m = intel_machine_create(&platform);
	EXPECT_TRUE(m->kernel == NULL);
	intel_machine_destroy(m);
}

TEST(intel_unit, is_off_after_shutdown)
{
	struct intel_platform platform = intel_platform_server;
	struct intel_machine *m = intel_machine_create(&platform);

	kernel_shutdown(m->kernel);
	m->kernel = NULL;
	EXPECT_EQ(intel_register(m, 0, DMAR_GSTS) & (GCMD_TE | GCMD_QIE), 0);
	EXPECT_EQ(intel_register(m, 0, DMAR_FECTL) & FECTL_IM, FECTL_IM);
	intel_machine_destroy(m);
}

static const char *const allocators[] = { "fault.kmalloc_nth", "fault.page_nth" };

TEST_WITH_PARAMS(intel_unit, copes_with_each_allocation_that_fails_at_boot, char *const, allocators)
{
	unsigned int nth;

	for (nth = 1; nth < 40; nth++) {
		struct intel_platform platform = intel_platform_server;
		char parameter[40];
		struct intel_machine *m;

		platform.devices[0].identity = true;
		platform.units[0].ecap &= ~ECAP_PT;
		snprintf(parameter, sizeof(parameter), "%s=%u", *param, nth);
		platform.parameters[0] = parameter;
		m = intel_machine_create(&platform);
		EXPECT_EQ(m->kernel == NULL, m->boot_error != NULL);
		intel_machine_destroy(m);
	}
}

/* ---- queue ---- */

static const struct intel_descriptor refused = { .q0 = 0xf };

INTEL_TEST(intel_queue, a_refused_descriptor_is_einval_and_the_rest_runs, intel_platform_server)
{
	struct intel_iommu *iommu = intel_state()->units[0];
	struct intel_descriptor descs[] = { intel_inv_context_global(), refused,
					    intel_inv_iotlb_global(iommu) };

	EXPECT_EQ(intel_queue_submit(iommu, descs, 3), -EINVAL);
	EXPECT_EQ(intel_register64(m, 0, DMAR_IQH), intel_register64(m, 0, DMAR_IQT));
	EXPECT_EQ(intel_register(m, 0, DMAR_FSTS) & FSTS_IQE, 0);
	EXPECT_EQ(intel_queue_submit(iommu, descs, 1), 0);
	EXPECT_TRUE(intel_log_has(m, "invalidation queue error, reason 3, at descriptor f 0"));
}

INTEL_TEST(intel_queue, several_refused_descriptors_all_give_way, intel_platform_server)
{
	struct intel_iommu *iommu = intel_state()->units[0];
	struct intel_descriptor descs[] = { refused, refused, intel_inv_context_global(), refused };

	EXPECT_EQ(intel_queue_submit(iommu, descs, 4), -EINVAL);
	EXPECT_EQ(intel_queue_submit(iommu, &descs[2], 1), 0);
}

INTEL_TEST(intel_queue, wraps_around_with_every_length_of_submission,
	   intel_platform_unit(CAP_BROADWELL, ECAP_BROADWELL))
{
	struct intel_iommu *iommu = intel_state()->units[0];
	struct intel_descriptor descs[INTEL_BATCH_MAX];
	unsigned int i;

	for (i = 0; i < INTEL_BATCH_MAX; i++)
		descs[i] = intel_inv_iotlb_domain(iommu, (u16)(i + 1));
	for (i = 0; i < 1000; i++)
		ASSERT_EQ(intel_queue_submit(iommu, descs, i % INTEL_BATCH_MAX + 1), 0);
	EXPECT_EQ(intel_register64(m, 0, DMAR_IQH), intel_register64(m, 0, DMAR_IQT));
}

INTEL_TEST(intel_queue, that_cannot_be_read_is_given_up, intel_platform_server)
{
	struct intel_iommu *iommu = intel_state()->units[0];
	struct intel_descriptor desc = intel_inv_context_global();

	memory_poison(m->memory, hpa(iommu->queue.ring.phys), true);
	EXPECT_EQ(intel_queue_submit(iommu, &desc, 1), -ETIMEDOUT);
	EXPECT_TRUE(intel_log_has(m, "invalidation queue is stuck"));
	memory_poison(m->memory, hpa(iommu->queue.ring.phys), false);
	EXPECT_EQ(intel_queue_submit(iommu, &desc, 1), -EINVAL); /* what stands there still */
	EXPECT_EQ(intel_queue_submit(iommu, &desc, 1), 0);
}

/* Keeps submissions from the unit while hook_count lasts, and reports an error instead. */
static bool swallow(struct intel_machine *m, u32 offset, bool write, u64 *value, u32 error)
{
	if (offset == DMAR_IQT && write && m->hook_count) {
		m->hook_count--;
		return false;
	}
	if (offset == DMAR_FSTS && !write)
		*value |= error;
	return true;
}

static bool time_out(struct intel_machine *m, unsigned int unit, u32 offset, bool write, u64 *value)
{
	(void)unit;
	return swallow(m, offset, write, value, FSTS_ITE);
}

/* Holds the submission back, says that a completion was wrong, then lets the unit see the tail. */
static bool complete_wrongly(struct intel_machine *m, unsigned int unit, u32 offset, bool write,
			     u64 *value)
{
	static const unsigned int reads_until_done = 3;

	if (offset == DMAR_IQT && write) {
		m->held_back = *value;
		return false;
	}
	if (offset == DMAR_FSTS && !write) {
		*value |= FSTS_ICE;
		if (++m->hook_count == reads_until_done)
			vtd_mmio_write(m->units[unit], DMAR_IQT, 8, m->held_back);
	}
	return true;
}

INTEL_TEST(intel_queue, a_wrong_completion_is_told_and_waited_out, intel_platform_server)
{
	struct intel_iommu *iommu = intel_state()->units[0];
	struct intel_descriptor desc = intel_inv_context_global();

	m->hook = complete_wrongly;
	EXPECT_EQ(intel_queue_submit(iommu, &desc, 1), 0);
	EXPECT_TRUE(intel_log_has(m, "wrong invalidation completion"));
	m->hook = NULL;
}

INTEL_TEST(intel_queue, a_silent_device_is_asked_again, intel_platform_server)
{
	struct intel_iommu *iommu = intel_state()->units[0];
	struct intel_descriptor desc = intel_inv_context_global();

	m->hook = time_out;
	m->hook_count = 2;
	EXPECT_EQ(intel_queue_submit(iommu, &desc, 1), 0);
	EXPECT_EQ(m->hook_count, 0);
	EXPECT_TRUE(intel_log_has(m, "invalidation time-out"));
}

INTEL_TEST(intel_queue, a_device_that_stays_silent_is_eagain, intel_platform_server)
{
	struct intel_iommu *iommu = intel_state()->units[0];
	struct intel_descriptor desc = intel_inv_context_global();

	m->hook = time_out;
	m->hook_count = 100;
	EXPECT_EQ(intel_queue_submit(iommu, &desc, 1), -EAGAIN);
	m->hook = NULL;
	EXPECT_EQ(intel_queue_submit(iommu, &desc, 1), 0);
}

/* ---- faults ---- */

static void read_unmapped(struct intel_machine *m)
{
	struct translation_result result = intel_dma(m, 0, ACCESS_READ, 0x7cd80123);

	EXPECT_NE(result.fault, 0);
}

TEST(intel_fault, without_pasid_is_printed_in_the_kernels_form)
{
	struct intel_platform platform = intel_platform_unit(CAP_BROADWELL, ECAP_BROADWELL);
	struct intel_machine *m = intel_machine_create(&platform);

	intel_machine_run(m, read_unmapped);
	EXPECT_TRUE(intel_log_has(m,
				  "DMAR: [DMA Read NO_PASID] Request device [3a:00.0] fault addr "
				  "0x7cd80000 [fault reason 0x06] PTE Read access is not set"));
	EXPECT_EQ(intel_register(m, 0, DMAR_FSTS), 0);
	intel_machine_destroy(m);
}

static void write_with_pasid(struct intel_machine *m)
{
	struct translation_result result =
		intel_dma_pasid(m, 0, 0x105, ACCESS_WRITE, 0x7f0000000000);

	EXPECT_EQ(result.fault, VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT);
}

TEST(intel_fault, with_pasid_names_it)
{
	struct intel_platform platform = intel_platform_server;
	struct intel_machine *m = intel_machine_create(&platform);

	intel_machine_run(m, write_with_pasid);
	EXPECT_TRUE(intel_log_has(m, "DMAR: [DMA Write PASID 0x105] Request device [3a:00.0] fault "
				     "addr 0x7f0000000000 [fault reason 0x51] SM: "));
	intel_machine_destroy(m);
}

static void fault_much(struct intel_machine *m)
{
	unsigned int i;

	for (i = 0; i < 300; i++)
		intel_dma(m, 0, ACCESS_READ, 0x100000ULL + i * 0x1000ULL);
}

TEST(intel_fault, overflow_is_told_and_later_faults_are_recorded_again)
{
	struct intel_platform platform = intel_platform_unit(CAP_BROADWELL, ECAP_BROADWELL);
	struct intel_machine *m = intel_machine_create(&platform);

	intel_machine_run(m, fault_much);
	EXPECT_TRUE(intel_log_has(m, "fault records overflowed"));
	EXPECT_EQ(intel_register(m, 0, DMAR_FSTS), 0);
	intel_log_clear(m);
	intel_machine_run(m, read_unmapped);
	EXPECT_TRUE(intel_log_has(m, "fault addr 0x7cd80000"));
	intel_machine_destroy(m);
}

/* ---- devices ---- */

INTEL_TEST(intel_device, reserves_the_interrupt_range, intel_platform_server)
{
	struct device *dev = intel_dev(m, 0);
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

static void expect_capabilities(struct intel_machine *m)
{
	struct bus_type *bus = kernel_bus(KERNEL_IOMMU_INTEL);
	bool coherency = m->platform.units[0].ecap & m->platform.units[1].ecap & ECAP_SC;
	bool remapping = m->platform.units[0].ecap & m->platform.units[1].ecap & ECAP_IR;

	EXPECT_EQ(iommu_capable(bus, IOMMU_CAP_CACHE_COHERENCY), coherency);
	EXPECT_EQ(iommu_capable(bus, IOMMU_CAP_INTR_REMAP), remapping);
	EXPECT_FALSE(iommu_capable(bus, IOMMU_CAP_NOEXEC));
	EXPECT_EQ(device_iommu_capable(intel_dev(m, 0), IOMMU_CAP_INTR_REMAP), remapping);
}

TEST_WITH_NAMED_PARAMS(intel_device, capabilities_are_those_of_all_units, struct capability,
		       capabilities, name)
{
	struct intel_platform platform = intel_platform_pair(param->first, param->second);
	struct intel_machine *m = intel_machine_create(&platform);

	intel_machine_run(m, expect_capabilities);
	intel_machine_destroy(m);
}
