// SPDX-License-Identifier: Apache-2.0
/* Objects, lists, counters, notifiers and sparse arrays. */
#include "rig.h"

#include "lib/state.h"

#include <linux/atomic.h>
#include <linux/idr.h>
#include <linux/kernel.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/xarray.h>
#include <stdlib.h>

static u64 live(void)
{
	return kernel_current()->slab.live;
}

RIG_TEST(lib_slab, objects_are_counted_zeroed_and_grown, rig_init(rig, "mainline"))
{
	u64 before = live();
	u8 *p = kzalloc(100, GFP_KERNEL);
	char *text;

	EXPECT_EQ(memchr_inv(p, 0, 100), NULL);
	EXPECT_EQ((unsigned long)p % ARCH_KMALLOC_MINALIGN, 0);
	EXPECT_EQ(live(), before + 1);
	memset(p, 7, 100);
	p = krealloc(p, 200, GFP_KERNEL);
	EXPECT_EQ(p[99], 7);
	EXPECT_EQ(ksize(p), 200);
	p = krealloc(p, 10, GFP_KERNEL);
	EXPECT_EQ(p[9], 7);
	EXPECT_EQ(krealloc(p, 0, GFP_KERNEL), NULL);
	p = krealloc(NULL, 5, GFP_KERNEL);
	kfree(p);
	kfree(NULL);
	EXPECT_EQ(ksize(NULL), 0);
	EXPECT_EQ(kmalloc(~0UL / 2, GFP_KERNEL), NULL);
	EXPECT_EQ(kcalloc(~0UL, 2, GFP_KERNEL), NULL);
	text = kasprintf(GFP_KERNEL, "%s-%d", "group", 21);
	EXPECT_STREQ(text, "group-21");
	kfree(text);
	text = kstrdup("copy", GFP_KERNEL);
	EXPECT_STREQ(text, "copy");
	kfree(text);
	EXPECT_EQ(kstrdup(NULL, GFP_KERNEL), NULL);
	EXPECT_EQ(live(), before);
}

struct made {
	int value;
};

static void make(void *object)
{
	((struct made *)object)->value = 5;
}

RIG_TEST(lib_slab, caches_construct_their_objects, rig_init(rig, "mainline"))
{
	struct kmem_cache *cache = kmem_cache_create("made", sizeof(struct made), 8, 0, make);
	struct kmem_cache *plain = KMEM_CACHE(made, SLAB_HWCACHE_ALIGN);
	struct made *object = kmem_cache_alloc(cache, GFP_KERNEL);

	EXPECT_EQ(object->value, 5);
	kmem_cache_free(cache, object);
	object = kmem_cache_zalloc(plain, GFP_KERNEL);
	EXPECT_EQ(object->value, 0);
	kmem_cache_free(plain, object);
	kmem_cache_destroy(cache);
	kmem_cache_destroy(plain);
}

static long leak(void *arg)
{
	(void)arg;
	return kmalloc(10, GFP_KERNEL) ? 0 : -ENOMEM;
}

TEST(lib_slab, what_is_leaked_shows_and_is_freed_at_shutdown)
{
	struct rig f;

	rig_start(&f);
	rig_call(&f, leak, NULL);
	EXPECT_EQ(rig_usage(&f).slab_objects, 1);
	rig_stop(&f);
}

TEST(lib_slab, the_nth_object_fails_on_purpose_once)
{
	struct rig f;

	rig_start(&f);
	EXPECT_EQ(kernel_set_parameter(f.kernel, "fault.kmalloc_nth", "2"), 0);
	EXPECT_EQ(rig_call(&f, leak, NULL), 0);
	EXPECT_EQ(rig_call(&f, leak, NULL), -ENOMEM);
	EXPECT_EQ(rig_call(&f, leak, NULL), 0);
	rig_stop(&f);
}

static void user(struct task *task)
{
	kernel_mmap(task, &(struct kernel_mmap){ 0x10000, 4096, 4096, false });
	kernel_user_write(task, 0x10000, "hello", 6);
}

static long from_user(void *arg)
{
	char *copy = memdup_user((void __user *)0x10000, 6);

	(void)arg;
	EXPECT_STREQ(copy, "hello");
	kfree(copy);
	EXPECT_EQ(PTR_ERR(memdup_user((void __user *)0x20000, 6)), -EFAULT);
	kernel_current()->faults.kmalloc_in = 1;
	EXPECT_EQ(PTR_ERR(memdup_user((void __user *)0x10000, 6)), -ENOMEM);
	return 0;
}

TEST(lib_slab, memory_is_duplicated_from_the_user)
{
	struct rig f;
	struct task *task;

	rig_start(&f);
	task = kernel_task_start(f.kernel, "vmm");
	user(task);
	EXPECT_EQ(rig_call_as(task, from_user, NULL), 0);
	rig_end(&f);
}

