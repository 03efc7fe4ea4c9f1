// SPDX-License-Identifier: Apache-2.0
/*
 * Domains and who is attached to them: domain ids, what all attached units have in common, and the
 * entry that sends a device's DMA to the domain's tables. Mapping is left to domain-map.c.
 */
#define pr_fmt(fmt) "DMAR: " fmt

#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/sizes.h>

#include "intel.h"

static const struct iommu_domain_ops intel_domain_ops = {
	.attach_dev = intel_domain_attach,
	.detach_dev = intel_domain_detach,
	.map_pages = intel_domain_map,
	.unmap_pages = intel_domain_unmap,
	.iotlb_sync = intel_domain_sync,
	.iova_to_phys = intel_domain_iova_to_phys,
	.enforce_cache_coherency = intel_domain_enforce_snooping,
	.domain_get_attr = intel_domain_get_attr,
	.domain_set_attr = intel_domain_set_attr,
	.sva_bind_gpasid = intel_bind_gpasid,
	.sva_unbind_gpasid = intel_unbind_gpasid,
	.cache_invalidate = intel_cache_invalidate,
	.free = intel_domain_free,
};

static const struct iommu_dirty_ops intel_dirty_ops = {
	.set_dirty_tracking = intel_domain_set_dirty_tracking,
	.read_and_clear_dirty = intel_domain_read_dirty,
};

static u64 width_end(unsigned int width)
{
	return 1ULL << width;
}

struct iommu_domain *intel_domain_alloc(unsigned int type)
{
	struct intel_domain *domain;

	if (type != IOMMU_DOMAIN_UNMANAGED && type != IOMMU_DOMAIN_DMA &&
	    type != IOMMU_DOMAIN_IDENTITY)
		return NULL;
	domain = kzalloc(sizeof(*domain), GFP_KERNEL);
	if (!domain)
		return NULL;
	/* An identity domain gets tables when a unit without pass-through needs them. */
	if (type != IOMMU_DOMAIN_IDENTITY &&
	    intel_pagetable_init(&domain->table, INTEL_MAX_LEVELS)) {
		kfree(domain);
		return NULL;
	}
	mutex_init(&domain->lock);
	INIT_LIST_HEAD(&domain->devices);
	INIT_LIST_HEAD(&domain->units);
	domain->width = INTEL_DEFAULT_WIDTH;
	domain->domain.type = type;
	domain->domain.ops = &intel_domain_ops;
	domain->domain.dirty_ops = &intel_dirty_ops;
	domain->domain.pgsize_bitmap = SZ_4K;
	domain->domain.geometry = (struct iommu_domain_geometry){
		.aperture_end = width_end(domain->width) - 1,
		.force_aperture = true,
	};
	return &domain->domain;
}

void intel_domain_free(struct iommu_domain *iommu_domain)
{
	struct intel_domain *domain = to_intel_domain(iommu_domain);

	if (WARN_ON(!list_empty(&domain->devices)))
		return;
	if (domain->ioasid_set)
		ioasid_set_put(domain->ioasid_set);
	intel_pagetable_destroy(&domain->table);
	kfree(domain);
}

/* ---- domain ids ---- */

struct intel_domain_unit *intel_domain_unit(struct intel_domain *domain,
					    const struct intel_iommu *iommu)
{
	struct intel_domain_unit *unit;

	list_for_each_entry(unit, &domain->units, link)
		if (unit->iommu == iommu)
			return unit;
	return NULL;
}

/* Counts one more device of the unit, giving the domain an id there if it is the first. */
static struct intel_domain_unit *domain_unit_get(struct intel_domain *domain,
						 struct intel_iommu *iommu)
{
	struct intel_domain_unit *unit = intel_domain_unit(domain, iommu);
	unsigned long did;

