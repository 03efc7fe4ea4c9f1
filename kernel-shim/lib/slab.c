// SPDX-License-Identifier: Apache-2.0
/*
 * kmalloc() and its kin on the host's allocator, so that its sanitizers watch every object. All objects
 * hang on a list, which is how a kernel that ended badly gives everything back.
 */
#include "state.h"

#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define OBJECT_MAX 0x7fffffffUL /* bytes, as kvmalloc() */
#define TOTAL_MAX (1UL << 30) /* bytes of all objects, so that no kernel takes the host's memory */
#define FILL 0x5a /* memory that was not asked to be zero is the same in every run */

struct object {
	struct list_head list;
	size_t size;
	bool counted;
} __aligned(ARCH_KMALLOC_MINALIGN);

struct kmem_cache {
	size_t size;
	void (*ctor)(void *object);
};

static void *object_alloc(size_t size, bool zero, bool counted)
{
	struct kernel *k = kernel_current();
	struct object *object;

	if (size > OBJECT_MAX || size + sizeof(*object) > TOTAL_MAX - k->slab.bytes)
		return NULL;
	object = malloc(sizeof(*object) + size);
	if (!object)
		return NULL;
	object->size = size;
	object->counted = counted;
	list_add(&object->list, &k->slab.objects);
	k->slab.live += counted;
	k->slab.bytes += sizeof(*object) + size;
	return memset(object + 1, zero ? 0 : FILL, size);
}

/* True when the parameter fault.kmalloc_nth wants this allocation to fail. */
static bool fault_due(struct kernel *k)
{
	return k->faults.kmalloc_in && --k->faults.kmalloc_in == 0;
}

void *kernel_alloc(size_t size, gfp_t gfp)
{
	if (gfp & __GFP_DIRECT_RECLAIM)
		might_sleep();
	if (fault_due(kernel_current()))
		return NULL;
	return object_alloc(size, gfp & __GFP_ZERO, true);
}

void *slab_zalloc_internal(size_t size)
{
	return object_alloc(size, true, false);
}

void kfree(const void *ptr)
{
	struct object *object;

	if (!ptr)
		return;
	object = (struct object *)(unsigned long)ptr - 1;
	list_del(&object->list);
	kernel_current()->slab.live -= object->counted;
	kernel_current()->slab.bytes -= sizeof(*object) + object->size;
	free(object);
}

size_t ksize(const void *ptr)
{
	return ptr ? ((const struct object *)ptr - 1)->size : 0;
}

void *krealloc(const void *ptr, size_t size, gfp_t gfp)
{
	size_t old = ksize(ptr);
	void *grown;

	if (ptr && !size) {
		kfree(ptr);
		return NULL;
	}
	grown = kmalloc(size, gfp);
	if (grown && ptr) {
		memcpy(grown, ptr, old < size ? old : size);
		kfree(ptr);
	}
	return grown;
}

void slab_free_all(struct kernel *k)
{
	struct object *object, *next;

	list_for_each_entry_safe(object, next, &k->slab.objects, list)
		free(object);
	INIT_LIST_HEAD(&k->slab.objects);
	k->slab.bytes = 0;
}

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size, unsigned int align,
				     unsigned int flags, void (*ctor)(void *))
{
	struct kmem_cache *cache = slab_zalloc_internal(sizeof(*cache));

	(void)name;
	(void)align;
	(void)flags;
	if (cache)
		*cache = (struct kmem_cache){ .size = size, .ctor = ctor };
	return cache;
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
	kfree(cache);
}

void *kmem_cache_alloc(struct kmem_cache *cache, gfp_t gfp)
{
	void *object = kmalloc(cache->size, gfp);

	if (object && cache->ctor)
		cache->ctor(object);
	return object;
}

void kmem_cache_free(struct kmem_cache *cache, void *ptr)
{
	(void)cache;
	kfree(ptr);
}

char *kstrdup(const char *s, gfp_t gfp)
{
	return s ? kmemdup(s, strlen(s) + 1, gfp) : NULL;
}

void *kmemdup(const void *src, size_t len, gfp_t gfp)
{
	void *copy = kmalloc(len, gfp);

	return copy ? memcpy(copy, src, len) : NULL;
}

void *memdup_user(const void __user *src, size_t len)
{
	void *copy = kmalloc(len, GFP_USER);

	if (!copy)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(copy, src, len)) {
		kfree(copy);
		return ERR_PTR(-EFAULT);
	}
	return copy;
}

char *kvasprintf(gfp_t gfp, const char *fmt, va_list args)
{
	va_list again;
	char *text;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	text = len < 0 ? NULL : kmalloc((size_t)len + 1, gfp);
	if (text)
		vsnprintf(text, (size_t)len + 1, fmt, args);
	return text;
}

char *kasprintf(gfp_t gfp, const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = kvasprintf(gfp, fmt, args);
	va_end(args);
	return text;
}
