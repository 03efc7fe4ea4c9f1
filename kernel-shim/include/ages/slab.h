/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <linux/slab.h> as trees since 7.0 spell it: allocation by type or variable, GFP_KERNEL where
 * nothing is said. Included by <linux/slab.h> for trees.
 */
#ifndef _SHIM_AGES_SLAB_H
#define _SHIM_AGES_SLAB_H

#include <ages/age.h>
#include <linux/overflow.h>

#define kernel_alloc_one(fn, type, gfp) ((type *)fn(sizeof(type), gfp))
#define kernel_alloc_many(fn, type, count, gfp) ((type *)fn(size_mul(count, sizeof(type)), gfp))
#define kernel_alloc_flex(fn, type, member, count, gfp) \
	((type *)fn(struct_size((type *)NULL, member, count), gfp))

/* By the number of arguments, the function among them. */
#define kernel_obj_2(fn, p) kernel_alloc_one(fn, __typeof__(p), GFP_KERNEL)
#define kernel_obj_3(fn, p, gfp) kernel_alloc_one(fn, __typeof__(p), gfp)
#define kernel_objs_3(fn, p, count) kernel_alloc_many(fn, __typeof__(p), count, GFP_KERNEL)
#define kernel_objs_4(fn, p, count, gfp) kernel_alloc_many(fn, __typeof__(p), count, gfp)
#define kernel_flex_4(fn, p, member, count) \
	kernel_alloc_flex(fn, __typeof__(p), member, count, GFP_KERNEL)
#define kernel_flex_5(fn, p, member, count, gfp) \
	kernel_alloc_flex(fn, __typeof__(p), member, count, gfp)

#define kmalloc_obj(...) KERNEL_BY_COUNT(kernel_obj_, kmalloc, __VA_ARGS__)(kmalloc, __VA_ARGS__)
#define kzalloc_obj(...) KERNEL_BY_COUNT(kernel_obj_, kzalloc, __VA_ARGS__)(kzalloc, __VA_ARGS__)
#define kvmalloc_obj(...) KERNEL_BY_COUNT(kernel_obj_, kvmalloc, __VA_ARGS__)(kvmalloc, __VA_ARGS__)
#define kvzalloc_obj(...) KERNEL_BY_COUNT(kernel_obj_, kvzalloc, __VA_ARGS__)(kvzalloc, __VA_ARGS__)

#define kmalloc_objs(...) KERNEL_BY_COUNT(kernel_objs_, kmalloc, __VA_ARGS__)(kmalloc, __VA_ARGS__)
#define kzalloc_objs(...) KERNEL_BY_COUNT(kernel_objs_, kzalloc, __VA_ARGS__)(kzalloc, __VA_ARGS__)
#define kvmalloc_objs(...) \
	KERNEL_BY_COUNT(kernel_objs_, kvmalloc, __VA_ARGS__)(kvmalloc, __VA_ARGS__)
#define kvzalloc_objs(...) \
	KERNEL_BY_COUNT(kernel_objs_, kvzalloc, __VA_ARGS__)(kvzalloc, __VA_ARGS__)

#define kmalloc_flex(...) KERNEL_BY_COUNT(kernel_flex_, kmalloc, __VA_ARGS__)(kmalloc, __VA_ARGS__)
#define kzalloc_flex(...) KERNEL_BY_COUNT(kernel_flex_, kzalloc, __VA_ARGS__)(kzalloc, __VA_ARGS__)
#define kvmalloc_flex(...) \
	KERNEL_BY_COUNT(kernel_flex_, kvmalloc, __VA_ARGS__)(kvmalloc, __VA_ARGS__)
#define kvzalloc_flex(...) \
	KERNEL_BY_COUNT(kernel_flex_, kvzalloc, __VA_ARGS__)(kvzalloc, __VA_ARGS__)

#endif
