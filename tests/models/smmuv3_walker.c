// SPDX-License-Identifier: Apache-2.0
/*
 * The second SMMUv3: see smmuv3_walker.h. Bits are counted as the architecture prints them.
 */
#include "smmuv3_walker.h"

enum {
	BAD_STREAMID = 2,
	STE_FETCH = 3,
	BAD_STE = 4,
	STREAM_DISABLED = 6,
	BAD_SUBSTREAMID = 8,
	CD_FETCH = 9,
	BAD_CD = 10,
	WALK_EABT = 11,
	TRANSLATION = 0x10,
	ADDR_SIZE = 0x11,
	ACCESS = 0x12,
	PERMISSION = 0x13,
	ABORTED = 0x100, /* without an event */
};

/* One stage's tables. */
struct stage {
	bool second;
	bool on;
	unsigned int granule; /* log2 */
	unsigned int size; /* of the input, in bits */
	unsigned int level; /* first */
	unsigned int out; /* bits */
	u64 base;
	bool af_ignored;
};

/* One translation under way; event is its end if it is not 0. */
struct way {
	const struct walker *w;
	const struct translation_request *request;
	u64 ste[8], cd[8];
	struct stage s2;
	unsigned int event;
};

static u64 get(const u64 *structure, unsigned int hi, unsigned int lo)
{
	u64 value = structure[lo / 64] >> lo % 64;

	return hi - lo == 63 ? value : value & ((1ULL << (hi - lo + 1)) - 1);
}

static u64 align_down(u64 address, u64 size)
{
	return address - address % size;
}

static bool load(struct way *y, u64 address, u64 *to, unsigned int quadwords, unsigned int event)
{
	for (unsigned int i = 0; i < quadwords; i++)
		if (memory_read(y->w->mem, hpa(address + 8 * i), &to[i], 8) != PORT_OK)
			y->event = event;
	return !y->event;
}

/* ---- the walk ---- */

struct leaf {
	u64 address; /* of the input's byte */
	u64 descriptor;
	u64 table_ap, table_pxn, table_uxn;
};

static bool second_stage(struct way *y, u64 ipa, unsigned int rights, u64 *pa);

static unsigned int cover(const struct stage *s, unsigned int level)
{
	return s->granule + (3 - level) * (s->granule - 3);
}

static bool may_be_block(const struct way *y, const struct stage *s, unsigned int level)
{
	if (s->granule == 12)
		return level == 1 || level == 2;
	if (s->granule == 16 && y->w->oas == 52)
		return level == 1 || level == 2;
	return level == 2;
}

static u64 next_address(const struct way *y, const struct stage *s, u64 descriptor)
{
	u64 address = align_down(descriptor % (1ULL << 48), 1ULL << s->granule);

	if (s->granule == 16 && y->w->oas == 52)
		address += get(&descriptor, 15, 12) << 48;
	return address;
}

static bool walk(struct way *y, const struct stage *s, u64 input, struct leaf *leaf)
{
	u64 table = s->base;

	*leaf = (struct leaf){ 0 };
	for (unsigned int level = s->level;; level++) {
		u64 entries = level == s->level ? 1ULL << (s->size - cover(s, level))
						: 1ULL << (s->granule - 3);
		u64 at = table + (input >> cover(s, level)) % entries * 8, d, next, page;

		if (!s->second && y->s2.on && !second_stage(y, at, ACCESS_READ, &at))
			return false;
		if (!load(y, at, &d, 1, WALK_EABT))
			return false;
		next = next_address(y, s, d);
		if (get(&d, 0, 0) && get(&d, 1, 1) && level < 3) {
			if (next >> s->out)
				y->event = ADDR_SIZE;
			if (y->event)
				return false;
			leaf->table_uxn |= get(&d, 60, 60);
			leaf->table_pxn |= get(&d, 59, 59);
			leaf->table_ap |= get(&d, 62, 61);
			table = next;
			continue;
		}
		page = 1ULL << cover(s, level);
		if (!get(&d, 0, 0) || (!get(&d, 1, 1) && !may_be_block(y, s, level)))
			y->event = TRANSLATION;
		else if (align_down(next, page) >> s->out)
			y->event = ADDR_SIZE;
		else if (!get(&d, 10, 10) && !s->af_ignored)
			y->event = ACCESS;
		leaf->descriptor = d;
		leaf->address = align_down(next, page) + input % page;
		return !y->event;
	}
}

