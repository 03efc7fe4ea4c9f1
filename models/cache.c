/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generic set-associative cache: storage, replacement and invalidation. Lookups are inline in
 * cache.h.
 */
#include "cache.h"

#include <stdlib.h>
#include <string.h>

/* No caller looks up or fills this tag, so that an unused way never compares equal. */
static const struct cache_tag unused_tag = { ~0ULL, ~0ULL };

static bool way_used(const struct cache *cache, size_t i)
{
	return cache->tags[i].space != unused_tag.space;
}

static unsigned int geometry_ways(const struct cache_geometry *geometry)
{
	return geometry->assoc ? geometry->assoc : geometry->entries;
}

bool cache_geometry_valid(const struct cache_geometry *geometry)
{
	unsigned int ways = geometry_ways(geometry);
	unsigned int sets;

	if (geometry->entries == 0)
		return true;
	if (geometry->entries > CACHE_MAX_ENTRIES || geometry->entries % ways != 0)
		return false;
	sets = geometry->entries / ways;
	return (sets & (sets - 1)) == 0 && geometry->policy <= CACHE_RANDOM;
}

bool cache_init(struct cache *cache, const struct cache_geometry *geometry, size_t entry_size)
{
	unsigned int sets;
	size_t i;

	memset(cache, 0, sizeof(*cache));
	if (!cache_geometry_valid(geometry))
		return false;
	if (geometry->entries == 0)
		return true;

	cache->entry_size = (entry_size + 7) & ~(size_t)7;
	cache->ways = geometry_ways(geometry);
	sets = geometry->entries / cache->ways;
	cache->set_mask = sets - 1;
	cache->policy = geometry->policy;
	cache->latency = geometry->latency;
	/* xorshift never leaves zero */
	cache->random = geometry->seed ? geometry->seed : 0x9e3779b97f4a7c15ULL;

	cache->tags = calloc(geometry->entries, sizeof(*cache->tags));
	cache->used = calloc(geometry->entries, sizeof(*cache->used));
	cache->next_way = calloc(sets, sizeof(*cache->next_way));
	cache->entries = calloc(geometry->entries, cache->entry_size);
	if (!cache->tags || !cache->used || !cache->next_way || !cache->entries) {
		cache_free(cache);
		return false;
	}
	for (i = 0; i < geometry->entries; i++)
		cache->tags[i] = unused_tag;
	cache->capacity = geometry->entries;
	return true;
}

void cache_free(struct cache *cache)
{
	free(cache->tags);
	free(cache->used);
	free(cache->next_way);
	free(cache->entries);
	memset(cache, 0, sizeof(*cache));
}

static u64 next_random(struct cache *cache)
{
	cache->random ^= cache->random << 13;
	cache->random ^= cache->random >> 7;
	cache->random ^= cache->random << 17;
	return cache->random;
}

static size_t least_recently_used(const struct cache *cache, size_t start)
{
	size_t oldest = start;
	size_t i;

	for (i = start + 1; i < start + cache->ways; i++)
		if (cache->used[i] < cache->used[oldest])
			oldest = i;
	return oldest;
}

/* The way of a full set that makes room. */
static size_t choose_victim(struct cache *cache, size_t start)
{
	unsigned int *next = &cache->next_way[start / cache->ways];
	size_t victim;

	switch (cache->policy) {
	case CACHE_ROUND_ROBIN:
		victim = start + *next;
		*next = (*next + 1) % cache->ways;
		return victim;
	case CACHE_RANDOM:
		return start + (size_t)(next_random(cache) % cache->ways);
	case CACHE_LRU:
	default:
		return least_recently_used(cache, start);
	}
}

/* Where a tag is, or else a free way, or else the victim. */
static size_t choose_way(struct cache *cache, struct cache_tag tag)
{
	size_t start = cache_set_start(cache, tag);
	size_t end = start + cache->ways;
	size_t free_way = end;
	size_t i;

	for (i = start; i < end; i++) {
		if (cache->tags[i].key == tag.key && cache->tags[i].space == tag.space)
			return i;
		if (free_way == end && !way_used(cache, i))
			free_way = i;
	}
	return free_way != end ? free_way : choose_victim(cache, start);
}

void *cache_fill(struct cache *cache, struct cache_tag tag)
{
	size_t i;

	if (!cache_on(cache))
		return NULL;
	i = choose_way(cache, tag);
	if (!way_used(cache, i))
		cache->valid++;
	else if (cache->tags[i].key != tag.key || cache->tags[i].space != tag.space)
		cache->counters.evict++;
	cache->tags[i] = tag;
	cache->used[i] = ++cache->clock;
	cache->counters.fill++;
	return cache->entries + i * cache->entry_size;
}

unsigned int cache_invalidate(struct cache *cache, cache_match match, void *arg)
{
	unsigned int removed = 0;
	size_t i;

	cache->epoch++;
	for (i = 0; i < cache->capacity && cache->valid; i++) {
		if (!way_used(cache, i))
			continue;
		if (match && !match(arg, cache->tags[i], cache->entries + i * cache->entry_size))
			continue;
		cache->tags[i] = unused_tag;
		cache->used[i] = 0;
		cache->valid--;
		removed++;
	}
	cache->counters.invalidate += removed;
	return removed;
}

void cache_evict_all(struct cache *cache)
{
	size_t i;

	for (i = 0; i < cache->capacity && cache->valid; i++) {
		if (!way_used(cache, i))
			continue;
		cache->tags[i] = unused_tag;
		cache->used[i] = 0;
		cache->valid--;
		cache->counters.evict++;
	}
}

void cache_visit_counters(const struct cache_counters *counters,
			  const struct cache_counter_names *names, counter_visitor visit, void *arg)
{
	visit(arg, names->lookup, counters->lookup);
	visit(arg, names->hit, counters->hit);
	visit(arg, names->fill, counters->fill);
	visit(arg, names->evict, counters->evict);
	visit(arg, names->invalidate, counters->invalidate);
}
