/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's character device, embedded where its owner keeps it; device files: see fs.h. */
#ifndef _SHIM_LINUX_CDEV_H
#define _SHIM_LINUX_CDEV_H

#include <linux/fs.h>

struct cdev {
	struct module *owner;
	const struct file_operations *ops;
	dev_t dev;
};

#endif
