/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of tables, and the invalidations that they demand: see transparency.h. */
#include "transparency.h"

#include "gtest_c.h"

#include <string.h>

static void store(struct rig *rig, u64 address, u64 value)
{
	memory_write(rig->memories[0], hpa(address), &value, sizeof(value));
	memory_write(rig->memories[1], hpa(address), &value, sizeof(value));
}

static u64 load(const struct rig *rig, u64 address)
{
	return scene_load(rig->scene, address);
}

static u64 pristine(const struct rig *rig, u64 address)
{
	u64 value = 0;

	memory_read(rig->pristine, hpa(address), &value, sizeof(value));
	return value;
}

/* --- invalidations: 6.5.2 ---------------------------------------------------------------- */

static void submit(struct rig *rig, enum demand demand, u64 low, u64 high)
{
	const u64 descriptor[4] = { low, high };
	unsigned int len = rig->wide ? 32 : 16, i;

	if (demand == rig->left_out)
		return;
	for (i = 0; i < 2; i++)
		memory_write(rig->memories[i], hpa(QUEUE + rig->tail), descriptor, len);
	rig->tail = (rig->tail + len) % 4096;
	for (i = 0; i < 2; i++) {
		vtd_mmio_write(rig->units[i], IQT, 8, rig->tail);
		EXPECT_EQ(vtd_mmio_read(rig->units[i], FSTS, 4) & BIT(4), 0);
	}
}

enum { BY_DOMAIN = 2, BY_DEVICE_OR_PAGE = 3 };

static void context_invalidate(struct rig *rig, enum demand demand, u16 domain_id, u16 source_id)
{
	submit(rig, demand, 1 | 3 << 4 | (u64)domain_id << 16 | (u64)source_id << 32, 0);
}

static void pasid_invalidate(struct rig *rig, enum demand demand, u16 domain_id, u32 pasid)
{
	submit(rig, demand, 7 | 1 << 4 | (u64)domain_id << 16 | (u64)pasid << 32, 0);
}

static void domain_iotlb_invalidate(struct rig *rig, enum demand demand, u16 domain_id)
{
	submit(rig, demand, 2 | BY_DOMAIN << 4 | (u64)domain_id << 16, 0);
}

static void pasid_iotlb_invalidate(struct rig *rig, enum demand demand,
				   const struct scene_space *space)
{
	submit(rig, demand,
	       6 | BY_DOMAIN << 4 | (u64)space->domain_id << 16 | (u64)space->pasid << 32, 0);
}

/* A range of addresses that an entry at some level stands for. */
struct span {
	u64 address;
	unsigned int level;
	bool leaf;
	enum demand demand, hint;
};

/* IH may be set where no entry that leads to tables has changed. */
static u64 address_am_ih(const struct rig *rig, const struct span *span)
{
	bool leaf_only = span->leaf || rig->left_out == span->hint;

	return (span->address & ~0xfffULL) | (leaf_only ? BIT(6) : 0) | 9 * (span->level - 1);
}

static void first_stage_invalidate(struct rig *rig, const struct scene_space *space,
				   const struct span *span)
{
	submit(rig, span->demand,
	       6 | BY_DEVICE_OR_PAGE << 4 | (u64)space->domain_id << 16 | (u64)space->pasid << 32,
	       address_am_ih(rig, span));
}

/* By pages, if the unit can for so many (CAP.PSI and MAMV). */
static void second_stage_invalidate(struct rig *rig, const struct scene_space *space,
				    const struct span *span)
{
	u64 cap = rig->scene->config.cap;

	if (!(cap & BIT(39)) || 9 * (span->level - 1) > (cap >> 48 & 63)) {
		domain_iotlb_invalidate(rig, span->demand, space->domain_id);
		return;
	}
	submit(rig, span->demand, 2 | BY_DEVICE_OR_PAGE << 4 | (u64)space->domain_id << 16,
	       address_am_ih(rig, span));
}

/* --- edits ------------------------------------------------------------------------------- */

static bool caching_mode(const struct rig *rig)
{
	return rig->scene->config.cap & BIT(7);
}

/* One of a few values. */
static u64 any(struct rig *rig, const u64 *values, unsigned int count)
{
	return values[dice_below(&rig->scene->dice, count)];
}

