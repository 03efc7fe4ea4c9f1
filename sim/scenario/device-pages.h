/* SPDX-License-Identifier: Apache-2.0 */
/* Operations of the actor `device` on its Page Request Interface. */
#ifndef SIM_SCENARIO_DEVICE_PAGES_H
#define SIM_SCENARIO_DEVICE_PAGES_H

#include "step.h"

extern const struct op op_page_request, op_pri;

#endif
