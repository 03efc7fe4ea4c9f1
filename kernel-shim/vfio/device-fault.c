// SPDX-License-Identifier: Apache-2.0
/*
 * Page requests and unrecoverable faults of a device on their way to who has it open. The nesting series had nothing for
 * them; what stands here is in the place of the region that another series gives a device's file (see kernel.h).
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../lib/context.h"
#include "vfio.h"

#define FAULTS_MAX 512 /* that wait to be read: entries of that region */

struct vfio_fault {
	struct list_head list;
	struct iommu_fault fault;
};

/** Do processes get page requests in this kernel? */
static bool offered(void)
{
	static const char *const behaviours[] = { "v1", "v1-attach-check", "v7" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(behaviours); i++)
		if (!strcmp(kernel_behaviour(), behaviours[i]))
			return true;
	return false;
}

static int take_fault(struct iommu_fault *fault, void *data)
{
	struct vfio_device *device = data;
	struct vfio_fault *kept;

	if (device->fault_count == FAULTS_MAX)
		return -ENOSPC;
	kept = kzalloc(sizeof(*kept), GFP_KERNEL);
	if (!kept)
		return -ENOMEM;
	kept->fault = *fault;
	list_add_tail(&kept->list, &device->faults);
	device->fault_count++;
	return 0;
}

static bool next_fault(struct vfio_device *device, struct iommu_fault *fault)
{
	struct vfio_fault *kept;

	if (!device->fault_count)
		return false;
	kept = list_first_entry(&device->faults, struct vfio_fault, list);
	*fault = kept->fault;
	list_del(&kept->list);
	kfree(kept);
	device->fault_count--;
	return true;
}

int vfio_device_faults_begin(struct vfio_device *device)
{
	INIT_LIST_HEAD(&device->faults);
	device->fault_count = 0;
	return offered() ? iommu_register_device_fault_handler(device->dev, take_fault, device) : 0;
}

void vfio_device_faults_end(struct vfio_device *device)
{
	struct iommu_fault fault;

	if (!offered())
		return;
	iommu_discard_device_faults(device->dev);
	iommu_unregister_device_fault_handler(device->dev);
	while (next_fault(device, &fault))
		;
}

long vfio_device_read_fault(struct file *file, struct iommu_fault *fault)
{
	struct vfio_device *device = vfio_device_from_file(file);

	if (!device || !offered())
		return -ENOTTY;
	return next_fault(device, fault) ? 0 : -EAGAIN;
}

long vfio_device_page_response(struct file *file, const struct iommu_page_response *response)
{
	struct vfio_device *device = vfio_device_from_file(file);
	struct iommu_page_response copy = *response;

	if (!device || !offered())
		return -ENOTTY;
	return iommu_page_response(device->dev, &copy);
}
