/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The actor `device`: masters DMA through its PCIe function and the IOMMU above it. Each part that lies in one
 * 4-KiB page is judged by the oracle.
 */
#include "run.h"

#include "device-pages.h"
#include "device-traffic.h"
#include "interrupts.h"

#include "smmuv3/smmuv3.h"
#include "vtd/vtd-fault.h"

#include <stdlib.h>
#include <string.h>

#define DMA_MAX (1u << 20) /* bytes of one DMA step */

static const char *fault_name(const struct run *run, size_t device, unsigned int code)
{
	const struct platform_iommu *iommu =
		&run->platform->iommus[run->platform->devices[device].iommu];

	if (iommu->kind == PLATFORM_SMMUV3) {
		const struct smmuv3_event_info *event = smmuv3_event_info(code);

		return event ? event->name : "unknown";
	}
	const struct vtd_fault_info *fault = vtd_fault_info(code);

	return fault ? fault->name : "unknown";
}

const char *const dma_status_names[] = { "ok",           "fault",      "bus-error",
					 "unsupported",  "ats-denied", "page-requested",
					 "page-refused", NULL };

/** A DMA step while its parts are done. */
struct dma_step {
	size_t device;
	struct dma_request request; /* of the whole */
	u8 *buf;
	struct dma_result total;
	unsigned int parts;
};

/* One part; false ends the DMA. */
static bool dma_part(struct run *run, struct dma_step *dma, size_t done, size_t len)
{
	struct dma_request part = dma->request;
	struct oracle_answer answer;
	struct dma_result result = { 0 };

	part.address.v += done;
	part.len = len;
	oracle_dma(run, dma->device, &part, &answer);
	pcie_dma(machine_function(run->machine, dma->device), &part, dma->buf + done, &result);
	oracle_judge_dma(run, dma->device, &answer, &part, &result);
	if (!dma->parts++) {
		dma->total.first_address = result.first_address;
		dma->total.first_page_size = result.first_page_size;
	}
	dma->total.done += result.done;
	dma->total.table_reads += result.table_reads;
	dma->total.translations += result.translations;
	dma->total.status = result.status;
	dma->total.peer |= result.peer;
	dma->total.fault = result.fault;
	dma->total.fault_address = result.fault_address;
	if (result.status == DMA_FAULT)
		run_fault(run, dma->device, &part, &result);
	return result.status == DMA_OK;
}

static void dma_parts(struct run *run, struct dma_step *dma)
{
	size_t done = 0;

	while (done < dma->request.len) {
		size_t room = 4096 - ((dma->request.address.v + done) & 4095);
		size_t left = dma->request.len - done;
		size_t len = left < room ? left : room;

		if (!dma_part(run, dma, done, len))
			return;
		done += len;
	}
}

static json_t *dma_to_json(const struct run *run, const struct dma_step *dma)
{
	json_t *object = json_object();
	u16 source = pcie_requester_id(machine_function(run->machine, dma->device));
	u64 data = 0;

	json_object_set_new(object, "status", json_string(dma_status_names[dma->total.status]));
	json_object_set_new(object, "done", json_u64(dma->total.done));
	if (dma->total.done) {
		json_object_set_new(object, "address", json_u64(dma->total.first_address.v));
		json_object_set_new(object, "page_size", json_u64(dma->total.first_page_size));
	}
	if (dma->total.peer)
		json_object_set_new(object, "peer", json_true());
	json_object_set_new(object, "table_reads", json_u64(dma->total.table_reads));
	json_object_set_new(object, "translations", json_u64(dma->total.translations));
	if (dma->total.status == DMA_FAULT) {
		json_object_set_new(object, "fault", json_u64(dma->total.fault));
		json_object_set_new(object, "fault_name",
				    json_string(fault_name(run, dma->device, dma->total.fault)));
		json_object_set_new(object, "fault_address", json_u64(dma->total.fault_address.v));
		json_object_set_new(object, "fault_source", json_u64(source));
	}
	if (dma->request.access != ACCESS_WRITE && dma->total.done) {
		memcpy(&data, dma->buf, dma->total.done < 8 ? dma->total.done : 8);
		json_object_set_new(object, "data", json_u64(data));
	}
	return object;
}

static const struct word access_words[] = {
	{ "read", ACCESS_READ },
	{ "write", ACCESS_WRITE },
	{ "execute", ACCESS_EXECUTE },
	{ NULL, 0 },
};

/* What no device can ask for. */
static bool check_request(const struct dma_request *request, struct step_out *out)
{
	u64 address = request->address.v;

	if (request->len < 1 || request->len > DMA_MAX)
		step_fail(out, "size is %llu bytes; expected 1 byte to 1MiB", (u64)request->len);
	else if (address + (request->len - 1) < address)
		step_fail(out, "%llu bytes from address 0x%llx on end beyond 2^64",
			  (u64)request->len, address);
	return !out->failed;
}

