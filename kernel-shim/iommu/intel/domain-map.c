// SPDX-License-Identifier: Apache-2.0
/*
 * Mapping in a domain, and the invalidations that its units and devices need afterwards. The tables
 * themselves are pagetable.c's.
 */
#define pr_fmt(fmt) "DMAR: " fmt

#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/printk.h>
#include <linux/sizes.h>

#include "intel.h"

/* ---- invalidation ---- */

/* The smallest range that holds start..last: invalidations take aligned powers of two only. */
static struct intel_range range_around(u64 start, u64 last)
{
	u64 differs = (start ^ last) >> VTD_PAGE_SHIFT;
	unsigned int order = (unsigned int)fls64(differs);

	return (struct intel_range){
		.address = start >> VTD_PAGE_SHIFT >> order << order << VTD_PAGE_SHIFT,
		.order = order,
	};
}

/*
 * A device's own TLB. What it holds of a guest page table was translated by this second stage too,
 * but under addresses that the host does not know, so all of that goes.
 */
static void device_flush(const struct intel_device *info, struct intel_range range)
{
	struct intel_batch batch = { .count = 0 };

	if (!info->ats_enabled)
		return;
	intel_batch_add(&batch, intel_inv_device_tlb(info, range));
	if (intel_pasid_any_nested(info->pasids))
		intel_batch_add(&batch, intel_inv_device_tlb_all_pasids(info));
	intel_batch_run(info->iommu, &batch);
}

static void domain_flush_range(struct intel_domain *domain, struct intel_range range)
{
	struct intel_domain_unit *unit;
	struct intel_device *info;

	list_for_each_entry(unit, &domain->units, link) {
		/* Entries of nested translations are not found by second-stage addresses. */
		struct intel_descriptor desc =
			domain->nesting ? intel_inv_iotlb_domain(unit->iommu, unit->did)
					: intel_inv_iotlb_range(unit->iommu, unit->did, range);

		intel_flush_write_buffer(unit->iommu);
		intel_queue_submit(unit->iommu, &desc, 1);
	}
	list_for_each_entry(info, &domain->devices, link)
		device_flush(info, range);
}

void intel_domain_flush(struct intel_domain *domain)
{
	domain_flush_range(domain, INTEL_WHOLE_RANGE);
	intel_pagetable_reap(&domain->table);
}

/* Entries that were not present and now are: only units in caching mode may have cached that. */
static void domain_flush_new(struct intel_domain *domain, u64 iova, size_t size)
{
	struct intel_domain_unit *unit;

	if (!list_empty(&domain->table.retired)) {
		intel_domain_flush(domain);
		return;
	}
	list_for_each_entry(unit, &domain->units, link) {
		struct intel_descriptor desc = intel_inv_iotlb_range(
			unit->iommu, unit->did, range_around(iova, iova + size - 1));

		intel_flush_write_buffer(unit->iommu);
		if (unit->iommu->cap & CAP_CM)
			intel_queue_submit(unit->iommu, &desc, 1);
	}
}

/* ---- map ---- */

/* SNP is a reserved bit for units without snoop control, so all of the domain's must have it. */
static bool domain_units_snoop(const struct intel_domain *domain)
{
	const struct intel_domain_unit *unit;

	list_for_each_entry(unit, &domain->units, link)
		if (!(unit->iommu->ecap & ECAP_SC))
			return false;
	return !list_empty(&domain->units);
}

static u64 domain_attributes(const struct intel_domain *domain, int prot)
{
	u64 attributes = 0;

	if (prot & IOMMU_READ)
		attributes |= SS_READ;
	if (prot & IOMMU_WRITE)
		attributes |= SS_WRITE;
	if (domain->force_snooping || ((prot & IOMMU_CACHE) && domain_units_snoop(domain)))
		attributes |= SS_SNP;
	return attributes;
}

/*
 * A unit with erratum 772415 writes to such pages where they hold a guest's tables. As Linux since 6.7, whatever the
 * unit.
 */
static bool read_only_refused(void)
{
	return kernel_parameter("intel_iommu.nesting_no_read_only", 0);
}

static int domain_map_check(const struct intel_domain *domain, const struct intel_mapping *mapping)
{
	u64 size = mapping->page_size * mapping->count;

	if (!intel_pagetable_level(mapping->page_size) || !mapping->count ||
	    !IS_ALIGNED(mapping->iova | mapping->paddr, mapping->page_size))
		return -EINVAL;
	if (!(mapping->attributes & (SS_READ | SS_WRITE)))
		return -EINVAL;
	if (domain->nesting && !(mapping->attributes & SS_WRITE) && read_only_refused()) {
		pr_err("read-only mapping refused: guest page tables are nested on this domain (erratum 772415)\n");
		return -EINVAL;
	}
	if (mapping->iova + size > 1ULL << domain->width || mapping->iova + size < size) {
		pr_err("iommu width (%u) is not sufficient for the mapped address (%llx)\n",
		       domain->width, mapping->iova + size);
		return -EFAULT;
	}
	return 0;
}

