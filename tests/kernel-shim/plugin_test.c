// SPDX-License-Identifier: Apache-2.0
/*
 * Kernels whose type1 is a plug-in: small ones of the tests' own (plugins/), compiled here the way a user's tree
 * is, and the real file of a tree that VTDSIM_TEST_TREE names (with its version in VTDSIM_TEST_TREE_VERSION).
 */
#include "rig.h"
#include "vfio_fixture.h"

#include "plugins/misdeeds.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#define SMALL "tests/kernel-shim/plugins/small.c"

/* A plug-in in a directory of its own. */
struct built {
	char directory[64];
	char path[96];
};

struct recipe {
	const char *source; /* below the top */
	const char *version; /* of the kernel */
	const char *vtdsim; /* what it is built for; NULL: this one */
	const char *flags; /* for the compiler, or NULL */
	const char *tree; /* whose VFIO headers are used, or NULL */
};

static struct recipe small_recipe(void)
{
	return (struct recipe){ .source = VTDSIM_SOURCE_DIR "/" SMALL, .version = "6.1.0" };
}

static bool build(struct built *built, const struct recipe *recipe)
{
	const char *place = getenv("TMPDIR");
	char command[2048];

	snprintf(built->directory, sizeof(built->directory), "%s/vtdsim-test-XXXXXX",
		 place ? place : "/tmp");
	if (!mkdtemp(built->directory)) {
		ADD_FAILURE("no directory %s", built->directory);
		return false;
	}
	snprintf(built->path, sizeof(built->path), "%s/plugin.so", built->directory);
	snprintf(command, sizeof(command),
		 "CC='cc %s' '%s/kernel-shim/plugin/build.sh' %s %s %s '%s' '%s'",
		 recipe->flags ? recipe->flags : "", VTDSIM_SOURCE_DIR, built->path,
		 recipe->vtdsim ? recipe->vtdsim : VTDSIM_VERSION, recipe->version, recipe->source,
		 recipe->tree ? recipe->tree : "");
	if (system(command) != 0) { /* NOLINT(cert-env33-c) */
		ADD_FAILURE("%s", command);
		return false;
	}
	return true;
}

static void clean(const struct built *built)
{
	unlink(built->path);
	rmdir(built->directory);
}

static struct vm_config config_of(const char *plugin)
{
	return (struct vm_config){
		.variant = "tree:test",
		.plugin = plugin,
		.units = { VM_VTD_SCALABLE },
		.unit_count = 1,
		.devices = { { .group = 1 } },
		.device_count = 1,
	};
}

/* A kernel with small.c, and a container in it. */
struct small {
	struct built built;
	struct vm *vm;
	long container;
};

static bool small_boot(struct small *small, const struct recipe *recipe, const char *parameter)
{
	struct vm_config config;

	*small = (struct small){ 0 };
	if (!build(&small->built, recipe))
		return false;
	config = config_of(small->built.path);
	config.parameters[0] = parameter;
	small->vm = vm_start(&config);
	if (small->vm)
		small->container = vm_container_with(small->vm, VFIO_TYPE1v2_IOMMU, 1);
	EXPECT_GE(small->container, 0);
	return small->vm;
}

static bool small_start(struct small *small)
{
	const struct recipe recipe = small_recipe();

	return small_boot(small, &recipe, NULL);
}

static long small_ioctl(struct small *small, unsigned int cmd, u64 arg)
{
	return vm_ioctl(small->vm, small->container, cmd, arg);
}

static void small_end(struct small *small)
{
	if (small->vm)
		vm_end(small->vm);
	clean(&small->built);
}

/* Whoever oopsed has all it had. */
static void small_end_oopsed(struct small *small)
{
	vm_abandon(small->vm);
	clean(&small->built);
}

/* ---- what a plug-in is ---- */

