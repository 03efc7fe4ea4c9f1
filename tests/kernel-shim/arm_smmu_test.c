// SPDX-License-Identifier: Apache-2.0
/*
 * SMMUv3 driver on the SMMU model: domains and stages, attributes, faults, what a device's DMA
 * comes to.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/iommu.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <stdio.h>
#include <string.h>
#include <uapi/linux/vfio_nesting.h>

#include "rig.h"
#include "lib/context.h"

#define RW (IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE)
#define K4 0x1000ULL
#define DATA 0x140000000ULL /* some host-physical address */

static struct dma_result pasid_read(struct rig *rig, u64 address, u32 pasid)
{
	const struct dma_request request = {
		.address = iova(address),
		.len = 8,
		.access = ACCESS_READ,
		.has_pasid = true,
		.pasid = pasid,
	};
	u64 data;

	return rig_dma(rig, 0, &request, &data);
}

/* ---- default domains ---- */

TEST(arm_smmu, a_device_of_the_host_faults_where_nothing_is_mapped)
{
	struct rig rig;

	rig_init_smmu(&rig);
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_EQ(rig_translate(&rig, 0, 0x5000, ACCESS_READ).fault, SMMUV3_F_TRANSLATION);
	EXPECT_TRUE(rig_logged(&rig, "translation fault, stream 0x100 reading 0x5000 stage 1"));
	EXPECT_EQ(rig_translate(&rig, 0, 0x6000, ACCESS_WRITE).fault, SMMUV3_F_TRANSLATION);
	EXPECT_TRUE(rig_logged(&rig, "writing 0x6000"));
	rig_end(&rig);
}

TEST(arm_smmu, an_identity_device_passes_through)
{
	struct translation_result result;
	struct rig rig;

	rig_init_smmu(&rig);
	rig.devices[0].identity = true;
	ASSERT_TRUE(rig_boot(&rig));
	result = rig_translate(&rig, 0, 0x123456000, ACCESS_WRITE);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.address.v, 0x123456000);
	rig_end(&rig);
}

TEST(arm_smmu, streams_that_nobody_probed_are_refused)
{
	struct rig rig;

	rig_init_smmu(&rig);
	ASSERT_TRUE(rig_boot(&rig));
	rig.devices[0].source_id = 0x0101;
	EXPECT_EQ(rig_translate(&rig, 0, 0, ACCESS_READ).fault, SMMUV3_C_BAD_STE);
	EXPECT_TRUE(rig_logged(&rig, "bad stream table entry, stream 0x101\n"));
	rig.devices[0].source_id = 0xffff;
	EXPECT_EQ(rig_translate(&rig, 0, 0, ACCESS_READ).fault, SMMUV3_C_BAD_STREAMID);
	rig.devices[0].source_id = 0x0100;
	rig_end(&rig);
}

TEST(arm_smmu, a_device_beyond_the_stream_ids_has_no_iommu)
{
	struct rig rig;

	rig_init_smmu(&rig);
	rig.smmu_config[0].stream_bits = 8;
	if (rig_try_boot(&rig))
		EXPECT_EQ(rig_translate(&rig, 0, 0, ACCESS_READ).fault, SMMUV3_C_BAD_STREAMID);
	rig_end(&rig);
}

/* ---- domains of users ---- */

struct stage_row {
	const char *name;
	bool stage1, stage2; /* of the hardware */
	bool nesting;
	int stage; /* that the domain ends up with */
	int nesting_told; /* by DOMAIN_ATTR_NESTING once attached */
};

static const struct stage_row stage_rows[] = {
	{ "both_stages", true, true, false, 1, 0 },
	{ "both_stages_nesting", true, true, true, 2, 1 },
	{ "stage1_only", true, false, false, 1, 0 },
	{ "stage1_only_nesting_is_ignored", true, false, true, 1, 0 },
	{ "stage2_only", false, true, false, 2, 0 },
	{ "stage2_only_nesting", false, true, true, 2, 0 },
};

static void expect_dma(struct rig *rig, u64 iova, u64 wanted)
{
	struct translation_result result = rig_translate(rig, 0, iova, ACCESS_READ);

	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.address.v, wanted);
	result = rig_translate(rig, 0, iova, ACCESS_WRITE);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.address.v, wanted);
}

