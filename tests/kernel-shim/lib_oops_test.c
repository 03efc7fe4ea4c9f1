// SPDX-License-Identifier: Apache-2.0
/* What ends a kernel, and what it only warns of; locks are most of it. */
#include "rig.h"

#include "lib/state.h"

#include <linux/bug.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <stdlib.h>
#include <string.h>

static long plain_bug(void *arg)
{
	(void)arg;
	BUG();
	return 0;
}

static long bug_on(void *arg)
{
	int one = 1;

	(void)arg;
	BUG_ON(one == 2);
	BUG_ON(one == 1);
	return 0;
}

static long mutex_twice(void *arg)
{
	struct mutex lock;

	(void)arg;
	mutex_init(&lock);
	mutex_lock(&lock);
	mutex_lock(&lock);
	return 0;
}

static long mutex_foreign_unlock(void *arg)
{
	DEFINE_MUTEX(lock);

	(void)arg;
	mutex_unlock(&lock);
	return 0;
}

static long spin_twice(void *arg)
{
	DEFINE_SPINLOCK(lock);
	unsigned long flags;

	(void)arg;
	spin_lock_irqsave(&lock, flags);
	spin_lock(&lock);
	spin_unlock_irqrestore(&lock, flags);
	return 0;
}

static long spin_unlock_free(void *arg)
{
	spinlock_t lock = { 0 };

	(void)arg;
	spin_unlock(&lock);
	return 0;
}

static long read_under_write(void *arg)
{
	DECLARE_RWSEM(sem);

	(void)arg;
	down_write(&sem);
	down_read(&sem);
	return 0;
}

static long write_under_read(void *arg)
{
	DECLARE_RWSEM(sem);

	(void)arg;
	down_read(&sem);
	down_read(&sem);
	down_write(&sem);
	return 0;
}

static long up_read_free(void *arg)
{
	DECLARE_RWSEM(sem);

	(void)arg;
	up_read(&sem);
	return 0;
}

static long up_write_free(void *arg)
{
	DECLARE_RWSEM(sem);

	(void)arg;
	up_write(&sem);
	return 0;
}

static long downgrade_free(void *arg)
{
	DECLARE_RWSEM(sem);

	(void)arg;
	downgrade_write(&sem);
	return 0;
}

static long keep_mutex(void *arg)
{
	struct mutex *lock = kzalloc(sizeof(*lock), GFP_KERNEL);

	(void)arg;
	mutex_init(lock);
	mutex_lock(lock);
	return 0;
}

static long poll_forever(void *arg)
{
	(void)arg;
	for (;;)
		cpu_relax();
	return 0;
}

static long sleep_forever(void *arg)
{
	DECLARE_WAIT_QUEUE_HEAD(wq);
	DEFINE_WAIT(wait);

	(void)arg;
	prepare_to_wait(&wq, &wait, TASK_KILLABLE);
	schedule();
	finish_wait(&wq, &wait);
	return 0;
}

static long wait_forever(void *arg)
{
	DECLARE_WAIT_QUEUE_HEAD(wq);

	wait_event(wq, arg);
	return 0;
}

static const struct death {
	long (*fn)(void *arg);
	const char *text;
} deaths[] = {
	{ plain_bug, "kernel BUG" },
	{ bug_on, "BUG_ON(one == 1)" },
	{ mutex_twice, "deadlock on &lock, held since " },
	{ mutex_foreign_unlock, "unlock of lock, which is not held" },
	{ spin_twice, "deadlock on lock" },
	{ spin_unlock_free, "unlock of a lock without name" },
	{ read_under_write, "deadlock on sem" },
	{ write_under_read, "deadlock on sem" },
	{ up_read_free, "unlock of sem" },
	{ up_write_free, "unlock of sem" },
	{ downgrade_free, "unlock of sem" },
	{ keep_mutex, "returning to user space with a lock held, taken at " },
	{ poll_forever, "endless polling" },
	{ sleep_forever, "hung task" },
	{ wait_forever, "hung task" },
};

