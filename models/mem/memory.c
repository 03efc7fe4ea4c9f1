// SPDX-License-Identifier: Apache-2.0
/*
 * Sparse host-physical memory: a radix tree of 4-KiB pages, pages cut from small chunks, and a
 * direct-mapped lookaside of recently used pages before the tree. Knows no ranges or devices.
 */
#include "memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NODE_BITS 8
#define NODE_SLOTS (1u << NODE_BITS)
#define CHUNK_PAGES 16u
#define WIDTH_MIN 32u
#define WIDTH_MAX 52u

/* A leaf slot holds a page; pages are page-aligned, so its lowest bits are free for these marks. */
#define SLOT_POISONED ((uintptr_t)1)
#define SLOT_NO_UPDATES ((uintptr_t)2)

/* Inner nodes hold nodes, leaf nodes hold pages. */
struct node {
	uintptr_t slots[NODE_SLOTS];
};

/* An unused page links to the next one by its first bytes. */
struct free_page {
	struct free_page *next;
};

struct memory {
	u64 size; /* bytes */
	unsigned int width; /* bits */
	unsigned int levels; /* of the tree */
	size_t pages_touched;
	struct node *root;
	struct free_page *free_pages;
	void **chunks;
	size_t chunk_count;
	bool refuses_updates; /* some page may have SLOT_NO_UPDATES */
	struct memory_lookaside recent;
};

struct memory *memory_create(unsigned int width_bits)
{
	struct memory *mem;

	if (width_bits < WIDTH_MIN || width_bits > WIDTH_MAX)
		return NULL;
	mem = calloc(1, sizeof(*mem));
	if (!mem)
		return NULL;
	mem->width = width_bits;
	mem->size = 1ULL << width_bits;
	mem->levels = (width_bits - MODEL_PAGE_SHIFT + NODE_BITS - 1) / NODE_BITS;
	return mem;
}

static void node_destroy(struct node *node, unsigned int level)
{
	unsigned int i;

	if (!node)
		return;
	for (i = 0; level > 1 && i < NODE_SLOTS; i++)
		node_destroy((struct node *)node->slots[i], level - 1);
	free(node);
}

void memory_destroy(struct memory *mem)
{
	size_t i;

	if (!mem)
		return;
	node_destroy(mem->root, mem->levels);
	for (i = 0; i < mem->chunk_count; i++)
		free(mem->chunks[i]);
	free(mem->chunks);
	free(mem);
}

unsigned int memory_width(const struct memory *mem)
{
	return mem->width;
}

const struct memory_lookaside *memory_recent(const struct memory *mem)
{
	return &mem->recent;
}

size_t memory_pages_touched(const struct memory *mem)
{
	return mem->pages_touched;
}

/* Written so that neither a huge address nor a huge length can wrap around. */
static bool range_exists(const struct memory *mem, hpa_t addr, size_t len)
{
	return addr.v <= mem->size && len <= mem->size - addr.v;
}

static void recent_drop(struct memory *mem, u64 page_number)
{
	u64 *tag = &mem->recent.tags[page_number % MEMORY_LOOKASIDE_SLOTS];

	if (*tag == page_number + 1)
		*tag = 0;
}

static unsigned int node_index(u64 page_number, unsigned int level)
{
	return (page_number >> ((level - 1) * NODE_BITS)) % NODE_SLOTS;
}

/* The leaf slot of a page, or NULL if its node was never made. */
static uintptr_t *leaf_find(const struct memory *mem, u64 page_number)
{
	struct node *node = mem->root;
	unsigned int level;

	for (level = mem->levels; node && level > 1; level--)
		node = (struct node *)node->slots[node_index(page_number, level)];
	return node ? &node->slots[node_index(page_number, 1)] : NULL;
}

static struct node *node_create(void)
{
	return calloc(1, sizeof(struct node));
}

/* The leaf slot of a page, making its nodes. NULL when the host has no memory. */
static uintptr_t *leaf_make(struct memory *mem, u64 page_number)
{
	struct node *node;
	unsigned int level;

	if (!mem->root)
		mem->root = node_create();
	node = mem->root;
	for (level = mem->levels; node && level > 1; level--) {
		uintptr_t *slot = &node->slots[node_index(page_number, level)];

		if (!*slot)
			*slot = (uintptr_t)node_create();
		node = (struct node *)*slot;
	}
	return node ? &node->slots[node_index(page_number, 1)] : NULL;
}

