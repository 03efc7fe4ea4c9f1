/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The actor `host` in the place of a VFIO that hands a guest's table of context descriptors down to the
 * SMMU's driver: none of the kernels here has a call for it.
 */
#include "guest-smmu.h"

static size_t device_arg(const struct step *step)
{
	return step_number(step, "device", 0);
}

static const struct word default_words[] = {
	{ "terminate", 0 },
	{ "bypass", 1 },
	{ "cd0", 2 },
	{ NULL, 0 },
};

static void run_attach(struct run *run, const struct step *step, struct step_out *out)
{
	const struct guest_cd_table *table = guest_cd_table_arg(run, step, out);
	u8 default_substream = (u8)step_number(step, "default-substream", 2);

	if (!table)
		return;
	out->value = kernel_attach_pasid_table(run->kernel, device_arg(step),
					       &(struct kernel_pasid_table){
						       .base = table->base,
						       .pasid_bits = table->bits,
						       .format = table->format,
						       .default_pasid = default_substream,
					       });
	if (out->value == 0)
		guest_attach(run, device_arg(step), table, default_substream);
}

static const struct arg_def attach_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "a device behind an SMMU" },
	{ "table", ARG_TABLE, true, NULL, "the guest's table of CDs" },
	{ "default-substream", ARG_CHOICE, false, default_words,
	  "DMA without PASID: terminate, bypass, or cd0 (default), by the CD of substream 0" },
	{ .name = NULL },
};
const struct op op_attach_cd_table = {
	"attach-cd-table",
	"Gives a device, and those that share its domain, the guest's table of CDs as stage 1.",
	attach_args,
	NULL,
	run_attach,
	NULL,
	NULL
};

static void run_detach(struct run *run, const struct step *step, struct step_out *out)
{
	out->value = kernel_detach_pasid_table(run->kernel, device_arg(step));
	if (out->value == 0)
		guest_attach(run, device_arg(step), NULL, 0);
}

static const struct arg_def detach_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "a device behind an SMMU" },
	{ .name = NULL },
};
const struct op op_detach_cd_table = { "detach-cd-table",
				       "Takes the guest's table of CDs away again.",
				       detach_args,
				       "device",
				       run_detach,
				       NULL,
				       NULL };

static void run_invalidate(struct run *run, const struct step *step, struct step_out *out)
{
	const struct kernel_stage1_invalidation invalidation = {
		.entry = step_number(step, "cd", 0),
		.pasid = (u32)step_number(step, "substream", 0),
		.has_asid = step_arg(step, "asid"),
		.asid = (u16)step_number(step, "asid", 0),
		.address = step_number(step, "address", 0),
		.size = step_number(step, "size", step_arg(step, "address") ? 4096 : 0),
		.granule = step_number(step, "granule", 4096),
	};

	if (!invalidation.granule || invalidation.size / invalidation.granule > RUN_WORK_MAX) {
		step_fail(out, "more than 2^24 entries of 0x%llx bytes", invalidation.granule);
		return;
	}
	if (!run_work(run, invalidation.size / invalidation.granule, out))
		return;
	out->value = kernel_invalidate_stage1(run->kernel, device_arg(step), &invalidation);
}

static const struct arg_def invalidate_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "a device behind an SMMU" },
	{ "substream", ARG_NUMBER, false, NULL, "whose CD and device TLB entries; default 0" },
	{ "asid", ARG_NUMBER, false, NULL, "whose TLB entries; default: all of the guest's" },
	{ "address", ARG_NUMBER, false, NULL, "guest-virtual address; default: all addresses" },
	{ "size", ARG_SIZE, false, NULL, "bytes, with address; default 4KiB" },
	{ "granule", ARG_SIZE, false, NULL, "bytes of a page, with address; default 4KiB" },
	{ "cd", ARG_BOOL, false, NULL, "the CD has changed too, default false" },
	{ .name = NULL },
};
const struct op op_invalidate_stage1 = {
	"invalidate-stage1",
	"Passes down what a guest behind an SMMU invalidates: TLB, device TLB, and CDs.",
	invalidate_args,
	"device",
	run_invalidate,
	NULL,
	NULL
};
