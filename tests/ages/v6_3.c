// SPDX-License-Identifier: Apache-2.0
/*
 * What type1 of Linux 6.3 and 6.4 uses: iommu_map() with what to allocate, isolated messages of a
 * group.
 */
#include <linux/iommu.h>
#include <linux/mm.h>

#include "age.h"

long age_v6_3(struct age_run *run)
{
	struct iommu_domain *domain = iommu_domain_alloc(run->dev->bus);

	AGE_CHECK(domain);
	AGE_CHECK(iommu_map(domain, 0, 0x100000000ULL, PAGE_SIZE, IOMMU_READ | IOMMU_WRITE,
			    GFP_KERNEL_ACCOUNT) == 0);
	AGE_CHECK(iommu_map(domain, 1, 0, PAGE_SIZE, IOMMU_READ, GFP_KERNEL) == -EINVAL);
	AGE_CHECK(iommu_iova_to_phys(domain, 0) == 0x100000000ULL);
	AGE_CHECK(iommu_unmap(domain, 0, PAGE_SIZE) == PAGE_SIZE);
	iommu_domain_free(domain);
	AGE_CHECK(iommu_group_has_isolated_msi(run->group));
	return 0;
}
