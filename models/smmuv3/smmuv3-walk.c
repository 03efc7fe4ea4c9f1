// SPDX-License-Identifier: Apache-2.0
/*
 * VMSAv8-64 walks of stage 1 and stage 2 with any granule, one for both, and their nesting.
 * Which stages a transaction takes is left to smmuv3-translate.c, what it may do to
 * smmuv3-permission.c.
 */
#include "smmuv3-internal.h"

#include <string.h>

/* 64-KiB granule: address bits 51:48 in bits 15:12 of a descriptor */
#define NARROW_ADDRESS_BITS 48
#define WIDE_SHIFT 12

#define TOP_BYTE_SHIFT 56
#define SELECT_BIT 55 /* of a VA: TTB0 or TTB1 */

/* A walk: what it walks and for whom. */
struct walk {
	const struct smmuv3_tables *tables;
	u64 input; /* address within the range of the tables */
	bool stage2;
	enum smmuv3_class class; /* stage 2: what the translation is for */
	u64 ipa; /* stage 2: for the event */
};

/* Where a walk ended. */
struct leaf {
	u64 output; /* start of the page or block */
	u64 descriptor;
	u8 shift;
	/* ORed over the table descriptors above it */
	u8 ap_table;
	bool privileged_execute_never, unprivileged_execute_never;
};

static void observe_read(const struct smmuv3_transaction *t, const struct smmuv3_table_read *read,
			 enum port_status status, const u64 *entry)
{
	struct port_event event;

	if (!port_observed(&t->smmu->port))
		return;
	event = (struct port_event){
		.kind = PORT_EVENT_TABLE_READ,
		.what = read->what,
		.address = read->address,
		.table_gpa = read->table_gpa,
		.via_gpa = read->via_gpa,
		.input = t->request->address.v,
		.level = read->level,
		.status = status,
	};
	if (status == PORT_OK) {
		event.len = read->len;
		memcpy(event.data, entry, read->len);
	}
	port_observe(&t->smmu->port, &event);
}

enum port_status smmuv3_read_table(struct smmuv3_transaction *t,
				   const struct smmuv3_table_read *read, u64 *entry)
{
	struct smmuv3 *smmu = t->smmu;
	enum port_status status = port_read(&smmu->port, read->address, entry, read->len);

	t->table_reads++;
	smmu->counters.descriptor_reads += read->level != 0;
	observe_read(t, read, status, entry);
	return status;
}

bool smmuv3_fail(struct smmuv3_transaction *t, struct smmuv3_fault fault)
{
	t->fault = fault;
	return false;
}

static bool walk_fail(struct smmuv3_transaction *t, const struct walk *walk,
		      enum smmuv3_event event)
{
	return smmuv3_fail(t, (struct smmuv3_fault){
				      .event = event,
				      .stage2 = walk->stage2,
				      .class = walk->stage2 ? walk->class : SMMUV3_CLASS_INPUT,
				      .address = walk->stage2 ? walk->ipa : 0,
			      });
}

/* Reads one descriptor; that of stage 1 lies where stage 2 says, if it translates. */
static bool read_descriptor(struct smmuv3_transaction *t, const struct walk *walk, u64 address,
			    unsigned int level, u64 *descriptor)
{
	struct smmuv3_table_read read = {
		.what = walk->stage2 ? "stage-2 descriptor" : "stage-1 descriptor",
		.address = hpa(address),
		.level = (int)(SMMUV3_LAST_LEVEL + 1 - level),
		.len = sizeof(*descriptor),
	};
	struct smmuv3_fault abort = {
		.event = SMMUV3_F_WALK_EABT,
		.stage2 = walk->stage2,
		.class = walk->stage2 ? walk->class : SMMUV3_CLASS_TABLE,
	};

	if (!walk->stage2 && t->stage2) {
		struct smmuv3_mapping mapping;

		if (!smmuv3_map_stage2(t, address, SMMUV3_CLASS_TABLE, &mapping))
			return false;
		read.address = hpa(mapping.output + (address - mapping.input));
		read.via_gpa = true;
		read.table_gpa = address;
	}
	if (smmuv3_read_table(t, &read, descriptor) == PORT_OK)
		return true;
	abort.address = read.address.v;
	return smmuv3_fail(t, abort);
}

static unsigned int level_shift(const struct smmuv3_tables *tables, unsigned int level)
{
	return smmuv3_level_shift(tables->granule_shift, level);
}

static u64 index_mask(const struct smmuv3_tables *tables)
{
	return (1ULL << (tables->granule_shift - 3)) - 1;
}

/* The next table, page or block, whose low bits are whatever they are. */
static u64 descriptor_address(const struct smmuv3_tables *tables, u64 descriptor)
{
	u64 address = stage1_Address(&descriptor) & ~0ULL << tables->granule_shift;

	if (tables->wide)
		address |= (descriptor >> WIDE_SHIFT & 0xf) << NARROW_ADDRESS_BITS;
	return address;
}

/* The fields below lie alike in stage-1 and stage-2 descriptors; stage 1 names them. */
static bool descriptor_is_table(u64 descriptor, unsigned int level)
{
	return stage1_Table(&descriptor) && level < SMMUV3_LAST_LEVEL;
}

