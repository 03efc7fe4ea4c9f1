/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The actor `guest` behind an SMMU: stage-1 tables (VMSAv8-64) of any granule, and tables of context
 * descriptors, as a guest's kernel builds them in its own memory. It neither knows nor asks what the
 * SMMU below really has.
 */
#include "guest-smmu.h"

#include "smmuv3/smmuv3-format.h"

#include <stdlib.h>
#include <string.h>

#define VALID 1ULL
#define TABLE 2ULL /* table or page; else block */
#define AP_UNPRIVILEGED (1ULL << 6)
#define AP_READ_ONLY (1ULL << 7)
#define ACCESSED (1ULL << 10)
#define NOT_GLOBAL (1ULL << 11)
#define EXECUTE_NEVER (3ULL << 53) /* PXN, UXN */
#define DESCRIPTOR_ADDRESS 0x0000fffffffff000ULL

#define CD_QUADWORDS 8u
#define CD_SIZE (8u * CD_QUADWORDS)
#define LINEAR_BITS_MAX 16u /* 4 MiB of CDs */

#define LAST_LEVEL 3u
#define NO_ENTRY (~0ULL)
#define ENTRY_WORK 8u /* of making one: the walk to it */

struct guest_stage1 {
	char *name;
	unsigned int granule; /* log2 of its bytes */
	unsigned int bits; /* of addresses */
	unsigned int start_level;
	u64 root; /* guest-physical */
};

struct guest_smmu {
	struct guest_stage1 *stage1;
	size_t stage1_count;
	struct guest_cd_table *cds;
	size_t cds_count;
	struct guest_attachment *attached;
	size_t attached_count;
};

/* ---- belongings ---- */

static struct guest_smmu *belongings(struct run *run)
{
	if (!run->smmu) {
		run->smmu = xgrow(NULL, 0, sizeof(*run->smmu));
		*run->smmu = (struct guest_smmu){ 0 };
	}
	return run->smmu;
}

static struct guest_attachment *find_attachment(struct run *run, size_t device)
{
	const struct opened *container = run_device_container(run, device);
	struct guest_smmu *smmu = run->smmu;

	for (size_t i = 0; container && smmu && i < smmu->attached_count; i++) {
		if (smmu->attached[i].container == container &&
		    smmu->attached[i].iommu == run->platform->devices[device].iommu)
			return &smmu->attached[i];
	}
	return NULL;
}

const struct guest_attachment *guest_attachment(struct run *run, size_t device)
{
	return find_attachment(run, device);
}

static void drop_attachment(struct guest_smmu *smmu, struct guest_attachment *attachment)
{
	*attachment = smmu->attached[--smmu->attached_count];
}

void guest_attach(struct run *run, size_t device, const struct guest_cd_table *table,
		  u8 default_substream)
{
	struct guest_smmu *smmu = belongings(run);
	struct guest_attachment *old = find_attachment(run, device);

	if (old)
		drop_attachment(smmu, old);
	if (!table)
		return;
	/* grown as from the largest that it ever was: dropping makes room */
	smmu->attached = xgrow(smmu->attached, smmu->attached_count, sizeof(*smmu->attached));
	smmu->attached[smmu->attached_count] = (struct guest_attachment){
		.container = run_device_container(run, device),
		.iommu = run->platform->devices[device].iommu,
		.table = *table,
		.default_substream = default_substream,
	};
	smmu->attached[smmu->attached_count++].table.name = NULL;
}

/* Whether a container still has a group with a device behind that SMMU. */
static bool still_there(struct run *run, const struct guest_attachment *attachment)
{
	for (size_t d = 0; d < run->platform->device_count; d++) {
		if (run->platform->devices[d].iommu == attachment->iommu &&
		    run_device_container(run, d) == attachment->container)
			return true;
	}
	return false;
}

void guest_smmu_group_left(struct run *run)
{
	struct guest_smmu *smmu = run->smmu;

	for (size_t i = smmu ? smmu->attached_count : 0; i-- > 0;) {
		if (!still_there(run, &smmu->attached[i]))
			drop_attachment(smmu, &smmu->attached[i]);
	}
}

void guest_smmu_clear(struct run *run)
{
	struct guest_smmu *smmu = run->smmu;

	for (size_t i = 0; smmu && i < smmu->stage1_count; i++)
		free(smmu->stage1[i].name);
	for (size_t i = 0; smmu && i < smmu->cds_count; i++)
		free(smmu->cds[i].name);
	if (smmu) {
		free(smmu->stage1);
		free(smmu->cds);
		free(smmu->attached);
	}
	free(smmu);
	run->smmu = NULL;
}

