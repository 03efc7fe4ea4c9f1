/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The actors `hardware` (raw registers, memory and table entries, errors) and `host` (the kernel's knobs
 * and what it has in use).
 */
#include "run.h"

#include "host-dirty.h"
#include "interrupts.h"

#include "smmuv3/smmuv3-format.h"
#include "vtd/vtd-format.h"

#include <stdlib.h>
#include <string.h>

#define ARG_END              \
	{                    \
		.name = NULL \
	}

/* ---- registers ---- */

/* The register of an SMMU that the step names, or NULL. */
static const struct smmuv3_register *smmu_register(struct run *run, const struct step *step)
{
	const char *name = step_text(step, "register", "");
	size_t count;
	const struct smmuv3_register *registers = smmuv3_registers(&count);

	if (run->platform->iommus[step_number(step, "unit", 0)].kind != PLATFORM_SMMUV3)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(registers[i].name, name) == 0)
			return &registers[i];
	}
	return NULL;
}

/* Those that the table has at 0 lie where CAP.FRO or ECAP.IRO of the unit say, or 8 bytes behind. */
static const struct placed_register {
	const char *name, *format, *field;
	u32 capability; /* the register with that field */
	u32 behind; /* bytes */
} placed_registers[] = {
	{ "FRCD", "cap", "FRO", 0x08, 0 },
	{ "FRCD_HIGH", "cap", "FRO", 0x08, 8 },
	{ "IVA", "ecap", "IRO", 0x10, 0 },
	{ "IOTLB", "ecap", "IRO", 0x10, 8 },
};

static u32 register_offset(const struct unit_registers *unit, const struct vtd_register *found)
{
	for (size_t i = 0; i < sizeof(placed_registers) / sizeof(placed_registers[0]); i++) {
		const struct placed_register *placed = &placed_registers[i];
		u64 value;

		if (strcmp(placed->name, found->name) != 0)
			continue;
		value = unit->read64(unit->ctx, placed->capability);
		return placed->behind +
		       16 * (u32)format_field_get(
				    vtd_field(vtd_format(placed->format), placed->field), &value);
	}
	return found->offset;
}

static bool find_register(const struct step *step, const struct unit_registers *unit, u32 *offset,
			  unsigned int *size, struct step_out *out)
{
	const char *name = step_text(step, "register", "");
	size_t count;
	const struct vtd_register *registers = vtd_registers(&count);
	u64 number;

	if (parse_u64(name, false, &number) && number <= 0xffffffff) {
		*offset = (u32)number;
		return true;
	}
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(registers[i].name, name) == 0) {
			*offset = register_offset(unit, &registers[i]);
			*size = registers[i].size;
			return true;
		}
	}
	step_fail(out, "no register is named '%s'; expected a name such as GSTS or an offset",
		  name);
	return false;
}

/* The size that a step gives; without one, the register's own stays. */
static bool size_arg(const struct step *step, unsigned int *size, struct step_out *out)
{
	if (!step_arg(step, "size"))
		return true;
	*size = step_number(step, "size", 0) == 8 ? 8 : 4;
	if (step_number(step, "size", 0) != *size)
		step_fail(out, "a register is read and written by 4 or 8 bytes");
	return !out->failed;
}

bool run_register_arg(const struct step *step, const struct unit_registers *unit, u32 *offset,
		      unsigned int *size, struct step_out *out)
{
	*size = 4;
	if (!find_register(step, unit, offset, size, out))
		return false;
	return size_arg(step, size, out);
}

/* The unit that a step means. */
struct hardware_unit {
	struct run *run;
	size_t unit; /* index in the platform */
};

static u64 read64(void *ctx, u32 offset)
{
	const struct hardware_unit *hardware = ctx;

	return machine_register_read(hardware->run->machine, hardware->unit, offset, 8);
}

static bool register_arg(struct run *run, const struct step *step, u32 *offset, unsigned int *size,
			 struct step_out *out)
{
	struct hardware_unit hardware = { run, step_number(step, "unit", 0) };
	const struct unit_registers unit = { read64, &hardware };
	const struct smmuv3_register *of_smmu = smmu_register(run, step);

