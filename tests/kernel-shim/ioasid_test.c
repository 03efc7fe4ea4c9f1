// SPDX-License-Identifier: Apache-2.0
/* PASID sets: numbers, quotas, ownership and lifetime, by rule and by random sequences. */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/ioasid.h>
#include <stdlib.h>
#include <string.h>

#include "rig.h"

static int token_a, token_b;

RIG_TEST(ioasid, a_token_has_at_most_one_set, rig_init(rig, "v1"))
{
	struct ioasid_set *a = ioasid_set_alloc(&token_a, 10);
	struct ioasid_set *b = ioasid_set_alloc(&token_b, 10);

	EXPECT_FALSE(IS_ERR(a));
	EXPECT_NE(a, b);
	EXPECT_EQ(PTR_ERR(ioasid_set_alloc(&token_a, 10)), -EBUSY);
	ioasid_set_put(b);
	b = ioasid_set_alloc(&token_b, 10);
	EXPECT_FALSE(IS_ERR(b));
	ioasid_set_put(b);
	ioasid_set_put(a);
}

RIG_TEST(ioasid, a_set_lives_until_its_last_reference_is_put, rig_init(rig, "v1"))
{
	struct ioasid_set *set = ioasid_set_alloc(&token_a, 10);
	ioasid_t id = ioasid_alloc(set, 1, 100, NULL);

	EXPECT_EQ(ioasid_set_find(&token_a), set);
	EXPECT_EQ(ioasid_set_find(&token_b), NULL);
	ioasid_set_get(set);
	ioasid_set_put(set);
	ioasid_set_put(set);
	EXPECT_EQ(ioasid_find(set, id), NULL);
	ioasid_set_put(set);
	EXPECT_EQ(ioasid_set_find(&token_a), NULL);
	EXPECT_EQ(PTR_ERR(ioasid_find(NULL, id)), -ENOENT);
}

RIG_TEST(ioasid, a_quota_counts_what_is_allocated_and_never_falls_below_it, rig_init(rig, "v1"))
{
	struct ioasid_set *set = ioasid_set_alloc(&token_a, 2);

	EXPECT_EQ(ioasid_alloc(set, 1, 100, NULL), 1);
	EXPECT_EQ(ioasid_alloc(set, 1, 100, NULL), 2);
	EXPECT_EQ(ioasid_alloc(set, 1, 100, NULL), INVALID_IOASID);
	EXPECT_EQ(ioasid_adjust_set(set, 1), -EINVAL);
	EXPECT_EQ(ioasid_adjust_set(set, 2), 0);
	EXPECT_EQ(ioasid_alloc(set, 1, 100, NULL), INVALID_IOASID);
	EXPECT_EQ(ioasid_adjust_set(set, 3), 0);
	EXPECT_EQ(ioasid_alloc(set, 1, 100, NULL), 3);
	ioasid_free(set, 2);
	EXPECT_EQ(ioasid_alloc(set, 1, 100, NULL), 2);
	ioasid_set_put(set);
}

RIG_TEST(ioasid, an_allocation_gives_the_lowest_free_pasid_of_its_range, rig_init(rig, "v1"))
{
	struct ioasid_set *set = ioasid_set_alloc(&token_a, 5000);
	unsigned int i;

	EXPECT_EQ(ioasid_alloc(set, 0, 100, NULL), 1);
	EXPECT_EQ(ioasid_alloc(set, 7, 7, NULL), 7);
	EXPECT_EQ(ioasid_alloc(set, 7, 7, NULL), INVALID_IOASID);
	EXPECT_EQ(ioasid_alloc(set, 9, 8, NULL), INVALID_IOASID);
	EXPECT_EQ(ioasid_alloc(set, 0, 0, NULL), INVALID_IOASID);
	EXPECT_EQ(ioasid_alloc(set, (1u << 20) - 1, ~0u, NULL), (1u << 20) - 1);
	EXPECT_EQ(ioasid_alloc(set, (1u << 20) - 1, ~0u, NULL), INVALID_IOASID);
	EXPECT_EQ(ioasid_alloc(set, 1u << 20, ~0u, NULL), INVALID_IOASID);
	for (i = 0; i < 1500; i++)
		EXPECT_EQ(ioasid_alloc(set, 1000, ~0u, NULL), 1000 + i);
	ioasid_free(set, 2000);
	EXPECT_EQ(ioasid_alloc(set, 1000, ~0u, NULL), 2000);
	ioasid_set_put(set);
}

