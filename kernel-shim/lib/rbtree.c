// SPDX-License-Identifier: Apache-2.0
/*
 * Red-black trees: no red node has a red child, and all ways from the root to a missing child pass the
 * same number of black nodes. Finding the place of a new node is left to the caller.
 */
#include <linux/rbtree.h>

#define BLACK 1UL

enum side { LEFT, RIGHT };

static struct rb_node **child(struct rb_node *node, enum side side)
{
	return side == LEFT ? &node->rb_left : &node->rb_right;
}

static enum side other(enum side side)
{
	return side == LEFT ? RIGHT : LEFT;
}

static enum side side_of(const struct rb_node *node, const struct rb_node *parent)
{
	return parent->rb_left == node ? LEFT : RIGHT;
}

/* A missing child counts as black. */
static bool is_red(const struct rb_node *node)
{
	return node && !(node->__rb_parent_color & BLACK);
}

static void set_red(struct rb_node *node)
{
	node->__rb_parent_color &= ~BLACK;
}

static void set_black(struct rb_node *node)
{
	node->__rb_parent_color |= BLACK;
}

static void set_parent(struct rb_node *node, struct rb_node *parent)
{
	node->__rb_parent_color = (unsigned long)parent | (node->__rb_parent_color & BLACK);
}

/* Puts node, or nothing, where old hangs below its parent. */
static void replace_child(struct rb_root *root, struct rb_node *parent, struct rb_node *old,
			  struct rb_node *node)
{
	if (!parent)
		root->rb_node = node;
	else
		*child(parent, side_of(old, parent)) = node;
	if (node)
		set_parent(node, parent);
}

/* The child on the other side rises, node sinks to this side. */
static void rotate(struct rb_root *root, struct rb_node *node, enum side side)
{
	struct rb_node *riser = *child(node, other(side));
	struct rb_node *moved = *child(riser, side);

	replace_child(root, rb_parent(node), node, riser);
	*child(node, other(side)) = moved;
	if (moved)
		set_parent(moved, node);
	*child(riser, side) = node;
	set_parent(node, riser);
}

void rb_insert_color(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent;

	while (is_red(parent = rb_parent(node))) {
		struct rb_node *grandparent = rb_parent(parent);
		enum side side = side_of(parent, grandparent);
		struct rb_node *uncle = *child(grandparent, other(side));

		if (is_red(uncle)) {
			set_black(parent);
			set_black(uncle);
			set_red(grandparent);
			node = grandparent;
			continue;
		}
		if (side_of(node, parent) != side) {
			rotate(root, parent, side);
			parent = node;
		}
		set_black(parent);
		set_red(grandparent);
		rotate(root, grandparent, other(side));
		break;
	}
	set_black(root->rb_node);
}

/*
 * The ways through the child of parent on this side lack one black node. Borrows one from the sibling's
 * side; true when that settled it, false when the lack moved up to parent.
 */
static bool repair_at(struct rb_root *root, struct rb_node *parent, enum side side)
{
	struct rb_node *sibling = *child(parent, other(side));
	struct rb_node *near, *far;

	if (is_red(sibling)) {
		set_black(sibling);
		set_red(parent);
		rotate(root, parent, side);
		sibling = *child(parent, other(side));
	}
	near = *child(sibling, side);
	far = *child(sibling, other(side));
	if (!is_red(near) && !is_red(far)) {
		set_red(sibling);
		return false;
	}
	if (!is_red(far)) {
		set_black(near);
		set_red(sibling);
		rotate(root, sibling, other(side));
		far = sibling;
		sibling = near;
	}
	if (is_red(parent))
		set_red(sibling);
	else
		set_black(sibling);
	set_black(parent);
	set_black(far);
	rotate(root, parent, side);
	return true;
}

/* A black node above node (which may be missing) on that side of parent is gone. */
static void repair(struct rb_root *root, struct rb_node *node, struct rb_node *parent,
		   enum side side)
{
	while (parent && !is_red(node)) {
		if (repair_at(root, parent, side))
			return;
		node = parent;
		parent = rb_parent(node);
		if (parent)
			side = side_of(node, parent);
	}
	if (node)
		set_black(node);
}

/* Takes out a node with at most one child. */
static void erase_simple(struct rb_root *root, struct rb_node *node)
{
	struct rb_node *below = node->rb_left ? node->rb_left : node->rb_right;
	struct rb_node *parent = rb_parent(node);
	enum side side = parent ? side_of(node, parent) : LEFT;

	replace_child(root, parent, node, below);
	if (!is_red(node))
		repair(root, below, parent, side);
}

void rb_replace_node(struct rb_node *victim, struct rb_node *node, struct rb_root *root)
{
	struct rb_node *parent = rb_parent(victim);

	*node = *victim;
	replace_child(root, parent, victim, node);
	if (node->rb_left)
		set_parent(node->rb_left, node);
	if (node->rb_right)
		set_parent(node->rb_right, node);
}

void rb_erase(struct rb_node *node, struct rb_root *root)
{
	struct rb_node *successor;

	if (!node->rb_left || !node->rb_right) {
		erase_simple(root, node);
		return;
	}
	/* the next node in order has no left child: take that one out, and put it in node's place */
	successor = rb_next(node);
	erase_simple(root, successor);
	rb_replace_node(node, successor, root);
}

static struct rb_node *outermost(struct rb_node *node, enum side side)
{
	while (node && *child(node, side))
		node = *child(node, side);
	return node;
}

static struct rb_node *neighbour(struct rb_node *node, enum side side)
{
	struct rb_node *parent;

	if (*child(node, side))
		return outermost(*child(node, side), other(side));
	while ((parent = rb_parent(node)) && side_of(node, parent) == side)
		node = parent;
	return parent;
}

struct rb_node *rb_first(const struct rb_root *root)
{
	return outermost(root->rb_node, LEFT);
}

struct rb_node *rb_last(const struct rb_root *root)
{
	return outermost(root->rb_node, RIGHT);
}

struct rb_node *rb_next(const struct rb_node *node)
{
	return RB_EMPTY_NODE(node) ? NULL : neighbour((struct rb_node *)(unsigned long)node, RIGHT);
}

struct rb_node *rb_prev(const struct rb_node *node)
{
	return RB_EMPTY_NODE(node) ? NULL : neighbour((struct rb_node *)(unsigned long)node, LEFT);
}

/* The first node of a subtree whose children have all been visited. */
static struct rb_node *deepest(struct rb_node *node)
{
	while (node && (node->rb_left || node->rb_right))
		node = node->rb_left ? node->rb_left : node->rb_right;
	return node;
}

struct rb_node *rb_first_postorder(const struct rb_root *root)
{
	return deepest(root->rb_node);
}

struct rb_node *rb_next_postorder(const struct rb_node *node)
{
	struct rb_node *parent = rb_parent(node);

	if (parent && parent->rb_left == node && parent->rb_right)
		return deepest(parent->rb_right);
	return parent;
}
