// SPDX-License-Identifier: Apache-2.0
/*
 * /dev/vfio/N: groups. A group is the smallest set of devices that the IOMMU can tell apart; it
 * joins a container as a whole, and its devices can be opened once the container has its IOMMU.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "../lib/context.h"
#include "vfio.h"

static int vfio_group_open(struct inode *inode, struct file *file)
{
	struct vfio_group *group = inode->i_private;
	int ret = 0;

	mutex_lock(&group->lock);
	if (group->opened_file) {
		ret = -EBUSY;
	} else {
		group->opened_file = file;
		file->private_data = group;
	}
	mutex_unlock(&group->lock);
	return ret;
}

/** Open devices hold the file, so none is open any longer. */
static int vfio_group_close(struct inode *inode, struct file *file)
{
	struct vfio_group *group = file->private_data;

	(void)inode;
	mutex_lock(&group->lock);
	if (group->container)
		vfio_group_detach_container(group);
	group->opened_file = NULL;
	mutex_unlock(&group->lock);
	return 0;
}

static int vfio_group_set_container(struct vfio_group *group, unsigned long arg)
{
	struct vfio_container *container;
	struct fd f;
	int ret = -EINVAL;
	int fd;

	if (get_user(fd, (int __user *)arg))
		return -EFAULT;
	f = fdget(fd);
	if (!f.file)
		return -EBADF;

	container = vfio_container_from_file(f.file);
	mutex_lock(&group->lock);
	if (!group->container && container)
		ret = vfio_container_attach_group(container, group);
	mutex_unlock(&group->lock);
	fdput(f);
	return ret;
}

static int vfio_group_unset_container(struct vfio_group *group)
{
	int ret = 0;

	mutex_lock(&group->lock);
	if (!group->container)
		ret = -EINVAL;
	else if (group->container_users != 1)
		ret = -EBUSY;
	else
		vfio_group_detach_container(group);
	mutex_unlock(&group->lock);
	return ret;
}

static int has_host_driver(struct device *dev, void *data)
{
	(void)data;
	return to_pci_dev(dev)->firmware->host_driver;
}

static int vfio_group_get_status(struct vfio_group *group, unsigned long arg)
{
	const size_t minsz = offsetofend(struct vfio_group_status, flags);
	struct vfio_group_status status;

	if (copy_from_user(&status, (void __user *)arg, minsz))
		return -EFAULT;
	if (status.argsz < minsz)
		return -EINVAL;

	status.flags = 0;
	mutex_lock(&group->lock);
	if (group->container)
		status.flags = VFIO_GROUP_FLAGS_CONTAINER_SET | VFIO_GROUP_FLAGS_VIABLE;
	else if (!iommu_group_for_each_dev(group->iommu_group, NULL, has_host_driver))
		status.flags = VFIO_GROUP_FLAGS_VIABLE;
	mutex_unlock(&group->lock);

	return copy_to_user((void __user *)arg, &status, minsz) ? -EFAULT : 0;
}

/** A string of the user's, a page at most with its end. 0, -EFAULT, or -EINVAL: too long. */
static int copy_name(char *name, unsigned long arg)
{
	size_t i;

	for (i = 0; i < PAGE_SIZE; i++) {
		if (get_user(name[i], (char __user *)(arg + i)))
			return -EFAULT;
		if (!name[i])
			return 0;
	}
	return -EINVAL;
}

static int vfio_group_get_device_fd(struct vfio_group *group, unsigned long arg)
{
	char *name = kmalloc(PAGE_SIZE, GFP_KERNEL);
	struct vfio_device *device;
	int ret;

	if (!name)
		return -ENOMEM;

	ret = copy_name(name, arg);
	if (!ret) {
		ret = -ENODEV;
		list_for_each_entry(device, &group->devices, group_next) {
			if (!strcmp(dev_name(device->dev), name)) {
				ret = vfio_device_open(device);
				break;
			}
		}
	}
	kfree(name);
	return ret;
}

