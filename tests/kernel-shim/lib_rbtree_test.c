// SPDX-License-Identifier: Apache-2.0
/* Red-black trees against a sorted array, with random operations. */
#include "rig.h"

#include <linux/rbtree.h>
#include <stdlib.h>

#define KEYS 512u

struct item {
	unsigned int key;
	bool in;
	struct rb_node node;
};

static struct item *item_of(struct rb_node *node)
{
	return rb_entry_safe(node, struct item, node);
}

static void insert(struct rb_root *root, struct item *item)
{
	struct rb_node **link = &root->rb_node;
	struct rb_node *parent = NULL;

	while (*link) {
		parent = *link;
		link = item->key < item_of(parent)->key ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&item->node, parent, link);
	rb_insert_color(&item->node, root);
	item->in = true;
}

static void erase(struct rb_root *root, struct item *item)
{
	rb_erase(&item->node, root);
	item->in = false;
}

static bool black(const struct rb_node *node)
{
	return !node || node->__rb_parent_color & 1;
}

/* Black nodes on every way down, or -1 if they differ or a red node has a red child. */
static int black_height(const struct rb_node *node)
{
	int left, right;

	if (!node)
		return 0;
	left = black_height(node->rb_left);
	right = black_height(node->rb_right);
	if (left < 0 || left != right)
		return -1;
	if (!black(node) && (!black(node->rb_left) || !black(node->rb_right)))
		return -1;
	return left + black(node);
}

static void expect_same(const struct rb_root *root, const struct item *items)
{
	const struct item *last = NULL;
	struct rb_node *node = rb_first(root);
	unsigned int key;

	EXPECT_GE(black_height(root->rb_node), 0);
	EXPECT_TRUE(black(root->rb_node));
	for (key = 0; key < KEYS; key++) {
		if (!items[key].in)
			continue;
		ASSERT_TRUE(node);
		EXPECT_EQ(item_of(node)->key, key);
		EXPECT_EQ(item_of(rb_prev(node)), last);
		last = item_of(node);
		node = rb_next(node);
	}
	EXPECT_EQ(node, NULL);
	EXPECT_EQ(item_of(rb_last(root)), last);
}

TEST(lib_rbtree, random_insertions_and_removals_keep_order_and_balance)
{
	struct item *items = calloc(KEYS, sizeof(*items));
	struct rb_root root = RB_ROOT;
	u64 random = 0x1234567;
	unsigned int i, key;

	SCOPED_NOTE("seed 0x1234567");
	for (key = 0; key < KEYS; key++)
		items[key].key = key;
	for (i = 0; i < 6000; i++) {
		/* grow, then shrink, then neither */
		bool add = rig_random(&random) % 100 < (i < 2000 ? 80 : i < 4000 ? 20 : 50);

		key = rig_random(&random) % KEYS;
		if (add && !items[key].in)
			insert(&root, &items[key]);
		else if (!add && items[key].in)
			erase(&root, &items[key]);
		if (i % 50 == 0)
			expect_same(&root, items);
	}
	for (key = 0; key < KEYS; key++) {
		if (items[key].in)
			erase(&root, &items[key]);
	}
	EXPECT_TRUE(RB_EMPTY_ROOT(&root));
	EXPECT_EQ(rb_first(&root), NULL);
	EXPECT_EQ(rb_last(&root), NULL);
	EXPECT_EQ(rb_first_postorder(&root), NULL);
	free(items);
}

TEST(lib_rbtree, ascending_and_descending_insertions_stay_balanced)
{
	struct item *items = calloc(KEYS, sizeof(*items));
	struct rb_root root = RB_ROOT;
	unsigned int key;

	for (key = KEYS / 2; key < KEYS; key++) {
		items[key].key = key;
		insert(&root, &items[key]);
	}
	for (key = KEYS / 2; key-- > 0;) {
		items[key].key = key;
		insert(&root, &items[key]);
	}
	expect_same(&root, items);
	free(items);
}

TEST(lib_rbtree, postorder_visits_children_before_parents_so_all_can_be_freed)
{
	struct rb_root root = RB_ROOT;
	struct item *item, *next;
	unsigned int key, seen = 0;

	for (key = 0; key < 100; key++) {
		item = calloc(1, sizeof(*item));
		item->key = key * 37 % 100;
		insert(&root, item);
	}
	rbtree_postorder_for_each_entry_safe(item, next, &root, node) {
		seen++;
		free(item);
	}
	EXPECT_EQ(seen, 100);
}

TEST(lib_rbtree, a_replaced_node_leaves_its_place_to_the_other)
{
	struct item items[3] = { { .key = 1 }, { .key = 0 }, { .key = 2 } };
	struct item other = { .key = 1 };
	struct rb_root root = RB_ROOT;
	size_t i;

	for (i = 0; i < 3; i++)
		insert(&root, &items[i]);
	rb_replace_node(&items[0].node, &other.node, &root);
	EXPECT_EQ(root.rb_node, &other.node);
	EXPECT_EQ(rb_next(rb_first(&root)), &other.node);
	EXPECT_EQ(rb_prev(rb_last(&root)), &other.node);
}

TEST(lib_rbtree, a_cleared_node_has_no_neighbours)
{
	struct rb_node node;

	RB_CLEAR_NODE(&node);
	EXPECT_TRUE(RB_EMPTY_NODE(&node));
	EXPECT_EQ(rb_next(&node), NULL);
	EXPECT_EQ(rb_prev(&node), NULL);
}
