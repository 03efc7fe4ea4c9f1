// SPDX-License-Identifier: Apache-2.0
/*
 * Domains of the Intel driver: what is mapped is reached by DMA and nothing else, on every kind of
 * unit.
 */
#include "intel_rig.h"

#include "iommu/intel/intel.h"

#include <linux/bitmap.h>
#include <stdio.h>

#define SOMEWHERE 0x123400000ULL /* host-physical, multiple of 4 MiB */
#define RW (IOMMU_READ | IOMMU_WRITE)

static void expect_reached(struct rig *rig, unsigned int device, u64 address, u64 expected)
{
	struct translation_result result = rig_translate(rig, device, address, ACCESS_READ);

	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.address.v, expected);
}

static void expect_blocked(struct rig *rig, unsigned int device, u64 address)
{
	EXPECT_NE(rig_translate(rig, device, address, ACCESS_READ).fault, 0);
	EXPECT_NE(rig_translate(rig, device, address, ACCESS_WRITE).fault, 0);
}

/* ---- one unit of each kind ---- */

struct kind {
	const char *name;
	struct intel_unit_config unit;
	u64 page_sizes;
};

static const struct kind kinds[] = {
	{ "scalable", { CAP_SERVER, ECAP_SERVER }, SZ_4K | SZ_2M | SZ_1G },
	{ "scalable_5_levels", { CAP_SERVER_5_LEVELS, ECAP_SERVER }, SZ_4K | SZ_2M | SZ_1G },
	{ "legacy", { CAP_BROADWELL, ECAP_BROADWELL }, SZ_4K | SZ_2M | SZ_1G },
	{ "legacy_39_bits", { CAP_HASWELL_GRAPHICS, ECAP_HASWELL_GRAPHICS }, SZ_4K },
	{ "three_levels",
	  { (CAP_BROADWELL & ~CAP_SAGAW) | 2 << 8, ECAP_BROADWELL },
	  SZ_4K | SZ_2M | SZ_1G },
	{ "caching_mode", { CAP_QEMU, ECAP_QEMU }, SZ_4K | SZ_2M | SZ_1G },
	{ "scalable_caching_mode", { CAP_SERVER | CAP_CM, ECAP_SERVER }, SZ_4K | SZ_2M | SZ_1G },
	{ "write_buffer", { CAP_BROADWELL | CAP_RWBF, ECAP_BROADWELL }, SZ_4K | SZ_2M | SZ_1G },
	{ "no_page_selective_invalidation",
	  { CAP_BROADWELL & ~CAP_PSI, ECAP_BROADWELL },
	  SZ_4K | SZ_2M | SZ_1G },
};

/* Runs body on one unit of a kind, with a plain device. */
static void run_on_kind(const struct kind *kind, long (*body)(struct rig *rig))
{
	struct rig rig;

	intel_unit(&rig, kind->unit.cap, kind->unit.ecap);
	rig.param = kind;
	rig_test(&rig, body);
}

static long map_dma_unmap(struct rig *rig)
{
	struct iommu_domain *domain = rig_domain(rig);

	expect_blocked(rig, 0, 0x10000);
	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	expect_blocked(rig, 0, 0x10000);
	EXPECT_EQ(iommu_map(domain, 0x10000, SOMEWHERE, 3 * SZ_4K, RW), 0);
	expect_reached(rig, 0, 0x10123, SOMEWHERE + 0x123);
	expect_reached(rig, 0, 0x12fff, SOMEWHERE + 0x2fff);
	expect_blocked(rig, 0, 0x13000);
	EXPECT_EQ(iommu_iova_to_phys(domain, 0x11004), SOMEWHERE + 0x1004);
	EXPECT_EQ(iommu_iova_to_phys(domain, 0x13004), 0);
	EXPECT_EQ(iommu_unmap(domain, 0x11000, SZ_4K), SZ_4K);
	expect_blocked(rig, 0, 0x11000);
	expect_reached(rig, 0, 0x12000, SOMEWHERE + 0x2000);
	rig_detach(rig, domain, 0);
	expect_blocked(rig, 0, 0x12000);
	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	expect_reached(rig, 0, 0x12000, SOMEWHERE + 0x2000);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
	return 0;
}

TEST_WITH_NAMED_PARAMS(intel_map, reaches_what_is_mapped_and_nothing_else, struct kind, kinds, name)
{
	run_on_kind(param, map_dma_unmap);
}

