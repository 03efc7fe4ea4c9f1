/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step of a scenario, told by what its IOMMUs let an observer see: every table entry read, every
 * cache asked, every result. Choosing the step is the command's business.
 */
#ifndef SIM_REPORT_EXPLAIN_H
#define SIM_REPORT_EXPLAIN_H

#include "platform.h"
#include "style.h"

/** An event as kept: a copy whose texts are its own. */
struct explained_event {
	size_t unit; /* index of the platform's IOMMU */
	struct port_event event; /* what and detail are copies */
};

/** A step and what happened in it; zero-initialise. */
struct explanation {
	const struct platform *platform; /* must outlive the explanation */
	unsigned int line;
	char *step; /* its text */
	char *result; /* what it gave, one line, or NULL */
	char *why; /* what it meant for the outcome, or NULL where the result says so */
	char *log; /* what the kernel printed, or NULL */
	struct explained_event *events;
	size_t count;
	bool truncated; /* no memory for more events */
};

/** Forgets what was collected and starts over with a step. */
void explanation_begin(struct explanation *explanation, const struct platform *platform,
		       unsigned int line, const char *step);

/** Keeps a copy of an event. */
void explanation_add(struct explanation *explanation, size_t unit, const struct port_event *event);

/** Notes how the step ended. */
void explanation_end(struct explanation *explanation, const struct step_result *result);

/** How far a step came into an IOMMU. */
enum explained_reach {
	REACHED_NONE, /* no IOMMU took part */
	REACHED_IOMMU, /* one did, but translated nothing */
	REACHED_TRANSLATION, /* one translated a request */
};

/** How far the step came, by the events that were kept. */
enum explained_reach explanation_reach(const struct explanation *explanation);

/** Frees what it holds and zeroes it. */
void explanation_clear(struct explanation *explanation);

/** Tells the step: one part for each translation, at most EXPLAIN_MAX_PARTS of them. */
#define EXPLAIN_MAX_PARTS 16
void explanation_print(FILE *out, const struct style *style, const struct explanation *explanation);

#endif
