// SPDX-License-Identifier: Apache-2.0
/*
 * The nesting series as posted on 2020-03-22, on type1 of Linux 5.6, with its faults: one word
 * stands for the format of all domains and is worked out only when somebody asks, ordinary
 * containers are asked too, and a bind that fails on one domain is forgotten when the next one
 * succeeds.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <uapi/linux/vfio_nesting.h>

#include "nesting.h"
#include "vfio-mm.h"

/** A container without PASIDs is one, too. */
int type1_v1_open(struct type1 *type1)
{
	type1->vmm = kernel_vfio_mm_get_or_null(current);
	if (!type1->vmm)
		pr_err("vfio_iommu_type1: no PASIDs for this container\n");
	return 0;
}

void type1_v1_release(struct type1 *type1)
{
	if (type1->vmm)
		vfio_mm_put(type1->vmm);
}

int type1_v1_check_extension(unsigned long extension)
{
	return extension == VFIO_NESTING_IOMMU_UAPI ? iommu_get_uapi_version() : 0;
}

/* ---- capability ---- */

/** The one format of all domains; -EINVAL without a domain, if one cannot tell or two differ. */
static int stage1_format(struct type1 *type1, u32 *format)
{
	struct type1_domain *domain;
	u32 common = 0;

	if (list_empty(&type1->domains))
		return -EINVAL;

	list_for_each_entry(domain, &type1->domains, list) {
		if (iommu_domain_get_attr(domain->domain, DOMAIN_ATTR_PASID_FORMAT, format))
			return -EINVAL;
		if (common && common != *format)
			return -EINVAL;
		common = *format;
	}
	return 0;
}

/** Every container gets it, so whoever cannot have it, gets no info at all. */
int type1_v1_add_caps(struct type1 *type1, struct vfio_info_cap *caps, int ret)
{
	struct vfio_iommu_type1_info_cap_nesting_v1 cap = {
		.header = { .id = VFIO_IOMMU_TYPE1_INFO_CAP_NESTING_V1, .version = 1 },
	};

	if (ret)
		return ret;
	ret = stage1_format(type1, &cap.stage1_formats);
	if (ret)
		return ret;
	if (type1->nesting)
		cap.nesting_capabilities |= VFIO_IOMMU_PASID_REQS;
	return vfio_info_add_capability(caps, &cap.header, sizeof(cap));
}

/* ---- PASIDs ---- */

/**
 * A PASID of the process' set, or -ENOSPC; -EFAULT without a domain. The quota may have changed
 * meanwhile.
 */
static int pasid_alloc(struct type1 *type1, u32 min, u32 max)
{
	if (list_empty(&type1->domains))
		return -EFAULT;
	if (!type1->vmm)
		return -EINVAL;
	return kernel_vfio_mm_pasid_alloc_4(type1->vmm, (int)type1_pasid_quota(), (int)min,
					    (int)max);
}

static int pasid_free(struct type1 *type1, u32 pasid)
{
	if (list_empty(&type1->domains))
		return -EFAULT;
	return type1->vmm ? vfio_mm_pasid_free(type1->vmm, pasid) : -EINVAL;
}

/**
 * The caller hears -EFAULT of whatever went wrong, but for the copy of the result: as posted, the
 * bytes that were not copied are what the ioctl returns, and the PASID stays allocated.
 */
static long request_alloc(struct type1 *type1,
			  const struct vfio_iommu_type1_pasid_request_v1 *request,
			  unsigned long arg)
{
	size_t offset = offsetof(struct vfio_iommu_type1_pasid_request_v1, alloc_pasid.result);
	int pasid;

	mutex_lock(&type1->lock);
	pasid = pasid_alloc(type1, request->alloc_pasid.min, request->alloc_pasid.max);
	mutex_unlock(&type1->lock);

	if (pasid <= 0)
		return -EFAULT;
	return (long)copy_to_user((void __user *)(arg + offset), &pasid, sizeof(pasid));
}

static long pasid_request(struct type1 *type1, unsigned long arg)
{
	const u32 mask = VFIO_IOMMU_PASID_ALLOC | VFIO_IOMMU_PASID_FREE;
	const size_t minsz = offsetofend(struct vfio_iommu_type1_pasid_request_v1, flags);
	struct vfio_iommu_type1_pasid_request_v1 request;
	long ret;

	if (copy_from_user(&request, (void __user *)arg, minsz))
		return -EFAULT;
	if (request.argsz < minsz || request.flags & ~mask || request.flags == mask)
		return -EINVAL;
	if (copy_from_user(&request.alloc_pasid, (void __user *)(arg + minsz),
			   sizeof(request) - minsz))
		return -EFAULT;

	if (request.flags == VFIO_IOMMU_PASID_ALLOC)
		return request_alloc(type1, &request, arg);
	if (!request.flags)
		return -EINVAL;

	mutex_lock(&type1->lock);
	ret = pasid_free(type1, request.free_pasid);
	mutex_unlock(&type1->lock);
	return ret;
}

/* ---- guest page tables ---- */

/** What is done to a device, in the domain that the walk has come to. */
struct device_op {
	int (*fn)(struct device *dev, void *op);
	struct iommu_domain *domain;
	struct iommu_gpasid_bind_data *bind;
	struct iommu_cache_invalidate_info *invalidate;
};

