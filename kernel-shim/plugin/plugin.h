/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plug-in, a kernel tree's own type1 compiled over this shim, shows to the program that loads it. Included
 * by glue.c, which is compiled over the tree's headers, and by lib/plugin.c: it uses nothing of either.
 */
#ifndef KERNEL_SHIM_PLUGIN_PLUGIN_H
#define KERNEL_SHIM_PLUGIN_PLUGIN_H

#ifndef VTDSIM_VERSION
#error "a plug-in is compiled with -DVTDSIM_VERSION"
#endif

/** What both sides must agree on: raise the number with each change of a structure below or of the shim. */
#define KERNEL_PLUGIN_ABI "vtdsim " VTDSIM_VERSION ", plug-in 1"

/** The one symbol that a plug-in is asked for. */
#define KERNEL_PLUGIN_SYMBOL "vtdsim_plugin"

struct iommu_group;
struct kernel_module_param;

/** The IOMMU backend that the tree's type1 registered; members as of the shim's own core, whatever the tree's. */
struct kernel_plugin_ops {
	void *(*open)(unsigned long type);
	void (*release)(void *iommu_data);
	long (*ioctl)(void *iommu_data, unsigned int cmd, unsigned long arg);
	int (*attach_group)(void *iommu_data, struct iommu_group *group, unsigned int type);
	void (*detach_group)(void *iommu_data, struct iommu_group *group);
	/** The container's file was closed, and perhaps lives on in its groups. */
	void (*closed)(void *iommu_data);
};

struct kernel_plugin {
	const char *
		abi; /* first for ever: KERNEL_PLUGIN_ABI; nothing else may be read where it differs */
	unsigned int version_code; /* LINUX_VERSION_CODE */
	const char *
		series; /* the nesting series that the tree's uapi header holds: "v1", "v7" or NULL */
	/** Registers the backend, or not. 0 or -errno. */
	int (*init)(void);
	void (*exit)(void);
	/** The backend that is registered now, or NULL. */
	const struct kernel_plugin_ops *(*ops)(void);
	const struct kernel_module_param *const *parameters; /* of all modules in it */
	unsigned long parameter_count;
};

#endif
