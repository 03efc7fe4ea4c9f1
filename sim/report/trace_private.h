/* SPDX-License-Identifier: Apache-2.0 */
/* What keeping and writing a trace share. */
#ifndef SIM_REPORT_TRACE_PRIVATE_H
#define SIM_REPORT_TRACE_PRIVATE_H

#include "trace.h"

/** A slice or an instant. */
struct trace_record {
	u64 begin, end; /* ps; TRACE_OPEN: not ended */
	u64 request; /* 0: of none */
	size_t text; /* in the trace's text: members of its JSON object, but for the end of "args" */
	size_t more; /* in the text: what its end added to "args"; 0: nothing */
	unsigned int parent; /* number of a record, which lies before it; 0: of none */
	unsigned int lane; /* 0: any */
	unsigned int index; /* of the device or unit */
	unsigned char track;
	bool instant;
};

struct trace {
	struct trace_record *records; /* number n is records[n - 1] */
	size_t count, room;
	char *text; /* strings, each with its end; text[0] is the empty one */
	size_t text_len, text_room;
	u64 last_request; /* number of the last one that is kept, once there is no room */
	u64 requests; /* the highest number told of */
	bool full;
	struct trace_sink sink;
};

#endif
