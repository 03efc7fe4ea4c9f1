// SPDX-License-Identifier: Apache-2.0
/*
 * Sleeping and waiting: there is no other thread to switch to, so a sleeper lets the rest of the world
 * run - interrupts, deferred work, hardware - and looks again.
 */
#include "state.h"

#include <linux/delay.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/wait.h>

/* Turns that a sleep for a time takes at most: enough for untimed hardware, which is done at once. */
#define TURNS_PER_JIFFY 8u
#define UDELAY_TURNS_MAX 1000u

static void let_hardware_run(void)
{
	struct kernel *k = kernel_hardware_begin();

	if (k->config.hardware.relax)
		k->config.hardware.relax(k->config.hardware.ctx);
	kernel_hardware_end(k);
}

void cpu_relax(void)
{
	kernel_count_poll("endless polling");
	let_hardware_run();
	irq_deliver_pending();
}

static void let_others_run(void)
{
	struct kernel *k = kernel_current();
	struct task_struct *sleeper = k->current_task;

	k->current_task = &k->init_task;
	irq_deliver_pending();
	work_run_pending();
	k->current_task = sleeper;
}

void kernel_wait_turn(void)
{
	might_sleep();
	kernel_count_poll("hung task: nothing will wake it");
	let_hardware_run();
	let_others_run();
}

void schedule(void)
{
	if (current->__state == TASK_RUNNING)
		cond_resched();
	while (current->__state != TASK_RUNNING)
		kernel_wait_turn();
}

long schedule_timeout(long timeout)
{
	struct kernel *k = kernel_current();
	long left = timeout;
	unsigned int turn;

	if (timeout == MAX_SCHEDULE_TIMEOUT) {
		schedule();
		return timeout;
	}
	might_sleep();
	while (left > 0) {
		for (turn = 0; turn < TURNS_PER_JIFFY; turn++) {
			let_hardware_run();
			let_others_run();
		}
		k->ticks++;
		left--;
		if (current->__state == TASK_RUNNING)
			break;
	}
	current->__state = TASK_RUNNING;
	return left;
}

long schedule_timeout_uninterruptible(long timeout)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	return schedule_timeout(timeout);
}

int wake_up_process(struct task_struct *task)
{
	int slept = task->__state != TASK_RUNNING;

	task->__state = TASK_RUNNING;
	return slept;
}

int cond_resched(void)
{
	let_others_run();
	return 0;
}

void add_wait_queue(wait_queue_head_t *wq, wait_queue_entry_t *wait)
{
	list_add_tail(&wait->entry, &wq->head);
}

void remove_wait_queue(wait_queue_head_t *wq, wait_queue_entry_t *wait)
{
	(void)wq;
	list_del_init(&wait->entry);
}

void prepare_to_wait(wait_queue_head_t *wq, wait_queue_entry_t *wait, int state)
{
	if (list_empty(&wait->entry))
		add_wait_queue(wq, wait);
	set_current_state(state);
}

void finish_wait(wait_queue_head_t *wq, wait_queue_entry_t *wait)
{
	set_current_state(TASK_RUNNING);
	remove_wait_queue(wq, wait);
}

void wake_up_all(wait_queue_head_t *wq)
{
	struct wait_queue_entry *wait;

	list_for_each_entry(wait, &wq->head, entry)
		wake_up_process(wait->private);
}

/* ---- pauses ---- */

unsigned long kernel_jiffies(void)
{
	return kernel_current()->ticks;
}

void udelay(unsigned long usecs)
{
	unsigned long turns = min(usecs, (unsigned long)UDELAY_TURNS_MAX);

	while (turns--)
		let_hardware_run();
}

void msleep(unsigned int msecs)
{
	schedule_timeout_uninterruptible((long)msecs_to_jiffies(msecs));
}

void usleep_range(unsigned long min_usecs, unsigned long max_usecs)
{
	(void)max_usecs;
	might_sleep();
	udelay(min_usecs);
}