static long dma_through_domain(struct rig *rig)
{
	const struct stage_row *row = rig->param;
	struct iommu_group *group;
	struct iommu_domain *domain = rig_attached_domain(rig, row->nesting, &group);
	int nesting = -1;

	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING, &nesting), 0);
	EXPECT_EQ(nesting, row->nesting_told);
	EXPECT_EQ(iommu_map(domain, 0x10000, DATA, 4 * K4, RW), 0);
	expect_dma(rig, 0x10010, DATA + 0x10);
	expect_dma(rig, 0x13ff8, DATA + 0x3ff8);
	EXPECT_EQ(rig_translate(rig, 0, 0x14000, ACCESS_READ).fault, SMMUV3_F_TRANSLATION);

	/* the TLB is warm: without invalidation this would go on working */
	EXPECT_EQ(iommu_unmap(domain, 0x10000, K4), K4);
	EXPECT_EQ(rig_translate(rig, 0, 0x10010, ACCESS_READ).fault, SMMUV3_F_TRANSLATION);
	expect_dma(rig, 0x11000, DATA + K4);

	iommu_detach_group(domain, group);
	EXPECT_EQ(rig_translate(rig, 0, 0x11000, ACCESS_READ).fault, SMMUV3_F_TRANSLATION);
	EXPECT_EQ(iommu_attach_group(domain, group), 0);
	expect_dma(rig, 0x11000, DATA + K4);
	rig_drop_domain(domain, group);
	EXPECT_EQ(rig_translate(rig, 0, 0x11000, ACCESS_READ).fault, SMMUV3_F_TRANSLATION);
	return 0;
}

TEST_WITH_NAMED_PARAMS(arm_smmu, dma_goes_where_the_domain_maps_it, struct stage_row, stage_rows,
		       name)
{
	char text[32];
	struct rig rig;

	rig_init_smmu(&rig);
	rig.param = param;
	rig.smmu_config[0].stage1 = param->stage1;
	rig.smmu_config[0].stage2 = param->stage2;
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_EQ(rig_run(&rig, dma_through_domain), 0);
	/* events that arrive while the kernel runs are handled on its way out */
	snprintf(text, sizeof(text), "reading 0x14000 stage %d", param->stage);
	EXPECT_TRUE(rig_logged(&rig, text));
	rig_end(&rig);
}

static long rights(struct rig *rig)
{
	struct iommu_group *group;
	struct iommu_domain *domain = rig_attached_domain(rig, rig->param != NULL, &group);
	bool stage2 = rig->param != NULL;

	EXPECT_EQ(iommu_map(domain, 0x1000, DATA, K4, IOMMU_READ), 0);
	EXPECT_EQ(iommu_map(domain, 0x2000, DATA, K4, IOMMU_WRITE | IOMMU_MMIO), 0);
	EXPECT_EQ(iommu_map(domain, 0x3000, DATA, K4, RW | IOMMU_NOEXEC), 0);
	EXPECT_EQ(iommu_map(domain, 0x4000, DATA, K4, IOMMU_CACHE), -EINVAL);
	EXPECT_EQ(iommu_map(domain, 0x5000, DATA, K4, RW | IOMMU_PRIV), 0);
	EXPECT_EQ(rig_translate(rig, 0, 0x1000, ACCESS_READ).fault, 0);
	EXPECT_EQ(rig_translate(rig, 0, 0x1000, ACCESS_WRITE).fault, SMMUV3_F_PERMISSION);
	EXPECT_EQ(rig_translate(rig, 0, 0x2000, ACCESS_WRITE).fault, 0);
	/* stage 1 has no write-only pages */
	EXPECT_EQ(rig_translate(rig, 0, 0x2000, ACCESS_READ).fault,
		  stage2 ? SMMUV3_F_PERMISSION : 0);
	EXPECT_EQ(rig_translate(rig, 0, 0x3000, ACCESS_WRITE).fault, 0);
	EXPECT_EQ(rig_translate(rig, 0, 0x5000, ACCESS_READ).fault,
		  stage2 ? 0 : SMMUV3_F_PERMISSION);
	rig_drop_domain(domain, group);
	return 0;
}

