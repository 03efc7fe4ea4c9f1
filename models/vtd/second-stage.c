/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The second-stage walk (section 3.7): from a guest-physical address, or from the address of a
 * request where there is no first stage, to host-physical memory. Whether the rights that it
 * finds are enough is the caller's question.
 */
#include "unit.h"

static unsigned int level_shift(int level)
{
	return 12 + 9 * (unsigned int)(level - 1);
}

static u64 entry_address(u64 table, u64 input, int level)
{
	return table + (input >> level_shift(level) & 511) * 8;
}

static u64 rwx(void)
{
	return second_stage_R_bits() | second_stage_W_bits() | second_stage_X_bits();
}

/* The bits of which one at least makes an entry present: X counts only where it is looked at. */
static u64 present_bits(const struct vtd_space *space)
{
	u64 bits = second_stage_R_bits() | second_stage_W_bits();

	return space->flags & VTD_SPACE_SSEE ? bits | second_stage_X_bits() : bits;
}

static struct vtd_table_access table_access(u64 address, int level)
{
	return (struct vtd_table_access){
		.what = vtd_second_stage_name(level),
		.address = address,
		.level = level,
		.marks = second_stage_A_bits() | second_stage_D_bits(),
		.no_snoop = VTD_FAULT_SM_SECOND_STAGE_AD_NO_SNOOP,
		.refused = VTD_FAULT_SM_SECOND_STAGE_AD_UPDATE,
	};
}

/* Where a second-stage walk stands. */
struct position {
	u64 table;
	u64 rights; /* R, W and X of the levels above */
	int level;
};

/* Starts below the lowest level that the paging-structure caches know. */
static void start_from_caches(struct vtd_walk *walk, u64 input, struct position *at)
{
	struct vtd_unit *unit = walk->unit;
	u64 space = vtd_tag_space(walk->space.domain_id, 0, VTD_PGTT_SECOND_STAGE);
	const struct vtd_second_stage_cached *cached;
	int level;

	for (level = 2; level <= walk->space.second_levels; level++) {
		struct cache *cache = &unit->second_stage_cache[level];

		cached = cache_probe(cache,
				     (struct cache_tag){ input >> level_shift(level), space });
		if (cached && cached->walk == walk->number)
			cached = NULL;
		cache_count(cache, cached);
		if (cached) {
			at->table = cached->table;
			at->rights = cached->rights;
			at->level = level - 1;
		}
		if (walk->observed)
			vtd_show_cache(unit, cached ? PORT_EVENT_CACHE_HIT : PORT_EVENT_CACHE_MISS,
				       vtd_second_stage_cache_name(level), input);
		if (cached)
			return;
	}
}

static void fill_cache(struct vtd_walk *walk, u64 input, const struct position *below)
{
	struct vtd_unit *unit = walk->unit;
	int level = below->level + 1;
	u64 space = vtd_tag_space(walk->space.domain_id, 0, VTD_PGTT_SECOND_STAGE);
	struct vtd_second_stage_cached *cached;

	if (!vtd_may_fill(walk))
		return;
	cached = cache_fill(&unit->second_stage_cache[level],
			    (struct cache_tag){ input >> level_shift(level), space });
	cached->table = below->table;
	cached->walk = walk->number;
	cached->rights = below->rights;
	vtd_show_fill(unit, vtd_second_stage_cache_name(level), input, below->table, 0);
}

static bool is_leaf(u64 entry, int level)
{
	return level == 1 || second_stage_PS(&entry);
}

/* Section 3.7.1: what is wrong with an entry as such. */
static inline enum vtd_fault check_entry(const struct vtd_walk *walk, u64 entry, int level)
{
	if (!(entry & present_bits(&walk->space)))
		return VTD_FAULT_SM_SECOND_STAGE_PERMISSION;
	if (entry & walk->unit->limits.second_stage[level][is_leaf(entry, level)])
		return VTD_FAULT_SM_SECOND_STAGE_RESERVED;
	return VTD_FAULT_NONE;
}

/*
 * Section 3.7.2: A of every entry used, with SSADE. That this includes entries whose rights then turn out not
 * to suffice is (one source) a reading of that section.
 */
static enum vtd_fault mark_accessed(struct vtd_walk *walk, u64 address, int level, u64 *entry)
{
	const struct vtd_table_access access = table_access(address, level);

