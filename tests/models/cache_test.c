/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generic cache: geometry, replacement, invalidation, counters.
 */
#include "cache.h"

#include <string.h>

#include "gtest_c.h"

struct geometry_row {
	const char *name;
	struct cache_geometry geometry;
	bool valid;
};

static const struct geometry_row geometries[] = {
	{ "off", { .entries = 0 }, true },
	{ "off_whatever_the_ways", { .entries = 0, .assoc = 3 }, true },
	{ "one_entry", { .entries = 1 }, true },
	{ "fully_associative", { .entries = 12 }, true },
	{ "direct_mapped", { .entries = 16, .assoc = 1 }, true },
	{ "three_ways", { .entries = 12, .assoc = 3 }, true },
	{ "not_a_multiple", { .entries = 13, .assoc = 4 }, false },
	{ "more_ways_than_entries", { .entries = 4, .assoc = 8 }, false },
	{ "sets_not_a_power_of_two", { .entries = 12, .assoc = 4 }, false },
	{ "too_large", { .entries = CACHE_MAX_ENTRIES * 2u, .assoc = 1 }, false },
	{ "unknown_policy", { .entries = 4, .policy = (enum cache_policy)3 }, false },
};

TEST_WITH_NAMED_PARAMS(cache, geometry_is_a_power_of_two_of_sets, struct geometry_row, geometries,
		       name)
{
	struct cache cache;

	EXPECT_EQ(cache_geometry_valid(&param->geometry), param->valid);
	EXPECT_EQ(cache_init(&cache, &param->geometry, 8), param->valid);
	cache_free(&cache);
}

static struct cache make(unsigned int entries, unsigned int assoc, enum cache_policy policy)
{
	const struct cache_geometry geometry = {
		.entries = entries, .assoc = assoc, .policy = policy, .seed = 42
	};
	struct cache cache;

	EXPECT_TRUE(cache_init(&cache, &geometry, sizeof(u64)));
	return cache;
}

static struct cache_tag tag(u64 key, u64 space)
{
	return (struct cache_tag){ key, space };
}

static void fill(struct cache *cache, u64 key, u64 value)
{
	*(u64 *)cache_fill(cache, tag(key, 0)) = value;
}

TEST(cache, off_finds_and_keeps_and_counts_nothing)
{
	struct cache cache = make(0, 0, CACHE_LRU);

	EXPECT_FALSE(cache_on(&cache));
	EXPECT_EQ(cache_fill(&cache, tag(1, 0)), NULL);
	EXPECT_EQ(cache_lookup(&cache, tag(1, 0)), NULL);
	EXPECT_EQ(cache_invalidate(&cache, NULL, NULL), 0);
	EXPECT_EQ(cache.counters.lookup, 0);
	cache_free(&cache);
}

TEST(cache, finds_what_was_filled_under_the_same_key_and_space_only)
{
	struct cache cache = make(8, 2, CACHE_LRU);
	const u64 *found;

	fill(&cache, 5, 500);
	found = cache_lookup(&cache, tag(5, 0));
	ASSERT_NE(found, NULL);
	EXPECT_EQ(*found, 500);
	EXPECT_EQ(cache_lookup(&cache, tag(5, 1)), NULL);
	EXPECT_EQ(cache_lookup(&cache, tag(6, 0)), NULL);
	EXPECT_EQ(cache.counters.lookup, 3);
	EXPECT_EQ(cache.counters.hit, 1);
	EXPECT_EQ(cache.counters.fill, 1);
	cache_free(&cache);
}

TEST(cache, filling_the_same_tag_again_evicts_nothing)
{
	struct cache cache = make(2, 0, CACHE_LRU);

	fill(&cache, 1, 10);
	fill(&cache, 2, 20);
	fill(&cache, 1, 11);
	EXPECT_EQ(cache.counters.evict, 0);
	EXPECT_EQ(*(u64 *)cache_probe(&cache, tag(1, 0)), 11);
	EXPECT_EQ(*(u64 *)cache_probe(&cache, tag(2, 0)), 20);
	cache_free(&cache);
}

TEST(cache, lru_evicts_what_was_used_longest_ago)
{
	struct cache cache = make(3, 0, CACHE_LRU);

	fill(&cache, 1, 0);
	fill(&cache, 2, 0);
	fill(&cache, 3, 0);
	cache_lookup(&cache, tag(1, 0));
	fill(&cache, 4, 0);
	EXPECT_NE(cache_probe(&cache, tag(1, 0)), NULL);
	EXPECT_EQ(cache_probe(&cache, tag(2, 0)), NULL);
	EXPECT_EQ(cache.counters.evict, 1);
	cache_free(&cache);
}