TEST(arm_smmu, rights_of_a_mapping_hold_at_stage_1)
{
	struct rig rig;

	rig_init_smmu(&rig);
	rig_test(&rig, rights);
}

TEST(arm_smmu, rights_of_a_mapping_hold_at_stage_2)
{
	struct rig rig;

	rig_init_smmu(&rig);
	rig.param = &rig;
	rig_test(&rig, rights);
}

static long geometry(struct rig *rig)
{
	struct iommu_domain_geometry geometry;
	struct iommu_resv_region *region;
	struct iommu_group *group;
	struct iommu_domain *domain = rig_attached_domain(rig, true, &group);
	LIST_HEAD(list);

	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_GEOMETRY, &geometry), 0);
	EXPECT_EQ(geometry.aperture_start, 0);
	EXPECT_EQ(geometry.aperture_end, (1ULL << 40) - 1);
	EXPECT_TRUE(geometry.force_aperture);
	EXPECT_EQ(iommu_map(domain, 1ULL << 40, DATA, K4, RW), -ERANGE);
	EXPECT_EQ(iommu_map(domain, 0, 1ULL << 40, K4, RW), -ERANGE);
	EXPECT_EQ(iommu_map(domain, (1ULL << 40) - K4, DATA, 2 * K4, RW), -ERANGE);
	EXPECT_EQ(iommu_unmap(domain, 1ULL << 40, K4), 0);
	EXPECT_EQ(iommu_iova_to_phys(domain, 1ULL << 40), 0);

	EXPECT_EQ(iommu_get_group_resv_regions(group, &list), 0);
	EXPECT_TRUE(list_is_singular(&list));
	region = list_first_entry(&list, struct iommu_resv_region, list);
	EXPECT_EQ(region->type, IOMMU_RESV_SW_MSI);
	EXPECT_EQ(region->start, 0x8000000);
	EXPECT_EQ(region->length, 0x100000);
	iommu_put_resv_regions(NULL, &list);
	rig_drop_domain(domain, group);
	return 0;
}

TEST(arm_smmu, a_domain_tells_its_aperture_and_the_msi_window)
{
	struct rig rig;

	rig_init_smmu(&rig);
	rig.smmu_config[0].address_bits = 40;
	rig_test(&rig, geometry);
}

/* ---- attributes ---- */

RIG_TEST(arm_smmu, nesting_is_chosen_before_the_first_attach, rig_init_smmu(rig))
{
	struct iommu_domain *domain = rig_domain(rig);
	struct iommu_group *group = rig_group(rig, 0);
	int value = 1;

	EXPECT_EQ(iommu_map(domain, 0, DATA, K4, RW), -ENODEV);
	EXPECT_EQ(iommu_unmap(domain, 0, K4), 0);
	EXPECT_EQ(iommu_iova_to_phys(domain, 0), 0);
	EXPECT_EQ(iommu_domain_set_attr(domain, DOMAIN_ATTR_NESTING, &value), 0);
	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING, &value), 0);
	EXPECT_EQ(value, 1);
	value = 0;
	EXPECT_EQ(iommu_domain_set_attr(domain, DOMAIN_ATTR_NESTING, &value), 0);
	EXPECT_EQ(iommu_enable_nesting(domain), 0);
	EXPECT_EQ(iommu_attach_group(domain, group), 0);
	EXPECT_EQ(iommu_enable_nesting(domain), -EPERM);
	iommu_detach_group(domain, group);
	EXPECT_EQ(iommu_enable_nesting(domain), -EPERM);
	EXPECT_EQ(iommu_domain_set_attr(domain, DOMAIN_ATTR_GEOMETRY, &value), -ENODEV);
	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_IOASID_SET, &value), -ENODEV);

	domain->type = IOMMU_DOMAIN_DMA;
	EXPECT_EQ(iommu_domain_set_attr(domain, DOMAIN_ATTR_NESTING, &value), -ENODEV);
	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING, &value), -ENODEV);
	domain->type = IOMMU_DOMAIN_IDENTITY;
	EXPECT_EQ(iommu_domain_set_attr(domain, DOMAIN_ATTR_NESTING, &value), -EINVAL);
	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING, &value), -EINVAL);
	domain->type = IOMMU_DOMAIN_UNMANAGED;
	iommu_group_put(group);
	iommu_domain_free(domain);
}

