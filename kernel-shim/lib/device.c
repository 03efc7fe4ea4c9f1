// SPDX-License-Identifier: Apache-2.0
/* Devices: references to them, and the devices of a bus. */
#include "state.h"

#include <linux/device.h>
#include <linux/kernel.h>

struct device *get_device(struct device *dev)
{
	if (dev)
		kref_get(&dev->kref);
	return dev;
}

static void release(struct kref *kref)
{
	struct device *dev = container_of(kref, struct device, kref);

	if (dev->release)
		dev->release(dev);
}

void put_device(struct device *dev)
{
	if (dev)
		kref_put(&dev->kref, release);
}

int bus_for_each_dev(struct bus_type *bus, struct device *start, void *data,
		     int (*fn)(struct device *dev, void *data))
{
	struct device *dev, *next;
	bool started = !start;

	list_for_each_entry_safe(dev, next, &bus->devices, bus_list) {
		int ret = started ? fn(dev, data) : 0;

		if (ret)
			return ret;
		started |= dev == start;
	}
	return 0;
}
