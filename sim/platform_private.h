/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What platform.c and platform_iommu.c share. For nobody else.
 */
#ifndef SIM_PLATFORM_PRIVATE_H
#define SIM_PLATFORM_PRIVATE_H

#include "platform.h"

/** What a number may be, both included. */
struct bounds {
	unsigned long long min, max;
};

/** The number under a key if the mapping has it; *out stays else. False: it is no number from min to max. */
bool optional_number(const struct node *mapping, const char *key, struct bounds bounds,
		     unsigned long long *out, struct diags *diags);

/** The same for a yes or no. */
bool optional_bool(const struct node *mapping, const char *key, bool *out, struct diags *diags);

/** A unit of measure and what it is worth. */
struct quantity_unit {
	const char *name;
	double factor;
};

/** What a unit says of time, over what *timing holds: defaults, or what its profile gives. */
bool read_unit_timing(const struct node *node, struct unit_timing *timing, struct diags *diags);

/** What a platform and a device say of time; each sets the defaults first. */
bool read_platform_timing(const struct node *root, struct platform_timing *timing,
			  struct diags *diags);
bool read_device_timing(const struct node *node, struct link_timing *link,
			struct requester_timing *requester, struct diags *diags);

/** Reads a cache's keys into *geometry, which holds the defaults. */
bool read_geometry(const struct node *node, struct cache_geometry *geometry, struct diags *diags);

/** Reads a VT-d unit's mapping into *iommu, whose name is set. */
bool read_vtd(const struct node *node, struct platform_iommu *iommu, struct diags *diags);

/** Reads an SMMUv3's mapping into *iommu, whose name is set. */
bool read_smmuv3(const struct node *node, struct platform_iommu *iommu, struct diags *diags);

/** Entries of all caches of an IOMMU. */
unsigned long long platform_cache_entries(const struct platform_iommu *iommu);

/** True where a pass-through domain needs tables: ECAP.PT is 0. */
bool vtd_maps_identity(const struct vtd_config *config);

/** True where second-stage pages may have 2 MiB: CAP.SSLPS. */
bool vtd_has_large_pages(const struct vtd_config *config);

/** CAP.MGAW of a unit, in bits. */
unsigned int vtd_guest_address_width(const struct vtd_config *config);

#endif
