// SPDX-License-Identifier: Apache-2.0
/*
 * SMMUv3 driver, ATS: switching it on and off at devices, and invalidating what they cache. The stream
 * table entry that permits it is the domain's.
 */
#define pr_fmt(fmt) "arm-smmu-v3: " fmt

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/pci-ats.h>
#include <linux/printk.h>

#include "arm-smmu-v3.h"

bool arm_smmu_ats_wanted(const struct arm_smmu_master *master)
{
	return master->smmu->ats && pci_ats_supported(to_pci_dev(master->dev)) && master->domain &&
	       master->domain->stage != ARM_SMMU_STAGE_BYPASS;
}

/* Pages from first to last are invalidated by the smallest aligned power of two that holds them. */
static u64 atc_span(u64 iova, size_t size)
{
	u64 first = iova >> PAGE_SHIFT, last = (iova + size - 1) >> PAGE_SHIFT;
	unsigned int log2 = first == last ? 0 : fls64(first ^ last);

	return (first >> log2 << log2 << PAGE_SHIFT) | FIELD_PREP(ATC_INV_1_SIZE, (u64)log2);
}

static void atc_invalidate(struct arm_smmu_master *master, u64 substream, u64 dword1)
{
	arm_smmu_cmdq_add(master->smmu,
			  FIELD_PREP(CMD_0_OPCODE, CMD_ATC_INV) |
				  FIELD_PREP(CFGI_0_SID, (u64)master->streams[0]) | substream,
			  dword1);
}

/* Between the TLB's invalidation, which must be complete, and the device TLBs' (3.9.1). */
static void atc_invalidate_all_masters(struct arm_smmu_domain *domain, u64 substream, u64 dword1)
{
	struct arm_smmu_master *master;
	bool any = false;

	list_for_each_entry(master, &domain->masters, list) {
		if (!master->ats_enabled)
			continue;
		atc_invalidate(master, substream, dword1);
		any = true;
	}
	if (any)
		arm_smmu_cmdq_sync(domain->smmu);
}

void arm_smmu_atc_inv_range(struct arm_smmu_domain *domain, u64 iova, size_t size)
{
	atc_invalidate_all_masters(domain, 0, atc_span(iova, size));
}

void arm_smmu_atc_inv_context(struct arm_smmu_domain *domain)
{
	atc_invalidate_all_masters(domain, 0, FIELD_PREP(ATC_INV_1_SIZE, ATC_INV_SIZE_ALL));
}

void arm_smmu_atc_inv_guest(struct arm_smmu_domain *domain,
			    const struct iommu_stage1_invalidation *what)
{
	u64 span = what->size ? atc_span(what->address, what->size)
			      : FIELD_PREP(ATC_INV_1_SIZE, ATC_INV_SIZE_ALL);

	/* 4.5.1: what was asked for without PASID is invalidated without */
	if (!what->pasid)
		atc_invalidate_all_masters(domain, 0, span);
	atc_invalidate_all_masters(
		domain, ATC_INV_0_SSV | FIELD_PREP(ATC_INV_0_SSID, (u64)what->pasid), span);
}

/* After the stream table entry permits it (3.9.2). */
void arm_smmu_enable_ats(struct arm_smmu_master *master)
{
	if (!arm_smmu_ats_wanted(master))
		return;
	if (pci_enable_ats(to_pci_dev(master->dev), PAGE_SHIFT))
		dev_err(master->dev, "cannot enable ATS\n");
	else
		master->ats_enabled = true;
}

/* Before the stream table entry ceases to permit it (3.9.2). */
void arm_smmu_disable_ats(struct arm_smmu_master *master)
{
	if (!master->ats_enabled)
		return;
	pci_disable_ats(to_pci_dev(master->dev));
	master->ats_enabled = false;
	atc_invalidate(master, 0, FIELD_PREP(ATC_INV_1_SIZE, ATC_INV_SIZE_ALL));
	arm_smmu_cmdq_sync(master->smmu);
}
