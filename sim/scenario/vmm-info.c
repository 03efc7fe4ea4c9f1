/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VFIO_IOMMU_GET_INFO: asks as a VMM does, twice if the chain is longer than it thought, and reads the
 * capability chain with the care that foreign data needs.
 */
#include "vmm.h"

#include <linux/vfio.h>

#include "include/uapi/linux/vfio_nesting.h"

#include <string.h>

#define INFO_MAX 4096u

/** A capability in the chain, checked to lie inside the buffer. */
struct cap {
	const u8 *data;
	size_t room; /* bytes from data to the end of the buffer */
};

static u32 get_u32(const u8 *data, size_t offset)
{
	u32 value;

	memcpy(&value, data + offset, sizeof(value));
	return value;
}

static u64 get_u64(const u8 *data, size_t offset)
{
	u64 value;

	memcpy(&value, data + offset, sizeof(value));
	return value;
}

static void add_iova_ranges(json_t *result, const struct cap *cap)
{
	size_t offset = offsetof(struct vfio_iommu_type1_info_cap_iova_range, iova_ranges);
	json_t *ranges = json_array();
	u32 count = cap->room >= offset ? get_u32(cap->data, 8) : 0;

	for (u32 i = 0; i < count && cap->room >= offset + 16; i++, offset += 16) {
		json_t *range = json_object();

		json_object_set_new(range, "start", json_u64(get_u64(cap->data, offset)));
		json_object_set_new(range, "end", json_u64(get_u64(cap->data, offset + 8)));
		json_array_append_new(ranges, range);
	}
	json_object_set_new(result, "iova_ranges", ranges);
}

static void add_migration(json_t *result, const struct cap *cap)
{
	struct vfio_iommu_type1_info_cap_migration migration = { 0 };
	json_t *object = json_object();

	if (cap->room >= sizeof(migration))
		memcpy(&migration, cap->data, sizeof(migration));
	json_object_set_new(object, "flags", json_u64(migration.flags));
	json_object_set_new(object, "pgsize_bitmap", json_u64(migration.pgsize_bitmap));
	json_object_set_new(object, "max_dirty_bitmap_size",
			    json_u64(migration.max_dirty_bitmap_size));
	json_object_set_new(result, "migration", object);
}

static void add_dma_avail(json_t *result, const struct cap *cap)
{
	if (cap->room >= sizeof(struct vfio_iommu_type1_info_dma_avail))
		json_object_set_new(result, "dma_avail", json_u64(get_u32(cap->data, 8)));
}

static json_t *format_name(u32 format)
{
	return format == IOMMU_PASID_FORMAT_INTEL_VTD ? json_string("IOMMU_PASID_FORMAT_INTEL_VTD")
						      : json_u64(format);
}

static void add_nesting_v1(json_t *result, const struct cap *cap, struct held_info *info)
{
	struct vfio_iommu_type1_info_cap_nesting_v1 nesting = { 0 };
	json_t *object = json_object();

	if (cap->room >= sizeof(nesting))
		memcpy(&nesting, cap->data, sizeof(nesting));
	json_object_set_new(object, "format", format_name(nesting.stage1_formats));
	json_object_set_new(object, "nesting_capabilities", json_u64(nesting.nesting_capabilities));
	json_object_set_new(object, "stage1_formats", json_u64(nesting.stage1_formats));
	json_object_set_new(result, "nesting", object);
	*info = (struct held_info){ .held = true, .format = nesting.stage1_formats };
}

static void add_nesting_v7(json_t *result, const struct cap *cap, struct held_info *info)
{
	struct vfio_iommu_type1_info_cap_nesting_v7 nesting = { 0 };
	json_t *object = json_object();

	if (cap->room >= sizeof(nesting))
		memcpy(&nesting, cap->data, sizeof(nesting));
	json_object_set_new(object, "format", format_name(nesting.info.format));
	json_object_set_new(object, "features", json_u64(nesting.info.features));
	json_object_set_new(object, "addr_width", json_u64(nesting.info.addr_width));
	json_object_set_new(object, "pasid_bits", json_u64(nesting.info.pasid_bits));
	json_object_set_new(object, "cap_reg", json_u64(nesting.info.vendor.vtd.cap_reg));
	json_object_set_new(object, "ecap_reg", json_u64(nesting.info.vendor.vtd.ecap_reg));
	json_object_set_new(result, "nesting", object);
	*info = (struct held_info){
		.held = true,
		.format = nesting.info.format,
		.has_registers = true,
		.cap = nesting.info.vendor.vtd.cap_reg,
		.ecap = nesting.info.vendor.vtd.ecap_reg,
		.addr_width = nesting.info.addr_width,
		.pasid_bits = nesting.info.pasid_bits,
	};
}