RIG_TEST(ioasid, a_pasid_belongs_to_one_set, rig_init(rig, "v1"))
{
	struct ioasid_set *a = ioasid_set_alloc(&token_a, 10);
	struct ioasid_set *b = ioasid_set_alloc(&token_b, 10);
	int x, y;
	ioasid_t of_a = ioasid_alloc(a, 1, 100, &x);
	ioasid_t of_b = ioasid_alloc(b, 1, 100, &y);

	EXPECT_EQ(ioasid_find(a, of_a), &x);
	EXPECT_EQ(ioasid_find(NULL, of_b), &y);
	EXPECT_EQ(PTR_ERR(ioasid_find(b, of_a)), -EACCES);
	EXPECT_EQ(PTR_ERR(ioasid_find(a, 50)), -ENOENT);
	EXPECT_EQ(PTR_ERR(ioasid_find(a, 0)), -ENOENT);
	EXPECT_EQ(PTR_ERR(ioasid_find(a, 1u << 20)), -ENOENT);
	ioasid_free(b, of_a);
	EXPECT_EQ(ioasid_find(a, of_a), &x);
	ioasid_free(a, 50);
	ioasid_free(a, of_a);
	EXPECT_EQ(PTR_ERR(ioasid_find(a, of_a)), -ENOENT);
	ioasid_set_put(a);
	EXPECT_EQ(ioasid_find(b, of_b), &y);
	ioasid_set_put(b);
}

struct visit {
	struct ioasid_set *set;
	ioasid_t seen[8];
	unsigned int count;
};

static void visit_and_free(ioasid_t id, void *data)
{
	struct visit *visit = data;

	visit->seen[visit->count++] = id;
	if (visit->set)
		ioasid_free(visit->set, id);
}

RIG_TEST(ioasid, a_visit_goes_up_through_the_set_and_may_free, rig_init(rig, "v1"))
{
	struct ioasid_set *a = ioasid_set_alloc(&token_a, 10);
	struct ioasid_set *b = ioasid_set_alloc(&token_b, 10);
	const ioasid_t wanted[] = { 3, 900, 70000 };
	struct visit visit = { .set = NULL };

	EXPECT_EQ(ioasid_alloc(a, 70000, 70000, NULL), 70000);
	EXPECT_EQ(ioasid_alloc(b, 4, 4, NULL), 4);
	EXPECT_EQ(ioasid_alloc(a, 3, 3, NULL), 3);
	EXPECT_EQ(ioasid_alloc(a, 900, 900, NULL), 900);
	ioasid_set_for_each_ioasid(a, visit_and_free, &visit);
	EXPECT_EQ(visit.count, 3);
	EXPECT_MEMEQ(visit.seen, wanted, sizeof(wanted));
	visit = (struct visit){ .set = a };
	ioasid_set_for_each_ioasid(a, visit_and_free, &visit);
	EXPECT_EQ(visit.count, 3);
	visit.count = 0;
	ioasid_set_for_each_ioasid(a, visit_and_free, &visit);
	EXPECT_EQ(visit.count, 0);
	EXPECT_FALSE(IS_ERR(ioasid_find(b, 4)));
	ioasid_set_put(a);
	ioasid_set_put(b);
}

#define RANDOM_SETS 4
#define RANDOM_IDS 2200u

/* What the sets should hold: owner of each number, 0 for none. */
struct reference {
	unsigned char owner[RANDOM_IDS];
	ioasid_t used[RANDOM_SETS + 1], quota[RANDOM_SETS + 1];
};

static ioasid_t reference_alloc(struct reference *ref, unsigned int set, ioasid_t min, ioasid_t max)
{
	ioasid_t id;

	if (ref->used[set] >= ref->quota[set])
		return INVALID_IOASID;
	for (id = min < 1 ? 1 : min; id <= max; id++) {
		if (ref->owner[id])
			continue;
		ref->owner[id] = (unsigned char)set;
		ref->used[set]++;
		return id;
	}
	return INVALID_IOASID;
}

