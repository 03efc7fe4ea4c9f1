/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations of the actor `host` for dirty tracking by the IOMMU. Private to sim/scenario/.
 */
#ifndef SIM_SCENARIO_HOST_DIRTY_H
#define SIM_SCENARIO_HOST_DIRTY_H

#include "step.h"

extern const struct op op_dirty_tracking, op_read_dirty;

#endif
