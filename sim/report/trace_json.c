/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Laying a trace out and writing it: slices that overlap get tracks of their own, and the slices of a request are
 * joined by arrows. Times are in microseconds with three decimals, as the format has it.
 */
#include "trace_private.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/** The tracks of one kind and one device or unit. */
struct group {
	enum trace_track track;
	size_t index;
	unsigned int lanes; /* tracks */
	unsigned int tid; /* of the first */
	u64 *ends; /* ns, by lane: when its last slice ends */
};

/** A trace being laid out. */
struct layout {
	const struct trace_run *run;
	const struct trace *trace;
	struct trace_file *file;
	unsigned int pid;
	struct group *groups;
	size_t group_count;
	unsigned int *
		order; /* numbers of records by the time of their beginning, those that hold others first */
	unsigned int *lanes; /* by record: its lane, from 0 */
	u64 last; /* ns, when the last slice ends */
};

/* ---- times ---- */

/* Rounded down throughout, so that what lies in another stays in it. */
static u64 nanoseconds(u64 ps)
{
	return ps / 1000;
}

static u64 end_of(const struct layout *l, const struct trace_record *record)
{
	return record->end == TRACE_OPEN ? l->last : nanoseconds(record->end);
}

/* ---- events ---- */

/* The head of an event: all but its words and its end. */
static void print_head(struct layout *l, const char *phase, const struct group *group,
		       unsigned int lane, u64 ns)
{
	fprintf(l->file->out, ",\n{\"ph\":\"%s\",\"pid\":%u,\"tid\":%u,\"ts\":%llu.%03llu", phase,
		l->pid, group->tid + lane, ns / 1000, ns % 1000);
}

static void print_name(struct layout *l, const char *kind, unsigned int tid, const char *name)
{
	char *quoted;
	json_t *string = json_string(name);

	quoted = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
	fprintf(l->file->out,
		"%s\n{\"ph\":\"M\",\"pid\":%u,\"tid\":%u,\"name\":\"%s\",\"args\":{\"name\":%s}}",
		l->file->runs == 0 && tid == 0 && !strcmp(kind, "process_name") ? "" : ",", l->pid,
		tid, kind, quoted ? quoted : "\"?\"");
	free(quoted);
	json_decref(string);
}

static void print_number(struct layout *l, const char *kind, unsigned int tid, unsigned int number)
{
	fprintf(l->file->out,
		",\n{\"ph\":\"M\",\"pid\":%u,\"tid\":%u,\"name\":\"%s\",\"args\":{\"sort_index\":%u}}",
		l->pid, tid, kind, number);
}

/* ---- tracks ---- */

static size_t group_of(const struct layout *l, const struct trace_record *record)
{
	for (size_t i = 0; i < l->group_count; i++)
		if (l->groups[i].track == (enum trace_track)record->track &&
		    l->groups[i].index == record->index)
			return i;
	return 0;
}

/* All there can be, in the order to show. */
static bool make_groups(struct layout *l)
{
	static const enum trace_track of_device[] = { TRACE_DEVICE, TRACE_LINK_UP,
						      TRACE_LINK_DOWN };
	static const enum trace_track of_unit[] = { TRACE_WAITING, TRACE_UNIT, TRACE_WALKER,
						    TRACE_QUEUE };
	const struct platform *p = l->run->platform;
	size_t count = 2 + p->device_count * 3 + p->iommu_count * 4;
	struct group *g = calloc(count, sizeof(*g));

	l->groups = g;
	l->group_count = count;
	if (!g)
		return false;
	g++->track = TRACE_SOFTWARE;
	for (size_t i = 0; i < p->device_count; i++)
		for (size_t k = 0; k < 3; k++)
			*g++ = (struct group){ .track = of_device[k], .index = i };
	for (size_t i = 0; i < p->iommu_count; i++)
		for (size_t k = 0; k < 4; k++)
			*g++ = (struct group){ .track = of_unit[k], .index = i };
	g->track = TRACE_MEMORY;
	return true;
}

