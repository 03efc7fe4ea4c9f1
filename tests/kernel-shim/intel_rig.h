/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machines for the tests of the Intel IOMMU driver: which VT-d units there are, and what only a
 * VT-d test looks at. All else is the rig's.
 */
#ifndef TESTS_KERNEL_SHIM_INTEL_RIG_H
#define TESTS_KERNEL_SHIM_INTEL_RIG_H

#include "rig.h"
#include "vtd/vtd-fault.h"

#include <linux/mm.h>
#include <linux/sizes.h>
#include <uapi/linux/vfio_nesting.h>

#define INTEL_RAM_BASE RIG_RAM_BASE
#define INTEL_RAM_SIZE (64ULL << 20)

/* Units: CAP and ECAP as boot logs give them, but for PASID, which no log shows set. */
#define CAP_SERVER 0x9ed008c40780466ULL /* 4 levels, 2 MiB and 1 GiB pages */
#define CAP_SERVER_5_LEVELS 0x19ed008c40780c66ULL
#define ECAP_SERVER (0x3ee9e86f050dfULL | 1ULL << 40)
#define ECAP_PAGE_REQUESTS (1ULL << 29)
#define CAP_HASWELL 0xd2078c106f0466ULL /* Haswell-EP */
#define ECAP_HASWELL 0xf020dfULL
#define CAP_BROADWELL 0x8d2078c106f0466ULL
#define ECAP_BROADWELL 0xf020dfULL
#define CAP_HASWELL_GRAPHICS 0xc0000020660462ULL /* 39 bits, 4-KiB pages only */
#define ECAP_HASWELL_GRAPHICS 0xf0101aULL /* neither pass-through nor snoop control */
#define CAP_QEMU 0x80d2008c222f06c6ULL /* caching mode */
#define ECAP_QEMU 0xf00f1aULL

/** One unit. */
struct intel_unit_config {
	u64 cap, ecap;
};

#define SERVER ((struct intel_unit_config){ CAP_SERVER, ECAP_SERVER })
#define FIVE_LEVELS ((struct intel_unit_config){ CAP_SERVER_5_LEVELS, ECAP_SERVER })
#define BROADWELL ((struct intel_unit_config){ CAP_BROADWELL, ECAP_BROADWELL })
#define GRAPHICS ((struct intel_unit_config){ CAP_HASWELL_GRAPHICS, ECAP_HASWELL_GRAPHICS })

/* These make a machine, mainline unless told, as rig_init() does. Devices are 3a:00.0, 3a:01.0. */

/** One unit with a plain device. */
void intel_unit(struct rig *rig, u64 cap, u64 ecap);
/** One server unit with a device that has PASID and ATS. */
void intel_server(struct rig *rig);
void intel_server_of(struct rig *rig, const char *variant);
/** One server unit with page requests, and a device that has PASID, ATS and PRI. */
void intel_server_with_pri(struct rig *rig);
/** Two units with a device each, which has PASID. */
void intel_pair(struct rig *rig, struct intel_unit_config first, struct intel_unit_config second);

/** A register of a unit, read as the test sees it. */
u32 intel_register(struct rig *rig, unsigned int unit, u32 offset);
u64 intel_register64(struct rig *rig, unsigned int unit, u32 offset);

/** Contiguous RAM of 2^order pages; host-physical address. Inside the kernel. */
u64 intel_ram(unsigned int order);
void intel_ram_free(u64 address, unsigned int order);

/** A quadword of host-physical memory. */
u64 intel_peek(struct rig *rig, u64 address);
void intel_poke(struct rig *rig, u64 address, u64 value);

#endif
