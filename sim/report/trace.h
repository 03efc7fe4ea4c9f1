/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traces of runs: what a machine tells a trace sink is kept, laid out on tracks, and written as the JSON that Perfetto
 * and Chrome's trace viewer read.
 */
#ifndef SIM_REPORT_TRACE_H
#define SIM_REPORT_TRACE_H

#include "../platform.h"
#include "../trace.h"

#include <stdio.h>

/** What one run told. */
struct trace;

/**
 * Slices and instants that are kept of one run at most. When they are reached, the requests that have begun are kept to
 * their end, and later ones are only counted.
 */
#define TRACE_RECORDS_MAX 500000u

/** An empty one; NULL: no memory. */
struct trace *trace_create(void);

/** Frees it. NULL is allowed. */
void trace_destroy(struct trace *trace);

/** The sink that fills it; lives as long as the trace. */
const struct trace_sink *trace_sink(const struct trace *trace);

/** Requests of which nothing was kept, because there was no room. */
u64 trace_left_out(const struct trace *trace);

/** Whose trace it is. */
struct trace_run {
	const char *scenario, *kernel;
	enum timing_mode timing;
	const struct platform *platform;
};

/** A file of traces being written. */
struct trace_file {
	FILE *out;
	unsigned int runs; /* written so far */
	bool failed;
};

/** Begins a file; out stays the caller's. */
void trace_file_begin(struct trace_file *file, FILE *out);

/** Adds a run, as a process of its own. */
void trace_file_add(struct trace_file *file, const struct trace_run *run,
		    const struct trace *trace);

/** Ends the file. False: no memory, or writing failed. */
bool trace_file_end(struct trace_file *file);

#endif