static bool second_stage(struct way *y, u64 ipa, unsigned int rights, u64 *pa)
{
	struct leaf leaf;
	unsigned int granted;

	if (ipa >> y->s2.size)
		y->event = TRANSLATION;
	if (y->event || !walk(y, &y->s2, ipa, &leaf))
		return false;
	granted = (get(&leaf.descriptor, 6, 6) ? ACCESS_READ : 0) |
		  (get(&leaf.descriptor, 7, 7) ? ACCESS_WRITE : 0) |
		  (get(&leaf.descriptor, 54, 54) ? 0 : ACCESS_EXECUTE);
	if (!(granted & rights))
		y->event = PERMISSION;
	*pa = leaf.address;
	return !y->event;
}

/* ---- configuration ---- */

static unsigned int size_of(const struct way *y, u64 code, unsigned int granule)
{
	static const unsigned int sizes[] = { 32, 36, 40, 42, 44, 48, 52, 52 };
	unsigned int size = sizes[code] < y->w->oas ? sizes[code] : y->w->oas;

	return granule != 16 && size > 48 ? 48 : size;
}

static void finish_stage(struct stage *s, u64 base)
{
	u64 bytes = 8ULL << (s->size - cover(s, s->level));

	if (s->out == 52 && bytes < 64)
		bytes = 64;
	s->base = align_down(base, bytes);
	s->on = true;
}

/* False: illegal. */
static bool read_second(struct way *y)
{
	static const unsigned int granules[] = { 12, 16, 14, 0 };
	struct stage *s = &y->s2;
	u64 sl0 = get(y->ste, 167, 166), base = get(y->ste, 243, 196) << 4;
	unsigned int most;

	s->second = true;
	s->granule = granules[get(y->ste, 175, 174)];
	s->size = 64 - (unsigned int)get(y->ste, 165, 160);
	s->out = size_of(y, get(y->ste, 178, 176), s->granule);
	s->af_ignored = get(y->ste, 181, 181);
	if (!s->granule || sl0 == 3 || base >> s->out)
		return false;
	/* S2S, S2HA, S2HD, S2ENDI; S2AA64 */
	if (get(y->ste, 185, 183) || get(y->ste, 180, 180) || !get(y->ste, 179, 179))
		return false;
	most = s->granule == 16 && y->w->oas == 52 ? 52 : 48;
	if (s->size < 25 || s->size > most || s->size > y->w->oas)
		return false;
	s->level = (s->granule == 12 ? 2 : 3) - (unsigned int)sl0;
	if (sl0 == 2 && y->w->oas < (s->granule == 14 ? 42 : 44))
		return false;
	/* at least one bit at the first level; at most 16 tables there */
	if (s->size <= cover(s, s->level) || s->size > cover(s, s->level) + s->granule - 3 + 4)
		return false;
	finish_stage(s, base);
	return true;
}

static bool ste_legal(struct way *y, bool first, bool second)
{
	if (first) {
		if (get(y->ste, 91, 91) || get(y->ste, 63, 59) > y->w->ssid_bits)
			return false;
		if (!second && get(y->ste, 51, 6) << 6 >> y->w->oas)
			return false;
	}
	if (second && !read_second(y))
		return false;
	return y->w->vmid16 || get(y->ste, 143, 136) == 0;
}

