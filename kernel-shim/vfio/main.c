// SPDX-License-Identifier: Apache-2.0
/*
 * VFIO starts and stops with its kernel: the container's file, the groups' files, type1 of the
 * variant or of the plug-in.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/slab.h>

#include "../lib/context.h"
#include "vfio.h"

struct vfio_core *vfio_core(void)
{
	return kernel_subsys(KERNEL_SUBSYS_VFIO);
}

int vfio_init(const char *variant)
{
	struct vfio_core *core = kzalloc(sizeof(*core), GFP_KERNEL);
	int ret;

	if (!core)
		return -ENOMEM;
	INIT_LIST_HEAD(&core->groups);
	kernel_subsys_set(KERNEL_SUBSYS_VFIO, core);

	core->iommu_driver = kernel_plugin() ? vfio_plugin_init() : vfio_type1_init(variant);
	if (IS_ERR(core->iommu_driver))
		return PTR_ERR(core->iommu_driver);

	ret = vfio_container_init();
	return ret ? ret : vfio_groups_init();
}

void vfio_exit(void)
{
	struct vfio_core *core = vfio_core();

	if (!core)
		return;
	vfio_groups_exit();
	vfio_container_exit();
	if (kernel_plugin())
		vfio_plugin_exit();
	else
		vfio_type1_exit();
	kernel_subsys_set(KERNEL_SUBSYS_VFIO, NULL);
	kfree(core);
}
