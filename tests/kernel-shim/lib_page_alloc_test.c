// SPDX-License-Identifier: Apache-2.0
/* The page allocator: blocks that never overlap, merging, addresses both ways, and its cost at boot. */
#include "rig.h"

#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 64u

struct block {
	struct page *page;
	unsigned int order;
};

/* Marks a block's frames in a map of 2-MiB..1-GiB RAM; fails where one is marked already. */
static void mark(unsigned long *taken, const struct block *block, bool in)
{
	unsigned long first = page_to_pfn(block->page) - (RIG_RAM_BASE >> PAGE_SHIFT);
	unsigned long i;

	EXPECT_EQ(first % (1UL << block->order), 0);
	for (i = first; i < first + (1UL << block->order); i++) {
		EXPECT_EQ(test_bit(i, taken), !in);
		change_bit(i, taken);
	}
}

static unsigned int random_order(u64 *random)
{
	unsigned int order = 0;

	while (order < 12 && rig_random(random) % 2)
		order++;
	return order;
}

static long random_operations(void *arg)
{
	struct block blocks[BLOCKS] = { { NULL, 0 } };
	unsigned long *taken = calloc(RIG_RAM_SIZE >> PAGE_SHIFT >> 3, 1);
	u64 *random = arg;
	unsigned int i;

	for (i = 0; i < 4000; i++) {
		struct block *block = &blocks[rig_random(random) % BLOCKS];

		if (block->page) {
			mark(taken, block, false);
			__free_pages(block->page, block->order);
			block->page = NULL;
			continue;
		}
		block->order = random_order(random);
		block->page = alloc_pages(GFP_KERNEL, block->order);
		EXPECT_TRUE(block->page);
		mark(taken, block, true);
	}
	for (i = 0; i < BLOCKS; i++) {
		if (blocks[i].page)
			__free_pages(blocks[i].page, blocks[i].order);
	}
	free(taken);
	return 0;
}

TEST(lib_page_alloc, random_blocks_are_aligned_and_never_overlap)
{
	struct rig f;
	u64 random = 0xfeedface;

	SCOPED_NOTE("seed 0xfeedface");
	rig_start(&f);
	EXPECT_EQ(rig_call(&f, random_operations, &random), 0);
	rig_end(&f);
}

static long take_all_and_return(void *arg)
{
	struct page *small[512];
	struct page *large;
	unsigned int i;

	(void)arg;
	/* all of 2 MiB in small pages */
	for (i = 0; i < 512; i++) {
		small[i] = alloc_page(GFP_KERNEL);
		EXPECT_TRUE(small[i]);
	}
	EXPECT_EQ(alloc_page(GFP_KERNEL), NULL);
	EXPECT_EQ(alloc_pages(GFP_KERNEL, 9), NULL);
	EXPECT_EQ(__get_free_page(GFP_KERNEL), 0);
	for (i = 0; i < 512; i++)
		__free_page(small[(i * 7) % 512]);
	/* and they are one block again */
	large = alloc_pages(GFP_KERNEL, 9);
	EXPECT_TRUE(large);
	EXPECT_EQ(alloc_page(GFP_KERNEL), NULL);
	__free_pages(large, 9);
	return 0;
}

TEST(lib_page_alloc, freed_neighbours_merge_and_an_empty_ram_gives_nothing)
{
	struct rig f;

	rig_init(&f, "mainline");
	f.config.ram_size = 2ULL << 20;
	/* nothing else may want pages while booting: no IOMMUs, no devices */
	rig_boot(&f);
	EXPECT_EQ(rig_call(&f, take_all_and_return, NULL), 0);
	rig_end(&f);
}

static long large_blocks(void *arg)
{
	struct page *page = alloc_page(GFP_KERNEL);
	struct page *huge = alloc_pages(GFP_KERNEL, 18);
	struct page *next = alloc_page(GFP_KERNEL);

	(void)arg;
	EXPECT_TRUE(huge);
	EXPECT_EQ(page_to_phys(huge) % (1ULL << 30), 0);
	/* what was skipped to align the large block is used for small ones */
	EXPECT_LT(page_to_phys(next), page_to_phys(huge));
	EXPECT_EQ(alloc_pages(GFP_KERNEL, MAX_ORDER), NULL);
	EXPECT_EQ(compound_head(huge + 12345), huge);
	EXPECT_EQ(compound_nr(huge), 1UL << 18);
	__free_pages(page, 0);
	__free_pages(next, 0);
	__free_pages(huge, 18);
	return 0;
}

TEST(lib_page_alloc, a_gigabyte_block_is_aligned_and_costs_no_memory)
{
	struct rig f;

	rig_start(&f);
	EXPECT_EQ(rig_call(&f, large_blocks, NULL), 0);
	EXPECT_EQ(memory_pages_touched(f.memory), 0);
	rig_end(&f);
}

