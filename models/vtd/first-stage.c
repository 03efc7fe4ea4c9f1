/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first-stage walk (section 3.6) and, around it, nested translation (section 3.8): there, every
 * address that a first-stage entry holds is guest-physical and goes through the second stage.
 */
#include "unit.h"

/* A first-stage table on the way down. */
struct table {
	u64 address; /* as in the pointer to it: guest-physical when nested */
	u64 host; /* where that is; valid if located */
	u64 second; /* VTD_SECOND_* rights to its page */
	bool located;
	bool walked; /* the second stage, for this table: */
	struct vtd_second_stage page;
};

/* Where a first-stage walk stands. */
struct position {
	struct table table;
	u64 rights; /* VTD_FIRST_* of the levels above */
	int level;
};

static unsigned int level_shift(int level)
{
	return 12 + 9 * (unsigned int)(level - 1);
}

/* Where the entry for the request's address lies within a table of that level. */
static u64 entry_offset(const struct vtd_walk *walk, int level)
{
	return (walk->request->address.v >> level_shift(level) & 511) * 8;
}

static bool nested(const struct vtd_walk *walk)
{
	return walk->space.pgtt == VTD_PGTT_NESTED;
}

static bool is_leaf(u64 entry, int level)
{
	return level == 1 || first_stage_PS(&entry);
}

/* Section 3.6: all bits above the highest one translated equal it. */
static bool canonical(u64 address, int levels)
{
	unsigned int above = 64 - (12 + 9 * (unsigned int)levels);

	return (u64)((s64)(address << above) >> above) == address;
}

/* --- where tables lie -------------------------------------------------------------------- */

/* Erratum 772415: with page-walk snoop, entries are marked whether or not their page may be written. */
static bool marks_read_only_tables(const struct vtd_walk *walk)
{
	return walk->unit->errata & VTD_ERRATUM_772415 && walk->space.flags & VTD_SPACE_PWSNP;
}

/*
 * Takes the entry's guest-physical address through the second stage (section 3.8.1). With SSADE, to read
 * a table takes the right to write it, for which there is no fault reason of its own (one source).
 */
static enum vtd_fault find_entry(struct vtd_walk *walk, gpa_t entry, bool top,
				 struct vtd_second_stage *found)
{
	enum vtd_fault fault = vtd_second_stage_walk(walk, entry, found);

	if (fault)
		return fault;
	if (!(found->rights & VTD_SECOND_READ))
		return top ? VTD_FAULT_SM_FIRST_STAGE_TOP_NO_READ
			   : VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_READ;
	if (walk->space.flags & VTD_SPACE_SSADE && !(found->rights & VTD_SECOND_WRITE) &&
	    !marks_read_only_tables(walk))
		return VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_WRITE;
	return VTD_FAULT_NONE;
}

/* Finds out where the table lies by finding its entry that the walk needs. */
static enum vtd_fault locate(struct vtd_walk *walk, struct table *table, u64 offset, bool top)
{
	struct vtd_second_stage *found = &table->page;
	enum vtd_fault fault;

	if (!nested(walk)) {
		table->host = table->address;
		table->second = VTD_SECOND_ALL;
		table->located = true;
		return VTD_FAULT_NONE;
	}
	fault = find_entry(walk, gpa(table->address + offset), top, found);
	if (fault)
		return fault;
	table->host = found->address - offset;
	table->second = found->rights;
	table->walked = true;
	table->located = true;
	return VTD_FAULT_NONE;
}

/* --- paging-structure caches ------------------------------------------------------------- */

/* Starts below the lowest level that the paging-structure caches know. */
static void start_from_caches(struct vtd_walk *walk, u64 input, struct position *at)
{
	struct vtd_unit *unit = walk->unit;
	const struct vtd_first_stage_cached *cached;
	int level;

	for (level = 2; level <= walk->space.first_levels; level++) {
		cached = cache_lookup(&unit->first_stage_cache[level],
				      (struct cache_tag){ input >> level_shift(level),
							  walk->space.tag });
		if (cached) {
			at->table = (struct table){
				.address = cached->table,
				.host = cached->host,
				.second = cached->rights & VTD_SECOND_ALL,
				.located = true,
			};
			at->rights = cached->rights & VTD_FIRST_ALL;
			at->level = level - 1;
		}
		if (walk->observed)
			vtd_show_cache(unit, cached ? PORT_EVENT_CACHE_HIT : PORT_EVENT_CACHE_MISS,
				       vtd_first_stage_cache_name(level), input);
		if (cached)
			return;
	}
}

