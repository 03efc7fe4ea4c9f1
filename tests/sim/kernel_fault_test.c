/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel trees that go wrong: what stops inside an ioctl is told with the scenario's step and the line in the kernel's
 * file, the run ends as an error, and others go on. And plug-ins that are not what they were.
 */
#include "gtest_c.h"
#include "tree_place.h"

#define SCENARIO_WITH(milliseconds)                                        \
	"scenario: asks\n"                                                 \
	"kernel: [mainline, tree:t, upstream]\n"                           \
	"platform:\n"                                                      \
	"  kernel-parameters: {kernel.watchdog_ms: " milliseconds "}\n"    \
	"  iommus: {dmar0: {model: vt-d, profile: sapphire-rapids}}\n"     \
	"  devices: {0000:3a:00.0: {iommu: dmar0, group: 21}}\n"           \
	"steps:\n"                                                         \
	"  - vmm: {open: c}\n"                                             \
	"  - vmm: {VFIO_GROUP_SET_CONTAINER: {group: 21, container: c}}\n" \
	"  - vmm: {VFIO_SET_IOMMU: {container: c, type: 1}}\n"             \
	"  - vmm: {VFIO_IOMMU_GET_INFO: c}\n"

#define SCENARIO SCENARIO_WITH("100")

/* In line 2 of the file, called by the ioctl. */
#define MISBEHAVES(more)                                                                \
	BACKEND_WITH("1", "static DEFINE_MUTEX(lock); static volatile int zero; " more, \
		     "return cmd == VFIO_IOMMU_GET_INFO ? misbehave((int *)(long)zero) : -ENOTTY")
#define MISDEED(body) MISBEHAVES("static noinline long misbehave(int *p) { (void)p; " body " }")

struct row {
	const char *name;
	const char *type1;
	const char *error; /* why the kernel stopped */
	const char *place; /* in the kernel's file */
};

#define LINE_2 "misbehave() at vfio_iommu_type1.c:2"

static const struct row rows[] = {
	{ "null_dereference", MISDEED("return *p;"), "NULL pointer dereference", LINE_2 },
	{ "bad_pointer", MISDEED("return *(volatile int *)0x123456789000;"),
	  "access to bad address 0x123456789000", LINE_2 },
	{ "bug", MISDEED("BUG_ON(!p); return 0;"), "BUG", LINE_2 },
	{ "mutex_deadlock", MISDEED("mutex_lock(&lock); mutex_lock(&lock); return 0;"), "deadlock",
	  LINE_2 },
	{ "lock_that_is_kept", MISDEED("mutex_lock(&lock); return 0;"), "lock", "" },
	{ "division_by_zero", MISDEED("return 1000 / zero;"), "divide error", LINE_2 },
	{ "recursion",
	  MISDEED("volatile int here[64] = { 1 }; return p == (int *)1 ? 0 : "
		  "((long (*volatile)(int *))misbehave)((int *)here) + here[0];"),
	  "stack overflow", LINE_2 },
	{ "endless_loop", MISDEED("while (!zero) ; return 0;"), "endless loop", LINE_2 },
	{ "endless_loop_in_the_allocator",
	  MISDEED("while (!zero) kfree(kmalloc(64, GFP_KERNEL)); return 0;"), "endless loop",
	  LINE_2 },
	{ "endless_loop_of_locking",
	  MISDEED("while (!zero) { mutex_lock(&lock); mutex_unlock(&lock); } return 0;"),
	  "endless loop", LINE_2 },
	{ "endless_loop_of_messages", MISDEED("while (!zero) pr_info(\"again\\n\"); return 0;"),
	  "endless loop", LINE_2 },
	{ "endless_loop_in_the_c_library",
	  MISDEED("char *block = kmalloc(1 << 24, GFP_KERNEL); while (!zero) "
		  "memset(block, zero, 1 << 24); return 0;"),
	  "endless loop", LINE_2 },
	{ "endless_loop_of_small_allocations",
	  MISDEED("while (!zero) kmalloc(64, GFP_KERNEL); return 0;"), "endless loop", LINE_2 },
	{ "endless_loop_of_pages", MISDEED("while (!zero) alloc_pages(GFP_KERNEL, 0); return 0;"),
	  "endless loop", LINE_2 },
};

static void add(const struct tree_place *place)
{
	struct call got = CALL("kernel", "add", place->dir, "--name", "t");

	EXPECT_EQ(got.status, 0);
	if (got.status)
		ADD_FAILURE("%s", got.err);
	call_free(&got);
}

