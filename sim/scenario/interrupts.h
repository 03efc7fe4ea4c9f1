/* SPDX-License-Identifier: Apache-2.0 */
/* Operations around interrupts of devices: of the actors `device` and `host`. */
#ifndef SIM_SCENARIO_INTERRUPTS_H
#define SIM_SCENARIO_INTERRUPTS_H

#include "step.h"

extern const struct op op_interrupt;
extern const struct op op_msi, op_msi_move, op_msi_free, op_msi_query;

#endif
