/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the host was told of a guest's PASID entries. Whenever the guest says that some changed, they are read anew and
 * what differs is bound or unbound, function by function, as QEMU's nesting series does (intel_iommu,
 * 2020-01 to 2021-03): an entry that changed while it was present is bound again without an unbind, and what the host
 * says to it all changes nothing for the guest. PASID 0 is that of requests without one and never passed on.
 */
#include "viommu_private.h"

#include "include/uapi/linux/vfio_nesting.h"
#include "vtd/vtd-format.h"

#include <stdlib.h>
#include <string.h>

#define CHECK_WORK 32u /* of looking at an entry that is not as it was */
#define CALL_WORK 64u /* of telling the host */

static const u64 no_entry[VIOMMU_ENTRY];

/* ---- what is noted ---- */

static struct shadow *find_shadow(struct viommu *v, u16 source_id)
{
	for (struct shadow *s = v->shadows; s; s = s->next) {
		if (s->source_id == source_id)
			return s;
	}
	return NULL;
}

/* The function's notes, made if there are none; NULL: no memory. */
static struct shadow *get_shadow(struct viommu *v, u16 source_id)
{
	struct shadow *shadow = find_shadow(v, source_id);

	if (shadow)
		return shadow;
	shadow = calloc(1, sizeof(*shadow));
	if (!shadow)
		return NULL;
	shadow->source_id = source_id;
	shadow->next = v->shadows;
	v->shadows = shadow;
	return shadow;
}

static void free_shadow(struct shadow *shadow)
{
	for (unsigned int i = 0; i < NOTED_TABLES; i++)
		free(shadow->tables[i]);
	free(shadow);
}

void shadow_clear(struct viommu *v)
{
	while (v->shadows) {
		struct shadow *next = v->shadows->next;

		free_shadow(v->shadows);
		v->shadows = next;
	}
}

static bool is_absent(const u64 entry[VIOMMU_ENTRY])
{
	return memcmp(entry, no_entry, sizeof(no_entry)) == 0;
}

static u16 domain_of(const u64 entry[VIOMMU_ENTRY])
{
	return (u16)viommu_pasid_field(entry, "DID");
}

/* ---- telling the host ---- */

static u64 bind_flags(const u64 entry[VIOMMU_ENTRY])
{
	static const struct {
		const char *field;
		u64 flag;
	} flags[] = {
		{ "SRE", IOMMU_SVA_VTD_GPASID_SRE },   { "EAFE", IOMMU_SVA_VTD_GPASID_EAFE },
		{ "PCD", IOMMU_SVA_VTD_GPASID_PCD },   { "PWT", IOMMU_SVA_VTD_GPASID_PWT },
		{ "EMTE", IOMMU_SVA_VTD_GPASID_EMTE }, { "CD", IOMMU_SVA_VTD_GPASID_CD },
	};
	u64 set = 0;

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		set |= viommu_pasid_field(entry, flags[i].field) ? flags[i].flag : 0;
	return set;
}

static long bind(struct viommu *v, u32 pasid, const u64 entry[VIOMMU_ENTRY])
{
	const struct nesting_bind request = {
		.argsz = NESTING_ARGSZ,
		.version = IOMMU_GPASID_BIND_VERSION_1,
		.format = IOMMU_PASID_FORMAT_INTEL_VTD,
		.flags = IOMMU_SVA_GPASID_VAL,
		.gpgd = viommu_pasid_field(entry, "FSPTPTR"),
		.hpasid = pasid,
		.gpasid = pasid,
		.addr_width = viommu_pasid_field(entry, "FSPM") ? 57 : 48,
		.vtd_flags = bind_flags(entry),
		.pat = (u32)viommu_pasid_field(entry, "PAT"),
		.emt = (u32)viommu_pasid_field(entry, "EMT"),
	};

	return v->ops->bind(v->ctx, &request);
}

static void unbind(struct viommu *v, u32 pasid)
{
	const struct nesting_bind request = {
		.argsz = NESTING_ARGSZ,
		.version = IOMMU_GPASID_BIND_VERSION_1,
		.format = IOMMU_PASID_FORMAT_INTEL_VTD,
		.hpasid = pasid,
	};

	v->ops->unbind(v->ctx, &request);
}

static void report_fault(struct viommu *v, u16 source_id, u32 pasid, enum vtd_fault fault)
{
	const struct translation_request request = {
		.source_id = source_id,
		.has_pasid = true,
		.pasid = pasid,
		.access = ACCESS_READ,
	};

	vtd_report_fault(v->unit, &request, fault);
}

