/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scenarios as a user writes them: reading and its errors, running, expectations and outcomes, on whole machines.
 */
#include "scenario_call.h"

#include "scenario/step.h"

#include <stdlib.h>
#include <string.h>

#define HEAD                                                                                   \
	"scenario: a test\n"                                                                   \
	"platform:\n"                                                                          \
	"  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}, smmu0: {model: smmuv3}}\n" \
	"  devices:\n"                                                                         \
	"    0000:3a:00.0: {iommu: dmar0, group: 21, pasid: true}\n"                           \
	"    0001:01:00.0: {iommu: smmu0, group: 33, pasid: true}\n"                           \
	"steps:\n"

#define CONTAINER                                                          \
	"  - vmm: {open: c}\n"                                             \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n" \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1_NESTING_IOMMU}}\n"

#define MEMORY                                                                             \
	"  - vmm: {mmap: {name: ram, size: 4MiB, gpa: 0}}\n"                               \
	"  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 4MiB, vaddr: ram}}\n" \
	"  - guest: {table: t}\n"                                                          \
	"  - guest: {map: {table: t, address: 0x10000, gpa: 0x20000}}\n"                   \
	"  - guest: {write: {gpa: 0x20000, value: 0x99}}\n"                                \
	"  - vmm: {alloc-pasid: {container: c, min: 7, max: 7}}\n"                         \
	"  - vmm: {bind: {container: c, pasid: 7, table: t}}\n"

static const struct step_result *last_step(const struct run_result *result)
{
	return &result->steps[result->step_count - 1];
}

/* ---- reading ---- */

#define DMA "  - device: {dma: {device: 0000:3a:00.0, address: 0}}\n    expect: "
#define SMMU_DMA "  - device: {dma: {device: 0001:01:00.0, address: 0}}\n    expect: "
#define OPEN "  - vmm: {open: c}\n"
#define GET_INFO OPEN "  - vmm: {VFIO_IOMMU_GET_INFO: c}\n    expect: "

struct bad_row {
	const char *name;
	const char *text;
	unsigned int line;
	const char *message; /* part of it */
};

