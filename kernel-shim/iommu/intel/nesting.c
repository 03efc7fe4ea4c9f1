// SPDX-License-Identifier: Apache-2.0
/*
 * Nesting mode of a domain and what the driver tells of it, by kernel variant. Binding guest page
 * tables to a domain in that mode is bind.c's.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <uapi/linux/vfio_nesting.h>

#include "intel.h"

/* The capabilities that a guest's first stage depends on: all that nesting info tells. */
#define NESTING_CAP (CAP_FS1GP | CAP_FS5LP)
#define NESTING_ECAP (ECAP_PRS | ECAP_ERS | ECAP_SRS | ECAP_EAFS | ECAP_PASID)

/* The last one also stands for kernels that are not built in. */
static const struct intel_variant variants[] = {
	{ .name = "upstream" },
	{ .name = "v1", .invalidate_needs_ats = true },
	{ .name = "v1-attach-check", .invalidate_needs_ats = true },
	{ .name = "v7", .units_must_agree = true },
	{ .name = "mainline" },
};

const struct intel_variant *intel_variant(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(variants) - 1; i++)
		if (name && !strcmp(variants[i].name, name))
			break;
	return &variants[i];
}

unsigned int intel_pasid_bits(void)
{
	unsigned int bits = PASID_BITS, n;
	struct intel_iommu *iommu;

	for_each_intel_iommu(iommu, n) if (iommu->scalable && (iommu->ecap & ECAP_PASID))
		bits = min_t(unsigned int, bits, FIELD_GET(ECAP_PSS, iommu->ecap) + 1);
	return bits;
}

/* Can every unit of the machine nest, and as alike as the variant wants them? */
static bool units_can_nest(void)
{
	const struct intel_iommu *first = NULL;
	struct intel_iommu *iommu;
	unsigned int n;

	for_each_intel_iommu(iommu, n)
	{
		if (!iommu->scalable || !(iommu->ecap & ECAP_NEST))
			return false;
		if (!first)
			first = iommu;
		if (intel_state()->variant->units_must_agree &&
		    (((first->cap ^ iommu->cap) & NESTING_CAP) ||
		     ((first->ecap ^ iommu->ecap) & NESTING_ECAP)))
			return false;
	}
	return true;
}

static int nesting_enable(struct intel_domain *domain)
{
	if (!list_empty(&domain->devices) || !units_can_nest())
		return -ENODEV;
	domain->nesting = true;
	return 0;
}

static int nesting_info(struct intel_domain *domain, struct iommu_nesting_info *info)
{
	const struct intel_iommu *iommu;

	if (!info)
		return -EINVAL;
	if (!domain->nesting || list_empty(&domain->devices) || !units_can_nest())
		return -ENODEV;
	/* A caller with too little room learns how much it takes. */
	if (info->argsz < sizeof(*info)) {
		info->argsz = sizeof(*info);
		return 0;
	}
	/* Any unit will do: nesting mode was not to be had if they differ in these bits. */
	iommu = list_first_entry(&domain->devices, struct intel_device, link)->iommu;
	*info = (struct iommu_nesting_info){
		.argsz = sizeof(*info),
		.format = IOMMU_PASID_FORMAT_INTEL_VTD,
		.features = IOMMU_NESTING_FEAT_SYSWIDE_PASID | IOMMU_NESTING_FEAT_BIND_PGTBL |
			    IOMMU_NESTING_FEAT_CACHE_INVLD,
		.addr_width = (__u16)domain->width,
		.pasid_bits = (__u16)intel_pasid_bits(),
		.vendor.vtd.cap_reg = iommu->cap & NESTING_CAP,
		.vendor.vtd.ecap_reg = iommu->ecap & NESTING_ECAP,
	};
	return 0;
}

int intel_domain_get_attr(struct iommu_domain *iommu_domain, enum iommu_attr attr, void *data)
{
	if (iommu_domain->type != IOMMU_DOMAIN_UNMANAGED)
		return -EINVAL;
	switch (attr) {
	case DOMAIN_ATTR_PASID_FORMAT:
		/* Told whatever the hardware can: that is what the series' patches do. */
		*(u32 *)data = IOMMU_PASID_FORMAT_INTEL_VTD;
		return 0;
	case DOMAIN_ATTR_NESTING_INFO:
		return nesting_info(to_intel_domain(iommu_domain), data);
	default:
		return -ENODEV;
	}
}

static int ioasid_set_attach(struct intel_domain *domain, struct ioasid_set *set)
{
	if (!domain->nesting)
		return -ENODEV;
	if (set)
		ioasid_set_get(set);
	if (domain->ioasid_set)
		ioasid_set_put(domain->ioasid_set);
	domain->ioasid_set = set;
	return 0;
}

int intel_domain_set_attr(struct iommu_domain *iommu_domain, enum iommu_attr attr, void *data)
{
	struct intel_domain *domain = to_intel_domain(iommu_domain);
	int ret;

	if (iommu_domain->type != IOMMU_DOMAIN_UNMANAGED)
		return -EINVAL;
	mutex_lock(&domain->lock);
	switch (attr) {
	case DOMAIN_ATTR_NESTING:
		ret = nesting_enable(domain);
		break;
	case DOMAIN_ATTR_IOASID_SET:
		ret = ioasid_set_attach(domain, data);
		break;
	default:
		ret = -EINVAL;
	}
	mutex_unlock(&domain->lock);
	return ret;
}
