/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a request's source id and PASID to its address space: root, context, PASID directory and
 * PASID entry, each by its cache or from memory. Rights and addresses are left to the walks.
 */
#include "unit.h"

#define MODE_SCALABLE ((u64)VTD_TTM_SCALABLE << 16)

/* Entries on the way to an address space. */
enum entry_kind {
	ENTRY_ROOT,
	ENTRY_LEGACY_CONTEXT,
	ENTRY_SCALABLE_ROOT,
	ENTRY_CONTEXT,
	ENTRY_PASID_DIRECTORY,
	ENTRY_PASID,
};

static const struct {
	const char *what;
	size_t len; /* bytes */
} entry_kinds[] = {
	[ENTRY_ROOT] = { "root entry", 16 },
	[ENTRY_LEGACY_CONTEXT] = { "context entry", 16 },
	[ENTRY_SCALABLE_ROOT] = { "scalable root entry", 16 },
	[ENTRY_CONTEXT] = { "scalable context entry", 32 },
	[ENTRY_PASID_DIRECTORY] = { "PASID directory entry", 8 },
	[ENTRY_PASID] = { "PASID table entry", 64 },
};

static unsigned int device_function(const struct vtd_walk *walk)
{
	return walk->request->source_id & 0xff;
}

/* Which half of a scalable root entry a request takes. */
static bool upper_half(const struct vtd_walk *walk)
{
	return device_function(walk) >= 128;
}

/* What an entry must not have: as many quadwords as it. */
static const u64 *reserved_bits(const struct vtd_walk *walk, enum entry_kind kind, const u64 *entry)
{
	const struct vtd_limits *limits = &walk->unit->limits;

	switch (kind) {
	case ENTRY_ROOT:
		return limits->root;
	case ENTRY_LEGACY_CONTEXT:
		return legacy_context_TT(entry) == 2 ? limits->pass_through_context
						     : limits->legacy_context;
	case ENTRY_SCALABLE_ROOT:
		return limits->scalable_root[upper_half(walk)];
	case ENTRY_CONTEXT:
		return limits->context;
	case ENTRY_PASID_DIRECTORY:
		return &limits->pasid_directory;
	default:
		return limits->pasid_entry;
	}
}

static bool has_reserved(const struct vtd_walk *walk, enum entry_kind kind, const u64 *entry)
{
	const u64 *reserved = reserved_bits(walk, kind, entry);
	size_t i;

	for (i = 0; i < entry_kinds[kind].len / sizeof(*entry); i++)
		if (entry[i] & reserved[i])
			return true;
	return false;
}

/* Reads an entry of a table in memory. */
static bool read_entry(struct vtd_walk *walk, enum entry_kind kind, u64 address, u64 *entry)
{
	struct vtd_table_access access = { .what = entry_kinds[kind].what, .address = address };
	enum port_status status = vtd_read_table(walk, address, entry, entry_kinds[kind].len);
	unsigned int half = kind == ENTRY_SCALABLE_ROOT && upper_half(walk);

	if (walk->observed) {
		/* P is bit 0 of all of them, LP and UP of the halves */
		if (status == PORT_OK && entry[half] & 1)
			access.reserved = reserved_bits(walk, kind, entry);
		vtd_show_read(walk, &access, entry, entry_kinds[kind].len, status);
	}
	return status == PORT_OK;
}

static u64 root_entry_address(const struct vtd_walk *walk)
{
	return walk->unit->root_table + (u64)(walk->request->source_id >> 8) * 16;
}

/* The input width that AW stands for, within MGAW; 0 if SAGAW does not offer it. */
static unsigned int second_stage_bits(u64 cap, u64 aw)
{
	unsigned int bits = 30 + 9 * (unsigned int)aw;
	unsigned int most = (unsigned int)cap_MGAW(&cap) + 1;

	if (aw < 1 || aw > 3 || !(cap_SAGAW(&cap) >> aw & 1))
		return 0;
	return bits < most ? bits : most;
}

/* Whether what was read may go into a cache: in caching mode even if it is faulty. */
static bool may_keep(const struct vtd_walk *walk, enum vtd_fault fault)
{
	return vtd_may_fill(walk) && (!fault || vtd_keeps_fault(walk->unit, fault));
}

