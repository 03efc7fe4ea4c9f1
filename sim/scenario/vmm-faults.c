/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The VMM's end of page requests and faults: it reads what waits at a device's file, and answers. What it maps meanwhile
 * is the guest's affair.
 */
#include "vmm.h"

#include "include/uapi/linux/iommu_fault.h"

#include <errno.h>

#define FAULTS_MAX 512 /* that one step reads: more do not wait */

static json_t *access_to_json(const char *type, u32 perm, u64 address)
{
	json_t *object = json_pack("{s:s, s:i, s:i, s:i, s:i}", "type", type, "read",
				   !!(perm & IOMMU_FAULT_PERM_READ), "write",
				   !!(perm & IOMMU_FAULT_PERM_WRITE), "execute",
				   !!(perm & IOMMU_FAULT_PERM_EXEC), "privileged",
				   !!(perm & IOMMU_FAULT_PERM_PRIV));

	json_object_set_new(object, "address", json_u64(address));
	return object;
}

static json_t *unrecoverable_to_json(const struct iommu_fault_unrecoverable *event)
{
	json_t *object = access_to_json("unrecoverable", event->perm, event->addr);

	json_object_set_new(object, "reason", json_integer(event->reason));
	json_object_set_new(object, "pasid", json_integer(event->pasid));
	return object;
}

static json_t *page_request_to_json(const struct iommu_fault_page_request *prm)
{
	json_t *object = access_to_json("page-request", prm->perm, prm->addr);

	json_object_set_new(object, "group", json_integer(prm->grpid));
	json_object_set_new(object, "last",
			    json_integer(!!(prm->flags & IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE)));
	if (prm->flags & IOMMU_FAULT_PAGE_REQUEST_PASID_VALID)
		json_object_set_new(object, "pasid", json_integer(prm->pasid));
	if (prm->flags & IOMMU_FAULT_PAGE_REQUEST_PRIV_DATA)
		json_object_set_new(object, "private_data", json_u64(prm->private_data[0]));
	return object;
}

static json_t *fault_to_json(const struct iommu_fault *fault)
{
	return fault->type == IOMMU_FAULT_DMA_UNRECOV ? unrecoverable_to_json(&fault->event)
						      : page_request_to_json(&fault->prm);
}

static void run_read_faults(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *device = vmm_file(run, step, "device", out);
	struct iommu_fault fault;
	json_t *faults;

	if (!device)
		return;
	faults = json_array();
	for (int i = 0; i < FAULTS_MAX && out->value == 0; i++) {
		out->value = kernel_fault_read(device->process->task, device->fd, &fault);
		if (out->value == 0)
			json_array_append_new(faults, fault_to_json(&fault));
	}
	/* no more wait */
	if (out->value == -EAGAIN)
		out->value = 0;
	out->result =
		json_pack("{s:i, s:o}", "count", (int)json_array_size(faults), "faults", faults);
}

static const struct arg_def read_faults_args[] = {
	{ "device", ARG_FILE, true, NULL, "a device opened with VFIO_GROUP_GET_DEVICE_FD" },
	{ .name = NULL },
};
static const char *const fault_fields[] = { "type",    "address",      "read",   "write",
					    "execute", "privileged",   "group",  "last",
					    "pasid",   "private_data", "reason", NULL };
static const struct field_def read_faults_fields[] = {
	{ "count", FIELD_NUMBER, NULL },
	{ "faults", FIELD_LIST, fault_fields },
	{ .name = NULL },
};
const struct op op_read_faults = {
	"read-faults",
	"Reads the page requests and faults that wait at a device's file, oldest first: count, and the list faults.",
	read_faults_args,
	"device",
	run_read_faults,
	read_faults_fields,
	NULL
};

static const struct word code_words[] = {
	{ "success", IOMMU_PAGE_RESP_SUCCESS },
	{ "invalid", IOMMU_PAGE_RESP_INVALID },
	{ "failure", IOMMU_PAGE_RESP_FAILURE },
	{ "IOMMU_PAGE_RESP_SUCCESS", IOMMU_PAGE_RESP_SUCCESS },
	{ "IOMMU_PAGE_RESP_INVALID", IOMMU_PAGE_RESP_INVALID },
	{ "IOMMU_PAGE_RESP_FAILURE", IOMMU_PAGE_RESP_FAILURE },
	{ NULL, 0 },
};

static void run_page_response(struct run *run, const struct step *step, struct step_out *out)
{
	struct opened *device = vmm_file(run, step, "device", out);
	const struct iommu_page_response response = {
		.version = (u32)step_number(step, "version", IOMMU_PAGE_RESP_VERSION_1),
		.flags = step_arg(step, "pasid") ? IOMMU_PAGE_RESP_PASID_VALID : 0,
		.pasid = (u32)step_number(step, "pasid", 0),
		.grpid = (u32)step_number(step, "group", 0),
		.code = (u32)step_number(step, "code", IOMMU_PAGE_RESP_SUCCESS),
	};

	if (device)
		out->value = kernel_page_response(device->process->task, device->fd, &response);
}

static const struct arg_def page_response_args[] = {
	{ "device", ARG_FILE, true, NULL, "a device opened with VFIO_GROUP_GET_DEVICE_FD" },
	{ "pasid", ARG_U32, false, NULL, "the requests' PASID; default: they had none" },
	{ "group", ARG_U32, true, NULL, "the requests' group" },
	{ "code", ARG_U32, false, code_words, "success (default), invalid, failure or UAPI names" },
	{ "version", ARG_U32, false, NULL, "default: the right one" },
	{ .name = NULL },
};
const struct op op_page_response = { "page-response",
				     "Answers a group of page requests.",
				     page_response_args,
				     NULL,
				     run_page_response,
				     NULL,
				     NULL };
