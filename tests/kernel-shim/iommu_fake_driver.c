// SPDX-License-Identifier: Apache-2.0
/* The driver of iommu_fake_driver.h. */
#include "iommu_fake_driver.h"

#include <linux/errno.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <string.h>

static struct fake_device *to_fake_device(struct device *dev)
{
	return container_of(to_pci_dev(dev), struct fake_device, pdev);
}

static bool fake_capable(struct device *dev, enum iommu_cap cap)
{
	(void)dev;
	return cap == IOMMU_CAP_INTR_REMAP;
}

static struct iommu_domain *fake_domain_alloc(unsigned int type)
{
	struct fake_domain *domain;

	if (type == IOMMU_DOMAIN_IDENTITY)
		return NULL;
	domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	return domain ? &domain->domain : NULL;
}

static void fake_domain_free(struct iommu_domain *domain)
{
	kfree(to_fake_domain(domain));
}

static int fake_probe_device(struct device *dev)
{
	dev_iommu_priv_set(dev, to_fake_device(dev));
	return to_fake_device(dev)->probe_error;
}

static void fake_release_device(struct device *dev)
{
	to_fake_device(dev)->released++;
}

static int fake_attach_dev(struct iommu_domain *domain, struct device *dev)
{
	struct fake_device *device = dev_iommu_priv_get(dev);

	device->at = NULL;
	if (device->attach_error && domain->type == IOMMU_DOMAIN_UNMANAGED)
		return device->attach_error;
	device->at = domain;
	return 0;
}

static void fake_detach_dev(struct iommu_domain *domain, struct device *dev)
{
	(void)domain;
	to_fake_device(dev)->at = NULL;
}

static void note_call(struct fake_domain *domain, struct fake_call call)
{
	if (domain->call_count < FAKE_CALLS)
		domain->calls[domain->call_count++] = call;
}

static int fake_map_pages(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr,
			  size_t pgsize, size_t pgcount, int prot, gfp_t gfp, size_t *mapped)
{
	struct fake_domain *fake = to_fake_domain(domain);
	size_t size = pgsize * pgcount;

	(void)prot;
	(void)gfp;
	note_call(fake, (struct fake_call){ iova, paddr, pgsize, pgcount });
	if (fake->map_limit && fake->mapped + size > fake->map_limit) {
		*mapped = fake->map_limit - fake->mapped;
		fake->mapped += *mapped;
		return -ENOMEM;
	}
	*mapped = size;
	fake->mapped += size;
	return 0;
}

static size_t fake_unmap_pages(struct iommu_domain *domain, unsigned long iova, size_t pgsize,
			       size_t pgcount, struct iommu_iotlb_gather *gather)
{
	struct fake_domain *fake = to_fake_domain(domain);
	size_t size = pgsize * pgcount;

	note_call(fake, (struct fake_call){ iova, 0, pgsize, pgcount });
	if (!fake->mapped)
		return 0;
	if (size < fake->unmap_at_least)
		size = fake->unmap_at_least;
	fake->mapped -= size;
	iommu_iotlb_gather_add_page(domain, gather, iova, size);
	return size;
}

static void fake_iotlb_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	(void)gather;
	to_fake_domain(domain)->syncs++;
}

static phys_addr_t fake_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	(void)domain;
	return iova + 0x1000;
}

static int fake_get_attr(struct iommu_domain *domain, enum iommu_attr attr, void *data)
{
	if (attr != DOMAIN_ATTR_NESTING)
		return -ENODEV;
	*(int *)data = to_fake_domain(domain)->attr_value;
	return 0;
}

static int fake_set_attr(struct iommu_domain *domain, enum iommu_attr attr, void *data)
{
	if (attr != DOMAIN_ATTR_NESTING)
		return -ENODEV;
	to_fake_domain(domain)->attr_value = *(int *)data;
	return 0;
}

static int fake_bind(struct iommu_domain *domain, struct device *dev,
		     struct iommu_gpasid_bind_data *data)
{
	(void)dev;
	to_fake_domain(domain)->bound = *data;
	return 0;
}

static int fake_unbind(struct device *dev, ioasid_t pasid)
{
	to_fake_domain(to_fake_device(dev)->at)->unbound = pasid;
	return 0;
}

static int fake_cache_invalidate(struct iommu_domain *domain, struct device *dev,
				 struct iommu_cache_invalidate_info *info)
{
	(void)dev;
	to_fake_domain(domain)->invalidated = *info;
	return 0;
}

static void fake_get_resv_regions(struct device *dev, struct list_head *list)
{
	const struct fake_device *device = to_fake_device(dev);
	unsigned int i;

	for (i = 0; i < FAKE_REGIONS; i++) {
		const struct iommu_resv_region *from = &device->regions[i];
		struct iommu_resv_region *region;

		if (!from->length)
			continue;
		region = iommu_alloc_resv_region(from->start, from->length, from->prot, from->type,
						 GFP_KERNEL);
		list_add_tail(&region->list, list);
	}
}

static const struct iommu_domain_ops fake_domain_ops = {
	.attach_dev = fake_attach_dev,
	.detach_dev = fake_detach_dev,
	.map_pages = fake_map_pages,
	.unmap_pages = fake_unmap_pages,
	.iotlb_sync = fake_iotlb_sync,
	.iova_to_phys = fake_iova_to_phys,
	.domain_get_attr = fake_get_attr,
	.domain_set_attr = fake_set_attr,
	.sva_bind_gpasid = fake_bind,
	.sva_unbind_gpasid = fake_unbind,
	.cache_invalidate = fake_cache_invalidate,
	.free = fake_domain_free,
};

static const struct iommu_domain_ops fake_plain_domain_ops = {
	.attach_dev = fake_attach_dev,
	.free = fake_domain_free,
};

const struct iommu_ops fake_ops = {
	.capable = fake_capable,
	.domain_alloc = fake_domain_alloc,
	.probe_device = fake_probe_device,
	.release_device = fake_release_device,
	.get_resv_regions = fake_get_resv_regions,
	.pgsize_bitmap = SZ_4K | SZ_2M | SZ_1G,
	.default_domain_ops = &fake_domain_ops,
};

const struct iommu_ops fake_plain_ops = {
	.domain_alloc = fake_domain_alloc,
	.probe_device = fake_probe_device,
	.release_device = fake_release_device,
	.pgsize_bitmap = SZ_4K,
	.default_domain_ops = &fake_plain_domain_ops,
};

void fake_machine_init(struct fake_machine *machine)
{
	static const char *const names[FAKE_DEVICES] = { "fake0", "fake1", "fake2", "fake3" };
	unsigned int i;

	memset(machine, 0, sizeof(*machine));
	INIT_LIST_HEAD(&machine->bus.devices);
	machine->bus.iommu_ops = &fake_ops;
	for (i = 0; i < FAKE_DEVICES; i++) {
		struct fake_device *device = &machine->devices[i];

		device->firmware = (struct kernel_firmware_device){
			.name = names[i],
			.source_id = (u16)i,
			.group = 500,
		};
		device->pdev.firmware = &device->firmware;
		device->pdev.dev.init_name = names[i];
		device->pdev.dev.bus = &machine->bus;
		list_add_tail(&device->pdev.dev.bus_list, &machine->bus.devices);
	}
}
