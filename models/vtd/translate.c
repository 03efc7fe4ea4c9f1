/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One DMA request from its arrival to its result: interrupt range, address space, IOTLB, walk,
 * fault. The steps themselves are in context.c, first-stage.c, second-stage.c and fault.c.
 */
#include "unit.h"

bool vtd_asks_for_interrupt(const struct translation_request *request)
{
	return request->type == ADDRESS_TRANSLATION_REQUEST && !request->has_pasid &&
	       vtd_in_interrupt_range(request->address.v);
}

bool vtd_by_context_alone(const struct translation_request *request)
{
	return request->type == ADDRESS_TRANSLATED || vtd_asks_for_interrupt(request);
}

/* True if an entry that was read before differs by nothing but marks that another walk has set since. */
static bool only_marked(u64 before, u64 now, u64 marks)
{
	return !((before ^ now) & ~(marks & now));
}

/*
 * Sections 3.6.2 and 3.7.2: atomically, so that neither a mark of another walk nor a change by software
 * gets lost. Where walks of tables do not snoop, the unit has no such access to memory (SFS.9, SSS.5).
 */
enum vtd_fault vtd_update_table(struct vtd_walk *walk, const struct vtd_table_access *access,
				u64 *entry, u64 bits)
{
	u64 found;

	if (!(walk->space.flags & VTD_SPACE_PWSNP))
		return access->no_snoop;
	/* an atomic access passes write buffers by: what they held back is in memory now */
	vtd_write_buffer_flush(walk->unit);
	for (; bits & ~*entry; *entry = found) {
		found = *entry;
		walk->unit->counters.table_writes++;
		if (port_compare_exchange(&walk->unit->port, hpa(access->address), &found,
					  *entry | bits) != PORT_OK)
			return access->refused;
		if (found == *entry) {
			*entry |= bits;
			if (walk->observed)
				vtd_show_write(walk, access, *entry);
			return VTD_FAULT_NONE;
		}
		if (!only_marked(*entry, found, access->marks)) {
			walk->unsettled = access->refused;
			return VTD_WALK_AGAIN;
		}
	}
	return VTD_FAULT_NONE;
}

/* --- IOTLB ------------------------------------------------------------------------------- */

/* A write needs the dirty bits set in memory, or else has to walk to set them. */
static bool usable(const struct vtd_walk *walk, const struct vtd_iotlb_entry *entry)
{
	const u64 dirty = VTD_FIRST_DIRTY | VTD_SECOND_DIRTY;

	return walk->request->access != ACCESS_WRITE || (entry->rights & dirty) == dirty;
}

static bool lookup_iotlb(struct vtd_walk *walk, struct vtd_page *page)
{
	struct vtd_unit *unit = walk->unit;
	u64 input = walk->request->address.v;
	const struct vtd_iotlb_entry *entry;
	enum vtd_page_size size;

	for (size = VTD_PAGE_4K; size < VTD_PAGE_SIZES; size++) {
		unsigned int shift = vtd_page_shift(size);

		if (!(unit->iotlb_sizes & 1u << size))
			continue;
		entry = cache_probe(&unit->iotlb,
				    (struct cache_tag){ input >> shift,
							vtd_tag_with_size(walk->space.tag, size) });
		if (!entry)
			continue;
		if (!usable(walk, entry))
			break;
		page->address = entry->page | (input & ~(~0ULL << shift));
		page->rights = entry->rights;
		page->shift = shift;
		cache_count(&unit->iotlb, true);
		return true;
	}
	cache_count(&unit->iotlb, false);
	return false;
}

void vtd_fill_iotlb(struct vtd_walk *walk, const struct vtd_page *page)
{
	struct vtd_unit *unit = walk->unit;
	enum vtd_page_size size = (enum vtd_page_size)((page->shift - 12) / 9);
	u64 input = walk->request->address.v;
	struct vtd_iotlb_entry *entry;

	if (!vtd_may_fill(walk))
		return;
	entry = cache_fill(&unit->iotlb,
			   (struct cache_tag){ input >> page->shift,
					       vtd_tag_with_size(walk->space.tag, size) });
	if (!entry)
		return;
	entry->page = page->address & ~0ULL << page->shift;
	entry->rights = page->rights;
	unit->iotlb_sizes |= (u8)(1u << size);
	vtd_show_fill(unit, "iotlb", input, entry->page, 1ULL << page->shift);
}

