/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page requests on their way through the VMM: what waits at the devices' files goes into the guest's queue, what the
 * guest answers goes back. The VMM reads before the guest does anything with its unit, as if an event had told it.
 */
#include "viommu.h"

#include "include/uapi/linux/iommu_fault.h"

#include <errno.h>
#include <string.h>

/* ---- up ---- */

static struct page_request request_of(u16 source_id, const struct iommu_fault_page_request *prm)
{
	return (struct page_request){
		.source_id = source_id,
		.has_pasid = prm->flags & IOMMU_FAULT_PAGE_REQUEST_PASID_VALID,
		.pasid = prm->pasid,
		.address = prm->addr & ~0xfffULL,
		.read = prm->perm & IOMMU_FAULT_PERM_READ,
		.write = prm->perm & IOMMU_FAULT_PERM_WRITE,
		.execute = prm->perm & IOMMU_FAULT_PERM_EXEC,
		.privileged = prm->perm & IOMMU_FAULT_PERM_PRIV,
		.group = (u16)prm->grpid,
		.last = prm->flags & IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE,
		.private_data = {
			.present = prm->flags & IOMMU_FAULT_PAGE_REQUEST_PRIV_DATA,
			.data = { prm->private_data[0], prm->private_data[1] },
		},
	};
}

/* The open file of a device, or NULL. */
static struct opened *device_file(struct run *run, size_t device)
{
	for (size_t i = run->opened_count; i-- > 0;) {
		struct opened *file = run->opened[i];

		if (file->kind == OPENED_DEVICE && file->fd >= 0 &&
		    strcmp(file->name, run->platform->devices[device].name) == 0)
			return file;
	}
	return NULL;
}

/* What the host says of a fault in the words of the UAPI, the guest hears in VT-d's: the likeliest reason. */
static enum vtd_fault guest_reason(const struct iommu_fault_unrecoverable *event)
{
	switch (event->reason) {
	case IOMMU_FAULT_REASON_PASID_FETCH:
		return VTD_FAULT_SM_PASID_ENTRY_ACCESS;
	case IOMMU_FAULT_REASON_PASID_INVALID:
		return VTD_FAULT_SM_PASID_ENTRY_NOT_PRESENT;
	case IOMMU_FAULT_REASON_BAD_PASID_ENTRY:
		return VTD_FAULT_SM_PASID_ENTRY_INVALID;
	case IOMMU_FAULT_REASON_PTE_FETCH:
		return VTD_FAULT_SM_FIRST_STAGE_NOT_PRESENT;
	case IOMMU_FAULT_REASON_PERMISSION:
		return event->perm & IOMMU_FAULT_PERM_WRITE ? VTD_FAULT_SM_NO_WRITE
							    : VTD_FAULT_SM_NO_READ;
	case IOMMU_FAULT_REASON_OOR_ADDRESS:
		return VTD_FAULT_SM_NOT_CANONICAL;
	case IOMMU_FAULT_REASON_ACCESS:
		return VTD_FAULT_SM_FIRST_STAGE_AD_UPDATE;
	default:
		return VTD_FAULT_SM_FIRST_STAGE_ACCESS;
	}
}

static void take_unrecoverable(struct virtual_iommu *v, u16 source_id,
			       const struct iommu_fault_unrecoverable *event)
{
	const struct translation_request request = {
		.source_id = source_id,
		.has_pasid = event->flags & IOMMU_FAULT_UNRECOV_PASID_VALID,
		.pasid = event->pasid,
		.address = iova(event->addr),
		.access = event->perm & IOMMU_FAULT_PERM_WRITE ? ACCESS_WRITE : ACCESS_READ,
		.privileged = event->perm & IOMMU_FAULT_PERM_PRIV,
	};

	viommu_report_fault(v->unit, &request, guest_reason(event));
}

static void take_from(struct virtual_iommu *v, size_t device)
{
	struct opened *file = device_file(v->run, device);
	struct iommu_fault fault;

	/* no more wait than the host's queue holds */
	while (file && run_work(v->run, 1, v->out) &&
	       kernel_fault_read(file->process->task, file->fd, &fault) == 0) {
		u16 source_id = v->run->platform->devices[device].function.source_id;
		const struct page_request request = request_of(source_id, &fault.prm);

		if (fault.type == IOMMU_FAULT_DMA_UNRECOV) {
			take_unrecoverable(v, source_id, &fault.event);
			continue;
		}
		v->calls.page_requests++;
		viommu_page_request(v->unit, &request);
	}
}

void viommu_take_page_requests(struct virtual_iommu *v)
{
	for (size_t i = 0; i < v->run->platform->device_count; i++) {
		if (run_device_container(v->run, i) == v->container)
			take_from(v, i);
	}
}

/* ---- down ---- */

static u32 code_of(const struct page_group_response *response)
{
	switch (response->code) {
	case PRI_SUCCESS:
		return IOMMU_PAGE_RESP_SUCCESS;
	case PRI_INVALID_REQUEST:
		return IOMMU_PAGE_RESP_INVALID;
	default:
		return IOMMU_PAGE_RESP_FAILURE;
	}
}

static long respond(struct virtual_iommu *v, size_t device,
		    const struct page_group_response *response)
{
	const struct iommu_page_response answer = {
		.version = IOMMU_PAGE_RESP_VERSION_1,
		.flags = response->has_pasid ? IOMMU_PAGE_RESP_PASID_VALID : 0,
		.pasid = response->pasid,
		.grpid = response->group,
		.code = code_of(response),
	};
	struct opened *file = device_file(v->run, device);

	return file ? kernel_page_response(file->process->task, file->fd, &answer) : -EBADF;
}

void viommu_page_response(void *ctx, const struct page_group_response *response)
{
	struct virtual_iommu *v = ctx;
	const struct platform *p = v->run->platform;
	long value = -ENODEV; /* nobody behind the unit has that address */

	for (size_t i = 0; i < p->device_count; i++) {
		if (run_device_container(v->run, i) == v->container &&
		    p->devices[i].function.source_id == response->source_id)
			value = respond(v, i, response);
	}
	v->calls.page_responses++;
	v->calls.page_response = value ? value : v->calls.page_response;
	if (value)
		run_outcome(
			v->run, OUTCOME_MISLED,
			"the answer to page request group %u gave %s, which the guest of %s is not told",
			response->group, errno_name(value), v->name);
}