	if (unit) {
		unit->devices++;
		return unit;
	}
	mutex_lock(&iommu->lock);
	did = find_first_zero_bit(iommu->domain_ids, iommu->domain_id_count);
	if (did >= iommu->domain_id_count) {
		mutex_unlock(&iommu->lock);
		pr_err("%s: no free domain ids\n", iommu->name);
		return ERR_PTR(-ENOSPC);
	}
	set_bit(did, iommu->domain_ids);
	unit = list_first_entry(&iommu->spare, struct intel_domain_unit, link);
	list_del(&unit->link);
	mutex_unlock(&iommu->lock);
	*unit = (struct intel_domain_unit){ .iommu = iommu, .did = (u16)did, .devices = 1 };
	list_add_tail(&unit->link, &domain->units);
	return unit;
}

/*
 * The id may go to another domain at once: all that was cached under it must be forgotten by now.
 */
static void domain_unit_put(struct intel_domain_unit *unit)
{
	struct intel_iommu *iommu = unit->iommu;

	if (--unit->devices)
		return;
	list_del(&unit->link);
	mutex_lock(&iommu->lock);
	clear_bit(unit->did, iommu->domain_ids);
	list_add_tail(&unit->link, &iommu->spare);
	mutex_unlock(&iommu->lock);
}

/* ---- what units have in common ---- */

static unsigned long unit_page_sizes(const struct intel_iommu *iommu)
{
	unsigned long large = FIELD_GET(CAP_SSLPS, iommu->cap);

	return SZ_4K | (large & BIT(0) ? SZ_2M : 0) | (large & BIT(1) ? SZ_1G : 0);
}

/* Narrows the domain to what each of its units can do. */
static void domain_update(struct intel_domain *domain)
{
	unsigned long sizes = SZ_4K | SZ_2M | SZ_1G;
	unsigned int width = INTEL_DEFAULT_WIDTH;
	struct intel_domain_unit *unit;

	if (list_empty(&domain->units))
		return;
	list_for_each_entry(unit, &domain->units, link) {
		sizes &= unit_page_sizes(unit->iommu);
		width = min(width, unit->iommu->width);
	}
	domain->width = width;
	domain->domain.pgsize_bitmap = sizes;
	domain->domain.geometry.aperture_end = width_end(width) - 1;
}

static bool domain_passes_through(const struct intel_domain *domain,
				  const struct intel_iommu *iommu)
{
	return domain->domain.type == IOMMU_DOMAIN_IDENTITY && (iommu->ecap & ECAP_PT);
}

/* Can the unit walk what is mapped already? */
static int domain_fits(const struct intel_domain *domain, const struct intel_device *info)
{
	const struct intel_iommu *iommu = info->iommu;
	unsigned long sizes = unit_page_sizes(iommu);

	if (domain_passes_through(domain, iommu))
		return 0;
	if ((domain->force_snooping || domain->snooped) && !(iommu->ecap & ECAP_SC))
		return -EOPNOTSUPP;
	if (domain->dirty_tracking && !intel_unit_tracks_dirty(iommu))
		return -EINVAL;
	if (domain->max_addr > width_end(iommu->width)) {
		dev_err(info->dev, "unit translates %u bits, but 0x%llx is mapped\n", iommu->width,
			domain->max_addr - 1);
		return -EFAULT;
	}
	if ((domain->table.leaves[2] && !(sizes & SZ_2M)) ||
	    (domain->table.leaves[3] && !(sizes & SZ_1G))) {
		dev_err(info->dev, "unit cannot walk the large pages that are mapped\n");
		return -EINVAL;
	}
	return 0;
}

/* ---- attach ---- */

/* Where the unit is to start walking the domain, and what it is told besides. */
struct domain_start {
	u16 did;
	bool pass_through;
	phys_addr_t table;
	unsigned int levels;
};

static int domain_start(struct intel_domain *domain, struct intel_iommu *iommu,
			struct domain_start *start)
{
	start->levels = iommu->levels;
	start->pass_through = domain_passes_through(domain, iommu);
	if (start->pass_through)
		return 0;
	if (!domain->table.root) {
		int ret = intel_domain_map_identity(domain);

		if (ret)
			return ret;
	}
	return intel_pagetable_start(&domain->table, &start->levels, &start->table);
}

