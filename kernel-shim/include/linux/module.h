/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Modules. All code of the shim is built in; a tree's file that is compiled as a module registers its entry
 * points and parameters with the plug-in it becomes part of.
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

/* Symbols of other modules, of which none is ever loaded. */
#define symbol_get(symbol) ((__typeof__(&symbol))NULL)
#define symbol_put(symbol) ((void)0)
#define symbol_put_addr(addr) ((void)(addr))

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
