// SPDX-License-Identifier: Apache-2.0
/*
 * Tests of a guest behind an SMMU: its tables, what the host hands down, and what the oracle makes of
 * DMA. The scenarios under scenarios/smmuv3/ show the hardware's side.
 */
#include "scenario_call.h"

#include <stdio.h>
#include <string.h>

#define HEAD                                                                                        \
	"scenario: x\nplatform:\n  iommus: {smmu0: {model: smmuv3}, dmar0: {model: vt-d, profile: " \
	"sapphire-rapids}}\n"                                                                       \
	"  devices:\n    0001:01:00.0: {iommu: smmu0, group: 33, pasid: true}\n"                    \
	"    0000:3a:00.0: {iommu: dmar0, group: 21}\n"                                             \
	"steps:\n  - vmm: {open: c}\n"                                                              \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 33, container: c}}\n"                          \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1_NESTING_IOMMU}}\n"               \
	"  - vmm: {mmap: {name: ram, size: 4MiB, gpa: 0}}\n"                                        \
	"  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 4MiB, vaddr: ram}}\n"          \
	"  - guest: {stage1-table: t}\n"                                                            \
	"  - guest: {cd-table: {name: cds, bits: 4}}\n"

#define GUEST "  - guest: {"
#define HOST "  - host: {"

struct error_row {
	const char *name;
	const char *step;
	const char *expected;
};

static const struct error_row errors[] = {
	{ "bits_of_addresses", GUEST "stage1-table: {name: u, bits: 49}}\n", "25 to 48 bits" },
	{ "page_size", GUEST "stage1-map: {table: t, address: 0, page-size: 64KiB}}\n",
	  "no pages of 0x10000 bytes" },
	{ "alignment", GUEST "stage1-map: {table: t, address: 0x800}}\n", "multiples" },
	{ "beyond_the_table", GUEST "stage1-map: {table: t, address: 0x1000000000000}}\n",
	  "beyond the table" },
	{ "too_much_to_map",
	  GUEST "stage1-map: {table: t, address: 0x2000, size: 0xfffffffffffff000}}\n",
	  "more work than" },
	{ "no_memory_for_tables", GUEST "cd-table: {name: v, bits: 16}}\n",
	  "no memory for tables" },
	{ "no_memory_for_a_map", GUEST "stage1-map: {table: t, address: 0, size: 2GiB}}\n",
	  "leave its memory" },
	{ "too_many_substreams", GUEST "cd-table: {name: v, bits: 21, format: 4KiB-leaves}}\n",
	  "2^0 to 2^20" },
	{ "too_many_in_a_linear_table", GUEST "cd-table: {name: v, bits: 17}}\n", "2^16 at most" },
	{ "cd_beyond_the_table", GUEST "cd: {table: cds, stage1: t, substream: 16}}\n",
	  "none for substream 16" },
	{ "no_table_of_cds", GUEST "cd: {table: t, stage1: t}}\n", "'t' is no table of CDs" },
	{ "no_stage1_table", GUEST "cd: {table: cds, stage1: cds}}\n",
	  "'cds' is no stage-1 table" },
	{ "attach_of_no_table", HOST "attach-cd-table: {device: 0001:01:00.0, table: t}}\n",
	  "'t' is no table of CDs" },
	{ "invalidation_without_end",
	  HOST "invalidate-stage1: {device: 0001:01:00.0, address: 0, size: 0xfffffffffffff000}}\n",
	  "more than 2^24 entries" },
	{ "invalidation_of_no_granule",
	  HOST "invalidate-stage1: {device: 0001:01:00.0, address: 0, granule: 0}}\n",
	  "more than 2^24 entries" },
};

TEST_WITH_PARAMS(guest_smmu, what_cannot_be_done_is_told, struct error_row, errors)
{
	struct run_result result;
	char text[4096];

	snprintf(text, sizeof(text), "%s%s", HEAD, param->step);
	run_text(text, "mainline", &result);
	EXPECT_EQ(result.verdict, VERDICT_ERROR);
	EXPECT_TRUE(result.error && strstr(result.error, param->expected));
	if (!result.error || !strstr(result.error, param->expected))
		ADD_FAILURE("%s", result.error ? result.error : "no error");
	run_result_clear(&result);
}

#define DMA(rest) "  - device: {dma: {device: 0001:01:00.0, " rest "}}\n"
#define ATTACH(rest) HOST "attach-cd-table: {device: 0001:01:00.0, table: cds" rest "}}\n"
#define CD1 GUEST "cd: {table: cds, stage1: t, substream: 1}}\n"
#define PAGE GUEST "stage1-map: {table: t, address: 0x10000, gpa: 0x20000, rights: r}}\n"