/* What caching mode keeps of a faulty entry: it is of domain 0, whatever else it holds (section 6.1). */
static struct vtd_space faulty_space(const struct vtd_walk *walk, enum vtd_fault fault, u16 flags)
{
	return (struct vtd_space){
		.fault = (u16)fault,
		.flags = walk->fpd ? flags | VTD_SPACE_FPD : flags,
	};
}

static bool root_table_beyond_host(const struct vtd_walk *walk)
{
	return walk->unit->root_table & walk->unit->limits.beyond_host;
}

/* --- legacy mode ------------------------------------------------------------------------- */

static enum vtd_fault check_legacy_context(const struct vtd_walk *walk, const u64 *entry)
{
	const struct vtd_unit *unit = walk->unit;
	bool known = legacy_context_TT(entry) == 0 ||
		     (legacy_context_TT(entry) == 1 && ecap_DT(&unit->ecap)) ||
		     (legacy_context_TT(entry) == 2 && ecap_PT(&unit->ecap));

	if (!legacy_context_P(entry))
		return VTD_FAULT_CONTEXT_NOT_PRESENT;
	if (has_reserved(walk, ENTRY_LEGACY_CONTEXT, entry))
		return VTD_FAULT_CONTEXT_RESERVED;
	if (!known || !second_stage_bits(unit->cap, legacy_context_AW(entry)))
		return VTD_FAULT_CONTEXT_INVALID;
	return VTD_FAULT_NONE;
}

static struct vtd_space legacy_space(const struct vtd_unit *unit, const u64 *entry)
{
	bool through = legacy_context_TT(entry) == 2;
	u16 domain_id = (u16)legacy_context_DID(entry);
	u16 flags = VTD_SPACE_LEGACY;

	if (legacy_context_FPD(entry))
		flags |= VTD_SPACE_FPD;
	if (legacy_context_TT(entry) == 1)
		flags |= VTD_SPACE_DEVICE_TLB;

	return (struct vtd_space){
		.second_stage_table = legacy_context_SSPTPTR(entry),
		.tag = vtd_tag_space(domain_id, 0, VTD_PGTT_SECOND_STAGE),
		.domain_id = domain_id,
		.flags = flags,
		.pgtt = through ? VTD_PGTT_PASS_THROUGH : VTD_PGTT_SECOND_STAGE,
		.second_levels = (u8)(legacy_context_AW(entry) + 2),
		.second_bits = (u8)second_stage_bits(unit->cap, legacy_context_AW(entry)),
	};
}

/* Legacy-mode root and context entry (section 3.4.2). */
static enum vtd_fault walk_legacy_context(struct vtd_walk *walk)
{
	struct vtd_unit *unit = walk->unit;
	u64 root[2], context[2];
	enum vtd_fault fault;

	if (root_table_beyond_host(walk) ||
	    !read_entry(walk, ENTRY_ROOT, root_entry_address(walk), root))
		return VTD_FAULT_ROOT_ACCESS;
	if (!root_P(root))
		return VTD_FAULT_ROOT_NOT_PRESENT;
	if (has_reserved(walk, ENTRY_ROOT, root))
		return VTD_FAULT_ROOT_RESERVED;

	if (!read_entry(walk, ENTRY_LEGACY_CONTEXT, root_CTP(root) + device_function(walk) * 16,
			context))
		return VTD_FAULT_CONTEXT_ACCESS;
	walk->fpd |= legacy_context_FPD(context);
	fault = check_legacy_context(walk, context);
	if (!fault)
		walk->space = legacy_space(unit, context);
	return fault;
}

static enum vtd_fault find_legacy_space(struct vtd_walk *walk)
{
	struct vtd_unit *unit = walk->unit;
	const struct cache_tag tag = { 0, walk->request->source_id };
	union vtd_context_entry *cached;
	enum vtd_fault fault;

	/* Section 7.1.3: no page requests in legacy mode, and no PASIDs */
	if (walk->request->type == ADDRESS_PAGE_REQUEST)
		return VTD_FAULT_SM_RTA_LEGACY_PAGE_GROUP;
	if (walk->request->has_pasid)
		return VTD_FAULT_SM_RTA_LEGACY_WITH_PASID;