TEST_WITH_PARAMS(lib_oops, it_is_told_with_its_place_and_the_process_stays_usable, struct death,
		 deaths)
{
	struct rig f, other;
	struct kernel_usage usage;
	struct task *task;
	hpa_t at;

	rig_start(&f);
	task = kernel_task_start(f.kernel, "vmm");
	kernel_set_parameter(f.kernel, "kernel.poll_limit", "1000");
	EXPECT_EQ(kernel_oops(f.kernel), NULL);
	EXPECT_EQ(rig_call_as(task, param->fn, NULL), -ENOTRECOVERABLE);
	ASSERT_TRUE(kernel_oops(f.kernel));
	EXPECT_TRUE(strstr(kernel_oops(f.kernel), param->text));
	EXPECT_TRUE(rig_logged(&f, kernel_oops(f.kernel)));
	/* it answers nothing any more, but harms nobody */
	EXPECT_EQ(kernel_open(task, "/dev/null"), -ENOTRECOVERABLE);
	EXPECT_EQ(kernel_close(task, 0), -ENOTRECOVERABLE);
	EXPECT_EQ(kernel_ioctl(task, 0, 0, 0), -ENOTRECOVERABLE);
	EXPECT_EQ(kernel_munmap(task, 0, 4096), -ENOTRECOVERABLE);
	EXPECT_EQ(kernel_user_to_hpa(task, 0, &at), -ENOTRECOVERABLE);
	EXPECT_EQ(kernel_set_parameter(f.kernel, "kernel.poll_limit", "1"), -ENOTRECOVERABLE);
	EXPECT_EQ(kernel_task_start(f.kernel, "late"), NULL);
	kernel_interrupt(f.kernel, 0xfee00000, 32);
	kernel_usage(f.kernel, &usage);
	kernel_task_exit(task);
	/* another kernel in the same process does not notice */
	rig_start(&other);
	EXPECT_TRUE(kernel_task_start(other.kernel, "vmm"));
	rig_end(&other);
	rig_stop(&f);
}

/* ---- locks that are used well ---- */

static long good_locks(void *arg)
{
	DEFINE_MUTEX(mutex);
	DEFINE_SPINLOCK(spin);
	DECLARE_RWSEM(sem);

	(void)arg;
	EXPECT_EQ(mutex_lock_interruptible(&mutex), 0);
	EXPECT_EQ(mutex_trylock(&mutex), 0);
	EXPECT_TRUE(mutex_is_locked(&mutex));
	lockdep_assert_held(&mutex);
	mutex_unlock(&mutex);
	EXPECT_EQ(mutex_lock_killable(&mutex), 0);
	mutex_unlock(&mutex);
	EXPECT_EQ(mutex_trylock(&mutex), 1);
	mutex_unlock(&mutex);
	mutex_destroy(&mutex);

	EXPECT_EQ(spin_trylock(&spin), 1);
	EXPECT_EQ(spin_trylock(&spin), 0);
	lockdep_assert_held(&spin);
	assert_spin_locked(&spin);
	spin_unlock(&spin);

	EXPECT_EQ(down_read_killable(&sem), 0);
	EXPECT_EQ(down_read_trylock(&sem), 1);
	EXPECT_EQ(down_write_trylock(&sem), 0);
	lockdep_assert_held(&sem);
	up_read(&sem);
	up_read(&sem);
	EXPECT_EQ(down_write_killable(&sem), 0);
	EXPECT_EQ(down_read_trylock(&sem), 0);
	lockdep_assert_held_write(&sem);
	downgrade_write(&sem);
	EXPECT_EQ(down_read_trylock(&sem), 1);
	up_read(&sem);
	up_read(&sem);
	EXPECT_FALSE(rwsem_is_locked(&sem));
	EXPECT_EQ(down_write_trylock(&sem), 1);
	up_write(&sem);
	return 0;
}

TEST(lib_lock, locks_that_are_paired_do_not_show)
{
	struct rig f;

	rig_start(&f);
	EXPECT_EQ(rig_call(&f, good_locks, NULL), 0);
	EXPECT_EQ(kernel_warnings(f.kernel), 0);
	EXPECT_EQ(kernel_oops(f.kernel), NULL);
	rig_end(&f);
}

/* ---- warnings ---- */

static long sleep_in_spinlock(void *arg)
{
	DEFINE_SPINLOCK(spin);

	(void)arg;
	spin_lock(&spin);
	kfree(kmalloc(1, GFP_ATOMIC));
	EXPECT_EQ(kernel_current()->warnings, 0);
	kfree(kmalloc(1, GFP_KERNEL));
	EXPECT_EQ(kernel_current()->warnings, 1);
	spin_unlock(&spin);
	return 0;
}

TEST(lib_oops, sleeping_in_a_spinlock_warns)
{
	struct rig f;

	rig_start(&f);
	EXPECT_EQ(rig_call(&f, sleep_in_spinlock, NULL), 0);
	EXPECT_TRUE(rig_logged(&f, "must not sleep"));
	rig_end(&f);
}

