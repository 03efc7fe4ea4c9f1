/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The actor `guest` as the driver of a virtual unit: root table, queue and registers. It knows of the host what its unit
 * tells.
 */
#include "guest-viommu.h"

#include "vtd/vtd-fault.h"
#include "vtd/vtd-format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	GCMD = 0x18,
	GSTS = 0x1c,
	RTADDR = 0x20,
	FSTS = 0x34,
	FECTL = 0x38,
	FEADDR = 0x40,
	IQT = 0x88,
	IQA = 0x90,
	IECTL = 0xa0,
	IEADDR = 0xa8,
	IQERCD = 0xb0,
	PQA = 0xd0,
	PECTL = 0xe0,
	PEADDR = 0xe8,
	VCMD = 0xe00,
	VCRSP = 0xe10,
};

#define INTERRUPT_ADDRESS 0xfee00000u

u64 guest_get(const char *format, const char *name, const u64 *entry)
{
	return format_field_get(vtd_field(vtd_format(format), name), entry);
}

void guest_put(const char *format, const char *name, u64 *entry, u64 value)
{
	format_field_set(vtd_field(vtd_format(format), name), entry, value);
}

u64 guest_register(struct virtual_iommu *v, u32 offset, unsigned int size)
{
	return viommu_register_read(v->unit, offset, size);
}

void guest_set_register(struct virtual_iommu *v, u32 offset, unsigned int size, u64 value)
{
	viommu_register_write(v->unit, offset, size, value);
}

/* The unit argument; NULL with a failed step, or with -ENODEV where the VMM refused to make it. */
struct virtual_iommu *guest_unit_arg(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = run_viommu(run, step_text(step, "viommu", ""), out);

	if (!v)
		return NULL;
	viommu_step_begin(v, out);
	if (v->unit) {
		viommu_take_page_requests(v);
		return v;
	}
	out->value = -ENODEV;
	return NULL;
}

/* The same once the guest's driver uses it; -ENODEV before. */
struct virtual_iommu *guest_enabled_arg(struct run *run, const struct step *step,
					struct step_out *out)
{
	struct virtual_iommu *v = guest_unit_arg(run, step, out);

	if (!v || v->driver.queue)
		return v;
	out->value = -ENODEV;
	return NULL;
}

void guest_no_memory(struct step_out *out)
{
	step_fail(out, "the guest has no memory for the virtual unit's tables; expected a `mmap` "
		       "with `gpa:` before");
}

/* ---- the queue ---- */

/* The next descriptor, of that type. */
u64 *guest_add(struct guest_batch *batch, const char *format, u64 type)
{
	u64 *d = batch->descriptors[batch->count++];

	memset(d, 0, GUEST_DESCRIPTOR_BYTES);
	guest_put(format, "TYPE", d, type);
	return d;
}

void guest_add_pasid_cache(struct guest_batch *batch, u64 granularity, u16 domain_id, u32 pasid)
{
	u64 *d = guest_add(batch, "pasid-cache-invalidate", 7);

	guest_put("pasid-cache-invalidate", "G", d, granularity);
	guest_put("pasid-cache-invalidate", "DID", d, domain_id);
	guest_put("pasid-cache-invalidate", "PASID", d, pasid);
}

void guest_add_iotlb(struct guest_batch *batch, u64 granularity)
{
	u64 *d = guest_add(batch, "iotlb-invalidate", 2);

	guest_put("iotlb-invalidate", "G", d, granularity);
	guest_put("iotlb-invalidate", "DID", d, GUEST_DOMAIN_ID);
}

void guest_add_wait(struct virtual_iommu *v, struct guest_batch *batch)
{
	u64 *d = guest_add(batch, "wait", 5);

	guest_put("wait", "SW", d, 1);
	guest_put("wait", "DATA", d, ++v->driver.waits);
	guest_put("wait", "ADDR", d, v->driver.status_at);
}

static bool write_descriptors(struct virtual_iommu *v, const struct guest_batch *batch, u64 *at)
{
	struct guest_driver *driver = &v->driver;

	*at = driver->queue + driver->tail;
	for (unsigned int i = 0; i < batch->count; i++) {
		if (!run_guest_write(v->run, driver->queue + driver->tail, batch->descriptors[i],
				     GUEST_DESCRIPTOR_BYTES))
			return false;
		driver->tail = (driver->tail + GUEST_DESCRIPTOR_BYTES) % driver->queue_bytes;
	}
	return true;
}

