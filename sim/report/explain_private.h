/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files that tell a step share.
 */
#ifndef SIM_REPORT_EXPLAIN_PRIVATE_H
#define SIM_REPORT_EXPLAIN_PRIVATE_H

#include "explain.h"

#include <string.h>

/** Columns that a telling keeps to where it can. */
#define EXPLAIN_COLUMNS 120u

/** What the models call an event begins with that. */
static inline bool starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/** An entry or a result of the second stage. */
static inline bool of_second_stage(const struct port_event *event)
{
	return starts_with(event->what, "second") || starts_with(event->what, "stage-2") ||
	       starts_with(event->what, "stage 2");
}

/**
 * A table entry in words, with its reserved bits; nested: of a request through both stages. The caller frees it. NULL if
 * it is of no known format.
 */
char *explain_entry_words(const struct port_event *event, bool nested);

/** Tells entries of a unit's command or invalidation queue, all of them of kind PORT_EVENT_INVALIDATE. */
void explain_queue(FILE *out, const struct style *style, enum platform_iommu_kind kind,
		   const struct explained_event *events, size_t count);

#endif