	port_lookup(&unit->port, PORT_LOOKUP_CONTEXT, unit->context_cache.latency);
	cached = cache_lookup(&unit->context_cache, tag);
	if (cached)
		walk->space = cached->legacy;
	fault = cached ? (enum vtd_fault)cached->legacy.fault : VTD_FAULT_NONE;
	if (walk->observed && cache_on(&unit->context_cache))
		vtd_show_cache(unit, cached ? PORT_EVENT_CACHE_HIT : PORT_EVENT_CACHE_MISS,
			       "context cache", tag.space);
	if (cached)
		return fault;

	fault = walk_legacy_context(walk);
	if (fault)
		walk->space = faulty_space(walk, fault, VTD_SPACE_LEGACY);
	if (!may_keep(walk, fault))
		return fault;
	cached = cache_fill(&unit->context_cache, tag);
	if (cached) {
		cached->legacy = walk->space;
		vtd_show_fill(unit, "context cache", tag.space, 0, 0);
	}
	return fault;
}

/* --- scalable mode ----------------------------------------------------------------------- */

/* A directory entry stands for 64 PASIDs. */
static u32 pasid_limit(const u64 *entry)
{
	return 1u << (context_PDTS(entry) + 7 + 6);
}

static enum vtd_fault check_scalable_context(const struct vtd_walk *walk, const u64 *entry)
{
	if (!context_P(entry))
		return VTD_FAULT_SM_CONTEXT_NOT_PRESENT;
	if (has_reserved(walk, ENTRY_CONTEXT, entry))
		return VTD_FAULT_SM_CONTEXT_RESERVED;
	/* SCT.4.1, SCT.4.2: page requests are of use only to a device TLB */
	if ((context_PRE(entry) && !context_DTE(entry)) ||
	    context_RID_PASID(entry) >= pasid_limit(entry))
		return VTD_FAULT_SM_CONTEXT_INVALID;
	return VTD_FAULT_NONE;
}

/* Scalable-mode root and context entry (section 3.4.3). */
static enum vtd_fault walk_scalable_context(struct vtd_walk *walk,
					    struct vtd_scalable_context *context)
{
	const bool upper = upper_half(walk);
	u64 root[2], entry[4];
	u64 table;
	enum vtd_fault fault;

	if (root_table_beyond_host(walk) ||
	    !read_entry(walk, ENTRY_SCALABLE_ROOT, root_entry_address(walk), root))
		return VTD_FAULT_SM_ROOT_ACCESS;
	if (upper ? !scalable_root_UP(root) : !scalable_root_LP(root))
		return VTD_FAULT_SM_ROOT_NOT_PRESENT;
	if (has_reserved(walk, ENTRY_SCALABLE_ROOT, root))
		return VTD_FAULT_SM_ROOT_RESERVED;
	table = upper ? scalable_root_UCTP(root) : scalable_root_LCTP(root);

	if (!read_entry(walk, ENTRY_CONTEXT, table + (device_function(walk) & 127) * 32, entry))
		return VTD_FAULT_SM_CONTEXT_ACCESS;
	walk->fpd |= context_FPD(entry);
	fault = check_scalable_context(walk, entry);
	if (fault)
		return fault;
	*context = (struct vtd_scalable_context){
		.directory = context_PASIDDIRPTR(entry),
		.pasid_limit = pasid_limit(entry),
		.rid_pasid = (u32)context_RID_PASID(entry),
		.fpd = context_FPD(entry),
		.pasid_enable = context_PASIDE(entry),
		.rid_privileged = context_RID_PRIV(entry),
		.device_tlb = context_DTE(entry),
		.page_requests = context_PRE(entry),
	};
	return VTD_FAULT_NONE;
}

static enum vtd_fault find_scalable_context(struct vtd_walk *walk,
					    struct vtd_scalable_context *context)
{
	struct vtd_unit *unit = walk->unit;
	const struct cache_tag tag = { 0, walk->request->source_id | MODE_SCALABLE };
	union vtd_context_entry *cached;
	enum vtd_fault fault = VTD_FAULT_NONE;

