// SPDX-License-Identifier: Apache-2.0
/*
 * type1: ends mappings. Pages are unpinned only after no domain maps them and the IOTLB has
 * forgotten them. What is left to type1-dirty.c is the bitmap that an unmap may ask for.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/uaccess.h>

#include "type1.h"

/** A walk along a mapping in the domain that remembers its pages. */
struct type1_unmap {
	struct type1 *type1;
	struct type1_dma *dma;
	struct iommu_domain *domain;
	struct iommu_iotlb_gather gather;
	unsigned int count; /* pieces waiting in type1->unmapped */
	unsigned long unpinned; /* pages */
};

/** Flushes the IOTLB, after which nothing can reach the waiting pieces. */
static void unmap_flush(struct type1_unmap *unmap)
{
	unsigned int i;

	iommu_iotlb_sync(unmap->domain, &unmap->gather);
	for (i = 0; i < unmap->count; i++) {
		const struct type1_unmapped *piece = &unmap->type1->unmapped[i];

		type1_unpin(unmap->dma, piece->pfn, piece->npages);
		unmap->unpinned += piece->npages;
	}
	unmap->count = 0;
}

static void unmap_walk(struct type1_unmap *unmap)
{
	dma_addr_t iova = unmap->dma->iova, end = iova + unmap->dma->size;

	while (iova < end) {
		phys_addr_t phys = iommu_iova_to_phys(unmap->domain, iova);
		size_t len = type1_contiguous(unmap->domain, iova, end, phys);

		len = iommu_unmap_fast(unmap->domain, iova, len, &unmap->gather);
		if (WARN_ON(!len))
			break;
		unmap->type1->unmapped[unmap->count++] = (struct type1_unmapped){
			.pfn = phys >> PAGE_SHIFT,
			.npages = len >> PAGE_SHIFT,
		};
		if (unmap->count == TYPE1_UNMAPPED_MAX)
			unmap_flush(unmap);
		iova += len;
	}
	if (unmap->count)
		unmap_flush(unmap);
}

void type1_unmap_and_unpin(struct type1 *type1, struct type1_dma *dma)
{
	struct type1_unmap unmap = { .type1 = type1, .dma = dma };
	struct type1_domain *first, *domain;

	if (!dma->size)
		return;

	/*
	 * The first domain's tables tell which pages are to be unpinned, so it is the last to lose
	 * them.
	 */
	first = list_first_entry(&type1->domains, struct type1_domain, list);
	domain = first;
	list_for_each_entry_continue(domain, &type1->domains, list)
		iommu_unmap(domain->domain, dma->iova, dma->size);

	unmap.domain = first->domain;
	iommu_iotlb_gather_init(&unmap.gather);
	unmap_walk(&unmap);
	type1_unaccount(dma, unmap.unpinned);
}

/** An unmap as the user asks for it. */
struct type1_unmap_request {
	dma_addr_t iova;
	u64 size;
	u32 flags; /* VFIO_DMA_UNMAP_FLAG_ */
	struct vfio_bitmap bitmap; /* with VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP */
	dma_addr_t last; /* last address, once the range is checked */
	u64 done; /* bytes unmapped, or whose vaddr is invalid now */
};

/** Since v2 a mapping goes as a whole or not at all: neither end may cut one. */
static bool bisects(struct type1 *type1, dma_addr_t start, dma_addr_t last)
{
	struct type1_dma *dma = type1_dma_in(type1, start, start);

	if (dma && dma->iova != start)
		return true;
	dma = type1_dma_in(type1, last, last);
	return dma && dma->iova + dma->size - 1 != last;
}

/**
 * The first mapping of the range. The first type1 promised nothing of unmaps that do not fit the
 * mappings: one that starts inside a mapping takes nothing, one that ends inside takes it whole. As
 * in Linux, a range that reaches up to the end of all addresses has none, unless all are meant.
 */
static struct type1_dma *first_of(struct type1 *type1, const struct type1_unmap_request *request)
{
	struct type1_dma *dma = type1_dma_in(type1, request->iova, request->last);

	if (request->size && request->iova + request->size == 0)
		return NULL;
	return dma && dma->iova >= request->iova ? dma : NULL;
}

/** The mapping of the range after dma. */
static struct type1_dma *next_of(struct type1_dma *dma, const struct type1_unmap_request *request)
{
	dma = type1_dma_next(dma);
	return dma && dma->iova <= request->last ? dma : NULL;
}

/** Declares the vaddr of mappings invalid: all in the range, or none if one already is. */
static int invalidate_vaddrs(struct type1 *type1, struct type1_unmap_request *request)
{
	struct type1_dma *dma;

	for (dma = first_of(type1, request); dma; dma = next_of(dma, request)) {
		if (dma->vaddr_invalid)
			return -EINVAL;
	}
	for (dma = first_of(type1, request); dma; dma = next_of(dma, request)) {
		dma->vaddr_invalid = true;
		type1->vaddr_invalid_count++;
		request->done += dma->size;
	}
	return 0;
}

