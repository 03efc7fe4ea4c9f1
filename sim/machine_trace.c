/* SPDX-License-Identifier: Apache-2.0 */
/* Slices of software, and of hardware that takes no time. */
#include "machine_trace.h"

#include "smmuv3/smmuv3-format.h"
#include "smmuv3/smmuv3.h"
#include "systemc/timed.h"
#include "vtd/vtd-format.h"
#include "vtd/vtd.h"

#include <stdio.h>

#define TICK 1000000u /* ps from one thing told to the next, where there is no time */

static const struct trace_arg no_more = { NULL, TRACE_DECIMAL, 0, NULL };

static u64 trace_now(struct machine_trace *t)
{
	return t->timed ? timed_software_now(t->timed) : ++t->told * TICK;
}

/* ---- software ---- */

static unsigned int innermost(const struct machine_trace *t)
{
	return t->depth ? t->stack[t->depth - 1] : 0;
}

void machine_trace_begin(struct machine_trace *t, const char *name, const struct trace_arg *args)
{
	const struct trace_slice slice = {
		.track = TRACE_SOFTWARE,
		.name = name,
		.parent = innermost(t),
		.begin = trace_now(t),
		.end = TRACE_OPEN,
		.args = args,
	};

	if (t->depth < MACHINE_TRACE_DEPTH)
		t->stack[t->depth] = t->sink->slice(t->sink->arg, &slice);
	t->depth++;
}

void machine_trace_end(struct machine_trace *t, const struct trace_arg *args)
{
	if (!t->depth || --t->depth >= MACHINE_TRACE_DEPTH || !t->stack[t->depth])
		return;
	t->sink->end(t->sink->arg, t->stack[t->depth], trace_now(t), args);
}

void machine_trace_step_begin(struct machine_trace *t, const char *name,
			      const struct trace_arg *args)
{
	t->step_depth = t->depth;
	machine_trace_begin(t, name, args);
}

void machine_trace_step_end(struct machine_trace *t)
{
	while (t->depth > t->step_depth)
		machine_trace_end(t, NULL);
}

void machine_trace_instant(struct machine_trace *t, const char *name, const struct trace_arg *args)
{
	const u64 time = trace_now(t);
	const struct trace_slice instant = {
		.track = TRACE_SOFTWARE,
		.name = name,
		.parent = innermost(t),
		.begin = time,
		.end = time,
		.args = args,
	};

	t->sink->instant(t->sink->arg, &instant);
}

/* "GCMD", or NULL if the tables know none there: FRCD and IOTLB registers lie where CAP and ECAP say. */
static const char *register_name(const struct platform_iommu *iommu, u64 offset)
{
	size_t count, i;

	if (iommu->kind == PLATFORM_VTD) {
		const struct vtd_register *registers = vtd_registers(&count);

		for (i = 0; i < count; i++)
			if (registers[i].offset == offset && offset)
				return registers[i].name;
	} else {
		const struct smmuv3_register *registers = smmuv3_registers(&count);

		for (i = 0; i < count; i++)
			if (registers[i].offset == offset)
				return registers[i].name;
	}
	return NULL;
}

void machine_trace_mmio_begin(struct machine_trace *t, const char *verb, u64 address)
{
	const struct trace_arg args[] = { { "address", TRACE_HEX, address, NULL }, no_more };
	char name[80];

	snprintf(name, sizeof(name), "%s 0x%llx", verb, address);
	for (size_t i = 0; i < t->platform->iommu_count; i++) {
		const struct platform_iommu *iommu = &t->platform->iommus[i];
		u64 offset = address - iommu->mmio_base;
		const char *found;

		if (offset >= (iommu->kind == PLATFORM_VTD ? VTD_MMIO_SIZE : SMMUV3_MMIO_SIZE))
			continue;
		found = register_name(iommu, offset);
		if (found)
			snprintf(name, sizeof(name), "%s %s %s", verb, iommu->name, found);
		else
			snprintf(name, sizeof(name), "%s %s+0x%llx", verb, iommu->name, offset);
	}
	machine_trace_begin(t, name, args);
}

void machine_trace_mmio_end(struct machine_trace *t, u64 value)
{
	const struct trace_arg args[] = { { "value", TRACE_HEX, value, NULL }, no_more };

	machine_trace_end(t, args);
}

void machine_trace_interrupt(struct machine_trace *t, u64 address, u32 data)
{
	const struct trace_arg args[] = {
		{ "address", TRACE_HEX, address, NULL },
		{ "data", TRACE_HEX, data, NULL },
		no_more,
	};

	machine_trace_begin(t, "interrupt", args);
}

/* ---- hardware without time ---- */

static unsigned int open_slice(struct machine_trace *t, enum trace_track track, size_t index,
			       const char *name, const struct trace_arg *args)
{
	const struct trace_slice slice = {
		.track = track,
		.index = index,
		.name = name,
		.request = t->request,
		.begin = trace_now(t),
		.end = TRACE_OPEN,
		.args = args,
	};

	return t->sink->slice(t->sink->arg, &slice);
}

