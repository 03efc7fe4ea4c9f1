// SPDX-License-Identifier: Apache-2.0
/*
 * A unit's life: its capabilities, the handshakes of its command register, root table and
 * translation. The queue is queue.c's, fault events are fault.c's.
 */
#define pr_fmt(fmt) "DMAR: " fmt

#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/printk.h>

#include "intel.h"

/* Polls of a status bit before the unit counts as dead: hardware answers in microseconds. */
#define HANDSHAKE_POLLS 100000

/* Waits until the bit of GSTS is what it should be. */
static int unit_wait(struct intel_iommu *iommu, u32 bit, bool set)
{
	unsigned int polls;

	for (polls = 0; polls < HANDSHAKE_POLLS; polls++) {
		if (!!(readl(iommu->reg + DMAR_GSTS) & bit) == set)
			return 0;
		cpu_relax();
	}
	pr_err("%s: no answer to global command 0x%x\n", iommu->name, bit);
	return -ETIMEDOUT;
}

/* One bit changes, the lasting ones stay as the status shows them (11.4.4). */
int intel_unit_command(struct intel_iommu *iommu, u32 bit, bool set)
{
	u32 lasting = readl(iommu->reg + DMAR_GSTS) & ~GCMD_ONE_SHOT;

	writel(set ? lasting | bit : lasting & ~bit, iommu->reg + DMAR_GCMD);
	/* A write-buffer flush is done when its bit is clear again. */
	return unit_wait(iommu, bit, set && bit != GCMD_WBF);
}

void intel_flush_write_buffer(struct intel_iommu *iommu)
{
	if (iommu->cap & CAP_RWBF)
		intel_unit_command(iommu, GCMD_WBF, true);
}

int intel_queue_switch(struct intel_iommu *iommu, bool on)
{
	return intel_unit_command(iommu, GCMD_QIE, on);
}

int intel_unit_translate(struct intel_iommu *iommu, bool on)
{
	return intel_unit_command(iommu, GCMD_TE, on);
}

/*
 * Levels of second-stage tables, 0 if none. As Linux does, a unit whose first stage is also usable
 * gets five levels only if both stages have them, since a domain may be either.
 */
static unsigned int unit_levels(const struct intel_iommu *iommu)
{
	unsigned int supported = FIELD_GET(CAP_SAGAW, iommu->cap);
	unsigned int levels;

	if (iommu->scalable && (iommu->ecap & ECAP_FSTS) && !(iommu->cap & CAP_FS5LP))
		supported &= ~BIT(INTEL_MAX_LEVELS - 2);
	for (levels = INTEL_MAX_LEVELS; levels > 2; levels--)
		if (supported & BIT(levels - 2))
			return levels;
	return 0;
}

/* Reads what the unit is. False: this driver cannot use it. */
static bool unit_identify(struct intel_iommu *iommu)
{
	u32 version = readl(iommu->reg + DMAR_VER);

	iommu->cap = readq(iommu->reg + DMAR_CAP);
	iommu->ecap = readq(iommu->reg + DMAR_ECAP);
	pr_info("%s: ver %u:%u cap %llx ecap %llx\n", iommu->name,
		(unsigned int)FIELD_GET(VER_MAJOR, version),
		(unsigned int)FIELD_GET(VER_MINOR, version), iommu->cap, iommu->ecap);

	/* Domains are second-stage tables: without them in scalable mode, or a queue, legacy mode has to do. */
	iommu->scalable = (iommu->ecap & ECAP_SMTS) && (iommu->ecap & ECAP_SSTS) &&
			  (iommu->ecap & ECAP_QI);
	iommu->levels = unit_levels(iommu);
	if (!iommu->levels) {
		pr_warn("%s: no supported address width, not translating\n", iommu->name);
		return false;
	}
	iommu->width = min_t(unsigned int, VTD_PAGE_SHIFT + 9 * iommu->levels,
			     FIELD_GET(CAP_MGAW, iommu->cap) + 1);
	return true;
}