TEST(cache, round_robin_evicts_in_turn_whatever_was_used)
{
	struct cache cache = make(3, 0, CACHE_ROUND_ROBIN);

	fill(&cache, 1, 0);
	fill(&cache, 2, 0);
	fill(&cache, 3, 0);
	cache_lookup(&cache, tag(1, 0));
	fill(&cache, 4, 0);
	EXPECT_EQ(cache_probe(&cache, tag(1, 0)), NULL);
	fill(&cache, 5, 0);
	EXPECT_EQ(cache_probe(&cache, tag(2, 0)), NULL);
	fill(&cache, 6, 0);
	fill(&cache, 7, 0);
	EXPECT_EQ(cache_probe(&cache, tag(4, 0)), NULL);
	cache_free(&cache);
}

TEST(cache, random_replacement_repeats_with_its_seed)
{
	struct cache first = make(8, 0, CACHE_RANDOM);
	struct cache second = make(8, 0, CACHE_RANDOM);
	u64 key;

	for (key = 0; key < 100; key++) {
		fill(&first, key, key);
		fill(&second, key, key);
	}
	for (key = 0; key < 100; key++)
		EXPECT_EQ(cache_probe(&first, tag(key, 0)) != NULL,
			  cache_probe(&second, tag(key, 0)) != NULL);
	EXPECT_EQ(first.counters.evict, 92);
	cache_free(&first);
	cache_free(&second);
}

TEST(cache, neighbouring_keys_fill_all_sets)
{
	struct cache cache = make(64, 2, CACHE_LRU);
	u64 key;

	for (key = 1000; key < 1064; key++)
		fill(&cache, key, key);
	EXPECT_EQ(cache.counters.evict, 0);
	for (key = 1000; key < 1064; key++)
		EXPECT_NE(cache_probe(&cache, tag(key, 0)), NULL);
	cache_free(&cache);
}

static bool is_even(void *arg, struct cache_tag found, const void *entry)
{
	unsigned int *seen = arg;
	const u64 *value = entry;

	++*seen;
	EXPECT_EQ(*value, found.key * 10);
	return found.key % 2 == 0;
}

TEST(cache, invalidation_removes_what_matches_and_starts_an_epoch)
{
	struct cache cache = make(8, 0, CACHE_LRU);
	u64 epoch = cache_epoch(&cache);
	unsigned int seen = 0;
	u64 key;

	for (key = 1; key <= 5; key++)
		fill(&cache, key, key * 10);
	EXPECT_EQ(cache_invalidate(&cache, is_even, &seen), 2);
	EXPECT_EQ(seen, 5);
	EXPECT_EQ(cache_probe(&cache, tag(2, 0)), NULL);
	EXPECT_NE(cache_probe(&cache, tag(3, 0)), NULL);
	EXPECT_EQ(cache.counters.invalidate, 2);
	EXPECT_NE(cache_epoch(&cache), epoch);

	EXPECT_EQ(cache_invalidate(&cache, NULL, NULL), 3);
	EXPECT_EQ(cache_probe(&cache, tag(3, 0)), NULL);
	cache_free(&cache);
}

TEST(cache, eviction_of_all_is_no_invalidation)
{
	struct cache cache = make(8, 2, CACHE_LRU);
	u64 epoch;

	fill(&cache, 1, 0);
	fill(&cache, 2, 0);
	epoch = cache_epoch(&cache);
	cache_evict_all(&cache);
	EXPECT_EQ(cache_probe(&cache, tag(1, 0)), NULL);
	EXPECT_EQ(cache.counters.evict, 2);
	EXPECT_EQ(cache.counters.invalidate, 0);
	EXPECT_EQ(cache_epoch(&cache), epoch);
	cache_free(&cache);
}

TEST(cache, a_freed_way_is_used_before_any_entry_is_evicted)
{
	struct cache cache = make(2, 0, CACHE_ROUND_ROBIN);
	unsigned int seen = 0;

	fill(&cache, 1, 10);
	fill(&cache, 2, 20);
	cache_invalidate(&cache, is_even, &seen);
	fill(&cache, 3, 30);
	EXPECT_EQ(cache.counters.evict, 0);
	EXPECT_NE(cache_probe(&cache, tag(1, 0)), NULL);
	cache_free(&cache);
}

static void add_counter(void *arg, const char *name, u64 value)
{
	char *text = arg;

	EXPECT_EQ(value, strcmp(name, "toy_fill") == 0);
	strcat(text, name);
	strcat(text, " ");
}

TEST(cache, counters_carry_the_name_of_the_cache)
{
	static const struct cache_counter_names names = CACHE_COUNTER_NAMES("toy");
	struct cache cache = make(2, 0, CACHE_LRU);
	char text[128] = "";

	fill(&cache, 1, 10);
	cache_visit_counters(&cache.counters, &names, add_counter, text);
	EXPECT_STREQ(text, "toy_lookup toy_hit toy_fill toy_evict toy_invalidate ");
	cache_free(&cache);
}
