// SPDX-License-Identifier: Apache-2.0
/*
 * SMMUv3 driver, queues: commands and waiting for them, event records in words, global errors.
 */
#define pr_fmt(fmt) "arm-smmu-v3: " fmt

#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/printk.h>

#include "arm-smmu-v3.h"

/* Looks at a register that often before the hardware counts as dead. */
#define POLL_LIMIT 100000u

int arm_smmu_queue_alloc(struct arm_smmu_queue *q, unsigned int dwords, unsigned int address_bits)
{
	q->base = arm_pgtable_page_alloc(address_bits);
	q->dwords = dwords;
	return q->base ? 0 : -ENOMEM;
}

void arm_smmu_queue_free(struct arm_smmu_queue *q)
{
	if (q->base)
		arm_pgtable_page_free(q->base);
	q->base = NULL;
}

static u64 *queue_entry(const struct arm_smmu_queue *q, u32 position)
{
	return q->base + (size_t)(position & ((1u << q->log2size) - 1)) * q->dwords;
}

static u32 queue_next(const struct arm_smmu_queue *q, u32 position)
{
	return (position + 1) & ((2u << q->log2size) - 1);
}

/* The index and wrap bit of what a PROD or CONS register says. */
static u32 queue_position(const struct arm_smmu_queue *q, u32 value)
{
	return value & ((2u << q->log2size) - 1);
}

static bool queue_full(const struct arm_smmu_queue *q)
{
	return (q->prod ^ q->cons) == 1u << q->log2size;
}

/* ---- commands ---- */

/*
 * A command queue that met an error stands still until the error is acknowledged. An illegal
 * command is replaced by a harmless one and passed over; a queue that cannot be read gets nowhere. A
 * sync behind an invalidation that a device did not answer is tried again, and the device's TLB is
 * whatever it is.
 */
static int cmdq_handle_error(struct arm_smmu_device *smmu)
{
	u32 gerror = readl(smmu->base + ARM_SMMU_GERROR);
	u32 gerrorn = readl(smmu->base + ARM_SMMU_GERRORN);
	unsigned int error;
	u64 *cmd;
	u32 cons;

	if (!((gerror ^ gerrorn) & GERROR_CMDQ_ERR))
		return 0;
	/* 7.1: what the error is, and where, is there before GERROR tells of it, not before that */
	cons = readl(smmu->base + ARM_SMMU_CMDQ_CONS);
	error = FIELD_GET(CMDQ_CONS_ERR, cons);
	cmd = queue_entry(&smmu->cmdq, cons);
	if (error == CERROR_ABT) {
		pr_err("%s: command queue cannot be read\n", smmu->firmware->name);
		return -EIO;
	}
	if (error == CERROR_ATC_INV) {
		pr_err("%s: ATC invalidation timeout\n", smmu->firmware->name);
		writel(gerrorn ^ GERROR_CMDQ_ERR, smmu->base + ARM_SMMU_GERRORN);
		return 0;
	}
	pr_err("%s: illegal command 0x%016llx 0x%016llx skipped\n", smmu->firmware->name, cmd[0],
	       cmd[1]);
	cmd[0] = FIELD_PREP(CMD_0_OPCODE, CMD_SYNC);
	cmd[1] = 0;
	writel(gerrorn ^ GERROR_CMDQ_ERR, smmu->base + ARM_SMMU_GERRORN);
	return 0;
}

/* Waits until the SMMU has consumed all commands, or at least one if room is all that is wanted. */
static int cmdq_wait(struct arm_smmu_device *smmu, bool room)
{
	struct arm_smmu_queue *q = &smmu->cmdq;
	unsigned int looks;
	int ret;

	writel(q->prod, smmu->base + ARM_SMMU_CMDQ_PROD);
	for (looks = 0; looks < POLL_LIMIT; looks++) {
		u32 cons = readl(smmu->base + ARM_SMMU_CMDQ_CONS);

		q->cons = queue_position(q, cons);
		if (q->cons == q->prod || (room && !queue_full(q)))
			return 0;
		ret = cmdq_handle_error(smmu);
		if (ret)
			return ret;
		cpu_relax();
	}
	pr_err("%s: CMD_SYNC timeout\n", smmu->firmware->name);
	return -ETIMEDOUT;
}

void arm_smmu_cmdq_add(struct arm_smmu_device *smmu, u64 dword0, u64 dword1)
{
	struct arm_smmu_queue *q = &smmu->cmdq;
	u64 *entry;

	/* A queue that stays full has been reported; its sync reports it again. */
	if (queue_full(q) && cmdq_wait(smmu, true))
		return;
	entry = queue_entry(q, q->prod);
	entry[0] = dword0;
	entry[1] = dword1;
	q->prod = queue_next(q, q->prod);
}

