// SPDX-License-Identifier: Apache-2.0
/*
 * The names that type1 of Linux 5.6 and 5.7 uses and later ones do not, each as it uses them; 5.5's
 * pinning by reference comes along.
 */
#include <linux/compat.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/mmu_context.h>
#include <linux/rbtree.h>
#include <linux/sched/signal.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <linux/workqueue.h>
#include <linux/mdev.h>
#include <linux/notifier.h>
#include <linux/dma-iommu.h>
#include <linux/irqdomain.h>
#include <linux/version.h>

#include "age.h"

#if LINUX_VERSION_CODE != KERNEL_VERSION(5, 6, 0)
#error "compiled as another version"
#endif

static bool limits_off;
module_param_named(limits_off, limits_off, bool, 0644);

static int one_bus(struct device *dev, void *data)
{
	struct bus_type **bus = data;

	if (*bus && *bus != dev->bus)
		return -EINVAL;
	*bus = dev->bus;
	return 0;
}

static bool bus_is_mdev(struct bus_type *bus)
{
	struct bus_type *mdev_bus = symbol_get(mdev_bus_type);
	bool is = mdev_bus && bus == mdev_bus && !iommu_present(bus);

	if (mdev_bus)
		symbol_put(mdev_bus_type);
	return is;
}

static struct device *mediated_parent(struct device *dev)
{
	struct device *(*fn)(struct device * dev) = symbol_get(mdev_get_iommu_device);
	struct device *parent = NULL;

	if (fn) {
		parent = fn(dev);
		symbol_put(mdev_get_iommu_device);
	}
	return parent;
}

static long buses(struct age_run *run)
{
	struct bus_type *bus = NULL;

	AGE_CHECK(iommu_group_for_each_dev(run->group, &bus, one_bus) == 0);
	AGE_CHECK(bus == run->dev->bus && iommu_present(bus) && !bus_is_mdev(bus));
	AGE_CHECK(!mediated_parent(run->dev));
	AGE_CHECK(iommu_capable(bus, IOMMU_CAP_INTR_REMAP) || irq_domain_check_msi_remap());
	AGE_CHECK(iommu_capable(bus, IOMMU_CAP_CACHE_COHERENCY));
	AGE_CHECK(!iommu_dev_has_feature(run->dev, IOMMU_DEV_FEAT_AUX));
	AGE_CHECK(!iommu_dev_feature_enabled(run->dev, IOMMU_DEV_FEAT_AUX));
	AGE_CHECK(iommu_dev_enable_feature(run->dev, IOMMU_DEV_FEAT_AUX) == -ENODEV);
	return 0;
}

static long pin_one(struct mm_struct *mm, unsigned long vaddr, unsigned long *pfn)
{
	unsigned int flags = FOLL_WRITE;
	struct page *page[1];
	long ret;

	down_read(&mm->mmap_sem);
	ret = pin_user_pages_remote(NULL, mm, vaddr, 1, flags | FOLL_LONGTERM, page, NULL, NULL);
	if (ret == 1) {
		*pfn = page_to_pfn(page[0]);
		ret = 0;
	} else {
		struct vm_area_struct *vma;

		vaddr = untagged_addr(vaddr);
		vma = find_vma_intersection(mm, vaddr, vaddr + 1);
		if (vma && vma->vm_flags & VM_PFNMAP && !follow_pfn(vma, vaddr, pfn))
			ret = 0;
	}
	up_read(&mm->mmap_sem);
	return ret;
}