static const struct bad_row bad_rows[] = {
	{ "not_a_mapping", "- 1\n", 1, "mapping" },
	{ "no_name", "platform: {}\nsteps: []\n", 1, "scenario" },
	{ "no_steps", "scenario: x\nplatform: {}\n", 1, "steps" },
	{ "unknown_top_key", "scenario: x\nplatfrom: {}\nsteps: []\n", 2, "platform" },
	{ "unknown_kernel", "scenario: x\nkernel: v2\nplatform: {}\nsteps: []\n", 2, "v1" },
	{ "kernel_twice", "scenario: x\nkernel: [v1, v1]\nplatform: {}\nsteps: []\n", 2, "twice" },
	{ "kernel_list_empty", "scenario: x\nkernel: []\nplatform: {}\nsteps: []\n", 2,
	  "at least one" },
	{ "platform_and_include", "scenario: x\nplatform: {}\ninclude: y\nsteps: []\n", 1,
	  "either" },
	{ "include_missing", "scenario: x\ninclude: no-such.yaml\nsteps: []\n", 0, "no-such" },
	{ "no_steps_in_list", HEAD "  []\n", 8, "at least one step" },
	{ "no_actor", HEAD "  - expect: ok\n", 8, "actor" },
	{ "unknown_actor", HEAD "  - vm: {open: c}\n", 8, "vmm" },
	{ "two_actors", HEAD "  - {vmm: {open: c}, guest: {table: t}}\n", 8, "second actor" },
	{ "two_operations", HEAD "  - vmm: {open: c, close: c}\n", 8, "exactly one" },
	{ "unknown_operation", HEAD "  - vmm: {VFIO_SET_IOMU: {}}\n", 8, "VFIO_SET_IOMMU" },
	{ "unknown_argument", HEAD "  - vmm: {VFIO_SET_IOMMU: {contaner: c}}\n", 8, "container" },
	{ "missing_argument", HEAD "  - vmm: {VFIO_SET_IOMMU: {container: c}}\n", 8,
	  "lacks 'type'" },
	{ "no_scalar_form", HEAD "  - vmm: {VFIO_SET_IOMMU: c}\n", 8, "takes a mapping" },
	{ "unknown_word", HEAD "  - vmm: {VFIO_SET_IOMMU: {container: c, type: TYPE9}}\n", 8,
	  "VFIO_TYPE1_IOMMU" },
	{ "unknown_flag",
	  HEAD
	  "  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 1, vaddr: 0, flags: r|q}}\n",
	  8, "rw" },
	{ "wrong_number", HEAD "  - guest: {table: {name: t, levels: four}}\n", 8, "number" },
	{ "unknown_device", HEAD "  - device: {dma: {device: 0000:77:00.0, address: 0}}\n", 8,
	  "not in the platform" },
	{ "no_device", HEAD "  - device: {dma: {device: seven, address: 0}}\n", 8, "" },
	{ "unknown_unit", HEAD "  - hardware: {read-register: {unit: dmar7, register: GSTS}}\n", 8,
	  "not in the platform" },
	{ "reference_before_save", HEAD "  - device: {dma: {device: 0000:3a:00.0, address: $x}}\n",
	  8, "saves 'x'" },
	{ "bad_expect_word", HEAD "  - vmm: {open: c}\n    expect: fine\n", 9, "no expectation" },
	{ "bad_errno", HEAD "  - vmm: {open: c}\n    expect: {errno: EFINE}\n", 9, "errno" },
	{ "expect_list", HEAD "  - vmm: {open: c}\n    expect: [ok]\n", 9, "not a list" },
	{ "mixed_expect", HEAD "  - vmm: {open: c}\n    expect: {v1: ok, value: 3}\n", 9,
	  "kernel variant" },
	{ "bad_save", HEAD "  - vmm: {open: c}\n    save: a.b\n", 9, "name" },
	{ "fields_no_mapping", HEAD "  - guest: {set: {table: t, address: 0, fields: 3}}\n", 8,
	  "mapping of field names" },
	{ "list_no_list", HEAD "  - vmm: {ioctl: {file: c, number: 1, words: 3}}\n", 8,
	  "list of numbers" },
	{ "number_beyond_32_bits",
	  HEAD "  - vmm: {alloc-pasid: {container: c, min: 0x100000007}}\n", 8, "" },
	{ "number_beyond_8_bits", HEAD "  - vmm: {invalidate: {container: c, granularity: 256}}\n",
	  8, "" },
	{ "flags_beyond_32_bits",
	  HEAD "  - vmm: {VFIO_IOMMU_UNMAP_DMA: {container: c, flags: 0x100000000}}\n", 8,
	  "32 bits" },
	{ "a_platform", "name: p\niommus: {}\n", 1, "names it with `include:`" },
	{ "fault_name", HEAD DMA "{fault: first-stage-reservd}\n", 9, "'first-stage-reserved'?" },
	{ "fault_code", HEAD DMA "{fault: 0x1ff}\n", 9, "no fault of VT-d" },
	{ "fault_of_the_other_model", HEAD DMA "{fault: C_BAD_CD}\n", 9, "no fault of VT-d" },
	{ "event_of_the_other_model", HEAD SMMU_DMA "{fault: second-stage-access}\n", 9,
	  "no fault of an SMMU" },
	{ "fault_of_a_call", HEAD "  - vmm: {open: c}\n    expect: fault\n", 9, "does not fault" },
	{ "group_number", HEAD "  - vmm: {open: 22}\n", 8, "its groups are 21, 33" },
	{ "group_word", HEAD OPEN "  - vmm: {VFIO_GROUP_GET_STATUS: c1}\n", 9, "a group number" },
	{ "device_name",
	  HEAD "  - vmm: {VFIO_GROUP_GET_DEVICE_FD: {group: 21, device: '3a:00.0'}}\n", 8,
	  "expected 0000:3a:00.0" },
	{ "file_never_opened", HEAD OPEN "  - vmm: {close: d}\n", 9, "expected c" },
	{ "file_closed_before",
	  HEAD OPEN "  - vmm: {close: c}\n  - vmm: {VFIO_GET_API_VERSION: c}\n", 10,
	  "closed in line 9" },
	{ "table_never_made", HEAD "  - guest: {entry: {table: t, address: 0}}\n", 8,
	  "makes a table 't'" },
	{ "memory_never_mapped", HEAD "  - vmm: {read: ram+8}\n", 8, "has a mmap 'ram'" },
	{ "memory_offset",
	  HEAD "  - vmm: {mmap: {name: ram, size: 4KiB}}\n  - vmm: {read: ram+x}\n", 9,
	  "'x' is no offset" },
	{ "munmap_of_nothing", HEAD "  - vmm: {munmap: ram}\n", 8, "has a mmap 'ram'" },
	{ "equals_needs_a_save", HEAD GET_INFO "{equals: zz}\n", 10, "saves 'zz'" },
	{ "differs_needs_a_save", HEAD GET_INFO "{differs: zz}\n", 10, "saves 'zz'" },
	{ "expected_reference", HEAD OPEN "    expect: $x\n", 9, "saves 'x'" },
	{ "field_of_a_number", HEAD OPEN "    save: a\n  - guest: {read: $a.b}\n", 10,
	  "is a number; it has no fields" },
	{ "field_of_a_saved_result",
	  HEAD "  - host: {usage: {}}\n    save: a\n  - guest: {read: $a.pinned_pags}\n", 10,
	  "'pinned_pages'?" },
	{ "pasid_of_21_bits",
	  HEAD "  - device: {dma: {device: 0000:3a:00.0, address: 0, pasid: 0x100000}}\n", 8,
	  "expected 0 to 1048575" },
	{ "field_of_a_list_element",
	  HEAD "  - vmm: {VFIO_GROUP_GET_DEVICE_FD: {group: 21, device: 0000:3a:00.0}}\n"
	       "  - vmm: {read-faults: 0000:3a:00.0}\n    expect: {faults.0.wirte: 1}\n",
	  10, "'write'?" },
	{ "register_name", HEAD "  - hardware: {read-register: {unit: dmar0, register: FSTSS}}\n",
	  8, "'FSTS'?" },
	{ "register_of_an_smmu",
	  HEAD "  - hardware: {read-register: {unit: smmu0, register: FSTS}}\n", 8,
	  "no register is named 'FSTS'" },
	{ "register_name_of_an_smmu",
	  HEAD "  - hardware: {read-register: {unit: smmu0, register: GEROR}}\n", 8, "'GERROR'?" },
	{ "register_offset",
	  HEAD "  - hardware: {read-register: {unit: dmar0, register: 0x10000001c}}\n", 8,
	  "at most 0xffffffff" },
	{ "parameter_name",
	  HEAD "  - host: {set-parameter: {name: vfio_iommu_typ1.pasid_quota, value: 1}}\n", 8,
	  "pasid_quota'?" },
	{ "result_field", HEAD DMA "{tabel_reads: 3}\n", 9, "'table_reads'?" },
	{ "result_field_below_another", HEAD GET_INFO "{nesting.formt: 1}\n", 10,
	  "'nesting.format'?" },
	{ "entry_field",
	  HEAD
	  "  - hardware: {read-entry: {device: 3a:00.0, entry: pasid-entry}}\n    expect: {PGT: 3}\n",
	  9, "'PGTT'" },
	{ "entry_field_to_set",
	  HEAD
	  "  - hardware: {write-entry: {device: 3a:00.0, entry: pasid-entry, fields: {PGT: 3}}}\n",
	  8, "'PGTT'" },
	{ "boolean_field", HEAD "  - vmm: {VFIO_GROUP_GET_STATUS: 21}\n    expect: {viable: tru}\n",
	  9, "expected true or false" },
	{ "number_field", HEAD DMA "{done: many}\n", 9, "expected a number" },
	{ "word_field", HEAD DMA "{status: okay}\n", 9, "'ok'" },
	{ "format_field", HEAD GET_INFO "{nesting.format: IOMMU_PASID_FORMAT_INTEL_VDT}\n", 10,
	  "IOMMU_PASID_FORMAT_INTEL_VTD" },
	{ "list_field", HEAD GET_INFO "{capabilities: 1}\n", 10, "a dot leads to" },
	{ "list_for_a_field", HEAD DMA "{done: [1]}\n", 9, "not a list" },
	{ "bounds_key", HEAD DMA "{done: {mx: 3}}\n", 9, "'max'" },
	{ "bounds_number", HEAD DMA "{done: {max: many}}\n", 9, "a size" },
	{ "bounds_empty", HEAD DMA "{done: {}}\n", 9, "expected `min:` or `max:`" },
	{ "near_errno", HEAD OPEN "    expect: einval\n", 9, "'EINVAL'?" },
	{ "near_errno_field", HEAD OPEN "    expect: {errno: EINVALID}\n", 9, "'EINVAL'?" },
	{ "near_variants", HEAD OPEN "    expect: {v8: ok, v1: ok}\n", 9, "'v1' or 'v7'?" },
	{ "only_an_unknown_variant", HEAD OPEN "    expect: {v8: ok}\n", 9, "'v1' or 'v7'?" },
	{ "type_of_an_extension",
	  HEAD OPEN "  - vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_UNMAP_ALL}}\n", 9,
	  "is not known" },
	{ "operation_of_another_actor", HEAD "  - guest: {bind: {container: c, pasid: 1}}\n", 8,
	  "bind is an operation of vmm" },
	{ "near_device", HEAD "  - device: {dma: {device: 0000:3b:00.0, address: 0}}\n", 8,
	  "'0000:3a:00.0'?" },
	{ "a_list_for_a_size", HEAD "  - guest: {read: [1]}\n", 8, "expected a size" },
	{ "a_mapping_for_flags",
	  HEAD OPEN "  - vmm: {VFIO_IOMMU_UNMAP_DMA: {container: c, flags: [{a: b}]}}\n", 9,
	  "expected flags" },
	{ "bad_choice",
	  HEAD "  - device: {dma: {device: 0000:3a:00.0, address: 0, access: peek}}\n", 8,
	  "expected read, write or execute" },
};