static long use_large_pages(struct rig *rig)
{
	struct iommu_domain *domain = rig_domain(rig);
	u64 sizes = ((const struct kind *)rig->param)->page_sizes, phys = 0x2000000000 - SZ_2M,
	    page;

	EXPECT_EQ(domain->pgsize_bitmap, SZ_4K);
	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(domain->pgsize_bitmap, sizes);
	/* 2 MiB, then 1 GiB, then 4 KiB */
	EXPECT_EQ(iommu_map(domain, SZ_1G - SZ_2M, phys, SZ_2M + SZ_1G + SZ_4K, RW), 0);
	page = sizes & SZ_2M ? SZ_2M : SZ_4K;
	EXPECT_EQ(rig_translate(rig, 0, SZ_1G - 1, ACCESS_WRITE).page_size, page);
	page = sizes & SZ_1G ? SZ_1G : page;
	EXPECT_EQ(rig_translate(rig, 0, SZ_1G + 5, ACCESS_WRITE).page_size, page);
	EXPECT_EQ(rig_translate(rig, 0, SZ_2G + 5, ACCESS_WRITE).page_size, SZ_4K);
	expect_reached(rig, 0, SZ_1G - 5, phys + SZ_2M - 5);
	expect_reached(rig, 0, SZ_2G - 5, phys + SZ_2M + SZ_1G - 5);
	EXPECT_EQ(iommu_iova_to_phys(domain, SZ_1G + 0x12345), phys + SZ_2M + 0x12345);
	EXPECT_EQ(iommu_unmap(domain, SZ_1G - SZ_2M, SZ_2M + SZ_1G + SZ_4K),
		  (size_t)SZ_2M + SZ_1G + SZ_4K);
	expect_blocked(rig, 0, SZ_1G - 5);
	expect_blocked(rig, 0, SZ_1G);
	expect_blocked(rig, 0, SZ_2G);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
	return 0;
}

TEST_WITH_NAMED_PARAMS(intel_map, uses_the_largest_pages_the_unit_has, struct kind, kinds, name)
{
	run_on_kind(param, use_large_pages);
}

/* ---- rules of map and unmap ---- */

RIG_TEST(intel_map, rights_are_those_asked_for, intel_server(rig))
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(iommu_map(domain, 0x1000, SOMEWHERE, SZ_4K, IOMMU_READ), 0);
	EXPECT_EQ(iommu_map(domain, 0x2000, SOMEWHERE, SZ_4K, IOMMU_WRITE), 0);
	EXPECT_EQ(rig_translate(rig, 0, 0x1000, ACCESS_READ).fault, 0);
	EXPECT_NE(rig_translate(rig, 0, 0x1000, ACCESS_WRITE).fault, 0);
	EXPECT_NE(rig_translate(rig, 0, 0x2000, ACCESS_READ).fault, 0);
	EXPECT_EQ(rig_translate(rig, 0, 0x2000, ACCESS_WRITE).fault, 0);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

