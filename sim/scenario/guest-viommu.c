/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The actor `guest` as the driver of a virtual unit: root table, queue, contexts and PASID entries in its own memory,
 * registers, and the invalidations that caching mode asks for after every change. It knows of the host what its unit
 * tells.
 */
#include "viommu.h"

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
	VCMD = 0xe00,
	VCRSP = 0xe10,
};

#define DESCRIPTOR_BYTES 32u /* scalable mode has the wide ones */
#define DESCRIPTORS_MAX 8u /* of one operation */
#define DOMAIN_ID 1u /* of all first-stage and pass-through entries, as Linux has it */
#define INTERRUPT_ADDRESS 0xfee00000u

static u64 get(const char *format, const char *name, const u64 *entry)
{
	return format_field_get(vtd_field(vtd_format(format), name), entry);
}

static void put(const char *format, const char *name, u64 *entry, u64 value)
{
	format_field_set(vtd_field(vtd_format(format), name), entry, value);
}

static u64 read_register(struct virtual_iommu *v, u32 offset, unsigned int size)
{
	return viommu_register_read(v->unit, offset, size);
}

static void write_register(struct virtual_iommu *v, u32 offset, unsigned int size, u64 value)
{
	viommu_register_write(v->unit, offset, size, value);
}

/* The unit argument; NULL with a failed step, or with -ENODEV where the VMM refused to make it. */
static struct virtual_iommu *unit_arg(struct run *run, const struct step *step,
				      struct step_out *out)
{
	struct virtual_iommu *v = run_viommu(run, step_text(step, "viommu", ""), out);

	if (!v)
		return NULL;
	viommu_step_begin(v, out);
	if (v->unit)
		return v;
	out->value = -ENODEV;
	return NULL;
}

/* The same once the guest's driver uses it; -ENODEV before. */
static struct virtual_iommu *enabled_arg(struct run *run, const struct step *step,
					 struct step_out *out)
{
	struct virtual_iommu *v = unit_arg(run, step, out);

	if (!v || v->driver.queue)
		return v;
	out->value = -ENODEV;
	return NULL;
}

static bool no_memory(struct step_out *out)
{
	step_fail(out, "the guest has no memory for the virtual unit's tables; expected a `mmap` "
		       "with `gpa:` before");
	return false;
}

/* ---- the queue ---- */

/** Descriptors that an operation queues. */
struct batch {
	u64 descriptors[DESCRIPTORS_MAX][4];
	unsigned int count;
};

/* The next descriptor, of that type. */
static u64 *add(struct batch *batch, const char *format, u64 type)
{
	u64 *d = batch->descriptors[batch->count++];

	memset(d, 0, DESCRIPTOR_BYTES);
	put(format, "TYPE", d, type);
	return d;
}

static void add_context(struct batch *batch, u16 source_id)
{
	u64 *d = add(batch, "context-cache-invalidate", 1);

	put("context-cache-invalidate", "G", d, 3);
	put("context-cache-invalidate", "DID", d, DOMAIN_ID);
	put("context-cache-invalidate", "SID", d, source_id);
}

static void add_pasid_cache(struct batch *batch, u64 granularity, u16 domain_id, u32 pasid)
{
	u64 *d = add(batch, "pasid-cache-invalidate", 7);

	put("pasid-cache-invalidate", "G", d, granularity);
	put("pasid-cache-invalidate", "DID", d, domain_id);
	put("pasid-cache-invalidate", "PASID", d, pasid);
}

static void add_pasid_iotlb(struct batch *batch, u16 domain_id, u32 pasid)
{
	u64 *d = add(batch, "pasid-iotlb-invalidate", 6);

	put("pasid-iotlb-invalidate", "G", d, 2);
	put("pasid-iotlb-invalidate", "DID", d, domain_id);
	put("pasid-iotlb-invalidate", "PASID", d, pasid);
}

