// SPDX-License-Identifier: Apache-2.0
/*
 * SMMUv3 driver on the SMMU model: shapes of the stream table, ATS at devices, and a guest's table of
 * context descriptors.
 */
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/iommu-pasid-table.h>
#include <linux/pci-ats.h>
#include <linux/sizes.h>
#include <string.h>

#include "iommu/arm-smmu-v3/arm-smmu-v3.h"
#include "lib/context.h"
#include "mem/memory.h"
#include "rig.h"

#define RW (IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE)
#define K4 0x1000ULL
#define DATA 0x140000000ULL /* some host-physical address */

struct wanted_counter {
	const char *name;
	u64 value;
};

static void visit(void *arg, const char *name, u64 value)
{
	struct wanted_counter *wanted = arg;

	if (!strcmp(name, wanted->name))
		wanted->value = value;
}

static u64 counter(struct rig *rig, const char *name)
{
	struct wanted_counter wanted = { name, ~0ULL };

	smmuv3_visit_counters(rig->smmu[0], visit, &wanted);
	return wanted.value;
}

/* ---- stream tables ---- */

struct table_row {
	const char *name;
	bool two_levels; /* of the hardware */
	unsigned int stream_bits;
	u64 strtab_base_cfg;
};

static const struct table_row table_rows[] = {
	{ "two_levels", true, 16, 1 << 16 | 8 << 6 | 16 },
	{ "of_requester_ids_at_most", true, 32, 1 << 16 | 8 << 6 | 16 },
	{ "linear_where_there_are_no_others", false, 16, 10 },
	{ "linear_where_one_second_level_would_do", true, 8, 8 },
};

TEST_WITH_NAMED_PARAMS(arm_smmu_strtab, has_the_shape_that_the_unit_asks_for, struct table_row,
		       table_rows, name)
{
	struct rig rig;

	rig_init_smmu(&rig);
	rig.devices[0].source_id = param->stream_bits == 8 ? 0x18 : 0x208;
	rig.devices[0].identity = true;
	rig.smmu_config[0].two_level_stream = param->two_levels;
	rig.smmu_config[0].stream_bits = param->stream_bits;
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_EQ(smmuv3_mmio_read(rig.smmu[0], ARM_SMMU_STRTAB_BASE_CFG, 4),
		  param->strtab_base_cfg);
	EXPECT_EQ(rig_translate(&rig, 0, 0x5000, ACCESS_READ).fault, 0);
	rig_end(&rig);
}

/* ---- ATS ---- */

static void init_ats(struct rig *rig)
{
	rig_init_smmu(rig);
	rig->smmu_config[0].ats = true;
	rig->function_config[0].ats = true;
}

static bool ats_on(struct rig *rig)
{
	return to_pci_dev(rig_device(rig, 0))->ats_enabled;
}

static struct translation_result ask(struct rig *rig, u64 address)
{
	const struct translation_request request = {
		.source_id = rig->devices[0].source_id,
		.address = iova(address),
		.access = ACCESS_READ,
		.type = ADDRESS_TRANSLATION_REQUEST,
	};
	struct translation_result result;

	smmuv3_translate(rig->smmu[0], &request, &result);
	return result;
}

static long ats_in_domain(struct rig *rig)
{
	struct iommu_group *group;
	struct iommu_domain *domain;
	u64 before;

	/* in the host's own domain, which translates */
	EXPECT_TRUE(ats_on(rig));
	domain = rig_attached_domain(rig, rig->param, &group);
	EXPECT_TRUE(ats_on(rig));
	EXPECT_EQ(iommu_map(domain, 0x200000, DATA, SZ_2M, RW), 0);
	EXPECT_EQ(ask(rig, 0x212000).ats_status, ATS_SUCCESS);
	EXPECT_EQ(ask(rig, 0x212000).rights, ACCESS_READ | ACCESS_WRITE);
	EXPECT_EQ(ask(rig, 0x400000).rights, 0);
	before = counter(rig, "device_tlb_invalidations");
	EXPECT_EQ(iommu_unmap(domain, 0x200000, SZ_2M), SZ_2M);
	EXPECT_GT(counter(rig, "device_tlb_invalidations"), before);
	/* going, it forgets all that was translated here */
	before = counter(rig, "device_tlb_invalidations");
	iommu_detach_group(domain, group);
	EXPECT_GT(counter(rig, "device_tlb_invalidations"), before);
	EXPECT_EQ(iommu_attach_group(domain, group), 0);
	rig_drop_domain(domain, group);
	return 0;
}

