/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an observer of the port is shown. Nothing here changes what the unit does.
 */
#include <stdio.h>
#include <string.h>

#include "unit.h"

const char *vtd_first_stage_name(int level)
{
	static const char *const names[VTD_MAX_LEVELS + 1] = {
		NULL,
		"first-stage PTE",
		"first-stage PDE",
		"first-stage PDPE",
		"first-stage PML4E",
		"first-stage PML5E",
	};

	return names[level];
}

const char *vtd_second_stage_name(int level)
{
	static const char *const names[VTD_MAX_LEVELS + 1] = {
		NULL,
		"second-stage PTE",
		"second-stage PDE",
		"second-stage PDPE",
		"second-stage PML4E",
		"second-stage PML5E",
	};

	return names[level];
}

const char *vtd_first_stage_cache_name(int level)
{
	static const char *const names[VTD_MAX_LEVELS + 1] = {
		NULL,
		NULL,
		"first-stage PDE cache",
		"first-stage PDPE cache",
		"first-stage PML4E cache",
		"first-stage PML5E cache",
	};

	return names[level];
}

const char *vtd_second_stage_cache_name(int level)
{
	static const char *const names[VTD_MAX_LEVELS + 1] = {
		NULL,
		NULL,
		"second-stage PDE cache",
		"second-stage PDPE cache",
		"second-stage PML4E cache",
		"second-stage PML5E cache",
	};

	return names[level];
}

static struct port_event access_event(const struct vtd_walk *walk,
				      const struct vtd_table_access *access)
{
	return (struct port_event){
		.what = access->what,
		.address = hpa(access->address),
		.table_gpa = access->via_gpa ? access->gpa : 0,
		.via_gpa = access->via_gpa,
		.input = walk->request->address.v,
		.level = access->level,
	};
}

void vtd_show_read(const struct vtd_walk *walk, const struct vtd_table_access *access,
		   const u64 *entry, size_t len, enum port_status status)
{
	struct port_event event = access_event(walk, access);
	size_t i;

	event.kind = PORT_EVENT_TABLE_READ;
	event.status = status;
	event.len = status == PORT_OK ? len : 0;
	memcpy(event.data, entry, event.len);
	for (i = 0; access->reserved && i < event.len / 8; i++)
		event.reserved[i] = entry[i] & access->reserved[i];
	port_observe(&walk->unit->port, &event);
}

void vtd_show_write(const struct vtd_walk *walk, const struct vtd_table_access *access, u64 entry)
{
	struct port_event event = access_event(walk, access);

	event.kind = PORT_EVENT_TABLE_WRITE;
	event.data[0] = entry;
	event.len = sizeof(entry);
	port_observe(&walk->unit->port, &event);
}

void vtd_show_cache(struct vtd_unit *unit, enum port_event_kind kind, const char *what, u64 input)
{
	const struct port_event event = { .kind = kind, .what = what, .input = input };

	port_observe(&unit->port, &event);
}

void vtd_show_fill(struct vtd_unit *unit, const char *what, u64 input, u64 output, u64 page_size)
{
	const struct port_event event = {
		.kind = PORT_EVENT_CACHE_FILL,
		.what = what,
		.input = input,
		.output = output,
		.page_size = page_size,
	};

	port_observe(&unit->port, &event);
}

void vtd_show_stage(const struct vtd_walk *walk, const char *what, u64 input, u64 output,
		    unsigned int shift)
{
	const struct port_event event = {
		.kind = PORT_EVENT_TRANSLATED,
		.what = what,
		.input = input,
		.output = output,
		.page_size = 1ULL << shift,
	};

	port_observe(&walk->unit->port, &event);
}

void vtd_show_result(struct vtd_unit *unit, const struct translation_request *request,
		     const struct translation_result *result)
{
	const struct vtd_fault_info *info = vtd_fault_info(result->fault);
	const struct port_event event = {
		.kind = info ? PORT_EVENT_FAULT : PORT_EVENT_TRANSLATED,
		.what = info                ? info->text
			: result->interrupt ? "interrupt request"
			: result->blocked   ? "blocked by a protected memory region"
			: request->type     ? "translated request"
					    : "translation",
		.input = request->address.v,
		.output = result->address.v,
		.page_size = result->page_size,
		.code = result->fault,
	};

	port_observe(&unit->port, &event);
}

