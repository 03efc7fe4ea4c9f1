// SPDX-License-Identifier: Apache-2.0
/*
 * The fault event: routes it to a vector, and when it comes reads, prints and clears the fault
 * records. Nobody else reads them. Who else is told is fault-report.c's.
 */
#define pr_fmt(fmt) "DMAR: " fmt

#include <linux/printk.h>

#include "intel.h"

/* What the reasons mean; lines of logs are compared by their reason code and these words. */
static const struct {
	u8 reason;
	const char *text;
} fault_texts[] = {
	{ 0x01, "Present bit in root entry is clear" },
	{ 0x02, "Present bit in context entry is clear" },
	{ 0x03, "Context entry is not valid" },
	{ 0x04, "Address is beyond the guest address width" },
	{ 0x05, "PTE Write access is not set" },
	{ 0x06, "PTE Read access is not set" },
	{ 0x07, "Second-stage table cannot be read" },
	{ 0x08, "Root table cannot be read" },
	{ 0x09, "Context table cannot be read" },
	{ 0x0a, "Reserved bits set in root entry" },
	{ 0x0b, "Reserved bits set in context entry" },
	{ 0x0c, "Reserved bits set in second-stage entry" },
	{ 0x0d, "Translation type of the context entry blocks the request" },
	{ 0x20, "Reserved bits set in the interrupt request" },
	{ 0x21, "Interrupt index is beyond the remapping table" },
	{ 0x22, "Present bit in interrupt remapping entry is clear" },
	{ 0x23, "Interrupt remapping entry cannot be read" },
	{ 0x24, "Reserved bits set in interrupt remapping entry" },
	{ 0x25, "Compatibility-format interrupt is blocked" },
	{ 0x26, "Interrupt is not from the source that its remapping entry names" },
	{ 0x27, "Posted-interrupt descriptor cannot be read or updated" },
	{ 0x28, "Reserved bits set in posted-interrupt descriptor" },
	{ 0x29, "Request to the interrupt range is no interrupt" },
	{ 0x2a, "Extended interrupt mode is not enabled" },
	{ 0x2b, "Interrupt remapping is not enabled" },
	{ 0x30, "SM: Root table address is not valid" },
	{ 0x31, "SM: Request with PASID while the unit is in legacy mode" },
	{ 0x32, "SM: Page group request while the unit is in legacy mode" },
	{ 0x38, "SM: Root entry cannot be read" },
	{ 0x39, "SM: Present bit in root entry is clear" },
	{ 0x3a, "SM: Reserved bits set in root entry" },
	{ 0x40, "SM: Context entry cannot be read" },
	{ 0x41, "SM: Present bit in context entry is clear" },
	{ 0x42, "SM: Reserved bits set in context entry" },
	{ 0x43, "SM: Context entry is not valid" },
	{ 0x44, "SM: Device TLB is not enabled in context entry" },
	{ 0x45, "SM: PASIDs are not enabled in context entry" },
	{ 0x46, "SM: PASID is beyond the PASID directory" },
	{ 0x47, "SM: Page requests are not enabled in context entry" },
	{ 0x48, "SM: RID_PASID in context entry is wrong" },
	{ 0x50, "SM: PASID directory entry cannot be read" },
	{ 0x51, "SM: Present bit in PASID directory entry is clear" },
	{ 0x52, "SM: Reserved bits set in PASID directory entry" },
	{ 0x58, "SM: PASID table entry cannot be read" },
	{ 0x59, "SM: Present bit in PASID table entry is clear" },
	{ 0x5a, "SM: Reserved bits set in PASID table entry" },
	{ 0x5b, "SM: PASID table entry is not valid" },
	{ 0x5c, "SM: Execute requests are not enabled in PASID table entry" },
	{ 0x5d, "SM: Supervisor requests are not enabled in PASID table entry" },
	{ 0x70, "SM: First-level paging entry cannot be read" },
	{ 0x71, "SM: Present bit in first-level paging entry is clear" },
	{ 0x72, "SM: Reserved bits set in first-level paging entry" },
	{ 0x73, "SM: Top of the first-level tables cannot be read" },
	{ 0x74, "SM: First-level paging entry points beyond the second level (nested)" },
	{ 0x75, "SM: Second level does not let the top of the first level be read (nested)" },
	{ 0x76, "SM: Second level does not let a first-level paging entry be read (nested)" },
	{ 0x77, "SM: Second level does not let a first-level paging entry be updated (nested)" },
	{ 0x78, "SM: Second-level paging entry cannot be read" },
	{ 0x79, "SM: Second-level paging entries do not permit the access" },
	{ 0x7a, "SM: Reserved bits set in second-level paging entry" },
	{ 0x7b, "SM: Second-level table pointer is not valid" },
	{ 0x7c, "SM: Second-level paging entry cannot be updated" },
	{ 0x80, "SM: Address is not canonical" },
	{ 0x81, "SM: User request to a supervisor page of the first level" },
	{ 0x82, "SM: First level does not permit execution" },
	{ 0x83, "SM: Address is beyond the host address width" },
	{ 0x84, "SM: Address is beyond the width of the second level" },
	{ 0x85, "SM: First level does not permit writing" },
	{ 0x86, "SM: First level does not permit reading" },
	{ 0x87, "SM: Request with PASID to the interrupt range" },
	{ 0x90, "SM: First-level paging entry cannot be updated" },
};