TEST_WITH_PARAMS(scenario_read, bad_input_is_refused_with_its_place, struct bad_row, bad_rows)
{
	struct diags diags = { 0 };
	struct scenario *s = scenario_parse("bad.yaml", param->text, strlen(param->text), &diags);

	SCOPED_NOTE("%s", param->name);
	EXPECT_TRUE(s == NULL);
	ASSERT_GE(diags.count, (size_t)1);
	EXPECT_EQ(diags.items[0].line, param->line);
	if (!strstr(diags.items[0].message, param->message))
		ADD_FAILURE("'%s' does not speak of '%s'", diags.items[0].message, param->message);
	scenario_free(s);
	diag_clear(&diags);
}

static void expect_lines(const char *text, const unsigned int *lines, size_t count)
{
	struct diags diags = { 0 };
	struct scenario *s = scenario_parse("bad.yaml", text, strlen(text), &diags);

	EXPECT_TRUE(s == NULL);
	ASSERT_EQ(diags.count, count);
	for (size_t i = 0; i < count; i++)
		EXPECT_EQ(diags.items[i].line, lines[i]);
	scenario_free(s);
	diag_clear(&diags);
}

TEST(scenario_read, errors_of_the_head_the_platform_and_the_steps_are_told_together)
{
	static const unsigned int lines[] = { 2, 4, 6, 7 };

	expect_lines("scenario: x\nkernel: v9\nplatform:\n  iommus: {d: {model: vtd}}\nsteps:\n"
		     "  - vmm: {opn: c}\n  - guest: {entry: {table: t, address: 0}}\n",
		     lines, 4);
}

