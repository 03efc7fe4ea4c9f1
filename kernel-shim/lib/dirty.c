// SPDX-License-Identifier: Apache-2.0
/*
 * Dirty tracking as the host is asked for it from outside: by device, as no ioctl of VFIO reaches it. What it does is
 * the IOMMU core's.
 */
#include <linux/err.h>
#include <linux/iommu.h>

#include "state.h"

/* What is asked, in the kernel's context. */
struct dirty_call {
	const char *device;
	bool enable;
	const struct kernel_dirty_range *range;
	kernel_dirty_visitor visit;
	void *arg;
};

static long do_track(void *arg)
{
	const struct dirty_call *call = arg;
	struct iommu_domain *domain = iommu_user_domain(call->device);

	return IS_ERR(domain) ? PTR_ERR(domain) : iommu_set_dirty_tracking(domain, call->enable);
}

int kernel_dirty_tracking(struct kernel *k, const char *device, bool enable)
{
	struct dirty_call call = { .device = device, .enable = enable };

	return (int)kernel_run(k, NULL, do_track, &call);
}

static void record(void *arg, unsigned long iova, size_t size)
{
	const struct dirty_call *call = arg;

	call->visit(call->arg, iova, size);
}

static long do_read(void *arg)
{
	struct dirty_call *call = arg;
	const struct kernel_dirty_range *range = call->range;
	struct iommu_dirty_bitmap dirty = { .record = record, .arg = call };
	struct iommu_domain *domain = iommu_user_domain(call->device);

	if (IS_ERR(domain))
		return PTR_ERR(domain);
	return iommu_read_dirty(domain, range->iova, range->size,
				range->clear ? 0 : IOMMU_DIRTY_NO_CLEAR, &dirty);
}

int kernel_read_dirty(struct kernel *k, const char *device, const struct kernel_dirty_range *range,
		      kernel_dirty_visitor visit, void *arg)
{
	struct dirty_call call = { .device = device, .range = range, .visit = visit, .arg = arg };

	return (int)kernel_run(k, NULL, do_read, &call);
}