/* What came of it: whether the last wait's status is there, and why the queue has stopped. */
static void queue_to_json(struct virtual_iommu *v, u64 at, json_t *result)
{
	u64 status = guest_register(v, FSTS, 4), record = guest_register(v, IQERCD, 8);
	u32 done = 0;

	run_guest_read(v->run, v->driver.status_at, &done, sizeof(done));
	json_object_set_new(result, "completed", json_boolean(done == v->driver.waits));
	json_object_set_new(result, "queue_error",
			    json_u64(guest_get("fsts", "IQE", &status)
					     ? guest_get("iqercd", "IQEI", &record)
					     : 0));
	json_object_set_new(result, "at", json_u64(at));
}

/* Queues descriptors and tells the unit; the result has what came of it. */
void guest_submit(struct virtual_iommu *v, const struct guest_batch *batch, struct step_out *out)
{
	u64 at;

	if (!write_descriptors(v, batch, &at)) {
		step_fail(out, "the guest has no memory any more where its queue was");
		return;
	}
	guest_set_register(v, IQT, 8, v->driver.tail);
	if (out->failed)
		return;
	if (!out->result)
		out->result = json_object();
	queue_to_json(v, at, out->result);
	viommu_calls_to_json(v, out->result);
}

/* ---- enable ---- */

/* GCMD keeps what is on and changes one bit. */
static void command(struct virtual_iommu *v, const char *name)
{
	u64 value = guest_register(v, GSTS, 4) &
		    0x96ffffff; /* what asks for an action is not kept on */

	guest_put("gcmd", name, &value, 1);
	guest_set_register(v, GCMD, 4, value);
}

static void unmask(struct virtual_iommu *v, u32 control, u32 address)
{
	guest_set_register(v, address, 4, INTERRUPT_ADDRESS);
	guest_set_register(v, control, 4, 0);
}

static bool has_scalable_mode(const struct virtual_iommu *v)
{
	return guest_get("ecap", "SMTS", &v->ecap) && guest_get("ecap", "FSTS", &v->ecap) &&
	       guest_get("ecap", "QI", &v->ecap);
}

static void start_unit(struct virtual_iommu *v)
{
	u64 rtaddr = v->driver.root, iqa = v->driver.queue;

	guest_put("rtaddr", "TTM", &rtaddr, 1);
	guest_set_register(v, RTADDR, 8, rtaddr);
	command(v, "SRTP");
	guest_put("iqa", "DW", &iqa, 1);
	guest_set_register(v, IQA, 8, iqa);
	guest_set_register(v, IQT, 8, 0);
	command(v, "QIE");
	if (v->driver.page_requests) {
		guest_set_register(v, PQA, 8, v->driver.page_requests);
		unmask(v, PECTL, PEADDR);
	}
	unmask(v, FECTL, FEADDR);
	unmask(v, IECTL, IEADDR);
}

static void run_viommu_enable(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = guest_unit_arg(run, step, out);
	struct guest_batch batch = { 0 };

	if (!v)
		return;
	if (!has_scalable_mode(v)) {
		out->value = -ENODEV; /* a unit that the driver has no use for: nothing to nest */
		return;
	}
	free(v->driver.unanswered);
	v->driver = (struct guest_driver){
		.root = run_guest_page(run),
		.queue = run_guest_page(run),
		.queue_bytes = 4096,
		.status_at = run_guest_page(run),
	};
	if (guest_get("ecap", "PRS", &v->ecap))
		v->driver.page_requests = run_guest_page(run);
	if (!v->driver.root || !v->driver.queue || !v->driver.status_at ||
	    (guest_get("ecap", "PRS", &v->ecap) && !v->driver.page_requests)) {
		v->driver.queue = 0;
		guest_no_memory(out);
		return;
	}
	start_unit(v);
	out->result = json_object();
	json_object_set_new(out->result, "root", json_u64(v->driver.root));
	json_object_set_new(out->result, "queue", json_u64(v->driver.queue));
	guest_put("context-cache-invalidate", "G", guest_add(&batch, "context-cache-invalidate", 1),
		  1);
	guest_add_pasid_cache(&batch, 3, 0, 0);
	guest_add_iotlb(&batch, 1);
	guest_add_wait(v, &batch);
	guest_submit(v, &batch, out);
	command(v, "TE");
	viommu_calls_to_json(v, out->result);
}

static const struct arg_def enable_args[] = { GUEST_VIOMMU_ARG, { .name = NULL } };
static const struct field_def enable_fields[] = {
	{ "root", FIELD_NUMBER, NULL },
	{ "queue", FIELD_NUMBER, NULL },
	GUEST_SUBMIT_FIELDS,
	{ .name = NULL },
};
const struct op op_viommu_enable = {
	"viommu-enable",
	"Starts to use a virtual unit: root table, scalable mode, queue with 128 descriptors, translation.",
	enable_args,
	"viommu",
	run_viommu_enable,
	enable_fields,
	NULL
};

/* ---- single descriptors ---- */

