/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the IOMMU core share: the state of one kernel's core, groups and their devices.
 * The API for users and drivers is <linux/iommu.h>.
 */
#ifndef KERNEL_SHIM_IOMMU_INTERNAL_H
#define KERNEL_SHIM_IOMMU_INTERNAL_H

#include <linux/iommu.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>

#include "../lib/context.h"

/* The core's state in one kernel. */
struct iommu_core {
	struct mutex lock;
	struct list_head groups;
};

struct iommu_fault_param;

/* What the core keeps on a device; struct device.iommu. */
struct dev_iommu {
	struct mutex lock; /* of fault_param */
	struct iommu_fault_param *fault_param; /* NULL: nobody takes faults */
	const struct iommu_ops *ops;
	const struct kernel_firmware_device *firmware;
	void *priv;
};

struct group_device {
	struct list_head list;
	struct device *dev;
};

struct iommu_group {
	struct list_head list;
	struct kref kref; /* one for each device, one for each user */
	struct mutex lock; /* of what follows */
	int id;
	struct list_head devices;
	struct iommu_domain *default_domain;
	struct iommu_domain *domain; /* where the devices are now */
	void *owner; /* of the devices' DMA; NULL: the host */
	void *iommu_data;
	void (*iommu_data_release)(void *data);
};

static inline struct iommu_core *iommu_core(void)
{
	return kernel_subsys(KERNEL_SUBSYS_IOMMU);
}

static inline const struct iommu_ops *dev_iommu_ops(struct device *dev)
{
	return dev->iommu->ops;
}

/**
 * Makes a domain of a driver, unaccounted; NULL if the driver has none of that type or no memory.
 */
struct iommu_domain *__iommu_domain_alloc(const struct iommu_ops *ops, unsigned int type);

/** Frees a domain of __iommu_domain_alloc(). */
void __iommu_domain_free(struct iommu_domain *domain);

/**
 * Puts a device whose driver has claimed it into its group, and attaches it to the group's domain.
 * 0 or -errno.
 */
int iommu_group_join(struct device *dev);

/**
 * pci-group.c: the group, with a reference, that a PCI function has to share by what is between it and the IOMMU; NULL:
 * it shares with nobody who has a group yet.
 */
struct iommu_group *pci_device_group(struct device *dev);

/** A PASID set's number, from 1 on; the set of a number and of a PASID, or NULL, no reference taken. */
int ioasid_set_id(const struct ioasid_set *set);
struct ioasid_set *ioasid_set_by_id(int id);
struct ioasid_set *ioasid_set_of(ioasid_t ioasid);

/** Takes a device out of its group; the group goes with its last user. */
void iommu_group_leave(struct device *dev);

#endif
