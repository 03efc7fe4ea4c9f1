/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a requester asks of any IOMMU model and what it is told: the one
 * request and result shared by VT-d, SMMUv3 and the PCIe devices.
 */
#ifndef MODELS_TRANSLATION_H
#define MODELS_TRANSLATION_H

#include "types.h"

/** Kinds of access; several may be ORed in a result's rights. */
enum access {
	ACCESS_READ = 1 << 0,
	ACCESS_WRITE = 1 << 1,
	ACCESS_EXECUTE = 1 << 2, /* a read request with the execute-requested bit */
};

/** An untranslated DMA request as it reaches an IOMMU. */
struct translation_request {
	u16 source_id; /* bus 15:8, device 7:3, function 2:0 */
	bool has_pasid;
	u32 pasid; /* 0 .. 2^20 - 1, valid if has_pasid */
	iova_t address;
	enum access access; /* exactly one of READ, WRITE, EXECUTE */
	bool privileged; /* privileged-mode-requested of the PASID prefix */
};

/** Where a translation ended. */
struct translation_result {
	unsigned int fault; /* 0: translated; else enum vtd_fault, or an SMMUv3 event id */
	hpa_t address; /* valid without fault */
	u64 page_size; /* bytes: power of two, the region around address that translates alike */
	unsigned int rights; /* ORed enum access granted by the tables */
	unsigned int table_reads; /* accesses to tables that this request cost */
	bool interrupt; /* the request is an interrupt message: do not access memory */
};

#endif
