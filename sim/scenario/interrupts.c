/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts of devices: the kernel gives a device one, and a device sends one, whether or not it is its own. What of
 * it reaches a processor is judged by what the kernel gave to whom.
 */
#include "interrupts.h"

#include "run.h"

#include "vtd/vtd-fault.h"
#include "vtd/vtd-format.h"

#include <string.h>

#define ARG_END              \
	{                    \
		.name = NULL \
	}

/* ---- what the kernel gives ---- */

static json_t *msi_to_json(const struct kernel_msi *msi)
{
	json_t *object = json_object();

	json_object_set_new(object, "address", json_u64(msi->address));
	json_object_set_new(object, "data", json_u64(msi->data));
	json_object_set_new(object, "vector", json_u64(msi->vector));
	json_object_set_new(object, "destination", json_u64(msi->destination));
	if (msi->index >= 0)
		json_object_set_new(object, "index", json_u64((u64)msi->index));
	json_object_set_new(object, "handled", json_u64(msi->handled));
	return object;
}

static void finish_msi(int ret, const struct kernel_msi *msi, struct step_out *out)
{
	if (ret)
		out->value = ret;
	else
		out->result = msi_to_json(msi);
}

static void run_msi(struct run *run, const struct step *step, struct step_out *out)
{
	const char *device = run->platform->devices[step_number(step, "device", 0)].name;
	struct kernel_msi msi;

	finish_msi(kernel_msi_alloc(run->kernel, device, (u32)step_number(step, "destination", 0),
				    &msi),
		   &msi, out);
}

static void run_msi_move(struct run *run, const struct step *step, struct step_out *out)
{
	struct kernel_msi msi;

	finish_msi(kernel_msi_move(run->kernel, (unsigned int)step_number(step, "vector", 0),
				   (u32)step_number(step, "destination", 0), &msi),
		   &msi, out);
}

static void run_msi_free(struct run *run, const struct step *step, struct step_out *out)
{
	out->value = kernel_msi_free(run->kernel, (unsigned int)step_number(step, "vector", 0));
}

static void run_msi_query(struct run *run, const struct step *step, struct step_out *out)
{
	struct kernel_msi msi;

	finish_msi(kernel_msi_query(run->kernel, (unsigned int)step_number(step, "vector", 0),
				    &msi),
		   &msi, out);
}

static const struct field_def msi_fields[] = {
	{ "address", FIELD_NUMBER, NULL },
	{ "data", FIELD_NUMBER, NULL },
	{ "vector", FIELD_NUMBER, NULL },
	{ "destination", FIELD_NUMBER, NULL },
	{ "index", FIELD_NUMBER, NULL },
	{ "handled", FIELD_NUMBER, NULL },
	{ .name = NULL },
};

static const struct arg_def msi_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "the device's address, e.g. 0000:3a:00.0" },
	{ "destination", ARG_U32, false, NULL, "APIC id of a processor, 0 (default) to 255" },
	ARG_END,
};
const struct op op_msi = {
	"msi",
	"The kernel gives a device an interrupt: address and data that the device is to write, vector, destination, "
	"and the index of its remapping entry where it is remapped.",
	msi_args,
	"device",
	run_msi,
	msi_fields,
	NULL
};

static const struct arg_def msi_move_args[] = {
	{ "vector", ARG_U32, true, NULL, "of an interrupt that a device has" },
	{ "destination", ARG_U32, true, NULL, "APIC id of a processor, 0 to 255" },
	ARG_END,
};
const struct op op_msi_move = {
	"msi-move",    "The kernel lets a device's interrupt arrive at another processor.",
	msi_move_args, NULL,
	run_msi_move,  msi_fields,
	NULL
};

static const struct arg_def msi_vector_args[] = {
	{ "vector", ARG_U32, true, NULL, "of an interrupt that a device has" },
	ARG_END,
};
const struct op op_msi_free = { "msi-free",
				"The kernel takes an interrupt back from a device.",
				msi_vector_args,
				"vector",
				run_msi_free,
				NULL,
				NULL };
const struct op op_msi_query = {
	"msi-query",
	"What there is of a device's interrupt now; handled is how often its handler has run.",
	msi_vector_args,
	"vector",
	run_msi_query,
	msi_fields,
	NULL
};

/* ---- what a device sends ---- */

static u64 part_of(const char *format, const char *name, u64 value)
{
	return format_field_get(vtd_field(vtd_format(format), name), &value);
}

