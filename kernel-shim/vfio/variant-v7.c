// SPDX-License-Identifier: Apache-2.0
/*
 * The nesting series of 2020-09-10 on type1 of Linux 5.9: what nesting a container can do is read
 * once, at attach, and a nesting container has one group, so nothing can contradict it later.
 * Results of single devices in unbind and in cache invalidation get lost, as posted.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <uapi/linux/vfio_nesting.h>

#include "nesting.h"

/** The largest number that a PASID range may name. */
#define PASID_RANGE_MAX (1U << 31)

/* ---- attach and detach ---- */

static int attach_begin(struct type1 *type1)
{
	return type1->nesting && !list_empty(&type1->domains) ? -EINVAL : 0;
}

static void forget_nesting(struct type1 *type1)
{
	if (type1->pasids)
		ioasid_set_put(type1->pasids);
	type1->pasids = NULL;
	kfree(type1->nesting_info);
	type1->nesting_info = NULL;
}

static int read_nesting_info(struct type1 *type1, struct iommu_domain *domain)
{
	struct iommu_nesting_info *info = kzalloc(sizeof(*info), GFP_KERNEL);
	int ret;

	if (!info)
		return -ENOMEM;
	info->argsz = sizeof(*info);
	ret = iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING_INFO, info);
	if (ret) {
		kfree(info);
		return ret;
	}
	type1->nesting_info = info;
	return 0;
}

/**
 * PASIDs are numbers of the whole system, so the domain has to know which of them are the process'.
 */
static int set_pasids(struct type1 *type1, struct iommu_domain *domain)
{
	struct ioasid_set *pasids = type1_pasid_set_get();

	if (IS_ERR(pasids))
		return PTR_ERR(pasids);
	type1->pasids = pasids;
	return iommu_domain_set_attr(domain, DOMAIN_ATTR_IOASID_SET, pasids);
}

static int attach_check(struct type1 *type1, struct iommu_domain *domain)
{
	int ret;

	if (!type1->nesting)
		return 0;
	ret = read_nesting_info(type1, domain);
	if (!ret && type1->nesting_info->features & IOMMU_NESTING_FEAT_SYSWIDE_PASID)
		ret = set_pasids(type1, domain);
	return ret;
}

/** What is done to the devices of the container's only group. */
struct group_op {
	int (*fn)(struct device *dev, void *op);
	struct iommu_domain *domain;
	struct iommu_group *group;
	void __user *data;
	ioasid_t pasid;
};

static int unbind_pasid(struct device *dev, void *data)
{
	struct group_op *op = data;

	iommu_sva_unbind_gpasid(op->domain, dev, op->pasid);
	return 0;
}

static void unbind_pasid_of_group(ioasid_t pasid, void *data)
{
	struct group_op *op = data;

	op->pasid = pasid;
	iommu_group_for_each_dev(op->group, op, unbind_pasid);
}

static void detach_begin(struct type1 *type1, struct type1_domain *domain,
			 struct iommu_group *group)
{
	struct group_op op = { .domain = domain->domain, .group = group };

	if (type1->pasids)
		ioasid_set_for_each_ioasid(type1->pasids, unbind_pasid_of_group, &op);
}

/* ---- capability ---- */

/**
 * Its result is that of the whole info, even if something before it has failed; nothing to add
 * is 0.
 */
static int add_caps(struct type1 *type1, struct vfio_info_cap *caps, int ret)
{
	struct vfio_iommu_type1_info_cap_nesting_v7 cap = {
		.header = { .id = VFIO_IOMMU_TYPE1_INFO_CAP_NESTING_V7, .version = 1 },
	};

	(void)ret;
	if (!type1->nesting_info)
		return 0;
	if (!type1->nesting_info->format)
		return -ENOENT;
	cap.info = *type1->nesting_info;
	return vfio_info_add_capability(caps, &cap.header, sizeof(cap));
}

/* ---- PASIDs ---- */

/** A range of PASIDs to free. */
struct pasid_range {
	struct ioasid_set *set;
	u32 min;
	u32 max;
};

static void free_in_range(ioasid_t pasid, void *data)
{
	const struct pasid_range *range = data;

	if (pasid >= range->min && pasid <= range->max)
		ioasid_free(range->set, pasid);
}

static long pasid_request_locked(struct type1 *type1,
				 const struct vfio_iommu_type1_pasid_request_v7 *request)
{
	struct pasid_range range = { .min = request->range.min, .max = request->range.max };
	ioasid_t pasid;

	if (!type1->pasids)
		return -EOPNOTSUPP;

	switch (request->flags) {
	case VFIO_IOMMU_FLAG_ALLOC_PASID:
		pasid = ioasid_alloc(type1->pasids, range.min, range.max, NULL);
		return pasid == INVALID_IOASID ? -ENOSPC : (long)pasid;
	case VFIO_IOMMU_FLAG_FREE_PASID:
		range.set = type1->pasids;
		ioasid_set_for_each_ioasid(type1->pasids, free_in_range, &range);
		return 0;
	default: /* none or both */
		return -EINVAL;
	}
}

