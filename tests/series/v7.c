// SPDX-License-Identifier: Apache-2.0
/*
 * What type1 of a 5.9 tree with version 7 of the nesting series uses beyond its age, over the
 * tree's own <linux/ioasid.h>.
 */
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/uaccess.h>

#include "../ages/age.h"

/* As the tree's <linux/vfio.h> declares them. */
#if IS_ENABLED(CONFIG_VFIO_PASID)
struct vfio_mm;
extern struct vfio_mm *vfio_mm_get_from_task(struct task_struct *task);
extern void vfio_mm_put(struct vfio_mm *vmm);
extern struct ioasid_set *vfio_mm_ioasid_set(struct vfio_mm *vmm);
extern int vfio_pasid_alloc(struct vfio_mm *vmm, int min, int max);
extern void vfio_pasid_free_range(struct vfio_mm *vmm, ioasid_t min, ioasid_t max);
extern int vfio_mm_for_each_pasid(struct vfio_mm *vmm, void *data,
				  void (*fn)(ioasid_t id, void *data));
extern void vfio_mm_pasid_lock(struct vfio_mm *vmm);
extern void vfio_mm_pasid_unlock(struct vfio_mm *vmm);
#endif

static void count(ioasid_t id, void *data)
{
	(void)id;
	++*(int *)data;
}

static long sets(void)
{
	struct ioasid_set *set = ioasid_set_alloc(&set, 1, IOASID_SET_TYPE_MM);
	int seen = 0;

	AGE_CHECK(!IS_ERR(set));
	ioasid_set_get(set);
	AGE_CHECK(ioasid_alloc(set, 1, 9, NULL) == 1);
	AGE_CHECK(ioasid_adjust_set(set, 2) == 0);
	AGE_CHECK(!IS_ERR(ioasid_find(set, 1, NULL)));
	AGE_CHECK(ioasid_set_for_each_ioasid(set, count, &seen) == 0 && seen == 1);
	AGE_CHECK(ioasid_find_mm_set((struct mm_struct *)&set) == set);
	ioasid_set_put(set);
	ioasid_free(set, 1);
	ioasid_set_put(set);
	ioasid_set_put(set);
	AGE_CHECK(!ioasid_find_mm_set((struct mm_struct *)&set));

	/* as it was called before */
	set = ioasid_alloc_set(&set, 1, IOASID_SET_TYPE_MM);
	AGE_CHECK(!IS_ERR(set));
	ioasid_free_set(set, true);
	return 0;
}

static long pasids_of_process(void)
{
	struct vfio_mm *vmm = vfio_mm_get_from_task(current);
	int seen = 0;

	AGE_CHECK(!IS_ERR(vmm) && vfio_mm_ioasid_set(vmm));
	AGE_CHECK(vfio_pasid_alloc(vmm, 10, 20) == 10);
	AGE_CHECK(vfio_pasid_alloc(vmm, 10, 20) == 11);
	AGE_CHECK(vfio_pasid_alloc(vmm, 10, 11) == -ENOSPC);
	vfio_pasid_free_range(vmm, 11, 300);
	vfio_mm_pasid_lock(vmm);
	vfio_mm_pasid_unlock(vmm);
	AGE_CHECK(vfio_mm_for_each_pasid(vmm, &seen, count) == 0 && seen == 1);
	vfio_mm_put(vmm);
	return 0;
}

struct bind_op {
	struct iommu_domain *domain;
	void __user *data;
	struct iommu_gpasid_bind_data *copy;
};

static int bind_device(struct device *dev, void *data)
{
	struct bind_op *op = data;

	return iommu_uapi_sva_bind_gpasid(op->domain, dev, op->data);
}

static int unbind_device(struct device *dev, void *data)
{
	struct bind_op *op = data;

	return iommu_uapi_sva_unbind_gpasid(op->domain, dev, op->data);
}

static int unbind_copy(struct device *dev, void *data)
{
	struct bind_op *op = data;

	return iommu_sva_unbind_gpasid(op->domain, dev, op->copy);
}

