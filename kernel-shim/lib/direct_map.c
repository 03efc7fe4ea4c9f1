// SPDX-License-Identifier: Apache-2.0
/*
 * From a host pointer back to the page frame it shows: a hash that only grows, for the pages that the
 * kernel has ever taken an address of.
 */
#include "state.h"

#include <stdlib.h>

#define SIZE_AT_FIRST 256u

static size_t slot_index(const struct direct_map *map, const void *virtual)
{
	u64 page = (u64)(unsigned long)virtual >> PAGE_SHIFT;

	return (page * 0x9e3779b97f4a7c15ULL >> 20) & (map->size - 1);
}

static void insert(struct direct_map *map, struct direct_map_slot slot)
{
	size_t i = slot_index(map, slot.virtual);

	while (map->slots[i].virtual)
		i = (i + 1) & (map->size - 1);
	map->slots[i] = slot;
}

static bool grow(struct direct_map *map)
{
	struct direct_map grown = { .size = map->size ? 2 * map->size : SIZE_AT_FIRST,
				    .used = map->used };
	size_t i;

	grown.slots = calloc(grown.size, sizeof(*grown.slots));
	if (!grown.slots)
		return false;
	for (i = 0; i < map->size; i++) {
		if (map->slots[i].virtual)
			insert(&grown, map->slots[i]);
	}
	free(map->slots);
	*map = grown;
	return true;
}

bool direct_map_add(struct direct_map *map, void *virtual, u64 pfn)
{
	if (2 * (map->used + 1) > map->size && !grow(map))
		return false;
	insert(map, (struct direct_map_slot){ .virtual = virtual, .pfn = pfn });
	map->used++;
	return true;
}

u64 direct_map_find(const struct direct_map *map, const void *virtual)
{
	size_t i;

	if (!map->size)
		return ~0ULL;
	for (i = slot_index(map, virtual); map->slots[i].virtual; i = (i + 1) & (map->size - 1)) {
		if (map->slots[i].virtual == virtual)
			return map->slots[i].pfn;
	}
	return ~0ULL;
}
