// SPDX-License-Identifier: Apache-2.0
/*
 * Address spaces of processes: their mappings, faulting pages in, their lifetime, and the account of
 * locked memory. Where pages are is page_table.c's, pinning is gup.c's, copying is uaccess.c's.
 */
#include "state.h"

#include <linux/capability.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#define MMAP_BASE 0x7f0000000000UL /* where the search for room starts */

static struct vm_area_struct *vma_of(struct rb_node *node)
{
	return rb_entry_safe(node, struct vm_area_struct, vm_rb);
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	struct rb_node *node = mm->mm_rb.rb_node;
	struct vm_area_struct *found = NULL;

	while (node) {
		struct vm_area_struct *vma = vma_of(node);

		if (addr < vma->vm_end) {
			found = vma;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return vma && vma->vm_start <= addr ? vma : NULL;
}

struct vm_area_struct *find_vma_intersection(struct mm_struct *mm, unsigned long start,
					     unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	return vma && vma->vm_start < end ? vma : NULL;
}

static void vma_insert(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct rb_node **link = &mm->mm_rb.rb_node;
	struct rb_node *parent = NULL;

	while (*link) {
		parent = *link;
		link = vma->vm_start < vma_of(parent)->vm_start ? &parent->rb_left
								: &parent->rb_right;
	}
	rb_link_node(&vma->vm_rb, parent, link);
	rb_insert_color(&vma->vm_rb, &mm->mm_rb);
}

static void vma_remove(struct mm_struct *mm, struct vm_area_struct *vma)
{
	rb_erase(&vma->vm_rb, &mm->mm_rb);
	kfree(vma);
}

/* Fills an empty entry with a new page. */
static int page_in(struct vm_area_struct *vma, u64 *slot)
{
	struct page *page = alloc_pages(GFP_USER | __GFP_ZERO, vma->vm_page_order);

	if (!page)
		return -ENOMEM;
	*slot = page_to_phys(page) | USER_PTE_LEAF | USER_PTE_PRESENT |
		(vma->vm_flags & VM_WRITE ? USER_PTE_WRITE : 0);
	return 0;
}

/* Makes the entry of an address that has none yet. */
static int fault(struct mm_struct *mm, unsigned long address, u64 **slot, unsigned int *order)
{
	struct vm_area_struct *vma = vma_lookup(mm, address);

	if (!vma)
		return -EFAULT;
	*order = vma->vm_page_order;
	*slot = page_table_make(mm, address, *order);
	return *slot ? page_in(vma, *slot) : -ENOMEM;
}

int mm_fault_in(struct mm_struct *mm, unsigned long address, bool write, struct page **page)
{
	unsigned int order;
	u64 *slot = page_table_find(mm, address, &order);
	unsigned long offset;
	int ret = slot ? 0 : fault(mm, address, &slot, &order);

	if (ret)
		return ret;
	if (write && !(*slot & USER_PTE_WRITE))
		return -EFAULT;
	offset = (address >> PAGE_SHIFT) & ((1UL << order) - 1);
	*page = pfn_to_page(*slot >> PAGE_SHIFT) + offset;
	return 0;
}

/* ---- mapping and unmapping ---- */

/* An address with room for size bytes above from, aligned; 0: none. */
static unsigned long find_room(struct mm_struct *mm, unsigned long from, unsigned long size,
			       unsigned long align)
{
	unsigned long address = ALIGN(from, align);

	while (size <= TASK_SIZE && address <= TASK_SIZE - size) {
		struct vm_area_struct *vma = find_vma_intersection(mm, address, address + size);

		if (!vma)
			return address;
		address = ALIGN(vma->vm_end, align);
	}
	return 0;
}

static int page_order(u64 page_size)
{
	switch (page_size) {
	case PAGE_SIZE:
		return 0;
	case PMD_SIZE:
		return PMD_SHIFT - PAGE_SHIFT;
	case PUD_SIZE:
		return PUD_SHIFT - PAGE_SHIFT;
	default:
		return -EINVAL;
	}
}

/* The address that the request gets, or -errno. */
static long choose_address(struct mm_struct *mm, const struct kernel_mmap *request)
{
	unsigned long address = request->address;

	if (!address) {
		address = find_room(mm, mm->mmap_next, request->size, request->page_size);
		if (!address)
			address = find_room(mm, request->page_size, request->size,
					    request->page_size);
		return address ? (long)address : -ENOMEM;
	}
	if (!IS_ALIGNED(address, request->page_size))
		return -EINVAL;
	if (request->size > TASK_SIZE || address > TASK_SIZE - request->size)
		return -ENOMEM;
	if (find_vma_intersection(mm, address, address + request->size))
		return -EEXIST;
	return (long)address;
}

static long do_mmap(void *arg)
{
	const struct kernel_mmap *request = arg;
	struct mm_struct *mm = current->mm;
	int order = page_order(request->page_size);
	struct vm_area_struct *vma;
	long address;

	if (order < 0 || !request->size || !IS_ALIGNED(request->size, request->page_size))
		return -EINVAL;
	address = choose_address(mm, request);
	if (address < 0)
		return address;
	vma = slab_zalloc_internal(sizeof(*vma));
	if (!vma)
		return -ENOMEM;
	vma->vm_start = (unsigned long)address;
	vma->vm_end = vma->vm_start + request->size;
	vma->vm_flags = VM_READ | (request->read_only ? 0 : VM_WRITE) | (order ? VM_HUGETLB : 0);
	vma->vm_page_order = (unsigned int)order;
	vma->vm_mm = mm;
	vma_insert(mm, vma);
	if (!request->address)
		mm->mmap_next = vma->vm_end;
	return address;
}

long kernel_mmap(struct task *task, const struct kernel_mmap *request)
{
	struct kernel_mmap copy = *request;

	return kernel_run(task->kernel, &task->ts, do_mmap, &copy);
}

/* Cuts a mapping in two at an address inside it. */
static int vma_split(struct vm_area_struct *vma, unsigned long address)
{
	struct vm_area_struct *upper;

	if (!IS_ALIGNED(address, PAGE_SIZE << vma->vm_page_order))
		return -EINVAL;
	upper = slab_zalloc_internal(sizeof(*upper));
	if (!upper)
		return -ENOMEM;
	*upper = *vma;
	upper->vm_start = address;
	vma->vm_end = address;
	vma_insert(vma->vm_mm, upper);
	return 0;
}

/* Makes an address a border between mappings, if it lies inside one. */
static int border_at(struct mm_struct *mm, unsigned long address)
{
	struct vm_area_struct *vma = vma_lookup(mm, address);

	return vma && vma->vm_start < address ? vma_split(vma, address) : 0;
}

struct range {
	unsigned long start;
	unsigned long size;
};

static long do_munmap(void *arg)
{
	const struct range *range = arg;
	unsigned long end = range->start + range->size;
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	int ret;

	if (!range->size || !PAGE_ALIGNED(range->start) || !PAGE_ALIGNED(range->size) ||
	    range->size > TASK_SIZE || range->start > TASK_SIZE - range->size)
		return -EINVAL;
	ret = border_at(mm, range->start);
	if (!ret)
		ret = border_at(mm, end);
	if (ret)
		return ret;
	page_table_clear(mm, range->start, end);
	while ((vma = find_vma_intersection(mm, range->start, end)))
		vma_remove(mm, vma);
	return 0;
}

long kernel_munmap(struct task *task, u64 address, u64 size)
{
	struct range range = { .start = address, .size = size };

	return kernel_run(task->kernel, &task->ts, do_munmap, &range);
}

/* ---- lifetime ---- */

struct mm_struct *mm_alloc(void)
{
	struct mm_struct *mm = slab_zalloc_internal(sizeof(*mm));

	if (!mm)
		return NULL;
	atomic_set(&mm->mm_users, 1);
	atomic_set(&mm->mm_count, 1);
	init_rwsem(&mm->mmap_lock);
	mm->mm_rb = RB_ROOT;
	mm->mmap_next = MMAP_BASE;
	list_add_tail(&mm->mm_list, &kernel_current()->mms);
	return mm;
}

void mmdrop(struct mm_struct *mm)
{
	if (!atomic_dec_and_test(&mm->mm_count))
		return;
	page_table_free(mm);
	list_del(&mm->mm_list);
	kfree(mm);
}

void mmput(struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	if (!atomic_dec_and_test(&mm->mm_users))
		return;
	page_table_clear(mm, 0, TASK_SIZE);
	while ((vma = find_vma(mm, 0)))
		vma_remove(mm, vma);
	mmdrop(mm);
}

struct mm_struct *get_task_mm(struct task_struct *task)
{
	if (!task->mm || task->flags & PF_KTHREAD)
		return NULL;
	mmget(task->mm);
	return task->mm;
}

/* ---- locked memory ---- */

int __account_locked_vm(struct mm_struct *mm, unsigned long pages, bool inc,
			struct task_struct *task, bool bypass_rlim)
{
	unsigned long limit = task_rlimit(task, RLIMIT_MEMLOCK) >> PAGE_SHIFT;

	lockdep_assert_held_write(&mm->mmap_lock);
	if (!inc) {
		WARN_ON_ONCE(pages > mm->locked_vm);
		mm->locked_vm -= min(pages, mm->locked_vm);
		return 0;
	}
	if (!bypass_rlim && (mm->locked_vm > limit || pages > limit - mm->locked_vm))
		return -ENOMEM;
	mm->locked_vm += pages;
	return 0;
}

int account_locked_vm(struct mm_struct *mm, unsigned long pages, bool inc)
{
	int ret;

	if (!pages || !mm)
		return 0;
	mmap_write_lock(mm);
	ret = __account_locked_vm(mm, pages, inc, current, capable(CAP_IPC_LOCK));
	mmap_write_unlock(mm);
	return ret;
}