TEST_WITH_NAMED_PARAMS(kernel_fault, ends_its_run_only, struct row, rows, name)
{
	struct tree_place place = tree_place_make(param->type1);
	char *file = make_path(place.dir, "x.yaml"), *good = make_path(place.dir, "good.yaml");
	struct call got;

	add(&place);
	write_file(place.dir, "x.yaml", SCENARIO);
	got = CALL("run", file, good);
	EXPECT_EQ(got.status, 2);
	/* the step */
	expect_part(got.err, "x.yaml:11:5: error: on kernel tree:t: the kernel stopped: ");
	expect_part(got.err, "    11 |   - vmm: {VFIO_IOMMU_GET_INFO: c}\n");
	/* the kernel's line */
	expect_part(got.err, param->error);
	expect_part(got.err, param->place);
	/* the others */
	expect_part(got.out, "pass   works      mainline         asks");
	expect_part(got.out, "pass   works      upstream         asks");
	expect_part(got.out, "pass   works      v7               good");
	expect_part(got.out, "5 runs of 2 scenarios: 4 passed, 1 error ");
	call_free(&got);
	free(good);
	free(file);
	tree_place_drop(&place);
}

/* It is the kernel's own memory that ends, and not the host's. */
TEST(kernel_fault, a_kernel_that_takes_all_memory_gets_no_more)
{
	struct tree_place place =
		tree_place_make(MISDEED("while (kmalloc(1 << 24, GFP_KERNEL)) ; return -ENOMEM;"));
	char *file = make_path(place.dir, "x.yaml");
	struct call got;

	add(&place);
	write_file(place.dir, "x.yaml",
		   SCENARIO_WITH("60000") "    expect: {'tree:t': ENOMEM, default: ok}\n");
	got = CALL("run", "--kernel", "tree:t,mainline", file);
	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "2 passed");
	call_free(&got);
	free(file);
	tree_place_drop(&place);
}

TEST(kernel_fault, the_matrix_shows_and_marks_it)
{
	struct tree_place place = tree_place_make(rows[0].type1);
	char *file = make_path(place.dir, "x.yaml");
	struct call got;

	add(&place);
	write_file(place.dir, "x.yaml", SCENARIO);
	got = CALL("matrix", "--why", "--kernel", "mainline,tree:t", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.out, "works     error *\n");
	expect_part(got.out, "tree:t: error: the kernel stopped: ");
	call_free(&got);
	free(file);
	tree_place_drop(&place);
}

TEST(kernel_fault, explain_tells_it)
{
	struct tree_place place = tree_place_make(rows[0].type1);
	char *file = make_path(place.dir, "x.yaml");
	struct call got;

	add(&place);
	write_file(place.dir, "x.yaml", SCENARIO);
	got = CALL("explain", "--kernel", "tree:t", "--line", "11", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "x.yaml:11");
	expect_part(got.err, LINE_2);
	call_free(&got);
	free(file);
	tree_place_drop(&place);
}

/* ---- at boot ---- */

TEST(kernel_fault, at_boot_is_told_where_the_scenario_names_the_kernel)
{
	struct tree_place place = tree_place_make(BACKEND_WITH(
		"1", "\n#define vfio_register_iommu_driver(ops) (*(volatile int *)(ops)->name)\n",
		"return -ENOTTY"));
	char *file = make_path(place.dir, "x.yaml");
	struct call got;

	add(&place);
	write_file(place.dir, "x.yaml", SCENARIO);
	got = CALL("run", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "x.yaml:2:20: error: on kernel tree:t: the kernel oopsed while "
			     "booting: ");
	expect_part(got.err, "small_init() at vfio_iommu_type1.c:");
	expect_part(got.out, "2 passed, 1 error");
	call_free(&got);
	got = CALL("run", "--kernel", "tree:t,v7", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "NULL pointer dereference");
	expect_part(got.out, "1 passed, 1 error");
	call_free(&got);
	free(file);
	tree_place_drop(&place);
}

/* ---- trees that a scenario names ---- */

TEST(kernel_fault, of_a_tree_that_is_not_there_is_told_where_the_scenario_names_it)
{
	struct tree_place place = tree_place_make(BACKEND("1"));
	char *file = make_path(place.dir, "x.yaml");
	struct call got;

	write_file(place.dir, "x.yaml", SCENARIO);
	got = CALL("run", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "x.yaml:2:20: error: on kernel tree:t: no kernel tree is named 't'; "
			     "add one with: vtdsim kernel add PATH --name t");
	expect_part(got.out, "2 passed, 1 error");
	call_free(&got);
	free(file);
	tree_place_drop(&place);
}

TEST(kernel_fault, of_a_tree_that_no_longer_compiles_is_told_where_the_scenario_names_it)
{
	struct tree_place place = tree_place_make(BACKEND("1"));
	char *file = make_path(place.dir, "x.yaml");
	struct call got;

	add(&place);
	write_type1(&place, BACKEND("1") "static int x = ;\n");
	write_file(place.dir, "x.yaml", SCENARIO);
	got = CALL("run", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "x.yaml:2:20: error: on kernel tree:t: ");
	expect_part(got.err, "vfio_iommu_type1.c does not compile; 'vtdsim kernel check ");
	expect_part(got.out, "2 passed, 1 error");
	call_free(&got);
	got = CALL("run", "--kernel", "tree:t", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "does not compile");
	call_free(&got);
	got = CALL("kernel", "check", place.dir);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "vfio_iommu_type1.c:19:");
	call_free(&got);
	free(file);
	tree_place_drop(&place);
}