/* ---- comparing ---- */

/** A function whose entries are being compared. */
struct sync {
	struct viommu *v;
	struct viommu_tables tables;
	struct shadow *shadow;
	struct shadow_scope scope;
	bool stopped; /* no more work is to be done */
};

static bool work(struct sync *sync, u64 amount)
{
	if (!sync->stopped && !sync->v->ops->work(sync->v->ctx, amount))
		sync->stopped = true;
	return !sync->stopped;
}

static struct noted *noted_at(struct shadow *shadow, u32 pasid)
{
	struct noted *table = shadow->tables[pasid / NOTED_TABLE];

	return table ? &table[pasid % NOTED_TABLE] : NULL;
}

/* The note of a PASID, made if there is none; NULL: no memory. */
static struct noted *get_noted(struct shadow *shadow, u32 pasid)
{
	struct noted **table = &shadow->tables[pasid / NOTED_TABLE];

	if (!*table)
		*table = calloc(NOTED_TABLE, sizeof(**table));
	return noted_at(shadow, pasid);
}

static bool in_scope(const struct sync *sync, const u64 *old, const u64 *now)
{
	u16 wanted = sync->scope.domain_id;

	return !sync->scope.has_domain || (!is_absent(old) && domain_of(old) == wanted) ||
	       (!is_absent(now) && domain_of(now) == wanted);
}

static void entry_gone(struct sync *sync, u32 pasid, struct noted *noted)
{
	if (noted->bound && work(sync, CALL_WORK))
		unbind(sync->v, pasid);
	*noted = (struct noted){ 0 };
}

static void entry_changed(struct sync *sync, u32 pasid, const u64 now[VIOMMU_ENTRY])
{
	struct noted *noted = get_noted(sync->shadow, pasid);

	if (!noted)
		return;
	memcpy(noted->entry, now, sizeof(noted->entry));
	if (pasid == 0 || viommu_pasid_field(now, "PGTT") != VIOMMU_FIRST_STAGE) {
		if (noted->bound)
			unbind(sync->v, pasid);
		noted->bound = false;
		return;
	}
	if (work(sync, CALL_WORK) && bind(sync->v, pasid, now) == 0)
		noted->bound = true;
}

/* now: the entry as it is, or no_entry. */
static void compare(struct sync *sync, u32 pasid, const u64 now[VIOMMU_ENTRY])
{
	struct noted *noted = noted_at(sync->shadow, pasid);
	const u64 *old = noted ? noted->entry : no_entry;

	if (memcmp(old, now, sizeof(no_entry)) == 0 || !in_scope(sync, old, now))
		return;
	if (is_absent(now))
		entry_gone(sync, pasid, noted);
	else
		entry_changed(sync, pasid, now);
}

/* An entry as read, which may be anything. */
static void check_and_compare(struct sync *sync, u32 pasid, const u64 entry[VIOMMU_ENTRY])
{
	struct noted *noted = noted_at(sync->shadow, pasid);
	enum vtd_fault fault;

	if (noted && memcmp(noted->entry, entry, sizeof(noted->entry)) == 0)
		return;
	if (!(entry[0] & 1)) {
		compare(sync, pasid, no_entry);
		return;
	}
	if (!work(sync, CHECK_WORK))
		return;
	fault = viommu_check_pasid_entry(&sync->tables, entry);
	if (fault)
		report_fault(sync->v, sync->shadow->source_id, pasid, fault);
	compare(sync, pasid, fault ? no_entry : entry);
}

/* Nothing is there for the 64 PASIDs from first on. */
static void sync_no_table(struct sync *sync, u32 first)
{
	for (u32 i = 0; sync->shadow->tables[first / NOTED_TABLE] && i < NOTED_TABLE; i++) {
		if (first + i >= sync->scope.first && first + i <= sync->scope.last)
			compare(sync, first + i, no_entry);
	}
}

