/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Balanced binary trees through a member. The caller walks down and links a node itself; the tree's
 * part is to stay balanced (lib/rbtree.c).
 */
#ifndef _SHIM_LINUX_RBTREE_H
#define _SHIM_LINUX_RBTREE_H

#include <linux/container_of.h>
#include <linux/types.h>

struct rb_node {
	unsigned long __rb_parent_color; /* the parent's address, bit 0: black */
	struct rb_node *rb_right;
	struct rb_node *rb_left;
} __aligned(sizeof(long));

struct rb_root {
	struct rb_node *rb_node;
};

/** With the first node at hand; a tree's headers name it. */
struct rb_root_cached {
	struct rb_root rb_root;
	struct rb_node *rb_leftmost;
};

#define RB_ROOT          \
	(struct rb_root) \
	{                \
		NULL     \
	}
#define RB_EMPTY_ROOT(root) (!(root)->rb_node)
#define RB_EMPTY_NODE(node) ((node)->__rb_parent_color == (unsigned long)(node))
#define RB_CLEAR_NODE(node) ((node)->__rb_parent_color = (unsigned long)(node))
#define rb_parent(node) ((struct rb_node *)((node)->__rb_parent_color & ~1UL))
#define rb_entry(ptr, type, member) container_of(ptr, type, member)
#define rb_entry_safe(ptr, type, member) ((ptr) ? rb_entry(ptr, type, member) : NULL)

/** Links a new node where the caller's walk ended; rb_insert_color() must follow. */
static inline void rb_link_node(struct rb_node *node, struct rb_node *parent, struct rb_node **link)
{
	node->__rb_parent_color = (unsigned long)parent;
	node->rb_left = NULL;
	node->rb_right = NULL;
	*link = node;
}

void rb_insert_color(struct rb_node *node, struct rb_root *root);
void rb_erase(struct rb_node *node, struct rb_root *root);

/** Puts another node in a node's place; the order must be the same. */
void rb_replace_node(struct rb_node *victim, struct rb_node *node, struct rb_root *root);

/* Neighbours in order; NULL at the ends and in an empty tree. */
struct rb_node *rb_first(const struct rb_root *root);
struct rb_node *rb_last(const struct rb_root *root);
struct rb_node *rb_next(const struct rb_node *node);
struct rb_node *rb_prev(const struct rb_node *node);

/* Children before parents, so that all may be freed on the way. */
struct rb_node *rb_first_postorder(const struct rb_root *root);
struct rb_node *rb_next_postorder(const struct rb_node *node);

#define rbtree_postorder_for_each_entry_safe(pos, n, root, field)                                 \
	for ((pos) = rb_entry_safe(rb_first_postorder(root), __typeof__(*(pos)), field);          \
	     (pos) &&                                                                             \
	     (((n) = rb_entry_safe(rb_next_postorder(&(pos)->field), __typeof__(*(pos)), field)), \
	      1);                                                                                 \
	     (pos) = (n))

#endif