/* Ids 2 and 3 mean different things in the kernels that user space may meet. */
static void add_cap(struct run *run, json_t *result, const struct cap *cap, struct held_info *info)
{
	u16 id;
	bool v1 = strncmp(run->behaviour, "v1", 2) == 0;

	memcpy(&id, cap->data, sizeof(id));
	json_array_append_new(json_object_get(result, "capabilities"), json_integer(id));
	if (id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE)
		add_iova_ranges(result, cap);
	else if (id == VFIO_IOMMU_TYPE1_INFO_CAP_NESTING_V1 && v1)
		add_nesting_v1(result, cap, info);
	else if (id == VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION)
		add_migration(result, cap);
	else if (id == VFIO_IOMMU_TYPE1_INFO_CAP_NESTING_V7 && vmm_abi_v7(run))
		add_nesting_v7(result, cap, info);
	else if (id == VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL)
		add_dma_avail(result, cap);
}

static void add_chain(struct run *run, json_t *result, const u8 *buf, u32 size,
		      struct held_info *info)
{
	u32 offset = ((const struct vfio_iommu_type1_info *)(const void *)buf)->cap_offset;

	json_object_set_new(result, "capabilities", json_array());
	/* each link must lie behind the one before: a loop in the chain would end here */
	for (u32 last = 0; offset > last && offset + 8 <= size;) {
		struct cap cap = { buf + offset, size - offset };

		add_cap(run, result, &cap, info);
		last = offset;
		offset = get_u32(buf, offset + 4);
	}
}

static json_t *info_to_json(struct run *run, const u8 *buf, struct held_info *held)
{
	const struct vfio_iommu_type1_info *info = (const void *)buf;
	u32 size = info->argsz < INFO_MAX ? info->argsz : INFO_MAX;
	json_t *result = json_object();

	json_object_set_new(result, "argsz", json_u64(info->argsz));
	json_object_set_new(result, "flags", json_u64(info->flags));
	if (info->flags & VFIO_IOMMU_INFO_PGSIZES)
		json_object_set_new(result, "iova_pgsizes", json_u64(info->iova_pgsizes));
	if (info->flags & VFIO_IOMMU_INFO_CAPS)
		add_chain(run, result, buf, size, held);
	return result;
}

static void run_get_info(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *c = vmm_container(run, step, out);
	_Alignas(8) u8 buf[INFO_MAX] = { 0 };
	struct vfio_iommu_type1_info *info = (void *)buf;
	u32 argsz = (u32)step_number(step, "argsz", sizeof(*info));
	struct held_info held = { 0 };

	if (!c)
		return;
	info->argsz = argsz;
	out->value = vmm_ioctl(run, c, VFIO_IOMMU_GET_INFO, buf, sizeof(buf));
	if (out->value == 0 && info->argsz > argsz && info->argsz <= INFO_MAX &&
	    !step_arg(step, "argsz")) {
		argsz = info->argsz;
		memset(buf, 0, sizeof(buf));
		info->argsz = argsz;
		out->value = vmm_ioctl(run, c, VFIO_IOMMU_GET_INFO, buf, sizeof(buf));
	}
	if (out->value != 0)
		return;
	out->result = info_to_json(run, buf, &held);
	if (!held.held)
		return;
	c->info = held;
	run->info_at_stake = c;
}

static const struct arg_def args[] = {
	{ "container", ARG_FILE, true, NULL, "the container's name" },
	{ "argsz", ARG_U32, false, NULL, "asks once with this size; default: as large as needed" },
	{ .name = NULL },
};
static const char *const format_words[] = { "IOMMU_PASID_FORMAT_INTEL_VTD", NULL };

static const struct field_def fields[] = {
	{ "argsz", FIELD_NUMBER, NULL },
	{ "flags", FIELD_NUMBER, NULL },
	{ "iova_pgsizes", FIELD_NUMBER, NULL },
	{ "capabilities", FIELD_DEEPER, NULL },
	{ "iova_ranges", FIELD_DEEPER, NULL },
	{ "migration", FIELD_DEEPER, NULL },
	{ "migration.flags", FIELD_NUMBER, NULL },
	{ "migration.pgsize_bitmap", FIELD_NUMBER, NULL },
	{ "migration.max_dirty_bitmap_size", FIELD_NUMBER, NULL },
	{ "dma_avail", FIELD_NUMBER, NULL },
	{ "nesting", FIELD_DEEPER, NULL },
	{ "nesting.format", FIELD_NUMBER, format_words },
	{ "nesting.nesting_capabilities", FIELD_NUMBER, NULL }, /* v1 */
	{ "nesting.stage1_formats", FIELD_NUMBER, NULL },
	{ "nesting.features", FIELD_NUMBER, NULL }, /* v7 */
	{ "nesting.addr_width", FIELD_NUMBER, NULL },
	{ "nesting.pasid_bits", FIELD_NUMBER, NULL },
	{ "nesting.cap_reg", FIELD_NUMBER, NULL },
	{ "nesting.ecap_reg", FIELD_NUMBER, NULL },
	{ .name = NULL },
};
const struct op op_get_info = {
	"VFIO_IOMMU_GET_INFO",
	"Asks for page sizes, IOVA ranges and nesting; what comes back is held by the VMM.",
	args,
	"container",
	run_get_info,
	fields,
	NULL
};
