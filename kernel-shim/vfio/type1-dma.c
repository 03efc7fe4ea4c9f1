// SPDX-License-Identifier: Apache-2.0
/*
 * type1: makes mappings. A mapping's pages are pinned, then mapped in every domain of the
 * container, and a new domain gets all of them. How they end is in type1-unmap.c.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "type1.h"

static struct type1_dma *dma_of(struct rb_node *node)
{
	return node ? rb_entry(node, struct type1_dma, node) : NULL;
}

struct type1_dma *type1_dma_from(struct type1 *type1, dma_addr_t iova)
{
	struct rb_node *node = type1->mappings.rb_node;
	struct type1_dma *found = NULL;

	while (node) {
		struct type1_dma *dma = dma_of(node);

		if (dma->iova + dma->size - 1 < iova) {
			node = node->rb_right;
		} else {
			found = dma;
			node = node->rb_left;
		}
	}
	return found;
}

struct type1_dma *type1_dma_in(struct type1 *type1, dma_addr_t start, dma_addr_t last)
{
	struct type1_dma *dma = type1_dma_from(type1, start);

	return dma && dma->iova <= last ? dma : NULL;
}

struct type1_dma *type1_dma_next(struct type1_dma *dma)
{
	return dma_of(rb_next(&dma->node));
}

static void insert_dma(struct type1 *type1, struct type1_dma *dma)
{
	struct rb_node **link = &type1->mappings.rb_node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = dma->iova < dma_of(parent)->iova ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&dma->node, parent, link);
	rb_insert_color(&dma->node, &type1->mappings);
}

/**
 * A mapping on behalf of the current task, of size 0 and not in the container yet. NULL: no memory.
 */
static struct type1_dma *alloc_dma(const struct vfio_iommu_type1_dma_map *map)
{
	struct type1_dma *dma = kzalloc(sizeof(*dma), GFP_KERNEL);

	if (!dma)
		return NULL;

	dma->iova = map->iova;
	dma->vaddr = map->vaddr;
	if (map->flags & VFIO_DMA_MAP_FLAG_READ)
		dma->prot |= IOMMU_READ;
	if (map->flags & VFIO_DMA_MAP_FLAG_WRITE)
		dma->prot |= IOMMU_WRITE;
	dma->lock_cap = capable(CAP_IPC_LOCK);
	dma->task = get_task_struct(current->group_leader);
	dma->mm = current->mm;
	mmgrab(dma->mm);
	return dma;
}

/** Frees a mapping that is in the container no longer, after its pages have been given back. */
static void free_dma(struct type1_dma *dma)
{
	type1_dirty_stop(dma);
	put_task_struct(dma->task);
	mmdrop(dma->mm);
	kfree(dma);
}

void type1_remove_dma(struct type1 *type1, struct type1_dma *dma)
{
	type1_unmap_and_unpin(type1, dma);
	rb_erase(&dma->node, &type1->mappings);
	if (dma->vaddr_invalid)
		type1->vaddr_invalid_count--;
	free_dma(dma);
	type1->dma_avail++;
}

/** Maps a run of pages behind what the mapping has, in every domain or in none. */
static int map_run(struct type1 *type1, struct type1_dma *dma, unsigned long pfn, long npages)
{
	dma_addr_t iova = dma->iova + dma->size;
	size_t size = npages << PAGE_SHIFT;
	struct type1_domain *domain;
	int ret = 0;

	list_for_each_entry(domain, &type1->domains, list) {
		ret = iommu_map(domain->domain, iova, (phys_addr_t)pfn << PAGE_SHIFT, size,
				dma->prot | domain->prot);
		if (ret)
			break;
	}
	if (!ret)
		return 0;

	list_for_each_entry_continue_reverse(domain, &type1->domains, list)
		iommu_unmap(domain->domain, iova, size);
	return ret;
}

/** Grows the mapping to its size. On failure it has what it had got so far. */
static int pin_and_map(struct type1 *type1, struct type1_dma *dma, size_t size)
{
	struct type1_batch batch;
	unsigned long pfn;
	int ret = 0;

	type1_batch_init(&batch);
	while (!ret && dma->size < size) {
		long npages = type1_pin_run(dma, &batch, (size - dma->size) >> PAGE_SHIFT, &pfn);

		if (npages < 0) {
			ret = npages;
			break;
		}
		ret = map_run(type1, dma, pfn, npages);
		if (ret) {
			type1_unpin(dma, pfn, npages);
			type1_unaccount(dma, npages);
		} else {
			dma->size += npages << PAGE_SHIFT;
		}
	}
	type1_batch_fini(&batch, dma);
	return ret;
}

/**
 * A mapping in the way of a request. As in Linux none is, if the request reaches up to the end of
 * all addresses; such a one is refused for another reason.
 */
static struct type1_dma *overlapping(struct type1 *type1,
				     const struct vfio_iommu_type1_dma_map *map)
{
	if (map->iova + map->size == 0)
		return NULL;
	return type1_dma_in(type1, map->iova, map->iova + map->size - 1);
}