RIG_TEST(intel_map, wrong_requests_are_refused_and_map_nothing, intel_server(rig))
{
	struct iommu_domain *domain = rig_domain(rig);
	size_t mapped = 0;

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(iommu_map(domain, 0x1000, SOMEWHERE, SZ_4K, IOMMU_CACHE), -EINVAL);
	EXPECT_EQ(domain->ops->map_pages(domain, 0x1000, SOMEWHERE, SZ_8K, 1, RW, GFP_KERNEL,
					 &mapped),
		  -EINVAL);
	EXPECT_EQ(domain->ops->map_pages(domain, 0x1000, SOMEWHERE, SZ_2M, 1, RW, GFP_KERNEL,
					 &mapped),
		  -EINVAL);
	EXPECT_EQ(domain->ops->map_pages(domain, 0x1000, SOMEWHERE, SZ_4K, 0, RW, GFP_KERNEL,
					 &mapped),
		  -EINVAL);
	EXPECT_EQ(iommu_map(domain, 1UL << 48, SOMEWHERE, SZ_4K, RW), -EFAULT);
	EXPECT_EQ(iommu_map(domain, (1UL << 48) - SZ_4K, SOMEWHERE, SZ_8K, RW), -EFAULT);
	EXPECT_EQ(iommu_map(domain, -2UL * SZ_4K, SOMEWHERE, SZ_4K, RW), -EFAULT);
	EXPECT_EQ(mapped, 0);
	EXPECT_EQ(iommu_map(domain, (1UL << 48) - SZ_4K, SOMEWHERE, SZ_4K, RW), 0);
	expect_reached(rig, 0, (1ULL << 48) - 1, SOMEWHERE + 0xfff);
	expect_blocked(rig, 0, 0x1000);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

RIG_TEST(intel_map, what_is_mapped_is_not_mapped_over, intel_server(rig))
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(iommu_map(domain, SZ_2M + SZ_4K, SOMEWHERE, SZ_4K, RW), 0);
	EXPECT_EQ(iommu_map(domain, SZ_2M, SOMEWHERE, SZ_2M, RW), -EEXIST);
	EXPECT_EQ(iommu_map(domain, SZ_4M, SOMEWHERE, SZ_2M, RW), 0);
	EXPECT_EQ(iommu_map(domain, SZ_4M + SZ_4K, SOMEWHERE, SZ_4K, RW), -EEXIST);
	expect_blocked(rig, 0, SZ_2M);
	expect_reached(rig, 0, SZ_2M + SZ_4K, SOMEWHERE);
	expect_blocked(rig, 0, SZ_2M + 2 * SZ_4K);
	expect_reached(rig, 0, SZ_4M + 3 * SZ_4K, SOMEWHERE + 3 * SZ_4K);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

static void server_without_queue(struct rig *rig)
{
	intel_unit(rig, CAP_BROADWELL, ECAP_BROADWELL & ~(ECAP_QI | ECAP_IR));
}

RIG_TEST(intel_map, without_a_queue_registers_invalidate_what_was_unmapped,
	 server_without_queue(rig))
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(intel_register(rig, 0, DMAR_GSTS) & GCMD_QIE, 0);
	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(iommu_map(domain, SZ_2M, SOMEWHERE, SZ_8K, RW), 0);
	EXPECT_EQ(iommu_map(domain, SZ_4M, SOMEWHERE, SZ_2M, RW), 0);
	expect_reached(rig, 0, SZ_2M + SZ_4K, SOMEWHERE + SZ_4K);
	expect_reached(rig, 0, SZ_4M, SOMEWHERE);
	EXPECT_EQ(iommu_unmap(domain, SZ_2M, SZ_8K), SZ_8K);
	expect_blocked(rig, 0, SZ_2M + SZ_4K);
	expect_reached(rig, 0, SZ_4M, SOMEWHERE);
	EXPECT_EQ(iommu_unmap(domain, SZ_4M, SZ_2M), SZ_2M);
	expect_blocked(rig, 0, SZ_4M);
	rig_detach(rig, domain, 0);
	expect_blocked(rig, 0, SZ_4M);
	iommu_domain_free(domain);
}

RIG_TEST(intel_map, a_page_that_is_mapped_stays_with_a_warning_and_no_error, intel_server(rig))
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(iommu_map(domain, SZ_2M + SZ_4K, SOMEWHERE, SZ_4K, RW), 0);
	EXPECT_EQ(iommu_map(domain, SZ_2M, SOMEWHERE + SZ_2M, SZ_4K * 3, RW), 0);
	EXPECT_EQ(kernel_warnings(rig->kernel), 1);
	expect_reached(rig, 0, SZ_2M, SOMEWHERE + SZ_2M);
	expect_reached(rig, 0, SZ_2M + SZ_4K, SOMEWHERE);
	expect_reached(rig, 0, SZ_2M + 2 * SZ_4K, SOMEWHERE + SZ_2M + 2 * SZ_4K);
	EXPECT_EQ(iommu_map(domain, SZ_4M, SOMEWHERE, SZ_2M, RW), 0);
	EXPECT_EQ(iommu_map(domain, SZ_4M, SOMEWHERE + SZ_2M, SZ_2M, RW), 0);
	EXPECT_EQ(kernel_warnings(rig->kernel), 2);
	expect_reached(rig, 0, SZ_4M, SOMEWHERE);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

