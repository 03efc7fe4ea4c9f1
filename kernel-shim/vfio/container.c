// SPDX-License-Identifier: Apache-2.0
/*
 * /dev/vfio/vfio: containers. A container gathers groups and gives them one IOMMU backend, to which
 * it passes every ioctl that is not its own. Files may be closed in any order, so it is counted.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/slab.h>

#include "vfio.h"

static void vfio_container_free(struct kref *kref)
{
	kfree(container_of(kref, struct vfio_container, kref));
}

static int vfio_container_open(struct inode *inode, struct file *file)
{
	struct vfio_container *container = kzalloc(sizeof(*container), GFP_KERNEL);

	(void)inode;
	if (!container)
		return -ENOMEM;

	kref_init(&container->kref);
	mutex_init(&container->lock);
	INIT_LIST_HEAD(&container->groups);
	file->private_data = container;
	return 0;
}

static int vfio_container_close(struct inode *inode, struct file *file)
{
	struct vfio_container *container = file->private_data;

	(void)inode;
	if (container->driver && container->driver->closed)
		container->driver->closed(container->iommu_data);
	file->private_data = NULL;
	kref_put(&container->kref, vfio_container_free);
	return 0;
}

/** Before VFIO_SET_IOMMU the backend is asked what it would offer, without state of its own. */
static long vfio_container_check_extension(struct vfio_container *container, unsigned long arg)
{
	const struct vfio_iommu_driver_ops *driver;
	long ret;

	mutex_lock(&container->lock);
	driver = container->driver ? container->driver : vfio_core()->iommu_driver;
	ret = driver->ioctl(container->iommu_data, VFIO_CHECK_EXTENSION, arg);
	mutex_unlock(&container->lock);
	return ret;
}

/** Attaches all groups that joined before the IOMMU was chosen: all or none. */
static int vfio_container_attach_all(struct vfio_container *container,
				     const struct vfio_iommu_driver_ops *driver, void *data)
{
	struct vfio_group *group;
	int ret = 0;

	list_for_each_entry(group, &container->groups, container_next) {
		ret = driver->attach_group(data, group->iommu_group, VFIO_IOMMU);
		if (ret)
			break;
	}
	if (!ret)
		return 0;

	list_for_each_entry_continue_reverse(group, &container->groups, container_next)
		driver->detach_group(data, group->iommu_group);
	return ret;
}

/**
 * A group in the container is what entitles its user to an IOMMU, which costs the host memory. A
 * type that the backend does not know is the backend's -EINVAL.
 */
static long vfio_container_set_iommu(struct vfio_container *container, unsigned long type)
{
	const struct vfio_iommu_driver_ops *driver = vfio_core()->iommu_driver;
	void *data;
	int ret;

	if (list_empty(&container->groups) || container->driver)
		return -EINVAL;

	data = driver->open(type);
	if (IS_ERR(data))
		return PTR_ERR(data);

	ret = vfio_container_attach_all(container, driver, data);
	if (ret) {
		driver->release(data);
		return ret;
	}

	container->driver = driver;
	container->iommu_data = data;
	return 0;
}

static long vfio_container_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vfio_container *container = file->private_data;
	long ret;

	switch (cmd) {
	case VFIO_GET_API_VERSION:
		return VFIO_API_VERSION;
	case VFIO_CHECK_EXTENSION:
		return vfio_container_check_extension(container, arg);
	case VFIO_SET_IOMMU:
		mutex_lock(&container->lock);
		ret = vfio_container_set_iommu(container, arg);
		mutex_unlock(&container->lock);
		return ret;
	default:
		if (!container->driver)
			return -EINVAL;
		return container->driver->ioctl(container->iommu_data, cmd, arg);
	}
}

static const struct file_operations vfio_container_fops = {
	.open = vfio_container_open,
	.release = vfio_container_close,
	.unlocked_ioctl = vfio_container_ioctl,
};

struct vfio_container *vfio_container_from_file(struct file *file)
{
	return file->f_op == &vfio_container_fops ? file->private_data : NULL;
}

static int vfio_container_add(struct vfio_container *container, struct vfio_group *group)
{
	int ret = iommu_group_claim_dma_owner(group->iommu_group, group);

	if (ret)
		return ret;

	if (container->driver)
		ret = container->driver->attach_group(container->iommu_data, group->iommu_group,
						      VFIO_IOMMU);
	if (ret) {
		iommu_group_release_dma_owner(group->iommu_group);
		return ret;
	}

	kref_get(&container->kref);
	list_add(&group->container_next, &container->groups);
	group->container = container;
	group->container_users = 1;
	return 0;
}

int vfio_container_attach_group(struct vfio_container *container, struct vfio_group *group)
{
	int ret;

	mutex_lock(&container->lock);
	ret = vfio_container_add(container, group);
	mutex_unlock(&container->lock);
	return ret;
}

void vfio_group_detach_container(struct vfio_group *group)
{
	struct vfio_container *container = group->container;

	mutex_lock(&container->lock);
	if (container->driver)
		container->driver->detach_group(container->iommu_data, group->iommu_group);
	iommu_group_release_dma_owner(group->iommu_group);

	list_del(&group->container_next);
	group->container = NULL;
	group->container_users = 0;

	/*
	 * Without a group nobody is entitled to the IOMMU any longer; another one may be set later.
	 */
	if (container->driver && list_empty(&container->groups)) {
		container->driver->release(container->iommu_data);
		container->driver = NULL;
		container->iommu_data = NULL;
	}
	mutex_unlock(&container->lock);

	kref_put(&container->kref, vfio_container_free);
}

int vfio_container_init(void)
{
	return chrdev_register("/dev/vfio/vfio", &vfio_container_fops, NULL);
}

void vfio_container_exit(void)
{
	chrdev_unregister("/dev/vfio/vfio");
}