struct format_row {
	const char *name;
	u32 firmware;
	int expected;
};

static const struct format_row format_rows[] = {
	{ "as_in_2020", 0, -ENODEV },
	{ "a_number_of_its_own", 2, 0 },
};

static long pasid_format(struct rig *rig)
{
	const struct format_row *row = rig->param;
	struct iommu_domain *domain = rig_domain(rig);
	struct iommu_group *group;
	u32 format = 77;

	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_PASID_FORMAT, &format), -ENODEV);
	iommu_domain_free(domain);
	domain = rig_attached_domain(rig, false, &group);
	EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_PASID_FORMAT, &format), row->expected);
	EXPECT_EQ(format, row->expected ? 77 : row->firmware);
	rig_drop_domain(domain, group);
	return 0;
}

TEST_WITH_NAMED_PARAMS(arm_smmu, the_stage_1_format_is_told_if_firmware_gives_one,
		       struct format_row, format_rows, name)
{
	struct rig rig;

	rig_init_smmu(&rig);
	rig.param = param;
	rig.iommus[0].stage1_format = param->firmware;
	rig_test(&rig, pasid_format);
}

static long nesting_info(struct rig *rig)
{
	struct iommu_nesting_info info, zero = { .argsz = sizeof(zero) };
	const struct stage_row *row = rig->param;
	struct iommu_group *group;
	struct iommu_domain *domain = rig_attached_domain(rig, row->nesting, &group);

	memset(&info, 0xee, sizeof(info));
	info.argsz = sizeof(info);
	if (!row->nesting_told) {
		EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING_INFO, &info), -ENODEV);
	} else {
		EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING_INFO, &info), 0);
		EXPECT_MEMEQ(&info, &zero, sizeof(info));
		info.argsz = 4;
		info.format = 9;
		EXPECT_EQ(iommu_domain_get_attr(domain, DOMAIN_ATTR_NESTING_INFO, &info), 0);
		EXPECT_EQ(info.argsz, sizeof(info));
		EXPECT_EQ(info.format, 9);
	}
	rig_drop_domain(domain, group);
	return 0;
}

TEST_WITH_NAMED_PARAMS(arm_smmu, nesting_info_is_empty_and_only_for_nesting_domains,
		       struct stage_row, stage_rows, name)
{
	struct rig rig;

	rig_init_smmu(&rig);
	rig.config.variant = "v7";
	rig.param = param;
	rig.smmu_config[0].stage1 = param->stage1;
	rig.smmu_config[0].stage2 = param->stage2;
	rig_test(&rig, nesting_info);
}

static long no_guest_tables(struct rig *rig)
{
	struct iommu_gpasid_bind_data bind = { .version = 1, .format = 1 };
	struct iommu_cache_invalidate_info info = { .version = 1 };
	struct iommu_group *group;
	struct iommu_domain *domain = rig_attached_domain(rig, true, &group);
	struct device *dev = rig_device(rig, 0);

	EXPECT_EQ(iommu_sva_bind_gpasid(domain, dev, &bind), -ENODEV);
	EXPECT_EQ(iommu_sva_unbind_gpasid(domain, dev, 1), -ENODEV);
	EXPECT_EQ(iommu_cache_invalidate(domain, dev, &info), -ENODEV);
	EXPECT_EQ(iommu_map(domain, 0x1000, DATA, K4, RW), 0);
	EXPECT_EQ(rig_translate(rig, 0, 0x1000, ACCESS_READ).fault, 0);
	EXPECT_EQ(pasid_read(rig, 0x1000, 5).fault, SMMUV3_C_BAD_SUBSTREAMID);
	rig_drop_domain(domain, group);
	domain = rig_attached_domain(rig, false, &group);
	EXPECT_EQ(pasid_read(rig, 0x1000, 5).fault, SMMUV3_C_BAD_SUBSTREAMID);
	rig_drop_domain(domain, group);
	return 0;
}