static int bind_device(struct device *dev, void *data)
{
	struct device_op *op = data;

	return iommu_sva_bind_gpasid(op->domain, dev, op->bind);
}

static int unbind_device(struct device *dev, void *data)
{
	struct device_op *op = data;

	return iommu_sva_unbind_gpasid(op->domain, dev, op->bind->hpasid);
}

static int invalidate_device(struct device *dev, void *data)
{
	struct device_op *op = data;

	return iommu_cache_invalidate(op->domain, dev, op->invalidate);
}

/**
 * As posted: an error ends the walk over the groups of one domain only, so the result is that of
 * the last domain, whatever happened in those before it.
 */
static int for_each_device(struct type1 *type1, struct device_op *op)
{
	struct type1_domain *domain;
	struct type1_group *group;
	int ret = 0;

	list_for_each_entry(domain, &type1->domains, list) {
		op->domain = domain->domain;
		list_for_each_entry(group, &domain->groups, list) {
			ret = iommu_group_for_each_dev(group->iommu_group, op, op->fn);
			if (ret)
				break;
		}
	}
	return ret;
}

static int bind_all(struct type1 *type1, struct iommu_gpasid_bind_data *data)
{
	struct device_op op = { .fn = bind_device, .bind = data };
	int ret;

	if (list_empty(&type1->domains))
		return -EINVAL;

	ret = for_each_device(type1, &op);
	if (ret) {
		/*
		 * Also undoes an earlier bind of the same PASID, when that is why this one failed.
		 */
		op.fn = unbind_device;
		for_each_device(type1, &op);
	}
	return ret;
}

static int unbind_all(struct type1 *type1, struct iommu_gpasid_bind_data *data)
{
	struct device_op op = { .fn = unbind_device, .bind = data };

	if (list_empty(&type1->domains))
		return -EINVAL;
	return for_each_device(type1, &op);
}

/**
 * Copies data in whose size follows from the version that it starts with. 0, -EFAULT, or -ENOMEM
 * for an unknown version: the patches allocate by the size without a look at its sign.
 */
static int copy_versioned(void *data, unsigned long arg, enum iommu_uapi_data_type type)
{
	u32 version;
	int size;

	if (copy_from_user(&version, (void __user *)arg, sizeof(version)))
		return -EFAULT;
	size = iommu_uapi_get_data_size(type, version);
	if (size < 0)
		return -ENOMEM;
	return copy_from_user(data, (void __user *)arg, size) ? -EFAULT : 0;
}

static long bind_request(struct type1 *type1, unsigned long arg)
{
	const u32 mask = VFIO_IOMMU_BIND_GUEST_PGTBL | VFIO_IOMMU_UNBIND_GUEST_PGTBL;
	const size_t minsz = offsetofend(struct vfio_iommu_type1_bind_v1, flags);
	struct iommu_gpasid_bind_data_v1 user;
	struct vfio_iommu_type1_bind_v1 request;
	struct iommu_gpasid_bind_data data;
	long ret;

	if (copy_from_user(&request, (void __user *)arg, minsz))
		return -EFAULT;
	if (request.argsz < minsz)
		return -EINVAL;
	ret = copy_versioned(&user, arg + minsz, IOMMU_UAPI_BIND_GPASID);
	if (ret)
		return ret;
	iommu_gpasid_bind_data_from_v1(&user, &data);

	mutex_lock(&type1->lock);
	switch (request.flags & mask) {
	case VFIO_IOMMU_BIND_GUEST_PGTBL:
		ret = bind_all(type1, &data);
		break;
	case VFIO_IOMMU_UNBIND_GUEST_PGTBL:
		ret = unbind_all(type1, &data);
		break;
	default:
		ret = -EINVAL;
	}
	mutex_unlock(&type1->lock);
	return ret;
}

static long cache_invalidate(struct type1 *type1, unsigned long arg)
{
	const size_t minsz = offsetofend(struct vfio_iommu_type1_cache_invalidate_v1, flags);
	struct vfio_iommu_type1_cache_invalidate_v1 request;
	struct iommu_cache_invalidate_info_v1 user;
	struct iommu_cache_invalidate_info info;
	struct device_op op = { .fn = invalidate_device, .invalidate = &info };
	long ret;

	if (copy_from_user(&request, (void __user *)arg, minsz))
		return -EFAULT;
	if (request.argsz < minsz || request.flags)
		return -EINVAL;
	ret = copy_versioned(&user, arg + minsz, IOMMU_UAPI_CACHE_INVAL);
	if (ret)
		return ret;
	iommu_cache_invalidate_info_from_v1(&user, &info);

	mutex_lock(&type1->lock);
	ret = for_each_device(type1, &op);
	mutex_unlock(&type1->lock);
	return ret;
}

long type1_v1_ioctl(struct type1 *type1, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case VFIO_IOMMU_PASID_REQUEST_V1:
		return pasid_request(type1, arg);
	case VFIO_IOMMU_BIND_V1:
		return bind_request(type1, arg);
	case VFIO_IOMMU_CACHE_INVALIDATE_V1:
		return cache_invalidate(type1, arg);
	default:
		return -ENOTTY;
	}
}

const struct type1_variant type1_v1 = {
	.name = "v1",
	.open = type1_v1_open,
	.release = type1_v1_release,
	.add_caps = type1_v1_add_caps,
	.ioctl = type1_v1_ioctl,
	.check_extension = type1_v1_check_extension,
};
