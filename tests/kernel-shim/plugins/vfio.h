/* SPDX-License-Identifier: Apache-2.0 */
/* What a tree's drivers/vfio/vfio.h gives its backends, for the small ones of the tests. */
#ifndef TESTS_PLUGINS_VFIO_H
#define TESTS_PLUGINS_VFIO_H

#include <linux/types.h>

struct iommu_group;
struct module;

enum vfio_group_type { VFIO_IOMMU };
enum vfio_iommu_notify_type { VFIO_IOMMU_CONTAINER_CLOSE };

struct vfio_iommu_driver_ops {
	char *name;
	struct module *owner;
	void *(*open)(unsigned long type);
	void (*release)(void *iommu_data);
	long (*ioctl)(void *iommu_data, unsigned int cmd, unsigned long arg);
#ifdef OPS_WITHOUT_TYPE
	int (*attach_group)(void *iommu_data, struct iommu_group *group);
#else
	int (*attach_group)(void *iommu_data, struct iommu_group *group, enum vfio_group_type type);
#endif
	void (*detach_group)(void *iommu_data, struct iommu_group *group);
	void (*notify)(void *iommu_data, enum vfio_iommu_notify_type event);
};

int vfio_register_iommu_driver(const struct vfio_iommu_driver_ops *ops);
void vfio_unregister_iommu_driver(const struct vfio_iommu_driver_ops *ops);

#endif