static void add_iotlb(struct batch *batch, u64 granularity)
{
	u64 *d = add(batch, "iotlb-invalidate", 2);

	put("iotlb-invalidate", "G", d, granularity);
	put("iotlb-invalidate", "DID", d, DOMAIN_ID);
}

static void add_wait(struct virtual_iommu *v, struct batch *batch)
{
	u64 *d = add(batch, "wait", 5);

	put("wait", "SW", d, 1);
	put("wait", "DATA", d, ++v->driver.waits);
	put("wait", "ADDR", d, v->driver.status_at);
}

static bool write_descriptors(struct virtual_iommu *v, const struct batch *batch, u64 *at)
{
	struct guest_driver *driver = &v->driver;

	*at = driver->queue + driver->tail;
	for (unsigned int i = 0; i < batch->count; i++) {
		if (!run_guest_write(v->run, driver->queue + driver->tail, batch->descriptors[i],
				     DESCRIPTOR_BYTES))
			return false;
		driver->tail = (driver->tail + DESCRIPTOR_BYTES) % driver->queue_bytes;
	}
	return true;
}

/* What came of it: whether the last wait's status is there, and why the queue has stopped. */
static void queue_to_json(struct virtual_iommu *v, u64 at, json_t *result)
{
	u64 status = read_register(v, FSTS, 4), record = read_register(v, IQERCD, 8);
	u32 done = 0;

	run_guest_read(v->run, v->driver.status_at, &done, sizeof(done));
	json_object_set_new(result, "completed", json_boolean(done == v->driver.waits));
	json_object_set_new(result, "queue_error",
			    json_u64(get("fsts", "IQE", &status) ? get("iqercd", "IQEI", &record)
								 : 0));
	json_object_set_new(result, "at", json_u64(at));
}

/* Queues descriptors and tells the unit; the result has what came of it. */
static void submit(struct virtual_iommu *v, const struct batch *batch, struct step_out *out)
{
	u64 at;

	if (!write_descriptors(v, batch, &at)) {
		step_fail(out, "the guest has no memory any more where its queue was");
		return;
	}
	write_register(v, IQT, 8, v->driver.tail);
	if (out->failed)
		return;
	if (!out->result)
		out->result = json_object();
	queue_to_json(v, at, out->result);
	viommu_calls_to_json(v, out->result);
}

/* Fields of submit(). */
#define SUBMIT_FIELDS                                                             \
	{ "completed", FIELD_BOOL, NULL }, { "queue_error", FIELD_NUMBER, NULL }, \
		{ "at", FIELD_NUMBER, NULL }, VIOMMU_CALL_FIELDS

#define VIOMMU_ARG                                                          \
	{                                                                   \
		"viommu", ARG_VIOMMU, true, NULL, "the virtual unit's name" \
	}
#define DEVICE_ARG                                                                   \
	{                                                                            \
		"device", ARG_DEVICE, true, NULL, "a device of the unit's container" \
	}

/* ---- enable ---- */

/* GCMD keeps what is on and changes one bit. */
static void command(struct virtual_iommu *v, const char *name)
{
	u64 value = read_register(v, GSTS, 4) &
		    0x96ffffff; /* what asks for an action is not kept on */

	put("gcmd", name, &value, 1);
	write_register(v, GCMD, 4, value);
}

static void unmask(struct virtual_iommu *v, u32 control, u32 address)
{
	write_register(v, address, 4, INTERRUPT_ADDRESS);
	write_register(v, control, 4, 0);
}

static bool has_scalable_mode(const struct virtual_iommu *v)
{
	return get("ecap", "SMTS", &v->ecap) && get("ecap", "FSTS", &v->ecap) &&
	       get("ecap", "QI", &v->ecap);
}

static void start_unit(struct virtual_iommu *v)
{
	u64 rtaddr = v->driver.root, iqa = v->driver.queue;

	put("rtaddr", "TTM", &rtaddr, 1);
	write_register(v, RTADDR, 8, rtaddr);
	command(v, "SRTP");
	put("iqa", "DW", &iqa, 1);
	write_register(v, IQA, 8, iqa);
	write_register(v, IQT, 8, 0);
	command(v, "QIE");
	unmask(v, FECTL, FEADDR);
	unmask(v, IECTL, IEADDR);
}