TEST(arm_smmu, dma_with_a_pasid_that_nobody_bound_faults)
{
	struct rig rig;

	rig_init_smmu(&rig);
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_EQ(rig_run(&rig, no_guest_tables), 0);
	EXPECT_TRUE(rig_logged(&rig, "bad SubstreamID, stream 0x100 substream 0x5\n"));
	rig_end(&rig);
}

TEST(arm_smmu, without_substreams_pasids_stay_disabled_at_the_device)
{
	struct rig rig;

	rig_init_smmu(&rig);
	rig.smmu_config[0].substream_bits = 0;
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_EQ(pasid_read(&rig, 0x1000, 5).status, DMA_UNSUPPORTED);
	rig_end(&rig);
}

/* ---- several units, devices, domains ---- */

static long two_units(struct rig *rig)
{
	struct iommu_group *first, *second = rig_group(rig, 1), *both = rig_group(rig, 2);
	struct iommu_domain *domain = rig_attached_domain(rig, false, &first);
	struct translation_result result;

	EXPECT_EQ(iommu_map(domain, 0x1000, DATA, K4, RW), 0);
	EXPECT_EQ(iommu_attach_group(domain, second), -ENXIO);
	EXPECT_EQ(rig_translate(rig, 1, 0x1000, ACCESS_READ).fault, SMMUV3_F_TRANSLATION);

	/* two devices in one group, behind the domain's unit */
	EXPECT_EQ(iommu_attach_group(domain, both), 0);
	result = rig_translate(rig, 3, 0x1000, ACCESS_READ);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.address.v, DATA);
	EXPECT_EQ(rig_translate(rig, 2, 0x1000, ACCESS_READ).fault, 0);
	iommu_detach_group(domain, both);
	EXPECT_EQ(rig_translate(rig, 2, 0x1000, ACCESS_READ).fault, SMMUV3_F_TRANSLATION);
	EXPECT_EQ(rig_translate(rig, 3, 0x1000, ACCESS_READ).fault, SMMUV3_F_TRANSLATION);
	EXPECT_EQ(rig_translate(rig, 0, 0x1000, ACCESS_READ).fault, 0);
	iommu_group_put(both);
	iommu_group_put(second);
	rig_drop_domain(domain, first);
	return 0;
}

TEST(arm_smmu, a_domain_stays_with_the_unit_of_its_first_device)
{
	struct rig rig;

	rig_init(&rig, "v1");
	rig_add_smmu(&rig);
	rig_add_smmu(&rig);
	rig_add_device(&rig, 0x0100, 0, -1);
	rig_add_device(&rig, 0x0200, 1, -1);
	rig_add_device(&rig, 0x0300, 0, 9);
	rig_add_device(&rig, 0x0301, 0, 9);
	rig_test(&rig, two_units);
}

static long unplug(struct rig *rig)
{
	struct device *dev = rig_device(rig, 0);
	struct iommu_group *group;
	struct iommu_domain *domain = rig_attached_domain(rig, false, &group);

	EXPECT_EQ(iommu_map(domain, 0x1000, DATA, K4, RW), 0);
	EXPECT_EQ(rig_translate(rig, 0, 0x1000, ACCESS_READ).fault, 0);
	iommu_release_device(dev);
	/* its entry says abort, which is not worth an event */
	EXPECT_EQ(rig_translate(rig, 0, 0x1000, ACCESS_READ).fault, SMMUV3_ABORTED);
	EXPECT_FALSE(to_pci_dev(dev)->pasid_enabled);
	EXPECT_EQ(iommu_probe_device(dev), 0);
	EXPECT_EQ(rig_translate(rig, 0, 0x1000, ACCESS_READ).fault, 0);
	rig_drop_domain(domain, group);
	return 0;
}

TEST(arm_smmu, a_released_device_reaches_nothing_until_it_comes_back)
{
	struct rig rig;

	rig_init_smmu(&rig);
	rig.devices[0].group = 7;
	rig_test(&rig, unplug);
}

