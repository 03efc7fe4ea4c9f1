// SPDX-License-Identifier: Apache-2.0
/*
 * IOMMU core, guest page tables: hands binds and invalidations to the driver, and turns the two
 * user ABIs of the nesting series into the core's own structs. Version 1's data is copied in by
 * VFIO and checked by the driver; version 7 sends the user pointer down to here.
 */
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <uapi/linux/vfio_nesting.h>

#include "iommu-internal.h"

/* Formats run from 0 (none) to the last one that is known. */
#define IOMMU_PASID_FORMAT_LAST (IOMMU_PASID_FORMAT_INTEL_VTD + 1)

int iommu_sva_bind_gpasid(struct iommu_domain *domain, struct device *dev,
			  struct iommu_gpasid_bind_data *data)
{
	if (!domain->ops->sva_bind_gpasid)
		return -ENODEV;
	return domain->ops->sva_bind_gpasid(domain, dev, data);
}

int iommu_sva_unbind_gpasid(struct iommu_domain *domain, struct device *dev, ioasid_t pasid)
{
	if (!domain->ops->sva_unbind_gpasid)
		return -ENODEV;
	return domain->ops->sva_unbind_gpasid(dev, pasid);
}

int iommu_cache_invalidate(struct iommu_domain *domain, struct device *dev,
			   struct iommu_cache_invalidate_info *info)
{
	if (!domain->ops->cache_invalidate)
		return -ENODEV;
	return domain->ops->cache_invalidate(domain, dev, info);
}

/* ---- version 1 ---- */

int iommu_get_uapi_version(void)
{
	return IOMMU_UAPI_VERSION;
}

int iommu_uapi_get_data_size(int type, int version)
{
	if (version != IOMMU_UAPI_VERSION)
		return -EINVAL;
	switch (type) {
	case IOMMU_UAPI_BIND_GPASID:
		return sizeof(struct iommu_gpasid_bind_data_v1);
	case IOMMU_UAPI_CACHE_INVAL:
		return sizeof(struct iommu_cache_invalidate_info_v1);
	default:
		return -EINVAL;
	}
}

void iommu_gpasid_bind_data_from_v1(const struct iommu_gpasid_bind_data_v1 *user,
				    struct iommu_gpasid_bind_data *data)
{
	*data = (struct iommu_gpasid_bind_data){
		.version = user->version,
		.format = user->format,
		.flags = user->flags,
		.gpgd = user->gpgd,
		.hpasid = user->hpasid,
		.gpasid = user->gpasid,
		.addr_width = user->addr_width,
		.vtd_flags = user->vtd.flags,
		.vtd_pat = user->vtd.pat,
		.vtd_emt = user->vtd.emt,
	};
}

/*
 * Both versions have the same union at their end; granularity says which of its members was
 * filled.
 */
static void iommu_cache_invalidate_granule(struct iommu_cache_invalidate_info *info,
					   const struct iommu_inv_pasid_info *pasid,
					   const struct iommu_inv_addr_info *addr)
{
	if (info->granularity == IOMMU_INV_GRANU_PASID) {
		info->flags = pasid->flags;
		info->archid = pasid->archid;
		info->pasid = pasid->pasid;
	} else if (info->granularity == IOMMU_INV_GRANU_ADDR) {
		info->flags = addr->flags;
		info->archid = addr->archid;
		info->pasid = addr->pasid;
		info->addr = addr->addr;
		info->granule_size = addr->granule_size;
		info->nb_granules = addr->nb_granules;
	}
}

void iommu_cache_invalidate_info_from_v1(const struct iommu_cache_invalidate_info_v1 *user,
					 struct iommu_cache_invalidate_info *info)
{
	*info = (struct iommu_cache_invalidate_info){
		.version = user->version,
		.cache = user->cache,
		.granularity = user->granularity,
	};
	iommu_cache_invalidate_granule(info, &user->pasid_info, &user->addr_info);
}

/* ---- version 7 ---- */

/* A struct that user space hands over: argsz first, everything up to mandatory must be there. */
struct user_struct {
	void __user *from;
	void *to; /* zeroed by the caller, so that what user space leaves out reads as zero */
	size_t mandatory; /* bytes */
	size_t size; /* bytes that this kernel knows; user space may know more */
};

/*
 * Copies it and returns 0, or -EFAULT, or -EINVAL if argsz says that mandatory fields are missing.
 */
static int copy_user_struct(const struct user_struct *s)
{
	u32 argsz;

	if (copy_from_user(s->to, s->from, s->mandatory))
		return -EFAULT;
	memcpy(&argsz, s->to, sizeof(argsz));
	if (argsz < s->mandatory)
		return -EINVAL;
	if (copy_from_user((char *)s->to + s->mandatory, (char __user *)s->from + s->mandatory,
			   min_t(size_t, argsz, s->size) - s->mandatory))
		return -EFAULT;
	return 0;
}

static bool all_zero(const u8 *bytes, size_t len)
{
	while (len--)
		if (*bytes++)
			return false;
	return true;
}

