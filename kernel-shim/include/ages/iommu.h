/* SPDX-License-Identifier: Apache-2.0 */
/*
 * <linux/iommu.h> as trees of 5.6 and later spell it, and the series' bind and invalidation with
 * the tree's own structs. Behaviour is iommu/compat.c's and iommu/compat-nesting.c's, which see
 * the declarations alone.
 */
#ifndef _SHIM_AGES_IOMMU_H
#define _SHIM_AGES_IOMMU_H

#include <ages/age.h>
#include <ages/ioasid.h>
#include <ages/vfio-mm.h>
#include <linux/types.h>

struct device;
struct iommu_domain;
struct iommu_group;

/* ---- domains and devices ---- */

/** Since 6.11: a domain for the device, ERR_PTR(-ENODEV) without IOMMU, ERR_PTR(-ENOMEM). */
struct iommu_domain *iommu_paging_domain_alloc(struct device *dev);

/** No flag is modelled: ERR_PTR(-EOPNOTSUPP). */
struct iommu_domain *iommu_paging_domain_alloc_flags(struct device *dev, unsigned int flags);

/** For the one device of a group; -EINVAL if there are more, -ENODEV without group. */
int iommu_attach_device(struct iommu_domain *domain, struct device *dev);
void iommu_detach_device(struct iommu_domain *domain, struct device *dev);

void iommu_get_resv_regions(struct device *dev, struct list_head *list);

/** Since 6.3: can no device of the group write another's interrupt? */
bool iommu_group_has_isolated_msi(struct iommu_group *group);

/*
 * Guest page tables. The layout, where the structs of both versions differ, tells which one a tree
 * has: offset of addr_width in bind data, of cache in an invalidation.
 */
int kernel_tree_bind(struct iommu_domain *domain, struct device *dev, const void *data,
		     size_t layout);
int kernel_tree_unbind_data(struct iommu_domain *domain, struct device *dev, const void *data,
			    size_t layout);
int kernel_tree_unbind_pasid(struct iommu_domain *domain, struct device *dev, u64 pasid,
			     size_t layout);
int kernel_tree_invalidate(struct iommu_domain *domain, struct device *dev, const void *info,
			   size_t layout);
int kernel_tree_uapi_version(void);
int kernel_tree_uapi_data_size(int type, int version);

#ifdef LINUX_VERSION_CODE

/* ---- mapping: with what to allocate since 6.3 ---- */

#define iommu_map(...) KERNEL_BY_COUNT(kernel_iommu_map_, __VA_ARGS__)(__VA_ARGS__)
#define kernel_iommu_map_5(domain, iova, paddr, size, prot) \
	(iommu_map)(domain, iova, paddr, size, prot)
#define kernel_iommu_map_6(domain, iova, paddr, size, prot, gfp) \
	((void)(gfp), (iommu_map)(domain, iova, paddr, size, prot))
#define iommu_map_atomic(domain, iova, paddr, size, prot) \
	(iommu_map)(domain, iova, paddr, size, prot)
#define iommu_map_nosync(domain, iova, paddr, size, prot, gfp) \
	iommu_map(domain, iova, paddr, size, prot, gfp)
#define iommu_sync_map(domain, iova, size) ((void)(domain), (void)(iova), (void)(size), 0)
#define iommu_tlb_range_add(domain, iova, size) ((void)(domain), (void)(iova), (void)(size))

/* ---- features of devices: no driver here has any ---- */

enum iommu_dev_features {
	IOMMU_DEV_FEAT_AUX,
	IOMMU_DEV_FEAT_SVA,
	IOMMU_DEV_FEAT_IOPF,
};

#define iommu_dev_has_feature(dev, feature) ((void)(dev), (void)(feature), false)
#define iommu_dev_feature_enabled(dev, feature) ((void)(dev), (void)(feature), false)
#define iommu_dev_enable_feature(dev, feature) ((void)(dev), (void)(feature), -ENODEV)
#define iommu_dev_disable_feature(dev, feature) ((void)(dev), (void)(feature), -EBUSY)
#define iommu_aux_attach_device(domain, dev) \
	((void)(domain), (void)(dev), shim_not_modelled("iommu_aux_attach_device"), 0)
#define iommu_aux_detach_device(domain, dev) \
	((void)(domain), (void)(dev), shim_not_modelled("iommu_aux_detach_device"))
#define iommu_aux_get_pasid(domain, dev) \
	((void)(domain), (void)(dev), shim_not_modelled("iommu_aux_get_pasid"), 0)

/* ---- guest page tables, with the tree's own structs ---- */

#define kernel_bind_layout offsetof(struct iommu_gpasid_bind_data, addr_width)
#define kernel_invalidate_layout offsetof(struct iommu_cache_invalidate_info, cache)

#define iommu_sva_bind_gpasid(domain, dev, data) \
	kernel_tree_bind(domain, dev, data, kernel_bind_layout)
#define iommu_sva_unbind_gpasid(domain, dev, what) \
	_Generic((what), void *                                                            \
		 : kernel_tree_unbind_data, struct iommu_gpasid_bind_data *                \
		 : kernel_tree_unbind_data, const struct iommu_gpasid_bind_data *          \
		 : kernel_tree_unbind_data, default                                        \
		 : kernel_tree_unbind_pasid)(domain, dev, what, kernel_bind_layout)
#define iommu_cache_invalidate(domain, dev, info) \
	kernel_tree_invalidate(domain, dev, info, kernel_invalidate_layout)

/* Version 7 asks for its nesting info by the attribute that others only set, as an int. */
#define iommu_domain_get_attr(domain, attr, data) \
	(iommu_domain_get_attr)(                                                       \
		domain,                                                                \
		_Generic((data), int * : (attr), default : kernel_attr_to_get(attr)), \
		data)
#define kernel_attr_to_get(attr) ((attr) == DOMAIN_ATTR_NESTING ? DOMAIN_ATTR_NESTING_INFO : (attr))

/* Version 1 has these in iommu.c or in its uapi header, as functions and an enum. */
#define iommu_get_uapi_version() kernel_tree_uapi_version()
#define iommu_uapi_get_data_size(type, version) kernel_tree_uapi_data_size(type, version)
#define IOMMU_UAPI_BIND_GPASID 0
#define IOMMU_UAPI_CACHE_INVAL 1

#endif /* LINUX_VERSION_CODE */

#endif