/* Keeps where the table lies that an entry one level up points to. */
static void fill_cache(struct vtd_walk *walk, u64 input, const struct position *at)
{
	struct vtd_unit *unit = walk->unit;
	int level = at->level + 1;
	struct vtd_first_stage_cached *cached;

	if (!vtd_may_fill(walk))
		return;
	cached = cache_fill(&unit->first_stage_cache[level],
			    (struct cache_tag){ input >> level_shift(level), walk->space.tag });
	cached->table = at->table.address;
	cached->host = at->table.host;
	cached->rights = at->rights | at->table.second;
	vtd_show_fill(unit, vtd_first_stage_cache_name(level), input, at->table.host, 0);
}

/* --- entries ----------------------------------------------------------------------------- */

static u64 reserved_bits(const struct vtd_walk *walk, u64 entry, int level)
{
	u64 reserved = walk->unit->limits.first_stage[level][is_leaf(entry, level)];

	if (!(walk->space.flags & VTD_SPACE_NXE))
		reserved |= first_stage_XD_bits();
	return reserved;
}

static u64 entry_rights(u64 entry)
{
	return (first_stage_RW(&entry) ? (u64)VTD_FIRST_WRITE : 0) |
	       (first_stage_US(&entry) ? (u64)VTD_FIRST_USER : 0) |
	       (first_stage_XD(&entry) ? 0 : (u64)VTD_FIRST_EXECUTE);
}

/* Section 3.6.2: A of every entry used, D of the leaf of a write, EA with EAFE. */
static u64 marks_due(const struct vtd_walk *walk, u64 entry, int level)
{
	u64 bits = first_stage_A_bits();

	if (walk->request->access == ACCESS_WRITE && is_leaf(entry, level))
		bits |= first_stage_D_bits();
	if (walk->space.flags & VTD_SPACE_EAFE)
		bits |= first_stage_EA_bits();
	return bits & ~entry;
}

static struct vtd_table_access entry_access(const struct vtd_walk *walk, const struct position *at)
{
	u64 offset = entry_offset(walk, at->level);

	return (struct vtd_table_access){
		.what = vtd_first_stage_name(at->level),
		.address = at->table.host + offset,
		.gpa = at->table.address + offset,
		.via_gpa = nested(walk),
		.level = at->level,
		.marks = first_stage_A_bits() | first_stage_D_bits() | first_stage_EA_bits(),
		.no_snoop = VTD_FAULT_SM_FIRST_STAGE_AD_NO_SNOOP,
		.refused = VTD_FAULT_SM_FIRST_STAGE_AD_UPDATE,
	};
}

/* To mark an entry writes to the page that its table lies in: the second stage's leaf becomes dirty. */
static enum vtd_fault make_table_dirty(struct vtd_walk *walk, const struct position *at,
				       const struct vtd_table_access *access)
{
	bool top = at->level == walk->space.first_levels;
	struct vtd_second_stage found = at->table.page;
	enum vtd_fault fault = VTD_FAULT_NONE;

	if (at->table.second & VTD_SECOND_DIRTY)
		return VTD_FAULT_NONE;
	if (!at->table.walked)
		fault = find_entry(walk, gpa(access->gpa), top, &found);
	if (fault)
		return fault;
	if (found.address != access->address) {
		walk->unsettled = access->refused;
		return VTD_WALK_AGAIN;
	}
	return vtd_second_stage_set_dirty(walk, &found);
}

/*
 * Marks the entry as the request needs it. In nested translation that is a write to guest-physical
 * memory, which the second stage must allow.
 */
static enum vtd_fault mark(struct vtd_walk *walk, const struct position *at, u64 *entry)
{
	const struct vtd_table_access access = entry_access(walk, at);
	u64 due = marks_due(walk, *entry, at->level);
	enum vtd_fault fault = VTD_FAULT_NONE;

	if (!due)
		return VTD_FAULT_NONE;
	if (at->table.second & VTD_SECOND_WRITE && walk->space.flags & VTD_SPACE_PWSNP)
		fault = make_table_dirty(walk, at, &access);
	else if (!(at->table.second & VTD_SECOND_WRITE) && !marks_read_only_tables(walk))
		fault = VTD_FAULT_SM_FIRST_STAGE_ENTRY_NO_WRITE;
	return fault ? fault : vtd_update_table(walk, &access, entry, due);
}

static void show_read(const struct vtd_walk *walk, const struct position *at, u64 entry,
		      enum port_status status)
{
	struct vtd_table_access access = entry_access(walk, at);
	const u64 reserved = reserved_bits(walk, entry, at->level);

	access.reserved = first_stage_P(&entry) ? &reserved : NULL;
	vtd_show_read(walk, &access, &entry, sizeof(entry), status);
}

/* Reads the entry at one level, from wherever its table lies. */
static enum vtd_fault read_entry(struct vtd_walk *walk, struct position *at, u64 *entry)
{
	u64 offset = entry_offset(walk, at->level);
	bool top = at->level == walk->space.first_levels;
	enum port_status status;
	enum vtd_fault fault;

