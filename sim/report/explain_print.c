/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells a step as a story: each request from its address space through the stages to its end. In nested
 * translation the second-stage walks stand indented before the first-stage entry that they lead to. The
 * entries of queues are explain_queue.c's.
 */
#include "explain_private.h"

#include "fields.h"
#include "smmuv3/smmuv3.h"
#include "vtd/vtd-fault.h"

#include <stdlib.h>
#include <string.h>

#define WHAT_COLUMNS 18
#define NESTED_INDENT 6u /* columns of a second-stage walk in a first-stage one */
#define LINE_INDENT 7u /* columns before a line that has no number */

/* Descriptors of Arm are counted from level 0 down to here. */
#define ARM_LAST_LEVEL 3

/* The telling of one request: events from first to end, the last one being its result. */
struct story {
	FILE *out;
	const struct style *style;
	const struct explained_event *events;
	size_t count;
	bool nested;
	bool in_second_stage; /* the last line told was of a second-stage walk */
	enum platform_iommu_kind kind;
	u64 purpose_gpa; /* of the second-stage walk told last */
	unsigned int address_width, value_width; /* columns of the widest ones */
	unsigned int reads, table_reads, writes; /* table_reads: those of paging entries */
};

/* ---- kinds of events ---- */

static bool of_cache(const struct port_event *event)
{
	return event->kind == PORT_EVENT_CACHE_HIT || event->kind == PORT_EVENT_CACHE_MISS;
}

/* A stage's result, as against that of the whole request. */
static bool of_stage(const struct port_event *event)
{
	return event->kind == PORT_EVENT_TRANSLATED &&
	       (of_second_stage(event) || starts_with(event->what, "first") ||
		starts_with(event->what, "stage 1"));
}

/* The event that ends a request. */
static bool ends_request(const struct port_event *event)
{
	return event->kind == PORT_EVENT_FAULT ||
	       (event->kind == PORT_EVENT_TRANSLATED && !of_stage(event));
}

static bool is_nested(const struct story *story)
{
	size_t i;

	for (i = 0; i < story->count; i++) {
		const struct port_event *event = &story->events[i].event;

		if (event->via_gpa)
			return true;
		/* PGTT 3, when the walk ended before it read a first-stage entry */
		if (event->kind == PORT_EVENT_TABLE_READ && event->len == 64 &&
		    starts_with(event->what, "PASID table") && (event->data[0] >> 6 & 7) == 3)
			return true;
	}
	return false;
}

/* What the models call an entry; descriptors of Arm by their level. */
static const char *entry_name(const struct port_event *event, char *buf, size_t size)
{
	if (!starts_with(event->what, "stage-") || !event->level)
		return event->what;
	snprintf(buf, size, "%.7s level-%d", event->what, ARM_LAST_LEVEL + 1 - event->level);
	return buf;
}

/* ---- second-stage walks inside a first-stage one ---- */

/* What a second-stage walk that starts at event i is for. */
static void tell_purpose(struct story *story, size_t i)
{
	const struct port_event *event = NULL;
	bool known = false;
	u64 address = 0;
	char name[32];

	for (; i < story->count; i++) {
		event = &story->events[i].event;
		if (event->kind == PORT_EVENT_CACHE_FILL)
			continue;
		if (!of_second_stage(event))
			break;
		/* caches and results of a stage know its input; reads know the request's only */
		if (of_cache(event) || event->kind == PORT_EVENT_TRANSLATED) {
			address = event->input;
			known = true;
		}
	}
	story->purpose_gpa = known ? address : 0;
	fprintf(story->out, "       %s", tint_on(story->style, TINT_DIM));
	if (known)
		fprintf(story->out, "gpa 0x%llx, ", address);
	if (i < story->count && event->kind == PORT_EVENT_TABLE_READ)
		fprintf(story->out, "the %s, is in host memory where the second stage says:",
			entry_name(event, name, sizeof(name)));
	else if (i < story->count && event->kind == PORT_EVENT_TABLE_WRITE)
		fprintf(story->out, "to be written, goes through the second stage again:");
	else
		fprintf(story->out, "%s the second stage:", known ? "by" : "By");
	fprintf(story->out, "%s\n", tint_off(story->style));
}

