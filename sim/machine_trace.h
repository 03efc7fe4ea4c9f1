/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a machine tells a trace sink: all that software does, and where there is no time what the hardware does, too
 * (else systemc/ tells that). Without time, each thing told is a microsecond later than the one before. Private to
 * the machine.
 */
#ifndef SIM_MACHINE_TRACE_H
#define SIM_MACHINE_TRACE_H

#include "pcie/pcie.h"
#include "platform.h"
#include "trace.h"

struct timed;

#define MACHINE_TRACE_DEPTH 16u /* slices of software in each other */

struct machine_trace {
	const struct trace_sink *sink;
	const struct platform *platform;
	const struct timed *timed; /* whose time it is; NULL: things are counted */
	u64 told; /* things, where there is no time */
	unsigned int stack[MACHINE_TRACE_DEPTH]; /* slices of software that are open */
	unsigned int depth;
	unsigned int step_depth; /* outside the step */
	/* without time: */
	u64 requests;
	u64 request; /* the one that is being carried out; 0: none */
	unsigned int request_slice, unit_slice, walk_slice; /* of it; 0: none */
};

/** Begins and ends a slice of software; they nest. args may be NULL. */
void machine_trace_begin(struct machine_trace *trace, const char *name,
			 const struct trace_arg *args);
void machine_trace_end(struct machine_trace *trace, const struct trace_arg *args);

/** A step: its end also ends what it had begun and, stopped by a fault of the kernel, not ended. */
void machine_trace_step_begin(struct machine_trace *trace, const char *name,
			      const struct trace_arg *args);
void machine_trace_step_end(struct machine_trace *trace);

/** Something that software does and that takes no time. */
void machine_trace_instant(struct machine_trace *trace, const char *name,
			   const struct trace_arg *args);

/** An access to a register at a host-physical address. */
void machine_trace_mmio_begin(struct machine_trace *trace, const char *verb, u64 address);
void machine_trace_mmio_end(struct machine_trace *trace, u64 value);

/** Software handles an interrupt message, until machine_trace_end(). */
void machine_trace_interrupt(struct machine_trace *trace, u64 address, u32 data);

/* ---- where there is no time ---- */

/** A DMA request of a device: begun, translated, done. */
void machine_trace_dma_begin(struct machine_trace *trace, size_t device,
			     const struct pcie_transaction *transaction);
void machine_trace_translated(struct machine_trace *trace,
			      const struct pcie_transaction *transaction);
void machine_trace_dma_end(struct machine_trace *trace, const struct pcie_transaction *transaction);

/** A page request in a unit. */
void machine_trace_page_request_begin(struct machine_trace *trace, size_t unit);
void machine_trace_page_request_end(struct machine_trace *trace);

/** An event of a unit's port. */
void machine_trace_event(struct machine_trace *trace, size_t unit, const struct port_event *event);

/** A unit's walk for the request that is being carried out. */
void machine_trace_walk_begin(struct machine_trace *trace, size_t unit);
void machine_trace_walk_end(struct machine_trace *trace);

#endif
