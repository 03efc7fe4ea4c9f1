// SPDX-License-Identifier: Apache-2.0
/*
 * type1: groups enter and leave a container. A group gets a domain of its own, and gives it up for
 * an older one of the container if that can take it. How mappings get into a domain is in
 * type1-dma.c.
 */
#include <linux/errno.h>
#include <linux/irqdomain.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "../lib/context.h"
#include "type1.h"

/** An attach that is under way. */
struct type1_attach {
	struct type1 *type1;
	struct type1_group *group;
	struct type1_domain *domain; /* new; not in the container yet */
	struct list_head iovas; /* what the container may map afterwards */
	struct list_head resv_regions; /* of the group */
};

static struct type1_group *find_in_domain(struct type1_domain *domain,
					  struct iommu_group *iommu_group)
{
	struct type1_group *group;

	list_for_each_entry(group, &domain->groups, list) {
		if (group->iommu_group == iommu_group)
			return group;
	}
	return NULL;
}

static struct type1_domain *find_domain(struct type1 *type1, struct iommu_group *iommu_group)
{
	struct type1_domain *domain;

	list_for_each_entry(domain, &type1->domains, list) {
		if (find_in_domain(domain, iommu_group))
			return domain;
	}
	return NULL;
}

/**
 * Page sizes common to all domains. The CPU's page is always among them: smaller ones are hidden.
 */
static void update_page_sizes(struct type1 *type1)
{
	struct type1_domain *domain;

	type1->pgsize_bitmap = ~0UL;
	list_for_each_entry(domain, &type1->domains, list)
		type1->pgsize_bitmap &= domain->domain->pgsize_bitmap;

	if (type1->pgsize_bitmap & ~PAGE_MASK)
		type1->pgsize_bitmap = (type1->pgsize_bitmap & PAGE_MASK) | PAGE_SIZE;
}

static int alloc_for_first_device(struct device *dev, void *data)
{
	struct iommu_domain **domain = data;

	*domain = iommu_domain_alloc(dev->bus);
	return 1; /* one device speaks for its group */
}

static int is_interrupt_remapped(struct device *dev, void *data)
{
	(void)data;
	return device_iommu_capable(dev, IOMMU_CAP_INTR_REMAP);
}

/**
 * Without interrupt remapping a device can forge any interrupt message of the host. One device that
 * is remapped is enough for a group: it is behind one unit.
 */
static int check_interrupts(struct iommu_group *iommu_group)
{
	if (kernel_parameter("vfio_iommu_type1.allow_unsafe_interrupts", 0) ||
	    irq_domain_check_msi_remap() ||
	    iommu_group_for_each_dev(iommu_group, NULL, is_interrupt_remapped))
		return 0;

	pr_warn("vfio_iommu_type1: group %d without interrupt remapping (allow_unsafe_interrupts)\n",
		iommu_group_id(iommu_group));
	return -EPERM;
}

static int is_bus_coherent(struct device *dev, void *data)
{
	*(bool *)data = iommu_capable(dev->bus, IOMMU_CAP_CACHE_COHERENCY);
	return 1; /* one device speaks for its group */
}

/**
 * Since 5.19 a domain makes all requests snoop the caches if it can. Before, the driver said of the
 * whole bus whether mappings can ask for it.
 */
static void set_coherency(struct type1_attach *attach)
{
	struct type1_domain *domain = attach->domain;
	const struct iommu_domain_ops *ops = domain->domain->ops;

	if (type1_has(attach->type1, TYPE1_ENFORCES_COHERENCY)) {
		domain->cache_coherent = ops->enforce_cache_coherency &&
					 ops->enforce_cache_coherency(domain->domain);
		domain->prot = IOMMU_CACHE;
		return;
	}
	iommu_group_for_each_dev(attach->group->iommu_group, &domain->cache_coherent,
				 is_bus_coherent);
	domain->prot = domain->cache_coherent ? IOMMU_CACHE : 0;
}

/**
 * Whether an aperture leaves out a mapping that exists, or has nothing in common with the
 * container's ranges.
 */
