/* SPDX-License-Identifier: Apache-2.0 */
/* Mapping a page for the kernel: every page is always mapped. */
#ifndef _SHIM_LINUX_HIGHMEM_H
#define _SHIM_LINUX_HIGHMEM_H

#include <linux/mm.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#define kmap(page) page_address(page)
#define kmap_atomic(page) page_address(page)
#define kmap_local_page(page) page_address(page)
#define kunmap(page) ((void)(page))
#define kunmap_atomic(addr) ((void)(addr))
#define kunmap_local(addr) ((void)(addr))

static inline void clear_highpage(struct page *page)
{
	memset(page_address(page), 0, PAGE_SIZE);
}

#endif
