// SPDX-License-Identifier: Apache-2.0
/*
 * Guest page tables: a PASID's first stage belongs to the guest, nested on the domain's second
 * stage. Checks stand in the order in which the series makes them, since that order decides the
 * errno.
 */
#define pr_fmt(fmt) "DMAR: " fmt

#include <linux/err.h>
#include <linux/errno.h>
#include <linux/log2.h>
#include <linux/overflow.h>
#include <linux/pci-ats.h>
#include <linux/printk.h>
#include <uapi/linux/vfio_nesting.h>

#include "intel.h"

#define WIDTH_4_LEVELS 48
#define WIDTH_5_LEVELS 57

/* ---- bind ---- */

/* What is wrong with the request as such, whatever the hardware. */
static int bind_check_request(struct intel_domain *domain, const struct intel_device *info,
			      struct device *dev, const struct iommu_gpasid_bind_data *data)
{
	void *owner;

	if (!data || !info)
		return -EINVAL;
	if (data->version != IOMMU_GPASID_BIND_VERSION_1 ||
	    data->format != IOMMU_PASID_FORMAT_INTEL_VTD)
		return -EINVAL;
	if (!dev_is_pci(dev))
		return -ENOTSUPP;
	if (pci_max_pasids(to_pci_dev(dev)) != (int)PASID_MAX)
		return -EINVAL;
	if (data->hpasid == 0 || data->hpasid >= PASID_MAX)
		return -EINVAL;
	owner = ioasid_find(domain->ioasid_set, (ioasid_t)data->hpasid);
	return IS_ERR(owner) ? (int)PTR_ERR(owner) : 0;
}

/* What unit and domain cannot do. */
static int bind_check_hardware(struct intel_domain *domain, const struct intel_device *info,
			       const struct iommu_gpasid_bind_data *data)
{
	const struct intel_iommu *iommu = info->iommu;

	if (!(iommu->ecap & ECAP_NEST)) {
		dev_err_ratelimited(info->dev, "%s has no nested translation\n", iommu->name);
		return -EINVAL;
	}
	if (!domain->nesting || info->domain != domain) {
		dev_err_ratelimited(info->dev, "domain is not in nesting mode\n");
		return -EINVAL;
	}
	if (intel_pasid_is_present(info->pasids, (u32)data->hpasid))
		return -EBUSY;
	if (data->addr_width != WIDTH_4_LEVELS && data->addr_width != WIDTH_5_LEVELS)
		return -EINVAL;
	if (data->addr_width == WIDTH_5_LEVELS && !(iommu->cap & CAP_FS5LP))
		return -EINVAL;
	if (data->gpgd > domain->max_addr) {
		dev_err_ratelimited(info->dev,
				    "guest page table at %llx, but memory ends at %llx\n",
				    data->gpgd, domain->max_addr);
		return -EINVAL;
	}
	if ((data->vtd_flags & IOMMU_SVA_VTD_GPASID_SRE) && !(iommu->ecap & ECAP_SRS))
		return -EINVAL;
	if ((data->vtd_flags & IOMMU_SVA_VTD_GPASID_EAFE) && !(iommu->ecap & ECAP_EAFS))
		return -EINVAL;
	/* Memory types only concern devices within the processor's coherence domain. */
	if (data->vtd_flags & IOMMU_SVA_VTD_GPASID_MTS_MASK)
		return -EINVAL;
	return 0;
}

static int bind_set_entry(struct intel_domain *domain, struct intel_device *info,
			  const struct iommu_gpasid_bind_data *data)
{
	struct intel_pasid_entry entry = {
		.did = intel_domain_unit(domain, info->iommu)->did,
		.pgtt = PGTT_NESTED,
		.second_stage_levels = info->iommu->levels,
		.page_snoop = domain->force_snooping,
		.track_dirty = domain->dirty_tracking,
		.first_stage = data->gpgd,
		.five_levels = data->addr_width == WIDTH_5_LEVELS,
		.supervisor = data->vtd_flags & IOMMU_SVA_VTD_GPASID_SRE,
		.extended_access = data->vtd_flags & IOMMU_SVA_VTD_GPASID_EAFE,
	};
	int ret = intel_pagetable_start(&domain->table, &entry.second_stage_levels,
					&entry.second_stage);

	return ret ? ret : intel_pasid_set(info, (u32)data->hpasid, &entry);
}