/* NOLINTNEXTLINE(readability-function-size): the kernel's signature */
int intel_domain_map(struct iommu_domain *iommu_domain, unsigned long iova, phys_addr_t paddr,
		     size_t pgsize, size_t pgcount, int prot, gfp_t gfp, size_t *mapped)
{
	struct intel_domain *domain = to_intel_domain(iommu_domain);
	struct intel_mapping mapping = {
		.iova = iova,
		.paddr = paddr,
		.page_size = pgsize,
		.count = pgcount,
		.attributes = domain_attributes(domain, prot),
	};
	size_t done = 0;
	int ret = domain_map_check(domain, &mapping);

	(void)gfp;
	if (ret)
		return ret;
	mutex_lock(&domain->lock);
	ret = intel_pagetable_map(&domain->table, &mapping, &done);
	if (done) {
		domain->max_addr = max(domain->max_addr, mapping.iova + done);
		domain->snooped |= !!(mapping.attributes & SS_SNP);
		domain_flush_new(domain, iova, done);
	}
	mutex_unlock(&domain->lock);
	*mapped += done;
	if (ret == -EEXIST)
		pr_err("0x%llx is already mapped\n", mapping.iova + done);
	return ret;
}

/* With the largest pages that every unit has: which of them will be attached later is not known. */
static u64 identity_page_size(u64 at, u64 left)
{
	static const u64 sizes[] = { SZ_1G, SZ_2M };
	static const u64 support[] = { BIT(1), BIT(0) };
	struct intel_iommu *iommu;
	unsigned int i, n;
	u64 common = ~0ULL;

	for_each_intel_iommu(iommu, n) common &= FIELD_GET(CAP_SSLPS, iommu->cap);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		if ((common & support[i]) && IS_ALIGNED(at, sizes[i]) && left >= sizes[i])
			return sizes[i];
	return SZ_4K;
}

int intel_domain_map_identity(struct intel_domain *domain)
{
	u64 at = kernel_config()->ram_base, end = at + kernel_config()->ram_size;
	int ret = intel_pagetable_init(&domain->table, INTEL_MAX_LEVELS);

	while (!ret && at < end) {
		struct intel_mapping mapping = {
			.iova = at,
			.paddr = at,
			.page_size = identity_page_size(at, end - at),
			.count = 1,
			.attributes = SS_READ | SS_WRITE,
		};
		size_t done;

		if (mapping.page_size == SZ_4K)
			mapping.count = (end - at) / SZ_4K;
		ret = intel_pagetable_map(&domain->table, &mapping, &done);
		at += done;
	}
	if (ret)
		intel_pagetable_destroy(&domain->table);
	else
		domain->max_addr = end;
	return ret;
}

/* ---- unmap ---- */

size_t intel_domain_unmap(struct iommu_domain *iommu_domain, unsigned long iova, size_t pgsize,
			  size_t pgcount, struct iommu_iotlb_gather *gather)
{
	struct intel_domain *domain = to_intel_domain(iommu_domain);
	u64 at = iova, end = iova + pgsize * pgcount;
	size_t unmapped = 0;

	/*
	 * A page that is larger than what is asked goes whole, and the caller learns by the result.
	 */
	while (at < end) {
		struct intel_leaf leaf = intel_pagetable_lookup(&domain->table, at);

		if (!leaf.page_size)
			break;
		/*
		 * Gather first: that may flush what was gathered before, and free the tables that
		 * wait for it. The tables that go with this page must not be among them yet.
		 */
		iommu_iotlb_gather_add_page(iommu_domain, gather, leaf.iova, leaf.page_size);
		mutex_lock(&domain->lock);
		intel_pagetable_unmap(&domain->table, at);
		mutex_unlock(&domain->lock);
		unmapped += leaf.page_size;
		at = leaf.iova + leaf.page_size;
	}
	if (domain->max_addr == at)
		domain->max_addr = iova;
	return unmapped;
}

void intel_domain_sync(struct iommu_domain *iommu_domain, struct iommu_iotlb_gather *gather)
{
	struct intel_domain *domain = to_intel_domain(iommu_domain);

	if (gather->start > gather->end)
		return; /* nothing was gathered */
	mutex_lock(&domain->lock);
	domain_flush_range(domain, range_around(gather->start, gather->end));
	intel_pagetable_reap(&domain->table);
	mutex_unlock(&domain->lock);
}

phys_addr_t intel_domain_iova_to_phys(struct iommu_domain *iommu_domain, dma_addr_t iova)
{
	struct intel_leaf leaf =
		intel_pagetable_lookup(&to_intel_domain(iommu_domain)->table, iova);

	return leaf.page_size ? leaf.paddr + (iova - leaf.iova) : 0;
}