TEST(scenario_read, errors_of_arguments_and_expectation_are_told_together)
{
	static const unsigned int lines[] = { 8, 9 };

	expect_lines(HEAD "  - guest: {table: {name: t, levels: four}}\n    expect: fine\n", lines,
		     2);
}

TEST(scenario_read, a_misspelt_key_is_the_only_error)
{
	static const unsigned int lines[] = { 8, 10, 11 };

	expect_lines(HEAD "  - vmm: {opne: c}\n  - vmm: {alloc-pasid: c}\n    svae: p\n"
			  "  - vmm: {free-pasid: {contaner: c, pasid: $p}}\n"
			  "  - vmm: {free-pasid: {container: c, pasid: $p}}\n",
		     lines, 3);
}

TEST(scenario_read, an_unknown_name_is_told_once)
{
	static const unsigned int lines[] = { 8, 9, 10 };

	expect_lines(HEAD "  - vmm: {VFIO_GET_API_VERSION: c}\n"
			  "  - guest: {entry: {table: t, address: $a}}\n"
			  "  - guest: {entry: {table: t, address: $a}}\n",
		     (const unsigned int[]){ 8, 9, 9 }, 3);
	expect_lines(HEAD "  - vmm: {open: 77}\n  - vmm: {open: 78}\n  - vmm: {open: 79}\n", lines,
		     3);
}

TEST(scenario_read, a_group_that_is_expected_to_be_absent_may_be_named)
{
	static const char text[] = HEAD
		"  - vmm: {open: 77}\n    expect: {v7: any, default: ENOENT}\n";
	struct diags diags = { 0 };
	struct scenario *s = scenario_parse("x", text, strlen(text), &diags);

	EXPECT_TRUE(s != NULL);
	scenario_free(s);
	diag_clear(&diags);
}

TEST(scenario_read, a_missing_include_is_one_error_with_a_note)
{
	static const char text[] =
		"scenario: x\ninclude: no-such.yaml\nsteps:\n  - vmm: {open: c}\n";
	struct diags diags = { 0 };

	EXPECT_TRUE(scenario_parse("x", text, strlen(text), &diags) == NULL);
	ASSERT_EQ(diags.count, 2);
	EXPECT_FALSE(diags.items[0].note);
	EXPECT_TRUE(diags.items[1].note);
	diag_clear(&diags);
}

TEST(scenario_read, a_file_without_kernels_runs_on_all_five)
{
	static const char text[] = HEAD "  - vmm: {open: c}\n";
	struct diags diags = { 0 };
	struct scenario *s = scenario_parse("x", text, strlen(text), &diags);
	size_t count = 0;

	ASSERT_TRUE(s != NULL);
	while (scenario_kernels(s)[count])
		count++;
	EXPECT_EQ(count, 5);
	EXPECT_STREQ(scenario_name(s), "a test");
	EXPECT_TRUE(scenario_about(s) == NULL);
	scenario_free(s);
	diag_clear(&diags);
}

/* ---- expectations ---- */

/* Fails with EINVAL. */
#define NO_GROUP "  - vmm: {open: c}\n  - vmm: {VFIO_SET_IOMMU: {container: c, type: 1}}"

struct expect_row {
	const char *name;
	const char *steps;
	enum verdict verdict;
};