/* The rights of a completion as the specification's letters. */
static void completion_text(u64 completion, char *text, size_t size)
{
	static const struct {
		u64 bit;
		const char *letter;
	} rows[] = {
		{ ATS_READ, " R" },       { ATS_WRITE, " W" },
		{ ATS_EXECUTE, " X" },    { ATS_UNTRANSLATED, " U" },
		{ ATS_PRIVILEGED, " P" }, { ATS_GLOBAL, " G" },
		{ ATS_SIZE, " S" },       { ATS_NO_SNOOP_FORBIDDEN, " N" },
	};
	size_t i, used = 0;

	used += (size_t)snprintf(text, size, "grants");
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (completion & rows[i].bit)
			used += (size_t)snprintf(text + used, size - used, "%s", rows[i].letter);
}

void vtd_show_completion(const struct vtd_walk *walk, const struct translation_result *result,
			 enum vtd_fault fault)
{
	const struct vtd_fault_info *info = vtd_fault_info(fault);
	struct port_event event = {
		.kind = result->fault ? PORT_EVENT_FAULT : PORT_EVENT_TRANSLATED,
		.what = "translation completion",
		.input = walk->request->address.v,
		.output = result->address.v,
		.page_size = result->page_size,
		.code = result->fault,
	};
	char text[256];

	if (result->fault)
		event.what = info->text;
	else if (result->ats_status != ATS_SUCCESS)
		snprintf(text, sizeof(text), "unsupported request: translation is off");
	else if (fault)
		snprintf(text, sizeof(text), "grants nothing: %s", info->text);
	else
		completion_text(result->completion, text, sizeof(text));
	if (!result->fault)
		event.detail = text;
	port_observe(&walk->unit->port, &event);
}

static int pasid_text(bool has_pasid, u32 pasid, char *text, size_t size)
{
	return has_pasid ? snprintf(text, size, ", PASID 0x%x", pasid)
			 : snprintf(text, size, ", no PASID");
}

void vtd_show_page_request(struct vtd_unit *unit, const struct page_request *request,
			   const char *what)
{
	struct port_event event = {
		.kind = PORT_EVENT_PAGE_REQUEST,
		.what = what,
		.input = request->address,
	};
	char text[128];
	int used;

	if (!port_observed(&unit->port))
		return;
	used = snprintf(text, sizeof(text), "page 0x%llx, group %u%s", request->address,
			request->group, request->last ? " (last)" : "");
	used += pasid_text(request->has_pasid, request->pasid, text + used,
			   sizeof(text) - (size_t)used);
	snprintf(text + used, sizeof(text) - (size_t)used, ", to%s%s%s%s%s",
		 request->read ? " read" : "", request->write ? " write" : "",
		 request->execute ? " execute" : "", request->privileged ? " privileged" : "",
		 request->private_data.present ? ", with private data" : "");
	event.detail = text;
	port_observe(&unit->port, &event);
}

void vtd_show_page_response(struct vtd_unit *unit, const struct page_group_response *response,
			    const char *what)
{
	struct port_event event = { .kind = PORT_EVENT_PAGE_RESPONSE, .what = what };
	char text[128];
	int used;

	if (!port_observed(&unit->port))
		return;
	used = snprintf(text, sizeof(text), "group %u", response->group);
	used += pasid_text(response->has_pasid, response->pasid, text + used,
			   sizeof(text) - (size_t)used);
	snprintf(text + used, sizeof(text) - (size_t)used, ": %s",
		 response->code == PRI_SUCCESS           ? "success"
		 : response->code == PRI_INVALID_REQUEST ? "invalid request"
							 : "response failure");
	event.detail = text;
	port_observe(&unit->port, &event);
}

void vtd_show_invalidation(struct vtd_unit *unit, const struct format *format, const u64 *entry)
{
	struct port_event event = { .kind = PORT_EVENT_INVALIDATE, .what = format->title };
	char detail[256] = "";
	size_t used = 0;
	size_t i;

	if (!port_observed(&unit->port))
		return;
	for (i = 0; i < format->field_count && used < sizeof(detail); i++) {
		int n = snprintf(detail + used, sizeof(detail) - used, "%s%s=0x%llx", i ? " " : "",
				 format->fields[i].name,
				 format_field_get(&format->fields[i], entry));

		used += (size_t)n;
	}
	event.detail = detail;
	event.len = format->bits / 8;
	memcpy(event.data, entry, event.len);
	port_observe(&unit->port, &event);
}

void vtd_software_error(struct vtd_unit *unit, const char *what, u64 input, const char *detail)
{
	const struct port_event event = {
		.kind = PORT_EVENT_SOFTWARE_ERROR,
		.what = what,
		.detail = detail,
		.input = input,
	};

	unit->counters.software_errors++;
	port_observe(&unit->port, &event);
}