static int bind_copy(struct device *dev, void *data)
{
	struct bind_op *op = data;

	return iommu_sva_bind_gpasid(op->domain, dev, op->copy);
}

static long binds(struct age_run *run, struct iommu_domain *domain, int pasid)
{
	void __user *user = (void __user *)run->vaddr;
	struct iommu_gpasid_bind_data bind = {
		.argsz = sizeof(bind),
		.version = IOMMU_GPASID_BIND_VERSION_1,
		.format = IOMMU_PASID_FORMAT_INTEL_VTD,
		.flags = IOMMU_SVA_GPASID_VAL,
		.gpgd = 0, /* nothing is mapped, so nothing lies higher */
		.hpasid = (u64)pasid,
		.gpasid = 1,
		.addr_width = 48,
	};
	struct iommu_cache_invalidate_info info = {
		.argsz = sizeof(info),
		.version = IOMMU_CACHE_INVALIDATE_INFO_VERSION_1,
		.cache = IOMMU_CACHE_INV_TYPE_IOTLB,
		.granularity = IOMMU_INV_GRANU_PASID,
		.granu.pasid_info = { .flags = 1, .pasid = (u64)pasid },
	};
	struct bind_op op = { .domain = domain, .data = user, .copy = &bind };

	AGE_CHECK(copy_to_user(user, &bind, sizeof(bind)) == 0);
	AGE_CHECK(iommu_group_for_each_dev(run->group, &op, bind_device) == 0);
	AGE_CHECK(copy_to_user(user, &info, sizeof(info)) == 0);
	AGE_CHECK(iommu_uapi_cache_invalidate(domain, run->dev, user) == 0);
	AGE_CHECK(iommu_cache_invalidate(domain, run->dev, &info) == 0);
	AGE_CHECK(copy_to_user(user, &bind, sizeof(bind)) == 0);
	AGE_CHECK(iommu_group_for_each_dev(run->group, &op, unbind_device) == 0);
	AGE_CHECK(iommu_group_for_each_dev(run->group, &op, bind_copy) == 0);
	AGE_CHECK(iommu_group_for_each_dev(run->group, &op, unbind_copy) == 0);
	AGE_CHECK(iommu_sva_unbind_gpasid(domain, run->dev, (void *)NULL) == -EINVAL);
	AGE_CHECK(iommu_sva_bind_gpasid(domain, run->dev, NULL) == -EINVAL);
	AGE_CHECK(iommu_cache_invalidate(domain, run->dev, NULL) == -EINVAL);
	AGE_CHECK(iommu_sva_unbind_gpasid(domain, run->dev, (ioasid_t)pasid) != 0);
	return 0;
}

long series_v7(struct age_run *run)
{
	struct iommu_nesting_info info = { .argsz = sizeof(info) }, small = { 0 };
	struct iommu_domain *domain;
	struct vfio_mm *vmm;
	int attr = 1;
	long ret = sets();

	if (!ret)
		ret = pasids_of_process();
	if (ret)
		return ret;
	domain = iommu_domain_alloc(run->dev->bus);
	vmm = vfio_mm_get_from_task(current);
	AGE_CHECK(domain && !IS_ERR(vmm));
	AGE_CHECK(iommu_domain_set_attr(domain, DOMAIN_ATTR_NESTING, &attr) == 0);
	AGE_CHECK(iommu_attach_group(domain, run->group) == 0);
	AGE_CHECK(iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING, &small) == 0);
	AGE_CHECK(small.argsz == sizeof(info) && !small.format);
	AGE_CHECK(iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING, &info) == 0);
	AGE_CHECK(info.format == IOMMU_PASID_FORMAT_INTEL_VTD);
	AGE_CHECK(info.features & IOMMU_NESTING_FEAT_BIND_PGTBL);
	AGE_CHECK(iommu_domain_set_attr(domain, DOMAIN_ATTR_IOASID_SET, vfio_mm_ioasid_set(vmm)) ==
		  0);
	ret = binds(run, domain, vfio_pasid_alloc(vmm, 1, 1000));
	iommu_detach_group(domain, run->group);
	iommu_domain_free(domain);
	vfio_mm_put(vmm);
	return ret;
}