static int unit_alloc_ids(struct intel_iommu *iommu)
{
	iommu->domain_id_count = 1U << (4 + 2 * FIELD_GET(CAP_ND, iommu->cap));
	if (iommu->domain_id_count > U16_MAX)
		iommu->domain_id_count = U16_MAX + 1;
	iommu->domain_ids = bitmap_zalloc(iommu->domain_id_count, GFP_KERNEL);
	if (!iommu->domain_ids)
		return -ENOMEM;
	/* In caching mode not-present entries are cached under id 0 (6.1). */
	set_bit(0, iommu->domain_ids);
	return 0;
}

/* Latches the root table and forgets whatever was cached under another one (6.6). */
static int unit_set_root(struct intel_iommu *iommu)
{
	u64 mode = iommu->scalable ? RTADDR_TTM_SCALABLE : RTADDR_TTM_LEGACY;
	struct intel_batch batch = { .count = 0 };
	int ret;

	writeq(iommu->root.phys | FIELD_PREP(RTADDR_TTM, mode), iommu->reg + DMAR_RTADDR);
	ret = intel_unit_command(iommu, GCMD_SRTP, true);
	if (ret || (iommu->cap & CAP_ESRTPS))
		return ret;
	intel_batch_add(&batch, intel_inv_context_global());
	if (iommu->scalable)
		intel_batch_add(&batch, intel_inv_pasid_cache_global());
	intel_batch_add(&batch, intel_inv_iotlb_global(iommu));
	return intel_batch_run(iommu, &batch);
}

static int unit_bring_up(struct intel_iommu *iommu)
{
	int ret = unit_alloc_ids(iommu);

	if (!ret)
		ret = intel_page_alloc(&iommu->root);
	if (!ret && (iommu->ecap & ECAP_QI))
		ret = intel_queue_enable(iommu);
	if (!ret)
		ret = unit_set_root(iommu);
	if (!ret)
		ret = intel_fault_enable(iommu);
	if (!ret && iommu->scalable && (iommu->ecap & ECAP_PASID) && (iommu->ecap & ECAP_PRS))
		ret = intel_prq_enable(iommu);
	return ret;
}

int intel_unit_start(const struct kernel_firmware_iommu *firmware, struct intel_iommu **out)
{
	struct intel_iommu *iommu = kzalloc(sizeof(*iommu), GFP_KERNEL);
	int ret = -ENOMEM;

	*out = NULL;
	if (!iommu)
		return -ENOMEM;
	iommu->name = firmware->name;
	iommu->irq = -1;
	iommu->prq.irq = -1;
	mutex_init(&iommu->lock);
	INIT_LIST_HEAD(&iommu->spare);
	iommu->reg = ioremap(firmware->mmio_base, INTEL_REGISTERS_SIZE);
	if (!iommu->reg)
		goto err_stop;
	ret = 0;
	if (!unit_identify(iommu))
		goto err_stop;
	ret = unit_bring_up(iommu);
	if (ret)
		goto err_stop;
	*out = iommu;
	return 0;

err_stop:
	intel_unit_stop(iommu);
	return ret;
}

void intel_unit_stop(struct intel_iommu *iommu)
{
	unsigned int bus;

	if (iommu->root.virt)
		intel_unit_translate(iommu, false);
	intel_prq_disable(iommu);
	intel_fault_disable(iommu);
	intel_irq_remapping_disable(iommu);
	intel_queue_disable(iommu);
	for (bus = 0; bus < INTEL_BUSES; bus++) {
		intel_page_free(&iommu->context[bus][0]);
		intel_page_free(&iommu->context[bus][1]);
	}
	intel_page_free(&iommu->root);
	bitmap_free(iommu->domain_ids);
	if (iommu->reg)
		iounmap(iommu->reg);
	kfree(iommu);
}
