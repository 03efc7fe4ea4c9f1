/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VFIO inside the kernel: what bus drivers and IOMMU backends use of the core. The ioctls'
 * structures are the system's own <linux/vfio.h>; those of the nesting series are in
 * uapi/linux/vfio_nesting.h.
 */
#ifndef _SHIM_LINUX_VFIO_H
#define _SHIM_LINUX_VFIO_H

/* The next header of this name is the system's; only the directive itself is an extension. */
#pragma GCC system_header
#include_next <linux/vfio.h>

#include <linux/types.h>

/** A chain of capabilities being built behind an info structure. */
struct vfio_info_cap {
	struct vfio_info_cap_header *buf; /* kmalloc'd; the caller frees it */
	size_t size; /* bytes in use */
};

/**
 * Appends a zeroed capability of size bytes (header included) to the chain. Its header, which is
 * valid until the next call, or ERR_PTR(-ENOMEM), and then the chain is gone.
 */
struct vfio_info_cap_header *vfio_info_cap_add(struct vfio_info_cap *caps, size_t size, u16 id,
					       u16 version);

/** Makes the chain's offsets count from offset bytes before it, once it is complete. */
void vfio_info_cap_shift(struct vfio_info_cap *caps, size_t offset);

/**
 * Appends a copy of a filled-in capability of size bytes. 0 or -ENOMEM, and then the chain is gone.
 */
int vfio_info_add_capability(struct vfio_info_cap *caps, struct vfio_info_cap_header *cap,
			     size_t size);

#endif
