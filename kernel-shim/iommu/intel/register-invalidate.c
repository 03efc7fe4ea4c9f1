// SPDX-License-Identifier: Apache-2.0
/*
 * Register-based invalidation (6.5.1), for units without a queue. What is to go is told as a descriptor all the
 * same, and translated here into the two commands that registers have.
 */
#define pr_fmt(fmt) "DMAR: " fmt

#include <linux/errno.h>
#include <linux/printk.h>

#include "intel.h"

#define COMMAND_POLLS 100000 /* hardware answers in microseconds */

/* Waits until the unit has taken a command's bit back. */
static int wait_done(struct intel_iommu *iommu, unsigned long offset, u64 bit)
{
	unsigned int polls;

	for (polls = 0; polls < COMMAND_POLLS; polls++) {
		if (!(readq(iommu->reg + offset) & bit))
			return 0;
		cpu_relax();
	}
	pr_err("%s: no answer to an invalidation by register 0x%lx\n", iommu->name, offset);
	return -ETIMEDOUT;
}

static int invalidate_context(struct intel_iommu *iommu, const struct intel_descriptor *desc)
{
	writeq(CCMD_ICC | FIELD_PREP(CCMD_CIRG, FIELD_GET(INV_GRANULARITY, desc->q0)) |
		       FIELD_PREP(CCMD_DID, FIELD_GET(INV_DID, desc->q0)) |
		       FIELD_PREP(CCMD_SID, FIELD_GET(INV_CONTEXT_SID, desc->q0)),
	       iommu->reg + DMAR_CCMD);
	return wait_done(iommu, DMAR_CCMD, CCMD_ICC);
}

static int invalidate_iotlb(struct intel_iommu *iommu, const struct intel_descriptor *desc)
{
	unsigned long iva = FIELD_GET(ECAP_IRO, iommu->ecap) * 16;
	u64 granularity = FIELD_GET(INV_GRANULARITY, desc->q0);

	/* address, AM and IH stand where the descriptor's second quadword has them */
	if (granularity == INV_PAGES)
		writeq(desc->q1, iommu->reg + iva);
	writeq(IOTLB_IVT | FIELD_PREP(IOTLB_IIRG, granularity) |
		       FIELD_PREP(IOTLB_DID, FIELD_GET(INV_DID, desc->q0)) |
		       (desc->q0 & INV_IOTLB_DRAIN_READS ? IOTLB_DR : 0) |
		       (desc->q0 & INV_IOTLB_DRAIN_WRITES ? IOTLB_DW : 0),
	       iommu->reg + iva + 8);
	return wait_done(iommu, iva + 8, IOTLB_IVT);
}

int intel_register_invalidate(struct intel_iommu *iommu, const struct intel_descriptor *descs,
			      unsigned int count)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < count; i++) {
		switch (FIELD_GET(INV_TYPE, descs[i].q0)) {
		case INV_CONTEXT:
			ret = invalidate_context(iommu, &descs[i]);
			break;
		case INV_IOTLB:
			ret = invalidate_iotlb(iommu, &descs[i]);
			break;
		default:
			/* the others are of scalable mode and device TLBs, which need a queue */
			ret = -EOPNOTSUPP;
			break;
		}
	}
	return ret;
}