/* Level 3 has pages only, and the highest levels have no blocks. */
static bool descriptor_valid(const struct smmuv3_tables *tables, u64 descriptor, unsigned int level)
{
	if (!stage1_Valid(&descriptor))
		return false;
	return stage1_Table(&descriptor) ||
	       (level != SMMUV3_LAST_LEVEL && level >= tables->block_level);
}

static void inherit_table_attributes(const struct walk *walk, u64 descriptor, struct leaf *leaf)
{
	if (walk->stage2)
		return;
	leaf->ap_table |= (u8)stage1_APTable(&descriptor);
	leaf->privileged_execute_never |= stage1_PXNTable(&descriptor);
	leaf->unprivileged_execute_never |= stage1_UXNTable(&descriptor);
}

/* One walker serves a transaction, with all the walks that nest in it, to its end. */
static void hold_walker(struct smmuv3_transaction *t)
{
	if (t->walking)
		return;
	t->smmu->counters.walks++;
	t->walker = port_take_walker(&t->smmu->port);
	t->walking = true;
}

/*
 * 7.3.22: at each level F_WALK_EABT, F_TRANSLATION, F_ADDR_SIZE; at the last descriptor F_ACCESS.
 * At most four levels, whatever the tables say.
 */
static bool walk_tables(struct smmuv3_transaction *t, const struct walk *walk, struct leaf *leaf)
{
	const struct smmuv3_tables *tables = walk->tables;
	unsigned int level = tables->start_level;
	u64 index = walk->input >> level_shift(tables, level);
	u64 table = tables->base;

	hold_walker(t);
	*leaf = (struct leaf){ 0 };
	for (;;) {
		u64 descriptor, next;

		if (!read_descriptor(t, walk, table + index * sizeof(u64), level, &descriptor))
			return false;
		if (!descriptor_valid(tables, descriptor, level))
			return walk_fail(t, walk, SMMUV3_F_TRANSLATION);
		next = descriptor_address(tables, descriptor);
		if (descriptor_is_table(descriptor, level)) {
			if (next >> tables->output_bits)
				return walk_fail(t, walk, SMMUV3_F_ADDR_SIZE);
			inherit_table_attributes(walk, descriptor, leaf);
			table = next;
			level++;
			index = walk->input >> level_shift(tables, level) & index_mask(tables);
			continue;
		}
		leaf->shift = (u8)level_shift(tables, level);
		leaf->output = next & ~((1ULL << leaf->shift) - 1);
		leaf->descriptor = descriptor;
		if (leaf->output >> tables->output_bits)
			return walk_fail(t, walk, SMMUV3_F_ADDR_SIZE);
		if (!stage1_AF(&descriptor) && !tables->ignore_access_flag)
			return walk_fail(t, walk, SMMUV3_F_ACCESS);
		return true;
	}
}

static void observe_stage(struct smmuv3_transaction *t, const char *what, u64 input,
			  const struct leaf *leaf)
{
	struct port_event event;

	if (!port_observed(&t->smmu->port))
		return;
	event = (struct port_event){
		.kind = PORT_EVENT_TRANSLATED,
		.what = what,
		.input = input,
		.output = leaf->output + (input & ((1ULL << leaf->shift) - 1)),
		.page_size = 1ULL << leaf->shift,
	};
	port_observe(&t->smmu->port, &event);
}

/* A-profile architecture: stage-2 data access permissions S2AP, and XN */
static u8 stage2_rights(u64 descriptor)
{
	u64 s2ap = stage2_S2AP(&descriptor);
	unsigned int rights = 0;

	if (s2ap & 1)
		rights |= ACCESS_READ;
	if (s2ap & 2)
		rights |= ACCESS_WRITE;
	if (!stage2_XN(&descriptor))
		rights |= ACCESS_EXECUTE;
	return (u8)rights;
}

static bool walk_stage2(struct smmuv3_transaction *t, const struct walk *walk,
			struct smmuv3_mapping *mapping)
{
	struct leaf leaf;

	/* 3.4: an IPA beyond S2T0SZ is a stage-2 Translation fault */
	if (walk->input >> walk->tables->input_bits)
		return walk_fail(t, walk, SMMUV3_F_TRANSLATION);
	if (!walk_tables(t, walk, &leaf))
		return false;
	observe_stage(t, "stage 2", walk->input, &leaf);
	*mapping = (struct smmuv3_mapping){
		.input = walk->input & ~((1ULL << leaf.shift) - 1),
		.output = leaf.output,
		.vmid = t->stream.vmid,
		.shift = leaf.shift,
		.stage2 = true,
		.stage2_rights = stage2_rights(leaf.descriptor),
	};
	mapping->ipa = mapping->input;
	smmuv3_tlb_fill(t->smmu, t->epoch, mapping);
	return true;
}

/* CDs and tables are read as data; the transaction's own access is judged by the caller. */
bool smmuv3_map_stage2(struct smmuv3_transaction *t, u64 ipa, enum smmuv3_class class,
		       struct smmuv3_mapping *mapping)
{
	const struct smmuv3_tlb_key key = {
		.input = ipa,
		.vmid = t->stream.vmid,
		.stage2 = true,
	};
	const struct walk walk = {
		.tables = &t->stream.stage2,
		.input = ipa,
		.stage2 = true,
		.class = class,
		.ipa = ipa,
	};

