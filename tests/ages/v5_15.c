// SPDX-License-Identifier: Apache-2.0
/*
 * What type1 of Linux 5.15 to 6.0 uses: vma_lookup, a wait for vaddr, still the bus'
 * capabilities.
 */
#include <linux/iommu.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>

#include "age.h"

long age_v5_15(struct age_run *run)
{
	struct mm_struct *mm = current->mm;
	wait_queue_head_t wait;
	DEFINE_WAIT(entry);

	mmap_read_lock(mm);
	AGE_CHECK(vma_lookup(mm, run->vaddr));
	mmap_read_unlock(mm);
	init_waitqueue_head(&wait);
	prepare_to_wait(&wait, &entry, TASK_KILLABLE);
	AGE_CHECK(!kthread_should_stop() && !fatal_signal_pending(current));
	wake_up_all(&wait);
	finish_wait(&wait, &entry);
	AGE_CHECK(iommu_present(run->dev->bus));
	AGE_CHECK(iommu_capable(run->dev->bus, IOMMU_CAP_INTR_REMAP));
	return 0;
}
