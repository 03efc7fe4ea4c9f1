// SPDX-License-Identifier: Apache-2.0
/* What type1 of Linux 6.5 to 6.10 uses: pinning without vmas; entries of a mapping in 6.10. */
#include <linux/mm.h>

#include "age.h"

long age_v6_5(struct age_run *run)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	struct page *pages[2];
	spinlock_t *lock;
	pte_t *pte;

	mmap_read_lock(mm);
	AGE_CHECK(pin_user_pages_remote(mm, run->vaddr, 2, FOLL_WRITE | FOLL_LONGTERM, pages,
					NULL) == 2);
	vma = vma_lookup(mm, untagged_addr_remote(mm, run->vaddr));
	AGE_CHECK(vma);
	/* memory with pages is not for follow_pte() of a mapping */
	AGE_CHECK(follow_pte(vma, run->vaddr, &pte, &lock) == -EINVAL);
	vma->vm_flags |= VM_PFNMAP;
	AGE_CHECK(follow_pte(vma, run->vaddr, &pte, &lock) == 0);
	AGE_CHECK(pte_pfn(ptep_get(pte)) == page_to_pfn(pages[0]));
	pte_unmap_unlock(pte, lock);
	vma->vm_flags &= ~VM_PFNMAP;
	mmap_read_unlock(mm);
	unpin_user_pages(pages, 2);
	AGE_CHECK(pin_user_pages_fast(run->vaddr, 1, FOLL_WRITE, pages) == 1);
	unpin_user_page(pages[0]);
	return 0;
}
