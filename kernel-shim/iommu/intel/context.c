// SPDX-License-Identifier: Apache-2.0
/*
 * Root and context tables: which context entry is a device's, and what it says. Who is attached to
 * what is domain.c's; what a scalable-mode entry points at, pasid.c's.
 */
#include <linux/errno.h>

#include "intel.h"

/* In scalable mode the upper half of a bus (devfn 128..255) has a table of its own (9.2). */
static struct intel_page *context_table(struct intel_device *info)
{
	bool upper = info->iommu->scalable && info->devfn & 0x80;

	return &info->iommu->context[info->bus][upper];
}

static u64 *context_entry(struct intel_device *info)
{
	struct intel_page *table = context_table(info);

	if (info->iommu->scalable)
		return table->virt + (info->devfn & 0x7f) * SM_CONTEXT_QUADWORDS;
	return table->virt + info->devfn * CONTEXT_QUADWORDS;
}

int intel_context_prepare(struct intel_device *info)
{
	struct intel_iommu *iommu = info->iommu;
	struct intel_page *table = context_table(info);
	u64 *root = iommu->root.virt + info->bus * 2UL + (table == &iommu->context[info->bus][1]);

	if (table->virt)
		return 0;
	if (intel_page_alloc(table))
		return -ENOMEM;
	*root = table->phys | ENTRY_P;
	intel_flush_write_buffer(iommu);
	return 0;
}

/*
 * After an entry that was not present became so: only in caching mode can hardware know that it was
 * not, and it keeps that under domain id 0 (6.1).
 */
static void context_flush_new(struct intel_device *info, u16 did)
{
	struct intel_iommu *iommu = info->iommu;
	struct intel_batch batch = { .count = 0 };

	intel_flush_write_buffer(iommu);
	if (!(iommu->cap & CAP_CM))
		return;
	intel_batch_add(&batch, intel_inv_context_device(0, intel_source_id(info)));
	if (iommu->scalable)
		intel_batch_add(&batch, intel_inv_pasid_cache_domain(0));
	intel_batch_add(&batch, intel_inv_iotlb_domain(iommu, did));
	intel_batch_run(iommu, &batch);
}

void intel_context_set_scalable(struct intel_device *info)
{
	u64 *entry = context_entry(info);

	entry[1] = INTEL_RID_PASID;
	entry[0] = intel_pasid_directory(info->pasids) |
		   FIELD_PREP(SM_CONTEXT_PDTS, (u64)intel_pasid_pdts(info->pasids)) |
		   (info->ats_supported ? SM_CONTEXT_DTE : 0) |
		   (info->pasid_supported ? SM_CONTEXT_PASIDE : 0) |
		   (info->pri_supported ? SM_CONTEXT_PRE : 0) | ENTRY_P;
	context_flush_new(info, 0);
}

void intel_context_set_legacy(struct intel_device *info, const struct intel_context_legacy *content)
{
	u64 *entry = context_entry(info);
	u64 type = info->ats_supported ? CONTEXT_TT_DEVICE_TLB : CONTEXT_TT_TRANSLATE;

	if (content->pass_through)
		type = CONTEXT_TT_PASS_THROUGH;
	entry[1] = FIELD_PREP(CONTEXT_HIGH_DID, (u64)content->did) |
		   FIELD_PREP(CONTEXT_HIGH_AW, (u64)AW_OF_LEVELS(content->levels));
	entry[0] = (content->pass_through ? 0 : content->table) | FIELD_PREP(CONTEXT_TT, type) |
		   ENTRY_P;
	context_flush_new(info, content->did);
}

void intel_context_clear(struct intel_device *info, u16 did)
{
	struct intel_iommu *iommu = info->iommu;
	u64 *entry = context_entry(info);
	struct intel_batch batch = { .count = 0 };

	entry[0] = 0;
	entry[1] = 0;
	intel_flush_write_buffer(iommu);
	intel_batch_add(&batch, intel_inv_context_device(did, intel_source_id(info)));
	if (iommu->scalable)
		intel_batch_add(&batch, intel_inv_pasid_cache_domain(did));
	intel_batch_add(&batch, intel_inv_iotlb_domain(iommu, did));
	if (info->ats_enabled)
		intel_batch_add(&batch, intel_inv_device_tlb(info, INTEL_WHOLE_RANGE));
	intel_batch_run(iommu, &batch);
}