/* Another page of the same size, in host memory. */
static u64 another_page(struct rig *rig, u64 value, unsigned int level)
{
	u64 mask = (BIT(rig->scene->config.host_address_width) - 1) &
		   ~(BIT(12 + 9 * (level - 1)) - 1);

	return (value & ~(mask & ADDRESS_BITS)) |
	       (dice_next(&rig->scene->dice) & mask & 0x7fffff000 & ~0xfee00000ULL);
}

/* A present entry goes or changes; one that is not comes back. */
static u64 changed(struct rig *rig, u64 address, const u64 present, const u64 *flips,
		   unsigned int count)
{
	u64 value = load(rig, address);

	if (!(value & present))
		return pristine(rig, address);
	if (dice_chance(&rig->scene->dice, 40))
		return value & ~present;
	return value ^ any(rig, flips, count);
}

/* A page in the place of a table, where the unit has pages of that size. */
static bool becomes_page(struct rig *rig, unsigned int level, bool sizes[4])
{
	return level < 4 && sizes[level] && dice_chance(&rig->scene->dice, 20);
}

static u64 page_of(struct rig *rig, u64 table, unsigned int level)
{
	return another_page(rig, (table & ~ADDRESS_BITS) | BIT(7), level);
}

static void edit_first_stage(struct rig *rig, const struct scene_space *space, u64 input)
{
	static const u64 flips[] = { BIT(1), BIT(2), BIT(1) | BIT(2) };
	bool sizes[4] = { [2] = true, [3] = rig->scene->config.cap & BIT(56) };
	unsigned int level = 1 + (unsigned int)dice_below(&rig->scene->dice, space->first_levels);
	u64 at = scene_first_entry(rig->scene, space, input, level);
	struct span span = { .address = input, .level = level };
	u64 was, now;

	if (!at)
		return;
	was = load(rig, at);
	if (!((was | pristine(rig, at)) & 1))
		return;
	span.leaf = level == 1 || (was & BIT(7));
	now = changed(rig, at, 1, flips, 3);
	if (!span.leaf && (was & now & 1) && becomes_page(rig, level, sizes))
		now = page_of(rig, was, level);
	if (span.leaf && (was & now & 1) && dice_chance(&rig->scene->dice, 40) &&
	    !space->second_levels)
		now = another_page(rig, was, level);
	store(rig, at, now);
	span.demand = span.leaf ? FIRST_LEAF_PASID_IOTLB : FIRST_TABLE_PASID_IOTLB;
	span.hint = FIRST_TABLE_HINT;
	/* whatever CM is, first-stage entries that are not present are not cached */
	if (was & 1)
		first_stage_invalidate(rig, space, &span);
}

static void edit_second_stage(struct rig *rig, const struct scene_space *space, u64 input)
{
	static const u64 flips[] = { BIT(0), BIT(1), BIT(0) | BIT(1) };
	bool sizes[4] = {
		[2] = rig->scene->config.cap & BIT(34), [3] = rig->scene->config.cap & BIT(35)
	};
	unsigned int level = 1 + (unsigned int)dice_below(&rig->scene->dice, space->second_levels);
	u64 at = scene_second_entry(rig->scene, space, input, level);
	struct span span = { .address = input, .level = level, .hint = SECOND_TABLE_HINT };
	u64 was, now;
	bool present;

	if (!at)
		return;
	was = load(rig, at);
	if (!((was | pristine(rig, at)) & 3))
		return;
	/* X makes an entry present too where it counts */
	present = was & 7;
	span.leaf = level == 1 || (was & BIT(7));
	now = was & 3 ? changed(rig, at, 7, flips, 3) : pristine(rig, at);
	if (span.leaf && (was & now & 3) && dice_chance(&rig->scene->dice, 40))
		now = another_page(rig, was, level);
	if (!span.leaf && (was & now & 3) && becomes_page(rig, level, sizes))
		now = page_of(rig, was, level);
	store(rig, at, now);
	if (!present && !caching_mode(rig))
		return;
	span.demand = !present    ? ABSENT_SECOND_IOTLB
		      : span.leaf ? SECOND_LEAF_IOTLB
				  : SECOND_TABLE_IOTLB;
	/* what was not there was neither a table nor a page */
	span.leaf = span.leaf && present;
	second_stage_invalidate(rig, space, &span);
}

