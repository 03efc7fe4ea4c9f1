// SPDX-License-Identifier: Apache-2.0
/*
 * What type1 of Linux 6.11 to 6.16 uses: domains for devices, follow_pfnmap_start(). That nesting
 * is gone needs no name. What VFIO's headers use since 6.6 in functions that are the core's comes
 * along.
 */
#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/iommu.h>
#include <linux/mm.h>

#include "age.h"

static int alloc_domain(struct device *dev, void *data)
{
	*(struct iommu_domain **)data = iommu_paging_domain_alloc(dev);
	return 1; /* the first device will do */
}

static long follow(struct age_run *run, struct page *page)
{
	struct mm_struct *mm = current->mm;
	struct follow_pfnmap_args args = { .address = run->vaddr };

	args.vma = vma_lookup(mm, run->vaddr);
	AGE_CHECK(args.vma);
	AGE_CHECK(follow_pfnmap_start(&args) == -EINVAL);
	args.vma->vm_flags |= VM_PFNMAP;
	AGE_CHECK(follow_pfnmap_start(&args) == 0);
	AGE_CHECK(args.writable && args.pfn == page_to_pfn(page));
	AGE_CHECK(args.addr_mask == PAGE_MASK);
	follow_pfnmap_end(&args);
	args.vma->vm_flags &= ~VM_PFNMAP;
	args.address = args.vma->vm_end;
	AGE_CHECK(follow_pfnmap_start(&args) == -EINVAL);
	return 0;
}

long age_v6_12(struct age_run *run)
{
	struct device stranger = { 0 };
	struct iommu_domain *domain = NULL;
	struct page *page;
	long ret;

	AGE_CHECK(iommu_group_for_each_dev(run->group, &domain, alloc_domain) == 1);
	AGE_CHECK(!IS_ERR(domain));
	AGE_CHECK(iommu_attach_group(domain, run->group) == 0);
	iommu_detach_group(domain, run->group);
	iommu_domain_free(domain);
	AGE_CHECK(PTR_ERR(iommu_paging_domain_alloc(&stranger)) == -ENODEV);
	AGE_CHECK(PTR_ERR(iommu_paging_domain_alloc_flags(run->dev, 1)) == -EOPNOTSUPP);

	mmap_read_lock(current->mm);
	AGE_CHECK(pin_user_pages_remote(current->mm, run->vaddr, 1, FOLL_WRITE, &page, NULL) == 1);
	ret = follow(run, page);
	mmap_read_unlock(current->mm);
	unpin_user_page(page);
	return ret;
}

/* As the private header has them: compiled with type1, called by the core alone. */
static inline int add_device(struct device *dev)
{
	return device_add(dev);
}

static inline void del_device(struct device *dev)
{
	device_del(dev);
}

static inline int cdev_begin(struct class *of)
{
	return of ? -EINVAL : 0;
}

long age_device_add(struct age_run *run)
{
	return cdev_begin(NULL) + add_device(run->dev);
}

long age_device_del(struct age_run *run)
{
	del_device(run->dev);
	return 0;
}