	if (of_smmu) {
		*size = of_smmu->size;
		*offset = of_smmu->offset;
		return size_arg(step, size, out);
	}
	return run_register_arg(step, &unit, offset, size, out);
}

static void run_read_register(struct run *run, const struct step *step, struct step_out *out)
{
	unsigned int size;
	u32 offset;

	if (register_arg(run, step, &offset, &size, out))
		out->result = json_u64(machine_register_read(
			run->machine, step_number(step, "unit", 0), offset, size));
}

static const struct arg_def read_register_args[] = {
	{ "unit", ARG_UNIT, true, NULL, "the IOMMU's name" },
	{ "register", ARG_REGISTER, true, NULL, "a register's name, or an offset in bytes" },
	{ "size", ARG_NUMBER, false, NULL, "4 or 8 bytes; default: the register's own" },
	ARG_END,
};
static const struct op op_read_register = { "read-register",
					    "Reads a register of a unit.",
					    read_register_args,
					    NULL,
					    run_read_register,
					    NULL,
					    NULL };

static void run_write_register(struct run *run, const struct step *step, struct step_out *out)
{
	unsigned int size;
	u32 offset;

	if (register_arg(run, step, &offset, &size, out))
		machine_register_write(run->machine, step_number(step, "unit", 0), offset, size,
				       step_number(step, "value", 0));
}

static const struct arg_def write_register_args[] = {
	{ "unit", ARG_UNIT, true, NULL, "the IOMMU's name" },
	{ "register", ARG_REGISTER, true, NULL, "a register's name, or an offset in bytes" },
	{ "value", ARG_NUMBER, true, NULL, "what to write" },
	{ "size", ARG_NUMBER, false, NULL, "4 or 8 bytes; default: the register's own" },
	ARG_END,
};
static const struct op op_write_register = { "write-register",
					     "Writes a register of a unit.",
					     write_register_args,
					     NULL,
					     run_write_register,
					     NULL,
					     NULL };

/* Counters of what went wrong, which are the same in all timings, unlike those of caches and walks. */
static const struct field_def errors_fields[] = {
	{ "faults", FIELD_NUMBER, NULL },
	{ "fault_records", FIELD_NUMBER, NULL },
	{ "fault_overflows", FIELD_NUMBER, NULL },
	{ "blocked", FIELD_NUMBER, NULL },
	{ "software_errors", FIELD_NUMBER, NULL },
	{ "device_tlb_timeouts", FIELD_NUMBER, NULL },
	{ "completion_errors", FIELD_NUMBER, NULL },
	{ .name = NULL },
};

static void visit_error(void *arg, const char *name, u64 value)
{
	for (size_t i = 0; errors_fields[i].name; i++)
		if (!strcmp(errors_fields[i].name, name))
			json_object_set_new(arg, name, json_u64(value));
}

static void run_errors(struct run *run, const struct step *step, struct step_out *out)
{
	out->result = json_object();
	machine_visit_counters(run->machine, step_number(step, "unit", 0), visit_error,
			       out->result);
}

static const struct arg_def errors_args[] = {
	{ "unit", ARG_UNIT, true, NULL, "the IOMMU's name" },
	ARG_END,
};
static const struct op op_errors = {
	"errors",
	"What a unit has counted of errors so far: faults, fault_records, fault_overflows, blocked, software_errors, "
	"device_tlb_timeouts and completion_errors.",
	errors_args,
	"unit",
	run_errors,
	errors_fields,
	NULL
};

/* ---- memory ---- */

static void run_read_memory(struct run *run, const struct step *step, struct step_out *out)
{
	u64 value = 0;

	if (memory_read(machine_memory(run->machine), hpa(step_number(step, "address", 0)), &value,
			sizeof(value)) == PORT_OK)
		out->result = json_u64(value);
	else
		step_fail(out, "reading host memory at 0x%llx fails",
			  step_number(step, "address", 0));
}

static const struct arg_def read_memory_args[] = {
	{ "address", ARG_NUMBER, true, NULL, "host-physical address" },
	ARG_END,
};
static const struct op op_read_memory = { "read-memory",
					  "Reads 8 bytes of host memory.",
					  read_memory_args,
					  "address",
					  run_read_memory,
					  NULL,
					  NULL };

