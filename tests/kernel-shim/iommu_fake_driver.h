/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An IOMMU driver for tests of the core that does what a test tells it: fails at a chosen device,
 * reports any reserved regions, notes what it was asked to map. For what no real driver can be
 * brought to do on demand.
 */
#ifndef TESTS_KERNEL_SHIM_IOMMU_FAKE_DRIVER_H
#define TESTS_KERNEL_SHIM_IOMMU_FAKE_DRIVER_H

#include <linux/iommu.h>
#include <linux/pci.h>

#include "kernel.h"

#define FAKE_DEVICES 4
#define FAKE_REGIONS 4
#define FAKE_CALLS 16

struct fake_device {
	struct pci_dev pdev;
	struct kernel_firmware_device firmware;
	struct iommu_domain *at; /* the domain it is attached to */
	int probe_error;
	int attach_error;
	unsigned int released;
	struct iommu_resv_region regions[FAKE_REGIONS]; /* those with a length are reported */
};

/* A call of map_pages or unmap_pages. */
struct fake_call {
	unsigned long iova;
	phys_addr_t paddr;
	size_t pgsize, count;
};

struct fake_domain {
	struct iommu_domain domain;
	struct fake_call calls[FAKE_CALLS];
	unsigned int call_count;
	unsigned int syncs;
	size_t map_limit; /* bytes that may be mapped before -ENOMEM; 0: no limit */
	size_t mapped;
	size_t unmap_at_least; /* bytes that an unmap takes away at least */
	int attr_value; /* of DOMAIN_ATTR_NESTING */
	struct iommu_gpasid_bind_data bound; /* what the last bind was told */
	struct iommu_cache_invalidate_info invalidated;
	ioasid_t unbound;
};

#define to_fake_domain(d) container_of(d, struct fake_domain, domain)

/** The bus of fake devices, without driver. */
struct fake_machine {
	struct bus_type bus;
	struct fake_device devices[FAKE_DEVICES];
};

/** Prepares a bus with a driver and devices that are not yet probed. */
void fake_machine_init(struct fake_machine *machine);

/** Driver without optional operations, and one with them, and one without any for mapping. */
extern const struct iommu_ops fake_ops;
extern const struct iommu_ops fake_plain_ops;

#endif
