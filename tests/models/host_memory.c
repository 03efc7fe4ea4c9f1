/* SPDX-License-Identifier: Apache-2.0 */
/* Allocation functions that fail once, at a chosen call. */
#include "host_memory.h"

#include <stdbool.h>
#include <stddef.h>

/* The linker's names: what is called, and what is really there. */
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);

static struct {
	bool armed, failed;
	unsigned int left;
} host;

void host_memory_fails_after(unsigned int count)
{
	host.armed = true;
	host.failed = false;
	host.left = count;
}

bool host_memory_is_back(void)
{
	host.armed = false;
	return host.failed;
}

static bool fails(void)
{
	if (!host.armed || host.left-- > 0)
		return false;
	host.armed = false;
	host.failed = true;
	return true;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	return fails() ? NULL : __real_aligned_alloc(alignment, size);
}