int arm_smmu_cmdq_sync(struct arm_smmu_device *smmu)
{
	arm_smmu_cmdq_add(smmu, FIELD_PREP(CMD_0_OPCODE, CMD_SYNC), 0);
	return cmdq_wait(smmu, false);
}

/* ---- events ---- */

/* What a record tells beside stream and substream. */
enum event_detail {
	EVENT_TELLS_STREAM,
	EVENT_TELLS_ADDRESS, /* the input address */
	EVENT_TELLS_ACCESS, /* that, whether it was a read, and the stage */
};

static const struct {
	const char *name;
	unsigned int id;
	enum event_detail detail;
} events[] = {
	{ "unsupported upstream transaction", 0x01, EVENT_TELLS_ACCESS },
	{ "bad StreamID", 0x02, EVENT_TELLS_STREAM },
	{ "stream table entry fetch aborted", 0x03, EVENT_TELLS_STREAM },
	{ "bad stream table entry", 0x04, EVENT_TELLS_STREAM },
	{ "bad ATS translation request", 0x05, EVENT_TELLS_ADDRESS },
	{ "stream disabled", 0x06, EVENT_TELLS_STREAM },
	{ "ATS translated transaction forbidden", 0x07, EVENT_TELLS_ADDRESS },
	{ "bad SubstreamID", 0x08, EVENT_TELLS_STREAM },
	{ "context descriptor fetch aborted", 0x09, EVENT_TELLS_STREAM },
	{ "bad context descriptor", 0x0a, EVENT_TELLS_STREAM },
	{ "table walk aborted", 0x0b, EVENT_TELLS_ACCESS },
	{ "translation fault", 0x10, EVENT_TELLS_ACCESS },
	{ "address size fault", 0x11, EVENT_TELLS_ACCESS },
	{ "access flag fault", 0x12, EVENT_TELLS_ACCESS },
	{ "permission fault", 0x13, EVENT_TELLS_ACCESS },
};

static void evtq_report(struct arm_smmu_device *smmu, const u64 *event)
{
	unsigned int id = FIELD_GET(EVENT_0_ID, event[0]);
	const char *name = "unknown event";
	char where[96] = "", substream[32] = "";
	size_t i;

	/* C_BAD_SUBSTREAMID has no SSV: there is always a substream */
	if (event[0] & EVENT_0_SSV || id == EVENT_C_BAD_SUBSTREAMID)
		scnprintf(substream, sizeof(substream), " substream 0x%llx",
			  FIELD_GET(EVENT_0_SSID, event[0]));
	for (i = 0; i < ARRAY_SIZE(events); i++) {
		if (events[i].id != id)
			continue;
		name = events[i].name;
		if (events[i].detail == EVENT_TELLS_ADDRESS)
			scnprintf(where, sizeof(where), " address 0x%llx", event[2]);
		if (events[i].detail == EVENT_TELLS_ACCESS)
			scnprintf(where, sizeof(where), " %s 0x%llx stage %d",
				  event[1] & EVENT_1_RnW ? "reading" : "writing", event[2],
				  event[1] & EVENT_1_S2 ? 2 : 1);
	}
	pr_err("%s: event 0x%02x: %s, stream 0x%llx%s%s\n", smmu->firmware->name, id, name,
	       FIELD_GET(EVENT_0_SID, event[0]), substream, where);
}

void arm_smmu_evtq_handler(void *arg)
{
	struct arm_smmu_device *smmu = arg;
	struct arm_smmu_queue *q = &smmu->evtq;
	u32 prod = readl(smmu->base + ARM_SMMU_EVENTQ_PROD);
	u32 cons = readl(smmu->base + ARM_SMMU_EVENTQ_CONS);

	while (queue_position(q, prod) != q->cons) {
		evtq_report(smmu, queue_entry(q, q->cons));
		q->cons = queue_next(q, q->cons);
	}
	if ((prod ^ cons) & EVENTQ_OVFLG)
		pr_err("%s: event queue overflow, events lost\n", smmu->firmware->name);
	writel(q->cons | (prod & EVENTQ_OVFLG), smmu->base + ARM_SMMU_EVENTQ_CONS);
}

void arm_smmu_gerror_handler(void *arg)
{
	struct arm_smmu_device *smmu = arg;
	u32 gerrorn = readl(smmu->base + ARM_SMMU_GERRORN);
	u32 active = readl(smmu->base + ARM_SMMU_GERROR) ^ gerrorn;

	if (active & GERROR_EVENTQ_ABT_ERR)
		pr_err("%s: event queue cannot be written, events lost\n", smmu->firmware->name);
	/* Who waits for commands deals with their errors, and acknowledges them. */
	active &= ~GERROR_CMDQ_ERR;
	if (active)
		writel(gerrorn ^ active, smmu->base + ARM_SMMU_GERRORN);
}