	if (second_stage_A(entry))
		return VTD_FAULT_NONE;
	return vtd_update_table(walk, &access, entry, second_stage_A_bits());
}

static void show_read(const struct vtd_walk *walk, u64 address, int level, u64 entry,
		      enum port_status status)
{
	struct vtd_table_access access = table_access(address, level);

	if (entry & present_bits(&walk->space))
		access.reserved = &walk->unit->limits.second_stage[level][is_leaf(entry, level)];
	vtd_show_read(walk, &access, &entry, sizeof(entry), status);
}

/* Reads, checks and marks the entry at one level. */
static inline enum vtd_fault use_entry(struct vtd_walk *walk, u64 address, int level, u64 *entry)
{
	enum port_status status = vtd_read_table(walk, address, entry, sizeof(*entry));
	enum vtd_fault fault;

	if (walk->observed)
		show_read(walk, address, level, *entry, status);
	if (status != PORT_OK)
		return level == walk->space.second_levels ? VTD_FAULT_SM_SECOND_STAGE_POINTER
							  : VTD_FAULT_SM_SECOND_STAGE_ACCESS;
	fault = check_entry(walk, *entry, level);
	if (!fault && (walk->space.flags & VTD_SPACE_SSADE))
		fault = mark_accessed(walk, address, level, entry);
	return fault;
}

/* The rights that the levels together grant, as a struct vtd_page has them. */
static u64 second_rights(const struct vtd_space *space, u64 entry_rights, u64 leaf)
{
	u64 rights = 0;

	if (second_stage_R(&entry_rights))
		rights |= VTD_SECOND_READ;
	if (second_stage_W(&entry_rights))
		rights |= VTD_SECOND_WRITE;
	if (second_stage_X(&entry_rights) || !(space->flags & VTD_SPACE_SSEE))
		rights |= VTD_SECOND_EXECUTE;
	if (second_stage_D(&leaf) || !(space->flags & VTD_SPACE_SSADE))
		rights |= VTD_SECOND_DIRTY;
	if (second_stage_SNP(&leaf))
		rights |= VTD_SECOND_SNOOP;
	return rights;
}

enum vtd_fault vtd_second_stage_walk(struct vtd_walk *walk, gpa_t input,
				     struct vtd_second_stage *out)
{
	const struct vtd_space *space = &walk->space;
	struct position at = { space->second_stage_table, rwx(), space->second_levels };
	bool cached = cache_on(&walk->unit->second_stage_cache[2]);
	enum vtd_fault fault;
	u64 address, entry;

	/* Section 3.7: the input may not lie beyond AW and MGAW */
	if (input.v >> space->second_bits)
		return VTD_FAULT_SM_BEYOND_SECOND_STAGE_WIDTH;
	if (cached)
		start_from_caches(walk, input.v, &at);

	for (;;) {
		address = entry_address(at.table, input.v, at.level);
		fault = use_entry(walk, address, at.level, &entry);
		if (fault)
			return fault;
		at.rights &= entry;
		if (is_leaf(entry, at.level))
			break;
		at.table = second_stage_ADDR(&entry);
		at.level--;
		if (cached)
			fill_cache(walk, input.v, &at);
	}
	/* SSS.2: entries of which none is empty may leave nothing together */
	if (!(at.rights & present_bits(space)))
		return VTD_FAULT_SM_SECOND_STAGE_PERMISSION;

	out->level = at.level;
	out->shift = level_shift(at.level);
	out->address = (second_stage_ADDR(&entry) & ~0ULL << out->shift) |
		       (input.v & ~(~0ULL << out->shift));
	out->rights = second_rights(space, at.rights, entry);
	out->leaf_address = address;
	out->leaf = entry;
	if (walk->observed)
		vtd_show_stage(walk, "second stage", input.v, out->address, out->shift);
	return VTD_FAULT_NONE;
}

enum vtd_fault vtd_second_stage_set_dirty(struct vtd_walk *walk, struct vtd_second_stage *out)
{
	const struct vtd_table_access access = table_access(out->leaf_address, out->level);
	enum vtd_fault fault;

	if (out->rights & VTD_SECOND_DIRTY)
		return VTD_FAULT_NONE;
	fault = vtd_update_table(walk, &access, &out->leaf, second_stage_D_bits());
	if (!fault)
		out->rights |= VTD_SECOND_DIRTY;
	return fault;
}
