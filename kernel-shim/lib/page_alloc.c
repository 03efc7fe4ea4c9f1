// SPDX-License-Identifier: Apache-2.0
/*
 * The page allocator: a buddy system over the kernel's RAM. RAM that was never handed out is not in
 * its lists but beyond a mark, and struct page is an array in memory that the host only backs where it
 * is written: so a kernel with terabytes starts as fast as a small one. Users of pages in address
 * spaces are left to mm.c and gup.c.
 */
#include "state.h"

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <sys/mman.h>

/* struct page.flags of a block's first page; other pages of a block have none */
#define PAGE_FREE 1u /* in a free list */
#define PAGE_HEAD 2u /* handed out */

/* What is cut from fresh RAM at once, to keep small allocations close together. */
#define CHUNK_ORDER 9u

static struct page_state *state(void)
{
	return &kernel_current()->pages;
}

/* Memory that the host backs page by page as it is written. NULL: no room for it. */
static void *map_lazily(size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return at == MAP_FAILED ? NULL : at;
}

/* Bytes of struct page, and of the counters behind them. */
static size_t map_size(const struct page_state *s)
{
	u64 pages = s->end_pfn - s->first_pfn;

	return pages * sizeof(*s->map) + (pages >> CHUNK_ORDER) * sizeof(*s->mapped);
}

int page_alloc_start(struct kernel *k)
{
	struct page_state *s = &k->pages;
	unsigned int i;

	s->first_pfn = k->config.ram_base >> PAGE_SHIFT;
	s->end_pfn = (k->config.ram_base + k->config.ram_size) >> PAGE_SHIFT;
	s->fresh_pfn = s->first_pfn;
	for (i = 0; i < MAX_ORDER; i++)
		INIT_LIST_HEAD(&s->free[i]);
	s->map = map_lazily(map_size(s));
	if (!s->map)
		return -ENOMEM;
	s->mapped = (unsigned int *)(s->map + (s->end_pfn - s->first_pfn));
	return 0;
}

void page_alloc_stop(struct kernel *k)
{
	struct page_state *s = &k->pages;

	munmap(s->map, map_size(s));
}

bool pfn_valid(unsigned long pfn)
{
	return pfn >= state()->first_pfn && pfn < state()->end_pfn;
}

struct page *pfn_to_page(unsigned long pfn)
{
	if (!pfn_valid(pfn))
		kernel_bug(KERNEL_SITE, "page frame 0x%lx is not in RAM", pfn);
	return &state()->map[pfn - state()->first_pfn];
}

unsigned long page_to_pfn(const struct page *page)
{
	return state()->first_pfn + (unsigned long)(page - state()->map);
}

static void add_free(struct page *page, unsigned int order)
{
	page->flags = PAGE_FREE;
	page->order = order;
	list_add(&page->lru, &state()->free[order]);
}

static void take_free(struct page *page)
{
	list_del(&page->lru);
	page->flags = 0;
}

/* The free block that together with this one makes a block of the next order, or NULL. */
static struct page *free_buddy(unsigned long pfn, unsigned int order)
{
	unsigned long buddy = pfn ^ (1UL << order);
	struct page *page;

	if (!pfn_valid(buddy) || buddy >= state()->fresh_pfn)
		return NULL;
	page = pfn_to_page(buddy);
	return page->flags == PAGE_FREE && page->order == order ? page : NULL;
}

static void free_block(unsigned long pfn, unsigned int order)
{
	for (; order < MAX_ORDER - 1; order++) {
		struct page *buddy = free_buddy(pfn, order);

		if (!buddy)
			break;
		take_free(buddy);
		pfn &= ~(1UL << order);
	}
	add_free(pfn_to_page(pfn), order);
}

/* Adds fresh RAM up to end to the free lists, in the largest aligned blocks. */
static void free_fresh_until(u64 end)
{
	struct page_state *s = state();

	while (s->fresh_pfn < end) {
		u64 pfn = s->fresh_pfn;
		unsigned int order = pfn ? (unsigned int)__ffs(pfn) : MAX_ORDER - 1;

		order = min(order, (unsigned int)MAX_ORDER - 1);
		while (pfn + (1UL << order) > end)
			order--;
		s->fresh_pfn = pfn + (1UL << order);
		free_block(pfn, order);
	}
}

/* Takes a block off the fresh end of RAM; NULL: too little is left. */
static struct page *alloc_fresh(unsigned int order)
{
	struct page_state *s = state();
	u64 start = round_up(s->fresh_pfn, 1ULL << order);

	if (start < s->fresh_pfn || start > s->end_pfn || s->end_pfn - start < 1ULL << order)
		return NULL;
	free_fresh_until(start);
	s->fresh_pfn = start + (1ULL << order);
	return pfn_to_page(start);
}

/* Takes a block from the lists, halving a larger one. */
static struct page *alloc_listed(unsigned int order)
{
	struct page_state *s = state();
	unsigned int from = order;
	struct page *page;

	while (from < MAX_ORDER && list_empty(&s->free[from]))
		from++;
	if (from == MAX_ORDER)
		return NULL;
	page = list_first_entry(&s->free[from], struct page, lru);
	take_free(page);
	while (from > order) {
		from--;
		add_free(page + (1UL << from), from);
	}
	return page;
}

