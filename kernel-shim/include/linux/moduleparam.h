/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parameters of a file that is compiled as a module: each leaves a record in a section, where the plug-in's glue
 * (plugin/glue.c) finds it. Built-in code asks kernel_parameter() of lib/context.h instead, which knows which
 * kernel is running.
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
	void *value; /* the module's own variable */
};

/* Pointers only: they lie in the section side by side, whatever the size of what they point to. */
#define __module_section(name) __attribute__((section("vtdsim_module_" #name), used))

#define __module_param(param, variable, kind, perm)                                              \
	_Static_assert((perm) >= 0, "mode of a parameter");                                      \
	static const struct kernel_module_param __param_##param = { #param, kind, &(variable) }; \
	static const struct kernel_module_param *const __param_at_##param __module_section(      \
		parameter) = &__param_##param

/* The kind is pasted at once: bool is a macro here. */
#define module_param_named(param, variable, kind, perm) \
	__module_param(param, variable, KERNEL_MODULE_PARAM_##kind, perm)
#define module_param(variable, kind, perm) \
	__module_param(variable, variable, KERNEL_MODULE_PARAM_##kind, perm)
#define MODULE_PARM_DESC(param, text) _Static_assert(sizeof(text) > 0, #param)

#endif
