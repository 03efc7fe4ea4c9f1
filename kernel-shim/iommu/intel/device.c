// SPDX-License-Identifier: Apache-2.0
/*
 * Devices: which unit is above one, what both together can do, and the features of PCI that the
 * IOMMU switches. What a device's DMA reaches is left to domain.c.
 */
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/pci-ats.h>

#include "intel.h"

#define PAGE_REQUESTS_MAX 32 /* that a device may have outstanding */

struct intel_iommu *intel_device_unit(struct device *dev)
{
	const struct intel_state *state = intel_state();
	unsigned int index;

	if (!state || !dev_is_pci(dev))
		return NULL;
	index = to_pci_dev(dev)->firmware->iommu;
	return index < state->count ? state->units[index] : NULL;
}

/* log2 of the PASIDs that the device's table is to have room for. */
static unsigned int device_pasid_bits(const struct intel_device *info)
{
	unsigned int bits = PASID_TABLE_SHIFT;

	if (info->pasid_supported)
		bits = (unsigned int)ilog2(pci_max_pasids(to_pci_dev(info->dev)));
	return clamp_t(unsigned int, bits, PASID_TABLE_SHIFT,
		       max_t(unsigned int, intel_pasid_bits(), PASID_TABLE_SHIFT));
}

static void device_identify(struct intel_device *info)
{
	struct pci_dev *pdev = to_pci_dev(info->dev);
	const struct intel_iommu *iommu = info->iommu;

	info->bus = pdev->bus;
	info->devfn = pdev->devfn;
	info->ats_supported = (iommu->ecap & ECAP_DT) && (iommu->ecap & ECAP_QI) &&
			      pci_ats_supported(pdev);
	if (info->ats_supported)
		info->ats_queue_depth = (u16)pci_ats_queue_depth(pdev);
	info->pasid_supported = iommu->scalable && (iommu->ecap & ECAP_PASID) &&
				pci_pasid_features(pdev) >= 0;
	info->pri_supported = iommu->prq.ring.virt && info->ats_supported &&
			      (iommu->ecap & ECAP_PDS) && pci_pri_supported(pdev);
}

/* All memory that the device will ever need of the driver to be attached somewhere. */
static int device_alloc(struct intel_device *info)
{
	struct intel_iommu *iommu = info->iommu;
	struct intel_domain_unit *spare;

	if (intel_context_prepare(info))
		return -ENOMEM;
	if (iommu->scalable) {
		info->pasids = intel_pasid_table_create(device_pasid_bits(info));
		if (!info->pasids)
			return -ENOMEM;
	}
	spare = kzalloc(sizeof(*spare), GFP_KERNEL);
	if (!spare) {
		intel_pasid_table_destroy(info->pasids);
		return -ENOMEM;
	}
	list_add_tail(&spare->link, &iommu->spare);
	return 0;
}

int intel_device_probe(struct device *dev)
{
	struct intel_iommu *iommu = intel_device_unit(dev);
	struct intel_device *info;
	int ret;

	if (!iommu)
		return -ENODEV;
	info = kzalloc(sizeof(*info), GFP_KERNEL);
	if (!info)
		return -ENOMEM;
	info->dev = dev;
	info->iommu = iommu;
	device_identify(info);
	ret = device_alloc(info);
	if (ret) {
		kfree(info);
		return ret;
	}
	if (iommu->scalable)
		intel_context_set_scalable(info);
	dev_iommu_priv_set(dev, info);
	return 0;
}

void intel_device_release(struct device *dev)
{
	struct intel_device *info = dev_iommu_priv_get(dev);
	struct intel_domain_unit *spare;

	if (!info)
		return;
	if (info->domain)
		intel_domain_detach(&info->domain->domain, dev);
	if (info->iommu->scalable)
		intel_context_clear(info);
	intel_pasid_table_destroy(info->pasids);
	spare = list_first_entry(&info->iommu->spare, struct intel_domain_unit, link);
	list_del(&spare->link);
	kfree(spare);
	dev_iommu_priv_set(dev, NULL);
	kfree(info);
}

void intel_device_resv_regions(struct device *dev, struct list_head *list)
{
	struct iommu_resv_region *region;

	(void)dev;
	region = iommu_alloc_resv_region(INTERRUPT_BASE, INTERRUPT_SIZE, 0, IOMMU_RESV_MSI,
					 GFP_KERNEL);
	if (region)
		list_add_tail(&region->list, list);
}

int intel_device_enable_pasid(struct intel_device *info)
{
	struct pci_dev *pdev = to_pci_dev(info->dev);
	int ret;

	if (!info->pasid_supported)
		return -EINVAL;
	if (info->pasid_enabled)
		return 0;
	ret = pci_enable_pasid(pdev, pci_pasid_features(pdev));
	if (!ret)
		info->pasid_enabled = true;
	return ret;
}

/* A response that does not name its PASID could not be told apart. */
static void device_enable_pri(struct intel_device *info)
{
	struct pci_dev *pdev = to_pci_dev(info->dev);

	if (info->pasid_enabled && !pci_prg_resp_pasid_required(pdev))
		return;
	info->pri_enabled = !pci_reset_pri(pdev) && !pci_enable_pri(pdev, PAGE_REQUESTS_MAX);
}

/* PASID before ATS: while ATS is on, a device must not change it (PCIe 6.0, 10.5.1.3). */
void intel_device_enable_features(struct intel_device *info)
{
	if (info->pasid_supported)
		intel_device_enable_pasid(info);
	if (info->pri_supported)
		device_enable_pri(info);
	if (info->ats_supported && !pci_enable_ats(to_pci_dev(info->dev), VTD_PAGE_SHIFT))
		info->ats_enabled = true;
}

void intel_device_disable_features(struct intel_device *info)
{
	struct pci_dev *pdev = to_pci_dev(info->dev);

	if (info->ats_enabled)
		pci_disable_ats(pdev);
	info->ats_enabled = false;
	if (info->pri_enabled)
		pci_disable_pri(pdev);
	info->pri_enabled = false;
	if (info->pasid_enabled)
		pci_disable_pasid(pdev);
	info->pasid_enabled = false;
}
