/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Error numbers: the system's, and those that only exist inside the kernel. The C library includes
 * this file too, so it says nothing else.
 */
#ifndef _SHIM_LINUX_ERRNO_H
#define _SHIM_LINUX_ERRNO_H

#pragma GCC system_header /* for #include_next */

#include_next <linux/errno.h>

#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ERESTARTNOHAND 514
#define ENOIOCTLCMD 515 /* no such ioctl command */
#define ERESTART_RESTARTBLOCK 516
#define EPROBE_DEFER 517
#define EOPENSTALE 518
#define ENOPARAM 519
#define ENOTSUPP 524 /* operation is not supported */

#endif
