/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files: what an open of a device file gives, and how device files come to be. File descriptors are
 * in file.h.
 */
#ifndef _SHIM_LINUX_FS_H
#define _SHIM_LINUX_FS_H

#include <fcntl.h> /* O_ */
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/types.h>
#include <linux/wait.h>

#define FMODE_READ 0x1u
#define FMODE_WRITE 0x2u

struct file;
struct inode;
struct module;
struct poll_table_struct;

struct file_operations {
	struct module *owner;
	int (*open)(struct inode *inode, struct file *file);
	int (*release)(struct inode *inode, struct file *file);
	long (*unlocked_ioctl)(struct file *file, unsigned int cmd, unsigned long arg);
	long (*compat_ioctl)(struct file *file, unsigned int cmd, unsigned long arg);
	ssize_t (*read)(struct file *file, char __user *buf, size_t count, loff_t *pos);
	ssize_t (*write)(struct file *file, const char __user *buf, size_t count, loff_t *pos);
	loff_t (*llseek)(struct file *file, loff_t offset, int whence);
	int (*mmap)(struct file *file, struct vm_area_struct *vma);
	__poll_t (*poll)(struct file *file, struct poll_table_struct *wait);
};

/** One device file, or an anonymous one. */
struct inode {
	dev_t i_rdev;
	void *i_private; /* what chrdev_register() was given */
};

/** An open file. */
struct file {
	const struct file_operations *f_op;
	void *private_data;
	struct inode *f_inode;
	unsigned int f_flags; /* O_ */
	fmode_t f_mode;
	loff_t f_pos;
	atomic_long_t f_count;
	struct list_head f_list; /* the kernel's files, or those to be released */
	struct inode f_inode_storage;
};

static inline struct inode *file_inode(const struct file *file)
{
	return file->f_inode;
}

static inline unsigned int iminor(const struct inode *inode)
{
	return (unsigned int)(inode->i_rdev & 0xfffff);
}

static inline unsigned int imajor(const struct inode *inode)
{
	return (unsigned int)(inode->i_rdev >> 20);
}

static inline struct file *get_file(struct file *file)
{
	atomic_long_inc(&file->f_count);
	return file;
}

/**
 * Makes a device file, for example "/dev/vfio/21". An open of it has inode->i_private set to private
 * and file->private_data NULL, then fops->open is called if there is one. 0, -EEXIST or -ENOMEM.
 * The path is copied.
 */
int chrdev_register(const char *path, const struct file_operations *fops, void *private);

/** Removes a device file; files that are open stay usable. */
void chrdev_unregister(const char *path);

#define noop_llseek NULL

#endif
