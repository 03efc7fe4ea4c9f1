/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The series' ioctls as a VMM of each version calls them: PASIDs, bind and unbind of the guest's tables,
 * cache invalidation. Kernels without the series are asked in version 1's words and answer ENOTTY.
 */
#include "vmm.h"

#include <linux/vfio.h>

#include "include/uapi/linux/vfio_nesting.h"

#include <stdlib.h>
#include <string.h>

/* ---- PASIDs ---- */

static long pasid_request_v1(struct run *run, const struct opened *c, const struct step *step,
			     u64 flags)
{
	struct vfio_iommu_type1_pasid_request_v1 request = {
		.argsz = (u32)step_number(step, "argsz", sizeof(request)),
		.flags = (u32)flags,
	};
	long ret;

	if (flags & VFIO_IOMMU_PASID_FREE) {
		request.free_pasid = (u32)step_number(step, "pasid", 0);
	} else {
		request.alloc_pasid.min = (u32)step_number(step, "min", 1);
		request.alloc_pasid.max = (u32)step_number(step, "max", 0xfffff);
	}
	ret = vmm_ioctl(run, c, VFIO_IOMMU_PASID_REQUEST_V1, &request, sizeof(request));
	return ret == 0 && flags == VFIO_IOMMU_PASID_ALLOC ? (long)request.alloc_pasid.result : ret;
}

static long pasid_request_v7(struct run *run, const struct opened *c, const struct step *step,
			     u64 flags)
{
	u64 pasid = step_number(step, "pasid", 0);
	struct vfio_iommu_type1_pasid_request_v7 request = {
		.argsz = (u32)step_number(step, "argsz", sizeof(request)),
		.flags = (u32)flags,
	};

	request.range.min = (u32)step_number(step, "min", step_arg(step, "pasid") ? pasid : 1);
	request.range.max =
		(u32)step_number(step, "max", step_arg(step, "pasid") ? pasid : 0xfffff);
	return vmm_ioctl(run, c, VFIO_IOMMU_PASID_REQUEST_V7, &request, sizeof(request));
}

static void pasid_request(struct run *run, const struct step *step, u64 flags, struct step_out *out)
{
	struct opened *c = vmm_container(run, step, out);

	if (!c)
		return;
	out->value = vmm_abi_v7(run) ? pasid_request_v7(run, c, step, flags)
				     : pasid_request_v1(run, c, step, flags);
}

static const struct word pasid_words[] = {
	{ "alloc", VFIO_IOMMU_PASID_ALLOC },
	{ "free", VFIO_IOMMU_PASID_FREE },
	{ "VFIO_IOMMU_PASID_ALLOC", VFIO_IOMMU_PASID_ALLOC },
	{ "VFIO_IOMMU_PASID_FREE", VFIO_IOMMU_PASID_FREE },
	{ NULL, 0 },
};

static void run_pasid_request(struct run *run, const struct step *step, struct step_out *out)
{
	pasid_request(run, step, step_number(step, "flags", 0), out);
}

static const struct arg_def pasid_request_args[] = {
	{ "container", ARG_FILE, true, NULL, "the container's name" },
	{ "flags", ARG_FLAGS, true, pasid_words, "alloc, free, or UAPI names" },
	{ "min", ARG_U32, false, NULL, "alloc (and v7's free): lowest PASID, default 1" },
	{ "max", ARG_U32, false, NULL, "alloc (and v7's free): highest PASID, default 0xfffff" },
	{ "pasid", ARG_U32, false, NULL, "free: the PASID" },
	{ "argsz", ARG_U32, false, NULL, "default: the right one" },
	{ .name = NULL },
};
const struct op op_pasid_request = { "VFIO_IOMMU_PASID_REQUEST",
				     "Allocates or frees PASIDs, in the kernel variant's ABI.",
				     pasid_request_args,
				     NULL,
				     run_pasid_request,
				     NULL,
				     NULL };

static void run_alloc_pasid(struct run *run, const struct step *step, struct step_out *out)
{
	pasid_request(run, step, VFIO_IOMMU_PASID_ALLOC, out);
}

static const struct arg_def alloc_args[] = {
	{ "container", ARG_FILE, true, NULL, "the container's name" },
	{ "min", ARG_U32, false, NULL, "lowest PASID, default 1" },
	{ "max", ARG_U32, false, NULL, "highest PASID, default 0xfffff" },
	{ "argsz", ARG_U32, false, NULL, "default: the right one" },
	{ .name = NULL },
};
const struct op op_alloc_pasid = { "alloc-pasid",
				   "Allocates a PASID; the result is its number.",
				   alloc_args,
				   "container",
				   run_alloc_pasid,
				   NULL,
				   NULL };

static void run_free_pasid(struct run *run, const struct step *step, struct step_out *out)
{
	pasid_request(run, step, VFIO_IOMMU_PASID_FREE, out);
}

