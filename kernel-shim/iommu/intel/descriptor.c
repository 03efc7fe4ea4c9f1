// SPDX-License-Identifier: Apache-2.0
/*
 * Builders of invalidation descriptors (6.5.2). Which of them a change of tables needs is left to
 * the files that change tables.
 */
#include "intel.h"

struct intel_descriptor intel_inv_fence(void)
{
	return (struct intel_descriptor){ .q0 = INV_WAIT | INV_WAIT_FN };
}

struct intel_descriptor intel_inv_context_global(void)
{
	return (struct intel_descriptor){
		.q0 = INV_CONTEXT | FIELD_PREP(INV_GRANULARITY, INV_GLOBAL),
	};
}

struct intel_descriptor intel_inv_context_device(u16 did, u16 source_id)
{
	return (struct intel_descriptor){
		.q0 = INV_CONTEXT | FIELD_PREP(INV_GRANULARITY, INV_DEVICE) |
		      FIELD_PREP(INV_DID, did) | FIELD_PREP(INV_CONTEXT_SID, source_id),
	};
}

/* An IOTLB invalidation is to wait for the DMA that is under way, where the unit can drain. */
static u64 iotlb_q0(const struct intel_iommu *iommu, unsigned int granularity, u16 did)
{
	return INV_IOTLB | FIELD_PREP(INV_GRANULARITY, granularity) | FIELD_PREP(INV_DID, did) |
	       (iommu->cap & CAP_DRD ? INV_IOTLB_DRAIN_READS : 0) |
	       (iommu->cap & CAP_DWD ? INV_IOTLB_DRAIN_WRITES : 0);
}

struct intel_descriptor intel_inv_iotlb_global(const struct intel_iommu *iommu)
{
	return (struct intel_descriptor){ .q0 = iotlb_q0(iommu, INV_GLOBAL, 0) };
}

struct intel_descriptor intel_inv_iotlb_domain(const struct intel_iommu *iommu, u16 did)
{
	return (struct intel_descriptor){ .q0 = iotlb_q0(iommu, INV_DOMAIN, did) };
}

static bool unit_takes(const struct intel_iommu *iommu, struct intel_range range)
{
	return (iommu->cap & CAP_PSI) && range.order <= FIELD_GET(CAP_MAMV, iommu->cap);
}

struct intel_descriptor intel_inv_iotlb_range(const struct intel_iommu *iommu, u16 did,
					      struct intel_range range)
{
	if (!unit_takes(iommu, range))
		return intel_inv_iotlb_domain(iommu, did);
	return (struct intel_descriptor){
		.q0 = iotlb_q0(iommu, INV_PAGES, did),
		.q1 = (range.address & INV_Q1_ADDRESS) | FIELD_PREP(INV_Q1_AM, range.order),
	};
}

struct intel_descriptor intel_inv_interrupt_global(void)
{
	return (struct intel_descriptor){ .q0 = INV_INTERRUPT };
}

struct intel_descriptor intel_inv_interrupt(unsigned int index)
{
	return (struct intel_descriptor){
		.q0 = INV_INTERRUPT | INV_INTERRUPT_BY_INDEX |
		      FIELD_PREP(INV_INTERRUPT_INDEX, (u64)index),
	};
}

static u64 pasid_cache_q0(unsigned int granularity, u16 did, u32 pasid)
{
	return INV_PASID_CACHE | FIELD_PREP(INV_GRANULARITY, granularity) |
	       FIELD_PREP(INV_DID, did) | FIELD_PREP(INV_PASID, pasid);
}

struct intel_descriptor intel_inv_pasid_cache_global(void)
{
	return (struct intel_descriptor){ .q0 = pasid_cache_q0(INV_PC_GLOBAL, 0, 0) };
}

struct intel_descriptor intel_inv_pasid_cache_domain(u16 did)
{
	return (struct intel_descriptor){ .q0 = pasid_cache_q0(INV_PC_DOMAIN, did, 0) };
}

struct intel_descriptor intel_inv_pasid_cache(u16 did, u32 pasid)
{
	return (struct intel_descriptor){ .q0 = pasid_cache_q0(INV_PC_PASID, did, pasid) };
}

static u64 pasid_iotlb_q0(unsigned int granularity, u16 did, u32 pasid)
{
	return INV_PASID_IOTLB | FIELD_PREP(INV_GRANULARITY, granularity) |
	       FIELD_PREP(INV_DID, did) | FIELD_PREP(INV_PASID, pasid);
}

struct intel_descriptor intel_inv_pasid_iotlb(u16 did, u32 pasid)
{
	return (struct intel_descriptor){ .q0 = pasid_iotlb_q0(INV_ALL_OF_PASID, did, pasid) };
}

struct intel_descriptor intel_inv_pasid_iotlb_range(const struct intel_iommu *iommu, u16 did,
						    u32 pasid, struct intel_range range, bool leaf)
{
	if (!unit_takes(iommu, range))
		return intel_inv_pasid_iotlb(did, pasid);
	return (struct intel_descriptor){
		.q0 = pasid_iotlb_q0(INV_PAGES, did, pasid),
		.q1 = (range.address & INV_Q1_ADDRESS) | FIELD_PREP(INV_Q1_AM, range.order) |
		      (leaf ? INV_Q1_IH : 0),
	};
}

/* With S set, the lowest zero among the address bits says how long the range is (6.5.2.5). */
static u64 device_tlb_address(struct intel_range range)
{
	u64 ones;

	if (!range.order)
		return range.address & INV_Q1_ADDRESS;
	ones = GENMASK_ULL(VTD_PAGE_SHIFT + range.order - 1, 0) >> 1;
	return ((range.address & ~(ones << 1 | 1)) | ones) & INV_Q1_ADDRESS;
}

struct intel_descriptor intel_inv_device_tlb(const struct intel_device *info,
					     struct intel_range range)
{
	u16 sid = intel_source_id(info);

	return (struct intel_descriptor){
		.q0 = INV_DEVICE_TLB | FIELD_PREP(INV_DEVICE_TLB_SID, sid) |
		      FIELD_PREP(INV_DEVICE_TLB_QDEP, info->ats_queue_depth),
		.q1 = device_tlb_address(range) | (range.order ? INV_DEVICE_TLB_Q1_S : 0),
	};
}

static u64 pasid_device_tlb_q0(const struct intel_device *info, u32 pasid)
{
	return INV_PASID_DEVICE_TLB | FIELD_PREP(INV_PASID_DEVICE_TLB_SID, intel_source_id(info)) |
	       FIELD_PREP(INV_PASID_DEVICE_TLB_QDEP, info->ats_queue_depth) |
	       FIELD_PREP(INV_PASID, pasid);
}

struct intel_descriptor intel_inv_device_tlb_pasid(const struct intel_device *info, u32 pasid,
						   struct intel_range range)
{
	return (struct intel_descriptor){
		.q0 = pasid_device_tlb_q0(info, pasid),
		.q1 = device_tlb_address(range) | (range.order ? INV_PASID_DEVICE_TLB_Q1_S : 0),
	};
}

struct intel_descriptor intel_inv_device_tlb_all_pasids(const struct intel_device *info)
{
	return (struct intel_descriptor){
		.q0 = pasid_device_tlb_q0(info, 0),
		.q1 = device_tlb_address(INTEL_WHOLE_RANGE) | INV_PASID_DEVICE_TLB_Q1_S |
		      INV_PASID_DEVICE_TLB_Q1_G,
	};
}