TEST(kernel_fault, of_a_tree_whose_file_is_gone_is_told_where_the_scenario_names_it)
{
	struct tree_place place = tree_place_make(BACKEND("1"));
	char *file = make_path(place.dir, "x.yaml");
	char *type1 = make_path(place.dir, "drivers/vfio/vfio_iommu_type1.c");
	struct call got;

	add(&place);
	unlink(type1);
	write_file(place.dir, "x.yaml", SCENARIO);
	got = CALL("run", file);
	EXPECT_EQ(got.status, 2);
	expect_part(got.err, "x.yaml:2:20: error: on kernel tree:t: ");
	expect_part(got.err, "vfio_iommu_type1.c' is no kernel tree");
	expect_part(got.out, "2 passed, 1 error");
	call_free(&got);
	free(type1);
	free(file);
	tree_place_drop(&place);
}

/* ---- plug-ins that are built again ---- */

/* Changes bytes in a file, all of the same text, to others of the same length. */
static void patch_file(const char *path, const char *from, const char *to)
{
	FILE *file = fopen(path, "r+");
	size_t len = strlen(from), size, count = 0;
	static char bytes[1 << 20];

	ASSERT_TRUE(file != NULL);
	size = fread(bytes, 1, sizeof(bytes), file);
	for (size_t i = 0; i + len <= size; i++) {
		if (memcmp(bytes + i, from, len) != 0)
			continue;
		memcpy(bytes + i, to, len);
		count++;
	}
	EXPECT_GT(count, 0);
	rewind(file);
	EXPECT_EQ(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

struct rotten {
	const char *name;
	const char *file; /* in the plug-in's directory */
	const char *from, *to; /* NULL: the file is cut to half a page */
};

static const struct rotten rottens[] = {
	{ "plugin_of_another_vtdsim", "plugin.so", "vtdsim 0", "vtdsim 9" },
	{ "note_of_another_vtdsim", "info.json", "vtdsim 0", "vtdsim 9" },
	{ "plugin_that_is_cut", "plugin.so", NULL, NULL },
};

TEST_WITH_NAMED_PARAMS(kernel_plugin, is_built_again_after_a, struct rotten, rottens, name)
{
	struct tree_place place = tree_place_make(BACKEND("1"));
	char *file = make_path(place.dir, "x.yaml"), *directory, *path;
	struct call got;

	add(&place);
	directory = make_path(place.dir, "vtdsim/kernels/t");
	path = make_path(directory, param->file);
	if (param->from)
		patch_file(path, param->from, param->to);
	else
		EXPECT_EQ(truncate(path, 2048), 0);
	write_file(place.dir, "x.yaml", SCENARIO "    expect: {'tree:t': ENOTTY, default: ok}\n");
	got = CALL("run", file);
	EXPECT_EQ(got.status, 0);
	EXPECT_STREQ(got.err, "");
	call_free(&got);
	free(path);
	free(directory);
	free(file);
	tree_place_drop(&place);
}

/* Headers of the tree's own are as much of it as type1. */
TEST(kernel_plugin, is_built_again_after_a_header_of_the_tree_changed)
{
	struct tree_place place = tree_place_make(
		BACKEND_WITH("1", "", "return cmd == VFIO_IOMMU_GET_INFO ? ANSWER : -ENOTTY"));
	char *file = make_path(place.dir, "x.yaml"), *header = NULL;
	struct call got;

	write_file(place.dir, "x.yaml", SCENARIO "    expect: {'tree:t': EBUSY, default: ok}\n");
	if (asprintf(&header, "%s#define ANSWER -EINVAL\n", core_header) < 0)
		abort();
	write_file(place.dir, "drivers/vfio/vfio.h", header);
	free(header);
	add(&place);
	got = CALL("run", file);
	EXPECT_EQ(got.status, 1);
	call_free(&got);
	if (asprintf(&header, "%s#define ANSWER -EBUSY\n", core_header) < 0)
		abort();
	write_file(place.dir, "drivers/vfio/vfio.h", header);
	free(header);
	got = CALL("run", file);
	EXPECT_EQ(got.status, 0);
	call_free(&got);
	free(file);
	tree_place_drop(&place);
}

TEST(kernel_plugin, is_of_the_version_that_the_makefile_tells_by_now)
{
	struct tree_place place = tree_place_make(BACKEND("1"));
	char *file = make_path(place.dir, "x.yaml");
	struct call got;

	add(&place);
	write_file(place.dir, "Makefile", "VERSION = 6\nPATCHLEVEL = 2\nSUBLEVEL = 0\n");
	write_file(place.dir, "x.yaml", SCENARIO "    expect: {'tree:t': ENOTTY, default: ok}\n");
	got = CALL("run", file);
	EXPECT_EQ(got.status, 0);
	call_free(&got);
	got = CALL("kernel", "list");
	expect_part(got.out, "6.2.0");
	call_free(&got);
	free(file);
	tree_place_drop(&place);
}
