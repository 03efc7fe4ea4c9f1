// SPDX-License-Identifier: Apache-2.0
/*
 * SMMUv3 driver, the unit: what it can do, its memory, enabling and disabling.
 */
#define pr_fmt(fmt) "arm-smmu-v3: " fmt

#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "arm-smmu-v3.h"

#define ACK_POLL_LIMIT 100000u
#define MSI_ADDRESS 0xfee00000ULL
#define QUEUE_LOG2_MAX(dwords) (PAGE_SHIFT - 3 - ((dwords) == CMD_DWORDS ? 1 : 2))

/* Output address sizes of IDR5.OAS; 52 bits need a larger granule than 4 KiB. */
static const u8 oas_bits[] = { 32, 36, 40, 42, 44, 48, 48 };

static int arm_smmu_write_acked(struct arm_smmu_device *smmu, u32 value, unsigned int reg,
				unsigned int ack)
{
	unsigned int looks;

	writel(value, smmu->base + reg);
	for (looks = 0; looks < ACK_POLL_LIMIT; looks++) {
		if (readl(smmu->base + ack) == value)
			return 0;
		cpu_relax();
	}
	pr_err("%s: register 0x%x does not take 0x%x\n", smmu->firmware->name, reg, value);
	return -ETIMEDOUT;
}

static int arm_smmu_read_features(struct arm_smmu_device *smmu)
{
	u32 idr0 = readl(smmu->base + ARM_SMMU_IDR0);
	u32 idr1 = readl(smmu->base + ARM_SMMU_IDR1);
	u32 idr5 = readl(smmu->base + ARM_SMMU_IDR5);

	if (!(idr0 & IDR0_TTF_AARCH64) || !(idr5 & IDR5_GRAN4K) ||
	    FIELD_GET(IDR5_OAS, idr5) >= ARRAY_SIZE(oas_bits) ||
	    FIELD_GET(IDR0_STALL_MODEL, idr0) >= STALL_MODEL_FORCE ||
	    idr1 & (IDR1_TABLES_PRESET | IDR1_QUEUES_PRESET)) {
		pr_err("%s: no AArch64 tables of 4 KiB, preset tables, or forced stalls\n",
		       smmu->firmware->name);
		return -ENXIO;
	}
	smmu->stage1 = idr0 & IDR0_S1P;
	smmu->stage2 = idr0 & IDR0_S2P;
	if (!smmu->stage1 && !smmu->stage2) {
		pr_err("%s: no translation support\n", smmu->firmware->name);
		return -ENXIO;
	}
	smmu->coherent = idr0 & IDR0_COHACC;
	smmu->can_stall = FIELD_GET(IDR0_STALL_MODEL, idr0) == STALL_MODEL_STALL;
	smmu->msi = idr0 & IDR0_MSI;
	smmu->ats = idr0 & IDR0_ATS;
	smmu->two_level_cd = idr0 & IDR0_CD2L;
	smmu->two_levels = FIELD_GET(IDR0_ST_LEVEL, idr0);
	smmu->asid_bits = idr0 & IDR0_ASID16 ? 16 : 8;
	smmu->vmid_bits = idr0 & IDR0_VMID16 ? 16 : 8;
	smmu->sid_bits = FIELD_GET(IDR1_SIDSIZE, idr1);
	smmu->ssid_bits = FIELD_GET(IDR1_SSIDSIZE, idr1);
	smmu->address_bits = oas_bits[FIELD_GET(IDR5_OAS, idr5)];
	smmu->cmdq.log2size =
		min_t(unsigned int, FIELD_GET(IDR1_CMDQS, idr1), QUEUE_LOG2_MAX(CMD_DWORDS));
	smmu->evtq.log2size =
		min_t(unsigned int, FIELD_GET(IDR1_EVENTQS, idr1), QUEUE_LOG2_MAX(EVENT_DWORDS));
	return 0;
}