	port_lookup(&unit->port, PORT_LOOKUP_CONTEXT, unit->context_cache.latency);
	cached = cache_lookup(&unit->context_cache, tag);
	if (cached) {
		*context = cached->scalable;
		walk->fpd |= context->fpd;
		fault = (enum vtd_fault)cached->scalable.fault;
	}
	if (walk->observed && cache_on(&unit->context_cache))
		vtd_show_cache(unit, cached ? PORT_EVENT_CACHE_HIT : PORT_EVENT_CACHE_MISS,
			       "context cache", walk->request->source_id);
	if (cached)
		return fault;

	fault = walk_scalable_context(walk, context);
	if (fault)
		*context = (struct vtd_scalable_context){ .fpd = walk->fpd, .fault = (u16)fault };
	if (!may_keep(walk, fault))
		return fault;
	cached = cache_fill(&unit->context_cache, tag);
	if (cached) {
		cached->scalable = *context;
		vtd_show_fill(unit, "context cache", walk->request->source_id, 0, 0);
	}
	return fault;
}

/* What a context entry lets through, before any PASID entry is looked at (SCT.5 to SCT.10, SGN.10). */
static enum vtd_fault check_requester(const struct vtd_walk *walk,
				      const struct vtd_scalable_context *context)
{
	const struct translation_request *request = walk->request;
	bool translated = request->type == ADDRESS_TRANSLATED;

	/* before DTE: with PRE set, it is set too */
	if (request->type == ADDRESS_PAGE_REQUEST && !context->page_requests)
		return VTD_FAULT_SM_PRE_CLEAR;
	if (request->type != ADDRESS_UNTRANSLATED && !context->device_tlb)
		return VTD_FAULT_SM_DTE_CLEAR;
	if (!request->has_pasid)
		return VTD_FAULT_NONE;
	if (!context->pasid_enable && !translated)
		return VTD_FAULT_SM_PASIDE_CLEAR;
	if (request->pasid >= context->pasid_limit)
		return VTD_FAULT_SM_PASID_TOO_LARGE;
	if (request->pasid == context->rid_pasid)
		return VTD_FAULT_SM_PASID_IS_RID_PASID;
	if (request->pasid >> walk->unit->limits.pasid_bits)
		return VTD_FAULT_SM_PASID_BEYOND_PSS;
	/* units that let PASIDs come with translated requests (ECAP.PTRS) are not modelled */
	return translated ? VTD_FAULT_SM_TRANSLATED_WITH_PASID : VTD_FAULT_NONE;
}

/* Which PASID a request stands for, and as what it is to be treated (section 3.4.3). */
static u32 effective_pasid(struct vtd_walk *walk, const struct vtd_scalable_context *context)
{
	if (walk->request->has_pasid)
		return walk->request->pasid;
	walk->privileged = context->rid_privileged;
	return context->rid_pasid;
}

/* PGTT, and what each type needs of the capabilities (section 9.6). */
static enum vtd_fault check_pasid_entry_type(const struct vtd_unit *unit, const u64 *entry)
{
	u64 cap = unit->cap, ecap = unit->ecap;
	u64 pgtt = pasid_entry_PGTT(entry);
	bool first = pgtt == VTD_PGTT_FIRST_STAGE || pgtt == VTD_PGTT_NESTED;
	bool second = pgtt == VTD_PGTT_SECOND_STAGE || pgtt == VTD_PGTT_NESTED;
	bool five_levels = pasid_entry_FSPM(entry) == 1;

	if (first &&
	    (!ecap_FSTS(&ecap) || pasid_entry_FSPM(entry) > 1 || (five_levels && !cap_FS5LP(&cap))))
		return VTD_FAULT_SM_PASID_ENTRY_INVALID;
	if (second && (!ecap_SSTS(&ecap) || !second_stage_bits(cap, pasid_entry_AW(entry))))
		return VTD_FAULT_SM_PASID_ENTRY_INVALID;
	if (pgtt == VTD_PGTT_NESTED && !ecap_NEST(&ecap))
		return VTD_FAULT_SM_PASID_ENTRY_INVALID;
	if (pgtt == VTD_PGTT_PASS_THROUGH && !ecap_PT(&ecap))
		return VTD_FAULT_SM_PASID_ENTRY_INVALID;
	if (!first && !second && pgtt != VTD_PGTT_PASS_THROUGH)
		return VTD_FAULT_SM_PASID_ENTRY_INVALID;
	/* SPT.4.4: the guest's table lies where the second stage does not reach */
	if (pgtt == VTD_PGTT_NESTED &&
	    pasid_entry_FSPTPTR(entry) >> second_stage_bits(cap, pasid_entry_AW(entry)))
		return VTD_FAULT_SM_PASID_ENTRY_INVALID;
	return VTD_FAULT_NONE;
}