static void name_track(const struct layout *l, const struct group *g, unsigned int lane, char *name,
		       size_t size)
{
	static const char *const words[TRACE_TRACKS] = {
		[TRACE_SOFTWARE] = "kernel and VMM", [TRACE_DEVICE] = "requests",
		[TRACE_LINK_UP] = "link up",         [TRACE_LINK_DOWN] = "link down",
		[TRACE_WAITING] = "waiting",         [TRACE_UNIT] = "translations",
		[TRACE_WALKER] = "walker",           [TRACE_QUEUE] = "queue",
		[TRACE_MEMORY] = "memory",
	};
	const struct platform *p = l->run->platform;
	const char *owner = "";
	int len;

	if (g->track == TRACE_DEVICE || g->track == TRACE_LINK_UP || g->track == TRACE_LINK_DOWN)
		owner = p->devices[g->index].name;
	else if (g->track != TRACE_SOFTWARE && g->track != TRACE_MEMORY)
		owner = p->iommus[g->index].name;
	len = snprintf(name, size, "%s%s%s", owner, *owner ? " " : "", words[g->track]);
	if (g->lanes > 1 || g->track == TRACE_WALKER)
		snprintf(name + len, size - (size_t)len, " %u", lane + 1);
}

static void print_tracks(struct layout *l)
{
	char name[200];

	snprintf(name, sizeof(name), "%s on %s (%s)", l->run->scenario, l->run->kernel,
		 timing_mode_name(l->run->timing));
	print_name(l, "process_name", 0, name);
	print_number(l, "process_sort_index", 0, l->pid);
	for (size_t i = 0; i < l->group_count; i++) {
		const struct group *g = &l->groups[i];

		for (unsigned int lane = 0; lane < g->lanes; lane++) {
			name_track(l, g, lane, name, sizeof(name));
			print_name(l, "thread_name", g->tid + lane, name);
			print_number(l, "thread_sort_index", g->tid + lane, g->tid + lane);
		}
	}
}

/* ---- lanes ---- */

/* A lane that is free from then on, or a new one; wanted: that one, from 1, or 0. */
static unsigned int take_lane(struct group *g, unsigned int wanted, u64 begin, u64 end)
{
	unsigned int lane = 0;

	if (wanted)
		lane = wanted - 1;
	else
		while (lane < g->lanes && g->ends[lane] > begin)
			lane++;
	if (lane >= g->lanes) {
		u64 *ends = realloc(g->ends, (lane + 1) * sizeof(*ends));

		if (!ends)
			return 0;
		memset(ends + g->lanes, 0, (lane + 1 - g->lanes) * sizeof(*ends));
		g->ends = ends;
		g->lanes = lane + 1;
	}
	if (end > g->ends[lane])
		g->ends[lane] = end;
	return lane;
}

static int by_time(const void *a, const void *b, void *arg)
{
	const struct trace_record *records = arg;
	const unsigned int one = *(const unsigned int *)a, other = *(const unsigned int *)b;
	u64 begin = nanoseconds(records[one].begin),
	    other_begin = nanoseconds(records[other].begin);

	if (begin != other_begin)
		return begin < other_begin ? -1 : 1;
	/* who holds another was told of before it */
	return one < other ? -1 : one > other;
}

static bool lay_out(struct layout *l)
{
	const struct trace *t = l->trace;
	unsigned int tid = 1;

	l->order = malloc((t->count + 1) * sizeof(*l->order));
	l->lanes = malloc((t->count + 1) * sizeof(*l->lanes));
	if (!l->order || !l->lanes || !make_groups(l))
		return false;
	for (size_t i = 0; i < t->count; i++) {
		const struct trace_record *r = &t->records[i];
		u64 end = nanoseconds(r->end == TRACE_OPEN ? r->begin : r->end);

		l->order[i] = (unsigned int)i;
		if (end > l->last)
			l->last = end;
	}
	qsort_r(l->order, t->count, sizeof(*l->order), by_time, t->records);
	for (size_t i = 0; i < t->count; i++) {
		const struct trace_record *r = &t->records[l->order[i]];
		struct group *g = &l->groups[group_of(l, r)];

		l->lanes[l->order[i]] =
			r->parent ? l->lanes[r->parent - 1]
				  : take_lane(g, r->lane, nanoseconds(r->begin), end_of(l, r));
	}
	for (size_t i = 0; i < l->group_count; i++) {
		l->groups[i].tid = tid;
		tid += l->groups[i].lanes;
	}
	return true;
}

