// SPDX-License-Identifier: Apache-2.0
/*
 * Interrupt remapping (chapter 5): one table a unit, an entry for each vector of each device, which takes it from
 * that device alone. All units remap or none does, as in Linux: a device that is not remapped could forge any
 * other's interrupts. What devices and vectors are is lib/msi.c's.
 */
#define pr_fmt(fmt) "DMAR-IR: " fmt

#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/printk.h>

#include "intel.h"

/* One page: IRTA.S is 7 for 2^8 entries. Linux has 2^16, which nobody here would use. */
#define ENTRIES (VTD_PAGE_SIZE / (IRTE_QUADWORDS * sizeof(u64)))
#define TABLE_SIZE 7

static u64 *entry_of(const struct intel_iommu *iommu, unsigned int index)
{
	return iommu->interrupts.virt + index * IRTE_QUADWORDS;
}

static int flush_entry(struct intel_iommu *iommu, unsigned int index)
{
	struct intel_descriptor desc = intel_inv_interrupt(index);

	intel_flush_write_buffer(iommu);
	return intel_queue_submit(iommu, &desc, 1);
}

/* The requester ids that a device's interrupts may have. */
struct sources {
	unsigned int count;
	bool on_one_bus;
	u16 last;
	struct pci_dev *last_of; /* whose that is: the device itself, or a bridge above it */
};

static int add_source(struct pci_dev *pdev, u16 id, void *data)
{
	struct sources *sources = data;

	sources->on_one_bus = !sources->count || (sources->on_one_bus &&
						  PCI_BUS_NUM(id) == PCI_BUS_NUM(sources->last));
	sources->last = id;
	sources->last_of = pdev;
	sources->count++;
	return 0;
}

static u64 check_buses(unsigned int first, unsigned int last)
{
	return FIELD_PREP(IRTE_HIGH_SVT, (u64)SVT_BUSES) |
	       FIELD_PREP(IRTE_HIGH_SID, (u64)(first << 8 | last));
}

/*
 * Whom the entry takes interrupts from. As Linux has it: by buses below a bridge that gives an id of its secondary
 * bus, and where a device has several ids on its bus; by the id of another bridge; else by its own id, as an alias
 * of its DMA need not be one of its interrupts.
 */
static u64 entry_high(struct pci_dev *pdev)
{
	struct sources sources = { .count = 0 };
	u16 id = pci_dev_id(pdev);

	pci_for_each_dma_alias(pdev, add_source, &sources);
	if (PCI_BUS_NUM(sources.last) != sources.last_of->bus)
		return check_buses(PCI_BUS_NUM(sources.last), pdev->bus);
	if (sources.count >= 2 && sources.on_one_bus)
		return check_buses(pdev->bus, pdev->bus);
	if (sources.last_of->bus != pdev->bus)
		id = sources.last;
	return FIELD_PREP(IRTE_HIGH_SVT, (u64)SVT_SOURCE_ID) | FIELD_PREP(IRTE_HIGH_SID, (u64)id);
}

/* xAPIC mode: eight bits of destination, in 15:8. */
static u64 entry_low(const struct irq_target *target)
{
	return ENTRY_P | FIELD_PREP(IRTE_VECTOR, (u64)target->vector) |
	       FIELD_PREP(IRTE_XAPIC_DESTINATION, (u64)target->destination);
}

static int map_interrupt(struct device *dev, const struct irq_target *target,
			 struct irq_message *message)
{
	struct intel_iommu *iommu = intel_device_unit(dev);
	unsigned long index;
	int ret;

	if (!iommu || !iommu->interrupts.virt)
		return -ENODEV;
	index = find_first_zero_bit(iommu->interrupts_used, ENTRIES);
	if (index == ENTRIES)
		return -ENOSPC;
	set_bit(index, iommu->interrupts_used);
	entry_of(iommu, (unsigned int)index)[1] = entry_high(to_pci_dev(dev));
	entry_of(iommu, (unsigned int)index)[0] = entry_low(target);
	ret = flush_entry(iommu, (unsigned int)index);
	if (ret) {
		entry_of(iommu, (unsigned int)index)[0] = 0;
		clear_bit(index, iommu->interrupts_used);
		return ret;
	}
	*message = (struct irq_message){
		.address = INTERRUPT_BASE | MSI_REMAPPABLE | FIELD_PREP(MSI_HANDLE, (u64)index),
		.index = (int)index,
	};
	return 0;
}

