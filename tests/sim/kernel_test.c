/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel trees: added, used as tree:NAME, compiled again when they change, listed and removed, with small backends in
 * place of a real type1. Every test has a cache of its own.
 */
#include "gtest_c.h"
#include "tree_place.h"

#include "tree/tree.h"

static const char scenario[] = "scenario: a type\n"
			       "kernel: tree:t\n"
			       "platform:\n"
			       "  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}}\n"
			       "  devices: {0000:3a:00.0: {iommu: dmar0, group: 21}}\n"
			       "steps:\n"
			       "  - vmm: {open: c}\n"
			       "  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n"
			       "  - vmm: {VFIO_SET_IOMMU: {container: c, type: 3}}\n"
			       "    expect: {'tree:t': ok, default: EINVAL}\n";

/* A tree as in the others, with the scenario as x.yaml. */
static struct tree_place tree_and_scenario(const char *type1)
{
	struct tree_place place = tree_place_make(type1);

	write_file(place.dir, "x.yaml", scenario);
	return place;
}

TEST(kernel_tree, is_added_listed_used_and_removed)
{
	struct tree_place place = tree_and_scenario(BACKEND("3"));
	char *file = make_path(place.dir, "x.yaml");
	struct call got = CALL("kernel", "add", place.dir, "--name", "t");

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "tree:t is type1 of Linux 6.1.9");
	call_free(&got);
	got = CALL("kernel", "list");
	expect_part(got.out, "tree:t");
	call_free(&got);
	got = CALL("run", file);
	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "works      tree:t");
	call_free(&got);
	got = CALL("kernel", "remove", "t");
	EXPECT_EQ(got.status, 0);
	call_free(&got);
	got = CALL("run", "--kernel", "tree:t", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "no kernel tree is named 't'");
	call_free(&got);
	free(file);
	tree_place_drop(&place);
}

TEST(kernel_tree, a_changed_file_is_compiled_again_when_it_is_used)
{
	struct tree_place place = tree_and_scenario(BACKEND("3"));
	char *file = make_path(place.dir, "x.yaml");
	struct call got = CALL("kernel", "add", place.dir, "--name", "t");

	call_free(&got);
	write_type1(&place, BACKEND("1"));
	got = CALL("run", file);
	EXPECT_EQ(got.status, 1);
	expect_part(got.out, "EINVAL");
	call_free(&got);
	free(file);
	tree_place_drop(&place);
}

TEST(kernel_tree, every_name_that_the_shim_does_not_know_is_told_at_once)
{
	struct tree_place place = tree_and_scenario("#include <linux/nonsense.h>\n" BACKEND(
		"3") "int one(void) { return iommu_foo(1); }\n"
		     "int two(void) { return iommu_bar; }\n"
		     "struct three { struct nowhere_to_be_found x; };\n");
	struct call got = CALL("kernel", "check", place.dir);

	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "vfio_iommu_type1.c:1: error: this tree uses linux/nonsense.h,");
	expect_part(got.err, "uses iommu_foo(),");
	expect_part(got.err, "uses iommu_bar,");
	expect_part(got.err, "vfio_iommu_type1.c:20: error: this tree uses iommu_foo(),");
	/* compilers tell of the member, or of what it is */
	expect_part(got.err, "vfio_iommu_type1.c:22: error: this tree uses");
	call_free(&got);
	got = CALL("kernel", "list");
	expect_part(got.out, "no kernel trees");
	call_free(&got);
	tree_place_drop(&place);
}

TEST(kernel_tree, matrix_marks_cells_that_differ_from_the_first_column)
{
	struct tree_place place = tree_and_scenario(BACKEND("1"));
	char *file = make_path(place.dir, "x.yaml");
	struct call got = CALL("kernel", "add", place.dir, "--name", "t");

	call_free(&got);
	got = CALL("matrix", "--kernel", "mainline,tree:t", file);
	expect_part(got.out, " *\n");
	expect_part(got.out, "a step has another result than on mainline");
	call_free(&got);
	got = CALL("matrix", "--kernel", "tree:t,mainline", file);
	expect_part(got.out, " *\n");
	expect_part(got.out, "a step has another result than on tree:t");
	call_free(&got);
	free(file);
	tree_place_drop(&place);
}

struct bad_row {
	const char *name;
	const char *words[5];
	const char *message;
};

static const struct bad_row bad_rows[] = {
	{ "no_verb", { NULL }, "expected one of" },
	{ "unknown_verb", { "ad", "x" }, "expected one of" },
	{ "no_path", { "add" }, "expected one of" },
	{ "no_tree", { "add", "/nowhere" }, "is no kernel tree" },
	{ "no_name", { "add", ".", "--name", "a/b" }, "cannot be a tree's name" },
	{ "no_such_tree", { "remove", "nobody" }, "no tree is named 'nobody'" },
};

TEST_WITH_NAMED_PARAMS(kernel_tree, refuses, struct bad_row, bad_rows, name)
{
	struct tree_place place = tree_and_scenario(BACKEND("3"));
	const char *words[7] = { "kernel" };
	struct call got;

	for (size_t i = 0; i < 5 && param->words[i]; i++)
		words[i + 1] = strcmp(param->words[i], ".") ? param->words[i] : place.dir;
	got = call_list(words);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, param->message);
	call_free(&got);
	tree_place_drop(&place);
}

TEST(kernel_tree, a_file_that_is_not_type1_is_refused)
{
	struct tree_place place = tree_and_scenario("int nothing;\n");
	struct call got = CALL("kernel", "add", place.dir);

	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "is not type1");
	call_free(&got);
	tree_place_drop(&place);
}

TEST(kernel_tree, without_a_makefile_the_version_must_be_given)
{
	struct tree_place place = tree_and_scenario(BACKEND("3"));
	char *type1 = make_path(place.dir, "drivers/vfio/vfio_iommu_type1.c");
	char *makefile = make_path(place.dir, "Makefile");
	struct call got;

	unlink(makefile);
	got = CALL("kernel", "check", type1);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "--tree-version");
	call_free(&got);
	got = CALL("kernel", "check", type1, "--tree-version", "six");
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "is no kernel version");
	call_free(&got);
	got = CALL("kernel", "check", type1, "--tree-version", "6.1");
	EXPECT_EQ(got.status, 0);
	call_free(&got);
	free(type1);
	free(makefile);
	tree_place_drop(&place);
}
