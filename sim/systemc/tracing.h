// SPDX-License-Identifier: Apache-2.0
/*
 * Telling a trace sink what the modules do. A module holds a null pointer while nobody traces; all that is
 * here happens only otherwise.
 */
#ifndef SIM_SYSTEMC_TRACING_H
#define SIM_SYSTEMC_TRACING_H

#include "pace.h"

#include <string>
#include <tlm>
#include <unordered_map>

namespace vtdsim
{

/** A DMA request on its way, as the trace knows it. */
struct traced_dma {
	u64 number = 0; // 0: not traced
	size_t device = 0;
	unsigned int slice = 0; // on its device's track
};

/** The simulation's sink, and which request is whose. */
class tracing
{
    public:
	explicit tracing(const trace_sink &sink) : sink_(sink)
	{
	}

	/** A request is issued: begins its slice. */
	traced_dma issue(size_t device, const translation_request &request, size_t len, u64 time);

	/** It has ended. */
	void complete(const traced_dma &dma, const char *status, u64 time);

	/** What a request did for some time, on its device's own track; nothing if it took none. */
	void phase(const traced_dma &dma, const char *name, u64 begin, u64 end);

	/** A slice of the request elsewhere, with one argument (name NULL: without). */
	void elsewhere(const traced_dma &dma, trace_track track, size_t index, const char *name,
		       u64 begin, u64 end, const trace_arg &arg);

	unsigned int slice(const trace_slice &slice)
	{
		return sink_.slice(sink_.arg, &slice);
	}

	void end(unsigned int slice, u64 time, const trace_arg *args = nullptr)
	{
		if (slice)
			sink_.end(sink_.arg, slice, time, args);
	}

	void instant(const trace_slice &instant)
	{
		sink_.instant(sink_.arg, &instant);
	}

    private:
	trace_sink sink_;
	u64 requests_ = 0;
};

/** What one IOMMU does, by the threads that are in it. */
class unit_tracer
{
    public:
	unit_tracer(tracing &to, size_t unit, std::string name)
		: to_(to), unit_(unit), name_(std::move(name))
	{
	}

	/** The running thread brings a request that came at arrival and is now let in. */
	void request_begins(const traced_dma &dma, u64 arrival, u64 time);
	void request_ends(const translation_result &result, u64 time);

	/** The running thread brings a page request. */
	void page_request_begins(u64 time);
	void page_request_ends(u64 time);

	/** The running thread works on the queue, or carries out what a register write asks for. */
	void queue_begins(u64 time);
	void queue_ends(u64 time);

	void lookup(enum port_lookup which, u64 begin, u64 end);
	/** lane: number of the walker, from 1; 0: of any. */
	void walk_begins(unsigned int lane, u64 asked, u64 time);
	void walk_ends(u64 time);
	/** Waiting of any kind within the running thread's work; nothing if it took no time. */
	void waited(const char *what, u64 begin, u64 end);
	void access_begins(tlm::tlm_command command, u64 time);
	void access_ended(tlm::tlm_command command, u64 address, u64 time);
	void event(const port_event *event, u64 time);
	void interrupt(u64 address, u32 data, u64 time);

    private:
	// What a thread is at. Requests and queue work nest: a register write in the middle of nothing else.
	struct work {
		traced_dma dma;
		trace_track track = TRACE_QUEUE;
		unsigned int slice = 0; // of the request in the unit, or the descriptor
		unsigned int walk = 0; // slice on the walker's track, 0: none
		u64 arrival = 0;
		u64 access = 0; // when the last access to memory began
	};

	work &current();
	trace_slice inner(const work &at, const char *name, u64 begin, u64 end) const;
	void end_descriptor(work &at, u64 time);

	tracing &to_;
	size_t unit_;
	std::string name_;
	std::unordered_map<const sc_core::sc_process_b *, work> works_;
};

} // namespace vtdsim

#endif