int intel_bind_gpasid(struct iommu_domain *iommu_domain, struct device *dev,
		      struct iommu_gpasid_bind_data *data)
{
	struct intel_domain *domain = to_intel_domain(iommu_domain);
	struct intel_device *info = dev_iommu_priv_get(dev);
	int ret = bind_check_request(domain, info, dev, data);

	if (ret)
		return ret;
	mutex_lock(&domain->lock);
	if (info->pasids && intel_pasid_is_nested(info->pasids, (u32)data->hpasid))
		ret = -EBUSY; /* bound to this device already */
	if (!ret)
		ret = intel_device_enable_pasid(info);
	if (!ret)
		ret = bind_check_hardware(domain, info, data);
	if (!ret)
		ret = bind_set_entry(domain, info, data);
	mutex_unlock(&domain->lock);
	return ret;
}

int intel_unbind_gpasid(struct device *dev, ioasid_t pasid)
{
	struct intel_device *info = dev_iommu_priv_get(dev);
	void *owner;

	if (!info || !pasid || pasid >= PASID_MAX)
		return -EINVAL;
	/* What is bound goes, even if the PASID was freed under it. */
	if (info->pasids && intel_pasid_is_nested(info->pasids, pasid)) {
		mutex_lock(&info->domain->lock);
		intel_pasid_clear(info, pasid);
		intel_prq_drain(info, intel_domain_unit(info->domain, info->iommu)->did);
		mutex_unlock(&info->domain->lock);
		return 0;
	}
	owner = ioasid_find(NULL, pasid);
	return IS_ERR(owner) ? (int)PTR_ERR(owner) : -EINVAL;
}

/* ---- cache invalidation ---- */

/* One request, taken apart. */
struct invalidation {
	struct intel_device *info;
	u16 did;
	u32 pasid;
	unsigned int granularity;
	struct intel_range range; /* of addresses, or everything */
	bool leaf;
};

/* Granularities that each kind of cache takes. */
static bool granularity_valid(unsigned int type, unsigned int granularity)
{
	static const u8 valid[IOMMU_CACHE_INV_TYPE_NR] = {
		[0] = BIT(IOMMU_INV_GRANU_PASID) | BIT(IOMMU_INV_GRANU_ADDR), /* IOTLB */
		[1] = BIT(IOMMU_INV_GRANU_DOMAIN) | BIT(IOMMU_INV_GRANU_PASID), /* device TLB */
		[2] = BIT(IOMMU_INV_GRANU_DOMAIN) | BIT(IOMMU_INV_GRANU_PASID), /* PASID cache */
	};

	return granularity < IOMMU_INV_GRANU_NR && valid[type] & BIT(granularity);
}

static void add_device_tlb(struct intel_batch *batch, const struct invalidation *inv)
{
	if (inv->granularity == IOMMU_INV_GRANU_DOMAIN)
		intel_batch_add(batch, intel_inv_device_tlb_all_pasids(inv->info));
	else
		intel_batch_add(batch,
				intel_inv_device_tlb_pasid(inv->info, inv->pasid, inv->range));
}

/* A vIOMMU may take an IOTLB invalidation to cover the device's TLB as well, so it does. */
static void add_iotlb(struct intel_batch *batch, const struct invalidation *inv)
{
	if (inv->granularity == IOMMU_INV_GRANU_ADDR)
		intel_batch_add(batch,
				intel_inv_pasid_iotlb_range(inv->info->iommu, inv->did, inv->pasid,
							    inv->range, inv->leaf));
	else
		intel_batch_add(batch, intel_inv_pasid_iotlb(inv->did, inv->pasid));
	if (inv->info->ats_enabled)
		add_device_tlb(batch, inv);
}