static long warn(void *arg)
{
	DEFINE_MUTEX(mutex);
	int i;

	(void)arg;
	EXPECT_FALSE(WARN_ON(0));
	for (i = 0; i < 3; i++) {
		EXPECT_TRUE(WARN_ON(i < 3));
		EXPECT_TRUE(WARN_ON_ONCE(i < 3));
		EXPECT_TRUE(WARN_ONCE(1, "turn %d", i));
		EXPECT_TRUE(WARN(1, "now %d", i));
	}
	EXPECT_EQ(kernel_current()->warnings, 8);
	lockdep_assert_held(&mutex);
	EXPECT_EQ(kernel_current()->warnings, 9);
	return 0;
}

TEST(lib_oops, warnings_are_counted_and_the_once_kinds_come_once_a_kernel)
{
	struct rig f;
	int boots;

	for (boots = 0; boots < 2; boots++) {
		rig_start(&f);
		EXPECT_EQ(rig_call(&f, warn, NULL), 0);
		EXPECT_EQ(kernel_warnings(f.kernel), 9);
		EXPECT_TRUE(rig_logged(&f, "now 2"));
		EXPECT_TRUE(rig_logged(&f, "turn 0"));
		EXPECT_FALSE(rig_logged(&f, "turn 1"));
		EXPECT_EQ(kernel_oops(f.kernel), NULL);
		rig_end(&f);
	}
}

/* ---- the log ---- */

static long log_lines(void *arg)
{
	struct device dev = { .init_name = "0000:01:00.0" };
	int i;

	(void)arg;
	EXPECT_EQ(printk("no level\n"), 9);
	pr_err("bad %d\n", 3);
	pr_info("plain\n");
	pr_debug("%s", "detail");
	pr_warn_once("once\n");
	dev_err(&dev, "broken %s\n", "link");
	dev_warn_ratelimited(&dev, "rate\n");
	dump_stack();
	for (i = 0; i < 20; i++)
		pr_info_ratelimited("line %d\n", i);
	printk("%0600d", 1);
	return 0;
}

TEST(lib_oops, log_lines_carry_levels_and_bursts_are_cut)
{
	struct rig f;

	rig_start(&f);
	EXPECT_EQ(rig_call(&f, log_lines, NULL), 0);
	EXPECT_TRUE(rig_logged(&f, "<4>no level\n"));
	EXPECT_TRUE(rig_logged(&f, "<3>bad 3\n"));
	EXPECT_TRUE(rig_logged(&f, "<6>plain\n"));
	EXPECT_TRUE(rig_logged(&f, "<7>detail\n"));
	EXPECT_TRUE(rig_logged(&f, "<4>once\n"));
	EXPECT_TRUE(rig_logged(&f, "<3>0000:01:00.0: broken link\n"));
	EXPECT_TRUE(rig_logged(&f, "swapper"));
	EXPECT_TRUE(rig_logged(&f, "line 8\n"));
	EXPECT_FALSE(rig_logged(&f, "line 9\n"));
	rig_end(&f);
}

TEST(lib_oops, a_machine_without_log_is_fine)
{
	struct rig f;

	rig_init(&f, "mainline");
	f.config.hardware.log = NULL;
	rig_boot(&f);
	EXPECT_EQ(rig_call(&f, log_lines, NULL), 0);
	EXPECT_EQ(rig_call(&f, plain_bug, NULL), -ENOTRECOVERABLE);
	rig_stop(&f);
}

static long enter_again(void *arg)
{
	struct rig *f = arg;

	EXPECT_EQ(kernel_task_start(f->kernel, "inner"), NULL);
	return kernel_set_parameter(f->kernel, "kernel.poll_limit", "1");
}

TEST(lib_oops, a_kernel_is_not_entered_twice)
{
	struct rig f;

	rig_start(&f);
	EXPECT_EQ(rig_call(&f, enter_again, &f), -EDEADLK);
	EXPECT_EQ(kernel_oops(f.kernel), NULL);
	rig_end(&f);
}

static long enter_other(void *arg)
{
	struct rig *other = arg;
	struct kernel *here = kernel_current();

	EXPECT_TRUE(kernel_task_start(other->kernel, "vmm"));
	EXPECT_EQ(rig_call(other, plain_bug, NULL), -ENOTRECOVERABLE);
	EXPECT_EQ(kernel_current(), here);
	return 0;
}

TEST(lib_oops, an_oops_in_one_kernel_returns_to_the_one_that_called_it)
{
	struct rig f, other;

	rig_start(&f);
	rig_start(&other);
	EXPECT_EQ(rig_call(&f, enter_other, &other), 0);
	EXPECT_EQ(kernel_current(), NULL);
	EXPECT_EQ(kernel_oops(f.kernel), NULL);
	rig_stop(&other);
	rig_end(&f);
}