static const struct arg_def free_args[] = {
	{ "container", ARG_FILE, true, NULL, "the container's name" },
	{ "pasid", ARG_U32, true, NULL, "the PASID" },
	{ "argsz", ARG_U32, false, NULL, "default: the right one" },
	{ .name = NULL },
};
const struct op op_free_pasid = { "free-pasid", "Frees a PASID.", free_args,
				  NULL,         run_free_pasid,   NULL,
				  NULL };

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

/** A bind in no version's words. */
struct bind_request {
	u64 format, version, flags, gpgd, hpasid, gpasid, addr_width, vtd_flags, pat, emt;
};

static const struct word format_words[] = {
	{ "IOMMU_PASID_FORMAT_INTEL_VTD", IOMMU_PASID_FORMAT_INTEL_VTD },
	{ NULL, 0 },
};

static const struct word vtd_words[] = {
	{ "SRE", IOMMU_SVA_VTD_GPASID_SRE },
	{ "EAFE", IOMMU_SVA_VTD_GPASID_EAFE },
	{ "PCD", IOMMU_SVA_VTD_GPASID_PCD },
	{ "PWT", IOMMU_SVA_VTD_GPASID_PWT },
	{ "EMTE", IOMMU_SVA_VTD_GPASID_EMTE },
	{ "CD", IOMMU_SVA_VTD_GPASID_CD },
	{ "none", 0 },
	{ NULL, 0 },
};

static bool bind_request(struct run *run, const struct step *step, struct bind_request *request,
			 struct step_out *out)
{
	const char *name = step_text(step, "table", NULL);
	struct guest_table *table = name ? run_table(run, name) : NULL;

	if (name && !table) {
		step_fail(out, "the guest has no table '%s'; expected one made by an earlier step",
			  name);
		return false;
	}
	*request = (struct bind_request){
		.format = step_number(step, "format", IOMMU_PASID_FORMAT_INTEL_VTD),
		.version = step_number(step, "version", 1),
		.flags = step_arg(step, "gpasid") ? IOMMU_SVA_GPASID_VAL : 0,
		.gpgd = step_number(step, "gpgd", table ? table->root : 0),
		.hpasid = step_number(step, "pasid", 0),
		.gpasid = step_number(step, "gpasid", 0),
		.addr_width =
			step_number(step, "addr-width", table && table->levels == 5 ? 57 : 48),
		.vtd_flags = step_number(step, "flags", 0),
		.pat = step_number(step, "pat", 0),
		.emt = step_number(step, "emt", 0),
	};
	return true;
}

static long bind_v1(struct run *run, const struct opened *c, const struct step *step,
		    const struct bind_request *r, bool bind)
{
	struct bind_v1 request = {
		.argsz = (u32)step_number(step, "argsz", sizeof(request)),
		.flags = bind ? VFIO_IOMMU_BIND_GUEST_PGTBL : VFIO_IOMMU_UNBIND_GUEST_PGTBL,
		.data = {
			.version = (u32)r->version,
			.format = (u32)r->format,
			.flags = r->flags,
			.gpgd = r->gpgd,
			.hpasid = r->hpasid,
			.gpasid = r->gpasid,
			.addr_width = (u32)r->addr_width,
			.vtd = { r->vtd_flags, (u32)r->pat, (u32)r->emt },
		},
	};

	return vmm_ioctl(run, c, VFIO_IOMMU_BIND_V1, &request, sizeof(request));
}

static long bind_v7(struct run *run, const struct opened *c, const struct step *step,
		    const struct bind_request *r, bool bind)
{
	struct bind_v7 request = {
		.argsz = (u32)step_number(step, "argsz", sizeof(request)),
		.flags = bind ? VFIO_IOMMU_NESTING_OP_BIND_PGTBL :
				VFIO_IOMMU_NESTING_OP_UNBIND_PGTBL,
		.data = {
			.argsz = sizeof(request.data),
			.version = (u32)r->version,
			.format = (u32)r->format,
			.addr_width = (u32)r->addr_width,
			.flags = r->flags,
			.gpgd = r->gpgd,
			.hpasid = r->hpasid,
			.gpasid = r->gpasid,
			.vendor = { { r->vtd_flags, (u32)r->pat, (u32)r->emt } },
		},
	};

	return vmm_ioctl(run, c, VFIO_IOMMU_NESTING_OP_V7, &request, sizeof(request));
}

static void note_binding(struct opened *c, const struct bind_request *r)
{
	c->bindings = xgrow(c->bindings, c->binding_count, sizeof(*c->bindings));
	c->bindings[c->binding_count++] = (struct binding){
		.pasid = (u32)r->hpasid,
		.gpgd = r->gpgd,
		.levels = r->addr_width == 57 ? 5 : 4,
		.supervisor = r->vtd_flags & IOMMU_SVA_VTD_GPASID_SRE,
	};
}