static bool find_ste(struct way *y)
{
	unsigned int bits = y->w->strtab_base_cfg & 0x3f, split = y->w->strtab_base_cfg >> 6 & 0x1f;
	u64 sid = y->request->source_id, d, span, at;

	if (bits > y->w->sid_bits)
		bits = y->w->sid_bits;
	y->event = sid >> bits ? BAD_STREAMID : 0;
	if (y->event)
		return false;
	if (y->w->strtab_base_cfg >> 16 != 1)
		return load(y, align_down(y->w->strtab_base, 64ULL << bits) + sid * 64, y->ste, 8,
			    STE_FETCH);
	if (split != 8 && split != 10)
		split = 6;
	at = align_down(y->w->strtab_base, bits > split + 3 ? 8ULL << (bits - split) : 64);
	if (!load(y, at + (sid >> split) * 8, &d, 1, STE_FETCH))
		return false;
	span = get(&d, 4, 0);
	if (!span || span > split + 1 || sid % (1ULL << split) >= 1ULL << (span - 1))
		y->event = BAD_STREAMID;
	if (y->event)
		return false;
	at = align_down(get(&d, 51, 6) << 6, 64ULL << (span - 1));
	return load(y, at + sid % (1ULL << split) * 64, y->ste, 8, STE_FETCH);
}

static bool load_cd(struct way *y, u64 at, u64 *to, unsigned int quadwords)
{
	if (y->s2.on && !second_stage(y, at, ACCESS_READ, &at))
		return false;
	return load(y, at, to, quadwords, CD_FETCH);
}

static bool find_cd(struct way *y, u64 ssid)
{
	unsigned int bits = (unsigned int)get(y->ste, 63, 59), format = get(y->ste, 5, 4) & 3;
	unsigned int split = format == 1 ? 6 : format == 2 ? 10 : 0;
	u64 base = get(y->ste, 51, 6) << 6, d, leaf;

	if (!bits || !split)
		return load_cd(y, align_down(base, 64ULL << bits) + ssid * 64, y->cd, 8);
	base = align_down(base, bits > split + 3 ? 8ULL << (bits - split) : 64);
	if (!load_cd(y, base + (ssid >> split) * 8, &d, 1))
		return false;
	leaf = align_down(get(&d, 51, 12) << 12, 64ULL << split);
	if (!get(&d, 0, 0) || (!y->s2.on && leaf >> y->w->oas))
		y->event = BAD_SUBSTREAMID;
	if (y->event)
		return false;
	return load_cd(y, leaf + ssid % (1ULL << split) * 64, y->cd, 8);
}

/* ---- stage 1 ---- */

/* One half of a CD; false: illegal. */
static bool read_first(const struct way *y, bool high, struct stage *s)
{
	static const unsigned int low_granules[] = { 12, 16, 14, 0 };
	static const unsigned int high_granules[] = { 0, 14, 12, 16 };
	u64 base = (high ? get(y->cd, 179, 132) : get(y->cd, 115, 68)) << 4;

	*s = (struct stage){ .af_ignored = get(y->cd, 35, 35) };
	s->granule = high ? high_granules[get(y->cd, 23, 22)] : low_granules[get(y->cd, 7, 6)];
	s->size = 64 - (unsigned int)(high ? get(y->cd, 21, 16) : get(y->cd, 5, 0));
	s->out = size_of(y, get(y->cd, 34, 32), s->granule);
	if (!s->granule || s->size < 25 || s->size > 48 || base >> s->out)
		return false;
	/* the last level from whose entries all bits above follow */
	for (s->level = 3; cover(s, s->level) + s->granule - 3 < s->size; s->level--)
		;
	finish_stage(s, base);
	return true;
}

static bool cd_legal(const struct way *y, struct stage halves[2])
{
	bool off[2] = { get(y->cd, 14, 14), get(y->cd, 30, 30) };

	/* V; A; AA64; S; HD, HA */
	if (!get(y->cd, 31, 31) || !get(y->cd, 46, 46) || !get(y->cd, 41, 41) ||
	    get(y->cd, 44, 44) || get(y->cd, 43, 42))
		return false;
	if (get(y->cd, 15, 15) && !(off[0] && off[1]))
		return false;
	if (!y->w->asid16 && get(y->cd, 63, 56))
		return false;
	for (int half = 0; half < 2; half++) {
		halves[half] = (struct stage){ .on = false };
		if (!off[half] && !read_first(y, half, &halves[half]))
			return false;
	}
	return true;
}