static void run_dma(struct run *run, const struct step *step, struct step_out *out)
{
	u64 len = step_number(step, "size", 8);
	u64 data = step_number(step, "data", run_random(run));
	struct dma_step dma = {
		.device = step_number(step, "device", 0),
		.request = {
			.address = { step_number(step, "address", 0) },
			.len = len,
			.access = (enum access)step_number(step, "access", ACCESS_READ),
			.has_pasid = step_arg(step, "pasid") != NULL,
			.pasid = (u32)step_number(step, "pasid", 0),
			.privileged = step_number(step, "privileged", 0),
		},
	};

	if (!check_request(&dma.request, out) || !run_work(run, len / RUN_WORK_BYTES, out))
		return;
	dma.buf = calloc(1, len + 8);
	if (!dma.buf) {
		step_fail(out, "no memory for the data");
		return;
	}
	for (u64 i = 0; dma.request.access == ACCESS_WRITE && i < len; i += 8)
		memcpy(dma.buf + i, &data, sizeof(data));
	dma_parts(run, &dma);
	out->result = dma_to_json(run, &dma);
	free(dma.buf);
}

static const struct arg_def dma_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "the device's address, e.g. 0000:3a:00.0" },
	{ "access", ARG_CHOICE, false, access_words, "read (default), write or execute" },
	{ "address", ARG_NUMBER, true, NULL, "as the device issues it" },
	{ "size", ARG_SIZE, false, NULL, "bytes, 1 to 1MiB, default 8" },
	{ "pasid", ARG_PASID, false, NULL, "sends a PASID; default: none" },
	{ "privileged", ARG_BOOL, false, NULL, "privileged mode requested, default false" },
	{ "data", ARG_DATA, false, NULL, "write: 8 bytes that are repeated; default: random" },
	{ .name = NULL },
};
static const struct field_def dma_fields[] = {
	{ "status", FIELD_WORD, dma_status_names },
	{ "done", FIELD_NUMBER, NULL },
	{ "address", FIELD_NUMBER, NULL },
	{ "page_size", FIELD_NUMBER, NULL },
	{ "table_reads", FIELD_NUMBER, NULL },
	{ "translations", FIELD_NUMBER, NULL },
	{ "data", FIELD_NUMBER, NULL },
	{ "peer", FIELD_BOOL, NULL },
	{ "fault", FIELD_FAULT, NULL },
	{ "fault_name", FIELD_FAULT, NULL },
	{ "fault_address", FIELD_NUMBER, NULL },
	{ "fault_source", FIELD_NUMBER, NULL },
	{ .name = NULL },
};
static const struct op op_dma = {
	"dma",
	"Reads or writes memory by DMA. The result has status, done, address, page_size, table_reads, data or fault.",
	dma_args,
	NULL,
	run_dma,
	dma_fields,
	NULL
};

static void visit_counter(void *arg, const char *name, u64 value)
{
	json_object_set_new(arg, name, json_u64(value));
}

static void run_device_tlb(struct run *run, const struct step *step, struct step_out *out)
{
	out->result = json_object();
	machine_visit_device_counters(run->machine, step_number(step, "device", 0), visit_counter,
				      out->result);
}

static const struct arg_def device_tlb_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "the device's address, e.g. 0000:3a:00.0" },
	{ .name = NULL },
};
static const struct field_def device_tlb_fields[] = {
	{ "device_tlb_lookup", FIELD_NUMBER, NULL },
	{ "device_tlb_hit", FIELD_NUMBER, NULL },
	{ "device_tlb_fill", FIELD_NUMBER, NULL },
	{ "device_tlb_evict", FIELD_NUMBER, NULL },
	{ "device_tlb_invalidate", FIELD_NUMBER, NULL },
	{ "translation_requests", FIELD_NUMBER, NULL },
	{ "ats_denied", FIELD_NUMBER, NULL },
	{ "invalidate_requests", FIELD_NUMBER, NULL },
	{ "peer_requests", FIELD_NUMBER, NULL },
	{ "blocked_requests", FIELD_NUMBER, NULL },
	{ "page_requests", FIELD_NUMBER, NULL },
	{ "page_responses", FIELD_NUMBER, NULL },
	{ .name = NULL },
};
static const struct op op_device_tlb = {
	"device-tlb",
	"What the device has counted of its device TLB so far: device_tlb_lookup, _hit, _fill, _evict and _invalidate, "
	"translation_requests, ats_denied, invalidate_requests, peer_requests, blocked_requests, page_requests and "
	"page_responses.",
	device_tlb_args,
	"device",
	run_device_tlb,
	device_tlb_fields,
	NULL
};

static const struct op *const ops[] = {
	&op_dma,        &op_traffic,      &op_traffic_end, &op_interrupt,
	&op_device_tlb, &op_page_request, &op_pri,         NULL,
};

const struct actor actor_device = { "device", ops };
