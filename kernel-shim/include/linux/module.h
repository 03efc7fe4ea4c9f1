/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Modules. All code is built in; module_init() and module_exit() give its entry points names that
 * follow from KBUILD_MODNAME, for a file that is compiled as a module.
 */
#ifndef _SHIM_LINUX_MODULE_H
#define _SHIM_LINUX_MODULE_H

#include <linux/compiler.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/moduleparam.h>
#include <linux/stat.h>
#include <linux/types.h>

struct module;
#define THIS_MODULE ((struct module *)NULL)

static inline bool try_module_get(struct module *module)
{
	(void)module;
	return true;
}

static inline void __module_get(struct module *module)
{
	(void)module;
}

static inline void module_put(struct module *module)
{
	(void)module;
}

#define MODULE_INFO(tag, info) _Static_assert(sizeof(info) > 0, #tag)
#define MODULE_LICENSE(text) MODULE_INFO(license, text)
#define MODULE_AUTHOR(text) MODULE_INFO(author, text)
#define MODULE_DESCRIPTION(text) MODULE_INFO(description, text)
#define MODULE_VERSION(text) MODULE_INFO(version, text)
#define MODULE_ALIAS(text) MODULE_INFO(alias, text)
#define MODULE_ALIAS_MISCDEV(minor) _Static_assert((minor) >= 0, "alias")
#define MODULE_SOFTDEP(text) MODULE_INFO(softdep, text)
#define MODULE_IMPORT_NS(ns) MODULE_INFO(import_ns, #ns)

#endif