static const struct word descriptor_words[] = {
	{ "context-cache-invalidate", 1 },
	{ "iotlb-invalidate", 2 },
	{ "device-tlb-invalidate", 3 },
	{ "interrupt-entry-cache-invalidate", 4 },
	{ "wait", 5 },
	{ "pasid-iotlb-invalidate", 6 },
	{ "pasid-cache-invalidate", 7 },
	{ "pasid-device-tlb-invalidate", 8 },
	{ "page-group-response", 9 },
	{ NULL, 0 },
};

/* The descriptor as the step gives it, by its quadwords or by its fields. */
static bool add_given(struct guest_batch *batch, const struct step *step, struct step_out *out)
{
	const struct arg *raw = step_arg(step, "raw");
	const char *format = step_text(step, "descriptor", "pasid-iotlb-invalidate");
	u64 *d = guest_add(batch, format, step_number(step, "descriptor", 6));

	if (!raw)
		return entry_set_fields(vtd_format(format), step_arg(step, "fields"), d, out);
	if (raw->node->count > 4) {
		step_fail(out, "raw: a descriptor has 4 quadwords; expected at most so many");
		return false;
	}
	memset(d, 0, GUEST_DESCRIPTOR_BYTES);
	for (size_t i = 0; i < raw->node->count; i++)
		parse_u64(raw->node->items[i]->text, false, &d[i]);
	return true;
}

static void run_viommu_invalidate(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = guest_enabled_arg(run, step, out);
	struct guest_batch batch = { 0 };

	if (!v || !add_given(&batch, step, out))
		return;
	if (step_number(step, "wait", 1))
		guest_add_wait(v, &batch);
	guest_submit(v, &batch, out);
}

static const char *const *descriptor_formats(const struct step *step)
{
	static const char *const formats[][2] = {
		{ "context-cache-invalidate", NULL },
		{ "iotlb-invalidate", NULL },
		{ "device-tlb-invalidate", NULL },
		{ "interrupt-entry-cache-invalidate", NULL },
		{ "wait", NULL },
		{ "pasid-iotlb-invalidate", NULL },
		{ "pasid-cache-invalidate", NULL },
		{ "pasid-device-tlb-invalidate", NULL },
		{ "page-group-response", NULL },
	};
	u64 type = step_number(step, "descriptor", 6);

	/* what is no type has been told */
	return formats[type >= 1 && type <= 9 ? type - 1 : 5];
}

static const struct arg_def invalidate_args[] = {
	GUEST_VIOMMU_ARG,
	{ "descriptor", ARG_CHOICE, false, descriptor_words,
	  "its type, by the name of its format; default pasid-iotlb-invalidate" },
	{ "fields", ARG_FIELDS, false, NULL, "its fields, by their names; default 0" },
	{ "raw", ARG_LIST, false, NULL, "instead: its quadwords, up to 4" },
	{ "wait", ARG_BOOL, false, NULL, "a wait descriptor follows it, default true" },
	{ .name = NULL },
};
static const struct field_def submit_fields[] = {
	GUEST_SUBMIT_FIELDS,
	{ .name = NULL },
};
const struct op op_viommu_invalidate = {
	"viommu-invalidate",   "Queues an invalidation descriptor, which may be any.",
	invalidate_args,       NULL,
	run_viommu_invalidate, submit_fields,
	descriptor_formats
};

/* ---- registers ---- */

static u64 read64(void *ctx, u32 offset)
{
	return guest_register(ctx, offset, 8);
}

static void run_viommu_register(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = guest_unit_arg(run, step, out);
	unsigned int size;
	u32 offset;

	if (!v ||
	    !run_register_arg(step, &(struct unit_registers){ read64, v }, &offset, &size, out))
		return;
	if (step_arg(step, "value"))
		guest_set_register(v, offset, size, step_number(step, "value", 0));
	if (out->failed)
		return;
	out->result = json_object();
	json_object_set_new(out->result, "value", json_u64(guest_register(v, offset, size)));
	viommu_calls_to_json(v, out->result);
}

static const struct arg_def register_args[] = {
	GUEST_VIOMMU_ARG,
	{ "register", ARG_REGISTER, true, NULL, "a VT-d register's name, or an offset in bytes" },
	{ "value", ARG_NUMBER, false, NULL, "what to write; default: it is only read" },
	{ "size", ARG_NUMBER, false, NULL, "4 or 8 bytes; default: the register's own" },
	{ .name = NULL },
};
static const struct field_def register_fields[] = {
	{ "value", FIELD_NUMBER, NULL },
	VIOMMU_CALL_FIELDS,
	{ .name = NULL },
};
const struct op op_viommu_register = {
	"viommu-register",
	"Reads a register of a virtual unit, or writes and then reads it.",
	register_args,
	NULL,
	run_viommu_register,
	register_fields,
	NULL
};