TEST(arm_smmu_ats, is_on_where_the_domain_translates_and_invalidations_reach_the_device)
{
	struct rig rig;

	for (int nesting = 0; nesting < 2; nesting++) {
		init_ats(&rig);
		rig.param = nesting ? &rig : NULL;
		rig_test(&rig, ats_in_domain);
	}
}

static long ats_is_off(struct rig *rig)
{
	EXPECT_FALSE(ats_on(rig));
	return 0;
}

TEST(arm_smmu_ats, is_off_where_nothing_is_translated)
{
	struct rig rig;

	init_ats(&rig);
	rig.devices[0].identity = true;
	rig_test(&rig, ats_is_off);
	/* and where one of the two does not have it */
	init_ats(&rig);
	rig.smmu_config[0].ats = false;
	rig_test(&rig, ats_is_off);
	init_ats(&rig);
	rig.function_config[0].ats = false;
	rig_test(&rig, ats_is_off);
}

TEST(arm_smmu_ats, translated_requests_are_checked)
{
	struct rig rig;

	init_ats(&rig);
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_EQ(smmuv3_mmio_read(rig.smmu[0], ARM_SMMU_CR0, 4),
		  CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN | CR0_ATSCHK);
	rig_end(&rig);
}

/* ---- a guest's table ---- */

/* Where the guest has what, in its own addresses. */
#define GUEST_CDS 0x0000ULL
#define GUEST_LEVEL2 0x2000ULL
#define GUEST_LEVEL3 0x3000ULL
#define GUEST_PAGE 0x4000ULL
#define GUEST_SIZE 0x8000ULL
#define VIRTUAL 0x5000ULL

static void put(struct rig *rig, u64 guest_address, u64 value)
{
	EXPECT_EQ(memory_write(rig->memory, hpa(DATA + guest_address), &value, sizeof(value)),
		  PORT_OK);
}

/* A CD of 25-bit addresses: level 2 first. */
static void put_cd(struct rig *rig, u64 at, u64 asid)
{
	put(rig, at,
	    FIELD_PREP(CD_0_T0SZ, 39ULL) | FIELD_PREP(CD_0_IPS, 5ULL) | CD_0_EPD1 | CD_0_AA64 |
		    CD_0_R | CD_0_A | CD_0_V | FIELD_PREP(CD_0_ASID, asid));
	put(rig, at + 8, GUEST_LEVEL2);
}

static struct iommu_domain *guest_domain(struct rig *rig, struct iommu_group **group)
{
	struct iommu_domain *domain = rig_attached_domain(rig, true, group);

	EXPECT_EQ(iommu_map(domain, 0, DATA, GUEST_SIZE, RW), 0);
	put(rig, GUEST_LEVEL2, GUEST_LEVEL3 | 3);
	put(rig, GUEST_LEVEL3 + (VIRTUAL >> 12) * 8,
	    GUEST_PAGE | 3 | 1ULL << 6 | 1ULL << 10 | 1ULL << 11);
	return domain;
}

static struct iommu_pasid_table_config table_config(void)
{
	return (struct iommu_pasid_table_config){
		.version = PASID_TABLE_CFG_VERSION_1,
		.format = IOMMU_PASID_FORMAT_SMMUV3,
		.base_ptr = GUEST_CDS,
		.pasid_bits = 6,
		.s1dss = 2,
	};
}

static long use_guest_table(struct rig *rig)
{
	const struct iommu_pasid_table_config config = table_config();
	struct iommu_stage1_invalidation all = { .entry = true, .pasid = 3 };
	struct iommu_group *group;
	struct iommu_domain *domain = guest_domain(rig, &group);
	struct translation_result result;

	EXPECT_EQ(iommu_invalidate_stage1(domain, &all), -EINVAL);
	put_cd(rig, GUEST_CDS + 3 * 64, 0x123);
	EXPECT_EQ(iommu_attach_pasid_table(domain, &config), 0);
	result = rig_translate_pasid(rig, 0, 3, VIRTUAL, ACCESS_WRITE);
	EXPECT_EQ(result.fault, 0);
	EXPECT_EQ(result.address.v, DATA + GUEST_PAGE);
	/* nobody looks at CDs until DMA meets them */
	EXPECT_EQ(rig_translate_pasid(rig, 0, 4, VIRTUAL, ACCESS_WRITE).fault, SMMUV3_C_BAD_CD);
	put_cd(rig, GUEST_CDS + 4 * 64, 0x124);
	EXPECT_EQ(rig_translate_pasid(rig, 0, 4, VIRTUAL, ACCESS_WRITE).fault, SMMUV3_C_BAD_CD);
	all.pasid = 4;
	EXPECT_EQ(iommu_invalidate_stage1(domain, &all), 0);
	EXPECT_EQ(rig_translate_pasid(rig, 0, 4, VIRTUAL, ACCESS_WRITE).fault, 0);
	EXPECT_EQ(iommu_detach_pasid_table(domain), 0);
	EXPECT_EQ(rig_translate(rig, 0, GUEST_PAGE, ACCESS_READ).address.v, DATA + GUEST_PAGE);
	EXPECT_EQ(rig_translate_pasid(rig, 0, 3, VIRTUAL, ACCESS_WRITE).fault,
		  SMMUV3_C_BAD_SUBSTREAMID);
	EXPECT_EQ(iommu_detach_pasid_table(domain), 0);
	rig_drop_domain(domain, group);
	return 0;
}