/* ---- lists ---- */

struct entry {
	int value;
	struct list_head list;
	struct hlist_node hash;
};

static int digits(const struct list_head *head)
{
	struct entry *entry;
	int number = 0;

	list_for_each_entry(entry, head, list)
		number = number * 10 + entry->value;
	return number;
}

TEST(lib_list, entries_keep_the_order_they_were_put_in)
{
	struct entry e[6] = { { .value = 1 }, { .value = 2 }, { .value = 3 },
			      { .value = 4 }, { .value = 5 }, { .value = 6 } };
	struct entry *pos, *n;
	struct list_head *p, *q;
	LIST_HEAD(a);
	LIST_HEAD(b);
	int sum = 0;

	list_add(&e[1].list, &a);
	EXPECT_TRUE(list_is_singular(&a));
	list_add(&e[0].list, &a);
	list_add_tail(&e[2].list, &a);
	EXPECT_EQ(digits(&a), 123);
	EXPECT_TRUE(list_is_first(&e[0].list, &a));
	EXPECT_TRUE(list_is_last(&e[2].list, &a));
	list_add_tail(&e[3].list, &b);
	list_add_tail(&e[4].list, &b);
	list_splice_tail_init(&b, &a);
	EXPECT_TRUE(list_empty(&b));
	EXPECT_EQ(digits(&a), 12345);
	list_move(&e[4].list, &a);
	list_move_tail(&e[0].list, &a);
	EXPECT_EQ(digits(&a), 52341);
	list_replace_init(&e[2].list, &e[5].list);
	EXPECT_EQ(digits(&a), 52641);
	EXPECT_EQ(list_first_entry(&a, struct entry, list)->value, 5);
	EXPECT_EQ(list_last_entry(&a, struct entry, list)->value, 1);
	EXPECT_EQ(list_first_entry_or_null(&b, struct entry, list), NULL);
	list_for_each_entry_reverse(pos, &a, list)
		sum = sum * 10 + pos->value;
	EXPECT_EQ(sum, 14625);
	pos = &e[1];
	sum = 0;
	list_for_each_entry_continue(pos, &a, list)
		sum = sum * 10 + pos->value;
	EXPECT_EQ(sum, 641);
	pos = &e[5];
	sum = 0;
	list_for_each_entry_continue_reverse(pos, &a, list) sum = sum * 10 + pos->value;
	EXPECT_EQ(sum, 25);
	list_for_each_entry_safe(pos, n, &a, list) {
		if (pos->value % 2)
			list_del(&pos->list);
	}
	EXPECT_EQ(digits(&a), 264);
	list_splice_init(&a, &b);
	EXPECT_EQ(digits(&b), 264);
	sum = 0;
	list_for_each(p, &b)
		sum++;
	list_for_each_prev(p, &b)
		sum++;
	list_for_each_safe(p, q, &b)
		list_del_init(p);
	EXPECT_EQ(sum, 6);
	EXPECT_TRUE(list_empty(&b));
}

TEST(lib_list, hash_lists_have_one_pointer_heads)
{
	struct entry e[3] = { { .value = 1 }, { .value = 2 }, { .value = 3 } };
	struct hlist_node *next;
	struct entry *pos;
	HLIST_HEAD(head);
	int number = 0, i;

	EXPECT_TRUE(hlist_empty(&head));
	INIT_HLIST_NODE(&e[0].hash);
	EXPECT_TRUE(hlist_unhashed(&e[0].hash));
	for (i = 0; i < 3; i++)
		hlist_add_head(&e[i].hash, &head);
	hlist_del(&e[1].hash);
	hlist_for_each_entry(pos, &head, hash)
		number = number * 10 + pos->value;
	EXPECT_EQ(number, 31);
	hlist_for_each_entry_safe(pos, next, &head, hash)
		hlist_del_init(&pos->hash);
	EXPECT_TRUE(hlist_empty(&head));
}

/* ---- counters ---- */

TEST(lib_atomic, counters_do_what_their_names_say)
{
	atomic_t v = ATOMIC_INIT(5);

	EXPECT_EQ(atomic_add_return(3, &v), 8);
	EXPECT_EQ(atomic_sub_return(2, &v), 6);
	atomic_inc(&v);
	atomic_dec(&v);
	atomic_add(1, &v);
	atomic_sub(1, &v);
	EXPECT_EQ(atomic_inc_return(&v), 7);
	EXPECT_EQ(atomic_dec_return(&v), 6);
	EXPECT_EQ(atomic_xchg(&v, 1), 6);
	EXPECT_EQ(atomic_cmpxchg(&v, 1, 2), 1);
	EXPECT_EQ(atomic_cmpxchg(&v, 1, 3), 2);
	EXPECT_TRUE(atomic_inc_not_zero(&v));
	EXPECT_FALSE(atomic_add_unless(&v, 1, 3));
	EXPECT_FALSE(atomic_dec_and_test(&v));
	EXPECT_TRUE(atomic_sub_and_test(2, &v));
	EXPECT_FALSE(atomic_inc_not_zero(&v));
	atomic_set(&v, 9);
	EXPECT_EQ(atomic_read(&v), 9);
}