	if (!smmuv3_tlb_lookup(t->smmu, &key, mapping) && !walk_stage2(t, &walk, mapping))
		return false;
	if (class != SMMUV3_CLASS_INPUT && !(mapping->stage2_rights & ACCESS_READ))
		return walk_fail(t, &walk, SMMUV3_F_PERMISSION);
	return true;
}

/*
 * 3.4.1: TTB0 or TTB1 by VA[55]; the bits above the range must all equal it. Returns the address
 * within the range in *input.
 */
static bool select_tables(struct smmuv3_transaction *t, u64 va, struct walk *walk)
{
	const struct smmuv3_context *context = &t->context;
	unsigned int half = va >> SELECT_BIT & 1;
	const struct smmuv3_tables *tables = &context->stage1[half];
	unsigned int top = context->ignore_top_byte[half] ? TOP_BYTE_SHIFT : 64;
	u64 above;

	walk->tables = tables;
	if (context->disabled[half])
		return walk_fail(t, walk, SMMUV3_F_TRANSLATION);
	above = va >> tables->input_bits;
	if (half)
		above = ~above & (~0ULL >> tables->input_bits);
	if (above & ((1ULL << (top - tables->input_bits)) - 1))
		return walk_fail(t, walk, SMMUV3_F_TRANSLATION);
	walk->input = va & ((1ULL << tables->input_bits) - 1);
	return true;
}

/* The VA that the TLB knows an address by: with the top byte as it would be without TBI. */
static u64 canonical(u64 va)
{
	u64 low = va & ((1ULL << TOP_BYTE_SHIFT) - 1);

	return va >> SELECT_BIT & 1 ? low | ~0ULL << TOP_BYTE_SHIFT : low;
}

/* Hierarchical permissions: APTable takes rights away, AP says what is left. */
static u8 stage1_permissions(const struct leaf *leaf)
{
	u64 ap = stage1_AP(&leaf->descriptor);

	if (leaf->ap_table & 1)
		ap &= ~1ULL;
	return (u8)(ap | (leaf->ap_table & 2));
}

static struct smmuv3_mapping stage1_mapping(const struct smmuv3_transaction *t, u64 va,
					    const struct leaf *leaf)
{
	u64 start = va & ~((1ULL << leaf->shift) - 1);

	return (struct smmuv3_mapping){
		.input = start,
		.ipa = leaf->output,
		.output = leaf->output,
		.vmid = t->stream.vmid,
		.asid = t->context.asid,
		.shift = leaf->shift,
		.stage1_shift = leaf->shift,
		.stage1 = true,
		.global = !stage1_nG(&leaf->descriptor),
		.permissions = stage1_permissions(leaf),
		.privileged_execute_never = leaf->privileged_execute_never ||
					    stage1_PXN(&leaf->descriptor),
		.unprivileged_execute_never = leaf->unprivileged_execute_never ||
					      stage1_UXN(&leaf->descriptor),
	};
}

/* Narrows a stage-1 mapping to the part around va that stage 2 maps alike. */
static bool nest(struct smmuv3_transaction *t, u64 va, struct smmuv3_mapping *mapping)
{
	u64 ipa = mapping->ipa + (va - mapping->input);
	struct smmuv3_mapping second;
	u64 mask;

	if (!smmuv3_map_stage2(t, ipa, SMMUV3_CLASS_INPUT, &second))
		return false;
	if (second.shift < mapping->shift)
		mapping->shift = second.shift;
	mask = (1ULL << mapping->shift) - 1;
	mapping->input = va & ~mask;
	mapping->ipa = ipa & ~mask;
	mapping->output = second.output + (mapping->ipa - second.input);
	mapping->stage2 = true;
	mapping->stage2_rights = second.stage2_rights;
	return true;
}

bool smmuv3_map_stage1(struct smmuv3_transaction *t, u64 address, struct smmuv3_mapping *mapping)
{
	struct walk walk = { .stage2 = false };
	u64 va = canonical(address);
	const struct smmuv3_tlb_key key = {
		.input = va,
		.vmid = t->stream.vmid,
		.asid = t->context.asid,
		.stage1 = true,
		.stage2 = t->stage2,
	};
	struct leaf leaf;

	if (!select_tables(t, address, &walk))
		return false;
	if (smmuv3_tlb_lookup(t->smmu, &key, mapping))
		return smmuv3_check_stage1(t, mapping);
	if (!walk_tables(t, &walk, &leaf))
		return false;
	observe_stage(t, "stage 1", address, &leaf);
	*mapping = stage1_mapping(t, va, &leaf);
	/* 7.3.22: stage 1 is judged before the output is translated */
	if (!smmuv3_check_stage1(t, mapping))
		return false;
	if (t->stage2 && !nest(t, va, mapping))
		return false;
	smmuv3_tlb_fill(t->smmu, t->epoch, mapping);
	return true;
}
