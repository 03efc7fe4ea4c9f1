// SPDX-License-Identifier: Apache-2.0
/* Sparse arrays and number allocators against plain arrays, with random operations and failures. */
#include "rig.h"

#include "lib/state.h"

#include <linux/idr.h>
#include <linux/kernel.h>
#include <linux/xarray.h>

#define INDICES 5000u

static void *entry_of(unsigned long index)
{
	return xa_mk_value(index + 1);
}

static void expect_same(struct xarray *xa, const bool *in)
{
	unsigned long index, next = 0;
	void *entry;

	xa_for_each(xa, index, entry) {
		while (next < INDICES && !in[next])
			next++;
		EXPECT_EQ(index, next);
		EXPECT_TRUE(xa_is_value(entry));
		EXPECT_EQ(xa_to_value(entry), index + 1);
		next++;
	}
	while (next < INDICES && !in[next])
		next++;
	EXPECT_EQ(next, INDICES);
}

static long random_operations(void *arg)
{
	static const unsigned long spread[] = { 1, 7, 640 };
	bool in[INDICES] = { false };
	struct xarray xa;
	u64 *random = arg;
	unsigned long i;

	xa_init(&xa);
	for (i = 0; i < 6000; i++) {
		unsigned long index = rig_random(random) % (INDICES / spread[i % 3]);
		void *old = in[index] ? entry_of(index) : NULL;

		EXPECT_EQ(xa_load(&xa, index), old);
		if (rig_random(random) % 3) {
			EXPECT_EQ(xa_insert(&xa, index, entry_of(index), GFP_KERNEL),
				  old ? -EBUSY : 0);
			in[index] = true;
		} else {
			EXPECT_EQ(xa_erase(&xa, index), old);
			in[index] = false;
		}
		if (i % 500 == 0)
			expect_same(&xa, in);
	}
	for (i = 0; i < INDICES; i++)
		xa_erase(&xa, i);
	EXPECT_TRUE(xa_empty(&xa));
	return 0;
}

TEST(lib_xarray, random_operations_agree_with_a_plain_array)
{
	struct rig f;
	u64 random = 42;

	SCOPED_NOTE("seed 42");
	rig_start(&f);
	EXPECT_EQ(rig_call(&f, random_operations, &random), 0);
	rig_end(&f);
}

RIG_TEST(lib_xarray, the_ends_of_the_index_space_meet_in_one_array, rig_init(rig, "mainline"))
{
	unsigned long index = 1;
	struct xarray xa;

	xa_init(&xa);
	EXPECT_EQ(xa_load(&xa, ~0UL), NULL);
	EXPECT_EQ(xa_store(&xa, 0, entry_of(1), GFP_KERNEL), NULL);
	EXPECT_EQ(xa_store(&xa, ~0UL, entry_of(2), GFP_KERNEL), NULL);
	EXPECT_EQ(xa_load(&xa, ~0UL), entry_of(2));
	EXPECT_EQ(xa_store(&xa, 0, entry_of(3), GFP_KERNEL), entry_of(1));
	EXPECT_EQ(xa_find(&xa, &index, ~0UL, XA_PRESENT), entry_of(2));
	EXPECT_EQ(index, ~0UL);
	EXPECT_EQ(xa_find_after(&xa, &index, ~0UL, XA_PRESENT), NULL);
	index = 1;
	EXPECT_EQ(xa_find(&xa, &index, 100, XA_PRESENT), NULL);
	EXPECT_EQ(xa_store(&xa, 0, NULL, GFP_KERNEL), entry_of(3));
	EXPECT_EQ(xa_erase(&xa, 5), NULL);
	EXPECT_EQ(xa_erase(&xa, ~0UL), entry_of(2));
	EXPECT_TRUE(xa_empty(&xa));
	EXPECT_EQ(xa_erase(&xa, 5), NULL);
	xa_store(&xa, 70000, entry_of(1), GFP_KERNEL);
	xa_destroy(&xa);
	EXPECT_TRUE(xa_empty(&xa));
	xa_destroy(&xa);
}

