/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Buses, and the ports and bridges that lead from one to the next: config space with a Type 1 header and ACS. What they
 * let through, and which way, is route.c's. A bridge forwards what the BARs below it decode: windows of its own that
 * could differ from these are not modelled.
 */
#ifndef MODELS_PCIE_BRIDGE_H
#define MODELS_PCIE_BRIDGE_H

#include "pcie.h"

struct pcie_bridge;

/** What a bridge is. */
enum pcie_bridge_kind {
	PCIE_ROOT_PORT,
	PCIE_UPSTREAM_PORT, /* of a switch */
	PCIE_DOWNSTREAM_PORT, /* of a switch */
	PCIE_TO_PCI_BRIDGE, /* from PCI Express down to conventional PCI */
	PCI_TO_PCI_BRIDGE, /* conventional PCI on both sides */
};

/** What a bridge is built as. */
struct pcie_bridge_config {
	u16 source_id; /* bus 15:8, device 7:3, function 2:0 */
	u16 vendor_id, device_id;
	enum pcie_bridge_kind kind;
	bool multifunction; /* its device has more functions than this one */
	bool hidden; /* PCIE_TO_PCI_BRIDGE: shows no PCI Express capability, as some do */
	u8 secondary, subordinate; /* bus numbers as firmware has set them */
	struct pcie_acs acs;
};

/** Creates a root bus. NULL: no host memory. */
struct pcie_bus *pcie_root_bus_create(void);

/** Frees it, after all that was put on it or below. NULL is allowed. */
void pcie_root_bus_destroy(struct pcie_bus *bus);

/** Creates a bridge on a bus, which must outlive it. NULL: no host memory. */
struct pcie_bridge *pcie_bridge_create(const struct pcie_bridge_config *config,
				       struct pcie_bus *bus);

/** Frees it, after all that was put below it. NULL is allowed. */
void pcie_bridge_destroy(struct pcie_bridge *bridge);

/** The bus that it leads to: its secondary bus. */
struct pcie_bus *pcie_bridge_bus(struct pcie_bridge *bridge);

/** As pcie_config_read() and pcie_config_write(). */
u32 pcie_bridge_config_read(const struct pcie_bridge *bridge, unsigned int offset,
			    unsigned int size);
void pcie_bridge_config_write(struct pcie_bridge *bridge, unsigned int offset, unsigned int size,
			      u32 value);

#endif