/* ---- virtual commands ---- */

/* Gives a command and waits; the status code, or -ENODEV without virtual commands. */
static long virtual_command(struct virtual_iommu *v, u64 code, u64 operand, u64 *result)
{
	u64 command = 0, response;

	if (!guest_get("ecap", "VCS", &v->ecap))
		return -ENODEV;
	guest_put("vcmd", "CMD", &command, code);
	guest_put("vcmd", "OPERAND", &command, operand);
	guest_set_register(v, VCMD, 8, command);
	response = guest_register(v, VCRSP, 8);
	*result = guest_get("vcrsp", "RSLT", &response);
	return (long)guest_get("vcrsp", "SC", &response);
}

static void run_viommu_alloc_pasid(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = guest_unit_arg(run, step, out);
	u64 pasid = 0;
	long status;

	if (!v)
		return;
	status = virtual_command(v, 1, 0, &pasid);
	/* as Linux' guest driver has it: no PASID is left */
	out->value = status > 0 ? -ENOSPC : status < 0 ? status : (long long)pasid;
}

static const struct arg_def alloc_args[] = { GUEST_VIOMMU_ARG, { .name = NULL } };
const struct op op_viommu_alloc_pasid = {
	"viommu-alloc-pasid",
	"Asks for a PASID by a virtual command, which the VMM passes on; the result is its number.",
	alloc_args,
	"viommu",
	run_viommu_alloc_pasid,
	NULL,
	NULL
};

static void run_viommu_free_pasid(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = guest_unit_arg(run, step, out);
	u64 ignored;
	long status;

	if (!v)
		return;
	status = virtual_command(v, 2, step_number(step, "pasid", 0), &ignored);
	out->value = status > 0 ? -EINVAL : status;
}

static const struct arg_def free_args[] = {
	GUEST_VIOMMU_ARG,
	{ "pasid", ARG_U32, true, NULL, "the PASID" },
	{ .name = NULL },
};
const struct op op_viommu_free_pasid = { "viommu-free-pasid",
					 "Gives a PASID back by a virtual command.",
					 free_args,
					 NULL,
					 run_viommu_free_pasid,
					 NULL,
					 NULL };

/* ---- faults ---- */

static void fault_to_json(const u64 record[2], json_t *result)
{
	u64 reason = guest_get("frcd", "FR", record);
	const struct vtd_fault_info *info = vtd_fault_info((unsigned int)reason);

	json_object_set_new(result, "fault", json_u64(reason));
	json_object_set_new(result, "fault_name", json_string(info ? info->name : "unknown"));
	json_object_set_new(result, "source", json_u64(guest_get("frcd", "SID", record)));
	if (guest_get("frcd", "PP", record))
		json_object_set_new(result, "pasid", json_u64(guest_get("frcd", "PV", record)));
	json_object_set_new(result, "address", json_u64(guest_get("frcd", "FI", record)));
}

/* Reads the fault record, if there is one, and clears it, as an interrupt handler does. */
static void run_viommu_faults(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = guest_unit_arg(run, step, out);
	u64 status, record[2];
	u32 at;

	if (!v)
		return;
	at = (u32)guest_get("cap", "FRO", &v->cap) * 16;
	record[0] = guest_register(v, at, 8);
	record[1] = guest_register(v, at + 8, 8);
	status = guest_register(v, FSTS, 4);
	out->result = json_object();
	json_object_set_new(out->result, "pending", json_boolean(guest_get("frcd", "F", record)));
	json_object_set_new(out->result, "overflow",
			    json_boolean(guest_get("fsts", "PFO", &status)));
	if (guest_get("frcd", "F", record))
		fault_to_json(record, out->result);
	guest_set_register(v, at + 8, 8, 1ULL << 63);
	guest_set_register(v, FSTS, 4, 1);
}

static const struct arg_def faults_args[] = { GUEST_VIOMMU_ARG, { .name = NULL } };
static const struct field_def faults_fields[] = {
	{ "pending", FIELD_BOOL, NULL },   { "overflow", FIELD_BOOL, NULL },
	{ "fault", FIELD_FAULT, NULL },    { "fault_name", FIELD_FAULT, NULL },
	{ "source", FIELD_NUMBER, NULL },  { "pasid", FIELD_NUMBER, NULL },
	{ "address", FIELD_NUMBER, NULL }, { .name = NULL },
};
const struct op op_viommu_faults = {
	"viommu-faults",
	"Reads the fault that a virtual unit has recorded, and clears it.",
	faults_args,
	"viommu",
	run_viommu_faults,
	faults_fields,
	NULL
};