RIG_TEST(lib_page_alloc, all_pages_of_a_block_share_its_count, rig_init(rig, "mainline"))
{
	struct page *page = alloc_pages(GFP_KERNEL, 3);

	EXPECT_EQ(compound_head(page + 7), page);
	EXPECT_EQ(page_count(page + 5), 1);
	get_page(page + 3);
	EXPECT_EQ(page_count(page), 2);
	put_page(page + 6);
	__free_pages(page, 3);
	__free_pages(NULL, 3);
	free_pages(0, 3);
}

RIG_TEST(lib_page_alloc, addresses_translate_both_ways, rig_init(rig, "mainline"))
{
	unsigned int i;

	/* more than the reverse map holds at first */
	for (i = 0; i < 600; i++) {
		unsigned long addr = get_zeroed_page(GFP_KERNEL);
		phys_addr_t phys = virt_to_phys((void *)(addr + 100));

		EXPECT_EQ(phys & 0xfff, 100);
		EXPECT_EQ(phys_to_virt(phys), (void *)(addr + 100));
		EXPECT_EQ(page_address(virt_to_page((void *)addr)), (void *)addr);
		EXPECT_TRUE(pfn_valid(PHYS_PFN(phys)));
		memset((void *)addr, 0xaa, PAGE_SIZE);
		if (i % 3 == 0)
			free_page(addr);
	}
}

static long zeroing(void *arg)
{
	struct rig *f = arg;
	struct page *page = alloc_page(GFP_KERNEL);
	phys_addr_t phys = page_to_phys(page);
	u64 value = 0x1234;

	/* a device writes to a page that was never mapped, and to one that was */
	memory_write(f->memory, hpa(phys), &value, sizeof(value));
	__free_page(page);
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	EXPECT_EQ(page_to_phys(page), phys);
	memory_read(f->memory, hpa(phys), &value, sizeof(value));
	EXPECT_EQ(value, 0);
	*(u64 *)page_address(page) = 77;
	__free_page(page);
	page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	EXPECT_EQ(*(u64 *)page_address(page), 0);
	__free_page(page);
	return 0;
}

TEST(lib_page_alloc, a_zeroed_page_is_zero_whoever_wrote_to_it)
{
	struct rig f;

	rig_start(&f);
	EXPECT_EQ(rig_call(&f, zeroing, &f), 0);
	rig_end(&f);
}

static long bad_free(void *arg)
{
	struct page *page = alloc_pages(GFP_KERNEL, 2);

	(void)arg;
	__free_pages(page, 1);
	return 0;
}

static long use_after_free(void *arg)
{
	struct page *page = alloc_page(GFP_KERNEL);

	(void)arg;
	__free_page(page);
	get_page(page);
	return 0;
}

static long not_a_page(void *arg)
{
	return (long)virt_to_phys(arg);
}

static long not_ram(void *arg)
{
	(void)arg;
	pfn_to_page(1);
	return 0;
}

static long not_a_page_early(void *arg)
{
	free_page((unsigned long)get_zeroed_page(GFP_KERNEL));
	return not_a_page(arg);
}

static const struct misuse {
	long (*fn)(void *arg);
	const char *text;
} misuses[] = {
	{ bad_free, "bad free" },     { use_after_free, "use of free page" },
	{ not_a_page, "is no page" }, { not_a_page_early, "is no page" },
	{ not_ram, "is not in RAM" },
};

TEST_WITH_PARAMS(lib_page_alloc, misuse_is_an_oops, struct misuse, misuses)
{
	struct rig f;
	int local;

	rig_start(&f);
	EXPECT_EQ(rig_call(&f, param->fn, &local), -ENOTRECOVERABLE);
	ASSERT_TRUE(kernel_oops(f.kernel));
	EXPECT_TRUE(strstr(kernel_oops(f.kernel), param->text));
	rig_stop(&f);
}

static long one_page(void *arg)
{
	struct page *page = alloc_page(GFP_KERNEL);

	(void)arg;
	if (!page)
		return -ENOMEM;
	__free_page(page);
	return 0;
}

TEST(lib_page_alloc, the_nth_allocation_fails_on_purpose_once)
{
	struct rig f;

	rig_start(&f);
	EXPECT_EQ(kernel_set_parameter(f.kernel, "fault.page_nth", "2"), 0);
	EXPECT_EQ(rig_call(&f, one_page, NULL), 0);
	EXPECT_EQ(rig_call(&f, one_page, NULL), -ENOMEM);
	EXPECT_EQ(rig_call(&f, one_page, NULL), 0);
	rig_end(&f);
}

TEST(lib_page_alloc, sizes_have_orders)
{
	EXPECT_EQ(get_order(1), 0);
	EXPECT_EQ(get_order(4096), 0);
	EXPECT_EQ(get_order(4097), 1);
	EXPECT_EQ(get_order(1UL << 30), 18);
}