TEST(lib_atomic, plain_words_are_exchanged)
{
	u64 word = 5;

	EXPECT_EQ(xchg(&word, 6), 5);
	EXPECT_EQ(cmpxchg64(&word, 5, 7), 6);
	EXPECT_EQ(cmpxchg64(&word, 6, 7), 6);
	EXPECT_EQ(READ_ONCE(word), 7);
	WRITE_ONCE(word, 8);
	EXPECT_EQ(word, 8);
}

struct counted {
	struct kref kref;
	struct mutex *lock;
	int released;
};

static void release(struct kref *kref)
{
	struct counted *counted = container_of(kref, struct counted, kref);

	counted->released++;
	if (counted->lock)
		mutex_unlock(counted->lock);
}

static long references(void *arg)
{
	DEFINE_MUTEX(lock);
	struct counted counted = { .lock = NULL };

	(void)arg;
	kref_init(&counted.kref);
	kref_get(&counted.kref);
	EXPECT_EQ(kref_read(&counted.kref), 2);
	EXPECT_EQ(kref_put(&counted.kref, release), 0);
	EXPECT_EQ(kref_put(&counted.kref, release), 1);
	EXPECT_EQ(counted.released, 1);
	EXPECT_FALSE(kref_get_unless_zero(&counted.kref));
	EXPECT_EQ(kernel_current()->warnings, 0);
	/* misuse warns and saturates */
	EXPECT_EQ(kref_put(&counted.kref, release), 0);
	EXPECT_EQ(kernel_current()->warnings, 1);
	kref_get(&counted.kref);
	EXPECT_TRUE(kref_get_unless_zero(&counted.kref));
	EXPECT_EQ(counted.released, 1);

	counted = (struct counted){ .lock = &lock };
	kref_init(&counted.kref);
	kref_get(&counted.kref);
	EXPECT_EQ(kref_put_mutex(&counted.kref, release, &lock), 0);
	EXPECT_EQ(kref_put_mutex(&counted.kref, release, &lock), 1);
	EXPECT_FALSE(mutex_is_locked(&lock));
	return 0;
}

TEST(lib_atomic, a_reference_count_releases_once_and_notices_misuse)
{
	struct rig f;

	rig_start(&f);
	EXPECT_EQ(rig_call(&f, references, NULL), 0);
	EXPECT_TRUE(rig_logged(&f, "use-after-free"));
	rig_end(&f);
}

/* ---- notifiers ---- */

struct listener {
	struct notifier_block nb;
	char name;
	int ret;
};

struct record {
	char text[8];
	int len;
};

static int notified(struct notifier_block *nb, unsigned long action, void *data)
{
	const struct listener *listener = container_of(nb, struct listener, nb);
	struct record *record = data;

	EXPECT_EQ(action, 9);
	record->text[record->len++] = listener->name;
	return listener->ret;
}

RIG_TEST(lib_notifier, listeners_hear_by_priority_until_one_stops_the_chain,
	 rig_init(rig, "mainline"))
{
	struct listener a = { { notified, NULL, 0 }, 'a', NOTIFY_OK };
	struct listener b = { { notified, NULL, 10 }, 'b', NOTIFY_DONE };
	struct listener c = { { notified, NULL, 0 }, 'c', NOTIFY_OK };
	struct blocking_notifier_head head;
	struct record record = { .len = 0 };

	BLOCKING_INIT_NOTIFIER_HEAD(&head);
	EXPECT_EQ(blocking_notifier_call_chain(&head, 9, &record), NOTIFY_DONE);
	EXPECT_EQ(blocking_notifier_chain_register(&head, &a.nb), 0);
	EXPECT_EQ(blocking_notifier_chain_register(&head, &b.nb), 0);
	EXPECT_EQ(blocking_notifier_chain_register(&head, &c.nb), 0);
	EXPECT_EQ(blocking_notifier_chain_register(&head, &a.nb), -EEXIST);
	EXPECT_EQ(blocking_notifier_call_chain(&head, 9, &record), NOTIFY_OK);
	EXPECT_STREQ(record.text, "bac");
	a.ret = notifier_from_errno(-EBUSY);
	EXPECT_EQ(notifier_to_errno(blocking_notifier_call_chain(&head, 9, &record)), -EBUSY);
	EXPECT_STREQ(record.text, "bacba");
	EXPECT_EQ(blocking_notifier_chain_unregister(&head, &a.nb), 0);
	EXPECT_EQ(blocking_notifier_chain_unregister(&head, &a.nb), -ENOENT);
}
