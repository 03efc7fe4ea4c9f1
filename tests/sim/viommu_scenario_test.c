/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Virtual units in scenarios: mistakes that are told with their place, steps that cannot be run, and what the oracle
 * makes of a guest that goes beyond what its unit promised.
 */
#include "gtest_c.h"
#include "scenario_call.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define PLATFORM                                                                         \
	"scenario: s\n"                                                                  \
	"platform:\n"                                                                    \
	"  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}}\n"                   \
	"  devices: {0000:3a:00.0: {iommu: dmar0, group: 21, pasid: true, ats: true}}\n" \
	"steps:\n"                                                                       \
	"- vmm: {open: c}\n"                                                             \
	"- vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n"                 \
	"- vmm: {VFIO_SET_IOMMU: {container: c, type: VFIO_TYPE1_NESTING_IOMMU}}\n"
#define MEMORY                                             \
	"- vmm: {mmap: {name: ram, size: 4MiB, gpa: 0}}\n" \
	"- vmm: {VFIO_IOMMU_MAP_DMA: {container: c, iova: 0, size: 4MiB, vaddr: ram}}\n"
#define UNIT                                             \
	"- vmm: {VFIO_IOMMU_GET_INFO: {container: c}}\n" \
	"- vmm: {viommu: {name: v, container: c}}\n"
#define ENABLED "- guest: {viommu-enable: v}\n"
#define ATTACHED "- guest: {viommu-attach: {viommu: v, device: 0000:3a:00.0}}\n"

/* ---- what is seen before it runs ---- */

/** Steps after PLATFORM and MEMORY, and what is told of them. */
struct mistake {
	const char *name, *steps, *message;
};

static const struct mistake mistakes[] = {
	{ "no_unit", "- guest: {viommu-enable: v}\n", "no earlier step makes a virtual unit 'v'" },
	{ "misspelt_unit", UNIT "- guest: {viommu-enable: w}\n",
	  "no earlier step makes a virtual unit 'w'; expected v" },
	{ "no_field_of_cap", "- vmm: {viommu: {name: v, container: c, cap: {FS5LX: 1}}}\n",
	  "has no field 'FS5LX'" },
	{ "no_field_of_a_descriptor",
	  UNIT "- guest: {viommu-invalidate: {viommu: v, fields: {SID: 1}}}\n",
	  "has no field 'SID'" },
	{ "no_descriptor",
	  UNIT
	  "- guest: {viommu-invalidate: {viommu: v, descriptor: pasid-cash, fields: {G: 1}}}\n",
	  "descriptor: 'pasid-cash' is not known" },
	{ "no_register", UNIT "- guest: {viommu-register: {viommu: v, register: VCMT}}\n",
	  "did you mean 'VCMD'?" },
	{ "no_field_of_a_result", UNIT ENABLED "  expect: {complete: true}\n",
	  "'complete' is no field of the result of viommu-enable" },
	{ "no_result_of_an_ioctl", UNIT ENABLED "  expect: {bind: EINVALID}\n",
	  "bind: 'EINVALID' is not known" },
};

TEST_WITH_NAMED_PARAMS(viommu_scenario, a_mistake_is_told_before_it_runs, struct mistake, mistakes,
		       name)
{
	struct diags diags = { 0 };
	struct scenario *s;
	char *text = NULL;

	ASSERT_GT(asprintf(&text, PLATFORM MEMORY "%s", param->steps), 0);
	s = scenario_parse("test.yaml", text, strlen(text), &diags);
	EXPECT_TRUE(s == NULL);
	ASSERT_GT(diags.count, 0u);
	if (!strstr(diags.items[0].message, param->message))
		ADD_FAILURE("told: %s", diags.items[0].message);
	scenario_free(s);
	diag_clear(&diags);
	free(text);
}

/* ---- what is seen when it runs ---- */

