// SPDX-License-Identifier: Apache-2.0
/*
 * What type1 of a 5.7 tree with version 1 of the nesting series uses beyond its age, over the
 * tree's own <linux/ioasid.h>. That user space sees the same as of the shim's own variant is for
 * the scenarios.
 */
#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "../ages/age.h"

/* As the tree's <linux/vfio.h> declares them. */
struct vfio_mm;
extern struct vfio_mm *vfio_mm_get_from_task(struct task_struct *task);
extern void vfio_mm_put(struct vfio_mm *vmm);
extern int vfio_mm_pasid_alloc(struct vfio_mm *vmm, int quota, int min, int max);
extern int vfio_mm_pasid_alloc(struct vfio_mm *vmm, int min, int max); /* in its first patch */
extern int vfio_mm_pasid_free(struct vfio_mm *vmm, ioasid_t pasid);

static bool refuse(void *data)
{
	(void)data;
	return false;
}

static long sets(void)
{
	int sid = 0, other = 0, content;
	ioasid_t id;

	AGE_CHECK(ioasid_alloc_set((struct ioasid_set *)&sid, 2, &sid) == 0);
	AGE_CHECK(ioasid_alloc_set((struct ioasid_set *)&sid, 2, &other) == -EBUSY);
	AGE_CHECK(ioasid_alloc_set((struct ioasid_set *)&other, 2, &other) == 0 && sid != other);
	id = ioasid_alloc(sid, 5, 10, &content);
	AGE_CHECK(id == 5 && ioasid_find_sid(id) == sid && ioasid_find_sid(99) == -ENOENT);
	AGE_CHECK(ioasid_find(sid, id, NULL) == &content);
	AGE_CHECK(ioasid_find(sid, id, refuse) == NULL);
	AGE_CHECK(PTR_ERR(ioasid_find(other, id, NULL)) == -EACCES);
	AGE_CHECK(PTR_ERR(ioasid_find(sid, 9, NULL)) == -ENOENT);
	AGE_CHECK(ioasid_alloc(sid, 5, 10, NULL) == 6);
	AGE_CHECK(ioasid_alloc(sid, 5, 10, NULL) == INVALID_IOASID);
	AGE_CHECK(ioasid_adjust_set(sid, 1) == -EINVAL && ioasid_adjust_set(sid, 3) == 0);
	AGE_CHECK(ioasid_alloc(sid + 100, 5, 10, NULL) == INVALID_IOASID);
	AGE_CHECK(ioasid_adjust_set(sid + 100, 1) == -EINVAL);
	ioasid_free(id);
	AGE_CHECK(PTR_ERR(ioasid_find(sid, id, NULL)) == -ENOENT);
	ioasid_free_set(other, false);
	ioasid_free_set(other, true);
	ioasid_free_set(sid, true);
	ioasid_free_set(sid, true); /* nothing is there any longer */
	return 0;
}

static long pasids_of_process(void)
{
	struct vfio_mm *vmm = vfio_mm_get_from_task(current);
	int pasid;

	AGE_CHECK(vmm && vfio_mm_get_from_task(current) == vmm);
	pasid = vfio_mm_pasid_alloc(vmm, 1, 100, 200);
	AGE_CHECK(pasid == 100);
	AGE_CHECK(vfio_mm_pasid_alloc(vmm, 1, 100, 200) == -ENOSPC);
	AGE_CHECK(vfio_mm_pasid_alloc(vmm, 2, 100, 200) == 101);
	AGE_CHECK(vfio_mm_pasid_alloc(vmm, 1, 100, 200) == -ENOSPC);
	AGE_CHECK(vfio_mm_pasid_free(vmm, 100) == 0);
	AGE_CHECK(vfio_mm_pasid_free(vmm, 100) == -ENOENT);
	AGE_CHECK(vfio_mm_pasid_alloc(vmm, 300, 300) == 300);
	vfio_mm_put(vmm);
	vfio_mm_put(vmm);
	return 0;
}

struct bind_op {
	struct iommu_domain *domain;
	void *data;
};

static int bind_device(struct device *dev, void *data)
{
	struct bind_op *op = data;

	return iommu_sva_bind_gpasid(op->domain, dev, op->data);
}