RIG_TEST(intel_map, unmapping_part_of_a_large_page_takes_all_of_it, intel_server(rig))
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(iommu_map(domain, SZ_2M, SOMEWHERE, SZ_4M, RW), 0);
	EXPECT_EQ(iommu_unmap(domain, SZ_2M, SZ_4K), SZ_2M);
	expect_blocked(rig, 0, SZ_4M - 1);
	expect_reached(rig, 0, SZ_4M, SOMEWHERE + SZ_2M);
	EXPECT_EQ(iommu_unmap(domain, SZ_4M + SZ_4K, SZ_4K), SZ_2M);
	expect_blocked(rig, 0, SZ_4M);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

RIG_TEST(intel_map, unmapping_stops_where_nothing_is_mapped, intel_server(rig))
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(iommu_unmap(domain, 0, SZ_4K), 0);
	EXPECT_EQ(iommu_map(domain, 0, SOMEWHERE, 2 * SZ_4K, RW), 0);
	EXPECT_EQ(iommu_unmap(domain, 0, 4 * SZ_4K), 2 * SZ_4K);
	EXPECT_EQ(iommu_unmap(domain, 1UL << 60, SZ_4K), 0);
	EXPECT_EQ(iommu_iova_to_phys(domain, 1ULL << 60), 0);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