static void run_viommu_enable(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = unit_arg(run, step, out);
	struct batch batch = { 0 };

	if (!v)
		return;
	if (!has_scalable_mode(v)) {
		out->value = -ENODEV; /* a unit that the driver has no use for: nothing to nest */
		return;
	}
	v->driver = (struct guest_driver){
		.root = run_guest_page(run),
		.queue = run_guest_page(run),
		.queue_bytes = 4096,
		.status_at = run_guest_page(run),
	};
	if (!v->driver.root || !v->driver.queue || !v->driver.status_at) {
		v->driver.queue = 0;
		no_memory(out);
		return;
	}
	start_unit(v);
	out->result = json_object();
	json_object_set_new(out->result, "root", json_u64(v->driver.root));
	json_object_set_new(out->result, "queue", json_u64(v->driver.queue));
	put("context-cache-invalidate", "G", add(&batch, "context-cache-invalidate", 1), 1);
	add_pasid_cache(&batch, 3, 0, 0);
	add_iotlb(&batch, 1);
	add_wait(v, &batch);
	submit(v, &batch, out);
	command(v, "TE");
	viommu_calls_to_json(v, out->result);
}

static const struct arg_def enable_args[] = { VIOMMU_ARG, { .name = NULL } };
static const struct field_def enable_fields[] = {
	{ "root", FIELD_NUMBER, NULL },
	{ "queue", FIELD_NUMBER, NULL },
	SUBMIT_FIELDS,
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

/* ---- tables ---- */

static u16 source_id_arg(const struct run *run, const struct step *step)
{
	return run->platform->devices[step_number(step, "device", 0)].function.source_id;
}

/* The table that an entry leads to, made if the entry is not present. 0: no memory. */
static u64 table_below(struct run *run, u64 at)
{
	u64 entry;

	if (!run_guest_read(run, at, &entry, sizeof(entry)))
		return 0;
	if (entry & 1)
		return entry & ~0xfffULL;
	entry = run_guest_page(run);
	if (!entry || !run_guest_write(run, at, &(u64){ entry | 1 }, sizeof(entry)))
		return 0;
	return entry;
}

/* Where a device's context entry lies. 0: no memory. */
static u64 context_at(struct virtual_iommu *v, u16 source_id)
{
	unsigned int devfn = source_id & 0xff;
	u64 root = v->driver.root + (u64)(source_id >> 8) * 16 + (devfn >= 128 ? 8 : 0);
	u64 table = table_below(v->run, root);

	return table ? table + (devfn & 127) * 32 : 0;
}

/* Pages in a row for a PASID directory, the first of them. 0: no memory. */
static u64 make_directory(struct run *run, u64 pdts)
{
	u64 bytes = 8ULL << (pdts + 7), page = 0;

	for (u64 done = 0; done < bytes; done += 4096) {
		page = run_guest_page(run);
		if (!page)
			return 0;
	}
	return page;
}

/* Where a PASID's entry lies by the context entry that the guest wrote. 0: no memory, or none there. */
static u64 pasid_entry_at(struct virtual_iommu *v, u16 source_id, u32 pasid)
{
	u64 at = context_at(v, source_id), context[4], table;

	if (!at || !run_guest_read(v->run, at, context, sizeof(context)) ||
	    !get("context", "P", context))
		return 0;
	table = table_below(v->run, get("context", "PASIDDIRPTR", context) + (u64)(pasid >> 6) * 8);
	return table ? table + (pasid & 63) * 64 : 0;
}

/* The entry of requests without PASID: they are passed through, as a guest in iommu=pt does. */
static bool write_rid_entry(struct virtual_iommu *v, u16 source_id, u32 rid_pasid)
{
	u64 at = pasid_entry_at(v, source_id, rid_pasid), entry[8] = { 0 };

	put("pasid-entry", "P", entry, 1);
	put("pasid-entry", "PGTT", entry, VIOMMU_PASS_THROUGH);
	put("pasid-entry", "DID", entry, DOMAIN_ID);
	return at && run_guest_write(v->run, at, entry, sizeof(entry));
}

static void run_viommu_attach(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = enabled_arg(run, step, out);
	u64 context[4] = { 0 }, pdts = step_number(step, "pdts", 0), at;
	u16 source_id = source_id_arg(run, step);
	struct batch batch = { 0 };

	if (!v)
		return;
	if (pdts > 7) {
		step_fail(out, "pdts is %llu; expected 0 to 7", pdts);
		return;
	}
	at = context_at(v, source_id);
	put("context", "P", context, 1);
	put("context", "PASIDE", context, get("ecap", "PASID", &v->ecap));
	put("context", "PDTS", context, pdts);
	put("context", "PASIDDIRPTR", context, make_directory(run, pdts));
	if (!at || !get("context", "PASIDDIRPTR", context)) {
		no_memory(out);
		return;
	}
	if (!entry_set_fields(vtd_format("context"), step_arg(step, "fields"), context, out))
		return;
	run_guest_write(run, at, context, sizeof(context));
	if (!write_rid_entry(v, source_id, (u32)get("context", "RID_PASID", context)) &&
	    !step_arg(step, "fields")) {
		no_memory(out);
		return;
	}
	out->result = json_object();
	json_object_set_new(out->result, "gpa", json_u64(at));
	add_context(&batch, source_id);
	add_pasid_cache(&batch, 0, DOMAIN_ID, 0);
	add_iotlb(&batch, 2);
	add_wait(v, &batch);
	submit(v, &batch, out);
}

static const char *const *context_formats(const struct step *step)
{
	static const char *const formats[] = { "context", NULL };

	(void)step;
	return formats;
}

static const struct arg_def attach_args[] = {
	VIOMMU_ARG,
	DEVICE_ARG,
	{ "pdts", ARG_NUMBER, false, NULL,
	  "the PASID directory has 2^(pdts + 7) entries, of 64 PASIDs each; 0 (default) to 7" },
	{ "fields", ARG_FIELDS, false, NULL,
	  "fields of the context entry that are to be otherwise" },
	{ .name = NULL },
};
static const struct field_def attach_fields[] = {
	{ "gpa", FIELD_NUMBER, NULL },
	SUBMIT_FIELDS,
	{ .name = NULL },
};
const struct op op_viommu_attach = {
	"viommu-attach",
	"Gives a device a context entry and an empty PASID directory; requests without PASID pass through.",
	attach_args,
	NULL,
	run_viommu_attach,
	attach_fields,
	context_formats
};

/* ---- PASID entries ---- */

static bool fill_entry(struct run *run, const struct step *step, u64 entry[8], struct step_out *out)
{
	struct guest_table *table = step_arg(step, "table") ? run_table_arg(run, step, out) : NULL;

	if (out->failed)
		return false;
	if (step_number(step, "clear", 0))
		memset(entry, 0, 64);
	if (table) {
		memset(entry, 0, 64);
		put("pasid-entry", "P", entry, 1);
		put("pasid-entry", "PGTT", entry, VIOMMU_FIRST_STAGE);
		put("pasid-entry", "DID", entry, DOMAIN_ID);
		put("pasid-entry", "FSPTPTR", entry, table->root);
		put("pasid-entry", "FSPM", entry, table->levels == 5);
	}
	return entry_set_fields(vtd_format("pasid-entry"), step_arg(step, "fields"), entry, out);
}

/* Section 6.5.3.3: what is due after an entry changed; of the domain that it was, and is, in. */
static void invalidate_entry(struct virtual_iommu *v, const u64 old[8], u32 pasid,
			     struct step_out *out)
{
	u16 domain_id =
		(u16)(get("pasid-entry", "P", old) ? get("pasid-entry", "DID", old) : DOMAIN_ID);
	struct batch batch = { 0 };

	add_pasid_cache(&batch, 1, domain_id, pasid);
	add_pasid_iotlb(&batch, domain_id, pasid);
	add_wait(v, &batch);
	submit(v, &batch, out);
}

static void run_viommu_pasid_entry(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = enabled_arg(run, step, out);
	u32 pasid = (u32)step_number(step, "pasid", 0);
	u64 entry[8], old[8], at;

	if (!v)
		return;
	at = pasid <= 0xfffff ? pasid_entry_at(v, source_id_arg(run, step), pasid) : 0;
	if (!at || !run_guest_read(run, at, entry, sizeof(entry))) {
		step_fail(out,
			  "the device has no PASID table for PASID %u in guest memory; expected a "
			  "`viommu-attach` before",
			  pasid);
		return;
	}
	memcpy(old, entry, sizeof(old));
	if (!fill_entry(run, step, entry, out))
		return;
	run_guest_write(run, at, entry, sizeof(entry));
	out->result = json_object();
	json_object_set_new(out->result, "gpa", json_u64(at));
	if (step_number(step, "invalidate", 1))
		invalidate_entry(v, old, pasid, out);
}

static const char *const *pasid_entry_formats(const struct step *step)
{
	static const char *const formats[] = { "pasid-entry", NULL };

	(void)step;
	return formats;
}

static const struct arg_def pasid_entry_args[] = {
	VIOMMU_ARG,
	DEVICE_ARG,
	{ "pasid", ARG_U32, true, NULL, "the PASID" },
	{ "table", ARG_TABLE, false, NULL,
	  "the first-stage table that the entry is to point to; default: the entry stays as it is" },
	{ "clear", ARG_BOOL, false, NULL, "takes the entry away, default false" },
	{ "fields", ARG_FIELDS, false, NULL, "fields of the entry that are to be otherwise" },
	{ "invalidate", ARG_BOOL, false, NULL,
	  "PASID cache and IOTLB are invalidated, as caching mode asks for; default true" },
	{ .name = NULL },
};
static const struct field_def pasid_entry_fields[] = {
	{ "gpa", FIELD_NUMBER, NULL },
	SUBMIT_FIELDS,
	{ .name = NULL },
};
const struct op op_viommu_pasid_entry = {
	"viommu-pasid-entry",
	"Writes a device's PASID entry and invalidates what may hold the old one.",
	pasid_entry_args,
	NULL,
	run_viommu_pasid_entry,
	pasid_entry_fields,
	pasid_entry_formats
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
	{ NULL, 0 },
};

/* The descriptor as the step gives it, by its quadwords or by its fields. */
static bool add_given(struct batch *batch, const struct step *step, struct step_out *out)
{
	const struct arg *raw = step_arg(step, "raw");
	const char *format = step_text(step, "descriptor", "pasid-iotlb-invalidate");
	u64 *d = add(batch, format, step_number(step, "descriptor", 6));

	if (!raw)
		return entry_set_fields(vtd_format(format), step_arg(step, "fields"), d, out);
	if (raw->node->count > 4) {
		step_fail(out, "raw: a descriptor has 4 quadwords; expected at most so many");
		return false;
	}
	memset(d, 0, DESCRIPTOR_BYTES);
	for (size_t i = 0; i < raw->node->count; i++)
		parse_u64(raw->node->items[i]->text, false, &d[i]);
	return true;
}

static void run_viommu_invalidate(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = enabled_arg(run, step, out);
	struct batch batch = { 0 };

	if (!v || !add_given(&batch, step, out))
		return;
	if (step_number(step, "wait", 1))
		add_wait(v, &batch);
	submit(v, &batch, out);
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
	};
	u64 type = step_number(step, "descriptor", 6);

	/* what is no type has been told */
	return formats[type >= 1 && type <= 8 ? type - 1 : 5];
}