/* Called before an event is told: opens a nested walk where one starts. */
static const char *indent(struct story *story, size_t i)
{
	const struct port_event *event = &story->events[i].event;
	bool inside = story->nested && of_second_stage(event);

	if (inside && !story->in_second_stage)
		tell_purpose(story, i);
	/* the next gpa starts a walk of its own */
	story->in_second_stage = inside && !of_stage(event);
	return inside ? "      " : "";
}

/* ---- lines ---- */

static void tell_raw(struct story *story, const char *in, const struct port_event *event)
{
	size_t i;

	fprintf(story->out, "       %s%s", in, tint_on(story->style, TINT_DIM));
	for (i = 0; i < event->len / 8; i++)
		fprintf(story->out, "%s0x%016llx",
			i == 0  ? ""
			: i % 4 ? " "
				: "\n       ",
			event->data[i]);
	fprintf(story->out, "%s\n", tint_off(story->style));
}

static bool all_zero(const struct port_event *event)
{
	size_t i;

	for (i = 0; i < event->len / 8; i++)
		if (event->data[i])
			return false;
	return true;
}

/* Tells the entry in words behind so many columns, in further lines if need be. */
static void tell_words(struct story *story, const struct port_event *event, unsigned int column)
{
	const struct wrap wrap = {
		.column = column,
		.indent = event->len > 8 ? LINE_INDENT + 2 : column,
		.columns = EXPLAIN_COLUMNS,
		.at_commas = true,
	};
	char *words;

	if (all_zero(event)) {
		fprintf(story->out, "%snot present%s", tint_on(story->style, TINT_BAD),
			tint_off(story->style));
		return;
	}
	words = explain_entry_words(event, story->nested);
	if (words)
		print_wrapped(story->out, story->style, TINT_NONE, &wrap, words);
	free(words);
}

/* Prints the place of an entry, padded; returns the columns up to behind it. */
static unsigned int tell_place(struct story *story, const char *in, const struct port_event *event)
{
	bool nested = story->nested && event->len == 8;
	unsigned int what = WHAT_COLUMNS + (nested && !*in ? NESTED_INDENT : 0);
	char name[32], address[24];
	unsigned int column = LINE_INDENT + (unsigned int)strlen(in) + what + 4;

	snprintf(address, sizeof(address), "0x%llx", event->address.v);
	fprintf(story->out, "  %s%3u%s  %s%-*s %sat %s%s", tint_on(story->style, TINT_BOLD),
		story->reads, tint_off(story->style), in, (int)what,
		entry_name(event, name, sizeof(name)), tint_on(story->style, TINT_ADDRESS), address,
		tint_off(story->style));
	if (event->via_gpa && event->table_gpa != story->purpose_gpa)
		column += (unsigned int)fprintf(story->out, " (gpa 0x%llx)", event->table_gpa);
	if (event->len == 8)
		fprintf(story->out, "%*s", (int)(story->address_width - strlen(address)), "");
	return column + (event->len == 8 ? story->address_width : (unsigned int)strlen(address));
}

static void tell_read(struct story *story, const char *in, const struct port_event *event)
{
	FILE *out = story->out;
	unsigned int column;

	story->reads++;
	story->table_reads += event->level > 0;
	column = tell_place(story, in, event) + 2;
	fputs("  ", out);
	if (event->status != PORT_OK) {
		fprintf(out, "%sread error%s\n", tint_on(story->style, TINT_BAD),
			tint_off(story->style));
		return;
	}
	if (event->len == 8) {
		fprintf(out, "%s0x%0*llx%s  ", tint_on(story->style, TINT_DIM),
			(int)story->value_width, event->data[0], tint_off(story->style));
		column += 4 + story->value_width;
	}
	tell_words(story, event, column);
	fputc('\n', out);
	if (event->len > 8 && !all_zero(event))
		tell_raw(story, in, event);
}

static void tell_write(struct story *story, const char *in, const struct port_event *event)
{
	unsigned int column = LINE_INDENT + (unsigned int)strlen(in) + 17 + story->value_width;

	story->writes++;
	fprintf(story->out, "       %s%swritten back%s  0x%0*llx  ", in,
		tint_on(story->style, TINT_NOTE), tint_off(story->style), (int)story->value_width,
		event->data[0]);
	if (event->status != PORT_OK)
		column += (unsigned int)fprintf(story->out, "(write error) ");
	tell_words(story, event, column);
	fputc('\n', story->out);
}

