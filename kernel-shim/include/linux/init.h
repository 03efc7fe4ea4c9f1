/* SPDX-License-Identifier: Apache-2.0 */
/* Entry points of a file that is compiled as a module: named after KBUILD_MODNAME. */
#ifndef _SHIM_LINUX_INIT_H
#define _SHIM_LINUX_INIT_H

#include <linux/compiler.h>
#include <linux/moduleparam.h>

#define module_init(fn)                          \
	int __module_symbol(_module_init)(void); \
	int __module_symbol(_module_init)(void)  \
	{                                        \
		return fn();                     \
	}                                        \
	_Static_assert(1, "module_init")
#define module_exit(fn)                           \
	void __module_symbol(_module_exit)(void); \
	void __module_symbol(_module_exit)(void)  \
	{                                         \
		fn();                             \
	}                                         \
	_Static_assert(1, "module_exit")

#endif
