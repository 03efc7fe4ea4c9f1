// SPDX-License-Identifier: Apache-2.0
/*
 * Tests of sparse host-physical memory, directed and against a flat reference.
 */
#include "gtest_c.h"

#include "mem/memory.h"

#include <stdlib.h>
#include <string.h>

#define PAGE 4096ULL

static u64 next_random(u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static u64 read_u64(struct memory *mem, u64 addr)
{
	u64 value = 0xdead;

	EXPECT_EQ(memory_read(mem, hpa(addr), &value, sizeof(value)), PORT_OK);
	return value;
}

static void write_u64(struct memory *mem, u64 addr, u64 value)
{
	EXPECT_EQ(memory_write(mem, hpa(addr), &value, sizeof(value)), PORT_OK);
}

struct width_row {
	const char *name;
	unsigned int bits;
	int possible;
};

static const struct width_row widths[] = {
	{ "too_narrow", 31, 0 }, { "narrowest", 32, 1 }, { "usual", 46, 1 },
	{ "widest", 52, 1 },     { "too_wide", 53, 0 },
};

TEST_WITH_PARAMS(memory, has_widths_of_32_to_52_bits, struct width_row, widths)
{
	struct memory *mem = memory_create(param->bits);

	EXPECT_EQ(mem != NULL, param->possible);
	if (mem)
		EXPECT_EQ(memory_width(mem), param->bits);
	memory_destroy(mem);
}

TEST_WITH_PARAMS(memory, ends_at_its_width, struct width_row, widths)
{
	struct memory *mem = memory_create(param->bits);
	u64 size = 1ULL << param->bits;
	u8 bytes[16] = { 1, 2, 3 };

	if (!mem)
		return;
	EXPECT_EQ(memory_write(mem, hpa(size - 16), bytes, 16), PORT_OK);
	EXPECT_EQ(memory_read(mem, hpa(size - 16), bytes, 16), PORT_OK);
	EXPECT_EQ(memory_write(mem, hpa(size - 15), bytes, 16), PORT_ERROR);
	EXPECT_EQ(memory_read(mem, hpa(size - 15), bytes, 16), PORT_ERROR);
	EXPECT_EQ(memory_read(mem, hpa(size), bytes, 8), PORT_ERROR);
	EXPECT_EQ(memory_read(mem, hpa(~0ULL), bytes, 8), PORT_ERROR);
	EXPECT_EQ(memory_read(mem, hpa(~7ULL), bytes, 8), PORT_ERROR);
	EXPECT_EQ(memory_read(mem, hpa(4096), bytes, ~(size_t)0), PORT_ERROR);
	EXPECT_EQ(memory_write(mem, hpa(~0ULL), bytes, 2), PORT_ERROR);
	EXPECT_TRUE(memory_page(mem, hpa(size)) == NULL);
	EXPECT_TRUE(memory_page(mem, hpa(size - 1)) != NULL);
	EXPECT_EQ(memory_pages_touched(mem), 1u);
	memory_discard(mem, hpa(size));
	memory_poison(mem, hpa(size), true);
	memory_poison(mem, hpa(size), false);
	EXPECT_EQ(memory_pages_touched(mem), 1u);
	memory_destroy(mem);
}

TEST(memory, a_write_beyond_the_width_writes_nothing)
{
	struct memory *mem = memory_create(32);
	u64 data[2] = { ~0ULL, ~0ULL };

	EXPECT_EQ(memory_write(mem, hpa((1ULL << 32) - 8), data, 16), PORT_ERROR);
	EXPECT_EQ(memory_pages_touched(mem), 0u);
	EXPECT_EQ(read_u64(mem, (1ULL << 32) - 8), 0u);
	memory_destroy(mem);
}

TEST(memory, untouched_pages_read_as_zero_and_cost_nothing)
{
	struct memory *mem = memory_create(52);
	u8 bytes[3 * 4096];

	memset(bytes, 0xff, sizeof(bytes));
	EXPECT_EQ(memory_read(mem, hpa(0x123456789fffULL), bytes, sizeof(bytes)), PORT_OK);
	for (size_t i = 0; i < sizeof(bytes); i++)
		ASSERT_EQ(bytes[i], 0);
	EXPECT_EQ(memory_pages_touched(mem), 0u);
	write_u64(mem, 0x1000, 1);
	/* a neighbour in the same node of the tree */
	EXPECT_EQ(read_u64(mem, 0x2000), 0u);
	EXPECT_EQ(memory_pages_touched(mem), 1u);
	memory_destroy(mem);
}

TEST(memory, pages_far_apart_stay_apart)
{
	struct memory *mem = memory_create(52);

	for (unsigned int bit = 12; bit < 52; bit++)
		write_u64(mem, 1ULL << bit, bit);
	for (unsigned int bit = 12; bit < 52; bit++)
		EXPECT_EQ(read_u64(mem, 1ULL << bit), bit);
	EXPECT_EQ(memory_pages_touched(mem), 40u);
	memory_destroy(mem);
}

TEST(memory, a_page_is_what_reads_and_writes_see)
{
	struct memory *mem = memory_create(46);
	u8 *page = memory_page(mem, hpa(0x7654321ULL));

	ASSERT_TRUE(page != NULL);
	EXPECT_EQ((size_t)page % PAGE, 0u);
	EXPECT_TRUE(memory_page(mem, hpa(0x7654000ULL)) == page);
	page[8] = 0x5a;
	EXPECT_EQ(read_u64(mem, 0x7654008), 0x5au);
	write_u64(mem, 0x7654010, 77);
	EXPECT_EQ(page[16], 77);
	memory_destroy(mem);
}

TEST(memory, reads_and_writes_cross_pages)
{
	struct memory *mem = memory_create(40);
	u8 out[10000], in[10000];

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (u8)(i * 7 + 1);
	EXPECT_EQ(memory_write(mem, hpa(0x1ffd), out, sizeof(out)), PORT_OK);
	EXPECT_EQ(memory_read(mem, hpa(0x1ffd), in, sizeof(in)), PORT_OK);
	EXPECT_MEMEQ(in, out, sizeof(out));
	EXPECT_EQ(memory_pages_touched(mem), 4u);
	EXPECT_EQ(memory_read(mem, hpa(0x1ffd), in, 0), PORT_OK);
	memory_destroy(mem);
}

TEST(memory, a_discarded_page_is_untouched_again)
{
	struct memory *mem = memory_create(40);

	write_u64(mem, 0x5000, 1);
	write_u64(mem, 0x6000, 2);
	memory_discard(mem, hpa(0x5fff));
	memory_discard(mem, hpa(0x7000));
	memory_discard(mem, hpa(0x700000000ULL));
	EXPECT_EQ(memory_pages_touched(mem), 1u);
	EXPECT_EQ(read_u64(mem, 0x5000), 0u);
	EXPECT_EQ(read_u64(mem, 0x6000), 2u);
	/* the page that is used again is clean */
	write_u64(mem, 0x9008, 3);
	EXPECT_EQ(read_u64(mem, 0x9000), 0u);
	memory_destroy(mem);
}

TEST(memory, a_discarded_range_is_untouched_and_its_neighbours_are_not)
{
	struct memory *mem = memory_create(46);
	u64 base = 3ULL << 30, addr;

	memory_discard_range(mem, hpa(base), 1ULL << 30);
	for (addr = base - PAGE; addr <= base + (1ULL << 30); addr += 5 * PAGE << 8)
		write_u64(mem, addr, addr);
	write_u64(mem, base, 1);
	write_u64(mem, base + (1ULL << 30) - PAGE, 2);
	write_u64(mem, base + (1ULL << 30), 3);
	memory_discard_range(mem, hpa(base), 1ULL << 30);
	EXPECT_EQ(memory_pages_touched(mem), 2u);
	EXPECT_EQ(read_u64(mem, base - PAGE), base - PAGE);
	EXPECT_EQ(read_u64(mem, base), 0u);
	EXPECT_EQ(read_u64(mem, base + (1ULL << 30) - PAGE), 0u);
	EXPECT_EQ(read_u64(mem, base + (1ULL << 30)), 3u);
	/* a range that is not there */
	memory_discard_range(mem, hpa(base), 1ULL << 46);
	memory_discard_range(mem, hpa(~0ULL << 12), 2 * PAGE);
	memory_discard_range(mem, hpa(base), 0);
	EXPECT_EQ(memory_pages_touched(mem), 2u);
	memory_destroy(mem);
}

TEST(memory, a_poisoned_page_fails_reads_until_it_is_healed_or_discarded)
{
	struct memory *mem = memory_create(40);
	u64 value;

	write_u64(mem, 0x5000, 1);
	memory_poison(mem, hpa(0x5008), true);
	EXPECT_EQ(memory_read(mem, hpa(0x5000), &value, 8), PORT_ERROR);
	EXPECT_EQ(memory_read(mem, hpa(0x4ffc), &value, 8), PORT_ERROR);
	value = 1;
	EXPECT_EQ(memory_compare_exchange(mem, hpa(0x5000), &value, 2), PORT_ERROR);
	/* the processor's pointer and writes are not hindered, and do not heal it */
	EXPECT_EQ(*(u64 *)memory_page(mem, hpa(0x5000)), 1u);
	write_u64(mem, 0x5000, 7);
	EXPECT_EQ(memory_read(mem, hpa(0x5000), &value, 8), PORT_ERROR);
	memory_poison(mem, hpa(0x5000), false);
	EXPECT_EQ(read_u64(mem, 0x5000), 7u);
	memory_poison(mem, hpa(0x5000), true);
	memory_discard(mem, hpa(0x5000));
	EXPECT_EQ(read_u64(mem, 0x5000), 0u);
	memory_destroy(mem);
}

TEST(memory, a_page_can_refuse_updates_until_it_takes_them_again_or_is_discarded)
{
	struct memory *mem = memory_create(40);
	u64 value = 1;

	write_u64(mem, 0x5000, 1);
	memory_refuse_updates(mem, hpa(0x5008), true);
	EXPECT_EQ(memory_compare_exchange(mem, hpa(0x5000), &value, 2), PORT_ERROR);
	EXPECT_EQ(memory_compare_exchange(mem, hpa(0x6000), &value, 2), PORT_OK);
	EXPECT_EQ(value, 0u);
	EXPECT_EQ(read_u64(mem, 0x5000), 1u);
	write_u64(mem, 0x5000, 7);
	EXPECT_EQ(read_u64(mem, 0x5000), 7u);
	value = 7;
	memory_refuse_updates(mem, hpa(0x5000), false);
	EXPECT_EQ(memory_compare_exchange(mem, hpa(0x5000), &value, 8), PORT_OK);
	EXPECT_EQ(read_u64(mem, 0x5000), 8u);
	memory_refuse_updates(mem, hpa(0x5000), true);
	memory_discard(mem, hpa(0x5000));
	value = 0;
	EXPECT_EQ(memory_compare_exchange(mem, hpa(0x5000), &value, 2), PORT_OK);
	/* beyond the memory there is no page to mark */
	memory_refuse_updates(mem, hpa(1ULL << 40), true);
	EXPECT_EQ(memory_compare_exchange(mem, hpa(1ULL << 40), &value, 2), PORT_ERROR);
	memory_destroy(mem);
}

TEST(memory, an_untouched_page_can_be_poisoned)
{
	struct memory *mem = memory_create(40);
	u64 value;

	memory_poison(mem, hpa(0x5000), false);
	EXPECT_EQ(memory_pages_touched(mem), 0u);
	memory_poison(mem, hpa(0x5000), true);
	memory_poison(mem, hpa(0x5000), true);
	EXPECT_EQ(memory_read(mem, hpa(0x5ff8), &value, 8), PORT_ERROR);
	memory_poison(mem, hpa(0x5000), false);
	EXPECT_EQ(read_u64(mem, 0x5ff8), 0u);
	memory_destroy(mem);
}

TEST(memory, compare_exchange_stores_only_on_a_match_and_tells_what_it_found)
{
	struct memory *mem = memory_create(40);
	u64 expected = 5;

	EXPECT_EQ(memory_compare_exchange(mem, hpa(0x1000), &expected, 9), PORT_OK);
	EXPECT_EQ(expected, 0u);
	EXPECT_EQ(memory_pages_touched(mem), 0u);
	EXPECT_EQ(memory_compare_exchange(mem, hpa(0x1000), &expected, 9), PORT_OK);
	EXPECT_EQ(expected, 0u);
	EXPECT_EQ(read_u64(mem, 0x1000), 9u);
	expected = 9;
	EXPECT_EQ(memory_compare_exchange(mem, hpa(0x1000), &expected, 10), PORT_OK);
	EXPECT_EQ(expected, 9u);
	EXPECT_EQ(read_u64(mem, 0x1000), 10u);
	EXPECT_EQ(memory_compare_exchange(mem, hpa(0x1004), &expected, 1), PORT_ERROR);
	EXPECT_EQ(memory_compare_exchange(mem, hpa(1ULL << 40), &expected, 1), PORT_ERROR);
	memory_destroy(mem);
}

TEST(memory, recent_pages_are_what_reads_and_writes_see)
{
	struct memory *mem = memory_create(40);
	const struct memory_lookaside *recent = memory_recent(mem);
	const u8 *page;

	EXPECT_EQ(read_u64(mem, 0x5000), 0u);
	EXPECT_FALSE(memory_lookaside_find(recent, hpa(0x5000)));
	write_u64(mem, 0x5008, 7);
	page = memory_lookaside_find(recent, hpa(0x5ff8));
	ASSERT_TRUE(page != NULL);
	EXPECT_EQ(*(const u64 *)(page + 8), 7u);
	write_u64(mem, 0x5008, 8);
	EXPECT_EQ(*(const u64 *)(page + 8), 8u);
	EXPECT_FALSE(memory_lookaside_find(recent, hpa(0x4fff)));
	EXPECT_FALSE(memory_lookaside_find(recent, hpa(0x6000)));
	memory_destroy(mem);
}

TEST(memory, pages_of_one_slot_displace_each_other_among_the_recent_alone)
{
	const u64 other = 0x5000 + MEMORY_LOOKASIDE_SLOTS * PAGE;
	struct memory *mem = memory_create(40);
	const struct memory_lookaside *recent = memory_recent(mem);

	write_u64(mem, 0x5000, 1);
	write_u64(mem, other, 2);
	EXPECT_FALSE(memory_lookaside_find(recent, hpa(0x5000)));
	EXPECT_TRUE(memory_lookaside_find(recent, hpa(other)));
	EXPECT_EQ(read_u64(mem, 0x5000), 1u);
	EXPECT_TRUE(memory_lookaside_find(recent, hpa(0x5000)));
	EXPECT_FALSE(memory_lookaside_find(recent, hpa(other)));
	EXPECT_EQ(read_u64(mem, other), 2u);
	memory_destroy(mem);
}

TEST(memory, poisoned_and_discarded_pages_are_not_among_the_recent)
{
	struct memory *mem = memory_create(40);
	const struct memory_lookaside *recent = memory_recent(mem);

	write_u64(mem, 0x5000, 1);
	memory_poison(mem, hpa(0x5000), true);
	EXPECT_FALSE(memory_lookaside_find(recent, hpa(0x5000)));
	write_u64(mem, 0x5000, 2);
	EXPECT_FALSE(memory_lookaside_find(recent, hpa(0x5000)));
	memory_poison(mem, hpa(0x5000), false);
	EXPECT_EQ(read_u64(mem, 0x5000), 2u);
	EXPECT_TRUE(memory_lookaside_find(recent, hpa(0x5000)));
	memory_discard(mem, hpa(0x5000));
	EXPECT_FALSE(memory_lookaside_find(recent, hpa(0x5000)));
	memory_destroy(mem);
}

/* Counts reads that ask. */
struct asked {
	struct memory *mem;
	unsigned int reads;
};

static enum port_status ask(void *ctx, hpa_t addr, void *buf, size_t len)
{
	struct asked *asked = ctx;

	asked->reads++;
	return memory_read(asked->mem, addr, buf, len);
}

TEST(memory, a_port_asks_for_what_it_cannot_read_directly)
{
	static const struct port_ops ops = { .read = ask };
	struct asked asked = { .mem = memory_create(40) };
	const struct port port = { .ops = &ops, .ctx = &asked, .direct = memory_recent(asked.mem) };
	u64 value[2] = { 0, 0 };

	EXPECT_EQ(port_read(&port, hpa(0x5ff8), value, 8), PORT_OK); /* untouched */
	EXPECT_EQ(asked.reads, 1u);
	write_u64(asked.mem, 0x5ff8, 7);
	EXPECT_EQ(port_read(&port, hpa(0x5ff8), value, 8), PORT_OK);
	EXPECT_EQ(value[0], 7u);
	EXPECT_EQ(asked.reads, 1u);
	EXPECT_EQ(port_read(&port, hpa(0x5000), value, 16), PORT_OK); /* no quadword */
	EXPECT_EQ(asked.reads, 2u);
	memory_poison(asked.mem, hpa(0x5000), true);
	EXPECT_EQ(port_read(&port, hpa(0x5ff8), value, 8), PORT_ERROR);
	EXPECT_EQ(asked.reads, 3u);
	memory_destroy(asked.mem);
}

TEST(memory, destroying_nothing_is_allowed)
{
	memory_destroy(NULL);
}

/* A window of the memory, held flat, with what is poisoned in it. */
#define WINDOW_PAGES 64u
#define WINDOW_BYTES (WINDOW_PAGES * PAGE)

struct reference {
	u8 bytes[WINDOW_BYTES];
	bool poisoned[WINDOW_PAGES];
};

static bool reference_poisoned(const struct reference *ref, u64 start, size_t len)
{
	for (u64 page = start / PAGE; len && page <= (start + len - 1) / PAGE; page++)
		if (ref->poisoned[page])
			return true;
	return false;
}

static void random_step(struct memory *mem, u64 base, struct reference *ref, u64 *state)
{
	u64 start = next_random(state) % WINDOW_BYTES;
	size_t len = next_random(state) % (3 * PAGE);
	u64 page = start / PAGE;
	u8 data[3 * PAGE];

	if (next_random(state) % 4 == 0) { /* an aligned quadword: the fast path */
		start &= ~7ULL;
		len = 8;
	}
	if (len > WINDOW_BYTES - start)
		len = WINDOW_BYTES - start;
	switch (next_random(state) % 8) {
	case 0:
		memory_discard(mem, hpa(base + start));
		memset(ref->bytes + page * PAGE, 0, PAGE);
		ref->poisoned[page] = false;
		return;
	case 1:
		ref->poisoned[page] = next_random(state) % 4 == 0;
		memory_poison(mem, hpa(base + start), ref->poisoned[page]);
		return;
	case 2:
	case 3:
	case 4:
		for (size_t i = 0; i < len; i++)
			data[i] = (u8)next_random(state);
		memcpy(ref->bytes + start, data, len);
		ASSERT_EQ(memory_write(mem, hpa(base + start), data, len), PORT_OK);
		return;
	default:
		if (reference_poisoned(ref, start, len)) {
			ASSERT_EQ(memory_read(mem, hpa(base + start), data, len), PORT_ERROR);
			return;
		}
		ASSERT_EQ(memory_read(mem, hpa(base + start), data, len), PORT_OK);
		ASSERT_MEMEQ(data, ref->bytes + start, len);
	}
}

TEST(memory, behaves_like_flat_memory_under_random_use)
{
	for (u64 seed = 1; seed <= 4; seed++) {
		struct memory *mem = memory_create(48);
		struct reference *ref = calloc(1, sizeof(*ref));
		u64 state = seed * 0x9e3779b97f4a7c15ULL;
		/* windows across nodes of the tree, at the bottom and at the top */
		u64 base = seed == 4 ? (1ULL << 48) - WINDOW_BYTES
				     : (seed - 1) * 0x100000000ULL - (seed - 1) * 0x20000ULL;

		SCOPED_NOTE("seed %llu", seed);
		for (int i = 0; i < 3000; i++)
			random_step(mem, base, ref, &state);
		free(ref);
		memory_destroy(mem);
	}
}
