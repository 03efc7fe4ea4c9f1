/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The actor `device`, by the thousand: traffic of a pattern, at once or beside other steps, summed up. Where it went
 * wrong is counted; the oracle judges single DMAs, not these.
 */
#include "run.h"

#include "device-traffic.h"
#include "trace-file.h"

#include <stdlib.h>
#include <string.h>

#define COUNT_MAX (1ULL << 32)
#define OUTSTANDING_MAX 4096u
#define RATE_MAX 1000000000000ULL /* requests a second: one a picosecond */

static const struct word pattern_words[] = {
	{ "sequential", TRAFFIC_SEQUENTIAL },
	{ "random", TRAFFIC_RANDOM },
	{ "strided", TRAFFIC_STRIDED },
	{ "zipf", TRAFFIC_ZIPF },
	{ NULL, 0 },
};

/* ---- what is asked for ---- */

static bool in_range(const char *name, u64 value, u64 min, u64 max, struct step_out *out)
{
	if (value >= min && value <= max)
		return true;
	step_fail(out, "%s is %llu; expected %llu to %llu", name, value, min, max);
	return false;
}

static bool read_pasids(const struct step *step, u32 *pasids, size_t *count, struct step_out *out)
{
	const struct arg *arg = step_arg(step, "pasids");
	unsigned long long number;

	*count = arg ? arg->node->count : 0;
	if (!in_range("the number of pasids", *count, arg ? 1 : 0, TRAFFIC_PASIDS_MAX, out))
		return false;
	for (size_t i = 0; i < *count; i++) {
		if (!parse_u64(arg->node->items[i]->text, false, &number) || number > 0xfffff) {
			step_fail(out, "pasids: '%s' is no PASID; expected at most 0xfffff",
				  arg->node->items[i]->text);
			return false;
		}
		pasids[i] = (u32)number;
	}
	return true;
}

/* What says nothing is a mistake: it would be ignored. */
static bool check_meaning(const struct step *step, struct step_out *out)
{
	static const struct {
		const char *name;
		int pattern; /* that it belongs to; -1: all but a trace */
	} meant[] = {
		{ "pattern", -1 },        { "size", -1 },
		{ "writes", -1 },         { "stride", TRAFFIC_STRIDED },
		{ "skew", TRAFFIC_ZIPF },
	};
	bool trace = step_arg(step, "trace") != NULL;
	int pattern = (int)step_number(step, "pattern", TRAFFIC_RANDOM);

	for (size_t i = 0; i < sizeof(meant) / sizeof(meant[0]); i++) {
		if (!step_arg(step, meant[i].name))
			continue;
		if (trace) {
			step_fail(out, "%s: a trace says it", meant[i].name);
			return false;
		}
		if (meant[i].pattern >= 0 && meant[i].pattern != pattern) {
			step_fail(out, "%s: only for the pattern %s", meant[i].name,
				  meant[i].pattern == TRAFFIC_ZIPF ? "zipf" : "strided");
			return false;
		}
	}
	return true;
}

/* The first of what went wrong, as the step's own message. */
static void fail_by(const struct diags *diags, struct step_out *out)
{
	if (diags->count && diags->items[0].line)
		step_fail(out, "%s:%u: %s", diags->items[0].file, diags->items[0].line,
			  diags->items[0].message);
	else if (diags->count)
		step_fail(out, "%s: %s", diags->items[0].file, diags->items[0].message);
	else
		step_fail(out, "no memory for the trace");
}

static bool load_trace(const struct step *step, struct trace *trace, struct step_out *out)
{
	const struct arg *arg = step_arg(step, "trace");
	struct diags diags = { 0 };
	char *path;
	bool good;

	if (!arg)
		return true;
	path = path_beside(arg->node->place.file, arg->text);
	good = path && trace_load(path, trace, &diags);
	if (!good)
		fail_by(&diags, out);
	diag_clear(&diags);
	free(path);
	return good;
}