static void run_write_memory(struct run *run, const struct step *step, struct step_out *out)
{
	u64 value = step_number(step, "value", 0);

	if (memory_write(machine_memory(run->machine), hpa(step_number(step, "address", 0)), &value,
			 sizeof(value)) != PORT_OK)
		step_fail(out, "no host memory is at 0x%llx", step_number(step, "address", 0));
}

static const struct arg_def write_memory_args[] = {
	{ "address", ARG_NUMBER, true, NULL, "host-physical address" },
	{ "value", ARG_NUMBER, true, NULL, "8 bytes, little-endian" },
	ARG_END,
};
static const struct op op_write_memory = { "write-memory",
					   "Writes 8 bytes of host memory.",
					   write_memory_args,
					   NULL,
					   run_write_memory,
					   NULL,
					   NULL };

static void run_poison(struct run *run, const struct step *step, struct step_out *out)
{
	const hpa_t address = hpa(step_number(step, "address", 0));
	const bool fails = !step_number(step, "clear", 0);

	(void)out;
	if (step_number(step, "updates", 0))
		memory_refuse_updates(machine_memory(run->machine), address, fails);
	else
		memory_poison(machine_memory(run->machine), address, fails);
}

static const struct arg_def poison_args[] = {
	{ "address", ARG_NUMBER, true, NULL, "host-physical address in the page" },
	{ "updates", ARG_BOOL, false, NULL,
	  "only atomic updates fail, as those of accessed and dirty bits; default false" },
	{ "clear", ARG_BOOL, false, NULL, "makes them succeed again, default false" },
	ARG_END,
};
static const struct op op_poison = { "poison",    "Makes the hardware's reads of a page fail.",
				     poison_args, "address",
				     run_poison,  NULL,
				     NULL };

/* ---- table entries ---- */

enum entry_word { ENTRY_SECOND_STAGE = 16, ENTRY_INTERRUPT };

static const struct word entry_words[] = {
	{ "root", HW_ROOT },
	{ "context", HW_CONTEXT },
	{ "pasid-directory", HW_PASID_DIRECTORY },
	{ "pasid-entry", HW_PASID_ENTRY },
	{ "second-stage", ENTRY_SECOND_STAGE },
	{ "interrupt", ENTRY_INTERRUPT },
	{ NULL, 0 },
};

static bool entry_arg(struct run *run, const struct step *step, struct hw_entry *entry,
		      struct step_out *out)
{
	u64 kind = step_number(step, "entry", 0);
	struct hw_requester who = {
		.device = step_number(step, "device", 0),
		.pasid = (u32)step_number(step, "pasid", 0),
	};
	bool found;

	if (kind == ENTRY_SECOND_STAGE)
		found = hw_find_second_stage(run, who, step_number(step, "address", 0),
					     (unsigned int)step_number(step, "level", 0), entry);
	else if (kind == ENTRY_INTERRUPT)
		found = hw_find_interrupt(run, who.device, step_number(step, "index", 0), entry);
	else
		found = hw_find(run, who, (enum hw_entry_kind)kind, entry);
	if (!found)
		step_fail(out, "the tables lead to no such entry for %s",
			  run->platform->devices[who.device].name);
	return found;
}

static void run_read_entry(struct run *run, const struct step *step, struct step_out *out)
{
	struct hw_entry entry;

	if (!entry_arg(run, step, &entry, out))
		return;
	out->result = entry_to_json(vtd_format(entry.format), entry.data);
	json_object_set_new(out->result, "address", json_u64(entry.address.v));
	json_object_set_new(out->result, "value", json_u64(entry.data[0]));
}

#define ENTRY_ARGS                                                                            \
	{ "device", ARG_DEVICE, true, NULL, "a device behind VT-d" },                         \
		{ "entry", ARG_CHOICE, true, entry_words,                                     \
		  "root, context, pasid-directory, pasid-entry, second-stage or interrupt" }, \
		{ "pasid", ARG_PASID, false, NULL,                                            \
		  "default 0, which requests without PASID use" },                            \
		{ "address", ARG_NUMBER, false, NULL,                                         \
		  "second-stage: the address that is translated" },                           \
		{ "index", ARG_NUMBER, false, NULL, "interrupt: which one, default 0" },      \
	{                                                                                     \
		"level", ARG_NUMBER, false, NULL, "second-stage: 1 to 5; default: the leaf"   \
	}

