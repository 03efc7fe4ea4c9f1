/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What config space and DMA of a function share: its state and the controls that DMA obeys. Nothing
 * outside models/pcie/ includes this.
 */
#ifndef MODELS_PCIE_PCIE_FUNCTION_H
#define MODELS_PCIE_PCIE_FUNCTION_H

#include "pcie.h"

/** Bytes of config space that hold registers; everything above reads as zero. */
#define PCIE_CONFIG_USED 0x140
#define PCIE_CONFIG_WORDS (PCIE_CONFIG_USED / 4)

/** The rules of 4 bytes of config space. */
struct pcie_config_word {
	u32 value;
	u32 writable; /* bits that software sets and clears */
	u32 clearable; /* bits that software clears by writing one */
	u32 reset; /* value after a function-level reset */
};

struct pcie_function {
	struct pcie_function_config config;
	struct pcie_upstream upstream;
	struct port port;
	struct pcie_config_word words[PCIE_CONFIG_WORDS];
	unsigned int pasid_offset, ats_offset, pri_offset; /* of the capabilities; 0: absent */
};

/** What DMA must know of config space. */
struct pcie_controls {
	bool bus_master;
	bool pasid, execute, privileged; /* enabled in the PASID control register */
	unsigned int pasid_width; /* bits */
};

struct pcie_controls pcie_controls(const struct pcie_function *function);

#endif
