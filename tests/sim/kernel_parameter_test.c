/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Module parameters that only a kernel tree has: set at boot by a platform and at run time by a step, on kernels that
 * have them and on kernels that do not.
 */
#include "gtest_c.h"
#include "tree_place.h"

/* The parameters of type1 in a tree whose patch brings one; its answer to GET_INFO is the value, as errno. */
#define TYPE1                                                                                      \
	BACKEND_WITH("1",                                                                          \
		     "static unsigned int own_limit = 1; module_param(own_limit, uint, 0644); "    \
		     "static bool own_flag; module_param(own_flag, bool, 0644);",                  \
		     "return cmd == VFIO_IOMMU_GET_INFO ? (own_flag ? -EBUSY : -(long)own_limit) " \
		     ": -ENOTTY")

#define HEAD_WITH(kernels, parameters)                                     \
	"scenario: a parameter\n"                                          \
	"kernel: " kernels "\n"                                            \
	"platform:\n"                                                      \
	"  kernel-parameters: {" parameters "}\n"                          \
	"  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}}\n"     \
	"  devices: {0000:3a:00.0: {iommu: dmar0, group: 21}}\n"           \
	"steps:\n"                                                         \
	"  - vmm: {open: c}\n"                                             \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n" \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: 1}}\n"

#define INFO "  - vmm: {VFIO_IOMMU_GET_INFO: c}\n"

struct row {
	const char *name;
	const char *scenario;
	const char *kernels; /* NULL: the scenario's own */
	int status;
	const char *out, *err; /* parts; "" : nothing to be seen */
};

static const struct row rows[] = {
	{ "is_set_at_boot",
	  HEAD_WITH("tree:t", "vfio_iommu_type1.own_limit: 22") INFO "    expect: EINVAL\n", NULL,
	  0, "pass   refused    tree:t", "" },
	{ "is_set_by_a_step",
	  HEAD_WITH("tree:t", "") "  - host: {set-parameter: {name: vfio_iommu_type1.own_flag, "
				  "value: Y}}\n" INFO "    expect: EBUSY\n",
	  NULL, 0, "pass   refused    tree:t", "" },
	{ "stays_as_it_was_where_it_is_not_set", HEAD_WITH("tree:t", "") INFO "    expect: EPERM\n",
	  NULL, 0, "pass", "" },
	{ "is_an_error_on_kernels_without_it_and_others_run",
	  HEAD_WITH("[mainline, tree:t]", "vfio_iommu_type1.own_limit: 22") INFO
	  "    expect: EINVAL\n",
	  NULL, 2, "pass   refused    tree:t",
	  "x.yaml:2:10: error: on kernel mainline: it has no parameter "
	  "'vfio_iommu_type1.own_limit', which " },
	{ "that_the_tree_lacks_is_an_error_with_the_nearest",
	  HEAD_WITH("[tree:t]", "vfio_iommu_type1.own_limt: 22") INFO, NULL, 2, "",
	  "x.yaml:4 sets; did you mean 'vfio_iommu_type1.own_limit'?" },
	{ "is_told_where_it_stands_if_the_kernel_stands_nowhere",
	  HEAD_WITH("tree:t", "vfio_iommu_type1.own_limit: 22") INFO "    expect: any\n",
	  "mainline,tree:t", 2, "pass   refused    tree:t",
	  "x.yaml:4:23: error: on kernel mainline: it has no parameter" },
	{ "is_fine_on_a_tree_that_the_scenario_does_not_name",
	  HEAD_WITH("mainline", "vfio_iommu_type1.own_limit: 22") INFO "    expect: EINVAL\n",
	  "tree:t", 0, "pass   refused    tree:t", "" },
	{ "without_any_tree_is_an_error_before_anything_runs",
	  HEAD_WITH("[v1, v7]", "vfio_iommu_type1.pasid_quot: 2"), NULL, 2, "",
	  "x.yaml:4:23: error: the kernel has no parameter 'vfio_iommu_type1.pasid_quot'; "
	  "did you mean 'vfio_iommu_type1.pasid_quota'?" },
	{ "in_a_step_without_any_tree_is_an_error_before_anything_runs",
	  HEAD_WITH("[v1, v7]", "") "  - host: {set-parameter: {name: "
				    "vfio_iommu_type1.pasid_quot, value: 2}}\n",
	  NULL, 2, "", "the kernel has no parameter 'vfio_iommu_type1.pasid_quot'; did you mean" },
	{ "of_a_value_that_it_does_not_take_is_an_error",
	  HEAD_WITH("[mainline, tree:t]", "vfio_iommu_type1.own_limit: many") INFO, NULL, 2, "",
	  "x.yaml:2:20: error: on kernel tree:t: parameter vfio_iommu_type1.own_limit cannot be "
	  "\"many\"" },
	{ "by_a_step_gives_enoent_on_kernels_without_it",
	  HEAD_WITH("[mainline, tree:t]", "") "  - host: {set-parameter: {name: "
					      "vfio_iommu_type1.own_limit, value: 22}}\n"
					      "    expect: {'tree:t': ok, default: ENOENT}\n",
	  NULL, 0, "2 passed", "" },
};

TEST_WITH_NAMED_PARAMS(kernel_parameter, of_a_tree, struct row, rows, name)
{
	struct tree_place place = tree_place_make(TYPE1);
	char *file = make_path(place.dir, "x.yaml");
	struct call got = CALL("kernel", "add", place.dir, "--name", "t");

	EXPECT_EQ(got.status, 0);
	call_free(&got);
	write_file(place.dir, "x.yaml", param->scenario);
	got = param->kernels ? CALL("run", "--kernel", param->kernels, file) : CALL("run", file);
	EXPECT_EQ(got.status, param->status);
	expect_part(got.out, param->out);
	expect_part(got.err, param->err);
	if (!*param->err)
		EXPECT_STREQ(got.err, "");
	call_free(&got);
	free(file);
	tree_place_drop(&place);
}

/* Where the scenario names the kernel, as the parameter stands in another file. */
TEST(kernel_parameter, of_an_included_platform_is_told_in_the_scenario)
{
	struct tree_place place = tree_place_make(TYPE1);
	char *file = make_path(place.dir, "x.yaml");
	struct call got = CALL("kernel", "add", place.dir, "--name", "t");

	EXPECT_EQ(got.status, 0);
	call_free(&got);
	write_file(place.dir, "p.yaml",
		   "kernel-parameters: {vfio_iommu_type1.own_limt: 2}\n"
		   "iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}}\n"
		   "devices: {0000:3a:00.0: {iommu: dmar0, group: 21}}\n");
	write_file(place.dir, "x.yaml",
		   "scenario: x\ninclude: p.yaml\nsteps:\n  - vmm: {open: c}\n");
	got = CALL("run", "--kernel", "tree:t", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "x.yaml:2:10: error: on kernel tree:t: it has no parameter");
	expect_part(got.err, "p.yaml:1 sets; did you mean 'vfio_iommu_type1.own_limit'?");
	call_free(&got);
	got = CALL("check", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "p.yaml:1:21: error: the kernel has no parameter");
	call_free(&got);
	free(file);
	tree_place_drop(&place);
}
