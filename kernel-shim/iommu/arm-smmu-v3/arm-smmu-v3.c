// SPDX-License-Identifier: Apache-2.0
/*
 * SMMUv3 driver, towards the IOMMU core: its operations, devices as they come and go, attributes.
 * Stage 1 is a guest's as a whole or not at all: there is no binding of single page tables.
 */
#define pr_fmt(fmt) "arm-smmu-v3: " fmt

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/overflow.h>
#include <linux/pci.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <uapi/linux/vfio_nesting.h>

#include "arm-smmu-v3.h"

#define MSI_IOVA_BASE 0x8000000ULL
#define MSI_IOVA_LENGTH 0x100000ULL

static bool arm_smmu_capable(struct device *dev, enum iommu_cap cap)
{
	const struct arm_smmu_master *master = dev_iommu_priv_get(dev);

	switch (cap) {
	case IOMMU_CAP_CACHE_COHERENCY:
		return master->smmu->coherent;
	case IOMMU_CAP_INTR_REMAP: /* by the interrupt translation service behind the MSI window */
	case IOMMU_CAP_NOEXEC:
		return true;
	default:
		return false;
	}
}

static struct arm_smmu_device *arm_smmu_of_device(struct device *dev)
{
	const struct arm_smmu_units *units = kernel_subsys(KERNEL_SUBSYS_ARM_SMMU);
	unsigned int index = to_pci_dev(dev)->firmware->iommu;

	return index < units->count ? units->units[index] : NULL;
}

/* ---- streams: the requester ids that a master's requests may have ---- */

static int count_stream(struct pci_dev *pdev, u16 id, void *data)
{
	(void)pdev;
	(void)id;
	++*(unsigned int *)data;
	return 0;
}

/* 0, -ERANGE: beyond the stream table, -EINVAL: it is another master's, which this driver cannot share. */
static int take_stream(struct pci_dev *pdev, u16 id, void *data)
{
	struct arm_smmu_master *master = data;
	unsigned int i;
	int ret;

	for (i = 0; i < master->stream_count; i++)
		if (master->streams[i] == id)
			return 0;
	ret = arm_smmu_strtab_prepare(master->smmu, id);
	if (ret)
		return ret;
	if (test_and_set_bit(id, master->smmu->streams)) {
		dev_warn(&pdev->dev, "stream 0x%x is another device's already\n", id);
		return -EINVAL;
	}
	master->streams[master->stream_count++] = id;
	return 0;
}

static void arm_smmu_master_free(struct arm_smmu_master *master)
{
	unsigned int i;

	for (i = 0; i < master->stream_count; i++)
		clear_bit(master->streams[i], master->smmu->streams);
	kfree(master);
}

/* A master with its streams, or ERR_PTR. */
static struct arm_smmu_master *arm_smmu_master_alloc(struct arm_smmu_device *smmu,
						     struct pci_dev *pdev)
{
	struct arm_smmu_master *master;
	unsigned int count = 0;
	int ret;

	pci_for_each_dma_alias(pdev, count_stream, &count);
	master = kzalloc(struct_size(master, streams, count), GFP_KERNEL);
	if (!master)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&master->list);
	master->dev = &pdev->dev;
	master->smmu = smmu;
	ret = pci_for_each_dma_alias(pdev, take_stream, master);
	if (!ret)
		return master;
	arm_smmu_master_free(master);
	return ERR_PTR(ret);
}

static int arm_smmu_probe_device(struct device *dev)
{
	struct arm_smmu_device *smmu = arm_smmu_of_device(dev);
	struct pci_dev *pdev = to_pci_dev(dev);
	struct arm_smmu_master *master;

	if (!smmu)
		return -ENODEV;
	master = arm_smmu_master_alloc(smmu, pdev);
	if (IS_ERR(master))
		return (int)PTR_ERR(master);
	dev_iommu_priv_set(dev, master);

	/* PASIDs may be used from now on; without a context descriptor each of them faults. */
	if (smmu->ssid_bits && pci_max_pasids(pdev) > 0 &&
	    pci_enable_pasid(pdev, pci_pasid_features(pdev)))
		dev_err(dev, "cannot enable PASID\n");
	return 0;
}

/* Takes a master off its domain's list; its stream table entries are the caller's to change. */
static void arm_smmu_leave_domain(struct arm_smmu_master *master)
{
	arm_smmu_disable_ats(master);
	list_del_init(&master->list);
	master->domain = NULL;
}

