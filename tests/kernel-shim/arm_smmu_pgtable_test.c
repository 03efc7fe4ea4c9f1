// SPDX-License-Identifier: Apache-2.0
/*
 * SMMUv3 driver, translation tables: random mapping and unmapping compared with a plain array, by
 * asking the driver and by DMA through the SMMU model with its TLB; blocks, splits and reuse of
 * tables.
 */
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/sizes.h>
#include <string.h>

#include "rig.h"

#define RW (IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE)
#define K4 0x1000ULL
#define M2 0x200000ULL
#define G1 0x40000000ULL
#define PAGES 4096u /* of the window: 16 MiB */

struct shape_row {
	const char *name;
	unsigned int address_bits;
	bool nesting; /* stage 2 */
	u64 window; /* where the window starts */
};

static const struct shape_row shape_rows[] = {
	{ "stage1_48", 48, false, 0x7ffffe000000ULL },
	{ "stage1_32", 32, false, 0x7ffffe000000ULL },
	{ "stage2_48", 48, true, 0x7ffffe000000ULL },
	{ "stage2_52", 52, true, 0xffffff000000ULL },
	{ "stage2_44", 44, true, 0xfffff000000ULL },
	{ "stage2_42", 42, true, 0x17fff800000ULL },
	{ "stage2_40", 40, true, 0x7fff800000ULL },
	{ "stage2_36", 36, true, 0xfff000000ULL },
	{ "stage2_32", 32, true, 0x7f800000ULL },
};

struct trial {
	struct rig *rig;
	const struct shape_row *shape;
	struct iommu_domain *domain;
	u64 seed;
	u64 paddr[PAGES]; /* 0: not mapped */
};

/* Up to 1200 pages, mostly few. */
static unsigned int random_length(struct trial *t)
{
	unsigned int max = rig_random(&t->seed) % 4 ? 8 : 1200;

	return 1 + (unsigned int)(rig_random(&t->seed) % max);
}

static void random_map(struct trial *t)
{
	unsigned int first = (unsigned int)(rig_random(&t->seed) % PAGES);
	unsigned int count = random_length(t);
	u64 paddr = (1 + rig_random(&t->seed) % 0x3f0) * M2, i;
	int expected = 0;

	if (rig_random(&t->seed) % 2)
		first &= ~511u;
	if (first + count > PAGES)
		count = PAGES - first;
	/* half of them can become blocks */
	if (rig_random(&t->seed) % 2)
		paddr += (t->shape->window + first * K4) & (M2 - 1);
	else
		paddr += rig_random(&t->seed) % 512 * K4;
	for (i = first; i < first + count; i++)
		if (t->paddr[i])
			expected = -EEXIST;
	EXPECT_EQ(iommu_map(t->domain, t->shape->window + first * K4, paddr, count * K4, RW),
		  expected);
	for (i = 0; !expected && i < count; i++)
		t->paddr[first + i] = paddr + i * K4;
}

/* Unmaps part of what is mapped in a row. */
static void random_unmap(struct trial *t)
{
	unsigned int first = (unsigned int)(rig_random(&t->seed) % PAGES);
	unsigned int count = 0, want = random_length(t);

	while (first + count < PAGES && count < want && t->paddr[first + count])
		count++;
	if (!count) {
		EXPECT_EQ(iommu_unmap(t->domain, t->shape->window + first * K4, K4), 0);
		return;
	}
	EXPECT_EQ(iommu_unmap(t->domain, t->shape->window + first * K4, count * K4), count * K4);
	memset(&t->paddr[first], 0, count * sizeof(t->paddr[0]));
}

static void look(struct trial *t, unsigned int page)
{
	u64 offset = rig_random(&t->seed) % K4;
	u64 iova = t->shape->window + page * K4 + offset;
	u64 wanted = t->paddr[page] ? t->paddr[page] + offset : 0;
	struct translation_result result = rig_translate(t->rig, 0, iova, ACCESS_READ);

	EXPECT_EQ(iommu_iova_to_phys(t->domain, iova), wanted);
	EXPECT_EQ(result.fault, wanted ? 0 : SMMUV3_F_TRANSLATION);
	if (!result.fault)
		EXPECT_EQ(result.address.v, wanted);
}

static long random_mapping(struct rig *rig)
{
	struct iommu_group *group;
	struct trial t = { .rig = rig, .shape = rig->param, .seed = 0xc0ffee };
	unsigned int step, i;
	SCOPED_NOTE("seed 0x%llx", t.seed);

	t.domain = rig_attached_domain(rig, t.shape->nesting, &group);
	for (step = 0; step < 600; step++) {
		if (rig_random(&t.seed) % 5 < 2)
			random_map(&t);
		else
			random_unmap(&t);
		for (i = 0; i < 8; i++)
			look(&t, (unsigned int)(rig_random(&t.seed) % PAGES));
	}
	for (i = 0; i < PAGES; i++)
		look(&t, i);
	rig_drop_domain(t.domain, group);
	return 0;
}

/* One SMMU; the interrupts of thousands of faults on purpose tell nothing new. */
static void deaf_smmu(struct rig *rig, unsigned int address_bits)
{
	rig_init_smmu(rig);
	rig->smmu_config[0].address_bits = address_bits;
	rig->deaf = true;
}

