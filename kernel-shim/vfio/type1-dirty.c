// SPDX-License-Identifier: Apache-2.0
/*
 * type1: which pages may be dirty. No device here tells which pages it wrote, and all are pinned
 * for it, so every page of every mapping counts as dirty as long as tracking is on. Bitmaps are
 * kept nevertheless: as in Linux, bits beside those of a mapping come back with its later reports.
 */
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "type1.h"

/** Most pages of a mapping, as many as a bitmap of Linux can have. */
#define TYPE1_BITMAP_PAGES_MAX 0x7fffffffULL

/** Bytes of a bitmap: whole 64-bit words. */
static u64 bitmap_bytes(u64 npages)
{
	return (npages + 63) / 64 * sizeof(u64);
}

int type1_bitmap_check(const struct vfio_bitmap *bitmap, u64 size)
{
	u64 npages;

	if (!bitmap->pgsize || !access_ok((void __user *)bitmap->data, bitmap->size))
		return -EINVAL;

	npages = size >> __ffs(bitmap->pgsize);
	if (!npages || npages > TYPE1_BITMAP_BYTES_MAX * BITS_PER_BYTE || !bitmap->size ||
	    bitmap->size > TYPE1_BITMAP_BYTES_MAX || bitmap->size < bitmap_bytes(npages))
		return -EINVAL;
	return 0;
}

int type1_dirty_start(const struct type1 *type1, struct type1_dma *dma)
{
	/* Pages of the CPU are the smallest, so that it is large enough whatever domain leaves. */
	size_t words = BITS_TO_LONGS(dma->size / PAGE_SIZE) + 1;

	if (dma->size / type1_page_size(type1) > TYPE1_BITMAP_PAGES_MAX)
		return -EINVAL;
	dma->dirty = kvzalloc(words * sizeof(*dma->dirty), GFP_KERNEL);
	return dma->dirty ? 0 : -ENOMEM;
}

void type1_dirty_stop(struct type1_dma *dma)
{
	kvfree(dma->dirty);
	dma->dirty = NULL;
}

/**
 * The user's word that the mapping's first bit falls into may hold the end of the mapping before.
 * All of it is kept, and what the shift pushes beyond the mapping's last bit stays in its bitmap:
 * Linux masks neither, and a later report shows it.
 */
int type1_dirty_report(const struct type1 *type1, struct type1_dma *dma,
		       const struct vfio_bitmap *bitmap, dma_addr_t base)
{
	unsigned int npages = dma->size / type1_page_size(type1);
	u64 first = (dma->iova - base) / type1_page_size(type1);
	unsigned int shift = first % BITS_PER_LONG;
	unsigned long __user *user = (unsigned long __user *)bitmap->data + first / BITS_PER_LONG;
	unsigned long word;

	bitmap_set(dma->dirty, 0, npages);
	if (shift) {
		bitmap_shift_left(dma->dirty, dma->dirty, shift, npages + shift);
		if (copy_from_user(&word, user, sizeof(word)))
			return -EFAULT;
		dma->dirty[0] |= word;
	}
	return copy_to_user(user, dma->dirty, bitmap_bytes((u64)npages + shift)) ? -EFAULT : 0;
}

static void stop_tracking(struct type1 *type1)
{
	struct type1_dma *dma;

	for (dma = type1_dma_from(type1, 0); dma; dma = type1_dma_next(dma))
		type1_dirty_stop(dma);
	type1->dirty_tracking = false;
}

/** All mappings or none. */
static int start_tracking(struct type1 *type1)
{
	struct type1_dma *dma;
	int ret;

	if (type1->dirty_tracking)
		return 0;
	for (dma = type1_dma_from(type1, 0); dma; dma = type1_dma_next(dma)) {
		ret = type1_dirty_start(type1, dma);
		if (ret) {
			stop_tracking(type1);
			return ret;
		}
	}
	type1->dirty_tracking = true;
	return 0;
}

/** Neither end of the range may lie inside a mapping. */
static bool bisects(struct type1 *type1, dma_addr_t start, dma_addr_t last)
{
	struct type1_dma *head = type1_dma_in(type1, start, start);
	struct type1_dma *tail = type1_dma_in(type1, last, last);

	return (head && head->iova != start) || (tail && tail->iova + tail->size - 1 != last);
}

static int report_range(struct type1 *type1, const struct vfio_iommu_type1_dirty_bitmap_get *range)
{
	size_t pgsize = type1_page_size(type1);
	dma_addr_t last = range->iova + range->size - 1;
	struct type1_dma *dma;
	int ret;

	/* Pages are tracked in the smallest size only. */
	if (range->bitmap.pgsize != pgsize || (range->iova | range->size) & (pgsize - 1) ||
	    !type1->dirty_tracking || bisects(type1, range->iova, last))
		return -EINVAL;

	for (dma = type1_dma_from(type1, range->iova); dma && dma->iova <= last;
	     dma = type1_dma_next(dma)) {
		ret = type1_dirty_report(type1, dma, &range->bitmap, range->iova);
		if (ret)
			return ret;
		bitmap_clear(dma->dirty, 0, dma->size / pgsize);
	}
	return 0;
}

static long get_bitmap(struct type1 *type1, u32 data_size, unsigned long data)
{
	struct vfio_iommu_type1_dirty_bitmap_get range;
	long ret;

	if (data_size < sizeof(range))
		return -EINVAL;
	if (copy_from_user(&range, (void __user *)data, sizeof(range)))
		return -EFAULT;
	if (range.iova + range.size < range.iova)
		return -EINVAL;
	ret = type1_bitmap_check(&range.bitmap, range.size);
	if (ret)
		return ret;

	mutex_lock(&type1->lock);
	ret = report_range(type1, &range);
	mutex_unlock(&type1->lock);
	return ret;
}

long type1_dirty_ioctl(struct type1 *type1, unsigned long arg)
{
	const size_t minsz = offsetofend(struct vfio_iommu_type1_dirty_bitmap, flags);
	struct vfio_iommu_type1_dirty_bitmap dirty;
	long ret = 0;

	if (!type1->v2)
		return -EACCES;
	if (copy_from_user(&dirty, (void __user *)arg, minsz))
		return -EFAULT;
	if (dirty.argsz < minsz)
		return -EINVAL;

	switch (dirty.flags) {
	case VFIO_IOMMU_DIRTY_PAGES_FLAG_START:
		mutex_lock(&type1->lock);
		ret = start_tracking(type1);
		mutex_unlock(&type1->lock);
		return ret;
	case VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP:
		mutex_lock(&type1->lock);
		stop_tracking(type1);
		mutex_unlock(&type1->lock);
		return 0;
	case VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP:
		return get_bitmap(type1, dirty.argsz - minsz, arg + minsz);
	default: /* none, several or unknown */
		return -EINVAL;
	}
}