static bool check_trace(const struct traffic_config *c, struct step_out *out)
{
	for (size_t i = 0; i < c->entry_count; i++) {
		const struct traffic_entry *entry = &c->entries[i];

		if (entry->address < c->window && entry->size <= c->window - entry->address)
			continue;
		step_fail(out,
			  "request %zu of the trace, at 0x%llx, is beyond the window of 0x%llx "
			  "bytes",
			  i + 1, entry->address, c->window);
		return false;
	}
	return true;
}

static bool check(const struct traffic_config *c, u64 rate, struct step_out *out)
{
	bool zipf = c->pattern == TRAFFIC_ZIPF;

	return in_range("window", c->window, 1, zipf ? 1ULL << 36 : 1ULL << 48, out) &&
	       in_range("size", c->size, 1, c->entry_count ? c->size : c->window, out) &&
	       in_range("address", c->address, 0, ~0ULL - (c->window - 1), out) &&
	       in_range("count", c->count, 1, COUNT_MAX, out) &&
	       in_range("warm-up", c->warm_up, 0, COUNT_MAX, out) &&
	       in_range("rate", rate, 0, RATE_MAX, out) &&
	       in_range("stride", c->stride, 1, c->entry_count ? c->stride : c->window, out) &&
	       check_trace(c, out);
}

/** What a step asks for, and what that points to. */
struct asked {
	struct traffic_config config;
	struct trace trace;
	u32 pasids[TRAFFIC_PASIDS_MAX];
};

/* Four requests, or four pages of them, count as much as a page that is mapped. */
static u64 work_of(const struct traffic_config *c)
{
	u64 bytes = c->size;

	for (size_t i = 0; i < c->entry_count; i++)
		bytes = bytes < c->entries[i].size ? c->entries[i].size : bytes;
	return (c->count + c->warm_up) * (1 + bytes / MODEL_PAGE_SIZE) / 4;
}

static bool read_config(struct run *run, const struct step *step, struct asked *asked,
			struct step_out *out)
{
	struct traffic_config *config = &asked->config;
	const struct trace *trace = &asked->trace;
	u64 rate = step_number(step, "rate", 0);
	u64 size = step_number(step, "size", 64);
	size_t device = step_number(step, "device", 0);
	u64 writes = step_number(step, "writes", 0), skew = step_number(step, "skew", 99);
	u64 outstanding = step_number(step, "outstanding",
				      run->platform->devices[device].requester.outstanding);

	if (!in_range("size", size, 1, TRAFFIC_SIZE_MAX, out) ||
	    !in_range("writes", writes, 0, 100, out) || !in_range("skew", skew, 1, 1000, out) ||
	    !in_range("outstanding", outstanding, 1, OUTSTANDING_MAX, out))
		return false;
	*config = (struct traffic_config){
		.device = device,
		.address = step_number(step, "address", 0),
		.window = step_number(step, "window", 0),
		.size = (u32)size,
		.pattern = trace->count ? TRAFFIC_REPLAY
					: (enum traffic_pattern)step_number(step, "pattern",
									    TRAFFIC_RANDOM),
		.stride = step_number(step, "stride", size),
		.skew = (double)skew / 100,
		.write_percent = (unsigned int)writes,
		.has_pasid = step_arg(step, "pasids") != NULL,
		.pasids = asked->pasids,
		.outstanding = (unsigned int)outstanding,
		.warm = step_number(step, "warm", 0) != 0,
		.interval = rate ? RATE_MAX / rate : 0,
		.count = step_number(step, "count", trace->count ? trace->count : 10000),
		.warm_up = step_number(step, "warm-up", 0),
		.seed = step_number(step, "seed", run_random(run)),
		.entries = trace->entries,
		.entry_count = trace->count,
	};
	return read_pasids(step, asked->pasids, &config->pasid_count, out) &&
	       check(config, rate, out) && run_work(run, work_of(config), out);
}

/* ---- what is told ---- */

static u64 per_second(u64 amount, u64 ps)
{
	return ps ? (u64)((u128)amount * 1000000000000ULL / ps) : 0;
}

