// SPDX-License-Identifier: Apache-2.0
/*
 * type1: VFIO_IOMMU_GET_INFO, the page sizes and the chain of capabilities. What the nesting series
 * adds to the chain is in the variants' files.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "type1.h"

static int add_migration(const struct type1 *type1, struct vfio_info_cap *caps)
{
	struct vfio_iommu_type1_info_cap_migration cap;

	/* An initialiser would leave the hole after flags as it is: user space sees that. */
	memset(&cap, 0, sizeof(cap));
	cap.header.id = VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION;
	cap.header.version = 1;
	cap.pgsize_bitmap = type1_page_size(type1);
	cap.max_dirty_bitmap_size = TYPE1_BITMAP_BYTES_MAX;
	return vfio_info_add_capability(caps, &cap.header, sizeof(cap));
}

static int add_dma_avail(const struct type1 *type1, struct vfio_info_cap *caps)
{
	struct vfio_iommu_type1_info_dma_avail cap = {
		.header = { .id = VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, .version = 1 },
		.avail = type1->dma_avail,
	};

	return vfio_info_add_capability(caps, &cap.header, sizeof(cap));
}

static int add_iova_ranges(const struct type1 *type1, struct vfio_info_cap *caps)
{
	struct vfio_iommu_type1_info_cap_iova_range *cap;
	struct type1_iova *range;
	size_t count = 0;
	int ret;

	list_for_each_entry(range, &type1->iovas, list)
		count++;
	if (!count)
		return 0;

	cap = kzalloc(struct_size(cap, iova_ranges, count), GFP_KERNEL);
	if (!cap)
		return -ENOMEM;

	cap->header.id = VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE;
	cap->header.version = 1;
	list_for_each_entry(range, &type1->iovas, list) {
		cap->iova_ranges[cap->nr_iovas].start = range->start;
		cap->iova_ranges[cap->nr_iovas].end = range->end;
		cap->nr_iovas++;
	}
	ret = vfio_info_add_capability(caps, &cap->header, struct_size(cap, iova_ranges, count));
	kfree(cap);
	return ret;
}

/**
 * The chain in the order of the kernel: migration, mappings left, ranges, then what the variant
 * adds.
 */
static int add_caps(struct type1 *type1, struct vfio_info_cap *caps)
{
	int ret = 0;

	if (type1_has(type1, TYPE1_DIRTY_PAGES))
		ret = add_migration(type1, caps);
	if (!ret && type1_has(type1, TYPE1_DMA_AVAIL))
		ret = add_dma_avail(type1, caps);
	if (!ret)
		ret = add_iova_ranges(type1, caps);
	if (type1->variant->add_caps)
		ret = type1->variant->add_caps(type1, caps, ret);
	return ret;
}

/** Puts the chain behind the info if the user left room; if not, argsz says how much is needed. */
static int copy_caps(struct vfio_iommu_type1_info *info, struct vfio_info_cap *caps,
		     unsigned long arg)
{
	u32 argsz = sizeof(*info) + caps->size;

	info->flags |= VFIO_IOMMU_INFO_CAPS;
	if (info->argsz < argsz) {
		info->argsz = argsz;
		return 0;
	}

	vfio_info_cap_shift(caps, sizeof(*info));
	info->cap_offset = sizeof(*info);
	if (copy_to_user((void __user *)(arg + sizeof(*info)), caps->buf, caps->size))
		return -EFAULT;
	return 0;
}

long type1_info_ioctl(struct type1 *type1, unsigned long arg)
{
	/* cap_offset came later: whoever does not know it gets an info without it. */
	size_t minsz = offsetofend(struct vfio_iommu_type1_info, iova_pgsizes);
	const size_t capsz = offsetofend(struct vfio_iommu_type1_info, cap_offset);
	struct vfio_iommu_type1_info info = { 0 };
	struct vfio_info_cap caps = { 0 };
	int ret;

	if (copy_from_user(&info, (void __user *)arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;
	if (info.argsz >= capsz)
		minsz = capsz;

	mutex_lock(&type1->lock);
	info.flags = VFIO_IOMMU_INFO_PGSIZES;
	info.iova_pgsizes = type1->pgsize_bitmap;
	ret = add_caps(type1, &caps);
	mutex_unlock(&type1->lock);

	if (!ret && caps.size)
		ret = copy_caps(&info, &caps, arg);
	kfree(caps.buf);
	if (ret)
		return ret;
	return copy_to_user((void __user *)arg, &info, minsz) ? -EFAULT : 0;
}