static int device_point_at(struct intel_device *info, const struct domain_start *start)
{
	const struct intel_domain *domain = info->domain;

	if (info->iommu->scalable) {
		struct intel_pasid_entry entry = {
			.did = start->did,
			.pgtt = start->pass_through ? PGTT_PASS_THROUGH : PGTT_SECOND_STAGE,
			.second_stage = start->table,
			.second_stage_levels = start->levels,
			.page_snoop = domain->force_snooping,
			.track_dirty = domain->dirty_tracking,
		};

		return intel_pasid_set(info, INTEL_RID_PASID, &entry);
	}
	intel_context_set_legacy(info, &(struct intel_context_legacy){ .did = start->did,
								       .pass_through =
									       start->pass_through,
								       .table = start->table,
								       .levels = start->levels });
	return 0;
}

static int device_link(struct intel_domain *domain, struct intel_device *info,
		       struct domain_start *start)
{
	struct intel_domain_unit *unit = domain_unit_get(domain, info->iommu);
	int ret;

	if (IS_ERR(unit))
		return (int)PTR_ERR(unit);
	start->did = unit->did;
	info->domain = domain;
	list_add_tail(&info->link, &domain->devices);
	ret = device_point_at(info, start);
	if (ret) {
		info->domain = NULL;
		list_del(&info->link);
		domain_unit_put(unit);
		return ret;
	}
	domain_update(domain);
	intel_device_enable_features(info);
	return 0;
}

/* Blocks the device's DMA: guest page tables go first, they stand on the domain's tables. */
static void device_unlink(struct intel_device *info)
{
	struct intel_domain *domain = info->domain;
	struct intel_domain_unit *unit = intel_domain_unit(domain, info->iommu);

	if (info->iommu->scalable) {
		intel_pasid_clear_nested(info);
		intel_pasid_clear(info, INTEL_RID_PASID);
		intel_prq_drain(info, unit->did);
	} else {
		intel_context_clear(info);
	}
	intel_device_disable_features(info);
	list_del(&info->link);
	info->domain = NULL;
	domain_unit_put(unit);
	domain_update(domain);
}

int intel_domain_attach(struct iommu_domain *iommu_domain, struct device *dev)
{
	struct intel_domain *domain = to_intel_domain(iommu_domain);
	struct intel_device *info = dev_iommu_priv_get(dev);
	struct intel_domain *former;
	struct domain_start start = { 0 };
	int ret;

	if (!info)
		return -ENODEV;
	if (info->domain == domain)
		return 0;
	ret = domain_fits(domain, info);
	if (!ret)
		ret = domain_start(domain, info->iommu, &start);
	if (ret)
		return ret;

	former = info->domain;
	if (former) {
		mutex_lock(&former->lock);
		device_unlink(info);
		mutex_unlock(&former->lock);
	}
	mutex_lock(&domain->lock);
	ret = device_link(domain, info, &start);
	mutex_unlock(&domain->lock);
	return ret;
}

void intel_domain_detach(struct iommu_domain *iommu_domain, struct device *dev)
{
	struct intel_domain *domain = to_intel_domain(iommu_domain);
	struct intel_device *info = dev_iommu_priv_get(dev);

	if (!info || info->domain != domain)
		return;
	mutex_lock(&domain->lock);
	device_unlink(info);
	mutex_unlock(&domain->lock);
}

/* ---- snooping ---- */

bool intel_domain_enforce_snooping(struct iommu_domain *iommu_domain)
{
	struct intel_domain *domain = to_intel_domain(iommu_domain);
	struct intel_device *info;

	if (domain->force_snooping)
		return true;
	list_for_each_entry(info, &domain->devices, link)
		if (!(info->iommu->ecap & ECAP_SC))
			return false;
	mutex_lock(&domain->lock);
	domain->force_snooping = true;
	list_for_each_entry(info, &domain->devices, link)
		if (info->iommu->scalable)
			intel_pasid_snoop(info, INTEL_RID_PASID);
	mutex_unlock(&domain->lock);
	return true;
}
