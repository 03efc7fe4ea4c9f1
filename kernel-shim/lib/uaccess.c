// SPDX-License-Identifier: Apache-2.0
/* Copies between the kernel, or a process itself, and a process' memory. Faulting in is left to mm.c. */
#include "state.h"

#include <linux/kernel.h>
#include <linux/uaccess.h>

/* One copy: exactly one of to and from is set; with neither, the memory is zeroed. */
struct user_copy {
	struct mm_struct *mm;
	unsigned long address;
	size_t len; /* bytes */
	u8 *to;
	const u8 *from;
};

static void copy_in_page(const struct user_copy *copy, struct page *page, size_t done, size_t part)
{
	struct memory *memory = kernel_config()->memory;
	hpa_t at = hpa(page_to_phys(page) + offset_in_page(copy->address + done));
	u8 *host;

	/* a page that nobody wrote to needs no host memory to be read */
	if (copy->to && memory_read(memory, at, copy->to + done, part) == PORT_OK)
		return;
	host = memory_page(memory, at);
	if (!host)
		kernel_bug(KERNEL_SITE, "the host has no memory");
	host += offset_in_page(at.v);
	if (copy->to)
		memcpy(copy->to + done, host, part);
	else if (copy->from)
		memcpy(host, copy->from + done, part);
	else
		memset(host, 0, part);
}

/* Bytes that could not be copied. */
static size_t copy_user(const struct user_copy *copy)
{
	size_t done = 0;

	if (!copy->mm || !access_ok(copy->address, copy->len))
		return copy->len;
	while (done < copy->len) {
		unsigned long address = copy->address + done;
		size_t part = min(copy->len - done, PAGE_SIZE - offset_in_page(address));
		struct page *page;

		if (mm_fault_in(copy->mm, address, !copy->to, &page))
			break;
		copy_in_page(copy, page, done, part);
		done += part;
	}
	return copy->len - done;
}

unsigned long copy_from_user(void *to, const void __user *from, unsigned long n)
{
	struct user_copy copy = {
		.mm = current->active_mm,
		.address = (unsigned long)from,
		.len = n,
		.to = to,
	};
	size_t left;

	might_sleep();
	left = copy_user(&copy);
	/* nothing of the kernel's stack may show through */
	if (left)
		memset((u8 *)to + (n - left), 0, left);
	return left;
}

unsigned long copy_to_user(void __user *to, const void *from, unsigned long n)
{
	struct user_copy copy = {
		.mm = current->active_mm,
		.address = (unsigned long)to,
		.len = n,
		.from = from,
	};

	might_sleep();
	return copy_user(&copy);
}

unsigned long clear_user(void __user *to, unsigned long n)
{
	struct user_copy copy = {
		.mm = current->active_mm,
		.address = (unsigned long)to,
		.len = n,
	};

	might_sleep();
	return copy_user(&copy);
}

/* 1 if all bytes are zero, 0 if not, -EFAULT. */
static int user_is_zero(const u8 __user *from, size_t len)
{
	u8 chunk[64];

	while (len) {
		size_t part = min(len, sizeof(chunk));

		if (copy_from_user(chunk, from, part))
			return -EFAULT;
		if (memchr_inv(chunk, 0, part))
			return 0;
		from += part;
		len -= part;
	}
	return 1;
}

int copy_struct_from_user(void *dst, size_t ksize, const void __user *src, size_t usize)
{
	size_t size = min(ksize, usize);

	if (usize > size) {
		int zero = user_is_zero((const u8 __user *)src + size, usize - size);

		if (zero <= 0)
			return zero ? zero : -E2BIG;
	}
	memset((u8 *)dst + size, 0, ksize - size);
	return copy_from_user(dst, src, size) ? -EFAULT : 0;
}

long strncpy_from_user(char *dst, const char __user *src, long count)
{
	long i;

	for (i = 0; i < count; i++) {
		if (copy_from_user(&dst[i], src + i, 1))
			return -EFAULT;
		if (!dst[i])
			return i;
	}
	return count;
}

/* ---- the process itself ---- */

static long do_user_copy(void *arg)
{
	return copy_user(arg) ? -EFAULT : 0;
}

int kernel_user_write(struct task *task, u64 address, const void *buf, size_t len)
{
	struct user_copy copy = {
		.mm = task->ts.mm,
		.address = address,
		.len = len,
		.from = buf,
	};

	return (int)kernel_run(task->kernel, &task->ts, do_user_copy, &copy);
}

int kernel_user_read(struct task *task, u64 address, void *buf, size_t len)
{
	struct user_copy copy = {
		.mm = task->ts.mm,
		.address = address,
		.len = len,
		.to = buf,
	};

	return (int)kernel_run(task->kernel, &task->ts, do_user_copy, &copy);
}

int kernel_user_to_hpa(struct task *task, u64 address, hpa_t *out)
{
	unsigned int order;
	const u64 *slot;
	u64 size;

	if (task->kernel->oopsed)
		return -ENOTRECOVERABLE;
	slot = access_ok(address, 1) ? page_table_find(task->ts.mm, address, &order) : NULL;
	if (!slot)
		return -EFAULT;
	size = PAGE_SIZE << order;
	*out = hpa((*slot & ~((1ULL << PAGE_SHIFT) - 1)) + (address & (size - 1)));
	return 0;
}
