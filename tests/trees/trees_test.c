// SPDX-License-Identifier: Apache-2.0
/*
 * Type1 of every kernel that Debian packages beside 6.1 and that is installed here: compiles, loads
 * and runs. That 6.1's behaves exactly as "mainline" is tests/differential's rule; others differ
 * where their kernels do, so that here it is scenarios on which all of them agree.
 */
#include "../sim/cli_call.h"

#define NO_SOURCE                                                                             \
	"no Debian package linux-source-* other than 6.1 was there when this was configured " \
	"(Debian 12 has linux-source-6.12): apt-get install it"
#define RULES VTDSIM_SOURCE_DIR "/scenarios/type1-rules/"

static void check(const char *tree)
{
	struct call got = CALL("kernel", "check", tree);

	expect_part(got.out, "compiles over the shim");
	if (got.status)
		ADD_FAILURE("%s", got.err);
	call_free(&got);
	got = CALL("kernel", "add", tree, "--name", "t");
	EXPECT_EQ(got.status, 0);
	call_free(&got);
}

/* What kernels of all ages do. */
static void run_common_rules(void)
{
	struct call got = CALL("run", "--kernel", "tree:t", RULES "map-dma-unmap.yaml",
			       RULES "map-read-only.yaml", RULES "memlock-exceeded.yaml",
			       RULES "dma-entry-limit.yaml", RULES "replay-into-new-domain.yaml",
			       RULES "unmap-bisecting.yaml", RULES "unknown-iommu-type.yaml");

	EXPECT_EQ(got.status, 0);
	expect_part(got.out, "works      tree:t");
	if (got.status)
		ADD_FAILURE("%s%s", got.out, got.err);
	call_free(&got);
}

/* Its results are the kernel's own business, but an oops is the shim's. */
static void run_all_rules(void)
{
	struct call got = CALL("run", "--kernel", "tree:t", RULES,
			       VTDSIM_SOURCE_DIR "/scenarios/format-mismatch");

	EXPECT_LE(got.status, 1);
	expect_part(got.out, "tree:t");
	expect_no_part(got.out, "\nERROR");
	call_free(&got);
}

TEST(trees, type1_of_each_packaged_kernel_compiles_and_runs)
{
	char trees[] = LINUX_TREES, *rest = NULL;
	char *cache;

	if (!*trees)
		SKIP_TEST(NO_SOURCE);
	cache = make_dir();
	setenv("XDG_CACHE_HOME", cache, 1);
	for (char *tree = strtok_r(trees, ":", &rest); tree; tree = strtok_r(NULL, ":", &rest)) {
		SCOPED_NOTE("%s", tree);
		check(tree);
		run_common_rules();
		run_all_rules();
	}
	unsetenv("XDG_CACHE_HOME");
	remove_dir(cache);
}
