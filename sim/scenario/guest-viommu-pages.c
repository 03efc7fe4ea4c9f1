/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The actor `guest` as the driver of a virtual unit: reads its page request queue, and answers groups.
 */
#include "guest-viommu.h"

#include "vtd/vtd-format.h"

#include <errno.h>
#include <stdlib.h>

enum { PQH = 0xc0, PQT = 0xc8, PRS = 0xdc };

#define QUEUE_BYTES 4096u
#define ENTRY_BYTES 32u
#define RESPONSES_MAX (GUEST_BATCH_MAX - 1u) /* of one step: a wait follows them */

/* ---- reading ---- */

static u64 field(const char *name, const u64 *entry)
{
	return guest_get("page-request", name, entry);
}

static struct page_request request_of(const u64 entry[4])
{
	return (struct page_request){
		.source_id = (u16)field("RID", entry),
		.has_pasid = field("PP", entry),
		.pasid = (u32)field("PASID", entry),
		.address = field("ADDR", entry),
		.read = field("RDR", entry),
		.write = field("WRR", entry),
		.execute = field("EXR", entry),
		.privileged = field("PMR", entry),
		.group = (u16)field("PRGI", entry),
		.last = field("LPIG", entry),
		.private_data = { field("PDP", entry), { entry[2], entry[3] } },
	};
}

static json_t *request_to_json(const struct page_request *request)
{
	json_t *object = json_pack("{s:i, s:i, s:b, s:b, s:b, s:b, s:b}", "source",
				   request->source_id, "group", request->group, "read",
				   request->read, "write", request->write, "execute",
				   request->execute, "privileged", request->privileged, "last",
				   request->last);

	json_object_set_new(object, "address", json_u64(request->address));
	if (request->has_pasid)
		json_object_set_new(object, "pasid", json_integer(request->pasid));
	return object;
}

static void keep(struct guest_driver *driver, const struct page_request *request)
{
	if (!page_request_needs_response(request))
		return;
	driver->unanswered =
		xgrow(driver->unanswered, driver->unanswered_count, sizeof(*driver->unanswered));
	driver->unanswered[driver->unanswered_count++] = *request;
}

/* From head to tail; what the registers say is taken for no more than places in the queue. */
static json_t *read_queue(struct virtual_iommu *v)
{
	u64 head = guest_register(v, PQH, 8) % QUEUE_BYTES;
	u64 tail = guest_register(v, PQT, 8) % QUEUE_BYTES;
	json_t *requests = json_array();
	u64 entry[4];

	for (; head != tail; head = (head + ENTRY_BYTES) % QUEUE_BYTES) {
		struct page_request request;

		if (!run_guest_read(v->run, v->driver.page_requests + head, entry, sizeof(entry)))
			break;
		request = request_of(entry);
		keep(&v->driver, &request);
		json_array_append_new(requests, request_to_json(&request));
	}
	guest_set_register(v, PQH, 8, tail);
	return requests;
}

static void run_viommu_page_requests(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = guest_enabled_arg(run, step, out);
	json_t *requests;
	u64 status;

	if (!v)
		return;
	if (!v->driver.page_requests) {
		out->value = -ENODEV;
		return;
	}
	status = guest_register(v, PRS, 4);
	guest_set_register(v, PRS, 4, status); /* it may change again from here on */
	requests = read_queue(v);
	out->result = json_object();
	json_object_set_new(out->result, "count",
			    json_integer((json_int_t)json_array_size(requests)));
	json_object_set_new(out->result, "requests", requests);
	json_object_set_new(out->result, "overflow",
			    json_boolean(guest_get("prs", "PRO", &status)));
	viommu_calls_to_json(v, out->result);
}

static const struct arg_def page_requests_args[] = { GUEST_VIOMMU_ARG, { .name = NULL } };
static const char *const request_fields[] = { "source",     "group", "read",    "write", "execute",
					      "privileged", "last",  "address", "pasid", NULL };
static const struct field_def page_requests_fields[] = {
	{ "count", FIELD_NUMBER, NULL },
	{ "requests", FIELD_LIST, request_fields },
	{ "overflow", FIELD_BOOL, NULL },
	VIOMMU_CALL_FIELDS,
	{ .name = NULL },
};
const struct op op_viommu_page_requests = {
	"viommu-page-requests",
	"Reads the page request queue of a virtual unit, from head to tail.",
	page_requests_args,
	"viommu",
	run_viommu_page_requests,
	page_requests_fields,
	NULL
};

/* ---- answering ---- */

static void add_response(struct guest_batch *batch, const struct page_request *request, u64 code)
{
	static const char format[] = "page-group-response";
	u64 *d = guest_add(batch, format, 9);

	guest_put(format, "PP", d, request->has_pasid);
	guest_put(format, "PDP", d, request->private_data.present);
	guest_put(format, "RC", d, code);
	guest_put(format, "SID", d, request->source_id);
	guest_put(format, "PASID", d, request->pasid);
	guest_put(format, "LPIG", d, request->last);
	guest_put(format, "PRGI", d, request->group);
	d[2] = request->private_data.present ? request->private_data.data[0] : 0;
	d[3] = request->private_data.present ? request->private_data.data[1] : 0;
}

static void run_viommu_respond(struct run *run, const struct step *step, struct step_out *out)
{
	struct virtual_iommu *v = guest_enabled_arg(run, step, out);
	struct guest_batch batch = { 0 };
	struct guest_driver *driver;
	size_t answered = 0, kept = 0;

	if (!v)
		return;
	driver = &v->driver;
	for (; answered < driver->unanswered_count && answered < RESPONSES_MAX; answered++)
		add_response(&batch, &driver->unanswered[answered],
			     step_number(step, "code", PRI_SUCCESS));
	for (size_t i = answered; i < driver->unanswered_count; i++)
		driver->unanswered[kept++] = driver->unanswered[i];
	driver->unanswered_count = kept;
	out->result = json_object();
	json_object_set_new(out->result, "responses", json_integer((json_int_t)answered));
	guest_add_wait(v, &batch);
	guest_submit(v, &batch, out);
}

static const struct word code_words[] = {
	{ "success", PRI_SUCCESS },
	{ "invalid", PRI_INVALID_REQUEST },
	{ "failure", PRI_RESPONSE_FAILURE },
	{ NULL, 0 },
};
static const struct arg_def respond_args[] = {
	GUEST_VIOMMU_ARG,
	{ "code", ARG_CHOICE, false, code_words, "success (default), invalid or failure" },
	{ .name = NULL },
};
static const struct field_def respond_fields[] = {
	{ "responses", FIELD_NUMBER, NULL },
	GUEST_SUBMIT_FIELDS,
	{ .name = NULL },
};
const struct op op_viommu_respond = {
	"viommu-respond",
	"Answers the page requests that were read and want it, by page group response descriptors.",
	respond_args,
	"viommu",
	run_viommu_respond,
	respond_fields,
	NULL
};
