/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What config space and DMA of a function share: its state and the controls that DMA obeys. Nothing
 * outside models/pcie/ includes this.
 */
#ifndef MODELS_PCIE_PCIE_FUNCTION_H
#define MODELS_PCIE_PCIE_FUNCTION_H

#include "config-words.h"
#include "device-tlb.h"
#include "node.h"

/** Bytes of config space that hold registers; everything above reads as zero. */
#define PCIE_CONFIG_USED 0x140
#define PCIE_CONFIG_WORDS (PCIE_CONFIG_USED / 4)

/* 10.5.2 Page Request: control 15:0 and status 31:16 of the word at 4, capacity 8, allocation 12 */
#define PRI_REGISTERS 0x04
#define PRI_CAPACITY 0x08
#define PRI_ALLOCATION 0x0c
#define PRI_ENABLE (1u << 0)
#define PRI_RESET (1u << 1)
#define PRI_RESPONSE_FAILURE_RECEIVED (1u << 16)
#define PRI_UNEXPECTED_GROUP (1u << 17)
#define PRI_STOPPED (1u << 24)
#define PRI_RESPONSE_PASID (1u << 31)

/** Page requests that a function has outstanding at most: a guess. */
#define PRI_CAPACITY_REQUESTS 32u

/** A page request group that waits for its response; one of the function's own DMA also until that is tried again. */
struct pri_group {
	unsigned int requests; /* sent so far; 0: the slot is free */
	bool complete; /* the last one has been sent */
	bool answered;
	unsigned int code; /* valid if answered */
	u16 index;
	bool has_pasid;
	u32 pasid;
	bool own; /* the only request is for a DMA of the function, to the page at: */
	u64 page;
};

/** The Page Request Interface of a function. */
struct pri {
	/* with so few requests, there is always a slot for one more */
	struct pri_group groups[PRI_CAPACITY_REQUESTS];
	u16 next_index; /* that a DMA's request is tried with */
	bool failed; /* a Response Failure has come */
	bool responded;
	struct page_group_response last;
	u64 requests, responses;
};

struct pcie_function {
	struct pcie_function_config config;
	struct pcie_upstream upstream;
	struct port port;
	struct pcie_node node;
	struct pcie_function *next_target; /* of those with a BAR below a root bus */
	struct pcie_config_word words[PCIE_CONFIG_WORDS];
	unsigned int pasid_offset, ats_offset, pri_offset; /* of the capabilities; 0: absent */
	struct device_tlb device_tlb;
	bool ats_refused; /* a translation request was unsupported: none until ATS is enabled again */
	bool ats_silent;
	struct pri pri;
	u64 translation_requests, ats_denied, invalidate_requests;
	u64 peer_requests, blocked_requests;
};

/** What DMA must know of config space. */
struct pcie_controls {
	bool bus_master;
	bool pasid, execute, privileged; /* enabled in the PASID control register */
	unsigned int pasid_width; /* bits */
	bool ats; /* enabled */
};

struct pcie_controls pcie_controls(const struct pcie_function *function);

/** True if an address lies in the function's BAR and it answers there. */
bool pcie_decodes(const struct pcie_function *function, u64 address);

/* dma.c */

/** True if the function can send such a request. */
bool pcie_request_supported(const struct pcie_function *function,
			    const struct dma_request *request);

/* ats.c */

/** How a part was translated. */
struct pcie_translation {
	u64 completion;
	u64 page_size; /* bytes, after success */
	unsigned int table_reads;
	unsigned int fault; /* DMA_FAULT */
};

/** True if the function translates its requests by itself. */
bool pcie_ats_translates(const struct pcie_function *function);

/** Translates a part, whose request becomes what is to be sent. With another status than DMA_OK it is not to be sent. */
enum dma_status pcie_ats_translate(struct pcie_function *function, struct pcie_transaction *part,
				   struct pcie_translation *translation);

/** Around the translation and the sending of a part. */
unsigned int pcie_ats_begin(struct pcie_function *function);
void pcie_ats_end(struct pcie_function *function, unsigned int begun);

/** To be called after software switched ATS, or reset the function. */
void pcie_ats_switched(struct pcie_function *function);

/* pri.c */
/**
 * What became of the request for a part's page: DMA_OK, there is none or it has been served; DMA_PAGE_REQUESTED, it waits
 * for its response; DMA_PAGE_REFUSED. What it tells of a response, it tells once.
 */
enum dma_status pcie_pri_await(struct pcie_function *function,
			       const struct translation_request *part);

/** Asks for a part's page, which no translation grants: DMA_PAGE_REQUESTED or DMA_ATS_DENIED. */
enum dma_status pcie_pri_ask(struct pcie_function *function,
			     const struct translation_request *part);

/** To be called after software wrote the control register: was and written, with the status register above. */
void pcie_pri_controlled(struct pcie_function *function, u32 was, u32 written);

/** As after a reset of the function. */
void pcie_pri_reset(struct pcie_function *function);

#endif