static int iommu_copy_bind_data(void __user *udata, struct iommu_gpasid_bind_data *data)
{
	struct iommu_gpasid_bind_data_v7 user = { 0 };
	int ret;

	ret = copy_user_struct(&(struct user_struct){
		.from = udata,
		.to = &user,
		.mandatory = offsetof(struct iommu_gpasid_bind_data_v7, vendor),
		.size = sizeof(user),
	});
	if (ret)
		return ret;
	if (user.version != IOMMU_GPASID_BIND_VERSION_1 || user.format >= IOMMU_PASID_FORMAT_LAST ||
	    user.flags & ~IOMMU_SVA_GPASID_VAL || !all_zero(user.padding, sizeof(user.padding)))
		return -EINVAL;
	*data = (struct iommu_gpasid_bind_data){
		.version = user.version,
		.format = user.format,
		.flags = user.flags,
		.gpgd = user.gpgd,
		.hpasid = user.hpasid,
		.gpasid = user.gpasid,
		.addr_width = user.addr_width,
		.vtd_flags = user.vendor.vtd.flags,
		.vtd_pat = user.vendor.vtd.pat,
		.vtd_emt = user.vendor.vtd.emt,
	};
	return 0;
}

int iommu_uapi_sva_bind_gpasid(struct iommu_domain *domain, struct device *dev, void __user *udata)
{
	struct iommu_gpasid_bind_data data;
	int ret;

	if (!domain->ops->sva_bind_gpasid)
		return -ENODEV;
	ret = iommu_copy_bind_data(udata, &data);
	if (ret)
		return ret;
	return iommu_sva_bind_gpasid(domain, dev, &data);
}

int iommu_uapi_sva_unbind_gpasid(struct iommu_domain *domain, struct device *dev,
				 void __user *udata)
{
	struct iommu_gpasid_bind_data data;
	int ret;

	if (!domain->ops->sva_unbind_gpasid)
		return -ENODEV;
	ret = iommu_copy_bind_data(udata, &data);
	if (ret)
		return ret;
	return iommu_sva_unbind_gpasid(domain, dev, data.hpasid);
}

/* What a granularity needs of the union, and forbids. */
struct granularity_rule {
	size_t argsz; /* least bytes of the whole struct */
	u32 flags; /* that are known */
	u8 caches_refused; /* IOMMU_CACHE_INV_TYPE_* */
};

static const struct granularity_rule granularity_rules[IOMMU_INV_GRANU_NR] = {
	[IOMMU_INV_GRANU_DOMAIN] = {
		.argsz = offsetof(struct iommu_cache_invalidate_info_v7, granu),
		.flags = ~0U,
		.caches_refused = IOMMU_CACHE_INV_TYPE_DEV_IOTLB,
	},
	[IOMMU_INV_GRANU_PASID] = {
		.argsz = offsetof(struct iommu_cache_invalidate_info_v7, granu) +
			 sizeof(struct iommu_inv_pasid_info),
		.flags = IOMMU_INV_PASID_FLAGS_PASID | IOMMU_INV_PASID_FLAGS_ARCHID,
	},
	[IOMMU_INV_GRANU_ADDR] = {
		.argsz = sizeof(struct iommu_cache_invalidate_info_v7),
		.flags = IOMMU_INV_ADDR_FLAGS_PASID | IOMMU_INV_ADDR_FLAGS_ARCHID |
			 IOMMU_INV_ADDR_FLAGS_LEAF,
		.caches_refused = IOMMU_CACHE_INV_TYPE_PASID,
	},
};

static int iommu_check_cache_invalidate(const struct iommu_cache_invalidate_info_v7 *user)
{
	const struct granularity_rule *rule;

	if (user->granularity >= IOMMU_INV_GRANU_NR)
		return -EINVAL;
	rule = &granularity_rules[user->granularity];
	if (user->argsz < rule->argsz || user->version != IOMMU_CACHE_INVALIDATE_INFO_VERSION_1)
		return -EINVAL;
	if (user->cache & ~((1 << IOMMU_CACHE_INV_TYPE_NR) - 1) ||
	    user->cache & rule->caches_refused)
		return -EINVAL;
	/* flags stand first in both members of the union. */
	if (user->granu.addr_info.flags & ~rule->flags)
		return -EINVAL;
	return all_zero(user->padding, sizeof(user->padding)) ? 0 : -EINVAL;
}

int iommu_uapi_cache_invalidate(struct iommu_domain *domain, struct device *dev, void __user *uinfo)
{
	struct iommu_cache_invalidate_info_v7 user = { 0 };
	struct iommu_cache_invalidate_info info;
	int ret;

	if (!domain->ops->cache_invalidate)
		return -ENODEV;
	ret = copy_user_struct(&(struct user_struct){
		.from = uinfo,
		.to = &user,
		.mandatory = offsetof(struct iommu_cache_invalidate_info_v7, granu),
		.size = sizeof(user),
	});
	if (!ret)
		ret = iommu_check_cache_invalidate(&user);
	if (ret)
		return ret;
	info = (struct iommu_cache_invalidate_info){
		.version = user.version,
		.cache = user.cache,
		.granularity = user.granularity,
	};
	iommu_cache_invalidate_granule(&info, &user.granu.pasid_info, &user.granu.addr_info);
	return iommu_cache_invalidate(domain, dev, &info);
}
