// SPDX-License-Identifier: Apache-2.0
/* IOMMU core: how a range is cut into pages, roll-back, alignment, and attributes of domains. */
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/sizes.h>

#include "iommu_fake_driver.h"
#include "rig.h"

#define G1 0x40000000ULL
#define M2 0x200000ULL
#define K4 0x1000ULL
#define RW (IOMMU_READ | IOMMU_WRITE)

struct split_row {
	const char *name;
	u64 iova, paddr, size;
	struct fake_call calls[6]; /* until pgsize 0; iova and paddr relative to the row's */
};

static const struct split_row split_rows[] = {
	{ "one_page", 0x5000, 0x9000, K4, { { 0, 0, K4, 1 } } },
	{ "pages_of_one_size", 0x5000, 0x9000, 5 * K4, { { 0, 0, K4, 5 } } },
	{ "one_2M_page", M2, 3 * M2, M2, { { 0, 0, M2, 1 } } },
	{ "2M_without_alignment_of_paddr", M2, K4, M2, { { 0, 0, K4, 512 } } },
	{ "2M_without_alignment_of_iova", K4, M2, M2, { { 0, 0, K4, 512 } } },
	{ "1G_page", 4 * G1, 8 * G1, G1, { { 0, 0, G1, 1 } } },
	{ "two_1G_pages_and_a_rest",
	  4 * G1,
	  8 * G1,
	  2 * G1 + M2 + K4,
	  { { 0, 0, G1, 2 }, { 2 * G1, 2 * G1, M2, 1 }, { 2 * G1 + M2, 2 * G1 + M2, K4, 1 } } },
	{ "up_to_alignment_then_larger",
	  M2 - K4,
	  5 * M2 - K4,
	  M2 + 2 * K4,
	  { { 0, 0, K4, 1 }, { K4, K4, M2, 1 }, { K4 + M2, K4 + M2, K4, 1 } } },
	{ "through_all_sizes",
	  G1 - M2 - K4,
	  3 * G1 - M2 - K4,
	  G1 + 2 * (M2 + K4),
	  { { 0, 0, K4, 1 },
	    { K4, K4, M2, 1 },
	    { K4 + M2, K4 + M2, G1, 1 },
	    { K4 + M2 + G1, K4 + M2 + G1, M2, 1 },
	    { K4 + 2 * M2 + G1, K4 + 2 * M2 + G1, K4, 1 } } },
	{ "too_short_for_larger", M2 - 2 * K4, 3 * M2 - 2 * K4, M2 + K4, { { 0, 0, K4, 513 } } },
	{ "iova_zero", 0, 0, G1, { { 0, 0, G1, 1 } } },
	{ "end_of_the_space", ~0ULL - M2 + 1, M2, M2, { { 0, 0, M2, 1 } } },
};

static void expect_calls(const struct split_row *row, const struct fake_domain *fake, bool paddr)
{
	unsigned int i;

	for (i = 0; row->calls[i].pgsize; i++) {
		const struct fake_call *call = &fake->calls[i];

		EXPECT_LT(i, fake->call_count);
		EXPECT_EQ(call->iova, row->iova + row->calls[i].iova);
		if (paddr)
			EXPECT_EQ(call->paddr, row->paddr + row->calls[i].paddr);
		EXPECT_EQ(call->pgsize, row->calls[i].pgsize);
		EXPECT_EQ(call->count, row->calls[i].count);
	}
	EXPECT_EQ(fake->call_count, i);
}

static long split(struct rig *rig)
{
	const struct split_row *row = rig->param;
	struct fake_machine machine;
	struct iommu_domain *domain;
	struct fake_domain *fake;

	fake_machine_init(&machine);
	domain = iommu_domain_alloc(&machine.bus);
	fake = to_fake_domain(domain);
	EXPECT_EQ(iommu_map(domain, row->iova, row->paddr, row->size, RW), 0);
	expect_calls(row, fake, true);
	EXPECT_EQ(fake->mapped, row->size);

	fake->call_count = 0;
	EXPECT_EQ(iommu_unmap(domain, row->iova, row->size), row->size);
	if (!((row->iova ^ row->paddr) & (M2 - 1)))
		expect_calls(row, fake, false);
	EXPECT_EQ(fake->mapped, 0);
	EXPECT_GE(fake->syncs, 1);
	iommu_domain_free(domain);
	return 0;
}

