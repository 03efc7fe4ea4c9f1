// SPDX-License-Identifier: Apache-2.0
/*
 * Loads a plug-in: a kernel tree's own type1. Each kernel has a copy of its own, so that statics of the tree's
 * code are those of one kernel: the file is copied to memory and loaded from there. What the plug-in then does as
 * VFIO's backend is left to vfio/, its faults to trap.c.
 */
#include "state.h"

#include "../plugin/plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/moduleparam.h>
#include <linux/version.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define TREE_PREFIX "tree:"
#define MODULE_PREFIX "vfio_iommu_type1."
#define MEMORY_PATH_MAX 32 /* "/proc/self/fd/N" */

const char *kernel_plugin_abi(void)
{
	return KERNEL_PLUGIN_ABI;
}

bool plugin_variant(const char *variant)
{
	return variant && !strncmp(variant, TREE_PREFIX, strlen(TREE_PREFIX)) &&
	       variant[strlen(TREE_PREFIX)];
}

/* The program's own variant that the rest of the kernel is like. */
static const char *behaviour_of(const struct kernel_plugin *it)
{
	if (it->series)
		return it->series;
	return it->version_code < KERNEL_VERSION(5, 8, 0) ? "upstream" : "mainline";
}

const char *kernel_behaviour_of(const struct kernel *k)
{
	return k->plugin.it ? behaviour_of(k->plugin.it) : k->config.variant;
}

const char *kernel_behaviour(void)
{
	return kernel_behaviour_of(kernel_current());
}

const struct kernel_plugin *kernel_plugin(void)
{
	return kernel_current()->plugin.it;
}

/* ---- loading ---- */

/* A file's bytes in memory that only the descriptor names; -1 with errno. */
static int copy_to_memory(const char *path)
{
	int from = open(path, O_RDONLY | O_CLOEXEC);
	int to = -1;
	struct stat status;
	ssize_t done = 1;

	if (from < 0)
		return -1;
	if (!fstat(from, &status))
		to = memfd_create("vtdsim-plugin", MFD_CLOEXEC);
	while (to >= 0 && status.st_size > 0 && done > 0) {
		done = sendfile(to, from, NULL, (size_t)status.st_size);
		status.st_size -= done > 0 ? done : 0;
	}
	close(from);
	if (to >= 0 && done < 0) {
		close(to);
		to = -1;
	}
	return to;
}

static int note_bounds(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct plugin *plugin = arg;
	size_t i;

	(void)size;
	if (info->dlpi_addr != plugin->base)
		return 0;
	plugin->start = ~0UL;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
		unsigned long at = plugin->base + segment->p_vaddr;

		if (segment->p_type != PT_LOAD || !(segment->p_flags & PF_X))
			continue;
		plugin->start = min(plugin->start, at);
		plugin->end = max(plugin->end, at + segment->p_memsz);
	}
	return 1;
}

static void find_text(struct plugin *plugin)
{
	struct link_map *map;

	if (dlinfo(plugin->handle, RTLD_DI_LINKMAP, &map))
		return;
	plugin->base = map->l_addr;
	dl_iterate_phdr(note_bounds, plugin);
}

/* The loader's sentence about a copy in memory, told of the file. */
static char *load_error(const char *path, const char *copy)
{
	const char *text = dlerror();
	char *error;

	if (text && !strncmp(text, copy, strlen(copy)))
		text += strlen(copy) + 2;
	if (asprintf(&error, "%s cannot be loaded: %s", path, text ? text : "no reason given") < 0)
		return NULL;
	return error;
}

/* Of a plug-in of another ABI only that may be read. False with a sentence. */
static bool fits(const struct kernel_plugin *it, const char *path, char **error)
{
	int len;

	if (!it)
		len = asprintf(error, "%s is no plug-in of vtdsim", path);
	else if (strcmp(it->abi, KERNEL_PLUGIN_ABI) != 0)
		len = asprintf(error, "%s was built for another vtdsim (%s; this is %s)", path,
			       it->abi, KERNEL_PLUGIN_ABI);
	else
		return true;
	if (len < 0)
		*error = NULL;
	return false;
}

/* What was loaded is in *plugin, and to be dropped, also after a failure. */
static bool load(struct plugin *plugin, const char *path, char **error)
{
	char copy[MEMORY_PATH_MAX];
	const struct kernel_plugin *it;

	*plugin = (struct plugin){ .fd = copy_to_memory(path) };
	if (plugin->fd < 0) {
		if (asprintf(error, "%s: %s", path, strerror(errno)) < 0)
			*error = NULL;
		return false;
	}
	/* open until the end: the loader knows objects by their names */
	snprintf(copy, sizeof(copy), "/proc/self/fd/%d", plugin->fd);
	plugin->handle = dlopen(copy, RTLD_NOW | RTLD_LOCAL);
	if (!plugin->handle) {
		*error = load_error(path, copy);
		return false;
	}
	it = dlsym(plugin->handle, KERNEL_PLUGIN_SYMBOL);
	if (!fits(it, path, error))
		return false;
	plugin->it = it;
	find_text(plugin);
	return true;
}

static void drop(struct plugin *plugin)
{
	if (plugin->handle)
		dlclose(plugin->handle);
	if (plugin->fd >= 0)
		close(plugin->fd);
	*plugin = (struct plugin){ .fd = -1 };
}

bool plugin_load(struct kernel *k, char **error)
{
	return load(&k->plugin, k->config.plugin, error);
}

void plugin_unload(struct kernel *k)
{
	drop(&k->plugin);
}

/* ---- parameters ---- */

static const struct kernel_module_param *find_parameter(const struct kernel *k, const char *name)
{
	const struct kernel_plugin *it = k->plugin.it;
	unsigned long i;

	if (!it || strncmp(name, MODULE_PREFIX, strlen(MODULE_PREFIX)) != 0)
		return NULL;
	for (i = 0; i < it->parameter_count; i++) {
		if (!strcmp(it->parameters[i]->name, name + strlen(MODULE_PREFIX)))
			return it->parameters[i];
	}
	return NULL;
}

bool kernel_parameter_of_type1(const char *name)
{
	return !strncmp(name, MODULE_PREFIX, strlen(MODULE_PREFIX)) && name[strlen(MODULE_PREFIX)];
}

int plugin_set_parameter(struct kernel *k, const char *name, const char *value)
{
	const struct kernel_module_param *parameter = find_parameter(k, name);

	if (!parameter)
		return -ENOENT;
	switch (parameter->type) {
	case KERNEL_MODULE_PARAM_bool:
		return kstrtobool(value, parameter->value);
	case KERNEL_MODULE_PARAM_int:
		return kstrtoint(value, 0, parameter->value);
	case KERNEL_MODULE_PARAM_uint:
		return kstrtouint(value, 0, parameter->value);
	case KERNEL_MODULE_PARAM_ulong:
		return kstrtoul(value, 0, parameter->value);
	}
	return -EINVAL;
}

char **kernel_plugin_parameters(const char *path, char **error)
{
	struct plugin plugin;
	char **names = NULL;
	unsigned long i;

	*error = NULL;
	if (load(&plugin, path, error))
		names = calloc(plugin.it->parameter_count + 1, sizeof(*names));
	for (i = 0; names && i < plugin.it->parameter_count; i++)
		if (asprintf(&names[i], MODULE_PREFIX "%s", plugin.it->parameters[i]->name) < 0)
			names[i] = NULL;
	drop(&plugin);
	return names;
}