static long pasid_request(struct type1 *type1, unsigned long arg)
{
	const size_t minsz = offsetofend(struct vfio_iommu_type1_pasid_request_v7, range);
	struct vfio_iommu_type1_pasid_request_v7 request;
	long ret;

	if (copy_from_user(&request, (void __user *)arg, minsz))
		return -EFAULT;
	if (request.argsz < minsz ||
	    request.flags & ~(VFIO_IOMMU_FLAG_ALLOC_PASID | VFIO_IOMMU_FLAG_FREE_PASID))
		return -EINVAL;
	if (request.range.min > request.range.max || request.range.max > PASID_RANGE_MAX)
		return -EINVAL;

	mutex_lock(&type1->lock);
	ret = pasid_request_locked(type1, &request);
	mutex_unlock(&type1->lock);
	return ret;
}

/* ---- guest page tables ---- */

static int bind_device(struct device *dev, void *data)
{
	struct group_op *op = data;

	return iommu_uapi_sva_bind_gpasid(op->domain, dev, op->data);
}

static int unbind_device(struct device *dev, void *data)
{
	struct group_op *op = data;

	iommu_uapi_sva_unbind_gpasid(op->domain, dev, op->data);
	return 0;
}

static int invalidate_device(struct device *dev, void *data)
{
	struct group_op *op = data;

	iommu_uapi_cache_invalidate(op->domain, dev, op->data);
	return 0;
}

static int run(struct group_op *op, int (*fn)(struct device *dev, void *op))
{
	return iommu_group_for_each_dev(op->group, op, fn);
}

static long nesting_op_locked(struct type1 *type1, u32 flags, struct group_op *op)
{
	u32 features = type1->nesting_info->features;
	int ret;

	switch (flags) {
	case VFIO_IOMMU_NESTING_OP_BIND_PGTBL:
		if (!(features & IOMMU_NESTING_FEAT_BIND_PGTBL))
			return -EOPNOTSUPP;
		ret = run(op, bind_device);
		/*
		 * Also undoes an earlier bind of the same PASID, when that is why this one failed.
		 */
		if (ret)
			run(op, unbind_device);
		return ret;
	case VFIO_IOMMU_NESTING_OP_UNBIND_PGTBL:
		if (!(features & IOMMU_NESTING_FEAT_BIND_PGTBL))
			return -EOPNOTSUPP;
		return run(op, unbind_device);
	default:
		if (!(features & IOMMU_NESTING_FEAT_CACHE_INVLD))
			return -EOPNOTSUPP;
		return run(op, invalidate_device);
	}
}

static long nesting_op(struct type1 *type1, unsigned long arg)
{
	const size_t minsz = offsetofend(struct vfio_iommu_type1_nesting_op_v7, flags);
	struct vfio_iommu_type1_nesting_op_v7 request;
	struct type1_domain *domain;
	struct group_op op = { .data = (void __user *)(arg + minsz) };
	long ret = -EOPNOTSUPP;

	if (copy_from_user(&request, (void __user *)arg, minsz))
		return -EFAULT;
	if (request.argsz < minsz || request.flags > VFIO_IOMMU_NESTING_OP_CACHE_INVLD)
		return -EINVAL;

	mutex_lock(&type1->lock);
	if (type1->nesting_info) {
		domain = list_first_entry(&type1->domains, struct type1_domain, list);
		op.domain = domain->domain;
		op.group = list_first_entry(&domain->groups, struct type1_group, list)->iommu_group;
		ret = nesting_op_locked(type1, request.flags, &op);
	}
	mutex_unlock(&type1->lock);
	return ret;
}

static long variant_ioctl(struct type1 *type1, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case VFIO_IOMMU_PASID_REQUEST_V7:
		return pasid_request(type1, arg);
	case VFIO_IOMMU_NESTING_OP_V7:
		return nesting_op(type1, arg);
	default:
		return -ENOTTY;
	}
}

const struct type1_variant type1_v7 = {
	.name = "v7",
	.features = TYPE1_DIRTY_PAGES,
	.attach_begin = attach_begin,
	.attach_check = attach_check,
	.attach_undo = forget_nesting,
	.detach_begin = detach_begin,
	.last_detached = forget_nesting,
	.add_caps = add_caps,
	.ioctl = variant_ioctl,
};
