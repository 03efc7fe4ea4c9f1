// SPDX-License-Identifier: Apache-2.0
/*
 * IOMMU core, mappings: cuts a range into the page sizes of a domain. Tables are left to the
 * drivers.
 */
#define pr_fmt(fmt) "iommu: " fmt

#include <linux/bits.h>
#include <linux/bitops.h>
#include <linux/bug.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/printk.h>

#include "iommu-internal.h"

/* Equal pages in a row, as a driver is asked for them at once. */
struct page_run {
	size_t pgsize; /* bytes */
	size_t count;
};

static bool iommu_domain_maps(const struct iommu_domain *domain)
{
	return domain->pgsize_bitmap && domain->ops->map_pages && domain->ops->unmap_pages &&
	       (domain->type == IOMMU_DOMAIN_UNMANAGED || domain->type == IOMMU_DOMAIN_DMA);
}

static size_t iommu_min_pgsize(const struct iommu_domain *domain)
{
	return 1UL << __ffs(domain->pgsize_bitmap);
}

/*
 * The largest page that fits both addresses and size, and how many of it come before a yet larger
 * one becomes possible. size is a nonzero multiple of the smallest page, and so are the addresses.
 */
static struct page_run iommu_page_run(const struct iommu_domain *domain, unsigned long iova,
				      phys_addr_t paddr, size_t size)
{
	unsigned long address_bits = iova | paddr;
	struct page_run run = { 0 };
	unsigned int bit;

	for (bit = 0; bit < BITS_PER_LONG; bit++) {
		unsigned long pgsize = 1UL << bit;
		size_t until_aligned;

		if (!(domain->pgsize_bitmap & pgsize))
			continue;
		if (pgsize <= size && !(address_bits & (pgsize - 1))) {
			run.pgsize = pgsize;
			continue;
		}
		/*
		 * Too large here; but perhaps not further on, if both addresses get aligned
		 * together.
		 */
		until_aligned = -iova & (pgsize - 1);
		if (!((iova ^ paddr) & (pgsize - 1)) && until_aligned < size &&
		    size - until_aligned >= pgsize)
			size = until_aligned;
		break;
	}
	BUG_ON(!run.pgsize);
	run.count = size / run.pgsize;
	return run;
}

int iommu_map(struct iommu_domain *domain, unsigned long iova, phys_addr_t paddr, size_t size,
	      int prot)
{
	size_t done = 0;
	int ret = 0;

	if (!domain->ops->map_pages || !domain->pgsize_bitmap)
		return -ENODEV;
	if (!iommu_domain_maps(domain))
		return -EINVAL;
	if (!IS_ALIGNED(iova | paddr | size, iommu_min_pgsize(domain))) {
		pr_err("unaligned: iova 0x%lx pa 0x%llx size 0x%zx min_pagesz 0x%zx\n", iova,
		       (u64)paddr, size, iommu_min_pgsize(domain));
		return -EINVAL;
	}

	while (done < size && !ret) {
		struct page_run run =
			iommu_page_run(domain, iova + done, paddr + done, size - done);
		size_t mapped = 0;

		ret = domain->ops->map_pages(domain, iova + done, paddr + done, run.pgsize,
					     run.count, prot, GFP_KERNEL, &mapped);
		/* A run may be mapped in part before its error. */
		done += mapped;
	}
	if (ret && done)
		iommu_unmap(domain, iova, done);
	return ret;
}

size_t iommu_unmap_fast(struct iommu_domain *domain, unsigned long iova, size_t size,
			struct iommu_iotlb_gather *gather)
{
	size_t done = 0;

	if (!iommu_domain_maps(domain))
		return 0;
	if (!IS_ALIGNED(iova | size, iommu_min_pgsize(domain))) {
		pr_err("unaligned: iova 0x%lx size 0x%zx min_pagesz 0x%zx\n", iova, size,
		       iommu_min_pgsize(domain));
		return 0;
	}

	/*
	 * A driver that meets a larger page than asked for may unmap all of it, so done may exceed
	 * size.
	 */
	while (done < size) {
		struct page_run run = iommu_page_run(domain, iova + done, iova + done, size - done);
		size_t unmapped = domain->ops->unmap_pages(domain, iova + done, run.pgsize,
							   run.count, gather);

		if (!unmapped)
			break;
		done += unmapped;
	}
	return done;
}

size_t iommu_unmap(struct iommu_domain *domain, unsigned long iova, size_t size)
{
	struct iommu_iotlb_gather gather;
	size_t unmapped;

	iommu_iotlb_gather_init(&gather);
	unmapped = iommu_unmap_fast(domain, iova, size, &gather);
	iommu_iotlb_sync(domain, &gather);
	return unmapped;
}

void iommu_iotlb_sync(struct iommu_domain *domain, struct iommu_iotlb_gather *gather)
{
	if (domain->ops->iotlb_sync)
		domain->ops->iotlb_sync(domain, gather);
	iommu_iotlb_gather_init(gather);
}

phys_addr_t iommu_iova_to_phys(struct iommu_domain *domain, dma_addr_t iova)
{
	if (domain->type == IOMMU_DOMAIN_IDENTITY)
		return iova;
	if (domain->type == IOMMU_DOMAIN_BLOCKED || !domain->ops->iova_to_phys)
		return 0;
	return domain->ops->iova_to_phys(domain, iova);
}
