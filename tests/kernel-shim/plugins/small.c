// SPDX-License-Identifier: Apache-2.0
/* A backend that does what it is told, and every misdeed of a kernel: compiled as a plug-in by plugin_test.c. */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vfio.h>
#include <stdlib.h>

#include "misdeeds.h"
#include "vfio.h"

static bool flag;
module_param(flag, bool, 0644);
static int level = -1;
module_param(level, int, 0644);
static unsigned int limit = 65535;
module_param_named(dma_entry_limit, limit, uint, 0644);
MODULE_PARM_DESC(dma_entry_limit, "Mappings a container may have.");
static unsigned long big;
module_param(big, ulong, 0644);

static unsigned int calls, closed;
static DEFINE_MUTEX(lock);

struct small {
	unsigned int groups;
};

static void *small_open(unsigned long type)
{
	struct small *small;

	if (type != VFIO_TYPE1v2_IOMMU && type != SMALL_RESERVED_TYPE)
		return ERR_PTR(-ESRCH);
	small = kzalloc(sizeof(*small), GFP_KERNEL);
	return small ? small : ERR_PTR(-ENOMEM);
}

static void small_release(void *iommu_data)
{
	kfree(iommu_data);
}

#ifdef OPS_WITHOUT_TYPE
static int small_attach_group(void *iommu_data, struct iommu_group *group)
#else
static int small_attach_group(void *iommu_data, struct iommu_group *group,
			      enum vfio_group_type type)
#endif
{
	((struct small *)iommu_data)->groups++;
#ifndef OPS_WITHOUT_TYPE
	if (type != VFIO_IOMMU)
		return -EINVAL;
#endif
	return iommu_group_id(group) < 0 ? -EINVAL : 0;
}

static void small_detach_group(void *iommu_data, struct iommu_group *group)
{
	((struct small *)iommu_data)->groups--;
}

static void small_notify(void *iommu_data, enum vfio_iommu_notify_type event)
{
	closed += event == VFIO_IOMMU_CONTAINER_CLOSE;
}

static noinline int touch(int *where)
{
	return *(volatile int *)where;
}

static noinline int recurse(volatile int *depth)
{
	volatile int here[64] = { *depth + 1 };

	return recurse(here) + here[0];
}

static noinline int divide(volatile int by)
{
	return 1000 / by;
}

static noinline void deadlock(void)
{
	mutex_lock(&lock);
	mutex_lock(&lock);
}

static noinline long misbehave(unsigned int cmd)
{
	int (*volatile nowhere)(void) = NULL;
	const char *volatile nothing = NULL;
	volatile int zero = 0;

	switch (cmd) {
	case MISDEED_NULL:
		return touch(NULL) + zero;
	case MISDEED_BAD_POINTER:
		return touch((int *)0x123456789000UL) + zero;
	case MISDEED_CALL_NULL:
		return nowhere() + zero;
	case MISDEED_NULL_IN_CALLEE:
		return (long)strlen(nothing) + zero;
	case MISDEED_DIVIDE:
		return divide(zero) + zero;
	case MISDEED_ILLEGAL:
		__builtin_trap();
	case MISDEED_ABORT:
		abort();
	case MISDEED_BUG:
		BUG_ON(cmd);
		return zero;
	case MISDEED_DEADLOCK:
		deadlock();
		return zero;
	case MISDEED_LOOP:
		while (!zero)
			;
		return zero;
	case MISDEED_LOOP_IN_SHIM:
		while (!zero)
			kfree(kmalloc(64, GFP_KERNEL));
		return zero;
	case MISDEED_RECURSE:
		return recurse(&zero) + zero;
	}
	return -ENOTTY;
}

static long small_parameter(unsigned long which)
{
	switch (which) {
	case 0:
		return flag;
	case 1:
		return level;
	case 2:
		return limit;
	default:
		return (long)big;
	}
}

static long small_ioctl(void *iommu_data, unsigned int cmd, unsigned long arg)
{
	struct small *small = iommu_data;
	void *object;

	switch (cmd) {
	case VFIO_CHECK_EXTENSION:
		return arg == VFIO_TYPE1v2_IOMMU;
	case SMALL_COUNT:
		return ++calls;
	case SMALL_GROUPS:
		return small->groups;
	case SMALL_CLOSED:
		return closed;
	case SMALL_PARAMETER:
		return small_parameter(arg);
	case SMALL_ALLOCATE:
		object = kmalloc(16, GFP_KERNEL);
		kfree(object);
		return object ? 0 : -ENOMEM;
	}
	return misbehave(cmd);
}

static const struct vfio_iommu_driver_ops small_ops = {
	.name = "small",
	.owner = THIS_MODULE,
	.open = small_open,
	.release = small_release,
	.ioctl = small_ioctl,
	.attach_group = small_attach_group,
	.detach_group = small_detach_group,
	.notify = small_notify,
};

static int __init small_init(void)
{
#if defined(INIT_FAILS)
	return -EPERM;
#elif defined(REGISTERS_NOTHING)
	return 0;
#elif defined(INIT_OOPSES)
	return touch(NULL);
#else
	return vfio_register_iommu_driver(&small_ops);
#endif
}

static void __exit small_exit(void)
{
	vfio_unregister_iommu_driver(&small_ops);
}

module_init(small_init);
module_exit(small_exit);
MODULE_LICENSE("Dual");
