// SPDX-License-Identifier: Apache-2.0
/*
 * Dirty tracking on the Intel driver: what it tells is what DMA wrote, and it is to be had only where every unit can. And
 * read-only mappings, which a nesting domain may refuse.
 */
#include "intel_nesting.h"

#include "iommu/intel/intel.h"

#define SOMEWHERE 0x123400000ULL /* host-physical, multiple of 4 MiB */
#define RW (IOMMU_READ | IOMMU_WRITE)

/* Pages as they are told. */
struct seen {
	u64 iova[8], size[8];
	unsigned int count;
};

static void see(void *arg, unsigned long iova, size_t size)
{
	struct seen *seen = arg;

	if (seen->count < 8) {
		seen->iova[seen->count] = iova;
		seen->size[seen->count] = size;
	}
	seen->count++;
}

static struct seen read_dirty(struct iommu_domain *domain, u64 iova, u64 size, unsigned long flags)
{
	struct seen seen = { .count = 0 };
	struct iommu_dirty_bitmap dirty = { .record = see, .arg = &seen };

	EXPECT_EQ(iommu_read_dirty(domain, iova, size, flags, &dirty), 0);
	return seen;
}

static void dma_write(struct rig *rig, unsigned int device, u64 address)
{
	EXPECT_EQ(rig_translate(rig, device, address, ACCESS_WRITE).fault, 0);
}

static struct iommu_domain *tracked_domain(struct rig *rig)
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(iommu_map(domain, 0x10000, SOMEWHERE, 4 * SZ_4K, RW), 0);
	EXPECT_EQ(iommu_map(domain, SZ_4M, SOMEWHERE, SZ_4M, RW), 0);
	EXPECT_EQ(iommu_set_dirty_tracking(domain, true), 0);
	return domain;
}

static void done_with(struct rig *rig, struct iommu_domain *domain)
{
	rig_detach(rig, domain, 0);
	iommu_domain_free(domain);
}

RIG_TEST(intel_dirty, tells_the_pages_that_dma_wrote_in_the_size_they_are_mapped_in,
	 intel_unit(rig, CAP_SERVER, ECAP_SERVER))
{
	struct iommu_domain *domain = tracked_domain(rig);
	struct seen seen;

	EXPECT_EQ(rig_translate(rig, 0, 0x10000, ACCESS_READ).fault, 0);
	dma_write(rig, 0, 0x12000);
	dma_write(rig, 0, SZ_4M + SZ_2M + 0x3000);
	seen = read_dirty(domain, 0, 1ULL << 40, 0);
	EXPECT_EQ(seen.count, 2);
	EXPECT_EQ(seen.iova[0], 0x12000);
	EXPECT_EQ(seen.size[0], SZ_4K);
	EXPECT_EQ(seen.iova[1], SZ_4M + SZ_2M);
	EXPECT_EQ(seen.size[1], SZ_2M);
	EXPECT_EQ(read_dirty(domain, 0, 1ULL << 40, 0).count, 0);
	/* what was cleared was flushed too */
	dma_write(rig, 0, 0x12000);
	EXPECT_EQ(read_dirty(domain, 0, 1ULL << 40, 0).count, 1);
	done_with(rig, domain);
}

RIG_TEST(intel_dirty, looks_at_the_range_alone_and_leaves_the_rest_dirty,
	 intel_unit(rig, CAP_SERVER, ECAP_SERVER))
{
	struct iommu_domain *domain = tracked_domain(rig);

	dma_write(rig, 0, 0x11000);
	dma_write(rig, 0, 0x13000);
	EXPECT_EQ(read_dirty(domain, 0x12000, SZ_4K, 0).count, 0);
	EXPECT_EQ(read_dirty(domain, 0x13000, SZ_4K, 0).iova[0], 0x13000);
	EXPECT_EQ(read_dirty(domain, 0x10000, 4 * SZ_4K, IOMMU_DIRTY_NO_CLEAR).iova[0], 0x11000);
	EXPECT_EQ(read_dirty(domain, 0x10000, 4 * SZ_4K, 0).count, 1);
	EXPECT_EQ(read_dirty(domain, 0x10000, 4 * SZ_4K, 0).count, 0);
	/* any byte of a large page stands for all of it */
	dma_write(rig, 0, SZ_4M);
	EXPECT_EQ(read_dirty(domain, SZ_4M + 0x5000, SZ_4K, 0).iova[0], SZ_4M);
	done_with(rig, domain);
}

