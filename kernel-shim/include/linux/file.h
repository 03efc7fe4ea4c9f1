/* SPDX-License-Identifier: Apache-2.0 */
/* File descriptors of the current task, and references to open files. */
#ifndef _SHIM_LINUX_FILE_H
#define _SHIM_LINUX_FILE_H

#include <linux/fs.h>

struct fd {
	struct file *file;
	unsigned int flags;
};

/** The open file with a reference taken, or NULL. */
struct file *fget(unsigned int fd);

/**
 * Drops a reference. The last one calls fops->release, as in the kernel only on the way back to user
 * space, when no lock is held any more.
 */
void fput(struct file *file);

static inline struct fd fdget(unsigned int fd)
{
	return (struct fd){ .file = fget(fd) };
}

static inline void fdput(struct fd fd)
{
	if (fd.file)
		fput(fd.file);
}

/** Reserves the lowest free descriptor; -EMFILE or -ENOMEM. */
int get_unused_fd_flags(unsigned int flags);
void put_unused_fd(unsigned int fd);

/** Gives the file's reference to a reserved descriptor. */
void fd_install(unsigned int fd, struct file *file);

#endif
