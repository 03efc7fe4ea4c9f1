/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <linux/slab.h> as trees since 7.0 spell it: allocation by type or variable, GFP_KERNEL where nothing is
 * said. Included by <linux/slab.h> for trees.
 */
#ifndef _SHIM_AGES_SLAB_H
#define _SHIM_AGES_SLAB_H

#include <linux/overflow.h>

/* The one argument, or GFP_KERNEL if there is none. */
#define kernel_gfp(...) kernel_gfp_second(0, ##__VA_ARGS__, GFP_KERNEL, 0)
#define kernel_gfp_second(zero, gfp, ...) gfp

#define kernel_alloc_one(fn, type, gfp) ((type *)fn(sizeof(type), gfp))
#define kernel_alloc_many(fn, type, count, gfp) ((type *)fn(size_mul(count, sizeof(type)), gfp))
#define kernel_alloc_flex(fn, type, member, count, gfp) \
	((type *)fn(struct_size((type *)NULL, member, count), gfp))

#define kmalloc_obj(p, ...) kernel_alloc_one(kmalloc, __typeof__(p), kernel_gfp(__VA_ARGS__))
#define kzalloc_obj(p, ...) kernel_alloc_one(kzalloc, __typeof__(p), kernel_gfp(__VA_ARGS__))
#define kvmalloc_obj(p, ...) kernel_alloc_one(kvmalloc, __typeof__(p), kernel_gfp(__VA_ARGS__))
#define kvzalloc_obj(p, ...) kernel_alloc_one(kvzalloc, __typeof__(p), kernel_gfp(__VA_ARGS__))

#define kmalloc_objs(p, count, ...) \
	kernel_alloc_many(kmalloc, __typeof__(p), count, kernel_gfp(__VA_ARGS__))
#define kzalloc_objs(p, count, ...) \
	kernel_alloc_many(kzalloc, __typeof__(p), count, kernel_gfp(__VA_ARGS__))
#define kvmalloc_objs(p, count, ...) \
	kernel_alloc_many(kvmalloc, __typeof__(p), count, kernel_gfp(__VA_ARGS__))
#define kvzalloc_objs(p, count, ...) \
	kernel_alloc_many(kvzalloc, __typeof__(p), count, kernel_gfp(__VA_ARGS__))

#define kmalloc_flex(p, member, count, ...) \
	kernel_alloc_flex(kmalloc, __typeof__(p), member, count, kernel_gfp(__VA_ARGS__))
#define kzalloc_flex(p, member, count, ...) \
	kernel_alloc_flex(kzalloc, __typeof__(p), member, count, kernel_gfp(__VA_ARGS__))
#define kvzalloc_flex(p, member, count, ...) \
	kernel_alloc_flex(kvzalloc, __typeof__(p), member, count, kernel_gfp(__VA_ARGS__))

#endif
