// SPDX-License-Identifier: Apache-2.0
/*
 * What type1 since Linux 7.0 may use: allocation by object, and locks and memory that end with
 * their scope. Its <linux/vfio.h> names what it gets through other headers.
 */
#include <linux/cdev.h>
#include <linux/cleanup.h>
#include <linux/iommu.h>
#include <linux/mm_inline.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "age.h"

struct batch {
	unsigned int count;
	struct page *pages[];
};

/* As the operations of a device have it, with no <linux/uuid.h> before them. */
struct token_ops {
	int (*match_token_uuid)(const uuid_t *uuid);
};

static int match_zero(const uuid_t *uuid)
{
	return uuid->b[0] || uuid->b[UUID_SIZE - 1];
}

static long guards(struct mutex *lock)
{
	unsigned int turns = 0;

	guard(mutex)(lock);
	AGE_CHECK(mutex_is_locked(lock));
	scoped_guard(rwsem_read, &current->mm->mmap_lock) turns++;
	AGE_CHECK(turns == 1);
	return 0;
}

static long *freed_or_kept(bool keep)
{
	long *value __free(kfree) = kzalloc_obj(*value, GFP_KERNEL_ACCOUNT);

	if (!keep)
		return NULL;
	return_ptr(value);
}

long age_v7_0(struct age_run *run)
{
	struct batch *batch = kzalloc_flex(*batch, pages, 4);
	struct age_run *copy = kmalloc_obj(*copy);
	u64 *many = kvzalloc_objs(u64, 8), sum;
	struct mutex lock;
	const struct token_ops ops = { .match_token_uuid = match_zero };
	long *kept;

	AGE_CHECK(ops.match_token_uuid(&(uuid_t){ { 0 } }) == 0);
	AGE_CHECK(batch && copy && many && !many[7] && !batch->pages[3]);
	*copy = *run;
	kfree(batch);
	kfree(copy);
	kvfree(many);
	kept = freed_or_kept(true);
	AGE_CHECK(kept && !*kept);
	kfree(kept);
	AGE_CHECK(!freed_or_kept(false));

	mutex_init(&lock);
	AGE_CHECK(guards(&lock) == 0);
	AGE_CHECK(!mutex_is_locked(&lock));
	AGE_CHECK(check_add_overflow(~0ULL, 1ULL, &sum));
	AGE_CHECK(same_thread_group(current, current->group_leader));
	return 0;
}
