// SPDX-License-Identifier: Apache-2.0
/*
 * Page requests (7.4 to 7.10): the queue that hardware writes them to, whom they are reported to, and the answers.
 * Who may answer, and what a page request waits for meanwhile, is the IOMMU core's.
 */
#define pr_fmt(fmt) "DMAR: " fmt

#include <linux/errno.h>
#include <linux/printk.h>

#include "intel.h"

#define PRQ_ENTRY_BYTES (PAGE_REQUEST_QUADWORDS * sizeof(u64))
#define PRQ_DRAINS 8 /* until requests that found no room count as drained */

/* Section 7.6.1: code is of the descriptor, RESPONSE_SUCCESS for example. */
static int prq_answer(struct intel_iommu *iommu, const u64 *request, unsigned int code)
{
	bool private_data = request[0] & PAGE_REQUEST_PDP;
	const struct intel_descriptor answer = {
		.q0 = INV_PAGE_GROUP_RESPONSE | FIELD_PREP(INV_RESPONSE_CODE, (u64)code) |
		      (request[0] & PAGE_REQUEST_PP ? INV_RESPONSE_PP : 0) |
		      (private_data ? INV_RESPONSE_PDP : 0) |
		      FIELD_PREP(INV_RESPONSE_RID, FIELD_GET(PAGE_REQUEST_RID, request[0])) |
		      FIELD_PREP(INV_PASID, FIELD_GET(PAGE_REQUEST_PASID, request[0])),
		.q1 = FIELD_PREP(INV_RESPONSE_Q1_PRGI,
				 FIELD_GET(PAGE_REQUEST_Q1_PRGI, request[1])) |
		      (request[1] & PAGE_REQUEST_Q1_LPIG ? INV_RESPONSE_Q1_LPIG : 0),
		.q2 = private_data ? request[2] : 0,
		.q3 = private_data ? request[3] : 0,
	};

	return intel_queue_submit(iommu, &answer, 1);
}

/* ---- what a request says ---- */

static bool is_canonical(const struct intel_iommu *iommu, u64 address)
{
	unsigned int unused = iommu->cap & CAP_FS5LP ? 64 - 57 : 64 - 48;

	return (u64)((s64)(address << unused) >> unused) == address;
}

/* What is wrong with a request as such, or NULL. Nobody gives a device supervisor pages, or pages to execute. */
static const char *request_mistake(const struct intel_iommu *iommu, const u64 *request)
{
	if (!(request[0] & PAGE_REQUEST_PP))
		return "no PASID";
	if (!is_canonical(iommu, request[1] & PAGE_REQUEST_Q1_ADDRESS))
		return "the address is not canonical";
	if (request[0] & PAGE_REQUEST_PMR &&
	    request[1] & (PAGE_REQUEST_Q1_RDR | PAGE_REQUEST_Q1_WRR))
		return "privileged mode";
	if (request[0] & PAGE_REQUEST_EXR && request[1] & PAGE_REQUEST_Q1_RDR)
		return "execution";
	return NULL;
}

/* Says that no more requests with a PASID come; nobody waits for an answer. */
static bool is_stop_marker(const u64 *request)
{
	return (request[1] & (PAGE_REQUEST_Q1_LPIG | PAGE_REQUEST_Q1_RDR | PAGE_REQUEST_Q1_WRR)) ==
	       PAGE_REQUEST_Q1_LPIG;
}

struct intel_device *intel_requester(const struct intel_iommu *iommu, u16 source_id)
{
	const struct intel_state *state = intel_state();
	struct pci_dev *pdev;

	for_each_pci_dev(pdev)
	{
		unsigned int unit = pdev->firmware->iommu;

		if (unit < state->count && state->units[unit] == iommu &&
		    source_id == (u16)(pdev->bus << 8 | pdev->devfn))
			return dev_iommu_priv_get(&pdev->dev);
	}
	return NULL;
}

/* ---- reporting ---- */

static u32 fault_permissions(const u64 *request)
{
	return (request[1] & PAGE_REQUEST_Q1_RDR ? IOMMU_FAULT_PERM_READ : 0) |
	       (request[1] & PAGE_REQUEST_Q1_WRR ? IOMMU_FAULT_PERM_WRITE : 0) |
	       (request[0] & PAGE_REQUEST_EXR ? IOMMU_FAULT_PERM_EXEC : 0) |
	       (request[0] & PAGE_REQUEST_PMR ? IOMMU_FAULT_PERM_PRIV : 0);
}