static const struct mistake failures[] = {
	{ "no_memory_for_tables", PLATFORM UNIT ENABLED, "the guest has no memory" },
	{ "directory_too_large",
	  PLATFORM MEMORY UNIT ENABLED
	  "- guest: {viommu-attach: {viommu: v, device: 0000:3a:00.0, pdts: 8}}\n",
	  "expected 0 to 7" },
	{ "no_directory",
	  PLATFORM MEMORY UNIT ENABLED
	  "- guest: {viommu-pasid-entry: {viommu: v, device: 0000:3a:00.0, pasid: 1}}\n",
	  "expected a `viommu-attach` before" },
	{ "no_such_pasid",
	  PLATFORM MEMORY UNIT ENABLED ATTACHED
	  "- guest: {viommu-pasid-entry: {viommu: v, device: 0000:3a:00.0, pasid: 0x100000}}\n",
	  "no PASID table for PASID 1048576" },
	{ "descriptor_too_long",
	  PLATFORM MEMORY UNIT ENABLED
	  "- guest: {viommu-invalidate: {viommu: v, raw: [5, 0, 0, 0, 0]}}\n",
	  "a descriptor has 4 quadwords" },
	{ "unit_that_cannot_be",
	  PLATFORM "- vmm: {viommu: {name: v, container: c, cap: {FRO: 0}}}\n",
	  "no unit can have CAP" },
	{ "memory_gone",
	  PLATFORM MEMORY UNIT ENABLED "- vmm: {munmap: ram}\n"
				       "- guest: {viommu-invalidate: {viommu: v}}\n",
	  "no memory any more where its queue was" },
};

TEST_WITH_NAMED_PARAMS(viommu_scenario, a_step_that_cannot_be_run_says_why, struct mistake,
		       failures, name)
{
	struct run_result result;

	run_text(param->steps, "v1", &result);
	EXPECT_EQ(result.verdict, VERDICT_ERROR);
	if (!result.error || !strstr(result.error, param->message))
		ADD_FAILURE("told: %s", result.error ? result.error : "nothing");
	run_result_clear(&result);
}

TEST(viommu_scenario, before_it_is_enabled_the_driver_has_no_unit)
{
	static const char text[] = PLATFORM MEMORY UNIT
		"- guest: {viommu-attach: {viommu: v, device: 0000:3a:00.0}}\n"
		"  expect: ENODEV\n"
		"- guest: {viommu-invalidate: {viommu: v}}\n"
		"  expect: ENODEV\n"
		"- guest: {viommu-register: {viommu: v, register: GSTS}}\n"
		"  expect: {value: 0, binds: 0, bind: absent}\n";
	struct run_result result;

	run_text(text, "v1", &result);
	EXPECT_EQ(result.verdict, VERDICT_PASS);
	run_result_clear(&result);
}

/* A directory whose entries all lead to one PASID table full of garbage: a million entries, again and again. */
TEST(viommu_scenario, a_guest_cannot_keep_the_vmm_busy_without_end)
{
	static const char text[] = PLATFORM MEMORY UNIT ENABLED
		"- guest: {viommu-attach: {viommu: v, device: 0000:3a:00.0, pdts: 7}}\n"
		"  save: a\n"
		"- guest: {read: $a.directory}\n"
		"  save: d\n"
		"- guest: {viommu-pasid-entry: {viommu: v, device: 0000:3a:00.0, pasid: 1}}\n"
		"  save: e\n"
		"- guest: {write: {gpa: $e.gpa, value: 0x41, size: 4032}}\n"
		"- guest: {write: {gpa: $a.directory, value: $d, size: 128KiB}}\n"
		"- guest:\n"
		"    viommu-invalidate: {viommu: v, descriptor: pasid-cache-invalidate, fields: {G: 3}}\n"
		"  repeat: 1000\n";
	struct run_result result;

	run_text(text, "v1", &result);
	EXPECT_EQ(result.verdict, VERDICT_ERROR);
	if (!result.error || !strstr(result.error, "more work than one run may ask for"))
		ADD_FAILURE("told: %s", result.error ? result.error : "nothing");
	run_result_clear(&result);
}

/* ---- the oracle ---- */

/* Runs steps on v1 and says what came of them. */
static enum outcome outcome_of(const char *steps)
{
	struct run_result result;
	enum outcome outcome;
	char *text = NULL;