static bool first_permits(const struct way *y, const struct leaf *leaf)
{
	bool user = get(&leaf->descriptor, 6, 6) && !(leaf->table_ap & 1);
	bool writable = !get(&leaf->descriptor, 7, 7) && !(leaf->table_ap & 2);
	bool wxn = get(y->cd, 36, 36), pan = get(y->cd, 40, 40);

	if (y->request->privileged) {
		if (y->request->access == ACCESS_EXECUTE)
			return !get(&leaf->descriptor, 53, 53) && !leaf->table_pxn &&
			       !(user && writable) && !(wxn && writable);
		return !(pan && user) && (writable || y->request->access == ACCESS_READ);
	}
	if (y->request->access == ACCESS_EXECUTE)
		return !get(&leaf->descriptor, 54, 54) && !leaf->table_uxn &&
		       !(wxn && user && writable);
	return user && (writable || y->request->access == ACCESS_READ);
}

static bool first_stage(struct way *y, u64 va, u64 *ipa)
{
	struct stage halves[2], *s;
	bool high = get(&va, 55, 55);
	bool tbi = get(y->cd, high ? 39 : 38, high ? 39 : 38);
	struct leaf leaf;

	if (!cd_legal(y, halves))
		y->event = BAD_CD;
	if (y->event)
		return false;
	s = &halves[high];
	for (unsigned int bit = s->size; s->on && bit < (tbi ? 56 : 64); bit++)
		if (get(&va, bit, bit) != high)
			y->event = TRANSLATION;
	if (!s->on)
		y->event = TRANSLATION;
	if (y->event || !walk(y, s, va % (1ULL << s->size), &leaf))
		return false;
	if (!first_permits(y, &leaf))
		y->event = PERMISSION;
	*ipa = leaf.address;
	return !y->event;
}

/* ---- the whole ---- */

/* Which CD, if any: false with an event. */
static bool find_substream(struct way *y, bool *first, u64 *ssid)
{
	u64 bits = get(y->ste, 63, 59), dss = get(y->ste, 65, 64);

	*ssid = y->request->has_pasid ? y->request->pasid : 0;
	if (y->request->has_pasid) {
		if (!*first || !bits || *ssid >> bits)
			y->event = BAD_SUBSTREAMID;
		else if (!*ssid && dss == 2)
			y->event = STREAM_DISABLED;
	} else if (*first && bits) {
		if (dss == 1)
			*first = false;
		else if (dss != 2)
			y->event = STREAM_DISABLED;
	}
	return !y->event;
}

static void translate(struct way *y, u64 *address)
{
	u64 config, ssid;
	bool first, second;

	if (!find_ste(y))
		return;
	config = get(y->ste, 3, 1);
	first = config & 1 && config & 4;
	second = config & 2 && config & 4;
	if (!get(y->ste, 0, 0) || ((first || second) && !ste_legal(y, first, second)))
		y->event = BAD_STE;
	else if (!(config & 4))
		y->event = ABORTED;
	if (y->event || !find_substream(y, &first, &ssid))
		return;
	if (first) {
		if (!find_cd(y, ssid) || !first_stage(y, *address, address))
			return;
	} else if (*address >> y->w->oas) {
		y->event = ADDR_SIZE;
	}
	if (!y->event && second)
		second_stage(y, *address, y->request->access, address);
}

struct walker_answer walker_translate(const struct walker *w,
				      const struct translation_request *request)
{
	struct way y = { .w = w, .request = request };
	u64 address = request->address.v;

	translate(&y, &address);
	return (struct walker_answer){ y.event, y.event ? 0 : address };
}
