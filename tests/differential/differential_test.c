// SPDX-License-Identifier: Apache-2.0
/*
 * The type1 backend of "mainline" against the one of Linux 6.1 itself, compiled from Debian's
 * source package: random calls must have the same results. VTDSIM_DIFFERENTIAL_CALLS (in all) and
 * VTDSIM_SEED choose how many and which. Making and comparing calls is left to lockstep.c.
 */
#include "lockstep.h"
#include "tree/tree.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CALLS 226800 /* of all rows together */
#define SHRINKING 4000 /* runs at most */

/* ---- the kernel tree ---- */

/** A plug-in in a cache of its own. */
struct built {
	char cache[256];
	struct tree tree;
	char *plugin;
};

static void built_clear(struct built *built)
{
	if (built->tree.name)
		tree_remove(built->tree.name, NULL);
	tree_clear(&built->tree);
	free(built->plugin);
	if (*built->cache) {
		char path[512];

		snprintf(path, sizeof(path), "%s/vtdsim/kernels", built->cache);
		rmdir(path);
		snprintf(path, sizeof(path), "%s/vtdsim", built->cache);
		rmdir(path);
		rmdir(built->cache);
	}
}

static bool build(struct built *built, const char *path)
{
	struct tree_source source = { .path = path, .name = "differential", .version = "6.1" };
	struct tree_build build = { .ok = false };
	char *error = NULL;

	snprintf(built->cache, sizeof(built->cache), "%s/cache-XXXXXX", DIFFERENTIAL_DIR);
	if (!mkdtemp(built->cache)) {
		*built->cache = 0;
		return false;
	}
	setenv("XDG_CACHE_HOME", built->cache, 1);
	if (tree_add(&source, &built->tree, &build))
		built->plugin = tree_plugin("tree:differential", &error);
	if (!built->plugin)
		ADD_FAILURE("%s\n%s", error ? error : build.error,
			    build.messages ? build.messages : "");
	free(error);
	tree_build_clear(&build);
	return built->plugin;
}

static bool has_source(void)
{
	return access(LINUX_SOURCE "/drivers/vfio/vfio_iommu_type1.c", R_OK) == 0;
}

#define NO_SOURCE \
	"Debian's package linux-source-6.1 was not there when this was built: apt-get install it"

/* ---- machines and runs ---- */

struct row {
	const char *name;
	enum vm_unit unit;
	int type;
};

/** All that a seed chooses. */
struct run {
	unsigned long long seed;
	struct vm_config machine;
	char entries[64];
	struct call calls[CALLS_PER_MACHINE];
	size_t count;
};

static unsigned long long setting(const char *name, unsigned long long otherwise)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

static void draw_run(struct run *run, const struct row *row, unsigned long long seed)
{
	static const enum vm_unit units[] = { VM_VTD_SCALABLE, VM_VTD_LEGACY, VM_VTD_NARROW,
					      VM_SMMU };
	/* other calls in each of the tests */
	struct random random = { .state = seed ^ (u64)row->unit << 56 ^ (u64)row->type << 48 };

	run->seed = seed;
	snprintf(run->entries, sizeof(run->entries), "vfio_iommu_type1.dma_entry_limit=%llu",
		 random_below(&random, 3) ? 65535 : random_below(&random, 8));
	run->machine = (struct vm_config){
		.units = { row->unit, units[random_below(&random, 4)],
			   units[random_below(&random, 4)] },
		.unit_count = 3,
		.devices = { { .unit = 0, .group = 1 },
			     { .unit = 1, .group = 2 },
			     { .unit = 2, .group = 3 },
			     { .unit = 0, .group = 4, .host_driver = true } },
		.device_count = 4,
		.parameters = { run->entries, random_below(&random, 4)
						      ? NULL
						      : "vfio_iommu_type1.disable_hugepages=1" },
	};
	run->count = CALLS_PER_MACHINE;
	calls_draw(&random, row->type, run->calls, run->count);
}

/* Gives arguments all the room that they want, as in a scenario, where something still differs. */
static struct difference simplify(struct run *run, const char *plugin, struct difference difference)
{
	for (size_t i = 0; i < run->count; i++) {
		struct call *call = &run->calls[i], was = *call;
		struct difference now;

		if (call->kind != CALL_IOCTL_DATA || (!call->at_edge && call->len % 4 == 0))
			continue;
		call->at_edge = false;
		call->len = (call->len + 3) / 4 * 4;
		now = lockstep_run(&run->machine, plugin, run->calls, run->count);
		if (now.found && now.step + 1 == run->count)
			difference = now;
		else
			*call = was;
	}
	return difference;
}

/* Drops calls, in halves, quarters, ... and one by one, while something still differs. */
static struct difference shrink(struct run *run, const char *plugin, struct difference difference)
{
	struct run *shorter = malloc(sizeof(*shorter));
	unsigned int left = SHRINKING;

