// SPDX-License-Identifier: Apache-2.0
/*
 * Entry into a kernel and the way back: which kernel runs on this thread, the state of its subsystems
 * and the counts of what they use. What an entry then does is left to the file of its subject.
 */
#include "state.h"

#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/printk.h>

/* The kernel whose context this thread is in: the one thing that no argument carries. */
/* NOLINTNEXTLINE(cppcoreguidelines-avoid-non-const-global-variables) */
static _Thread_local struct kernel *running;

struct kernel *kernel_current(void)
{
	return running;
}

const struct kernel_config *kernel_config(void)
{
	return &running->config;
}

struct bus_type *kernel_bus(enum kernel_iommu_kind kind)
{
	return &running->buses[kind];
}

void *kernel_subsys(enum kernel_subsystem which)
{
	return running->subsystems[which];
}

void kernel_subsys_set(enum kernel_subsystem which, void *state)
{
	running->subsystems[which] = state;
}

void kernel_account_table_pages(long pages)
{
	running->usage.table_pages += (u64)pages;
}

void kernel_account_domains(long domains)
{
	running->usage.domains += (u64)domains;
}

void kernel_account_pasids(long pasids, long sets)
{
	running->usage.pasids += (u64)pasids;
	running->usage.pasid_sets += (u64)sets;
}

struct kernel *kernel_hardware_begin(void)
{
	struct kernel *k = running;

	running = NULL;
	return k;
}

void kernel_hardware_end(struct kernel *k)
{
	running = k;
}

/* Work and interrupts run on the kernel's own thread. */
static bool run_deferred(struct kernel *k)
{
	struct task_struct *task = k->current_task;
	bool any;

	k->current_task = &k->init_task;
	any = irq_deliver_pending();
	any |= work_run_pending();
	k->current_task = task;
	return any;
}

/* What a real kernel does on the way back to user space, and checks there. */
static void return_to_user(struct kernel *k)
{
	do {
		if (k->sleeping_locks || k->spinlocks)
			kernel_bug(KERNEL_SITE,
				   "returning to user space with a lock held, taken at %s",
				   kernel_short_path(k->lock_site));
		k->current_task->__state = TASK_RUNNING;
	} while (files_release_dead() || run_deferred(k));
}

static void enter(struct kernel *k, struct task_struct *task)
{
	k->entered = true;
	k->outer = running;
	k->current_task = task ? task : &k->init_task;
	k->polls = 0;
	k->polls_since_entry = 0;
	k->printk_burst = 0;
	if (k->config.plugin)
		trap_arm(k);
	running = k;
}

static void leave(struct kernel *k)
{
	running = k->outer;
	k->outer = NULL;
	k->current_task = NULL;
	k->entered = false;
	k->trap.armed = false;
}

long kernel_run(struct kernel *k, struct task_struct *task, long (*fn)(void *arg), void *arg)
{
	long ret;
	int end;

	if (k->oopsed)
		return -ENOTRECOVERABLE;
	if (k->entered)
		return -EDEADLK;
	enter(k, task);
	end = setjmp(k->entry);
	if (end) {
		if (end == KERNEL_TRAPPED)
			kernel_trapped(k);
		leave(k);
		return -ENOTRECOVERABLE;
	}
	ret = fn(arg);
	return_to_user(k);
	leave(k);
	return ret;
}

void kernel_die(struct kernel *k)
{
	k->oopsed = true;
	running = k;
	longjmp(k->entry, 1);
}

const char *kernel_oops(const struct kernel *k)
{
	return k->oopsed ? k->oops : NULL;
}

u64 kernel_warnings(const struct kernel *k)
{
	return k->warnings;
}

static u64 beyond(u64 now, u64 at_boot)
{
	return now > at_boot ? now - at_boot : 0;
}

void kernel_usage(struct kernel *k, struct kernel_usage *out)
{
	const struct usage_counts *counts = &k->usage;
	const struct mm_struct *mm;

	*out = (struct kernel_usage){
		.pinned_pages = counts->pinned_pages,
		.domains = counts->domains,
		.pasids = counts->pasids,
		.pasid_sets = counts->pasid_sets,
		.table_pages = beyond(counts->table_pages, counts->table_pages_at_boot),
		.slab_objects = beyond(k->slab.live, k->slab.live_at_boot),
		.open_files = counts->open_files,
	};
	list_for_each_entry(mm, &k->mms, mm_list)
		out->locked_pages += mm->locked_vm;
}
