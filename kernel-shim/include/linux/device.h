/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices and buses. There is one bus for each kind of IOMMU, so that a bus has one iommu_ops as in
 * kernels before 6.0 (kernel_bus() in lib/context.h).
 */
#ifndef _SHIM_LINUX_DEVICE_H
#define _SHIM_LINUX_DEVICE_H

#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/kern_levels.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/types.h>

#ifdef LINUX_VERSION_CODE
/* on these trees rely, which get them through pm.h and its like */
#include <linux/completion.h>
#include <linux/notifier.h>
#include <linux/uuid.h>
#endif

struct class;
struct dev_iommu;
struct iommu_group;
struct iommu_ops;
struct module;

struct bus_type {
	const char *name;
	const struct iommu_ops *iommu_ops;
	struct list_head devices; /* struct device.bus_list */
};

struct device_driver {
	const char *name;
	struct bus_type *bus;
	struct module *owner;
};

struct device {
	struct kref kref;
	struct device *parent;
	const char *init_name;
	struct bus_type *bus;
	struct device_driver *driver;
	void *driver_data;
	struct iommu_group *iommu_group;
	struct dev_iommu *iommu; /* the IOMMU core's */
	struct list_head bus_list;
	void (*release)(struct device *dev);
};

static inline const char *dev_name(const struct device *dev)
{
	return dev->init_name;
}

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

/** NULL is allowed in both. */
struct device *get_device(struct device *dev);
void put_device(struct device *dev);

/** Calls fn for each device of the bus after start (NULL: all) until it returns nonzero: that value, else 0. */
int bus_for_each_dev(struct bus_type *bus, struct device *start, void *data,
		     int (*fn)(struct device *dev, void *data));

/** As printk(), with the device's name in front. */
__printf(3, 4) void dev_printk_level(const char *level, const struct device *dev, const char *fmt,
				     ...);
#define dev_err(dev, ...) dev_printk_level(KERN_ERR, dev, __VA_ARGS__)
#define dev_warn(dev, ...) dev_printk_level(KERN_WARNING, dev, __VA_ARGS__)
#define dev_notice(dev, ...) dev_printk_level(KERN_NOTICE, dev, __VA_ARGS__)
#define dev_info(dev, ...) dev_printk_level(KERN_INFO, dev, __VA_ARGS__)
#define dev_dbg(dev, ...) dev_printk_level(KERN_DEBUG, dev, __VA_ARGS__)
#define dev_err_ratelimited(dev, ...)              \
	do {                                       \
		if (printk_ratelimit())            \
			dev_err(dev, __VA_ARGS__); \
	} while (0)
#define dev_warn_ratelimited(dev, ...)              \
	do {                                        \
		if (printk_ratelimit())             \
			dev_warn(dev, __VA_ARGS__); \
	} while (0)
#define dev_WARN(dev, ...)                                     \
	do {                                                   \
		dev_warn(dev, __VA_ARGS__);                    \
		kernel_warn(KERNEL_SITE, "%s", dev_name(dev)); \
	} while (0)

#include <ages/device.h>

#endif