TEST(plugin, its_backend_serves_containers)
{
	struct small small;

	if (!small_start(&small))
		return;
	EXPECT_EQ(small_ioctl(&small, SMALL_GROUPS, 0), 1);
	EXPECT_EQ(small_ioctl(&small, SMALL_COUNT, 0), 1);
	EXPECT_EQ(small_ioctl(&small, SMALL_COUNT, 0), 2);
	EXPECT_EQ(vm_ioctl(small.vm, small.container, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU), 1);
	EXPECT_EQ(vm_ioctl(small.vm, small.container, 0x5199, 0), -ENOTTY);
	small_end(&small);
}

TEST(plugin, an_unknown_type_gives_its_own_errno)
{
	struct small small;

	if (!small_start(&small))
		return;
	vm_restart_process(small.vm);
	EXPECT_EQ(vm_container_with(small.vm, VFIO_TYPE1_NESTING_IOMMU, 1), -ESRCH);
	small_end(&small);
}

/* as trees without nesting reserve its number; what was opened is released */
TEST(plugin, a_type_that_is_no_extension_is_refused_though_it_would_open)
{
	struct small small;

	if (!small_start(&small))
		return;
	vm_restart_process(small.vm);
	EXPECT_EQ(vm_container_with(small.vm, SMALL_RESERVED_TYPE, 1), -EINVAL);
	small_end(&small);
}

TEST(plugin, each_kernel_has_statics_of_its_own)
{
	struct small first;
	struct vm_config config;
	struct vm *second;
	long container;

	if (!small_start(&first))
		return;
	config = config_of(first.built.path);
	second = vm_start(&config);
	container = vm_container_with(second, VFIO_TYPE1v2_IOMMU, 1);
	EXPECT_EQ(small_ioctl(&first, SMALL_COUNT, 0), 1);
	EXPECT_EQ(vm_ioctl(second, container, SMALL_COUNT, 0), 1);
	EXPECT_EQ(small_ioctl(&first, SMALL_COUNT, 0), 2);
	EXPECT_EQ(vm_ioctl(second, container, SMALL_COUNT, 0), 2);
	vm_end(second);
	EXPECT_EQ(small_ioctl(&first, SMALL_COUNT, 0), 3);
	small_end(&first);
}

TEST(plugin, the_backend_hears_of_a_closed_container)
{
	struct small small;
	long again;

	if (!small_start(&small))
		return;
	EXPECT_EQ(vm_close(small.vm, small.container), 0);
	vm_restart_process(small.vm);
	again = vm_container_with(small.vm, VFIO_TYPE1v2_IOMMU, 1);
	EXPECT_EQ(vm_ioctl(small.vm, again, SMALL_CLOSED, 0), 1);
	small_end(&small);
}

TEST(plugin, attach_without_a_type_is_that_of_older_trees)
{
	struct recipe recipe = small_recipe();
	struct small small;

	recipe.version = "5.10.0";
	recipe.flags = "-DOPS_WITHOUT_TYPE";
	if (!small_boot(&small, &recipe, NULL))
		return;
	EXPECT_EQ(small_ioctl(&small, SMALL_GROUPS, 0), 1);
	small_end(&small);
}

TEST(plugin, failures_on_purpose_reach_it)
{
	struct small small;

	if (!small_start(&small))
		return;
	EXPECT_EQ(kernel_set_parameter(vm_kernel(small.vm), "fault.kmalloc_nth", "1"), 0);
	EXPECT_EQ(small_ioctl(&small, SMALL_ALLOCATE, 0), -ENOMEM);
	EXPECT_EQ(small_ioctl(&small, SMALL_ALLOCATE, 0), 0);
	small_end(&small);
}

/* ---- which kernel it goes with ---- */

struct age {
	const char *version;
	const char *flags;
	const char *behaviour;
};

static const struct age ages[] = {
	{ "5.6.0", NULL, "upstream" },
	{ "5.8.0", NULL, "mainline" },
	{ "6.1.192", NULL, "mainline" },
	{ "5.6.0", "-DVFIO_IOMMU_BIND=1", "v1" },
	{ "5.8.0", "-DVFIO_IOMMU_NESTING_OP=1", "v7" },
};

