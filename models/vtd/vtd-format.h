/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VT-d formats and registers as data, for whoever wants to show or build them.
 */
#ifndef MODELS_VTD_VTD_FORMAT_H
#define MODELS_VTD_VTD_FORMAT_H

#include "../format.h"

/**
 * All formats, ended by NULL: cap, ecap, gcmd, gsts, rtaddr, fsts, frcd, iqa, ..., root, scalable-root,
 * context (scalable, 256 bits), legacy-context (128), pasid-directory, pasid-entry (512), first-stage,
 * second-stage, and the descriptors (context-cache-invalidate, iotlb-invalidate, wait, pasid-iotlb-invalidate,
 * pasid-cache-invalidate, device-tlb-invalidate, ...), and page-request.
 */
const struct format *const *vtd_formats(void);

/** The format of that name, or NULL. */
const struct format *vtd_format(const char *name);

/** The field of that name (case matters not; the older names FL1GP, FLPTPTR, SLADE ... are known too), or NULL. */
const struct format_field *vtd_field(const struct format *format, const char *name);

/** The descriptor format for a queue entry (type in bits 3:0 and 11:9), or NULL for an unknown type. */
const struct format *vtd_descriptor_format(const u64 *descriptor);

/** One register of the register file. */
struct vtd_register {
	const char *name; /* "GCMD" */
	u16 offset; /* bytes; FRCD and IOTLB registers: of the first one as CAP/ECAP place it, 0 here */
	u8 size; /* bytes: 4 or 8 */
	const char *access; /* "RO", "RW", "WO", "RW1C", "mixed" */
	const char *title;
	const struct format *format; /* or NULL */
};

/** All registers in order of offset; *count receives their number. */
const struct vtd_register *vtd_registers(size_t *count);

#endif
