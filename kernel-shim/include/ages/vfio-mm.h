/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PASIDs of a process, which the series keeps in drivers/vfio/vfio.c (version 1) and
 * drivers/vfio/vfio_pasid.c (version 7). A tree's <linux/vfio.h> declares the functions; what
 * they took changed within version 1, so that there each declaration and call names its number of
 * arguments. Behaviour is vfio/vfio-mm.c's.
 */
#ifndef _SHIM_AGES_VFIO_MM_H
#define _SHIM_AGES_VFIO_MM_H

#include <ages/age.h>

#ifdef LINUX_VERSION_CODE
#define vfio_mm_pasid_alloc(...) \
	KERNEL_BY_COUNT(kernel_vfio_mm_pasid_alloc_, __VA_ARGS__)(__VA_ARGS__)
/* Told by what only version 1's uapi header has, or by the age of a tree that lacks the header. */
#if defined(IOMMU_UAPI_VERSION) || KERNEL_TREE_BEFORE(5, 7)
#define vfio_mm_get_from_task(task) kernel_vfio_mm_get_or_null(task)
#endif
#endif

#endif
