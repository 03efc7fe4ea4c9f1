/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Dirty tracking by the IOMMU as a host operation: what iommufd offers since Linux 6.7, and VFIO's type1 does not. The
 * type1's own VFIO_IOMMU_DIRTY_PAGES is vmm-dma.c's.
 */
#include "host-dirty.h"

#include "run.h"

#define ARG_END              \
	{                    \
		.name = NULL \
	}

static const char *device_arg(const struct run *run, const struct step *step)
{
	return run->platform->devices[step_number(step, "device", 0)].name;
}

static void run_dirty_tracking(struct run *run, const struct step *step, struct step_out *out)
{
	out->value = kernel_dirty_tracking(run->kernel, device_arg(run, step),
					   step_number(step, "on", 1));
}

static const struct arg_def tracking_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "a device that was put into a container" },
	{ "on", ARG_BOOL, false, NULL, "default true" },
	ARG_END,
};
const struct op op_dirty_tracking = {
	"dirty-tracking",
	"Switches dirty tracking of the second stage that serves a device, for all devices there.",
	tracking_args,
	"device",
	run_dirty_tracking,
	NULL,
	NULL
};

/** Pages found so far. */
struct dirty_pages {
	struct kernel_dirty_range range;
	u64 page_size;
	json_t *numbers;
};

/* As a bitmap from the range's first address on would have them: a large page sets many bits. */
static void add_pages(void *arg, u64 iova, u64 size)
{
	const struct dirty_pages *pages = arg;
	u64 first = iova > pages->range.iova ? iova - pages->range.iova : 0;
	u64 end = iova + size - pages->range.iova;

	if (end > pages->range.size)
		end = pages->range.size;
	for (u64 n = first / pages->page_size; n * pages->page_size < end; n++)
		json_array_append_new(pages->numbers, json_u64(n));
}

static bool check_range(const struct dirty_pages *pages, struct step_out *out)
{
	const struct kernel_dirty_range *range = &pages->range;

	if (pages->page_size < 4096 || pages->page_size & (pages->page_size - 1) ||
	    (range->iova | range->size) & (pages->page_size - 1))
		step_fail(out, "page-size is a power of two from 4KiB on, and iova and size are "
			       "multiples of it");
	else if (!range->size || range->iova + (range->size - 1) < range->iova)
		step_fail(out, "size is 0x%llx; expected a page or more, and the end below 2^64",
			  range->size);
	return !out->failed;
}

static void run_read_dirty(struct run *run, const struct step *step, struct step_out *out)
{
	struct dirty_pages pages = {
		.range = {
			.iova = step_number(step, "iova", 0),
			.size = step_number(step, "size", 0),
			.clear = step_number(step, "clear", 1),
		},
		.page_size = step_number(step, "page-size", 4096),
	};

	if (!check_range(&pages, out) || !run_work(run, pages.range.size / pages.page_size, out))
		return;
	pages.numbers = json_array();
	out->value = kernel_read_dirty(run->kernel, device_arg(run, step), &pages.range, add_pages,
				       &pages);
	if (out->value) {
		json_decref(pages.numbers);
		return;
	}
	out->result = json_object();
	json_object_set_new(out->result, "count", json_u64(json_array_size(pages.numbers)));
	json_object_set_new(out->result, "dirty", pages.numbers);
}

static const struct arg_def read_dirty_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "a device whose second stage is tracked" },
	{ "iova", ARG_SIZE, false, NULL, "first address, default 0" },
	{ "size", ARG_SIZE, true, NULL, "bytes" },
	{ "page-size", ARG_SIZE, false, NULL, "bytes a number stands for, default 4KiB" },
	{ "clear", ARG_BOOL, false, NULL, "forgets what it tells, and flushes; default true" },
	ARG_END,
};
static const struct field_def read_dirty_fields[] = {
	{ "count", FIELD_NUMBER, NULL },
	{ "dirty", FIELD_DEEPER, NULL },
	{ .name = NULL },
};
const struct op op_read_dirty = {
	"read-dirty",
	"Which pages were written by DMA, as the second stage's dirty bits tell.",
	read_dirty_args,
	NULL,
	run_read_dirty,
	read_dirty_fields,
	NULL
};
