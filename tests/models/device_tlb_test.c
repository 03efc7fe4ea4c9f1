/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device TLB by itself: what is kept apart, and what an invalidation removes. How a function uses it is
 * ats_test.c's.
 */
#include "gtest_c.h"
#include "pcie/device-tlb.h"

#define PLACE 0x40000000ULL

static struct device_tlb make(void)
{
	const struct cache_geometry geometry = { .entries = 8, .assoc = 8 };
	struct device_tlb tlb = { .sizes = 0 };

	EXPECT_TRUE(device_tlb_init(&tlb, &geometry));
	return tlb;
}

static struct translation_request request_of(u64 address, bool has_pasid, bool privileged)
{
	return (struct translation_request){
		.address = iova(address),
		.has_pasid = has_pasid,
		.pasid = has_pasid ? 7 : 0,
		.privileged = privileged,
	};
}

TEST(device_tlb, keeps_privileged_translations_apart)
{
	struct device_tlb tlb = make();
	const struct translation_request user = request_of(0x5000, true, false);
	const struct translation_request supervisor = request_of(0x5000, true, true);

	device_tlb_fill(&tlb, &supervisor, PLACE | ATS_READ | ATS_PRIVILEGED);
	EXPECT_EQ(device_tlb_lookup(&tlb, &user, ACCESS_READ), 0);
	EXPECT_EQ(device_tlb_lookup(&tlb, &supervisor, ACCESS_READ),
		  PLACE | ATS_READ | ATS_PRIVILEGED);
	EXPECT_EQ(device_tlb_lookup(&tlb, &supervisor, ACCESS_WRITE), 0);
	cache_free(&tlb.cache);
}

TEST(device_tlb, holds_a_translation_of_all_addresses)
{
	struct device_tlb tlb = make();
	const struct translation_request asked = request_of(0x5000, false, false);
	const struct translation_request other = request_of(0xfffffffffffff000ULL, false, false);
	const struct ats_invalidation page = { .body = 0x123456789000ULL };

	device_tlb_fill(&tlb, &asked, ATS_ADDRESS | ATS_SIZE | ATS_READ);
	EXPECT_NE(device_tlb_lookup(&tlb, &other, ACCESS_READ), 0);
	/* whatever page is invalidated is one of it */
	device_tlb_invalidate(&tlb, &page);
	EXPECT_EQ(device_tlb_lookup(&tlb, &asked, ACCESS_READ), 0);
	EXPECT_EQ(tlb.sizes, 0);
	cache_free(&tlb.cache);
}

TEST(device_tlb, an_invalidation_of_a_pasid_leaves_others_and_a_global_one_none)
{
	struct device_tlb tlb = make();
	struct translation_request seven = request_of(0x5000, true, false), eight = seven;
	const struct ats_invalidation own = { .has_pasid = true, .pasid = 7, .body = 0x5000 };
	const struct ats_invalidation all = {
		.has_pasid = true,
		.pasid = 7,
		.body = 0x5000 | ATS_INVALIDATE_GLOBAL,
	};

	eight.pasid = 8;
	device_tlb_fill(&tlb, &seven, PLACE | ATS_READ);
	device_tlb_fill(&tlb, &eight, PLACE | ATS_READ);
	device_tlb_invalidate(&tlb, &own);
	EXPECT_EQ(device_tlb_lookup(&tlb, &seven, ACCESS_READ), 0);
	EXPECT_NE(device_tlb_lookup(&tlb, &eight, ACCESS_READ), 0);
	device_tlb_invalidate(&tlb, &all);
	EXPECT_EQ(device_tlb_lookup(&tlb, &eight, ACCESS_READ), 0);
	cache_free(&tlb.cache);
}
