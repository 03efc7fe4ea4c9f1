// SPDX-License-Identifier: Apache-2.0
/* Waiting, deferred work, interrupts and registers: what runs while the kernel waits. */
#include "rig.h"

#include "lib/state.h"

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/irqdomain.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

/* ---- work ---- */

struct job {
	struct work_struct work;
	struct work_struct *again; /* to be queued when this one runs */
	int runs;
	bool on_kernel_thread;
};

static void do_job(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);

	job->runs++;
	job->on_kernel_thread = current->flags & PF_KTHREAD && !current->mm;
	if (job->again)
		schedule_work(job->again);
	job->again = NULL;
}

static long queue_two(void *arg)
{
	struct job *jobs = arg;

	INIT_WORK(&jobs[0].work, do_job);
	INIT_WORK(&jobs[1].work, do_job);
	jobs[0].again = &jobs[1].work;
	EXPECT_TRUE(schedule_work(&jobs[0].work));
	EXPECT_FALSE(schedule_work(&jobs[0].work));
	EXPECT_EQ(jobs[0].runs, 0);
	return 0;
}

TEST(lib_work, work_runs_before_the_system_call_returns_also_what_it_queues)
{
	struct job jobs[2] = { { .runs = 0 } };
	struct rig f;
	struct task *task;

	rig_start(&f);
	task = kernel_task_start(f.kernel, "vmm");
	EXPECT_EQ(rig_call_as(task, queue_two, jobs), 0);
	EXPECT_EQ(jobs[0].runs, 1);
	EXPECT_EQ(jobs[1].runs, 1);
	EXPECT_TRUE(jobs[1].on_kernel_thread);
	rig_end(&f);
}

RIG_TEST(lib_work, flushing_runs_it_and_cancelling_does_not, rig_init(rig, "mainline"))
{
	struct workqueue_struct *wq = alloc_workqueue("wq-%d", WQ_UNBOUND, 1, 7);
	struct job a = { .runs = 0 }, b = { .runs = 0 };
	struct delayed_work late;

	INIT_WORK(&a.work, do_job);
	INIT_WORK(&b.work, do_job);
	INIT_DELAYED_WORK(&late, do_job);
	EXPECT_FALSE(flush_work(&a.work));
	queue_work(wq, &a.work);
	EXPECT_TRUE(work_pending(&a.work));
	EXPECT_TRUE(flush_work(&a.work));
	EXPECT_EQ(a.runs, 1);
	queue_work(wq, &a.work);
	schedule_work(&b.work);
	flush_workqueue(wq);
	EXPECT_EQ(a.runs, 2);
	EXPECT_EQ(b.runs, 0);
	EXPECT_TRUE(cancel_work_sync(&b.work));
	EXPECT_FALSE(cancel_work_sync(&b.work));
	EXPECT_TRUE(queue_delayed_work(wq, &late, HZ));
	EXPECT_EQ(to_delayed_work(&late.work), &late);
	EXPECT_TRUE(cancel_delayed_work_sync(&late));
	queue_work(wq, &a.work);
	destroy_workqueue(wq);
	EXPECT_EQ(a.runs, 3);
	EXPECT_EQ(b.runs, 0);
}

/* ---- waiting ---- */

struct waker {
	struct work_struct work;
	wait_queue_head_t wq;
	struct completion done;
	bool condition;
};

static void wake(struct work_struct *work)
{
	struct waker *waker = container_of(work, struct waker, work);

	waker->condition = true;
	wake_up(&waker->wq);
	complete(&waker->done);
}

static void waker_init(struct waker *waker)
{
	INIT_WORK(&waker->work, wake);
	init_waitqueue_head(&waker->wq);
	init_completion(&waker->done);
	waker->condition = false;
}

static long wait_for_work(void *arg)
{
	struct task_struct *me = current;
	struct waker waker;
	DEFINE_WAIT(wait);

	(void)arg;
	waker_init(&waker);
	schedule_work(&waker.work);
	prepare_to_wait(&waker.wq, &wait, TASK_UNINTERRUPTIBLE);
	EXPECT_TRUE(waitqueue_active(&waker.wq));
	schedule();
	EXPECT_TRUE(waker.condition);
	finish_wait(&waker.wq, &wait);
	EXPECT_FALSE(waitqueue_active(&waker.wq));
	EXPECT_EQ(current, me);
	/* already there */
	EXPECT_TRUE(try_wait_for_completion(&waker.done));
	EXPECT_FALSE(try_wait_for_completion(&waker.done));

	waker_init(&waker);
	schedule_work(&waker.work);
	EXPECT_EQ(wait_event_interruptible(waker.wq, waker.condition), 0);
	wait_for_completion(&waker.done);
	reinit_completion(&waker.done);
	EXPECT_EQ(wait_for_completion_timeout(&waker.done, 2), 0);
	complete_all(&waker.done);
	EXPECT_GT(wait_for_completion_timeout(&waker.done, 2), 0);
	EXPECT_EQ(wake_up_process(current), 0);
	return 0;
}

