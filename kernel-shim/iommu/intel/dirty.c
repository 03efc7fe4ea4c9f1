// SPDX-License-Identifier: Apache-2.0
/*
 * Dirty tracking of a domain: SSADE in the PASID entries that lead to its second stage, and the D bits of its leaves.
 * As Linux since 6.7: drivers/iommu/intel/iommu.c and pasid.c.
 */
#include <linux/errno.h>

#include "intel.h"

bool intel_unit_tracks_dirty(const struct intel_iommu *iommu)
{
	/* without snooping page walks the unit cannot set the bits */
	return iommu->scalable && (iommu->ecap & ECAP_SSADS) && (iommu->ecap & ECAP_SMPWC);
}

static int devices_track(const struct intel_domain *domain, bool enable)
{
	struct intel_device *info;
	int ret = 0;

	list_for_each_entry(info, &domain->devices, link) {
		ret = intel_pasid_track_dirty(info, enable);
		if (ret)
			break;
	}
	return ret;
}

static bool all_can_track(const struct intel_domain *domain)
{
	const struct intel_domain_unit *unit;

	list_for_each_entry(unit, &domain->units, link)
		if (!intel_unit_tracks_dirty(unit->iommu))
			return false;
	return true;
}

static int switch_tracking(struct intel_domain *domain, bool enable)
{
	int ret = devices_track(domain, enable);

	if (ret)
		devices_track(domain, domain->dirty_tracking);
	else
		domain->dirty_tracking = enable;
	return ret;
}

int intel_domain_set_dirty_tracking(struct iommu_domain *iommu_domain, bool enable)
{
	struct intel_domain *domain = to_intel_domain(iommu_domain);
	int ret = 0;

	mutex_lock(&domain->lock);
	if (!all_can_track(domain))
		ret = -EOPNOTSUPP;
	else if (domain->dirty_tracking != enable)
		ret = switch_tracking(domain, enable);
	mutex_unlock(&domain->lock);
	return ret;
}

static void found_dirty(void *arg, u64 iova, u64 size)
{
	iommu_dirty_bitmap_record(arg, iova, size);
}

int intel_domain_read_dirty(struct iommu_domain *iommu_domain, unsigned long iova, size_t size,
			    unsigned long flags, struct iommu_dirty_bitmap *dirty)
{
	struct intel_domain *domain = to_intel_domain(iommu_domain);
	const struct intel_dirty_scan scan = {
		.first = iova,
		.last = iova + size - 1,
		.clear = !(flags & IOMMU_DIRTY_NO_CLEAR),
		.found = found_dirty,
		.arg = dirty,
	};

	/* without tracking only those who want nothing told may clear what is left of one */
	if (!domain->dirty_tracking && dirty->record)
		return -EINVAL;
	mutex_lock(&domain->lock);
	intel_pagetable_scan_dirty(&domain->table, &scan);
	mutex_unlock(&domain->lock);
	return 0;
}
