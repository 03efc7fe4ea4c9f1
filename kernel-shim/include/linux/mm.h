/* SPDX-License-Identifier: Apache-2.0 */
/* Pages and their addresses, and the memory of user processes: faulting in, pinning, accounting. */
#ifndef _SHIM_LINUX_MM_H
#define _SHIM_LINUX_MM_H

#include <linux/bitmap.h>
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/mm_types.h>
#include <linux/overflow.h>
#include <linux/pfn.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

/* ---- pages and addresses ---- */

struct page *pfn_to_page(unsigned long pfn);
unsigned long page_to_pfn(const struct page *page);

/** Is there a struct page for this frame? */
bool pfn_valid(unsigned long pfn);

static inline phys_addr_t page_to_phys(const struct page *page)
{
	return PFN_PHYS(page_to_pfn(page));
}

static inline struct page *phys_to_page(phys_addr_t phys)
{
	return pfn_to_page(PHYS_PFN(phys));
}

/** Where the kernel reaches the 4 KiB of the page. */
void *page_address(const struct page *page);
#define page_to_virt(page) page_address(page)

/** Where the kernel reaches a byte of RAM, up to the end of its page. */
void *phys_to_virt(phys_addr_t phys);
#define __va(phys) phys_to_virt(phys)
#define pfn_to_kaddr(pfn) phys_to_virt(PFN_PHYS(pfn))

/** The way back, for pointers into pages; not for kmalloc() memory (BUG). */
phys_addr_t virt_to_phys(const volatile void *addr);
#define __pa(addr) virt_to_phys((const void *)(addr))

static inline struct page *virt_to_page(const void *addr)
{
	return phys_to_page(virt_to_phys(addr));
}

/** First page of the block that a page belongs to. */
struct page *compound_head(const struct page *page);
#define compound_order(page) ((page)->order)
#define compound_nr(page) (1UL << (page)->order)
#define nth_page(page, n) ((page) + (n))

int page_count(const struct page *page);
void get_page(struct page *page);
void put_page(struct page *page);

#define page_private(page) ((page)->private)
#define set_page_private(page, value) ((page)->private = (value))
#define PageReserved(page) ((void)(page), false)
#define is_zero_pfn(pfn) ((void)(pfn), false)
#define set_page_dirty_lock(page) ((void)(page))

/** Order of the smallest block that holds size bytes. */
static inline unsigned int get_order(unsigned long size)
{
	return size <= PAGE_SIZE ? 0
				 : (unsigned int)(64 - __builtin_clzl((size - 1) >> PAGE_SHIFT));
}

/* ---- address spaces ---- */

#define mmap_read_lock(mm) down_read(&(mm)->mmap_lock)
#define mmap_read_lock_killable(mm) down_read_killable(&(mm)->mmap_lock)
#define mmap_read_trylock(mm) down_read_trylock(&(mm)->mmap_lock)
#define mmap_read_unlock(mm) up_read(&(mm)->mmap_lock)
#define mmap_write_lock(mm) down_write(&(mm)->mmap_lock)
#define mmap_write_lock_killable(mm) down_write_killable(&(mm)->mmap_lock)
#define mmap_write_unlock(mm) up_write(&(mm)->mmap_lock)

#define untagged_addr(addr) (addr)
#define untagged_addr_remote(mm, addr) ((void)(mm), (addr))

/** The mapping that ends after addr: addr itself may lie in the gap before it. NULL: none. */
struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr);

/** The mapping that holds addr, or NULL. */
struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr);

/** The first mapping that overlaps start..end-1, or NULL. */
struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, unsigned long start,
					     unsigned long end);

#define FOLL_WRITE 0x01
#define FOLL_GET 0x04
#define FOLL_FORCE 0x10
#define FOLL_LONGTERM 0x10000
#define FOLL_PIN 0x40000

/**
 * Faults in and pins up to nr_pages pages from start on; pages may be NULL. The number pinned, or
 * -EFAULT if the first one already cannot be had (-ENOMEM: no memory for it). The mmap lock must be
 * held; *locked, if given, stays 1. vmas must be NULL.
 */
long pin_user_pages_remote(struct mm_struct *mm, unsigned long start, unsigned long nr_pages,
			   unsigned int gup_flags, struct page **pages,
			   struct vm_area_struct **vmas, int *locked);
long pin_user_pages(unsigned long start, unsigned long nr_pages, unsigned int gup_flags,
		    struct page **pages, struct vm_area_struct **vmas);

/** As pin_user_pages() of the current task, which takes the mmap lock itself. */
int pin_user_pages_fast(unsigned long start, int nr_pages, unsigned int gup_flags,
			struct page **pages);

void unpin_user_page(struct page *page);
void unpin_user_pages(struct page **pages, unsigned long npages);
void unpin_user_pages_dirty_lock(struct page **pages, unsigned long npages, bool make_dirty);
void unpin_user_page_range_dirty_lock(struct page *page, unsigned long npages, bool make_dirty);

/* ---- page table entries of a user, for mappings without struct page ---- */

#define FAULT_FLAG_WRITE 0x01u
#define FAULT_FLAG_REMOTE 0x80u

typedef struct {
	u64 pte;
} pte_t;

/** Brings the page of an address in. 0, or -EFAULT (no mapping, or no right). */
int fixup_user_fault(struct mm_struct *mm, unsigned long address, unsigned int fault_flags,
		     bool *unlocked);

/** The entry that maps an address, until pte_unmap_unlock(); -EINVAL if it is not there. */
int follow_pte(struct mm_struct *mm, unsigned long address, pte_t **ptepp, spinlock_t **ptlp);

/** The frame that maps an address of a VM_IO or VM_PFNMAP mapping. */
int follow_pfn(struct vm_area_struct *vma, unsigned long address, unsigned long *pfn);

bool pte_write(pte_t pte);
unsigned long pte_pfn(pte_t pte);
#define ptep_get(ptep) (*(ptep))
#define pte_unmap_unlock(ptep, ptl) ((void)(ptep), spin_unlock(ptl))

/* ---- locked memory ---- */

/**
 * Adds or takes pages from mm->locked_vm, whose lock is held for writing. -ENOMEM beyond the task's
 * RLIMIT_MEMLOCK, unless bypass_rlim.
 */
int __account_locked_vm(struct mm_struct *mm, unsigned long pages, bool inc,
			struct task_struct *task, bool bypass_rlim);

/** The same for the current task, whose capability counts; takes the lock. */
int account_locked_vm(struct mm_struct *mm, unsigned long pages, bool inc);

#include <ages/mm.h>

#endif
