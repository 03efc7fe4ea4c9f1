/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel trees with drivers/vfio/vfio_pasid.c, where the nesting series has kept the PASIDs of processes since its
 * second version: the tree's own file serves its type1, and the shim's stand-in where there is none.
 */
#include "gtest_c.h"
#include "tree_place.h"

/* A type1 whose answer to GET_INFO is the PASID that it is given, as errno. */
#define TYPE1_WITH(more)                                                                        \
	BACKEND_WITH(                                                                           \
		"1",                                                                            \
		"struct vfio_mm; struct vfio_mm *vfio_mm_get_from_task(struct task_struct *); " \
		"void vfio_mm_put(struct vfio_mm *); "                                          \
		"int vfio_pasid_alloc(struct vfio_mm *, int, int); " more                       \
		"static long ask(void) { struct vfio_mm *vmm = "                                \
		"vfio_mm_get_from_task(current); long pasid = vfio_pasid_alloc(vmm, 5, 9); "    \
		"vfio_mm_put(vmm); return -pasid; }",                                           \
		"return cmd == VFIO_IOMMU_GET_INFO ? ask() : -ENOTTY")

/* Hands out the quota, once the module has started. */
#define PASID_WITH(quota, more)                                                             \
	"#include <linux/eventfd.h>\n#include <linux/module.h>\n#include <linux/sched.h>\n" \
	"struct vfio_mm { int started; };\n" more "\n"                                      \
	"static struct vfio_mm the_one;\n"                                                  \
	"static int pasid_quota = " quota ";\n"                                             \
	"module_param_named(pasid_quota, pasid_quota, uint, 0444);\n"                       \
	"struct vfio_mm *vfio_mm_get_from_task(struct task_struct *task)\n"                 \
	"{ return task ? &the_one : NULL; }\n"                                              \
	"void vfio_mm_put(struct vfio_mm *vmm) { (void)vmm; }\n"                            \
	"int vfio_pasid_alloc(struct vfio_mm *vmm, int min, int max)\n"                     \
	"{ (void)min; (void)max; return vmm->started ? pasid_quota : 1; }\n"                \
	"static int __init start(void) { the_one.started = 1; return 0; }\n"                \
	"static void __exit stop(void) { the_one.started = 0; }\n"                          \
	"module_init(start);\nmodule_exit(stop);\n"

#define SCENARIO_WITH(parameters, expected)                                \
	"scenario: a PASID\n"                                              \
	"kernel: tree:t\n"                                                 \
	"platform:\n"                                                      \
	"  kernel-parameters: {" parameters "}\n"                          \
	"  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}}\n"     \
	"  devices: {0000:3a:00.0: {iommu: dmar0, group: 21}}\n"           \
	"steps:\n"                                                         \
	"  - vmm: {open: c}\n"                                             \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n" \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: 1}}\n"             \
	"  - vmm: {VFIO_IOMMU_GET_INFO: c}\n"                              \
	"    expect: " expected "\n"

static void write_pasid(const struct tree_place *place, const char *text)
{
	write_file(place->dir, "drivers/vfio/vfio_pasid.c", text);
}

static void add_tree(const struct tree_place *place)
{
	struct call got = CALL("kernel", "add", place->dir, "--name", "t");

	EXPECT_EQ(got.status, 0);
	if (got.status)
		ADD_FAILURE("%s", got.err);
	call_free(&got);
}

static void expect_run(const struct tree_place *place, const char *scenario)
{
	char *file = make_path(place->dir, "x.yaml");
	struct call got;

	write_file(place->dir, "x.yaml", scenario);
	got = CALL("run", file);
	EXPECT_EQ(got.status, 0);
	if (got.status)
		ADD_FAILURE("%s%s", got.out, got.err);
	call_free(&got);
	free(file);
}

TEST(tree_pasid, the_tree_s_own_file_serves_its_type1_and_starts_as_a_module)
{
	struct tree_place place = tree_place_make(TYPE1_WITH(""));

	write_pasid(&place, PASID_WITH("22", ""));
	add_tree(&place);
	expect_run(&place, SCENARIO_WITH("", "EINVAL"));
	tree_place_drop(&place);
}

TEST(tree_pasid, its_parameter_can_be_set)
{
	struct tree_place place = tree_place_make(TYPE1_WITH(""));

	write_pasid(&place, PASID_WITH("22", ""));
	add_tree(&place);
	expect_run(&place, SCENARIO_WITH("vfio_iommu_type1.pasid_quota: 16", "EBUSY"));
	tree_place_drop(&place);
}

TEST(tree_pasid, a_changed_or_removed_file_is_seen_when_the_tree_is_used)
{
	struct tree_place place = tree_place_make(TYPE1_WITH(""));
	char *path = make_path(place.dir, "drivers/vfio/vfio_pasid.c");

	write_pasid(&place, PASID_WITH("22", ""));
	add_tree(&place);
	write_pasid(&place, PASID_WITH("28", ""));
	expect_run(&place, SCENARIO_WITH("", "ENOSPC"));
	unlink(path);
	expect_run(&place, SCENARIO_WITH("", "EIO"));
	free(path);
	tree_place_drop(&place);
}

TEST(tree_pasid, without_the_file_the_shim_s_own_serves)
{
	struct tree_place place = tree_place_make(TYPE1_WITH(""));

	add_tree(&place);
	expect_run(&place, SCENARIO_WITH("", "EIO")); /* the lowest of 5..9 */
	tree_place_drop(&place);
}

TEST(tree_pasid, unknown_names_of_both_files_are_told_at_once)
{
	struct tree_place place =
		tree_place_make(TYPE1_WITH("static int one(void) { return iommu_foo(1); } "));
	struct call got;

	write_pasid(&place, PASID_WITH("22", "static int two(void) { return ioasid_bar(2); }"));
	got = CALL("kernel", "check", place.dir);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "vfio_iommu_type1.c:2: error: this tree uses iommu_foo(),");
	expect_part(got.err, "vfio_pasid.c:5: error: this tree uses ioasid_bar(),");
	call_free(&got);
	tree_place_drop(&place);
}