TEST_WITH_PARAMS(plugin, the_rest_of_the_kernel_is_of_its_age, struct age, ages)
{
	struct recipe recipe = small_recipe();
	struct small small;

	recipe.version = param->version;
	recipe.flags = param->flags;
	if (!small_boot(&small, &recipe, NULL))
		return;
	EXPECT_STREQ(kernel_behaviour_of(vm_kernel(small.vm)), param->behaviour);
	small_end(&small);
}

TEST(plugin, a_variant_built_in_is_like_itself)
{
	struct vm *vm = vm_start_simple("v1-attach-check", VM_VTD_SCALABLE);

	EXPECT_STREQ(kernel_behaviour_of(vm_kernel(vm)), "v1-attach-check");
	vm_end(vm);
}

/* ---- parameters ---- */

TEST(plugin, its_parameters_are_set_when_it_boots)
{
	const struct recipe recipe = small_recipe();
	struct small small;

	if (!small_boot(&small, &recipe, "vfio_iommu_type1.dma_entry_limit=5"))
		return;
	EXPECT_EQ(small_ioctl(&small, SMALL_PARAMETER, 2), 5);
	small_end(&small);
}

struct setting {
	const char *name;
	const char *value;
	int result;
	unsigned int which;
	long expected;
};

static const struct setting settings[] = {
	{ "vfio_iommu_type1.flag", "Y", 0, 0, 1 },
	{ "vfio_iommu_type1.flag", "maybe", -EINVAL, 0, 0 },
	{ "vfio_iommu_type1.level", "-7", 0, 1, -7 },
	{ "vfio_iommu_type1.dma_entry_limit", "0x10", 0, 2, 16 },
	{ "vfio_iommu_type1.dma_entry_limit", "-1", -EINVAL, 2, 65535 },
	{ "vfio_iommu_type1.big", "0x123456789", 0, 3, 0x123456789 },
	{ "vfio_iommu_type1.bigger", "1", -ENOENT, 3, 0 },
	{ "vfio.flag", "1", -ENOENT, 0, 0 },
	/* one that the program knows, and other kernels have */
	{ "vfio_iommu_type1.pasid_quota", "5", 0, 0, 0 },
};

TEST_WITH_PARAMS(plugin, a_parameter_is_its_own_variable, struct setting, settings)
{
	struct small small;

	if (!small_start(&small))
		return;
	EXPECT_EQ(kernel_set_parameter(vm_kernel(small.vm), param->name, param->value),
		  param->result);
	EXPECT_EQ(small_ioctl(&small, SMALL_PARAMETER, param->which), param->expected);
	small_end(&small);
}

/* ---- what does not boot ---- */

static void expect_boot_error(const struct vm_config *wanted, const char *error)
{
	struct vm_config config = *wanted;
	struct rig rig;

	rig_init(&rig, config.variant);
	rig.config.plugin = config.plugin;
	EXPECT_FALSE(rig_try_boot(&rig));
	EXPECT_TRUE(rig.boot_error && strstr(rig.boot_error, error));
	if (!rig.boot_error || !strstr(rig.boot_error, error))
		ADD_FAILURE("%s", rig.boot_error ? rig.boot_error : "no error");
	rig_stop(&rig);
}

TEST(plugin, a_tree_needs_one_and_others_take_none)
{
	struct vm_config config = config_of(NULL);

	expect_boot_error(&config, "kernel variant \"tree:test\" needs its plug-in");
	config.variant = "mainline";
	config.plugin = "/nowhere.so";
	expect_boot_error(&config, "kernel variant \"mainline\" takes no plug-in");
	config.variant = "tree:";
	expect_boot_error(&config, "there is no kernel variant \"tree:\"");
}

TEST(plugin, a_file_that_is_none_is_refused)
{
	struct vm_config config = config_of("/nowhere.so");

	expect_boot_error(&config, "/nowhere.so: No such file or directory");
	config.plugin = VTDSIM_SOURCE_DIR "/" SMALL;
	expect_boot_error(&config, "small.c cannot be loaded: ");
	config.plugin = "/";
	expect_boot_error(&config, "/: ");
}

