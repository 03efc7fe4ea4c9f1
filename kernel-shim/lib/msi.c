// SPDX-License-Identifier: Apache-2.0
/*
 * Interrupts of devices: a vector, and the message that a device is to write for it. Where an IOMMU remaps
 * interrupts, its driver says what that message is.
 */
#include "state.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>

#define MESSAGE_BASE 0xfee00000ULL
#define DESTINATION_SHIFT 12
#define DESTINATION_MAX 0xffu /* xAPIC */

/** An interrupt of a device. */
struct msi {
	struct list_head list; /* kernel.msis */
	struct pci_dev *pdev;
	int vector;
	u32 destination;
	struct irq_message message;
	u64 handled;
};

void kernel_irq_remapping_set(const struct irq_remapping *remapping)
{
	kernel_current()->irq.remapping = remapping;
}

static void count(void *arg)
{
	struct msi *msi = arg;

	msi->handled++;
}

static struct pci_dev *pci_dev_named(const char *name)
{
	struct pci_dev *pdev;

	for_each_pci_dev(pdev)
	{
		if (strcmp(pci_name(pdev), name) == 0)
			return pdev;
	}
	return NULL;
}

static struct msi *msi_at(unsigned int vector)
{
	struct msi *msi;

	list_for_each_entry(msi, &kernel_current()->irq.msis, list) {
		if ((unsigned int)msi->vector == vector)
			return msi;
	}
	return NULL;
}

/* Without remapping, the message itself says where it goes. */
static void address_directly(struct msi *msi)
{
	msi->message = (struct irq_message){
		.address = MESSAGE_BASE | msi->destination << DESTINATION_SHIFT,
		.data = (u32)msi->vector,
		.index = -1,
	};
}

static int compose(struct msi *msi)
{
	const struct irq_remapping *remapping = kernel_current()->irq.remapping;
	const struct irq_target target = { (unsigned int)msi->vector, msi->destination };
	int ret = -ENODEV;

	if (remapping)
		ret = remapping->map(&msi->pdev->dev, &target, &msi->message);
	if (ret != -ENODEV)
		return ret;
	address_directly(msi);
	return 0;
}

static void tell(const struct msi *msi, struct kernel_msi *out)
{
	*out = (struct kernel_msi){
		.device = pci_name(msi->pdev),
		.address = msi->message.address,
		.data = msi->message.data,
		.vector = (unsigned int)msi->vector,
		.destination = msi->destination,
		.index = msi->message.index,
		.handled = msi->handled,
	};
}

/* What a call from outside is about. */
struct msi_call {
	const char *device;
	unsigned int vector;
	u32 destination;
	struct kernel_msi *out;
};

static long do_alloc(void *arg)
{
	const struct msi_call *call = arg;
	struct pci_dev *pdev = pci_dev_named(call->device);
	struct msi *msi;
	int ret;

	if (!pdev)
		return -ENODEV;
	msi = slab_zalloc_internal(sizeof(*msi));
	if (!msi)
		return -ENOMEM;
	msi->pdev = pdev;
	msi->destination = call->destination;
	msi->vector = kernel_irq_alloc(count, msi);
	ret = msi->vector < 0 ? msi->vector : compose(msi);
	if (ret) {
		kernel_irq_free(msi->vector);
		kfree(msi);
		return ret;
	}
	list_add_tail(&msi->list, &kernel_current()->irq.msis);
	tell(msi, call->out);
	return 0;
}

static void msi_free(struct msi *msi)
{
	if (msi->message.index >= 0)
		kernel_current()->irq.remapping->unmap(&msi->pdev->dev, msi->message.index);
	kernel_irq_free(msi->vector);
	list_del(&msi->list);
	kfree(msi);
}

static long do_free(void *arg)
{
	const struct msi_call *call = arg;
	struct msi *msi = msi_at(call->vector);

	if (!msi)
		return -ENOENT;
	msi_free(msi);
	return 0;
}

static long do_move(void *arg)
{
	const struct msi_call *call = arg;
	const struct irq_target target = { call->vector, call->destination };
	struct msi *msi = msi_at(call->vector);
	int ret = 0;

	if (!msi)
		return -ENOENT;
	msi->destination = call->destination;
	if (msi->message.index < 0)
		address_directly(msi);
	else
		ret = kernel_current()->irq.remapping->retarget(&msi->pdev->dev, msi->message.index,
								&target);
	tell(msi, call->out);
	return ret;
}

static long do_query(void *arg)
{
	const struct msi_call *call = arg;
	const struct msi *msi = msi_at(call->vector);

	if (!msi)
		return -ENOENT;
	tell(msi, call->out);
	return 0;
}

void msi_exit(void)
{
	struct msi *msi, *next;

	list_for_each_entry_safe(msi, next, &kernel_current()->irq.msis, list)
		msi_free(msi);
}

int kernel_msi_alloc(struct kernel *k, const char *device, u32 destination, struct kernel_msi *out)
{
	struct msi_call call = { .device = device, .destination = destination, .out = out };

	if (destination > DESTINATION_MAX)
		return -EINVAL;
	return (int)kernel_run(k, NULL, do_alloc, &call);
}

int kernel_msi_free(struct kernel *k, unsigned int vector)
{
	struct msi_call call = { .vector = vector };

	return (int)kernel_run(k, NULL, do_free, &call);
}

int kernel_msi_move(struct kernel *k, unsigned int vector, u32 destination, struct kernel_msi *out)
{
	struct msi_call call = { .vector = vector, .destination = destination, .out = out };

	if (destination > DESTINATION_MAX)
		return -EINVAL;
	return (int)kernel_run(k, NULL, do_move, &call);
}

int kernel_msi_query(struct kernel *k, unsigned int vector, struct kernel_msi *out)
{
	struct msi_call call = { .vector = vector, .out = out };

	return (int)kernel_run(k, NULL, do_query, &call);
}
