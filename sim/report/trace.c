/* SPDX-License-Identifier: Apache-2.0 */
/* Keeping what a machine tells: records of fixed size, and their words as JSON in one growing text. */
#include "trace_private.h"

#include "style.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 1024u

/* ---- text ---- */

/* Adds bytes; what does not fit for want of memory is left out. */
static void put(struct trace *t, const char *bytes, size_t len)
{
	if (t->text_len + len > t->text_room) {
		size_t room = (t->text_room + len) * 2;
		char *text = realloc(t->text, room);

		if (!text)
			return;
		t->text = text;
		t->text_room = room;
	}
	memcpy(t->text + t->text_len, bytes, len);
	t->text_len += len;
}

static void put_plain(struct trace *t, const char *text)
{
	put(t, text, strlen(text));
}

static bool is_plain(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e || *text == '"' ||
		    *text == '\\')
			return false;
	return true;
}

/* A string with its quotes. */
static void put_string(struct trace *t, const char *text)
{
	char *clean = is_plain(text) ? NULL : clean_text(text, true);
	const char *p;

	put(t, "\"", 1);
	for (p = clean ? clean : text; *p; p++) {
		char escaped[8];

		if (*p == '"' || *p == '\\')
			put(t, "\\", 1);
		if ((unsigned char)*p >= 0x20) {
			put(t, p, 1);
			continue;
		}
		snprintf(escaped, sizeof(escaped), "\\u%04x", (unsigned char)*p);
		put_plain(t, escaped);
	}
	put(t, "\"", 1);
	free(clean);
}

/* Addresses as people read them; other numbers as numbers, as long as all readers can hold them. */
static void put_number(struct trace *t, const struct trace_arg *arg)
{
	char number[32];
	bool hex = arg->kind == TRACE_HEX || arg->number >> 53;

	snprintf(number, sizeof(number), hex ? "\"0x%llx\"" : "%llu", arg->number);
	put_plain(t, number);
}

static void put_args(struct trace *t, const struct trace_arg *args, bool first)
{
	for (; args && args->name; args++) {
		put_plain(t, first ? "" : ",");
		first = false;
		put_string(t, args->name);
		put(t, ":", 1);
		if (args->kind == TRACE_TEXT)
			put_string(t, args->text ? args->text : "");
		else
			put_number(t, args);
	}
}

/* ---- records ---- */

/* Whether there is room: for new requests only until it is used up, for the rest up to twice that. */
static bool wanted(struct trace *t, const struct trace_slice *slice)
{
	if (slice->request > t->requests)
		t->requests = slice->request;
	if (!t->full && t->count >= TRACE_RECORDS_MAX) {
		t->full = true;
		t->last_request = t->requests;
	}
	if (!t->full)
		return true;
	if (t->count >= 2 * (size_t)TRACE_RECORDS_MAX)
		return false;
	return slice->request ? slice->request <= t->last_request
			      : slice->parent || slice->track == TRACE_SOFTWARE;
}

static struct trace_record *add(struct trace *t)
{
	if (t->count == t->room) {
		size_t room = t->room ? t->room * 2 : ROOM_FIRST;
		struct trace_record *records = realloc(t->records, room * sizeof(*records));

		if (!records)
			return NULL;
		t->records = records;
		t->room = room;
	}
	return &t->records[t->count++];
}

static unsigned int keep(struct trace *t, const struct trace_slice *slice, bool instant)
{
	struct trace_record *record = wanted(t, slice) ? add(t) : NULL;

	if (!record)
		return 0;
	*record = (struct trace_record){
		.begin = slice->begin,
		.end = slice->end,
		.request = slice->request,
		.text = t->text_len,
		.parent = slice->parent,
		.lane = slice->lane,
		.index = (unsigned int)slice->index,
		.track = (unsigned char)slice->track,
		.instant = instant,
	};
	put_plain(t, "\"name\":");
	put_string(t, slice->name);
	put_plain(t, ",\"args\":{");
	put_args(t, slice->args, true);
	/* whose it is: what is followed through the tracks, and searched for */
	if (slice->request && (slice->parent || slice->track != TRACE_DEVICE)) {
		const struct trace_arg args[] = {
			{ "request", TRACE_DECIMAL, slice->request, NULL },
			{ .name = NULL },
		};

		put_args(t, args, !slice->args || !slice->args->name);
	}
	put(t, "", 1);
	return (unsigned int)t->count;
}

static unsigned int on_slice(void *arg, const struct trace_slice *slice)
{
	return keep(arg, slice, false);
}

static void on_instant(void *arg, const struct trace_slice *slice)
{
	keep(arg, slice, true);
}

static void on_end(void *arg, unsigned int slice, u64 time, const struct trace_arg *args)
{
	struct trace *t = arg;
	struct trace_record *record = &t->records[slice - 1];

	record->end = time;
	if (!args || !args->name)
		return;
	record->more = t->text_len;
	put_args(t, args, t->text[record->text + strlen(t->text + record->text) - 1] == '{');
	put(t, "", 1);
}

/* ---- life ---- */

struct trace *trace_create(void)
{
	struct trace *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	put(t, "", 1);
	if (!t->text) {
		free(t);
		return NULL;
	}
	t->sink = (struct trace_sink){ on_slice, on_end, on_instant, t };
	return t;
}

void trace_destroy(struct trace *t)
{
	if (!t)
		return;
	free(t->records);
	free(t->text);
	free(t);
}

const struct trace_sink *trace_sink(const struct trace *t)
{
	return &t->sink;
}

u64 trace_left_out(const struct trace *t)
{
	return t->full ? t->requests - t->last_request : 0;
}
