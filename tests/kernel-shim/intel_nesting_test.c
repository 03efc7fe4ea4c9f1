// SPDX-License-Identifier: Apache-2.0
/* Guest page tables on the Intel driver: nesting mode, what it tells, bind and unbind. */
#include "intel_nesting.h"

#include "iommu/intel/intel.h"

#include "lib/state.h"

/* ---- nesting mode ---- */

struct nesting_row {
	const char *name;
	const char *variant;
	struct intel_unit_config first, second;
	int expected;
};

#define WITHOUT(field)                             \
	{                                          \
		CAP_SERVER, ECAP_SERVER & ~(field) \
	}
#define WITH(field)                               \
	{                                         \
		CAP_SERVER, ECAP_SERVER | (field) \
	}

static const struct nesting_row nesting_rows[] = {
	{ "equal_units", "v1", { CAP_SERVER, ECAP_SERVER }, { CAP_SERVER, ECAP_SERVER }, 0 },
	{ "equal_units_in_v7", "v7", { CAP_SERVER, ECAP_SERVER }, { CAP_SERVER, ECAP_SERVER }, 0 },
	{ "a_legacy_unit",
	  "v1",
	  { CAP_SERVER, ECAP_SERVER },
	  { CAP_BROADWELL, ECAP_BROADWELL },
	  -ENODEV },
	{ "a_unit_without_nest",
	  "upstream",
	  WITHOUT(ECAP_NEST),
	  { CAP_SERVER, ECAP_SERVER },
	  -ENODEV },
	{ "legacy_units",
	  "mainline",
	  { CAP_BROADWELL, ECAP_BROADWELL },
	  { CAP_BROADWELL, ECAP_BROADWELL },
	  -ENODEV },
	{ "different_fs5lp",
	  "v1",
	  { CAP_SERVER, ECAP_SERVER },
	  { CAP_SERVER_5_LEVELS, ECAP_SERVER },
	  0 },
	{ "different_fs5lp_in_v7",
	  "v7",
	  { CAP_SERVER, ECAP_SERVER },
	  { CAP_SERVER_5_LEVELS, ECAP_SERVER },
	  -ENODEV },
	{ "different_fs1gp_in_v7",
	  "v7",
	  { CAP_SERVER & ~CAP_FS1GP, ECAP_SERVER },
	  { CAP_SERVER, ECAP_SERVER },
	  -ENODEV },
	{ "different_prs_in_v7", "v7", { CAP_SERVER, ECAP_SERVER }, WITH(ECAP_PRS), -ENODEV },
	{ "different_ers_in_v7", "v7", { CAP_SERVER, ECAP_SERVER }, WITH(ECAP_ERS), -ENODEV },
	{ "different_srs_in_v7", "v7", { CAP_SERVER, ECAP_SERVER }, WITHOUT(ECAP_SRS), -ENODEV },
	{ "different_eafs_in_v7", "v7", { CAP_SERVER, ECAP_SERVER }, WITHOUT(ECAP_EAFS), -ENODEV },
	{ "different_pasid_in_v7", "v7", { CAP_SERVER, ECAP_SERVER }, WITHOUT(ECAP_PASID), -ENODEV },
	{ "different_pt_in_v7", "v7", { CAP_SERVER, ECAP_SERVER }, WITHOUT(ECAP_PT), 0 },
	{ "different_srs_in_v1",
	  "v1-attach-check",
	  { CAP_SERVER, ECAP_SERVER },
	  WITHOUT(ECAP_SRS),
	  0 },
};

static long enable_nesting(struct rig *rig)
{
	const struct nesting_row *row = rig->param;
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(iommu_enable_nesting(domain), row->expected);
	iommu_domain_free(domain);
	return 0;
}

TEST_WITH_NAMED_PARAMS(intel_nesting, mode_needs_units_that_nest_and_in_v7_agree,
		       struct nesting_row, nesting_rows, name)
{
	struct rig rig;

	intel_pair(&rig, param->first, param->second);
	rig.config.variant = param->variant;
	rig.param = param;
	rig_test(&rig, enable_nesting);
}

