/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host-physical memory, sparse: only pages that were written, or handed out by
 * memory_page(), cost host memory. Knows no ranges or devices: the machine
 * decides what lies where.
 */
#ifndef MODELS_MEM_MEMORY_H
#define MODELS_MEM_MEMORY_H

#include "../port.h"

struct memory;

/** Creates memory of 2^width_bits bytes (32..52). NULL when the host has no memory. O(1). */
struct memory *memory_create(unsigned int width_bits);

/** Frees the memory and all its pages. NULL is allowed. */
void memory_destroy(struct memory *mem);

/** Address width in bits. */
unsigned int memory_width(const struct memory *mem);

/**
 * Reads len bytes at addr, any length and alignment; untouched pages read as zero and stay
 * untouched. PORT_ERROR beyond the width or where a touched page is poisoned (nothing is then
 * promised of buf).
 */
enum port_status memory_read(struct memory *mem, hpa_t addr, void *buf, size_t len);

/**
 * Writes len bytes at addr, any length and alignment. PORT_ERROR beyond the width (nothing is then
 * written) or when the host has no memory.
 */
enum port_status memory_write(struct memory *mem, hpa_t addr, const void *buf, size_t len);

/** As port_ops.compare_exchange, on an 8-byte aligned address. */
enum port_status memory_compare_exchange(struct memory *mem, hpa_t addr, u64 *expected,
					 u64 desired);

/**
 * The 4 KiB of the page that holds addr, as the processor's direct map would reach it; makes the
 * page if untouched. The pointer is page-aligned and stays valid until memory_discard() or
 * memory_destroy().
 * NULL beyond the width or when the host has no memory.
 */
void *memory_page(struct memory *mem, hpa_t addr);

/** Makes the page of addr untouched again (reads as zero, costs nothing, poison gone). */
void memory_discard(struct memory *mem, hpa_t addr);

/**
 * memory_discard() of all pages from addr to addr + len, both page-aligned. Costs by what was
 * touched; nothing happens if the range is not all there.
 */
void memory_discard_range(struct memory *mem, hpa_t addr, u64 len);

/**
 * Makes reads (and compare-exchange) of the page of addr fail, or work again. Writes and processor
 * pointers are not hindered and do not heal it. An untouched page is touched by poisoning it.
 */
void memory_poison(struct memory *mem, hpa_t addr, bool fails);

/** Makes compare-exchange of the page of addr fail, or work again; reads and writes go on as they do. */
void memory_refuse_updates(struct memory *mem, hpa_t addr, bool refuses);

/** False if compare-exchange of the page of addr fails by memory_refuse_updates(). */
bool memory_takes_updates(struct memory *mem, hpa_t addr);

/** The pages used lately, for port.direct; lives as long as the memory. */
const struct memory_lookaside *memory_recent(const struct memory *mem);

/** Number of 4-KiB pages that cost host memory. */
size_t memory_pages_touched(const struct memory *mem);

#endif
