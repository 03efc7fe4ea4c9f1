// SPDX-License-Identifier: Apache-2.0
/*
 * IOMMU core: which driver serves which bus, devices as they come and go, domains and their
 * attributes. Groups are left to group.c, mappings to map.c, reserved regions to resv.c.
 */
#define pr_fmt(fmt) "iommu: " fmt

#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "iommu-internal.h"

int bus_set_iommu(struct bus_type *bus, const struct iommu_ops *ops)
{
	if (ops && bus->iommu_ops)
		return -EBUSY;
	bus->iommu_ops = ops;
	return 0;
}

bool iommu_present(struct bus_type *bus)
{
	return bus->iommu_ops != NULL;
}

bool device_iommu_capable(struct device *dev, enum iommu_cap cap)
{
	if (!dev->iommu || !dev_iommu_ops(dev)->capable)
		return false;
	return dev_iommu_ops(dev)->capable(dev, cap);
}

static int device_capable_fn(struct device *dev, void *cap)
{
	return device_iommu_capable(dev, *(enum iommu_cap *)cap);
}

bool iommu_capable(struct bus_type *bus, enum iommu_cap cap)
{
	return bus_for_each_dev(bus, NULL, &cap, device_capable_fn) != 0;
}

void *dev_iommu_priv_get(struct device *dev)
{
	return dev->iommu ? dev->iommu->priv : NULL;
}

void dev_iommu_priv_set(struct device *dev, void *priv)
{
	dev->iommu->priv = priv;
}

int iommu_probe_device(struct device *dev)
{
	const struct iommu_ops *ops = dev->bus->iommu_ops;
	int ret;

	if (!ops)
		return -ENODEV;
	if (dev->iommu)
		return -EBUSY;

	dev->iommu = kzalloc(sizeof(*dev->iommu), GFP_KERNEL);
	if (!dev->iommu)
		return -ENOMEM;
	mutex_init(&dev->iommu->lock);
	dev->iommu->ops = ops;
	dev->iommu->firmware = to_pci_dev(dev)->firmware;

	ret = ops->probe_device(dev);
	if (ret)
		goto err_free;
	ret = iommu_group_join(dev);
	if (ret)
		goto err_release;
	return 0;

err_release:
	ops->release_device(dev);
err_free:
	kfree(dev->iommu);
	dev->iommu = NULL;
	return ret;
}

void iommu_release_device(struct device *dev)
{
	if (!dev->iommu)
		return;
	iommu_group_leave(dev);
	dev_iommu_ops(dev)->release_device(dev);
	kfree(dev->iommu);
	dev->iommu = NULL;
}

struct iommu_domain *__iommu_domain_alloc(const struct iommu_ops *ops, unsigned int type)
{
	struct iommu_domain *domain = ops->domain_alloc(type);

	if (!domain)
		return NULL;
	domain->type = type;
	domain->owner = ops;
	if (!domain->ops)
		domain->ops = ops->default_domain_ops;
	if (!domain->pgsize_bitmap)
		domain->pgsize_bitmap = ops->pgsize_bitmap;
	return domain;
}

void __iommu_domain_free(struct iommu_domain *domain)
{
	domain->ops->free(domain);
}

struct iommu_domain *iommu_domain_alloc(struct bus_type *bus)
{
	const struct iommu_ops *ops = bus->iommu_ops;
	struct iommu_domain *domain;

	if (!ops)
		return NULL;
	domain = __iommu_domain_alloc(ops, IOMMU_DOMAIN_UNMANAGED);
	if (domain)
		kernel_account_domains(1);
	return domain;
}

void iommu_domain_free(struct iommu_domain *domain)
{
	__iommu_domain_free(domain);
	kernel_account_domains(-1);
}

int iommu_domain_get_attr(struct iommu_domain *domain, enum iommu_attr attr, void *data)
{
	switch (attr) {
	case DOMAIN_ATTR_GEOMETRY:
		*(struct iommu_domain_geometry *)data = domain->geometry;
		return 0;
	case DOMAIN_ATTR_PAGING:
		*(bool *)data = domain->pgsize_bitmap != 0;
		return 0;
	default:
		if (!domain->ops->domain_get_attr)
			return -EINVAL;
		return domain->ops->domain_get_attr(domain, attr, data);
	}
}

int iommu_domain_set_attr(struct iommu_domain *domain, enum iommu_attr attr, void *data)
{
	if (!domain->ops->domain_set_attr)
		return -EINVAL;
	return domain->ops->domain_set_attr(domain, attr, data);
}

int iommu_enable_nesting(struct iommu_domain *domain)
{
	int enable = 1;

	if (domain->type != IOMMU_DOMAIN_UNMANAGED)
		return -EINVAL;
	return iommu_domain_set_attr(domain, DOMAIN_ATTR_NESTING, &enable);
}

int iommu_get_msi_cookie(struct iommu_domain *domain, dma_addr_t base)
{
	if (domain->type != IOMMU_DOMAIN_UNMANAGED)
		return -EINVAL;
	if (domain->has_msi_cookie)
		return -EBUSY;
	domain->has_msi_cookie = true;
	domain->msi_base = base;
	return 0;
}

int iommu_core_init(void)
{
	struct iommu_core *core = kzalloc(sizeof(*core), GFP_KERNEL);

	if (!core)
		return -ENOMEM;
	mutex_init(&core->lock);
	INIT_LIST_HEAD(&core->groups);
	kernel_subsys_set(KERNEL_SUBSYS_IOMMU, core);
	return 0;
}

void iommu_core_exit(void)
{
	struct iommu_core *core = iommu_core();

	if (!core)
		return;
	WARN_ON(!list_empty(&core->groups));
	kernel_subsys_set(KERNEL_SUBSYS_IOMMU, NULL);
	kfree(core);
}
