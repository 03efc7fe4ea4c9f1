/* SPDX-License-Identifier: Apache-2.0 */
/* Files without a path. */
#ifndef _SHIM_LINUX_ANON_INODES_H
#define _SHIM_LINUX_ANON_INODES_H

#include <linux/fs.h>

/** A new open file with private_data = priv; ERR_PTR(-ENOMEM). The name is for real kernels. */
struct file *anon_inode_getfile(const char *name, const struct file_operations *fops, void *priv,
				int flags);

/** The same installed in a descriptor of the current task: the descriptor or -errno. */
int anon_inode_getfd(const char *name, const struct file_operations *fops, void *priv, int flags);

#endif
