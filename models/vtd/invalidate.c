/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each kind and granularity of invalidation removes from which cache (section 6.5), whether
 * it came through the queue or by registers.
 */
#include "unit.h"

/* Section 6.8: invalidations flush write buffers first (one source). What walks have read so far is void. */
static void begin(struct vtd_unit *unit)
{
	unit->epoch++;
	unit->counters.invalidations++;
	vtd_write_buffer_flush(unit);
}

/* --- context cache ----------------------------------------------------------------------- */

u16 vtd_function_mask(unsigned int fm)
{
	static const u16 ignored[] = { 0, 4, 6, 7 };

	return ignored[fm & 3];
}

/* Context cache tags: source id 15:0, mode above. */
static bool match_context(void *arg, struct cache_tag tag, const void *entry)
{
	const struct vtd_context_invalidation *what = arg;
	const union vtd_context_entry *context = entry;
	bool legacy = tag.space >> 16 == VTD_TTM_LEGACY;
	u16 ignored = vtd_function_mask(what->function_mask);

	/* scalable-mode context entries belong to no domain: their DID is not looked at */
	if (legacy && context->legacy.domain_id != what->domain_id)
		return false;
	return what->granularity == 2 || (((u16)tag.space ^ what->source_id) & (u16)~ignored) == 0;
}

void vtd_invalidate_context(struct vtd_unit *unit, const struct vtd_context_invalidation *what)
{
	struct vtd_context_invalidation copy = *what;

	begin(unit);
	cache_invalidate(&unit->context_cache, what->granularity == 1 ? NULL : match_context,
			 &copy);
}

/* --- PASID cache ------------------------------------------------------------------------- */

/*
 * A faulty entry that caching mode keeps belongs to no domain yet. Software that makes it a good one
 * invalidates the domain that it names then, as Linux does: any domain takes it (one source).
 */
static bool match_pasid(void *arg, struct cache_tag tag, const void *entry)
{
	const struct vtd_pasid_invalidation *what = arg;
	const struct vtd_space *space = entry;

	return (space->fault || space->domain_id == what->domain_id) &&
	       (what->granularity == 0 || tag.key == what->pasid);
}

void vtd_invalidate_pasid_cache(struct vtd_unit *unit, const struct vtd_pasid_invalidation *what)
{
	struct vtd_pasid_invalidation copy = *what;

	begin(unit);
	cache_invalidate(&unit->pasid_cache, what->granularity == 3 ? NULL : match_pasid, &copy);
}

/* --- IOTLB and paging-structure caches --------------------------------------------------- */

/* The input addresses that a page-selective invalidation names, as an inclusive range. */
struct range {
	u64 first, last;
};

static struct range invalidated_range(const struct vtd_iotlb_invalidation *what)
{
	unsigned int bits = MODEL_PAGE_SHIFT + what->address_mask;
	u64 below = bits >= 64 ? ~0ULL : (1ULL << bits) - 1;

	return (struct range){ what->address & ~below, what->address | below };
}

/* Whether an entry that stands for input addresses with this number, shift bits down, is hit. */
static bool overlaps(struct range range, u64 key, unsigned int shift)
{
	return key >= range.first >> shift && key <= range.last >> shift;
}

/* What a match function is told: the request, its range, and the size of the cache's entries. */
struct match {
	const struct vtd_iotlb_invalidation *what;
	struct range range;
	unsigned int shift; /* paging-structure caches: of the level */
};

static bool match_domain(void *arg, struct cache_tag tag, const void *entry)
{
	const struct match *match = arg;

	(void)entry;
	return VTD_TAG_DOMAIN(tag.space) == match->what->domain_id;
}

/*
 * Pages of a domain: second-stage mappings in the range. What nested translation made of any
 * second-stage mapping cannot be told any more, so all of the domain's nested entries go.
 */
static bool match_domain_page(void *arg, struct cache_tag tag, const void *entry)
{
	const struct match *match = arg;

	(void)entry;
	if (VTD_TAG_DOMAIN(tag.space) != match->what->domain_id)
		return false;
	if (VTD_TAG_PGTT(tag.space) == VTD_PGTT_NESTED)
		return true;
	return VTD_TAG_PGTT(tag.space) == VTD_PGTT_SECOND_STAGE &&
	       overlaps(match->range, tag.key, vtd_page_shift(VTD_TAG_SIZE(tag.space)));
}

static bool match_domain_table(void *arg, struct cache_tag tag, const void *entry)
{
	const struct match *match = arg;

	(void)entry;
	return VTD_TAG_DOMAIN(tag.space) == match->what->domain_id &&
	       overlaps(match->range, tag.key, match->shift);
}

static bool match_domain_nested(void *arg, struct cache_tag tag, const void *entry)
{
	return match_domain(arg, tag, entry) && VTD_TAG_PGTT(tag.space) == VTD_PGTT_NESTED;
}