RIG_TEST(intel_dirty, of_an_earlier_tracking_is_forgotten, intel_unit(rig, CAP_SERVER, ECAP_SERVER))
{
	struct iommu_domain *domain = tracked_domain(rig);
	struct iommu_dirty_bitmap dirty = { .record = see };

	dma_write(rig, 0, 0x10000);
	EXPECT_EQ(iommu_set_dirty_tracking(domain, false), 0);
	EXPECT_EQ(iommu_set_dirty_tracking(domain, false), 0);
	EXPECT_EQ(iommu_read_dirty(domain, 0, SZ_4M, 0, &dirty), -EINVAL);
	dma_write(rig, 0, 0x11000);
	EXPECT_EQ(iommu_set_dirty_tracking(domain, true), 0);
	EXPECT_EQ(read_dirty(domain, 0, SZ_4M, 0).count, 0);
	dma_write(rig, 0, 0x11000);
	EXPECT_EQ(read_dirty(domain, 0, SZ_4M, 0).count, 1);
	done_with(rig, domain);
}

struct unit_row {
	const char *name;
	struct intel_unit_config unit;
};

static const struct unit_row unable[] = {
	{ "without_ssads", { CAP_SERVER, ECAP_SERVER & ~ECAP_SSADS } },
	{ "without_smpwc", { CAP_SERVER, ECAP_SERVER & ~ECAP_SMPWC } },
	{ "legacy", { CAP_BROADWELL, ECAP_BROADWELL } },
};

static long refused_and_kept_out(struct rig *rig)
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(iommu_set_dirty_tracking(domain, true), -EOPNOTSUPP);
	rig_detach(rig, domain, 0);

	/* nor can the unit's device join a domain that is tracked */
	EXPECT_EQ(rig_attach(rig, domain, 1), 0);
	EXPECT_EQ(iommu_set_dirty_tracking(domain, true), 0);
	EXPECT_EQ(rig_attach(rig, domain, 0), -EINVAL);
	rig_detach(rig, domain, 1);
	iommu_domain_free(domain);
	return 0;
}

TEST_WITH_NAMED_PARAMS(intel_dirty, needs_every_unit_to_be_able, struct unit_row, unable, name)
{
	struct rig rig;

	intel_pair(&rig, param->unit, SERVER);
	rig_test(&rig, refused_and_kept_out);
}

RIG_TEST(intel_dirty, goes_on_for_devices_that_join_later, intel_pair(rig, SERVER, SERVER))
{
	struct iommu_domain *domain = tracked_domain(rig);

	EXPECT_EQ(rig_attach(rig, domain, 1), 0);
	dma_write(rig, 1, 0x13000);
	EXPECT_EQ(read_dirty(domain, 0, SZ_4M, 0).iova[0], 0x13000);
	EXPECT_EQ(iommu_set_dirty_tracking(domain, false), 0);
	rig_detach(rig, domain, 1);
	done_with(rig, domain);
}

RIG_TEST(intel_dirty, of_dma_that_passes_through_is_not_to_be_had,
	 intel_unit(rig, CAP_SERVER, ECAP_SERVER))
{
	struct iommu_domain *domain = intel_domain_alloc(IOMMU_DOMAIN_IDENTITY);

	EXPECT_EQ(intel_domain_attach(domain, rig_device(rig, 0)), 0);
	EXPECT_EQ(intel_domain_set_dirty_tracking(domain, true), -EOPNOTSUPP);
	intel_domain_detach(domain, rig_device(rig, 0));
	intel_domain_free(domain);
}

RIG_TEST(intel_dirty, counts_writes_of_guests_and_marks_in_their_tables, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1);
	struct seen seen;

	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	guest_map(rig, &guest, GUEST_VIRTUAL, GUEST_DATA);
	/* PASIDs that are bound already, and one that is bound later */
	EXPECT_EQ(iommu_set_dirty_tracking(guest.domain, true), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	seen = read_dirty(guest.domain, 0, GUEST_SIZE, 0);
	EXPECT_GT(seen.count, 0);
	EXPECT_EQ(iommu_set_dirty_tracking(guest.domain, false), 0);
	guest_stop(rig, &guest, 1);
}

/* ---- read-only mappings for nesting ---- */

static void server_that_refuses(struct rig *rig)
{
	intel_server(rig);
	rig->parameters[0] = "intel_iommu.nesting_no_read_only=1";
}

static void expect_read_only_map(struct rig *rig, int nested, int plain)
{
	struct guest guest = guest_start(rig, 1);
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(iommu_map(guest.domain, 1ULL << 30, SOMEWHERE, SZ_4K, IOMMU_READ), nested);
	EXPECT_EQ(iommu_map(guest.domain, 2ULL << 30, SOMEWHERE, SZ_4K, IOMMU_WRITE), 0);
	EXPECT_EQ(iommu_map(domain, 1ULL << 30, SOMEWHERE, SZ_4K, IOMMU_READ), plain);
	iommu_domain_free(domain);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_nesting, read_only_mappings_are_accepted, intel_server(rig))
{
	expect_read_only_map(rig, 0, 0);
}

RIG_TEST(intel_nesting, read_only_mappings_are_refused_if_told_so, server_that_refuses(rig))
{
	expect_read_only_map(rig, -EINVAL, 0);
	EXPECT_TRUE(rig_logged(rig, "erratum 772415"));
}