static struct guest_stage1 *stage1_arg(struct run *run, const struct step *step, const char *name,
				       struct step_out *out)
{
	struct guest_smmu *smmu = belongings(run);

	for (size_t i = 0; i < smmu->stage1_count; i++) {
		if (strcmp(smmu->stage1[i].name, step_text(step, name, "")) == 0)
			return &smmu->stage1[i];
	}
	step_fail(out, "'%s' is no stage-1 table; expected one made by an earlier `stage1-table`",
		  step_text(step, name, ""));
	return NULL;
}

const struct guest_cd_table *guest_cd_table_arg(struct run *run, const struct step *step,
						struct step_out *out)
{
	struct guest_smmu *smmu = belongings(run);

	for (size_t i = 0; i < smmu->cds_count; i++) {
		if (strcmp(smmu->cds[i].name, step_text(step, "table", "")) == 0)
			return &smmu->cds[i];
	}
	step_fail(out, "'%s' is no table of CDs; expected one made by an earlier `cd-table`",
		  step_text(step, "table", ""));
	return NULL;
}

/* Zeroed memory, aligned to its size, from the end of guest memory downwards. 0: none left. */
static u64 guest_block(struct run *run, u64 size)
{
	static const u8 zero[4096];
	u64 block, done;

	if (run->guest_pages_end < 2 * size)
		return 0;
	block = (run->guest_pages_end - size) & ~(size - 1);
	for (done = 0; done < size; done += sizeof(zero)) {
		if (!run_guest_write(run, block + done, zero, sizeof(zero)))
			return 0;
	}
	run->guest_pages_end = block;
	return block;
}

static u64 block_or_fail(struct run *run, u64 size, struct step_out *out)
{
	u64 block = guest_block(run, size);

	if (!block)
		step_fail(out, "the guest has no memory for tables; expected a `mmap` with `gpa:` "
			       "before");
	return block;
}

/* ---- stage-1 tables ---- */

static unsigned int level_shift(const struct guest_stage1 *table, unsigned int level)
{
	return table->granule + (table->granule - 3) * (LAST_LEVEL - level);
}

static const struct word granule_words[] = {
	{ "4KiB", 12 },
	{ "16KiB", 14 },
	{ "64KiB", 16 },
	{ NULL, 0 },
};

static void run_stage1_table(struct run *run, const struct step *step, struct step_out *out)
{
	struct guest_smmu *smmu = belongings(run);
	struct guest_stage1 table = {
		.granule = (unsigned int)step_number(step, "granule", 12),
		.bits = (unsigned int)step_number(step, "bits", 48),
		.start_level = LAST_LEVEL,
	};

	if (table.bits < 25 || table.bits > 48) {
		step_fail(out, "addresses of stage 1 have 25 to 48 bits, not %u", table.bits);
		return;
	}
	while (level_shift(&table, table.start_level) + table.granule - 3 < table.bits)
		table.start_level--;
	table.root = block_or_fail(run, 1ULL << table.granule, out);
	if (!table.root)
		return;
	table.name = xstrdup(step_text(step, "name", ""));
	smmu->stage1 = xgrow(smmu->stage1, smmu->stage1_count, sizeof(*smmu->stage1));
	smmu->stage1[smmu->stage1_count++] = table;
	out->result = json_u64(table.root);
}

static const struct arg_def stage1_table_args[] = {
	{ "name", ARG_MAKES_TABLE, true, NULL, "a name for the table" },
	{ "granule", ARG_CHOICE, false, granule_words, "4KiB (default), 16KiB or 64KiB" },
	{ "bits", ARG_NUMBER, false, NULL, "of addresses, 25 to 48 (default)" },
	{ .name = NULL },
};
const struct op op_stage1_table = {
	"stage1-table",
	"Makes an empty stage-1 table of an SMMU; the result is its address.",
	stage1_table_args,
	"name",
	run_stage1_table,
	NULL,
	NULL
};

/* Where the descriptor of a level lies; makes missing tables above it; or NO_ENTRY. */
static u64 find_descriptor(struct run *run, const struct guest_stage1 *table, u64 address,
			   unsigned int wanted)
{
	u64 at = table->root;

	for (unsigned int level = table->start_level;; level++) {
		u64 index = address >> level_shift(table, level) &
			    ((1u << (table->granule - 3)) - 1);
		u64 where = at + index * 8, descriptor;

		if (level == wanted)
			return where;
		if (!run_guest_read(run, where, &descriptor, sizeof(descriptor)))
			return NO_ENTRY;
		if (!(descriptor & VALID)) {
			descriptor = guest_block(run, 1ULL << table->granule);
			if (!descriptor)
				return NO_ENTRY;
			descriptor |= VALID | TABLE;
			if (!run_guest_write(run, where, &descriptor, sizeof(descriptor)))
				return NO_ENTRY;
		}
		at = descriptor & DESCRIPTOR_ADDRESS & ~0ULL << table->granule;
	}
}