/* First-stage and nested entries of a PASID; second-stage entries carry none. */
static bool match_pasid_all(void *arg, struct cache_tag tag, const void *entry)
{
	const struct match *match = arg;

	return match_domain(arg, tag, entry) && VTD_TAG_PGTT(tag.space) != VTD_PGTT_SECOND_STAGE &&
	       VTD_TAG_PASID(tag.space) == match->what->pasid;
}

static bool match_pasid_page(void *arg, struct cache_tag tag, const void *entry)
{
	const struct match *match = arg;

	return match_pasid_all(arg, tag, entry) &&
	       overlaps(match->range, tag.key, vtd_page_shift(VTD_TAG_SIZE(tag.space)));
}

static bool match_pasid_table(void *arg, struct cache_tag tag, const void *entry)
{
	const struct match *match = arg;

	return match_pasid_all(arg, tag, entry) && overlaps(match->range, tag.key, match->shift);
}

static void invalidate_iotlb(struct vtd_unit *unit, cache_match match, struct match *arg)
{
	cache_invalidate(&unit->iotlb, match, arg);
	if (!unit->iotlb.valid)
		unit->iotlb_sizes = 0;
}

/* Goes over the paging-structure caches of one stage, level by level. */
static void invalidate_tables(struct cache *caches, cache_match match, struct match *arg)
{
	unsigned int level;

	for (level = 2; level <= VTD_MAX_LEVELS; level++) {
		arg->shift = 12 + 9 * (level - 1);
		cache_invalidate(&caches[level], match, arg);
	}
}

static void invalidate_stages(struct vtd_unit *unit, cache_match match, struct match *arg)
{
	invalidate_iotlb(unit, match, arg);
	invalidate_tables(unit->first_stage_cache, match, arg);
	invalidate_tables(unit->second_stage_cache, match, arg);
}

/* Section 6.5.2.3: IOTLB invalidate */
void vtd_invalidate_iotlb(struct vtd_unit *unit, const struct vtd_iotlb_invalidation *what)
{
	struct match match = { .what = what, .range = invalidated_range(what) };

	begin(unit);
	switch (what->granularity) {
	case 1:
		invalidate_stages(unit, NULL, &match);
		break;
	case 2:
		invalidate_stages(unit, match_domain, &match);
		break;
	default:
		invalidate_iotlb(unit, match_domain_page, &match);
		invalidate_tables(unit->first_stage_cache, match_domain_nested, &match);
		if (!what->leaf_only)
			invalidate_tables(unit->second_stage_cache, match_domain_table, &match);
		break;
	}
}

/* Section 6.5.2.4: PASID-based IOTLB invalidate */
void vtd_invalidate_pasid_iotlb(struct vtd_unit *unit, const struct vtd_iotlb_invalidation *what)
{
	struct match match = { .what = what, .range = invalidated_range(what) };

	begin(unit);
	if (what->granularity == 2) {
		invalidate_iotlb(unit, match_pasid_all, &match);
		invalidate_tables(unit->first_stage_cache, match_pasid_all, &match);
		return;
	}
	invalidate_iotlb(unit, match_pasid_page, &match);
	if (!what->leaf_only)
		invalidate_tables(unit->first_stage_cache, match_pasid_table, &match);
}

/* --- interrupt entry cache --------------------------------------------------------------- */

static bool match_interrupt(void *arg, struct cache_tag tag, const void *entry)
{
	const struct vtd_interrupt_invalidation *what = arg;

	(void)entry;
	return (tag.key ^ what->index) >> what->index_mask == 0;
}

/* Section 6.5.2.8 of Rev. 5.10 */
void vtd_invalidate_interrupts(struct vtd_unit *unit, const struct vtd_interrupt_invalidation *what)
{
	struct vtd_interrupt_invalidation copy = *what;

	begin(unit);
	cache_invalidate(&unit->interrupt_cache, what->by_index ? match_interrupt : NULL, &copy);
}

void vtd_invalidate_all(struct vtd_unit *unit)
{
	const struct vtd_iotlb_invalidation iotlb = { .granularity = 1 };
	const struct vtd_context_invalidation context = { .granularity = 1 };
	const struct vtd_pasid_invalidation pasid = { .granularity = 3 };

	vtd_invalidate_context(unit, &context);
	vtd_invalidate_pasid_cache(unit, &pasid);
	vtd_invalidate_iotlb(unit, &iotlb);
}

/* Sections 11.4.5 and 11.4.6 say so of the registers; of descriptors it is assumed likewise (one source). */
u16 vtd_domain_id(struct vtd_unit *unit, u64 did)
{
	if (did & (u16)~unit->limits.domain_ids)
		vtd_software_error(unit, "invalidation", did,
				   "a domain id is wider than the unit's are");
	return (u16)did & unit->limits.domain_ids;
}

/* Section 6.5.4: what CAP does not offer is ignored. */
void vtd_drain(struct vtd_unit *unit, bool reads, bool writes)
{
	if ((reads && cap_DRD(&unit->cap)) || (writes && cap_DWD(&unit->cap)))
		port_drain(&unit->port);
}
