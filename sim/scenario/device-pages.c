/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Page requests of the actor `device`: those that a scenario asks for itself, and what the function's Page Request
 * Interface shows. Requests that DMA makes by itself are the function's own affair.
 */
#include "device-pages.h"

#include "run.h"

/* By enum pri_status. */
static const char *const status_names[] = { "ok", "unsupported", "stopped", "full", "busy", NULL };

enum { WANTS_READ = 1, WANTS_WRITE = 2, WANTS_EXECUTE = 4 };

static void run_page_request(struct run *run, const struct step *step, struct step_out *out)
{
	struct pcie_function *function =
		machine_function(run->machine, step_number(step, "device", 0));
	u64 access = step_number(step, "access", WANTS_READ);
	u64 group = step_number(step, "group", 0);
	const struct page_request request = {
		.has_pasid = step_arg(step, "pasid") != NULL,
		.pasid = (u32)step_number(step, "pasid", 0),
		.address = step_number(step, "address", 0),
		.read = access & WANTS_READ,
		.write = access & WANTS_WRITE,
		.execute = access & WANTS_EXECUTE,
		.privileged = step_number(step, "privileged", 0),
		.group = (u16)group,
		.last = step_number(step, "last", 1),
		.private_data = { .present = step_arg(step, "private-data") != NULL,
				  .data = { step_number(step, "private-data", 0) } },
	};

	if (group >= PRI_GROUPS)
		step_fail(out, "group is %llu; expected at most %u", group, PRI_GROUPS - 1);
	else
		out->result = json_pack("{s:s}", "status",
					status_names[pcie_page_request(function, &request)]);
}

static const struct word page_access_words[] = {
	{ "read", WANTS_READ },
	{ "write", WANTS_WRITE },
	{ "rw", WANTS_READ | WANTS_WRITE },
	{ "execute", WANTS_READ | WANTS_EXECUTE },
	{ "none", 0 },
	{ NULL, 0 },
};
static const struct arg_def page_request_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "the device's address, e.g. 0000:3a:00.0" },
	{ "address", ARG_NUMBER, true, NULL, "of the page" },
	{ "access", ARG_CHOICE, false, page_access_words,
	  "read (default), write, rw, execute, or none: with last, a stop marker" },
	{ "pasid", ARG_PASID, false, NULL, "sends a PASID; default: none" },
	{ "privileged", ARG_BOOL, false, NULL, "privileged mode requested, default false" },
	{ "group", ARG_U32, false, NULL, "page request group index, 0 (default) to 511" },
	{ "last", ARG_BOOL, false, NULL, "last request of its group, default true" },
	{ "private-data", ARG_NUMBER, false, NULL, "8 bytes of private data; default: none" },
	{ .name = NULL },
};
static const struct field_def page_request_fields[] = {
	{ "status", FIELD_WORD, status_names },
	{ .name = NULL },
};
const struct op op_page_request = {
	"page-request",
	"Sends a page request. The result has status: ok, unsupported, stopped, full or busy.",
	page_request_args,
	NULL,
	run_page_request,
	page_request_fields,
	NULL
};

static const char *const code_names[] = { "success", "invalid", "failure", NULL };

static const char *code_name(unsigned int code)
{
	return code_names[code <= PRI_INVALID_REQUEST ? code : 2];
}

static void run_pri(struct run *run, const struct step *step, struct step_out *out)
{
	const struct pri_state state =
		pcie_pri_state(machine_function(run->machine, step_number(step, "device", 0)));

	out->result = json_pack("{s:b, s:b, s:b, s:b, s:i}", "enabled", state.enabled, "stopped",
				state.stopped, "response_failure", state.response_failure,
				"unexpected_group", state.unexpected_group, "outstanding",
				(int)state.outstanding);
	if (!state.responded)
		return;
	json_object_set_new(out->result, "group", json_integer(state.response.group));
	json_object_set_new(out->result, "code", json_string(code_name(state.response.code)));
	if (state.response.private_data.present)
		json_object_set_new(out->result, "private_data",
				    json_u64(state.response.private_data.data[0]));
}

static const struct arg_def pri_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "the device's address, e.g. 0000:3a:00.0" },
	{ .name = NULL },
};
static const struct field_def pri_fields[] = {
	{ "enabled", FIELD_BOOL, NULL },
	{ "stopped", FIELD_BOOL, NULL },
	{ "response_failure", FIELD_BOOL, NULL },
	{ "unexpected_group", FIELD_BOOL, NULL },
	{ "outstanding", FIELD_NUMBER, NULL },
	{ "group", FIELD_NUMBER, NULL },
	{ "code", FIELD_WORD, code_names },
	{ "private_data", FIELD_NUMBER, NULL },
	{ .name = NULL },
};
const struct op op_pri = {
	"pri",
	"What the device's Page Request Interface shows: enabled, stopped, response_failure, unexpected_group, "
	"outstanding, and of the last response group, code and private_data.",
	pri_args,
	"device",
	run_pri,
	pri_fields,
	NULL
};