static void zero_page(struct page *page)
{
	/* an address that was given out stays valid; otherwise the host gets its memory back */
	if (page->virtual)
		memset(page->virtual, 0, PAGE_SIZE);
	else
		memory_discard(kernel_config()->memory, hpa(page_to_phys(page)));
}

static unsigned int *mapped_in_chunk(const struct page *page)
{
	unsigned long offset = page_to_pfn(page) - state()->first_pfn;

	return &state()->mapped[offset >> CHUNK_ORDER];
}

/* Devices may have written to any page, so fresh ones need it as much as used ones. */
static void zero_block(struct page *page, unsigned int order)
{
	struct page *end = page + (1UL << order);

	while (page < end) {
		if (order >= CHUNK_ORDER && !*mapped_in_chunk(page)) {
			memory_discard_range(kernel_config()->memory, hpa(page_to_phys(page)),
					     PAGE_SIZE << CHUNK_ORDER);
			page += 1UL << CHUNK_ORDER;
		} else {
			zero_page(page++);
		}
	}
}

static struct page *take_block(unsigned int order)
{
	struct page *page = alloc_listed(order);

	if (page)
		return page;
	if (order >= CHUNK_ORDER)
		return alloc_fresh(order);
	page = alloc_fresh(CHUNK_ORDER);
	if (!page)
		return NULL;
	add_free(page, CHUNK_ORDER);
	return alloc_listed(order);
}

/* True when the parameter fault.page_nth wants this allocation to fail. */
static bool fault_due(struct kernel *k)
{
	return k->faults.page_in && --k->faults.page_in == 0;
}

struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	struct page *page;

	if (gfp & __GFP_DIRECT_RECLAIM)
		might_sleep();
	if (order >= MAX_ORDER || fault_due(kernel_current()))
		return NULL;
	page = take_block(order);
	if (!page)
		return NULL;
	page->flags = PAGE_HEAD;
	page->order = order;
	page->refcount = 1;
	page->pincount = 0;
	page->private = 0;
	if (gfp & __GFP_ZERO)
		zero_block(page, order);
	return page;
}

void __free_pages(struct page *page, unsigned int order)
{
	if (!page)
		return;
	if (page->flags != PAGE_HEAD || page->order != order)
		kernel_bug(KERNEL_SITE, "bad free of page frame 0x%lx, order %u", page_to_pfn(page),
			   order);
	put_page(page);
}

struct page *compound_head(const struct page *page)
{
	static const unsigned int orders[] = { 0, 9,  18, 1,  2,  3,  4,  5,  6, 7,
					       8, 10, 11, 12, 13, 14, 15, 16, 17 };
	unsigned long pfn = page_to_pfn(page);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		unsigned long head = round_down(pfn, 1UL << orders[i]);
		struct page *candidate;

		if (!pfn_valid(head))
			continue;
		candidate = pfn_to_page(head);
		if (candidate->flags == PAGE_HEAD && pfn - head < 1UL << candidate->order)
			return candidate;
	}
	kernel_bug(KERNEL_SITE, "use of free page frame 0x%lx", pfn);
}

int page_count(const struct page *page)
{
	return compound_head(page)->refcount;
}

void get_page(struct page *page)
{
	compound_head(page)->refcount++;
}

void put_page(struct page *page)
{
	struct page *head = compound_head(page);

	if (--head->refcount)
		return;
	head->flags = 0;
	free_block(page_to_pfn(head), head->order);
}

void *page_address(const struct page *page)
{
	struct kernel *k = kernel_current();
	unsigned long pfn = page_to_pfn(page);
	struct page *known = pfn_to_page(pfn);

	if (!known->virtual) {
		known->virtual = memory_page(k->config.memory, hpa(PFN_PHYS(pfn)));
		if (!known->virtual || !direct_map_add(&k->direct_map, known->virtual, pfn))
			kernel_bug(KERNEL_SITE, "the host has no memory");
		++*mapped_in_chunk(known);
	}
	return known->virtual;
}

void *phys_to_virt(phys_addr_t phys)
{
	return (u8 *)page_address(phys_to_page(phys)) + offset_in_page(phys);
}

phys_addr_t virt_to_phys(const volatile void *addr)
{
	unsigned long page = (unsigned long)addr & PAGE_MASK;
	u64 pfn = direct_map_find(&kernel_current()->direct_map, (const void *)page);

	if (pfn == ~0ULL)
		kernel_bug(KERNEL_SITE, "virt_to_phys() of memory that is no page");
	return PFN_PHYS(pfn) + offset_in_page(addr);
}

unsigned long __get_free_pages(gfp_t gfp, unsigned int order)
{
	struct page *page = alloc_pages(gfp, order);

	return page ? (unsigned long)page_address(page) : 0;
}

unsigned long get_zeroed_page(gfp_t gfp)
{
	return __get_free_pages(gfp | __GFP_ZERO, 0);
}

void free_pages(unsigned long addr, unsigned int order)
{
	if (addr)
		__free_pages(virt_to_page((const void *)addr), order);
}
