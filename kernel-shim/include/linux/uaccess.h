/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The current task's memory. A user pointer holds a simulated address; touching it faults the page
 * in, and fails where there is no mapping or no right. Never dereference one.
 */
#ifndef _SHIM_LINUX_UACCESS_H
#define _SHIM_LINUX_UACCESS_H

#include <linux/errno.h>
#include <linux/mm_types.h>
#include <linux/sched.h>
#include <linux/types.h>

static inline bool kernel_access_ok(u64 addr, u64 size)
{
	return size <= TASK_SIZE && addr <= TASK_SIZE - size;
}
#define access_ok(addr, size) kernel_access_ok((u64)(unsigned long)(addr), size)

/** Bytes that could not be copied, at the end of the range; 0: all was copied. */
unsigned long __must_check copy_from_user(void *to, const void __user *from, unsigned long n);
unsigned long __must_check copy_to_user(void __user *to, const void *from, unsigned long n);
unsigned long __must_check clear_user(void __user *to, unsigned long n);

#define __copy_from_user(to, from, n) copy_from_user(to, from, n)
#define __copy_to_user(to, from, n) copy_to_user(to, from, n)

/**
 * Copies a struct of usize bytes into one of ksize. A longer one must be zero beyond (-E2BIG), a
 * shorter one is filled up with zeros. 0, -E2BIG or -EFAULT.
 */
int __must_check copy_struct_from_user(void *dst, size_t ksize, const void __user *src,
				       size_t usize);

/** Length of the string without its NUL; count if there is none in so many bytes; -EFAULT. */
long strncpy_from_user(char *dst, const char __user *src, long count);

#define get_user(x, ptr)                                                                        \
	__extension__({                                                                         \
		__typeof__(*(ptr)) __gu_value;                                                  \
		int __gu_ret = copy_from_user(&__gu_value, (ptr), sizeof(__gu_value)) ? -EFAULT \
										      : 0;      \
		if (!__gu_ret)                                                                  \
			(x) = __gu_value;                                                       \
		__gu_ret;                                                                       \
	})
#define put_user(x, ptr)                                                            \
	__extension__({                                                             \
		__typeof__(*(ptr)) __pu_value = (x);                                \
		copy_to_user((ptr), &__pu_value, sizeof(__pu_value)) ? -EFAULT : 0; \
	})
#define __get_user(x, ptr) get_user(x, ptr)
#define __put_user(x, ptr) put_user(x, ptr)

#endif