static void random_step(u64 *seed, struct ioasid_set *const *sets, struct reference *ref)
{
	unsigned int set = 1 + rig_random(seed) % RANDOM_SETS;
	ioasid_t id = rig_random(seed) % RANDOM_IDS;
	ioasid_t max = rig_random(seed) % RANDOM_IDS;
	void *private = (void *)(unsigned long)set;

	switch (rig_random(seed) % 8) {
	case 0:
		ioasid_free(sets[set], id);
		if (ref->owner[id] == set) {
			ref->owner[id] = 0;
			ref->used[set]--;
		}
		break;
	case 1:
		EXPECT_EQ(ioasid_adjust_set(sets[set], id), id < ref->used[set] ? -EINVAL : 0);
		if (id >= ref->used[set])
			ref->quota[set] = id;
		break;
	case 2:
		if (!ref->owner[id])
			EXPECT_EQ(PTR_ERR(ioasid_find(sets[set], id)), -ENOENT);
		else if (ref->owner[id] != set)
			EXPECT_EQ(PTR_ERR(ioasid_find(sets[set], id)), -EACCES);
		else
			EXPECT_EQ(ioasid_find(sets[set], id), private);
		break;
	default:
		EXPECT_EQ(ioasid_alloc(sets[set], id / 4, max, private),
			  reference_alloc(ref, set, id / 4, max));
	}
}

RIG_TEST(ioasid, random_sequences_agree_with_a_plain_array, rig_init(rig, "v1"))
{
	struct ioasid_set *sets[RANDOM_SETS + 1] = { NULL };
	int tokens[RANDOM_SETS + 1];
	struct reference ref = { .used = { 0 } };
	u64 seed = 0x5eed1;
	unsigned int i;
	SCOPED_NOTE("seed 0x%llx", seed);

	for (i = 1; i <= RANDOM_SETS; i++) {
		ref.quota[i] = 1000;
		sets[i] = ioasid_set_alloc(&tokens[i], ref.quota[i]);
	}
	for (i = 0; i < 20000; i++)
		random_step(&seed, sets, &ref);
	for (i = 1; i <= RANDOM_SETS; i++)
		ioasid_set_put(sets[i]);
}

static long make_set(struct rig *rig)
{
	struct ioasid_set *set = ioasid_set_alloc(&token_a, 10);

	(void)rig;
	if (IS_ERR(set))
		return PTR_ERR(set);
	if (ioasid_alloc(set, 1, 100, NULL) == INVALID_IOASID) {
		EXPECT_EQ(ioasid_adjust_set(set, 0), 0);
		ioasid_set_put(set);
		return 1;
	}
	ioasid_set_put(set);
	return 0;
}

TEST(ioasid, without_memory_nothing_is_allocated)
{
	struct rig rig;

	rig_init(&rig, "v1");
	ASSERT_TRUE(rig_boot(&rig));
	kernel_set_parameter(rig.kernel, "fault.kmalloc_nth", "1");
	EXPECT_EQ(rig_run(&rig, make_set), -ENOMEM);
	kernel_set_parameter(rig.kernel, "fault.kmalloc_nth", "2");
	EXPECT_EQ(rig_run(&rig, make_set), 1);
	EXPECT_EQ(rig_run(&rig, make_set), 0);
	rig_end(&rig);
}

static long leave_sets_behind(struct rig *rig)
{
	(void)rig;
	ioasid_alloc(ioasid_set_alloc(&token_a, 10), 1, 100, NULL);
	ioasid_set_alloc(&token_b, 10);
	return 0;
}

TEST(ioasid, shutdown_frees_sets_that_were_left_behind)
{
	struct kernel_usage usage;
	struct rig rig;

	rig_init(&rig, "v1");
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_EQ(rig_run(&rig, leave_sets_behind), 0);
	usage = rig_usage(&rig);
	EXPECT_EQ(usage.pasids, 1);
	EXPECT_EQ(usage.pasid_sets, 2);
	EXPECT_STREQ(kernel_oops(rig.kernel), NULL);
	rig_stop(&rig);
}
