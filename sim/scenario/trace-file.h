/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Traces: text files of the requests that traffic repeats, each line `read ADDRESS SIZE` or `write ADDRESS SIZE`; `#`
 * begins a remark.
 */
#ifndef SIM_SCENARIO_TRACE_FILE_H
#define SIM_SCENARIO_TRACE_FILE_H

#include "../diag.h"
#include "../traffic.h"

#define TRACE_ENTRIES_MAX 1000000u

/** The requests of a trace, in its order; zero-initialise. */
struct trace {
	struct traffic_entry *entries;
	size_t count;
};

/** Reads a trace. False with errors in *diags, with their lines: unreadable, a line that is no request, none at all. */
bool trace_load(const char *path, struct trace *trace, struct diags *diags);

void trace_clear(struct trace *trace);

/** The path of a file that a scenario's file names, beside that file; the caller frees it. NULL: no memory. */
char *path_beside(const char *file, const char *name);

#endif