static enum vtd_fault check_pasid_entry(const struct vtd_walk *walk, const u64 *entry)
{
	if (!pasid_entry_P(entry))
		return VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT;
	if (has_reserved(walk, ENTRY_PASID, entry))
		return VTD_FAULT_SM_PASID_ENTRY_RESERVED;
	return check_pasid_entry_type(walk->unit, entry);
}

static u16 space_flags(const u64 *entry)
{
	return (u16)((pasid_entry_SRE(entry) ? VTD_SPACE_SRE : 0) |
		     (pasid_entry_ERE(entry) ? VTD_SPACE_ERE : 0) |
		     (pasid_entry_WPE(entry) ? VTD_SPACE_WPE : 0) |
		     (pasid_entry_NXE(entry) ? VTD_SPACE_NXE : 0) |
		     (pasid_entry_SMEP(entry) ? VTD_SPACE_SMEP : 0) |
		     (pasid_entry_EAFE(entry) ? VTD_SPACE_EAFE : 0) |
		     (pasid_entry_SSEE(entry) ? VTD_SPACE_SSEE : 0) |
		     (pasid_entry_SSADE(entry) ? VTD_SPACE_SSADE : 0) |
		     (pasid_entry_PGSNP(entry) ? VTD_SPACE_PGSNP : 0) |
		     (pasid_entry_PWSNP(entry) ? VTD_SPACE_PWSNP : 0));
}

static struct vtd_space scalable_space(const struct vtd_unit *unit, const u64 *entry, u32 pasid)
{
	const u16 of_first_stage = VTD_SPACE_WPE | VTD_SPACE_NXE | VTD_SPACE_SMEP | VTD_SPACE_EAFE;
	enum vtd_pgtt pgtt = (enum vtd_pgtt)pasid_entry_PGTT(entry);
	bool first = pgtt == VTD_PGTT_FIRST_STAGE || pgtt == VTD_PGTT_NESTED;
	u16 flags = space_flags(entry);
	u16 domain_id = (u16)pasid_entry_DID(entry);

	return (struct vtd_space){
		.first_stage_table = pasid_entry_FSPTPTR(entry),
		.second_stage_table = pasid_entry_SSPTPTR(entry),
		/* Section 6.2.4: second-stage mappings are tagged by domain alone */
		.tag = vtd_tag_space(domain_id, pgtt == VTD_PGTT_SECOND_STAGE ? 0 : pasid, pgtt),
		.pasid = pasid,
		.domain_id = domain_id,
		/* without a first stage, its fields are ignored */
		.flags = first ? flags : flags & (u16)~of_first_stage,
		.pgtt = (u8)pgtt,
		.first_levels = pasid_entry_FSPM(entry) ? 5 : 4,
		.second_levels = (u8)(pasid_entry_AW(entry) + 2),
		.second_bits = (u8)second_stage_bits(unit->cap, pasid_entry_AW(entry)),
	};
}

/* PASID directory and PASID table (section 3.4.3). */
static enum vtd_fault walk_pasid_entry(struct vtd_walk *walk, u64 directory_table, u32 pasid)
{
	struct vtd_unit *unit = walk->unit;
	u64 directory, entry[8];
	enum vtd_fault fault;

	if (!read_entry(walk, ENTRY_PASID_DIRECTORY, directory_table + (u64)(pasid >> 6) * 8,
			&directory))
		return VTD_FAULT_SM_PASID_DIRECTORY_ACCESS;
	walk->fpd |= pasid_directory_FPD(&directory);
	if (!pasid_directory_P(&directory))
		return VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT;
	if (has_reserved(walk, ENTRY_PASID_DIRECTORY, &directory))
		return VTD_FAULT_SM_PASID_DIRECTORY_RESERVED;

