/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a guest's scalable-mode tables. Whatever the guest put there ends in an entry or a fault after four reads.
 */
#include "tables.h"

#include "vtd/vtd-format.h"

#include <string.h>

static u64 field(const char *format, const char *name, const u64 *entry)
{
	return format_field_get(vtd_field(vtd_format(format), name), entry);
}

u64 viommu_pasid_field(const u64 entry[VIOMMU_ENTRY], const char *name)
{
	return field("pasid-entry", name, entry);
}

bool viommu_is_absent(enum vtd_fault fault)
{
	return fault == VTD_FAULT_SM_ROOT_NOT_PRESENT ||
	       fault == VTD_FAULT_SM_CONTEXT_NOT_PRESENT || fault == VTD_FAULT_SM_PASIDE_CLEAR ||
	       fault == VTD_FAULT_SM_PASID_TOO_LARGE ||
	       fault == VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT ||
	       fault == VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT;
}

/* True if a bit is set that no field of the format has. */
static bool has_unknown_bits(const char *name, const u64 *entry)
{
	const struct format *format = vtd_format(name);
	u64 known[VIOMMU_ENTRY] = { 0 };

	for (size_t i = 0; i < format->field_count; i++)
		format_field_set(&format->fields[i], known, ~0ULL);
	for (size_t i = 0; i < format->bits / 64; i++) {
		if (entry[i] & ~known[i])
			return true;
	}
	return false;
}

/** A field that is reserved without a capability of ECAP. */
struct rule {
	const char *field, *needs;
};

/* rules: ended by a NULL field. */
static bool sets_what_is_not_offered(const struct viommu_tables *t, const char *format,
				     const struct rule *rules, const u64 *entry)
{
	for (; rules->field; rules++) {
		if (field(format, rules->field, entry) && !field("ecap", rules->needs, &t->ecap))
			return true;
	}
	return false;
}

/* ---- context ---- */

static enum vtd_fault check_context(const struct viommu_tables *t, const u64 context[4])
{
	static const struct rule rules[] = {
		{ "DTE", "DT" },        { "PASIDE", "PASID" }, { "PRE", "PRS" },
		{ "RID_PASID", "RPS" }, { "RID_PRIV", "SRS" }, { NULL, NULL },
	};

	if (!field("context", "P", context))
		return VTD_FAULT_SM_CONTEXT_NOT_PRESENT;
	if (has_unknown_bits("context", context) ||
	    sets_what_is_not_offered(t, "context", rules, context))
		return VTD_FAULT_SM_CONTEXT_RESERVED;
	/* page requests are of use only to a device TLB */
	if (field("context", "PRE", context) && !field("context", "DTE", context))
		return VTD_FAULT_SM_CONTEXT_INVALID;
	return VTD_FAULT_NONE;
}

static enum vtd_fault read_context(const struct viommu_tables *t, u16 source_id, u64 context[4])
{
	unsigned int devfn = source_id & 0xff;
	bool upper = devfn >= 128;
	u64 root[2], table;

	if (!t->read(t->ctx, t->root + (u64)(source_id >> 8) * 16, root, sizeof(root)))
		return VTD_FAULT_SM_ROOT_ACCESS;
	if (!field("scalable-root", upper ? "UP" : "LP", root))
		return VTD_FAULT_SM_ROOT_NOT_PRESENT;
	if (has_unknown_bits("scalable-root", root))
		return VTD_FAULT_SM_ROOT_RESERVED;
	table = field("scalable-root", upper ? "UCTP" : "LCTP", root);
	if (!t->read(t->ctx, table + (devfn & 127) * 32, context, 32))
		return VTD_FAULT_SM_CONTEXT_ACCESS;
	return check_context(t, context);
}

enum vtd_fault viommu_find_context(const struct viommu_tables *tables, u16 source_id,
				   struct viommu_context *context)
{
	bool has_rid_pasid = field("ecap", "RPS", &tables->ecap);
	unsigned int pasid_bits = (unsigned int)field("ecap", "PSS", &tables->ecap) + 1;
	unsigned int directory_bits;
	u64 entry[4];
	enum vtd_fault fault = read_context(tables, source_id, entry);

	if (fault)
		return fault;
	/* a directory entry stands for 64 PASIDs */
	directory_bits = (unsigned int)field("context", "PDTS", entry) + 7 + 6;
	if (!field("ecap", "PASID", &tables->ecap) || pasid_bits > directory_bits)
		pasid_bits = directory_bits;
	*context = (struct viommu_context){
		.directory = field("context", "PASIDDIRPTR", entry),
		.pasid_limit = 1u << pasid_bits,
		.rid_pasid = has_rid_pasid ? (u32)field("context", "RID_PASID", entry) : 0,
		.pasid_enable = field("context", "PASIDE", entry),
	};
	return VTD_FAULT_NONE;
}

/* ---- PASID entries ---- */

enum vtd_fault viommu_check_directory(u64 entry)
{
	if (!field("pasid-directory", "P", &entry))
		return VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT;
	return has_unknown_bits("pasid-directory", &entry) ? VTD_FAULT_SM_PASID_DIRECTORY_RESERVED
							   : VTD_FAULT_NONE;
}

enum vtd_fault viommu_check_pasid_entry(const struct viommu_tables *tables,
					const u64 entry[VIOMMU_ENTRY])
{
	static const struct rule rules[] = {
		{ "SRE", "SRS" },  { "ERE", "ERS" }, { "EAFE", "EAFS" }, { "CD", "MTS" },
		{ "EMTE", "MTS" }, { "PWT", "MTS" }, { "PCD", "MTS" },   { NULL, NULL },
	};
	u64 pgtt = viommu_pasid_field(entry, "PGTT"), mode = viommu_pasid_field(entry, "FSPM");

	if (!viommu_pasid_field(entry, "P"))
		return VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT;
	if (has_unknown_bits("pasid-entry", entry) ||
	    sets_what_is_not_offered(tables, "pasid-entry", rules, entry))
		return VTD_FAULT_SM_PASID_ENTRY_RESERVED;
	if (pgtt == VIOMMU_PASS_THROUGH)
		return field("ecap", "PT", &tables->ecap) ? VTD_FAULT_NONE
							  : VTD_FAULT_SM_PASID_ENTRY_INVALID;
	if (pgtt != VIOMMU_FIRST_STAGE || mode > 1 ||
	    (mode == 1 && !field("cap", "FS5LP", &tables->cap)))
		return VTD_FAULT_SM_PASID_ENTRY_INVALID;
	return VTD_FAULT_NONE;
}

enum vtd_fault viommu_find_pasid_entry(const struct viommu_tables *tables,
				       const struct viommu_context *context, u32 pasid,
				       u64 entry[VIOMMU_ENTRY])
{
	enum vtd_fault fault;
	u64 directory, table;

	if (pasid >= context->pasid_limit)
		return VTD_FAULT_SM_PASID_TOO_LARGE;
	if (!tables->read(tables->ctx, context->directory + (u64)(pasid >> 6) * 8, &directory,
			  sizeof(directory)))
		return VTD_FAULT_SM_PASID_DIRECTORY_ACCESS;
	fault = viommu_check_directory(directory);
	if (fault)
		return fault;
	table = field("pasid-directory", "SMPTBLPTR", &directory);
	if (!tables->read(tables->ctx, table + (pasid & 63) * 64, entry, VIOMMU_ENTRY * 8))
		return VTD_FAULT_SM_PASID_ENTRY_ACCESS;
	return viommu_check_pasid_entry(tables, entry);
}
