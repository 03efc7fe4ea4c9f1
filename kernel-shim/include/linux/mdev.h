/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mediated devices: the module that has them is never loaded, so that symbol_get() of its names
 * is NULL and no bus is theirs.
 */
#ifndef _SHIM_LINUX_MDEV_H
#define _SHIM_LINUX_MDEV_H

#include <linux/device.h>
#include <linux/module.h>

extern struct bus_type mdev_bus_type;
struct device *mdev_get_iommu_device(struct device *dev);

#endif