/* The level whose entries cover size bytes; false: none that has pages or blocks. */
static bool level_of(const struct guest_stage1 *table, u64 size, unsigned int *level)
{
	/* 4-KiB granule: blocks from level 1; others: from level 2 */
	unsigned int first = table->granule == 12 ? 1 : 2;

	for (*level = first > table->start_level ? first : table->start_level; *level <= LAST_LEVEL;
	     ++*level) {
		if (size == 1ULL << level_shift(table, *level))
			return true;
	}
	return false;
}

static const struct word rights_words[] = {
	{ "none", NO_ENTRY },
	{ "r", AP_UNPRIVILEGED | AP_READ_ONLY | EXECUTE_NEVER },
	{ "rw", AP_UNPRIVILEGED | EXECUTE_NEVER },
	{ "rx", AP_UNPRIVILEGED | AP_READ_ONLY },
	{ "rwx", AP_UNPRIVILEGED },
	{ NULL, 0 },
};

static void run_stage1_map(struct run *run, const struct step *step, struct step_out *out)
{
	struct guest_stage1 *table = stage1_arg(run, step, "table", out);
	u64 page = table ? step_number(step, "page-size", 1ULL << table->granule) : 0;
	u64 size = step_number(step, "size", page);
	u64 address = step_number(step, "address", 0);
	u64 gpa = step_number(step, "gpa", 0);
	u64 rights = step_number(step, "rights", AP_UNPRIVILEGED);
	unsigned int level;

	if (!table)
		return;
	if (!level_of(table, page, &level) || (address | gpa | size) & (page - 1) ||
	    (address + size - 1) >> table->bits) {
		step_fail(out,
			  "the granule has no pages of 0x%llx bytes, or address, gpa and size are "
			  "no multiples of it, or beyond the table",
			  page);
		return;
	}
	if (!run_work(run, size / page * ENTRY_WORK, out))
		return;
	for (u64 done = 0; done < size; done += page) {
		u64 where = find_descriptor(run, table, address + done, level);
		u64 descriptor = rights == NO_ENTRY
					 ? 0
					 : (gpa + done) | rights | ACCESSED | NOT_GLOBAL | VALID |
						   (level == LAST_LEVEL ? TABLE : 0);

		if (where == NO_ENTRY ||
		    !run_guest_write(run, where, &descriptor, sizeof(descriptor))) {
			step_fail(out, "the guest's tables leave its memory at address 0x%llx",
				  address + done);
			return;
		}
	}
}

static const struct arg_def stage1_map_args[] = {
	{ "table", ARG_TABLE, true, NULL, "a stage-1 table" },
	{ "address", ARG_NUMBER, true, NULL, "guest-virtual address" },
	{ "gpa", ARG_SIZE, false, NULL, "guest-physical address, default 0" },
	{ "size", ARG_SIZE, false, NULL, "bytes, default one page" },
	{ "page-size", ARG_SIZE, false, NULL,
	  "of a page or block: 4KiB, 2MiB, 1GiB; 16KiB, 32MiB; 64KiB, 512MiB; default: the granule" },
	{ "rights", ARG_CHOICE, false, rights_words,
	  "r, rw, rx, rwx (default), or none: nothing is mapped there any more" },
	{ .name = NULL },
};
const struct op op_stage1_map = {
	"stage1-map",
	"Maps guest-virtual to guest-physical addresses in a stage-1 table; caches keep what they have.",
	stage1_map_args,
	NULL,
	run_stage1_map,
	NULL,
	NULL
};

/* ---- context descriptors ---- */

static const struct word cd_format_words[] = {
	{ "linear", 0 },
	{ "4KiB-leaves", 1 },
	{ "64KiB-leaves", 2 },
	{ NULL, 0 },
};

unsigned int guest_cd_split(const struct guest_cd_table *table)
{
	static const unsigned int splits[] = { 0, 6, 10 };

	return splits[table->format];
}