RIG_TEST(intel_nesting, mode_is_for_domains_without_devices, intel_server(rig))
{
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(rig_attach(rig, domain, 0), 0);
	EXPECT_EQ(iommu_enable_nesting(domain), -ENODEV);
	rig_detach(rig, domain, 0);
	EXPECT_EQ(iommu_enable_nesting(domain), 0);
	iommu_domain_free(domain);
}

RIG_TEST(intel_nesting, attributes_are_for_unmanaged_domains, intel_server(rig))
{
	struct iommu_domain *domain = intel_domain_alloc(IOMMU_DOMAIN_DMA);
	u32 format = 0;

	EXPECT_EQ(iommu_enable_nesting(domain), -EINVAL);
	EXPECT_EQ(iommu_domain_set_attr(domain, DOMAIN_ATTR_NESTING, &format), -EINVAL);
	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_PASID_FORMAT, &format), -EINVAL);
	intel_domain_free(domain);
}

RIG_TEST(intel_nesting, unknown_attributes_are_refused, intel_server(rig))
{
	struct iommu_domain *domain = rig_domain(rig);
	int value = 0;

	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING, &value), -ENODEV);
	EXPECT_EQ(iommu_domain_set_attr(domain, DOMAIN_ATTR_PASID_FORMAT, &value), -EINVAL);
	iommu_domain_free(domain);
}

RIG_TEST(intel_nesting, format_is_told_even_by_legacy_units,
	 intel_unit(rig, CAP_BROADWELL, ECAP_BROADWELL))
{
	struct iommu_domain *domain = rig_domain(rig);
	u32 format = 0;

	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_PASID_FORMAT, &format), 0);
	EXPECT_EQ(format, IOMMU_PASID_FORMAT_INTEL_VTD);
	iommu_domain_free(domain);
}

/* ---- nesting info ---- */

RIG_TEST(intel_nesting, info_tells_what_a_first_stage_depends_on, intel_server_of(rig, "v7"))
{
	struct iommu_nesting_info info = { .argsz = sizeof(info), .flags = 7 };
	struct guest guest = guest_start(rig, 1);

	EXPECT_EQ(iommu_domain_get_attr(guest.domain, DOMAIN_ATTR_NESTING_INFO, &info), 0);
	EXPECT_EQ(info.argsz, sizeof(info));
	EXPECT_EQ(info.flags, 0);
	EXPECT_EQ(info.format, IOMMU_PASID_FORMAT_INTEL_VTD);
	EXPECT_EQ(info.features, 7);
	EXPECT_EQ(info.addr_width, 48);
	EXPECT_EQ(info.pasid_bits, 20);
	EXPECT_EQ(info.vendor.vtd.cap_reg, CAP_SERVER & 1ULL << 56);
	EXPECT_EQ(info.vendor.vtd.ecap_reg,
		  ECAP_SERVER & (1ULL << 29 | 1ULL << 30 | 1ULL << 31 | 1ULL << 34 | 1ULL << 40));
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_nesting, info_that_does_not_fit_tells_its_size, intel_server_of(rig, "v7"))
{
	struct iommu_nesting_info info = { .argsz = sizeof(info) - 1, .format = 99 };
	struct guest guest = guest_start(rig, 1);

	EXPECT_EQ(iommu_domain_get_attr(guest.domain, DOMAIN_ATTR_NESTING_INFO, &info), 0);
	EXPECT_EQ(info.argsz, sizeof(info));
	EXPECT_EQ(info.format, 99);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_nesting, info_needs_nesting_mode_and_a_device, intel_server_of(rig, "v7"))
{
	struct iommu_nesting_info info = { .argsz = sizeof(info) };
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING_INFO, &info), -ENODEV);
	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING_INFO, NULL), -EINVAL);
	EXPECT_EQ(iommu_domain_set_attr(domain, DOMAIN_ATTR_IOASID_SET, NULL), -ENODEV);
	EXPECT_EQ(iommu_enable_nesting(domain), 0);
	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING_INFO, &info), -ENODEV);
	iommu_domain_free(domain);
}

