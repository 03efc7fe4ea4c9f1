// SPDX-License-Identifier: Apache-2.0
/*
 * Unrecoverable faults of DMA with a PASID that a guest has bound: told to who has registered for the device's faults,
 * by the reasons that user space knows. All other faults stay in the log.
 */
#include <linux/errno.h>
#include <linux/kernel.h>

#include "intel.h"

/* A fault that is yet to be reported. */
struct intel_fault_report {
	struct list_head link; /* in intel_iommu.reports */
	u64 low, high; /* as recorded */
};

/* Reasons of VT-d up to and including last, in the words of the UAPI. */
static const struct {
	u8 last;
	u32 reason;
} reasons[] = {
	{ 0x4f, IOMMU_FAULT_REASON_UNKNOWN },       { 0x52, IOMMU_FAULT_REASON_PASID_FETCH },
	{ 0x57, IOMMU_FAULT_REASON_UNKNOWN },       { 0x58, IOMMU_FAULT_REASON_PASID_FETCH },
	{ 0x59, IOMMU_FAULT_REASON_PASID_INVALID }, { 0x5b, IOMMU_FAULT_REASON_BAD_PASID_ENTRY },
	{ 0x5d, IOMMU_FAULT_REASON_PERMISSION },    { 0x70, IOMMU_FAULT_REASON_WALK_EABT },
	{ 0x72, IOMMU_FAULT_REASON_PTE_FETCH },     { 0x7f, IOMMU_FAULT_REASON_WALK_EABT },
	{ 0x80, IOMMU_FAULT_REASON_OOR_ADDRESS },   { 0x82, IOMMU_FAULT_REASON_PERMISSION },
	{ 0x84, IOMMU_FAULT_REASON_OOR_ADDRESS },   { 0x86, IOMMU_FAULT_REASON_PERMISSION },
	{ 0x8f, IOMMU_FAULT_REASON_UNKNOWN },       { 0xff, IOMMU_FAULT_REASON_ACCESS },
};

static u32 user_reason(u8 reason)
{
	size_t i = 0;

	while (reasons[i].last < reason)
		i++;
	return reasons[i].reason;
}

static u32 permissions(u64 high)
{
	return (high & FRCD_HIGH_READ ? IOMMU_FAULT_PERM_READ : IOMMU_FAULT_PERM_WRITE) |
	       (high & FRCD_HIGH_EXE ? IOMMU_FAULT_PERM_EXEC : 0) |
	       (high & FRCD_HIGH_PRIV ? IOMMU_FAULT_PERM_PRIV : 0);
}

static void report(const struct intel_iommu *iommu, const struct intel_fault_report *r)
{
	u32 pasid = FIELD_GET(FRCD_HIGH_PASID, r->high);
	struct intel_device *info = intel_requester(iommu, (u16)FIELD_GET(FRCD_HIGH_SID, r->high));
	struct iommu_fault_event event = {
		.fault = {
			.type = IOMMU_FAULT_DMA_UNRECOV,
			.event = {
				.reason = user_reason((u8)FIELD_GET(FRCD_HIGH_REASON, r->high)),
				.flags = IOMMU_FAULT_UNRECOV_PASID_VALID |
					 IOMMU_FAULT_UNRECOV_ADDR_VALID,
				.pasid = pasid,
				.perm = permissions(r->high),
				.addr = r->low & FRCD_LOW_ADDRESS,
			},
		},
	};

	/* nobody may have registered: then nobody is told */
	if (info && info->pasids && intel_pasid_is_nested(info->pasids, pasid))
		iommu_report_device_fault(info->dev, &event);
}

static struct intel_fault_report *next_report(struct intel_iommu *iommu)
{
	struct intel_fault_report *r = NULL;

	spin_lock(&iommu->reports_lock);
	if (!list_empty(&iommu->reports)) {
		r = list_first_entry(&iommu->reports, struct intel_fault_report, link);
		list_del(&r->link);
	}
	spin_unlock(&iommu->reports_lock);
	return r;
}

/* Who is told may sleep. */
static void report_all(struct work_struct *work)
{
	struct intel_iommu *iommu = container_of(work, struct intel_iommu, report_work);
	struct intel_fault_report *r;

	while ((r = next_report(iommu))) {
		report(iommu, r);
		kfree(r);
	}
}

void intel_fault_report_init(struct intel_iommu *iommu)
{
	spin_lock_init(&iommu->reports_lock);
	INIT_LIST_HEAD(&iommu->reports);
	INIT_WORK(&iommu->report_work, report_all);
}

void intel_fault_report_exit(struct intel_iommu *iommu)
{
	struct intel_fault_report *r;

	cancel_work_sync(&iommu->report_work);
	while ((r = next_report(iommu)))
		kfree(r);
}

void intel_fault_report(struct intel_iommu *iommu, u64 low, u64 high)
{
	struct intel_fault_report *r;

	/* a page request that was refused is no DMA: its device has been answered */
	if (!(high & FRCD_HIGH_PP) || high & FRCD_HIGH_T2)
		return;
	r = kzalloc(sizeof(*r), GFP_ATOMIC);
	if (!r)
		return;
	r->low = low;
	r->high = high;
	spin_lock(&iommu->reports_lock);
	list_add_tail(&r->link, &iommu->reports);
	spin_unlock(&iommu->reports_lock);
	schedule_work(&iommu->report_work);
}
