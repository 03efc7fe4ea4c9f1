// SPDX-License-Identifier: Apache-2.0
/*
 * Message-signalled interrupts: vectors, and when their handlers run. A message that arrives while the
 * kernel is in a spinlock, or in a handler, waits until it may be handled.
 */
#include "state.h"

#include <linux/bitmap.h>
#include <linux/interrupt.h>
#include <linux/irqdomain.h>
#include <linux/kernel.h>

#define FIRST_VECTOR 32u
#define MESSAGE_BASE 0xfee00000ULL
#define MESSAGE_MASK 0xfff00000ULL

int kernel_irq_alloc(void (*handler)(void *arg), void *arg)
{
	struct irq_state *irq = &kernel_current()->irq;
	unsigned int vector = FIRST_VECTOR;

	while (vector < KERNEL_VECTORS && irq->vectors[vector].handler)
		vector++;
	if (vector == KERNEL_VECTORS)
		return -ENOSPC;
	irq->vectors[vector].handler = handler;
	irq->vectors[vector].arg = arg;
	return (int)vector;
}

void kernel_irq_free(int vector)
{
	struct irq_state *irq = &kernel_current()->irq;

	if (vector < 0 || vector >= KERNEL_VECTORS)
		return;
	irq->vectors[vector].handler = NULL;
	clear_bit((unsigned long)vector, irq->pending);
}

bool in_interrupt(void)
{
	return kernel_current()->irq.running;
}

static void handle(struct irq_state *irq, unsigned long vector)
{
	clear_bit(vector, irq->pending);
	if (!irq->vectors[vector].handler) {
		pr_warn("interrupt at vector %lu, which nobody uses\n", vector);
		return;
	}
	irq->running = true;
	irq->vectors[vector].handler(irq->vectors[vector].arg);
	irq->running = false;
}

bool irq_deliver_pending(void)
{
	struct kernel *k = kernel_current();
	struct irq_state *irq = &k->irq;
	unsigned long vector;

	if (!irq->any_pending || irq->running || k->spinlocks)
		return false;
	while ((vector = find_first_bit(irq->pending, KERNEL_VECTORS)) < KERNEL_VECTORS)
		handle(irq, vector);
	irq->any_pending = false;
	return true;
}

static long do_deliver(void *arg)
{
	(void)arg;
	irq_deliver_pending();
	return 0;
}

void kernel_interrupt(struct kernel *k, u64 address, u32 data)
{
	if (k->oopsed || (address & ~0ULL << 32) || (address & MESSAGE_MASK) != MESSAGE_BASE)
		return;
	set_bit(data % KERNEL_VECTORS, k->irq.pending);
	k->irq.any_pending = true;
	/* hardware may send it while the kernel waits for that hardware */
	if (!k->entered)
		kernel_run(k, NULL, do_deliver, NULL);
}

bool irq_domain_check_msi_remap(void)
{
	const struct kernel_config *config = kernel_config();
	size_t i;

	for (i = 0; i < config->iommu_count; i++) {
		if (config->iommus[i].kind == KERNEL_IOMMU_ARM_SMMU_V3)
			return true;
	}
	return false;
}
