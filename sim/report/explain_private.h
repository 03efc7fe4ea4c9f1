/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files that tell a step share.
 */
#ifndef SIM_REPORT_EXPLAIN_PRIVATE_H
#define SIM_REPORT_EXPLAIN_PRIVATE_H

#include "explain.h"

/** Columns that a telling keeps to where it can. */
#define EXPLAIN_COLUMNS 120u

/** Tells entries of a unit's command or invalidation queue, all of them of kind PORT_EVENT_INVALIDATE. */
void explain_queue(FILE *out, const struct style *style, enum platform_iommu_kind kind,
		   const struct explained_event *events, size_t count);

#endif
