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

/* What nesting_file.ioctl() is told: who calls which file. */
struct vmm_file {
	struct run *run;
	const struct opened *opened;
};

static long file_ioctl(void *ctx, unsigned int cmd, void *data, size_t len)
{
	const struct vmm_file *file = ctx;

	return vmm_ioctl(file->run, file->opened, cmd, data, len);
}

static struct nesting_file nesting_file(struct vmm_file *file)
{
	return (struct nesting_file){
		.ioctl = file_ioctl,
		.ctx = file,
		.v7 = vmm_abi_v7(file->run),
	};
}

static long long argsz_arg(const struct step *step)
{
	return step_arg(step, "argsz") ? (long long)step_number(step, "argsz", 0) : NESTING_ARGSZ;
}

long vmm_pasid_request(struct run *run, const struct opened *c,
		       const struct nesting_pasid_request *request)
{
	struct vmm_file file = { run, c };
	const struct nesting_file to = nesting_file(&file);

	return nesting_pasid_request(&to, request);
}

static void pasid_request(struct run *run, const struct step *step, u64 flags, struct step_out *out)
{
	struct opened *c = vmm_container(run, step, out);
	u64 pasid = step_number(step, "pasid", 0);
	/* version 7 frees a range: that of the one PASID, unless told otherwise */
	bool one = step_arg(step, "pasid") && vmm_abi_v7(run);
	const struct nesting_pasid_request request = {
		.argsz = argsz_arg(step),
		.flags = (u32)flags,
		.min = (u32)step_number(step, "min", one ? pasid : 1),
		.max = (u32)step_number(step, "max", one ? pasid : 0xfffff),
		.pasid = (u32)pasid,
	};

	if (c)
		out->value = vmm_pasid_request(run, c, &request);
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

static bool bind_request(struct run *run, const struct step *step, struct nesting_bind *request,
			 struct step_out *out)
{
	struct guest_table *table = step_arg(step, "table") ? run_table_arg(run, step, out) : NULL;

	if (out->failed)
		return false;
	*request = (struct nesting_bind){
		.argsz = argsz_arg(step),
		.format = (u32)step_number(step, "format", IOMMU_PASID_FORMAT_INTEL_VTD),
		.version = (u32)step_number(step, "version", 1),
		.flags = step_arg(step, "gpasid") ? IOMMU_SVA_GPASID_VAL : 0,
		.gpgd = step_number(step, "gpgd", table ? table->root : 0),
		.hpasid = step_number(step, "pasid", 0),
		.gpasid = step_number(step, "gpasid", 0),
		.addr_width =
			(u32)step_number(step, "addr-width", table && table->levels == 5 ? 57 : 48),
		.vtd_flags = step_number(step, "flags", 0),
		.pat = (u32)step_number(step, "pat", 0),
		.emt = (u32)step_number(step, "emt", 0),
	};
	return true;
}

static void note_binding(struct opened *c, const struct nesting_bind *r)
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

long vmm_bind(struct run *run, struct opened *c, const struct nesting_bind *request, bool bind)
{
	struct vmm_file file = { run, c };
	const struct nesting_file to = nesting_file(&file);
	long ret = bind ? nesting_bind(&to, request) : nesting_unbind(&to, request);

	if (ret != 0)
		return ret;
	if (bind)
		note_binding(c, request);
	else
		forget_binding(c, request->hpasid);
	oracle_judge_bind(run, c, (u32)request->hpasid, request->gpgd, bind);
	return 0;
}

static void bind_or_unbind(struct run *run, const struct step *step, bool bind,
			   struct step_out *out)
{
	struct opened *c = vmm_container(run, step, out);
	struct nesting_bind request;

	if (c && bind_request(run, step, &request, out))
		out->value = vmm_bind(run, c, &request, bind);
}

static void run_bind(struct run *run, const struct step *step, struct step_out *out)
{
	bind_or_unbind(run, step, true, out);
}

static const struct arg_def bind_args[] = {
	{ "container", ARG_FILE, true, NULL, "the container's name" },
	{ "pasid", ARG_NUMBER, true, NULL, "the host PASID" },
	{ "table", ARG_TABLE, false, NULL, "the guest's table: gives gpgd and addr-width" },
	{ "gpgd", ARG_NUMBER, false, NULL,
	  "guest-physical address of the top level; default: that of the table, without one 0" },
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

long vmm_invalidate(struct run *run, const struct opened *c,
		    const struct nesting_invalidation *invalidation)
{
	struct vmm_file file = { run, c };
	const struct nesting_file to = nesting_file(&file);
	u64 *before = oracle_descriptors(run);
	long ret = nesting_invalidate(&to, invalidation);

	if (ret == 0)
		oracle_judge_invalidation(run, c, before, invalidation->cache);
	free(before);
	return ret;
}

static void run_invalidate(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *c = vmm_container(run, step, out);
	const struct nesting_invalidation invalidation = {
		.argsz = argsz_arg(step),
		.version = (u32)step_number(step, "version", 1),
		.cache = (u8)step_number(step, "cache", IOMMU_CACHE_INV_TYPE_IOTLB),
		.granularity = (u8)step_number(step, "granularity", IOMMU_INV_GRANU_PASID),
		.has_pasid = step_arg(step, "pasid"),
		.has_archid = step_arg(step, "archid"),
		.leaf = step_number(step, "leaf", 0),
		.archid = (u32)step_number(step, "archid", 0),
		.pasid = step_number(step, "pasid", 0),
		.address = step_number(step, "address", 0),
		.granule_size = step_number(step, "granule-size", 4096),
		.count = step_number(step, "count", 1),
	};

	if (c)
		out->value = vmm_invalidate(run, c, &invalidation);
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
