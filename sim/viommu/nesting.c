/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The series' ioctls as a VMM of each version makes them.
 */
#include "nesting.h"

#include <linux/vfio.h>

#include "include/uapi/linux/vfio_nesting.h"

static u32 argsz(long long given, size_t right)
{
	return given < 0 ? (u32)right : (u32)given;
}

/* ---- PASIDs ---- */

static long pasid_request_v1(const struct nesting_file *file, const struct nesting_pasid_request *r)
{
	struct vfio_iommu_type1_pasid_request_v1 request = {
		.argsz = argsz(r->argsz, sizeof(request)),
		.flags = r->flags,
	};
	long ret;

	if (r->flags & VFIO_IOMMU_PASID_FREE) {
		request.free_pasid = r->pasid;
	} else {
		request.alloc_pasid.min = r->min;
		request.alloc_pasid.max = r->max;
	}
	ret = file->ioctl(file->ctx, VFIO_IOMMU_PASID_REQUEST_V1, &request, sizeof(request));
	return ret == 0 && r->flags == VFIO_IOMMU_PASID_ALLOC ? (long)request.alloc_pasid.result
							      : ret;
}

static long pasid_request_v7(const struct nesting_file *file, const struct nesting_pasid_request *r)
{
	struct vfio_iommu_type1_pasid_request_v7 request = {
		.argsz = argsz(r->argsz, sizeof(request)),
		.flags = r->flags,
		.range = { r->min, r->max },
	};

	return file->ioctl(file->ctx, VFIO_IOMMU_PASID_REQUEST_V7, &request, sizeof(request));
}

long nesting_pasid_request(const struct nesting_file *file,
			   const struct nesting_pasid_request *request)
{
	return file->v7 ? pasid_request_v7(file, request) : pasid_request_v1(file, request);
}

/* ---- bind and unbind ---- */

/** VFIO_IOMMU_BIND of version 1. */
struct bind_v1 {
	u32 argsz, flags;
	struct iommu_gpasid_bind_data_v1 data;
};

/** VFIO_IOMMU_NESTING_OP of version 7, bind and unbind. */
struct bind_v7 {
	u32 argsz, flags;
	struct iommu_gpasid_bind_data_v7 data;
};

static long bind_v1(const struct nesting_file *file, const struct nesting_bind *b, u32 flags)
{
	struct bind_v1 request = {
		.argsz = argsz(b->argsz, sizeof(request)),
		.flags = flags,
		.data = {
			.version = b->version,
			.format = b->format,
			.flags = b->flags,
			.gpgd = b->gpgd,
			.hpasid = b->hpasid,
			.gpasid = b->gpasid,
			.addr_width = b->addr_width,
			.vtd = { b->vtd_flags, b->pat, b->emt },
		},
	};

	return file->ioctl(file->ctx, VFIO_IOMMU_BIND_V1, &request, sizeof(request));
}

static long bind_v7(const struct nesting_file *file, const struct nesting_bind *b, u32 flags)
{
	struct bind_v7 request = {
		.argsz = argsz(b->argsz, sizeof(request)),
		.flags = flags,
		.data = {
			.argsz = sizeof(request.data),
			.version = b->version,
			.format = b->format,
			.addr_width = b->addr_width,
			.flags = b->flags,
			.gpgd = b->gpgd,
			.hpasid = b->hpasid,
			.gpasid = b->gpasid,
			.vendor = { { b->vtd_flags, b->pat, b->emt } },
		},
	};

	return file->ioctl(file->ctx, VFIO_IOMMU_NESTING_OP_V7, &request, sizeof(request));
}

long nesting_bind(const struct nesting_file *file, const struct nesting_bind *bind)
{
	return file->v7 ? bind_v7(file, bind, VFIO_IOMMU_NESTING_OP_BIND_PGTBL)
			: bind_v1(file, bind, VFIO_IOMMU_BIND_GUEST_PGTBL);
}

long nesting_unbind(const struct nesting_file *file, const struct nesting_bind *bind)
{
	return file->v7 ? bind_v7(file, bind, VFIO_IOMMU_NESTING_OP_UNBIND_PGTBL)
			: bind_v1(file, bind, VFIO_IOMMU_UNBIND_GUEST_PGTBL);
}

/* ---- cache invalidation ---- */

/** VFIO_IOMMU_CACHE_INVALIDATE of version 1. */
struct invalidate_v1 {
	u32 argsz, flags;
	struct iommu_cache_invalidate_info_v1 info;
};

/** VFIO_IOMMU_NESTING_OP of version 7, cache invalidation. */
struct invalidate_v7 {
	u32 argsz, flags;
	struct iommu_cache_invalidate_info_v7 info;
};

static struct iommu_inv_addr_info addr_info(const struct nesting_invalidation *i)
{
	return (struct iommu_inv_addr_info){
		.flags = (i->has_pasid ? IOMMU_INV_ADDR_FLAGS_PASID : 0u) |
			 (i->has_archid ? IOMMU_INV_ADDR_FLAGS_ARCHID : 0u) |
			 (i->leaf ? IOMMU_INV_ADDR_FLAGS_LEAF : 0u),
		.archid = i->archid,
		.pasid = i->pasid,
		.addr = i->address,
		.granule_size = i->granule_size,
		.nb_granules = i->count,
	};
}

static struct iommu_inv_pasid_info pasid_info(const struct nesting_invalidation *i)
{
	return (struct iommu_inv_pasid_info){
		.flags = (i->has_pasid ? IOMMU_INV_PASID_FLAGS_PASID : 0u) |
			 (i->has_archid ? IOMMU_INV_PASID_FLAGS_ARCHID : 0u),
		.archid = i->archid,
		.pasid = i->pasid,
	};
}

static long invalidate_v1(const struct nesting_file *file, const struct nesting_invalidation *i)
{
	struct invalidate_v1 request = {
		.argsz = argsz(i->argsz, sizeof(request)),
		.info = {
			.version = i->version,
			.cache = i->cache,
			.granularity = i->granularity,
		},
	};

	if (i->granularity == IOMMU_INV_GRANU_ADDR)
		request.info.addr_info = addr_info(i);
	else
		request.info.pasid_info = pasid_info(i);
	return file->ioctl(file->ctx, VFIO_IOMMU_CACHE_INVALIDATE_V1, &request, sizeof(request));
}

static long invalidate_v7(const struct nesting_file *file, const struct nesting_invalidation *i)
{
	struct invalidate_v7 request = {
		.argsz = argsz(i->argsz, sizeof(request)),
		.flags = VFIO_IOMMU_NESTING_OP_CACHE_INVLD,
		.info = {
			.argsz = sizeof(request.info),
			.version = i->version,
			.cache = i->cache,
			.granularity = i->granularity,
		},
	};

	if (i->granularity == IOMMU_INV_GRANU_ADDR)
		request.info.granu.addr_info = addr_info(i);
	else
		request.info.granu.pasid_info = pasid_info(i);
	return file->ioctl(file->ctx, VFIO_IOMMU_NESTING_OP_V7, &request, sizeof(request));
}

long nesting_invalidate(const struct nesting_file *file,
			const struct nesting_invalidation *invalidation)
{
	return file->v7 ? invalidate_v7(file, invalidation) : invalidate_v1(file, invalidation);
}