/* ---- arrows ---- */

/* A request's way: from its device's slice over all others that are its own back to the first. */
static void print_arrow(struct layout *l, const struct trace_record *r, unsigned int number)
{
	const struct group *g = &l->groups[group_of(l, r)];
	bool first = r->track == TRACE_DEVICE;
	u64 begin = nanoseconds(r->begin);

	if (!r->request || r->parent || r->instant)
		return;
	print_head(l, first ? "s" : "t", g, l->lanes[number], begin);
	fprintf(l->file->out, ",\"id\":%llu,\"name\":\"request\",\"cat\":\"dma\",\"bp\":\"e\"}",
		((u64)l->pid << 32) + r->request);
}

/* ---- records ---- */

static const char *category(const struct trace_record *r)
{
	static const char *const names[TRACE_TRACKS] = {
		[TRACE_SOFTWARE] = "software", [TRACE_DEVICE] = "device",
		[TRACE_LINK_UP] = "link",      [TRACE_LINK_DOWN] = "link",
		[TRACE_WAITING] = "waiting",   [TRACE_UNIT] = "unit",
		[TRACE_WALKER] = "walk",       [TRACE_QUEUE] = "queue",
		[TRACE_MEMORY] = "memory",
	};

	return names[r->track];
}

static void print_record(struct layout *l, unsigned int number)
{
	const struct trace_record *r = &l->trace->records[number];
	const struct group *g = &l->groups[group_of(l, r)];
	u64 begin = nanoseconds(r->begin), duration = end_of(l, r) - begin;
	const char *text = l->trace->text;

	print_head(l, r->instant ? "i" : "X", g, l->lanes[number], begin);
	if (r->instant)
		fputs(",\"s\":\"t\"", l->file->out);
	else
		fprintf(l->file->out, ",\"dur\":%llu.%03llu", duration / 1000, duration % 1000);
	fprintf(l->file->out, ",\"cat\":\"%s\",%s%s}}", category(r), text + r->text,
		text + r->more);
	print_arrow(l, r, number);
}

/* The ends of arrows: within the request's own slice, shortly before it ends. */
struct arrow_end {
	u64 ns;
	unsigned int number;
};

static int by_end(const void *a, const void *b)
{
	const struct arrow_end *one = a, *other = b;

	return one->ns < other->ns ? -1 : one->ns > other->ns;
}

static void print_arrow_end(struct layout *l, const struct arrow_end *end)
{
	const struct trace_record *r = &l->trace->records[end->number];

	print_head(l, "f", &l->groups[group_of(l, r)], l->lanes[end->number], end->ns);
	fprintf(l->file->out, ",\"id\":%llu,\"name\":\"request\",\"cat\":\"dma\",\"bp\":\"e\"}",
		((u64)l->pid << 32) + r->request);
}

static size_t arrow_ends(const struct layout *l, struct arrow_end *ends)
{
	size_t count = 0;

	for (size_t i = 0; i < l->trace->count; i++) {
		const struct trace_record *r = &l->trace->records[i];
		u64 begin = nanoseconds(r->begin), end = end_of(l, r);

		if (r->track == TRACE_DEVICE && !r->parent && !r->instant)
			ends[count++] =
				(struct arrow_end){ end > begin ? end - 1 : end, (unsigned int)i };
	}
	qsort(ends, count, sizeof(*ends), by_end);
	return count;
}

