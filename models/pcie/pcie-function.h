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

/* route.c */

/**
 * Sends a transaction the way that ports, bridges and ACS give it, under the requester id that they give it; all but
 * the request's source id is filled in.
 */
void pcie_send(struct pcie_function *function, struct pcie_transaction *transaction);

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

/**
 * Translates a part, whose request becomes what is to be sent. DMA_ATS_DENIED or DMA_FAULT: it is not to
 * be sent.
 */
enum dma_status pcie_ats_translate(struct pcie_function *function, struct pcie_transaction *part,
				   struct pcie_translation *translation);

/** Around the translation and the sending of a part. */
unsigned int pcie_ats_begin(struct pcie_function *function);
void pcie_ats_end(struct pcie_function *function, unsigned int begun);

/** To be called after software switched ATS, or reset the function. */
void pcie_ats_switched(struct pcie_function *function);

#endif