	if (!at->table.located) {
		fault = locate(walk, &at->table, offset, top);
		if (fault)
			return fault;
		if (!top && cache_on(&walk->unit->first_stage_cache[at->level + 1]))
			fill_cache(walk, walk->request->address.v, at);
	}
	status = vtd_read_table(walk, at->table.host + offset, entry, sizeof(*entry));
	if (walk->observed)
		show_read(walk, at, *entry, status);
	if (status == PORT_OK)
		return VTD_FAULT_NONE;
	return top ? VTD_FAULT_SM_FIRST_STAGE_TOP_ACCESS : VTD_FAULT_SM_FIRST_STAGE_ACCESS;
}

/* Reads and checks the entry at one level, and marks it unless it is the leaf. */
static enum vtd_fault use_entry(struct vtd_walk *walk, struct position *at, u64 *entry)
{
	enum vtd_fault fault = read_entry(walk, at, entry);

	if (fault)
		return fault;
	if (!first_stage_P(entry))
		return VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT;
	if (*entry & reserved_bits(walk, *entry, at->level))
		return VTD_FAULT_SM_FIRST_STAGE_RESERVED;
	if (nested(walk) && first_stage_ADDR(entry) >> walk->space.second_bits)
		return VTD_FAULT_SM_FIRST_STAGE_OUT_OF_REACH;

	at->rights &= entry_rights(*entry);
	if (is_leaf(*entry, at->level))
		return vtd_first_stage_denies(walk, at->rights);
	return mark(walk, at, entry);
}

/* --- the walk ---------------------------------------------------------------------------- */

/* The second stage of the final address. */
static enum vtd_fault find_nested(struct vtd_walk *walk, gpa_t address,
				  struct vtd_second_stage *found)
{
	enum vtd_fault fault = vtd_second_stage_walk(walk, address, found);

	return fault ? fault : vtd_second_stage_denies(walk, found->rights);
}

/*
 * The first stage's leaf is marked when both stages have granted the request (one source: what is refused leaves no
 * mark): a write that the second stage denies does not make the first stage's page dirty.
 */
static enum vtd_fault finish_nested(struct vtd_walk *walk, const struct position *at, u64 *leaf,
				    struct vtd_page *page)
{
	struct vtd_second_stage found;
	enum vtd_fault fault;

	fault = find_nested(walk, gpa(page->address), &found);
	if (!fault)
		fault = mark(walk, at, leaf);
	if (!fault && walk->request->access == ACCESS_WRITE)
		fault = vtd_second_stage_set_dirty(walk, &found);
	if (fault)
		return fault;
	page->address = found.address;
	page->rights = found.rights;
	if (found.shift < page->shift)
		page->shift = found.shift;
	return VTD_FAULT_NONE;
}

/* From the lowest table that the caches know down to the leaf, which is judged but not yet marked. */
static enum vtd_fault walk_to_leaf(struct vtd_walk *walk, struct position *at, u64 *leaf)
{
	enum vtd_fault fault;

	for (;;) {
		fault = use_entry(walk, at, leaf);
		if (fault || is_leaf(*leaf, at->level))
			return fault;
		at->table = (struct table){ .address = first_stage_ADDR(leaf) };
		at->level--;
	}
}

enum vtd_fault vtd_first_stage_walk(struct vtd_walk *walk, struct vtd_page *page)
{
	struct position at = {
		.table.address = walk->space.first_stage_table,
		.rights = VTD_FIRST_WRITE | VTD_FIRST_USER | VTD_FIRST_EXECUTE,
		.level = walk->space.first_levels,
	};
	u64 input = walk->request->address.v;
	enum vtd_fault fault;
	u64 entry;

	if (!canonical(input, walk->space.first_levels))
		return VTD_FAULT_SM_NOT_CANONICAL;
	if (cache_on(&walk->unit->first_stage_cache[2]))
		start_from_caches(walk, input, &at);

	fault = walk_to_leaf(walk, &at, &entry);
	if (fault)
		return fault;

	page->shift = level_shift(at.level);
	page->address = (first_stage_ADDR(&entry) & ~0ULL << page->shift) |
			(input & ~(~0ULL << page->shift));
	if (walk->observed)
		vtd_show_stage(walk, "first stage", input, page->address, page->shift);
	page->rights = VTD_SECOND_ALL;
	fault = nested(walk) ? finish_nested(walk, &at, &entry, page) : mark(walk, &at, &entry);
	page->rights |= at.rights | (first_stage_D(&entry) ? (u64)VTD_FIRST_DIRTY : 0);
	return fault;
}