static long pinning(struct age_run *run)
{
	struct mm_struct *mm = get_task_mm(current);
	unsigned long pfn = 0;
	struct page *page[1], *head;

	AGE_CHECK(mm);
	AGE_CHECK(pin_one(mm, run->vaddr, &pfn) == 0);
	AGE_CHECK(pfn_valid(pfn));
	page[0] = pfn_to_page(pfn);
	head = compound_head(page[0]);
	AGE_CHECK(!PageReserved(head) && (head == page[0] || PageTail(page[0])));
	AGE_CHECK(down_write_killable(&mm->mmap_sem) == 0);
	AGE_CHECK(__account_locked_vm(mm, 1, true, current, true) == 0);
	AGE_CHECK(__account_locked_vm(mm, 1, false, current, true) == 0);
	up_write(&mm->mmap_sem);
	unpin_user_pages_dirty_lock(page, 1, true);

	/* until 5.5 */
	down_read(&mm->mmap_sem);
	AGE_CHECK(get_user_pages_remote(NULL, mm, run->vaddr, 1, FOLL_WRITE, page, NULL, NULL) ==
		  1);
	up_read(&mm->mmap_sem);
	SetPageDirty(page[0]);
	put_page(page[0]);
	page[0] = alloc_page(GFP_KERNEL);
	AGE_CHECK(page[0]);
	get_page(page[0]);
	put_page(page[0]); /* no pin, only a reference */
	AGE_CHECK(page_count(page[0]) == 1);
	__free_page(page[0]);

	AGE_CHECK(pin_one(mm, 0x1000, &pfn) == -EFAULT);
	down_read(&mm->mmap_sem);
	AGE_CHECK(fixup_user_fault(NULL, mm, run->vaddr, FAULT_FLAG_REMOTE, NULL) == 0);
	up_read(&mm->mmap_sem);
	mmput(mm);
	return 0;
}

static long domains(struct age_run *run)
{
	struct iommu_domain *domain = iommu_domain_alloc(run->dev->bus);
	struct iommu_domain *other = iommu_domain_alloc(run->dev->bus);
	struct iommu_iotlb_gather gather;
	struct iommu_domain_geometry geo;
	int attr = 1;

	AGE_CHECK(domain && other && domain->ops == other->ops);
	AGE_CHECK(iommu_domain_set_attr(domain, DOMAIN_ATTR_NESTING, &attr) == 0);
	AGE_CHECK(iommu_attach_device(domain, run->dev) == 0);
	iommu_detach_device(domain, run->dev);
	AGE_CHECK(iommu_attach_group(domain, run->group) == 0);
	AGE_CHECK(iommu_domain_get_attr(domain, DOMAIN_ATTR_GEOMETRY, &geo) == 0);
	AGE_CHECK(geo.aperture_end > PAGE_SIZE);
	AGE_CHECK(iommu_map(domain, 0, 0x100000000ULL, PAGE_SIZE, IOMMU_READ | IOMMU_CACHE) == 0);
	iommu_iotlb_gather_init(&gather);
	AGE_CHECK(iommu_iova_to_phys(domain, 0) == 0x100000000ULL);
	AGE_CHECK(iommu_unmap_fast(domain, 0, PAGE_SIZE, &gather) == PAGE_SIZE);
	iommu_iotlb_sync(domain, &gather);
	AGE_CHECK(iommu_get_msi_cookie(domain, 0x8000000) == 0);
	iommu_detach_group(domain, run->group);
	iommu_domain_free(other);
	iommu_domain_free(domain);
	return 0;
}

static int told(struct notifier_block *nb, unsigned long action, void *data)
{
	(void)nb;
	*(unsigned long *)data += action;
	return NOTIFY_OK;
}

static long notifiers(void)
{
	struct notifier_block block = { .notifier_call = told };
	struct blocking_notifier_head head;
	unsigned long sum = 0;

	BLOCKING_INIT_NOTIFIER_HEAD(&head);
	AGE_CHECK(!head.head);
	AGE_CHECK(blocking_notifier_chain_register(&head, &block) == 0);
	AGE_CHECK(blocking_notifier_call_chain(&head, 5, &sum) == NOTIFY_OK && sum == 5);
	AGE_CHECK(blocking_notifier_chain_unregister(&head, &block) == 0);
	return 0;
}

static void work_borrows_mm(struct age_run *run)
{
	struct mm_struct *mm = current->mm;
	bool kthread = !mm;

	(void)run;
	if (kthread)
		use_mm(mm);
	if (kthread)
		unuse_mm(mm);
}

long age_v5_6(struct age_run *run)
{
	struct list_head resv;
	long ret;

	INIT_LIST_HEAD(&resv);
	AGE_CHECK(iommu_get_group_resv_regions(run->group, &resv) == 0);
	iommu_put_resv_regions(run->dev, &resv);
	iommu_get_resv_regions(run->dev, &resv);
	iommu_put_resv_regions(run->dev, &resv);
	AGE_CHECK(!iommu_group_get_iommudata(run->group));
	work_borrows_mm(run);
	ret = buses(run);
	if (!ret)
		ret = pinning(run);
	if (!ret)
		ret = domains(run);
	return ret ? ret : notifiers();
}

long age_aux_attach(struct age_run *run)
{
	return iommu_aux_attach_device(NULL, run->dev);
}