static void forget_binding(struct opened *c, u64 pasid)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->binding_count; i++) {
		if (c->bindings[i].pasid != pasid)
			c->bindings[kept++] = c->bindings[i];
	}
	c->binding_count = kept;
}

static void bind_or_unbind(struct run *run, const struct step *step, bool bind,
			   struct step_out *out)
{
	struct opened *c = vmm_container(run, step, out);
	struct bind_request request;

	if (!c || !bind_request(run, step, &request, out))
		return;
	out->value = vmm_abi_v7(run) ? bind_v7(run, c, step, &request, bind)
				     : bind_v1(run, c, step, &request, bind);
	if (out->value != 0)
		return;
	if (bind)
		note_binding(c, &request);
	else
		forget_binding(c, request.hpasid);
	oracle_judge_bind(run, c, (u32)request.hpasid, request.gpgd, bind);
}

static void run_bind(struct run *run, const struct step *step, struct step_out *out)
{
	bind_or_unbind(run, step, true, out);
}

static const struct arg_def bind_args[] = {
	{ "container", ARG_FILE, true, NULL, "the container's name" },
	{ "pasid", ARG_NUMBER, true, NULL, "the host PASID" },
	{ "table", ARG_TABLE, false, NULL, "the guest's table: gives gpgd and addr-width" },
	{ "gpgd", ARG_NUMBER, false, NULL, "guest-physical address of the top level" },
	{ "addr-width", ARG_U32, false, NULL, "48 or 57" },
	{ "gpasid", ARG_NUMBER, false, NULL, "the guest's PASID; sets IOMMU_SVA_GPASID_VAL" },
	{ "flags", ARG_FLAGS, false, vtd_words, "SRE, EAFE, PCD, PWT, EMTE, CD; default none" },
	{ "format", ARG_U32, false, format_words, "default IOMMU_PASID_FORMAT_INTEL_VTD" },
	{ "version", ARG_U32, false, NULL, "of the data, default 1" },
	{ "pat", ARG_U32, false, NULL, "default 0" },
	{ "emt", ARG_U32, false, NULL, "default 0" },
	{ "argsz", ARG_U32, false, NULL, "default: the right one" },
	{ .name = NULL },
};
const struct op op_bind = { "bind",
			    "Binds a guest's first-stage table to a PASID: VFIO_IOMMU_BIND of v1, "
			    "VFIO_IOMMU_NESTING_OP of v7.",
			    bind_args,
			    NULL,
			    run_bind,
			    NULL,
			    NULL };

static void run_unbind(struct run *run, const struct step *step, struct step_out *out)
{
	bind_or_unbind(run, step, false, out);
}

static const struct arg_def unbind_args[] = {
	{ "container", ARG_FILE, true, NULL, "the container's name" },
	{ "pasid", ARG_NUMBER, true, NULL, "the host PASID" },
	{ "format", ARG_U32, false, format_words, "default IOMMU_PASID_FORMAT_INTEL_VTD" },
	{ "version", ARG_U32, false, NULL, "of the data, default 1" },
	{ "argsz", ARG_U32, false, NULL, "default: the right one" },
	{ "table", ARG_TABLE, false, NULL, "as in bind; the kernel does not look at it" },
	{ "gpgd", ARG_NUMBER, false, NULL, "as in bind; the kernel does not look at it" },
	{ "addr-width", ARG_U32, false, NULL, "as in bind; the kernel does not look at it" },
	{ "gpasid", ARG_NUMBER, false, NULL, "the guest's PASID" },
	{ "flags", ARG_FLAGS, false, vtd_words, "as in bind" },
	{ "pat", ARG_U32, false, NULL, "as in bind" },
	{ "emt", ARG_U32, false, NULL, "as in bind" },
	{ .name = NULL },
};
const struct op op_unbind = {
	"unbind", "Takes a guest's table from a PASID.", unbind_args, NULL, run_unbind, NULL, NULL
};

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

static const struct word cache_words[] = {
	{ "iotlb", IOMMU_CACHE_INV_TYPE_IOTLB },
	{ "dev-iotlb", IOMMU_CACHE_INV_TYPE_DEV_IOTLB },
	{ "pasid", IOMMU_CACHE_INV_TYPE_PASID },
	{ NULL, 0 },
};

static const struct word granularity_words[] = {
	{ "domain", IOMMU_INV_GRANU_DOMAIN },
	{ "pasid", IOMMU_INV_GRANU_PASID },
	{ "addr", IOMMU_INV_GRANU_ADDR },
	{ NULL, 0 },
};

