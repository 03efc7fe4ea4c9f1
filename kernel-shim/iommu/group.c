// SPDX-License-Identifier: Apache-2.0
/*
 * IOMMU groups: the devices that no IOMMU can tell apart, which therefore share a domain. Firmware
 * says which devices those are; where it does not, the bus does (pci-group.c). Which domain a group gets is
 * its user's decision (VFIO).
 */
#define pr_fmt(fmt) "iommu: " fmt

#include <linux/device.h>
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "iommu-internal.h"

static struct iommu_group *iommu_group_lookup(struct iommu_core *core, int id)
{
	struct iommu_group *group;

	list_for_each_entry(group, &core->groups, list)
		if (group->id == id)
			return group;
	return NULL;
}

/* The next number after the highest that a group or the firmware uses. */
static int iommu_group_free_id(struct iommu_core *core)
{
	const struct kernel_config *config = kernel_config();
	const struct iommu_group *group;
	int highest = -1;
	size_t i;

	list_for_each_entry(group, &core->groups, list)
		highest = max(highest, group->id);
	for (i = 0; i < config->device_count; i++)
		highest = max(highest, config->devices[i].group);
	return highest + 1;
}

static struct iommu_group *iommu_group_create(struct iommu_core *core, int id)
{
	struct iommu_group *group = kzalloc(sizeof(*group), GFP_KERNEL);

	if (!group)
		return NULL;
	kref_init(&group->kref);
	mutex_init(&group->lock);
	INIT_LIST_HEAD(&group->devices);
	group->id = id;
	list_add_tail(&group->list, &core->groups);
	return group;
}

/* The group with a number, with a reference; made if there is none. Below 0: a new one. NULL: no memory. */
static struct iommu_group *iommu_group_take(int id)
{
	struct iommu_core *core = iommu_core();
	struct iommu_group *group = NULL;

	mutex_lock(&core->lock);
	if (id >= 0)
		group = iommu_group_lookup(core, id);
	else
		id = iommu_group_free_id(core);
	if (group)
		kref_get(&group->kref);
	else
		group = iommu_group_create(core, id);
	mutex_unlock(&core->lock);
	return group;
}

/* The group of a device that is in none yet, with a reference; NULL: no memory. */
static struct iommu_group *iommu_group_find_or_create(struct device *dev)
{
	int id = dev->iommu->firmware->group;
	struct iommu_group *group = id < 0 ? pci_device_group(dev) : NULL;

	return group ? group : iommu_group_take(id);
}

static void iommu_group_release(struct kref *kref)
{
	struct iommu_group *group = container_of(kref, struct iommu_group, kref);
	struct iommu_core *core = iommu_core();

	if (group->iommu_data_release)
		group->iommu_data_release(group->iommu_data);
	if (group->default_domain)
		__iommu_domain_free(group->default_domain);
	mutex_lock(&core->lock);
	list_del(&group->list);
	mutex_unlock(&core->lock);
	kfree(group);
}

static int __iommu_attach_device(struct iommu_domain *domain, struct device *dev)
{
	if (domain->owner != dev_iommu_ops(dev))
		return -EINVAL;
	return domain->ops->attach_dev(domain, dev);
}

static void __iommu_detach_device(struct iommu_domain *domain, struct device *dev)
{
	if (domain->owner == dev_iommu_ops(dev) && domain->ops->detach_dev)
		domain->ops->detach_dev(domain, dev);
}

/*
 * Moves all devices of a group to a domain. A device that fails may be nowhere then, so on failure
 * all that were touched go back to where they were, or at least leave the new domain.
 */
static int iommu_group_set_domain(struct iommu_group *group, struct iommu_domain *domain)
{
	struct group_device *entry;
	int ret = 0;

	list_for_each_entry(entry, &group->devices, list) {
		ret = __iommu_attach_device(domain, entry->dev);
		if (ret)
			break;
	}
	if (!ret) {
		group->domain = domain;
		return 0;
	}
	do {
		if (__iommu_attach_device(group->domain, entry->dev)) {
			dev_err(entry->dev, "cannot go back to the former domain\n");
			__iommu_detach_device(domain, entry->dev);
		}
		if (list_is_first(&entry->list, &group->devices))
			break;
		entry = list_prev_entry(entry, list);
	} while (true);
	return ret;
}

/* The group's default domain is chosen by its first device. */
static int iommu_group_default_domain(struct iommu_group *group, struct device *dev)
{
	const struct iommu_ops *ops = dev_iommu_ops(dev);

	if (group->default_domain)
		return group->default_domain->owner == ops ? 0 : -EINVAL;
	if (dev->iommu->firmware->identity) {
		group->default_domain = __iommu_domain_alloc(ops, IOMMU_DOMAIN_IDENTITY);
		if (!group->default_domain)
			dev_warn(dev, "no pass-through domain, falling back to DMA translation\n");
	}
	if (!group->default_domain)
		group->default_domain = __iommu_domain_alloc(ops, IOMMU_DOMAIN_DMA);
	if (!group->default_domain)
		return -ENOMEM;
	group->domain = group->default_domain;
	return 0;
}