TEST(plugin, a_shared_object_without_the_symbol_is_refused)
{
	struct vm_config config;
	struct built built;
	struct recipe recipe = small_recipe();

	recipe.flags = "-Dvtdsim_plugin=other";
	if (!build(&built, &recipe))
		return;
	config = config_of(built.path);
	expect_boot_error(&config, "is no plug-in of vtdsim");
	clean(&built);
}

TEST(plugin, one_of_another_vtdsim_is_refused)
{
	struct recipe recipe = small_recipe();
	struct vm_config config;
	struct built built;

	recipe.vtdsim = "0.0.9";
	if (!build(&built, &recipe))
		return;
	config = config_of(built.path);
	expect_boot_error(&config, "was built for another vtdsim (vtdsim 0.0.9, plug-in ");
	expect_boot_error(&config, kernel_plugin_abi());
	clean(&built);
}

struct bad_init {
	const char *flag;
	const char *error;
};

static const struct bad_init bad_inits[] = {
	{ "-DINIT_FAILS", "VFIO did not start: Operation not permitted" },
	{ "-DREGISTERS_NOTHING", "the plug-in registers no IOMMU driver with VFIO" },
	{ "-DINIT_OOPSES", "NULL pointer dereference" },
};

TEST_WITH_PARAMS(plugin, one_that_does_not_start_is_told, struct bad_init, bad_inits)
{
	struct recipe recipe = small_recipe();
	struct vm_config config;
	struct built built;

	recipe.flags = param->flag;
	if (!build(&built, &recipe))
		return;
	config = config_of(built.path);
	expect_boot_error(&config, param->error);
	clean(&built);
}

/* ---- misdeeds ---- */

struct misdeed_row {
	enum misdeed misdeed;
	const char *text;
	const char *function;
};

static const struct misdeed_row misdeeds[] = {
	{ MISDEED_NULL, "NULL pointer dereference, address 0x0", "touch() at small.c:" },
	{ MISDEED_BAD_POINTER, "access to bad address 0x123456789000", "touch() at small.c:" },
	{ MISDEED_CALL_NULL, "NULL pointer dereference, address 0x0", "misbehave() at small.c:" },
	{ MISDEED_NULL_IN_CALLEE, "NULL pointer dereference", "misbehave() at small.c:" },
	{ MISDEED_DIVIDE, "divide error", "divide() at small.c:" },
	{ MISDEED_ILLEGAL, "Illegal instruction", "misbehave() at small.c:" },
	{ MISDEED_ABORT, "Aborted", "misbehave() at small.c:" },
	{ MISDEED_BUG, "BUG_ON(cmd)", "misbehave() at small.c:" },
	{ MISDEED_DEADLOCK, "deadlock on lock", "deadlock() at small.c:" },
	{ MISDEED_LOOP, "endless loop", "misbehave() at small.c:" },
	{ MISDEED_LOOP_IN_SHIM, "endless loop", "misbehave() at small.c:" },
	{ MISDEED_RECURSE, "stack overflow: endless recursion", "recurse() at small.c:" },
};

static void expect_in_oops(const char *oops, const char *text)
{
	if (!oops || !strstr(oops, text))
		ADD_FAILURE("expected '%s' in: %s", text, oops ? oops : "no oops");
}

