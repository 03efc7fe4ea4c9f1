/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A PCIe function that masters DMA: config space with the capabilities that matter to an IOMMU, and
 * reads and writes of any length, split at pages, each translated by the IOMMU above the function or,
 * where it has a device TLB, by what that IOMMU told it before.
 */
#ifndef MODELS_PCIE_PCIE_H
#define MODELS_PCIE_PCIE_H

#include "../ats.h"
#include "../cache_geometry.h"
#include "../port.h"
#include "../pri.h"
#include "../translation.h"

struct pcie_bus;
struct pcie_function;

/* 7.7.11 Access Control Services: bits of the capability register, and of the control register */
#define PCIE_ACS_SOURCE_VALIDATION (1u << 0)
#define PCIE_ACS_TRANSLATION_BLOCKING (1u << 1)
#define PCIE_ACS_REQUEST_REDIRECT (1u << 2)
#define PCIE_ACS_COMPLETION_REDIRECT (1u << 3)
#define PCIE_ACS_UPSTREAM_FORWARDING (1u << 4)
#define PCIE_ACS_EGRESS_CONTROL (1u << 5)
#define PCIE_ACS_DIRECT_TRANSLATED (1u << 6)

/** The ACS of a port or function: PCIE_ACS_*; without any the capability is absent. */
struct pcie_acs {
	u16 capability;
	u16 control; /* of these, what firmware has enabled */
};

/** What a function is, by the bus that it is on. */
enum pcie_function_kind {
	PCIE_ROOT_INTEGRATED, /* on a root bus */
	PCIE_ENDPOINT, /* below a root port or downstream port */
	PCIE_CONVENTIONAL, /* conventional PCI: without PCI Express and extended capabilities */
};

/** What a function is built as. */
struct pcie_function_config {
	u16 source_id; /* bus 15:8, device 7:3, function 2:0 */
	u16 vendor_id, device_id;
	enum pcie_function_kind kind;
	bool multifunction; /* its device has more functions than this one */
	bool has_alias; /* its requests carry the requester id of another function of its bus */
	u8 alias; /* that one's device 7:3 and function 2:0, valid if has_alias */
	struct pcie_acs acs;
	u64 bar_base, bar_size; /* bytes, powers of two from 4 KiB on, aligned; size 0: no BAR */
	bool pasid; /* has the PASID extended capability */
	unsigned int pasid_width; /* Max PASID Width, 0..20 bits; 0 stands for 20 */
	bool pasid_execute, pasid_privileged; /* what the PASID capability supports */
	bool ats; /* has the ATS extended capability */
	unsigned int ats_queue_depth; /* 1..32; 0 stands for 32 */
	struct cache_geometry device_tlb; /* without entries, it sends no translation requests */
	bool pri; /* has the Page Request extended capability */
};

/** Which way a request goes. */
enum pcie_route {
	PCIE_ROUTE_ROOT, /* to the root complex and its IOMMU */
	PCIE_ROUTE_PEER, /* peer to peer, by its address as it is: no IOMMU sees it */
	PCIE_ROUTE_BLOCKED, /* nowhere: ACS forbids it */
};

/** A memory request on its way up the link, and how it ended: what a transaction-layer packet carries. */
struct pcie_transaction {
	struct translation_request request; /* of one page at most */
	iova_t address; /* as the function means it, before its own translation */
	void *data; /* to be read into, or written from */
	size_t len; /* bytes, not crossing a 4-KiB page */
	enum pcie_route route; /* ROOT or PEER for who carries it out */
	struct translation_result result; /* filled by the IOMMU; PCIE_ROUTE_PEER: as it is to be */
	enum port_status status; /* of the access, where result has no fault */
};

/** What is above a function: link, IOMMU and memory. */
struct pcie_upstream {
	/**
	 * Translates the transaction's request, unless it goes to a peer, and carries it out; fills result
	 * and status.
	 */
	void (*access)(void *ctx, struct pcie_transaction *transaction);
	void *ctx;
	/**
	 * Where time exists, else NULL: a part that may use a translation of the device TLB begins and ends;
	 * drain returns when all that began before have ended.
	 */
	unsigned int (*begin)(void *ctx);
	void (*end)(void *ctx, unsigned int begun);
	void (*drain)(void *ctx);
	/** Passes a Page Request Message on; an answer may come before it returns. NULL: nobody takes any. */
	void (*page_request)(void *ctx, const struct page_request *request);
};

/**
 * What a root complex does with a request once it is translated: reads or writes memory, or sends the
 * interrupt message that it has become. Fills transaction->status; does nothing after a fault,
 * nor for a translation request.
 */
void pcie_complete(const struct port *port, struct pcie_transaction *transaction);

/**
 * Creates a function as firmware leaves it: bus mastering on, PASID and ATS not enabled. (A
 * function-level reset clears bus mastering too: software must enable it again.) Upstream and port are
 * copied; through the port, observers are shown software errors and the device TLB, whose lookups take time
 * there. NULL: no host memory, an impossible device TLB, or a PASID width or queue depth beyond its maximum.
 */
struct pcie_function *pcie_function_create(const struct pcie_function_config *config,
					   const struct pcie_upstream *upstream,
					   const struct port *port);

/** Frees it. NULL is allowed. */
void pcie_function_destroy(struct pcie_function *function);