/* Caches asked one after the other stand in one line, or as many as it needs. Returns the last event told. */
static size_t tell_caches(struct story *story, const char *in, size_t i)
{
	unsigned int start = LINE_INDENT + (unsigned int)strlen(in), column = start;
	bool second = of_second_stage(&story->events[i].event);

	fprintf(story->out, "%*s", (int)start, "");
	for (;; i++) {
		const struct port_event *event = &story->events[i].event;
		bool hit = event->kind == PORT_EVENT_CACHE_HIT;
		const struct port_event *next;

		column += (unsigned int)strlen(event->what) + 8;
		fprintf(story->out, "%s: %s%s%s", event->what,
			tint_on(story->style, hit ? TINT_GOOD : TINT_DIM), hit ? "hit" : "miss",
			tint_off(story->style));
		next = i + 1 < story->count ? &story->events[i + 1].event : NULL;
		if (!next || !of_cache(next) || of_second_stage(next) != second)
			break;
		if (column + strlen(next->what) + 7 > EXPLAIN_COLUMNS) {
			fprintf(story->out, ",\n%*s", (int)start + 2, "");
			column = start + 2;
		} else {
			fputs(", ", story->out);
		}
	}
	fputc('\n', story->out);
	return i;
}

static void tell_stage(struct story *story, const char *in, const struct port_event *event)
{
	bool to_gpa = story->nested && !of_second_stage(event);
	bool from_gpa = story->nested && of_second_stage(event);
	char size[32];

	fprintf(story->out, "       %s%s%s: %s0x%llx is %s0x%llx%s, in a page of %s\n", in,
		tint_on(story->style, TINT_BOLD), event->what, from_gpa ? "gpa " : "", event->input,
		to_gpa ? "gpa " : "", event->output, tint_off(story->style),
		size_words(event->page_size, size, sizeof(size)));
}

/* ---- ends ---- */

/* How often a cache was filled with entries of a kind; 0 if that was told of an earlier fill. */
static unsigned int fill_count(const struct story *story, size_t i)
{
	const char *what = story->events[i].event.what;
	unsigned int times = 0;
	size_t j;

	for (j = 0; j < story->count; j++) {
		const struct port_event *other = &story->events[j].event;

		if (other->kind != PORT_EVENT_CACHE_FILL || strcmp(other->what, what) != 0)
			continue;
		if (j < i)
			return 0;
		times++;
	}
	return times;
}

static void tell_fills(struct story *story)
{
	const struct wrap wrap = {
		.column = LINE_INDENT,
		.indent = LINE_INDENT + 2,
		.columns = EXPLAIN_COLUMNS,
		.at_commas = true,
	};
	const char *before = "kept for later: ";
	char *text = NULL;
	size_t len = 0, i;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return;
	for (i = 0; i < story->count; i++) {
		const struct port_event *event = &story->events[i].event;
		unsigned int times = event->kind == PORT_EVENT_CACHE_FILL ? fill_count(story, i)
									  : 0;

		if (!times)
			continue;
		fprintf(out, "%s%s", before, event->what);
		if (times > 1)
			fprintf(out, " (%u)", times);
		before = ", ";
	}
	fclose(out);
	if (*text) {
		fprintf(story->out, "%*s", (int)LINE_INDENT, "");
		print_wrapped(story->out, story->style, TINT_NONE, &wrap, text);
		fputc('\n', story->out);
	}
	free(text);
}

static void tell_costs(struct story *story, bool faulted)
{
	FILE *out = story->out;

	fputs("       ", out);
	if (!story->reads) {
		fputs(faulted ? "refused before any paging entry was read\n"
			      : "no table was read\n",
		      out);
		return;
	}
	if (story->table_reads)
		print_count(out, story->table_reads, "read");
	if (story->table_reads)
		fputs(" of paging entries", out);
	if (story->table_reads && story->reads > story->table_reads)
		fputs(", ", out);
	if (story->reads > story->table_reads) {
		print_count(out, story->reads - story->table_reads, "read");
		fputs(" to find the tables", out);
	}
	if (story->table_reads && story->reads > story->table_reads)
		fprintf(out, "; %u together", story->reads);
	if (story->writes) {
		fputs("; ", out);
		print_count(out, story->writes, "write");
	}
	fputc('\n', out);
}