TEST(arm_smmu_guest_table, is_stage_1_of_the_domain_s_devices)
{
	struct rig rig;

	for (int ats = 0; ats < 2; ats++) {
		rig_init_smmu(&rig);
		rig.smmu_config[0].ats = rig.function_config[0].ats = ats;
		rig_test(&rig, use_guest_table);
	}
}

struct invalidation_row {
	const char *name;
	struct iommu_stage1_invalidation what;
	bool translated_anew; /* 0x5000 of ASID 0x123 */
	int ret;
};

static const struct invalidation_row invalidation_rows[] = {
	{ "all", { .entry = false }, true, 0 },
	{ "asid", { .has_asid = true, .asid = 0x123 }, true, 0 },
	{ "another_asid", { .has_asid = true, .asid = 0x124 }, false, 0 },
	{ "range",
	  { .has_asid = true, .asid = 0x123, .address = 0x4000, .size = 0x2000, .granule = 0x1000 },
	  true,
	  0 },
	{ "another_range",
	  { .has_asid = true, .asid = 0x123, .address = 0x6000, .size = 0x2000, .granule = 0x1000 },
	  false,
	  0 },
	{ "range_of_any_asid", { .address = 0x5000, .size = 0x1000, .granule = 0x1000 }, true, 0 },
	{ "all_addresses_in_two_halves",
	  { .size = ~0ULL, .granule = 1ULL << 63, .has_asid = true, .asid = 0x123 },
	  false,
	  0 },
	{ "range_without_a_granule", { .address = 0x5000, .size = 0x1000 }, false, -EINVAL },
};

static long invalidate(struct rig *rig)
{
	const struct invalidation_row *row = rig->param;
	const struct iommu_pasid_table_config config = table_config();
	struct iommu_group *group;
	struct iommu_domain *domain = guest_domain(rig, &group);

	put_cd(rig, GUEST_CDS, 0x123);
	EXPECT_EQ(iommu_attach_pasid_table(domain, &config), 0);
	EXPECT_EQ(rig_translate(rig, 0, VIRTUAL, ACCESS_READ).fault, 0);
	put(rig, GUEST_LEVEL3 + (VIRTUAL >> 12) * 8, 0);
	EXPECT_EQ(rig_translate(rig, 0, VIRTUAL, ACCESS_READ).fault, 0);
	EXPECT_EQ(iommu_invalidate_stage1(domain, &row->what), row->ret);
	EXPECT_EQ(rig_translate(rig, 0, VIRTUAL, ACCESS_READ).fault,
		  row->translated_anew ? SMMUV3_F_TRANSLATION : 0);
	rig_drop_domain(domain, group);
	return 0;
}

TEST_WITH_NAMED_PARAMS(arm_smmu_guest_table, invalidations_mean_what_they_say,
		       struct invalidation_row, invalidation_rows, name)
{
	struct rig rig;

	rig_init_smmu(&rig);
	rig.param = param;
	rig_test(&rig, invalidate);
}

struct refusal_row {
	const char *name;
	struct iommu_pasid_table_config config;
	bool nesting;
	bool two_level_cd; /* of the hardware */
};

#define SMMU_TABLE .version = PASID_TABLE_CFG_VERSION_1, .format = IOMMU_PASID_FORMAT_SMMUV3

static const struct refusal_row refusal_rows[] = {
	{ "version", { .version = 2, .format = IOMMU_PASID_FORMAT_SMMUV3 }, true, true },
	{ "format", { .version = PASID_TABLE_CFG_VERSION_1, .format = 2 }, true, true },
	{ "not_nested", { SMMU_TABLE }, false, true },
	{ "more_substreams_than_the_unit", { SMMU_TABLE, .pasid_bits = 21 }, true, true },
	{ "reserved_default", { SMMU_TABLE, .pasid_bits = 4, .s1dss = 3 }, true, true },
	{ "reserved_format", { SMMU_TABLE, .pasid_bits = 4, .s1fmt = 3 }, true, true },
	{ "two_levels_that_the_unit_lacks",
	  { SMMU_TABLE, .pasid_bits = 4, .s1fmt = 1 },
	  true,
	  false },
};

