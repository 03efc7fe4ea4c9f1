/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hostile input: scenarios that ask for far too much, hardware that stops answering, files that are
 * none. Each ends soon, with an error that says what is wrong.
 */
#include "scenario_call.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEAD                                                                  \
	"scenario: a test\n"                                                  \
	"platform:\n"                                                         \
	"  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}}\n"        \
	"  devices: {0000:3a:00.0: {iommu: dmar0, group: 21, pasid: true}}\n" \
	"steps:\n"                                                            \
	"  - vmm: {open: c}\n"                                                \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n"    \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1_NESTING_IOMMU}}\n"

#define LARGE_MEMORY "  - vmm: {mmap: {name: ram, size: 8TiB, gpa: 0}}\n"
#define TABLE                                                \
	"  - vmm: {mmap: {name: ram, size: 4MiB, gpa: 0}}\n" \
	"  - guest: {table: t}\n"

/* ---- too much work ---- */

struct greedy_row {
	const char *name, *text, *expected;
};

static const struct greedy_row greedy_rows[] = {
	{ "guest_map",
	  HEAD TABLE "  - guest: {map: {table: t, address: 0, gpa: 0, size: 0xffffffffc0000000, "
		     "page-size: 1GiB}}\n",
	  "more work than" },
	{ "guest_unmap",
	  HEAD TABLE "  - guest: {map: {table: t, address: 0, gpa: 0}}\n"
		     "  - guest: {unmap: {table: t, address: 0, size: 0xfffffffffffff000}}\n",
	  "more work than" },
	{ "guest_unmap_by_strange_pages",
	  HEAD TABLE "  - guest: {map: {table: t, address: 0, gpa: 0}}\n"
		     "  - guest: {unmap: {table: t, address: 0, size: 0xffffffffffffffff, "
		     "page-size: 0x8000000000000000}}\n",
	  "page-size is 4KiB, 2MiB or 1GiB" },
	{ "guest_write", HEAD LARGE_MEMORY "  - guest: {write: {gpa: 0, value: 1, size: 8TiB}}\n",
	  "more work than" },
	{ "mappings_again_and_again",
	  HEAD LARGE_MEMORY
	  "  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 8TiB, vaddr: ram}}\n"
	  "    expect: any\n"
	  "  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 8TiB, vaddr: ram}}\n"
	  "    expect: any\n"
	  "  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 8TiB, vaddr: ram}}\n"
	  "    expect: any\n"
	  "  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 8TiB, vaddr: ram}}\n"
	  "    expect: any\n"
	  "  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 8TiB, vaddr: ram}}\n"
	  "    expect: any\n",
	  "more work than" },
};

TEST_WITH_PARAMS(robustness, a_run_that_asks_for_too_much_ends_in_error, struct greedy_row,
		 greedy_rows)
{
	struct run_result result;

	run_text(param->text, "v1", &result);
	EXPECT_EQ(result.verdict, VERDICT_ERROR);
	EXPECT_TRUE(result.error && strstr(result.error, param->expected));
	run_result_clear(&result);
}

TEST(robustness, a_mapping_that_is_refused_costs_nothing_however_large)
{
	struct run_result result;

	run_text(HEAD
		 "  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 0xfffffffffffff000, "
		 "vaddr: 0}}\n    expect: any\n"
		 "  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 0xfffffffffffff000, "
		 "vaddr: 0}}\n    expect: any\n",
		 "v1", &result);
	EXPECT_EQ(result.verdict, VERDICT_PASS);
	run_result_clear(&result);
}

TEST(robustness, an_ioctl_with_more_words_than_it_takes_is_an_error)
{
	struct run_result result;
	char text[1024] = HEAD "  - vmm: {ioctl: {file: c, number: 0x3b71, words: [0";

	for (unsigned int i = 0; i < 64; i++)
		strcat(text, ",1");
	strcat(text, "]}}\n");
	run_text(text, "v1", &result);
	EXPECT_EQ(result.verdict, VERDICT_ERROR);
	run_result_clear(&result);
	run_text(HEAD "  - vmm: {ioctl: {file: c, number: 0x3b71, words: [0x100000000]}}\n", "v1",
		 &result);
	EXPECT_EQ(result.verdict, VERDICT_ERROR);
	run_result_clear(&result);
}

