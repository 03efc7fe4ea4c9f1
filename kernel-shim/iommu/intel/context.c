// SPDX-License-Identifier: Apache-2.0
/*
 * Root and context tables: which context entry is a device's, and what it says. Who is attached to
 * what is domain.c's; what a scalable-mode entry points at, pasid.c's.
 */
#include <linux/errno.h>

#include "intel.h"

/* In scalable mode the upper half of a bus (devfn 128..255) has a table of its own (9.2). */
static struct intel_page *context_table(struct intel_iommu *iommu, u16 id)
{
	return &iommu->context[id >> 8][iommu->scalable && id & 0x80];
}

static u64 *context_entry(struct intel_iommu *iommu, u16 id)
{
	struct intel_page *table = context_table(iommu, id);

	if (iommu->scalable)
		return table->virt + (id & 0x7f) * SM_CONTEXT_QUADWORDS;
	return table->virt + (id & 0xff) * CONTEXT_QUADWORDS;
}

/* ---- for each requester id that a device's requests may have ---- */

static int for_each_id(struct intel_device *info,
		       int (*fn)(struct pci_dev *pdev, u16 id, void *data), void *data)
{
	return pci_for_each_dma_alias(to_pci_dev(info->dev), fn, data);
}

static int prepare_id(struct pci_dev *pdev, u16 id, void *data)
{
	struct intel_iommu *iommu = data;
	struct intel_page *table = context_table(iommu, id);
	u64 *root = iommu->root.virt + (id >> 8) * 2UL + (table == &iommu->context[id >> 8][1]);

	(void)pdev;
	if (table->virt)
		return 0;
	if (intel_page_alloc(table))
		return -ENOMEM;
	*root = table->phys | ENTRY_P;
	intel_flush_write_buffer(iommu);
	return 0;
}

int intel_context_prepare(struct intel_device *info)
{
	return for_each_id(info, prepare_id, info->iommu);
}

/*
 * After an entry that was not present became so: only in caching mode can hardware know that it was
 * not, and it keeps that under domain id 0 (6.1).
 */
static void context_flush_new(struct intel_iommu *iommu, u16 id, u16 did)
{
	struct intel_batch batch = { .count = 0 };

	intel_flush_write_buffer(iommu);
	if (!(iommu->cap & CAP_CM))
		return;
	intel_batch_add(&batch, intel_inv_context_device(0, id));
	if (iommu->scalable)
		intel_batch_add(&batch, intel_inv_pasid_cache_domain(0));
	intel_batch_add(&batch, intel_inv_iotlb_domain(iommu, did));
	intel_batch_run(iommu, &batch);
}

/* Where devices share a requester id, the entry of the first one stays: all are in one group, and so in one domain. */
static int set_scalable_id(struct pci_dev *pdev, u16 id, void *data)
{
	struct intel_device *info = data;
	u64 *entry = context_entry(info->iommu, id);

	(void)pdev;
	if (entry[0] & ENTRY_P)
		return 0;
	entry[1] = INTEL_RID_PASID;
	entry[0] = intel_pasid_directory(info->pasids) |
		   FIELD_PREP(SM_CONTEXT_PDTS, (u64)intel_pasid_pdts(info->pasids)) |
		   (info->ats_supported ? SM_CONTEXT_DTE : 0) |
		   (info->pasid_supported ? SM_CONTEXT_PASIDE : 0) |
		   (info->pri_supported ? SM_CONTEXT_PRE : 0) | ENTRY_P;
	context_flush_new(info->iommu, id, 0);
	return 0;
}

void intel_context_set_scalable(struct intel_device *info)
{
	for_each_id(info, set_scalable_id, info);
}

/* A legacy entry, and of which device. */
struct legacy_entry {
	struct intel_device *info;
	const struct intel_context_legacy *content;
};

static int set_legacy_id(struct pci_dev *pdev, u16 id, void *data)
{
	const struct legacy_entry *new = data;
	const struct intel_context_legacy *content = new->content;
	u64 *entry = context_entry(new->info->iommu, id);
	u64 type = new->info->ats_supported ? CONTEXT_TT_DEVICE_TLB : CONTEXT_TT_TRANSLATE;

	(void)pdev;
	if (content->pass_through)
		type = CONTEXT_TT_PASS_THROUGH;
	entry[1] = FIELD_PREP(CONTEXT_HIGH_DID, (u64)content->did) |
		   FIELD_PREP(CONTEXT_HIGH_AW, (u64)AW_OF_LEVELS(content->levels));
	entry[0] = (content->pass_through ? 0 : content->table) | FIELD_PREP(CONTEXT_TT, type) |
		   ENTRY_P;
	context_flush_new(new->info->iommu, id, content->did);
	return 0;
}

void intel_context_set_legacy(struct intel_device *info, const struct intel_context_legacy *content)
{
	struct legacy_entry new = { info, content };

	for_each_id(info, set_legacy_id, &new);
}

/* Does the entry lead to this device's tables, or, in legacy mode, anywhere? */
static bool entry_is_own(const struct intel_device *info, const u64 *entry)
{
	if (!(entry[0] & ENTRY_P))
		return false;
	return !info->iommu->scalable ||
	       (entry[0] & ENTRY_TABLE) == intel_pasid_directory(info->pasids);
}

static int clear_id(struct pci_dev *pdev, u16 id, void *data)
{
	struct intel_device *info = data;
	struct intel_iommu *iommu = info->iommu;
	u64 *entry = context_entry(iommu, id);
	struct intel_batch batch = { .count = 0 };
	u16 did;

	(void)pdev;
	if (!entry_is_own(info, entry))
		return 0;
	/* of a shared id in legacy mode, another device may have given it to the domain of its own already */
	did = iommu->scalable ? 0 : (u16)FIELD_GET(CONTEXT_HIGH_DID, entry[1]);
	entry[0] = 0;
	entry[1] = 0;
	intel_flush_write_buffer(iommu);
	intel_batch_add(&batch, intel_inv_context_device(did, id));
	if (iommu->scalable)
		intel_batch_add(&batch, intel_inv_pasid_cache_domain(did));
	intel_batch_add(&batch, intel_inv_iotlb_domain(iommu, did));
	intel_batch_run(iommu, &batch);
	return 0;
}

void intel_context_clear(struct intel_device *info)
{
	struct intel_descriptor flush = intel_inv_device_tlb(info, INTEL_WHOLE_RANGE);

	for_each_id(info, clear_id, info);
	if (info->ats_enabled)
		intel_queue_submit(info->iommu, &flush, 1);
}
