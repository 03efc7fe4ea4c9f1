// SPDX-License-Identifier: Apache-2.0
/*
 * The kernel API of each age behaves: files that use it as type1 of that age does, compiled as
 * those of a tree are, run as a process on a machine with one VT-d unit.
 */
#include "../kernel-shim/intel_rig.h"

#include <linux/err.h>

#include "age.h"

struct age {
	const char *name;
	const char *variant; /* of the rest of the kernel */
	long (*fn)(struct age_run *run);
};

static const struct age ages[] = {
	{ "v5_6", "upstream", age_v5_6 },   { "v5_8", "upstream", age_v5_8 },
	{ "v5_13", "mainline", age_v5_13 }, { "v5_15", "mainline", age_v5_15 },
	{ "v6_1", "mainline", age_v6_1 },   { "v6_3", "mainline", age_v6_3 },
	{ "v6_5", "mainline", age_v6_5 },   { "v6_12", "mainline", age_v6_12 },
	{ "v6_17", "mainline", age_v6_17 }, { "v7_0", "mainline", age_v7_0 },
	{ "series_v1", "v1", series_v1 },   { "series_v7", "v7", series_v7 },
};

struct inside {
	struct rig *rig;
	const struct age *age;
	unsigned long vaddr;
};

static long run_inside(void *arg)
{
	struct inside *inside = arg;
	struct age_run run = { .dev = rig_device(inside->rig, 0), .vaddr = inside->vaddr };
	long ret;

	run.group = iommu_group_get(run.dev);
	ret = inside->age->fn(&run);
	iommu_group_put(run.group);
	return ret;
}

/* Starts a machine and a process on it and runs the age's function there: its result. */
static long run_age(struct rig *rig, const struct age *age)
{
	const struct kernel_mmap request = { .size = AGE_PAGES * PAGE_SIZE,
					     .page_size = PAGE_SIZE };
	struct inside inside = { .rig = rig, .age = age };
	struct task *task;
	long ret;

	intel_server_of(rig, age->variant);
	if (!rig_boot(rig))
		return -ENOTRECOVERABLE;
	task = kernel_task_start(rig->kernel, "vmm");
	inside.vaddr = (unsigned long)kernel_mmap(task, &request);
	ret = rig_call_as(task, run_inside, &inside);
	kernel_task_exit(task);
	return ret;
}

TEST_WITH_PARAMS(ages, each_name_does_what_type1_of_its_age_relies_on, struct age, ages)
{
	struct rig rig;

	EXPECT_EQ(run_age(&rig, param), 0);
	rig_end(&rig);
}

struct unmodelled {
	const char *name, *file;
	long (*fn)(struct age_run *run);
};

static const struct unmodelled unmodelled[] = {
	{ "iommu_aux_attach_device", "v5_6.c:", age_aux_attach },
	{ "device_add", "v6_12.c:", age_device_add },
	{ "device_del", "v6_12.c:", age_device_del },
};

TEST_WITH_NAMED_PARAMS(ages, what_is_not_modelled_ends_the_kernel_and_tells_its_name,
		       struct unmodelled, unmodelled, name)
{
	const struct age age = { param->name, "mainline", param->fn };
	struct rig rig;

	EXPECT_EQ(run_age(&rig, &age), -ENOTRECOVERABLE);
	ASSERT_TRUE(kernel_oops(rig.kernel));
	EXPECT_TRUE(strstr(kernel_oops(rig.kernel), param->name));
	EXPECT_TRUE(strstr(kernel_oops(rig.kernel), param->file));
	rig_stop(&rig);
}