static int arm_smmu_alloc_memory(struct arm_smmu_device *smmu, size_t index)
{
	int ret;

	smmu->asids = bitmap_zalloc(1u << smmu->asid_bits, GFP_KERNEL);
	smmu->vmids = bitmap_zalloc(1u << smmu->vmid_bits, GFP_KERNEL);
	if (!smmu->asids || !smmu->vmids)
		return -ENOMEM;
	/* 0 marks what a bypassing domain has. */
	set_bit(0, smmu->asids);
	set_bit(0, smmu->vmids);
	ret = arm_smmu_queue_alloc(&smmu->cmdq, CMD_DWORDS, smmu->address_bits);
	if (!ret)
		ret = arm_smmu_queue_alloc(&smmu->evtq, EVENT_DWORDS, smmu->address_bits);
	if (!ret)
		ret = arm_smmu_strtab_alloc(smmu, index);
	return ret;
}

static u64 arm_smmu_queue_base(const struct arm_smmu_queue *q)
{
	return (virt_to_phys(q->base) & QUEUE_BASE_ADDR) | QUEUE_BASE_HINT |
	       FIELD_PREP(QUEUE_BASE_LOG2SIZE, q->log2size);
}

static void arm_smmu_write_bases(struct arm_smmu_device *smmu)
{
	writel(FIELD_PREP(CR1_TABLE_SH, WALK_INNER_SH) | FIELD_PREP(CR1_TABLE_OC, CR1_CACHE_WB) |
		       FIELD_PREP(CR1_TABLE_IC, CR1_CACHE_WB) |
		       FIELD_PREP(CR1_QUEUE_SH, WALK_INNER_SH) |
		       FIELD_PREP(CR1_QUEUE_OC, CR1_CACHE_WB) |
		       FIELD_PREP(CR1_QUEUE_IC, CR1_CACHE_WB),
	       smmu->base + ARM_SMMU_CR1);
	writel(CR2_PTM | CR2_RECINVSID, smmu->base + ARM_SMMU_CR2);
	writeq(arm_smmu_strtab_base(smmu), smmu->base + ARM_SMMU_STRTAB_BASE);
	writel(arm_smmu_strtab_base_cfg(smmu), smmu->base + ARM_SMMU_STRTAB_BASE_CFG);
	writeq(arm_smmu_queue_base(&smmu->cmdq), smmu->base + ARM_SMMU_CMDQ_BASE);
	writel(0, smmu->base + ARM_SMMU_CMDQ_PROD);
	writel(0, smmu->base + ARM_SMMU_CMDQ_CONS);
	writeq(arm_smmu_queue_base(&smmu->evtq), smmu->base + ARM_SMMU_EVENTQ_BASE);
	writel(0, smmu->base + ARM_SMMU_EVENTQ_PROD);
	writel(0, smmu->base + ARM_SMMU_EVENTQ_CONS);
}

/* Everything that the SMMU may have cached before it was ours. */
static int arm_smmu_flush_all(struct arm_smmu_device *smmu)
{
	arm_smmu_cmdq_add(smmu, FIELD_PREP(CMD_0_OPCODE, CMD_CFGI_ALL), CFGI_1_RANGE_ALL);
	arm_smmu_cmdq_add(smmu, FIELD_PREP(CMD_0_OPCODE, CMD_TLBI_NSNH_ALL), 0);
	return arm_smmu_cmdq_sync(smmu);
}

static int arm_smmu_setup_irqs(struct arm_smmu_device *smmu)
{
	int ret = arm_smmu_write_acked(smmu, 0, ARM_SMMU_IRQ_CTRL, ARM_SMMU_IRQ_CTRLACK);

	if (ret)
		return ret;
	if (!smmu->msi) {
		pr_warn("%s: no message interrupts, events go unreported\n", smmu->firmware->name);
		return 0;
	}
	smmu->evtq_irq = kernel_irq_alloc(arm_smmu_evtq_handler, smmu);
	if (smmu->evtq_irq < 0)
		return smmu->evtq_irq;
	smmu->gerror_irq = kernel_irq_alloc(arm_smmu_gerror_handler, smmu);
	if (smmu->gerror_irq < 0)
		return smmu->gerror_irq;

	writeq(MSI_ADDRESS, smmu->base + ARM_SMMU_EVENTQ_IRQ_CFG0);
	writel(smmu->evtq_irq, smmu->base + ARM_SMMU_EVENTQ_IRQ_CFG1);
	writel(IRQ_CFG2_DEVICE_nGnRE, smmu->base + ARM_SMMU_EVENTQ_IRQ_CFG2);
	writeq(MSI_ADDRESS, smmu->base + ARM_SMMU_GERROR_IRQ_CFG0);
	writel(smmu->gerror_irq, smmu->base + ARM_SMMU_GERROR_IRQ_CFG1);
	writel(IRQ_CFG2_DEVICE_nGnRE, smmu->base + ARM_SMMU_GERROR_IRQ_CFG2);
	return arm_smmu_write_acked(smmu, IRQ_CTRL_EVENTQ_IRQEN | IRQ_CTRL_GERROR_IRQEN,
				    ARM_SMMU_IRQ_CTRL, ARM_SMMU_IRQ_CTRLACK);
}

