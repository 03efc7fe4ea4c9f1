// SPDX-License-Identifier: Apache-2.0
/*
 * type1 of a kernel tree as the container's backend: starts the plug-in's modules and takes what they register.
 * Loading it and its faults are left to lib/.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/printk.h>

#include "../lib/context.h"
#include "../plugin/plugin.h"
#include "vfio.h"

const struct vfio_iommu_driver_ops *vfio_plugin_init(void)
{
	const struct kernel_plugin *plugin = kernel_plugin();
	struct vfio_core *core = vfio_core();
	const struct kernel_plugin_ops *ops;
	int ret = plugin->init();

	if (ret)
		return ERR_PTR(ret);
	core->plugin_started = true;
	ops = plugin->ops();
	if (!ops) {
		pr_err("the plug-in registers no IOMMU driver with VFIO\n");
		return ERR_PTR(-ENODEV);
	}
	core->plugin_driver = (struct vfio_iommu_driver_ops){
		.name = kernel_config()->variant,
		.open = ops->open,
		.release = ops->release,
		.ioctl = ops->ioctl,
		.attach_group = (int (*)(void *, struct iommu_group *,
					 enum vfio_group_type))ops->attach_group,
		.detach_group = ops->detach_group,
		.closed = ops->closed,
	};
	return &core->plugin_driver;
}

void vfio_plugin_exit(void)
{
	if (vfio_core()->plugin_started)
		kernel_plugin()->exit();
}