static const struct field_def entry_fields[] = {
	{ "value", FIELD_NUMBER, NULL },
	{ "address", FIELD_NUMBER, NULL },
	{ .name = NULL },
};

/* Formats of the entries that the argument means; which one the mode of the unit decides. */
static const char *const *entry_formats(const struct step *step)
{
	static const char *const formats[][3] = {
		[HW_ROOT] = { "scalable-root", "root", NULL },
		[HW_CONTEXT] = { "context", "legacy-context", NULL },
		[HW_PASID_DIRECTORY] = { "pasid-directory", NULL, NULL },
		[HW_PASID_ENTRY] = { "pasid-entry", NULL, NULL },
	};
	static const char *const second_stage[] = { "second-stage", NULL };
	static const char *const interrupt[] = { "irte", "irte-posted", NULL };
	const struct arg *entry = step_arg(step, "entry");

	if (!entry || !entry->valid)
		return NULL;
	return entry->number == ENTRY_SECOND_STAGE ? second_stage
	       : entry->number == ENTRY_INTERRUPT  ? interrupt
						   : formats[entry->number];
}

static const struct arg_def read_entry_args[] = { ENTRY_ARGS, ARG_END };
static const struct op op_read_entry = {
	"read-entry",
	"Reads the table entry in use for a device: fields, value (lowest quadword) and address.",
	read_entry_args,
	NULL,
	run_read_entry,
	entry_fields,
	entry_formats
};

static void run_write_entry(struct run *run, const struct step *step, struct step_out *out)
{
	struct hw_entry entry;
	u64 quadword;

	if (!entry_arg(run, step, &entry, out))
		return;
	quadword = step_number(step, "quadword", 0);
	if (quadword >= entry.quadwords) {
		step_fail(out, "the entry has quadwords 0 to %zu, not %llu", entry.quadwords - 1,
			  quadword);
		return;
	}
	entry.data[quadword] = step_number(step, "value", entry.data[quadword]);
	entry.data[quadword] |= step_number(step, "set-bits", 0);
	entry.data[quadword] &= ~step_number(step, "clear-bits", 0);
	if (entry_set_fields(vtd_format(entry.format), step_arg(step, "fields"), entry.data, out))
		hw_store(run, &entry);
}

static const struct arg_def write_entry_args[] = {
	ENTRY_ARGS,
	{ "quadword", ARG_NUMBER, false, NULL,
	  "which one value, set-bits and clear-bits mean; default 0" },
	{ "value", ARG_NUMBER, false, NULL, "the whole quadword; default: as it is" },
	{ "set-bits", ARG_NUMBER, false, NULL, "bits to set, reserved ones for example" },
	{ "clear-bits", ARG_NUMBER, false, NULL, "bits to clear" },
	{ "fields", ARG_FIELDS, false, NULL, "fields to change, by their names" },
	ARG_END,
};
static const struct op op_write_entry = {
	"write-entry",
	"Changes the table entry in use for a device; caches keep what they have.",
	write_entry_args,
	NULL,
	run_write_entry,
	NULL,
	entry_formats
};

/* ---- requests ---- */

static const struct word type_words[] = {
	{ "untranslated", ADDRESS_UNTRANSLATED },
	{ "translation", ADDRESS_TRANSLATION_REQUEST },
	{ "translated", ADDRESS_TRANSLATED },
	{ NULL, 0 },
};

static const struct word access_words[] = {
	{ "read", ACCESS_READ },
	{ "write", ACCESS_WRITE },
	{ "execute", ACCESS_EXECUTE },
	{ NULL, 0 },
};

static const char *const request_statuses[] = { "ok", "fault", "unsupported", "abort", NULL };

static const char *request_status(const struct translation_result *result)
{
	switch (result->ats_status) {
	case ATS_UNSUPPORTED_REQUEST:
		return "unsupported";
	case ATS_COMPLETER_ABORT:
		return "abort";
	default:
		return result->fault ? "fault" : "ok";
	}
}

