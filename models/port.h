/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seam of time: all that a hardware model may ask of the world around it.
 * Untimed, a port is a function call into memory; timed, its functions wait.
 * A model must be consistent at every call it makes through its port, because
 * other requests may enter the model meanwhile.
 */
#ifndef MODELS_PORT_H
#define MODELS_PORT_H

#include "mem/lookaside.h"

#include <string.h>

struct ats_invalidation;
struct page_group_response;

/** How an access through a port ended. */
enum port_status {
	PORT_OK = 0,
	PORT_ERROR, /* no memory there, or a read error: hardware sees an aborted access */
};

/** Caches whose lookups take time and of which only so many go on at once. */
enum port_lookup {
	PORT_LOOKUP_CONTEXT, /* context cache; an SMMU's configuration cache */
	PORT_LOOKUP_PASID,
	PORT_LOOKUP_IOTLB, /* an SMMU's TLB; a function's device TLB */
	PORT_LOOKUP_PAGING, /* paging-structure caches of all levels, once a walk */
	PORT_LOOKUP_INTERRUPT, /* interrupt entry cache */
	PORT_LOOKUP_KINDS,
};

/** A page that requests may miss at the same time: equal where one walk serves them all. */
struct port_page {
	u64 number; /* input address / 4 KiB */
	u64 space; /* whose: as in cache tags */
};

/** What a model lets an observer see (explain, traces). Never needed for function. */
enum port_event_kind {
	PORT_EVENT_TABLE_READ, /* a table entry was read: address, data, len, what, level */
	PORT_EVENT_TABLE_WRITE, /* an entry was written back (A/D/EA): address, data, what */
	PORT_EVENT_CACHE_HIT, /* what: the cache, input: the address or id looked up */
	PORT_EVENT_CACHE_MISS,
	PORT_EVENT_CACHE_FILL,
	PORT_EVENT_INVALIDATE, /* what: the descriptor, detail: its fields in words */
	PORT_EVENT_TRANSLATED, /* input -> output, page_size; stage results and final result */
	PORT_EVENT_FAULT, /* code: the reason, what: its text */
	PORT_EVENT_PAGE_REQUEST, /* what: what became of one, input: its page, detail: the rest */
	PORT_EVENT_PAGE_RESPONSE, /* what: whose answer goes to a function, detail: what it says */
	PORT_EVENT_SOFTWARE_ERROR, /* software broke a rule of the specification */
};

/** One thing an observer sees. Pointers live only during the call. */
struct port_event {
	enum port_event_kind kind;
	const char *what; /* e.g. "PASID entry", "first-stage PDE", "iotlb" */
	const char *detail; /* a sentence, or NULL */
	hpa_t address; /* where the entry lies, host-physical */
	u64 table_gpa; /* where the entry lies, guest-physical, if via_gpa */
	bool via_gpa;
	u64 input; /* the address (or id) being translated or looked up at this point */
	u64 output; /* PORT_EVENT_TRANSLATED: the result */
	u64 page_size; /* bytes, PORT_EVENT_TRANSLATED and fills */
	u64 data[8]; /* the entry as read or written */
	u64 reserved[8]; /* PORT_EVENT_TABLE_READ: which of its bits are set though the model takes them for reserved */
	size_t len; /* bytes of data, 0..64 */
	int level; /* of a paging entry: 1 (PTE) .. 5 (PML5E); 0 for others */
	unsigned int code; /* PORT_EVENT_FAULT */
	enum port_status status; /* PORT_EVENT_TABLE_READ/WRITE */
};

/** The functions of a port. observe may be NULL, then nobody looks. */
struct port_ops {
	/** Reads len bytes (1..4096, not crossing a 4-KiB boundary) at addr. */
	enum port_status (*read)(void *ctx, hpa_t addr, void *buf, size_t len);
	/** Writes len bytes (1..4096, not crossing a 4-KiB boundary) at addr. */
	enum port_status (*write)(void *ctx, hpa_t addr, const void *buf, size_t len);
	/**
	 * Atomically: if the aligned u64 at addr equals *expected, stores desired.
	 * *expected receives the value found, so that it is unchanged on success.
	 */
	enum port_status (*compare_exchange)(void *ctx, hpa_t addr, u64 *expected, u64 desired);
	/** Sends an interrupt message (address 0xfeexxxxx for x86, or a doorbell) with its data. */
	void (*interrupt)(void *ctx, u64 address, u32 data);
	/** Lets time pass, in cycles of the model's clock. */
	void (*spend)(void *ctx, unsigned int cycles);

	/* The rest may be NULL where no time exists: then all is at hand at once. */