/* --- the stages -------------------------------------------------------------------------- */

/* Second stage alone: of a PASID entry, or of a legacy context entry. */
static enum vtd_fault walk_second_stage_only(struct vtd_walk *walk, struct vtd_page *page)
{
	struct vtd_second_stage found;
	enum vtd_fault fault;

	fault = vtd_second_stage_walk(walk, gpa(walk->request->address.v), &found);
	if (fault)
		return fault;
	fault = vtd_second_stage_denies(walk, found.rights);
	page->denied = fault;
	if (!fault && walk->request->access == ACCESS_WRITE)
		fault = vtd_second_stage_set_dirty(walk, &found);
	page->address = found.address;
	page->rights = found.rights | VTD_FIRST_ALL;
	page->shift = found.shift;
	return fault;
}

/* A page that the IOTLB knows is judged as a fresh walk would be. */
static enum vtd_fault judge_cached(const struct vtd_walk *walk, const struct vtd_page *page)
{
	enum vtd_fault fault = VTD_FAULT_NONE;

	if (vtd_granted(walk, page->rights) & walk->request->access)
		return VTD_FAULT_NONE;
	if (page->rights & VTD_NEGATIVE ? page->rights & VTD_FIRST_KNOWN
					: walk->space.pgtt != VTD_PGTT_SECOND_STAGE)
		fault = vtd_first_stage_denies(walk, page->rights);
	if (fault)
		return fault;
	return page->rights & VTD_NEGATIVE ? (enum vtd_fault)(page->address >> MODEL_PAGE_SHIFT)
					   : vtd_second_stage_denies(walk, page->rights);
}

static bool hits_iotlb(struct vtd_walk *walk, struct vtd_page *page)
{
	struct vtd_unit *unit = walk->unit;
	bool hit;

	port_lookup(&unit->port, PORT_LOOKUP_IOTLB, unit->iotlb.latency);
	hit = lookup_iotlb(walk, page);
	if (walk->observed)
		vtd_show_cache(unit, hit ? PORT_EVENT_CACHE_HIT : PORT_EVENT_CACHE_MISS, "iotlb",
			       walk->request->address.v);
	return hit;
}

static enum vtd_fault walk_tables(struct vtd_walk *walk, struct vtd_page *page)
{
	struct vtd_unit *unit = walk->unit;
	enum vtd_fault fault;
	unsigned int walker;

	unit->counters.walks++;
	page->denied = false;
	page->rights = 0;
	walker = port_take_walker(&unit->port);
	port_lookup(&unit->port, PORT_LOOKUP_PAGING, unit->paging_latency);
	if (walk->space.pgtt == VTD_PGTT_SECOND_STAGE)
		fault = walk_second_stage_only(walk, page);
	else
		fault = vtd_first_stage_walk(walk, page);
	port_give_walker(&unit->port, walker);
	if (!fault)
		vtd_fill_iotlb(walk, page);
	else
		vtd_keep_page_fault(walk, page, fault);
	return fault;
}

static enum vtd_fault translate_by_tables(struct vtd_walk *walk, struct vtd_page *page)
{
	const struct port *port = &walk->unit->port;
	const struct port_page missed = { walk->request->address.v >> MODEL_PAGE_SHIFT,
					  walk->space.tag };
	enum vtd_fault fault;

	/* one walk serves others through the IOTLB alone */
	if (!cache_on(&walk->unit->iotlb))
		return walk_tables(walk, page);
	do {
		if (hits_iotlb(walk, page))
			return judge_cached(walk, page);
	} while (!port_page_miss(port, missed));
	fault = walk_tables(walk, page);
	port_page_done(port, missed);
	return fault;
}

