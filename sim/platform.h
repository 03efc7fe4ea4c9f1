/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A platform description: the units, devices and memory that a machine is built from, read from YAML.
 * Checked here so that every platform that parses can be built.
 */
#ifndef SIM_PLATFORM_H
#define SIM_PLATFORM_H

#include "pcie/bridge.h"
#include "scenario/node.h"
#include "smmuv3/smmuv3.h"
#include "timing.h"
#include "vtd/vtd.h"

#include <stdint.h>

enum platform_iommu_kind { PLATFORM_VTD, PLATFORM_SMMUV3 };

/** One IOMMU. */
struct platform_iommu {
	char *name; /* "dmar0" */
	enum platform_iommu_kind kind;
	const char *profile; /* name of its profile, or NULL */
	struct vtd_config vtd; /* PLATFORM_VTD */
	struct smmuv3_config smmu; /* PLATFORM_SMMUV3 */
	u32 stage1_format; /* SMMU: what its driver tells; 0: nothing */
	u64 mmio_base; /* host-physical, assigned when read */
	struct unit_timing timing;
};

#define PLATFORM_ROOT_BUS SIZE_MAX /* in place of the bridge above */

/** One port or bridge. */
struct platform_bridge {
	char *name; /* "0000:00:1c.0", always with the segment */
	u16 segment;
	size_t iommu; /* index into iommus */
	size_t above; /* index into bridges, below its own, or PLATFORM_ROOT_BUS */
	int group; /* as given, or -1 */
	int kernel_group; /* by machine_number_groups(): the kernel's, or -1 */
	bool identity;
	struct pcie_bridge_config config;
};

/** One device. */
struct platform_device {
	char *name; /* "0000:3a:00.0", always with the segment */
	u16 segment;
	size_t iommu; /* index into iommus */
	size_t above; /* index into bridges, or PLATFORM_ROOT_BUS */
	int group; /* or -1: none is given, nor worked out by machine_number_groups() */
	bool group_given;
	bool host_driver;
	bool identity;
	struct pcie_function_config function; /* source_id etc. */
	struct link_timing link;
	struct requester_timing requester;
};

/** A module parameter that is set, and where. */
struct parameter_use {
	const char *name; /* lives as long as the document */
	struct place place;
};

struct parameter_uses {
	struct parameter_use *items;
	size_t count;
};

/** Adds one. False: not enough memory. */
bool parameter_uses_add(struct parameter_uses *uses, const char *name, const struct place *place);

/** A platform; freed with platform_free(). */
struct platform {
	char *name; /* or NULL */
	struct platform_iommu *iommus;
	size_t iommu_count;
	struct platform_bridge *bridges; /* by address, so that what is above comes first */
	size_t bridge_count;
	struct platform_device *devices;
	size_t device_count;
	unsigned int memory_width; /* bits */
	u64 ram_base, ram_size; /* bytes */
	struct platform_timing timing;
	char **kernel_parameters; /* "module.name=value", NULL-terminated; never NULL */
	struct parameter_uses tree_parameters; /* of these, what no kernel built in has: a tree may */
};

/**
 * Reads a platform from a mapping node. Keys:
 *   name, memory: {width: 46, ram: 16GiB}, kernel-parameters: {vfio_iommu_type1.pasid_quota: 5},
 *   iommus: {NAME: {model: vt-d | smmuv3, profile: NAME, version, cap: HEX or {FIELD: value..}, ecap: likewise,
 *            caches: {iotlb|context|pasid|first-stage|second-stage|interrupt: {entries, assoc, policy, seed, latency}},
 *            errata: [772415],
 *            stage1, stage2, substream-bits, stream-bits, address-bits, asid16, stage1_format}},
 *   bridges: {BDF: {type: root-port | upstream | downstream | pcie-to-pci | pci, buses: 01-03, iommu: NAME,
 *             acs: bool, [SV, RR, ..] or {has: [..], enabled: [..]}, group: N, default-domain, pcie-capability: bool,
 *             vendor, device}},
 *   devices: {BDF: {iommu: NAME, group: N, pasid: bool or {width, execute, privileged}, ats: bool, pri: bool,
 *             device-tlb: {entries, assoc, policy, seed, latency, slots}, clock,
 *             acs, bar: {base, size}, dma-alias: BDF,
 *             driver: vfio-pci | host, default-domain: dma | identity, vendor, device}}
 * cap/ecap as a mapping override fields of the profile by name (old names too). NULL with errors in *diags:
 * unknown keys, a device without unit, duplicate devices, a segment's bdf twice, impossible widths (MGAW beyond the host
 * width), SAGAW empty, geometry impossible, unknown profile (names the nearest) ...
 */
struct platform *platform_read(const struct node *node, struct diags *diags);

/** Frees it. NULL is allowed. */
void platform_free(struct platform *platform);

/** The word for a bridge's type: "root-port". */
const char *platform_bridge_type(enum pcie_bridge_kind kind);

/** The address of a function as text, "0000:3a:00.0"; the caller frees it. NULL: no memory. */
char *function_name(u16 segment, u16 source_id);

/** A profile: a real machine's unit, with the source of its numbers. */
struct profile {
	const char *name; /* "sapphire-rapids" */
	const char *about; /* what machine, and the source */
	u32 version;
	u64 cap, ecap;
	const char *assumed; /* bits set here that no log shows and why, or NULL */
};

/** All profiles; *count receives their number. */
const struct profile *profiles(size_t *count);

/** What measurements of a machine tell of its unit. */
struct profile_measured {
	const char *profile; /* name */
	unsigned int walkers;
	unsigned int iotlb_entries; /* fully associative */
};

/** Of that machine; NULL where nobody measured. */
const struct profile_measured *profile_measured(const struct profile *profile);

/** A time as in "90ns", in picoseconds. */
bool read_time(const struct node *node, u64 *ps, struct diags *diags);

#endif