static long refuse(struct rig *rig)
{
	const struct refusal_row *row = rig->param;
	struct iommu_group *group;
	struct iommu_domain *domain = rig_domain(rig);

	EXPECT_EQ(iommu_attach_pasid_table(domain, &row->config), -EINVAL);
	iommu_domain_free(domain);
	domain = rig_attached_domain(rig, row->nesting, &group);
	EXPECT_EQ(iommu_attach_pasid_table(domain, &row->config), -EINVAL);
	rig_drop_domain(domain, group);
	return 0;
}

TEST_WITH_NAMED_PARAMS(arm_smmu_guest_table, is_refused_where_it_does_not_fit, struct refusal_row,
		       refusal_rows, name)
{
	struct rig rig;

	rig_init_smmu(&rig);
	rig.smmu_config[0].two_level_cd = param->two_level_cd;
	rig.param = param;
	rig_test(&rig, refuse);
}

static long attach_twice(struct rig *rig)
{
	const struct iommu_pasid_table_config config = table_config();
	struct iommu_group *group;
	struct iommu_domain *domain = guest_domain(rig, &group);
	u64 queue = smmuv3_mmio_read(rig->smmu[0], ARM_SMMU_CMDQ_BASE, 8) & QUEUE_BASE_ADDR;

	EXPECT_EQ(iommu_attach_pasid_table(domain, &config), 0);
	EXPECT_EQ(iommu_attach_pasid_table(domain, &config), -EINVAL);
	EXPECT_EQ(iommu_detach_pasid_table(domain), 0);
	/* hardware that does not take the entry */
	memory_poison(rig->memory, hpa(queue), true);
	EXPECT_EQ(iommu_attach_pasid_table(domain, &config), -EIO);
	memory_poison(rig->memory, hpa(queue), false);
	EXPECT_FALSE(to_smmu_domain(domain)->guest.set);
	rig_drop_domain(domain, group);
	return 0;
}

TEST(arm_smmu_guest_table, is_one_at_a_time)
{
	struct rig rig;

	rig_init_smmu(&rig);
	rig_test(&rig, attach_twice);
}

TEST(arm_smmu_guest_table, is_given_from_outside_by_the_device)
{
	const struct kernel_pasid_table table = { .base = GUEST_CDS };
	const struct kernel_stage1_invalidation invalidation = { .entry = true };
	struct rig rig;

	rig_init_smmu(&rig);
	ASSERT_TRUE(rig_boot(&rig));
	/* the host's own domain is not nested */
	EXPECT_EQ(kernel_attach_pasid_table(rig.kernel, 0, &table), -EINVAL);
	EXPECT_EQ(kernel_invalidate_stage1(rig.kernel, 0, &invalidation), -EINVAL);
	EXPECT_EQ(kernel_detach_pasid_table(rig.kernel, 0), 0);
	rig_end(&rig);
}

static long unplugged(struct rig *rig)
{
	iommu_release_device(rig_device(rig, 0));
	return 0;
}

TEST(arm_smmu_guest_table, needs_a_device_behind_an_smmu)
{
	const struct kernel_pasid_table table = { .base = GUEST_CDS };
	const struct kernel_stage1_invalidation invalidation = { .entry = true };
	struct rig rig;

	rig_init(&rig, "v1");
	rig_add_vtd(&rig, 0x9ed008c40780466, 0x3ee9e86f050df);
	rig_add_device(&rig, 0x0100, 0, -1);
	ASSERT_TRUE(rig_boot(&rig));
	EXPECT_EQ(kernel_attach_pasid_table(rig.kernel, 0, &table), -ENODEV);
	EXPECT_EQ(kernel_invalidate_stage1(rig.kernel, 0, &invalidation), -ENODEV);
	EXPECT_EQ(kernel_detach_pasid_table(rig.kernel, 0), -ENODEV);
	EXPECT_EQ(rig_run(&rig, unplugged), 0);
	EXPECT_EQ(kernel_attach_pasid_table(rig.kernel, 0, &table), -ENODEV);
	EXPECT_EQ(kernel_invalidate_stage1(rig.kernel, 0, &invalidation), -ENODEV);
	EXPECT_EQ(kernel_detach_pasid_table(rig.kernel, 0), -ENODEV);
	rig_end(&rig);
}