/**
 * Until 5.12 the mapping of the range that was nearest to the root of their tree went first. User
 * space sees it: of the first type1's ranges that begin inside a mapping, by what is left when that
 * one is met; of others, where a bitmap's words are shared.
 */
static struct type1_dma *nearest_root_of(struct type1 *type1,
					 const struct type1_unmap_request *request)
{
	struct rb_node *node = type1->mappings.rb_node;

	while (node) {
		struct type1_dma *dma = rb_entry(node, struct type1_dma, node);

		if (request->iova + request->size <= dma->iova)
			node = node->rb_left;
		else if (dma->iova + dma->size - 1 < request->iova)
			node = node->rb_right;
		else
			return dma->iova >= request->iova ? dma : NULL;
	}
	return NULL;
}

static struct type1_dma *next_to_remove(struct type1 *type1,
					const struct type1_unmap_request *request)
{
	return type1_has(type1, TYPE1_UNMAP_ALL) ? first_of(type1, request)
						 : nearest_root_of(type1, request);
}

/** Removes the mappings of the range; those before one whose bitmap cannot be written are gone. */
static int remove_range(struct type1 *type1, struct type1_unmap_request *request)
{
	struct type1_dma *dma;
	int ret = 0;

	while ((dma = next_to_remove(type1, request))) {
		if (request->flags & VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP)
			ret = type1_dirty_report(type1, dma, &request->bitmap, request->iova);
		if (ret)
			return ret;
		request->done += dma->size;
		type1_remove_dma(type1, dma);
	}
	return 0;
}

/** Checks the range and works out its last address. */
static int check_range(struct type1 *type1, struct type1_unmap_request *request)
{
	size_t mask = type1_page_size(type1) - 1;

	if (request->iova & mask)
		return -EINVAL;

	if (request->flags & VFIO_DMA_UNMAP_FLAG_ALL) {
		request->last = ~(dma_addr_t)0;
		return request->iova || request->size ? -EINVAL : 0;
	}

	request->last = request->iova + request->size - 1;
	if (!request->size || request->size & mask || request->last < request->iova)
		return -EINVAL;
	return 0;
}

static int unmap_locked(struct type1 *type1, struct type1_unmap_request *request)
{
	int ret = check_range(type1, request);

	if (ret)
		return ret;

	/* Pages are tracked in the smallest size only. */
	if (request->flags & VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP &&
	    (!type1->dirty_tracking || request->bitmap.pgsize != type1_page_size(type1)))
		return -EINVAL;

	if (type1->v2 && !(request->flags & VFIO_DMA_UNMAP_FLAG_ALL) &&
	    bisects(type1, request->iova, request->last))
		return -EINVAL;

	if (request->flags & VFIO_DMA_UNMAP_FLAG_VADDR)
		return invalidate_vaddrs(type1, request);
	return remove_range(type1, request);
}

/** Flags of VFIO_IOMMU_UNMAP_DMA that the container's variant knows. */
static u32 known_flags(const struct type1 *type1)
{
	u32 known = 0;

	if (type1_has(type1, TYPE1_DIRTY_PAGES))
		known |= VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP;
	if (type1_has(type1, TYPE1_UNMAP_ALL))
		known |= VFIO_DMA_UNMAP_FLAG_ALL;
	if (type1_has(type1, TYPE1_UPDATE_VADDR))
		known |= VFIO_DMA_UNMAP_FLAG_VADDR;
	return known;
}

/** Reads the bitmap that follows the request. What is dirty is asked of mappings that really go. */
static int copy_bitmap(struct type1_unmap_request *request, u32 room, unsigned long arg)
{
	if (request->flags & (VFIO_DMA_UNMAP_FLAG_ALL | VFIO_DMA_UNMAP_FLAG_VADDR) ||
	    room < sizeof(request->bitmap))
		return -EINVAL;
	if (copy_from_user(&request->bitmap, (void __user *)arg, sizeof(request->bitmap)))
		return -EFAULT;
	return type1_bitmap_check(&request->bitmap, request->size);
}

long type1_unmap_ioctl(struct type1 *type1, unsigned long arg)
{
	const size_t minsz = offsetofend(struct vfio_iommu_type1_dma_unmap, size);
	struct type1_unmap_request request = { 0 };
	struct vfio_iommu_type1_dma_unmap unmap;
	long ret = 0;

	if (copy_from_user(&unmap, (void __user *)arg, minsz))
		return -EFAULT;
	if (unmap.argsz < minsz || unmap.flags & ~known_flags(type1))
		return -EINVAL;

	request.iova = unmap.iova;
	request.size = unmap.size;
	request.flags = unmap.flags;
	if (unmap.flags & VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP)
		ret = copy_bitmap(&request, unmap.argsz - minsz, arg + minsz);
	if (ret)
		return ret;

	mutex_lock(&type1->lock);
	ret = unmap_locked(type1, &request);
	mutex_unlock(&type1->lock);
	if (ret)
		return ret;
	unmap.size = request.done;
	return copy_to_user((void __user *)arg, &unmap, minsz) ? -EFAULT : 0;
}
