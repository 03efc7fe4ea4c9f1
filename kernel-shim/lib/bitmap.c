// SPDX-License-Identifier: Apache-2.0
/* Bitmaps of any length. Bits of the last word beyond the length may hold anything. */
#include <linux/bitmap.h>
#include <linux/kernel.h>
#include <linux/slab.h>

/* The first bit from offset on that is set in the words as seen through flip. */
static unsigned long find_next(const unsigned long *addr, unsigned long size, unsigned long offset,
			       unsigned long flip)
{
	while (offset < size) {
		unsigned long word = (addr[BIT_WORD(offset)] ^ flip) >> (offset % BITS_PER_LONG);

		if (word)
			return min(offset + __ffs(word), size);
		offset = round_down(offset, BITS_PER_LONG) + BITS_PER_LONG;
	}
	return size;
}

unsigned long find_next_bit(const unsigned long *addr, unsigned long size, unsigned long offset)
{
	return find_next(addr, size, offset, 0);
}

unsigned long find_next_zero_bit(const unsigned long *addr, unsigned long size,
				 unsigned long offset)
{
	return find_next(addr, size, offset, ~0UL);
}

unsigned long find_last_bit(const unsigned long *addr, unsigned long size)
{
	unsigned long bit = size;

	while (bit-- > 0) {
		if (test_bit(bit, addr))
			return bit;
	}
	return size;
}

unsigned long *bitmap_alloc(unsigned int nbits, gfp_t flags)
{
	return kmalloc_array(BITS_TO_LONGS((size_t)nbits), sizeof(unsigned long), flags);
}

unsigned long *bitmap_zalloc(unsigned int nbits, gfp_t flags)
{
	return bitmap_alloc(nbits, flags | __GFP_ZERO);
}

void bitmap_free(const unsigned long *bitmap)
{
	kfree(bitmap);
}

/* The bits of word number i that lie in start..start+len-1. */
static unsigned long word_mask(size_t i, unsigned int start, unsigned int len)
{
	unsigned long first = i * BITS_PER_LONG;
	unsigned long end = (unsigned long)start + len;
	unsigned long mask = ~0UL;

	if (start > first)
		mask <<= start - first;
	if (end < first + BITS_PER_LONG)
		mask &= ~(~0UL << (end - first));
	return mask;
}

void bitmap_set(unsigned long *map, unsigned int start, unsigned int len)
{
	size_t i;

	for (i = BIT_WORD(start); i < BITS_TO_LONGS((size_t)start + len); i++)
		map[i] |= word_mask(i, start, len);
}

void bitmap_clear(unsigned long *map, unsigned int start, unsigned int len)
{
	size_t i;

	for (i = BIT_WORD(start); i < BITS_TO_LONGS((size_t)start + len); i++)
		map[i] &= ~word_mask(i, start, len);
}

void bitmap_or(unsigned long *dst, const unsigned long *a, const unsigned long *b,
	       unsigned int nbits)
{
	size_t i;

	for (i = 0; i < BITS_TO_LONGS((size_t)nbits); i++)
		dst[i] = a[i] | b[i];
}

void bitmap_and(unsigned long *dst, const unsigned long *a, const unsigned long *b,
		unsigned int nbits)
{
	size_t i;

	for (i = 0; i < BITS_TO_LONGS((size_t)nbits); i++)
		dst[i] = a[i] & b[i];
}

void bitmap_shift_left(unsigned long *dst, const unsigned long *src, unsigned int shift,
		       unsigned int nbits)
{
	size_t words = shift / BITS_PER_LONG;
	unsigned int bits = shift % BITS_PER_LONG;
	size_t i;

	for (i = BITS_TO_LONGS((size_t)nbits); i-- > 0;) {
		unsigned long high = i >= words ? src[i - words] : 0;
		unsigned long low = i > words ? src[i - words - 1] : 0;

		dst[i] = bits ? high << bits | low >> (BITS_PER_LONG - bits) : high;
	}
}

unsigned int bitmap_weight(const unsigned long *map, unsigned int nbits)
{
	unsigned int weight = 0;
	size_t i;

	for (i = 0; i < BITS_TO_LONGS((size_t)nbits); i++)
		weight += hweight64(map[i] & word_mask(i, 0, nbits));
	return weight;
}

bool bitmap_empty(const unsigned long *map, unsigned int nbits)
{
	return find_first_bit(map, nbits) == nbits;
}

bool bitmap_full(const unsigned long *map, unsigned int nbits)
{
	return find_first_zero_bit(map, nbits) == nbits;
}

unsigned long bitmap_find_next_zero_area(unsigned long *map, unsigned long size,
					 unsigned long start, unsigned int nr,
					 unsigned long align_mask)
{
	for (;;) {
		unsigned long first = find_next_zero_bit(map, size, start);
		unsigned long end, used;

		first = (first + align_mask) & ~align_mask;
		end = first + nr;
		if (end > size)
			return end;
		used = find_next_bit(map, end, first);
		if (used >= end)
			return first;
		start = used + 1;
	}
}