/* All domains of a device, in scalable mode: after its context entry has changed. */
static void device_domains_invalidate(struct rig *rig, u16 source_id)
{
	const struct scene *scene = rig->scene;
	unsigned int i;

	for (i = 0; i < scene->space_count; i++) {
		const struct scene_space *space = &scene->spaces[i];

		if (space->source_id != source_id)
			continue;
		submit(rig, CONTEXT_PASID, 7 | (u64)space->domain_id << 16, 0);
		domain_iotlb_invalidate(rig, CONTEXT_IOTLB, space->domain_id);
	}
}

/* An empty table, of which there is one on every machine: behind all others. */
static u64 empty_table(const struct rig *rig)
{
	return SCENE_BASE + (u64)rig->scene->page_count * 4096;
}

/* --- twins ------------------------------------------------------------------------------- */

/*
 * Behind the empty table is room for twins: copies of the tables on the way to an address space, which in the end lead
 * to an empty table of the stage that is its first. What led to the table leads to the twin instead, until a
 * later edit takes that back; only then may there be another.
 */
enum twin { TWIN_PASID_TABLE = 1, TWIN_DIRECTORY, TWIN_CONTEXT_TABLE };

static u64 twin_page(const struct rig *rig, enum twin twin)
{
	return empty_table(rig) + twin * 4096ULL;
}

static void copy_table(struct rig *rig, u64 from, enum twin twin)
{
	u64 at;

	for (at = 0; at < 4096; at += 8)
		store(rig, twin_page(rig, twin) + at, load(rig, (from & ~0xfffULL) + at));
}

/* The twin of an entry. */
static u64 in_twin(const struct rig *rig, u64 entry, enum twin twin)
{
	return twin_page(rig, twin) + (entry & 0xfff);
}

static u64 with_pointer(u64 entry, u64 pointer)
{
	return (entry & ~ADDRESS_BITS) | pointer;
}

static void make_pasid_table(struct rig *rig, const struct scene_space *space)
{
	u64 entry = in_twin(rig, space->pasid_entry, TWIN_PASID_TABLE);
	u64 at = space->first_levels ? entry + 16 : entry;
	u64 empty = empty_table(rig);

	copy_table(rig, space->pasid_entry, TWIN_PASID_TABLE);
	if (space->first_levels && space->second_levels)
		empty += rig->scene->guest_offset;
	store(rig, at, with_pointer(load(rig, at), empty));
}

/* False where the directory is larger than a twin's. */
static bool make_directory(struct rig *rig, const struct scene_space *space)
{
	u64 directory = load(rig, space->context_entry) & ADDRESS_BITS;
	u64 entry = in_twin(rig, space->directory_entry, TWIN_DIRECTORY);

	if (space->directory_entry >> 12 != directory >> 12)
		return false;
	make_pasid_table(rig, space);
	copy_table(rig, directory, TWIN_DIRECTORY);
	store(rig, entry, with_pointer(load(rig, entry), twin_page(rig, TWIN_PASID_TABLE)));
	return true;
}

/* All spaces of the device have their directory entries in the directory's first page. */
static bool directory_is_small(const struct rig *rig, const struct scene_space *space)
{
	u64 directory = load(rig, space->context_entry) & ADDRESS_BITS;
	unsigned int i;

	for (i = 0; i < rig->scene->space_count; i++) {
		const struct scene_space *other = &rig->scene->spaces[i];

		if (other->context_entry == space->context_entry &&
		    other->directory_entry >> 12 != directory >> 12)
			return false;
	}
	return true;
}

static bool make_context_table(struct rig *rig, const struct scene_space *space)
{
	u64 entry = in_twin(rig, space->context_entry, TWIN_CONTEXT_TABLE);

	if (!make_directory(rig, space))
		return false;
	copy_table(rig, space->context_entry, TWIN_CONTEXT_TABLE);
	store(rig, entry, with_pointer(load(rig, entry), twin_page(rig, TWIN_DIRECTORY)));
	return true;
}

/* Has the entry at address lead to the twin of its table. */
static u64 use_twin(struct rig *rig, u64 address, enum twin twin)
{
	rig->twin.address = address;
	rig->twin.was = load(rig, address);
	return with_pointer(rig->twin.was, twin_page(rig, twin));
}