static const struct arg_def invalidate_args[] = {
	VIOMMU_ARG,
	{ "descriptor", ARG_CHOICE, false, descriptor_words,
	  "its type, by the name of its format; default pasid-iotlb-invalidate" },
	{ "fields", ARG_FIELDS, false, NULL, "its fields, by their names; default 0" },
	{ "raw", ARG_LIST, false, NULL, "instead: its quadwords, up to 4" },
	{ "wait", ARG_BOOL, false, NULL, "a wait descriptor follows it, default true" },
	{ .name = NULL },
};
static const struct field_def submit_fields[] = {
	SUBMIT_FIELDS,
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
	return read_register(ctx, offset, 8);
}

static void run_viommu_register(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = unit_arg(run, step, out);
	unsigned int size;
	u32 offset;

	if (!v ||
	    !run_register_arg(step, &(struct unit_registers){ read64, v }, &offset, &size, out))
		return;
	if (step_arg(step, "value"))
		write_register(v, offset, size, step_number(step, "value", 0));
	if (out->failed)
		return;
	out->result = json_object();
	json_object_set_new(out->result, "value", json_u64(read_register(v, offset, size)));
	viommu_calls_to_json(v, out->result);
}

static const struct arg_def register_args[] = {
	VIOMMU_ARG,
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

	if (!get("ecap", "VCS", &v->ecap))
		return -ENODEV;
	put("vcmd", "CMD", &command, code);
	put("vcmd", "OPERAND", &command, operand);
	write_register(v, VCMD, 8, command);
	response = read_register(v, VCRSP, 8);
	*result = get("vcrsp", "RSLT", &response);
	return (long)get("vcrsp", "SC", &response);
}