/* All in the order of time: slices, and after all that happens until then the ends of arrows. */
static bool print_records(struct layout *l)
{
	const struct trace *t = l->trace;
	struct arrow_end *ends = malloc((t->count + 1) * sizeof(*ends));
	size_t end_count, end = 0;

	if (!ends)
		return false;
	end_count = arrow_ends(l, ends);
	for (size_t i = 0; i < t->count; i++) {
		u64 begin = nanoseconds(t->records[l->order[i]].begin);

		while (end < end_count && ends[end].ns < begin)
			print_arrow_end(l, &ends[end++]);
		print_record(l, l->order[i]);
	}
	while (end < end_count)
		print_arrow_end(l, &ends[end++]);
	free(ends);
	return true;
}

/* ---- counters ---- */

/** A step of how many there are. */
struct change {
	u64 ns;
	int by;
};

static int by_change(const void *a, const void *b)
{
	const struct change *one = a, *other = b;

	return one->ns < other->ns ? -1 : one->ns > other->ns;
}

static size_t changes_of(const struct layout *l, const struct group *g, struct change *changes)
{
	size_t count = 0;

	for (size_t i = 0; i < l->trace->count; i++) {
		const struct trace_record *r = &l->trace->records[i];

		if (r->instant || r->parent || (enum trace_track)r->track != g->track ||
		    r->index != g->index)
			continue;
		changes[count++] = (struct change){ nanoseconds(r->begin), 1 };
		changes[count++] = (struct change){ end_of(l, r), -1 };
	}
	qsort(changes, count, sizeof(*changes), by_change);
	return count;
}

/* How many slices there are at a time on the tracks of a group. */
static bool print_counter(struct layout *l, const struct group *g)
{
	static const char *const words[TRACE_TRACKS] = {
		[TRACE_WAITING] = "requests waiting",
		[TRACE_UNIT] = "requests in translation",
		[TRACE_WALKER] = "walkers busy",
	};
	struct change *changes;
	size_t count;
	int value = 0;

	if (!words[g->track] || !g->lanes)
		return true;
	changes = malloc((2 * l->trace->count + 1) * sizeof(*changes));
	if (!changes)
		return false;
	count = changes_of(l, g, changes);
	for (size_t i = 0; i < count; i++) {
		value += changes[i].by;
		if (i + 1 < count && changes[i + 1].ns == changes[i].ns)
			continue;
		fprintf(l->file->out,
			",\n{\"ph\":\"C\",\"pid\":%u,\"ts\":%llu.%03llu,\"name\":\"%s %s\",\"args\":"
			"{\"value\":%d}}",
			l->pid, changes[i].ns / 1000, changes[i].ns % 1000,
			l->run->platform->iommus[g->index].name, words[g->track], value);
	}
	free(changes);
	return true;
}

static bool print_counters(struct layout *l)
{
	for (size_t i = 0; i < l->group_count; i++)
		if (!print_counter(l, &l->groups[i]))
			return false;
	return true;
}

/* ---- the file ---- */

void trace_file_begin(struct trace_file *file, FILE *out)
{
	*file = (struct trace_file){ .out = out };
	fprintf(out,
		"{\"displayTimeUnit\":\"ns\",\"otherData\":{\"vtdsim\":\"%s\"},\"traceEvents\":[",
		VTDSIM_VERSION);
}

void trace_file_add(struct trace_file *file, const struct trace_run *run, const struct trace *trace)
{
	struct layout l = {
		.run = run,
		.trace = trace,
		.file = file,
		.pid = file->runs + 1,
	};

	if (lay_out(&l)) {
		print_tracks(&l);
		file->failed |= !print_records(&l) || !print_counters(&l);
		file->runs++;
	} else {
		file->failed = true;
	}
	for (size_t i = 0; l.groups && i < l.group_count; i++)
		free(l.groups[i].ends);
	free(l.groups);
	free(l.order);
	free(l.lanes);
}

bool trace_file_end(struct trace_file *file)
{
	fputs("\n]}\n", file->out);
	return !file->failed && !ferror(file->out);
}
