// SPDX-License-Identifier: Apache-2.0
/*
 * The start and the end of a kernel: what it was configured with is checked, its parts are created, and
 * the subsystems are brought up in their order and taken down in the reverse one.
 */
#include "state.h"

#include <linux/kernel.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define RAM_ALIGNMENT (2ULL << 20) /* bytes */
#define PARAMETER_NAME_MAX 128u
#define KERNEL_WATCHDOG_MS 5000u

static const char *const variants[] = {
	"upstream", "v1", "v1-attach-check", "v7", "mainline", NULL
};

const char *const *kernel_variants(void)
{
	return variants;
}

static int vfio_start(void)
{
	return vfio_init(kernel_config()->variant);
}

/* In the order of their start. */
static const struct subsystem {
	const char *name;
	int (*init)(void);
	void (*exit)(void);
} subsystems[] = {
	{ "the IOMMU core", iommu_core_init, iommu_core_exit },
	{ "the PASID allocator", ioasid_init, ioasid_exit },
	{ "the Intel IOMMU driver", intel_iommu_init, intel_iommu_exit },
	{ "the SMMUv3 driver", arm_smmu_init, arm_smmu_exit },
	{ "PCI", pci_devices_init, pci_devices_exit },
	{ "VFIO", vfio_start, vfio_exit },
};

/* The sentence that kernel_boot() gives back. */
__printf(2, 3) static bool refuse(char **error, const char *fmt, ...)
{
	va_list args;

	if (!error)
		return false;
	va_start(args, fmt);
	if (vasprintf(error, fmt, args) < 0)
		*error = NULL;
	va_end(args);
	return false;
}

static bool variant_exists(const char *name)
{
	const char *const *variant;

	for (variant = variants; *variant; variant++) {
		if (strcmp(*variant, name) == 0)
			return true;
	}
	return false;
}

/* A tree's name goes with its plug-in, and the other way round. */
static bool variant_valid(const struct kernel_config *config, char **error)
{
	const char *variant = config->variant ? config->variant : "";

	if (!plugin_variant(variant) && !variant_exists(variant))
		return refuse(error, "there is no kernel variant \"%s\"", variant);
	if (plugin_variant(variant) && !config->plugin)
		return refuse(error, "kernel variant \"%s\" needs its plug-in", variant);
	if (!plugin_variant(variant) && config->plugin)
		return refuse(error, "kernel variant \"%s\" takes no plug-in", variant);
	return true;
}

static bool ram_valid(const struct kernel_config *config, char **error)
{
	u64 limit;

	if (!config->memory)
		return refuse(error, "a kernel needs memory");
	limit = 1ULL << memory_width(config->memory);
	if (!config->ram_size || config->ram_base % RAM_ALIGNMENT ||
	    config->ram_size % RAM_ALIGNMENT)
		return refuse(error, "RAM at 0x%llx of 0x%llx bytes is not in units of 2 MiB",
			      config->ram_base, config->ram_size);
	if (config->ram_base > limit || config->ram_size > limit - config->ram_base)
		return refuse(error, "RAM at 0x%llx of 0x%llx bytes goes beyond %u address bits",
			      config->ram_base, config->ram_size, memory_width(config->memory));
	return true;
}

static bool config_valid(const struct kernel_config *config, char **error)
{
	size_t i;

	if (!variant_valid(config, error))
		return false;
	for (i = 0; i < config->iommu_count; i++) {
		if ((unsigned int)config->iommus[i].kind >= KERNEL_BUSES)
			return refuse(error, "IOMMU %s is of a kind without driver",
				      config->iommus[i].name);
	}
	for (i = 0; i < config->device_count; i++) {
		if (config->devices[i].iommu >= config->iommu_count)
			return refuse(error, "device %s is behind IOMMU number %u of %zu",
				      config->devices[i].name, config->devices[i].iommu,
				      config->iommu_count);
	}
	return ram_valid(config, error);
}

static void lists_init(struct kernel *k)
{
	static const char *const bus_names[KERNEL_BUSES] = { "pci-intel", "pci-arm-smmu-v3" };
	size_t i;

	INIT_LIST_HEAD(&k->slab.objects);
	INIT_LIST_HEAD(&k->parameters);
	INIT_LIST_HEAD(&k->tasks);
	INIT_LIST_HEAD(&k->mms);
	INIT_LIST_HEAD(&k->chrdevs);
	INIT_LIST_HEAD(&k->files);
	INIT_LIST_HEAD(&k->dead_files);
	INIT_LIST_HEAD(&k->pending_work);
	INIT_LIST_HEAD(&k->irq.msis);
	for (i = 0; i < KERNEL_BUSES; i++) {
		k->buses[i].name = bus_names[i];
		INIT_LIST_HEAD(&k->buses[i].devices);
	}
}

