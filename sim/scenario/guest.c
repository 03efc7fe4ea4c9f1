/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The actor `guest`: builds first-stage tables in its own memory, as a guest's kernel would, and edits
 * them in any way. It neither knows nor asks what lies below its memory.
 */
#include "viommu.h"

#include "vtd/vtd-format.h"

#include <stdlib.h>
#include <string.h>

#define ENTRY_P (1ULL << 0)
#define ENTRY_RW (1ULL << 1)
#define ENTRY_US (1ULL << 2)
#define ENTRY_PS (1ULL << 7)
#define ENTRY_XD (1ULL << 63)
#define ENTRY_ADDRESS 0x000ffffffffff000ULL

#define NO_ENTRY (~0ULL)
#define ENTRY_WORK 8u /* of making or clearing one: the walk to it */

struct guest_table *run_table(struct run *run, const char *name)
{
	for (size_t i = 0; i < run->table_count; i++) {
		if (strcmp(run->tables[i].name, name) == 0)
			return &run->tables[i];
	}
	return NULL;
}

struct guest_table *run_table_arg(struct run *run, const struct step *step, struct step_out *out)
{
	struct guest_table *table = run_table(run, step_text(step, "table", ""));

	if (!table)
		step_fail(out, "the guest has no table '%s'; expected one made by an earlier step",
			  step_text(step, "table", ""));
	return table;
}

/* A zeroed page for tables, from the end of guest memory downwards. 0: no memory left. */
u64 run_guest_page(struct run *run)
{
	static const u8 zero[4096];

	if (run->guest_pages_end < 4096)
		return 0;
	run->guest_pages_end -= 4096;
	if (!run_guest_write(run, run->guest_pages_end, zero, sizeof(zero)))
		return 0;
	return run->guest_pages_end;
}

/* ---- tables ---- */

static void run_table_op(struct run *run, const struct step *step, struct step_out *out)
{
	const char *name = step_text(step, "name", "");
	u64 levels = step_number(step, "levels", 4);
	u64 root;

	if (levels != 4 && levels != 5) {
		step_fail(out, "a first-stage table has 4 or 5 levels, not %llu", levels);
		return;
	}
	root = step_arg(step, "at") ? step_number(step, "at", 0) : run_guest_page(run);
	if (!root && !step_arg(step, "at")) {
		step_fail(
			out,
			"the guest has no memory for tables; expected a `mmap` with `gpa:` before");
		return;
	}
	run->tables = xgrow(run->tables, run->table_count, sizeof(*run->tables));
	run->tables[run->table_count++] = (struct guest_table){
		.name = xstrdup(name),
		.levels = (unsigned int)levels,
		.root = root,
	};
	out->result = json_u64(root);
}

static const struct arg_def table_args[] = {
	{ "name", ARG_MAKES_TABLE, true, NULL, "a name for the table" },
	{ "levels", ARG_NUMBER, false, NULL, "4 (default) or 5" },
	{ "at", ARG_SIZE, false, NULL,
	  "guest-physical address of the top level; default: a zeroed page of guest memory" },
	{ .name = NULL },
};
static const struct op op_table = {
	"table",      "Makes an empty first-stage table; the result is its address.",
	table_args,   "name",
	run_table_op, NULL,
	NULL
};

/* ---- walking ---- */

static unsigned int level_shift(unsigned int level)
{
	return 12 + 9 * (level - 1);
}

static u64 entry_address(u64 table, u64 address, unsigned int level)
{
	return table + ((address >> level_shift(level)) & 0x1ff) * 8;
}

/* Where the entry of that level lies; makes missing tables above it if asked to; or NO_ENTRY. */
static u64 find_entry(struct run *run, const struct guest_table *table, u64 address,
		      unsigned int wanted, bool make)
{
	u64 at = table->root;

	for (unsigned int level = table->levels; level > wanted; level--) {
		u64 where = entry_address(at, address, level);
		u64 entry;

		if (!run_guest_read(run, where, &entry, sizeof(entry)))
			return NO_ENTRY;
		if (!(entry & ENTRY_P)) {
			if (!make)
				return NO_ENTRY;
			entry = run_guest_page(run);
			if (!entry)
				return NO_ENTRY;
			entry |= ENTRY_P | ENTRY_RW | ENTRY_US;
			if (!run_guest_write(run, where, &entry, sizeof(entry)))
				return NO_ENTRY;
		}
		at = entry & ENTRY_ADDRESS;
	}
	return entry_address(at, address, wanted);
}

static unsigned int size_level(u64 page_size)
{
	return page_size == 1ULL << 30 ? 3 : page_size == 2ULL << 20 ? 2 : 1;
}

/* ---- map and unmap ---- */

static bool is_page_size(u64 size)
{
	return size == 4096 || size == 2ULL << 20 || size == 1ULL << 30;
}

