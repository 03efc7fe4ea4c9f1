/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns of addresses, and adding up what became of the requests. */
#include "traffic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WRITTEN_BYTE 0x5a

struct traffic {
	struct traffic_config config;
	struct traffic_result result;
	u32 *pasids;
	struct traffic_entry *entries;
	double *zipf; /* sums of the weights of the pages, TRAFFIC_ZIPF */
	size_t zipf_pages;
	u8 *read, *written;
	u64 random;
	u64 given; /* requests given out */
};

/* xorshift64* (Vigna 2016) */
static u64 next_random(struct traffic *t)
{
	t->random ^= t->random >> 12;
	t->random ^= t->random << 25;
	t->random ^= t->random >> 27;
	return t->random * 0x2545f4914f6cdd1dULL;
}

/* A number below bound: its bias is below bound / 2^64. */
static u64 random_below(struct traffic *t, u64 bound)
{
	return (u64)((u128)next_random(t) * bound >> 64);
}

static void *copy(const void *from, size_t count, size_t size)
{
	void *to = count ? malloc(count * size) : NULL;

	if (to)
		memcpy(to, from, count * size);
	return to;
}

/* Weights of ranks, summed up, so that a random number finds its rank by bisection. */
static bool make_zipf(struct traffic *t)
{
	double sum = 0;

	t->zipf_pages = (size_t)((t->config.window + MODEL_PAGE_SIZE - 1) / MODEL_PAGE_SIZE);
	t->zipf = malloc(t->zipf_pages * sizeof(*t->zipf));
	for (size_t i = 0; t->zipf && i < t->zipf_pages; i++) {
		sum += 1 / pow((double)(i + 1), t->config.skew);
		t->zipf[i] = sum;
	}
	return t->zipf != NULL;
}

static bool make_buffers(struct traffic *t)
{
	u32 size = t->config.size;

	for (size_t i = 0; i < t->config.entry_count; i++)
		size = t->entries[i].size > size ? t->entries[i].size : size;
	t->read = malloc(size);
	t->written = malloc(size);
	if (t->written)
		memset(t->written, WRITTEN_BYTE, size);
	return t->read && t->written;
}

struct traffic *traffic_create(const struct traffic_config *config)
{
	struct traffic *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->config = *config;
	t->random = config->seed * 2 + 1; /* xorshift would keep a zero */
	t->pasids = copy(config->pasids, config->has_pasid ? config->pasid_count : 0,
			 sizeof(*t->pasids));
	t->entries = copy(config->entries, config->entry_count, sizeof(*t->entries));
	if ((config->has_pasid && !t->pasids) || (config->entry_count && !t->entries) ||
	    (config->pattern == TRAFFIC_ZIPF && !make_zipf(t)) || !make_buffers(t)) {
		traffic_destroy(t);
		return NULL;
	}
	t->config.pasids = t->pasids;
	t->config.entries = t->entries;
	return t;
}

void traffic_destroy(struct traffic *t)
{
	if (!t)
		return;
	histogram_clear(&t->result.latency);
	free(t->pasids);
	free(t->entries);
	free(t->zipf);
	free(t->read);
	free(t->written);
	free(t);
}

const struct traffic_config *traffic_config(const struct traffic *t)
{
	return &t->config;
}

const struct traffic_result *traffic_result(const struct traffic *t)
{
	return &t->result;
}

/* ---- which request comes next ---- */

static u64 zipf_page(struct traffic *t)
{
	double wanted = (double)(next_random(t) >> 11) * 0x1p-53 * t->zipf[t->zipf_pages - 1];
	size_t low = 0, high = t->zipf_pages - 1;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (t->zipf[middle] <= wanted)
			low = middle + 1;
		else
			high = middle;
	}
	/* so that the most wanted pages do not all lie together */
	return (low * 0x9e3779b97f4a7c15ULL) % t->zipf_pages;
}

/* Offset in the window of request number n. */
static u64 offset_of(struct traffic *t, u64 n)
{
	const struct traffic_config *c = &t->config;
	u64 places = c->window / c->size;

	switch (c->pattern) {
	case TRAFFIC_RANDOM:
		return random_below(t, places) * c->size;
	case TRAFFIC_STRIDED:
		return (u64)((u128)n * c->stride % (c->window - c->size + 1));
	case TRAFFIC_ZIPF: {
		u64 page = zipf_page(t) * MODEL_PAGE_SIZE;
		u64 room = c->window - page < MODEL_PAGE_SIZE ? c->window - page : MODEL_PAGE_SIZE;
		u64 start = page + (room > c->size ? random_below(t, room / c->size) * c->size : 0);

		return start + c->size <= c->window ? start : c->window - c->size;
	}
	default:
		return n % places * c->size;
	}
}

bool traffic_next(struct traffic *t, struct dma_request *request, u64 *number)
{
	const struct traffic_config *c = &t->config;
	const struct traffic_entry *entry;
	u64 n = t->given;

	if (n >= c->warm_up + c->count)
		return false;
	t->given++;
	*number = n;
	*request = (struct dma_request){
		.len = c->size,
		.has_pasid = c->has_pasid,
		.pasid = c->has_pasid ? t->pasids[n % c->pasid_count] : 0,
		.access = ACCESS_READ,
	};
	if (c->pattern == TRAFFIC_REPLAY) {
		entry = &t->entries[n % c->entry_count];
		request->address = iova(c->address + entry->address);
		request->len = entry->size;
		request->access = entry->write ? ACCESS_WRITE : ACCESS_READ;
		return true;
	}
	request->address = iova(c->address + offset_of(t, n));
	if (c->write_percent && random_below(t, 100) < c->write_percent)
		request->access = ACCESS_WRITE;
	return true;
}

void *traffic_buffer(struct traffic *t, enum access access)
{
	return access == ACCESS_WRITE ? t->written : t->read;
}

/* ---- what became of it ---- */

static void fault(struct traffic *t, const struct traffic_outcome *outcome)
{
	struct traffic_result *r = &t->result;

	if (!r->faults++) {
		r->first_fault = outcome->result->fault;
		r->first_fault_address = outcome->result->fault_address.v;
		r->first_fault_pasid = outcome->request->pasid;
	}
}

void traffic_ended(struct traffic *t, const struct traffic_outcome *outcome)
{
	struct traffic_result *r = &t->result;
	const struct dma_result *result = outcome->result;

	r->done++;
	if (outcome->number < t->config.warm_up)
		return;
	if (!r->requests || outcome->start < r->start)
		r->start = outcome->start;
	if (outcome->end > r->end)
		r->end = outcome->end;
	r->requests++;
	if (outcome->request->access == ACCESS_WRITE)
		r->writes++;
	else
		r->reads++;
	r->bytes += result->done;
	r->table_reads += result->table_reads;
	if (result->status == DMA_FAULT)
		fault(t, outcome);
	else if (result->status != DMA_OK)
		r->errors++;
	else
		histogram_add(&r->latency, outcome->end - outcome->start);
}
