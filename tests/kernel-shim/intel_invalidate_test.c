// SPDX-License-Identifier: Apache-2.0
/*
 * Invalidations that a guest passes down through the Intel driver: which are valid, and what they
 * do.
 */
#include "intel_nesting.h"

#include "iommu/intel/intel.h"

#define OTHER_DATA (GUEST_DATA + SZ_4K)

/* The guest changes its table; what the device sees then is the IOMMU's business. */
static void guest_remap(struct rig *rig, const struct guest *guest, u64 page)
{
	guest_map(rig, guest, GUEST_VIRTUAL, page);
}

static struct iommu_cache_invalidate_info request(u8 cache, u8 granularity)
{
	return (struct iommu_cache_invalidate_info){
		.version = IOMMU_CACHE_INVALIDATE_INFO_VERSION_1,
		.cache = cache,
		.granularity = granularity,
	};
}

static int invalidate(struct rig *rig, const struct guest *guest,
		      struct iommu_cache_invalidate_info info)
{
	return iommu_cache_invalidate(guest->domain, rig_device(rig, 0), &info);
}

static struct iommu_cache_invalidate_info of_pasid(const struct guest *guest)
{
	struct iommu_cache_invalidate_info info =
		request(IOMMU_CACHE_INV_TYPE_IOTLB, IOMMU_INV_GRANU_PASID);

	info.flags = IOMMU_INV_PASID_FLAGS_PASID;
	info.pasid = guest->pasid;
	return info;
}

static struct iommu_cache_invalidate_info of_pages(const struct guest *guest, u64 address,
						   u64 pages)
{
	struct iommu_cache_invalidate_info info =
		request(IOMMU_CACHE_INV_TYPE_IOTLB, IOMMU_INV_GRANU_ADDR);

	info.flags = IOMMU_INV_ADDR_FLAGS_PASID | IOMMU_INV_ADDR_FLAGS_LEAF;
	info.pasid = guest->pasid;
	info.addr = address;
	info.granule_size = SZ_4K;
	info.nb_granules = pages;
	return info;
}

RIG_TEST(intel_invalidate, makes_a_change_of_the_guests_table_seen, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1);

	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	guest_remap(rig, &guest, OTHER_DATA);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA); /* from the IOTLB */
	EXPECT_EQ(invalidate(rig, &guest, of_pages(&guest, GUEST_VIRTUAL + SZ_4K, 1)), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA); /* another page */
	EXPECT_EQ(invalidate(rig, &guest, of_pages(&guest, GUEST_VIRTUAL, 1)), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), OTHER_DATA);
	guest_remap(rig, &guest, GUEST_DATA);
	EXPECT_EQ(invalidate(rig, &guest, of_pasid(&guest)), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_invalidate, of_more_pages_than_the_unit_takes_covers_the_pasid, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1);

	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	guest_remap(rig, &guest, OTHER_DATA);
	EXPECT_EQ(invalidate(rig, &guest, of_pages(&guest, 0, 1ULL << 50)), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), OTHER_DATA);
	guest_stop(rig, &guest, 1);
}

/* ---- each rule ---- */

enum {
	IOTLB = IOMMU_CACHE_INV_TYPE_IOTLB,
	DEVICE = IOMMU_CACHE_INV_TYPE_DEV_IOTLB,
	PASID = IOMMU_CACHE_INV_TYPE_PASID
};
enum {
	OF_DOMAIN = IOMMU_INV_GRANU_DOMAIN,
	OF_PASID = IOMMU_INV_GRANU_PASID,
	OF_PAGES = IOMMU_INV_GRANU_ADDR
};

struct rule {
	const char *name;
	u8 cache, granularity;
	u64 address, granule, count, pasid;
	int expected;
};