static void pasid_sizes(struct rig *rig)
{
	intel_pair(rig, SERVER,
		   (struct intel_unit_config){ CAP_SERVER,
					       (ECAP_SERVER & ~ECAP_PSS) | 15ULL << 35 });
	rig->config.variant = "v7";
}

RIG_TEST(intel_nesting, info_tells_the_fewest_pasid_bits_of_all_units, pasid_sizes(rig))
{
	struct iommu_nesting_info info = { .argsz = sizeof(info) };
	struct guest guest = guest_start(rig, 2);

	EXPECT_EQ(iommu_domain_get_attr(guest.domain, DOMAIN_ATTR_NESTING_INFO, &info), 0);
	EXPECT_EQ(info.pasid_bits, 16);
	guest_stop(rig, &guest, 2);
}

/* ---- bind ---- */

RIG_TEST(intel_bind, nests_the_guests_table_on_the_domain, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1);

	EXPECT_EQ(guest_read(rig, &guest, 0), -VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT);
	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	/* requests without PASID still see guest-physical addresses */
	EXPECT_EQ(rig_translate(rig, 0, GUEST_DATA, ACCESS_READ).address.v, guest.ram + GUEST_DATA);
	EXPECT_EQ(iommu_sva_unbind_gpasid(guest.domain, rig_device(rig, 0), guest.pasid), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), -VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_bind, is_seen_by_a_unit_that_caches_what_is_not_present,
	 intel_pair(rig, ((struct intel_unit_config){ CAP_SERVER | CAP_CM, ECAP_SERVER }), SERVER))
{
	struct guest guest = guest_start(rig, 1);

	EXPECT_EQ(guest_read(rig, &guest, 0), -VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT);
	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	EXPECT_EQ(iommu_sva_unbind_gpasid(guest.domain, rig_device(rig, 0), guest.pasid), 0);
	guest.pasid = guest_pasid(&guest, 5000); /* its table is not even there */
	EXPECT_EQ(guest_read(rig, &guest, 0), -VTD_FAULT_SM_PASID_DIRECTORY_NOT_PRESENT);
	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_bind, works_on_each_device_of_a_domain_with_units_of_its_own,
	 intel_pair(rig, FIVE_LEVELS, SERVER))
{
	struct guest guest = guest_start(rig, 2);

	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	EXPECT_EQ(guest_read(rig, &guest, 1), -VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT);
	EXPECT_EQ(guest_bind(rig, &guest, 1), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	EXPECT_EQ(guest_read(rig, &guest, 1), GUEST_DATA);
	guest_stop(rig, &guest, 2);
}

RIG_TEST(intel_bind, takes_five_levels_where_the_unit_has_them,
	 intel_pair(rig, FIVE_LEVELS, FIVE_LEVELS))
{
	struct guest guest = guest_start(rig, 1);
	struct iommu_gpasid_bind_data data = guest_bind_data(&guest);
	u64 address = 0x0055123456789000;

	guest_map_5_levels(rig, &guest, address, GUEST_DATA + SZ_4K);
	data.gpgd = GUEST_TOP - SZ_4K;
	data.addr_width = 57;
	EXPECT_EQ(iommu_sva_bind_gpasid(guest.domain, rig_device(rig, 0), &data), 0);
	EXPECT_EQ(rig_translate_pasid(rig, 0, guest.pasid, address, ACCESS_WRITE).address.v,
		  guest.ram + GUEST_DATA + SZ_4K);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_bind, flags_of_the_request_are_in_the_entry, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1);
	struct iommu_gpasid_bind_data data = guest_bind_data(&guest);
	struct intel_device *info = dev_iommu_priv_get(rig_device(rig, 0));
	u64 leaf = guest_leaf(&guest, GUEST_VIRTUAL);

	data.vtd_flags = IOMMU_SVA_VTD_GPASID_SRE | IOMMU_SVA_VTD_GPASID_EAFE;
	EXPECT_TRUE(guest.domain->ops->enforce_cache_coherency(guest.domain));
	EXPECT_EQ(iommu_sva_bind_gpasid(guest.domain, rig_device(rig, 0), &data), 0);
	EXPECT_TRUE(intel_pasid_is_nested(info->pasids, guest.pasid));
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	EXPECT_EQ(intel_peek(rig, leaf) >> 10 & 1, 1); /* extended accessed */
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_bind, and_detach_go_together, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1);
	struct intel_device *info = dev_iommu_priv_get(rig_device(rig, 0));

	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	rig_detach(rig, guest.domain, 0);
	EXPECT_LT(guest_read(rig, &guest, 0), 0);
	EXPECT_FALSE(intel_pasid_any_nested(info->pasids));
	EXPECT_EQ(rig_attach(rig, guest.domain, 0), 0);
	EXPECT_LT(guest_read(rig, &guest, 0), 0);
	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_bind, of_memory_that_is_unmapped_faults, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1);

	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	EXPECT_EQ(iommu_unmap(guest.domain, 0, GUEST_SIZE), GUEST_SIZE);
	EXPECT_LT(guest_read(rig, &guest, 0), 0);
	guest_stop(rig, &guest, 1);
}

