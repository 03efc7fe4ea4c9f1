// SPDX-License-Identifier: Apache-2.0
/*
 * What type1 of Linux 5.8 to 5.12 uses: mmap_read_lock, and pinning with a task in front for the
 * last time.
 */
#include <linux/iommu.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>

#include "age.h"

static long fault_in(struct mm_struct *mm, unsigned long vaddr)
{
	unsigned long pfn = 0;
	struct vm_area_struct *vma = find_vma_intersection(mm, vaddr, vaddr + 1);
	bool unlocked = false;

	AGE_CHECK(vma);
	AGE_CHECK(follow_pfn(vma, vaddr, &pfn) == -EINVAL);
	AGE_CHECK(fixup_user_fault(NULL, mm, vaddr, FAULT_FLAG_REMOTE | FAULT_FLAG_WRITE,
				   &unlocked) == 0);
	AGE_CHECK(!unlocked);
	return 0;
}

long age_v5_8(struct age_run *run)
{
	struct mm_struct *mm = current->mm;
	struct page *page[1];
	long ret;

	mmap_read_lock(mm);
	ret = pin_user_pages_remote(NULL, mm, run->vaddr, 1, FOLL_WRITE | FOLL_LONGTERM, page, NULL,
				    NULL);
	if (ret == 1)
		ret = fault_in(mm, run->vaddr);
	mmap_read_unlock(mm);
	AGE_CHECK(ret == 0);
	unpin_user_pages_dirty_lock(page, 1, true);

	AGE_CHECK(mmap_write_lock_killable(mm) == 0);
	AGE_CHECK(__account_locked_vm(mm, 1, true, current, false) == 0);
	AGE_CHECK(__account_locked_vm(mm, 1, false, current, false) == 0);
	mmap_write_unlock(mm);
	return 0;
}