static const struct expect_row expect_rows[] = {
	{ "no_expect_means_success", NO_GROUP "\n", VERDICT_FAIL },
	{ "errno_holds", "  - vmm: {open: 99}\n    expect: ENOENT\n", VERDICT_PASS },
	{ "other_errno_fails", "  - vmm: {open: 99}\n    expect: {v7: ENOENT, default: EIO}\n",
	  VERDICT_FAIL },
	{ "ok_fails_on_errno", NO_GROUP "\n    expect: ok\n", VERDICT_FAIL },
	{ "any_holds", "  - vmm: {open: 99}\n    expect: any\n", VERDICT_PASS },
	{ "errno_field", "  - vmm: {open: 99}\n    expect: {errno: ENOENT}\n", VERDICT_PASS },
	{ "number_holds", "  - vmm: {open: c}\n  - vmm: {VFIO_GET_API_VERSION: c}\n    expect: 0\n",
	  VERDICT_PASS },
	{ "number_fails", "  - vmm: {open: c}\n  - vmm: {VFIO_GET_API_VERSION: c}\n    expect: 1\n",
	  VERDICT_FAIL },
	{ "saved_number",
	  "  - vmm: {open: c}\n  - vmm: {VFIO_GET_API_VERSION: c}\n    save: a\n  - vmm: {VFIO_GET_API_VERSION: c}\n    expect: $a\n",
	  VERDICT_PASS },
	{ "equals_and_differs",
	  CONTAINER "  - vmm: {VFIO_IOMMU_GET_INFO: {container: c}}\n    save: a\n"
		    "  - vmm: {VFIO_IOMMU_GET_INFO: {container: c}}\n    expect: {equals: a}\n",
	  VERDICT_PASS },
	{ "differs_fails_when_equal",
	  CONTAINER "  - vmm: {VFIO_IOMMU_GET_INFO: {container: c}}\n    save: a\n"
		    "  - vmm: {VFIO_IOMMU_GET_INFO: {container: c}}\n    expect: {differs: a}\n",
	  VERDICT_FAIL },
	{ "deep_field",
	  CONTAINER
	  "  - vmm: {VFIO_IOMMU_GET_INFO: {container: c}}\n    expect: {nesting.stage1_formats: 1}\n",
	  VERDICT_PASS },
	{ "absent_field",
	  CONTAINER
	  "  - vmm: {VFIO_IOMMU_GET_INFO: {container: c}}\n    expect: {nesting.features: absent}\n",
	  VERDICT_PASS },
	{ "absent_fails",
	  CONTAINER
	  "  - vmm: {VFIO_IOMMU_GET_INFO: {container: c}}\n    expect: {nesting: absent}\n",
	  VERDICT_FAIL },
	{ "present_field",
	  CONTAINER
	  "  - vmm: {VFIO_IOMMU_GET_INFO: {container: c}}\n    expect: {nesting: present}\n",
	  VERDICT_PASS },
	{ "present_fails",
	  CONTAINER
	  "  - vmm: {VFIO_IOMMU_GET_INFO: {container: c}}\n    expect: {dma_avail: present}\n",
	  VERDICT_FAIL },
	{ "bounds_hold",
	  CONTAINER
	  "  - vmm: {VFIO_IOMMU_GET_INFO: {container: c}}\n    expect: {argsz: {min: 24, max: 4096}}\n",
	  VERDICT_PASS },
	{ "bounds_fail",
	  CONTAINER
	  "  - vmm: {VFIO_IOMMU_GET_INFO: {container: c}}\n    expect: {argsz: {max: 3}}\n",
	  VERDICT_FAIL },
	{ "fault_word",
	  CONTAINER "  - device: {dma: {device: 0000:3a:00.0, address: 0}}\n    expect: fault\n",
	  VERDICT_PASS },
	{ "fault_number",
	  CONTAINER
	  "  - device: {dma: {device: 0000:3a:00.0, address: 0}}\n    expect: {fault: 0x79}\n",
	  VERDICT_PASS },
	{ "fault_number_fails",
	  CONTAINER
	  "  - device: {dma: {device: 0000:3a:00.0, address: 0}}\n    expect: {fault: 0x71}\n",
	  VERDICT_FAIL },
	{ "fault_unexpected", CONTAINER "  - device: {dma: {device: 0000:3a:00.0, address: 0}}\n",
	  VERDICT_FAIL },
	{ "by_kernel", "  - vmm: {open: 99}\n    expect: {v7: ok, v1: ENOENT}\n", VERDICT_PASS },
	{ "by_kernel_default", "  - vmm: {open: 99}\n    expect: {v7: ok, default: ENOENT}\n",
	  VERDICT_PASS },
	{ "by_kernel_none_left", "  - vmm: {open: 99}\n    expect: {v7: ENOENT}\n", VERDICT_FAIL },
	{ "reference_to_what_was_not_saved",
	  "  - vmm: {open: c}\n  - vmm: {alloc-pasid: c}\n    save: p\n    expect: EINVAL\n"
	  "  - vmm: {free-pasid: {container: c, pasid: $p}}\n",
	  VERDICT_ERROR },
	{ "expectation_of_what_was_not_saved",
	  "  - vmm: {open: 99}\n    expect: ENOENT\n    save: p\n"
	  "  - vmm: {open: c}\n    expect: $p\n",
	  VERDICT_FAIL },
	{ "reference_beyond_32_bits",
	  "  - hardware: {read-register: {unit: dmar0, register: CAP}}\n    save: big\n"
	  "  - vmm: {open: c}\n  - vmm: {alloc-pasid: {container: c, min: $big}}\n",
	  VERDICT_ERROR },
	{ "reference_to_no_number",
	  CONTAINER "  - vmm: {VFIO_IOMMU_GET_INFO: {container: c}}\n    save: a\n"
		    "  - device: {dma: {device: 0000:3a:00.0, address: $a.nesting}}\n",
	  VERDICT_ERROR },
};