static const struct word rights_words[] = {
	{ "r", ENTRY_US | ENTRY_XD },
	{ "rw", ENTRY_US | ENTRY_RW | ENTRY_XD },
	{ "rx", ENTRY_US },
	{ "rwx", ENTRY_US | ENTRY_RW },
	{ "supervisor-r", ENTRY_XD },
	{ "supervisor-rw", ENTRY_RW | ENTRY_XD },
	{ "supervisor-rx", 0 },
	{ "supervisor-rwx", ENTRY_RW },
	{ NULL, 0 },
};

static void run_map(struct run *run, const struct step *step, struct step_out *out)
{
	struct guest_table *table = run_table_arg(run, step, out);
	u64 page = step_number(step, "page-size", 4096);
	u64 size = step_number(step, "size", page);
	u64 address = step_number(step, "address", 0);
	u64 gpa = step_number(step, "gpa", 0);
	u64 bits = ENTRY_P | step_number(step, "rights", ENTRY_US | ENTRY_RW);
	unsigned int level = size_level(page);

	if (!table)
		return;
	if (!is_page_size(page) || (address | gpa | size) & (page - 1)) {
		step_fail(
			out,
			"page-size is 4KiB, 2MiB or 1GiB, and address, gpa and size are multiples of it");
		return;
	}
	if (!run_work(run, size / page * ENTRY_WORK, out))
		return;
	for (u64 done = 0; done < size; done += page) {
		u64 where = find_entry(run, table, address + done, level, true);
		u64 entry = (gpa + done) | bits | (level > 1 ? ENTRY_PS : 0);

		if (where == NO_ENTRY || !run_guest_write(run, where, &entry, sizeof(entry))) {
			step_fail(out, "the guest's tables leave its memory at address 0x%llx",
				  address + done);
			return;
		}
	}
	out->value = 0;
}

static const struct arg_def map_args[] = {
	{ "table", ARG_TABLE, true, NULL, "the table's name" },
	{ "address", ARG_NUMBER, true, NULL, "guest-virtual address" },
	{ "gpa", ARG_SIZE, true, NULL, "guest-physical address" },
	{ "size", ARG_SIZE, false, NULL, "bytes, default one page" },
	{ "page-size", ARG_SIZE, false, NULL, "4KiB (default), 2MiB or 1GiB" },
	{ "rights", ARG_CHOICE, false, rights_words,
	  "r, rw, rx, rwx (default), with supervisor- in front for U/S=0" },
	{ .name = NULL },
};
static const struct op op_map = {
	"map",    "Maps guest-virtual to guest-physical addresses in a table.",
	map_args, NULL,
	run_map,  NULL,
	NULL
};

static void run_unmap(struct run *run, const struct step *step, struct step_out *out)
{
	struct guest_table *table = run_table_arg(run, step, out);
	u64 page = step_number(step, "page-size", 4096);
	u64 size = step_number(step, "size", page);
	u64 address = step_number(step, "address", 0);
	const u64 zero = 0;

	if (!table)
		return;
	if (!is_page_size(page) || (address | size) & (page - 1)) {
		step_fail(
			out,
			"page-size is 4KiB, 2MiB or 1GiB, and address and size are multiples of it");
		return;
	}
	if (!run_work(run, size / page * ENTRY_WORK, out))
		return;
	for (u64 done = 0; done < size; done += page) {
		u64 where = find_entry(run, table, address + done, size_level(page), false);

		if (where == NO_ENTRY || !run_guest_write(run, where, &zero, sizeof(zero))) {
			step_fail(out, "nothing is mapped at address 0x%llx", address + done);
			return;
		}
	}
	out->value = 0;
}

static const struct arg_def unmap_args[] = {
	{ "table", ARG_TABLE, true, NULL, "the table's name" },
	{ "address", ARG_NUMBER, true, NULL, "guest-virtual address" },
	{ "size", ARG_SIZE, false, NULL, "bytes, default one page" },
	{ "page-size", ARG_SIZE, false, NULL, "4KiB (default), 2MiB or 1GiB" },
	{ .name = NULL },
};
static const struct op op_unmap = {
	"unmap",    "Clears entries; caches keep what they have until invalidated.",
	unmap_args, NULL,
	run_unmap,  NULL,
	NULL
};

/* ---- single entries ---- */

static u64 entry_arg(struct run *run, const struct step *step, struct step_out *out)
{
	struct guest_table *table = run_table_arg(run, step, out);
	u64 level = step_number(step, "level", 1);
	u64 where;

	if (!table)
		return NO_ENTRY;
	if (level < 1 || level > table->levels) {
		step_fail(out, "the table has levels 1 to %u, not %llu", table->levels, level);
		return NO_ENTRY;
	}
	where = find_entry(run, table, step_number(step, "address", 0), (unsigned int)level, false);
	if (where == NO_ENTRY)
		step_fail(out, "no entry of level %llu is there for address 0x%llx", level,
			  step_number(step, "address", 0));
	return where;
}

