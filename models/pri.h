/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The messages of the Page Request Interface (PCI Express 6.x, 10.4) as what they carry, shared by the function that
 * asks for pages and the unit that passes requests on to software. Neither side is known here.
 */
#ifndef MODELS_PRI_H
#define MODELS_PRI_H

#include "types.h"

/** Page Request Group indices: 0 .. PRI_GROUPS - 1. */
#define PRI_GROUPS 512u

/** Response Code of a PRG Response Message (10.4.2.1); the others are not used. */
enum pri_response {
	PRI_SUCCESS = 0, /* ask for the translation again */
	PRI_INVALID_REQUEST = 1, /* a page of the group will not come */
	PRI_RESPONSE_FAILURE = 15, /* send no more page requests */
};

/**
 * Private data of VT-d, revisions 3.0 to 3.3: what a function integrated into the root complex adds to a request
 * and gets back with the response. PCI Express has none, and later revisions neither.
 */
struct pri_private_data {
	bool present;
	u64 data[2]; /* valid if present */
};

/** A Page Request Message (10.4.1). */
struct page_request {
	u16 source_id; /* the function that asks */
	bool has_pasid;
	u32 pasid; /* 0 .. 2^20 - 1, valid if has_pasid */
	u64 address; /* of the page: bits 11:0 are zero */
	bool read, write; /* access asked for; neither, with last: a Stop Marker */
	bool execute, privileged; /* of the PASID prefix */
	u16 group; /* 0 .. PRI_GROUPS - 1 */
	bool last; /* of its group: a response is due */
	struct pri_private_data private_data;
};

/** A PRG Response Message (10.4.2) on its way to a function. */
struct page_group_response {
	u16 source_id; /* the function that asked */
	bool has_pasid;
	u32 pasid; /* valid if has_pasid */
	u16 group;
	unsigned int code; /* enum pri_response, or one that is not used: 0..15 */
	bool last; /* false: for a single request with private data; the group goes on */
	struct pri_private_data private_data;
};

/** True if software, or else hardware, is to answer the request itself. */
static inline bool page_request_needs_response(const struct page_request *request)
{
	return request->last || request->private_data.present;
}

#endif