#define MANY 300

RIG_TEST(intel_bind, of_many_pasids_leaves_nothing_once_undone, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1);
	u64 before = rig_usage(rig).table_pages;
	ioasid_t pasids[MANY];
	unsigned int i;

	for (i = 0; i < MANY; i++) {
		guest.pasid = pasids[i] = guest_pasid(&guest, i * 100 + 64);
		ASSERT_EQ(guest_bind(rig, &guest, 0), 0);
	}
	EXPECT_GT(rig_usage(rig).table_pages, before + 100);
	for (i = 0; i < MANY; i++) {
		guest.pasid = pasids[i * 7 % MANY];
		EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
		EXPECT_EQ(iommu_sva_unbind_gpasid(guest.domain, rig_device(rig, 0), guest.pasid),
			  0);
		EXPECT_LT(guest_read(rig, &guest, 0), 0);
	}
	EXPECT_EQ(rig_usage(rig).table_pages, before);
	for (i = 0; i < MANY; i++) {
		guest.pasid = pasids[i];
		ASSERT_EQ(guest_bind(rig, &guest, 0), 0);
	}
	guest_stop(rig, &guest, 1); /* detaching undoes them all */
}

RIG_TEST(intel_bind, enables_pasid_and_ats_in_the_device_while_attached, intel_server(rig))
{
	struct pci_dev *pdev = to_pci_dev(rig_device(rig, 0));
	struct guest guest = guest_start(rig, 1);

	EXPECT_TRUE(pdev->pasid_enabled);
	EXPECT_TRUE(pdev->ats_enabled);
	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_bind, does_not_outlive_a_pasid_that_was_freed, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1);

	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	ioasid_free(guest.set, guest.pasid);
	EXPECT_EQ(iommu_sva_unbind_gpasid(guest.domain, rig_device(rig, 0), guest.pasid), 0);
	EXPECT_LT(guest_read(rig, &guest, 0), 0);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_unbind, of_what_is_not_bound_is_refused, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1);
	struct device *dev = rig_device(rig, 0);

	EXPECT_EQ(iommu_sva_unbind_gpasid(guest.domain, dev, guest.pasid), -EINVAL);
	EXPECT_EQ(iommu_sva_unbind_gpasid(guest.domain, dev, 77), -ENOENT);
	EXPECT_EQ(iommu_sva_unbind_gpasid(guest.domain, dev, 0), -EINVAL);
	EXPECT_EQ(iommu_sva_unbind_gpasid(guest.domain, dev, 1 << 20), -EINVAL);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_bind, that_is_there_already_is_busy_whatever_else_is_wrong, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1);
	struct iommu_gpasid_bind_data data = guest_bind_data(&guest);

	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	EXPECT_EQ(guest_bind(rig, &guest, 0), -EBUSY);
	data.addr_width = 1;
	EXPECT_EQ(iommu_sva_bind_gpasid(guest.domain, rig_device(rig, 0), &data), -EBUSY);
	data.format = 9;
	EXPECT_EQ(iommu_sva_bind_gpasid(guest.domain, rig_device(rig, 0), &data), -EINVAL);
	EXPECT_EQ(guest_read(rig, &guest, 0), GUEST_DATA);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_bind, takes_pasids_of_the_domains_set_only, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1);
	struct ioasid_set *other = ioasid_set_alloc(&guest, 10);
	ioasid_t mine = guest.pasid;

	guest.pasid = ioasid_alloc(other, 100, 200, NULL);
	EXPECT_EQ(guest_bind(rig, &guest, 0), 0); /* no set: any PASID will do */
	EXPECT_EQ(iommu_sva_unbind_gpasid(guest.domain, rig_device(rig, 0), guest.pasid), 0);
	EXPECT_EQ(iommu_domain_set_attr(guest.domain, DOMAIN_ATTR_IOASID_SET, other), 0);
	EXPECT_EQ(iommu_domain_set_attr(guest.domain, DOMAIN_ATTR_IOASID_SET, guest.set), 0);
	EXPECT_EQ(guest_bind(rig, &guest, 0), -EACCES);
	guest.pasid = 300;
	EXPECT_EQ(guest_bind(rig, &guest, 0), -ENOENT);
	guest.pasid = mine;
	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	ioasid_set_put(other);
	guest_stop(rig, &guest, 1);
}