static const struct rule rules[] = {
	{ .name = "iotlb_of_domain", .cache = IOTLB, .granularity = OF_DOMAIN, .expected = -EINVAL },
	{ .name = "iotlb_of_pasid", .cache = IOTLB, .granularity = OF_PASID, .expected = 0 },
	{ .name = "iotlb_of_pages", .cache = IOTLB, .granularity = OF_PAGES, .expected = 0 },
	{ .name = "device_tlb_of_domain", .cache = DEVICE, .granularity = OF_DOMAIN, .expected = 0 },
	{ .name = "device_tlb_of_pasid", .cache = DEVICE, .granularity = OF_PASID, .expected = 0 },
	{ .name = "device_tlb_of_pages",
	  .cache = DEVICE,
	  .granularity = OF_PAGES,
	  .expected = -EINVAL },
	{ .name = "pasid_cache_of_domain", .cache = PASID, .granularity = OF_DOMAIN, .expected = 0 },
	{ .name = "pasid_cache_of_pasid", .cache = PASID, .granularity = OF_PASID, .expected = 0 },
	{ .name = "pasid_cache_of_pages",
	  .cache = PASID,
	  .granularity = OF_PAGES,
	  .expected = -EINVAL },
	{ .name = "two_caches", .cache = IOTLB | PASID, .granularity = OF_PASID, .expected = 0 },
	{ .name = "all_caches",
	  .cache = IOTLB | DEVICE | PASID,
	  .granularity = OF_PASID,
	  .expected = 0 },
	{ .name = "two_caches_one_wrong",
	  .cache = IOTLB | PASID,
	  .granularity = OF_PAGES,
	  .expected = -EINVAL },
	{ .name = "no_cache", .cache = 0, .granularity = OF_PASID, .expected = 0 },
	{ .name = "unknown_cache", .cache = 8, .granularity = OF_PASID, .expected = -EINVAL },
	{ .name = "unknown_granularity", .cache = IOTLB, .granularity = 3, .expected = -EINVAL },
	{ .name = "aligned_range",
	  .cache = IOTLB,
	  .granularity = OF_PAGES,
	  .address = 0x4000,
	  .granule = SZ_4K,
	  .count = 4,
	  .expected = 0 },
	{ .name = "range_rounds_up",
	  .cache = IOTLB,
	  .granularity = OF_PAGES,
	  .address = 0x4000,
	  .granule = SZ_4K,
	  .count = 3,
	  .expected = 0 },
	{ .name = "not_aligned_to_the_rounded_range",
	  .cache = IOTLB,
	  .granularity = OF_PAGES,
	  .address = 0x2000,
	  .granule = SZ_4K,
	  .count = 3,
	  .expected = -ERANGE },
	{ .name = "not_aligned_to_a_page",
	  .cache = IOTLB,
	  .granularity = OF_PAGES,
	  .address = 0x123,
	  .granule = SZ_4K,
	  .count = 1,
	  .expected = -ERANGE },
	{ .name = "large_granule",
	  .cache = IOTLB,
	  .granularity = OF_PAGES,
	  .address = SZ_2M,
	  .granule = SZ_2M,
	  .count = 1,
	  .expected = 0 },
	{ .name = "large_granule_not_aligned",
	  .cache = IOTLB,
	  .granularity = OF_PAGES,
	  .address = SZ_4K,
	  .granule = SZ_2M,
	  .count = 1,
	  .expected = -ERANGE },
	{ .name = "range_of_no_pages_is_one",
	  .cache = IOTLB,
	  .granularity = OF_PAGES,
	  .address = SZ_4K,
	  .granule = 0,
	  .count = 0,
	  .expected = 0 },
	{ .name = "range_beyond_64_bits",
	  .cache = IOTLB,
	  .granularity = OF_PAGES,
	  .granule = 1ULL << 63,
	  .count = 2,
	  .expected = -EINVAL },
	{ .name = "everything",
	  .cache = IOTLB,
	  .granularity = OF_PAGES,
	  .granule = 1ULL << 63,
	  .count = 1,
	  .expected = 0 },
	{ .name = "pasid_of_21_bits",
	  .cache = IOTLB,
	  .granularity = OF_PASID,
	  .pasid = 1 << 20,
	  .expected = -EINVAL },
};

