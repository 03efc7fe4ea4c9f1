/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files platform*.c share. For nobody else.
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

/** One word of a list under a key; the first is the default. */
bool optional_choice(const struct node *mapping, const char *key, const char *const *words,
		     size_t *index, struct diags *diags);

/** The unit that a bridge or device names. False: it names none, or one that there is not. */
bool find_iommu(const struct node *mapping, const struct platform *platform, size_t *index,
		struct diags *diags);

/** Adds the error that there is no memory. Returns false. */
bool out_of_memory(const struct node *node, struct diags *diags);

/* ---- platform_topology.c ---- */

/** Reads `bridges:`; they are sorted by address, and their places checked. */
bool read_bridges(const struct node *root, struct platform *platform, struct diags *diags);

/** Reads what a device says of its place: ACS, BAR, the requester id that it uses. */
bool read_device_topology(const struct node *node, const struct platform *platform,
			  struct platform_device *device, struct diags *diags);

/** Finds the bridge above a device whose address is set, and its unit; checks that it can be there. */
bool place_device(const struct node_pair *pair, const struct platform *platform,
		  struct platform_device *device, struct diags *diags);

/** Checks what can only be told of all devices and bridges, and marks those of several functions. */
bool finish_topology(const struct node *root, struct platform *platform, struct diags *diags);

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
