// SPDX-License-Identifier: Apache-2.0
/*
 * What type1 of Linux 6.1 and 6.2 uses: capabilities of devices, coherency enforced, vmas for the
 * last time.
 */
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/rbtree.h>

#include "age.h"

static int remaps(struct device *dev, void *data)
{
	return device_iommu_capable(dev, *(enum iommu_cap *)data);
}

/* As struct virqfd of the tree's <linux/vfio.h> holds them. */
struct waits {
	wait_queue_entry_t wait;
	poll_table pt;
	struct completion comp; /* through <linux/device.h> */
};

long age_v6_1(struct age_run *run)
{
	struct iommu_domain *domain = iommu_domain_alloc(run->dev->bus);
	enum iommu_cap cap = IOMMU_CAP_INTR_REMAP;
	struct waits waits;
	struct page *page;

	init_completion(&waits.comp);
	AGE_CHECK(domain);
	AGE_CHECK(iommu_attach_group(domain, run->group) == 0);
	AGE_CHECK(domain->ops->enforce_cache_coherency(domain));
	AGE_CHECK(iommu_group_for_each_dev(run->group, &cap, remaps));
	AGE_CHECK(iommu_map(domain, 0, 0x100000000ULL, PAGE_SIZE, IOMMU_READ) == 0);
	AGE_CHECK(iommu_unmap(domain, 0, PAGE_SIZE) == PAGE_SIZE);
	iommu_detach_group(domain, run->group);
	iommu_domain_free(domain);

	mmap_read_lock(current->mm);
	AGE_CHECK(pin_user_pages_remote(current->mm, run->vaddr, 1, 0, &page, NULL, NULL) == 1);
	mmap_read_unlock(current->mm);
	unpin_user_page(page);
	AGE_CHECK(IS_ENABLED(CONFIG_VFIO_CONTAINER) && IS_ENABLED(CONFIG_VFIO_GROUP));
	AGE_CHECK(!IS_ENABLED(CONFIG_IOMMUFD));
	return 0;
}