RIG_TEST(intel_bind, needs_a_domain_in_nesting_mode_that_the_device_is_in, intel_server(rig))
{
	struct guest guest = guest_start(rig, 0), plain = guest;

	EXPECT_EQ(guest_bind(rig, &guest, 0), -EINVAL);
	EXPECT_EQ(rig_attach(rig, guest.domain, 0), 0);
	plain.domain = rig_domain(rig);
	EXPECT_EQ(guest_bind(rig, &plain, 0), -EINVAL);
	rig_detach(rig, guest.domain, 0);
	EXPECT_EQ(rig_attach(rig, plain.domain, 0), 0);
	EXPECT_EQ(guest_bind(rig, &plain, 0), -EINVAL);
	rig_detach(rig, plain.domain, 0);
	iommu_domain_free(plain.domain);
	guest_stop(rig, &guest, 0);
}

RIG_TEST(intel_bind, needs_a_unit_that_nests,
	 intel_pair(rig, ((struct intel_unit_config){ CAP_SERVER, ECAP_SERVER & ~ECAP_NEST }),
		    SERVER))
{
	struct guest guest = { .domain = rig_domain(rig), .set = ioasid_set_alloc(rig, 10) };

	guest.pasid = guest_pasid(&guest, 1);
	EXPECT_EQ(rig_attach(rig, guest.domain, 0), 0);
	EXPECT_EQ(guest_bind(rig, &guest, 0), -EINVAL);
	EXPECT_TRUE(rig_logged(rig, "dmar0 has no nested translation"));
	rig_detach(rig, guest.domain, 0);
	ioasid_set_put(guest.set);
	iommu_domain_free(guest.domain);
}

RIG_TEST(intel_bind, on_legacy_units_is_refused, intel_pair(rig, BROADWELL, BROADWELL))
{
	struct guest guest = { .domain = rig_domain(rig), .set = ioasid_set_alloc(rig, 10) };

	guest.pasid = guest_pasid(&guest, 1);
	EXPECT_EQ(rig_attach(rig, guest.domain, 0), 0);
	EXPECT_EQ(guest_bind(rig, &guest, 0), -EINVAL);
	rig_detach(rig, guest.domain, 0);
	ioasid_set_put(guest.set);
	iommu_domain_free(guest.domain);
}

RIG_TEST(intel_bind, needs_a_device_behind_a_unit_and_data, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1);
	struct iommu_gpasid_bind_data data = guest_bind_data(&guest);
	struct iommu_cache_invalidate_info info = { .version = 1 };
	struct device *dev = rig_device(rig, 0);
	void *priv = dev_iommu_priv_get(dev);

	EXPECT_EQ(intel_bind_gpasid(guest.domain, dev, NULL), -EINVAL);
	EXPECT_EQ(intel_cache_invalidate(guest.domain, dev, NULL), -EINVAL);
	dev_iommu_priv_set(dev, NULL);
	EXPECT_EQ(intel_bind_gpasid(guest.domain, dev, &data), -EINVAL);
	EXPECT_EQ(intel_unbind_gpasid(dev, guest.pasid), -EINVAL);
	EXPECT_EQ(intel_cache_invalidate(guest.domain, dev, &info), -ENODEV);
	dev_iommu_priv_set(dev, priv);
	guest_stop(rig, &guest, 1);
}

