/* SPDX-License-Identifier: Apache-2.0 */
/* Strings: the C library's, and the kernel's own additions. */
#ifndef _SHIM_LINUX_STRING_H
#define _SHIM_LINUX_STRING_H

#include <linux/types.h>
#include <string.h>

/** Copies at most size - 1 bytes and a NUL. The length copied, or -E2BIG if it was cut. */
ssize_t strscpy(char *dst, const char *src, size_t size);

/** Copies into allocated memory that the caller frees with kfree(); NULL: no memory. */
char *kstrdup(const char *s, gfp_t gfp);
void *kmemdup(const void *src, size_t len, gfp_t gfp);

/** Copies from user space into allocated memory; ERR_PTR(-ENOMEM) or ERR_PTR(-EFAULT). */
void *memdup_user(const void __user *src, size_t len);

/** The first byte that is not c, or NULL. */
void *memchr_inv(const void *start, int c, size_t bytes);

#endif