static void run_cd_table(struct run *run, const struct step *step, struct step_out *out)
{
	struct guest_smmu *smmu = belongings(run);
	struct guest_cd_table table = {
		.format = (u8)step_number(step, "format", 0),
		.bits = (u8)step_number(step, "bits", 0),
	};
	unsigned int split = guest_cd_split(&table);
	u64 size = 4096;

	if (step_number(step, "bits", 0) > (split ? 20 : LINEAR_BITS_MAX)) {
		step_fail(out,
			  "a table of CDs is of 2^0 to 2^20, a linear one here of 2^%u at most",
			  LINEAR_BITS_MAX);
		return;
	}
	/* without substreams there is one CD, and no first level to it */
	if (!table.bits)
		table.format = 0;
	if (split && table.bits > split && 8ULL << (table.bits - split) > size)
		size = 8ULL << (table.bits - split);
	if (!split && (u64)CD_SIZE << table.bits > size)
		size = (u64)CD_SIZE << table.bits;
	table.base = block_or_fail(run, size, out);
	if (!table.base)
		return;
	table.name = xstrdup(step_text(step, "name", ""));
	smmu->cds = xgrow(smmu->cds, smmu->cds_count, sizeof(*smmu->cds));
	smmu->cds[smmu->cds_count++] = table;
	out->result = json_u64(table.base);
}

static const struct arg_def cd_table_args[] = {
	{ "name", ARG_MAKES_TABLE, true, NULL, "a name for the table" },
	{ "format", ARG_CHOICE, false, cd_format_words,
	  "linear (default), or of two levels: 4KiB-leaves, 64KiB-leaves" },
	{ "bits", ARG_NUMBER, false, NULL, "log2 of the number of substreams; 0 (default): none" },
	{ .name = NULL },
};
const struct op op_cd_table = {
	"cd-table",    "Makes a table of context descriptors; the result is its address.",
	cd_table_args, "name",
	run_cd_table,  NULL,
	NULL
};

/* Where the CD of a substream lies, making a second level for it; 0 with a failed step. */
static u64 place_cd(struct run *run, const struct guest_cd_table *table, u64 substream,
		    struct step_out *out)
{
	unsigned int split = guest_cd_split(table);
	u64 where, l1cd;

	if (substream >> table->bits) {
		step_fail(out, "the table has 2^%u entries, none for substream %llu", table->bits,
			  substream);
		return 0;
	}
	if (!split)
		return table->base + substream * CD_SIZE;
	where = table->base + (substream >> split) * 8;
	if (!run_guest_read(run, where, &l1cd, sizeof(l1cd)))
		return 0;
	if (!(l1cd & VALID)) {
		l1cd = block_or_fail(run, (u64)CD_SIZE << split, out);
		if (!l1cd)
			return 0;
		l1cd |= VALID;
		run_guest_write(run, where, &l1cd, sizeof(l1cd));
	}
	return (l1cd & ~0xfffULL) + (substream & ((1u << split) - 1)) * CD_SIZE;
}

static void set(u64 *cd, const char *name, u64 value)
{
	format_field_set(smmuv3_field(smmuv3_format("cd"), name), cd, value);
}

static void run_cd(struct run *run, const struct step *step, struct step_out *out)
{
	const struct guest_cd_table *table = guest_cd_table_arg(run, step, out);
	const struct guest_stage1 *stage1 = table ? stage1_arg(run, step, "stage1", out) : NULL;
	u64 cd[CD_QUADWORDS] = { 0 };
	u64 where = stage1 ? place_cd(run, table, step_number(step, "substream", 0), out) : 0;

	if (!where)
		return;
	set(cd, "V", 1);
	set(cd, "T0SZ", 64 - stage1->bits);
	set(cd, "TG0", stage1->granule == 12 ? 0 : stage1->granule == 16 ? 1 : 2);
	set(cd, "EPD1", 1);
	set(cd, "IPS", 5); /* 48 bits */
	set(cd, "AA64", 1);
	set(cd, "R", 1);
	set(cd, "A", 1);
	set(cd, "ASET", 1);
	set(cd, "ASID", step_number(step, "asid", 1));
	set(cd, "TTB0", stage1->root);
	if (entry_set_fields(smmuv3_format("cd"), step_arg(step, "fields"), cd, out) &&
	    !run_guest_write(run, where, cd, sizeof(cd)))
		step_fail(out, "the guest's table of CDs is not in its memory any more");
}

static const char *const *cd_formats(const struct step *step)
{
	static const char *const formats[] = { "cd", NULL };

	(void)step;
	return formats;
}

static const struct arg_def cd_args[] = {
	{ "table", ARG_TABLE, true, NULL, "a table of CDs" },
	{ "substream", ARG_NUMBER, false, NULL, "default 0" },
	{ "stage1", ARG_TABLE, true, NULL, "the stage-1 table: gives TTB0, T0SZ and TG0" },
	{ "asid", ARG_NUMBER, false, NULL, "16 bits, default 1" },
	{ "fields", ARG_FIELDS, false, NULL, "further fields, by their names" },
	{ .name = NULL },
};
const struct op op_cd = { "cd",      "Writes a context descriptor; caches keep what they have.",
			  cd_args,   NULL,
			  run_cd,    NULL,
			  cd_formats };