/*
 * ---- each check of bind, on a machine that lacks one thing or with a request that has one fault
 * ----
 */

struct bind_row {
	const char *name;
	u64 cap_without, ecap_without;
	unsigned int pasid_width; /* of the device; 0: 20 */
	bool no_device_pasid;
	u32 version, format, addr_width; /* 0: right */
	u64 hpasid, gpgd; /* 0: right */
	u64 flags;
	int expected;
};

#define NO_HPASID (1ULL << 63) /* stands for 0 */

static const struct bind_row bind_rows[] = {
	{ .name = "nothing_is_wrong", .expected = 0 },
	{ .name = "unknown_version", .version = 2, .expected = -EINVAL },
	{ .name = "unknown_format", .format = 2, .expected = -EINVAL },
	{ .name = "version_comes_before_the_pasid",
	  .version = 2,
	  .hpasid = 999,
	  .expected = -EINVAL },
	{ .name = "device_without_pasid", .no_device_pasid = true, .expected = -EINVAL },
	{ .name = "device_with_19_pasid_bits", .pasid_width = 19, .expected = -EINVAL },
	{ .name = "pasid_bits_come_before_the_set",
	  .pasid_width = 19,
	  .hpasid = 999,
	  .expected = -EINVAL },
	{ .name = "pasid_0", .hpasid = NO_HPASID, .expected = -EINVAL },
	{ .name = "pasid_of_21_bits", .hpasid = 1 << 20, .expected = -EINVAL },
	{ .name = "pasid_that_is_not_allocated", .hpasid = 999, .expected = -ENOENT },
	{ .name = "the_set_comes_before_the_hardware",
	  .hpasid = 999,
	  .ecap_without = ECAP_PASID,
	  .expected = -ENOENT },
	{ .name = "unit_without_pasid", .ecap_without = ECAP_PASID, .expected = -EINVAL },
	{ .name = "57_bits_without_fs5lp", .addr_width = 57, .expected = -EINVAL },
	{ .name = "neither_48_nor_57_bits", .addr_width = 39, .expected = -EINVAL },
	{ .name = "table_beyond_memory", .gpgd = GUEST_SIZE + 1, .expected = -EINVAL },
	{ .name = "table_at_the_end_of_memory", .gpgd = GUEST_SIZE, .expected = 0 },
	{ .name = "supervisor_requests", .flags = IOMMU_SVA_VTD_GPASID_SRE, .expected = 0 },
	{ .name = "supervisor_requests_without_srs",
	  .flags = IOMMU_SVA_VTD_GPASID_SRE,
	  .ecap_without = ECAP_SRS,
	  .expected = -EINVAL },
	{ .name = "extended_access", .flags = IOMMU_SVA_VTD_GPASID_EAFE, .expected = 0 },
	{ .name = "extended_access_without_eafs",
	  .flags = IOMMU_SVA_VTD_GPASID_EAFE,
	  .ecap_without = ECAP_EAFS,
	  .expected = -EINVAL },
	{ .name = "memory_type_cd", .flags = IOMMU_SVA_VTD_GPASID_CD, .expected = -EINVAL },
	{ .name = "memory_type_emte", .flags = IOMMU_SVA_VTD_GPASID_EMTE, .expected = -EINVAL },
	{ .name = "memory_type_pcd", .flags = IOMMU_SVA_VTD_GPASID_PCD, .expected = -EINVAL },
	{ .name = "memory_type_pwt", .flags = IOMMU_SVA_VTD_GPASID_PWT, .expected = -EINVAL },
};

