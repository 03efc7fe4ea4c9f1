// SPDX-License-Identifier: Apache-2.0
/*
 * Dirty tracking of a domain by its IOMMU, as Linux has it since 6.7 (drivers/iommu/iommufd/io_pagetable.c is its user
 * there, iommufd itself is not here).
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "iommu-internal.h"

void iommu_dirty_bitmap_record(struct iommu_dirty_bitmap *dirty, unsigned long iova, size_t size)
{
	struct iommu_iotlb_gather *gather = dirty->gather;

	if (dirty->record)
		dirty->record(dirty->arg, iova, size);
	if (!gather)
		return;
	gather->start = min(gather->start, iova);
	gather->end = max(gather->end, iova + size - 1);
}

int iommu_read_dirty(struct iommu_domain *domain, unsigned long iova, size_t size,
		     unsigned long flags, struct iommu_dirty_bitmap *dirty)
{
	struct iommu_iotlb_gather gather;
	int ret;

	if (!domain->dirty_ops)
		return -EOPNOTSUPP;
	iommu_iotlb_gather_init(&gather);
	dirty->gather = flags & IOMMU_DIRTY_NO_CLEAR ? NULL : &gather;
	ret = domain->dirty_ops->read_and_clear_dirty(domain, iova, size, flags, dirty);
	/* what caches know to be dirty would not be marked again */
	iommu_iotlb_sync(domain, &gather);
	return ret;
}

/* What an earlier tracking left behind is none of the new one's. */
static int forget_dirty(struct iommu_domain *domain)
{
	struct iommu_dirty_bitmap dirty = { .record = NULL };

	return iommu_read_dirty(domain, 0, domain->geometry.aperture_end, 0, &dirty);
}

int iommu_set_dirty_tracking(struct iommu_domain *domain, bool enable)
{
	int ret = domain->dirty_ops ? 0 : -EOPNOTSUPP;

	if (!ret && enable)
		ret = forget_dirty(domain);
	return ret ? ret : domain->dirty_ops->set_dirty_tracking(domain, enable);
}

static bool is_named(const struct group_device *entry, const char *device)
{
	return strcmp(dev_name(entry->dev), device) == 0;
}

struct iommu_domain *iommu_user_domain(const char *device)
{
	struct iommu_group *group;
	struct group_device *entry;

	list_for_each_entry(group, &iommu_core()->groups, list)
		list_for_each_entry(entry, &group->devices, list)
			if (is_named(entry, device))
				return group->domain == group->default_domain ? ERR_PTR(-EINVAL)
									      : group->domain;
	return ERR_PTR(-ENODEV);
}
