// SPDX-License-Identifier: Apache-2.0
/*
 * The quota of PASIDs, and version 7's PASID set of a process, shared by all of its containers; the
 * last one to let go frees the PASIDs. Version 1 has its own in vfio-mm.c; the sets themselves are
 * the ioasid allocator's.
 */
#include <linux/err.h>
#include <linux/sched.h>

#include "../lib/context.h"
#include "nesting.h"

/** PASIDs that a process may have if the administrator says nothing. */
#define PASID_QUOTA_DEFAULT 1000

ioasid_t type1_pasid_quota(void)
{
	return kernel_parameter("vfio_iommu_type1.pasid_quota", PASID_QUOTA_DEFAULT);
}

struct ioasid_set *type1_pasid_set_get(void)
{
	struct ioasid_set *set = ioasid_set_find(current->mm);

	return set ? set : ioasid_set_alloc(current->mm, type1_pasid_quota());
}