TEST_WITH_PARAMS(scenario_expect, verdict_follows_from_the_expectation, struct expect_row,
		 expect_rows)
{
	struct run_result result;
	char text[4096];

	SCOPED_NOTE("%s", param->name);
	snprintf(text, sizeof(text), "%s%s", HEAD, param->steps);
	run_text(text, "v1", &result);
	EXPECT_EQ(result.verdict, param->verdict);
	if (result.verdict == VERDICT_FAIL)
		EXPECT_TRUE(last_step(&result)->message != NULL);
	if (result.verdict == VERDICT_ERROR)
		EXPECT_TRUE(result.error != NULL);
	run_result_clear(&result);
}

/* ---- outcomes ---- */

struct outcome_row {
	const char *name;
	const char *kernel;
	const char *steps;
	enum outcome outcome;
};

static const struct outcome_row outcome_rows[] = {
	{ "all_well", "v1", CONTAINER MEMORY, OUTCOME_WORKS },
	{ "dma_as_the_tables_say", "v1",
	  CONTAINER MEMORY
	  "  - device: {dma: {device: 0000:3a:00.0, address: 0x10000, pasid: 7}}\n",
	  OUTCOME_WORKS },
	{ "fault_as_the_tables_say", "v1",
	  CONTAINER MEMORY
	  "  - device: {dma: {device: 0000:3a:00.0, address: 0x90000, pasid: 7}}\n    expect: fault\n",
	  OUTCOME_WORKS },
	{ "an_errno", "v1", "  - vmm: {open: 99}\n    expect: ENOENT\n", OUTCOME_REFUSED },
	{ "a_spoilt_entry", "v1",
	  CONTAINER MEMORY
	  "  - hardware: {write-entry: {device: 0000:3a:00.0, entry: pasid-entry, pasid: 7, fields: {P: 0}}}\n"
	  "  - hardware: {evict: {}}\n"
	  "  - device: {dma: {device: 0000:3a:00.0, address: 0x10000, pasid: 7}}\n    expect: fault\n",
	  OUTCOME_FAULTED },
	{ "bind_told_more_than_it_did", "v1",
	  CONTAINER "  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 33, container: c}}\n" MEMORY,
	  OUTCOME_MISLED },
	{ "info_no_longer_true", "v1",
	  CONTAINER "  - vmm: {VFIO_IOMMU_GET_INFO: {container: c}}\n"
		    "  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 33, container: c}}\n",
	  OUTCOME_MISLED },
	{ "info_still_true", "v1-attach-check",
	  CONTAINER
	  "  - vmm: {VFIO_IOMMU_GET_INFO: {container: c}}\n"
	  "  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 33, container: c}}\n    expect: EINVAL\n",
	  OUTCOME_REFUSED },
	{ "invalidation_without_a_descriptor", "v7",
	  CONTAINER MEMORY "  - vmm: {invalidate: {container: c, granularity: domain, pasid: 7}}\n",
	  OUTCOME_MISLED },
	{ "invalidation_that_reaches_the_unit", "v7",
	  CONTAINER MEMORY "  - vmm: {invalidate: {container: c, granularity: pasid, pasid: 7}}\n",
	  OUTCOME_WORKS },
	{ "invalidation_of_a_tlb_that_is_not_there", "v7",
	  CONTAINER MEMORY
	  "  - vmm: {invalidate: {container: c, cache: dev-iotlb, granularity: pasid, pasid: 7}}\n",
	  OUTCOME_WORKS },
	{ "a_stale_entry_translates", "v1",
	  CONTAINER MEMORY
	  "  - device: {dma: {device: 0000:3a:00.0, address: 0x10000, pasid: 7}}\n"
	  "  - guest: {unmap: {table: t, address: 0x10000}}\n"
	  "  - device: {dma: {device: 0000:3a:00.0, address: 0x10000, pasid: 7}}\n",
	  OUTCOME_CORRUPTED },
	{ "a_stale_entry_translates_elsewhere", "v1",
	  CONTAINER MEMORY
	  "  - device: {dma: {device: 0000:3a:00.0, address: 0x10000, pasid: 7}}\n"
	  "  - guest: {map: {table: t, address: 0x10000, gpa: 0x30000}}\n"
	  "  - device: {dma: {device: 0000:3a:00.0, address: 0x10000, pasid: 7}}\n",
	  OUTCOME_CORRUPTED },
};

