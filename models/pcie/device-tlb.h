/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A function's own cache of translations (the ATC of PCI Express 10.1): what completions granted, by
 * address, PASID and privilege. When to ask, and what to send, is ats.c's.
 */
#ifndef MODELS_PCIE_DEVICE_TLB_H
#define MODELS_PCIE_DEVICE_TLB_H

#include "../ats.h"
#include "../cache.h"

struct device_tlb {
	struct cache cache; /* of quadwords: completions as they came */
	u64 sizes; /* bit n: there may be ranges of 2^(12 + n) bytes */
};

/** As cache_init(). */
bool device_tlb_init(struct device_tlb *tlb, const struct cache_geometry *geometry);

/**
 * The completion that is kept for a request's address and requester, and grants all of rights (ORed
 * enum access); 0: there is none. Counts as one lookup.
 */
u64 device_tlb_lookup(struct device_tlb *tlb, const struct translation_request *request,
		      unsigned int rights);

/** Keeps a completion that a request got; the TLB has entries. */
void device_tlb_fill(struct device_tlb *tlb, const struct translation_request *request,
		     u64 completion);

/** Removes what an invalidation names. */
void device_tlb_invalidate(struct device_tlb *tlb, const struct ats_invalidation *invalidation);

/** Removes everything: ATS was switched off, or the function reset. */
void device_tlb_clear(struct device_tlb *tlb);

#endif