static json_t *request_to_json(const struct pcie_transaction *sent)
{
	const struct translation_result *result = &sent->result;
	json_t *object = json_object();

	json_object_set_new(object, "status", json_string(request_status(result)));
	json_object_set_new(object, "table_reads", json_u64(result->table_reads));
	if (result->fault)
		json_object_set_new(object, "fault", json_u64(result->fault));
	if (result->fault || result->ats_status != ATS_SUCCESS)
		return object;
	if (sent->request.type == ADDRESS_TRANSLATION_REQUEST)
		json_object_set_new(object, "completion", json_u64(result->completion));
	json_object_set_new(object, "interrupt", json_u64(result->interrupt));
	json_object_set_new(object, "address", json_u64(result->address.v));
	json_object_set_new(object, "page_size", json_u64(result->page_size));
	json_object_set_new(object, "rights", json_u64(result->rights));
	return object;
}

static void run_request(struct run *run, const struct step *step, struct step_out *out)
{
	u64 address = step_number(step, "address", 0), data = 0;
	u64 room = 4096 - (address & 4095);
	struct pcie_transaction sent = {
		.request = {
			.type = (enum address_type)step_number(step, "type", ADDRESS_UNTRANSLATED),
			.access = (enum access)step_number(step, "access", ACCESS_READ),
			.has_pasid = step_arg(step, "pasid") != NULL,
			.pasid = (u32)step_number(step, "pasid", 0),
			.privileged = step_number(step, "privileged", 0),
			.no_write = step_number(step, "no-write", 0),
			.address = iova(address),
			.len = room < 4 ? room : 4,
		},
		.address = iova(address),
		.data = &data,
	};

	if (sent.request.type == ADDRESS_TRANSLATION_REQUEST)
		sent.request.len = sizeof(data);
	sent.len = sent.request.len;
	pcie_send(machine_function(run->machine, step_number(step, "device", 0)), &sent);
	out->result = request_to_json(&sent);
}

static const struct arg_def request_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "whose source id it has" },
	{ "type", ARG_CHOICE, false, type_words,
	  "untranslated (default), translation or translated" },
	{ "access", ARG_CHOICE, false, access_words, "read (default), write or execute" },
	{ "address", ARG_NUMBER, true, NULL, "as the device issues it" },
	{ "pasid", ARG_PASID, false, NULL, "sends a PASID; default: none" },
	{ "privileged", ARG_BOOL, false, NULL, "privileged mode requested, default false" },
	{ "no-write", ARG_BOOL, false, NULL,
	  "translation: the page will not be written, default false" },
	ARG_END,
};
static const struct field_def request_fields[] = {
	{ "status", FIELD_WORD, request_statuses },
	{ "table_reads", FIELD_NUMBER, NULL },
	{ "fault", FIELD_FAULT, NULL },
	{ "completion", FIELD_NUMBER, NULL },
	{ "interrupt", FIELD_NUMBER, NULL },
	{ "address", FIELD_NUMBER, NULL },
	{ "page_size", FIELD_NUMBER, NULL },
	{ "rights", FIELD_NUMBER, NULL },
	{ .name = NULL },
};
static const struct op op_request = {
	"request",
	"Sends one request of any kind to the IOMMU above a device, past the device's own rules.",
	request_args,
	NULL,
	run_request,
	request_fields,
	NULL
};

/* ---- device TLBs ---- */

static void run_ats_silent(struct run *run, const struct step *step, struct step_out *out)
{
	size_t device = step_number(step, "device", 0);

	if (run->platform->devices[device].function.ats)
		pcie_ats_silence(machine_function(run->machine, device),
				 !step_number(step, "clear", 0));
	else
		step_fail(out, "%s has no ATS; expected 'ats: true' in the platform",
			  run->platform->devices[device].name);
}

static const struct arg_def ats_silent_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "a device with ATS" },
	{ "clear", ARG_BOOL, false, NULL, "makes the device answer again, default false" },
	ARG_END,
};
static const struct op op_ats_silent = {
	"ats-silent",
	"A device leaves invalidations of its device TLB undone and unanswered.",
	ats_silent_args,
	"device",
	run_ats_silent,
	NULL,
	NULL
};