/**
 * Puts a function on a bus, once and before it masters DMA; the bus must outlive it, and it the last DMA of its
 * peers. A function that is on none has no peers, and nothing between it and the root complex.
 */
void pcie_function_place(struct pcie_function *function, struct pcie_bus *bus);

/** The source id that the function's requests have where they reach the root complex. */
u16 pcie_requester_id(const struct pcie_function *function);

/** Reads config space: offset 0..4095, size 1, 2 or 4, aligned; else all ones. */
u32 pcie_config_read(struct pcie_function *function, unsigned int offset, unsigned int size);

/** Writes config space under the rules of each register; wrong accesses are ignored. */
void pcie_config_write(struct pcie_function *function, unsigned int offset, unsigned int size,
		       u32 value);

/** One DMA as software on the device asks for it. */
struct dma_request {
	iova_t address;
	size_t len; /* bytes, 1 or more */
	enum access access; /* exactly one of READ, WRITE, EXECUTE */
	bool has_pasid;
	u32 pasid;
	bool privileged;
};

/** How a DMA ended. */
enum dma_status {
	DMA_OK = 0,
	DMA_FAULT, /* the IOMMU refused it: see fault */
	DMA_BUS_ERROR, /* the translated address is not there, or reading it failed */
	/* the function cannot send this: PASID not enabled or too wide, privileged or execute mode not
	 * enabled, bus master off, no bytes, or beyond the address space */
	DMA_UNSUPPORTED,
	DMA_ATS_DENIED, /* no translation grants it: the function did not send it */
	/* the same, but the function asks for pages, and has asked for this one, or will when it may: the DMA is
	 * to be tried again */
	DMA_PAGE_REQUESTED,
	DMA_PAGE_REFUSED, /* the function asked for the page, and was told that it will not come */
};

/** Result of a DMA; parts before a fault have been done. */
struct dma_result {
	enum dma_status status;
	unsigned int fault; /* DMA_FAULT: the reason code of the IOMMU */
	iova_t fault_address; /* DMA_FAULT: the address that faulted */
	size_t done; /* bytes transferred */
	bool peer; /* some of it went to a peer's BAR, and past the IOMMU */
	hpa_t first_address; /* host-physical address of the first byte, if any was done */
	u64 first_page_size; /* bytes */
	unsigned int table_reads; /* over all parts */
	unsigned int translations; /* parts */
	bool interrupt; /* the first part was an interrupt message; it was sent to first_address, if at all */
	bool posted; /* interrupt: it went into memory; if something was sent, a notification of that */
	u32 message; /* interrupt: the data sent */
};

/**
 * Masters a DMA of request->len bytes from or to buf, split at 4-KiB boundaries; a write to the
 * interrupt range is sent as an interrupt if the IOMMU says so. Returns result->status.
 */
enum dma_status pcie_dma(struct pcie_function *function, const struct dma_request *request,
			 void *buf, struct dma_result *result);

/**
 * Sends a transaction the way that ports, bridges and ACS give it, under the requester id that they give it; all but
 * the request's source id is filled in. Past the function's own rules and its device TLB: transaction->result tells
 * what the unit makes of it.
 */
void pcie_send(struct pcie_function *function, struct pcie_transaction *transaction);

/**
 * An Invalidate Request arrives: removes what it names from the device TLB and returns when no part that
 * uses it is under way. False: the function does not answer, as it has no ATS or was silenced.
 */
bool pcie_ats_invalidate(struct pcie_function *function,
			 const struct ats_invalidation *invalidation);

/** Makes a function leave Invalidate Requests unanswered and undone, or answer them again. */
void pcie_ats_silence(struct pcie_function *function, bool silent);

/** How a page request that software on the device asks for ended. */
enum pri_status {
	PRI_SENT = 0,
	/* no Page Request Interface, or not enabled; or what a DMA with that PASID and mode could not send */
	PRI_UNSUPPORTED,
	PRI_FAILED, /* none may be sent after a Response Failure, until the interface is reset or enabled anew */
	PRI_FULL, /* as many requests wait for a response as software has allowed */
	PRI_GROUP_BUSY, /* the group waits for its response, or is of another PASID */
};

/**
 * Sends a page request; request->source_id is the function's own, whatever it says. A request of a group that is
 * not complete joins it.
 */
enum pri_status pcie_page_request(struct pcie_function *function,
				  const struct page_request *request);

/** A PRG Response Message arrives. */
void pcie_page_group_response(struct pcie_function *function,
			      const struct page_group_response *response);

/** What is to be seen of a function's Page Request Interface. */
struct pri_state {
	bool enabled, stopped; /* E, S */
	bool response_failure, unexpected_group; /* RF, UPRGI */
	unsigned int outstanding; /* requests that wait for a response */
	bool responded; /* a response has come */
	struct page_group_response response; /* the last one, if responded */
};
struct pri_state pcie_pri_state(const struct pcie_function *function);

/** Drops all of the device TLB, as if it had been evicted. */
void pcie_evict_all(struct pcie_function *function);

/** Visits device_tlb_lookup, _hit, _fill, _evict, _invalidate, translation_requests, page_requests, ... */
void pcie_visit_counters(const struct pcie_function *function, counter_visitor visit, void *arg);

#endif