static void run_entry(struct run *run, const struct step *step, struct step_out *out)
{
	u64 where = entry_arg(run, step, out);
	u64 entry = 0;

	if (where == NO_ENTRY)
		return;
	run_guest_read(run, where, &entry, sizeof(entry));
	out->result = entry_to_json(vtd_format("first-stage"), &entry);
	json_object_set_new(out->result, "value", json_u64(entry));
	json_object_set_new(out->result, "gpa", json_u64(where));
}

static const struct arg_def entry_args[] = {
	{ "table", ARG_TABLE, true, NULL, "the table's name" },
	{ "address", ARG_NUMBER, true, NULL, "guest-virtual address" },
	{ "level", ARG_NUMBER, false, NULL, "1 (default): the page table; up to 4 or 5" },
	{ .name = NULL },
};
static const struct field_def entry_fields[] = {
	{ "value", FIELD_NUMBER, NULL },
	{ "gpa", FIELD_NUMBER, NULL },
	{ .name = NULL },
};

static const char *const *entry_formats(const struct step *step)
{
	static const char *const formats[] = { "first-stage", NULL };

	(void)step;
	return formats;
}

static const struct op op_entry = {
	"entry",
	"Reads an entry: its fields (P, R/W, A, D, ...), value, and gpa, where it lies.",
	entry_args,
	NULL,
	run_entry,
	entry_fields,
	entry_formats
};

static void run_set(struct run *run, const struct step *step, struct step_out *out)
{
	u64 where = entry_arg(run, step, out);
	u64 entry = 0;

	if (where == NO_ENTRY)
		return;
	run_guest_read(run, where, &entry, sizeof(entry));
	entry = step_number(step, "value", entry);
	if (!entry_set_fields(vtd_format("first-stage"), step_arg(step, "fields"), &entry, out))
		return;
	run_guest_write(run, where, &entry, sizeof(entry));
	out->value = 0;
}

static const struct arg_def set_args[] = {
	{ "table", ARG_TABLE, true, NULL, "the table's name" },
	{ "address", ARG_NUMBER, true, NULL, "guest-virtual address" },
	{ "level", ARG_NUMBER, false, NULL, "1 (default): the page table; up to 4 or 5" },
	{ "value", ARG_NUMBER, false, NULL, "the whole entry; default: as it is" },
	{ "fields", ARG_FIELDS, false, NULL, "fields to change, by their names" },
	{ .name = NULL },
};
static const struct op op_set = { "set",        "Changes an entry, to any value or by its fields.",
				  set_args,     NULL,
				  run_set,      NULL,
				  entry_formats };

/* ---- memory ---- */

static void run_read(struct run *run, const struct step *step, struct step_out *out)
{
	u64 value;

	if (!run_guest_read(run, step_number(step, "gpa", 0), &value, sizeof(value))) {
		step_fail(out, "the guest has no memory at 0x%llx", step_number(step, "gpa", 0));
		return;
	}
	out->result = json_u64(value);
}

static const struct arg_def read_args[] = {
	{ "gpa", ARG_SIZE, true, NULL, "guest-physical address" },
	{ .name = NULL },
};
static const struct op op_read = {
	"read", "Reads 8 bytes of guest memory.", read_args, "gpa", run_read, NULL, NULL
};

static void run_write(struct run *run, const struct step *step, struct step_out *out)
{
	u64 value = step_number(step, "value", 0);
	u64 start = step_number(step, "gpa", 0);
	u64 size = step_number(step, "size", 8);

	if (!run_work(run, size / RUN_WORK_BYTES, out))
		return;
	for (u64 done = 0; done < size; done += 8) {
		if (!run_guest_write(run, start + done, &value, sizeof(value))) {
			step_fail(out, "the guest has no memory at 0x%llx", start + done);
			return;
		}
	}
	out->value = 0;
}

static const struct arg_def write_args[] = {
	{ "gpa", ARG_SIZE, true, NULL, "guest-physical address" },
	{ "value", ARG_DATA, true, NULL, "8 bytes, little-endian" },
	{ "size", ARG_SIZE, false, NULL, "bytes to fill with it, default 8" },
	{ .name = NULL },
};
static const struct op op_write = {
	"write", "Writes guest memory.", write_args, NULL, run_write, NULL, NULL
};

static const struct op *const ops[] = {
	&op_table,
	&op_map,
	&op_unmap,
	&op_entry,
	&op_set,
	&op_read,
	&op_write,
	&op_viommu_enable,
	&op_viommu_attach,
	&op_viommu_pasid_entry,
	&op_viommu_invalidate,
	&op_viommu_register,
	&op_viommu_alloc_pasid,
	&op_viommu_free_pasid,
	&op_viommu_faults,
	&op_viommu_page_requests,
	&op_viommu_respond,
	&op_stage1_table,
	&op_stage1_map,
	&op_cd_table,
	&op_cd,
	NULL,
};

const struct actor actor_guest = { "guest", ops };