struct outcome_row {
	const char *name;
	const char *steps;
	enum outcome outcome;
};

static const struct outcome_row outcomes[] = {
	{ "as_the_guest_s_tables_say", CD1 PAGE ATTACH("") DMA("pasid: 1, address: 0x10008"),
	  OUTCOME_WORKS },
	{ "what_they_forbid_faults",
	  CD1 PAGE ATTACH("")
		  DMA("pasid: 1, address: 0x10008, access: write") "    expect: fault\n",
	  OUTCOME_WORKS },
	{ "no_execution_either",
	  CD1 PAGE ATTACH("")
		  DMA("pasid: 1, address: 0x10008, access: execute") "    expect: fault\n",
	  OUTCOME_WORKS },
	{ "substream_0_by_cd0",
	  GUEST "cd: {table: cds, stage1: t}}\n" PAGE ATTACH("") DMA("address: 0x10008"),
	  OUTCOME_WORKS },
	{ "substream_0_is_taken",
	  CD1 PAGE ATTACH("") DMA("pasid: 0, address: 0x10008") "    expect: fault\n",
	  OUTCOME_WORKS },
	{ "bypass", CD1 ATTACH(", default-substream: bypass") DMA("address: 0x20000"),
	  OUTCOME_WORKS },
	{ "terminate",
	  CD1 ATTACH(", default-substream: terminate")
		  DMA("address: 0x20000") "    expect: {fault: F_STREAM_DISABLED}\n",
	  OUTCOME_WORKS },
	{ "what_the_smmu_cannot_do_is_a_fault",
	  GUEST "cd: {table: cds, stage1: t, substream: 1, fields: {AA64: 0}}}\n" PAGE ATTACH("")
		  DMA("pasid: 1, address: 0x10008") "    expect: {fault: C_BAD_CD}\n",
	  OUTCOME_FAULTED },
	{ "two_levels",
	  GUEST
	  "cd-table: {name: w, bits: 9, format: 4KiB-leaves}}\n" GUEST
	  "cd: {table: w, stage1: t, substream: 0x81}}\n" PAGE HOST
	  "attach-cd-table: {device: 0001:01:00.0, table: w}}\n" DMA("pasid: 0x81, address: 0x10008")
		  DMA("pasid: 0x42, address: 0x10008") "    expect: {fault: C_BAD_SUBSTREAMID}\n",
	  OUTCOME_WORKS },
	{ "taken_away",
	  CD1 PAGE ATTACH("") HOST "detach-cd-table: 0001:01:00.0}\n" DMA("address: 0x20000"),
	  OUTCOME_WORKS },
	{ "gone_with_the_group",
	  CD1 PAGE ATTACH("") "  - vmm: {VFIO_GROUP_UNSET_CONTAINER: 33}\n"
			      "  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 33, container: c}}\n"
			      "  - vmm: {VFIO_SET_IOMMU: {container: c, type: "
			      "VFIO_TYPE1_NESTING_IOMMU}}\n"
			      "  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 4MiB, "
			      "vaddr: ram}}\n" DMA("address: 0x20000"),
	  OUTCOME_WORKS },
	{ "unmapped_and_told",
	  CD1 PAGE ATTACH("") DMA("pasid: 1, address: 0x10008") GUEST
	  "stage1-map: {table: t, address: 0x10000, rights: none}}\n" HOST
	  "invalidate-stage1: {device: 0001:01:00.0, substream: 1, asid: 1, address: "
	  "0x10000}}\n" DMA("pasid: 1, address: 0x10008") "    expect: {fault: F_TRANSLATION}\n",
	  OUTCOME_WORKS },
	{ "unmapped_and_not_told",
	  CD1 PAGE ATTACH("") DMA("pasid: 1, address: 0x10008") GUEST
	  "stage1-map: {table: t, address: 0x10000, rights: none}}\n" DMA(
		  "pasid: 1, address: 0x10008"),
	  OUTCOME_CORRUPTED },
	{ "vt_d_has_no_such_table",
	  HOST "attach-cd-table: {device: 0000:3a:00.0, table: cds}}\n    expect: ENODEV\n",
	  OUTCOME_REFUSED },
	{ "a_second_one_is_refused", CD1 ATTACH("") ATTACH("") "    expect: EINVAL\n",
	  OUTCOME_REFUSED },
};

TEST_WITH_PARAMS(guest_smmu, the_oracle_knows_its_tables, struct outcome_row, outcomes)
{
	struct run_result result;
	char text[4096];

	snprintf(text, sizeof(text), "%s%s", HEAD, param->steps);
	run_text(text, "mainline", &result);
	EXPECT_EQ(result.verdict, VERDICT_PASS);
	EXPECT_EQ(result.outcome, param->outcome);
	run_result_clear(&result);
}