static long vfio_group_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vfio_group *group = file->private_data;

	switch (cmd) {
	case VFIO_GROUP_GET_STATUS:
		return vfio_group_get_status(group, arg);
	case VFIO_GROUP_SET_CONTAINER:
		return vfio_group_set_container(group, arg);
	case VFIO_GROUP_UNSET_CONTAINER:
		return vfio_group_unset_container(group);
	case VFIO_GROUP_GET_DEVICE_FD:
		return vfio_group_get_device_fd(group, arg);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations vfio_group_fops = {
	.open = vfio_group_open,
	.release = vfio_group_close,
	.unlocked_ioctl = vfio_group_ioctl,
};

int vfio_group_use_container(struct vfio_group *group)
{
	int ret = -EINVAL;

	mutex_lock(&group->lock);
	if (group->container && group->container->driver) {
		get_file(group->opened_file);
		group->container_users++;
		ret = 0;
	}
	mutex_unlock(&group->lock);
	return ret;
}

void vfio_group_unuse_container(struct vfio_group *group)
{
	mutex_lock(&group->lock);
	group->container_users--;
	fput(group->opened_file);
	mutex_unlock(&group->lock);
}

/* ---- groups come and go with the kernel ---- */

static struct vfio_group *find_group(struct iommu_group *iommu_group)
{
	struct vfio_group *group;

	list_for_each_entry(group, &vfio_core()->groups, vfio_next) {
		if (group->iommu_group == iommu_group)
			return group;
	}
	return NULL;
}

/** A group with its file; it keeps the reference to the IOMMU group if it succeeds. */
static struct vfio_group *create_group(struct iommu_group *iommu_group)
{
	struct vfio_group *group = kzalloc(sizeof(*group), GFP_KERNEL);
	int ret;

	if (!group)
		return ERR_PTR(-ENOMEM);

	mutex_init(&group->lock);
	INIT_LIST_HEAD(&group->devices);
	group->iommu_group = iommu_group;
	scnprintf(group->path, sizeof(group->path), "/dev/vfio/%d", iommu_group_id(iommu_group));

	ret = chrdev_register(group->path, &vfio_group_fops, group);
	if (ret) {
		kfree(group);
		return ERR_PTR(ret);
	}
	list_add_tail(&group->vfio_next, &vfio_core()->groups);
	return group;
}

/** The group of a device, made if it is the first of its group; takes over the reference given. */
static struct vfio_group *get_group(struct iommu_group *iommu_group)
{
	struct vfio_group *group = find_group(iommu_group);

	if (!group) {
		group = create_group(iommu_group);
		if (!IS_ERR(group))
			return group;
	}
	iommu_group_put(iommu_group);
	return group;
}

/** What vfio-pci does when it is bound to a device. One without IOMMU is not for user space. */
static int add_device(struct device *dev)
{
	struct iommu_group *iommu_group = iommu_group_get(dev);
	struct vfio_device *device;
	struct vfio_group *group;

	if (!iommu_group)
		return 0;

	group = get_group(iommu_group);
	if (IS_ERR(group))
		return PTR_ERR(group);

	device = kzalloc(sizeof(*device), GFP_KERNEL);
	if (!device)
		return -ENOMEM;
	device->group = group;
	device->dev = dev;
	list_add_tail(&device->group_next, &group->devices);
	return 0;
}

int vfio_groups_init(void)
{
	struct pci_dev *pdev;
	int ret;

	for_each_pci_dev(pdev)
	{
		/* vfio-pci takes no bridges; their own driver does no DMA, so a group is viable with them */
		if (pdev->firmware->host_driver || pci_is_bridge(pdev))
			continue;
		ret = add_device(&pdev->dev);
		if (ret)
			return ret;
	}
	return 0;
}

static void destroy_group(struct vfio_group *group)
{
	struct vfio_device *device, *next;

	list_for_each_entry_safe(device, next, &group->devices, group_next) {
		list_del(&device->group_next);
		kfree(device);
	}
	chrdev_unregister(group->path);
	list_del(&group->vfio_next);
	iommu_group_put(group->iommu_group);
	kfree(group);
}

void vfio_groups_exit(void)
{
	struct vfio_group *group, *next;

	list_for_each_entry_safe(group, next, &vfio_core()->groups, vfio_next)
		destroy_group(group);
}