/* A device may reach no vector but its own. */
static void judge_arrival(struct run *run, size_t device, unsigned int vector)
{
	const char *name = run->platform->devices[device].name;
	struct kernel_msi msi;

	if (kernel_msi_query(run->kernel, vector, &msi))
		run_outcome(run, OUTCOME_CORRUPTED, "%s reached vector 0x%x, which is no device's",
			    name, vector);
	else if (strcmp(msi.device, name) != 0)
		run_outcome(run, OUTCOME_CORRUPTED, "%s reached vector 0x%x, which is that of %s",
			    name, vector, msi.device);
}

static void arrival_to_json(json_t *object, const struct dma_result *dma)
{
	u64 address = dma->first_address.v, data = dma->message;

	json_object_set_new(object, "vector", json_u64(part_of("interrupt-data", "V", data)));
	json_object_set_new(object, "delivery_mode",
			    json_u64(part_of("interrupt-data", "DLM", data)));
	json_object_set_new(object, "destination",
			    json_u64(part_of("interrupt-address", "DST", address) |
				     part_of("interrupt-address", "DST_HI", address) << 8));
	json_object_set_new(object, "logical",
			    json_boolean(part_of("interrupt-address", "DM", address)));
}

static void run_interrupt(struct run *run, const struct step *step, struct step_out *out)
{
	const size_t device = step_number(step, "device", 0);
	const u64 before = machine_messages(run->machine);
	const struct dma_request request = {
		.address = iova(step_number(step, "address", 0)),
		.len = sizeof(u32),
		.access = ACCESS_WRITE,
	};
	u32 data = (u32)step_number(step, "data", 0);
	struct dma_result dma;
	const struct vtd_fault_info *fault;
	bool arrived;

	if (part_of("interrupt-address", "BASE", request.address.v) != 0xfee00000 ||
	    request.address.v >> 32) {
		step_fail(out, "address is 0x%llx; expected 0xfee00000 to 0xfeefffff",
			  request.address.v);
		return;
	}
	pcie_dma(machine_function(run->machine, device), &request, &data, &dma);
	machine_settle(run->machine);
	arrived = dma.interrupt &&
		  machine_message_came(run->machine, before, dma.first_address.v, dma.message);
	fault = vtd_fault_info(dma.fault);
	out->result = json_object();
	json_object_set_new(out->result, "status", json_string(dma_status_names[dma.status]));
	json_object_set_new(out->result, "arrived", json_boolean(arrived));
	json_object_set_new(out->result, "table_reads", json_u64(dma.table_reads));
	if (dma.interrupt)
		json_object_set_new(out->result, "posted", json_boolean(dma.posted));
	if (arrived)
		arrival_to_json(out->result, &dma);
	if (arrived && !dma.posted)
		judge_arrival(run, device,
			      (unsigned int)part_of("interrupt-data", "V", dma.message));
	if (fault) {
		json_object_set_new(out->result, "fault", json_u64(dma.fault));
		json_object_set_new(out->result, "fault_name", json_string(fault->name));
		run_fault(run, device, &request, &dma);
	}
}

static const struct field_def interrupt_fields[] = {
	{ "status", FIELD_WORD, dma_status_names },
	{ "arrived", FIELD_BOOL, NULL },
	{ "posted", FIELD_BOOL, NULL },
	{ "vector", FIELD_NUMBER, NULL },
	{ "delivery_mode", FIELD_NUMBER, NULL },
	{ "destination", FIELD_NUMBER, NULL },
	{ "logical", FIELD_BOOL, NULL },
	{ "table_reads", FIELD_NUMBER, NULL },
	{ "fault", FIELD_FAULT, NULL },
	{ "fault_name", FIELD_FAULT, NULL },
	{ .name = NULL },
};
static const struct arg_def interrupt_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "the device's address, e.g. 0000:3a:00.0" },
	{ "address", ARG_NUMBER, true, NULL, "0xfee00000 to 0xfeefffff" },
	{ "data", ARG_U32, false, NULL, "4 bytes, default 0" },
	ARG_END,
};
const struct op op_interrupt = {
	"interrupt",
	"A device writes 4 bytes to the interrupt range, as an interrupt of its own or a forged one. The result has status, "
	"whether it arrived at a processor, with which vector, delivery_mode, destination, or fault.",
	interrupt_args,
	NULL,
	run_interrupt,
	interrupt_fields,
	NULL
};