static json_t *result_to_json(const struct traffic *traffic)
{
	const struct traffic_result *r = traffic_result(traffic);
	u64 time = r->end - r->start;
	json_t *object = json_object();

	json_object_set_new(object, "requests", json_u64(r->requests));
	json_object_set_new(object, "reads", json_u64(r->reads));
	json_object_set_new(object, "writes", json_u64(r->writes));
	json_object_set_new(object, "bytes", json_u64(r->bytes));
	json_object_set_new(object, "faults", json_u64(r->faults));
	json_object_set_new(object, "errors", json_u64(r->errors));
	json_object_set_new(object, "table_reads", json_u64(r->table_reads));
	if (!time)
		return object;
	json_object_set_new(object, "time_ns", json_u64(time / 1000));
	json_object_set_new(object, "rate", json_u64(per_second(r->requests, time)));
	json_object_set_new(object, "bandwidth", json_u64(per_second(r->bytes, time)));
	json_object_set_new(object, "latency_ns", run_latency(&r->latency));
	return object;
}

/* Refused requests count as one fault of the run: the first. */
static void note_fault(struct run *run, const struct traffic *traffic)
{
	const struct traffic_config *c = traffic_config(traffic);
	const struct traffic_result *r = traffic_result(traffic);
	const struct dma_request request = { .has_pasid = c->has_pasid,
					     .pasid = r->first_fault_pasid };
	const struct dma_result dma = { .fault = r->first_fault,
					.fault_address = iova(r->first_fault_address) };

	if (!r->faults)
		return;
	run_fault(run, c->device, &request, &dma);
	run_outcome(run, OUTCOME_FAULTED, "%llu of %llu requests of the traffic faulted", r->faults,
		    r->requests);
}

/* ---- the steps ---- */

static struct traffic **slot_of(struct run *run, size_t device)
{
	if (!run->traffic)
		run->traffic = calloc(run->platform->device_count, sizeof(struct traffic *));
	return run->traffic ? &run->traffic[device] : NULL;
}

/* Waits for a device's traffic, tells of it and frees it. */
static json_t *end_traffic(struct run *run, struct traffic **slot)
{
	json_t *result;

	machine_traffic_end(run->machine, *slot);
	result = result_to_json(*slot);
	note_fault(run, *slot);
	traffic_destroy(*slot);
	*slot = NULL;
	return result;
}

void run_traffic_clear(struct run *run)
{
	for (size_t i = 0; run->traffic && i < run->platform->device_count; i++) {
		if (!run->traffic[i])
			continue;
		machine_traffic_end(run->machine, run->traffic[i]);
		traffic_destroy(run->traffic[i]);
	}
	free(run->traffic);
	run->traffic = NULL;
}

/* Makes the traffic that a step asks for; NULL with a failed step if it cannot be. */
static struct traffic *make_traffic(struct run *run, const struct step *step, struct step_out *out)
{
	struct asked asked = { 0 };
	struct traffic *traffic = NULL;

	if (check_meaning(step, out) && load_trace(step, &asked.trace, out) &&
	    read_config(run, step, &asked, out)) {
		traffic = traffic_create(&asked.config);
		if (!traffic)
			step_fail(out, "no memory for the traffic");
	}
	trace_clear(&asked.trace);
	return traffic;
}

static void run_traffic(struct run *run, const struct step *step, struct step_out *out)
{
	struct traffic **slot = slot_of(run, step_number(step, "device", 0));

	if (!slot) {
		step_fail(out, "no memory for the traffic");
		return;
	}
	if (*slot) {
		step_fail(out,
			  "the device has traffic already; expected a step 'traffic-end' before");
		return;
	}
	*slot = make_traffic(run, step, out);
	if (!*slot)
		return;
	machine_traffic_begin(run->machine, *slot);
	if (!step_number(step, "background", 0))
		out->result = end_traffic(run, slot);
}

static void run_traffic_end(struct run *run, const struct step *step, struct step_out *out)
{
	struct traffic **slot = slot_of(run, step_number(step, "device", 0));

	if (slot && *slot)
		out->result = end_traffic(run, slot);
	else
		step_fail(
			out,
			"the device has no traffic; expected a step 'traffic' with 'background: true'"
			" before");
}