static long use_up_numbers(struct rig *rig)
{
	struct iommu_domain *domains[300] = { NULL };
	struct iommu_group *group = rig_group(rig, 0);
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(domains) && !ret; i++) {
		domains[i] = rig_domain(rig);
		ret = iommu_attach_group(domains[i], group);
		if (!ret)
			iommu_detach_group(domains[i], group);
	}
	/* 255 ASIDs, of which the default domain has one; 0 is not used */
	EXPECT_EQ(ret, -ENOSPC);
	EXPECT_EQ(i, 255);
	EXPECT_EQ(rig_translate(rig, 0, 0x1000, ACCESS_READ).fault, SMMUV3_F_TRANSLATION);
	iommu_domain_free(domains[7]);
	domains[7] = NULL;
	EXPECT_EQ(iommu_attach_group(domains[i - 1], group), 0);
	iommu_detach_group(domains[i - 1], group);
	while (i--)
		if (domains[i])
			iommu_domain_free(domains[i]);
	iommu_group_put(group);
	return 0;
}

TEST(arm_smmu, an_attach_fails_when_the_asids_are_used_up)
{
	struct rig rig;

	rig_init_smmu(&rig);
	rig.smmu_config[0].asid16 = false;
	rig_test(&rig, use_up_numbers);
}

RIG_TEST(arm_smmu, a_domain_that_reuses_a_number_sees_nothing_of_its_predecessor,
	 rig_init_smmu(rig))
{
	unsigned int i;

	for (i = 0; i < 8; i++) {
		struct iommu_group *group;
		struct iommu_domain *domain = rig_attached_domain(rig, i & 1, &group);

		EXPECT_EQ(iommu_map(domain, 0x1000, DATA + i * K4, K4, RW), 0);
		expect_dma(rig, 0x1000, DATA + i * K4);
		rig_drop_domain(domain, group);
	}
}

/* ---- out of memory ---- */

/* Maps, whatever fails on the way; true if all went well. */
static bool attach_and_map(struct rig *rig, bool nesting)
{
	struct iommu_group *group = rig_group(rig, 0);
	struct iommu_domain *domain = rig_domain(rig);
	int ret;

	if (!domain) {
		iommu_group_put(group);
		return false;
	}
	if (nesting)
		iommu_enable_nesting(domain);
	ret = iommu_attach_group(domain, group);
	EXPECT_TRUE(ret == 0 || ret == -ENOMEM);
	if (!ret) {
		ret = iommu_map(domain, SZ_2M, DATA, SZ_2M, RW);
		EXPECT_TRUE(ret == 0 || ret == -ENOMEM);
		if (!ret) {
			size_t size = iommu_unmap(domain, SZ_2M, K4);

			/* splitting the block needs a table */
			EXPECT_TRUE(size == 0 || size == K4);
			ret = size ? 0 : -ENOMEM;
		} else {
			EXPECT_EQ(iommu_iova_to_phys(domain, SZ_2M), 0);
		}
		iommu_detach_group(domain, group);
	}
	iommu_group_put(group);
	iommu_domain_free(domain);
	return !ret;
}

static long attach_and_map_both(struct rig *rig)
{
	bool stage1 = attach_and_map(rig, false);

	return attach_and_map(rig, true) && stage1;
}

static void fail_each(const char *parameter, unsigned int least)
{
	unsigned int nth;
	struct rig rig;

	rig_init_smmu(&rig);
	ASSERT_TRUE(rig_boot(&rig));
	for (nth = 1; nth < 100; nth++) {
		char value[16];

		snprintf(value, sizeof(value), "%u", nth);
		EXPECT_EQ(kernel_set_parameter(rig.kernel, parameter, value), 0);
		if (rig_run(&rig, attach_and_map_both) == 1)
			break;
		rig_expect_nothing_used(&rig);
	}
	EXPECT_GT(nth, least);
	EXPECT_LT(nth, 100);
	kernel_set_parameter(rig.kernel, parameter, "0");
	EXPECT_EQ(rig_run(&rig, attach_and_map_both), 1);
	rig_expect_nothing_used(&rig);
	rig_end(&rig);
}

TEST(arm_smmu, each_missing_page_is_survived_without_a_leak)
{
	fail_each("fault.page_nth", 8);
}

TEST(arm_smmu, each_missing_object_is_survived_without_a_leak)
{
	fail_each("fault.kmalloc_nth", 4);
}