/* The PASID table that a directory entry leads to; first: the PASID of its first entry. PASIDs from limit on are none. */
static void sync_table(struct sync *sync, u32 first, u32 limit, u64 directory)
{
	u64 table[NOTED_TABLE][VIOMMU_ENTRY];
	enum vtd_fault fault = viommu_check_directory(directory);
	const struct viommu_tables *t = &sync->tables;
	const struct format_field *pointer = vtd_field(vtd_format("pasid-directory"), "SMPTBLPTR");

	if (!fault && !t->read(t->ctx, format_field_get(pointer, &directory), table, sizeof(table)))
		fault = VTD_FAULT_SM_PASID_ENTRY_ACCESS;
	if (fault) {
		if (!viommu_is_absent(fault))
			report_fault(sync->v, sync->shadow->source_id, first, fault);
		sync_no_table(sync, first);
		return;
	}
	for (u32 i = 0; work(sync, 1) && i < NOTED_TABLE; i++) {
		bool beyond = first + i >= limit;

		if (first + i >= sync->scope.first && first + i <= sync->scope.last)
			check_and_compare(sync, first + i, beyond ? no_entry : table[i]);
	}
}

/* One directory entry. */
static void sync_directory(struct sync *sync, const struct viommu_context *context, u32 first)
{
	const struct viommu_tables *t = &sync->tables;
	u64 directory = 0;

	if (first >= context->pasid_limit) {
		sync_no_table(sync, first);
		return;
	}
	if (!t->read(t->ctx, context->directory + first / NOTED_TABLE * 8, &directory, 8)) {
		report_fault(sync->v, sync->shadow->source_id, first,
			     VTD_FAULT_SM_PASID_DIRECTORY_ACCESS);
		sync_no_table(sync, first);
		return;
	}
	sync_table(sync, first, context->pasid_limit, directory);
}

/* The PASIDs that are in scope and may have something: behind the limit only what is noted. */
static void sync_all(struct sync *sync, const struct viommu_context *context)
{
	u32 first = sync->scope.first & ~(NOTED_TABLE - 1);

	for (; first <= sync->scope.last; first += NOTED_TABLE) {
		bool of_interest = first < context->pasid_limit ||
				   sync->shadow->tables[first / NOTED_TABLE];

		if (of_interest && work(sync, 1))
			sync_directory(sync, context, first);
	}
}

void shadow_sync_device(struct viommu *v, u16 source_id, struct shadow_scope scope)
{
	struct viommu_context context = { 0 };
	struct sync sync = { .v = v, .scope = scope, .shadow = get_shadow(v, source_id) };
	enum vtd_fault fault;

	if (!sync.shadow)
		return;
	if (viommu_tables(v, &sync.tables)) {
		fault = viommu_find_context(&sync.tables, source_id, &context);
		if (fault && !viommu_is_absent(fault))
			report_fault(v, source_id, scope.first, fault);
		/* without it, only requests without PASID have an entry, and that is not passed on */
		if (!fault && !context.pasid_enable)
			context.pasid_limit = 0;
	}
	sync_all(&sync, &context);
}

/* Forgets functions that are no longer behind the unit: the host has let go of what they had. */
static void forget_the_lost(struct viommu *v)
{
	struct shadow **at = &v->shadows;

	while (*at) {
		struct shadow *shadow = *at;
		bool there = false;
		u16 source_id;

		for (size_t i = 0; !there && v->ops->device(v->ctx, i, &source_id); i++)
			there = source_id == shadow->source_id;
		if (there) {
			at = &shadow->next;
			continue;
		}
		*at = shadow->next;
		free_shadow(shadow);
	}
}

void shadow_sync(struct viommu *v, struct shadow_scope scope)
{
	u16 source_id;

	forget_the_lost(v);
	for (size_t i = 0; v->ops->device(v->ctx, i, &source_id); i++)
		shadow_sync_device(v, source_id, scope);
}

/* ---- what is bound ---- */

void shadow_for_each_bound(struct viommu *v,
			   void (*fn)(struct viommu *v, u32 pasid, u16 domain_id, void *arg),
			   void *arg)
{
	for (struct shadow *s = v->shadows; s; s = s->next) {
		for (u32 pasid = 0; pasid < NOTED_TABLES * NOTED_TABLE; pasid++) {
			const struct noted *noted = noted_at(s, pasid);

			if (!noted)
				pasid += NOTED_TABLE - 1;
			else if (noted->bound)
				fn(v, pasid, domain_of(noted->entry), arg);
		}
	}
}

void shadow_drop(struct viommu *v, u16 source_id)
{
	struct shadow *shadow = find_shadow(v, source_id);
	struct sync sync = { .v = v, .shadow = shadow, .scope = SHADOW_ALL };

	for (u32 first = 0; shadow && first <= sync.scope.last; first += NOTED_TABLE)
		sync_no_table(&sync, first);
}
