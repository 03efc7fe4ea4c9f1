// SPDX-License-Identifier: Apache-2.0
/*
 * Memory of users under the names of other ages than the shim's own, and the end of a tree that
 * calls what is not modelled. What merely looks different is in <ages/mm.h>.
 */
#include "state.h"

#include <ages/age.h>
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>

void kernel_not_modelled(const char *site, const char *name)
{
	kernel_bug(site, "%s() is known to the shim by name only: nothing is modelled behind it",
		   name);
}

void kernel_put_pinned_page(struct page *page)
{
	if (compound_head(page)->pincount)
		unpin_user_page(page);
	else
		put_page(page);
}

int kernel_follow_pte_of_vma(struct vm_area_struct *vma, unsigned long address, pte_t **ptepp,
			     spinlock_t **ptlp)
{
	if (address < vma->vm_start || address >= vma->vm_end ||
	    !(vma->vm_flags & (VM_IO | VM_PFNMAP)))
		return -EINVAL;
	return follow_pte(vma->vm_mm, address, ptepp, ptlp);
}

int follow_pfnmap_start(struct follow_pfnmap_args *args)
{
	struct mm_struct *mm = args->vma->vm_mm;
	unsigned int order;
	int ret;

	ret = kernel_follow_pte_of_vma(args->vma, args->address, &args->ptep, &args->lock);
	if (ret)
		return ret;
	page_table_find(mm, args->address, &order);
	args->addr_mask = ~((PAGE_SIZE << order) - 1);
	args->pfn = pte_pfn(*args->ptep) + ((args->address & ~args->addr_mask) >> PAGE_SHIFT);
	args->writable = pte_write(*args->ptep);
	args->special = true;
	return 0;
}

void follow_pfnmap_end(struct follow_pfnmap_args *args)
{
	spin_unlock(args->lock);
	args->lock = NULL;
	args->ptep = NULL;
}

void unpin_user_folio(struct folio *folio, unsigned long npages)
{
	unsigned long i;

	for (i = 0; i < npages; i++)
		unpin_user_page(&folio->page);
}

void unpin_user_folio_dirty_locked(struct folio *folio, unsigned long npages, bool make_dirty)
{
	(void)make_dirty;
	unpin_user_folio(folio, npages);
}

void unpin_folio(struct folio *folio)
{
	unpin_user_page(&folio->page);
}

void unpin_folios(struct folio **folios, unsigned long nfolios)
{
	unsigned long i;

	for (i = 0; i < nfolios; i++)
		unpin_folio(folios[i]);
}

size_t num_pages_contiguous(struct page **pages, size_t nr_pages)
{
	size_t i;

	for (i = 1; i < nr_pages && pages[i] == pages[i - 1] + 1; i++)
		;
	return nr_pages ? i : 0;
}
