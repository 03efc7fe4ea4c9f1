// SPDX-License-Identifier: Apache-2.0
/*
 * Version 1 with what its review asked for (Kevin Tian, 2020-04-01): a group is let into a nesting
 * container only if its IOMMU has the stage-1 format of those that are in it.
 */
#include <linux/errno.h>

#include "nesting.h"

/** Whether two domains both tell their format and tell the same. */
static bool same_format(struct iommu_domain *a, struct iommu_domain *b)
{
	u32 format_a = 0, format_b = 0;

	return !iommu_domain_get_attr(a, DOMAIN_ATTR_PASID_FORMAT, &format_a) &&
	       !iommu_domain_get_attr(b, DOMAIN_ATTR_PASID_FORMAT, &format_b) &&
	       format_a == format_b;
}

/**
 * The first group is fine whatever its format: nothing that user space holds can be contradicted.
 */
static int attach_check(struct type1 *type1, struct iommu_domain *added)
{
	struct type1_domain *domain;

	if (!type1->nesting)
		return 0;
	list_for_each_entry(domain, &type1->domains, list) {
		if (!same_format(domain->domain, added))
			return -EINVAL;
	}
	return 0;
}

const struct type1_variant type1_v1_attach_check = {
	.name = "v1-attach-check",
	.open = type1_v1_open,
	.release = type1_v1_release,
	.attach_check = attach_check,
	.add_caps = type1_v1_add_caps,
	.ioctl = type1_v1_ioctl,
	.check_extension = type1_v1_check_extension,
};