static long bind_row(struct rig *rig)
{
	const struct bind_row *row = rig->param;
	struct guest guest = guest_start(rig, 1);
	struct iommu_gpasid_bind_data data = guest_bind_data(&guest);
	u64 before = rig_usage(rig).table_pages;

	if (row->version)
		data.version = row->version;
	if (row->format)
		data.format = row->format;
	if (row->addr_width)
		data.addr_width = row->addr_width;
	if (row->hpasid)
		data.hpasid = row->hpasid & ~NO_HPASID;
	if (row->gpgd)
		data.gpgd = row->gpgd;
	data.vtd_flags = row->flags;
	EXPECT_EQ(iommu_sva_bind_gpasid(guest.domain, rig_device(rig, 0), &data), row->expected);
	if (row->expected) {
		EXPECT_LT(guest_read(rig, &guest, 0), 0);
		EXPECT_EQ(rig_usage(rig).table_pages, before);
	}
	guest_stop(rig, &guest, 1);
	return 0;
}

TEST_WITH_NAMED_PARAMS(intel_bind, checks_its_request, struct bind_row, bind_rows, name)
{
	struct rig rig;

	intel_server(&rig);
	rig.vtd_config[0].cap &= ~param->cap_without;
	rig.vtd_config[0].ecap &= ~param->ecap_without;
	rig.function_config[0].pasid = !param->no_device_pasid;
	rig.function_config[0].pasid_width = param->pasid_width;
	rig.param = param;
	rig_test(&rig, bind_row);
}

RIG_TEST(intel_bind, beyond_the_pasids_of_the_unit_is_refused,
	 intel_pair(rig, SERVER,
		    ((struct intel_unit_config){ CAP_SERVER,
						 (ECAP_SERVER & ~ECAP_PSS) | 9ULL << 35 })))
{
	struct guest guest = guest_start(rig, 1);

	guest.pasid = guest_pasid(&guest, 1 << 10);
	EXPECT_EQ(guest_bind(rig, &guest, 0), -EINVAL);
	guest.pasid = guest_pasid(&guest, (1 << 10) - 1);
	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	guest_stop(rig, &guest, 1);
}

/* A unit whose queue refuses what bind asks for: the entry is not left behind. */
static bool refuse_tail(struct rig *rig, unsigned int unit, u32 offset, bool write, u64 *value)
{
	(void)unit;
	(void)value;
	return !(offset == DMAR_IQT && write && rig->hook_count++ == 0);
}

RIG_TEST(intel_bind, that_cannot_be_flushed_is_undone, intel_server(rig))
{
	struct guest guest = guest_start(rig, 1);
	u64 before = rig_usage(rig).table_pages;

	rig->hook = refuse_tail;
	guest.pasid = guest_pasid(&guest, 4000);
	EXPECT_EQ(guest_bind(rig, &guest, 0), -ETIMEDOUT);
	rig->hook = NULL;
	EXPECT_LT(guest_read(rig, &guest, 0), 0);
	EXPECT_EQ(rig_usage(rig).table_pages, before);
	EXPECT_EQ(guest_bind(rig, &guest, 0), 0);
	guest_stop(rig, &guest, 1);
}

static long bind_without_memory(struct rig *rig)
{
	static const char *const allocators[] = { "fault.kmalloc_nth", "fault.page_nth" };
	struct guest guest = guest_start(rig, 1);
	unsigned int i, nth;
	u64 before;

	guest.pasid = guest_pasid(&guest, 100000);
	before = rig_usage(rig).table_pages;
	for (i = 0; i < 2; i++) {
		for (nth = 1; nth < 4; nth++) {
			int ret;

			rig->kernel->faults = (struct fault_state){ .kmalloc_in = i ? 0 : nth,
								    .page_in = i ? nth : 0 };
			SCOPED_NOTE("%s=%u", allocators[i], nth);
			ret = guest_bind(rig, &guest, 0);
			rig->kernel->faults = (struct fault_state){ 0 };
			EXPECT_TRUE(ret == 0 || ret == -ENOMEM);
			EXPECT_EQ(guest_read(rig, &guest, 0) == GUEST_DATA, ret == 0);
			if (!ret)
				intel_unbind_gpasid(rig_device(rig, 0), guest.pasid);
			EXPECT_EQ(rig_usage(rig).table_pages, before);
		}
	}
	guest_stop(rig, &guest, 1);
	return 0;
}

TEST(intel_bind, without_memory_changes_nothing)
{
	struct rig rig;

	intel_server(&rig);
	rig_test(&rig, bind_without_memory);
}