TEST(lib_wait, a_sleeper_is_woken_by_work)
{
	struct rig f;
	struct task *task;

	rig_start(&f);
	task = kernel_task_start(f.kernel, "vmm");
	EXPECT_EQ(rig_call_as(task, wait_for_work, NULL), 0);
	EXPECT_EQ(kernel_oops(f.kernel), NULL);
	rig_end(&f);
}

static long time_passes(void *arg)
{
	DECLARE_WAIT_QUEUE_HEAD(wq);
	DECLARE_WAITQUEUE(entry, current);
	unsigned long start = jiffies;
	bool never = false;

	(void)arg;
	EXPECT_EQ(wait_event_timeout(wq, never, 5), 0);
	EXPECT_EQ(jiffies - start, 5);
	EXPECT_EQ(wait_event_timeout(wq, !never, 5), 5);
	EXPECT_EQ(schedule_timeout_uninterruptible(3), 0);
	EXPECT_EQ(jiffies - start, 8);
	msleep(10);
	EXPECT_TRUE(time_after(jiffies, start));
	EXPECT_TRUE(time_before_eq(start, jiffies));
	EXPECT_EQ(usecs_to_jiffies(1), 1);
	EXPECT_GT(ktime_get(), 0);
	udelay(3);
	usleep_range(2, 4);
	schedule();
	EXPECT_EQ(schedule_timeout(MAX_SCHEDULE_TIMEOUT), MAX_SCHEDULE_TIMEOUT);
	/* somebody who is running sleeps one tick at most */
	EXPECT_EQ(schedule_timeout(9), 8);
	add_wait_queue(&wq, &entry);
	remove_wait_queue(&wq, &entry);
	EXPECT_FALSE(waitqueue_active(&wq));
	EXPECT_EQ(cond_resched(), 0);
	return 0;
}

TEST(lib_wait, sleeping_for_a_time_moves_the_clock_and_lets_hardware_run)
{
	struct rig f;

	rig_start(&f);
	EXPECT_EQ(rig_call(&f, time_passes, NULL), 0);
	EXPECT_GT(f.relaxed, 10);
	rig_end(&f);
}

/* ---- registers ---- */

RIG_TEST(lib_io, registers_are_reached_by_their_address, rig_init(rig, "mainline"))
{
	u8 __iomem *base = ioremap(RIG_REGISTERS, 4096);

	writel(0x11223344, base + 8);
	EXPECT_EQ(readl(base + 8), 0x11223344);
	writeq(0x1122334455667788ULL, base + 16);
	EXPECT_EQ(readq(base + 16), 0x1122334455667788ULL);
	EXPECT_EQ(readl(base + 16), 0x55667788);
	EXPECT_EQ(readq(base + 4096), ~0ULL);
	EXPECT_EQ(kernel_current(), kernel_current());
	iounmap(base);
}

static void count_up(struct rig *f)
{
	f->registers[0]++;
}

static long poll_register(void *arg)
{
	u8 __iomem *base = ioremap(RIG_REGISTERS, 4096);
	u32 value;

	(void)arg;
	EXPECT_EQ(readl_poll_timeout(base, value, value >= 5, 0, 100), 0);
	EXPECT_EQ(readl_poll_timeout(base, value, value >= 1000, 0, 10), -ETIMEDOUT);
	return 0;
}

TEST(lib_io, polling_lets_the_hardware_work)
{
	struct rig f;

	rig_start(&f);
	f.on_relax = count_up;
	EXPECT_EQ(rig_call(&f, poll_register, NULL), 0);
	rig_end(&f);
}

static long poll_with_writes(void *arg)
{
	u8 __iomem *base = ioremap(RIG_REGISTERS, 4096);
	int i, j;

	(void)arg;
	for (i = 0; i < 100; i++) {
		writel(1, base);
		for (j = 0; j < 90; j++)
			cpu_relax();
	}
	return 0;
}

TEST(lib_io, patience_begins_anew_with_each_command_to_the_hardware)
{
	struct rig f;

	rig_start(&f);
	f.config.hardware.relax = NULL;
	kernel_set_parameter(f.kernel, "kernel.poll_limit", "100");
	EXPECT_EQ(rig_call(&f, poll_with_writes, NULL), 0);
	rig_end(&f);
}