static struct iommu_inv_addr_info addr_info(const struct step *step)
{
	struct iommu_inv_addr_info info = {
		.archid = (u32)step_number(step, "archid", 0),
		.pasid = step_number(step, "pasid", 0),
		.addr = step_number(step, "address", 0),
		.granule_size = step_number(step, "granule-size", 4096),
		.nb_granules = step_number(step, "count", 1),
	};

	if (step_arg(step, "pasid"))
		info.flags |= IOMMU_INV_ADDR_FLAGS_PASID;
	if (step_arg(step, "archid"))
		info.flags |= IOMMU_INV_ADDR_FLAGS_ARCHID;
	if (step_number(step, "leaf", 0))
		info.flags |= IOMMU_INV_ADDR_FLAGS_LEAF;
	return info;
}

static struct iommu_inv_pasid_info pasid_info(const struct step *step)
{
	struct iommu_inv_pasid_info info = {
		.archid = (u32)step_number(step, "archid", 0),
		.pasid = step_number(step, "pasid", 0),
	};

	if (step_arg(step, "pasid"))
		info.flags |= IOMMU_INV_PASID_FLAGS_PASID;
	if (step_arg(step, "archid"))
		info.flags |= IOMMU_INV_PASID_FLAGS_ARCHID;
	return info;
}

static long invalidate_v1(struct run *run, const struct opened *c, const struct step *step)
{
	u64 granularity = step_number(step, "granularity", IOMMU_INV_GRANU_PASID);
	struct invalidate_v1 request = {
		.argsz = (u32)step_number(step, "argsz", sizeof(request)),
		.info = {
			.version = (u32)step_number(step, "version", 1),
			.cache = (u8)step_number(step, "cache", IOMMU_CACHE_INV_TYPE_IOTLB),
			.granularity = (u8)granularity,
		},
	};

	if (granularity == IOMMU_INV_GRANU_ADDR)
		request.info.addr_info = addr_info(step);
	else
		request.info.pasid_info = pasid_info(step);
	return vmm_ioctl(run, c, VFIO_IOMMU_CACHE_INVALIDATE_V1, &request, sizeof(request));
}

static long invalidate_v7(struct run *run, const struct opened *c, const struct step *step)
{
	u64 granularity = step_number(step, "granularity", IOMMU_INV_GRANU_PASID);
	struct invalidate_v7 request = {
		.argsz = (u32)step_number(step, "argsz", sizeof(request)),
		.flags = VFIO_IOMMU_NESTING_OP_CACHE_INVLD,
		.info = {
			.argsz = sizeof(request.info),
			.version = (u32)step_number(step, "version", 1),
			.cache = (u8)step_number(step, "cache", IOMMU_CACHE_INV_TYPE_IOTLB),
			.granularity = (u8)granularity,
		},
	};

	if (granularity == IOMMU_INV_GRANU_ADDR)
		request.info.granu.addr_info = addr_info(step);
	else
		request.info.granu.pasid_info = pasid_info(step);
	return vmm_ioctl(run, c, VFIO_IOMMU_NESTING_OP_V7, &request, sizeof(request));
}

static void run_invalidate(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *c = vmm_container(run, step, out);
	u64 *before;

	if (!c)
		return;
	before = oracle_descriptors(run);
	out->value = vmm_abi_v7(run) ? invalidate_v7(run, c, step) : invalidate_v1(run, c, step);
	if (out->value == 0)
		oracle_judge_invalidation(run, c, before,
					  step_number(step, "cache", IOMMU_CACHE_INV_TYPE_IOTLB));
	free(before);
}

static const struct arg_def invalidate_args[] = {
	{ "container", ARG_FILE, true, NULL, "the container's name" },
	{ "cache", ARG_FLAGS, false, cache_words, "iotlb (default), dev-iotlb, pasid" },
	{ "granularity", ARG_U8, false, granularity_words, "domain, pasid (default) or addr" },
	{ "pasid", ARG_NUMBER, false, NULL, "the host PASID" },
	{ "address", ARG_NUMBER, false, NULL, "granularity addr: first address" },
	{ "granule-size", ARG_SIZE, false, NULL, "granularity addr: bytes, default 4KiB" },
	{ "count", ARG_NUMBER, false, NULL, "granularity addr: number of granules, default 1" },
	{ "leaf", ARG_BOOL, false, NULL, "granularity addr: only leaf entries changed" },
	{ "archid", ARG_U32, false, NULL, "architecture's id, unused by VT-d" },
	{ "version", ARG_U32, false, NULL, "of the data, default 1" },
	{ "argsz", ARG_U32, false, NULL, "default: the right one" },
	{ .name = NULL },
};
const struct op op_invalidate = {
	"invalidate",
	"Passes a guest's cache invalidation down: VFIO_IOMMU_CACHE_INVALIDATE "
	"of v1, VFIO_IOMMU_NESTING_OP of v7.",
	invalidate_args,
	NULL,
	run_invalidate,
	NULL,
	NULL
};
