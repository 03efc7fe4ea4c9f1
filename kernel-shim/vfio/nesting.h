/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the versions of the nesting series have in common: the quota of PASIDs and a process' set of
 * them, and version 1's hooks, on which v1-attach-check builds.
 */
#ifndef KERNEL_SHIM_VFIO_NESTING_H
#define KERNEL_SHIM_VFIO_NESTING_H

#include <linux/ioasid.h>
#include <linux/types.h>

#include "type1.h"

/** The module parameter pasid_quota: PASIDs that one process may have. */
ioasid_t type1_pasid_quota(void);

/**
 * The PASID set of the current process, made if it has none, with a reference for the caller; or
 * ERR_PTR.
 */
struct ioasid_set *type1_pasid_set_get(void);

/* variant-v1.c */
int type1_v1_open(struct type1 *type1);
void type1_v1_release(struct type1 *type1);
int type1_v1_add_caps(struct type1 *type1, struct vfio_info_cap *caps, int ret);
long type1_v1_ioctl(struct type1 *type1, unsigned int cmd, unsigned long arg);
int type1_v1_check_extension(unsigned long extension);

#endif
