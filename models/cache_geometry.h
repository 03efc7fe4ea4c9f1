/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parameters that every cache of every model has, by gem5's names.
 */
#ifndef MODELS_CACHE_GEOMETRY_H
#define MODELS_CACHE_GEOMETRY_H

#include "types.h"

enum cache_policy { CACHE_LRU, CACHE_ROUND_ROBIN, CACHE_RANDOM };

/** Shape and behaviour of one cache. */
struct cache_geometry {
	unsigned int entries; /* 0: no cache. Else a multiple of assoc, with a power of two of sets */
	unsigned int assoc; /* ways; 0: fully associative */
	enum cache_policy policy;
	u64 seed; /* CACHE_RANDOM */
	unsigned int latency; /* cycles a lookup takes */
	unsigned int slots; /* lookups that go on at once; 0: any number */
};

#endif
