/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of address translation services: a real function above a real VT-d unit, with invalidations going
 * the other way. It judges nothing.
 */
#ifndef TESTS_MODELS_ATS_RIG_H
#define TESTS_MODELS_ATS_RIG_H

#include "ats.h"
#include "pcie/pcie.h"
#include "pri.h"
#include "vtd_machine.h"

#define PLACE 0x200000000ULL /* host memory that pages are mapped to */
#define DATA 0x5a5a5a5a12345678ULL

/* A function above a unit. */
struct ats_rig {
	struct machine *machine;
	struct pcie_function *function;
	struct pcie_transaction last[2]; /* what was sent: the last but one, the last */
	unsigned int sent;
	struct page_request asked; /* the last page request */
	unsigned int asked_count;
	bool lose_page_requests; /* on their way to the unit */
	unsigned int under_way, drained_under_way; /* parts; and those when an invalidation asked */
};

/* Memory and interrupts, ctx is a rig. */
extern const struct port_ops ats_rig_ops;
void ats_rig_access(void *ctx, struct pcie_transaction *transaction);

/* A function with so many entries of device TLB, ATS and PASID enabled, above a unit in reset state. */
void ats_rig_create_with(struct ats_rig *rig, const struct vtd_config *config,
			 unsigned int entries);
/* The same above a unit with an address space of that type under PASIDs 0 and 1, DTE set. */
void ats_rig_create(struct ats_rig *rig, unsigned int pgtt);
void ats_rig_destroy(struct ats_rig *rig);

/* Switches ATS in the function's config space. */
void ats_rig_enable(struct ats_rig *rig, bool on);
/* Enables page requests in function and context entry, so many at a time. */
void ats_rig_enable_pri(struct ats_rig *rig, unsigned int requests);
/* Sets a field of the scalable context entry, and makes it count. */
void ats_rig_set_context(struct ats_rig *rig, const char *field, u64 value);
/* Value of a counter of the function. */
u64 ats_rig_counter(const struct ats_rig *rig, const char *name);

/* 8 bytes of DMA (writes: DATA), with PASID unless 0; ats_rig_read() must succeed. */
struct dma_result ats_rig_dma(struct ats_rig *rig, enum access access, u64 address, u32 pasid);
u64 ats_rig_read(struct ats_rig *rig, u64 address, u32 pasid);
/* Sends a translation request past the function. */
struct translation_result ats_rig_ask(struct ats_rig *rig,
				      const struct translation_request *request);
/* The first fault record, and its reason; 0 if there is none. */
unsigned int ats_rig_recorded(struct ats_rig *rig, u64 record[2]);

#endif
