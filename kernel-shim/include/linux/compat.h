/* SPDX-License-Identifier: Apache-2.0 */
/* 32-bit processes: there are none. */
#ifndef _SHIM_LINUX_COMPAT_H
#define _SHIM_LINUX_COMPAT_H

#include <linux/fs.h>

#define in_compat_syscall() false

static inline long compat_ptr_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	return file->f_op->unlocked_ioctl(file, cmd, arg);
}

#endif
