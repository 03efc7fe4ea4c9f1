/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What type1 with the series calls of its VFIO core for PASIDs. A tree's own
 * <linux/vfio.h> declares the same; version 1's allocation is found by its number of arguments
 * (<ages/vfio-mm.h>).
 */
#ifndef KERNEL_SHIM_VFIO_VFIO_MM_H
#define KERNEL_SHIM_VFIO_VFIO_MM_H

#include <linux/ioasid.h>

struct task_struct;
struct vfio_mm;

/** The task's, made if it has none, with a reference; ERR_PTR(-EINVAL) without mm, or -ENOMEM. */
struct vfio_mm *vfio_mm_get_from_task(struct task_struct *task);
void vfio_mm_put(struct vfio_mm *vmm);

/** The set that holds its PASIDs; no reference is taken. */
struct ioasid_set *vfio_mm_ioasid_set(struct vfio_mm *vmm);

/** Version 1: the same, but NULL for any error. */
struct vfio_mm *kernel_vfio_mm_get_or_null(struct task_struct *task);

/** Version 1: a PASID in min..max or -ENOSPC, under a quota given now, or the one there was. */
int kernel_vfio_mm_pasid_alloc_4(struct vfio_mm *vmm, int quota, int min, int max);
int kernel_vfio_mm_pasid_alloc_3(struct vfio_mm *vmm, int min, int max);

/** -ENOENT: free already; -EACCES: another process'. */
int vfio_mm_pasid_free(struct vfio_mm *vmm, ioasid_t pasid);

/** Version 7: a PASID in min..max or -ENOSPC. */
int vfio_pasid_alloc(struct vfio_mm *vmm, int min, int max);
void vfio_pasid_free_range(struct vfio_mm *vmm, ioasid_t min, ioasid_t max);

/** Calls fn for each PASID with the lock held; 0. */
int vfio_mm_for_each_pasid(struct vfio_mm *vmm, void *data, void (*fn)(ioasid_t id, void *data));
void vfio_mm_pasid_lock(struct vfio_mm *vmm);
void vfio_mm_pasid_unlock(struct vfio_mm *vmm);

#endif