/* Translated requests are checked from the start: without, any device could send them. */
static int arm_smmu_enable(struct arm_smmu_device *smmu)
{
	const u32 all = CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN | (smmu->ats ? CR0_ATSCHK : 0);
	int ret;

	ret = arm_smmu_write_acked(smmu, 0, ARM_SMMU_CR0, ARM_SMMU_CR0ACK);
	if (ret)
		return ret;
	arm_smmu_write_bases(smmu);
	ret = arm_smmu_write_acked(smmu, CR0_CMDQEN, ARM_SMMU_CR0, ARM_SMMU_CR0ACK);
	if (!ret)
		ret = arm_smmu_flush_all(smmu);
	if (!ret)
		ret = arm_smmu_write_acked(smmu, CR0_CMDQEN | CR0_EVENTQEN, ARM_SMMU_CR0,
					   ARM_SMMU_CR0ACK);
	if (!ret)
		ret = arm_smmu_setup_irqs(smmu);
	if (!ret)
		ret = arm_smmu_write_acked(smmu, all, ARM_SMMU_CR0, ARM_SMMU_CR0ACK);
	return ret;
}

struct arm_smmu_device *arm_smmu_device_start(size_t index)
{
	struct arm_smmu_device *smmu = kzalloc(sizeof(*smmu), GFP_KERNEL);
	int ret;

	if (!smmu)
		return ERR_PTR(-ENOMEM);
	smmu->firmware = &kernel_config()->iommus[index];
	smmu->evtq_irq = -1;
	smmu->gerror_irq = -1;
	mutex_init(&smmu->lock);
	smmu->base = ioremap(smmu->firmware->mmio_base, ARM_SMMU_MMIO_SIZE);
	if (!smmu->base) {
		kfree(smmu);
		return ERR_PTR(-ENOMEM);
	}
	ret = arm_smmu_read_features(smmu);
	if (!ret)
		ret = arm_smmu_alloc_memory(smmu, index);
	if (!ret)
		ret = arm_smmu_enable(smmu);
	if (ret) {
		pr_err("%s: probe failed: %d\n", smmu->firmware->name, ret);
		arm_smmu_device_stop(smmu);
		return ERR_PTR(ret);
	}
	pr_info("%s: stage 1 %s, stage 2 %s, %u-bit addresses, %u substream bits\n",
		smmu->firmware->name, smmu->stage1 ? "yes" : "no", smmu->stage2 ? "yes" : "no",
		smmu->address_bits, smmu->ssid_bits);
	return smmu;
}

void arm_smmu_device_stop(struct arm_smmu_device *smmu)
{
	if (!smmu)
		return;
	arm_smmu_write_acked(smmu, 0, ARM_SMMU_IRQ_CTRL, ARM_SMMU_IRQ_CTRLACK);
	arm_smmu_write_acked(smmu, 0, ARM_SMMU_CR0, ARM_SMMU_CR0ACK);
	if (smmu->evtq_irq >= 0)
		kernel_irq_free(smmu->evtq_irq);
	if (smmu->gerror_irq >= 0)
		kernel_irq_free(smmu->gerror_irq);
	arm_smmu_strtab_free(smmu);
	arm_smmu_queue_free(&smmu->evtq);
	arm_smmu_queue_free(&smmu->cmdq);
	bitmap_free(smmu->vmids);
	bitmap_free(smmu->asids);
	iounmap(smmu->base);
	kfree(smmu);
}
