/* SPDX-License-Identifier: Apache-2.0 */
/* Random machines: see machines.h. Fields are set by their places in chapter 9 of the specification. */
#include "machines.h"

#include <stdlib.h>
#include <string.h>

#define BIT(n) (1ULL << (n))
#define ADDRESS_BITS (BIT(52) - BIT(12))

/* --- dice -------------------------------------------------------------------------------- */

u64 dice_next(struct dice *dice)
{
	u64 z = dice->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

u64 dice_below(struct dice *dice, u64 n)
{
	return dice_next(dice) % n;
}

bool dice_chance(struct dice *dice, unsigned int percent)
{
	return dice_below(dice, 100) < percent;
}

/* A flag that is set in percent of 100 cases. */
static u64 maybe(struct scene *scene, unsigned int percent, u64 flag)
{
	return dice_chance(&scene->dice, percent) ? flag : 0;
}

/* --- capabilities ------------------------------------------------------------------------ */

/* CAP and ECAP as boot logs give them, and of a unit that can do everything. */
static const u64 logged[][2] = {
	{ 0xd2078c106f0462, 0xf020fe },          { 0xd2078c106f0466, 0xf020de },
	{ 0x8d2078c106f0466, 0xf020df },         { 0x8d2008c10ef0466, 0xf0205b },
	{ 0xc0000020660462, 0xf0101a },          { 0xd2008020660462, 0xf010da },
	{ 0x1c0000c40660462, 0x19e2ff0505e },    { 0x1c0000c40660462, 0x7e3ff0501e },
	{ 0x1c0000c40660462, 0x49e2ff0505e },    { 0x1c0000c40660462, 0x69e2ff0505e },
	{ 0x1c0000c40660462, 0x29a00f0505e },    { 0xd2008c40660462, 0xf050da },
	{ 0x8ed008c40780466, 0x60000f050df },    { 0x9ed008c40780466, 0x3ee9e86f050df },
	{ 0x19ed008c40780c66, 0x3ee9e86f050df }, { 0x80d2008c222f06c6, 0xf00f1a },
};

#define FULL_CAP 0x19ed008c40780e66ULL
#define FULL_ECAP 0x23ee9fe6f050dfULL /* RPRIVS, ERS and PASIDs besides what a server logs */
#define FULL_ECAP_MORE (BIT(29) | BIT(33) | BIT(34) | BIT(40) | BIT(52) | 19ULL << 35)

enum {
	ECAP_DT = 2,
	ECAP_PT = 6,
	ECAP_SC = 7,
	ECAP_NEST = 26,
	ECAP_PRS = 29,
	ECAP_ERS = 30,
	ECAP_SRS = 31,
	ECAP_EAFS = 34,
	ECAP_PASID = 40,
	ECAP_SMTS = 43,
	ECAP_SSADS = 45,
	ECAP_SSTS = 46,
	ECAP_FSTS = 47,
	ECAP_SMPWCS = 48,
	ECAP_RPS = 49,
	ECAP_RPRIVS = 53
};

static bool ecap(const struct scene *scene, unsigned int bit)
{
	return scene->config.ecap >> bit & 1;
}

static bool cap(const struct scene *scene, unsigned int bit)
{
	return scene->config.cap >> bit & 1;
}

/* The dependencies that 11.4.3 demands of hardware. */
static u64 consistent(u64 value)
{
	if (!(value >> ECAP_SMTS & 1))
		value &= ~(BIT(ECAP_NEST) | BIT(ECAP_PRS) | BIT(25) | BIT(ECAP_SRS) |
			   BIT(ECAP_PASID) | BIT(ECAP_FSTS) | BIT(ECAP_SMPWCS) | BIT(ECAP_RPS));
	if (!(value >> ECAP_FSTS & 1) || !(value >> ECAP_SSTS & 1))
		value &= ~BIT(ECAP_NEST);
	if (!(value >> ECAP_SMPWCS & 1))
		value &= ~(BIT(ECAP_SSADS) | BIT(ECAP_EAFS));
	if (!(value >> ECAP_FSTS & 1))
		value &= ~BIT(ECAP_EAFS);
	if (!(value >> ECAP_DT & 1))
		value &= ~(BIT(ECAP_PRS) | BIT(33) | BIT(41) | BIT(42));
	if (!(value >> ECAP_SRS & 1))
		value &= ~BIT(ECAP_RPRIVS);
	return value;
}

static void random_capabilities(struct scene *scene)
{
	static const u8 large[] = { 0, 1, 3, 3 };
	static const u8 toggled[] = { 2,  6,  7,  25, 26, 29, 30, 31, 33,
				      34, 40, 45, 46, 47, 48, 49, 52, 53 };
	struct dice *dice = &scene->dice;
	u64 c = FULL_CAP & ~(7ULL | 0x1fULL << 8 | 15ULL << 34 | BIT(56) | BIT(60));
	u64 e = FULL_ECAP | FULL_ECAP_MORE;

	c |= dice_below(dice, 7) | (1 + dice_below(dice, 7)) << 9;
	c |= (u64)large[dice_below(dice, 4)] << 34 | maybe(scene, 70, BIT(56)) |
	     maybe(scene, 60, BIT(60));
	for (unsigned int i = 0; i < sizeof(toggled); i++)
		e &= ~maybe(scene, 7, BIT(toggled[i]));
	e &= ~(31ULL << 35);
	e |= (5 + dice_below(dice, 27)) << 35;
	if (dice_chance(dice, 20))
		e &= ~BIT(ECAP_SMTS);
	scene->config.cap = c;
	scene->config.ecap = consistent(e);
}

static void choose_capabilities(struct scene *scene)
{
	static const u8 widths[] = { 36, 39, 39, 42, 46, 46, 46, 52 };
	struct dice *dice = &scene->dice;
	unsigned int width, mgaw;

	if (dice_chance(dice, 30)) {
		const u64 *row = logged[dice_below(dice, sizeof(logged) / sizeof(logged[0]))];

		vtd_config_init(&scene->config, row[0], row[1]);
	} else {
		vtd_config_init(&scene->config, 0, 0);
		random_capabilities(scene);
	}
	width = widths[dice_below(dice, sizeof(widths))];
	mgaw = (unsigned int)(scene->config.cap >> 16 & 63) + 1;
	/* Section 11.4.2: at least as wide as host addresses */
	if (width > mgaw)
		width = mgaw;
	scene->config.host_address_width = width;
	scene->config.context_cache.entries = 0;
	scene->config.pasid_cache.entries = 0;
	scene->config.iotlb.entries = 0;
	scene->config.first_stage_pwc.entries = 0;
	scene->config.second_stage_pwc.entries = 0;
}

/* --- memory ------------------------------------------------------------------------------ */

u64 scene_load(const struct scene *scene, u64 address)
{
	u64 value = 0;

	memory_read(scene->memory, hpa(address), &value, sizeof(value));
	return value;
}

void scene_store(struct scene *scene, u64 address, u64 value)
{
	memory_write(scene->memory, hpa(address), &value, sizeof(value));
}

static void remember(struct scene *scene, enum scene_kind kind, u64 address, unsigned int quads)
{
	unsigned int i;

	for (i = 0; i < scene->entry_count; i++)
		if (scene->entries[i].address == address)
			return;
	if (scene->entry_count < SCENE_ENTRIES)
		scene->entries[scene->entry_count++] =
			(struct scene_entry){ .kind = kind, .address = address, .quads = quads };
}

static void put(struct scene *scene, enum scene_kind kind, u64 address, const u64 *entry,
		unsigned int quads)
{
	memory_write(scene->memory, hpa(address), entry, (size_t)quads * 8);
	remember(scene, kind, address, quads);
}

/* A page for tables of a kind: sometimes one that is in use as such already. */
static u64 table_page(struct scene *scene, enum scene_kind kind)
{
	bool full = scene->page_count == SCENE_PAGES;

	if (full || (!scene->tidy && scene->page_count && dice_chance(&scene->dice, 8))) {
		unsigned int from = (unsigned int)dice_below(&scene->dice, scene->page_count), i;

		for (i = 0; i < scene->page_count; i++) {
			unsigned int page = (from + i) % scene->page_count;

			if (scene->page_kinds[page] == kind)
				return SCENE_BASE + (u64)page * 4096;
		}
		if (full)
			return SCENE_BASE + (u64)from * 4096;
	}
	scene->page_kinds[scene->page_count] = kind;
	return SCENE_BASE + (u64)scene->page_count++ * 4096;
}

/* --- paging tables ----------------------------------------------------------------------- */

static unsigned int shift_of(unsigned int level)
{
	return 12 + 9 * (level - 1);
}

u64 scene_index(u64 input, unsigned int level)
{
	return (input >> shift_of(level) & 511) * 8;
}

static u64 entry_on_way(const struct scene *scene, u64 table, unsigned int levels, u64 offset,
			u64 input, unsigned int level)
{
	unsigned int at;

	for (at = levels; at > level; at--) {
		u64 entry = scene_load(scene, table - offset + scene_index(input, at));

		if (!(entry & 3) || (entry & BIT(7)))
			return 0;
		table = entry & ADDRESS_BITS;
	}
	return table - offset + scene_index(input, level);
}

u64 scene_first_entry(const struct scene *scene, const struct scene_space *space, u64 input,
		      unsigned int level)
{
	return entry_on_way(scene, space->first_root, space->first_levels,
			    space->second_levels ? scene->guest_offset : 0, input, level);
}

u64 scene_second_entry(const struct scene *scene, const struct scene_space *space, u64 input,
		       unsigned int level)
{
	return entry_on_way(scene, space->second_root, space->second_levels, 0, input, level);
}

static u64 second_flags(struct scene *scene, bool leaf)
{
	unsigned int often = leaf ? 90 : 97;
	u64 flags = maybe(scene, often, 1) | maybe(scene, often - 3, 2) | maybe(scene, often, 4) |
		    maybe(scene, 50, BIT(8));

	if (leaf)
		flags |= maybe(scene, 50, BIT(9)) | maybe(scene, 20, 6 << 3) |
			 maybe(scene, 10, BIT(6));
	if (leaf && ecap(scene, ECAP_SC))
		flags |= maybe(scene, 30, BIT(11));
	return flags;
}

static u64 first_flags(struct scene *scene, bool leaf)
{
	unsigned int often = leaf ? 85 : 96;
	u64 flags = 1 | maybe(scene, often, 2) | maybe(scene, often + 3, 4) |
		    maybe(scene, 50, BIT(5)) | maybe(scene, 50, BIT(10)) | maybe(scene, 10, BIT(3));

	if (leaf)
		flags |= maybe(scene, 50, BIT(6)) | maybe(scene, 20, BIT(8)) |
			 maybe(scene, 8, BIT(63));
	return flags;
}

/* Makes tables down to that level, and tells where the entry is; 0 where a page is in the way. */
static u64 make_way(struct scene *scene, const struct scene_space *space, enum scene_kind kind,
		    u64 input, unsigned int level);

/* Maps the page of a first-stage table for the second stage. */
static void map_guest_table(struct scene *scene, const struct scene_space *space, u64 gpa)
{
	unsigned int level = 1;
	u64 at, flags;

	if (cap(scene, 34) && dice_chance(&scene->dice, 25))
		level = 2;
	if (cap(scene, 35) && dice_chance(&scene->dice, 15))
		level = 3;
	at = make_way(scene, space, SCENE_SECOND_STAGE, gpa, level);
	if (!at || (scene_load(scene, at) & 3))
		return;
	flags = 3 | second_flags(scene, true);
	flags &= ~maybe(scene, 4, 2) & ~maybe(scene, 2, 1);
	scene_store(scene, at,
		    ((gpa - scene->guest_offset) & ~(BIT(shift_of(level)) - 1)) | flags |
			    (level > 1 ? BIT(7) : 0));
	remember(scene, SCENE_SECOND_STAGE, at, 1);
}

static u64 make_way(struct scene *scene, const struct scene_space *space, enum scene_kind kind,
		    u64 input, unsigned int level)
{
	bool first = kind == SCENE_FIRST_STAGE;
	u64 offset = first && space->second_levels ? scene->guest_offset : 0;
	u64 table = first ? space->first_root : space->second_root;
	unsigned int at;

	for (at = first ? space->first_levels : space->second_levels; at > level; at--) {
		u64 where = table - offset + scene_index(input, at);
		u64 entry = scene_load(scene, where);

		if (entry & BIT(7))
			return 0;
		if (!(entry & 3)) {
			entry = table_page(scene, kind) + offset;
			entry |= first ? first_flags(scene, false) : second_flags(scene, false) | 1;
			scene_store(scene, where, entry);
			remember(scene, kind, where, 1);
			if (offset)
				map_guest_table(scene, space, entry & ADDRESS_BITS);
		}
		table = entry & ADDRESS_BITS;
	}
	return table - offset + scene_index(input, level);
}

static unsigned int page_level(struct scene *scene, bool two_mib, bool one_gib)
{
	unsigned int level = 1 + (unsigned int)dice_below(&scene->dice, 3);

	if (level == 3 && !one_gib)
		level = 1;
	return level == 2 && !two_mib ? 1 : level;
}

/* Addresses that share upper tables with each other. */
static u64 random_input(struct scene *scene, unsigned int width)
{
	static const u16 indices[] = { 0, 1, 2, 255, 256, 511 };
	u64 input = 0;
	unsigned int level;

	for (level = 1; level <= 5; level++)
		input |= (u64)indices[dice_below(&scene->dice, level > 3 ? 2 : 6)]
			 << shift_of(level);
	if (dice_chance(&scene->dice, 3))
		input = 0xfee00000 | (input & 0xff000);
	return input & (BIT(width) - 1);
}

/* A page of a size somewhere in host memory. */
static u64 random_page(struct scene *scene, unsigned int level)
{
	u64 r = dice_next(&scene->dice);
	u64 page = 0x40000000 + (r & 0x3ffffff000);

	if (dice_chance(&scene->dice, 3))
		page = 0xfee00000 | (r & 0xff000);
	if (dice_chance(&scene->dice, 3))
		page = ~0ULL;
	return page & (BIT(scene->config.host_address_width) - 1) & ~(BIT(shift_of(level)) - 1);
}

static unsigned int second_width(const struct scene *scene, const struct scene_space *space)
{
	unsigned int mgaw = (unsigned int)(scene->config.cap >> 16 & 63) + 1;
	unsigned int width = 12 + 9 * space->second_levels;

	return width < mgaw ? width : mgaw;
}

static bool map_second(struct scene *scene, const struct scene_space *space, u64 input)
{
	unsigned int level = page_level(scene, cap(scene, 34), cap(scene, 35));
	u64 at = make_way(scene, space, SCENE_SECOND_STAGE, input, level);

	if (!at || scene_load(scene, at))
		return false;
	scene_store(scene, at,
		    random_page(scene, level) | second_flags(scene, true) |
			    (level > 1 ? BIT(7) : 0));
	remember(scene, SCENE_SECOND_STAGE, at, 1);
	return true;
}

static bool map_first(struct scene *scene, const struct scene_space *space, u64 input)
{
	unsigned int level = page_level(scene, true, cap(scene, 56));
	u64 at = make_way(scene, space, SCENE_FIRST_STAGE, input, level);
	u64 page = random_page(scene, level), flags;

	if (!at || scene_load(scene, at))
		return false;
	if (space->second_levels) {
		page = random_input(scene, second_width(scene, space)) &
		       ~(BIT(shift_of(level)) - 1);
		if (dice_chance(&scene->dice, 95))
			map_second(scene, space, page | (input & (BIT(shift_of(level)) - 1)));
		if (dice_chance(&scene->dice, 3))
			page |= BIT(scene->config.host_address_width - 1);
		page &= BIT(scene->config.host_address_width) - 1;
	}
	flags = first_flags(scene, true) | (level > 1 ? BIT(7) : 0);
	scene_store(scene, at, page | flags);
	remember(scene, SCENE_FIRST_STAGE, at, 1);
	return true;
}

static u64 sign_extended(u64 input, unsigned int width)
{
	return input >> (width - 1) & 1 ? input | ~(BIT(width) - 1) : input;
}

static void map_inputs(struct scene *scene, struct scene_space *space)
{
	unsigned int i, count = 2 + (unsigned int)dice_below(&scene->dice, SCENE_INPUTS - 1);

	for (i = 0; i < count; i++) {
		u64 input;

		if (space->first_levels) {
			unsigned int width = 12 + 9 * space->first_levels;

			input = sign_extended(random_input(scene, width), width);
			map_first(scene, space, input);
		} else if (space->second_levels) {
			input = random_input(scene, second_width(scene, space));
			map_second(scene, space, input);
		} else {
			input = random_page(scene, 1);
		}
		space->inputs[space->input_count++] = input;
	}
}

/* --- address spaces ---------------------------------------------------------------------- */

static unsigned int supported_aw(struct scene *scene)
{
	unsigned int from = (unsigned int)dice_below(&scene->dice, 3), i;

	for (i = 0; i < 3; i++)
		if (scene->config.cap >> (9 + (from + i) % 3) & 1)
			return 1 + (from + i) % 3;
	return 2;
}

static u16 random_domain(struct scene *scene)
{
	unsigned int bits = 4 + 2 * (unsigned int)(scene->config.cap & 7);
	u64 limit = bits >= 16 ? 0x10000 : BIT(bits);

	/* tidy: a domain each */
	return (u16)(scene->tidy ? 1 + scene->space_count : dice_below(&scene->dice, limit));
}

static void make_stages(struct scene *scene, struct scene_space *space)
{
	bool first = space->pgtt == 1 || space->pgtt == 3;
	bool second = space->pgtt == 2 || space->pgtt == 3 || space->pgtt == SCENE_LEGACY;

	space->domain_id = random_domain(scene);
	if (second) {
		space->second_levels = 2 + supported_aw(scene);
		space->second_root = table_page(scene, SCENE_SECOND_STAGE);
	}
	if (first) {
		space->first_levels = cap(scene, 60) && dice_chance(&scene->dice, 40) ? 5 : 4;
		space->first_root = table_page(scene, SCENE_FIRST_STAGE);
		if (second) {
			space->first_root += scene->guest_offset;
			map_guest_table(scene, space, space->first_root);
		}
	}
	map_inputs(scene, space);
}

static void legacy_context(struct scene *scene, struct scene_space *space)
{
	u64 entry[2], tt = dice_below(&scene->dice, 3), aw;

	if ((tt == 1 && !ecap(scene, ECAP_DT)) || (tt == 2 && !ecap(scene, ECAP_PT)))
		tt = 0;
	space->pgtt = tt == 2 ? 4 : SCENE_LEGACY;
	make_stages(scene, space);
	aw = tt == 2 ? supported_aw(scene) : space->second_levels - 2;
	entry[0] = 1 | maybe(scene, 5, 2) | tt << 2 | space->second_root;
	entry[1] = aw | (u64)space->domain_id << 8 | maybe(scene, 10, BIT(4));
	put(scene, SCENE_CONTEXT, space->context_entry, entry, 2);
}

static unsigned int random_pgtt(struct scene *scene)
{
	unsigned int from = (unsigned int)dice_below(&scene->dice, 8), i;
	static const u8 wanted[] = { 1, 1, 2, 2, 3, 3, 3, 4 };

	for (i = 0; i < 8; i++) {
		unsigned int pgtt = wanted[(from + i) % 8];

		if (pgtt == 1   ? ecap(scene, ECAP_FSTS)
		    : pgtt == 2 ? ecap(scene, ECAP_SSTS)
		    : pgtt == 3 ? ecap(scene, ECAP_NEST)
				: ecap(scene, ECAP_PT))
			return pgtt;
	}
	return 1;
}

static void pasid_entry(struct scene *scene, struct scene_space *space)
{
	u64 entry[8] = { 0 };

	space->pgtt = random_pgtt(scene);
	make_stages(scene, space);
	entry[0] = 1 | maybe(scene, 4, 2) | (u64)space->pgtt << 6 | space->second_root;
	if (space->second_levels)
		entry[0] |= (u64)(space->second_levels - 2) << 2;
	if (ecap(scene, ECAP_ERS))
		entry[0] |= maybe(scene, 40, BIT(5));
	if (ecap(scene, ECAP_SSADS) && ecap(scene, ECAP_SSTS))
		entry[0] |= maybe(scene, 50, BIT(9));
	entry[1] = space->domain_id;
	if (ecap(scene, ECAP_SMPWCS))
		entry[1] |= maybe(scene, 90, BIT(23));
	if (ecap(scene, ECAP_SC))
		entry[1] |= maybe(scene, 30, BIT(24));
	if (ecap(scene, 25))
		entry[1] |= maybe(scene, 30, BIT(26)) |
			    maybe(scene, 30, 0x0007040600070406ULL << 32);
	if (ecap(scene, ECAP_SRS))
		entry[2] |= maybe(scene, 80, 1);
	if (ecap(scene, ECAP_ERS))
		entry[2] |= maybe(scene, 80, 2);
	if (space->first_levels)
		entry[2] |= space->first_root | (u64)(space->first_levels - 4) << 2 |
			    maybe(scene, 50, BIT(4));
	entry[2] |= maybe(scene, 85, BIT(5)) | maybe(scene, 30, BIT(6));
	if (ecap(scene, ECAP_EAFS))
		entry[2] |= maybe(scene, 50, BIT(7));
	put(scene, SCENE_PASID_ENTRY, space->pasid_entry, entry, 8);
}

/* --- devices ----------------------------------------------------------------------------- */

static u64 make_root(struct scene *scene, u16 source_id, bool scalable)
{
	u64 root_table = scene->root_table_address & ADDRESS_BITS;
	u64 where = root_table + (u64)(source_id >> 8) * 16;

	if (scalable)
		where += source_id >> 7 & 1 ? 8 : 0;
	if (!(scene_load(scene, where) & 1)) {
		scene_store(scene, where, table_page(scene, SCENE_CONTEXT) | 1);
		remember(scene, SCENE_ROOT, where, scalable ? 1 : 2);
	}
	return where;
}

static void legacy_device(struct scene *scene, u16 source_id)
{
	struct scene_space space = { .source_id = source_id };

	space.root_entry = make_root(scene, source_id, false);
	space.context_entry =
		(scene_load(scene, space.root_entry) & ADDRESS_BITS) + (u64)(source_id & 0xff) * 16;
	legacy_context(scene, &space);
	scene->spaces[scene->space_count++] = space;
}

/* The PASID entry of a device's PASID, with tables on the way. */
static void scalable_space(struct scene *scene, struct scene_space space, u64 directory)
{
	space.directory_entry = directory + 8 * (u64)(space.pasid >> 6);
	if (!(scene_load(scene, space.directory_entry) & 1)) {
		scene_store(scene, space.directory_entry,
			    table_page(scene, SCENE_PASID_ENTRY) | 1 | maybe(scene, 3, 2));
		remember(scene, SCENE_DIRECTORY, space.directory_entry, 1);
	}
	space.pasid_entry = (scene_load(scene, space.directory_entry) & ADDRESS_BITS) +
			    64 * (u64)(space.pasid & 63);
	if (scene_load(scene, space.pasid_entry) & 1)
		return;
	pasid_entry(scene, &space);
	scene->spaces[scene->space_count++] = space;
}

static void scalable_device(struct scene *scene, u16 source_id)
{
	struct dice *dice = &scene->dice;
	u64 entry[4] = { 0 }, directory = table_page(scene, SCENE_DIRECTORY);
	u32 rid_pasid = ecap(scene, ECAP_RPS) && dice_chance(dice, 60) ? (u32)dice_below(dice, 200)
								       : 0;
	struct scene_space space = { .source_id = source_id, .pasid = rid_pasid };
	unsigned int i, count = 1 + (unsigned int)dice_below(dice, 3);

	space.root_entry = make_root(scene, source_id, true);
	space.context_entry =
		(scene_load(scene, space.root_entry) & ADDRESS_BITS) + 32 * (u64)(source_id & 0x7f);
	entry[0] = 1 | maybe(scene, 4, 2) | directory;
	if (ecap(scene, ECAP_DT))
		entry[0] |= maybe(scene, 80, BIT(2));
	if (ecap(scene, ECAP_PASID))
		entry[0] |= maybe(scene, 92, BIT(3));
	if (ecap(scene, ECAP_PRS) && (entry[0] & BIT(2)))
		entry[0] |= maybe(scene, 50, BIT(4));
	entry[0] |= dice_below(dice, 3) << 9;
	entry[1] = rid_pasid;
	if (ecap(scene, ECAP_RPRIVS))
		entry[1] |= maybe(scene, 20, BIT(20));
	put(scene, SCENE_CONTEXT, space.context_entry, entry, 4);
	scalable_space(scene, space, directory);
	if (!ecap(scene, ECAP_PASID))
		return;
	space.has_pasid = true;
	for (i = 0; i < count && scene->space_count < SCENE_SPACES; i++) {
		space.pasid = (u32)dice_below(dice, 200);
		if (space.pasid != rid_pasid)
			scalable_space(scene, space, directory);
	}
}

static bool knows_device(const struct scene *scene, u16 source_id)
{
	unsigned int i;

	for (i = 0; i < scene->space_count; i++)
		if (scene->spaces[i].source_id == source_id)
			return true;
	return false;
}

struct scene *scene_create(u64 seed, bool tidy)
{
	struct scene *scene = calloc(1, sizeof(*scene));
	u16 source_id;
	bool scalable;
	unsigned int i;

	scene->dice.state = seed;
	scene->tidy = tidy;
	choose_capabilities(scene);
	scene->memory = memory_create(scene->config.host_address_width);
	scene->guest_offset = dice_below(&scene->dice, 3) << 30;
	scalable = ecap(scene, ECAP_SMTS) && dice_chance(&scene->dice, 85);
	scene->root_table_address = table_page(scene, SCENE_ROOT) | (scalable ? BIT(10) : 0);
	source_id = (u16)dice_next(&scene->dice);
	for (i = 0; i < 3 && scene->space_count + 4 < SCENE_SPACES; i++) {
		/* functions of one device, of one bus, of another half, of another bus */
		source_id ^= (u16)(1u << dice_below(&scene->dice, 16));
		if (knows_device(scene, source_id))
			continue;
		if (scalable)
			scalable_device(scene, source_id);
		else
			legacy_device(scene, source_id);
	}
	/* reserved, and abort mode */
	if (!tidy && dice_chance(&scene->dice, 2))
		scene->root_table_address |= 2ULL << 10;
	return scene;
}

void scene_destroy(struct scene *scene)
{
	memory_destroy(scene->memory);
	free(scene);
}

/* --- mutations --------------------------------------------------------------------------- */

static u64 flip(struct scene *scene, const struct scene_entry *entry, u64 value)
{
	struct dice *dice = &scene->dice;
	unsigned int width = scene->config.host_address_width;

	switch (dice_below(dice, 6)) {
	case 0:
		return value ^ BIT(dice_below(dice, 64));
	case 1:
		return value & ~3ULL;
	case 2:
		/* beyond the host */
		return value | BIT(width + dice_below(dice, 64 - width));
	case 3:
		/* into nothing, or to another page */
		return (value & ~ADDRESS_BITS) |
		       (SCENE_BASE + dice_below(dice, SCENE_PAGES) * 4096);
	default:
		return value ^ BIT(dice_below(dice, entry->kind == SCENE_PASID_ENTRY ? 10 : 12));
	}
}

struct scene_mutation scene_mutate(struct scene *scene)
{
	struct dice *dice = &scene->dice;
	const struct scene_entry *entry = &scene->entries[dice_below(dice, scene->entry_count)];
	struct scene_mutation mutation = { .none = false };
	enum scene_kind wanted = (enum scene_kind)dice_below(dice, SCENE_KINDS);
	unsigned int tries;

	/* entries on the way to paging tables are few, but as worthwhile */
	for (tries = 0; tries < 20 && entry->kind != wanted; tries++)
		entry = &scene->entries[dice_below(dice, scene->entry_count)];
	mutation.address =
		entry->address + 8 * dice_below(dice, entry->quads > 3 ? 3 : entry->quads);
	mutation.was = scene_load(scene, mutation.address);
	mutation.poisoned = dice_chance(dice, 10);
	if (mutation.poisoned)
		memory_poison(scene->memory, hpa(mutation.address), true);
	else
		scene_store(scene, mutation.address, flip(scene, entry, mutation.was));
	return mutation;
}

void scene_restore(struct scene *scene, const struct scene_mutation *mutation)
{
	if (mutation->none)
		return;
	if (mutation->poisoned)
		memory_poison(scene->memory, hpa(mutation->address), false);
	else
		scene_store(scene, mutation->address, mutation->was);
}

/* --- requests ---------------------------------------------------------------------------- */

static u64 request_address(struct scene *scene, const struct scene_space *space)
{
	struct dice *dice = &scene->dice;
	u64 address = space->inputs[dice_below(dice, space->input_count)];

	address |= dice_next(dice) & 0xfff;
	if (dice_chance(dice, 20))
		address ^= dice_next(dice) & 0x3ffff000;
	if (dice_chance(dice, 6))
		address ^= BIT(dice_below(dice, 64));
	if (dice_chance(dice, 2))
		address = 0xfee00000 | (address & 0xfffff);
	return address;
}

struct translation_request scene_request(struct scene *scene)
{
	struct dice *dice = &scene->dice;
	const struct scene_space *space = &scene->spaces[dice_below(dice, scene->space_count)];
	u64 kind = dice_below(dice, 100);
	struct translation_request request = {
		.source_id = space->source_id,
		.has_pasid = space->has_pasid,
		.pasid = space->has_pasid ? space->pasid : 0,
		.address = iova(request_address(scene, space)),
		.type = kind < 70   ? ADDRESS_UNTRANSLATED
			: kind < 93 ? ADDRESS_TRANSLATION_REQUEST
				    : ADDRESS_TRANSLATED,
		.access = (enum access)(1 << dice_below(dice, dice_chance(dice, 30) ? 3 : 2)),
		.privileged = dice_chance(dice, 30),
		.no_write = dice_chance(dice, 40),
		.len = 4,
	};

	if (request.type == ADDRESS_TRANSLATION_REQUEST && request.access == ACCESS_WRITE)
		request.access = ACCESS_READ; /* the message is a read: 4.2.1 */
	if (dice_chance(dice, 2))
		request.source_id ^= (u16)(1u << dice_below(dice, 16));
	if (dice_chance(dice, 4)) {
		request.has_pasid = true;
		request.pasid = (u32)(dice_next(dice) >> (44 + dice_below(dice, 20)));
	}
	if (dice_chance(dice, 2)) {
		request.has_pasid = true;
		request.pasid = space->pasid;
	}
	if (!request.has_pasid)
		request.privileged = false;
	return request;
}