static void tell_fault(struct story *story, const struct platform_iommu *iommu,
		       const struct port_event *event)
{
	const struct vtd_fault_info *vtd = NULL;
	const struct smmuv3_event_info *smmu = NULL;

	if (iommu->kind == PLATFORM_VTD)
		vtd = vtd_fault_info(event->code);
	else
		smmu = smmuv3_event_info(event->code);
	fprintf(story->out, "    %s=> fault 0x%02x", tint_on(story->style, TINT_BAD), event->code);
	if (vtd)
		fprintf(story->out, " (%s): %s", vtd->name, vtd->text);
	else if (smmu)
		fprintf(story->out, " (%s): %s", smmu->name, smmu->text);
	else
		fprintf(story->out, ": %s", event->what);
	fprintf(story->out, "%s\n", tint_off(story->style));
}

/* The answer to a device TLB: what it may keep. */
static void tell_completion(struct story *story, const struct port_event *event)
{
	bool grants = event->page_size;
	char size[32];

	fprintf(story->out, "    %s=> ", tint_on(story->style, grants ? TINT_GOOD : TINT_NOTE));
	if (grants)
		fprintf(story->out, "to the device TLB: 0x%llx is host 0x%llx, in a page of %s; ",
			event->input, event->output,
			size_words(event->page_size, size, sizeof(size)));
	else
		fputs("to the device TLB: ", story->out);
	fprintf(story->out, "%s%s\n", event->detail, tint_off(story->style));
}

static void tell_end(struct story *story, const struct platform_iommu *iommu,
		     const struct port_event *event)
{
	char size[32];

	if (event->kind == PORT_EVENT_FAULT)
		tell_fault(story, iommu, event);
	else if (starts_with(event->what, "translation completion"))
		tell_completion(story, event);
	else if (starts_with(event->what, "translated"))
		fprintf(story->out, "    %s=> host 0x%llx as the device TLB says%s\n",
			tint_on(story->style, TINT_GOOD), event->output, tint_off(story->style));
	else if (starts_with(event->what, "interrupt"))
		fprintf(story->out, "    %s=> 0x%llx is an interrupt message%s\n",
			tint_on(story->style, TINT_GOOD), event->input, tint_off(story->style));
	else
		fprintf(story->out, "    %s=> 0x%llx is host 0x%llx%s, in a page of %s\n",
			tint_on(story->style, TINT_GOOD), event->input, event->output,
			tint_off(story->style), size_words(event->page_size, size, sizeof(size)));
	tell_costs(story, event->kind == PORT_EVENT_FAULT);
	tell_fills(story);
}

/* ---- the whole ---- */

/* Queue entries from i on are told together. Returns the last of them. */
static size_t tell_queue(struct story *story, size_t i)
{
	size_t end = i;

	while (end < story->count && story->events[end].event.kind == PORT_EVENT_INVALIDATE)
		end++;
	explain_queue(story->out, story->style, story->kind, &story->events[i], end - i);
	return end - 1;
}

/* Columns for addresses and values of paging entries, so that all of a story line up. */
static void measure(struct story *story)
{
	size_t i;

	story->value_width = 8;
	for (i = 0; i < story->count; i++) {
		const struct port_event *event = &story->events[i].event;
		char text[24];
		unsigned int width;

		if (event->len != 8)
			continue;
		width = (unsigned int)snprintf(text, sizeof(text), "0x%llx", event->address.v);
		if (width > story->address_width)
			story->address_width = width;
		width = (unsigned int)snprintf(text, sizeof(text), "%llx", event->data[0]);
		if (width > story->value_width)
			story->value_width = width;
	}
}

/* Tells event i; returns the last one told. */
static size_t tell_event(struct story *story, size_t i)
{
	const struct port_event *event = &story->events[i].event;
	const char *in;

	if (event->kind == PORT_EVENT_CACHE_FILL)
		return i;
	in = indent(story, i);
	switch (event->kind) {
	case PORT_EVENT_TABLE_READ:
		tell_read(story, in, event);
		return i;
	case PORT_EVENT_TABLE_WRITE:
		tell_write(story, in, event);
		return i;
	case PORT_EVENT_CACHE_HIT:
	case PORT_EVENT_CACHE_MISS:
		return tell_caches(story, in, i);
	case PORT_EVENT_TRANSLATED:
		tell_stage(story, in, event);
		return i;
	case PORT_EVENT_INVALIDATE:
		return tell_queue(story, i);
	case PORT_EVENT_SOFTWARE_ERROR:
	default:
		fprintf(story->out, "       %s%s%s%s%s\n", tint_on(story->style, TINT_NOTE),
			event->what, tint_off(story->style), event->detail ? ": " : "",
			event->detail ? event->detail : "");
		return i;
	}
}