	run->count = difference.step + 1;
	for (size_t chunk = run->count / 2; chunk && shorter; chunk /= 2)
		for (size_t at = run->count; at-- > 0 && left;) {
			struct difference now;

			if (at % chunk || at + chunk > run->count)
				continue;
			left--;
			*shorter = *run;
			shorter->count -= chunk;
			memmove(&shorter->calls[at], &shorter->calls[at + chunk],
				(shorter->count - at) * sizeof(shorter->calls[0]));
			now = lockstep_run(&run->machine, plugin, shorter->calls, shorter->count);
			if (!now.found)
				continue;
			difference = now;
			memcpy(run->calls, shorter->calls, sizeof(run->calls));
			run->count = now.step + 1;
		}
	free(shorter);
	return simplify(run, plugin, difference);
}

/* A text, to be freed: seed, step, both results, and the scenario. */
static char *describe(const struct run *run, const struct difference *first,
		      struct difference difference)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	fprintf(out, "seed %llu, step %zu: %s differs: mainline %lld, Linux 6.1 %lld\n", run->seed,
		first->step, first->what, first->results[0], first->results[1]);
	story_print(out, &(struct story){ .machine = &run->machine,
					  .calls = run->calls,
					  .count = run->count,
					  .difference = difference });
	fclose(out);
	return text;
}

/* Makes count calls, or until a difference, which is shrunk. Its text, or NULL. */
static char *find_difference(const struct row *row, const char *plugin, unsigned long long count)
{
	unsigned long long seed = setting("VTDSIM_SEED", 1);
	struct run *run = calloc(1, sizeof(*run));
	char *text = NULL;

	printf("VTDSIM_SEED=%llu\n", seed);
	for (unsigned long long made = 0; run && !text && made < count; made += run->count) {
		struct difference difference;

		draw_run(run, row, seed++);
		difference = lockstep_run(&run->machine, plugin, run->calls, run->count);
		if (difference.found)
			text = describe(run, &difference, shrink(run, plugin, difference));
	}
	free(run);
	return text;
}

static unsigned int occurrences(const char *text, const char *what)
{
	unsigned int count = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		count++;
	}
	return count;
}

/* ---- the rules ---- */

static const struct row rows[] = {
	{ "scalable_vtd_type1", VM_VTD_SCALABLE, VFIO_TYPE1_IOMMU },
	{ "scalable_vtd_type1v2", VM_VTD_SCALABLE, VFIO_TYPE1v2_IOMMU },
	{ "scalable_vtd_nesting", VM_VTD_SCALABLE, VFIO_TYPE1_NESTING_IOMMU },
	{ "legacy_vtd_type1", VM_VTD_LEGACY, VFIO_TYPE1_IOMMU },
	{ "legacy_vtd_type1v2", VM_VTD_LEGACY, VFIO_TYPE1v2_IOMMU },
	{ "legacy_vtd_nesting", VM_VTD_LEGACY, VFIO_TYPE1_NESTING_IOMMU },
	{ "smmu_type1", VM_SMMU, VFIO_TYPE1_IOMMU },
	{ "smmu_type1v2", VM_SMMU, VFIO_TYPE1v2_IOMMU },
	{ "smmu_nesting", VM_SMMU, VFIO_TYPE1_NESTING_IOMMU },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

TEST_WITH_NAMED_PARAMS(differential, random_ioctls_agree_with_linux_6_1, struct row, rows, name)
{
	struct built built = { .plugin = NULL };
	char *difference;

	if (!has_source())
		SKIP_TEST(NO_SOURCE);
	if (build(&built, LINUX_SOURCE)) {
		difference = find_difference(param, built.plugin,
					     setting("VTDSIM_DIFFERENTIAL_CALLS", CALLS) / ROWS);
		if (difference)
			ADD_FAILURE("%s", difference);
		free(difference);
	}
	built_clear(&built);
}

/* LINUX_SOURCE_CHANGED: a copy in which a limit check never holds, made by CMake. */
TEST(differential, one_changed_line_is_found_and_shrunk)
{
	struct built built = { .plugin = NULL };
	char *difference;

	if (!has_source())
		SKIP_TEST(NO_SOURCE);
	if (build(&built, LINUX_SOURCE_CHANGED)) {
		difference = find_difference(&rows[1], built.plugin, CALLS / ROWS);
		EXPECT_TRUE(difference);
		if (difference) {
			printf("%s", difference);
			EXPECT_TRUE(strstr(difference, "step "));
			EXPECT_TRUE(strstr(difference, "here the "));
			/* it takes a container, a group, a type, and maps beyond the limit */
			EXPECT_LE(occurrences(difference, "expect:"), 16);
		}
		free(difference);
	}
	built_clear(&built);
}
