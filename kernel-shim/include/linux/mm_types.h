/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages, address spaces and their mappings. struct page is an array over all of RAM, as with the
 * kernel's vmemmap; only the parts that are in use cost host memory.
 */
#ifndef _SHIM_LINUX_MM_TYPES_H
#define _SHIM_LINUX_MM_TYPES_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))
#define PAGE_ALIGN(addr) (((addr) + PAGE_SIZE - 1) & PAGE_MASK)
#define PAGE_ALIGN_DOWN(addr) ((addr)&PAGE_MASK)
#define PAGE_ALIGNED(addr) (!((unsigned long)(addr) & ~PAGE_MASK))
#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)
#define PMD_SHIFT 21
#define PMD_SIZE (1UL << PMD_SHIFT)
#define PUD_SHIFT 30
#define PUD_SIZE (1UL << PUD_SHIFT)

/** First address beyond user space. */
#define TASK_SIZE ((1UL << 47) - PAGE_SIZE)

struct page {
	u32 flags; /* lib/page_alloc.c */
	s32 refcount; /* of the block, kept in its first page */
	u32 pincount; /* of these, how many by pin_user_pages() */
	u32 order; /* of the block this is the first page of */
	union {
		struct list_head lru; /* a free block: its list */
		unsigned long private; /* for whoever allocated it */
	};
	void *virtual; /* where the kernel reaches it, NULL until it did */
};

#define VM_READ 0x1UL
#define VM_WRITE 0x2UL
#define VM_IO 0x4000UL
#define VM_PFNMAP 0x400UL
#define VM_HUGETLB 0x400000UL

struct vm_area_struct {
	unsigned long vm_start;
	unsigned long vm_end; /* first byte after */
	unsigned long vm_flags;
	unsigned long vm_pgoff;
	unsigned int vm_page_order; /* of each page of the mapping: 0, 9 or 18 */
	struct mm_struct *vm_mm;
	struct rb_node vm_rb;
};

struct mm_struct {
	atomic_t mm_users;
	atomic_t mm_count; /* all users count as one */
	struct rw_semaphore mmap_lock;
	unsigned long locked_vm; /* pages */
	unsigned long pinned_vm; /* pages, kept by drivers that account there */
	struct rb_root mm_rb; /* vm_area_struct by address */
	unsigned long mmap_next; /* where the kernel looks for room first */
	void *page_table; /* lib/page_table.c */
	spinlock_t page_table_lock;
	struct list_head mm_list; /* on the kernel's list of mms */
};

typedef unsigned int vm_fault_t;

#endif