RIG_TEST(lib_xarray, a_store_without_memory_changes_nothing, rig_init(rig, "mainline"))
{
	struct fault_state *faults = &kernel_current()->faults;
	u64 before = kernel_current()->slab.live;
	struct xarray xa;
	unsigned long nth;
	void *old;

	xa_init(&xa);
	/* whichever node cannot be had: nothing is left, nothing is lost */
	for (nth = 1;; nth++) {
		faults->kmalloc_in = nth;
		old = xa_store(&xa, 1UL << 20, entry_of(1), GFP_KERNEL);
		if (!xa_is_err(old))
			break;
		EXPECT_EQ(xa_err(old), -ENOMEM);
		EXPECT_EQ(xa_load(&xa, 1UL << 20), NULL);
	}
	EXPECT_GT(nth, 3);
	faults->kmalloc_in = 0;
	xa_erase(&xa, 1UL << 20);
	xa_destroy(&xa);
	EXPECT_EQ(kernel_current()->slab.live, before);
}

static long numbers(void *arg)
{
	bool in[INDICES] = { false };
	u64 *random = arg;
	struct idr idr;
	unsigned int i;

	idr_init(&idr);
	for (i = 0; i < 6000; i++) {
		int start = (int)(rig_random(random) % 300);
		int want = start, id;

		if (rig_random(random) % 4 == 0) {
			EXPECT_EQ(idr_remove(&idr, (unsigned long)start),
				  in[start] ? entry_of((unsigned long)start) : NULL);
			in[start] = false;
			continue;
		}
		while (in[want])
			want++;
		id = idr_alloc(&idr, entry_of((unsigned long)want), start, INDICES, GFP_KERNEL);
		EXPECT_EQ(id, want < (int)INDICES ? want : -ENOSPC);
		if (id >= 0)
			in[id] = true;
	}
	expect_same(&idr.idr_rt, in);
	idr_destroy(&idr);
	EXPECT_TRUE(idr_is_empty(&idr));
	return 0;
}

TEST(lib_idr, the_lowest_free_number_is_given)
{
	struct rig f;
	u64 random = 7;

	SCOPED_NOTE("seed 7");
	rig_start(&f);
	EXPECT_EQ(rig_call(&f, numbers, &random), 0);
	rig_end(&f);
}

RIG_TEST(lib_idr, numbers_stay_in_their_range, rig_init(rig, "mainline"))
{
	int value = 1, id, seen = 0;
	DEFINE_IDR(idr);
	DEFINE_IDA(ida);
	struct xarray from1;
	void *entry;
	u32 index;

	EXPECT_EQ(idr_alloc(&idr, &value, 64, 66, GFP_KERNEL), 64);
	EXPECT_EQ(idr_alloc(&idr, &value, 64, 66, GFP_KERNEL), 65);
	EXPECT_EQ(idr_alloc(&idr, &value, 64, 66, GFP_KERNEL), -ENOSPC);
	EXPECT_EQ(idr_alloc(&idr, &value, 0, 0, GFP_KERNEL), 0);
	EXPECT_EQ(idr_find(&idr, 65), &value);
	EXPECT_EQ(idr_find(&idr, 66), NULL);
	EXPECT_EQ(idr_alloc(&idr, NULL, 0, 0, GFP_KERNEL), -EINVAL);
	idr_for_each_entry(&idr, entry, id)
		seen++;
	EXPECT_EQ(seen, 3);
	idr_destroy(&idr);

	ida_init(&ida);
	EXPECT_EQ(ida_alloc(&ida, GFP_KERNEL), 0);
	EXPECT_EQ(ida_alloc_min(&ida, 5, GFP_KERNEL), 5);
	EXPECT_EQ(ida_alloc_max(&ida, 0, GFP_KERNEL), -ENOSPC);
	EXPECT_EQ(ida_alloc_range(&ida, 4, ~0u, GFP_KERNEL), 4);
	ida_free(&ida, 0);
	EXPECT_EQ(ida_alloc(&ida, GFP_KERNEL), 0);
	ida_free(&ida, 99);
	EXPECT_EQ(kernel_current()->warnings, 2);
	ida_destroy(&ida);

	xa_init_flags(&from1, XA_FLAGS_ALLOC1);
	EXPECT_EQ(xa_alloc(&from1, &index, &value, xa_limit_32b, GFP_KERNEL), 0);
	EXPECT_EQ(index, 1);
	kernel_current()->faults.kmalloc_in = 1;
	EXPECT_EQ(xa_alloc(&from1, &index, &value, XA_LIMIT(9999, 9999), GFP_KERNEL), -ENOMEM);
	xa_destroy(&from1);
}