/* Section 4.2.3: a completion for pass-through is for a page as large as any that the unit knows. */
static unsigned int largest_page(const struct vtd_unit *unit)
{
	u64 cap = unit->cap, ecap = unit->ecap;

	if (cap_SSLPS(&cap) & 2 || cap_FS1GP(&cap))
		return vtd_page_shift(VTD_PAGE_1G);
	return vtd_page_shift(cap_SSLPS(&cap) & 1 || ecap_FSTS(&ecap) ? VTD_PAGE_2M : VTD_PAGE_4K);
}

static enum vtd_fault pass_through(const struct vtd_walk *walk, struct vtd_page *page)
{
	u64 input = walk->request->address.v;

	if (input & walk->unit->limits.beyond_host)
		return VTD_FAULT_SM_BEYOND_HOST_WIDTH;
	/* section 9.3, AW: of pass-through in legacy mode too */
	if (walk->space.flags & VTD_SPACE_LEGACY && walk->request->type == ADDRESS_UNTRANSLATED &&
	    input >> (12 + 9 * walk->space.second_levels))
		return VTD_FAULT_SM_BEYOND_SECOND_STAGE_WIDTH;
	page->address = input;
	page->rights = VTD_FIRST_ALL | VTD_SECOND_ALL;
	page->shift = walk->request->type == ADDRESS_TRANSLATION_REQUEST ? largest_page(walk->unit)
									 : MODEL_PAGE_SHIFT;
	/* asking for a translation is no access */
	if (walk->request->type != ADDRESS_TRANSLATION_REQUEST && vtd_protected(walk->unit, input))
		return VTD_BLOCKED;
	return VTD_FAULT_NONE;
}

/*
 * Section 3.15: nothing may be translated into the interrupt range. A translation that is asked for may not
 * even overlap it (SGN.8.2), but for pass-through.
 */
static bool reaches_interrupt_range(const struct vtd_walk *walk, const struct vtd_page *page)
{
	u64 within = 0;

	if (walk->request->type == ADDRESS_TRANSLATION_REQUEST) {
		if (walk->space.pgtt == VTD_PGTT_PASS_THROUGH)
			return false;
		within = ~(~0ULL << page->shift);
	}
	return (page->address & ~within) <= 0xfeefffff && (page->address | within) >= 0xfee00000;
}

/* The fault that legacy mode calls otherwise. */
static enum vtd_fault legacy_fault(const struct vtd_walk *walk, enum vtd_fault fault)
{
	switch (fault) {
	case VTD_FAULT_SM_SECOND_STAGE_PERMISSION:
	case VTD_FAULT_SM_NO_WRITE:
	case VTD_FAULT_SM_NO_READ:
		return walk->request->access == ACCESS_WRITE ? VTD_FAULT_NO_WRITE
							     : VTD_FAULT_NO_READ;
	case VTD_FAULT_SM_SECOND_STAGE_POINTER: /* LCT.4.3 */
		return VTD_FAULT_CONTEXT_INVALID;
	case VTD_FAULT_SM_SECOND_STAGE_ACCESS:
		return VTD_FAULT_SECOND_STAGE_ACCESS;
	case VTD_FAULT_SM_SECOND_STAGE_RESERVED:
		return VTD_FAULT_SECOND_STAGE_RESERVED;
	case VTD_FAULT_SM_BEYOND_HOST_WIDTH:
	case VTD_FAULT_SM_BEYOND_SECOND_STAGE_WIDTH:
		return VTD_FAULT_BEYOND_ADDRESS_WIDTH;
	case VTD_FAULT_SM_INTERRUPT_ADDRESS:
		return VTD_FAULT_INTERRUPT_ADDRESS;
	default:
		return fault;
	}
}

/* One try at a request, by what the tables and caches say now. */
static enum vtd_fault try_once(struct vtd_walk *walk, struct vtd_page *page)
{
	enum vtd_fault fault = vtd_find_space(walk);

