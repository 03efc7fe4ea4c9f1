// SPDX-License-Identifier: Apache-2.0
/*
 * IOMMU core, reserved regions: addresses that a user of a group must not map. Drivers say which.
 */
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/slab.h>

#include "iommu-internal.h"

struct iommu_resv_region *iommu_alloc_resv_region(phys_addr_t start, size_t length, int prot,
						  enum iommu_resv_type type, gfp_t gfp)
{
	struct iommu_resv_region *region = kzalloc(sizeof(*region), gfp);

	if (!region)
		return NULL;
	INIT_LIST_HEAD(&region->list);
	region->start = start;
	region->length = length;
	region->prot = prot;
	region->type = type;
	return region;
}

void iommu_put_resv_regions(struct device *dev, struct list_head *list)
{
	struct iommu_resv_region *region, *next;

	(void)dev;
	list_for_each_entry_safe(region, next, list, list) {
		list_del(&region->list);
		kfree(region);
	}
}

static phys_addr_t resv_end(const struct iommu_resv_region *region)
{
	return region->start + region->length - 1;
}

/* True if two regions of one type overlap, or one begins right after the other. */
static bool resv_touch(const struct iommu_resv_region *a, const struct iommu_resv_region *b)
{
	if (a->type != b->type)
		return false;
	if (a->start > b->start)
		swap(a, b);
	return b->start <= resv_end(a) || b->start - 1 == resv_end(a);
}

/*
 * Adds a region to a list that is sorted by start, then type, and in which no two regions of
 * one type touch. One pass is enough to join: what the new region joins did not touch each other.
 */
static void resv_insert(struct iommu_resv_region *new, struct list_head *list)
{
	struct iommu_resv_region *region, *next;
	struct list_head *before;

	list_for_each_entry_safe(region, next, list, list) {
		phys_addr_t end;

		if (!resv_touch(region, new))
			continue;
		end = max(resv_end(region), resv_end(new));
		new->start = min(region->start, new->start);
		new->length = end - new->start + 1;
		list_del(&region->list);
		kfree(region);
	}

	before = list;
	list_for_each_entry(region, list, list) {
		if (region->start > new->start ||
		    (region->start == new->start && region->type >= new->type)) {
			before = &region->list;
			break;
		}
	}
	list_add_tail(&new->list, before);
}

int iommu_get_group_resv_regions(struct iommu_group *group, struct list_head *list)
{
	struct group_device *entry;

	mutex_lock(&group->lock);
	list_for_each_entry(entry, &group->devices, list) {
		const struct iommu_ops *ops = dev_iommu_ops(entry->dev);
		struct iommu_resv_region *region, *next;
		LIST_HEAD(own);

		if (!ops->get_resv_regions)
			continue;
		ops->get_resv_regions(entry->dev, &own);
		list_for_each_entry_safe(region, next, &own, list) {
			list_del(&region->list);
			resv_insert(region, list);
		}
	}
	mutex_unlock(&group->lock);
	return 0;
}