TEST_WITH_NAMED_PARAMS(iommu_map, a_range_is_cut_into_the_largest_pages_that_fit, struct split_row,
		       split_rows, name)
{
	rig_test_empty(split, param);
}

RIG_TEST(iommu_map, a_map_that_fails_takes_back_what_it_mapped, rig_init(rig, "v1"))
{
	struct fake_machine machine;
	struct iommu_domain *domain;
	struct fake_domain *fake;

	fake_machine_init(&machine);
	domain = iommu_domain_alloc(&machine.bus);
	fake = to_fake_domain(domain);
	/* in the middle of the third run, and before the first page */
	fake->map_limit = M2 + 3 * K4;
	EXPECT_EQ(iommu_map(domain, M2 - K4, M2 - K4, M2 + 8 * K4, RW), -ENOMEM);
	EXPECT_EQ(fake->mapped, 0);
	EXPECT_EQ(iommu_map(domain, 0, 0, M2 + 3 * K4, RW), 0);
	EXPECT_EQ(iommu_map(domain, G1, 0, K4, RW), -ENOMEM);
	EXPECT_EQ(fake->mapped, M2 + 3 * K4);
	EXPECT_EQ(iommu_unmap(domain, 0, M2 + 3 * K4), M2 + 3 * K4);
	iommu_domain_free(domain);
}

RIG_TEST(iommu_map, an_unmap_tells_when_a_larger_page_went, rig_init(rig, "v1"))
{
	struct iommu_iotlb_gather gather;
	struct fake_machine machine;
	struct iommu_domain *domain;
	struct fake_domain *fake;

	fake_machine_init(&machine);
	domain = iommu_domain_alloc(&machine.bus);
	fake = to_fake_domain(domain);
	EXPECT_EQ(iommu_map(domain, 0, 0, M2, RW), 0);
	fake->unmap_at_least = M2;
	iommu_iotlb_gather_init(&gather);
	EXPECT_EQ(iommu_unmap_fast(domain, 0, K4, &gather), M2);
	EXPECT_EQ(gather.start, 0);
	EXPECT_EQ(gather.end, M2 - 1);
	EXPECT_EQ(fake->syncs, 0);
	iommu_iotlb_sync(domain, &gather);
	EXPECT_EQ(fake->syncs, 1);
	EXPECT_EQ(gather.pgsize, 0);
	EXPECT_EQ(iommu_unmap(domain, 0, K4), 0);
	iommu_domain_free(domain);
}

RIG_TEST(iommu_map, what_lies_apart_or_differs_in_size_is_flushed_apart, rig_init(rig, "v1"))
{
	struct iommu_iotlb_gather gather;
	struct fake_machine machine;
	struct iommu_domain *domain;
	struct fake_domain *fake;

	fake_machine_init(&machine);
	domain = iommu_domain_alloc(&machine.bus);
	fake = to_fake_domain(domain);
	iommu_iotlb_gather_init(&gather);
	iommu_iotlb_gather_add_page(domain, &gather, 0x5000, K4);
	iommu_iotlb_gather_add_page(domain, &gather, 0x6000, K4);
	iommu_iotlb_gather_add_page(domain, &gather, 0x4000, K4);
	EXPECT_EQ(fake->syncs, 0);
	EXPECT_EQ(gather.start, 0x4000);
	EXPECT_EQ(gather.end, 0x6fff);
	iommu_iotlb_gather_add_page(domain, &gather, 0x9000, K4);
	EXPECT_EQ(fake->syncs, 1);
	EXPECT_EQ(gather.start, 0x9000);
	iommu_iotlb_gather_add_page(domain, &gather, 0xa000, M2);
	EXPECT_EQ(fake->syncs, 2);
	iommu_domain_free(domain);
}