static void page_free(struct memory *mem, void *page)
{
	struct free_page *entry = page;

	entry->next = mem->free_pages;
	mem->free_pages = entry;
}

/* Adds a chunk of unused pages; with no host memory, adds nothing. */
static void chunk_add(struct memory *mem)
{
	void **chunks = realloc(mem->chunks, (mem->chunk_count + 1) * sizeof(*chunks));
	unsigned int i;
	u8 *chunk;

	if (!chunks)
		return;
	mem->chunks = chunks;
	chunk = aligned_alloc(MODEL_PAGE_SIZE, CHUNK_PAGES * MODEL_PAGE_SIZE);
	if (!chunk)
		return;
	mem->chunks[mem->chunk_count++] = chunk;
	for (i = CHUNK_PAGES; i-- > 0;)
		page_free(mem, chunk + i * MODEL_PAGE_SIZE);
}

static u8 *page_alloc(struct memory *mem)
{
	struct free_page *entry;

	if (!mem->free_pages)
		chunk_add(mem);
	entry = mem->free_pages;
	if (!entry)
		return NULL;
	mem->free_pages = entry->next;
	return memset(entry, 0, MODEL_PAGE_SIZE);
}

/* The page behind a leaf slot's value, whatever its marks. */
static u8 *leaf_page(uintptr_t leaf)
{
	return (u8 *)(leaf & ~(SLOT_POISONED | SLOT_NO_UPDATES));
}

/* Remembers the page of a leaf slot, unless it is one whose reads must be looked at. */
static void recent_fill(struct memory *mem, u64 page_number, uintptr_t leaf)
{
	size_t slot = page_number % MEMORY_LOOKASIDE_SLOTS;

	if (leaf & SLOT_POISONED)
		return;
	mem->recent.tags[slot] = page_number + 1;
	mem->recent.pages[slot] = leaf_page(leaf);
}

/* The page of an address that exists, making it. NULL when the host has no memory. */
static u8 *page_make(struct memory *mem, hpa_t addr)
{
	u64 page_number = addr.v >> MODEL_PAGE_SHIFT;
	u8 *page = memory_lookaside_find(&mem->recent, addr);
	uintptr_t *leaf;

	if (page)
		return page;
	leaf = leaf_make(mem, page_number);
	if (!leaf)
		return NULL;
	if (!*leaf) {
		page = page_alloc(mem);
		if (!page)
			return NULL;
		*leaf = (uintptr_t)page;
		mem->pages_touched++;
	}
	recent_fill(mem, page_number, *leaf);
	return leaf_page(*leaf);
}

/* The page of an address that exists, for reading; *page is NULL if untouched. */
static enum port_status page_find(struct memory *mem, hpa_t addr, u8 **page)
{
	u64 page_number = addr.v >> MODEL_PAGE_SHIFT;
	uintptr_t *leaf;

	*page = memory_lookaside_find(&mem->recent, addr);
	if (*page)
		return PORT_OK;
	leaf = leaf_find(mem, page_number);
	if (!leaf || !*leaf)
		return PORT_OK;
	if (*leaf & SLOT_POISONED)
		return PORT_ERROR;
	recent_fill(mem, page_number, *leaf);
	*page = leaf_page(*leaf);
	return PORT_OK;
}

/* Bytes from addr to the end of its page, at most len. */
static size_t part_in_page(hpa_t addr, size_t len)
{
	size_t room = MODEL_PAGE_SIZE - (addr.v & ~MODEL_PAGE_MASK);

	return len < room ? len : room;
}

/* Out of line, so that reads of recent pages need not save the registers that this one uses. */
__attribute__((noinline)) static enum port_status read_slowly(struct memory *mem, hpa_t addr,
							      void *buf, size_t len)
{
	u8 *to = buf;

	if (!range_exists(mem, addr, len))
		return PORT_ERROR;
	while (len) {
		size_t part = part_in_page(addr, len);
		u8 *page;

		if (page_find(mem, addr, &page) != PORT_OK)
			return PORT_ERROR;
		if (page)
			memcpy(to, page + (addr.v & ~MODEL_PAGE_MASK), part);
		else
			memset(to, 0, part);
		to += part;
		len -= part;
		addr.v += part;
	}
	return PORT_OK;
}

enum port_status memory_read(struct memory *mem, hpa_t addr, void *buf, size_t len)
{
	const u8 *page = memory_lookaside_find(&mem->recent, addr);
	u64 offset = addr.v & ~MODEL_PAGE_MASK;

