/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entry points of a file that is compiled as a module: pointers in a section, where the plug-in's glue
 * (plugin/glue.c) finds them.
 */
#ifndef _SHIM_LINUX_INIT_H
#define _SHIM_LINUX_INIT_H

#include <linux/compiler.h>
#include <linux/moduleparam.h>

typedef int (*module_init_fn)(void);
typedef void (*module_exit_fn)(void);

#define module_init(fn) static const module_init_fn __module_init __module_section(init) = fn
#define module_exit(fn) static const module_exit_fn __module_exit __module_section(exit) = fn

#endif