TEST_WITH_PARAMS(plugin, a_misdeed_is_an_oops_with_its_line, struct misdeed_row, misdeeds)
{
	struct small small, other;
	const char *oops;

	if (!small_start(&small))
		return;
	kernel_set_parameter(vm_kernel(small.vm), "kernel.watchdog_ms", "100");
	EXPECT_EQ(small_ioctl(&small, param->misdeed, 0), -ENOTRECOVERABLE);
	oops = kernel_oops(vm_kernel(small.vm));
	expect_in_oops(oops, param->text);
	expect_in_oops(oops, param->function);
	expect_in_oops(oops, "plugins/small.c:");
	EXPECT_EQ(small_ioctl(&small, SMALL_COUNT, 0), -ENOTRECOVERABLE);
	small_end_oopsed(&small);

	/* others go on, and may do the same */
	if (!small_start(&other))
		return;
	EXPECT_EQ(small_ioctl(&other, SMALL_COUNT, 0), 1);
	kernel_set_parameter(vm_kernel(other.vm), "kernel.watchdog_ms", "100");
	EXPECT_EQ(small_ioctl(&other, param->misdeed, 0), -ENOTRECOVERABLE);
	small_end_oopsed(&other);
}

static int misbehave_in_thread(void *arg)
{
	struct small *small = arg;

	return (int)small_ioctl(small, MISDEED_RECURSE, 0);
}

TEST(plugin, a_kernel_may_be_entered_by_any_thread)
{
	struct small small;
	thrd_t thread;
	int result = 0;

	if (!small_start(&small))
		return;
	EXPECT_EQ(thrd_create(&thread, misbehave_in_thread, &small), thrd_success);
	thrd_join(thread, &result);
	EXPECT_EQ(result, -ENOTRECOVERABLE);
	expect_in_oops(kernel_oops(vm_kernel(small.vm)), "stack overflow");
	small_end_oopsed(&small);
}

static void on_own_signal(int signal)
{
	_exit(signal);
}

/* What becomes of a process that has run a plug-in and is sent a signal outside of it. */
static int status_after(int signal_sent, bool handled)
{
	pid_t child = fork();
	struct small small;
	int status = 0;

	if (child == 0) {
		if (handled)
			signal(signal_sent, on_own_signal);
		if (small_start(&small))
			small_end(&small);
		raise(signal_sent);
		_exit(0);
	}
	waitpid(child, &status, 0);
	return status;
}

TEST(plugin, signals_outside_of_it_go_where_they_went_before)
{
	int status = status_after(SIGSEGV, true);

	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(WEXITSTATUS(status), SIGSEGV);
	status = status_after(SIGABRT, false);
	EXPECT_TRUE(WIFSIGNALED(status));
	EXPECT_EQ(WTERMSIG(status), SIGABRT);
	/* the watchdog's own is nobody's else */
	status = status_after(SIGVTALRM, false);
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(WEXITSTATUS(status), 0);
}

/* ---- the real one ---- */

static bool real_start(struct small *real)
{
	const char *tree = getenv("VTDSIM_TEST_TREE");
	const char *version = getenv("VTDSIM_TEST_TREE_VERSION");
	char source[512];
	struct recipe recipe = { .source = source, .tree = tree };

	if (!tree)
		return false;
	recipe.version = version ? version : "6.1.0";
	snprintf(source, sizeof(source), "%s/drivers/vfio/vfio_iommu_type1.c", tree);
	return small_boot(real, &recipe, "vfio_iommu_type1.dma_entry_limit=2");
}

TEST(plugin, a_real_tree_maps_and_devices_reach_what_is_mapped)
{
	char out[32] = "through the real type1", in[32] = { 0 };
	struct small real;
	u64 memory, size = 2 * VM_PAGE;

	if (!real_start(&real))
		return;
	memory = vm_memory(real.vm, 2 * VM_PAGE);
	EXPECT_EQ(kernel_user_write(vm_task(real.vm), memory, out, sizeof(out)), 0);
	EXPECT_EQ(vm_map(real.vm, real.container, 0x10000, memory, 2 * VM_PAGE), 0);
	EXPECT_EQ(vm_usage(real.vm).pinned_pages, 2);
	EXPECT_EQ(vm_dma(real.vm, 0, 0x10000, in, sizeof(in), false), DMA_OK);
	EXPECT_STREQ(in, out);
	EXPECT_EQ(vm_unmap(real.vm, real.container, 0x10000, &size), 0);
	EXPECT_EQ(vm_usage(real.vm).pinned_pages, 0);
	small_end(&real);
}
