// SPDX-License-Identifier: Apache-2.0
/*
 * Pinning of user pages, and looking at the entries that map them. A pinned page stays when its mapping
 * goes; it is freed when the last pin does.
 */
#include "state.h"

#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/mm.h>

static void pin(struct page *page, unsigned int count)
{
	struct page *head = compound_head(page);

	head->refcount += (s32)count;
	head->pincount += count;
	kernel_current()->usage.pinned_pages += count;
}

void unpin_user_page(struct page *page)
{
	struct page *head = compound_head(page);

	if (WARN_ONCE(!head->pincount, "unpin of a page that is not pinned"))
		return;
	head->pincount--;
	kernel_current()->usage.pinned_pages--;
	put_page(head);
}

void unpin_user_pages(struct page **pages, unsigned long npages)
{
	unsigned long i;

	for (i = 0; i < npages; i++)
		unpin_user_page(pages[i]);
}

void unpin_user_pages_dirty_lock(struct page **pages, unsigned long npages, bool make_dirty)
{
	(void)make_dirty;
	unpin_user_pages(pages, npages);
}

void unpin_user_page_range_dirty_lock(struct page *page, unsigned long npages, bool make_dirty)
{
	unsigned long i;

	(void)make_dirty;
	for (i = 0; i < npages; i++)
		unpin_user_page(page + i);
}

/*
 * Pins what one entry maps, at most nr pages. How many, or -errno.
 */
static long pin_from(struct mm_struct *mm, unsigned long start, unsigned long nr, bool write,
		     struct page **pages)
{
	struct page *page;
	unsigned long i, left;
	int ret = mm_fault_in(mm, start, write, &page);
	struct page *head;

	if (ret)
		return ret;
	head = compound_head(page);
	left = (1UL << head->order) - (unsigned long)(page - head);
	nr = min(nr, left);
	pin(head, (unsigned int)nr);
	for (i = 0; pages && i < nr; i++)
		pages[i] = page + i;
	return (long)nr;
}

static long pin_pages(struct mm_struct *mm, unsigned long start, unsigned long nr_pages, bool write,
		      struct page **pages)
{
	unsigned long done = 0;

	start &= PAGE_MASK;
	while (done < nr_pages) {
		long got = pin_from(mm, start + done * PAGE_SIZE, nr_pages - done, write,
				    pages ? pages + done : NULL);

		if (got < 0)
			return done ? (long)done : got;
		done += (unsigned long)got;
	}
	return (long)done;
}

/* NOLINTNEXTLINE(readability-function-size): the kernel's seven arguments */
long pin_user_pages_remote(struct mm_struct *mm, unsigned long start, unsigned long nr_pages,
			   unsigned int gup_flags, struct page **pages,
			   struct vm_area_struct **vmas, int *locked)
{
	(void)locked;
	lockdep_assert_held(&mm->mmap_lock);
	if (WARN_ON_ONCE(vmas || gup_flags & FOLL_GET))
		return -EINVAL;
	return pin_pages(mm, start, nr_pages, gup_flags & FOLL_WRITE, pages);
}

long pin_user_pages(unsigned long start, unsigned long nr_pages, unsigned int gup_flags,
		    struct page **pages, struct vm_area_struct **vmas)
{
	return pin_user_pages_remote(current->mm, start, nr_pages, gup_flags, pages, vmas, NULL);
}

int pin_user_pages_fast(unsigned long start, int nr_pages, unsigned int gup_flags,
			struct page **pages)
{
	struct mm_struct *mm = current->mm;
	long ret;

	if (nr_pages <= 0)
		return 0;
	mmap_read_lock(mm);
	ret = pin_pages(mm, start, (unsigned long)nr_pages, gup_flags & FOLL_WRITE, pages);
	mmap_read_unlock(mm);
	return (int)ret;
}

int fixup_user_fault(struct mm_struct *mm, unsigned long address, unsigned int fault_flags,
		     bool *unlocked)
{
	struct page *page;

	(void)unlocked;
	return mm_fault_in(mm, address, fault_flags & FAULT_FLAG_WRITE, &page);
}

/* What pte_pfn() and pte_write() say of an entry stands in it; large ones are shown as their first page. */
int follow_pte(struct mm_struct *mm, unsigned long address, pte_t **ptepp, spinlock_t **ptlp)
{
	unsigned int order;
	u64 *slot = page_table_find(mm, address, &order);

	if (!slot)
		return -EINVAL;
	*ptepp = (pte_t *)(void *)slot;
	*ptlp = &mm->page_table_lock;
	spin_lock(*ptlp);
	return 0;
}

int follow_pfn(struct vm_area_struct *vma, unsigned long address, unsigned long *pfn)
{
	spinlock_t *lock;
	pte_t *pte;
	int ret;

	if (!(vma->vm_flags & (VM_IO | VM_PFNMAP)))
		return -EINVAL;
	ret = follow_pte(vma->vm_mm, address, &pte, &lock);
	if (ret)
		return ret;
	*pfn = pte_pfn(*pte);
	pte_unmap_unlock(pte, lock);
	return 0;
}

bool pte_write(pte_t pte)
{
	return pte.pte & USER_PTE_WRITE;
}

unsigned long pte_pfn(pte_t pte)
{
	return pte.pte >> PAGE_SHIFT;
}