TEST_WITH_PARAMS(scenario_outcome, sums_up_what_happened, struct outcome_row, outcome_rows)
{
	struct run_result result;
	char text[4096];

	SCOPED_NOTE("%s", param->name);
	snprintf(text, sizeof(text), "%s%s", HEAD, param->steps);
	run_text(text, param->kernel, &result);
	EXPECT_EQ(result.verdict, VERDICT_PASS);
	EXPECT_STREQ(outcome_name(result.outcome), outcome_name(param->outcome));
	EXPECT_EQ(result.why != NULL, param->outcome != OUTCOME_WORKS);
	run_result_clear(&result);
}

/* A guest's table in memory that the VMM mapped read-only. */
#define READ_ONLY_TABLE                                                                                     \
	"  - vmm: {mmap: {name: ram, size: 4MiB, gpa: 0}}\n"                                                \
	"  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 4MiB, vaddr: ram}}\n"                  \
	"  - vmm: {mmap: {name: rom, size: 4KiB, gpa: 0x800000}}\n"                                         \
	"  - vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0x800000, size: 4KiB, vaddr: rom, flags: r}}\n" \
	"  - guest: {table: {name: t, at: 0x800000}}\n"                                                     \
	"  - guest: {map: {table: t, address: 0x10000, gpa: 0x20000}}\n"                                    \
	"  - vmm: {alloc-pasid: {container: c, min: 7, max: 7}}\n"                                          \
	"  - vmm: {bind: {container: c, pasid: 7, table: t}}\n"                                             \
	"  - device: {dma: {device: 0000:3a:00.0, address: 0x10000, pasid: 7}}\n"

static void expect_read_only_outcome(const char *errata, const char *expect, enum outcome outcome)
{
	struct run_result result;
	char text[4096];

	snprintf(text, sizeof(text),
		 "scenario: a table in read-only memory\n"
		 "platform:\n"
		 "  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids, errata: [%s]}}\n"
		 "  devices: {0000:3a:00.0: {iommu: dmar0, group: 21, pasid: true}}\n"
		 "steps:\n" CONTAINER READ_ONLY_TABLE "    expect: %s\n",
		 errata, expect);
	run_text(text, "v1", &result);
	EXPECT_EQ(result.verdict, VERDICT_PASS);
	EXPECT_STREQ(outcome_name(result.outcome), outcome_name(outcome));
	run_result_clear(&result);
}

TEST(scenario_outcome, memory_that_a_dma_altered_in_spite_of_its_mapping_is_corrupted)
{
	expect_read_only_outcome("772415", "ok", OUTCOME_CORRUPTED);
	expect_read_only_outcome("", "{fault: 0x77}", OUTCOME_FAULTED);
}

/* ---- results ---- */

TEST(scenario_run, a_fault_is_reported_with_unit_source_pasid_and_address)
{
	struct run_result result;

	run_text(
		HEAD CONTAINER MEMORY
		"  - device: {dma: {device: 0000:3a:00.0, address: 0x91000, pasid: 7}}\n    expect: fault\n",
		"v1", &result);
	ASSERT_EQ(result.fault_count, 1);
	EXPECT_STREQ(result.faults[0].unit, "dmar0");
	EXPECT_STREQ(result.faults[0].source, "0000:3a:00.0");
	EXPECT_EQ(result.faults[0].pasid, 7);
	EXPECT_EQ(result.faults[0].address, 0x91000);
	EXPECT_EQ(result.faults[0].code, 0x71);
	run_result_clear(&result);
}

TEST(scenario_run, what_the_kernel_prints_is_kept_with_its_step)
{
	struct run_result result;

	run_text(
		HEAD CONTAINER MEMORY
		"  - device: {dma: {device: 0000:3a:00.0, address: 0x91000, pasid: 7}}\n    expect: fault\n",
		"v1", &result);
	EXPECT_TRUE(result.steps[0].log == NULL);
	ASSERT_TRUE(last_step(&result)->log != NULL);
	EXPECT_TRUE(strstr(last_step(&result)->log, "fault addr 0x91000") != NULL);
	run_result_clear(&result);
}

TEST(scenario_run, a_dma_longer_than_a_page_is_translated_page_by_page)
{
	struct run_result result;

	run_text(
		HEAD CONTAINER MEMORY
		"  - device: {dma: {device: 0000:3a:00.0, address: 0x20ff8, size: 8KiB, access: write, data: 5}}\n"
		"    expect: {done: 8KiB, translations: 3}\n"
		"  - guest: {read: 0x20ff8}\n    expect: 5\n"
		"  - guest: {read: 0x22ff0}\n    expect: 5\n",
		"v1", &result);
	EXPECT_EQ(result.verdict, VERDICT_PASS);
	run_result_clear(&result);
}