	if (asprintf(&text, PLATFORM MEMORY UNIT ENABLED ATTACHED "%s", steps) < 0)
		return OUTCOME_COUNT;
	run_text(text, "v1", &result);
	EXPECT_EQ(result.verdict, VERDICT_PASS);
	outcome = result.outcome;
	run_result_clear(&result);
	free(text);
	return outcome;
}

#define BOUND                                                                 \
	"- guest: {table: t}\n"                                               \
	"- guest: {map: {table: t, address: 0x7f0000000000, gpa: 0x10000}}\n" \
	"- guest: {viommu-alloc-pasid: v}\n"                                  \
	"- guest: {viommu-pasid-entry: {viommu: v, device: 0000:3a:00.0, pasid: 1, table: t}}\n"
#define DMA "- device: {dma: {device: 0000:3a:00.0, address: 0x7f0000000000, pasid: 1}}\n"

TEST(viommu_scenario, what_the_tables_allow_works)
{
	EXPECT_EQ(outcome_of(BOUND DMA), OUTCOME_WORKS);
}

TEST(viommu_scenario, a_bind_that_is_gone_from_the_host_is_a_fault)
{
	EXPECT_EQ(outcome_of(BOUND "- vmm: {unbind: {container: c, pasid: 1}}\n" DMA
				   "  expect: fault\n"),
		  OUTCOME_FAULTED);
}

TEST(viommu_scenario, an_entry_taken_away_without_a_word_is_still_used_by_the_host)
{
	EXPECT_EQ(outcome_of(BOUND
			     "- guest: {viommu-pasid-entry: {viommu: v, device: 0000:3a:00.0, "
			     "pasid: 1, clear: true, invalidate: false}}\n" DMA),
		  OUTCOME_CORRUPTED);
}

TEST(viommu_scenario, with_translation_off_nothing_is_allowed_with_a_pasid)
{
	EXPECT_EQ(outcome_of(BOUND "- guest: {viommu-register: {viommu: v, register: GCMD, "
				   "value: 0x4000000}}\n" DMA "  expect: fault\n"),
		  OUTCOME_WORKS);
}

TEST(viommu_scenario, a_gigabyte_page_counts_only_where_it_was_promised)
{
	/* the host has such pages, but the unit did not say so */
	EXPECT_EQ(outcome_of(BOUND
			     "- guest: {map: {table: t, address: 0x7f4000000000, gpa: 0, "
			     "page-size: 1GiB}}\n"
			     "- device: {dma: {device: 0000:3a:00.0, address: 0x7f4000000000, "
			     "pasid: 1}}\n"),
		  OUTCOME_CORRUPTED);
}

TEST(viommu_scenario, requests_without_pasid_pass_through_as_the_entry_of_pasid_0_says)
{
	EXPECT_EQ(outcome_of(BOUND "- device: {dma: {device: 0000:3a:00.0, address: 0x10000}}\n"),
		  OUTCOME_WORKS);
	/* a first-stage table for them is not passed on: they go where the guest does not mean */
	EXPECT_EQ(outcome_of(BOUND
			     "- guest: {map: {table: t, address: 0x10000, gpa: 0x20000}}\n"
			     "- guest: {viommu-pasid-entry: {viommu: v, device: 0000:3a:00.0, "
			     "pasid: 0, table: t}}\n"
			     "  expect: {binds: 0}\n"
			     "- device: {dma: {device: 0000:3a:00.0, address: 0x10000}}\n"),
		  OUTCOME_CORRUPTED);
}

TEST(viommu_scenario, an_unplugged_device_is_unbound)
{
	EXPECT_EQ(outcome_of(BOUND "- vmm: {viommu-unplug: {viommu: v, device: 0000:3a:00.0}}\n"
				   "  expect: {unbinds: 1, unbind: ok}\n"
				   "- vmm: {VFIO_GROUP_UNSET_CONTAINER: 21}\n"
				   "- host: {usage: {}}\n"
				   "  expect: {domains: 0}\n"),
		  OUTCOME_WORKS);
}
