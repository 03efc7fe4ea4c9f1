/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VFIO core's own structures: containers, groups, devices, and the operations by which a
 * container reaches its IOMMU backend (type1). The ioctls that users see are in the files that
 * implement them.
 */
#ifndef KERNEL_SHIM_VFIO_VFIO_H
#define KERNEL_SHIM_VFIO_VFIO_H

#include <linux/device.h>
#include <linux/fs.h>
#include <linux/iommu.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/vfio.h>

struct pci_dev;

/** What stands behind a group. Only real devices behind a real IOMMU exist here. */
enum vfio_group_type { VFIO_IOMMU };

/**
 * An IOMMU backend, as since 6.1. Nothing pins pages or copies on a device's behalf here, so that
 * part is absent.
 */
struct vfio_iommu_driver_ops {
	const char *name;
	/** The backend's state for a container of the type given to VFIO_SET_IOMMU, or ERR_PTR. */
	void *(*open)(unsigned long type);
	void (*release)(void *iommu_data);
	/**
	 * Ioctls that are not the core's; iommu_data is NULL for VFIO_CHECK_EXTENSION before
	 * VFIO_SET_IOMMU.
	 */
	long (*ioctl)(void *iommu_data, unsigned int cmd, unsigned long arg);
	int (*attach_group)(void *iommu_data, struct iommu_group *group, enum vfio_group_type type);
	void (*detach_group)(void *iommu_data, struct iommu_group *group);
	/** The container's file was closed; groups may keep the container. NULL: of no interest. */
	void (*closed)(void *iommu_data);
};

/** The core's state on a kernel. */
struct vfio_core {
	const struct vfio_iommu_driver_ops *iommu_driver;
	struct vfio_iommu_driver_ops plugin_driver; /* what it points to in a kernel with a plug-in */
	bool plugin_started;
	struct list_head groups; /* struct vfio_group.vfio_next */
};

/** An open /dev/vfio/vfio; lives as long as its file or a group in it. */
struct vfio_container {
	struct kref kref;
	struct mutex lock; /* of all below */
	struct list_head groups; /* struct vfio_group.container_next, newest first */
	const struct vfio_iommu_driver_ops *driver; /* set by VFIO_SET_IOMMU */
	void *iommu_data;
};

/** A group with at least one device for VFIO: the file /dev/vfio/N. */
struct vfio_group {
	struct list_head vfio_next;
	struct iommu_group *iommu_group; /* with a reference */
	struct list_head devices; /* struct vfio_device.group_next */
	struct mutex lock; /* of all below */
	struct vfio_container *container;
	struct list_head container_next;
	unsigned int container_users; /* 1 for the group itself and 1 for each open device */
	struct file *opened_file; /* the only one; devices hold references to it */
	char path[32];
};

/** A device that user space may open. */
struct vfio_device {
	struct list_head group_next;
	struct vfio_group *group;
	struct device *dev;
	unsigned int users; /* open files */
	struct list_head faults; /* page requests that no file has read; while there are users */
	unsigned int fault_count;
};

/** The core's state of the current kernel. */
struct vfio_core *vfio_core(void);

/* container.c */

/** Registers /dev/vfio/vfio. 0 or -errno. */
int vfio_container_init(void);
void vfio_container_exit(void);

/** The container behind a file, or NULL if the file is something else. */
struct vfio_container *vfio_container_from_file(struct file *file);

/**
 * Puts a group into a container, with the group's lock held; attaches it if the container has its
 * IOMMU. -EPERM: the group is not viable or owned by another; else what the backend says.
 */
int vfio_container_attach_group(struct vfio_container *container, struct vfio_group *group);

/**
 * Takes a group out of its container, with the group's lock held. The last one takes the IOMMU with
 * it.
 */
void vfio_group_detach_container(struct vfio_group *group);

/* group.c */

/** Makes the groups' files for all devices that have no host driver. 0 or -errno. */
int vfio_groups_init(void);
void vfio_groups_exit(void);

/** Counts an open device as a user of the group's container. -EINVAL without container or IOMMU. */
int vfio_group_use_container(struct vfio_group *group);

/** Takes that back. */
void vfio_group_unuse_container(struct vfio_group *group);

/* device.c */

/** Opens a device: a new file descriptor or -errno. */
int vfio_device_open(struct vfio_device *device);

/** The device behind a file, or NULL if the file is something else. */
struct vfio_device *vfio_device_from_file(struct file *file);

/* device-fault.c: page requests, in kernels that hold the nesting series */

/** The first file opens, the last one closes. 0 or -errno. */
int vfio_device_faults_begin(struct vfio_device *device);
void vfio_device_faults_end(struct vfio_device *device);

/* type1.c */

/**
 * The type1 backend of a variant, set up on the current kernel; ERR_PTR(-EINVAL): no such variant,
 * -ENOMEM.
 */
const struct vfio_iommu_driver_ops *vfio_type1_init(const char *variant);
void vfio_type1_exit(void);

/* backend-plugin.c */

/** The backend that the current kernel's plug-in registers; ERR_PTR(-ENODEV): none, or what its init says. */
const struct vfio_iommu_driver_ops *vfio_plugin_init(void);
void vfio_plugin_exit(void);

#endif