static bool aperture_conflicts(struct type1 *type1, const struct iommu_domain_geometry *geometry)
{
	struct type1_iova *first, *last;

	if (list_empty(&type1->iovas))
		return false;

	first = list_first_entry(&type1->iovas, struct type1_iova, list);
	last = list_last_entry(&type1->iovas, struct type1_iova, list);
	if (geometry->aperture_start > last->end || geometry->aperture_end < first->start)
		return true;

	if (geometry->aperture_start > first->start &&
	    type1_dma_in(type1, first->start, geometry->aperture_start - 1))
		return true;
	return geometry->aperture_end < last->end &&
	       type1_dma_in(type1, geometry->aperture_end + 1, last->end);
}

static bool reserved_conflicts(struct type1 *type1, const struct list_head *resv_regions)
{
	struct iommu_resv_region *region;

	list_for_each_entry(region, resv_regions, list) {
		if (region->type != IOMMU_RESV_DIRECT_RELAXABLE &&
		    type1_dma_in(type1, region->start, region->start + region->length - 1))
			return true;
	}
	return false;
}

/** Works out the ranges that remain once the group is in; the container's own stay until it is. */
static int attach_check_iovas(struct type1_attach *attach)
{
	const struct iommu_domain_geometry *geometry = &attach->domain->domain->geometry;
	struct type1 *type1 = attach->type1;
	int ret;

	if (aperture_conflicts(type1, geometry))
		return -EINVAL;

	ret = iommu_get_group_resv_regions(attach->group->iommu_group, &attach->resv_regions);
	if (ret)
		return ret;
	if (reserved_conflicts(type1, &attach->resv_regions))
		return -EINVAL;

	ret = type1_iova_copy(&attach->iovas, &type1->iovas);
	if (!ret)
		ret = type1_iova_clip(&attach->iovas, geometry->aperture_start,
				      geometry->aperture_end);
	if (!ret)
		ret = type1_iova_exclude(&attach->iovas, &attach->resv_regions);
	return ret;
}

/**
 * The window in which software maps MSI doorbells; a real MSI region of the hardware makes it
 * needless.
 */
static int attach_msi_cookie(struct type1_attach *attach)
{
	struct iommu_resv_region *region, *window = NULL;
	int ret;

	list_for_each_entry(region, &attach->resv_regions, list) {
		if (region->type == IOMMU_RESV_MSI)
			return 0;
		if (region->type == IOMMU_RESV_SW_MSI)
			window = region;
	}
	if (!window)
		return 0;

	ret = iommu_get_msi_cookie(attach->domain->domain, window->start);
	return ret == -ENODEV ? 0 : ret;
}

static bool can_share(const struct type1_domain *a, const struct type1_domain *b)
{
	return a->domain->ops == b->domain->ops && a->cache_coherent == b->cache_coherent;
}

/**
 * Moves the group to a domain that the container has, if one takes it: *shared is that one, else
 * NULL and the group is back in its own. An errno if even that refuses it now; then the group is in
 * none.
 */
