// SPDX-License-Identifier: Apache-2.0
/*
 * type1: pins user memory and accounts it against RLIMIT_MEMLOCK. The IOMMU's tables remember which
 * page a mapping pinned where, so nothing is remembered here.
 */
#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "../lib/context.h"
#include "type1.h"

void type1_batch_init(struct type1_batch *batch)
{
	unsigned long page = 0;

	*batch = (struct type1_batch){ .capacity = 1 };
	if (!kernel_parameter("vfio_iommu_type1.disable_hugepages", 0))
		page = __get_free_page(GFP_KERNEL);
	if (page) {
		batch->pages = (struct page **)page;
		batch->capacity = PAGE_SIZE / sizeof(struct page *);
	}
}

/** Where the batch's pages are. A single one is in the batch itself, which may be moved about. */
static struct page **batch_pages(struct type1_batch *batch)
{
	return batch->pages ? batch->pages : &batch->single;
}

void type1_batch_fini(struct type1_batch *batch, const struct type1_dma *dma)
{
	for (; batch->next < batch->count; batch->next++)
		type1_unpin(dma, page_to_pfn(batch_pages(batch)[batch->next]), 1);
	if (batch->pages)
		free_page((unsigned long)batch->pages);
}

/** Pins the next pages of the current process from vaddr on. 0, or -EFAULT, -ENOMEM. */
static int batch_fill(struct type1_batch *batch, const struct type1_dma *dma, unsigned long vaddr,
		      long wanted)
{
	unsigned int flags = FOLL_LONGTERM | (dma->prot & IOMMU_WRITE ? FOLL_WRITE : 0);
	long pinned;

	mmap_read_lock(dma->mm);
	pinned = pin_user_pages_remote(dma->mm, vaddr, min(wanted, batch->capacity), flags,
				       batch_pages(batch), NULL, NULL);
	mmap_read_unlock(dma->mm);

	batch->next = 0;
	batch->count = max(pinned, 0L);
	if (pinned < 0)
		return pinned;
	return pinned ? 0 : -EFAULT;
}

/** Whether one page more than locked_vm and those of this run is too much for the task. */
static bool over_limit(const struct type1_dma *dma, long run)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;

	return !dma->lock_cap && dma->mm->locked_vm + run + 1 > limit;
}

/** Takes pages from the batch while they continue the run; pages in the run so far, or -ENOMEM. */
static int batch_take(struct type1_batch *batch, const struct type1_dma *dma, unsigned long *pfn,
		      long *run)
{
	while (batch->next < batch->count) {
		unsigned long next = page_to_pfn(batch_pages(batch)[batch->next]);

		if (!*run)
			*pfn = next;
		else if (next != *pfn + *run)
			return 0;
		if (over_limit(dma, *run)) {
			pr_warn("vfio_iommu_type1: RLIMIT_MEMLOCK (%lu) exceeded\n",
				rlimit(RLIMIT_MEMLOCK));
			return -ENOMEM;
		}
		(*run)++;
		batch->next++;
	}
	return 0;
}

static int account(const struct type1_dma *dma, long npages)
{
	int ret = mmap_write_lock_killable(dma->mm);

	if (ret)
		return ret;
	ret = __account_locked_vm(dma->mm, npages, true, dma->task, dma->lock_cap);
	mmap_write_unlock(dma->mm);
	return ret;
}

long type1_pin_run(struct type1_dma *dma, struct type1_batch *batch, long wanted,
		   unsigned long *pfn)
{
	unsigned long vaddr = dma->vaddr + dma->size;
	long run = 0;
	int ret = 0;

	*pfn = 0;
	while (!ret && run < wanted) {
		if (batch->next == batch->count)
			ret = batch_fill(batch, dma, vaddr + (run << PAGE_SHIFT), wanted - run);
		if (!ret)
			ret = batch_take(batch, dma, pfn, &run);
		/*
		 * The run ends at a page that does not continue it, and after each one without huge
		 * pages.
		 */
		if (batch->next < batch->count || batch->capacity == 1)
			break;
	}
	if (!ret)
		ret = account(dma, run);
	if (ret) {
		type1_unpin(dma, *pfn, run);
		return ret;
	}
	return run;
}

void type1_unpin(const struct type1_dma *dma, unsigned long pfn, unsigned long npages)
{
	for (; npages; pfn++, npages--) {
		struct page *page = pfn_to_page(pfn);

		unpin_user_pages_dirty_lock(&page, 1, dma->prot & IOMMU_WRITE);
	}
}

void type1_unaccount(struct type1_dma *dma, unsigned long npages)
{
	if (!npages || !mmget_not_zero(dma->mm))
		return;
	if (!mmap_write_lock_killable(dma->mm)) {
		__account_locked_vm(dma->mm, npages, false, dma->task, dma->lock_cap);
		mmap_write_unlock(dma->mm);
	}
	mmput(dma->mm);
}