/* With private data, each request is to be answered: to the core, it then is the last of its group. */
static u32 fault_flags(const u64 *request)
{
	u32 flags = IOMMU_FAULT_PAGE_REQUEST_PASID_VALID;

	if (request[1] & PAGE_REQUEST_Q1_LPIG)
		flags |= IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE;
	if (request[0] & PAGE_REQUEST_PDP)
		flags |= IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE | IOMMU_FAULT_PAGE_REQUEST_PRIV_DATA;
	return flags;
}

static int prq_report(struct intel_device *info, const u64 *request)
{
	bool private_data = request[0] & PAGE_REQUEST_PDP;
	struct iommu_fault_event event = {
		.last = request[1] & PAGE_REQUEST_Q1_LPIG,
		.fault = {
			.type = IOMMU_FAULT_PAGE_REQ,
			.prm = {
				.flags = fault_flags(request),
				.pasid = FIELD_GET(PAGE_REQUEST_PASID, request[0]),
				.grpid = FIELD_GET(PAGE_REQUEST_Q1_PRGI, request[1]),
				.perm = fault_permissions(request),
				.addr = request[1] & PAGE_REQUEST_Q1_ADDRESS,
				.private_data = { private_data ? request[2] : 0,
						  private_data ? request[3] : 0 },
			},
		},
	};

	return iommu_report_device_fault(info->dev, &event);
}

/* Why a request is answered as invalid, or NULL: it has been reported. */
static const char *prq_refuse(struct intel_iommu *iommu, const u64 *request)
{
	struct intel_device *info =
		intel_requester(iommu, (u16)FIELD_GET(PAGE_REQUEST_RID, request[0]));
	const char *mistake = request_mistake(iommu, request);

	if (mistake)
		return mistake;
	if (!info)
		return "no such device";
	if (!intel_pasid_is_nested(info->pasids, FIELD_GET(PAGE_REQUEST_PASID, request[0])))
		return "the PASID is not bound";
	return prq_report(info, request) ? "nobody takes it" : NULL;
}

static void prq_handle(struct intel_iommu *iommu, const u64 *request)
{
	const char *why;

	if (is_stop_marker(request) && request[0] & PAGE_REQUEST_PP)
		return;
	why = prq_refuse(iommu, request);
	if (!why)
		return;
	pr_err("%s: invalid page request %llx %llx: %s\n", iommu->name, request[0], request[1],
	       why);
	/* 7.6: the others are not to be answered */
	if (request[1] & PAGE_REQUEST_Q1_LPIG || request[0] & PAGE_REQUEST_PDP)
		prq_answer(iommu, request, RESPONSE_INVALID);
}

/* ---- the queue ---- */

static unsigned int prq_offset(const struct intel_iommu *iommu, unsigned int reg)
{
	return (u32)readq(iommu->reg + reg) % VTD_PAGE_SIZE;
}

/* Deals with what is in the queue. Requests that found no room were answered by hardware, so there is nothing to make up for. */
static void prq_read(struct intel_iommu *iommu)
{
	struct intel_prq *prq = &iommu->prq;
	unsigned int head;

	mutex_lock(&prq->lock);
	/* first, so that what comes from now on is an event again */
	writel(PRS_PPR, iommu->reg + DMAR_PRS);
	head = prq_offset(iommu, DMAR_PQH);
	while (head != prq_offset(iommu, DMAR_PQT)) {
		u64 request[PAGE_REQUEST_QUADWORDS];

		memcpy(request, (u8 *)prq->ring.virt + head, sizeof(request));
		prq_handle(iommu, request);
		head = (head + PRQ_ENTRY_BYTES) % VTD_PAGE_SIZE;
		writeq(head, iommu->reg + DMAR_PQH);
	}
	if (readl(iommu->reg + DMAR_PRS) & PRS_PRO) {
		pr_info("%s: page request queue overflow\n", iommu->name);
		writel(PRS_PRO, iommu->reg + DMAR_PRS);
	}
	mutex_unlock(&prq->lock);
}

