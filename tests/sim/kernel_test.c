/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel trees: added, used as tree:NAME, compiled again when they change, listed and removed, with small backends in
 * place of a real type1. Every test has a cache of its own.
 */
#include "cli_call.h"
#include "gtest_c.h"

#include "tree/tree.h"

/* A backend that knows one IOMMU type, whose number the test chooses, and no ioctl. */
#define BACKEND(type)                                                                                 \
	"#include <linux/errno.h>\n"                                                                  \
	"#include <linux/err.h>\n"                                                                    \
	"#include <linux/iommu.h>\n"                                                                  \
	"#include <linux/module.h>\n"                                                                 \
	"#include <linux/vfio.h>\n"                                                                   \
	"#include \"vfio.h\"\n"                                                                       \
	"static int state;\n"                                                                         \
	"static void *small_open(unsigned long type)\n"                                               \
	"{ return type == " type " ? (void *)&state : ERR_PTR(-EINVAL); }\n"                          \
	"static void small_release(void *data) { (void)data; }\n"                                     \
	"static long small_ioctl(void *data, unsigned int cmd, unsigned long arg)\n"                  \
	"{ (void)data; (void)arg; return cmd == VFIO_CHECK_EXTENSION ? arg == " type                  \
	" : -ENOTTY; }\n"                                                                             \
	"static int small_attach(void *data, struct iommu_group *group, enum vfio_group_type type)\n" \
	"{ (void)data; (void)group; (void)type; return 0; }\n"                                        \
	"static void small_detach(void *data, struct iommu_group *group)\n"                           \
	"{ (void)data; (void)group; }\n"                                                              \
	"static const struct vfio_iommu_driver_ops ops = { .open = small_open,\n"                     \
	"	.release = small_release, .ioctl = small_ioctl, .attach_group = small_attach,\n"            \
	"	.detach_group = small_detach };\n"                                                          \
	"static int __init small_init(void) { return vfio_register_iommu_driver(&ops); }\n"           \
	"module_init(small_init);\n"

/* What the tree's core header declares, as since 6.1. */
static const char core_header[] =
	"enum vfio_group_type { VFIO_IOMMU, VFIO_EMULATED_IOMMU, VFIO_NO_IOMMU };\n"
	"struct vfio_device;\n"
	"enum vfio_iommu_notify_type { VFIO_IOMMU_CONTAINER_CLOSE };\n"
	"struct vfio_iommu_driver_ops {\n"
	"	char *name; struct module *owner;\n"
	"	void *(*open)(unsigned long arg); void (*release)(void *iommu_data);\n"
	"	long (*ioctl)(void *iommu_data, unsigned int cmd, unsigned long arg);\n"
	"	int (*attach_group)(void *, struct iommu_group *, enum vfio_group_type);\n"
	"	void (*detach_group)(void *, struct iommu_group *);\n"
	"	int (*pin_pages)(void *, struct iommu_group *, dma_addr_t, int, int, struct page **);\n"
	"	void (*unpin_pages)(void *, dma_addr_t, int);\n"
	"	void (*register_device)(void *, struct vfio_device *);\n"
	"	void (*unregister_device)(void *, struct vfio_device *);\n"
	"	int (*dma_rw)(void *, dma_addr_t, void *, size_t, bool);\n"
	"	struct iommu_domain *(*group_iommu_domain)(void *, struct iommu_group *);\n"
	"	void (*notify)(void *, enum vfio_iommu_notify_type);\n"
	"};\n"
	"int vfio_register_iommu_driver(const struct vfio_iommu_driver_ops *ops);\n"
	"void vfio_unregister_iommu_driver(const struct vfio_iommu_driver_ops *ops);\n";

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

/** A tree and a cache in a directory of their own. */
struct tree_place {
	char *dir;
};

static void write_type1(const struct tree_place *place, const char *text)
{
	write_file(place->dir, "drivers/vfio/vfio_iommu_type1.c", text);
}

static struct tree_place tree_place_make(const char *type1)
{
	struct tree_place place = { make_dir() };
	char *path = make_path(place.dir, "drivers");

	mkdir(path, 0755);
	free(path);
	path = make_path(place.dir, "drivers/vfio");
	mkdir(path, 0755);
	free(path);
	setenv("XDG_CACHE_HOME", place.dir, 1);
	write_file(place.dir, "Makefile", "VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 9\n");
	write_file(place.dir, "drivers/vfio/vfio.h", core_header);
	write_file(place.dir, "x.yaml", scenario);
	write_type1(&place, type1);
	return place;
}

static void tree_place_drop(struct tree_place *place)
{
	unsetenv("XDG_CACHE_HOME");
	remove_dir(place->dir);
}

TEST(kernel_tree, is_added_listed_used_and_removed)
{
	struct tree_place place = tree_place_make(BACKEND("3"));
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
	struct tree_place place = tree_place_make(BACKEND("3"));
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
	struct tree_place place = tree_place_make("#include <linux/nonsense.h>\n" BACKEND(
		"3") "int one(void) { return iommu_foo(1); }\n"
		     "int two(void) { return iommu_bar; }\n"
		     "struct three { struct nowhere_to_be_found x; };\n");
	struct call got = CALL("kernel", "check", place.dir);

	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "uses linux/nonsense.h,");
	expect_part(got.err, "uses iommu_foo(),");
	expect_part(got.err, "uses iommu_bar,");
	expect_part(got.err, "vfio_iommu_type1.c:24: error: this tree uses");
	call_free(&got);
	got = CALL("kernel", "list");
	expect_part(got.out, "no kernel trees");
	call_free(&got);
	tree_place_drop(&place);
}

TEST(kernel_tree, matrix_marks_cells_that_differ_from_the_first_column)
{
	struct tree_place place = tree_place_make(BACKEND("1"));
	char *file = make_path(place.dir, "x.yaml");
	struct call got = CALL("kernel", "add", place.dir, "--name", "t");

	call_free(&got);
	got = CALL("matrix", "--kernel", "mainline,tree:t", file);
	expect_part(got.out, " *\n");
	expect_part(got.out, "a step has another result than on mainline");
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
	struct tree_place place = tree_place_make(BACKEND("3"));
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
	struct tree_place place = tree_place_make("int nothing;\n");
	struct call got = CALL("kernel", "add", place.dir);

	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "is not type1");
	call_free(&got);
	tree_place_drop(&place);
}

TEST(kernel_tree, without_a_makefile_the_version_must_be_given)
{
	struct tree_place place = tree_place_make(BACKEND("3"));
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
