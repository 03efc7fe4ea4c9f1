// SPDX-License-Identifier: Apache-2.0
/*
 * Queued invalidation: submission, waiting for completion, and recovery after what hardware refused
 * or a device did not answer. What descriptors say is descriptor.c's.
 */
#define pr_fmt(fmt) "DMAR: " fmt

#include <linux/errno.h>
#include <linux/printk.h>
#include <linux/string.h>

#include "intel.h"

#define QUEUE_POLLS 500000 /* of the status word: a device TLB may take a while */
#define QUEUE_TRIES 3 /* of a submission that a device did not answer */

enum { STATUS_PENDING = 0, STATUS_DONE = 1 };

/* One page of either descriptor size: QS is 0, for 2^8 small or 2^7 large ones. */
int intel_queue_enable(struct intel_iommu *iommu)
{
	struct intel_queue *queue = &iommu->queue;
	int ret = intel_page_alloc(&queue->ring);

	if (!ret)
		ret = intel_page_alloc(&queue->status);
	if (ret)
		return ret;
	queue->shift = iommu->scalable ? 5 : 4;
	queue->length = VTD_PAGE_SIZE >> queue->shift;
	queue->tail = 0;

	writeq(0, iommu->reg + DMAR_IQT);
	writeq(queue->ring.phys | (iommu->scalable ? IQA_DW : 0), iommu->reg + DMAR_IQA);
	return intel_queue_switch(iommu, true);
}

void intel_queue_disable(struct intel_iommu *iommu)
{
	if (iommu->queue.ring.virt)
		intel_queue_switch(iommu, false);
	intel_page_free(&iommu->queue.ring);
	intel_page_free(&iommu->queue.status);
}

static void queue_put(struct intel_queue *queue, unsigned int index,
		      const struct intel_descriptor *desc)
{
	memcpy((u8 *)queue->ring.virt + (index << queue->shift), desc, 1U << queue->shift);
}

static unsigned int queue_head(const struct intel_iommu *iommu)
{
	return ((u32)readq(iommu->reg + DMAR_IQH) >> iommu->queue.shift) % iommu->queue.length;
}

static struct intel_descriptor queue_wait_descriptor(const struct intel_queue *queue)
{
	return (struct intel_descriptor){
		.q0 = INV_WAIT | INV_WAIT_SW | FIELD_PREP(INV_WAIT_DATA, (u64)STATUS_DONE),
		.q1 = queue->status.phys,
	};
}

/* Hardware stands at what it refused: a wait descriptor takes its place and the queue goes on. */
static int queue_repair(struct intel_iommu *iommu)
{
	struct intel_queue *queue = &iommu->queue;
	struct intel_descriptor wait = queue_wait_descriptor(queue);
	unsigned int head = queue_head(iommu);
	const u64 *refused = queue->ring.virt + (head << queue->shift) / sizeof(u64);

	pr_err("%s: invalidation queue error, reason %u, at descriptor %llx %llx\n", iommu->name,
	       (unsigned int)FIELD_GET(IQERCD_IQEI, readq(iommu->reg + DMAR_IQERCD)), refused[0],
	       refused[1]);
	/* Its status write would end the wait early; the one that was queued last ends it. */
	wait.q0 &= ~INV_WAIT_SW;
	queue_put(queue, head, &wait);
	writel(FSTS_IQE, iommu->reg + DMAR_FSTS);
	return -EINVAL;
}

/* Errors that hardware reports while a submission is under way, cleared. 0 if there are none. */
static int queue_check(struct intel_iommu *iommu)
{
	u32 status = readl(iommu->reg + DMAR_FSTS);
	unsigned int sid;

	if (status & FSTS_IQE)
		return queue_repair(iommu);
	if (status & FSTS_ITE) {
		sid = FIELD_GET(IQERCD_ITESID, readq(iommu->reg + DMAR_IQERCD));
		pr_err("%s: invalidation time-out, device %02x:%02x.%u does not answer\n",
		       iommu->name, sid >> 8, sid >> 3 & 0x1f, sid & 7);
		writel(FSTS_ITE, iommu->reg + DMAR_FSTS);
		return -EAGAIN;
	}
	if (status & FSTS_ICE) {
		pr_err("%s: wrong invalidation completion from device %04x\n", iommu->name,
		       (unsigned int)FIELD_GET(IQERCD_ICESID, readq(iommu->reg + DMAR_IQERCD)));
		writel(FSTS_ICE, iommu->reg + DMAR_FSTS);
	}
	return 0;
}

/* Waits for the status word. A refused descriptor does not end the wait, a silent device does. */
static int queue_wait(struct intel_iommu *iommu)
{
	volatile const u32 *status = (const u32 *)iommu->queue.status.virt;
	unsigned int polls, repairs = 0;

	for (polls = 0; polls < QUEUE_POLLS && repairs <= INTEL_BATCH_MAX; polls++) {
		int ret;

		if (*status == STATUS_DONE)
			return repairs ? -EINVAL : 0;
		ret = queue_check(iommu);
		if (ret == -EAGAIN)
			return ret;
		repairs += ret == -EINVAL;
		cpu_relax();
	}
	pr_err("%s: invalidation queue is stuck at %u\n", iommu->name, queue_head(iommu));
	return -ETIMEDOUT;
}

/* drain: INV_WAIT_PD or 0 */
static int queue_try(struct intel_iommu *iommu, const struct intel_descriptor *descs,
		     unsigned int count, u64 drain)
{
	struct intel_queue *queue = &iommu->queue;
	struct intel_descriptor wait = queue_wait_descriptor(queue);
	unsigned int i;

	wait.q0 |= drain;
	*(volatile u32 *)queue->status.virt = STATUS_PENDING;
	for (i = 0; i < count; i++)
		queue_put(queue, (queue->tail + i) % queue->length, &descs[i]);
	queue_put(queue, (queue->tail + count) % queue->length, &wait);
	queue->tail = (queue->tail + count + 1) % queue->length;
	writeq((u64)queue->tail << queue->shift, iommu->reg + DMAR_IQT);
	return queue_wait(iommu);
}

static int queue_submit(struct intel_iommu *iommu, const struct intel_descriptor *descs,
			unsigned int count, u64 drain)
{
	unsigned int tries;
	int ret = 0;

	mutex_lock(&iommu->lock);
	if (!iommu->queue.ring.virt) {
		ret = intel_register_invalidate(iommu, descs, count);
		mutex_unlock(&iommu->lock);
		return ret;
	}
	for (tries = 0; tries < QUEUE_TRIES; tries++) {
		ret = queue_try(iommu, descs, count, drain);
		if (ret != -EAGAIN)
			break;
	}
	mutex_unlock(&iommu->lock);
	return ret;
}

int intel_queue_submit(struct intel_iommu *iommu, const struct intel_descriptor *descs,
		       unsigned int count)
{
	return queue_submit(iommu, descs, count, 0);
}

int intel_queue_submit_drain(struct intel_iommu *iommu, const struct intel_descriptor *descs,
			     unsigned int count)
{
	return queue_submit(iommu, descs, count, INV_WAIT_PD);
}
