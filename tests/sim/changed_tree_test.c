/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `vtdsim matrix` marks: one line is changed in a copy of Linux 6.1's own type1 (of Debian's source package),
 * and the cells that this line explains differ, no others. Commands and small trees are tested by kernel_test.c.
 */
#include "cli_call.h"
#include "gtest_c.h"

#define NO_SOURCE \
	"Debian's package linux-source-6.1 was not there when this was built: apt-get install it"
#define TYPE1 "drivers/vfio/vfio_iommu_type1.c"
#define MARKED_MAX 2

/* A row of the matrix whose last cell must be marked. */
struct marked {
	const char *scenario; /* its name, or how that begins */
	const char *cell; /* "works *" */
};

/* A change of one place in type1. */
struct change {
	const char *name;
	const char *from, *to; /* both NULL: none */
	struct marked marked[MARKED_MAX + 1]; /* ends with a NULL */
};

static const struct change changes[] = {
	{ "nothing", NULL, NULL, { { 0 } } },
	{ "the_limit_on_mappings",
	  "if (!iommu->dma_avail)",
	  "if (false)",
	  { { "the limit on mappings", "refused ! *" } } },
	{ "the_rights_of_a_mapping",
	  "prot |= IOMMU_READ;",
	  "prot |= IOMMU_READ | IOMMU_WRITE;",
	  { { "a read-only mapping takes no writes", "corrupted ! *" } } },
	{ "the_check_for_reserved_regions",
	  "if (!vfio_iommu_iova_dma_valid(",
	  "if (false && (",
	  { { "MAP_DMA refuses wrong arguments", "refused ! *" } } },
	/*
	 * No system call reaches it: VFIO's core lets no group that is in a container into one, so that attach is
	 * never asked twice. That nothing differs is right.
	 */
	{ "the_check_for_duplicate_groups",
	  "if (vfio_iommu_find_iommu_group(iommu, iommu_group))",
	  "if (false)",
	  { { 0 } } },
};

/* ---- trees ---- */

static bool has_source(void)
{
	return access(LINUX_SOURCE "/" TYPE1, R_OK) == 0;
}

/* Where the one place is; reports it if there are none or several. */
static char *only_place(char *text, const char *what)
{
	char *at = strstr(text, what);

	if (at && !strstr(at + 1, what))
		return at;
	ADD_FAILURE("'%s' is %s in type1", what, at ? "twice" : "not");
	return NULL;
}

static void write_changed(const char *dir, const struct change *change)
{
	char *text = read_file(LINUX_SOURCE "/" TYPE1);
	char *at = change->from ? only_place(text, change->from) : NULL, *changed = NULL;

	if (at && asprintf(&changed, "%.*s%s%s", (int)(at - text), text, change->to,
			   at + strlen(change->from)) < 0)
		abort();
	write_file(dir, TYPE1, changed ? changed : text);
	free(changed);
	free(text);
}

static void copy_file(const char *dir, const char *name)
{
	char *from = make_path(LINUX_SOURCE, name);
	char *text = read_file(from);

	write_file(dir, name, text);
	free(text);
	free(from);
}

/* A copy of the tree with the change, which is added under a name. To be removed by the caller. */
static char *add_tree(const struct change *change, const char *name)
{
	static const char *const directories[] = { "drivers",      "drivers/vfio",
						   "include",      "include/linux",
						   "include/uapi", "include/uapi/linux" };
	static const char *const files[] = { "Makefile", "drivers/vfio/vfio.h",
					     "include/linux/iova_bitmap.h", "include/linux/vfio.h",
					     "include/uapi/linux/vfio.h" };
	char *dir = make_dir();
	struct call got;

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
		char *path = make_path(dir, directories[i]);

		mkdir(path, 0755);
		free(path);
	}
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		copy_file(dir, files[i]);
	write_changed(dir, change);
	got = CALL("kernel", "add", dir, "--name", name);
	EXPECT_EQ(got.status, 0);
	if (got.status)
		ADD_FAILURE("%s", got.err);
	call_free(&got);
	return dir;
}

/* ---- marks ---- */

static bool is_marked(const char *line)
{
	size_t len = strlen(line);

	return line[0] == ' ' && len > 2 && !strcmp(line + len - 2, " *");
}

/* The row that a line is of, or NULL with a failure. */
static const struct marked *find_marked(const struct change *change, const char *line)
{
	const struct marked *marked = change->marked;

	while (marked->scenario &&
	       strncmp(line + 2, marked->scenario, strlen(marked->scenario)) != 0)
		marked++;
	if (marked->scenario)
		return marked;
	ADD_FAILURE("marked, though the change does not explain it: %s", line);
	return NULL;
}

static void expect_cell(const char *line, const struct marked *marked)
{
	size_t len = strlen(line), cell = strlen(marked->cell);

	if (len < cell || strcmp(line + len - cell, marked->cell) != 0)
		ADD_FAILURE("expected '%s' at the end of: %s", marked->cell, line);
}

/* Exactly the cells of the last column that the change explains are marked. */
static void expect_marks(char *table, const struct change *change)
{
	size_t expected = 0, found = 0;
	char *rest = NULL;

	while (change->marked[expected].scenario)
		expected++;
	for (char *line = strtok_r(table, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		const struct marked *marked = is_marked(line) ? find_marked(change, line) : NULL;

		if (!marked)
			continue;
		found++;
		expect_cell(line, marked);
	}
	EXPECT_EQ(found, expected);
}

static void expect_matrix(const char *kernels, const struct change *change)
{
	struct call got = CALL("matrix", "--kernel", kernels,
			       VTDSIM_SOURCE_DIR "/scenarios/type1-rules",
			       VTDSIM_SOURCE_DIR "/scenarios/format-mismatch");

	EXPECT_EQ(got.status, change->marked[0].scenario ? 1 : 0);
	expect_no_part(got.err, "error:");
	if (change->marked[0].scenario)
		expect_part(got.out, "a step has another result than on");
	expect_marks(got.out, change);
	call_free(&got);
}

/* ---- the rules ---- */

TEST_WITH_NAMED_PARAMS(changed_tree, matrix_marks_what_differs_from_mainline_after_a_change_of,
		       struct change, changes, name)
{
	char *cache, *tree;

	if (!has_source())
		SKIP_TEST(NO_SOURCE);
	cache = make_dir();
	setenv("XDG_CACHE_HOME", cache, 1);
	tree = add_tree(param, "changed");
	expect_matrix("mainline,tree:changed", param);
	remove_dir(tree);
	remove_dir(cache);
	unsetenv("XDG_CACHE_HOME");
}

TEST(changed_tree, matrix_marks_what_differs_between_two_trees)
{
	char *cache, *clean, *changed;

	if (!has_source())
		SKIP_TEST(NO_SOURCE);
	cache = make_dir();
	setenv("XDG_CACHE_HOME", cache, 1);
	clean = add_tree(&changes[0], "clean");
	changed = add_tree(&changes[2], "changed");
	expect_matrix("tree:clean,tree:changed", &changes[2]);
	expect_matrix("tree:clean,mainline", &changes[0]);
	remove_dir(clean);
	remove_dir(changed);
	remove_dir(cache);
	unsetenv("XDG_CACHE_HOME");
}