static const struct arg_def traffic_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "the device's address, e.g. 0000:3a:00.0" },
	{ "address", ARG_NUMBER, true, NULL, "start of the window, as the device issues it" },
	{ "window", ARG_SIZE, true, NULL, "bytes from there on that the requests lie in" },
	{ "size", ARG_SIZE, false, NULL, "bytes of a request, 1 to 64KiB, default 64" },
	{ "pattern", ARG_CHOICE, false, pattern_words,
	  "order of the addresses: random (default), sequential, strided or zipf" },
	{ "stride", ARG_SIZE, false, NULL,
	  "strided: bytes from one request to the next, default size" },
	{ "skew", ARG_NUMBER, false, NULL,
	  "zipf: hundredths of the exponent by which pages are wanted, default 99" },
	{ "writes", ARG_NUMBER, false, NULL, "percent of the requests that write, default 0" },
	{ "pasids", ARG_LIST, false, NULL, "PASIDs that requests carry in turn; default: none" },
	{ "outstanding", ARG_NUMBER, false, NULL,
	  "requests at once, default the device's `outstanding`; no meaning untimed" },
	{ "rate", ARG_NUMBER, false, NULL,
	  "requests a second at most, default 0: as fast as it goes; no meaning untimed" },
	{ "count", ARG_NUMBER, false, NULL,
	  "requests that are measured, default 10000, or those of the trace once" },
	{ "warm-up", ARG_NUMBER, false, NULL, "requests before those, default 0" },
	{ "warm", ARG_BOOL, false, NULL,
	  "the processor just went through the window from its start to its end: the platform's "
	  "`memory: {cache: ...}` holds what fits of its end; default false; no meaning untimed" },
	{ "seed", ARG_NUMBER, false, NULL,
	  "of the addresses and the mix; default by the run's seed" },
	{ "trace", ARG_TRACE, false, NULL,
	  "instead of a pattern: a file beside this one, each line `read ADDRESS SIZE` or `write ADDRESS SIZE`" },
	{ "background", ARG_BOOL, false, NULL,
	  "the traffic goes on beside later steps until a `traffic-end`, default false" },
	{ .name = NULL },
};

static const struct arg_def end_args[] = {
	{ "device", ARG_DEVICE, true, NULL, "the device's address, e.g. 0000:3a:00.0" },
	{ .name = NULL },
};

static const struct field_def traffic_fields[] = {
	{ "requests", FIELD_NUMBER, NULL },       { "reads", FIELD_NUMBER, NULL },
	{ "writes", FIELD_NUMBER, NULL },         { "bytes", FIELD_NUMBER, NULL },
	{ "faults", FIELD_NUMBER, NULL },         { "errors", FIELD_NUMBER, NULL },
	{ "table_reads", FIELD_NUMBER, NULL },    { "time_ns", FIELD_NUMBER, NULL },
	{ "rate", FIELD_NUMBER, NULL },           { "bandwidth", FIELD_NUMBER, NULL },
	{ "latency_ns.min", FIELD_NUMBER, NULL }, { "latency_ns.mean", FIELD_NUMBER, NULL },
	{ "latency_ns.p50", FIELD_NUMBER, NULL }, { "latency_ns.p95", FIELD_NUMBER, NULL },
	{ "latency_ns.p99", FIELD_NUMBER, NULL }, { "latency_ns.p999", FIELD_NUMBER, NULL },
	{ "latency_ns.max", FIELD_NUMBER, NULL }, { .name = NULL },
};

const struct op op_traffic = {
	"traffic",
	"Masters DMA by the thousand. Of the measured requests, the result has requests, reads, writes, bytes, "
	"faults, errors and table_reads; where there is time, time_ns, rate (a second), bandwidth (bytes a "
	"second) and latency_ns with min, mean, p50, p95, p99, p999 and max. In the background it is 0.",
	traffic_args,
	NULL,
	run_traffic,
	traffic_fields,
	NULL
};

const struct op op_traffic_end = {
	"traffic-end",
	"Waits for the traffic that a device has in the background. The result is that of `traffic`.",
	end_args,
	"device",
	run_traffic_end,
	traffic_fields,
	NULL
};