/* Of an entry on a scalable-mode way: what its twin is, its table, or a change of its flags. */
static u64 changed_or_twin(struct rig *rig, const struct scene_space *space, u64 address,
			   const u64 *flips, unsigned int count)
{
	struct dice *dice = &rig->scene->dice;
	bool has_stage = space->first_levels || space->second_levels;
	u64 value = load(rig, address);

	if (rig->twin.address == address && dice_chance(dice, 50)) {
		rig->twin.address = 0;
		return rig->twin.was;
	}
	if (!rig->wide || rig->twin.address || !has_stage || !(value & 1) ||
	    !directory_is_small(rig, space) || dice_chance(dice, 40))
		return changed(rig, address, 1, flips, count);
	if (address == space->root_entry && make_context_table(rig, space))
		return use_twin(rig, address, TWIN_CONTEXT_TABLE);
	if (address == space->context_entry && make_directory(rig, space))
		return use_twin(rig, address, TWIN_DIRECTORY);
	if (address == space->directory_entry) {
		make_pasid_table(rig, space);
		return use_twin(rig, address, TWIN_PASID_TABLE);
	}
	return value ^ 1;
}

/* --- the way ----------------------------------------------------------------------------- */

static void edit_root(struct rig *rig, const struct scene_space *space)
{
	static const u64 flips[] = { 1 };
	u64 was = load(rig, space->root_entry);

	store(rig, space->root_entry, changed_or_twin(rig, space, space->root_entry, flips, 1));
	if (!(was & 1) && !caching_mode(rig))
		return;
	submit(rig, ROOT_CONTEXT, 1 | 1 << 4, 0);
	if (rig->wide)
		submit(rig, ROOT_PASID, 7 | 3 << 4, 0);
	submit(rig, ROOT_IOTLB, 2 | 1 << 4, 0);
}

static void edit_scalable_context(struct rig *rig, const struct scene_space *space)
{
	static const u64 flips[] = { BIT(1), BIT(3) };
	u64 was = load(rig, space->context_entry);
	u64 now = changed_or_twin(rig, space, space->context_entry, flips,
				  rig->scene->config.ecap >> 40 & 1 ? 2 : 1);

	store(rig, space->context_entry, now);
	if (!(was & 1) && !caching_mode(rig))
		return;
	context_invalidate(rig, was & 1 ? CONTEXT_CONTEXT : ABSENT_CONTEXT_CONTEXT, 0,
			   space->source_id);
	device_domains_invalidate(rig, space->source_id);
}

static void edit_legacy_context(struct rig *rig, const struct scene_space *space)
{
	u64 at = space->context_entry, was = load(rig, at), now = was ^ 1;

	if (!(was & 1))
		now = pristine(rig, at);
	else if (dice_chance(&rig->scene->dice, 20))
		now = was ^ BIT(1); /* FPD */
	else if (space->pgtt != 4 && dice_chance(&rig->scene->dice, 50))
		now = (was & ~ADDRESS_BITS) |
		      ((was & ADDRESS_BITS) == empty_table(rig) ? space->second_root
								: empty_table(rig));
	store(rig, at, now);
	if (!(was & 1) && !caching_mode(rig))
		return;
	/* Section 6.2.2: what is not there is cached under domain 0 */
	if (was & 1)
		context_invalidate(rig, LEGACY_CONTEXT_CONTEXT, space->domain_id, space->source_id);
	else
		context_invalidate(rig, ABSENT_CONTEXT_CONTEXT, 0, space->source_id);
	domain_iotlb_invalidate(rig, LEGACY_CONTEXT_IOTLB, space->domain_id);
}

static bool same_directory_entry(const struct scene_space *a, const struct scene_space *b)
{
	return a->directory_entry == b->directory_entry;
}

static void edit_directory(struct rig *rig, const struct scene_space *space)
{
	static const u64 flips[] = { BIT(1) };
	const struct scene *scene = rig->scene;
	u64 was = load(rig, space->directory_entry);
	unsigned int i;

	store(rig, space->directory_entry,
	      changed_or_twin(rig, space, space->directory_entry, flips, 1));
	if (!(was & 1) && !caching_mode(rig))
		return;
	for (i = 0; i < scene->space_count; i++) {
		const struct scene_space *other = &scene->spaces[i];

		if (!same_directory_entry(space, other))
			continue;
		pasid_invalidate(rig, was & 1 ? DIRECTORY_PASID : ABSENT_PASID_ENTRY_PASID,
				 was & 1 ? other->domain_id : 0, other->pasid);
		domain_iotlb_invalidate(rig, DIRECTORY_IOTLB, other->domain_id);
	}
}

