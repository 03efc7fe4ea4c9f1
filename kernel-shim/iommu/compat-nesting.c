// SPDX-License-Identifier: Apache-2.0
/*
 * IOMMU core, guest page tables for a tree's own code: the structs of its uapi header, of either
 * version, become the core's.
 */
#include <ages/iommu.h>
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <uapi/linux/vfio_nesting.h>

static int bind_data_of_tree(struct iommu_gpasid_bind_data *data, const void *user, size_t layout)
{
	const struct iommu_gpasid_bind_data_v7 *v7 = user;

	if (layout == offsetof(struct iommu_gpasid_bind_data_v1, addr_width)) {
		iommu_gpasid_bind_data_from_v1(user, data);
		return 0;
	}
	if (layout != offsetof(struct iommu_gpasid_bind_data_v7, addr_width))
		return -EINVAL;
	*data = (struct iommu_gpasid_bind_data){
		.version = v7->version,
		.format = v7->format,
		.flags = v7->flags,
		.gpgd = v7->gpgd,
		.hpasid = v7->hpasid,
		.gpasid = v7->gpasid,
		.addr_width = v7->addr_width,
		.vtd_flags = v7->vendor.vtd.flags,
		.vtd_pat = v7->vendor.vtd.pat,
		.vtd_emt = v7->vendor.vtd.emt,
	};
	return 0;
}

int kernel_tree_bind(struct iommu_domain *domain, struct device *dev, const void *data,
		     size_t layout)
{
	struct iommu_gpasid_bind_data own;
	int ret;

	/* A driver is given what there is, so that no data is its error to tell. */
	if (!data)
		return iommu_sva_bind_gpasid(domain, dev, NULL);
	ret = bind_data_of_tree(&own, data, layout);
	return ret ? ret : iommu_sva_bind_gpasid(domain, dev, &own);
}

int kernel_tree_unbind_data(struct iommu_domain *domain, struct device *dev, const void *data,
			    size_t layout)
{
	struct iommu_gpasid_bind_data own;
	int ret = data ? bind_data_of_tree(&own, data, layout) : -EINVAL;

	return ret ? ret : iommu_sva_unbind_gpasid(domain, dev, (ioasid_t)own.hpasid);
}

int kernel_tree_unbind_pasid(struct iommu_domain *domain, struct device *dev, u64 pasid,
			     size_t layout)
{
	(void)layout;
	return iommu_sva_unbind_gpasid(domain, dev, (ioasid_t)pasid);
}

/* The structs of both versions differ in front of the union only. */
int kernel_tree_invalidate(struct iommu_domain *domain, struct device *dev, const void *info,
			   size_t layout)
{
	const struct iommu_cache_invalidate_info_v7 *v7 = info;
	struct iommu_cache_invalidate_info_v1 as_v1;
	struct iommu_cache_invalidate_info own;

	if (!info)
		return -EINVAL;
	if (layout == offsetof(struct iommu_cache_invalidate_info_v1, cache)) {
		iommu_cache_invalidate_info_from_v1(info, &own);
		return iommu_cache_invalidate(domain, dev, &own);
	}
	if (layout != offsetof(struct iommu_cache_invalidate_info_v7, cache))
		return -EINVAL;
	as_v1 = (struct iommu_cache_invalidate_info_v1){
		.version = v7->version,
		.cache = v7->cache,
		.granularity = v7->granularity,
		.addr_info = v7->granu.addr_info,
	};
	iommu_cache_invalidate_info_from_v1(&as_v1, &own);
	return iommu_cache_invalidate(domain, dev, &own);
}

int kernel_tree_uapi_version(void)
{
	return iommu_get_uapi_version();
}

int kernel_tree_uapi_data_size(int type, int version)
{
	return iommu_uapi_get_data_size(type, version);
}
