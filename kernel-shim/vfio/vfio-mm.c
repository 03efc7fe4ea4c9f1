// SPDX-License-Identifier: Apache-2.0
/*
 * The PASIDs of a process as the series' VFIO core keeps them: what version 1 adds to
 * drivers/vfio/vfio.c, for our own version 1 and for trees; and what version 7 has in
 * drivers/vfio/vfio_pasid.c, for trees that lack the file. All containers of a process share one;
 * the last to let go frees the PASIDs.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/kref.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "../lib/context.h"
#include "nesting.h"
#include "vfio-mm.h"

struct vfio_mm {
	struct list_head list;
	struct kref kref;
	struct mm_struct *mm; /* tells processes apart; not held */
	struct ioasid_set *pasids;
	ioasid_t quota; /* that was asked for last; the set's own may be another */
	struct mutex pasid_lock; /* of the PASIDs and what is bound to them */
};

/* All of a kernel; there while one is. */
struct vfio_mms {
	struct list_head list;
};

static struct vfio_mm *vfio_mm_find(struct vfio_mms *all, struct mm_struct *mm)
{
	struct vfio_mm *vmm;

	list_for_each_entry(vmm, &all->list, list)
		if (vmm->mm == mm)
			return vmm;
	return NULL;
}

static struct vfio_mms *vfio_mms_get(void)
{
	struct vfio_mms *all = kernel_subsys(KERNEL_SUBSYS_VFIO_MM);

	if (all)
		return all;
	all = kzalloc(sizeof(*all), GFP_KERNEL);
	if (all)
		INIT_LIST_HEAD(&all->list);
	kernel_subsys_set(KERNEL_SUBSYS_VFIO_MM, all);
	return all;
}

static void vfio_mms_put(struct vfio_mms *all)
{
	if (!list_empty(&all->list))
		return;
	kernel_subsys_set(KERNEL_SUBSYS_VFIO_MM, NULL);
	kfree(all);
}

static struct vfio_mm *vfio_mm_create(struct vfio_mms *all, struct mm_struct *mm)
{
	struct vfio_mm *vmm = kzalloc(sizeof(*vmm), GFP_KERNEL);
	struct ioasid_set *pasids;

	if (!vmm)
		return ERR_PTR(-ENOMEM);
	vmm->quota = type1_pasid_quota();
	pasids = ioasid_set_alloc(mm, vmm->quota);
	if (IS_ERR(pasids)) {
		kfree(vmm);
		return ERR_CAST(pasids);
	}
	kref_init(&vmm->kref);
	mutex_init(&vmm->pasid_lock);
	vmm->mm = mm;
	vmm->pasids = pasids;
	list_add(&vmm->list, &all->list);
	return vmm;
}

struct vfio_mm *vfio_mm_get_from_task(struct task_struct *task)
{
	struct mm_struct *mm = get_task_mm(task);
	struct vfio_mms *all;
	struct vfio_mm *vmm;

	if (!mm)
		return ERR_PTR(-EINVAL);
	all = vfio_mms_get();
	vmm = all ? vfio_mm_find(all, mm) : ERR_PTR(-ENOMEM);
	if (!vmm) {
		vmm = vfio_mm_create(all, mm);
		vfio_mms_put(all);
	} else if (!IS_ERR(vmm)) {
		kref_get(&vmm->kref);
	}
	mmput(mm);
	return vmm;
}

static void vfio_mm_release(struct kref *kref)
{
	struct vfio_mm *vmm = container_of(kref, struct vfio_mm, kref);

	ioasid_set_put(vmm->pasids);
	list_del(&vmm->list);
	kfree(vmm);
	vfio_mms_put(kernel_subsys(KERNEL_SUBSYS_VFIO_MM));
}

void vfio_mm_put(struct vfio_mm *vmm)
{
	kref_put(&vmm->kref, vfio_mm_release);
}

struct ioasid_set *vfio_mm_ioasid_set(struct vfio_mm *vmm)
{
	return vmm->pasids;
}

/* ---- version 1 ---- */

struct vfio_mm *kernel_vfio_mm_get_or_null(struct task_struct *task)
{
	struct vfio_mm *vmm = vfio_mm_get_from_task(task);

	return IS_ERR(vmm) ? NULL : vmm;
}

/* As posted: a quota below what is in use is refused, and that is neither told nor tried again. */
int kernel_vfio_mm_pasid_alloc_4(struct vfio_mm *vmm, int quota, int min, int max)
{
	mutex_lock(&vmm->pasid_lock);
	if (vmm->quota != (ioasid_t)quota) {
		vmm->quota = (ioasid_t)quota;
		ioasid_adjust_set(vmm->pasids, vmm->quota);
	}
	mutex_unlock(&vmm->pasid_lock);
	return vfio_pasid_alloc(vmm, min, max);
}

int kernel_vfio_mm_pasid_alloc_3(struct vfio_mm *vmm, int min, int max)
{
	return vfio_pasid_alloc(vmm, min, max);
}

int vfio_mm_pasid_free(struct vfio_mm *vmm, ioasid_t pasid)
{
	void *found;

	mutex_lock(&vmm->pasid_lock);
	found = ioasid_find(vmm->pasids, pasid);
	if (!IS_ERR(found))
		ioasid_free(vmm->pasids, pasid);
	mutex_unlock(&vmm->pasid_lock);
	return PTR_ERR_OR_ZERO(found);
}

/* ---- version 7 ---- */

int vfio_pasid_alloc(struct vfio_mm *vmm, int min, int max)
{
	ioasid_t pasid;

	mutex_lock(&vmm->pasid_lock);
	pasid = ioasid_alloc(vmm->pasids, (ioasid_t)min, (ioasid_t)max, NULL);
	mutex_unlock(&vmm->pasid_lock);
	return pasid == INVALID_IOASID ? -ENOSPC : (int)pasid;
}

struct pasid_range {
	struct ioasid_set *pasids;
	ioasid_t min, max;
};

static void free_in_range(ioasid_t pasid, void *data)
{
	const struct pasid_range *range = data;

	if (pasid >= range->min && pasid <= range->max)
		ioasid_free(range->pasids, pasid);
}

void vfio_pasid_free_range(struct vfio_mm *vmm, ioasid_t min, ioasid_t max)
{
	struct pasid_range range = { .pasids = vmm->pasids, .min = min, .max = max };

	mutex_lock(&vmm->pasid_lock);
	ioasid_set_for_each_ioasid(vmm->pasids, free_in_range, &range);
	mutex_unlock(&vmm->pasid_lock);
}

int vfio_mm_for_each_pasid(struct vfio_mm *vmm, void *data, void (*fn)(ioasid_t id, void *data))
{
	mutex_lock(&vmm->pasid_lock);
	ioasid_set_for_each_ioasid(vmm->pasids, fn, data);
	mutex_unlock(&vmm->pasid_lock);
	return 0;
}

void vfio_mm_pasid_lock(struct vfio_mm *vmm)
{
	mutex_lock(&vmm->pasid_lock);
}

void vfio_mm_pasid_unlock(struct vfio_mm *vmm)
{
	mutex_unlock(&vmm->pasid_lock);
}