static void tell_request(struct story *story, const struct platform *platform)
{
	const struct explained_event *last = &story->events[story->count - 1];
	const struct platform_iommu *iommu = &platform->iommus[last->unit];
	bool ends = ends_request(&last->event);
	size_t i;

	fprintf(story->out, "\n%s%s%s (%s%s%s)", tint_on(story->style, TINT_BOLD), iommu->name,
		tint_off(story->style), iommu->kind == PLATFORM_VTD ? "vt-d" : "smmuv3",
		iommu->profile ? ", " : "", iommu->profile ? iommu->profile : "");
	if (ends)
		fprintf(story->out, " %s 0x%llx",
			starts_with(last->event.what, "translated")
				? "is sent a translated request to"
			: starts_with(last->event.what, "translation completion")
				? "is asked for the translation of"
				: "translates",
			last->event.input);
	fputc('\n', story->out);
	story->nested = is_nested(story);
	story->kind = iommu->kind;
	measure(story);
	for (i = 0; i < story->count - ends; i++)
		i = tell_event(story, i);
	if (ends)
		tell_end(story, iommu, &last->event);
}

/* Events of the request, or of what is no request, that starts at first. */
static size_t request_length(const struct explanation *explanation, size_t first)
{
	size_t unit = explanation->events[first].unit, i;

	for (i = first; i < explanation->count; i++) {
		if (explanation->events[i].unit != unit)
			return i - first;
		if (ends_request(&explanation->events[i].event))
			return i - first + 1;
	}
	return i - first;
}

static void tell_rest(FILE *out, const struct explanation *explanation, size_t first)
{
	size_t further = 0;

	while (first < explanation->count) {
		first += request_length(explanation, first);
		further++;
	}
	if (further)
		fprintf(out, "\n... and %zu more\n", further);
	if (explanation->truncated)
		fprintf(out, "... and more than could be kept\n");
}

/* "result: ..." in as many lines as it needs. */
static void tell_labelled(FILE *out, const struct style *style, const char *label, const char *text)
{
	const struct wrap wrap = {
		.column = (unsigned int)strlen(label),
		.indent = (unsigned int)strlen(label),
		.columns = EXPLAIN_COLUMNS,
		.at_commas = text[0] == '{',
	};

	fputs(label, out);
	print_wrapped(out, style, TINT_NONE, &wrap, text);
	fputc('\n', out);
}

/* What the kernel printed, each line in one line. */
static void tell_log(FILE *out, const struct style *style, const char *log)
{
	char *copy = log ? strdup(log) : NULL, *rest = NULL;

	for (char *line = copy ? strtok_r(copy, "\n", &rest) : NULL; line;
	     line = strtok_r(NULL, "\n", &rest)) {
		fputs("kernel: ", out);
		print_clean(out, style, TINT_NONE, line);
		fputc('\n', out);
	}
	free(copy);
}

static void tell_result(FILE *out, const struct style *style, const struct explanation *explanation)
{
	if (explanation->result || explanation->why || explanation->log)
		fputc('\n', out);
	if (explanation->result)
		tell_labelled(out, style, "result: ", explanation->result);
	if (explanation->why)
		tell_labelled(out, style, "meaning: ", explanation->why);
	tell_log(out, style, explanation->log);
}

void explanation_print(FILE *out, const struct style *style, const struct explanation *explanation)
{
	size_t first = 0;
	int part;

	for (part = 0; part < EXPLAIN_MAX_PARTS && first < explanation->count; part++) {
		struct story story = { .out = out, .style = style };

		story.events = &explanation->events[first];
		story.count = request_length(explanation, first);
		tell_request(&story, explanation->platform);
		first += story.count;
	}
	tell_rest(out, explanation, first);
	if (!explanation->count)
		fprintf(out, "\nNo IOMMU took part in this step.\n");
	tell_result(out, style, explanation);
}