static void close_slice(struct machine_trace *t, unsigned int slice, const struct trace_arg *args)
{
	if (slice)
		t->sink->end(t->sink->arg, slice, trace_now(t), args);
}

void machine_trace_dma_begin(struct machine_trace *t, size_t device,
			     const struct pcie_transaction *transaction)
{
	const struct translation_request *request = &transaction->request;
	const struct trace_arg args[] = {
		{ "request", TRACE_DECIMAL, t->requests + 1, NULL },
		{ "address", TRACE_HEX, request->address.v, NULL },
		{ "bytes", TRACE_DECIMAL, transaction->len, NULL },
		{ request->has_pasid ? "pasid" : NULL, TRACE_DECIMAL, request->pasid, NULL },
		no_more,
	};

	t->request = ++t->requests;
	t->request_slice = open_slice(t, TRACE_DEVICE, device, trace_request_name(request), args);
	t->unit_slice =
		open_slice(t, TRACE_UNIT, t->platform->devices[device].iommu, "translate", NULL);
}

void machine_trace_translated(struct machine_trace *t, const struct pcie_transaction *transaction)
{
	const struct translation_result *result = &transaction->result;
	const struct trace_arg args[] = {
		{ result->fault ? "fault" : "output", TRACE_HEX,
		  result->fault ? result->fault : result->address.v, NULL },
		{ "table_reads", TRACE_DECIMAL, result->table_reads, NULL },
		no_more,
	};
	const struct trace_arg address[] = {
		{ "address", TRACE_HEX, result->address.v, NULL },
		no_more,
	};
	struct trace_slice memory = {
		.track = TRACE_MEMORY,
		.name = transaction->request.access == ACCESS_WRITE ? "write" : "read",
		.request = t->request,
		.args = address,
	};

	close_slice(t, t->unit_slice, args);
	t->unit_slice = 0;
	if (result->fault || result->interrupt ||
	    transaction->request.type == ADDRESS_TRANSLATION_REQUEST)
		return;
	memory.begin = trace_now(t);
	memory.end = memory.begin + TICK;
	t->told++;
	t->sink->slice(t->sink->arg, &memory);
}

void machine_trace_dma_end(struct machine_trace *t, const struct pcie_transaction *transaction)
{
	const struct trace_arg args[] = {
		{ "status", TRACE_TEXT, 0,
		  transaction->result.fault        ? "fault"
		  : transaction->status == PORT_OK ? "ok"
						   : "error" },
		no_more,
	};

	close_slice(t, t->request_slice, args);
	t->request = 0;
	t->request_slice = 0;
}

void machine_trace_page_request_begin(struct machine_trace *t, size_t unit)
{
	t->unit_slice = open_slice(t, TRACE_UNIT, unit, "page request", NULL);
}

void machine_trace_page_request_end(struct machine_trace *t)
{
	close_slice(t, t->unit_slice, NULL);
	t->unit_slice = 0;
}

/* Where an event of a unit belongs: to its walk, its request, or its queue. */
static void place(const struct machine_trace *t, size_t unit, struct trace_slice *slice)
{
	slice->index = unit;
	slice->request = t->request;
	slice->track = TRACE_QUEUE;
	if (t->walk_slice) {
		slice->track = TRACE_WALKER;
		slice->parent = t->walk_slice;
		slice->lane = 1;
	} else if (t->unit_slice) {
		slice->track = TRACE_UNIT;
		slice->parent = t->unit_slice;
	}
}

void machine_trace_event(struct machine_trace *t, size_t unit, const struct port_event *event)
{
	bool slice = event->kind == PORT_EVENT_TABLE_READ ||
		     event->kind == PORT_EVENT_TABLE_WRITE || event->kind == PORT_EVENT_INVALIDATE;
	struct trace_words words;
	struct trace_slice told = { .name = words.name, .args = words.args };

	trace_describe(event, &words);
	place(t, unit, &told);
	told.begin = told.end = trace_now(t);
	if (slice) {
		told.end += TICK;
		t->told++;
		t->sink->slice(t->sink->arg, &told);
	} else {
		t->sink->instant(t->sink->arg, &told);
	}
}

void machine_trace_walk_begin(struct machine_trace *t, size_t unit)
{
	const struct trace_slice slice = {
		.track = TRACE_WALKER,
		.index = unit,
		.name = "walk",
		.request = t->request,
		.lane = 1,
		.begin = trace_now(t),
		.end = TRACE_OPEN,
	};

	t->walk_slice = t->sink->slice(t->sink->arg, &slice);
}

void machine_trace_walk_end(struct machine_trace *t)
{
	close_slice(t, t->walk_slice, NULL);
	t->walk_slice = 0;
}