TEST(lib_io, a_machine_without_a_clock_is_polled_all_the_same)
{
	struct rig f;

	rig_init(&f, "mainline");
	f.config.hardware.relax = NULL;
	rig_boot(&f);
	EXPECT_EQ(rig_call(&f, poll_with_writes, NULL), 0);
	rig_end(&f);
}

/* ---- interrupts ---- */

struct line {
	int vector;
	int count;
	bool in_interrupt;
};

static void handler(void *arg)
{
	struct line *line = arg;

	line->count++;
	line->in_interrupt = in_interrupt();
}

static long irq_on(void *arg)
{
	struct line *line = arg;

	line->vector = kernel_irq_alloc(handler, line);
	EXPECT_FALSE(in_interrupt());
	return 0;
}

static long irq_off(void *arg)
{
	kernel_irq_free(((struct line *)arg)->vector);
	kernel_irq_free(-1);
	return 0;
}

TEST(lib_irq, a_message_runs_the_handler_of_its_vector)
{
	struct line line = { 0 }, second = { 0 };
	struct rig f;

	rig_start(&f);
	rig_call(&f, irq_on, &line);
	rig_call(&f, irq_on, &second);
	EXPECT_GE(line.vector, 32);
	EXPECT_NE(line.vector, second.vector);
	kernel_interrupt(f.kernel, 0xfee00000, (u32)line.vector);
	EXPECT_EQ(line.count, 1);
	EXPECT_TRUE(line.in_interrupt);
	EXPECT_EQ(second.count, 0);
	/* not the interrupt range */
	kernel_interrupt(f.kernel, 0xfed00000, (u32)line.vector);
	kernel_interrupt(f.kernel, 0x1fee00000, (u32)line.vector);
	EXPECT_EQ(line.count, 1);
	rig_call(&f, irq_off, &line);
	kernel_interrupt(f.kernel, 0xfee00000, (u32)line.vector);
	EXPECT_EQ(line.count, 1);
	EXPECT_TRUE(rig_logged(&f, "nobody uses"));
	rig_end(&f);
}

/* The hardware interrupts while the kernel writes to it. */
static bool interrupt_now(struct rig *f, unsigned int unit, u32 offset, bool write, u64 *value)
{
	const struct line *line = f->param;

	(void)unit;
	(void)offset;
	(void)value;
	if (write)
		kernel_interrupt(f->kernel, 0xfee00000, (u32)line->vector);
	return true;
}

struct locked_write {
	struct line *line;
	int count_in_lock, count_after_relax;
};

static long write_in_spinlock(void *arg)
{
	struct locked_write *test = arg;
	DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	writel(1, ioremap(RIG_REGISTERS, 8));
	cpu_relax();
	test->count_in_lock = test->line->count;
	spin_unlock(&lock);
	cpu_relax();
	test->count_after_relax = test->line->count;
	writel(1, ioremap(RIG_REGISTERS, 8));
	return 0;
}

TEST(lib_irq, a_message_waits_for_spinlocks_and_comes_at_the_latest_on_return)
{
	struct line line = { 0 };
	struct locked_write test = { .line = &line };
	struct rig f;

	rig_start(&f);
	rig_call(&f, irq_on, &line);
	f.param = &line;
	f.hook = interrupt_now;
	EXPECT_EQ(rig_call(&f, write_in_spinlock, &test), 0);
	EXPECT_EQ(test.count_in_lock, 0);
	EXPECT_EQ(test.count_after_relax, 1);
	EXPECT_EQ(line.count, 2);
	rig_end(&f);
}

static long all_vectors(void *arg)
{
	int vector, count = 0;

	while ((vector = kernel_irq_alloc(handler, arg)) >= 0)
		count++;
	EXPECT_EQ(vector, -ENOSPC);
	return count;
}

TEST(lib_irq, vectors_run_out)
{
	struct line line = { 0 };
	struct rig f;

	rig_start(&f);
	EXPECT_EQ(rig_call(&f, all_vectors, &line), 224);
	rig_end(&f);
}

static long remapped(void *arg)
{
	(void)arg;
	return irq_domain_check_msi_remap();
}

TEST(lib_irq, without_an_smmu_messages_are_not_remapped_by_the_interrupt_domain)
{
	struct rig f;

	rig_start(&f);
	EXPECT_EQ(rig_call(&f, remapped, NULL), 0);
	rig_end(&f);
}