/** The user tells where memory is that it had declared invalid; the pages are the same ones. */
static int update_vaddr(struct type1 *type1, const struct vfio_iommu_type1_dma_map *map)
{
	struct type1_dma *dma = overlapping(type1, map);

	if (!dma)
		return -ENOENT;
	if (!dma->vaddr_invalid || dma->iova != map->iova || dma->size != map->size)
		return -EINVAL;

	dma->vaddr = map->vaddr;
	dma->vaddr_invalid = false;
	type1->vaddr_invalid_count--;
	return 0;
}

static int new_mapping(struct type1 *type1, const struct vfio_iommu_type1_dma_map *map)
{
	struct type1_dma *dma;
	int ret;

	if (overlapping(type1, map))
		return -EEXIST;
	if (!type1->dma_avail)
		return -ENOSPC;
	if (!type1_iova_allows(&type1->iovas, map->iova, map->iova + map->size - 1))
		return -EINVAL;

	dma = alloc_dma(map);
	if (!dma)
		return -ENOMEM;

	/*
	 * Before it is known to succeed, as in Linux: what fails leaves the tree in another shape,
	 * and that decides the order in which an unmap of the older ages takes mappings.
	 */
	insert_dma(type1, dma);
	type1->dma_avail--;
	ret = pin_and_map(type1, dma, map->size);
	if (!ret && type1->dirty_tracking)
		ret = type1_dirty_start(type1, dma);
	if (ret)
		type1_remove_dma(type1, dma);
	return ret;
}

static int map_locked(struct type1 *type1, const struct vfio_iommu_type1_dma_map *map)
{
	u64 unaligned = (map->iova | map->vaddr | map->size) & (type1_page_size(type1) - 1);

	if (!map->size || unaligned)
		return -EINVAL;
	if (map->iova + map->size - 1 < map->iova || map->vaddr + map->size - 1 < map->vaddr)
		return -EINVAL;
	if (map->flags & VFIO_DMA_MAP_FLAG_VADDR)
		return update_vaddr(type1, map);
	return new_mapping(type1, map);
}

long type1_map_ioctl(struct type1 *type1, unsigned long arg)
{
	const u32 rights = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
	const size_t minsz = offsetofend(struct vfio_iommu_type1_dma_map, size);
	struct vfio_iommu_type1_dma_map map;
	u32 known = rights;
	long ret;

	if (type1_has(type1, TYPE1_UPDATE_VADDR))
		known |= VFIO_DMA_MAP_FLAG_VADDR;

	if (copy_from_user(&map, (void __user *)arg, minsz))
		return -EFAULT;
	if (map.argsz < minsz || map.flags & ~known)
		return -EINVAL;
	/* Either rights for a new mapping, or a new vaddr for an old one. */
	if (!(map.flags & rights) == !(map.flags & VFIO_DMA_MAP_FLAG_VADDR))
		return -EINVAL;

	mutex_lock(&type1->lock);
	ret = map_locked(type1, &map);
	mutex_unlock(&type1->lock);
	return ret;
}

size_t type1_contiguous(struct iommu_domain *domain, dma_addr_t iova, dma_addr_t end,
			phys_addr_t phys)
{
	size_t len = PAGE_SIZE;

	while (iova + len < end && iommu_iova_to_phys(domain, iova + len) == phys + len)
		len += PAGE_SIZE;
	return len;
}

/** Copies a mapping from one domain to another; on failure the other has none of it. */
static int replay_dma(const struct type1_dma *dma, struct iommu_domain *from,
		      const struct type1_domain *to)
{
	dma_addr_t iova = dma->iova, end = dma->iova + dma->size;

	while (iova < end) {
		phys_addr_t phys = iommu_iova_to_phys(from, iova);
		size_t len = type1_contiguous(from, iova, end, phys);
		int ret = iommu_map(to->domain, iova, phys, len, dma->prot | to->prot);

		if (ret) {
			if (iova > dma->iova)
				iommu_unmap(to->domain, dma->iova, iova - dma->iova);
			return ret;
		}
		iova += len;
	}
	return 0;
}

int type1_replay(struct type1 *type1, struct type1_domain *domain)
{
	struct type1_dma *dma = type1_dma_from(type1, 0);
	struct type1_domain *first;
	int ret;

	/* Mappings never outlive the last domain, so there is one to copy from. */
	first = list_first_entry(&type1->domains, struct type1_domain, list);
	for (; dma; dma = type1_dma_next(dma)) {
		ret = replay_dma(dma, first->domain, domain);
		if (ret)
			goto err_unmap;
	}
	return 0;

err_unmap:
	for (dma = dma_of(rb_prev(&dma->node)); dma; dma = dma_of(rb_prev(&dma->node)))
		iommu_unmap(domain->domain, dma->iova, dma->size);
	return ret;
}
