// SPDX-License-Identifier: Apache-2.0
/*
 * What type1 of Linux 5.9 to 5.14 uses: no task in front, nesting by attribute until 5.13 and by
 * its own function from there, the domain's geometry looked at.
 */
#include <linux/iommu.h>
#include <linux/mdev.h>
#include <linux/mm.h>

#include "age.h"

static long pin_batch(struct mm_struct *mm, unsigned long vaddr)
{
	struct page *pages[AGE_PAGES];
	unsigned long i;
	spinlock_t *lock;
	pte_t *pte;
	long ret;

	mmap_read_lock(mm);
	ret = pin_user_pages_remote(mm, vaddr, AGE_PAGES, FOLL_WRITE | FOLL_LONGTERM, pages, NULL,
				    NULL);
	AGE_CHECK(ret == (long)AGE_PAGES);
	AGE_CHECK(fixup_user_fault(mm, vaddr, FAULT_FLAG_REMOTE, NULL) == 0);
	AGE_CHECK(follow_pte(mm, vaddr, &pte, &lock) == 0);
	AGE_CHECK(pte_write(*pte) && pte_pfn(*pte) == page_to_pfn(pages[0]));
	pte_unmap_unlock(pte, lock);
	mmap_read_unlock(mm);
	for (i = 0; i < AGE_PAGES; i++)
		unpin_user_page(pages[i]);
	return 0;
}

long age_v5_13(struct age_run *run)
{
	struct iommu_domain *domain = iommu_domain_alloc(run->dev->bus);
	int attr = 1;

	AGE_CHECK(domain);
	AGE_CHECK(iommu_enable_nesting(domain) == 0);
	AGE_CHECK(iommu_domain_set_attr(domain, DOMAIN_ATTR_NESTING, &attr) == 0);
	AGE_CHECK(domain->geometry.aperture_end && domain->pgsize_bitmap);
	iommu_domain_free(domain);
	return pin_batch(current->mm, run->vaddr);
}
