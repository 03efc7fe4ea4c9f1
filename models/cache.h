/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one generic set-associative cache: fixed-size entries of the caller's making under packed
 * 128-bit tags. What tags and entries mean, and when to invalidate, is left to the caller.
 */
#ifndef MODELS_CACHE_H
#define MODELS_CACHE_H

#include "cache_geometry.h"
#include "port.h"

/**
 * What an entry is found by. key is usually a page number or an id: its low bits choose the set;
 * space is what makes equal keys differ (domain, PASID, page size). space ~0 is reserved.
 */
struct cache_tag {
	u64 key;
	u64 space;
};

/** What happened to a cache since its creation. */
struct cache_counters {
	u64 lookup;
	u64 hit;
	u64 fill;
	u64 evict; /* valid entries that had to make room, or were dropped by cache_evict_all() */
	u64 invalidate; /* valid entries removed by invalidation */
};

/** A cache. Members are for cache.[ch] alone, but for counters and latency. */
struct cache {
	struct cache_tag *tags; /* sets are contiguous, the ways of a set adjoin */
	u64 *used; /* LRU: when each way was used last; 0 if never */
	unsigned int *next_way; /* of each set: CACHE_ROUND_ROBIN */
	unsigned char *entries;
	size_t entry_size; /* bytes, rounded up to 8 */
	unsigned int ways;
	unsigned int set_mask;
	unsigned int capacity; /* entries; 0: off */
	unsigned int valid; /* entries in use */
	enum cache_policy policy;
	u64 clock; /* LRU time */
	u64 random; /* state of CACHE_RANDOM */
	u64 epoch; /* invalidations so far, whether or not they found something */
	unsigned int latency; /* cycles of a lookup, 0 when off */
	struct cache_counters counters;
};

/** Largest number of entries of one cache. */
#define CACHE_MAX_ENTRIES (1u << 24)

/** True if a cache can be built so (see cache_geometry.h; at most CACHE_MAX_ENTRIES). */
bool cache_geometry_valid(const struct cache_geometry *geometry);

/**
 * Makes *cache an empty cache of entries of entry_size bytes (1 or more, aligned to 8). False when
 * the geometry is impossible or the host has no memory; *cache is then safe to cache_free().
 */
bool cache_init(struct cache *cache, const struct cache_geometry *geometry, size_t entry_size);

/** Frees what cache_init() allocated. A zeroed struct is allowed. */
void cache_free(struct cache *cache);

/** True if the cache has entries at all. */
static inline bool cache_on(const struct cache *cache)
{
	return cache->capacity != 0;
}

/** First way, as an index of tags, of the set that a tag belongs to. */
static inline size_t cache_set_start(const struct cache *cache, struct cache_tag tag)
{
	/* neighbouring keys stay in different sets, spaces start at scattered ones */
	u64 start = (tag.space * 0x9e3779b97f4a7c15ULL) >> 40;

	return (size_t)((tag.key ^ start) & cache->set_mask) * cache->ways;
}

/**
 * The entry of that tag, or NULL; counts nothing but refreshes LRU. The pointer is good until the
 * next fill, invalidation or call through a port, whichever comes first.
 */
static inline void *cache_probe(struct cache *cache, struct cache_tag tag)
{
	size_t i, end;

	if (!cache->valid)
		return NULL;
	i = cache_set_start(cache, tag);
	for (end = i + cache->ways; i < end; i++) {
		if (cache->tags[i].key == tag.key && cache->tags[i].space == tag.space) {
			cache->used[i] = ++cache->clock;
			return cache->entries + i * cache->entry_size;
		}
	}
	return NULL;
}

/** Counts one lookup: for callers that probe several times for one (several page sizes). */
static inline void cache_count(struct cache *cache, bool hit)
{
	cache->counters.lookup += cache_on(cache);
	cache->counters.hit += hit;
}

/** cache_probe() that counts as one lookup. */
static inline void *cache_lookup(struct cache *cache, struct cache_tag tag)
{
	void *entry = cache_probe(cache, tag);

	cache_count(cache, entry != NULL);
	return entry;
}

/**
 * Makes room for an entry of that tag, evicting one of its set if need be, and returns its bytes
 * for the caller to overwrite entirely; an entry of the same tag is reused. NULL when off.
 */
void *cache_fill(struct cache *cache, struct cache_tag tag);

/** Says whether an entry shall go. */
typedef bool (*cache_match)(void *arg, struct cache_tag tag, const void *entry);

/** Removes all entries that match says true to (NULL: all). Returns how many. Starts a new epoch. */
unsigned int cache_invalidate(struct cache *cache, cache_match match, void *arg);

/** Drops all entries as if others had displaced them: counts as evictions, starts no epoch. */
void cache_evict_all(struct cache *cache);

/**
 * Grows with every cache_invalidate(). A walk that wants to fill notes it before its first read of
 * memory and fills only if it is still the same: else it might install what was invalidated.
 */
static inline u64 cache_epoch(const struct cache *cache)
{
	return cache->epoch;
}

/** Names of the counters of one cache, string literals: CACHE_COUNTER_NAMES("iotlb"). */
struct cache_counter_names {
	const char *lookup, *hit, *fill, *evict, *invalidate;
};

#define CACHE_COUNTER_NAMES(name)                                                            \
	{                                                                                    \
		name "_lookup", name "_hit", name "_fill", name "_evict", name "_invalidate" \
	}

/** Visits the five counters under those names. */
void cache_visit_counters(const struct cache_counters *counters,
			  const struct cache_counter_names *names, counter_visitor visit,
			  void *arg);

#endif
