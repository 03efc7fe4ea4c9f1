// SPDX-License-Identifier: Apache-2.0
/* Module parameters: the one table of those that exist, and the values they were given. */
#include "state.h"

#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/slab.h>

enum parameter_kind { PARAMETER_BOOL, PARAMETER_NUMBER };

struct parameter_description {
	const char *name; /* "module.parameter" */
	enum parameter_kind kind;
	unsigned long max;
};

/* clang-format off */
#define PARAMETERS(P)                                                                              \
	/* read-only mappings of nesting domains are refused: Linux' answer to erratum 772415, since 6.7 */ \
	P("intel_iommu.nesting_no_read_only", PARAMETER_BOOL, 1)                                   \
	/* the container accepts groups whose interrupts are not remapped */                       \
	P("vfio_iommu_type1.allow_unsafe_interrupts", PARAMETER_BOOL, 1)                           \
	/* mappings are made of 4-KiB pages only */                                                \
	P("vfio_iommu_type1.disable_hugepages", PARAMETER_BOOL, 1)                                 \
	/* mappings a container may have */                                                        \
	P("vfio_iommu_type1.dma_entry_limit", PARAMETER_NUMBER, U32_MAX)                           \
	/* PASIDs a process may have, read again at each allocation */                             \
	P("vfio_iommu_type1.pasid_quota", PARAMETER_NUMBER, U32_MAX)                               \
	/* Linux' intremap=: interrupts are remapped where all units can */                       \
	P("kernel.intremap", PARAMETER_BOOL, 1)                                                    \
	/* failures on purpose: the one that comes this many allocations from now; 0: none */      \
	P("fault.kmalloc_nth", PARAMETER_NUMBER, ~0UL)                                             \
	P("fault.page_nth", PARAMETER_NUMBER, ~0UL)                                                \
	/* turns of a polling loop, without a write to the hardware, that make an oops */          \
	P("kernel.poll_limit", PARAMETER_NUMBER, ~0UL)                                             \
	/* processor time in one call, ms, that makes an oops in a kernel with a plug-in; 0: any */ \
	P("kernel.watchdog_ms", PARAMETER_NUMBER, U32_MAX / 2)

#define DESCRIPTION(name, kind, max) { name, kind, max },
#define NAME(name, kind, max) name,

static const struct parameter_description descriptions[] = { PARAMETERS(DESCRIPTION) };
/* clang-format on */

static const struct parameter_description *describe(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(descriptions); i++) {
		if (strcmp(descriptions[i].name, name) == 0)
			return &descriptions[i];
	}
	return NULL;
}

static struct parameter *find(const char *name)
{
	struct parameter *parameter;

	list_for_each_entry(parameter, &kernel_current()->parameters, list) {
		if (strcmp(parameter->description->name, name) == 0)
			return parameter;
	}
	return NULL;
}

unsigned long kernel_parameter(const char *name, unsigned long fallback)
{
	const struct parameter *parameter = find(name);

	return parameter ? parameter->value : fallback;
}

static int parse(const struct parameter_description *description, const char *text,
		 unsigned long *value)
{
	bool truth;
	int ret;

	if (description->kind == PARAMETER_BOOL) {
		ret = kstrtobool(text, &truth);
		if (!ret)
			*value = truth;
		return ret;
	}
	if (kstrtoul(text, 0, value) || *value > description->max)
		return -EINVAL;
	return 0;
}

const char *const *kernel_parameters(void)
{
	static const char *const names[] = { PARAMETERS(NAME) NULL };

	return names;
}

int kernel_parameter_check(const char *name, const char *value)
{
	const struct parameter_description *description = describe(name);
	unsigned long parsed;

	return description ? parse(description, value, &parsed) : -ENOENT;
}

/* Failures on purpose are counted down where they happen. */
static void apply(const struct parameter *parameter)
{
	struct fault_state *faults = &kernel_current()->faults;

	if (strcmp(parameter->description->name, "fault.kmalloc_nth") == 0)
		faults->kmalloc_in = parameter->value;
	else if (strcmp(parameter->description->name, "fault.page_nth") == 0)
		faults->page_in = parameter->value;
	else if (strcmp(parameter->description->name, "kernel.watchdog_ms") == 0)
		kernel_current()->trap.watchdog_ms = (unsigned int)parameter->value;
}

int parameter_set(const char *name, const char *value)
{
	const struct parameter_description *description = describe(name);
	struct parameter *parameter;
	unsigned long parsed;
	int ret = plugin_set_parameter(kernel_current(), name, value);

	if (ret != -ENOENT)
		return ret;
	if (!description)
		return -ENOENT;
	ret = parse(description, value, &parsed);
	if (ret)
		return ret;
	parameter = find(name);
	if (!parameter) {
		parameter = slab_zalloc_internal(sizeof(*parameter));
		if (!parameter)
			return -ENOMEM;
		parameter->description = description;
		list_add_tail(&parameter->list, &kernel_current()->parameters);
	}
	parameter->value = parsed;
	apply(parameter);
	return 0;
}

struct setting {
	const char *name;
	const char *value;
};

static long do_set(void *arg)
{
	const struct setting *setting = arg;

	return parameter_set(setting->name, setting->value);
}

int kernel_set_parameter(struct kernel *k, const char *name, const char *value)
{
	struct setting setting = { .name = name, .value = value };

	return (int)kernel_run(k, NULL, do_set, &setting);
}
