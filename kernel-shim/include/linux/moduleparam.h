/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters of a file that is compiled as a module: each leaves a record under a name that follows
 * from KBUILD_MODNAME. Built-in code asks kernel_parameter() of lib/context.h instead, which knows
 * which kernel is running.
 */
#ifndef _SHIM_LINUX_MODULEPARAM_H
#define _SHIM_LINUX_MODULEPARAM_H

#include <linux/types.h>

enum kernel_module_param_type {
	KERNEL_MODULE_PARAM_bool,
	KERNEL_MODULE_PARAM_int,
	KERNEL_MODULE_PARAM_uint,
	KERNEL_MODULE_PARAM_ulong,
};

struct kernel_module_param {
	const char *name;
	enum kernel_module_param_type type;
	void *value;
};

#define __module_symbol3(module, what) module##what
#define __module_symbol2(module, what) __module_symbol3(module, what)
#define __module_symbol(what) __module_symbol2(KBUILD_MODNAME, what)

#define module_param_named(param, variable, kind, perm)                          \
	_Static_assert((perm) >= 0, "mode of " #param);                          \
	extern const struct kernel_module_param __module_symbol(_param_##param); \
	const struct kernel_module_param __module_symbol(                        \
		_param_##param) = { #param, KERNEL_MODULE_PARAM_##kind, &(variable) }
#define module_param(variable, kind, perm) module_param_named(variable, variable, kind, perm)
#define MODULE_PARM_DESC(param, text) _Static_assert(sizeof(text) > 0, #param)

#endif