static void run_ats_completion(struct run *run, const struct step *step, struct step_out *out)
{
	u64 tag = step_number(step, "tag", 0);

	if (tag < ATS_TAGS)
		machine_ats_completion(run->machine, step_number(step, "device", 0),
				       (unsigned int)tag);
	else
		step_fail(out, "a tag is 0 to %u, not %llu", ATS_TAGS - 1, tag);
}

static const struct arg_def ats_completion_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "a device behind VT-d" },
	{ "tag", ARG_NUMBER, false, NULL, "0 to 31: of which request; default 0" },
	ARG_END,
};
static const struct op op_ats_completion = {
	"ats-completion",
	"A device says that an invalidation of its device TLB is done, whether or not it was asked for one.",
	ats_completion_args,
	"device",
	run_ats_completion,
	NULL,
	NULL
};

static void run_evict(struct run *run, const struct step *step, struct step_out *out)
{
	(void)step;
	(void)out;
	machine_evict_all(run->machine);
}

static const struct arg_def no_args[] = { ARG_END };
static const struct op op_evict = {
	"evict",   "Empties all caches of all units and devices, as if by chance.",
	no_args,   NULL,
	run_evict, NULL,
	NULL
};

static const struct op *const hardware_ops[] = {
	&op_read_register,
	&op_write_register,
	&op_errors,
	&op_read_memory,
	&op_write_memory,
	&op_poison,
	&op_read_entry,
	&op_write_entry,
	&op_request,
	&op_evict,
	&op_ats_silent,
	&op_ats_completion,
	NULL,
};

const struct actor actor_hardware = { "hardware", hardware_ops };

/* ---- host ---- */

static void run_set_parameter(struct run *run, const struct step *step, struct step_out *out)
{
	out->value = kernel_set_parameter(run->kernel, step_text(step, "name", ""),
					  step_text(step, "value", ""));
}

static const struct arg_def set_parameter_args[] = {
	{ "name", ARG_PARAMETER, true, NULL, "e.g. vfio_iommu_type1.pasid_quota" },
	{ "value", ARG_STRING, true, NULL, "a number" },
	ARG_END,
};
static const struct op op_set_parameter = { "set-parameter",
					    "Sets a module parameter of the kernel at run time.",
					    set_parameter_args,
					    NULL,
					    run_set_parameter,
					    NULL,
					    NULL };

static void run_usage(struct run *run, const struct step *step, struct step_out *out)
{
	struct kernel_usage usage;

	(void)step;
	kernel_usage(run->kernel, &usage);
	out->result = json_object();
	json_object_set_new(out->result, "pinned_pages", json_u64(usage.pinned_pages));
	json_object_set_new(out->result, "locked_pages", json_u64(usage.locked_pages));
	json_object_set_new(out->result, "domains", json_u64(usage.domains));
	json_object_set_new(out->result, "pasids", json_u64(usage.pasids));
	json_object_set_new(out->result, "pasid_sets", json_u64(usage.pasid_sets));
	json_object_set_new(out->result, "table_pages", json_u64(usage.table_pages));
	json_object_set_new(out->result, "open_files", json_u64(usage.open_files));
}

static const struct field_def usage_fields[] = {
	{ "pinned_pages", FIELD_NUMBER, NULL }, { "locked_pages", FIELD_NUMBER, NULL },
	{ "domains", FIELD_NUMBER, NULL },      { "pasids", FIELD_NUMBER, NULL },
	{ "pasid_sets", FIELD_NUMBER, NULL },   { "table_pages", FIELD_NUMBER, NULL },
	{ "open_files", FIELD_NUMBER, NULL },   { .name = NULL },
};
static const struct op op_usage = {
	"usage",
	"What the kernel has in use: pinned_pages, locked_pages, domains, pasids, pasid_sets, table_pages, open_files.",
	no_args,
	NULL,
	run_usage,
	usage_fields,
	NULL
};

static const struct op *const host_ops[] = {
	&op_set_parameter,   &op_usage,           &op_dirty_tracking,    &op_read_dirty,
	&op_attach_cd_table, &op_detach_cd_table, &op_invalidate_stage1, &op_msi,
	&op_msi_move,        &op_msi_free,        &op_msi_query,         NULL,
};

const struct actor actor_host = { "host", host_ops };