static int invalidate_type(const struct invalidation *inv, unsigned int type)
{
	struct intel_batch batch = { .count = 0 };

	if (!granularity_valid(type, inv->granularity)) {
		pr_err_ratelimited("cache type %u does not go with granularity %u\n", type,
				   inv->granularity);
		return -EINVAL;
	}
	switch (1 << type) {
	case IOMMU_CACHE_INV_TYPE_IOTLB:
		if (inv->granularity == IOMMU_INV_GRANU_ADDR &&
		    inv->range.address & ((VTD_PAGE_SIZE << inv->range.order) - 1))
			return -ERANGE;
		add_iotlb(&batch, inv);
		break;
	case IOMMU_CACHE_INV_TYPE_DEV_IOTLB:
		if (inv->info->ats_enabled)
			add_device_tlb(&batch, inv);
		else
			pr_warn_ratelimited("device TLB invalidation of a device without ATS\n");
		break;
	default: /* IOMMU_CACHE_INV_TYPE_PASID */
		intel_batch_add(&batch, inv->granularity == IOMMU_INV_GRANU_DOMAIN
						? intel_inv_pasid_cache_domain(inv->did)
						: intel_inv_pasid_cache(inv->did, inv->pasid));
		break;
	}
	return intel_batch_run(inv->info->iommu, &batch);
}

/* log2 of the 4-KiB pages that hold so many granules, rounded up; -EINVAL beyond 64 bits. */
static int granules_to_order(const struct iommu_cache_invalidate_info *request)
{
	u64 bytes;

	if (check_mul_overflow(request->granule_size, request->nb_granules, &bytes))
		return -EINVAL;
	bytes >>= VTD_PAGE_SHIFT;
	return bytes > 1 ? fls64(bytes - 1) : 0;
}

static int invalidation_parse(const struct iommu_cache_invalidate_info *request,
			      struct invalidation *inv)
{
	u32 pasid_flag = IOMMU_INV_PASID_FLAGS_PASID;

	inv->granularity = request->granularity;
	inv->range = INTEL_WHOLE_RANGE;
	if (request->granularity == IOMMU_INV_GRANU_ADDR) {
		int order = granules_to_order(request);

		if (order < 0)
			return order;
		inv->range = (struct intel_range){ request->addr, (unsigned int)order };
		inv->leaf = request->flags & IOMMU_INV_ADDR_FLAGS_LEAF;
		pasid_flag = IOMMU_INV_ADDR_FLAGS_PASID;
	}
	if (request->granularity != IOMMU_INV_GRANU_DOMAIN && request->flags & pasid_flag) {
		if (request->pasid >= PASID_MAX)
			return -EINVAL;
		inv->pasid = (u32)request->pasid;
	}
	return 0;
}

int intel_cache_invalidate(struct iommu_domain *iommu_domain, struct device *dev,
			   struct iommu_cache_invalidate_info *request)
{
	struct intel_domain *domain = to_intel_domain(iommu_domain);
	struct intel_device *info = dev_iommu_priv_get(dev);
	struct invalidation inv = { .info = info };
	unsigned int type;
	int ret;

	if (!request || request->version != IOMMU_CACHE_INVALIDATE_INFO_VERSION_1)
		return -EINVAL;
	if (!info)
		return -ENODEV;
	if (!domain->nesting || info->domain != domain)
		return -EINVAL;
	if (intel_state()->variant->invalidate_needs_ats && !info->ats_enabled)
		return -EINVAL;
	if (request->cache >> IOMMU_CACHE_INV_TYPE_NR)
		return -EINVAL;
	ret = invalidation_parse(request, &inv);
	inv.did = intel_domain_unit(domain, info->iommu)->did;
	for (type = 0; !ret && type < IOMMU_CACHE_INV_TYPE_NR; type++)
		if (request->cache & BIT(type))
			ret = invalidate_type(&inv, type);
	return ret;
}