static void arm_smmu_detach_dev(struct iommu_domain *domain, struct device *dev)
{
	struct arm_smmu_master *master = dev_iommu_priv_get(dev);

	(void)domain;
	if (!master->domain)
		return;
	arm_smmu_leave_domain(master);
	arm_smmu_install_stes(master);
}

static void arm_smmu_release_device(struct device *dev)
{
	arm_smmu_detach_dev(NULL, dev);
	if (to_pci_dev(dev)->pasid_enabled)
		pci_disable_pasid(to_pci_dev(dev));
	arm_smmu_master_free(dev_iommu_priv_get(dev));
	dev_iommu_priv_set(dev, NULL);
}

static int arm_smmu_attach_dev(struct iommu_domain *iommu_domain, struct device *dev)
{
	struct arm_smmu_master *master = dev_iommu_priv_get(dev);
	struct arm_smmu_domain *domain = to_smmu_domain(iommu_domain);
	int ret;

	mutex_lock(&domain->lock);
	ret = arm_smmu_domain_finalise(domain, master->smmu);
	if (ret == -ENXIO)
		dev_err(dev, "cannot attach to a domain of %s (upstream of %s)\n",
			domain->smmu->firmware->name, master->smmu->firmware->name);
	if (ret)
		goto out_unlock;
	arm_smmu_leave_domain(master);
	master->domain = domain;
	list_add(&master->list, &domain->masters);
	ret = arm_smmu_install_stes(master);
	if (!ret)
		arm_smmu_enable_ats(master);

out_unlock:
	mutex_unlock(&domain->lock);
	return ret;
}

/* NOLINTNEXTLINE(readability-function-size): the kernel's signature */
static int arm_smmu_map_pages(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr,
			      size_t pgsize, size_t pgcount, int prot, gfp_t gfp, size_t *mapped)
{
	(void)gfp;
	if (!to_smmu_domain(domain)->pgtable)
		return -ENODEV;
	return arm_pgtable_map(to_smmu_domain(domain)->pgtable,
			       &(struct arm_pgtable_range){
				       .iova = iova,
				       .paddr = paddr,
				       .pgsize = pgsize,
				       .pgcount = pgcount,
				       .prot = prot,
			       },
			       mapped);
}

static size_t arm_smmu_unmap_pages(struct iommu_domain *domain, unsigned long iova, size_t pgsize,
				   size_t pgcount, struct iommu_iotlb_gather *gather)
{
	if (!to_smmu_domain(domain)->pgtable)
		return 0;
	return arm_pgtable_unmap(to_smmu_domain(domain)->pgtable,
				 &(struct arm_pgtable_range){
					 .iova = iova,
					 .pgsize = pgsize,
					 .pgcount = pgcount,
				 },
				 gather);
}

static void arm_smmu_iotlb_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	if (!gather->pgsize)
		return;
	arm_smmu_tlb_inv_range(to_smmu_domain(domain),
			       &(struct arm_pgtable_flush){
				       .iova = gather->start,
				       .size = gather->end - gather->start + 1,
				       .granule = gather->pgsize,
				       .leaf = true,
			       });
}

static phys_addr_t arm_smmu_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	if (!to_smmu_domain(domain)->pgtable)
		return 0;
	return arm_pgtable_iova_to_phys(to_smmu_domain(domain)->pgtable, iova);
}

static int arm_smmu_get_nesting_info(const struct arm_smmu_domain *domain,
				     struct iommu_nesting_info *info)
{
	if (domain->stage != ARM_SMMU_STAGE_NESTED)
		return -ENODEV;
	/* Too small a buffer learns the size; else all zero: there is nothing to tell of yet. */
	if (info->argsz >= sizeof(*info))
		memset(info, 0, sizeof(*info));
	info->argsz = sizeof(*info);
	return 0;
}

static int arm_smmu_domain_get_attr(struct iommu_domain *iommu_domain, enum iommu_attr attr,
				    void *data)
{
	const struct arm_smmu_domain *domain = to_smmu_domain(iommu_domain);

	if (iommu_domain->type == IOMMU_DOMAIN_IDENTITY)
		return -EINVAL;
	if (iommu_domain->type != IOMMU_DOMAIN_UNMANAGED)
		return -ENODEV;
	switch (attr) {
	case DOMAIN_ATTR_NESTING:
		*(int *)data = domain->stage == ARM_SMMU_STAGE_NESTED;
		return 0;
	case DOMAIN_ATTR_PASID_FORMAT:
		if (!domain->smmu || !domain->smmu->firmware->stage1_format)
			return -ENODEV;
		*(u32 *)data = domain->smmu->firmware->stage1_format;
		return 0;
	case DOMAIN_ATTR_NESTING_INFO:
		return arm_smmu_get_nesting_info(domain, data);
	default:
		return -ENODEV;
	}
}