static long apply_rule(struct rig *rig)
{
	const struct rule *rule = rig->param;
	struct guest guest = guest_start(rig, 1);
	struct iommu_cache_invalidate_info info = request(rule->cache, rule->granularity);

	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	info.flags = IOMMU_INV_PASID_FLAGS_PASID;
	if (rule->granularity == OF_PAGES)
		info.flags = IOMMU_INV_ADDR_FLAGS_PASID;
	info.pasid = rule->pasid ? rule->pasid : guest.pasid;
	info.addr = rule->address;
	info.granule_size = rule->granule;
	info.nb_granules = rule->count;
	EXPECT_EQ(invalidate(rig, &guest, info), rule->expected);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	guest_stop(rig, &guest, 1);
	return 0;
}

TEST_WITH_NAMED_PARAMS(intel_invalidate, checks_its_request, struct rule, rules, name)
{
	struct rig rig;

	intel_server_of(&rig, "v1");
	rig.param = param;
	rig_test(&rig, apply_rule);
}

RIG_TEST(intel_invalidate, needs_the_known_version, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1);
	struct iommu_cache_invalidate_info info = of_pasid(&guest);

	info.version = 2;
	EXPECT_EQ(invalidate(rig, &guest, info), -EINVAL);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_invalidate, needs_nesting_mode, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1), plain = guest;

	plain.domain = rig_domain(rig);
	EXPECT_EQ(invalidate(rig, &plain, of_pasid(&guest)), -EINVAL);
	guest_stop(rig, &guest, 1);
	iommu_domain_free(plain.domain);
}

static void without_ats(struct rig *rig, const char *variant)
{
	intel_server_of(rig, variant);
	rig->function_config[0].ats = false;
}

RIG_TEST(intel_invalidate, needs_ats_in_v1, without_ats(rig, "v1"))
{
	struct guest guest = guest_start(rig, 1);

	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	EXPECT_EQ(invalidate(rig, &guest, of_pasid(&guest)), -EINVAL);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_invalidate, does_without_ats_in_v7, without_ats(rig, "v7"))
{
	struct guest guest = guest_start(rig, 1);

	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	guest_remap(rig, &guest, OTHER_DATA);
	EXPECT_EQ(invalidate(rig, &guest, of_pasid(&guest)), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), OTHER_DATA);
	EXPECT_EQ(invalidate(rig, &guest,
			     request(IOMMU_CACHE_INV_TYPE_DEV_IOTLB, IOMMU_INV_GRANU_DOMAIN)),
		  0);
	EXPECT_TRUE(rig_logged(rig, "device TLB invalidation of a device without ATS"));
	guest_stop(rig, &guest, 1);
}

/* ---- descriptors ---- */

struct range_row {
	u64 address;
	unsigned int order;
	u64 expected; /* second quadword, without S */
};

/* Section 6.5.2.5: the lowest zero from bit 12 on tells the size. */
static const struct range_row ranges[] = {
	{ 0x12345000, 0, 0x12345000 }, { 0x12344000, 1, 0x12344000 }, { 0x12344000, 2, 0x12345000 },
	{ 0x12340000, 4, 0x12347000 }, { 0, 52, 0x7ffffffffffff000 },
};

TEST_WITH_PARAMS(intel_descriptor, of_a_device_tlb_range_encodes_its_size, struct range_row, ranges)
{
	const struct intel_device info = { .bus = 0x3a, .devfn = 8, .ats_queue_depth = 7 };
	struct intel_range range = { param->address, param->order };
	struct intel_descriptor plain = intel_inv_device_tlb(&info, range);
	struct intel_descriptor pasid = intel_inv_device_tlb_pasid(&info, 0x12345, range);

	EXPECT_EQ(plain.q0, 3ULL | 7ULL << 16 | 0x3a08ULL << 32);
	EXPECT_EQ(plain.q1, param->expected | (param->order ? 1 : 0));
	EXPECT_EQ(pasid.q0, 8ULL | 7ULL << 4 | 0x3a08ULL << 16 | 0x12345ULL << 32);
	EXPECT_EQ(pasid.q1, param->expected | (param->order ? 1 << 11 : 0));
}
