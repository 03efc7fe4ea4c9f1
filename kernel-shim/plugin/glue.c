// SPDX-License-Identifier: Apache-2.0
/*
 * The part of a plug-in that is ours: stands where the tree's VFIO core would, and hands the backend that type1
 * registers to vtdsim. Compiled at the user's machine over the tree's VFIO headers, so that it knows the tree's
 * structures whatever their age; no part of vtdsim itself.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rwsem.h>
#include <linux/types.h>
#include <linux/version.h>
#include <linux/vfio.h>
/* since 5.19 the backends' operations are in a header that is private to drivers/vfio/ */
#if __has_include("vfio.h")
#include "vfio.h"
#endif

#include "plugin.h"

/* What each module of the tree left in its section; the linker makes the bounds. */
#define MODULE_BOUNDS(type, section)                                                 \
	extern type __start_##section[] __attribute__((weak, visibility("hidden"))); \
	extern type __stop_##section[] __attribute__((weak, visibility("hidden")))

MODULE_BOUNDS(const module_init_fn, vtdsim_module_init);
MODULE_BOUNDS(const module_exit_fn, vtdsim_module_exit);
MODULE_BOUNDS(const struct kernel_module_param *const, vtdsim_module_parameter);

static const struct vfio_iommu_driver_ops *driver;

int vfio_register_iommu_driver(const struct vfio_iommu_driver_ops *ops)
{
	if (driver)
		return -EINVAL;
	driver = ops;
	return 0;
}

void vfio_unregister_iommu_driver(const struct vfio_iommu_driver_ops *ops)
{
	if (driver == ops)
		driver = NULL;
}

/* ---- the backend as vtdsim calls it ---- */

/*
 * The core takes only types that the backend reports as an extension: trees without nesting have
 * its number reserved, and would open it as version 2.
 */
static void *plugin_open(unsigned long type)
{
	bool reported = driver->ioctl(NULL, VFIO_CHECK_EXTENSION, type) > 0;
	void *data = driver->open(type);

	if (IS_ERR(data) || reported)
		return data;
	driver->release(data);
	return ERR_PTR(-EINVAL);
}

static void plugin_release(void *iommu_data)
{
	driver->release(iommu_data);
}

static long plugin_ioctl(void *iommu_data, unsigned int cmd, unsigned long arg)
{
	return driver->ioctl(iommu_data, cmd, arg);
}

/* The type of a group came with 5.16: which one it is, the member itself tells. */
static int plugin_attach_group(void *iommu_data, struct iommu_group *group, unsigned int type)
{
	typedef int (*without_type)(void *, struct iommu_group *);
	typedef int (*with_type)(void *, struct iommu_group *, unsigned int);
	void *attach = (void *)driver->attach_group;

	if (__builtin_types_compatible_p(__typeof__(driver->attach_group), without_type))
		return ((without_type)attach)(iommu_data, group);
	return ((with_type)attach)(iommu_data, group, type);
}

static void plugin_detach_group(void *iommu_data, struct iommu_group *group)
{
	driver->detach_group(iommu_data, group);
}

static void plugin_closed(void *iommu_data)
{
/* from the arrival of VFIO_UPDATE_VADDR to the end of its waiting */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 12, 0) && LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
	if (driver->notify)
		driver->notify(iommu_data, VFIO_IOMMU_CONTAINER_CLOSE);
#else
	(void)iommu_data;
#endif
}

static const struct kernel_plugin_ops plugin_ops = {
	.open = plugin_open,
	.release = plugin_release,
	.ioctl = plugin_ioctl,
	.attach_group = plugin_attach_group,
	.detach_group = plugin_detach_group,
	.closed = plugin_closed,
};

static const struct kernel_plugin_ops *registered_ops(void)
{
	return driver ? &plugin_ops : NULL;
}

/* ---- its modules ---- */

static void exit_modules(void)
{
	const module_exit_fn *fn = __stop_vtdsim_module_exit;

	while (fn != __start_vtdsim_module_exit)
		(*--fn)();
}

static int init_modules(void)
{
	const module_init_fn *fn;
	int ret;

	for (fn = __start_vtdsim_module_init; fn != __stop_vtdsim_module_init; fn++) {
		ret = (*fn)();
		if (ret)
			return ret;
	}
	return 0;
}

#if defined(VFIO_IOMMU_NESTING_OP)
#define SERIES "v7"
#elif defined(VFIO_IOMMU_BIND)
#define SERIES "v1"
#else
#define SERIES NULL
#endif

extern struct kernel_plugin vtdsim_plugin;
__attribute__((visibility("default"))) struct kernel_plugin vtdsim_plugin = {
	.abi = KERNEL_PLUGIN_ABI,
	.version_code = LINUX_VERSION_CODE,
	.series = SERIES,
	.init = init_modules,
	.exit = exit_modules,
	.ops = registered_ops,
	.parameters = __start_vtdsim_module_parameter,
};

/* The number is the linker's too, and no constant of the language. */
__attribute__((constructor)) static void count_parameters(void)
{
	vtdsim_plugin.parameter_count =
		(unsigned long)(__stop_vtdsim_module_parameter - __start_vtdsim_module_parameter);
}
