// SPDX-License-Identifier: Apache-2.0
/* Device files: what lies under /dev, and what an open of it gives. */
#include "state.h"

#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>

struct chrdev {
	struct list_head list;
	const struct file_operations *fops;
	void *private;
	bool misc; /* private is a struct miscdevice, and goes into the file as well */
	dev_t number;
	char path[];
};

static struct chrdev *chrdev_find(const char *path)
{
	struct chrdev *dev;

	list_for_each_entry(dev, &kernel_current()->chrdevs, list) {
		if (strcmp(dev->path, path) == 0)
			return dev;
	}
	return NULL;
}

static int chrdev_add(const char *path, const struct file_operations *fops, void *private,
		      bool misc)
{
	struct kernel *k = kernel_current();
	size_t len = strlen(path) + 1;
	struct chrdev *dev;

	if (chrdev_find(path))
		return -EEXIST;
	dev = slab_zalloc_internal(sizeof(*dev) + len);
	if (!dev)
		return -ENOMEM;
	dev->fops = fops;
	dev->private = private;
	dev->misc = misc;
	dev->number = k->last_minor++;
	memcpy(dev->path, path, len);
	list_add_tail(&dev->list, &k->chrdevs);
	return 0;
}

int chrdev_register(const char *path, const struct file_operations *fops, void *private)
{
	return chrdev_add(path, fops, private, false);
}

void chrdev_unregister(const char *path)
{
	struct chrdev *dev = chrdev_find(path);

	if (!dev)
		return;
	list_del(&dev->list);
	kfree(dev);
}

static void misc_path(const struct miscdevice *misc, char *buf, size_t size)
{
	scnprintf(buf, size, "/dev/%s", misc->nodename ? misc->nodename : misc->name);
}

int misc_register(struct miscdevice *misc)
{
	char path[128];

	misc_path(misc, path, sizeof(path));
	return chrdev_add(path, misc->fops, misc, true);
}

void misc_deregister(struct miscdevice *misc)
{
	char path[128];

	misc_path(misc, path, sizeof(path));
	chrdev_unregister(path);
}

/* Takes back a file whose open failed: there is nothing to release. */
static void file_abandon(struct file *file)
{
	list_del(&file->f_list);
	kernel_current()->usage.open_files--;
	kfree(file);
}

struct file *chrdev_open(const char *path)
{
	const struct chrdev *dev = chrdev_find(path);
	struct file *file;
	int ret;

	if (!dev)
		return ERR_PTR(-ENOENT);
	file = file_alloc(dev->fops, O_RDWR);
	if (!file)
		return ERR_PTR(-ENOMEM);
	file->f_inode->i_private = dev->private;
	file->f_inode->i_rdev = dev->number;
	file->private_data = dev->misc ? dev->private : NULL;
	ret = dev->fops->open ? dev->fops->open(file->f_inode, file) : 0;
	if (ret) {
		file_abandon(file);
		return ERR_PTR(ret);
	}
	return file;
}