	if (!page || len > MODEL_PAGE_SIZE - offset)
		return read_slowly(mem, addr, buf, len);
	/* table entries: nearly all that a hardware model reads */
	if (len == 8)
		memcpy(buf, page + offset, 8);
	else
		memcpy(buf, page + offset, len);
	return PORT_OK;
}

enum port_status memory_write(struct memory *mem, hpa_t addr, const void *buf, size_t len)
{
	const u8 *from = buf;

	if (!range_exists(mem, addr, len))
		return PORT_ERROR;
	while (len) {
		size_t part = part_in_page(addr, len);
		u8 *page = page_make(mem, addr);

		if (!page)
			return PORT_ERROR;
		memcpy(page + (addr.v & ~MODEL_PAGE_MASK), from, part);
		from += part;
		len -= part;
		addr.v += part;
	}
	return PORT_OK;
}

bool memory_takes_updates(struct memory *mem, hpa_t addr)
{
	const uintptr_t *leaf = NULL;

	if (mem->refuses_updates && range_exists(mem, addr, 1))
		leaf = leaf_find(mem, addr.v >> MODEL_PAGE_SHIFT);
	return !leaf || !(*leaf & SLOT_NO_UPDATES);
}

enum port_status memory_compare_exchange(struct memory *mem, hpa_t addr, u64 *expected, u64 desired)
{
	u64 found;

	if (addr.v % sizeof(found) || !memory_takes_updates(mem, addr))
		return PORT_ERROR;
	if (memory_read(mem, addr, &found, sizeof(found)) != PORT_OK)
		return PORT_ERROR;
	if (found != *expected) {
		*expected = found;
		return PORT_OK;
	}
	return memory_write(mem, addr, &desired, sizeof(desired));
}

void *memory_page(struct memory *mem, hpa_t addr)
{
	return range_exists(mem, addr, 1) ? page_make(mem, addr) : NULL;
}

static void leaf_discard(struct memory *mem, uintptr_t *leaf, u64 page_number)
{
	recent_drop(mem, page_number);
	page_free(mem, leaf_page(*leaf));
	*leaf = 0;
	mem->pages_touched--;
}

/* Discards the pages from first to last, all of which are below this node. */
static void node_discard(struct memory *mem, struct node *node, unsigned int level, u64 first,
			 u64 last)
{
	u64 in_slot = (1ULL << ((level - 1) * NODE_BITS)) - 1;

	while (first <= last) {
		u64 end = (first | in_slot) < last ? first | in_slot : last;
		uintptr_t *slot = &node->slots[node_index(first, level)];

		if (*slot && level == 1)
			leaf_discard(mem, slot, first);
		else if (*slot)
			node_discard(mem, (struct node *)*slot, level - 1, first, end);
		first = end + 1;
	}
}

void memory_discard_range(struct memory *mem, hpa_t addr, u64 len)
{
	u64 end = addr.v + len;

	if (!mem->root || !len || end < addr.v || end > mem->size)
		return;
	node_discard(mem, mem->root, mem->levels, addr.v >> MODEL_PAGE_SHIFT,
		     (end - 1) >> MODEL_PAGE_SHIFT);
}

void memory_discard(struct memory *mem, hpa_t addr)
{
	uintptr_t *leaf;

	if (!range_exists(mem, addr, 1))
		return;
	leaf = leaf_find(mem, addr.v >> MODEL_PAGE_SHIFT);
	if (leaf && *leaf)
		leaf_discard(mem, leaf, addr.v >> MODEL_PAGE_SHIFT);
}

static void set_mark(struct memory *mem, hpa_t addr, uintptr_t mark, bool on)
{
	u64 page_number = addr.v >> MODEL_PAGE_SHIFT;
	uintptr_t *leaf;

	/* the mark lives in the tree, so a page that gets one must be there */
	if (on && !memory_page(mem, addr))
		return;
	leaf = range_exists(mem, addr, 1) ? leaf_find(mem, page_number) : NULL;
	if (!leaf || !*leaf)
		return;
	recent_drop(mem, page_number);
	*leaf = on ? *leaf | mark : *leaf & ~mark;
}

void memory_poison(struct memory *mem, hpa_t addr, bool fails)
{
	set_mark(mem, addr, SLOT_POISONED, fails);
}

void memory_refuse_updates(struct memory *mem, hpa_t addr, bool refuses)
{
	mem->refuses_updates |= refuses;
	set_mark(mem, addr, SLOT_NO_UPDATES, refuses);
}
