/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of a guest's invalidation queue reaches the host. Changes of PASID entries become binds and unbinds (shadow.c),
 * invalidations of first-stage mappings the host's own. The rest concerns tables that only the VMM reads, or nothing
 * that is cached anywhere.
 */
#include "viommu_private.h"

#include "include/uapi/linux/vfio_nesting.h"
#include "vtd/vtd-format.h"

#include <string.h>

/* Descriptor types. */
enum { CONTEXT = 1, IOTLB = 2, PASID_IOTLB = 6, PASID_CACHE = 7, PASID_DEVICE_TLB = 8 };

static u64 get(const u64 *descriptor, const char *name)
{
	return format_field_get(vtd_field(vtd_descriptor_format(descriptor), name), descriptor);
}

/* ---- tables ---- */

/* FM masks the low bits of the function number. */
static bool names_function(const u64 *d, u16 source_id)
{
	static const u16 ignored[] = { 0, 4, 6, 7 };

	return (((u16)get(d, "SID") ^ source_id) & (u16)~ignored[get(d, "FM")]) == 0;
}

/* Behind another context may lie other PASID entries: all of the functions named are looked at. */
static void context_invalidated(struct viommu *v, const u64 *d)
{
	u16 source_id;

	if (get(d, "G") != 3) {
		shadow_sync(v, SHADOW_ALL);
		return;
	}
	for (size_t i = 0; v->ops->device(v->ctx, i, &source_id); i++) {
		if (names_function(d, source_id))
			shadow_sync_device(v, source_id, SHADOW_ALL);
	}
}

static void pasid_cache_invalidated(struct viommu *v, const u64 *d)
{
	struct shadow_scope scope = SHADOW_ALL;

	if (get(d, "G") == 1)
		scope.first = scope.last = (u32)get(d, "PASID");
	scope.has_domain = get(d, "G") != 3;
	scope.domain_id = (u16)get(d, "DID");
	shadow_sync(v, scope);
}

/* ---- mappings ---- */

/** Whose mappings go, and what the host is to be told of each. */
struct mappings {
	bool any_domain, any_pasid;
	u16 domain_id;
	u32 pasid;
	struct nesting_invalidation host;
};

static void invalidate_bound(struct viommu *v, u32 pasid, u16 domain_id, void *arg)
{
	struct mappings *what = arg;

	if ((!what->any_domain && domain_id != what->domain_id) ||
	    (!what->any_pasid && pasid != what->pasid) || !v->ops->work(v->ctx, 1))
		return;
	what->host.pasid = pasid;
	v->ops->invalidate(v->ctx, &what->host);
}

static const struct nesting_invalidation all_of_a_pasid = {
	.argsz = NESTING_ARGSZ,
	.version = IOMMU_CACHE_INVALIDATE_INFO_VERSION_1,
	.cache = IOMMU_CACHE_INV_TYPE_IOTLB,
	.granularity = IOMMU_INV_GRANU_PASID,
	.has_pasid = true,
};

static void pasid_iotlb_invalidated(struct viommu *v, const u64 *d)
{
	struct mappings what = {
		.domain_id = (u16)get(d, "DID"),
		.pasid = (u32)get(d, "PASID"),
		.host = all_of_a_pasid,
	};

	if (get(d, "G") == 3) {
		what.host.granularity = IOMMU_INV_GRANU_ADDR;
		what.host.address = get(d, "ADDR");
		what.host.granule_size = 4096ULL << get(d, "AM");
		what.host.count = 1;
		what.host.leaf = get(d, "IH");
	}
	shadow_for_each_bound(v, invalidate_bound, &what);
}

/* Section 6.5.2.3: globally or of a domain, first-stage mappings go as well; by page, only second-stage ones. */
static void iotlb_invalidated(struct viommu *v, const u64 *d)
{
	struct mappings what = {
		.any_domain = get(d, "G") == 1,
		.any_pasid = true,
		.domain_id = (u16)get(d, "DID"),
		.host = all_of_a_pasid,
	};

	if (get(d, "G") != 3)
		shadow_for_each_bound(v, invalidate_bound, &what);
}

/* The host takes no address here: the whole PASID, or all of them, goes. */
static void device_tlb_invalidated(struct viommu *v, const u64 *d)
{
	struct nesting_invalidation host = all_of_a_pasid;

	host.cache = IOMMU_CACHE_INV_TYPE_DEV_IOTLB;
	if (get(d, "G")) {
		host.granularity = IOMMU_INV_GRANU_DOMAIN;
		host.has_pasid = false;
	} else {
		host.pasid = get(d, "PASID");
	}
	v->ops->invalidate(v->ctx, &host);
}

#define DESCRIPTOR_WORK 64u /* of looking through all that is noted */

void pass_on(struct viommu *v, const u64 *descriptor)
{
	if (!v->ops->work(v->ctx, DESCRIPTOR_WORK))
		return;
	switch (get(descriptor, "TYPE")) {
	case CONTEXT:
		context_invalidated(v, descriptor);
		break;
	case IOTLB:
		iotlb_invalidated(v, descriptor);
		break;
	case PASID_IOTLB:
		pasid_iotlb_invalidated(v, descriptor);
		break;
	case PASID_CACHE:
		pasid_cache_invalidated(v, descriptor);
		break;
	case PASID_DEVICE_TLB:
		device_tlb_invalidated(v, descriptor);
		break;
	default:
		break;
	}
}
