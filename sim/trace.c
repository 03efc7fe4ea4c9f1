/* SPDX-License-Identifier: Apache-2.0 */
/* Events of the models' ports in the words of a trace. */
#include "trace.h"

#include <stdio.h>

const char *trace_request_name(const struct translation_request *request)
{
	bool write = request->access == ACCESS_WRITE;

	if (request->type == ADDRESS_TRANSLATION_REQUEST)
		return "translation request";
	if (request->type == ADDRESS_TRANSLATED)
		return write ? "translated write" : "translated read";
	if (request->access == ACCESS_EXECUTE)
		return "execute";
	return write ? "write" : "read";
}

/** A list of arguments as it grows. */
struct list {
	struct trace_arg *args;
	size_t count;
};

static void add(struct list *list, const char *name, enum trace_arg_kind kind, u64 number)
{
	if (list->count + 1 < TRACE_ARGS)
		list->args[list->count++] = (struct trace_arg){ name, kind, number, NULL };
}

static void add_text(struct list *list, const char *name, const char *text)
{
	if (text && list->count + 1 < TRACE_ARGS)
		list->args[list->count++] = (struct trace_arg){ name, TRACE_TEXT, 0, text };
}

static void describe_access(const struct port_event *event, struct list *list)
{
	add(list, "address", TRACE_HEX, event->address.v);
	if (event->via_gpa)
		add(list, "gpa", TRACE_HEX, event->table_gpa);
	if (event->level)
		add(list, "level", TRACE_DECIMAL, (u64)event->level);
	add(list, "input", TRACE_HEX, event->input);
	if (event->len)
		add(list, "entry", TRACE_HEX, event->data[0]);
	if (event->status != PORT_OK)
		add_text(list, "status", "aborted");
}

static void describe_mapping(const struct port_event *event, struct list *list)
{
	add(list, "input", TRACE_HEX, event->input);
	if (event->kind == PORT_EVENT_TRANSLATED ||
	    (event->kind == PORT_EVENT_CACHE_FILL && event->output))
		add(list, "output", TRACE_HEX, event->output);
	if (event->page_size)
		add(list, "page_size", TRACE_HEX, event->page_size);
	add_text(list, "detail", event->detail);
}

void trace_describe(const struct port_event *event, struct trace_words *words)
{
	static const char *const before[] = {
		[PORT_EVENT_TABLE_READ] = "read ",
		[PORT_EVENT_TABLE_WRITE] = "write ",
		[PORT_EVENT_CACHE_HIT] = "",
		[PORT_EVENT_CACHE_MISS] = "",
		[PORT_EVENT_CACHE_FILL] = "fill ",
		[PORT_EVENT_INVALIDATE] = "",
		[PORT_EVENT_TRANSLATED] = "",
		[PORT_EVENT_FAULT] = "fault: ",
		[PORT_EVENT_PAGE_REQUEST] = "",
		[PORT_EVENT_PAGE_RESPONSE] = "page group ",
		[PORT_EVENT_SOFTWARE_ERROR] = "software error: ",
	};
	static const char *const behind[PORT_EVENT_SOFTWARE_ERROR + 1] = {
		[PORT_EVENT_CACHE_HIT] = ": hit",
		[PORT_EVENT_CACHE_MISS] = ": miss",
		[PORT_EVENT_TRANSLATED] = ": found",
	};
	struct list list = { words->args, 0 };

	switch (event->kind) {
	case PORT_EVENT_TABLE_READ:
	case PORT_EVENT_TABLE_WRITE:
		describe_access(event, &list);
		break;
	case PORT_EVENT_INVALIDATE:
		add_text(&list, "fields", event->detail);
		add(&list, "descriptor", TRACE_HEX, event->data[0]);
		add(&list, "descriptor_1", TRACE_HEX, event->data[1]);
		break;
	case PORT_EVENT_FAULT:
		add(&list, "code", TRACE_HEX, event->code);
		add(&list, "input", TRACE_HEX, event->input);
		add_text(&list, "detail", event->detail);
		break;
	default:
		describe_mapping(event, &list);
		break;
	}
	words->args[list.count] = (struct trace_arg){ NULL, TRACE_DECIMAL, 0, NULL };
	snprintf(words->name, sizeof(words->name), "%s%s%s", before[event->kind], event->what,
		 behind[event->kind] ? behind[event->kind] : "");
}
