// SPDX-License-Identifier: Apache-2.0
/*
 * The file of an open device, in vfio-pci's manner. It describes the device and resets it; regions
 * and interrupts are not offered to user space, because a device's DMA is driven by the scenario.
 */
#include <linux/anon_inodes.h>
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/file.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/uaccess.h>

#include "vfio.h"

/** Time that a function may take for its reset, ms (PCIe 6.6.2). */
#define FLR_TIME_MS 100

/** Offset of the PCI Express capability of a function that can be reset on its own; else 0. */
static int flr_capability(struct pci_dev *pdev)
{
	int pos = pci_find_capability(pdev, PCI_CAP_ID_EXP);
	u32 devcap = 0;

	if (!pos)
		return 0;
	pci_read_config_dword(pdev, pos + PCI_EXP_DEVCAP, &devcap);
	return devcap & PCI_EXP_DEVCAP_FLR ? pos : 0;
}

/** The registers that a reset clears and software wants back as they were: controls, and a BAR of 64 bits. */
struct saved_controls {
	int offset[10];
	u16 value[10];
	size_t count;
};

static void save_control(struct pci_dev *pdev, struct saved_controls *saved, int offset)
{
	saved->offset[saved->count] = offset;
	pci_read_config_word(pdev, offset, &saved->value[saved->count]);
	saved->count++;
}

/** In the order in which they are to be restored: bus mastering comes last. */
static void save_controls(struct pci_dev *pdev, struct saved_controls *saved, int express)
{
	int bar;

	for (bar = PCI_BASE_ADDRESS_0; bar < PCI_BASE_ADDRESS_2; bar += 2)
		save_control(pdev, saved, bar);
	save_control(pdev, saved, express + PCI_EXP_DEVCTL);
	if (pdev->pasid_cap)
		save_control(pdev, saved, pdev->pasid_cap + PCI_PASID_CTRL);
	if (pdev->pri_cap) {
		/* its low half: a driver allocates few */
		save_control(pdev, saved, pdev->pri_cap + PCI_PRI_ALLOC_REQ);
		save_control(pdev, saved, pdev->pri_cap + PCI_PRI_CTRL);
	}
	if (pdev->ats_cap)
		save_control(pdev, saved, pdev->ats_cap + PCI_ATS_CTRL);
	save_control(pdev, saved, PCI_COMMAND);
}

/** Function-level reset. The IOMMU goes on using what it has enabled in the function. */
static int vfio_device_reset(struct pci_dev *pdev)
{
	struct saved_controls saved = { .count = 0 };
	int pos = flr_capability(pdev);
	size_t i;

	if (!pos)
		return -EINVAL;

	save_controls(pdev, &saved, pos);
	pci_write_config_word(pdev, pos + PCI_EXP_DEVCTL, saved.value[0] | PCI_EXP_DEVCTL_BCR_FLR);
	msleep(FLR_TIME_MS);
	for (i = 0; i < saved.count; i++)
		pci_write_config_word(pdev, saved.offset[i], saved.value[i]);
	return 0;
}

static int vfio_device_get_info(struct pci_dev *pdev, unsigned long arg)
{
	const size_t capsz = offsetofend(struct vfio_device_info, cap_offset);
	size_t minsz = offsetofend(struct vfio_device_info, num_irqs);
	struct vfio_device_info info = { 0 };

	if (copy_from_user(&info, (void __user *)arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;
	if (info.argsz >= capsz)
		minsz = capsz;

	info.flags = VFIO_DEVICE_FLAGS_PCI;
	if (flr_capability(pdev))
		info.flags |= VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = 0;
	info.num_irqs = 0;
	return copy_to_user((void __user *)arg, &info, minsz) ? -EFAULT : 0;
}

/** Both infos name an index in their first minsz bytes, and none exists. */
static int vfio_device_get_index_info(size_t minsz, unsigned long arg)
{
	u8 info[sizeof(struct vfio_region_info)];

	return copy_from_user(info, (void __user *)arg, minsz) ? -EFAULT : -EINVAL;
}

static long vfio_device_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vfio_device *device = file->private_data;
	struct pci_dev *pdev = to_pci_dev(device->dev);

	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		return vfio_device_get_info(pdev, arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return vfio_device_get_index_info(offsetofend(struct vfio_region_info, offset),
						  arg);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return vfio_device_get_index_info(offsetofend(struct vfio_irq_info, count), arg);
	case VFIO_DEVICE_RESET:
		return vfio_device_reset(pdev);
	default:
		return -ENOTTY;
	}
}

static int vfio_device_close(struct inode *inode, struct file *file)
{
	struct vfio_device *device = file->private_data;

	(void)inode;
	if (!--device->users)
		vfio_device_faults_end(device);
	vfio_group_unuse_container(device->group);
	return 0;
}

static const struct file_operations vfio_device_fops = {
	.release = vfio_device_close,
	.unlocked_ioctl = vfio_device_ioctl,
};

struct vfio_device *vfio_device_from_file(struct file *file)
{
	return file->f_op == &vfio_device_fops ? file->private_data : NULL;
}

int vfio_device_open(struct vfio_device *device)
{
	int ret = vfio_group_use_container(device->group);

	if (ret)
		return ret;
	if (!device->users)
		ret = vfio_device_faults_begin(device);
	if (ret)
		goto err_unuse;
	ret = anon_inode_getfd("[vfio-device]", &vfio_device_fops, device, O_RDWR | O_CLOEXEC);
	if (ret < 0)
		goto err_end;
	device->users++;
	return ret;

err_end:
	if (!device->users)
		vfio_device_faults_end(device);
err_unuse:
	vfio_group_unuse_container(device->group);
	return ret;
}
