/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The actor `guest` as the driver of a virtual unit: contexts and PASID entries in its own memory, and the invalidations
 * that caching mode asks for after every change.
 */
#include "guest-viommu.h"

#include "vtd/vtd-format.h"

#include <string.h>

#define DEVICE_ARG                                                                   \
	{                                                                            \
		"device", ARG_DEVICE, true, NULL, "a device of the unit's container" \
	}

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
	    !guest_get("context", "P", context))
		return 0;
	table = table_below(v->run,
			    guest_get("context", "PASIDDIRPTR", context) + (u64)(pasid >> 6) * 8);
	return table ? table + (pasid & 63) * 64 : 0;
}

static void add_context(struct guest_batch *batch, u16 source_id)
{
	u64 *d = guest_add(batch, "context-cache-invalidate", 1);

	guest_put("context-cache-invalidate", "G", d, 3);
	guest_put("context-cache-invalidate", "DID", d, GUEST_DOMAIN_ID);
	guest_put("context-cache-invalidate", "SID", d, source_id);
}

/* The entry of requests without PASID: they are passed through, as a guest in iommu=pt does. */
static bool write_rid_entry(struct virtual_iommu *v, u16 source_id, u32 rid_pasid)
{
	u64 at = pasid_entry_at(v, source_id, rid_pasid), entry[8] = { 0 };

	guest_put("pasid-entry", "P", entry, 1);
	guest_put("pasid-entry", "PGTT", entry, VIOMMU_PASS_THROUGH);
	guest_put("pasid-entry", "DID", entry, GUEST_DOMAIN_ID);
	return at && run_guest_write(v->run, at, entry, sizeof(entry));
}

static void run_viommu_attach(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = guest_enabled_arg(run, step, out);
	u64 context[4] = { 0 }, pdts = step_number(step, "pdts", 0), at;
	u16 source_id = source_id_arg(run, step);
	struct guest_batch batch = { 0 };

	if (!v)
		return;
	if (pdts > 7) {
		step_fail(out, "pdts is %llu; expected 0 to 7", pdts);
		return;
	}
	at = context_at(v, source_id);
	guest_put("context", "P", context, 1);
	guest_put("context", "PASIDE", context, guest_get("ecap", "PASID", &v->ecap));
	guest_put("context", "DTE", context, guest_get("ecap", "DT", &v->ecap));
	guest_put("context", "PRE", context,
		  guest_get("ecap", "DT", &v->ecap) & guest_get("ecap", "PRS", &v->ecap));
	guest_put("context", "PDTS", context, pdts);
	guest_put("context", "PASIDDIRPTR", context, make_directory(run, pdts));
	if (!at || !guest_get("context", "PASIDDIRPTR", context)) {
		guest_no_memory(out);
		return;
	}
	if (!entry_set_fields(vtd_format("context"), step_arg(step, "fields"), context, out))
		return;
	run_guest_write(run, at, context, sizeof(context));
	if (!write_rid_entry(v, source_id, (u32)guest_get("context", "RID_PASID", context)) &&
	    !step_arg(step, "fields")) {
		guest_no_memory(out);
		return;
	}
	out->result = json_object();
	json_object_set_new(out->result, "gpa", json_u64(at));
	json_object_set_new(out->result, "directory",
			    json_u64(guest_get("context", "PASIDDIRPTR", context)));
	add_context(&batch, source_id);
	guest_add_pasid_cache(&batch, 0, GUEST_DOMAIN_ID, 0);
	guest_add_iotlb(&batch, 2);
	guest_add_wait(v, &batch);
	guest_submit(v, &batch, out);
}

static const char *const *context_formats(const struct step *step)
{
	static const char *const formats[] = { "context", NULL };

	(void)step;
	return formats;
}

static const struct arg_def attach_args[] = {
	GUEST_VIOMMU_ARG,
	DEVICE_ARG,
	{ "pdts", ARG_NUMBER, false, NULL,
	  "the PASID directory has 2^(pdts + 7) entries, of 64 PASIDs each; 0 (default) to 7" },
	{ "fields", ARG_FIELDS, false, NULL,
	  "fields of the context entry that are to be otherwise" },
	{ .name = NULL },
};
static const struct field_def attach_fields[] = {
	{ "gpa", FIELD_NUMBER, NULL },
	{ "directory", FIELD_NUMBER, NULL },
	GUEST_SUBMIT_FIELDS,
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
		guest_put("pasid-entry", "P", entry, 1);
		guest_put("pasid-entry", "PGTT", entry, VIOMMU_FIRST_STAGE);
		guest_put("pasid-entry", "DID", entry, GUEST_DOMAIN_ID);
		guest_put("pasid-entry", "FSPTPTR", entry, table->root);
		guest_put("pasid-entry", "FSPM", entry, table->levels == 5);
	}
	return entry_set_fields(vtd_format("pasid-entry"), step_arg(step, "fields"), entry, out);
}

static void add_pasid_iotlb(struct guest_batch *batch, u16 domain_id, u32 pasid)
{
	u64 *d = guest_add(batch, "pasid-iotlb-invalidate", 6);

	guest_put("pasid-iotlb-invalidate", "G", d, 2);
	guest_put("pasid-iotlb-invalidate", "DID", d, domain_id);
	guest_put("pasid-iotlb-invalidate", "PASID", d, pasid);
}

/* Section 6.5.3.3: what is due after an entry changed; of the domain that it was, and is, in. */
static void invalidate_entry(struct virtual_iommu *v, const u64 old[8], u32 pasid,
			     struct step_out *out)
{
	u16 domain_id = (u16)(guest_get("pasid-entry", "P", old)
				      ? guest_get("pasid-entry", "DID", old)
				      : GUEST_DOMAIN_ID);
	struct guest_batch batch = { 0 };

	guest_add_pasid_cache(&batch, 1, domain_id, pasid);
	add_pasid_iotlb(&batch, domain_id, pasid);
	guest_add_wait(v, &batch);
	guest_submit(v, &batch, out);
}

static void run_viommu_pasid_entry(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = guest_enabled_arg(run, step, out);
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
	GUEST_VIOMMU_ARG,
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
	GUEST_SUBMIT_FIELDS,
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
