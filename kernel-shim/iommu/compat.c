// SPDX-License-Identifier: Apache-2.0
/*
 * IOMMU core under the names of other ages than its own: devices instead of buses and groups. What
 * merely looks different is in <ages/iommu.h>.
 */
#include <ages/iommu.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include "iommu-internal.h"

struct iommu_domain *iommu_paging_domain_alloc(struct device *dev)
{
	struct iommu_domain *domain;

	if (!dev->iommu)
		return ERR_PTR(-ENODEV);
	domain = __iommu_domain_alloc(dev_iommu_ops(dev), IOMMU_DOMAIN_UNMANAGED);
	if (!domain)
		return ERR_PTR(-ENOMEM);
	kernel_account_domains(1);
	return domain;
}

struct iommu_domain *iommu_paging_domain_alloc_flags(struct device *dev, unsigned int flags)
{
	return flags ? ERR_PTR(-EOPNOTSUPP) : iommu_paging_domain_alloc(dev);
}

int iommu_attach_device(struct iommu_domain *domain, struct device *dev)
{
	struct iommu_group *group = iommu_group_get(dev);
	int ret = -EINVAL;

	if (!group)
		return -ENODEV;
	if (list_is_singular(&group->devices))
		ret = iommu_attach_group(domain, group);
	iommu_group_put(group);
	return ret;
}

void iommu_detach_device(struct iommu_domain *domain, struct device *dev)
{
	struct iommu_group *group = iommu_group_get(dev);

	if (!group)
		return;
	if (!WARN_ON(!list_is_singular(&group->devices)))
		iommu_detach_group(domain, group);
	iommu_group_put(group);
}

void iommu_get_resv_regions(struct device *dev, struct list_head *list)
{
	if (dev->iommu && dev_iommu_ops(dev)->get_resv_regions)
		dev_iommu_ops(dev)->get_resv_regions(dev, list);
}

/* Drivers answer for remapping units and for Arm's translation service alike. */
bool iommu_group_has_isolated_msi(struct iommu_group *group)
{
	struct group_device *entry;
	bool isolated = true;

	mutex_lock(&group->lock);
	list_for_each_entry(entry, &group->devices, list)
		isolated &= device_iommu_capable(entry->dev, IOMMU_CAP_INTR_REMAP);
	mutex_unlock(&group->lock);
	return isolated;
}
