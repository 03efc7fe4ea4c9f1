/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects of any size. Live ones are counted (kernel_usage.slab_objects), and what is left at
 * shutdown is freed. The parameter "fault.kmalloc_nth" makes one allocation fail.
 */
#ifndef _SHIM_LINUX_SLAB_H
#define _SHIM_LINUX_SLAB_H

#include <linux/gfp.h>
#include <linux/overflow.h>
#include <linux/types.h>

#define ARCH_KMALLOC_MINALIGN 16

/* What all of them come down to; checkers that know kmalloc() do not know __GFP_ZERO. */
void *kernel_alloc(size_t size, gfp_t gfp);

/** size bytes aligned to 16; NULL: no memory. Zeroed if gfp has __GFP_ZERO. */
static inline void *kmalloc(size_t size, gfp_t gfp)
{
	return kernel_alloc(size, gfp);
}

void *krealloc(const void *ptr, size_t size, gfp_t gfp);

/** NULL and errors in a pointer are allowed for kfree()'s NULL only. */
void kfree(const void *ptr);
size_t ksize(const void *ptr);

static inline void *kzalloc(size_t size, gfp_t gfp)
{
	return kernel_alloc(size, gfp | __GFP_ZERO);
}

static inline void *kmalloc_array(size_t n, size_t size, gfp_t gfp)
{
	return kernel_alloc(size_mul(n, size), gfp);
}

static inline void *kcalloc(size_t n, size_t size, gfp_t gfp)
{
	return kmalloc_array(n, size, gfp | __GFP_ZERO);
}

static inline void *krealloc_array(void *p, size_t n, size_t size, gfp_t gfp)
{
	return krealloc(p, size_mul(n, size), gfp);
}

#define kmalloc_node(size, gfp, node) ((void)(node), kmalloc(size, gfp))
#define kzalloc_node(size, gfp, node) ((void)(node), kzalloc(size, gfp))
#define kvmalloc(size, gfp) kmalloc(size, gfp)
#define kvzalloc(size, gfp) kzalloc(size, gfp)
#define kvcalloc(n, size, gfp) kcalloc(n, size, gfp)
#define kvmalloc_array(n, size, gfp) kmalloc_array(n, size, gfp)
#define kvfree(ptr) kfree(ptr)
#define vmalloc(size) kmalloc(size, GFP_KERNEL)
#define vzalloc(size) kzalloc(size, GFP_KERNEL)
#define vfree(ptr) kfree(ptr)
#define kfree_sensitive(ptr) kfree(ptr)
#define kfree_rcu(ptr, member) kfree(ptr)

#define SLAB_HWCACHE_ALIGN 0x00002000u

/** Objects of one size. */
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     unsigned int flags, void (*ctor)(void *));
void kmem_cache_destroy(struct kmem_cache *cache);
void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp);
void kmem_cache_free(struct kmem_cache *cache, void *ptr);
#define kmem_cache_zalloc(cache, gfp) kmem_cache_alloc(cache, (gfp) | __GFP_ZERO)
#define KMEM_CACHE(name, flags) \
	kmem_cache_create(#name, sizeof(struct name), __alignof__(struct name), flags, NULL)

#ifdef LINUX_VERSION_CODE
#include <ages/slab.h>
#include <linux/cleanup.h>

DEFINE_FREE(kfree, void *, kfree(_T));
DEFINE_FREE(kvfree, void *, kvfree(_T));
#endif

#endif
