// SPDX-License-Identifier: Apache-2.0
/*
 * type1: opens and releases a container's state and hands each ioctl to the file that serves it.
 * Which variant of type1 runs is chosen once, when the kernel boots.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../lib/context.h"
#include "type1.h"
#include "vfio.h"

/** type1's state on a kernel. */
struct type1_driver {
	const struct type1_variant *variant;
};

static const struct type1_variant *const variants[] = {
	&type1_upstream, &type1_v1, &type1_v1_attach_check, &type1_v7, &type1_mainline,
};

static const struct type1_variant *current_variant(void)
{
	const struct type1_driver *driver = kernel_subsys(KERNEL_SUBSYS_TYPE1);

	return driver->variant;
}

/** The type decides how unmap works and in which mode domains are. */
static int set_type(struct type1 *type1, unsigned long type)
{
	switch (type) {
	case VFIO_TYPE1_IOMMU:
		return 0;
	case VFIO_TYPE1v2_IOMMU:
		type1->v2 = true;
		return 0;
	case VFIO_TYPE1_NESTING_IOMMU:
		type1->v2 = true;
		type1->nesting = true;
		return 0;
	default:
		return -EINVAL;
	}
}

static void *type1_open(unsigned long type)
{
	struct type1 *type1 = kzalloc(sizeof(*type1), GFP_KERNEL);
	int ret;

	if (!type1)
		return ERR_PTR(-ENOMEM);

	type1->variant = current_variant();
	mutex_init(&type1->lock);
	INIT_LIST_HEAD(&type1->domains);
	INIT_LIST_HEAD(&type1->iovas);
	type1->mappings = RB_ROOT;
	type1->dma_avail = kernel_parameter("vfio_iommu_type1.dma_entry_limit", 65535);
	type1->pgsize_bitmap = PAGE_MASK;

	ret = set_type(type1, type);
	if (!ret && type1->variant->open)
		ret = type1->variant->open(type1);
	if (ret) {
		kfree(type1);
		return ERR_PTR(ret);
	}
	return type1;
}

/** All groups have left, and their mappings with them. */
static void type1_release(void *iommu_data)
{
	struct type1 *type1 = iommu_data;

	WARN_ON(!list_empty(&type1->domains));
	if (type1->variant->release)
		type1->variant->release(type1);
	type1_iova_free(&type1->iovas);
	kfree(type1);
}

/** Whether no device of the container can get round the CPU's caches. */
static int is_cache_coherent(struct type1 *type1)
{
	struct type1_domain *domain;
	int ret = 1;

	mutex_lock(&type1->lock);
	list_for_each_entry(domain, &type1->domains, list)
		ret &= domain->cache_coherent;
	mutex_unlock(&type1->lock);
	return ret;
}

/** type1 is NULL as long as the container has no IOMMU. */
static long type1_check_extension(struct type1 *type1, unsigned long extension)
{
	const struct type1_variant *variant = current_variant();

	switch (extension) {
	case VFIO_TYPE1_IOMMU:
	case VFIO_TYPE1v2_IOMMU:
	case VFIO_TYPE1_NESTING_IOMMU:
		return 1;
	case VFIO_DMA_CC_IOMMU:
		return type1 && is_cache_coherent(type1);
	case VFIO_UNMAP_ALL:
		if (variant->features & TYPE1_UNMAP_ALL)
			return 1;
		break;
	case VFIO_UPDATE_VADDR:
		if (variant->features & TYPE1_UPDATE_VADDR)
			return type1 != NULL;
		break;
	}
	/* The series gave numbers to its extensions that mainline gave to others later. */
	return variant->check_extension ? variant->check_extension(extension) : 0;
}

static long type1_ioctl(void *iommu_data, unsigned int cmd, unsigned long arg)
{
	struct type1 *type1 = iommu_data;

	switch (cmd) {
	case VFIO_CHECK_EXTENSION:
		return type1_check_extension(type1, arg);
	case VFIO_IOMMU_GET_INFO:
		return type1_info_ioctl(type1, arg);
	case VFIO_IOMMU_MAP_DMA:
		return type1_map_ioctl(type1, arg);
	case VFIO_IOMMU_UNMAP_DMA:
		return type1_unmap_ioctl(type1, arg);
	case VFIO_IOMMU_DIRTY_PAGES:
		if (type1_has(type1, TYPE1_DIRTY_PAGES))
			return type1_dirty_ioctl(type1, arg);
		break;
	}
	return type1->variant->ioctl ? type1->variant->ioctl(type1, cmd, arg) : -ENOTTY;
}

static int type1_op_attach_group(void *iommu_data, struct iommu_group *group,
				 enum vfio_group_type type)
{
	(void)type;
	return type1_attach_group(iommu_data, group);
}

static void type1_op_detach_group(void *iommu_data, struct iommu_group *group)
{
	type1_detach_group(iommu_data, group);
}

static const struct vfio_iommu_driver_ops type1_ops = {
	.name = "vfio-iommu-type1",
	.open = type1_open,
	.release = type1_release,
	.ioctl = type1_ioctl,
	.attach_group = type1_op_attach_group,
	.detach_group = type1_op_detach_group,
};

const struct vfio_iommu_driver_ops *vfio_type1_init(const char *variant)
{
	struct type1_driver *driver;
	size_t i = 0;

	while (i < ARRAY_SIZE(variants) && strcmp(variants[i]->name, variant))
		i++;
	if (i == ARRAY_SIZE(variants))
		return ERR_PTR(-EINVAL);

	driver = kzalloc(sizeof(*driver), GFP_KERNEL);
	if (!driver)
		return ERR_PTR(-ENOMEM);
	driver->variant = variants[i];
	kernel_subsys_set(KERNEL_SUBSYS_TYPE1, driver);
	return &type1_ops;
}

void vfio_type1_exit(void)
{
	kfree(kernel_subsys(KERNEL_SUBSYS_TYPE1));
	kernel_subsys_set(KERNEL_SUBSYS_TYPE1, NULL);
}