static void run_viommu_alloc_pasid(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = unit_arg(run, step, out);
	u64 pasid = 0;
	long status;

	if (!v)
		return;
	status = virtual_command(v, 1, 0, &pasid);
	/* as Linux' guest driver has it: no PASID is left */
	out->value = status > 0 ? -ENOSPC : status < 0 ? status : (long long)pasid;
}

static const struct arg_def alloc_args[] = { VIOMMU_ARG, { .name = NULL } };
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
	struct virtual_iommu *v = unit_arg(run, step, out);
	u64 ignored;
	long status;

	if (!v)
		return;
	status = virtual_command(v, 2, step_number(step, "pasid", 0), &ignored);
	out->value = status > 0 ? -EINVAL : status;
}

static const struct arg_def free_args[] = {
	VIOMMU_ARG,
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
	u64 reason = get("frcd", "FR", record);
	const struct vtd_fault_info *info = vtd_fault_info((unsigned int)reason);

	json_object_set_new(result, "fault", json_u64(reason));
	json_object_set_new(result, "fault_name", json_string(info ? info->name : "unknown"));
	json_object_set_new(result, "source", json_u64(get("frcd", "SID", record)));
	if (get("frcd", "PP", record))
		json_object_set_new(result, "pasid", json_u64(get("frcd", "PV", record)));
	json_object_set_new(result, "address", json_u64(get("frcd", "FI", record)));
}

/* Reads the fault record, if there is one, and clears it, as an interrupt handler does. */
static void run_viommu_faults(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = unit_arg(run, step, out);
	u64 status, record[2];
	u32 at;

	if (!v)
		return;
	at = (u32)get("cap", "FRO", &v->cap) * 16;
	record[0] = read_register(v, at, 8);
	record[1] = read_register(v, at + 8, 8);
	status = read_register(v, FSTS, 4);
	out->result = json_object();
	json_object_set_new(out->result, "pending", json_boolean(get("frcd", "F", record)));
	json_object_set_new(out->result, "overflow", json_boolean(get("fsts", "PFO", &status)));
	if (get("frcd", "F", record))
		fault_to_json(record, out->result);
	write_register(v, at + 8, 8, 1ULL << 63);
	write_register(v, FSTS, 4, 1);
}

static const struct arg_def faults_args[] = { VIOMMU_ARG, { .name = NULL } };
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
