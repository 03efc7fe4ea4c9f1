/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of memory that were used lately, by page number: what memory looks into first, and what a
 * port may let its model look into without a call. Which pages go in and out is memory.c's affair.
 */
#ifndef MODELS_MEM_LOOKASIDE_H
#define MODELS_MEM_LOOKASIDE_H

#include "../types.h"

#define MEMORY_LOOKASIDE_SLOTS 1024u

/**
 * Direct-mapped by the low bits of the page number, so that pages given out one after the other do
 * not displace each other. A walk waits for each address that it finds here: two arrays, because
 * an element of 8 bytes is reached with less arithmetic than one of 16.
 */
struct memory_lookaside {
	u64 tags[MEMORY_LOOKASIDE_SLOTS]; /* page number plus one; 0: none */
	u8 *pages[MEMORY_LOOKASIDE_SLOTS]; /* neither untouched nor poisoned */
};

/** The 4 KiB of the page that holds addr, or NULL if it is not among those used lately. */
static inline u8 *memory_lookaside_find(const struct memory_lookaside *lookaside, hpa_t addr)
{
	u64 page_number = addr.v >> MODEL_PAGE_SHIFT;
	size_t slot = page_number % MEMORY_LOOKASIDE_SLOTS;

	return lookaside->tags[slot] == page_number + 1 ? lookaside->pages[slot] : NULL;
}

#endif