TEST(robustness, a_register_access_that_no_processor_makes_is_an_error)
{
	struct run_result result;

	run_text(HEAD "  - hardware: {read-register: {unit: dmar0, register: GSTS, size: 3}}\n",
		 "v1", &result);
	EXPECT_EQ(result.verdict, VERDICT_ERROR);
	run_result_clear(&result);
}

TEST(robustness, a_file_full_of_errors_is_given_up_early)
{
	struct diags diags = { 0 };
	struct scenario *s;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs(HEAD, out);
	for (unsigned int i = 0; i < 5000; i++)
		fprintf(out, "  - vmm: {close: c%u}\n    expect: {f%u: 1}\n", i, i);
	fclose(out);
	s = scenario_parse("test.yaml", text, size, &diags);
	EXPECT_TRUE(s == NULL);
	EXPECT_EQ(diags.count, DIAG_MAX);
	EXPECT_TRUE(diags.dropped < 1000);
	scenario_free(s);
	diag_clear(&diags);
	free(text);
}

/* ---- hardware that stops answering ---- */

TEST(robustness, a_unit_that_is_switched_off_under_the_kernel_leaves_nothing_dangling)
{
	const char *const *kernel;

	for (kernel = kernel_variants(); *kernel; kernel++) {
		struct run_result result;

		run_text(HEAD "  - hardware: {write-register: {unit: dmar0, register: GCMD, "
			      "value: 0x91218239}}\n",
			 *kernel, &result);
		EXPECT_EQ(result.verdict, VERDICT_PASS);
		run_result_clear(&result);
	}
}

/* ---- platforms ---- */

#define PLATFORM(memory, unit, device)                                           \
	"scenario: a test\n"                                                     \
	"platform:\n"                                                            \
	"  memory: {ram: " memory "}\n"                                          \
	"  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids, " unit "}}\n" \
	"  devices: {0000:3a:00.0: {iommu: dmar0" device "}}\n"                  \
	"steps:\n"                                                               \
	"  - vmm: {open: c}\n"

static const struct greedy_row platform_rows[] = {
	{ "cache_entries", PLATFORM("16GiB", "caches: {iotlb: {entries: 0x1000000, assoc: 4}}", ""),
	  "expected at most 1048576" },
	{ "cache_ways", PLATFORM("16GiB", "caches: {iotlb: {entries: 8192, assoc: 0}}", ""),
	  "expected at most 4096" },
	{ "pass_through_by_small_pages",
	  PLATFORM("60TiB", "cap: {SSLPS: 0}, ecap: {PT: 0}", ", default-domain: identity"),
	  "expected at most 64GiB" },
};

TEST_WITH_PARAMS(robustness, a_platform_that_would_take_the_hosts_memory_is_refused,
		 struct greedy_row, platform_rows)
{
	struct diags diags = { 0 };
	struct scenario *s = scenario_parse("test.yaml", param->text, strlen(param->text), &diags);

	EXPECT_TRUE(s == NULL);
	EXPECT_TRUE(diags.count == 1 && strstr(diags.items[0].message, param->expected));
	scenario_free(s);
	diag_clear(&diags);
}

/* ---- files ---- */

TEST(robustness, a_pipe_that_nobody_writes_to_is_empty)
{
	char directory[] = "/tmp/vtdsim-robustness-XXXXXX";
	char path[sizeof(directory) + 8];
	struct diags diags = { 0 };

	ASSERT_TRUE(mkdtemp(directory) != NULL);
	snprintf(path, sizeof(path), "%s/pipe", directory);
	ASSERT_EQ(mkfifo(path, 0600), 0);
	EXPECT_TRUE(scenario_load(path, &diags) == NULL);
	EXPECT_TRUE(diags.count == 1 && strstr(diags.items[0].message, "empty"));
	diag_clear(&diags);
	unlink(path);
	rmdir(directory);
}