RIG_TEST(iommu_map, what_is_not_aligned_or_cannot_map_is_refused, rig_init(rig, "v1"))
{
	struct fake_machine machine;
	struct iommu_domain *domain, plain;

	fake_machine_init(&machine);
	domain = iommu_domain_alloc(&machine.bus);
	EXPECT_EQ(iommu_map(domain, 0x800, 0, K4, RW), -EINVAL);
	EXPECT_EQ(iommu_map(domain, 0, 0x800, K4, RW), -EINVAL);
	EXPECT_EQ(iommu_map(domain, 0, 0, 0x800, RW), -EINVAL);
	EXPECT_EQ(iommu_unmap(domain, 0x800, K4), 0);
	EXPECT_EQ(iommu_unmap(domain, 0, 0x800), 0);
	EXPECT_EQ(iommu_map(domain, 0, 0, 0, RW), 0);
	EXPECT_EQ(to_fake_domain(domain)->call_count, 0);
	EXPECT_EQ(iommu_iova_to_phys(domain, 0x5000), 0x6000);

	plain = *domain;
	plain.type = IOMMU_DOMAIN_IDENTITY;
	EXPECT_EQ(iommu_map(&plain, 0, 0, K4, RW), -EINVAL);
	EXPECT_EQ(iommu_unmap(&plain, 0, K4), 0);
	EXPECT_EQ(iommu_iova_to_phys(&plain, 0x5000), 0x5000);
	plain.type = IOMMU_DOMAIN_BLOCKED;
	EXPECT_EQ(iommu_iova_to_phys(&plain, 0x5000), 0);
	plain = *domain;
	plain.pgsize_bitmap = 0;
	EXPECT_EQ(iommu_map(&plain, 0, 0, K4, RW), -ENODEV);
	iommu_domain_free(domain);

	machine.bus.iommu_ops = &fake_plain_ops;
	domain = iommu_domain_alloc(&machine.bus);
	EXPECT_EQ(iommu_map(domain, 0, 0, K4, RW), -ENODEV);
	EXPECT_EQ(iommu_unmap(domain, 0, K4), 0);
	EXPECT_EQ(iommu_iova_to_phys(domain, 0x5000), 0);
	iommu_domain_free(domain);
}

RIG_TEST(iommu_map, attributes_are_the_cores_the_drivers_or_unknown, rig_init(rig, "v1"))
{
	struct iommu_domain_geometry geometry;
	struct fake_machine machine;
	struct iommu_domain *domain;
	bool paging = false;
	int nesting = 7;

	fake_machine_init(&machine);
	domain = iommu_domain_alloc(&machine.bus);
	domain->geometry.aperture_end = 0xffff;
	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_GEOMETRY, &geometry), 0);
	EXPECT_EQ(geometry.aperture_end, 0xffff);
	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_PAGING, &paging), 0);
	EXPECT_TRUE(paging);
	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_PASID_FORMAT, &nesting), -ENODEV);
	EXPECT_EQ(iommu_domain_set_attr(domain, DOMAIN_ATTR_GEOMETRY, &geometry), -ENODEV);
	EXPECT_EQ(iommu_enable_nesting(domain), 0);
	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING, &nesting), 0);
	EXPECT_EQ(nesting, 1);
	domain->type = IOMMU_DOMAIN_DMA;
	EXPECT_EQ(iommu_enable_nesting(domain), -EINVAL);
	EXPECT_EQ(iommu_get_msi_cookie(domain, 0x8000000), -EINVAL);
	domain->type = IOMMU_DOMAIN_UNMANAGED;
	EXPECT_EQ(iommu_get_msi_cookie(domain, 0x8000000), 0);
	EXPECT_EQ(iommu_get_msi_cookie(domain, 0x8000000), -EBUSY);
	EXPECT_EQ(domain->msi_base, 0x8000000);
	iommu_domain_free(domain);

	machine.bus.iommu_ops = &fake_plain_ops;
	domain = iommu_domain_alloc(&machine.bus);
	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING, &nesting), -EINVAL);
	EXPECT_EQ(iommu_enable_nesting(domain), -EINVAL);
	iommu_domain_free(domain);
}

static long domain_count(struct rig *rig)
{
	struct fake_machine machine;

	(void)rig;
	fake_machine_init(&machine);
	iommu_domain_alloc(&machine.bus);
	return 0;
}

TEST(iommu_map, domains_that_were_not_freed_are_counted)
{
	struct rig rig;

	rig_init(&rig, "v1");
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_EQ(rig_run(&rig, domain_count), 0);
	EXPECT_EQ(rig_usage(&rig).domains, 1);
	EXPECT_STREQ(kernel_oops(rig.kernel), NULL);
	rig_stop(&rig);
}
