/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traffic of one function: which requests it makes, in what order, and what became of them. Who carries them
 * out, and when, is the machine's affair.
 */
#ifndef SIM_TRAFFIC_H
#define SIM_TRAFFIC_H

#include "histogram.h"
#include "pcie/pcie.h"

/** In what order addresses come. */
enum traffic_pattern {
	TRAFFIC_SEQUENTIAL, /* one after the other, from the start again at the end */
	TRAFFIC_RANDOM, /* each as likely as any */
	TRAFFIC_STRIDED, /* every so many bytes */
	TRAFFIC_ZIPF, /* the n-th most wanted page with a probability like 1 / n^skew */
	TRAFFIC_REPLAY, /* a list */
};

/** One request of a list. */
struct traffic_entry {
	u64 address; /* from traffic_config.address on */
	u32 size; /* bytes */
	bool write;
};

#define TRAFFIC_SIZE_MAX 65536u /* bytes of a request */
#define TRAFFIC_PASIDS_MAX 256u

/** What a function does. */
struct traffic_config {
	size_t device; /* index in the platform */
	u64 address, window; /* bytes; requests lie in [address, address + window) */
	u32 size; /* bytes of a request, 1..TRAFFIC_SIZE_MAX, at most window; aligned to itself in the window */
	enum traffic_pattern pattern;
	u64 stride; /* bytes, TRAFFIC_STRIDED */
	double skew; /* TRAFFIC_ZIPF, above 0 */
	unsigned int write_percent; /* 0..100 */
	bool has_pasid;
	const u32 *pasids; /* taken in turn; copied */
	size_t pasid_count; /* 1..TRAFFIC_PASIDS_MAX if has_pasid */
	unsigned int outstanding; /* requests at once, 1 or more */
	bool warm; /* the processor just went through the window, from its start to its end */
	u64 interval; /* ps between the starts of two requests, at least; 0: as fast as it goes */
	u64 count; /* requests that are measured */
	u64 warm_up; /* requests before those */
	u64 seed;
	const struct traffic_entry *entries; /* TRAFFIC_REPLAY; copied */
	size_t entry_count;
};

/** What became of it; but for the first line, of the measured requests. */
struct traffic_result {
	u64 done; /* requests, with those of the warm-up */
	u64 requests, reads, writes;
	u64 bytes;
	u64 faults, errors; /* refused by the IOMMU; not sent, or memory not there */
	u64 table_reads;
	u64 start, end; /* ps: when the first began and the last ended */
	unsigned int first_fault; /* reason code, if faults */
	u64 first_fault_address;
	u32 first_fault_pasid;
	struct histogram latency; /* ps from start to end of a request, of those that went well */
};

struct traffic;

/** Makes a function's traffic. NULL: no memory. What config points to is copied. */
struct traffic *traffic_create(const struct traffic_config *config);

/** Frees it. NULL is allowed. */
void traffic_destroy(struct traffic *traffic);

const struct traffic_config *traffic_config(const struct traffic *traffic);
const struct traffic_result *traffic_result(const struct traffic *traffic);

/** The next request and its number; false when all have been given out. */
bool traffic_next(struct traffic *traffic, struct dma_request *request, u64 *number);

/**
 * Bytes for a request's DMA, room for the largest one: those to be written are always the same, so that memory does
 * not depend on who came first; those that are read go where nobody looks.
 */
void *traffic_buffer(struct traffic *traffic, enum access access);

/** How a request ended. */
struct traffic_outcome {
	u64 number;
	u64 start, end; /* ps */
	const struct dma_request *request;
	const struct dma_result *result;
};

/** Adds to the result. */
void traffic_ended(struct traffic *traffic, const struct traffic_outcome *outcome);

#endif