TEST(scenario_run, random_data_comes_from_the_seed)
{
	static const char text[] = HEAD CONTAINER MEMORY
		"  - device: {dma: {device: 0000:3a:00.0, address: 0x20000, access: write}}\n"
		"  - guest: {read: 0x20000}\n";
	unsigned long long seen[3];

	for (unsigned int i = 0; i < 3; i++) {
		struct scenario_run_options options = { .kernel = "v1", .seed = i / 2 };
		struct run_result result = { 0 };
		struct diags diags = { 0 };
		struct scenario *s = scenario_parse("x", text, strlen(text), &diags);

		ASSERT_TRUE(s != NULL);
		scenario_run(s, &options, &result);
		EXPECT_TRUE(json_get_u64(last_step(&result)->result, &seen[i]));
		run_result_clear(&result);
		scenario_free(s);
	}
	EXPECT_EQ(seen[0], seen[1]);
	EXPECT_NE(seen[0], seen[2]);
}

TEST(scenario_run, a_result_that_was_not_saved_is_told_with_the_step_that_failed)
{
	struct run_result result;

	run_text(HEAD OPEN "  - vmm: {alloc-pasid: c}\n    save: p\n    expect: EINVAL\n"
			   "  - vmm: {free-pasid: {container: c, pasid: $p}}\n",
		 "v1", &result);
	EXPECT_STREQ(result.error,
		     "pasid: `$p` was not saved: the step in line 9 failed with EINVAL");
	run_result_clear(&result);
}

struct dma_row {
	const char *arguments, *error;
};

static const struct dma_row dma_rows[] = {
	{ "address: 0, size: 2MiB", "size is 2097152 bytes; expected 1 byte to 1MiB" },
	{ "address: 0, size: 0", "size is 0 bytes; expected 1 byte to 1MiB" },
	{ "address: 0xfffffffffffffff0, size: 64",
	  "64 bytes from address 0xfffffffffffffff0 on end beyond 2^64" },
};

TEST_WITH_PARAMS(scenario_run, a_dma_that_cannot_be_names_the_argument, struct dma_row, dma_rows)
{
	struct run_result result;
	char text[1024];

	snprintf(text, sizeof(text), HEAD "  - device: {dma: {device: 0000:3a:00.0, %s}}\n",
		 param->arguments);
	run_text(text, "v1", &result);
	EXPECT_STREQ(result.error, param->error);
	run_result_clear(&result);
}

TEST(scenario_run, the_run_ends_at_a_step_that_cannot_be_run)
{
	struct run_result result;

	run_text(HEAD "  - guest: {table: t}\n  - vmm: {open: c}\n", "v7", &result);
	EXPECT_EQ(result.verdict, VERDICT_ERROR);
	EXPECT_EQ(result.step_count, 1);
	EXPECT_EQ(result.error_line, 8);
	run_result_clear(&result);
}

struct step_calls {
	unsigned int begun, ended;
};

static void on_begin(void *arg, struct machine *machine, size_t step, unsigned int line,
		     const char *name)
{
	struct step_calls *calls = arg;

	EXPECT_TRUE(machine != NULL);
	EXPECT_EQ(step, calls->begun);
	EXPECT_EQ(line, 8 + step);
	EXPECT_STREQ(name, step ? "VFIO_GET_API_VERSION container=c" : "open name=c");
	calls->begun++;
}

static void on_end(void *arg, struct machine *machine, size_t step,
		   const struct step_result *result)
{
	struct step_calls *calls = arg;

	EXPECT_TRUE(machine != NULL && result->ok);
	EXPECT_EQ(step, calls->ended);
	calls->ended++;
}

TEST(scenario_run, a_caller_sees_each_step_begin_and_end)
{
	static const char text[] = HEAD "  - vmm: {open: c}\n  - vmm: {VFIO_GET_API_VERSION: c}\n";
	struct step_calls calls = { 0 };
	struct scenario_run_options options = {
		.kernel = "v1", .step_begin = on_begin, .step_end = on_end, .arg = &calls
	};
	struct run_result result;
	struct diags diags = { 0 };
	struct scenario *s = scenario_parse("x", text, strlen(text), &diags);

	ASSERT_TRUE(s != NULL);
	scenario_run(s, &options, &result);
	EXPECT_EQ(calls.begun, 2);
	EXPECT_EQ(calls.ended, 2);
	run_result_clear(&result);
	scenario_free(s);
}

/* ---- names ---- */

TEST(scenario_names, errno_names_and_numbers_match_both_ways)
{
	EXPECT_STREQ(errno_name(-22), "EINVAL");
	EXPECT_STREQ(errno_name(524), "ENOTSUPP");
	EXPECT_STREQ(errno_name(9999), "E?");
	EXPECT_EQ(errno_number("ENOTTY"), 25);
	EXPECT_EQ(errno_number("ENOTSUPP"), 524);
	EXPECT_EQ(errno_number("nothing"), 0);
}

TEST(scenario_names, numbers_beyond_63_bits_are_strings_in_json)
{
	json_t *small = json_u64(5), *large = json_u64(~0ULL);
	unsigned long long value;

	EXPECT_TRUE(json_is_integer(small));
	EXPECT_STREQ(json_string_value(large), "0xffffffffffffffff");
	EXPECT_TRUE(json_get_u64(large, &value));
	EXPECT_EQ(value, ~0ULL);
	json_decref(small);
	json_decref(large);
}