static struct kernel *kernel_create(const struct kernel_config *config)
{
	struct kernel *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->config = *config;
	/* the path is told in the text of an oops, too */
	if (config->plugin)
		k->config.plugin = k->plugin_path = strdup(config->plugin);
	k->plugin.fd = -1;
	k->trap.watchdog_ms = KERNEL_WATCHDOG_MS;
	lists_init(k);
	k->init_task.flags = PF_KTHREAD;
	k->init_task.group_leader = &k->init_task;
	k->init_task.memlock_limit = RLIM_INFINITY;
	refcount_set(&k->init_task.usage, 1);
	strscpy(k->init_task.comm, "swapper", sizeof(k->init_task.comm));
	if ((config->plugin && !k->plugin_path) || page_alloc_start(k)) {
		free(k->plugin_path);
		free(k);
		return NULL;
	}
	return k;
}

static void kernel_destroy(struct kernel *k)
{
	plugin_unload(k);
	slab_free_all(k);
	page_alloc_stop(k);
	free(k->direct_map.slots);
	free(k->warned);
	free(k->plugin_path);
	free(k);
}

struct boot {
	char **error;
	size_t started; /* subsystems whose init was called */
};

/* "name=value" */
static bool parameter_apply(const char *text, char **error)
{
	const char *equals = strchr(text, '=');
	char name[PARAMETER_NAME_MAX];
	int ret;

	if (!equals || (size_t)(equals - text) >= sizeof(name))
		return refuse(error, "parameter \"%s\" is not of the form module.name=value", text);
	memcpy(name, text, (size_t)(equals - text));
	name[equals - text] = '\0';
	ret = parameter_set(name, equals + 1);
	if (ret == -ENOENT)
		return refuse(error, "there is no parameter \"%s\"", name);
	if (ret)
		return refuse(error, "parameter %s cannot be \"%s\"", name, equals + 1);
	return true;
}

static bool parameters_apply(char **error)
{
	const char *const *parameter = kernel_config()->parameters;

	for (; parameter && *parameter; parameter++) {
		if (!parameter_apply(*parameter, error))
			return false;
	}
	return true;
}

/* Its parameters are set before it starts. */
static bool plugin_apply(char **error)
{
	struct kernel *k = kernel_current();
	char *why = NULL;

	if (!k->config.plugin || plugin_load(k, &why))
		return true;
	refuse(error, "%s", why ? why : "the host has no memory for a plug-in");
	free(why);
	return false;
}

static long do_boot(void *arg)
{
	struct boot *boot = arg;

	if (!plugin_apply(boot->error) || !parameters_apply(boot->error))
		return -EINVAL;
	while (boot->started < ARRAY_SIZE(subsystems)) {
		const struct subsystem *subsystem = &subsystems[boot->started++];
		const char *line = kernel_current()->last_error;
		int ret = subsystem->init();

		if (ret) {
			refuse(boot->error, "%s did not start: %s%s%s", subsystem->name,
			       strerror(-ret), *line ? "; " : "", line);
			return ret;
		}
	}
	return 0;
}

static long do_stop(void *arg)
{
	const struct boot *boot = arg;
	size_t i;

	for (i = boot->started; i-- > 0;)
		subsystems[i].exit();
	return 0;
}

static void remember_baseline(struct kernel *k)
{
	k->slab.live_at_boot = k->slab.live;
	k->usage.table_pages_at_boot = k->usage.table_pages;
}

struct kernel *kernel_boot(const struct kernel_config *config, char **error)
{
	struct boot boot = { .error = error };
	struct kernel *k;

	if (error)
		*error = NULL;
	if (!config_valid(config, error))
		return NULL;
	k = kernel_create(config);
	if (!k) {
		refuse(error, "the host has no memory for a kernel");
		return NULL;
	}
	if (kernel_run(k, NULL, do_boot, &boot) == 0) {
		remember_baseline(k);
		return k;
	}
	if (k->oopsed)
		refuse(error, "the kernel oopsed while booting: %s", k->oops);
	/* those that started, and the one that failed, take themselves down */
	kernel_run(k, NULL, do_stop, &boot);
	kernel_destroy(k);
	return NULL;
}

void kernel_shutdown(struct kernel *k)
{
	struct boot boot = { .started = ARRAY_SIZE(subsystems) };
	struct task *task, *next;

	if (!k)
		return;
	/* an oopsed kernel only gives its memory back */
	list_for_each_entry_safe(task, next, &k->tasks, list)
		kernel_task_exit(task);
	kernel_run(k, NULL, do_stop, &boot);
	kernel_destroy(k);
}
