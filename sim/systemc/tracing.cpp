// SPDX-License-Identifier: Apache-2.0
/* Which slice lies in which, and what is said of it. */
#include "tracing.h"

namespace vtdsim
{

// ---- requests ----

traced_dma tracing::issue(size_t device, const translation_request &request, size_t len, u64 time)
{
	const trace_arg args[] = {
		{ "request", TRACE_DECIMAL, requests_ + 1, nullptr },
		{ "address", TRACE_HEX, request.address.v, nullptr },
		{ "bytes", TRACE_DECIMAL, len, nullptr },
		{ request.has_pasid ? "pasid" : nullptr, TRACE_DECIMAL, request.pasid, nullptr },
		{ nullptr, TRACE_DECIMAL, 0, nullptr },
	};
	traced_dma dma;
	trace_slice s{};

	dma.number = ++requests_;
	dma.device = device;
	s.track = TRACE_DEVICE;
	s.index = device;
	s.name = trace_request_name(&request);
	s.request = dma.number;
	s.begin = time;
	s.end = TRACE_OPEN;
	s.args = args;
	dma.slice = slice(s);
	return dma;
}

void tracing::complete(const traced_dma &dma, const char *status, u64 time)
{
	const trace_arg args[] = {
		{ "status", TRACE_TEXT, 0, status },
		{ nullptr, TRACE_DECIMAL, 0, nullptr },
	};

	end(dma.slice, time, args);
}

void tracing::phase(const traced_dma &dma, const char *name, u64 begin, u64 end)
{
	trace_slice s{};

	if (end <= begin || !dma.slice)
		return;
	s.track = TRACE_DEVICE;
	s.index = dma.device;
	s.name = name;
	s.request = dma.number;
	s.parent = dma.slice;
	s.begin = begin;
	s.end = end;
	slice(s);
}

void tracing::elsewhere(const traced_dma &dma, trace_track track, size_t index, const char *name,
			u64 begin, u64 end, const trace_arg &arg)
{
	const trace_arg args[] = { arg, { nullptr, TRACE_DECIMAL, 0, nullptr } };
	trace_slice s{};

	s.track = track;
	s.index = index;
	s.name = name;
	s.request = dma.number;
	s.begin = begin;
	s.end = end;
	s.args = args;
	slice(s);
}

// ---- a unit ----

// Of the running thread; work that nobody has announced is the queue's.
unit_tracer::work &unit_tracer::current()
{
	return works_[sc_core::sc_get_current_process_b()];
}

// A slice or instant in the innermost that the work has open.
trace_slice unit_tracer::inner(const work &at, const char *name, u64 begin, u64 end) const
{
	trace_slice s{};

	s.track = at.walk ? TRACE_WALKER : at.track;
	s.index = unit_;
	s.name = name;
	s.request = at.dma.number;
	s.parent = at.walk ? at.walk : at.slice;
	s.begin = begin;
	s.end = end;
	return s;
}

void unit_tracer::request_begins(const traced_dma &dma, u64 arrival, u64 time)
{
	const trace_arg none{};
	work &at = current();
	trace_slice s;

	at = work{};
	at.dma = dma;
	at.track = TRACE_UNIT;
	at.arrival = arrival;
	if (time > arrival)
		to_.elsewhere(dma, TRACE_WAITING, unit_, "wait", arrival, time, none);
	s = inner(at, "translate", time, TRACE_OPEN);
	at.slice = to_.slice(s);
}

void unit_tracer::request_ends(const translation_result &result, u64 time)
{
	work &at = current();
	const trace_arg args[] = {
		{ result.fault ? "fault" : "output", TRACE_HEX,
		  result.fault ? result.fault : result.address.v, nullptr },
		{ "table_reads", TRACE_DECIMAL, result.table_reads, nullptr },
		{ nullptr, TRACE_DECIMAL, 0, nullptr },
	};

	to_.end(at.slice, time, args);
	to_.phase(at.dma, name_.c_str(), at.arrival, time);
	works_.erase(sc_core::sc_get_current_process_b());
}

void unit_tracer::page_request_begins(u64 time)
{
	work &at = current();

	at = work{};
	at.track = TRACE_UNIT;
	at.slice = to_.slice(inner(at, "page request", time, TRACE_OPEN));
}

void unit_tracer::page_request_ends(u64 time)
{
	to_.end(current().slice, time);
	works_.erase(sc_core::sc_get_current_process_b());
}

void unit_tracer::queue_begins(u64 time)
{
	work &at = current();

	at = work{};
	at.access = time;
}

void unit_tracer::end_descriptor(work &at, u64 time)
{
	to_.end(at.slice, time);
	at.slice = 0;
}

void unit_tracer::queue_ends(u64 time)
{
	end_descriptor(current(), time);
	works_.erase(sc_core::sc_get_current_process_b());
}

void unit_tracer::lookup(enum port_lookup which, u64 begin, u64 end)
{
	static const char *const names[] = { "context lookup", "PASID lookup", "IOTLB lookup",
					     "paging-structure lookup", "interrupt entry lookup" };

	to_.slice(inner(current(), names[which], begin, end));
}

void unit_tracer::waited(const char *what, u64 begin, u64 end)
{
	if (end > begin)
		to_.slice(inner(current(), what, begin, end));
}

void unit_tracer::walk_begins(unsigned int lane, u64 asked, u64 time)
{
	work &at = current();
	trace_slice s{};

	waited("wait for a walker", asked, time);
	s.track = TRACE_WALKER;
	s.index = unit_;
	s.name = "walk";
	s.request = at.dma.number;
	s.lane = lane;
	s.begin = time;
	s.end = TRACE_OPEN;
	at.walk = to_.slice(s);
}

void unit_tracer::walk_ends(u64 time)
{
	work &at = current();

	to_.end(at.walk, time);
	at.walk = 0;
}

void unit_tracer::access_begins(tlm::tlm_command command, u64 time)
{
	work &at = current();

	at.access = time;
	// the fetch of the next one
	if (at.track == TRACE_QUEUE && command == tlm::TLM_READ_COMMAND)
		end_descriptor(at, time);
}

// Reads of tables are told by the model, which knows what they are of.
void unit_tracer::access_ended(tlm::tlm_command command, u64 address, u64 time)
{
	const work &at = current();
	const trace_arg args[] = {
		{ "address", TRACE_HEX, address, nullptr },
		{ nullptr, TRACE_DECIMAL, 0, nullptr },
	};
	trace_slice s;

	if (at.track != TRACE_QUEUE || command != tlm::TLM_WRITE_COMMAND)
		return;
	s = inner(at, "write status", at.access, time);
	s.args = args;
	to_.slice(s);
}

void unit_tracer::event(const port_event *event, u64 time)
{
	work &at = current();
	const bool access = event->kind == PORT_EVENT_TABLE_READ ||
			    event->kind == PORT_EVENT_TABLE_WRITE;
	trace_words words;
	trace_slice s;

	trace_describe(event, &words);
	s = inner(at, words.name, access ? at.access : time, time);
	s.args = words.args;
	if (event->kind == PORT_EVENT_INVALIDATE) {
		end_descriptor(at, s.begin);
		s = inner(at, words.name, at.access, TRACE_OPEN);
		s.args = words.args;
		at.slice = to_.slice(s);
	} else if (access) {
		to_.slice(s);
	} else {
		to_.instant(s);
	}
}

void unit_tracer::interrupt(u64 address, u32 data, u64 time)
{
	const trace_arg args[] = {
		{ "address", TRACE_HEX, address, nullptr },
		{ "data", TRACE_HEX, data, nullptr },
		{ nullptr, TRACE_DECIMAL, 0, nullptr },
	};
	trace_slice s = inner(current(), "interrupt", time, time);

	s.args = args;
	to_.instant(s);
}

} // namespace vtdsim