static int arm_smmu_domain_set_attr(struct iommu_domain *iommu_domain, enum iommu_attr attr,
				    void *data)
{
	struct arm_smmu_domain *domain = to_smmu_domain(iommu_domain);
	int ret = 0;

	if (iommu_domain->type == IOMMU_DOMAIN_IDENTITY)
		return -EINVAL;
	if (iommu_domain->type != IOMMU_DOMAIN_UNMANAGED || attr != DOMAIN_ATTR_NESTING)
		return -ENODEV;
	mutex_lock(&domain->lock);
	if (domain->smmu)
		ret = -EPERM;
	else
		domain->stage = *(int *)data ? ARM_SMMU_STAGE_NESTED : ARM_SMMU_STAGE_S1;
	mutex_unlock(&domain->lock);
	return ret;
}

static void arm_smmu_get_resv_regions(struct device *dev, struct list_head *list)
{
	struct iommu_resv_region *region = iommu_alloc_resv_region(
		MSI_IOVA_BASE, MSI_IOVA_LENGTH, IOMMU_WRITE | IOMMU_NOEXEC | IOMMU_MMIO,
		IOMMU_RESV_SW_MSI, GFP_KERNEL);

	(void)dev;
	if (region)
		list_add_tail(&region->list, list);
}

static const struct iommu_domain_ops arm_smmu_domain_ops = {
	.attach_dev = arm_smmu_attach_dev,
	.detach_dev = arm_smmu_detach_dev,
	.map_pages = arm_smmu_map_pages,
	.unmap_pages = arm_smmu_unmap_pages,
	.iotlb_sync = arm_smmu_iotlb_sync,
	.iova_to_phys = arm_smmu_iova_to_phys,
	.domain_get_attr = arm_smmu_domain_get_attr,
	.domain_set_attr = arm_smmu_domain_set_attr,
	.attach_pasid_table = arm_smmu_attach_pasid_table,
	.detach_pasid_table = arm_smmu_detach_pasid_table,
	.invalidate_stage1 = arm_smmu_invalidate_stage1,
	.free = arm_smmu_domain_free,
};

static const struct iommu_ops arm_smmu_ops = {
	.capable = arm_smmu_capable,
	.domain_alloc = arm_smmu_domain_alloc,
	.probe_device = arm_smmu_probe_device,
	.release_device = arm_smmu_release_device,
	.get_resv_regions = arm_smmu_get_resv_regions,
	.pgsize_bitmap = ARM_PGTABLE_SIZES,
	.default_domain_ops = &arm_smmu_domain_ops,
};

int arm_smmu_init(void)
{
	const struct kernel_config *config = kernel_config();
	struct arm_smmu_units *units;
	bool any = false;
	size_t i;

	units = kzalloc(struct_size(units, units, config->iommu_count), GFP_KERNEL);
	if (!units)
		return -ENOMEM;
	units->count = config->iommu_count;
	kernel_subsys_set(KERNEL_SUBSYS_ARM_SMMU, units);
	for (i = 0; i < units->count; i++) {
		struct arm_smmu_device *smmu;

		if (config->iommus[i].kind != KERNEL_IOMMU_ARM_SMMU_V3)
			continue;
		smmu = arm_smmu_device_start(i);
		if (IS_ERR(smmu))
			return (int)PTR_ERR(smmu);
		units->units[i] = smmu;
		any = true;
	}
	return any ? bus_set_iommu(kernel_bus(KERNEL_IOMMU_ARM_SMMU_V3), &arm_smmu_ops) : 0;
}

void arm_smmu_exit(void)
{
	struct arm_smmu_units *units = kernel_subsys(KERNEL_SUBSYS_ARM_SMMU);
	size_t i;

	if (!units)
		return;
	bus_set_iommu(kernel_bus(KERNEL_IOMMU_ARM_SMMU_V3), NULL);
	for (i = 0; i < units->count; i++)
		arm_smmu_device_stop(units->units[i]);
	kernel_subsys_set(KERNEL_SUBSYS_ARM_SMMU, NULL);
	kfree(units);
}
