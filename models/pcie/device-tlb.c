/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device TLB: a cache of completions under tags of address, PASID, privilege and size.
 */
#include "device-tlb.h"

/*
 * Tag spaces: PASID 19:0, with PASID 20, privileged 21, size 29:24. A translation that is global may be
 * kept for all PASIDs (PCI Express 10.2.3), but need not: here each PASID keeps its own.
 */
#define TAG_PASID(space) ((u32)(space)&0xfffff)
#define TAG_HAS_PASID (1ULL << 20)
#define TAG_PRIVILEGED (1ULL << 21)
#define TAG_SIZE_SHIFT 24
#define TAG_SIZE(space) ((unsigned int)((space) >> TAG_SIZE_SHIFT) & 0x3f)

bool device_tlb_init(struct device_tlb *tlb, const struct cache_geometry *geometry)
{
	return cache_init(&tlb->cache, geometry, sizeof(u64));
}

static struct cache_tag tag_of(const struct translation_request *request, unsigned int shift)
{
	u64 space = (u64)(shift - MODEL_PAGE_SHIFT) << TAG_SIZE_SHIFT;

	if (request->has_pasid)
		space |= TAG_HAS_PASID | request->pasid;
	if (request->privileged)
		space |= TAG_PRIVILEGED;
	return (struct cache_tag){ shift < 64 ? request->address.v >> shift : 0, space };
}

u64 device_tlb_lookup(struct device_tlb *tlb, const struct translation_request *request,
		      unsigned int rights)
{
	const u64 *found = NULL;
	unsigned int n;

	for (n = 0; !found && tlb->sizes >> n; n++)
		if (tlb->sizes >> n & 1)
			found = cache_probe(&tlb->cache, tag_of(request, MODEL_PAGE_SHIFT + n));
	/* what grants less than is wanted may be out of date: it is asked for again */
	if (found && (ats_rights(*found) & rights) != rights)
		found = NULL;
	cache_count(&tlb->cache, found);
	return found ? *found : 0;
}

void device_tlb_fill(struct device_tlb *tlb, const struct translation_request *request,
		     u64 completion)
{
	unsigned int shift = ats_decode_range(completion).shift;
	u64 *entry = cache_fill(&tlb->cache, tag_of(request, shift));

	*entry = completion;
	tlb->sizes |= 1ULL << (shift - MODEL_PAGE_SHIFT);
}

struct match {
	const struct ats_invalidation *what;
	struct ats_range range;
};

static bool matches(void *arg, struct cache_tag tag, const void *entry)
{
	const struct match *match = arg;
	unsigned int shift = MODEL_PAGE_SHIFT + TAG_SIZE(tag.space);
	const struct ats_range own = { shift < 64 ? tag.key << shift : 0, shift };

	(void)entry;
	/* 10.3.8: an invalidation without PASID is for translations without, one with PASID for its own */
	if (match->what->has_pasid != !!(tag.space & TAG_HAS_PASID))
		return false;
	if (match->what->has_pasid && !(match->what->body & ATS_INVALIDATE_GLOBAL) &&
	    TAG_PASID(tag.space) != match->what->pasid)
		return false;
	return ats_ranges_overlap(own, match->range);
}

void device_tlb_invalidate(struct device_tlb *tlb, const struct ats_invalidation *invalidation)
{
	struct match match = { invalidation, ats_decode_range(invalidation->body) };

	cache_invalidate(&tlb->cache, matches, &match);
	if (!tlb->cache.valid)
		tlb->sizes = 0;
}

void device_tlb_clear(struct device_tlb *tlb)
{
	cache_invalidate(&tlb->cache, NULL, NULL);
	tlb->sizes = 0;
}
