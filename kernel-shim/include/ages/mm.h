/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <linux/mm.h> as trees of 5.6 and later spell it: pinning with and without task and vmas, page
 * table entries found by three generations of functions, folios. Behaviour is lib/compat-mm.c's,
 * which sees the declarations alone. Included by <linux/mm.h>.
 */
#ifndef _SHIM_AGES_MM_H
#define _SHIM_AGES_MM_H

#include <ages/age.h>
#include <linux/mm_types.h>

/** Gives back what get_user_pages_remote() took, or another reference if the page is not pinned. */
void kernel_put_pinned_page(struct page *page);

int kernel_follow_pte_of_vma(struct vm_area_struct *vma, unsigned long address, pte_t **ptepp,
			     spinlock_t **ptlp);

typedef struct {
	unsigned long pgprot;
} pgprot_t;

/** Since 6.12: vma and address are the question, the rest is the answer. */
struct follow_pfnmap_args {
	struct vm_area_struct *vma;
	unsigned long address;
	spinlock_t *lock;
	pte_t *ptep;
	unsigned long pfn; /* of the 4 KiB at address */
	unsigned long addr_mask; /* of the entry: ~(its size - 1) */
	pgprot_t pgprot;
	bool writable;
	bool special;
};

/** 0 with the table locked until follow_pfnmap_end(); -EINVAL: no such entry or mapping. */
int follow_pfnmap_start(struct follow_pfnmap_args *args);
void follow_pfnmap_end(struct follow_pfnmap_args *args);

/** A block of pages, by its first page. */
struct folio {
	struct page page;
};

void unpin_user_folio(struct folio *folio, unsigned long npages);
void unpin_user_folio_dirty_locked(struct folio *folio, unsigned long npages, bool make_dirty);
void unpin_folio(struct folio *folio);
void unpin_folios(struct folio **folios, unsigned long nfolios);

/** How many of the pages, from the first on, follow each other in memory. */
size_t num_pages_contiguous(struct page **pages, size_t nr_pages);

#ifdef LINUX_VERSION_CODE

#if KERNEL_TREE_BEFORE(5, 8)
#define mmap_sem mmap_lock
#endif

/* ---- pinning: a task in front until 5.8, vmas until 6.4 ---- */

#define pin_user_pages_remote(...) KERNEL_BY_COUNT(kernel_pin_remote_, __VA_ARGS__)(__VA_ARGS__)
#define kernel_pin_remote_8(task, mm, start, nr, flags, pages, vmas, locked) \
	((void)(task), (pin_user_pages_remote)(mm, start, nr, flags, pages, vmas, locked))
#define kernel_pin_remote_7(mm, start, nr, flags, pages, vmas, locked) \
	(pin_user_pages_remote)(mm, start, nr, flags, pages, vmas, locked)
#define kernel_pin_remote_6(mm, start, nr, flags, pages, locked) \
	(pin_user_pages_remote)(mm, start, nr, flags, pages, NULL, locked)

#define pin_user_pages(...) KERNEL_BY_COUNT(kernel_pin_, __VA_ARGS__)(__VA_ARGS__)
#define kernel_pin_5(start, nr, flags, pages, vmas) (pin_user_pages)(start, nr, flags, pages, vmas)
#define kernel_pin_4(start, nr, flags, pages) (pin_user_pages)(start, nr, flags, pages, NULL)

/* Until 5.5 a page was held by an ordinary reference. It counts as pinned, so that leaks show. */
#define get_user_pages_remote(...) pin_user_pages_remote(__VA_ARGS__)
#define put_page(page) kernel_put_pinned_page(page)

/* Before they were called unpin_, in 5.6-rc1. */
#define put_user_page(page) unpin_user_page(page)
#define put_user_pages(pages, n) unpin_user_pages(pages, n)
#define put_user_pages_dirty_lock(pages, n, dirty) unpin_user_pages_dirty_lock(pages, n, dirty)

#define SetPageDirty(page) ((void)(page))
#define PageTail(page) (compound_head(page) != (page))
#define PageCompound(page) (compound_head(page)->order != 0)

/* ---- page table entries ---- */

#define fixup_user_fault(...) KERNEL_BY_COUNT(kernel_fixup_fault_, __VA_ARGS__)(__VA_ARGS__)
#define kernel_fixup_fault_5(task, mm, address, flags, unlocked) \
	((void)(task), (fixup_user_fault)(mm, address, flags, unlocked))
#define kernel_fixup_fault_4(mm, address, flags, unlocked) \
	(fixup_user_fault)(mm, address, flags, unlocked)

/* Of an mm until 6.9, of a mapping that must be VM_IO or VM_PFNMAP in 6.10 and 6.11. */
#define follow_pte(where, address, ptepp, ptlp)      \
	_Generic((where), struct vm_area_struct *    \
		 : kernel_follow_pte_of_vma, default \
		 : (follow_pte))(where, address, ptepp, ptlp)

/* ---- folios ---- */

#define page_folio(p) ((struct folio *)compound_head((const struct page *)(p)))
#define folio_page(folio, n) (&(folio)->page + (n))
#define folio_page_idx(folio, p) ((unsigned long)((p) - &(folio)->page))
#define folio_nr_pages(folio) ((long)(1UL << (folio)->page.order))
#define folio_order(folio) ((folio)->page.order)
#define folio_size(folio) (PAGE_SIZE << (folio)->page.order)
#define folio_pfn(folio) page_to_pfn(&(folio)->page)
#define folio_test_reserved(folio) PageReserved(&(folio)->page)
#define folio_mark_dirty_lock(folio) ((void)(folio))

#endif /* LINUX_VERSION_CODE */

#endif