static int retarget_interrupt(struct device *dev, int index, const struct irq_target *target)
{
	struct intel_iommu *iommu = intel_device_unit(dev);

	entry_of(iommu, (unsigned int)index)[0] = entry_low(target);
	return flush_entry(iommu, (unsigned int)index);
}

static void unmap_interrupt(struct device *dev, int index)
{
	struct intel_iommu *iommu = intel_device_unit(dev);

	entry_of(iommu, (unsigned int)index)[0] = 0;
	flush_entry(iommu, (unsigned int)index);
	clear_bit((unsigned long)index, iommu->interrupts_used);
}

static const struct irq_remapping intel_irq_remapping = {
	.map = map_interrupt,
	.retarget = retarget_interrupt,
	.unmap = unmap_interrupt,
};

/* Whether every unit of the machine can, in xAPIC mode; also those that this driver does not use otherwise. */
static bool all_capable(void)
{
	const struct kernel_firmware_iommu *firmware = kernel_config()->iommus;
	const struct intel_state *state = intel_state();
	unsigned int i, capable = 0;

	for (i = 0; i < state->count; i++) {
		if (firmware[i].kind != KERNEL_IOMMU_INTEL)
			continue;
		if (!state->units[i] || !(state->units[i]->ecap & ECAP_IR) ||
		    !(state->units[i]->ecap & ECAP_QI) || state->units[i]->ecap & ECAP_EIMER)
			return false;
		capable++;
	}
	return capable;
}

/* Latches the table and forgets what was cached of another one. */
static int set_table(struct intel_iommu *iommu)
{
	struct intel_descriptor desc = intel_inv_interrupt_global();
	int ret;

	writeq(iommu->interrupts.phys | FIELD_PREP(IRTA_S, (u64)TABLE_SIZE),
	       iommu->reg + DMAR_IRTA);
	ret = intel_unit_command(iommu, GCMD_SIRTP, true);
	if (ret || (iommu->cap & CAP_ESIRTPS))
		return ret;
	return intel_queue_submit(iommu, &desc, 1);
}

static int enable_unit(struct intel_iommu *iommu)
{
	int ret = intel_page_alloc(&iommu->interrupts);

	if (ret)
		return ret;
	iommu->interrupts_used = bitmap_zalloc(ENTRIES, GFP_KERNEL);
	if (!iommu->interrupts_used)
		return -ENOMEM;
	ret = set_table(iommu);
	if (!ret)
		ret = intel_unit_command(iommu, GCMD_IRE, true);
	/* or devices would go on to write messages of their own making */
	if (!ret && (readl(iommu->reg + DMAR_GSTS) & GCMD_CFI))
		ret = intel_unit_command(iommu, GCMD_CFI, false);
	return ret;
}

void intel_irq_remapping_disable(struct intel_iommu *iommu)
{
	if (!iommu->interrupts.virt)
		return;
	intel_unit_command(iommu, GCMD_IRE, false);
	bitmap_free(iommu->interrupts_used);
	iommu->interrupts_used = NULL;
	intel_page_free(&iommu->interrupts);
}

void intel_irq_remapping_enable(void)
{
	struct intel_state *state = intel_state();
	struct intel_iommu *iommu;
	unsigned int n;
	int ret = 0;

	if (!kernel_parameter("kernel.intremap", 1) || !all_capable())
		return;
	for_each_intel_iommu(iommu, n)
	{
		if (!ret)
			ret = enable_unit(iommu);
	}
	if (!ret) {
		state->interrupts_remapped = true;
		kernel_irq_remapping_set(&intel_irq_remapping);
		return;
	}
	pr_warn("interrupts are not remapped: error %d\n", ret);
	for_each_intel_iommu(iommu, n) intel_irq_remapping_disable(iommu);
}