	/** A lookup begins; returns when it has ended, that many cycles after it found a slot. */
	void (*lookup)(void *ctx, enum port_lookup which, unsigned int cycles);
	/** Takes one of those that read tables, waiting in fair order for it; tells which. */
	unsigned int (*take_walker)(void *ctx);
	/** Gives that one back. */
	void (*give_walker)(void *ctx, unsigned int walker);
	/**
	 * True: the page is the caller's to walk for, until page_done(). False: another walked for it,
	 * and that is over: look into the caches again.
	 */
	bool (*page_miss)(void *ctx, struct port_page page);
	void (*page_done)(void *ctx, struct port_page page);
	/** True: work on the unit's queue will be called for later; false: the unit does it at once. */
	bool (*queue_work)(void *ctx);
	/** Returns when all that was translated before has reached memory. */
	void (*drain)(void *ctx);
	/**
	 * Sends an invalidation to a function (ats.h); returns when it says that it is done. False: it did
	 * not in time. NULL where functions have no device TLBs.
	 */
	bool (*invalidate_device_tlb)(void *ctx, const struct ats_invalidation *invalidation);
	/** Sends the answer to a page request group (pri.h) to the function. NULL where functions ask for no pages. */
	void (*respond_page_group)(void *ctx, const struct page_group_response *response);
	/**
	 * Where invalidations of device TLBs may go on beside each other, else NULL: sends one as above and
	 * returns; whoever owns the model tells it later how it ended (vtd_device_tlb_answered()).
	 */
	void (*post_device_tlb)(void *ctx, const struct ats_invalidation *invalidation);
	/** Returns when one of those may have ended, or there may be new work. */
	void (*await_device_tlb)(void *ctx);
	/**
	 * Tells each descriptor of the invalidation queue (4 quadwords, the upper two zero if it is of 128 bits) once
	 * it was carried out and before the next one is fetched: for the owner of a virtual unit, who passes it on.
	 */
	void (*descriptor_done)(void *ctx, const u64 *descriptor);
	/**
	 * Carries out a virtual command, a value of VCMD; returns that of VCRSP, whose IP is not looked at. NULL:
	 * every command is undefined.
	 */
	u64 (*virtual_command)(void *ctx, u64 command);
	/** Shows an event to an observer; NULL when nobody looks. */
	void (*observe)(void *ctx, const struct port_event *event);
};

/** A port as handed to a model; the model keeps a copy, ops and ctx must outlive it. */
struct port {
	const struct port_ops *ops;
	void *ctx;
	/**
	 * Where quadwords of memory may be read without asking, or NULL: only where reads take no time
	 * and nobody counts or changes them. What is not found there, read() finds.
	 */
	const struct memory_lookaside *direct;
};

static inline enum port_status port_read(const struct port *p, hpa_t addr, void *buf, size_t len)
{
	const u8 *page = p->direct && len == 8 ? memory_lookaside_find(p->direct, addr) : NULL;

	if (page) {
		memcpy(buf, page + (addr.v & ~MODEL_PAGE_MASK), 8);
		return PORT_OK;
	}
	return p->ops->read(p->ctx, addr, buf, len);
}

static inline enum port_status port_write(const struct port *p, hpa_t addr, const void *buf,
					  size_t len)
{
	return p->ops->write(p->ctx, addr, buf, len);
}

static inline enum port_status port_compare_exchange(const struct port *p, hpa_t addr,
						     u64 *expected, u64 desired)
{
	return p->ops->compare_exchange(p->ctx, addr, expected, desired);
}

static inline void port_interrupt(const struct port *p, u64 address, u32 data)
{
	p->ops->interrupt(p->ctx, address, data);
}

static inline void port_spend(const struct port *p, unsigned int cycles)
{
	p->ops->spend(p->ctx, cycles);
}

static inline void port_lookup(const struct port *p, enum port_lookup which, unsigned int cycles)
{
	if (p->ops->lookup && cycles)
		p->ops->lookup(p->ctx, which, cycles);
}

static inline unsigned int port_take_walker(const struct port *p)
{
	return p->ops->take_walker ? p->ops->take_walker(p->ctx) : 0;
}

static inline void port_give_walker(const struct port *p, unsigned int walker)
{
	if (p->ops->give_walker)
		p->ops->give_walker(p->ctx, walker);
}

static inline bool port_page_miss(const struct port *p, struct port_page page)
{
	return !p->ops->page_miss || p->ops->page_miss(p->ctx, page);
}

static inline void port_page_done(const struct port *p, struct port_page page)
{
	if (p->ops->page_done)
		p->ops->page_done(p->ctx, page);
}

static inline bool port_queue_work(const struct port *p)
{
	return p->ops->queue_work && p->ops->queue_work(p->ctx);
}

static inline void port_drain(const struct port *p)
{
	if (p->ops->drain)
		p->ops->drain(p->ctx);
}

static inline bool port_invalidate_device_tlb(const struct port *p,
					      const struct ats_invalidation *invalidation)
{
	return !p->ops->invalidate_device_tlb ||
	       p->ops->invalidate_device_tlb(p->ctx, invalidation);
}

static inline void port_respond_page_group(const struct port *p,
					   const struct page_group_response *response)
{
	if (p->ops->respond_page_group)
		p->ops->respond_page_group(p->ctx, response);
}

static inline void port_descriptor_done(const struct port *p, const u64 *descriptor)
{
	if (p->ops->descriptor_done)
		p->ops->descriptor_done(p->ctx, descriptor);
}

/** True if somebody looks: build a struct port_event only then. */
static inline bool port_observed(const struct port *p)
{
	return p->ops->observe != NULL;
}

static inline void port_observe(const struct port *p, const struct port_event *event)
{
	if (p->ops->observe)
		p->ops->observe(p->ctx, event);
}

/** Receives one counter of a model; names are stable and go into the JSON output. */
typedef void (*counter_visitor)(void *arg, const char *name, u64 value);

#endif
