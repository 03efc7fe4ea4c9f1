/* SPDX-License-Identifier: Apache-2.0 */
/* The tree of buses, bridges and functions, as bridge.c and route.c share it. Nothing outside models/pcie/ includes this. */
#ifndef MODELS_PCIE_NODE_H
#define MODELS_PCIE_NODE_H

#include "bridge.h"
#include "config-words.h"

/** What is on a bus: a function or a bridge. */
struct pcie_node {
	u16 source_id;
	struct pcie_bus *bus; /* NULL: on none */
	const struct pcie_config_word *acs; /* header of its ACS capability; NULL: none */
};

struct pcie_bus {
	struct pcie_bus *root; /* the root bus that it is below: of that, itself */
	struct pcie_bridge *bridge; /* that leads to it; NULL: a root bus */
	struct pcie_function *targets; /* of a root bus: functions with a BAR on it or below */
};

/** Bytes of a bridge's config space that hold registers; everything above reads as zero. */
#define PCIE_BRIDGE_USED 0x110

struct pcie_bridge {
	struct pcie_bridge_config config;
	struct pcie_node node;
	struct pcie_bus secondary;
	struct pcie_config_word words[PCIE_BRIDGE_USED / 4];
};

/** Bus numbers as software has set them. */
u8 pcie_bridge_secondary(const struct pcie_bridge *bridge);
u8 pcie_bridge_subordinate(const struct pcie_bridge *bridge);

#endif
