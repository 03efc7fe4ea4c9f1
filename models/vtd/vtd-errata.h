/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errata of real units that a unit can be built with: one enum with one table of what is published on
 * each. Without, a unit does as the specification says.
 */
#ifndef MODELS_VTD_VTD_ERRATA_H
#define MODELS_VTD_VTD_ERRATA_H

#include "../types.h"

/** Errata by the number of the document that tells of them; bits of struct vtd_config's errata. */
enum vtd_erratum {
	VTD_ERRATUM_772415 = 1 << 0,
};

/** What is known of an erratum. */
struct vtd_erratum_info {
	enum vtd_erratum bit;
	unsigned int number; /* of the document, as Linux calls it by */
	const char *name; /* within the document */
	const char *title; /* a line */
	const char *affected; /* units that have it */
	const char *source;
	const char *text; /* what such a unit does */
};

/** The whole table; *count receives its length. */
const struct vtd_erratum_info *vtd_errata(size_t *count);

#endif