/* An entry that comes back may come with another second stage, as long as nobody else has its domain. */
static void restore_pasid_entry(struct rig *rig, const struct scene_space *space)
{
	u64 low = pristine(rig, space->pasid_entry);

	if (space->second_levels && dice_chance(&rig->scene->dice, 30))
		low = (low & ~ADDRESS_BITS) | empty_table(rig);
	store(rig, space->pasid_entry, low);
	store(rig, space->pasid_entry + 16, pristine(rig, space->pasid_entry + 16));
	/* Section 6.2.3: what is not there is cached under domain 0 */
	if (caching_mode(rig)) {
		pasid_invalidate(rig, ABSENT_PASID_ENTRY_PASID, 0, space->pasid);
		domain_iotlb_invalidate(rig, ALWAYS, space->domain_id);
	}
}

static void remove_pasid_entry(struct rig *rig, const struct scene_space *space)
{
	store(rig, space->pasid_entry, load(rig, space->pasid_entry) & ~1ULL);
	pasid_invalidate(rig, PASID_ENTRY_PASID, space->domain_id, space->pasid);
	if (space->second_levels)
		domain_iotlb_invalidate(rig, ABSENT_PASID_ENTRY_IOTLB, space->domain_id);
	else
		pasid_iotlb_invalidate(rig, PASID_ENTRY_PASID_IOTLB, space);
}

/* Fields of the third quadword: another first-stage table, WPE, SMEP; FPD of the first. */
static void change_pasid_entry(struct rig *rig, const struct scene_space *space)
{
	static const u64 flips[] = { BIT(4), BIT(6) };
	u64 at = space->pasid_entry + 16, was = load(rig, at);

	if (!space->first_levels)
		store(rig, space->pasid_entry, load(rig, space->pasid_entry) ^ BIT(1));
	else if (dice_chance(&rig->scene->dice, 60))
		store(rig, at,
		      (was & ~(u64)ADDRESS_BITS) |
			      ((was & ADDRESS_BITS) == space->first_root
				       ? empty_table(rig) + rig->scene->guest_offset
				       : space->first_root));
	else
		store(rig, at, was ^ any(rig, flips, 2));
	pasid_invalidate(rig, PASID_ENTRY_PASID, space->domain_id, space->pasid);
	pasid_iotlb_invalidate(rig, PASID_ENTRY_PASID_IOTLB, space);
}

static void edit_pasid_entry(struct rig *rig, const struct scene_space *space)
{
	if (!(load(rig, space->pasid_entry) & 1))
		restore_pasid_entry(rig, space);
	else if (dice_chance(&rig->scene->dice, 40))
		remove_pasid_entry(rig, space);
	else
		change_pasid_entry(rig, space);
}

static void edit_way(struct rig *rig, const struct scene_space *space)
{
	switch (dice_below(&rig->scene->dice, 6)) {
	case 0:
		edit_root(rig, space);
		return;
	case 1:
	case 2:
		if (rig->wide)
			edit_scalable_context(rig, space);
		else
			edit_legacy_context(rig, space);
		return;
	case 3:
		if (rig->wide)
			edit_directory(rig, space);
		return;
	default:
		if (rig->wide)
			edit_pasid_entry(rig, space);
		return;
	}
}

/* Guest-physical addresses that the second stage is asked for: pages of tables, or where input leads. */
static u64 second_stage_input(struct rig *rig, const struct scene_space *space, u64 input)
{
	unsigned int level = 1 + (unsigned int)dice_below(&rig->scene->dice, 5);
	u64 at;

	if (!space->first_levels)
		return input;
	if (level > space->first_levels)
		level = 1;
	at = scene_first_entry(rig->scene, space, input, level);
	if (!at)
		return space->first_root;
	/* no page that a first stage may lead to lies beyond the second stage's width */
	return dice_chance(&rig->scene->dice, 50)
		       ? at + rig->scene->guest_offset
		       : load(rig, at) & ADDRESS_BITS & (BIT(12 + 9 * space->second_levels) - 1);
}

void rig_edit(struct rig *rig)
{
	struct dice *dice = &rig->scene->dice;
	const struct scene_space *space =
		&rig->scene->spaces[dice_below(dice, rig->scene->space_count)];
	u64 input = space->inputs[dice_below(dice, space->input_count)];
	bool first = space->first_levels && dice_chance(dice, 50);

	if (dice_chance(dice, 30) || (!space->first_levels && !space->second_levels))
		edit_way(rig, space);
	else if (first || !space->second_levels)
		edit_first_stage(rig, space, input);
	else
		edit_second_stage(rig, space, second_stage_input(rig, space, input));
}