RIG_TEST(intel_map, tables_go_when_they_are_empty, intel_server(rig))
{
	struct iommu_domain *domain = rig_domain(rig);
	u64 before;

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	before = rig_usage(rig).table_pages;
	EXPECT_EQ(iommu_map(domain, SZ_1G - SZ_4K, SOMEWHERE, 2 * SZ_4K, RW), 0);
	EXPECT_EQ(rig_usage(rig).table_pages,
		  before + 5); /* one 1-GiB table, and two of each lower level */
	EXPECT_EQ(iommu_unmap(domain, SZ_1G - SZ_4K, SZ_4K), SZ_4K);
	EXPECT_EQ(rig_usage(rig).table_pages, before + 3);
	EXPECT_EQ(iommu_unmap(domain, SZ_1G, SZ_4K), SZ_4K);
	EXPECT_EQ(rig_usage(rig).table_pages, before);
	EXPECT_EQ(iommu_map(domain, 0, SOMEWHERE, SZ_4K * 512, RW), 0);
	expect_reached(rig, 0, 0x1000, SOMEWHERE + 0x1000);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

RIG_TEST(intel_map, tables_stay_until_the_flush, intel_server(rig))
{
	struct iommu_domain *domain = rig_domain(rig);
	struct iommu_iotlb_gather gather;
	u64 before;

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(iommu_map(domain, SZ_2M, SOMEWHERE, SZ_4K, RW), 0);
	expect_reached(rig, 0, SZ_2M, SOMEWHERE);
	before = rig_usage(rig).table_pages;
	iommu_iotlb_gather_init(&gather);
	EXPECT_EQ(iommu_unmap_fast(domain, SZ_2M, SZ_4K, &gather), SZ_4K);
	EXPECT_EQ(rig_usage(rig).table_pages, before);
	/* A map that comes first makes do: what waits is flushed and freed with it. */
	EXPECT_EQ(iommu_map(domain, SZ_2M, SOMEWHERE + SZ_2M, SZ_2M, RW), 0);
	expect_reached(rig, 0, SZ_2M, SOMEWHERE + SZ_2M);
	EXPECT_EQ(rig_usage(rig).table_pages, before - 1);
	iommu_iotlb_sync(domain, &gather);
	iommu_iotlb_sync(domain, &gather); /* nothing gathered: nothing happens */
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

RIG_TEST(intel_map, tables_wait_for_the_flush_of_their_own_pages, intel_server(rig))
{
	struct iommu_domain *domain = rig_domain(rig);
	struct iommu_iotlb_gather gather;
	u64 before;

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(iommu_map(domain, SZ_2M, SOMEWHERE, SZ_4K, RW), 0);
	EXPECT_EQ(iommu_map(domain, SZ_1G, SOMEWHERE, SZ_4K, RW), 0);
	before = rig_usage(rig).table_pages;
	iommu_iotlb_gather_init(&gather);
	EXPECT_EQ(iommu_unmap_fast(domain, SZ_2M, SZ_4K, &gather), SZ_4K);
	EXPECT_EQ(rig_usage(rig).table_pages, before);
	/*
	 * Far from the first page, so that one is flushed now, and two tables go; the other three
	 * wait.
	 */
	EXPECT_EQ(iommu_unmap_fast(domain, SZ_1G, SZ_4K, &gather), SZ_4K);
	EXPECT_EQ(rig_usage(rig).table_pages, before - 2);
	iommu_iotlb_sync(domain, &gather);
	EXPECT_EQ(rig_usage(rig).table_pages, before - 5);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

RIG_TEST(intel_map, works_before_any_device_is_attached, intel_server(rig))
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(domain->geometry.aperture_end, (1ULL << 57) - 1);
	EXPECT_EQ(iommu_map(domain, 0x5000, SOMEWHERE, SZ_4K, RW | IOMMU_CACHE), 0);
	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(domain->geometry.aperture_end, (1ULL << 48) - 1);
	expect_reached(rig, 0, 0x5000, SOMEWHERE);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

RIG_TEST(intel_map, survives_entries_that_something_else_wrote, intel_server(rig))
{
	struct iommu_domain *domain = rig_domain(rig);
	struct intel_table *table = to_intel_domain(domain)->table.root;
	u64 *top = table->page.virt;

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(iommu_map(domain, 0, SOMEWHERE, SZ_4K, RW), 0);
	top[0] = 0xdeadbeef000ULL | SS_READ;
	EXPECT_EQ(iommu_iova_to_phys(domain, 0), SOMEWHERE);
	top[5] = 0xdeadbeef000ULL | SS_READ;
	EXPECT_EQ(iommu_iova_to_phys(domain, 5ULL << 48), 0);
	EXPECT_EQ(iommu_unmap(domain, 0, SZ_4K), SZ_4K);
	table->page.virt[5] = 0;
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

/* ---- several units ---- */

RIG_TEST(intel_domain, serves_devices_behind_units_of_different_modes_and_levels,
	 intel_pair(rig, FIVE_LEVELS, BROADWELL))
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(domain->geometry.aperture_end, (1ULL << 57) - 1);
	EXPECT_EQ(iommu_map(domain, SZ_2M, SOMEWHERE, SZ_2M, RW), 0);
	EXPECT_EQ(rig_attach(rig, domain, 1), 0);
	EXPECT_EQ(domain->geometry.aperture_end, (1ULL << 48) - 1);
	expect_reached(rig, 0, SZ_2M + 5, SOMEWHERE + 5);
	expect_reached(rig, 1, SZ_2M + 5, SOMEWHERE + 5);
	EXPECT_EQ(iommu_map(domain, 1UL << 50, SOMEWHERE, SZ_2M, RW), -EFAULT);
	EXPECT_EQ(iommu_unmap(domain, SZ_2M, SZ_2M), SZ_2M);
	expect_blocked(rig, 0, SZ_2M);
	expect_blocked(rig, 1, SZ_2M);
	/* What the second unit starts from stays, though nothing is mapped. */
	EXPECT_EQ(iommu_map(domain, SZ_4M, SOMEWHERE, SZ_4K, RW), 0);
	expect_reached(rig, 0, SZ_4M, SOMEWHERE);
	expect_reached(rig, 1, SZ_4M, SOMEWHERE);
	rig_detach(rig, domain, 1);
	expect_blocked(rig, 1, SZ_4M);
	EXPECT_EQ(domain->geometry.aperture_end, (1ULL << 57) - 1);
	EXPECT_EQ(iommu_map(domain, 1UL << 50, SOMEWHERE, SZ_2M, RW), 0);
	expect_reached(rig, 0, 1ULL << 50, SOMEWHERE);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

RIG_TEST(intel_domain, has_the_page_sizes_that_all_its_units_have,
	 intel_pair(rig, BROADWELL, GRAPHICS))
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(domain->pgsize_bitmap, SZ_4K | SZ_2M | SZ_1G);
	EXPECT_EQ(rig_attach(rig, domain, 1), 0);
	EXPECT_EQ(domain->pgsize_bitmap, SZ_4K);
	EXPECT_EQ(iommu_map(domain, SZ_2M, SOMEWHERE, SZ_2M, RW | IOMMU_CACHE), 0);
	expect_reached(rig, 0, SZ_4M - 1, SOMEWHERE + SZ_2M - 1);
	expect_reached(rig, 1, SZ_4M - 1, SOMEWHERE + SZ_2M - 1);
	rig_detach(rig, domain, 0);
	rig_detach(rig, domain, 1);
	iommu_domain_free(domain);
}

RIG_TEST(intel_domain, refuses_a_unit_that_cannot_walk_what_is_mapped,
	 intel_pair(rig, BROADWELL, GRAPHICS))
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(iommu_map(domain, 1UL << 39, SOMEWHERE, SZ_4K, RW), 0);
	EXPECT_EQ(rig_attach(rig, domain, 1), -EFAULT);
	EXPECT_EQ(iommu_unmap(domain, 1UL << 39, SZ_4K), SZ_4K);
	EXPECT_EQ(iommu_map(domain, 0, SOMEWHERE, SZ_2M, RW), 0);
	EXPECT_EQ(rig_attach(rig, domain, 1), -EINVAL);
	EXPECT_EQ(iommu_unmap(domain, 0, SZ_2M), SZ_2M);
	EXPECT_EQ(rig_attach(rig, domain, 1), 0);
	rig_detach(rig, domain, 1);
	EXPECT_EQ(iommu_map(domain, 0, SOMEWHERE, SZ_4K, RW | IOMMU_CACHE), 0);
	EXPECT_EQ(rig_attach(rig, domain, 1), -EOPNOTSUPP); /* entries with SNP */
	expect_reached(rig, 0, 0, SOMEWHERE);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

RIG_TEST(intel_domain, that_enforces_snooping_refuses_units_that_do_not,
	 intel_pair(rig, SERVER, GRAPHICS))
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_TRUE(domain->ops->enforce_cache_coherency(domain));
	EXPECT_TRUE(domain->ops->enforce_cache_coherency(domain));
	EXPECT_EQ(rig_attach(rig, domain, 1), -EOPNOTSUPP);
	EXPECT_EQ(iommu_map(domain, 0, SOMEWHERE, SZ_4K, RW), 0);
	expect_reached(rig, 0, 0, SOMEWHERE);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);

	domain = rig_domain(rig);
	EXPECT_EQ(rig_attach(rig, domain, 1), 0);
	EXPECT_FALSE(domain->ops->enforce_cache_coherency(domain));
	rig_detach(rig, domain, 1);
	iommu_domain_free(domain);
}

static void two_in_a_group(struct rig *rig)
{
	intel_pair(rig, SERVER, SERVER);
	rig->devices[0].group = 7;
	rig->devices[1].iommu = 0;
	rig->devices[1].group = 7;
	rig->function_config[1].pasid = false;
}

RIG_TEST(intel_domain, has_one_id_for_all_devices_of_a_unit, two_in_a_group(rig))
{
	struct iommu_domain *domain = rig_domain(rig);
	struct intel_iommu *iommu = intel_state()->units[0];

	EXPECT_EQ(rig_attach(rig, domain, 0), 0); /* the group, so both */
	EXPECT_EQ(intel_domain_unit(to_intel_domain(domain), iommu)->devices, 2);
	EXPECT_EQ(bitmap_weight(iommu->domain_ids, iommu->domain_id_count), 2);
	EXPECT_EQ(iommu_map(domain, 0, SOMEWHERE, SZ_4K, RW), 0);
	expect_reached(rig, 0, 0, SOMEWHERE);
	expect_reached(rig, 1, 0, SOMEWHERE);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

RIG_TEST(intel_domain, needs_a_free_id, two_in_a_group(rig))
{
	struct iommu_domain *domain = rig_domain(rig);
	struct intel_iommu *iommu = intel_state()->units[0];
	unsigned int used = bitmap_weight(iommu->domain_ids, iommu->domain_id_count);

	bitmap_fill(iommu->domain_ids, iommu->domain_id_count);
	EXPECT_EQ(rig_attach(rig, domain, 0), -ENOSPC);
	EXPECT_TRUE(rig_logged(rig, "no free domain ids"));
	bitmap_clear(iommu->domain_ids, used, iommu->domain_id_count - used);
	expect_blocked(rig, 0, 0);
	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

RIG_TEST(intel_domain, of_an_unknown_type_is_not_there, intel_server(rig))
{
	EXPECT_TRUE(intel_domain_alloc(IOMMU_DOMAIN_BLOCKED) == NULL);
}

RIG_TEST(intel_domain, without_a_device_behind_a_unit_is_not_attached, intel_server(rig))
{
	struct iommu_domain *domain = rig_domain(rig);
	struct device *dev = rig_device(rig, 0);
	void *priv = dev_iommu_priv_get(dev);

	dev_iommu_priv_set(dev, NULL);
	EXPECT_EQ(intel_domain_attach(domain, dev), -ENODEV);
	intel_domain_detach(domain, dev); /* nothing happens */
	dev_iommu_priv_set(dev, priv);
	intel_domain_detach(domain, dev); /* attached elsewhere: nothing happens */
	expect_blocked(rig, 0, 0);
	iommu_domain_free(domain);
}

/* A device on the upper half of its bus, and one on the bus of another unit's device. */
static void spread_devices(struct rig *rig)
{
	intel_pair(rig, SERVER, BROADWELL);
	rig->devices[0].source_id = 0x3aff;
	rig->devices[1].source_id = 0xff87;
}

RIG_TEST(intel_domain, reaches_devices_on_every_part_of_a_bus, spread_devices(rig))
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(rig_attach(rig, domain, 1), 0);
	EXPECT_EQ(iommu_map(domain, 0, SOMEWHERE, SZ_4K, RW), 0);
	expect_reached(rig, 0, 0, SOMEWHERE);
	expect_reached(rig, 1, 0, SOMEWHERE);
	rig_detach(rig, domain, 0);
	rig_detach(rig, domain, 1);
	iommu_domain_free(domain);
}

/* ---- identity ---- */

static void with_identity(struct rig *rig, struct intel_unit_config unit)
{
	intel_pair(rig, unit, SERVER);
	rig->devices[0].identity = true;
}

RIG_TEST(intel_identity, passes_through_in_scalable_mode, with_identity(rig, SERVER))
{
	expect_reached(rig, 0, 0x3f00000123, 0x3f00000123);
	expect_blocked(rig, 1, 0x3f00000123);
}

RIG_TEST(intel_identity, passes_through_in_legacy_mode, with_identity(rig, BROADWELL))
{
	expect_reached(rig, 0, 0x3f00000123, 0x3f00000123);
}

RIG_TEST(intel_identity, is_a_map_of_ram_where_the_unit_cannot_pass_through,
	 with_identity(rig, GRAPHICS))
{
	u64 end = INTEL_RAM_BASE + INTEL_RAM_SIZE;

	expect_reached(rig, 0, INTEL_RAM_BASE, INTEL_RAM_BASE);
	expect_reached(rig, 0, end - 1, end - 1);
	expect_blocked(rig, 0, end);
	expect_blocked(rig, 0, 0);
}

RIG_TEST(intel_identity, map_has_large_pages,
	 with_identity(rig, ((struct intel_unit_config){ CAP_SERVER, ECAP_SERVER & ~ECAP_PT })))
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(rig_translate(rig, 0, INTEL_RAM_BASE, ACCESS_READ).page_size, SZ_2M);
	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	expect_blocked(rig, 0, INTEL_RAM_BASE);
	rig_detach(rig, domain, 0);
	expect_reached(rig, 0, INTEL_RAM_BASE, INTEL_RAM_BASE);
	iommu_domain_free(domain);
}

/* ---- memory that runs out ---- */

static long attach_and_map(struct rig *rig)
{
	struct iommu_domain *domain = rig_domain(rig);
	int ret;

	if (!domain)
		return 0;
	if (!rig_attach(rig, domain, 0)) {
		ret = iommu_map(domain, SZ_1G - SZ_4K, SOMEWHERE - SZ_4K, SZ_4M, RW);
		if (!ret)
			expect_reached(rig, 0, SZ_1G, SOMEWHERE);
		else
			expect_blocked(rig, 0, SZ_1G);
		rig_detach(rig, domain, 0);
	}
	expect_blocked(rig, 0, SZ_1G);
	iommu_domain_free(domain);
	return 0;
}

static const char *const allocators[] = { "fault.kmalloc_nth", "fault.page_nth" };

TEST_WITH_PARAMS(intel_memory, that_runs_out_changes_nothing_and_leaks_nothing, char *const,
		 allocators)
{
	struct rig rig;
	unsigned int nth;

	intel_unit(&rig, CAP_SERVER_5_LEVELS, ECAP_SERVER);
	ASSERT_TRUE(rig_boot(&rig));
	for (nth = 1; nth < 20; nth++) {
		char value[8];

		snprintf(value, sizeof(value), "%u", nth);
		SCOPED_NOTE("%s=%u", *param, nth);
		EXPECT_EQ(kernel_set_parameter(rig.kernel, *param, value), 0);
		EXPECT_EQ(rig_run(&rig, attach_and_map), 0);
	}
	rig_end(&rig);
}

/* ---- random ---- */

#define PAGES 4096 /* that the random test maps in */
#define IOVA_BASE 0x40000000ULL

struct random_run {
	u64 seed;
	struct iommu_domain *domain;
	u64 expected[PAGES]; /* host-physical page, 0: not mapped */
};

/* Maps a run of pages that are free, at random aligned to 2 MiB. */
static void random_map(struct random_run *run)
{
	u64 first = rig_random(&run->seed) % PAGES, count = rig_random(&run->seed) % 700 + 1, i;
	u64 phys = 0x1000000000ULL + (rig_random(&run->seed) % PAGES << 12);

	if (rig_random(&run->seed) % 2) {
		first &= ~511ULL;
		phys &= ~(u64)(SZ_2M - 1);
	}
	for (i = 0; i < count && first + i < PAGES && !run->expected[first + i]; i++)
		;
	count = i;
	if (!count)
		return;
	ASSERT_EQ(iommu_map(run->domain, IOVA_BASE + (first << 12), phys, count << 12, RW), 0);
	for (i = 0; i < count; i++)
		run->expected[first + i] = phys + (i << 12);
}

/* Unmaps a run of mapped pages; large pages at its ends may go with it. */
static void random_unmap(struct random_run *run)
{
	u64 first = rig_random(&run->seed) % PAGES, count = rig_random(&run->seed) % 700 + 1, i;
	struct intel_domain *domain = to_intel_domain(run->domain);
	struct intel_leaf leaf = intel_pagetable_lookup(&domain->table, IOVA_BASE + (first << 12));
	size_t unmapped;

	if (!leaf.page_size)
		return;
	first = (leaf.iova - IOVA_BASE) >> 12;
	for (i = 0; i < count && first + i < PAGES && run->expected[first + i]; i++)
		;
	unmapped = iommu_unmap(run->domain, IOVA_BASE + (first << 12), i << 12);
	EXPECT_GE(unmapped, i << 12);
	for (i = 0; i < unmapped >> 12; i++) {
		EXPECT_NE(run->expected[first + i], 0);
		run->expected[first + i] = 0;
	}
}

static void random_dma(struct rig *rig, struct random_run *run)
{
	u64 page = rig_random(&run->seed) % PAGES, offset = rig_random(&run->seed) % SZ_4K;
	u64 address = IOVA_BASE + (page << 12) + offset;
	unsigned int device = rig_random(&run->seed) % rig->device_count;
	u64 expected = run->expected[page] ? run->expected[page] + offset : 0;
	struct translation_result result = rig_translate(rig, device, address, ACCESS_WRITE);

	EXPECT_EQ(result.fault != 0, expected == 0);
	if (!result.fault)
		EXPECT_EQ(result.address.v, expected);
	EXPECT_EQ(iommu_iova_to_phys(run->domain, address), expected);
}

static long random_body(struct rig *rig)
{
	struct random_run *run = kzalloc(sizeof(*run), GFP_KERNEL);
	unsigned int i, step;

	run->seed = 0x2020040100000001ULL ^ rig->vtd_config[0].cap;
	SCOPED_NOTE("seed 0x%llx", run->seed);
	run->domain = rig_domain(rig);
	for (i = 0; i < rig->device_count; i++)
		EXPECT_EQ(rig_attach(rig, run->domain, i), 0);
	for (step = 0; step < 600; step++) {
		if (rig_random(&run->seed) % 2)
			random_map(run);
		else
			random_unmap(run);
		for (i = 0; i < 20; i++)
			random_dma(rig, run);
	}
	for (i = 0; i < rig->device_count; i++)
		rig_detach(rig, run->domain, i);
	iommu_domain_free(run->domain);
	kfree(run);
	return 0;
}

TEST_WITH_NAMED_PARAMS(intel_random, maps_and_unmaps_agree_with_a_plain_array, struct kind, kinds,
		       name)
{
	run_on_kind(param, random_body);
}

TEST(intel_random, maps_and_unmaps_agree_on_two_units)
{
	struct rig rig;

	intel_pair(&rig, FIVE_LEVELS, (struct intel_unit_config){ CAP_QEMU, ECAP_QEMU });
	rig_test(&rig, random_body);
}
