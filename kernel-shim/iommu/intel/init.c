// SPDX-License-Identifier: Apache-2.0
/*
 * The driver's start and end, and the operations that it registers with the IOMMU core.
 */
#define pr_fmt(fmt) "DMAR: " fmt

#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/sizes.h>

#include "intel.h"

static bool intel_capable(struct device *dev, enum iommu_cap cap)
{
	struct intel_iommu *iommu;
	unsigned int n;

	(void)dev;
	if (cap == IOMMU_CAP_INTR_REMAP)
		return intel_state()->interrupts_remapped;
	if (cap != IOMMU_CAP_CACHE_COHERENCY)
		return false;
	for_each_intel_iommu(iommu, n) if (!(iommu->ecap & ECAP_SC)) return false;
	return true;
}

static const struct iommu_ops intel_iommu_ops = {
	.capable = intel_capable,
	.domain_alloc = intel_domain_alloc,
	.probe_device = intel_device_probe,
	.release_device = intel_device_release,
	.get_resv_regions = intel_device_resv_regions,
	.page_response = intel_page_response,
	.pgsize_bitmap = SZ_4K,
};

static int start_units(struct intel_state *state)
{
	const struct kernel_firmware_iommu *firmware = kernel_config()->iommus;
	unsigned int i;

	for (i = 0; i < state->count; i++) {
		int ret;

		if (firmware[i].kind != KERNEL_IOMMU_INTEL)
			continue;
		ret = intel_unit_start(&firmware[i], &state->units[i]);
		if (ret)
			return ret;
	}
	return 0;
}

/* Last of all: from here on, what is not mapped is blocked. */
static int enable_translation(void)
{
	struct intel_iommu *iommu;
	unsigned int n;
	int ret;

	for_each_intel_iommu(iommu, n)
	{
		ret = intel_unit_translate(iommu, true);
		if (ret)
			return ret;
	}
	return 0;
}

int intel_iommu_init(void)
{
	size_t count = kernel_config()->iommu_count;
	struct intel_state *state;
	struct intel_iommu *iommu;
	unsigned int n;
	int ret;

	state = kzalloc(struct_size(state, units, count), GFP_KERNEL);
	if (!state)
		return -ENOMEM;
	state->count = (unsigned int)count;
	state->variant = intel_variant(kernel_behaviour());
	kernel_subsys_set(KERNEL_SUBSYS_INTEL, state);
	ret = start_units(state);
	if (ret)
		return ret;
	intel_irq_remapping_enable();
	ret = enable_translation();
	if (ret)
		return ret;
	/*
	 * A machine without usable units has no driver to register: its devices are not behind one.
	 */
	for_each_intel_iommu(iommu, n) return bus_set_iommu(kernel_bus(KERNEL_IOMMU_INTEL),
							    &intel_iommu_ops);
	return 0;
}

void intel_iommu_exit(void)
{
	struct intel_state *state = intel_state();
	unsigned int i;

	if (!state)
		return;
	for (i = 0; i < state->count; i++)
		if (state->units[i])
			intel_unit_stop(state->units[i]);
	kernel_irq_remapping_set(NULL);
	kernel_subsys_set(KERNEL_SUBSYS_INTEL, NULL);
	kfree(state);
}
