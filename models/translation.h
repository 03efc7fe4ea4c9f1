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

/** What a request's address is: the AT field of PCI Express (6.x, 10.2.1). */
enum address_type {
	ADDRESS_UNTRANSLATED = 0,
	ADDRESS_TRANSLATION_REQUEST = 1, /* no access: asks for the translation */
	ADDRESS_TRANSLATED = 2, /* host-physical, by an earlier translation */
	ADDRESS_PAGE_REQUEST = 4, /* no AT: a Page Request Message, on its way through a unit */
};

/** A request as it reaches an IOMMU. */
struct translation_request {
	u16 source_id; /* bus 15:8, device 7:3, function 2:0 */
	bool has_pasid;
	u32 pasid; /* 0 .. 2^20 - 1, valid if has_pasid */
	iova_t address;
	enum access access; /* exactly one of READ, WRITE, EXECUTE */
	bool privileged; /* privileged-mode-requested of the PASID prefix */
	enum address_type type;
	bool no_write; /* ADDRESS_TRANSLATION_REQUEST: the page is not going to be written (NW) */
	size_t len; /* bytes of the access: within a page */
	u32 data; /* what a write of 4 bytes writes, as it may be an interrupt message */
};

/** How a translation request ends, besides with what the completion grants (PCI Express 10.2.3). */
enum ats_status {
	ATS_SUCCESS,
	ATS_UNSUPPORTED_REQUEST, /* the requester may not translate at all */
	ATS_COMPLETER_ABORT, /* this translation failed for good */
};

/** Where a translation ended. */
struct translation_result {
	unsigned int fault; /* 0: translated; else enum vtd_fault, or an SMMUv3 event id */
	hpa_t address; /* valid without fault */
	u64 page_size; /* bytes: power of two, the region around address that translates alike */
	unsigned int rights; /* ORed enum access granted by the tables */
	unsigned int table_reads; /* accesses to tables that this request cost */
	bool interrupt; /* the request is an interrupt message: do not access memory, send it to address */
	u32 data; /* interrupt: what to send */
	bool posted; /* interrupt: it is in memory; what is to be sent is a notification of that */
	bool silent; /* interrupt: nothing is to be sent */
	bool blocked; /* no fault, and no access either: the requester sees it aborted */
	enum ats_status ats_status; /* ADDRESS_TRANSLATION_REQUEST */
	u64 completion; /* ADDRESS_TRANSLATION_REQUEST, ATS_SUCCESS: see ats.h */
};

#endif