	if (!read_entry(walk, ENTRY_PASID,
			pasid_directory_SMPTBLPTR(&directory) + (pasid & 63) * 64, entry))
		return VTD_FAULT_SM_PASID_ENTRY_ACCESS;
	walk->fpd |= pasid_entry_FPD(entry);
	fault = check_pasid_entry(walk, entry);
	if (!fault) {
		walk->space = scalable_space(unit, entry, pasid);
		if (pasid_directory_FPD(&directory) || pasid_entry_FPD(entry))
			walk->space.flags |= VTD_SPACE_FPD;
	}
	return fault;
}

static enum vtd_fault find_pasid_entry(struct vtd_walk *walk, u64 directory_table, u32 pasid)
{
	struct vtd_unit *unit = walk->unit;
	const struct cache_tag tag = { pasid, walk->request->source_id };
	struct vtd_space *cached;
	enum vtd_fault fault;

	port_lookup(&unit->port, PORT_LOOKUP_PASID, unit->pasid_cache.latency);
	cached = cache_lookup(&unit->pasid_cache, tag);
	if (cached)
		walk->space = *cached;
	fault = cached ? (enum vtd_fault)cached->fault : VTD_FAULT_NONE;
	if (walk->observed && cache_on(&unit->pasid_cache))
		vtd_show_cache(unit, cached ? PORT_EVENT_CACHE_HIT : PORT_EVENT_CACHE_MISS,
			       "PASID cache", pasid);
	if (cached) {
		walk->fpd |= !!(walk->space.flags & VTD_SPACE_FPD);
		return fault;
	}

	fault = walk_pasid_entry(walk, directory_table, pasid);
	if (fault)
		walk->space = faulty_space(walk, fault, 0);
	if (!may_keep(walk, fault))
		return fault;
	cached = cache_fill(&unit->pasid_cache, tag);
	if (cached) {
		*cached = walk->space;
		vtd_show_fill(unit, "PASID cache", pasid, 0, 0);
	}
	return fault;
}

/* What a PASID entry, whatever its PGTT, says of execute and supervisor requests (SPT.5, SPT.6). */
static enum vtd_fault check_request_kind(const struct vtd_walk *walk)
{
	const struct vtd_space *space = &walk->space;

	if (walk->execute && !(space->flags & VTD_SPACE_ERE))
		return VTD_FAULT_SM_ERE_CLEAR;
	if (walk->privileged && !(space->flags & VTD_SPACE_SRE))
		return VTD_FAULT_SM_SRE_CLEAR;
	return VTD_FAULT_NONE;
}

static enum vtd_fault find_scalable_space(struct vtd_walk *walk)
{
	struct vtd_scalable_context context = { 0 };
	enum vtd_fault fault;

	fault = find_scalable_context(walk, &context);
	if (!fault)
		fault = check_requester(walk, &context);
	if (fault || vtd_by_context_alone(walk->request))
		return fault;
	fault = find_pasid_entry(walk, context.directory, effective_pasid(walk, &context));
	/* what a page request asks for is software's to judge */
	if (fault || walk->request->type == ADDRESS_PAGE_REQUEST)
		return fault;
	return check_request_kind(walk);
}

enum vtd_fault vtd_find_space(struct vtd_walk *walk)
{
	const struct vtd_unit *unit = walk->unit;
	enum vtd_fault fault;

	switch (unit->table_mode) {
	case VTD_TTM_LEGACY:
		fault = find_legacy_space(walk);
		walk->fpd |= !!(walk->space.flags & VTD_SPACE_FPD);
		/* section 9.3: only TT 1 lets translation and translated requests through */
		if (!fault && walk->request->type != ADDRESS_UNTRANSLATED &&
		    !(walk->space.flags & VTD_SPACE_DEVICE_TLB))
			fault = VTD_FAULT_TRANSLATION_TYPE_BLOCKED;
		return fault;
	case VTD_TTM_SCALABLE:
		return ecap_SMTS(&unit->ecap) ? find_scalable_space(walk)
					      : VTD_FAULT_SM_RTA_INVALID;
	case VTD_TTM_ABORT:
		return ecap_ADMS(&unit->ecap) ? VTD_FAULT_SM_RTA_ABORT : VTD_FAULT_SM_RTA_INVALID;
	default:
		return VTD_FAULT_SM_RTA_INVALID;
	}
}