	if (fault || walk->request->type == ADDRESS_PAGE_REQUEST ||
	    vtd_asks_for_interrupt(walk->request))
		return fault;
	if (walk->request->type == ADDRESS_TRANSLATED || walk->space.pgtt == VTD_PGTT_PASS_THROUGH)
		fault = pass_through(walk, page);
	else
		fault = translate_by_tables(walk, page);
	if (!fault && reaches_interrupt_range(walk, page))
		fault = VTD_FAULT_SM_INTERRUPT_ADDRESS;
	return walk->space.flags & VTD_SPACE_LEGACY ? legacy_fault(walk, fault) : fault;
}

/*
 * Section 6.5.3: an invalidation is complete only when no request goes by what it removed. A try
 * that one overlapped is therefore void.
 */
static enum vtd_fault translate(struct vtd_walk *walk, struct vtd_page *page)
{
	enum vtd_fault fault;
	int tries = 0;

	do {
		walk->epoch = walk->unit->epoch;
		walk->number = ++walk->unit->walk_number;
		walk->space.flags = 0;
		walk->fpd = false;
		walk->privileged = walk->request->privileged;
		if (walk->lowered)
			walk->lowered->access = ACCESS_WRITE;
		fault = try_once(walk, page);
	} while ((fault == VTD_WALK_AGAIN || !vtd_may_fill(walk)) && ++tries < VTD_TRIES);

	return fault == VTD_WALK_AGAIN ? walk->unsettled : fault;
}

enum vtd_fault vtd_find_page(struct vtd_walk *walk, struct vtd_page *page)
{
	return translate(walk, page);
}

/* --- requests that tables do not decide -------------------------------------------------- */

/* With PASID, the interrupt range is no memory either where nothing is translated (one source). */
static enum vtd_fault untranslated(const struct vtd_unit *unit,
				   const struct translation_request *request,
				   struct translation_result *result)
{
	if (vtd_in_interrupt_range(request->address.v))
		return vtd_interrupt_range_fault(unit);
	result->address = hpa(request->address.v);
	result->page_size = MODEL_PAGE_SIZE;
	result->rights = ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE;
	return VTD_FAULT_NONE;
}

void vtd_refuse(struct vtd_walk *walk, struct translation_result *result, enum vtd_fault fault)
{
	const struct vtd_fault_info *info = vtd_fault_info(fault);

	if (fault == VTD_BLOCKED) {
		result->blocked = true;
		walk->unit->counters.blocked++;
		return;
	}
	result->fault = fault;
	walk->unit->counters.faults++;
	if (!(walk->fpd && info->qualified))
		vtd_fault_record(walk->unit, walk->request, fault, walk->privileged);
}

void vtd_translate(struct vtd_unit *unit, const struct translation_request *request,
		   struct translation_result *result)
{
	struct vtd_walk walk = {
		.unit = unit,
		.request = request,
		.execute = request->has_pasid && request->access == ACCESS_EXECUTE,
	};
	struct vtd_page page = { 0 };
	enum vtd_fault fault;

	*result = (struct translation_result){ 0 };
	unit->counters.translations++;
	if (request->type != ADDRESS_UNTRANSLATED) {
		vtd_ats_request(unit, request, result);
		return;
	}
	walk.observed = port_observed(&unit->port);

	if (!request->has_pasid && vtd_in_interrupt_range(request->address.v)) {
		vtd_interrupt_request(unit, request, result);
	} else if (!unit->translating && vtd_protected(unit, request->address.v)) {
		vtd_refuse(&walk, result, VTD_BLOCKED);
	} else if (!unit->translating) {
		fault = untranslated(unit, request, result);
		if (fault)
			vtd_refuse(&walk, result, fault);
	} else {
		fault = translate(&walk, &page);
		result->table_reads = walk.reads;
		unit->counters.table_reads += walk.reads;
		if (fault) {
			vtd_refuse(&walk, result, fault);
		} else {
			result->address = hpa(page.address);
			result->page_size = 1ULL << page.shift;
			result->rights = vtd_granted(&walk, page.rights);
		}
	}
	if (walk.observed)
		vtd_show_result(unit, request, result);
}