static const char *fault_text(u8 reason)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fault_texts); i++)
		if (fault_texts[i].reason == reason)
			return fault_texts[i].text;
	return "Unknown";
}

#define FIRST_INTERRUPT_REASON 0x20
#define LAST_INTERRUPT_REASON 0x2b

static void fault_print(u64 low, u64 high)
{
	unsigned int sid = FIELD_GET(FRCD_HIGH_SID, high),
		     reason = FIELD_GET(FRCD_HIGH_REASON, high);
	char pasid[sizeof("PASID 0xfffff")] = "NO_PASID";

	if (reason >= FIRST_INTERRUPT_REASON && reason <= LAST_INTERRUPT_REASON) {
		pr_err("[INTR-REMAP] Request device [%02x:%02x.%u] fault index 0x%llx [fault reason 0x%02x] %s\n",
		       sid >> 8, sid >> 3 & 0x1f, sid & 7, FIELD_GET(FRCD_LOW_INDEX, low), reason,
		       fault_text((u8)reason));
		return;
	}
	if (high & FRCD_HIGH_PP)
		scnprintf(pasid, sizeof(pasid), "PASID 0x%x",
			  (unsigned int)FIELD_GET(FRCD_HIGH_PASID, high));
	pr_err("[%s %s] Request device [%02x:%02x.%u] fault addr 0x%llx [fault reason 0x%02x] %s\n",
	       high & FRCD_HIGH_READ ? "DMA Read" : "DMA Write", pasid, sid >> 8, sid >> 3 & 0x1f,
	       sid & 7, low & FRCD_LOW_ADDRESS, reason, fault_text((u8)reason));
}

/* Prints and clears the records from the first pending one on, until one that is empty (7.3). */
static void fault_drain(struct intel_iommu *iommu, unsigned int first)
{
	unsigned int count = FIELD_GET(CAP_NFR, iommu->cap) + 1, i;
	u8 __iomem *records = iommu->reg + FIELD_GET(CAP_FRO, iommu->cap) * FRCD_SIZE;

	for (i = 0; i < count; i++) {
		u8 __iomem *record = records + (first + i) % count * FRCD_SIZE;
		u64 high = readq(record + 8);
		u64 low = readq(record);

		if (!(high & FRCD_HIGH_F))
			break;
		writel(FRCD_F_DWORD, record + 12);
		fault_print(low, high);
		intel_fault_report(iommu, low, high);
	}
}

static void fault_handler(void *arg)
{
	struct intel_iommu *iommu = arg;
	u32 status = readl(iommu->reg + DMAR_FSTS);

	if (status & FSTS_PPF)
		fault_drain(iommu, FIELD_GET(FSTS_FRI, status));
	if (status & FSTS_PFO)
		pr_err("%s: fault records overflowed, some faults are lost\n", iommu->name);
	writel(FSTS_PFO | FSTS_PRO, iommu->reg + DMAR_FSTS);
}

int intel_fault_enable(struct intel_iommu *iommu)
{
	int irq = kernel_irq_alloc(fault_handler, iommu);

	if (irq < 0)
		return irq;
	iommu->irq = irq;
	intel_fault_report_init(iommu);
	fault_handler(iommu); /* whatever firmware left there */
	writel((u32)irq, iommu->reg + DMAR_FEDATA);
	writel(INTERRUPT_BASE, iommu->reg + DMAR_FEADDR);
	writel(0, iommu->reg + DMAR_FEUADDR);
	writel(0, iommu->reg + DMAR_FECTL);
	return 0;
}

void intel_fault_disable(struct intel_iommu *iommu)
{
	if (iommu->irq < 0)
		return;
	writel(FECTL_IM, iommu->reg + DMAR_FECTL);
	kernel_irq_free(iommu->irq);
	intel_fault_report_exit(iommu);
	iommu->irq = -1;
}
