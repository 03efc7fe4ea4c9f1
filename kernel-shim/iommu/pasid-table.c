// SPDX-License-Identifier: Apache-2.0
/*
 * IOMMU core, guests' PASID tables as a whole: hands them to the driver, and lets who runs the kernel
 * ask for it from outside in the place of a VFIO that had a call for it.
 */
#include <linux/errno.h>
#include <linux/iommu-pasid-table.h>
#include <linux/pci.h>

#include "../lib/state.h"
#include "iommu-internal.h"

int iommu_attach_pasid_table(struct iommu_domain *domain,
			     const struct iommu_pasid_table_config *config)
{
	if (!domain->ops->attach_pasid_table)
		return -ENODEV;
	return domain->ops->attach_pasid_table(domain, config);
}

int iommu_detach_pasid_table(struct iommu_domain *domain)
{
	if (!domain->ops->detach_pasid_table)
		return -ENODEV;
	domain->ops->detach_pasid_table(domain);
	return 0;
}

int iommu_invalidate_stage1(struct iommu_domain *domain,
			    const struct iommu_stage1_invalidation *invalidation)
{
	if (!domain->ops->invalidate_stage1)
		return -ENODEV;
	return domain->ops->invalidate_stage1(domain, invalidation);
}

/* ---- from outside ---- */

struct pasid_table_call {
	size_t device; /* index in the firmware's list */
	const struct kernel_pasid_table *table; /* NULL: detach, or invalidate */
	const struct kernel_stage1_invalidation *invalidation;
};

/* The domain that a device is in; NULL: none, or there is no such device. */
static struct iommu_domain *domain_of(size_t device)
{
	const struct kernel_config *config = kernel_config();
	struct pci_dev *pdev = NULL;
	struct iommu_domain *domain = NULL;
	struct iommu_group *group;

	for_each_pci_dev(pdev) if (pdev->firmware == &config->devices[device]) break;
	group = pdev ? iommu_group_get(&pdev->dev) : NULL;
	if (group)
		domain = group->domain;
	iommu_group_put(group);
	return domain;
}

static long do_attach(void *arg)
{
	const struct pasid_table_call *call = arg;
	struct iommu_domain *domain = domain_of(call->device);

	if (!domain)
		return -ENODEV;
	return iommu_attach_pasid_table(domain, &(struct iommu_pasid_table_config){
							.version = PASID_TABLE_CFG_VERSION_1,
							.format = IOMMU_PASID_FORMAT_SMMUV3,
							.base_ptr = call->table->base,
							.pasid_bits = call->table->pasid_bits,
							.s1fmt = call->table->format,
							.s1dss = call->table->default_pasid,
						});
}

static long do_detach(void *arg)
{
	const struct pasid_table_call *call = arg;
	struct iommu_domain *domain = domain_of(call->device);

	return domain ? iommu_detach_pasid_table(domain) : -ENODEV;
}

static long do_invalidate(void *arg)
{
	const struct pasid_table_call *call = arg;
	struct iommu_domain *domain = domain_of(call->device);

	if (!domain)
		return -ENODEV;
	return iommu_invalidate_stage1(domain, &(struct iommu_stage1_invalidation){
						       .entry = call->invalidation->entry,
						       .pasid = call->invalidation->pasid,
						       .has_asid = call->invalidation->has_asid,
						       .asid = call->invalidation->asid,
						       .address = call->invalidation->address,
						       .size = call->invalidation->size,
						       .granule = call->invalidation->granule,
					       });
}

long kernel_attach_pasid_table(struct kernel *k, size_t device,
			       const struct kernel_pasid_table *table)
{
	struct pasid_table_call call = { .device = device, .table = table };

	return kernel_run(k, NULL, do_attach, &call);
}

long kernel_detach_pasid_table(struct kernel *k, size_t device)
{
	struct pasid_table_call call = { .device = device };

	return kernel_run(k, NULL, do_detach, &call);
}

long kernel_invalidate_stage1(struct kernel *k, size_t device,
			      const struct kernel_stage1_invalidation *invalidation)
{
	struct pasid_table_call call = { .device = device, .invalidation = invalidation };

	return kernel_run(k, NULL, do_invalidate, &call);
}
