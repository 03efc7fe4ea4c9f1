// SPDX-License-Identifier: Apache-2.0
/*
 * The ranges of IO virtual addresses that a container may map: what all apertures leave, without
 * what any group reserves. When they change is decided in type1-attach.c.
 */
#include <linux/errno.h>
#include <linux/slab.h>

#include "type1.h"

/** Inserts a range before the list's node at; the list's head stands for its end. */
static int iova_insert(struct list_head *at, dma_addr_t start, dma_addr_t end)
{
	struct type1_iova *range = kzalloc(sizeof(*range), GFP_KERNEL);

	if (!range)
		return -ENOMEM;
	range->start = start;
	range->end = end;
	list_add_tail(&range->list, at);
	return 0;
}

static void iova_remove(struct type1_iova *range)
{
	list_del(&range->list);
	kfree(range);
}

int type1_iova_copy(struct list_head *to, const struct list_head *from)
{
	struct type1_iova *range;

	list_for_each_entry(range, from, list) {
		if (iova_insert(to, range->start, range->end)) {
			type1_iova_free(to);
			return -ENOMEM;
		}
	}
	return 0;
}

int type1_iova_clip(struct list_head *iovas, dma_addr_t start, dma_addr_t end)
{
	struct type1_iova *range, *next;

	if (list_empty(iovas))
		return iova_insert(iovas, start, end);

	list_for_each_entry_safe(range, next, iovas, list) {
		if (range->end < start || range->start > end) {
			iova_remove(range);
			continue;
		}
		if (range->start < start)
			range->start = start;
		if (range->end > end)
			range->end = end;
	}
	return 0;
}

/** Replaces a range by what lies below and above start..end. */
static int iova_cut(struct type1_iova *range, dma_addr_t start, dma_addr_t end)
{
	int ret = 0;

	if (range->start < start)
		ret = iova_insert(&range->list, range->start, start - 1);
	if (!ret && range->end > end)
		ret = iova_insert(&range->list, end + 1, range->end);
	if (!ret)
		iova_remove(range);
	return ret;
}

int type1_iova_exclude(struct list_head *iovas, const struct list_head *resv_regions)
{
	struct iommu_resv_region *region;
	struct type1_iova *range, *next;

	list_for_each_entry(region, resv_regions, list) {
		dma_addr_t start = region->start, end = region->start + region->length - 1;

		if (region->type == IOMMU_RESV_DIRECT_RELAXABLE)
			continue;
		list_for_each_entry_safe(range, next, iovas, list) {
			int ret = 0;

			if (start <= range->end && end >= range->start)
				ret = iova_cut(range, start, end);
			if (ret)
				return ret;
		}
	}
	return list_empty(iovas) ? -EINVAL : 0;
}

bool type1_iova_allows(const struct list_head *iovas, dma_addr_t start, dma_addr_t end)
{
	struct type1_iova *range;

	list_for_each_entry(range, iovas, list) {
		if (start >= range->start && end <= range->end)
			return true;
	}
	return list_empty(iovas);
}

void type1_iova_free(struct list_head *iovas)
{
	struct type1_iova *range, *next;

	list_for_each_entry_safe(range, next, iovas, list)
		iova_remove(range);
}

void type1_resv_free(struct list_head *resv_regions)
{
	struct iommu_resv_region *region, *next;

	list_for_each_entry_safe(region, next, resv_regions, list) {
		list_del(&region->list);
		kfree(region);
	}
}