static int attach_share(struct type1_attach *attach, struct type1_domain **shared)
{
	struct iommu_group *iommu_group = attach->group->iommu_group;
	struct type1_domain *domain;
	int ret;

	*shared = NULL;
	list_for_each_entry(domain, &attach->type1->domains, list) {
		if (!can_share(domain, attach->domain))
			continue;

		iommu_detach_group(attach->domain->domain, iommu_group);
		if (!iommu_attach_group(domain->domain, iommu_group)) {
			*shared = domain;
			return 0;
		}
		ret = iommu_attach_group(attach->domain->domain, iommu_group);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * Linux tries whether a new domain can give up one of two pages, at address 0. Ours all can; but
 * a driver remembers how far a domain was mapped, the trial leaves one page of that, and a guest's
 * tables may lie no higher.
 */
static void try_domain(const struct type1_domain *domain)
{
	const size_t size = 2 * PAGE_SIZE;
	struct page *pages = alloc_pages(GFP_KERNEL | __GFP_ZERO, get_order(size));
	dma_addr_t iova;

	if (!pages)
		return;
	if (!iommu_map(domain->domain, 0, page_to_phys(pages), size,
		       IOMMU_READ | IOMMU_WRITE | domain->prot))
		for (iova = 0; iova < size; iova += PAGE_SIZE)
			iommu_unmap(domain->domain, iova, PAGE_SIZE);
	__free_pages(pages, get_order(size));
}

/** The group keeps its new domain: gives it all that the container has mapped. */
static int attach_own(struct type1_attach *attach)
{
	struct type1 *type1 = attach->type1;
	int ret;

	try_domain(attach->domain);
	ret = type1_replay(type1, attach->domain);
	if (!ret)
		ret = attach_msi_cookie(attach);
	if (ret)
		return ret;

	list_add(&attach->group->list, &attach->domain->groups);
	list_add(&attach->domain->list, &type1->domains);
	update_page_sizes(type1);
	return 0;
}

/** From here on the group is in the new domain; on failure it must leave it. */
static int attach_place(struct type1_attach *attach, bool *detached)
{
	struct type1_domain *own = attach->domain, *shared;
	struct type1 *type1 = attach->type1;
	int ret = 0;

	if (type1->variant->attach_check)
		ret = type1->variant->attach_check(type1, own->domain);
	if (!ret)
		ret = attach_check_iovas(attach);
	if (!ret)
		ret = check_interrupts(attach->group->iommu_group);
	if (ret)
		return ret;

	set_coherency(attach);
	ret = attach_share(attach, &shared);
	if (ret) {
		*detached = true;
		return ret;
	}
	if (!shared)
		return attach_own(attach);

	list_add(&attach->group->list, &shared->groups);
	iommu_domain_free(own->domain);
	kfree(own);
	return 0;
}

/** A new domain in the container's mode, with the group in it. */
static int attach_to_new_domain(struct type1_attach *attach)
{
	struct iommu_group *iommu_group = attach->group->iommu_group;
	struct iommu_domain *domain = NULL;
	bool detached = false;
	int ret = 0;

	iommu_group_for_each_dev(iommu_group, &domain, alloc_for_first_device);
	if (!domain)
		return -EIO;
	attach->domain->domain = domain;

	if (attach->type1->nesting)
		ret = iommu_enable_nesting(domain);
	if (!ret)
		ret = iommu_attach_group(domain, iommu_group);
	if (ret)
		goto err_free;

	ret = attach_place(attach, &detached);
	if (!ret)
		return 0;

	if (attach->type1->variant->attach_undo)
		attach->type1->variant->attach_undo(attach->type1);
	if (!detached)
		iommu_detach_group(domain, iommu_group);
err_free:
	iommu_domain_free(domain);
	return ret;
}

static int attach_start(struct type1_attach *attach, struct iommu_group *iommu_group)
{
	struct type1 *type1 = attach->type1;
	int ret = 0;

	/* Mappings without a vaddr cannot be pinned. */
	if (type1->vaddr_invalid_count)
		return -EBUSY;
	if (type1->variant->attach_begin)
		ret = type1->variant->attach_begin(type1);
	if (ret)
		return ret;
	if (find_domain(type1, iommu_group))
		return -EINVAL;

	attach->group = kzalloc(sizeof(*attach->group), GFP_KERNEL);
	attach->domain = kzalloc(sizeof(*attach->domain), GFP_KERNEL);
	if (!attach->group || !attach->domain) {
		ret = -ENOMEM;
	} else {
		attach->group->iommu_group = iommu_group;
		INIT_LIST_HEAD(&attach->domain->groups);
		ret = attach_to_new_domain(attach);
	}
	if (ret) {
		kfree(attach->domain);
		kfree(attach->group);
	}
	return ret;
}

static void replace_iovas(struct type1 *type1, struct list_head *iovas)
{
	type1_iova_free(&type1->iovas);
	list_splice_tail_init(iovas, &type1->iovas);
}

int type1_attach_group(struct type1 *type1, struct iommu_group *iommu_group)
{
	struct type1_attach attach = { .type1 = type1 };
	int ret;

	INIT_LIST_HEAD(&attach.iovas);
	INIT_LIST_HEAD(&attach.resv_regions);

	mutex_lock(&type1->lock);
	ret = attach_start(&attach, iommu_group);
	if (ret)
		type1_iova_free(&attach.iovas);
	else
		replace_iovas(type1, &attach.iovas);
	mutex_unlock(&type1->lock);

	type1_resv_free(&attach.resv_regions);
	return ret;
}

/** What every remaining domain can map. */
static void common_aperture(struct type1 *type1, dma_addr_t *start, dma_addr_t *end)
{
	struct type1_domain *domain;

	*start = 0;
	*end = ~(dma_addr_t)0;
	list_for_each_entry(domain, &type1->domains, list) {
		const struct iommu_domain_geometry *geometry = &domain->domain->geometry;

		if (geometry->aperture_start > *start)
			*start = geometry->aperture_start;
		if (geometry->aperture_end < *end)
			*end = geometry->aperture_end;
	}
}

static int remaining_resv_regions(struct type1 *type1, struct list_head *resv_regions)
{
	struct type1_domain *domain;
	struct type1_group *group;
	int ret;

	list_for_each_entry(domain, &type1->domains, list) {
		list_for_each_entry(group, &domain->groups, list) {
			ret = iommu_get_group_resv_regions(group->iommu_group, resv_regions);
			if (ret)
				return ret;
		}
	}
	return 0;
}

/**
 * Gives the container back what only the departed group forbade. The window widens only when a
 * domain has gone; while its domain stays, so do the outer limits, as in Linux. If it cannot be
 * worked out the old ranges stay: they are narrower, thus safe.
 */
static void refresh_iovas(struct type1 *type1, bool domain_gone)
{
	dma_addr_t start, end;
	LIST_HEAD(iovas);
	LIST_HEAD(resv_regions);
	int ret;

	start = list_first_entry(&type1->iovas, struct type1_iova, list)->start;
	end = list_last_entry(&type1->iovas, struct type1_iova, list)->end;
	if (domain_gone)
		common_aperture(type1, &start, &end);

	ret = remaining_resv_regions(type1, &resv_regions);
	if (!ret)
		ret = type1_iova_clip(&iovas, start, end);
	if (!ret)
		ret = type1_iova_exclude(&iovas, &resv_regions);
	if (!ret)
		replace_iovas(type1, &iovas);
	type1_iova_free(&iovas);
	type1_resv_free(&resv_regions);
}

/**
 * Nobody may reach memory through a container without a domain, so its mappings go with the last
 * one.
 */
static void remove_domain(struct type1 *type1, struct type1_domain *domain)
{
	if (list_is_singular(&type1->domains)) {
		struct type1_dma *dma;

		while ((dma = type1_dma_from(type1, 0)))
			type1_remove_dma(type1, dma);
		if (type1->variant->last_detached)
			type1->variant->last_detached(type1);
	}
	list_del(&domain->list);
	iommu_domain_free(domain->domain);
	kfree(domain);
	update_page_sizes(type1);
}

static void detach_locked(struct type1 *type1, struct iommu_group *iommu_group)
{
	struct type1_domain *domain = find_domain(type1, iommu_group);
	struct type1_group *group;
	bool domain_gone;

	if (WARN_ON(!domain))
		return;

	if (type1->variant->detach_begin)
		type1->variant->detach_begin(type1, domain, iommu_group);

	group = find_in_domain(domain, iommu_group);
	iommu_detach_group(domain->domain, iommu_group);
	list_del(&group->list);
	kfree(group);

	domain_gone = list_empty(&domain->groups);
	if (domain_gone)
		remove_domain(type1, domain);
	refresh_iovas(type1, domain_gone);
}

void type1_detach_group(struct type1 *type1, struct iommu_group *iommu_group)
{
	mutex_lock(&type1->lock);
	detach_locked(type1, iommu_group);
	mutex_unlock(&type1->lock);
}