static int unbind_device(struct device *dev, void *data)
{
	struct bind_op *op = data;
	struct iommu_gpasid_bind_data *bind = op->data;

	return iommu_sva_unbind_gpasid(op->domain, dev, bind->hpasid);
}

static int invalidate_device(struct device *dev, void *data)
{
	struct bind_op *op = data;

	return iommu_cache_invalidate(op->domain, dev, op->data);
}

static long bind_and_invalidate(struct age_run *run, struct iommu_domain *domain, int pasid)
{
	struct iommu_gpasid_bind_data bind = {
		.version = IOMMU_GPASID_BIND_VERSION_1,
		.format = IOMMU_PASID_FORMAT_INTEL_VTD,
		.flags = IOMMU_SVA_GPASID_VAL,
		.gpgd = 0, /* nothing is mapped, so nothing lies higher */
		.hpasid = (u64)pasid,
		.gpasid = 1,
		.addr_width = 48,
	};
	struct iommu_cache_invalidate_info info = {
		.version = IOMMU_CACHE_INVALIDATE_INFO_VERSION_1,
		.cache = IOMMU_CACHE_INV_TYPE_IOTLB,
		.granularity = IOMMU_INV_GRANU_PASID,
		.pasid_info = { .flags = 1, .pasid = (u64)pasid },
	};
	struct bind_op op = { .domain = domain, .data = &bind };

	AGE_CHECK(iommu_group_for_each_dev(run->group, &op, bind_device) == 0);
	AGE_CHECK(iommu_group_for_each_dev(run->group, &op, bind_device) == -EBUSY);
	op.data = &info;
	AGE_CHECK(iommu_group_for_each_dev(run->group, &op, invalidate_device) == 0);
	op.data = &bind;
	AGE_CHECK(iommu_group_for_each_dev(run->group, &op, unbind_device) == 0);
	bind.addr_width = 40;
	AGE_CHECK(iommu_group_for_each_dev(run->group, &op, bind_device) == -EINVAL);
	return 0;
}

static long nesting(struct age_run *run)
{
	struct iommu_domain *domain = iommu_domain_alloc(run->dev->bus);
	struct vfio_mm *vmm = vfio_mm_get_from_task(current);
	int attr = 1, format = 0;
	long ret;

	AGE_CHECK(domain && vmm);
	AGE_CHECK(iommu_domain_set_attr(domain, DOMAIN_ATTR_NESTING, &attr) == 0);
	AGE_CHECK(iommu_attach_group(domain, run->group) == 0);
	AGE_CHECK(iommu_domain_get_attr(domain, DOMAIN_ATTR_PASID_FORMAT, &format) == 0);
	AGE_CHECK(format == IOMMU_PASID_FORMAT_INTEL_VTD);
	ret = bind_and_invalidate(run, domain, vfio_mm_pasid_alloc(vmm, 1000, 1, 1000));
	iommu_detach_group(domain, run->group);
	iommu_domain_free(domain);
	vfio_mm_put(vmm);
	return ret;
}

struct counted {
	struct kref kref;
	struct mutex *lock;
};

static void release_counted(struct kref *kref)
{
	mutex_unlock(container_of(kref, struct counted, kref)->lock);
}

long series_v1(struct age_run *run)
{
	struct mutex lock;
	struct counted counted = { .lock = &lock };
	long ret;

	mutex_init(&lock);
	kref_init(&counted.kref);
	AGE_CHECK(kref_put_mutex(&counted.kref, release_counted, &lock));
	AGE_CHECK(iommu_get_uapi_version() == IOMMU_UAPI_VERSION);
	AGE_CHECK(iommu_uapi_get_data_size(IOMMU_UAPI_BIND_GPASID, 1) ==
		  (int)sizeof(struct iommu_gpasid_bind_data));
	AGE_CHECK(iommu_uapi_get_data_size(IOMMU_UAPI_CACHE_INVAL, 1) ==
		  (int)sizeof(struct iommu_cache_invalidate_info));
	AGE_CHECK(iommu_uapi_get_data_size(IOMMU_UAPI_BIND_GPASID, 2) == -EINVAL);
	ret = sets();
	if (!ret)
		ret = pasids_of_process();
	return ret ? ret : nesting(run);
}