static void prq_work(struct work_struct *work)
{
	prq_read(container_of(work, struct intel_iommu, prq.work));
}

/* Reporting and answering may sleep. */
static void prq_event(void *arg)
{
	struct intel_iommu *iommu = arg;

	schedule_work(&iommu->prq.work);
}

int intel_prq_enable(struct intel_iommu *iommu)
{
	struct intel_prq *prq = &iommu->prq;
	int ret = intel_page_alloc(&prq->ring);

	if (ret)
		return ret;
	mutex_init(&prq->lock);
	INIT_WORK(&prq->work, prq_work);
	ret = kernel_irq_alloc(prq_event, iommu);
	if (ret < 0)
		return ret;
	prq->irq = ret;
	writeq(0, iommu->reg + DMAR_PQH);
	writeq(0, iommu->reg + DMAR_PQT);
	writeq(prq->ring.phys, iommu->reg + DMAR_PQA);
	writel(PRS_PPR | PRS_PRO, iommu->reg + DMAR_PRS);
	writel((u32)prq->irq, iommu->reg + DMAR_PEDATA);
	writel(INTERRUPT_BASE, iommu->reg + DMAR_PEADDR);
	writel(0, iommu->reg + DMAR_PEUADDR);
	writel(0, iommu->reg + DMAR_PECTL);
	return 0;
}

void intel_prq_disable(struct intel_iommu *iommu)
{
	struct intel_prq *prq = &iommu->prq;

	if (prq->irq >= 0) {
		writel(FECTL_IM, iommu->reg + DMAR_PECTL);
		kernel_irq_free(prq->irq);
		cancel_work_sync(&prq->work);
		writeq(0, iommu->reg + DMAR_PQA);
	}
	prq->irq = -1;
	intel_page_free(&prq->ring);
}

/*
 * Section 7.10, a to d: the device's invalidation completion comes behind its page requests, and the wait descriptor's
 * status behind their descriptors. What found no room was answered by hardware, and that answer is to arrive, too.
 */
void intel_prq_drain(struct intel_device *info, u16 did)
{
	struct intel_iommu *iommu = info->iommu;
	const struct intel_descriptor descs[] = {
		intel_inv_fence(),
		intel_inv_iotlb_domain(iommu, did),
		intel_inv_device_tlb_all_pasids(info),
	};
	unsigned int tries = 0;
	bool overflow;

	if (!info->pri_enabled)
		return;
	do {
		intel_queue_submit_drain(iommu, descs, ARRAY_SIZE(descs));
		overflow = readl(iommu->reg + DMAR_PRS) & PRS_PRO;
		prq_read(iommu);
	} while (overflow && ++tries < PRQ_DRAINS);
}

/* ---- answers of whom it was reported to ---- */

int intel_page_response(struct device *dev, struct iommu_fault_event *event,
			struct iommu_page_response *response)
{
	static const u8 codes[] = {
		[IOMMU_PAGE_RESP_SUCCESS] = RESPONSE_SUCCESS,
		[IOMMU_PAGE_RESP_INVALID] = RESPONSE_INVALID,
		[IOMMU_PAGE_RESP_FAILURE] = RESPONSE_FAILURE,
	};
	const struct iommu_fault_page_request *prm = &event->fault.prm;
	struct intel_device *info = dev_iommu_priv_get(dev);
	bool private_data = prm->flags & IOMMU_FAULT_PAGE_REQUEST_PRIV_DATA;
	const u64 request[PAGE_REQUEST_QUADWORDS] = {
		PAGE_REQUEST_PP | (private_data ? PAGE_REQUEST_PDP : 0) |
			FIELD_PREP(PAGE_REQUEST_RID, (u64)intel_source_id(info)) |
			FIELD_PREP(PAGE_REQUEST_PASID, (u64)prm->pasid),
		FIELD_PREP(PAGE_REQUEST_Q1_PRGI, (u64)prm->grpid) |
			(event->last ? PAGE_REQUEST_Q1_LPIG : 0),
		prm->private_data[0],
		prm->private_data[1],
	};

	if (!intel_pasid_is_nested(info->pasids, prm->pasid))
		return -ENODEV;
	return prq_answer(info->iommu, request, codes[response->code]);
}
