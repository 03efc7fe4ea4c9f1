/* SPDX-License-Identifier: Apache-2.0 */
/* Single device files: "/dev/" and the nodename, or else the name. */
#ifndef _SHIM_LINUX_MISCDEVICE_H
#define _SHIM_LINUX_MISCDEVICE_H

#include <linux/fs.h>

#define MISC_DYNAMIC_MINOR 255
#define VFIO_MINOR 196

struct miscdevice {
	int minor;
	const char *name;
	const struct file_operations *fops;
	const char *nodename;
	umode_t mode;
};

/** Opens have file->private_data set to the miscdevice. 0, -EEXIST or -ENOMEM. */
int misc_register(struct miscdevice *misc);
void misc_deregister(struct miscdevice *misc);

#endif
