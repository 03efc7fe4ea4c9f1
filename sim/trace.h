/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens in a machine, told as it happens to whoever wants to draw it: slices of time on tracks, and instants.
 * Nobody is told unless a sink is given, and then nothing of this costs anything.
 */
#ifndef SIM_TRACE_H
#define SIM_TRACE_H

#include "port.h"
#include "translation.h"

/** What a slice happens on. Each kind has its tracks for each device or unit of the platform. */
enum trace_track {
	TRACE_SOFTWARE, /* steps, register accesses, interrupt handlers, log */
	TRACE_DEVICE, /* DMA requests from their issue to their completion */
	TRACE_LINK_UP, /* bytes on the wire of a device's link */
	TRACE_LINK_DOWN,
	TRACE_WAITING, /* requests in front of a unit */
	TRACE_UNIT, /* requests being translated */
	TRACE_WALKER, /* one track a walker */
	TRACE_QUEUE, /* a unit's invalidation or command queue */
	TRACE_MEMORY, /* accesses of DMA to memory */
	TRACE_TRACKS,
};

enum trace_arg_kind { TRACE_DECIMAL, TRACE_HEX, TRACE_TEXT };

/** Something that is said of a slice. */
struct trace_arg {
	const char *name; /* NULL ends a list */
	enum trace_arg_kind kind;
	u64 number;
	const char *text; /* TRACE_TEXT */
};

#define TRACE_ARGS 8u /* most that one slice has, with the end of the list */

/** A slice, or an instant. Pointers live only during the call. */
struct trace_slice {
	enum trace_track track;
	size_t index; /* device or unit of the platform; 0 where there is but one */
	const char *name;
	u64 request; /* number of the DMA request that it is part of, from 1; 0: of none */
	unsigned int parent; /* slice of the same track that it lies in; 0: of none */
	unsigned int lane; /* which of the tracks of that kind, from 1; 0: any that is free */
	u64 begin, end; /* ps; of an instant equal */
	const struct trace_arg *args; /* or NULL */
};

#define TRACE_OPEN (~0ULL) /* end: told later */

/** Who is told. All members must be there. */
struct trace_sink {
	/** A slice: its number, to be a parent or to be ended; 0 if it is not kept. */
	unsigned int (*slice)(void *arg, const struct trace_slice *slice);
	/** The end of one that was told with TRACE_OPEN, and what more there is to say of it (NULL: nothing). */
	void (*end)(void *arg, unsigned int slice, u64 time, const struct trace_arg *args);
	void (*instant)(void *arg, const struct trace_slice *instant);
	void *arg;
};

/** What a port's event is called, and what is said of it. */
struct trace_words {
	char name[128];
	struct trace_arg args[TRACE_ARGS];
};

/** What a request is called: "read", "translation request", ... */
const char *trace_request_name(const struct translation_request *request);

/** Puts an event of a model's port into words, which point into the event. */
void trace_describe(const struct port_event *event, struct trace_words *words);

#endif