TEST_WITH_NAMED_PARAMS(arm_smmu_pgtable, random_mapping_agrees_with_a_plain_array, struct shape_row,
		       shape_rows, name)
{
	struct rig rig;

	deaf_smmu(&rig, param->address_bits);
	rig.param = param;
	rig_test(&rig, random_mapping);
}

static u64 page_size_at(struct rig *rig, u64 iova)
{
	struct translation_result result = rig_translate(rig, 0, iova, ACCESS_READ);

	return result.fault ? 0 : result.page_size;
}

RIG_TEST(arm_smmu_pgtable, blocks_are_used_and_split, deaf_smmu(rig, 48))
{
	struct iommu_group *group;
	struct iommu_domain *domain = rig_attached_domain(rig, false, &group);

	EXPECT_EQ(iommu_map(domain, 4 * G1, 8 * G1, G1 + M2 + K4, RW), 0);
	EXPECT_EQ(page_size_at(rig, 4 * G1 + 5), G1);
	EXPECT_EQ(page_size_at(rig, 5 * G1), M2);
	EXPECT_EQ(page_size_at(rig, 5 * G1 + M2), K4);
	EXPECT_EQ(iommu_iova_to_phys(domain, 5 * G1 - 1), 9 * G1 - 1);

	/* a page out of the middle of the gigabyte: the rest stays, in parts */
	EXPECT_EQ(iommu_unmap(domain, 4 * G1 + 7 * M2 + 3 * K4, K4), K4);
	EXPECT_EQ(page_size_at(rig, 4 * G1 + 7 * M2 + 3 * K4), 0);
	EXPECT_EQ(page_size_at(rig, 4 * G1 + 7 * M2 + 2 * K4), K4);
	EXPECT_EQ(page_size_at(rig, 4 * G1 + 6 * M2), M2);
	EXPECT_EQ(iommu_iova_to_phys(domain, 4 * G1 + 7 * M2 + 4 * K4), 8 * G1 + 7 * M2 + 4 * K4);
	EXPECT_EQ(iommu_unmap(domain, 4 * G1 + 6 * M2, M2), M2);
	EXPECT_EQ(page_size_at(rig, 4 * G1 + 6 * M2), 0);

	/* as a whole, holes and all: the tables below go with it */
	EXPECT_EQ(iommu_unmap(domain, 4 * G1, G1), G1);
	EXPECT_EQ(page_size_at(rig, 4 * G1), 0);
	EXPECT_EQ(page_size_at(rig, 5 * G1), M2);
	rig_drop_domain(domain, group);
}

RIG_TEST(arm_smmu_pgtable, empty_tables_give_way_to_blocks_and_full_ones_do_not, deaf_smmu(rig, 48))
{
	struct iommu_group *group;
	struct iommu_domain *domain = rig_attached_domain(rig, false, &group);

	EXPECT_EQ(iommu_map(domain, M2, 5 * K4, K4, RW), 0);
	EXPECT_EQ(iommu_map(domain, 0, 4 * M2, 2 * M2, RW), -EEXIST);
	EXPECT_EQ(iommu_iova_to_phys(domain, 0), 0);
	EXPECT_EQ(iommu_iova_to_phys(domain, M2), 5 * K4);
	EXPECT_EQ(iommu_map(domain, M2, 5 * K4, K4, RW), -EEXIST);
	EXPECT_EQ(iommu_unmap(domain, M2, K4), K4);
	EXPECT_EQ(page_size_at(rig, M2), 0);

	/* the empty table gives way */
	EXPECT_EQ(iommu_map(domain, M2, 4 * M2, M2, RW), 0);
	EXPECT_EQ(page_size_at(rig, M2), M2);
	EXPECT_EQ(iommu_map(domain, M2 + 9 * K4, 4 * M2, K4, RW), -EEXIST);
	EXPECT_EQ(iommu_unmap(domain, M2, M2), M2);

	/* an empty table is a hole */
	EXPECT_EQ(iommu_map(domain, M2, 5 * K4, K4, RW), 0);
	EXPECT_EQ(iommu_unmap(domain, M2, K4), K4);
	EXPECT_EQ(iommu_unmap(domain, M2, M2), 0);

	/* so is one with empty tables below it */
	EXPECT_EQ(iommu_map(domain, G1 + M2, 5 * K4, K4, RW), 0);
	EXPECT_EQ(iommu_unmap(domain, G1 + M2, K4), K4);
	EXPECT_EQ(iommu_map(domain, G1, 8 * G1, G1, RW), 0);
	EXPECT_EQ(page_size_at(rig, G1), G1);
	rig_drop_domain(domain, group);
}

RIG_TEST(arm_smmu_pgtable, a_large_unmap_flushes_the_whole_domain, deaf_smmu(rig, 48))
{
	struct iommu_group *group;
	struct iommu_domain *domain = rig_attached_domain(rig, false, &group);
	u64 i;

	/* misaligned to each other: pages only, more than are worth flushing one by one */
	EXPECT_EQ(iommu_map(domain, M2, 16 * M2 + K4, 2 * M2, RW), 0);
	for (i = 0; i < 1024; i += 13)
		EXPECT_EQ(page_size_at(rig, M2 + i * K4), K4);
	EXPECT_EQ(iommu_unmap(domain, M2, 2 * M2), 2 * M2);
	for (i = 0; i < 1024; i += 13)
		EXPECT_EQ(page_size_at(rig, M2 + i * K4), 0);
	rig_drop_domain(domain, group);
}