int iommu_group_join(struct device *dev)
{
	struct iommu_group *group = iommu_group_find_or_create(dev);
	struct group_device *entry;
	int ret;

	if (!group)
		return -ENOMEM;
	entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry) {
		ret = -ENOMEM;
		goto err_put;
	}
	entry->dev = dev;

	mutex_lock(&group->lock);
	ret = iommu_group_default_domain(group, dev);
	if (!ret)
		ret = __iommu_attach_device(group->domain, dev);
	if (!ret) {
		list_add_tail(&entry->list, &group->devices);
		dev->iommu_group = group;
	}
	mutex_unlock(&group->lock);
	if (ret)
		goto err_free;
	dev_info(dev, "Adding to iommu group %d\n", group->id);
	return 0;

err_free:
	kfree(entry);
err_put:
	iommu_group_put(group);
	return ret;
}

void iommu_group_leave(struct device *dev)
{
	struct iommu_group *group = dev->iommu_group;
	struct group_device *entry, *next;

	mutex_lock(&group->lock);
	list_for_each_entry_safe(entry, next, &group->devices, list) {
		if (entry->dev != dev)
			continue;
		__iommu_detach_device(group->domain, dev);
		list_del(&entry->list);
		kfree(entry);
	}
	dev->iommu_group = NULL;
	mutex_unlock(&group->lock);
	iommu_group_put(group);
}

struct iommu_group *iommu_group_get(struct device *dev)
{
	struct iommu_group *group = dev->iommu_group;

	if (group)
		kref_get(&group->kref);
	return group;
}

struct iommu_group *iommu_group_get_by_id(int id)
{
	struct iommu_core *core = iommu_core();
	struct iommu_group *group;

	mutex_lock(&core->lock);
	group = iommu_group_lookup(core, id);
	if (group)
		kref_get(&group->kref);
	mutex_unlock(&core->lock);
	return group;
}

void iommu_group_put(struct iommu_group *group)
{
	if (group)
		kref_put(&group->kref, iommu_group_release);
}

int iommu_group_id(struct iommu_group *group)
{
	return group->id;
}

int iommu_group_for_each_dev(struct iommu_group *group, void *data,
			     int (*fn)(struct device *, void *))
{
	struct group_device *entry;
	int ret = 0;

	mutex_lock(&group->lock);
	list_for_each_entry(entry, &group->devices, list) {
		ret = fn(entry->dev, data);
		if (ret)
			break;
	}
	mutex_unlock(&group->lock);
	return ret;
}

void *iommu_group_get_iommudata(struct iommu_group *group)
{
	return group->iommu_data;
}

void iommu_group_set_iommudata(struct iommu_group *group, void *data, void (*release)(void *data))
{
	group->iommu_data = data;
	group->iommu_data_release = release;
}

int iommu_attach_group(struct iommu_domain *domain, struct iommu_group *group)
{
	int ret = -EBUSY;

	mutex_lock(&group->lock);
	if (group->domain == group->default_domain)
		ret = iommu_group_set_domain(group, domain);
	mutex_unlock(&group->lock);
	return ret;
}

/* A domain that is detached may be freed, so devices that cannot go back are nowhere from then on. */
static void iommu_group_abandon_domain(struct iommu_group *group)
{
	struct group_device *entry;

	list_for_each_entry(entry, &group->devices, list)
		__iommu_detach_device(group->domain, entry->dev);
	group->domain = group->default_domain;
}

void iommu_detach_group(struct iommu_domain *domain, struct iommu_group *group)
{
	mutex_lock(&group->lock);
	if (!WARN_ON(group->domain != domain) &&
	    WARN_ON(iommu_group_set_domain(group, group->default_domain)))
		iommu_group_abandon_domain(group);
	mutex_unlock(&group->lock);
}

int iommu_group_claim_dma_owner(struct iommu_group *group, void *owner)
{
	struct group_device *entry;
	int ret = 0;

	mutex_lock(&group->lock);
	if (group->domain != group->default_domain)
		ret = -EBUSY;
	if (group->owner)
		ret = -EPERM;
	/* A host driver is an owner, too. */
	list_for_each_entry(entry, &group->devices, list)
		if (entry->dev->iommu->firmware->host_driver)
			ret = -EPERM;
	if (!ret)
		group->owner = owner;
	mutex_unlock(&group->lock);
	return ret;
}

void iommu_group_release_dma_owner(struct iommu_group *group)
{
	mutex_lock(&group->lock);
	WARN_ON(!group->owner);
	group->owner = NULL;
	mutex_unlock(&group->lock);
}
